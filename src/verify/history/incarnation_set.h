/* The set of the incarnations that a search has seen: a hash table with open addressing. */
#ifndef TJOB_VERIFY_HISTORY_INCARNATION_SET_H
#define TJOB_VERIFY_HISTORY_INCARNATION_SET_H

#include <stdbool.h>
#include <stdint.h>

/* An entry of the hash table. It is empty unless it has the number of the current filling. */
struct incarnation_entry {
    uint64_t incarnation;
    uint64_t filling;
};

struct incarnation_set {
    struct incarnation_entry *entries;
    uint32_t entry_count; /* a power of two, at least 2; at most half of it is used */
    uint32_t count;
    uint64_t filling;
};

/* Returns a set in memory for `entry_count` entries, aligned to 8. Clear it before any other use. */
struct incarnation_set tjob__incarnation_set_init(void *memory, uint32_t entry_count);

/* Empties the set. */
void tjob__incarnation_set_clear(struct incarnation_set *set);

bool tjob__incarnation_set_has(const struct incarnation_set *set, uint64_t incarnation);

/* Adds an incarnation that the set does not have. Returns false if there is no room. */
bool tjob__incarnation_set_add(struct incarnation_set *set, uint64_t incarnation);

#endif
