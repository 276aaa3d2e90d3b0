/* Pseudorandom numbers that are the same on every machine. */
#ifndef TJOB_VERIFY_SIMULATOR_RANDOM_H
#define TJOB_VERIFY_SIMULATOR_RANDOM_H

#include <stdint.h>

#define RANDOM_GOLDEN UINT64_C(0x9e3779b97f4a7c15)

/* The finalizer of SplitMix64: each bit of the result depends on every bit of `x`. */
static inline uint64_t random_mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* SplitMix64 (Steele, Lea and Flood, 2014; the constants of Vigna's splitmix64.c). Its state is any 8 bytes. */
static inline uint64_t random_next(uint64_t *state)
{
    *state += RANDOM_GOLDEN;
    return random_mix(*state);
}

/* Returns a number that is a pure function of the three arguments. */
static inline uint64_t random_of(uint64_t seed, uint64_t a, uint64_t b)
{
    return random_mix(random_mix(random_mix(seed + RANDOM_GOLDEN) + a * RANDOM_GOLDEN) + b * RANDOM_GOLDEN);
}

/* Maps a draw to a number below `n`, by its upper 32 bits. */
static inline uint32_t random_below(uint64_t draw, uint32_t n)
{
    return (uint32_t)((draw >> 32) * n >> 32);
}

/* Maps a draw to an exponentially distributed number with a given mean, by its upper 32 bits: at most about 22 times
 * the mean. */
uint32_t tjob__random_exponential(uint64_t draw, uint32_t mean);

#endif
