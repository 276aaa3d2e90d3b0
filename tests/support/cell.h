/* One versioned record of a store that fails as it is reported: at which of its calls, and how. */
#ifndef TJOB_TESTS_CELL_H
#define TJOB_TESTS_CELL_H

#include <stdbool.h>

#include "tjob/operation.h"

typedef enum cell_fault {
    CELL_NO_FAULT = 0,
    /* of a load */
    CELL_LOAD_UNAVAILABLE,
    CELL_LOAD_OUTSIDE_ENUM,
    CELL_LOAD_IMPOSSIBLE,   /* answers OK, with a record that cannot be */
    CELL_LOAD_LAST_ABSENCE, /* answers NOT_FOUND, with the one version that cannot be */
    /* of a swap */
    CELL_SWAP_CONFLICT, /* a spurious one */
    CELL_SWAP_FULL,
    CELL_SWAP_UNAVAILABLE,
    CELL_SWAP_OUTSIDE_ENUM,
    CELL_SWAP_LOST_APPLIED,     /* the answer is lost */
    CELL_SWAP_LOST_DROPPED,     /* and so is the swap */
    CELL_SWAP_LOST_LANDS_NEXT,  /* it is applied before the next call, if its version still stands */
    CELL_SWAP_LOST_LANDS_LATER, /* before the one after that */
    CELL_SWAP_LOST_LANDS_LAST,  /* after all others */
    /* of either: another actor is first */
    CELL_RIVAL_TOUCHES, /* writes the same record once more */
    CELL_RIVAL_STOPS,
    CELL_RIVAL_COMPLETES,
    CELL_RIVAL_RECREATES, /* deletes what has ended, removes it and submits a job of another incarnation */
    CELL_FAULT_COUNT
} cell_fault;

/* Whether a fault can happen to a load, and to a swap. */
bool cell_fault_is_of_load(cell_fault fault);
bool cell_fault_is_of_swap(cell_fault fault);

enum { CELL_CALLS_MAX = 64, CELL_VERSIONS_MAX = 256, CELL_FIRST_VERSION = 40 };

struct cell {
    tjob_job job; /* state TJOB_ABSENT: none */
    uint64_t version;
    uint64_t last_version;
    uint64_t incarnations
        [CELL_VERSIONS_MAX]; /* the incarnation that each version is of; of an absence, the one it would begin */
    cell_fault faults[CELL_CALLS_MAX]; /* what happens to the n-th call */
    unsigned calls;
    unsigned loads;
    unsigned swaps;

    /* What became of the swaps of the operation under test. */
    unsigned applied;                /* how many took effect */
    unsigned lost;                   /* how many answers were lost */
    uint64_t first_lost_incarnation; /* the incarnation that the first lost one was of */
    unsigned strayed;                /* swaps after a lost one against another incarnation */
    unsigned landing_in;             /* calls until the pending one is applied; 0 = none pending */
    bool removes;                    /* the pending one is a removal */
    uint64_t expected;               /* the version that the pending one expects */
    tjob_job pending;
};

/* A cell that holds a record, or an absence whose version makes job->incarnation the next incarnation. */
void cell_init(struct cell *cell, const tjob_job *job);

tjob_load_status cell_load(struct cell *cell, tjob_job *job, uint64_t *version);
tjob_swap_status cell_swap(struct cell *cell, uint64_t expected, const tjob_job *next);

/* Lets what is pending land, if its version still stands. */
void cell_apply_lost(struct cell *cell);

#endif
