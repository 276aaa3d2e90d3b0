/* Little-endian integers in bytes, and operations on eight bytes at a time. */
#ifndef TJOB_CORE_BYTES_H
#define TJOB_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Inlines a function at every call: in the inner loops of the two parsers a call costs more than the work. When
 * optimizing for size (-Os) or not at all, the compiler decides. */
#if defined(__GNUC__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#else
#define ALWAYS_INLINE static inline
#endif

static inline uint32_t bytes_load32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t bytes_load64(const unsigned char *p)
{
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    /* One instruction; some compilers make eight instructions of the shifts below. */
    uint64_t value;
    __builtin_memcpy(&value, p, sizeof value);
    return value;
#else
    return bytes_load32(p) | (uint64_t)bytes_load32(p + 4) << 32;
#endif
}

static inline void bytes_store32(unsigned char *p, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        p[i] = (unsigned char)(value >> (8 * i));
    }
}

static inline void bytes_store64(unsigned char *p, uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        p[i] = (unsigned char)(value >> (8 * i));
    }
}

/* ---- Eight bytes in one word: the byte at the lowest address is the lowest ------------------------------------- */

/* Returns a word whose eight bytes are all `byte`. */
static inline uint64_t bytes_all(unsigned char byte)
{
    return UINT64_C(0x0101010101010101) * byte;
}

/* Returns the number of zero bytes below the lowest nonzero byte; `word` must not be 0. */
static inline size_t bytes_below(uint64_t word)
{
    return (size_t)__builtin_ctzll(word) / 8;
}

/*
 * Return a word with the high bit set in each byte where `word` is outside `least` to `most`, or differs from `byte`.
 * The other bits are undefined. All bytes of `word` and of the bounds must be ASCII.
 */
static inline uint64_t bytes_not_in(uint64_t word, unsigned char least, unsigned char most)
{
    const uint64_t at_least = word + bytes_all((unsigned char)(0x80 - least));
    const uint64_t beyond = word + bytes_all((unsigned char)(0x7f - most));
    return ~(at_least ^ beyond);
}

static inline uint64_t bytes_not(uint64_t word, unsigned char byte)
{
    return (word ^ bytes_all(byte)) + bytes_all(0x7f);
}

/* Whether two runs of `count` bytes are equal. The last eight bytes may overlap those compared before. */
static inline bool bytes_equal(const void *a, const void *b, size_t count)
{
    const unsigned char *left = a;
    const unsigned char *right = b;
    if (count < 8) {
        while (count != 0 && left[count - 1] == right[count - 1]) {
            count--;
        }
        return count == 0;
    }
    uint64_t difference = bytes_load64(left + count - 8) ^ bytes_load64(right + count - 8);
    for (size_t i = 0; i + 8 < count; i += 8) {
        difference |= bytes_load64(left + i) ^ bytes_load64(right + i);
    }
    return difference == 0;
}

#endif
