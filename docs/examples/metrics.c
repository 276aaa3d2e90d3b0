/*
 * Metrics of a service as Prometheus text, from its observer: requests by operation and status, requests in progress,
 * conflicts, lost answers, and a histogram of latencies. Any number of threads may count; the page is written by any.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "tjob/tjob.h"

/* ---- The metrics ----------------------------------------------------------------------------------------------- */

enum { REJECTED = TJOB_EVENT_KIND_COUNT, OPERATIONS }; /* a request that was rejected has no event */

static const unsigned bounds_us[] = {1000, 2000, 5000, 10000, 100000, 1000000};

enum { BOUNDS = sizeof bounds_us / sizeof bounds_us[0] };

static struct {
    uint64_t (*now_us)(void); /* a monotonic clock */
    atomic_uint_fast64_t requests[OPERATIONS][TJOB_STATUS_COUNT];
    atomic_uint_fast64_t began, ended;
    atomic_uint_fast64_t conflicts, lost_answers;
    atomic_uint_fast64_t in_bucket[BOUNDS + 1]; /* the last one: above all bounds */
    atomic_uint_fast64_t sum_us;
} metrics;

static void count_begin(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    (void)context, (void)user, (void)span;
    metrics.began++;
    *tag = metrics.now_us();
}

static void count_end(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    (void)context, (void)user;
    metrics.requests[span->event != NULL ? span->event->kind : REJECTED][span->outcome->status]++;
    if (span->event == NULL) {
        return; /* it never began */
    }
    metrics.conflicts += span->conflicts;
    metrics.lost_answers += span->lost_answers;
    const uint64_t took_us = metrics.now_us() - *tag;
    unsigned bucket = 0;
    while (bucket < BOUNDS && took_us > bounds_us[bucket]) {
        bucket++;
    }
    metrics.in_bucket[bucket]++;
    metrics.sum_us += took_us;
    metrics.ended++;
}

static unsigned long long value(atomic_uint_fast64_t *counter)
{
    return (unsigned long long)atomic_load(counter);
}

/* Writes the page of metrics. */
static void write_metrics(FILE *page)
{
    fprintf(page, "# TYPE tjob_requests_total counter\n");
    for (int operation = 0; operation < OPERATIONS; operation++) {
        for (int status = 0; status < TJOB_STATUS_COUNT; status++) {
            if (value(&metrics.requests[operation][status]) != 0) {
                fprintf(page, "tjob_requests_total{operation=\"%s\",status=\"%s\"} %llu\n",
                        operation == REJECTED ? "rejected" : tjob_event_kind_name((tjob_event_kind)operation),
                        tjob_status_name((tjob_status)status), value(&metrics.requests[operation][status]));
            }
        }
    }
    const unsigned long long ended = value(&metrics.ended); /* read first: it is never above the other */
    fprintf(page, "# TYPE tjob_operations_in_progress gauge\ntjob_operations_in_progress %llu\n",
            value(&metrics.began) - ended);
    fprintf(page, "# TYPE tjob_conflicts_total counter\ntjob_conflicts_total %llu\n", value(&metrics.conflicts));
    fprintf(page, "# TYPE tjob_lost_answers_total counter\ntjob_lost_answers_total %llu\n",
            value(&metrics.lost_answers));
    fprintf(page, "# TYPE tjob_operation_seconds histogram\n");
    unsigned long long below = 0;
    for (unsigned i = 0; i < BOUNDS; i++) {
        below += value(&metrics.in_bucket[i]);
        fprintf(page, "tjob_operation_seconds_bucket{le=\"%g\"} %llu\n", bounds_us[i] / 1e6, below);
    }
    below += value(&metrics.in_bucket[BOUNDS]);
    fprintf(page, "tjob_operation_seconds_bucket{le=\"+Inf\"} %llu\n", below);
    fprintf(page, "tjob_operation_seconds_sum %g\ntjob_operation_seconds_count %llu\n",
            (double)value(&metrics.sum_us) / 1e6, below);
}

/* ---- A service to measure, over a store that takes its time ------------------------------------------------------ */

static uint64_t time_us; /* so that the page is the same in each run; a real host reads a monotonic clock */
static tjob_store memory_store;

static uint64_t now_us(void)
{
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
    metrics.now_us = now_us;
    const tjob_service service = {
        .store = {NULL, load, swap},
        .clock = tjob_system_clock(),
        .observer = {NULL, count_begin, count_end},
    };
    const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers");
    POST(&service, "DescribeEntityRecognizer"); /* there is no such job yet */
    tjob_submit(&service, NULL, arn, 0, 1, 0, NULL);
    tjob_start(&service, NULL, arn, 0, 7, NULL);
    POST(&service, "StopTrainingEntityRecognizer");
    POST(&service, "StopTrainingEntityRecognizer");
    POST(&service, "CreateEntityRecognizer"); /* not an operation of the library */
    tjob_report(&service, NULL, arn, TJOB_HALTED, 0, 7, 0, NULL);
    write_metrics(stdout);
    return EXIT_SUCCESS;
}
