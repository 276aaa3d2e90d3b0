/* The explorer: what it needs, how it ends, and what it never passes off as explored. */
#define _POSIX_C_SOURCE 200809L
#include "tjob/verify.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/explored.h"
#include "support/graph_model.h"
#include "support/suite.h"

/* ---- A counter ------------------------------------------------------------------------------------------------- */

enum { COUNT_MAX = 300 };

/* Counts to COUNT_MAX in three bytes, and begins at 0 again. What it shows is bit 0 of all. */
struct counter {
    uint32_t calls; /* of `next` */
    uint32_t fails_at;
    uint32_t cancels_at;
    uint32_t violates_at; /* this number, if it is not 0 */
    tjob_explorer **explorer;
    tjob_exploration_counts counts; /* as they are at each call, if there is an explorer */
};

static void write_number(tjob_successors *successors, uint32_t number, bool violated)
{
    const tjob_step step = {
        .label = number, .observation = {.exercised = 1, .violated = violated}, .progress = number == 0};
    unsigned char *state = tjob_successors_add(successors, &step);
    state[0] = (unsigned char)number;
    state[1] = (unsigned char)(number >> 8);
    state[2] = 1;
}

static void begin_counter(void *context, tjob_successors *initial)
{
    (void)context;
    write_number(initial, 0, true); /* which does not count: it is no step */
}

static void count_on(void *context, const unsigned char *state, tjob_successors *successors)
{
    struct counter *counter = context;
    const uint32_t number = ((uint32_t)state[0] | (uint32_t)state[1] << 8) + 1;
    const uint32_t calls = __atomic_add_fetch(&counter->calls, 1, __ATOMIC_RELAXED);
    write_number(successors, number % COUNT_MAX, number == counter->violates_at);
    if (counter->explorer != NULL) {
        tjob_explorer_counts(*counter->explorer, &counter->counts);
        EXPECT(counter->counts.states == calls && counter->counts.depth == calls - 1);
        EXPECT(counter->counts.transitions == calls - 1 && counter->counts.waiting == 1);
    }
    if (calls == counter->fails_at) {
        tjob_successors_fail(successors);
    }
    if (calls == counter->cancels_at) {
        tjob_explorer_cancel(*counter->explorer);
    }
}

static tjob_property counter_properties[] = {{TJOB_PROPERTY_ALWAYS, true, "I1", "it counts"}};

static tjob_model counter_model(struct counter *counter)
{
    counter_properties[0].applies = true;
    return (tjob_model){.context = counter,
                        .state_bytes = 3,
                        .property_count = 1,
                        .properties = counter_properties,
                        .begin = begin_counter,
                        .next = count_on};
}

START_TEST(a_counter_has_as_many_states_as_numbers)
{
    struct counter counter = {.calls = 0};
    const tjob_model model = counter_model(&counter);
    struct explored explored = explore(&model, (uint32_t)_i + 1, COUNT_MAX);
    ck_assert_int_eq(explored.end, TJOB_EXPLORATION_COMPLETE);
    ck_assert_uint_eq(explored.counts.states, COUNT_MAX);
    ck_assert_uint_eq(explored.counts.transitions, COUNT_MAX);
    ck_assert_uint_eq(explored.counts.depth, COUNT_MAX - 1);
    ck_assert_uint_eq(explored.counts.waiting, 0);
    ck_assert_uint_eq(explored.counts.live, 0);
    ck_assert_uint_eq(explored.counts.bytes_used, COUNT_MAX * (8 * 5 / 4 + 4));
    ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, 0), TJOB_VERDICT_HOLDS);
    ck_assert_uint_eq(tjob_explorer_exercised(explored.explorer, 0), COUNT_MAX);
    ck_assert_ptr_null(take_trace(&explored, &model, 0));
    explored_free(&explored);
}
END_TEST

static void sum_up(void *context, const unsigned char *state)
{
    *(uint64_t *)context += (uint64_t)state[0] + ((uint64_t)state[1] << 8);
}

START_TEST(all_states_can_be_visited)
{
    struct counter counter = {.calls = 0};
    const tjob_model model = counter_model(&counter);
    struct explored explored = explore(&model, 1, COUNT_MAX);
    uint64_t sum = 0;
    tjob_explorer_states(explored.explorer, sum_up, &sum);
    ck_assert_uint_eq(sum, (uint64_t)COUNT_MAX * (COUNT_MAX - 1) / 2);
    explored_free(&explored);
}
END_TEST

/* The steps of a ring of states, as large as states may be: which of them were reported, and how often. */
enum { RING = 5, SECOND_EDGE = RING };

struct ring {
    struct graph graph;
    uint32_t states[RING];
    uint32_t steps[RING + 1]; /* by their labels */
};

static void note_state(void *context, const unsigned char *state)
{
    struct ring *ring = context;
    ring->states[graph_node(&ring->graph, state)]++;
}

static void note_step(void *context, const unsigned char *before, const tjob_step *step, const unsigned char *after)
{
    struct ring *ring = context;
    const struct graph_edge *edge = &ring->graph.edges[step->label];
    ck_assert_uint_eq(graph_node(&ring->graph, before), edge->from);
    ck_assert_uint_eq(graph_node(&ring->graph, after), edge->to);
    ring->steps[step->label]++;
}

START_TEST(all_steps_can_be_visited)
{
    struct ring ring = {
        .graph = {.node_count = RING, .initial_count = 1, .state_bytes = TJOB_EXPLORER_STATE_BYTES_MAX, .place = 70}};
    for (uint32_t node = 0; node < RING; node++) {
        ring.graph.edges[ring.graph.edge_count++] = (struct graph_edge){.from = node, .to = (node + 1) % RING};
    }
    ring.graph.edges[ring.graph.edge_count++] = (struct graph_edge){.from = 2, .to = 0};
    const tjob_model model = graph_model(&ring.graph);
    struct explored explored = explore(&model, 1, RING);
    tjob_explorer_states(explored.explorer, note_state, &ring);
    tjob_explorer_steps(explored.explorer, note_step, &ring);
    for (uint32_t i = 0; i < RING; i++) {
        ck_assert_uint_eq(ring.states[i], 1);
        ck_assert_uint_eq(ring.steps[i], 1);
    }
    ck_assert_uint_eq(ring.steps[SECOND_EDGE], 1);
    explored_free(&explored);
}
END_TEST

/* ---- What cannot be set up --------------------------------------------------------------------------------------- */

static _Alignas(64) unsigned char memory[1 << 20];

static bool can_be_set_up(const tjob_model *model, uint32_t threads)
{
    const bool bytes = tjob_explorer_bytes(model, threads, 10) != 0;
    const bool set_up = tjob_explorer_init(model, memory, sizeof memory, threads, NULL) != NULL;
    ck_assert(bytes == set_up);
    return set_up;
}

START_TEST(what_cannot_be_is_refused)
{
    struct counter counter = {.calls = 0};
    const tjob_model good = counter_model(&counter);
    ck_assert(can_be_set_up(&good, 1));
    ck_assert(can_be_set_up(&good, 2));
    ck_assert(!can_be_set_up(NULL, 1));
    ck_assert(!can_be_set_up(&good, 0));
    ck_assert(!can_be_set_up(&good, TJOB_EXPLORER_THREADS_MAX + 1));
    ck_assert_ptr_nonnull(tjob_explorer_init(&good, memory, sizeof memory, 1, NULL));
    ck_assert_ptr_null(tjob_explorer_init(&good, NULL, sizeof memory, 1, NULL));
    ck_assert_ptr_null(tjob_explorer_init(&good, memory + 32, sizeof memory - 32, 1, NULL));
    ck_assert_uint_ne(tjob_explorer_bytes(&good, 64, TJOB_EXPLORER_STATES_MAX), 0);
    ck_assert_uint_eq(tjob_explorer_bytes(&good, 64, TJOB_EXPLORER_STATES_MAX + 1), 0);
    tjob_model bad = good;
    bad.state_bytes = 0;
    ck_assert(!can_be_set_up(&bad, 1));
    bad.state_bytes = TJOB_EXPLORER_STATE_BYTES_MAX + 1;
    ck_assert(!can_be_set_up(&bad, 1));
    bad.state_bytes = TJOB_EXPLORER_STATE_BYTES_MAX;
    ck_assert(can_be_set_up(&bad, 1));
    bad = good;
    bad.begin = NULL;
    ck_assert(!can_be_set_up(&bad, 1));
    bad = good;
    bad.next = NULL;
    ck_assert(!can_be_set_up(&bad, 1));
}
END_TEST

/* Of as many properties as there may be, each is checked by its own bit. What is shown of state 5 varies. */
static uint32_t exercised_at_5;

static tjob_observation look_at_5(void *context, const unsigned char *state)
{
    (void)context;
    return (tjob_observation){.exercised = state[0] == 5 && state[1] == 0 ? exercised_at_5 : 0};
}

START_TEST(each_property_has_a_verdict_of_its_own)
{
    enum { LAST = TJOB_EXPLORER_PROPERTIES_MAX - 1 };
    struct counter counter = {.calls = 0};
    tjob_property properties[TJOB_EXPLORER_PROPERTIES_MAX];
    tjob_model model = counter_model(&counter);
    for (uint32_t i = 0; i <= LAST; i++) {
        properties[i] = (tjob_property){TJOB_PROPERTY_SOMETIMES, true, "sometimes", "it is seen"};
    }
    properties[LAST].kind = TJOB_PROPERTY_ALWAYS_REACHABLE;
    model.properties = properties;
    model.property_count = LAST + 1;
    model.observe = look_at_5;
    for (uint32_t exercised = 1; exercised < LAST; exercised++) {
        exercised_at_5 = UINT32_C(1) << LAST | UINT32_C(1) << exercised;
        struct explored explored = explore(&model, 1, COUNT_MAX);
        for (uint32_t i = 0; i <= LAST; i++) {
            const bool holds = i == 0 || i == exercised || i == LAST; /* each step shows bit 0 */
            EXPECT(tjob_explorer_verdict(explored.explorer, i) == (holds ? TJOB_VERDICT_HOLDS : TJOB_VERDICT_VIOLATED));
        }
        explored_free(&explored);
    }
}
END_TEST

/* Limits on properties hold whether they apply or not. */
START_TEST(properties_have_limits)
{
    struct counter counter = {.calls = 0};
    tjob_property properties[TJOB_EXPLORER_PROPERTIES_MAX + 1];
    tjob_model model = counter_model(&counter);
    memset(properties, 0, sizeof properties);
    model.properties = properties;
    model.property_count = TJOB_EXPLORER_PROPERTIES_MAX;
    ck_assert(can_be_set_up(&model, 1));
    model.property_count = TJOB_EXPLORER_PROPERTIES_MAX + 1;
    ck_assert(!can_be_set_up(&model, 1));
    model.property_count = 10;
    properties[9].kind = TJOB_PROPERTY_NO_LIVELOCK;
    ck_assert(can_be_set_up(&model, 1));
    properties[2].kind = TJOB_PROPERTY_NO_LIVELOCK;
    ck_assert(!can_be_set_up(&model, 1));
    properties[2].kind = TJOB_PROPERTY_ALWAYS_REACHABLE;
    properties[3].kind = TJOB_PROPERTY_ALWAYS_REACHABLE;
    properties[4].kind = TJOB_PROPERTY_ALWAYS_REACHABLE;
    ck_assert(can_be_set_up(&model, 1));
    properties[5].kind = TJOB_PROPERTY_ALWAYS_REACHABLE;
    ck_assert(!can_be_set_up(&model, 1));
    properties[5].kind = TJOB_PROPERTY_ALWAYS;
    properties[0].kind = TJOB_PROPERTY_ALWAYS_REACHABLE; /* the first counts like the others */
    ck_assert(!can_be_set_up(&model, 1));
}
END_TEST

/* As the header says: 1.25 times 8 bytes, and 4 or, where livelocks are looked for, 8; but for rounding. */
static void expect_bytes_of_state(const tjob_model *model, uint64_t bytes)
{
    const uint64_t million = 1000000;
    const uint64_t more = tjob_explorer_bytes(model, 1, 2 * million) - tjob_explorer_bytes(model, 1, million);
    ck_assert_uint_ge(more, bytes * million - 128);
    ck_assert_uint_le(more, bytes * million + 128);
}

/* Each step but the last makes no progress, so that each state waits for the next one's flag. With room for all edges,
 * only the search asks what comes after a state. */
START_TEST(a_state_that_edges_decide_is_not_expanded_again)
{
    static const tjob_property livelock[] = {{TJOB_PROPERTY_NO_LIVELOCK, true, "l", ""}};
    static const tjob_property none[] = {{TJOB_PROPERTY_NO_LIVELOCK, false, "l", ""}};
    for (uint64_t states = COUNT_MAX; states < 20 * COUNT_MAX; states += 19 * COUNT_MAX) {
        struct counter counter = {.calls = 0};
        tjob_model model = counter_model(&counter);
        model.properties = livelock;
        struct explored explored = explore(&model, (uint32_t)_i + 1, states);
        ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, 0), TJOB_VERDICT_HOLDS);
        ck_assert_uint_eq(explored.counts.live, COUNT_MAX);
        ck_assert_uint_eq(explored.counts.bytes_used, COUNT_MAX * (8 * 5 / 4 + 8));
        ck_assert(states == COUNT_MAX ? counter.calls > COUNT_MAX : counter.calls == COUNT_MAX);
        explored_free(&explored);
        expect_bytes_of_state(&model, 18);
        model.properties = none;
        expect_bytes_of_state(&model, 14);
    }
}
END_TEST

START_TEST(memory_for_so_many_states_holds_so_many)
{
    struct counter counter = {.calls = 0};
    const tjob_model model = counter_model(&counter);
    for (uint64_t states = 1; states < 200; states++) {
        const size_t bytes = (size_t)tjob_explorer_bytes(&model, 1, states);
        tjob_exploration_counts counts;
        tjob_explorer *explorer = tjob_explorer_init(&model, memory, bytes, 1, NULL);
        ck_assert_ptr_nonnull(explorer);
        tjob_explorer_counts(explorer, &counts);
        ck_assert_uint_ge(counts.capacity, states);
        ck_assert_uint_le(tjob_explorer_bytes(&model, 1, counts.capacity), bytes);
        ck_assert_int_eq(tjob_explorer_end(explorer), TJOB_EXPLORATION_RUNNING);
        ck_assert_uint_eq(counts.states + counts.transitions + counts.depth + counts.waiting, 0);
    }
    expect_bytes_of_state(&model, 14);
    ck_assert_ptr_null(tjob_explorer_init(&model, memory, (size_t)tjob_explorer_bytes(&model, 1, 0), 1, NULL));
    ck_assert_ptr_null(tjob_explorer_init(&model, memory, 64, 1, NULL));
}
END_TEST

/* ---- Waiting without a function for it --------------------------------------------------------------------------- */

static void *work_late(void *explorer)
{
    const struct timespec pause = {.tv_nsec = 20000000};
    nanosleep(&pause, NULL);
    tjob_explorer_run(explorer, 1);
    return NULL;
}

START_TEST(who_has_nothing_to_call_waits_all_the_same)
{
    struct counter counter = {.calls = 0};
    const tjob_model model = counter_model(&counter);
    pthread_t late;
    tjob_explorer *explorer = tjob_explorer_init(&model, memory, sizeof memory, 2, NULL);
    ck_assert_int_eq(pthread_create(&late, NULL, work_late, explorer), 0);
    ck_assert_int_eq(tjob_explorer_run(explorer, 0), TJOB_EXPLORATION_COMPLETE);
    pthread_join(late, NULL);
}
END_TEST

/* ---- Searches that do not come to their end -----------------------------------------------------------------------
 */

/* Whatever the number of threads, the counts are those of whole depths: one state each, here. */
START_TEST(without_memory_for_all_states_nothing_holds)
{
    for (uint64_t states = 1; states < COUNT_MAX; states += 13) {
        struct counter counter = {.calls = 0};
        const tjob_model model = counter_model(&counter);
        struct explored explored = explore(&model, (uint32_t)_i + 1, states);
        const bool enough = explored.counts.capacity >= COUNT_MAX;
        EXPECT(explored.end == (enough ? TJOB_EXPLORATION_COMPLETE : TJOB_EXPLORATION_OUT_OF_MEMORY));
        EXPECT(tjob_explorer_verdict(explored.explorer, 0) == (enough ? TJOB_VERDICT_HOLDS : TJOB_VERDICT_UNDECIDED));
        EXPECT(enough || explored.counts.states == explored.counts.capacity);
        EXPECT(enough || explored.counts.transitions == explored.counts.states - 1);
        EXPECT(enough || explored.counts.waiting == 1);
        explored_free(&explored);
    }
}
END_TEST

START_TEST(a_model_may_fail_at_each_of_its_calls)
{
    for (uint32_t fails_at = 1; fails_at <= COUNT_MAX + 1; fails_at++) {
        struct counter counter = {.fails_at = fails_at};
        const tjob_model model = counter_model(&counter);
        struct explored explored = explore(&model, 1, COUNT_MAX);
        const bool failed = fails_at <= COUNT_MAX;
        EXPECT(explored.end == (failed ? TJOB_EXPLORATION_MODEL_FAILED : TJOB_EXPLORATION_COMPLETE));
        EXPECT(tjob_explorer_verdict(explored.explorer, 0) == (failed ? TJOB_VERDICT_UNDECIDED : TJOB_VERDICT_HOLDS));
        EXPECT(!failed || explored.counts.transitions == fails_at - 1);
        explored_free(&explored);
    }
}
END_TEST

/* The counter counts in memory that the test knows beforehand, so that the model can cancel the search. */
START_TEST(a_search_may_be_cancelled_at_any_time)
{
    for (uint32_t cancels_at = 0; cancels_at <= COUNT_MAX; cancels_at += 25) {
        tjob_explorer *explorer = NULL;
        struct counter counter = {.cancels_at = cancels_at, .explorer = &explorer};
        const tjob_model model = counter_model(&counter);
        explorer = tjob_explorer_init(&model, memory, sizeof memory, 1, NULL);
        if (cancels_at == 0) {
            tjob_explorer_cancel(explorer);
        }
        ck_assert_int_eq(tjob_explorer_run(explorer, 0), TJOB_EXPLORATION_CANCELLED);
        ck_assert_int_eq(tjob_explorer_end(explorer), TJOB_EXPLORATION_CANCELLED);
        ck_assert_int_eq(tjob_explorer_verdict(explorer, 0), TJOB_VERDICT_UNDECIDED);
    }
}
END_TEST

static void begin_with_none(void *context, tjob_successors *initial)
{
    (void)context;
    (void)initial;
}

START_TEST(a_model_without_states_says_nothing)
{
    struct counter counter = {.calls = 0};
    tjob_model model = counter_model(&counter);
    static const tjob_property properties[] = {{TJOB_PROPERTY_ALWAYS, true, "a", ""},
                                               {TJOB_PROPERTY_ALWAYS_REACHABLE, true, "p", ""},
                                               {TJOB_PROPERTY_NO_LIVELOCK, true, "l", ""},
                                               {TJOB_PROPERTY_SOMETIMES, true, "s", ""}};
    model.begin = begin_with_none;
    model.properties = properties;
    model.property_count = 4;
    struct explored explored = explore(&model, 1, 1);
    ck_assert_int_eq(explored.end, TJOB_EXPLORATION_VIOLATED);
    ck_assert_uint_eq(explored.counts.states + explored.counts.depth, 0);
    ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, 0), TJOB_VERDICT_VACUOUS);
    ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, 1), TJOB_VERDICT_VACUOUS);
    ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, 2), TJOB_VERDICT_HOLDS);
    ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, 3), TJOB_VERDICT_VIOLATED);
    for (uint32_t property = 0; property < 4; property++) {
        ck_assert_ptr_null(take_trace(&explored, &model, property));
    }
    explored_free(&explored);
}
END_TEST

/* ---- Many steps ----------------------------------------------------------------------------------------------------
 */

struct fan {
    uint32_t initial;
    uint32_t steps;
};

static void add_many(tjob_successors *successors, uint32_t count, unsigned char kind)
{
    for (uint32_t i = 0; i < count; i++) {
        const tjob_step step = {.label = i};
        unsigned char *state = tjob_successors_add(successors, &step);
        state[0] = (unsigned char)i;
        state[1] = (unsigned char)(i >> 8);
        state[2] = kind;
    }
}

static void begin_fan(void *context, tjob_successors *initial)
{
    add_many(initial, ((struct fan *)context)->initial, 0);
}

static void fan_out(void *context, const unsigned char *state, tjob_successors *successors)
{
    add_many(successors, state[2] == 0 ? ((struct fan *)context)->steps : 0, 1);
}

START_TEST(there_may_be_any_number_of_initial_states_and_of_successors)
{
    static const struct fan fans[] = {{512, 512}, {513, 127}, {1, 10000}, {10000, 1}, {3, 20000}, {0, 1}};
    for (uint32_t i = 0; i < sizeof fans / sizeof fans[0]; i++) {
        struct fan fan = fans[i];
        const tjob_model model = {.context = &fan, .state_bytes = 3, .begin = begin_fan, .next = fan_out};
        struct explored explored = explore(&model, (uint32_t)_i + 1, 25000);
        ck_assert_int_eq(explored.end, TJOB_EXPLORATION_COMPLETE);
        ck_assert_uint_eq(explored.counts.states, fan.initial + (fan.initial != 0 ? fan.steps : 0));
        ck_assert_uint_eq(explored.counts.transitions, (uint64_t)fan.initial * fan.steps);
        explored_free(&explored);
    }
}
END_TEST

/* ---- Names ----------------------------------------------------------------------------------------------------- */

START_TEST(ends_and_verdicts_have_names)
{
    ck_assert_str_eq(tjob_exploration_name(TJOB_EXPLORATION_RUNNING), "under way");
    ck_assert_str_eq(tjob_exploration_name(TJOB_EXPLORATION_COMPLETE), "complete");
    ck_assert_str_eq(tjob_exploration_name(TJOB_EXPLORATION_VIOLATED), "violated");
    ck_assert_str_eq(tjob_exploration_name(TJOB_EXPLORATION_OUT_OF_MEMORY), "out of memory");
    ck_assert_str_eq(tjob_exploration_name(TJOB_EXPLORATION_MODEL_FAILED), "model failed");
    ck_assert_str_eq(tjob_exploration_name(TJOB_EXPLORATION_CANCELLED), "cancelled");
    ck_assert_str_eq(tjob_exploration_name((tjob_exploration)(TJOB_EXPLORATION_CANCELLED + 1)), "?");
    ck_assert_str_eq(tjob_verdict_name(TJOB_VERDICT_HOLDS), "holds");
    ck_assert_str_eq(tjob_verdict_name(TJOB_VERDICT_VIOLATED), "violated");
    ck_assert_str_eq(tjob_verdict_name(TJOB_VERDICT_VACUOUS), "vacuous");
    ck_assert_str_eq(tjob_verdict_name(TJOB_VERDICT_NOT_APPLICABLE), "not applicable");
    ck_assert_str_eq(tjob_verdict_name(TJOB_VERDICT_UNDECIDED), "undecided");
    ck_assert_str_eq(tjob_verdict_name((tjob_verdict)(TJOB_VERDICT_UNDECIDED + 1)), "?");
}
END_TEST

RUN_TESTS("explorer", {a_counter_has_as_many_states_as_numbers, 4}, {all_states_can_be_visited, 0},
          {all_steps_can_be_visited, 0}, {what_cannot_be_is_refused, 0}, {each_property_has_a_verdict_of_its_own, 0},
          {properties_have_limits, 0}, {memory_for_so_many_states_holds_so_many, 0},
          {a_state_that_edges_decide_is_not_expanded_again, 2}, {who_has_nothing_to_call_waits_all_the_same, 0},
          {without_memory_for_all_states_nothing_holds, 3}, {a_model_may_fail_at_each_of_its_calls, 0},
          {a_search_may_be_cancelled_at_any_time, 0}, {a_model_without_states_says_nothing, 0},
          {there_may_be_any_number_of_initial_states_and_of_successors, 4}, {ends_and_verdicts_have_names, 0})
