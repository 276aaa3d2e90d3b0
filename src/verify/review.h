/*
 * Looking at stored states a further time. Nobody keeps the steps from one state to another: the model tells them
 * again, and the states that they lead to are looked up.
 */
#ifndef TJOB_VERIFY_REVIEW_H
#define TJOB_VERIFY_REVIEW_H

#include "verify/exploration.h"

enum { REVIEW_SOURCES = 64 };

/* A stored state, and which successors in the batch are its own. */
struct source {
    uint32_t slot;
    uint32_t first;
    uint32_t end;
    unsigned note; /* of whoever asked for the review */
};

/* `judge` is called for one state after the other, in the order in which they were added. */
struct review {
    struct tjob_explorer *explorer;
    struct batch *batch;
    void (*judge)(void *context, const struct review *review, const struct source *source);
    void *context;
    bool failed; /* the model could not tell again what it told before */
    bool absent; /* some successor is not stored */
    uint32_t count;
    struct source sources[REVIEW_SOURCES];
};

void tjob__review_add(struct review *review, uint32_t slot, unsigned note);

/* Judges those that were added and not yet judged. */
void tjob__review_flush(struct review *review);

/* The flags of a successor in the batch; none if it is not stored. */
static inline unsigned review_flags(const struct review *review, uint32_t successor)
{
    const uint32_t slot = review->batch->slots[successor];
    return slot != STATE_NO_SLOT ? state_table_flags(&review->explorer->table, slot) : 0;
}

#endif
