/*
 * Stops all jobs of a list. What is safe to send again is sent again, in rounds that are further and further apart;
 * what is not is reported. A throttled request waits, and costs no attempt. The list has the incarnation of each job,
 * so a late attempt never stops a newer job of the same name.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tjob/tjob.h"

static uint64_t now_ms = 1600000000000;

/* A real host sleeps here, and adds a random part to the time. */
static void wait_ms(uint64_t duration_ms)
{
    now_ms += duration_ms;
}

/* ---- The bulk stop --------------------------------------------------------------------------------------------- */

enum { ATTEMPTS_MAX = 4, FIRST_WAIT_MS = 100, THROTTLE_WAIT_MS = 250, THROTTLES_MAX = 100 };

struct entry {
    const char *name;
    tjob_text arn;
    uint64_t incarnation;
    tjob_status status; /* of the latest attempt */
    bool is_done;
};

/* Whether to stop again after this status. A stop is idempotent, so every failure permits it; one never goes away. */
static bool is_worth_a_retry(tjob_status status)
{
    return tjob_status_is_failure(status) && status != TJOB_MISCONFIGURED;
}

/* Stops one job. Waits while it is throttled, at most so many times; then throttling counts as a failure. */
static tjob_status stop_politely(const tjob_service *service, const struct entry *entry)
{
    const tjob_event stop = {.kind = TJOB_STOP, .incarnation = entry->incarnation};
    tjob_status status = tjob_perform(service, NULL, entry->arn, &stop, NULL);
    for (int i = 0; i < THROTTLES_MAX && status == TJOB_THROTTLED; i++) {
        wait_ms(THROTTLE_WAIT_MS);
        status = tjob_perform(service, NULL, entry->arn, &stop, NULL);
    }
    return status;
}

/* Stops all jobs of a list. Returns the number of those whose stop was not accepted; each has its status. */
static int stop_all(const tjob_service *service, struct entry *entries, int count)
{
    int left = count;
    uint64_t pause_ms = FIRST_WAIT_MS;
    for (int attempt = 1; attempt <= ATTEMPTS_MAX && left > 0; attempt++) {
        left = 0;
        for (int i = 0; i < count; i++) {
            struct entry *entry = &entries[i];
            if (!entry->is_done) {
                entry->status = stop_politely(service, entry);
                entry->is_done = !is_worth_a_retry(entry->status) && entry->status != TJOB_THROTTLED;
                left += !entry->is_done;
                printf("  round %d, %4" PRIu64 " ms: %s: %s\n", attempt, now_ms - 1600000000000, entry->name,
                       tjob_status_name(entry->status));
            }
        }
        if (left > 0) {
            wait_ms(pause_ms);
            pause_ms *= 2;
        }
    }
    int failures = 0;
    for (int i = 0; i < count; i++) {
        failures += entries[i].status != TJOB_OK;
    }
    return failures;
}

/* ---- The host: a store that sometimes fails, and a rate limit --------------------------------------------------- */

static uint64_t memory[TJOB_MEMORY_STORE_BYTES(8) / sizeof(uint64_t)];
static tjob_memory_store memory_store;
static tjob_store inner;
static char down;      /* the last letter of the name whose record is out of reach */
static int down_calls; /* for so many loads */

static bool is_down(tjob_text arn)
{
    if (down_calls == 0 || arn.data[arn.bytes - 1] != down) {
        return false;
    }
    down_calls--;
    return true;
}

static tjob_load_status load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    (void)context;
    return is_down(arn) ? TJOB_LOAD_UNAVAILABLE : inner.load(inner.context, user, arn, job, version);
}

static tjob_swap_status swap(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    (void)context;
    return inner.swap(inner.context, user, arn, expected, next);
}

static uint64_t clock_now_ms(void *context, void *user)
{
    (void)context, (void)user;
    return now_ms;
}

#define RECOGNIZER(name) TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/" name)

int main(void)
{
    static tjob_bucket bucket;
    static struct entry entries[] = {
        {.name = "rose", .arn = RECOGNIZER("rose")},     {.name = "tulip", .arn = RECOGNIZER("tulip")},
        {.name = "lily", .arn = RECOGNIZER("lily")},     {.name = "iris", .arn = RECOGNIZER("iris")},
        {.name = "daisy1", .arn = RECOGNIZER("daisy1")}, {.name = "violet", .arn = RECOGNIZER("violet")},
    };
    const int count = sizeof entries / sizeof entries[0];
    tjob_memory_store_init(&memory_store, memory, sizeof memory, 8, NULL, NULL);
    inner = tjob_memory_store_callbacks(&memory_store);
    tjob_limiter_set(&bucket.limiter, 4, 1000, 4);
    const tjob_service service = {
        .store = {NULL, load, swap},
        .clock = {NULL, clock_now_ms},
        .admitter = tjob_bucket_admitter(&bucket),
    };
    for (int i = 0; i < count - 1; i++) { /* all but the violet */
        tjob_outcome outcome;
        tjob_submit(&service, NULL, entries[i].arn, 0, (uint64_t)i + 1, 0, &outcome);
        entries[i].incarnation = outcome.job.incarnation;
        tjob_start(&service, NULL, entries[i].arn, 0, (uint64_t)i + 100, NULL);
    }
    /* The daisy is replaced by a new job of its name after the list was made; the tulip is out of reach for a while. */
    tjob_report(&service, NULL, entries[4].arn, TJOB_FAILED, 0, 104, 0, NULL);
    tjob_delete(&service, NULL, entries[4].arn, NULL);
    tjob_remove(&service, NULL, entries[4].arn, 0, NULL);
    tjob_submit(&service, NULL, entries[4].arn, 0, 50, 0, NULL);
    down = 'p';
    down_calls = 2;

    const int failures = stop_all(&service, entries, count);
    printf("%d of %d not stopped\n", failures, count);
    now_ms += 10000; /* the bucket fills again */
    tjob_outcome outcome;
    tjob_describe(&service, NULL, entries[4].arn, &outcome);
    printf("the new daisy1 is %s\n", tjob_state_name(outcome.after));
    return EXIT_SUCCESS;
}
