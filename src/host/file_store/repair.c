/* The repair of a store: of its header, from the copy; and of a bucket, of which the jobs are given up. */
#include "core/bytes.h"
#include "host/file_store/call.h"
#include "host/file_store/header.h"
#include "host/file_store/lock.h"

/* ---- The header ------------------------------------------------------------------------------------------------ */

/* Returns whether a file has no copy of its header, as earlier versions of the library made it. */
static bool repair_has_no_copy(const tjob_file_store *store)
{
    static const unsigned char none[FILE_HEADER_BYTES];
    unsigned char bytes[FILE_HEADER_BYTES];
    return tjob__disk_read(store->disk, store->file, FILE_HEADER_COPY_OFFSET, bytes, sizeof bytes) == TJOB_FILE_OK &&
           bytes_equal(bytes, none, sizeof bytes);
}

tjob_file_problem tjob_file_store_inspect_header(const tjob_file_store *store)
{
    const struct file_header header = tjob__file_store_header(store);
    tjob_file_problem problem = tjob__file_header_check(store->disk, store->file, 0, &header);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = tjob__file_header_check(store->disk, store->file, FILE_HEADER_COPY_OFFSET, &header);
    return problem == TJOB_FILE_DAMAGED && repair_has_no_copy(store) ? TJOB_FILE_OK : problem;
}

/* While the header is locked, no growth ends. One that has ended left another file under the name. */
static tjob_file_problem repair_headers(tjob_file_store *store)
{
    const struct file_header header = tjob__file_store_header(store);
    const tjob_file_problem problem = tjob__file_call_check_name(store);
    return problem == TJOB_FILE_OK ? tjob__file_header_renew(store->disk, store->file, &header) : problem;
}

tjob_file_problem tjob_file_store_repair_header(tjob_file_store *store)
{
    const struct tjob_disk *disk = store->disk;
    tjob_file_problem problem = store->read_only ? TJOB_FILE_READ_ONLY : tjob__file_call_check_store(store);
    if (problem == TJOB_FILE_OK) {
        const uint64_t began_us = disk->clock_us(disk->context);
        const uint64_t deadline_us = began_us + tjob__file_call_wait_us(store);
        problem = tjob__file_lock_header(disk, store->file, store->mapped, deadline_us);
        __atomic_fetch_add(&store->waited_us, disk->clock_us(disk->context) - began_us, __ATOMIC_RELAXED);
    }
    if (problem == TJOB_FILE_OK) {
        problem = repair_headers(store);
        tjob__file_lock_drop_header(disk, store->file, store->mapped);
    }
    tjob__file_call_note(store, problem);
    return problem;
}

/* ---- A bucket -------------------------------------------------------------------------------------------------- */

static tjob_file_problem repair_give_up(struct file_call *call, uint64_t now_ms)
{
    const struct file_header header = tjob__file_store_header(call->store);
    struct file_bucket *bucket = &call->bucket[0];
    uint64_t highest;
    bool registered;
    tjob_file_problem problem = tjob__file_call_examine(call, bucket, &registered);
    if (problem == TJOB_FILE_OK && tjob__file_header_has_good_slots(&header, bucket->index, bucket->page)) {
        problem = tjob__file_call_read_durable(call, bucket); /* which a give-up that failed may have left open */
        return problem == TJOB_FILE_OK ? TJOB_FILE_NOT_DAMAGED : problem;
    }
    if (problem != TJOB_FILE_OK && problem != TJOB_FILE_DAMAGED) {
        return problem;
    }
    problem = tjob__file_call_read_highest(call, bucket, &highest);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    const uint64_t sequence = tjob__file_header_lift(highest > header.base ? highest : header.base, now_ms);
    return sequence == FILE_SEQUENCE_MAX ? TJOB_FILE_EXHAUSTED : tjob__file_call_clear(call, bucket, sequence);
}

tjob_file_problem tjob_file_store_give_up(tjob_file_store *store, uint32_t bucket, uint64_t now_ms)
{
    const uint32_t buckets[2] = {bucket, bucket};
    struct file_call call;
    const bool is_valid = bucket < store->buckets && now_ms <= TJOB_FILE_STORE_NOW_MS_MAX;
    tjob_file_problem problem = is_valid ? TJOB_FILE_OK : TJOB_FILE_INVALID_ARGUMENT;
    if (problem == TJOB_FILE_OK && store->is_backup) {
        problem = TJOB_FILE_BACKUP;
    }
    if (problem == TJOB_FILE_OK) {
        problem = store->read_only ? TJOB_FILE_READ_ONLY : tjob__file_call_begin(&call, store, buckets);
    }
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_call_check_name(store);
        problem = problem == TJOB_FILE_OK ? repair_give_up(&call, now_ms) : problem;
        tjob__file_call_end(&call);
    }
    tjob__file_call_note(store, problem);
    return problem;
}
