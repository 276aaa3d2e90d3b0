/* What must hold of a lifecycle, written from its table and its invariants; nothing of the core's rule is called. */
#include <string.h>

#include "verify/lifecycle.h"
#include "verify/reference.h"

/* How many conflicts one incarnation causes an operation at most: see docs/verification.md. */
enum { CONFLICTS_OF_A_INCARNATION = 2 };

static const tjob_property properties[PROPERTY_OWN] = {
    [PROPERTY_I1] = {TJOB_PROPERTY_ALWAYS, true, "I1", "a state moves only along the table"},
    [PROPERTY_I2] =
        {TJOB_PROPERTY_ALWAYS, true, "I2",
         "after a stop was answered 200 the job is never again SUBMITTED or TRAINING in the same incarnation"},
    [PROPERTY_I3] = {TJOB_PROPERTY_ALWAYS, true, "I3", "a job is STOPPED only if it bears a stop time"},
    [PROPERTY_I4] = {TJOB_PROPERTY_ALWAYS, true, "I4",
                     "a job that completed is never STOPPED, and one that was STOPPED never TRAINED"},
    [PROPERTY_I5] = {TJOB_PROPERTY_ALWAYS, true, "I5",
                     "who was refused has changed nothing and never will; and no operation takes effect twice"},
    [PROPERTY_I6] = {TJOB_PROPERTY_ALWAYS, true, "I6", "what a 200 promised is there, and survives any crash"},
    [PROPERTY_I7] = {TJOB_PROPERTY_ALWAYS, true, "I7",
                     "each answer is the table's for what was there when it was swapped, or loaded"},
    [PROPERTY_I8] = {TJOB_PROPERTY_POSSIBLE, true, "I8", "from everywhere, a final state of the job stays reachable"},
    [PROPERTY_I9] = {TJOB_PROPERTY_ALWAYS, true, "I9",
                     "submitted <= training started <= stop requested <= ended, where set"},
    [PROPERTY_I10] = {TJOB_PROPERTY_ALWAYS, true, "I10",
                      "a request that is unauthorized or throttled touches no storage"},
    [PROPERTY_CONFLICTS] =
        {TJOB_PROPERTY_ALWAYS, true, "conflicts",
         "an operation meets at most two conflicts in each incarnation, and one more for each fault"},
    [PROPERTY_NO_LIVELOCK] = {TJOB_PROPERTY_NO_LIVELOCK, true, "no livelock", "no operation goes on for ever"},
    [PROPERTY_MANY_CONFLICTS] = {TJOB_PROPERTY_SOMETIMES, true, "two conflicts", "an operation meets two conflicts"},
    [PROPERTY_COMPLETION_WINS] = {TJOB_PROPERTY_SOMETIMES, true, "completion wins",
                                  "a job completes after a stop was requested"},
    [PROPERTY_STOP_WINS] = {TJOB_PROPERTY_SOMETIMES, true, "stop wins", "a job in training is stopped"},
    [PROPERTY_LOST_ANSWER_FOUND] = {TJOB_PROPERTY_SOMETIMES, true, "lost answer",
                                    "an operation whose answer was lost finds out that it has succeeded"},
    [PROPERTY_WRITE_LANDS_LATE] = {TJOB_PROPERTY_SOMETIMES, true, "late write",
                                   "a write is applied after its answer was lost"},
    [PROPERTY_CRASH] = {TJOB_PROPERTY_SOMETIMES, true, "crash", "an actor crashes in the middle of an operation"},
    [PROPERTY_ZOMBIE_FENCED] = {TJOB_PROPERTY_SOMETIMES, true, "zombie",
                                "a trainer of an earlier incarnation is refused"},
};

void tjob__judge_init(tjob_lifecycle_model *model)
{
    const tjob_lifecycle_config *config = &model->config;
    const bool own_rule = config->policy.transition != NULL;
    memcpy(model->properties, properties, sizeof properties);
    /* These promise what the library's own table does. */
    /* clang-format off */
    static const enum property of_table[] = {PROPERTY_I1, PROPERTY_I2, PROPERTY_I3, PROPERTY_I4, PROPERTY_I7,
                                             PROPERTY_I8, PROPERTY_CONFLICTS};
    /* clang-format on */
    for (size_t i = 0; i < sizeof of_table / sizeof of_table[0]; i++) {
        model->properties[of_table[i]].applies = !own_rule;
    }
    /* A stop that is accepted and changes nothing promises nothing. */
    model->properties[PROPERTY_I2].applies = !own_rule && config->policy.stop_submitted != TJOB_STOP_SUBMITTED_IGNORED;
    for (int i = PROPERTY_MANY_CONFLICTS; i < PROPERTY_OWN; i++) {
        model->properties[i].applies = !own_rule;
    }
    static const enum property of_faults[] = {PROPERTY_LOST_ANSWER_FOUND, PROPERTY_WRITE_LANDS_LATE, PROPERTY_CRASH};
    for (size_t i = 0; i < sizeof of_faults / sizeof of_faults[0]; i++) {
        model->properties[of_faults[i]].applies = config->faults != 0 && !own_rule;
    }
    model->properties[PROPERTY_ZOMBIE_FENCED].applies = config->incarnations > 1 && config->trainers > 1 && !own_rule;
    for (uint32_t i = 0; i < config->check_count; i++) {
        const tjob_model_check *check = &config->checks[i];
        model->properties[PROPERTY_OWN + i] = (tjob_property){TJOB_PROPERTY_ALWAYS, true, check->name, check->sentence};
    }
}

void tjob__sight_add(tjob_sight *sight, tjob_sight more)
{
    sight->shown |= more.shown;
    sight->violated |= more.violated;
}

tjob_sight tjob__sight_of(enum property property, bool holds)
{
    return holds ? SHOWN(property) : VIOLATED(property);
}

/* ---- Changes --------------------------------------------------------------------------------------------------- */

static bool is_along_the_table(const tjob_job *before, const tjob_event *event, const tjob_job *after)
{
    const char cell = tjob__reference_cell((tjob_event_kind)event->kind, (tjob_state)before->state);
    const bool may_stop = cell == REFERENCE_P1 || cell == REFERENCE_LATE;
    return after->state == (uint32_t)(may_stop ? TJOB_STOPPED : tjob__reference_target(cell));
}

/* Whether at some instant the table makes of the one record the other. */
static bool is_as_the_table_says(const tjob_lifecycle_model *model, const tjob_job *before, const tjob_event *event,
                                 const tjob_job *after)
{
    for (uint64_t now_ms = 1; now_ms <= model->config.instants; now_ms++) {
        tjob_job next;
        const tjob_transition_result result =
            tjob__reference_apply(before, event, now_ms, &model->config.policy, &next);
        if (result.changed && memcmp(&next, after, sizeof next) == 0) {
            return true;
        }
    }
    return false;
}

tjob_sight tjob__judge_change(const tjob_lifecycle_model *model, const tjob_job *before, const tjob_event *event,
                              const tjob_job *after)
{
    tjob_sight sight = tjob__sight_of(PROPERTY_I1, is_along_the_table(before, event, after));
    tjob__sight_add(&sight, tjob__sight_of(PROPERTY_I7, is_as_the_table_says(model, before, event, after)));
    if (tjob__reference_has_completed(before) || before->state == TJOB_STOPPED) {
        const bool crosses =
            tjob__reference_has_completed(before) ? after->state == TJOB_STOPPED : tjob__reference_has_completed(after);
        tjob__sight_add(&sight, tjob__sight_of(PROPERTY_I4, !crosses));
    }
    for (uint32_t i = 0; i < model->config.check_count; i++) {
        const bool holds = model->config.checks[i].holds(before, event, after);
        tjob__sight_add(&sight, tjob__sight_of((enum property)(PROPERTY_OWN + i), holds));
    }
    return sight;
}

/* ---- Ends of operations ---------------------------------------------------------------------------------------- */

/* What was answered after a look at a record, without a change. */
tjob_sight tjob__judge_answer(const tjob_lifecycle_model *model, const tjob_job *found, const tjob_operation *before,
                              const tjob_outcome *outcome, uint64_t now_ms)
{
    if (tjob_status_is_failure(outcome->status)) {
        return (tjob_sight){0};
    }
    tjob_job next;
    const tjob_transition_result result =
        tjob__reference_apply(found, &before->event, now_ms, &model->config.policy, &next);
    /* After a lost answer nobody may be refused: what was lost may have been applied. */
    const bool may_be = outcome->status == TJOB_OK || !before->lost;
    return tjob__sight_of(PROPERTY_I7, result.status == outcome->status && !result.changed && may_be);
}

tjob_sight tjob__judge_end(const tjob_lifecycle_model *model, const struct local *local, const tjob_outcome *outcome)
{
    tjob_sight sight = {0};
    const uint32_t most = 1 + CONFLICTS_OF_A_INCARNATION * model->config.incarnations + model->config.faults;
    const uint32_t attempts = local->operation.attempts;
    if (outcome->changed == TJOB_CHANGED_NO) {
        tjob__sight_add(&sight, tjob__sight_of(PROPERTY_I5, local->landed == 0));
    }
    if (outcome->changed == TJOB_CHANGED_YES) {
        tjob__sight_add(&sight, tjob__sight_of(PROPERTY_I6, local->landed != 0));
    }
    if (attempts > 1) {
        tjob__sight_add(&sight, tjob__sight_of(PROPERTY_CONFLICTS, attempts <= most));
    }
    if (attempts > 2 || (attempts == 2 && outcome->changed != TJOB_CHANGED_YES)) {
        tjob__sight_add(&sight, SHOWN(PROPERTY_MANY_CONFLICTS));
    }
    if (outcome->status == TJOB_OK && outcome->changed == TJOB_CHANGED_UNKNOWN) {
        tjob__sight_add(&sight, SHOWN(PROPERTY_LOST_ANSWER_FOUND));
    }
    if (outcome->status == TJOB_STALE && local->role == ROLE_TRAINER) {
        tjob__sight_add(&sight, SHOWN(PROPERTY_ZOMBIE_FENCED));
    }
    return sight;
}

/* ---- Records --------------------------------------------------------------------------------------------------- */

static bool is_final(uint32_t state)
{
    return state != TJOB_SUBMITTED && state != TJOB_TRAINING && state != TJOB_STOP_REQUESTED;
}

tjob_sight tjob__judge_record(const tjob_job *job, bool promised)
{
    tjob_sight sight = {0};
    if (promised) {
        tjob__sight_add(&sight,
                        tjob__sight_of(PROPERTY_I2, job->state != TJOB_SUBMITTED && job->state != TJOB_TRAINING));
    }
    if (job->state == TJOB_STOPPED) {
        tjob__sight_add(&sight, tjob__sight_of(PROPERTY_I3, job->stop_requested_ms != 0));
    }
    if (is_final(job->state)) {
        tjob__sight_add(&sight, SHOWN(PROPERTY_I8));
    }
    if (job->state != TJOB_ABSENT) {
        tjob__sight_add(&sight, tjob__sight_of(PROPERTY_I9, tjob__reference_is_in_order(job)));
    }
    if (tjob__reference_has_completed(job) && job->stop_requested_ms != 0) {
        tjob__sight_add(&sight, SHOWN(PROPERTY_COMPLETION_WINS));
    }
    if (job->state == TJOB_STOPPED && job->training_started_ms != 0) {
        tjob__sight_add(&sight, SHOWN(PROPERTY_STOP_WINS));
    }
    return sight;
}
