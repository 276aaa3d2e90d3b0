/*
 * Runs a search of tjob's explorer in a program that may allocate: it starts the threads, and takes memory until it is
 * enough. For programs with POSIX threads.
 */
#ifndef EXPLORE_H
#define EXPLORE_H

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "tjob/explorer.h"

/* The first memory holds this many states, and each further one is this many times as large as the one before it. */
enum { EXPLORE_STATES = 1024, EXPLORE_GROWTH = 4, EXPLORE_ALIGNMENT = 64 };

/* A search that waits for the last of its threads: no thread begins before all are there. */
struct explore_gate {
    pthread_mutex_t closed;
    tjob_explorer *explorer; /* NULL: some thread could not be started */
};

struct explore_thread {
    pthread_t handle;
    struct explore_gate *gate;
    uint32_t number;
};

static inline void explore_yield(void)
{
    (void)sched_yield();
}

static inline void *explore_work(void *argument)
{
    const struct explore_thread *thread = argument;
    pthread_mutex_lock(&thread->gate->closed);
    tjob_explorer *explorer = thread->gate->explorer;
    pthread_mutex_unlock(&thread->gate->closed);
    if (explorer != NULL) {
        (void)tjob_explorer_run(explorer, thread->number);
    }
    return NULL;
}

/*
 * Runs a search that was set up for so many threads, of which the calling one is the first, to its end. Returns how it
 * ended; TJOB_EXPLORATION_RUNNING if a thread could not be started: then the search has not begun.
 */
static inline tjob_exploration explore_run(tjob_explorer *explorer, uint32_t threads)
{
    struct explore_gate gate = {.closed = PTHREAD_MUTEX_INITIALIZER, .explorer = explorer};
    struct explore_thread others[TJOB_EXPLORER_THREADS_MAX];
    uint32_t started = 1;
    pthread_mutex_lock(&gate.closed);
    while (started < threads) {
        others[started] = (struct explore_thread){.gate = &gate, .number = started};
        if (pthread_create(&others[started].handle, NULL, explore_work, &others[started]) != 0) {
            gate.explorer = NULL;
            break;
        }
        started++;
    }
    pthread_mutex_unlock(&gate.closed);
    if (gate.explorer != NULL) {
        (void)tjob_explorer_run(explorer, 0);
    }
    while (--started != 0) {
        pthread_join(others[started].handle, NULL);
    }
    return tjob_explorer_end(explorer);
}

/*
 * Explores a model by so many threads. While the memory is not enough, the search begins again with more of it, up to
 * `most_bytes`. Returns the search after its end, which is TJOB_EXPLORATION_OUT_OF_MEMORY if `most_bytes` are not
 * enough; NULL if memory or a thread could not be had, or an argument is invalid. The caller frees *memory when it no
 * longer needs the search.
 */
static inline tjob_explorer *explore_model(const tjob_model *model, uint32_t threads, size_t most_bytes, void **memory)
{
    const size_t most = most_bytes / EXPLORE_ALIGNMENT * EXPLORE_ALIGNMENT;
    size_t bytes = (size_t)tjob_explorer_bytes(model, threads, EXPLORE_STATES);
    for (;;) {
        bytes = bytes < most ? bytes : most;
        *memory = aligned_alloc(EXPLORE_ALIGNMENT, bytes);
        tjob_explorer *explorer =
            *memory != NULL ? tjob_explorer_init(model, *memory, bytes, threads, explore_yield) : NULL;
        const tjob_exploration end = explorer != NULL ? explore_run(explorer, threads) : TJOB_EXPLORATION_RUNNING;
        if (end != TJOB_EXPLORATION_RUNNING && (end != TJOB_EXPLORATION_OUT_OF_MEMORY || bytes == most)) {
            return explorer;
        }
        free(*memory);
        *memory = NULL;
        if (end == TJOB_EXPLORATION_RUNNING) {
            return NULL;
        }
        bytes = bytes <= most / EXPLORE_GROWTH ? bytes * EXPLORE_GROWTH : most;
    }
}

#endif
