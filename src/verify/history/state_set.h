/*
 * The set of configurations that a search has reached, without those that another one makes redundant.
 *
 * A configuration is one linearization of all answers so far: the abstract state of the job, and the set of open calls
 * that have been linearized. Suppose that two configurations differ only in which optional calls may still take effect.
 * The one in which more of them may subsumes the other; so only the minimal sets of linearized optional calls are kept
 * (an antichain). A list, or a hash table once there are many, finds each: Lowe's cache of visited configurations.
 */
#ifndef TJOB_VERIFY_HISTORY_STATE_SET_H
#define TJOB_VERIFY_HISTORY_STATE_SET_H

#include "verify/history/abstract_state.h"

struct configuration {
    struct abstract_state state;
    uint64_t done;   /* slots whose call has been linearized or can no longer have an effect */
    uint64_t effect; /* slots whose call took effect and has still to find its effect */
};

/* An entry of the hash table. It is empty unless it has the number of the current filling. */
struct seen {
    uint32_t filling;
    uint32_t index; /* into configurations */
};

struct configuration_set {
    struct configuration *configurations;
    struct seen *seen;
    uint32_t max; /* half the number of entries of `seen`, a power of two */
    uint32_t count;
    uint32_t filling;
    uint32_t followed; /* the number of leading configurations that may not be replaced */
    bool replaced;     /* a configuration has replaced another one since the set was cleared */
    uint64_t added;    /* the total number of configurations ever added */
    uint64_t steps;    /* the total number of comparisons ever made */
};

/* The maximum number of configurations with the same key that a new one is compared with. Beyond it, a new one is
 * redundant only if an equal one is stored. */
enum { SET_COMPARED_MAX = 16 };

/* A set of fewer configurations than this is a list: a new one is compared with all of them. A larger set is hashed.
 * With 4 calls open at once a list takes a quarter less of the checker's time than a hash table. */
enum { SET_LISTED_MAX = 8 };

/* The bytes for one configuration; and a set for `max` configurations, in memory that is aligned to 8. */
enum { SET_BYTES_EACH = sizeof(struct configuration) + 2 * sizeof(struct seen) };
struct configuration_set tjob__state_set_init(void *memory, uint32_t max);

/* Empties the set. */
void tjob__state_set_clear(struct configuration_set *set);

/*
 * Adds a configuration, unless a stored one makes it redundant. `optional`: the slots whose calls may take effect but
 * need not. Returns false if there is no room.
 */
bool tjob__state_set_add(struct configuration_set *set, const struct configuration *configuration, uint64_t optional);

/* Adds all configurations again after they were changed in place, and removes those that have become redundant. */
void tjob__state_set_reduce(struct configuration_set *set, uint64_t optional);

/* Returns a hash with one more word mixed in. */
uint64_t tjob__state_set_mixed(uint64_t hash, uint64_t word);

#endif
