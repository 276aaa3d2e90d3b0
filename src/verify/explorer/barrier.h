/* The barrier at which the threads of a search wait for each other. It spins, and the last thread to arrive runs the
 * sequential work. */
#ifndef TJOB_VERIFY_EXPLORER_BARRIER_H
#define TJOB_VERIFY_EXPLORER_BARRIER_H

#include <stdint.h>

/* Initialize it to zero, then set `threads` and `wait`. */
struct barrier {
    uint32_t threads;
    uint32_t arrived;
    uint32_t generation;
    void (*wait)(void); /* called repeatedly by the threads that wait */
};

/*
 * Returns when all threads have called it the same number of times. The last thread to arrive calls `alone` before any
 * of them returns. Everything that `alone` and all threads wrote before is then visible to all threads.
 */
void tjob__barrier_meet(struct barrier *barrier, void (*alone)(void *context), void *context);

#endif
