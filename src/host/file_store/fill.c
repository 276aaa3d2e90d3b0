#include "host/file_store/fill.h"

#include "host/file_store/call.h"

/*
 * Returns the offset of page `page` of a bucket of the new file. Only page 0 has jobs; the other pages exist, and have
 * the mark.
 */
static uint64_t new_offset(const struct file_creation *creation, uint32_t bucket, uint32_t page)
{
    return tjob__file_header_bucket_offset(creation->header.buckets, bucket) + (uint64_t)page * FILE_PAGE_BYTES;
}

/*
 * Writes the page of a bucket, and the mark. The first write of a bucket is of all its pages, which then have room on
 * the disk.
 */
static tjob_file_problem write_new(const struct file_creation *creation, uint32_t bucket,
                                   unsigned char page[FILE_PAGE_BYTES], uint64_t sequence, bool is_first)
{
    const struct file_place place = {creation->header.identity, bucket, 0};
    const struct file_place marked = {creation->header.identity, bucket, 1};
    unsigned char others[FILE_BUCKET_BYTES - FILE_PAGE_BYTES] = {0};
    const size_t begin = is_first ? 0 : FILE_MARK_OFFSET;
    const size_t end = is_first ? sizeof others : FILE_MARK_OFFSET + FILE_MARK_BYTES;
    bool begun;
    tjob__file_page_seal(page, &place, sequence);
    tjob__file_mark_write(others + FILE_MARK_OFFSET, &marked, sequence);
    const tjob_file_problem problem = tjob__disk_write(creation->disk, creation->file, new_offset(creation, bucket, 0),
                                                       page, FILE_PAGE_BYTES, &begun);
    return problem != TJOB_FILE_OK
               ? problem
               : tjob__disk_write(creation->disk, creation->file, new_offset(creation, bucket, 1) + begin,
                                  others + begin, end - begin, &begun);
}

/* Registers a bucket of the new file, and writes the sequence of its first job as its progress. */
static tjob_file_problem enter_new(const struct file_creation *creation, uint32_t bucket, uint64_t sequence)
{
    const struct file_identity *identity = &creation->header.identity;
    unsigned char entry[FILE_ENTRY_BYTES];
    unsigned char progress[FILE_PROGRESS_BYTES];
    bool begun;
    tjob__file_entry_encode(identity, bucket, entry);
    tjob__file_progress_encode(identity, bucket, sequence, progress);
    const tjob_file_problem problem =
        tjob__disk_write(creation->disk, creation->file, tjob__file_entry_offset(bucket), entry, sizeof entry, &begun);
    const uint64_t offset = tjob__file_progress_offset(creation->header.buckets, bucket);
    return problem != TJOB_FILE_OK
               ? problem
               : tjob__disk_write(creation->disk, creation->file, offset, progress, sizeof progress, &begun);
}

static tjob_file_problem put_new(const struct file_creation *creation, uint32_t bucket,
                                 unsigned char page[FILE_PAGE_BYTES], const struct file_record *record)
{
    const uint32_t count = tjob__file_page_count(page);
    const uint64_t sequence = tjob__file_page_sequence(page);
    const tjob_file_problem problem = count == 0 ? enter_new(creation, bucket, record->version) : TJOB_FILE_OK;
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    tjob__file_page_put(page, count, record->arn, record->version, &record->job);
    return write_new(creation, bucket, page, record->version > sequence ? record->version : sequence, count == 0);
}

tjob_file_problem tjob__file_fill_insert(const struct file_creation *creation, const struct file_record *record)
{
    unsigned char pages[2][FILE_PAGE_BYTES];
    uint32_t buckets[2];
    tjob__file_header_buckets_of(&creation->header, record->arn, buckets);
    for (int i = 0; i < 2; i++) {
        const tjob_file_problem problem = tjob__disk_read(
            creation->disk, creation->file, new_offset(creation, buckets[i], 0), pages[i], FILE_PAGE_BYTES);
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
               : put_new(creation, buckets[emptier], pages[emptier], record);
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
    struct file_call call = {.store = from};
    bool registered;
    tjob_file_problem problem = tjob__file_call_read(&call, &bucket, &registered);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    for (uint32_t slot = 0; slot < tjob__file_page_count(bucket.page) && problem == TJOB_FILE_OK; slot++) {
        struct file_record record;
        problem =
            may_stand(&old, &bucket, slot, &record) ? tjob__file_fill_insert(creation, &record) : TJOB_FILE_DAMAGED;
    }
    if (problem == TJOB_FILE_EXISTS) {
        problem = TJOB_FILE_DAMAGED; /* the name is in the other file twice */
    }
    creation->header.base = bucket.sequence > creation->header.base ? bucket.sequence : creation->header.base;
    return problem;
}

/* Sets *bucket to the next one to copy. Nothing is skipped in a file of format 1, whose register is another. */
static tjob_file_problem next_to_copy(tjob_file_store *from, uint32_t *bucket)
{
    return from->key_bytes == FILE_IDENTITY_BYTES ? tjob_file_store_next_bucket(from, *bucket, bucket) : TJOB_FILE_OK;
}

/* Every version of the new file must be above all versions of the other file. Such a version must exist. */
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
    const bool is_last = creation->header.base == FILE_SEQUENCE_MAX;
    return problem == TJOB_FILE_OK && is_last ? TJOB_FILE_DAMAGED : problem;
}
