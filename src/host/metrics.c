#include "tjob/metrics.h"

#include "wire/json_writer.h"

enum { METRICS_REJECTED = TJOB_EVENT_KIND_COUNT };

/* The bounds of the histogram, and how the page writes them, in seconds. */
static const struct {
    uint64_t us;
    const char *seconds;
} metrics_bounds[TJOB_METRICS_BOUNDS] = {
    {1000, "0.001"}, {2000, "0.002"}, {5000, "0.005"}, {10000, "0.01"}, {100000, "0.1"}, {1000000, "1"},
};

/* ---- Counting -------------------------------------------------------------------------------------------------- */

static void metrics_add(uint64_t *counter, uint64_t number)
{
    (void)__atomic_fetch_add(counter, number, __ATOMIC_RELAXED);
}

static uint64_t metrics_read(const uint64_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void metrics_count_begin(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    tjob_metrics *metrics = context;
    (void)user;
    (void)span;
    metrics_add(&metrics->began, 1);
    *tag = metrics->now_us(metrics->context);
}

/* cppcheck-suppress constParameter ; the type of the hook */
static void metrics_count_end(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    tjob_metrics *metrics = context;
    (void)user;
    metrics_add(&metrics->requests[span->event != NULL ? span->event->kind : METRICS_REJECTED][span->outcome->status],
                1);
    if (span->event == NULL) {
        return; /* it never began */
    }
    metrics_add(&metrics->conflicts, span->conflicts);
    metrics_add(&metrics->lost_answers, span->lost_answers);
    const uint64_t took_us = metrics->now_us(metrics->context) - *tag;
    unsigned bucket = 0;
    while (bucket < TJOB_METRICS_BOUNDS && took_us > metrics_bounds[bucket].us) {
        bucket++;
    }
    metrics_add(&metrics->took[bucket], 1);
    metrics_add(&metrics->took_us, took_us);
    /* Last, and after what began: a page never shows more that ended than began. */
    (void)__atomic_fetch_add(&metrics->ended, 1, __ATOMIC_RELEASE);
}

tjob_observer tjob_metrics_observer(tjob_metrics *metrics)
{
    return (tjob_observer){.context = metrics, .began = metrics_count_begin, .ended = metrics_count_end};
}

/* ---- The page -------------------------------------------------------------------------------------------------- */

static void metrics_write_type(json_writer *writer, const char *name, const char *type, const char *help)
{
    const char *const texts[] = {"# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        tjob__json_write_string(writer, texts[i]);
    }
}

static void metrics_write_sample(json_writer *writer, const char *name, uint64_t number)
{
    tjob__json_write_string(writer, name);
    tjob__json_write_byte(writer, ' ');
    tjob__json_write_number(writer, number, 1);
    tjob__json_write_byte(writer, '\n');
}

static void metrics_write_requests(json_writer *writer, const tjob_metrics *metrics)
{
    metrics_write_type(writer, "tjob_requests_total", "counter", "Requests that ended, by operation and status.");
    for (int operation = 0; operation <= METRICS_REJECTED; operation++) {
        for (int status = 0; status < TJOB_STATUS_COUNT; status++) {
            const uint64_t count = metrics_read(&metrics->requests[operation][status]);
            if (count != 0) {
                tjob__json_write_string(writer, "tjob_requests_total{operation=\"");
                tjob__json_write_string(writer, operation == METRICS_REJECTED
                                                    ? "rejected"
                                                    : tjob_event_kind_name((tjob_event_kind)operation));
                tjob__json_write_string(writer, "\",status=\"");
                tjob__json_write_string(writer, tjob_status_name((tjob_status)status));
                metrics_write_sample(writer, "\"}", count);
            }
        }
    }
}

/* The operations that failed, for whatever reason. */
static uint64_t store_failures(const tjob_metrics *metrics)
{
    uint64_t count = 0;
    for (int operation = 0; operation < METRICS_REJECTED; operation++) {
        for (int status = 0; status < TJOB_STATUS_COUNT; status++) {
            if (tjob_status_is_failure((tjob_status)status)) {
                count += metrics_read(&metrics->requests[operation][status]);
            }
        }
    }
    return count;
}

static void metrics_write_histogram(json_writer *writer, const tjob_metrics *metrics)
{
    uint64_t below = 0;
    metrics_write_type(writer, "tjob_operation_seconds", "histogram", "How long operations took.");
    for (unsigned i = 0; i <= TJOB_METRICS_BOUNDS; i++) {
        below += metrics_read(&metrics->took[i]);
        tjob__json_write_string(writer, "tjob_operation_seconds_bucket{le=\"");
        tjob__json_write_string(writer, i < TJOB_METRICS_BOUNDS ? metrics_bounds[i].seconds : "+Inf");
        metrics_write_sample(writer, "\"}", below);
    }
    const uint64_t sum_us = metrics_read(&metrics->took_us);
    tjob__json_write_string(writer, "tjob_operation_seconds_sum ");
    tjob__json_write_number(writer, sum_us / 1000000, 1);
    tjob__json_write_byte(writer, '.');
    tjob__json_write_number(writer, sum_us % 1000000, 6);
    metrics_write_sample(writer, "\ntjob_operation_seconds_count", below);
}

size_t tjob_metrics_write(const tjob_metrics *metrics, char *page, size_t capacity)
{
    json_writer writer = {page, 0, capacity};
    metrics_write_requests(&writer, metrics);
    const uint64_t ended =
        __atomic_load_n(&metrics->ended, __ATOMIC_ACQUIRE); /* before `began`: it is never above it */
    metrics_write_type(&writer, "tjob_operations_in_progress", "gauge", "Operations that began and have not ended.");
    metrics_write_sample(&writer, "tjob_operations_in_progress", metrics_read(&metrics->began) - ended);
    metrics_write_type(&writer, "tjob_store_failures_total", "counter", "Operations that failed.");
    metrics_write_sample(&writer, "tjob_store_failures_total", store_failures(metrics));
    metrics_write_type(&writer, "tjob_conflicts_total", "counter", "Swaps that met a conflict.");
    metrics_write_sample(&writer, "tjob_conflicts_total", metrics_read(&metrics->conflicts));
    metrics_write_type(&writer, "tjob_lost_answers_total", "counter", "Swaps whose answer was lost.");
    metrics_write_sample(&writer, "tjob_lost_answers_total", metrics_read(&metrics->lost_answers));
    metrics_write_histogram(&writer, metrics);
    return writer.bytes <= capacity ? writer.bytes : 0;
}
