/*
 * The successors of several states, collected before they are looked up in the table. All cache lines of the table that
 * they need are then prefetched at once; one lookup after the other would wait for each cache line.
 */
#ifndef TJOB_VERIFY_EXPLORER_BATCH_H
#define TJOB_VERIFY_EXPLORER_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/explorer.h"
#include "verify/explorer/state_table.h"

/* A batch of BATCH_FULL successors is full. A batch that is not full has room for the successors of one more state, and
 * one spare slot for a successor that is discarded. */
enum { BATCH_FULL = 64, BATCH_ROOM = BATCH_FULL + TJOB_EXPLORER_SUCCESSORS_MAX };

struct batch {
    tjob_successors successors; /* of all its states; each is the canonical representative of its equivalence class */
    uint32_t *slots;            /* for each successor, the slot where its lookup starts */
};

/* Return the size of a batch's arrays in bytes, and set the arrays up in `memory`, which is aligned to 64. */
size_t tjob__batch_bytes(uint32_t state_bytes);
void tjob__batch_init(struct batch *batch, uint32_t state_bytes, unsigned char *memory);

/* Empties the batch. */
static inline void batch_clear(struct batch *batch)
{
    batch->successors.count = 0;
}

static inline unsigned char *batch_state(const struct batch *batch, uint32_t index)
{
    return batch->successors.states + (size_t)index * state_slot_bytes(batch->successors.state_bytes);
}

/*
 * Adds the successors of `state` or, if `state` is NULL, the initial states, as the model generates them, not yet
 * canonical. Returns false if the model fails to generate them; then none of them is added.
 */
bool tjob__batch_expand(struct batch *batch, const tjob_model *model, const unsigned char *state);

/* Replaces each successor from `first` on by the canonical representative of its equivalence class, and computes the
 * slot where its lookup starts. */
void tjob__batch_locate(struct batch *batch, const tjob_model *model, const struct state_table *table, uint32_t first);

#endif
