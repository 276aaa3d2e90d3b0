/* The runtime monitor of a simulation: it keeps the calls of each job until the history checker has explained them. */
#ifndef TJOB_VERIFY_SIMULATOR_MONITOR_H
#define TJOB_VERIFY_SIMULATOR_MONITOR_H

#include "tjob/simulator.h"
#include "verify/spec/invariants.h"

/* A call of a job. It is kept until it is explained, has ended, and none of its writes is in flight. */
struct call {
    tjob_call call;
    uint32_t next;      /* the next call of the job, as its number plus 1; 0 = none */
    uint32_t number;    /* in the pool */
    uint32_t job;       /* the index of its cell */
    uint32_t operation; /* its number in the replay */
    struct effects effects;
    uint8_t writes; /* how many of its swaps may yet arrive */
    bool explained; /* it is no longer one of the job's calls to explain */
};

/* Records a violation, if it is the first, and ends the simulation. Does nothing if `check` is TJOB_INVARIANT_NONE. */
void tjob__monitor_note(struct tjob_simulator *simulator, tjob_invariant check, uint32_t index, uint32_t event);

/* Records a bound that was reached. Ends the simulation, unless it is the bound of the history checker. */
void tjob__monitor_bound(struct tjob_simulator *simulator, tjob_simulator_bound bound);

/* Records that a call was invoked. Returns it; NULL if there is no room, which ends the simulation. */
struct call *tjob__monitor_invoked(struct tjob_simulator *simulator, uint32_t index, const tjob_event *event);

/* Records that the operation of a call has ended. The caller may not use the call afterwards. */
void tjob__monitor_answered(struct tjob_simulator *simulator, struct call *call, const tjob_outcome *outcome);

/* Records that one of the call's swaps, or a crash of the store that it causes, has arrived on its own. The caller may
 * not use the call afterwards. */
void tjob__monitor_arrived(struct tjob_simulator *simulator, struct call *call);

/* The simulation has quiesced: checks the job for the last time. */
void tjob__monitor_closes(struct tjob_simulator *simulator, uint32_t index);

#endif
