/*
 * A host that never blocks. Each request is a tjob_operation that waits in a table while the storage works, and is
 * resumed when poll(2) reports that answers have arrived. The database is another process behind a socket. 200 requests
 * are in progress at a time, and a read may end in the middle of an answer. In the end the database goes down, as
 * databases do.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tjob/tjob.h"

enum { JOBS = 100, REQUESTS = 2 * JOBS, SERVED = 1450, RECEIVED_BYTES = 500, ARN_BYTES = 96, TRAINER = 7 };

/* The messages on the socket, in both directions; without padding. */
struct question {
    uint32_t request;
    uint32_t ask; /* a tjob_ask: to load or to swap */
    uint64_t expected;
    tjob_job next; /* TJOB_ABSENT: remove the record */
    char arn[ARN_BYTES];
};

struct answer {
    uint32_t request;
    uint32_t status; /* a tjob_load_status or a tjob_swap_status */
    uint64_t version;
    tjob_job job;
};

/* ---- The database, which takes its time ------------------------------------------------------------------------ */

static void run_database(int host)
{
    static uint64_t memory[TJOB_MEMORY_STORE_BYTES(JOBS) / sizeof(uint64_t)];
    static tjob_memory_store jobs;
    tjob_memory_store_init(&jobs, memory, sizeof memory, JOBS, NULL, NULL);
    const tjob_store store = tjob_memory_store_callbacks(&jobs);
    struct question question;
    for (int served = 1; recv(host, &question, sizeof question, MSG_WAITALL) == (ssize_t)sizeof question; served++) {
        const tjob_text arn = {question.arn, strlen(question.arn)};
        const tjob_job *next = question.next.state != TJOB_ABSENT ? &question.next : NULL;
        struct answer answer = {.request = question.request};
        answer.status = question.ask == TJOB_ASK_LOAD
                            ? (uint32_t)store.load(store.context, NULL, arn, &answer.job, &answer.version)
                            : (uint32_t)store.swap(store.context, NULL, arn, question.expected, next);
        if (served < SERVED) {
            send(host, &answer, sizeof answer, MSG_NOSIGNAL);
        } else {
            shutdown(host, SHUT_WR); /* the change is made, but nobody gets an answer */
        }
    }
}

/* ---- The requests in progress ---------------------------------------------------------------------------------- */

/* What the host keeps for each request: the operation, and the ARN, which the operation does not contain. */
static struct request {
    tjob_operation operation;
    char arn[ARN_BYTES];
} requests[REQUESTS];

static unsigned under_way, conflicts, counts[TJOB_EVENT_KIND_COUNT][TJOB_STATUS_COUNT];
static unsigned char questions[REQUESTS * sizeof(struct question)]; /* to be sent; each request has at most one */
static size_t question_bytes;

/* Answers the asks that need no database at once, and queues a question to the database for the others. */
static void proceed(uint32_t number)
{
    tjob_operation *operation = &requests[number].operation;
    tjob_operation_authorized(operation, TJOB_AUTHORIZATION_ALLOWED);
    tjob_operation_admitted(operation, TJOB_ADMISSION_ADMITTED);
    if (operation->ask == TJOB_ASK_NOTHING) {
        counts[operation->event.kind][tjob_operation_outcome(operation).status]++;
        under_way--;
        return;
    }
    const tjob_job *next = tjob_operation_next(operation);
    struct question question = {.request = number, .ask = operation->ask, .expected = operation->version};
    question.next = next != NULL ? *next : (tjob_job){.state = TJOB_ABSENT};
    memcpy(question.arn, requests[number].arn, ARN_BYTES);
    memcpy(questions + question_bytes, &question, sizeof question);
    question_bytes += sizeof question;
}

static void resume(const struct answer *answer, uint64_t now_ms)
{
    static const tjob_policy policy = {0};
    tjob_operation *operation = &requests[answer->request].operation;
    if (operation->ask == TJOB_ASK_LOAD) {
        const tjob_load_status loaded = (tjob_load_status)answer->status;
        tjob_operation_loaded(operation, &policy, loaded, &answer->job, answer->version, now_ms);
    } else {
        conflicts += answer->status == TJOB_SWAP_CONFLICT;
        tjob_operation_swapped(operation, (tjob_swap_status)answer->status);
    }
    proceed(answer->request);
}

/* The connection is gone: nothing more can be loaded, and it is unknown whether a swap was applied. */
static void give_up(void)
{
    for (uint32_t i = 0; i < REQUESTS; i++) {
        while (requests[i].operation.ask != TJOB_ASK_NOTHING) {
            struct answer answer = {.request = i, .status = TJOB_SWAP_UNKNOWN};
            if (requests[i].operation.ask == TJOB_ASK_LOAD) {
                answer.status = TJOB_LOAD_UNAVAILABLE;
            }
            question_bytes = 0;
            resume(&answer, 0);
        }
    }
}

/* ---- The loop: descriptors do not block, and it waits only in poll(2) ------------------------------------------ */

static void send_some(int database)
{
    const ssize_t sent = send(database, questions, question_bytes, MSG_NOSIGNAL);
    question_bytes -= sent > 0 ? (size_t)sent : 0; /* receiving reports any other error */
    memmove(questions, questions + (sent > 0 ? sent : 0), question_bytes);
}

static void receive_some(int database, uint64_t now_ms)
{
    static unsigned char received[RECEIVED_BYTES];
    static size_t bytes; /* of an incomplete answer, kept from one call to the next */
    const ssize_t got = recv(database, received + bytes, sizeof received - bytes, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        give_up();
        return;
    }
    bytes += got > 0 ? (size_t)got : 0;
    size_t used = 0;
    for (struct answer answer; bytes - used >= sizeof answer; used += sizeof answer) {
        memcpy(&answer, received + used, sizeof answer);
        resume(&answer, now_ms);
    }
    bytes -= used;
    memmove(received, received + used, bytes);
}

/* Begins two requests for each job, all at the same time, and resumes them until all have ended. */
static void run(int database, tjob_event_kind first, tjob_event_kind second)
{
    const tjob_clock clock = tjob_system_clock();
    for (uint32_t i = 0; i < REQUESTS; i++, under_way++) {
        const tjob_event_kind kind = i % 2 == 0 ? first : second;
        const bool by_trainer = kind == TJOB_START || kind == TJOB_COMPLETED;
        const tjob_event event = {.kind = kind, .token = 1, .trainer_token = by_trainer ? TRAINER : 0};
        snprintf(requests[i].arn, ARN_BYTES, "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/%u", i / 2);
        tjob_operation_begin(&requests[i].operation, &event);
        proceed(i);
    }
    while (under_way != 0) {
        struct pollfd ready = {.fd = database, .events = (short)(question_bytes != 0 ? POLLIN | POLLOUT : POLLIN)};
        const bool is_ready = poll(&ready, 1, -1) == 1;
        if (is_ready && (ready.revents & POLLOUT) != 0) {
            send_some(database);
        }
        if (is_ready && (ready.revents & ~POLLOUT) != 0) {
            receive_some(database, clock.now_ms(clock.context, NULL));
        }
    }
}

int main(void)
{
    int ends[2];
    const pid_t process = socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 ? fork() : -1;
    if (process < 0 || close(ends[process == 0 ? 0 : 1]) != 0) {
        return EXIT_FAILURE;
    }
    if (process == 0) {
        run_database(ends[1]);
        return EXIT_SUCCESS;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    run(ends[0], TJOB_SUBMIT, TJOB_DESCRIBE);
    run(ends[0], TJOB_START, TJOB_DESCRIBE);
    run(ends[0], TJOB_STOP, TJOB_COMPLETED);
    run(ends[0], TJOB_DELETE, TJOB_DESCRIBE);
    for (unsigned i = 0; i < TJOB_EVENT_KIND_COUNT * TJOB_STATUS_COUNT; i++) {
        const unsigned count = counts[i / TJOB_STATUS_COUNT][i % TJOB_STATUS_COUNT];
        if (count != 0) {
            printf("%3u x %s: %s\n", count, tjob_event_kind_name((tjob_event_kind)(i / TJOB_STATUS_COUNT)),
                   tjob_status_name((tjob_status)(i % TJOB_STATUS_COUNT)));
        }
    }
    printf("%u conflicts; each request loaded again by itself\n", conflicts);
    return EXIT_SUCCESS;
}
