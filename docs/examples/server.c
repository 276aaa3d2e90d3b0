/*
 * A host with an HTTP server of its own: the service over a store in memory, with one job in training, until SIGTERM or
 * SIGINT. A hook answers before the service does, for a host that checks who calls. It links tjob::server.
 *
 *   server [PORT]
 */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tjob/server.h"
#include "tjob/tjob.h"

enum { JOBS = 1000, CONNECTIONS = 256, DRAIN_MS = 10000 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void lock(void *context)
{
    pthread_mutex_lock(context);
}

static void unlock(void *context)
{
    pthread_mutex_unlock(context);
}

/* Requests with the header "X-Maintenance" get an answer of the host's own. */
static bool answer_instead(void *context, tjob_server_request *request, tjob_http_response *response, char *body,
                           size_t capacity)
{
    static const tjob_text wanted = TJOB_TEXT("X-Maintenance");
    (void)context, (void)body, (void)capacity;
    for (size_t i = 0; i < request->header_count; i++) {
        const tjob_text name = request->headers[i].name;
        if (name.bytes == wanted.bytes && memcmp(name.data, wanted.data, name.bytes) == 0) {
            *response = (tjob_http_response){
                .status = 503, .content_type = TJOB_TEXT("text/plain"), .body = TJOB_TEXT("later, please\n")};
            return true;
        }
    }
    return false;
}

static void run(tjob_server *server, const sigset_t *signals)
{
    const struct timespec tend = {.tv_nsec = TJOB_SERVER_TEND_MS * 1000000L};
    while (sigtimedwait(signals, NULL, &tend) < 0) {
        tjob_server_tend(server);
    }
    printf("%s\n", tjob_server_stop(server, DRAIN_MS) ? "every request was answered" : "a request was not answered");
}

int main(int argc, char **argv)
{
    static uint64_t memory[TJOB_MEMORY_STORE_BYTES(JOBS) / sizeof(uint64_t)];
    static tjob_memory_store jobs;
    static tjob_server server;
    const tjob_lock locks = {&mutex, lock, unlock};
    const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers");
    tjob_memory_store_init(&jobs, memory, sizeof memory, JOBS, NULL, &locks);
    const tjob_service service = {
        .store = tjob_memory_store_callbacks(&jobs),
        .clock = tjob_system_clock(),
        .grammar = TJOB_ARN_CURRENT,
        .success_body = TJOB_SUCCESS_BODY_OBJECT, /* for clients that fail on an empty body */
    };
    tjob_submit(&service, NULL, arn, 0, 1, 0, NULL);
    tjob_start(&service, NULL, arn, 0, 7, NULL);

    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* before the server has threads, which inherit it */
    const tjob_server_config config = {
        .service = &service,
        .port = argc == 2 ? (uint16_t)strtoul(argv[1], NULL, 10) : 0,
        .connections = CONNECTIONS,
        .gate = {NULL, answer_instead},
    };
    void *places = calloc(1, tjob_server_bytes(CONNECTIONS));
    const tjob_server_problem problem = tjob_server_start(&server, &config, places, tjob_server_bytes(CONNECTIONS));
    if (problem != TJOB_SERVER_OK) {
        fprintf(stderr, "%s\n", tjob_server_problem_text(problem));
        return EXIT_FAILURE;
    }
    printf("listening on http://127.0.0.1:%u/\n", tjob_server_port(&server));
    fflush(stdout);
    run(&server, &signals);
    free(places);
    return EXIT_SUCCESS;
}
