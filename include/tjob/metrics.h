/*
 * Metrics of a service as a page of Prometheus text: requests by operation and status, operations in progress,
 * failures, conflicts, lost answers, and a histogram of latencies. They count what an observer receives.
 */
#ifndef TJOB_METRICS_H
#define TJOB_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "tjob/hooks.h"
#include "tjob/job.h"
#include "tjob/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The number of bounds of the histogram: 1, 2, 5, 10, 100 ms and 1 s. One more bucket is for what takes longer. */
#define TJOB_METRICS_BOUNDS 6

/* The buffer size, in bytes, that suffices for every page. */
#define TJOB_METRICS_BYTES_MAX 32768

/*
 * The metrics. Set `now_us` and zero the rest. Its other fields are counters, accessed atomically: any number of
 * threads may count at the same time.
 */
typedef struct tjob_metrics {
    void *context;
    uint64_t (*now_us)(void *context); /* a monotonic clock, in microseconds; thread-safe; required */
    /* The requests that ended. The last operation stands for requests that were rejected. */
    uint64_t requests[TJOB_EVENT_KIND_COUNT + 1][TJOB_STATUS_COUNT];
    uint64_t began;
    uint64_t ended;
    uint64_t conflicts;
    uint64_t lost_answers;
    uint64_t took[TJOB_METRICS_BOUNDS + 1]; /* operations by duration */
    uint64_t took_us;                       /* the sum of all durations */
} tjob_metrics;

/*
 * Returns the metrics as a hook for tjob_service.observer. The metrics must outlive the service. The hook uses the tag
 * of a span. If a service has an observer already, its own callbacks can call those of this one. Pure; thread-safe.
 */
tjob_observer tjob_metrics_observer(tjob_metrics *metrics);

/*
 * Writes the page to `page`, the caller's buffer of `capacity` bytes. It is not terminated by a zero. Returns its
 * length in bytes, at most TJOB_METRICS_BYTES_MAX; 0 if it is longer than `capacity`. Operations and statuses that did
 * not occur are left out. Thread-safe: counters that change meanwhile are before or after the change. Source: the text
 * format of Prometheus, version 0.0.4.
 */
size_t tjob_metrics_write(const tjob_metrics *metrics, char *page, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
