/*
 * The search for an explanation of a history: Wing and Gong's, with Lowe's memory of what was seen, breadth first.
 *
 * A configuration is a way to explain all answers so far: what is believed of the job, and which of the calls that are
 * still open have had their instant. Each answer must be explained by every configuration that goes on: by open calls
 * taking their instant in some order, the answered one last. No call takes its instant sooner than an answer demands,
 * but one that changes nothing and teaches nothing, which may as well take it at once. So the configurations are few, a
 * job without overlapping calls has one, and nothing has to be taken back: the search needs to keep no history.
 */
#ifndef TJOB_VERIFY_HISTORY_LINEARIZE_H
#define TJOB_VERIFY_HISTORY_LINEARIZE_H

#include "verify/history/call.h"
#include "verify/history/state_set.h"

enum { SEARCH_SLOTS = TJOB_HISTORY_OPEN_MAX };

/* How many configurations a search that widens tells apart between two answers. */
enum { SEARCH_WIDTH = 32 };

/* The bound that a search meets which takes more steps than it may; never in a finding that a caller gets. */
enum { SEARCH_BOUND_STEPS = TJOB_BOUND_EXCLUDED + 1 };

/* Which calls of a history are looked at, and how. All zero but calls and count: all of them. */
struct view {
    const tjob_call *calls;
    size_t count;
    const tjob_history_checkpoint *checkpoint; /* where they begin; NULL: with the absent job */
    const uint32_t *sub_history; /* indexes of the calls whose answers are not forgotten, rising; NULL: all */
    size_t sub_history_count;
    size_t believed;  /* the answers of the calls before this one are not forgotten, whatever is the part */
    size_t first;     /* what came before this call is not known, and this is where it begins */
    uint64_t horizon; /* the last answer that is looked at; TJOB_PENDING: all */
    size_t except;    /* but of this one, if it is before that */
    bool widens;      /* takes what is too much to be told apart together: contradictory is as true as ever, and what
                         is not may be inconclusive */
    bool doubts;      /* forgets the answers that say that nothing was changed, too, but of calls of the part */
    bool folds;       /* calls without an answer are under way: what follows their invocation is left */
};

/* The last answer after which there was one configuration alone. */
struct compaction {
    bool reached;
    struct configuration configuration;
    uint64_t clock;
    uint64_t incarnations[TJOB_HISTORY_INCARNATIONS_MAX];
    size_t next;                  /* the calls from here on were not yet invoked */
    uint32_t open;                /* calls before that are still open: */
    uint32_t slots[SEARCH_SLOTS]; /* their slots, by rising index of the call */
    uint32_t calls[SEARCH_SLOTS]; /* their indexes, in the same order */
};

struct tjob_history_search;

/* Lays a search out in memory that is large enough. */
struct tjob_history_search *tjob__search_init(void *memory, size_t bytes, const tjob_policy *policy);

/* The policy that it was given. */
const tjob_policy *tjob__search_policy(const struct tjob_history_search *search);

/* Searches. Of a history that is not linearizable, finding.at is the call whose answer could not be explained. */
tjob_history_result tjob__search_run(struct tjob_history_search *search, const struct view *view);

/* After a run of a view that folds: where it may be cut. */
const struct compaction *tjob__search_compaction(const struct tjob_history_search *search);

/* How many configurations the last run has kept, one after the other. */
uint64_t tjob__search_effort(const struct tjob_history_search *search);

/*
 * How many steps all runs took since the last tjob__search_restart: a step is a call that is looked at, a call that is
 * read in a configuration, or a configuration that is kept or compared with another. Beyond the limit a run is
 * inconclusive.
 */
uint64_t tjob__search_steps(const struct tjob_history_search *search);
void tjob__search_restart(struct tjob_history_search *search);
void tjob__search_limit(struct tjob_history_search *search, uint64_t most_steps);

#endif
