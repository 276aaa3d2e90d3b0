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

/* The key of a configuration is all of it but the optional calls that are done, and the possible states: in these,
 * redundant configurations may differ. */
static uint64_t state_set_hash_of(const struct configuration *configuration, uint64_t optional)
{
    struct configuration key = *configuration;
    uint64_t words[sizeof key / sizeof(uint64_t)];
    uint64_t hash = 0;
    key.done &= ~optional;
    key.state.states = 0;
    memcpy(words, &key, sizeof words);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        hash = tjob__state_set_mixed(hash, words[i]);
    }
    return hash;
}

static bool has_same_key(const struct configuration *a, const struct configuration *b, uint64_t optional)
{
    return ((a->done ^ b->done) & ~optional) == 0 && a->effect == b->effect && a->state.unknown == b->state.unknown &&
           a->state.excluded == b->state.excluded && memcmp(&a->state.job, &b->state.job, sizeof a->state.job) == 0;
}

/* Returns whether one configuration subsumes another with the same key: it allows each of the other's states, and at
 * least the same of its calls may still take effect. */
static bool stands_for(const struct configuration *wide, const struct configuration *narrow)
{
    return (wide->done & ~narrow->done) == 0 && (narrow->state.states & ~wide->state.states) == 0;
}

/* The result of a search for the slot of a configuration. */
enum slot_state { SLOT_FREE, SLOT_REDUNDANT, SLOT_CROWDED };

/* Compares a configuration with a stored one that has the same key. Redundant: the stored one subsumes it, or it has
 * replaced the stored one, which it subsumes. */
static enum slot_state configuration_compare(struct configuration_set *set, const struct configuration *configuration,
                                             uint32_t index)
{
    struct configuration *other = &set->configurations[index];
    set->steps++;
    if (stands_for(other, configuration)) {
        return SLOT_REDUNDANT;
    }
    if (index >= set->followed && stands_for(configuration, other)) {
        *other = *configuration;
        set->replaced = true;
        return SLOT_REDUNDANT;
    }
    return SLOT_FREE;
}

/* Compares a configuration with all stored ones that have the same key. The set is not hashed. */
static enum slot_state place_in_list(struct configuration_set *set, const struct configuration *configuration,
                                     uint64_t optional)
{
    enum slot_state place = SLOT_FREE;
    for (uint32_t i = 0; i < set->count && place == SLOT_FREE; i++) {
        if (has_same_key(&set->configurations[i], configuration, optional)) {
            place = configuration_compare(set, configuration, i);
        }
    }
    return place;
}

/*
 * Compares a configuration with the stored ones that have the same key, of which there may be too many: crowded. *at is
 * where probing begins, and then the free slot that was found.
 */
static enum slot_state place_by_key(struct configuration_set *set, const struct configuration *configuration,
                                    uint64_t optional, uint32_t *at)
{
    const uint32_t mask = 2 * set->max - 1;
    enum slot_state place = SLOT_FREE;
    unsigned compared = 0;
    for (; place == SLOT_FREE && set->seen[*at & mask].filling == set->filling; (*at)++) {
        const uint32_t index = set->seen[*at & mask].index;
        if (has_same_key(&set->configurations[index], configuration, optional)) {
            if (compared == SET_COMPARED_MAX) {
                return SLOT_CROWDED;
            }
            compared++;
            place = configuration_compare(set, configuration, index);
        }
    }
    return place;
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

/* Enters all configurations of a set that has become too large for a list into the hash table. */
static void hash_list(const struct configuration_set *set, uint64_t optional)
{
    const uint32_t mask = 2 * set->max - 1;
    for (uint32_t i = 0; i < set->count; i++) {
        uint32_t at = (uint32_t)state_set_hash_of(&set->configurations[i], optional);
        while (set->seen[at & mask].filling == set->filling) {
            at++;
        }
        set->seen[at & mask] = (struct seen){set->filling, i};
    }
}

bool tjob__state_set_add(struct configuration_set *set, const struct configuration *configuration, uint64_t optional)
{
    const bool is_list = set->count < SET_LISTED_MAX;
    uint32_t at = is_list ? 0 : (uint32_t)state_set_hash_of(configuration, optional);
    enum slot_state place =
        is_list ? place_in_list(set, configuration, optional) : place_by_key(set, configuration, optional, &at);
    if (place == SLOT_CROWDED) {
        at = (uint32_t)state_set_hash_of(configuration, 0);
        place = place_by_all(set, configuration, &at);
    }
    if (place == SLOT_REDUNDANT) {
        return true;
    }
    if (set->count == set->max) {
        return false;
    }
    set->added++;
    set->configurations[set->count++] = *configuration;
    if (set->count == SET_LISTED_MAX) {
        hash_list(set, optional);
    } else if (!is_list) {
        set->seen[at & (2 * set->max - 1)] = (struct seen){set->filling, set->count - 1};
    }
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
