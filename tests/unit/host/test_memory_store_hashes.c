/* The memory store with so many names that some have the same hash; it takes memory as a large host has it. */
#include <stdio.h>
#include <stdlib.h>

#include "support/jobs.h"
#include "support/suite.h"
#include "tjob/memory_store.h"

enum { MANY = 300000 };

static int compare_hashes(const void *a, const void *b)
{
    const uint32_t left = ((const tjob_memory_entry *)a)->hash;
    const uint32_t right = ((const tjob_memory_entry *)b)->hash;
    return (left > right) - (left < right);
}

/* How many entries have the hash of another. Disorders them. */
static unsigned count_collisions(const tjob_memory_store *store)
{
    unsigned count = 0;
    const size_t entries = (size_t)MANY * TJOB_MEMORY_ENTRIES_PER_JOB;
    qsort(store->entries, entries, sizeof *store->entries, compare_hashes);
    for (size_t i = 1; i < entries; i++) {
        const bool taken = store->entries[i].slot != 0 && store->entries[i - 1].slot != 0;
        count += taken && store->entries[i].hash == store->entries[i - 1].hash;
    }
    return count;
}

static tjob_text long_or_short_name(char name[TJOB_ARN_BYTES_MAX], unsigned number)
{
    const int bytes = snprintf(name, TJOB_ARN_BYTES_MAX, "arn:aws:comprehend:r:111122223333:entity-recognizer/%u%s",
                               number + 1000000, number % 2 == 0 ? "x" : "");
    return (tjob_text){name, (size_t)bytes};
}

/* Among so many names some have the same hash, of one length and of different ones. */
START_TEST(names_of_one_hash_are_distinguished)
{
    tjob_memory_store store;
    void *many = malloc(TJOB_MEMORY_STORE_BYTES(MANY));
    ck_assert_int_eq(tjob_memory_store_init(&store, many, TJOB_MEMORY_STORE_BYTES(MANY), MANY, NULL, NULL), TJOB_OK);
    const tjob_store callbacks = tjob_memory_store_callbacks(&store);
    char text[TJOB_ARN_BYTES_MAX];
    tjob_job job = sample_job(TJOB_TRAINING);
    for (unsigned i = 0; i < MANY; i++) {
        job.host_code = i;
        EXPECT(callbacks.swap(callbacks.context, NULL, long_or_short_name(text, i), 0, &job) == TJOB_SWAP_OK);
    }
    for (unsigned i = 0; i < MANY; i++) {
        uint64_t version;
        EXPECT(callbacks.load(callbacks.context, NULL, long_or_short_name(text, i), &job, &version) == TJOB_LOAD_OK);
        EXPECT(job.host_code == i);
    }
    ck_assert_uint_gt(count_collisions(&store), 3);
    free(many);
}
END_TEST

RUN_TESTS("memory_store_hashes", {names_of_one_hash_are_distinguished, 0})
