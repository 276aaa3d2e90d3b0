/*
 * What can happen next, kept: for each part of a state that decides over a part of the steps, the moves that were found
 * by running the code once. Threads may share it.
 */
#ifndef TJOB_VERIFY_LIFECYCLE_SUCCESSOR_CACHE_H
#define TJOB_VERIFY_LIFECYCLE_SUCCESSOR_CACHE_H

#include <stdint.h>

#include "tjob/explorer.h"

enum {
    SUCCESSOR_PROGRESS = 1,        /* an operation is answered, or a fault is spent */
    SUCCESSOR_ENDS = 2,            /* the operation is over: what it has under way is nobody's */
    SUCCESSOR_NOTHING = 4,         /* and it said that it has changed nothing and never will */
    SUCCESSOR_PROMISE = 8,         /* a stop of the present incarnation was answered 200 */
    SUCCESSOR_NEW_INCARNATION = 16 /* what was promised of the incarnation before is past */
};

/* One step of one actor, as far as it depends on the actor and the store alone. */
struct successor {
    uint32_t local; /* the actor after it */
    uint32_t store; /* the store after it */
    uint32_t write; /* what it leaves under way, a number and 1; 0 = nothing */
    uint8_t cost;   /* faults that it spends */
    uint8_t flags;
    uint8_t rests;  /* the version on which a 200 rests, 0 = none is given */
    uint8_t unused; /* always 0 */
    tjob_observation observation;
    uint64_t label; /* without the number of the actor */
};

/* The moves for one key. */
struct successor_list {
    const struct successor *successors;
    uint32_t count;
    bool found;
};

struct successor_slot {
    uint64_t key; /* 0 = empty */
    uint32_t first;
    uint32_t count;
};

struct successor_table {
    struct successor_slot *slots;
    struct successor *successors;
    uint32_t slot_count; /* a power of two */
    uint32_t slots_used;
    uint32_t capacity; /* of moves */
    uint32_t count;
    uint32_t lock;
};

enum { SUCCESSORS_PER_SLOT = 4 };

/* Sets up a table in memory aligned to 8; `slots` is a power of two. */
void tjob__successor_cache_init(struct successor_table *table, void *memory, uint32_t slots);
uint64_t tjob__successor_cache_bytes(uint32_t slots);

/* What is kept for a key, which is not 0. */
struct successor_list tjob__successor_cache_find(const struct successor_table *table, uint64_t key);

/* Keeps the moves of a key, unless another thread has. False if there is no room. */
bool tjob__successor_cache_keep(struct successor_table *table, uint64_t key, const struct successor *successors,
                                uint32_t count);

#endif
