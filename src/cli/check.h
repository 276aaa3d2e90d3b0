/* A run of the lifecycle model, and helpers, shared by the commands check, graph and simulate. */
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

/* Return the model configuration and the number of threads of a command line. */
tjob_lifecycle_config check_config(const struct arguments *arguments);
uint32_t check_threads(const struct arguments *arguments);

/* Stores the seeded bug of a command line. Returns false if there is nothing to run: the bugs were listed and *bug is
 * TJOB_BUG_NONE, or the name is unknown, which was printed, and *bug is TJOB_SEEDED_BUG_COUNT. */
bool check_bug(const struct arguments *arguments, tjob_seeded_bug *bug);

/* Whether the formats of a command line go together; a JSON object has its trace in JSON. Complains if they do not. */
bool check_formats(const struct arguments *arguments);

/* Prepare a run, false if out of memory; run it, true if the exploration is complete; free it. */
bool check_set_up(struct check *check, const tjob_lifecycle_config *config, uint64_t memory, uint32_t threads);
bool check_run(struct check *check);
void check_tear_down(struct check *check);

/* Returns the seconds of a clock that never runs backwards. */
double check_now_seconds(void);

/* A trace printer's callback: writes to standard output. */
void check_write(void *context, const char *text, size_t bytes);

#endif
