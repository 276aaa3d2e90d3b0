/* A complete backend: jobs in memory, the machine's clock, ten requests a second. Any web server can call `answer`. */
#include <stdio.h>
#include <stdlib.h>

#include "tjob/tjob.h"

enum { JOBS = 1000 };

static uint64_t memory[TJOB_MEMORY_STORE_BYTES(JOBS) / sizeof(uint64_t)];
static tjob_memory_store store;
static tjob_bucket bucket;
static tjob_service service;

static bool set_up(void)
{
    unsigned char key[TJOB_HASH_KEY_BYTES]; /* secret, because clients choose the names */
    if (!tjob_system_random(key, sizeof key)) {
        return false;
    }
    tjob_memory_store_init(&store, memory, sizeof memory, JOBS, key, NULL);
    tjob_limiter_set(&bucket.limiter, 10, 1000, 20);
    service = (tjob_service){
        .store = tjob_memory_store_callbacks(&store),
        .clock = tjob_system_clock(),
        .admitter = tjob_bucket_admitter(&bucket),
    };
    return true;
}

static void answer(const tjob_http_request *request)
{
    char body[TJOB_RESPONSE_BYTES_MAX];
    tjob_http_response response;
    tjob_handle(&service, NULL, request, &response, body, sizeof body);
    printf("%d %.*s\n", response.status, (int)response.body.bytes, response.body.data);
}

int main(void)
{
    if (!set_up()) {
        return EXIT_FAILURE;
    }

    /* The host creates a job, and a trainer of its own takes it up. */
    const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers");
    tjob_submit(&service, NULL, arn, 0, 1, 0, NULL);
    tjob_start(&service, NULL, arn, 0, 7, NULL);

    /* A client's request, as the web server passes it on. */
    answer(&(tjob_http_request){
        .method = TJOB_TEXT("POST"),
        .target = TJOB_TEXT("Comprehend_20171127.StopTrainingEntityRecognizer"),
        .content_type = TJOB_TEXT("application/x-amz-json-1.1"),
        .body = TJOB_TEXT("{\"EntityRecognizerArn\": "
                          "\"arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers\"}"),
    });

    /* Now and then the trainer repeats its start to ask whether to go on. */
    tjob_outcome outcome;
    tjob_start(&service, NULL, arn, 0, 7, &outcome);
    if (outcome.after == TJOB_STOP_REQUESTED) {
        tjob_report(&service, NULL, arn, TJOB_HALTED, outcome.job.incarnation, 7, 0, &outcome);
    }
    printf("%s\n", tjob_state_name(outcome.after));
    return outcome.after == TJOB_STOPPED ? EXIT_SUCCESS : EXIT_FAILURE;
}
