#include "verify/spec/reference.h"

/* clang-format off */

/* One column for each state, in the order of the enum. A cell contains the letter of a state if the job moves to that
 * state. */
static const char reference_cells[TJOB_EVENT_KIND_COUNT][TJOB_STATE_COUNT + 1] = {
    /*                               0STRPCWED */
    [TJOB_SUBMIT] =                 "Saaaaaaaa",
    [TJOB_START] =                  "?Tbbbbbbb",
    [TJOB_STOP] =                   "?1R=22222",
    [TJOB_HALTED] =                 "?xxP=xxxx",
    [TJOB_COMPLETED] =              "?xCCx=xxx",
    [TJOB_COMPLETED_WITH_WARNING] = "?xWWxx=xx",
    [TJOB_FAILED] =                 "?EEExxx=x",
    [TJOB_TRAINER_LOST] =           "?xEP=====",
    [TJOB_STOP_EXPIRED] =           "?==l=====",
    [TJOB_DELETE] =                 "?uuuDDDD=",
    [TJOB_REMOVED] =                "=xxxxxxx0",
    [TJOB_DESCRIBE] =               "?========",
};

/* clang-format on */

char tjob__reference_cell(tjob_event_kind event, tjob_state state)
{
    return reference_cells[event][state];
}

tjob_state tjob__reference_target(char cell)
{
    switch (cell) {
    case '0':
        return TJOB_ABSENT;
    case 'S':
        return TJOB_SUBMITTED;
    case 'T':
        return TJOB_TRAINING;
    case 'R':
        return TJOB_STOP_REQUESTED;
    case 'P':
        return TJOB_STOPPED;
    case 'C':
        return TJOB_TRAINED;
    case 'W':
        return TJOB_TRAINED_WITH_WARNING;
    case 'E':
        return TJOB_IN_ERROR;
    case 'D':
        return TJOB_DELETING;
    default:
        return TJOB_STATE_COUNT;
    }
}

/* ---- Fencing --------------------------------------------------------------------------------------------------- */

static bool reference_is_report(const tjob_event *event)
{
    return event->kind == TJOB_HALTED || event->kind == TJOB_COMPLETED || event->kind == TJOB_COMPLETED_WITH_WARNING ||
           event->kind == TJOB_FAILED || event->kind == TJOB_TRAINER_LOST;
}

/* Returns whether an event is stale. An incarnation or a trainer that the event carries must equal the record's; an
 * absent job has neither. */
static bool reference_is_stale(const tjob_job *job, const tjob_event *event)
{
    if (job->state == TJOB_ABSENT && event->kind != TJOB_SUBMIT) {
        return false;
    }
    if (event->incarnation != 0 && event->incarnation != job->incarnation) {
        return true;
    }
    if (job->trainer_token != 0 && event->trainer_token == 0) {
        return reference_is_report(event); /* a report on a job that has a trainer must carry a trainer token */
    }
    if (job->trainer_token == 0 && event->trainer_token != 0) {
        return event->kind != TJOB_START; /* start sets the trainer */
    }
    return event->trainer_token != job->trainer_token;
}

/* ---- Policies and times ---------------------------------------------------------------------------------------- */

static uint64_t reference_later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Times never decrease within a job, and none is 0. */
static uint64_t clamped(const tjob_job *job, uint64_t now_ms)
{
    const uint64_t began = reference_later(job->submitted_ms, job->training_started_ms);
    return reference_later(reference_later(1, now_ms),
                           reference_later(began, reference_later(job->stop_requested_ms, job->ended_ms)));
}

static char by_policy(char cell, const tjob_job *job, const tjob_event *event, uint64_t at, const tjob_policy *policy)
{
    static const char before_training[] = {'P', REFERENCE_UNCHANGED, 0};
    const uint64_t timeout_ms = policy->stop_timeout_ms == 0 ? TJOB_STOP_TIMEOUT_MS_DEFAULT : policy->stop_timeout_ms;
    switch (cell) {
    case REFERENCE_P1:
        return before_training[policy->stop_submitted];
    case REFERENCE_P2:
        return job->stop_requested_ms != 0 || policy->stop_finished == TJOB_STOP_FINISHED_ACCEPTED ? REFERENCE_UNCHANGED
                                                                                                   : 0;
    case REFERENCE_SAME_TOKEN:
        return event->token == job->submit_token ? REFERENCE_UNCHANGED : REFERENCE_IN_USE;
    case REFERENCE_SAME_TRAINER:
        return event->trainer_token == job->trainer_token ? REFERENCE_UNCHANGED : REFERENCE_REFUSED;
    case REFERENCE_LATE:
        return at - job->stop_requested_ms < timeout_ms ? REFERENCE_UNCHANGED : 'P';
    default:
        return cell;
    }
}

/* ---- Transitions ----------------------------------------------------------------------------------------------- */

static bool is_terminal(tjob_state state)
{
    return state == TJOB_STOPPED || state == TJOB_TRAINED || state == TJOB_TRAINED_WITH_WARNING ||
           state == TJOB_IN_ERROR;
}

static void reference_move(tjob_job *job, const tjob_event *event, tjob_state target, uint64_t at)
{
    if (target == TJOB_ABSENT) {
        *job = (tjob_job){.state = TJOB_ABSENT};
        return;
    }
    job->state = (uint32_t)target;
    if (target == TJOB_SUBMITTED) {
        job->submit_token = event->token;
        job->submitted_ms = at;
    }
    if (target == TJOB_SUBMITTED || event->kind == TJOB_FAILED) {
        job->host_code = event->host_code;
    }
    if (target == TJOB_TRAINING) {
        job->trainer_token = event->trainer_token;
        job->training_started_ms = at;
    }
    if (event->kind == TJOB_STOP) {
        job->stop_requested_ms = at;
    }
    if (is_terminal(target)) {
        job->ended_ms = at;
    }
}

tjob_transition_result tjob__reference_apply(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                             const tjob_policy *policy, tjob_job *next)
{
    if (next != job) {
        *next = *job;
    }
    if (reference_is_stale(job, event)) {
        return (tjob_transition_result){TJOB_STALE, false};
    }
    const uint64_t at = clamped(job, now_ms);
    const char cell = tjob__reference_cell((tjob_event_kind)event->kind, (tjob_state)job->state);
    const char word = by_policy(cell, job, event, at, policy);
    switch (word) {
    case REFERENCE_UNCHANGED:
        return (tjob_transition_result){TJOB_OK, false};
    case REFERENCE_REFUSED:
        return (tjob_transition_result){TJOB_WRONG_STATE, false};
    case REFERENCE_IN_USE:
        return (tjob_transition_result){TJOB_IN_USE, false};
    case REFERENCE_NOT_FOUND:
        return (tjob_transition_result){TJOB_NOT_FOUND, false};
    case 0:
        return (tjob_transition_result){TJOB_REFUSED_BY_POLICY, false};
    default:
        reference_move(next, event, tjob__reference_target(word), at);
        return (tjob_transition_result){TJOB_OK, true};
    }
}

/* ---- Records --------------------------------------------------------------------------------------------------- */

bool tjob__reference_has_completed(const tjob_job *job)
{
    return job->state == TJOB_TRAINED || job->state == TJOB_TRAINED_WITH_WARNING;
}

bool tjob__reference_is_in_order(const tjob_job *job)
{
    const uint64_t times[] = {job->submitted_ms, job->training_started_ms, job->stop_requested_ms, job->ended_ms};
    uint64_t latest = 0;
    for (unsigned i = 0; i < sizeof times / sizeof times[0]; i++) {
        if (times[i] != 0 && times[i] < latest) {
            return false;
        }
        latest = reference_later(latest, times[i]);
    }
    return true;
}
