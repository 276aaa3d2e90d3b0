/*
 * The reference: a second, independent specification of the lifecycle, which shares no line with the core. It has the
 * table as a person reads it, and the rules of fencing tokens, times and policies around it. The core is checked
 * against it.
 */
#ifndef TJOB_VERIFY_SPEC_REFERENCE_H
#define TJOB_VERIFY_SPEC_REFERENCE_H

#include "tjob/job.h"

/* The content of a cell of the table: one of these, or the letter of the state to which the job moves. */
enum {
    REFERENCE_NOT_FOUND = '?',
    REFERENCE_REFUSED = 'x',
    REFERENCE_IN_USE = 'u',
    REFERENCE_UNCHANGED = '=',
    REFERENCE_SAME_TOKEN = 'a',   /* unchanged if the token is the job's, otherwise in use */
    REFERENCE_SAME_TRAINER = 'b', /* unchanged if the trainer is the job's, otherwise refused */
    REFERENCE_P1 = '1',           /* a stop before training: depending on the policy stopped, unchanged or refused */
    REFERENCE_P2 = '2', /* a stop after the end: unchanged with a stop time, otherwise unchanged or refused by policy */
    REFERENCE_LATE = 'l' /* stopped once the stop has timed out, otherwise unchanged */
};

/* Return the cell for an event in a state, and the state to which a cell moves the job: TJOB_STATE_COUNT if it moves it
 * to none. */
char tjob__reference_cell(tjob_event_kind event, tjob_state state);
tjob_state tjob__reference_target(char cell);

/* Applies `event` to `job`; `next` may be `job`. Its result must equal that of tjob_job_apply in every case. */
tjob_transition_result tjob__reference_apply(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                             const tjob_policy *policy, tjob_job *next);

/* Returns whether the job has completed: it is TRAINED, with or without a warning. */
bool tjob__reference_has_completed(const tjob_job *job);

/* Returns whether the times that are set are in order: invariant TIMES_ARE_ORDERED (I9). */
bool tjob__reference_is_in_order(const tjob_job *job);

#endif
