/* The check behind the page: as tjob check concludes, and each counterexample is a situation that shows the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "page/convert.h"
#include "support/page_call.h"
#include "support/suite.h"

static struct page_call call;

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
    (void)page_call(&call, tjob__page_check, "clients=1&trainers=1&faults=1&incarnations=1&memory=8");
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
    ck_assert_str_eq(page_call(&poor, tjob__page_check, "memory=1"),
                     "{\"error\":{\"message\":\"there is not enough memory\"}}");
    poor.limit = 100;
    ck_assert_str_eq(page_call(&poor, tjob__page_check, "memory=1"),
                     "{\"error\":{\"message\":\"there is not enough memory\"}}");
    page_call_end(&poor);
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
    static struct play play;
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
    static struct play play;
    static char text[1 << 12];
    json_writer writer = {.out = text, .capacity = sizeof text};
    struct explored_model explored = explore(&(tjob_lifecycle_config){.clients = 1, .trainers = 1});
    ck_assert(!tjob__convert_trace(explored.model, explored.explorer, PROPERTY_STOP_IS_KEPT, &play, &writer));
    end(&explored);
}
END_TEST

RUN_TESTS("page_check", {a_check_that_holds_says_how_much_it_saw, 0}, {a_check_tells_its_progress, 0},
          {a_check_that_needs_more_memory_is_inconclusive, 0}, {parameters_that_are_wrong_are_an_error, 0},
          {a_check_without_reduction_sees_more_states, 0},
          {each_counterexample_opens_and_violates_the_same_invariant_at_its_end, sizeof bugs / sizeof bugs[0]},
          {every_situation_worth_seeing_opens, 0}, {every_event_opens, TJOB_EVENT_KIND_COUNT},
          {a_second_incarnation_opens, 0}, {what_has_no_trace_is_not_converted, 0})
