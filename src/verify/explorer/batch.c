#include "verify/explorer/batch.h"

#include <string.h>

static size_t batch_round_up(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static size_t bytes_of_states(uint32_t state_bytes)
{
    return batch_round_up(BATCH_ROOM * (size_t)state_slot_bytes(state_bytes));
}

static size_t bytes_of_steps(void)
{
    return batch_round_up(BATCH_ROOM * sizeof(tjob_step));
}

size_t tjob__batch_bytes(uint32_t state_bytes)
{
    return bytes_of_states(state_bytes) + bytes_of_steps() + batch_round_up(BATCH_ROOM * sizeof(uint32_t));
}

void tjob__batch_init(struct batch *batch, uint32_t state_bytes, unsigned char *memory)
{
    unsigned char *steps = memory + bytes_of_states(state_bytes);
    *batch = (struct batch){
        .successors = {.states = memory, .steps = (tjob_step *)(void *)steps, .state_bytes = state_bytes},
        .slots = (uint32_t *)(void *)(steps + bytes_of_steps()),
    };
}

unsigned char *tjob_successors_add(tjob_successors *successors, const tjob_step *step)
{
    const size_t stride = state_slot_bytes(successors->state_bytes);
    unsigned char *state = successors->states + successors->count * stride;
    memset(state, 0, stride);
    if (successors->count == successors->limit) {
        successors->failed = true;
        return state;
    }
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

bool tjob__batch_expand(struct batch *batch, const tjob_model *model, const unsigned char *state)
{
    tjob_successors *successors = &batch->successors;
    const uint32_t before = successors->count;
    successors->limit = before + TJOB_EXPLORER_SUCCESSORS_MAX;
    successors->failed = false;
    if (state == NULL) {
        model->begin(model->context, successors);
    } else {
        model->next(model->context, state, successors);
    }
    if (successors->failed) {
        successors->count = before;
    }
    return !successors->failed;
}

void tjob__batch_locate(struct batch *batch, const tjob_model *model, const struct state_table *table, uint32_t first)
{
    for (uint32_t i = first; i < batch->successors.count; i++) {
        unsigned char *state = batch_state(batch, i);
        if (model->canonicalize != NULL) {
            model->canonicalize(model->context, state);
        }
        struct state_key key;
        state_table_pack(table, state, &key);
        batch->slots[i] = state_table_home(table, &key);
        state_table_prefetch(table, batch->slots[i]);
    }
}
