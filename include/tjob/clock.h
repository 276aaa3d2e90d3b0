/* Time, as a host plugs it in. */
#ifndef TJOB_CLOCK_H
#define TJOB_CLOCK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A clock: now_ms returns Unix milliseconds. It is free to stand still and to jump either way: times inside a job never
 * run backwards whatever it says, and admission recovers by itself. `user` is the caller's own pointer, as in tjob_store.
 * It must be thread-safe if the host calls from several threads.
 */
typedef struct tjob_clock {
    void *context;
    uint64_t (*now_ms)(void *context, void *user);
} tjob_clock;

#ifdef __cplusplus
}
#endif

#endif
