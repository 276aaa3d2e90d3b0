/* The clock that a host supplies. */
#ifndef TJOB_CLOCK_H
#define TJOB_CLOCK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A clock. now_ms returns Unix milliseconds. The clock may stand still, and may jump in either direction: the times
 * inside a job never run backwards whatever it returns, and admission recovers by itself. `context` is the clock's own
 * pointer; `user` is the caller's, as in tjob_store. The callback must be thread-safe if the host calls from several
 * threads.
 */
typedef struct tjob_clock {
    void *context;
    uint64_t (*now_ms)(void *context, void *user);
} tjob_clock;

#ifdef __cplusplus
}
#endif

#endif
