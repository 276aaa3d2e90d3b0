#include "cli/semantics.h"

#include <stddef.h>

#include "verify/spec/reference.h"

static const tjob_policy default_policy;

/* Values of a record before an event, values that the event brings, and a time by which every stop has timed out. */
enum { TOKEN_BEFORE = 1, TRAINER_BEFORE = 2, TIME_BEFORE = 10, TOKEN_BROUGHT = 3, TRAINER_BROUGHT = 4 };
static const uint64_t later_ms = TIME_BEFORE + TJOB_STOP_TIMEOUT_MS_DEFAULT;

/* ---- The reference --------------------------------------------------------------------------------------------- */

static tjob_transition_kind kind_of_cell(char cell)
{
    static const struct {
        char cell;
        tjob_transition_kind kind;
    } kinds[] = {
        {REFERENCE_NOT_FOUND, TJOB_TRANSITION_NOT_FOUND},   {REFERENCE_REFUSED, TJOB_TRANSITION_REFUSED},
        {REFERENCE_IN_USE, TJOB_TRANSITION_IN_USE},         {REFERENCE_UNCHANGED, TJOB_TRANSITION_UNCHANGED},
        {REFERENCE_SAME_TOKEN, TJOB_TRANSITION_SAME_TOKEN}, {REFERENCE_SAME_TRAINER, TJOB_TRANSITION_SAME_TRAINER},
        {REFERENCE_P1, TJOB_TRANSITION_STOP_SUBMITTED},     {REFERENCE_P2, TJOB_TRANSITION_STOP_FINISHED},
        {REFERENCE_LATE, TJOB_TRANSITION_AFTER_TIMEOUT},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].cell == cell) {
            return kinds[i].kind;
        }
    }
    return TJOB_TRANSITION_CHANGE;
}

tjob_transition semantics_reference(tjob_event_kind event, tjob_state state)
{
    const char cell = tjob__reference_cell(event, state);
    const tjob_transition_kind kind = kind_of_cell(cell);
    const bool stops = kind == TJOB_TRANSITION_STOP_SUBMITTED || kind == TJOB_TRANSITION_AFTER_TIMEOUT;
    const tjob_state next = kind == TJOB_TRANSITION_CHANGE ? tjob__reference_target(cell) : state;
    return (tjob_transition){kind, stops ? TJOB_STOPPED : next};
}

/* ---- What a change sets ---------------------------------------------------------------------------------------- */

static uint64_t field_of(const tjob_job *job, enum semantics_field field)
{
    const uint64_t fields[SEMANTICS_FIELD_COUNT] = {
        [SEMANTICS_TOKEN] = job->submit_token,          [SEMANTICS_TRAINER] = job->trainer_token,
        [SEMANTICS_SUBMITTED] = job->submitted_ms,      [SEMANTICS_STARTED] = job->training_started_ms,
        [SEMANTICS_REQUESTED] = job->stop_requested_ms, [SEMANTICS_ENDED] = job->ended_ms};
    return fields[field];
}

static tjob_job job_before(tjob_state state, bool has_trainer, uint64_t times)
{
    return (tjob_job){.submit_token = TOKEN_BEFORE,
                      .incarnation = 1,
                      .trainer_token = has_trainer ? TRAINER_BEFORE : 0,
                      .submitted_ms = times,
                      .training_started_ms = times,
                      .stop_requested_ms = times,
                      .ended_ms = times,
                      .state = (uint32_t)state};
}

static bool is_report(tjob_event_kind event)
{
    return semantics_stale(SEMANTICS_WITHOUT_TRAINER, event);
}

/* Returns whether an event that moves a job sets a field of it, in a record whose times are all `times`. */
static bool event_sets(tjob_event_kind event, tjob_state state, enum semantics_field field, uint64_t times)
{
    const bool starts = event == TJOB_START;
    const tjob_job before = job_before(state, !starts, times);
    tjob_job after;
    const tjob_event happens = {.kind = (uint32_t)event,
                                .token = TOKEN_BROUGHT,
                                .trainer_token = starts             ? TRAINER_BROUGHT
                                                 : is_report(event) ? TRAINER_BEFORE
                                                                    : 0};
    const bool changed = tjob_job_apply(&before, &happens, later_ms, &default_policy, &after).changed;
    return changed && after.state != TJOB_ABSENT && field_of(&after, field) != field_of(&before, field);
}

enum semantics_set semantics_set_by(tjob_state next, enum semantics_field field)
{
    bool unset = false;
    bool set = false;
    for (int event = 0; event < TJOB_EVENT_KIND_COUNT; event++) {
        for (int state = 0; state < TJOB_STATE_COUNT; state++) {
            if (tjob_transition_of((tjob_event_kind)event, (tjob_state)state).next == next) {
                unset = unset || event_sets((tjob_event_kind)event, (tjob_state)state, field, 0);
                set = set || event_sets((tjob_event_kind)event, (tjob_state)state, field, TIME_BEFORE);
            }
        }
    }
    return set ? SEMANTICS_SET_ALWAYS : unset ? SEMANTICS_SET_IF_UNSET : SEMANTICS_SET_NEVER;
}

/* ---- Fencing --------------------------------------------------------------------------------------------------- */

bool semantics_stale(enum semantics_fence fence, tjob_event_kind event)
{
    static const struct {
        tjob_state state;
        bool has_trainer;
        uint64_t incarnation;
        uint64_t trainer_token;
    } situations[SEMANTICS_FENCE_COUNT] = {
        [SEMANTICS_OF_OTHER_INCARNATION] = {TJOB_SUBMITTED, false, 2, 0},
        [SEMANTICS_WHEN_ABSENT] = {TJOB_ABSENT, false, 2, 0},
        [SEMANTICS_WITHOUT_TRAINER] = {TJOB_TRAINING, true, 0, 0},
        [SEMANTICS_BEFORE_TRAINER] = {TJOB_SUBMITTED, false, 0, TRAINER_BROUGHT},
        [SEMANTICS_OF_OTHER_TRAINER] = {TJOB_TRAINING, true, 0, TRAINER_BROUGHT},
    };
    const bool names_trainer = situations[fence].trainer_token != 0 || event == TJOB_START;
    const tjob_job before = job_before(situations[fence].state, situations[fence].has_trainer, TIME_BEFORE);
    tjob_job after;
    const tjob_event happens = {.kind = (uint32_t)event,
                                .incarnation = situations[fence].incarnation,
                                .token = TOKEN_BROUGHT,
                                .trainer_token = names_trainer ? TRAINER_BROUGHT : 0};
    return tjob_job_apply(&before, &happens, later_ms, &default_policy, &after).status == TJOB_STALE;
}
