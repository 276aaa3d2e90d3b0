/* The file store against its header: every problem, every call that fails, every byte that changes. */
#define _GNU_SOURCE /* for mount and unshare */

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/file_store/create.h"
#include "host/file_store/posix_disk.h"
#include "host/file_store/grow.h"
#include "host/file_store/store.h"
#include "support/child.h"
#include "support/folder.h"
#include "support/jobs.h"
#include "support/store_machine.h"
#include "support/suite.h"

/* ---- Calls that fail ------------------------------------------------------------------------------------------- */

/* What is done while a function of the disk fails. */
enum action { CREATES, CHANGES, REMOVES, LOADS, MAKES_DURABLE, ACTION_COUNT };

/* Of an error of the device, the first, it is also tried that something was done all the same. */
static const int errors[] = {EIO, ENOSPC, EDQUOT, EINTR, EACCES};

enum { ERRORS = sizeof errors / sizeof errors[0] };

/* Makes what the action finds, and reports it: `job` has the state ABSENT if nothing. */
static void prepare(struct store_machine *machine, enum action action, tjob_job *job)
{
    *job = sample_job(TJOB_TRAINING);
    store_machine_make(machine);
    store_machine_put(machine, other_arn, job);
    if (action == CREATES) {
        *job = sample_job(TJOB_ABSENT);
        return;
    }
    store_machine_put(machine, sample_arn, job);
    if (action == MAKES_DURABLE) {
        /* A process was killed between its write and its mark. */
        const tjob_job stopped = sample_job(TJOB_STOP_REQUESTED);
        machine->process.dies_at = machine->process.changes + 3;
        store_machine_put(machine, sample_arn, &stopped);
        sim_kill(&machine->process);
        EXPECT(store_machine_open(machine) == TJOB_FILE_OK);
        *job = stopped;
    }
}

static tjob_swap_status act(struct store_machine *machine, enum action action, uint64_t version, const tjob_job *next)
{
    tjob_job job;
    if (action == LOADS || action == MAKES_DURABLE) {
        const tjob_load_status status = store_machine_load(machine, sample_arn, &job, &version);
        return status == TJOB_LOAD_UNAVAILABLE ? TJOB_SWAP_UNAVAILABLE : TJOB_SWAP_OK;
    }
    return store_machine_swap(machine, sample_arn, version, next);
}

/* What is found once nothing fails any more: by the same process, by another, and after a power cut. */
static void expect_found(struct store_machine *machine, const tjob_job *before, const tjob_job *after,
                         tjob_swap_status status)
{
    const bool is_after = store_machine_holds(machine, sample_arn, after);
    EXPECT(is_after || store_machine_holds(machine, sample_arn, before));
    EXPECT(status == TJOB_SWAP_UNKNOWN || before == after || is_after == (status == TJOB_SWAP_OK));
    for (int tearing = SIM_TEARS_BYTES; tearing <= SIM_TEARS_BLOCKS; tearing++) {
        sim_kill(&machine->process);
        sim_power_cut(&machine->disk, (enum sim_tearing)tearing);
        EXPECT(store_machine_open(machine) == TJOB_FILE_OK);
        EXPECT(store_machine_holds(machine, sample_arn, is_after ? after : before));
    }
    const tjob_job next = sample_job(TJOB_TRAINED);
    store_machine_put(machine, sample_arn, &next);
    EXPECT(store_machine_holds(machine, sample_arn, &next));
}

/* One call of `function` on fails; whether it was made at all. */
static bool try_fault(enum action action, enum sim_function function, unsigned call, int error, bool lies)
{
    struct store_machine machine;
    tjob_job there;
    prepare(&machine, action, &there);
    const tjob_job changed = sample_job(TJOB_STOP_REQUESTED);
    const tjob_job *before = there.state == TJOB_ABSENT ? NULL : &there;
    const tjob_job *after = action == REMOVES ? NULL : action == LOADS || action == MAKES_DURABLE ? before : &changed;
    const uint64_t version = action == MAKES_DURABLE ? 0 : store_machine_version(&machine, sample_arn);
    struct sim_process *process = &machine.process;
    process->fault_function = function;
    process->fault_from = process->calls[function] + call;
    process->fault = -error;
    process->fault_lies = lies;
    const tjob_swap_status status = act(&machine, action, version, after);
    const bool made = process->calls[function] >= process->fault_from;
    process->fault_from = 0;
    EXPECT(made || status == TJOB_SWAP_OK);
    EXPECT(status != TJOB_SWAP_CONFLICT && (status != TJOB_SWAP_FULL || action == CREATES));
    expect_found(&machine, before, after, status);
    store_machine_unmake(&machine);
    return made;
}

START_TEST(a_call_that_fails_is_answered_as_what_it_is_and_the_store_goes_on)
{
    const enum action action = (enum action)_i;
    for (int function = SIM_OPEN; function <= SIM_ANY_FUNCTION; function++) {
        for (unsigned i = 0; i <= ERRORS; i++) {
            unsigned call = 1;
            while (try_fault(action, (enum sim_function)function, call, errors[i % ERRORS], i == ERRORS)) {
                call++;
            }
        }
    }
}
END_TEST

/* Every call of the disk fails from some time on, and again does not. */
START_TEST(a_disk_that_is_gone_for_a_while_is_unavailable_for_that_while)
{
    struct store_machine machine;
    tjob_job job;
    uint64_t version;
    store_machine_make(&machine);
    const tjob_job training = sample_job(TJOB_TRAINING);
    store_machine_put(&machine, sample_arn, &training);
    machine.process.fault_from = 1;
    machine.process.fault_count = 1000;
    machine.process.fault = -EIO;
    ck_assert_int_eq(store_machine_load(&machine, sample_arn, &job, &version), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(store_machine_swap(&machine, sample_arn, 1, NULL), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_IO);
    machine.process.fault_from = 0;
    ck_assert(store_machine_holds(&machine, sample_arn, &training));
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(reads_and_writes_that_do_little_at_a_time_do_it_all)
{
    static const int64_t pieces[] = {100, 511, 4095};
    struct store_machine machine;
    const tjob_job training = sample_job(TJOB_TRAINING);
    store_machine_make(&machine);
    machine.process.fault_function = _i % 2 == 0 ? SIM_READ : SIM_WRITE;
    machine.process.fault_from = 1;
    machine.process.fault = pieces[_i / 2];
    store_machine_put(&machine, sample_arn, &training);
    ck_assert(store_machine_holds(&machine, sample_arn, &training));
    store_machine_unmake(&machine);
}
END_TEST

/* ---- Room ------------------------------------------------------------------------------------------------------ */

START_TEST(a_full_disk_is_full_for_creations_and_for_nothing_else)
{
    struct store_machine machine;
    char name[TJOB_ARN_BYTES_MAX];
    const tjob_job job = sample_job(TJOB_TRAINING);
    store_machine_make(&machine);
    machine.disk.free_blocks = (uint64_t)_i;
    tjob_swap_status status = TJOB_SWAP_OK;
    unsigned created = 0;
    for (; created < SLOTS && status == TJOB_SWAP_OK; created++) {
        status = store_machine_swap(&machine, store_machine_name(name, created), 0, &job);
    }
    /*
     * The register takes a block, a bucket three or none, and what the first one has come to one, too, if there is any.
     */
    const uint64_t buckets = _i < 4 ? 0 : _i < 8 ? 1 : 2;
    if (buckets == 2) {
        ck_assert_int_eq(status, TJOB_SWAP_OK);
    } else {
        ck_assert_int_eq(status, TJOB_SWAP_FULL);
        ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_NO_SPACE);
        ck_assert_uint_eq(--created, buckets);
    }
    machine.disk.free_blocks = 0;
    const tjob_job changed = sample_job(TJOB_STOP_REQUESTED);
    for (unsigned i = 0; i < created; i++) {
        for (unsigned again = 0; again < 4; again++) {
            store_machine_put(&machine, store_machine_name(name, i), again % 2 == 0 ? &changed : &job);
        }
        store_machine_put(&machine, store_machine_name(name, i), NULL);
        store_machine_put(&machine, store_machine_name(name, i), &job);
    }
    store_machine_unmake(&machine);
}
END_TEST

/* Each of the three pages of its bucket and its entry need room, and a creation that does not get it for one is not
 * made. */
START_TEST(a_creation_that_lacks_room_for_one_page_is_full)
{
    struct store_machine machine;
    const tjob_job job = sample_job(TJOB_TRAINING);
    store_machine_make(&machine);
    machine.process.fault_function = SIM_WRITE;
    static const unsigned writes[] = {1, 3, 5, 6}; /* a mark follows each page; the entry stands before the last */
    machine.process.fault_from = machine.process.calls[SIM_WRITE] + writes[_i];
    machine.process.fault = -ENOSPC;
    ck_assert_int_eq(store_machine_swap(&machine, sample_arn, 0, &job), TJOB_SWAP_FULL);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_NO_SPACE);
    ck_assert(store_machine_holds(&machine, sample_arn, NULL));
    store_machine_put(&machine, sample_arn, &job);
    store_machine_unmake(&machine);
}
END_TEST

/* Overwrites some bytes with zeros, for everybody and on the disk, where a power cut brings them to light. */
static void erase(struct store_machine *machine, uint64_t offset, size_t count)
{
    memset(machine->disk.files[0].bytes + offset, 0, count);
    memset(machine->disk.files[0].durable + offset, 0, count);
}

/* Takes away the marks of both buckets, which a power cut may do. */
static void forget_marks_only(struct store_machine *machine)
{
    const uint64_t pages = tjob__file_header_bucket_offset(MACHINE_BUCKETS, 0);
    sim_kill(&machine->process);
    for (uint64_t page = 0; page < 2 * FILE_BUCKET_PAGES; page++) {
        erase(machine, pages + page * FILE_PAGE_BYTES + FILE_MARK_OFFSET, FILE_MARK_BYTES);
    }
}

/* And how far they have come, too. */
static void forget_marks(struct store_machine *machine)
{
    forget_marks_only(machine);
    erase(machine, tjob__file_progress_offset(MACHINE_BUCKETS, 0), MACHINE_BUCKETS * FILE_PROGRESS_BYTES);
}

/* The only page that holds a job is not touched by whoever makes it durable once more, wherever he dies. */
START_TEST(a_job_without_its_mark_survives_every_death)
{
    const tjob_job job = sample_job(TJOB_TRAINING);
    bool died = true;
    for (unsigned change = 1; died; change++) {
        struct store_machine machine;
        tjob_job found;
        uint64_t version;
        store_machine_make(&machine);
        store_machine_put(&machine, sample_arn, &job);
        forget_marks(&machine);
        EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
        machine.process.dies_at = machine.process.changes + change;
        (void)store_machine_load(&machine, sample_arn, &found, &version);
        died = machine.process.dead;
        sim_kill(&machine.process);
        EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
        EXPECT(store_machine_holds(&machine, sample_arn, &job));
        store_machine_unmake(&machine);
    }
}
END_TEST

/*
 * The newest page is a copy, and lost its mark, while it is known that the bucket came as far as to it. Whoever makes
 * it durable once more does not write over it: a power cut would leave the bucket behind what is known.
 */
START_TEST(a_copy_without_its_mark_survives_every_power_cut)
{
    const tjob_job job = sample_job(TJOB_TRAINING);
    bool died = true;
    for (unsigned change = 1; died; change++) {
        for (uint64_t seed = 0; seed < 40; seed++) {
            struct store_machine machine;
            tjob_job found;
            uint64_t version;
            store_machine_make(&machine);
            store_machine_put(&machine, sample_arn, &job);
            forget_marks(&machine);
            EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
            EXPECT(store_machine_holds(&machine, sample_arn, &job)); /* makes the copy */
            sim_kill(&machine.process);
            machine.disk.random = seed * 7;
            sim_power_cut(&machine.disk, SIM_TEARS_BYTES);
            forget_marks_only(&machine);
            EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
            machine.process.dies_at = machine.process.changes + change;
            if (store_machine_load(&machine, sample_arn, &found, &version) == TJOB_LOAD_OK) {
                (void)store_machine_swap(&machine, sample_arn, version, &job);
            }
            died = machine.process.dead;
            sim_kill(&machine.process);
            machine.disk.random = seed;
            sim_power_cut(&machine.disk, SIM_TEARS_BLOCKS);
            EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
            EXPECT(store_machine_holds(&machine, sample_arn, &job));
            store_machine_unmake(&machine);
        }
    }
}
END_TEST

/* Takes the buckets of the sample's name out of the register, as if only its pages had survived. */
static void forget_entries(struct store_machine *machine, const uint32_t buckets[2])
{
    uint64_t size;
    unsigned char *file = sim_bytes(&machine->disk, "store", &size);
    for (int i = 0; i < 2; i++) {
        memset(file + tjob__file_entry_offset(buckets[i]), 0, FILE_ENTRY_BYTES);
        memset(file + tjob__file_progress_offset(MACHINE_BUCKETS, buckets[i]), 0, FILE_PROGRESS_BYTES);
    }
}

static bool is_registered(struct store_machine *machine, const uint32_t buckets[2])
{
    static const unsigned char none[FILE_ENTRY_BYTES];
    uint64_t size;
    const unsigned char *file = sim_bytes(&machine->disk, "store", &size);
    bool registered = false;
    for (int i = 0; i < 2; i++) {
        registered = registered || memcmp(file + tjob__file_entry_offset(buckets[i]), none, sizeof none) != 0 ||
                     memcmp(file + tjob__file_progress_offset(MACHINE_BUCKETS, buckets[i]), none, sizeof none) != 0;
    }
    return registered;
}

/*
 * Who reports of a job that was not known to be durable has registered its bucket, whichever of his writes fails once.
 */
START_TEST(a_job_that_is_reported_is_registered)
{
    const tjob_job job = sample_job(TJOB_TRAINING);
    bool made = true;
    for (unsigned write = 1; made; write++) {
        struct store_machine machine;
        tjob_job found;
        uint64_t version;
        uint32_t buckets[2];
        store_machine_make(&machine);
        const struct file_header header = tjob__file_store_header(&machine.store);
        tjob__file_header_buckets_of(&header, sample_arn, buckets);
        store_machine_put(&machine, sample_arn, &job);
        EXPECT(is_registered(&machine, buckets));
        forget_marks(&machine);
        forget_entries(&machine, buckets);
        EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
        machine.process.fault_function = SIM_WRITE;
        machine.process.fault_from = machine.process.calls[SIM_WRITE] + write;
        machine.process.fault_count = 1;
        machine.process.fault = -EIO;
        const tjob_load_status status = store_machine_load(&machine, sample_arn, &found, &version);
        made = machine.process.calls[SIM_WRITE] >= machine.process.fault_from;
        EXPECT(status != TJOB_LOAD_NOT_FOUND);
        EXPECT(status != TJOB_LOAD_OK || is_registered(&machine, buckets));
        EXPECT(write != 1 || status == TJOB_LOAD_OK); /* the entry, which is written once more */
        machine.process.fault_from = 0;
        EXPECT(store_machine_holds(&machine, sample_arn, &job));
        EXPECT(is_registered(&machine, buckets));
        store_machine_unmake(&machine);
    }
}
END_TEST

/*
 * A power cut has left a job without its mark, and holes in place of its entries, and then the disk is full: the job is
 * reported, and can be stopped and removed.
 */
START_TEST(a_job_whose_entry_finds_no_room_is_there_all_the_same)
{
    struct store_machine machine;
    uint32_t buckets[2];
    const tjob_job job = sample_job(TJOB_TRAINING);
    const tjob_job stopped = sample_job(TJOB_STOP_REQUESTED);
    store_machine_make(&machine);
    const struct file_header header = tjob__file_store_header(&machine.store);
    tjob__file_header_buckets_of(&header, sample_arn, buckets);
    store_machine_put(&machine, sample_arn, &job);
    forget_marks(&machine);
    forget_entries(&machine, buckets);
    memset(machine.disk.files[0].allocated + tjob__file_entry_offset(0) / SIM_BLOCK_BYTES, 0,
           (FILE_BUCKET_BYTES) / SIM_BLOCK_BYTES);
    machine.disk.free_blocks = 0;
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_OK);
    ck_assert(store_machine_holds(&machine, sample_arn, &job));
    store_machine_put(&machine, sample_arn, &stopped);
    store_machine_put(&machine, sample_arn, NULL);
    ck_assert_int_eq(store_machine_swap(&machine, sample_arn, store_machine_version(&machine, sample_arn), &job),
                     TJOB_SWAP_OK); /* its bucket has held a job, and has its room */
    ck_assert(!is_registered(&machine, buckets));
    machine.disk.free_blocks = 1;
    store_machine_put(&machine, sample_arn, &job);
    ck_assert(is_registered(&machine, buckets));
    store_machine_unmake(&machine);
}
END_TEST

/* After a power cut in the middle of a creation nobody knows which pages have their room: it is taken once more. */
START_TEST(room_that_a_crash_left_open_is_taken_before_the_job_is_reported)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct store_machine machine;
        store_machine_make(&machine);
        const tjob_job job = sample_job(TJOB_TRAINING);
        machine.process.dies_at = machine.process.changes + 4;
        (void)store_machine_swap(&machine, sample_arn, 0, &job);
        sim_kill(&machine.process);
        machine.disk.random = seed;
        sim_power_cut(&machine.disk, SIM_TEARS_BLOCKS);
        EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
        if (store_machine_holds(&machine, sample_arn, &job)) {
            machine.disk.free_blocks = 0;
            store_machine_put(&machine, sample_arn, &job);
            store_machine_put(&machine, sample_arn, &job);
            store_machine_put(&machine, sample_arn, &job);
        }
        store_machine_unmake(&machine);
    }
}
END_TEST

/* ---- Others ---------------------------------------------------------------------------------------------------- */

/* A name whose first bucket is the lower one, or the higher one. */
static tjob_text name_with_first(const struct store_machine *machine, uint32_t first, char buffer[TJOB_ARN_BYTES_MAX])
{
    const struct file_header header = tjob__file_store_header(&machine->store);
    uint32_t buckets[2];
    unsigned number = 0;
    do {
        tjob__file_header_buckets_of(&header, store_machine_name(buffer, number), buckets);
    } while (buckets[0] != first && ++number < 1000);
    return store_machine_name(buffer, number);
}

START_TEST(a_bucket_that_another_process_holds_is_waited_for_and_then_unavailable)
{
    struct store_machine machine;
    struct sim_process other;
    char name[TJOB_ARN_BYTES_MAX];
    store_machine_make(&machine);
    const tjob_text arn = name_with_first(&machine, (uint32_t)_i, name);
    sim_start(&other, &machine.disk);
    const int file = other.table.open(&other, "store", DISK_EXISTING);
    for (uint32_t bucket = 0; bucket < 2; bucket++) {
        tjob_job job;
        uint64_t version;
        const uint64_t offset = tjob__file_header_bucket_offset(MACHINE_BUCKETS, bucket);
        machine.process.paused_us = 0;
        ck_assert_int_eq(other.table.lock(&other, file, DISK_LOCK, offset, FILE_BUCKET_BYTES), 0);
        ck_assert_int_eq(store_machine_load(&machine, arn, &job, &version), TJOB_LOAD_UNAVAILABLE);
        ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_BUSY);
        ck_assert_uint_eq(machine.process.paused_us, WAIT_MS * 1000);
        ck_assert_uint_eq(machine.disk.lock_count, 1);
        ck_assert_int_eq(other.table.lock(&other, file, DISK_UNLOCK, offset, FILE_BUCKET_BYTES), 0);
        ck_assert(store_machine_holds(&machine, arn, NULL));
    }
    sim_kill(&other);
    store_machine_unmake(&machine);
}
END_TEST

static int64_t (*sound_read)(void *context, int file, uint64_t offset, void *bytes, size_t count);
static unsigned reads;

/* Whoever reads has both buckets locked, the lower one first. */
static int64_t read_locked(void *context, int file, uint64_t offset, void *bytes, size_t count)
{
    const struct sim_disk *disk = ((struct sim_process *)context)->disk;
    EXPECT(disk->lock_count == 2);
    for (uint32_t bucket = 0; bucket < 2; bucket++) {
        EXPECT(disk->locks[bucket].begin == tjob__file_header_bucket_offset(MACHINE_BUCKETS, bucket));
        EXPECT(disk->locks[bucket].end == tjob__file_header_bucket_offset(MACHINE_BUCKETS, bucket + 1));
    }
    reads++;
    return sound_read(context, file, offset, bytes, count);
}

START_TEST(a_call_has_both_its_buckets_locked_and_lets_both_go)
{
    struct store_machine machine;
    char name[TJOB_ARN_BYTES_MAX];
    const tjob_job job = sample_job(TJOB_TRAINING);
    store_machine_make(&machine);
    const tjob_text arn = name_with_first(&machine, (uint32_t)_i, name);
    const uint64_t version = store_machine_version(&machine, arn);
    sound_read = machine.process.table.read;
    machine.process.table.read = read_locked;
    reads = 0;
    ck_assert_int_eq(store_machine_swap(&machine, arn, version, &job), TJOB_SWAP_OK);
    /* The state, and two buckets with two entries each; then how far both have come. */
    ck_assert_uint_eq(reads, 7 + 2);
    ck_assert_uint_eq(machine.disk.lock_count, 0);
    store_machine_unmake(&machine);
}
END_TEST

/*
 * ---- A file that has lost its name ---------------------------------------------------------------------------------
 */

/* It was moved, replaced, or removed; or nobody can say. */
enum loss { MOVED, REPLACED, REMOVED, NOT_KNOWN, LOSS_COUNT };

static void lose(struct store_machine *machine, enum loss loss)
{
    struct sim_process *process = &machine->process;
    switch (loss) {
    case MOVED:
        EXPECT(process->table.rename(process, "store", "elsewhere") == 0);
        break;
    case REPLACED:
        EXPECT(tjob__file_store_create(&process->table, "copy", CAPACITY) == TJOB_FILE_OK);
        EXPECT(process->table.rename(process, "copy", "store") == 0);
        break;
    case REMOVED:
        EXPECT(process->table.remove(process, "store") == 0);
        break;
    default:
        process->fault_function = SIM_NAMES;
        process->fault_from = process->calls[SIM_NAMES] + 1;
        process->fault_count = 100;
        process->fault = -EACCES;
        break;
    }
}

START_TEST(a_file_that_has_lost_its_name_takes_no_change)
{
    struct store_machine machine;
    const tjob_job job = sample_job(TJOB_TRAINING);
    const tjob_job next = sample_job(TJOB_STOP_REQUESTED);
    store_machine_make(&machine);
    store_machine_put(&machine, sample_arn, &job);
    const uint64_t version = store_machine_version(&machine, sample_arn);
    lose(&machine, (enum loss)_i);
    const unsigned writes = machine.process.calls[SIM_WRITE];
    const tjob_job *const changes[] = {&next, NULL};
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(store_machine_swap(&machine, sample_arn, version, changes[i]), TJOB_SWAP_UNAVAILABLE);
        ck_assert_int_eq(tjob_file_store_problem(&machine.store),
                         _i == NOT_KNOWN ? TJOB_FILE_NO_PERMISSION : TJOB_FILE_SUPERSEDED);
    }
    ck_assert_int_eq(store_machine_swap(&machine, other_arn, 0, &next), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(store_machine_swap(&machine, sample_arn, version + 1, &next), TJOB_SWAP_CONFLICT);
    ck_assert_uint_eq(machine.process.calls[SIM_WRITE], writes);
    if (_i == MOVED) {
        ck_assert_int_eq(machine.process.table.rename(&machine.process, "elsewhere", "store"), 0);
        store_machine_put(&machine, sample_arn, &next);
    }
    store_machine_unmake(&machine);
}
END_TEST

/* On the system's disk, by whatever name it was opened; and wherever the process goes. */
START_TEST(the_name_of_a_file_is_the_one_by_which_it_was_opened)
{
    struct folder folder;
    tjob_file_store store;
    char working[TJOB_FILE_STORE_PATH_BYTES_MAX];
    char other[FOLDER_PATH_BYTES_MAX + 16];
    const tjob_job job = sample_job(TJOB_TRAINING);
    folder_make(&folder);
    ck_assert_ptr_nonnull(getcwd(working, sizeof working));
    ck_assert_int_eq(tjob_file_store_create(folder_file(&folder, "store"), CAPACITY), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_create(folder_file(&folder, "other"), CAPACITY), TJOB_FILE_OK);
    snprintf(other, sizeof other, "%s", folder_file(&folder, "other"));
    ck_assert_int_eq(symlink("store", folder_file(&folder, "link")), 0);
    ck_assert_int_eq(chdir(folder.path), 0);
    ck_assert_int_eq(tjob_file_store_open(&store, _i == 0 ? "store" : "link", WAIT_MS), TJOB_FILE_OK);
    ck_assert_int_eq(chdir(working), 0);
    const tjob_store callbacks = tjob_file_store_callbacks(&store);
    ck_assert_int_eq(callbacks.swap(&store, NULL, sample_arn, 0, &job), TJOB_SWAP_OK);
    if (_i < 2) {
        ck_assert_int_eq(rename(other, folder_file(&folder, "store")), 0);
    } else {
        ck_assert_int_eq(unlink(folder_file(&folder, "link")), 0);
        ck_assert_int_eq(symlink("other", folder_file(&folder, "link")), 0);
    }
    ck_assert_int_eq(callbacks.swap(&store, NULL, other_arn, 0, &job), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&store), TJOB_FILE_SUPERSEDED);
    tjob_file_store_close(&store);
    folder_remove(&folder);
}
END_TEST

/* A container's view: the file alone is mounted, and outside it is replaced. Only the superuser can try it. */
START_TEST(a_mounted_file_that_was_replaced_is_not_the_store)
{
    struct folder folder;
    tjob_file_store store;
    tjob_file_store again;
    char mounted[FOLDER_PATH_BYTES_MAX + 16];
    const tjob_job job = sample_job(TJOB_TRAINING);
    folder_make(&folder);
    ck_assert_int_eq(tjob_file_store_create(folder_file(&folder, "store"), CAPACITY), TJOB_FILE_OK);
    snprintf(mounted, sizeof mounted, "%s", folder_file(&folder, "mounted"));
    FILE *target = fopen(mounted, "w");
    ck_assert(target != NULL && fclose(target) == 0);
    char path[FOLDER_PATH_BYTES_MAX + 16];
    snprintf(path, sizeof path, "%s", folder_file(&folder, "store"));
    if (mount(path, mounted, "none", MS_BIND, NULL) == 0) {
        ck_assert_int_eq(tjob_file_store_open(&store, mounted, WAIT_MS), TJOB_FILE_OK);
        const tjob_store callbacks = tjob_file_store_callbacks(&store);
        ck_assert_int_eq(callbacks.swap(&store, NULL, sample_arn, 0, &job), TJOB_SWAP_OK);
#ifndef TJOB_EMULATED
        ck_assert_int_eq(tjob_file_store_grow(mounted, CAPACITY + 1, WAIT_MS), TJOB_FILE_LINKED);
#endif
        ck_assert_int_eq(tjob_file_store_grow(path, CAPACITY + 1, WAIT_MS), TJOB_FILE_OK);
        ck_assert_int_eq(callbacks.swap(&store, NULL, other_arn, 0, &job), TJOB_SWAP_UNAVAILABLE);
        ck_assert_int_eq(tjob_file_store_problem(&store), TJOB_FILE_SUPERSEDED);
        ck_assert_int_eq(tjob_file_store_open(&again, mounted, WAIT_MS), TJOB_FILE_SUPERSEDED);
        tjob_file_store_close(&store);
        ck_assert_int_eq(umount(mounted), 0);
    } else {
        printf("skipped: this process may not mount\n");
    }
    folder_remove(&folder);
}
END_TEST

/* What may not read a folder cannot sync it, and says so before it grows, not after. */
START_TEST(a_store_in_a_folder_that_cannot_be_read_does_not_grow)
{
    enum { NOBODY = 65534 };
    struct folder folder;
    folder_make(&folder);
    ck_assert_int_eq(tjob_file_store_create(folder_file(&folder, "store"), CAPACITY), TJOB_FILE_OK);
    const pid_t child = fork();
    if (child == 0) {
        const bool changed = geteuid() != 0 || (chown(folder.path, NOBODY, NOBODY) == 0 &&
                                                chown(folder_file(&folder, "store"), NOBODY, NOBODY) == 0);
        const bool hidden = chmod(folder.path, 0300) == 0 && (geteuid() != 0 || setuid(NOBODY) == 0);
        tjob_file_store store;
        end_child(changed && hidden &&
                          tjob_file_store_grow(folder_file(&folder, "store"), CAPACITY + 1, 0) ==
                              TJOB_FILE_NO_PERMISSION &&
                          tjob_file_store_open(&store, folder_file(&folder, "store"), 0) == TJOB_FILE_OK &&
                          tjob_file_store_capacity(&store) == CAPACITY
                      ? 0
                      : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(chmod(folder.path, 0700), 0);
    folder_remove(&folder);
}
END_TEST

/* A limit of file size would end the process where it is met. */
START_TEST(a_limit_of_file_size_is_a_full_disk)
{
    struct folder folder;
    folder_make(&folder);
    const pid_t child = fork();
    if (child == 0) {
        const struct rlimit limit = {.rlim_cur = 20000, .rlim_max = RLIM_INFINITY};
        const tjob_job job = sample_job(TJOB_TRAINING);
        tjob_file_store store;
        const bool made = tjob_file_store_create(folder_file(&folder, "store"), CAPACITY) == TJOB_FILE_OK &&
                          tjob_file_store_open(&store, folder_file(&folder, "store"), 0) == TJOB_FILE_OK;
        const tjob_store callbacks = tjob_file_store_callbacks(&store);
        end_child(made && setrlimit(RLIMIT_FSIZE, &limit) == 0 &&
                          callbacks.swap(&store, NULL, sample_arn, 0, &job) == TJOB_SWAP_FULL &&
                          tjob_file_store_problem(&store) == TJOB_FILE_NO_SPACE &&
                          tjob_file_store_create(folder_file(&folder, "new"), CAPACITY) == TJOB_FILE_NO_SPACE &&
                          tjob_file_store_grow(folder_file(&folder, "store"), 100, 0) == TJOB_FILE_NO_SPACE
                      ? 0
                      : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    folder_remove(&folder);
}
END_TEST

/*
 * ---- Forks ---------------------------------------------------------------------------------------------------------
 */

/*
 * Where a handle is used in a child that is, like its parent, the first process of a namespace: their numbers are the
 * same.
 */
static int use_in_a_namespace(tjob_file_store *store, const char *path)
{
    int status = 1;
    if (tjob_file_store_open(store, path, WAIT_MS) != TJOB_FILE_OK || getpid() != 1 || unshare(CLONE_NEWPID) != 0) {
        return 1;
    }
    const pid_t child = fork();
    if (child == 0) {
        tjob_job job;
        uint64_t version;
        const tjob_store callbacks = tjob_file_store_callbacks(store);
        const tjob_load_status found = callbacks.load(store, NULL, sample_arn, &job, &version);
        end_child(getpid() == 1 && found == TJOB_LOAD_UNAVAILABLE && tjob_file_store_problem(store) == TJOB_FILE_FORKED
                      ? 0
                      : 1);
    }
    return waitpid(child, &status, 0) == child ? status : 1;
}

START_TEST(a_child_with_its_parents_number_cannot_use_the_handle)
{
    struct folder folder;
    static tjob_file_store store;
    int status;
    folder_make(&folder);
    ck_assert_int_eq(tjob_file_store_create(folder_file(&folder, "store"), CAPACITY), TJOB_FILE_OK);
    const pid_t outer = fork();
    if (outer == 0) {
        if (unshare(CLONE_NEWPID) != 0) {
            printf("skipped: this process may not make namespaces\n");
            end_child(0);
        }
        const pid_t first = fork();
        if (first == 0) {
            end_child(use_in_a_namespace(&store, folder_file(&folder, "store")));
        }
        end_child(waitpid(first, &status, 0) == first && status == 0 ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(outer, &status, 0), outer);
    ck_assert_int_eq(status, 0);
    folder_remove(&folder);
}
END_TEST

static pid_t child_ids[32];
static unsigned children;

static void fork_one(void)
{
    const pid_t child = fork();
    if (child == 0) {
        (void)pause();
        end_child(0);
    }
    child_ids[children++] = child;
}

static int fork_and_sync(void *context, int file)
{
    fork_one();
    return tjob__posix_disk.sync(context, file);
}

static int fork_and_sync_range(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
    fork_one();
    return tjob__posix_disk.sync_range(context, file, offset, bytes, count);
}

static int fail_to_rename(void *context, const char *from, const char *to)
{
    (void)context, (void)from, (void)to;
    return -EIO;
}

/* A child that goes on has the file open, too: what its parent has let go is free all the same. */
START_TEST(a_child_that_lives_on_keeps_no_lock)
{
    struct folder folder;
    tjob_file_store store;
    const tjob_job job = sample_job(TJOB_TRAINING);
    folder_make(&folder);
    char path[FOLDER_PATH_BYTES_MAX + 16];
    snprintf(path, sizeof path, "%s", folder_file(&folder, "store"));
    ck_assert_int_eq(tjob_file_store_create(path, CAPACITY), TJOB_FILE_OK);
    struct tjob_disk disk = tjob__posix_disk;
    disk.sync = fork_and_sync;
    disk.sync_range = fork_and_sync_range;
    ck_assert_int_eq(tjob__file_store_open(&disk, &store, path, WAIT_MS), TJOB_FILE_OK);
    children = 0;
    ck_assert_int_eq(tjob_file_store_callbacks(&store).swap(&store, NULL, sample_arn, 0, &job), TJOB_SWAP_OK);
    tjob_file_store_close(&store);
    disk.rename = fail_to_rename;
    ck_assert_int_eq(tjob__file_store_grow(&disk, path, CAPACITY + 1, WAIT_MS),
                     TJOB_FILE_IO); /* in the midst of it a fork */
    ck_assert_uint_gt(children, 1);
    ck_assert_int_eq(tjob_file_store_open(&store, path, WAIT_MS), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_callbacks(&store).swap(&store, NULL, other_arn, 0, &job), TJOB_SWAP_OK);
    tjob_file_store_close(&store);
    ck_assert_int_eq(tjob_file_store_grow(path, CAPACITY + 1, WAIT_MS), TJOB_FILE_OK);
    while (children != 0) {
        ck_assert_int_eq(kill(child_ids[--children], SIGKILL), 0);
        ck_assert_int_eq(waitpid(child_ids[children], NULL, 0), child_ids[children]);
    }
    folder_remove(&folder);
}
END_TEST

START_TEST(a_handle_used_after_a_fork_is_unavailable)
{
    struct store_machine machine;
    tjob_job job;
    uint64_t version;
    store_machine_make(&machine);
    machine.process.number++;
    ck_assert_int_eq(store_machine_load(&machine, sample_arn, &job, &version), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(store_machine_swap(&machine, sample_arn, 0, NULL), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_FORKED);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_child_cannot_use_the_handle_and_its_parent_can)
{
    struct folder folder;
    folder_make(&folder);
    tjob_file_store store;
    tjob_job job;
    uint64_t version;
    ck_assert_int_eq(tjob_file_store_create(folder_file(&folder, "store"), CAPACITY), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_open(&store, folder_file(&folder, "store"), WAIT_MS), TJOB_FILE_OK);
    const tjob_store callbacks = tjob_file_store_callbacks(&store);
    const pid_t child = fork();
    if (child == 0) {
        const tjob_load_status status = callbacks.load(&store, NULL, sample_arn, &job, &version);
        end_child(status == TJOB_LOAD_UNAVAILABLE && tjob_file_store_problem(&store) == TJOB_FILE_FORKED ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(callbacks.load(&store, NULL, sample_arn, &job, &version), TJOB_LOAD_NOT_FOUND);
    tjob_file_store_close(&store);
    folder_remove(&folder);
}
END_TEST

/* ---- Bytes that nobody has written ----------------------------------------------------------------------------- */

START_TEST(what_is_not_a_store_is_reported_as_what_it_is)
{
    static const struct {
        const char *bytes;
        size_t count;
        tjob_file_problem problem;
    } cases[] = {
        {"", 0, TJOB_FILE_NOT_A_STORE},
        {"tjobfile", 8, TJOB_FILE_NOT_A_STORE},
        {"tjobfile, which is how it begins, and then it ends too soon", 55, TJOB_FILE_NOT_A_STORE},
        {"SQLite format 3\0 and so on and so on and so on and so on.", 56, TJOB_FILE_NOT_A_STORE},
        {"tjobfile, which is how it begins, and then it does not go on", 56, TJOB_FILE_DAMAGED},
    };
    struct store_machine machine;
    struct sim_process other;
    store_machine_make(&machine);
    sim_start(&other, &machine.disk);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tjob_file_store store;
        (void)other.table.remove(&other, "foreign");
        const int file = other.table.open(&other, "foreign", DISK_CREATE);
        (void)other.table.write(&other, file, 0, cases[i].bytes, cases[i].count);
        ck_assert_int_eq(tjob__file_store_open(&other.table, &store, "foreign", WAIT_MS), cases[i].problem);
    }
    sim_kill(&other);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_file_that_was_cut_is_truncated)
{
    struct store_machine machine;
    tjob_job job;
    uint64_t version;
    store_machine_make(&machine);
    const int64_t size = machine.process.table.size(&machine.process, machine.store.file);
    ck_assert_int_eq(machine.process.table.resize(&machine.process, machine.store.file, (uint64_t)size - 1), 0);
    ck_assert_int_eq(store_machine_load(&machine, sample_arn, &job, &version), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_TRUNCATED);
    sim_kill(&machine.process);
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_TRUNCATED);
    store_machine_unmake(&machine);
}
END_TEST

/* What a change of some bytes of the file does: the job is as it was, or the store says that it cannot report. */
static void expect_no_lie(struct store_machine *machine, const struct sim_disk *whole, const tjob_job *there)
{
    tjob_job job;
    uint64_t version;
    if (store_machine_open(machine) == TJOB_FILE_OK) {
        const tjob_load_status status = store_machine_load(machine, sample_arn, &job, &version);
        EXPECT(status == TJOB_LOAD_UNAVAILABLE || (status == TJOB_LOAD_OK && memcmp(&job, there, sizeof job) == 0));
        tjob_file_store_close(&machine->store);
    }
    sim_kill(&machine->process);
    sim_copy(&machine->disk, whole);
}

START_TEST(no_byte_that_changes_makes_another_job_of_it)
{
    struct store_machine machine;
    struct sim_disk whole;
    uint64_t size;
    store_machine_make(&machine);
    for (int state = TJOB_SUBMITTED; state <= TJOB_STOP_REQUESTED; state++) {
        const tjob_job job = sample_job((tjob_state)state);
        store_machine_put(&machine, sample_arn, &job);
    }
    const tjob_job there = sample_job(TJOB_STOP_REQUESTED);
    sim_kill(&machine.process);
    sim_init(&whole, FILE_BYTES_MAX, SEED);
    sim_copy(&whole, &machine.disk);
    (void)sim_bytes(&machine.disk, "store", &size);
    for (uint64_t at = (uint64_t)_i; at < size; at += 2) {
        unsigned char *bytes = sim_bytes(&machine.disk, "store", &size);
        bytes[at] ^= (unsigned char)(1 << at % 8);
        expect_no_lie(&machine, &whole, &there);
    }
    for (uint64_t at = 0; at + SIM_SECTOR_BYTES <= size; at += SIM_SECTOR_BYTES) {
        memset(sim_bytes(&machine.disk, "store", &size) + at, _i, SIM_SECTOR_BYTES);
        expect_no_lie(&machine, &whole, &there);
    }
    for (uint64_t at = 0; at + SIM_BLOCK_BYTES <= size; at += SIM_BLOCK_BYTES) {
        memset(sim_bytes(&machine.disk, "store", &size) + at, _i, SIM_BLOCK_BYTES);
        expect_no_lie(&machine, &whole, &there);
    }
    sim_destroy(&whole);
    store_machine_unmake(&machine);
}
END_TEST

RUN_TESTS("file_store", {a_call_that_fails_is_answered_as_what_it_is_and_the_store_goes_on, ACTION_COUNT},
          {a_disk_that_is_gone_for_a_while_is_unavailable_for_that_while, 0},
          {reads_and_writes_that_do_little_at_a_time_do_it_all, 6},
          {a_full_disk_is_full_for_creations_and_for_nothing_else, 10},
          {a_creation_that_lacks_room_for_one_page_is_full, FILE_BUCKET_PAGES + 1},
          {a_job_without_its_mark_survives_every_death, 0}, {a_copy_without_its_mark_survives_every_power_cut, 0},
          {a_job_that_is_reported_is_registered, 0}, {a_job_whose_entry_finds_no_room_is_there_all_the_same, 0},
          {room_that_a_crash_left_open_is_taken_before_the_job_is_reported, 0},
          {a_bucket_that_another_process_holds_is_waited_for_and_then_unavailable, 2},
          {a_call_has_both_its_buckets_locked_and_lets_both_go, 2},
          {a_file_that_has_lost_its_name_takes_no_change, LOSS_COUNT},
          {the_name_of_a_file_is_the_one_by_which_it_was_opened, 3},
          {a_mounted_file_that_was_replaced_is_not_the_store, 0},
          {a_store_in_a_folder_that_cannot_be_read_does_not_grow, 0}, {a_limit_of_file_size_is_a_full_disk, 0},
          {a_child_with_its_parents_number_cannot_use_the_handle, 0}, {a_child_that_lives_on_keeps_no_lock, 0},
          {a_handle_used_after_a_fork_is_unavailable, 0}, {a_child_cannot_use_the_handle_and_its_parent_can, 0},
          {what_is_not_a_store_is_reported_as_what_it_is, 0}, {a_file_that_was_cut_is_truncated, 0},
          {no_byte_that_changes_makes_another_job_of_it, 2})
