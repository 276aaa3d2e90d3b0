#include "verify/explorer/liveness.h"

#include "verify/explorer/edges.h"
#include "verify/explorer/revisit.h"

static void liveness_finish(struct tjob_explorer *explorer)
{
    explorer->live = true;
    tjob__exploration_finish(explorer, TJOB_EXPLORATION_COMPLETE);
}

void tjob__liveness_begin(struct tjob_explorer *explorer)
{
    if (explorer->flags_to_check == 0) {
        liveness_finish(explorer);
        return;
    }
    explorer->phase = PHASE_LIVENESS;
    explorer->by_edges = true;
    explorer->first_sweep = true;
    tjob__exploration_offer(explorer, tjob__edges_range(explorer));
}

static void liveness_check(void *context, const struct revisit *revisit, struct source *source)
{
    struct thread *thread = context;
    const struct tjob_explorer *explorer = revisit->explorer;
    for (uint32_t i = source->first; i < source->end; i++) {
        source->gathered |=
            exploration_gather(explorer, &revisit->batch->successors.steps[i], revisit_flags(revisit, i));
    }
    if (!source->whole) {
        return;
    }
    const unsigned had = state_table_flags(&explorer->table, source->slot);
    const unsigned flags = exploration_gained(explorer, source->gathered) & ~had;
    const unsigned lacking = explorer->flags_to_check & ~(had | flags);
    if (flags != 0) {
        state_table_set(&explorer->table, source->slot, flags);
        thread->changed = true;
    }
    thread->lacking |= lacking;
    exploration_count(&thread->tally.live, lacking == 0 ? 1 : 0);
}

/* Goes from the last state found to the first: flags spread backwards, and the state from which a flag spreads was
 * usually found later. */
static void sweep_states(struct tjob_explorer *explorer, struct thread *thread)
{
    const uint64_t end = explorer->offered.end;
    struct revisit revisit = {
        .explorer = explorer, .batch = &thread->batch, .check = liveness_check, .context = thread};
    struct range chunk;
    while (tjob__exploration_take(explorer, &chunk)) {
        for (uint64_t i = chunk.begin; i < chunk.end; i++) {
            const uint32_t slot = explorer->order[end - 1 - i];
            if (i + ORDER_AHEAD < end) {
                state_table_prefetch(&explorer->table, explorer->order[end - 1 - i - ORDER_AHEAD]);
            }
            if ((explorer->flags_to_check & ~state_table_flags(&explorer->table, slot)) != 0) {
                tjob__revisit_add(&revisit, slot, 0);
            } else if (explorer->first_sweep) {
                exploration_count(&thread->tally.live, 1);
            }
        }
    }
    tjob__revisit_flush(&revisit);
    if (revisit.failed || revisit.absent) {
        __atomic_store_n(&explorer->failed, true, __ATOMIC_RELAXED);
    }
}

void tjob__liveness_sweep(struct tjob_explorer *explorer, struct thread *thread)
{
    thread->changed = false;
    thread->lacking = 0;
    if (explorer->by_edges) {
        tjob__edges_sweep(explorer, thread);
    } else {
        sweep_states(explorer, thread);
    }
}

/* Returns the properties to which the flags belong. */
static uint32_t properties_of(const struct tjob_explorer *explorer, unsigned flags)
{
    uint32_t properties = 0;
    for (uint32_t property = 0; property < explorer->model->property_count; property++) {
        properties |= (tjob__exploration_flag(explorer, property) & flags) != 0 ? UINT32_C(1) << property : 0;
    }
    return properties;
}

void tjob__liveness_end_sweep(struct tjob_explorer *explorer)
{
    bool changed = false;
    unsigned lacking = 0;
    for (uint32_t i = 0; i < explorer->thread_count; i++) {
        const struct thread *thread = exploration_thread(explorer, i);
        changed = changed || thread->changed;
        lacking |= thread->lacking;
    }
    const tjob_exploration stop = tjob__exploration_stop(explorer);
    if (stop != TJOB_EXPLORATION_RUNNING) {
        tjob__exploration_finish(explorer, stop);
    } else if (explorer->by_edges) {
        explorer->by_edges = changed;
        tjob__exploration_offer(explorer,
                                changed ? explorer->offered : (struct range){0, exploration_stored(explorer)});
    } else if (changed && lacking != 0) {
        explorer->first_sweep = false;
        tjob__exploration_offer(explorer, explorer->offered);
    } else {
        explorer->violated |= properties_of(explorer, lacking);
        liveness_finish(explorer);
    }
}
