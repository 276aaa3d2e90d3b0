/* Lines of logs of calls as they are written: to the byte, and read back as the same values. */
#include "tjob/history_log_writer.h"

#include <string.h>

#include "support/jobs.h"
#include "support/suite.h"
#include "tjob/history_log.h"

static char written[TJOB_HISTORY_LOG_CALL_BYTES_MAX + 1];

/* ---- To the byte ----------------------------------------------------------------------------------------------- */

static void check_line(size_t bytes, const char *expected)
{
    ck_assert_uint_lt(bytes, sizeof written);
    written[bytes] = '\0';
    ck_assert_str_eq(written, expected);
}

START_TEST(an_invocation_is_written)
{
    const tjob_text arn = TJOB_TEXT("r/a");
    const tjob_event stop = {.kind = TJOB_STOP};
    const tjob_event failed = {1, UINT64_MAX, 3, TJOB_FAILED, UINT32_MAX};
    check_line(tjob_history_log_write_invocation(0, UINT64_MAX, arn, &stop, written, sizeof written),
               "{\"id\":\"0\",\"arn\":\"r/a\",\"event\":\"stop\"}\n");
    check_line(
        tjob_history_log_write_invocation(UINT64_MAX, 0, arn, &failed, written, sizeof written),
        "{\"id\":\"18446744073709551615\",\"at\":\"0\",\"arn\":\"r/a\",\"event\":\"failed\",\"incarnation\":\"1\","
        "\"trainer_token\":\"18446744073709551615\",\"token\":\"3\",\"host_code\":4294967295}\n");
}
END_TEST

START_TEST(an_answer_is_written)
{
    const tjob_outcome stopped = {
        TJOB_OK, TJOB_CHANGED_YES, TJOB_TRAINING, TJOB_STOP_REQUESTED, {1, 2, 3, 4, 5, 6, 7, TJOB_STOP_REQUESTED, 8}};
    const tjob_outcome absent = {.status = TJOB_NOT_FOUND};
    const tjob_outcome unresolved = {.status = TJOB_UNRESOLVED, .changed = TJOB_CHANGED_UNKNOWN};
    check_line(tjob_history_log_write_answer(7, 9, &stopped, written, sizeof written),
               "{\"id\":\"7\",\"at\":\"9\",\"status\":\"ok\",\"changed\":\"yes\",\"before\":\"TRAINING\","
               "\"after\":\"STOP_REQUESTED\",\"job\":{\"state\":\"STOP_REQUESTED\",\"incarnation\":\"2\","
               "\"submit_token\":\"1\",\"trainer_token\":\"3\",\"host_code\":8,\"submitted_ms\":\"4\","
               "\"training_started_ms\":\"5\",\"stop_requested_ms\":\"6\",\"ended_ms\":\"7\"}}\n");
    check_line(tjob_history_log_write_answer(7, UINT64_MAX, &absent, written, sizeof written),
               "{\"id\":\"7\",\"status\":\"not found\",\"changed\":\"no\",\"before\":\"ABSENT\",\"after\":\"ABSENT\","
               "\"job\":null}\n");
    check_line(tjob_history_log_write_answer(7, UINT64_MAX, &unresolved, written, sizeof written),
               "{\"id\":\"7\",\"status\":\"unresolved\",\"changed\":\"unknown\"}\n");
}
END_TEST

/* ---- And back -------------------------------------------------------------------------------------------------- */

static tjob_history_log_line line;

/* Reads what was written: one line, with its end. */
static void read_back(size_t bytes, uint64_t id, uint64_t at)
{
    EXPECT(bytes != 0 && bytes <= TJOB_HISTORY_LOG_LINE_BYTES_MAX);
    EXPECT(memchr(written, '\n', bytes) == written + bytes - 1);
    EXPECT(tjob_history_log_read(&line, (tjob_text){written, bytes - 1}).problem == TJOB_HISTORY_LOG_VALID);
    uint64_t number = 0;
    for (size_t i = 0; i < line.id_bytes; i++) {
        number = number * 10 + (uint64_t)(line.id[i] - '0');
    }
    EXPECT(number == id && line.has_at == (at != UINT64_MAX) && line.at == (line.has_at ? at : 0));
}

static const uint64_t numbers[] = {0, 1, 9, 10, UINT64_C(1) << 53, UINT64_MAX - 1, UINT64_MAX};

enum { NUMBERS = sizeof numbers / sizeof numbers[0] };

START_TEST(an_invocation_is_read_back_as_it_was)
{
    for (unsigned i = 0; i < NUMBERS * NUMBERS * NUMBERS; i++) {
        const uint64_t a = numbers[i % NUMBERS];
        const uint64_t b = numbers[i / NUMBERS % NUMBERS];
        const uint64_t c = numbers[i / NUMBERS / NUMBERS];
        const tjob_event event = {a, b, c, (uint32_t)_i, (uint32_t)c};
        read_back(tjob_history_log_write_invocation(a, b, sample_arn, &event, written, sizeof written), a, b);
        EXPECT(line.kind == TJOB_HISTORY_LOG_INVOCATION && memcmp(&line.event, &event, sizeof event) == 0);
        EXPECT(line.arn_bytes == sample_arn.bytes && memcmp(line.arn, sample_arn.data, sample_arn.bytes) == 0);
    }
}
END_TEST

/* With each status: the outcomes that an operation may have, of jobs with each field at its ends. */
static void check_answer(const tjob_outcome *outcome, uint64_t number)
{
    const bool is_of_job = !tjob_status_is_failure(outcome->status) && outcome->status != TJOB_INVALID_ARGUMENT &&
                           outcome->status != TJOB_ACCESS_DENIED && outcome->status != TJOB_THROTTLED &&
                           outcome->status != TJOB_UNKNOWN_OPERATION;
    const tjob_outcome nothing = {.status = outcome->status, .changed = outcome->changed};
    const tjob_outcome *expected = is_of_job ? outcome : &nothing;
    read_back(tjob_history_log_write_answer(number, number, outcome, written, sizeof written), number, number);
    EXPECT(line.kind == TJOB_HISTORY_LOG_ANSWER && line.arn_bytes == 0);
    EXPECT(line.known == (is_of_job ? TJOB_KNOWN_ALL : TJOB_KNOWN_CHANGED));
    EXPECT(line.outcome.status == expected->status && line.outcome.changed == expected->changed);
    EXPECT(line.outcome.before == expected->before && line.outcome.after == expected->after);
    EXPECT(memcmp(&line.outcome.job, &expected->job, sizeof expected->job) == 0);
}

START_TEST(an_answer_is_read_back_as_it_was)
{
    for (int state = 0; state < TJOB_STATE_COUNT; state++) {
        for (unsigned i = 0; i < NUMBERS * 8; i++) {
            const uint64_t number = numbers[i / 8];
            tjob_job job = {.state = (uint32_t)state};
            uint64_t *fields[] = {&job.submit_token, &job.incarnation,         &job.trainer_token,
                                  &job.submitted_ms, &job.training_started_ms, &job.stop_requested_ms,
                                  &job.ended_ms};
            for (unsigned field = 0; field < 7 && state != TJOB_ABSENT; field++) {
                *fields[field] = field == i % 8 ? 0 : number; /* and at 7 all of them */
            }
            job.host_code = state != TJOB_ABSENT ? (uint32_t)number : 0;
            const tjob_outcome outcome = {(tjob_status)_i, (tjob_changed)(i % 3), (tjob_state)(i % TJOB_STATE_COUNT),
                                          (tjob_state)state, job};
            check_answer(&outcome, number);
        }
    }
}
END_TEST

/* ---- Names, and what no line represents ------------------------------------------------------------------------- */

static const tjob_event longest_event = {UINT64_MAX, UINT64_MAX, UINT64_MAX, TJOB_COMPLETED_WITH_WARNING, UINT32_MAX};

static size_t write_name(const char *data, size_t bytes)
{
    return tjob_history_log_write_invocation(UINT64_MAX, UINT64_MAX - 1, (tjob_text){data, bytes}, &longest_event,
                                             written, sizeof written - 1);
}

START_TEST(a_call_is_read_back_as_its_two_lines)
{
    static tjob_history_log_line invocation;
    static tjob_history_log_line answer;
    static const tjob_outcome outcomes[] = {{.status = TJOB_THROTTLED},
                                            {.status = TJOB_UNRESOLVED, .changed = TJOB_CHANGED_UNKNOWN}};
    for (unsigned i = 0; i < 3; i++) {
        const tjob_outcome outcome =
            i < 2 ? outcomes[i]
                  : (tjob_outcome){TJOB_OK, TJOB_CHANGED_YES, TJOB_ABSENT, TJOB_TRAINING, sample_job(TJOB_TRAINING)};
        read_back(tjob_history_log_write_invocation(5, 7, sample_arn, &longest_event, written, sizeof written), 5, 7);
        invocation = line;
        read_back(tjob_history_log_write_answer(5, 7, &outcome, written, sizeof written), 5, 7);
        answer = line;
        const size_t bytes =
            tjob_history_log_write_call(5, 7, 9, sample_arn, &longest_event, &outcome, written, sizeof written);
        read_back(bytes, 5, 7);
        ck_assert_int_eq(line.kind, TJOB_HISTORY_LOG_CALL);
        ck_assert_uint_eq(line.answered_at, 9);
        ck_assert_int_eq(memcmp(&line.event, &invocation.event, sizeof line.event), 0);
        ck_assert_uint_eq(line.arn_bytes, invocation.arn_bytes);
        ck_assert_int_eq(memcmp(line.arn, invocation.arn, line.arn_bytes), 0);
        ck_assert_uint_eq(line.known, answer.known);
        ck_assert_int_eq(memcmp(&line.outcome, &answer.outcome, sizeof line.outcome), 0);
        for (size_t capacity = 0; capacity < bytes; capacity++) {
            EXPECT(tjob_history_log_write_call(5, 7, 9, sample_arn, &longest_event, &outcome, written, capacity) == 0);
        }
    }
}
END_TEST

START_TEST(a_call_that_no_two_lines_represent_has_no_line)
{
    const tjob_text none = {"", 0};
    const tjob_event bad_event = {.kind = TJOB_EVENT_KIND_COUNT};
    const tjob_outcome bad_outcome = {.status = (tjob_status)TJOB_STATUS_COUNT};
    const tjob_outcome good = {.status = TJOB_THROTTLED};
    const tjob_event *event = &longest_event;
    ck_assert_uint_ne(tjob_history_log_write_call(1, 2, 3, sample_arn, event, &good, written, sizeof written), 0);
    ck_assert_uint_eq(tjob_history_log_write_call(1, UINT64_MAX, 3, sample_arn, event, &good, written, sizeof written),
                      0);
    ck_assert_uint_eq(tjob_history_log_write_call(1, 2, UINT64_MAX, sample_arn, event, &good, written, sizeof written),
                      0);
    ck_assert_uint_eq(tjob_history_log_write_call(1, 2, 3, none, event, &good, written, sizeof written), 0);
    ck_assert_uint_eq(tjob_history_log_write_call(1, 2, 3, sample_arn, &bad_event, &good, written, sizeof written), 0);
    ck_assert_uint_eq(tjob_history_log_write_call(1, 2, 3, sample_arn, event, &bad_outcome, written, sizeof written),
                      0);
}
END_TEST

START_TEST(each_name_is_read_back_or_has_no_line)
{
    /* Each pair of bytes between others, and what UTF-8 is made of. */
    for (unsigned pair = 0; pair < 0x10000; pair++) {
        const unsigned char name[] = {'a', (unsigned char)(pair >> 8), (unsigned char)pair, 'z'};
        const bool is_utf8 = (name[1] < 0x80 && name[2] < 0x80) ||
                             (name[1] >= 0xc2 && name[1] <= 0xdf && name[2] >= 0x80 && name[2] <= 0xbf);
        const size_t bytes = write_name((const char *)name, sizeof name);
        EXPECT((bytes != 0) == is_utf8);
        if (is_utf8) {
            read_back(bytes, UINT64_MAX, UINT64_MAX - 1);
            EXPECT(line.arn_bytes == sizeof name && memcmp(line.arn, name, sizeof name) == 0);
        }
    }
    ck_assert_uint_ne(write_name("\xe2\x82\xac\xf0\x9f\x8c\xbc", 7), 0);
    ck_assert_uint_eq(write_name("\xed\xa0\x80", 3), 0); /* a surrogate */
    ck_assert_uint_eq(write_name("abc\xe2\x82", 5), 0);  /* cut off */
    ck_assert_uint_eq(write_name(NULL, 0), 0);
}
END_TEST

START_TEST(the_longest_line_fits_and_a_longer_name_has_no_line)
{
    char name[TJOB_ARN_BYTES_MAX + 1];
    memset(name, 1, sizeof name);
    const size_t bytes = write_name(name, TJOB_ARN_BYTES_MAX);
    ck_assert(bytes > TJOB_HISTORY_LOG_LINE_BYTES_MAX * 3 / 4 && bytes <= TJOB_HISTORY_LOG_LINE_BYTES_MAX);
    read_back(bytes, UINT64_MAX, UINT64_MAX - 1);
    ck_assert(line.arn_bytes == TJOB_ARN_BYTES_MAX && memcmp(line.arn, name, line.arn_bytes) == 0);
    ck_assert_uint_eq(write_name(name, TJOB_ARN_BYTES_MAX + 1), 0);
}
END_TEST

START_TEST(the_longest_call_fits)
{
    char name[TJOB_ARN_BYTES_MAX];
    tjob_outcome outcome = {TJOB_REFUSED_BY_POLICY, TJOB_CHANGED_UNKNOWN, TJOB_TRAINED_WITH_WARNING,
                            TJOB_TRAINED_WITH_WARNING, sample_job(TJOB_TRAINED_WITH_WARNING)};
    outcome.job.incarnation = outcome.job.submit_token = outcome.job.trainer_token = UINT64_MAX;
    outcome.job.submitted_ms = outcome.job.training_started_ms = outcome.job.ended_ms = UINT64_MAX;
    outcome.job.stop_requested_ms = UINT64_MAX;
    outcome.job.host_code = UINT32_MAX;
    memset(name, 1, sizeof name);
    const size_t bytes =
        tjob_history_log_write_call(UINT64_MAX, UINT64_MAX - 1, UINT64_MAX - 1, (tjob_text){name, sizeof name},
                                    &longest_event, &outcome, written, TJOB_HISTORY_LOG_CALL_BYTES_MAX);
    ck_assert_uint_gt(bytes, TJOB_HISTORY_LOG_LINE_BYTES_MAX);
    ck_assert_uint_le(bytes, TJOB_HISTORY_LOG_CALL_BYTES_MAX);
    ck_assert_int_eq(tjob_history_log_read(&line, (tjob_text){written, bytes - 1}).problem, TJOB_HISTORY_LOG_VALID);
    ck_assert_int_eq(line.kind, TJOB_HISTORY_LOG_CALL);
}
END_TEST

START_TEST(a_value_outside_its_enum_has_no_line)
{
    static const tjob_outcome outcomes[] = {
        {.status = (tjob_status)TJOB_STATUS_COUNT},
        {.status = (tjob_status)-1},
        {.changed = (tjob_changed)(TJOB_CHANGED_UNKNOWN + 1)},
        {.before = (tjob_state)TJOB_STATE_COUNT},
        {.after = (tjob_state)TJOB_STATE_COUNT},
        {.job = {.state = TJOB_STATE_COUNT}},
    };
    for (unsigned i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        ck_assert_uint_eq(tjob_history_log_write_answer(1, 1, &outcomes[i], written, sizeof written), 0);
    }
    const tjob_event event = {.kind = TJOB_EVENT_KIND_COUNT};
    ck_assert_uint_eq(tjob_history_log_write_invocation(1, 1, sample_arn, &event, written, sizeof written), 0);
}
END_TEST

START_TEST(each_capacity_that_is_too_small_returns_0_and_is_kept)
{
    const tjob_outcome outcome = {TJOB_OK, TJOB_CHANGED_YES, TJOB_ABSENT, TJOB_TRAINING, sample_job(TJOB_TRAINING)};
    const size_t invocation =
        tjob_history_log_write_invocation(1, 1, sample_arn, &longest_event, written, sizeof written);
    const size_t answer = tjob_history_log_write_answer(1, 1, &outcome, written, sizeof written);
    for (size_t capacity = 0; capacity <= invocation + answer; capacity++) {
        memset(written, '#', sizeof written);
        ck_assert_uint_eq(tjob_history_log_write_invocation(1, 1, sample_arn, &longest_event, written, capacity),
                          capacity < invocation ? 0 : invocation);
        ck_assert_int_eq(written[capacity], '#');
        ck_assert_uint_eq(tjob_history_log_write_answer(1, 1, &outcome, written, capacity),
                          capacity < answer ? 0 : answer);
        ck_assert_int_eq(written[capacity], '#');
    }
    ck_assert_uint_eq(tjob_history_log_write_answer(1, 1, &outcome, NULL, 0), 0);
}
END_TEST

RUN_TESTS("history_log_writer", {an_invocation_is_written, 0}, {an_answer_is_written, 0},
          {an_invocation_is_read_back_as_it_was, TJOB_EVENT_KIND_COUNT},
          {an_answer_is_read_back_as_it_was, TJOB_STATUS_COUNT}, {a_call_is_read_back_as_its_two_lines, 0},
          {a_call_that_no_two_lines_represent_has_no_line, 0}, {each_name_is_read_back_or_has_no_line, 0},
          {the_longest_line_fits_and_a_longer_name_has_no_line, 0}, {the_longest_call_fits, 0},
          {a_value_outside_its_enum_has_no_line, 0}, {each_capacity_that_is_too_small_returns_0_and_is_kept, 0})
