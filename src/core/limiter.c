#include "tjob/limiter.h"

#define NS_PER_MS UINT64_C(1000000)

/*
 * An odd word suspects that the clock was set back: its lowest bits are the time since when, in units of the lateness
 * and times two plus one; the others are the arrival time, rounded up by a millisecond at most. An even word is an
 * arrival time and nothing else.
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

static uint64_t even(uint64_t arrival_ns)
{
    return (arrival_ns + 1) & ~UINT64_C(1);
}

/* The word after a request whose time lies further back than that of a delayed thread. */
static uint64_t word_after_set_back(uint64_t word, uint64_t arrival_ns, uint64_t now_ns, uint64_t window_ns,
                                    uint64_t lateness_ns)
{
    const uint64_t since = (now_ns / lateness_ns * 2 | SUSPICION) & SINCE_MASK;
    const uint64_t elapsed = (since - word) & SINCE_MASK;
    if ((word & SUSPICION) == 0 || elapsed > SINCE_MASK / 2) {
        return ((arrival_ns + SINCE_MASK) & ~SINCE_MASK) | since; /* for the first time, or still further back */
    }
    return elapsed <= 2 ? word : even(now_ns + window_ns); /* believed once it stayed back: an empty bucket */
}

tjob_limiter_decision tjob_limiter_decide(const tjob_limiter *limiter, uint64_t word, uint64_t now_ms)
{
    const uint64_t window_ns = limiter->window_ns;
    const uint64_t lateness_ns = window_ns < TJOB_LIMITER_LATENESS_NS_MIN ? TJOB_LIMITER_LATENESS_NS_MIN : window_ns;
    if (limiter->interval_ns == 0) {
        return (tjob_limiter_decision){.word = word, .admitted = true};
    }
    /* All times are taken modulo 2^64 ns (584 years), so no clock value overflows; what counts is how far the arrival
     * time lies ahead of now. Over half the range ahead means behind: the bucket has long been full. */
    const uint64_t now_ns = now_ms * NS_PER_MS;
    const uint64_t arrival_ns = (word & SUSPICION) == 0 ? word : word & ~SINCE_MASK;
    uint64_t ahead_ns = arrival_ns - now_ns;
    if (ahead_ns > UINT64_MAX / 2) {
        ahead_ns = 0;
    } else if (ahead_ns > window_ns + lateness_ns) {
        word = word_after_set_back(word, arrival_ns, now_ns, window_ns, lateness_ns);
        return (tjob_limiter_decision){.word = word, .admitted = false};
    }
    const bool admitted = ahead_ns + limiter->interval_ns <= window_ns;
    if (admitted) {
        ahead_ns += limiter->interval_ns;
    }
    return (tjob_limiter_decision){.word = even(now_ns + ahead_ns), .admitted = admitted};
}
