/* Random graphs, explored by one thread and by two, three or four, against what a slow and simple search says of them.
 */
#include <stdlib.h>
#include <string.h>

#include "support/explored.h"
#include "support/graph_model.h"
#include "support/random.h"
#include "support/suite.h"

#define UNREACHED UINT32_MAX

enum { SEEDS = 400, THREADS = 4 };

enum { ALWAYS, POSSIBLE, OTHER_POSSIBLE, SOMETIMES, NEVER, LIVELOCK, IGNORED, PROPERTIES };

static const tjob_property properties[PROPERTIES] = {
    [ALWAYS] = {TJOB_PROPERTY_ALWAYS, true, "always", "it never happens"},
    [POSSIBLE] = {TJOB_PROPERTY_ALWAYS_REACHABLE, true, "possible", "it stays possible"},
    [OTHER_POSSIBLE] = {TJOB_PROPERTY_ALWAYS_REACHABLE, true, "other", "so does this"},
    [SOMETIMES] = {TJOB_PROPERTY_SOMETIMES, true, "sometimes", "it happens"},
    [NEVER] = {TJOB_PROPERTY_SOMETIMES, true, "never", "this happens, or not"},
    [LIVELOCK] = {TJOB_PROPERTY_NO_LIVELOCK, true, "livelock", "there is progress"},
    [IGNORED] = {TJOB_PROPERTY_ALWAYS, false, "ignored", "nobody promised this"},
};

/* ---- A random graph -------------------------------------------------------------------------------------------- */

static bool one_in(uint64_t *seed, uint32_t chances)
{
    return chances != 0 && next_random(seed) % chances == 0;
}

static tjob_observation random_observation(uint64_t *seed, const uint32_t chances[PROPERTIES], uint32_t violations)
{
    tjob_observation observation = {.exercised = 0};
    for (uint32_t i = 0; i < PROPERTIES; i++) {
        observation.exercised |= one_in(seed, chances[i]) ? UINT32_C(1) << i : 0;
    }
    observation.violated = one_in(seed, violations) ? 1u << ALWAYS | 1u << IGNORED | 1u << POSSIBLE : 0;
    return observation;
}

enum { SMALL_BYTES = 63 };

/* Seeds differ in size, in how many edges go back, in how rare what they show is, in the bytes of a state, and in
 * whether all edges lead out of a few nodes. */
static void make_graph(struct graph *graph, uint64_t seed)
{
    const uint32_t chances[PROPERTIES] = {3, 20, 5, 40, seed % 2 == 0 ? 60 : 0, 0, 2};
    const uint32_t violations = seed % 4 == 0 ? 100 : 0;
    const bool hubs = seed % 5 == 0;
    const uint32_t span = 2 + (uint32_t)next_random(&seed) % 60;
    const uint32_t quiet = 2 + (uint32_t)next_random(&seed) % 12;
    memset(graph, 0, sizeof *graph);
    graph->state_bytes =
        1 + (uint32_t)next_random(&seed) % (seed % 16 == 0 ? TJOB_EXPLORER_STATE_BYTES_MAX : SMALL_BYTES);
    graph->place = (uint32_t)next_random(&seed) % graph->state_bytes;
    graph->node_count = 1 + (uint32_t)next_random(&seed) % (graph->state_bytes == 1 ? 256 : GRAPH_NODES_MAX);
    graph->edge_count = (uint32_t)next_random(&seed) % (graph->node_count * 4 + 1);
    graph->initial_count = 1 + (uint32_t)next_random(&seed) % GRAPH_INITIAL_MAX;
    const uint32_t sources = hubs ? graph->node_count / 64 + 1 : graph->node_count;
    for (uint32_t i = 0; i < graph->node_count; i++) {
        graph->nodes[i] = random_observation(&seed, chances, violations);
    }
    for (uint32_t i = 0; i < graph->edge_count; i++) {
        const uint32_t from = (uint32_t)next_random(&seed) % sources;
        const uint32_t back = (uint32_t)next_random(&seed) % span / 4;
        const uint32_t far = (uint32_t)next_random(&seed);
        const uint32_t to = hubs ? far % graph->node_count : from + far % span - back;
        graph->edges[i] = (struct graph_edge){.from = from,
                                              .to = to < graph->node_count ? to : from,
                                              .observation = random_observation(&seed, chances, violations),
                                              .progress = !one_in(&seed, quiet)};
    }
    for (uint32_t i = 0; i < graph->initial_count; i++) {
        graph->initial[i] = (uint32_t)next_random(&seed) % (graph->node_count / 8 + 1);
    }
}

/* ---- What is so ------------------------------------------------------------------------------------------------ */

struct truth {
    uint32_t found[GRAPH_NODES_MAX]; /* nodes in the order in which a queue finds them */
    uint32_t found_count;
    uint32_t depth[GRAPH_NODES_MAX];
    uint32_t parent[GRAPH_NODES_MAX];       /* the edge by which a node is first found */
    bool free[PROPERTIES][GRAPH_NODES_MAX]; /* POSSIBLE: a goal can be reached; LIVELOCK: no cycle can */
    uint32_t last;                          /* the depth after which the search ends */
    bool stops;
};

static void reach(const struct graph *graph, struct truth *truth)
{
    memset(truth->depth, 0xff, sizeof truth->depth);
    for (uint32_t i = 0; i < graph->initial_count; i++) {
        if (truth->depth[graph->initial[i]] == UNREACHED) {
            truth->depth[graph->initial[i]] = 0;
            truth->found[truth->found_count++] = graph->initial[i];
        }
    }
    for (uint32_t i = 0; i < truth->found_count; i++) {
        const uint32_t node = truth->found[i];
        for (uint32_t e = 0; e < graph->edge_count; e++) {
            const struct graph_edge *edge = &graph->edges[e];
            if (edge->from == node && truth->depth[edge->to] == UNREACHED) {
                truth->depth[edge->to] = truth->depth[node] + 1;
                truth->parent[edge->to] = e;
                truth->found[truth->found_count++] = edge->to;
            }
        }
    }
}

/* Which nodes reach which by steps without progress, one or more. */
static bool quietly[GRAPH_NODES_MAX][GRAPH_NODES_MAX];

static void close_quiet(const struct graph *graph)
{
    memset(quietly, 0, sizeof quietly);
    for (uint32_t e = 0; e < graph->edge_count; e++) {
        quietly[graph->edges[e].from][graph->edges[e].to] |= !graph->edges[e].progress;
    }
    for (uint32_t via = 0; via < graph->node_count; via++) {
        for (uint32_t a = 0; a < graph->node_count; a++) {
            for (uint32_t b = 0; quietly[a][via] && b < graph->node_count; b++) {
                quietly[a][b] |= quietly[via][b];
            }
        }
    }
}

static void free_of_livelock(const struct graph *graph, struct truth *truth)
{
    close_quiet(graph);
    for (uint32_t node = 0; node < graph->node_count; node++) {
        bool caught = quietly[node][node];
        for (uint32_t on = 0; on < graph->node_count; on++) {
            caught = caught || (quietly[node][on] && quietly[on][on]);
        }
        truth->free[LIVELOCK][node] = !caught;
    }
}

static void reach_goals(const struct graph *graph, struct truth *truth, uint32_t property)
{
    bool *free = truth->free[property];
    for (uint32_t node = 0; node < graph->node_count; node++) {
        free[node] = (graph->nodes[node].exercised >> property & 1) != 0;
    }
    for (uint32_t round = 0; round < graph->node_count; round++) {
        for (uint32_t e = 0; e < graph->edge_count; e++) {
            const struct graph_edge *edge = &graph->edges[e];
            free[edge->from] |= free[edge->to] || (edge->observation.exercised >> property & 1) != 0;
        }
    }
}

/* After which depth a violation is seen: of a state when it is found, of a step when its source is looked at. */
static void find_last(const struct graph *graph, struct truth *truth)
{
    truth->last = UNREACHED;
    for (uint32_t i = 0; i < truth->found_count; i++) {
        const uint32_t node = truth->found[i];
        if ((graph->nodes[node].violated >> ALWAYS & 1) != 0 && truth->depth[node] < truth->last) {
            truth->last = truth->depth[node];
        }
        for (uint32_t e = 0; e < graph->edge_count; e++) {
            if (graph->edges[e].from == node && (graph->edges[e].observation.violated >> ALWAYS & 1) != 0 &&
                truth->depth[node] + 1 < truth->last) {
                truth->last = truth->depth[node] + 1;
            }
        }
    }
    truth->stops = truth->last != UNREACHED;
}

static void find_truth(const struct graph *graph, struct truth *truth)
{
    memset(truth, 0, sizeof *truth);
    reach(graph, truth);
    reach_goals(graph, truth, POSSIBLE);
    reach_goals(graph, truth, OTHER_POSSIBLE);
    free_of_livelock(graph, truth);
    find_last(graph, truth);
}

/* ---- Counts and verdicts --------------------------------------------------------------------------------------- */

static bool is_explored(const struct truth *truth, uint32_t node)
{
    return truth->depth[node] != UNREACHED && (!truth->stops || truth->depth[node] < truth->last);
}

static bool is_stored(const struct truth *truth, uint32_t node)
{
    return truth->depth[node] != UNREACHED && (!truth->stops || truth->depth[node] <= truth->last);
}

static uint64_t exercised(const struct graph *graph, const struct truth *truth, uint32_t property)
{
    uint64_t count = 0;
    for (uint32_t node = 0; node < graph->node_count; node++) {
        count += is_stored(truth, node) && (graph->nodes[node].exercised >> property & 1) != 0;
    }
    for (uint32_t e = 0; e < graph->edge_count; e++) {
        count +=
            is_explored(truth, graph->edges[e].from) && (graph->edges[e].observation.exercised >> property & 1) != 0;
    }
    return count;
}

static bool all_free(const struct truth *truth, uint32_t property)
{
    bool all = true;
    for (uint32_t i = 0; i < truth->found_count; i++) {
        all = all && truth->free[property][truth->found[i]];
    }
    return all;
}

/* Whether everything that is reachable was explored, violated or not. */
static bool is_covered(const struct truth *truth)
{
    bool covered = true;
    for (uint32_t i = 0; i < truth->found_count; i++) {
        covered = covered && is_explored(truth, truth->found[i]);
    }
    return covered;
}

static tjob_verdict verdict(const struct graph *graph, const struct truth *truth, uint32_t property)
{
    const bool seen = exercised(graph, truth, property) != 0;
    switch (property) {
    case ALWAYS:
        return truth->stops ? TJOB_VERDICT_VIOLATED : seen ? TJOB_VERDICT_HOLDS : TJOB_VERDICT_VACUOUS;
    case SOMETIMES:
    case NEVER:
        return seen ? TJOB_VERDICT_HOLDS : is_covered(truth) ? TJOB_VERDICT_VIOLATED : TJOB_VERDICT_UNDECIDED;
    case IGNORED:
        return TJOB_VERDICT_NOT_APPLICABLE;
    default:
        return truth->stops                ? TJOB_VERDICT_UNDECIDED
               : all_free(truth, property) ? TJOB_VERDICT_HOLDS
                                           : TJOB_VERDICT_VIOLATED;
    }
}

static void compare_counts(const struct graph *graph, const struct truth *truth, const tjob_exploration_counts *counts)
{
    tjob_exploration_counts expected = {.capacity = counts->capacity, .bytes_used = counts->bytes_used};
    for (uint32_t node = 0; node < graph->node_count; node++) {
        if (is_stored(truth, node)) {
            const bool live = !truth->stops && truth->free[POSSIBLE][node] && truth->free[OTHER_POSSIBLE][node] &&
                              truth->free[LIVELOCK][node];
            expected.states++;
            expected.waiting += is_explored(truth, node) ? 0 : 1;
            expected.live += live ? 1 : 0;
            expected.depth = truth->depth[node] > expected.depth ? truth->depth[node] : expected.depth;
        }
    }
    for (uint32_t e = 0; e < graph->edge_count; e++) {
        expected.transitions += is_explored(truth, graph->edges[e].from) ? 1 : 0;
    }
    EXPECT(memcmp(&expected, counts, sizeof expected) == 0);
}

static void compare_verdicts(const struct graph *graph, const struct truth *truth, const struct explored *explored)
{
    bool violated = false;
    for (uint32_t property = 0; property < PROPERTIES; property++) {
        const tjob_verdict expected = verdict(graph, truth, property);
        EXPECT(tjob_explorer_verdict(explored->explorer, property) == expected);
        EXPECT(tjob_explorer_exercised(explored->explorer, property) == exercised(graph, truth, property));
        violated = violated || expected == TJOB_VERDICT_VIOLATED;
    }
    EXPECT(explored->end == (violated ? TJOB_EXPLORATION_VIOLATED : TJOB_EXPLORATION_COMPLETE));
}

/* ---- Traces ---------------------------------------------------------------------------------------------------- */

struct path {
    uint32_t count;
    uint32_t cycle; /* where the steps that repeat begin */
    uint32_t edges[2 * GRAPH_NODES_MAX];
};

static void append_trace_to(const struct graph *graph, const struct truth *truth, uint32_t node, struct path *path)
{
    path->count = truth->depth[node];
    for (uint32_t i = path->count; i-- > 0;) {
        path->edges[i] = truth->parent[node];
        node = graph->edges[truth->parent[node]].from;
    }
}

static bool sees(tjob_observation observation, uint32_t property)
{
    return ((property == ALWAYS ? observation.violated : observation.exercised) >> property & 1) != 0;
}

/* A trace to where something is first seen: of states and steps at one distance, the first that a queue comes to. */
static void trace_to_observation(const struct graph *graph, const struct truth *truth, uint32_t property,
                                 struct path *path)
{
    for (uint32_t i = 0; i < truth->found_count; i++) {
        if (truth->depth[truth->found[i]] == 0 && sees(graph->nodes[truth->found[i]], property)) {
            return;
        }
    }
    for (uint32_t i = 0; i < truth->found_count; i++) {
        for (uint32_t e = 0; e < graph->edge_count; e++) {
            const struct graph_edge *edge = &graph->edges[e];
            if (edge->from == truth->found[i] &&
                (sees(edge->observation, property) || sees(graph->nodes[edge->to], property))) {
                append_trace_to(graph, truth, edge->from, path);
                path->edges[path->count++] = e;
                return;
            }
        }
    }
}

/* On from a node by first steps without progress to nodes that are not free, until one comes again. */
static void go_around(const struct graph *graph, const struct truth *truth, uint32_t node, struct path *path)
{
    uint32_t visited[GRAPH_NODES_MAX] = {0}; /* at which step, and one more */
    while (visited[node] == 0) {
        visited[node] = path->count + 1;
        bool gone = false;
        for (uint32_t e = 0; e < graph->edge_count && !gone; e++) {
            const struct graph_edge *edge = &graph->edges[e];
            if (edge->from == node && !edge->progress && !truth->free[LIVELOCK][edge->to]) {
                path->edges[path->count++] = e;
                node = edge->to;
                gone = true;
            }
        }
        EXPECT(gone);
    }
    path->cycle = visited[node] - 1;
}

static void trace_to_unfree(const struct graph *graph, const struct truth *truth, uint32_t property, struct path *path)
{
    uint32_t i = 0;
    while (truth->free[property][truth->found[i]]) {
        i++;
    }
    append_trace_to(graph, truth, truth->found[i], path);
    if (property == LIVELOCK) {
        go_around(graph, truth, truth->found[i], path);
    }
}

static void compare_trace(const struct graph *graph, const struct truth *truth, const struct explored *explored,
                          const tjob_model *model, uint32_t property)
{
    static struct path path;
    const tjob_verdict verdict = tjob_explorer_verdict(explored->explorer, property);
    const tjob_property_kind kind = properties[property].kind;
    memset(&path, 0, sizeof path);
    path.cycle = UINT32_MAX;
    if (kind == TJOB_PROPERTY_SOMETIMES ? verdict == TJOB_VERDICT_HOLDS
                                        : kind == TJOB_PROPERTY_ALWAYS && verdict == TJOB_VERDICT_VIOLATED) {
        trace_to_observation(graph, truth, property, &path);
    } else if (kind != TJOB_PROPERTY_SOMETIMES && verdict == TJOB_VERDICT_VIOLATED) {
        trace_to_unfree(graph, truth, property, &path);
    }
    struct taken_trace *trace = take_trace(explored, model, property);
    EXPECT((trace != NULL ? trace->count : 0) == path.count);
    for (uint32_t i = 0; i < path.count; i++) {
        EXPECT(trace->steps[i].label == path.edges[i]);
        EXPECT(trace->steps[i].repeats == (i >= path.cycle));
    }
    EXPECT(trace == NULL || trace_is_real(model, trace));
    free(trace);
}

/* What is true does not depend on the room for edges: of none or one block, of a few, of all. */
static const uint32_t rooms[] = {0, 500, 5000};

START_TEST(a_random_graph_is_as_it_is)
{
    static struct graph graph;
    static struct truth truth;
    make_graph(&graph, (uint64_t)_i);
    find_truth(&graph, &truth);
    tjob_model model = graph_model(&graph);
    model.properties = properties;
    model.property_count = PROPERTIES;
    const uint32_t several = 2 + (uint32_t)_i % (THREADS - 1);
    for (uint32_t threads = 1; threads <= several; threads += several - 1) {
        const uint32_t room = rooms[((uint32_t)_i + threads) % (sizeof rooms / sizeof rooms[0])];
        struct explored explored = explore(&model, threads, truth.found_count + room);
        compare_counts(&graph, &truth, &explored.counts);
        compare_verdicts(&graph, &truth, &explored);
        for (uint32_t round = 0; round < 2; round++) {
            for (uint32_t property = 0; property < PROPERTIES; property++) {
                compare_trace(&graph, &truth, &explored, &model, property);
            }
        }
        explored_free(&explored);
    }
}
END_TEST

RUN_TESTS("explorer_random", {a_random_graph_is_as_it_is, SEEDS})
