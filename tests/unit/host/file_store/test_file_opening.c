/* Making and opening a file store, and calls with what is no argument. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/file_store/create.h"
#include "host/file_store/grow.h"
#include "host/file_store/store.h"
#include "support/folder.h"
#include "support/jobs.h"
#include "support/store_machine.h"
#include "support/suite.h"

START_TEST(what_no_store_can_be_made_with_is_refused)
{
    struct store_machine machine;
    char path[TJOB_FILE_STORE_PATH_BYTES_MAX + 1];
    tjob_file_store store;
    store_machine_make(&machine);
    const struct tjob_disk *disk = &machine.process.table;
    ck_assert_int_eq(tjob__file_store_create(disk, "new", TJOB_FILE_STORE_JOBS_MAX + 1), TJOB_FILE_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob__file_store_create(disk, "new", TJOB_FILE_STORE_JOBS_MAX), TJOB_FILE_NO_SPACE);
    ck_assert_int_eq(tjob__file_store_create(disk, "", CAPACITY), TJOB_FILE_INVALID_PATH);
    ck_assert_int_eq(tjob__file_store_create(disk, NULL, CAPACITY), TJOB_FILE_INVALID_PATH);
    ck_assert_int_eq(tjob__file_store_create(disk, "store", CAPACITY), TJOB_FILE_EXISTS);
    ck_assert_int_eq(tjob__file_store_open(disk, &store, "", WAIT_MS), TJOB_FILE_INVALID_PATH);
    ck_assert_int_eq(tjob__file_store_open(disk, &store, NULL, WAIT_MS), TJOB_FILE_INVALID_PATH);
    ck_assert_int_eq(tjob__file_store_open(disk, NULL, "store", WAIT_MS), TJOB_FILE_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob__file_store_open(disk, &store, "new", WAIT_MS), TJOB_FILE_MISSING);
    for (size_t i = 0; i < sizeof path; i++) {
        path[i] = i % 2 == 0 ? '/' : 'a';
    }
    path[TJOB_FILE_STORE_PATH_BYTES_MAX] = '\0';
    ck_assert(!tjob__file_store_path_fits(path, 0));
    ck_assert_int_eq(tjob__file_store_create(disk, path, CAPACITY), TJOB_FILE_INVALID_PATH);
    ck_assert_int_eq(tjob__file_store_open(disk, &store, path, WAIT_MS), TJOB_FILE_INVALID_PATH);
    path[TJOB_FILE_STORE_PATH_BYTES_MAX - 1] = '\0';
    ck_assert(tjob__file_store_path_fits(path, 0) && !tjob__file_store_path_fits(path, 1));
    memset(path, 'a', 248); /* and no place for ".growing" */
    path[248] = '\0';
    ck_assert_int_eq(tjob__file_store_create(disk, path, CAPACITY), TJOB_FILE_INVALID_PATH);
    ck_assert(tjob__file_store_path_fits(path, 7) && !tjob__file_store_path_fits(path, 8));
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_store_is_made_as_large_as_it_is_to_be)
{
    static const struct {
        uint64_t capacity;
        uint64_t wanted;
        uint32_t buckets;
    } cases[] = {{0, TJOB_FILE_STORE_JOBS_DEFAULT, 166667}, {1, 1, 2}, {13, 13, 3}};
    struct folder folder;
    tjob_file_store store;
    folder_make(&folder);
    const char *path = folder_file(&folder, "store");
    ck_assert_int_eq(tjob_file_store_create(path, cases[_i].capacity), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_open(&store, path, 0), TJOB_FILE_OK);
    ck_assert_uint_eq(tjob_file_store_capacity(&store), cases[_i].wanted);
    ck_assert_uint_eq(tjob_file_store_buckets(&store), cases[_i].buckets);
    ck_assert_uint_eq(store.wait_ms, TJOB_FILE_STORE_WAIT_MS_DEFAULT);
    ck_assert_int_eq(tjob_file_store_problem(&store), TJOB_FILE_OK);
    tjob_file_store_close(&store);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_store_grows_on_the_systems_disk)
{
    struct folder folder;
    tjob_file_store store;
    folder_make(&folder);
    const char *path = folder_file(&folder, "store");
    ck_assert_int_eq(tjob_file_store_create(path, CAPACITY), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_grow(path, CAPACITY, 0), TJOB_FILE_NOT_LARGER);
    ck_assert_int_eq(tjob_file_store_grow(path, CAPACITY + 1, 0), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_open(&store, path, WAIT_MS), TJOB_FILE_OK);
    ck_assert_uint_eq(tjob_file_store_capacity(&store), CAPACITY + 1);
    ck_assert_uint_eq(store.wait_ms, WAIT_MS);
    tjob_file_store_close(&store);
    folder_remove(&folder);
}
END_TEST

/* ---- Failures -----------------------------------------------------------------------------------------------------
 */

static bool exists(struct store_machine *machine, const char *path)
{
    uint64_t size;
    return sim_bytes(&machine->disk, path, &size) != NULL;
}

/*
 * What fails leaves no file, and none open; what succeeds survives a power cut. To say that the file is the store,
 * which comes last and is written only then, may fail: whoever opens it says so.
 */
static bool try_creation(enum sim_function function, unsigned call)
{
    struct store_machine machine;
    store_machine_make(&machine);
    sim_kill(&machine.process);
    sim_start(&machine.process, &machine.disk);
    machine.process.fault_function = function;
    machine.process.fault_from = call;
    machine.process.fault = -EIO;
    const tjob_file_problem problem = tjob__file_store_create(&machine.process.table, "new", CAPACITY);
    const bool made = machine.process.calls[function] >= call;
    const bool ends =
        (function == SIM_WRITE && call == 4) || (function == SIM_LOCK && call == 2); /* so may the unlocking */
    const bool fails = made && !ends;
    EXPECT(problem == (fails ? TJOB_FILE_IO : TJOB_FILE_OK) && exists(&machine, "new") == !fails);
    EXPECT(machine.disk.handles[0].process == NULL);
    sim_kill(&machine.process);
    sim_power_cut(&machine.disk, SIM_TEARS_BLOCKS);
    EXPECT(fails || exists(&machine, "new"));
    store_machine_unmake(&machine);
    return made;
}

START_TEST(a_creation_that_fails_leaves_nothing)
{
    static const enum sim_function functions[] = {SIM_OPEN, SIM_RESIZE, SIM_WRITE, SIM_SYNC, SIM_SYNC_FOLDER, SIM_LOCK};
    unsigned call = 1;
    while (try_creation(functions[_i], call)) {
        call++;
    }
    ck_assert_uint_gt(call, 1);
}
END_TEST

static int keep_no_path(void *context, const char *path, char *absolute)
{
    (void)context, (void)path, (void)absolute;
    return -ENAMETOOLONG;
}

static int keep_a_long_path(void *context, const char *path, char *absolute)
{
    (void)context, (void)path;
    for (size_t i = 0; i < TJOB_FILE_STORE_PATH_BYTES_MAX - 8; i++) {
        absolute[i] = i % 2 == 0 ? '/' : 'a';
    }
    absolute[TJOB_FILE_STORE_PATH_BYTES_MAX - 8] = '\0';
    return 0;
}

START_TEST(a_path_that_cannot_be_kept_is_refused)
{
    struct store_machine machine;
    tjob_file_store store;
    store_machine_make(&machine);
    struct tjob_disk disk = machine.process.table;
    disk.absolute = keep_no_path;
    ck_assert_int_eq(tjob__file_store_open(&disk, &store, "store", WAIT_MS), TJOB_FILE_INVALID_PATH);
    ck_assert_int_eq(tjob__file_store_grow(&disk, "store", 100, WAIT_MS), TJOB_FILE_INVALID_PATH);
    ck_assert_int_eq(tjob__file_store_create(&disk, "new", CAPACITY), TJOB_FILE_INVALID_PATH);
    ck_assert(!exists(&machine, "new"));
    disk.absolute = keep_a_long_path;
    ck_assert_int_eq(tjob__file_store_grow(&disk, "store", 100, WAIT_MS), TJOB_FILE_INVALID_PATH);
    ck_assert_int_eq(tjob__file_store_create(&disk, "new", CAPACITY), TJOB_FILE_INVALID_PATH);
    ck_assert(!exists(&machine, "new")); /* nobody could open it, or make it grow */
    store_machine_unmake(&machine);
}
END_TEST

/* Takes its state away: nobody knows whether the store and its name are durable. */
static void forget_state(struct store_machine *machine)
{
    uint64_t size;
    sim_kill(&machine->process);
    memset(sim_bytes(&machine->disk, "store", &size) + FILE_STATE_OFFSET, 0, FILE_STATE_BYTES);
}

static tjob_file_problem open_with_fault(struct store_machine *machine, enum sim_function function, unsigned call,
                                         bool *made)
{
    tjob_file_store store;
    sim_start(&machine->process, &machine->disk);
    machine->process.fault_function = function;
    machine->process.fault_from = call;
    machine->process.fault = -EIO;
    const tjob_file_problem problem = tjob__file_store_open(&machine->process.table, &store, "store", WAIT_MS);
    *made = machine->process.calls[function] >= call;
    if (problem == TJOB_FILE_OK) {
        tjob_file_store_close(&store);
    }
    EXPECT(machine->disk.handles[0].process == NULL && machine->disk.lock_count == 0);
    sim_kill(&machine->process);
    return problem;
}

START_TEST(an_opening_that_fails_leaves_the_store_and_nothing_open)
{
    static const enum sim_function functions[] = {SIM_OPEN,  SIM_READ,  SIM_SIZE, SIM_LOCK,
                                                  SIM_NAMES, SIM_WRITE, SIM_SYNC, SIM_SYNC_FOLDER};
    struct store_machine machine;
    bool made = true;
    store_machine_make(&machine);
    for (unsigned call = 1; made; call++) {
        forget_state(&machine);
        const tjob_file_problem problem = open_with_fault(&machine, functions[_i], call, &made);
        /* An unlock notifies nobody. Either header is enough; they are read first and last. */
        const bool does_not_matter =
            (functions[_i] == SIM_LOCK && call == 2) || (functions[_i] == SIM_READ && call != 3 && call != 4);
        ck_assert_int_eq(problem, made && !does_not_matter ? TJOB_FILE_IO : TJOB_FILE_OK);
    }
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_OK);
    ck_assert(store_machine_holds(&machine, sample_arn, NULL));
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_store_of_which_that_is_not_known_is_made_durable_by_who_opens_it)
{
    struct store_machine machine;
    store_machine_make(&machine);
    ck_assert_uint_eq(machine.process.calls[SIM_SYNC] + machine.process.calls[SIM_SYNC_FOLDER], 0);
    forget_state(&machine);
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_OK);
    ck_assert_uint_eq(machine.process.calls[SIM_SYNC], 3); /* after each header, and of the whole */
    ck_assert_uint_eq(machine.process.calls[SIM_SYNC_FOLDER], 1);
    sim_kill(&machine.process);
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_OK);
    ck_assert_uint_eq(machine.process.calls[SIM_SYNC] + machine.process.calls[SIM_SYNC_FOLDER], 0);
    ck_assert_uint_eq(machine.process.calls[SIM_READ], 3); /* header, copy, state */
    store_machine_unmake(&machine);
}
END_TEST

/* A creation died when it had written one of the header and its copy, or a crash has left only one of them. */
START_TEST(an_unfinished_creation_is_completed_by_who_opens_the_file)
{
    static const uint64_t offsets[] = {0, FILE_HEADER_COPY_OFFSET};
    struct store_machine machine;
    unsigned char sound[FILE_HEADER_BYTES];
    uint64_t size;
    store_machine_make(&machine);
    unsigned char *file = sim_bytes(&machine.disk, "store", &size);
    memcpy(sound, file, sizeof sound);
    memset(file + offsets[_i], 0, sizeof sound);
    forget_state(&machine);
    bool made;
    ck_assert_int_eq(open_with_fault(&machine, SIM_WRITE, 1, &made), TJOB_FILE_IO);
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_inspect_header(&machine.store), TJOB_FILE_OK);
    file = sim_bytes(&machine.disk, "store", &size);
    ck_assert_mem_eq(file, sound, sizeof sound);
    ck_assert_mem_eq(file + FILE_HEADER_COPY_OFFSET, sound, sizeof sound);
    /* It is damage later on, which is reported and not concealed. */
    memset(file + offsets[0], 0, sizeof sound);
    sim_kill(&machine.process);
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_inspect_header(&machine.store), TJOB_FILE_DAMAGED);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(an_opening_waits_for_a_growth_and_gives_up)
{
    struct store_machine machine;
    struct sim_process other;
    store_machine_make(&machine);
    forget_state(&machine);
    sim_start(&other, &machine.disk);
    const int file = other.table.open(&other, "store", DISK_EXISTING);
    ck_assert_int_eq(other.table.lock(&other, file, DISK_LOCK, FILE_STATE_OFFSET - 1, 1), 0);
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_BUSY);
    ck_assert_uint_eq(machine.process.paused_us, WAIT_MS * 1000);
    sim_kill(&other);
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_OK);
    store_machine_unmake(&machine);
}
END_TEST

/* The name is another file's when the one that was opened is looked at: so many times. */
static unsigned strangers;

static int names_another(void *context, const char *path, int file)
{
    (void)context;
    (void)path;
    (void)file;
    return strangers-- == 0 ? DISK_NAMES_ALONE : DISK_NAMES_ANOTHER;
}

START_TEST(a_store_that_grows_while_it_is_opened_is_opened_again)
{
    struct store_machine machine;
    tjob_file_store store;
    store_machine_make(&machine);
    forget_state(&machine);
    sim_start(&machine.process, &machine.disk);
    machine.process.table.names = names_another;
    strangers = (unsigned)_i;
    const tjob_file_problem wanted = _i < 64 ? TJOB_FILE_OK : TJOB_FILE_SUPERSEDED;
    ck_assert_int_eq(tjob__file_store_open(&machine.process.table, &store, "store", WAIT_MS), wanted);
    ck_assert_uint_eq(machine.process.calls[SIM_OPEN], _i < 64 ? (unsigned)_i + 1 : 64U);
    store_machine_unmake(&machine);
}
END_TEST

/* ---- Calls --------------------------------------------------------------------------------------------------------
 */

START_TEST(what_is_no_argument_is_unavailable)
{
    static const char bytes[TJOB_ARN_BYTES_MAX + 1] = {'a'};
    static const size_t counts[] = {0, 1, TJOB_ARN_BYTES_MAX, TJOB_ARN_BYTES_MAX + 1};
    const tjob_text arn = {bytes, counts[_i]};
    const bool valid = _i == 1 || _i == 2;
    struct store_machine machine;
    tjob_job job = sample_job(TJOB_TRAINING);
    uint64_t version;
    store_machine_make(&machine);
    ck_assert_int_eq(store_machine_load(&machine, arn, &job, &version),
                     valid ? TJOB_LOAD_NOT_FOUND : TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(store_machine_swap(&machine, arn, 0, &job), valid ? TJOB_SWAP_OK : TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), valid ? TJOB_FILE_OK : TJOB_FILE_INVALID_ARGUMENT);
    job.state = TJOB_ABSENT;
    ck_assert_int_eq(store_machine_swap(&machine, other_arn, 0, &job), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_INVALID_ARGUMENT);
    ck_assert(store_machine_holds(&machine, other_arn, NULL));
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_swap_against_another_version_is_a_conflict_and_changes_nothing)
{
    static const uint64_t others[] = {0, 1, UINT64_MAX};
    struct store_machine machine;
    const tjob_job job = sample_job(TJOB_TRAINING);
    const tjob_job next = sample_job(TJOB_TRAINED);
    store_machine_make(&machine);
    store_machine_put(&machine, sample_arn, &job);
    store_machine_put(&machine, sample_arn, &job);
    const uint64_t version = store_machine_version(&machine, sample_arn);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(store_machine_swap(&machine, sample_arn, others[i], &next), TJOB_SWAP_CONFLICT);
        ck_assert_int_eq(store_machine_swap(&machine, sample_arn, others[i], NULL), TJOB_SWAP_CONFLICT);
    }
    ck_assert_int_eq(store_machine_swap(&machine, other_arn, 7, &next), TJOB_SWAP_CONFLICT);
    ck_assert_uint_eq(store_machine_version(&machine, sample_arn), version);
    ck_assert(store_machine_holds(&machine, sample_arn, &job) && store_machine_holds(&machine, other_arn, NULL));
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_OK);
    store_machine_unmake(&machine);
}
END_TEST

RUN_TESTS("file_opening", {what_no_store_can_be_made_with_is_refused, 0}, {a_store_is_made_as_large_as_it_is_to_be, 3},
          {a_store_grows_on_the_systems_disk, 0}, {a_creation_that_fails_leaves_nothing, 6},
          {a_path_that_cannot_be_kept_is_refused, 0}, {an_opening_that_fails_leaves_the_store_and_nothing_open, 8},
          {a_store_of_which_that_is_not_known_is_made_durable_by_who_opens_it, 0},
          {an_unfinished_creation_is_completed_by_who_opens_the_file, 2},
          {an_opening_waits_for_a_growth_and_gives_up, 0}, {a_store_that_grows_while_it_is_opened_is_opened_again, 65},
          {what_is_no_argument_is_unavailable, 4},
          {a_swap_against_another_version_is_a_conflict_and_changes_nothing, 0})
