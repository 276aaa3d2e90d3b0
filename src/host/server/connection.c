#define _DEFAULT_SOURCE /* NOLINT: for struct tcp_info */

#include "host/server/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

_Static_assert(sizeof(pthread_mutex_t) <= TJOB_SERVER_LOCK_BYTES, "the mutex fits");

uint64_t tjob__server_monotonic_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t connection_now_ms(void)
{
    return tjob__server_monotonic_ns() / 1000000;
}

static pthread_mutex_t *connections_lock(tjob_server *server)
{
    return (pthread_mutex_t *)(void *)server->lock;
}

/* ---- Places ---------------------------------------------------------------------------------------------------- */

bool tjob__connections_init(tjob_server *server)
{
    for (uint32_t i = 0; i < server->count; i++) {
        server->connections[i].next_free = i + 2 <= server->count ? i + 2 : CONNECTION_NONE;
        server->connections[i].server = server;
    }
    server->first_free = 1;
    server->open = 0;
    return pthread_mutex_init(connections_lock(server), NULL) == 0;
}

void tjob__connections_destroy(tjob_server *server)
{
    (void)pthread_mutex_destroy(connections_lock(server));
}

tjob_server_connection *tjob__connection_open(tjob_server *server, int fd)
{
    tjob_server_connection *connection = NULL;
    (void)pthread_mutex_lock(connections_lock(server));
    if (server->first_free != CONNECTION_NONE) {
        connection = &server->connections[server->first_free - 1];
        server->first_free = connection->next_free;
        connection->fd = fd;
        connection->is_open = true;
        tjob__connection_set_stage(connection, STAGE_NEW);
        (void)__atomic_add_fetch(&server->open, 1, __ATOMIC_RELAXED); /* it is read without the lock, too */
    }
    (void)pthread_mutex_unlock(connections_lock(server));
    return connection;
}

void tjob__connection_close(tjob_server_connection *connection)
{
    tjob_server *server = connection->server;
    (void)pthread_mutex_lock(connections_lock(server));
    connection->is_open = false;
    connection->next_free = server->first_free;
    server->first_free = (uint32_t)(connection - server->connections) + 1;
    (void)__atomic_sub_fetch(&server->open, 1, __ATOMIC_RELAXED);
    (void)pthread_mutex_unlock(connections_lock(server));
}

/* ---- Time ------------------------------------------------------------------------------------------------------ */

void tjob__connection_set_stage(tjob_server_connection *connection, connection_stage stage)
{
    /* In this order: a stage is never found with an earlier time than its own. */
    __atomic_store_n(&connection->since_ms, connection_now_ms(), __ATOMIC_RELEASE);
    __atomic_store_n(&connection->stage, (uint32_t)stage, __ATOMIC_RELEASE);
}

/*
 * Whether a byte has arrived since the answer before. libmicrohttpd says so only of a whole request line, so the system
 * is asked. Its clock is coarse; a byte that arrives so soon behind the answer is found with the next one.
 */
static bool connection_has_begun(const tjob_server_connection *connection, uint64_t since_ms, uint64_t now_ms)
{
    enum { COARSE_MS = 20 };
    struct tcp_info info;
    socklen_t bytes = sizeof info;
    return getsockopt(connection->fd, IPPROTO_TCP, TCP_INFO, &info, &bytes) == 0 &&
           since_ms + COARSE_MS + info.tcpi_last_data_recv < now_ms;
}

static void connection_tend(tjob_server_connection *connection, uint64_t now_ms, const connection_limits *limits)
{
    uint32_t stage = __atomic_load_n(&connection->stage, __ATOMIC_ACQUIRE);
    const uint64_t since_ms = __atomic_load_n(&connection->since_ms, __ATOMIC_ACQUIRE);
    if (stage == STAGE_IDLE && connection_has_begun(connection, since_ms, now_ms)) {
        /* Unless its request line has arrived meanwhile; then its time begins now, too. */
        (void)__atomic_compare_exchange_n(&connection->stage, &stage, (uint32_t)STAGE_NEW, false, __ATOMIC_ACQ_REL,
                                          __ATOMIC_ACQUIRE);
        __atomic_store_n(&connection->since_ms, now_ms, __ATOMIC_RELEASE);
        return;
    }
    const connection_verdict verdict = tjob__connection_decide((connection_stage)stage, since_ms, now_ms, limits);
    if (verdict == CONNECTION_STAYS) {
        return;
    }
    /* libmicrohttpd then reads an end of the stream, and closes the connection itself. */
    if (shutdown(connection->fd, verdict == CONNECTION_IS_CUT ? SHUT_RDWR : SHUT_RD) == 0 && !limits->draining) {
        (void)__atomic_fetch_add(&connection->server->expired, 1, __ATOMIC_RELAXED);
    }
}

/* The server is crowded if no more than this part of its places is free. */
enum { CONNECTIONS_CROWDED = 10 };

uint32_t tjob__connections_tend(tjob_server *server)
{
    const uint64_t now_ms = connection_now_ms();
    (void)pthread_mutex_lock(connections_lock(server));
    const connection_limits limits = {
        .idle_ms = server->idle_ms,
        .request_ms = server->request_ms,
        .draining = __atomic_load_n(&server->draining, __ATOMIC_ACQUIRE),
        .crowded = server->count - server->open <= server->count / CONNECTIONS_CROWDED,
    };
    for (uint32_t i = 0; i < server->count; i++) {
        if (server->connections[i].is_open) {
            connection_tend(&server->connections[i], now_ms, &limits);
        }
    }
    const uint32_t open = server->open;
    (void)pthread_mutex_unlock(connections_lock(server));
    return open;
}

/* ---- The request ----------------------------------------------------------------------------------------------- */

void tjob__connection_begin_request(tjob_server_connection *connection, const char *target)
{
    static const char hex[] = "0123456789abcdef";
    connection->began = true;
    connection->head_is_read = false;
    connection->is_answered = false;
    connection->header_count = 0;
    connection->body_bytes = 0;
    connection->call.ended = false;
    connection->target_at = target;
    connection->target_bytes = strlen(target);
    if (connection->target_bytes <= sizeof connection->target) {
        memcpy(connection->target, target, connection->target_bytes);
    }
    connection->began_ns = tjob__server_monotonic_ns();
    connection->id = __atomic_add_fetch(&connection->server->last_request, 1, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < REQUEST_ID_BYTES; i++) {
        connection->id_text[i] = hex[connection->id >> (4 * (REQUEST_ID_BYTES - 1 - i)) & 15];
    }
    connection->request = (tjob_server_request){.id = {connection->id_text, REQUEST_ID_BYTES}};
    tjob__connection_set_stage(connection, STAGE_ARRIVING);
}

void tjob__connection_add_header(tjob_server_connection *connection, tjob_text name, tjob_text value)
{
    if (connection->header_count < TJOB_SERVER_HEADERS_MAX) {
        connection->headers[connection->header_count] = (tjob_server_header){name, value};
    }
    connection->header_count++;
}

bool tjob__connection_add_body(tjob_server_connection *connection, const char *data, size_t bytes)
{
    const size_t capacity = sizeof connection->body;
    const size_t at = connection->body_bytes < capacity ? (size_t)connection->body_bytes : capacity;
    const size_t kept = bytes < capacity - at ? bytes : capacity - at;
    memcpy(connection->body + at, data, kept);
    connection->body_bytes += bytes;
    return connection->body_bytes <= TJOB_SERVER_BODY_BYTES_READ;
}
