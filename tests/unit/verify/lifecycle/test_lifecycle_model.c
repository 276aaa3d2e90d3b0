/* The lifecycle model: what holds of the system as it ships, that every seeded bug is seen, and that no reduction
 * changes what is found. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "support/jobs.h"
#include "support/lifecycle_run.h"
#include "support/suite.h"
#include "tjob/verify.h"
#include "verify/lifecycle/describe.h"
#include "verify/lifecycle/properties.h"
#include "verify/lifecycle/label.h"
#include "verify/lifecycle/state.h"
#include "verify/spec/seeded_bugs.h"
#include "verify/explorer/state_table.h"

enum { STATES = 1 << 20 };

static tjob_verdict verdict(const struct lifecycle_run *run, uint32_t property)
{
    return tjob_explorer_verdict(run->explored.explorer, property);
}

/* ---- What holds ------------------------------------------------------------------------------------------------ */

/* Small systems of each kind, and how many states they reach: the same on every machine. */
static const struct {
    tjob_lifecycle_config config;
    uint64_t states;
    uint64_t transitions;
} systems[] = {
    {{.clients = 1, .trainers = 1, .incarnations = 1, .faults = 0}, 2002, 6774},
    {{.clients = 2, .trainers = 1, .incarnations = 1, .faults = 0}, 7935, 36106},
    {{.clients = 3, .trainers = 1, .incarnations = 1, .faults = 0}, 21729, 126285},
    {{.clients = 1, .trainers = 2, .incarnations = 2, .faults = 0}, 15372, 63180},
    {{.clients = 1, .trainers = 1, .incarnations = 1, .faults = 1, .retries = 1}, 26402, 116757},
    {{.clients = 1, .trainers = 2, .incarnations = 2, .faults = 1}, 218053, 1102086},
    {{.clients = 1, .trainers = 1, .incarnations = 1, .faults = 2, .instants = 1}, 33196, 171475},
};

enum { SYSTEMS = sizeof systems / sizeof systems[0] };

START_TEST(everything_holds_and_is_put_to_the_test)
{
    struct lifecycle_run run = lifecycle_explore(&systems[_i].config, 2, STATES);
    ck_assert_int_eq(run.explored.end, TJOB_EXPLORATION_COMPLETE);
    for (uint32_t i = 0; i < run.system->property_count; i++) {
        const tjob_verdict found = verdict(&run, i);
        const bool expected = found == TJOB_VERDICT_HOLDS || found == TJOB_VERDICT_NOT_APPLICABLE ||
                              (found == TJOB_VERDICT_VIOLATED && i > PROPERTY_NO_LIVELOCK);
        ck_assert_msg(expected, "%s: %s", run.system->properties[i].name, tjob_verdict_name(found));
    }
    ck_assert_uint_eq(run.explored.counts.states, systems[_i].states);
    ck_assert_uint_eq(run.explored.counts.transitions, systems[_i].transitions);
    lifecycle_end(&run);
}
END_TEST

/* With all that can happen in it: nothing that should be seen sometimes is missing. */
START_TEST(nothing_of_interest_is_missing)
{
    struct lifecycle_run run = lifecycle_explore(
        &(tjob_lifecycle_config){.clients = 1, .trainers = 2, .incarnations = 2, .faults = 1}, 2, STATES);
    for (uint32_t i = 0; i < PROPERTY_OWN; i++) {
        ck_assert_int_eq(verdict(&run, i), TJOB_VERDICT_HOLDS);
    }
    lifecycle_end(&run);
}
END_TEST

START_TEST(what_a_policy_does_not_promise_is_not_checked)
{
    for (uint32_t submitted = 0; submitted < 3; submitted++) {
        for (uint32_t finished = 0; finished < 2; finished++) {
            const tjob_lifecycle_config config = {.clients = 1,
                                                  .trainers = 1,
                                                  .faults = 1,
                                                  .policy = {.stop_submitted = submitted, .stop_finished = finished}};
            struct lifecycle_run run = lifecycle_explore(&config, 1, STATES);
            ck_assert_int_eq(run.explored.end, TJOB_EXPLORATION_COMPLETE);
            ck_assert_int_eq(verdict(&run, PROPERTY_STOP_IS_KEPT), submitted == TJOB_STOP_SUBMITTED_IGNORED
                                                                       ? TJOB_VERDICT_NOT_APPLICABLE
                                                                       : TJOB_VERDICT_HOLDS);
            lifecycle_end(&run);
        }
    }
}
END_TEST

/* ---- What is seeded ------------------------------------------------------------------------------------------- */

/*
 * The property that each seeded bug violates first, and in how many steps; without reductions a conflict is a step of
 * its own.
 */
static const struct {
    enum property property;
    uint32_t steps;
    uint32_t conflicts;
} seen[TJOB_SEEDED_BUG_COUNT] = {
    [TJOB_BUG_LOST_UPDATE] = {PROPERTY_STATES_FOLLOW_TABLE, 5, 0},
    [TJOB_BUG_VERSION_REUSED] = {PROPERTY_NO_HIDDEN_EFFECT, 12, 0},
    [TJOB_BUG_ABSENCE_WITHOUT_VERSION] = {PROPERTY_NO_HIDDEN_EFFECT, 12, 0},
    [TJOB_BUG_DIRTY_READ] = {PROPERTY_SUCCESS_IS_APPLIED, 4, 0},
    [TJOB_BUG_CONFLICT_FORGETS_LOST_ANSWER] = {PROPERTY_NO_HIDDEN_EFFECT, 5, 1},
    [TJOB_BUG_STOP_ANSWERED_EARLY] = {PROPERTY_STOP_IS_KEPT, 3, 0},
    [TJOB_BUG_UNKNOWN_TAKEN_FOR_FAILURE] = {PROPERTY_NO_HIDDEN_EFFECT, 3, 0},
    [TJOB_BUG_UNKNOWN_TAKEN_FOR_SUCCESS] = {PROPERTY_SUCCESS_IS_APPLIED, 2, 0},
    [TJOB_BUG_STALE_TRAINER_ACCEPTED] = {PROPERTY_ANSWER_FOLLOWS_TABLE, 3, 0},
    [TJOB_BUG_LATE_COMPLETION] = {PROPERTY_STATES_FOLLOW_TABLE, 10, 0},
    [TJOB_BUG_RETRY_WITHOUT_RELOAD] = {PROPERTY_STATES_FOLLOW_TABLE, 6, 0},
    [TJOB_BUG_CLOCK_RUNS_BACKWARDS] = {PROPERTY_ANSWER_FOLLOWS_TABLE, 4, 0},
};

/* Enough of everything for each of them, and no more. */
static tjob_lifecycle_config seeded(tjob_seeded_bug bug, bool reduced)
{
    const bool names = bug == TJOB_BUG_VERSION_REUSED || bug == TJOB_BUG_ABSENCE_WITHOUT_VERSION;
    return (tjob_lifecycle_config){.clients = names ? 2 : 1,
                                   .trainers = 1,
                                   .faults = 1,
                                   .incarnations = names ? 2 : 1,
                                   .instants = names ? 1 : 2,
                                   .bug = bug,
                                   .no_symmetry = !reduced,
                                   .no_reduction = !reduced};
}

START_TEST(every_seeded_bug_is_seen_by_a_shortest_trace)
{
    const tjob_seeded_bug bug = (tjob_seeded_bug)(_i / 2 + 1);
    const bool reduced = _i % 2 == 0;
    const tjob_lifecycle_config config = seeded(bug, reduced);
    struct lifecycle_run run = lifecycle_explore(&config, 2, STATES);
    const tjob_model *model = run.system;
    ck_assert_int_eq(run.explored.end, TJOB_EXPLORATION_VIOLATED);
    ck_assert_int_eq(verdict(&run, seen[bug].property), TJOB_VERDICT_VIOLATED);
    struct taken_trace *trace = take_trace(&run.explored, model, seen[bug].property);
    ck_assert_uint_eq(trace->count, seen[bug].steps + (reduced ? 0 : seen[bug].conflicts));
    ck_assert(trace_is_real(model, trace));
    free(trace);
    lifecycle_end(&run);
}
END_TEST

/* ---- Reductions ------------------------------------------------------------------------------------------------ */

/* The changes of the record that a model reaches: each with the event that makes it. */
struct change {
    tjob_job before;
    tjob_job after;
    uint64_t event;
};

struct changes {
    tjob_lifecycle_model *model;
    struct intern table;
    void *memory;
};

enum { CHANGES_MAX = 1 << 12 };

static void note(void *context, const unsigned char *before, const tjob_step *step, const unsigned char *after)
{
    struct changes *changes = context;
    const struct change change = {tjob_lifecycle_model_job(changes->model, before),
                                  tjob_lifecycle_model_job(changes->model, after),
                                  tjob_lifecycle_model_step(changes->model, step->label).event};
    if (memcmp(&change.before, &change.after, sizeof change.before) != 0) {
        EXPECT(tjob__intern_number(&changes->table, &change) != INTERN_FULL);
    }
}

static struct changes changes_of(struct lifecycle_run *run)
{
    struct changes changes = {.model = run->model,
                              .memory = malloc((size_t)tjob__intern_bytes(sizeof(struct change), CHANGES_MAX))};
    tjob__intern_init(&changes.table, changes.memory, sizeof(struct change), CHANGES_MAX);
    tjob_explorer_steps(run->explored.explorer, note, &changes);
    return changes;
}

START_TEST(reductions_change_neither_verdicts_nor_histories)
{
    static const tjob_lifecycle_config configs[] = {
        {.clients = 2, .trainers = 1, .faults = 1, .instants = 1},
        {.clients = 2, .trainers = 1, .incarnations = 2},
    };
    uint64_t states[4];
    uint32_t reached = 0;
    for (int kind = 0; kind < 4; kind++) {
        tjob_lifecycle_config config = configs[_i];
        config.no_symmetry = (kind & 1) != 0;
        config.no_reduction = (kind & 2) != 0;
        struct lifecycle_run run = lifecycle_explore(&config, 2, STATES);
        struct changes changes = changes_of(&run);
        ck_assert_int_eq(run.explored.end, TJOB_EXPLORATION_COMPLETE);
        for (uint32_t i = 0; i < PROPERTY_OWN; i++) {
            EXPECT(verdict(&run, i) == TJOB_VERDICT_HOLDS || i > PROPERTY_NO_LIVELOCK);
        }
        reached = kind == 0 ? changes.table.count : reached;
        ck_assert_uint_eq(changes.table.count, reached);
        states[kind] = run.explored.counts.states;
        free(changes.memory);
        lifecycle_end(&run);
    }
    ck_assert_uint_gt(reached, 20);
    ck_assert(states[0] < states[1] && states[0] < states[2] && states[1] < states[3] && states[2] < states[3]);
}
END_TEST

/* ---- In words -------------------------------------------------------------------------------------------------- */

/* The words that steps of a kind are reported by, and whether such a step was seen. */
static struct {
    const char *actor;
    const char *partner;
    const char *action;
    const char *answer;
    bool seen;
} phrases[] = {
    {"client 1", "gate", "stop: authorize and admit", "denied; answer: access denied", false},
    {"client 1", "gate", "stop: authorize and admit", "authorizer unavailable; answer: unavailable", false},
    {"supervisor", "store", "trainer lost by trainer 1: load", "unavailable; answer: unavailable", false},
    {"host", "store", "submit: load, at 2", "absent, version 0", false},
    {"host", "store", "submit: swap version 0 for SUBMITTED", "answer lost, still in flight", false},
    {"trainer 1", "", "halted by trainer 1: crashes", "", false},
    {"host", "store", "submit: swap version 0 for SUBMITTED", "ok; answer: ok, changed", false},
    {"store", "", "applies a late write: submit", "", false},
    {"store", "", "crashes and loses what was not durable", "", false},
};

static void find_phrase(void *context, const unsigned char *before, const tjob_step *step, const unsigned char *after)
{
    const tjob_model *model = tjob_lifecycle_model_of(context);
    tjob_step_description description;
    model->describe(model->context, before, step->label, after, &description);
    EXPECT(description.actor[0] != '\0' && description.action[0] != '\0');
    EXPECT(description.before[0] != '\0' && description.after[0] != '\0');
    const char *actor = tjob_actor_name(tjob_lifecycle_model_step(context, step->label).actor);
    EXPECT(strncmp(description.actor, actor, strlen(actor)) == 0 || strcmp(description.actor, "store") == 0);
    EXPECT((strcmp(actor, "store") == 0) ==
           (strcmp(description.action, "crashes and loses what was not durable") == 0));
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        phrases[i].seen =
            phrases[i].seen ||
            (strcmp(description.actor, phrases[i].actor) == 0 && strcmp(description.partner, phrases[i].partner) == 0 &&
             strcmp(description.action, phrases[i].action) == 0 && strcmp(description.answer, phrases[i].answer) == 0);
    }
}

START_TEST(each_step_is_reported_in_words)
{
    const tjob_lifecycle_config configs[] = {
        {.clients = 1, .trainers = 1, .faults = 1},
        {.clients = 1, .trainers = 1, .faults = 1, .bug = TJOB_BUG_DIRTY_READ},
    };
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        struct lifecycle_run run = lifecycle_explore(&configs[i], 1, STATES);
        ck_assert(run.explored.counts.states > 100);
        tjob_explorer_steps(run.explored.explorer, find_phrase, run.model);
        lifecycle_end(&run);
    }
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        ck_assert_msg(phrases[i].seen, "%s, %s", phrases[i].action, phrases[i].answer);
    }
}
END_TEST

/* What does not fit is cut off. */
START_TEST(long_words_are_cut_off)
{
    const struct label label = {.actor = 0,
                                .action = ACTION_LOAD,
                                .event = TJOB_STOP,
                                .trainer_token = 15,
                                .now_ms = 15,
                                .ends = true,
                                .status = TJOB_OK,
                                .changed = TJOB_CHANGED_UNKNOWN};
    const struct label same = tjob__label_decode(tjob__label_encode(&label));
    ck_assert_uint_eq(tjob__label_encode(&same), tjob__label_encode(&label));
    ck_assert(same.trainer_token == 15 && same.ends && same.changed == TJOB_CHANGED_UNKNOWN);
    struct lifecycle_run run =
        lifecycle_start(&(tjob_lifecycle_config){.clients = 1, .policy = {.stop_timeout_ms = 2}});
    uint64_t state[TJOB_STORE_MODEL_BYTES_MAX / 8] = {0};
    tjob_job job = {.submit_token = UINT64_MAX,
                    .incarnation = UINT64_MAX,
                    .trainer_token = UINT64_MAX,
                    .submitted_ms = UINT64_MAX,
                    .training_started_ms = UINT64_MAX,
                    .stop_requested_ms = UINT64_MAX,
                    .ended_ms = UINT64_MAX,
                    .state = TJOB_TRAINED_WITH_WARNING};
    tjob_store_model_sound.begin(state);
    ck_assert_int_eq(tjob_store_model_sound.swap(state, 0, &job), TJOB_SWAP_OK);
    uint64_t words[STATE_WORDS] = {0};
    unsigned char bytes[STATE_WORDS * 8];
    const struct local client = {.role = TJOB_ACTOR_CLIENT};
    field_set(words, run.model->actor_fields[0], tjob__intern_number(&run.model->locals, &client));
    field_set(words, run.model->store_field, tjob__intern_number(&run.model->stores, state));
    tjob__state_store(run.model, words, bytes);
    tjob_step_description description;
    tjob__lifecycle_describe(run.model, bytes, tjob__label_encode(&label), bytes, &description);
    ck_assert_uint_eq(strlen(description.before), sizeof description.before - 1);
    ck_assert_uint_eq(strlen(description.answer), sizeof description.answer - 1);
    lifecycle_end(&run);
}
END_TEST

/* ---- Limits ---------------------------------------------------------------------------------------------------- */

/* Which limit, how far up it is too low, and the system that meets it. */
static const struct {
    size_t offset;
    uint32_t enough;
    tjob_lifecycle_config config;
} limits[] = {
    {offsetof(tjob_lifecycle_model, locals.capacity), 300, {.clients = 1, .trainers = 1, .faults = 1, .instants = 1}},
    {offsetof(tjob_lifecycle_model, stores.capacity), 15, {.clients = 1, .trainers = 1, .faults = 1, .instants = 1}},
    {offsetof(tjob_lifecycle_model, stores.capacity), 12, {.clients = 1, .trainers = 1, .instants = 1}},
    {offsetof(tjob_lifecycle_model, writes.capacity), 25, {.clients = 1, .trainers = 1, .faults = 1, .instants = 1}},
    {offsetof(tjob_lifecycle_model, successors.capacity),
     300,
     {.clients = 1, .trainers = 1, .faults = 1, .instants = 1}},
    {offsetof(tjob_lifecycle_model, stores.capacity),
     5,
     {.clients = 1, .trainers = 1, .faults = 1, .instants = 1, .bug = TJOB_BUG_DIRTY_READ}},
};

/* At numbers below what is enough, the search says that it could not see everything, or sees the seeded bug first. */
START_TEST(a_model_that_is_too_small_says_so)
{
    for (uint32_t limit = 1; limit < limits[_i].enough; limit += 1 + limit / 8) {
        struct lifecycle_run run = lifecycle_start(&limits[_i].config);
        memcpy((unsigned char *)run.model + limits[_i].offset, &limit, sizeof limit);
        run.explored = explore(run.system, 1, STATES / 32);
        const bool bug_first = run.explored.end == TJOB_EXPLORATION_VIOLATED && limits[_i].config.bug != 0;
        ck_assert(run.explored.end == TJOB_EXPLORATION_MODEL_FAILED || bug_first);
        ck_assert_int_ne(verdict(&run, PROPERTY_STATES_FOLLOW_TABLE), TJOB_VERDICT_HOLDS);
        lifecycle_end(&run);
    }
}
END_TEST

START_TEST(a_model_whose_moves_find_no_place_says_so)
{
    struct lifecycle_run run = lifecycle_start(&limits[0].config);
    run.model->successors.slots_used = run.model->successors.slot_count;
    run.explored = explore(run.system, 1, STATES / 32);
    ck_assert_int_eq(run.explored.end, TJOB_EXPLORATION_MODEL_FAILED);
    lifecycle_end(&run);
}
END_TEST

/* ---- States that no sound operation leads to ------------------------------------------------------------------- */

enum { CLIENT_ACTOR = 0, TRAINER_ACTOR = 1, SUPERVISOR_ACTOR = 2, HOST_ACTOR = 3 };

/* What comes after a state. */
static tjob_successors steps_from(const struct lifecycle_run *run, const uint64_t words[STATE_WORDS])
{
    static _Alignas(8) unsigned char states[256 * 64];
    static tjob_step steps[256];
    _Alignas(8) unsigned char state[64];
    const tjob_model *model = tjob_lifecycle_model_of(run->model);
    tjob_successors successors = {.states = states, .steps = steps, .state_bytes = model->state_bytes, .limit = 256};
    tjob__state_store(run->model, words, state);
    model->next(model->context, state, &successors);
    return successors;
}

/* The first state of a model, and a write of the host's that is under way there. */
static void put_write_under_way(const struct lifecycle_run *run, uint64_t words[STATE_WORDS])
{
    const struct write write = {.next = sample_job(TJOB_SUBMITTED), .event = {.kind = TJOB_SUBMIT, .token = 1}};
    uint64_t store[TJOB_STORE_MODEL_BYTES_MAX / 8] = {0};
    memset(words, 0, STATE_WORDS * sizeof words[0]);
    run->model->store->begin(store);
    field_set(words, run->model->store_field, tjob__intern_number(&run->model->stores, store));
    field_set(words, run->model->faults_field, 1);
    field_set(words, run->model->write_fields[0], tjob__intern_number(&run->model->writes, &write) + 1);
    field_set(words, run->model->owner_fields[0], HOST_ACTOR);
    for (uint32_t i = 0; i < run->model->actor_count; i++) {
        const struct local done = {.role = TJOB_ACTOR_CLIENT, .stage = STAGE_DONE};
        field_set(words, run->model->actor_fields[i], tjob__intern_number(&run->model->locals, &done));
    }
}

/* An operation that says it has changed nothing, while its own write may yet land, or that and another one. */
START_TEST(who_denies_what_is_under_way_is_seen)
{
    struct lifecycle_run run = lifecycle_start(&(tjob_lifecycle_config){.clients = 1, .trainers = 1, .faults = 2});
    uint64_t words[STATE_WORDS];
    put_write_under_way(&run, words);
    if (_i == 1) {
        field_set(words, run.model->write_fields[1], field_get(words, run.model->write_fields[0]));
        field_set(words, run.model->owner_fields[1], HOST_ACTOR);
        field_set(words, run.model->owner_fields[0], CLIENT_ACTOR);
    }
    struct local host = {.role = TJOB_ACTOR_HOST, .stage = STAGE_BUSY, .token = 1};
    host.operation = (tjob_operation){.event = {.kind = TJOB_SUBMIT, .token = 1}, .attempts = 1, .ask = TJOB_ASK_LOAD};
    field_set(words, run.model->actor_fields[HOST_ACTOR], tjob__intern_number(&run.model->locals, &host));
    const tjob_successors steps = steps_from(&run, words);
    uint32_t violated = 0;
    for (uint32_t i = 0; i < steps.count; i++) {
        violated |= steps.steps[i].observation.violated;
    }
    ck_assert(!steps.failed && (violated & 1u << PROPERTY_NO_HIDDEN_EFFECT) != 0); /* the load that is unavailable */
    lifecycle_end(&run);
}
END_TEST

START_TEST(a_write_that_is_applied_where_there_is_no_room_for_its_store_says_so)
{
    struct lifecycle_run run = lifecycle_start(&(tjob_lifecycle_config){.clients = 1, .trainers = 1, .faults = 2});
    uint64_t words[STATE_WORDS];
    put_write_under_way(&run, words);
    ck_assert(!steps_from(&run, words).failed);
    ck_assert_uint_eq(run.model->stores.count, 2);
    struct lifecycle_run small = lifecycle_start(&(tjob_lifecycle_config){.clients = 1, .trainers = 1, .faults = 2});
    put_write_under_way(&small, words);
    small.model->stores.capacity = small.model->stores.count;
    ck_assert(steps_from(&small, words).failed);
    lifecycle_end(&small);
    lifecycle_end(&run);
}
END_TEST

/* Nor is there room for its owner, who has was applied one write more. */
START_TEST(a_write_that_is_applied_where_there_is_no_room_for_its_owner_says_so)
{
    struct lifecycle_run run = lifecycle_start(&(tjob_lifecycle_config){.clients = 1, .trainers = 1, .faults = 2});
    uint64_t words[STATE_WORDS];
    put_write_under_way(&run, words);
    run.model->locals.capacity = run.model->locals.count;
    ck_assert(steps_from(&run, words).failed);
    lifecycle_end(&run);
}
END_TEST

/* Of three writes under way, over a store that takes each of them, one is applied; those that are left come first. */
START_TEST(writes_that_are_left_come_first)
{
    struct lifecycle_run run = lifecycle_start(
        &(tjob_lifecycle_config){.clients = 1, .trainers = 1, .faults = 3, .bug = TJOB_BUG_LOST_UPDATE});
    uint64_t words[STATE_WORDS];
    uint32_t numbers[TJOB_MODEL_FAULTS_MAX];
    put_write_under_way(&run, words);
    for (uint32_t i = 0; i < 3; i++) {
        const struct write write = {
            .expected = i, .next = sample_job(TJOB_SUBMITTED), .event = {.kind = TJOB_SUBMIT, .token = 1 + i}};
        numbers[i] = tjob__intern_number(&run.model->writes, &write) + 1;
        field_set(words, run.model->write_fields[i], numbers[i]);
        field_set(words, run.model->owner_fields[i], HOST_ACTOR);
    }
    field_set(words, run.model->faults_field, 0);
    const tjob_successors steps = steps_from(&run, words);
    ck_assert_uint_eq(steps.count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        uint64_t after[STATE_WORDS];
        uint32_t left = 0;
        tjob__state_load(run.model, steps.states + (size_t)i * state_slot_bytes(steps.state_bytes), after);
        for (uint32_t k = 0; k < 3; k++) {
            if (k != i) {
                ck_assert_uint_eq(field_get(after, run.model->write_fields[left]), numbers[k]);
                ck_assert_uint_eq(field_get(after, run.model->owner_fields[left++]), HOST_ACTOR);
            }
        }
        ck_assert_uint_eq(field_get(after, run.model->write_fields[2]), 0);
    }
    lifecycle_end(&run);
}
END_TEST

/* Where clients change places, what they have under way goes with them. */
START_TEST(writes_go_with_their_clients)
{
    struct lifecycle_run run = lifecycle_start(&(tjob_lifecycle_config){.clients = 2, .trainers = 1, .faults = 3});
    const tjob_model *model = run.system;
    const struct field *actors = run.model->actor_fields;
    const struct field *owners = run.model->owner_fields;
    uint64_t words[STATE_WORDS];
    unsigned char state[64];
    put_write_under_way(&run, words);
    const uint32_t low = field_get(words, actors[1]);
    const struct local other = {.role = TJOB_ACTOR_CLIENT, .stage = STAGE_READY};
    const uint32_t high = tjob__intern_number(&run.model->locals, &other);
    ck_assert_uint_lt(low, high);
    field_set(words, actors[0], high);
    for (uint32_t i = 0; i < 3; i++) {
        const struct write write = {.expected = i, .next = sample_job(TJOB_TRAINING), .event = {.kind = TJOB_START}};
        field_set(words, run.model->write_fields[i], tjob__intern_number(&run.model->writes, &write) + 1);
        field_set(words, owners[i], i); /* the first client, the second, and the trainer */
    }
    tjob__state_store(run.model, words, state);
    model->canonicalize(model->context, state);
    tjob__state_load(run.model, state, words);
    ck_assert_uint_eq(field_get(words, actors[0]), low);
    ck_assert_uint_eq(field_get(words, actors[1]), high);
    ck_assert_uint_eq(field_get(words, owners[0]), 1);
    ck_assert_uint_eq(field_get(words, owners[1]), 0);
    ck_assert_uint_eq(field_get(words, owners[2]), 2);
    lifecycle_end(&run);
}
END_TEST

/* A stop was promised, nothing is under way, and the store may crash. */
static void put_promise(const struct lifecycle_run *run, uint64_t words[STATE_WORDS])
{
    put_write_under_way(run, words);
    field_set(words, run->model->write_fields[0], 0);
    field_set(words, run->model->owner_fields[0], 0);
    field_set(words, run->model->promise_field, 1);
}

/* A crash that takes back the last change alone leaves the incarnation, and what was promised in it. */
START_TEST(a_crash_of_the_store_that_leaves_the_incarnation_leaves_the_promise)
{
    struct lifecycle_run run =
        lifecycle_start(&(tjob_lifecycle_config){.clients = 1, .trainers = 1, .faults = 1, .bug = TJOB_BUG_DIRTY_READ});
    const tjob_job jobs[] = {sample_job(TJOB_STOP_REQUESTED), sample_job(TJOB_STOPPED)};
    uint64_t store[TJOB_STORE_MODEL_BYTES_MAX / 8] = {0};
    uint64_t words[STATE_WORDS];
    put_promise(&run, words);
    run.model->store->begin(store);
    ck_assert_int_eq(run.model->store->swap(store, 0, &jobs[0]), TJOB_SWAP_OK);
    run.model->store->make_durable(store);
    ck_assert_int_eq(run.model->store->swap(store, 1, &jobs[1]), TJOB_SWAP_OK);
    field_set(words, run.model->store_field, tjob__intern_number(&run.model->stores, store));
    const tjob_successors steps = steps_from(&run, words);
    uint64_t after[STATE_WORDS];
    ck_assert_uint_eq(steps.count, 1);
    tjob__state_load(run.model, steps.states, after);
    ck_assert_uint_eq(field_get(after, run.model->promise_field), 1);
    lifecycle_end(&run);
}
END_TEST

/* A crash of the store that takes a whole incarnation back. */
START_TEST(a_crash_of_the_store_that_takes_an_incarnation_back_is_reported)
{
    struct lifecycle_run run =
        lifecycle_start(&(tjob_lifecycle_config){.clients = 1, .trainers = 1, .faults = 1, .bug = TJOB_BUG_DIRTY_READ});
    uint64_t store[TJOB_STORE_MODEL_BYTES_MAX / 8] = {0};
    uint64_t words[STATE_WORDS];
    put_promise(&run, words);
    const tjob_job job = sample_job(TJOB_SUBMITTED);
    run.model->store->begin(store);
    ck_assert_int_eq(run.model->store->swap(store, 0, &job), TJOB_SWAP_OK);
    field_set(words, run.model->store_field, tjob__intern_number(&run.model->stores, store));
    const tjob_successors steps = steps_from(&run, words);
    ck_assert_uint_eq(steps.count, 1);
    uint64_t after[STATE_WORDS];
    tjob__state_load(run.model, steps.states, after);
    ck_assert_uint_eq(field_get(after, run.model->promise_field), 0);
    /* And where there is no room for what it leaves. */
    const tjob_job other = sample_job(TJOB_DELETING);
    run.model->store->make_durable(store);
    ck_assert_int_eq(run.model->store->swap(store, 1, &other), TJOB_SWAP_OK);
    field_set(words, run.model->store_field, tjob__intern_number(&run.model->stores, store));
    run.model->stores.capacity = run.model->stores.count;
    ck_assert(steps_from(&run, words).failed);
    lifecycle_end(&run);
}
END_TEST

/*
 * ---- The checker by itself -----------------------------------------------------------------------------------------
 */

START_TEST(answers_that_the_table_does_not_give_are_seen)
{
    struct lifecycle_run run = lifecycle_start(&(tjob_lifecycle_config){.clients = 1, .trainers = 1, .faults = 1});
    const tjob_job training = sample_job(TJOB_TRAINING);
    const tjob_job stopped = sample_job(TJOB_STOPPED);
    tjob_operation stop = {.event = {.kind = TJOB_STOP}};
    const tjob_outcome nothing_to_do = {.status = TJOB_OK};
    const tjob_outcome refused = {.status = TJOB_NOT_FOUND};
    ck_assert_uint_eq(tjob__properties_answer(run.model, &stopped, &stop, &nothing_to_do, 1).violated, 0);
    ck_assert_uint_ne(tjob__properties_answer(run.model, &training, &stop, &nothing_to_do, 1).violated, 0);
    ck_assert_uint_ne(tjob__properties_answer(run.model, &stopped, &stop, &refused, 1).violated, 0);
    const tjob_job absent = {.state = TJOB_ABSENT, .incarnation = 1};
    ck_assert_uint_eq(tjob__properties_answer(run.model, &absent, &stop, &refused, 1).violated, 0);
    stop.lost = 1;
    ck_assert_uint_ne(tjob__properties_answer(run.model, &absent, &stop, &refused, 1).violated, 0);
    lifecycle_end(&run);
}
END_TEST

/* A late completion is seeded where the trainer is the job's, and only there. */
START_TEST(a_late_completion_is_the_trainers_own)
{
    static const tjob_policy policy;
    tjob_job stopped = sample_job(TJOB_STOPPED);
    stopped.trainer_token = SAMPLE_TRAINER;
    stopped.training_started_ms = stopped.submitted_ms;
    for (uint64_t trainer_token = SAMPLE_TRAINER; trainer_token <= SAMPLE_TRAINER + 1; trainer_token++) {
        tjob_operation operation;
        tjob_operation_begin(&operation, &(tjob_event){.kind = TJOB_COMPLETED, .trainer_token = trainer_token});
        tjob__seeded_bug_loaded(TJOB_BUG_LATE_COMPLETION, &operation, &policy, TJOB_LOAD_OK, &stopped, 7, 1);
        ck_assert_int_eq(operation.ask, trainer_token == SAMPLE_TRAINER ? TJOB_ASK_SWAP : TJOB_ASK_NOTHING);
    }
}
END_TEST

static tjob_transition_result same_rule(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                        const tjob_policy *policy, tjob_job *next)
{
    return tjob_job_apply(job, event, now_ms, policy, next);
}

static bool never_trained(const tjob_job *before, const tjob_event *event, const tjob_job *after)
{
    return before->state != TJOB_TRAINING || event->kind != TJOB_COMPLETED || after->state != TJOB_TRAINED;
}

START_TEST(a_rule_and_a_property_of_ones_own_are_explored)
{
    const tjob_model_invariant check = {"never trained", "no job is ever trained", never_trained};
    tjob_lifecycle_config config = {
        .clients = 1, .trainers = 2, .faults = 1, .incarnations = 2, .policy = {.transition = same_rule}};
    struct lifecycle_run run = lifecycle_explore(&config, 1, STATES);
    ck_assert_int_eq(run.explored.end, TJOB_EXPLORATION_COMPLETE);
    ck_assert_int_eq(verdict(&run, PROPERTY_STATES_FOLLOW_TABLE), TJOB_VERDICT_NOT_APPLICABLE);
    ck_assert_int_eq(verdict(&run, PROPERTY_NO_HIDDEN_EFFECT), TJOB_VERDICT_HOLDS);
    lifecycle_end(&run);
    config.invariants = &check;
    config.invariant_count = 1;
    run = lifecycle_explore(&config, 1, STATES);
    ck_assert_int_eq(run.explored.end, TJOB_EXPLORATION_VIOLATED);
    ck_assert_int_eq(verdict(&run, PROPERTY_OWN), TJOB_VERDICT_VIOLATED);
    lifecycle_end(&run);
}
END_TEST

START_TEST(a_system_that_cannot_be_is_refused)
{
    static const tjob_store_model nothing = {.state_bytes = 0};
    static const tjob_store_model crooked = {.state_bytes = 12};
    static const tjob_store_model huge = {.state_bytes = TJOB_STORE_MODEL_BYTES_MAX + 8};
    static const tjob_lifecycle_config configs[] = {
        {.clients = TJOB_MODEL_CLIENTS_MAX + 1},
        {.trainers = TJOB_MODEL_TRAINERS_MAX + 1},
        {.retries = TJOB_MODEL_RETRIES_MAX + 1},
        {.faults = TJOB_MODEL_FAULTS_MAX + 1},
        {.incarnations = TJOB_MODEL_INCARNATIONS_MAX + 1},
        {.instants = TJOB_MODEL_INSTANTS_MAX + 1},
        {.policy = {.stop_submitted = 3}},
        {.bug = TJOB_SEEDED_BUG_COUNT},
        {.invariant_count = TJOB_MODEL_INVARIANTS_MAX + 1},
        {.store = &nothing},
        {.store = &crooked},
        {.store = &huge},
    };
    static _Alignas(64) unsigned char room[64];
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        ck_assert_uint_eq(tjob_lifecycle_model_bytes(&configs[i]), 0);
        ck_assert_ptr_null(tjob_lifecycle_model_init(&configs[i], room, SIZE_MAX));
    }
    ck_assert_ptr_null(tjob_lifecycle_model_init(&(tjob_lifecycle_config){.clients = 1}, room, sizeof room));
}
END_TEST

/* No field of a state shares a bit with another, or lies outside it, at any number of actors or of faults. */
START_TEST(every_system_within_the_limits_has_room_for_its_state)
{
    enum { CLIENTS = TJOB_MODEL_CLIENTS_MAX, TRAINERS = TJOB_MODEL_TRAINERS_MAX, SIZES = CLIENTS * TRAINERS };
    const uint32_t size = _i < SIZES ? (uint32_t)_i : SIZES - 1;
    const tjob_lifecycle_config config = {.clients = size % CLIENTS + 1,
                                          .trainers = size / CLIENTS + 1,
                                          .faults = _i < SIZES ? TJOB_MODEL_FAULTS_MAX : (uint32_t)_i - SIZES,
                                          .bug = TJOB_BUG_DIRTY_READ}; /* a store that crashes has a field more */
    const size_t bytes = (size_t)tjob_lifecycle_model_bytes(&config);
    void *memory = aligned_alloc(64, bytes);
    ck_assert_ptr_nonnull(memory);
    const tjob_lifecycle_model *model = tjob_lifecycle_model_init(&config, memory, bytes);
    ck_assert_ptr_nonnull(model);
    struct field fields[ACTORS_MAX + 2 * TJOB_MODEL_FAULTS_MAX + 4] = {model->store_field, model->promise_field,
                                                                       model->faults_field, model->rests_field};
    size_t count = 4;
    for (uint32_t i = 0; i < model->actor_count; i++) {
        fields[count++] = model->actor_fields[i];
    }
    for (uint32_t i = 0; i < config.faults; i++) {
        fields[count++] = model->write_fields[i];
        fields[count++] = model->owner_fields[i];
    }
    uint64_t used[STATE_WORDS] = {0};
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_lt(fields[i].word, STATE_WORDS);
        const uint64_t bits = fields[i].mask << fields[i].shift;
        ck_assert_uint_eq(bits >> fields[i].shift, fields[i].mask);
        ck_assert_uint_eq(used[fields[i].word] & bits, 0);
        used[fields[i].word] |= bits;
    }
    free(memory);
}
END_TEST

RUN_TESTS("lifecycle_model",
          {every_system_within_the_limits_has_room_for_its_state,
           TJOB_MODEL_CLIENTS_MAX *TJOB_MODEL_TRAINERS_MAX + TJOB_MODEL_FAULTS_MAX},
          {everything_holds_and_is_put_to_the_test, SYSTEMS}, {nothing_of_interest_is_missing, 0},
          {what_a_policy_does_not_promise_is_not_checked, 0},
          {every_seeded_bug_is_seen_by_a_shortest_trace, 2 * (TJOB_SEEDED_BUG_COUNT - 1)},
          {reductions_change_neither_verdicts_nor_histories, 2}, {each_step_is_reported_in_words, 0},
          {long_words_are_cut_off, 0}, {a_model_that_is_too_small_says_so, sizeof limits / sizeof limits[0]},
          {a_model_whose_moves_find_no_place_says_so, 0}, {who_denies_what_is_under_way_is_seen, 2},
          {a_write_that_is_applied_where_there_is_no_room_for_its_owner_says_so, 0},
          {writes_that_are_left_come_first, 0}, {writes_go_with_their_clients, 0},
          {a_crash_of_the_store_that_leaves_the_incarnation_leaves_the_promise, 0},
          {a_write_that_is_applied_where_there_is_no_room_for_its_store_says_so, 0},
          {a_crash_of_the_store_that_takes_an_incarnation_back_is_reported, 0},
          {answers_that_the_table_does_not_give_are_seen, 0}, {a_late_completion_is_the_trainers_own, 0},
          {a_rule_and_a_property_of_ones_own_are_explored, 0}, {a_system_that_cannot_be_is_refused, 0})
