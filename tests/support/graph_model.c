#include "support/graph_model.h"

#include <string.h>

/* The high byte of a node's number; where a state has one byte only, it is left out. */
static uint32_t high_place(const struct graph *graph)
{
    return (graph->place + 1) % graph->state_bytes;
}

uint32_t graph_node(const struct graph *graph, const unsigned char *state)
{
    const uint32_t low = state[graph->place];
    return graph->state_bytes == 1 ? low : low | (uint32_t)state[high_place(graph)] << 8;
}

static void write_node(const struct graph *graph, uint32_t node, unsigned char *state)
{
    memset(state, 0xa5, graph->state_bytes);
    state[high_place(graph)] = (unsigned char)(node >> 8);
    state[graph->place] = (unsigned char)node;
}

static void begin(void *context, tjob_successors *initial)
{
    const struct graph *graph = context;
    for (uint32_t i = 0; i < graph->initial_count; i++) {
        const tjob_step step = {
            .observation = {.exercised = UINT32_MAX, .violated = UINT32_MAX}}; /* which does not count */
        write_node(graph, graph->initial[i], tjob_successors_add(initial, &step));
    }
}

static void next(void *context, const unsigned char *state, tjob_successors *successors)
{
    const struct graph *graph = context;
    const uint32_t node = graph_node(graph, state);
    for (uint32_t i = 0; i < graph->edge_count; i++) {
        const struct graph_edge *edge = &graph->edges[i];
        if (edge->from == node) {
            const tjob_step step = {.label = i, .observation = edge->observation, .progress = edge->progress};
            write_node(graph, edge->to, tjob_successors_add(successors, &step));
        }
    }
}

static tjob_observation look(void *context, const unsigned char *state)
{
    const struct graph *graph = context;
    return graph->nodes[graph_node(graph, state)];
}

tjob_model graph_model(struct graph *graph)
{
    return (tjob_model){
        .context = graph, .state_bytes = graph->state_bytes, .begin = begin, .next = next, .observe = look};
}
