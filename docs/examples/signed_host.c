/*
 * A host that knows who calls: it verifies the signature of each request before the service gets it, and the key that
 * signed decides which recognizers the request may touch. The requests are a recorded one of boto3, and what somebody
 * may make of it. It links tjob::server.
 */
#include <stdio.h>
#include <string.h>

#include "tjob/signature.h"
#include "tjob/tjob.h"

/* ---- The keys -------------------------------------------------------------------------------------------------- */

/* A host reads them from a file, with tjob_credentials_load, or tjob_keyring_load if it reads them again. */
static const tjob_text credentials_text = TJOB_TEXT("[trainers]\n"
                                                    "aws_access_key_id = AKIDEXAMPLE\n"
                                                    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n"
                                                    "tjob_accounts = 111122223333\n");

/* ---- The host -------------------------------------------------------------------------------------------------- */

struct host {
    tjob_credentials credentials;
    tjob_service service;
};

static tjob_text header(const tjob_signed_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        const tjob_signed_header *one = &request->headers[i];
        if (one->name_bytes == strlen(name) && memcmp(one->name, name, one->name_bytes) == 0) {
            return (tjob_text){one->value, one->value_bytes};
        }
    }
    return (tjob_text){NULL, 0};
}

/* Answers a request. Nothing of its body is read before the signature is verified, but for its hash. */
static void answer(const struct host *host, const tjob_signed_request *request, int64_t now_ms,
                   tjob_http_response *response, char *body, size_t capacity)
{
    tjob_signature_result caller;
    if (tjob_signature_verify(request, &host->credentials, now_ms, &caller) != TJOB_SIGNATURE_OK) {
        tjob_signature_respond(&caller, response, body, capacity);
        return;
    }
    const tjob_http_request http = {
        .method = request->method,
        .target = header(request, "X-Amz-Target"),
        .content_type = header(request, "Content-Type"),
        .body = request->body,
    };
    tjob_handle(&host->service, &caller, &http, response, body, capacity); /* the authorizer gets the caller */
}

/* ---- Requests -------------------------------------------------------------------------------------------------- */

#define HEADER(name, value)                                                                                            \
    {                                                                                                                  \
        name, sizeof name - 1, value, sizeof value - 1                                                                 \
    }

static const tjob_signed_header headers[] = {
    HEADER("X-Amz-Target", "Comprehend_20171127.StopTrainingEntityRecognizer"),
    HEADER("Content-Type", "application/x-amz-json-1.1"),
    HEADER("host", "127.0.0.1:8080"),
    HEADER("X-Amz-Date", "20261128T135012Z"),
    HEADER("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261128/us-west-2/comprehend/aws4_request, "
                            "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
                            "Signature=c97e27300344903dc08e2bb90e9f11e62a26425aa0e5dc9816457487db595961"),
};

static const int64_t signed_at_ms = 1795873812000;

static void try_request(const struct host *host, const char *title, size_t header_count, const char *body,
                        int64_t now_ms)
{
    char buffer[TJOB_RESPONSE_BYTES_MAX];
    tjob_http_response response;
    const tjob_signed_request request = {
        .method = TJOB_TEXT("POST"),
        .path = TJOB_TEXT("/"),
        .headers = headers,
        .header_count = header_count,
        .body = {body, strlen(body)},
    };
    answer(host, &request, now_ms, &response, buffer, sizeof buffer);
    printf("%s: %d %.*s\n", title, response.status, (int)response.body.bytes, response.body.data);
}

int main(void)
{
    static uint64_t memory[TJOB_MEMORY_STORE_BYTES(8) / sizeof(uint64_t)];
    static tjob_memory_store jobs;
    static tjob_access_key keys[4];
    static tjob_grant grants[16];
    static struct host host = {
        .credentials = {.keys = keys, .grants = grants, .key_capacity = 4, .grant_capacity = 16},
    };
    const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/x");
    static const char body[] =
        "{\"EntityRecognizerArn\": \"arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/x\"}";
    static const char other[] =
        "{\"EntityRecognizerArn\": \"arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/y\"}";
    uint32_t line;
    const tjob_credentials_problem problem = tjob_credentials_read(&host.credentials, credentials_text, &line);
    if (problem != TJOB_CREDENTIALS_OK) {
        fprintf(stderr, "line %u: %s\n", (unsigned)line, tjob_credentials_problem_text(problem));
        return 1;
    }
    tjob_memory_store_init(&jobs, memory, sizeof memory, 8, NULL, NULL);
    host.service = (tjob_service){
        .store = tjob_memory_store_callbacks(&jobs),
        .clock = tjob_system_clock(),
        .authorizer = tjob_signature_authorizer(),
    };
    tjob_submit(&host.service, NULL, arn, 0, 1, 0, NULL);
    tjob_start(&host.service, NULL, arn, 0, 7, NULL);

    const size_t all = sizeof headers / sizeof headers[0];
    try_request(&host, "unsigned", all - 1, body, signed_at_ms);
    try_request(&host, "altered", all, other, signed_at_ms);
    try_request(&host, "an hour later", all, body, signed_at_ms + 3600000);
    try_request(&host, "as it was signed", all, body, signed_at_ms);
    grants[0].text[0] = '2'; /* the key is now one of another account */
    try_request(&host, "another account's", all, body, signed_at_ms);
    tjob_credentials_clear(&host.credentials);
    return 0;
}
