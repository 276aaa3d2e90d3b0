/*
 * The judgement on properties of kind POSSIBLE and NO_LIVELOCK, once all that is reachable is known. Flags of states
 * spread backwards from the states that have them at once, in sweeps over all states that lack some, until no sweep
 * changes any: a state that then lacks a flag violates the property.
 */
#ifndef TJOB_VERIFY_EXPLORER_LIVENESS_H
#define TJOB_VERIFY_EXPLORER_LIVENESS_H

#include "verify/explorer/exploration.h"

/* One thread calls it, alone. */
void tjob__liveness_begin(struct tjob_explorer *explorer);

/* One sweep, together with the other threads. */
void tjob__liveness_sweep(struct tjob_explorer *explorer, struct thread *thread);

/* What to do after a sweep. One thread calls it, alone. */
void tjob__liveness_end_sweep(struct tjob_explorer *explorer);

#endif
