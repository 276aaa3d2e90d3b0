#include "tjob/limiter.h"

#define NS_PER_MS UINT64_C(1000000)

/*
 * An even word is an arrival time. An odd word marks the suspicion that the clock was set back: its low bits hold the
 * time at which the suspicion began, in units of the lateness, times two plus one; its high bits hold the arrival time,
 * rounded up by at most one millisecond.
 */
#define SUSPICION UINT64_C(1)
#define SINCE_MASK ((UINT64_C(1) << 20) - 1)

bool tjob_limiter_set(tjob_limiter *limiter, uint32_t requests, uint32_t per_ms, uint32_t burst)
{
    if (requests == 0 || per_ms == 0 || burst == 0) {
        return false;
    }
    uint64_t interval_ns = (per_ms * NS_PER_MS + requests - 1) / requests;
    interval_ns += interval_ns % 2;
    const bool fits = burst <= TJOB_LIMITER_WINDOW_NS_MAX / interval_ns;
    *limiter = (tjob_limiter){
        .interval_ns = interval_ns,
        .window_ns = fits ? burst * interval_ns : TJOB_LIMITER_WINDOW_NS_MAX,
    };
    return true;
}

/* Returns an arrival time as a word, rounded up; it is never 0, the word of a fresh bucket. */
static uint64_t even(uint64_t arrival_ns)
{
    const uint64_t word = (arrival_ns + 1) & ~UINT64_C(1);
    return word != 0 ? word : 2;
}

/* Returns the word after a request whose time is older than that of a delayed thread can be. */
static uint64_t word_after_set_back(uint64_t word, uint64_t arrival_ns, uint64_t now_ns, uint64_t window_ns,
                                    uint64_t lateness_ns)
{
    const uint64_t since = (now_ns / lateness_ns * 2 | SUSPICION) & SINCE_MASK;
    const uint64_t elapsed = (since - word) & SINCE_MASK;
    if ((word & SUSPICION) == 0 || elapsed > SINCE_MASK / 2) {
        return ((arrival_ns + SINCE_MASK) & ~SINCE_MASK) | since; /* first suspicion, or set back even further */
    }
    return elapsed <= 2 ? word : even(now_ns + window_ns); /* confirmed after it stayed back: the bucket is empty */
}

tjob_limiter_decision tjob_limiter_decide(const tjob_limiter *limiter, uint64_t word, uint64_t now_ms)
{
    const uint64_t window_ns = limiter->window_ns;
    const uint64_t lateness_ns = window_ns < TJOB_LIMITER_LATENESS_NS_MIN ? TJOB_LIMITER_LATENESS_NS_MIN : window_ns;
    if (limiter->interval_ns == 0) {
        return (tjob_limiter_decision){.word = word, .admitted = true};
    }
    /* All times are modulo 2^64 ns (584 years), so no clock value overflows; only the distance of the arrival time from
     * now counts. A distance over half the range means that it is in the past: the bucket has long been full. */
    const uint64_t now_ns = now_ms * NS_PER_MS;
    const uint64_t arrival_ns = (word & SUSPICION) == 0 ? word : word & ~SINCE_MASK;
    uint64_t ahead_ns = arrival_ns - now_ns;
    if (word == 0 || ahead_ns > UINT64_MAX / 2) {
        ahead_ns = 0;
    } else if (ahead_ns > window_ns + lateness_ns) {
        word = word_after_set_back(word, arrival_ns, now_ns, window_ns, lateness_ns);
        return (tjob_limiter_decision){.word = word, .admitted = false};
    }
    const bool admitted = limiter->interval_ns <= window_ns && ahead_ns <= window_ns - limiter->interval_ns;
    if (admitted) {
        ahead_ns += limiter->interval_ns;
    }
    return (tjob_limiter_decision){.word = even(now_ns + ahead_ns), .admitted = admitted};
}
