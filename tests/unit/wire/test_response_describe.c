/* The answer to describe: what the job knows, and what the host adds. */
#include "tjob/response.h"

#include <stdio.h>

#include "support/jobs.h"
#include "support/suite.h"
#include "unit/exact.h"
#include "unit/wire/json_oracle.h"
#include "wire/json.h"

#define ARN "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/examplerecognizer1"
#define BEGIN "{\"EntityRecognizerProperties\":{\"EntityRecognizerArn\":\"" ARN "\",\"Status\":\""
#define INTERNAL                                                                                                       \
    "{\"__type\":\"InternalServerException\",\"Message\":\"An internal server error occurred. Retry your request.\"}"

static const tjob_text no_text = {"", 0};

static bool text_is(tjob_text text, const char *wanted)
{
    return text.bytes == strlen(wanted) && memcmp(text.data, wanted, text.bytes) == 0;
}

/* What is inside the object that is the only member of a text, or nothing. */
static tjob_text properties_of(tjob_text text)
{
    json_reader reader;
    json_value name;
    json_value value;
    json_value after;
    const bool one = tjob__json_open(&reader, text) == JSON_OK &&
                     tjob__json_next_member(&reader, &name, &value) == JSON_OK &&
                     tjob__json_next_member(&reader, &name, &after) == JSON_END && value.kind == JSON_OBJECT;
    ck_assert(one && oracle_is_json(text.data, text.bytes));
    return (tjob_text){(const char *)value.begin, (size_t)(value.end - value.begin)};
}

typedef struct description {
    tjob_status result;
    tjob_http_response http;
    char body[8192];
} description;

/* Describes into a buffer without a byte to spare; members stand apart. */
static const description *describe(tjob_text arn, const tjob_job *job, tjob_text members, size_t capacity)
{
    static description described;
    const tjob_request request = {.operation = TJOB_DESCRIBE, .arn = arn};
    const tjob_outcome outcome = {
        .status = TJOB_OK, .before = (tjob_state)job->state, .after = (tjob_state)job->state, .job = *job};
    const tjob_text copy = exact_copy(members.data, members.bytes);
    char *buffer = malloc(capacity + 1);
    memset(buffer, '~', capacity + 1);
    memset(&described, 0xa5, sizeof described);
    described.result = tjob_response_encode(&described.http, &request, no_text, &outcome, copy, buffer, capacity);
    const bool kept = buffer[capacity] == '~' && described.http.body.bytes <= capacity;
    memcpy(described.body, buffer, kept ? described.http.body.bytes : 0);
    free(buffer);
    exact_free(copy);
    ck_assert(kept);
    described.http.body.data = described.body;
    ck_assert(text_is(described.http.content_type, "application/x-amz-json-1.1"));
    if (described.result == TJOB_OK) {
        ck_assert_int_eq(described.http.status, 200);
        ck_assert_uint_eq(described.http.error_type.bytes, 0);
        (void)properties_of(described.http.body);
    } else {
        ck_assert_int_eq(described.result, TJOB_MISCONFIGURED);
        ck_assert_int_eq(described.http.status, 500);
        ck_assert(text_is(described.http.error_type, "InternalServerException"));
        ck_assert(described.http.body.bytes == 0 || text_is(described.http.body, INTERNAL));
    }
    return &described;
}

/* ---- What the job knows ---------------------------------------------------------------------------------------- */

START_TEST(each_state_is_described_by_its_name_and_the_times_that_it_bears)
{
    static const char *const bodies[TJOB_STATE_COUNT] = {
        [TJOB_SUBMITTED] = BEGIN "SUBMITTED\",\"SubmitTime\":1.000}}",
        [TJOB_TRAINING] = BEGIN "TRAINING\",\"SubmitTime\":1.000,\"TrainingStartTime\":2.000}}",
        [TJOB_STOP_REQUESTED] = BEGIN "STOP_REQUESTED\",\"SubmitTime\":1.000,\"TrainingStartTime\":2.000}}",
#define ENDED "\",\"SubmitTime\":1.000,\"EndTime\":4.000,\"TrainingStartTime\":2.000,\"TrainingEndTime\":4.000}}"
        [TJOB_STOPPED] = BEGIN "STOPPED" ENDED,
        [TJOB_TRAINED] = BEGIN "TRAINED" ENDED,
        [TJOB_TRAINED_WITH_WARNING] = BEGIN "TRAINED_WITH_WARNING" ENDED,
        [TJOB_IN_ERROR] = BEGIN "IN_ERROR" ENDED,
        [TJOB_DELETING] = BEGIN "DELETING" ENDED,
    };
    for (int state = TJOB_SUBMITTED; state < TJOB_STATE_COUNT; state++) {
        const tjob_job job = sample_job((tjob_state)state);
        const description *described = describe(sample_arn, &job, no_text, TJOB_RESPONSE_BYTES_MAX);
        ck_assert_int_eq(described->result, TJOB_OK);
        ck_assert_msg(text_is(described->http.body, bodies[state]), "%s", described->body);
    }
}
END_TEST

START_TEST(a_job_that_ended_before_it_trained_has_no_times_of_training)
{
    tjob_job job = sample_job(TJOB_SUBMITTED);
    job.state = TJOB_STOPPED;
    job.stop_requested_ms = SAMPLE_STOP_MS;
    job.ended_ms = SAMPLE_STOP_MS;
    const description *described = describe(sample_arn, &job, no_text, TJOB_RESPONSE_BYTES_MAX);
    ck_assert_msg(text_is(described->http.body, BEGIN "STOPPED\",\"SubmitTime\":1.000,\"EndTime\":3.000}}"), "%s",
                  described->body);
}
END_TEST

START_TEST(times_are_seconds_with_three_digits_of_fraction_and_left_out_if_not_set)
{
    static const struct {
        uint64_t ms;
        const char *member;
    } times[] = {
        {0, ""},
        {1, ",\"SubmitTime\":0.001"},
        {10, ",\"SubmitTime\":0.010"},
        {999, ",\"SubmitTime\":0.999"},
        {1000, ",\"SubmitTime\":1.000"},
        {10100, ",\"SubmitTime\":10.100"},
        {1795474527123, ",\"SubmitTime\":1795474527.123"},
        {UINT64_MAX, ",\"SubmitTime\":18446744073709551.615"},
    };
    for (unsigned i = 0; i < sizeof times / sizeof times[0]; i++) {
        tjob_job job = sample_job(TJOB_SUBMITTED);
        char expected[256];
        job.submitted_ms = times[i].ms;
        (void)snprintf(expected, sizeof expected, "%sSUBMITTED\"%s}}", BEGIN, times[i].member);
        const description *described = describe(sample_arn, &job, no_text, TJOB_RESPONSE_BYTES_MAX);
        ck_assert_msg(text_is(described->http.body, expected), "%s", described->body);
    }
}
END_TEST

START_TEST(an_arn_is_written_with_escapes_and_reads_back_the_same)
{
    tjob_job job = sample_job(TJOB_SUBMITTED);
    for (unsigned byte = 1; byte < 0x80; byte++) {
        char arn[64];
        const int bytes =
            snprintf(arn, sizeof arn, "arn:aws-%c\xc3\xa9:comprehend::111122223333:entity-recognizer/x", (char)byte);
        const description *described =
            describe((tjob_text){arn, (size_t)bytes}, &job, no_text, TJOB_RESPONSE_BYTES_MAX);
        json_reader reader;
        json_value name;
        json_value value;
        char decoded[64];
        (void)tjob__json_open(&reader, properties_of(described->http.body));
        ck_assert_int_eq(tjob__json_next_member(&reader, &name, &value), JSON_OK);
        ck_assert_uint_eq(tjob__json_decode(&value, decoded, sizeof decoded), (size_t)bytes);
        ck_assert_mem_eq(decoded, arn, (size_t)bytes);
    }
    const tjob_text arn = TJOB_TEXT("arn:aws-\"\\/ \x01\x1f\x7f\n:comprehend::111122223333:entity-recognizer/x");
    const description *described = describe(arn, &job, no_text, TJOB_RESPONSE_BYTES_MAX);
    ck_assert_msg(
        text_is(described->http.body,
                "{\"EntityRecognizerProperties\":{\"EntityRecognizerArn\":\"arn:aws-\\\"\\\\/ \\u0001\\u001f\x7f"
                "\\u000a:comprehend::111122223333:entity-recognizer/x\",\"Status\":\"SUBMITTED\","
                "\"SubmitTime\":1.000}}"),
        "%s", described->body);
}
END_TEST

/* ---- What the host adds ---------------------------------------------------------------------------------------- */

static const char *const valid_members[] = {
    "\"LanguageCode\":\"en\"",
    " \"LanguageCode\" : \"en\" , \"x\":{\"y\":[1,2,{}]}\n",
    "\"\":null",
    "\"EvaluationMetrics\":{\"Precision\":0.5,\"Recall\":1e-3},\"Name\":\"\\u00e9\xc3\xa9\"",
};

START_TEST(members_of_the_host_stand_behind_those_of_the_job)
{
    const tjob_job job = sample_job(TJOB_SUBMITTED);
    for (unsigned i = 0; i < sizeof valid_members / sizeof valid_members[0]; i++) {
        const tjob_text members = {valid_members[i], strlen(valid_members[i])};
        char expected[512];
        (void)snprintf(expected, sizeof expected, BEGIN "SUBMITTED\",\"SubmitTime\":1.000,%s}}", valid_members[i]);
        const description *described = describe(sample_arn, &job, members, TJOB_RESPONSE_BYTES_MAX + members.bytes);
        ck_assert_msg(text_is(described->http.body, expected), "%s", described->body);
    }
}
END_TEST

static const tjob_text wrong_members[] = {
    TJOB_TEXT(" "),
    TJOB_TEXT("{}"),
    TJOB_TEXT("{\"a\":1}"),
    TJOB_TEXT("\"a\":1,"),
    TJOB_TEXT(",\"a\":1"),
    TJOB_TEXT("\"a\":1}"),
    TJOB_TEXT("\"a\":1}}"),
    TJOB_TEXT("\"a\":1},\"b\":{\"c\":2"),
    TJOB_TEXT("\"a\":"),
    TJOB_TEXT("\"a\""),
    TJOB_TEXT("\"a\":[}"),
    TJOB_TEXT("\"a\":\"\\\""),
    TJOB_TEXT("\"a\":\"\xff\""),
    TJOB_TEXT("\"a\":\"\n\""),
    TJOB_TEXT("\"a\":1\0"),
    TJOB_TEXT("\"a\":1 \"b\":2"),
    TJOB_TEXT("a:1"),
    TJOB_TEXT("\"a\":01"),
    TJOB_TEXT("null"),
};

START_TEST(members_that_are_no_json_are_an_internal_error)
{
    const tjob_job job = sample_job(TJOB_SUBMITTED);
    for (unsigned i = 0; i < sizeof wrong_members / sizeof wrong_members[0]; i++) {
        const description *described = describe(sample_arn, &job, wrong_members[i], TJOB_RESPONSE_BYTES_MAX + 64);
        ck_assert_msg(described->result == TJOB_MISCONFIGURED, "%s", wrong_members[i].data);
        ck_assert(text_is(described->http.body, INTERNAL));
    }
}
END_TEST

START_TEST(of_any_other_operation_members_are_not_read)
{
    static const tjob_event_kind kinds[] = {TJOB_STOP, TJOB_DELETE};
    for (unsigned i = 0; i < 2; i++) {
        const tjob_request request = {.operation = kinds[i], .arn = sample_arn};
        const tjob_outcome outcome = {.status = TJOB_OK};
        tjob_http_response http;
        ck_assert_int_eq(tjob_response_encode(&http, &request, no_text, &outcome, (tjob_text)TJOB_TEXT("no"), NULL, 0),
                         TJOB_OK);
        ck_assert_int_eq(http.status, 200);
        ck_assert_uint_eq(http.body.bytes, 0);
    }
}
END_TEST

/* ---- Room ------------------------------------------------------------------------------------------------------ */

/* The ARN whose description is the longest: as many characters as can be, each of which becomes six. */
static tjob_text longest_arn(void)
{
    static char arn[TJOB_ARN_BYTES_MAX + 1];
    static const char end[] = ":comprehend::111122223333:entity-recognizer/x";
    memset(arn, '\x1f', sizeof arn);
    memcpy(arn, "arn:aws-", 8);
    memcpy(arn + TJOB_ARN_BYTES_MAX - (sizeof end - 1), end, sizeof end);
    const tjob_text text = {arn, TJOB_ARN_BYTES_MAX};
    ck_assert_int_eq(tjob_arn_validate(text, TJOB_ARN_CURRENT).problem, TJOB_ARN_VALID);
    return text;
}

static tjob_job longest_job(void)
{
    tjob_job job = sample_job(TJOB_TRAINED_WITH_WARNING);
    job.submitted_ms = job.training_started_ms = job.stop_requested_ms = job.ended_ms = UINT64_MAX;
    return job;
}

START_TEST(the_longest_description_fits_where_the_header_says)
{
    const tjob_job job = longest_job();
    const description *described = describe(longest_arn(), &job, no_text, TJOB_RESPONSE_BYTES_MAX);
    ck_assert_int_eq(described->result, TJOB_OK);
    ck_assert_uint_gt(described->http.body.bytes, TJOB_RESPONSE_BYTES_MAX / 2);
}
END_TEST

START_TEST(a_description_that_does_not_fit_is_an_internal_error_and_that_has_no_body_if_it_does_not_fit)
{
    const tjob_job job = sample_job(TJOB_TRAINED);
    const tjob_text members = {valid_members[0], strlen(valid_members[0])};
    const size_t needed = describe(sample_arn, &job, members, 4096)->http.body.bytes;
    for (size_t capacity = 0; capacity <= needed; capacity++) {
        const description *described = describe(sample_arn, &job, members, capacity);
        ck_assert_int_eq(described->result, capacity == needed ? TJOB_OK : TJOB_MISCONFIGURED);
        if (capacity < needed) {
            ck_assert_uint_eq(described->http.body.bytes, capacity < sizeof INTERNAL - 1 ? 0 : sizeof INTERNAL - 1);
        }
    }
}
END_TEST

START_TEST(members_may_stand_in_the_tail_of_the_buffer_itself)
{
    static char long_member[3000] = "\"x\":\"";
    memset(long_member + 5, 'y', sizeof long_member - 7);
    long_member[sizeof long_member - 2] = '"';
    const char *const members[] = {valid_members[0], valid_members[1], valid_members[3], long_member};
    const tjob_job jobs[] = {sample_job(TJOB_SUBMITTED), longest_job()};
    const tjob_text arns[] = {sample_arn, longest_arn()};
    for (unsigned i = 0; i < 8; i++) {
        const size_t bytes = strlen(members[i / 2]);
        const tjob_request request = {.operation = TJOB_DESCRIBE, .arn = arns[i % 2]};
        const tjob_outcome outcome = {.status = TJOB_OK, .job = jobs[i % 2]};
        const description *apart = describe(arns[i % 2], &jobs[i % 2], (tjob_text){members[i / 2], bytes}, 8192);
        const size_t capacity = TJOB_RESPONSE_BYTES_MAX + bytes;
        char *body = malloc(capacity);
        memcpy(body + TJOB_RESPONSE_BYTES_MAX, members[i / 2], bytes);
        tjob_http_response http;
        const tjob_text tail = {body + TJOB_RESPONSE_BYTES_MAX, bytes};
        ck_assert_int_eq(tjob_response_encode(&http, &request, no_text, &outcome, tail, body, capacity), TJOB_OK);
        ck_assert_uint_eq(http.body.bytes, apart->http.body.bytes);
        ck_assert_mem_eq(http.body.data, apart->body, apart->http.body.bytes);
        free(body);
    }
}
END_TEST

RUN_TESTS("response_describe", {each_state_is_described_by_its_name_and_the_times_that_it_bears, 0},
          {a_job_that_ended_before_it_trained_has_no_times_of_training, 0},
          {times_are_seconds_with_three_digits_of_fraction_and_left_out_if_not_set, 0},
          {an_arn_is_written_with_escapes_and_reads_back_the_same, 0},
          {members_of_the_host_stand_behind_those_of_the_job, 0}, {members_that_are_no_json_are_an_internal_error, 0},
          {of_any_other_operation_members_are_not_read, 0}, {the_longest_description_fits_where_the_header_says, 0},
          {a_description_that_does_not_fit_is_an_internal_error_and_that_has_no_body_if_it_does_not_fit, 0},
          {members_may_stand_in_the_tail_of_the_buffer_itself, 0})
