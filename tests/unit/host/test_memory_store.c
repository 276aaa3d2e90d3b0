/* What the memory store promises beyond the contract of every store: its memory, its locks, its index. */
#include "tjob/memory_store.h"

#include <stdio.h>
#include <string.h>

#include "support/jobs.h"
#include "support/random.h"
#include "support/suite.h"

enum { CAPACITY = 8 };

static uint64_t memory[TJOB_MEMORY_STORE_BYTES(CAPACITY) / sizeof(uint64_t)];

static tjob_text name_of(char name[TJOB_ARN_BYTES_MAX], unsigned number)
{
    const int bytes =
        snprintf(name, TJOB_ARN_BYTES_MAX, "arn:aws:comprehend:r:111122223333:entity-recognizer/%u", number);
    return (tjob_text){name, (size_t)bytes};
}

/* ---- Its beginning --------------------------------------------------------------------------------------------- */

static void no_lock(void *context)
{
    (void)context;
}

START_TEST(it_takes_only_memory_that_can_be)
{
    tjob_memory_store store;
    unsigned char *bytes = (unsigned char *)memory;
    const size_t enough = sizeof memory;
    const tjob_lock half[] = {{NULL, no_lock, NULL}, {NULL, NULL, no_lock}, {NULL, NULL, NULL}};
    const tjob_lock whole = {NULL, no_lock, no_lock};
    ck_assert_int_eq(tjob_memory_store_init(&store, memory, enough, CAPACITY, NULL, NULL), TJOB_OK);
    ck_assert_int_eq(tjob_memory_store_init(&store, memory, enough, CAPACITY, NULL, &whole), TJOB_OK);
    ck_assert_int_eq(tjob_memory_store_init(&store, memory, enough, 1, NULL, NULL), TJOB_OK);
    ck_assert_int_eq(tjob_memory_store_init(&store, NULL, enough, CAPACITY, NULL, NULL), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_memory_store_init(&store, bytes + 4, enough - 8, 1, NULL, NULL), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_memory_store_init(&store, memory, enough - 1, CAPACITY, NULL, NULL), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_memory_store_init(&store, memory, enough, CAPACITY + 1, NULL, NULL), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_memory_store_init(&store, memory, enough, 0, NULL, NULL), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_memory_store_init(&store, memory, SIZE_MAX, TJOB_MEMORY_STORE_JOBS_MAX + 1, NULL, NULL),
                     TJOB_INVALID_ARGUMENT);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(tjob_memory_store_init(&store, memory, enough, CAPACITY, NULL, &half[i]),
                         TJOB_INVALID_ARGUMENT);
    }
}
END_TEST

START_TEST(it_begins_empty_over_any_bytes)
{
    tjob_memory_store store;
    memset(memory, 0xff, sizeof memory);
    ck_assert_int_eq(tjob_memory_store_init(&store, memory, sizeof memory, CAPACITY, NULL, NULL), TJOB_OK);
    ck_assert_uint_eq(tjob_memory_store_count(&store), 0);
    const tjob_store callbacks = tjob_memory_store_callbacks(&store);
    tjob_job job;
    uint64_t version;
    ck_assert_int_eq(callbacks.load(callbacks.context, NULL, sample_arn, &job, &version), TJOB_LOAD_NOT_FOUND);
    ck_assert_uint_eq(version, 0);
}
END_TEST

/* ---- Its locks ------------------------------------------------------------------------------------------------- */

struct lock_watch {
    int held;
    unsigned taken;
};

static void watch_lock(void *context)
{
    struct lock_watch *watch = context;
    watch->held++;
    watch->taken++;
    ck_assert_int_eq(watch->held, 1);
}

static void watch_unlock(void *context)
{
    struct lock_watch *watch = context;
    watch->held--;
    ck_assert_int_eq(watch->held, 0);
}

START_TEST(each_call_takes_the_lock_once_and_gives_it_back)
{
    struct lock_watch watch = {0, 0};
    const tjob_lock locks = {&watch, watch_lock, watch_unlock};
    tjob_memory_store store;
    ck_assert_int_eq(tjob_memory_store_init(&store, memory, sizeof memory, CAPACITY, NULL, &locks), TJOB_OK);
    const tjob_store callbacks = tjob_memory_store_callbacks(&store);
    const tjob_job job = sample_job(TJOB_TRAINING);
    tjob_job loaded;
    uint64_t version = 0;
    for (unsigned i = 1; i <= 6; i++) {
        if (i % 2 == 1) {
            callbacks.swap(callbacks.context, NULL, sample_arn, version, i == 3 ? NULL : &job);
        } else {
            callbacks.load(callbacks.context, NULL, sample_arn, &loaded, &version);
        }
        ck_assert_uint_eq(watch.taken, i);
        ck_assert_int_eq(watch.held, 0);
    }
    const tjob_store_list list = tjob_memory_store_list(&store);
    const tjob_list_query all = {0};
    tjob_list_cursor cursor = {{0}};
    tjob_listed_job jobs[TJOB_LIST_PAGE_MIN];
    uint32_t count;
    ck_assert_int_eq(list.list(list.context, NULL, &all, &cursor, jobs, TJOB_LIST_PAGE_MIN, &count), TJOB_LIST_END);
    ck_assert_uint_eq(watch.taken, 7);
    ck_assert_int_eq(watch.held, 0);
}
END_TEST

/* ---- Its index ------------------------------------------------------------------------------------------------- */

/*
 * A small, often full index under many keys: entries collide, wrap around its end, and move up when one before them
 * goes. Whatever is there is found, and nothing else.
 */
START_TEST(what_is_there_is_found_however_entries_collide)
{
    enum { NAMES = 2 * CAPACITY, STEPS = 400 };
    tjob_memory_store store;
    uint64_t random = (uint64_t)_i;
    const uint32_t capacity = 1 + (uint32_t)_i % CAPACITY;
    uint32_t codes[NAMES] = {0}; /* the host code under each name, 0 = absent */
    uint32_t present = 0;
    unsigned char key[TJOB_HASH_KEY_BYTES] = {(unsigned char)_i, (unsigned char)(_i >> 8)};
    ck_assert_int_eq(tjob_memory_store_init(&store, memory, sizeof memory, capacity, key, NULL), TJOB_OK);
    ck_assert_mem_eq(store.key, key, sizeof key);
    key[0]++; /* it was copied */
    const tjob_store callbacks = tjob_memory_store_callbacks(&store);
    for (unsigned step = 0; step < STEPS; step++) {
        char text[TJOB_ARN_BYTES_MAX];
        tjob_job job;
        uint64_t version;
        for (unsigned i = 0; i < NAMES; i++) {
            const tjob_load_status found = callbacks.load(callbacks.context, NULL, name_of(text, i), &job, &version);
            EXPECT(found == (codes[i] != 0 ? TJOB_LOAD_OK : TJOB_LOAD_NOT_FOUND));
            EXPECT(codes[i] == 0 || job.host_code == codes[i]);
        }
        const unsigned number = (unsigned)(next_random(&random) % NAMES);
        const tjob_text arn = name_of(text, number);
        const bool removes = codes[number] != 0 && next_random(&random) % 3 != 0;
        const bool full = codes[number] == 0 && present == capacity;
        callbacks.load(callbacks.context, NULL, arn, &job, &version);
        job = sample_job(TJOB_TRAINING);
        job.host_code = step + 1;
        const tjob_swap_status swapped = callbacks.swap(callbacks.context, NULL, arn, version, removes ? NULL : &job);
        EXPECT(swapped == (full ? TJOB_SWAP_FULL : TJOB_SWAP_OK));
        if (!full) {
            present = present + (codes[number] == 0) - removes;
            codes[number] = removes ? 0 : step + 1;
        }
        EXPECT(tjob_memory_store_count(&store) == present);
    }
}
END_TEST

/* ---- Its list -------------------------------------------------------------------------------------------------- */

/* More jobs than a page covers. */
enum { MANY = TJOB_MEMORY_LIST_SLOTS + 10 };

static uint64_t large_memory[TJOB_MEMORY_STORE_BYTES(MANY) / sizeof(uint64_t)];

static void fill_large(tjob_memory_store *store)
{
    char name[TJOB_ARN_BYTES_MAX];
    const tjob_job job = sample_job(TJOB_TRAINING);
    ck_assert_int_eq(tjob_memory_store_init(store, large_memory, sizeof large_memory, MANY, NULL, NULL), TJOB_OK);
    const tjob_store callbacks = tjob_memory_store_callbacks(store);
    for (unsigned i = 0; i < MANY; i++) {
        EXPECT(callbacks.swap(callbacks.context, NULL, name_of(name, i), 0, &job) == TJOB_SWAP_OK);
    }
}

START_TEST(a_page_of_its_list_covers_a_bounded_number_of_slots)
{
    static tjob_listed_job jobs[MANY];
    tjob_memory_store store;
    uint32_t count;
    tjob_list_cursor cursor = {{0}};
    const tjob_list_query all = {0};
    const tjob_list_query none = {.states = TJOB_LIST_STATE(TJOB_IN_ERROR)};
    fill_large(&store);
    const tjob_store_list list = tjob_memory_store_list(&store);
    ck_assert_int_eq(list.list(list.context, NULL, &all, &cursor, jobs, MANY, &count), TJOB_LIST_MORE);
    ck_assert_uint_eq(count, TJOB_MEMORY_LIST_SLOTS);
    ck_assert_int_eq(list.list(list.context, NULL, &all, &cursor, jobs, MANY, &count), TJOB_LIST_END);
    ck_assert_uint_eq(count, MANY - TJOB_MEMORY_LIST_SLOTS);
    ck_assert_int_eq(list.list(list.context, NULL, &all, &cursor, jobs, MANY, &count), TJOB_LIST_END);
    ck_assert_uint_eq(count, 0);
    cursor = (tjob_list_cursor){{0}};
    ck_assert_int_eq(list.list(list.context, NULL, &none, &cursor, jobs, MANY, &count), TJOB_LIST_MORE);
    ck_assert_int_eq(list.list(list.context, NULL, &none, &cursor, jobs, MANY, &count), TJOB_LIST_END);
}
END_TEST

START_TEST(a_cursor_of_another_store_is_invalid)
{
    tjob_listed_job jobs[TJOB_LIST_PAGE_MIN];
    tjob_memory_store store;
    tjob_memory_store other;
    uint32_t count;
    tjob_list_cursor cursor = {{0}};
    const tjob_list_query all = {0};
    fill_large(&store);
    ck_assert_int_eq(tjob_memory_store_init(&other, memory, sizeof memory, CAPACITY, NULL, NULL), TJOB_OK);
    const tjob_store_list list = tjob_memory_store_list(&store);
    const tjob_store_list empty = tjob_memory_store_list(&other);
    ck_assert_int_eq(list.list(list.context, NULL, &all, &cursor, jobs, TJOB_LIST_PAGE_MIN, &count), TJOB_LIST_MORE);
    const tjob_list_cursor page = cursor;
    ck_assert_int_eq(empty.list(empty.context, NULL, &all, &cursor, jobs, TJOB_LIST_PAGE_MIN, &count),
                     TJOB_LIST_INVALID);
    ck_assert_uint_eq(count, 0);
    cursor.words[0] = 0;
    ck_assert_int_eq(list.list(list.context, NULL, &all, &cursor, jobs, TJOB_LIST_PAGE_MIN, &count), TJOB_LIST_INVALID);
    cursor = page;
    cursor.words[1] = MANY + 1;
    ck_assert_int_eq(list.list(list.context, NULL, &all, &cursor, jobs, TJOB_LIST_PAGE_MIN, &count), TJOB_LIST_INVALID);
    cursor.words[1] = MANY;
    ck_assert_int_eq(list.list(list.context, NULL, &all, &cursor, jobs, TJOB_LIST_PAGE_MIN, &count), TJOB_LIST_END);
    cursor = (tjob_list_cursor){{0}};
    ck_assert_int_eq(empty.list(empty.context, NULL, &all, &cursor, jobs, TJOB_LIST_PAGE_MIN, &count), TJOB_LIST_END);
}
END_TEST

/* Neither a job in another state, nor a name whose job was removed. */
START_TEST(its_list_has_what_matches_alone)
{
    tjob_memory_store store;
    char name[TJOB_ARN_BYTES_MAX];
    tjob_listed_job jobs[TJOB_LIST_PAGE_MIN];
    uint32_t count;
    const tjob_job trained = sample_job(TJOB_TRAINED);
    const tjob_job submitted = sample_job(TJOB_SUBMITTED);
    const tjob_list_query query = {.states = TJOB_LIST_STATE(TJOB_TRAINED)};
    ck_assert_int_eq(tjob_memory_store_init(&store, memory, sizeof memory, CAPACITY, NULL, NULL), TJOB_OK);
    const tjob_store calls = tjob_memory_store_callbacks(&store);
    const tjob_store_list list = tjob_memory_store_list(&store);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(calls.swap(calls.context, NULL, name_of(name, i), 0, i == 1 ? &submitted : &trained),
                         TJOB_SWAP_OK);
    }
    tjob_job found;
    uint64_t version;
    ck_assert_int_eq(calls.load(calls.context, NULL, name_of(name, 2), &found, &version), TJOB_LOAD_OK);
    ck_assert_int_eq(calls.swap(calls.context, NULL, name_of(name, 2), version, NULL), TJOB_SWAP_OK);
    tjob_list_cursor cursor = {{0}};
    ck_assert_int_eq(list.list(list.context, NULL, &query, &cursor, jobs, TJOB_LIST_PAGE_MIN, &count), TJOB_LIST_END);
    ck_assert_uint_eq(count, 1);
    cursor = (tjob_list_cursor){{0}};
    const tjob_list_query all = {0};
    ck_assert_int_eq(list.list(list.context, NULL, &all, &cursor, jobs, TJOB_LIST_PAGE_MIN, &count), TJOB_LIST_END);
    ck_assert_uint_eq(count, 2);
}
END_TEST

RUN_TESTS("memory_store", {it_takes_only_memory_that_can_be, 0}, {it_begins_empty_over_any_bytes, 0},
          {each_call_takes_the_lock_once_and_gives_it_back, 0}, {what_is_there_is_found_however_entries_collide, 64},
          {a_page_of_its_list_covers_a_bounded_number_of_slots, 0}, {a_cursor_of_another_store_is_invalid, 0},
          {its_list_has_what_matches_alone, 0})
