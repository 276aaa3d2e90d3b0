/*
 * The states of a search, each once: a hash table with linear probing whose slots hold whole states, and which any
 * number of threads fill at once without a lock.
 *
 * A slot is a run of 64-bit words. The lowest byte of the first holds flags, the bytes above it and the further words
 * hold the state. A first word of 0 is an empty slot. Whoever puts a state there exchanges the first word for 0 with
 * the state's first seven bytes and STATE_BUSY, writes the others, and exchanges STATE_BUSY for STATE_USED: so whoever
 * meets other bytes in the first word goes on without waiting, and whoever meets the same ones waits for a few
 * instructions at most.
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
    STATE_BUSY = 0x02,      /* without STATE_USED: it is being put there */
    STATE_MARK_EVEN = 0x02, /* with it */
    STATE_MARK_ODD = 0x04,
    STATE_FIRST_OF_DEPTH = 0x08, /* in the order in which states were found, the first of its depth */
    STATE_LIVELY = 0x10,         /* no cycle without progress can be reached by steps without progress */
    STATE_POSSIBLE = 0x20,       /* and the two bits above it: a goal of a property of kind POSSIBLE can be reached */
    STATE_MARKS = STATE_MARK_EVEN | STATE_MARK_ODD
};

enum { STATE_WORDS_MAX = (TJOB_EXPLORER_STATE_BYTES_MAX + 1) / 8 };

/* Slots are numbered by 32 bits, and this is none of them. */
#define STATE_SLOTS_MAX UINT32_MAX
#define STATE_NO_SLOT UINT32_MAX

struct state_table {
    uint64_t *words;
    uint32_t slot_count;
    uint32_t slot_words;
    uint64_t last_mask; /* of the bytes of a slot's last word that are used */
    void (*wait)(void);
};

/* A state as it stands in a slot, without flags. */
struct state_key {
    uint64_t words[STATE_WORDS_MAX];
};

enum state_presence {
    STATE_IS_NEW, /* it has been put there */
    STATE_IS_THERE,
    STATE_IS_ABSENT /* and there is no room for it, or it may not be added */
};

static inline uint32_t state_slot_bytes(uint32_t state_bytes)
{
    return (state_bytes + 8) / 8 * 8;
}

/* `words` are slot_count slots of state_slot_bytes(state_bytes); clear them before anything else. */
void tjob__state_table_init(struct state_table *table, uint32_t state_bytes, uint64_t *words, uint32_t slot_count,
                            void (*wait)(void));

/* Empties part `part` of `parts` equal ones. */
void tjob__state_table_clear(struct state_table *table, uint32_t part, uint32_t parts);

/* States outside the table are read and written up to state_slot_bytes, and must be aligned to 8. */
static inline void state_table_pack(const struct state_table *table, const unsigned char *state, struct state_key *key)
{
    TJOB_ASSERT(table->slot_words != 0);
    key->words[0] = bytes_load64(state) << 8;
    for (uint32_t i = 1; i < table->slot_words; i++) {
        key->words[i] = bytes_load64(state + (size_t)8 * i - 1);
    }
    key->words[table->slot_words - 1] &= table->last_mask;
}

void tjob__state_table_unpack(const struct state_table *table, uint32_t slot, unsigned char *state);

/*
 * Where the probing for a state begins. Multiply and fold, once more at the end than there are words; then scaled to
 * the number of slots.
 */
static inline uint32_t state_table_home(const struct state_table *table, const struct state_key *key)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = 0;
    for (uint32_t i = 0; i < table->slot_words; i++) {
        hash = (hash ^ key->words[i]) * odd;
        hash ^= hash >> 32;
    }
    return (uint32_t)((hash * odd >> 32) * table->slot_count >> 32);
}

/* Looks for a state from *slot on, which must be its home; puts it there if it `may_add`. Sets *slot unless it is
 * absent. */
enum state_presence tjob__state_table_put(struct state_table *table, const struct state_key *key, bool may_add,
                                          uint32_t *slot);

/* The slot of a state, or STATE_NO_SLOT. */
uint32_t tjob__state_table_find(struct state_table *table, const unsigned char *state);

static inline uint64_t *state_table_slot(const struct state_table *table, uint32_t slot)
{
    return table->words + (uint64_t)slot * table->slot_words;
}

static inline void state_table_prefetch(const struct state_table *table, uint32_t slot)
{
    __builtin_prefetch(state_table_slot(table, slot));
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
