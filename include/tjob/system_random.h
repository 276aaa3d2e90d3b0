/* The machine's own source of random bytes. */
#ifndef TJOB_SYSTEM_RANDOM_H
#define TJOB_SYSTEM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Fills `bytes` with `count` unpredictable bytes, for the key of a memory store or for tokens. It uses POSIX
 * getentropy, or rand_s on Windows. It may block while the machine starts, until the system has gathered enough
 * entropy. Thread-safe.
 *
 * Returns true, or false if the system has no such source; then do not use the content of `bytes`.
 */
bool tjob_system_random(void *bytes, size_t count);

#ifdef __cplusplus
}
#endif

#endif
