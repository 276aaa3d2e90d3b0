/* What the benchmarks share: the time, and a look at whether the work was done. */
#ifndef TJOB_BENCH_TIMING_H
#define TJOB_BENCH_TIMING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline void check(bool ok)
{
    if (!ok) {
        fprintf(stderr, "bench: a case does not do what it should\n");
        abort();
    }
}

static inline uint64_t now_ns(void)
{
    struct timespec now;
    check(timespec_get(&now, TIME_UTC) != 0);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

#endif
