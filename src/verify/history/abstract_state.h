/*
 * What is known of a job between two calls of a history, and what one call makes of it: the table of the reference,
 * where times and incarnations that no answer told are open until one tells them.
 */
#ifndef TJOB_VERIFY_HISTORY_ABSTRACT_STATE_H
#define TJOB_VERIFY_HISTORY_ABSTRACT_STATE_H

#include "tjob/history_checker.h"

/* The fields of belief.job that no answer told. A time that is not known stands as the least that it can be. */
enum {
    ABSTRACT_INCARNATION = 1, /* belief.job.incarnation is 0; of an absent job, the next incarnation never is known */
    ABSTRACT_SUBMITTED = 2,
    ABSTRACT_STARTED = 4,
    ABSTRACT_STOP_REQUESTED = 8,
    ABSTRACT_ENDED = 16,
    ABSTRACT_EXPIRED = 32, /* ended by a stop that expired: its end is late enough after the request */
    ABSTRACT_ANYTHING = 64 /* only the state is known, or some states of which it is one; the job is all zero */
};

struct abstract_state {
    tjob_job job;
    uint64_t excluded; /* an incarnation that this one is known not to be; 0 = none */
    uint32_t unknown;
    uint32_t states; /* ABSTRACT_ANYTHING: bit i: it may be in state i; else 0 */
};

/* There is no job; or there may be anything, a job of any kind or none. */
struct abstract_state tjob__abstract_state_absent(void);
struct abstract_state tjob__abstract_state_of_anything(void);

/* The states that a job may be in, as bits; and nothing but these. */
uint32_t tjob__abstract_state_states(const struct abstract_state *state);
struct abstract_state tjob__abstract_state_of_states(uint32_t states);

/* What a past has left. */
struct abstract_state tjob__abstract_state_of_checkpoint(const tjob_history_checkpoint *checkpoint);

/* As what a call is read. */
enum reading {
    READ_ANSWER, /* what its outcome tells is what the rule says here; a change that is not known was made before */
    READ_EFFECT  /* it changes the job, whatever its outcome */
};

/* What one choice leads to. */
struct abstract_step {
    struct abstract_state next;
    bool changed;
    bool overflow;   /* what is excluded does not fit: nothing can be said */
    uint64_t learnt; /* an incarnation that the step told, which must be a new one; 0 = none */
};

/*
 * In how many ways a call may be read in a belief: with its incarnation or another where that is not known, in time or
 * late where that is not told.
 */
unsigned tjob__abstract_state_choices(const struct abstract_state *state, const tjob_call *call, enum reading reading);

/* Reads a call in one of these ways. False if it cannot be. */
bool tjob__abstract_state_step(const struct abstract_state *state, const tjob_call *call, enum reading reading,
                               unsigned choice, const tjob_policy *policy, struct abstract_step *step);

/* Whether an event can still change a job in this state, or in one that follows in the same incarnation. */
bool tjob__abstract_state_may_change(const struct abstract_state *state, const tjob_event *event);

#endif
