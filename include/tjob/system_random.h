/* The machine's own source of random bytes. */
#ifndef TJOB_SYSTEM_RANDOM_H
#define TJOB_SYSTEM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Fills `count` bytes that nobody can guess: for the key of a memory store, for tokens. POSIX getentropy, or rand_s on
 * Windows. It may block early in the start of a machine, until the system has gathered enough. Thread-safe.
 *
 * True; or false if the system has no such source, and then what the bytes hold is of no use.
 */
bool tjob_system_random(void *bytes, size_t count);

#ifdef __cplusplus
}
#endif

#endif
