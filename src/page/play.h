/*
 * Play: a system around one job, moved by hand. Each actor runs the tjob_operation that ships; every answer to it is a
 * step of a situation. The properties are those of the lifecycle model, and its history is checked besides.
 */
#ifndef TJOB_PAGE_PLAY_H
#define TJOB_PAGE_PLAY_H

#include "page/situation.h"
#include "tjob/history_checker.h"
#include "verify/lifecycle/state.h"

/* The properties of the model, and what the history checker says of all calls so far. */
enum {
    PLAY_HISTORY_IS_LINEARIZABLE = PROPERTY_OWN,
    PLAY_STORE_MATCHES_HISTORY,
    PLAY_PROPERTY_COUNT,
    PLAY_KIND_COUNT = TJOB_ACTOR_STORE /* the kinds of actors */
};

/* An operation: its call, and what became of it. */
struct play_operation {
    struct local local; /* with the tjob_operation, and how often a swap of it was applied */
    tjob_actor actor;
    uint32_t number;    /* of its actor, from 1 */
    uint32_t ended;     /* the step that ended it; 0: none has */
    uint64_t loaded_ms; /* when it loaded what it asks to swap */
    bool accessed;      /* it has asked the store for something */
    bool crashed;
};

/* A write in flight: it may arrive once, or never. */
struct play_write {
    uint32_t operation;
    uint64_t expected;
    tjob_job next; /* absent: the write removes the record */
    tjob_event event;
    uint64_t loaded_ms; /* when its operation loaded what it changes */
    bool arrived;
};

struct play {
    tjob_lifecycle_model model; /* of it: the configuration, the properties and the store */
    uint64_t values[SITUATION_PARAMETER_COUNT];
    uint64_t clock_ms;
    union {
        uint64_t words[TJOB_STORE_MODEL_BYTES_MAX / 8];
        unsigned char bytes[TJOB_STORE_MODEL_BYTES_MAX];
    } state;           /* of the store */
    uint64_t promised; /* the last incarnation in which a stop was answered 200 */
    uint64_t rests;    /* the highest version on which an answer of 200 depends */
    uint32_t submits;  /* that were begun */
    uint32_t faults;

    uint32_t step_count;
    uint32_t operation_count;
    uint32_t write_count;
    uint32_t current[PLAY_KIND_COUNT][SITUATION_ACTORS_MAX]; /* the operation of each actor, plus 1; 0: it is idle */
    uint32_t last[PLAY_KIND_COUNT][SITUATION_ACTORS_MAX];    /* the last one that ended, plus 1 */
    struct play_operation operations[SITUATION_STEPS_MAX];
    tjob_call calls[SITUATION_STEPS_MAX];      /* of the operations */
    tjob_call prefix[SITUATION_STEPS_MAX + 1]; /* of these, up to a step; and a last read of the store */
    uint32_t ended_at[SITUATION_STEPS_MAX];    /* for each step, the operation that it ended, plus 1; 0: none */
    struct play_write writes[SITUATION_STEPS_MAX];

    uint32_t exercised[PLAY_PROPERTY_COUNT]; /* the last step that did; 0: none */
    uint32_t violated[PLAY_PROPERTY_COUNT];  /* the first step that did; 0: none */
    bool undecided;                          /* the history checker reached a bound */
    uint64_t history[TJOB_HISTORY_BYTES_DEFAULT / 8];
};

/* What a step did. */
struct play_result {
    tjob_step_description description;
    tjob_observation observation;
    bool ended; /* an operation was answered, or lost with its actor */
};

/* Begins with the parameters at the front of *rest, which is the text of a situation, and removes them. Returns false
 * and sets *error if they are wrong. */
bool tjob__play_begin(struct play *play, tjob_text *rest, struct page_error *error);

/* Takes a step. `at` is the offset of its text. Returns false and sets *error if it is not possible now. */
bool tjob__play_step(struct play *play, const struct situation_step *step, size_t at, struct play_result *result,
                     struct page_error *error);

/* Checks the history of all calls so far, and the record against it. */
void tjob__play_check_history(struct play *play);

/* Plays a whole situation, and writes it as JSON: docs/page.md describes the members. */
void tjob__play(struct play *play, tjob_text situation, struct page_json *json);

/* ---- What is there, and what is possible ----------------------------------------------------------------------- */

/* Returns the operation of an actor that is in progress; NULL if the actor is idle. */
const struct play_operation *tjob__play_operation_of(const struct play *play, tjob_actor actor, uint32_t number);

/* Returns the record, absent if there is none, and sets *version. */
tjob_job tjob__play_record(const struct play *play, uint64_t *version);

/* Returns whether a swap of a version is applied if it arrives now. */
bool tjob__play_applies(const struct play *play, uint64_t expected, const tjob_job *next);

/* Returns whether an operation can be answered like this now. */
bool tjob__play_can_answer(const struct play *play, const struct play_operation *operation,
                           enum situation_answer answer);

/* Returns the event of a step, with what is not given filled in. */
tjob_event tjob__play_event(const struct play *play, const struct situation_step *step);

/* Returns a property's name, sentence and kind. */
tjob_property tjob__play_property(const struct play *play, uint32_t property);

#endif
