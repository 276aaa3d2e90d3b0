/*
 * How evenly names fill the buckets of a file store: they are counted, with the store's own hash, where it would put
 * them.
 *
 *   occupancy CAPACITY TRIALS [--one-choice]
 *
 * Each trial has a key of its own. It creates as many jobs as the capacity, then removes one at random and creates
 * another, ten times as often; then it creates until one finds no room. Fails if one does below the capacity. With
 * --one-choice a name has one bucket only, which must be seen.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/file_store/header.h"
#include "support/random.h"

enum { CHURN = 10 };

struct trial {
    struct file_header header;
    unsigned char *counts; /* of each bucket */
    uint32_t *places;      /* the bucket of each job */
    uint64_t jobs;
    uint64_t names; /* so far: no name is used twice */
    bool one_choice;
};

/* What the trials have seen together. */
struct observation {
    uint64_t creations; /* up to the capacity */
    uint64_t failures;  /* of them */
    unsigned fullest;   /* the most jobs in a bucket, up to the capacity */
    uint64_t least;     /* jobs that were there when one found no room for the first time: in the worst trial */
    double sum;         /* and in all of them */
};

/* Into the emptier one of its two buckets, as the store does. */
static bool create(struct trial *trial)
{
    char name[TJOB_ARN_BYTES_MAX];
    uint32_t buckets[2];
    const int bytes = snprintf(
        name, sizeof name, "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/job-%" PRIu64, trial->names++);
    tjob__file_header_buckets_of(&trial->header, (tjob_text){name, (size_t)bytes}, buckets);
    const bool second = !trial->one_choice && trial->counts[buckets[1]] < trial->counts[buckets[0]];
    const uint32_t bucket = buckets[second ? 1 : 0];
    if (trial->counts[bucket] == FILE_PAGE_SLOTS) {
        return false;
    }
    trial->counts[bucket]++;
    trial->places[trial->jobs++] = bucket;
    return true;
}

static void remove_one(struct trial *trial, uint64_t *random)
{
    const uint64_t job = (next_random(random) << 31 | next_random(random)) % trial->jobs;
    trial->counts[trial->places[job]]--;
    trial->places[job] = trial->places[--trial->jobs];
}

static void look(const struct trial *trial, struct observation *observation)
{
    for (uint32_t bucket = 0; bucket < trial->header.buckets; bucket++) {
        observation->fullest =
            trial->counts[bucket] > observation->fullest ? trial->counts[bucket] : observation->fullest;
    }
}

static void run(struct trial *trial, struct observation *observation, uint64_t *random)
{
    const uint64_t capacity = trial->header.capacity;
    for (uint64_t i = 0; i < capacity * (1 + CHURN); i++) {
        if (trial->jobs == capacity) {
            remove_one(trial, random);
        }
        observation->creations++;
        observation->failures += create(trial) ? 0 : 1;
        if (i % capacity == capacity - 1) {
            look(trial, observation);
        }
    }
    while (create(trial)) {
    }
    observation->least = trial->jobs < observation->least ? trial->jobs : observation->least;
    observation->sum += (double)trial->jobs;
}

int main(int argc, char **argv)
{
    const uint64_t capacity = argc > 2 ? strtoull(argv[1], NULL, 10) : 0;
    const uint64_t trials = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    struct trial trial = {.header = {.buckets = tjob__file_header_buckets(capacity),
                                     .capacity = capacity,
                                     .identity = {.count = FILE_IDENTITY_BYTES}}};
    struct observation observation = {.least = UINT64_MAX};
    uint64_t random = 1;
    if (capacity == 0 || capacity > TJOB_FILE_STORE_JOBS_MAX || trials == 0) {
        return 2;
    }
    trial.one_choice = argc > 3 && strcmp(argv[3], "--one-choice") == 0;
    trial.counts = malloc(trial.header.buckets);
    trial.places = malloc((size_t)trial.header.buckets * FILE_PAGE_SLOTS * sizeof *trial.places);
    for (uint64_t i = 0; i < trials && trial.counts != NULL && trial.places != NULL; i++) {
        memset(trial.counts, 0, trial.header.buckets);
        trial.jobs = 0;
        for (int byte = 0; byte < FILE_IDENTITY_BYTES; byte++) {
            trial.header.identity.bytes[byte] = (unsigned char)(next_random(&random) >> 8);
        }
        run(&trial, &observation, &random);
    }
    free(trial.counts);
    free(trial.places);
    printf("| %" PRIu64 " | %" PRIu32 " | %" PRIu64 " | %" PRIu64 " of %" PRIu64 " | %u | %.2f | %.2f |\n", capacity,
           trial.header.buckets, trials, observation.failures, observation.creations, observation.fullest,
           (double)observation.least / (double)capacity, observation.sum / (double)trials / (double)capacity);
    printf("%s\n", observation.failures == 0 && observation.creations != 0 ? "never full below the capacity"
                                                                           : "FULL below the capacity");
    return observation.failures == 0 && observation.creations != 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
