/* From an outcome to the bytes of a response. The bodies are written out in full, for clients read them. */
#include "tjob/response.h"

#include "support/jobs.h"
#include "support/suite.h"
#include "unit/exact.h"
#include "unit/wire/json_oracle.h"
#include "wire/json.h"

#define INVALID "{\"__type\":\"InvalidRequestException\",\"Message\":\"The request is invalid."
#define UNKNOWN "{\"__type\":\"UnknownOperationException\",\"Message\":\"The operation is not supported."
#define IN_USE "{\"__type\":\"ResourceInUseException\",\"Message\":\"The recognizer is in use."
#define INTERNAL                                                                                                       \
    "{\"__type\":\"InternalServerException\",\"Message\":\"An internal server error occurred. Retry your request.\"}"
#define NOT_JSON INVALID " The body is not valid JSON: "
#define BAD_ARN INVALID " EntityRecognizerArn is malformed: "

static const tjob_text no_text = {"", 0};

static bool text_is(tjob_text text, const char *wanted)
{
    return text.bytes == strlen(wanted) && memcmp(text.data, wanted, text.bytes) == 0;
}

/* Whether the reader that reads requests, and the oracle, take a text for one object. */
static bool is_object(tjob_text text)
{
    json_reader reader;
    json_value name;
    json_value value;
    json_status status = tjob__json_open(&reader, text);
    while (status == JSON_OK) {
        status = tjob__json_next_member(&reader, &name, &value);
    }
    return status == JSON_END && oracle_is_json(text.data, text.bytes);
}

/* ---- Encoding into a buffer without a byte to spare ------------------------------------------------------------ */

typedef struct encoding {
    tjob_status result;
    tjob_http_response http;
    char body[8192];
} encoding;

static const encoding *encode(const tjob_request *request, const tjob_outcome *outcome, tjob_text members,
                              size_t capacity)
{
    static encoding encoded;
    char *buffer = malloc(capacity + 1);
    memset(buffer, '~', capacity + 1);
    memset(&encoded, 0xa5, sizeof encoded);
    encoded.result = tjob_response_encode(&encoded.http, request, no_text, outcome, members, buffer, capacity);
    const bool kept = buffer[capacity] == '~';
    const size_t bytes = encoded.http.body.bytes;
    memcpy(encoded.body, buffer, bytes <= capacity ? bytes : 0);
    const bool in_buffer = bytes == 0 || encoded.http.body.data == buffer;
    free(buffer);
    ck_assert(kept && in_buffer && bytes <= capacity);
    encoded.http.body.data = encoded.body;
    ck_assert(text_is(encoded.http.content_type, "application/x-amz-json-1.1"));
    ck_assert_uint_eq(encoded.http.id.bytes, 0);
    ck_assert(bytes == 0 || is_object(encoded.http.body));
    return &encoded;
}

/* An error has the status, the header and the body that go with its name, whatever the operation. */
static void check_error(const encoding *encoded, const char *body)
{
    const char *type = strchr(body, ':') + 2;
    const size_t type_bytes = strcspn(type, "\"");
    ck_assert_int_eq(encoded->result, TJOB_OK);
    ck_assert_msg(text_is(encoded->http.body, body), "%s", encoded->body);
    ck_assert_int_eq(encoded->http.status, strncmp(type, "Internal", 8) == 0 ? 500 : 400);
    ck_assert_uint_eq(encoded->http.error_type.bytes, type_bytes);
    ck_assert_mem_eq(encoded->http.error_type.data, type, type_bytes);
}

/* ---- Errors ---------------------------------------------------------------------------------------------------- */

static const tjob_event_kind operations[] = {TJOB_STOP, TJOB_DESCRIBE, TJOB_DELETE};

enum { OPERATIONS = sizeof operations / sizeof operations[0] };

static const struct {
    tjob_status status;
    tjob_state before;
    const char *body;
} refusals[] = {
    {TJOB_INVALID_ARGUMENT, TJOB_ABSENT, INVALID "\"}"},
    {TJOB_NOT_FOUND, TJOB_ABSENT,
     "{\"__type\":\"ResourceNotFoundException\",\"Message\":\"The specified resource ARN was not found. Check the ARN "
     "and try "
     "your request again.\"}"},
    {TJOB_IN_USE, TJOB_SUBMITTED, IN_USE " It is SUBMITTED; it can be deleted only after it has ended.\"}"},
    {TJOB_IN_USE, TJOB_TRAINING, IN_USE " It is TRAINING; it can be deleted only after it has ended.\"}"},
    {TJOB_IN_USE, TJOB_STOP_REQUESTED, IN_USE " It is STOP_REQUESTED; it can be deleted only after it has ended.\"}"},
    {TJOB_STALE, TJOB_TRAINING, INVALID " The incarnation or the trainer token is stale.\"}"},
    {TJOB_WRONG_STATE, TJOB_STOPPED, INVALID " This is not allowed in state STOPPED.\"}"},
    {TJOB_REFUSED_BY_POLICY, TJOB_SUBMITTED, INVALID " A recognizer in state SUBMITTED cannot be stopped.\"}"},
    {TJOB_REFUSED_BY_POLICY, TJOB_TRAINED_WITH_WARNING,
     INVALID " A recognizer in state TRAINED_WITH_WARNING cannot be stopped.\"}"},
    {TJOB_REFUSED_BY_POLICY, TJOB_DELETING, INVALID " A recognizer in state DELETING cannot be stopped.\"}"},
    {TJOB_ACCESS_DENIED, TJOB_ABSENT,
     "{\"__type\":\"AccessDeniedException\",\"Message\":\"You do not have sufficient access to perform this "
     "action.\"}"},
    {TJOB_THROTTLED, TJOB_ABSENT,
     "{\"__type\":\"TooManyRequestsException\",\"Message\":\"The number of requests exceeds the limit. Resubmit your "
     "request "
     "later.\"}"},
    {TJOB_UNKNOWN_OPERATION, TJOB_ABSENT, UNKNOWN "\"}"},
    {TJOB_MISCONFIGURED, TJOB_ABSENT, INTERNAL},
    {TJOB_UNAVAILABLE, TJOB_ABSENT, INTERNAL},
    {TJOB_FULL, TJOB_ABSENT, INTERNAL},
    {TJOB_CONTENDED, TJOB_ABSENT, INTERNAL},
    {TJOB_UNRESOLVED, TJOB_TRAINING, INTERNAL},
};

START_TEST(each_status_but_ok_is_one_error_of_every_operation)
{
    for (unsigned i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        for (unsigned k = 0; k < OPERATIONS; k++) {
            const tjob_request request = {.operation = operations[k], .arn = sample_arn};
            const tjob_outcome outcome = {.status = refusals[i].status, .before = refusals[i].before};
            check_error(encode(&request, &outcome, no_text, TJOB_RESPONSE_ERROR_BYTES_MAX), refusals[i].body);
        }
    }
}
END_TEST

static const struct {
    tjob_request_problem problem;
    size_t offset;
    const char *body;
} problems[] = {
    {TJOB_REQUEST_BAD_METHOD, 0, UNKNOWN " The method must be POST.\"}"},
    {TJOB_REQUEST_BAD_TARGET, 0, UNKNOWN " Unknown X-Amz-Target.\"}"},
    {TJOB_REQUEST_BAD_CONTENT_TYPE, 0, INVALID " Content-Type must be application/x-amz-json-1.1.\"}"},
    {TJOB_REQUEST_BODY_TOO_LARGE, 65536, INVALID " The body is larger than 65536 bytes.\"}"},
    {TJOB_REQUEST_JSON_TRUNCATED, 0, NOT_JSON "unexpected end of input, at byte 0 of the body.\"}"},
    {TJOB_REQUEST_JSON_UNEXPECTED, 1, NOT_JSON "unexpected character, at byte 1 of the body.\"}"},
    {TJOB_REQUEST_JSON_TRAILING, 10, NOT_JSON "unexpected data after the value, at byte 10 of the body.\"}"},
    {TJOB_REQUEST_JSON_BAD_LITERAL, 105, NOT_JSON "invalid literal, at byte 105 of the body.\"}"},
    {TJOB_REQUEST_JSON_BAD_NUMBER, 2345, NOT_JSON "invalid number, at byte 2345 of the body.\"}"},
    {TJOB_REQUEST_JSON_BAD_ESCAPE, 65535, NOT_JSON "invalid escape sequence, at byte 65535 of the body.\"}"},
    {TJOB_REQUEST_JSON_BAD_CHARACTER, 9, NOT_JSON "unescaped control character, at byte 9 of the body.\"}"},
    {TJOB_REQUEST_JSON_BAD_UTF8, 99, NOT_JSON "invalid UTF-8, at byte 99 of the body.\"}"},
    {TJOB_REQUEST_JSON_TOO_DEEP, 68, INVALID " The body is nested deeper than 64 levels, at byte 68 of the body.\"}"},
    {TJOB_REQUEST_NOT_OBJECT, 0, INVALID " The body must be a JSON object.\"}"},
    {TJOB_REQUEST_ARN_TWICE, 104, INVALID " EntityRecognizerArn is given twice, at byte 104 of the body.\"}"},
    {TJOB_REQUEST_ARN_MISSING, 0, INVALID " EntityRecognizerArn is required.\"}"},
    {TJOB_REQUEST_ARN_NOT_STRING, 23, INVALID " EntityRecognizerArn must be a string, at byte 23 of the body.\"}"},
};

static const char *const arn_problems[TJOB_ARN_PROBLEM_COUNT] = {
    [TJOB_ARN_BAD_PREFIX] = BAD_ARN "must begin with arn:aws:, at byte 12 of the ARN.\"}",
    [TJOB_ARN_BAD_PARTITION] = BAD_ARN "invalid partition, at byte 12 of the ARN.\"}",
    [TJOB_ARN_BAD_SERVICE] = BAD_ARN "the service must be comprehend, at byte 12 of the ARN.\"}",
    [TJOB_ARN_BAD_REGION] = BAD_ARN "the region must consist of letters, digits and '-', at byte 12 of the ARN.\"}",
    [TJOB_ARN_BAD_ACCOUNT] = BAD_ARN "the account must be 12 digits, at byte 12 of the ARN.\"}",
    [TJOB_ARN_BAD_RESOURCE] = BAD_ARN "the resource must be entity-recognizer/NAME, at byte 12 of the ARN.\"}",
    [TJOB_ARN_BAD_NAME] =
        BAD_ARN "the name must consist of letters and digits, with '-' only between them, at byte 12 of the ARN.\"}",
    [TJOB_ARN_BAD_VERSION] = BAD_ARN "only /version/NAME may follow the name, at byte 12 of the ARN.\"}",
    [TJOB_ARN_TOO_LONG] = BAD_ARN "longer than 256 bytes, at byte 12 of the ARN.\"}",
};

START_TEST(each_problem_of_a_request_is_reported_in_full_without_an_outcome)
{
    for (unsigned i = 0; i < sizeof problems / sizeof problems[0]; i++) {
        for (unsigned k = 0; k < OPERATIONS; k++) {
            const tjob_request request = {.problem = problems[i].problem,
                                          .arn_problem = TJOB_ARN_TOO_LONG, /* counts only for a malformed ARN */
                                          .offset = problems[i].offset,
                                          .operation = operations[k]};
            check_error(encode(&request, NULL, no_text, TJOB_RESPONSE_ERROR_BYTES_MAX), problems[i].body);
        }
    }
    for (int problem = 1; problem < TJOB_ARN_PROBLEM_COUNT; problem++) {
        const tjob_request request = {.problem = TJOB_REQUEST_ARN_MALFORMED,
                                      .arn_problem = (tjob_arn_problem)problem,
                                      .offset = 12,
                                      .operation = TJOB_STOP};
        check_error(encode(&request, NULL, no_text, TJOB_RESPONSE_ERROR_BYTES_MAX), arn_problems[problem]);
    }
}
END_TEST

START_TEST(a_request_that_is_not_valid_is_its_error_whatever_the_outcome)
{
    const tjob_request request = {.problem = TJOB_REQUEST_ARN_MISSING, .operation = TJOB_STOP};
    for (int status = 0; status < TJOB_STATUS_COUNT; status++) {
        const tjob_outcome outcome = {.status = (tjob_status)status, .before = TJOB_TRAINING};
        check_error(encode(&request, &outcome, no_text, TJOB_RESPONSE_BYTES_MAX),
                    INVALID " EntityRecognizerArn is required.\"}");
    }
}
END_TEST

/* ---- How large errors are -------------------------------------------------------------------------------------- */

/* Every error that there is, by number; false beyond the last. */
static bool nth_error(unsigned n, tjob_request *request, tjob_outcome *outcome)
{
    const unsigned outcomes = (TJOB_STATUS_COUNT - 1) * TJOB_STATE_COUNT;
    *request = (tjob_request){.operation = TJOB_STOP, .offset = SIZE_MAX, .arn = sample_arn};
    *outcome = (tjob_outcome){.status = TJOB_OK};
    if (n < outcomes) {
        outcome->status = (tjob_status)(n / TJOB_STATE_COUNT + 1);
        outcome->before = (tjob_state)(n % TJOB_STATE_COUNT);
        return true;
    }
    n -= outcomes;
    request->problem = (tjob_request_problem)(n < TJOB_REQUEST_ARN_MALFORMED ? n + 1 : TJOB_REQUEST_ARN_MALFORMED);
    request->arn_problem = (tjob_arn_problem)(n < TJOB_REQUEST_ARN_MALFORMED ? 0 : n - TJOB_REQUEST_ARN_MALFORMED + 1);
    return request->arn_problem < TJOB_ARN_PROBLEM_COUNT;
}

START_TEST(every_error_fits_where_the_header_says)
{
    tjob_request request;
    tjob_outcome outcome;
    size_t longest = 0;
    for (unsigned i = 0; nth_error(i, &request, &outcome); i++) {
        const encoding *encoded = encode(&request, &outcome, no_text, TJOB_RESPONSE_ERROR_BYTES_MAX);
        ck_assert_int_eq(encoded->result, TJOB_OK);
        ck_assert_uint_ne(encoded->http.body.bytes, 0);
        longest = encoded->http.body.bytes > longest ? encoded->http.body.bytes : longest;
    }
    ck_assert_uint_gt(longest, TJOB_RESPONSE_ERROR_BYTES_MAX / 4); /* so that the limit means something */
}
END_TEST

START_TEST(an_error_that_does_not_fit_has_no_body_but_its_status)
{
    tjob_request request;
    tjob_outcome outcome;
    for (unsigned i = 0; nth_error(i, &request, &outcome); i += 5) {
        const encoding whole = *encode(&request, &outcome, no_text, TJOB_RESPONSE_ERROR_BYTES_MAX);
        for (size_t capacity = 0; capacity <= whole.http.body.bytes; capacity++) {
            const encoding *encoded = encode(&request, &outcome, no_text, capacity);
            const bool fits = capacity == whole.http.body.bytes;
            ck_assert_int_eq(encoded->result, fits ? TJOB_OK : TJOB_MISCONFIGURED);
            ck_assert_int_eq(encoded->http.status, whole.http.status);
            ck_assert_uint_eq(encoded->http.body.bytes, fits ? whole.http.body.bytes : 0);
            ck_assert_ptr_eq(encoded->http.error_type.data, whole.http.error_type.data);
        }
    }
}
END_TEST

/* ---- Stop and delete ------------------------------------------------------------------------------------------- */

START_TEST(a_stop_or_delete_that_was_accepted_is_an_empty_200_and_needs_no_buffer)
{
    static const tjob_event_kind kinds[] = {TJOB_STOP, TJOB_DELETE};
    for (unsigned i = 0; i < 2; i++) {
        const tjob_request request = {.operation = kinds[i], .arn = sample_arn};
        const tjob_outcome outcome = {.status = TJOB_OK, .job = sample_job(TJOB_STOPPED)};
        tjob_http_response http;
        memset(&http, 0xa5, sizeof http);
        ck_assert_int_eq(tjob_response_encode(&http, &request, no_text, &outcome, no_text, NULL, 0), TJOB_OK);
        ck_assert_int_eq(http.status, 200);
        ck_assert_uint_eq(http.body.bytes, 0);
        ck_assert_uint_eq(http.error_type.bytes, 0);
        ck_assert_uint_eq(http.id.bytes, 0);
        ck_assert(text_is(http.content_type, "application/x-amz-json-1.1"));
        ck_assert_uint_eq(encode(&request, &outcome, no_text, TJOB_RESPONSE_BYTES_MAX)->http.body.bytes, 0);
    }
}
END_TEST

/* ---- The id of a request --------------------------------------------------------------------------------------- */

static tjob_text answered_id(tjob_text id)
{
    const tjob_request request = {.operation = TJOB_STOP, .arn = sample_arn};
    const tjob_outcome outcome = {.status = TJOB_OK};
    tjob_http_response http;
    (void)tjob_response_encode(&http, &request, id, &outcome, no_text, NULL, 0);
    return http.id;
}

START_TEST(an_id_is_answered_if_a_header_can_bear_it)
{
    static const size_t places[] = {0, 17, 35};
    for (unsigned byte = 0; byte < 256; byte++) {
        for (unsigned i = 0; i < 3; i++) {
            char bytes[] = "d2f1c1a5-6a3f-4b1e-9d0c-0123456789ab";
            bytes[places[i]] = (char)(unsigned char)byte;
            const tjob_text copy = exact_copy(bytes, 36);
            const tjob_text answered = answered_id(copy);
            exact_free(copy);
            const bool visible = byte >= 0x21 && byte <= 0x7e;
            ck_assert_msg(answered.bytes == (visible ? 36 : 0), "0x%02x at %zu", byte, places[i]);
            ck_assert(!visible || answered.data == copy.data);
        }
    }
    ck_assert_uint_eq(answered_id((tjob_text)TJOB_TEXT("a\r\nSet-Cookie:x")).bytes, 0);
    ck_assert_uint_eq(answered_id((tjob_text){NULL, 0}).bytes, 0);
}
END_TEST

START_TEST(an_id_may_have_128_bytes_and_not_one_more)
{
    static const size_t lengths[] = {0, 1, 127, 128, 129, 1000000, SIZE_MAX};
    char id[128];
    memset(id, 'i', sizeof id);
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        ck_assert_uint_eq(answered_id((tjob_text){id, lengths[i]}).bytes, lengths[i] <= 128 ? lengths[i] : 0);
    }
}
END_TEST

START_TEST(an_error_answers_the_id_too)
{
    const tjob_request request = {.problem = TJOB_REQUEST_ARN_MISSING};
    const tjob_text id = TJOB_TEXT("request-1");
    char body[TJOB_RESPONSE_ERROR_BYTES_MAX];
    tjob_http_response http;
    ck_assert_int_eq(tjob_response_encode(&http, &request, id, NULL, no_text, body, sizeof body), TJOB_OK);
    ck_assert(text_is(http.id, "request-1"));
}
END_TEST

RUN_TESTS("response", {each_status_but_ok_is_one_error_of_every_operation, 0},
          {each_problem_of_a_request_is_reported_in_full_without_an_outcome, 0},
          {a_request_that_is_not_valid_is_its_error_whatever_the_outcome, 0},
          {every_error_fits_where_the_header_says, 0}, {an_error_that_does_not_fit_has_no_body_but_its_status, 0},
          {a_stop_or_delete_that_was_accepted_is_an_empty_200_and_needs_no_buffer, 0},
          {an_id_is_answered_if_a_header_can_bear_it, 0}, {an_id_may_have_128_bytes_and_not_one_more, 0},
          {an_error_answers_the_id_too, 0})
