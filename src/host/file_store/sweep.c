/* A sweep over a file store: the buckets that hold something, without those that were never used. */
#include "host/file_store/sweep.h"

#include <string.h>

#include "host/file_store/call.h"
#include "host/file_store/header.h"
#include "host/file_store/lock.h"

/* How many entries of the register are read at once, and the progress of as many buckets. */
enum { SWEEP_BUCKETS_AT_ONCE = 256 };

/* What the file records about some buckets: whether each of them has held a job. */
struct sweep_records {
    unsigned char entries[SWEEP_BUCKETS_AT_ONCE][FILE_ENTRY_BYTES];
    unsigned char progress[SWEEP_BUCKETS_AT_ONCE][FILE_PROGRESS_BYTES];
};

static tjob_file_problem sweep_read(const tjob_file_store *store, uint32_t first, uint32_t count,
                                    struct sweep_records *records)
{
    const tjob_file_problem problem = tjob__disk_read(store->disk, store->file, tjob__file_entry_offset(first),
                                                      records->entries, (size_t)count * FILE_ENTRY_BYTES);
    return problem != TJOB_FILE_OK
               ? problem
               : tjob__disk_read(store->disk, store->file, tjob__file_progress_offset(store->buckets, first),
                                 records->progress, (size_t)count * FILE_PROGRESS_BYTES);
}

/*
 * Returns whether there is a record of a bucket. In a backup, where no crash damages a record, an invalid one is one,
 * too: something was there.
 */
static bool sweep_is_recorded(const tjob_file_store *store, uint32_t bucket,
                              const unsigned char entry[FILE_ENTRY_BYTES],
                              const unsigned char progress[FILE_PROGRESS_BYTES])
{
    static const unsigned char none[FILE_PROGRESS_BYTES];
    const struct file_identity identity = tjob__file_store_header(store).identity;
    return store->is_backup
               ? memcmp(entry, none, FILE_ENTRY_BYTES) != 0 || memcmp(progress, none, FILE_PROGRESS_BYTES) != 0
               : tjob__file_entry_is_used(&identity, bucket, entry) ||
                     tjob__file_progress_decode(&identity, bucket, progress) != 0;
}

/* Sets *bucket to the first bucket of a range that is recorded to have held a job; if there is none, to the end. */
static tjob_file_problem sweep_recorded(const tjob_file_store *store, uint32_t from, uint32_t end, uint32_t *bucket)
{
    struct sweep_records records;
    for (uint32_t first = from; first < end; first += SWEEP_BUCKETS_AT_ONCE) {
        const uint32_t left = end - first;
        const uint32_t count = left < SWEEP_BUCKETS_AT_ONCE ? left : SWEEP_BUCKETS_AT_ONCE;
        const tjob_file_problem problem = sweep_read(store, first, count, &records);
        if (problem != TJOB_FILE_OK) {
            return problem;
        }
        /* cppcheck-suppress knownConditionTrueFalse ; count is not 0, because first is below end */
        for (uint32_t i = 0; i < count; i++) {
            if (sweep_is_recorded(store, first + i, records.entries[i], records.progress[i])) {
                *bucket = first + i;
                return TJOB_FILE_OK;
            }
        }
    }
    *bucket = end;
    return TJOB_FILE_OK;
}

/* Returns the first bucket, from one on, of which the file has more than a hole. */
static uint32_t sweep_written(const tjob_file_store *store, uint32_t from)
{
    const uint64_t offset = tjob__file_lock_bucket_offset(store, from);
    const uint64_t data = (uint64_t)store->disk->next_data(store->disk->context, store->file, offset);
    const uint32_t bytes = tjob__file_header_bucket_bytes(store->is_backup);
    const uint64_t bucket = data <= offset ? from : (data - store->begin) / bytes;
    return bucket < store->buckets ? (uint32_t)bucket : store->buckets;
}

tjob_file_problem tjob__file_sweep_next(const tjob_file_store *store, uint32_t from, uint32_t *bucket)
{
    *bucket = store->buckets;
    const tjob_file_problem problem = tjob__file_call_check_store(store);
    return problem == TJOB_FILE_OK && from < store->buckets
               ? sweep_recorded(store, from, sweep_written(store, from), bucket)
               : problem;
}

tjob_file_problem tjob_file_store_next_bucket(tjob_file_store *store, uint32_t from, uint32_t *bucket)
{
    return tjob__file_call_note(store, tjob__file_sweep_next(store, from, bucket));
}
