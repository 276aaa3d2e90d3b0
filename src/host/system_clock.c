#include "tjob/system_clock.h"

#include <time.h>

static uint64_t system_now_ms(void *context, void *user)
{
    (void)context;
    (void)user;
    struct timespec now = {0};
    if (timespec_get(&now, TIME_UTC) == 0 || now.tv_sec < 0) { /* LCOV_EXCL_BR_LINE: a machine of tests has a clock */
        return 0;                                              /* LCOV_EXCL_LINE: as above */
    }
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

tjob_clock tjob_system_clock(void)
{
    return (tjob_clock){.context = NULL, .now_ms = system_now_ms};
}
