/*
 * A service that logs its own calls, and a crowd of threads that use it: `tjob history check LOG` then checks whether
 * the answers contradict each other. The store loses answers now and then, as one behind a network does.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "tjob/tjob.h"

/* ---- The log --------------------------------------------------------------------------------------------------- */

static atomic_uint_fast64_t last_id; /* with several processes: begin at a random number in each */

/* Each line is one call of fwrite, which locks the file. The number of the call is the tag of its span. */
static void log_begin(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    char line[TJOB_HISTORY_LOG_LINE_BYTES_MAX];
    (void)user;
    *tag = atomic_fetch_add(&last_id, 1) + 1;
    fwrite(line, 1, tjob_history_log_write_invocation(*tag, UINT64_MAX, span->arn, span->event, line, sizeof line),
           context);
}

static void log_end(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    char line[TJOB_HISTORY_LOG_LINE_BYTES_MAX];
    (void)user;
    if (span->event != NULL) { /* else it is a malformed request, which is no call */
        fwrite(line, 1, tjob_history_log_write_answer(*tag, UINT64_MAX, span->outcome, line, sizeof line), context);
    }
}

/* ---- The service ----------------------------------------------------------------------------------------------- */

enum { THREADS = 4, JOBS = 3, CALLS = 1000, LOSES_ONE_IN = 4 };

static tjob_store memory_store;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void lock(void *context)
{
    pthread_mutex_lock(context);
}

static void unlock(void *context)
{
    pthread_mutex_unlock(context);
}

static tjob_load_status load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    (void)context;
    const tjob_load_status status = memory_store.load(memory_store.context, user, arn, job, version);
    sched_yield(); /* so that another thread may change the job before the swap */
    return status;
}

/* Of the answers that are lost, every other one is that of a swap that was not applied. */
static tjob_swap_status swap(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    static atomic_uint count;
    (void)context;
    const unsigned turn = atomic_fetch_add(&count, 1);
    if (turn % (2 * LOSES_ONE_IN) == LOSES_ONE_IN) {
        return TJOB_SWAP_UNKNOWN;
    }
    const tjob_swap_status status = memory_store.swap(memory_store.context, user, arn, expected, next);
    return turn % LOSES_ONE_IN == 0 ? TJOB_SWAP_UNKNOWN : status;
}

static tjob_service service = {.store = {NULL, load, swap}, .observer = {NULL, log_begin, log_end}};

/* ---- The crowd ------------------------------------------------------------------------------------------------- */

/* Any event that the job may be in for: each thread is client, trainer and supervisor. */
static void *use(void *random)
{
    static const tjob_text names[JOBS] = {
        TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/asters"),
        TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/daisies"),
        TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/tulips"),
    };
    uint64_t *state = random;
    for (int i = 0; i < CALLS; i++) {
        *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407); /* Knuth's, of MMIX */
        const uint32_t kind = (uint32_t)((*state >> 50) % TJOB_EVENT_KIND_COUNT);
        const bool is_of_trainer = kind == TJOB_START || (kind >= TJOB_HALTED && kind <= TJOB_TRAINER_LOST);
        const tjob_event event = {.kind = kind, .token = 1, .trainer_token = is_of_trainer ? 7 : 0};
        tjob_perform(&service, NULL, names[(*state >> 40) % JOBS], &event, NULL);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    static uint64_t memory[TJOB_MEMORY_STORE_BYTES(JOBS) / sizeof(uint64_t)];
    static tjob_memory_store jobs;
    static uint64_t randoms[THREADS];
    pthread_t threads[THREADS];
    FILE *log = argc == 2 ? fopen(argv[1], "w") : NULL;
    const tjob_lock locks = {&mutex, lock, unlock};
    if (log == NULL || tjob_memory_store_init(&jobs, memory, sizeof memory, JOBS, NULL, &locks) != TJOB_OK) {
        return EXIT_FAILURE;
    }
    memory_store = tjob_memory_store_callbacks(&jobs);
    service.clock = tjob_system_clock();
    service.observer.context = log;
    for (unsigned i = 0; i < THREADS; i++) {
        randoms[i] = i;
        if (pthread_create(&threads[i], NULL, use, &randoms[i]) != 0) {
            return EXIT_FAILURE;
        }
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    return fclose(log) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
