#include "host/file_store/grow.h"

#include <string.h>

#include "host/file_store/call.h"
#include "host/file_store/lock.h"
#include "host/file_store/posix_disk.h"
#include "host/file_store/state.h"
#include "host/file_store/store.h"

/* A growth in progress. */
struct growth {
    const struct tjob_disk *disk;
    const char *path; /* absolute, of the old file */
    char new_path[TJOB_FILE_STORE_PATH_BYTES_MAX];
    tjob_file_store old;
    struct file_header header; /* of the new file */
    int file;                  /* the new file */
    bool replaced;             /* the name now belongs to the new file */
};

/* ---- The old file ---------------------------------------------------------------------------------------------- */

/* Checks that the old file is the store, and that the path, which will name another file, is its only name. */
static tjob_file_problem grow_check_name(const struct growth *growth)
{
    const int named = growth->disk->names(growth->disk->context, growth->path, growth->old.file);
    if (named == DISK_NAMES_ANOTHER) {
        return TJOB_FILE_SUPERSEDED;
    }
    return named == DISK_NAMES_SHARED ? TJOB_FILE_LINKED : tjob__disk_problem(named);
}

static tjob_file_problem write_old_state(const struct growth *growth, enum file_state state)
{
    const struct file_header header = tjob__file_store_header(&growth->old);
    return tjob__file_state_write(growth->disk, growth->old.file, &header, state);
}

static tjob_file_problem sync_old_folder(const struct growth *growth)
{
    return tjob__disk_sync_name(growth->disk, growth->path, growth->old.file);
}

/*
 * Checks that another file may replace the old file, whose header is held: the old file is still the store, and its
 * folder can be synced.
 */
static tjob_file_problem check_old(const struct growth *growth)
{
    const struct file_header header = tjob__file_store_header(&growth->old);
    enum file_state state;
    tjob_file_problem problem = tjob__file_state_read(growth->disk, growth->old.file, &header, &state);
    if (problem == TJOB_FILE_OK && state == FILE_SUPERSEDED) {
        problem = TJOB_FILE_SUPERSEDED;
    }
    if (problem == TJOB_FILE_OK) {
        problem = grow_check_name(growth);
    }
    return problem != TJOB_FILE_OK ? problem : sync_old_folder(growth);
}

/* ---- The new file ---------------------------------------------------------------------------------------------- */

/*
 * Returns the offset of page `page` of a bucket of the new file. Only page 0 has jobs; the other pages exist, and have
 * the mark.
 */
static uint64_t new_offset(const struct growth *growth, uint32_t bucket, uint32_t page)
{
    return tjob__file_header_bucket_offset(growth->header.buckets, bucket) + (uint64_t)page * FILE_PAGE_BYTES;
}

static tjob_file_problem write_new(const struct growth *growth, uint32_t bucket, unsigned char page[FILE_PAGE_BYTES],
                                   uint64_t sequence)
{
    const struct file_place place = {growth->header.identity, bucket, 0};
    const struct file_place marked = {growth->header.identity, bucket, 1};
    unsigned char others[FILE_BUCKET_BYTES - FILE_PAGE_BYTES] = {0};
    bool begun;
    tjob__file_page_seal(page, &place, sequence);
    tjob__file_mark_write(others + FILE_MARK_OFFSET, &marked, sequence);
    const tjob_file_problem problem =
        tjob__disk_write(growth->disk, growth->file, new_offset(growth, bucket, 0), page, FILE_PAGE_BYTES, &begun);
    return problem != TJOB_FILE_OK ? problem
                                   : tjob__disk_write(growth->disk, growth->file, new_offset(growth, bucket, 1), others,
                                                      sizeof others, &begun);
}

/* Registers a bucket of the new file, and writes the sequence of its first job as its progress. */
static tjob_file_problem enter_new(const struct growth *growth, uint32_t bucket, uint64_t sequence)
{
    const struct file_identity *identity = &growth->header.identity;
    unsigned char entry[FILE_ENTRY_BYTES];
    unsigned char progress[FILE_PROGRESS_BYTES];
    bool begun;
    tjob__file_entry_encode(identity, bucket, entry);
    tjob__file_progress_encode(identity, bucket, sequence, progress);
    const tjob_file_problem problem =
        tjob__disk_write(growth->disk, growth->file, tjob__file_entry_offset(bucket), entry, sizeof entry, &begun);
    const uint64_t offset = tjob__file_progress_offset(growth->header.buckets, bucket);
    return problem != TJOB_FILE_OK
               ? problem
               : tjob__disk_write(growth->disk, growth->file, offset, progress, sizeof progress, &begun);
}

static tjob_file_problem put_new(const struct growth *growth, uint32_t bucket, unsigned char page[FILE_PAGE_BYTES],
                                 const struct file_record *record)
{
    const uint32_t count = tjob__file_page_count(page);
    const uint64_t sequence = tjob__file_page_sequence(page);
    const tjob_file_problem problem = count == 0 ? enter_new(growth, bucket, record->version) : TJOB_FILE_OK;
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    tjob__file_page_put(page, count, record->arn, record->version, &record->job);
    return write_new(growth, bucket, page, record->version > sequence ? record->version : sequence);
}

static tjob_file_problem insert(const struct growth *growth, const struct file_record *record)
{
    unsigned char pages[2][FILE_PAGE_BYTES];
    uint32_t buckets[2];
    tjob__file_header_buckets_of(&growth->header, record->arn, buckets);
    for (int i = 0; i < 2; i++) {
        const tjob_file_problem problem =
            tjob__disk_read(growth->disk, growth->file, new_offset(growth, buckets[i], 0), pages[i], FILE_PAGE_BYTES);
        if (problem != TJOB_FILE_OK) {
            return problem;
        }
    }
    const uint32_t slots = tjob__file_page_find(pages[0], record->arn) + tjob__file_page_find(pages[1], record->arn);
    if (slots != 2 * FILE_PAGE_SLOTS) {
        return TJOB_FILE_DAMAGED; /* the name was in the old file twice */
    }
    const int emptier = tjob__file_page_count(pages[1]) < tjob__file_page_count(pages[0]) ? 1 : 0;
    return tjob__file_page_count(pages[emptier]) == FILE_PAGE_SLOTS
               ? TJOB_FILE_FULL
               : put_new(growth, buckets[emptier], pages[emptier], record);
}

/*
 * Returns whether a slot of the old file is valid. For a file of format 1, it is no longer known which buckets a name
 * belongs to.
 */
static bool may_stand(const struct file_header *old, const struct file_bucket *bucket, uint32_t slot,
                      struct file_record *record)
{
    return tjob__file_page_read(bucket->page, slot, record) &&
           (tjob__file_identity_format(&old->identity) == FILE_FORMAT_1 ||
            tjob__file_header_has(old, bucket->index, record->arn));
}

static tjob_file_problem copy_bucket(struct growth *growth, uint32_t index)
{
    const struct file_header old = tjob__file_store_header(&growth->old);
    struct file_bucket bucket = {.file = old.identity, .index = index};
    struct file_call call = {.store = &growth->old};
    bool registered;
    tjob_file_problem problem = tjob__file_call_read(&call, &bucket, &registered);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    for (uint32_t slot = 0; slot < tjob__file_page_count(bucket.page) && problem == TJOB_FILE_OK; slot++) {
        struct file_record record;
        problem = may_stand(&old, &bucket, slot, &record) ? insert(growth, &record) : TJOB_FILE_DAMAGED;
    }
    growth->header.base = bucket.sequence > growth->header.base ? bucket.sequence : growth->header.base;
    return problem;
}

/* Every version of the new file must be above all versions of the old one. Such a version must exist. */
static tjob_file_problem grow_fill(struct growth *growth)
{
    const uint64_t bytes = tjob__file_header_file_bytes(growth->header.buckets);
    tjob_file_problem problem = tjob__disk_problem(growth->disk->resize(growth->disk->context, growth->file, bytes));
    for (uint32_t bucket = 0; bucket < growth->old.buckets && problem == TJOB_FILE_OK; bucket++) {
        problem = copy_bucket(growth, bucket);
    }
    if (problem == TJOB_FILE_OK && growth->header.base == FILE_SEQUENCE_MAX) {
        problem = TJOB_FILE_DAMAGED;
    }
    return problem != TJOB_FILE_OK ? problem
                                   : tjob__file_store_write_header(growth->disk, growth->file, &growth->header);
}

/*
 * Checks that both files still have their names. The copying took a while, in which somebody may have put another store
 * there.
 */
static tjob_file_problem check_names(const struct growth *growth)
{
    const struct tjob_disk *disk = growth->disk;
    const tjob_file_problem problem = grow_check_name(growth);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    const int named = disk->names(disk->context, growth->new_path, growth->file);
    return named == DISK_NAMES_ANOTHER ? TJOB_FILE_SUPERSEDED : tjob__disk_problem(named);
}

/* Removes the new file, unless its name now belongs to another file. */
static void remove_new(const struct growth *growth)
{
    const struct tjob_disk *disk = growth->disk;
    if (disk->names(disk->context, growth->new_path, growth->file) > DISK_NAMES_ANOTHER) {
        (void)disk->remove(disk->context, growth->new_path);
    }
}

/*
 * Replaces the old file by the new one, which is durable. Handles of the old file see its new state before the name
 * belongs to the new file, and nobody treats the new file as current before its name is durable. This checks once more
 * that the folder can be synced, now with both files open, which leaves fewer descriptors. A renaming that fails may
 * still have been made: then the old file has lost its name.
 */
static tjob_file_problem replace(struct growth *growth)
{
    const struct tjob_disk *disk = growth->disk;
    tjob_file_problem problem = sync_old_folder(growth);
    if (problem == TJOB_FILE_OK) {
        problem = write_old_state(growth, FILE_SUPERSEDED);
    }
    if (problem == TJOB_FILE_OK) {
        problem = check_names(growth);
    }
    if (problem == TJOB_FILE_OK) {
        problem = tjob__disk_problem(disk->rename(disk->context, growth->new_path, growth->path));
    }
    if (problem != TJOB_FILE_OK) {
        remove_new(growth);
        return problem;
    }
    growth->replaced = true;
    problem = tjob__disk_sync_name(disk, growth->path, growth->file);
    if (problem == TJOB_FILE_OK) {
        tjob__file_state_confirm(disk, growth->file, &growth->header);
    }
    return problem;
}

static tjob_file_problem make_new(struct growth *growth)
{
    const struct tjob_disk *disk = growth->disk;
    tjob_file_problem problem = tjob__file_lock_header(disk, growth->file, NULL, 0);
    if (problem == TJOB_FILE_OK) {
        problem = tjob__disk_problem(disk->inherit(disk->context, growth->file, growth->old.file));
    }
    if (problem == TJOB_FILE_OK) {
        problem = grow_fill(growth);
    }
    if (problem == TJOB_FILE_OK) {
        problem = replace(growth);
    } else {
        remove_new(growth);
    }
    tjob__file_lock_drop_header(disk, growth->file, NULL);
    return problem;
}

/* The caller has locked all of the old file. */
static tjob_file_problem grow_locked(struct growth *growth)
{
    const struct tjob_disk *disk = growth->disk;
    (void)disk->remove(disk->context, growth->new_path); /* the file of a growth that died */
    growth->file = disk->open(disk->context, growth->new_path, DISK_CREATE_PRIVATE);
    if (growth->file < 0) {
        return tjob__disk_problem(growth->file);
    }
    const tjob_file_problem problem = make_new(growth);
    disk->close(disk->context, growth->file);
    return problem;
}

/*
 * With the header held: keeps new calls out, and waits for the calls in progress. If the growth fails, lets calls in
 * again.
 */
static tjob_file_problem grow_alone(struct growth *growth, uint64_t deadline_us)
{
    tjob_file_problem problem = check_old(growth);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = write_old_state(growth, FILE_GROWING);
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_lock_all(&growth->old, deadline_us);
    }
    if (problem == TJOB_FILE_OK) {
        problem = grow_locked(growth);
    }
    const tjob_file_problem named = grow_check_name(growth);
    if (!growth->replaced && (named == TJOB_FILE_OK || named == TJOB_FILE_LINKED)) {
        (void)write_old_state(growth, FILE_CURRENT);
    }
    return problem;
}

/*
 * Prepares the header of the new file. The new file has its own identity, so that no page of the old file is valid in
 * it.
 */
static tjob_file_problem plan(struct growth *growth, uint64_t capacity)
{
    const struct file_header old = tjob__file_store_header(&growth->old);
    const bool is_older = tjob__file_identity_format(&old.identity) != FILE_FORMAT;
    if (capacity < old.capacity || (capacity == old.capacity && !is_older)) {
        return TJOB_FILE_NOT_LARGER;
    }
    growth->header =
        (struct file_header){.buckets = tjob__file_header_buckets(capacity), .capacity = capacity, .base = old.base};
    return tjob__file_store_random_identity(growth->disk, &growth->header.identity);
}

static tjob_file_problem grow_open(struct growth *growth, uint64_t capacity, uint64_t deadline_us)
{
    tjob_file_problem problem = plan(growth, capacity);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = tjob__file_lock_header(growth->disk, growth->old.file, growth->old.mapped, deadline_us);
    if (problem == TJOB_FILE_OK) {
        problem = grow_alone(growth, deadline_us);
        tjob__file_lock_drop_all(&growth->old);
    }
    return problem;
}

/* Gives the new file the name of the old one, with a suffix. */
static tjob_file_problem name_new(struct growth *growth, const char *path)
{
    const tjob_file_problem problem =
        tjob__file_store_keep_path(growth->disk, path, sizeof FILE_GROWING_SUFFIX - 1, growth->new_path);
    if (problem == TJOB_FILE_OK) {
        memcpy(growth->new_path + strlen(growth->new_path), FILE_GROWING_SUFFIX, sizeof FILE_GROWING_SUFFIX);
    }
    return problem;
}

tjob_file_problem tjob__file_store_grow(const struct tjob_disk *disk, const char *path, uint64_t capacity,
                                        uint32_t wait_ms)
{
    struct growth growth = {.disk = disk, .path = growth.old.path};
    if (capacity > TJOB_FILE_STORE_JOBS_MAX) {
        return TJOB_FILE_INVALID_ARGUMENT;
    }
    tjob_file_problem problem = name_new(&growth, path);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    wait_ms = wait_ms != 0 ? wait_ms : TJOB_FILE_STORE_WAIT_MS_DEFAULT;
    const uint64_t deadline_us = tjob__file_lock_deadline(disk, wait_ms); /* for the whole growth */
    problem = tjob__file_store_open_for(disk, &growth.old, path, wait_ms, FILE_ACCESS_GROW);
    if (problem == TJOB_FILE_OK) {
        problem = grow_open(&growth, capacity, deadline_us);
        tjob_file_store_close(&growth.old);
    }
    return problem;
}

tjob_file_problem tjob_file_store_grow(const char *path, uint64_t capacity, uint32_t wait_ms)
{
    return tjob__file_store_grow(&tjob__posix_disk, path, capacity, wait_ms);
}
