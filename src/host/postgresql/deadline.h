/* Deadlines by a clock that nobody sets, and waits for a socket until then. */
#ifndef TJOB_HOST_POSTGRESQL_DEADLINE_H
#define TJOB_HOST_POSTGRESQL_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Returns now, and the end of a wait that begins now, in nanoseconds of the monotonic clock. */
uint64_t tjob__postgresql_now(void);
uint64_t tjob__postgresql_deadline(uint64_t wait_ms);

/* Returns a deadline as the time that pthread_cond_timedwait takes. */
struct timespec tjob__postgresql_timespec(uint64_t deadline);

/* Waits until a socket is ready for one of the events of poll(2). Returns whether it is; false: the deadline passed. */
bool tjob__postgresql_wait(int socket, short events, uint64_t deadline);

#endif
