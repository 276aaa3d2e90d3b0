/* What the library does with a job, as it answers when it is asked: for models of it in other languages. */
#ifndef TJOB_CLI_SEMANTICS_H
#define TJOB_CLI_SEMANTICS_H

#include "tjob/job.h"

/* Returns a cell of the reference table, which is independent of the library, as a cell of the library's table. */
tjob_transition semantics_reference(tjob_event_kind event, tjob_state state);

/* ---- What a change sets ---------------------------------------------------------------------------------------- */

/* The fields of a record that a change may set: tokens from the event, times from the clock. */
enum semantics_field {
    SEMANTICS_TOKEN,
    SEMANTICS_TRAINER,
    SEMANTICS_SUBMITTED,
    SEMANTICS_STARTED,
    SEMANTICS_REQUESTED,
    SEMANTICS_ENDED,
    SEMANTICS_FIELD_COUNT
};

enum semantics_set { SEMANTICS_SET_NEVER, SEMANTICS_SET_IF_UNSET, SEMANTICS_SET_ALWAYS };

/* Returns whether a change to a state sets a field. */
enum semantics_set semantics_set_by(tjob_state next, enum semantics_field field);

/* ---- Fencing --------------------------------------------------------------------------------------------------- */

/* Situations in which an event may be stale. */
enum semantics_fence {
    SEMANTICS_OF_OTHER_INCARNATION, /* it names another incarnation than the job's */
    SEMANTICS_WHEN_ABSENT,          /* the same, and there is no job */
    SEMANTICS_WITHOUT_TRAINER,      /* it names no trainer, and the job has one */
    SEMANTICS_BEFORE_TRAINER,       /* it names a trainer, and the job has none */
    SEMANTICS_OF_OTHER_TRAINER,     /* it names another trainer than the job's */
    SEMANTICS_FENCE_COUNT
};

/* Returns whether an event is stale in a situation. */
bool semantics_stale(enum semantics_fence fence, tjob_event_kind event);

#endif
