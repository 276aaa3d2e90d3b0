#include "support/suite.h"

#include <stdlib.h>

int run_tests(const char *suite, const named_test *tests, size_t count)
{
    Suite *s = suite_create(suite);
    TCase *tcase = tcase_create(suite);
    for (size_t i = 0; i < count; i++) {
        if (tests[i].loops != 0) {
            tcase_add_loop_test(tcase, tests[i].test, 0, tests[i].loops);
        } else {
            tcase_add_test(tcase, tests[i].test);
        }
    }
    suite_add_tcase(s, tcase);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
