/* Little-endian numbers in bytes, and eight bytes at a time; compilers make each load or store one instruction. */
#ifndef TJOB_CORE_BYTES_H
#define TJOB_CORE_BYTES_H

#include <stdint.h>

static inline uint32_t bytes_load32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t bytes_load64(const unsigned char *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
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

/* A word whose eight bytes are all `byte`. */
static inline uint64_t bytes_all(unsigned char byte)
{
    return UINT64_C(0x0101010101010101) * byte;
}

#endif
