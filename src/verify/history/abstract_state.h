/*
 * The abstract state: the knowledge about a job between two calls of a history, and the effect of one call on it. It
 * follows the table of the reference. Times and incarnations that no answer has reported stay open until one reports
 * them.
 */
#ifndef TJOB_VERIFY_HISTORY_ABSTRACT_STATE_H
#define TJOB_VERIFY_HISTORY_ABSTRACT_STATE_H

#include "tjob/history_checker.h"

/* The fields of abstract_state.job that no answer has reported. A time that is not known has its least possible
 * value. */
enum {
    ABSTRACT_INCARNATION = 1, /* job.incarnation is 0; for an absent job, the next incarnation, which is never known */
    ABSTRACT_SUBMITTED = 2,
    ABSTRACT_STARTED = 4,
    ABSTRACT_STOP_REQUESTED = 8,
    ABSTRACT_ENDED = 16,
    ABSTRACT_EXPIRED = 32, /* ended by a stop that expired: it ended at least the timeout after the request */
    ABSTRACT_ANYTHING = 64 /* only the state, or a set of possible states, is known; the job is all zero */
};

struct abstract_state {
    tjob_job job;
    uint64_t excluded; /* an incarnation that this one is known not to be; 0 = none, as always for an absent job */
    uint32_t unknown;
    uint32_t states; /* with ABSTRACT_ANYTHING, bit i: state i is possible; otherwise 0 */
};

/* Return the abstract state of an absent job; and the one in which everything is possible, a job of any kind or
 * none. */
struct abstract_state tjob__abstract_state_absent(void);
struct abstract_state tjob__abstract_state_of_anything(void);

/* Return the possible states of a job, as bits; and the abstract state in which exactly these states are possible. */
uint32_t tjob__abstract_state_states(const struct abstract_state *state);
struct abstract_state tjob__abstract_state_of_states(uint32_t states);

/* Sets *state to the one that a checkpoint holds. */
void tjob__abstract_state_resume(struct abstract_state *state, const tjob_history_checkpoint *checkpoint);

/* The ways to read a call. */
enum reading {
    READ_ANSWER, /* the table gives its outcome here; a change that is not known happened earlier */
    READ_EFFECT  /* it changes the job, whatever its outcome */
};

/* The result of one choice. */
struct abstract_step {
    struct abstract_state next;
    bool changed;
    bool overflow;   /* no room for the excluded incarnations: nothing can be concluded */
    uint64_t learnt; /* an incarnation that the step revealed, which must be a new one; 0 = none */
};

/*
 * Returns the number of choices for reading a call in an abstract state: with the job's incarnation or another one if
 * that is not known, in time or late if that is not reported.
 */
unsigned tjob__abstract_state_choices(const struct abstract_state *state, const tjob_call *call, enum reading reading);

/* Applies a call to an abstract state, for one reading and one choice. `state` may be &step->next, which saves a copy.
 * Returns false if that is impossible; the step is then undefined. */
bool tjob__abstract_state_step(const struct abstract_state *state, const tjob_call *call, enum reading reading,
                               unsigned choice, const tjob_policy *policy, struct abstract_step *step);

/* Returns whether an event can still change a job in this state, or in a later state of the same incarnation. */
bool tjob__abstract_state_may_change(const struct abstract_state *state, const tjob_event *event);

#endif
