/* The operation with a bug planted into it, and the stores with one. */
#ifndef TJOB_VERIFY_SPEC_SEEDED_BUGS_H
#define TJOB_VERIFY_SPEC_SEEDED_BUGS_H

#include "tjob/operation.h"
#include "tjob/seeded_bug.h"
#include "tjob/store_model.h"

/*
 * As tjob_operation_loaded and tjob_operation_swapped, but for the plant. `present` is the version that the store has
 * now.
 */
void tjob__seeded_bug_loaded(tjob_seeded_bug bug, tjob_operation *operation, const tjob_policy *policy,
                             tjob_load_status answer, const tjob_job *job, uint64_t version, uint64_t now_ms);
void tjob__seeded_bug_swapped(tjob_seeded_bug bug, tjob_operation *operation, tjob_swap_status answer,
                              uint64_t present);

/* What a store holds; what its model does not fill is an absent job and version 0. */
tjob_load_status tjob__store_model_load(const tjob_store_model *store, const void *state, tjob_job *job,
                                        uint64_t *version);

/* The store with this plant; NULL if the plant is not one of a store. */
const tjob_store_model *tjob__seeded_bug_store(tjob_seeded_bug bug);

#endif
