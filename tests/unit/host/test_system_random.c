/* The machine's random bytes. */
#include <string.h>

#include "support/suite.h"
#include "tjob/system_random.h"

enum { BYTES_MAX = 1100, TRIES = 40 };

/* Every byte that was asked for changes sooner or later, and none beside them. */
START_TEST(all_of_the_bytes_are_random_and_no_others)
{
    static const size_t counts[] = {0, 1, 7, 16, 255, 256, 257, 512, 1000};
    const size_t count = counts[_i];
    unsigned char bytes[BYTES_MAX];
    unsigned char seen[BYTES_MAX] = {0};
    for (int i = 0; i < TRIES; i++) {
        memset(bytes, 0, sizeof bytes);
        ck_assert(tjob_system_random(bytes + 10, count));
        for (size_t at = 0; at < sizeof bytes; at++) {
            seen[at] |= bytes[at];
        }
    }
    for (size_t at = 0; at < sizeof seen; at++) {
        EXPECT((seen[at] != 0) == (at >= 10 && at < 10 + count));
    }
}
END_TEST

START_TEST(no_two_keys_are_the_same)
{
    unsigned char keys[2][16];
    ck_assert(tjob_system_random(keys[0], sizeof keys[0]) && tjob_system_random(keys[1], sizeof keys[1]));
    ck_assert_mem_ne(keys[0], keys[1], sizeof keys[0]);
}
END_TEST

RUN_TESTS("system_random", {all_of_the_bytes_are_random_and_no_others, 9}, {no_two_keys_are_the_same, 0})
