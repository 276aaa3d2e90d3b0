#include "verify/history/state_set.h"

#include <string.h>

_Static_assert(sizeof(struct configuration) == 96, "a configuration has no padding, for they are compared as bytes");

struct configuration_set tjob__state_set_init(void *memory, uint32_t max)
{
    struct configuration_set set = {.configurations = memory, .max = max};
    set.seen = (struct seen *)(set.configurations + max);
    memset(set.seen, 0, 2 * (size_t)max * sizeof *set.seen);
    return set;
}

uint64_t tjob__state_set_mixed(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

void tjob__state_set_clear(struct configuration_set *set)
{
    set->count = 0;
    set->followed = 0;
    set->replaced = false;
    set->filling++;
    if (set->filling == 0) { /* LCOV_EXCL_BR_LINE: only after 2^32 fillings, which takes minutes */
        memset(set->seen, 0, 2 * (size_t)set->max * sizeof *set->seen); /* LCOV_EXCL_LINE */
        set->filling = 1;                                               /* LCOV_EXCL_LINE */
    }
}

/* Returns a configuration without the fields in which redundant configurations may differ. */
static struct configuration key_of(const struct configuration *configuration, uint64_t optional)
{
    struct configuration key = *configuration;
    key.done &= ~optional;
    key.state.states = 0;
    return key;
}

static uint64_t state_set_hash_of(const struct configuration *key)
{
    uint64_t words[sizeof *key / sizeof(uint64_t)];
    uint64_t hash = 0;
    memcpy(words, key, sizeof words);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        hash = tjob__state_set_mixed(hash, words[i]);
    }
    return hash;
}

/* Returns whether one configuration subsumes another with the same key: it allows each of the other's states, and at
 * least the same of its calls may still take effect. */
static bool stands_for(const struct configuration *wide, const struct configuration *narrow)
{
    return (wide->done & ~narrow->done) == 0 && (narrow->state.states & ~wide->state.states) == 0;
}

/* The result of a search for the slot of a configuration. */
enum slot_state { SLOT_FREE, SLOT_REDUNDANT, SLOT_CROWDED };

/*
 * Searches the slots of the configurations with the same key. *at is where probing begins, and then the free slot that
 * was found. Redundant: a stored configuration subsumes the new one, or the new one has replaced a stored one that it
 * subsumes. Crowded: there are too many to compare with each.
 */
static enum slot_state place_by_key(struct configuration_set *set, const struct configuration *configuration,
                                    const struct configuration *key, uint64_t optional, uint32_t *at)
{
    const uint32_t mask = 2 * set->max - 1;
    unsigned compared = 0;
    for (; set->seen[*at & mask].filling == set->filling; (*at)++) {
        const uint32_t index = set->seen[*at & mask].index;
        struct configuration *other = &set->configurations[index];
        const struct configuration other_key = key_of(other, optional);
        if (memcmp(&other_key, key, sizeof *key) != 0) {
            continue;
        }
        if (compared == SET_COMPARED_MAX) {
            return SLOT_CROWDED;
        }
        compared++;
        set->steps++;
        if (stands_for(other, configuration)) {
            return SLOT_REDUNDANT;
        }
        if (index >= set->followed && stands_for(configuration, other)) {
            *other = *configuration;
            set->replaced = true;
            return SLOT_REDUNDANT;
        }
    }
    return SLOT_FREE;
}

/* Does the same, but considers only configurations that are equal in all fields. */
static enum slot_state place_by_all(const struct configuration_set *set, const struct configuration *configuration,
                                    uint32_t *at)
{
    const uint32_t mask = 2 * set->max - 1;
    for (; set->seen[*at & mask].filling == set->filling; (*at)++) {
        if (memcmp(&set->configurations[set->seen[*at & mask].index], configuration, sizeof *configuration) == 0) {
            return SLOT_REDUNDANT;
        }
    }
    return SLOT_FREE;
}

bool tjob__state_set_add(struct configuration_set *set, const struct configuration *configuration, uint64_t optional)
{
    const struct configuration key = key_of(configuration, optional);
    uint32_t at = (uint32_t)state_set_hash_of(&key);
    enum slot_state place = place_by_key(set, configuration, &key, optional, &at);
    if (place == SLOT_CROWDED) {
        at = (uint32_t)state_set_hash_of(configuration);
        place = place_by_all(set, configuration, &at);
    }
    if (place == SLOT_REDUNDANT) {
        return true;
    }
    if (set->count == set->max) {
        return false;
    }
    set->added++;
    set->seen[at & (2 * set->max - 1)] = (struct seen){set->filling, set->count};
    set->configurations[set->count++] = *configuration;
    return true;
}

void tjob__state_set_reduce(struct configuration_set *set, uint64_t optional)
{
    /* A configuration that replaces an earlier one may make later ones redundant, which the second pass finds. */
    bool again = true;
    for (int pass = 0; pass < 2 && again; pass++) {
        const uint32_t count = set->count;
        tjob__state_set_clear(set);
        for (uint32_t i = 0; i < count; i++) {
            const struct configuration configuration = set->configurations[i];
            (void)tjob__state_set_add(set, &configuration, optional); /* there are no more configurations than before */
        }
        again = set->replaced;
    }
}
