/* Numbers that look random and are the same on every machine: a linear congruential generator (Knuth's MMIX). */
#ifndef TJOB_TESTS_RANDOM_H
#define TJOB_TESTS_RANDOM_H

#include <stdint.h>

/* The next number, below 2^31. Any state is a seed. */
static inline uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

#endif
