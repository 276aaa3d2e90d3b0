/* The table of states, and the barrier. */
#include "verify/explorer/state_table.h"

#include <string.h>

#include "support/suite.h"
#include "verify/explorer/barrier.h"

enum { SLOTS = 31, STATES = 24, WORDS = TJOB_EXPLORER_STATE_BYTES_MAX / 8 + 1 };

static uint64_t words[SLOTS * WORDS];
static struct state_table table;

/* A table that held something else before. */
static void open_table(uint32_t state_bytes, uint32_t slots)
{
    memset(words, 0xff, sizeof words);
    tjob__state_table_init(&table, state_bytes, words, slots, NULL);
    for (uint32_t part = 0; part < 3; part++) {
        tjob__state_table_clear(&table, part, 3);
    }
}

/* State `number` differs from the others in the byte at `place` only; behind it there is what does not belong to it. */
static const unsigned char *state_of(uint32_t state_bytes, uint32_t place, uint32_t number)
{
    static _Alignas(8) unsigned char state[WORDS * 8];
    memset(state, (int)number, sizeof state);
    memset(state, 0, state_bytes);
    state[place] = (unsigned char)number;
    return state;
}

static enum state_presence put(const unsigned char *state, bool may_add, uint32_t *slot)
{
    static uint64_t key[WORDS];
    state_table_pack(&table, state, key);
    *slot = state_table_home(&table, key);
    ck_assert_uint_lt(*slot, table.slot_count);
    return tjob__state_table_put(&table, key, may_add, slot);
}

static uint32_t find(const unsigned char *state)
{
    static uint64_t key[WORDS];
    state_table_pack(&table, state, key);
    return tjob__state_table_find(&table, key, state_table_home(&table, key));
}

/* For each size of a state, and each byte in which states may differ. */
static void put_states(uint32_t state_bytes, uint32_t place)
{
    open_table(state_bytes, SLOTS);
    for (uint32_t number = 0; number < STATES; number++) {
        uint32_t slot;
        EXPECT(put(state_of(state_bytes, place, number), false, &slot) == STATE_IS_ABSENT);
        EXPECT(find(state_of(state_bytes, place, number)) == STATE_NO_SLOT);
        EXPECT(put(state_of(state_bytes, place, number), true, &slot) == STATE_IS_NEW);
        state_table_set(&table, slot, STATE_LIVELY | STATE_MARKS);
    }
    for (uint32_t number = 0; number < STATES; number++) {
        static _Alignas(8) unsigned char state[WORDS * 8];
        uint32_t slot;
        EXPECT(put(state_of(state_bytes, place, number), true, &slot) == STATE_IS_THERE);
        EXPECT(find(state_of(state_bytes, place, number)) == slot);
        tjob__state_table_unpack(&table, state_table_slot(&table, slot), state);
        EXPECT(memcmp(state, state_of(state_bytes, place, number), state_bytes) == 0);
        EXPECT(state_table_flags(&table, slot) == (STATE_USED | STATE_LIVELY | STATE_MARKS));
        state_table_unset(&table, slot, STATE_MARKS);
        EXPECT(state_table_flags(&table, slot) == (STATE_USED | STATE_LIVELY));
    }
}

enum { SMALL = 72 };

START_TEST(each_byte_of_a_state_counts_and_none_behind_it)
{
    const uint32_t state_bytes = (uint32_t)_i + 1;
    for (uint32_t place = 0; place < state_bytes; place++) {
        put_states(state_bytes, place);
    }
}
END_TEST

START_TEST(so_does_each_byte_of_a_large_state)
{
    static const uint32_t sizes[] = {1023, 1024, 1025, 4094, 4095, TJOB_EXPLORER_STATE_BYTES_MAX};
    for (uint32_t place = (uint32_t)_i; place < sizes[_i]; place += place < 16 || place + 80 > sizes[_i] ? 1 : 257) {
        put_states(sizes[_i], place);
    }
}
END_TEST

/* A key may take the place of its state, and what is packed is unpacked again. */
START_TEST(a_key_may_be_where_its_state_is)
{
    for (uint32_t state_bytes = 1; state_bytes <= SMALL; state_bytes++) {
        uint64_t key[SMALL / 8 + 1];
        uint64_t place[SMALL / 8 + 1];
        _Alignas(8) unsigned char state[SMALL + 8];
        open_table(state_bytes, 1);
        memset(state, 0xee, sizeof state);
        for (uint32_t i = 0; i < state_bytes; i++) {
            state[i] = (unsigned char)(i + 1);
        }
        state_table_pack(&table, state, key);
        memcpy(place, state, state_slot_bytes(state_bytes));
        state_table_pack(&table, (const unsigned char *)place, place);
        EXPECT(memcmp(key, place, state_slot_bytes(state_bytes)) == 0);
        memset(state, 0xee, sizeof state);
        tjob__state_table_unpack(&table, key, state);
        for (uint32_t i = 0; i < state_bytes; i++) {
            EXPECT(state[i] == i + 1);
        }
    }
}
END_TEST

START_TEST(a_full_table_says_so)
{
    uint32_t slot;
    open_table(3, SLOTS);
    for (uint32_t number = 0; number < SLOTS; number++) {
        ck_assert_int_eq(put(state_of(3, 1, number), true, &slot), STATE_IS_NEW);
    }
    ck_assert_int_eq(put(state_of(3, 1, SLOTS), true, &slot), STATE_IS_ABSENT);
    ck_assert_int_eq(put(state_of(3, 1, SLOTS - 1), true, &slot), STATE_IS_THERE);
}
END_TEST

START_TEST(a_slot_is_as_large_as_a_state_and_a_byte_in_whole_words)
{
    for (uint32_t bytes = 1; bytes <= TJOB_EXPLORER_STATE_BYTES_MAX; bytes++) {
        ck_assert_uint_eq(state_slot_bytes(bytes) % 8, 0);
        ck_assert_uint_gt(state_slot_bytes(bytes), bytes);
        ck_assert_uint_le(state_slot_bytes(bytes), bytes + 8);
    }
}
END_TEST

/* States that differ in a few low bits, as those of models do, are spread: no home has many of them. */
START_TEST(homes_are_spread)
{
    static uint32_t homes[4096];
    memset(homes, 0, sizeof homes);
    tjob__state_table_init(&table, 15, words, 4096, NULL);
    for (uint32_t number = 0; number < 4096; number++) {
        uint64_t key[2];
        _Alignas(8) unsigned char state[16] = {0};
        state[_i % 15] = (unsigned char)(number & 15);
        state[(_i + 4) % 15] = (unsigned char)(number >> 4 & 15);
        state[(_i + 9) % 15] = (unsigned char)(number >> 8);
        state_table_pack(&table, state, key);
        homes[state_table_home(&table, key)]++;
    }
    for (uint32_t home = 0; home < 4096; home++) {
        EXPECT(homes[home] <= 10);
    }
}
END_TEST

/* ---- A state that another thread is putting there -------------------------------------------------------------- */

static uint64_t *busy;
static uint32_t waits;

static void finish_writing(void)
{
    if (++waits == 3) {
        __atomic_store_n(busy, (*busy & ~(uint64_t)STATE_BUSY) | STATE_USED, __ATOMIC_RELEASE);
    }
}

START_TEST(who_meets_a_state_that_is_being_written_waits)
{
    uint32_t slot;
    open_table(15, SLOTS);
    ck_assert_int_eq(put(state_of(15, 9, 7), true, &slot), STATE_IS_NEW);
    busy = state_table_slot(&table, slot);
    *busy = (*busy & ~(uint64_t)STATE_USED) | STATE_BUSY;
    waits = 0;
    table.wait = finish_writing;
    ck_assert_int_eq(put(state_of(15, 9, 7), true, &slot), STATE_IS_THERE);
    ck_assert_uint_eq(waits, 3);
}
END_TEST

START_TEST(who_meets_another_state_that_is_being_written_does_not)
{
    uint32_t slot;
    uint32_t other;
    open_table(15, 1);
    ck_assert_int_eq(put(state_of(15, 0, 7), true, &slot), STATE_IS_NEW);
    busy = state_table_slot(&table, slot);
    *busy = (*busy & ~(uint64_t)STATE_USED) | STATE_BUSY;
    ck_assert_int_eq(put(state_of(15, 0, 8), true, &other), STATE_IS_ABSENT);
}
END_TEST

/* ---- The barrier ------------------------------------------------------------------------------------------------ */

static struct barrier barrier;

static void count(void *context)
{
    ++*(uint32_t *)context;
}

/* The other thread arrives while this one waits. */
static void let_the_other_arrive(void)
{
    static uint32_t done;
    if (++waits == 5) {
        tjob__barrier_meet(&barrier, count, &done);
    }
}

START_TEST(the_last_to_arrive_acts_alone_and_the_others_wait)
{
    uint32_t alone = 0;
    barrier = (struct barrier){.threads = 2, .wait = let_the_other_arrive};
    waits = 0;
    tjob__barrier_meet(&barrier, count, &alone);
    ck_assert_uint_eq(alone, 0);
    ck_assert_uint_eq(waits, 5);
    barrier = (struct barrier){.threads = 1, .wait = let_the_other_arrive};
    for (uint32_t i = 1; i < 4; i++) {
        tjob__barrier_meet(&barrier, count, &alone);
        ck_assert_uint_eq(alone, i);
    }
    ck_assert_uint_eq(waits, 5);
}
END_TEST

RUN_TESTS("state_table", {each_byte_of_a_state_counts_and_none_behind_it, SMALL},
          {so_does_each_byte_of_a_large_state, 6}, {a_key_may_be_where_its_state_is, 0}, {a_full_table_says_so, 0},
          {a_slot_is_as_large_as_a_state_and_a_byte_in_whole_words, 0}, {homes_are_spread, 15},
          {who_meets_a_state_that_is_being_written_waits, 0},
          {who_meets_another_state_that_is_being_written_does_not, 0},
          {the_last_to_arrive_acts_alone_and_the_others_wait, 0})
