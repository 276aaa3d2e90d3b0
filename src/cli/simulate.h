/* Simulations of many seeds: their results and how they are printed. */
#ifndef TJOB_CLI_SIMULATE_H
#define TJOB_CLI_SIMULATE_H

#include <stdatomic.h>

#include "cli/arguments.h"
#include "cli/simulated_backing.h"
#include "tjob/simulator.h"

enum { SIMULATE_THREADS_MAX = 64 };

/* The results of all seeds. */
struct simulate {
    const struct arguments *arguments;
    tjob_simulator_config config; /* of the first seed */
    uint64_t seeds;
    enum store_kind store;
    double seconds;
    atomic_uint_fast64_t next;     /* the next seed to run, counted from 0 */
    atomic_uint_fast64_t finished; /* seeds */
    atomic_uint_fast64_t stop;     /* seeds from here on are skipped, because an earlier one failed */
    tjob_simulator_report
        sum; /* sums of counts and histograms; the digest is the sum of the digests, weighted by seed */
    uint64_t passed;
    uint64_t inconclusive;
    uint64_t failed_seed; /* the first, counted from 0; UINT64_MAX: none */
    tjob_simulator_report failure;
    tjob_shrunk shrunk; /* once it was printed */
};

/* Print the results, and a shrunk trace if `memory` (TJOB_SHRINK_BYTES) is not NULL. Return the exit code. */
int simulate_print_text(struct simulate *simulate, void *memory, tjob_trace_format format);
int simulate_print_json(struct simulate *simulate, void *memory);

/* Writes the page with the shrunk trace that was printed, if the command line asks for it. Returns false after printing
 * an error if it cannot. */
bool simulate_write_page(const struct simulate *simulate, void *memory);

#endif
