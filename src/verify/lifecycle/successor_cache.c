#include "verify/lifecycle/successor_cache.h"

#include <string.h>

#include "verify/lifecycle/intern.h"

uint64_t tjob__successor_cache_bytes(uint32_t slots)
{
    return (uint64_t)slots * sizeof(struct move_slot) + (uint64_t)slots * SUCCESSORS_PER_SLOT * sizeof(struct move);
}

void tjob__successor_cache_init(struct move_table *table, void *memory, uint32_t slots)
{
    *table = (struct move_table){.slots = memory, .slot_count = slots, .capacity = slots * SUCCESSORS_PER_SLOT};
    table->moves = (struct move *)(void *)(table->slots + slots);
    memset(table->slots, 0, (size_t)slots * sizeof(struct move_slot));
}

/* The slot of a key, or the empty one where it belongs. */
static struct move_slot *slot_of(const struct move_table *table, uint64_t key)
{
    uint32_t at = (uint32_t)mix64(key) & (table->slot_count - 1);
    for (;;) {
        struct move_slot *slot = &table->slots[at];
        const uint64_t held = __atomic_load_n(&slot->key, __ATOMIC_ACQUIRE);
        if (held == key || held == 0) {
            return slot;
        }
        at = (at + 1) & (table->slot_count - 1);
    }
}

struct move_list tjob__successor_cache_find(const struct move_table *table, uint64_t key)
{
    const struct move_slot *slot = slot_of(table, key);
    if (__atomic_load_n(&slot->key, __ATOMIC_ACQUIRE) == 0) {
        return (struct move_list){.found = false};
    }
    return (struct move_list){table->moves + slot->first, slot->count, true};
}

static bool keep(struct move_table *table, uint64_t key, const struct move *moves, uint32_t count)
{
    struct move_slot *slot = slot_of(table, key);
    if (slot->key == key) { /* another thread has been faster */
        return true;
    }
    /* One slot in four stays empty, so that a key that is not kept is soon missed. */
    if (table->slots_used >= table->slot_count / 4 * 3 || count > table->capacity - table->count) {
        return false;
    }
    memcpy(table->moves + table->count, moves, count * sizeof *moves);
    slot->first = table->count;
    slot->count = count;
    table->count += count;
    table->slots_used++;
    __atomic_store_n(&slot->key, key, __ATOMIC_RELEASE);
    return true;
}

bool tjob__successor_cache_keep(struct move_table *table, uint64_t key, const struct move *moves, uint32_t count)
{
    tjob__spin_lock(&table->lock);
    const bool kept = keep(table, key, moves, count);
    tjob__spin_unlock(&table->lock);
    return kept;
}
