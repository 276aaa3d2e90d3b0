#include "host/file_store/fill.h"

#include <string.h>

#include "host/file_store/call.h"
#include "host/file_store/descriptor.h"

/* For so many buckets, entries of the register and progress are written at once. */
enum { FILL_BUCKETS_AT_ONCE = 256 };

static uint64_t fill_offset(const struct file_creation *creation, uint32_t bucket)
{
    return tjob__file_header_bucket_offset(creation->header.buckets, bucket);
}

static tjob_file_problem fill_write(const struct file_creation *creation, uint64_t offset, const void *bytes,
                                    size_t count)
{
    bool begun;
    return tjob__disk_write(creation->disk, creation->file, offset, bytes, count, &begun);
}

/*
 * Writes page 0 of a bucket, the only one that has jobs. With the first job, it writes all pages, which then have room
 * on the disk.
 */
static tjob_file_problem fill_put(const struct file_creation *creation, uint32_t bucket,
                                  unsigned char page[FILE_PAGE_BYTES], const struct file_record *record)
{
    static const unsigned char others[FILE_BUCKET_BYTES - FILE_PAGE_BYTES];
    const struct file_place place = {creation->header.identity, bucket, 0};
    const uint64_t offset = fill_offset(creation, bucket);
    const uint32_t count = tjob__file_page_count(page);
    const uint64_t sequence = tjob__file_page_sequence(page);
    tjob__file_page_put(page, count, record->arn, record->version, &record->job);
    tjob__file_page_seal(page, &place, record->version > sequence ? record->version : sequence);
    const tjob_file_problem problem = fill_write(creation, offset, page, FILE_PAGE_BYTES);
    return problem != TJOB_FILE_OK || count != 0
               ? problem
               : fill_write(creation, offset + FILE_PAGE_BYTES, others, sizeof others);
}

tjob_file_problem tjob__file_fill_insert(const struct file_creation *creation, const struct file_record *record)
{
    unsigned char pages[2][FILE_PAGE_BYTES];
    uint32_t buckets[2];
    tjob__file_header_buckets_of(&creation->header, record->arn, buckets);
    for (int i = 0; i < 2; i++) {
        const tjob_file_problem problem = tjob__disk_read(creation->disk, creation->file,
                                                          fill_offset(creation, buckets[i]), pages[i], FILE_PAGE_BYTES);
        if (problem != TJOB_FILE_OK) {
            return problem;
        }
    }
    const uint32_t slots = tjob__file_page_find(pages[0], record->arn) + tjob__file_page_find(pages[1], record->arn);
    if (slots != 2 * FILE_PAGE_SLOTS) {
        return TJOB_FILE_EXISTS;
    }
    const int emptier = tjob__file_page_count(pages[1]) < tjob__file_page_count(pages[0]) ? 1 : 0;
    return tjob__file_page_count(pages[emptier]) == FILE_PAGE_SLOTS
               ? TJOB_FILE_FULL
               : fill_put(creation, buckets[emptier], pages[emptier], record);
}

/*
 * Returns whether a slot of the other file is valid. For a file of format 1, it is no longer known which buckets a name
 * belongs to.
 */
static bool may_stand(const struct file_header *old, const struct file_bucket *bucket, uint32_t slot,
                      struct file_record *record)
{
    return tjob__file_page_read(bucket->page, slot, record) &&
           (tjob__file_identity_format(&old->identity) == FILE_FORMAT_1 ||
            tjob__file_header_has(old, bucket->index, record->arn));
}

static tjob_file_problem copy_bucket(struct file_creation *creation, tjob_file_store *from, uint32_t index)
{
    const struct file_header old = tjob__file_store_header(from);
    struct file_bucket bucket = {.file = old.identity, .index = index};
    struct file_call call = {.store = from, .descriptor = FILE_DESCRIPTOR_NONE};
    bool registered;
    tjob_file_problem problem = tjob__file_call_note(from, tjob__file_call_read(&call, &bucket, &registered));
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    for (uint32_t slot = 0; slot < tjob__file_page_count(bucket.page) && problem == TJOB_FILE_OK; slot++) {
        struct file_record record;
        problem =
            may_stand(&old, &bucket, slot, &record) ? tjob__file_fill_insert(creation, &record) : TJOB_FILE_DAMAGED;
    }
    if (problem == TJOB_FILE_EXISTS || problem == TJOB_FILE_DAMAGED) { /* the name is in the other file twice */
        problem = tjob__file_call_note(from, TJOB_FILE_DAMAGED);
    }
    creation->header.base = bucket.sequence > creation->header.base ? bucket.sequence : creation->header.base;
    return problem;
}

/* ---- The records of the buckets -------------------------------------------------------------------------------- */

/*
 * Fills the entries and the progress of some buckets. The progress records that the page of the bucket is durable, in
 * place of a mark: once the new file is synced, it is.
 */
static tjob_file_problem fill_read_records(const struct file_creation *creation, uint32_t first, uint32_t count,
                                           unsigned char entries[FILL_BUCKETS_AT_ONCE][FILE_ENTRY_BYTES],
                                           unsigned char progress[FILL_BUCKETS_AT_ONCE][FILE_PROGRESS_BYTES])
{
    const struct file_identity *identity = &creation->header.identity;
    tjob_file_problem problem = TJOB_FILE_OK;
    memset(entries, 0, (size_t)count * FILE_ENTRY_BYTES);
    memset(progress, 0, (size_t)count * FILE_PROGRESS_BYTES);
    for (uint32_t i = 0; i < count && problem == TJOB_FILE_OK; i++) {
        unsigned char head[FILE_PAGE_HEAD_BYTES];
        problem = tjob__disk_read(creation->disk, creation->file, fill_offset(creation, first + i), head, sizeof head);
        const uint64_t sequence = problem == TJOB_FILE_OK ? tjob__file_page_sequence(head) : 0;
        if (sequence != 0) {
            tjob__file_entry_encode(identity, first + i, entries[i]);
            tjob__file_progress_encode(identity, first + i, sequence, progress[i]);
        }
    }
    return problem;
}

/* Returns the first bucket, from one on, of which more than a hole was written. */
static uint32_t fill_next(const struct file_creation *creation, uint32_t from)
{
    const struct tjob_disk *disk = creation->disk;
    const uint64_t offset = fill_offset(creation, from);
    const uint64_t data = (uint64_t)disk->next_data(disk->context, creation->file, offset);
    const uint64_t bucket = data <= offset ? from : from + (data - offset) / FILE_BUCKET_BYTES;
    return bucket < creation->header.buckets ? (uint32_t)bucket : creation->header.buckets;
}

tjob_file_problem tjob__file_fill_end(const struct file_creation *creation)
{
    unsigned char entries[FILL_BUCKETS_AT_ONCE][FILE_ENTRY_BYTES];
    unsigned char progress[FILL_BUCKETS_AT_ONCE][FILE_PROGRESS_BYTES];
    const uint32_t buckets = creation->header.buckets;
    tjob_file_problem problem = TJOB_FILE_OK;
    for (uint32_t first = fill_next(creation, 0); first < buckets && problem == TJOB_FILE_OK;) {
        const uint32_t count = buckets - first < FILL_BUCKETS_AT_ONCE ? buckets - first : FILL_BUCKETS_AT_ONCE;
        problem = fill_read_records(creation, first, count, entries, progress);
        if (problem == TJOB_FILE_OK) {
            problem = fill_write(creation, tjob__file_entry_offset(first), entries, (size_t)count * FILE_ENTRY_BYTES);
        }
        if (problem == TJOB_FILE_OK) {
            problem = fill_write(creation, tjob__file_progress_offset(buckets, first), progress,
                                 (size_t)count * FILE_PROGRESS_BYTES);
        }
        first += count;
        first = first < buckets ? fill_next(creation, first) : first;
    }
    return problem;
}

/* ---- Another file ---------------------------------------------------------------------------------------------- */

/* Sets *bucket to the next one to copy. Nothing is skipped in a file of format 1, whose register is another. */
static tjob_file_problem next_to_copy(tjob_file_store *from, uint32_t *bucket)
{
    return from->key_bytes == FILE_IDENTITY_BYTES ? tjob_file_store_next_bucket(from, *bucket, bucket) : TJOB_FILE_OK;
}

/* Every version of the new file must be above all versions of the other file. Such a version must exist, for a change:
 * otherwise no job of the new file could be changed, and some of the other file perhaps can. */
tjob_file_problem tjob__file_fill_from(struct file_creation *creation, tjob_file_store *from)
{
    uint32_t bucket = 0;
    tjob_file_problem problem = next_to_copy(from, &bucket);
    while (problem == TJOB_FILE_OK && bucket < from->buckets) {
        problem = copy_bucket(creation, from, bucket++);
        if (problem == TJOB_FILE_OK) {
            problem = next_to_copy(from, &bucket);
        }
    }
    if (problem == TJOB_FILE_OK && creation->header.base >= FILE_SEQUENCE_CHANGE_MAX) {
        problem = tjob__file_call_note(from, TJOB_FILE_EXHAUSTED);
    }
    return problem == TJOB_FILE_OK ? tjob__file_fill_end(creation) : problem;
}
