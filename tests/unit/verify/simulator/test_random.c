/* The random numbers of the simulator: published vectors, and exponential times without floating point. */
#include "verify/simulator/random.h"

#include "support/suite.h"

/* The first numbers of splitmix64.c from the state 1234567, and those from 0. */
START_TEST(splitmix64_gives_the_published_numbers)
{
    static const struct {
        uint64_t state;
        uint64_t numbers[5];
    } cases[] = {
        {1234567,
         {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973), UINT64_C(9817491932198370423),
          UINT64_C(4593380528125082431), UINT64_C(16408922859458223821)}},
        {0,
         {UINT64_C(0xe220a8397b1dcdaf), UINT64_C(0x6e789e6aa1b965f4), UINT64_C(0x06c45d188009454f),
          UINT64_C(0xf88bb8a8724c81ec), UINT64_C(0x1b39896a51a8749b)}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t state = cases[i].state;
        for (size_t n = 0; n < 5; n++) {
            ck_assert_uint_eq(random_next(&state), cases[i].numbers[n]);
        }
    }
}
END_TEST

START_TEST(a_number_below_a_bound_takes_every_value_about_as_often)
{
    enum { DRAWS = 100000 };
    const uint32_t bound = (uint32_t)_i + 1;
    uint32_t counts[8] = {0};
    uint64_t state = 1;
    for (int i = 0; i < DRAWS; i++) {
        const uint32_t number = random_below(random_next(&state), bound);
        EXPECT(number < bound);
        counts[number]++;
    }
    for (uint32_t i = 0; i < bound; i++) {
        ck_assert_uint_gt(counts[i], DRAWS / bound * 95 / 100);
        ck_assert_uint_lt(counts[i], DRAWS / bound * 105 / 100 + 1);
    }
}
END_TEST

/* What is exceeded by one half, one fourth, ... of all draws is a mean times ln 2, 2 ln 2, ...; the draws are all that
 * is random, so that each can be asked for. */
START_TEST(exponential_times_are_minus_the_logarithm)
{
    static const struct {
        uint32_t uniform; /* of 2^32 */
        uint32_t time;    /* of a mean of 1,000,000 */
    } cases[] = {
        {UINT32_MAX, 0},
        {UINT32_C(0x80000000), 693147},
        {UINT32_C(0x40000000), 1386294},
        {UINT32_C(0x5e2d58d8), 1000000}, /* 1/e */
        {UINT32_C(0xc0000000), 287682},
        {UINT32_C(0x00010000), 11090355},
        {0, 22180710},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const uint32_t time = tjob__random_exponential((uint64_t)cases[i].uniform << 32, 1000000);
        ck_assert_uint_le(time, cases[i].time + 100);
        ck_assert_uint_ge(time + 100, cases[i].time);
    }
    ck_assert_uint_eq(tjob__random_exponential(0, UINT32_MAX), UINT32_MAX);
}
END_TEST

START_TEST(exponential_times_have_their_mean_and_never_rise_with_the_draw)
{
    enum { STEPS = 1 << 16 };
    uint64_t sum = 0;
    uint32_t before = UINT32_MAX;
    for (uint64_t i = 0; i < STEPS; i++) {
        const uint32_t time = tjob__random_exponential(i << 48 | UINT64_C(1) << 47, 10000);
        EXPECT(time <= before);
        before = time;
        sum += time;
    }
    ck_assert_uint_gt(sum / STEPS, 9980);
    ck_assert_uint_lt(sum / STEPS, 10020);
}
END_TEST

START_TEST(a_number_of_three_depends_on_each)
{
    const uint64_t number = random_of(1, 2, 3);
    ck_assert_uint_eq(number, random_of(1, 2, 3));
    ck_assert_uint_ne(number, random_of(2, 2, 3));
    ck_assert_uint_ne(number, random_of(1, 3, 3));
    ck_assert_uint_ne(number, random_of(1, 2, 4));
    ck_assert_uint_ne(number, random_of(1, 3, 2));
}
END_TEST

RUN_TESTS("random", {splitmix64_gives_the_published_numbers, 0},
          {a_number_below_a_bound_takes_every_value_about_as_often, 8}, {exponential_times_are_minus_the_logarithm, 0},
          {exponential_times_have_their_mean_and_never_rise_with_the_draw, 0}, {a_number_of_three_depends_on_each, 0})
