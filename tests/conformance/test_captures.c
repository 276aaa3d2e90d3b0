/* Requests as real clients sent them, answered as the reference page says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/host.h"
#include "conformance/http_split.h"
#include "support/jobs.h"
#include "support/suite.h"

#define CAPTURED_ARN "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/examplerecognizer1"
#define INVALID "{\"__type\":\"InvalidRequestException\",\"Message\":\"The request is invalid."
#define NOT_FOUND                                                                                                      \
    "{\"__type\":\"ResourceNotFoundException\",\"Message\":\"The specified resource ARN was not found. Check the ARN " \
    "and try "                                                                                                         \
    "your request again.\"}"
#define INTERNAL                                                                                                       \
    "{\"__type\":\"InternalServerException\",\"Message\":\"An internal server error occurred. Retry your request.\"}"

static const tjob_text captured_arn = TJOB_TEXT(CAPTURED_ARN);
static const tjob_text x_arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/x");

/* ---- Captures -------------------------------------------------------------------------------------------------- */

/* A capture as it came, or with its parts changed. */
typedef struct capture {
    char raw[4096];
    size_t bytes;
} capture;

static capture read_capture(const char *name)
{
    char path[1024];
    capture c;
    (void)snprintf(path, sizeof path, "%s/%s.http", CAPTURES, name);
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    c.bytes = fread(c.raw, 1, sizeof c.raw - 1, file);
    c.raw[c.bytes] = '\0';
    (void)fclose(file);
    ck_assert_uint_gt(c.bytes, 0);
    return c;
}

/* Puts one string in place of another, which must be there; the content length stays what it was. */
static void replace(capture *c, const char *what, const char *by)
{
    char *at = strstr(c->raw, what);
    ck_assert_msg(at != NULL, "%s", what);
    const size_t removed = strlen(what);
    const size_t added = strlen(by);
    ck_assert_uint_lt(c->bytes + added, sizeof c->raw);
    memmove(at + added, at + removed, c->bytes + 1 - (size_t)(at + removed - c->raw));
    memcpy(at, by, added);
    c->bytes = c->bytes + added - removed;
}

/* ---- Answers --------------------------------------------------------------------------------------------------- */

enum { BODY_CAPACITY = TJOB_RESPONSE_BYTES_MAX + 256 };

static char body_buffer[BODY_CAPACITY];

static tjob_http_response answer(host *h, const capture *c, tjob_status status)
{
    tjob_http_request http;
    tjob_http_response response;
    ck_assert_msg(http_split((tjob_text){c->raw, c->bytes}, &http), "%s", c->raw);
    ck_assert_int_eq(tjob_handle(&h->service, NULL, &http, &response, body_buffer, sizeof body_buffer), status);
    ck_assert_uint_eq(response.id.bytes, 36);
    ck_assert_mem_eq(response.id.data, strstr(c->raw, "invocation-id: ") + 15, 36);
    ck_assert_uint_eq(response.content_type.bytes, 26);
    ck_assert_mem_eq(response.content_type.data, "application/x-amz-json-1.1", 26);
    return response;
}

static void check_body(tjob_http_response response, const char *body)
{
    ck_assert_msg(response.body.bytes == strlen(body) && memcmp(response.body.data, body, strlen(body)) == 0, "%.*s",
                  (int)response.body.bytes, response.body.data);
}

static void check_ok(host *h, const capture *c, const char *body)
{
    const tjob_http_response response = answer(h, c, TJOB_OK);
    ck_assert_int_eq(response.status, 200);
    ck_assert_uint_eq(response.error_type.bytes, 0);
    check_body(response, body);
}

/* An error, whose name in the header is the one in the body. */
static void check_error(host *h, const capture *c, tjob_status status, const char *body)
{
    const tjob_http_response response = answer(h, c, status);
    const char *type = body + strlen("{\"__type\":\"");
    ck_assert_int_eq(response.status, tjob_status_is_failure(status) ? 500 : 400);
    ck_assert_uint_eq(response.error_type.bytes, strcspn(type, "\""));
    ck_assert_mem_eq(response.error_type.data, type, response.error_type.bytes);
    check_body(response, body);
}

/* ---- As the page says ------------------------------------------------------------------------------------------ */

START_TEST(a_stop_is_a_200_with_an_empty_body_and_moves_the_job_as_the_page_says)
{
    static const struct {
        tjob_state before;
        tjob_state after;
    } stops[] = {
        {TJOB_SUBMITTED, TJOB_STOPPED},
        {TJOB_TRAINING, TJOB_STOP_REQUESTED},
        {TJOB_STOP_REQUESTED, TJOB_STOP_REQUESTED},
        {TJOB_STOPPED, TJOB_STOPPED},
        {TJOB_TRAINED, TJOB_TRAINED},
        {TJOB_TRAINED_WITH_WARNING, TJOB_TRAINED_WITH_WARNING},
        {TJOB_IN_ERROR, TJOB_IN_ERROR},
        {TJOB_DELETING, TJOB_DELETING},
    };
    const capture c = read_capture("awscli-stop");
    for (unsigned i = 0; i < sizeof stops / sizeof stops[0]; i++) {
        host h;
        host_init(&h);
        host_put(&h, captured_arn, stops[i].before);
        for (unsigned times = 0; times < 3; times++) {
            check_ok(&h, &c, "");
            ck_assert_int_eq(host_state(&h, captured_arn), stops[i].after);
        }
        ck_assert_uint_eq(h.swaps, stops[i].before != stops[i].after);
    }
}
END_TEST

START_TEST(a_stop_of_another_client_is_answered_alike)
{
    const capture c = read_capture("boto3-stop");
    host h;
    host_init(&h);
    check_error(&h, &c, TJOB_NOT_FOUND, NOT_FOUND);
    host_put(&h, x_arn, TJOB_TRAINING);
    check_ok(&h, &c, "");
    ck_assert_int_eq(host_state(&h, x_arn), TJOB_STOP_REQUESTED);
}
END_TEST

START_TEST(a_stop_of_every_client_is_a_200_and_stops_the_job)
{
    static const char *const clients[] = {"awscli-newest", "botocore-newest", "cpp",   "go-v1",
                                          "go-v2",         "js-v2",           "js-v3", "ruby-debian"};
    for (unsigned i = 0; i < sizeof clients / sizeof clients[0]; i++) {
        const capture c = read_capture(clients[i]);
        tjob_http_request http;
        tjob_http_response response;
        host h;
        host_init(&h);
        host_put(&h, x_arn, TJOB_TRAINING);
        ck_assert_msg(http_split((tjob_text){c.raw, c.bytes}, &http), "%s", clients[i]);
        ck_assert_msg(tjob_handle(&h.service, NULL, &http, &response, NULL, 0) == TJOB_OK, "%s", clients[i]);
        ck_assert_int_eq(response.status, 200);
        ck_assert_int_eq(host_state(&h, x_arn), TJOB_STOP_REQUESTED);
    }
}
END_TEST

START_TEST(an_arn_that_is_none_is_an_invalid_request_and_touches_nothing)
{
    const capture c = read_capture("boto3-stop-bad-arn");
    host h;
    host_init(&h);
    check_error(&h, &c, TJOB_INVALID_ARGUMENT,
                INVALID " EntityRecognizerArn is malformed: must begin with arn:aws:, at byte 0 of the ARN.\"}");
    ck_assert_uint_eq(host_calls(&h), 0);
}
END_TEST

START_TEST(a_description_tells_what_the_job_knows)
{
#define DESCRIBED "{\"EntityRecognizerProperties\":{\"EntityRecognizerArn\":\"" CAPTURED_ARN "\",\"Status\":\""
    const capture c = read_capture("awscli-describe");
    host h;
    host_init(&h);
    check_error(&h, &c, TJOB_NOT_FOUND, NOT_FOUND);
    host_put(&h, captured_arn, TJOB_SUBMITTED);
    check_ok(&h, &c, DESCRIBED "SUBMITTED\",\"SubmitTime\":1000.000}}");
    host_init(&h);
    host_put(&h, captured_arn, TJOB_STOPPED);
    check_ok(&h, &c,
             DESCRIBED "STOPPED\",\"SubmitTime\":1000.000,\"EndTime\":2500.000,\"TrainingStartTime\":2500.000,"
                       "\"TrainingEndTime\":2500.000}}");
    ck_assert_uint_eq(h.swaps, 0);
}
END_TEST

START_TEST(a_delete_is_accepted_once_the_job_has_ended)
{
    capture c = read_capture("awscli-describe");
    replace(&c, "DescribeEntityRecognizer", "DeleteEntityRecognizer");
    for (int state = TJOB_SUBMITTED; state < TJOB_STATE_COUNT; state++) {
        host h;
        host_init(&h);
        host_put(&h, captured_arn, (tjob_state)state);
        if (tjob_state_is_final((tjob_state)state)) {
            check_ok(&h, &c, "");
            ck_assert_int_eq(host_state(&h, captured_arn), TJOB_DELETING);
        } else {
            char body[256];
            (void)snprintf(
                body, sizeof body,
                "{\"__type\":\"ResourceInUseException\",\"Message\":\"The recognizer is in use. It is %s; it can "
                "be deleted only after it has ended.\"}",
                tjob_state_name((tjob_state)state));
            check_error(&h, &c, TJOB_IN_USE, body);
            ck_assert_int_eq(host_state(&h, captured_arn), state);
        }
    }
}
END_TEST

/* ---- What the host refuses, and where it fails ----------------------------------------------------------------- */

static const struct {
    tjob_load_status load;
    tjob_swap_status swap;
    tjob_authorization authorization;
    tjob_admission admission;
    tjob_status status;
    const char *body;
} failures[] = {
    {0, 0, TJOB_AUTHORIZATION_DENIED, 0, TJOB_ACCESS_DENIED,
     "{\"__type\":\"AccessDeniedException\",\"Message\":\"You do not have sufficient access to perform this "
     "action.\"}"},
    {0, 0, 0, TJOB_ADMISSION_THROTTLED, TJOB_THROTTLED,
     "{\"__type\":\"TooManyRequestsException\",\"Message\":\"The number of requests exceeds the limit. Resubmit your "
     "request "
     "later.\"}"},
    {0, 0, TJOB_AUTHORIZATION_UNAVAILABLE, 0, TJOB_UNAVAILABLE, INTERNAL},
    {TJOB_LOAD_UNAVAILABLE, 0, 0, 0, TJOB_UNAVAILABLE, INTERNAL},
    {0, TJOB_SWAP_UNAVAILABLE, 0, 0, TJOB_UNAVAILABLE, INTERNAL},
    {0, TJOB_SWAP_CONFLICT, 0, 0, TJOB_CONTENDED, INTERNAL},
    {0, TJOB_SWAP_UNKNOWN, 0, 0, TJOB_UNRESOLVED, INTERNAL},
};

START_TEST(refusals_and_failures_of_the_host_are_errors_by_their_names)
{
    const capture c = read_capture("awscli-stop");
    for (unsigned i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        host h;
        host_init(&h);
        host_put(&h, captured_arn, TJOB_TRAINING);
        h.load_answer = failures[i].load;
        h.swap_answer = failures[i].swap;
        h.authorization = failures[i].authorization;
        h.admission = failures[i].admission;
        check_error(&h, &c, failures[i].status, failures[i].body);
        ck_assert_int_eq(host_state(&h, captured_arn), TJOB_TRAINING);
        const bool asked_first = failures[i].authorization != TJOB_AUTHORIZATION_ALLOWED || failures[i].admission != 0;
        ck_assert_int_eq(h.loads + h.swaps == 0, asked_first);
    }
}
END_TEST

START_TEST(a_refusal_by_policy_is_an_invalid_request)
{
    const capture c = read_capture("awscli-stop");
    host h;
    host_init(&h);
    h.service.policy =
        (tjob_policy){.stop_submitted = TJOB_STOP_SUBMITTED_REFUSED, .stop_finished = TJOB_STOP_FINISHED_REFUSED};
    host_put(&h, captured_arn, TJOB_SUBMITTED);
    check_error(&h, &c, TJOB_REFUSED_BY_POLICY, INVALID " A recognizer in state SUBMITTED cannot be stopped.\"}");
    host_init(&h);
    h.service.policy = (tjob_policy){.stop_finished = TJOB_STOP_FINISHED_REFUSED};
    host_put(&h, captured_arn, TJOB_TRAINED);
    check_error(&h, &c, TJOB_REFUSED_BY_POLICY, INVALID " A recognizer in state TRAINED cannot be stopped.\"}");
    ck_assert_uint_eq(h.swaps, 0);
}
END_TEST

/* ---- Captures with their heads changed ------------------------------------------------------------------------- */

static const struct {
    const char *what;
    const char *by;
    tjob_status status;
    const char *body; /* NULL: the 200 of a stop */
} changes[] = {
    {"X-Amz-Target", "x-amz-target", TJOB_OK, NULL},
    {"X-Amz-Target", "X-AMZ-TARGET", TJOB_OK, NULL},
    {"Content-Type: ", "content-type:", TJOB_OK, NULL},
    {"json-1.1\r\n", "json-1.1; charset=utf-8\r\n", TJOB_OK, NULL},
    {"application/x-amz-json-1.1", "Application/X-Amz-JSON-1.1", TJOB_OK, NULL},
    {"json-1.1", "json-1.0", TJOB_INVALID_ARGUMENT, INVALID " Content-Type must be application/x-amz-json-1.1.\"}"},
    {"Content-Type", "Content-Kind", TJOB_INVALID_ARGUMENT,
     INVALID " Content-Type must be application/x-amz-json-1.1.\"}"},
    {"POST", "PUT", TJOB_UNKNOWN_OPERATION,
     "{\"__type\":\"UnknownOperationException\",\"Message\":\"The operation is not supported. The method must be "
     "POST.\"}"},
    {"StopTraining", "StartTraining", TJOB_UNKNOWN_OPERATION,
     "{\"__type\":\"UnknownOperationException\",\"Message\":\"The operation is not supported. Unknown "
     "X-Amz-Target.\"}"},
    {"X-Amz-Target", "X-Amz-Aim", TJOB_UNKNOWN_OPERATION,
     "{\"__type\":\"UnknownOperationException\",\"Message\":\"The operation is not supported. Unknown "
     "X-Amz-Target.\"}"},
    {"Content-Length: 105\r\n\r\n{\"EntityRecognizerArn\"", "Content-Length: 105\r\n\r\n{\"entityRecognizerArn\"",
     TJOB_INVALID_ARGUMENT, INVALID " EntityRecognizerArn is required.\"}"},
    {"arn:aws:comprehend", "arn:aws-comprehend", TJOB_INVALID_ARGUMENT,
     INVALID " EntityRecognizerArn is malformed: must begin with arn:aws:, at byte 7 of the ARN.\"}"},
};

START_TEST(headers_count_by_their_meaning_and_a_malformed_request_touches_nothing)
{
    for (unsigned i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        capture c = read_capture("awscli-stop");
        host h;
        host_init(&h);
        host_put(&h, captured_arn, TJOB_TRAINING);
        replace(&c, changes[i].what, changes[i].by);
        if (changes[i].body == NULL) {
            check_ok(&h, &c, "");
        } else {
            check_error(&h, &c, changes[i].status, changes[i].body);
            ck_assert_uint_eq(host_calls(&h), 0);
        }
    }
}
END_TEST

START_TEST(a_capture_whose_body_is_cut_anywhere_is_an_invalid_request_and_touches_nothing)
{
    const capture c = read_capture("awscli-stop");
    tjob_http_request http;
    tjob_http_response response;
    ck_assert(http_split((tjob_text){c.raw, c.bytes}, &http));
    const size_t whole = http.body.bytes;
    ck_assert_uint_eq(whole, 105);
    host h;
    host_init(&h);
    host_put(&h, captured_arn, TJOB_TRAINING);
    for (http.body.bytes = 0; http.body.bytes < whole; http.body.bytes++) {
        char expected[256];
        (void)snprintf(expected, sizeof expected,
                       http.body.bytes == 0
                           ? "%s EntityRecognizerArn is required.\"}" /* an empty body is an empty object */
                           : "%s The body is not valid JSON: unexpected end of input, at byte %zu of the body.\"}",
                       INVALID, http.body.bytes);
        ck_assert_int_eq(tjob_handle(&h.service, NULL, &http, &response, body_buffer, sizeof body_buffer),
                         TJOB_INVALID_ARGUMENT);
        ck_assert_int_eq(response.status, 400);
        check_body(response, expected);
    }
    ck_assert_uint_eq(host_calls(&h), 0);
}
END_TEST

/* ---- What the host adds to a description ----------------------------------------------------------------------- */

static size_t add_members(void *context, void *user, tjob_text arn, const tjob_job *job, char *members, size_t capacity)
{
    (void)user, (void)arn, (void)job;
    const char *wanted = context;
    const size_t bytes = strlen(wanted);
    memcpy(members, wanted, bytes <= capacity ? bytes : 0);
    return bytes;
}

START_TEST(members_of_the_host_stand_in_its_description_if_there_is_room)
{
    static char language[] = "\"LanguageCode\":\"en\"";
    static char none[] = "";
    static char broken[] = "\"LanguageCode\":";
    static const struct {
        char *members;
        size_t room;
        tjob_status status;
        const char *end;
    } cases[] = {
        {language, sizeof language - 1, TJOB_OK, ",\"LanguageCode\":\"en\"}}"},
        {language, sizeof language - 2, TJOB_MISCONFIGURED, NULL},
        {language, 0, TJOB_MISCONFIGURED, NULL},
        {broken, 100, TJOB_MISCONFIGURED, NULL},
        {none, 1, TJOB_OK, "\"SubmitTime\":1000.000}}"},
        {none, 0, TJOB_OK, "\"SubmitTime\":1000.000}}"},
    };
    const capture c = read_capture("awscli-describe");
    tjob_http_request http;
    ck_assert(http_split((tjob_text){c.raw, c.bytes}, &http));
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        host h;
        tjob_http_response response;
        char *body = malloc(TJOB_RESPONSE_BYTES_MAX + cases[i].room);
        host_init(&h);
        host_put(&h, captured_arn, TJOB_SUBMITTED);
        h.service.describer = (tjob_describer){cases[i].members, add_members};
        const tjob_status status =
            tjob_handle(&h.service, NULL, &http, &response, body, TJOB_RESPONSE_BYTES_MAX + cases[i].room);
        memcpy(body_buffer, response.body.data, response.body.bytes);
        free(body);
        response.body.data = body_buffer;
        ck_assert_msg(status == cases[i].status, "case %u: %d", i, (int)status);
        ck_assert_int_eq(response.status, status == TJOB_OK ? 200 : 500);
        if (cases[i].end == NULL) {
            check_body(response, INTERNAL);
        } else {
            const size_t end = strlen(cases[i].end);
            ck_assert_mem_eq(response.body.data + response.body.bytes - end, cases[i].end, end);
        }
    }
}
END_TEST

START_TEST(a_buffer_too_small_for_the_error_leaves_the_body_out)
{
    const capture c = read_capture("boto3-stop-bad-arn");
    tjob_http_request http;
    tjob_http_response response;
    host h;
    host_init(&h);
    ck_assert(http_split((tjob_text){c.raw, c.bytes}, &http));
    ck_assert_int_eq(tjob_handle(&h.service, NULL, &http, &response, NULL, 0), TJOB_MISCONFIGURED);
    ck_assert_int_eq(response.status, 400);
    ck_assert_uint_eq(response.body.bytes, 0);
}
END_TEST

RUN_TESTS("captures", {a_stop_is_a_200_with_an_empty_body_and_moves_the_job_as_the_page_says, 0},
          {a_stop_of_another_client_is_answered_alike, 0}, {a_stop_of_every_client_is_a_200_and_stops_the_job, 0},
          {an_arn_that_is_none_is_an_invalid_request_and_touches_nothing, 0},
          {a_description_tells_what_the_job_knows, 0}, {a_delete_is_accepted_once_the_job_has_ended, 0},
          {refusals_and_failures_of_the_host_are_errors_by_their_names, 0},
          {a_refusal_by_policy_is_an_invalid_request, 0},
          {headers_count_by_their_meaning_and_a_malformed_request_touches_nothing, 0},
          {a_capture_whose_body_is_cut_anywhere_is_an_invalid_request_and_touches_nothing, 0},
          {members_of_the_host_stand_in_its_description_if_there_is_room, 0},
          {a_buffer_too_small_for_the_error_leaves_the_body_out, 0})
