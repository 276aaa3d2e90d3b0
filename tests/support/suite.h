/* Runs Check suites from main. */
#ifndef TJOB_TESTS_SUITE_H
#define TJOB_TESTS_SUITE_H

#include <check.h>

/* A test case and its name, for run_tests. `loops`, if not 0, runs it that many times, as a loop test with _i. */
typedef struct named_test {
    const TTest *test;
    int loops;
} named_test;

/* Runs the tests of one suite and returns the exit code for main. */
int run_tests(const char *suite, const named_test *tests, size_t count);

/* As ck_assert, without its bookkeeping of what passes: for inner loops. */
#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            ck_abort_msg("Expected '%s'", #condition);                                                                 \
        }                                                                                                              \
    } while (0)

/* Defines main: RUN_TESTS("arn", {accepts_the_captured_arn}, {refuses_each_byte, 256}); */
#define RUN_TESTS(suite, ...)                                                                                          \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        const named_test tests[] = {__VA_ARGS__};                                                                      \
        return run_tests(suite, tests, sizeof tests / sizeof tests[0]);                                                \
    }

#endif
