/* The wire without the service: a host that performs operations in its own way decodes the requests and encodes the
 * answers. */
#include <stdio.h>
#include <stdlib.h>

#include "tjob/tjob.h"

static void print_response(const tjob_http_response *response)
{
    printf("%d %.*s\n%.*s\n", response->status, (int)response->error_type.bytes, response->error_type.data,
           (int)response->body.bytes, response->body.data);
}

/* ---- Inbound ----------------------------------------------------------------------------------------------------- */

static bool is_ours(const tjob_http_request *http)
{
    return tjob_request_is_known(http->method, http->target);
}

static tjob_status decode(const tjob_http_request *http, tjob_request *request, char arn[TJOB_ARN_BYTES_MAX])
{
    if (tjob_request_decode(request, http, TJOB_ARN_CURRENT, arn) == TJOB_REQUEST_VALID) {
        printf("%s of %.*s\n", tjob_event_kind_name(request->operation), (int)request->arn.bytes, request->arn.data);
    }
    return tjob_request_problem_status(request->problem);
}

/* ---- Outbound ---------------------------------------------------------------------------------------------------- */

static void answer(const tjob_request *request, const tjob_outcome *outcome)
{
    const tjob_text members = TJOB_TEXT("\"LanguageCode\":\"en\"");
    char body[TJOB_RESPONSE_BYTES_MAX + 64];
    tjob_http_response response;
    tjob_response_encode(&response, request, (tjob_text){"", 0}, outcome, members, body, sizeof body);
    print_response(&response);
}

int main(void)
{
    char arn[TJOB_ARN_BYTES_MAX];
    tjob_request request;
    tjob_http_request http = {
        .method = TJOB_TEXT("POST"),
        .target = TJOB_TEXT("Comprehend_20171127.DescribeEntityRecognizer"),
        .content_type = TJOB_TEXT("application/x-amz-json-1.1; charset=utf-8"),
        .body = TJOB_TEXT("{\"EntityRecognizerArn\":"
                          "\"\\u0061rn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers\"}"),
    };

    /* The host has found the job in its own way; this one is made up. */
    const tjob_outcome found = {
        .status = TJOB_OK,
        .before = TJOB_SUBMITTED,
        .after = TJOB_SUBMITTED,
        .job = {.state = TJOB_SUBMITTED, .submit_token = 1, .incarnation = 1, .submitted_ms = 1600000000000},
    };
    if (is_ours(&http) && decode(&http, &request, arn) == TJOB_OK) {
        answer(&request, &found);
    }

    /* A malformed request already has its answer. */
    http.body = (tjob_text){"{}", 2};
    if (decode(&http, &request, arn) == TJOB_INVALID_ARGUMENT) {
        answer(&request, NULL);
    }
    return EXIT_SUCCESS;
}
