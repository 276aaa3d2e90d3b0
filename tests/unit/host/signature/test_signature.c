/* What is said of requests that are not signed as they should be, and how it is answered. */
#include <stdlib.h>
#include <string.h>

#include "host/signature/parts.h"
#include "support/suite.h"
#include "unit/host/signature/requests.h"
#include "unit/host/signature/wire_request.h"

#define PAST_LIMIT(x) x x x x x x x x
#define LONGEST_ELEMENT PAST_LIMIT("abcdefgh")

/* A request that one replacement was made in, the status that it has then, and its message or the beginning of it. */
typedef struct refusal {
    const char *request;
    const char *from;
    const char *to;
    tjob_signature_status status;
    const char *message;
} refusal;

static const refusal refusals[] = {
    {RECORDED_STOP, "Authorization:", "Authorisation:", TJOB_SIGNATURE_MISSING, "Missing Authentication Token"},
    {RECORDED_STOP, "AWS4-HMAC-SHA256 Cred", "Bearer Cred", TJOB_SIGNATURE_MISSING, "Missing Authentication Token"},
    {RECORDED_STOP, "AWS4-HMAC-SHA256 Cred", "AWS3 Cred", TJOB_SIGNATURE_MISSING, "Missing Authentication Token"},
    {RECORDED_STOP, "POST / ", "POST /?X-Amz-Algorithm=AWS4-HMAC-SHA256 ", TJOB_SIGNATURE_BOTH_FORMS,
     "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."},
    /* The Authorization header */
    {RECORDED_STOP, "AWS4-HMAC-SHA256 Credential", "AWS4-HMAC-SHA256, Credential", TJOB_SIGNATURE_BAD_ALGORITHM,
     "Unsupported AWS 'algorithm' (only AWS4-HMAC-SHA256 for now)."},
    {RECORDED_STOP, "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", TJOB_SIGNATURE_BAD_ALGORITHM,
     "Unsupported AWS 'algorithm' (only AWS4-HMAC-SHA256 for now)."},
    {RECORDED_STOP, "Credential=", "Credential", TJOB_SIGNATURE_MALFORMED, "The Authorization header, "},
    {RECORDED_STOP, "Credential=", "Credentials=", TJOB_SIGNATURE_MALFORMED, "The Authorization header, "},
    {RECORDED_STOP, "Credential=", "Signature=0, Credential=", TJOB_SIGNATURE_MALFORMED, "The Authorization header, "},
    {RECORDED_STOP, ", Signature=", ",, Signature=", TJOB_SIGNATURE_MALFORMED, "The Authorization header, "},
    {RECORDED_STOP, ", Signature=", "; Signature=", TJOB_SIGNATURE_INCOMPLETE,
     "Authorization header requires 'Signature' parameter. "},
    {RECORDED_STOP, "Credential=" RECORDED_SCOPE ", ", "", TJOB_SIGNATURE_INCOMPLETE,
     "Authorization header requires 'Credential' parameter. "},
    {RECORDED_STOP, "Credential=" RECORDED_SCOPE, "Credential=", TJOB_SIGNATURE_INCOMPLETE,
     "Authorization header requires 'Credential' parameter. "},
    {RECORDED_STOP, "SignedHeaders=content-type;host;x-amz-date;x-amz-target, ", "", TJOB_SIGNATURE_INCOMPLETE,
     "Authorization header requires 'SignedHeaders' parameter. "},
    {"POST / HTTP/1.1\nAuthorization: AWS4-HMAC-SHA256\n\n", " / ", " / ", TJOB_SIGNATURE_INCOMPLETE,
     "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. "
     "Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a "
     "'X-Amz-Date' or a 'Date' header. "},
    /* The credential */
    {RECORDED_STOP, "/aws4_request", "", TJOB_SIGNATURE_BAD_CREDENTIAL, "Credential must have exactly 5 "},
    {RECORDED_STOP, "/aws4_request", "/aws4_request/", TJOB_SIGNATURE_BAD_CREDENTIAL,
     "Credential must have exactly 5 "},
    {RECORDED_STOP, RECORDED_SCOPE, "AKIDEXAMPLE", TJOB_SIGNATURE_BAD_CREDENTIAL, "Credential must have exactly 5 "},
    {RECORDED_STOP, RECORDED_SCOPE, "AKIDEXAMPLE/20261128", TJOB_SIGNATURE_BAD_CREDENTIAL,
     "Credential must have exactly 5 "},
    {RECORDED_STOP, RECORDED_SCOPE, "AKIDEXAMPLE/20261128/r", TJOB_SIGNATURE_BAD_CREDENTIAL,
     "Credential must have exactly 5 "},
    {RECORDED_STOP, "us-west-2/", "us-west-1/", TJOB_SIGNATURE_BAD_SCOPE,
     "Credential should be scoped to a valid region, not 'us-west-1'. "},
    {RECORDED_STOP, "us-west-2/", "/", TJOB_SIGNATURE_BAD_SCOPE,
     "Credential should be scoped to a valid region, not ''. "},
    {RECORDED_STOP, "us-west-2/", "us_west-2\"\\/", TJOB_SIGNATURE_BAD_SCOPE,
     "Credential should be scoped to a valid region, not 'us_west-2"},
    {RECORDED_STOP, "us-west-2/", "US-west-2/", TJOB_SIGNATURE_BAD_SCOPE,
     "Credential should be scoped to a valid region, not 'US-west-2'. "},
    {RECORDED_STOP, "us-west-2/", PAST_LIMIT("abcdefghij") "/", TJOB_SIGNATURE_BAD_SCOPE,
     "Credential should be scoped to a valid region, not 'abcdefghijabcdefghijabcdefghijabcdefghijabcdefgh'. "},
    {RECORDED_STOP, "/comprehend/", "/s3/", TJOB_SIGNATURE_BAD_SCOPE,
     "Credential should be scoped to correct service: 'comprehend'. "},
    {RECORDED_STOP, "/comprehend/", "/" PAST_LIMIT("abcdefghij") "/", TJOB_SIGNATURE_BAD_SCOPE,
     "Credential should be scoped to correct service: 'comprehend'. "},
    {RECORDED_STOP, "/aws4_request", "/aws5_request", TJOB_SIGNATURE_BAD_SCOPE,
     "Credential should be scoped with a valid terminator: 'aws4_request'. "},
    {RECORDED_STOP, "/20261128/", "/20261129/", TJOB_SIGNATURE_BAD_SCOPE,
     "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP. "},
    {RECORDED_STOP, RECORDED_SCOPE, "AKIDEXAMPLE/1/2/3/4", TJOB_SIGNATURE_BAD_SCOPE,
     "Credential should be scoped to a valid region, not '2'. Credential should be scoped to correct service: "
     "'comprehend'. Credential should be scoped with a valid terminator: 'aws4_request'. Date in Credential scope does "
     "not match YYYYMMDD from ISO-8601 version of date from HTTP. "},
    {RECORDED_STOP, "AKIDEXAMPLE", "AKIDEXAMPLF", TJOB_SIGNATURE_UNKNOWN_KEY,
     "The security token included in the request is invalid."},
    {RECORDED_STOP, "AKIDEXAMPLE", "AKIDEXAMPLEX", TJOB_SIGNATURE_UNKNOWN_KEY,
     "The security token included in the request is invalid."},
    {RECORDED_STOP, "AKIDEXAMPLE", "", TJOB_SIGNATURE_UNKNOWN_KEY,
     "The security token included in the request is invalid."},
    {RECORDED_STOP, "AKIDEXAMPLE", PAST_LIMIT("AKIDEXAMPLEAKIDEXAMPLE"), TJOB_SIGNATURE_UNKNOWN_KEY,
     "The security token included in the request is invalid."},
    /* The date */
    {RECORDED_STOP, "X-Amz-Date:", "X-Other-Date:", TJOB_SIGNATURE_INCOMPLETE,
     "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "},
    {RECORDED_STOP, "20261128T135012Z", "2026-11-28T13:50:12Z", TJOB_SIGNATURE_BAD_DATE,
     "Date must be in ISO-8601 'basic format'. Got '2026-11-28T13:50:12Z'. See http://en.wikipedia.org/wiki/ISO_8601"},
    {RECORDED_STOP, "20261128T135012Z", "20261128T134511Z", TJOB_SIGNATURE_EXPIRED,
     "Signature expired: 20261128T134511Z is now earlier than 20261128T134512Z (20261128T135012Z - 5 min.)"},
    {RECORDED_STOP, "20261128T135012Z", "20261128T134512Z", TJOB_SIGNATURE_MISMATCH,
     "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
     "and signing method. Consult the service documentation for details."},
    {RECORDED_STOP, "20261128T135012Z", "20261128T135512Z", TJOB_SIGNATURE_MISMATCH, "The request signature we "},
    {RECORDED_STOP, "20261128T135012Z", "20261128T135513Z", TJOB_SIGNATURE_NOT_YET_CURRENT,
     "Signature not yet current: 20261128T135513Z is still later than 20261128T135512Z (20261128T135012Z + 5 min.)"},
    {RECORDED_STOP, "20261128T135012Z", "99991231T235959Z", TJOB_SIGNATURE_NOT_YET_CURRENT, "Signature not yet "},
    {RECORDED_STOP, "20261128T135012Z", "00000101T000000Z", TJOB_SIGNATURE_EXPIRED, "Signature expired: 00000101T00"},
    /* The signed headers */
    {RECORDED_STOP, "=content-type;host;", "=content-type;", TJOB_SIGNATURE_UNSIGNED,
     "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
    {RECORDED_STOP, ";x-amz-target,", ",", TJOB_SIGNATURE_UNSIGNED,
     "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."},
    {RECORDED_STOP, "amz-sdk-request:", "x-AMZ-other:", TJOB_SIGNATURE_UNSIGNED,
     "'x-AMZ-other' must be a 'SignedHeader' in the AWS Authorization."},
    {RECORDED_STOP, "amz-sdk-request:", "x-amzn-trace-id:", TJOB_SIGNATURE_OK, ""}, /* a load balancer's */
    {RECORDED_STOP, "=content-type;host;", "=accept;content-type;host;", TJOB_SIGNATURE_ABSENT,
     "'accept' is named as a SignedHeader, but it does not exist in the HTTP request."},
    {RECORDED_STOP, "=content-type;host;", "=Content-Type;host;", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "=content-type;host;", "=host;content-type;", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "=content-type;host;", "=content-type;host;host;", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "=content-type;host;", "=;content-type;host;", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "=content-type;host;", "=content type;host;", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "=content-type;host;", "=content-length;content-type;host;", TJOB_SIGNATURE_MISMATCH,
     "The request "},
    /* Headers that are there twice */
    {RECORDED_STOP, "amz-sdk-request: ", "Authorization: AWS4-HMAC-SHA256", TJOB_SIGNATURE_REPEATED, "A header that "},
    {RECORDED_STOP, "amz-sdk-request: ", "HOST: 127.0.0.1:8080", TJOB_SIGNATURE_REPEATED, "A header that "},
    {RECORDED_STOP, "amz-sdk-request: ", "x-amz-date: ", TJOB_SIGNATURE_REPEATED, "A header that "},
    {RECORDED_STOP, "amz-sdk-request: ", "x-amz-target: ", TJOB_SIGNATURE_REPEATED, "A header that "},
    {RECORDED_STOP, "amz-sdk-request: ", "content-type: ", TJOB_SIGNATURE_REPEATED, "A header that "},
    {RECORDED_STOP, "amz-sdk-request: ", "content-length: ", TJOB_SIGNATURE_REPEATED, "A header that "},
    /* The rest of the head */
    {RECORDED_STOP, "POST", "post", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "POST", "P\xc3\xb6ST", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "POST", "", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "POST", PAST_LIMIT("ABCDE"), TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "POST / ", "POST * ", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "POST / ", "POST http://127.0.0.1:8080/ ", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "POST / ", "POST  ", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "POST / ", "POST /.././/../ ", TJOB_SIGNATURE_OK, ""},
    {RECORDED_STOP, "attempt=1", "attempt=\r", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "attempt=1", "attempt=\x7f", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "attempt=1", "attempt=\t\xff", TJOB_SIGNATURE_OK, ""},
    {RECORDED_STOP, "POST / ", "POST /?a=%4 ", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "POST / ", "POST /?a=xy%4 ", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "POST / ", "POST /?xy% ", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "POST / ", "POST /?a=%g0 ", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "POST / ", "POST /?%0G ", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {RECORDED_STOP, "POST / ", "POST /?%2a=%C3%bc&& ", TJOB_SIGNATURE_MISMATCH, "The request "},
    /* The payload, and the token */
    {STOP_WITHOUT_PAYLOAD, " / ", " / ", TJOB_SIGNATURE_BAD_PAYLOAD,
     "The provided 'x-amz-content-sha256' header does not match what was computed."},
    {STOP_WITH_TOKEN, " / ", " / ", TJOB_SIGNATURE_BAD_TOKEN, "The security token included in the request is invalid."},
    {STOP_WITH_TOKEN, "token\n", "other\n", TJOB_SIGNATURE_MISMATCH, "The request "},
    /* Presigned */
    {PRESIGNED_STOP, " HTTP/", "&X-Amz-Security-Token=t HTTP/", TJOB_SIGNATURE_MISMATCH, "The request "},
    {PRESIGNED_STOP, " HTTP/", "&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD HTTP/", TJOB_SIGNATURE_BAD_PAYLOAD, "The prov"},
    {PRESIGNED_STOP, "Signature=", "Signature=0&X-Amz-Signature=", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {PRESIGNED_STOP, "X-Amz-Signature", "X-Amz-Other", TJOB_SIGNATURE_INCOMPLETE,
     "AWS query-string parameters must include 'X-Amz-Signature'. "},
    {PRESIGNED_STOP, "X-Amz-Credential", "X-Amz-Other", TJOB_SIGNATURE_INCOMPLETE,
     "AWS query-string parameters must include 'X-Amz-Credential'. "},
    {PRESIGNED_STOP, "X-Amz-SignedHeaders", "X-Amz-Other", TJOB_SIGNATURE_INCOMPLETE,
     "AWS query-string parameters must include 'X-Amz-SignedHeaders'. "},
    {PRESIGNED_STOP, "X-Amz-Date", "X-Amz-Other", TJOB_SIGNATURE_INCOMPLETE,
     "AWS query-string parameters must include 'X-Amz-Date'. "},
    {PRESIGNED_STOP, "=AWS4-HMAC-SHA256", "=AWS4", TJOB_SIGNATURE_BAD_ALGORITHM, "Unsupported AWS 'algorithm' "},
    {PRESIGNED_STOP, "X-Amz-Algorithm", "X-Amz-Other", TJOB_SIGNATURE_MISSING, "Missing Authentication Token"},
    {PRESIGNED_STOP, "host%3Bx-amz-target", "host", TJOB_SIGNATURE_UNSIGNED, "'X-Amz-Target' must be "},
    {PRESIGNED_STOP, "Expires=60", "Expires=61", TJOB_SIGNATURE_MISMATCH, "The request "},
    {PRESIGNED_STOP, "Expires=60", "Expires=604800", TJOB_SIGNATURE_MISMATCH, "The request "},
    {PRESIGNED_STOP, "Expires=60", "Expires=604801", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {PRESIGNED_STOP, "Expires=60", "Expires=99999999999999999999", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {PRESIGNED_STOP, "Expires=60", "Expires=0", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {PRESIGNED_STOP, "Expires=60", "Expires=", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {PRESIGNED_STOP, "Expires=60", "Expires=-1", TJOB_SIGNATURE_MALFORMED, "The Authorization "},
    {PRESIGNED_STOP, "Expires=60", "Other=60", TJOB_SIGNATURE_MISMATCH, "The request "},
};

enum { REFUSALS = sizeof refusals / sizeof refusals[0] };

START_TEST(it_says_what_is_wrong)
{
    const refusal *r = &refusals[_i];
    char *text = replaced(r->request, r->from, r->to);
    const tjob_signature_result result = wire_request_verify(text, example_credentials(NULL, "us-west-2"), SIGNED_TIME);
    ck_assert_msg(result.status == r->status && strncmp(result.message, r->message, strlen(r->message)) == 0 &&
                      (r->message[0] != '\0' || result.message[0] == '\0'),
                  "%s -> %s: %d %s", r->from, r->to, result.status, result.message);
    free(text);
}
END_TEST

START_TEST(it_accepts_what_clients_sign)
{
    static const char *const requests[] = {RECORDED_STOP, RECORDED_DESCRIBE, RECORDED_DELETE, PRESIGNED_STOP,
                                           DATED_STOP};
    for (unsigned i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        for (int offset = -300; offset <= 60; offset += 60) {
            const tjob_signature_result result =
                wire_request_verify(requests[i], example_credentials(NULL, NULL), SIGNED_TIME + offset);
            ck_assert_msg(result.status == TJOB_SIGNATURE_OK, "%u, %d: %s", i, offset, result.message);
            ck_assert_uint_eq(result.key, 0);
        }
    }
}
END_TEST

START_TEST(a_presigned_request_expires)
{
    const tjob_signature_result result =
        wire_request_verify(PRESIGNED_STOP, example_credentials(NULL, NULL), SIGNED_TIME + 61);
    ck_assert_int_eq(result.status, TJOB_SIGNATURE_EXPIRED);
    ck_assert_str_eq(result.message, "Signature expired: 20261128T135012Z is now earlier than 20261128T135013Z "
                                     "(20261128T135113Z - 1 min.)");
    char *text = replaced(PRESIGNED_STOP, "Expires=60", "Expires=17");
    ck_assert_str_eq(wire_request_verify(text, example_credentials(NULL, NULL), SIGNED_TIME + 18).message,
                     "Signature expired: 20261128T135012Z is now earlier than 20261128T135013Z "
                     "(20261128T135030Z - 17 sec.)");
    free(text);
}
END_TEST

START_TEST(a_clock_may_be_anywhere)
{
    static const int64_t times[] = {INT64_MIN, -1, 0, INT64_MAX};
    wire_request wire;
    tjob_signature_result result;
    wire_request_read(&wire, RECORDED_STOP);
    for (unsigned i = 0; i < 4; i++) {
        const bool early = times[i] <= 0;
        ck_assert_int_eq(tjob_signature_verify(&wire.request, example_credentials(NULL, NULL), times[i], &result),
                         early ? TJOB_SIGNATURE_NOT_YET_CURRENT : TJOB_SIGNATURE_EXPIRED);
        ck_assert_ptr_nonnull(strstr(result.message, early ? "(19700101T000000Z + 5 min.)" : "(99991231T235959Z - 5"));
    }
    wire_request_free(&wire);
    /* The farthest that a request can be from a clock. */
    char *text = replaced(RECORDED_STOP, "20261128T135012Z", "00000101T000000Z");
    wire_request_read(&wire, text);
    ck_assert_int_eq(tjob_signature_verify(&wire.request, example_credentials(NULL, NULL), INT64_MAX, &result),
                     TJOB_SIGNATURE_EXPIRED);
    wire_request_free(&wire);
    free(text);
}
END_TEST

START_TEST(the_longest_scope_fits)
{
    static const char scope[] = "/20261128/" LONGEST_ELEMENT "/" LONGEST_ELEMENT "/aws4_request";
    char *text = replaced(RECORDED_STOP, "/20261128/us-west-2/comprehend/aws4_request", scope);
    ck_assert_int_eq(wire_request_verify(text, example_credentials(LONGEST_ELEMENT, NULL), SIGNED_TIME).status,
                     TJOB_SIGNATURE_MISMATCH);
    free(text);
}
END_TEST

/* A request with something put behind a place, a piece so many times: what it gets with that, and with one piece
 * more. */
static const struct {
    const char *request;
    const char *place;
    const char *begin;
    const char *piece;
    size_t most;
    tjob_signature_status at_most;
    tjob_signature_status beyond;
} limits[] = {
    {RECORDED_STOP, "POST /", "", "x", TJOB_SIGNATURE_PATH_BYTES_MAX - 1, TJOB_SIGNATURE_MISMATCH,
     TJOB_SIGNATURE_TOO_MANY},
    {RECORDED_STOP, "POST /", "?x", "&", TJOB_SIGNATURE_PARAMETERS_MAX - 1, TJOB_SIGNATURE_MISMATCH,
     TJOB_SIGNATURE_TOO_MANY},
    {RECORDED_STOP, "HTTP/1.1\n", "", "a:\n", TJOB_SIGNATURE_HEADERS_MAX - 9, TJOB_SIGNATURE_OK,
     TJOB_SIGNATURE_TOO_MANY},
    /* The values of a presigned query, decoded: those of this one have 169 bytes. */
    {PRESIGNED_STOP, "X-Amz-Credential=", "", "%41", SIGNATURE_DECODED_BYTES_MAX - 169, TJOB_SIGNATURE_UNKNOWN_KEY,
     TJOB_SIGNATURE_MALFORMED},
};

START_TEST(there_are_limits)
{
    static char text[8192];
    for (size_t more = 0; more < 2; more++) {
        strcat(strcpy(text, limits[_i].place), limits[_i].begin);
        for (size_t at = 0; at < limits[_i].most + more; at++) {
            strcat(text, limits[_i].piece);
        }
        char *request = replaced(limits[_i].request, limits[_i].place, text);
        const tjob_signature_result result = wire_request_verify(request, example_credentials(NULL, NULL), SIGNED_TIME);
        ck_assert_msg(result.status == (more == 0 ? limits[_i].at_most : limits[_i].beyond), "%s x %zu: %s",
                      limits[_i].piece, limits[_i].most + more, result.message);
        free(request);
    }
}
END_TEST

START_TEST(a_request_of_nothing_is_refused)
{
    const tjob_signed_request nothing = {0};
    tjob_credentials none = {0};
    tjob_signature_result result;
    ck_assert_int_eq(tjob_signature_verify(&nothing, &none, 0, &result), TJOB_SIGNATURE_MALFORMED);
    ck_assert_int_eq(wire_request_verify(RECORDED_STOP, &none, SIGNED_TIME).status, TJOB_SIGNATURE_UNKNOWN_KEY);
    wire_request wire;
    wire_request_read(&wire, RECORDED_STOP);
    const tjob_text body = wire.request.body;
    wire.request.body = (tjob_text){NULL, 0};
    ck_assert_int_eq(
        tjob_signature_verify(&wire.request, example_credentials(NULL, NULL), SIGNED_TIME * INT64_C(1000), &result),
        TJOB_SIGNATURE_MISMATCH);
    wire.request.body = body;
    wire_request_free(&wire);
}
END_TEST

START_TEST(every_status_has_an_answer)
{
    for (int i = 0; i <= TJOB_SIGNATURE_STATUS_COUNT; i++) {
        const tjob_signature_answer answer = tjob_signature_error((tjob_signature_status)i);
        ck_assert_int_eq(answer.http_status, i == 0 ? 200 : i >= TJOB_SIGNATURE_UNAVAILABLE ? 500 : 400);
        ck_assert_int_eq(answer.error[0] == '\0', i == 0);
    }
}
END_TEST

START_TEST(an_error_is_answered_as_all_others)
{
    char body[TJOB_RESPONSE_ERROR_BYTES_MAX];
    tjob_http_response response;
    tjob_signature_result result = {.status = TJOB_SIGNATURE_UNKNOWN_KEY, .message = "No."};
    static const char wanted[] = "{\"__type\":\"UnrecognizedClientException\",\"Message\":\"No.\"}";
    ck_assert_int_eq(tjob_signature_respond(&result, &response, body, sizeof body), TJOB_OK);
    ck_assert_int_eq(response.status, 400);
    ck_assert_uint_eq(response.body.bytes, sizeof wanted - 1);
    ck_assert_mem_eq(response.body.data, wanted, sizeof wanted - 1);
    ck_assert_mem_eq(response.error_type.data, "UnrecognizedClientException", response.error_type.bytes);
    ck_assert_mem_eq(response.content_type.data, "application/x-amz-json-1.1", response.content_type.bytes);
    ck_assert_uint_eq(response.id.bytes, 0);
    for (size_t capacity = 0; capacity < sizeof wanted; capacity++) {
        char *small = malloc(capacity + 1);
        ck_assert_int_eq(tjob_signature_respond(&result, &response, small, capacity), TJOB_MISCONFIGURED);
        ck_assert_uint_eq(response.body.bytes, 0);
        free(small);
    }
    ck_assert_int_eq(tjob_signature_respond(&result, &response, body, sizeof wanted), TJOB_OK);
    /* The longest message fits. */
    memset(result.message, 'x', sizeof result.message - 1);
    result.status = TJOB_SIGNATURE_MISSING;
    ck_assert_int_eq(tjob_signature_respond(&result, &response, body, sizeof body), TJOB_OK);
}
END_TEST

START_TEST(the_authorizer_asks_the_key)
{
    const tjob_authorizer authorizer = tjob_signature_authorizer();
    const tjob_text arn = TJOB_TEXT(ARN_OF_RECORDED);
    tjob_signature_result result = wire_request_verify(RECORDED_STOP, example_credentials(NULL, NULL), SIGNED_TIME);
    ck_assert_int_eq(authorizer.authorize(authorizer.context, &result, arn, NULL), TJOB_AUTHORIZATION_ALLOWED);
    result.key = 1;
    ck_assert_int_eq(authorizer.authorize(authorizer.context, &result, arn, NULL), TJOB_AUTHORIZATION_DENIED);
    result.key = 0;
    result.status = TJOB_SIGNATURE_MISMATCH;
    ck_assert_int_eq(authorizer.authorize(authorizer.context, &result, arn, NULL), TJOB_AUTHORIZATION_DENIED);
    ck_assert_int_eq(authorizer.authorize(authorizer.context, NULL, arn, NULL), TJOB_AUTHORIZATION_DENIED);
}
END_TEST

RUN_TESTS("signature", {it_says_what_is_wrong, REFUSALS}, {it_accepts_what_clients_sign, 0},
          {a_presigned_request_expires, 0}, {a_clock_may_be_anywhere, 0}, {the_longest_scope_fits, 0},
          {there_are_limits, sizeof limits / sizeof limits[0]}, {a_request_of_nothing_is_refused, 0},
          {every_status_has_an_answer, 0}, {an_error_is_answered_as_all_others, 0}, {the_authorizer_asks_the_key, 0})
