/* The store of a simulation: a store model with a state for each job, or a store of the caller's. */
#ifndef TJOB_VERIFY_SIMULATOR_STORE_H
#define TJOB_VERIFY_SIMULATOR_STORE_H

#include "tjob/history_checker.h"
#include "tjob/simulator.h"

struct simulated_store {
    const tjob_store_model *model;
    const tjob_store *own; /* the caller's; NULL: the model */
};

/* The storage location of a job. */
struct slot {
    void *state; /* of the model */
    uint32_t job;
};

tjob_load_status tjob__simulated_load(const struct simulated_store *store, struct slot slot, tjob_job *job,
                                      uint64_t *version);

/* Returns the current record, all zero if there is none. Sets *status to the store's answer, and *version, to 0 if the
 * store gives none. */
tjob_job tjob__simulated_present(const struct simulated_store *store, struct slot slot, tjob_load_status *status,
                                 uint64_t *version);

/* Returns the content of the store as a call that reads it at this instant. Sets *status to the store's answer. */
tjob_call tjob__simulated_read(const struct simulated_store *store, struct slot slot, uint64_t instant,
                               tjob_load_status *status);

/* The result of a swap. */
struct swapped {
    tjob_swap_status status; /* the store's */
    bool known;              /* before and after are known: only a model exposes a change before it is durable */
    tjob_job before;
    tjob_job after;
};

/* Swaps. If `durable`, an applied change is durable before this returns. */
struct swapped tjob__simulated_swap(const struct simulated_store *store, struct slot slot, uint64_t expected,
                                    const tjob_job *next, bool durable);

/* Return whether the store loses everything that is not durable in a crash; and crash the store and return whether
 * anything was lost. */
bool tjob__simulated_loses(const struct simulated_store *store);
bool tjob__simulated_crash(const struct simulated_store *store, struct slot slot);

#endif
