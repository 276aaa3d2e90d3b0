/* State reduction: removes from an operation the data of a record whose version is gone, where it has no influence on
 * the behaviour. */
#ifndef TJOB_VERIFY_LIFECYCLE_REDUCTION_H
#define TJOB_VERIFY_LIFECYCLE_REDUCTION_H

#include "verify/lifecycle/state.h"

/*
 * Returns the local state after state reduction. If the operation holds a record whose version is gone for good, and a
 * comparison of both shows that it behaves the same without it, the result is the local state without the record. If no
 * fault is left, it is the local state after the conflict, which is then the only possible answer. Returns INTERN_FULL
 * if a limit of the model is reached.
 */
uint32_t tjob__local_reduce(tjob_lifecycle_model *model, uint32_t local, uint32_t store, bool faults_left);

#endif
