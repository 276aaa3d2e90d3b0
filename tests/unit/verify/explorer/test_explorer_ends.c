/*
 * Models that fail, stray or cancel the search at each of their calls, also when states are checked and traces are
 * reported.
 */
#include <stdlib.h>
#include <string.h>

#include "support/explored.h"
#include "support/graph_model.h"
#include "support/suite.h"

/* ---- A model that meddles ------------------------------------------------------------------------------------------
 */

struct meddler {
    tjob_model model; /* what is explored */
    tjob_model inner; /* what answers */
    uint32_t calls;   /* of begin and of next */
    uint32_t fails_at;
    uint32_t drops_at;  /* it reports nothing then */
    uint32_t strays_at; /* from then on its first step leads where nobody has been, each time elsewhere */
    uint32_t cancels_at;
    tjob_explorer *explorer;
};

static void stray(tjob_successors *successors, uint32_t calls)
{
    const tjob_step step = {.label = 0};
    unsigned char *state = tjob_successors_add(successors, &step);
    memset(state, 0xff, successors->state_bytes);
    memcpy(state + 1, &calls, sizeof calls);
}

/* False if the model is to report nothing. */
static bool meddle(struct meddler *meddler, tjob_successors *successors)
{
    const uint32_t calls = __atomic_add_fetch(&meddler->calls, 1, __ATOMIC_RELAXED);
    if (calls == meddler->fails_at) {
        tjob_successors_fail(successors);
    }
    if (meddler->strays_at != 0 && calls >= meddler->strays_at) {
        stray(successors, calls);
    }
    if (calls == meddler->cancels_at) {
        tjob_explorer_cancel(meddler->explorer);
    }
    return calls != meddler->drops_at;
}

static void begin(void *context, tjob_successors *initial)
{
    struct meddler *meddler = context;
    if (meddle(meddler, initial)) {
        meddler->inner.begin(meddler->inner.context, initial);
    }
}

static void next(void *context, const unsigned char *state, tjob_successors *successors)
{
    struct meddler *meddler = context;
    if (meddle(meddler, successors)) {
        meddler->inner.next(meddler->inner.context, state, successors);
    }
}

static tjob_observation look(void *context, const unsigned char *state)
{
    struct meddler *meddler = context;
    const bool strayed = graph_node(meddler->inner.context, state) >= GRAPH_NODES_MAX;
    return strayed ? (tjob_observation){.exercised = 0} : meddler->inner.observe(meddler->inner.context, state);
}

/* ---- A graph whose properties are all violated but one --------------------------------------------------------- */

enum { POSSIBLE, LIVELOCK, SOMETIMES, PROPERTIES, ALWAYS = PROPERTIES };

static const tjob_property properties[] = {
    [POSSIBLE] = {TJOB_PROPERTY_ALWAYS_REACHABLE, true, "possible", "the end stays within reach"},
    [LIVELOCK] = {TJOB_PROPERTY_NO_LIVELOCK, true, "livelock", "there is progress"},
    [SOMETIMES] = {TJOB_PROPERTY_SOMETIMES, true, "sometimes", "the end is reached"},
    [ALWAYS] = {TJOB_PROPERTY_ALWAYS, true, "always", "what nobody puts to the test"}, /* the one */
};

static struct graph graph;

static void connect(uint32_t from, uint32_t to, bool progress)
{
    graph.edges[graph.edge_count++] = (struct graph_edge){.from = from, .to = to, .progress = progress};
}

/* 0 to 7 lead on to the goal, 7. From 3 a side branch leads through 8 into a cycle without progress, 9 to 11. */
static void make_graph(void)
{
    graph = (struct graph){.node_count = 12, .initial_count = 1, .state_bytes = 9, .place = 8};
    for (uint32_t node = 0; node < 7; node++) {
        connect(node, node + 1, true);
    }
    connect(3, 8, false);
    connect(8, 9, false);
    connect(9, 10, false);
    connect(10, 11, false);
    connect(11, 9, false);
    graph.nodes[7].exercised = 1u << POSSIBLE | 1u << SOMETIMES;
}

static struct meddler meddler;

static void make_meddler(uint32_t fails_at, uint32_t strays_at)
{
    make_graph();
    meddler = (struct meddler){.inner = graph_model(&graph), .fails_at = fails_at, .strays_at = strays_at};
    meddler.model = (tjob_model){.context = &meddler,
                                 .state_bytes = graph.state_bytes,
                                 .property_count = sizeof properties / sizeof properties[0],
                                 .properties = properties,
                                 .begin = begin,
                                 .next = next,
                                 .observe = look};
}

static uint32_t trace_length(const struct explored *explored, uint32_t property)
{
    struct taken_trace *trace = take_trace(explored, &meddler.model, property);
    const uint32_t length = trace != NULL ? trace->count : 0;
    free(trace);
    return length;
}

/* 0 to 3, then 8, from where no goal can be reached; and on to 9, around and back to it. */
static const uint32_t lengths[PROPERTIES] = {[POSSIBLE] = 4, [LIVELOCK] = 8, [SOMETIMES] = 7};

/* ---- Failing --------------------------------------------------------------------------------------------------- */

static void count_step(void *context, const tjob_trace_step *step)
{
    (void)step;
    ++*(uint64_t *)context;
}

/* A trace is reported whole, or is reported to be none. */
static void take_trace_or_none(const struct explored *explored, uint32_t property)
{
    uint64_t known = 0;
    const uint64_t length = tjob_explorer_trace(explored->explorer, property, count_step, &known);
    ck_assert(length == 0 || length == known);
}

/*
 * The same search as before, and a model that fails at its n-th call when the trace is reported, for every n. It adds
 * the same steps all the same, and they are enough.
 */
static void fail_in_trace(uint32_t property)
{
    bool whole = false;
    for (uint32_t n = 1; !whole; n++) {
        make_meddler(0, 0);
        struct explored explored = explore(&meddler.model, 1, graph.node_count);
        meddler.fails_at = meddler.calls + n;
        uint64_t steps = 0;
        EXPECT(tjob_explorer_trace(explored.explorer, property, count_step, &steps) == lengths[property]);
        EXPECT(steps == lengths[property]);
        whole = meddler.calls < meddler.fails_at;
        meddler.fails_at = 0;
        for (uint32_t again = 0; again < PROPERTIES; again++) {
            EXPECT(trace_length(&explored, again) == lengths[again]);
        }
        explored_free(&explored);
        EXPECT(n < 200);
    }
}

START_TEST(a_trace_consists_of_what_the_model_adds_though_it_fails)
{
    fail_in_trace((uint32_t)_i);
}
END_TEST

START_TEST(a_search_fails_where_the_model_fails)
{
    make_meddler(0, 0);
    struct explored explored = explore(&meddler.model, 1, graph.node_count);
    const uint32_t calls = meddler.calls;
    ck_assert_uint_gt(calls, 13 + 11);
    ck_assert_int_eq(explored.end, TJOB_EXPLORATION_VIOLATED);
    explored_free(&explored);
    for (uint32_t n = 1; n <= calls; n++) {
        make_meddler(n, 0);
        explored = explore(&meddler.model, (uint32_t)_i + 1, graph.node_count);
        const bool covered = n > 1 + graph.node_count;
        ck_assert_int_eq(explored.end, TJOB_EXPLORATION_MODEL_FAILED);
        ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, POSSIBLE), TJOB_VERDICT_UNDECIDED);
        ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, LIVELOCK), TJOB_VERDICT_UNDECIDED);
        ck_assert(!covered || tjob_explorer_verdict(explored.explorer, SOMETIMES) == TJOB_VERDICT_HOLDS);
        ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, ALWAYS),
                         covered ? TJOB_VERDICT_VACUOUS : TJOB_VERDICT_UNDECIDED);
        ck_assert_uint_eq(trace_length(&explored, POSSIBLE), 0);
        explored_free(&explored);
    }
}
END_TEST

/* ---- Straying: a model that is not the same twice -------------------------------------------------------------- */

START_TEST(a_model_that_strays_when_states_are_checked_has_failed)
{
    make_graph();
    make_meddler(0, graph.node_count + 2);
    struct explored explored = explore(&meddler.model, (uint32_t)_i + 1, 100);
    ck_assert_int_eq(explored.end, TJOB_EXPLORATION_MODEL_FAILED);
    ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, POSSIBLE), TJOB_VERDICT_UNDECIDED);
    explored_free(&explored);
}
END_TEST

/* When a trace is reported: where nobody has been no flag is set, so that it seems to lack what is looked for. */
START_TEST(a_model_that_is_not_the_same_twice_does_not_keep_a_trace_for_ever)
{
    const uint32_t property = (uint32_t)_i;
    make_meddler(0, 0);
    struct explored explored = explore(&meddler.model, 1, graph.node_count);
    for (uint32_t n = 1; n < 100; n++) {
        meddler.strays_at = meddler.calls + n;
        take_trace_or_none(&explored, property);
        meddler.strays_at = 0;
        meddler.drops_at = meddler.calls + n;
        struct taken_trace *trace = take_trace(&explored, &meddler.model, property);
        meddler.drops_at = 0;
        ck_assert(trace == NULL || trace_is_real(&meddler.model, trace));
        free(trace);
        ck_assert_uint_eq(trace_length(&explored, property), lengths[property]);
    }
    explored_free(&explored);
}
END_TEST

/* ---- Cancelling ------------------------------------------------------------------------------------------------ */

static _Alignas(64) unsigned char memory[1 << 17];

START_TEST(a_search_ends_soon_after_it_is_cancelled)
{
    make_meddler(0, 0);
    struct explored explored = explore(&meddler.model, 1, graph.node_count);
    const uint32_t calls = meddler.calls;
    explored_free(&explored);
    for (uint32_t n = 1; n <= calls; n++) {
        make_meddler(0, 0);
        meddler.cancels_at = n;
        meddler.explorer = tjob_explorer_init(&meddler.model, memory, sizeof memory, 1, NULL);
        ck_assert_ptr_nonnull(meddler.explorer);
        ck_assert_int_eq(tjob_explorer_run(meddler.explorer, 0), TJOB_EXPLORATION_CANCELLED);
        ck_assert_int_eq(tjob_explorer_verdict(meddler.explorer, POSSIBLE), TJOB_VERDICT_UNDECIDED);
    }
}
END_TEST

/* What is never exercised is found violated before liveness is checked: from then on, the search ends so. */
START_TEST(a_violation_that_was_found_outlives_what_ends_the_search)
{
    unsigned violated = 0;
    make_meddler(0, 0);
    graph.nodes[7].exercised = 1u << POSSIBLE;
    struct explored explored = explore(&meddler.model, 1, graph.node_count);
    const uint32_t calls = meddler.calls;
    explored_free(&explored);
    for (uint32_t n = 1; n <= calls; n++) {
        make_meddler(_i == 0 ? 0 : n, 0);
        graph.nodes[7].exercised = 1u << POSSIBLE;
        meddler.cancels_at = _i == 0 ? n : 0;
        meddler.explorer = tjob_explorer_init(&meddler.model, memory, sizeof memory, 1, NULL);
        ck_assert_ptr_nonnull(meddler.explorer);
        const bool found = tjob_explorer_run(meddler.explorer, 0) == TJOB_EXPLORATION_VIOLATED;
        ck_assert_int_eq(found, tjob_explorer_verdict(meddler.explorer, SOMETIMES) == TJOB_VERDICT_VIOLATED);
        violated += found;
    }
    ck_assert_uint_gt(violated, 0);
    ck_assert_uint_lt(violated, calls);
}
END_TEST

/* ---- Out of memory, and violated ------------------------------------------------------------------------------- */

/* 208 states: the order of as many fills the memory to its last byte. */
enum { BRANCHES = 9, TWIGS = 22, LAST = BRANCHES + BRANCHES * TWIGS };

/* 0 leads to 1 to BRANCHES, and each of these to TWIGS more and back; one is bad, or the step to the next one. */
static void make_tree(uint32_t bad, bool bad_step)
{
    graph = (struct graph){.node_count = LAST + 1, .initial_count = 1, .state_bytes = 9, .place = 8};
    for (uint32_t node = 1; node <= LAST; node++) {
        connect(node <= BRANCHES ? 0 : (node - BRANCHES - 1) / TWIGS + 1, node, true);
    }
    for (uint32_t branch = 1; branch <= BRANCHES; branch++) {
        connect(branch, 0, true);
    }
    graph.nodes[bad].violated = bad_step ? 0 : 1;
    graph.edges[bad].observation.violated = bad_step ? 1 : 0;
}

static const tjob_property always = {TJOB_PROPERTY_ALWAYS, true, "always", "it is good"};

/* What is violated in the depth for which the memory is too small is found, whatever of it could be stored. */
static void find_bad_twig(uint32_t threads, uint64_t states, uint32_t bad, bool bad_step)
{
    make_tree(bad, bad_step);
    tjob_model model = graph_model(&graph);
    model.properties = &always;
    model.property_count = 1;
    struct explored explored = explore(&model, threads, states);
    struct taken_trace *trace = take_trace(&explored, &model, 0);
    EXPECT(explored.end == TJOB_EXPLORATION_VIOLATED);
    EXPECT(trace != NULL && trace->count == 2);
    EXPECT(graph_node(&graph, trace->steps[1].after) == bad + (bad_step ? 1 : 0));
    free(trace);
    explored_free(&explored);
}

START_TEST(what_has_no_room_is_explored_all_the_same)
{
    for (uint64_t states = BRANCHES + 1; states < LAST + 10; states++) {
        find_bad_twig((uint32_t)_i + 1, states, LAST - 1, false);
        find_bad_twig((uint32_t)_i + 1, states, LAST - 1, true);
    }
}
END_TEST

/* Wherever it stands among those that come one after the other. */
START_TEST(each_that_has_no_room_is_explored)
{
    for (uint32_t bad = BRANCHES + 1; bad < LAST; bad++) {
        find_bad_twig(1, BRANCHES + 1, bad, false);
    }
}
END_TEST

/* ---- Counts that are read while the search is under way --------------------------------------------------------- */

/* Each call of next reports what was counted before it: in the midst of a depth, too. */
static tjob_explorer *counting;
static tjob_model counted;
static uint64_t transitions;

static void begin_counted(void *context, tjob_successors *initial)
{
    transitions = 0;
    counted.begin(context, initial);
}

static void next_counted(void *context, const unsigned char *state, tjob_successors *successors)
{
    const uint32_t before = successors->count;
    tjob_exploration_counts counts;
    tjob_explorer_counts(counting, &counts);
    EXPECT(counts.transitions == transitions);
    counted.next(context, state, successors);
    transitions += successors->count - before;
}

START_TEST(counts_are_reported_at_any_time)
{
    make_tree(LAST - 1, false);
    graph.nodes[LAST - 1].violated = 0;
    counted = graph_model(&graph);
    tjob_model model = counted;
    model.begin = begin_counted;
    model.next = next_counted;
    counting = tjob_explorer_init(&model, memory, sizeof memory, 1, NULL);
    ck_assert_ptr_nonnull(counting);
    ck_assert_int_eq(tjob_explorer_run(counting, 0), TJOB_EXPLORATION_COMPLETE);
    tjob_exploration_counts counts;
    tjob_explorer_counts(counting, &counts);
    ck_assert_uint_eq(counts.transitions, transitions);
    ck_assert_uint_eq(counts.waiting, 0);
}
END_TEST

/* ---- More than there is room for -------------------------------------------------------------------------------- */

/* Far more states than even a full table could hold: 0 leads to WIDE more, and each of these to WIDE more; the last of
 * all is bad. */
enum { WIDE = 512 };

static void add_pair(tjob_successors *successors, uint32_t first, uint32_t second)
{
    const uint16_t pair[] = {(uint16_t)first, (uint16_t)second};
    memcpy(tjob_successors_add(successors, &(tjob_step){.label = 0}), pair, sizeof pair);
}

static void begin_wide(void *context, tjob_successors *initial)
{
    (void)context;
    add_pair(initial, 0, 0);
}

static void next_wide(void *context, const unsigned char *state, tjob_successors *successors)
{
    uint16_t pair[2];
    (void)context;
    memcpy(pair, state, sizeof pair);
    for (uint32_t i = 1; i <= WIDE && pair[1] == 0; i++) {
        add_pair(successors, pair[0] == 0 ? i : pair[0], pair[0] == 0 ? 0 : i);
    }
}

static tjob_observation look_wide(void *context, const unsigned char *state)
{
    uint16_t pair[2];
    (void)context;
    memcpy(pair, state, sizeof pair);
    return (tjob_observation){.violated = pair[0] == WIDE && pair[1] == WIDE ? 1 : 0};
}

START_TEST(what_no_table_could_hold_is_explored_all_the_same)
{
    const tjob_model model = {.state_bytes = 4,
                              .property_count = 1,
                              .properties = &always,
                              .begin = begin_wide,
                              .next = next_wide,
                              .observe = look_wide};
    struct explored explored = explore(&model, 1, WIDE + 1);
    ck_assert_int_eq(explored.end, TJOB_EXPLORATION_VIOLATED);
    explored_free(&explored);
}
END_TEST

/* In the middle of a depth: of the twigs, after the first of them. */
START_TEST(a_cancelled_search_leaves_the_rest_of_a_depth)
{
    make_meddler(0, 0);
    make_tree(LAST - 1, false);
    graph.nodes[LAST - 1].violated = 0;
    meddler.cancels_at = 1 + 1 + BRANCHES + 1;
    meddler.explorer = tjob_explorer_init(&meddler.model, memory, sizeof memory, 1, NULL);
    ck_assert_ptr_nonnull(meddler.explorer);
    ck_assert_int_eq(tjob_explorer_run(meddler.explorer, 0), TJOB_EXPLORATION_CANCELLED);
    ck_assert_uint_lt(meddler.calls, 1 + LAST / 2);
}
END_TEST

/* Far more states without successors than a review takes at a time. */
START_TEST(states_that_lead_nowhere_are_checked_too)
{
    static const tjob_property possible = {TJOB_PROPERTY_ALWAYS_REACHABLE, true, "possible", "a goal can be reached"};
    for (uint32_t bad = 0; bad < 2; bad++) {
        make_tree(LAST - 1, false);
        for (uint32_t node = BRANCHES + 1; node <= LAST - bad; node++) {
            graph.nodes[node].exercised = 1;
        }
        tjob_model model = graph_model(&graph);
        model.properties = &possible;
        model.property_count = 1;
        struct explored explored = explore(&model, (uint32_t)_i + 1, LAST + 1);
        ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, 0),
                         bad != 0 ? TJOB_VERDICT_VIOLATED : TJOB_VERDICT_HOLDS);
        ck_assert_uint_eq(explored.counts.live, LAST + 1 - bad);
        explored_free(&explored);
        /* A step that shows the goal does so for the state that it leads out of, not for the one that it leads to. */
        for (uint32_t node = BRANCHES + 1; node <= LAST - bad; node++) {
            graph.nodes[node].exercised = 0;
            graph.edges[node - 1].observation.exercised = 1;
        }
        explored = explore(&model, (uint32_t)_i + 1, LAST + 1);
        ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, 0), TJOB_VERDICT_VIOLATED);
        ck_assert_uint_eq(explored.counts.live, 1 + BRANCHES);
        explored_free(&explored);
    }
}
END_TEST

RUN_TESTS("explorer_ends", {a_trace_consists_of_what_the_model_adds_though_it_fails, PROPERTIES},
          {a_search_fails_where_the_model_fails, 3}, {a_model_that_strays_when_states_are_checked_has_failed, 2},
          {a_model_that_is_not_the_same_twice_does_not_keep_a_trace_for_ever, PROPERTIES},
          {a_search_ends_soon_after_it_is_cancelled, 0}, {a_violation_that_was_found_outlives_what_ends_the_search, 2},
          {each_that_has_no_room_is_explored, 0}, {what_no_table_could_hold_is_explored_all_the_same, 0},
          {what_has_no_room_is_explored_all_the_same, 3}, {a_cancelled_search_leaves_the_rest_of_a_depth, 0},
          {counts_are_reported_at_any_time, 0}, {states_that_lead_nowhere_are_checked_too, 2})
