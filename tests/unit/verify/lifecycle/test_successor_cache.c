/* Moves by their keys, in just the memory that they ask for. */
#include "verify/lifecycle/successor_cache.h"

#include <stdlib.h>
#include <string.h>

#include "support/suite.h"

enum { SLOTS = 64, KEPT = SLOTS / 4 * 3 };

static struct successor_table table;
static void *memory;

static void open_table(void)
{
    const size_t bytes = (size_t)tjob__successor_cache_bytes(SLOTS);
    memory = malloc(bytes);
    ck_assert_ptr_nonnull(memory);
    memset(memory, 0xff, bytes);
    tjob__successor_cache_init(&table, memory, SLOTS);
}

/* `count` moves that bear the key. */
static const struct successor *successors_of(uint64_t key, uint32_t count)
{
    static struct successor successors[SLOTS * SUCCESSORS_PER_SLOT + 1];
    memset(successors, 0, sizeof successors);
    for (uint32_t i = 0; i < count; i++) {
        successors[i].label = key * 1000 + i;
    }
    return successors;
}

static void ck_found(uint64_t key, uint32_t count)
{
    const struct successor_list list = tjob__successor_cache_find(&table, key);
    ck_assert(list.found);
    ck_assert_uint_eq(list.count, count);
    ck_assert_mem_eq(list.successors, successors_of(key, count), count * sizeof *list.successors);
}

/* Each key finds its own, were it none; three slots in four are filled, and what was kept stays. */
START_TEST(each_key_finds_its_moves)
{
    open_table();
    for (uint64_t key = 1; key <= KEPT; key++) {
        const uint32_t count = (uint32_t)(key % 5);
        ck_assert(!tjob__successor_cache_find(&table, key).found);
        ck_assert(tjob__successor_cache_keep(&table, key, successors_of(key, count), count));
        ck_assert_uint_eq(table.lock, 0);
    }
    ck_assert(!tjob__successor_cache_keep(&table, KEPT + 1, successors_of(KEPT + 1, 0), 0));
    ck_assert(!tjob__successor_cache_find(&table, KEPT + 1).found);
    for (uint64_t key = 1; key <= KEPT; key++) {
        ck_found(key, (uint32_t)(key % 5));
    }
    free(memory);
}
END_TEST

/* Moves fill all the room that there is for them, and no more. */
START_TEST(moves_fill_their_room)
{
    const uint32_t most = SLOTS * SUCCESSORS_PER_SLOT;
    open_table();
    ck_assert(!tjob__successor_cache_keep(&table, 7, successors_of(7, most + 1), most + 1));
    ck_assert(tjob__successor_cache_keep(&table, 7, successors_of(7, most - 2), most - 2));
    ck_assert(!tjob__successor_cache_keep(&table, 8, successors_of(8, 3), 3));
    ck_assert(tjob__successor_cache_keep(&table, 9, successors_of(9, 2), 2));
    ck_assert(!tjob__successor_cache_keep(&table, 10, successors_of(10, 1), 1));
    ck_found(7, most - 2);
    ck_found(9, 2);
    ck_assert(!tjob__successor_cache_find(&table, 8).found);
    free(memory);
}
END_TEST

/* Who has been slower with the same key changes nothing. */
START_TEST(a_key_is_kept_once)
{
    open_table();
    ck_assert(tjob__successor_cache_keep(&table, 7, successors_of(7, 2), 2));
    ck_assert(tjob__successor_cache_keep(&table, 7, successors_of(7, 3), 3));
    ck_found(7, 2);
    ck_assert_uint_eq(table.count, 2);
    free(memory);
}
END_TEST

RUN_TESTS("moves", {each_key_finds_its_moves, 0}, {moves_fill_their_room, 0}, {a_key_is_kept_once, 0})
