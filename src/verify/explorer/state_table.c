#include "verify/explorer/state_table.h"

#include <string.h>

#include "core/bytes.h"

void tjob__state_table_init(struct state_table *table, uint32_t state_bytes, uint64_t *words, uint32_t slot_count,
                            void (*wait)(void))
{
    const uint32_t slot_bytes = state_slot_bytes(state_bytes);
    const uint32_t unused = slot_bytes - state_bytes - 1;
    *table = (struct state_table){
        .words = words,
        .slot_count = slot_count,
        .slot_words = slot_bytes / 8,
        .last_mask = UINT64_MAX >> 8 * unused,
        .wait = wait,
    };
}

void tjob__state_table_clear(struct state_table *table, uint32_t part, uint32_t parts)
{
    const uint64_t first = (uint64_t)table->slot_count * part / parts;
    const uint64_t end = (uint64_t)table->slot_count * (part + 1) / parts;
    memset(table->words + first * table->slot_words, 0, (size_t)(end - first) * table->slot_words * sizeof(uint64_t));
}

void tjob__state_table_unpack(const struct state_table *table, const uint64_t *key, unsigned char *state)
{
    bytes_store64(state, __atomic_load_n(&key[0], __ATOMIC_RELAXED) >> 8);
    for (uint32_t i = 1; i < table->slot_words; i++) {
        bytes_store64(state + (size_t)8 * i - 1, key[i]);
    }
}

/* Returns whether a slot also holds the rest of the state. `first` is the slot's first word and matches the state's
 * first bytes. */
ALWAYS_INLINE bool rest_is(const struct state_table *table, uint32_t words, const uint64_t *slot, uint64_t first,
                           const uint64_t *key)
{
    while ((first & STATE_USED) == 0) {
        table->wait();
        first = __atomic_load_n(&slot[0], __ATOMIC_ACQUIRE);
    }
    uint64_t difference = 0;
    for (uint32_t i = 1; i < words; i++) {
        difference |= slot[i] ^ key[i];
    }
    return difference == 0;
}

/* Claims an empty slot and stores a state in it. If another thread claimed it first, sets `first` to what that thread
 * stored. */
ALWAYS_INLINE bool claim(uint32_t words, uint64_t *slot, uint64_t *first, const uint64_t *key)
{
    const uint64_t busy = key[0] | STATE_BUSY;
    /* LCOV_EXCL_BR_START: no test can make threads lose this race a given number of times */
    if (!__atomic_compare_exchange_n(&slot[0], first, busy, 0, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
        return false; /* LCOV_EXCL_LINE: as above */
    }
    /* LCOV_EXCL_BR_STOP */
    for (uint32_t i = 1; i < words; i++) {
        slot[i] = key[i];
    }
    __atomic_store_n(&slot[0], key[0] | STATE_USED, __ATOMIC_RELEASE);
    return true;
}

ALWAYS_INLINE enum state_presence put_words(const struct state_table *table, uint32_t words, const uint64_t *key,
                                            bool may_add, uint32_t *slot)
{
    for (uint32_t probes = 0; probes < table->slot_count; probes++) {
        uint64_t *at = table->words + (uint64_t)*slot * words;
        uint64_t first = __atomic_load_n(&at[0], __ATOMIC_ACQUIRE);
        if (first == 0) {
            if (!may_add) {
                return STATE_IS_ABSENT;
            }
            if (claim(words, at, &first, key)) { /* LCOV_EXCL_BR_LINE: as above */
                return STATE_IS_NEW;
            }
        }
        if ((first ^ key[0]) >> 8 == 0 && rest_is(table, words, at, first, key)) {
            return STATE_IS_THERE;
        }
        *slot = *slot + 1 == table->slot_count ? 0 : *slot + 1;
    }
    return STATE_IS_ABSENT;
}

enum state_presence tjob__state_table_put(struct state_table *table, const uint64_t *key, bool may_add, uint32_t *slot)
{
    switch (table->slot_words) {
    case 1:
        return put_words(table, 1, key, may_add, slot);
    case 2:
        return put_words(table, 2, key, may_add, slot);
    case 3:
        return put_words(table, 3, key, may_add, slot);
    case STATE_WORDS_FEW:
        return put_words(table, STATE_WORDS_FEW, key, may_add, slot);
    default:
        return put_words(table, table->slot_words, key, may_add, slot);
    }
}

uint32_t tjob__state_table_find(struct state_table *table, const uint64_t *key, uint32_t home)
{
    uint32_t slot = home;
    return tjob__state_table_put(table, key, false, &slot) == STATE_IS_THERE ? slot : STATE_NO_SLOT;
}
