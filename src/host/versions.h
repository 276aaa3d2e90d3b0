/*
 * The versions that a store may have given by some time, above which those of another store begin, or of a bucket that
 * is given up. docs/storage.md explains why nothing is given twice.
 */
#ifndef TJOB_HOST_VERSIONS_H
#define TJOB_HOST_VERSIONS_H

#include <stdint.h>

/* The logarithm, to base 2, of the most versions that a store gives in a millisecond, on average. */
enum { VERSIONS_PER_MS_LOG2 = 10 };

/* 2026-01-01 UTC, in Unix milliseconds: no store was restored before that. */
#define VERSIONS_EPOCH_MS UINT64_C(1767225600000)

/*
 * Returns a bound of the versions that a store gives until `now_ms`, at most 2^48 - 1, if all that it gives are above
 * `base`. It is at least `base`, and 2^10 higher for each millisecond after the epoch. UINT64_MAX: no version is left.
 */
static inline uint64_t versions_until(uint64_t base, uint64_t now_ms)
{
    const uint64_t epoch = VERSIONS_EPOCH_MS << VERSIONS_PER_MS_LOG2;
    const uint64_t by_clock = now_ms << VERSIONS_PER_MS_LOG2;
    const uint64_t lead = base > epoch ? base - epoch : 0;
    if (lead > UINT64_MAX - by_clock) {
        return UINT64_MAX;
    }
    return by_clock + lead > base ? by_clock + lead : base;
}

#endif
