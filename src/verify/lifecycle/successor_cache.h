/*
 * The successor cache. It keeps, for each pair of an actor's local state and a state of the store, the successors that
 * were found by running the code once. Threads may share it.
 */
#ifndef TJOB_VERIFY_LIFECYCLE_SUCCESSOR_CACHE_H
#define TJOB_VERIFY_LIFECYCLE_SUCCESSOR_CACHE_H

#include <stdint.h>

#include "tjob/explorer.h"

enum {
    SUCCESSOR_PROGRESS = 1,        /* an operation is answered, or a fault is spent */
    SUCCESSOR_ENDS = 2,            /* the operation ended: its writes in flight have no owner any more */
    SUCCESSOR_NOTHING = 4,         /* the operation reported that it has changed nothing and never will */
    SUCCESSOR_PROMISE = 8,         /* a stop of the current incarnation was answered 200 */
    SUCCESSOR_NEW_INCARNATION = 16 /* a promise of the previous incarnation no longer applies */
};

/* One step of one actor, as far as it depends only on the actor and the store. */
struct successor {
    uint32_t local; /* the actor's local state after the step */
    uint32_t store; /* the store after the step */
    uint32_t write; /* the write that it leaves in flight, plus 1; 0 = none */
    uint8_t cost;   /* the number of faults that it spends */
    uint8_t flags;
    uint8_t rests;  /* the version on which an answer of 200 depends; 0 = no such answer */
    uint8_t unused; /* always 0 */
    tjob_observation observation;
    uint64_t label; /* without the number of the actor */
};

/* The successors for one key. */
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
    uint32_t capacity; /* of successors */
    uint32_t count;
    uint32_t lock;
};

enum { SUCCESSORS_PER_SLOT = 4 };

/* Sets up a table in memory that is aligned to 8; `slots` is a power of two. */
void tjob__successor_cache_init(struct successor_table *table, void *memory, uint32_t slots);
uint64_t tjob__successor_cache_bytes(uint32_t slots);

/* Returns the cached successors for a key, which must not be 0. */
struct successor_list tjob__successor_cache_find(const struct successor_table *table, uint64_t key);

/* Caches the successors for a key, unless another thread already has. Returns false if there is no room. */
bool tjob__successor_cache_keep(struct successor_table *table, uint64_t key, const struct successor *successors,
                                uint32_t count);

#endif
