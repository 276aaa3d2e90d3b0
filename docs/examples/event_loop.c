/*
 * A host that never blocks: each request is a tjob_operation that waits in a table while the storage works, and is
 * resumed when poll(2) tells that an answer has come. The "database" here is a store in memory whose answers arrive
 * through a pipe, in the order in which they were asked for.
 */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tjob/tjob.h"

enum { JOBS = 4, REQUESTS = 8 };

static uint64_t memory[TJOB_MEMORY_STORE_BYTES(JOBS) / sizeof(uint64_t)];
static tjob_memory_store memory_store;
static const tjob_policy policy = {0};

/* ---- The database: asked without waiting, answers through a pipe ----------------------------------------------- */

struct answer {
    int request;
    tjob_load_status loaded;
    tjob_swap_status swapped;
    uint64_t version;
    tjob_job job;
};

static int pipe_ends[2];

static void ask_database(int request, const tjob_operation *operation, tjob_text arn)
{
    const tjob_store database = tjob_memory_store_callbacks(&memory_store);
    struct answer answer = {.request = request};
    if (operation->ask == TJOB_ASK_LOAD) {
        answer.loaded = database.load(database.context, NULL, arn, &answer.job, &answer.version);
    } else {
        answer.swapped =
            database.swap(database.context, NULL, arn, operation->version, tjob_operation_next(operation));
    }
    if (write(pipe_ends[1], &answer, sizeof answer) != (ssize_t)sizeof answer) {
        abort();
    }
}

/* ---- The requests under way ------------------------------------------------------------------------------------ */

/* What the host keeps of a request: the operation, and the ARN, which the operation does not hold. */
struct request {
    tjob_operation operation;
    tjob_text arn;
};

static struct request requests[REQUESTS];
static int under_way;

/* Answers what can be answered at once, and asks the database for the rest. */
static void proceed(int number)
{
    struct request *request = &requests[number];
    tjob_operation_authorized(&request->operation, TJOB_AUTHORIZATION_ALLOWED);
    tjob_operation_admitted(&request->operation, TJOB_ADMISSION_ADMITTED);
    if (request->operation.ask != TJOB_ASK_NOTHING) {
        ask_database(number, &request->operation, request->arn);
        return;
    }
    const tjob_outcome outcome = tjob_operation_outcome(&request->operation);
    printf("%s: %s, %s\n", tjob_event_kind_name((tjob_event_kind)request->operation.event.kind),
           tjob_status_name(outcome.status), tjob_state_name(outcome.after));
    under_way--;
}

static void begin(int number, tjob_text arn, tjob_event event)
{
    requests[number].arn = arn;
    tjob_operation_begin(&requests[number].operation, &event);
    under_way++;
    proceed(number);
}

static void resume(const struct answer *answer, uint64_t now_ms)
{
    tjob_operation *operation = &requests[answer->request].operation;
    if (operation->ask == TJOB_ASK_LOAD) {
        tjob_operation_loaded(operation, &policy, answer->loaded, &answer->job, answer->version, now_ms);
    } else {
        tjob_operation_swapped(operation, answer->swapped);
    }
    proceed(answer->request);
}

/* ---- The loop -------------------------------------------------------------------------------------------------- */

static void run(void)
{
    const tjob_clock clock = tjob_system_clock();
    while (under_way != 0) {
        struct pollfd ready = {.fd = pipe_ends[0], .events = POLLIN};
        struct answer answer;
        if (poll(&ready, 1, -1) != 1 || read(pipe_ends[0], &answer, sizeof answer) != (ssize_t)sizeof answer) {
            abort();
        }
        resume(&answer, clock.now_ms(clock.context, NULL));
    }
}

int main(void)
{
    if (pipe(pipe_ends) != 0 ||
        tjob_memory_store_init(&memory_store, memory, sizeof memory, JOBS, 0, NULL) != TJOB_OK) {
        return EXIT_FAILURE;
    }
    const tjob_text roses = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/roses");
    const tjob_text tulips = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/tulips");

    begin(0, roses, (tjob_event){.kind = TJOB_SUBMIT, .token = 1});
    begin(1, tulips, (tjob_event){.kind = TJOB_SUBMIT, .token = 2});
    run();
    begin(0, roses, (tjob_event){.kind = TJOB_START, .worker = 7});
    run();
    /* Four at once. Two of them want to change the same job: one meets a conflict and looks again, by itself. */
    begin(0, roses, (tjob_event){.kind = TJOB_STOP});
    begin(1, roses, (tjob_event){.kind = TJOB_COMPLETED, .worker = 7});
    begin(2, tulips, (tjob_event){.kind = TJOB_STOP});
    begin(3, tulips, (tjob_event){.kind = TJOB_DESCRIBE});
    run();
    return EXIT_SUCCESS;
}
