/*
 * Looking at stored states a further time. Nobody keeps the steps from one state to another: the model tells them
 * again, and the states that they lead to are looked up.
 */
#ifndef TJOB_VERIFY_EXPLORER_REVISIT_H
#define TJOB_VERIFY_EXPLORER_REVISIT_H

#include "verify/explorer/exploration.h"

enum { REVISIT_SOURCES = 64 };

/* A stored state, and which successors in the batch are its own. */
struct source {
    uint32_t slot;
    uint32_t first;
    uint32_t end;
    unsigned note; /* of whoever asked for the review */
};

/* `judge` is called for one state after the other, in the order in which they were added. */
struct revisit {
    struct tjob_explorer *explorer;
    struct batch *batch;
    void (*check)(void *context, const struct revisit *revisit, const struct source *source);
    void *context;
    bool failed; /* the model could not tell again what it told before */
    bool absent; /* some successor is not stored */
    uint32_t count;
    struct source sources[REVISIT_SOURCES];
};

void tjob__revisit_add(struct revisit *revisit, uint32_t slot, unsigned note);

/* Judges those that were added and not yet judged. */
void tjob__revisit_flush(struct revisit *revisit);

/* The flags of a successor in the batch; none if it is not stored. */
static inline unsigned revisit_flags(const struct revisit *revisit, uint32_t successor)
{
    const uint32_t slot = revisit->batch->slots[successor];
    return slot != STATE_NO_SLOT ? state_table_flags(&revisit->explorer->table, slot) : 0;
}

#endif
