#include "check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { TESTS_MAX = 100 };

struct planned {
    const TTest *test;
    int start;
    int end;
};

/* A program has one suite, one case in it, and one runner. */
struct Suite {
    const char *name;
};

struct TCase {
    struct planned tests[TESTS_MAX];
    size_t count;
};

struct SRunner {
    const Suite *suite;
    const char *running;
    int index;
    int checks;
    int failures;
    jmp_buf end;
};

static Suite the_suite;
static TCase the_case;
static SRunner the_runner;

Suite *suite_create(const char *name)
{
    the_suite.name = name;
    return &the_suite;
}

TCase *tcase_create(const char *name)
{
    (void)name;
    return &the_case;
}

void suite_add_tcase(Suite *suite, TCase *tcase)
{
    (void)suite, (void)tcase;
}

void tcase_add_loop_test(TCase *tcase, const TTest *test, int start, int end)
{
    if (tcase->count == TESTS_MAX) {
        fprintf(stderr, "more than %d tests in one program\n", TESTS_MAX);
        abort();
    }
    tcase->tests[tcase->count++] = (struct planned){test, start, end};
}

SRunner *srunner_create(Suite *suite)
{
    the_runner.suite = suite;
    return &the_runner;
}

/* Runs one test; setjmp stands alone here, so that no local is lost. */
static void run(SRunner *runner, const TTest *test, int index)
{
    runner->running = test->name;
    runner->index = index;
    runner->checks++;
    if (setjmp(runner->end) == 0) {
        test->run(index);
    } else {
        runner->failures++;
    }
}

void srunner_run_all(SRunner *runner, enum print_output output)
{
    (void)output;
    printf("Running suite(s): %s\n", runner->suite->name);
    for (size_t i = 0; i < the_case.count; i++) {
        const struct planned *planned = &the_case.tests[i];
        for (int index = planned->start; index < planned->end; index++) {
            run(runner, planned->test, index);
        }
    }
    printf("Checks: %d, Failures: %d\n", runner->checks, runner->failures);
}

int srunner_ntests_failed(SRunner *runner)
{
    return runner->failures;
}

void srunner_free(SRunner *runner)
{
    (void)runner;
}

void check_failed(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    printf("%s:%d: %s:%d: ", file, line, the_runner.running, the_runner.index);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    longjmp(the_runner.end, 1);
}
