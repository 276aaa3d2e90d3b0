/*
 * A store that can be opened again while threads use it: a file that has grown, say. The new one is opened beside the
 * old one, which is closed when the last call on it has ended.
 */
#ifndef TJOB_CLI_SERVE_STORE_H
#define TJOB_CLI_SERVE_STORE_H

#include <pthread.h>
#include <stdbool.h>

#include "cli/session.h"

struct serve_store {
    struct session sessions[2];
    unsigned calls[2]; /* in progress */
    unsigned current;
    bool is_replaced; /* the session that is not the current one is still open */
    pthread_mutex_t lock;
};

/* Opens the store of --store. Returns EXIT_DONE, or the exit code after printing the error. */
int serve_store_open(struct serve_store *store, const struct arguments *arguments);

/*
 * Opens it again. Only where serve_store_tend has returned true. If it cannot be opened, the old one stays, and the
 * error is printed.
 */
int serve_store_reopen(struct serve_store *store, const struct arguments *arguments);

/* Closes the old one once its calls have ended, without waiting for them. Returns whether no old one is open. */
bool serve_store_tend(struct serve_store *store);

/* Closes it. No call may be in progress. */
void serve_store_close(struct serve_store *store);

/* The store as callbacks of a service. Thread-safe. */
tjob_store serve_store_callbacks(struct serve_store *store);

#endif
