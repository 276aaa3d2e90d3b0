/*
 * A store that can be opened again while threads use it: a file that has grown, say. The new one is opened beside the
 * old one, which is closed when the last call on it has ended.
 */
#ifndef TJOB_CLI_SERVE_STORE_H
#define TJOB_CLI_SERVE_STORE_H

#include <pthread.h>
#include <stdbool.h>

#include "cli/session.h"

/* The session that is not the current one: there is none, a thread opens it, or calls on it are in progress. */
enum serve_store_other { OTHER_NONE, OTHER_OPENING, OTHER_REPLACED };

struct serve_store {
    const struct arguments *arguments;
    struct session sessions[2];
    unsigned calls[2]; /* in progress */
    unsigned current;
    enum serve_store_other other;
    pthread_mutex_t lock;
};

/* Opens the store of --store. Returns EXIT_DONE, or the exit code after printing the error. */
int serve_store_open(struct serve_store *store, const struct arguments *arguments);

/*
 * Begins to open it again, on a thread of its own: that may take long. Only where serve_store_tend has returned true.
 * If it cannot be opened, the old one stays, and the error is printed.
 */
void serve_store_reopen(struct serve_store *store);

/*
 * Closes the old one once its calls have ended, without waiting for them. Returns whether no other one is open or is
 * being opened.
 */
bool serve_store_tend(struct serve_store *store);

/*
 * Closes it. No call may be in progress. Returns false where another one is still being opened: a thread then uses the
 * struct on.
 */
bool serve_store_close(struct serve_store *store);

/* The store as callbacks of a service. Thread-safe. */
tjob_store serve_store_callbacks(struct serve_store *store);

#endif
