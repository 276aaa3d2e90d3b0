/* The actors: each runs a tjob_operation, one access to the store at a time. */
#ifndef TJOB_VERIFY_LIFECYCLE_ACTORS_H
#define TJOB_VERIFY_LIFECYCLE_ACTORS_H

#include "verify/lifecycle/state.h"

/* Computes all successors of an actor for a state of the store. Returns false if a limit of the model is reached. */
bool tjob__actor_successors(tjob_lifecycle_model *model, uint32_t local, uint32_t store, struct successor *successors,
                            uint32_t *count);

/* Computes the store after a late write is applied, and the observation of that. Returns false if a limit of the model
 * is reached. */
bool tjob__write_applied(tjob_lifecycle_model *model, uint32_t write, uint32_t store, struct successor *successor);

/*
 * Returns the local state after one more swap of its operation has been applied, and adds the observation of that.
 * Returns INTERN_FULL if a limit of the model is reached.
 */
uint32_t tjob__local_applied(tjob_lifecycle_model *model, uint32_t local, tjob_observation *observation);

#endif
