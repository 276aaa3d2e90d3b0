/* Threads of one handle hold buckets alone, and wait for them in the order in which they came. */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for nanosleep */

#include <string.h>
#include <time.h>

#include "host/file_store/posix_disk.h"
#include "host/file_store/hold.h"
#include "support/suite.h"

enum { FOLDED = 1024 /* buckets this far apart are not distinguished in the queue */ };

static tjob_file_store store;

static const uint64_t now = 0; /* a deadline that has passed */

static uint64_t later(uint64_t ms)
{
    return tjob__posix_disk.clock_us(NULL) + ms * 1000;
}

static void set_up(void)
{
    memset(&store, 0, sizeof store);
    tjob__file_holds_init(&store);
}

static tjob_file_problem take(uint32_t first, uint32_t second, uint64_t deadline_us)
{
    const uint32_t buckets[2] = {first, second};
    bool waits;
    return tjob__file_hold_take(&store, buckets, deadline_us, &waits);
}

START_TEST(a_bucket_is_held_once)
{
    static const uint32_t wanted[][2] = {
        {1, FILE_HOLD_NONE}, {2, FILE_HOLD_NONE}, {0, 1}, {0, 2}, {1, 3}, {2, 3}, {1, 2}};
    set_up();
    ck_assert_int_eq(take(1, 2, now), TJOB_FILE_OK);
    ck_assert_int_eq(take(5, FILE_HOLD_NONE, now), TJOB_FILE_OK);
    ck_assert_int_eq(take(6, FILE_HOLD_NONE, now), TJOB_FILE_OK);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        ck_assert_int_eq(take(wanted[i][0], wanted[i][1], now), TJOB_FILE_BUSY);
    }
    ck_assert_int_eq(take(0, 3, now), TJOB_FILE_OK);
    tjob__file_hold_drop(&store, _i == 0 ? 1 : 2);
    ck_assert_int_eq(take(1, 2, now), TJOB_FILE_OK);
    ck_assert_ptr_null(store.first_waiter);
    tjob__file_holds_destroy(&store);
}
END_TEST

START_TEST(a_second_bucket_is_added_if_it_is_free)
{
    set_up();
    ck_assert_int_eq(take(1, FILE_HOLD_NONE, now), TJOB_FILE_OK);
    ck_assert_int_eq(take(2, 3, now), TJOB_FILE_OK);
    ck_assert(!tjob__file_hold_add(&store, 1, 2));
    ck_assert(!tjob__file_hold_add(&store, 1, 3));
    ck_assert_int_eq(take(4, FILE_HOLD_NONE, now), TJOB_FILE_OK);
    tjob__file_hold_drop(&store, 4);
    ck_assert_int_eq(take(6, FILE_HOLD_NONE, now), TJOB_FILE_OK);
    ck_assert(!tjob__file_hold_add(&store, 1, 2)); /* which is not the last that is held */
    ck_assert(tjob__file_hold_add(&store, 1, 4));
    ck_assert_int_eq(take(4, FILE_HOLD_NONE, now), TJOB_FILE_BUSY);
    tjob__file_hold_drop(&store, 1);
    ck_assert_int_eq(take(4, 1, now), TJOB_FILE_OK);
    ck_assert_int_eq(take(2, 3, now), TJOB_FILE_BUSY);
    tjob__file_holds_destroy(&store);
}
END_TEST

START_TEST(no_more_calls_hold_than_there_is_room_for)
{
    set_up();
    for (uint32_t i = 0; i < TJOB_FILE_STORE_CALLS_MAX; i++) {
        ck_assert_int_eq(take(2 * i, 2 * i + 1, now), TJOB_FILE_OK);
    }
    ck_assert_int_eq(take(1000, 1001, now), TJOB_FILE_BUSY);
    tjob__file_hold_drop(&store, 7);
    ck_assert_int_eq(take(1000, 1001, now), TJOB_FILE_OK);
    ck_assert_int_eq(take(6, 7, now), TJOB_FILE_BUSY);
    tjob__file_holds_destroy(&store);
}
END_TEST

/*
 * ---- The queue ------------------------------------------------------------------------------------------------------
 */

struct thread {
    pthread_t id;
    uint32_t buckets[2];
    uint64_t deadline_us;
    tjob_file_problem problem;
    unsigned order; /* in which it was served, 0 = not yet */
};

static unsigned served;

static void *take_in_thread(void *argument)
{
    struct thread *thread = argument;
    bool waits;
    thread->problem = tjob__file_hold_take(&store, thread->buckets, thread->deadline_us, &waits);
    pthread_mutex_lock(tjob__file_holds_mutex(&store));
    thread->order = ++served;
    pthread_mutex_unlock(tjob__file_holds_mutex(&store));
    return NULL;
}

static const struct tjob_file_waiter *last_waiter(void)
{
    pthread_mutex_lock(tjob__file_holds_mutex(&store));
    const struct tjob_file_waiter *last = store.first_waiter != NULL ? store.last_waiter : NULL;
    pthread_mutex_unlock(tjob__file_holds_mutex(&store));
    return last;
}

/* Starts a thread, and returns when it waits behind all others. */
static void wait_in_thread(struct thread *thread, uint32_t first, uint32_t second, uint64_t deadline_us)
{
    const struct timespec pause = {.tv_nsec = 100000};
    const struct tjob_file_waiter *before = last_waiter();
    *thread = (struct thread){.buckets = {first, second}, .deadline_us = deadline_us};
    ck_assert_int_eq(pthread_create(&thread->id, NULL, take_in_thread, thread), 0);
    while (last_waiter() == before) {
        nanosleep(&pause, NULL);
    }
}

static void expect_served(struct thread *thread, unsigned order)
{
    pthread_join(thread->id, NULL);
    ck_assert_int_eq(thread->problem, TJOB_FILE_OK);
    ck_assert_uint_eq(thread->order, order);
    tjob__file_hold_drop(&store, thread->buckets[0]);
}

/* Each of them waits for the one before: the second for the first, though its own buckets are free. */
START_TEST(nobody_is_overtaken)
{
    struct thread threads[4];
    set_up();
    served = 0;
    ck_assert_int_eq(take(1, 2, now), TJOB_FILE_OK);
    wait_in_thread(&threads[0], 2, 3, later(60000));
    wait_in_thread(&threads[1], 3, 4, later(60000));
    wait_in_thread(&threads[2], 4, FILE_HOLD_NONE, later(60000));
    wait_in_thread(&threads[3], 2, 4, later(60000));
    ck_assert_int_eq(take(3, FILE_HOLD_NONE, now), TJOB_FILE_BUSY);
    ck_assert_int_eq(take(5, FILE_HOLD_NONE, now), TJOB_FILE_OK); /* which nobody waits for */
    tjob__file_hold_drop(&store, 5);
    tjob__file_hold_drop(&store, 1);
    expect_served(&threads[0], 1);
    expect_served(&threads[1], 2);
    expect_served(&threads[2], 3);
    expect_served(&threads[3], 4);
    ck_assert_uint_eq(store.calls, 0);
    ck_assert_ptr_null(store.first_waiter);
    tjob__file_holds_destroy(&store);
}
END_TEST

/* One who can go on does, with two behind him for whom there is no room. */
START_TEST(room_is_given_one_by_one)
{
    struct thread threads[3];
    set_up();
    served = 0;
    for (uint32_t i = 0; i < TJOB_FILE_STORE_CALLS_MAX; i++) {
        ck_assert_int_eq(take(i, FILE_HOLD_NONE, now), TJOB_FILE_OK);
    }
    for (uint32_t i = 0; i < 3; i++) {
        wait_in_thread(&threads[i], 1000 + i, FILE_HOLD_NONE, later(60000));
    }
    tjob__file_hold_drop(&store, 3);
    for (unsigned i = 0; i < 3; i++) {
        expect_served(&threads[i], i + 1);
    }
    tjob__file_holds_destroy(&store);
}
END_TEST

START_TEST(all_who_can_go_on_are_served_at_once)
{
    struct thread threads[3];
    set_up();
    served = 0;
    ck_assert_int_eq(take(1, 2, now), TJOB_FILE_OK);
    wait_in_thread(&threads[0], 1, 3, later(60000));
    wait_in_thread(&threads[1], 2, 4, later(60000));
    wait_in_thread(&threads[2], 1, 5, later(60000));
    tjob__file_hold_drop(&store, 1);
    pthread_join(threads[0].id, NULL);
    pthread_join(threads[1].id, NULL);
    ck_assert_int_eq(threads[0].problem, TJOB_FILE_OK);
    ck_assert_int_eq(threads[1].problem, TJOB_FILE_OK);
    tjob__file_hold_drop(&store, 4);
    ck_assert_uint_eq(threads[2].order, 0);
    tjob__file_hold_drop(&store, 3);
    expect_served(&threads[2], 3);
    tjob__file_holds_destroy(&store);
}
END_TEST

/* The first, one between and the last: those behind it are served in its place, and the queue stays whole. */
START_TEST(who_gives_up_leaves_the_queue)
{
    struct thread threads[3];
    set_up();
    served = 0;
    ck_assert_int_eq(take(1, FILE_HOLD_NONE, now), TJOB_FILE_OK);
    for (int i = 0; i < 3; i++) {
        wait_in_thread(&threads[i], i == _i ? 1 : 10 + (uint32_t)i, i == _i ? 2 : 1, later(i == _i ? 100 : 60000));
    }
    pthread_join(threads[_i].id, NULL);
    ck_assert_int_eq(threads[_i].problem, TJOB_FILE_BUSY);
    ck_assert_int_eq(take(2, FILE_HOLD_NONE, now), TJOB_FILE_OK);
    tjob__file_hold_drop(&store, 1);
    expect_served(&threads[_i == 0 ? 1 : 0], 2);
    expect_served(&threads[_i == 2 ? 1 : 2], 3);
    struct thread last;
    ck_assert_int_eq(take(1, FILE_HOLD_NONE, now), TJOB_FILE_OK);
    wait_in_thread(&last, 1, FILE_HOLD_NONE, later(60000));
    tjob__file_hold_drop(&store, 1);
    expect_served(&last, 4);
    tjob__file_holds_destroy(&store);
}
END_TEST

/*
 * Who waits for one that waits for another process reserves nothing: else all would wait for that process in the end.
 */
START_TEST(who_waits_for_a_process_holds_nobody_up)
{
    struct thread threads[2];
    set_up();
    served = 0;
    ck_assert_int_eq(take(1, FILE_HOLD_NONE, now), TJOB_FILE_OK);
    wait_in_thread(&threads[0], 1, 2, later(60000));
    ck_assert_int_eq(take(2, 3, now), TJOB_FILE_BUSY);
    wait_in_thread(&threads[1], 2, 3, later(60000));
    struct thread other;
    ck_assert_int_eq(take(7, FILE_HOLD_NONE, now), TJOB_FILE_OK);
    wait_in_thread(&other, 7, 8, later(60000));
    (void)tjob__file_hold_wait(&store, 1, FILE_HOLD_STUCK);
    pthread_join(threads[1].id, NULL);                              /* which is served at once */
    ck_assert_int_eq(take(8, FILE_HOLD_NONE, now), TJOB_FILE_BUSY); /* for which one waits who waits for no process */
    tjob__file_hold_drop(&store, 7);
    expect_served(&other, 2);
    ck_assert_int_eq(threads[1].problem, TJOB_FILE_OK);
    ck_assert_int_eq(take(4, FILE_HOLD_NONE, now), TJOB_FILE_OK);
    tjob__file_hold_drop(&store, 4);
    tjob__file_hold_drop(&store, 2);
    ck_assert_int_eq(take(2, 3, now), TJOB_FILE_OK);
    tjob__file_hold_drop(&store, 2);
    ck_assert_int_eq(take(1, FILE_HOLD_NONE, now), TJOB_FILE_BUSY);
    (void)tjob__file_hold_wait(&store, 1, FILE_HOLD_WORKS);
    ck_assert_int_eq(take(2, 3, now), TJOB_FILE_BUSY);
    ck_assert_int_eq(take(5, FILE_HOLD_NONE, now), TJOB_FILE_OK);
    (void)tjob__file_hold_wait(&store, 1, FILE_HOLD_STUCK);
    tjob__file_hold_drop(&store, 1); /* and it is reported of the entry that takes its place that it does not wait */
    expect_served(&threads[0], 3);
    ck_assert_int_eq(take(5, 2, now), TJOB_FILE_BUSY);
    tjob__file_holds_destroy(&store);
}
END_TEST

/* The other half has room for those who want what no other process has. */
START_TEST(half_of_the_calls_may_wait_for_a_process)
{
    set_up();
    for (uint32_t i = 0; i < FILE_HOLD_WAITING_MAX; i++) {
        ck_assert_int_eq(take(i, FILE_HOLD_NONE, now), TJOB_FILE_OK);
        ck_assert(tjob__file_hold_wait(&store, i, FILE_HOLD_WAITS));
        ck_assert(_i == 0 || tjob__file_hold_wait(&store, i, FILE_HOLD_STUCK));
    }
    for (uint32_t i = FILE_HOLD_WAITING_MAX; i < TJOB_FILE_STORE_CALLS_MAX; i++) {
        ck_assert_int_eq(take(i, FILE_HOLD_NONE, now), TJOB_FILE_OK);
        ck_assert(!tjob__file_hold_wait(&store, i, FILE_HOLD_WAITS));
        ck_assert_uint_eq(store.waits[i], FILE_HOLD_WORKS);
    }
    ck_assert(tjob__file_hold_wait(&store, 3, FILE_HOLD_WORKS));
    ck_assert(tjob__file_hold_wait(&store, FILE_HOLD_WAITING_MAX, FILE_HOLD_WAITS));
    ck_assert(!tjob__file_hold_wait(&store, 3, FILE_HOLD_WAITS));
    tjob__file_hold_drop(&store, 5);
    ck_assert(tjob__file_hold_wait(&store, 3, FILE_HOLD_WAITS));
    tjob__file_holds_destroy(&store);
}
END_TEST

/* It held up one whose other bucket is free. */
START_TEST(who_gives_up_lets_those_behind_go_on)
{
    struct thread threads[2];
    set_up();
    served = 0;
    ck_assert_int_eq(take(1, FILE_HOLD_NONE, now), TJOB_FILE_OK);
    wait_in_thread(&threads[0], 1, 2, later(200));
    wait_in_thread(&threads[1], 2, 3, later(60000));
    pthread_join(threads[1].id, NULL);
    pthread_join(threads[0].id, NULL);
    ck_assert_int_eq(threads[0].problem, TJOB_FILE_BUSY);
    ck_assert_int_eq(threads[1].problem, TJOB_FILE_OK);
    tjob__file_holds_destroy(&store);
}
END_TEST

/* Two buckets that the queue does not report apart: the second waits until a call ends, and is served then. */
START_TEST(buckets_that_fold_together_are_both_served)
{
    struct thread threads[2];
    set_up();
    served = 0;
    ck_assert_int_eq(take(1, FILE_HOLD_NONE, now), TJOB_FILE_OK);
    ck_assert_int_eq(take(1 + FOLDED, FILE_HOLD_NONE, now), TJOB_FILE_OK);
    wait_in_thread(&threads[0], 1, FILE_HOLD_NONE, later(60000));
    wait_in_thread(&threads[1], 1 + FOLDED, FILE_HOLD_NONE, later(60000));
    tjob__file_hold_drop(&store, 1 + FOLDED);
    tjob__file_hold_drop(&store, 1);
    pthread_join(threads[0].id, NULL);
    pthread_join(threads[1].id, NULL);
    ck_assert_int_eq(threads[0].problem, TJOB_FILE_OK);
    ck_assert_int_eq(threads[1].problem, TJOB_FILE_OK);
    tjob__file_holds_destroy(&store);
}
END_TEST

/* Every thread holds what it says, alone; all of them come to their end. */
enum { THREADS = 100, ROUNDS = 300, BUCKETS = 7 };

static int owners[BUCKETS];

static void *work(void *argument)
{
    uint64_t random = (uint64_t)(uintptr_t)argument * UINT64_C(0x9e3779b97f4a7c15);
    for (int round = 0; round < ROUNDS; round++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        const uint32_t first = (uint32_t)(random >> 40) % BUCKETS;
        const uint32_t second = (uint32_t)(random >> 50) % BUCKETS;
        EXPECT(take(first, second == first ? FILE_HOLD_NONE : second, later(60000)) == TJOB_FILE_OK);
        EXPECT(__atomic_fetch_add(&owners[first], 1, __ATOMIC_RELAXED) == 0);
        EXPECT(second == first || __atomic_fetch_add(&owners[second], 1, __ATOMIC_RELAXED) == 0);
        __atomic_store_n(&owners[first], 0, __ATOMIC_RELAXED);
        __atomic_store_n(&owners[second], 0, __ATOMIC_RELAXED);
        tjob__file_hold_drop(&store, first);
    }
    return NULL;
}

START_TEST(many_threads_come_to_their_end)
{
    pthread_t threads[THREADS];
    set_up();
    for (uintptr_t i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, (void *)(i + 1)), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    ck_assert_uint_eq(store.calls, 0);
    ck_assert_ptr_null(store.first_waiter);
    tjob__file_holds_destroy(&store);
}
END_TEST

RUN_TESTS("file_hold", {a_bucket_is_held_once, 2}, {a_second_bucket_is_added_if_it_is_free, 0},
          {no_more_calls_hold_than_there_is_room_for, 0}, {nobody_is_overtaken, 0}, {room_is_given_one_by_one, 0},
          {all_who_can_go_on_are_served_at_once, 0}, {who_gives_up_leaves_the_queue, 3},
          {who_gives_up_lets_those_behind_go_on, 0}, {who_waits_for_a_process_holds_nobody_up, 0},
          {half_of_the_calls_may_wait_for_a_process, 2}, {buckets_that_fold_together_are_both_served, 0},
          {many_threads_come_to_their_end, 0})
