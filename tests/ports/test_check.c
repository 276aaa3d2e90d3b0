/*
 * The stand-in for Check: what is true passes; and one failure of each kind, chosen by number, is reported and counted.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/suite.h"

START_TEST(what_is_true_passes)
{
    ck_assert(_i == 0 || _i == 1);
    ck_assert_msg(true, "never reached");
    ck_assert_int_eq(-1, -1);
    ck_assert_int_ne(-1, 1);
    ck_assert_int_le(-1, 1);
    ck_assert_int_ge(1, -1);
    ck_assert_uint_eq(UINT64_MAX, UINT64_MAX);
    ck_assert_uint_ne(0, UINT64_MAX);
    ck_assert_uint_lt(0, UINT64_MAX);
    ck_assert_uint_le(0, 0);
    ck_assert_uint_gt(UINT64_MAX, 0);
    ck_assert_uint_ge(0, 0);
    ck_assert_str_eq("a", "a");
    ck_assert_str_ne("a", "b");
    ck_assert_ptr_eq(NULL, NULL);
    ck_assert_ptr_ne("a", NULL);
    ck_assert_ptr_null(NULL);
    ck_assert_ptr_nonnull("");
    ck_assert_mem_eq("ab", "ac", 1);
    ck_assert_mem_ne("ab", "ac", 2);
    EXPECT(true);
}
END_TEST

#define FAILS(name, assertion)                                                                                         \
    START_TEST(name)                                                                                                   \
    {                                                                                                                  \
        assertion;                                                                                                     \
        printf("%s did not end the test\n", #name);                                                                    \
        exit(EXIT_SUCCESS);                                                                                            \
    }                                                                                                                  \
    END_TEST

FAILS(abort_msg, ck_abort_msg("%s", "told"))
FAILS(assert, ck_assert(false))
FAILS(assert_msg, ck_assert_msg(false, "%d", 5))
FAILS(int_eq, ck_assert_int_eq(-1, 1))
FAILS(int_ne, ck_assert_int_ne(1, 1))
FAILS(int_le, ck_assert_int_le(1, -1))
FAILS(int_ge, ck_assert_int_ge(-1, 1))
FAILS(uint_eq, ck_assert_uint_eq(UINT64_C(1) << 32, 0))
FAILS(uint_ne, ck_assert_uint_ne(1, 1))
FAILS(uint_lt, ck_assert_uint_lt(1, 1))
FAILS(uint_le, ck_assert_uint_le(UINT64_MAX, 1))
FAILS(uint_gt, ck_assert_uint_gt(1, UINT64_MAX))
FAILS(uint_ge, ck_assert_uint_ge(0, 1))
FAILS(str_eq, ck_assert_str_eq("a", "b"))
FAILS(str_ne, ck_assert_str_ne("a", "a"))
FAILS(ptr_eq, ck_assert_ptr_eq("a", NULL))
FAILS(ptr_ne, ck_assert_ptr_ne(NULL, NULL))
FAILS(ptr_null, ck_assert_ptr_null("a"))
FAILS(ptr_nonnull, ck_assert_ptr_nonnull(NULL))
FAILS(mem_eq, ck_assert_mem_eq("a", "b", 1))
FAILS(mem_ne, ck_assert_mem_ne("a", "a", 1))
FAILS(expect, EXPECT(false))

/* Every kind of failure fails the program, and only the tests that fail are counted. */
int main(void)
{
    const named_test tests[] = {{what_is_true_passes, 2},
                                {abort_msg, 0},
                                {assert, 0},
                                {assert_msg, 0},
                                {int_eq, 0},
                                {int_ne, 0},
                                {int_le, 0},
                                {int_ge, 0},
                                {uint_eq, 0},
                                {uint_ne, 0},
                                {uint_lt, 0},
                                {uint_le, 0},
                                {uint_gt, 0},
                                {uint_ge, 0},
                                {str_eq, 0},
                                {str_ne, 0},
                                {ptr_eq, 0},
                                {ptr_ne, 0},
                                {ptr_null, 0},
                                {ptr_nonnull, 0},
                                {mem_eq, 0},
                                {mem_ne, 0},
                                {expect, 2}};
    return run_tests("check", tests, sizeof tests / sizeof tests[0]);
}
