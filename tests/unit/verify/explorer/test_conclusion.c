/* What a search says as a whole, of one path. */
#include "support/explored.h"
#include "support/graph_model.h"
#include "support/suite.h"
#include "verify/explorer/conclusion.h"

enum { ALWAYS, SOMETIMES, PROPERTIES, NODES = GRAPH_NODES_MAX };

static const tjob_property properties[PROPERTIES] = {
    [ALWAYS] = {TJOB_PROPERTY_ALWAYS, true, "always", "a step may be taken"},
    [SOMETIMES] = {TJOB_PROPERTY_SOMETIMES, true, "sometimes", "a step is worth seeing"}};

/* Explores a path whose steps are all like this, in memory for so many states, and checks the conclusion. */
static void check_conclusion(tjob_observation step, uint64_t states, tjob_verdict conclusion, const char *name,
                             uint32_t violated)
{
    static struct graph graph = {.node_count = NODES, .edge_count = NODES - 1, .initial_count = 1, .state_bytes = 2};
    for (uint32_t i = 0; i < NODES - 1; i++) {
        graph.edges[i] = (struct graph_edge){.from = i, .to = i + 1, .observation = step, .progress = true};
    }
    tjob_model model = graph_model(&graph);
    model.properties = properties;
    model.property_count = PROPERTIES;
    struct explored explored = explore(&model, 1, states);
    ck_assert_int_eq(tjob__conclusion_of(explored.explorer), conclusion);
    ck_assert_str_eq(tjob__conclusion_name(tjob__conclusion_of(explored.explorer)), name);
    ck_assert_uint_eq(tjob__conclusion_violated(explored.explorer), violated);
    explored_free(&explored);
}

START_TEST(what_holds_and_is_exercised_holds)
{
    const uint32_t both = 1u << ALWAYS | 1u << SOMETIMES;
    check_conclusion((tjob_observation){.exercised = both}, NODES, TJOB_VERDICT_HOLDS, "holds", PROPERTIES);
}
END_TEST

START_TEST(what_is_never_exercised_is_inconclusive)
{
    const uint32_t rare = 1u << SOMETIMES;
    check_conclusion((tjob_observation){.exercised = rare}, NODES, TJOB_VERDICT_UNDECIDED, "inconclusive", PROPERTIES);
}
END_TEST

START_TEST(what_is_not_explored_to_its_end_is_inconclusive)
{
    const uint32_t both = 1u << ALWAYS | 1u << SOMETIMES;
    check_conclusion((tjob_observation){.exercised = both}, 1, TJOB_VERDICT_UNDECIDED, "inconclusive", PROPERTIES);
}
END_TEST

START_TEST(what_never_occurs_is_violated_and_has_no_trace)
{
    check_conclusion((tjob_observation){.exercised = 1u << ALWAYS}, NODES, TJOB_VERDICT_VIOLATED, "violated",
                     PROPERTIES);
}
END_TEST

START_TEST(what_is_violated_has_a_trace)
{
    check_conclusion((tjob_observation){.violated = 1u << ALWAYS}, NODES, TJOB_VERDICT_VIOLATED, "violated", ALWAYS);
}
END_TEST

RUN_TESTS("conclusion", {what_holds_and_is_exercised_holds, 0}, {what_is_never_exercised_is_inconclusive, 0},
          {what_is_not_explored_to_its_end_is_inconclusive, 0}, {what_never_occurs_is_violated_and_has_no_trace, 0},
          {what_is_violated_has_a_trace, 0})
