/* A graph as a model: what comes after what is a table. */
#ifndef TJOB_TESTS_GRAPH_MODEL_H
#define TJOB_TESTS_GRAPH_MODEL_H

#include <stdint.h>

#include "tjob/explorer.h"

enum { GRAPH_NODES_MAX = 300, GRAPH_EDGES_MAX = 1500, GRAPH_INITIAL_MAX = 4 };

struct graph_edge {
    uint32_t from;
    uint32_t to;
    tjob_observation observation;
    bool progress;
};

/* Edges of one node come in the order in which they stand here; an edge's label is its index. */
struct graph {
    uint32_t node_count;
    uint32_t edge_count;
    uint32_t initial_count;
    tjob_observation nodes[GRAPH_NODES_MAX];
    struct graph_edge edges[GRAPH_EDGES_MAX];
    uint32_t initial[GRAPH_INITIAL_MAX];
    uint32_t state_bytes; /* 2 at least where there are more than 256 nodes */
    uint32_t place;       /* the byte of a state where its node's number stands; the high byte in the next */
};

/* The model of a graph. Set its properties. */
tjob_model graph_model(struct graph *graph);

/* The node of a state. */
uint32_t graph_node(const struct graph *graph, const unsigned char *state);

#endif
