/* A machine in memory with a file store on it, and a process that has it open. */
#ifndef TJOB_TESTS_STORE_MACHINE_H
#define TJOB_TESTS_STORE_MACHINE_H

#include "host/file_store/store.h"
#include "support/sim_disk.h"

enum {
    FILE_BYTES_MAX = 8 * FILE_BUCKET_BYTES,
    CAPACITY = 1, /* two buckets, so that every name has the same two */
    MACHINE_BUCKETS = 2,
    SLOTS = 24,
    SEED = 7,
    WAIT_MS = 20
};

struct store_machine {
    struct sim_disk disk;
    struct sim_process process;
    tjob_file_store store;
    tjob_store callbacks;
};

/* Sets up a machine with an empty store, "store", which a process has open; and takes it down. */
void store_machine_make(struct store_machine *machine);
void store_machine_unmake(struct store_machine *machine);

/* Starts a process that opens the store. The one before must have been killed. */
tjob_file_problem store_machine_open(struct store_machine *machine);

tjob_load_status store_machine_load(struct store_machine *machine, tjob_text arn, tjob_job *job, uint64_t *version);
tjob_swap_status store_machine_swap(struct store_machine *machine, tjob_text arn, uint64_t expected,
                                    const tjob_job *next);

/* The version that stands; a swap against it; and whether the job is `wanted`, or absent if that is NULL. The first two
 * must succeed. */
uint64_t store_machine_version(struct store_machine *machine, tjob_text arn);
void store_machine_put(struct store_machine *machine, tjob_text arn, const tjob_job *next);
bool store_machine_holds(struct store_machine *machine, tjob_text arn, const tjob_job *wanted);

/* Puts a record, and changes it once more by a swap whose sync fails, so that nobody knows whether that is durable. */
void store_machine_put_not_durable(struct store_machine *machine, tjob_text arn);

/* Takes all marks and progress from the store, as a power cut may: only a call that holds a bucket then reads it. */
void store_machine_unmark(struct store_machine *machine);

/* A name with a number, in a buffer of TJOB_ARN_BYTES_MAX; and one more name. */
tjob_text store_machine_name(char *buffer, unsigned number);
extern const tjob_text other_arn;

#endif
