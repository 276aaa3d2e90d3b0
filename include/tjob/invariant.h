/*
 * The invariants of the lifecycle: one name and one sentence each, for the model checker, the simulator and the
 * programs that print their results. docs/lifecycle.md numbers the invariants.
 */
#ifndef TJOB_INVARIANT_H
#define TJOB_INVARIANT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tjob_invariant {
    TJOB_INVARIANT_NONE = 0,                  /* no invariant is violated */
    TJOB_INVARIANT_STATES_FOLLOW_TABLE,       /* I1 */
    TJOB_INVARIANT_STOP_IS_KEPT,              /* I2 */
    TJOB_INVARIANT_STOPPED_HAS_STOP_TIME,     /* I3 */
    TJOB_INVARIANT_STOP_EXCLUDES_COMPLETION,  /* I4 */
    TJOB_INVARIANT_NO_HIDDEN_EFFECT,          /* I5 */
    TJOB_INVARIANT_SUCCESS_IS_APPLIED,        /* I6 */
    TJOB_INVARIANT_ANSWER_FOLLOWS_TABLE,      /* I7, for one answer */
    TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE,   /* I7, for a whole history */
    TJOB_INVARIANT_FINAL_STATE_IS_REACHABLE,  /* I8 */
    TJOB_INVARIANT_TIMES_ARE_ORDERED,         /* I9 */
    TJOB_INVARIANT_REJECTED_TOUCHES_NO_STORE, /* I10 */

    /* checked at the end of a simulation */
    TJOB_INVARIANT_STOPS_COMPLETE,
    TJOB_INVARIANT_OPERATIONS_END,
    TJOB_INVARIANT_STORE_MATCHES_HISTORY
} tjob_invariant;

#define TJOB_INVARIANT_COUNT 15

/* Returns the name of an invariant, such as "stop-is-kept"; "?" outside the enum. Static; thread-safe. */
const char *tjob_invariant_name(tjob_invariant invariant);

/* Returns the invariant as a sentence without a full stop; "?" outside the enum. Static; thread-safe. */
const char *tjob_invariant_sentence(tjob_invariant invariant);

#ifdef __cplusplus
}
#endif

#endif
