/* A backup of a store has what the store has, whatever happens to the store meanwhile; or there is no backup. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/file_store/call.h"
#include "host/file_store/create.h"
#include "host/file_store/grow.h"
#include "host/file_store/lock.h"
#include "host/file_store/posix_disk.h"
#include "host/file_store/state.h"
#include "host/file_store/store.h"
#include "support/folder.h"
#include "support/jobs.h"
#include "support/store_machine.h"
#include "support/suite.h"

enum { JOBS = 8 };

/* The memory of the copies: large enough that no two pairs of buckets share a bit by chance where that matters. */
static unsigned char filter[1 << 16];

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

/* A file that a process has open, to read it. */
struct reader {
    struct sim_process process;
    tjob_file_store store;
};

static tjob_file_problem open_file(struct reader *reader, struct sim_disk *disk, const char *path,
                                   enum file_access access)
{
    sim_start(&reader->process, disk);
    return tjob__file_store_open_for(&reader->process.table, &reader->store, path, WAIT_MS, access);
}

static void end_reader(struct reader *reader)
{
    tjob_file_store_close(&reader->store);
    sim_kill(&reader->process);
}

static tjob_load_status load_by(struct reader *reader, tjob_text arn, tjob_job *job, uint64_t *version)
{
    const tjob_store callbacks = tjob_file_store_callbacks(&reader->store);
    return callbacks.load(callbacks.context, NULL, arn, job, version);
}

/* The file is a sound backup with all jobs. */
static void expect_backup(struct sim_disk *disk, const char *path, const uint64_t versions[JOBS + 1])
{
    struct reader reader;
    char name[TJOB_ARN_BYTES_MAX];
    EXPECT(open_file(&reader, disk, path, FILE_ACCESS_READ) == TJOB_FILE_OK);
    EXPECT(reader.store.is_backup);
    for (unsigned i = 0; i <= JOBS; i++) {
        const tjob_job job = job_of(i);
        tjob_job found;
        uint64_t version;
        const tjob_load_status status = load_by(&reader, store_machine_name(name, i), &found, &version);
        EXPECT(version == versions[i]);
        EXPECT(status == (i == JOBS ? TJOB_LOAD_NOT_FOUND : TJOB_LOAD_OK));
        EXPECT(i == JOBS || memcmp(&found, &job, sizeof job) == 0);
    }
    for (uint32_t bucket = 0; bucket < reader.store.buckets; bucket++) {
        tjob_file_bucket report;
        EXPECT(tjob_file_store_inspect(&reader.store, bucket, &report) == TJOB_FILE_OK);
        EXPECT(!report.not_durable && report.torn_pages == 0);
    }
    end_reader(&reader);
}

static void expect_store(struct store_machine *machine, const uint64_t versions[JOBS + 1])
{
    char name[TJOB_ARN_BYTES_MAX];
    for (unsigned i = 0; i < JOBS; i++) {
        const tjob_job job = job_of(i);
        EXPECT(store_machine_holds(machine, store_machine_name(name, i), &job));
        EXPECT(store_machine_version(machine, store_machine_name(name, i)) == versions[i]);
    }
}

START_TEST(a_backup_holds_what_the_store_holds)
{
    struct store_machine machine;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    const unsigned written = machine.process.calls[SIM_WRITE];
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter), TJOB_FILE_OK);
    ck_assert_uint_eq(machine.process.calls[SIM_WRITE] - written, MACHINE_BUCKETS + 3 + 4); /* pages, records, header */
    ck_assert_uint_eq(sim_files_open(&machine.process), 1);
    ck_assert_uint_eq(machine.disk.lock_count, 0);
    expect_backup(&machine.disk, "copy", versions);
    expect_store(&machine, versions);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_backup_of_a_backup_is_one_too)
{
    struct store_machine machine;
    struct reader reader;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter), TJOB_FILE_OK);
    ck_assert_int_eq(open_file(&reader, &machine.disk, "copy", FILE_ACCESS_READ), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_copy(&reader.store, "again", filter, sizeof filter), TJOB_FILE_OK);
    end_reader(&reader);
    expect_backup(&machine.disk, "again", versions);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_backup_of_an_empty_store_is_empty)
{
    struct store_machine machine;
    struct reader reader;
    tjob_job found;
    uint64_t version;
    uint32_t bucket;
    store_machine_make(&machine);
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter), TJOB_FILE_OK);
    ck_assert_int_eq(open_file(&reader, &machine.disk, "copy", FILE_ACCESS_READ), TJOB_FILE_OK);
    ck_assert_int_eq(load_by(&reader, sample_arn, &found, &version), TJOB_LOAD_NOT_FOUND);
    ck_assert_uint_eq(version, 0);
    ck_assert_int_eq(tjob_file_store_next_bucket(&reader.store, 0, &bucket), TJOB_FILE_OK);
    ck_assert_uint_eq(bucket, MACHINE_BUCKETS);
    end_reader(&reader);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_backup_is_only_read)
{
    struct store_machine machine;
    struct reader reader;
    uint64_t versions[JOBS + 1];
    const tjob_job job = job_of(1);
    fill(&machine, versions);
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter), TJOB_FILE_OK);
    ck_assert_int_eq(open_file(&reader, &machine.disk, "copy", FILE_ACCESS_CHANGE), TJOB_FILE_BACKUP);
    ck_assert_uint_eq(sim_files_open(&reader.process), 0);
    ck_assert_int_eq(tjob__file_store_grow(&machine.process.table, "copy", 100, WAIT_MS), TJOB_FILE_BACKUP);
    ck_assert_int_eq(open_file(&reader, &machine.disk, "copy", FILE_ACCESS_READ), TJOB_FILE_OK);
    const tjob_store callbacks = tjob_file_store_callbacks(&reader.store);
    ck_assert_int_eq(callbacks.swap(callbacks.context, NULL, sample_arn, 0, &job), TJOB_SWAP_UNAVAILABLE);
    end_reader(&reader);
    expect_backup(&machine.disk, "copy", versions);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_store_that_is_only_read_can_be_backed_up)
{
    struct store_machine machine;
    struct reader reader;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    ck_assert_int_eq(open_file(&reader, &machine.disk, "store", FILE_ACCESS_READ), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_copy(&reader.store, "copy", filter, sizeof filter), TJOB_FILE_OK);
    end_reader(&reader);
    expect_backup(&machine.disk, "copy", versions);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_target_that_is_none_is_refused_and_stays)
{
    struct store_machine machine;
    uint64_t versions[JOBS + 1];
    char path[TJOB_FILE_STORE_PATH_BYTES_MAX + 1];
    fill(&machine, versions);
    ck_assert_int_eq(tjob__file_store_create(&machine.process.table, "other", CAPACITY), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "other", filter, sizeof filter), TJOB_FILE_EXISTS);
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "store", filter, sizeof filter), TJOB_FILE_SAME_FILE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_OK); /* it is that of the new file */
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "", filter, sizeof filter), TJOB_FILE_INVALID_PATH);
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, NULL, filter, sizeof filter), TJOB_FILE_INVALID_PATH);
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, path, filter, sizeof filter), TJOB_FILE_INVALID_PATH);
    expect_store(&machine, versions);
    uint64_t size;
    ck_assert_ptr_nonnull(sim_bytes(&machine.disk, "other", &size));
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_backup_belongs_to_whom_the_store_does_where_that_may_be)
{
    struct store_machine machine;
    uint64_t versions[JOBS + 1];
    fill(&machine, versions);
    machine.disk.files[0].owner = 7;
    machine.process.fault_function = SIM_INHERIT;
    machine.process.fault_from = (unsigned)_i;
    machine.process.fault = -EPERM;
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter), TJOB_FILE_OK);
    ck_assert_uint_eq(machine.disk.files[1].owner, _i == 0 ? 7 : 0);
    expect_backup(&machine.disk, "copy", versions);
    store_machine_unmake(&machine);
}
END_TEST

/* ---- Stores that change or are damaged ------------------------------------------------------------------------- */

START_TEST(a_bucket_that_is_held_is_waited_for)
{
    struct store_machine machine;
    struct sim_process other;
    uint64_t versions[JOBS + 1];
    uint64_t size;
    fill(&machine, versions);
    store_machine_unmark(&machine);
    sim_start(&other, &machine.disk);
    const int file = other.table.open(&other, "store", DISK_EXISTING);
    const uint64_t offset = tjob__file_header_bucket_offset(MACHINE_BUCKETS, 1);
    ck_assert_int_eq(other.table.lock(&other, file, DISK_LOCK, offset, FILE_BUCKET_BYTES), 0);
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter), TJOB_FILE_BUSY);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_BUSY);
    ck_assert_ptr_null(sim_bytes(&machine.disk, "copy", &size));
    sim_kill(&other);
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter), TJOB_FILE_OK);
    expect_backup(&machine.disk, "copy", versions);
    store_machine_unmake(&machine);
}
END_TEST

/* Somebody has each bucket for the first eight tries to lock it, which takes some milliseconds. */
static int (*lock_of_the_disk)(void *context, int file, enum disk_lock lock, uint64_t offset, uint64_t bytes);
static unsigned tries;

static int lock_after_a_while(void *context, int file, enum disk_lock lock, uint64_t offset, uint64_t bytes)
{
    const bool is_bucket = lock == DISK_LOCK && bytes == FILE_BUCKET_BYTES;
    return is_bucket && ++tries % 9 != 0 ? -EAGAIN : lock_of_the_disk(context, file, lock, offset, bytes);
}

START_TEST(all_buckets_together_are_waited_for_no_longer_than_one)
{
    static const struct {
        uint32_t wait_ms;
        tjob_file_problem problem;
    } cases[] = {{5, TJOB_FILE_BUSY}, {8, TJOB_FILE_BUSY}, {100, TJOB_FILE_OK}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct store_machine machine;
        uint64_t versions[JOBS + 1];
        fill(&machine, versions);
        store_machine_unmark(&machine);
        tries = 0;
        lock_of_the_disk = machine.process.table.lock;
        machine.process.table.lock = lock_after_a_while;
        tjob_file_store_set_wait_ms(&machine.store, cases[i].wait_ms);
        ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter), cases[i].problem);
        machine.process.table.lock = lock_of_the_disk;
        store_machine_unmake(&machine);
    }
}
END_TEST

START_TEST(a_store_that_has_grown_is_not_backed_up_under_its_old_file)
{
    struct store_machine machine;
    uint64_t versions[JOBS + 1];
    uint64_t size;
    fill(&machine, versions);
    ck_assert_int_eq(tjob__file_store_grow(&machine.process.table, "store", CAPACITY + 1, WAIT_MS), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter), TJOB_FILE_SUPERSEDED);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_SUPERSEDED);
    ck_assert_ptr_null(sim_bytes(&machine.disk, "copy", &size));
    store_machine_unmake(&machine);
}
END_TEST

/* The newest page of a bucket: written over with zeros, put back, or with a job that cannot be there. */
START_TEST(a_store_that_is_damaged_is_not_backed_up)
{
    struct store_machine machine;
    uint64_t versions[JOBS + 1];
    uint64_t size;
    fill(&machine, versions);
    unsigned char *bucket = sim_bytes(&machine.disk, "store", &size) + machine.store.begin;
    const struct file_identity identity = tjob__file_store_header(&machine.store).identity;
    unsigned char page[FILE_PAGE_BYTES] = {0};
    const tjob_job job = job_of(1);
    if (_i == 0) {
        memset(bucket, 0, FILE_BUCKET_BYTES);
    } else if (_i == 1) {
        tjob__file_progress_encode(&identity, 0, 1000,
                                   sim_bytes(&machine.disk, "store", &size) +
                                       tjob__file_progress_offset(MACHINE_BUCKETS, 0));
    } else {
        const struct file_place place = {identity, 0, 0};
        const struct file_place marked = {identity, 0, 1};
        tjob__file_page_put(page, 0, sample_arn, _i == 3 ? 1001 : 1, &job); /* a version above that of its page */
        page[40] = _i == 2 ? TJOB_STATE_COUNT : page[40];                   /* the state of the job */
        tjob__file_page_seal(page, &place, 1000);
        memcpy(bucket, page, sizeof page);
        tjob__file_mark_write(bucket + FILE_PAGE_BYTES + FILE_MARK_OFFSET, &marked, 1000);
    }
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter), TJOB_FILE_DAMAGED);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_DAMAGED);
    ck_assert_ptr_null(sim_bytes(&machine.disk, "copy", &size));
    store_machine_unmake(&machine);
}
END_TEST

/* Writes a page with a job, once or twice, as the durable content of a bucket, with or without its progress. */
static void forge_page(struct store_machine *machine, uint32_t bucket, uint64_t version, uint32_t times,
                       bool has_progress)
{
    enum { SEQUENCE = 10 };
    unsigned char page[FILE_PAGE_BYTES] = {0};
    uint64_t size;
    unsigned char *file = sim_bytes(&machine->disk, "store", &size);
    const struct file_identity identity = tjob__file_store_header(&machine->store).identity;
    const struct file_place place = {identity, bucket, 0};
    const struct file_place marked = {identity, bucket, 1};
    const tjob_job job = job_of((unsigned)version);
    unsigned char *pages = file + tjob__file_header_bucket_offset(MACHINE_BUCKETS, bucket);
    for (uint32_t slot = 0; slot < times; slot++) {
        tjob__file_page_put(page, slot, sample_arn, version, &job);
    }
    tjob__file_page_seal(page, &place, SEQUENCE);
    memcpy(pages, page, sizeof page);
    tjob__file_mark_write(pages + FILE_PAGE_BYTES + FILE_MARK_OFFSET, &marked, SEQUENCE);
    if (has_progress) {
        tjob__file_progress_encode(&identity, bucket, SEQUENCE,
                                   file + tjob__file_progress_offset(MACHINE_BUCKETS, bucket));
    }
}

enum { TWICE_CASES = 6 };

/* A name that stands twice is in a backup only where a job may have moved: then the newer record is. */
START_TEST(a_store_with_a_name_twice_is_not_backed_up)
{
    static const struct twice_case {
        uint64_t versions[2]; /* in bucket 0 and bucket 1 */
        uint32_t times;       /* in bucket 1 */
        bool has_progress;    /* bucket 1 */
        tjob_file_problem problem;
    } cases[TWICE_CASES] = {
        {{5, 5}, 1, false, TJOB_FILE_DAMAGED}, {{9, 5}, 1, false, TJOB_FILE_DAMAGED},
        {{5, 9}, 1, true, TJOB_FILE_DAMAGED},  {{5, 9}, 1, false, TJOB_FILE_OK},
        {{0, 9}, 2, true, TJOB_FILE_DAMAGED},  {{0, 9}, 1, true, TJOB_FILE_OK},
    };
    const struct twice_case *expected = &cases[_i % TWICE_CASES];
    void *memory = _i < TWICE_CASES ? NULL : filter;
    struct store_machine machine;
    struct reader reader;
    tjob_job found;
    uint64_t version;
    uint64_t size;
    store_machine_make(&machine);
    if (expected->versions[0] != 0) {
        forge_page(&machine, 0, expected->versions[0], 1, true);
    }
    forge_page(&machine, 1, expected->versions[1], expected->times, expected->has_progress);
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", memory, memory != NULL ? 1 : 0), expected->problem);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), expected->problem);
    if (expected->problem == TJOB_FILE_OK) {
        ck_assert_int_eq(open_file(&reader, &machine.disk, "copy", FILE_ACCESS_READ), TJOB_FILE_OK);
        ck_assert_int_eq(load_by(&reader, sample_arn, &found, &version), TJOB_LOAD_OK);
        ck_assert_uint_eq(version, 9);
        end_reader(&reader);
    } else {
        ck_assert_ptr_null(sim_bytes(&machine.disk, "copy", &size));
    }
    store_machine_unmake(&machine);
}
END_TEST

/* A name that belongs to two other buckets. */
START_TEST(a_store_with_a_job_in_a_wrong_bucket_is_not_backed_up)
{
    enum { THREE_BUCKETS = 13 };
    struct store_machine machine;
    unsigned char page[FILE_PAGE_BYTES] = {0};
    uint32_t buckets[2];
    uint64_t size;
    store_machine_make(&machine);
    ck_assert_int_eq(tjob__file_store_grow(&machine.process.table, "store", THREE_BUCKETS, WAIT_MS), TJOB_FILE_OK);
    sim_kill(&machine.process);
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_OK);
    const struct file_header header = tjob__file_store_header(&machine.store);
    const tjob_job job = job_of(1);
    tjob__file_header_buckets_of(&header, sample_arn, buckets);
    const uint32_t chosen = _i == 0 ? 0 + 1 + 2 - buckets[0] - buckets[1] : buckets[_i - 1];
    const struct file_place place = {header.identity, chosen, 0};
    const struct file_place marked = {header.identity, chosen, 1};
    unsigned char *bucket = sim_bytes(&machine.disk, "store", &size) + tjob__file_header_bucket_offset(3, chosen);
    tjob__file_page_put(page, 0, sample_arn, 1, &job);
    tjob__file_page_seal(page, &place, 1);
    memcpy(bucket, page, sizeof page);
    tjob__file_mark_write(bucket + FILE_PAGE_BYTES + FILE_MARK_OFFSET, &marked, 1);
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter),
                     _i == 0 ? TJOB_FILE_DAMAGED : TJOB_FILE_OK);
    store_machine_unmake(&machine);
}
END_TEST

/* ---- A job that moves from one bucket to the other during the copy --------------------------------------------- */

/* What happens when the copy has read the first bucket, and is about to lock the second. */
static struct store_machine *moved_machine;
static tjob_text moved_name;
static const tjob_job *moved_job;
static int64_t (*plain_read)(void *, int, uint64_t, void *, size_t);

static int64_t move_and_read(void *context, int file, uint64_t offset, void *bytes, size_t count)
{
    if (moved_machine != NULL && offset == tjob__file_lock_bucket_offset(&moved_machine->store, 1)) {
        struct store_machine *machine = moved_machine;
        moved_machine = NULL;
        store_machine_put(machine, moved_name, NULL);
        store_machine_put(machine, moved_name, moved_job);
    }
    return plain_read(context, file, offset, bytes, count);
}

static uint32_t bucket_of(tjob_file_store *store, tjob_text arn)
{
    for (uint32_t bucket = 0; bucket < tjob_file_store_buckets(store); bucket++) {
        tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
        uint32_t count;
        EXPECT(tjob_file_store_jobs(store, bucket, jobs, &count) == TJOB_FILE_OK);
        for (uint32_t i = 0; i < count; i++) {
            if (jobs[i].arn_bytes == arn.bytes && memcmp(jobs[i].arn, arn.data, arn.bytes) == 0) {
                return bucket;
            }
        }
    }
    return UINT32_MAX;
}

/* Jobs are put alternately into both buckets. Removes those of one bucket, so that it is the emptier one. */
static void empty_bucket(struct store_machine *machine, uint32_t bucket)
{
    char name[TJOB_ARN_BYTES_MAX];
    for (unsigned i = 0; i < JOBS; i++) {
        const tjob_text arn = store_machine_name(name, i);
        if (bucket_of(&machine->store, arn) == bucket) {
            store_machine_put(machine, arn, NULL);
        }
    }
}

/* Moves a job from bucket `from` to the other one, after the copy has read the first bucket; loads it from the copy. */
static tjob_load_status copy_while_moving(uint32_t from, tjob_job *found, struct reader *reader)
{
    static struct store_machine machine;
    static struct reader copier;
    char name[TJOB_ARN_BYTES_MAX];
    uint64_t versions[JOBS + 1];
    uint64_t version;
    const tjob_job job = job_of(100);
    fill(&machine, versions);
    unsigned moved = 0;
    while (bucket_of(&machine.store, store_machine_name(name, moved)) != from) {
        moved++;
    }
    empty_bucket(&machine, 1 - from);
    EXPECT(open_file(&copier, &machine.disk, "store", FILE_ACCESS_READ) == TJOB_FILE_OK);
    moved_machine = &machine;
    moved_name = store_machine_name(name, moved);
    moved_job = &job;
    plain_read = copier.process.table.read;
    copier.process.table.read = move_and_read;
    EXPECT(tjob_file_store_copy(&copier.store, "copy", filter, sizeof filter) == TJOB_FILE_OK);
    EXPECT(moved_machine == NULL);
    EXPECT(bucket_of(&machine.store, moved_name) == 1 - from);
    end_reader(&copier);
    EXPECT(open_file(reader, &machine.disk, "copy", FILE_ACCESS_READ) == TJOB_FILE_OK);
    const tjob_load_status status = load_by(reader, moved_name, found, &version);
    for (uint32_t bucket = 0; bucket < MACHINE_BUCKETS; bucket++) {
        tjob_file_bucket report;
        EXPECT(tjob_file_store_inspect(&reader->store, bucket, &report) == TJOB_FILE_OK);
    }
    end_reader(reader);
    store_machine_unmake(&machine);
    return status;
}

START_TEST(a_job_that_moves_on_is_in_the_backup_once_and_as_it_is)
{
    struct reader reader;
    tjob_job found;
    ck_assert_int_eq(copy_while_moving(0, &found, &reader), TJOB_LOAD_OK);
    ck_assert_uint_eq(found.host_code, 100);
}
END_TEST

START_TEST(a_job_that_moves_back_is_absent_as_it_was_between)
{
    struct reader reader;
    tjob_job found;
    ck_assert_int_eq(copy_while_moving(1, &found, &reader), TJOB_LOAD_NOT_FOUND);
}
END_TEST

/* The read of what the backup already has fails, which only a job that moved on needs. */
START_TEST(a_backup_that_cannot_remove_what_is_older_fails)
{
    static struct store_machine machine;
    static struct reader copier;
    char name[TJOB_ARN_BYTES_MAX];
    uint64_t versions[JOBS + 1];
    uint64_t size;
    const tjob_job job = job_of(100);
    fill(&machine, versions);
    unsigned moved = 0;
    while (bucket_of(&machine.store, store_machine_name(name, moved)) != 0) {
        moved++;
    }
    empty_bucket(&machine, 1);
    ck_assert_int_eq(open_file(&copier, &machine.disk, "store", FILE_ACCESS_READ), TJOB_FILE_OK);
    moved_machine = &machine;
    moved_name = store_machine_name(name, moved);
    moved_job = &job;
    plain_read = copier.process.table.read;
    copier.process.table.read = move_and_read;
    copier.process.fault_function = SIM_READ;
    copier.process.fault = -EIO;
    /* all progress, the same again, and the pages and a head of both buckets */
    copier.process.fault_from = copier.process.calls[SIM_READ] + 1 + 1 + 2 * 2 + 1;
    ck_assert_int_eq(tjob_file_store_copy(&copier.store, "copy", filter, sizeof filter), TJOB_FILE_IO);
    ck_assert_ptr_null(moved_machine);
    ck_assert_ptr_null(sim_bytes(&machine.disk, "copy", &size));
    end_reader(&copier);
    store_machine_unmake(&machine);
}
END_TEST

/* What is wrong with a backup, in bucket 0 or in all records. */
enum wrong {
    WRONG_PROGRESS,       /* one bit */
    WRONG_PROGRESS_LOWER, /* valid, but not that of the page */
    WRONG_PROGRESS_HIGHER,
    WRONG_PAGE,             /* one bit */
    WRONG_RECORDS_AND_PAGE, /* entries and progress are garbage, and one bit of the page is wrong */
    WRONG_RECORDS_AND_NO_PAGE,
    WRONG_NO_PROGRESS_AND_NO_PAGE,
    WRONG_MARK, /* one that no backup has */
    WRONG_COUNT
};

static void damage_backup(struct sim_disk *disk, enum wrong wrong)
{
    uint64_t size;
    unsigned char *file = sim_bytes(disk, "copy", &size);
    struct file_header header;
    EXPECT(tjob__file_header_decode(file, &header) == TJOB_FILE_OK);
    unsigned char *progress = file + tjob__file_progress_offset(MACHINE_BUCKETS, 0);
    unsigned char *page = file + tjob__file_header_begin(&header);
    const uint64_t sequence = tjob__file_page_sequence(page);
    if (wrong == WRONG_PROGRESS) {
        progress[0] ^= 1;
    }
    if (wrong == WRONG_PROGRESS_LOWER || wrong == WRONG_PROGRESS_HIGHER) {
        tjob__file_progress_encode(&header.identity, 0, wrong == WRONG_PROGRESS_LOWER ? sequence - 1 : sequence + 1,
                                   progress);
    }
    if (wrong == WRONG_RECORDS_AND_PAGE || wrong == WRONG_RECORDS_AND_NO_PAGE) {
        memset(file + tjob__file_entry_offset(0), 0xa5, FILE_PAGE_BYTES);
        memset(progress, 0xa5, FILE_PAGE_BYTES);
    }
    if (wrong == WRONG_MARK) {
        const struct file_place place = {header.identity, 0, 0};
        tjob__file_mark_write(page + FILE_MARK_OFFSET, &place, sequence + 1);
    }
    if (wrong == WRONG_NO_PROGRESS_AND_NO_PAGE) {
        memset(progress, 0, FILE_PROGRESS_BYTES);
    }
    if (wrong == WRONG_PAGE || wrong == WRONG_RECORDS_AND_PAGE) {
        page[200] ^= 1;
    }
    if (wrong == WRONG_RECORDS_AND_NO_PAGE || wrong == WRONG_NO_PROGRESS_AND_NO_PAGE) {
        memset(page, 0, FILE_PAGE_BYTES);
    }
}

/* No crash can have done it, so it is neither taken for an absence nor for a write that is not yet durable. */
START_TEST(a_backup_that_is_damaged_says_so)
{
    struct store_machine machine;
    struct reader reader;
    uint64_t versions[JOBS + 1];
    tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
    tjob_file_bucket report;
    char name[TJOB_ARN_BYTES_MAX];
    uint32_t count;
    uint32_t bucket;
    fill(&machine, versions);
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter), TJOB_FILE_OK);
    damage_backup(&machine.disk, (enum wrong)_i);
    ck_assert_int_eq(open_file(&reader, &machine.disk, "copy", FILE_ACCESS_READ), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_next_bucket(&reader.store, 0, &bucket), TJOB_FILE_OK);
    ck_assert_uint_eq(bucket, 0);
    ck_assert_int_eq(tjob_file_store_inspect(&reader.store, 0, &report), TJOB_FILE_DAMAGED);
    ck_assert(report.lost && !report.not_durable);
    ck_assert_int_eq(tjob_file_store_jobs(&reader.store, 0, jobs, &count), TJOB_FILE_DAMAGED);
    for (unsigned i = 0; i <= JOBS; i++) {
        tjob_job found;
        uint64_t version;
        EXPECT(load_by(&reader, store_machine_name(name, i), &found, &version) == TJOB_LOAD_UNAVAILABLE);
        EXPECT(tjob_file_store_problem(&reader.store) == TJOB_FILE_DAMAGED);
    }
    ck_assert_int_eq(tjob_file_store_restore(&reader.store, "restored", 0, 1), TJOB_FILE_DAMAGED);
    end_reader(&reader);
    store_machine_unmake(&machine);
}
END_TEST

/* A bucket that was never used is passed over, unless one bit of its records is set: nobody knows what was there. */
START_TEST(a_sweep_over_a_backup_passes_over_what_has_no_record)
{
    struct store_machine machine;
    struct reader reader;
    const tjob_job job = job_of(1);
    uint32_t used;
    uint32_t bucket;
    uint64_t size;
    store_machine_make(&machine);
    store_machine_put(&machine, sample_arn, &job);
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter), TJOB_FILE_OK);
    ck_assert_int_eq(open_file(&reader, &machine.disk, "copy", FILE_ACCESS_READ), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_next_bucket(&reader.store, 0, &used), TJOB_FILE_OK);
    const uint32_t other = 1 - used;
    unsigned char *file = sim_bytes(&machine.disk, "copy", &size);
    unsigned char *const records[] = {file + tjob__file_entry_offset(other),
                                      file + tjob__file_progress_offset(MACHINE_BUCKETS, other)};
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(tjob_file_store_next_bucket(&reader.store, other, &bucket), TJOB_FILE_OK);
        ck_assert_uint_eq(bucket, other == 0 ? used : MACHINE_BUCKETS);
        records[i][0] ^= 1;
        ck_assert_int_eq(tjob_file_store_next_bucket(&reader.store, other, &bucket), TJOB_FILE_OK);
        ck_assert_uint_eq(bucket, other);
        records[i][0] ^= 1;
    }
    end_reader(&reader);
    store_machine_unmake(&machine);
}
END_TEST

/* The state, the page, the entry, or the progress. */
START_TEST(a_backup_that_cannot_be_read_says_so)
{
    struct store_machine machine;
    struct reader reader;
    uint64_t versions[JOBS + 1];
    tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
    uint32_t count;
    fill(&machine, versions);
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter), TJOB_FILE_OK);
    ck_assert_int_eq(open_file(&reader, &machine.disk, "copy", FILE_ACCESS_READ), TJOB_FILE_OK);
    reader.process.fault_function = SIM_READ;
    reader.process.fault = -EIO;
    reader.process.fault_from = reader.process.calls[SIM_READ] + (unsigned)_i + 1;
    ck_assert_int_eq(tjob_file_store_jobs(&reader.store, 0, jobs, &count), TJOB_FILE_IO);
    ck_assert_int_eq(tjob_file_store_jobs(&reader.store, 0, jobs, &count), TJOB_FILE_OK);
    end_reader(&reader);
    store_machine_unmake(&machine);
}
END_TEST

/* The progress of a store may be invalid after a power cut, also of buckets that were never used. */
START_TEST(a_backup_of_a_store_with_invalid_progress_is_sound)
{
    struct store_machine machine;
    uint64_t versions[JOBS + 1];
    uint64_t size;
    tjob_file_bucket report;
    struct reader reader;
    uint32_t bucket;
    if (_i == 0) {
        store_machine_make(&machine);
    } else {
        fill(&machine, versions);
    }
    memset(sim_bytes(&machine.disk, "store", &size) + tjob__file_progress_offset(MACHINE_BUCKETS, 0), 0xa5,
           MACHINE_BUCKETS * FILE_PROGRESS_BYTES);
    ck_assert_int_eq(tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter), TJOB_FILE_OK);
    if (_i != 0) {
        expect_backup(&machine.disk, "copy", versions);
    } else {
        ck_assert_int_eq(open_file(&reader, &machine.disk, "copy", FILE_ACCESS_READ), TJOB_FILE_OK);
        ck_assert_int_eq(tjob_file_store_next_bucket(&reader.store, 0, &bucket), TJOB_FILE_OK);
        ck_assert_uint_eq(bucket, MACHINE_BUCKETS);
        ck_assert_int_eq(tjob_file_store_inspect(&reader.store, 0, &report), TJOB_FILE_OK);
        end_reader(&reader);
    }
    store_machine_unmake(&machine);
}
END_TEST

/* Its creator dies at any moment: perhaps the bucket has room, but no job. */
START_TEST(a_bucket_that_has_not_yet_held_a_job_is_copied)
{
    bool died = true;
    for (unsigned change = 1; died; change++) {
        struct store_machine machine;
        struct reader reader;
        const tjob_job job = job_of(1);
        store_machine_make(&machine);
        machine.process.dies_at = machine.process.changes + change;
        (void)store_machine_swap(&machine, sample_arn, 0, &job);
        died = machine.process.dead;
        sim_kill(&machine.process);
        EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
        EXPECT(tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter) == TJOB_FILE_OK);
        EXPECT(open_file(&reader, &machine.disk, "copy", FILE_ACCESS_READ) == TJOB_FILE_OK);
        for (uint32_t bucket = 0; bucket < MACHINE_BUCKETS; bucket++) {
            tjob_file_bucket here;
            tjob_file_bucket there;
            EXPECT(tjob_file_store_inspect(&machine.store, bucket, &here) == TJOB_FILE_OK);
            EXPECT(tjob_file_store_inspect(&reader.store, bucket, &there) == TJOB_FILE_OK);
            EXPECT(here.jobs == there.jobs && !there.not_durable);
        }
        end_reader(&reader);
        store_machine_unmake(&machine);
    }
}
END_TEST

/* ---- Failures -------------------------------------------------------------------------------------------------- */

static unsigned forgiven; /* writes that failed, of backups that came to their end */

static bool try_fault(enum sim_function function, unsigned call, int error)
{
    struct store_machine machine;
    struct reader copier;
    uint64_t versions[JOBS + 1];
    uint64_t size;
    fill(&machine, versions);
    EXPECT(open_file(&copier, &machine.disk, "store", FILE_ACCESS_CHANGE) == TJOB_FILE_OK);
    copier.process.fault_function = function;
    copier.process.fault_from = copier.process.calls[function] + call;
    copier.process.fault = -error;
    const tjob_file_problem problem = tjob_file_store_copy(&copier.store, "copy", filter, sizeof filter);
    const bool made = copier.process.calls[function] >= copier.process.fault_from;
    EXPECT(made || problem == TJOB_FILE_OK);
    forgiven += made && function == SIM_WRITE && problem == TJOB_FILE_OK;
    EXPECT(sim_files_open(&copier.process) == 1);
    end_reader(&copier);
    if (problem == TJOB_FILE_OK) {
        expect_backup(&machine.disk, "copy", versions);
    } else {
        EXPECT(sim_bytes(&machine.disk, "copy", &size) == NULL);
    }
    EXPECT(machine.disk.lock_count == 0);
    expect_store(&machine, versions);
    store_machine_unmake(&machine);
    return made;
}

START_TEST(a_backup_that_fails_at_any_call_is_removed)
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

/* A machine with a store of 600 buckets. */
static void fill_600(struct store_machine *machine)
{
    char name[TJOB_ARN_BYTES_MAX];
    const tjob_job job = job_of(1);
    sim_init(&machine->disk, BYTES_OF_600, SEED);
    sim_start(&machine->process, &machine->disk);
    EXPECT(tjob__file_store_create(&machine->process.table, "store", CAPACITY_OF_600) == TJOB_FILE_OK);
    EXPECT(store_machine_open(machine) == TJOB_FILE_OK);
    for (unsigned i = 0; i < JOBS; i++) {
        store_machine_put(machine, store_machine_name(name, i), &job);
    }
}

/* Buckets whose records are in several pieces: some read or write of each piece fails. */
START_TEST(a_backup_of_many_buckets_that_fails_at_any_call_is_removed)
{
    static const enum sim_function functions[] = {SIM_READ, SIM_WRITE};
    tjob_file_problem problem = TJOB_FILE_IO;
    for (unsigned call = 1; problem != TJOB_FILE_OK; call += call < 40 ? 1 : 16) {
        struct store_machine machine;
        uint64_t size;
        fill_600(&machine);
        struct sim_process *process = &machine.process;
        process->fault_function = functions[_i];
        process->fault_from = process->calls[functions[_i]] + call;
        process->fault = -EIO;
        problem = tjob_file_store_copy(&machine.store, "copy", filter, sizeof filter);
        EXPECT((sim_bytes(&machine.disk, "copy", &size) == NULL) == (problem != TJOB_FILE_OK));
        store_machine_unmake(&machine);
    }
}
END_TEST

/* The process dies; and then the power goes out, or not. What is left is a whole backup, or none. */
START_TEST(a_backup_that_dies_before_any_change_is_whole_or_none)
{
    for (unsigned change = 2;; change++) {
        struct store_machine machine;
        struct reader copier;
        struct reader reader;
        uint64_t versions[JOBS + 1];
        fill(&machine, versions);
        machine.disk.random = change;
        sim_start(&copier.process, &machine.disk);
        copier.process.dies_at = change;
        EXPECT(tjob__file_store_open(&copier.process.table, &copier.store, "store", WAIT_MS) == TJOB_FILE_OK);
        const tjob_file_problem problem = tjob_file_store_copy(&copier.store, "copy", filter, sizeof filter);
        const bool died = copier.process.dead;
        sim_kill(&copier.process);
        if (_i != 0) {
            sim_kill(&machine.process);
            sim_power_cut(&machine.disk, _i == 1 ? SIM_TEARS_BYTES : SIM_TEARS_BLOCKS);
            EXPECT(store_machine_open(&machine) == TJOB_FILE_OK);
        }
        const tjob_file_problem opened = open_file(&reader, &machine.disk, "copy", FILE_ACCESS_READ);
        EXPECT(problem != TJOB_FILE_OK || opened == TJOB_FILE_OK);
        if (opened == TJOB_FILE_OK) {
            end_reader(&reader);
            expect_backup(&machine.disk, "copy", versions);
        }
        expect_store(&machine, versions);
        store_machine_unmake(&machine);
        if (!died) {
            break;
        }
    }
}
END_TEST

static unsigned syncs;

static int sync_nothing(void *context, int file)
{
    (void)context;
    (void)file;
    syncs++;
    return 0;
}

static int sync_no_range(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
    (void)context, (void)file, (void)offset, (void)bytes, (void)count;
    return 0;
}

static unsigned sleeps;
static uint32_t longest_us;
static uint64_t jumping_us;

static void sleep_nothing(void *context, const uint32_t *word, uint32_t mask, uint32_t microseconds)
{
    (void)context;
    (void)word;
    (void)mask;
    sleeps++;
    longest_us = microseconds > longest_us ? microseconds : longest_us;
}

/* A clock by which each piece of work takes a second. */
static uint64_t jump(void *context)
{
    (void)context;
    return jumping_us += 1000000;
}

/* Makes the progress of some buckets unknown, as if they had changed since the copy began. */
static void forget_progress(tjob_file_store *store)
{
    static const unsigned char zeros[256 * FILE_PROGRESS_BYTES];
    bool begun;
    const uint64_t offset = tjob__file_progress_offset(store->buckets, 0);
    EXPECT(tjob__disk_write(store->disk, store->file, offset, zeros, sizeof zeros, &begun) == TJOB_FILE_OK);
}

/* Records of 256 buckets are written at once, and what was written is synced now and then. */
START_TEST(a_store_of_many_buckets_is_backed_up_on_the_systems_disk)
{
    enum { MANY = 36000, STEP = 4 };
    struct folder folder;
    char copy[FOLDER_PATH_BYTES_MAX + 16];
    struct tjob_disk disk = tjob__posix_disk;
    char name[TJOB_ARN_BYTES_MAX];
    tjob_file_store store;
    tjob_file_store backup;
    folder_make(&folder);
    disk.sync = sync_nothing;
    disk.sync_range = sync_no_range;
    disk.sleep = sleep_nothing;
    snprintf(copy, sizeof copy, "%s", folder_file(&folder, "copy"));
    ck_assert_int_eq(tjob__file_store_create(&disk, folder_file(&folder, "store"), MANY), TJOB_FILE_OK);
    ck_assert_int_eq(tjob__file_store_open(&disk, &store, folder_file(&folder, "store"), 0), TJOB_FILE_OK);
    const tjob_store callbacks = tjob_file_store_callbacks(&store);
    for (unsigned i = 0; i < MANY; i += STEP) {
        const tjob_job job = job_of(i);
        tjob_job found;
        uint64_t version;
        EXPECT(callbacks.load(&store, NULL, store_machine_name(name, i), &found, &version) == TJOB_LOAD_NOT_FOUND);
        EXPECT(callbacks.swap(&store, NULL, store_machine_name(name, i), version, &job) == TJOB_SWAP_OK);
    }
    syncs = 0;
    ck_assert_int_eq(tjob_file_store_copy(&store, copy, filter, sizeof filter), TJOB_FILE_OK);
    ck_assert_uint_eq(syncs, 3); /* after 4096 buckets, of all, and with the header */
    ck_assert_int_eq(tjob_file_store_open_read_only(&backup, copy, 0), TJOB_FILE_OK);
    for (unsigned i = 0; i < MANY; i++) {
        const tjob_store loads = tjob_file_store_callbacks(&backup);
        tjob_job found;
        uint64_t version;
        const tjob_load_status status = loads.load(&backup, NULL, store_machine_name(name, i), &found, &version);
        EXPECT(status == (i % STEP == 0 ? TJOB_LOAD_OK : TJOB_LOAD_NOT_FOUND));
        EXPECT(i % STEP != 0 || found.host_code == i);
    }
    tjob_file_store_close(&backup);
    ck_assert_uint_eq(sleeps, 0); /* nobody changed the store */
    forget_progress(&store);
    ck_assert_int_eq(tjob_file_store_copy(&store, folder_file(&folder, "again"), filter, sizeof filter), TJOB_FILE_OK);
    ck_assert_uint_ne(sleeps, 0);
    ck_assert_uint_le(longest_us, 100000);
    disk.clock_us = jump;
    ck_assert_int_eq(tjob_file_store_copy(&store, folder_file(&folder, "late"), filter, sizeof filter), TJOB_FILE_OK);
    ck_assert_uint_eq(longest_us, 100000);
    tjob_file_store_close(&store);
    folder_remove(&folder);
}
END_TEST

static unsigned page_reads;

static int64_t count_page_reads(void *context, int file, uint64_t offset, void *bytes, size_t count)
{
    page_reads += count == FILE_PAGE_BYTES ? 1 : 0;
    return tjob__posix_disk.read(context, file, offset, bytes, count);
}

static unsigned page_writes;

static int64_t count_page_writes(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
    page_writes += count % FILE_PAGE_BYTES == 0 ? 1 : 0;
    return tjob__posix_disk.write(context, file, offset, bytes, count);
}

static int same_key(void *context, void *bytes, size_t count)
{
    (void)context;
    memset(bytes, 7, count);
    return 0;
}

/* Returns how many jobs are in the higher of their two buckets. */
static unsigned count_second(tjob_file_store *store)
{
    const struct file_header header = tjob__file_store_header(store);
    unsigned second = 0;
    for (uint32_t bucket = 0; bucket < tjob_file_store_buckets(store); bucket++) {
        tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
        uint32_t count;
        EXPECT(tjob_file_store_jobs(store, bucket, jobs, &count) == TJOB_FILE_OK);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t buckets[2];
            tjob__file_header_buckets_of(&header, (tjob_text){jobs[i].arn, jobs[i].arn_bytes}, buckets);
            second += buckets[0] < bucket || buckets[1] < bucket ? 1 : 0;
        }
    }
    return second;
}

/*
 * Without memory, for each job in the second of its buckets; with a little, for some of them; with enough, for few.
 */
START_TEST(a_page_is_read_again_only_for_a_name_that_the_filter_may_have)
{
    enum { CAPACITY_HERE = 240, COPIES = 4 };
    static const size_t sizes[COPIES] = {0, 16, 64, sizeof filter};
    unsigned reads[COPIES];
    struct folder folder;
    struct tjob_disk disk = tjob__posix_disk;
    char name[TJOB_ARN_BYTES_MAX];
    tjob_file_store store;
    folder_make(&folder);
    disk.read = count_page_reads;
    disk.write = count_page_writes;
    disk.random = same_key;
    ck_assert_int_eq(tjob__file_store_create(&disk, folder_file(&folder, "store"), CAPACITY_HERE), TJOB_FILE_OK);
    ck_assert_int_eq(tjob__file_store_open(&disk, &store, folder_file(&folder, "store"), 0), TJOB_FILE_OK);
    const tjob_store callbacks = tjob_file_store_callbacks(&store);
    for (unsigned i = 0; i < CAPACITY_HERE; i++) {
        const tjob_job job = job_of(i);
        EXPECT(callbacks.swap(&store, NULL, store_machine_name(name, i), 0, &job) == TJOB_SWAP_OK);
    }
    const unsigned second = count_second(&store);
    for (int i = 0; i < COPIES; i++) {
        memset(filter, 0xff, sizeof filter);
        page_reads = 0;
        page_writes = 0;
        (void)remove(folder_file(&folder, "copy"));
        EXPECT(tjob_file_store_copy(&store, folder_file(&folder, "copy"), sizes[i] != 0 ? filter : NULL, sizes[i]) ==
               TJOB_FILE_OK);
        EXPECT(sizes[i] == sizeof filter || filter[sizes[i]] == 0xff);
        reads[i] = page_reads;
    }
    ck_assert_uint_eq(reads[0], second);
    ck_assert(reads[1] < reads[0] && reads[2] < reads[1]);
    ck_assert_uint_lt(reads[3], second / 10); /* names that have both buckets in common with another */
    /* Of four neighbours together, or of those that wait when a page is read. */
    ck_assert_uint_le(page_writes, (tjob_file_store_buckets(&store) + 3) / 4 + reads[3]);
    tjob_file_store_close(&store);
    folder_remove(&folder);
}
END_TEST

/* On a file system without holes it takes more, and so does the store. */
START_TEST(a_backup_has_holes_where_the_store_has_some)
{
    enum { MANY = 1000000, BLOCKS_MORE = 128 /* of 512 bytes */ };
    struct folder folder;
    struct stat store_status;
    struct stat copy_status;
    char path[FOLDER_PATH_BYTES_MAX + 16];
    tjob_file_store store;
    folder_make(&folder);
    snprintf(path, sizeof path, "%s", folder_file(&folder, "store"));
    ck_assert_int_eq(tjob_file_store_create(path, MANY), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_open(&store, path, 0), TJOB_FILE_OK);
    const tjob_store callbacks = tjob_file_store_callbacks(&store);
    const tjob_job job = job_of(1);
    tjob_job found;
    uint64_t version;
    ck_assert_int_eq(callbacks.load(&store, NULL, sample_arn, &found, &version), TJOB_LOAD_NOT_FOUND);
    ck_assert_int_eq(callbacks.swap(&store, NULL, sample_arn, version, &job), TJOB_SWAP_OK);
    ck_assert_int_eq(tjob_file_store_copy(&store, folder_file(&folder, "copy"), NULL, 0), TJOB_FILE_OK);
    ck_assert_int_eq(stat(folder_file(&folder, "copy"), &copy_status), 0);
    ck_assert_int_eq(stat(path, &store_status), 0);
    ck_assert_int_le(copy_status.st_blocks, store_status.st_blocks + BLOCKS_MORE);
    tjob_file_store_close(&store);
    folder_remove(&folder);
}
END_TEST

RUN_TESTS("file_copy", {a_backup_holds_what_the_store_holds, 0}, {a_backup_of_a_backup_is_one_too, 0},
          {a_sweep_over_a_backup_passes_over_what_has_no_record, 0}, {a_backup_that_is_damaged_says_so, WRONG_COUNT},
          {a_backup_that_cannot_be_read_says_so, 4}, {a_backup_of_a_store_with_invalid_progress_is_sound, 2},
          {a_backup_of_an_empty_store_is_empty, 0}, {a_backup_is_only_read, 0},
          {a_store_that_is_only_read_can_be_backed_up, 0}, {a_target_that_is_none_is_refused_and_stays, 0},
          {a_backup_belongs_to_whom_the_store_does_where_that_may_be, 2}, {a_bucket_that_is_held_is_waited_for, 0},
          {all_buckets_together_are_waited_for_no_longer_than_one, 0},
          {a_store_that_has_grown_is_not_backed_up_under_its_old_file, 0},
          {a_store_that_is_damaged_is_not_backed_up, 4}, {a_store_with_a_name_twice_is_not_backed_up, 2 * TWICE_CASES},
          {a_store_with_a_job_in_a_wrong_bucket_is_not_backed_up, 3},
          {a_job_that_moves_on_is_in_the_backup_once_and_as_it_is, 0},
          {a_job_that_moves_back_is_absent_as_it_was_between, 0}, {a_backup_that_fails_at_any_call_is_removed, 2},
          {a_backup_that_dies_before_any_change_is_whole_or_none, 3},
          {a_backup_that_cannot_remove_what_is_older_fails, 0}, {a_bucket_that_has_not_yet_held_a_job_is_copied, 0},
          {a_backup_of_many_buckets_that_fails_at_any_call_is_removed, 2},
          {a_page_is_read_again_only_for_a_name_that_the_filter_may_have, 0},
          {a_store_of_many_buckets_is_backed_up_on_the_systems_disk, 0},
          {a_backup_has_holes_where_the_store_has_some, 0})
