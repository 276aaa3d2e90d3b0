/* The token bucket as a function of one word: its rate, its bursts, times in any order, and clocks that jump. */
#include "tjob/limiter.h"

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
        {7, 1, 3, 142858, 428574}, /* 142857.1, and to an even number */
        {6, 1000, 3, 166666668, 500000004},
        {UINT32_MAX, 1, 1, 2, 2},
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
    static const uint64_t times[] = {0,
                                     1,
                                     1767225600000,
                                     9223372036854, /* the last millisecond of the first half of all nanoseconds */
                                     9223372036855,
                                     18446744073709,
                                     18446744073710,
                                     253402300799000, /* the end of the year 9999 */
                                     UINT64_MAX};
    const tjob_limiter limiter = rate(10, 1000, 20);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        uint64_t word = 0;
        ck_assert_uint_eq(admitted_at(&limiter, &word, times[i], 100), 20);
    }
}
END_TEST

/* An arrival time of 2^64 ns is not the word of a fresh bucket. */
START_TEST(no_request_makes_the_bucket_a_fresh_one)
{
    const uint64_t now_ms = UINT64_MAX / NS_PER_MS;
    const uint64_t left_ns = UINT64_MAX - now_ms * NS_PER_MS + 1;
    const tjob_limiter limiter = {.interval_ns = left_ns, .window_ns = left_ns};
    uint64_t word = 0;
    ck_assert_uint_eq(admitted_at(&limiter, &word, now_ms, 10), 1);
}
END_TEST

/* An interval that is longer than the window lets nothing in, whatever the order of the times. */
START_TEST(a_window_that_is_too_small_for_one_lets_none_in)
{
    const tjob_limiter limiter = {.interval_ns = UINT64_MAX - 10, .window_ns = UINT64_C(1) << 40};
    uint64_t word = 0;
    for (uint64_t now_ms = 1000000; now_ms > 999990; now_ms--) {
        ck_assert_uint_eq(admitted_at(&limiter, &word, now_ms, 3), 0);
    }
}
END_TEST

/* A limiter that nobody set with tjob_limiter_set may have an odd interval: it is taken for the even one above. */
START_TEST(an_odd_interval_never_exceeds_its_rate)
{
    const tjob_limiter limiter = {.interval_ns = 333333, .window_ns = 4 * 333333};
    uint64_t word = 0;
    unsigned admitted = 0;
    for (uint64_t now_ms = 5000; now_ms < 6000; now_ms++) {
        admitted += admitted_at(&limiter, &word, now_ms, 10);
    }
    ck_assert_uint_ge(admitted, 2900);
    ck_assert_uint_le(admitted, 3003);
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

/* How long times must stay back before they are believed, at the longest, in milliseconds. */
static uint64_t patience_ms(const tjob_limiter *limiter)
{
    const bool wide = limiter->window_ns > TJOB_LIMITER_LATENESS_NS_MIN;
    return 2 * (wide ? limiter->window_ns : TJOB_LIMITER_LATENESS_NS_MIN) / NS_PER_MS + 1;
}

/* However far it was set back, and whatever the rate: throttled at first, then the rate again, and never stuck. */
START_TEST(a_clock_that_was_set_back_is_recovered_from)
{
    static const uint64_t jumps[] = {1, 50, 900, 2000, 3999, 4000, 4001, 8000, 1000000, 86400000, 1767225600000};
    static const uint32_t rates[][3] = {{10, 1000, 20}, {100, 1000, 5}, {1, 1000, 1}, {1, 60000, 3}, {1000, 1, 1}};
    const tjob_limiter limiter = rate(rates[_i][0], rates[_i][1], rates[_i][2]);
    const uint64_t interval_ms = (limiter.interval_ns + NS_PER_MS - 1) / NS_PER_MS;
    for (unsigned i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
        const uint64_t then_ms = 1767225600000;
        const uint64_t back_ms = then_ms - jumps[i];
        const uint64_t step_ms = interval_ms < 100 ? interval_ms : 100;
        uint64_t word = 0;
        admitted_at(&limiter, &word, then_ms, 10000);
        uint64_t now_ms = back_ms;
        while (!admitted_at(&limiter, &word, now_ms, 1)) {
            now_ms += step_ms;
            ck_assert_uint_le(now_ms - back_ms, patience_ms(&limiter) + interval_ms + 2 * step_ms);
        }
        ck_assert_uint_ge(now_ms - back_ms, interval_ms);
        ck_assert_uint_eq(admitted_at(&limiter, &word, now_ms, 10000), 0);
    }
}
END_TEST

/* A service that is seldom called recovers by its second call, up to a quarter of a million times the lateness apart.
 */
START_TEST(two_calls_are_enough_to_recover)
{
    static const uint64_t apart_ms[] = {2000, 3600000, 86400000, 262143000};
    const tjob_limiter limiter = rate(1, 1000, 1);
    uint64_t word = 0;
    ck_assert_uint_eq(admitted_at(&limiter, &word, 1767225600000, 2), 1);
    ck_assert_uint_eq(admitted_at(&limiter, &word, 9000, 1), 0);
    ck_assert_uint_eq(admitted_at(&limiter, &word, 9000 + apart_ms[_i], 10), 0);
    ck_assert_uint_eq(admitted_at(&limiter, &word, 9999 + apart_ms[_i], 10), 0);
    ck_assert_uint_eq(admitted_at(&limiter, &word, 10000 + apart_ms[_i], 10), 1);
}
END_TEST

/* One that comes late enough makes the limiter believe, and is throttled, however long ago the set-back was. */
START_TEST(the_request_that_is_believed_is_not_yet_admitted)
{
    static const uint64_t after_ms[] = {0, 900, 1900, 2900};
    const tjob_limiter limiter = rate(1000, 1000, 1);
    uint64_t word = 0;
    ck_assert_uint_eq(admitted_at(&limiter, &word, 1767225600000, 2), 1);
    for (unsigned i = 0; i < sizeof after_ms / sizeof after_ms[0]; i++) {
        ck_assert_uint_eq(admitted_at(&limiter, &word, 1000000000 + after_ms[i], 1), 0);
    }
    ck_assert_uint_eq(admitted_at(&limiter, &word, 1000002950, 1), 1);
}
END_TEST

/* A clock that was set back, and the requests that come after that until one is admitted. */
typedef struct recovery {
    tjob_limiter limiter;
    uint64_t lateness_ms, window_ms, interval_ms;
    uint64_t before_ms; /* the latest time before it was set back */
    uint64_t first_ms;  /* after that */
    uint64_t due_ms; /* when one is to be admitted, by what is said; UINT64_MAX as long as none has come late enough */
    bool is_near;    /* it lay back by no more than the lateness and the window when one had */
} recovery;

/* Whether one was throttled a millisecond before it was due: near, and far back. */
static bool tight[2];

static void note_late_enough(recovery *clock, uint64_t now_ms)
{
    if (clock->due_ms == UINT64_MAX && now_ms >= clock->first_ms + 2 * clock->lateness_ms) {
        clock->is_near = clock->before_ms <= now_ms + clock->lateness_ms + clock->window_ms;
        clock->due_ms = now_ms + clock->interval_ms + (clock->is_near ? clock->lateness_ms : 0);
    }
}

/* Requests that come after each other by some of a few gaps, in the order that a number reports. */
static void expect_recovery(recovery clock, uint64_t word, const uint64_t *gaps_ms, unsigned gaps, unsigned order)
{
    enum { REQUESTS = 5 };
    uint64_t now_ms = clock.first_ms;
    clock.due_ms = UINT64_MAX;
    for (unsigned i = 0; i < REQUESTS && admitted_at(&clock.limiter, &word, now_ms, 1) == 0; i++, order /= gaps) {
        EXPECT(now_ms < clock.due_ms);
        tight[clock.is_near ? 0 : 1] |= now_ms + 1 == clock.due_ms;
        note_late_enough(&clock, now_ms);
        now_ms += gaps_ms[order % gaps];
    }
}

/* As the header says when a request is admitted: at no moment later, and nowhere could it say a sooner one. */
START_TEST(a_set_back_is_recovered_from_when_it_is_said_to_be)
{
    enum { GAPS = 9, ORDERS = GAPS * GAPS * GAPS * GAPS, FAR_MS = 1767225600 };
    static const uint32_t rates[][3] = {{10, 1000, 20}, {100, 1000, 5}, {1, 1000, 1}, {1, 500, 4}, {1000, 1000, 1}};
    recovery clock = {.limiter = rate(rates[_i][0], rates[_i][1], rates[_i][2])};
    const uint64_t window = clock.window_ms = clock.limiter.window_ns / NS_PER_MS;
    const uint64_t late = clock.lateness_ms = window > 1000 ? window : 1000;
    const uint64_t interval = clock.interval_ms = clock.limiter.interval_ns / NS_PER_MS;
    const uint64_t gaps[GAPS] = {
        1, interval - 1, interval, late - 1, late, late + interval - 1, late + interval, 2 * late - 1, 2 * late};
    const uint64_t phases[] = {0, 1, late / 2, late - 1};
    const uint64_t distances[] = {
        1, late, late + 1, 2 * late, 3 * late - 3, 3 * late, 3 * late + window, 3 * late + window + 1, FAR_MS};
    enum { PHASES = sizeof phases / sizeof phases[0], DISTANCES = sizeof distances / sizeof distances[0] };
    tight[0] = tight[1] = false;
    for (unsigned i = 0; i < 2 * PHASES * DISTANCES; i++) {
        uint64_t word = 0;
        clock.first_ms = 1000 * late + phases[i / 2 % PHASES];
        clock.before_ms = clock.first_ms + distances[i / 2 / PHASES];
        admitted_at(&clock.limiter, &word, clock.before_ms, i % 2 == 0 ? 1 : rates[_i][2]);
        for (unsigned order = 0; order < ORDERS; order++) {
            expect_recovery(clock, word, gaps, GAPS, order);
        }
    }
    ck_assert(tight[0] && tight[1]);
}
END_TEST

/* Set back once more while the first time is in doubt: the doubt begins anew, and the bucket is not stuck. */
START_TEST(a_clock_may_be_set_back_again_meanwhile)
{
    const tjob_limiter limiter = rate(10, 1000, 20);
    uint64_t word = 0;
    ck_assert_uint_eq(admitted_at(&limiter, &word, 1767225600000, 100), 20);
    ck_assert_uint_eq(admitted_at(&limiter, &word, 1000000000, 100), 0);
    ck_assert_uint_eq(admitted_at(&limiter, &word, 999000000, 100), 0);
    ck_assert_uint_eq(admitted_at(&limiter, &word, 999002000, 100), 0);
    ck_assert_uint_eq(admitted_at(&limiter, &word, 999004000, 100), 0);
    ck_assert_uint_eq(admitted_at(&limiter, &word, 999004100, 100), 1);
}
END_TEST

/* ---- Times in any order ---------------------------------------------------------------------------------------- */

/* An older time in between gives nothing back, however much older it is. */
START_TEST(an_older_time_never_adds_room)
{
    static const uint64_t older_by_ms[] = {1, 100, 1999, 2000, 2001, 3000, 4000, 4001, 100000, 999000};
    const tjob_limiter limiter = rate(10, 1000, 20);
    uint64_t word = 0;
    ck_assert_uint_eq(admitted_at(&limiter, &word, 1000000, 30), 20);
    ck_assert_uint_eq(admitted_at(&limiter, &word, 1000000 - older_by_ms[_i], 1), 0);
    ck_assert_uint_eq(admitted_at(&limiter, &word, 1000000, 30), 0);
    ck_assert_uint_eq(admitted_at(&limiter, &word, 1000000 - older_by_ms[_i], 30), 0);
    ck_assert_uint_eq(admitted_at(&limiter, &word, 1000101, 30), 1); /* and takes a millisecond at most */
}
END_TEST

/* Late calls with times of their own, more than the patience apart, but with a newer time between each two. */
START_TEST(a_newer_time_ends_every_doubt)
{
    const tjob_limiter limiter = rate(10, 1000, 20);
    uint64_t word = 0;
    ck_assert_uint_eq(admitted_at(&limiter, &word, 1000000, 30), 20);
    for (uint64_t late_ms = 800000; late_ms < 990000; late_ms += 2000) {
        ck_assert_uint_eq(admitted_at(&limiter, &word, late_ms, 2), 0);
        ck_assert_uint_eq(admitted_at(&limiter, &word, 1000000, 1), 0);
    }
    ck_assert_uint_eq(admitted_at(&limiter, &word, 1000101, 30), 1);
}
END_TEST

/* However short the window, what is late by less than a second is never taken for a set-back. */
START_TEST(a_thread_late_by_less_than_a_second_is_never_believed)
{
    const tjob_limiter limiter = rate(100, 1000, 5);
    uint64_t word = 0;
    ck_assert_uint_eq(admitted_at(&limiter, &word, 1000000, 30), 5);
    for (uint64_t late_ms = 999000; late_ms < 1000000; late_ms += 10) {
        ck_assert_uint_eq(admitted_at(&limiter, &word, late_ms, 2), 0);
    }
    ck_assert_uint_eq(admitted_at(&limiter, &word, 1000000, 30), 0);
    ck_assert_uint_eq(admitted_at(&limiter, &word, 1000010, 30), 1);
}
END_TEST

/* The window and the lateness behind the arrival time: up to there the word stays as it is. */
START_TEST(what_is_later_than_the_lateness_is_suspected)
{
    const tjob_limiter limiter = rate(10, 1000, 20);
    uint64_t word = 0;
    ck_assert_uint_eq(admitted_at(&limiter, &word, 1000000, 30), 20);
    ck_assert_uint_eq(tjob_limiter_decide(&limiter, word, 998000).word, word);
    ck_assert_uint_ne(tjob_limiter_decide(&limiter, word, 997999).word, word);
}
END_TEST

enum { TIMES_MAX = 6 };

/* Some calls at each of a few times, one time after the other. */
typedef struct sequence {
    const tjob_limiter *limiter;
    uint64_t ms[TIMES_MAX];
    unsigned count;
    unsigned calls;
} sequence;

static unsigned admitted_of(const sequence *times)
{
    uint64_t word = 0;
    unsigned admitted = 0;
    for (unsigned i = 0; i < times->count; i++) {
        admitted += admitted_at(times->limiter, &word, times->ms[i], times->calls);
    }
    return admitted;
}

/*
 * What may be admitted at most: the burst, and the rate from the first time to the latest. If times stayed back, one
 * after another and all more than the lateness behind the latest, from some time to another that is more than the
 * lateness younger, then the clock may pass for set back, and the rate begins anew at that time, without a burst.
 */
static uint64_t allowed(const sequence *times)
{
    const tjob_limiter *limiter = times->limiter;
    const bool wide = limiter->window_ns > TJOB_LIMITER_LATENESS_NS_MIN;
    const uint64_t lateness_ms = (wide ? limiter->window_ns : TJOB_LIMITER_LATENESS_NS_MIN) / NS_PER_MS;
    uint64_t passed_ms = 0;
    uint64_t latest = times->ms[0];
    uint64_t since = UINT64_MAX;
    for (unsigned i = 1; i < times->count; i++) {
        const uint64_t now = times->ms[i];
        if (now + lateness_ms >= latest) {
            passed_ms += now > latest ? now - latest : 0;
            latest = now > latest ? now : latest;
            since = UINT64_MAX;
        } else if (since != UINT64_MAX && now > since + lateness_ms) {
            latest = now;
            since = UINT64_MAX;
        } else {
            since = now < since ? now : since;
        }
    }
    return (limiter->window_ns + passed_ms * NS_PER_MS) / limiter->interval_ns;
}

/* Every sequence of `count` times out of some. */
static void check_every_order(sequence *times, const uint64_t *out_of_ms, unsigned some)
{
    unsigned total = 1;
    for (unsigned i = 0; i < times->count; i++) {
        total *= some;
    }
    for (unsigned order = 0; order < total; order++) {
        for (unsigned i = 0, rest = order; i < times->count; i++, rest /= some) {
            times->ms[i] = out_of_ms[rest % some];
        }
        EXPECT(admitted_of(times) <= allowed(times));
    }
}

START_TEST(three_times_in_every_order_admit_no_more_than_the_burst_and_the_rate)
{
    static const uint64_t out_of_ms[] = {900000, 990000, 995000,  995999,  996000,  996001,  997000,  998000,
                                         998001, 999900, 1000000, 1000001, 1000100, 1002000, 1004001, 1006001};
    static const uint32_t rates[][3] = {{10, 1000, 20}, {100, 1000, 5}, {1, 1000, 1}, {1, 2000, 2}};
    static const unsigned calls[] = {1, 3, 30};
    const tjob_limiter limiter = rate(rates[_i % 4][0], rates[_i % 4][1], rates[_i % 4][2]);
    sequence times = {.limiter = &limiter, .count = 3, .calls = calls[_i / 4]};
    check_every_order(&times, out_of_ms, sizeof out_of_ms / sizeof out_of_ms[0]);
}
END_TEST

START_TEST(six_times_in_every_order_admit_no_more_than_the_burst_and_the_rate)
{
    static const uint64_t out_of_ms[] = {980000, 990000, 993000, 996000, 999000, 1000000, 1000100};
    static const unsigned calls[] = {1, 2, 4};
    const tjob_limiter limiter = rate(1, 500, 4);
    sequence times = {.limiter = &limiter, .count = TIMES_MAX, .calls = calls[_i]};
    check_every_order(&times, out_of_ms, sizeof out_of_ms / sizeof out_of_ms[0]);
}
END_TEST

/* ---- Callers that read a time, and decide with it later ---------------------------------------------------------- */

enum { CALLERS = 3, CALLS = 2, TICKS = 2, STEPS = 2 * CALLERS * CALLS + TICKS };

/* A model: callers on a clock that only goes on. A step is a tick, a caller's reading, or its decision. */
typedef struct interleaving {
    const tjob_limiter *limiter;
    uint64_t tick_ms;
    unsigned ticks; /* left */
    uint64_t now_ms;
    uint64_t word;
    unsigned admitted;
    unsigned calls[CALLERS];   /* left */
    uint64_t read_ms[CALLERS]; /* 0: has not read */
} interleaving;

static bool has_begun(const interleaving *state, unsigned caller)
{
    return state->calls[caller] < CALLS || state->read_ms[caller] != 0;
}

/* Takes a step; false if it is not possible, as when a caller is done. Callers are alike: they begin in order. */
static bool take_step(interleaving *state, unsigned choice)
{
    if (choice == CALLERS) {
        state->now_ms += state->tick_ms;
        return state->ticks-- > 0;
    }
    if (state->calls[choice] == 0 || (choice > 0 && !has_begun(state, choice - 1))) {
        return false;
    }
    if (state->read_ms[choice] == 0) {
        state->read_ms[choice] = state->now_ms;
        return true;
    }
    const tjob_limiter_decision decision = tjob_limiter_decide(state->limiter, state->word, state->read_ms[choice]);
    state->word = decision.word;
    state->admitted += decision.admitted;
    state->read_ms[choice] = 0;
    state->calls[choice]--;
    return true;
}

/*
 * Every interleaving, depth first. After each step: no more than the burst, and the rate since the beginning. The last
 * tick is long: there two callers can be so late, one after the other, that they pass for one set-back.
 */
START_TEST(callers_that_decide_late_get_the_rate_together_in_every_interleaving)
{
    static const uint64_t ticks_ms[] = {100, 600, 1000, 5000};
    enum { START_MS = 1000000 };
    const unsigned set_backs_max = ticks_ms[_i] == 5000;
    const tjob_limiter limiter = rate(1, 200, 1);
    interleaving states[STEPS + 1] = {
        {.limiter = &limiter, .tick_ms = ticks_ms[_i], .ticks = TICKS, .now_ms = START_MS}};
    unsigned choices[STEPS + 1] = {0};
    unsigned long ends = 0;
    for (unsigned i = 0; i < CALLERS; i++) {
        states[0].calls[i] = CALLS;
    }
    for (int depth = 0; depth >= 0;) {
        if (choices[depth] > CALLERS) {
            depth--;
            continue;
        }
        states[depth + 1] = states[depth];
        if (!take_step(&states[depth + 1], choices[depth]++)) {
            continue;
        }
        const interleaving *state = &states[++depth];
        EXPECT(state->admitted <= 1 + (state->now_ms - START_MS) / 200 + set_backs_max);
        choices[depth] = 0;
        if (state->calls[0] + state->calls[1] + state->calls[2] == 0) {
            ends++;
            depth--;
        }
    }
    ck_assert_uint_gt(ends, 100000);
}
END_TEST

/* ---- Any word ---------------------------------------------------------------------------------------------------- */

/* Any word, any time, any limiter: after the patience and an interval one is admitted; twice the patience where the
 * time passes 2^64 ns meanwhile. */
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
    const uint64_t interval_ms = (limiter.interval_ns + NS_PER_MS - 1) / NS_PER_MS;
    for (unsigned i = 0; i < VALUES * VALUES; i++) {
        const uint64_t now_ms = values[i / VALUES];
        uint64_t word = values[i % VALUES];
        admitted_at(&limiter, &word, now_ms, 1);
        admitted_at(&limiter, &word, now_ms + patience_ms(&limiter), 1);
        admitted_at(&limiter, &word, now_ms + 2 * patience_ms(&limiter), 1);
        EXPECT(admitted_at(&limiter, &word, now_ms + 2 * patience_ms(&limiter) + interval_ms, 1) == 1);
    }
}
END_TEST

/* A word at most half of all times ahead is ahead; beyond that it is behind, and the bucket full. */
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
          {a_fresh_bucket_admits_its_burst_and_then_its_rate, 5}, {the_first_word_is_a_full_bucket, 0},
          {no_request_makes_the_bucket_a_fresh_one, 0}, {an_odd_interval_never_exceeds_its_rate, 0},
          {a_window_that_is_too_small_for_one_lets_none_in, 0}, {what_is_throttled_does_not_use_up_the_rate, 0},
          {in_every_stretch_of_time_the_burst_and_the_rate_and_no_more, 300},
          {a_clock_that_jumps_ahead_fills_the_bucket_at_most, 4}, {a_clock_that_was_set_back_is_recovered_from, 5},
          {two_calls_are_enough_to_recover, 4}, {a_clock_may_be_set_back_again_meanwhile, 0},
          {the_request_that_is_believed_is_not_yet_admitted, 0},
          {a_set_back_is_recovered_from_when_it_is_said_to_be, 5}, {an_older_time_never_adds_room, 10},
          {a_thread_late_by_less_than_a_second_is_never_believed, 0}, {what_is_later_than_the_lateness_is_suspected, 0},
          {a_newer_time_ends_every_doubt, 0},
          {three_times_in_every_order_admit_no_more_than_the_burst_and_the_rate, 12},
          {six_times_in_every_order_admit_no_more_than_the_burst_and_the_rate, 3},
          {callers_that_decide_late_get_the_rate_together_in_every_interleaving, 4}, {any_word_at_any_time_is_safe, 4})
