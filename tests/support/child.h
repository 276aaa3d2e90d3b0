/* How a child that a test has forked ends: at once, but for what it has counted where coverage is measured. */
#ifndef TJOB_TESTS_CHILD_H
#define TJOB_TESTS_CHILD_H

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef TJOB_COVERAGE
void __gcov_dump(void); /* NOLINT: gcc's own */
#endif

static inline void end_child(int code)
{
#ifdef TJOB_COVERAGE
    struct rlimit limit;
    (void)getrlimit(RLIMIT_FSIZE, &limit); /* of which the test may have left too little to write counts */
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_FSIZE, &limit);
    __gcov_dump();
#endif
    _exit(code);
}

#endif
