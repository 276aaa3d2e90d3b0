/* A token bucket as a pure function of one 64-bit word: the generic cell rate algorithm (ITU-T I.371, annex A). */
#ifndef TJOB_LIMITER_H
#define TJOB_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A rate: one request every `interval_ns`, and bursts of up to window_ns / interval_ns. All zero admits everything. */
typedef struct tjob_limiter {
    uint64_t interval_ns;
    uint64_t window_ns;
} tjob_limiter;

/* The longest window, in nanoseconds (146 years): a burst that would need a longer one is cut to it. */
#define TJOB_LIMITER_WINDOW_NS_MAX (UINT64_C(1) << 62)

/*
 * The lateness is how far back a time may lie and be that of a delayed thread: the window, but at least this many
 * nanoseconds (one second).
 */
#define TJOB_LIMITER_LATENESS_NS_MIN UINT64_C(1000000000)

/*
 * Sets a rate of `requests` each `per_ms` milliseconds, and up to `burst` at once. The interval is rounded up to an
 * even number of nanoseconds, so the rate is never exceeded. Returns false, and leaves *limiter as it was, if an
 * argument is 0. Any other values are safe.
 */
bool tjob_limiter_set(tjob_limiter *limiter, uint32_t requests, uint32_t per_ms, uint32_t burst);

/* A decision, and the word that takes the place of the one it was made from, whether admitted or not. */
typedef struct tjob_limiter_decision {
    uint64_t word;
    bool admitted;
} tjob_limiter_decision;

/*
 * Decides on one request. `word` is the bucket's whole state: 0 for a fresh (full) bucket, later decision.word of the
 * decision before. It is the theoretical arrival time of the next request, in nanoseconds modulo 2^64, and odd while
 * the limiter suspects that the clock was set back.
 *
 * Times may come in any order: a thread may be delayed after it read the clock. An older time never adds room: it is
 * throttled where newer ones used the room up, and the word does not go back for it. As long as no clock is set back, no
 * more than the burst and the rate are admitted from the earliest time given to the latest.
 *
 * The clock may jump. A jump ahead refills the bucket at most. A clock that was set back is told from a delayed thread
 * by how far, and by staying back: a time that lies back by more than the lateness is throttled, and if only such times
 * follow for more than the lateness, twice the lateness at most, the limiter believes them and goes on from an empty
 * bucket. A set-back that is believed can add one burst in real time, no more.
 *
 * So after a clock was set back, by any distance, the first request that comes twice the lateness after the first one,
 * or later, is believed at the latest, though throttled as a rule: an interval after it one is admitted at the latest.
 * Where it lies back by no more than the lateness and the window by then, that is the lateness and an interval after
 * it. So where requests never cease, it takes three times the lateness and an interval at most; where they are rare,
 * two may be throttled that are far apart. No two may be further apart than 260,000 times the lateness (three days at
 * least). Pure; thread-safe.
 */
tjob_limiter_decision tjob_limiter_decide(const tjob_limiter *limiter, uint64_t word, uint64_t now_ms);

#ifdef __cplusplus
}
#endif

#endif
