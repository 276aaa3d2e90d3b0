/*
 * The liveness pass. It checks the properties of kind ALWAYS_REACHABLE (AG EF) and NO_LIVELOCK once all reachable
 * states are known. It is a fixed point computation: the flags spread backwards from the states that have them from the
 * start, in sweeps until a sweep changes nothing: first over the edges that the search has kept, then over all states
 * that lack a flag, which are expanded once more. A state that still lacks a flag violates the property.
 */
#ifndef TJOB_VERIFY_EXPLORER_LIVENESS_H
#define TJOB_VERIFY_EXPLORER_LIVENESS_H

#include "verify/explorer/exploration.h"

/* Starts the liveness pass, or ends the search if there is nothing to check. One thread calls this while the others
 * wait. */
void tjob__liveness_begin(struct tjob_explorer *explorer);

/* Does one sweep, together with the other threads. */
void tjob__liveness_sweep(struct tjob_explorer *explorer, struct thread *thread);

/* Decides how to continue after a sweep. One thread calls this while the others wait. */
void tjob__liveness_end_sweep(struct tjob_explorer *explorer);

#endif
