/*
 * A lossy proxy: it stands between a store and its database, and loses requests and answers.
 *
 *   lossy_proxy PORT TARGET SEED REQUESTS ANSWERS
 *
 * It listens on PORT of 127.0.0.1 (0: any port) and prints the port. Each connection is forwarded to port TARGET. Of
 * 1000 pieces that a client sends, REQUESTS are dropped on average, and of 1000 that the server sends, ANSWERS; the
 * connection is then closed on both sides, and the proxy prints "request lost" or "answer lost". A piece is what one
 * read returns: a request or an answer if these are small, and their connection has one at a time. The same SEED makes
 * the same decisions in the same order. The proxy runs until it is killed. It needs POSIX.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 100, CLIENT = 0, SERVER = 1 };

struct proxy {
    uint64_t random;
    uint64_t lost_of_1000[2];                      /* of what the client sends, and the server */
    struct pollfd polled[1 + 2 * CONNECTIONS_MAX]; /* the listener, then the two ends of each connection; -1: none */
};

/* Knuth's MMIX generator; its upper bits are the good ones. */
static bool loses(struct proxy *proxy, int from)
{
    proxy->random = proxy->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (proxy->random >> 33) % 1000 < proxy->lost_of_1000[from];
}

static struct sockaddr_in loopback(const char *port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void accept_one(struct proxy *proxy, const char *target)
{
    const struct sockaddr_in address = loopback(target);
    const int client = accept(proxy->polled[0].fd, NULL, NULL);
    const int server = socket(AF_INET, SOCK_STREAM, 0);
    struct pollfd *ends = &proxy->polled[1];
    while (ends < proxy->polled + 1 + 2 * CONNECTIONS_MAX && ends->fd >= 0) {
        ends += 2;
    }
    if (client < 0 || ends == proxy->polled + 1 + 2 * CONNECTIONS_MAX ||
        connect(server, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(client);
        close(server);
        return;
    }
    ends[CLIENT].fd = client;
    ends[SERVER].fd = server;
}

/* Forwards what one end has sent, or loses it; false: the connection is over. */
static bool forward(struct proxy *proxy, struct pollfd *ends, int from)
{
    char bytes[65536];
    const ssize_t count = read(ends[from].fd, bytes, sizeof bytes);
    if (count <= 0) {
        return false;
    }
    if (loses(proxy, from)) {
        puts(from == CLIENT ? "request lost" : "answer lost");
        return false;
    }
    for (ssize_t sent = 0; sent < count;) {
        const ssize_t more = send(ends[1 - from].fd, bytes + sent, (size_t)(count - sent), MSG_NOSIGNAL);
        if (more < 0) {
            return false;
        }
        sent += more;
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct proxy proxy;
    if (argc != 6) {
        fprintf(stderr, "usage: lossy_proxy PORT TARGET SEED REQUESTS ANSWERS\n");
        return 2;
    }
    proxy.random = strtoull(argv[3], NULL, 10);
    proxy.lost_of_1000[CLIENT] = strtoull(argv[4], NULL, 10);
    proxy.lost_of_1000[SERVER] = strtoull(argv[5], NULL, 10);
    struct sockaddr_in address = loopback(argv[1]);
    socklen_t size = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, CONNECTIONS_MAX) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        perror("lossy_proxy");
        return EXIT_FAILURE;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("%d\n", ntohs(address.sin_port));
    for (int i = 0; i <= 2 * CONNECTIONS_MAX; i++) {
        proxy.polled[i] = (struct pollfd){.fd = i == 0 ? listener : -1, .events = POLLIN};
    }
    while (poll(proxy.polled, 1 + 2 * CONNECTIONS_MAX, -1) >= 0) {
        for (struct pollfd *ends = &proxy.polled[1]; ends < proxy.polled + 1 + 2 * CONNECTIONS_MAX; ends += 2) {
            for (int from = CLIENT; from <= SERVER; from++) {
                if (ends->fd >= 0 && ends[from].revents != 0 && !forward(&proxy, ends, from)) {
                    close(ends[CLIENT].fd);
                    close(ends[SERVER].fd);
                    ends[CLIENT].fd = ends[SERVER].fd = -1;
                }
            }
        }
        if (proxy.polled[0].revents != 0) {
            accept_one(&proxy, argv[2]);
        }
    }
    return EXIT_FAILURE;
}
