/* A batch of successors, in just the memory that it asks for. */
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
    memset(memory, 0, bytes);
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
    memset(state, (int)(number & 0xff), successors->state_bytes);
}

static bool is_step_to(const tjob_step *step, uint32_t number)
{
    const tjob_step wanted = step_to(number);
    return step->label == wanted.label && step->observation.exercised == wanted.observation.exercised &&
           step->observation.violated == wanted.observation.violated && step->progress == wanted.progress;
}

static uint32_t wanted;

static void adds_as_many_as_wanted(void *context, const unsigned char *state, tjob_successors *successors)
{
    (void)context, (void)state;
    for (uint32_t i = 0; i < wanted; i++) {
        add(successors, successors->count);
    }
}

static const tjob_model model = {.next = adds_as_many_as_wanted};

/* As many as there may be, beside each other: whatever a state's size, none lies over another or behind the end. */
START_TEST(as_many_fit_as_there_may_be)
{
    static const unsigned char state[TJOB_EXPLORER_STATE_BYTES_MAX];
    const uint32_t state_bytes = (uint32_t)_i + 1;
    open_batch(state_bytes);
    wanted = BATCH_FULL - 1;
    ck_assert(tjob__batch_expand(&batch, &model, state));
    wanted = TJOB_EXPLORER_SUCCESSORS_MAX;
    ck_assert(tjob__batch_expand(&batch, &model, state));
    const uint32_t count = BATCH_FULL - 1 + TJOB_EXPLORER_SUCCESSORS_MAX;
    ck_assert_uint_eq(batch.successors.count, count);
    for (uint32_t i = 0; i < count; i++) {
        batch.slots[i] = i;
    }
    for (uint32_t i = 0; i < count; i++) {
        EXPECT(batch_state(&batch, i)[0] == (i & 0xff) && batch_state(&batch, i)[state_bytes - 1] == (i & 0xff));
        EXPECT(is_step_to(&batch.successors.steps[i], i));
        EXPECT(batch.slots[i] == i);
    }
    /* One more is reported, and none of its batch remains. */
    batch_clear(&batch);
    wanted = BATCH_FULL - 1;
    ck_assert(tjob__batch_expand(&batch, &model, state));
    wanted = TJOB_EXPLORER_SUCCESSORS_MAX + 1;
    ck_assert(!tjob__batch_expand(&batch, &model, state));
    ck_assert_uint_eq(batch.successors.count, BATCH_FULL - 1);
    for (uint32_t i = 0; i < batch.successors.count; i++) {
        EXPECT(batch_state(&batch, i)[0] == (i & 0xff) && is_step_to(&batch.successors.steps[i], i));
    }
    wanted = 1;
    ck_assert(tjob__batch_expand(&batch, &model, state));
    ck_assert_uint_eq(batch.successors.count, BATCH_FULL);
    free(memory);
}
END_TEST

/* A model that cannot report what comes after a state, though it has begun to. */
static void gives_up(void *context, const unsigned char *state, tjob_successors *successors)
{
    adds_as_many_as_wanted(context, state, successors);
    tjob_successors_fail(successors);
}

START_TEST(a_model_may_fail)
{
    static const unsigned char state[STATE_BYTES];
    const tjob_model failing = {.next = gives_up};
    open_batch(STATE_BYTES);
    wanted = 3;
    ck_assert(!tjob__batch_expand(&batch, &failing, state));
    ck_assert_uint_eq(batch.successors.count, 0);
    ck_assert(tjob__batch_expand(&batch, &model, state));
    ck_assert_uint_eq(batch.successors.count, 3);
    free(memory);
}
END_TEST

/* Only what is there is made the one that stands for its like, and looked for. */
static void turns_to_zero(void *context, unsigned char *state)
{
    (void)context;
    memset(state, 0, STATE_BYTES);
}

START_TEST(only_what_is_new_is_located)
{
    static uint64_t words[8 * STATE_WORDS_MAX];
    static const unsigned char zero[STATE_BYTES];
    struct state_table table;
    const tjob_model like = {.next = adds_as_many_as_wanted, .canonicalize = turns_to_zero};
    tjob__state_table_init(&table, STATE_BYTES, words, 8, NULL);
    open_batch(STATE_BYTES);
    wanted = 6;
    ck_assert(tjob__batch_expand(&batch, &like, zero));
    batch.successors.count = 5;
    tjob__batch_locate(&batch, &like, &table, 2);
    for (uint32_t i = 0; i < 6; i++) {
        const bool located = i >= 2 && i < 5;
        ck_assert_int_eq(batch_state(&batch, i)[0], located ? 0 : (int)i);
    }
    free(memory);
}
END_TEST

RUN_TESTS("batch", {as_many_fit_as_there_may_be, TJOB_EXPLORER_STATE_BYTES_MAX}, {a_model_may_fail, 0},
          {only_what_is_new_is_located, 0})
