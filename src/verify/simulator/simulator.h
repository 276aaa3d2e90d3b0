/* The declarations that the modules of the simulator share. */
#ifndef TJOB_VERIFY_SIMULATOR_SIMULATOR_H
#define TJOB_VERIFY_SIMULATOR_SIMULATOR_H

#include "verify/simulator/faults.h"
#include "verify/spec/invariants.h"
#include "verify/simulator/random.h"
#include "verify/simulator/replay.h"
#include "verify/simulator/store.h"
#include "verify/simulator/timer_wheel.h"

/* The data of a job. Its state in the store model follows it in memory. */
struct cell {
    uint64_t stream; /* its random number stream */
    uint64_t words[TJOB_SIMULATOR_STATE_WORDS];
    uint32_t promised; /* the incarnation in which a stop was answered 200, as a digest; 0 = none */
    uint32_t calls;    /* the first unexplained call, as its number plus 1; CELL_UNJUDGED: the checker gave up */
    tjob_history_checkpoint checkpoint;
};

#define CELL_UNJUDGED (UINT32_C(1) << 31)

/* The stage of an in-flight operation. */
enum in_flight_stage {
    STAGE_LOAD, /* its load is on the way to the store */
    STAGE_SWAP,
    STAGE_ANSWER,     /* its last answer is on the way back */
    STAGE_ENDED,      /* it is a call that is not yet explained */
    STAGE_WRITE,      /* not an operation but a swap that arrives on its own */
    STAGE_STORE_CRASH /* not an operation either */
};

/* An operation in flight and its call, or something else that is on the way to the store. */
struct in_flight {
    tjob_call call;
    tjob_operation operation;
    uint64_t stream;
    uint32_t job; /* the index of its cell */
    union {
        uint32_t next;  /* the next call of the job, or the next free entry; its number plus 1 */
        uint32_t owner; /* for a write or a store crash: the operation that it belongs to */
    };
    uint32_t number; /* its number in the replay: of the operation or, for a write, of the access */
    uint8_t stage;
    uint8_t actor;
    uint8_t writes;    /* the number of its swaps that may yet arrive */
    uint8_t explained; /* it is no longer one of the job's calls to explain */
    struct effects effects;
};

/* The maximum number of calls of one job that are checked together. */
enum { CALLS_TOGETHER = 3 * TJOB_HISTORY_OPEN_MAX };

struct tjob_simulator {
    tjob_simulator_config config;
    tjob_simulator_report report;
    struct simulated_store store;
    struct invariants invariants;
    struct faults faults;
    struct timer_wheel wheel;
    tjob_history_checker history;
    struct replay *replay; /* NULL: nothing is recorded */
    unsigned char *cells;
    size_t cell_bytes;
    struct in_flight *in_flight;
    uint32_t in_flight_used;
    uint32_t in_flight_spare;
    uint32_t in_flight_count; /* in use */
    uint32_t end_ms;          /* of the last minute */
    bool quiescing;
    bool draining;
    uint64_t sequence;                   /* of invocations and answers */
    tjob_call calls[CALLS_TOGETHER + 1]; /* and the final read */
};

/* Items of the timer wheel: an in-flight operation, or a timer of a cell. */
#define ITEM_IN_FLIGHT (UINT32_C(1) << 31)
enum { ITEM_TAG_BITS = 3 };

/* Returns an incarnation folded into the 32 bits that a cell has for it. */
static inline uint32_t incarnation_digest(uint64_t incarnation)
{
    return (uint32_t)(incarnation ^ incarnation >> 32);
}

static inline struct cell *cell_at(const struct tjob_simulator *simulator, uint32_t index)
{
    return (struct cell *)(void *)(simulator->cells + (size_t)index * simulator->cell_bytes);
}

static inline struct slot place_of(const struct tjob_simulator *simulator, uint32_t index)
{
    return (struct slot){cell_at(simulator, index) + 1, simulator->config.first_job + index};
}

/* ---- simulator.c ----------------------------------------------------------------------------------------------- */

/* Like tjob_simulator_init, but records what happens in a replay, unless `replay` is NULL. */
tjob_simulator *tjob__simulator_init(const tjob_simulator_config *config, void *memory, size_t bytes,
                                     struct replay *replay);

/* Returns the store model of a configuration, with its seeded bug. */
const tjob_store_model *tjob__simulator_model(const tjob_simulator_config *config);

/* ---- in_flight.c: operations in flight ------------------------------------------------------------------------- */

/* Handles the arrival of an in-flight operation at its destination. */
void tjob__in_flight_arrives(struct tjob_simulator *simulator, struct in_flight *in_flight);

/* Releases an in-flight operation that is no longer needed, unless one of its writes is still in flight. */
void tjob__in_flight_drop(struct tjob_simulator *simulator, struct in_flight *in_flight);

/* ---- monitor.c: the runtime monitor ---------------------------------------------------------------------------- */

/* Records a violation, if it is the first, and ends the simulation. Does nothing if `check` is TJOB_INVARIANT_NONE. */
void tjob__monitor_note(struct tjob_simulator *simulator, tjob_invariant check, uint32_t index, uint32_t event);

/* Records a bound that was reached. Ends the simulation, unless it is the bound of the history checker. */
void tjob__monitor_bound(struct tjob_simulator *simulator, tjob_simulator_bound bound);

/* Record that a call was invoked, and that its operation has ended. */
void tjob__monitor_invoked(struct tjob_simulator *simulator, struct in_flight *in_flight);
void tjob__monitor_answered(struct tjob_simulator *simulator, struct in_flight *in_flight);

/*
 * Handles an operation that has ended and of which nothing is in flight any more. If none of its swaps was applied,
 * none ever will be; the history checker is then given that fact instead of an answer that leaves it open.
 */
void tjob__monitor_resolves(const struct tjob_simulator *simulator, struct in_flight *in_flight);

/* The simulation has quiesced: checks the job for the last time. */
void tjob__monitor_closes(struct tjob_simulator *simulator, uint32_t index);

#endif
