/* The transition of tjob/job.h: fencing, the table and the changes to the record. */
#include "core/assert.h"
#include "core/lifecycle.h"

struct table_cell {
    uint8_t kind;
    uint8_t next;
};

/* clang-format off */

/* The state is unchanged: */
#define none      {TJOB_TRANSITION_NOT_FOUND, 0}
#define refused   {TJOB_TRANSITION_REFUSED, 0}
#define in_use    {TJOB_TRANSITION_IN_USE, 0}
#define same      {TJOB_TRANSITION_UNCHANGED, 0}
#define token     {TJOB_TRANSITION_SAME_TOKEN, 0}
#define trainer   {TJOB_TRANSITION_SAME_TRAINER, 0}
#define finished  {TJOB_TRANSITION_STOP_FINISHED, 0}
/* The state changes: */
#define submits   {TJOB_TRANSITION_CHANGE, TJOB_SUBMITTED}
#define trains    {TJOB_TRANSITION_CHANGE, TJOB_TRAINING}
#define marks     {TJOB_TRANSITION_CHANGE, TJOB_STOP_REQUESTED}
#define stops     {TJOB_TRANSITION_CHANGE, TJOB_STOPPED}
#define completes {TJOB_TRANSITION_CHANGE, TJOB_TRAINED}
#define warns     {TJOB_TRANSITION_CHANGE, TJOB_TRAINED_WITH_WARNING}
#define fails     {TJOB_TRANSITION_CHANGE, TJOB_IN_ERROR}
#define deletes   {TJOB_TRANSITION_CHANGE, TJOB_DELETING}
#define removes   {TJOB_TRANSITION_CHANGE, TJOB_ABSENT}
#define unstarted {TJOB_TRANSITION_STOP_SUBMITTED, TJOB_STOPPED}
#define expires   {TJOB_TRANSITION_AFTER_TIMEOUT, TJOB_STOPPED}

/*
 * The transition of each event in each state. A stop of an absent job is not found; before training and after the end
 * the policy decides; in training it sets STOP_REQUESTED, and a repeat changes nothing.
 */
static const struct table_cell table[TJOB_EVENT_KIND_COUNT][TJOB_STATE_COUNT] = {
    /*                                                           STOP_                            TRAINED_
                                     absent   SUBMITTED TRAINING REQUESTED STOPPED  TRAINED   WITH_WARNING IN_ERROR DELETING */
    [TJOB_SUBMIT] =                 {submits, token,     token,     token,     token,    token,    token,    token,    token},
    [TJOB_START] =                  {none,    trains,    trainer,   trainer,   trainer,  trainer,  trainer,  trainer,  trainer},
    [TJOB_STOP] =                   {none,    unstarted, marks,     same,      same,     finished, finished, finished, finished},
    [TJOB_HALTED] =                 {none,    refused,   refused,   stops,     same,     refused,  refused,  refused,  refused},
    [TJOB_COMPLETED] =              {none,    refused,   completes, completes, refused,  same,     refused,  refused,  refused},
    [TJOB_COMPLETED_WITH_WARNING] = {none,    refused,   warns,     warns,     refused,  refused,  same,     refused,  refused},
    [TJOB_FAILED] =                 {none,    fails,     fails,     fails,     refused,  refused,  refused,  same,     refused},
    [TJOB_TRAINER_LOST] =           {none,    refused,   fails,     stops,     same,     same,     same,     same,     same},
    [TJOB_STOP_EXPIRED] =           {none,    same,      same,      expires,   same,     same,     same,     same,     same},
    [TJOB_DELETE] =                 {none,    in_use,    in_use,    in_use,    deletes,  deletes,  deletes,  deletes,  same},
    [TJOB_REMOVED] =                {same,    refused,   refused,   refused,   refused,  refused,  refused,  refused,  removes},
    [TJOB_DESCRIBE] =               {none,    same,      same,      same,      same,     same,     same,     same,     same},
};

#undef none
#undef refused
#undef in_use
#undef same
#undef token
#undef trainer
#undef finished
#undef submits
#undef trains
#undef marks
#undef stops
#undef completes
#undef warns
#undef fails
#undef deletes
#undef removes
#undef unstarted
#undef expires

/* clang-format on */

static bool lifecycle_moves(tjob_transition_kind kind)
{
    return kind == TJOB_TRANSITION_CHANGE || kind == TJOB_TRANSITION_STOP_SUBMITTED ||
           kind == TJOB_TRANSITION_AFTER_TIMEOUT;
}

tjob_transition tjob_transition_of(tjob_event_kind event, tjob_state state)
{
    TJOB_ASSERT((unsigned)event < TJOB_EVENT_KIND_COUNT && (unsigned)state < TJOB_STATE_COUNT);
    const struct table_cell *cell = &table[event][state];
    const tjob_transition_kind kind = (tjob_transition_kind)cell->kind;
    return (tjob_transition){kind, lifecycle_moves(kind) ? (tjob_state)cell->next : state};
}

static bool lifecycle_is_report(uint32_t kind)
{
    return kind >= TJOB_HALTED && kind <= TJOB_TRAINER_LOST;
}

/* An absent job has no incarnation or trainer to compare with, except for a submit, which names the incarnation it
 * begins. */
static bool is_fenced(const tjob_job *job, const tjob_event *event)
{
    return job->state != TJOB_ABSENT || event->kind == TJOB_SUBMIT;
}

static bool lifecycle_is_stale(const tjob_job *job, const tjob_event *event)
{
    if (event->incarnation != 0 && event->incarnation != job->incarnation) {
        return true;
    }
    if (event->trainer_token == job->trainer_token) {
        return false;
    }
    if (event->trainer_token == 0) {
        return lifecycle_is_report(event->kind);
    }
    return job->trainer_token != 0 || event->kind != TJOB_START;
}

/* Returns the time of the event: never 0, which means "not yet", and never before the latest time of the job. */
static uint64_t lifecycle_time_of(const tjob_job *job, uint64_t now_ms)
{
    const uint64_t times[] = {job->submitted_ms, job->training_started_ms, job->stop_requested_ms, job->ended_ms};
    uint64_t time = now_ms != 0 ? now_ms : 1;
    for (unsigned i = 0; i < sizeof times / sizeof times[0]; i++) {
        time = times[i] > time ? times[i] : time;
    }
    return time;
}

/* Moves *job to `next`. The state determines which fields are set. */
static void lifecycle_move(tjob_job *job, const tjob_event *event, tjob_state next, uint64_t now_ms)
{
    switch (next) { /* LCOV_EXCL_BR_LINE: the table has no other state */
    case TJOB_ABSENT:
        *job = (tjob_job){.state = TJOB_ABSENT};
        return;
    case TJOB_SUBMITTED:
        job->submit_token = event->token;
        job->host_code = event->host_code;
        job->submitted_ms = now_ms;
        break;
    case TJOB_TRAINING:
        job->trainer_token = event->trainer_token;
        job->training_started_ms = now_ms;
        break;
    case TJOB_STOP_REQUESTED:
        job->stop_requested_ms = now_ms;
        break;
    case TJOB_STOPPED:
        if (job->stop_requested_ms == 0) {
            job->stop_requested_ms = now_ms;
        }
        job->ended_ms = now_ms;
        break;
    case TJOB_IN_ERROR:
        if (event->kind == TJOB_FAILED) {
            job->host_code = event->host_code;
        }
        job->ended_ms = now_ms;
        break;
    case TJOB_TRAINED:
    case TJOB_TRAINED_WITH_WARNING:
        job->ended_ms = now_ms;
        break;
    case TJOB_DELETING:
        break;
    }
    job->state = next;
}

static tjob_transition_result refuse(tjob_status status)
{
    return (tjob_transition_result){status, false};
}

static tjob_transition_result accept_if(bool accepted, tjob_status otherwise)
{
    return refuse(accepted ? TJOB_OK : otherwise);
}

static bool has_timed_out(const tjob_job *job, uint64_t now_ms, const tjob_policy *policy)
{
    const uint64_t timeout_ms = policy->stop_timeout_ms != 0 ? policy->stop_timeout_ms : TJOB_STOP_TIMEOUT_MS_DEFAULT;
    return now_ms - job->stop_requested_ms >= timeout_ms;
}

/* In the file of tjob_job_apply, so that the compiler inlines it there. */
tjob_status tjob_event_validate(const tjob_event *event)
{
    const bool valid = event->kind < TJOB_EVENT_KIND_COUNT && (event->kind != TJOB_SUBMIT || event->token != 0) &&
                       (event->kind != TJOB_START || event->trainer_token != 0);
    return valid ? TJOB_OK : TJOB_INVALID_ARGUMENT;
}

tjob_transition_result tjob_job_apply(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                      const tjob_policy *policy, tjob_job *next)
{
    if (job->state >= TJOB_STATE_COUNT || tjob_event_validate(event) != TJOB_OK) {
        *next = *job;
        return refuse(TJOB_INVALID_ARGUMENT);
    }
    return tjob__lifecycle_apply(job, event, now_ms, policy, next);
}

tjob_transition_result tjob__lifecycle_apply(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                             const tjob_policy *policy, tjob_job *next)
{
    *next = *job;
    if (is_fenced(next, event) && lifecycle_is_stale(next, event)) {
        return refuse(TJOB_STALE);
    }
    const struct table_cell *cell = &table[event->kind][next->state];
    now_ms = lifecycle_time_of(next, now_ms);

    switch ((tjob_transition_kind)cell->kind) { /* LCOV_EXCL_BR_LINE: the table has no other kind */
    case TJOB_TRANSITION_NOT_FOUND:
        return refuse(TJOB_NOT_FOUND);
    case TJOB_TRANSITION_REFUSED:
        return refuse(TJOB_WRONG_STATE);
    case TJOB_TRANSITION_IN_USE:
        return refuse(TJOB_IN_USE);
    case TJOB_TRANSITION_UNCHANGED:
        return accept_if(true, TJOB_OK);
    case TJOB_TRANSITION_SAME_TOKEN:
        return accept_if(event->token == next->submit_token, TJOB_IN_USE);
    case TJOB_TRANSITION_SAME_TRAINER:
        return accept_if(event->trainer_token == next->trainer_token, TJOB_WRONG_STATE);
    case TJOB_TRANSITION_STOP_FINISHED:
        return accept_if(policy->stop_finished == TJOB_STOP_FINISHED_ACCEPTED || next->stop_requested_ms != 0,
                         TJOB_REFUSED_BY_POLICY);
    case TJOB_TRANSITION_STOP_SUBMITTED:
        if (policy->stop_submitted != TJOB_STOP_SUBMITTED_STOPS) {
            return accept_if(policy->stop_submitted == TJOB_STOP_SUBMITTED_IGNORED, TJOB_REFUSED_BY_POLICY);
        }
        break;
    case TJOB_TRANSITION_AFTER_TIMEOUT:
        if (!has_timed_out(next, now_ms, policy)) {
            return accept_if(true, TJOB_OK);
        }
        break;
    case TJOB_TRANSITION_CHANGE:
        break;
    }
    lifecycle_move(next, event, (tjob_state)cell->next, now_ms);
    return (tjob_transition_result){TJOB_OK, true};
}
