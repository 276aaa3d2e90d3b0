/* The check behind the page: as tjob check concludes, and each counterexample is a situation that shows the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "page/convert.h"
#include "support/page_call.h"
#include "support/random.h"
#include "support/suite.h"
#include "verify/explorer/state_table.h"
#include "verify/lifecycle/label.h"

static struct page_call call;
static struct play play;

static void expect(const char *part)
{
    ck_assert_msg(page_call_has(&call, part), "%s is not in %.400s", part, call.output);
}

/* Copies the string value of a member; returns it. */
static char *member(const char *name, char *value, size_t room)
{
    char key[100];
    (void)snprintf(key, sizeof key, "\"%s\":\"", name);
    const char *begin = strstr(call.output, key);
    ck_assert_msg(begin != NULL, "%s is not in %.400s", key, call.output);
    begin += strlen(key);
    (void)snprintf(value, room, "%.*s", (int)strcspn(begin, "\""), begin);
    return value;
}

/* Returns whether the call's output says that a property has this state. */
static bool is_in_state(const char *property, const char *state)
{
    char name[100];
    (void)snprintf(name, sizeof name, "{\"name\":\"%s\"", property);
    const char *at = strstr(call.output, name);
    ck_assert_ptr_nonnull(at);
    at = strstr(at, "\"state\":\"") + strlen("\"state\":\"");
    return strncmp(at, state, strlen(state)) == 0;
}

/* ---- The result ------------------------------------------------------------------------------------------------ */

START_TEST(a_check_that_holds_says_how_much_it_saw)
{
    (void)page_call(&call, tjob__page_check, "clients=1&trainers=1&retries=0&faults=0&memory=4");
    expect(
        "{\"verdict\":\"holds\",\"search\":\"complete\",\"states\":\"2271\",\"transitions\":\"8476\",\"depth\":\"16\","
        "\"waiting\":\"0\",\"live\":\"2271\",");
    expect("{\"name\":\"stop-is-kept\",\"verdict\":\"holds\",\"exercised\":\"");
    expect("{\"name\":\"zombie\",\"verdict\":\"not applicable\",");
    ck_assert(!page_call_has(&call, "\"violated\""));
    char bytes[40];
    ck_assert_uint_eq(call.taken, strtoull(member("memory_bytes", bytes, sizeof bytes), NULL, 10));
}
END_TEST

START_TEST(a_check_tells_its_progress)
{
    (void)page_call(&call, tjob__page_check, "clients=2&trainers=1&faults=1&retries=0&incarnations=1&memory=8");
    expect("\"verdict\":\"holds\"");
    ck_assert_uint_ne(call.progresses, 0);
    ck_assert_msg(strncmp(call.progress, "{\"states\":\"", 11) == 0 && strstr(call.progress, "\"capacity\":\"") != NULL,
                  "%s", call.progress);
}
END_TEST

START_TEST(a_check_that_needs_more_memory_is_inconclusive)
{
    (void)page_call(&call, tjob__page_check, "memory=1");
    expect("{\"verdict\":\"inconclusive\",\"search\":\"out of memory\"");
    struct page_call poor = {.limit = 8 << 20};
    ck_assert_str_eq(page_call(&poor, tjob__page_check, "memory=1"), "{\"error\":{\"message\":\"out of memory\"}}");
    poor.limit = 100;
    ck_assert_str_eq(page_call(&poor, tjob__page_check, "memory=1"), "{\"error\":{\"message\":\"out of memory\"}}");
    page_call_end(&poor);
}
END_TEST

START_TEST(the_largest_check_begins_in_the_least_memory)
{
    (void)page_call(&call, tjob__page_check,
                    "clients=4&trainers=3&retries=3&faults=3&incarnations=3&reduction=no&memory=1");
    expect("{\"verdict\":\"inconclusive\",\"search\":\"out of memory\"");
}
END_TEST

START_TEST(parameters_that_are_wrong_are_an_error)
{
    (void)page_call(&call, tjob__page_check, "clients=0");
    ck_assert_str_eq(call.output, "{\"error\":{\"at\":8,\"message\":\"invalid value of a parameter: 'clients=0'\"}}");
}
END_TEST

START_TEST(a_check_without_reduction_sees_more_states)
{
    (void)page_call(&call, tjob__page_check,
                    "clients=1&trainers=1&retries=0&faults=0&incarnations=1&memory=4&reduction=no");
    expect("{\"verdict\":\"holds\",\"search\":\"complete\",\"states\":\"7917\",\"transitions\":\"26530\"");
}
END_TEST

/* ---- Counterexamples ------------------------------------------------------------------------------------------- */

static const char *const bugs[] = {
    "lost-update&faults=0",         "version-reused&faults=0",
    "absence-without-version",      "dirty-read",
    "conflict-forgets-lost-answer", "stop-answered-early",
    "unknown-taken-for-failure",    "unknown-taken-for-success",
    "stale-trainer-accepted",       "late-completion&faults=0",
    "retry-without-reload",         "clock-runs-backwards",
};

START_TEST(each_counterexample_opens_and_violates_the_same_invariant_at_its_end)
{
    char parameters[200];
    char violated[100];
    static char situation[4096];
    (void)snprintf(parameters, sizeof parameters, "clients=1&trainers=1&retries=0&memory=16&bug=%s", bugs[_i]);
    (void)page_call(&call, tjob__page_check, parameters);
    expect("{\"verdict\":\"violated\",\"search\":\"violated\"");
    expect("\"trace\":[{\"actor\":\"");
    (void)member("violated", violated, sizeof violated);
    (void)member("situation", situation, sizeof situation);
    ck_assert_ptr_nonnull(strstr(situation, "clients=1&trainers=1&stop-timeout-ms=1&bug="));
    (void)page_call(&call, tjob__page_play, situation);
    ck_assert_msg(is_in_state(violated, "violated"), "%s: %s", violated, situation);
    *strrchr(situation, '/') = '\0'; /* and not a step before */
    (void)page_call(&call, tjob__page_play, situation);
    ck_assert_msg(!is_in_state(violated, "violated"), "%s: %s", violated, situation);
}
END_TEST

/* ---- Other traces ---------------------------------------------------------------------------------------------- */

static tjob_event_kind never;

static bool never_changes(const tjob_job *before, const tjob_event *event, const tjob_job *after)
{
    (void)before, (void)after;
    return event->kind != (uint32_t)never;
}

static bool never_returns(const tjob_job *before, const tjob_event *event, const tjob_job *after)
{
    (void)event;
    return before->incarnation == 1 || after->state != TJOB_STOPPED;
}

/* A model in memory, explored to its end. */
struct explored_model {
    void *memory[2];
    tjob_lifecycle_model *model;
    tjob_explorer *explorer;
    tjob_job last; /* the record at the end of a trace */
};

static struct explored_model explore(const tjob_lifecycle_config *config)
{
    const size_t bytes = (size_t)tjob_lifecycle_model_bytes(config);
    struct explored_model explored = {
        .memory = {aligned_alloc(64, (bytes + 63) / 64 * 64), aligned_alloc(64, 16 << 20)}};
    explored.model = tjob_lifecycle_model_init(config, explored.memory[0], bytes);
    explored.explorer =
        tjob_explorer_init(tjob_lifecycle_model_of(explored.model), explored.memory[1], 16 << 20, 1, NULL);
    (void)tjob_explorer_run(explored.explorer, 0);
    return explored;
}

/* Plays the trace of a property, and returns whether the record at its end is as the model has it. */
static void check_trace(const struct explored_model *explored, uint32_t property)
{
    static char text[1 << 14];
    json_writer writer = {.out = text, .capacity = sizeof text};
    ck_assert_msg(tjob__convert_trace(explored->model, explored->explorer, property, &play, &writer),
                  "property %u: %.*s", property, (int)writer.bytes, text);
    (void)tjob__convert_trace(explored->model, explored->explorer, property, &play, &(json_writer){.out = text});
}

static void end(struct explored_model *explored)
{
    free(explored->memory[0]);
    free(explored->memory[1]);
}

START_TEST(every_situation_worth_seeing_opens)
{
    static const tjob_lifecycle_config configs[] = {
        {.clients = 1, .trainers = 1, .faults = 1, .incarnations = 1},
        {.clients = 1, .trainers = 2, .incarnations = 2},
    };
    unsigned opened = 0;
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        struct explored_model explored = explore(&configs[i]);
        for (uint32_t property = PROPERTY_MANY_CONFLICTS; property < PROPERTY_OWN; property++) {
            if (tjob_explorer_verdict(explored.explorer, property) == TJOB_VERDICT_HOLDS) {
                check_trace(&explored, property);
                opened |= 1u << (property - PROPERTY_MANY_CONFLICTS);
            }
        }
        end(&explored);
    }
    ck_assert_uint_eq(opened, (1u << (PROPERTY_OWN - PROPERTY_MANY_CONFLICTS)) - 1);
}
END_TEST

/* A trace to each event that changes a record: of every actor, with what it carries. */
START_TEST(every_event_opens)
{
    const tjob_model_invariant invariant = {"never", "this event never changes a record", never_changes};
    never = (tjob_event_kind)_i;
    if (never == TJOB_DESCRIBE) {
        return;
    }
    struct explored_model explored = explore(&(tjob_lifecycle_config){
        .clients = 1, .trainers = 2, .incarnations = 1, .invariants = &invariant, .invariant_count = 1});
    check_trace(&explored, PROPERTY_OWN);
    end(&explored);
}
END_TEST

START_TEST(a_second_incarnation_opens)
{
    const tjob_model_invariant invariant = {"never", "no second job is stopped", never_returns};
    struct explored_model explored = explore(&(tjob_lifecycle_config){
        .clients = 2, .trainers = 1, .incarnations = 2, .invariants = &invariant, .invariant_count = 1});
    check_trace(&explored, PROPERTY_OWN);
    end(&explored);
}
END_TEST

START_TEST(what_has_no_trace_is_not_converted)
{
    static char text[1 << 12];
    json_writer writer = {.out = text, .capacity = sizeof text};
    struct explored_model explored = explore(&(tjob_lifecycle_config){.clients = 1, .trainers = 1});
    ck_assert(!tjob__convert_trace(explored.model, explored.explorer, PROPERTY_STOP_IS_KEPT, &play, &writer));
    end(&explored);
}
END_TEST

/* ---- Any run of the model -------------------------------------------------------------------------------------- */

enum { WALK_STEPS_MAX = 60, WALK_WORDS = STATE_WORDS + 1, SUCCESSORS_MAX = 1024 };

/*
 * A walk through the lifecycle model. It is a model as well: each step has one after it, and the last one violates its
 * only property. Its states are those of the lifecycle model, and behind each the number of steps that led to it.
 */
struct walk {
    const tjob_model *model;
    uint32_t count;
    uint64_t labels[WALK_STEPS_MAX];
    uint64_t states[WALK_STEPS_MAX + 1][WALK_WORDS];
};

static void walk_add(const struct walk *walk, uint64_t number, const tjob_step *step, tjob_successors *successors)
{
    uint64_t state[WALK_WORDS];
    memcpy(state, walk->states[number], sizeof state);
    state[STATE_WORDS] = number;
    memcpy(tjob_successors_add(successors, step), state, sizeof state);
}

static void walk_begin(void *context, tjob_successors *initial)
{
    walk_add(context, 0, &(tjob_step){.label = 0}, initial);
}

static void walk_next(void *context, const unsigned char *state, tjob_successors *successors)
{
    const struct walk *walk = context;
    uint64_t number;
    memcpy(&number, state + STATE_WORDS * sizeof number, sizeof number);
    if (number < walk->count) {
        const tjob_step step = {.label = walk->labels[number], .observation.violated = number + 1 == walk->count};
        walk_add(walk, number + 1, &step, successors);
    }
}

/* The steps out of a state. */
struct successors {
    tjob_successors successors;
    tjob_step steps[SUCCESSORS_MAX];
    unsigned char states[SUCCESSORS_MAX * WALK_WORDS * sizeof(uint64_t)];
};

static struct successors out;

static void walk_start(struct walk *walk, const tjob_lifecycle_model *lifecycle)
{
    memset(walk, 0, sizeof *walk);
    walk->model = tjob_lifecycle_model_of(lifecycle);
    out.successors = (tjob_successors){
        .states = out.states, .steps = out.steps, .state_bytes = walk->model->state_bytes, .limit = SUCCESSORS_MAX};
    walk->model->begin(walk->model->context, &out.successors);
    memcpy(walk->states[0], out.states, walk->model->state_bytes);
}

static uint32_t walk_look(const struct walk *walk)
{
    out.successors.count = 0;
    walk->model->next(walk->model->context, (const unsigned char *)walk->states[walk->count], &out.successors);
    return out.successors.count;
}

static void walk_take(struct walk *walk, uint32_t choice)
{
    const uint32_t bytes = walk->model->state_bytes;
    walk->labels[walk->count] = out.steps[choice].label;
    walk->count++;
    memcpy(walk->states[walk->count], out.states + choice * state_slot_bytes(bytes), bytes);
}

/* Takes any of the steps that the model allows, up to a number of them. */
static void walk_anywhere(struct walk *walk, uint64_t *random, uint32_t steps)
{
    for (uint32_t count = walk_look(walk); count != 0 && walk->count < steps; count = walk_look(walk)) {
        walk_take(walk, (uint32_t)(next_random(random) % count));
    }
}

/* Takes the first step of an actor that is like this. */
static void walk_along(struct walk *walk, const struct label *like)
{
    const uint32_t count = walk_look(walk);
    for (uint32_t i = 0; i < count; i++) {
        const struct label label = tjob__label_decode(out.steps[i].label);
        if (label.action == like->action && label.event == like->event && label.actor == like->actor &&
            label.answer == like->answer && label.lost == like->lost && label.now_ms == like->now_ms) {
            walk_take(walk, i);
            return;
        }
    }
    ck_abort_msg("step %u is not possible", walk->count);
}

/* Converts a walk. */
static bool walk_opens(const tjob_lifecycle_model *lifecycle, struct walk *walk, json_writer *writer)
{
    enum { BYTES = 1 << 18 };
    static const tjob_property property = {TJOB_PROPERTY_ALWAYS, true, "walk", "the walk has no end"};
    static _Alignas(64) unsigned char memory[BYTES];
    const tjob_model model = {.context = walk,
                              .state_bytes = sizeof walk->states[0],
                              .property_count = 1,
                              .properties = &property,
                              .begin = walk_begin,
                              .next = walk_next};
    tjob_explorer *explorer = tjob_explorer_init(&model, memory, sizeof memory, 1, NULL);
    EXPECT(tjob_explorer_run(explorer, 0) == TJOB_EXPLORATION_VIOLATED);
    return tjob__convert_trace(lifecycle, explorer, 0, &play, writer);
}

/* Checks that Play holds the record of the model at the end of a walk. */
static void check_record(const tjob_lifecycle_model *lifecycle, const struct walk *walk, const json_writer *writer)
{
    uint64_t version;
    const tjob_job played = tjob__play_record(&play, &version);
    const tjob_job job = tjob_lifecycle_model_job(lifecycle, (const unsigned char *)walk->states[walk->count]);
    ck_assert_msg(played.state == job.state && (job.state == TJOB_ABSENT || memcmp(&played, &job, sizeof job) == 0),
                  "%.*s", (int)writer->bytes, writer->out);
}

START_TEST(each_run_of_the_model_opens_and_leads_to_the_same_record)
{
    enum { WALKS = 100 };
    static char text[1 << 15];
    struct walk walk;
    uint64_t random = (uint64_t)_i + 1;
    const tjob_lifecycle_config config = {.clients = 1 + (uint32_t)next_random(&random) % 2,
                                          .trainers = 1 + (uint32_t)next_random(&random) % 2,
                                          .retries = (uint32_t)next_random(&random) % 2,
                                          .faults = (uint32_t)next_random(&random) % (TJOB_MODEL_FAULTS_MAX + 1),
                                          .incarnations = 2,
                                          .policy = {.stop_submitted = (uint32_t)next_random(&random) % 3,
                                                     .stop_finished = (uint32_t)next_random(&random) % 2},
                                          .bug = (tjob_seeded_bug)(_i % TJOB_SEEDED_BUG_COUNT),
                                          .no_reduction = _i % 2 != 0};
    const size_t bytes = (size_t)tjob_lifecycle_model_bytes(&config);
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    const tjob_lifecycle_model *lifecycle = tjob_lifecycle_model_init(&config, memory, bytes);
    for (int i = 0; i < WALKS; i++) {
        json_writer writer = {.out = text, .capacity = sizeof text};
        walk_start(&walk, lifecycle);
        walk_anywhere(&walk, &random, 1 + (uint32_t)next_random(&random) % WALK_STEPS_MAX);
        ck_assert_msg(walk_opens(lifecycle, &walk, &writer), "%d, %d: %.*s", _i, i, (int)writer.bytes, text);
        check_record(lifecycle, &walk, &writer);
    }
    free(memory);
}
END_TEST

enum { CLIENT = 0, TRAINER = 4, HOST = 7 }; /* of four clients, two trainers and a supervisor */

#define LOAD(ACTOR, EVENT, ANSWER, MS)                                                                                 \
    {                                                                                                                  \
        .actor = (ACTOR), .action = ACTION_LOAD, .event = (EVENT), .answer = (ANSWER), .now_ms = (MS)                  \
    }
#define SWAP(ACTOR, EVENT)                                                                                             \
    {                                                                                                                  \
        .actor = (ACTOR), .action = ACTION_SWAP, .event = (EVENT), .answer = TJOB_SWAP_OK, .lost = LOST_APPLIED        \
    }
#define LATE(ACTOR, EVENT)                                                                                             \
    {                                                                                                                  \
        .actor = (ACTOR), .action = ACTION_SWAP, .event = (EVENT), .answer = TJOB_SWAP_UNKNOWN, .lost = LOST_UNDER_WAY \
    }
#define APPLY(ACTOR, EVENT)                                                                                            \
    {                                                                                                                  \
        .actor = (ACTOR), .action = ACTION_APPLY, .event = (EVENT)                                                     \
    }
#define CHANGE(ACTOR, EVENT) LOAD(ACTOR, EVENT, TJOB_LOAD_OK, 1), SWAP(ACTOR, EVENT)
#define SUBMITTED LOAD(HOST, TJOB_SUBMIT, TJOB_LOAD_NOT_FOUND, 1), SWAP(HOST, TJOB_SUBMIT)

/* Several writes are in flight: the one that is applied in the model is applied in Play. */
START_TEST(the_late_write_that_is_applied_is_found)
{
    static const struct label walks[][24] = {
        /* of the same event, at another time */
        {SUBMITTED, LOAD(CLIENT, TJOB_STOP, TJOB_LOAD_OK, 1), LATE(CLIENT, TJOB_STOP),
         LOAD(CLIENT + 1, TJOB_STOP, TJOB_LOAD_OK, 2), LATE(CLIENT + 1, TJOB_STOP), APPLY(CLIENT + 1, TJOB_STOP)},
        /* of another event; and of the same one, in an incarnation that is gone */
        {SUBMITTED, LOAD(CLIENT, TJOB_STOP, TJOB_LOAD_OK, 1), LATE(CLIENT, TJOB_STOP), CHANGE(CLIENT + 1, TJOB_STOP),
         CHANGE(CLIENT + 2, TJOB_DELETE), LOAD(HOST, TJOB_REMOVED, TJOB_LOAD_OK, 1), LATE(HOST, TJOB_REMOVED),
         LOAD(HOST, TJOB_REMOVED, TJOB_LOAD_OK, 1), SWAP(HOST, TJOB_REMOVED), SUBMITTED, CHANGE(HOST, TJOB_FAILED),
         CHANGE(CLIENT + 3, TJOB_DELETE), LOAD(HOST, TJOB_REMOVED, TJOB_LOAD_OK, 1), LATE(HOST, TJOB_REMOVED),
         APPLY(HOST, TJOB_REMOVED)},
        /* of the same event, applied before; and of the same one, to another state */
        {SUBMITTED, LOAD(CLIENT, TJOB_STOP, TJOB_LOAD_OK, 1), LATE(CLIENT, TJOB_STOP),
         LOAD(CLIENT + 1, TJOB_STOP, TJOB_LOAD_OK, 1), LATE(CLIENT + 1, TJOB_STOP), APPLY(CLIENT, TJOB_STOP),
         CHANGE(CLIENT + 2, TJOB_DELETE), CHANGE(HOST, TJOB_REMOVED), SUBMITTED, CHANGE(TRAINER, TJOB_START),
         LOAD(CLIENT + 3, TJOB_STOP, TJOB_LOAD_OK, 1), LATE(CLIENT + 3, TJOB_STOP), APPLY(CLIENT + 3, TJOB_STOP)},
    };
    static char text[1 << 13];
    const tjob_lifecycle_config config = {.clients = 4, .trainers = 2, .faults = 3, .incarnations = 2};
    const size_t bytes = (size_t)tjob_lifecycle_model_bytes(&config);
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    const tjob_lifecycle_model *lifecycle = tjob_lifecycle_model_init(&config, memory, bytes);
    json_writer writer = {.out = text, .capacity = sizeof text};
    struct walk walk;
    walk_start(&walk, lifecycle);
    for (const struct label *like = walks[_i]; like->action != ACTION_ASK; like++) {
        walk_along(&walk, like);
    }
    ck_assert_msg(walk_opens(lifecycle, &walk, &writer), "%.*s", (int)writer.bytes, text);
    check_record(lifecycle, &walk, &writer);
    free(memory);
}
END_TEST

START_TEST(an_operation_can_be_throttled)
{
    char text[1 << 10];
    const tjob_lifecycle_config config = {.clients = 1, .trainers = 1, .incarnations = 1};
    const size_t bytes = (size_t)tjob_lifecycle_model_bytes(&config);
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    const tjob_lifecycle_model *lifecycle = tjob_lifecycle_model_init(&config, memory, bytes);
    json_writer writer = {.out = text, .capacity = sizeof text - 1};
    struct walk walk;
    walk_start(&walk, lifecycle);
    memcpy(walk.states[1], walk.states[0], sizeof walk.states[0]);
    walk.labels[0] = tjob__label_encode(
        &(struct label){.action = ACTION_ASK, .event = TJOB_DELETE, .answer = ASK_THROTTLED, .ends = true});
    walk.count = 1;
    ck_assert(walk_opens(lifecycle, &walk, &writer));
    text[writer.bytes] = '\0';
    ck_assert_ptr_nonnull(strstr(text, "/client1.delete/client1.allowed/client1.throttled"));
    free(memory);
}
END_TEST

/* A late write that nobody made, and an operation after it. */
START_TEST(what_play_cannot_do_is_refused)
{
    static char text[1 << 12];
    const tjob_lifecycle_config config = {.clients = 1, .trainers = 1, .incarnations = 1};
    const size_t bytes = (size_t)tjob_lifecycle_model_bytes(&config);
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    tjob_lifecycle_model *lifecycle = tjob_lifecycle_model_init(&config, memory, bytes);
    struct walk walk;
    walk_start(&walk, lifecycle);
    memcpy(walk.states[1], walk.states[0], sizeof walk.states[0]);
    memcpy(walk.states[2], walk.states[0], sizeof walk.states[0]);
    walk.labels[0] = tjob__label_encode(&(struct label){.action = ACTION_APPLY, .event = TJOB_STOP});
    walk.labels[1] = tjob__label_encode(&(struct label){.action = ACTION_SWAP, .event = TJOB_STOP});
    for (walk.count = 1; walk.count <= 2; walk.count++) {
        ck_assert(!walk_opens(lifecycle, &walk, &(json_writer){.out = text, .capacity = sizeof text}));
    }
    free(memory);
}
END_TEST

RUN_TESTS("page_check", {a_check_that_holds_says_how_much_it_saw, 0}, {a_check_tells_its_progress, 0},
          {a_check_that_needs_more_memory_is_inconclusive, 0}, {the_largest_check_begins_in_the_least_memory, 0},
          {parameters_that_are_wrong_are_an_error, 0}, {a_check_without_reduction_sees_more_states, 0},
          {each_counterexample_opens_and_violates_the_same_invariant_at_its_end, sizeof bugs / sizeof bugs[0]},
          {every_situation_worth_seeing_opens, 0}, {every_event_opens, TJOB_EVENT_KIND_COUNT},
          {a_second_incarnation_opens, 0}, {what_has_no_trace_is_not_converted, 0},
          {each_run_of_the_model_opens_and_leads_to_the_same_record, 2 * TJOB_SEEDED_BUG_COUNT},
          {the_late_write_that_is_applied_is_found, 3}, {an_operation_can_be_throttled, 0},
          {what_play_cannot_do_is_refused, 0})
