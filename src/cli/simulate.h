/* Simulations of many seeds: how they are run, and how what came of them is printed. */
#ifndef TJOB_CLI_SIMULATE_H
#define TJOB_CLI_SIMULATE_H

#include <stdatomic.h>

#include "cli/arguments.h"
#include "cli/simulated_backing.h"
#include "tjob/simulator.h"

enum { SIMULATE_THREADS_MAX = 64 };

/* What all seeds brought. */
struct simulate {
    const struct arguments *arguments;
    tjob_simulator_config config; /* of the first seed */
    uint64_t seeds;
    enum store_kind store;
    double seconds;
    atomic_uint_fast64_t next;     /* the next seed to be taken, counted from 0 */
    atomic_uint_fast64_t finished; /* seeds */
    atomic_uint_fast64_t stop;     /* no seed from here on is of interest any more, for one before it failed */
    tjob_simulator_report sum;     /* counts and durations; the digest is the sum of all, each times its seed */
    uint64_t passed;
    uint64_t inconclusive;
    uint64_t failed_seed; /* the first, counted from 0; UINT64_MAX: none */
    tjob_simulator_report failure;
};

/* Prints what came of it, and if `memory` is given a shrunk run: TJOB_SHRINK_BYTES of it. Returns the exit code. */
int simulate_print_text(const struct simulate *simulate, void *memory, tjob_trace_format format);
int simulate_print_json(const struct simulate *simulate, void *memory);

#endif
