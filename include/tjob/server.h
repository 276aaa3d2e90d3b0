/*
 * An HTTP/1.1 server over a service: what `tjob serve` runs, for hosts that embed it. It is a library of its own,
 * tjob::server, which needs libmicrohttpd (0.9.75 and later) and POSIX threads. docs/serve.md describes what it
 * answers.
 */
#ifndef TJOB_SERVER_H
#define TJOB_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/metrics.h"
#include "tjob/request.h"
#include "tjob/response.h"
#include "tjob/service.h"
#include "tjob/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Limits ---------------------------------------------------------------------------------------------------- */

/*
 * The default number of connections (for 0), and the largest. Where all are in use, a further one is closed at once.
 * Once nine of ten are in use, those without a request are closed after TJOB_SERVER_CROWDED_MS milliseconds.
 */
#define TJOB_SERVER_CONNECTIONS_DEFAULT 256
#define TJOB_SERVER_CONNECTIONS_MAX 10000
#define TJOB_SERVER_CROWDED_MS 1000

/*
 * The largest head of a request that is read: its request line and its headers, in bytes; and its headers, in number.
 */
#define TJOB_SERVER_HEAD_BYTES_MAX 16384
#define TJOB_SERVER_HEADERS_MAX 64

/* The longest target of a request, with its query, in bytes. */
#define TJOB_SERVER_TARGET_BYTES_MAX 8192

/*
 * A body above TJOB_REQUEST_BODY_BYTES_MAX bytes is refused. It is read off up to this many bytes, so that its client,
 * or a proxy between, gets the answer; above that the connection is closed without reading it.
 */
#define TJOB_SERVER_BODY_BYTES_READ 1048576

/* The defaults (for 0) of the times in tjob_server_config, and the largest of each, in milliseconds. */
#define TJOB_SERVER_IDLE_MS_DEFAULT 60000
#define TJOB_SERVER_REQUEST_MS_DEFAULT 10000
#define TJOB_SERVER_TIME_MS_MAX 86400000

/* How often tjob_server_tend is to be called, in milliseconds. Each time limit may be exceeded by that much. */
#define TJOB_SERVER_TEND_MS 100

/* The stack of the thread of a connection, in bytes. The service, its store and its hooks run on it. */
#define TJOB_SERVER_STACK_BYTES 524288

/* The memory that libmicrohttpd allocates for each connection, in bytes. */
#define TJOB_SERVER_POOL_BYTES 65536

/* The buffer size, in bytes, that suffices for every line of the access log, its line end included. */
#define TJOB_SERVER_LOG_LINE_BYTES_MAX 8192

/* The size of the mutex and of the condition variable in a tjob_server, in bytes. */
#define TJOB_SERVER_LOCK_BYTES 128

/* ---- What the server is given ---------------------------------------------------------------------------------- */

typedef struct tjob_server_header {
    tjob_text name;
    tjob_text value; /* without white space around it */
} tjob_server_header;

/*
 * A request, as its hook and the callbacks of the service see it: the `user` of those is a pointer to it. Its texts are
 * valid only during the call. `caller` belongs to the hook: for the authorizer, say, the caller that it has found.
 */
typedef struct tjob_server_request {
    tjob_text method;
    tjob_text path;  /* as it was sent, not decoded */
    tjob_text query; /* the same, without its question mark; empty if there is none */
    const tjob_server_header *headers;
    size_t header_count;
    tjob_text body;
    tjob_text id; /* the request's own: 16 hexadecimal digits */
    void *caller;
} tjob_server_request;

/*
 * A hook that is called for every well-formed request to `/`, before the service is called. It may answer instead: then
 * it fills *response, whose texts stay valid until the next call on this thread or are in `body`, a buffer of
 * `capacity` bytes, at least TJOB_RESPONSE_BYTES_MAX, and returns true. Otherwise it returns false, and may have set
 * request->caller. It must be thread-safe.
 */
typedef struct tjob_server_gate {
    void *context;
    bool (*answer)(void *context, tjob_server_request *request, tjob_http_response *response, char *body,
                   size_t capacity);
} tjob_server_gate;

/*
 * Receives each line of the access log, with its line end, before the answer is sent; see docs/serve.md. It must be
 * thread-safe.
 */
typedef struct tjob_server_log {
    void *context;
    void (*write)(void *context, const char *line, size_t bytes);
} tjob_server_log;

/* All but `service` is optional. */
typedef struct tjob_server_config {
    const tjob_service *service; /* it is copied; its callbacks must be thread-safe and may block */
    const char *address;         /* numeric, IPv4 or IPv6; NULL: 127.0.0.1 */
    uint16_t port;               /* 0: the system chooses one */
    uint32_t connections;        /* 0: TJOB_SERVER_CONNECTIONS_DEFAULT */
    uint32_t idle_ms;            /* how long a connection may be silent between requests */
    uint32_t request_ms;         /* how long a request may take to arrive, and its answer to be fetched */
    tjob_server_gate gate;
    tjob_server_log log;
} tjob_server_config;

/* ---- The server ------------------------------------------------------------------------------------------------ */

/* Why a server did not start. */
typedef enum tjob_server_problem {
    TJOB_SERVER_OK = 0,
    TJOB_SERVER_INVALID_ARGUMENT, /* an argument is NULL or out of its bounds, or the service is invalid */
    TJOB_SERVER_BAD_ADDRESS,      /* the address is not a numeric one, or is not one of this machine */
    TJOB_SERVER_ADDRESS_IN_USE,   /* another process listens there */
    TJOB_SERVER_NO_PERMISSION,    /* the system refuses the port */
    TJOB_SERVER_NO_RESOURCES      /* no descriptor, memory, thread or random number is left */
} tjob_server_problem;

#define TJOB_SERVER_PROBLEM_COUNT 6

/* Returns a problem as a sentence without its full stop; "?" outside the enum. Static; thread-safe. */
const char *tjob_server_problem_text(tjob_server_problem problem);

/*
 * A server. Its fields are private. Neither it nor its memory may be moved until it has been stopped. libmicrohttpd and
 * the threads of the connections allocate memory of their own: for each connection a stack, TJOB_SERVER_POOL_BYTES and
 * the answer.
 */
typedef struct tjob_server {
    void *daemon;
    tjob_service service;
    tjob_observer host_observer;
    tjob_server_gate gate;
    tjob_server_log log;
    tjob_metrics metrics;
    struct tjob_server_connection *connections;
    uint64_t responses[6]; /* by the first digit of their status; accessed atomically, as what follows */
    uint64_t refused;      /* requests whose head was refused */
    uint64_t expired;      /* connections that were closed because their time was over */
    uint64_t unanswered;   /* requests that began and had no answer */
    uint64_t last_request; /* the id of the latest request */
    uint32_t count;        /* connections, at most */
    uint32_t open;         /* connections now; changed under the lock */
    uint32_t first_free;   /* guarded by the lock */
    uint32_t idle_ms;
    uint32_t request_ms;
    uint16_t port;
    bool draining; /* accessed atomically */
    bool has_cut;  /* the same: a request was not answered since then */
    uint64_t lock[TJOB_SERVER_LOCK_BYTES / 8];
} tjob_server;

/*
 * Returns the size of the memory for a server with so many connections, in bytes; 0 = the default number. Pure;
 * thread-safe.
 */
size_t tjob_server_bytes(uint32_t connections);

/*
 * Starts to listen and to answer, on threads of libmicrohttpd: one for each connection, so a call of the store that
 * blocks holds up nobody else. Signals are delivered to these threads as the caller's signal mask allows.
 *
 * memory  the caller's, of `bytes` bytes, at least tjob_server_bytes(config->connections), zeroed and aligned for
 *         uint64_t. Pages of it that no request has needed are not touched.
 *
 * Returns TJOB_SERVER_OK; or why the server does not run, and then there is nothing to stop:
 * TJOB_SERVER_INVALID_ARGUMENT, TJOB_SERVER_BAD_ADDRESS, TJOB_SERVER_ADDRESS_IN_USE, TJOB_SERVER_NO_PERMISSION or
 * TJOB_SERVER_NO_RESOURCES. Thread-safe for different servers.
 */
tjob_server_problem tjob_server_start(tjob_server *server, const tjob_server_config *config, void *memory,
                                      size_t bytes);

/* Returns the port on which the server listens. Thread-safe. */
uint16_t tjob_server_port(const tjob_server *server);

/*
 * Closes connections whose time is over. Call it every TJOB_SERVER_TEND_MS milliseconds: without it only connections
 * that were silent for both times are closed, and a client that sends a byte a second stays connected. Thread-safe.
 */
void tjob_server_tend(tjob_server *server);

/*
 * Stops the server: it accepts no more connections, answers the requests that have arrived or are under way, with
 * `Connection: close`, waits for that at most `drain_ms` milliseconds, and ends. An operation that is in progress then
 * is waited for in any case, but its answer is not sent. Returns whether every request under way was answered: each one
 * whose first line had arrived. A connection on which none is under way does not count. No other call on the server may
 * be in progress, or follow.
 */
bool tjob_server_stop(tjob_server *server, uint32_t drain_ms);

#ifdef __cplusplus
}
#endif

#endif
