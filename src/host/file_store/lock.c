#include "host/file_store/lock.h"

#include <errno.h>

#include "host/file_store/header.h"

enum {
    /* Half of the words are for processes that wait for a bucket, half for those that wait for its turn. */
    WORDS = 512,
    WORDS_AT = (FILE_LOCK_MAPPED_BYTES - 2 * 4 * WORDS) / 4,
    MASK_BITS = 32,

    /*
     * How long a sleeping process waits before it polls again, at first and at most. A process that died does not wake
     * it, nor does a load, which is over soon. It also sleeps on if another process is woken instead, which waits for a
     * bucket with the same word and bit. The limit for a turn is long enough that a thousand waiting processes are not
     * busy with polling, and mostly keep their order.
     */
    AGAIN_FIRST_US = DISK_PAUSE_FIRST_US,
    AGAIN_BUCKET_US = 10000,
    AGAIN_TURN_US = 200000,

    /* How long a process that is not halted may have a bucket, with some to spare. */
    PATIENCE_US = 50000,

    /*
     * The longest pause of a call that polls because too many calls already wait for another process. With shorter
     * pauses, the many threads that a host may have would be busy with polling.
     */
    PAUSE_LONG_US = 50000,

    /* How many buckets a growth locks at once. */
    LOCKED_AT_ONCE = 1024
};

/* In place of a bucket: both buckets of a call; and both, after a pause. */
#define BOTH (UINT32_MAX - 2)
#define BOTH_LATER (UINT32_MAX - 3)

uint64_t tjob__file_lock_deadline(const struct tjob_disk *disk, uint32_t wait_ms)
{
    return disk->clock_us(disk->context) + (uint64_t)wait_ms * 1000;
}

/* ---- One lock -------------------------------------------------------------------------------------------------- */

/* The range of a file that a lock covers. */
struct lock_range {
    const struct tjob_disk *disk;
    int file;
    const void *mapped; /* its first bytes; NULL: waiting processes only poll */
    uint32_t bucket;
    uint64_t offset;
    uint64_t bytes;
};

uint64_t tjob__file_lock_bucket_offset(const tjob_file_store *store, uint32_t bucket)
{
    return store->begin + (uint64_t)bucket * tjob__file_header_bucket_bytes(store->is_backup);
}

static struct lock_range bucket_of(const tjob_file_store *store, uint32_t bucket)
{
    struct lock_range range = {store->disk, store->file, store->mapped, bucket, 0, FILE_PAGE_BYTES};
    if (bucket != FILE_LOCK_HEADER) {
        range.offset = tjob__file_lock_bucket_offset(store, bucket);
        range.bytes = tjob__file_header_bucket_bytes(store->is_backup);
    }
    return range;
}

static struct disk_sleep sleep_for(const struct lock_range *range, bool turn)
{
    const uint32_t *words = range->mapped;
    return (struct disk_sleep){
        .word = words != NULL ? words + WORDS_AT + (turn ? WORDS : 0) + range->bucket % WORDS : NULL,
        .mask = UINT32_C(1) << range->bucket / WORDS % MASK_BITS,
        .first_us = AGAIN_FIRST_US,
        .longest_us = turn ? AGAIN_TURN_US : AGAIN_BUCKET_US,
    };
}

/* Wakes a process that waits for a lock. Returns whether there was one. */
static bool wake(const struct lock_range *range, bool turn)
{
    const struct disk_sleep sleep = sleep_for(range, turn);
    return sleep.word != NULL && range->disk->wake(range->disk->context, sleep.word, sleep.mask) > 0;
}

static tjob_file_problem try_lock(const struct lock_range *range)
{
    const struct disk_sleep sleep = sleep_for(range, false);
    return tjob__disk_lock(range->disk, range->file, DISK_LOCK, range->offset, range->bytes, &sleep, 0);
}

/* Waits for the bucket. The caller has its turn, and gives it to the next one. */
static tjob_file_problem wait_in_turn(const struct lock_range *range, uint64_t deadline_us)
{
    const struct disk_sleep sleep = sleep_for(range, false);
    const tjob_file_problem problem =
        tjob__disk_lock(range->disk, range->file, DISK_LOCK, range->offset, range->bytes, &sleep, deadline_us);
    tjob__disk_unlock(range->disk, range->file, FILE_LOCK_TURNS_OFFSET + range->bucket, 1);
    (void)wake(range, true);
    return problem;
}

/* Returns when a process that waits for something tries something else, but not after the deadline. */
static uint64_t soon(const struct tjob_disk *disk, uint64_t deadline_us)
{
    const uint64_t soon_us = disk->clock_us(disk->context) + AGAIN_TURN_US;
    return soon_us < deadline_us ? soon_us : deadline_us;
}

/*
 * Waits for the turn first, so that only one process at a time waits for the bucket itself. That process may be halted,
 * and the bucket free: whoever has waited for the turn for a while waits for the bucket in between, and at the end.
 */
static tjob_file_problem wait_for(const struct lock_range *range, uint64_t deadline_us)
{
    const struct tjob_disk *disk = range->disk;
    const uint64_t turn = FILE_LOCK_TURNS_OFFSET + range->bucket;
    struct disk_sleep for_turn = sleep_for(range, true);
    struct disk_sleep for_bucket = sleep_for(range, false);
    for_bucket.first_us = AGAIN_BUCKET_US;
    for_bucket.longest_us = PAUSE_LONG_US;
    for (;; for_turn.first_us = AGAIN_TURN_US) {
        tjob_file_problem problem =
            tjob__disk_lock(disk, range->file, DISK_TURN, turn, 1, &for_turn, soon(disk, deadline_us));
        if (problem == TJOB_FILE_OK) {
            return wait_in_turn(range, deadline_us);
        }
        if (problem == TJOB_FILE_BUSY) {
            problem = tjob__disk_lock(disk, range->file, DISK_LOCK, range->offset, range->bytes, &for_bucket,
                                      soon(disk, deadline_us));
        }
        if (problem != TJOB_FILE_BUSY || disk->clock_us(disk->context) >= deadline_us) {
            return problem;
        }
    }
}

static bool file_lock_unlock(const struct lock_range *range)
{
    tjob__disk_unlock(range->disk, range->file, range->offset, range->bytes);
    return wake(range, false);
}

/* ---- Two buckets ----------------------------------------------------------------------------------------------- */

/*
 * Tries to lock a bucket for a read-only handle, which shares it with others. While anybody waits for the bucket, and
 * so has its turn, nobody new gets it at once: otherwise readers, one after the other, would keep a change out for
 * ever. The turn is only probed: if each reader took it, some reader would always have it.
 */
static tjob_file_problem try_to_share(const struct lock_range *range)
{
    const int probed =
        range->disk->lock(range->disk->context, range->file, DISK_PROBE, FILE_LOCK_TURNS_OFFSET + range->bucket, 1);
    if (probed != 0) {
        return probed == -EAGAIN ? TJOB_FILE_BUSY : tjob__disk_lock_problem(probed);
    }
    return try_lock(range);
}

static tjob_file_problem try_bucket(const tjob_file_store *store, uint32_t bucket, uint32_t *busy)
{
    const struct lock_range range = bucket_of(store, bucket);
    const tjob_file_problem problem = store->read_only ? try_to_share(&range) : try_lock(&range);
    *busy = problem == TJOB_FILE_BUSY ? bucket : FILE_HOLD_NONE;
    return problem;
}

/*
 * Releases a bucket, and records whether another process has waited for it: that process is then served before this
 * one.
 */
static void unlock_bucket(tjob_file_store *store, uint32_t bucket)
{
    const struct lock_range range = bucket_of(store, bucket);
    const bool waited = file_lock_unlock(&range);
    __atomic_store_n(&store->crowded, waited, __ATOMIC_RELAXED);
    if (waited) {
        __atomic_store_n(&store->wanted, bucket, __ATOMIC_RELAXED);
    }
}

/*
 * The same after a short call. It wakes nobody, because that would take as long as the call: waiting processes poll
 * soon.
 */
static void unlock_quietly(tjob_file_store *store, uint32_t bucket)
{
    const struct lock_range range = bucket_of(store, bucket);
    tjob__disk_unlock(range.disk, range.file, range.offset, range.bytes);
}

/* Takes both buckets at once. If a process has one of them, *busy is that bucket. Sets *waits if a thread had one. */
static tjob_file_problem take_both(tjob_file_store *store, const uint32_t buckets[2], uint64_t deadline_us,
                                   uint32_t *busy, bool *waits)
{
    tjob_file_problem problem = tjob__file_hold_take(store, buckets, deadline_us, waits);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = try_bucket(store, buckets[0], busy);
    if (problem == TJOB_FILE_OK && buckets[1] != FILE_HOLD_NONE) {
        problem = try_bucket(store, buckets[1], busy);
        if (problem != TJOB_FILE_OK) {
            unlock_bucket(store, buckets[0]);
        }
    }
    if (problem != TJOB_FILE_OK) {
        tjob__file_hold_drop(store, buckets[0]);
    }
    return problem;
}

/* Takes the other bucket, beside the one that the call has waited for. */
static tjob_file_problem take_other(tjob_file_store *store, uint32_t awaited, uint32_t other, uint32_t *busy)
{
    if (other == FILE_HOLD_NONE) {
        return TJOB_FILE_OK;
    }
    *busy = BOTH; /* if a thread has it, the call waits for both among the threads */
    return tjob__file_hold_add(store, awaited, other) ? try_bucket(store, other, busy) : TJOB_FILE_BUSY;
}

/*
 * Waits for a bucket that this call holds among the threads. A process that has the bucket at `soon_us`, some time
 * after the call began, may be halted: from then on the calls that wait for this bucket keep no other call waiting.
 */
static tjob_file_problem wait_long_for(tjob_file_store *store, const struct lock_range *range, uint64_t soon_us,
                                       uint64_t deadline_us)
{
    tjob_file_problem problem = TJOB_FILE_BUSY;
    if (store->disk->clock_us(store->disk->context) < soon_us) {
        problem = wait_for(range, soon_us < deadline_us ? soon_us : deadline_us);
    }
    if (problem == TJOB_FILE_BUSY && soon_us < deadline_us) {
        (void)tjob__file_hold_wait(store, range->bucket, FILE_HOLD_STUCK);
        problem = wait_for(range, deadline_us);
    }
    return problem;
}

/*
 * The same, unless too many calls already wait for a process: they would exclude calls that need nothing from that
 * process.
 */
static tjob_file_problem wait_among_few(tjob_file_store *store, const struct lock_range *range, uint64_t soon_us,
                                        uint64_t deadline_us, uint32_t *busy)
{
    if (!tjob__file_hold_wait(store, range->bucket, FILE_HOLD_WAITS)) {
        *busy = BOTH_LATER;
        return TJOB_FILE_BUSY;
    }
    const tjob_file_problem problem = wait_long_for(store, range, soon_us, deadline_us);
    (void)tjob__file_hold_wait(store, range->bucket, FILE_HOLD_WORKS);
    return problem;
}

/* Takes a bucket that a process had, and waits for it without holding anything else; then takes the other. */
static tjob_file_problem take_awaited(tjob_file_store *store, uint32_t awaited, uint32_t other, uint64_t soon_us,
                                      uint64_t deadline_us, uint32_t *busy)
{
    bool waits; /* for threads, too; the wait of this call counts anyhow */
    const uint32_t alone[2] = {awaited, FILE_HOLD_NONE};
    const struct lock_range range = bucket_of(store, awaited);
    __atomic_store_n(&store->crowded, true, __ATOMIC_RELAXED);
    tjob_file_problem problem = tjob__file_hold_take(store, alone, deadline_us, &waits);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = wait_among_few(store, &range, soon_us, deadline_us, busy);
    if (problem == TJOB_FILE_OK) {
        problem = take_other(store, awaited, other, busy);
        if (problem != TJOB_FILE_OK) {
            unlock_bucket(store, awaited);
        }
    }
    if (problem != TJOB_FILE_OK) {
        tjob__file_hold_drop(store, awaited);
    }
    return problem;
}

/*
 * Returns the one of two buckets that another process waited for when this one last released it; FILE_HOLD_NONE if
 * neither.
 */
static uint32_t wanted_of(tjob_file_store *store, const uint32_t buckets[2])
{
    const uint32_t wanted = __atomic_load_n(&store->wanted, __ATOMIC_RELAXED);
    if (wanted == FILE_HOLD_NONE || (wanted != buckets[0] && wanted != buckets[1])) {
        return FILE_HOLD_NONE;
    }
    __atomic_store_n(&store->wanted, FILE_HOLD_NONE, __ATOMIC_RELAXED);
    return wanted;
}

/* Pauses without holding anything, so that others can go on. The next pause is twice as long. */
static void rest(const tjob_file_store *store, uint32_t *pause_us, uint64_t left_us)
{
    store->disk->sleep(store->disk->context, NULL, 0, *pause_us < left_us ? *pause_us : (uint32_t)left_us);
    *pause_us *= *pause_us < PAUSE_LONG_US ? 2 : 1;
}

tjob_file_problem tjob__file_lock_take(tjob_file_store *store, const uint32_t buckets[2], uint64_t deadline_us,
                                       uint64_t *waited_us)
{
    uint32_t awaited = wanted_of(store, buckets);
    uint32_t pause_us = AGAIN_FIRST_US;
    const uint64_t began_us = store->disk->clock_us(store->disk->context);
    bool waits = awaited != FILE_HOLD_NONE;
    for (;;) {
        uint32_t busy = FILE_HOLD_NONE;
        const uint32_t other = buckets[awaited == buckets[0] ? 1 : 0];
        const tjob_file_problem problem =
            awaited == FILE_HOLD_NONE ? take_both(store, buckets, deadline_us, &busy, &waits)
                                      : take_awaited(store, awaited, other, began_us + PATIENCE_US, deadline_us, &busy);
        waits = waits || busy != FILE_HOLD_NONE;
        const uint64_t now_us = waits ? store->disk->clock_us(store->disk->context) : began_us;
        if (problem != TJOB_FILE_BUSY || busy == FILE_HOLD_NONE || now_us >= deadline_us) {
            *waited_us += now_us - began_us;
            return problem;
        }
        if (busy == BOTH_LATER) {
            rest(store, &pause_us, deadline_us - now_us);
        }
        awaited = busy == BOTH || busy == BOTH_LATER ? FILE_HOLD_NONE : busy;
    }
}

void tjob__file_lock_drop(tjob_file_store *store, const uint32_t buckets[2], bool was_long)
{
    const bool wakes = was_long || __atomic_load_n(&store->crowded, __ATOMIC_RELAXED);
    for (int i = 0; i < 2 && buckets[i] != FILE_HOLD_NONE; i++) {
        if (wakes) {
            unlock_bucket(store, buckets[i]);
        } else {
            unlock_quietly(store, buckets[i]);
        }
    }
    tjob__file_hold_drop(store, buckets[0]);
}

/* ---- The header, and all buckets ------------------------------------------------------------------------------- */

static struct lock_range header_of(const struct tjob_disk *disk, int file, const void *mapped)
{
    return (struct lock_range){disk, file, mapped, FILE_LOCK_HEADER, 0, FILE_PAGE_BYTES};
}

tjob_file_problem tjob__file_lock_header(const struct tjob_disk *disk, int file, const void *mapped,
                                         uint64_t deadline_us)
{
    const struct lock_range range = header_of(disk, file, mapped);
    const tjob_file_problem problem = try_lock(&range);
    return problem == TJOB_FILE_BUSY ? wait_for(&range, deadline_us) : problem;
}

void tjob__file_lock_drop_header(const struct tjob_disk *disk, int file, const void *mapped)
{
    const struct lock_range range = header_of(disk, file, mapped);
    (void)file_lock_unlock(&range);
}

tjob_file_problem tjob__file_lock_all(tjob_file_store *store, uint64_t deadline_us)
{
    static const struct disk_sleep nobody_wakes = {.first_us = DISK_PAUSE_FIRST_US,
                                                   .longest_us = DISK_PAUSE_LONGEST_US};
    const uint64_t end = tjob__file_lock_bucket_offset(store, store->buckets);
    const uint64_t bytes = (uint64_t)LOCKED_AT_ONCE * FILE_BUCKET_BYTES;
    tjob_file_problem problem = TJOB_FILE_OK;
    for (uint64_t at = store->begin; at < end && problem == TJOB_FILE_OK; at += bytes) {
        problem = tjob__disk_lock(store->disk, store->file, DISK_LOCK, at, bytes, &nobody_wakes, deadline_us);
    }
    return problem;
}

void tjob__file_lock_drop_all(tjob_file_store *store)
{
    tjob__disk_unlock(store->disk, store->file, 0,
                      tjob__file_lock_bucket_offset(store, store->buckets + LOCKED_AT_ONCE));
    const struct lock_range header = bucket_of(store, FILE_LOCK_HEADER);
    (void)wake(&header, false);
}
