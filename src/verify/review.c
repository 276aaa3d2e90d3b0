#include "verify/review.h"

void tjob__review_add(struct review *review, uint32_t slot, unsigned note)
{
    _Alignas(8) unsigned char state[TJOB_EXPLORER_STATE_BYTES_MAX + 1];
    struct batch *batch = review->batch;
    const tjob_explorer *explorer = review->explorer;
    const uint32_t first = batch->successors.count;
    tjob__state_table_unpack(&explorer->table, slot, state);
    if (!tjob__batch_expand(batch, explorer->model, state)) {
        review->failed = true;
        return;
    }
    tjob__batch_locate(batch, explorer->model, &explorer->table, first);
    review->sources[review->count++] =
        (struct source){.slot = slot, .first = first, .end = batch->successors.count, .note = note};
    if (batch->successors.count >= BATCH_FULL || review->count == REVIEW_SOURCES) {
        tjob__review_flush(review);
    }
}

void tjob__review_flush(struct review *review)
{
    struct batch *batch = review->batch;
    for (uint32_t i = 0; i < batch->successors.count; i++) {
        batch->slots[i] = tjob__state_table_find(&review->explorer->table, batch_state(batch, i));
        review->absent = review->absent || batch->slots[i] == STATE_NO_SLOT;
    }
    for (uint32_t i = 0; i < review->count; i++) {
        review->judge(review->context, review, &review->sources[i]);
    }
    batch_clear(batch);
    review->count = 0;
}
