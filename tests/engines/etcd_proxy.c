#include "etcd_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_BYTES_MAX = 1 << 20 };

/* ---- Messages -------------------------------------------------------------------------------------------------- */

static bool proxy_send(int fd, const char *bytes, size_t count)
{
    while (count > 0) {
        const ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes += sent;
        count -= (size_t)sent;
    }
    return true;
}

/* Whether the bytes are a whole message of HTTP/1.1, with a length or in chunks. */
static bool proxy_is_whole(const char *bytes, size_t count, bool is_request)
{
    const char *body = memmem(bytes, count, "\r\n\r\n", 4);
    if (body == NULL) {
        return false;
    }
    body += 4;
    const size_t head = (size_t)(body - bytes);
    const char *length = memmem(bytes, head, "Content-Length: ", 16);
    if (length != NULL) {
        return count - head >= strtoull(length + 16, NULL, 10);
    }
    if (memmem(bytes, head, "chunked", 7) != NULL) {
        const char *last = memmem(body, count - head, "0\r\n", 3);
        return last != NULL && count - head > 5 && memcmp(bytes + count - 4, "\r\n\r\n", 4) == 0 &&
               memmem(body - 2, count - head + 2, "\r\n0\r\n", 5) != NULL;
    }
    return is_request;
}

/* Receives one message. Returns its length; 0 if the connection ends. */
static size_t proxy_receive(int fd, char *bytes, bool is_request)
{
    size_t count = 0;
    while (count < MESSAGE_BYTES_MAX - 1) {
        const ssize_t got = recv(fd, bytes + count, MESSAGE_BYTES_MAX - 1 - count, 0);
        if (got <= 0) {
            return 0;
        }
        count += (size_t)got;
        bytes[count] = '\0';
        if (proxy_is_whole(bytes, count, is_request)) {
            return count;
        }
    }
    return 0;
}

static int proxy_connect(const struct etcd_proxy *proxy)
{
    const int one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(proxy->target_port)};
    inet_pton(AF_INET, proxy->target_host, &address.sin_addr);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* ---- Connections ----------------------------------------------------------------------------------------------- */

struct proxy_connection {
    struct etcd_proxy *proxy;
    int client;
    int server;
    char *bytes; /* the request, then the answer */
};

/* Takes the fault that is for this request, if there is one. */
static enum etcd_fault proxy_take_fault(struct etcd_proxy *proxy, const char *request, size_t count)
{
    pthread_mutex_lock(&proxy->mutex);
    enum etcd_fault fault = PROXY_NO_FAULT;
    proxy->requests++;
    proxy->swaps += strstr(request, "request_put") != NULL;
    if (proxy->fault != PROXY_NO_FAULT && strstr(request, proxy->fault_word) != NULL) {
        fault = proxy->fault;
        proxy->happened = true;
        proxy->fault = proxy->fault_repeats ? proxy->fault : PROXY_NO_FAULT;
        if (fault == PROXY_WRITE_LATE || fault == PROXY_STALLED) {
            free(proxy->held);
            proxy->held = malloc(count + 1);
            memcpy(proxy->held, request, count + 1);
            proxy->held_bytes = (unsigned)count;
        }
    }
    pthread_mutex_unlock(&proxy->mutex);
    return fault;
}

/* Forwards the request and receives the answer. Returns its length. */
static size_t proxy_forward(struct proxy_connection *connection, size_t count)
{
    if (connection->server < 0) {
        connection->server = proxy_connect(connection->proxy);
    }
    if (connection->server < 0 || !proxy_send(connection->server, connection->bytes, count)) {
        return 0;
    }
    return proxy_receive(connection->server, connection->bytes, false);
}

/* Returns whether the connection goes on. */
static bool proxy_serve(struct proxy_connection *connection, size_t count)
{
    static const char status_only[] = "HTTP/1.1 200 OK\r\n\r\n";
    static const char no_body[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    struct etcd_proxy *proxy = connection->proxy;
    const enum etcd_fault fault = proxy_take_fault(proxy, connection->bytes, count);
    const struct timespec delay = {(time_t)(proxy->delay_ms / 1000), (long)(proxy->delay_ms % 1000) * 1000000};
    nanosleep(&delay, NULL);
    switch (fault) {
    case PROXY_REQUEST_LOST:
    case PROXY_WRITE_LATE:
        return false;
    case PROXY_STALLED:
        pthread_mutex_lock(&proxy->mutex);
        while (!proxy->is_healed) {
            pthread_cond_wait(&proxy->healed, &proxy->mutex);
        }
        pthread_mutex_unlock(&proxy->mutex);
        return false;
    case PROXY_ANSWER_LOST:
        proxy_forward(connection, count);
        return false;
    case PROXY_STATUS_ONLY:
        proxy_forward(connection, count);
        proxy_send(connection->client, status_only, sizeof status_only - 1);
        return false;
    case PROXY_NO_BODY:
        proxy_forward(connection, count);
        return proxy_send(connection->client, no_body, sizeof no_body - 1);
    case PROXY_HALF_BODY:
        count = proxy_forward(connection, count);
        proxy_send(connection->client, connection->bytes, count - 20);
        return false;
    case PROXY_FALSE_ANSWER:
        proxy_forward(connection, count);
        return proxy_send(connection->client, proxy->answer, strlen(proxy->answer));
    case PROXY_OTHER_ANSWER:
        return proxy_send(connection->client, proxy->answer, strlen(proxy->answer));
    case PROXY_NO_FAULT:
    default:
        count = proxy_forward(connection, count);
        return count != 0 && proxy_send(connection->client, connection->bytes, count);
    }
}

static void *proxy_run_connection(void *argument)
{
    struct proxy_connection *connection = argument;
    connection->bytes = malloc(MESSAGE_BYTES_MAX);
    size_t count;
    while ((count = proxy_receive(connection->client, connection->bytes, true)) != 0 &&
           proxy_serve(connection, count)) {
    }
    close(connection->client);
    if (connection->server >= 0) {
        close(connection->server);
    }
    free(connection->bytes);
    free(connection);
    return NULL;
}

static void *proxy_run(void *argument)
{
    struct etcd_proxy *proxy = argument;
    const int one = 1;
    for (;;) {
        const int client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0) {
            return NULL;
        }
        pthread_mutex_lock(&proxy->mutex);
        proxy->connections++;
        pthread_mutex_unlock(&proxy->mutex);
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct proxy_connection *connection = malloc(sizeof *connection);
        *connection = (struct proxy_connection){proxy, client, -1, NULL};
        pthread_t thread;
        if (pthread_create(&thread, NULL, proxy_run_connection, connection) != 0) {
            abort();
        }
        pthread_detach(thread);
    }
}

/* ---- The proxy ------------------------------------------------------------------------------------------------- */

void etcd_proxy_start(struct etcd_proxy *proxy, const char *host, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *proxy = (struct etcd_proxy){.target_port = port, .fault = PROXY_NO_FAULT, .fault_word = ""};
    snprintf(proxy->target_host, sizeof proxy->target_host, "%s", host);
    pthread_mutex_init(&proxy->mutex, NULL);
    pthread_cond_init(&proxy->healed, NULL);
    proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(proxy->listener, (struct sockaddr *)&address, size) != 0 || listen(proxy->listener, 100) != 0 ||
        getsockname(proxy->listener, (struct sockaddr *)&address, &size) != 0 ||
        pthread_create(&proxy->thread, NULL, proxy_run, proxy) != 0) {
        abort();
    }
    proxy->port = ntohs(address.sin_port);
}

void etcd_proxy_inject(struct etcd_proxy *proxy, enum etcd_fault fault, const char *word, bool repeats)
{
    pthread_mutex_lock(&proxy->mutex);
    proxy->fault = fault;
    proxy->fault_word = word;
    proxy->fault_repeats = repeats;
    proxy->happened = false;
    proxy->is_healed = false;
    pthread_mutex_unlock(&proxy->mutex);
}

bool etcd_proxy_heal(struct etcd_proxy *proxy)
{
    char *answer = malloc(MESSAGE_BYTES_MAX);
    pthread_mutex_lock(&proxy->mutex);
    proxy->fault = PROXY_NO_FAULT;
    if (proxy->held != NULL) {
        const int server = proxy_connect(proxy);
        if (server < 0 || !proxy_send(server, proxy->held, proxy->held_bytes) ||
            proxy_receive(server, answer, false) == 0) {
            abort();
        }
        close(server);
        free(proxy->held);
        proxy->held = NULL;
    }
    proxy->is_healed = true;
    pthread_cond_broadcast(&proxy->healed);
    const bool happened = proxy->happened;
    pthread_mutex_unlock(&proxy->mutex);
    free(answer);
    return happened;
}

void etcd_proxy_counts(struct etcd_proxy *proxy, unsigned *requests, unsigned *swaps, unsigned *connections)
{
    pthread_mutex_lock(&proxy->mutex);
    *requests = proxy->requests;
    *swaps = proxy->swaps;
    *connections = proxy->connections;
    proxy->requests = proxy->swaps = proxy->connections = 0;
    pthread_mutex_unlock(&proxy->mutex);
}
