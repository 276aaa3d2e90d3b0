#include "host/hash.h"

#include "core/bytes.h"

/* Multiply and fold, as in wyhash and its kin. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

/* Two chains, so that one does not wait for the other's multiplication. */
uint64_t hash_name(uint64_t seed, tjob_text name)
{
    const unsigned char *at = (const unsigned char *)name.data;
    uint64_t even = mix(seed, name.bytes);
    uint64_t odd = ~even;
    size_t left = name.bytes;
    for (; left >= 16; left -= 16, at += 16) {
        even = mix(even, bytes_load64(at));
        odd = mix(odd, bytes_load64(at + 8));
    }
    if (left >= 8) {
        even = mix(even, bytes_load64(at));
        at += 8;
        left -= 8;
    }
    uint64_t rest = 0;
    for (size_t i = 0; i < left; i++) {
        rest = rest << 8 | at[i];
    }
    return mix(mix(even, rest), odd);
}
