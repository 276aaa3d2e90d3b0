/*
 * What the lifecycle should do, written down a second time and with no line of the core's: the table as a person reads
 * it, and the sentences about fences, times and policies around it. What the core does is judged by it.
 */
#ifndef TJOB_VERIFY_SPEC_REFERENCE_H
#define TJOB_VERIFY_SPEC_REFERENCE_H

#include "tjob/job.h"

/* What a cell of the table says: one of these, or the state to which it moves the job. */
enum {
    REFERENCE_NOT_FOUND = '?',
    REFERENCE_REFUSED = 'x',
    REFERENCE_IN_USE = 'u',
    REFERENCE_UNCHANGED = '=',
    REFERENCE_SAME_TOKEN = 'a',   /* unchanged if the token is the job's, else in use */
    REFERENCE_SAME_TRAINER = 'b', /* unchanged if the trainer is the job's, else refused */
    REFERENCE_P1 = '1',           /* a stop before training: by policy it stops, is unchanged or refused */
    REFERENCE_P2 = '2',  /* a stop after the end: by policy unchanged or refused, unchanged if there is a stop time */
    REFERENCE_LATE = 'l' /* stopped once the stop has timed out, else unchanged */
};

/* The cell for an event in a state; and the state that a cell moves to, TJOB_STATE_COUNT if it moves to none. */
char tjob__reference_cell(tjob_event_kind event, tjob_state state);
tjob_state tjob__reference_target(char cell);

/* What `event` does to `job`: the same as tjob_job_apply, of which it must differ in nothing. */
tjob_transition_result tjob__reference_apply(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                             const tjob_policy *policy, tjob_job *next);

/* Whether the work is done: TRAINED, with a warning or without. */
bool tjob__reference_has_completed(const tjob_job *job);

/* Whether the times that are set come one after the other: I9. */
bool tjob__reference_is_in_order(const tjob_job *job);

#endif
