/* A lifecycle model in memory of its own, and what comes of exploring it. */
#ifndef TJOB_TESTS_LIFECYCLE_RUN_H
#define TJOB_TESTS_LIFECYCLE_RUN_H

#include "support/explored.h"
#include "tjob/lifecycle_model.h"

struct lifecycle_run {
    void *memory;
    tjob_lifecycle_model *model;
    const tjob_model *system; /* the model, as the explorer takes it */
    struct explored explored;
};

/* A model that is not explored yet. Aborts if it cannot be set up. */
struct lifecycle_run lifecycle_start(const tjob_lifecycle_config *config);

/* A model, explored by so many threads, in memory for so many states. */
struct lifecycle_run lifecycle_explore(const tjob_lifecycle_config *config, uint32_t threads, uint64_t states);

void lifecycle_end(struct lifecycle_run *run);

#endif
