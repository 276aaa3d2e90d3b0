/* The state that the modules of the explorer share: a search, its threads, and the states in the order in which they
 * were found. */
#ifndef TJOB_VERIFY_EXPLORER_EXPLORATION_H
#define TJOB_VERIFY_EXPLORER_EXPLORATION_H

#include <stdbool.h>
#include <stdint.h>

#include "tjob/explorer.h"
#include "verify/explorer/barrier.h"
#include "verify/explorer/batch.h"
#include "verify/explorer/state_table.h"

/* The number of positions by which the prefetch of states runs ahead in the order; the number of states after which a
 * thread stores the successors that it has collected. */
enum { ORDER_AHEAD = 8, SEARCH_SOURCES = 64 };

/* Edges are kept in blocks, see edges.h. */
enum { EDGES_BLOCK_WORDS = 256 };

/* Positions in the order, from `begin` up to but not including `end`. */
struct range {
    uint64_t begin;
    uint64_t end;
};

/* The counters. */
struct tally {
    uint64_t expanded; /* states whose successors have been generated */
    uint64_t transitions;
    uint64_t live;
    uint64_t exercised[TJOB_EXPLORER_PROPERTIES_MAX];
};

/* A state that has been expanded: its slot, or STATE_NO_SLOT if only the last of its successors are in the batch; and
 * the position behind its last successor in the batch. */
struct expanded {
    uint32_t slot;
    uint32_t end;
};

/* The data of one thread, on cache lines of its own. */
struct thread {
    _Alignas(64) struct tally tally; /* other threads read the first three atomically while it runs */
    uint32_t violated;               /* properties of kind TJOB_PROPERTY_ALWAYS */
    unsigned lacking;                /* flags that at least one state checked in this sweep lacks */
    bool changed;                    /* at least one state has gained a flag in this sweep */
    bool split;                      /* the first successors of the state that is being expanded have been stored */
    uint32_t source_count;           /* the states whose successors are in the batch, if liveness is to be checked */
    struct expanded sources[SEARCH_SOURCES];
    uint32_t *edges; /* the block that it fills; NULL: none yet, or there is no further block */
    struct tjob_explorer *explorer;
    struct batch batch;
};

/* Where a property was first seen violated or, for a property of kind TJOB_PROPERTY_SOMETIMES, first exercised. */
struct occurrence {
    bool seen;
    struct range sources; /* the states whose steps lead there, all of one depth; empty: initial states */
};

enum phase { PHASE_SEARCH, PHASE_LIVENESS, PHASE_OVER };

struct tjob_explorer {
    const tjob_model *model;
    struct state_table table;
    uint32_t *order; /* the slots of the states in the order in which they were found: depth by depth */
    uint64_t capacity;
    uint32_t *edges;      /* see edges.h */
    uint64_t edge_blocks; /* in blocks */
    unsigned char *threads;
    unsigned char *trace; /* room for the states of a trace that is being reported */
    uint32_t thread_bytes;
    uint32_t thread_count;

    uint32_t always; /* the properties of each kind that apply */
    uint32_t sometimes;
    uint32_t always_reachable;
    uint32_t livelock;
    unsigned flags_to_check; /* for each state */

    /* One thread writes these while the others wait. */
    enum phase phase;
    struct range offered; /* the states being explored: those of one depth or, in the liveness pass, all */
    uint64_t chunk;       /* the number of its states that a thread takes at a time */
    struct tally total;   /* of complete depths */
    uint32_t violated;
    bool covered;     /* every reachable state has been explored */
    bool by_edges;    /* the liveness pass sweeps over edges, not yet over states */
    bool first_sweep; /* over states */
    bool live;        /* the liveness pass is complete */
    struct occurrence occurrences[TJOB_EXPLORER_PROPERTIES_MAX];

    /* Accessed atomically. */
    uint64_t depths; /* the number of depths that have states */
    int end;
    bool cancelled;
    bool failed;                  /* the model failed */
    _Alignas(64) uint64_t stored; /* positions in the order that were requested: may exceed the capacity */
    bool full;
    uint64_t edge_blocks_taken;  /* may exceed their number */
    _Alignas(64) uint64_t taken; /* of the range that is being explored */
    _Alignas(64) struct barrier barrier;
};

static inline struct thread *exploration_thread(const struct tjob_explorer *explorer, uint32_t thread)
{
    return (struct thread *)(void *)(explorer->threads + (size_t)thread * explorer->thread_bytes);
}

/* Returns the state in a slot, in the room of a batch for the state that is being expanded. */
static inline const unsigned char *exploration_source(const struct tjob_explorer *explorer, const struct batch *batch,
                                                      uint32_t slot)
{
    tjob__state_table_unpack(&explorer->table, state_table_slot(&explorer->table, slot), batch->source);
    return batch->source;
}

static inline uint64_t exploration_stored(const struct tjob_explorer *explorer)
{
    const uint64_t stored = __atomic_load_n(&explorer->stored, __ATOMIC_RELAXED);
    return stored < explorer->capacity ? stored : explorer->capacity;
}

/* Adds to a counter that only this thread changes and that others may read. */
static inline void exploration_count(uint64_t *number, uint64_t more)
{
    __atomic_store_n(number, *number + more, __ATOMIC_RELAXED);
}

/* Offers a range of the order to the threads, which take it in chunks. One thread calls this while the others wait. */
void tjob__exploration_offer(struct tjob_explorer *explorer, struct range range);

/* Takes the next chunk. Returns false if nothing is left or the search was cancelled. */
bool tjob__exploration_take(struct tjob_explorer *explorer, struct range *chunk);

/* Returns the flags of the goals that an observation exercises. */
unsigned tjob__exploration_goals(const struct tjob_explorer *explorer, uint32_t exercised);

/* Returns the flag of the states that do not violate a property of kind ALWAYS_REACHABLE or NO_LIVELOCK; 0 for other
 * kinds. */
unsigned tjob__exploration_flag(const struct tjob_explorer *explorer, uint32_t property);

/* Returns what a step contributes to the flags of the state that it leaves; `flags` are those of its successor. The
 * contributions of all steps are combined by OR: the flags of goals that the state gains, and STATE_LIVELY if a step
 * without progress leads to a state that lacks it. */
static inline unsigned exploration_gather(const struct tjob_explorer *explorer, const tjob_step *step, unsigned flags)
{
    const unsigned reachable = flags | tjob__exploration_goals(explorer, step->observation.exercised);
    const unsigned stuck = step->progress ? 0 : ~flags;
    return (reachable & ~(unsigned)STATE_LIVELY) | (stuck & STATE_LIVELY);
}

/* Returns the flags that a state gains by the contributions of all its steps. */
static inline unsigned exploration_gained(const struct tjob_explorer *explorer, unsigned gathered)
{
    return (gathered ^ STATE_LIVELY) & explorer->flags_to_check;
}

/* Return the observation of a state, and of a successor that was located. */
tjob_observation tjob__exploration_observe(const struct tjob_explorer *explorer, const unsigned char *state);
tjob_observation tjob__exploration_observe_key(const struct tjob_explorer *explorer, const struct batch *batch,
                                               uint32_t successor);

/* Returns the reason why the search must stop; RUNNING if it can go on. */
tjob_exploration tjob__exploration_stop(const struct tjob_explorer *explorer);

/* Ends the search: with VIOLATED instead of `end` if a violation was found. One thread calls this while the others
 * wait. */
void tjob__exploration_finish(struct tjob_explorer *explorer, tjob_exploration end);

#endif
