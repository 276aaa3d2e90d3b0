/*
 * Metrics of a service as Prometheus text, from its observer: requests by operation and status, requests in progress,
 * failures of the store, conflicts, lost answers, and a histogram of latencies. Any number of threads may count; the
 * page is written by any.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tjob/tjob.h"

/* ---- A service to measure, over a store that takes its time ------------------------------------------------------ */

static uint64_t time_us; /* so that the page is the same in each run; a real host reads a monotonic clock */
static tjob_store memory_store;

static uint64_t now_us(void *context)
{
    (void)context;
    return time_us;
}

static tjob_load_status load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    (void)context;
    time_us += 400;
    return memory_store.load(memory_store.context, user, arn, job, version);
}

/* Swap 2 meets a conflict, and the answer to swap 4 is lost. */
static tjob_swap_status swap(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    static int count;
    (void)context;
    time_us += 3000;
    if (++count == 2) {
        return TJOB_SWAP_CONFLICT;
    }
    const tjob_swap_status status = memory_store.swap(memory_store.context, user, arn, expected, next);
    return count == 4 ? TJOB_SWAP_UNKNOWN : status;
}

static void post(const tjob_service *service, const char *target, size_t target_bytes)
{
    char body[TJOB_RESPONSE_BYTES_MAX];
    tjob_http_response response;
    const tjob_http_request request = {
        .method = TJOB_TEXT("POST"),
        .target = {target, target_bytes},
        .content_type = TJOB_TEXT("application/x-amz-json-1.1"),
        .body = TJOB_TEXT("{\"EntityRecognizerArn\": "
                          "\"arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers\"}"),
    };
    tjob_handle(service, NULL, &request, &response, body, sizeof body);
}

#define POST(service, operation)                                                                                       \
    post(service, "Comprehend_20171127." operation, sizeof "Comprehend_20171127." operation - 1)

int main(void)
{
    static uint64_t memory[TJOB_MEMORY_STORE_BYTES(1) / sizeof(uint64_t)];
    static tjob_memory_store jobs;
    if (tjob_memory_store_init(&jobs, memory, sizeof memory, 1, NULL, NULL) != TJOB_OK) {
        return EXIT_FAILURE;
    }
    memory_store = tjob_memory_store_callbacks(&jobs);
    static tjob_metrics metrics = {.now_us = now_us};
    const tjob_service service = {
        .store = {NULL, load, swap},
        .clock = tjob_system_clock(),
        .observer = tjob_metrics_observer(&metrics),
    };
    const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers");
    POST(&service, "DescribeEntityRecognizer"); /* there is no such job yet */
    tjob_submit(&service, NULL, arn, 0, 1, 0, NULL);
    tjob_start(&service, NULL, arn, 0, 7, NULL);
    POST(&service, "StopTrainingEntityRecognizer");
    POST(&service, "StopTrainingEntityRecognizer");
    POST(&service, "CreateEntityRecognizer"); /* not an operation of the library */
    tjob_report(&service, NULL, arn, TJOB_HALTED, 0, 7, 0, NULL);
    static char page[TJOB_METRICS_BYTES_MAX];
    fwrite(page, 1, tjob_metrics_write(&metrics, page, sizeof page), stdout);
    return EXIT_SUCCESS;
}
