/* The machine's own clock. */
#ifndef TJOB_SYSTEM_CLOCK_H
#define TJOB_SYSTEM_CLOCK_H

#include "tjob/clock.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Returns the machine's real-time clock (C11 timespec_get), in Unix milliseconds; it returns 0 if it cannot be read, or
 * is before 1970. Thread-safe.
 */
tjob_clock tjob_system_clock(void);

#ifdef __cplusplus
}
#endif

#endif
