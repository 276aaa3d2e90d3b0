/*
 * The search for a linearization of a history: the algorithm of Wing and Gong (1993) with Lowe's cache of
 * configurations (2017), breadth first.
 *
 * A configuration is one linearization of all answers so far: the abstract state of the job, and the set of open calls
 * that have been linearized. Each answer must be explained by every configuration that survives: open calls are
 * linearized in some order, the answered one last. A call is linearized only when an answer requires it, except a call
 * that changes nothing and reveals nothing, which may be linearized at once. The configurations are therefore few, a
 * job without overlapping calls has exactly one, and the search never backtracks: it does not need to keep the history.
 */
#ifndef TJOB_VERIFY_HISTORY_LINEARIZE_H
#define TJOB_VERIFY_HISTORY_LINEARIZE_H

#include "verify/history/call.h"
#include "verify/history/state_set.h"

enum { SEARCH_SLOTS = TJOB_HISTORY_OPEN_MAX };

/* The maximum number of configurations that a widening search distinguishes between two answers. */
enum { SEARCH_WIDTH = 32 };

/* The bound that a search reaches if it exceeds its step limit. A result that a caller receives never has it. */
enum { SEARCH_BOUND_STEPS = TJOB_BOUND_EXCLUDED + 1 };

/* The calls of a history that a search reads, and how it reads them. If the horizon is TJOB_PENDING and all other
 * fields except calls and count are zero, it reads all calls as they are. */
struct view {
    const tjob_call *calls;
    size_t count;
    const tjob_history_checkpoint *checkpoint; /* the state before the first call; NULL: an absent job */
    const uint32_t *sub_history;               /* indexes of the calls whose answers are kept, ascending; NULL: all */
    size_t sub_history_count;
    size_t trusted;   /* the answers of the calls before this one are kept, even outside the sub-history */
    size_t first;     /* the search begins at this call, with an unknown state */
    uint64_t horizon; /* the last answer that is read; TJOB_PENDING: all */
    size_t except;    /* a call whose answer is not kept, although it is before `trusted` */
    bool widens;      /* merges configurations if there are too many: "not linearizable" stays exact, anything else may
                         become inconclusive */
    bool doubts;      /* also ignores answers that report no change, except those of the sub-history */
    bool compacts;    /* for compaction: the search ends before the first call without an answer */
};

/* The last answer after which exactly one configuration was left, or the beginning; and calls without effect behind. */
struct compaction {
    struct configuration configuration;
    uint64_t clock;
    uint64_t incarnations[TJOB_HISTORY_INCARNATIONS_MAX];
    size_t next;                  /* the calls from this one on were not yet invoked */
    uint32_t open;                /* the number of earlier calls that are still open */
    uint32_t slots[SEARCH_SLOTS]; /* their slots, in ascending order of the calls' indexes */
    uint32_t calls[SEARCH_SLOTS]; /* their indexes, in the same order */
};

struct tjob_history_search;

/* Sets a search up in memory that is large enough. */
struct tjob_history_search *tjob__search_init(void *memory, size_t bytes, const tjob_policy *policy);

/* Returns the policy of the search. */
const tjob_policy *tjob__search_policy(const struct tjob_history_search *search);

/* Runs the search. If the history is not linearizable, result.at is the call whose answer could not be explained. */
tjob_history_result tjob__search_run(struct tjob_history_search *search, const struct view *view);

/* After a run of a view with `compacts`, returns where the history may be compacted. */
const struct compaction *tjob__search_compaction(const struct tjob_history_search *search);

/* Returns the number of configurations that the last run stored in total. */
uint64_t tjob__search_effort(const struct tjob_history_search *search);

/*
 * Return and limit the number of steps that all runs have taken since the last tjob__search_restart. A step is a call
 * that is read from the history, a call that is applied in a configuration, or a configuration that is stored or
 * compared with another one. A run that exceeds the limit is inconclusive.
 */
uint64_t tjob__search_steps(const struct tjob_history_search *search);
void tjob__search_restart(struct tjob_history_search *search);
void tjob__search_limit(struct tjob_history_search *search, uint64_t most_steps);

#endif
