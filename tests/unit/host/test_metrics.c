/* Metrics of a service, counted by its observer, and their page. */
#include "tjob/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/jobs.h"
#include "support/suite.h"

static uint64_t metrics_now_us;

static uint64_t read_now(void *context)
{
    (void)context;
    return metrics_now_us;
}

/* An operation of a kind that took so long. */
static void count(tjob_metrics *metrics, tjob_event_kind kind, tjob_status status, uint64_t took_us)
{
    const tjob_observer observer = tjob_metrics_observer(metrics);
    const tjob_event event = {.kind = (uint32_t)kind};
    const tjob_outcome outcome = {.status = status};
    tjob_span span = {.arn = sample_arn, .event = &event};
    uint64_t tag = 0;
    observer.began(observer.context, NULL, &span, &tag);
    metrics_now_us += took_us;
    span.outcome = &outcome;
    span.conflicts = 2;
    span.lost_answers = 3;
    observer.ended(observer.context, NULL, &span, &tag);
}

static const char *page_of(const tjob_metrics *metrics)
{
    static char page[TJOB_METRICS_BYTES_MAX + 1];
    const size_t bytes = tjob_metrics_write(metrics, page, sizeof page - 1);
    ck_assert_uint_ne(bytes, 0);
    page[bytes] = '\0';
    return page;
}

static void check_has(const tjob_metrics *metrics, const char *line)
{
    const char *page = page_of(metrics);
    ck_assert_msg(strstr(page, line) != NULL, "no line '%s' in:\n%s", line, page);
}

START_TEST(a_fresh_page_has_each_metric_at_zero)
{
    const tjob_metrics metrics = {.now_us = read_now};
    ck_assert_str_eq(page_of(&metrics), "# HELP tjob_requests_total Requests that ended, by operation and status.\n"
                                        "# TYPE tjob_requests_total counter\n"
                                        "# HELP tjob_operations_in_progress Operations that began and have not ended.\n"
                                        "# TYPE tjob_operations_in_progress gauge\n"
                                        "tjob_operations_in_progress 0\n"
                                        "# HELP tjob_store_failures_total Operations that failed.\n"
                                        "# TYPE tjob_store_failures_total counter\n"
                                        "tjob_store_failures_total 0\n"
                                        "# HELP tjob_conflicts_total Swaps that met a conflict.\n"
                                        "# TYPE tjob_conflicts_total counter\n"
                                        "tjob_conflicts_total 0\n"
                                        "# HELP tjob_lost_answers_total Swaps whose answer was lost.\n"
                                        "# TYPE tjob_lost_answers_total counter\n"
                                        "tjob_lost_answers_total 0\n"
                                        "# HELP tjob_operation_seconds How long operations took.\n"
                                        "# TYPE tjob_operation_seconds histogram\n"
                                        "tjob_operation_seconds_bucket{le=\"0.001\"} 0\n"
                                        "tjob_operation_seconds_bucket{le=\"0.002\"} 0\n"
                                        "tjob_operation_seconds_bucket{le=\"0.005\"} 0\n"
                                        "tjob_operation_seconds_bucket{le=\"0.01\"} 0\n"
                                        "tjob_operation_seconds_bucket{le=\"0.1\"} 0\n"
                                        "tjob_operation_seconds_bucket{le=\"1\"} 0\n"
                                        "tjob_operation_seconds_bucket{le=\"+Inf\"} 0\n"
                                        "tjob_operation_seconds_sum 0.000000\n"
                                        "tjob_operation_seconds_count 0\n");
}
END_TEST

START_TEST(a_duration_counts_from_its_bound_on)
{
    static const struct {
        uint64_t took_us;
        const char *first; /* the least bucket that has it, or the sum */
        const char *none;
    } durations[] = {
        {0, "le=\"0.001\"} 1\n", "le=\"0.001\"} 0\n"},          {1000, "le=\"0.001\"} 1\n", "le=\"0.001\"} 0\n"},
        {1001, "le=\"0.002\"} 1\n", "le=\"0.001\"} 1\n"},       {2000, "le=\"0.002\"} 1\n", "le=\"0.001\"} 1\n"},
        {2001, "le=\"0.005\"} 1\n", "le=\"0.002\"} 1\n"},       {5001, "le=\"0.01\"} 1\n", "le=\"0.005\"} 1\n"},
        {10001, "le=\"0.1\"} 1\n", "le=\"0.01\"} 1\n"},         {100001, "le=\"1\"} 1\n", "le=\"0.1\"} 1\n"},
        {1000001, "le=\"+Inf\"} 1\n", "le=\"1\"} 1\n"},         {1000001, "seconds_sum 1.000001\n", "le=\"1\"} 1\n"},
        {61000000, "seconds_sum 61.000000\n", "le=\"1\"} 1\n"},
    };
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        tjob_metrics metrics = {.now_us = read_now};
        count(&metrics, TJOB_STOP, TJOB_OK, durations[i].took_us);
        check_has(&metrics, durations[i].first);
        ck_assert(strstr(page_of(&metrics), durations[i].none) == NULL);
        check_has(&metrics, "seconds_count 1\n");
    }
}
END_TEST

START_TEST(operations_are_counted_by_kind_and_status)
{
    tjob_metrics metrics = {.now_us = read_now};
    const tjob_observer observer = tjob_metrics_observer(&metrics);
    const tjob_outcome rejected = {.status = TJOB_UNKNOWN_OPERATION};
    const tjob_span span = {.outcome = &rejected};
    uint64_t tag = 0;
    count(&metrics, TJOB_STOP, TJOB_OK, 0);
    count(&metrics, TJOB_STOP, TJOB_OK, 0);
    count(&metrics, TJOB_DESCRIBE, TJOB_NOT_FOUND, 0);
    count(&metrics, TJOB_DELETE, TJOB_UNRESOLVED, 0);
    observer.ended(observer.context, NULL, &span, &tag);
    check_has(&metrics, "\ntjob_requests_total{operation=\"stop\",status=\"ok\"} 2\n");
    check_has(&metrics, "\ntjob_requests_total{operation=\"describe\",status=\"not found\"} 1\n");
    check_has(&metrics, "\ntjob_requests_total{operation=\"delete\",status=\"unresolved\"} 1\n");
    check_has(&metrics, "\ntjob_requests_total{operation=\"rejected\",status=\"unknown operation\"} 1\n");
    check_has(&metrics, "\ntjob_store_failures_total 1\n");
    check_has(&metrics, "\ntjob_conflicts_total 8\n");
    check_has(&metrics, "\ntjob_lost_answers_total 12\n");
    check_has(&metrics, "\ntjob_operations_in_progress 0\n");
}
END_TEST

/* Each has a sample of its own, and there is no other; failures among them are counted, but for what was rejected. */
START_TEST(every_operation_and_status_has_its_sample)
{
    tjob_metrics metrics = {.now_us = read_now};
    const tjob_observer observer = tjob_metrics_observer(&metrics);
    uint64_t failures = 0;
    for (int status = 0; status < TJOB_STATUS_COUNT; status++) {
        const tjob_outcome rejected = {.status = (tjob_status)status};
        const tjob_span span = {.outcome = &rejected};
        uint64_t tag = 0;
        observer.ended(observer.context, NULL, &span, &tag);
        for (int kind = 0; kind < TJOB_EVENT_KIND_COUNT; kind++) {
            count(&metrics, (tjob_event_kind)kind, (tjob_status)status, 0);
            failures += tjob_status_is_failure((tjob_status)status) ? 1 : 0;
        }
    }
    char line[160];
    for (int status = 0; status < TJOB_STATUS_COUNT; status++) {
        for (int kind = 0; kind <= TJOB_EVENT_KIND_COUNT; kind++) {
            snprintf(line, sizeof line, "\ntjob_requests_total{operation=\"%s\",status=\"%s\"} 1\n",
                     kind < TJOB_EVENT_KIND_COUNT ? tjob_event_kind_name((tjob_event_kind)kind) : "rejected",
                     tjob_status_name((tjob_status)status));
            check_has(&metrics, line);
        }
    }
    unsigned samples = 0;
    for (const char *at = page_of(&metrics); (at = strstr(at, "\ntjob_requests_total{")) != NULL; at++) {
        samples++;
    }
    ck_assert_uint_eq(samples, (TJOB_EVENT_KIND_COUNT + 1) * TJOB_STATUS_COUNT);
    snprintf(line, sizeof line, "\ntjob_store_failures_total %u\n", (unsigned)failures);
    check_has(&metrics, line);
}
END_TEST

START_TEST(an_operation_in_progress_is_shown)
{
    tjob_metrics metrics = {.now_us = read_now};
    const tjob_observer observer = tjob_metrics_observer(&metrics);
    const tjob_event event = {.kind = TJOB_STOP};
    const tjob_span span = {.event = &event};
    uint64_t tag = 0;
    observer.began(observer.context, NULL, &span, &tag);
    check_has(&metrics, "\ntjob_operations_in_progress 1\n");
}
END_TEST

/* Every counter is there, with all digits that it may have. */
START_TEST(the_largest_page_fits_and_no_smaller_buffer_does)
{
    static char page[TJOB_METRICS_BYTES_MAX];
    tjob_metrics metrics;
    memset(&metrics, 0xff, sizeof metrics);
    const size_t bytes = tjob_metrics_write(&metrics, page, sizeof page);
    ck_assert_uint_ne(bytes, 0);
    char *exact = malloc(bytes);
    ck_assert_uint_eq(tjob_metrics_write(&metrics, exact, bytes), bytes);
    ck_assert_int_eq(memcmp(exact, page, bytes), 0);
    ck_assert_uint_eq(tjob_metrics_write(&metrics, exact, bytes - 1), 0);
    free(exact);
}
END_TEST

RUN_TESTS("metrics", {a_fresh_page_has_each_metric_at_zero, 0}, {a_duration_counts_from_its_bound_on, 0},
          {operations_are_counted_by_kind_and_status, 0}, {every_operation_and_status_has_its_sample, 0},
          {an_operation_in_progress_is_shown, 0}, {the_largest_page_fits_and_no_smaller_buffer_does, 0})
