/* A sweep visits each bucket that may hold something, and none that was never used. */
#include <errno.h>
#include <string.h>

#include "host/file_store/create.h"
#include "host/file_store/grow.h"
#include "host/file_store/store.h"
#include "support/jobs.h"
#include "support/store_machine.h"
#include "support/suite.h"

enum {
    MANY = 3600, /* the capacity of a store of so many buckets: */
    MANY_BUCKETS = 600,
    MANY_BYTES = (MANY_BUCKETS + 3) * FILE_BUCKET_BYTES,
    JOBS = 3
};

/* A machine whose store has MANY_BUCKETS buckets, of which a few hold a job. */
static void make(struct store_machine *machine)
{
    char name[TJOB_ARN_BYTES_MAX];
    const tjob_job job = sample_job(TJOB_TRAINING);
    sim_init(&machine->disk, MANY_BYTES, SEED);
    sim_start(&machine->process, &machine->disk);
    EXPECT(tjob__file_store_create(&machine->process.table, "store", MANY) == TJOB_FILE_OK);
    EXPECT(store_machine_open(machine) == TJOB_FILE_OK);
    EXPECT(tjob_file_store_buckets(&machine->store) == MANY_BUCKETS);
    for (unsigned i = 0; i < JOBS; i++) {
        store_machine_put(machine, store_machine_name(name, i), &job);
    }
}

static bool holds_a_job(struct store_machine *machine, uint32_t bucket)
{
    tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
    uint32_t count;
    EXPECT(tjob_file_store_jobs(&machine->store, bucket, jobs, &count) == TJOB_FILE_OK);
    return count != 0;
}

/* The first bucket that holds a job. */
static uint32_t first_used(struct store_machine *machine)
{
    uint32_t bucket = 0;
    while (!holds_a_job(machine, bucket)) {
        bucket++;
    }
    return bucket;
}

/* Where a bucket begins in the file. */
static unsigned char *bucket_bytes(struct store_machine *machine, uint32_t bucket)
{
    uint64_t size;
    return sim_bytes(&machine->disk, "store", &size) + tjob__file_header_bucket_offset(MANY_BUCKETS, bucket);
}

/* Makes a hole of the bytes of a bucket. */
static void punch(struct store_machine *machine, uint32_t bucket)
{
    const uint64_t offset = tjob__file_header_bucket_offset(MANY_BUCKETS, bucket);
    memset(bucket_bytes(machine, bucket), 0, FILE_BUCKET_BYTES);
    for (uint64_t page = 0; page < FILE_BUCKET_PAGES; page++) {
        machine->disk.files[0].allocated[offset / SIM_BLOCK_BYTES + page] = 0;
    }
}

static void forget_entry(struct store_machine *machine, uint32_t bucket)
{
    uint64_t size;
    memset(sim_bytes(&machine->disk, "store", &size) + tjob__file_entry_offset(bucket), 0, FILE_ENTRY_BYTES);
}

static void forget_progress(struct store_machine *machine, uint32_t bucket)
{
    uint64_t size;
    memset(sim_bytes(&machine->disk, "store", &size) + tjob__file_progress_offset(MANY_BUCKETS, bucket), 0,
           FILE_PROGRESS_BYTES);
}

START_TEST(a_sweep_visits_the_buckets_with_jobs_and_no_others)
{
    struct store_machine machine;
    uint32_t visited = 0;
    make(&machine);
    for (uint32_t bucket = 0; bucket < MANY_BUCKETS; bucket++) {
        uint32_t next;
        ck_assert_int_eq(tjob_file_store_next_bucket(&machine.store, bucket, &next), TJOB_FILE_OK);
        const bool is_used = holds_a_job(&machine, bucket);
        EXPECT(is_used ? next == bucket : next > bucket);
        visited += is_used ? 1 : 0;
    }
    ck_assert_uint_eq(visited, JOBS);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_sweep_reads_a_few_bytes_for_each_bucket_that_it_skips)
{
    struct store_machine machine;
    uint32_t next;
    sim_init(&machine.disk, MANY_BYTES, SEED);
    sim_start(&machine.process, &machine.disk);
    ck_assert_int_eq(tjob__file_store_create(&machine.process.table, "store", MANY), TJOB_FILE_OK);
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_OK);
    const unsigned reads = machine.process.calls[SIM_READ];
    const unsigned locks = machine.process.calls[SIM_LOCK];
    ck_assert_int_eq(tjob_file_store_next_bucket(&machine.store, 0, &next), TJOB_FILE_OK);
    ck_assert_uint_eq(next, MANY_BUCKETS);
    ck_assert_uint_eq(machine.process.calls[SIM_READ] - reads, 1 + 2 * 3); /* the state, and 256 buckets at once */
    ck_assert_uint_eq(machine.process.calls[SIM_LOCK], locks);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(after_the_last_bucket_there_is_none)
{
    static const uint32_t beyond[] = {MANY_BUCKETS, MANY_BUCKETS + 1, UINT32_MAX};
    struct store_machine machine;
    uint32_t next = 0;
    make(&machine);
    ck_assert_int_eq(tjob_file_store_next_bucket(&machine.store, beyond[_i], &next), TJOB_FILE_OK);
    ck_assert_uint_eq(next, MANY_BUCKETS);
    store_machine_unmake(&machine);
}
END_TEST

/* What was written is not skipped, even where neither the register nor the progress knows of it. */
START_TEST(a_bucket_of_which_nothing_is_recorded_is_visited)
{
    struct store_machine machine;
    uint32_t next;
    make(&machine);
    const uint32_t used = first_used(&machine);
    forget_entry(&machine, used);
    forget_progress(&machine, used);
    ck_assert_int_eq(tjob_file_store_next_bucket(&machine.store, used, &next), TJOB_FILE_OK);
    ck_assert_uint_eq(next, used);
    store_machine_unmake(&machine);
}
END_TEST

/* A hole in place of a bucket that was used is damage. Its entry or its progress shows that. */
START_TEST(a_used_bucket_that_is_a_hole_is_visited)
{
    struct store_machine machine;
    tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
    uint32_t next;
    uint32_t count;
    make(&machine);
    const uint32_t used = first_used(&machine);
    punch(&machine, used);
    if (_i == 0) {
        forget_entry(&machine, used);
    } else if (_i == 1) {
        forget_progress(&machine, used);
    }
    ck_assert_int_eq(tjob_file_store_next_bucket(&machine.store, 0, &next), TJOB_FILE_OK);
    ck_assert_uint_eq(next, used);
    ck_assert_int_eq(tjob_file_store_jobs(&machine.store, used, jobs, &count), TJOB_FILE_DAMAGED);
    forget_entry(&machine, used);
    forget_progress(&machine, used);
    ck_assert_int_eq(tjob_file_store_next_bucket(&machine.store, 0, &next), TJOB_FILE_OK);
    ck_assert_uint_gt(next, used); /* nothing is known of it any more */
    store_machine_unmake(&machine);
}
END_TEST

/* A read fails: of the state, of the register, or of the progress. */
START_TEST(a_sweep_that_cannot_read_says_so)
{
    struct store_machine machine;
    uint32_t next = 0;
    make(&machine);
    const uint32_t from = first_used(&machine) == 0 ? 1 : 0;
    machine.process.fault_function = SIM_READ;
    machine.process.fault_from = machine.process.calls[SIM_READ] + (unsigned)_i + 1;
    machine.process.fault = -EACCES;
    ck_assert_int_eq(tjob_file_store_next_bucket(&machine.store, from, &next), TJOB_FILE_NO_PERMISSION);
    ck_assert_uint_eq(next, MANY_BUCKETS);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_NO_PERMISSION);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_sweep_of_a_file_that_is_no_longer_the_store_says_so)
{
    struct store_machine machine;
    struct sim_process grower;
    uint32_t next = 0;
    store_machine_make(&machine);
    sim_start(&grower, &machine.disk);
    ck_assert_int_eq(tjob__file_store_grow(&grower.table, "store", CAPACITY + 12, WAIT_MS), TJOB_FILE_OK);
    sim_kill(&grower);
    ck_assert_int_eq(tjob_file_store_next_bucket(&machine.store, 0, &next), TJOB_FILE_SUPERSEDED);
    ck_assert_uint_eq(next, MACHINE_BUCKETS);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_SUPERSEDED);
    machine.process.number = 2;
    ck_assert_int_eq(tjob_file_store_next_bucket(&machine.store, 0, &next), TJOB_FILE_FORKED);
    store_machine_unmake(&machine);
}
END_TEST

RUN_TESTS("file_sweep", {a_sweep_visits_the_buckets_with_jobs_and_no_others, 0},
          {a_sweep_reads_a_few_bytes_for_each_bucket_that_it_skips, 0}, {after_the_last_bucket_there_is_none, 3},
          {a_bucket_of_which_nothing_is_recorded_is_visited, 0}, {a_used_bucket_that_is_a_hole_is_visited, 3},
          {a_sweep_that_cannot_read_says_so, 3}, {a_sweep_of_a_file_that_is_no_longer_the_store_says_so, 0})
