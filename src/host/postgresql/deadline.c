#define _POSIX_C_SOURCE 200809L /* NOLINT: for clock_gettime */

#include "host/postgresql/deadline.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

#define DEADLINE_NS_PER_MS UINT64_C(1000000)
#define DEADLINE_NS_PER_S UINT64_C(1000000000)

uint64_t tjob__postgresql_now(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * DEADLINE_NS_PER_S + (uint64_t)now.tv_nsec;
}

/* A wait beyond 2^32 ms, which is 49 days, is as good as one of 2^32 ms. */
uint64_t tjob__postgresql_deadline(uint64_t wait_ms)
{
    return tjob__postgresql_now() + (wait_ms < UINT32_MAX ? wait_ms : UINT32_MAX) * DEADLINE_NS_PER_MS;
}

struct timespec tjob__postgresql_timespec(uint64_t deadline)
{
    return (struct timespec){.tv_sec = (time_t)(deadline / DEADLINE_NS_PER_S),
                             .tv_nsec = (long)(deadline % DEADLINE_NS_PER_S)};
}

bool tjob__postgresql_wait(int socket, short events, uint64_t deadline)
{
    struct pollfd polled = {.fd = socket, .events = events};
    for (;;) {
        const uint64_t now = tjob__postgresql_now();
        const uint64_t left = now < deadline ? (deadline - now + DEADLINE_NS_PER_MS - 1) / DEADLINE_NS_PER_MS : 0;
        const int ready = poll(&polled, 1, left < INT_MAX ? (int)left : INT_MAX);
        if (ready > 0 || (ready < 0 && errno != EINTR)) { /* LCOV_EXCL_BR_LINE: no memory for another error */
            return true;                                  /* an error of the socket is for libpq to see */
        }
        if (left == 0) {
            return false;
        }
    }
}
