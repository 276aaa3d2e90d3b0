/* The state of a simulation, which its modules share. */
#ifndef TJOB_VERIFY_SIMULATOR_SIMULATION_H
#define TJOB_VERIFY_SIMULATOR_SIMULATION_H

#include "verify/simulator/faults.h"
#include "verify/simulator/pool.h"
#include "verify/simulator/random.h"
#include "verify/simulator/replay.h"
#include "verify/simulator/store.h"
#include "verify/simulator/timer_wheel.h"
#include "verify/spec/invariants.h"

/* The data of a job. Its state in the store model follows it in memory. */
struct cell {
    uint64_t stream; /* its random number stream */
    uint64_t words[TJOB_SIMULATOR_STATE_WORDS];
    uint32_t promised; /* the incarnation in which a stop was answered 200, as a digest; 0 = none */
    uint32_t calls;    /* the first unexplained call, as its number plus 1; CELL_UNCHECKED: the checker gave up */
    tjob_history_checkpoint checkpoint;
};

#define CELL_UNCHECKED (UINT32_C(1) << 31)

_Static_assert(TJOB_SIMULATOR_CALLS_OF_JOB_MAX > TJOB_HISTORY_OPEN_MAX, "the history checker's own bound comes first");

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
    struct pool calls;     /* of struct call */
    struct pool in_flight; /* of struct in_flight */
    struct pool writes;    /* of struct late_write */
    uint32_t end_ms;       /* of the last minute */
    bool quiescing;
    bool draining;
    uint64_t sequence;                                             /* of invocations and answers */
    tjob_call history_of_job[TJOB_SIMULATOR_CALLS_OF_JOB_MAX + 1]; /* the calls of one job, and the final read */
};

/* Items of the timer wheel: an in-flight operation, a write, or a timer of a cell. */
#define ITEM_IN_FLIGHT (UINT32_C(1) << 31)
#define ITEM_WRITE (UINT32_C(3) << 30)
#define ITEM_NUMBER(item) ((item) & ~ITEM_WRITE)
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

static inline struct slot cell_slot(const struct tjob_simulator *simulator, uint32_t index)
{
    return (struct slot){cell_at(simulator, index) + 1, simulator->config.first_job + index};
}

#endif
