/*
 * The steps that decide NO_LIVELOCK, kept by the search for the liveness pass: of each state that may not be called
 * lively when its successors are stored, the steps without progress that lead to states that are not lively yet. They
 * are few, and a look at both ends of a step costs far less than to expand its state once more.
 *
 * Edges are kept as long as there is room: one word for each state that the memory holds. The liveness pass expands
 * every state that edges leave open, so nothing depends on whether they are complete.
 */
#ifndef TJOB_VERIFY_EXPLORER_EDGES_H
#define TJOB_VERIFY_EXPLORER_EDGES_H

#include "verify/explorer/exploration.h"

/* Keeps edges from one slot to others. A thread calls this while it searches. */
void tjob__edges_keep(struct thread *thread, uint32_t slot, const uint32_t *successors, uint32_t count);

/* Returns the blocks of edges that the threads have filled, the ranges of a sweep. */
struct range tjob__edges_range(const struct tjob_explorer *explorer);

/* Lets flags spread backwards over all edges that were kept, once, together with the other threads. */
void tjob__edges_sweep(struct tjob_explorer *explorer, struct thread *thread);

#endif
