/* Stores on the servers of postgresql_server.sh, and swaps in threads of their own, which something happens to. */
#ifndef TJOB_TESTS_POSTGRESQL_ATTEMPT_H
#define TJOB_TESTS_POSTGRESQL_ATTEMPT_H

#include <pthread.h>
#include <stdint.h>

#include "tjob/postgresql_store.h"

enum { SUBJECT_CONNECTIONS = 4 };

/* A store and its memory. */
struct subject {
    char conninfo[512];
    tjob_postgresql_connection connections[SUBJECT_CONNECTIONS];
    tjob_postgresql_store store;
    tjob_store callbacks;
    tjob_store_list list;
};

/* Opens a store on the primary by its socket. `options` are further words for libpq, or "". */
void subject_open(struct subject *subject, const char *options, uint32_t wait_ms);

/* The same with a whole connection string, and a number of connections. */
void subject_open_at(struct subject *subject, const char *conninfo, uint32_t connections, uint32_t wait_ms,
                     bool takes_calls);
void subject_close(struct subject *subject);

/* Returns the latest problem of a store. */
tjob_postgresql_problem subject_problem(struct subject *subject);

/* Makes an empty store: drops what was there. */
void subject_recreate(struct subject *subject);

/* Creates a job and returns its version. */
uint64_t subject_put(struct subject *subject, tjob_text arn);

/* Returns the version of a job that is there; fails the test if it is not. */
uint64_t subject_version(struct subject *subject, tjob_text arn);

/* A swap in a thread of its own. */
struct attempt {
    struct subject *subject;
    void *user;
    tjob_text arn;
    uint64_t expected;
    bool removes;
    tjob_swap_status status;
    uint64_t took_ms;
    pthread_t thread;
};

void attempt_begin(struct attempt *attempt);
tjob_swap_status attempt_end(struct attempt *attempt);

/* Returns now, in milliseconds of the monotonic clock. */
uint64_t attempt_now_ms(void);

/* Waits until a backend of a store waits for such an event ("Lock", "IPC", ...), and returns its process. */
int attempt_wait_event(const char *type);

#endif
