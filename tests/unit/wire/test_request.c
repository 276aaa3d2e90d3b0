/* From the bytes of a request to an operation, row by row of what can be wrong with one. */
#include "tjob/request.h"

#include <stdio.h>

#include "support/jobs.h"
#include "support/suite.h"
#include "unit/exact.h"

#define POST "POST"
#define STOP "Comprehend_20171127.StopTrainingEntityRecognizer"
#define TYPE "application/x-amz-json-1.1"
#define ARN "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/examplerecognizer1"
#define BODY "{\"EntityRecognizerArn\":\"" ARN "\"}"

/* ---- Decoding copies without a byte to spare ------------------------------------------------------------------- */

static char arn_buffer[TJOB_ARN_BYTES_MAX];

static tjob_request decode_by(tjob_http_request http, tjob_arn_grammar grammar)
{
    tjob_text *const texts[] = {&http.method, &http.target, &http.content_type, &http.body, &http.id};
    enum { TEXTS = sizeof texts / sizeof texts[0] };
    for (unsigned i = 0; i < TEXTS; i++) {
        *texts[i] = exact_copy(texts[i]->data, texts[i]->bytes);
    }
    char *arn = malloc(TJOB_ARN_BYTES_MAX);
    tjob_request request;
    memset(&request, 0xa5, sizeof request);
    const tjob_request_problem problem = tjob_request_decode(&request, &http, grammar, arn);
    const bool in_buffer = request.arn.data == arn;
    memcpy(arn_buffer, arn, problem == TJOB_REQUEST_VALID ? request.arn.bytes : 0);
    free(arn);
    for (unsigned i = 0; i < TEXTS; i++) {
        exact_free(*texts[i]);
    }
    ck_assert_int_eq(request.problem, problem);
    ck_assert(problem == TJOB_REQUEST_VALID ? in_buffer : request.arn.bytes == 0);
    request.arn.data = arn_buffer;
    return request;
}

static tjob_request decode(const char *method, const char *target, const char *type, tjob_text body)
{
    const tjob_http_request http = {.method = {method, strlen(method)},
                                    .target = {target, strlen(target)},
                                    .content_type = {type, strlen(type)},
                                    .body = body};
    return decode_by(http, TJOB_ARN_REFERENCE);
}

static tjob_request decode_body(tjob_text body)
{
    return decode(POST, STOP, TYPE, body);
}

static const tjob_text valid_body = TJOB_TEXT(BODY);

/* ---- The whole and its parts ----------------------------------------------------------------------------------- */

START_TEST(each_operation_is_known_by_its_target)
{
    static const struct {
        const char *target;
        tjob_event_kind operation;
    } operations[] = {
        {STOP, TJOB_STOP},
        {"Comprehend_20171127.DescribeEntityRecognizer", TJOB_DESCRIBE},
        {"Comprehend_20171127.DeleteEntityRecognizer", TJOB_DELETE},
    };
    for (unsigned i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        const char *target = operations[i].target;
        const tjob_request request = decode(POST, target, TYPE, valid_body);
        ck_assert_int_eq(request.problem, TJOB_REQUEST_VALID);
        ck_assert_int_eq(request.arn_problem, TJOB_ARN_VALID);
        ck_assert_int_eq(request.operation, operations[i].operation);
        ck_assert_uint_eq(request.offset, 0);
        ck_assert_uint_eq(request.arn.bytes, sample_arn.bytes);
        ck_assert_mem_eq(request.arn.data, sample_arn.data, sample_arn.bytes);
        ck_assert(tjob_request_is_known((tjob_text){POST, 4}, (tjob_text){target, strlen(target)}));
    }
}
END_TEST

static const struct {
    const char *method;
    const char *target;
    const char *type;
    tjob_request_problem problem;
} headers[] = {
    {"", STOP, TYPE, TJOB_REQUEST_BAD_METHOD},
    {"GET", STOP, TYPE, TJOB_REQUEST_BAD_METHOD},
    {"post", STOP, TYPE, TJOB_REQUEST_BAD_METHOD},
    {"POS", STOP, TYPE, TJOB_REQUEST_BAD_METHOD},
    {"POSTS", STOP, TYPE, TJOB_REQUEST_BAD_METHOD},
    {"POSU", STOP, TYPE, TJOB_REQUEST_BAD_METHOD},
    {" POST", STOP, TYPE, TJOB_REQUEST_BAD_METHOD},
    {"POST ", STOP, TYPE, TJOB_REQUEST_BAD_METHOD},
    {POST, "", TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, "StopTrainingEntityRecognizer", TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, "Comprehend_20171127", TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, "Comprehend_20171127.", TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, "Comprehend_20171127.StopTrainingEntityRecognize", TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, STOP "s", TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, STOP " ", TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, " " STOP, TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, "Comprehend_20171127.stopTrainingEntityRecognizer", TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, "comprehend_20171127.StopTrainingEntityRecognizer", TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, "Comprehend_20171128.StopTrainingEntityRecognizer", TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, "Comprehend_20171127:StopTrainingEntityRecognizer", TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, "Comprehend_20171127..StopTrainingEntityRecognizer", TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, "Comprehend_20171127.StopTrainingDocumentClassifier", TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, "Comprehend_20171127.CreateEntityRecognizer", TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, "Comprehend_20171127.StopEntityRecognizer", TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, STOP "," STOP, TYPE, TJOB_REQUEST_BAD_TARGET},
    {POST, STOP, "", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, " ", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, ";", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "application/json", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "application/x-amz-json-1.0", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "application/x-amz-json-1.", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "application/x-amz-json-1.10", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "application/x-amz-json-1.1x", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "application/x-amz-json-1.1 x", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "application/x-amz-json-1.1,", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "application/x-amz-json-1.1\r", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "application/x-amz-json-1.1\n;", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "application /x-amz-json-1.1", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "application/x-amz-json-1\x0e\x31", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "application\x0fx-amz-json-1.1", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "application/x\ramz-json-1.1", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "application/x-amz-json-\x11.1", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "\xe1pplication/x-amz-json-1.1", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "text/plain; application/x-amz-json-1.1", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "\"application/x-amz-json-1.1\"", TJOB_REQUEST_BAD_CONTENT_TYPE},
    {POST, STOP, "Application/X-AMZ-Json-1.1", TJOB_REQUEST_VALID},
    {POST, STOP, "APPLICATION/X-AMZ-JSON-1.1", TJOB_REQUEST_VALID},
    {POST, STOP, "application/x-amz-json-1.1;", TJOB_REQUEST_VALID},
    {POST, STOP, "application/x-amz-json-1.1;charset=utf-8", TJOB_REQUEST_VALID},
    {POST, STOP, "application/x-amz-json-1.1; charset=UTF-8", TJOB_REQUEST_VALID},
    {POST, STOP, "application/x-amz-json-1.1 \t; charset=\"utf-8\"; x=y", TJOB_REQUEST_VALID},
    {POST, STOP, " \tapplication/x-amz-json-1.1", TJOB_REQUEST_VALID},
    {POST, STOP, "application/x-amz-json-1.1 \t", TJOB_REQUEST_VALID},
};

START_TEST(method_and_target_are_compared_to_the_letter_and_the_media_type_without_case)
{
    for (unsigned i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        const char *method = headers[i].method;
        const char *target = headers[i].target;
        const tjob_request request = decode(method, target, headers[i].type, valid_body);
        ck_assert_msg(request.problem == headers[i].problem, "%s, %s, %s: %d", method, target, headers[i].type,
                      (int)request.problem);
        ck_assert_uint_eq(request.offset, 0);
        const bool known =
            tjob_request_is_known((tjob_text){method, strlen(method)}, (tjob_text){target, strlen(target)});
        ck_assert_int_eq(known, headers[i].problem != TJOB_REQUEST_BAD_METHOD &&
                                    headers[i].problem != TJOB_REQUEST_BAD_TARGET);
    }
}
END_TEST

START_TEST(every_byte_of_method_target_and_media_type_counts)
{
    static const struct {
        const char *text;
        bool any_case;
    } texts[] = {{POST, false}, {STOP, false}, {TYPE, true}};
    for (unsigned i = 0; i < 3; i++) {
        for (size_t at = 0; at < strlen(texts[i].text); at++) {
            for (unsigned byte = 1; byte < 256; byte++) {
                char changed[64];
                strcpy(changed, texts[i].text);
                changed[at] = (char)(unsigned char)byte;
                const char *three[] = {POST, STOP, TYPE};
                three[i] = changed;
                const char was = texts[i].text[at];
                const bool letter = was >= 'a' && was <= 'z';
                const bool same = changed[at] == was || (texts[i].any_case && letter && changed[at] == was - 'a' + 'A');
                const tjob_request request = decode(three[0], three[1], three[2], valid_body);
                ck_assert_msg((request.problem == TJOB_REQUEST_VALID) == same, "%s: %d", changed, (int)request.problem);
            }
        }
    }
}
END_TEST

START_TEST(what_is_checked_first_is_reported_first)
{
    static char large[TJOB_REQUEST_BODY_BYTES_MAX + 1];
    const tjob_text too_large = {large, sizeof large};
    const tjob_text no_json = TJOB_TEXT("{\"EntityRecognizerArn\":1,\"EntityRecognizerArn\":2,");
    const tjob_text twice = TJOB_TEXT("{\"EntityRecognizerArn\":1,\"EntityRecognizerArn\":2}");
    const tjob_text no_string = TJOB_TEXT("{\"EntityRecognizerArn\":1}");
    ck_assert_int_eq(decode("GET", "x", "x", too_large).problem, TJOB_REQUEST_BAD_METHOD);
    ck_assert_int_eq(decode(POST, "x", "x", too_large).problem, TJOB_REQUEST_BAD_TARGET);
    ck_assert_int_eq(decode(POST, STOP, "x", too_large).problem, TJOB_REQUEST_BAD_CONTENT_TYPE);
    ck_assert_int_eq(decode(POST, STOP, TYPE, too_large).problem, TJOB_REQUEST_BODY_TOO_LARGE);
    ck_assert_int_eq(decode(POST, STOP, TYPE, no_json).problem, TJOB_REQUEST_JSON_TRUNCATED);
    ck_assert_int_eq(decode(POST, STOP, TYPE, twice).problem, TJOB_REQUEST_ARN_TWICE);
    ck_assert_int_eq(decode(POST, STOP, TYPE, no_string).problem, TJOB_REQUEST_ARN_NOT_STRING);
}
END_TEST

/* ---- Bodies ---------------------------------------------------------------------------------------------------- */

static const struct {
    tjob_text body;
    tjob_request_problem problem;
    size_t offset;
    tjob_arn_problem arn_problem;
} bodies[] = {
    {TJOB_TEXT(""), TJOB_REQUEST_ARN_MISSING, 0, 0},
    {TJOB_TEXT(" \r\n"), TJOB_REQUEST_JSON_TRUNCATED, 3, 0},
    {TJOB_TEXT("{"), TJOB_REQUEST_JSON_TRUNCATED, 1, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"" ARN "\""), TJOB_REQUEST_JSON_TRUNCATED, 103, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"" ARN), TJOB_REQUEST_JSON_TRUNCATED, 102, 0},
    {TJOB_TEXT("{EntityRecognizerArn:1}"), TJOB_REQUEST_JSON_UNEXPECTED, 1, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"" ARN "\",}"), TJOB_REQUEST_JSON_UNEXPECTED, 104, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\":x" ARN "\"}"), TJOB_REQUEST_JSON_UNEXPECTED, 23, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\":"), TJOB_REQUEST_JSON_TRUNCATED, 23, 0},
    {TJOB_TEXT("EntityRecognizerArn=x"), TJOB_REQUEST_JSON_UNEXPECTED, 0, 0},
    {TJOB_TEXT("\xef\xbb\xbf" BODY), TJOB_REQUEST_JSON_UNEXPECTED, 0, 0},
    {TJOB_TEXT(BODY "x"), TJOB_REQUEST_JSON_TRAILING, 104, 0},
    {TJOB_TEXT(BODY " " BODY), TJOB_REQUEST_JSON_TRAILING, 105, 0},
    {TJOB_TEXT(BODY "\0"), TJOB_REQUEST_JSON_TRAILING, 104, 0},
    {TJOB_TEXT("{\"a\":nil}"), TJOB_REQUEST_JSON_BAD_LITERAL, 6, 0},
    {TJOB_TEXT("{\"a\":1.x}"), TJOB_REQUEST_JSON_BAD_NUMBER, 7, 0},
    {TJOB_TEXT("{\"a\":\"\\x\"}"), TJOB_REQUEST_JSON_BAD_ESCAPE, 7, 0},
    {TJOB_TEXT("{\"a\":\"\n\"}"), TJOB_REQUEST_JSON_BAD_CHARACTER, 6, 0},
    {TJOB_TEXT("{\"a\":\"\0\"}"), TJOB_REQUEST_JSON_BAD_CHARACTER, 6, 0},
    {TJOB_TEXT("{\"a\":\"\xff\"}"), TJOB_REQUEST_JSON_BAD_UTF8, 6, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"\xed\xa0\x80\"}"), TJOB_REQUEST_JSON_BAD_UTF8, 24, 0},
    {TJOB_TEXT("null"), TJOB_REQUEST_NOT_OBJECT, 0, 0},
    {TJOB_TEXT(" \"" ARN "\" "), TJOB_REQUEST_NOT_OBJECT, 0, 0},
    {TJOB_TEXT("[" BODY "]"), TJOB_REQUEST_NOT_OBJECT, 0, 0},
    /* once, twice, never */
    {TJOB_TEXT("{}"), TJOB_REQUEST_ARN_MISSING, 0, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\":null}"), TJOB_REQUEST_ARN_MISSING, 0, 0},
    {TJOB_TEXT("{\"entityRecognizerArn\":\"" ARN "\"}"), TJOB_REQUEST_ARN_MISSING, 0, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn \":\"" ARN "\"}"), TJOB_REQUEST_ARN_MISSING, 0, 0},
    {TJOB_TEXT("{\"EntityRecognizerAr\":\"" ARN "\"}"), TJOB_REQUEST_ARN_MISSING, 0, 0},
    {TJOB_TEXT("{\"EntityRecognizer\\u0041r\":\"" ARN "\"}"), TJOB_REQUEST_ARN_MISSING, 0, 0},
    {TJOB_TEXT("{\"EntityRecognizer\\u0041rns\":\"" ARN "\"}"), TJOB_REQUEST_ARN_MISSING, 0, 0},
    {TJOB_TEXT("{\"EntityRecognizer\\u0042rn\":\"" ARN "\"}"), TJOB_REQUEST_ARN_MISSING, 0, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\\u0000\":\"" ARN "\"}"), TJOB_REQUEST_ARN_MISSING, 0, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\\\\\":\"" ARN "\"}"), TJOB_REQUEST_ARN_MISSING, 0, 0},
    {TJOB_TEXT("{\"a\":" BODY "}"), TJOB_REQUEST_ARN_MISSING, 0, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"" ARN "\",\"EntityRecognizerArn\":\"" ARN "\"}"), TJOB_REQUEST_ARN_TWICE,
     104, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\":null, \"EntityRecognizerArn\":\"" ARN "\"}"), TJOB_REQUEST_ARN_TWICE, 29, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"" ARN "\",\"EntityRecognizerArn\":null}"), TJOB_REQUEST_ARN_TWICE, 104, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"" ARN "\",\"EntityRecognizer\\u0041rn\":[]}"), TJOB_REQUEST_ARN_TWICE, 104,
     0},
    {TJOB_TEXT("{\"\\u0045ntityRecognizerArn\":1,\"a\":2,\"EntityRecognizerArn\":3,\"EntityRecognizerArn\":4}"),
     TJOB_REQUEST_ARN_TWICE, 36, 0},
    /* of another kind */
    {TJOB_TEXT("{\"EntityRecognizerArn\":1}"), TJOB_REQUEST_ARN_NOT_STRING, 23, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\": true}"), TJOB_REQUEST_ARN_NOT_STRING, 24, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\":[\"" ARN "\"]}"), TJOB_REQUEST_ARN_NOT_STRING, 23, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\n{\"EntityRecognizerArn\":1}}"), TJOB_REQUEST_ARN_NOT_STRING, 24, 0},
    {TJOB_TEXT("{\"EntityRecognizerArn\":-0.5e1,\"b\":1}"), TJOB_REQUEST_ARN_NOT_STRING, 23, 0},
    /* against the pattern; the offset counts the decoded ARN */
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"\"}"), TJOB_REQUEST_ARN_MALFORMED, 0, TJOB_ARN_BAD_PREFIX},
    {TJOB_TEXT("{\"EntityRecognizerArn\": \"bad arn \\\"\\u00e9\\\\\"}"), TJOB_REQUEST_ARN_MALFORMED, 0,
     TJOB_ARN_BAD_PREFIX},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"\\u0061\\u0072n:aws;\"}"), TJOB_REQUEST_ARN_MALFORMED, 7,
     TJOB_ARN_BAD_PREFIX},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"arn:aws-cn:comprehend\"}"), TJOB_REQUEST_ARN_MALFORMED, 7,
     TJOB_ARN_BAD_PREFIX},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"arn:aws:s3:::x\"}"), TJOB_REQUEST_ARN_MALFORMED, 8, TJOB_ARN_BAD_SERVICE},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"arn:aws:comprehend:a\\/\"}"), TJOB_REQUEST_ARN_MALFORMED, 20,
     TJOB_ARN_BAD_REGION},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"arn:aws:comprehend:a:1:\"}"), TJOB_REQUEST_ARN_MALFORMED, 22,
     TJOB_ARN_BAD_ACCOUNT},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"arn:aws:comprehend::111122223333:x\"}"), TJOB_REQUEST_ARN_MALFORMED, 33,
     TJOB_ARN_BAD_RESOURCE},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"" ARN "\\u0000\"}"), TJOB_REQUEST_ARN_MALFORMED, 78, TJOB_ARN_BAD_NAME},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"" ARN "\\ud800\"}"), TJOB_REQUEST_ARN_MALFORMED, 78, TJOB_ARN_BAD_NAME},
    {TJOB_TEXT("{\"EntityRecognizerArn\":\"" ARN "-\"}"), TJOB_REQUEST_ARN_MALFORMED, 79, TJOB_ARN_BAD_NAME},
};

START_TEST(each_malformed_body_is_reported_with_its_problem_and_its_place)
{
    for (unsigned i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        const tjob_request request = decode_body(bodies[i].body);
        ck_assert_msg(request.problem == bodies[i].problem && request.offset == bodies[i].offset &&
                          request.arn_problem == bodies[i].arn_problem,
                      "%s: problem %d at %zu (ARN: %d)", bodies[i].body.data, (int)request.problem, request.offset,
                      (int)request.arn_problem);
        ck_assert_int_eq(request.operation, TJOB_STOP);
    }
}
END_TEST

static const char *const valid_bodies[] = {
    " \t\r\n{ \"EntityRecognizerArn\" : \"" ARN "\" } \n",
    "{\"EntityRecognizer\\u0041rn\":\"" ARN "\"}",
    "{\"\\u0045\\u006e\\u0074\\u0069\\u0074\\u0079RecognizerArn\":\"" ARN "\"}",
    "{\"EntityRecognizerArn\":\"\\u0061rn:aws:comprehend:us-west-2:111122223333:entity-recognizer\\/"
    "examplerecognizer1\"}",
    "{\"EntityRecognizerArn\":\"arn\\u003aaws\\u003Acomprehend:us-west-2:111122223333:entity-recognizer/"
    "examplerecognizer\\u0031\"}",
    "{\"a\":null,\"b\":true,\"c\":false,\"d\":-1.5E+9,\"e\":\"\\ud800\xc3\xa9\",\"f\":[[],{}],\"g\":{\"h\":{}},"
    "\"EntityRecognizerArn\":\"" ARN "\"}",
    "{\"EntityRecognizerArn\":\"" ARN
    "\",\"EntityRecognizerArN\":1,\"x\":{\"EntityRecognizerArn\":2},\"y\":[\"EntityRecognizerArn\"]}",
    "{\"\":\"EntityRecognizerArn\",\"a\":1,\"a\":2,\"EntityRecognizerArn\":\"" ARN "\",\"a\":3}",
};

START_TEST(escapes_are_decoded_and_other_members_ignored)
{
    for (unsigned i = 0; i < sizeof valid_bodies / sizeof valid_bodies[0]; i++) {
        const tjob_request request = decode_body((tjob_text){valid_bodies[i], strlen(valid_bodies[i])});
        ck_assert_msg(request.problem == TJOB_REQUEST_VALID, "%s: %d", valid_bodies[i], (int)request.problem);
        ck_assert_uint_eq(request.arn.bytes, sample_arn.bytes);
        ck_assert_mem_eq(request.arn.data, sample_arn.data, sample_arn.bytes);
        ck_assert_uint_eq(request.offset, 0);
    }
}
END_TEST

/* ---- However it is written --------------------------------------------------------------------------------------- */

#define BEFORE_ARN "{\"EntityRecognizerArn\":\""

enum { BEFORE_BYTES = sizeof BEFORE_ARN - 1, ESCAPE_BYTES = 5 };

/* What follows the first character of the value is judged the same whether that character is written as an escape. */
static void check_escaped(tjob_text body, tjob_arn_grammar grammar)
{
    char text[256] = BEFORE_ARN "\\u0061";
    memcpy(text + BEFORE_BYTES + 1 + ESCAPE_BYTES, body.data + BEFORE_BYTES + 1, body.bytes - BEFORE_BYTES - 1);
    tjob_http_request http = {
        .method = TJOB_TEXT(POST), .target = TJOB_TEXT(STOP), .content_type = TJOB_TEXT(TYPE), .body = body};
    tjob_request plain = decode_by(http, grammar);
    http.body = (tjob_text){text, body.bytes + ESCAPE_BYTES};
    const tjob_request escaped = decode_by(http, grammar);
    plain.offset +=
        plain.problem == TJOB_REQUEST_VALID || plain.problem == TJOB_REQUEST_ARN_MALFORMED ? 0 : ESCAPE_BYTES;
    if (escaped.problem != plain.problem || escaped.arn_problem != plain.arn_problem ||
        escaped.offset != plain.offset || escaped.arn.bytes != plain.arn.bytes) {
        ck_abort_msg("%.*s: problem %d at %zu, but escaped %d at %zu", (int)body.bytes, body.data, (int)plain.problem,
                     plain.offset, (int)escaped.problem, escaped.offset);
    }
}

START_TEST(an_arn_is_judged_the_same_whether_a_character_is_escaped)
{
    static const char *const written[] = {
        BODY, BEFORE_ARN "arn:aws-c:comprehend::111122223333:entity-recognizer/x-y\"}",
        BEFORE_ARN "arn:aws:comprehend::111122223333:entity-recognizer/x-0/version/y\" ,\"a\":1}"};
    const tjob_arn_grammar grammar = _i % 2 == 0 ? TJOB_ARN_REFERENCE : TJOB_ARN_CURRENT;
    char body[256];
    const size_t bytes = (size_t)snprintf(body, sizeof body, "%s", written[_i / 2]);
    for (size_t at = BEFORE_BYTES + 1; at < bytes; at++) {
        const char kept = body[at];
        check_escaped((tjob_text){body, at}, grammar);
        for (const char *byte = "\"\\-:/a0,}\x1f\xff"; *byte != '\0'; byte++) {
            body[at] = *byte;
            check_escaped((tjob_text){body, bytes}, grammar);
        }
        body[at] = kept;
    }
}
END_TEST

/* ---- Limits ---------------------------------------------------------------------------------------------------- */

START_TEST(a_body_may_have_65536_bytes_and_not_one_more)
{
    static const size_t sizes[] = {65535, 65536, 65537, 1000000};
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *body = malloc(sizes[i]);
        memset(body, ' ', sizes[i]);
        memcpy(body + sizes[i] - valid_body.bytes, valid_body.data, valid_body.bytes);
        const tjob_request request = decode_body((tjob_text){body, sizes[i]});
        free(body);
        const bool fits = sizes[i] <= TJOB_REQUEST_BODY_BYTES_MAX;
        ck_assert_int_eq(request.problem, fits ? TJOB_REQUEST_VALID : TJOB_REQUEST_BODY_TOO_LARGE);
        ck_assert_uint_eq(request.offset, fits ? 0 : TJOB_REQUEST_BODY_BYTES_MAX);
    }
}
END_TEST

START_TEST(of_a_body_that_is_too_large_nothing_is_read)
{
    const tjob_text one = exact_copy("{", 1);
    const tjob_http_request http = {
        TJOB_TEXT(POST), TJOB_TEXT(STOP), TJOB_TEXT(TYPE), {one.data, SIZE_MAX}, TJOB_TEXT("")};
    tjob_request request;
    ck_assert_int_eq(tjob_request_decode(&request, &http, TJOB_ARN_REFERENCE, arn_buffer), TJOB_REQUEST_BODY_TOO_LARGE);
    exact_free(one);
}
END_TEST

START_TEST(an_arn_may_have_256_characters_however_they_are_written)
{
    for (unsigned length = 255; length <= 257; length++) {
        for (unsigned escapes = 0; escapes <= 1; escapes++) {
            char body[2048] = "{\"EntityRecognizerArn\":\"arn:aws:comprehend::111122223333:entity-recognizer/";
            for (unsigned i = 51; i < length; i++) {
                strcat(body, escapes != 0 ? "\\u0078" : "x");
            }
            strcat(body, "\"}");
            const tjob_request request = decode_body((tjob_text){body, strlen(body)});
            ck_assert_int_eq(request.problem, length <= 256 ? TJOB_REQUEST_VALID : TJOB_REQUEST_ARN_MALFORMED);
            ck_assert_int_eq(request.arn_problem, length <= 256 ? TJOB_ARN_VALID : TJOB_ARN_TOO_LONG);
            ck_assert_uint_eq(request.offset, length <= 256 ? 0 : 256);
            ck_assert_uint_eq(request.arn.bytes, length <= 256 ? length : 0);
        }
    }
}
END_TEST

START_TEST(a_body_may_nest_64_levels_its_object_included)
{
    static char body[250000];
    static const unsigned depths[] = {63, 64, 65, 20000};
    for (unsigned i = 0; i < sizeof depths / sizeof depths[0]; i++) {
        const unsigned depth = depths[i];
        size_t at = (size_t)sprintf(body, "{\"a\":");
        memset(body + at, '[', depth - 1);
        memset(body + at + depth - 1, ']', depth - 1);
        at += 2 * (depth - 1);
        at += (size_t)sprintf(body + at, ",%s", &BODY[1]);
        const tjob_request request = decode_body((tjob_text){body, at});
        ck_assert_int_eq(request.problem, depth <= 64 ? TJOB_REQUEST_VALID : TJOB_REQUEST_JSON_TOO_DEEP);
        ck_assert_uint_eq(request.offset, depth <= 64 ? 0 : 5 + 63);
    }
}
END_TEST

/* ---- The rest -------------------------------------------------------------------------------------------------- */

START_TEST(the_grammar_is_the_hosts_choice)
{
    static const char *const arns[] = {"arn:aws-cn:comprehend::111122223333:entity-recognizer/x",
                                       "arn:aws:comprehend::111122223333:entity-recognizer/x/version/y",
                                       "arn:aws-\\u00e9\\ud83d\\ude00:comprehend::111122223333:entity-recognizer/x"};
    for (unsigned i = 0; i < sizeof arns / sizeof arns[0]; i++) {
        char body[256];
        const int bytes = snprintf(body, sizeof body, "{\"EntityRecognizerArn\":\"%s\"}", arns[i]);
        const tjob_http_request http = {.method = TJOB_TEXT(POST),
                                        .target = TJOB_TEXT(STOP),
                                        .content_type = TJOB_TEXT(TYPE),
                                        .body = {body, (size_t)bytes}};
        ck_assert_int_eq(decode_by(http, TJOB_ARN_REFERENCE).problem, TJOB_REQUEST_ARN_MALFORMED);
        ck_assert_int_eq(decode_by(http, TJOB_ARN_CURRENT).problem, TJOB_REQUEST_VALID);
    }
    const tjob_http_request lone = {.method = TJOB_TEXT(POST),
                                    .target = TJOB_TEXT(STOP),
                                    .content_type = TJOB_TEXT(TYPE),
                                    .body = TJOB_TEXT("{\"EntityRecognizerArn\":\"arn:aws-cn\\ud800:comprehend\"}")};
    const tjob_request request = decode_by(lone, TJOB_ARN_CURRENT);
    ck_assert_int_eq(request.arn_problem, TJOB_ARN_BAD_PARTITION);
    ck_assert_uint_eq(request.offset, 10);
}
END_TEST

START_TEST(texts_without_data_are_empty_whatever_their_length_says)
{
    for (size_t bytes = 0; bytes <= 100; bytes += 50) {
        const tjob_text null = {NULL, bytes};
        tjob_http_request http = {TJOB_TEXT(POST), TJOB_TEXT(STOP), TJOB_TEXT(TYPE), TJOB_TEXT(BODY), {NULL, 0}};
        tjob_text *const texts[] = {&http.body, &http.content_type, &http.target, &http.method};
        static const tjob_request_problem problems[] = {TJOB_REQUEST_ARN_MISSING, TJOB_REQUEST_BAD_CONTENT_TYPE,
                                                        TJOB_REQUEST_BAD_TARGET, TJOB_REQUEST_BAD_METHOD};
        for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            tjob_request request;
            *texts[i] = null;
            ck_assert_int_eq(tjob_request_decode(&request, &http, TJOB_ARN_REFERENCE, arn_buffer), problems[i]);
            ck_assert_uint_eq(request.offset, 0);
        }
        ck_assert(!tjob_request_is_known(null, (tjob_text){STOP, strlen(STOP)}));
        ck_assert(!tjob_request_is_known((tjob_text){POST, 4}, null));
    }
}
END_TEST

START_TEST(each_problem_amounts_to_one_status)
{
    for (int problem = 0; problem < TJOB_REQUEST_PROBLEM_COUNT; problem++) {
        const bool unknown = problem == TJOB_REQUEST_BAD_METHOD || problem == TJOB_REQUEST_BAD_TARGET;
        const tjob_status expected = problem == TJOB_REQUEST_VALID ? TJOB_OK
                                     : unknown                     ? TJOB_UNKNOWN_OPERATION
                                                                   : TJOB_INVALID_ARGUMENT;
        ck_assert_int_eq(tjob_request_problem_status((tjob_request_problem)problem), expected);
    }
}
END_TEST

RUN_TESTS("request", {each_operation_is_known_by_its_target, 0},
          {method_and_target_are_compared_to_the_letter_and_the_media_type_without_case, 0},
          {every_byte_of_method_target_and_media_type_counts, 0}, {what_is_checked_first_is_reported_first, 0},
          {each_malformed_body_is_reported_with_its_problem_and_its_place, 0},
          {escapes_are_decoded_and_other_members_ignored, 0},
          {an_arn_is_judged_the_same_whether_a_character_is_escaped, 6},
          {a_body_may_have_65536_bytes_and_not_one_more, 0}, {of_a_body_that_is_too_large_nothing_is_read, 0},
          {an_arn_may_have_256_characters_however_they_are_written, 0},
          {a_body_may_nest_64_levels_its_object_included, 0}, {the_grammar_is_the_hosts_choice, 0},
          {texts_without_data_are_empty_whatever_their_length_says, 0}, {each_problem_amounts_to_one_status, 0})
