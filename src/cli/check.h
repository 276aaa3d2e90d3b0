/* A run of the lifecycle model, which check and graph share. */
#ifndef TJOB_CLI_CHECK_H
#define TJOB_CLI_CHECK_H

#include <stdatomic.h>

#include "cli/arguments.h"
#include "tjob/explorer.h"
#include "tjob/lifecycle_model.h"
#include "tjob/trace_printer.h"

enum { EXIT_VIOLATED = 1, EXIT_INCONCLUSIVE = 3 };

struct check {
    tjob_lifecycle_model *model;
    tjob_explorer *explorer;
    void *model_memory;
    void *search_memory;
    uint64_t model_bytes;
    uint64_t search_bytes;
    uint32_t threads;
    atomic_uint finished;
    double seconds;
};

/* The model that a command line asks for, and how many threads. */
tjob_lifecycle_config check_config(const struct arguments *arguments);
uint32_t check_threads(const struct arguments *arguments);

/* The plant that a command line asks for. False if nothing is to be run: the plants were listed, or there is none of this
 * name, which was said, and *plant is TJOB_SEEDED_BUG_COUNT. */
bool check_bug(const struct arguments *arguments, tjob_seeded_bug *bug);

/* Prepares a run, false if there is not enough memory; runs it, and tells whether everything was seen; gives it up. */
bool check_set_up(struct check *check, const tjob_lifecycle_config *config, uint64_t memory, uint32_t threads);
bool check_run(struct check *check);
void check_tear_down(struct check *check);

#endif
