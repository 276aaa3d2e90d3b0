/* A token bucket as a pure function of one 64-bit word: the generic cell rate algorithm (ITU-T I.371, annex A). */
#ifndef TJOB_LIMITER_H
#define TJOB_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A rate: one request every `interval_ns`, and bursts of at most window_ns / interval_ns. All zero admits everything.
 */
typedef struct tjob_limiter {
    uint64_t interval_ns;
    uint64_t window_ns;
} tjob_limiter;

/* The maximum window, in nanoseconds (146 years). A burst that needs a longer window is cut to this one. */
#define TJOB_LIMITER_WINDOW_NS_MAX (UINT64_C(1) << 62)

/*
 * The lateness is how far a time may lie back and still count as that of a delayed thread. It is the window, but at
 * least this many nanoseconds (one second).
 */
#define TJOB_LIMITER_LATENESS_NS_MIN UINT64_C(1000000000)

/*
 * Sets a rate of `requests` every `per_ms` milliseconds, with at most `burst` requests at once. The interval is rounded
 * up to an even number of nanoseconds, so the rate is never exceeded. Returns true; if `requests`, `per_ms` or `burst`
 * is 0, returns false and does not change *limiter. All other values are safe. Pure; thread-safe.
 */
bool tjob_limiter_set(tjob_limiter *limiter, uint32_t requests, uint32_t per_ms, uint32_t burst);

/* A decision, and the word that replaces the word given to it, whether the request was admitted or not. */
typedef struct tjob_limiter_decision {
    uint64_t word;
    bool admitted;
} tjob_limiter_decision;

/*
 * Decides on one request at `now_ms`, in Unix milliseconds. `word` is the whole state of the bucket: 0 for a fresh
 * (full) bucket, afterwards decision.word of the previous decision. It is the theoretical arrival time of the next
 * request, in nanoseconds modulo 2^64, and it is odd while the limiter suspects that the clock was set back.
 *
 * Times may come in any order, because a thread may be delayed after it read the clock. As long as no clock is set back
 * and no thread is delayed by more than the lateness, an older time never adds room: it is throttled if newer ones used
 * up the room, and no more than the burst and the rate are admitted from the earliest given time to the latest. Threads
 * that are delayed for longer, one after another, may look like a clock that was set back.
 *
 * The clock may jump. A jump ahead, by at most half the range of a word (292 years), refills the bucket at most. The
 * limiter distinguishes a clock that was set back from a delayed thread by how far the time lies back, and by whether
 * it stays back. A time that lies back by more than the lateness is throttled. If only such times follow for more than
 * the lateness (at most twice the lateness), the limiter believes them and continues from an empty bucket. A set-back
 * that is believed, rightly or wrongly, can add at most one burst in real time.
 *
 * So after a clock was set back, by any distance within one range of a word (the present one ends in July 2554), the
 * limiter believes the clock at the latest with the first request that comes at least twice the lateness after the
 * first one. It usually throttles that request, and admits a request at the latest one interval after it. If by then
 * the time lies back by no more than the lateness and the window, it admits one at the latest the lateness and one
 * interval after it. So if requests never cease, the recovery takes at most three times the lateness and one interval.
 * If requests are rare, two that are far apart may be throttled. No two requests may be further apart than 260,000
 * times the lateness (at least three days). Pure; thread-safe.
 *
 * Source: ITU-T I.371, annex A (the generic cell rate algorithm).
 */
tjob_limiter_decision tjob_limiter_decide(const tjob_limiter *limiter, uint64_t word, uint64_t now_ms);

#ifdef __cplusplus
}
#endif

#endif
