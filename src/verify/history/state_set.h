/*
 * The set of configurations that a search has reached, without those that another one makes redundant.
 *
 * A configuration is one linearization of all answers so far: what is known of the job, and which of the open calls
 * have had their instant. Of two configurations that differ only in which calls may still take effect, if they like,
 * the one in which more of them may can do whatever the other can; so only the minimal sets of such calls are kept (an
 * antichain). Each is found by a hash table: Lowe's cache of what was visited.
 */
#ifndef TJOB_VERIFY_HISTORY_STATE_SET_H
#define TJOB_VERIFY_HISTORY_STATE_SET_H

#include "verify/history/abstract_state.h"

struct configuration {
    struct abstract_state state;
    uint64_t done;   /* slots whose call has had its instant, or can have no effect any more */
    uint64_t effect; /* slots whose call took effect and has still to find it */
};

/* An entry of the hash table, which holds nothing unless it bears the number of the present filling. */
struct seen {
    uint32_t filling;
    uint32_t index; /* into configurations */
};

struct configuration_set {
    struct configuration *configurations;
    struct seen *seen;
    uint32_t max; /* half of the entries of `seen`, a power of two */
    uint32_t count;
    uint32_t filling;
    uint32_t followed; /* so many, from the first on, stay where they are */
    bool replaced;     /* one has taken the place of another since the set was cleared */
    uint64_t added;    /* how many configurations were put in, ever */
    uint64_t steps;    /* how many were compared, ever */
};

/* With so many others of its key a configuration is compared; beyond them, one is redundant only if it is there
 * already. */
enum { SET_COMPARED_MAX = 16 };

/* The bytes that one configuration takes; and a set in memory for `max` of them, aligned to 8. */
enum { SET_BYTES_EACH = sizeof(struct configuration) + 2 * sizeof(struct seen) };
struct configuration_set tjob__state_set_init(void *memory, uint32_t max);

/* Leaves no configuration in the set. */
void tjob__state_set_clear(struct configuration_set *set);

/*
 * Adds a configuration, unless one that is there makes it redundant. `optional`: the slots whose calls may take effect,
 * and need not. False if there is no room.
 */
bool tjob__state_set_add(struct configuration_set *set, const struct configuration *configuration, uint64_t optional);

/* Adds all anew after they were changed in place: of each that is redundant now, nothing is left. */
void tjob__state_set_reduce(struct configuration_set *set, uint64_t optional);

/* A hash of one more word. */
uint64_t tjob__state_set_mixed(uint64_t hash, uint64_t word);

#endif
