/* Looking through a file store, bucket by bucket. */
#include <string.h>

#include "host/file_call.h"
#include "host/file_store.h"

_Static_assert(TJOB_FILE_BUCKET_JOBS_MAX == FILE_PAGE_SLOTS, "the jobs that a bucket holds");

static tjob_file_problem begin(struct file_call *call, tjob_file_store *store, uint32_t bucket)
{
    const uint32_t buckets[2] = {bucket, bucket};
    return bucket < store->buckets ? file_call_begin(call, store, buckets) : TJOB_FILE_INVALID_ARGUMENT;
}

static tjob_file_problem copy_jobs(const struct file_bucket *bucket, tjob_file_job *jobs, uint32_t *count)
{
    *count = file_page_count(bucket->page);
    for (uint32_t slot = 0; slot < *count; slot++) {
        struct file_record record;
        if (!file_page_read(bucket->page, slot, &record)) {
            return TJOB_FILE_DAMAGED;
        }
        jobs[slot] = (tjob_file_job){
            .arn_bytes = (uint32_t)record.arn.bytes, .version = record.version, .job = record.job};
        memcpy(jobs[slot].arn, record.arn.data, record.arn.bytes);
    }
    return TJOB_FILE_OK;
}

tjob_file_problem tjob_file_store_jobs(tjob_file_store *store, uint32_t bucket,
                                       tjob_file_job jobs[TJOB_FILE_BUCKET_JOBS_MAX], uint32_t *count)
{
    struct file_call call;
    *count = 0;
    tjob_file_problem problem = begin(&call, store, bucket);
    if (problem == TJOB_FILE_OK) {
        problem = file_call_read_durable(&call, &call.bucket[0]);
        if (problem == TJOB_FILE_OK) {
            problem = copy_jobs(&call.bucket[0], jobs, count);
        }
        file_call_end(&call);
    }
    file_call_note(store, problem);
    return problem;
}

/* ---- The check ------------------------------------------------------------------------------------------------- */

/* Whether a slot holds what it may: a possible record, of a name that belongs here and stands here once. */
static bool is_good(const struct file_header *header, const struct file_bucket *bucket, uint32_t slot)
{
    struct file_record record;
    if (!file_page_read(bucket->page, slot, &record)) {
        return false;
    }
    uint32_t buckets[2];
    file_header_buckets_of(header, record.arn, buckets);
    return (buckets[0] == bucket->index || buckets[1] == bucket->index) &&
           file_page_find(bucket->page, record.arn) == slot;
}

static void inspect(const tjob_file_store *store, const struct file_bucket *bucket, tjob_file_bucket *report)
{
    const struct file_header header = file_store_header(store);
    report->unsettled = !bucket->settled;
    report->jobs = file_page_count(bucket->page);
    for (uint32_t slot = 0; slot < report->jobs; slot++) {
        report->bad_jobs += is_good(&header, bucket, slot) ? 0 : 1;
    }
}

tjob_file_problem tjob_file_store_check(tjob_file_store *store, uint32_t bucket, tjob_file_bucket *report)
{
    struct file_call call;
    *report = (tjob_file_bucket){.offset = file_header_bucket_offset(store->buckets, bucket)};
    tjob_file_problem problem = begin(&call, store, bucket);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = file_call_read(&call, &call.bucket[0]);
    for (int page = 0; page < FILE_BUCKET_PAGES && (problem == TJOB_FILE_OK || problem == TJOB_FILE_DAMAGED); page++) {
        report->torn_pages += call.bucket[0].broken[page] ? 1 : 0;
    }
    if (problem == TJOB_FILE_OK) {
        inspect(store, &call.bucket[0], report);
    }
    report->lost = problem == TJOB_FILE_DAMAGED;
    file_call_end(&call);
    return report->bad_jobs != 0 ? TJOB_FILE_DAMAGED : problem;
}
