#include "verify/explorer/revisit.h"

void tjob__revisit_add(struct revisit *revisit, uint32_t slot, unsigned note)
{
    _Alignas(8) unsigned char state[TJOB_EXPLORER_STATE_BYTES_MAX + 1];
    struct batch *batch = revisit->batch;
    const tjob_explorer *explorer = revisit->explorer;
    const uint32_t first = batch->successors.count;
    tjob__state_table_unpack(&explorer->table, slot, state);
    if (!tjob__batch_expand(batch, explorer->model, state)) {
        revisit->failed = true;
        return;
    }
    tjob__batch_locate(batch, explorer->model, &explorer->table, first);
    revisit->sources[revisit->count++] =
        (struct source){.slot = slot, .first = first, .end = batch->successors.count, .note = note};
    if (batch->successors.count >= BATCH_FULL || revisit->count == REVISIT_SOURCES) {
        tjob__revisit_flush(revisit);
    }
}

void tjob__revisit_flush(struct revisit *revisit)
{
    struct batch *batch = revisit->batch;
    for (uint32_t i = 0; i < batch->successors.count; i++) {
        batch->slots[i] = tjob__state_table_find(&revisit->explorer->table, batch_state(batch, i));
        revisit->absent = revisit->absent || batch->slots[i] == STATE_NO_SLOT;
    }
    for (uint32_t i = 0; i < revisit->count; i++) {
        revisit->check(revisit->context, revisit, &revisit->sources[i]);
    }
    batch_clear(batch);
    revisit->count = 0;
}
