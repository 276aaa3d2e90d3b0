/* Processes, and threads, work on buckets alone, and keep from others nothing but what they work on. */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for kill and nanosleep */

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/file_store/create.h"
#include "host/file_store/posix_disk.h"
#include "host/file_store/lock.h"
#include "host/file_store/state.h"
#include "host/file_store/store.h"
#include "support/child.h"
#include "support/folder.h"
#include "support/jobs.h"
#include "support/store_machine.h"
#include "support/suite.h"

enum { FOR_FOUR_BUCKETS = 19, LONG_MS = 60000 };

static struct folder folder;

/* An opening of the store that others cannot report from another process. */
static void open_store(tjob_file_store *store, uint32_t wait_ms)
{
    ck_assert_int_eq(tjob_file_store_open(store, folder_file(&folder, "store"), wait_ms), TJOB_FILE_OK);
}

static void make_store(uint64_t capacity)
{
    folder_make(&folder);
    ck_assert_int_eq(tjob__file_store_create(&tjob__posix_disk, folder_file(&folder, "store"), capacity), TJOB_FILE_OK);
}

static uint64_t deadline_of(const tjob_file_store *store)
{
    return tjob__file_lock_deadline(store->disk, store->wait_ms);
}

static tjob_file_problem take_until(tjob_file_store *store, const uint32_t buckets[2], uint64_t deadline_us)
{
    uint64_t waited_us = 0;
    return tjob__file_lock_take(store, buckets, deadline_us, &waited_us);
}

static tjob_file_problem take(tjob_file_store *store, uint32_t first, uint32_t second)
{
    const uint32_t buckets[2] = {first, second};
    return take_until(store, buckets, deadline_of(store));
}

static void drop(tjob_file_store *store, uint32_t first, uint32_t second)
{
    const uint32_t buckets[2] = {first, second};
    tjob__file_lock_drop(store, buckets, true);
}

static void sleep_ms(long ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

/*
 * ---- What another process has
 * ----------------------------------------------------------------------------------------
 */

START_TEST(what_another_process_has_is_busy_and_nothing_is_kept)
{
    static const uint32_t wanted[][2] = {{1, FILE_HOLD_NONE}, {2, FILE_HOLD_NONE}, {0, 1}, {1, 2}, {2, 3}};
    tjob_file_store mine;
    tjob_file_store others;
    make_store(FOR_FOUR_BUCKETS);
    open_store(&mine, 1);
    open_store(&others, 1);
    ck_assert_int_eq(take(&others, 1, 2), TJOB_FILE_OK);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        ck_assert_int_eq(take(&mine, wanted[i][0], wanted[i][1]), TJOB_FILE_BUSY);
        ck_assert_uint_eq(mine.calls, 0);
        ck_assert_int_eq(take(&others, 0, 3), TJOB_FILE_OK);
        drop(&others, 0, 3);
    }
    ck_assert_int_eq(take(&mine, 0, 3), TJOB_FILE_OK);
    drop(&mine, 0, 3);
    drop(&others, 1, 2);
    ck_assert_int_eq(take(&mine, 1, 2), TJOB_FILE_OK);
    drop(&mine, 1, 2);
    tjob_file_store_close(&mine);
    tjob_file_store_close(&others);
    folder_remove(&folder);
}
END_TEST

struct waiting {
    pthread_t thread;
    tjob_file_store *store;
    uint32_t buckets[2];
    tjob_file_problem problem;
    uint64_t waited_us;
};

static void *take_in_thread(void *argument)
{
    struct waiting *waiting = argument;
    waiting->problem =
        tjob__file_lock_take(waiting->store, waiting->buckets, deadline_of(waiting->store), &waiting->waited_us);
    return NULL;
}

static void wait_in_thread(struct waiting *waiting, tjob_file_store *store, uint32_t first, uint32_t second)
{
    *waiting = (struct waiting){.store = store, .buckets = {first, second}};
    ck_assert_int_eq(pthread_create(&waiting->thread, NULL, take_in_thread, waiting), 0);
    sleep_ms(50);
}

/*
 * A halted process has bucket 2. One waits for it and for another; whoever wants only that other one goes on: in the
 * same process, and in a third.
 */
START_TEST(who_waits_for_a_bucket_keeps_nobody_from_another)
{
    tjob_file_store mine;
    tjob_file_store others;
    tjob_file_store halted;
    struct waiting waiting;
    const uint32_t other = _i == 0 ? 1 : 3;
    make_store(FOR_FOUR_BUCKETS);
    open_store(&mine, LONG_MS);
    open_store(&others, 1);
    open_store(&halted, 1);
    ck_assert_int_eq(take(&halted, 2, FILE_HOLD_NONE), TJOB_FILE_OK);
    wait_in_thread(&waiting, &mine, other < 2 ? other : 2, other < 2 ? 2 : other);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(take(&others, other < 2 ? 0 : other, other < 2 ? other : FILE_HOLD_NONE), TJOB_FILE_OK);
        drop(&others, other < 2 ? 0 : other, other < 2 ? other : FILE_HOLD_NONE);
        ck_assert_int_eq(take(&mine, 0, other), TJOB_FILE_OK);
        drop(&mine, 0, other);
    }
    drop(&halted, 2, FILE_HOLD_NONE);
    pthread_join(waiting.thread, NULL);
    ck_assert_int_eq(waiting.problem, TJOB_FILE_OK);
    tjob_file_store_close(&mine);
    tjob_file_store_close(&others);
    tjob_file_store_close(&halted);
    folder_remove(&folder);
}
END_TEST

static bool has_a_place(const tjob_file_store *store, uint32_t bucket)
{
    uint32_t i = 0;
    while (i < store->calls && (store->held[i][0] != bucket || store->waits[i] == FILE_HOLD_WORKS)) {
        i++;
    }
    return i < store->calls;
}

/* The first bucket for which no call has a place among those that wait for a process. */
static uint32_t bucket_without_a_place(tjob_file_store *store)
{
    uint32_t bucket = 0;
    pthread_mutex_lock(tjob__file_holds_mutex(store));
    while (has_a_place(store, bucket)) {
        bucket++;
    }
    pthread_mutex_unlock(tjob__file_holds_mutex(store));
    return bucket;
}

/*
 * A process that was halted in the middle of many calls. More threads than calls can be under way wait for one of its
 * buckets each: whoever wants another one goes on, and so does each of them as soon as its own bucket is free.
 */
START_TEST(a_halted_process_with_many_threads_keeps_nobody_from_other_buckets)
{
    enum { MANY = 1000, THREADS = TJOB_FILE_STORE_CALLS_MAX + 6 };
    static struct waiting waiting[THREADS];
    static const uint32_t free_one[2] = {THREADS, THREADS + 1};
    static const uint32_t one_more[2] = {THREADS + 2, FILE_HOLD_NONE};
    tjob_file_store mine;
    tjob_file_store halted[2];
    make_store(MANY);
    open_store(&mine, LONG_MS);
    for (uint32_t i = 0; i < 2; i++) {
        open_store(&halted[i], 1);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        ck_assert_int_eq(take(&halted[i % 2], i, FILE_HOLD_NONE), TJOB_FILE_OK);
        waiting[i] = (struct waiting){.store = &mine, .buckets = {i, FILE_HOLD_NONE}};
        ck_assert_int_eq(pthread_create(&waiting[i].thread, NULL, take_in_thread, &waiting[i]), 0);
    }
    sleep_ms(200);
    const uint64_t begin_us = tjob__posix_disk.clock_us(NULL);
    ck_assert_int_eq(take_until(&mine, free_one, begin_us + 1000000), TJOB_FILE_OK);
    drop(&mine, free_one[0], free_one[1]);
    ck_assert_int_eq(take(&halted[0], one_more[0], one_more[1]), TJOB_FILE_OK);
    ck_assert_int_eq(take_until(&mine, one_more, tjob__file_lock_deadline(mine.disk, 20)), TJOB_FILE_BUSY);
    drop(&halted[0], one_more[0], one_more[1]);
    const uint32_t bucket = bucket_without_a_place(&mine);
    ck_assert_uint_lt(bucket, THREADS);
    drop(&halted[bucket % 2], bucket, FILE_HOLD_NONE);
    pthread_join(waiting[bucket].thread, NULL);
    ck_assert_uint_lt(tjob__posix_disk.clock_us(NULL) - begin_us, LONG_MS / 2 * 1000);
    for (uint32_t i = 0; i < THREADS; i++) {
        if (i != bucket) {
            drop(&halted[i % 2], i, FILE_HOLD_NONE);
            pthread_join(waiting[i].thread, NULL);
        }
        ck_assert_int_eq(waiting[i].problem, TJOB_FILE_OK);
        drop(&mine, i, FILE_HOLD_NONE);
    }
    tjob_file_store_close(&mine);
    for (int i = 0; i < 2; i++) {
        tjob_file_store_close(&halted[i]);
    }
    folder_remove(&folder);
}
END_TEST

static atomic_bool ceased;

static void *take_again_and_again(void *argument)
{
    struct waiting *waiting = argument;
    do {
        (void)take_in_thread(waiting);
    } while (!atomic_load(&ceased));
    return NULL;
}

/*
 * A halted process has bucket 2. Threads that want it and another one begin one after the other, so that none is the
 * first of them for long: a call that wants only such another bucket goes on all the same.
 */
START_TEST(calls_that_began_one_after_the_other_keep_nobody_from_their_other_buckets)
{
    enum { MANY = 1000, THREADS = 24, APART_MS = 40, WAITS_MS = THREADS * APART_MS };
    static struct waiting waiting[THREADS];
    tjob_file_store mine;
    tjob_file_store halted;
    make_store(MANY);
    open_store(&mine, WAITS_MS);
    open_store(&halted, 1);
    ck_assert_int_eq(take(&halted, 2, FILE_HOLD_NONE), TJOB_FILE_OK);
    atomic_store(&ceased, false);
    for (uint32_t i = 0; i < THREADS; i++) {
        waiting[i] = (struct waiting){.store = &mine, .buckets = {2, 3 + i}};
        ck_assert_int_eq(pthread_create(&waiting[i].thread, NULL, take_again_and_again, &waiting[i]), 0);
        sleep_ms(APART_MS);
    }
    for (uint32_t times = 0; times < WAITS_MS; times++) {
        const uint32_t other[2] = {3 + times % THREADS, 500};
        const uint64_t deadline_us = tjob__file_lock_deadline(mine.disk, WAITS_MS / 4);
        ck_assert_int_eq(take_until(&mine, other, deadline_us), TJOB_FILE_OK);
        drop(&mine, other[0], other[1]);
        sleep_ms(1);
    }
    atomic_store(&ceased, true);
    for (uint32_t i = 0; i < THREADS; i++) {
        pthread_join(waiting[i].thread, NULL);
        ck_assert_int_eq(waiting[i].problem, TJOB_FILE_BUSY);
    }
    drop(&halted, 2, FILE_HOLD_NONE);
    tjob_file_store_close(&mine);
    tjob_file_store_close(&halted);
    folder_remove(&folder);
}
END_TEST

/* First one of two buckets is another's, when that one is free the other is: a thread's or a process's. */
START_TEST(a_call_goes_on_however_its_buckets_come_free)
{
    tjob_file_store mine;
    tjob_file_store first;
    tjob_file_store second;
    struct waiting waiting;
    make_store(FOR_FOUR_BUCKETS);
    open_store(&mine, LONG_MS);
    open_store(&first, LONG_MS);
    open_store(&second, LONG_MS);
    tjob_file_store *holder = _i == 0 ? &mine : &second;
    ck_assert_int_eq(take(&first, 1, FILE_HOLD_NONE), TJOB_FILE_OK);
    wait_in_thread(&waiting, &mine, 1, 2);
    ck_assert_int_eq(take(holder, 2, FILE_HOLD_NONE), TJOB_FILE_OK);
    drop(&first, 1, FILE_HOLD_NONE);
    sleep_ms(50);
    ck_assert_int_eq(take(&first, 1, FILE_HOLD_NONE), TJOB_FILE_OK); /* which it keeps from nobody meanwhile */
    drop(holder, 2, FILE_HOLD_NONE);
    sleep_ms(50);
    ck_assert_int_eq(take(&second, 2, FILE_HOLD_NONE), TJOB_FILE_OK);
    drop(&first, 1, FILE_HOLD_NONE);
    drop(&second, 2, FILE_HOLD_NONE);
    pthread_join(waiting.thread, NULL);
    ck_assert_int_eq(waiting.problem, TJOB_FILE_OK);
    tjob_file_store_close(&mine);
    tjob_file_store_close(&first);
    tjob_file_store_close(&second);
    folder_remove(&folder);
}
END_TEST

/* Whoever has waited for one bucket finds the other one taken, again and again: it does not go on for ever. */
static tjob_file_store rival;
static unsigned tries;

static int come_first_every_other_time(void *context, int file, enum disk_lock lock, uint64_t offset, uint64_t bytes)
{
    if (lock == DISK_LOCK && bytes == FILE_BUCKET_BYTES) {
        const bool taken = tries++ % 2 == 1;
        EXPECT(tjob__posix_disk.lock(context, rival.file, DISK_UNLOCK, 0,
                                     tjob__file_header_file_bytes(rival.buckets)) == 0);
        EXPECT(!taken || tjob__posix_disk.lock(context, rival.file, DISK_LOCK, offset, bytes) == 0);
    }
    return tjob__posix_disk.lock(context, file, lock, offset, bytes);
}

START_TEST(a_call_that_always_comes_too_late_is_busy)
{
    struct tjob_disk disk = tjob__posix_disk;
    tjob_file_store mine;
    make_store(FOR_FOUR_BUCKETS);
    open_store(&rival, 1);
    disk.lock = come_first_every_other_time;
    tries = 0;
    ck_assert_int_eq(tjob__file_store_open(&disk, &mine, folder_file(&folder, "store"), 300), TJOB_FILE_OK);
    ck_assert_int_eq(take(&mine, 1, 2), TJOB_FILE_BUSY);
    ck_assert_uint_eq(mine.calls, 0);
    ck_assert_uint_gt(tries, 10);
    tjob_file_store_close(&mine);
    tjob_file_store_close(&rival);
    folder_remove(&folder);
}
END_TEST

/* A handle that lets another process go first waits for its threads, too; and for nobody if it wants another bucket. */
START_TEST(who_lets_another_process_go_first_waits_for_threads_as_well)
{
    static const uint32_t alone[2] = {1, FILE_HOLD_NONE};
    bool waits;
    tjob_file_store mine;
    make_store(FOR_FOUR_BUCKETS);
    open_store(&mine, 1);
    ck_assert_int_eq(tjob__file_hold_take(&mine, alone, 0, &waits), TJOB_FILE_OK);
    mine.wanted = 1;
    ck_assert_int_eq(take(&mine, 1, 2), TJOB_FILE_BUSY);
    ck_assert_uint_eq(mine.wanted, FILE_HOLD_NONE);
    tjob__file_hold_drop(&mine, 1);
    for (uint32_t wanted = 0; wanted < 4; wanted++) {
        const bool concerned = wanted == 1 || wanted == 2;
        mine.wanted = wanted;
        ck_assert_int_eq(take(&mine, 1, 2), TJOB_FILE_OK);
        ck_assert_uint_eq(mine.wanted, concerned ? FILE_HOLD_NONE : wanted);
        drop(&mine, 1, 2);
    }
    tjob_file_store_close(&mine);
    folder_remove(&folder);
}
END_TEST

/* A call that finds its buckets free has not waited, however long it takes by itself. */
START_TEST(only_the_wait_for_others_counts)
{
    enum { HELD_MS = 30 };
    const uint32_t buckets[2] = {1, 2};
    struct waiting waiting;
    uint64_t waited_us = 5;
    tjob_file_store mine;
    tjob_file_store others;
    make_store(FOR_FOUR_BUCKETS);
    open_store(&mine, HELD_MS);
    open_store(&others, 1);
    ck_assert_int_eq(tjob__file_lock_take(&mine, buckets, 0, &waited_us), TJOB_FILE_OK);
    ck_assert_uint_eq(waited_us, 5);
    ck_assert_int_eq(tjob__file_lock_take(&mine, buckets, deadline_of(&mine), &waited_us), TJOB_FILE_BUSY);
    ck_assert_uint_ge(waited_us, HELD_MS * 1000);
    mine.wait_ms = LONG_MS;
    wait_in_thread(&waiting, &mine, 2, 3);
    drop(&mine, 1, 2);
    ck_assert_int_eq(pthread_join(waiting.thread, NULL), 0);
    ck_assert_int_eq(waiting.problem, TJOB_FILE_OK);
    ck_assert_uint_ge(waiting.waited_us, HELD_MS * 1000);
    drop(&mine, 2, 3);
    mine.wait_ms = HELD_MS;
    waited_us = 0;
    ck_assert_int_eq(take(&others, 1, 2), TJOB_FILE_OK);
    ck_assert_int_eq(tjob__file_lock_take(&mine, buckets, deadline_of(&mine), &waited_us), TJOB_FILE_BUSY);
    ck_assert_uint_ge(waited_us, HELD_MS * 1000);
    drop(&others, 1, 2);
    tjob_file_store_close(&mine);
    tjob_file_store_close(&others);
    folder_remove(&folder);
}
END_TEST

static int fail_to_take_turns(void *context, int file, enum disk_lock lock, uint64_t offset, uint64_t bytes)
{
    return lock == DISK_TURN ? -EIO : tjob__posix_disk.lock(context, file, lock, offset, bytes);
}

START_TEST(a_turn_that_cannot_be_had_is_an_error)
{
    struct tjob_disk disk = tjob__posix_disk;
    tjob_file_store mine;
    tjob_file_store others;
    make_store(FOR_FOUR_BUCKETS);
    open_store(&others, 1);
    disk.lock = fail_to_take_turns;
    ck_assert_int_eq(tjob__file_store_open(&disk, &mine, folder_file(&folder, "store"), LONG_MS), TJOB_FILE_OK);
    ck_assert_int_eq(take(&others, 1, 2), TJOB_FILE_OK);
    ck_assert_int_eq(take(&mine, 1, 2), TJOB_FILE_IO);
    ck_assert_uint_eq(mine.calls, 0);
    drop(&others, 1, 2);
    tjob_file_store_close(&mine);
    tjob_file_store_close(&others);
    folder_remove(&folder);
}
END_TEST

/*
 * ---- Processes that come and go
 * ----------------------------------------------------------------------------------------
 */

enum { PROCESSES = 12, SWAPS = 40 };

static int swap_many(void)
{
    tjob_file_store store;
    if (tjob_file_store_open(&store, folder_file(&folder, "store"), LONG_MS) != TJOB_FILE_OK) {
        return 1;
    }
    const tjob_store callbacks = tjob_file_store_callbacks(&store);
    for (int done = 0; done < SWAPS;) {
        tjob_job job = sample_job(TJOB_TRAINING);
        uint64_t version;
        if (callbacks.load(&store, NULL, sample_arn, &job, &version) == TJOB_LOAD_UNAVAILABLE) {
            return 1;
        }
        job.host_code++;
        const tjob_swap_status status = callbacks.swap(&store, NULL, sample_arn, version, &job);
        if (status != TJOB_SWAP_OK && status != TJOB_SWAP_CONFLICT) {
            return 1;
        }
        done += status == TJOB_SWAP_OK;
    }
    return 0;
}

/* All of them want one job, and each is served: none waits for as long as it may. */
START_TEST(processes_that_want_one_job_are_all_served)
{
    tjob_file_store store;
    tjob_job job;
    uint64_t version;
    make_store(FOR_FOUR_BUCKETS);
    for (int i = 0; i < PROCESSES; i++) {
        const pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
            end_child(swap_many());
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        ck_assert_int_ge(wait(&status), 1);
        ck_assert_int_eq(status, 0);
    }
    open_store(&store, 1);
    ck_assert_int_eq(tjob_file_store_callbacks(&store).load(&store, NULL, sample_arn, &job, &version), TJOB_LOAD_OK);
    ck_assert_uint_eq(job.host_code - sample_job(TJOB_TRAINING).host_code, PROCESSES * SWAPS);
    tjob_file_store_close(&store);
    folder_remove(&folder);
}
END_TEST

/* One that has the bucket, one that has its turn, one behind it: whichever is killed, the last one goes on. */
START_TEST(who_dies_keeps_nobody_waiting)
{
    pid_t children[3];
    tjob_file_store store;
    make_store(FOR_FOUR_BUCKETS);
    for (int i = 0; i < 3; i++) {
        children[i] = fork();
        ck_assert_int_ge(children[i], 0);
        if (children[i] == 0) {
            open_store(&store, LONG_MS);
            if (take(&store, 1, 2) == TJOB_FILE_OK) {
                sleep_ms(LONG_MS);
            }
            end_child(1);
        }
        sleep_ms(50);
    }
    for (int i = 0; i < 3; i++) {
        const int overwritten = (i + _i) % 3;
        ck_assert_int_eq(kill(children[overwritten], SIGKILL), 0);
        ck_assert_int_eq(waitpid(children[overwritten], NULL, 0), children[overwritten]);
    }
    open_store(&store, LONG_MS);
    ck_assert_int_eq(take(&store, 1, 2), TJOB_FILE_OK);
    drop(&store, 1, 2);
    tjob_file_store_close(&store);
    folder_remove(&folder);
}
END_TEST

/* A file that cannot be mapped has no words to sleep on. */
static void *map_nothing(void *context, int file, size_t bytes)
{
    (void)context;
    (void)file;
    (void)bytes;
    return NULL;
}

START_TEST(a_file_that_cannot_be_mapped_is_waited_for_all_the_same)
{
    struct tjob_disk disk = tjob__posix_disk;
    tjob_file_store mine;
    tjob_file_store others;
    struct waiting waiting;
    make_store(FOR_FOUR_BUCKETS);
    disk.map = map_nothing;
    open_store(&others, 1);
    ck_assert_int_eq(tjob__file_store_open(&disk, &mine, folder_file(&folder, "store"), LONG_MS), TJOB_FILE_OK);
    ck_assert_int_eq(take(&others, 1, 2), TJOB_FILE_OK);
    wait_in_thread(&waiting, &mine, 1, 2);
    drop(&others, 1, 2);
    pthread_join(waiting.thread, NULL);
    ck_assert_int_eq(waiting.problem, TJOB_FILE_OK);
    drop(&mine, 1, 2);
    tjob_file_store_close(&mine);
    tjob_file_store_close(&others);
    folder_remove(&folder);
}
END_TEST

/* ---- Those who sleep --------------------------------------------------------------------------------------------- */

/* A process whose files are mapped, on which nobody sleeps; what it does with that. */
static uint32_t words[FILE_LOCK_MAPPED_BYTES / sizeof(uint32_t)];
static int maps;
static unsigned wakes;
static uint32_t longest_us;
static void (*sim_sleep)(void *context, const uint32_t *word, uint32_t mask, uint32_t microseconds);

static void *map_words(void *context, int file, size_t bytes)
{
    (void)context, (void)file;
    EXPECT(bytes == sizeof words);
    maps++;
    return words;
}

static void unmap_words(void *context, void *mapped, size_t bytes)
{
    (void)context;
    EXPECT(mapped == words && bytes == sizeof words);
    maps--;
}

static int count_wake(void *context, const uint32_t *word, uint32_t mask)
{
    (void)context;
    EXPECT(word >= words && word < words + sizeof words / sizeof words[0] && mask != 0);
    wakes++;
    return 0;
}

static void note_sleep(void *context, const uint32_t *word, uint32_t mask, uint32_t microseconds)
{
    longest_us = word != NULL && microseconds > longest_us ? microseconds : longest_us;
    sim_sleep(context, word, mask, microseconds);
}

static void start_mapped(struct sim_process *process, struct sim_disk *disk)
{
    sim_start(process, disk);
    sim_sleep = process->table.sleep;
    process->table.map = map_words;
    process->table.unmap = unmap_words;
    process->table.wake = count_wake;
    process->table.sleep = note_sleep;
    maps = 0;
    wakes = 0;
    longest_us = 0;
}

/* Another may be waked in his place, or nobody, where a process dies: he does not sleep until his time is over. */
START_TEST(who_waits_for_a_turn_looks_again_soon)
{
    enum { SOON_US = 200000 };
    const uint64_t turn = (UINT64_C(1) << 61) + 1;
    struct store_machine machine;
    struct sim_process waiting;
    tjob_file_store store;
    store_machine_make(&machine);
    const struct tjob_disk *disk = &machine.process.table;
    ck_assert_int_eq(disk->lock(disk->context, machine.store.file, DISK_LOCK, turn, 1), 0);
    ck_assert_int_eq(take(&machine.store, 1, FILE_HOLD_NONE), TJOB_FILE_OK);
    start_mapped(&waiting, &machine.disk);
    ck_assert_int_eq(tjob__file_store_open(&waiting.table, &store, "store", LONG_MS), TJOB_FILE_OK);
    ck_assert_int_eq(take(&store, 1, FILE_HOLD_NONE), TJOB_FILE_BUSY);
    ck_assert_uint_eq(waiting.paused_us, (uint64_t)LONG_MS * 1000);
    ck_assert_uint_eq(longest_us, SOON_US);
    tjob_file_store_close(&store);
    ck_assert_int_eq(maps, 0);
    store_machine_unmake(&machine);
}
END_TEST

static struct store_machine *released_by;
static struct sim_process *pausing;

/* Releases the bucket that everybody waits for, once the process has waited for a while. */
static void release_after_a_while(void *context, const uint32_t *word, uint32_t mask, uint32_t microseconds)
{
    sim_sleep(context, word, mask, microseconds);
    if (released_by != NULL && pausing->paused_us > 100000) {
        drop(&released_by->store, 1, FILE_HOLD_NONE);
        released_by = NULL;
    }
}

/* The process that has the turn is halted, and will never have the bucket. */
START_TEST(who_waits_for_a_turn_tries_the_bucket_too)
{
    const uint64_t turn = FILE_LOCK_TURNS_OFFSET + 1;
    struct store_machine machine;
    struct sim_process waiting;
    struct sim_process halted;
    tjob_file_store store;
    tjob_file_store stuck;
    store_machine_make(&machine);
    sim_start(&halted, &machine.disk);
    ck_assert_int_eq(tjob__file_store_open(&halted.table, &stuck, "store", LONG_MS), TJOB_FILE_OK);
    ck_assert_int_eq(halted.table.lock(&halted, stuck.file, DISK_TURN, turn, 1), 0);
    ck_assert_int_eq(take(&machine.store, 1, FILE_HOLD_NONE), TJOB_FILE_OK);
    start_mapped(&waiting, &machine.disk);
    waiting.table.sleep = release_after_a_while;
    released_by = &machine;
    pausing = &waiting;
    ck_assert_int_eq(tjob__file_store_open(&waiting.table, &store, "store", LONG_MS), TJOB_FILE_OK);
    ck_assert_int_eq(take(&store, 1, FILE_HOLD_NONE), TJOB_FILE_OK);
    ck_assert_uint_lt(waiting.paused_us, 1000000);
    drop(&store, 1, FILE_HOLD_NONE);
    tjob_file_store_close(&store);
    tjob_file_store_close(&stuck);
    store_machine_unmake(&machine);
}
END_TEST

/* Nobody knows whether the store is durable: whoever opens it has the header, for which others may wait by then. */
START_TEST(who_opens_a_store_wakes_who_waits_for_it)
{
    struct store_machine machine;
    struct sim_process opener;
    tjob_file_store store;
    store_machine_make(&machine);
    const struct file_header header = tjob__file_store_header(&machine.store);
    const struct tjob_disk *disk = &machine.process.table;
    ck_assert_int_eq(tjob__file_state_write(disk, machine.store.file, &header, FILE_NEW), TJOB_FILE_OK);
    start_mapped(&opener, &machine.disk);
    opener.fault_function = SIM_SYNC;
    opener.fault_from = _i == 0 ? 1 : 0;
    opener.fault = -EIO;
    ck_assert_int_eq(tjob__file_store_open(&opener.table, &store, "store", LONG_MS),
                     _i == 0 ? TJOB_FILE_IO : TJOB_FILE_OK);
    ck_assert_uint_eq(wakes, 1);
    ck_assert_int_eq(maps, _i);
    if (_i == 1) {
        tjob_file_store_close(&store);
    }
    ck_assert_int_eq(maps, 0);
    store_machine_unmake(&machine);
}
END_TEST

/*
 * ---- Everything at once
 * ----------------------------------------------------------------------------------------------
 */

static atomic_bool growing_done;
static char busy_path[FOLDER_PATH_BYTES_MAX + 16];

/*
 * A thread of a handle, or one with a handle of its own, swaps without a pause and opens the store again when it has
 * grown.
 */
static void *keep_busy(void *argument)
{
    tjob_file_store store;
    char name[TJOB_ARN_BYTES_MAX];
    EXPECT(tjob_file_store_open(&store, busy_path, LONG_MS) == TJOB_FILE_OK);
    for (unsigned i = 0; !growing_done; i++) {
        const tjob_store callbacks = tjob_file_store_callbacks(&store);
        const tjob_text arn = store_machine_name(name, (unsigned)(uintptr_t)argument * 100 + i % 50);
        tjob_job job = sample_job(TJOB_TRAINING);
        uint64_t version = 0;
        (void)callbacks.load(&store, NULL, arn, &job, &version);
        (void)callbacks.swap(&store, NULL, arn, version, &job);
        if (tjob_file_store_problem(&store) == TJOB_FILE_SUPERSEDED) {
            tjob_file_store_close(&store);
            EXPECT(tjob_file_store_open(&store, busy_path, LONG_MS) == TJOB_FILE_OK);
        }
    }
    tjob_file_store_close(&store);
    return NULL;
}

START_TEST(a_growth_comes_to_its_turn_among_busy_writers)
{
    enum { WRITERS = 6, GROWTHS = 5 };
    pthread_t threads[WRITERS];
    make_store(1000);
    snprintf(busy_path, sizeof busy_path, "%s", folder_file(&folder, "store"));
    growing_done = false;
    for (uintptr_t i = 0; i < WRITERS; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, keep_busy, (void *)i), 0);
    }
    for (unsigned i = 1; i <= GROWTHS; i++) {
        ck_assert_int_eq(tjob_file_store_grow(busy_path, 1000 + i, LONG_MS), TJOB_FILE_OK);
    }
    growing_done = true;
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
    }
    folder_remove(&folder);
}
END_TEST

RUN_TESTS("file_lock", {what_another_process_has_is_busy_and_nothing_is_kept, 0},
          {a_halted_process_with_many_threads_keeps_nobody_from_other_buckets, 0},
          {calls_that_began_one_after_the_other_keep_nobody_from_their_other_buckets, 0},
          {who_waits_for_a_bucket_keeps_nobody_from_another, 2}, {a_call_goes_on_however_its_buckets_come_free, 2},
          {a_call_that_always_comes_too_late_is_busy, 0},
          {who_lets_another_process_go_first_waits_for_threads_as_well, 0}, {only_the_wait_for_others_counts, 0},
          {a_turn_that_cannot_be_had_is_an_error, 0}, {processes_that_want_one_job_are_all_served, 0},
          {who_dies_keeps_nobody_waiting, 3}, {a_file_that_cannot_be_mapped_is_waited_for_all_the_same, 0},
          {who_waits_for_a_turn_looks_again_soon, 0}, {who_waits_for_a_turn_tries_the_bucket_too, 0},
          {who_opens_a_store_wakes_who_waits_for_it, 2}, {a_growth_comes_to_its_turn_among_busy_writers, 0})
