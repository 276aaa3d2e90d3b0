/*
 * Revisits stored states. The explorer does not store the steps between states: the model generates them again, and the
 * states to which they lead are looked up in the table.
 */
#ifndef TJOB_VERIFY_EXPLORER_REVISIT_H
#define TJOB_VERIFY_EXPLORER_REVISIT_H

#include "verify/explorer/exploration.h"

enum { REVISIT_SOURCES = 64 };

/* A stored state, and the range of its successors in the batch: of all, or of some where it has too many. */
struct source {
    uint32_t slot;
    uint32_t first;
    uint32_t end;
    bool whole;        /* the last of its successors are in the range, and those before them were checked */
    unsigned note;     /* for the caller's own use */
    unsigned gathered; /* likewise; 0 at first */
};

/* `check` is called for one state after the other, in the order in which they were added: once or, where it has more
 * successors than a batch has room for, several times. `whole` is set the last time. */
struct revisit {
    struct tjob_explorer *explorer;
    struct batch *batch;
    void (*check)(void *context, const struct revisit *revisit, struct source *source);
    void *context;
    bool failed; /* the model failed to generate again what it generated before */
    bool absent; /* some successor is not stored */
    uint32_t count;
    struct source sources[REVISIT_SOURCES];
};

void tjob__revisit_add(struct revisit *revisit, uint32_t slot, unsigned note);

/* Checks the states that were added and not yet checked. */
void tjob__revisit_flush(struct revisit *revisit);

/* Returns the flags of a successor in the batch, or 0 if it is not stored. */
static inline unsigned revisit_flags(const struct revisit *revisit, uint32_t successor)
{
    const uint32_t slot = revisit->batch->slots[successor];
    return slot != STATE_NO_SLOT ? state_table_flags(&revisit->explorer->table, slot) : 0;
}

#endif
