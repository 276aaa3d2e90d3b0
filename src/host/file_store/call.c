#include "host/file_store/call.h"

#include <string.h>

#include "core/assert.h"
#include "core/bytes.h"
#include "host/file_store/descriptor.h"
#include "host/file_store/header.h"
#include "host/file_store/lock.h"
#include "host/file_store/state.h"

tjob_file_problem tjob__file_call_note(tjob_file_store *store, tjob_file_problem problem)
{
    if (problem != TJOB_FILE_OK) {
        __atomic_store_n(&store->problem, (int)problem, __ATOMIC_RELAXED);
    }
    return problem;
}

/* ---- The call -------------------------------------------------------------------------------------------------- */

static tjob_file_problem read_state(const tjob_file_store *store, enum file_state *state)
{
    const struct file_header header = tjob__file_store_header(store);
    const tjob_file_problem problem = tjob__file_state_read(store->disk, store->file, &header, state);
    return problem == TJOB_FILE_OK && *state == FILE_SUPERSEDED ? TJOB_FILE_SUPERSEDED : problem;
}

/* Returns whether the store's path names the file of a read-only handle: then the file is the store, for a growth that
 * would have replaced it has died before it did so. */
static bool is_named_still(const tjob_file_store *store)
{
    return store->read_only && store->disk->names(store->disk->context, store->path, store->file) > DISK_NAMES_ANOTHER;
}

/*
 * Waits until a growth that keeps new calls out is over. If the growth ended or died without a new file, calls go on
 * with this file. A read-only handle leaves the state of the file as it is.
 */
static tjob_file_problem wait_at_gate(struct file_call *call, uint64_t deadline_us)
{
    tjob_file_store *store = call->store;
    static const uint32_t header[2] = {FILE_LOCK_HEADER, FILE_HOLD_NONE};
    enum file_state state;
    tjob_file_problem problem = tjob__file_lock_take(store, header, deadline_us, &call->waited_us);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = read_state(store, &state);
    if (problem == TJOB_FILE_SUPERSEDED && is_named_still(store)) {
        problem = TJOB_FILE_OK;
    } else if (problem == TJOB_FILE_OK && state == FILE_GROWING && !store->read_only) {
        const struct file_header current = tjob__file_store_header(store);
        problem = tjob__file_state_change(store->disk, store->file, &current, FILE_CURRENT);
    }
    tjob__file_lock_drop(store, header, true);
    return problem;
}

/* Returns whether this process opened the handle. */
static bool is_own(const tjob_file_store *store)
{
    return store->disk->process(store->disk->context) == store->process && (store->mark == NULL || *store->mark != 0);
}

/*
 * Tries once to take the buckets of the call. Sets *waits if the call must wait at the gate first. After it has waited
 * there, a read-only handle reads whatever the state is: a growth that has begun since then waits for these buckets.
 */
static tjob_file_problem file_call_take(struct file_call *call, uint64_t deadline_us, bool has_waited, bool *waits)
{
    tjob_file_store *store = call->store;
    enum file_state state;
    tjob_file_problem problem = tjob__file_lock_take(store, call->taken, deadline_us, &call->waited_us);
    *waits = false;
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = read_state(store, &state);
    const bool stands = problem == TJOB_FILE_SUPERSEDED && is_named_still(store);
    problem = stands ? TJOB_FILE_OK : problem;
    *waits = problem == TJOB_FILE_OK && (stands || state == FILE_GROWING) && !(store->read_only && has_waited);
    if (problem != TJOB_FILE_OK || *waits) {
        tjob__file_call_end(call);
    }
    return problem;
}

/* The same as tjob__file_call_check_store. Sets *state to the file's state if it is the store. */
static tjob_file_problem check_state(const tjob_file_store *store, enum file_state *state)
{
    if (!is_own(store)) {
        return TJOB_FILE_FORKED;
    }
    const tjob_file_problem problem = read_state(store, state);
    return problem == TJOB_FILE_SUPERSEDED && is_named_still(store) ? TJOB_FILE_OK : problem;
}

tjob_file_problem tjob__file_call_check_store(const tjob_file_store *store)
{
    enum file_state state;
    return check_state(store, &state);
}

tjob_file_problem tjob__file_call_check_name(const tjob_file_store *store)
{
    const int named = store->disk->names(store->disk->context, store->path, store->file);
    return named == DISK_NAMES_ANOTHER ? TJOB_FILE_SUPERSEDED : tjob__disk_problem(named);
}

uint64_t tjob__file_call_wait_us(const tjob_file_store *store)
{
    const int64_t total_us = __atomic_load_n(&store->total_wait_us, __ATOMIC_RELAXED);
    const uint64_t waited_us = __atomic_load_n(&store->waited_us, __ATOMIC_RELAXED);
    if (total_us < 0) {
        return (uint64_t)__atomic_load_n(&store->wait_ms, __ATOMIC_RELAXED) * 1000;
    }
    return (uint64_t)total_us > waited_us ? (uint64_t)total_us - waited_us : 0;
}

void tjob__file_call_init(struct file_call *call, tjob_file_store *store, const uint32_t buckets[2])
{
    call->store = store;
    call->descriptor = FILE_DESCRIPTOR_NONE;
    call->waited_us = 0;
    for (int i = 0; i < 2; i++) {
        call->bucket[i].file = tjob__file_store_header(store).identity;
        call->bucket[i].index = buckets[i];
    }
}

static tjob_file_problem file_call_begin(struct file_call *call, tjob_file_store *store, const uint32_t buckets[2],
                                         uint64_t deadline_us)
{
    tjob__file_call_init(call, store, buckets);
    if (!is_own(store)) {
        return TJOB_FILE_FORKED;
    }
    const bool one = buckets[0] == buckets[1];
    call->taken[0] = buckets[0] < buckets[1] ? buckets[0] : buckets[1];
    call->taken[1] = one ? FILE_HOLD_NONE : buckets[0] + buckets[1] - call->taken[0];
    bool waits;
    tjob_file_problem problem = file_call_take(call, deadline_us, false, &waits);
    while (problem == TJOB_FILE_OK && waits) {
        problem = wait_at_gate(call, deadline_us);
        if (problem == TJOB_FILE_OK) {
            problem = file_call_take(call, deadline_us, true, &waits);
        }
    }
    return problem;
}

tjob_file_problem tjob__file_call_begin_until(struct file_call *call, tjob_file_store *store, const uint32_t buckets[2],
                                              uint64_t deadline_us)
{
    const tjob_file_problem problem = file_call_begin(call, store, buckets, deadline_us);
    __atomic_fetch_add(&store->waited_us, call->waited_us, __ATOMIC_RELAXED);
    return problem;
}

tjob_file_problem tjob__file_call_begin(struct file_call *call, tjob_file_store *store, const uint32_t buckets[2])
{
    const uint64_t now_us = store->disk->clock_us(store->disk->context);
    return tjob__file_call_begin_until(call, store, buckets, now_us + tjob__file_call_wait_us(store));
}

tjob_file_problem tjob__file_call_begin_within(struct file_call *call, tjob_file_store *store, uint32_t bucket,
                                               uint64_t *wait_us)
{
    const uint32_t buckets[2] = {bucket, bucket};
    const uint64_t now_us = store->disk->clock_us(store->disk->context);
    const tjob_file_problem problem = tjob__file_call_begin_until(call, store, buckets, now_us + *wait_us);
    *wait_us -= call->waited_us < *wait_us ? call->waited_us : *wait_us;
    return problem;
}

void tjob__file_call_end(struct file_call *call)
{
    const bool writes = call->descriptor != FILE_DESCRIPTOR_NONE;
    if (writes) {
        tjob__file_descriptor_drop(call->store, call->descriptor);
    }
    tjob__file_lock_drop(call->store, call->taken, writes);
}

static uint64_t page_offset(const tjob_file_store *store, const struct file_bucket *bucket, uint32_t page)
{
    return tjob__file_lock_bucket_offset(store, bucket->index) + (uint64_t)page * FILE_PAGE_BYTES;
}

static tjob_file_problem read_pages(const struct file_call *call, const struct file_bucket *bucket,
                                    unsigned char pages[FILE_BUCKET_BYTES])
{
    const tjob_file_store *store = call->store;
    const size_t bytes = tjob__file_header_bucket_bytes(store->is_backup);
    memset(pages + bytes, 0, FILE_BUCKET_BYTES - bytes);
    return tjob__disk_read(store->disk, store->file, tjob__file_lock_bucket_offset(store, bucket->index), pages, bytes);
}

/* Reads the progress of a bucket in the file; 0 if there is none: an older format, or an invalid checksum. */
static tjob_file_problem read_progress(const struct file_call *call, const struct file_bucket *bucket,
                                       uint64_t *progress)
{
    const tjob_file_store *store = call->store;
    unsigned char bytes[FILE_PROGRESS_BYTES];
    *progress = 0;
    if (tjob__file_identity_format(&bucket->file) != FILE_FORMAT) {
        return TJOB_FILE_OK;
    }
    const uint64_t offset = tjob__file_progress_offset(store->buckets, bucket->index);
    const tjob_file_problem problem = tjob__disk_read(store->disk, store->file, offset, bytes, sizeof bytes);
    if (problem == TJOB_FILE_OK) {
        *progress = tjob__file_progress_decode(&bucket->file, bucket->index, bytes);
    }
    return problem;
}

static tjob_file_problem read_entry(const struct file_call *call, const struct file_bucket *bucket, bool *is_there)
{
    const tjob_file_store *store = call->store;
    unsigned char bytes[FILE_ENTRY_BYTES];
    const tjob_file_problem problem =
        tjob__disk_read(store->disk, store->file, tjob__file_entry_offset(bucket->index), bytes, sizeof bytes);
    *is_there = problem == TJOB_FILE_OK && tjob__file_entry_is_used(&bucket->file, bucket->index, bytes);
    return problem;
}

static bool is_zero(const unsigned char *bytes, size_t count)
{
    unsigned char any = 0;
    for (size_t i = 0; i < count; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

/*
 * Checks a bucket of a backup against its progress and its entry. No crash leaves a backup that opens and is not
 * complete, so each of its buckets has a valid page with that progress, or nothing at all. Anything else is damage:
 * nobody can make it durable.
 */
static tjob_file_problem validate_backup(const struct file_call *call, struct file_bucket *bucket,
                                         const unsigned char pages[FILE_BUCKET_BYTES], bool *registered)
{
    const tjob_file_store *store = call->store;
    unsigned char entry[FILE_ENTRY_BYTES];
    unsigned char progress[FILE_PROGRESS_BYTES];
    const bool can_be = tjob__file_bucket_read(bucket, pages) && !bucket->broken[0];
    tjob_file_problem problem =
        tjob__disk_read(store->disk, store->file, tjob__file_entry_offset(bucket->index), entry, sizeof entry);
    if (problem == TJOB_FILE_OK) {
        problem = tjob__disk_read(store->disk, store->file, tjob__file_progress_offset(store->buckets, bucket->index),
                                  progress, sizeof progress);
    }
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    *registered = !is_zero(entry, sizeof entry) || !is_zero(progress, sizeof progress);
    const uint64_t known = tjob__file_progress_decode(&bucket->file, bucket->index, progress);
    if (!can_be || known != bucket->sequence || (known == 0 && *registered)) {
        bucket->sequence = 0;
        return TJOB_FILE_DAMAGED;
    }
    tjob__file_bucket_make_durable(bucket);
    return TJOB_FILE_OK;
}

/*
 * Checks a bucket against its progress and its entry, after a reading of its pages with the checksums of all of them. A
 * bucket that has held a job is not blank, and no bucket is behind its progress: otherwise it was put back to an
 * earlier content. If the progress equals the sequence of the newest page, that page is durable, and must not be
 * overwritten even if it has lost its mark.
 */
static tjob_file_problem validate_bucket(const struct file_call *call, struct file_bucket *bucket,
                                         const unsigned char pages[FILE_BUCKET_BYTES], bool *registered)
{
    if (call->store->is_backup) {
        return validate_backup(call, bucket, pages, registered);
    }
    const bool can_be = tjob__file_bucket_read(bucket, pages);
    uint64_t progress;
    tjob_file_problem problem = read_progress(call, bucket, &progress);
    if (problem == TJOB_FILE_OK) {
        problem = read_entry(call, bucket, registered);
    }
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    *registered = *registered || progress != 0;
    if (can_be && progress == bucket->sequence && !bucket->durable) {
        tjob__file_bucket_make_durable(bucket);
    }
    const bool gone = !can_be || bucket->sequence < progress || (bucket->sequence == 0 && *registered);
    return gone ? TJOB_FILE_DAMAGED : TJOB_FILE_OK;
}

tjob_file_problem tjob__file_call_read(struct file_call *call, struct file_bucket *bucket, bool *registered)
{
    unsigned char pages[FILE_BUCKET_BYTES];
    *registered = false;
    const tjob_file_problem problem = read_pages(call, bucket, pages);
    return problem != TJOB_FILE_OK ? problem : validate_bucket(call, bucket, pages, registered);
}

tjob_file_problem tjob__file_call_examine(struct file_call *call, struct file_bucket *bucket, bool *registered)
{
    unsigned char pages[FILE_BUCKET_BYTES];
    *registered = false;
    const tjob_file_problem problem = read_pages(call, bucket, pages);
    if (problem == TJOB_FILE_IO) {
        memset(bucket->broken, 0, sizeof bucket->broken);
        bucket->sequence = 0;
        return TJOB_FILE_DAMAGED;
    }
    return problem != TJOB_FILE_OK ? problem : validate_bucket(call, bucket, pages, registered);
}

/* ---- Optimistic reads -------------------------------------------------------------------------------------------- */

/* Returns whether the progress of a bucket has the sequence of its newest page, which is durable then. */
static bool is_progress(const struct file_call *call, const struct file_bucket *bucket)
{
    uint64_t progress;
    return read_progress(call, bucket, &progress) == TJOB_FILE_OK && progress == bucket->sequence;
}

/*
 * Returns whether the newest page still has this content, after its mark or the progress was read. Otherwise the mark
 * may be that of a later content with the same sequence, where this one was lost before it was durable.
 */
static bool is_unchanged(const struct file_call *call, const struct file_bucket *bucket)
{
    const tjob_file_store *store = call->store;
    unsigned char head[FILE_PAGE_HEAD_BYTES];
    const uint64_t offset = page_offset(store, bucket, bucket->newest);
    return tjob__disk_read(store->disk, store->file, offset, head, sizeof head) == TJOB_FILE_OK &&
           bytes_equal(head, bucket->page, sizeof head);
}

/* docs/storage.md proves that the checksum of the newest page is enough. */
bool tjob__file_call_try_read(const struct file_call *call, struct file_bucket *bucket)
{
    unsigned char pages[FILE_BUCKET_BYTES];
    if (call->store->is_backup || read_pages(call, bucket, pages) != TJOB_FILE_OK) {
        return false;
    }
    const bool is_durable =
        tjob__file_bucket_read_durable(bucket, pages) ||
        (tjob__file_bucket_read(bucket, pages) && bucket->sequence != 0 && is_progress(call, bucket));
    return is_durable && is_unchanged(call, bucket);
}

/* A growth makes the file superseded before anybody uses the new one. While it still copies, the file is the store. */
bool tjob__file_call_is_current(const struct file_call *call)
{
    enum file_state state;
    return is_own(call->store) && read_state(call->store, &state) == TJOB_FILE_OK &&
           (state == FILE_CURRENT || state == FILE_GROWING);
}

/* A growth that keeps calls out has the header. If it has died, the state that it has set may still be there. */
bool tjob__file_call_is_of_bucket(const tjob_file_store *store, tjob_file_problem problem)
{
    static const bool may_be[TJOB_FILE_PROBLEM_COUNT] = {[TJOB_FILE_DAMAGED] = true,
                                                         [TJOB_FILE_READ_ONLY] = true,
                                                         [TJOB_FILE_IO] = true,
                                                         [TJOB_FILE_EXHAUSTED] = true,
                                                         [TJOB_FILE_BUSY] = true};
    const struct tjob_disk *disk = store->disk;
    enum file_state state;
    if (!may_be[problem] || check_state(store, &state) != TJOB_FILE_OK) {
        return false;
    }
    return problem != TJOB_FILE_BUSY || state == FILE_CURRENT ||
           disk->lock(disk->context, store->file, DISK_PROBE, 0, FILE_PAGE_BYTES) == 0;
}

tjob_file_problem tjob__file_call_hold_and_read(struct file_call *call, tjob_file_store *store, uint32_t bucket,
                                                uint64_t *wait_us)
{
    tjob_file_problem problem = tjob__file_call_begin_within(call, store, bucket, wait_us);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = tjob__file_call_read_durable(call, &call->bucket[0]);
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_call_check_progress(call, &call->bucket[0]);
    }
    tjob__file_call_end(call);
    return problem;
}

/*
 * Progress that is read after the pages may be that of a later change, which is no damage: then the bucket is held, and
 * read again.
 */
tjob_file_problem tjob__file_call_read_bucket(struct file_call *call, tjob_file_store *store, uint32_t bucket,
                                              uint64_t *wait_us)
{
    const uint32_t buckets[2] = {bucket, bucket};
    tjob__file_call_init(call, store, buckets);
    const bool is_read = tjob__file_call_try_read(call, &call->bucket[0]) &&
                         tjob__file_call_check_progress(call, &call->bucket[0]) == TJOB_FILE_OK &&
                         tjob__file_call_is_current(call);
    return is_read ? TJOB_FILE_OK : tjob__file_call_hold_and_read(call, store, bucket, wait_us);
}

/* ---- Changes --------------------------------------------------------------------------------------------------- */

/* Takes the descriptor through which the call syncs. Comes before its first write that is synced. */
static void begin_writing(struct file_call *call)
{
    if (call->descriptor == FILE_DESCRIPTOR_NONE) {
        call->descriptor = tjob__file_descriptor_take(call->store);
    }
}

/*
 * Makes durable what the call has written at an offset, and nothing else: the marks and the progress of other changes
 * stay in memory, and their writes are not waited for.
 */
static tjob_file_problem make_durable(const struct file_call *call, uint64_t offset, const void *bytes, size_t count)
{
    const tjob_file_store *store = call->store;
    const tjob_file_problem problem =
        tjob__disk_sync_range(store->disk, store->descriptors[call->descriptor], offset, bytes, count);
    return problem == TJOB_FILE_OK ? TJOB_FILE_OK : TJOB_FILE_IO;
}

/* Writes the progress of a bucket. If this fails, nobody detects it if the bucket is put back; nothing else is lost. */
static void note_progress(const struct file_call *call, const struct file_bucket *bucket)
{
    const tjob_file_store *store = call->store;
    unsigned char bytes[FILE_PROGRESS_BYTES];
    bool begun;
    tjob__file_progress_encode(&bucket->file, bucket->index, bucket->sequence, bytes);
    const uint64_t offset = tjob__file_progress_offset(store->buckets, bucket->index);
    (void)tjob__disk_write(store->disk, store->file, offset, bytes, sizeof bytes, &begun);
}

/* Marks the newest page as durable. If this fails, the next call makes the page durable again. */
static void mark(const struct file_call *call, const struct file_bucket *bucket)
{
    const tjob_file_store *store = call->store;
    const struct file_place place = tjob__file_bucket_place(bucket, bucket->second);
    unsigned char bytes[FILE_MARK_BYTES];
    bool begun;
    tjob__file_mark_write(bytes, &place, bucket->sequence);
    const uint64_t offset = page_offset(store, bucket, bucket->second) + FILE_MARK_OFFSET;
    (void)tjob__disk_write(store->disk, store->file, offset, bytes, sizeof bytes, &begun);
}

/* A change on top of such a bucket would use versions twice, and would overwrite the evidence of the damage. */
tjob_file_problem tjob__file_call_check_progress(const struct file_call *call, const struct file_bucket *bucket)
{
    uint64_t progress;
    const tjob_file_problem problem = read_progress(call, bucket, &progress);
    return progress > bucket->sequence ? TJOB_FILE_DAMAGED : problem;
}

struct file_change tjob__file_call_commit(struct file_call *call, struct file_bucket *bucket, uint64_t sequence)
{
    const tjob_file_store *store = call->store;
    struct file_change change = {TJOB_FILE_OK, false};
    TJOB_ASSERT(sequence > bucket->sequence && sequence <= FILE_SEQUENCE_MAX);
    begin_writing(call);
    const struct file_place place = tjob__file_bucket_place(bucket, bucket->overwritten);
    const uint64_t offset = page_offset(store, bucket, bucket->overwritten);
    tjob__file_page_seal(bucket->page, &place, sequence);
    change.problem =
        tjob__disk_write(store->disk, store->file, offset, bucket->page, sizeof bucket->page, &change.maybe);
    if (change.problem != TJOB_FILE_OK) {
        return change;
    }
    change.problem = make_durable(call, offset, bucket->page, sizeof bucket->page);
    change.maybe = change.problem != TJOB_FILE_OK;
    if (!change.maybe) {
        tjob__file_bucket_written(bucket, sequence);
        mark(call, bucket);
        if (!tjob__file_bucket_is_fresh(bucket)) {
            note_progress(call, bucket);
        }
    }
    return change;
}

/* Registers a bucket that has a durable page, durably, so that the bucket cannot become blank again. */
static tjob_file_problem enter(struct file_call *call, const struct file_bucket *bucket)
{
    const tjob_file_store *store = call->store;
    unsigned char bytes[FILE_ENTRY_BYTES];
    bool begun;
    const uint64_t offset = tjob__file_entry_offset(bucket->index);
    begin_writing(call);
    tjob__file_entry_encode(&bucket->file, bucket->index, bytes);
    const tjob_file_problem problem = tjob__disk_write(store->disk, store->file, offset, bytes, sizeof bytes, &begun);
    return problem == TJOB_FILE_OK ? make_durable(call, offset, bytes, sizeof bytes) : problem;
}

/* Raises *highest to the highest sequence that a page shows, by its content and its mark. */
static void raise_by_page(const struct file_bucket *bucket, uint32_t number, const unsigned char *page,
                          uint64_t *highest)
{
    const struct file_place place = tjob__file_bucket_place(bucket, number);
    const uint64_t marked = tjob__file_mark_read(page, &place);
    const uint64_t sequence = tjob__file_page_is_valid(page, &place) ? tjob__file_page_sequence(page) : 0;
    *highest = marked > *highest ? marked : *highest;
    *highest = sequence > *highest ? sequence : *highest;
}

static uint32_t pages_of(const tjob_file_store *store)
{
    return tjob__file_header_bucket_bytes(store->is_backup) / FILE_PAGE_BYTES;
}

static tjob_file_problem read_page(const struct file_call *call, const struct file_bucket *bucket, uint32_t number,
                                   unsigned char page[FILE_PAGE_BYTES])
{
    const tjob_file_store *store = call->store;
    return tjob__disk_read(store->disk, store->file, page_offset(store, bucket, number), page, FILE_PAGE_BYTES);
}

tjob_file_problem tjob__file_call_read_highest(const struct file_call *call, const struct file_bucket *bucket,
                                               uint64_t *highest)
{
    *highest = 0;
    tjob_file_problem problem = read_progress(call, bucket, highest);
    for (uint32_t i = 0; i < pages_of(call->store) && problem == TJOB_FILE_OK; i++) {
        unsigned char page[FILE_PAGE_BYTES];
        problem = read_page(call, bucket, i, page);
        if (problem == TJOB_FILE_OK) {
            raise_by_page(bucket, i, page, highest);
        }
        problem = problem == TJOB_FILE_IO ? TJOB_FILE_OK : problem;
    }
    return problem;
}

/* Writes zeros over the older pages that are not readable, durably: otherwise the bucket would stay so. */
static tjob_file_problem blank_unreadable(const struct file_call *call, const struct file_bucket *bucket)
{
    static const unsigned char blank[FILE_PAGE_BYTES];
    const tjob_file_store *store = call->store;
    tjob_file_problem problem = TJOB_FILE_OK;
    for (uint32_t i = 1; i < FILE_BUCKET_PAGES && problem == TJOB_FILE_OK; i++) {
        const uint32_t older = (bucket->newest + i) % FILE_BUCKET_PAGES;
        unsigned char page[FILE_PAGE_BYTES];
        bool begun;
        problem = read_page(call, bucket, older, page);
        if (problem == TJOB_FILE_IO) {
            const uint64_t offset = page_offset(store, bucket, older);
            problem = tjob__disk_write(store->disk, store->file, offset, blank, sizeof blank, &begun);
            problem = problem == TJOB_FILE_OK ? make_durable(call, offset, blank, sizeof blank) : problem;
        }
    }
    return problem;
}

/* Returns the readable page that shows the lowest sequence, so that the others go on to show what is higher. Of several
 * it has the lowest sequence itself, or none: two that have the same are damage, which must be shown, too. */
static uint32_t lowest_page(const struct file_call *call, const struct file_bucket *bucket)
{
    uint64_t lowest = UINT64_MAX;
    uint64_t lowest_own = UINT64_MAX;
    uint32_t chosen = 0;
    for (uint32_t i = 0; i < FILE_BUCKET_PAGES; i++) {
        unsigned char page[FILE_PAGE_BYTES];
        uint64_t shown = 0;
        if (read_page(call, bucket, i, page) != TJOB_FILE_OK) {
            continue;
        }
        raise_by_page(bucket, i, page, &shown);
        const struct file_place place = tjob__file_bucket_place(bucket, i);
        const uint64_t own = tjob__file_page_is_valid(page, &place) ? tjob__file_page_sequence(page) : 0;
        if (shown < lowest || (shown == lowest && own < lowest_own)) {
            lowest = shown;
            lowest_own = own;
            chosen = i;
        }
    }
    return chosen;
}

/*
 * Until the new page is durable, the bucket stays damaged, wherever this ends: what shows the damage is not
 * overwritten. The other pages stay: their sequences and their marks are lower.
 */
tjob_file_problem tjob__file_call_clear(struct file_call *call, struct file_bucket *bucket, uint64_t sequence)
{
    bucket->overwritten = lowest_page(call, bucket);
    bucket->newest = (bucket->overwritten + 1) % FILE_BUCKET_PAGES;
    bucket->second = (bucket->overwritten + 2) % FILE_BUCKET_PAGES;
    bucket->sequence = sequence - 1;
    bucket->durable = true;
    tjob__file_page_clear(bucket->page, sequence);
    bool is_entered;
    (void)read_entry(call, bucket, &is_entered);
    if (!is_entered) {
        (void)enter(call, bucket);
    }
    const tjob_file_problem problem = tjob__file_call_commit(call, bucket, sequence).problem;
    return problem == TJOB_FILE_OK ? blank_unreadable(call, bucket) : problem;
}

/*
 * Writes the content of a bucket once more. If the bucket has held a job, this also registers the bucket: the call that
 * wrote that job did so, but with the same sync. A power cut may have left a hole there, so that the entry finds no
 * room on a full disk. That is no reason to refuse the content of the bucket: the entry protects the bucket, and holds
 * nothing.
 */
static tjob_file_problem copy(struct file_call *call, struct file_bucket *bucket)
{
    if (bucket->sequence == FILE_SEQUENCE_MAX) {
        return TJOB_FILE_EXHAUSTED;
    }
    if (call->store->read_only) {
        return TJOB_FILE_READ_ONLY;
    }
    if (!tjob__file_bucket_is_fresh(bucket)) {
        (void)enter(call, bucket);
    }
    return tjob__file_call_commit(call, bucket, bucket->sequence + 1).problem;
}

tjob_file_problem tjob__file_call_read_durable(struct file_call *call, struct file_bucket *bucket)
{
    unsigned char pages[FILE_BUCKET_BYTES];
    bool registered;
    tjob_file_problem problem = read_pages(call, bucket, pages);
    if (problem != TJOB_FILE_OK || tjob__file_bucket_read_durable(bucket, pages)) {
        return problem;
    }
    problem = validate_bucket(call, bucket, pages, &registered);
    if (problem != TJOB_FILE_OK || !bucket->durable) {
        return problem != TJOB_FILE_OK ? problem : copy(call, bucket);
    }
    if (bucket->sequence != 0 && !call->store->read_only) {
        mark(call, bucket); /* the mark was lost: otherwise this call would have returned above */
    }
    return TJOB_FILE_OK;
}

tjob_file_problem tjob__file_call_allocate(struct file_call *call, struct file_bucket *bucket)
{
    tjob_file_problem problem = TJOB_FILE_OK;
    while (problem == TJOB_FILE_OK && tjob__file_bucket_lacks_room(bucket)) {
        problem = copy(call, bucket);
    }
    return problem == TJOB_FILE_OK && tjob__file_bucket_is_fresh(bucket) ? enter(call, bucket) : problem;
}
