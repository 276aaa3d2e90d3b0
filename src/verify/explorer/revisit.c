#include "verify/explorer/revisit.h"

static void revisit_check(struct revisit *revisit)
{
    struct batch *batch = revisit->batch;
    for (uint32_t i = 0; i < batch->successors.count; i++) {
        batch->slots[i] = tjob__state_table_find(&revisit->explorer->table, batch_key(batch, i), batch->slots[i]);
        revisit->absent = revisit->absent || batch->slots[i] == STATE_NO_SLOT;
    }
    for (uint32_t i = 0; i < revisit->count; i++) {
        revisit->check(revisit->context, revisit, &revisit->sources[i]);
    }
    batch_clear(batch);
}

static void locate_last(struct revisit *revisit)
{
    tjob__batch_locate(revisit->batch, revisit->explorer->model, &revisit->explorer->table);
    revisit->sources[revisit->count - 1].end = revisit->batch->successors.count;
}

/* Makes room in the batch in the midst of the successors of the last state. */
static void flush_some(void *context)
{
    struct revisit *revisit = context;
    locate_last(revisit);
    revisit_check(revisit);
    revisit->sources[0] = revisit->sources[revisit->count - 1];
    revisit->sources[0].first = 0;
    revisit->count = 1;
}

void tjob__revisit_add(struct revisit *revisit, uint32_t slot, unsigned note)
{
    const tjob_explorer *explorer = revisit->explorer;
    struct batch *batch = revisit->batch;
    revisit->sources[revisit->count++] = (struct source){.slot = slot, .first = batch->successors.count, .note = note};
    if (!tjob__batch_expand(batch, explorer->model, exploration_source(explorer, batch, slot), flush_some, revisit)) {
        revisit->failed = true;
    }
    locate_last(revisit);
    revisit->sources[revisit->count - 1].whole = true;
    if (batch_is_full(batch) || revisit->count == REVISIT_SOURCES) {
        tjob__revisit_flush(revisit);
    }
}

void tjob__revisit_flush(struct revisit *revisit)
{
    revisit_check(revisit);
    revisit->count = 0;
}
