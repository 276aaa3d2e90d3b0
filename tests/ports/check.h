/*
 * A stand-in for Check, for machines that it is not packaged for: the few of its names that the tests use. All tests
 * run in one process. An assertion that fails is reported and ends its test; the others still run. Only the thread that
 * runs the tests may assert.
 */
#ifndef TJOB_TESTS_PORTS_CHECK_H
#define TJOB_TESTS_PORTS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#if defined(__MINGW32__)
#define STAND_IN_PRINTF __MINGW_PRINTF_FORMAT
#else
#define STAND_IN_PRINTF printf
#endif

typedef struct TTest {
    const char *name;
    void (*run)(int _i);
} TTest;

typedef struct TCase TCase;
typedef struct Suite Suite;
typedef struct SRunner SRunner;

enum print_output { CK_NORMAL };

Suite *suite_create(const char *name);
TCase *tcase_create(const char *name);
void suite_add_tcase(Suite *suite, TCase *tcase);
void tcase_add_loop_test(TCase *tcase, const TTest *test, int start, int end);
SRunner *srunner_create(Suite *suite);
void srunner_run_all(SRunner *runner, enum print_output output);
int srunner_ntests_failed(SRunner *runner);
void srunner_free(SRunner *runner);

#define tcase_add_test(tcase, test) tcase_add_loop_test(tcase, test, 0, 1)

#define START_TEST(test_name)                                                                                          \
    static void test_name##_run(int _i);                                                                               \
    static const TTest test_name##_test = {#test_name, test_name##_run};                                               \
    static const TTest *const test_name = &test_name##_test;                                                           \
    static void test_name##_run(int _i)                                                                                \
    {                                                                                                                  \
        (void)_i;
#define END_TEST }

/* ---- Assertions ------------------------------------------------------------------------------------------------ */

/* Tells what was expected where, and leaves the test. */
_Noreturn void check_failed(const char *file, int line, const char *format, ...)
    __attribute__((format(STAND_IN_PRINTF, 3, 4)));

#define ck_abort_msg(...) check_failed(__FILE__, __LINE__, __VA_ARGS__)
#define ck_assert_msg(condition, ...) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, __VA_ARGS__))
#define ck_assert(condition) ck_assert_msg(condition, "%s", #condition)

#define CHECK_NUMBERS(type, x, operation, y, format)                                                                   \
    do {                                                                                                               \
        const type check_x = (x);                                                                                      \
        const type check_y = (y);                                                                                      \
        ck_assert_msg(check_x operation check_y, "%s %s %s: %" format ", %" format, #x, #operation, #y, check_x,       \
                      check_y);                                                                                        \
    } while (0)
#define CHECK_TEXTS(x, operation, y)                                                                                   \
    do {                                                                                                               \
        const char *check_x = (x);                                                                                     \
        const char *check_y = (y);                                                                                     \
        ck_assert_msg(strcmp(check_x, check_y) operation 0, "%s %s %s: \"%s\", \"%s\"", #x, #operation, #y, check_x,   \
                      check_y);                                                                                        \
    } while (0)

#define ck_assert_int_eq(x, y) CHECK_NUMBERS(intmax_t, x, ==, y, "jd")
#define ck_assert_int_ne(x, y) CHECK_NUMBERS(intmax_t, x, !=, y, "jd")
#define ck_assert_int_le(x, y) CHECK_NUMBERS(intmax_t, x, <=, y, "jd")
#define ck_assert_int_ge(x, y) CHECK_NUMBERS(intmax_t, x, >=, y, "jd")
#define ck_assert_uint_eq(x, y) CHECK_NUMBERS(uintmax_t, x, ==, y, "ju")
#define ck_assert_uint_ne(x, y) CHECK_NUMBERS(uintmax_t, x, !=, y, "ju")
#define ck_assert_uint_lt(x, y) CHECK_NUMBERS(uintmax_t, x, <, y, "ju")
#define ck_assert_uint_le(x, y) CHECK_NUMBERS(uintmax_t, x, <=, y, "ju")
#define ck_assert_uint_gt(x, y) CHECK_NUMBERS(uintmax_t, x, >, y, "ju")
#define ck_assert_uint_ge(x, y) CHECK_NUMBERS(uintmax_t, x, >=, y, "ju")
#define ck_assert_str_eq(x, y) CHECK_TEXTS(x, ==, y)
#define ck_assert_str_ne(x, y) CHECK_TEXTS(x, !=, y)
#define ck_assert_ptr_eq(x, y) ck_assert_msg((x) == (y), "%s == %s", #x, #y)
#define ck_assert_ptr_ne(x, y) ck_assert_msg((x) != (y), "%s != %s", #x, #y)
#define ck_assert_ptr_null(x) ck_assert_msg((x) == NULL, "%s == NULL", #x)
#define ck_assert_ptr_nonnull(x) ck_assert_msg((x) != NULL, "%s != NULL", #x)
#define ck_assert_mem_eq(x, y, bytes) ck_assert_msg(memcmp(x, y, bytes) == 0, "%s == %s", #x, #y)
#define ck_assert_mem_ne(x, y, bytes) ck_assert_msg(memcmp(x, y, bytes) != 0, "%s != %s", #x, #y)

#endif
