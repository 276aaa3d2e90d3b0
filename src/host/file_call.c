/* A condition that waits by a clock which nobody sets is younger than the C that the library is written in. */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for pthread_condattr_setclock */

#include "host/file_call.h"

#include <errno.h>
#include <time.h>

#include "core/assert.h"
#include "core/bytes.h"
#include "host/file_header.h"

void file_calls_init(tjob_file_store *store)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&store->freed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_cond_init(&store->synced, NULL);
    pthread_mutex_init(&store->mutex, NULL);
}

void file_calls_destroy(tjob_file_store *store)
{
    pthread_mutex_destroy(&store->mutex);
    pthread_cond_destroy(&store->synced);
    pthread_cond_destroy(&store->freed);
}

void file_call_note(tjob_file_store *store, tjob_file_problem problem)
{
    if (problem != TJOB_FILE_OK) {
        __atomic_store_n(&store->problem, (int)problem, __ATOMIC_RELAXED);
    }
}

/* ---- Threads: each call holds its buckets ---------------------------------------------------------------------- */

static struct timespec deadline_in(uint32_t wait_ms)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += (time_t)(wait_ms / 1000);
    time.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    if (time.tv_nsec >= 1000000000) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000;
    }
    return time;
}

/* Whether one of two buckets is held, or there is no room to hold them. */
static bool is_held(const tjob_file_store *store, const uint32_t buckets[2])
{
    for (uint32_t i = 0; i < store->calls; i++) {
        const uint32_t *held = store->held[i];
        if (held[0] == buckets[0] || held[0] == buckets[1] || held[1] == buckets[0] || held[1] == buckets[1]) {
            return true;
        }
    }
    return store->calls == TJOB_FILE_STORE_CALLS_MAX;
}

static tjob_file_problem hold(tjob_file_store *store, const uint32_t buckets[2], uint64_t *failures)
{
    const struct timespec deadline = deadline_in(store->wait_ms);
    int waited = 0;
    pthread_mutex_lock(&store->mutex);
    bool held = is_held(store, buckets);
    while (held && waited != ETIMEDOUT) {
        waited = pthread_cond_timedwait(&store->freed, &store->mutex, &deadline);
        held = is_held(store, buckets);
    }
    if (!held) {
        uint32_t *place = store->held[store->calls++];
        place[0] = buckets[0];
        place[1] = buckets[1];
        *failures = store->failures;
    }
    pthread_mutex_unlock(&store->mutex);
    return held ? TJOB_FILE_BUSY : TJOB_FILE_OK;
}

static void let_go(tjob_file_store *store, uint32_t bucket)
{
    pthread_mutex_lock(&store->mutex);
    uint32_t place = 0;
    while (store->held[place][0] != bucket) {
        place++;
    }
    const uint32_t *last = store->held[--store->calls];
    store->held[place][0] = last[0];
    store->held[place][1] = last[1];
    pthread_cond_broadcast(&store->freed);
    pthread_mutex_unlock(&store->mutex);
}

/* ---- Processes: locks of the file ------------------------------------------------------------------------------ */

static tjob_file_problem lock_bucket(tjob_file_store *store, uint32_t bucket)
{
    return disk_lock(store->disk, store->file, file_header_bucket_offset(store->buckets, bucket), FILE_BUCKET_BYTES, store->wait_ms);
}

static void unlock_bucket(tjob_file_store *store, uint32_t bucket)
{
    disk_unlock(store->disk, store->file, file_header_bucket_offset(store->buckets, bucket), FILE_BUCKET_BYTES);
}

/* The lower one first, as everybody does, so that nobody waits for somebody who waits for him. */
static tjob_file_problem lock_buckets(tjob_file_store *store, const uint32_t buckets[2])
{
    const uint32_t low = buckets[0] < buckets[1] ? buckets[0] : buckets[1];
    const uint32_t high = buckets[0] < buckets[1] ? buckets[1] : buckets[0];
    tjob_file_problem problem = lock_bucket(store, low);
    if (problem == TJOB_FILE_OK && high != low) {
        problem = lock_bucket(store, high);
        if (problem != TJOB_FILE_OK) {
            unlock_bucket(store, low);
        }
    }
    return problem;
}

static void unlock_buckets(tjob_file_store *store, const uint32_t buckets[2])
{
    unlock_bucket(store, buckets[0]);
    if (buckets[1] != buckets[0]) {
        unlock_bucket(store, buckets[1]);
    }
}

/* ---- The call -------------------------------------------------------------------------------------------------- */

/* Whether this file is still the store. Whoever makes it grow holds all buckets while he says that it is not. */
static tjob_file_problem check_state(const tjob_file_store *store)
{
    const struct file_header header = {store->buckets, store->capacity, store->seed, store->base};
    unsigned char bytes[FILE_STATE_BYTES];
    const tjob_file_problem problem = disk_read(store->disk, store->file, FILE_STATE_OFFSET, bytes, sizeof bytes);
    if (problem == TJOB_FILE_OK && file_state_decode(&header, bytes) == FILE_SUPERSEDED) {
        return TJOB_FILE_SUPERSEDED;
    }
    return problem;
}

tjob_file_problem file_call_begin(struct file_call *call, tjob_file_store *store, const uint32_t buckets[2])
{
    call->store = store;
    if (store->disk->process(store->disk->context) != store->process) {
        return TJOB_FILE_FORKED;
    }
    tjob_file_problem problem = hold(store, buckets, &call->failures);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = lock_buckets(store, buckets);
    if (problem != TJOB_FILE_OK) {
        let_go(store, buckets[0]);
        return problem;
    }
    for (int i = 0; i < 2; i++) {
        call->bucket[i].seed = store->seed;
        call->bucket[i].index = buckets[i];
    }
    problem = check_state(store);
    if (problem != TJOB_FILE_OK) {
        file_call_end(call);
    }
    return problem;
}

void file_call_end(struct file_call *call)
{
    const uint32_t buckets[2] = {call->bucket[0].index, call->bucket[1].index};
    unlock_buckets(call->store, buckets);
    let_go(call->store, buckets[0]);
}

static tjob_file_problem read_pages(const struct file_call *call, const struct file_bucket *bucket,
                                    unsigned char pages[FILE_BUCKET_BYTES])
{
    const tjob_file_store *store = call->store;
    return disk_read(store->disk, store->file, file_header_bucket_offset(store->buckets, bucket->index), pages, FILE_BUCKET_BYTES);
}

/* Whether a bucket without a page that was written may be so: if it has held a job, all of that is gone. */
static tjob_file_problem check_unused(const struct file_call *call, const struct file_bucket *bucket)
{
    const tjob_file_store *store = call->store;
    unsigned char bytes[FILE_ENTRY_BYTES];
    unsigned char used[FILE_ENTRY_BYTES];
    const tjob_file_problem problem =
        disk_read(store->disk, store->file, file_entry_offset(bucket->index), bytes, sizeof bytes);
    file_entry_encode(bucket->seed, bucket->index, used);
    return problem == TJOB_FILE_OK && bytes_equal(bytes, used, sizeof used) ? TJOB_FILE_DAMAGED : problem;
}

/* What pages that were read make of a bucket, with the check of all of them. */
static tjob_file_problem judge(const struct file_call *call, struct file_bucket *bucket,
                               const unsigned char pages[FILE_BUCKET_BYTES])
{
    if (!file_bucket_read(bucket, pages)) {
        return TJOB_FILE_DAMAGED;
    }
    return bucket->sequence == 0 ? check_unused(call, bucket) : TJOB_FILE_OK;
}

tjob_file_problem file_call_read(struct file_call *call, struct file_bucket *bucket)
{
    unsigned char pages[FILE_BUCKET_BYTES];
    const tjob_file_problem problem = read_pages(call, bucket, pages);
    return problem != TJOB_FILE_OK ? problem : judge(call, bucket, pages);
}

/* ---- Group commit: writes of many threads share a sync --------------------------------------------------------- */

/* A write that waits for a sync. */
struct tjob_file_commit {
    struct tjob_file_commit *next;
    bool done;
    bool durable;
};

static void finish(struct tjob_file_commit *commits, bool durable)
{
    for (; commits != NULL; commits = commits->next) {
        commits->durable = durable;
        commits->done = true;
    }
}

/*
 * Syncs for all who wait, with the mutex held but for the sync itself. If it fails, it fails for those as well who came
 * meanwhile: the system may have tried to write what they wrote, and does not tell of it a second time.
 */
static void lead(tjob_file_store *store)
{
    struct tjob_file_commit *commits = store->waiting;
    store->waiting = NULL;
    store->syncing = true;
    pthread_mutex_unlock(&store->mutex);
    const bool durable = disk_sync(store->disk, store->file) == TJOB_FILE_OK;
    pthread_mutex_lock(&store->mutex);
    store->syncing = false;
    finish(commits, durable);
    if (!durable) {
        finish(store->waiting, false);
        store->waiting = NULL;
        store->failures++;
    }
    pthread_cond_broadcast(&store->synced);
}

/* Makes durable what the call has written. A sync of others that failed since it began may have been for this, too. */
static tjob_file_problem make_durable(struct file_call *call)
{
    tjob_file_store *store = call->store;
    struct tjob_file_commit commit = {.done = false};
    pthread_mutex_lock(&store->mutex);
    commit.next = store->waiting;
    store->waiting = &commit;
    while (!commit.done && store->syncing) {
        pthread_cond_wait(&store->synced, &store->mutex);
    }
    if (!commit.done) {
        lead(store);
    }
    const bool durable = commit.durable && store->failures == call->failures;
    pthread_mutex_unlock(&store->mutex);
    return durable ? TJOB_FILE_OK : TJOB_FILE_IO;
}

/* ---- Changes --------------------------------------------------------------------------------------------------- */

static uint64_t page_offset(const tjob_file_store *store, const struct file_bucket *bucket, uint32_t page)
{
    return file_header_bucket_offset(store->buckets, bucket->index) + (uint64_t)page * FILE_PAGE_BYTES;
}

/* Says that the newest page is durable. If that fails, whoever comes next makes it so once more. */
static void mark(const struct file_call *call, const struct file_bucket *bucket)
{
    const tjob_file_store *store = call->store;
    const struct file_place place = file_bucket_place(bucket, bucket->second);
    unsigned char bytes[FILE_MARK_BYTES];
    bool begun;
    file_mark_write(bytes, &place, bucket->sequence);
    const uint64_t offset = page_offset(store, bucket, bucket->second) + FILE_MARK_OFFSET;
    (void)disk_write(store->disk, store->file, offset, bytes, sizeof bytes, &begun);
}

struct file_change file_call_commit(struct file_call *call, struct file_bucket *bucket, uint64_t sequence)
{
    const tjob_file_store *store = call->store;
    struct file_change change = {TJOB_FILE_OK, false};
    TJOB_ASSERT(sequence > bucket->sequence && sequence <= FILE_SEQUENCE_MAX);
    const struct file_place place = file_bucket_place(bucket, bucket->victim);
    file_page_seal(bucket->page, &place, sequence);
    change.problem = disk_write(store->disk, store->file, page_offset(store, bucket, bucket->victim), bucket->page,
                                sizeof bucket->page, &change.maybe);
    if (change.problem != TJOB_FILE_OK) {
        return change;
    }
    change.problem = make_durable(call);
    change.maybe = change.problem != TJOB_FILE_OK;
    if (!change.maybe) {
        file_bucket_written(bucket, sequence);
        mark(call, bucket);
    }
    return change;
}

/* Registers a bucket that has a durable page, so that it cannot be blank any more. The next sync makes that durable, too. */
static tjob_file_problem enter(const struct file_call *call, const struct file_bucket *bucket)
{
    const tjob_file_store *store = call->store;
    unsigned char bytes[FILE_ENTRY_BYTES];
    bool begun;
    file_entry_encode(bucket->seed, bucket->index, bytes);
    return disk_write(store->disk, store->file, file_entry_offset(bucket->index), bytes, sizeof bytes, &begun);
}

/*
 * Writes the content of a bucket once more. If a job has been in it, the bucket is registered, too: whoever wrote that job
 * did so, but with the same sync.
 */
static tjob_file_problem copy(struct file_call *call, struct file_bucket *bucket)
{
    if (bucket->sequence == FILE_SEQUENCE_MAX) {
        return TJOB_FILE_DAMAGED;
    }
    const tjob_file_problem problem = file_bucket_is_fresh(bucket) ? TJOB_FILE_OK : enter(call, bucket);
    return problem != TJOB_FILE_OK ? problem : file_call_commit(call, bucket, bucket->sequence + 1).problem;
}

tjob_file_problem file_call_read_durable(struct file_call *call, struct file_bucket *bucket)
{
    unsigned char pages[FILE_BUCKET_BYTES];
    tjob_file_problem problem = read_pages(call, bucket, pages);
    if (problem != TJOB_FILE_OK || file_bucket_read_settled(bucket, pages)) {
        return problem;
    }
    problem = judge(call, bucket, pages);
    return problem != TJOB_FILE_OK || bucket->settled ? problem : copy(call, bucket);
}

tjob_file_problem file_call_allocate(struct file_call *call, struct file_bucket *bucket)
{
    tjob_file_problem problem = TJOB_FILE_OK;
    while (problem == TJOB_FILE_OK && file_bucket_lacks_room(bucket)) {
        problem = copy(call, bucket);
    }
    return problem == TJOB_FILE_OK && file_bucket_is_fresh(bucket) ? enter(call, bucket) : problem;
}
