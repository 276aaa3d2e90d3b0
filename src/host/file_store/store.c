#include "host/file_store/store.h"

#include <string.h>

#include "host/file_store/call.h"
#include "host/file_store/create.h"
#include "host/file_store/descriptor.h"
#include "host/file_store/lock.h"
#include "host/file_store/posix_disk.h"
#include "host/file_store/state.h"

tjob_file_problem tjob_file_store_problem(const tjob_file_store *store)
{
    return (tjob_file_problem)__atomic_load_n(&store->problem, __ATOMIC_RELAXED);
}

/* ---- Opening --------------------------------------------------------------------------------------------------- */

static tjob_file_problem read_header(const struct tjob_disk *disk, int file, enum file_access access,
                                     struct file_header *header)
{
    tjob_file_problem problem = tjob__file_header_read_either(disk, file, header);
    if (problem == TJOB_FILE_OK && access != FILE_ACCESS_GROW &&
        tjob__file_identity_format(&header->identity) != FILE_FORMAT) {
        return TJOB_FILE_OTHER_FORMAT;
    }
    if (problem == TJOB_FILE_OK && header->is_backup && access != FILE_ACCESS_READ && access != FILE_ACCESS_REPAIR) {
        return TJOB_FILE_BACKUP;
    }
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    const int64_t size = disk->size(disk->context, file);
    if (size < 0) {
        return tjob__disk_problem(size);
    }
    return (uint64_t)size < tjob__file_header_end(header) ? TJOB_FILE_TRUNCATED : TJOB_FILE_OK;
}

static tjob_file_problem sync_file_and_name(const struct tjob_disk *disk, const char *path, int file)
{
    const tjob_file_problem problem = tjob__disk_sync(disk, file);
    return problem == TJOB_FILE_OK ? tjob__disk_sync_name(disk, path, file) : problem;
}

/*
 * Makes a file current whose state is not known: it was created, or grew, and the process that did so has died, or did
 * so before a crash. The path names the file, so it is the store: if another file grew beside it, that file has not
 * replaced it. If the file is only read, its state stays as it is, and nothing is synced: its pages were before it got
 * a header, and if a power cut gives the name back to the file before a growth, that has the same jobs.
 */
static tjob_file_problem make_current_locked(const struct tjob_disk *disk, const char *path, int file,
                                             enum file_access access, const struct file_header *header)
{
    enum file_state state;
    tjob_file_problem problem = tjob__file_state_read(disk, file, header, &state);
    if (problem != TJOB_FILE_OK || state == FILE_CURRENT) {
        return problem;
    }
    const int named = disk->names(disk->context, path, file);
    if (named <= DISK_NAMES_ANOTHER) {
        return named == DISK_NAMES_ANOTHER ? TJOB_FILE_SUPERSEDED : tjob__disk_problem(named);
    }
    if (access == FILE_ACCESS_READ) {
        return TJOB_FILE_OK;
    }
    if (state == FILE_NEW && tjob__file_identity_format(&header->identity) == FILE_FORMAT) {
        problem = tjob__file_header_renew(disk, file, header); /* the creation may have written only one */
    }
    if (problem == TJOB_FILE_OK) {
        problem = sync_file_and_name(disk, path, file);
    }
    return problem == TJOB_FILE_OK ? tjob__file_state_change(disk, file, header, FILE_CURRENT) : problem;
}

/* How often an opening is repeated if the file grows each time before it is open. */
enum { OPENINGS_MAX = 64 };

/* Maps the part of a file on which waiting processes sleep; NULL if it is not possible to map it. */
static void *map(const struct tjob_disk *disk, int file)
{
    return disk->map(disk->context, file, FILE_LOCK_MAPPED_BYTES);
}

static void unmap(const struct tjob_disk *disk, void *mapped)
{
    if (mapped != NULL) {
        disk->unmap(disk->context, mapped, FILE_LOCK_MAPPED_BYTES);
    }
}

/* The file is mapped, because other processes may wait behind this one, which wakes them. */
static tjob_file_problem make_current(const struct tjob_disk *disk, const char *path, int file, enum file_access access,
                                      const struct file_header *header, uint64_t deadline_us)
{
    enum file_state state;
    tjob_file_problem problem = tjob__file_state_read(disk, file, header, &state);
    if (problem != TJOB_FILE_OK || state == FILE_CURRENT) {
        return problem;
    }
    void *mapped = map(disk, file);
    problem = tjob__file_lock_header(disk, file, mapped, deadline_us);
    if (problem == TJOB_FILE_OK) {
        problem = make_current_locked(disk, path, file, access, header);
        tjob__file_lock_drop_header(disk, file, mapped);
    }
    unmap(disk, mapped);
    return problem;
}

static tjob_file_problem open_once(const struct tjob_disk *disk, const char *path, uint64_t deadline_us,
                                   enum file_access access, int *file, struct file_header *header)
{
    tjob_file_problem problem =
        tjob__disk_open(disk, path, access == FILE_ACCESS_READ ? DISK_READ_ONLY : DISK_EXISTING, deadline_us, file);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = read_header(disk, *file, access, header);
    if (problem == TJOB_FILE_OK) {
        problem = make_current(disk, path, *file, access, header, deadline_us);
    }
    if (problem != TJOB_FILE_OK) {
        disk->close(disk->context, *file);
    }
    return problem;
}

/* Fills the fields that calls on an open file need. */
static void attach(tjob_file_store *store, const struct tjob_disk *disk, int file, const struct file_header *header)
{
    store->disk = disk;
    store->file = file;
    store->key_bytes = header->identity.count;
    memcpy(store->key, header->identity.bytes, sizeof store->key);
    store->begin = tjob__file_header_begin(header);
    store->base = header->base;
    store->is_backup = header->is_backup;
    store->capacity = header->capacity;
    store->buckets = header->buckets;
    store->process = disk->process(disk->context);
    store->mark = disk->mark_process(disk->context);
    store->mapped = map(disk, file);
    tjob__file_holds_init(store);
    tjob__file_descriptors_init(store);
}

tjob_file_problem tjob__file_store_open_for(const struct tjob_disk *disk, tjob_file_store *store, const char *path,
                                            uint32_t wait_ms, enum file_access access)
{
    if (store == NULL) {
        return TJOB_FILE_INVALID_ARGUMENT;
    }
    struct file_header header = {.buckets = 0};
    int file = -1;
    wait_ms = wait_ms != 0 ? wait_ms : TJOB_FILE_STORE_WAIT_MS_DEFAULT;
    *store = (tjob_file_store){
        .wait_ms = wait_ms, .total_wait_us = -1, .wanted = FILE_HOLD_NONE, .read_only = access == FILE_ACCESS_READ};
    const uint64_t deadline_us = tjob__file_lock_deadline(disk, wait_ms);
    tjob_file_problem problem = tjob__file_store_keep_path(disk, path, 0, store->path);
    if (problem == TJOB_FILE_OK) {
        problem = open_once(disk, store->path, deadline_us, access, &file, &header);
    }
    /* The file may have grown once or more often during the opening. */
    for (int times = 1; problem == TJOB_FILE_SUPERSEDED && times < OPENINGS_MAX; times++) {
        problem = open_once(disk, store->path, deadline_us, access, &file, &header);
    }
    if (problem == TJOB_FILE_OK) {
        attach(store, disk, file, &header);
    }
    return problem;
}

tjob_file_problem tjob__file_store_open(const struct tjob_disk *disk, tjob_file_store *store, const char *path,
                                        uint32_t wait_ms)
{
    return tjob__file_store_open_for(disk, store, path, wait_ms, FILE_ACCESS_CHANGE);
}

void tjob_file_store_close(tjob_file_store *store)
{
    const struct tjob_disk *disk = store->disk;
    unmap(disk, store->mapped);
    if (store->mark != NULL) {
        disk->unmap(disk->context, store->mark, 1);
    }
    tjob__file_descriptors_close(store);
    disk->close(disk->context, store->file);
    tjob__file_holds_destroy(store);
}

void tjob_file_store_set_wait_ms(tjob_file_store *store, uint32_t wait_ms)
{
    __atomic_store_n(&store->wait_ms, wait_ms, __ATOMIC_RELAXED);
    __atomic_store_n(&store->total_wait_us, -1, __ATOMIC_RELAXED);
}

void tjob_file_store_set_total_wait_ms(tjob_file_store *store, uint32_t total_wait_ms)
{
    __atomic_store_n(&store->waited_us, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&store->total_wait_us, (int64_t)total_wait_ms * 1000, __ATOMIC_RELAXED);
}

uint64_t tjob_file_store_capacity(const tjob_file_store *store)
{
    return store->capacity;
}

uint32_t tjob_file_store_buckets(const tjob_file_store *store)
{
    return store->buckets;
}

/* ---- The callbacks --------------------------------------------------------------------------------------------- */

/* What the buckets of a name hold about it. */
struct lookup {
    struct file_bucket *bucket; /* the bucket that holds it, otherwise NULL */
    uint32_t slot;
    struct file_record record;
    uint64_t version; /* of the record, or of the absence */
};

static uint64_t max(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Searches a bucket that was read for the name. Returns TJOB_FILE_DAMAGED if the other one has it as well. */
static tjob_file_problem file_store_search(struct file_bucket *bucket, tjob_text arn, struct lookup *found)
{
    const uint32_t slot = tjob__file_page_find(bucket->page, arn);
    found->version = max(found->version, tjob__file_page_absence(bucket->page));
    if (slot == FILE_PAGE_SLOTS) {
        return TJOB_FILE_OK;
    }
    if (found->bucket != NULL) {
        return TJOB_FILE_DAMAGED;
    }
    found->bucket = bucket;
    found->slot = slot;
    return TJOB_FILE_OK;
}

/* Reads the record that was found, if any. */
static tjob_file_problem file_store_read_record(struct lookup *found)
{
    if (found->bucket == NULL) {
        return TJOB_FILE_OK;
    }
    const bool can_be = tjob__file_page_read(found->bucket->page, found->slot, &found->record);
    found->version = found->record.version;
    return can_be ? TJOB_FILE_OK : TJOB_FILE_DAMAGED;
}

/* Reads both buckets, makes them durable, and searches them for the name. */
static tjob_file_problem file_store_find(struct file_call *call, tjob_text arn, struct lookup *found)
{
    *found = (struct lookup){.version = call->store->base};
    for (int i = 0; i < 2; i++) {
        tjob_file_problem problem = tjob__file_call_read_durable(call, &call->bucket[i]);
        if (problem == TJOB_FILE_OK) {
            problem = file_store_search(&call->bucket[i], arn, found);
        }
        if (problem != TJOB_FILE_OK) {
            return problem;
        }
    }
    return file_store_read_record(found);
}

/*
 * Finds the name by optimistic reads. If its first bucket holds it, the second is not read. If neither does, the first
 * is read again: only if it is unchanged, there was an instant at which the name was in neither, with that version.
 */
static bool file_store_try_find(struct file_call *call, tjob_text arn, struct lookup *found)
{
    *found = (struct lookup){.version = call->store->base};
    for (int i = 0; i < 2 && found->bucket == NULL; i++) {
        if (!tjob__file_call_try_read(call, &call->bucket[i])) {
            return false;
        }
        (void)file_store_search(&call->bucket[i], arn, found); /* only one bucket can have it so far */
    }
    const uint64_t sequence = call->bucket[0].sequence;
    return (found->bucket != NULL ||
            (tjob__file_call_try_read(call, &call->bucket[0]) && call->bucket[0].sequence == sequence)) &&
           file_store_read_record(found) == TJOB_FILE_OK && tjob__file_call_is_current(call);
}

static tjob_file_problem file_store_buckets(const tjob_file_store *store, tjob_text arn, uint32_t buckets[2])
{
    const struct file_header header = tjob__file_store_header(store);
    if (arn.bytes == 0 || arn.bytes > TJOB_ARN_BYTES_MAX) {
        return TJOB_FILE_INVALID_ARGUMENT;
    }
    tjob__file_header_buckets_of(&header, arn, buckets);
    return TJOB_FILE_OK;
}

/* Finds the name by optimistic reads; if these fail, in a call that holds its buckets. */
static tjob_file_problem file_store_look_up(struct file_call *call, tjob_file_store *store, tjob_text arn,
                                            struct lookup *found)
{
    uint32_t buckets[2];
    tjob_file_problem problem = file_store_buckets(store, arn, buckets);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    tjob__file_call_init(call, store, buckets);
    if (file_store_try_find(call, arn, found)) {
        return TJOB_FILE_OK;
    }
    problem = tjob__file_call_begin(call, store, buckets);
    if (problem == TJOB_FILE_OK) {
        problem = file_store_find(call, arn, found);
        tjob__file_call_end(call);
    }
    return problem;
}

static tjob_load_status file_store_load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    (void)user;
    tjob_file_store *store = context;
    struct file_call call;
    struct lookup found;
    const tjob_file_problem problem = file_store_look_up(&call, store, arn, &found);
    tjob__file_call_note(store, problem);
    if (problem != TJOB_FILE_OK) {
        return TJOB_LOAD_UNAVAILABLE;
    }
    *version = found.version;
    if (found.bucket == NULL) {
        return TJOB_LOAD_NOT_FOUND;
    }
    *job = found.record.job;
    return TJOB_LOAD_OK;
}

/*
 * Chooses the bucket of a new job, and makes sure that it has room. It is the emptier bucket, so that none fills up
 * long before the others.
 */
static tjob_file_problem choose(struct file_call *call, struct lookup *found)
{
    const uint32_t first = tjob__file_page_count(call->bucket[0].page);
    const uint32_t second = tjob__file_page_count(call->bucket[1].page);
    found->bucket = &call->bucket[second < first ? 1 : 0];
    found->slot = second < first ? second : first;
    return found->slot == FILE_PAGE_SLOTS ? TJOB_FILE_FULL : tjob__file_call_allocate(call, found->bucket);
}

/* Returns the latest sequence that the version of a change must be above. */
static uint64_t latest_sequence(const struct file_call *call)
{
    return max(call->store->base, max(call->bucket[0].sequence, call->bucket[1].sequence));
}

static struct file_change write_record(struct file_call *call, tjob_text arn, const struct lookup *found,
                                       const tjob_job *next)
{
    const uint64_t sequence = latest_sequence(call);
    if (next != NULL) {
        tjob__file_page_put(found->bucket->page, found->slot, arn, sequence + 1, next);
    } else {
        tjob__file_page_remove(found->bucket->page, found->slot, sequence + 1);
    }
    return tjob__file_call_commit(call, found->bucket, sequence + 1);
}

static struct file_change change(struct file_call *call, tjob_text arn, struct lookup *found, const tjob_job *next)
{
    struct file_change made = {tjob__file_call_check_name(call->store), false};
    /* The version depends on both buckets, not only on the one that is written. */
    for (int i = 0; i < 2 && made.problem == TJOB_FILE_OK; i++) {
        made.problem = tjob__file_call_check_progress(call, &call->bucket[i]);
    }
    if (made.problem == TJOB_FILE_OK && latest_sequence(call) >= FILE_SEQUENCE_CHANGE_MAX) {
        made.problem = TJOB_FILE_EXHAUSTED;
    }
    if (made.problem == TJOB_FILE_OK && found->bucket == NULL) {
        made.problem = choose(call, found);
    }
    return made.problem != TJOB_FILE_OK ? made : write_record(call, arn, found, next);
}

/*
 * A creation may lack room in its buckets or on the disk. The caller sees FULL in both cases; the host sees which of
 * the two.
 */
static tjob_swap_status answer(const struct file_change *made, bool creates)
{
    if (made->problem == TJOB_FILE_OK) {
        return TJOB_SWAP_OK;
    }
    if (made->maybe) {
        return TJOB_SWAP_UNKNOWN;
    }
    const bool full = made->problem == TJOB_FILE_FULL || (creates && made->problem == TJOB_FILE_NO_SPACE);
    return full ? TJOB_SWAP_FULL : TJOB_SWAP_UNAVAILABLE;
}

static tjob_swap_status file_store_swap_locked(struct file_call *call, tjob_text arn, uint64_t expected,
                                               const tjob_job *next)
{
    struct lookup found;
    struct file_change made = {file_store_find(call, arn, &found), false};
    if (made.problem == TJOB_FILE_OK && found.version != expected) {
        return TJOB_SWAP_CONFLICT;
    }
    const bool creates = made.problem == TJOB_FILE_OK && found.bucket == NULL;
    if (made.problem == TJOB_FILE_OK && (!creates || next != NULL)) {
        made = change(call, arn, &found, next);
    }
    tjob__file_call_note(call->store, made.problem);
    return answer(&made, creates);
}

static tjob_swap_status file_store_swap(void *context, void *user, tjob_text arn, uint64_t expected,
                                        const tjob_job *next)
{
    (void)user;
    tjob_file_store *store = context;
    struct file_call call;
    uint32_t buckets[2];
    tjob_file_problem problem = store->read_only ? TJOB_FILE_READ_ONLY : TJOB_FILE_INVALID_ARGUMENT;
    if (!store->read_only && (next == NULL || tjob_job_validate(next) == TJOB_JOB_VALID)) {
        problem = file_store_buckets(store, arn, buckets);
    }
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_call_begin(&call, store, buckets);
    }
    if (problem != TJOB_FILE_OK) {
        tjob__file_call_note(store, problem);
        return TJOB_SWAP_UNAVAILABLE;
    }
    const tjob_swap_status status = file_store_swap_locked(&call, arn, expected, next);
    tjob__file_call_end(&call);
    return status;
}

tjob_store tjob_file_store_callbacks(tjob_file_store *store)
{
    return (tjob_store){.context = store, .load = file_store_load, .swap = file_store_swap};
}

/* ---- On the system's disk -------------------------------------------------------------------------------------- */

tjob_file_problem tjob_file_store_open(tjob_file_store *store, const char *path, uint32_t wait_ms)
{
    return tjob__file_store_open(&tjob__posix_disk, store, path, wait_ms);
}

tjob_file_problem tjob_file_store_open_read_only(tjob_file_store *store, const char *path, uint32_t wait_ms)
{
    return tjob__file_store_open_for(&tjob__posix_disk, store, path, wait_ms, FILE_ACCESS_READ);
}
