/* Lines of logs of calls: what each member becomes, and what is wrong with a line, where. */
#include <stdio.h>
#include <string.h>

#include "support/suite.h"
#include "tjob/history_log.h"

#define ARN "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/a"
#define INVOCATION "\"id\":1,\"arn\":\"" ARN "\",\"event\":\"stop\""
#define ANSWER "\"id\":1,\"status\":\"ok\""

static tjob_history_log_line line;

static tjob_history_log_error read_line(const char *text)
{
    return tjob_history_log_read(&line, (tjob_text){text, strlen(text)});
}

START_TEST(an_invocation_is_read)
{
    const tjob_history_log_error error =
        read_line(" {\"at\":18446744073709551614,\"id\":\"x\\u0041\",\"arn\":\"" ARN "\","
                  "\"event\":\"trainer lost\",\"incarnation\":18446744073709551614,\"trainer_token\":\"9\","
                  "\"token\":0,\"host_code\":4294967295,\"level\":{\"id\":[]}} ");
    ck_assert_int_eq(error.problem, TJOB_HISTORY_LOG_VALID);
    ck_assert_int_eq(line.kind, TJOB_HISTORY_LOG_INVOCATION);
    ck_assert(line.has_at && line.at == UINT64_MAX - 1);
    ck_assert(line.id_bytes == 2 && memcmp(line.id, "xA", 2) == 0);
    ck_assert(line.arn_bytes == sizeof ARN - 1 && memcmp(line.arn, ARN, line.arn_bytes) == 0);
    ck_assert_uint_eq(line.event.kind, TJOB_TRAINER_LOST);
    ck_assert_uint_eq(line.event.incarnation, UINT64_MAX - 1);
    ck_assert_uint_eq(line.event.trainer_token, 9);
    ck_assert_uint_eq(line.event.token, 0);
    ck_assert_uint_eq(line.event.host_code, UINT32_MAX);
    ck_assert_uint_eq(line.known, 0);
}
END_TEST

START_TEST(an_answer_is_read)
{
    const tjob_job expected = {UINT64_MAX, 2, 3, 4, 5, 6, 7, TJOB_STOPPED, 8};
    const tjob_history_log_error error = read_line(
        "{" ANSWER ",\"changed\":\"unknown\",\"before\":\"ABSENT\",\"after\":\"STOPPED\",\"job\":{"
        "\"submit_token\":18446744073709551615,\"incarnation\":2,\"trainer_token\":3,\"submitted_ms\":4,"
        "\"training_started_ms\":5,\"stop_requested_ms\":6,\"ended_ms\":7,\"state\":\"STOPPED\",\"host_code\":8,"
        "\"more\":null}}");
    ck_assert_int_eq(error.problem, TJOB_HISTORY_LOG_VALID);
    ck_assert_int_eq(line.kind, TJOB_HISTORY_LOG_ANSWER);
    ck_assert(!line.has_at && line.id_bytes == 1 && line.id[0] == '1' && line.arn_bytes == 0);
    ck_assert_int_eq(line.outcome.status, TJOB_OK);
    ck_assert_int_eq(line.outcome.changed, TJOB_CHANGED_UNKNOWN);
    ck_assert_int_eq(line.outcome.before, TJOB_ABSENT);
    ck_assert_int_eq(line.outcome.after, TJOB_STOPPED);
    ck_assert_int_eq(memcmp(&line.outcome.job, &expected, sizeof expected), 0);
    ck_assert_uint_eq(line.known, TJOB_KNOWN_ALL);
}
END_TEST

START_TEST(what_is_reported_is_what_is_given)
{
    static const struct {
        const char *text;
        uint32_t known;
    } cases[] = {
        {"{" ANSWER "}", 0},
        {"{" ANSWER ",\"changed\":\"no\"}", TJOB_KNOWN_CHANGED},
        {"{" ANSWER ",\"before\":\"TRAINED\"}", TJOB_KNOWN_BEFORE},
        {"{" ANSWER ",\"after\":\"DELETING\"}", TJOB_KNOWN_AFTER},
        {"{" ANSWER ",\"job\":null}", TJOB_KNOWN_JOB},
        {"{" ANSWER ",\"job\":{\"state\":\"TRAINED\"}}", TJOB_KNOWN_JOB},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(read_line(cases[i].text).problem, TJOB_HISTORY_LOG_VALID);
        ck_assert_uint_eq(line.known, cases[i].known);
    }
}
END_TEST

/* Every word of every enum, as its name. */
START_TEST(every_word_is_read)
{
    char text[256];
    for (int i = 0; i < TJOB_EVENT_KIND_COUNT; i++) {
        snprintf(text, sizeof text, "{\"id\":1,\"arn\":\"a\",\"event\":\"%s\"}",
                 tjob_event_kind_name((tjob_event_kind)i));
        ck_assert(read_line(text).problem == TJOB_HISTORY_LOG_VALID && line.event.kind == (uint32_t)i);
    }
    for (int i = 0; i < TJOB_STATUS_COUNT; i++) {
        snprintf(text, sizeof text, "{\"id\":1,\"status\":\"%s\"}", tjob_status_name((tjob_status)i));
        ck_assert(read_line(text).problem == TJOB_HISTORY_LOG_VALID && line.outcome.status == (tjob_status)i);
    }
    for (int i = 0; i < TJOB_STATE_COUNT; i++) {
        snprintf(text, sizeof text, "{" ANSWER ",\"after\":\"%s\"}", tjob_state_name((tjob_state)i));
        ck_assert(read_line(text).problem == TJOB_HISTORY_LOG_VALID && line.outcome.after == (tjob_state)i);
    }
    static const char *const changed[] = {"no", "yes", "unknown"};
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof text, "{" ANSWER ",\"changed\":\"%s\"}", changed[i]);
        ck_assert(read_line(text).problem == TJOB_HISTORY_LOG_VALID && line.outcome.changed == (tjob_changed)i);
    }
}
END_TEST

#define LONG_ID_64 "0123456789012345678901234567890123456789012345678901234567890123"

START_TEST(what_is_wrong_is_named_with_its_byte_and_member)
{
    static const struct {
        const char *text;
        tjob_history_log_problem problem;
        size_t offset;
        const char *member;
    } cases[] = {
        {"", TJOB_HISTORY_LOG_BAD_JSON, 0, ""},
        {"[]", TJOB_HISTORY_LOG_BAD_JSON, 0, ""},
        {"{\"id\":1,}", TJOB_HISTORY_LOG_BAD_JSON, 8, ""},
        {"{" ANSWER "} x", TJOB_HISTORY_LOG_BAD_JSON, 23, ""},
        {"{\"id\":1,\"id\":2}", TJOB_HISTORY_LOG_TWICE, 8, "id"},
        {"{\"at\":1.5}", TJOB_HISTORY_LOG_BAD_NUMBER, 6, "at"},
        {"{\"at\":-1}", TJOB_HISTORY_LOG_BAD_NUMBER, 6, "at"},
        {"{\"at\":\"\"}", TJOB_HISTORY_LOG_BAD_NUMBER, 7, "at"},
        {"{\"at\":null}", TJOB_HISTORY_LOG_BAD_NUMBER, 6, "at"},
        {"{\"at\":18446744073709551616}", TJOB_HISTORY_LOG_BAD_NUMBER, 6, "at"},
        {"{\"at\":18446744073709551615}", TJOB_HISTORY_LOG_NO_TIME, 6, "at"},
        {"{\"at\":18446744073709551610,\"incarnation\":184467440737095516100}", TJOB_HISTORY_LOG_BAD_NUMBER, 41,
         "incarnation"},
        {"{\"host_code\":4294967296}", TJOB_HISTORY_LOG_BAD_NUMBER, 13, "host_code"},
        {"{\"event\":\"dance\"}", TJOB_HISTORY_LOG_BAD_WORD, 10, "event"},
        {"{\"event\":\"stopped\"}", TJOB_HISTORY_LOG_BAD_WORD, 10, "event"},
        {"{\"event\":\"completed with warnings\"}", TJOB_HISTORY_LOG_BAD_WORD, 10, "event"},
        {"{\"status\":200}", TJOB_HISTORY_LOG_BAD_WORD, 10, "status"},
        {"{\"changed\":\"maybe\"}", TJOB_HISTORY_LOG_BAD_WORD, 12, "changed"},
        {"{\"after\":\"training\"}", TJOB_HISTORY_LOG_BAD_WORD, 10, "after"},
        {"{\"id\":null}", TJOB_HISTORY_LOG_BAD_TEXT, 6, "id"},
        {"{\"id\":\"\"}", TJOB_HISTORY_LOG_BAD_TEXT, 7, "id"},
        {"{\"id\":\"" LONG_ID_64 LONG_ID_64 "x\"}", TJOB_HISTORY_LOG_BAD_TEXT, 7, "id"},
        {"{\"arn\":7}", TJOB_HISTORY_LOG_BAD_TEXT, 7, "arn"},
        {"{\"job\":[]}", TJOB_HISTORY_LOG_BAD_JOB, 7, "job"},
        {"{" ANSWER ",\"job\":{\"incarnation\":1}}", TJOB_HISTORY_LOG_MISSING, 28, "state"},
        {"{" ANSWER ",\"job\":{\"incarnation\":1,\"incarnation\":1}}", TJOB_HISTORY_LOG_TWICE, 45, "incarnation"},
        {"{" ANSWER ",\"job\":{\"state\":\"ABSENT\",\"incarnation\":\"x\"}}", TJOB_HISTORY_LOG_BAD_NUMBER, 61,
         "incarnation"},
        {"{" INVOCATION ",\"status\":\"ok\"}", TJOB_HISTORY_LOG_BOTH, 0, ""},
        {"{\"event\":\"stop\",\"arn\":\"a\"}", TJOB_HISTORY_LOG_MISSING, 0, "id"},
        {"{\"id\":1}", TJOB_HISTORY_LOG_MISSING, 0, "event"},
        {"{\"id\":1,\"event\":\"stop\"}", TJOB_HISTORY_LOG_MISSING, 0, "arn"},
        {"{\"id\":1,\"at\":5,\"answered_at\":18446744073709551615}", TJOB_HISTORY_LOG_NO_TIME, 29, "answered_at"},
        {"{\"at\":5,\"answered_at\":6}", TJOB_HISTORY_LOG_MISSING, 0, "id"},
        {"{\"id\":1,\"answered_at\":6}", TJOB_HISTORY_LOG_MISSING, 0, "at"},
        {"{\"id\":1,\"answered_at\":6,\"status\":\"ok\"}", TJOB_HISTORY_LOG_MISSING, 0, "at"},
        {"{\"at\":5,\"answered_at\":6,\"id\":1,\"event\":\"stop\"}", TJOB_HISTORY_LOG_MISSING, 0, "arn"},
        {"{\"at\":5,\"answered_at\":6,\"id\":1,\"event\":\"stop\",\"arn\":\"a\"}", TJOB_HISTORY_LOG_MISSING, 0,
         "status"},
        {"{\"answered_at\":6,\"id\":1,\"event\":\"stop\",\"arn\":\"a\",\"status\":\"ok\"}", TJOB_HISTORY_LOG_MISSING, 0,
         "at"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const tjob_history_log_error error = read_line(cases[i].text);
        ck_assert_msg(error.problem == cases[i].problem && error.offset == cases[i].offset &&
                          strcmp(error.member, cases[i].member) == 0,
                      "%s: %s %s at %zu", cases[i].text, error.member, tjob_history_log_problem_text(error.problem),
                      error.offset);
    }
    ck_assert_int_eq(read_line("{\"id\":\"" LONG_ID_64 LONG_ID_64 "\",\"status\":\"ok\"}").problem,
                     TJOB_HISTORY_LOG_VALID);
    const tjob_history_log_error nothing = tjob_history_log_read(&line, (tjob_text){NULL, 0});
    ck_assert_int_eq(nothing.problem, TJOB_HISTORY_LOG_BAD_JSON);
    ck_assert_uint_eq(nothing.offset, 0);
    const tjob_history_log_error none = read_line("{\"id\":1,\"status\":\"ok\"}");
    ck_assert_int_eq(none.problem, TJOB_HISTORY_LOG_VALID);
    ck_assert_uint_eq(none.offset, 0);
    ck_assert_str_eq(none.member, "");
}
END_TEST

START_TEST(a_line_with_both_times_is_a_call_or_none)
{
    ck_assert_int_eq(read_line("{\"at\":5,\"answered_at\":6," INVOCATION ",\"status\":\"throttled\"}").problem,
                     TJOB_HISTORY_LOG_VALID);
    ck_assert_int_eq(line.kind, TJOB_HISTORY_LOG_CALL);
    ck_assert(line.has_at && line.at == 5 && line.answered_at == 6 && line.outcome.status == TJOB_THROTTLED);
    ck_assert_uint_ne(line.arn_bytes, 0);
    static const char *const rejected[] = {"{\"id\":1,\"at\":5,\"answered_at\":6}",
                                           "{\"id\":1,\"at\":5,\"answered_at\":6,\"status\":\"ok\"}"};
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(read_line(rejected[i]).problem, TJOB_HISTORY_LOG_VALID);
        ck_assert_int_eq(line.kind, TJOB_HISTORY_LOG_REJECTED);
    }
    ck_assert_int_eq(read_line("{" INVOCATION "}").problem, TJOB_HISTORY_LOG_VALID);
    ck_assert_uint_eq(line.answered_at, 0);
}
END_TEST

START_TEST(problems_have_texts)
{
    for (int i = 0; i < TJOB_HISTORY_LOG_PROBLEM_COUNT; i++) {
        ck_assert_str_ne(tjob_history_log_problem_text((tjob_history_log_problem)i), "?");
        for (int k = 0; k < i; k++) {
            ck_assert_str_ne(tjob_history_log_problem_text((tjob_history_log_problem)i),
                             tjob_history_log_problem_text((tjob_history_log_problem)k));
        }
    }
    ck_assert_str_eq(tjob_history_log_problem_text(TJOB_HISTORY_LOG_BAD_WORD), "is not one of the allowed words");
    ck_assert_str_eq(tjob_history_log_problem_text((tjob_history_log_problem)TJOB_HISTORY_LOG_PROBLEM_COUNT), "?");
}
END_TEST

RUN_TESTS("log", {an_invocation_is_read, 0}, {an_answer_is_read, 0}, {what_is_reported_is_what_is_given, 0},
          {every_word_is_read, 0}, {what_is_wrong_is_named_with_its_byte_and_member, 0},
          {a_line_with_both_times_is_a_call_or_none, 0}, {problems_have_texts, 0})
