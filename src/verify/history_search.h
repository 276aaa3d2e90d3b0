/*
 * The search for an explanation of a history: Wing and Gong's, with Lowe's memory of what was seen, breadth first.
 *
 * A configuration is a way to explain all answers so far: what is believed of the job, and which of the calls that are
 * still open have had their instant. Each answer must be explained by every configuration that goes on: by open calls
 * taking their instant in some order, the answered one last. No call takes its instant sooner than an answer demands,
 * but one that changes nothing and teaches nothing, which may as well take it at once. So the configurations are few, a
 * job without overlapping calls has one, and nothing has to be taken back: the search needs to keep no history.
 */
#ifndef TJOB_VERIFY_HISTORY_SEARCH_H
#define TJOB_VERIFY_HISTORY_SEARCH_H

#include "verify/belief.h"

enum { SEARCH_SLOTS = TJOB_HISTORY_OPEN_MAX };

struct configuration {
    struct belief belief;
    uint64_t done;   /* slots whose call has had its instant, or can have no effect any more */
    uint64_t effect; /* slots whose call took effect and has still to find it */
};

/* A call as the search takes it. */
enum call_role {
    ROLE_SILENT,   /* says nothing */
    ROLE_OPEN,     /* may take effect */
    ROLE_ANSWERED, /* its outcome is the rule's at one instant */
    ROLE_FOUND     /* may take effect, and finds it later */
};

/* Which calls of a history are looked at, and how. All zero but calls and count: all of them. */
struct view {
    const tjob_call *calls;
    size_t count;
    const tjob_past *past; /* where they begin; NULL: with the absent job */
    const uint32_t *part;  /* indexes of the calls whose answers are not forgotten, rising; NULL: all */
    size_t part_count;
    size_t first;     /* what came before this call is not known, and this is where it begins */
    uint64_t horizon; /* the last answer that is looked at; TJOB_NEVER: all */
    bool folds;       /* calls without an answer are under way: what follows their invocation is left */
};

/* The last answer after which there was one configuration alone. */
struct checkpoint {
    bool reached;
    struct configuration configuration;
    uint64_t clock;
    uint64_t lives[TJOB_HISTORY_LIVES_MAX];
    size_t next;                  /* the calls from here on were not yet invoked */
    uint32_t open;                /* calls before that are still open: */
    uint32_t slots[SEARCH_SLOTS]; /* their slots, by rising index of the call */
    uint32_t calls[SEARCH_SLOTS]; /* their indexes, in the same order */
};

struct tjob_history_search;

/* Lays a search out in memory that is large enough. */
struct tjob_history_search *search_init(void *memory, size_t bytes, const tjob_policy *policy);

/* The policy that it was given. */
const tjob_policy *search_policy(const struct tjob_history_search *search);

/* Searches. Of a history that is not linearizable, finding.at is the call whose answer could not be explained. */
tjob_finding search_run(struct tjob_history_search *search, const struct view *view);

/* After a run of a view that folds: where it may be cut. */
const struct checkpoint *search_checkpoint(const struct tjob_history_search *search);

/* How many configurations the last run has kept, one after the other: what it took. */
uint64_t search_effort(const struct tjob_history_search *search);

/* What role a call plays whose answer is known. */
enum call_role role_of(const tjob_call *call);

/* The life that a call's answer proves to have been; 0 = none. */
uint64_t life_told_by(const tjob_call *call);

#endif
