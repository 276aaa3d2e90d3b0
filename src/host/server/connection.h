/* The connections of a server: one of a fixed number of places for each, and what a request needs in it. */
#ifndef TJOB_HOST_SERVER_CONNECTION_H
#define TJOB_HOST_SERVER_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "host/server/access_line.h"
#include "host/server/deadline.h"
#include "host/server/head.h"
#include "host/server/page.h"
#include "tjob/server.h"

enum { CONNECTION_NONE = 0, REQUEST_ID_BYTES = 16 };

/* A call that a request came to, as the observer was notified of it. */
typedef struct connection_call {
    bool ended;
    size_t arn_bytes;
    char arn[TJOB_ARN_BYTES_MAX];
    tjob_event event;
    tjob_outcome outcome;
    uint64_t began_ns;
    uint64_t ended_ns;
} connection_call;

/*
 * A connection. It belongs to the thread of the connection, but for `fd` and `is_open`, which the lock guards, and
 * `stage` and `since_ms`, which are atomic.
 */
typedef struct tjob_server_connection {
    tjob_server_request request; /* first: the `user` of all callbacks */
    tjob_server *server;
    uint32_t next_free; /* counted from 1 */
    uint32_t stage;
    uint64_t since_ms;
    int fd;
    bool is_open;

    /* The request. */
    bool began;
    bool head_is_read;
    bool is_answered;
    bool is_chunked;
    const char *target_at; /* in the memory of libmicrohttpd */
    size_t target_bytes;   /* above TJOB_SERVER_TARGET_BYTES_MAX: too long */
    size_t header_count;
    uint64_t body_bytes;
    uint64_t id;
    uint64_t began_ns;
    connection_call call;
    tjob_server_header headers[TJOB_SERVER_HEADERS_MAX];
    size_t client_bytes;
    char client[ACCESS_CLIENT_BYTES];
    char id_text[REQUEST_ID_BYTES + 1];
    char target[TJOB_SERVER_TARGET_BYTES_MAX];
    char body[TJOB_REQUEST_BODY_BYTES_MAX + 1];
    char answer[PAGE_BYTES_MAX];
} tjob_server_connection;

uint64_t tjob__server_monotonic_ns(void);

/* Makes all places of a server free. Returns false if the system has no lock left. */
bool tjob__connections_init(tjob_server *server);
void tjob__connections_destroy(tjob_server *server);

/* Takes a place for an accepted socket; NULL if none is free. */
tjob_server_connection *tjob__connection_open(tjob_server *server, int fd);

/* Frees a place. Afterwards nobody touches the socket. */
void tjob__connection_close(tjob_server_connection *connection);

void tjob__connection_set_stage(tjob_server_connection *connection, connection_stage stage);

/* Applies the limits of time to all connections. Returns how many are open. */
uint32_t tjob__connections_tend(tjob_server *server);

/* Forgets the request before, and begins one with this target. */
void tjob__connection_begin_request(tjob_server_connection *connection, const char *target);

/* Keeps a header, or only counts it if there are too many. */
void tjob__connection_add_header(tjob_server_connection *connection, tjob_text name, tjob_text value);

/* Keeps a piece of the body, as far as it may be valid. Returns false if it is more than is read. */
bool tjob__connection_add_body(tjob_server_connection *connection, const char *data, size_t bytes);

#endif
