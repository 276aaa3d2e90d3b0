/* The token bucket as a function of one word: its rate, its bursts, and clocks that jump. */
#include "tjob/limiter.h"

#include <string.h>

#include "support/random.h"
#include "support/suite.h"

#define NS_PER_MS UINT64_C(1000000)

static tjob_limiter rate(uint32_t requests, uint32_t per_ms, uint32_t burst)
{
    tjob_limiter limiter;
    ck_assert(tjob_limiter_set(&limiter, requests, per_ms, burst));
    return limiter;
}

/* How many of `tries` requests at one instant are admitted. */
static unsigned admitted_at(const tjob_limiter *limiter, uint64_t *word, uint64_t now_ms, unsigned tries)
{
    unsigned admitted = 0;
    for (unsigned i = 0; i < tries; i++) {
        const tjob_limiter_decision decision = tjob_limiter_decide(limiter, *word, now_ms);
        *word = decision.word;
        admitted += decision.admitted;
    }
    return admitted;
}

START_TEST(a_rate_is_an_interval_and_a_window)
{
    static const struct {
        uint32_t requests, per_ms, burst;
        uint64_t interval_ns, window_ns;
    } cases[] = {
        {1, 1, 1, NS_PER_MS, NS_PER_MS},
        {10, 1000, 20, 100 * NS_PER_MS, 2000 * NS_PER_MS},
        {3, 1, 2, 333334, 666668}, /* rounded up: the rate is never exceeded */
        {UINT32_MAX, 1, 1, 1, 1},
        {1, UINT32_MAX, 1, UINT32_MAX * NS_PER_MS, UINT32_MAX * NS_PER_MS},
        {1, UINT32_MAX, 1073, UINT32_MAX * NS_PER_MS, 1073 * (UINT32_MAX * NS_PER_MS)},
        {1, UINT32_MAX, 1074, UINT32_MAX * NS_PER_MS, TJOB_LIMITER_WINDOW_NS_MAX},
        {1, UINT32_MAX, UINT32_MAX, UINT32_MAX * NS_PER_MS, TJOB_LIMITER_WINDOW_NS_MAX},
        {UINT32_MAX, UINT32_MAX, UINT32_MAX, NS_PER_MS, UINT32_MAX * NS_PER_MS},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const tjob_limiter limiter = rate(cases[i].requests, cases[i].per_ms, cases[i].burst);
        ck_assert_uint_eq(limiter.interval_ns, cases[i].interval_ns);
        ck_assert_uint_eq(limiter.window_ns, cases[i].window_ns);
    }
}
END_TEST

START_TEST(a_rate_of_nothing_is_refused_and_changes_nothing)
{
    static const uint32_t zeros[][3] = {{0, 1, 1}, {1, 0, 1}, {1, 1, 0}, {0, 0, 0}};
    for (unsigned i = 0; i < 4; i++) {
        tjob_limiter limiter = {.interval_ns = 5, .window_ns = 6};
        ck_assert(!tjob_limiter_set(&limiter, zeros[i][0], zeros[i][1], zeros[i][2]));
        ck_assert(limiter.interval_ns == 5 && limiter.window_ns == 6);
    }
}
END_TEST

START_TEST(a_limiter_of_zeros_admits_everything)
{
    const tjob_limiter limiter = {.interval_ns = 0};
    uint64_t word = 0;
    for (uint64_t now_ms = 0; now_ms < 5; now_ms++) {
        ck_assert_uint_eq(admitted_at(&limiter, &word, now_ms, 1000), 1000);
    }
    ck_assert_uint_eq(admitted_at(&limiter, &word, 0, 10), 10);
}
END_TEST

/* At any time, the first included: a burst, then one each interval. */
START_TEST(a_fresh_bucket_admits_its_burst_and_then_its_rate)
{
    static const uint64_t times[] = {0, 1, 1767225600000, UINT64_MAX / NS_PER_MS - 5000, UINT64_MAX - 5000};
    const tjob_limiter limiter = rate(10, 1000, 20);
    const uint64_t start_ms = times[_i];
    uint64_t word = start_ms * NS_PER_MS;
    ck_assert_uint_eq(admitted_at(&limiter, &word, start_ms, 100), 20);
    ck_assert_uint_eq(admitted_at(&limiter, &word, start_ms + 99, 100), 0);
    ck_assert_uint_eq(admitted_at(&limiter, &word, start_ms + 100, 100), 1);
    ck_assert_uint_eq(admitted_at(&limiter, &word, start_ms + 350, 100), 2);
    ck_assert_uint_eq(admitted_at(&limiter, &word, start_ms + 400, 100), 1); /* the half interval was not lost */
    ck_assert_uint_eq(admitted_at(&limiter, &word, start_ms + 2400, 100), 20);
    ck_assert_uint_eq(admitted_at(&limiter, &word, start_ms + 5000, 100), 20);
}
END_TEST

START_TEST(the_first_word_is_a_full_bucket)
{
    static const uint64_t times[] = {0, 1, 1767225600000};
    const tjob_limiter limiter = rate(10, 1000, 20);
    uint64_t word = 0;
    ck_assert_uint_eq(admitted_at(&limiter, &word, times[_i], 100), 20);
}
END_TEST

/* A request that is not admitted costs nothing: who hammers is not punished, nor does it starve others. */
START_TEST(what_is_throttled_does_not_use_up_the_rate)
{
    const tjob_limiter limiter = rate(1, 1000, 1);
    uint64_t word = 0;
    ck_assert_uint_eq(admitted_at(&limiter, &word, 10000, 1), 1);
    for (uint64_t now_ms = 10000; now_ms < 11000; now_ms++) {
        ck_assert_uint_eq(admitted_at(&limiter, &word, now_ms, 10), 0);
    }
    ck_assert_uint_eq(admitted_at(&limiter, &word, 11000, 10), 1);
}
END_TEST

/* ---- Against the definition ------------------------------------------------------------------------------------ */

/* In no stretch of time more than its burst and its rate; and whenever that leaves room, a request is admitted. */
START_TEST(in_every_stretch_of_time_the_burst_and_the_rate_and_no_more)
{
    enum { REQUESTS = 400 };
    uint64_t random = (uint64_t)_i + 1;
    const uint32_t burst = (uint32_t)(1 + next_random(&random) % 8);
    const uint32_t interval_ms = (uint32_t)(1 + next_random(&random) % 50);
    const tjob_limiter limiter = rate(1, interval_ms, burst);
    uint64_t admitted[REQUESTS];
    unsigned count = 0;
    uint64_t word = 0;
    uint64_t now_ms = 1000;
    for (unsigned i = 0; i < REQUESTS; i++) {
        now_ms += next_random(&random) % 3 == 0 ? next_random(&random) % (interval_ms * 3) : 0;
        bool room = true;
        for (unsigned k = 0; k < count; k++) {
            const uint64_t since = count - k + 1; /* with this one, from the k-th on */
            room = room && since <= burst + (now_ms - admitted[k]) / interval_ms;
        }
        const tjob_limiter_decision decision = tjob_limiter_decide(&limiter, word, now_ms);
        word = decision.word;
        EXPECT(decision.admitted == room);
        if (decision.admitted) {
            admitted[count++] = now_ms;
        }
    }
    ck_assert_uint_gt(count, burst);
}
END_TEST

/* ---- Clocks that jump ------------------------------------------------------------------------------------------ */

START_TEST(a_clock_that_jumps_ahead_fills_the_bucket_at_most)
{
    static const uint64_t jumps[] = {2000, 1000000, UINT64_C(1) << 40, UINT64_MAX / 2 / NS_PER_MS - 10000};
    const tjob_limiter limiter = rate(10, 1000, 20);
    uint64_t word = 0;
    ck_assert_uint_eq(admitted_at(&limiter, &word, 5000, 100), 20);
    ck_assert_uint_eq(admitted_at(&limiter, &word, 5000 + jumps[_i], 100), 20);
}
END_TEST

START_TEST(a_clock_that_jumps_back_is_recovered_from_within_one_interval)
{
    static const uint64_t jumps[] = {1, 50, 2000, 1000000, 1767225600000};
    const tjob_limiter limiter = rate(10, 1000, 20);
    const uint64_t then_ms = 1767225600000;
    const uint64_t now_ms = then_ms - jumps[_i];
    uint64_t word = 0;
    ck_assert_uint_eq(admitted_at(&limiter, &word, then_ms, 100), 20);
    ck_assert_uint_eq(admitted_at(&limiter, &word, now_ms, 100), 0);
    ck_assert_uint_eq(admitted_at(&limiter, &word, now_ms + 99, 100), 0);
    ck_assert_uint_eq(admitted_at(&limiter, &word, now_ms + 100, 100), 1);
    ck_assert_uint_eq(admitted_at(&limiter, &word, now_ms + 2100, 100), 20);
}
END_TEST

/* Any word, any time, any limiter: the word never lies further ahead than a burst, and an interval later one is
 * admitted. */
START_TEST(any_word_at_any_time_is_safe)
{
    static const uint64_t values[] = {0,
                                      1,
                                      NS_PER_MS,
                                      UINT64_MAX / 2,
                                      UINT64_MAX / 2 + 1,
                                      UINT64_C(1) << 62,
                                      UINT64_MAX - 1,
                                      UINT64_MAX,
                                      UINT64_C(0x9e3779b97f4a7c15)};
    static const uint32_t rates[][3] = {
        {1, 1, 1}, {10, 1000, 20}, {UINT32_MAX, 1, UINT32_MAX}, {1, UINT32_MAX, UINT32_MAX}};
    enum { VALUES = sizeof values / sizeof values[0] };
    const tjob_limiter limiter = rate(rates[_i][0], rates[_i][1], rates[_i][2]);
    for (unsigned i = 0; i < VALUES * VALUES; i++) {
        const uint64_t now_ms = values[i / VALUES];
        const tjob_limiter_decision first = tjob_limiter_decide(&limiter, values[i % VALUES], now_ms);
        EXPECT(first.word - now_ms * NS_PER_MS <= limiter.window_ns);
        const uint64_t later_ms = now_ms + (limiter.interval_ns + NS_PER_MS - 1) / NS_PER_MS;
        EXPECT(tjob_limiter_decide(&limiter, first.word, later_ms).admitted);
    }
}
END_TEST

/* A word at most half of all times ahead is ahead, and cut back; beyond that it is behind, and the bucket full. */
START_TEST(half_of_all_times_is_ahead_and_half_behind)
{
    const tjob_limiter limiter = rate(10, 1000, 20);
    const uint64_t now_ns = 5000 * NS_PER_MS;
    ck_assert(!tjob_limiter_decide(&limiter, now_ns + UINT64_MAX / 2, 5000).admitted);
    ck_assert(tjob_limiter_decide(&limiter, now_ns + UINT64_MAX / 2 + 1, 5000).admitted);
}
END_TEST

RUN_TESTS("limiter", {half_of_all_times_is_ahead_and_half_behind, 0}, {a_rate_is_an_interval_and_a_window, 0},
          {a_rate_of_nothing_is_refused_and_changes_nothing, 0}, {a_limiter_of_zeros_admits_everything, 0},
          {a_fresh_bucket_admits_its_burst_and_then_its_rate, 5}, {the_first_word_is_a_full_bucket, 3},
          {what_is_throttled_does_not_use_up_the_rate, 0},
          {in_every_stretch_of_time_the_burst_and_the_rate_and_no_more, 300},
          {a_clock_that_jumps_ahead_fills_the_bucket_at_most, 4},
          {a_clock_that_jumps_back_is_recovered_from_within_one_interval, 5}, {any_word_at_any_time_is_safe, 4})
