/* The checker of the lifecycle model, sentence by sentence: what is put to the test where, and what is violated. */
#include <string.h>

#include "support/jobs.h"
#include "support/suite.h"
#include "verify/lifecycle/properties.h"
#include "verify/lifecycle/state.h"

static tjob_lifecycle_model model;

static bool never_fails(const tjob_job *before, const tjob_event *event, const tjob_job *after)
{
    return before->state != TJOB_IN_ERROR && event->kind != TJOB_FAILED && after->state != TJOB_IN_ERROR;
}

static bool holds_anyway(const tjob_job *before, const tjob_event *event, const tjob_job *after)
{
    (void)before, (void)event, (void)after;
    return true;
}

static const tjob_model_invariant checks[] = {{"never fails", "no job fails", never_fails},
                                              {"holds", "this holds", holds_anyway}};

static void set_up(const tjob_lifecycle_config *config)
{
    memset(&model, 0, sizeof model);
    model.config = *config;
    tjob__properties_init(&model);
}

static bool is_exercised(tjob_observation observation, uint32_t property)
{
    return (observation.exercised >> property & 1) != 0;
}

static bool is_violated(tjob_observation observation, uint32_t property)
{
    ck_assert_uint_eq(observation.violated & ~observation.exercised, 0); /* what is violated was put to the test */
    return (observation.violated >> property & 1) != 0;
}

/* ---- Words ----------------------------------------------------------------------------------------------------- */

START_TEST(each_property_has_a_name_and_a_sentence)
{
    set_up(&(tjob_lifecycle_config){.incarnations = 1});
    for (uint32_t property = 0; property < PROPERTY_OWN; property++) {
        ck_assert_ptr_nonnull(model.properties[property].name);
        ck_assert_ptr_nonnull(model.properties[property].sentence);
    }
}
END_TEST

/* ---- What applies ---------------------------------------------------------------------------------------------- */

/* Under the library's rule everything does but what cannot happen; under another rule what the table says does not. */
START_TEST(what_cannot_be_said_does_not_apply)
{
    static const uint32_t of_any_rule[] = {PROPERTY_NO_HIDDEN_EFFECT, PROPERTY_SUCCESS_IS_APPLIED,
                                           PROPERTY_TIMES_ARE_ORDERED, PROPERTY_REJECTED_TOUCHES_NO_STORE,
                                           PROPERTY_NO_LIVELOCK};
    static const struct {
        tjob_lifecycle_config config;
        uint32_t out[4]; /* what does not apply */
        uint32_t count;
    } cases[] = {
        {{.incarnations = 2, .trainers = 2, .faults = 1}, {0}, 0},
        {{.incarnations = 1, .trainers = 2, .faults = 1}, {PROPERTY_ZOMBIE_FENCED}, 1},
        {{.incarnations = 2, .trainers = 1, .faults = 1}, {PROPERTY_ZOMBIE_FENCED}, 1},
        {{.incarnations = 2, .trainers = 2},
         {PROPERTY_LOST_ANSWER_FOUND, PROPERTY_WRITE_APPLIED_LATE, PROPERTY_CRASH},
         3},
        {{.incarnations = 2, .trainers = 2, .faults = 1, .policy.stop_submitted = TJOB_STOP_SUBMITTED_IGNORED},
         {PROPERTY_STOP_IS_KEPT},
         1},
        {{.incarnations = 2, .trainers = 2, .faults = 1, .policy.stop_submitted = TJOB_STOP_SUBMITTED_REFUSED}, {0}, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set_up(&cases[i].config);
        for (uint32_t property = 0; property < PROPERTY_OWN; property++) {
            bool out = false;
            for (uint32_t k = 0; k < cases[i].count; k++) {
                out = out || cases[i].out[k] == property;
            }
            ck_assert_int_eq(model.properties[property].applies, !out);
        }
    }
    set_up(
        &(tjob_lifecycle_config){.incarnations = 2, .trainers = 2, .faults = 1, .policy.transition = tjob_job_apply});
    for (uint32_t property = 0; property < PROPERTY_OWN; property++) {
        bool applies = false;
        for (size_t k = 0; k < sizeof of_any_rule / sizeof of_any_rule[0]; k++) {
            applies = applies || of_any_rule[k] == property;
        }
        ck_assert_int_eq(model.properties[property].applies, applies);
    }
}
END_TEST

START_TEST(a_callers_own_checks_are_properties)
{
    set_up(&(tjob_lifecycle_config){.invariants = checks, .invariant_count = 2});
    for (uint32_t i = 0; i < 2; i++) {
        const tjob_property *property = &model.properties[PROPERTY_OWN + i];
        ck_assert_str_eq(property->name, checks[i].name);
        ck_assert_str_eq(property->sentence, checks[i].sentence);
        ck_assert_int_eq(property->kind, TJOB_PROPERTY_ALWAYS);
        ck_assert(property->applies);
    }
    ck_assert_ptr_null(model.properties[PROPERTY_OWN + 2].name);
    ck_assert_str_eq(model.properties[PROPERTY_ZOMBIE_FENCED].name, "zombie");
}
END_TEST

/* ---- Changes --------------------------------------------------------------------------------------------------- */

/* What the rule makes of a sample job; or, where a state is given, the same record in that state. */
enum { AS_IT_SHOULD = -1 };

static tjob_observation change(tjob_state from, tjob_event event, uint64_t now_ms, int to)
{
    const tjob_job before = sample_job(from);
    tjob_job after;
    const tjob_transition_result result = tjob_job_apply(&before, &event, now_ms, &model.config.policy, &after);
    if (to != AS_IT_SHOULD) {
        after = before;
        after.state = (uint32_t)to;
    } else {
        ck_assert(result.changed);
    }
    static const uint64_t times_ms[] = {1, SAMPLE_NOW_MS};
    const struct instants instants = {times_ms, model.config.instants};
    return tjob__properties_change(&model, instants, &before, &event, &after);
}

START_TEST(the_instants_of_a_model_are_its_first_milliseconds)
{
    set_up(&(tjob_lifecycle_config){.instants = TJOB_MODEL_INSTANTS_MAX});
    const struct instants instants = tjob__properties_instants(&model);
    ck_assert_uint_eq(instants.count, TJOB_MODEL_INSTANTS_MAX);
    for (size_t i = 0; i < instants.count; i++) {
        ck_assert_uint_eq(instants.times_ms[i], i + 1);
    }
}
END_TEST

START_TEST(a_change_is_the_tables)
{
    static const struct {
        tjob_state from;
        tjob_event event;
        uint64_t now_ms;
        int to;
        bool i1, i7; /* violated */
    } cases[] = {
        {TJOB_ABSENT, {.kind = TJOB_SUBMIT, .token = 1}, 1, AS_IT_SHOULD, false, false},
        {TJOB_ABSENT, {.kind = TJOB_SUBMIT, .token = 1}, SAMPLE_NOW_MS, AS_IT_SHOULD, false, false},
        {TJOB_ABSENT, {.kind = TJOB_SUBMIT, .token = 1}, SAMPLE_NOW_MS + 1, AS_IT_SHOULD, false, true}, /* too late */
        {TJOB_TRAINING, {.kind = TJOB_STOP}, SAMPLE_NOW_MS, AS_IT_SHOULD, false, false},
        {TJOB_SUBMITTED, {.kind = TJOB_STOP}, SAMPLE_NOW_MS, AS_IT_SHOULD, false, false},
        {TJOB_TRAINING, {.kind = TJOB_STOP}, 1, TJOB_STOPPED, true, true},
        {TJOB_TRAINING, {.kind = TJOB_STOP}, 1, TJOB_STOP_REQUESTED, false, true}, /* without a stop time */
        {TJOB_TRAINING, {.kind = TJOB_DESCRIBE}, 1, TJOB_TRAINING, true, true},    /* which changes nothing */
        {TJOB_SUBMITTED, {.kind = TJOB_STOP}, 1, TJOB_TRAINING, true, true},
    };
    set_up(&(tjob_lifecycle_config){.instants = 2});
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const tjob_observation observation = change(cases[i].from, cases[i].event, cases[i].now_ms, cases[i].to);
        ck_assert(is_exercised(observation, PROPERTY_STATES_FOLLOW_TABLE) &&
                  is_exercised(observation, PROPERTY_ANSWER_FOLLOWS_TABLE) && !is_exercised(observation, PROPERTY_OWN));
        ck_assert_msg(is_violated(observation, PROPERTY_STATES_FOLLOW_TABLE) == cases[i].i1, "case %zu", i);
        ck_assert_msg(is_violated(observation, PROPERTY_ANSWER_FOLLOWS_TABLE) == cases[i].i7, "case %zu", i);
    }
}
END_TEST

START_TEST(completed_and_stopped_do_not_cross)
{
    static const struct {
        tjob_state from, to;
        bool exercised, violated;
    } cases[] = {
        {TJOB_TRAINED, TJOB_STOPPED, true, true},
        {TJOB_TRAINED_WITH_WARNING, TJOB_STOPPED, true, true},
        {TJOB_STOPPED, TJOB_TRAINED, true, true},
        {TJOB_STOPPED, TJOB_TRAINED_WITH_WARNING, true, true},
        {TJOB_STOPPED, TJOB_DELETING, true, false},
        {TJOB_TRAINED, TJOB_DELETING, true, false},
        {TJOB_TRAINED, TJOB_TRAINED_WITH_WARNING, true, false},
        {TJOB_STOPPED, TJOB_STOPPED, true, false},
        {TJOB_TRAINING, TJOB_STOPPED, false, false},
        {TJOB_TRAINING, TJOB_TRAINED, false, false},
    };
    set_up(&(tjob_lifecycle_config){.instants = 1});
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const tjob_observation observation =
            change(cases[i].from, (tjob_event){.kind = TJOB_DELETE}, 1, (int)cases[i].to);
        ck_assert_msg(is_exercised(observation, PROPERTY_STOP_EXCLUDES_COMPLETION) == cases[i].exercised, "case %zu",
                      i);
        ck_assert_msg(is_violated(observation, PROPERTY_STOP_EXCLUDES_COMPLETION) == cases[i].violated, "case %zu", i);
    }
}
END_TEST

START_TEST(each_change_is_put_to_a_callers_checks)
{
    set_up(&(tjob_lifecycle_config){.instants = 1, .invariants = checks, .invariant_count = 2});
    tjob_observation observation =
        change(TJOB_TRAINING, (tjob_event){.kind = TJOB_FAILED, .trainer_token = SAMPLE_TRAINER}, 1, TJOB_IN_ERROR);
    ck_assert(is_violated(observation, PROPERTY_OWN));
    ck_assert(is_exercised(observation, PROPERTY_OWN + 1) && !is_violated(observation, PROPERTY_OWN + 1));
    observation = change(TJOB_TRAINING, (tjob_event){.kind = TJOB_STOP}, 1, TJOB_STOP_REQUESTED);
    ck_assert(is_exercised(observation, PROPERTY_OWN) && !is_violated(observation, PROPERTY_OWN));
}
END_TEST

/* ---- Answers and ends ------------------------------------------------------------------------------------------ */

START_TEST(an_answer_is_the_tables)
{
    static const struct {
        tjob_state found;
        uint32_t event;
        tjob_status answered;
        uint8_t lost;
        bool exercised, violated;
    } cases[] = {
        {TJOB_STOP_REQUESTED, TJOB_STOP, TJOB_OK, 0, true, false},
        {TJOB_STOP_REQUESTED, TJOB_STOP, TJOB_OK, 1, true, false},
        {TJOB_STOP_REQUESTED, TJOB_STOP, TJOB_WRONG_STATE, 0, true, true},
        {TJOB_TRAINING, TJOB_STOP, TJOB_OK, 0, true, true}, /* which would change it */
        {TJOB_ABSENT, TJOB_STOP, TJOB_NOT_FOUND, 0, true, false},
        {TJOB_ABSENT, TJOB_STOP, TJOB_NOT_FOUND, 1, true, true}, /* what was lost may have been applied */
        {TJOB_ABSENT, TJOB_STOP, TJOB_OK, 0, true, true},
        {TJOB_ABSENT, TJOB_STOP, TJOB_UNAVAILABLE, 0, false, false}, /* which says nothing */
        {TJOB_ABSENT, TJOB_STOP, TJOB_UNRESOLVED, 1, false, false},
    };
    set_up(&(tjob_lifecycle_config){.instants = 1});
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const tjob_job found = sample_job(cases[i].found);
        const tjob_operation before = {.event = {.kind = cases[i].event}, .lost = cases[i].lost};
        const tjob_outcome outcome = {.status = cases[i].answered};
        const tjob_observation observation = tjob__properties_answer(&model, &found, &before, &outcome, SAMPLE_NOW_MS);
        ck_assert_msg(is_exercised(observation, PROPERTY_ANSWER_FOLLOWS_TABLE) == cases[i].exercised, "case %zu", i);
        ck_assert_msg(is_violated(observation, PROPERTY_ANSWER_FOLLOWS_TABLE) == cases[i].violated, "case %zu", i);
    }
}
END_TEST

START_TEST(who_ends_has_done_what_was_reported)
{
    static const struct {
        tjob_changed changed;
        uint8_t applied;
        uint32_t property; /* that is put to the test */
        bool violated;
    } cases[] = {
        {TJOB_CHANGED_NO, 0, PROPERTY_NO_HIDDEN_EFFECT, false},
        {TJOB_CHANGED_NO, 1, PROPERTY_NO_HIDDEN_EFFECT, true},
        {TJOB_CHANGED_YES, 1, PROPERTY_SUCCESS_IS_APPLIED, false},
        {TJOB_CHANGED_YES, 0, PROPERTY_SUCCESS_IS_APPLIED, true},
    };
    set_up(&(tjob_lifecycle_config){.incarnations = 1});
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct local local = {.applied = cases[i].applied};
        const tjob_outcome outcome = {.changed = cases[i].changed};
        const tjob_observation observation = tjob__properties_end(&model, &local, &outcome);
        ck_assert_uint_eq(observation.exercised, UINT32_C(1) << cases[i].property);
        ck_assert_int_eq(is_violated(observation, cases[i].property), cases[i].violated);
    }
    const tjob_outcome open = {.changed = TJOB_CHANGED_UNKNOWN, .status = TJOB_UNRESOLVED};
    ck_assert_uint_eq(tjob__properties_end(&model, &(struct local){.applied = 1}, &open).exercised, 0);
}
END_TEST

/* Two conflicts in each incarnation, and one more for each fault; an attempt that succeeded has met none. */
START_TEST(conflicts_are_counted)
{
    static const struct {
        uint32_t incarnations, faults;
        uint8_t attempts;
        tjob_changed changed;
        bool exercised, violated, many;
    } cases[] = {
        {1, 0, 1, TJOB_CHANGED_YES, false, false, false}, {1, 0, 2, TJOB_CHANGED_YES, true, false, false},
        {1, 0, 2, TJOB_CHANGED_NO, true, false, true},    {1, 0, 3, TJOB_CHANGED_YES, true, false, true},
        {1, 0, 3, TJOB_CHANGED_NO, true, false, true},    {1, 0, 4, TJOB_CHANGED_YES, true, true, true},
        {2, 0, 5, TJOB_CHANGED_YES, true, false, true},   {2, 0, 6, TJOB_CHANGED_YES, true, true, true},
        {1, 2, 5, TJOB_CHANGED_YES, true, false, true},   {1, 2, 6, TJOB_CHANGED_YES, true, true, true},
        {1, 0, 1, TJOB_CHANGED_NO, false, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set_up(&(tjob_lifecycle_config){.incarnations = cases[i].incarnations, .faults = cases[i].faults});
        const struct local local = {.operation = {.attempts = cases[i].attempts}, .applied = 1};
        const tjob_outcome outcome = {.changed = cases[i].changed};
        const tjob_observation observation = tjob__properties_end(&model, &local, &outcome);
        ck_assert_msg(is_exercised(observation, PROPERTY_CONFLICTS) == cases[i].exercised, "case %zu", i);
        ck_assert_msg(is_violated(observation, PROPERTY_CONFLICTS) == cases[i].violated, "case %zu", i);
        ck_assert_msg(is_exercised(observation, PROPERTY_MANY_CONFLICTS) == cases[i].many, "case %zu", i);
    }
}
END_TEST

START_TEST(what_is_of_interest_is_noted)
{
    static const struct {
        tjob_actor role;
        tjob_status status;
        tjob_changed changed;
        bool found, zombie;
    } cases[] = {
        {TJOB_ACTOR_CLIENT, TJOB_OK, TJOB_CHANGED_UNKNOWN, true, false},
        {TJOB_ACTOR_CLIENT, TJOB_OK, TJOB_CHANGED_YES, false, false},
        {TJOB_ACTOR_CLIENT, TJOB_UNRESOLVED, TJOB_CHANGED_UNKNOWN, false, false},
        {TJOB_ACTOR_TRAINER, TJOB_STALE, TJOB_CHANGED_NO, false, true},
        {TJOB_ACTOR_CLIENT, TJOB_STALE, TJOB_CHANGED_NO, false, false},
        {TJOB_ACTOR_TRAINER, TJOB_WRONG_STATE, TJOB_CHANGED_NO, false, false},
    };
    set_up(&(tjob_lifecycle_config){.incarnations = 1});
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct local local = {.role = (uint8_t)cases[i].role};
        const tjob_outcome outcome = {.status = cases[i].status, .changed = cases[i].changed};
        const tjob_observation observation = tjob__properties_end(&model, &local, &outcome);
        ck_assert_msg(is_exercised(observation, PROPERTY_LOST_ANSWER_FOUND) == cases[i].found, "case %zu", i);
        ck_assert_msg(is_exercised(observation, PROPERTY_ZOMBIE_FENCED) == cases[i].zombie, "case %zu", i);
    }
}
END_TEST

/* ---- Records --------------------------------------------------------------------------------------------------- */

/* In every state, what is put to the test; all of a sample job holds. */
START_TEST(a_record_is_checked_by_its_state)
{
    for (int state = 0; state < TJOB_STATE_COUNT; state++) {
        const tjob_job job = sample_job((tjob_state)state);
        const bool goes_on = state == TJOB_SUBMITTED || state == TJOB_TRAINING;
        for (int promised = 0; promised < 2; promised++) {
            const tjob_observation observation = tjob__properties_record(&job, promised);
            ck_assert_int_eq(is_exercised(observation, PROPERTY_STOP_IS_KEPT), promised);
            ck_assert_int_eq(is_violated(observation, PROPERTY_STOP_IS_KEPT), promised && goes_on);
            ck_assert_int_eq(is_exercised(observation, PROPERTY_STOPPED_HAS_STOP_TIME), state == TJOB_STOPPED);
            ck_assert(!is_violated(observation, PROPERTY_STOPPED_HAS_STOP_TIME));
            ck_assert_int_eq(is_exercised(observation, PROPERTY_FINAL_STATE_IS_REACHABLE),
                             !goes_on && state != TJOB_STOP_REQUESTED);
            ck_assert_int_eq(is_exercised(observation, PROPERTY_TIMES_ARE_ORDERED), state != TJOB_ABSENT);
            ck_assert(!is_violated(observation, PROPERTY_TIMES_ARE_ORDERED));
            ck_assert(!is_exercised(observation, PROPERTY_COMPLETION_WINS));
            ck_assert_int_eq(is_exercised(observation, PROPERTY_STOP_WINS), state == TJOB_STOPPED);
        }
    }
}
END_TEST

START_TEST(times_report_what_came_of_a_stop)
{
    tjob_job stopped = sample_job(TJOB_STOPPED);
    stopped.stop_requested_ms = 0;
    ck_assert(is_violated(tjob__properties_record(&stopped, false), PROPERTY_STOPPED_HAS_STOP_TIME));
    stopped = sample_job(TJOB_STOPPED);
    stopped.training_started_ms = 0;
    ck_assert(!is_exercised(tjob__properties_record(&stopped, false), PROPERTY_STOP_WINS));
    static const tjob_state completed[] = {TJOB_TRAINED, TJOB_TRAINED_WITH_WARNING};
    for (size_t i = 0; i < 2; i++) {
        tjob_job job = sample_job(completed[i]);
        job.stop_requested_ms = SAMPLE_STOP_MS;
        ck_assert(is_exercised(tjob__properties_record(&job, false), PROPERTY_COMPLETION_WINS));
    }
    tjob_job failed = sample_job(TJOB_IN_ERROR);
    failed.stop_requested_ms = SAMPLE_STOP_MS;
    ck_assert(!is_exercised(tjob__properties_record(&failed, false), PROPERTY_COMPLETION_WINS));
}
END_TEST

/* Each time that is set is compared with those before it; one that is not set, with none. */
START_TEST(times_are_in_order)
{
    static const struct {
        uint64_t submitted, started, stopped, ended;
        bool violated;
    } cases[] = {
        {1, 2, 3, 4, false}, {1, 1, 1, 1, false}, {1, 0, 0, 0, false}, {2, 1, 3, 4, true},
        {1, 3, 2, 4, true},  {1, 2, 4, 3, true},  {3, 0, 2, 4, true},  {3, 0, 0, 2, true},
        {1, 3, 0, 2, true},  {1, 0, 0, 2, false}, {1, 0, 2, 2, false}, {5, 0, 0, 5, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const tjob_job job = {.state = TJOB_STOPPED,
                              .submitted_ms = cases[i].submitted,
                              .training_started_ms = cases[i].started,
                              .stop_requested_ms = cases[i].stopped,
                              .ended_ms = cases[i].ended};
        ck_assert_msg(is_violated(tjob__properties_record(&job, false), PROPERTY_TIMES_ARE_ORDERED) ==
                          cases[i].violated,
                      "case %zu", i);
    }
}
END_TEST

RUN_TESTS("properties", {each_property_has_a_name_and_a_sentence, 0}, {what_cannot_be_said_does_not_apply, 0},
          {a_callers_own_checks_are_properties, 0}, {the_instants_of_a_model_are_its_first_milliseconds, 0},
          {a_change_is_the_tables, 0}, {completed_and_stopped_do_not_cross, 0},
          {each_change_is_put_to_a_callers_checks, 0}, {an_answer_is_the_tables, 0},
          {who_ends_has_done_what_was_reported, 0}, {conflicts_are_counted, 0}, {what_is_of_interest_is_noted, 0},
          {a_record_is_checked_by_its_state, 0}, {times_report_what_came_of_a_stop, 0}, {times_are_in_order, 0})
