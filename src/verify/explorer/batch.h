/*
 * The successors of several states, collected before they are looked up in the table. All cache lines of the table that
 * they need are then prefetched at once; one lookup after the other would wait for each cache line.
 *
 * A state may have more successors than the batch has room for: whenever it is full, the batch is flushed, in the midst
 * of a state.
 */
#ifndef TJOB_VERIFY_EXPLORER_BATCH_H
#define TJOB_VERIFY_EXPLORER_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/explorer.h"
#include "verify/explorer/state_table.h"

/* A batch that holds this many successors, or as many as fill these bytes, is flushed between two states. In the midst
 * of a state it is flushed when it holds twice as many. */
enum { BATCH_FULL_MAX = 64, BATCH_FULL_BYTES = 1 << 15, BATCH_ROOM_MAX = 2 * BATCH_FULL_MAX };

struct batch {
    tjob_successors successors; /* of all its states */
    uint32_t *slots;            /* for each successor, the slot where its lookup starts */
    uint32_t first;             /* the first successor of the state that is being expanded, or was last */
    unsigned char *source;      /* room for the state that is being expanded */
    unsigned char *successor;   /* room for one of the successors */
};

static inline uint32_t batch_full(uint32_t state_bytes)
{
    const uint32_t count = BATCH_FULL_BYTES / state_slot_bytes(state_bytes);
    return count < BATCH_FULL_MAX ? count : BATCH_FULL_MAX;
}

/* Returns how many successors a batch has room for. */
static inline uint32_t batch_room(uint32_t state_bytes)
{
    return 2 * batch_full(state_bytes);
}

/* Return the size of a batch's arrays in bytes, and set the arrays up in `memory`, which is aligned to 64. */
size_t tjob__batch_bytes(uint32_t state_bytes);
void tjob__batch_init(struct batch *batch, uint32_t state_bytes, unsigned char *memory);

/* Empties the batch. */
static inline void batch_clear(struct batch *batch)
{
    batch->successors.count = 0;
    batch->first = 0;
}

/* Returns whether the batch is to be flushed before the next state. */
static inline bool batch_is_full(const struct batch *batch)
{
    return batch->successors.count >= batch->successors.limit / 2;
}

/* Returns a successor as the model added it. */
static inline unsigned char *batch_state(const struct batch *batch, uint32_t index)
{
    return batch->successors.states + (size_t)index * state_slot_bytes(batch->successors.state_bytes);
}

/* Returns the key of a successor that was located. */
static inline const uint64_t *batch_key(const struct batch *batch, uint32_t index)
{
    return (const uint64_t *)(const void *)batch_state(batch, index);
}

/*
 * Adds the successors of `state` or, if `state` is NULL, the initial states, as the model generates them, not yet
 * canonical. Whenever there is no room for the next one, it calls `flush`, which must clear the batch. Returns false if
 * the model failed; what it has added is there all the same.
 */
bool tjob__batch_expand(struct batch *batch, const tjob_model *model, const unsigned char *state,
                        void (*flush)(void *context), void *context);

/* Replaces each successor of the last state by the key of its canonical representative, in place, and computes the slot
 * where its lookup starts. */
void tjob__batch_locate(struct batch *batch, const tjob_model *model, const struct state_table *table);

#endif
