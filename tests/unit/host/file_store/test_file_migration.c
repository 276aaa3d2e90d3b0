/* A store of format 1, which a growth brings to that of today. */
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "format_1.h"
#include "host/file_store/grow.h"
#include "host/file_store/crc32c.h"
#include "support/jobs.h"
#include "support/store_machine.h"
#include "support/suite.h"

enum {
    SEGMENTS = sizeof format_1_store / sizeof format_1_store[0],
    JOBS = sizeof format_1_jobs / sizeof format_1_jobs[0]
};

/* A machine with the old store, which nobody has open. */
static void make(struct store_machine *machine)
{
    sim_init(&machine->disk, FILE_BYTES_MAX, SEED);
    sim_start(&machine->process, &machine->disk);
    const struct tjob_disk *disk = &machine->process.table;
    const int file = disk->open(disk->context, "store", DISK_CREATE);
    EXPECT(file >= 0 && disk->resize(disk->context, file, FORMAT_1_BYTES) == 0);
    for (unsigned i = 0; i < SEGMENTS; i++) {
        const size_t count = format_1_store[i].count;
        EXPECT(disk->write(disk->context, file, format_1_store[i].offset, format_1_store[i].bytes, count) ==
               (int64_t)count);
    }
    EXPECT(disk->sync(disk->context, file) == 0 && disk->sync_folder(disk->context, "store", file) == 0);
    disk->close(disk->context, file);
}

static unsigned char *bytes_of(struct store_machine *machine)
{
    uint64_t size;
    return sim_bytes(&machine->disk, "store", &size);
}

static tjob_file_problem grow(struct store_machine *machine, uint64_t capacity)
{
    return tjob__file_store_grow(&machine->process.table, "store", capacity, WAIT_MS);
}

static void reopen(struct store_machine *machine)
{
    sim_kill(&machine->process);
    EXPECT(store_machine_open(machine) == TJOB_FILE_OK);
}

static tjob_text name_of(char buffer[TJOB_ARN_BYTES_MAX], const char *name)
{
    const int bytes =
        snprintf(buffer, TJOB_ARN_BYTES_MAX, "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/%s", name);
    return (tjob_text){buffer, (size_t)bytes};
}

static void expect_jobs(struct store_machine *machine)
{
    char buffer[TJOB_ARN_BYTES_MAX];
    for (unsigned i = 0; i < JOBS; i++) {
        tjob_job job;
        uint64_t version;
        EXPECT(store_machine_load(machine, name_of(buffer, format_1_jobs[i].name), &job, &version) == TJOB_LOAD_OK);
        EXPECT(version == format_1_jobs[i].version && job.submit_token == format_1_jobs[i].token);
        EXPECT(job.host_code == format_1_jobs[i].host_code);
        EXPECT(strcmp(tjob_state_name((tjob_state)job.state), format_1_jobs[i].state) == 0);
    }
    for (uint32_t bucket = 0; bucket < tjob_file_store_buckets(&machine->store); bucket++) {
        tjob_file_bucket report;
        EXPECT(tjob_file_store_inspect(&machine->store, bucket, &report) == TJOB_FILE_OK);
    }
}

START_TEST(a_store_of_an_older_format_is_reported_as_such_and_left_alone)
{
    static unsigned char before[FORMAT_1_BYTES];
    struct store_machine machine;
    make(&machine);
    memcpy(before, bytes_of(&machine), sizeof before);
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_OTHER_FORMAT);
    ck_assert_int_eq(grow(&machine, FORMAT_1_CAPACITY - 1), TJOB_FILE_NOT_LARGER);
    ck_assert_mem_eq(before, bytes_of(&machine), sizeof before);
    ck_assert_uint_eq(sim_files_open(&machine.process), 0);
    store_machine_unmake(&machine);
}
END_TEST

/* To the capacity that it has, which is no growth otherwise, or to more. */
START_TEST(a_growth_brings_it_to_the_format_of_today)
{
    const uint64_t capacity = FORMAT_1_CAPACITY + (uint64_t)_i;
    char buffer[TJOB_ARN_BYTES_MAX];
    struct store_machine machine;
    const tjob_job job = sample_job(TJOB_TRAINING);
    make(&machine);
    ck_assert_int_eq(grow(&machine, capacity), TJOB_FILE_OK);
    ck_assert_uint_eq(bytes_load32(bytes_of(&machine) + 12), 2);
    reopen(&machine);
    ck_assert_uint_eq(tjob_file_store_capacity(&machine.store), capacity);
    expect_jobs(&machine);
    ck_assert_uint_ge(store_machine_version(&machine, name_of(buffer, "none")), FORMAT_1_LATEST);
    store_machine_put(&machine, name_of(buffer, "roses"), &job);
    ck_assert_uint_gt(store_machine_version(&machine, name_of(buffer, "roses")), FORMAT_1_LATEST);
    ck_assert_int_eq(grow(&machine, capacity), TJOB_FILE_NOT_LARGER);
    store_machine_unmake(&machine);
}
END_TEST

/* Processes of the older version that have it open read its state as they know it. */
START_TEST(who_has_the_old_file_open_sees_that_it_is_superseded)
{
    struct store_machine machine;
    struct sim_process old;
    unsigned char header[12];
    unsigned char state[8];
    make(&machine);
    sim_start(&old, &machine.disk);
    const int file = old.table.open(&old, "store", DISK_EXISTING);
    ck_assert_int_eq(grow(&machine, FORMAT_1_CAPACITY), TJOB_FILE_OK);
    ck_assert_int_eq(old.table.read(&old, file, 0, header, sizeof header), sizeof header);
    ck_assert_int_eq(old.table.read(&old, file, 4096, state, sizeof state), sizeof state);
    ck_assert_uint_eq(bytes_load32(state), FILE_SUPERSEDED);
    ck_assert_uint_eq(bytes_load32(state + 4), tjob__crc32c(bytes_load32(header + 8), state, 4));
    sim_kill(&old);
    store_machine_unmake(&machine);
}
END_TEST

/*
 * Wherever it dies, and whatever becomes of what it wrote, the path names a whole store of the one format or of the
 * other.
 */
START_TEST(a_migration_that_dies_before_any_change_leaves_a_whole_store)
{
    bool died = true;
    for (unsigned change = 1; died; change++) {
        for (uint64_t seed = 0; seed < 4; seed++) {
            struct store_machine machine;
            make(&machine);
            machine.process.dies_at = machine.process.changes + change;
            (void)grow(&machine, FORMAT_1_CAPACITY);
            died = machine.process.dead;
            sim_kill(&machine.process);
            machine.disk.random = seed;
            sim_power_cut(&machine.disk, SIM_TEARS_BLOCKS);
            if (store_machine_open(&machine) == TJOB_FILE_OTHER_FORMAT) {
                EXPECT(died && grow(&machine, FORMAT_1_CAPACITY) == TJOB_FILE_OK);
                reopen(&machine);
            }
            expect_jobs(&machine);
            store_machine_unmake(&machine);
        }
    }
}
END_TEST

/* Each of its bytes is wrong once: the growth fails, or what comes out is what was there. */
START_TEST(a_damaged_one_is_not_taken_for_another)
{
    for (unsigned i = 0; i < SEGMENTS; i++) {
        for (size_t at = 0; at < format_1_store[i].count; at++) {
            struct store_machine machine;
            make(&machine);
            bytes_of(&machine)[format_1_store[i].offset + at] ^= 4;
            if (grow(&machine, FORMAT_1_CAPACITY) == TJOB_FILE_OK) {
                reopen(&machine);
                expect_jobs(&machine);
            }
            store_machine_unmake(&machine);
        }
    }
}
END_TEST

START_TEST(one_that_lost_a_bucket_does_not_grow)
{
    enum { BUCKETS = 3 };
    struct store_machine machine;
    uint32_t lost = 0;
    for (uint32_t bucket = 0; bucket < BUCKETS; bucket++) {
        make(&machine);
        memset(bytes_of(&machine) + (2 + (size_t)bucket) * FILE_BUCKET_BYTES, 0, FILE_BUCKET_BYTES);
        lost += grow(&machine, FORMAT_1_CAPACITY) == TJOB_FILE_DAMAGED ? 1 : 0;
        store_machine_unmake(&machine);
    }
    ck_assert_uint_eq(lost, BUCKETS);
}
END_TEST

RUN_TESTS("file_migration", {a_store_of_an_older_format_is_reported_as_such_and_left_alone, 0},
          {a_growth_brings_it_to_the_format_of_today, 8}, {who_has_the_old_file_open_sees_that_it_is_superseded, 0},
          {a_migration_that_dies_before_any_change_leaves_a_whole_store, 0},
          {a_damaged_one_is_not_taken_for_another, 0}, {one_that_lost_a_bucket_does_not_grow, 0})
