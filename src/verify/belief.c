#include "verify/belief.h"

#include <string.h>

#include "verify/reference.h"

_Static_assert(sizeof(struct belief) == 80, "a belief has no padding, for beliefs are compared as bytes");

/* The times of a record: the fields from BELIEF_SUBMITTED on. */
enum { TIMES = 4 };

/* The choices, as bits of their number. */
enum { CHOICE_OTHER_LIFE = 1, CHOICE_LATE = 2 };

/* The last state, in the order of the enum, in which an event changes anything. Within one life a job only moves on in
 * it. */
static const uint8_t last_changed[TJOB_EVENT_KIND_COUNT] = {
    [TJOB_SUBMIT] = TJOB_ABSENT,
    [TJOB_START] = TJOB_SUBMITTED,
    [TJOB_STOP] = TJOB_TRAINING,
    [TJOB_HALTED] = TJOB_STOP_REQUESTED,
    [TJOB_COMPLETED] = TJOB_STOP_REQUESTED,
    [TJOB_COMPLETED_WITH_WARNING] = TJOB_STOP_REQUESTED,
    [TJOB_FAILED] = TJOB_STOP_REQUESTED,
    [TJOB_WORKER_LOST] = TJOB_STOP_REQUESTED,
    [TJOB_STOP_EXPIRED] = TJOB_STOP_REQUESTED,
    [TJOB_DELETE] = TJOB_IN_ERROR,
    [TJOB_REMOVED] = TJOB_DELETING,
};

struct belief belief_of_anything(void)
{
    return (struct belief){.unknown = BELIEF_ANYTHING | BELIEF_LIFE};
}

struct belief belief_absent(void)
{
    return (struct belief){.unknown = BELIEF_LIFE};
}

struct belief belief_of_past(const tjob_past *past)
{
    struct belief belief = {past->job, past->excluded, past->unknown, 0};
    belief.unknown |= past->job.state == TJOB_ABSENT ? BELIEF_LIFE : 0u; /* that of nothing at all is all zero */
    return belief;
}

bool belief_may_change(const struct belief *belief, const tjob_event *event)
{
    const bool fits = event->life == 0 || (belief->unknown & BELIEF_LIFE) != 0 || event->life == belief->job.life;
    return event->kind != TJOB_DESCRIBE && fits && belief->job.state <= last_changed[event->kind];
}

/* ---- What an outcome tells ------------------------------------------------------------------------------------- */

static uint32_t told_of(const tjob_call *call, enum reading reading)
{
    return reading == READ_EFFECT ? 0 : call->told;
}

/* The record that the call tells; NULL if none. */
static const tjob_job *shown_by(const tjob_call *call, enum reading reading)
{
    const bool shows = (told_of(call, reading) & TJOB_TOLD_JOB) != 0 && call->outcome.job.state != TJOB_ABSENT;
    return shows ? &call->outcome.job : NULL;
}

static bool agrees(const tjob_call *call, enum reading reading, tjob_state before, tjob_ruling ruling,
                   const tjob_job *next)
{
    const tjob_outcome *outcome = &call->outcome;
    const uint32_t told = told_of(call, reading);
    const tjob_job *shown = shown_by(call, reading);
    if (reading == READ_EFFECT) {
        return ruling.changed;
    }
    if (ruling.status != outcome->status ||
        ((told & TJOB_TOLD_CHANGED) != 0 && ruling.changed != (outcome->changed == TJOB_CHANGED_YES))) {
        return false;
    }
    if (((told & TJOB_TOLD_BEFORE) != 0 && before != outcome->before) ||
        ((told & TJOB_TOLD_AFTER) != 0 && next->state != (uint32_t)outcome->after)) {
        return false;
    }
    if (shown != NULL) {
        return memcmp(next, shown, sizeof *next) == 0;
    }
    return (told & TJOB_TOLD_JOB) == 0 || next->state == TJOB_ABSENT;
}

/* ---- What is not known ----------------------------------------------------------------------------------------- */

static uint64_t timeout_of(const tjob_policy *policy)
{
    return policy->stop_timeout_ms != 0 ? policy->stop_timeout_ms : TJOB_STOP_TIMEOUT_MS_DEFAULT;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t latest_of(const tjob_job *job)
{
    return later(later(job->submitted_ms, job->training_started_ms), later(job->stop_requested_ms, job->ended_ms));
}

/* The life that an event or a record brings to a belief in which none is known. */
static bool learn(struct belief_step *step, uint64_t life)
{
    if (life == step->next.excluded) {
        return false;
    }
    step->next.job.life = life;
    step->next.unknown &= ~(uint32_t)BELIEF_LIFE;
    step->next.excluded = 0;
    step->learnt = life;
    return true;
}

/* Fills what is not known from the record that a call shows: it shows all at once, and each is written only once. */
static bool reveal(struct belief_step *step, const tjob_job *shown, const tjob_policy *policy)
{
    struct belief *belief = &step->next;
    const uint32_t unknown = belief->unknown;
    if (unknown == 0) {
        return true;
    }
    const bool late = shown->ended_ms - shown->stop_requested_ms >= timeout_of(policy);
    if (tjob_job_check(shown) != TJOB_JOB_VALID || ((unknown & BELIEF_EXPIRED) != 0 && !late) ||
        ((unknown & BELIEF_LIFE) != 0 && !learn(step, shown->life))) {
        return false;
    }
    tjob_job *job = &belief->job;
    uint64_t *const times[] = {&job->submitted_ms, &job->training_started_ms, &job->stop_requested_ms, &job->ended_ms};
    const uint64_t shown_times[] = {shown->submitted_ms, shown->training_started_ms, shown->stop_requested_ms,
                                    shown->ended_ms};
    for (unsigned i = 0; i < TIMES; i++) {
        if ((unknown & (uint32_t)BELIEF_SUBMITTED << i) != 0) {
            *times[i] = shown_times[i];
            if (shown_times[i] == 0) {
                return false;
            }
        }
    }
    belief->unknown = 0;
    return true;
}

/* Which times a change has set. */
static uint32_t set_by(const tjob_job *before, const tjob_job *after)
{
    return (before->submitted_ms != after->submitted_ms ? BELIEF_SUBMITTED : 0u) |
           (before->training_started_ms != after->training_started_ms ? BELIEF_STARTED : 0u) |
           (before->stop_requested_ms != after->stop_requested_ms ? BELIEF_STOP_REQUESTED : 0u) |
           (before->ended_ms != after->ended_ms ? BELIEF_ENDED : 0u);
}

/* Whether a call's life is compared with one that is not known, and no record tells it. */
static bool chooses_life(const struct belief *belief, const tjob_call *call, enum reading reading)
{
    return (belief->unknown & BELIEF_LIFE) != 0 && call->event.life != 0 && shown_by(call, reading) == NULL &&
           (belief->job.state != TJOB_ABSENT || call->event.kind == TJOB_SUBMIT);
}

unsigned belief_choices(const struct belief *belief, const tjob_call *call, enum reading reading)
{
    const bool chooses_time = call->event.kind == TJOB_STOP_EXPIRED && belief->job.state == TJOB_STOP_REQUESTED &&
                              shown_by(call, reading) == NULL;
    return (chooses_time ? CHOICE_LATE : 0u) + (chooses_life(belief, call, reading) ? CHOICE_OTHER_LIFE : 0u) + 1;
}

/* ---- The step -------------------------------------------------------------------------------------------------- */

static void exclude(struct belief_step *step, uint64_t life)
{
    step->overflow = step->next.excluded != 0 && step->next.excluded != life;
    step->next.excluded = life;
}

/* Where nothing is known, what a call shows is believed if it could show it: a change that was made changes nothing
 * more. */
static bool step_from_anything(const tjob_call *call, enum reading reading, const tjob_policy *policy,
                               struct belief_step *step)
{
    const tjob_job *shown = shown_by(call, reading);
    const struct belief absent = belief_absent();
    tjob_job next;
    if (reading == READ_EFFECT) {
        return false;
    }
    if (shown != NULL) {
        if (tjob_job_check(shown) != TJOB_JOB_VALID) {
            return false;
        }
        const tjob_ruling ruling = reference_apply(shown, &call->event, latest_of(shown), policy, &next);
        step->next = (struct belief){.job = *shown};
        return ruling.status == call->outcome.status && !ruling.changed;
    }
    if (call->outcome.status == TJOB_NOT_FOUND || (told_of(call, reading) & TJOB_TOLD_JOB) != 0) {
        step->next = absent;
    }
    return true;
}

bool belief_step(const struct belief *belief, const tjob_call *call, enum reading reading, unsigned choice,
                 const tjob_policy *policy, struct belief_step *step)
{
    const tjob_event *event = &call->event;
    const tjob_job *shown = shown_by(call, reading);
    const tjob_state before = (tjob_state)belief->job.state;
    uint64_t now_ms = 1;
    *step = (struct belief_step){.next = *belief};
    if ((belief->unknown & BELIEF_ANYTHING) != 0) {
        return step_from_anything(call, reading, policy, step);
    }
    if (shown != NULL) {
        now_ms = latest_of(shown); /* what a change sets is the latest time of the record */
        if (!reveal(step, shown, policy)) {
            return false;
        }
    } else if (chooses_life(belief, call, reading)) {
        if ((choice & CHOICE_OTHER_LIFE) != 0) {
            exclude(step, event->life);
        } else if (!learn(step, event->life)) {
            return false;
        }
    }
    if ((choice & CHOICE_LATE) != 0) {
        const uint64_t timeout_ms = timeout_of(policy);
        const uint64_t room_ms = UINT64_MAX - belief->job.stop_requested_ms;
        now_ms = belief->job.stop_requested_ms + (timeout_ms < room_ms ? timeout_ms : room_ms);
    }
    const tjob_job found = step->next.job;
    tjob_job *next = &step->next.job;
    const tjob_ruling ruling = reference_apply(&found, event, now_ms, policy, next);
    step->changed = ruling.changed;
    if (!agrees(call, reading, before, ruling, next)) {
        return false;
    }
    if (next->state == TJOB_ABSENT) {
        step->next.unknown = BELIEF_LIFE;
        step->next.excluded = ruling.changed ? 0 : step->next.excluded;
    } else if (shown == NULL && ruling.changed) {
        step->next.unknown |= set_by(&found, next) | ((choice & CHOICE_LATE) != 0 ? BELIEF_EXPIRED : 0u);
    }
    return true;
}
