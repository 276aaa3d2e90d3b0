/* The token bucket that threads share. */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for nanosleep */

#include "tjob/bucket.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "support/jobs.h"
#include "support/suite.h"

START_TEST(it_decides_as_its_limiter_does)
{
    tjob_bucket bucket = {.word = 0};
    ck_assert(tjob_limiter_set(&bucket.limiter, 10, 1000, 3));
    uint64_t word = 0;
    for (unsigned i = 0; i < 200; i++) {
        const uint64_t now_ms = 100000 + i * 37 % 500;
        const tjob_limiter_decision decision = tjob_limiter_decide(&bucket.limiter, word, now_ms);
        word = decision.word;
        ck_assert(tjob_bucket_admit(&bucket, now_ms) ==
                  (decision.admitted ? TJOB_ADMISSION_ADMITTED : TJOB_ADMISSION_THROTTLED));
        ck_assert_uint_eq(bucket.word, word);
    }
}
END_TEST

START_TEST(a_bucket_of_zeros_admits_everything)
{
    tjob_bucket bucket = {.word = 0};
    for (unsigned i = 0; i < 1000; i++) {
        ck_assert_int_eq(tjob_bucket_admit(&bucket, 5), TJOB_ADMISSION_ADMITTED);
    }
}
END_TEST

START_TEST(its_hook_is_the_bucket)
{
    tjob_bucket bucket = {.word = 0};
    const tjob_event event = {.kind = TJOB_STOP};
    ck_assert(tjob_limiter_set(&bucket.limiter, 1, 1000, 1));
    const tjob_admitter hook = tjob_bucket_admitter(&bucket);
    ck_assert_int_eq(hook.admit(hook.context, NULL, sample_arn, &event, 9000), TJOB_ADMISSION_ADMITTED);
    ck_assert_int_eq(hook.admit(hook.context, NULL, sample_arn, &event, 9999), TJOB_ADMISSION_THROTTLED);
    ck_assert_int_eq(hook.admit(hook.context, NULL, sample_arn, &event, 10000), TJOB_ADMISSION_ADMITTED);
}
END_TEST

/* ---- Threads --------------------------------------------------------------------------------------------------- */

enum { THREADS = 4, TRIES = 20000, BURST = 5000 };

static tjob_bucket shared;
static atomic_uint admitted;

static void *hammer(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < TRIES; i++) {
        admitted += tjob_bucket_admit(&shared, 1000) == TJOB_ADMISSION_ADMITTED;
    }
    return NULL;
}

/* At one instant the burst is admitted and not one more, however many ask. */
START_TEST(threads_together_get_the_burst_and_no_more)
{
    pthread_t threads[THREADS];
    memset(&shared, 0, sizeof shared);
    admitted = 0;
    ck_assert(tjob_limiter_set(&shared.limiter, 1, 1000, BURST));
    for (unsigned i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, hammer, NULL), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    ck_assert_uint_eq(admitted, BURST);
}
END_TEST

enum { DELAYED_THREADS = 16, DELAYED_CALLS = 4000, DELAYED_MS = 900, DELAYED_BURST = 5 };

static atomic_ullong virtual_us;

/* The clock goes on with each reading. Now and then a thread sleeps between its reading and its decision. */
static void *read_then_decide(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < DELAYED_CALLS; i++) {
        const uint64_t now_us = atomic_fetch_add(&virtual_us, DELAYED_MS * 1000 / (DELAYED_THREADS * DELAYED_CALLS));
        if (i % 64 == 0) {
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        }
        admitted += tjob_bucket_admit(&shared, 1000000 + now_us / 1000) == TJOB_ADMISSION_ADMITTED;
    }
    return NULL;
}

START_TEST(threads_that_decide_late_get_the_rate_and_no_more)
{
    pthread_t threads[DELAYED_THREADS];
    memset(&shared, 0, sizeof shared);
    admitted = 0;
    virtual_us = 0;
    ck_assert(tjob_limiter_set(&shared.limiter, 1, 1, DELAYED_BURST));
    for (unsigned i = 0; i < DELAYED_THREADS; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, read_then_decide, NULL), 0);
    }
    for (unsigned i = 0; i < DELAYED_THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    ck_assert_uint_ge(admitted, DELAYED_BURST);
    ck_assert_uint_le(admitted, DELAYED_BURST + virtual_us / 1000);
}
END_TEST

RUN_TESTS("bucket", {it_decides_as_its_limiter_does, 0}, {a_bucket_of_zeros_admits_everything, 0},
          {its_hook_is_the_bucket, 0}, {threads_together_get_the_burst_and_no_more, 0},
          {threads_that_decide_late_get_the_rate_and_no_more, 0})
