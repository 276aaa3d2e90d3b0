/*
 * The liveness pass. It checks the properties of kind ALWAYS_REACHABLE (AG EF) and NO_LIVELOCK once all reachable
 * states are known. It is a fixed point computation: the flags spread backwards from the states that have them from the
 * start, in sweeps over all states that lack one, until a sweep changes nothing. A state that still lacks a flag
 * violates the property.
 */
#ifndef TJOB_VERIFY_EXPLORER_LIVENESS_H
#define TJOB_VERIFY_EXPLORER_LIVENESS_H

#include "verify/explorer/exploration.h"

/* Exactly one thread calls this, while no other runs. */
void tjob__liveness_begin(struct tjob_explorer *explorer);

/* Does one sweep, together with the other threads. */
void tjob__liveness_sweep(struct tjob_explorer *explorer, struct thread *thread);

/* Decides how to continue after a sweep. Exactly one thread calls this, while no other runs. */
void tjob__liveness_end_sweep(struct tjob_explorer *explorer);

#endif
