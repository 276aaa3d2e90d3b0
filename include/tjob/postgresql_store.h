/*
 * A store in PostgreSQL 15 or later, by libpq. It is in a library of its own, tjob_postgresql, which is built only
 * with -D TJOB_POSTGRESQL=ON. It needs POSIX threads. docs/postgresql.md describes the schema, and what each answer
 * of the server means.
 */
#ifndef TJOB_POSTGRESQL_STORE_H
#define TJOB_POSTGRESQL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/store.h"
#include "tjob/store_list.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Limits ---------------------------------------------------------------------------------------------------- */

/* How long a call takes at most by default (for 0), in milliseconds. */
#define TJOB_POSTGRESQL_WAIT_MS_DEFAULT 5000

/* The most connections in one store. */
#define TJOB_POSTGRESQL_CONNECTIONS_MAX 1024

/* The size of the latest message, with its terminating 0, in bytes. */
#define TJOB_POSTGRESQL_MESSAGE_BYTES 256

/* The version of the schema that this library makes and understands. */
#define TJOB_POSTGRESQL_SCHEMA_VERSION 1

/* The room for a mutex and for a condition of the system's, in bytes: numbers of this header's own. */
#define TJOB_POSTGRESQL_MUTEX_BYTES 64
#define TJOB_POSTGRESQL_CONDITION_BYTES 64

/* ---- Problems -------------------------------------------------------------------------------------------------- */

/* Why a call failed. */
typedef enum tjob_postgresql_problem {
    TJOB_POSTGRESQL_OK = 0,
    TJOB_POSTGRESQL_INVALID_ARGUMENT, /* an argument is out of its bounds, or the connection string is invalid */
    TJOB_POSTGRESQL_NO_CONNECTION,    /* no server accepts a connection within the deadline; nothing was sent */
    TJOB_POSTGRESQL_BUSY,             /* other threads used all connections until the deadline; nothing was sent */
    TJOB_POSTGRESQL_NO_TRANSACTION,   /* the caller's connection is not in a transaction that can go on; nothing was
                                         sent */
    TJOB_POSTGRESQL_TIMED_OUT,        /* the server did not answer by the deadline: the statement may yet be applied */
    TJOB_POSTGRESQL_LOST,             /* the connection was lost before the answer: it may have been applied */
    TJOB_POSTGRESQL_WARNED,           /* the statement succeeded with a warning: no standby may have it */
    TJOB_POSTGRESQL_CONTENDED,        /* a serialization failure or a deadlock; nothing was changed */
    TJOB_POSTGRESQL_CANCELLED,        /* cancelled, or a time-out of the server's; nothing was changed */
    TJOB_POSTGRESQL_READ_ONLY,        /* the server is a standby, or the transaction is read-only */
    TJOB_POSTGRESQL_NO_SPACE,         /* the server's disk is full; nothing was changed */
    TJOB_POSTGRESQL_NO_RESOURCES,     /* the server is out of memory, locks or connections; nothing was changed */
    TJOB_POSTGRESQL_NO_PERMISSION,    /* the role may not do this; nothing was changed */
    TJOB_POSTGRESQL_MISSING,          /* the database has no store in the search path: tjob_postgresql_store_create */
    TJOB_POSTGRESQL_OTHER_SCHEMA,     /* the schema has a version that this library does not understand */
    TJOB_POSTGRESQL_DAMAGED,          /* a row is not a valid job */
    TJOB_POSTGRESQL_NOT_DURABLE,      /* the server runs with fsync off, or full_page_writes off */
    TJOB_POSTGRESQL_OLD_SERVER,       /* the server is older than PostgreSQL 15 */
    TJOB_POSTGRESQL_REFUSED           /* the server refused the statement for another reason; nothing was changed */
} tjob_postgresql_problem;

#define TJOB_POSTGRESQL_PROBLEM_COUNT 20

/*
 * Returns a problem as a sentence without its full stop, such as "the server's disk is full"; "?" for a value outside
 * the enum. The string is static. Thread-safe.
 */
const char *tjob_postgresql_problem_text(tjob_postgresql_problem problem);

/*
 * Returns the name of a problem, for programs: its enumerator without the prefix, such as "NO_SPACE"; "?" for a value
 * outside the enum. The string is static. Thread-safe.
 */
const char *tjob_postgresql_problem_name(tjob_postgresql_problem problem);

/* ---- The store ------------------------------------------------------------------------------------------------- */

/* One connection of the pool, in the caller's memory. Its fields are private. */
typedef struct tjob_postgresql_connection {
    void *handle; /* a PGconn; NULL while it is not connected */
    uint32_t is_busy;
    uint32_t warnings; /* since the statement in progress was sent */
    uint32_t prepared; /* the statements that were prepared on it */
    uint32_t zero;
} tjob_postgresql_connection;

/* How a store is opened. All zero except conninfo, connections and connection_count is a good choice. */
typedef struct tjob_postgresql_config {
    const char *conninfo;                    /* libpq's connection string or URI; the caller keeps it */
    tjob_postgresql_connection *connections; /* the pool: memory of the caller's, as long as the store is open */
    uint32_t connection_count;               /* 1 to TJOB_POSTGRESQL_CONNECTIONS_MAX */
    uint32_t wait_ms;                        /* how long a call takes at most; 0 = TJOB_POSTGRESQL_WAIT_MS_DEFAULT */
    bool takes_calls;                        /* the user pointer of every call is NULL or a tjob_postgresql_call */
} tjob_postgresql_config;

/*
 * What the user pointer of a call leads to if tjob_postgresql_config.takes_calls is set: the caller's own
 * transaction.
 *
 * The load and the swap of the call then run on the caller's connection, inside its open transaction, beside whatever
 * else the caller writes there. The swap takes effect with the caller's COMMIT, and not at all with a ROLLBACK: an
 * outcome of TJOB_OK takes effect when this transaction commits. Answer the client after the COMMIT. Handle a lost
 * answer to the COMMIT, a COMMIT with a warning, and one whose command tag is not "COMMIT", by the rules of
 * docs/postgresql.md. Until the COMMIT the row is locked, and others that change this job wait.
 *
 * A failure of a statement aborts the transaction: roll it back, and perform the operation again in a new one.
 */
typedef struct tjob_postgresql_call {
    void *connection; /* a PGconn with an open transaction, used by this call alone meanwhile; NULL: one of the pool */
    uint64_t wait_ms; /* how long a load or a swap takes at most; 0 = that of the store */
} tjob_postgresql_call;

/*
 * An open store. Its fields are private. It must not be moved or copied while it is open, and it must outlive every
 * service that uses it.
 */
typedef struct tjob_postgresql_store {
    tjob_postgresql_config config;
    uint32_t first_host; /* where to begin in a list of hosts: the one that was tried last; accessed atomically */
    uint32_t is_pooled;  /* prepared statements do not stay: a pooler is between; accessed atomically */
    uint32_t zero;
    int32_t problem; /* the latest; accessed with the mutex */
    uint64_t mutex[TJOB_POSTGRESQL_MUTEX_BYTES / 8];
    uint64_t released[TJOB_POSTGRESQL_CONDITION_BYTES / 8];
    char message[TJOB_POSTGRESQL_MESSAGE_BYTES];
} tjob_postgresql_store;

/*
 * Opens a store. Does not connect: the first call that needs a connection does, so that a host can begin before its
 * database. tjob_postgresql_store_check connects and returns whether the store is usable.
 *
 * config  is copied; what it points to is kept by the caller as long as the store is open. `connections` need not be
 *         initialized.
 *
 * If the connection string names several hosts, each is tried for its share of the time, beginning with the one that
 * was tried last; only a primary is accepted, unless the string says otherwise by target_session_attrs.
 *
 * Returns TJOB_POSTGRESQL_OK, or TJOB_POSTGRESQL_INVALID_ARGUMENT or TJOB_POSTGRESQL_NO_RESOURCES, and then there is
 * nothing to close. After a fork, a child must not use the store. Thread-safe for different stores.
 */
tjob_postgresql_problem tjob_postgresql_store_init(tjob_postgresql_store *store, const tjob_postgresql_config *config);

/* Closes the store and its connections. No call may be in progress. */
void tjob_postgresql_store_close(tjob_postgresql_store *store);

/*
 * Returns the store as callbacks for tjob_service.store. Thread-safe: as many calls as there are connections are in
 * progress at once, and further ones wait for a connection. A load and a swap are one statement each, which is one
 * round trip, and one more when a connection prepares it for the first time. A statement is sent a second time only
 * after the server has refused the first: behind a pooler in transaction mode it may not know what was prepared. Each
 * call takes at most wait_ms, whatever the server does. Only the resolution of a host's name is libpq's and takes the
 * system's time: give hostaddr to avoid it.
 *
 * A swap commits durably before it returns TJOB_SWAP_OK, even if the session has synchronous_commit off. It returns
 * TJOB_SWAP_UNKNOWN when the answer was lost or late, or came with a warning: the connection is then closed. A
 * creation returns TJOB_SWAP_FULL if the server's disk is full. A load returns TJOB_LOAD_UNAVAILABLE on a standby.
 */
tjob_store tjob_postgresql_store_callbacks(tjob_postgresql_store *store);

/*
 * Returns the store's list, for supervisors. A query with states uses an index, and its cost is that of the jobs that
 * it returns. A query without states reads all jobs in the order of their ARNs. Thread-safe.
 */
tjob_store_list tjob_postgresql_store_list(tjob_postgresql_store *store);

/*
 * Copies the text of the latest problem of any call, such as the server's own message, to `message`, for logs; "" if
 * there was none. TJOB_POSTGRESQL_INVALID_ARGUMENT does not count: it reaches no server. Returns that problem.
 * Thread-safe.
 */
tjob_postgresql_problem tjob_postgresql_store_message(tjob_postgresql_store *store,
                                                      char message[TJOB_POSTGRESQL_MESSAGE_BYTES]);

/* ---- Administration -------------------------------------------------------------------------------------------- */

/*
 * Makes the tables, the index and the view in the first schema of the search path, in one transaction. Does nothing
 * if they are there. Returns TJOB_POSTGRESQL_OK; TJOB_POSTGRESQL_OTHER_SCHEMA if there are newer ones; or the problem,
 * and then it is not known whether they are there: repeat the call. Thread-safe.
 */
tjob_postgresql_problem tjob_postgresql_store_create(tjob_postgresql_store *store);

/*
 * Checks that the store can be used: a primary of PostgreSQL 15 or later can be reached, which writes durably, and
 * has the schema in a version that this library understands. Returns TJOB_POSTGRESQL_OK or the problem. Thread-safe.
 */
tjob_postgresql_problem tjob_postgresql_store_check(tjob_postgresql_store *store);

/*
 * Deletes rows of removed jobs (tombstones), at most `limit` of them. Any moment is safe: in the same transaction the
 * version of all names without a row is raised above those that are deleted, so that no version comes back. Creations
 * that are in progress meanwhile meet a conflict, and load again. Call it until *purged is below the limit.
 *
 * limit   1 to 2^31-1; 10000 is a good choice. Each call is one transaction.
 * purged  receives the number of rows; 0 unless TJOB_POSTGRESQL_OK is returned.
 *
 * Returns TJOB_POSTGRESQL_OK; or the problem, and then it is not known whether they were deleted: repeat the call.
 * Thread-safe.
 */
tjob_postgresql_problem tjob_postgresql_store_purge(tjob_postgresql_store *store, uint32_t limit, uint64_t *purged);

/*
 * Raises the version of every absence to at least `version`, and deletes all tombstones: jobs that are created from
 * then on have greater versions and incarnations. Use it before jobs are copied from another store, with the greatest
 * version of that store. Jobs that are there are not changed.
 *
 * version  at most 2^62.
 *
 * Returns TJOB_POSTGRESQL_OK; or the problem, and then it is not known whether the version was raised: repeat the call.
 * Thread-safe.
 */
tjob_postgresql_problem tjob_postgresql_store_raise(tjob_postgresql_store *store, uint64_t version);

#ifdef __cplusplus
}
#endif

#endif
