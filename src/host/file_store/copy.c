/*
 * The backup of a store that is in use: a file with the identity of the store, and so with the same buckets. It has the
 * newest page of each.
 */
#include <string.h>

#include "host/file_store/call.h"
#include "host/file_store/create.h"

enum {
    /* Entries of the register, and progress, are written for so many buckets at once. */
    COPY_BUCKETS_AT_ONCE = 256,

    /*
     * After so many pages, what was written is synced: otherwise a sync of the store's own file may have to wait for
     * all of it.
     */
    COPY_PAGES_PER_SYNC = 4096,

    /* Pages of neighbouring buckets are written together, so many at most. */
    COPY_PAGES_AT_ONCE = 4,

    /* After so many pages, the copy rests for half as long as they took, if others change the store meanwhile. */
    COPY_PAGES_PER_REST = 64,
    COPY_REST_US_MAX = 100000
};

struct file_copy {
    tjob_file_store *from;
    struct file_creation to;
    unsigned char *filter; /* has a bit for the buckets of each name that may be met again */
    uint64_t filter_bits;  /* 0: there is no filter */
    uint32_t pages;        /* so far */
    bool is_in_use;        /* some bucket since the latest rest had changed since the beginning */
    uint64_t rested_us;    /* when the latest rest ended */
    uint64_t wait_us;      /* how long it may yet wait for others */
    uint32_t held_from;    /* the bucket of the first page below */
    uint32_t held;         /* how many pages below are yet to be written */
    uint32_t first;        /* the first bucket of the records below */
    unsigned char entries[COPY_BUCKETS_AT_ONCE][FILE_ENTRY_BYTES];
    unsigned char progress[COPY_BUCKETS_AT_ONCE][FILE_PROGRESS_BYTES]; /* first of the beginning, then of the backup */
    unsigned char pages_held[COPY_PAGES_AT_ONCE][FILE_PAGE_BYTES];
};

static tjob_file_problem copy_write(const struct file_copy *copy, uint64_t offset, const void *bytes, size_t count)
{
    bool begun;
    return tjob__disk_write(copy->to.disk, copy->to.file, offset, bytes, count, &begun);
}

/* ---- Records of buckets ---------------------------------------------------------------------------------------- */

/* How many bytes of progress belong to the buckets from copy->first on, and where they are in both files. */
static size_t copy_progress_bytes(const struct file_copy *copy)
{
    const uint32_t left = copy->to.header.buckets - copy->first;
    return (size_t)(left < COPY_BUCKETS_AT_ONCE ? left : COPY_BUCKETS_AT_ONCE) * FILE_PROGRESS_BYTES;
}

static uint64_t copy_progress_offset(const struct file_copy *copy)
{
    return tjob__file_progress_offset(copy->to.header.buckets, copy->first);
}

/* Makes the progress from copy->first on zero where it is invalid: in a backup, that would be damage. Returns whether
 * any is left; otherwise the backup can have a hole there. */
static bool copy_clean_progress(struct file_copy *copy)
{
    const struct file_identity *identity = &copy->to.header.identity;
    bool any = false;
    for (uint32_t i = 0; i < copy_progress_bytes(copy) / FILE_PROGRESS_BYTES; i++) {
        if (tjob__file_progress_decode(identity, copy->first + i, copy->progress[i]) == 0) {
            memset(copy->progress[i], 0, FILE_PROGRESS_BYTES);
        } else {
            any = true;
        }
    }
    return any;
}

/*
 * Writes the progress that the buckets of the store have at the beginning into the new file, where it stays until that
 * of the backup takes its place. A version that is not above the progress of its bucket was given before the beginning.
 */
static tjob_file_problem copy_all_progress(struct file_copy *copy)
{
    tjob_file_problem problem = TJOB_FILE_OK;
    for (copy->first = 0; copy->first < copy->to.header.buckets && problem == TJOB_FILE_OK;
         copy->first += COPY_BUCKETS_AT_ONCE) {
        const size_t bytes = copy_progress_bytes(copy);
        const uint64_t offset = copy_progress_offset(copy);
        problem = tjob__disk_read(copy->to.disk, copy->from->file, offset, copy->progress, bytes);
        tjob__file_call_note(copy->from, problem);
        if (problem == TJOB_FILE_OK && copy_clean_progress(copy)) {
            problem = copy_write(copy, offset, copy->progress, bytes);
        }
    }
    return problem;
}

/* Takes up the records of the buckets from bucket `next` on, or a little before: no entries, and the progress above. */
static tjob_file_problem copy_take_up(struct file_copy *copy, uint32_t next)
{
    memset(copy->entries, 0, sizeof copy->entries);
    copy->first = next / COPY_BUCKETS_AT_ONCE * COPY_BUCKETS_AT_ONCE;
    return tjob__disk_read(copy->to.disk, copy->to.file, copy_progress_offset(copy), copy->progress,
                           copy_progress_bytes(copy));
}

/* Writes the records of the buckets from copy->first on, if these were read while the file was the store. */
static tjob_file_problem copy_flush(const struct file_copy *copy)
{
    const size_t bytes = copy_progress_bytes(copy);
    tjob_file_problem problem = tjob__file_call_note(copy->from, tjob__file_call_check_store(copy->from));
    if (problem == TJOB_FILE_OK) {
        problem = copy_write(copy, tjob__file_entry_offset(copy->first), copy->entries,
                             bytes / FILE_PROGRESS_BYTES * FILE_ENTRY_BYTES);
    }
    return problem != TJOB_FILE_OK ? problem : copy_write(copy, copy_progress_offset(copy), copy->progress, bytes);
}

/* Makes sure that the records of a bucket are those that are taken up. */
static tjob_file_problem copy_turn_to(struct file_copy *copy, uint32_t bucket)
{
    if (bucket - copy->first < COPY_BUCKETS_AT_ONCE) {
        return TJOB_FILE_OK;
    }
    const tjob_file_problem problem = copy_flush(copy);
    return problem != TJOB_FILE_OK ? problem : copy_take_up(copy, bucket);
}

/* The progress of a bucket records that its page is durable, in place of a mark: once the backup is synced, it is. */
static void copy_record(struct file_copy *copy, const struct file_bucket *bucket)
{
    const uint32_t at = bucket->index - copy->first;
    if (!tjob__file_bucket_is_fresh(bucket)) {
        tjob__file_entry_encode(&bucket->file, bucket->index, copy->entries[at]);
    }
    tjob__file_progress_encode(&bucket->file, bucket->index, bucket->sequence, copy->progress[at]);
}

/* Returns the sequence that a bucket is known to have reached when the copy began; 0 if it is not known. */
static uint64_t copy_reached(const struct file_copy *copy, uint32_t bucket)
{
    return tjob__file_progress_decode(&copy->to.header.identity, bucket, copy->progress[bucket - copy->first]);
}

/* ---- Pages ----------------------------------------------------------------------------------------------------- */

static uint64_t copy_offset(const struct file_copy *copy, uint32_t bucket)
{
    return tjob__file_header_begin(&copy->to.header) + (uint64_t)bucket * FILE_PAGE_BYTES;
}

/* Writes the pages that are held back. */
static tjob_file_problem copy_write_held(struct file_copy *copy)
{
    const size_t bytes = (size_t)copy->held * FILE_PAGE_BYTES;
    copy->held = 0;
    return copy_write(copy, copy_offset(copy, copy->held_from), copy->pages_held, bytes);
}

static void copy_seal(const struct file_copy *copy, uint32_t bucket, unsigned char page[FILE_PAGE_BYTES],
                      uint64_t sequence)
{
    const struct file_place place = {copy->to.header.identity, bucket, 0};
    tjob__file_page_seal(page, &place, sequence);
}

/* Holds the page of a bucket back, to write it together with those of the next buckets. */
static tjob_file_problem copy_hold(struct file_copy *copy, const struct file_bucket *bucket)
{
    const bool follows = copy->held < COPY_PAGES_AT_ONCE && bucket->index == copy->held_from + copy->held;
    const tjob_file_problem problem = follows ? TJOB_FILE_OK : copy_write_held(copy);
    unsigned char *page = copy->pages_held[copy->held++];
    memcpy(page, bucket->page, FILE_PAGE_BYTES);
    copy_seal(copy, bucket->index, page, bucket->sequence);
    copy->held_from = bucket->index - (copy->held - 1);
    return problem;
}

/*
 * A job may have been removed from a bucket that was copied, and submitted again into one that is copied now. What the
 * backup already has of it is then older, and is removed. `reached` is the sequence that the present bucket is known
 * to have had when the copy began: a job that moved into it has a version above that, and above the version that it had
 * before. Any other name that is in both of its buckets cannot be there.
 */
static tjob_file_problem copy_remove_older(struct file_copy *copy, uint32_t bucket, const struct file_record *newer,
                                           uint64_t reached)
{
    unsigned char page[FILE_PAGE_BYTES];
    struct file_record older;
    tjob_file_problem problem = copy_write_held(copy);
    if (problem == TJOB_FILE_OK) {
        problem = tjob__disk_read(copy->to.disk, copy->to.file, copy_offset(copy, bucket), page, sizeof page);
    }
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    const uint32_t slot = tjob__file_page_find(page, newer->arn);
    if (slot == FILE_PAGE_SLOTS) {
        return TJOB_FILE_OK;
    }
    (void)tjob__file_page_read(page, slot, &older); /* it was valid when it was copied */
    if (newer->version <= older.version || newer->version <= reached) {
        return tjob__file_call_note(copy->from, TJOB_FILE_DAMAGED);
    }
    const uint64_t absence = tjob__file_page_absence(page);
    tjob__file_page_remove(page, slot, older.version > absence ? older.version : absence);
    copy_seal(copy, bucket, page, tjob__file_page_sequence(page));
    return copy_write(copy, copy_offset(copy, bucket), page, sizeof page);
}

/*
 * The filter of names: a Bloom filter with one hash, of the two buckets of a name. A name whose other bucket is yet to
 * be copied sets a bit, which stays set. So the other bucket need not search the first one for a name without its bit.
 */
static uint64_t copy_filter_bit(const struct file_copy *copy, const uint32_t buckets[2])
{
    const uint64_t mixed = ((uint64_t)buckets[0] << 32 | buckets[1]) * UINT64_C(0x9e3779b97f4a7c15);
    return (mixed >> 32) % copy->filter_bits;
}

static void copy_filter_add(struct file_copy *copy, const uint32_t buckets[2])
{
    if (copy->filter_bits != 0) {
        const uint64_t bit = copy_filter_bit(copy, buckets);
        copy->filter[bit / 8] |= (unsigned char)(1U << bit % 8);
    }
}

static bool copy_filter_may_have(const struct file_copy *copy, const uint32_t buckets[2])
{
    if (copy->filter_bits == 0) {
        return true;
    }
    const uint64_t bit = copy_filter_bit(copy, buckets);
    return (copy->filter[bit / 8] >> bit % 8 & 1) != 0;
}

/* Checks every job of a bucket, and removes what the backup has of it already. */
static tjob_file_problem copy_check_jobs(struct file_copy *copy, const struct file_bucket *bucket, uint64_t reached)
{
    tjob_file_problem problem = TJOB_FILE_OK;
    for (uint32_t slot = 0; slot < tjob__file_page_count(bucket->page) && problem == TJOB_FILE_OK; slot++) {
        struct file_record record;
        uint32_t buckets[2];
        if (!tjob__file_header_read_slot(&copy->to.header, bucket->index, bucket->page, slot, &record)) {
            return tjob__file_call_note(copy->from, TJOB_FILE_DAMAGED);
        }
        tjob__file_header_buckets_of(&copy->to.header, record.arn, buckets);
        const uint32_t other = buckets[buckets[0] == bucket->index ? 1 : 0];
        if (other > bucket->index) {
            copy_filter_add(copy, buckets);
        } else if (copy_filter_may_have(copy, buckets)) {
            problem = copy_remove_older(copy, other, &record, reached);
        }
    }
    return problem;
}

/* Leaves processor and disk to those who change the store. */
static void copy_rest(struct file_copy *copy)
{
    const struct tjob_disk *disk = copy->to.disk;
    const uint64_t rest_us = (disk->clock_us(disk->context) - copy->rested_us) / 2;
    if (copy->is_in_use) {
        disk->sleep(disk->context, NULL, 0, rest_us < COPY_REST_US_MAX ? (uint32_t)rest_us : COPY_REST_US_MAX);
    }
    copy->is_in_use = false;
    copy->rested_us = disk->clock_us(disk->context);
}

/* Counts a page that was written. */
static tjob_file_problem copy_count(struct file_copy *copy)
{
    copy->pages++;
    if (copy->pages % COPY_PAGES_PER_REST == 0) {
        copy_rest(copy);
    }
    return copy->pages % COPY_PAGES_PER_SYNC == 0 ? tjob__disk_sync(copy->to.disk, copy->to.file) : TJOB_FILE_OK;
}

static tjob_file_problem copy_put(struct file_copy *copy, const struct file_bucket *bucket, uint64_t reached)
{
    copy->is_in_use = copy->is_in_use || reached != bucket->sequence;
    tjob_file_problem problem = copy_check_jobs(copy, bucket, reached);
    if (problem == TJOB_FILE_OK) {
        copy_record(copy, bucket);
        problem = copy_hold(copy, bucket);
    }
    return problem == TJOB_FILE_OK ? copy_count(copy) : problem;
}

/* ---- The backup ------------------------------------------------------------------------------------------------ */

/* Reads a bucket that had reached a sequence when the copy began: one that is behind it now was put back. */
static tjob_file_problem copy_read(struct file_copy *copy, uint32_t index, uint64_t reached, struct file_call *call)
{
    const uint32_t buckets[2] = {index, index};
    tjob__file_call_init(call, copy->from, buckets);
    return tjob__file_call_try_read(call, &call->bucket[0]) && call->bucket[0].sequence >= reached
               ? TJOB_FILE_OK
               : tjob__file_call_note(copy->from,
                                      tjob__file_call_hold_and_read(call, copy->from, index, &copy->wait_us));
}

/* Copies a bucket, if it was used. Sets *next to the next one: after one that was not used, many are skipped. */
static tjob_file_problem copy_one(struct file_copy *copy, uint32_t index, uint32_t *next)
{
    struct file_call call;
    uint64_t reached;
    tjob_file_problem problem = copy_turn_to(copy, index);
    *next = index + 1;
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    reached = copy_reached(copy, index);
    problem = copy_read(copy, index, reached, &call);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    return call.bucket[0].sequence != 0 ? copy_put(copy, &call.bucket[0], reached)
                                        : tjob_file_store_next_bucket(copy->from, *next, next);
}

static tjob_file_problem copy_buckets(struct file_copy *copy)
{
    uint32_t bucket = 0;
    tjob_file_problem problem = copy_all_progress(copy);
    copy->rested_us = copy->to.disk->clock_us(copy->to.disk->context);
    if (problem == TJOB_FILE_OK) {
        problem = copy_take_up(copy, 0);
    }
    while (problem == TJOB_FILE_OK && bucket < copy->from->buckets) {
        problem = copy_one(copy, bucket, &bucket);
    }
    if (problem == TJOB_FILE_OK) {
        problem = copy_write_held(copy);
    }
    return problem == TJOB_FILE_OK ? copy_flush(copy) : problem;
}

static tjob_file_problem copy_all(struct file_copy *copy)
{
    tjob_file_problem problem = tjob__file_creation_inherit(&copy->to, copy->from->file);
    if (problem == TJOB_FILE_OK) {
        problem = copy_buckets(copy);
    }
    return problem == TJOB_FILE_OK ? tjob__file_creation_sync(&copy->to) : problem;
}

static tjob_file_problem copy_make(struct file_copy *copy, const char *to)
{
    const struct tjob_disk *disk = copy->to.disk;
    tjob_file_problem problem = tjob__file_store_keep_path(disk, to, 0, copy->to.path);
    if (problem == TJOB_FILE_OK && disk->names(disk->context, copy->to.path, copy->from->file) > DISK_NAMES_ANOTHER) {
        problem = TJOB_FILE_SAME_FILE;
    }
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_creation_begin(&copy->to, DISK_CREATE_PRIVATE);
    }
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = copy_all(copy);
    if (problem != TJOB_FILE_OK) {
        tjob__file_creation_abandon(&copy->to);
        return problem;
    }
    return tjob__file_creation_end(&copy->to);
}

tjob_file_problem tjob_file_store_copy(tjob_file_store *store, const char *to, void *memory, size_t bytes)
{
    struct file_copy copy = {
        .from = store, .to = {.disk = store->disk, .header = tjob__file_store_header(store)}, .filter = memory};
    copy.to.header.is_backup = true;
    if (memory != NULL) {
        copy.filter_bits = (uint64_t)bytes * 8;
        memset(memory, 0, bytes);
    }
    copy.wait_us = tjob__file_call_wait_us(store);
    return copy_make(&copy, to);
}
