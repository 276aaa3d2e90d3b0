/*
 * A durable store on etcd (3.4 and later), by its JSON gateway over HTTP: for a host that runs on several machines. It
 * is a library of its own, tjob::etcd, which needs libcurl (7.80 and later) and POSIX threads. docs/etcd.md describes
 * the keys, the transactions, and how each outcome is mapped.
 */
#ifndef TJOB_ETCD_STORE_H
#define TJOB_ETCD_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "tjob/store.h"
#include "tjob/store_list.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Limits ---------------------------------------------------------------------------------------------------- */

/* How long a call may take by default (for 0), and how long one endpoint may take to accept a connection, in
 * milliseconds. */
#define TJOB_ETCD_WAIT_MS_DEFAULT 5000
#define TJOB_ETCD_CONNECT_MS_DEFAULT 1000

/* The largest number of endpoints, and of bytes in their list, including the terminating NUL. */
#define TJOB_ETCD_ENDPOINTS_MAX 8
#define TJOB_ETCD_ENDPOINTS_BYTES_MAX 1024

/* The default prefix of all keys (for NULL), and the longest one, in bytes without the terminating NUL. */
#define TJOB_ETCD_PREFIX_DEFAULT "tjob/"
#define TJOB_ETCD_PREFIX_BYTES_MAX 64

/* The longest path of a file with a certificate, in bytes, including the terminating NUL. */
#define TJOB_ETCD_PATH_BYTES_MAX 512

/* The size of a message with its terminating NUL, in bytes. */
#define TJOB_ETCD_MESSAGE_BYTES 512

/* The version of the schema: the number in the store's marker. */
#define TJOB_ETCD_SCHEMA 1

/* After tjob_etcd_store_renew, the versions begin this far above 2^10 for each millisecond since 1970. */
#define TJOB_ETCD_RENEW_RAISE (UINT64_C(1) << 40)

/* The highest version that tjob_etcd_store_raise takes: far below UINT64_MAX, and far above what the time gives. */
#define TJOB_ETCD_RAISE_MAX (UINT64_C(1) << 62)

/* The sizes of the private parts of the structs below, in bytes. */
#define TJOB_ETCD_LOCK_BYTES 128
#define TJOB_ETCD_MARKER_BYTES_MAX 64
#define TJOB_ETCD_ERROR_BYTES 256
#define TJOB_ETCD_REQUEST_BYTES 6144
#define TJOB_ETCD_ANSWER_BYTES 65536
#define TJOB_ETCD_SEEN_MAX 64

/* ---- Problems -------------------------------------------------------------------------------------------------- */

/* Why a call failed. */
typedef enum tjob_etcd_problem {
    TJOB_ETCD_OK = 0,
    TJOB_ETCD_INVALID_ARGUMENT, /* an argument is NULL or out of its bounds, or a job is not valid */
    TJOB_ETCD_NO_RESOURCES,     /* libcurl or the system has no memory left */
    TJOB_ETCD_BUSY,             /* other threads used all connections for longer than the call was allowed to wait */
    TJOB_ETCD_UNREACHABLE,      /* no endpoint accepted a connection: nothing was sent */
    TJOB_ETCD_LOST,         /* sent, but there was no whole answer in time: it may have been applied, or may yet be */
    TJOB_ETCD_FAILED,       /* etcd failed (5xx): it may have been applied, or may yet be */
    TJOB_ETCD_NOT_ETCD,     /* the answer is not one of etcd's gateway: it may have been applied */
    TJOB_ETCD_REFUSED,      /* etcd refused the request (4xx), and did not apply it */
    TJOB_ETCD_NO_SPACE,     /* the database of etcd is full, by its quota */
    TJOB_ETCD_NO_STORE,     /* there is no store under this prefix: tjob_etcd_store_create makes one */
    TJOB_ETCD_OTHER_SCHEMA, /* another version of the library made the store */
    TJOB_ETCD_RESTORED,     /* etcd was restored from a snapshot, or is another cluster: tjob_etcd_store_renew */
    TJOB_ETCD_DAMAGED       /* a record, or the marker of the store, is not what this library writes */
} tjob_etcd_problem;

#define TJOB_ETCD_PROBLEM_COUNT 14

/*
 * Returns a problem as a sentence without its full stop, such as "etcd failed"; "?" for a value outside the enum. The
 * string is static. Thread-safe.
 */
const char *tjob_etcd_problem_text(tjob_etcd_problem problem);

/*
 * Returns the name of a problem, for programs: its enumerator without the prefix, such as "NO_SPACE"; "?" for a value
 * outside the enum. The string is static. Thread-safe.
 */
const char *tjob_etcd_problem_name(tjob_etcd_problem problem);

/* ---- The store ------------------------------------------------------------------------------------------------- */

/* Where the store is. All strings are copied. All zero except `endpoints` is a sensible configuration. */
typedef struct tjob_etcd_config {
    /* The client URLs of the members, separated by commas, as for etcdctl: "http://10.0.0.1:2379,http://10.0.0.2:2379".
     * Without a scheme it is http. A name with several addresses is one endpoint: list the addresses instead, because
     * the time-out of a connection covers all of them. */
    const char *endpoints;
    const char *prefix;  /* of all keys; NULL = TJOB_ETCD_PREFIX_DEFAULT. Two stores have different prefixes, of which
                           neither begins with the other. */
    const char *proxy;   /* the URL of an HTTP proxy; NULL = none, whatever the environment says */
    const char *ca_path; /* https: the file of the certificate authorities; NULL = those of the system */
    const char *certificate_path; /* https: the file of the client's own certificate; NULL = none */
    const char *key_path;         /* https: the file of its key; NULL = none */
    uint32_t wait_ms;             /* the deadline of a call, in milliseconds; 0 = TJOB_ETCD_WAIT_MS_DEFAULT */
    uint32_t connect_ms; /* how long one endpoint may take to accept a connection; 0 = TJOB_ETCD_CONNECT_MS_DEFAULT */
} tjob_etcd_config;

/* One connection of the pool, in the caller's memory: about 70 KiB. Its fields are private. */
typedef struct tjob_etcd_connection {
    void *easy;
    struct tjob_etcd_connection *next_free;
    uint32_t sends; /* of the request in progress */
    uint32_t sends_max;
    uint32_t answer_bytes;
    uint32_t zero;
    char error[TJOB_ETCD_ERROR_BYTES];
    char request[TJOB_ETCD_REQUEST_BYTES];
    char answer[TJOB_ETCD_ANSWER_BYTES];
} tjob_etcd_connection;

/* A record that a load has seen, by its version: the store needs its state to replace its entry in the index. */
typedef struct tjob_etcd_seen {
    uint64_t version;
    uint64_t latest_ms;
    uint64_t state;
} tjob_etcd_seen;

/* The marker of a store: the one key that every transaction compares. */
typedef struct tjob_etcd_marker {
    uint64_t base;         /* a version is this plus a revision of etcd */
    uint64_t cluster_id;   /* of the cluster that the store was made for */
    uint64_t mod_revision; /* of the marker */
    uint64_t absence;      /* the version of the absence of a job that has no key: 0 until the marker is written again;
                              then the base plus the marker's revision, which no record has */
    uint32_t text_bytes;   /* 0: not read yet */
    uint32_t zero;
    char text[TJOB_ETCD_MARKER_BYTES_MAX];
} tjob_etcd_marker;

/*
 * A store. Its fields are private. It must not be moved or copied while it is in use, and it must outlive every service
 * that uses it.
 */
typedef struct tjob_etcd_store {
    uint32_t wait_ms;
    uint32_t connect_ms;
    uint32_t endpoint_count;
    uint32_t prefix_bytes;
    uint32_t connection_count;
    uint32_t zero;
    tjob_etcd_connection *connections;
    void *headers;
    char endpoints[TJOB_ETCD_ENDPOINTS_BYTES_MAX]; /* each with a terminating NUL */
    char prefix[TJOB_ETCD_PREFIX_BYTES_MAX + 8];
    char proxy[TJOB_ETCD_PATH_BYTES_MAX];
    char ca_path[TJOB_ETCD_PATH_BYTES_MAX];
    char certificate_path[TJOB_ETCD_PATH_BYTES_MAX];
    char key_path[TJOB_ETCD_PATH_BYTES_MAX];

    uint64_t lock[TJOB_ETCD_LOCK_BYTES / 8]; /* guards the fields that follow */
    tjob_etcd_connection *free;
    uint32_t first_endpoint;  /* the one that calls try first */
    uint32_t problem;         /* the latest one */
    uint32_t marker_is_stale; /* a swap conflicted, perhaps because of the marker: the next load reads it again */
    uint32_t zero_too;
    uint64_t seen_revision;  /* the highest revision of an answer */
    tjob_etcd_marker marker; /* as it was read last */
    tjob_etcd_seen seen[TJOB_ETCD_SEEN_MAX];
    char message[TJOB_ETCD_MESSAGE_BYTES];
} tjob_etcd_store;

/*
 * Initializes a store. Connects to nothing yet: the first call does.
 *
 * connections       the pool: memory for `connection_count` of them, at least 1, which belongs to the caller and must
 *                   outlive the store. Each call uses one; a call that finds none free waits for one, within its
 *                   deadline. One for each thread that calls at the same time is best.
 * config            as above; it may be dropped after the call.
 *
 * Calls curl_global_init, which every version of libcurl from 7.84 on allows from any thread; before that, call it
 * yourself before other threads start. What libcurl allocates for a connection is its own, and is bounded. No signal is
 * used; with https, let the process ignore SIGPIPE.
 *
 * Returns TJOB_ETCD_OK; or TJOB_ETCD_INVALID_ARGUMENT or TJOB_ETCD_NO_RESOURCES, and then there is nothing to close.
 * Thread-safe for different stores.
 */
tjob_etcd_problem tjob_etcd_store_init(tjob_etcd_store *store, tjob_etcd_connection *connections,
                                       uint32_t connection_count, const tjob_etcd_config *config);

/* Closes all connections. No call may be in progress. */
void tjob_etcd_store_close(tjob_etcd_store *store);

/*
 * Returns the store as callbacks for tjob_service.store. They are thread-safe, and `user` is not used. Each call ends
 * within the store's wait_ms, whatever etcd and the network do.
 *
 * A load is one linearizable read, in one request; a job that has no key, because it was never there or was purged,
 * takes two, and so does the load after a conflict. A swap is one transaction in one request that is sent at most once;
 * unless this handle still knows the record from a load, a read comes before it. A handle knows one record of each
 * remainder of versions by TJOB_ETCD_SEEN_MAX, that which it loaded last. What was not certainly refused is
 * TJOB_SWAP_UNKNOWN; docs/etcd.md has the whole table.
 */
tjob_store tjob_etcd_store_callbacks(tjob_etcd_store *store);

/*
 * Returns the list of the store, by its index of states and times: a page takes one request, and reads only jobs that
 * match. All pages of a list show the store as it was when the first one was read, unless etcd is compacted meanwhile:
 * the list then begins again with the present content. A page has at most 64 jobs. Thread-safe.
 */
tjob_store_list tjob_etcd_store_list(tjob_etcd_store *store);

/* Return the latest reason why a call of any thread did not return OK, NOT_FOUND, CONFLICT, END or MORE; and its
 * description, with the words of etcd or libcurl. TJOB_ETCD_OK and "" if every call did. For logs. Thread-safe. */
tjob_etcd_problem tjob_etcd_store_problem(tjob_etcd_store *store);
void tjob_etcd_store_message(tjob_etcd_store *store, char message[TJOB_ETCD_MESSAGE_BYTES]);

/* ---- Administration -------------------------------------------------------------------------------------------- */

/*
 * Makes an empty store under the prefix: writes its marker. Its versions begin with the time, so that they are not
 * those of a store that was there before. Idempotent: if there is a store of this schema, changes nothing.
 *
 * Returns TJOB_ETCD_OK; TJOB_ETCD_OTHER_SCHEMA if there is a store of another schema; TJOB_ETCD_RESTORED if there is a
 * store that needs tjob_etcd_store_renew; or the problem, and then it is not known whether there is a store: repeat the
 * call. Thread-safe.
 */
tjob_etcd_problem tjob_etcd_store_create(tjob_etcd_store *store);

/* Returns TJOB_ETCD_OK if there is a store of this schema, made for this cluster; else the problem. Thread-safe. */
tjob_etcd_problem tjob_etcd_store_check(tjob_etcd_store *store);

/*
 * Declares that etcd was restored from a snapshot, or copied to another cluster, so that it issues revisions again that
 * it has issued before. Call it once after each restoration, before any host uses the store: until then calls return
 * UNAVAILABLE, TJOB_ETCD_RESTORED, if etcd has another cluster id than before, as after a restoration with a new
 * --initial-cluster-token, or if this handle has seen a higher revision.
 *
 * All versions, and so all incarnations that begin from now on, are above B = T * 2^10 + 2^40, where T is the time in
 * Unix milliseconds by the system's clock, or above B = H + 2^40 if H, the highest version in the snapshot, is not
 * below that. So none of them is one that was given before, unless etcd made more than 2^20 changes a second, or the
 * clock was set back. Changes after the snapshot are lost, and their tokens are not fenced: stop all trainers first.
 *
 * Returns TJOB_ETCD_OK; TJOB_ETCD_DAMAGED if the versions of the store are above TJOB_ETCD_RAISE_MAX, and then nothing
 * is raised; or the problem, and then it is not known whether the versions are raised: repeat the call. Thread-safe.
 */
tjob_etcd_problem tjob_etcd_store_renew(tjob_etcd_store *store);

/*
 * Raises all versions that are given from now on, and so all incarnations that begin, above `version`: before jobs are
 * copied from another store, with the greatest version of that store. Jobs that are there are not changed.
 *
 * Returns TJOB_ETCD_OK; TJOB_ETCD_INVALID_ARGUMENT if `version` is above TJOB_ETCD_RAISE_MAX, or TJOB_ETCD_DAMAGED if
 * the versions of the store are, and then nothing is raised; or the problem, and then it is not known whether the
 * versions are raised: repeat the call. Thread-safe.
 */
tjob_etcd_problem tjob_etcd_store_raise(tjob_etcd_store *store, uint64_t version);

/*
 * Deletes the tombstones of all jobs that were removed before the call. It may run beside all other calls, which at
 * most meet a spurious conflict: the absence of such a job has a newer version from then on, that of the marker, which
 * is written first; and every creation compares it. Each tombstone is one transaction. In a database that is full,
 * where the marker cannot be written, it deletes only what was removed before the last purge.
 *
 * Sets *purged to the number of tombstones that it deleted. Returns TJOB_ETCD_OK if it deleted all that it may; or why
 * it stopped. The deadline applies to each transaction, not to the whole call. Thread-safe.
 */
tjob_etcd_problem tjob_etcd_store_purge(tjob_etcd_store *store, uint64_t *purged);

#ifdef __cplusplus
}
#endif

#endif
