#include "tjob/limiter.h"

#define NS_PER_MS UINT64_C(1000000)

bool tjob_limiter_set(tjob_limiter *limiter, uint32_t requests, uint32_t per_ms, uint32_t burst)
{
    if (requests == 0 || per_ms == 0 || burst == 0) {
        return false;
    }
    const uint64_t interval_ns = (per_ms * NS_PER_MS + requests - 1) / requests;
    const bool fits = burst <= TJOB_LIMITER_WINDOW_NS_MAX / interval_ns;
    *limiter = (tjob_limiter){
        .interval_ns = interval_ns,
        .window_ns = fits ? burst * interval_ns : TJOB_LIMITER_WINDOW_NS_MAX,
    };
    return true;
}

tjob_limiter_decision tjob_limiter_decide(const tjob_limiter *limiter, uint64_t word, uint64_t now_ms)
{
    /* All times are taken modulo 2^64 ns (584 years), so no clock value overflows; what counts is how far the word lies
     * ahead of now. Over half the range ahead means behind: the bucket has long been full. */
    const uint64_t now_ns = now_ms * NS_PER_MS;
    uint64_t ahead_ns = word - now_ns;
    if (ahead_ns > UINT64_MAX / 2) {
        ahead_ns = 0;
    } else if (ahead_ns > limiter->window_ns) {
        ahead_ns = limiter->window_ns;
    }
    const bool admitted = ahead_ns + limiter->interval_ns <= limiter->window_ns;
    if (admitted) {
        ahead_ns += limiter->interval_ns;
    }
    return (tjob_limiter_decision){.word = now_ns + ahead_ns, .admitted = admitted};
}
