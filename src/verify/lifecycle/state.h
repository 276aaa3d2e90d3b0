/*
 * The states of the lifecycle model. A state is a tuple of small numbers: one for the state of the store, one for each
 * actor's local state, one for each write in flight, and a few flags. The value that a number stands for is interned
 * once. The next steps of an actor depend only on its number and the store's number. They are computed once, by running
 * the operation, and cached as well.
 */
#ifndef TJOB_VERIFY_LIFECYCLE_STATE_H
#define TJOB_VERIFY_LIFECYCLE_STATE_H

#include "tjob/lifecycle_model.h"
#include "tjob/operation.h"
#include "verify/lifecycle/intern.h"
#include "verify/lifecycle/property.h"
#include "verify/lifecycle/successor_cache.h"

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
 * version that may be gone for good. `reduced`: the numbers of the local state after reduction, plus 1, or 0 while
 * they are not known; the first while faults are left, the second once none is left.
 */
struct pending {
    uint32_t known;
    uint32_t holds;
    uint64_t version;
    uint32_t reduced[2];
};

/* A write in flight: it may be applied as long as the store holds its version. */
struct write {
    uint64_t expected;
    tjob_job next; /* absent: the write removes the record */
    tjob_event event;
};

enum { STATE_WORDS = 5, ACTORS_MAX = TJOB_MODEL_CLIENTS_MAX + TJOB_MODEL_TRAINERS_MAX + 2, ACTOR_SUCCESSORS_MAX = 128 };

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

#endif
