/* Looking through a store, and what it says of bytes that nobody has written: the check, the lists, and calls. */
#include <errno.h>
#include <string.h>

#include "host/file_store/grow.h"
#include "host/file_store/inspect.h"
#include "host/file_store/store.h"
#include "support/jobs.h"
#include "support/store_machine.h"
#include "support/suite.h"

enum { LARGER = 13, LARGER_BUCKETS = 3, ALL = 20 };

/* ---- Sound stores -------------------------------------------------------------------------------------------------
 */

static tjob_job job_of(unsigned number)
{
    tjob_job job = sample_job(TJOB_TRAINING);
    job.host_code = number;
    return job;
}

START_TEST(the_buckets_list_every_job_once)
{
    struct store_machine machine;
    char name[TJOB_ARN_BYTES_MAX];
    unsigned seen[ALL] = {0};
    store_machine_make(&machine);
    for (unsigned i = 0; i < ALL; i++) {
        const tjob_job job = job_of(i);
        store_machine_put(&machine, store_machine_name(name, i), &job);
    }
    for (uint32_t bucket = 0; bucket < 2; bucket++) {
        tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
        tjob_file_bucket report;
        uint32_t count;
        ck_assert_int_eq(tjob_file_store_jobs(&machine.store, bucket, jobs, &count), TJOB_FILE_OK);
        for (uint32_t i = 0; i < count; i++) {
            const unsigned number = jobs[i].job.host_code;
            const tjob_text arn = {jobs[i].arn, jobs[i].arn_bytes};
            const tjob_text wanted = store_machine_name(name, number);
            seen[number]++;
            ck_assert_uint_eq(arn.bytes, wanted.bytes);
            ck_assert_mem_eq(arn.data, wanted.data, wanted.bytes);
            ck_assert_uint_eq(jobs[i].version, store_machine_version(&machine, arn));
            ck_assert(store_machine_holds(&machine, arn, &jobs[i].job));
        }
        ck_assert_int_eq(tjob_file_store_inspect(&machine.store, bucket, &report), TJOB_FILE_OK);
        ck_assert_uint_eq(report.jobs, count);
        ck_assert_uint_eq(report.offset, ((uint64_t)bucket + 2) * 12288);
        ck_assert(report.torn_pages == 0 && report.bad_jobs == 0 && !report.lost && !report.not_durable);
    }
    for (unsigned i = 0; i < ALL; i++) {
        ck_assert_uint_eq(seen[i], 1);
    }
    store_machine_unmake(&machine);
}
END_TEST

/* Each bucket takes half of them, and the last one finds room in neither. */
START_TEST(a_job_that_finds_no_slot_in_either_bucket_is_one_too_many)
{
    struct store_machine machine;
    char name[TJOB_ARN_BYTES_MAX];
    const tjob_job job = job_of(1);
    store_machine_make(&machine);
    for (unsigned i = 0; i < SLOTS; i++) {
        store_machine_put(&machine, store_machine_name(name, i), &job);
        tjob_file_bucket first;
        tjob_file_bucket second;
        ck_assert_int_eq(tjob_file_store_inspect(&machine.store, 0, &first), TJOB_FILE_OK);
        ck_assert_int_eq(tjob_file_store_inspect(&machine.store, 1, &second), TJOB_FILE_OK);
        ck_assert_uint_eq(first.jobs + second.jobs, i + 1);
        ck_assert_uint_le(first.jobs, second.jobs + 1);
        ck_assert_uint_le(second.jobs, first.jobs + 1);
    }
    const tjob_text last = store_machine_name(name, SLOTS);
    ck_assert_int_eq(store_machine_swap(&machine, last, store_machine_version(&machine, last), &job), TJOB_SWAP_FULL);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_FULL);
    ck_assert(store_machine_holds(&machine, last, NULL));
    store_machine_put(&machine, store_machine_name(name, 0), NULL);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_FULL); /* the latest there was */
    store_machine_put(&machine, store_machine_name(name, SLOTS), &job);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(there_are_no_other_buckets)
{
    struct store_machine machine;
    tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
    tjob_file_bucket report;
    uint32_t count = 1;
    store_machine_make(&machine);
    ck_assert_int_eq(tjob_file_store_jobs(&machine.store, 2, jobs, &count), TJOB_FILE_INVALID_ARGUMENT);
    ck_assert_uint_eq(count, 0);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_file_store_inspect(&machine.store, 2, &report), TJOB_FILE_INVALID_ARGUMENT);
    ck_assert(report.jobs == 0 && report.torn_pages == 0 && !report.lost);
    store_machine_unmake(&machine);
}
END_TEST

/* A read fails: of the state of the file, of the bucket, of how far it has come, or of its entry. */
START_TEST(a_bucket_that_cannot_be_read_is_reported_so)
{
    static const unsigned reads[] = {1, 2, 3, 4};
    struct store_machine machine;
    tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
    tjob_file_bucket report;
    uint32_t count = 1;
    store_machine_make(&machine);
    machine.process.fault_function = SIM_READ;
    machine.process.fault = -EACCES;
    machine.process.fault_from = machine.process.calls[SIM_READ] + 1 + reads[_i]; /* after an optimistic one */
    ck_assert_int_eq(tjob_file_store_jobs(&machine.store, 0, jobs, &count), TJOB_FILE_NO_PERMISSION);
    ck_assert_uint_eq(count, 0);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_NO_PERMISSION);
    machine.process.fault_from = machine.process.calls[SIM_READ] + reads[_i];
    ck_assert_int_eq(tjob_file_store_inspect(&machine.store, 0, &report), TJOB_FILE_NO_PERMISSION);
    ck_assert(report.torn_pages == 0 && report.jobs == 0 && !report.lost);
    ck_assert_uint_eq(machine.disk.lock_count, 0);
    ck_assert_int_eq(tjob_file_store_inspect(&machine.store, 0, &report), TJOB_FILE_OK);
    store_machine_unmake(&machine);
}
END_TEST

/* ---- Bytes that nobody has written --------------------------------------------------------------------------------
 */

/* Makes page 0 of a bucket its newest, with some sequence, as if the store had written it. */
static void forge(struct store_machine *machine, uint32_t bucket, unsigned char page[FILE_PAGE_BYTES],
                  uint64_t sequence, bool marked)
{
    uint64_t size;
    unsigned char *bytes =
        sim_bytes(&machine->disk, "store", &size) + tjob__file_header_bucket_offset(MACHINE_BUCKETS, bucket);
    const struct file_place place = {
        .file = tjob__file_store_header(&machine->store).identity, .bucket = bucket, .page = 0};
    const struct file_place other = {.file = place.file, .bucket = bucket, .page = 1};
    tjob__file_page_seal(page, &place, sequence);
    memcpy(bytes, page, FILE_PAGE_BYTES);
    tjob__file_entry_encode(&place.file, bucket,
                            sim_bytes(&machine->disk, "store", &size) + tjob__file_entry_offset(bucket));
    if (marked) {
        tjob__file_mark_write(bytes + FILE_PAGE_BYTES + FILE_MARK_OFFSET, &other, sequence);
    }
}

/* A page with the sample name and the other one, versions 1 and 2. */
static void make_page(unsigned char page[FILE_PAGE_BYTES])
{
    const tjob_job first = job_of(1);
    const tjob_job second = job_of(2);
    memset(page, 0, FILE_PAGE_BYTES);
    tjob__file_page_put(page, 0, sample_arn, 1, &first);
    tjob__file_page_put(page, 1, other_arn, 2, &second);
}

static tjob_file_problem check(struct store_machine *machine, uint32_t bucket, tjob_file_bucket *report)
{
    const tjob_file_problem problem = tjob_file_store_inspect(&machine->store, bucket, report);
    EXPECT(problem == TJOB_FILE_OK || tjob_file_store_problem(&machine->store) == problem);
    return problem;
}

START_TEST(a_name_in_both_its_buckets_cannot_be_reported)
{
    struct store_machine machine;
    unsigned char page[FILE_PAGE_BYTES];
    tjob_job job;
    uint64_t version;
    tjob_file_bucket report;
    store_machine_make(&machine);
    for (uint32_t bucket = 0; bucket < 2; bucket++) {
        make_page(page);
        forge(&machine, bucket, page, 10, true);
    }
    for (uint32_t bucket = 0; bucket < 2; bucket++) {
        ck_assert_int_eq(check(&machine, bucket, &report), TJOB_FILE_DAMAGED);
        ck_assert(report.index == bucket && report.twice == 2 && report.jobs == 2 && report.bad_jobs == 0);
        ck_assert(!report.lost && !report.rolled_back && !report.unregistered);
    }
    ck_assert_int_eq(tjob__file_store_grow(&machine.process.table, "store", LARGER, WAIT_MS), TJOB_FILE_DAMAGED);
    ck_assert_int_eq(store_machine_load(&machine, sample_arn, &job, &version), TJOB_LOAD_OK); /* it sees one of them */
    ck_assert_int_eq(store_machine_swap(&machine, sample_arn, version, NULL), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_DAMAGED);
    store_machine_unmark(&machine);
    ck_assert_int_eq(store_machine_load(&machine, sample_arn, &job, &version), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_DAMAGED);
    /* One of the two was put back, too: it holds what it holds. */
    uint64_t size;
    const struct file_header header = tjob__file_store_header(&machine.store);
    tjob__file_progress_encode(&header.identity, 0, 1000,
                               sim_bytes(&machine.disk, "store", &size) +
                                   tjob__file_progress_offset(MACHINE_BUCKETS, 0));
    for (uint32_t bucket = 0; bucket < 2; bucket++) {
        ck_assert_int_eq(check(&machine, bucket, &report), TJOB_FILE_DAMAGED);
        ck_assert(report.twice == 2 && report.rolled_back == (bucket == 0));
    }
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_record_that_cannot_be_is_bad_and_spoils_no_other)
{
    struct store_machine machine;
    unsigned char page[FILE_PAGE_BYTES];
    tjob_job job = job_of(2);
    uint64_t version;
    tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
    tjob_file_bucket report;
    uint32_t count;
    store_machine_make(&machine);
    make_page(page);
    memset(page + 32, 0, 8); /* its version */
    forge(&machine, 0, page, 10, true);
    ck_assert_int_eq(check(&machine, 0, &report), TJOB_FILE_DAMAGED);
    ck_assert(report.jobs == 2 && report.bad_jobs == 1 && !report.lost && report.torn_pages == 0);
    count = 2;
    ck_assert_int_eq(tjob_file_store_jobs(&machine.store, 0, jobs, &count), TJOB_FILE_DAMAGED);
    ck_assert_uint_eq(count, 0); /* nobody reads what is not there */
    ck_assert_int_eq(tjob_file_store_jobs(&machine.store, 1, jobs, &count), TJOB_FILE_OK);
    ck_assert(store_machine_holds(&machine, other_arn, &job));
    ck_assert_int_eq(store_machine_load(&machine, sample_arn, &job, &version), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_DAMAGED);
    ck_assert_int_eq(tjob__file_store_grow(&machine.process.table, "store", LARGER, WAIT_MS), TJOB_FILE_DAMAGED);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_name_that_stands_twice_in_a_bucket_is_bad)
{
    struct store_machine machine;
    unsigned char page[FILE_PAGE_BYTES];
    const tjob_job job = job_of(3);
    tjob_file_bucket report;
    store_machine_make(&machine);
    make_page(page);
    tjob__file_page_put(page, 2, sample_arn, 3, &job);
    forge(&machine, 1, page, 10, true);
    ck_assert_int_eq(check(&machine, 1, &report), TJOB_FILE_DAMAGED);
    ck_assert(report.jobs == 3 && report.bad_jobs == 1 && !report.lost);
    store_machine_unmake(&machine);
}
END_TEST

/* A store with three buckets, of which a name has two. */
START_TEST(a_name_of_another_bucket_is_bad)
{
    struct store_machine machine;
    unsigned char page[FILE_PAGE_BYTES];
    tjob_file_bucket report;
    uint32_t buckets[2];
    store_machine_make(&machine);
    ck_assert_int_eq(tjob__file_store_grow(&machine.process.table, "store", LARGER, WAIT_MS), TJOB_FILE_OK);
    sim_kill(&machine.process);
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_OK);
    const struct file_header header = tjob__file_store_header(&machine.store);
    ck_assert_uint_eq(header.buckets, LARGER_BUCKETS);
    tjob__file_header_buckets_of(&header, sample_arn, buckets);
    for (uint32_t bucket = 0; bucket < LARGER_BUCKETS; bucket++) {
        const tjob_job job = job_of(1);
        const bool belongs = bucket == buckets[0] || bucket == buckets[1];
        tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
        uint32_t count;
        memset(page, 0, sizeof page);
        tjob__file_page_put(page, 0, sample_arn, 1, &job);
        forge(&machine, bucket, page, 10, true);
        const bool is_second = bucket == (buckets[0] > buckets[1] ? buckets[0] : buckets[1]);
        ck_assert_int_eq(check(&machine, bucket, &report), belongs && !is_second ? TJOB_FILE_OK : TJOB_FILE_DAMAGED);
        ck_assert_uint_eq(report.bad_jobs, belongs ? 0 : 1);
        ck_assert_uint_eq(report.twice, is_second ? 1 : 0);
        ck_assert_int_eq(tjob_file_store_jobs(&machine.store, bucket, jobs, &count),
                         belongs ? TJOB_FILE_OK : TJOB_FILE_DAMAGED);
    }
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_bucket_that_lost_its_newest_page_is_lost)
{
    struct store_machine machine;
    unsigned char page[FILE_PAGE_BYTES];
    tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
    tjob_file_bucket report;
    uint64_t size;
    uint32_t count;
    store_machine_make(&machine);
    for (uint32_t bucket = 0; bucket < 2; bucket++) {
        make_page(page);
        forge(&machine, bucket, page, 10, bucket == 0);
    }
    sim_bytes(&machine.disk, "store", &size)[tjob__file_header_bucket_offset(MACHINE_BUCKETS, 0) + 40] ^= 1;
    ck_assert_int_eq(check(&machine, 1, &report), TJOB_FILE_OK);
    ck_assert(report.jobs == 2 && report.not_durable);
    ck_assert_int_eq(check(&machine, 0, &report), TJOB_FILE_DAMAGED);
    ck_assert(report.lost && report.torn_pages == 1 && report.jobs == 0 && report.bad_jobs == 0 && !report.not_durable);
    ck_assert_int_eq(tjob_file_store_jobs(&machine.store, 0, jobs, &count), TJOB_FILE_DAMAGED);
    ck_assert_uint_eq(count, 0);
    ck_assert_int_eq(check(&machine, 1, &report), TJOB_FILE_OK);
    store_machine_unmake(&machine);
}
END_TEST

/* Its pages are put back to what they were before its latest changes: whole, and marked. */
START_TEST(a_bucket_that_was_put_back_is_reported_and_not_changed)
{
    static unsigned char before[2 * FILE_BUCKET_BYTES];
    struct store_machine machine;
    tjob_file_bucket report;
    uint64_t size;
    uint64_t version;
    unsigned reported = 0;
    store_machine_make(&machine);
    tjob_job job = job_of(1);
    store_machine_put(&machine, sample_arn, &job);
    unsigned char *pages =
        sim_bytes(&machine.disk, "store", &size) + tjob__file_header_bucket_offset(MACHINE_BUCKETS, 0);
    memcpy(before, pages, sizeof before);
    for (unsigned i = 0; i < 1 + (unsigned)_i; i++) {
        store_machine_put(&machine, sample_arn, i % 2 == 0 ? NULL : &job);
    }
    memcpy(pages, before, sizeof before);
    for (uint32_t bucket = 0; bucket < 2; bucket++) {
        const tjob_file_problem problem = check(&machine, bucket, &report);
        ck_assert_int_eq(problem, report.rolled_back ? TJOB_FILE_DAMAGED : TJOB_FILE_OK);
        ck_assert(!report.lost && report.bad_jobs == 0 && report.twice == 0 && !report.unregistered);
        reported += report.rolled_back ? 1 : 0;
    }
    ck_assert_uint_eq(reported, 1);
    unsigned refused = 0;
    for (uint32_t bucket = 0; bucket < 2; bucket++) { /* a sweep does not return what is known to be old */
        tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
        uint32_t count;
        refused +=
            tjob_file_store_jobs(&machine.store, bucket, jobs, &count) == TJOB_FILE_DAMAGED && count == 0 ? 1 : 0;
    }
    ck_assert_uint_eq(refused, 1);
    ck_assert_int_eq(store_machine_load(&machine, sample_arn, &job, &version), TJOB_LOAD_OK); /* it does not look */
    ck_assert_int_eq(store_machine_swap(&machine, sample_arn, version, NULL), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_DAMAGED);
    ck_assert_int_eq(tjob__file_store_grow(&machine.process.table, "store", LARGER, WAIT_MS), TJOB_FILE_DAMAGED);
    /* One whose mark was not put back is not reported by loads, either. */
    for (int page = 0; page < 2 * FILE_BUCKET_PAGES; page++) {
        memset(pages + page * FILE_PAGE_BYTES + FILE_MARK_OFFSET, 0, FILE_MARK_BYTES);
    }
    ck_assert_int_eq(store_machine_load(&machine, sample_arn, &job, &version), TJOB_LOAD_UNAVAILABLE);
    store_machine_unmake(&machine);
}
END_TEST

static int64_t (*sound_read)(void *context, int file, uint64_t offset, void *bytes, size_t count);

/* Cannot report how far the buckets have come. */
static int64_t fail_to_read_progress(void *context, int file, uint64_t offset, void *bytes, size_t count)
{
    const uint64_t begin = tjob__file_progress_offset(MACHINE_BUCKETS, 0);
    const bool is_progress = offset >= begin && offset < begin + (uint64_t)MACHINE_BUCKETS * FILE_PROGRESS_BYTES;
    return is_progress ? -EIO : sound_read(context, file, offset, bytes, count);
}

/* What cannot be read is not nothing: else a bucket that was put back would be sound, and a version given twice. */
START_TEST(a_bucket_of_which_nobody_can_read_how_far_it_has_come_is_not_sound)
{
    struct store_machine machine;
    tjob_file_bucket report;
    const tjob_job job = job_of(1);
    store_machine_make(&machine);
    store_machine_put(&machine, sample_arn, &job);
    const uint64_t version = store_machine_version(&machine, sample_arn);
    sound_read = machine.process.table.read;
    machine.process.table.read = fail_to_read_progress;
    for (uint32_t bucket = 0; bucket < MACHINE_BUCKETS; bucket++) {
        ck_assert_int_eq(check(&machine, bucket, &report), TJOB_FILE_IO);
    }
    ck_assert_int_eq(store_machine_swap(&machine, sample_arn, version, NULL), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_IO);
    ck_assert_int_eq(tjob__file_store_grow(&machine.process.table, "store", LARGER, WAIT_MS), TJOB_FILE_IO);
    machine.process.table.read = sound_read;
    ck_assert(store_machine_holds(&machine, sample_arn, &job));
    ck_assert_int_eq(store_machine_swap(&machine, sample_arn, version, NULL), TJOB_SWAP_OK);
    store_machine_unmake(&machine);
}
END_TEST

/* Its entries are gone: nothing is lost, but nobody would see it if the bucket were zeroed. */
START_TEST(a_used_bucket_that_is_not_registered_is_reported_and_mended_by_its_next_change)
{
    struct store_machine machine;
    tjob_file_bucket reports[2];
    uint64_t size;
    store_machine_make(&machine);
    const tjob_job job = job_of(1);
    store_machine_put(&machine, sample_arn, &job);
    unsigned char *file = sim_bytes(&machine.disk, "store", &size);
    memset(file + tjob__file_entry_offset(0), 0, 2 * FILE_ENTRY_BYTES);
    for (uint32_t bucket = 0; bucket < 2; bucket++) {
        ck_assert_int_eq(check(&machine, bucket, &reports[bucket]), TJOB_FILE_OK); /* it is known how far it came */
    }
    memset(file + tjob__file_progress_offset(MACHINE_BUCKETS, 0), 0xff, 2 * FILE_PROGRESS_BYTES);
    for (uint32_t bucket = 0; bucket < 2; bucket++) {
        const tjob_file_problem problem = check(&machine, bucket, &reports[bucket]);
        ck_assert_int_eq(problem, reports[bucket].unregistered ? TJOB_FILE_DAMAGED : TJOB_FILE_OK);
        ck_assert(!reports[bucket].lost && !reports[bucket].rolled_back && reports[bucket].twice == 0);
    }
    ck_assert_uint_eq(reports[0].unregistered + reports[1].unregistered, 1);
    ck_assert_uint_eq(reports[reports[0].unregistered ? 0 : 1].jobs, 1);
    ck_assert(store_machine_holds(&machine, sample_arn, &job));
    store_machine_put(&machine, sample_arn, &job);
    for (uint32_t bucket = 0; bucket < 2; bucket++) {
        ck_assert_int_eq(check(&machine, bucket, &reports[bucket]), TJOB_FILE_OK);
    }
    store_machine_unmake(&machine);
}
END_TEST

/*
 * The other bucket of a name cannot be read, or is held by others: then it is not known whether the name stands twice.
 */
START_TEST(a_check_that_cannot_look_at_the_other_bucket_says_so)
{
    struct store_machine machine;
    struct sim_process other;
    unsigned char page[FILE_PAGE_BYTES];
    tjob_file_bucket report;
    store_machine_make(&machine);
    for (uint32_t bucket = 0; bucket < 2; bucket++) {
        make_page(page);
        forge(&machine, bucket, page, 10, true);
    }
    machine.process.fault_function = SIM_READ;
    machine.process.fault = -EIO;
    machine.process.fault_from = machine.process.calls[SIM_READ] + 5 + (unsigned)_i; /* a look; state; bucket */
    ck_assert_int_eq(check(&machine, 0, &report), _i == 1 ? TJOB_FILE_IO : TJOB_FILE_DAMAGED);
    ck_assert_uint_eq(report.twice, _i == 1 ? 0 : 1); /* a bucket that is not readable holds nothing */
    ck_assert_uint_eq(machine.disk.lock_count, 0);
    sim_start(&other, &machine.disk);
    const int file = other.table.open(&other, "store", DISK_EXISTING);
    const uint64_t offset = tjob__file_header_bucket_offset(MACHINE_BUCKETS, 1);
    ck_assert_int_eq(other.table.lock(&other, file, DISK_LOCK, offset, FILE_BUCKET_BYTES), 0);
    ck_assert_int_eq(check(&machine, 0, &report), TJOB_FILE_BUSY);
    sim_kill(&other);
    ck_assert_int_eq(check(&machine, 0, &report), TJOB_FILE_DAMAGED);
    store_machine_unmake(&machine);
}
END_TEST

/* What an older page of the other bucket holds is not there any more; nor is what one holds that is lost. */
/* Each read fails in turn. */
START_TEST(a_check_that_may_not_read_says_so)
{
    struct store_machine machine;
    unsigned char page[FILE_PAGE_BYTES];
    tjob_file_bucket report;
    bool made = true;
    store_machine_make(&machine);
    for (uint32_t bucket = 0; bucket < 2; bucket++) {
        make_page(page);
        forge(&machine, bucket, page, 10, true);
    }
    machine.process.fault_function = SIM_READ;
    machine.process.fault = -EACCES;
    for (unsigned call = 1; made; call++) {
        machine.process.fault_from = machine.process.calls[SIM_READ] + call;
        const tjob_file_problem problem = check(&machine, 0, &report);
        made = machine.process.calls[SIM_READ] >= machine.process.fault_from;
        ck_assert_int_eq(problem, made ? TJOB_FILE_NO_PERMISSION : TJOB_FILE_DAMAGED);
        ck_assert_uint_eq(machine.disk.lock_count, 0);
    }
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_name_that_stood_in_the_other_bucket_before_does_not_stand_twice)
{
    struct store_machine machine;
    unsigned char page[FILE_PAGE_BYTES];
    tjob_file_bucket report;
    uint64_t size;
    store_machine_make(&machine);
    make_page(page);
    forge(&machine, 0, page, 10, true);
    make_page(page);
    forge(&machine, 1, page, 9, true);
    unsigned char *bucket =
        sim_bytes(&machine.disk, "store", &size) + tjob__file_header_bucket_offset(MACHINE_BUCKETS, 1);
    const struct file_place second = {.file = tjob__file_store_header(&machine.store).identity, .bucket = 1, .page = 1};
    tjob__file_page_seal(bucket + FILE_PAGE_BYTES, &second, 10); /* an empty table */
    ck_assert_int_eq(check(&machine, 0, &report), TJOB_FILE_OK);
    ck_assert_uint_eq(report.twice, 0);
    bucket[8] ^= 1;
    bucket[FILE_PAGE_BYTES + 8] ^= 1;
    ck_assert_int_eq(check(&machine, 0, &report), TJOB_FILE_OK);
    ck_assert_int_eq(check(&machine, 1, &report), TJOB_FILE_DAMAGED);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_torn_page_that_holds_nothing_is_counted)
{
    struct store_machine machine;
    unsigned char page[FILE_PAGE_BYTES];
    tjob_file_bucket report;
    uint64_t size;
    store_machine_make(&machine);
    make_page(page);
    forge(&machine, 0, page, 10, true);
    sim_bytes(&machine.disk, "store",
              &size)[tjob__file_header_bucket_offset(MACHINE_BUCKETS, 0) + 2 * FILE_PAGE_BYTES] = 1;
    ck_assert_int_eq(check(&machine, 0, &report), TJOB_FILE_OK);
    ck_assert(report.torn_pages == 1 && report.jobs == 2 && !report.lost);
    store_machine_unmake(&machine);
}
END_TEST

/*
 * What is not known to be durable is reported as such by the check, which changes nothing, and made durable by a list.
 */
START_TEST(a_list_makes_durable_what_it_reports)
{
    struct store_machine machine;
    unsigned char page[FILE_PAGE_BYTES];
    tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
    tjob_file_bucket report;
    uint32_t count;
    store_machine_make(&machine);
    make_page(page);
    forge(&machine, 0, page, 10, false);
    for (int again = 0; again < 2; again++) {
        ck_assert_int_eq(check(&machine, 0, &report), TJOB_FILE_OK);
        ck_assert(report.not_durable && report.jobs == 2);
    }
    ck_assert_int_eq(tjob_file_store_jobs(&machine.store, 0, jobs, &count), TJOB_FILE_OK);
    ck_assert_uint_eq(count, 2);
    sim_kill(&machine.process);
    sim_power_cut(&machine.disk, SIM_TEARS_BYTES);
    ck_assert_int_eq(store_machine_open(&machine), TJOB_FILE_OK);
    const tjob_job first = job_of(1);
    ck_assert(store_machine_holds(&machine, sample_arn, &first));
    store_machine_unmake(&machine);
}
END_TEST

/* Nobody gets there by calls; but a file can say that it has come so far. What is there can be loaded all the same,
 * even where a crash has left a change that must be made durable first. */
START_TEST(a_store_without_a_version_left_changes_no_more)
{
    const bool marked = _i % 2 == 0;
    const bool last = _i < 2;
    struct store_machine machine;
    unsigned char page[FILE_PAGE_BYTES];
    const tjob_job job = job_of(1);
    store_machine_make(&machine);
    make_page(page);
    forge(&machine, 0, page, last ? FILE_SEQUENCE_CHANGE_MAX : FILE_SEQUENCE_CHANGE_MAX - 1, marked);
    ck_assert(store_machine_holds(&machine, sample_arn, &job));
    const bool can_change = !last && marked; /* otherwise, the last one is taken for making it durable */
    ck_assert_int_eq(store_machine_swap(&machine, sample_arn, 1, NULL),
                     can_change ? TJOB_SWAP_OK : TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), can_change ? TJOB_FILE_OK : TJOB_FILE_EXHAUSTED);
    ck_assert(!can_change || store_machine_version(&machine, sample_arn) == FILE_SEQUENCE_CHANGE_MAX);
    store_machine_unmake(&machine);
}
END_TEST

/* A creation without a version is refused before it takes room, which would use up sequences that are for copies. */
START_TEST(a_creation_without_a_version_writes_nothing)
{
    struct store_machine machine;
    unsigned char page[FILE_PAGE_BYTES];
    const tjob_job job = job_of(1);
    unsigned refused = 0;
    store_machine_make(&machine);
    make_page(page);
    forge(&machine, 0, page, FILE_SEQUENCE_CHANGE_MAX, true);
    for (unsigned i = 0; i < 8; i++) {
        char name[TJOB_ARN_BYTES_MAX];
        const tjob_text arn = store_machine_name(name, i);
        const uint64_t version = store_machine_version(&machine, arn);
        const unsigned writes = machine.process.calls[SIM_WRITE];
        if (store_machine_swap(&machine, arn, version, &job) != TJOB_SWAP_OK) {
            ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_EXHAUSTED);
            ck_assert_uint_eq(machine.process.calls[SIM_WRITE], writes);
            refused++;
        }
    }
    ck_assert_uint_ne(refused, 0);
    store_machine_unmake(&machine);
}
END_TEST

/* Where not even a copy has a sequence, a list goes on with the other buckets. */
START_TEST(a_bucket_without_a_sequence_for_a_copy_is_skipped_by_lists)
{
    static tjob_listed_job jobs[TJOB_LIST_PAGE_MIN];
    const tjob_list_query query = {.states = 0};
    tjob_list_cursor cursor = {{0}};
    struct store_machine machine;
    unsigned char page[FILE_PAGE_BYTES];
    uint32_t count;
    store_machine_make(&machine);
    make_page(page);
    forge(&machine, 0, page, FILE_SEQUENCE_MAX, false);
    const tjob_store_list list = tjob_file_store_list(&machine.store);
    ck_assert_int_eq(list.list(list.context, NULL, &query, &cursor, jobs, TJOB_LIST_PAGE_MIN, &count),
                     TJOB_LIST_SKIPPED);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_EXHAUSTED);
    ck_assert_int_eq(list.list(list.context, NULL, &query, &cursor, jobs, TJOB_LIST_PAGE_MIN, &count), TJOB_LIST_END);
    store_machine_unmake(&machine);
}
END_TEST

/* A version depends on both buckets of a name: none is given while one of them is not what it has come to. */
START_TEST(no_name_of_a_bucket_that_was_put_back_is_changed)
{
    struct store_machine machine;
    unsigned char before[FILE_BUCKET_BYTES];
    uint64_t size;
    const tjob_job job = sample_job(TJOB_TRAINING);
    store_machine_make(&machine);
    store_machine_put(&machine, other_arn, &job);
    const uint64_t offset = tjob__file_header_bucket_offset(MACHINE_BUCKETS, 0);
    memcpy(before, sim_bytes(&machine.disk, "store", &size) + offset, sizeof before);
    store_machine_put(&machine, other_arn, &job);
    memcpy(sim_bytes(&machine.disk, "store", &size) + offset, before, sizeof before);
    const uint64_t version = store_machine_version(&machine, sample_arn); /* which is for the other bucket */
    ck_assert_int_eq(store_machine_swap(&machine, sample_arn, version, &job), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_DAMAGED);
    ck_assert_int_eq(store_machine_swap(&machine, other_arn, store_machine_version(&machine, other_arn), NULL),
                     TJOB_SWAP_UNAVAILABLE);
    store_machine_unmake(&machine);
}
END_TEST

/* What a name had that is gone counts as well, and so does what a damaged bucket still shows. */
START_TEST(the_highest_sequence_of_the_buckets_is_what_was_given_last)
{
    struct store_machine machine;
    uint64_t highest[MACHINE_BUCKETS] = {0};
    uint64_t size;
    const tjob_job job = sample_job(TJOB_TRAINING);
    store_machine_make(&machine);
    ck_assert_int_eq(tjob__file_inspect_highest(&machine.store, 0, &highest[0]), TJOB_FILE_OK);
    ck_assert_uint_eq(highest[0], 0);
    store_machine_put(&machine, sample_arn, &job);
    store_machine_put(&machine, sample_arn, NULL);
    const uint64_t version = store_machine_version(&machine, sample_arn);
    for (uint32_t bucket = 0; bucket < MACHINE_BUCKETS; bucket++) {
        ck_assert_int_eq(tjob__file_inspect_highest(&machine.store, bucket, &highest[bucket]), TJOB_FILE_OK);
    }
    ck_assert_uint_eq(highest[0] > highest[1] ? highest[0] : highest[1], version);
    memset(sim_bytes(&machine.disk, "store", &size) + machine.store.begin, 0, 2 * (size_t)FILE_BUCKET_BYTES);
    for (uint32_t bucket = 0; bucket < MACHINE_BUCKETS; bucket++) {
        uint64_t shown;
        ck_assert_int_eq(tjob__file_inspect_highest(&machine.store, bucket, &shown), TJOB_FILE_OK);
        ck_assert_uint_eq(shown, highest[bucket]); /* by its progress */
    }
    ck_assert_int_eq(tjob__file_inspect_highest(&machine.store, MACHINE_BUCKETS, &highest[0]),
                     TJOB_FILE_INVALID_ARGUMENT);
    ck_assert_uint_eq(highest[0], 0);
    store_machine_unmake(&machine);
}
END_TEST

/* The higher version is reported; it is 0 if both are equal. A bucket that is not listed has no records. */
START_TEST(a_name_that_two_lists_have_is_told_with_the_higher_version)
{
    static const struct {
        uint64_t versions[2];
        bool has_bad; /* the second bucket */
        bool twice;
        uint64_t highest;
    } cases[] = {
        {{3, 5}, false, true, 5}, {{5, 3}, false, true, 5},  {{4, 4}, false, true, 0},
        {{3, 5}, true, false, 3}, {{3, 0}, false, false, 0}, {{0, 3}, false, false, 0},
    };
    struct store_machine machine;
    const tjob_job job = job_of(1);
    bool twice;
    uint64_t highest;
    store_machine_make(&machine);
    for (uint32_t bucket = 0; bucket < 2; bucket++) {
        unsigned char page[FILE_PAGE_BYTES] = {0};
        if (cases[_i].versions[bucket] != 0) {
            tjob__file_page_put(page, 0, sample_arn, cases[_i].versions[bucket], &job);
            if (bucket == 1 && cases[_i].has_bad) {
                tjob__file_page_put(page, 1, other_arn, 11, &job); /* a version above that of its page */
            }
        }
        const struct file_header header = tjob__file_store_header(&machine.store);
        uint32_t buckets[2];
        tjob__file_header_buckets_of(&header, sample_arn, buckets);
        forge(&machine, buckets[bucket], page, 10, true);
    }
    ck_assert_int_eq(tjob__file_inspect_twice(&machine.store, sample_arn, &twice, &highest), TJOB_FILE_OK);
    ck_assert(twice == cases[_i].twice);
    ck_assert_uint_eq(highest, cases[_i].highest);
    machine.process.fault_function = SIM_READ;
    machine.process.fault = -EACCES;
    machine.process.fault_from = machine.process.calls[SIM_READ] + 1;
    ck_assert_int_eq(tjob__file_inspect_twice(&machine.store, sample_arn, &twice, &highest), TJOB_FILE_NO_PERMISSION);
    ck_assert(!twice);
    store_machine_unmake(&machine);
}
END_TEST

RUN_TESTS("file_inspect", {a_name_that_two_lists_have_is_told_with_the_higher_version, 6},
          {the_highest_sequence_of_the_buckets_is_what_was_given_last, 0},
          {no_name_of_a_bucket_that_was_put_back_is_changed, 0}, {the_buckets_list_every_job_once, 0},
          {a_job_that_finds_no_slot_in_either_bucket_is_one_too_many, 0}, {there_are_no_other_buckets, 0},
          {a_bucket_that_cannot_be_read_is_reported_so, 4}, {a_name_in_both_its_buckets_cannot_be_reported, 0},
          {a_record_that_cannot_be_is_bad_and_spoils_no_other, 0}, {a_name_that_stands_twice_in_a_bucket_is_bad, 0},
          {a_name_of_another_bucket_is_bad, 0}, {a_bucket_that_lost_its_newest_page_is_lost, 0},
          {a_bucket_that_was_put_back_is_reported_and_not_changed, 4},
          {a_bucket_of_which_nobody_can_read_how_far_it_has_come_is_not_sound, 0},
          {a_used_bucket_that_is_not_registered_is_reported_and_mended_by_its_next_change, 0},
          {a_check_that_cannot_look_at_the_other_bucket_says_so, 3}, {a_check_that_may_not_read_says_so, 0},
          {a_name_that_stood_in_the_other_bucket_before_does_not_stand_twice, 0},
          {a_torn_page_that_holds_nothing_is_counted, 0}, {a_list_makes_durable_what_it_reports, 0},
          {a_store_without_a_version_left_changes_no_more, 4}, {a_creation_without_a_version_writes_nothing, 0},
          {a_bucket_without_a_sequence_for_a_copy_is_skipped_by_lists, 0})
