#define _GNU_SOURCE /* NOLINT: for memmem */

#include "engines/postgresql_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENT = 0, SERVER = 1, ANSWER_MS = 3000 };

static void proxy_check(bool works)
{
    if (!works) {
        abort();
    }
}

static struct sockaddr_in proxy_address(int port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void proxy_close_end(struct proxy_connection *connection, int end)
{
    if (connection->ends[end] >= 0) {
        close(connection->ends[end]);
        connection->ends[end] = -1;
    }
}

static void proxy_accept(struct proxy *proxy)
{
    const struct sockaddr_in address = proxy_address(proxy->target);
    const int client = accept(proxy->listener, NULL, NULL);
    const int server = socket(AF_INET, SOCK_STREAM, 0);
    struct proxy_connection *connection = proxy->connections;
    while (connection < proxy->connections + PROXY_CONNECTIONS_MAX &&
           (connection->ends[CLIENT] >= 0 || connection->ends[SERVER] >= 0)) {
        connection++;
    }
    if (client < 0 || connection == proxy->connections + PROXY_CONNECTIONS_MAX ||
        connect(server, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(client);
        close(server);
        return;
    }
    *connection = (struct proxy_connection){.ends = {client, server}};
}

static void proxy_send(int to, const char *bytes, ssize_t count)
{
    for (ssize_t sent = 0; sent < count;) {
        const ssize_t more = send(to, bytes + sent, (size_t)(count - sent), MSG_NOSIGNAL);
        if (more <= 0) {
            return;
        }
        sent += more;
    }
}

static bool proxy_has(const char *bytes, size_t count, const char *word)
{
    return memmem(bytes, count, word, strlen(word)) != NULL;
}

/* A Bind of a prepared statement; or a Parse of the one without a name, which the Execute follows. */
static bool proxy_is_swap(const char *bytes, size_t count)
{
    if (count > 5 && bytes[0] == 'B') {
        return proxy_has(bytes, count, "tjob_update_") || proxy_has(bytes, count, "tjob_insert_");
    }
    return count > 5 && bytes[0] == 'P' && bytes[5] == '\0' &&
           (proxy_has(bytes, count, "UPDATE tjob_jobs") || proxy_has(bytes, count, "INSERT INTO tjob_jobs"));
}

/* What becomes of a swap that the client has sent. Returns whether it is forwarded. */
static bool proxy_swap(struct proxy *proxy, struct proxy_connection *connection, const char *bytes, ssize_t count)
{
    proxy->swaps++;
    const int fault = proxy->fault;
    proxy->fault = -1;
    if (fault < 0) {
        return true;
    }
    proxy->happened = true;
    switch ((tjob_store_contract_fault)fault) {
    case TJOB_STORE_CONTRACT_ANSWER_LOST:
        connection->loses_answer = true;
        return true;
    case TJOB_STORE_CONTRACT_WRITE_LATE:
    case TJOB_STORE_CONTRACT_STALLED:
        proxy_check(count <= (ssize_t)sizeof connection->held);
        memcpy(connection->held, bytes, (size_t)count);
        connection->held_len = (int)count;
        connection->is_silent = true;
        if (fault == TJOB_STORE_CONTRACT_WRITE_LATE) {
            proxy_close_end(connection, CLIENT);
        }
        return false;
    default: /* the request is lost */
        proxy_close_end(connection, CLIENT);
        proxy_close_end(connection, SERVER);
        return false;
    }
}

static void proxy_forward(struct proxy *proxy, struct proxy_connection *connection, int from)
{
    char bytes[8192];
    const ssize_t count = read(connection->ends[from], bytes, sizeof bytes);
    const bool is_over = count <= 0 || (from == SERVER && connection->loses_answer);
    if (is_over) {
        proxy_close_end(connection, from);
        if (connection->held_len == 0) {
            proxy_close_end(connection, 1 - from);
        }
        return;
    }
    if (from == CLIENT && proxy_is_swap(bytes, (size_t)count) && !proxy_swap(proxy, connection, bytes, count)) {
        return;
    }
    if (!connection->is_silent && connection->ends[1 - from] >= 0) {
        proxy_send(connection->ends[1 - from], bytes, count);
    }
}

/* Delivers what was held back, and waits for the answer, so that it is applied or not before this returns. */
static void proxy_deliver(struct proxy_connection *connection)
{
    struct pollfd polled = {.fd = connection->ends[SERVER], .events = POLLIN};
    char bytes[8192];
    if (connection->held_len > 0 && connection->ends[SERVER] >= 0) {
        proxy_send(connection->ends[SERVER], connection->held, connection->held_len);
        if (poll(&polled, 1, ANSWER_MS) == 1) {
            proxy_check(read(connection->ends[SERVER], bytes, sizeof bytes) >= 0);
        }
    }
    if (connection->held_len > 0 || connection->is_silent) {
        proxy_close_end(connection, CLIENT);
        proxy_close_end(connection, SERVER);
    }
    connection->held_len = 0;
    connection->is_silent = false;
}

static void proxy_serve(struct proxy *proxy, const struct pollfd *polled)
{
    for (int i = 0; i < 2 * PROXY_CONNECTIONS_MAX; i++) {
        struct proxy_connection *connection = &proxy->connections[i / 2];
        if (polled[2 + i].revents != 0 && connection->ends[i % 2] == polled[2 + i].fd) {
            proxy_forward(proxy, connection, i % 2);
        }
    }
    if (polled[0].revents != 0) {
        proxy_accept(proxy);
    }
    if (proxy->heals) {
        proxy->heals = false;
        for (int i = 0; i < PROXY_CONNECTIONS_MAX; i++) {
            proxy_deliver(&proxy->connections[i]);
        }
    }
}

static void *proxy_run(void *argument)
{
    struct proxy *proxy = argument;
    for (;;) {
        struct pollfd polled[2 + 2 * PROXY_CONNECTIONS_MAX];
        polled[0] = (struct pollfd){.fd = proxy->listener, .events = POLLIN};
        polled[1] = (struct pollfd){.fd = proxy->wake[0], .events = POLLIN};
        for (int i = 0; i < 2 * PROXY_CONNECTIONS_MAX; i++) {
            polled[2 + i] = (struct pollfd){.fd = proxy->connections[i / 2].ends[i % 2], .events = POLLIN};
        }
        poll(polled, 2 + 2 * PROXY_CONNECTIONS_MAX, -1);
        pthread_mutex_lock(&proxy->mutex);
        char bytes[64];
        if (polled[1].revents != 0) {
            proxy_check(read(proxy->wake[0], bytes, sizeof bytes) > 0);
        }
        proxy_serve(proxy, polled);
        const bool stops = proxy->stops;
        pthread_mutex_unlock(&proxy->mutex);
        if (stops) {
            return NULL;
        }
    }
}

void proxy_start(struct proxy *proxy, int target)
{
    struct sockaddr_in address = proxy_address(0);
    socklen_t size = sizeof address;
    *proxy = (struct proxy){.target = target, .fault = -1};
    for (int i = 0; i < PROXY_CONNECTIONS_MAX; i++) {
        proxy->connections[i].ends[CLIENT] = proxy->connections[i].ends[SERVER] = -1;
    }
    proxy->listener = socket(AF_INET, SOCK_STREAM, 0);
    proxy_check(bind(proxy->listener, (struct sockaddr *)&address, size) == 0 && listen(proxy->listener, 64) == 0 &&
                getsockname(proxy->listener, (struct sockaddr *)&address, &size) == 0 && pipe(proxy->wake) == 0);
    proxy->port = ntohs(address.sin_port);
    proxy_check(pthread_mutex_init(&proxy->mutex, NULL) == 0 &&
                pthread_create(&proxy->thread, NULL, proxy_run, proxy) == 0);
}

static void proxy_wake(struct proxy *proxy)
{
    proxy_check(write(proxy->wake[1], "", 1) == 1);
}

void proxy_stop(struct proxy *proxy)
{
    pthread_mutex_lock(&proxy->mutex);
    proxy->stops = true;
    pthread_mutex_unlock(&proxy->mutex);
    proxy_wake(proxy);
    pthread_join(proxy->thread, NULL);
    for (int i = 0; i < PROXY_CONNECTIONS_MAX; i++) {
        proxy_close_end(&proxy->connections[i], CLIENT);
        proxy_close_end(&proxy->connections[i], SERVER);
    }
    close(proxy->listener);
    close(proxy->wake[0]);
    close(proxy->wake[1]);
    pthread_mutex_destroy(&proxy->mutex);
}

void proxy_inject(struct proxy *proxy, tjob_store_contract_fault fault)
{
    pthread_mutex_lock(&proxy->mutex);
    proxy->fault = (int)fault;
    proxy->happened = false;
    pthread_mutex_unlock(&proxy->mutex);
}

bool proxy_heal(struct proxy *proxy)
{
    bool waits = true;
    pthread_mutex_lock(&proxy->mutex);
    const bool happened = proxy->happened;
    proxy->fault = -1;
    proxy->heals = true;
    pthread_mutex_unlock(&proxy->mutex);
    proxy_wake(proxy);
    while (waits) {
        usleep(1000);
        pthread_mutex_lock(&proxy->mutex);
        waits = proxy->heals;
        pthread_mutex_unlock(&proxy->mutex);
    }
    return happened;
}

unsigned proxy_swaps(struct proxy *proxy)
{
    pthread_mutex_lock(&proxy->mutex);
    const unsigned swaps = proxy->swaps;
    pthread_mutex_unlock(&proxy->mutex);
    return swaps;
}
