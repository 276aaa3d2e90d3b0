/* The predicates of the invariants. The model checker and the simulator share them. */
#ifndef TJOB_VERIFY_SPEC_INVARIANTS_H
#define TJOB_VERIFY_SPEC_INVARIANTS_H

#include <stdbool.h>

#include "tjob/invariant.h"
#include "tjob/operation.h"

/* The invariants that hold under a policy. */
struct invariants {
    bool table; /* those of the library's table: the policy has no transition of its own */
    bool stop;  /* and STOP_IS_KEPT: the policy does not accept a stop and ignore it */
};

struct invariants tjob__invariants_of(const tjob_policy *policy);

/* Returns whether the table allows a change of a record by an event. An absent record is all zero, before or after. */
bool tjob__invariant_follows_table(const tjob_job *before, const tjob_event *event, const tjob_job *after);

/* Returns false if one of the two records has completed and the other is STOPPED. */
bool tjob__invariant_excludes_completion(const tjob_job *before, const tjob_job *after);

/* Returns whether a record keeps a stop that was answered 200 earlier in its incarnation. */
bool tjob__invariant_keeps_stop(const tjob_job *job);

/* Returns true if a record is not STOPPED or has a stop time. */
bool tjob__invariant_has_stop_time(const tjob_job *job);

/* The effects of an operation so far, as the store observed them. */
struct effects {
    uint8_t applied; /* swaps that were applied; a second one is a violation and ends the run */
    bool accessed;   /* at least one load or swap took place */
    bool ended;
    uint8_t status;  /* valid once ended: a tjob_status */
    uint8_t changed; /* valid once ended: a tjob_changed */
};

/* Returns false if an operation that ended reports no change although a swap was applied. */
bool tjob__invariant_hides_nothing(tjob_changed changed, uint32_t applied);

/* Returns false if an operation reports a change and no swap was applied. */
bool tjob__invariant_is_applied(tjob_changed changed, uint32_t applied);

/* Returns whether an answer rejects a request before it may access the store. */
bool tjob__invariant_is_rejection(tjob_status status);

/* Each of these returns the first invariant that is violated, or TJOB_INVARIANT_NONE. */

/* Checks a record that was found. `promised`: a stop was answered 200 earlier in its incarnation. */
tjob_invariant tjob__invariants_of_record(const struct invariants *invariants, const tjob_job *job, bool promised);

/* Checks a record that was changed by an event. An absent record is all zero, before or after. */
tjob_invariant tjob__invariants_of_change(const struct invariants *invariants, const tjob_job *before,
                                          const tjob_event *event, const tjob_job *after);

/* Checks the effects of an operation. Call it each time a swap of the operation is applied, and when the operation
 * ends. */
tjob_invariant tjob__invariants_of_effects(const struct effects *effects);

#endif
