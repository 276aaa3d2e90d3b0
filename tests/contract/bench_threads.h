/* Threads for a bench of stores, by POSIX. */
#ifndef TJOB_TESTS_BENCH_THREADS_H
#define TJOB_TESTS_BENCH_THREADS_H

#include <stdbool.h>
#include <stdint.h>

/* As tjob_store_contract.run_threads. */
bool bench_run_threads(void *context, void (*body)(void *argument, uint32_t i), void *argument, uint32_t count);

#endif
