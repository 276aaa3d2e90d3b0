/* A batch of successors, in just the memory that it asks for, and what is flushed out of it. */
#include "verify/explorer/batch.h"

#include <stdlib.h>
#include <string.h>

#include "support/suite.h"

enum { STATE_BYTES = 15 };

static struct batch batch;
static unsigned char *memory;

static void open_batch(uint32_t state_bytes)
{
    const size_t bytes = tjob__batch_bytes(state_bytes);
    ck_assert_uint_eq(bytes % 64, 0);
    memory = aligned_alloc(64, bytes);
    ck_assert_ptr_nonnull(memory);
    memset(memory, 0xee, bytes);
    tjob__batch_init(&batch, state_bytes, memory);
}

/* What leads to a successor with a number; the number stands in every byte of the successor, too. */
static tjob_step step_to(uint32_t number)
{
    return (tjob_step){number, {number + 1, number + 2}, number % 2 != 0};
}

static void add(tjob_successors *successors, uint32_t number)
{
    const tjob_step step = step_to(number);
    unsigned char *state = tjob_successors_add(successors, &step);
    for (uint32_t i = 0; i < state_slot_bytes(successors->state_bytes); i++) {
        EXPECT(state[i] == 0);
    }
    memset(state, (int)(number & 0xff), successors->state_bytes);
}

static bool is_step_to(const tjob_step *step, uint32_t number)
{
    const tjob_step wanted = step_to(number);
    return step->label == wanted.label && step->observation.exercised == wanted.observation.exercised &&
           step->observation.violated == wanted.observation.violated && step->progress == wanted.progress;
}

/* Adds that many successors, numbered from 0. */
static uint32_t wanted;

static void adds_as_many_as_wanted(void *context, const unsigned char *state, tjob_successors *successors)
{
    (void)context, (void)state;
    for (uint32_t i = 0; i < wanted; i++) {
        add(successors, i);
    }
}

static const tjob_model model = {.next = adds_as_many_as_wanted};

/* What has been flushed so far, or is there at the end: each successor follows upon the one before it. */
struct seen {
    uint32_t successors;
    uint32_t flushes;
};

static void look(void *context)
{
    struct seen *seen = context;
    const uint32_t state_bytes = batch.successors.state_bytes;
    EXPECT(batch.first == 0);
    for (uint32_t i = 0; i < batch.successors.count; i++) {
        batch.slots[i] = i;
    }
    memset(batch.source, 0xa1, state_slot_bytes(state_bytes));
    memset(batch.successor, 0xa2, state_slot_bytes(state_bytes));
    for (uint32_t i = 0; i < batch.successors.count; i++, seen->successors++) {
        EXPECT(batch_state(&batch, i)[0] == (seen->successors & 0xff));
        EXPECT(batch_state(&batch, i)[state_bytes - 1] == (seen->successors & 0xff));
        EXPECT(is_step_to(&batch.successors.steps[i], seen->successors));
        EXPECT(batch.slots[i] == i);
    }
    EXPECT(batch.source[0] == 0xa1 && batch.source[state_slot_bytes(state_bytes) - 1] == 0xa1);
    EXPECT(batch.successor[0] == 0xa2 && batch.successor[state_slot_bytes(state_bytes) - 1] == 0xa2);
    seen->flushes++;
    batch_clear(&batch);
}

static const uint32_t sizes[] = {
    1, 7, 8, 15, 23, 31, 32, 63, 64, 504, 511, 512, 1024, 4095, TJOB_EXPLORER_STATE_BYTES_MAX};

enum { SIZES = sizeof sizes / sizeof sizes[0] };

/* As many as a model likes, beside each other: whatever a state's size, none lies over another or behind the end. */
START_TEST(there_may_be_any_number_of_successors)
{
    static const unsigned char state[TJOB_EXPLORER_STATE_BYTES_MAX];
    const uint32_t room = batch_room(sizes[_i]);
    const uint32_t numbers[] = {0, 1, room - 1, room, room + 1, 2 * room, 2 * room + 1, 10000};
    for (uint32_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct seen seen = {.flushes = 0};
        open_batch(sizes[_i]);
        wanted = numbers[i];
        ck_assert(tjob__batch_expand(&batch, &model, state, look, &seen));
        ck_assert_uint_eq(seen.flushes, wanted == 0 ? 0 : (wanted - 1) / room);
        ck_assert_uint_eq(batch.successors.count, wanted - seen.successors);
        look(&seen);
        ck_assert_uint_eq(seen.successors, wanted);
        free(memory);
    }
}
END_TEST

/* It has room for as many as make it full, and for as many again. */
START_TEST(a_batch_is_full_by_number_or_by_bytes)
{
    ck_assert_uint_eq(batch_full(1), BATCH_FULL_MAX);
    ck_assert_uint_eq(batch_full(BATCH_FULL_BYTES / BATCH_FULL_MAX - 1), BATCH_FULL_MAX);
    ck_assert_uint_eq(batch_full(BATCH_FULL_BYTES / BATCH_FULL_MAX), BATCH_FULL_MAX - 1);
    ck_assert_uint_eq(batch_full(TJOB_EXPLORER_STATE_BYTES_MAX), 7);
    static const unsigned char state[TJOB_EXPLORER_STATE_BYTES_MAX];
    struct seen seen = {.flushes = 0};
    open_batch(sizes[_i]);
    wanted = 1;
    for (uint32_t i = 1; i <= batch_full(sizes[_i]); i++) {
        ck_assert(!batch_is_full(&batch));
        ck_assert(tjob__batch_expand(&batch, &model, state, look, &seen));
        ck_assert_uint_eq(batch.first, i - 1);
    }
    ck_assert(batch_is_full(&batch));
    ck_assert_uint_eq(seen.flushes, 0);
    batch_clear(&batch);
    ck_assert(!batch_is_full(&batch));
    ck_assert_uint_eq(batch.first, 0);
    free(memory);
}
END_TEST

/* A model that cannot report all that comes after a state: what it has added stays, and the next one may succeed. */
static void gives_up(void *context, const unsigned char *state, tjob_successors *successors)
{
    adds_as_many_as_wanted(context, state, successors);
    tjob_successors_fail(successors);
}

START_TEST(a_model_may_fail)
{
    static const unsigned char state[STATE_BYTES];
    const tjob_model failing = {.next = gives_up};
    struct seen seen = {.flushes = 0};
    open_batch(STATE_BYTES);
    wanted = 3;
    ck_assert(!tjob__batch_expand(&batch, &failing, state, look, &seen));
    ck_assert_uint_eq(batch.successors.count, 3);
    look(&seen);
    ck_assert(tjob__batch_expand(&batch, &model, state, look, &seen));
    ck_assert_uint_eq(batch.successors.count, 3);
    wanted = BATCH_ROOM_MAX + 1;
    batch_clear(&batch);
    seen.successors = 0;
    ck_assert(!tjob__batch_expand(&batch, &failing, state, look, &seen));
    ck_assert_uint_eq(batch.successors.count, 1);
    free(memory);
}
END_TEST

/* Only what is there is made the one that stands for its like, and looked for. */
static void turns_to_ones(void *context, unsigned char *state)
{
    (void)context;
    memset(state, 1, STATE_BYTES);
}

START_TEST(only_what_is_new_is_located)
{
    static uint64_t words[8 * 2];
    static _Alignas(8) const unsigned char zero[STATE_BYTES + 1];
    static _Alignas(8) unsigned char ones[STATE_BYTES + 1];
    uint64_t key[2];
    struct state_table table;
    struct seen seen = {.flushes = 0};
    const tjob_model like = {.next = adds_as_many_as_wanted, .canonicalize = turns_to_ones};
    tjob__state_table_init(&table, STATE_BYTES, words, 8, NULL);
    memset(ones, 1, STATE_BYTES);
    state_table_pack(&table, ones, key);
    open_batch(STATE_BYTES);
    wanted = 2;
    ck_assert(tjob__batch_expand(&batch, &model, zero, look, &seen));
    wanted = 3;
    ck_assert(tjob__batch_expand(&batch, &model, zero, look, &seen));
    tjob__batch_locate(&batch, &like, &table);
    for (uint32_t i = 0; i < 5; i++) {
        if (i < 2) {
            ck_assert_int_eq(batch_state(&batch, i)[0], (int)i);
            ck_assert_uint_eq(batch.slots[i], 0xeeeeeeee);
        } else {
            ck_assert(memcmp(batch_key(&batch, i), key, sizeof key) == 0);
            ck_assert_uint_eq(batch.slots[i], state_table_home(&table, key));
        }
    }
    free(memory);
}
END_TEST

RUN_TESTS("batch", {there_may_be_any_number_of_successors, SIZES}, {a_batch_is_full_by_number_or_by_bytes, SIZES},
          {a_model_may_fail, 0}, {only_what_is_new_is_located, 0})
