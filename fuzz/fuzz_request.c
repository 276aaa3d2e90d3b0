/*
 * A request: the first byte chooses the operation and the grammar, the rest is the body. Whether it is JSON is what an
 * independent reader says; what is accepted survives a round trip; every refusal has an answer that is JSON itself.
 */
#include <stdbool.h>
#include <string.h>

#include "target.h"
#include "tjob/request.h"
#include "tjob/response.h"
#include "unit/exact.h"
#include "unit/wire/json_oracle.h"

static const char *const targets[] = {
    "Comprehend_20171127.StopTrainingEntityRecognizer",
    "Comprehend_20171127.DescribeEntityRecognizer",
    "Comprehend_20171127.DeleteEntityRecognizer",
    "Comprehend_20171127.CreateEntityRecognizer",
};

static tjob_http_request request_of(unsigned choice, tjob_text body)
{
    const char *target = targets[choice % 4];
    return (tjob_http_request){
        .method = TJOB_TEXT("POST"),
        .target = {target, strlen(target)},
        .content_type = TJOB_TEXT("application/x-amz-json-1.1"),
        .body = body,
    };
}

static bool is_about_json(tjob_request_problem problem)
{
    return problem >= TJOB_REQUEST_JSON_TRUNCATED && problem <= TJOB_REQUEST_JSON_TOO_DEEP;
}

/* An ARN as a string of JSON, every character of it as an escape. */
static tjob_text escaped_body(tjob_text arn, char *out, size_t capacity)
{
    size_t bytes = (size_t)snprintf(out, capacity, "{\"EntityRecognizerArn\":\"");
    for (size_t at = 0; at < arn.bytes;) {
        uint32_t character = 0;
        const size_t length = oracle_character(arn.data + at, arn.bytes - at, &character);
        FUZZ_EXPECT(length != 0);
        at += length;
        if (character >= 0x10000) {
            character -= 0x10000;
            bytes += (size_t)snprintf(out + bytes, capacity - bytes, "\\u%04x", 0xd800u + character / 0x400);
            character = 0xdc00 + character % 0x400;
        }
        bytes += (size_t)snprintf(out + bytes, capacity - bytes, "\\u%04x", (unsigned)character);
    }
    bytes += (size_t)snprintf(out + bytes, capacity - bytes, "\"}");
    return (tjob_text){out, bytes};
}

static void check_accepted(unsigned choice, tjob_arn_grammar grammar, const tjob_request *request)
{
    char again[TJOB_ARN_BYTES_MAX];
    char body[8 * TJOB_ARN_BYTES_MAX];
    tjob_request second;
    FUZZ_EXPECT(request->arn.bytes != 0);
    FUZZ_EXPECT(tjob_arn_validate(request->arn, grammar).problem == TJOB_ARN_VALID);
    const tjob_http_request http = request_of(choice, escaped_body(request->arn, body, sizeof body));
    FUZZ_EXPECT(tjob_request_decode(&second, &http, grammar, again) == TJOB_REQUEST_VALID);
    FUZZ_EXPECT(second.operation == request->operation && second.arn.bytes == request->arn.bytes);
    FUZZ_EXPECT(memcmp(second.arn.data, request->arn.data, request->arn.bytes) == 0);
}

static void check_answer(const tjob_request *request)
{
    static char buffer[TJOB_RESPONSE_ERROR_BYTES_MAX];
    const tjob_text none = {"", 0};
    tjob_http_response response;
    FUZZ_EXPECT(tjob_response_encode(&response, request, none, NULL, none, buffer, sizeof buffer) == TJOB_OK);
    FUZZ_EXPECT(response.status == 400 && response.error_type.bytes != 0);
    FUZZ_EXPECT(oracle_is_json(response.body.data, response.body.bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const unsigned choice = data[0];
    const tjob_arn_grammar grammar = choice & 4 ? TJOB_ARN_CURRENT : TJOB_ARN_REFERENCE;
    const tjob_text body = exact_copy(data + 1, size - 1);
    char *arn = malloc(TJOB_ARN_BYTES_MAX);
    tjob_request request;
    const tjob_http_request http = request_of(choice, body);
    const tjob_request_problem problem = tjob_request_decode(&request, &http, grammar, arn);
    FUZZ_EXPECT(problem == request.problem && (unsigned)problem < TJOB_REQUEST_PROBLEM_COUNT);
    FUZZ_EXPECT((problem == TJOB_REQUEST_BAD_TARGET) == (choice % 4 == 3));
    if (problem != TJOB_REQUEST_BAD_TARGET && problem != TJOB_REQUEST_BODY_TOO_LARGE &&
        problem != TJOB_REQUEST_JSON_TOO_DEEP) {
        FUZZ_EXPECT(is_about_json(problem) != (body.bytes == 0 || oracle_is_json(body.data, body.bytes)));
    }
    if (problem == TJOB_REQUEST_VALID) {
        check_accepted(choice, grammar, &request);
    } else {
        FUZZ_EXPECT(request.offset <= (problem == TJOB_REQUEST_ARN_MALFORMED ? TJOB_ARN_BYTES_MAX : body.bytes));
        check_answer(&request);
    }
    free(arn);
    exact_free(body);
    return 0;
}
