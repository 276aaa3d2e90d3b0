#include "host/hash.h"

#include "core/bytes.h"

/* SipHash-c-d has c rounds for each word, and d at the end. */
enum { ROUNDS_PER_WORD = 1, ROUNDS_AT_END = 3 };

struct sip {
    uint64_t v0;
    uint64_t v1;
    uint64_t v2;
    uint64_t v3;
};

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

/* SipRound, figure 2.1 of the paper. */
static void mix(struct sip *sip, int rounds)
{
    for (; rounds != 0; rounds--) {
        sip->v0 += sip->v1;
        sip->v2 += sip->v3;
        sip->v1 = rotate(sip->v1, 13) ^ sip->v0;
        sip->v3 = rotate(sip->v3, 16) ^ sip->v2;
        sip->v0 = rotate(sip->v0, 32);
        sip->v2 += sip->v1;
        sip->v0 += sip->v3;
        sip->v1 = rotate(sip->v1, 17) ^ sip->v2;
        sip->v3 = rotate(sip->v3, 21) ^ sip->v0;
        sip->v2 = rotate(sip->v2, 32);
    }
}

static void absorb(struct sip *sip, uint64_t word)
{
    sip->v3 ^= word;
    mix(sip, ROUNDS_PER_WORD);
    sip->v0 ^= word;
}

uint64_t tjob__hash_name(const unsigned char key[HASH_KEY_BYTES], tjob_text name)
{
    const uint64_t low = bytes_load64(key);
    const uint64_t high = bytes_load64(key + 8);
    /* "somepseudorandomlygeneratedbytes" */
    struct sip sip = {low ^ UINT64_C(0x736f6d6570736575), high ^ UINT64_C(0x646f72616e646f6d),
                      low ^ UINT64_C(0x6c7967656e657261), high ^ UINT64_C(0x7465646279746573)};
    const unsigned char *at = (const unsigned char *)name.data;
    size_t left = name.bytes;
    for (; left >= 8; left -= 8, at += 8) {
        absorb(&sip, bytes_load64(at));
    }
    /* The last word: the remaining bytes, and the length modulo 256 in the highest byte. */
    uint64_t last = (uint64_t)name.bytes << 56;
    for (size_t i = 0; i < left; i++) {
        last |= (uint64_t)at[i] << 8 * i;
    }
    absorb(&sip, last);
    sip.v2 ^= 0xff;
    mix(&sip, ROUNDS_AT_END);
    return sip.v0 ^ sip.v1 ^ sip.v2 ^ sip.v3;
}
