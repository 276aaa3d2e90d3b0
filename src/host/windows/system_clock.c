/* The system clock, for systems without timespec_get. */
#include <windows.h>

#include "tjob/system_clock.h"

enum { TICKS_IN_MS = 10000 };

/* FILETIME counts ticks since 1601. */
#define UNIX_EPOCH_TICKS UINT64_C(116444736000000000)

static uint64_t system_now_ms(void *context, void *user)
{
    (void)context;
    (void)user;
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    const uint64_t ticks = (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
    return ticks < UNIX_EPOCH_TICKS ? 0 : (ticks - UNIX_EPOCH_TICKS) / TICKS_IN_MS;
}

tjob_clock tjob_system_clock(void)
{
    return (tjob_clock){.context = NULL, .now_ms = system_now_ms};
}
