#include "check.h"

#if !defined(__wasm__)
#include <setjmp.h>
#endif
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
#if !defined(__wasm__)
    jmp_buf end;
#endif
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

#if defined(__wasm__)
/* Of the machine that runs the program: see wasm/run.js. The first returns whether the second left what it ran. */
int stand_in_attempt(void (*run)(int index), int index);
_Noreturn void stand_in_leave(void);

static bool leaves(SRunner *runner, const TTest *test, int index)
{
    (void)runner;
    return stand_in_attempt(test->run, index) != 0;
}

_Noreturn static void leave(void)
{
    stand_in_leave();
}
#else
/* Returns whether a test leaves before its end; setjmp stands alone here, so that no local is lost. */
static bool leaves(SRunner *runner, const TTest *test, int index)
{
    if (setjmp(runner->end) != 0) {
        return true;
    }
    test->run(index);
    return false;
}

_Noreturn static void leave(void)
{
    longjmp(the_runner.end, 1);
}
#endif

static void run(SRunner *runner, const TTest *test, int index)
{
    runner->running = test->name;
    runner->index = index;
    runner->checks++;
    runner->failures += leaves(runner, test, index) ? 1 : 0;
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
    leave();
}
