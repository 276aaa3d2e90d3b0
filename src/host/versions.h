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

/* The highest version of a store, and how far its versions may be ahead of 2^10 for each millisecond since 1970. */
struct versions {
    uint64_t highest;
    uint64_t lead;
};

/* Returns the versions of a store that does not record its lead. */
static inline struct versions versions_of(uint64_t highest)
{
    const uint64_t epoch = VERSIONS_EPOCH_MS << VERSIONS_PER_MS_LOG2;
    return (struct versions){highest, highest > epoch ? highest - epoch : 0};
}

/*
 * Returns a bound of the versions that a store gives until `now_ms`, at most 2^48 - 1, if it gave these before.
 * UINT64_MAX: no version is left.
 */
static inline uint64_t versions_until(struct versions given, uint64_t now_ms)
{
    const uint64_t by_clock = now_ms << VERSIONS_PER_MS_LOG2;
    if (given.lead > UINT64_MAX - by_clock) {
        return UINT64_MAX;
    }
    return by_clock + given.lead > given.highest ? by_clock + given.lead : given.highest;
}

#endif
