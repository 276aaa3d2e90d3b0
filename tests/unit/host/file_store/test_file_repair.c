/* What is damaged beyond recovery is repaired so that the rest goes on: the header, and a bucket that is given up. */
#include <errno.h>
#include <string.h>

#include "host/file_store/call.h"
#include "host/file_store/create.h"
#include "host/file_store/grow.h"
#include "host/file_store/lock.h"
#include "host/file_store/store.h"
#include "support/jobs.h"
#include "support/store_machine.h"
#include "support/suite.h"

enum { JOBS = 8, NOW_MS = 1000000, GROWN = 30, POWER_CUTS = 16 };

/* A machine whose store holds some jobs; the versions of them. */
static void fill(struct store_machine *machine, uint64_t versions[JOBS])
{
    char name[TJOB_ARN_BYTES_MAX];
    const tjob_job job = sample_job(TJOB_TRAINING);
    store_machine_make(machine);
    for (unsigned i = 0; i < JOBS; i++) {
        store_machine_put(machine, store_machine_name(name, i), &job);
        versions[i] = store_machine_version(machine, store_machine_name(name, i));
    }
}

static void reopen(struct store_machine *machine)
{
    sim_kill(&machine->process);
    EXPECT(store_machine_open(machine) == TJOB_FILE_OK);
}

static unsigned char *file_bytes(struct store_machine *machine)
{
    uint64_t size;
    return sim_bytes(&machine->disk, "store", &size);
}

static bool holds_all(struct store_machine *machine)
{
    char name[TJOB_ARN_BYTES_MAX];
    const tjob_job job = sample_job(TJOB_TRAINING);
    bool all = true;
    for (unsigned i = 0; i < JOBS; i++) {
        all = all && store_machine_holds(machine, store_machine_name(name, i), &job);
    }
    return all;
}

/* ---- Another file ---------------------------------------------------------------------------------------------- */

/* The file has grown, has lost its name, or another process has the handle: a repair would change what nobody reads. */
START_TEST(a_file_that_is_no_longer_the_store_is_not_repaired)
{
    static const tjob_file_problem problems[] = {TJOB_FILE_SUPERSEDED, TJOB_FILE_SUPERSEDED, TJOB_FILE_FORKED};
    struct store_machine machine;
    uint64_t versions[JOBS];
    fill(&machine, versions);
    struct sim_process other;
    sim_start(&other, &machine.disk);
    if (_i == 0) {
        ck_assert_int_eq(tjob__file_store_grow(&other.table, "store", CAPACITY + 1, WAIT_MS), TJOB_FILE_OK);
    } else if (_i == 1) {
        ck_assert_int_eq(other.table.rename(&other, "store", "elsewhere"), 0);
    } else {
        machine.process.number = 2;
    }
    const unsigned writes = machine.process.calls[SIM_WRITE];
    ck_assert_int_eq(tjob_file_store_repair_header(&machine.store), problems[_i]);
    ck_assert_int_eq(tjob_file_store_give_up(&machine.store, 0, NOW_MS), problems[_i]);
    ck_assert_uint_eq(machine.process.calls[SIM_WRITE], writes);
    machine.process.number = 1;
    sim_kill(&other);
    store_machine_unmake(&machine);
}
END_TEST

/* The blocks that are not readable, as long as nobody has written them. */
static uint64_t unreadable_from;
static uint64_t unreadable_end;
static int64_t (*readable_read)(void *, int, uint64_t, void *, size_t);
static int64_t (*readable_write)(void *, int, uint64_t, const void *, size_t);

static int64_t read_bad_blocks(void *context, int file, uint64_t offset, void *bytes, size_t count)
{
    const bool is_bad = offset < unreadable_end && unreadable_from < offset + count;
    return is_bad ? -EIO : readable_read(context, file, offset, bytes, count);
}

static int64_t write_bad_blocks(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
    if (count == FILE_PAGE_BYTES && offset == unreadable_from && offset < unreadable_end) {
        unreadable_from += count; /* the drive puts another block in its place */
    }
    return readable_write(context, file, offset, bytes, count);
}

/* ---- The header ------------------------------------------------------------------------------------------------ */

/* Any byte of the header is wrong, or of its copy. */
START_TEST(a_store_is_opened_by_either_header_and_repaired)
{
    static const uint64_t offsets[] = {0, FILE_HEADER_COPY_OFFSET};
    for (unsigned byte = 0; byte < FILE_HEADER_BYTES; byte++) {
        struct store_machine machine;
        uint64_t versions[JOBS];
        fill(&machine, versions);
        unsigned char before[FILE_HEADER_BYTES];
        memcpy(before, file_bytes(&machine), sizeof before);
        EXPECT(memcmp(before, file_bytes(&machine) + FILE_HEADER_COPY_OFFSET, sizeof before) == 0);
        file_bytes(&machine)[offsets[_i] + byte] ^= 1;
        reopen(&machine);
        EXPECT(holds_all(&machine));
        EXPECT(tjob_file_store_inspect_header(&machine.store) == TJOB_FILE_DAMAGED);
        EXPECT(tjob_file_store_repair_header(&machine.store) == TJOB_FILE_OK);
        EXPECT(tjob_file_store_inspect_header(&machine.store) == TJOB_FILE_OK);
        EXPECT(memcmp(before, file_bytes(&machine), sizeof before) == 0);
        EXPECT(memcmp(before, file_bytes(&machine) + FILE_HEADER_COPY_OFFSET, sizeof before) == 0);
        sim_kill(&machine.process);
        sim_power_cut(&machine.disk, SIM_TEARS_BLOCKS);
        EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
        store_machine_unmake(&machine);
    }
}
END_TEST

/* The header of another store stands at the beginning: nobody knows which of the two belongs to the buckets. */
START_TEST(a_store_whose_two_headers_differ_is_not_opened)
{
    struct store_machine machine;
    uint64_t versions[JOBS];
    fill(&machine, versions);
    struct file_header foreign = tjob__file_store_header(&machine.store);
    foreign.identity.bytes[0] ^= 1;
    unsigned char sound[FILE_HEADER_BYTES];
    memcpy(sound, file_bytes(&machine), sizeof sound);
    tjob__file_header_encode(&foreign, file_bytes(&machine) + (_i == 0 ? 0 : FILE_HEADER_COPY_OFFSET));
    ck_assert_int_eq(tjob_file_store_inspect_header(&machine.store), TJOB_FILE_DAMAGED);
    sim_kill(&machine.process);
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_DAMAGED);
    memcpy(file_bytes(&machine), sound, sizeof sound);
    memset(file_bytes(&machine) + FILE_HEADER_COPY_OFFSET, 0, FILE_HEADER_BYTES); /* as in files of before */
    reopen(&machine);
    ck_assert_int_eq(tjob_file_store_inspect_header(&machine.store), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_repair_header(&machine.store), TJOB_FILE_OK);
    ck_assert_mem_eq(file_bytes(&machine) + FILE_HEADER_COPY_OFFSET, sound, sizeof sound);
    store_machine_unmake(&machine);
}
END_TEST

/* The block of the header is not readable, or that of its copy, or both. */
START_TEST(a_store_is_opened_by_the_header_that_is_readable)
{
    struct store_machine machine;
    uint64_t versions[JOBS];
    fill(&machine, versions);
    sim_kill(&machine.process);
    sim_start(&machine.process, &machine.disk);
    machine.process.fault_function = SIM_READ;
    machine.process.fault = -EIO;
    machine.process.fault_from = (unsigned)_i + 1;
    ck_assert_int_eq(tjob__file_store_open(&machine.process.table, &machine.store, "store", WAIT_MS), TJOB_FILE_OK);
    machine.callbacks = tjob_file_store_callbacks(&machine.store);
    EXPECT(holds_all(&machine));
    machine.process.fault_from = machine.process.calls[SIM_READ] + (unsigned)_i + 1;
    ck_assert_int_eq(tjob_file_store_inspect_header(&machine.store), TJOB_FILE_DAMAGED);
    memset(file_bytes(&machine) + FILE_HEADER_COPY_OFFSET, 0, FILE_HEADER_BYTES);
    machine.process.fault_from = machine.process.calls[SIM_READ] + 3; /* whether there is no copy */
    ck_assert_int_eq(tjob_file_store_inspect_header(&machine.store), TJOB_FILE_DAMAGED);
    ck_assert_int_eq(tjob_file_store_inspect_header(&machine.store), TJOB_FILE_OK);
    store_machine_unmake(&machine);
}
END_TEST

/* A file that ends within the header, and one that is not readable: neither is taken for the other. */
START_TEST(a_file_without_a_whole_header_is_no_store)
{
    struct store_machine machine;
    tjob_file_store store;
    store_machine_make(&machine);
    const struct tjob_disk *disk = &machine.process.table;
    const int file = disk->open(disk->context, "short", DISK_CREATE);
    ck_assert_int_eq(disk->write(disk->context, file, 0, file_bytes(&machine), FILE_HEADER_BYTES - 1),
                     FILE_HEADER_BYTES - 1);
    ck_assert_int_eq(tjob__file_store_open(disk, &store, "short", WAIT_MS), TJOB_FILE_NOT_A_STORE);
    sim_kill(&machine.process);
    sim_start(&machine.process, &machine.disk);
    readable_read = machine.process.table.read;
    unreadable_from = 0;
    unreadable_end = FILE_BUCKET_BYTES;
    machine.process.table.read = read_bad_blocks;
    ck_assert_int_eq(tjob__file_store_open(&machine.process.table, &store, "store", WAIT_MS), TJOB_FILE_IO);
    store_machine_unmake(&machine);
}
END_TEST

/* A backup is repaired, and nothing else of it is written. */
START_TEST(the_header_of_a_backup_is_repaired)
{
    struct store_machine machine;
    struct sim_process process;
    tjob_file_store backup;
    uint64_t versions[JOBS];
    uint64_t size;
    fill(&machine, versions);
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", NULL, 0), TJOB_FILE_OK);
    sim_bytes(&machine.disk, "copy", &size)[20] ^= 1;
    sim_start(&process, &machine.disk);
    ck_assert_int_eq(tjob__file_store_open_for(&process.table, &backup, "copy", WAIT_MS, FILE_ACCESS_REPAIR),
                     TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_inspect_header(&backup), TJOB_FILE_DAMAGED);
    ck_assert_int_eq(tjob_file_store_give_up(&backup, 0, NOW_MS), TJOB_FILE_BACKUP);
    ck_assert_int_eq(tjob_file_store_repair_header(&backup), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_inspect_header(&backup), TJOB_FILE_OK);
    tjob_file_store_close(&backup);
    sim_kill(&process);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_store_without_a_sound_header_is_not_opened)
{
    struct store_machine machine;
    uint64_t versions[JOBS];
    fill(&machine, versions);
    const unsigned at = _i == 0 ? 0 : 20;
    file_bytes(&machine)[at] ^= 1;
    memset(file_bytes(&machine) + FILE_HEADER_COPY_OFFSET, 0, FILE_HEADER_BYTES); /* as in files of before */
    sim_kill(&machine.process);
    ck_assert_int_eq(store_machine_open(&machine), _i == 0 ? TJOB_FILE_NOT_A_STORE : TJOB_FILE_DAMAGED);
    store_machine_unmake(&machine);
}
END_TEST

/* Another process has the header: a repair waits for it, at most as long as all calls may in total. */
START_TEST(a_repair_of_the_header_waits_once)
{
    struct store_machine machine;
    uint64_t versions[JOBS];
    struct sim_process other;
    int file;
    fill(&machine, versions);
    sim_start(&other, &machine.disk);
    ck_assert_int_ge(file = other.table.open(&other, "store", DISK_EXISTING), 0);
    ck_assert_int_eq(tjob__file_lock_header(&other.table, file, NULL, 0), TJOB_FILE_OK);
    tjob_file_store_set_total_wait_ms(&machine.store, WAIT_MS);
    for (int i = 0; i < 2; i++) {
        const uint64_t began_us = machine.process.table.clock_us(&machine.process);
        ck_assert_int_eq(tjob_file_store_repair_header(&machine.store), TJOB_FILE_BUSY);
        const uint64_t took_us = machine.process.table.clock_us(&machine.process) - began_us;
        ck_assert_int_eq(took_us >= WAIT_MS * 1000, i == 0);
    }
    sim_kill(&other);
    ck_assert_int_eq(tjob_file_store_repair_header(&machine.store), TJOB_FILE_OK);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_repair_of_the_header_that_fails_says_so)
{
    static const enum sim_function functions[] = {SIM_READ, SIM_WRITE, SIM_SYNC};
    struct store_machine machine;
    uint64_t versions[JOBS];
    fill(&machine, versions);
    for (unsigned i = 0; i < 3; i++) {
        machine.process.fault_function = functions[i];
        machine.process.fault_from = machine.process.calls[functions[i]] + 1;
        machine.process.fault = i == 0 ? -EACCES : -EIO; /* a block that is not readable is written again */
        file_bytes(&machine)[20] ^= 1;
        const tjob_file_problem problem = i == 0 ? TJOB_FILE_NO_PERMISSION : TJOB_FILE_IO;
        EXPECT(tjob_file_store_repair_header(&machine.store) == problem);
        EXPECT(tjob_file_store_problem(&machine.store) == problem);
        EXPECT(tjob_file_store_repair_header(&machine.store) == TJOB_FILE_OK);
    }
    bool failed = true;
    machine.process.fault_function = SIM_READ;
    machine.process.fault = -EACCES;
    for (unsigned call = 1; failed; call++) {
        machine.process.fault_from = machine.process.calls[SIM_READ] + call;
        const tjob_file_problem problem = tjob_file_store_repair_header(&machine.store);
        failed = machine.process.calls[SIM_READ] >= machine.process.fault_from;
        EXPECT(problem == (failed ? TJOB_FILE_NO_PERMISSION : TJOB_FILE_OK));
    }
    machine.store.read_only = true;
    EXPECT(tjob_file_store_repair_header(&machine.store) == TJOB_FILE_READ_ONLY);
    store_machine_unmake(&machine);
}
END_TEST

/* A sync that failed may leave the header whole in memory alone: the next repair writes it again. */
START_TEST(a_repair_of_the_header_after_a_failed_sync_is_durable)
{
    static const uint64_t offsets[] = {0, FILE_HEADER_COPY_OFFSET};
    for (int draw = 0; draw < POWER_CUTS; draw++) {
        struct store_machine machine;
        uint64_t versions[JOBS];
        fill(&machine, versions);
        EXPECT(tjob__disk_sync(machine.store.disk, machine.store.file) == TJOB_FILE_OK); /* its creation is long ago */
        file_bytes(&machine)[offsets[_i % 2] + 20] ^= 1;
        machine.disk.files[0].durable[offsets[_i % 2] + 20] ^= 1;
        machine.disk.random += (unsigned)draw;
        machine.process.fault_function = SIM_SYNC;
        machine.process.fault = -EIO;
        machine.process.fault_lies = true;
        machine.process.fault_from = machine.process.calls[SIM_SYNC] + 1;
        EXPECT(tjob_file_store_repair_header(&machine.store) == TJOB_FILE_IO);
        EXPECT(tjob_file_store_inspect_header(&machine.store) == TJOB_FILE_DAMAGED);
        machine.process.fault_from = _i == 2 ? machine.process.calls[SIM_SYNC] + 2 : 0; /* that of what is right */
        EXPECT((tjob_file_store_repair_header(&machine.store) == TJOB_FILE_OK) == (_i != 2));
        EXPECT(tjob_file_store_repair_header(&machine.store) == TJOB_FILE_OK);
        sim_kill(&machine.process);
        sim_power_cut(&machine.disk, SIM_TEARS_BYTES);
        EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
        EXPECT(tjob_file_store_inspect_header(&machine.store) == TJOB_FILE_OK);
        store_machine_unmake(&machine);
    }
}
END_TEST

/*
 * One header is damaged. A repair dies before any change, and the power goes out: the other header is there.
 */
START_TEST(a_repair_of_the_header_that_is_cut_off_leaves_one)
{
    static const uint64_t offsets[] = {0, FILE_HEADER_COPY_OFFSET};
    bool died = true;
    for (unsigned change = 1; died; change++) {
        struct store_machine machine;
        uint64_t versions[JOBS];
        fill(&machine, versions);
        EXPECT(tjob__disk_sync(machine.store.disk, machine.store.file) == TJOB_FILE_OK);
        file_bytes(&machine)[offsets[_i % 2] + 20] ^= 1;
        machine.disk.files[0].durable[offsets[_i % 2] + 20] ^= 1;
        reopen(&machine);
        machine.disk.random += (unsigned)_i;
        machine.process.dies_at = machine.process.changes + change;
        const tjob_file_problem problem = tjob_file_store_repair_header(&machine.store);
        died = machine.process.dead;
        EXPECT(died || problem == TJOB_FILE_OK);
        sim_kill(&machine.process);
        sim_power_cut(&machine.disk, _i < POWER_CUTS ? SIM_TEARS_BYTES : SIM_TEARS_BLOCKS);
        EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
        EXPECT(holds_all(&machine));
        store_machine_unmake(&machine);
    }
}
END_TEST

/* ---- Buckets --------------------------------------------------------------------------------------------------- */

enum damage { DAMAGE_ZEROS, DAMAGE_GARBAGE, DAMAGE_ROLLBACK, DAMAGE_RECORD, DAMAGE_TWICE, DAMAGE_COUNT };

/* Damages the bucket of the first job, and returns it. */
static uint32_t damage(struct store_machine *machine, enum damage how)
{
    tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
    uint32_t count;
    EXPECT(tjob_file_store_jobs(&machine->store, 0, jobs, &count) == TJOB_FILE_OK && count != 0);
    unsigned char *bucket = file_bytes(machine) + machine->store.begin;
    const struct file_identity identity = tjob__file_store_header(&machine->store).identity;
    unsigned char *progress = file_bytes(machine) + tjob__file_progress_offset(MACHINE_BUCKETS, 0);
    unsigned char page[FILE_PAGE_BYTES] = {0};
    const tjob_job job = sample_job(TJOB_TRAINING);
    const struct file_place place = {identity, 0, 0};
    switch (how) {
    case DAMAGE_ZEROS:
        memset(bucket, 0, FILE_BUCKET_BYTES);
        break;
    case DAMAGE_GARBAGE:
        memset(bucket, 0xa5, FILE_BUCKET_BYTES - FILE_PAGE_BYTES + FILE_MARK_OFFSET);
        break;
    case DAMAGE_ROLLBACK:
        tjob__file_progress_encode(&identity, 0, 5000, progress);
        break;
    default:
        tjob__file_page_put(page, 0, sample_arn, how == DAMAGE_TWICE ? 1 : 7000, &job); /* 7000: above its page */
        if (how == DAMAGE_TWICE) {
            tjob__file_page_put(page, 1, sample_arn, 1, &job);
        }
        tjob__file_page_seal(page, &place, 6000);
        memcpy(bucket, page, sizeof page);
        break;
    }
    memcpy(machine->disk.files[0].durable, machine->disk.files[0].bytes, (size_t)machine->disk.files[0].size);
    return 0;
}

START_TEST(a_bucket_that_is_given_up_is_empty_and_goes_on)
{
    struct store_machine machine;
    char name[TJOB_ARN_BYTES_MAX];
    uint64_t versions[JOBS];
    tjob_file_bucket report;
    fill(&machine, versions);
    const uint32_t bucket = damage(&machine, (enum damage)_i);
    ck_assert_int_eq(tjob_file_store_inspect(&machine.store, bucket, &report), TJOB_FILE_DAMAGED);
    ck_assert(_i == DAMAGE_ROLLBACK || !holds_all(&machine)); /* loads do not look at the progress */
    ck_assert_int_eq(tjob_file_store_give_up(&machine.store, bucket, NOW_MS), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_inspect(&machine.store, bucket, &report), TJOB_FILE_OK);
    ck_assert(report.jobs == 0 && !report.not_durable);
    sim_kill(&machine.process);
    sim_power_cut(&machine.disk, SIM_TEARS_BLOCKS);
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_OK);
    const tjob_job job = sample_job(TJOB_TRAINING);
    unsigned lost = 0;
    for (unsigned i = 0; i < JOBS; i++) {
        const tjob_text arn = store_machine_name(name, i);
        const bool is_lost = store_machine_holds(&machine, arn, NULL);
        const uint64_t version = store_machine_version(&machine, arn);
        EXPECT(is_lost ? version > (uint64_t)NOW_MS << 10 : version == versions[i]);
        lost += is_lost ? 1 : 0;
        store_machine_put(&machine, arn, &job);
    }
    ck_assert(lost != 0 && lost != JOBS);
    ck_assert(holds_all(&machine));
    store_machine_unmake(&machine);
}
END_TEST

/* A name that belongs to two other buckets is no job of this one. */
START_TEST(a_bucket_with_a_job_of_another_is_given_up)
{
    enum { CAPACITY_OF_3 = 13, BUCKETS = 3 };
    struct store_machine machine;
    unsigned char page[FILE_PAGE_BYTES] = {0};
    uint32_t buckets[2];
    store_machine_make(&machine);
    ck_assert_int_eq(tjob__file_store_grow(&machine.process.table, "store", CAPACITY_OF_3, WAIT_MS), TJOB_FILE_OK);
    reopen(&machine);
    const struct file_header header = tjob__file_store_header(&machine.store);
    const tjob_job job = sample_job(TJOB_TRAINING);
    tjob__file_header_buckets_of(&header, sample_arn, buckets);
    const uint32_t chosen = 0 + 1 + 2 - buckets[0] - buckets[1];
    const struct file_place place = {header.identity, chosen, 0};
    tjob__file_page_put(page, 0, sample_arn, 1, &job);
    tjob__file_page_seal(page, &place, 1);
    memcpy(file_bytes(&machine) + tjob__file_header_bucket_offset(BUCKETS, chosen), page, sizeof page);
    ck_assert_int_eq(tjob_file_store_give_up(&machine.store, chosen, NOW_MS), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_give_up(&machine.store, chosen, NOW_MS), TJOB_FILE_NOT_DAMAGED);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_bucket_that_is_sound_is_not_given_up)
{
    struct store_machine machine;
    uint64_t versions[JOBS];
    fill(&machine, versions);
    ck_assert_int_eq(tjob_file_store_give_up(&machine.store, 0, NOW_MS), TJOB_FILE_NOT_DAMAGED);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_NOT_DAMAGED);
    ck_assert_int_eq(tjob_file_store_give_up(&machine.store, MACHINE_BUCKETS, NOW_MS), TJOB_FILE_INVALID_ARGUMENT);
    machine.store.read_only = true;
    ck_assert_int_eq(tjob_file_store_give_up(&machine.store, 0, NOW_MS), TJOB_FILE_READ_ONLY);
    ck_assert_uint_eq(machine.disk.lock_count, 0);
    ck_assert(holds_all(&machine));
    store_machine_unmake(&machine);
}
END_TEST

/* As a give-up leaves it whose sync failed: it cannot be told from any other change. */
START_TEST(a_bucket_that_is_sound_is_made_durable)
{
    struct store_machine machine;
    tjob_file_bucket report;
    store_machine_make(&machine);
    store_machine_put_not_durable(&machine, sample_arn);
    uint32_t bucket = 0;
    while (tjob_file_store_inspect(&machine.store, bucket, &report) == TJOB_FILE_OK && !report.not_durable) {
        bucket++;
    }
    machine.process.fault_function = SIM_SYNC;
    machine.process.fault_from = machine.process.calls[SIM_SYNC] + 2; /* the first is that of the entry */
    machine.process.fault = -EIO;
    ck_assert_int_eq(tjob_file_store_give_up(&machine.store, bucket, NOW_MS), TJOB_FILE_IO);
    ck_assert_int_eq(tjob_file_store_give_up(&machine.store, bucket, NOW_MS), TJOB_FILE_NOT_DAMAGED);
    ck_assert_int_eq(tjob_file_store_inspect(&machine.store, bucket, &report), TJOB_FILE_OK);
    ck_assert(report.jobs == 1 && !report.not_durable);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_bucket_without_a_version_left_is_not_given_up)
{
    struct store_machine machine;
    uint64_t versions[JOBS];
    fill(&machine, versions);
    const uint32_t bucket = damage(&machine, DAMAGE_ZEROS);
    ck_assert_int_eq(tjob_file_store_give_up(&machine.store, bucket, TJOB_FILE_STORE_NOW_MS_MAX + 1),
                     TJOB_FILE_INVALID_ARGUMENT);
    machine.store.base = FILE_SEQUENCE_MAX - 1;
    ck_assert_int_eq(tjob_file_store_give_up(&machine.store, bucket, NOW_MS), TJOB_FILE_EXHAUSTED);
    machine.store.base = 0;
    ck_assert_int_eq(tjob_file_store_give_up(&machine.store, bucket, TJOB_FILE_STORE_NOW_MS_MAX), TJOB_FILE_OK);
    store_machine_unmake(&machine);
}
END_TEST

/* The pages from one on are not readable; the pages that are written first come first. */
START_TEST(a_bucket_that_is_not_readable_is_given_up)
{
    struct store_machine machine;
    uint64_t versions[JOBS];
    tjob_file_bucket report;
    fill(&machine, versions);
    readable_read = machine.process.table.read;
    readable_write = machine.process.table.write;
    unreadable_from = machine.store.begin + (uint64_t)_i * FILE_PAGE_BYTES;
    unreadable_end = machine.store.begin + FILE_BUCKET_BYTES;
    machine.process.table.read = read_bad_blocks;
    machine.process.table.write = write_bad_blocks;
    ck_assert_int_eq(tjob_file_store_inspect(&machine.store, 0, &report), TJOB_FILE_DAMAGED);
    ck_assert(report.lost && report.torn_pages == 0);
    ck_assert_int_eq(tjob_file_store_inspect(&machine.store, 1, &report), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_give_up(&machine.store, 0, NOW_MS), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_inspect(&machine.store, 0, &report), TJOB_FILE_OK);
    ck_assert_uint_eq(report.jobs, 0);
    const tjob_job job = sample_job(TJOB_TRAINING);
    char name[TJOB_ARN_BYTES_MAX];
    for (unsigned i = 0; i < JOBS; i++) {
        store_machine_put(&machine, store_machine_name(name, i), &job);
    }
    ck_assert(holds_all(&machine));
    store_machine_unmake(&machine);
}
END_TEST

enum { LATEST_SEQUENCE = 9 };

/*
 * What is left of bucket 0 after its latest content is damaged and a power cut has lost its progress and some marks.
 * That there was such a content is shown by one mark in page 0; by nothing but that its page is not readable; by two
 * pages with its sequence, while the third is marked with it; or by the entry alone.
 */
enum { SHOWN_BY_MARK, SHOWN_BY_UNREADABLE_PAGE, SHOWN_BY_TWO_PAGES, SHOWN_BY_ENTRY, SHOWN_COUNT };

/* The page that has the latest content. */
static const uint32_t latest_page[SHOWN_COUNT] = {[SHOWN_BY_MARK] = 1, [SHOWN_BY_UNREADABLE_PAGE] = 2};

static void lose_latest(struct store_machine *machine, int kind)
{
    static const uint64_t sequences[SHOWN_COUNT][FILE_BUCKET_PAGES] = {
        {8, LATEST_SEQUENCE, 7}, {7, 8, LATEST_SEQUENCE}, {LATEST_SEQUENCE, LATEST_SEQUENCE, 7}, {0}};
    static const uint64_t marks[SHOWN_COUNT][FILE_BUCKET_PAGES] = {
        {LATEST_SEQUENCE, 7, 0}, {8, 0, 7}, {0, 0, LATEST_SEQUENCE}, {0}};
    const struct file_identity identity = tjob__file_store_header(&machine->store).identity;
    unsigned char *bucket = file_bytes(machine) + machine->store.begin;
    EXPECT(tjob__disk_sync(machine->store.disk, machine->store.file) == TJOB_FILE_OK); /* nothing is under way */
    for (uint32_t i = 0; i < FILE_BUCKET_PAGES; i++) {
        unsigned char *page = bucket + (size_t)i * FILE_PAGE_BYTES;
        const struct file_place place = {identity, 0, i};
        const tjob_job job = sample_job(TJOB_TRAINING);
        memset(page, 0, FILE_PAGE_BYTES);
        if (sequences[kind][i] == 0) {
            continue;
        }
        tjob__file_page_put(page, 0, sample_arn, sequences[kind][i], &job);
        tjob__file_page_seal(page, &place, sequences[kind][i]);
        if (marks[kind][i] != 0) {
            tjob__file_mark_write(page + FILE_MARK_OFFSET, &place, marks[kind][i]);
        }
    }
    if (kind == SHOWN_BY_MARK || kind == SHOWN_BY_UNREADABLE_PAGE) {
        bucket[latest_page[kind] * FILE_PAGE_BYTES + FILE_PAGE_HEAD_BYTES] ^= 1;
    }
    memset(file_bytes(machine) + tjob__file_progress_offset(MACHINE_BUCKETS, 0), 0, FILE_PROGRESS_BYTES);
    memcpy(machine->disk.files[0].durable, machine->disk.files[0].bytes, (size_t)machine->disk.files[0].size);
}

static void read_latest_not(struct store_machine *machine)
{
    readable_read = machine->process.table.read;
    readable_write = machine->process.table.write;
    machine->process.table.read = read_bad_blocks;
    machine->process.table.write = write_bad_blocks;
}

/*
 * The process dies before any change, and the power goes out, so that the change before is torn. No earlier content
 * comes back: the bucket is damaged as before, or given up; and the next give-up is done.
 */
START_TEST(a_give_up_that_is_cut_off_leaves_the_bucket_damaged)
{
    const int kind = _i % SHOWN_COUNT;
    bool died = true;
    unsigned left_damaged = 0;
    for (unsigned change = 1; died; change++) {
        struct store_machine machine;
        uint64_t versions[JOBS];
        tjob_file_bucket report;
        fill(&machine, versions);
        lose_latest(&machine, kind);
        const uint64_t latest = machine.store.begin + (uint64_t)latest_page[kind] * FILE_PAGE_BYTES;
        unreadable_from = kind == SHOWN_BY_UNREADABLE_PAGE ? latest : 0;
        unreadable_end = kind == SHOWN_BY_UNREADABLE_PAGE ? latest + FILE_PAGE_BYTES : 0;
        read_latest_not(&machine);
        ck_assert_int_eq(tjob_file_store_inspect(&machine.store, 0, &report), TJOB_FILE_DAMAGED);
        machine.process.dies_at = machine.process.changes + change;
        const tjob_file_problem problem = tjob_file_store_give_up(&machine.store, 0, NOW_MS);
        died = machine.process.dead;
        EXPECT(died || problem == TJOB_FILE_OK);
        sim_kill(&machine.process);
        machine.disk.random += (unsigned)_i;
        sim_power_cut(&machine.disk, kind == SHOWN_BY_MARK ? SIM_TEARS_BYTES : SIM_TEARS_BLOCKS);
        EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
        read_latest_not(&machine);
        const tjob_file_problem found = tjob_file_store_inspect(&machine.store, 0, &report);
        EXPECT(found == TJOB_FILE_DAMAGED || (found == TJOB_FILE_OK && report.jobs == 0));
        left_damaged += found == TJOB_FILE_DAMAGED ? 1 : 0;
        const tjob_file_problem again = tjob_file_store_give_up(&machine.store, 0, NOW_MS + 1);
        EXPECT(again == (found == TJOB_FILE_DAMAGED ? TJOB_FILE_OK : TJOB_FILE_NOT_DAMAGED));
        EXPECT(store_machine_version(&machine, sample_arn) > LATEST_SEQUENCE);
        store_machine_unmake(&machine);
    }
    ck_assert_uint_ge(left_damaged, 1);
}
END_TEST

/* It fails at any call, or dies before any change: then it is repeated, and is done. */
START_TEST(a_bucket_is_given_up_again_after_a_failure)
{
    bool made = true;
    for (unsigned call = 1; made; call++) {
        struct store_machine machine;
        uint64_t versions[JOBS];
        tjob_file_bucket report;
        fill(&machine, versions);
        const uint32_t bucket = damage(&machine, DAMAGE_GARBAGE);
        const unsigned before = machine.process.calls[SIM_ANY_FUNCTION];
        const bool fails = _i == 0 || _i == 3;
        machine.process.fault_from = fails ? before + call : 0;
        machine.process.fault = _i == 0 ? -EIO : -EACCES;
        machine.process.dies_at = fails ? 0 : machine.process.changes + call;
        const tjob_file_problem problem = tjob_file_store_give_up(&machine.store, bucket, NOW_MS);
        made = fails ? machine.process.calls[SIM_ANY_FUNCTION] >= before + call : machine.process.dead;
        EXPECT(made || problem == TJOB_FILE_OK);
        sim_kill(&machine.process);
        if (_i == 2) {
            sim_power_cut(&machine.disk, SIM_TEARS_BLOCKS);
        }
        EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
        const tjob_file_problem again = tjob_file_store_give_up(&machine.store, bucket, NOW_MS);
        EXPECT(again == TJOB_FILE_OK || again == TJOB_FILE_NOT_DAMAGED);
        EXPECT(problem != TJOB_FILE_OK || again == TJOB_FILE_NOT_DAMAGED);
        EXPECT(tjob_file_store_inspect(&machine.store, bucket, &report) == TJOB_FILE_OK);
        EXPECT(report.jobs == 0 && !report.not_durable);
        store_machine_unmake(&machine);
    }
}
END_TEST

/*
 * The header at the beginning is damaged, and its copy stands beside the state, which a growth writes. It dies before
 * any change and the power goes out, or it fails at any call: the store is there, with all it has.
 */
START_TEST(a_store_by_one_header_outlives_a_growth_that_is_cut_off)
{
    bool made = true;
    for (unsigned call = 1; made; call++) {
        struct store_machine machine;
        uint64_t versions[JOBS];
        fill(&machine, versions);
        EXPECT(tjob__disk_sync(machine.store.disk, machine.store.file) == TJOB_FILE_OK); /* its creation is long ago */
        file_bytes(&machine)[FILE_HEADER_BYTES / 2] ^= 1;
        machine.disk.files[0].durable[FILE_HEADER_BYTES / 2] ^= 1;
        reopen(&machine);
        const bool fails = _i == 2 * POWER_CUTS;
        const unsigned before = machine.process.calls[SIM_ANY_FUNCTION];
        machine.process.fault_from = fails ? before + call : 0;
        machine.process.fault = -EIO;
        machine.process.dies_at = fails ? 0 : machine.process.changes + call;
        const tjob_file_problem problem = tjob__file_store_grow(&machine.process.table, "store", GROWN, WAIT_MS);
        made = fails ? machine.process.calls[SIM_ANY_FUNCTION] >= before + call : machine.process.dead;
        EXPECT(made || problem == TJOB_FILE_OK);
        sim_kill(&machine.process);
        if (!fails) {
            machine.disk.random += (unsigned)_i;
            sim_power_cut(&machine.disk, _i % 2 == 0 ? SIM_TEARS_BYTES : SIM_TEARS_BLOCKS);
        }
        EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
        EXPECT(holds_all(&machine));
        store_machine_unmake(&machine);
    }
}
END_TEST

/* As above, but a growth or a repair before has failed at any sync, so that nothing of it is written later. */
START_TEST(a_store_by_one_header_outlives_a_growth_after_a_failed_sync)
{
    bool failed = true;
    for (unsigned sync = 1; failed; sync++) {
        bool died = true;
        for (unsigned change = 1; died && failed; change++) {
            struct store_machine machine;
            uint64_t versions[JOBS];
            fill(&machine, versions);
            EXPECT(tjob__disk_sync(machine.store.disk, machine.store.file) == TJOB_FILE_OK);
            file_bytes(&machine)[FILE_HEADER_BYTES / 2] ^= 1;
            machine.disk.files[0].durable[FILE_HEADER_BYTES / 2] ^= 1;
            machine.disk.random += (unsigned)_i;
            machine.process.fault_function = SIM_SYNC;
            machine.process.fault_from = machine.process.calls[SIM_SYNC] + sync;
            machine.process.fault = -EIO;
            machine.process.fault_lies = true;
            failed = (_i % 2 == 0 ? tjob__file_store_grow(&machine.process.table, "store", GROWN, WAIT_MS)
                                  : tjob_file_store_repair_header(&machine.store)) != TJOB_FILE_OK;
            reopen(&machine);
            machine.process.dies_at = machine.process.changes + change;
            (void)tjob__file_store_grow(&machine.process.table, "store", GROWN + 1, WAIT_MS);
            died = machine.process.dead;
            sim_kill(&machine.process);
            sim_power_cut(&machine.disk, SIM_TEARS_BLOCKS);
            EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
            EXPECT(holds_all(&machine));
            store_machine_unmake(&machine);
        }
    }
}
END_TEST

RUN_TESTS("file_repair", {a_file_that_is_no_longer_the_store_is_not_repaired, 3},
          {a_store_is_opened_by_either_header_and_repaired, 2}, {a_store_without_a_sound_header_is_not_opened, 2},
          {a_store_whose_two_headers_differ_is_not_opened, 2}, {a_store_is_opened_by_the_header_that_is_readable, 2},
          {a_file_without_a_whole_header_is_no_store, 0}, {the_header_of_a_backup_is_repaired, 0},
          {a_bucket_that_is_not_readable_is_given_up, 3}, {a_repair_of_the_header_waits_once, 0},
          {a_repair_of_the_header_that_fails_says_so, 0}, {a_repair_of_the_header_after_a_failed_sync_is_durable, 3},
          {a_repair_of_the_header_that_is_cut_off_leaves_one, 2 * POWER_CUTS},
          {a_bucket_that_is_given_up_is_empty_and_goes_on, DAMAGE_COUNT},
          {a_bucket_with_a_job_of_another_is_given_up, 0}, {a_bucket_that_is_sound_is_not_given_up, 0},
          {a_bucket_that_is_sound_is_made_durable, 0}, {a_bucket_without_a_version_left_is_not_given_up, 0},
          {a_bucket_is_given_up_again_after_a_failure, 4},
          {a_give_up_that_is_cut_off_leaves_the_bucket_damaged, SHOWN_COUNT *POWER_CUTS},
          {a_store_by_one_header_outlives_a_growth_that_is_cut_off, 2 * POWER_CUTS + 1},
          {a_store_by_one_header_outlives_a_growth_after_a_failed_sync, 4})
