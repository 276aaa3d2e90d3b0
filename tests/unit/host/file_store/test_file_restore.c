/* A store that is restored from a backup: what it holds, and that it gives no version and no incarnation again. */
#include <errno.h>
#include <string.h>

#include "host/file_store/create.h"
#include "host/file_store/grow.h"
#include "host/file_store/store.h"
#include "support/jobs.h"
#include "support/store_machine.h"
#include "support/suite.h"

enum { JOBS = 8, LARGER = 24, NOW_MS = 1000000 };

static tjob_job job_of(unsigned number)
{
    tjob_job job = sample_job(TJOB_TRAINING);
    job.host_code = number;
    return job;
}

/* A machine with a store that holds some jobs, and a backup of it; the versions of the jobs. */
static void fill(struct store_machine *machine, uint64_t versions[JOBS])
{
    char name[TJOB_ARN_BYTES_MAX];
    store_machine_make(machine);
    for (unsigned i = 0; i < JOBS; i++) {
        const tjob_job job = job_of(i);
        store_machine_put(machine, store_machine_name(name, i), &job);
        versions[i] = store_machine_version(machine, store_machine_name(name, i));
    }
    EXPECT(tjob_file_store_copy(&machine->store, "backup", NULL, 0) == TJOB_FILE_OK);
}

/* A process that restores, or uses what was restored. */
struct user {
    struct sim_process process;
    tjob_file_store store;
};

static tjob_file_problem open_by(struct user *user, const char *path, enum file_access access)
{
    return tjob__file_store_open_for(&user->process.table, &user->store, path, WAIT_MS, access);
}

static tjob_file_problem restore(struct user *user, const char *path, uint64_t now_ms)
{
    const tjob_file_problem opened = open_by(user, "backup", FILE_ACCESS_READ);
    if (opened != TJOB_FILE_OK) {
        return opened;
    }
    const tjob_file_problem problem = tjob_file_store_restore(&user->store, path, 0, now_ms);
    tjob_file_store_close(&user->store);
    return problem;
}

static tjob_load_status load_by(struct user *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    const tjob_store callbacks = tjob_file_store_callbacks(&user->store);
    return callbacks.load(callbacks.context, NULL, arn, job, version);
}

static void expect_restored(struct user *user, const char *path, const uint64_t versions[JOBS])
{
    char name[TJOB_ARN_BYTES_MAX];
    EXPECT(open_by(user, path, FILE_ACCESS_CHANGE) == TJOB_FILE_OK);
    for (unsigned i = 0; i < JOBS; i++) {
        const tjob_job job = job_of(i);
        tjob_job found;
        uint64_t version;
        EXPECT(load_by(user, store_machine_name(name, i), &found, &version) == TJOB_LOAD_OK);
        EXPECT(version == versions[i] && memcmp(&found, &job, sizeof job) == 0);
    }
    tjob_file_store_close(&user->store);
}

/* The version of an absence, which is one below the incarnation that a submit begins. */
static uint64_t next_absence(struct user *user, const char *path)
{
    tjob_job found;
    uint64_t version = 0;
    EXPECT(open_by(user, path, FILE_ACCESS_CHANGE) == TJOB_FILE_OK);
    EXPECT(load_by(user, other_arn, &found, &version) == TJOB_LOAD_NOT_FOUND);
    tjob_file_store_close(&user->store);
    return version;
}

START_TEST(a_restored_store_holds_what_the_backup_holds_and_can_be_used)
{
    struct store_machine machine;
    struct user user;
    uint64_t versions[JOBS];
    char name[TJOB_ARN_BYTES_MAX];
    uint64_t version;
    tjob_job found;
    const tjob_job job = job_of(1000);
    fill(&machine, versions);
    sim_start(&user.process, &machine.disk);
    ck_assert_int_eq(restore(&user, "new", NOW_MS), TJOB_FILE_OK);
    ck_assert_uint_eq(sim_files_open(&user.process), 0);
    expect_restored(&user, "new", versions);
    const uint64_t raised = ((uint64_t)NOW_MS << 10) + TJOB_FILE_STORE_RESTORE_RAISE;
    ck_assert_uint_eq(next_absence(&user, "new"), raised);
    ck_assert_int_eq(open_by(&user, "new", FILE_ACCESS_CHANGE), TJOB_FILE_OK);
    const tjob_store callbacks = tjob_file_store_callbacks(&user.store);
    ck_assert_int_eq(callbacks.swap(&user.store, NULL, store_machine_name(name, 0), versions[0], &job), TJOB_SWAP_OK);
    ck_assert_int_eq(load_by(&user, store_machine_name(name, 0), &found, &version), TJOB_LOAD_OK);
    ck_assert_uint_gt(version, raised);
    ck_assert_int_eq(callbacks.swap(&user.store, NULL, store_machine_name(name, 0), version, NULL), TJOB_SWAP_OK);
    ck_assert_int_eq(load_by(&user, store_machine_name(name, 0), &found, &version), TJOB_LOAD_NOT_FOUND);
    ck_assert_uint_gt(version, raised);
    tjob_file_store_close(&user.store);
    store_machine_unmake(&machine);
}
END_TEST

/* Of a clock that stands still, or was set back, the backup of a restored store makes up. */
START_TEST(what_is_restored_later_gives_higher_versions)
{
    struct store_machine machine;
    struct user user;
    uint64_t versions[JOBS];
    fill(&machine, versions);
    sim_start(&user.process, &machine.disk);
    ck_assert_int_eq(restore(&user, "first", NOW_MS), TJOB_FILE_OK);
    ck_assert_int_eq(restore(&user, "second", NOW_MS + 1), TJOB_FILE_OK);
    const uint64_t first = next_absence(&user, "first");
    ck_assert_uint_eq(next_absence(&user, "second"), first + 1024);
    ck_assert_int_eq(open_by(&user, "first", FILE_ACCESS_CHANGE), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_copy(&user.store, "copy", NULL, 0), TJOB_FILE_OK);
    tjob_file_store_close(&user.store);
    ck_assert_int_eq(open_by(&user, "copy", FILE_ACCESS_READ), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_restore(&user.store, "third", 0, 0), TJOB_FILE_OK);
    tjob_file_store_close(&user.store);
    ck_assert_uint_ge(next_absence(&user, "third"), first + TJOB_FILE_STORE_RESTORE_RAISE);
    store_machine_unmake(&machine);
}
END_TEST

/* Bucket 0 loses its content, and is given up. */
static void lose_bucket(struct user *user, struct sim_disk *disk, const char *path, uint64_t now_ms)
{
    uint64_t size;
    EXPECT(open_by(user, path, FILE_ACCESS_CHANGE) == TJOB_FILE_OK);
    memset(sim_bytes(disk, path, &size) + user->store.begin, 0, FILE_BUCKET_BYTES);
    EXPECT(tjob_file_store_give_up(&user->store, 0, now_ms) == TJOB_FILE_OK);
    tjob_file_store_close(&user->store);
}

/* The store of the backup, or one that was restored from it before (_i = 1), gives up buckets and grows in between. */
START_TEST(a_restoration_is_above_give_ups_and_growths_since_the_backup)
{
    struct store_machine machine;
    struct user user;
    uint64_t versions[JOBS];
    uint64_t now_ms = UINT64_C(1800000000000);
    const char *const store = _i == 0 ? "store" : "first";
    fill(&machine, versions);
    sim_start(&user.process, &machine.disk);
    ck_assert_int_eq(restore(&user, "first", now_ms++), TJOB_FILE_OK);
    lose_bucket(&user, &machine.disk, store, now_ms++);
    ck_assert_int_eq(tjob__file_store_grow(&user.process.table, store, CAPACITY + 6, WAIT_MS), TJOB_FILE_OK);
    const uint64_t grown = next_absence(&user, store);
    lose_bucket(&user, &machine.disk, store, now_ms++);
    const uint64_t given_up = next_absence(&user, store);
    ck_assert_uint_gt(given_up, grown);
    ck_assert_int_eq(restore(&user, "new", now_ms), TJOB_FILE_OK);
    ck_assert_uint_gt(next_absence(&user, "new"), given_up);
    store_machine_unmake(&machine);
}
END_TEST

/* A store that was filled beyond its capacity: its jobs fit into a larger one. */
START_TEST(a_capacity_may_be_given)
{
    enum { FULL = SLOTS };
    struct store_machine machine;
    struct user user;
    const tjob_job job = sample_job(TJOB_TRAINED);
    char name[TJOB_ARN_BYTES_MAX];
    store_machine_make(&machine);
    for (unsigned i = 0; i < FULL; i++) {
        store_machine_put(&machine, store_machine_name(name, i), &job);
    }
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "backup", NULL, 0), TJOB_FILE_OK);
    sim_start(&user.process, &machine.disk);
    ck_assert_int_eq(open_by(&user, "backup", FILE_ACCESS_READ), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_restore(&user.store, "new", TJOB_FILE_STORE_JOBS_MAX + 1, NOW_MS),
                     TJOB_FILE_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_file_store_restore(&user.store, "new", LARGER, NOW_MS), TJOB_FILE_OK);
    tjob_file_store_close(&user.store);
    ck_assert_int_eq(open_by(&user, "new", FILE_ACCESS_CHANGE), TJOB_FILE_OK);
    ck_assert_uint_eq(tjob_file_store_capacity(&user.store), LARGER);
    for (unsigned i = 0; i < FULL; i++) {
        tjob_job found;
        uint64_t version;
        ck_assert_int_eq(load_by(&user, store_machine_name(name, i), &found, &version), TJOB_LOAD_OK);
    }
    tjob_file_store_close(&user.store);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(what_would_not_be_a_restoration_is_refused)
{
    struct store_machine machine;
    struct user user;
    uint64_t versions[JOBS];
    uint64_t size;
    fill(&machine, versions);
    sim_start(&user.process, &machine.disk);
    ck_assert_int_eq(tjob_file_store_restore(&machine.store, "new", 0, NOW_MS), TJOB_FILE_NOT_A_BACKUP);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_NOT_A_BACKUP);
    ck_assert_int_eq(restore(&user, "store", NOW_MS), TJOB_FILE_EXISTS);
    ck_assert_int_eq(restore(&user, "backup", NOW_MS), TJOB_FILE_EXISTS);
    ck_assert_int_eq(restore(&user, "", NOW_MS), TJOB_FILE_INVALID_PATH);
    ck_assert_int_eq(restore(&user, NULL, NOW_MS), TJOB_FILE_INVALID_PATH);
    ck_assert_int_eq(restore(&user, "new", TJOB_FILE_STORE_NOW_MS_MAX + 1), TJOB_FILE_INVALID_ARGUMENT);
    ck_assert_int_eq(open_by(&user, "backup", FILE_ACCESS_READ), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_problem(&user.store), TJOB_FILE_OK);
    /* no version is left, or none above the bound */
    for (int i = 0; i < 2; i++) {
        user.store.base = i == 0 ? FILE_SEQUENCE_MAX - 1 : FILE_SEQUENCE_CHANGE_MAX - TJOB_FILE_STORE_RESTORE_RAISE;
        user.store.problem = TJOB_FILE_OK;
        ck_assert_int_eq(tjob_file_store_restore(&user.store, "new", 0, NOW_MS), TJOB_FILE_EXHAUSTED);
        ck_assert_int_eq(tjob_file_store_problem(&user.store), TJOB_FILE_EXHAUSTED);
    }
    tjob_file_store_close(&user.store);
    ck_assert_ptr_null(sim_bytes(&machine.disk, "new", &size));
    ck_assert_int_eq(restore(&user, "new", NOW_MS), TJOB_FILE_OK);
    ck_assert_int_eq(restore(&user, "new", NOW_MS), TJOB_FILE_EXISTS);
    expect_restored(&user, "new", versions);
    expect_restored(&user, "store", versions);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_backup_that_is_damaged_is_not_restored)
{
    struct store_machine machine;
    struct user user;
    uint64_t versions[JOBS];
    uint64_t size;
    fill(&machine, versions);
    sim_start(&user.process, &machine.disk);
    sim_bytes(&machine.disk, "backup", &size)[machine.store.begin + 100] ^= 1;
    ck_assert_int_eq(open_by(&user, "backup", FILE_ACCESS_READ), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_restore(&user.store, "new", 0, NOW_MS), TJOB_FILE_DAMAGED);
    ck_assert_int_eq(tjob_file_store_problem(&user.store), TJOB_FILE_DAMAGED);
    tjob_file_store_close(&user.store);
    ck_assert_ptr_null(sim_bytes(&machine.disk, "new", &size));
    store_machine_unmake(&machine);
}
END_TEST

/* ---- Which file failed ----------------------------------------------------------------------------------------- */

/* A read of one file fails: the nth of the file that is read from, or of any other, the new one. */
static int64_t (*plain_read)(void *context, int file, uint64_t offset, void *bytes, size_t count);
static int from_file;
static bool reads_from;
static unsigned until_failure;

static int64_t read_or_fail(void *context, int file, uint64_t offset, void *bytes, size_t count)
{
    return (file == from_file) == reads_from && --until_failure == 0 ? -EIO
                                                                     : plain_read(context, file, offset, bytes, count);
}

/* The name of the new file is gone when it is to be made durable. */
static int fail_sync_folder(void *context, const char *path, int file)
{
    (void)context;
    (void)path;
    (void)file;
    return -ENOENT;
}

/* Makes a file from another, while the nth read of one of them fails, or the name of the new one gets lost. */
static tjob_file_problem make_and_fail(bool restores, unsigned nth, bool loses_name, tjob_file_problem *noted)
{
    struct store_machine machine;
    struct user user;
    uint64_t versions[JOBS];
    fill(&machine, versions);
    sim_start(&user.process, &machine.disk);
    EXPECT(open_by(&user, restores ? "backup" : "store", FILE_ACCESS_READ) == TJOB_FILE_OK);
    from_file = user.store.file;
    until_failure = nth;
    plain_read = user.process.table.read;
    user.process.table.read = read_or_fail;
    user.process.table.sync_folder = loses_name ? fail_sync_folder : user.process.table.sync_folder;
    const tjob_file_problem problem = restores ? tjob_file_store_restore(&user.store, "new", 0, NOW_MS)
                                               : tjob_file_store_copy(&user.store, "new", NULL, 0);
    *noted = tjob_file_store_problem(&user.store);
    tjob_file_store_close(&user.store);
    store_machine_unmake(&machine);
    return problem;
}

START_TEST(a_problem_of_the_new_file_is_not_noted_as_one_of_the_other)
{
    const bool restores = _i % 2 != 0;
    tjob_file_problem noted;
    unsigned call = 0;
    reads_from = _i / 2 != 0;
    do {
        const tjob_file_problem problem = make_and_fail(restores, ++call, false, &noted);
        ck_assert_int_eq(noted, reads_from ? problem : TJOB_FILE_OK);
    } while (until_failure == 0 || until_failure > call); /* it has come to the failure, or gone past it */
    ck_assert_uint_gt(call, 2);
    ck_assert_int_eq(make_and_fail(restores, call, true, &noted), TJOB_FILE_SUPERSEDED);
    ck_assert_int_eq(noted, TJOB_FILE_OK);
}
END_TEST

/* ---- Failures -------------------------------------------------------------------------------------------------- */

static unsigned forgiven; /* writes that failed, of restorations that came to their end */

static bool try_fault(enum sim_function function, unsigned call, int error)
{
    struct store_machine machine;
    struct user user;
    uint64_t versions[JOBS];
    uint64_t size;
    fill(&machine, versions);
    sim_start(&user.process, &machine.disk);
    user.process.fault_function = function;
    user.process.fault_from = call;
    user.process.fault = -error;
    const tjob_file_problem problem = restore(&user, "new", NOW_MS);
    const bool made = user.process.calls[function] >= call;
    EXPECT(made || problem == TJOB_FILE_OK);
    EXPECT(sim_files_open(&user.process) == 0);
    forgiven += made && function == SIM_WRITE && problem == TJOB_FILE_OK;
    user.process.fault_from = 0;
    if (problem == TJOB_FILE_OK) {
        expect_restored(&user, "new", versions);
    } else {
        EXPECT(sim_bytes(&machine.disk, "new", &size) == NULL);
    }
    EXPECT(machine.disk.lock_count == 0);
    store_machine_unmake(&machine);
    return made;
}

START_TEST(a_restoration_that_fails_at_any_call_leaves_no_store)
{
    static const int errors[] = {EIO, ENOSPC};
    forgiven = 0;
    for (int function = SIM_OPEN; function < SIM_FUNCTION_COUNT; function++) {
        for (unsigned call = 1; try_fault((enum sim_function)function, call, errors[_i]); call++) {
        }
    }
    ck_assert_uint_eq(forgiven, 1); /* that it is current */
}
END_TEST

enum { CAPACITY_OF_600 = 3600, BYTES_OF_600 = 603 * FILE_BUCKET_BYTES };

/* A machine with a store of 600 buckets, and a backup of it. */
static void fill_600(struct store_machine *machine, uint64_t versions[JOBS])
{
    char name[TJOB_ARN_BYTES_MAX];
    sim_init(&machine->disk, BYTES_OF_600, SEED);
    sim_start(&machine->process, &machine->disk);
    EXPECT(tjob__file_store_create(&machine->process.table, "store", CAPACITY_OF_600) == TJOB_FILE_OK);
    EXPECT(store_machine_open(machine) == TJOB_FILE_OK);
    for (unsigned i = 0; i < JOBS; i++) {
        const tjob_job job = job_of(i);
        store_machine_put(machine, store_machine_name(name, i), &job);
        versions[i] = store_machine_version(machine, store_machine_name(name, i));
    }
    EXPECT(tjob_file_store_copy(&machine->store, "backup", NULL, 0) == TJOB_FILE_OK);
}

/* Buckets whose records are in several pieces: some read or write of each piece fails. */
START_TEST(a_restoration_of_many_buckets_that_fails_at_any_call_leaves_no_store)
{
    static const enum sim_function functions[] = {SIM_READ, SIM_WRITE};
    tjob_file_problem problem = TJOB_FILE_IO;
    for (unsigned call = 1; problem != TJOB_FILE_OK; call += call < 40 ? 1 : 16) {
        struct store_machine machine;
        struct user user;
        uint64_t versions[JOBS];
        uint64_t size;
        fill_600(&machine, versions);
        sim_start(&user.process, &machine.disk);
        user.process.fault_function = functions[_i];
        user.process.fault_from = call;
        user.process.fault = -EIO;
        problem = restore(&user, "new", NOW_MS);
        EXPECT((sim_bytes(&machine.disk, "new", &size) == NULL) == (problem != TJOB_FILE_OK));
        user.process.fault_from = 0;
        if (problem == TJOB_FILE_OK) {
            expect_restored(&user, "new", versions);
        }
        sim_kill(&user.process);
        store_machine_unmake(&machine);
    }
}
END_TEST

START_TEST(a_restoration_that_dies_before_any_change_leaves_a_whole_store_or_none)
{
    for (unsigned change = 1;; change++) {
        struct store_machine machine;
        struct user user;
        uint64_t versions[JOBS];
        fill(&machine, versions);
        machine.disk.random = change;
        sim_start(&user.process, &machine.disk);
        user.process.dies_at = change;
        const tjob_file_problem problem = restore(&user, "new", NOW_MS);
        const bool died = user.process.dead;
        sim_kill(&user.process);
        if (_i != 0) {
            sim_kill(&machine.process);
            sim_power_cut(&machine.disk, _i == 1 ? SIM_TEARS_BYTES : SIM_TEARS_BLOCKS);
        }
        sim_start(&user.process, &machine.disk);
        const tjob_file_problem opened = open_by(&user, "new", FILE_ACCESS_CHANGE);
        EXPECT(problem != TJOB_FILE_OK || opened == TJOB_FILE_OK);
        if (opened == TJOB_FILE_OK) {
            tjob_file_store_close(&user.store);
            expect_restored(&user, "new", versions);
        }
        sim_kill(&user.process);
        store_machine_unmake(&machine);
        if (!died) {
            break;
        }
    }
}
END_TEST

RUN_TESTS("file_restore", {a_restored_store_holds_what_the_backup_holds_and_can_be_used, 0},
          {what_is_restored_later_gives_higher_versions, 0},
          {a_restoration_is_above_give_ups_and_growths_since_the_backup, 2}, {a_capacity_may_be_given, 0},
          {what_would_not_be_a_restoration_is_refused, 0}, {a_backup_that_is_damaged_is_not_restored, 0},
          {a_problem_of_the_new_file_is_not_noted_as_one_of_the_other, 4},
          {a_restoration_that_fails_at_any_call_leaves_no_store, 2},
          {a_restoration_of_many_buckets_that_fails_at_any_call_leaves_no_store, 2},
          {a_restoration_that_dies_before_any_change_leaves_a_whole_store_or_none, 3})
