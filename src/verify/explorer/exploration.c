#include "verify/explorer/exploration.h"

enum { CHUNK_MAX = 256, CHUNKS_PER_THREAD = 8 };

void tjob__exploration_offer(struct tjob_explorer *explorer, struct range range)
{
    const uint64_t share = (range.end - range.begin) / ((uint64_t)explorer->thread_count * CHUNKS_PER_THREAD) + 1;
    explorer->offered = range;
    explorer->chunk = share < CHUNK_MAX ? share : CHUNK_MAX;
    __atomic_store_n(&explorer->taken, 0, __ATOMIC_RELAXED);
}

bool tjob__exploration_take(struct tjob_explorer *explorer, struct range *chunk)
{
    const struct range *range = &explorer->offered;
    if (__atomic_load_n(&explorer->cancelled, __ATOMIC_RELAXED)) {
        return false;
    }
    const uint64_t begin = range->begin + __atomic_fetch_add(&explorer->taken, explorer->chunk, __ATOMIC_RELAXED);
    if (begin >= range->end) {
        return false;
    }
    *chunk = (struct range){begin, begin + explorer->chunk < range->end ? begin + explorer->chunk : range->end};
    return true;
}

unsigned tjob__exploration_goals(const struct tjob_explorer *explorer, uint32_t exercised)
{
    unsigned flags = 0;
    unsigned flag = STATE_GOAL_REACHABLE;
    for (uint32_t left = explorer->always_reachable; left != 0; left &= left - 1, flag <<= 1) {
        flags |= (exercised & left & (~left + 1)) != 0 ? flag : 0;
    }
    return flags;
}

unsigned tjob__exploration_flag(const struct tjob_explorer *explorer, uint32_t property)
{
    const uint32_t bit = UINT32_C(1) << property;
    return (explorer->livelock & bit) != 0 ? STATE_LIVELY : tjob__exploration_goals(explorer, bit);
}

tjob_observation tjob__exploration_observe(const struct tjob_explorer *explorer, const unsigned char *state)
{
    const tjob_model *model = explorer->model;
    return model->observe != NULL ? model->observe(model->context, state) : (tjob_observation){0, 0};
}

tjob_observation tjob__exploration_observe_key(const struct tjob_explorer *explorer, const struct batch *batch,
                                               uint32_t successor)
{
    tjob__state_table_unpack(&explorer->table, batch_key(batch, successor), batch->successor);
    return tjob__exploration_observe(explorer, batch->successor);
}

tjob_exploration tjob__exploration_stop(const struct tjob_explorer *explorer)
{
    if (__atomic_load_n(&explorer->cancelled, __ATOMIC_RELAXED)) {
        return TJOB_EXPLORATION_CANCELLED;
    }
    if (__atomic_load_n(&explorer->failed, __ATOMIC_RELAXED)) {
        return TJOB_EXPLORATION_MODEL_FAILED;
    }
    return __atomic_load_n(&explorer->full, __ATOMIC_RELAXED) ? TJOB_EXPLORATION_OUT_OF_MEMORY
                                                              : TJOB_EXPLORATION_RUNNING;
}

void tjob__exploration_finish(struct tjob_explorer *explorer, tjob_exploration end)
{
    const tjob_exploration told = explorer->violated != 0 ? TJOB_EXPLORATION_VIOLATED : end;
    explorer->phase = PHASE_OVER;
    __atomic_store_n(&explorer->end, (int)told, __ATOMIC_RELEASE);
}
