/* Where the threads of a search wait for each other: a barrier that spins, and lets the last one do what one alone
 * must. */
#ifndef TJOB_VERIFY_EXPLORER_BARRIER_H
#define TJOB_VERIFY_EXPLORER_BARRIER_H

#include <stdint.h>

/* Zero it, and set `threads` and `wait`. */
struct barrier {
    uint32_t threads;
    uint32_t arrived;
    uint32_t generation;
    void (*wait)(void); /* called over and over by those who wait */
};

/*
 * Returns when all threads have called it as often. The last to arrive calls `alone` before any of them returns; what
 * it and all of them wrote before is then seen by all of them.
 */
void tjob__barrier_meet(struct barrier *barrier, void (*alone)(void *context), void *context);

#endif
