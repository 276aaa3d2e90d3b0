/* What goes wrong, when: rates of single requests, and what the weather is like in a window of time. */
#ifndef TJOB_VERIFY_SIMULATOR_FAULTS_H
#define TJOB_VERIFY_SIMULATOR_FAULTS_H

#include "tjob/simulator.h"

#define NO_FAULT TJOB_FAULT_COUNT

/* The kinds of request that something can happen to. */
enum request { REQUEST_ASK, REQUEST_LOAD, REQUEST_SWAP, REQUEST_COUNT };

/* What may happen to one request: a fault takes the draws below its own bound and from the one before on. */
struct fault_table {
    uint32_t total; /* the last bound */
    uint32_t bounds[TJOB_FAULT_COUNT];
};

struct faults {
    tjob_fault_profile profile;
    uint64_t seed;
    struct fault_table calm[REQUEST_COUNT];
    struct fault_table burst[REQUEST_COUNT];

    /* the window that time is in */
    uint32_t window_end_ms;
    const struct fault_table *tables; /* by enum request */
    bool outage;
    bool partitioned[TJOB_ACTOR_COUNT];
};

/* Whether a profile can be. */
bool tjob__faults_are_valid(const tjob_fault_profile *profile);

void tjob__faults_init(struct faults *faults, const tjob_fault_profile *profile, uint64_t seed);

/* Time has come to `now_ms`, which is not before the last one. */
static inline void faults_advance(struct faults *faults, uint32_t now_ms);

/* From now on nothing goes wrong. */
void tjob__faults_cease(struct faults *faults);

/* What befalls a request of an actor, by a draw; NO_FAULT if nothing does. */
tjob_fault tjob__faults_of(const struct faults *faults, enum request request, tjob_actor actor, uint32_t draw);

/* By how much the clock of a job's actor is off; 0 if it is right. */
int64_t tjob__faults_clock(const struct faults *faults, uint32_t job, tjob_actor actor, uint32_t now_ms);

void tjob__faults_enter_window(struct faults *faults, uint32_t now_ms);

static inline void faults_advance(struct faults *faults, uint32_t now_ms)
{
    if (now_ms >= faults->window_end_ms) {
        tjob__faults_enter_window(faults, now_ms);
    }
}

#endif
