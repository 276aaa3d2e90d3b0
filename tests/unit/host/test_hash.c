/* The hash of names, which is part of a file format. */
#include <stdio.h>
#include <string.h>

#include "host/hash.h"
#include "support/random.h"
#include "support/suite.h"

static uint64_t hash_of(const unsigned char key[HASH_KEY_BYTES], const char *bytes, size_t count)
{
    return tjob__hash_name(key, (tjob_text){bytes, count});
}

static void make_key(unsigned char key[HASH_KEY_BYTES], uint64_t *random)
{
    for (int i = 0; i < HASH_KEY_BYTES; i++) {
        key[i] = (unsigned char)(next_random(random) >> 16);
    }
}

/* Byte i of key and text is i; the values of SipHash-1-3 are those that other implementations of it are tested with. */
START_TEST(the_published_values_come_out)
{
    static const uint64_t published[64] = {
        0xabac0158050fc4dc, 0xc9f49bf37d57ca93, 0x82cb9b024dc7d44d, 0x8bf80ab8e7ddf7fb, 0xcf75576088d38328,
        0xdef9d52f49533b67, 0xc50d2b50c59f22a7, 0xd3927d989bb11140, 0x369095118d299a8e, 0x25a48eb36c063de4,
        0x79de85ee92ff097f, 0x70c118c1f94dc352, 0x78a384b157b4d9a2, 0x306f760c1229ffa7, 0x605aa111c0f95d34,
        0xd320d86d2a519956, 0xcc4fdd1a7d908b66, 0x9cf2689063dbd80c, 0x8ffc389cb473e63e, 0xf21f9de58d297d1c,
        0xc0dc2f46a6cce040, 0xb992abfe2b45f844, 0x7ffe7b9ba320872e, 0x525a0e7fdae6c123, 0xf464aeb267349c8c,
        0x45cd5928705b0979, 0x3a3e35e3ca9913a5, 0xa91dc74e4ade3b35, 0xfb0bed02ef6cd00d, 0x88d93cb44ab1e1f4,
        0x540f11d643c5e663, 0x2370dd1f8c21d1bc, 0x81157b6c16a7b60d, 0x4d54b9e57a8ff9bf, 0x759f12781f2a753e,
        0xcea1a3bebf186b91, 0x2cf508d3ada26206, 0xb6101c2da3c33057, 0xb3f47496ae3a36a1, 0x626b57547b108392,
        0xc1d2363299e41531, 0x667cc1923f1ad944, 0x65704ffec8138825, 0x24f280d1c28949a6, 0xc2ca1cedfaf8876b,
        0xc2164bfc9f042196, 0xa16e9c9368b1d623, 0x49fb169c8b5114fd, 0x9f3143f8df074c46, 0xc6fdaf2412cc86b3,
        0x7eaf49d10a52098f, 0x1cf313559d292f9a, 0xc44a30dda2f41f12, 0x36fae98943a71ed0, 0x318fb34c73f0bce6,
        0xa27abf3670a7e980, 0xb4bcc0db243c6d75, 0x23f8d852fdb71513, 0x8f035f4da67d8a08, 0xd89cd0e5b7e8f148,
        0xf6f4e6bcf7a644ee, 0xaec59ad80f1837f2, 0xc3b2f6154b6694e0, 0x9d199062b7bbb3a8,
    };
    unsigned char key[HASH_KEY_BYTES];
    char text[64];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)i;
        key[i % HASH_KEY_BYTES] = (unsigned char)(i % HASH_KEY_BYTES);
    }
    for (size_t count = 0; count < 64; count++) {
        EXPECT(hash_of(key, text, count) == published[count]);
    }
}
END_TEST

START_TEST(every_byte_the_length_and_the_key_count)
{
    unsigned char key[HASH_KEY_BYTES] = {0};
    char name[40];
    memset(name, 'a', sizeof name);
    for (size_t count = 1; count <= sizeof name; count++) {
        const uint64_t hash = hash_of(key, name, count);
        EXPECT(hash != hash_of(key, name, count - 1));
        for (size_t at = 0; at < count; at++) {
            name[at] = 'b';
            EXPECT(hash != hash_of(key, name, count));
            name[at] = 'a';
        }
        for (size_t bit = 0; bit < 8 * sizeof key; bit++) {
            key[bit / 8] ^= (unsigned char)(1 << bit % 8);
            EXPECT(hash != hash_of(key, name, count));
            key[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
    }
}
END_TEST

/*
 * Thirty-two names in which bit 6 of a byte is flipped, and of two bytes 16 further on. A hash that multiplies and
 * folds, a word at a time, gives them one value under one seed in thirty: then they share both buckets of a store,
 * whatever its size.
 */
START_TEST(names_that_were_chosen_to_collide_do_not_whatever_the_key)
{
    enum { NAMES = 32, FLIPS = 5, KEYS = 2000 };
    static const size_t flips[FLIPS] = {71, 79, 87, 95, 103};
    static const char text[] = "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/"
                               "000000000000000000000000000000000000000000000000000000000000";
    static char names[NAMES][sizeof text];
    uint64_t random = 1;
    for (unsigned name = 0; name < NAMES; name++) {
        memcpy(names[name], text, sizeof text);
        for (unsigned flip = 0; flip < FLIPS; flip++) {
            const int bit = name >> flip & 1 ? 0x40 : 0; /* from a digit to a letter */
            names[name][flips[flip]] = (char)(names[name][flips[flip]] ^ bit);
            names[name][flips[flip] + 16] = (char)(names[name][flips[flip] + 16] ^ bit);
            names[name][flips[flip] + 12] = (char)(names[name][flips[flip] + 12] ^ bit);
        }
    }
    for (unsigned i = 0; i < KEYS; i++) {
        unsigned char key[HASH_KEY_BYTES];
        uint64_t hashes[NAMES];
        make_key(key, &random);
        for (unsigned name = 0; name < NAMES; name++) {
            hashes[name] = hash_of(key, names[name], sizeof text - 1);
            for (unsigned other = 0; other < name; other++) {
                EXPECT(hashes[name] != hashes[other]);
            }
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
    const unsigned char key[HASH_KEY_BYTES] = {(unsigned char)_i};
    memset(counts, 0, sizeof counts);
    for (unsigned i = 0; i < 64000; i++) {
        char name[64];
        const int bytes = snprintf(name, sizeof name, "entity-recognizer/name-%u", i);
        const uint64_t hash = hash_of(key, name, (size_t)bytes);
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

RUN_TESTS("hash", {the_published_values_come_out, 0}, {every_byte_the_length_and_the_key_count, 0},
          {names_that_were_chosen_to_collide_do_not_whatever_the_key, 0},
          {names_with_numbers_are_spread_by_either_half, 4})
