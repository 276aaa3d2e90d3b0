#include "verify/explorer/barrier.h"

void tjob__barrier_meet(struct barrier *barrier, void (*alone)(void *context), void *context)
{
    /* It cannot change until this thread has arrived too. */
    const uint32_t generation = __atomic_load_n(&barrier->generation, __ATOMIC_RELAXED);
    if (__atomic_add_fetch(&barrier->arrived, 1, __ATOMIC_ACQ_REL) == barrier->threads) {
        alone(context);
        __atomic_store_n(&barrier->arrived, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&barrier->generation, generation + 1, __ATOMIC_RELEASE);
        return;
    }
    while (__atomic_load_n(&barrier->generation, __ATOMIC_ACQUIRE) == generation) {
        barrier->wait();
    }
}
