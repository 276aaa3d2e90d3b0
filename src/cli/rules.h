/* What the library does with a job, as it answers when it is asked: for models of it in other languages. */
#ifndef TJOB_CLI_RULES_H
#define TJOB_CLI_RULES_H

#include "tjob/job.h"

/* Returns a cell of the table that judges the library's own, as a cell of the library's. */
tjob_transition rules_reference(tjob_event_kind event, tjob_state state);

/* ---- What a change sets ---------------------------------------------------------------------------------------- */

/* The fields of a record that a change may set: tokens from the event, times from the clock. */
enum rules_field {
    RULES_TOKEN,
    RULES_TRAINER,
    RULES_SUBMITTED,
    RULES_STARTED,
    RULES_REQUESTED,
    RULES_ENDED,
    RULES_FIELD_COUNT
};

enum rules_set { RULES_SET_NEVER, RULES_SET_IF_UNSET, RULES_SET_ALWAYS };

/* Returns whether a change to a state sets a field. */
enum rules_set rules_set_by(tjob_state next, enum rules_field field);

/* ---- Fencing --------------------------------------------------------------------------------------------------- */

/* Situations in which an event may be stale. */
enum rules_fence {
    RULES_OF_OTHER_INCARNATION, /* it names another incarnation than the job's */
    RULES_WHEN_ABSENT,          /* the same, and there is no job */
    RULES_WITHOUT_TRAINER,      /* it names no trainer, and the job has one */
    RULES_BEFORE_TRAINER,       /* it names a trainer, and the job has none */
    RULES_OF_OTHER_TRAINER,     /* it names another trainer than the job's */
    RULES_FENCE_COUNT
};

/* Returns whether an event is stale in a situation. */
bool rules_stale(enum rules_fence fence, tjob_event_kind event);

#endif
