/* The properties are written from the lifecycle's table and its invariants. They do not call the core's transition
 * function. */
#include "verify/lifecycle/properties.h"

#include <string.h>

#include "verify/lifecycle/state.h"
#include "verify/spec/invariants.h"
#include "verify/spec/reference.h"

/* The maximum number of conflicts that one incarnation causes for an operation: see docs/verification.md. */
enum { CONFLICTS_OF_AN_INCARNATION = 2 };

/* The invariants, as properties. */
static const struct {
    tjob_invariant invariant;
    tjob_property_kind kind;
} of_invariants[PROPERTY_CONFLICTS] = {
    [PROPERTY_STATES_FOLLOW_TABLE] = {TJOB_INVARIANT_STATES_FOLLOW_TABLE, TJOB_PROPERTY_ALWAYS},
    [PROPERTY_STOP_IS_KEPT] = {TJOB_INVARIANT_STOP_IS_KEPT, TJOB_PROPERTY_ALWAYS},
    [PROPERTY_STOPPED_HAS_STOP_TIME] = {TJOB_INVARIANT_STOPPED_HAS_STOP_TIME, TJOB_PROPERTY_ALWAYS},
    [PROPERTY_STOP_EXCLUDES_COMPLETION] = {TJOB_INVARIANT_STOP_EXCLUDES_COMPLETION, TJOB_PROPERTY_ALWAYS},
    [PROPERTY_NO_HIDDEN_EFFECT] = {TJOB_INVARIANT_NO_HIDDEN_EFFECT, TJOB_PROPERTY_ALWAYS},
    [PROPERTY_SUCCESS_IS_APPLIED] = {TJOB_INVARIANT_SUCCESS_IS_APPLIED, TJOB_PROPERTY_ALWAYS},
    [PROPERTY_ANSWER_FOLLOWS_TABLE] = {TJOB_INVARIANT_ANSWER_FOLLOWS_TABLE, TJOB_PROPERTY_ALWAYS},
    [PROPERTY_FINAL_STATE_IS_REACHABLE] = {TJOB_INVARIANT_FINAL_STATE_IS_REACHABLE, TJOB_PROPERTY_ALWAYS_REACHABLE},
    [PROPERTY_TIMES_ARE_ORDERED] = {TJOB_INVARIANT_TIMES_ARE_ORDERED, TJOB_PROPERTY_ALWAYS},
    [PROPERTY_REJECTED_TOUCHES_NO_STORE] = {TJOB_INVARIANT_REJECTED_TOUCHES_NO_STORE, TJOB_PROPERTY_ALWAYS},
};

/* The other properties of the model. */
static const tjob_property others[PROPERTY_OWN] = {
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
    [PROPERTY_WRITE_APPLIED_LATE] = {TJOB_PROPERTY_SOMETIMES, true, "late write",
                                     "a write is applied after its answer was lost"},
    [PROPERTY_CRASH] = {TJOB_PROPERTY_SOMETIMES, true, "crash", "an actor crashes in the middle of an operation"},
    [PROPERTY_ZOMBIE_FENCED] = {TJOB_PROPERTY_SOMETIMES, true, "zombie",
                                "a trainer of an earlier incarnation is refused"},
};

void tjob__properties_init(tjob_lifecycle_model *model)
{
    const tjob_lifecycle_config *config = &model->config;
    const struct invariants promised = tjob__invariants_of(&config->policy);
    const bool own_transition = !promised.table;
    memcpy(model->properties, others, sizeof others);
    for (int i = 0; i < PROPERTY_CONFLICTS; i++) {
        model->properties[i] =
            (tjob_property){of_invariants[i].kind, true, tjob_invariant_name(of_invariants[i].invariant),
                            tjob_invariant_sentence(of_invariants[i].invariant)};
    }
    /* These properties are about the library's own table. */
    static const enum property of_table[] = {PROPERTY_STATES_FOLLOW_TABLE,      PROPERTY_STOPPED_HAS_STOP_TIME,
                                             PROPERTY_STOP_EXCLUDES_COMPLETION, PROPERTY_ANSWER_FOLLOWS_TABLE,
                                             PROPERTY_FINAL_STATE_IS_REACHABLE, PROPERTY_CONFLICTS};
    for (size_t i = 0; i < sizeof of_table / sizeof of_table[0]; i++) {
        model->properties[of_table[i]].applies = !own_transition;
    }
    model->properties[PROPERTY_STOP_IS_KEPT].applies = promised.stop;
    for (int i = PROPERTY_MANY_CONFLICTS; i < PROPERTY_OWN; i++) {
        model->properties[i].applies = !own_transition;
    }
    static const enum property of_faults[] = {PROPERTY_LOST_ANSWER_FOUND, PROPERTY_WRITE_APPLIED_LATE, PROPERTY_CRASH};
    for (size_t i = 0; i < sizeof of_faults / sizeof of_faults[0]; i++) {
        model->properties[of_faults[i]].applies = config->faults != 0 && !own_transition;
    }
    model->properties[PROPERTY_ZOMBIE_FENCED].applies =
        config->incarnations > 1 && config->trainers > 1 && !own_transition;
    for (uint32_t i = 0; i < config->invariant_count; i++) {
        const tjob_model_invariant *check = &config->invariants[i];
        model->properties[PROPERTY_OWN + i] = (tjob_property){TJOB_PROPERTY_ALWAYS, true, check->name, check->sentence};
    }
}

void tjob__observation_add(tjob_observation *observation, tjob_observation more)
{
    observation->exercised |= more.exercised;
    observation->violated |= more.violated;
}

tjob_observation tjob__observation_of(enum property property, bool holds)
{
    return holds ? EXERCISED(property) : VIOLATED(property);
}

/* ---- Changes --------------------------------------------------------------------------------------------------- */

struct instants tjob__properties_instants(const tjob_lifecycle_model *model)
{
    static const uint64_t times_ms[] = {1, 2, 3, 4};
    _Static_assert(sizeof times_ms / sizeof times_ms[0] == TJOB_MODEL_INSTANTS_MAX, "each instant of a model");
    return (struct instants){times_ms, model->config.instants};
}

/* Returns whether the table turns `before` into `after` at one of the instants. */
static bool is_as_the_table_says(const tjob_policy *policy, struct instants instants, const tjob_job *before,
                                 const tjob_event *event, const tjob_job *after)
{
    for (size_t i = 0; i < instants.count; i++) {
        tjob_job next;
        const tjob_transition_result result = tjob__reference_apply(before, event, instants.times_ms[i], policy, &next);
        if (result.changed && memcmp(&next, after, sizeof next) == 0) {
            return true;
        }
    }
    return false;
}

tjob_observation tjob__properties_change(const tjob_lifecycle_model *model, struct instants instants,
                                         const tjob_job *before, const tjob_event *event, const tjob_job *after)
{
    tjob_observation observation =
        tjob__observation_of(PROPERTY_STATES_FOLLOW_TABLE, tjob__invariant_follows_table(before, event, after));
    tjob__observation_add(&observation, tjob__observation_of(PROPERTY_ANSWER_FOLLOWS_TABLE,
                                                             is_as_the_table_says(&model->config.policy, instants,
                                                                                  before, event, after)));
    if (tjob__reference_has_completed(before) || before->state == TJOB_STOPPED) {
        tjob__observation_add(&observation, tjob__observation_of(PROPERTY_STOP_EXCLUDES_COMPLETION,
                                                                 tjob__invariant_excludes_completion(before, after)));
    }
    for (uint32_t i = 0; i < model->config.invariant_count; i++) {
        const bool holds = model->config.invariants[i].holds(before, event, after);
        tjob__observation_add(&observation, tjob__observation_of((enum property)(PROPERTY_OWN + i), holds));
    }
    return observation;
}

/* ---- Ends of operations ---------------------------------------------------------------------------------------- */

/* The observation of an answer that followed a load of the record, without a change. */
tjob_observation tjob__properties_answer(const tjob_lifecycle_model *model, const tjob_job *found,
                                         const tjob_operation *before, const tjob_outcome *outcome, uint64_t now_ms)
{
    if (tjob_status_is_failure(outcome->status)) {
        return (tjob_observation){0};
    }
    tjob_job next;
    const tjob_transition_result result =
        tjob__reference_apply(found, &before->event, now_ms, &model->config.policy, &next);
    /* After a lost answer no operation may be refused: its lost swap may have been applied. */
    const bool may_be = outcome->status == TJOB_OK || !before->lost;
    return tjob__observation_of(PROPERTY_ANSWER_FOLLOWS_TABLE,
                                result.status == outcome->status && !result.changed && may_be);
}

tjob_observation tjob__properties_end(const tjob_lifecycle_model *model, const struct local *local,
                                      const tjob_outcome *outcome)
{
    tjob_observation observation = {0};
    const uint32_t most = 1 + CONFLICTS_OF_AN_INCARNATION * model->config.incarnations + model->config.faults;
    const uint32_t attempts = local->operation.attempts;
    if (outcome->changed == TJOB_CHANGED_NO) {
        tjob__observation_add(&observation,
                              tjob__observation_of(PROPERTY_NO_HIDDEN_EFFECT,
                                                   tjob__invariant_hides_nothing(outcome->changed, local->applied)));
    }
    if (outcome->changed == TJOB_CHANGED_YES) {
        tjob__observation_add(&observation,
                              tjob__observation_of(PROPERTY_SUCCESS_IS_APPLIED,
                                                   tjob__invariant_is_applied(outcome->changed, local->applied)));
    }
    if (attempts > 1) {
        tjob__observation_add(&observation, tjob__observation_of(PROPERTY_CONFLICTS, attempts <= most));
    }
    if (attempts > 2 || (attempts == 2 && outcome->changed != TJOB_CHANGED_YES)) {
        tjob__observation_add(&observation, EXERCISED(PROPERTY_MANY_CONFLICTS));
    }
    if (outcome->status == TJOB_OK && outcome->changed == TJOB_CHANGED_UNKNOWN) {
        tjob__observation_add(&observation, EXERCISED(PROPERTY_LOST_ANSWER_FOUND));
    }
    if (outcome->status == TJOB_STALE && local->role == TJOB_ACTOR_TRAINER) {
        tjob__observation_add(&observation, EXERCISED(PROPERTY_ZOMBIE_FENCED));
    }
    return observation;
}

/* ---- Records --------------------------------------------------------------------------------------------------- */

static bool is_final(uint32_t state)
{
    return state != TJOB_SUBMITTED && state != TJOB_TRAINING && state != TJOB_STOP_REQUESTED;
}

tjob_observation tjob__properties_record(const tjob_job *job, bool promised)
{
    tjob_observation observation = {0};
    if (promised) {
        tjob__observation_add(&observation,
                              tjob__observation_of(PROPERTY_STOP_IS_KEPT, tjob__invariant_keeps_stop(job)));
    }
    if (job->state == TJOB_STOPPED) {
        tjob__observation_add(&observation,
                              tjob__observation_of(PROPERTY_STOPPED_HAS_STOP_TIME, tjob__invariant_has_stop_time(job)));
    }
    if (is_final(job->state)) {
        tjob__observation_add(&observation, EXERCISED(PROPERTY_FINAL_STATE_IS_REACHABLE));
    }
    if (job->state != TJOB_ABSENT) {
        tjob__observation_add(&observation,
                              tjob__observation_of(PROPERTY_TIMES_ARE_ORDERED, tjob__reference_is_in_order(job)));
    }
    if (tjob__reference_has_completed(job) && job->stop_requested_ms != 0) {
        tjob__observation_add(&observation, EXERCISED(PROPERTY_COMPLETION_WINS));
    }
    if (job->state == TJOB_STOPPED && job->training_started_ms != 0) {
        tjob__observation_add(&observation, EXERCISED(PROPERTY_STOP_WINS));
    }
    return observation;
}
