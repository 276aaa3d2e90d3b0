/* The predicates of the invariants. The model checker and the simulator ask the same ones. */
#ifndef TJOB_VERIFY_SPEC_INVARIANTS_H
#define TJOB_VERIFY_SPEC_INVARIANTS_H

#include <stdbool.h>

#include "tjob/invariant.h"
#include "tjob/operation.h"

/* Which invariants a policy promises. */
struct invariants {
    bool table; /* those of the library's table: the policy has no transition of its own */
    bool stop;  /* and STOP_IS_KEPT: an accepted stop was requested */
};

struct invariants tjob__invariants_of(const tjob_policy *policy);

/* Whether a change of a record by an event is one of the table. Both records are all zero where there is none. */
bool tjob__invariant_follows_table(const tjob_job *before, const tjob_event *event, const tjob_job *after);

/* Whether neither record has completed and the other is STOPPED. */
bool tjob__invariant_excludes_completion(const tjob_job *before, const tjob_job *after);

/* Whether a record keeps a stop that was answered 200 before in its incarnation. */
bool tjob__invariant_keeps_stop(const tjob_job *job);

/* Whether a record is not STOPPED, or has a stop time. */
bool tjob__invariant_has_stop_time(const tjob_job *job);

/* What an operation has done so far, as the store saw it. */
struct effects {
    uint8_t applied; /* swaps that were applied; the second one is a violation, and the end */
    bool accessed;   /* there was a load or a swap */
    bool ended;
    uint8_t status;  /* once ended: a tjob_status */
    uint8_t changed; /* and a tjob_changed */
};

/* Whether what an operation that ended reports of its changes hides none that was applied. */
bool tjob__invariant_hides_nothing(tjob_changed changed, uint32_t applied);

/* Whether the change that an operation reports was applied. */
bool tjob__invariant_is_applied(tjob_changed changed, uint32_t applied);

/* Each returns the first invariant that is violated, or TJOB_INVARIANT_NONE. */

/* A record that was found. `promised`: in its incarnation a stop was answered 200 before. */
tjob_invariant tjob__invariants_of_record(const struct invariants *invariants, const tjob_job *job, bool promised);

/* A record that was changed by an event; both all zero where there is none. */
tjob_invariant tjob__invariants_of_change(const struct invariants *invariants, const tjob_job *before,
                                          const tjob_event *event, const tjob_job *after);

/* What was done by an operation, whenever one of its swaps was applied and when it ends. */
tjob_invariant tjob__invariants_of_effects(const struct effects *effects);

#endif
