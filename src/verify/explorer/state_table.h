/*
 * The set of states of a search, each stored once: a hash table with open addressing and linear probing. Its slots hold
 * whole states, and any number of threads insert concurrently without a lock.
 *
 * A slot is an array of 64-bit words. The lowest byte of the first word holds flags; the bytes above it and the further
 * words hold the state. A slot whose first word is 0 is empty. A thread that inserts a state replaces this 0, by
 * compare-and-swap, with the state's first seven bytes and STATE_BUSY, writes the other words, and then replaces
 * STATE_BUSY with STATE_USED. A thread that finds other bytes in the first word goes on without waiting, and a thread
 * that finds the same bytes waits for a few instructions at most.
 */
#ifndef TJOB_VERIFY_EXPLORER_STATE_TABLE_H
#define TJOB_VERIFY_EXPLORER_STATE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/assert.h"
#include "core/bytes.h"
#include "tjob/explorer.h"

enum state_flag {
    STATE_USED = 0x01,
    STATE_BUSY = 0x02,      /* without STATE_USED: a thread is inserting the state */
    STATE_MARK_EVEN = 0x02, /* with STATE_USED */
    STATE_MARK_ODD = 0x04,
    STATE_FIRST_OF_DEPTH = 0x08, /* the first state of its depth, in the order in which states were found */
    STATE_LIVELY = 0x10,         /* no path without progress leads from it to a cycle without progress */
    STATE_GOAL_REACHABLE = 0x20, /* and the two bits above it: an ALWAYS_REACHABLE goal can be reached */
    STATE_MARKS = STATE_MARK_EVEN | STATE_MARK_ODD
};

/* Slots have 32-bit numbers, and no slot has this number. */
#define STATE_SLOTS_MAX UINT32_MAX
#define STATE_NO_SLOT UINT32_MAX

struct state_table {
    uint64_t *words;
    uint32_t slot_count;
    uint32_t slot_words;
    uint64_t last_mask; /* the bytes of a slot's last word that are used */
    void (*wait)(void);
};

enum state_presence {
    STATE_IS_NEW, /* it has been inserted */
    STATE_IS_THERE,
    STATE_IS_ABSENT /* and there is no room for it, or it may not be added */
};

static inline uint32_t state_slot_bytes(uint32_t state_bytes)
{
    return (state_bytes + 8) / 8 * 8;
}

/* `words` is an array of slot_count slots of state_slot_bytes(state_bytes) each. Clear them before any other use. */
void tjob__state_table_init(struct state_table *table, uint32_t state_bytes, uint64_t *words, uint32_t slot_count,
                            void (*wait)(void));

/* Clears share number `part` of `parts` equal shares of the table. */
void tjob__state_table_clear(struct state_table *table, uint32_t part, uint32_t parts);

/*
 * Functions that end in _words take the number of words of a slot. Where that is a constant, their loops are unrolled:
 * a search over slots of two words takes a tenth less time. STATE_WORDS_FEW is the largest such constant.
 */
enum { STATE_WORDS_FEW = 4 };

/*
 * Sets `key` to the key of a state: its words as a slot stores them, without flags. States and keys outside the table
 * take state_slot_bytes each and are aligned to 8. `key` may be where `state` is.
 */
ALWAYS_INLINE void state_table_pack_words(const struct state_table *table, uint32_t words, const unsigned char *state,
                                          uint64_t *key)
{
    TJOB_ASSERT(words == table->slot_words && words != 0);
    for (uint32_t i = words - 1; i > 0; i--) { /* from the end, because a word begins a byte before its place */
        key[i] = bytes_load64(state + (size_t)8 * i - 1);
    }
    key[0] = bytes_load64(state) << 8;
    key[words - 1] &= table->last_mask;
}

static inline void state_table_pack(const struct state_table *table, const unsigned char *state, uint64_t *key)
{
    state_table_pack_words(table, table->slot_words, state, key);
}

/* Sets `state` to the state of a key, or of a slot's words. */
void tjob__state_table_unpack(const struct state_table *table, const uint64_t *key, unsigned char *state);

/*
 * Returns the home slot of a state, where probing begins. The hash multiplies and folds once per word and multiplies
 * once more at the end; the result is then scaled to the number of slots.
 */
ALWAYS_INLINE uint32_t state_table_home_words(const struct state_table *table, uint32_t words, const uint64_t *key)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = 0;
    for (uint32_t i = 0; i < words; i++) {
        hash = (hash ^ key[i]) * odd;
        hash ^= hash >> 32;
    }
    return (uint32_t)((hash * odd >> 32) * table->slot_count >> 32);
}

static inline uint32_t state_table_home(const struct state_table *table, const uint64_t *key)
{
    return state_table_home_words(table, table->slot_words, key);
}

/* Looks a state up from *slot on, which must be its home slot, and inserts it if it is absent and `may_add`. Sets *slot
 * to its slot unless the result is STATE_IS_ABSENT. */
enum state_presence tjob__state_table_put(struct state_table *table, const uint64_t *key, bool may_add, uint32_t *slot);

/* Returns the slot of a state, or STATE_NO_SLOT. `home` must be its home slot. */
uint32_t tjob__state_table_find(struct state_table *table, const uint64_t *key, uint32_t home);

static inline uint64_t *state_table_slot(const struct state_table *table, uint32_t slot)
{
    return table->words + (uint64_t)slot * table->slot_words;
}

ALWAYS_INLINE void state_table_prefetch_words(const struct state_table *table, uint32_t words, uint32_t slot)
{
    __builtin_prefetch(table->words + (uint64_t)slot * words);
}

static inline void state_table_prefetch(const struct state_table *table, uint32_t slot)
{
    state_table_prefetch_words(table, table->slot_words, slot);
}

static inline unsigned state_table_flags(const struct state_table *table, uint32_t slot)
{
    return (unsigned)(__atomic_load_n(state_table_slot(table, slot), __ATOMIC_RELAXED) & 0xff);
}

static inline void state_table_set(const struct state_table *table, uint32_t slot, unsigned flags)
{
    __atomic_fetch_or(state_table_slot(table, slot), flags, __ATOMIC_RELAXED);
}

static inline void state_table_unset(const struct state_table *table, uint32_t slot, unsigned flags)
{
    __atomic_fetch_and(state_table_slot(table, slot), ~(uint64_t)flags, __ATOMIC_RELAXED);
}

#endif
