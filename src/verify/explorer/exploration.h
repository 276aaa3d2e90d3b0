/* What the parts of the explorer share: a search, its threads, and the order in which states were found. */
#ifndef TJOB_VERIFY_EXPLORER_EXPLORATION_H
#define TJOB_VERIFY_EXPLORER_EXPLORATION_H

#include <stdbool.h>
#include <stdint.h>

#include "tjob/explorer.h"
#include "verify/explorer/barrier.h"
#include "verify/explorer/batch.h"
#include "verify/explorer/state_table.h"

/* How far ahead the states in the order are fetched from memory. */
enum { ORDER_AHEAD = 8 };

/* Positions in the order, from `begin` to before `end`. */
struct range {
    uint64_t begin;
    uint64_t end;
};

/* What was counted. */
struct tally {
    uint64_t expanded; /* states whose steps were looked at */
    uint64_t transitions;
    uint64_t live;
    uint64_t exercised[TJOB_EXPLORER_PROPERTIES_MAX];
};

/* What one thread has for itself, on cache lines of its own. */
struct thread {
    _Alignas(64) struct tally tally; /* others read the first three, atomically, while it works */
    uint32_t violated;               /* properties of kind TJOB_PROPERTY_ALWAYS */
    unsigned lacking;                /* flags that some state that was judged in this sweep lacks */
    bool changed;                    /* some state has got a flag in this sweep */
    struct batch batch;
};

/* Where a property was first seen violated or, of a property of kind TJOB_PROPERTY_SOMETIMES, shown. */
struct sighting {
    bool seen;
    struct range sources; /* the states out of which steps lead there, all of one depth; none: initial states */
};

enum phase { PHASE_SEARCH, PHASE_LIVENESS, PHASE_OVER };

struct tjob_explorer {
    const tjob_model *model;
    struct state_table table;
    uint32_t *order; /* the slots of the states as they were found: depth by depth */
    uint64_t capacity;
    unsigned char *threads;
    uint32_t thread_bytes;
    uint32_t thread_count;

    uint32_t always; /* those of each kind, if they apply */
    uint32_t sometimes;
    uint32_t possible;
    uint32_t livelock;
    unsigned flags_to_check; /* of each state */

    /* Written by one thread while the others wait. */
    enum phase phase;
    struct range offered; /* what is being looked at: the states of a depth or, in a judgement, all */
    uint64_t chunk;       /* how many of its states a thread takes at a time */
    struct tally total;   /* of whole depths */
    uint32_t violated;
    bool covered;     /* all that is reachable was seen */
    bool first_sweep; /* of the judgement on POSSIBLE and NO_LIVELOCK */
    bool live;        /* it is through */
    struct sighting sightings[TJOB_EXPLORER_PROPERTIES_MAX];

    /* Accessed atomically. */
    uint64_t depths; /* that have states */
    int end;
    bool cancelled;
    bool failed;                  /* the model */
    _Alignas(64) uint64_t stored; /* positions in the order that were asked for: may be more than the capacity */
    bool full;
    _Alignas(64) uint64_t taken; /* of the range that is being looked at */
    _Alignas(64) struct barrier barrier;
};

static inline struct thread *exploration_thread(const struct tjob_explorer *explorer, uint32_t thread)
{
    return (struct thread *)(void *)(explorer->threads + (size_t)thread * explorer->thread_bytes);
}

static inline uint64_t exploration_stored(const struct tjob_explorer *explorer)
{
    const uint64_t stored = __atomic_load_n(&explorer->stored, __ATOMIC_RELAXED);
    return stored < explorer->capacity ? stored : explorer->capacity;
}

/* Adds to a number that only this thread changes and others may read. */
static inline void exploration_count(uint64_t *number, uint64_t more)
{
    __atomic_store_n(number, *number + more, __ATOMIC_RELAXED);
}

/* Lets threads take a range of the order in chunks. One thread calls it, alone. */
void tjob__exploration_offer(struct tjob_explorer *explorer, struct range range);

/* Takes the next chunk; false if nothing is left, or the search was cancelled. */
bool tjob__exploration_take(struct tjob_explorer *explorer, struct range *chunk);

/* The flags of the goals that a sight shows. */
unsigned tjob__exploration_goals(const struct tjob_explorer *explorer, uint32_t exercised);

/* The bit of a state that is free of a property of kind POSSIBLE or NO_LIVELOCK; 0 for other kinds. */
unsigned tjob__exploration_flag(const struct tjob_explorer *explorer, uint32_t property);

tjob_observation tjob__exploration_observe(const struct tjob_explorer *explorer, const unsigned char *state);

/* Why the search cannot go on; UNDER_WAY if it can. */
tjob_exploration tjob__exploration_stop(const struct tjob_explorer *explorer);

/* Ends the search. One thread calls it, alone. */
void tjob__exploration_finish(struct tjob_explorer *explorer, tjob_exploration end);

#endif
