/* The server: what libmicrohttpd asks for, and what it is answered. Each connection has a thread of its own. */
#include "tjob/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "host/server/connection.h"
#include "tjob/system_random.h"

/* ---- The observer ---------------------------------------------------------------------------------------------- */

static uint64_t server_now_us(void *context)
{
    (void)context;
    return tjob__server_monotonic_ns() / 1000;
}

/* The `user` of the service is the request, which begins its connection. */
static tjob_server_connection *server_connection_of(void *user)
{
    return user;
}

static void server_observe_begin(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    tjob_server *server = context;
    tjob_server_connection *connection = server_connection_of(user);
    (void)__atomic_fetch_add(&server->metrics.began, 1, __ATOMIC_RELAXED);
    if (server->host_observer.began != NULL) {
        server->host_observer.began(server->host_observer.context, user, span, tag);
    }
    connection->call.began_ns = tjob__server_monotonic_ns();
}

static void server_keep_call(connection_call *call, const tjob_span *span)
{
    call->ended_ns = tjob__server_monotonic_ns();
    call->ended = true;
    call->arn_bytes = span->arn.bytes;
    memcpy(call->arn, span->arn.data, span->arn.bytes);
    call->event = *span->event;
    call->outcome = *span->outcome;
}

static void server_observe_end(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    tjob_server *server = context;
    tjob_server_connection *connection = server_connection_of(user);
    const tjob_observer metrics = tjob_metrics_observer(&server->metrics);
    uint64_t began_us = connection->call.began_ns / 1000;
    if (span->event != NULL) {
        server_keep_call(&connection->call, span);
    }
    metrics.ended(metrics.context, user, span, &began_us);
    if (server->host_observer.ended != NULL) {
        server->host_observer.ended(server->host_observer.context, user, span, tag);
    }
}

/* ---- Answers --------------------------------------------------------------------------------------------------- */

static void server_count(uint64_t *counter)
{
    (void)__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static void server_log_request(tjob_server_connection *connection, const tjob_http_response *response)
{
    const tjob_server_log *log = &connection->server->log;
    const connection_call *call = &connection->call;
    char line[TJOB_SERVER_LOG_LINE_BYTES_MAX];
    struct timespec now;
    if (log->write == NULL) {
        return;
    }
    (void)clock_gettime(CLOCK_REALTIME, &now);
    const access_record record = {
        .unix_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000,
        .id = connection->id,
        .request_id = connection->request.id,
        .client = {connection->client, connection->client_bytes},
        .method = connection->request.method,
        .path = connection->request.path,
        .status = response->status,
        .error = response->error_type,
        .bytes_in = connection->body_bytes,
        .bytes_out = response->body.bytes,
        .began_ns = connection->began_ns,
        .answered_ns = tjob__server_monotonic_ns(),
        .arn = {call->arn, call->arn_bytes},
        .event = call->ended ? &call->event : NULL,
        .outcome = &call->outcome,
        .call_began_ns = call->began_ns,
        .call_ended_ns = call->ended_ns,
    };
    const size_t bytes = tjob__access_line_write(&record, line, sizeof line); /* every line fits */
    log->write(log->context, line, bytes);
}

static void server_add_header(struct MHD_Response *out, const char *name, tjob_text value)
{
    char text[TJOB_REQUEST_ID_BYTES_MAX + 1];
    if (value.bytes != 0 && value.bytes < sizeof text) {
        memcpy(text, value.data, value.bytes);
        text[value.bytes] = '\0';
        (void)MHD_add_response_header(out, name, text);
    }
}

/* Logs, and hands the answer over to be sent. */
static enum MHD_Result server_answer(tjob_server_connection *connection, struct MHD_Connection *mhd,
                                     const tjob_http_response *response, bool closes)
{
    tjob_server *server = connection->server;
    connection->is_answered = true;
    server_count(&server->responses[response->status / 100 < 6 ? response->status / 100 : 0]);
    server_log_request(connection, response);
    struct MHD_Response *out =
        MHD_create_response_from_buffer(response->body.bytes, (void *)response->body.data, /* only read */
                                        MHD_RESPMEM_MUST_COPY);
    if (out == NULL) {
        return MHD_NO;
    }
    server_add_header(out, "Content-Type", response->content_type);
    server_add_header(out, "x-amzn-ErrorType", response->error_type);
    server_add_header(out, "x-amzn-RequestId", connection->request.id);
    if (closes || __atomic_load_n(&server->draining, __ATOMIC_ACQUIRE)) {
        (void)MHD_add_response_header(out, "Connection", "close");
    }
    tjob__connection_set_stage(connection, STAGE_ANSWERING);
    const enum MHD_Result queued = MHD_queue_response(mhd, (unsigned)response->status, out);
    MHD_destroy_response(out);
    return queued;
}

static void server_answer_service(tjob_server_connection *connection, tjob_http_response *response)
{
    tjob_server *server = connection->server;
    tjob_server_request *request = &connection->request;
    if (server->gate.answer != NULL &&
        server->gate.answer(server->gate.context, request, response, connection->answer, sizeof connection->answer)) {
        return;
    }
    const tjob_http_request http = {
        .method = request->method,
        .target = tjob__head_value(request->headers, request->header_count, "X-Amz-Target"),
        .content_type = tjob__head_value(request->headers, request->header_count, "Content-Type"),
        .body = request->body,
        .id = request->id,
    };
    (void)tjob_handle(&server->service, request, &http, response, connection->answer, sizeof connection->answer);
}

static void server_answer_metrics(tjob_server_connection *connection, tjob_http_response *response)
{
    const tjob_server *server = connection->server;
    page_counts counts = {
        .open = __atomic_load_n(&server->open, __ATOMIC_RELAXED),
        .count = server->count,
        .refused = __atomic_load_n(&server->refused, __ATOMIC_RELAXED),
        .expired = __atomic_load_n(&server->expired, __ATOMIC_RELAXED),
        .unanswered = __atomic_load_n(&server->unanswered, __ATOMIC_RELAXED),
    };
    for (unsigned i = 0; i < 6; i++) {
        counts.responses[i] = __atomic_load_n(&server->responses[i], __ATOMIC_RELAXED);
    }
    tjob__page_metrics(response, &server->metrics, &counts, connection->answer);
}

/* The whole request has arrived. */
static enum MHD_Result server_handle(tjob_server_connection *connection, struct MHD_Connection *mhd)
{
    tjob_http_response response;
    tjob_server_request *request = &connection->request;
    const size_t kept =
        connection->body_bytes < sizeof connection->body ? (size_t)connection->body_bytes : sizeof connection->body;
    request->body = (tjob_text){connection->body, kept};
    tjob__connection_set_stage(connection, STAGE_HANDLING);
    switch (tjob__page_of(request->method, request->path)) {
    case PAGE_SERVICE:
        server_answer_service(connection, &response);
        break;
    case PAGE_HEALTH:
        tjob__page_health(&response, &connection->server->service, request);
        break;
    case PAGE_METRICS:
        server_answer_metrics(connection, &response);
        break;
    default:
        tjob__page_unknown(&response);
        break;
    }
    /* libmicrohttpd also reads lines of a chunked body as if other bytes were there: nothing is read behind its end. */
    return server_answer(connection, mhd, &response, connection->is_chunked);
}

/* ---- Callbacks of libmicrohttpd -------------------------------------------------------------------------------- */

static tjob_server_connection *server_connection(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

static void server_keep_client(tjob_server_connection *connection, struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *peer = info != NULL ? info->client_addr : NULL;
    char address[INET6_ADDRSTRLEN] = "";
    unsigned port = 0;
    if (peer != NULL && peer->sa_family == AF_INET6) {
        const struct sockaddr_in6 *ip6 = (const struct sockaddr_in6 *)(const void *)peer;
        (void)inet_ntop(AF_INET6, &ip6->sin6_addr, address, sizeof address);
        port = ntohs(ip6->sin6_port);
    } else if (peer != NULL) {
        const struct sockaddr_in *ip4 = (const struct sockaddr_in *)(const void *)peer;
        (void)inet_ntop(AF_INET, &ip4->sin_addr, address, sizeof address);
        port = ntohs(ip4->sin_port);
    }
    const int bytes = snprintf(connection->client, sizeof connection->client,
                               strchr(address, ':') != NULL ? "[%s]:%u" : "%s:%u", address, port);
    connection->client_bytes = bytes > 0 ? (size_t)bytes : 0;
}

/*
 * If bytes that nobody has read are there when a socket is closed, the system resets the connection, and the client may
 * lose the answer before it. So they are read, as far as they have arrived.
 */
static void server_read_off(int fd)
{
    enum { PIECE_BYTES = 4096, PIECES = 64 };
    char piece[PIECE_BYTES];
    for (int i = 0; i < PIECES && recv(fd, piece, sizeof piece, MSG_DONTWAIT) > 0; i++) {
    }
}

static void server_notify_connection(void *context, struct MHD_Connection *mhd, void **socket_context,
                                     enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
        tjob_server_connection *connection =
            info != NULL ? tjob__connection_open(context, (int)info->connect_fd) : NULL;
        if (connection != NULL) {
            server_keep_client(connection, mhd);
        }
        *socket_context = connection;
    } else if (*socket_context != NULL) {
        tjob_server_connection *connection = *socket_context;
        server_read_off(connection->fd);
        tjob__connection_close(connection);
        *socket_context = NULL;
    }
}

static void *server_notify_target(void *context, const char *target, struct MHD_Connection *mhd)
{
    tjob_server_connection *connection = server_connection(mhd);
    (void)context;
    if (connection != NULL) {
        tjob__connection_begin_request(connection, target);
    }
    return connection;
}

static void server_notify_completed(void *context, struct MHD_Connection *mhd, void **request,
                                    enum MHD_RequestTerminationCode code)
{
    tjob_server_connection *connection = server_connection(mhd);
    (void)context;
    (void)request;
    if (connection == NULL) {
        return;
    }
    tjob_server *server = connection->server;
    if (connection->began && code != MHD_REQUEST_TERMINATED_COMPLETED_OK &&
        __atomic_load_n(&server->draining, __ATOMIC_ACQUIRE)) {
        __atomic_store_n(&server->has_cut, true, __ATOMIC_RELAXED);
    }
    if (connection->began && !connection->is_answered) {
        const tjob_http_response none = {.status = 0, .error_type = {"", 0}};
        server_count(&server->unanswered);
        server_log_request(connection, &none);
    }
    connection->began = false;
    tjob__connection_set_stage(connection, STAGE_IDLE);
}

static enum MHD_Result server_take_header(void *context, enum MHD_ValueKind kind, const char *name, size_t name_bytes,
                                          const char *value, size_t value_bytes)
{
    (void)kind;
    tjob__connection_add_header(context, (tjob_text){name, name_bytes}, (tjob_text){value, value_bytes});
    return MHD_YES;
}

/* The head has arrived. An answer now ends the connection. */
static enum MHD_Result server_read_head(tjob_server_connection *connection, struct MHD_Connection *mhd,
                                        const char *method, const char *version)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    tjob_http_response response;
    (void)MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, server_take_header, connection);
    request_head head = {
        .method = {method, strlen(method)},
        .version = {version, strlen(version)},
        .target = {connection->target_bytes <= sizeof connection->target ? connection->target : NULL,
                   connection->target_bytes},
        .target_at = connection->target_at,
        .headers = connection->headers,
        .header_count = connection->header_count,
        .bytes = info != NULL ? info->header_size : 0,
    };
    const head_problem problem = tjob__head_validate(&head);
    connection->head_is_read = true;
    connection->is_chunked = head.length == UINT64_MAX;
    connection->request.method = head.method;
    connection->request.path = head.path;
    connection->request.query = head.query;
    connection->request.headers = connection->headers;
    connection->request.header_count = problem != HEAD_TOO_MANY_HEADERS ? head.header_count : 0;
    if (problem != HEAD_VALID) {
        server_count(&connection->server->refused);
        tjob__page_bad_head(&response, problem, connection->answer, sizeof connection->answer);
        return server_answer(connection, mhd, &response, true);
    }
    if (head.length != UINT64_MAX && head.length > TJOB_SERVER_BODY_BYTES_READ) {
        tjob__page_too_large(&response);
        return server_answer(connection, mhd, &response, true);
    }
    return MHD_YES;
}

/* Called with the head, with each piece of the body, and at the end. Only with the first and the last may it answer. */
static enum MHD_Result server_access(void *context, struct MHD_Connection *mhd, const char *url, const char *method,
                                     const char *version, const char *data, size_t *bytes, void **request)
{
    tjob_server_connection *connection = server_connection(mhd);
    (void)context;
    (void)url;
    (void)request;
    if (connection == NULL || !connection->began) {
        return MHD_NO;
    }
    if (!connection->head_is_read) {
        return server_read_head(connection, mhd, method, version);
    }
    if (*bytes != 0) {
        const bool goes_on = tjob__connection_add_body(connection, data, *bytes);
        *bytes = 0;
        return goes_on ? MHD_YES : MHD_NO;
    }
    return server_handle(connection, mhd);
}

/* ---- Begin and end --------------------------------------------------------------------------------------------- */

static uint32_t server_or(uint32_t given, uint32_t otherwise)
{
    return given != 0 ? given : otherwise;
}

size_t tjob_server_bytes(uint32_t connections)
{
    return server_or(connections, TJOB_SERVER_CONNECTIONS_DEFAULT) * sizeof(tjob_server_connection);
}

static tjob_server_problem server_problem_of_errno(int error)
{
    static const struct {
        int error;
        tjob_server_problem problem;
    } problems[] = {
        {EADDRINUSE, TJOB_SERVER_ADDRESS_IN_USE},
        {EADDRNOTAVAIL, TJOB_SERVER_BAD_ADDRESS},
        {EAFNOSUPPORT, TJOB_SERVER_BAD_ADDRESS},
        {EACCES, TJOB_SERVER_NO_PERMISSION},
    };
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++) {
        if (problems[i].error == error) {
            return problems[i].problem;
        }
    }
    return TJOB_SERVER_NO_RESOURCES;
}

typedef union server_address {
    struct sockaddr any;
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;
} server_address;

/* Reads a numeric address. Returns its size; 0 if it is none. */
static socklen_t server_read_address(server_address *address, const char *text, uint16_t port)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, &address->ip4.sin_addr) == 1) {
        address->ip4.sin_family = AF_INET;
        address->ip4.sin_port = htons(port);
        return sizeof address->ip4;
    }
    if (inet_pton(AF_INET6, text, &address->ip6.sin6_addr) == 1) {
        address->ip6.sin6_family = AF_INET6;
        address->ip6.sin6_port = htons(port);
        return sizeof address->ip6;
    }
    return 0;
}

/* Returns a socket that listens, and its port; -1 with errno set if there is none. */
static int server_listen(const server_address *wanted, socklen_t bytes, uint16_t *port)
{
    const int on = 1;
    server_address address = *wanted;
    const int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, &address.any, bytes) == 0 && listen(fd, SOMAXCONN) == 0 &&
        getsockname(fd, &address.any, &bytes) == 0) {
        *port = ntohs(address.any.sa_family == AF_INET ? address.ip4.sin_port : address.ip6.sin6_port);
        return fd;
    }
    const int error = errno;
    (void)close(fd);
    errno = error;
    return -1;
}

static bool server_is_valid(const tjob_server *server, const tjob_server_config *config, const void *memory,
                            size_t bytes)
{
    return server != NULL && config != NULL && memory != NULL && (uintptr_t)memory % sizeof(uint64_t) == 0 &&
           config->connections <= TJOB_SERVER_CONNECTIONS_MAX && bytes >= tjob_server_bytes(config->connections) &&
           config->idle_ms <= TJOB_SERVER_TIME_MS_MAX && config->request_ms <= TJOB_SERVER_TIME_MS_MAX &&
           tjob_service_validate(config->service) == TJOB_OK;
}

static void *server_start_daemon(tjob_server *server, int listener)
{
    /* Seconds without a byte. tjob_server_tend keeps the limits, and counts; this one is only behind them. */
    const uint64_t silent_s = ((uint64_t)server->idle_ms + server->request_ms) / 1000 + 2;
    const unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL | MHD_USE_ITC;
    return MHD_start_daemon(flags, 0, NULL, NULL, server_access, server, /* */
                            MHD_OPTION_LISTEN_SOCKET, listener,          /* */
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)server->count, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            (size_t)TJOB_SERVER_POOL_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)silent_s,
                            MHD_OPTION_THREAD_STACK_SIZE, (size_t)TJOB_SERVER_STACK_BYTES, MHD_OPTION_NOTIFY_CONNECTION,
                            server_notify_connection, server, MHD_OPTION_NOTIFY_COMPLETED, server_notify_completed,
                            server, MHD_OPTION_URI_LOG_CALLBACK, server_notify_target, server, MHD_OPTION_END);
}

tjob_server_problem tjob_server_start(tjob_server *server, const tjob_server_config *config, void *memory, size_t bytes)
{
    server_address address;
    if (!server_is_valid(server, config, memory, bytes)) {
        return TJOB_SERVER_INVALID_ARGUMENT;
    }
    const socklen_t address_bytes =
        server_read_address(&address, config->address != NULL ? config->address : "127.0.0.1", config->port);
    if (address_bytes == 0) {
        return TJOB_SERVER_BAD_ADDRESS;
    }
    *server = (tjob_server){
        .service = *config->service,
        .host_observer = config->service->observer,
        .gate = config->gate,
        .log = config->log,
        .metrics = {.now_us = server_now_us},
        .connections = memory,
        .count = server_or(config->connections, TJOB_SERVER_CONNECTIONS_DEFAULT),
        .idle_ms = server_or(config->idle_ms, TJOB_SERVER_IDLE_MS_DEFAULT),
        .request_ms = server_or(config->request_ms, TJOB_SERVER_REQUEST_MS_DEFAULT),
    };
    server->service.observer = (tjob_observer){server, server_observe_begin, server_observe_end};
    if (!tjob_system_random(&server->last_request, sizeof server->last_request) || !tjob__connections_init(server)) {
        return TJOB_SERVER_NO_RESOURCES;
    }
    const int listener = server_listen(&address, address_bytes, &server->port);
    const tjob_server_problem problem = listener < 0 ? server_problem_of_errno(errno) : TJOB_SERVER_OK;
    server->daemon = listener < 0 ? NULL : server_start_daemon(server, listener);
    if (server->daemon != NULL) {
        return TJOB_SERVER_OK;
    }
    tjob__connections_destroy(server);
    if (listener >= 0) {
        (void)close(listener);
    }
    return problem != TJOB_SERVER_OK ? problem : TJOB_SERVER_NO_RESOURCES;
}

uint16_t tjob_server_port(const tjob_server *server)
{
    return server->port;
}

void tjob_server_tend(tjob_server *server)
{
    (void)tjob__connections_tend(server);
}

bool tjob_server_stop(tjob_server *server, uint32_t drain_ms)
{
    static const struct timespec pause = {.tv_nsec = 5000000};
    const uint64_t until_ns = tjob__server_monotonic_ns() + (uint64_t)drain_ms * 1000000;
    __atomic_store_n(&server->draining, true, __ATOMIC_RELEASE);
    const MHD_socket listener = MHD_quiesce_daemon(server->daemon);
    if (listener != MHD_INVALID_SOCKET) {
        (void)close(listener);
    }
    while (tjob__connections_tend(server) != 0 && tjob__server_monotonic_ns() < until_ns) {
        (void)nanosleep(&pause, NULL);
    }
    MHD_stop_daemon(server->daemon);
    tjob__connections_destroy(server);
    return !__atomic_load_n(&server->has_cut, __ATOMIC_RELAXED);
}
