/* A model explored by threads, and the traces of its properties. */
#ifndef TJOB_TESTS_EXPLORED_H
#define TJOB_TESTS_EXPLORED_H

#include <stdbool.h>
#include <stdint.h>

#include "tjob/explorer.h"

enum { TRACE_STEPS_MAX = 2048 };

struct explored {
    tjob_explorer *explorer;
    void *memory;
    tjob_exploration end;
    tjob_exploration_counts counts;
};

/* Explores with so many threads, in memory for so many states. Aborts if the search cannot be set up. */
struct explored explore(const tjob_model *model, uint32_t threads, uint64_t states);
void explored_free(struct explored *explored);

struct taken_step {
    unsigned char *before;
    unsigned char *after;
    uint64_t label;
    bool repeats;
};

/* A trace, as it was reported. */
struct taken_trace {
    uint32_t count;
    uint32_t state_bytes;
    struct taken_step steps[TRACE_STEPS_MAX];
};

/*
 * The trace of a property. Aborts if as many steps were not reported as it is said to have. NULL: it has none. Free it.
 */
struct taken_trace *take_trace(const struct explored *explored, const tjob_model *model, uint32_t property);

/* Whether a trace is possible: it begins at an initial state, each step is one of the model's, and each begins where
 * the one before it ends. */
bool trace_is_real(const tjob_model *model, const struct taken_trace *trace);

#endif
