#include "verify/simulator/random.h"

/* log2(1 + i/64), in units of 1/65536. */
static const uint32_t logarithms[65] = {
    0,     1466,  2909,  4331,  5732,  7112,  8473,  9814,  11136, 12440, 13727, 14996, 16248,
    17484, 18704, 19909, 21098, 22272, 23433, 24579, 25711, 26830, 27936, 29029, 30109, 31178,
    32234, 33279, 34312, 35334, 36346, 37346, 38336, 39316, 40286, 41246, 42196, 43137, 44068,
    44990, 45904, 46809, 47705, 48593, 49472, 50344, 51207, 52063, 52911, 53751, 54584, 55410,
    56229, 57040, 57845, 58643, 59434, 60219, 60997, 61769, 62534, 63294, 64047, 64794, 65536,
};

/* ln 2, in units of 2^-32. */
#define LN2 UINT64_C(2977044472)

/* Returns log2(x) in units of 1/65536, for x > 0: a table with linear interpolation between its entries. */
static uint32_t logarithm(uint32_t x)
{
    const uint32_t exponent = 31 - (uint32_t)__builtin_clz(x);
    x <<= 31 - exponent;
    const uint32_t at = x >> 25 & 63;
    const uint64_t between = x & ((UINT32_C(1) << 25) - 1);
    const uint32_t rise = logarithms[at + 1] - logarithms[at];
    return (exponent << 16) + logarithms[at] + (uint32_t)(between * rise >> 25);
}

uint32_t tjob__random_exponential(uint64_t draw, uint32_t mean)
{
    const uint32_t uniform = (uint32_t)(draw >> 32) | 1; /* in units of 2^-32 */
    const uint64_t minus_log2 = (UINT32_C(32) << 16) - logarithm(uniform);
    const uint64_t minus_ln = minus_log2 * LN2 >> 32; /* in units of 1/65536 */
    const uint64_t number = minus_ln * mean >> 16;
    return number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
}
