#include "verify/lifecycle/successor_cache.h"

#include <string.h>

#include "verify/lifecycle/intern.h"

uint64_t tjob__successor_cache_bytes(uint32_t slots)
{
    return (uint64_t)slots * sizeof(struct successor_slot) +
           (uint64_t)slots * SUCCESSORS_PER_SLOT * sizeof(struct successor);
}

void tjob__successor_cache_init(struct successor_table *table, void *memory, uint32_t slots)
{
    *table = (struct successor_table){.slots = memory, .slot_count = slots, .capacity = slots * SUCCESSORS_PER_SLOT};
    table->successors = (struct successor *)(void *)(table->slots + slots);
    memset(table->slots, 0, (size_t)slots * sizeof(struct successor_slot));
}

/* Returns the slot of a key, or the empty slot where it belongs. */
static struct successor_slot *successor_cache_slot_of(const struct successor_table *table, uint64_t key)
{
    uint32_t at = (uint32_t)mix64(key) & (table->slot_count - 1);
    for (;;) {
        struct successor_slot *slot = &table->slots[at];
        const uint64_t held = __atomic_load_n(&slot->key, __ATOMIC_ACQUIRE);
        if (held == key || held == 0) {
            return slot;
        }
        at = (at + 1) & (table->slot_count - 1);
    }
}

struct successor_list tjob__successor_cache_find(const struct successor_table *table, uint64_t key)
{
    const struct successor_slot *slot = successor_cache_slot_of(table, key);
    if (__atomic_load_n(&slot->key, __ATOMIC_ACQUIRE) == 0) {
        return (struct successor_list){.found = false};
    }
    return (struct successor_list){table->successors + slot->first, slot->count, true};
}

static bool successor_cache_keep(struct successor_table *table, uint64_t key, const struct successor *successors,
                                 uint32_t count)
{
    struct successor_slot *slot = successor_cache_slot_of(table, key);
    if (slot->key == key) { /* another thread was faster */
        return true;
    }
    /* One slot in four stays empty, so that a lookup of an absent key ends soon. */
    if (table->slots_used >= table->slot_count / 4 * 3 || count > table->capacity - table->count) {
        return false;
    }
    memcpy(table->successors + table->count, successors, count * sizeof *successors);
    slot->first = table->count;
    slot->count = count;
    table->count += count;
    table->slots_used++;
    __atomic_store_n(&slot->key, key, __ATOMIC_RELEASE);
    return true;
}

bool tjob__successor_cache_keep(struct successor_table *table, uint64_t key, const struct successor *successors,
                                uint32_t count)
{
    tjob__spin_lock(&table->lock);
    const bool kept = successor_cache_keep(table, key, successors, count);
    tjob__spin_unlock(&table->lock);
    return kept;
}
