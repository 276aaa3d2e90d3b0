/*
 * The lossy proxy between a client and a server of this program's own: lossy_proxy_test PROXY. The server answers each
 * number with the same number, and remembers which it has received. So it is known of each call whether its request or
 * its answer was lost, and the proxy must have done it, as often as it says, and the same with the same seed.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLS = 500 };

/* What became of each call. */
enum fate { ANSWERED, REQUEST_LOST, ANSWER_LOST };

struct run {
    enum fate fates[CALLS];
    unsigned counts[3];
    unsigned reported[3]; /* by the proxy */
};

static atomic_bool received[CALLS];

static void require(bool condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "%s\n", what);
        exit(EXIT_FAILURE);
    }
}

static struct sockaddr_in loopback(unsigned port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* Serves one connection after the other: the client has one at a time. */
static void *serve(void *argument)
{
    const int listener = *(const int *)argument;
    for (;;) {
        const int connection = accept(listener, NULL, NULL);
        uint32_t number;
        while (recv(connection, &number, sizeof number, MSG_WAITALL) == sizeof number) {
            received[number] = true;
            (void)send(connection, &number, sizeof number, MSG_NOSIGNAL);
        }
        close(connection);
    }
    return NULL;
}

static unsigned start_server(void)
{
    static int listener;
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    pthread_t thread;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    require(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 10) == 0 &&
                getsockname(listener, (struct sockaddr *)&address, &size) == 0 &&
                pthread_create(&thread, NULL, serve, &listener) == 0,
            "there is no server");
    return ntohs(address.sin_port);
}

static pid_t start_proxy(const char *proxy, unsigned target, const char *requests, const char *answers, FILE **output)
{
    int ends[2];
    char port[16];
    snprintf(port, sizeof port, "%u", target);
    require(pipe(ends) == 0, "there is no pipe");
    const pid_t pid = fork();
    require(pid >= 0, "there is no process");
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        execl(proxy, proxy, "0", port, "7", requests, answers, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    *output = fdopen(ends[0], "r");
    return pid;
}

/* Sends a number; on a new connection if there is none. */
static enum fate call(unsigned port, int *connection, uint32_t number)
{
    uint32_t answer = UINT32_MAX;
    if (*connection < 0) {
        const struct sockaddr_in address = loopback(port);
        *connection = socket(AF_INET, SOCK_STREAM, 0);
        require(connect(*connection, (const struct sockaddr *)&address, sizeof address) == 0, "the proxy is not there");
    }
    received[number] = false;
    (void)send(*connection, &number, sizeof number, MSG_NOSIGNAL);
    if (recv(*connection, &answer, sizeof answer, MSG_WAITALL) == sizeof answer) {
        require(answer == number && received[number], "another answer");
        return ANSWERED;
    }
    close(*connection);
    *connection = -1;
    return received[number] ? ANSWER_LOST : REQUEST_LOST;
}

static struct run run(const char *proxy, unsigned target, const char *requests, const char *answers)
{
    struct run run = {.counts = {0}};
    FILE *output;
    char line[64];
    int connection = -1;
    const pid_t pid = start_proxy(proxy, target, requests, answers, &output);
    require(fgets(line, sizeof line, output) != NULL, "the proxy does not print its port");
    const unsigned port = (unsigned)strtoul(line, NULL, 10);
    for (uint32_t i = 0; i < CALLS; i++) {
        run.fates[i] = call(port, &connection, i);
        run.counts[run.fates[i]]++;
    }
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    while (fgets(line, sizeof line, output) != NULL) {
        run.reported[REQUEST_LOST] += strcmp(line, "request lost\n") == 0;
        run.reported[ANSWER_LOST] += strcmp(line, "answer lost\n") == 0;
    }
    fclose(output);
    if (connection >= 0) {
        close(connection);
    }
    return run;
}

int main(int argc, char **argv)
{
    require(argc == 2, "usage: lossy_proxy_test PROXY");
    alarm(60);
    const unsigned server = start_server();
    const struct run none = run(argv[1], server, "0", "0");
    const struct run some = run(argv[1], server, "100", "100");
    const struct run same = run(argv[1], server, "100", "100");
    const struct run all = run(argv[1], server, "0", "1000");
    require(none.counts[ANSWERED] == CALLS, "calls are lost at a rate of 0");
    require(all.counts[ANSWER_LOST] == CALLS, "answers arrive at a rate of 1000");
    for (enum fate fate = REQUEST_LOST; fate <= ANSWER_LOST; fate++) {
        require(some.counts[fate] >= CALLS / 20 && some.counts[fate] <= CALLS / 5, "another rate than one in ten");
        require(some.counts[fate] == some.reported[fate], "the proxy reports another number");
    }
    require(memcmp(some.fates, same.fates, sizeof some.fates) == 0, "the same seed has another course");
    printf("of %d calls, %u requests and %u answers are lost\n", CALLS, some.counts[REQUEST_LOST],
           some.counts[ANSWER_LOST]);
    return EXIT_SUCCESS;
}
