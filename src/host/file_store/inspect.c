/* The inspection of a file store, bucket by bucket. */
#include "host/file_store/inspect.h"

#include <string.h>

#include "host/file_store/call.h"
#include "host/file_store/header.h"
#include "host/file_store/lock.h"
#include "host/file_store/store.h"

_Static_assert(TJOB_FILE_BUCKET_JOBS_MAX == FILE_PAGE_SLOTS, "the jobs that a bucket holds");

static tjob_file_problem inspect_begin(struct file_call *call, tjob_file_store *store, uint32_t bucket)
{
    uint64_t wait_us = tjob__file_call_wait_us(store);
    return bucket < store->buckets ? tjob__file_call_begin_within(call, store, bucket, &wait_us)
                                   : TJOB_FILE_INVALID_ARGUMENT;
}

/* Copies all jobs or none: an invalid record in a page with a valid checksum casts doubt on the others. */
static tjob_file_problem copy_jobs(const struct file_header *header, const struct file_bucket *bucket,
                                   tjob_listed_job *jobs, uint32_t *count)
{
    const uint32_t slots = tjob__file_page_count(bucket->page);
    for (uint32_t slot = 0; slot < slots; slot++) {
        struct file_record record;
        if (!tjob__file_header_read_slot(header, bucket->index, bucket->page, slot, &record)) {
            return TJOB_FILE_DAMAGED;
        }
        jobs[slot] =
            (tjob_listed_job){.arn_bytes = (uint32_t)record.arn.bytes, .version = record.version, .job = record.job};
        memcpy(jobs[slot].arn, record.arn.data, record.arn.bytes);
    }
    *count = slots;
    return TJOB_FILE_OK;
}

tjob_file_problem tjob__file_inspect_jobs_within(tjob_file_store *store, uint32_t bucket, uint64_t wait_us,
                                                 tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX], uint32_t *count)
{
    struct file_call call;
    *count = 0;
    tjob_file_problem problem = bucket < store->buckets ? tjob__file_call_read_bucket(&call, store, bucket, &wait_us)
                                                        : TJOB_FILE_INVALID_ARGUMENT;
    if (problem == TJOB_FILE_OK) {
        const struct file_header header = tjob__file_store_header(store);
        problem = copy_jobs(&header, &call.bucket[0], jobs, count);
    }
    return problem;
}

tjob_file_problem tjob_file_store_jobs(tjob_file_store *store, uint32_t bucket,
                                       tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX], uint32_t *count)
{
    const uint64_t wait_us = tjob__file_call_wait_us(store);
    return tjob__file_call_note(store, tjob__file_inspect_jobs_within(store, bucket, wait_us, jobs, count));
}

tjob_file_problem tjob__file_inspect_highest(tjob_file_store *store, uint32_t bucket, uint64_t *highest)
{
    struct file_call call;
    *highest = 0;
    tjob_file_problem problem = inspect_begin(&call, store, bucket);
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_call_read_highest(&call, &call.bucket[0], highest);
        tjob__file_call_end(&call);
    }
    tjob__file_call_note(store, problem);
    return problem;
}

/* ---- The check ------------------------------------------------------------------------------------------------- */

/*
 * Sets *may to whether a bucket may hold a name. Reads its pages without a lock, and does not verify their checksums.
 * If the newest page holds the name, *may is true. A page that is not readable holds nothing: its own bucket is
 * reported as lost.
 */
static tjob_file_problem may_hold(const tjob_file_store *store, uint32_t bucket, tjob_text arn, bool *may)
{
    *may = false;
    const uint32_t pages = tjob__file_header_bucket_bytes(store->is_backup) / FILE_PAGE_BYTES;
    for (uint32_t i = 0; i < pages && !*may; i++) {
        unsigned char page[FILE_PAGE_BYTES];
        const uint64_t offset = tjob__file_lock_bucket_offset(store, bucket) + (uint64_t)i * FILE_PAGE_BYTES;
        const tjob_file_problem problem = tjob__disk_read(store->disk, store->file, offset, page, sizeof page);
        if (problem != TJOB_FILE_OK && problem != TJOB_FILE_IO) {
            return problem;
        }
        *may = problem == TJOB_FILE_OK && tjob__file_page_count(page) <= FILE_PAGE_SLOTS &&
               tjob__file_page_find(page, arn) != FILE_PAGE_SLOTS;
    }
    return TJOB_FILE_OK;
}

/* Returns the version that a name has in a bucket that is listed; 0 if it has none, or the bucket has a bad record. */
static uint64_t listed_version(const tjob_file_store *store, const struct file_bucket *bucket, tjob_text arn)
{
    const struct file_header header = tjob__file_store_header(store);
    const uint32_t slot = tjob__file_page_find(bucket->page, arn);
    struct file_record record;
    if (slot == FILE_PAGE_SLOTS || !tjob__file_header_has_good_slots(&header, bucket->index, bucket->page)) {
        return 0;
    }
    (void)tjob__file_page_read(bucket->page, slot, &record); /* it is good, like all slots */
    return record.version;
}

/*
 * Sets *twice to whether both buckets of a name hold it, with both of them locked. A bucket that is lost holds nothing.
 * Sets `versions` to those that a list of either bucket has.
 */
static tjob_file_problem confirm(struct file_call *call, tjob_file_store *store, const uint32_t buckets[2],
                                 tjob_text arn, uint64_t deadline_us, bool *twice, uint64_t versions[2])
{
    uint32_t holders = 0;
    tjob_file_problem problem = tjob__file_call_begin_until(call, store, buckets, deadline_us);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    for (int i = 0; i < 2 && problem == TJOB_FILE_OK; i++) {
        struct file_bucket *bucket = &call->bucket[i];
        bool registered;
        problem = tjob__file_call_examine(call, bucket, &registered);
        const bool is_lost = problem == TJOB_FILE_DAMAGED && bucket->sequence == 0;
        problem = problem == TJOB_FILE_DAMAGED ? TJOB_FILE_OK : problem;
        const bool is_there = problem == TJOB_FILE_OK && !is_lost;
        holders += is_there && tjob__file_page_find(bucket->page, arn) != FILE_PAGE_SLOTS ? 1 : 0;
        versions[i] = is_there ? listed_version(store, bucket, arn) : 0;
    }
    tjob__file_call_end(call);
    *twice = holders == 2;
    return problem;
}

/* Counts the names of a page, which was the newest of the bucket, that are also in their other bucket. */
static tjob_file_problem count_twice(struct file_call *call, tjob_file_store *store, uint64_t deadline_us,
                                     const unsigned char page[FILE_PAGE_BYTES], tjob_file_bucket *report)
{
    const struct file_header header = tjob__file_store_header(store);
    tjob_file_problem problem = TJOB_FILE_OK;
    for (uint32_t slot = 0; slot < report->jobs && problem == TJOB_FILE_OK; slot++) {
        struct file_record record;
        uint32_t buckets[2];
        bool twice = false;
        if (!tjob__file_header_read_slot(&header, report->index, page, slot, &record)) {
            continue;
        }
        tjob__file_header_buckets_of(&header, record.arn, buckets);
        problem = may_hold(store, buckets[buckets[0] == report->index ? 1 : 0], record.arn, &twice);
        if (problem == TJOB_FILE_OK && twice) {
            uint64_t versions[2];
            problem = confirm(call, store, buckets, record.arn, deadline_us, &twice, versions);
        }
        report->twice += problem == TJOB_FILE_OK && twice ? 1 : 0;
    }
    return problem;
}

/* Fills what a bucket alone shows. */
static tjob_file_problem inspect(struct file_call *call, const struct file_header *header, tjob_file_bucket *report)
{
    struct file_bucket *bucket = &call->bucket[0];
    bool registered;
    const tjob_file_problem problem = tjob__file_call_examine(call, bucket, &registered);
    if (problem != TJOB_FILE_OK && problem != TJOB_FILE_DAMAGED) {
        return problem;
    }
    for (int page = 0; page < FILE_BUCKET_PAGES; page++) {
        report->torn_pages += bucket->broken[page] ? 1 : 0;
    }
    report->lost = bucket->sequence == 0 && problem == TJOB_FILE_DAMAGED;
    if (report->lost) {
        return TJOB_FILE_OK;
    }
    report->rolled_back = problem == TJOB_FILE_DAMAGED;
    report->not_durable = !bucket->durable;
    report->unregistered = bucket->durable && !registered && !tjob__file_bucket_is_fresh(bucket);
    report->jobs = tjob__file_page_count(bucket->page);
    for (uint32_t slot = 0; slot < report->jobs; slot++) {
        struct file_record record;
        report->bad_jobs += tjob__file_header_read_slot(header, bucket->index, bucket->page, slot, &record) ? 0 : 1;
    }
    return TJOB_FILE_OK;
}

static tjob_file_problem inspect_whole(tjob_file_store *store, uint32_t bucket, tjob_file_bucket *report)
{
    const struct file_header header = tjob__file_store_header(store);
    struct file_call call;
    unsigned char page[FILE_PAGE_BYTES];
    *report = (tjob_file_bucket){.index = bucket, .offset = tjob__file_lock_bucket_offset(store, bucket)};
    const uint64_t deadline_us = store->disk->clock_us(store->disk->context) + tjob__file_call_wait_us(store);
    tjob_file_problem problem = inspect_begin(&call, store, bucket);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = inspect(&call, &header, report);
    if (report->jobs != 0) {
        memcpy(page, call.bucket[0].page, sizeof page);
    }
    tjob__file_call_end(&call);
    if (problem == TJOB_FILE_OK) {
        problem = count_twice(&call, store, deadline_us, page, report);
    }
    const bool sound =
        !report->lost && !report->rolled_back && !report->unregistered && report->bad_jobs == 0 && report->twice == 0;
    return problem == TJOB_FILE_OK && !sound ? TJOB_FILE_DAMAGED : problem;
}

tjob_file_problem tjob_file_store_inspect(tjob_file_store *store, uint32_t bucket, tjob_file_bucket *report)
{
    return tjob__file_call_note(store, inspect_whole(store, bucket, report));
}

tjob_file_problem tjob__file_inspect_twice(tjob_file_store *store, tjob_text arn, bool *twice, uint64_t *highest)
{
    const struct file_header header = tjob__file_store_header(store);
    const uint64_t deadline_us = store->disk->clock_us(store->disk->context) + tjob__file_call_wait_us(store);
    struct file_call call;
    uint32_t buckets[2];
    uint64_t versions[2] = {0, 0};
    tjob_file_problem problem = TJOB_FILE_OK;
    bool may = true;
    tjob__file_header_buckets_of(&header, arn, buckets);
    for (int i = 0; i < 2 && problem == TJOB_FILE_OK && may; i++) {
        problem = may_hold(store, buckets[i], arn, &may);
    }
    if (problem == TJOB_FILE_OK && may) {
        problem = confirm(&call, store, buckets, arn, deadline_us, &may, versions);
    }
    *twice = problem == TJOB_FILE_OK && versions[0] != 0 && versions[1] != 0;
    *highest = versions[0] > versions[1] ? versions[0] : versions[0] < versions[1] ? versions[1] : 0;
    tjob__file_call_note(store, problem);
    return problem;
}
