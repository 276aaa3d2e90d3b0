/* Fault injection: which faults occur, and when. There are rates for single requests, and conditions that last for a
 * window of time. */
#ifndef TJOB_VERIFY_SIMULATOR_FAULTS_H
#define TJOB_VERIFY_SIMULATOR_FAULTS_H

#include "tjob/simulator.h"

#define NO_FAULT TJOB_FAULT_COUNT

/* The number of actors that call the store; the store itself comes after them. */
enum { CALLERS = TJOB_ACTOR_STORE };

/* The kinds of request that a fault can affect. */
enum request { REQUEST_ASK, REQUEST_LOAD, REQUEST_SWAP, REQUEST_COUNT };

/* The faults that may affect one request: each takes the draws from the previous fault's bound up to but not including
 * its own. */
struct fault_table {
    uint32_t total; /* the last bound */
    uint32_t bounds[TJOB_FAULT_COUNT];
};

struct faults {
    tjob_fault_profile profile;
    uint64_t seed;
    struct fault_table calm[REQUEST_COUNT];
    struct fault_table burst[REQUEST_COUNT];

    /* the current window */
    uint32_t window_end_ms;
    const struct fault_table *tables; /* by enum request */
    bool outage;
    bool partitioned[CALLERS];
};

/* Returns whether a profile is valid. */
bool tjob__faults_are_valid(const tjob_fault_profile *profile);

void tjob__faults_init(struct faults *faults, const tjob_fault_profile *profile, uint64_t seed);

/* Advances the time to `now_ms`, which must not decrease. */
static inline void faults_advance(struct faults *faults, uint32_t now_ms);

/* Ends all faults. */
void tjob__faults_cease(struct faults *faults);

/* Returns the fault that affects a request of an actor, chosen by a draw; NO_FAULT if there is none. */
tjob_fault tjob__faults_of(const struct faults *faults, enum request request, tjob_actor actor, uint32_t draw);

/* Returns the clock error of a job's actor; 0 if the clock is right. */
int64_t tjob__faults_clock(const struct faults *faults, uint32_t job, tjob_actor actor, uint32_t now_ms);

void tjob__faults_enter_window(struct faults *faults, uint32_t now_ms);

static inline void faults_advance(struct faults *faults, uint32_t now_ms)
{
    if (now_ms >= faults->window_end_ms) {
        tjob__faults_enter_window(faults, now_ms);
    }
}

#endif
