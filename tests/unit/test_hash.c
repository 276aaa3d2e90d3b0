/* The hash of names, which is part of a file format. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "host/hash.h"
#include "support/suite.h"

static uint64_t hash_of(uint64_t seed, const char *bytes, size_t count)
{
    return hash_name(seed, (tjob_text){bytes, count});
}

/* ---- The same from its description, byte by byte ---------------------------------------------------------------- */

static uint64_t mixed(uint64_t hash, uint64_t word)
{
    const uint64_t product =
        (hash ^ word) * UINT64_C(11400714819323198485); /* 2 to the 64 over the golden ratio, odd */
    return product ^ product >> 32;
}

static uint64_t number(const char *bytes, size_t count, bool little_endian)
{
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++) {
        value = value * 256 + (unsigned char)bytes[little_endian ? count - 1 - i : i];
    }
    return value;
}

/*
 * Whole pairs of words go to two chains in turn, a single word behind them to the first one, and what is left,
 * big-endian, to the first one, too, which then takes the second.
 */
static uint64_t described_hash(uint64_t seed, const char *bytes, size_t count)
{
    uint64_t chains[2];
    chains[0] = mixed(seed, count);
    chains[1] = ~chains[0];
    const size_t words = count / 8;
    for (size_t word = 0; word < words; word++) {
        uint64_t *chain = &chains[word % 2];
        *chain = mixed(*chain, number(bytes + 8 * word, 8, true));
    }
    return mixed(mixed(chains[0], number(bytes + 8 * words, count % 8, false)), chains[1]);
}

static const char text[] = "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/a";

START_TEST(every_length_is_hashed_as_described)
{
    static const uint64_t seeds[] = {0, 1, 7, UINT64_C(0x8000000000000000), UINT64_MAX};
    for (size_t seed = 0; seed < sizeof seeds / sizeof seeds[0]; seed++) {
        for (size_t count = 0; count < sizeof text; count++) {
            EXPECT(hash_of(seeds[seed], text, count) == described_hash(seeds[seed], text, count));
        }
    }
}
END_TEST

/* What files hold depends on these: they never change. */
START_TEST(its_values_never_change)
{
    uint64_t all = 0;
    for (size_t count = 0; count < sizeof text; count++) {
        all = all * 31 + hash_of(count, text, count);
    }
    ck_assert_uint_eq(all, UINT64_C(0x45e2e995a252e99b));
    ck_assert_uint_eq(hash_of(7, text, sizeof text - 1), UINT64_C(0x4e7c4758f2c467ed));
}
END_TEST

START_TEST(every_byte_the_length_and_the_seed_count)
{
    char name[40];
    memset(name, 'a', sizeof name);
    for (size_t count = 1; count <= sizeof name; count++) {
        const uint64_t hash = hash_of(1, name, count);
        EXPECT(hash != hash_of(2, name, count));
        EXPECT(hash != hash_of(1, name, count - 1));
        for (size_t at = 0; at < count; at++) {
            name[at] = 'b';
            EXPECT(hash != hash_of(1, name, count));
            name[at] = 'a';
        }
    }
}
END_TEST

/*
 * Names that differ in their number only meet in no bucket more often than chance has it. Of 64,000 names in 1,000
 * buckets the fullest holds, by chance, 64 and four standard deviations of 8: a bit over 96.
 */
START_TEST(names_with_numbers_are_spread_by_either_half)
{
    static unsigned counts[2][1000];
    memset(counts, 0, sizeof counts);
    for (unsigned i = 0; i < 64000; i++) {
        char name[64];
        const int bytes = snprintf(name, sizeof name, "entity-recognizer/name-%u", i);
        const uint64_t hash = hash_of((uint64_t)_i, name, (size_t)bytes);
        counts[0][(uint64_t)(uint32_t)hash * 1000 >> 32]++;
        counts[1][(hash >> 32) * 1000 >> 32]++;
    }
    for (unsigned bucket = 0; bucket < 1000; bucket++) {
        for (int half = 0; half < 2; half++) {
            EXPECT(counts[half][bucket] > 24 && counts[half][bucket] < 104);
        }
    }
}
END_TEST

RUN_TESTS("hash", {every_length_is_hashed_as_described, 0}, {its_values_never_change, 0},
          {every_byte_the_length_and_the_seed_count, 0}, {names_with_numbers_are_spread_by_either_half, 4})
