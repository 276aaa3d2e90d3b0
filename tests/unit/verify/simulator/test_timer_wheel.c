/* The event queue of the simulator against a sorted list. */
#include "verify/simulator/timer_wheel.h"

#include <stdlib.h>

#include "support/random.h"
#include "support/suite.h"

enum { ENTRIES = 2000 };

/* What is due, in the order in which it was added. */
struct list {
    struct wheel_entry entries[ENTRIES];
    size_t count;
};

/* Takes the first of those that are due soonest. */
static struct wheel_entry take_first(struct list *list)
{
    size_t first = 0;
    for (size_t i = 1; i < list->count; i++) {
        first = list->entries[i].due < list->entries[first].due ? i : first;
    }
    const struct wheel_entry entry = list->entries[first];
    for (size_t i = first; i + 1 < list->count; i++) {
        list->entries[i] = list->entries[i + 1];
    }
    list->count--;
    return entry;
}

static struct wheel_chunk *chunks_for(uint32_t entries)
{
    struct wheel_chunk *chunks = malloc(tjob__wheel_chunks(entries) * sizeof *chunks);
    ck_assert_ptr_nonnull(chunks);
    return chunks;
}

/* Delays of all magnitudes: as likely to be below 2 as to be above 2^20. */
static uint32_t delay(uint64_t *random, uint32_t magnitudes)
{
    const uint32_t magnitude = (uint32_t)(next_random(random) % magnitudes);
    return 1 + (uint32_t)(next_random(random) % (UINT64_C(1) << magnitude));
}

static void add(struct timer_wheel *wheel, struct list *list, uint64_t *random, uint32_t magnitudes, uint32_t item)
{
    const uint32_t due = wheel->now + delay(random, magnitudes);
    if (due > wheel->now && list->count < ENTRIES) {
        EXPECT(tjob__wheel_add(wheel, due, item));
        list->entries[list->count++] = (struct wheel_entry){due, item};
    }
}

START_TEST(what_is_due_comes_in_the_order_of_a_sorted_list)
{
    uint64_t random = (uint64_t)_i;
    const uint32_t magnitudes = 1 + (uint32_t)_i % 31;
    struct wheel_chunk *chunks = chunks_for(ENTRIES);
    struct list *list = calloc(1, sizeof *list);
    struct timer_wheel wheel;
    uint32_t item = 0;
    tjob__wheel_init(&wheel, chunks, ENTRIES);
    ck_assert_ptr_nonnull(list);
    for (int i = 0; i < 100; i++) {
        add(&wheel, list, &random, magnitudes, item++);
    }
    for (int turn = 0; turn < 3000 && tjob__wheel_advance(&wheel, UINT32_MAX); turn++) {
        const struct wheel_chunk *chunk;
        while ((chunk = tjob__wheel_take(&wheel)) != NULL) {
            for (uint32_t i = 0; i < chunk->count; i++) {
                const struct wheel_entry expected = take_first(list);
                EXPECT(chunk->entries[i].due == wheel.now);
                EXPECT(expected.due == wheel.now && expected.item == chunk->entries[i].item);
                for (uint64_t more = next_random(&random) % 3; more > 0; more--) {
                    add(&wheel, list, &random, magnitudes, item++);
                }
            }
            tjob__wheel_give_back(&wheel, chunk);
        }
    }
    ck_assert_uint_eq(wheel.count, list->count);
    ck_assert_uint_ge(wheel.most, wheel.count);
    free(list);
    free(chunks);
}
END_TEST

/* Time goes to the bound and no farther, and what is due at the bound is due. */
START_TEST(time_does_not_pass_its_bound)
{
    static const uint32_t dues[] = {1, 255, 256, 257, 65535, 65536, 1u << 24, (1u << 24) + 1, UINT32_MAX};
    struct wheel_chunk *chunks = chunks_for(1);
    for (size_t i = 0; i < sizeof dues / sizeof dues[0]; i++) {
        struct timer_wheel wheel;
        tjob__wheel_init(&wheel, chunks, 1);
        ck_assert(tjob__wheel_add(&wheel, dues[i], 7));
        ck_assert(!tjob__wheel_advance(&wheel, dues[i] - 1));
        ck_assert_uint_eq(wheel.now, dues[i] - 1);
        ck_assert(tjob__wheel_advance(&wheel, dues[i]));
        ck_assert_uint_eq(wheel.now, dues[i]);
        const struct wheel_chunk *chunk = tjob__wheel_take(&wheel);
        ck_assert_ptr_nonnull(chunk);
        ck_assert_uint_eq(chunk->entries[0].item, 7);
        tjob__wheel_give_back(&wheel, chunk);
        ck_assert_ptr_null(tjob__wheel_take(&wheel));
        ck_assert(!tjob__wheel_advance(&wheel, UINT32_MAX));
        ck_assert_uint_eq(wheel.now, UINT32_MAX);
        ck_assert(!tjob__wheel_advance(&wheel, 0)); /* nor does it go back */
        ck_assert_uint_eq(wheel.now, UINT32_MAX);
    }
    free(chunks);
}
END_TEST

/* As many as were asked for always fit, wherever they lie and however they scatter; one more does not. */
START_TEST(a_delay_ends_with_time)
{
    static const struct {
        uint32_t now;
        uint32_t delay;
        uint32_t due;
    } cases[] = {
        {0, 1, 1},
        {7, 0, 7},
        {0, UINT32_MAX, UINT32_MAX},
        {1, UINT32_MAX - 1, UINT32_MAX},
        {1, UINT32_MAX, UINT32_MAX},
        {UINT32_MAX - 1, 1, UINT32_MAX},
        {UINT32_MAX - 1, 2, UINT32_MAX},
        {5, UINT32_MAX - 6, UINT32_MAX - 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct timer_wheel at = {.now = cases[i].now};
        ck_assert_uint_eq(wheel_in(&at, cases[i].delay), cases[i].due);
    }
}
END_TEST

START_TEST(as_many_fit_as_it_was_made_for)
{
    struct wheel_chunk *chunks = chunks_for(ENTRIES);
    struct timer_wheel wheel;
    uint32_t taken = 0;
    tjob__wheel_init(&wheel, chunks, ENTRIES);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        ck_assert(tjob__wheel_add(&wheel, (1u << 24) + i * 8191u * (uint32_t)_i, i));
    }
    ck_assert(!tjob__wheel_add(&wheel, 1, 0));
    ck_assert_uint_eq(tjob__wheel_chunks(100 * WHEEL_CHUNK_ENTRIES) - tjob__wheel_chunks(0), 100);
    while (tjob__wheel_advance(&wheel, UINT32_MAX - 1)) {
        const struct wheel_chunk *chunk;
        while ((chunk = tjob__wheel_take(&wheel)) != NULL) {
            taken += chunk->count;
            tjob__wheel_give_back(&wheel, chunk);
        }
    }
    ck_assert_uint_eq(taken, ENTRIES);
    ck_assert_uint_le(wheel.used, tjob__wheel_chunks(ENTRIES));
    ck_assert(tjob__wheel_add(&wheel, UINT32_MAX, 0));
    ck_assert_uint_eq(wheel.count, 1);
    ck_assert_uint_eq(wheel.most, ENTRIES);
    free(chunks);
}
END_TEST

static void remember(const void *context, const struct wheel_chunk *chunk)
{
    uint32_t *known = *(uint32_t *const *)context;
    for (uint32_t i = 0; i < chunk->count; i++) {
        known[chunk->entries[i].item]++;
    }
}

/* What waits in a slot of the second wheel is reported once when its time comes near; what is near at once is not, nor
 * is what moves from a coarser wheel into the finest one. */
START_TEST(what_comes_near_is_reported)
{
    struct wheel_chunk *chunks = chunks_for(8);
    struct timer_wheel wheel;
    uint32_t known[5] = {0};
    uint32_t *const list = known;
    tjob__wheel_init(&wheel, chunks, 8);
    wheel.soon = remember;
    wheel.context = &list;
    ck_assert(tjob__wheel_add(&wheel, 255, 0));
    ck_assert(tjob__wheel_add(&wheel, 256, 1));
    ck_assert(tjob__wheel_add(&wheel, 511, 2));
    ck_assert(tjob__wheel_add(&wheel, 1u << 16, 3));
    ck_assert(tjob__wheel_add(&wheel, (1u << 16) + 256, 4));
    ck_assert(tjob__wheel_advance(&wheel, 255));
    ck_assert_uint_eq(known[0] + known[1] + known[2] + known[3] + known[4], 0);
    tjob__wheel_give_back(&wheel, tjob__wheel_take(&wheel));
    ck_assert(tjob__wheel_advance(&wheel, 256));
    ck_assert(known[1] == 1 && known[2] == 1 && known[3] == 0);
    tjob__wheel_give_back(&wheel, tjob__wheel_take(&wheel));
    ck_assert(tjob__wheel_advance(&wheel, 511));
    tjob__wheel_give_back(&wheel, tjob__wheel_take(&wheel));
    ck_assert(tjob__wheel_advance(&wheel, UINT32_MAX));
    ck_assert(known[1] == 1 && known[2] == 1 && known[3] == 0 && known[4] == 0);
    tjob__wheel_give_back(&wheel, tjob__wheel_take(&wheel));
    ck_assert(tjob__wheel_advance(&wheel, UINT32_MAX));
    ck_assert_uint_eq(known[4], 1);
    free(chunks);
}
END_TEST

RUN_TESTS("timer wheel", {what_is_due_comes_in_the_order_of_a_sorted_list, 31}, {time_does_not_pass_its_bound, 0},
          {a_delay_ends_with_time, 0}, {as_many_fit_as_it_was_made_for, 4}, {what_comes_near_is_reported, 0})
