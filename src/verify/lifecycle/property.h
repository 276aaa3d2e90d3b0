/* The properties of the lifecycle by number, and observations of them. */
#ifndef TJOB_VERIFY_LIFECYCLE_PROPERTY_H
#define TJOB_VERIFY_LIFECYCLE_PROPERTY_H

#include "tjob/lifecycle_model.h"

enum property {
    PROPERTY_STATES_FOLLOW_TABLE,
    PROPERTY_STOP_IS_KEPT,
    PROPERTY_STOPPED_HAS_STOP_TIME,
    PROPERTY_STOP_EXCLUDES_COMPLETION,
    PROPERTY_NO_HIDDEN_EFFECT,
    PROPERTY_SUCCESS_IS_APPLIED,
    PROPERTY_ANSWER_FOLLOWS_TABLE,
    PROPERTY_FINAL_STATE_IS_REACHABLE,
    PROPERTY_TIMES_ARE_ORDERED,
    PROPERTY_REJECTED_TOUCHES_NO_STORE,
    PROPERTY_CONFLICTS,
    PROPERTY_NO_LIVELOCK,
    PROPERTY_MANY_CONFLICTS,
    PROPERTY_COMPLETION_WINS,
    PROPERTY_STOP_WINS,
    PROPERTY_LOST_ANSWER_FOUND,
    PROPERTY_WRITE_APPLIED_LATE,
    PROPERTY_CRASH,
    PROPERTY_ZOMBIE_FENCED,
    PROPERTY_OWN, /* the first of the caller's own invariants */
    PROPERTY_COUNT = PROPERTY_OWN + TJOB_MODEL_INVARIANTS_MAX
};

#define EXERCISED(property) ((tjob_observation){.exercised = UINT32_C(1) << (property)})
#define VIOLATED(property)                                                                                             \
    ((tjob_observation){.exercised = UINT32_C(1) << (property), .violated = UINT32_C(1) << (property)})

#endif
