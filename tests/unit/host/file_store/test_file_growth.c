/* A store grows as a whole or not at all, whatever fails and whoever dies. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/file_store/create.h"
#include "host/file_store/grow.h"
#include "host/file_store/posix_disk.h"
#include "host/file_store/lock.h"
#include "host/file_store/state.h"
#include "support/child.h"
#include "support/folder.h"
#include "support/jobs.h"
#include "support/store_machine.h"
#include "support/identity.h"
#include "support/suite.h"

enum { JOBS = 8, LARGER = 30 };

static tjob_job job_of(unsigned number)
{
    tjob_job job = sample_job(TJOB_TRAINING);
    job.host_code = number;
    return job;
}

/* A machine whose store holds some jobs, and one that was removed; the versions of all of them. */
static void fill(struct store_machine *machine, uint64_t versions[JOBS + 1])
{
    char name[TJOB_ARN_BYTES_MAX];
    store_machine_make(machine);
    for (unsigned i = 0; i <= JOBS; i++) {
        const tjob_job job = job_of(i);
        store_machine_put(machine, store_machine_name(name, i), &job);
    }
    store_machine_put(machine, store_machine_name(name, JOBS), NULL);
    for (unsigned i = 0; i <= JOBS; i++) {
        versions[i] = store_machine_version(machine, store_machine_name(name, i));
    }
}

/* Every job is there with its version, and what was removed is absent with one that it never had before. */
static void expect_all(struct store_machine *machine, const uint64_t versions[JOBS + 1])
{
    char name[TJOB_ARN_BYTES_MAX];
    for (unsigned i = 0; i < JOBS; i++) {
        const tjob_job job = job_of(i);
        EXPECT(store_machine_holds(machine, store_machine_name(name, i), &job));
        EXPECT(store_machine_version(machine, store_machine_name(name, i)) == versions[i]);
    }
    EXPECT(store_machine_holds(machine, store_machine_name(name, JOBS), NULL));
    EXPECT(store_machine_version(machine, store_machine_name(name, JOBS)) >= versions[JOBS]);
}

static tjob_file_problem grow(struct sim_process *process, uint64_t capacity)
{
    return tjob__file_store_grow(&process->table, "store", capacity, WAIT_MS);
}

static void reopen(struct store_machine *machine)
{
    sim_kill(&machine->process);
    EXPECT(store_machine_open(machine) == TJOB_FILE_OK);
}

START_TEST(a_store_that_has_grown_holds_what_it_held_and_more)
{
    struct store_machine machine;
    struct sim_process grower;
    uint64_t versions[JOBS + 1];
    char name[TJOB_ARN_BYTES_MAX];
    fill(&machine, versions);
    sim_start(&grower, &machine.disk);
    ck_assert_int_eq(grow(&grower, LARGER), TJOB_FILE_OK);
    sim_kill(&grower);
    ck_assert(!store_machine_holds(&machine, store_machine_name(name, 0), NULL));
    ck_assert_int_eq(store_machine_swap(&machine, other_arn, 0, NULL), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_SUPERSEDED);
    reopen(&machine);
    ck_assert_uint_eq(tjob_file_store_capacity(&machine.store), LARGER);
    ck_assert_uint_eq(machine.process.calls[SIM_SYNC] + machine.process.calls[SIM_SYNC_FOLDER], 0);
    for (uint32_t bucket = 0; bucket < tjob_file_store_buckets(&machine.store); bucket++) {
        tjob_file_bucket report;
        ck_assert_int_eq(tjob_file_store_inspect(&machine.store, bucket, &report), TJOB_FILE_OK);
        ck_assert(!report.not_durable && report.torn_pages == 0);
    }
    expect_all(&machine, versions);
    const tjob_job job = job_of(JOBS);
    for (unsigned i = JOBS; i < LARGER; i++) {
        store_machine_put(&machine, store_machine_name(name, i), &job);
        ck_assert_uint_gt(store_machine_version(&machine, store_machine_name(name, i)), versions[JOBS]);
    }
    store_machine_unmake(&machine);
}
END_TEST

/* What a growth has said to be done is there when the power is back, whatever was not yet durable. */
START_TEST(a_store_that_has_grown_is_as_large_after_a_power_cut)
{
    struct store_machine machine;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    machine.disk.random = (uint64_t)_i + 1;
    ck_assert_int_eq(grow(&machine.process, LARGER), TJOB_FILE_OK);
    sim_kill(&machine.process);
    sim_power_cut(&machine.disk, SIM_TEARS_BYTES);
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_OK);
    ck_assert_uint_eq(tjob_file_store_capacity(&machine.store), LARGER);
    expect_all(&machine, versions);
    store_machine_unmake(&machine);
}
END_TEST

/* Buckets of the file before a growth take the place of those of the grown one: none of their jobs is back. */
START_TEST(a_page_of_before_a_growth_is_not_one_of_the_grown_store)
{
    static unsigned char old[MACHINE_BUCKETS * FILE_BUCKET_BYTES];
    struct store_machine machine;
    uint64_t versions[JOBS + 1];
    uint64_t size;
    char name[TJOB_ARN_BYTES_MAX];
    fill(&machine, versions);
    memcpy(old, sim_bytes(&machine.disk, "store", &size) + tjob__file_header_bucket_offset(MACHINE_BUCKETS, 0),
           sizeof old);
    for (unsigned i = 0; i < JOBS; i++) {
        store_machine_put(&machine, store_machine_name(name, i), NULL);
    }
    ck_assert_int_eq(grow(&machine.process, LARGER), TJOB_FILE_OK);
    reopen(&machine);
    memcpy(sim_bytes(&machine.disk, "store", &size) + machine.store.begin, old, sizeof old);
    for (unsigned i = 0; i < JOBS; i++) {
        tjob_job job;
        uint64_t version;
        ck_assert_int_ne(store_machine_load(&machine, store_machine_name(name, i), &job, &version), TJOB_LOAD_OK);
    }
    tjob_file_bucket report;
    ck_assert_int_eq(tjob_file_store_inspect(&machine.store, 0, &report), TJOB_FILE_DAMAGED);
    store_machine_unmake(&machine);
}
END_TEST

/* Without random bytes there is no identity, and so no file. */
START_TEST(a_machine_without_random_bytes_makes_no_store)
{
    struct store_machine machine;
    uint64_t size;
    store_machine_make(&machine);
    machine.process.fault_function = SIM_RANDOM;
    machine.process.fault_from = 1;
    machine.process.fault_count = 100;
    machine.process.fault = -EIO;
    ck_assert_int_eq(grow(&machine.process, LARGER), TJOB_FILE_IO);
    ck_assert_int_eq(tjob__file_store_create(&machine.process.table, "other", CAPACITY), TJOB_FILE_IO);
    ck_assert_ptr_null(sim_bytes(&machine.disk, "other", &size));
    ck_assert_ptr_null(sim_bytes(&machine.disk, "store.growing", &size));
    ck_assert_uint_eq(machine.disk.lock_count, 0);
    ck_assert(store_machine_holds(&machine, sample_arn, NULL));
    store_machine_unmake(&machine);
}
END_TEST

/* A name that belongs to other buckets was not put there by the store. */
START_TEST(a_store_with_a_name_of_another_bucket_does_not_grow)
{
    enum { THREE_BUCKETS = 13, MORE = 20, BUCKETS = 3 };
    struct store_machine machine;
    unsigned char page[FILE_PAGE_BYTES] = {0};
    uint32_t buckets[2];
    uint64_t size;
    store_machine_make(&machine);
    ck_assert_int_eq(grow(&machine.process, THREE_BUCKETS), TJOB_FILE_OK);
    reopen(&machine);
    const struct file_header header = tjob__file_store_header(&machine.store);
    const tjob_job job = job_of(1);
    tjob__file_header_buckets_of(&header, sample_arn, buckets);
    const uint32_t other = 0 + 1 + 2 - buckets[0] - buckets[1];
    const uint32_t chosen = _i == 0 ? other : buckets[_i - 1];
    const struct file_place place = {.file = header.identity, .bucket = chosen, .page = 0};
    tjob__file_page_put(page, 0, sample_arn, 1, &job);
    tjob__file_page_seal(page, &place, 1);
    memcpy(sim_bytes(&machine.disk, "store", &size) + tjob__file_header_bucket_offset(BUCKETS, chosen), page,
           sizeof page);
    ck_assert_int_eq(grow(&machine.process, MORE), _i == 0 ? TJOB_FILE_DAMAGED : TJOB_FILE_OK);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(what_would_not_be_a_growth_is_refused)
{
    static const uint64_t capacities[] = {0, CAPACITY - 1, CAPACITY};
    struct store_machine machine;
    char path[TJOB_FILE_STORE_PATH_BYTES_MAX];
    store_machine_make(&machine);
    const struct tjob_disk *disk = &machine.process.table;
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(tjob__file_store_grow(disk, "store", capacities[i], WAIT_MS), TJOB_FILE_NOT_LARGER);
    }
    ck_assert_int_eq(tjob__file_store_grow(disk, "store", TJOB_FILE_STORE_JOBS_MAX + 1, WAIT_MS),
                     TJOB_FILE_INVALID_ARGUMENT);
    for (size_t i = 0; i < sizeof path; i++) {
        path[i] = i % 2 == 0 ? '/' : 'a';
    }
    path[sizeof path - 8] = '\0';
    ck_assert_int_eq(tjob__file_store_grow(disk, path, LARGER, WAIT_MS), TJOB_FILE_INVALID_PATH);
    path[sizeof path - 9] = '\0';
    ck_assert_int_eq(tjob__file_store_grow(disk, path, LARGER, WAIT_MS), TJOB_FILE_MISSING);
    ck_assert_int_eq(tjob__file_store_grow(disk, "store", TJOB_FILE_STORE_JOBS_MAX, WAIT_MS), TJOB_FILE_NO_SPACE);
    ck_assert_int_eq(tjob__file_store_grow(disk, NULL, LARGER, WAIT_MS), TJOB_FILE_INVALID_PATH);
    ck_assert_int_eq(tjob__file_store_grow(disk, "", LARGER, WAIT_MS), TJOB_FILE_INVALID_PATH);
    ck_assert_int_eq(tjob__file_store_grow(disk, "missing", LARGER, WAIT_MS), TJOB_FILE_MISSING);
    ck_assert(store_machine_holds(&machine, sample_arn, NULL));
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_store_that_has_grown_reports_a_bucket_that_was_zeroed)
{
    struct store_machine machine;
    uint64_t versions[JOBS + 1];
    uint64_t size;
    fill(&machine, versions);
    ck_assert_int_eq(grow(&machine.process, LARGER), TJOB_FILE_OK);
    reopen(&machine);
    const uint32_t buckets = tjob_file_store_buckets(&machine.store);
    for (uint32_t bucket = 0; bucket < buckets; bucket++) {
        tjob_file_bucket report;
        ck_assert_int_eq(tjob_file_store_inspect(&machine.store, bucket, &report), TJOB_FILE_OK);
        const tjob_file_problem wanted = report.jobs == 0 ? TJOB_FILE_OK : TJOB_FILE_DAMAGED;
        memset(sim_bytes(&machine.disk, "store", &size) + report.offset, 0, FILE_BUCKET_BYTES);
        ck_assert_int_eq(tjob_file_store_inspect(&machine.store, bucket, &report), wanted);
    }
    store_machine_unmake(&machine);
}
END_TEST

/* The file named "store". */
static struct sim_file *file_of(struct store_machine *machine)
{
    struct sim_file *file = machine->disk.files;
    while (strcmp(file->path, "store") != 0) {
        file++;
    }
    return file;
}

/* Its other name would go on as a store of its own. */
START_TEST(a_store_with_another_name_does_not_grow)
{
    struct store_machine machine;
    uint64_t versions[JOBS + 1];
    uint64_t size;
    fill(&machine, versions);
    file_of(&machine)->linked = true;
    const unsigned changes = machine.process.changes;
    ck_assert_int_eq(grow(&machine.process, LARGER), TJOB_FILE_LINKED);
    ck_assert_uint_eq(machine.process.changes, changes + 1); /* it opened the store */
    ck_assert_ptr_null(sim_bytes(&machine.disk, "store.growing", &size));
    ck_assert_uint_eq(machine.disk.lock_count, 0);
    expect_all(&machine, versions);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_store_that_has_grown_belongs_to_whom_it_did)
{
    struct store_machine machine;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    file_of(&machine)->owner = 7;
    ck_assert_int_eq(grow(&machine.process, LARGER), TJOB_FILE_OK);
    ck_assert_uint_eq(file_of(&machine)->owner, 7);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_store_that_would_belong_to_another_does_not_grow)
{
    struct store_machine machine;
    struct sim_process grower;
    uint64_t versions[JOBS + 1];
    uint64_t size;
    fill(&machine, versions);
    sim_start(&grower, &machine.disk);
    grower.fault_function = SIM_INHERIT;
    grower.fault_from = 1;
    grower.fault = -EPERM;
    ck_assert_int_eq(grow(&grower, LARGER), TJOB_FILE_NO_PERMISSION);
    ck_assert_uint_eq(grower.calls[SIM_WRITE], 2); /* that it grows, and that it does not */
    ck_assert_uint_eq(grower.calls[SIM_RENAME], 0);
    ck_assert_ptr_null(sim_bytes(&machine.disk, "store.growing", &size));
    sim_kill(&grower);
    expect_all(&machine, versions);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_growth_waits_for_a_call_and_gives_up)
{
    struct store_machine machine;
    struct sim_process other;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    sim_start(&other, &machine.disk);
    const int file = other.table.open(&other, "store", DISK_EXISTING);
    const uint64_t offset = tjob__file_header_bucket_offset(MACHINE_BUCKETS, 1);
    ck_assert_int_eq(other.table.lock(&other, file, DISK_LOCK, offset, FILE_BUCKET_BYTES), 0);
    ck_assert_int_eq(grow(&machine.process, LARGER), TJOB_FILE_BUSY);
    ck_assert_uint_eq(machine.process.paused_us, WAIT_MS * 1000);
    sim_kill(&other);
    expect_all(&machine, versions);
    ck_assert_int_eq(grow(&machine.process, LARGER), TJOB_FILE_OK);
    store_machine_unmake(&machine);
}
END_TEST

/* What a function of the disk that fails, or the death of the process, has left: the store, one of the two. */
static void expect_whole(struct store_machine *machine, const uint64_t versions[JOBS + 1], bool grown)
{
    reopen(machine);
    EXPECT(!grown || tjob_file_store_capacity(&machine->store) == LARGER);
    expect_all(machine, versions);
    EXPECT(grow(&machine->process, LARGER + 1) == TJOB_FILE_OK);
    reopen(machine);
    expect_all(machine, versions);
}

/* Makes a store named "new", or makes the one named "store" grow, which then takes that name. */
static tjob_file_problem make_or_grow(struct sim_process *process, bool grows)
{
    const tjob_file_problem problem =
        grows ? grow(process, LARGER) : tjob__file_store_create(&process->table, "new", CAPACITY);
    return problem == TJOB_FILE_OK && grows ? tjob__disk_problem(process->table.rename(process, "store", "new"))
                                            : problem;
}

/* Whoever opens it first finds no room, and needs none. */
START_TEST(a_file_that_took_the_last_room_can_be_opened)
{
    tjob_file_problem problem = TJOB_FILE_NO_SPACE;
    for (uint64_t blocks = 0; problem != TJOB_FILE_OK; blocks++) {
        struct store_machine machine;
        struct sim_process process;
        tjob_file_store store;
        uint64_t versions[JOBS + 1];
        fill(&machine, versions);
        machine.disk.free_blocks = blocks;
        sim_start(&process, &machine.disk);
        problem = make_or_grow(&process, _i == 1);
        ck_assert(problem == TJOB_FILE_OK || problem == TJOB_FILE_NO_SPACE);
        ck_assert_int_eq(tjob__file_store_open(&process.table, &store, "new", WAIT_MS),
                         problem == TJOB_FILE_OK ? TJOB_FILE_OK : TJOB_FILE_MISSING);
        sim_kill(&process);
        store_machine_unmake(&machine);
    }
}
END_TEST

static unsigned forgiven; /* writes that failed, of growths that came to their end */

static bool try_fault(enum sim_function function, unsigned call, int error)
{
    struct store_machine machine;
    struct sim_process grower;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    sim_start(&grower, &machine.disk);
    grower.fault_function = function;
    grower.fault_from = call;
    grower.fault = -error;
    const tjob_file_problem problem = grow(&grower, LARGER);
    const bool made = grower.calls[function] >= call;
    EXPECT(made || problem == TJOB_FILE_OK);
    EXPECT(!made || function != SIM_SYNC_FOLDER || problem != TJOB_FILE_OK);
    forgiven += made && function == SIM_WRITE && problem == TJOB_FILE_OK;
    EXPECT(sim_files_open(&grower) == 0);
    sim_kill(&grower);
    expect_whole(&machine, versions, problem == TJOB_FILE_OK);
    store_machine_unmake(&machine);
    return made;
}

START_TEST(a_growth_that_fails_at_any_call_leaves_a_whole_store)
{
    static const int errors[] = {EIO, ENOSPC};
    forgiven = 0;
    for (int function = SIM_OPEN; function < SIM_FUNCTION_COUNT; function++) {
        for (unsigned call = 1; try_fault((enum sim_function)function, call, errors[_i]); call++) {
        }
    }
    ck_assert_uint_eq(forgiven, 1); /* that the new file is the store: whoever opens it says so */
}
END_TEST

START_TEST(a_growth_that_dies_before_any_change_leaves_a_whole_store)
{
    for (unsigned change = 1;; change++) {
        struct store_machine machine;
        struct sim_process grower;
        uint64_t versions[JOBS + 1];
        fill(&machine, versions);
        sim_start(&grower, &machine.disk);
        grower.dies_at = change;
        const tjob_file_problem problem = grow(&grower, LARGER);
        const bool died = grower.dead;
        sim_kill(&grower);
        expect_whole(&machine, versions, problem == TJOB_FILE_OK);
        store_machine_unmake(&machine);
        if (!died) {
            break;
        }
    }
}
END_TEST

/* The handle of before goes on where the growth came to nothing, even if it had already said that it would. */
START_TEST(a_growth_that_cannot_rename_gives_the_old_file_back)
{
    struct store_machine machine;
    struct sim_process grower;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    sim_start(&grower, &machine.disk);
    grower.fault_function = SIM_RENAME;
    grower.fault_from = 1;
    grower.fault = -EACCES;
    ck_assert_int_eq(grow(&grower, LARGER), TJOB_FILE_NO_PERMISSION);
    sim_kill(&grower);
    expect_all(&machine, versions);
    store_machine_unmake(&machine);
}
END_TEST

static int64_t (*sound_write)(void *context, int file, uint64_t offset, const void *bytes, size_t count);

/* Fails to say, the first time, what state a file is in. */
static int64_t fail_to_write_state(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
    struct sim_process *process = context;
    if (offset == FILE_STATE_OFFSET) {
        process->table.write = sound_write;
        return -EIO;
    }
    return sound_write(context, file, offset, bytes, count);
}

/* Handles of before would not see that the store is another file's. */
START_TEST(a_growth_that_cannot_say_so_changes_nothing)
{
    struct store_machine machine;
    struct sim_process grower;
    uint64_t versions[JOBS + 1];
    uint64_t size;
    fill(&machine, versions);
    sim_start(&grower, &machine.disk);
    sound_write = grower.table.write;
    grower.table.write = fail_to_write_state;
    ck_assert_int_eq(grow(&grower, LARGER), TJOB_FILE_IO);
    sim_kill(&grower);
    ck_assert_ptr_null(sim_bytes(&machine.disk, "store.growing", &size));
    expect_all(&machine, versions);
    reopen(&machine);
    ck_assert_uint_eq(tjob_file_store_capacity(&machine.store), CAPACITY);
    store_machine_unmake(&machine);
}
END_TEST

/*
 * ---- Growths and creations that others meet -----------------------------------------------------------------------
 */

static int (*sound_sync_folder)(void *context, const char *path, int file);
static struct sim_process latecomer;
static tjob_file_problem met; /* what the latecomer was answered */

/* While the name of a new file is being made durable, somebody else wants to use it. */
static int sync_folder_while_another_comes(void *context, const char *path, int file)
{
    struct sim_process *process = context;
    if (process->calls[SIM_RENAME] != 0 || process->calls[SIM_OPEN] == 1) {
        met = tjob__file_store_grow(&latecomer.table, path, LARGER + 1, WAIT_MS);
    }
    return sound_sync_folder(context, path, file);
}

static struct tjob_disk meet(struct store_machine *machine, struct sim_process *process)
{
    sim_start(process, &machine->disk);
    sim_start(&latecomer, &machine->disk);
    sound_sync_folder = process->table.sync_folder;
    struct tjob_disk disk = process->table;
    disk.sync_folder = sync_folder_while_another_comes;
    met = TJOB_FILE_OK;
    return disk;
}

static void expect_free(const struct store_machine *machine)
{
    ck_assert_uint_eq(machine->disk.lock_count, 0);
    ck_assert_uint_eq(sim_files_open(&latecomer), 0);
}

/* So nobody can have made it grow again, when the one who has made it says that it is the store. */
START_TEST(nobody_uses_a_file_before_its_name_is_durable)
{
    struct store_machine machine;
    struct sim_process process;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    struct tjob_disk disk = meet(&machine, &process);
    ck_assert_int_eq(tjob__file_store_grow(&disk, "store", LARGER, WAIT_MS), TJOB_FILE_OK);
    ck_assert_int_eq(met, TJOB_FILE_BUSY);
    expect_free(&machine);
    ck_assert_int_eq(grow(&latecomer, LARGER + 1), TJOB_FILE_OK);
    disk = meet(&machine, &process);
    ck_assert_int_eq(tjob__file_store_create(&disk, "new", CAPACITY), TJOB_FILE_OK);
    ck_assert_int_eq(met, TJOB_FILE_BUSY);
    expect_free(&machine);
    reopen(&machine);
    expect_all(&machine, versions);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_creation_that_fails_late_has_been_used_by_nobody)
{
    struct store_machine machine;
    struct sim_process process;
    tjob_file_store store;
    uint64_t size;
    store_machine_make(&machine);
    const struct tjob_disk disk = meet(&machine, &process);
    process.fault_function = SIM_SYNC_FOLDER;
    process.fault_from = 1;
    process.fault = -EIO;
    ck_assert_int_eq(tjob__file_store_create(&disk, "new", CAPACITY), TJOB_FILE_IO);
    ck_assert_int_eq(met, TJOB_FILE_BUSY);
    expect_free(&machine);
    ck_assert_ptr_null(sim_bytes(&machine.disk, "new", &size));
    ck_assert_int_eq(tjob__file_store_open(&latecomer.table, &store, "new", WAIT_MS), TJOB_FILE_MISSING);
    store_machine_unmake(&machine);
}
END_TEST

/* Somebody else's file under the name of one that was not made in the end is not removed. */
static int replace_and_fail(void *context, const char *path, int file)
{
    struct sim_process *process = context;
    (void)file;
    EXPECT(process->table.rename(process, "store", path) == 0);
    return -EIO;
}

START_TEST(a_creation_that_fails_removes_nobodys_file)
{
    struct store_machine machine;
    uint64_t size;
    store_machine_make(&machine);
    struct tjob_disk disk = machine.process.table;
    disk.sync_folder = replace_and_fail;
    ck_assert_int_eq(tjob__file_store_create(&disk, "new", CAPACITY), TJOB_FILE_IO);
    ck_assert_ptr_nonnull(sim_bytes(&machine.disk, "new", &size));
    store_machine_unmake(&machine);
}
END_TEST

static enum file_state state_of(struct store_machine *machine)
{
    uint64_t size;
    const struct file_header header = tjob__file_store_header(&machine->store);
    return tjob__file_state_decode(&header, sim_bytes(&machine->disk, "store", &size) + FILE_STATE_OFFSET);
}

START_TEST(a_file_is_said_to_be_the_store_only_if_nothing_was_said_of_it)
{
    struct store_machine machine;
    store_machine_make(&machine);
    const struct tjob_disk *disk = &machine.process.table;
    const struct file_header header = tjob__file_store_header(&machine.store);
    for (int state = FILE_NEW; state < FILE_STATE_COUNT; state++) {
        ck_assert_int_eq(tjob__file_state_write(disk, machine.store.file, &header, (enum file_state)state),
                         TJOB_FILE_OK);
        tjob__file_state_confirm(disk, machine.store.file, &header);
        ck_assert_int_eq(state_of(&machine), state == FILE_NEW ? FILE_CURRENT : state);
    }
    machine.process.fault_function = SIM_READ;
    machine.process.fault_from = machine.process.calls[SIM_READ] + 1;
    machine.process.fault = -EIO;
    ck_assert_int_eq(tjob__file_state_write(disk, machine.store.file, &header, FILE_NEW), TJOB_FILE_OK);
    tjob__file_state_confirm(disk, machine.store.file, &header);
    ck_assert_int_eq(state_of(&machine), FILE_NEW);
    store_machine_unmake(&machine);
}
END_TEST

/* Calls that come meanwhile wait; those that come after its death let each other in again. */
START_TEST(a_growth_keeps_new_calls_out_until_it_ends_or_dies)
{
    struct store_machine machine;
    struct sim_process grower;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    const struct file_header header = tjob__file_store_header(&machine.store);
    sim_start(&grower, &machine.disk);
    const int file = grower.table.open(&grower, "store", DISK_EXISTING);
    ck_assert_int_eq(tjob__file_lock_header(&grower.table, file, NULL, 0), TJOB_FILE_OK);
    ck_assert_int_eq(tjob__file_state_write(&grower.table, file, &header, FILE_GROWING), TJOB_FILE_OK);
    expect_all(&machine, versions); /* while a growth copies, the file is the store */
    ck_assert_uint_eq(machine.process.paused_us, 0);
    ck_assert_int_eq(store_machine_swap(&machine, sample_arn, 1, NULL), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_BUSY);
    ck_assert_uint_eq(machine.process.paused_us, WAIT_MS * 1000);
    if (_i == 0) { /* it takes back what it said */
        ck_assert_int_eq(tjob__file_state_write(&grower.table, file, &header, FILE_CURRENT), TJOB_FILE_OK);
    }
    sim_kill(&grower);
    ck_assert_int_eq(store_machine_swap(&machine, sample_arn, 1, NULL), TJOB_SWAP_CONFLICT);
    expect_all(&machine, versions);
    ck_assert_int_eq(state_of(&machine), FILE_CURRENT);
    ck_assert_uint_eq(machine.disk.lock_count, 0);
    store_machine_unmake(&machine);
}
END_TEST

/* While somebody waits for the header, whoever has it says something of the file, and lets it go. */
static struct sim_process holder;
static int held_file;
static enum file_state said;
static const struct file_header *held_header;

static void say_and_let_go(void *context, const uint32_t *word, uint32_t mask, uint32_t microseconds)
{
    (void)context, (void)word, (void)mask, (void)microseconds;
    if (!holder.dead) {
        EXPECT(tjob__file_state_write(&holder.table, held_file, held_header, said) == TJOB_FILE_OK);
        sim_kill(&holder);
    }
}

static void hold_header(struct store_machine *machine, enum file_state now, enum file_state later)
{
    static struct file_header header;
    header = tjob__file_store_header(&machine->store);
    held_header = &header;
    said = later;
    sim_start(&holder, &machine->disk);
    held_file = holder.table.open(&holder, "store", DISK_EXISTING);
    ck_assert_int_eq(tjob__file_lock_header(&holder.table, held_file, NULL, 0), TJOB_FILE_OK);
    ck_assert_int_eq(tjob__file_state_write(&holder.table, held_file, &header, now), TJOB_FILE_OK);
}

START_TEST(who_waits_for_the_header_goes_by_what_is_said_then)
{
    struct store_machine machine;
    struct sim_process process;
    tjob_file_store store;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    machine.process.table.sleep = say_and_let_go;
    hold_header(&machine, FILE_GROWING, FILE_CURRENT);
    ck_assert_int_eq(store_machine_swap(&machine, sample_arn, 1, NULL), TJOB_SWAP_CONFLICT);
    expect_all(&machine, versions);
    sim_start(&process, &machine.disk);
    process.table.sleep = say_and_let_go;
    hold_header(&machine, FILE_NEW, FILE_CURRENT);
    ck_assert_int_eq(tjob__file_store_open(&process.table, &store, "store", WAIT_MS), TJOB_FILE_OK);
    ck_assert_uint_eq(process.calls[SIM_SYNC], 0);
    tjob_file_store_close(&store);
    hold_header(&machine, FILE_CURRENT, FILE_SUPERSEDED);
    ck_assert_int_eq(grow(&process, LARGER), TJOB_FILE_SUPERSEDED);
    ck_assert_uint_eq(process.calls[SIM_WRITE], 0);
    store_machine_unmake(&machine);
}
END_TEST

/* What it has said stays until the next call, which says it again if it cannot be written. */
START_TEST(a_call_that_cannot_open_the_gate_is_unavailable)
{
    static const enum sim_function functions[] = {SIM_READ, SIM_WRITE};
    struct store_machine machine;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    const struct file_header header = tjob__file_store_header(&machine.store);
    const struct tjob_disk *disk = &machine.process.table;
    ck_assert_int_eq(tjob__file_state_write(disk, machine.store.file, &header, FILE_GROWING), TJOB_FILE_OK);
    machine.process.fault_function = functions[_i];
    machine.process.fault_from = machine.process.calls[functions[_i]] + (_i == 0 ? 2 : 1);
    machine.process.fault = -EIO;
    ck_assert_int_eq(store_machine_swap(&machine, sample_arn, 1, NULL), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_IO);
    ck_assert_int_eq(store_machine_swap(&machine, sample_arn, 1, NULL), TJOB_SWAP_CONFLICT);
    expect_all(&machine, versions);
    store_machine_unmake(&machine);
}
END_TEST

/* While it copies, somebody puts another store in its place, or takes the place of the new file. */
static const char *taken_path;

static int take_a_place(void *context, int file, int from)
{
    struct sim_process *process = context;
    (void)file;
    (void)from;
    EXPECT(process->table.rename(process, "other", taken_path) == 0);
    return 0;
}

START_TEST(a_growth_takes_the_place_of_its_own_store_alone)
{
    enum { OTHERS = 13 };
    static const char *const paths[] = {"store", "store.growing"};
    struct store_machine machine;
    struct sim_process grower;
    uint64_t versions[JOBS + 1];
    tjob_file_store store;
    fill(&machine, versions);
    ck_assert_int_eq(tjob__file_store_create(&machine.process.table, "other", OTHERS), TJOB_FILE_OK);
    sim_start(&grower, &machine.disk);
    struct tjob_disk disk = grower.table;
    disk.inherit = take_a_place;
    taken_path = paths[_i];
    ck_assert_int_eq(tjob__file_store_grow(&disk, "store", LARGER, WAIT_MS), TJOB_FILE_SUPERSEDED);
    ck_assert_uint_eq(sim_files_open(&grower), 0);
    ck_assert_int_eq(tjob__file_store_open(&grower.table, &store, taken_path, WAIT_MS), TJOB_FILE_OK);
    ck_assert_uint_eq(tjob_file_store_capacity(&store), OTHERS);
    tjob_file_store_close(&store);
    if (_i == 1) {
        expect_all(&machine, versions);
    }
    store_machine_unmake(&machine);
}
END_TEST

/* While it copies, the store gets another name: it stays what it was. */
static struct sim_file *linked_file;

static int link_the_store(void *context, int file, int from)
{
    (void)context, (void)file, (void)from;
    linked_file->linked = true;
    return 0;
}

START_TEST(a_store_that_gets_another_name_meanwhile_stays_what_it_was)
{
    struct store_machine machine;
    struct sim_process grower;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    sim_start(&grower, &machine.disk);
    struct tjob_disk disk = grower.table;
    disk.inherit = link_the_store;
    linked_file = file_of(&machine);
    ck_assert_int_eq(tjob__file_store_grow(&disk, "store", LARGER, WAIT_MS), TJOB_FILE_LINKED);
    ck_assert_int_eq(state_of(&machine), FILE_CURRENT);
    expect_all(&machine, versions);
    store_machine_unmake(&machine);
}
END_TEST

/* Its renaming may have been made all the same: then the old file must not be the store again. */
static int rename_and_fail(void *context, const char *from, const char *to)
{
    struct sim_process *process = context;
    EXPECT(process->table.rename(process, from, to) == 0);
    return -EIO;
}

START_TEST(a_growth_whose_renaming_fails_after_it_was_made_revives_nothing)
{
    struct store_machine machine;
    struct sim_process grower;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    sim_start(&grower, &machine.disk);
    struct tjob_disk disk = grower.table;
    disk.rename = rename_and_fail;
    ck_assert_int_eq(tjob__file_store_grow(&disk, "store", LARGER, WAIT_MS), TJOB_FILE_IO);
    sim_kill(&grower);
    ck_assert_int_eq(store_machine_swap(&machine, other_arn, 0, NULL), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_SUPERSEDED);
    reopen(&machine);
    ck_assert_uint_eq(tjob_file_store_capacity(&machine.store), LARGER);
    expect_all(&machine, versions);
    store_machine_unmake(&machine);
}
END_TEST

/* Its folder cannot be synced, so that nobody could say whether the new name is durable: it is not begun. */
START_TEST(a_growth_whose_folder_cannot_be_synced_changes_nothing)
{
    struct store_machine machine;
    struct sim_process grower;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    sim_start(&grower, &machine.disk);
    grower.fault_function = SIM_SYNC_FOLDER;
    grower.fault_from = 1;
    grower.fault = _i == 0 ? -EACCES : -ESTALE;
    ck_assert_int_eq(grow(&grower, LARGER), _i == 0 ? TJOB_FILE_NO_PERMISSION : TJOB_FILE_LINKED);
    ck_assert_uint_eq(grower.calls[SIM_WRITE], 0);
    sim_kill(&grower);
    expect_all(&machine, versions);
    store_machine_unmake(&machine);
}
END_TEST

/* The name becomes another store's when its folder is about to be synced: for the first time, or a later one. */
static unsigned lost_at;

static int lose_the_name(void *context, const char *path, int file)
{
    struct sim_process *process = context;
    if (process->calls[SIM_SYNC_FOLDER] + 1 == lost_at) {
        EXPECT(process->table.rename(process, "other", path) == 0);
    }
    return sound_sync_folder(context, path, file);
}

/* Whoever opens the store finds the other one. */
START_TEST(a_name_that_is_lost_meanwhile_is_not_taken_for_a_link)
{
    struct store_machine machine;
    struct sim_process process;
    tjob_file_store store;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    ck_assert_int_eq(tjob__file_store_create(&machine.process.table, "other", JOBS), TJOB_FILE_OK);
    const struct file_header header = tjob__file_store_header(&machine.store);
    sim_start(&process, &machine.disk);
    sound_sync_folder = process.table.sync_folder;
    struct tjob_disk disk = process.table;
    disk.sync_folder = lose_the_name;
    lost_at = _i < 2 ? 1 : (unsigned)_i - 1;
    if (_i == 0) {
        ck_assert_int_eq(tjob__file_store_create(&disk, "new", CAPACITY), TJOB_FILE_SUPERSEDED);
    } else if (_i == 1) {
        const struct tjob_disk *sound = &machine.process.table;
        ck_assert_int_eq(tjob__file_state_write(sound, machine.store.file, &header, FILE_NEW), TJOB_FILE_OK);
        ck_assert_int_eq(tjob__file_store_open(&disk, &store, "store", WAIT_MS), TJOB_FILE_OK);
        ck_assert_uint_eq(tjob_file_store_capacity(&store), JOBS);
        tjob_file_store_close(&store);
    } else {
        ck_assert_int_eq(tjob__file_store_grow(&disk, "store", LARGER, WAIT_MS), TJOB_FILE_SUPERSEDED);
    }
    ck_assert_uint_eq(sim_files_open(&process), 0);
    store_machine_unmake(&machine);
}
END_TEST

/* In a process that may have so many descriptors open. */
static tjob_file_problem grow_with_descriptors(const char *path, unsigned count)
{
    int status;
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct rlimit limit;
        int problem = TJOB_FILE_PROBLEM_COUNT;
        const bool limited = getrlimit(RLIMIT_NOFILE, &limit) == 0;
        limit.rlim_cur = count;
        if (limited && setrlimit(RLIMIT_NOFILE, &limit) == 0) {
            problem = (int)tjob_file_store_grow(path, LARGER, WAIT_MS);
        }
        limit.rlim_cur = limit.rlim_max; /* for what measures the coverage */
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        end_child(problem);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return (tjob_file_problem)WEXITSTATUS(status);
}

/* However few there are: either they are enough, or nothing has changed. */
START_TEST(a_growth_that_runs_out_of_descriptors_changes_nothing)
{
    struct folder folder;
    tjob_file_problem problem = TJOB_FILE_NO_RESOURCES;
    unsigned failed = 0;
    folder_make(&folder);
    const char *path = folder_file(&folder, "store");
    ck_assert_int_eq(tjob_file_store_create(path, CAPACITY), TJOB_FILE_OK);
    for (unsigned count = STDERR_FILENO + 2; problem != TJOB_FILE_OK; count++) {
        tjob_file_store store;
        problem = grow_with_descriptors(path, count);
        ck_assert(problem == TJOB_FILE_OK || problem == TJOB_FILE_NO_RESOURCES);
        ck_assert_int_eq(tjob_file_store_open(&store, path, WAIT_MS), TJOB_FILE_OK);
        ck_assert_uint_eq(tjob_file_store_capacity(&store), problem == TJOB_FILE_OK ? LARGER : CAPACITY);
        tjob_file_store_close(&store);
        failed += problem != TJOB_FILE_OK ? 1 : 0;
    }
    ck_assert_uint_ge(failed, 2); /* with the old file alone, and with both */
    folder_remove(&folder);
}
END_TEST

/* More buckets than are locked at a step: each is waited for. */
START_TEST(a_growth_waits_for_every_bucket)
{
    enum { BEFORE = 18500, BUCKETS = 3084, AFTER = 20000 };
    static const uint32_t held[] = {0, 1022, 1023, 1024, 2500, BUCKETS - 1};
    struct folder folder;
    folder_make(&folder);
    const char *path = folder_file(&folder, "store");
    ck_assert_int_eq(tjob_file_store_create(path, BEFORE), TJOB_FILE_OK);
    const int file = tjob__posix_disk.open(NULL, path, DISK_EXISTING);
    const uint64_t offset = tjob__file_header_bucket_offset(BUCKETS, held[_i]);
    ck_assert_int_eq(tjob__posix_disk.lock(NULL, file, DISK_LOCK, offset, FILE_BUCKET_BYTES), 0);
    ck_assert_int_eq(tjob_file_store_grow(path, AFTER, 1), TJOB_FILE_BUSY);
    tjob__posix_disk.close(NULL, file);
    folder_remove(&folder);
}
END_TEST

/* Two grow at once: the second finds, when its turn comes, that the name is another file's. */
static int (*sound_names)(void *context, const char *path, int file);

static int grow_before_names(void *context, const char *path, int file)
{
    struct sim_process *process = context;
    (void)process->table.rename(process, "other", "store");
    process->table.names = sound_names;
    return sound_names(context, path, file);
}

START_TEST(a_growth_that_comes_second_changes_nothing)
{
    struct store_machine machine;
    store_machine_make(&machine);
    ck_assert_int_eq(tjob__file_store_create(&machine.process.table, "other", LARGER), TJOB_FILE_OK);
    sound_names = machine.process.table.names;
    machine.process.table.names = grow_before_names;
    ck_assert_int_eq(grow(&machine.process, LARGER), TJOB_FILE_SUPERSEDED);
    reopen(&machine);
    ck_assert_uint_eq(tjob_file_store_capacity(&machine.store), LARGER);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_damaged_store_does_not_grow)
{
    struct store_machine machine;
    uint64_t versions[JOBS + 1];
    uint64_t size;
    fill(&machine, versions);
    memset(sim_bytes(&machine.disk, "store", &size) + tjob__file_header_bucket_offset(MACHINE_BUCKETS, 1), 1,
           FILE_BUCKET_BYTES);
    ck_assert_int_eq(grow(&machine.process, LARGER), TJOB_FILE_DAMAGED);
    ck_assert_ptr_null(sim_bytes(&machine.disk, "store.growing", &size));
    store_machine_unmake(&machine);
}
END_TEST

/* Twenty-five names that would all belong to the same two buckets of the larger file, and belong to others now. */
START_TEST(a_store_whose_names_do_not_fit_does_not_grow)
{
    enum { GROWN_TWICE = 3, BEFORE = 13, AFTER = 19, MANY = 2 * FILE_PAGE_SLOTS + 1 };
    const struct file_header larger = {
        .buckets = tjob__file_header_buckets(AFTER), .capacity = AFTER, .identity = identity_of(GROWN_TWICE)};
    struct store_machine machine;
    const unsigned count = MANY - (unsigned)_i;
    unsigned numbers[MANY];
    store_machine_make(&machine);
    ck_assert_int_eq(grow(&machine.process, BEFORE), TJOB_FILE_OK);
    reopen(&machine);
    unsigned number = 0;
    for (unsigned found = 0; found < count; number++) {
        char name[TJOB_ARN_BYTES_MAX];
        uint32_t buckets[2];
        const tjob_job job = job_of(number);
        tjob__file_header_buckets_of(&larger, store_machine_name(name, number), buckets);
        if (buckets[0] % 3 != 0 && buckets[1] % 3 != 0) { /* the second and the third of four */
            store_machine_put(&machine, store_machine_name(name, number), &job);
            numbers[found++] = number;
        }
    }
    ck_assert_int_eq(grow(&machine.process, AFTER), _i == 0 ? TJOB_FILE_FULL : TJOB_FILE_OK);
    reopen(&machine);
    ck_assert_uint_eq(tjob_file_store_capacity(&machine.store), _i == 0 ? BEFORE : AFTER);
    for (unsigned i = 0; i < count; i++) {
        char name[TJOB_ARN_BYTES_MAX];
        const tjob_job job = job_of(numbers[i]);
        ck_assert(store_machine_holds(&machine, store_machine_name(name, numbers[i]), &job));
    }
    store_machine_unmake(&machine);
}
END_TEST

/* Nobody gets there by calls; but a file can say that it has come so far. */
START_TEST(a_store_without_a_version_left_does_not_grow)
{
    const struct file_place place = {.file = identity_of(1), .bucket = 1, .page = 0};
    const struct file_place marked = {.file = identity_of(1), .bucket = 1, .page = 1};
    const uint64_t sequence = _i == 0 ? FILE_SEQUENCE_CHANGE_MAX : FILE_SEQUENCE_CHANGE_MAX - 1;
    struct store_machine machine;
    uint64_t size;
    store_machine_make(&machine);
    unsigned char *bucket =
        sim_bytes(&machine.disk, "store", &size) + tjob__file_header_bucket_offset(MACHINE_BUCKETS, 1);
    tjob__file_page_seal(bucket, &place, sequence);
    tjob__file_mark_write(bucket + FILE_PAGE_BYTES + FILE_MARK_OFFSET, &marked, sequence);
    ck_assert(store_machine_holds(&machine, sample_arn, NULL));
    ck_assert_int_eq(grow(&machine.process, LARGER), _i == 0 ? TJOB_FILE_EXHAUSTED : TJOB_FILE_OK);
    reopen(&machine);
    ck_assert_uint_eq(tjob_file_store_capacity(&machine.store), _i == 0 ? CAPACITY : LARGER);
    store_machine_unmake(&machine);
}
END_TEST

static struct folder moved_from;
static struct folder moved_to;

static int inherit_and_move(void *context, int file, int from)
{
    ck_assert_int_eq(rename(moved_from.path, moved_to.path), 0);
    return tjob__posix_disk.inherit(context, file, from);
}

/* The growth no longer knows where its new file is, which stays there until the next growth. */
START_TEST(a_folder_that_moves_during_a_growth_keeps_the_store_and_loses_the_rest_with_the_next)
{
    struct tjob_disk disk = tjob__posix_disk;
    tjob_file_store store;
    folder_make(&moved_from);
    snprintf(moved_to.path, sizeof moved_to.path, "%.500s-moved", moved_from.path);
    disk.inherit = inherit_and_move;
    ck_assert_int_eq(tjob_file_store_create(folder_file(&moved_from, "store"), CAPACITY), TJOB_FILE_OK);
    ck_assert_int_eq(tjob__file_store_grow(&disk, folder_file(&moved_from, "store"), LARGER, WAIT_MS),
                     TJOB_FILE_SUPERSEDED);
    ck_assert_int_eq(access(folder_file(&moved_to, "store.growing"), F_OK), 0);
    ck_assert_int_eq(tjob_file_store_open(&store, folder_file(&moved_to, "store"), WAIT_MS), TJOB_FILE_OK);
    ck_assert_uint_eq(tjob_file_store_capacity(&store), CAPACITY);
    tjob_file_store_close(&store);
    ck_assert_int_eq(tjob_file_store_grow(folder_file(&moved_to, "store"), LARGER, WAIT_MS), TJOB_FILE_OK);
    ck_assert_int_eq(access(folder_file(&moved_to, "store.growing"), F_OK), -1);
    folder_remove(&moved_to);
}
END_TEST

RUN_TESTS("file_growth", {a_store_that_has_grown_holds_what_it_held_and_more, 0},
          {a_store_that_has_grown_is_as_large_after_a_power_cut, 16},
          {a_page_of_before_a_growth_is_not_one_of_the_grown_store, 0},
          {a_machine_without_random_bytes_makes_no_store, 0}, {a_store_with_a_name_of_another_bucket_does_not_grow, 3},
          {a_store_that_has_grown_reports_a_bucket_that_was_zeroed, 0}, {what_would_not_be_a_growth_is_refused, 0},
          {a_store_with_another_name_does_not_grow, 0}, {a_store_that_has_grown_belongs_to_whom_it_did, 0},
          {a_store_that_would_belong_to_another_does_not_grow, 0}, {a_growth_waits_for_a_call_and_gives_up, 0},
          {a_growth_that_fails_at_any_call_leaves_a_whole_store, 2}, {a_file_that_took_the_last_room_can_be_opened, 2},
          {a_growth_that_dies_before_any_change_leaves_a_whole_store, 0},
          {a_growth_that_cannot_rename_gives_the_old_file_back, 0}, {a_growth_that_cannot_say_so_changes_nothing, 0},
          {nobody_uses_a_file_before_its_name_is_durable, 0}, {a_creation_that_fails_late_has_been_used_by_nobody, 0},
          {a_creation_that_fails_removes_nobodys_file, 0},
          {a_file_is_said_to_be_the_store_only_if_nothing_was_said_of_it, 0},
          {a_growth_keeps_new_calls_out_until_it_ends_or_dies, 2}, {a_call_that_cannot_open_the_gate_is_unavailable, 2},
          {who_waits_for_the_header_goes_by_what_is_said_then, 0},
          {a_growth_whose_renaming_fails_after_it_was_made_revives_nothing, 0},
          {a_growth_whose_folder_cannot_be_synced_changes_nothing, 2},
          {a_name_that_is_lost_meanwhile_is_not_taken_for_a_link, 5},
          {a_growth_that_runs_out_of_descriptors_changes_nothing, 0},
          {a_growth_takes_the_place_of_its_own_store_alone, 2},
          {a_store_that_gets_another_name_meanwhile_stays_what_it_was, 0}, {a_growth_waits_for_every_bucket, 6},
          {a_growth_that_comes_second_changes_nothing, 0}, {a_damaged_store_does_not_grow, 0},
          {a_store_whose_names_do_not_fit_does_not_grow, 2}, {a_store_without_a_version_left_does_not_grow, 2},
          {a_folder_that_moves_during_a_growth_keeps_the_store_and_loses_the_rest_with_the_next, 0})
