/*
 * The versions that stores have given by some time, above which those of a store begin that is restored, or of a bucket
 * that is given up. docs/storage.md explains why nothing is given twice.
 */
#ifndef TJOB_HOST_VERSIONS_H
#define TJOB_HOST_VERSIONS_H

#include <stdint.h>

/* The logarithm, to base 2, of the most versions that a store gives in a millisecond, on average. */
enum { VERSIONS_PER_MS_LOG2 = 10 };

/* How far versions may be ahead of that many in each millisecond since 1970, and by how much more where the clock does
 * not help. */
#define VERSIONS_AHEAD (UINT64_C(1) << 40)

/* Returns a bound of the versions that stores give until `now_ms`, which is at most 2^48 - 1. */
static inline uint64_t versions_until(uint64_t now_ms)
{
    return (now_ms << VERSIONS_PER_MS_LOG2) + VERSIONS_AHEAD;
}

/*
 * Returns a version above all that stores give until `now_ms`, if the one before gave `highest`. If that is above the
 * bound, the clock was set back, or many changes were made in no time: then it is higher by VERSIONS_AHEAD. UINT64_MAX:
 * no version is left.
 */
static inline uint64_t versions_above(uint64_t highest, uint64_t now_ms)
{
    if (versions_until(now_ms) > highest) {
        return versions_until(now_ms);
    }
    return highest < UINT64_MAX - VERSIONS_AHEAD ? highest + VERSIONS_AHEAD : UINT64_MAX;
}

#endif
