/* The operation and the stores with a seeded bug. */
#ifndef TJOB_VERIFY_SPEC_SEEDED_BUGS_H
#define TJOB_VERIFY_SPEC_SEEDED_BUGS_H

#include "tjob/operation.h"
#include "tjob/seeded_bug.h"
#include "tjob/store_model.h"

/*
 * Like tjob_operation_loaded and tjob_operation_swapped, except for the seeded bug. `present` is the version that the
 * store holds now.
 */
void tjob__seeded_bug_loaded(tjob_seeded_bug bug, tjob_operation *operation, const tjob_policy *policy,
                             tjob_load_status answer, const tjob_job *job, uint64_t version, uint64_t now_ms);
void tjob__seeded_bug_swapped(tjob_seeded_bug bug, tjob_operation *operation, tjob_swap_status answer,
                              uint64_t present);

/* Loads the record of a store model. Outputs that the model does not fill are an absent job and version 0. */
tjob_load_status tjob__store_model_load(const tjob_store_model *store, const void *state, tjob_job *job,
                                        uint64_t *version);

/* Returns the store model with this bug, or NULL if the bug is not one of a store. */
const tjob_store_model *tjob__seeded_bug_store(tjob_seeded_bug bug);

#endif
