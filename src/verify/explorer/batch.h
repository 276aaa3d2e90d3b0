/*
 * What comes after several states, collected before it is looked for in the table: all of the table's memory that is
 * needed is then on its way at once, where one state after the other would wait for each.
 */
#ifndef TJOB_VERIFY_EXPLORER_BATCH_H
#define TJOB_VERIFY_EXPLORER_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/explorer.h"
#include "verify/explorer/state_table.h"

/* A batch of so many successors is full. One that is not has room for the successors of a state, and a place for what
 * does not count. */
enum { BATCH_FULL = 64, BATCH_ROOM = BATCH_FULL + TJOB_EXPLORER_SUCCESSORS_MAX };

struct batch {
    tjob_successors successors; /* of all its states; each stands for all that are like it */
    uint32_t *slots;            /* beside each successor: where it is to be looked for */
};

/* The bytes of a batch's arrays, and where they are: `memory` is aligned to 64. */
size_t tjob__batch_bytes(uint32_t state_bytes);
void tjob__batch_init(struct batch *batch, uint32_t state_bytes, unsigned char *memory);

/* Empties it. */
static inline void batch_clear(struct batch *batch)
{
    batch->successors.count = 0;
}

static inline unsigned char *batch_state(const struct batch *batch, uint32_t index)
{
    return batch->successors.states + (size_t)index * state_slot_bytes(batch->successors.state_bytes);
}

/*
 * Adds the states that come after `state`, or, if that is NULL, the initial ones, just as the model gives them. False
 * if the model cannot tell them: none of them is added.
 */
bool tjob__batch_expand(struct batch *batch, const tjob_model *model, const unsigned char *state);

/* Makes each successor from `first` on the one that stands for all that are like it, and finds out where to look for
 * it. */
void tjob__batch_locate(struct batch *batch, const tjob_model *model, const struct state_table *table, uint32_t first);

#endif
