/*
 * A situation as a text: parameters, and the steps that lead to it, each after a "/". A situation is a fragment of an
 * address as it stands, and each prefix that ends before a "/" is an earlier situation. docs/page.md has the grammar.
 */
#ifndef TJOB_PAGE_SITUATION_H
#define TJOB_PAGE_SITUATION_H

#include "page/parameters.h"
#include "tjob/actor.h"
#include "tjob/operation.h"

/* ---- Parameters ------------------------------------------------------------------------------------------------ */

enum situation_parameter {
    SITUATION_CLIENTS, /* in the order of tjob_actor */
    SITUATION_TRAINERS,
    SITUATION_SUPERVISORS,
    SITUATION_HOSTS,
    SITUATION_STOP_SUBMITTED,
    SITUATION_STOP_FINISHED,
    SITUATION_STOP_TIMEOUT,
    SITUATION_MAX_ATTEMPTS,
    SITUATION_BUG,
    SITUATION_CLOCK,
    SITUATION_PARAMETER_COUNT
};

/* The most actors of one kind, and steps of a situation. */
enum { SITUATION_ACTORS_MAX = 16, SITUATION_STEPS_MAX = 2000 };

/* No parameters, and no step with the "/" before it, are longer than that, as they are written here. */
enum { SITUATION_PARAMETERS_BYTES_MAX = 400, SITUATION_STEP_BYTES_MAX = 160 };

extern const struct page_parameter tjob__situation_parameters[SITUATION_PARAMETER_COUNT];

/* Returns the policy of the parameters. */
tjob_policy tjob__situation_policy(const uint64_t values[SITUATION_PARAMETER_COUNT]);

/* ---- Steps ----------------------------------------------------------------------------------------------------- */

/* The answers to an operation, in the order in which they are offered. */
enum situation_answer {
    ANSWER_ALLOWED,
    ANSWER_DENIED,
    ANSWER_AUTHORIZER_UNAVAILABLE,
    ANSWER_ADMITTED,
    ANSWER_THROTTLED,
    ANSWER_LOADED,
    ANSWER_LOAD_UNAVAILABLE,
    ANSWER_SWAPPED, /* as the store decides */
    ANSWER_CONFLICT,
    ANSWER_FULL,
    ANSWER_UNAVAILABLE,
    ANSWER_LOST,         /* the answer is lost, and the swap is not applied */
    ANSWER_LOST_APPLIED, /* applied, perhaps not durable */
    ANSWER_LOST_LATE,    /* in flight */
    ANSWER_TWICE,        /* as the store decides, and the request is in flight once more */
    ANSWER_CRASH,
    ANSWER_COUNT
};

/* An answer: its word, what it answers (TJOB_ASK_NOTHING: anything), and what it is called. */
struct situation_answer_kind {
    const char *word;
    tjob_ask ask;
    bool is_fault;
    const char *text;
};

extern const struct situation_answer_kind tjob__situation_answers[ANSWER_COUNT];

/* An event that an actor can begin an operation with. */
struct situation_event {
    tjob_actor actor;
    tjob_event_kind kind;
};

enum { SITUATION_EVENT_COUNT = 16 };

extern const struct situation_event tjob__situation_events[SITUATION_EVENT_COUNT];

enum situation_step_kind { STEP_BEGIN, STEP_ANSWER, STEP_APPLY, STEP_STORE_CRASH, STEP_CLOCK };

/* The arguments that an event may be given; the others are chosen as docs/page.md says. */
enum { GIVEN_INCARNATION = 1, GIVEN_TRAINER_TOKEN = 2, GIVEN_TOKEN = 4, GIVEN_HOST_CODE = 8 };

struct situation_step {
    enum situation_step_kind kind;
    tjob_actor actor; /* STEP_BEGIN, STEP_ANSWER */
    uint32_t number;  /* of the actor among its kind, from 1 */
    tjob_event event; /* STEP_BEGIN; what is not given is 0 */
    uint32_t given;   /* GIVEN_... bits */
    enum situation_answer answer;
    uint64_t value; /* STEP_APPLY: the number of the write, from 1; STEP_CLOCK: the time */
};

/* Returns the text up to the first "/", and removes it and the "/" from the rest. */
tjob_text tjob__situation_next(tjob_text *rest);

/* Reads a step, whose text begins at offset `at`. Returns false and sets *error if the text is wrong. Whether the step
 * is possible is another question. */
bool tjob__situation_step_read(tjob_text text, size_t at, struct situation_step *step, struct page_error *error);

/* Write a step; and the name of an actor in it. */
void tjob__situation_step_write(json_writer *writer, const struct situation_step *step);
void tjob__situation_actor_write(json_writer *writer, tjob_actor actor, uint32_t number);

#endif
