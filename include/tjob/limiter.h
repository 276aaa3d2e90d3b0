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
 * Sets a rate of `requests` each `per_ms` milliseconds, and up to `burst` at once. The interval is rounded up to a whole
 * nanosecond, so the rate is never exceeded. Returns false, and leaves *limiter as it was, if an argument is 0. Any
 * other values are safe.
 */
bool tjob_limiter_set(tjob_limiter *limiter, uint32_t requests, uint32_t per_ms, uint32_t burst);

/* A decision, and the word that takes the place of the one it was made from, whether admitted or not. */
typedef struct tjob_limiter_decision {
    uint64_t word;
    bool admitted;
} tjob_limiter_decision;

/*
 * Decides on one request. `word` is the bucket's whole state: 0 for a fresh (full) bucket, later decision.word of the
 * decision before. It is the theoretical arrival time of the next request, in nanoseconds modulo 2^64.
 *
 * The clock may jump: a jump ahead refills the bucket at most; after a jump back the word lies further ahead than any
 * burst explains and is cut back to an empty bucket, so that the next request is admitted one interval later and not
 * when the old time is reached again. Pure; thread-safe.
 */
tjob_limiter_decision tjob_limiter_decide(const tjob_limiter *limiter, uint64_t word, uint64_t now_ms);

#ifdef __cplusplus
}
#endif

#endif
