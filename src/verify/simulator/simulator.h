/* What the parts of the simulator share. */
#ifndef TJOB_VERIFY_SIMULATOR_SIMULATOR_H
#define TJOB_VERIFY_SIMULATOR_SIMULATOR_H

#include "verify/simulator/faults.h"
#include "verify/spec/invariants.h"
#include "verify/simulator/random.h"
#include "verify/simulator/replay.h"
#include "verify/simulator/store.h"
#include "verify/simulator/timer_wheel.h"

/* What is kept of each job; its state in the model of a store follows behind. */
struct cell {
    uint64_t stream; /* its random numbers */
    uint64_t words[TJOB_SIMULATOR_STATE_WORDS];
    uint32_t promised; /* the incarnation in which a stop was answered 200, folded; 0 = none */
    uint32_t calls; /* the first one that is not yet explained, by its number and 1; CELL_UNJUDGED: the judge gave up */
    tjob_history_checkpoint checkpoint;
};

#define CELL_UNJUDGED (UINT32_C(1) << 31)

/* Where a flight stands. */
enum in_flight_stage {
    STAGE_LOAD, /* its load is under way to the store */
    STAGE_SWAP,
    STAGE_ANSWER,     /* its last answer is under way */
    STAGE_ENDED,      /* it is a call that is not yet explained */
    STAGE_WRITE,      /* not an operation but a swap that arrives on its own */
    STAGE_STORE_CRASH /* not an operation either */
};

/* An operation under way, and the call that it is; or what else is under way to the store. */
struct in_flight {
    tjob_call call;
    tjob_operation operation;
    uint64_t stream;
    uint32_t job; /* the index of its cell */
    union {
        uint32_t next;  /* the next call of the job, or the next flight that is free; number and 1 */
        uint32_t owner; /* a write or a store crash: of which operation */
    };
    uint32_t number; /* in the script: the operation; a write: the access */
    uint8_t stage;
    uint8_t actor;
    uint8_t writes;    /* its swaps that may yet arrive */
    uint8_t explained; /* it is no call of the job any more */
    struct effects effects;
};

/* How many calls of one job are looked at together, at most. */
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
    tjob_call calls[CALLS_TOGETHER + 1]; /* and the last look */
};

/* Items of the wheel: a flight, or a timer of a cell. */
#define ITEM_IN_FLIGHT (UINT32_C(1) << 31)
enum { ITEM_TAG_BITS = 3 };

/* An incarnation in the 32 bits that a cell has for it. */
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

/* As tjob_simulator_init; what happens is recorded in a script, unless that is NULL. */
tjob_simulator *tjob__simulator_init(const tjob_simulator_config *config, void *memory, size_t bytes,
                                     struct replay *replay);

/* The model of the store that a configuration asks for, with its plant. */
const tjob_store_model *tjob__simulator_model(const tjob_simulator_config *config);

/* ---- flight.c: operations under way ---------------------------------------------------------------------------- */

/* A flight has come to where it goes. */
void tjob__in_flight_arrives(struct tjob_simulator *simulator, struct in_flight *in_flight);

/* A flight that is no longer needed, unless a write of its own is under way. */
void tjob__in_flight_drop(struct tjob_simulator *simulator, struct in_flight *in_flight);

/* ---- jury.c: what is judged ------------------------------------------------------------------------------------ */

/* Notes a violation, if it is the first, and the end of the simulation. Nothing if `check` is TJOB_INVARIANT_NONE. */
void tjob__monitor_note(struct tjob_simulator *simulator, tjob_invariant check, uint32_t index, uint32_t event);

/* Notes a bound that was met; but for that of the judge of histories, the simulation ends there. */
void tjob__monitor_bound(struct tjob_simulator *simulator, tjob_simulator_bound bound);

/* A call was invoked; its operation has ended. */
void tjob__monitor_invoked(struct tjob_simulator *simulator, struct in_flight *in_flight);
void tjob__monitor_answered(struct tjob_simulator *simulator, struct in_flight *in_flight);

/*
 * An operation that has ended and of which nothing is under way any more: if none of its swaps was applied, none ever
 * will be, which the judge of histories is told in place of an answer that leaves it open.
 */
void tjob__monitor_resolves(const struct tjob_simulator *simulator, struct in_flight *in_flight);

/* All has settled: looks at the job for the last time. */
void tjob__monitor_closes(struct tjob_simulator *simulator, uint32_t index);

#endif
