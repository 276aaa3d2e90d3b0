/*
 * The first job of a bucket: wherever its creation is cut off, once and again, no bucket is lost; and once the job is
 * there, its changes find room on a disk that is full, and its bucket is not taken for an unused one if it is zeroed.
 */
#include <errno.h>
#include <string.h>

#include "host/file_store/create.h"
#include "host/file_store/grow.h"
#include "support/jobs.h"
#include "support/store_machine.h"
#include "support/suite.h"

enum { SEEDS = 40, CALLS_MAX = 12 };

/* A creation, or a change, whose process dies before its call number `dies_at` that changes something; then the power
 * goes. */
static void put_and_cut(struct store_machine *machine, unsigned dies_at)
{
    const tjob_job job = sample_job(TJOB_TRAINING);
    tjob_job found;
    uint64_t version;
    EXPECT(store_machine_load(machine, sample_arn, &found, &version) != TJOB_LOAD_UNAVAILABLE);
    machine->process.dies_at = machine->process.changes + dies_at;
    (void)store_machine_swap(machine, sample_arn, version, &job);
    sim_kill(&machine->process);
    sim_power_cut(&machine->disk, SIM_TEARS_BLOCKS);
    EXPECT(store_machine_open(machine) == TJOB_FILE_OK);
}

START_TEST(a_creation_can_be_cut_off_again_and_again)
{
    for (unsigned first = 1; first <= CALLS_MAX; first++) {
        for (unsigned second = 1; second <= CALLS_MAX; second++) {
            for (uint64_t seed = 0; seed < SEEDS; seed++) {
                struct store_machine machine;
                store_machine_make(&machine);
                machine.disk.random = seed;
                put_and_cut(&machine, first);
                put_and_cut(&machine, second);
                put_and_cut(&machine, CALLS_MAX);
                const tjob_job job = sample_job(TJOB_TRAINING);
                EXPECT(store_machine_holds(&machine, sample_arn, &job));
                store_machine_unmake(&machine);
            }
        }
    }
}
END_TEST

START_TEST(a_job_that_is_there_needs_no_further_room)
{
    for (unsigned dies_at = 1; dies_at <= CALLS_MAX; dies_at++) {
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            struct store_machine machine;
            store_machine_make(&machine);
            machine.disk.random = seed;
            put_and_cut(&machine, dies_at);
            const tjob_job job = sample_job(TJOB_TRAINING);
            machine.disk.free_blocks = 0;
            const bool is_there = store_machine_holds(&machine, sample_arn, &job);
            for (int i = 0; i < FILE_BUCKET_PAGES && is_there; i++) {
                store_machine_put(&machine, sample_arn, &job);
            }
            EXPECT(is_there || dies_at < CALLS_MAX);
            store_machine_unmake(&machine);
        }
    }
}
END_TEST

/*
 * The creation of a store dies before any change. The next process completes it, and a sync of that fails, so that
 * nothing of it is written later; then another one opens the store. What it acknowledges outlives a power cut.
 */
START_TEST(a_creation_that_is_completed_after_a_failed_sync_is_durable)
{
    enum { SYNCS = 4 };
    const tjob_job job = sample_job(TJOB_TRAINING);
    bool died = true;
    unsigned completed = 0;
    for (unsigned change = 1; died; change++) {
        for (unsigned sync = 1; sync <= SYNCS; sync++) {
            struct store_machine machine;
            struct sim_process process;
            sim_init(&machine.disk, FILE_BYTES_MAX, SEED + (uint64_t)_i);
            sim_start(&process, &machine.disk);
            process.dies_at = change;
            (void)tjob__file_store_create(&process.table, "store", CAPACITY);
            died = process.dead;
            sim_kill(&process);
            sim_start(&process, &machine.disk);
            process.fault_function = SIM_SYNC;
            process.fault_from = sync;
            process.fault = -EIO;
            process.fault_lies = true;
            (void)tjob__file_store_open(&process.table, &machine.store, "store", WAIT_MS);
            sim_kill(&process);
            if (store_machine_open(&machine) == TJOB_FILE_OK) {
                completed++;
                store_machine_put(&machine, sample_arn, &job);
                sim_kill(&machine.process);
                sim_power_cut(&machine.disk, SIM_TEARS_BYTES);
                EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
                EXPECT(store_machine_holds(&machine, sample_arn, &job));
            }
            store_machine_unmake(&machine);
        }
    }
    ck_assert_uint_gt(completed, SYNCS);
}
END_TEST

/* What a check that finds zeros in place of a bucket says of it. */
static tjob_file_problem zero_bucket(struct store_machine *machine, uint32_t bucket)
{
    uint64_t size;
    tjob_file_bucket report;
    memset(sim_bytes(&machine->disk, "store", &size) + tjob__file_header_bucket_offset(MACHINE_BUCKETS, bucket), 0,
           FILE_BUCKET_BYTES);
    const tjob_file_problem problem = tjob_file_store_inspect(&machine->store, bucket, &report);
    EXPECT(report.lost == (problem == TJOB_FILE_DAMAGED) && report.jobs == 0);
    return problem;
}

/* A job that is reported, or was removed, is in the register, whatever has become of its creation. */
START_TEST(a_used_bucket_that_is_zeroed_is_damaged)
{
    for (unsigned dies_at = 1; dies_at <= CALLS_MAX; dies_at++) {
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            struct store_machine machine;
            store_machine_make(&machine);
            machine.disk.random = seed;
            put_and_cut(&machine, dies_at);
            tjob_job job;
            uint64_t version;
            const bool is_there = store_machine_load(&machine, sample_arn, &job, &version) == TJOB_LOAD_OK;
            if (is_there && seed % 2 == 0) {
                store_machine_put(&machine, sample_arn, NULL);
            }
            const tjob_file_problem first = zero_bucket(&machine, 0);
            const tjob_file_problem second = zero_bucket(&machine, 1);
            EXPECT((first == TJOB_FILE_DAMAGED) + (second == TJOB_FILE_DAMAGED) <= 1);
            EXPECT(!is_there || first == TJOB_FILE_DAMAGED || second == TJOB_FILE_DAMAGED);
            if (is_there) {
                EXPECT(store_machine_load(&machine, sample_arn, &job, &version) == TJOB_LOAD_UNAVAILABLE);
                EXPECT(tjob_file_store_problem(&machine.store) == TJOB_FILE_DAMAGED);
                EXPECT(store_machine_swap(&machine, sample_arn, 0, &job) == TJOB_SWAP_UNAVAILABLE);
                EXPECT(tjob__file_store_grow(&machine.process.table, "store", 13, WAIT_MS) == TJOB_FILE_DAMAGED);
            }
            store_machine_unmake(&machine);
        }
    }
}
END_TEST

START_TEST(a_creation_without_room_changes_nothing)
{
    enum { BLOCKS = FILE_BUCKET_PAGES + 1 /* one for the register */ };
    for (uint64_t blocks = 0; blocks <= BLOCKS; blocks++) {
        struct store_machine machine;
        store_machine_make(&machine);
        const tjob_job job = sample_job(TJOB_TRAINING);
        machine.disk.free_blocks = blocks;
        const tjob_swap_status status = store_machine_swap(&machine, sample_arn, 0, &job);
        ck_assert_int_eq(status, blocks < BLOCKS ? TJOB_SWAP_FULL : TJOB_SWAP_OK);
        ck_assert(store_machine_holds(&machine, sample_arn, status == TJOB_SWAP_OK ? &job : NULL));
        machine.disk.free_blocks = BLOCKS;
        store_machine_put(&machine, sample_arn, &job);
        ck_assert(store_machine_holds(&machine, sample_arn, &job));
        store_machine_unmake(&machine);
    }
}
END_TEST

RUN_TESTS("file_creation", {a_creation_can_be_cut_off_again_and_again, 0},
          {a_job_that_is_there_needs_no_further_room, 0}, {a_used_bucket_that_is_zeroed_is_damaged, 0},
          {a_creation_that_is_completed_after_a_failed_sync_is_durable, 8},
          {a_creation_without_room_changes_nothing, 0})
