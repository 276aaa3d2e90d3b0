#include "verify/lifecycle/intern.h"

#include <string.h>

#include "core/assert.h"
#include "core/bytes.h"

void tjob__spin_lock(uint32_t *lock)
{
    while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE) != 0) {
    }
}

void tjob__spin_unlock(uint32_t *lock)
{
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

static uint32_t intern_slots_for(uint32_t capacity)
{
    uint32_t slots = 2;
    while (slots < capacity * 2) {
        slots *= 2;
    }
    return slots;
}

uint64_t tjob__intern_bytes(uint32_t item_bytes, uint32_t capacity)
{
    return (uint64_t)item_bytes * capacity + (uint64_t)intern_slots_for(capacity) * sizeof(uint32_t);
}

void tjob__intern_init(struct intern *intern, void *memory, uint32_t item_bytes, uint32_t capacity)
{
    TJOB_ASSERT(item_bytes % 8 == 0 && capacity != 0 && capacity <= UINT32_MAX / 4);
    *intern = (struct intern){.items = memory, .item_bytes = item_bytes, .capacity = capacity};
    intern->slot_count = intern_slots_for(capacity);
    intern->slots = (uint32_t *)(void *)(intern->items + (size_t)item_bytes * capacity);
    memset(intern->slots, 0, (size_t)intern->slot_count * sizeof(uint32_t));
}

const void *tjob__intern_item(const struct intern *intern, uint32_t number)
{
    return intern->items + (size_t)number * intern->item_bytes;
}

static uint64_t intern_hash_of(const struct intern *intern, const unsigned char *item)
{
    uint64_t hash = intern->item_bytes;
    for (uint32_t i = 0; i < intern->item_bytes; i += 8) {
        hash = mix64(hash ^ bytes_load64(item + i));
    }
    return hash;
}

/* Returns the slot that holds the string, or the empty slot where it belongs. */
static uint32_t *intern_find(const struct intern *intern, const void *item)
{
    uint32_t at = (uint32_t)intern_hash_of(intern, item) & (intern->slot_count - 1);
    for (;;) {
        uint32_t *slot = &intern->slots[at];
        const uint32_t held = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
        if (held == 0 || bytes_equal(tjob__intern_item(intern, held - 1), item, intern->item_bytes)) {
            return slot;
        }
        at = (at + 1) & (intern->slot_count - 1);
    }
}

static uint32_t intern_add(struct intern *intern, const void *item)
{
    uint32_t *slot = intern_find(intern, item);           /* another thread may have added it in the meantime */
    if (*slot == 0 && intern->count < intern->capacity) { /* LCOV_EXCL_BR_LINE: no test can make that happen */
        memcpy(intern->items + (size_t)intern->count * intern->item_bytes, item, intern->item_bytes);
        __atomic_store_n(slot, ++intern->count, __ATOMIC_RELEASE);
    }
    return *slot - 1; /* INTERN_FULL if the slot is still empty */
}

uint32_t tjob__intern_number(struct intern *intern, const void *item)
{
    const uint32_t held = __atomic_load_n(intern_find(intern, item), __ATOMIC_ACQUIRE);
    if (held != 0) {
        return held - 1;
    }
    tjob__spin_lock(&intern->lock);
    const uint32_t number = intern_add(intern, item);
    tjob__spin_unlock(&intern->lock);
    return number;
}
