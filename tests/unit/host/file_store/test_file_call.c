/* Calls of many threads on one handle: each holds its buckets, and syncs through a descriptor of its own. */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for nanosleep */

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "host/file_store/create.h"
#include "host/file_store/posix_disk.h"
#include "host/file_store/call.h"
#include "host/file_store/store.h"
#include "support/folder.h"
#include "support/jobs.h"
#include "support/store_machine.h"
#include "support/suite.h"

enum {
    THREADS = TJOB_FILE_STORE_SYNCS_MAX + 2,
    FILES_MAX = 64,
    NAMES = TJOB_FILE_STORE_CALLS_MAX + 1,
    MANY = 100000,
    LONG_MS = 60000
};

/* ---- A disk that is the system's, but for its syncs -------------------------------------------------------------- */

struct crowd {
    struct folder folder;
    struct tjob_disk disk;
    tjob_file_store store;
    tjob_store callbacks;
    tjob_swap_status statuses[THREADS];
    atomic_bool watched;           /* from now on */
    unsigned wait_for;             /* syncs in progress that each of the first ones waits for */
    atomic_uint syncs;             /* since it is watched */
    atomic_uint at_once;           /* the most syncs in progress */
    atomic_uint in_progress;       /* now */
    atomic_bool in_use[FILES_MAX]; /* descriptors through which a sync is in progress */
    atomic_uint shared;            /* syncs through a descriptor in use */
    atomic_int fails;              /* the descriptor through which one sync fails; 0 = none */
    int reopened;                  /* the result of opening the file again, if it is not 0 */
    atomic_uint reopenings;
    long reopening_ms; /* how long it takes */
};

/* Set up again for each test. */
static struct crowd crowd;
static atomic_uint misses; /* calls that did not conflict */

static void sleep_ms(long milliseconds)
{
    const struct timespec time = {.tv_nsec = milliseconds * 1000000};
    nanosleep(&time, NULL);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Each of the first syncs lasts until as many are in progress as are awaited, and a while more. */
static int watched_sync_range(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
    if (!crowd.watched || crowd.syncs++ >= THREADS) {
        return tjob__posix_disk.sync_range(context, file, offset, bytes, count);
    }
    ck_assert_int_ge(FILES_MAX - 1, file);
    crowd.shared += atomic_exchange(&crowd.in_use[file], true) ? 1 : 0;
    const unsigned now = ++crowd.in_progress;
    unsigned most = crowd.at_once;
    while (now > most && !atomic_compare_exchange_weak(&crowd.at_once, &most, now)) {
    }
    while (crowd.at_once < crowd.wait_for) {
        sleep_ms(1);
    }
    sleep_ms(20);
    int failing = file;
    const bool fails = atomic_compare_exchange_strong(&crowd.fails, &failing, 0);
    const int result = fails ? -EIO : tjob__posix_disk.sync_range(context, file, offset, bytes, count);
    crowd.in_progress--;
    crowd.in_use[file] = false;
    return result;
}

static int counted_reopen(void *context, const char *path, int file)
{
    crowd.reopenings++;
    sleep_ms(crowd.reopening_ms);
    return crowd.reopened != 0 ? crowd.reopened : tjob__posix_disk.reopen(context, path, file);
}

static void gather(uint64_t capacity)
{
    crowd = (struct crowd){.disk = tjob__posix_disk};
    misses = 0;
    crowd.disk.sync_range = watched_sync_range;
    crowd.disk.reopen = counted_reopen;
    folder_make(&crowd.folder);
    const char *path = folder_file(&crowd.folder, "store");
    ck_assert_int_eq(tjob__file_store_create(&crowd.disk, path, capacity), TJOB_FILE_OK);
    ck_assert_int_eq(tjob__file_store_open(&crowd.disk, &crowd.store, path, 0), TJOB_FILE_OK);
    crowd.callbacks = tjob_file_store_callbacks(&crowd.store);
}

static void disperse(void)
{
    tjob_file_store_close(&crowd.store);
    folder_remove(&crowd.folder);
}

/* ---- Names whose buckets nobody else has ------------------------------------------------------------------------- */

static bool is_taken(const struct file_header *header, const unsigned *numbers, unsigned count, tjob_text arn)
{
    uint32_t buckets[2];
    tjob__file_header_buckets_of(header, arn, buckets);
    for (unsigned i = 0; i < count; i++) {
        char name[TJOB_ARN_BYTES_MAX];
        uint32_t other[2];
        tjob__file_header_buckets_of(header, store_machine_name(name, numbers[i]), other);
        if (other[0] == buckets[0] || other[0] == buckets[1] || other[1] == buckets[0] || other[1] == buckets[1]) {
            return true;
        }
    }
    return false;
}

static unsigned numbers[NAMES];

static void choose_names(void)
{
    const struct file_header header = tjob__file_store_header(&crowd.store);
    unsigned count = 0;
    for (unsigned number = 0; count < NAMES; number++) {
        char name[TJOB_ARN_BYTES_MAX];
        if (!is_taken(&header, numbers, count, store_machine_name(name, number))) {
            numbers[count++] = number;
        }
    }
}

/* ---- Swaps at once ----------------------------------------------------------------------------------------------- */

static tjob_job job_of(unsigned round)
{
    tjob_job job = sample_job(TJOB_TRAINING);
    job.host_code = round;
    return job;
}

static tjob_swap_status put(unsigned thread, unsigned round)
{
    char name[TJOB_ARN_BYTES_MAX];
    const tjob_text arn = store_machine_name(name, numbers[thread]);
    const tjob_job next = job_of(round);
    tjob_job job;
    uint64_t version = 0;
    EXPECT(crowd.callbacks.load(crowd.callbacks.context, NULL, arn, &job, &version) != TJOB_LOAD_UNAVAILABLE);
    return crowd.callbacks.swap(crowd.callbacks.context, NULL, arn, version, &next);
}

static void *put_second(void *argument)
{
    const unsigned thread = (unsigned)((tjob_swap_status *)argument - crowd.statuses);
    crowd.statuses[thread] = put(thread, 2);
    return NULL;
}

/* Every thread has a job, and changes it, all of them at once; at some moment so many of them sync. */
static void swap_at_once(unsigned at_once)
{
    pthread_t threads[THREADS];
    choose_names();
    for (unsigned i = 0; i < THREADS; i++) {
        ck_assert_int_eq(put(i, 1), TJOB_SWAP_OK);
    }
    crowd.wait_for = at_once;
    crowd.watched = true;
    for (unsigned i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, put_second, &crowd.statuses[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    crowd.watched = false;
}

static uint32_t round_of(unsigned thread)
{
    char name[TJOB_ARN_BYTES_MAX];
    tjob_job job = {.host_code = 0};
    uint64_t version;
    EXPECT(crowd.callbacks.load(crowd.callbacks.context, NULL, store_machine_name(name, numbers[thread]), &job,
                                &version) == TJOB_LOAD_OK);
    return job.host_code;
}

START_TEST(swaps_of_different_jobs_sync_at_once_each_through_a_descriptor_of_its_own)
{
    gather(MANY);
    crowd.reopening_ms = _i == 0 ? 0 : 5; /* others arrive meanwhile */
    swap_at_once(TJOB_FILE_STORE_SYNCS_MAX);
    for (unsigned i = 0; i < THREADS; i++) {
        ck_assert_int_eq(crowd.statuses[i], TJOB_SWAP_OK);
        ck_assert_uint_eq(round_of(i), 2);
    }
    ck_assert_uint_eq(crowd.syncs, THREADS);
    ck_assert_uint_eq(crowd.shared, 0);
    ck_assert_uint_eq(crowd.reopenings, TJOB_FILE_STORE_SYNCS_MAX - 1);
    disperse();
}
END_TEST

START_TEST(swaps_take_turns_if_the_file_does_not_open_again)
{
    gather(MANY);
    crowd.reopened = -EMFILE;
    crowd.reopening_ms = _i == 0 ? 0 : 100; /* the descriptor is free again by then */
    swap_at_once(1);
    for (unsigned i = 0; i < THREADS; i++) {
        ck_assert_int_eq(crowd.statuses[i], TJOB_SWAP_OK);
        ck_assert_uint_eq(round_of(i), 2);
    }
    ck_assert_uint_eq(crowd.at_once, 1);
    ck_assert_uint_eq(crowd.shared, 0);
    disperse();
}
END_TEST

/* The system reports a failed write once to each descriptor, so each of the others has its own result. */
START_TEST(a_sync_that_fails_fails_for_its_own_swap)
{
    gather(MANY);
    crowd.fails = crowd.store.file;
    swap_at_once(TJOB_FILE_STORE_SYNCS_MAX);
    unsigned unknown = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        unknown += crowd.statuses[i] == TJOB_SWAP_UNKNOWN;
        ck_assert(crowd.statuses[i] == TJOB_SWAP_UNKNOWN || crowd.statuses[i] == TJOB_SWAP_OK);
    }
    ck_assert_uint_eq(unknown, 1);
    ck_assert_int_eq(tjob_file_store_problem(&crowd.store), TJOB_FILE_IO);
    for (unsigned i = 0; i < THREADS; i++) {
        ck_assert_uint_eq(round_of(i), 2); /* the load has made it durable */
        ck_assert_int_eq(put(i, 3), TJOB_SWAP_OK);
        ck_assert_uint_eq(round_of(i), 3);
    }
    disperse();
}
END_TEST

/* ---- Calls that others keep waiting ---------------------------------------------------------------------------- */

static atomic_bool released;
static _Atomic uint64_t released_alone[2]; /* where two buckets stand that are read all the same */
static atomic_uint reading;

/* Calls wait here for as long as it takes, with their buckets in hand. */
static int64_t slow_read(void *context, int file, uint64_t offset, void *bytes, size_t count)
{
    if (count == FILE_BUCKET_BYTES && !released) {
        reading++;
        while (!released && released_alone[0] != offset && released_alone[1] != offset) {
            sleep_ms(1);
        }
    }
    return tjob__posix_disk.read(context, file, offset, bytes, count);
}

/* A swap that changes nothing, for nobody has that version. */
static tjob_swap_status call(unsigned number)
{
    char name[TJOB_ARN_BYTES_MAX];
    return crowd.callbacks.swap(crowd.callbacks.context, NULL, store_machine_name(name, numbers[number]), UINT64_MAX,
                                NULL);
}

static void *call_for(void *argument)
{
    misses += call((unsigned)((unsigned *)argument - numbers)) != TJOB_SWAP_CONFLICT;
    return NULL;
}

static pthread_t calls[TJOB_FILE_STORE_CALLS_MAX];

/* So many calls come under way, each with buckets of its own, and go on; and come to their end. */
static void begin_calls(unsigned count)
{
    gather(MANY);
    choose_names();
    released = false;
    released_alone[0] = released_alone[1] = 0;
    reading = 0;
    crowd.disk.read = slow_read;
    for (unsigned i = 0; i < count; i++) { /* one after the other */
        ck_assert_int_eq(pthread_create(&calls[i], NULL, call_for, &numbers[i]), 0);
        while (reading <= i) {
            sleep_ms(1);
        }
    }
}

static void end_calls(unsigned count)
{
    released = true;
    for (unsigned i = 0; i < count; i++) {
        pthread_join(calls[i], NULL);
    }
    ck_assert_uint_eq(misses, 0);
}

/* While so many calls are under way comes one more, for a name; they go on only after that. */
static void expect_busy(unsigned count, unsigned number, uint32_t wait_ms)
{
    begin_calls(count);
    crowd.store.wait_ms = wait_ms;
    const int64_t begin = now_ms();
    ck_assert_int_eq(call(number), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_ge(now_ms() - begin, wait_ms - 1); /* of which the clock's steps may hide one */
    ck_assert_int_eq(tjob_file_store_problem(&crowd.store), TJOB_FILE_BUSY);
    end_calls(count);
    ck_assert_int_eq(call(number), TJOB_SWAP_CONFLICT);
    disperse();
}

/* Or they go on meanwhile, and it does so as soon as they have: not when its time is over. */
static void expect_turn(unsigned count, unsigned number)
{
    pthread_t other;
    begin_calls(count);
    crowd.store.wait_ms = LONG_MS;
    ck_assert_int_eq(pthread_create(&other, NULL, call_for, &numbers[number]), 0);
    sleep_ms(10);
    const int64_t begin = now_ms();
    end_calls(count);
    pthread_join(other, NULL);
    ck_assert(now_ms() - begin < LONG_MS / 2);
    ck_assert_uint_eq(misses, 0);
    ck_assert_int_eq(tjob_file_store_problem(&crowd.store), TJOB_FILE_OK);
    disperse();
}

START_TEST(a_bucket_that_another_thread_holds_is_waited_for_and_then_unavailable)
{
    static const uint32_t waits_ms[] = {1, 20, 1000,
                                        1999}; /* with the end in this second, the next, the one after it */
    expect_busy(1, 0, waits_ms[_i]);
    expect_busy(THREADS, THREADS - 1, 20);
    expect_turn(1, 0);
}
END_TEST

START_TEST(no_more_calls_are_under_way_than_there_is_room_for)
{
    expect_busy(TJOB_FILE_STORE_CALLS_MAX, NAMES - 1, 20);
    expect_turn(TJOB_FILE_STORE_CALLS_MAX, NAMES - 1);
}
END_TEST

START_TEST(one_call_less_than_that_leaves_room)
{
    begin_calls(TJOB_FILE_STORE_CALLS_MAX - 1);
    crowd.disk.read = tjob__posix_disk.read;
    ck_assert_int_eq(call(NAMES - 1), TJOB_SWAP_CONFLICT);
    end_calls(TJOB_FILE_STORE_CALLS_MAX - 1);
    disperse();
}
END_TEST

static void buckets_of(unsigned number, uint32_t buckets[2])
{
    char name[TJOB_ARN_BYTES_MAX];
    const struct file_header header = tjob__file_store_header(&crowd.store);
    tjob__file_header_buckets_of(&header, store_machine_name(name, number), buckets);
}

/* Of three calls the first one ends; the last one still has both its buckets. */
START_TEST(a_call_that_ends_takes_no_bucket_of_another)
{
    uint32_t first[2];
    uint32_t last[2];
    uint32_t wanted[2];
    begin_calls(3);
    buckets_of(numbers[0], first);
    buckets_of(numbers[2], last);
    for (int i = 0; i < 2; i++) {
        released_alone[i] = tjob__file_header_bucket_offset(tjob_file_store_buckets(&crowd.store), first[i]);
    }
    pthread_join(calls[0], NULL);
    calls[0] = calls[2]; /* those that are left */
    crowd.disk.read = tjob__posix_disk.read;
    crowd.store.wait_ms = 1;
    for (int i = 0; i < 2; i++) {
        numbers[3] = 0;
        do {
            buckets_of(++numbers[3], wanted);
        } while (wanted[0] != last[i] || wanted[1] == last[1 - i]);
        ck_assert_int_eq(call(3), TJOB_SWAP_UNAVAILABLE);
    }
    end_calls(2);
    disperse();
}
END_TEST

/* Four buckets, and a name for each of the twelve ways in which it can have two of them. */
START_TEST(calls_wait_for_each_other_if_they_share_a_bucket)
{
    enum { BUCKETS = 4, FOR_FOUR_BUCKETS = 19, PAIRS = BUCKETS * (BUCKETS - 1) };
    uint32_t pairs[PAIRS][2];
    pthread_t other;
    gather(FOR_FOUR_BUCKETS);
    const struct file_header header = tjob__file_store_header(&crowd.store);
    unsigned count = 0;
    for (unsigned number = 0; count < PAIRS; number++) {
        char name[TJOB_ARN_BYTES_MAX];
        unsigned same = 0;
        tjob__file_header_buckets_of(&header, store_machine_name(name, number), pairs[count]);
        while (pairs[same][0] != pairs[count][0] || pairs[same][1] != pairs[count][1]) {
            same++;
        }
        numbers[count] = number;
        count += same == count;
    }
    for (unsigned i = 0; i < PAIRS * PAIRS; i++) {
        const uint32_t *mine = pairs[i % PAIRS];
        const uint32_t *others = pairs[i / PAIRS];
        const bool shares =
            mine[0] == others[0] || mine[0] == others[1] || mine[1] == others[0] || mine[1] == others[1];
        released = false;
        reading = 0;
        crowd.disk.read = slow_read;
        crowd.store.wait_ms = 1;
        ck_assert_int_eq(pthread_create(&other, NULL, call_for, &numbers[i / PAIRS]), 0);
        while (reading == 0) {
            sleep_ms(1);
        }
        crowd.disk.read = tjob__posix_disk.read;
        ck_assert_int_eq(call(i % PAIRS), shares ? TJOB_SWAP_UNAVAILABLE : TJOB_SWAP_CONFLICT);
        released = true;
        pthread_join(other, NULL);
        ck_assert_uint_eq(misses, 0);
    }
    disperse();
}
END_TEST

RUN_TESTS("file_call", {swaps_of_different_jobs_sync_at_once_each_through_a_descriptor_of_its_own, 2},
          {swaps_take_turns_if_the_file_does_not_open_again, 2}, {a_sync_that_fails_fails_for_its_own_swap, 0},
          {a_bucket_that_another_thread_holds_is_waited_for_and_then_unavailable, 4},
          {no_more_calls_are_under_way_than_there_is_room_for, 0}, {one_call_less_than_that_leaves_room, 0},
          {a_call_that_ends_takes_no_bucket_of_another, 0}, {calls_wait_for_each_other_if_they_share_a_bucket, 0})
