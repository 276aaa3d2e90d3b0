#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "contract/store_contract.h"
#include "tjob/arn.h"

#define NAME_PREFIX "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/"

/* Swaps that a thread tries for one increment before it gives up: more than any fair store needs. */
enum { TRIES_MAX = 1000000, RACES_MAX = STORE_CONTRACT_JOBS_MAX - 1 };

static const tjob_text counter = TJOB_TEXT(NAME_PREFIX "counter");

struct shared {
    tjob_store store;
    unsigned rounds;
    atomic_uint created[RACES_MAX]; /* how many creations of each name were acknowledged */
    atomic_uint lost;               /* increments that could not be made */
    atomic_uint back;               /* loads that saw less than an earlier load of the same thread */
};

/* A record that counts in its host code. */
static tjob_job counting(uint32_t count)
{
    return (tjob_job){
        .submit_token = 1, .incarnation = 1, .submitted_ms = 1, .state = TJOB_SUBMITTED, .host_code = count};
}

static bool increment(struct shared *shared, uint32_t *highest)
{
    for (int i = 0; i < TRIES_MAX; i++) {
        tjob_job job;
        uint64_t version;
        if (shared->store.load(shared->store.context, NULL, counter, &job, &version) != TJOB_LOAD_OK) {
            continue;
        }
        shared->back += job.host_code < *highest;
        *highest = job.host_code;
        const tjob_job next = counting(job.host_code + 1);
        if (shared->store.swap(shared->store.context, NULL, counter, version, &next) == TJOB_SWAP_OK) {
            return true;
        }
    }
    return false;
}

static void race_to_create(struct shared *shared, unsigned race)
{
    char name[TJOB_ARN_BYTES_MAX];
    const int bytes = snprintf(name, sizeof name, NAME_PREFIX "race%u", race);
    const tjob_text arn = {name, (size_t)bytes};
    const tjob_job next = counting(0);
    for (int i = 0; i < TRIES_MAX; i++) {
        tjob_job job;
        uint64_t version;
        if (shared->store.load(shared->store.context, NULL, arn, &job, &version) == TJOB_LOAD_OK) {
            return;
        }
        if (shared->store.swap(shared->store.context, NULL, arn, version, &next) == TJOB_SWAP_OK) {
            shared->created[race]++;
        }
    }
}

static void *contend(void *argument)
{
    struct shared *shared = argument;
    uint32_t highest = 0;
    for (unsigned race = 0; race < RACES_MAX; race++) {
        race_to_create(shared, race);
    }
    for (unsigned round = 0; round < shared->rounds; round++) {
        shared->lost += !increment(shared, &highest);
    }
    return NULL;
}

static void run_threads(struct shared *shared, unsigned count)
{
    pthread_t threads[STORE_CONTRACT_THREADS_MAX];
    for (unsigned i = 0; i < count; i++) {
        shared->lost += pthread_create(&threads[i], NULL, contend, shared) != 0;
    }
    for (unsigned i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
}

/* What the threads have left, and what is wrong with it: "" if nothing. */
static void judge(struct shared *shared, unsigned threads, char message[STORE_CONTRACT_MESSAGE_BYTES])
{
    tjob_job job;
    uint64_t version;
    shared->store.load(shared->store.context, NULL, counter, &job, &version);
    const uint32_t wanted = threads * shared->rounds;
    if (shared->lost != 0 || job.host_code != wanted) {
        snprintf(message, STORE_CONTRACT_MESSAGE_BYTES,
                 "increments by threads: expected %" PRIu32 ", saw %" PRIu32 ", and %u could not be made", wanted,
                 job.host_code, shared->lost);
    }
    if (shared->back != 0) {
        snprintf(message, STORE_CONTRACT_MESSAGE_BYTES, "%u loads went back to what was replaced before", shared->back);
    }
    for (unsigned race = 0; race < RACES_MAX; race++) {
        if (shared->created[race] != 1) {
            snprintf(message, STORE_CONTRACT_MESSAGE_BYTES, "threads create one job: expected 1 to succeed, saw %u",
                     shared->created[race]);
        }
    }
}

enum store_contract_verdict store_contract_run_threads(const struct store_contract *subject, unsigned threads,
                                                       unsigned rounds, char message[STORE_CONTRACT_MESSAGE_BYTES])
{
    static struct shared shared;
    memset(&shared, 0, sizeof shared);
    shared.rounds = rounds;
    message[0] = '\0';
    if (threads > STORE_CONTRACT_THREADS_MAX || !subject->open(subject->context, &shared.store)) {
        snprintf(message, STORE_CONTRACT_MESSAGE_BYTES, "it cannot be opened");
        return STORE_CONTRACT_BROKEN;
    }
    const tjob_job zero = counting(0);
    if (shared.store.swap(shared.store.context, NULL, counter, 0, &zero) == TJOB_SWAP_OK) {
        run_threads(&shared, threads);
        judge(&shared, threads, message);
    } else {
        snprintf(message, STORE_CONTRACT_MESSAGE_BYTES, "the counter cannot be created");
    }
    subject->close(subject->context);
    return message[0] == '\0' ? STORE_CONTRACT_KEPT : STORE_CONTRACT_BROKEN;
}
