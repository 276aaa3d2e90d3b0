/* The store of a simulation: a model with a state for each job, or one of the caller's. */
#ifndef TJOB_VERIFY_SIMULATOR_STORE_H
#define TJOB_VERIFY_SIMULATOR_STORE_H

#include "tjob/history_checker.h"
#include "tjob/simulator.h"

struct simulated_store {
    const tjob_store_model *model;
    const tjob_store *own; /* the caller's; NULL: the model */
};

/* Where a job is kept. */
struct slot {
    void *state; /* of the model */
    uint32_t job;
};

tjob_load_status tjob__simulated_load(const struct simulated_store *store, struct slot place, tjob_job *job,
                                      uint64_t *version);

/* The record that there is, all zero if there is none; *status is the store's answer, *version 0 if it tells none. */
tjob_job tjob__simulated_present(const struct simulated_store *store, struct slot place, tjob_load_status *status,
                                 uint64_t *version);

/* What the store holds, as a call that asked for it at this instant; *status is the store's answer. */
tjob_call tjob__simulated_read(const struct simulated_store *store, struct slot place, uint64_t instant,
                               tjob_load_status *status);

/* What a swap changed. */
struct swapped {
    tjob_swap_status status; /* the store's */
    bool known; /* before and after are known: a model shows the change, which a store may do only once it is durable */
    tjob_job before;
    tjob_job after;
};

/* Swaps; if `durable`, what was applied is so before this returns. */
struct swapped tjob__simulated_swap(const struct simulated_store *store, struct slot place, uint64_t expected,
                                    const tjob_job *next, bool durable);

/* Whether the store forgets by a crash what is not durable; and such a crash: whether anything was lost. */
bool tjob__simulated_loses(const struct simulated_store *store);
bool tjob__simulated_crash(const struct simulated_store *store, struct slot place);

#endif
