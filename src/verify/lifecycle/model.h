/*
 * Internals of the lifecycle model. A state of the model is a tuple of small numbers: one for the state of the store,
 * one for each actor's local state, one for each write in flight, and a few flags. The value that a number stands for
 * is interned once. The next steps of an actor depend only on its number and the store's number. They are computed
 * once, by running the operation, and cached as well.
 */
#ifndef TJOB_VERIFY_LIFECYCLE_MODEL_H
#define TJOB_VERIFY_LIFECYCLE_MODEL_H

#include "tjob/lifecycle_model.h"
#include "tjob/operation.h"
#include "verify/lifecycle/intern.h"
#include "verify/lifecycle/successor_cache.h"

/* ---- Properties ------------------------------------------------------------------------------------------------ */

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

/* Merges an observation into another. */
void tjob__observation_add(tjob_observation *observation, tjob_observation more);

/* Returns the observation that a property was exercised, and also violated unless it holds. */
tjob_observation tjob__observation_of(enum property property, bool holds);

/* ---- Actors ---------------------------------------------------------------------------------------------------- */

enum stage {
    STAGE_READY,   /* an operation may begin */
    STAGE_BUSY,    /* an operation is in progress */
    STAGE_RUNNING, /* a trainer: it trains, or believes that it does */
    STAGE_DONE     /* the actor takes no further step */
};

/* The local state of an actor. Every byte of it is set, so that it can be interned. */
struct local {
    tjob_operation operation; /* all zero while no operation is in progress */
    uint8_t role;
    uint8_t trainer_token; /* a trainer: its fencing token */
    uint8_t stage;
    uint8_t repeats; /* the event kind that it must repeat, plus 1; 0: it is free to choose */
    uint8_t retries; /* a client: the number of retries that it has left */
    uint8_t applied; /* the number of times that a swap of the operation was applied */
    uint8_t token;   /* a host: the token of its next submit */
    uint8_t unused;  /* always 0 */
};

/*
 * The input and the results of the state reduction of a local state, cached beside it. `holds`: its operation holds a
 * version that may be gone for good. `forgotten`: the numbers of the local state after reduction, plus 1, or 0 while
 * they are not known; the first while faults are left, the second once none is left.
 */
struct pending {
    uint32_t known;
    uint32_t holds;
    uint64_t version;
    uint32_t forgotten[2];
};

/* A write in flight: it may be applied as long as the store holds its version. */
struct write {
    uint64_t expected;
    tjob_job next; /* absent: the write removes the record */
    tjob_event event;
};

enum { STATE_WORDS = 4, ACTORS_MAX = TJOB_MODEL_CLIENTS_MAX + TJOB_MODEL_TRAINERS_MAX + 2, ACTOR_SUCCESSORS_MAX = 128 };

/* The position of a number within the words of a state. */
struct field {
    uint32_t word;
    uint32_t shift;
    uint64_t mask;
};

struct tjob_lifecycle_model {
    tjob_model model;
    tjob_property properties[PROPERTY_COUNT];
    tjob_lifecycle_config config;
    const tjob_store_model *store;
    uint32_t actor_count;

    struct intern locals;
    struct pending *pending; /* for each local state */
    struct intern stores;
    struct intern writes;
    struct successor_table successors;

    struct field store_field;
    struct field faults_field;  /* the number of faults left */
    struct field promise_field; /* a stop of the current incarnation was answered 200 */
    struct field rests_field;   /* the highest version on which an answer of 200 depends, if the store can crash */
    struct field actor_fields[ACTORS_MAX];
    struct field
        write_fields[TJOB_MODEL_FAULTS_MAX]; /* a write plus 1; 0 = none; used ones first, in ascending order */
    struct field owner_fields[TJOB_MODEL_FAULTS_MAX]; /* the write's owner; actor_count = none */
};

/* ---- Labels of steps ------------------------------------------------------------------------------------------- */

enum action { ACTION_ASK, ACTION_LOAD, ACTION_LOAD_AGAIN, ACTION_SWAP, ACTION_APPLY, ACTION_CRASH, ACTION_STORE_CRASH };

/* The description of a step. */
struct label {
    uint32_t actor;
    enum action action;
    uint32_t event;         /* a tjob_event_kind */
    uint32_t now_ms;        /* for ACTION_LOAD */
    uint32_t answer;        /* ACTION_ASK: the answer, an ASK_; ACTION_LOAD, ACTION_SWAP: the store's answer */
    uint32_t lost;          /* ACTION_SWAP answered TJOB_SWAP_UNKNOWN: the fate of the swap, a LOST_ */
    uint32_t trainer_token; /* the fencing token that the event carries */
    bool ends;              /* the operation ended with the following status and change */
    uint32_t status;
    uint32_t changed;
};

enum { ASK_DENIED, ASK_CANNOT_AUTHORIZE, ASK_THROTTLED };
enum { LOST_NOT_APPLIED, LOST_APPLIED, LOST_UNDER_WAY };

uint64_t tjob__label_encode(const struct label *label);
struct label tjob__label_decode(uint64_t word);

/* ---- Functions of the modules ---------------------------------------------------------------------------------- */

/* Computes all successors of an actor for a state of the store. Returns false if a limit of the model is reached. */
bool tjob__actor_successors(tjob_lifecycle_model *model, uint32_t local, uint32_t store, struct successor *successors,
                            uint32_t *count);

/*
 * Returns the local state after state reduction. If the operation holds a record whose version is gone for good, and a
 * comparison of both shows that it behaves the same without it, the result is the local state without the record. If no
 * fault is left, it is the local state after the conflict, which is then the only possible answer. Returns INTERN_FULL
 * if a limit of the model is reached.
 */
uint32_t tjob__local_is_reducible(tjob_lifecycle_model *model, uint32_t local, uint32_t store, bool faults_left);

/* Computes the store after a late write is applied, and the observation of that. Returns false if a limit of the model
 * is reached. */
bool tjob__write_applied(tjob_lifecycle_model *model, uint32_t write, uint32_t store, struct successor *successor);

/*
 * Returns the local state after one more swap of its operation has been applied, and adds the observation of that.
 * Returns INTERN_FULL if a limit of the model is reached.
 */
uint32_t tjob__local_applied(tjob_lifecycle_model *model, uint32_t local, tjob_observation *observation);

/* Sets up the properties: the sentence of each, and whether it applies. */
void tjob__properties_init(tjob_lifecycle_model *model);

/* Return the observations of: a change of the record by an event; the end of an operation; the answer of an operation
 * without a change; a record. */
tjob_observation tjob__properties_change(const tjob_lifecycle_model *model, const tjob_job *before,
                                         const tjob_event *event, const tjob_job *after);
tjob_observation tjob__properties_end(const tjob_lifecycle_model *model, const struct local *local,
                                      const tjob_outcome *outcome);
tjob_observation tjob__properties_answer(const tjob_lifecycle_model *model, const tjob_job *found,
                                         const tjob_operation *before, const tjob_outcome *outcome, uint64_t now_ms);
tjob_observation tjob__properties_record(const tjob_job *job, bool promised);

/* Returns the record in a state of the store. An absent record carries the incarnation that a submit would begin. */
tjob_job tjob__store_job(const tjob_lifecycle_model *model, const void *state);

/* Returns whether a swap that expects a version can be applied in this state of the store or in any later one. */
static inline bool store_can_apply(const tjob_lifecycle_model *model, const void *state, uint64_t version)
{
    return model->store->can_apply == NULL || model->store->can_apply(state, version);
}

/* Numbers in the words of a state. */
static inline uint32_t field_get(const uint64_t words[STATE_WORDS], struct field field)
{
    return (uint32_t)(words[field.word] >> field.shift & field.mask);
}

static inline void field_set(uint64_t words[STATE_WORDS], struct field field, uint32_t number)
{
    words[field.word] = (words[field.word] & ~(field.mask << field.shift)) | (uint64_t)number << field.shift;
}

void tjob__state_load(const tjob_lifecycle_model *model, const unsigned char *state, uint64_t words[STATE_WORDS]);
void tjob__state_store(const tjob_lifecycle_model *model, const uint64_t words[STATE_WORDS], unsigned char *state);

/* The implementation of tjob_model.describe. */
void tjob__lifecycle_describe(void *context, const unsigned char *before, uint64_t word, const unsigned char *after,
                              tjob_step_description *description);

#endif
