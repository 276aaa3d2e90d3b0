#include "verify/explorer/batch.h"

#include <string.h>

static size_t batch_round_up(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static size_t bytes_of_states(uint32_t state_bytes)
{
    return batch_round_up(batch_room(state_bytes) * (size_t)state_slot_bytes(state_bytes));
}

static size_t bytes_of_steps(uint32_t state_bytes)
{
    return batch_round_up(batch_room(state_bytes) * sizeof(tjob_step));
}

static size_t bytes_of_slots(uint32_t state_bytes)
{
    return batch_round_up(batch_room(state_bytes) * sizeof(uint32_t));
}

size_t tjob__batch_bytes(uint32_t state_bytes)
{
    return bytes_of_states(state_bytes) + bytes_of_steps(state_bytes) + bytes_of_slots(state_bytes) +
           2 * batch_round_up(state_slot_bytes(state_bytes));
}

void tjob__batch_init(struct batch *batch, uint32_t state_bytes, unsigned char *memory)
{
    unsigned char *steps = memory + bytes_of_states(state_bytes);
    unsigned char *slots = steps + bytes_of_steps(state_bytes);
    unsigned char *source = slots + bytes_of_slots(state_bytes);
    *batch = (struct batch){
        .successors = {.states = memory,
                       .steps = (tjob_step *)(void *)steps,
                       .state_bytes = state_bytes,
                       .limit = batch_room(state_bytes)},
        .slots = (uint32_t *)(void *)slots,
        .source = source,
        .successor = source + batch_round_up(state_slot_bytes(state_bytes)),
    };
}

/* Zeroes a slot of whole words. For the few words that most states take, a call of memset costs more than that. */
static void batch_zero(unsigned char *slot, size_t bytes)
{
    enum { WORD = sizeof(uint64_t), FEW = STATE_WORDS_FEW * WORD };
    uint64_t *words = (uint64_t *)(void *)slot;
    words[0] = 0;
    if (bytes > WORD) {
        words[1] = 0;
    }
    if (bytes > (size_t)2 * WORD) {
        words[2] = 0;
    }
    if (bytes > (size_t)3 * WORD) {
        words[3] = 0;
    }
    if (bytes > FEW) {
        memset(slot + FEW, 0, bytes - FEW);
    }
}

unsigned char *tjob_successors_add(tjob_successors *successors, const tjob_step *step)
{
    if (successors->count == successors->limit) {
        successors->flush(successors->context);
    }
    const size_t stride = state_slot_bytes(successors->state_bytes);
    unsigned char *state = successors->states + successors->count * stride;
    batch_zero(state, stride);
    /* Copied field by field, as the caller has just written the fields: a load across several of these stores would
     * stall until they complete. */
    tjob_step *place = &successors->steps[successors->count];
    place->label = step->label;
    place->observation.exercised = step->observation.exercised;
    place->observation.violated = step->observation.violated;
    place->progress = step->progress;
    successors->count++;
    return state;
}

void tjob_successors_fail(tjob_successors *successors)
{
    successors->failed = true;
}

bool tjob__batch_expand(struct batch *batch, const tjob_model *model, const unsigned char *state,
                        void (*flush)(void *context), void *context)
{
    tjob_successors *successors = &batch->successors;
    batch->first = successors->count;
    successors->failed = false;
    successors->flush = flush;
    successors->context = context;
    if (state == NULL) {
        model->begin(model->context, successors);
    } else {
        model->next(model->context, state, successors);
    }
    return !successors->failed;
}

ALWAYS_INLINE void locate_words(struct batch *batch, const tjob_model *model, const struct state_table *table,
                                uint32_t words)
{
    for (uint32_t i = batch->first; i < batch->successors.count; i++) {
        uint64_t *key = (uint64_t *)(void *)batch->successors.states + (size_t)i * words;
        if (model->canonicalize != NULL) {
            model->canonicalize(model->context, (unsigned char *)key);
        }
        state_table_pack_words(table, words, (const unsigned char *)key, key);
        batch->slots[i] = state_table_home_words(table, words, key);
        state_table_prefetch_words(table, words, batch->slots[i]);
    }
}

void tjob__batch_locate(struct batch *batch, const tjob_model *model, const struct state_table *table)
{
    switch (table->slot_words) {
    case 1:
        locate_words(batch, model, table, 1);
        break;
    case 2:
        locate_words(batch, model, table, 2);
        break;
    case 3:
        locate_words(batch, model, table, 3);
        break;
    case STATE_WORDS_FEW:
        locate_words(batch, model, table, STATE_WORDS_FEW);
        break;
    default:
        locate_words(batch, model, table, table->slot_words);
    }
}
