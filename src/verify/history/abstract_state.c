#include "verify/history/abstract_state.h"

#include <string.h>

#include "verify/history/call.h"
#include "verify/spec/reference.h"

_Static_assert(sizeof(struct abstract_state) == 80,
               "an abstract state has no padding, because it is compared as bytes");

/* The times of a record: the fields from ABSTRACT_SUBMITTED on. */
enum { TIMES = 4 };

/* The choices, as bits of their number. */
enum { CHOICE_OTHER_INCARNATION = 1, CHOICE_LATE = 2 };

/*
 * The last state, in the order of the enum, in which an event changes anything. Within one incarnation a job only moves
 * forward in this order.
 */
static const uint8_t last_changed[TJOB_EVENT_KIND_COUNT] = {
    [TJOB_START] = TJOB_SUBMITTED,
    [TJOB_STOP] = TJOB_TRAINING,
    [TJOB_HALTED] = TJOB_STOP_REQUESTED,
    [TJOB_COMPLETED] = TJOB_STOP_REQUESTED,
    [TJOB_COMPLETED_WITH_WARNING] = TJOB_STOP_REQUESTED,
    [TJOB_FAILED] = TJOB_STOP_REQUESTED,
    [TJOB_TRAINER_LOST] = TJOB_STOP_REQUESTED,
    [TJOB_STOP_EXPIRED] = TJOB_STOP_REQUESTED,
    [TJOB_DELETE] = TJOB_IN_ERROR,
    [TJOB_REMOVED] = TJOB_DELETING,
};

static uint32_t state_bit(uint32_t state)
{
    return UINT32_C(1) << state;
}

uint32_t tjob__abstract_state_states(const struct abstract_state *state)
{
    return (state->unknown & ABSTRACT_ANYTHING) != 0 ? state->states : state_bit(state->job.state);
}

struct abstract_state tjob__abstract_state_of_states(uint32_t states)
{
    if (states == state_bit(TJOB_ABSENT)) {
        return tjob__abstract_state_absent();
    }
    return (struct abstract_state){.unknown = ABSTRACT_ANYTHING | ABSTRACT_INCARNATION, .states = states};
}

struct abstract_state tjob__abstract_state_of_anything(void)
{
    return tjob__abstract_state_of_states(state_bit(TJOB_STATE_COUNT) - 1);
}

struct abstract_state tjob__abstract_state_absent(void)
{
    return (struct abstract_state){.unknown = ABSTRACT_INCARNATION};
}

void tjob__abstract_state_resume(struct abstract_state *state, const tjob_history_checkpoint *checkpoint)
{
    state->job = checkpoint->job;
    state->excluded = checkpoint->excluded;
    state->unknown = checkpoint->unknown;
    state->states = 0;
    if (checkpoint->job.state == TJOB_ABSENT) {
        state->unknown |= ABSTRACT_INCARNATION; /* an empty checkpoint is all zero */
    }
}

/* Returns whether the event's trainer, or the absence of one, can match the trainer of a job that has begun, or can no
 * longer begin. */
static bool fits_trainer(const tjob_job *job, const tjob_event *event)
{
    const bool has_begun = job->state != TJOB_SUBMITTED && job->state != TJOB_ABSENT;
    const bool may_lack = event->kind == TJOB_STOP || event->kind == TJOB_STOP_EXPIRED || event->kind == TJOB_DELETE ||
                          event->kind == TJOB_REMOVED;
    return !has_begun || event->trainer_token == job->trainer_token || (event->trainer_token == 0 && may_lack);
}

/* Returns whether such an event changes a job in this state, or in a later state of the same incarnation. */
static bool may_change_from(uint32_t state, tjob_event_kind kind)
{
    return kind != TJOB_DESCRIBE && state <= last_changed[kind];
}

bool tjob__abstract_state_may_change(const struct abstract_state *state, const tjob_event *event)
{
    if ((state->unknown & ABSTRACT_ANYTHING) != 0) {
        for (uint32_t from = 0; from < TJOB_STATE_COUNT; from++) {
            if ((state->states & state_bit(from)) != 0 && may_change_from(from, (tjob_event_kind)event->kind)) {
                return true;
            }
        }
        return false;
    }
    const bool incarnation_is_open =
        (state->unknown & ABSTRACT_INCARNATION) != 0 && event->incarnation != state->excluded;
    const bool fits = event->incarnation == 0 || incarnation_is_open || event->incarnation == state->job.incarnation;
    return fits && fits_trainer(&state->job, event) && may_change_from(state->job.state, (tjob_event_kind)event->kind);
}

/* ---- The content of an outcome --------------------------------------------------------------------------------- */

static uint32_t known_of(const tjob_call *call, enum reading reading)
{
    return reading == READ_EFFECT ? 0 : call->known;
}

/* Returns the record that the call reports; NULL if none. */
static const tjob_job *exercised_by(const tjob_call *call, enum reading reading)
{
    return reading == READ_EFFECT ? NULL : record_known_from(call);
}

/* Returns whether an outcome agrees with this result and these states. */
static bool agrees_with(const tjob_call *call, enum reading reading, tjob_state before, tjob_transition_result result,
                        tjob_state after)
{
    const tjob_outcome *outcome = &call->outcome;
    const uint32_t known = known_of(call, reading);
    if (reading == READ_EFFECT) {
        return result.changed;
    }
    return result.status == outcome->status &&
           ((known & TJOB_KNOWN_CHANGED) == 0 || result.changed == (outcome->changed == TJOB_CHANGED_YES)) &&
           ((known & TJOB_KNOWN_BEFORE) == 0 || before == outcome->before) &&
           ((known & TJOB_KNOWN_AFTER) == 0 || after == outcome->after) &&
           ((known & TJOB_KNOWN_JOB) == 0 || (uint32_t)after == outcome->job.state);
}

/* Field by field, for memcmp waits for fields that were written just before: 3 % of a call that is checked alone, as
 * measured with one comparison after the other. */
static bool is_same_record(const tjob_job *a, const tjob_job *b)
{
    return ((a->state ^ b->state) | (a->host_code ^ b->host_code) | (a->submit_token ^ b->submit_token) |
            (a->incarnation ^ b->incarnation) | (a->trainer_token ^ b->trainer_token) |
            (a->submitted_ms ^ b->submitted_ms) | (a->training_started_ms ^ b->training_started_ms) |
            (a->stop_requested_ms ^ b->stop_requested_ms) | (a->ended_ms ^ b->ended_ms)) == 0;
}

static bool agrees(const tjob_call *call, enum reading reading, tjob_state before, tjob_transition_result result,
                   const tjob_job *next)
{
    const tjob_job *exercised = exercised_by(call, reading);
    return agrees_with(call, reading, before, result, (tjob_state)next->state) &&
           (exercised == NULL || is_same_record(next, exercised));
}

/* ---- Unknown fields -------------------------------------------------------------------------------------------- */

static uint64_t timeout_of(const tjob_policy *policy)
{
    return policy->stop_timeout_ms != 0 ? policy->stop_timeout_ms : TJOB_STOP_TIMEOUT_MS_DEFAULT;
}

static uint64_t abstract_later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t latest_of(const tjob_job *job)
{
    return abstract_later(abstract_later(job->submitted_ms, job->training_started_ms),
                          abstract_later(job->stop_requested_ms, job->ended_ms));
}

/* Adopts the incarnation that an event or a record reveals, if none is known. */
static bool learn(struct abstract_step *step, uint64_t incarnation)
{
    if (incarnation == step->next.excluded) {
        return false;
    }
    step->next.job.incarnation = incarnation;
    step->next.unknown &= ~(uint32_t)ABSTRACT_INCARNATION;
    step->next.excluded = 0;
    step->learnt = incarnation;
    return true;
}

/* Fills in the unknown fields from the record that a call reports: it reports all of them at once, and each is written
 * only once. */
static bool reveal(struct abstract_step *step, const tjob_job *exercised, const tjob_policy *policy)
{
    struct abstract_state *state = &step->next;
    const uint32_t unknown = state->unknown;
    if (unknown == 0) {
        return true;
    }
    const bool late = exercised->ended_ms - exercised->stop_requested_ms >= timeout_of(policy);
    if (tjob_job_validate(exercised) != TJOB_JOB_VALID || ((unknown & ABSTRACT_EXPIRED) != 0 && !late) ||
        ((unknown & ABSTRACT_INCARNATION) != 0 && !learn(step, exercised->incarnation))) {
        return false;
    }
    tjob_job *job = &state->job;
    uint64_t *const times[] = {&job->submitted_ms, &job->training_started_ms, &job->stop_requested_ms, &job->ended_ms};
    const uint64_t exercised_times[] = {exercised->submitted_ms, exercised->training_started_ms,
                                        exercised->stop_requested_ms, exercised->ended_ms};
    for (unsigned i = 0; i < TIMES; i++) {
        if ((unknown & (uint32_t)ABSTRACT_SUBMITTED << i) != 0) {
            *times[i] = exercised_times[i];
            if (exercised_times[i] == 0) {
                return false;
            }
        }
    }
    state->unknown = 0;
    return true;
}

/* Returns the times of a record that are set. A change sets only times that were not. */
static uint32_t times_of(const tjob_job *job)
{
    return (job->submitted_ms != 0 ? ABSTRACT_SUBMITTED : 0u) |
           (job->training_started_ms != 0 ? ABSTRACT_STARTED : 0u) |
           (job->stop_requested_ms != 0 ? ABSTRACT_STOP_REQUESTED : 0u) | (job->ended_ms != 0 ? ABSTRACT_ENDED : 0u);
}

/* Returns whether the incarnation that a call carries is compared with an unknown one, and no record reveals it. */
static bool chooses_incarnation(const struct abstract_state *state, const tjob_call *call, enum reading reading)
{
    return (state->unknown & ABSTRACT_INCARNATION) != 0 && call->event.incarnation != 0 &&
           exercised_by(call, reading) == NULL && (state->job.state != TJOB_ABSENT || call->event.kind == TJOB_SUBMIT);
}

unsigned tjob__abstract_state_choices(const struct abstract_state *state, const tjob_call *call, enum reading reading)
{
    const bool chooses_time = call->event.kind == TJOB_STOP_EXPIRED && state->job.state == TJOB_STOP_REQUESTED &&
                              exercised_by(call, reading) == NULL;
    return (chooses_time ? CHOICE_LATE : 0u) +
           (chooses_incarnation(state, call, reading) ? CHOICE_OTHER_INCARNATION : 0u) + 1;
}

/* ---- The step -------------------------------------------------------------------------------------------------- */

static void exclude(struct abstract_step *step, uint64_t incarnation)
{
    step->overflow = step->next.excluded != 0 && step->next.excluded != incarnation;
    step->next.excluded = incarnation;
}

/* The possible effects of an event on a job of which only the state is known: a cell of the table, read for all jobs at
 * once. */
struct possible {
    bool unchanged;      /* TJOB_OK, unchanged */
    tjob_state target;   /* TJOB_OK, changed; TJOB_STATE_COUNT: no change is possible */
    tjob_status refusal; /* TJOB_OK: none */
};

static struct possible possible_in(tjob_state state, tjob_event_kind kind, const tjob_policy *policy)
{
    const char cell = tjob__reference_cell(kind, state);
    struct possible possible = {false, tjob__reference_target(cell), TJOB_OK};
    switch (cell) {
    case REFERENCE_UNCHANGED:
        possible.unchanged = true;
        break;
    case REFERENCE_NOT_FOUND:
        possible.refusal = TJOB_NOT_FOUND;
        break;
    case REFERENCE_REFUSED:
        possible.refusal = TJOB_WRONG_STATE;
        break;
    case REFERENCE_IN_USE:
        possible.refusal = TJOB_IN_USE;
        break;
    case REFERENCE_SAME_TOKEN:
        possible = (struct possible){true, TJOB_STATE_COUNT, TJOB_IN_USE};
        break;
    case REFERENCE_SAME_TRAINER:
        possible = (struct possible){true, TJOB_STATE_COUNT, TJOB_WRONG_STATE};
        break;
    case REFERENCE_P1:
        possible.target = policy->stop_submitted == TJOB_STOP_SUBMITTED_STOPS ? TJOB_STOPPED : TJOB_STATE_COUNT;
        possible.unchanged = policy->stop_submitted == TJOB_STOP_SUBMITTED_IGNORED;
        possible.refusal = policy->stop_submitted == TJOB_STOP_SUBMITTED_REFUSED ? TJOB_REFUSED_BY_POLICY : TJOB_OK;
        break;
    case REFERENCE_P2:
        possible.unchanged = true;
        possible.refusal = policy->stop_finished == TJOB_STOP_FINISHED_REFUSED ? TJOB_REFUSED_BY_POLICY : TJOB_OK;
        break;
    case REFERENCE_LATE:
        possible = (struct possible){true, TJOB_STOPPED, TJOB_OK};
        break;
    default:
        break;
    }
    return possible;
}

/* Computes the states that are possible after a call if only the state is known, with a change and without one. */
static void leave_states(uint32_t before, const tjob_call *call, enum reading reading, const tjob_policy *policy,
                         uint32_t *changed, uint32_t *unchanged)
{
    *changed = 0;
    *unchanged = 0;
    for (int i = 0; i < TJOB_STATE_COUNT; i++) {
        const tjob_state state = (tjob_state)i;
        const struct possible possible = possible_in(state, (tjob_event_kind)call->event.kind, policy);
        if ((before & state_bit((uint32_t)i)) == 0) {
            continue;
        }
        const tjob_status statuses[] = {possible.unchanged ? TJOB_OK : possible.refusal, possible.refusal, TJOB_STALE};
        for (size_t k = 0; k < sizeof statuses / sizeof statuses[0]; k++) {
            const bool can_be = statuses[k] != TJOB_OK || possible.unchanged;
            if (can_be && agrees_with(call, reading, state, (tjob_transition_result){statuses[k], false}, state)) {
                *unchanged |= state_bit((uint32_t)i);
            }
        }
        if (possible.target != TJOB_STATE_COUNT &&
            agrees_with(call, reading, state, (tjob_transition_result){TJOB_OK, true}, possible.target)) {
            *changed |= state_bit((uint32_t)possible.target);
        }
    }
}

/* Steps from a state of which nothing else is known. The record that a call reports is accepted if the call could
 * report it: a change that was made is not refused if it is made again. */
static bool step_from_anything(const struct abstract_state *state, const tjob_call *call, enum reading reading,
                               const tjob_policy *policy, struct abstract_step *step)
{
    const tjob_event *event = &call->event;
    const tjob_job *exercised = exercised_by(call, reading);
    uint32_t changed;
    uint32_t unchanged;
    leave_states(state->states, call, reading, policy, &changed, &unchanged);
    *step =
        (struct abstract_step){.next = tjob__abstract_state_of_states(changed | unchanged), .changed = unchanged == 0};
    if ((changed | unchanged) == 0) {
        return false;
    }
    const bool begins = event->kind == TJOB_SUBMIT && step->changed;
    if (exercised != NULL) {
        tjob_job next;
        const tjob_transition_result result =
            tjob__reference_apply(exercised, event, latest_of(exercised), policy, &next);
        step->next = (struct abstract_state){.job = *exercised};
        step->learnt = begins ? exercised->incarnation : 0;
        return tjob_job_validate(exercised) == TJOB_JOB_VALID && result.status == call->outcome.status;
    }
    if (begins) {
        const tjob_job job = {.state = TJOB_SUBMITTED,
                              .submit_token = event->token,
                              .incarnation = event->incarnation,
                              .submitted_ms = 1,
                              .host_code = event->host_code};
        step->next = (struct abstract_state){
            .job = job, .unknown = ABSTRACT_SUBMITTED | (event->incarnation == 0 ? ABSTRACT_INCARNATION : 0u)};
        step->learnt = event->incarnation;
    }
    return true;
}

bool tjob__abstract_state_step(const struct abstract_state *state, const tjob_call *call, enum reading reading,
                               unsigned choice, const tjob_policy *policy, struct abstract_step *step)
{
    const tjob_event *event = &call->event;
    const tjob_job *exercised = exercised_by(call, reading);
    const tjob_state before = (tjob_state)state->job.state;
    uint64_t now_ms = 1;
    if ((state->unknown & ABSTRACT_ANYTHING) != 0) {
        return step_from_anything(state, call, reading, policy, step);
    }
    if ((known_of(call, reading) & TJOB_KNOWN_BEFORE) != 0 && before != call->outcome.before) {
        return false;
    }
    if (state != &step->next) {
        step->next = *state;
    }
    step->changed = false;
    step->overflow = false;
    step->learnt = 0;
    if (exercised != NULL) {
        now_ms = latest_of(exercised); /* a change sets the latest time of the record */
        if (!reveal(step, exercised, policy)) {
            return false;
        }
    } else if (chooses_incarnation(state, call, reading)) {
        if ((choice & CHOICE_OTHER_INCARNATION) != 0) {
            exclude(step, event->incarnation);
        } else if (!learn(step, event->incarnation)) {
            return false;
        }
    }
    if ((choice & CHOICE_LATE) != 0) {
        const uint64_t timeout_ms = timeout_of(policy);
        const uint64_t room_ms = UINT64_MAX - state->job.stop_requested_ms;
        now_ms = state->job.stop_requested_ms + (timeout_ms < room_ms ? timeout_ms : room_ms);
    }
    tjob_job *next = &step->next.job;
    const uint32_t times = exercised == NULL ? times_of(next) : 0;
    const tjob_transition_result result = tjob__reference_apply(next, event, now_ms, policy, next);
    step->changed = result.changed;
    if (!agrees(call, reading, before, result, next)) {
        return false;
    }
    if (next->state == TJOB_ABSENT) {
        step->next.unknown = ABSTRACT_INCARNATION;
        step->next.excluded = 0; /* a removal of another name may raise the next incarnation at any time */
    } else if (exercised == NULL && result.changed) {
        step->next.unknown |= (times_of(next) & ~times) | ((choice & CHOICE_LATE) != 0 ? ABSTRACT_EXPIRED : 0u);
    }
    return true;
}
