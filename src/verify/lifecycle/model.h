/*
 * Inside the lifecycle model. A state of it is a row of small numbers: of the store's state, of each actor's, of each
 * write that is under way, and a few flags. What each number stands for is kept once; what an actor can do next depends
 * on its number and the store's alone, is found by running the operation once, and is kept, too.
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
    PROPERTY_OWN, /* the first of the caller's own */
    PROPERTY_COUNT = PROPERTY_OWN + TJOB_MODEL_INVARIANTS_MAX
};

#define EXERCISED(property) ((tjob_observation){.exercised = UINT32_C(1) << (property)})
#define VIOLATED(property)                                                                                             \
    ((tjob_observation){.exercised = UINT32_C(1) << (property), .violated = UINT32_C(1) << (property)})

/* Adds what can be seen to what was seen. */
void tjob__observation_add(tjob_observation *observation, tjob_observation more);

/* Put to the test: violated unless it holds. */
tjob_observation tjob__observation_of(enum property property, bool holds);

/* ---- Actors ---------------------------------------------------------------------------------------------------- */

enum role { ROLE_CLIENT, ROLE_TRAINER, ROLE_SUPERVISOR, ROLE_HOST, ROLE_COUNT };

enum stage {
    STAGE_READY,   /* an operation may begin */
    STAGE_BUSY,    /* one is under way */
    STAGE_RUNNING, /* a trainer: it trains, or believes so */
    STAGE_DONE     /* nothing more will come from it */
};

/* An actor, every byte of it set. */
struct local {
    tjob_operation operation; /* all zero while none is under way */
    uint8_t role;
    uint8_t trainer_token; /* a trainer: its fencing token */
    uint8_t stage;
    uint8_t repeats; /* what it sends again, an event kind and 1; 0: it is free to choose */
    uint8_t retries; /* a client: how often it may yet send again */
    uint8_t applied; /* how often a swap of the operation was applied */
    uint8_t token;   /* a host: the token of its next submit */
    uint8_t unused;  /* always 0 */
};

/*
 * What an actor waits for, kept beside it: whether its operation holds a version that may be gone for good; and then
 * the actor that has forgotten what it holds of that version, a number and 1, once that is known: while something may
 * yet go wrong, and once nothing can.
 */
struct pending {
    uint32_t known;
    uint32_t holds;
    uint64_t version;
    uint32_t forgotten[2];
};

/* A write that is under way: it may be applied as long as its version stands. */
struct write {
    uint64_t expected;
    tjob_job next; /* absent: it removes the record */
    tjob_event event;
};

enum { STATE_WORDS = 4, ACTORS_MAX = TJOB_MODEL_CLIENTS_MAX + TJOB_MODEL_TRAINERS_MAX + 2, ACTOR_SUCCESSORS_MAX = 128 };

/* Where in the words of a state a number stands. */
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
    struct pending *pending; /* of each local */
    struct intern stores;
    struct intern writes;
    struct successor_table successors;

    struct field store_field;
    struct field faults_field;  /* those left */
    struct field promise_field; /* a stop of the present incarnation was answered 200 */
    struct field rests_field;   /* the highest version on which a 200 rests, if the store can crash */
    struct field actor_fields[ACTORS_MAX];
    struct field
        write_fields[TJOB_MODEL_FAULTS_MAX]; /* a write and 1, 0 = none; those in use come first, in rising order */
    struct field owner_fields[TJOB_MODEL_FAULTS_MAX]; /* whose it is; actor_count = nobody's */
};

/* ---- Labels of steps ------------------------------------------------------------------------------------------- */

enum action { ACTION_ASK, ACTION_LOAD, ACTION_LOAD_AGAIN, ACTION_SWAP, ACTION_APPLY, ACTION_CRASH, ACTION_STORE_CRASH };

/* What a step is. */
struct label {
    uint32_t actor;
    enum action action;
    uint32_t event;         /* a tjob_event_kind */
    uint32_t now_ms;        /* ACTION_LOAD */
    uint32_t answer;        /* ACTION_ASK: what was answered, see tell; ACTION_LOAD, ACTION_SWAP: the store's answer */
    uint32_t lost;          /* ACTION_SWAP answered TJOB_SWAP_UNKNOWN: what became of it, a LOST_ */
    uint32_t trainer_token; /* the fencing token that the event carries */
    bool ends;              /* the operation ended, with this status and this change */
    uint32_t status;
    uint32_t changed;
};

enum { ASK_DENIED, ASK_CANNOT_AUTHORIZE, ASK_THROTTLED };
enum { LOST_NOT_APPLIED, LOST_APPLIED, LOST_UNDER_WAY };

uint64_t tjob__label_encode(const struct label *label);
struct label tjob__label_decode(uint64_t word);

/* ---- The parts ------------------------------------------------------------------------------------------------- */

/* Everything that an actor can do in a state of the store. False if a limit of the model is reached. */
bool tjob__actor_successors(tjob_lifecycle_model *model, uint32_t local, uint32_t store, struct successor *successors,
                            uint32_t *count);

/*
 * The actor in front of a store that has moved on: where its operation holds a record whose version is gone for good,
 * and demonstrably does the same without it, it is the actor that has forgotten the record; and where no fault is left,
 * that has met the conflict which alone can come. INTERN_FULL at a limit.
 */
uint32_t tjob__local_is_reducible(tjob_lifecycle_model *model, uint32_t local, uint32_t store, bool faults_left);

/* What becomes of the store if a write lands now, and what can be seen of it; false if a limit is reached. */
bool tjob__write_applied(tjob_lifecycle_model *model, uint32_t write, uint32_t store, struct successor *successor);

/*
 * The actor once one more swap of its operation has been applied, and what can be seen of that; INTERN_FULL at a limit.
 */
uint32_t tjob__local_applied(tjob_lifecycle_model *model, uint32_t local, tjob_observation *observation);

/* Properties: what each says, and whether it applies. */
void tjob__properties_init(tjob_lifecycle_model *model);

/* What can be seen of a change of the record by an event; of the end of an operation; of a record. */
tjob_observation tjob__properties_change(const tjob_lifecycle_model *model, const tjob_job *before,
                                         const tjob_event *event, const tjob_job *after);
tjob_observation tjob__properties_end(const tjob_lifecycle_model *model, const struct local *local,
                                      const tjob_outcome *outcome);
tjob_observation tjob__properties_answer(const tjob_lifecycle_model *model, const tjob_job *found,
                                         const tjob_operation *before, const tjob_outcome *outcome, uint64_t now_ms);
tjob_observation tjob__properties_record(const tjob_job *job, bool promised);

/* The record in a state of the store. An absent one bears the incarnation that a submit would begin. */
tjob_job tjob__store_job(const tjob_lifecycle_model *model, const void *state);

/* Whether a swap against a version can be applied in this state of the store, or ever after. */
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

/* For tjob_model.tell. */
void tjob__lifecycle_describe(void *context, const unsigned char *before, uint64_t word, const unsigned char *after,
                              tjob_step_description *description);

#endif
