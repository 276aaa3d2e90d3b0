/*
 * A linearizability checker for the history of one job: whether the transition table of docs/lifecycle.md explains the
 * answers that the calls got.
 *
 * A history is the calls of one ARN: each with its event, the time of its invocation, the time of its answer, and the
 * outcome. A history is linearizable if each call can be given one instant between its invocation and its answer so
 * that the table, applied to the calls in the order of these instants, gives every answer. The checker shares no code
 * with the core: it uses a second, independent version of the table.
 *
 * There are two interfaces to one search:
 *
 *  - tjob_history_check takes all calls of a job at once, for the log of a real system.
 *  - tjob_history_compact takes calls as they arrive, for a caller that watches many jobs. It compacts the calls that
 *    are decided into a tjob_history_checkpoint of 128 bytes, and keeps, in the caller's own array, only calls that may
 *    still matter. A batch in an array is simpler and faster than one invocation and one answer at a time: the outcome
 *    of each overlapping call is then known, and where no calls overlap, one application of the table checks a call.
 *
 * What each answer says:
 *
 *  - TJOB_OK and the refusals of the table (not found, stale, wrong state, in use, refused by policy): the table gives
 *    this answer at one instant between invocation and answer. Success with changed = unknown: the call took effect at
 *    one instant or never; at that instant or a later one, in the same incarnation, it found its effect and everything
 *    else that the outcome reports.
 *  - Invalid argument, access denied, throttled, unknown operation, and failures that changed nothing: nothing.
 *  - TJOB_UNRESOLVED, and any failure with changed = unknown: the call took effect at an instant after its invocation,
 *    or will do so, at most once, or never does. After the answer it takes effect only in the incarnation that it
 *    found, because no operation swaps in another incarnation once an answer was lost.
 *  - No answer: the same, in any later incarnation too. A caller that is known to be gone is recorded as
 *    TJOB_UNRESOLVED instead.
 *
 * Times in records do not order the calls, because clocks may jump. The checker accepts any time that the table can
 * give, but a time that an answer has reported stays. What a lost answer would have reported is open until another
 * answer reports it. An incarnation is accepted if no answer reported it before, in a record or by the success of an
 * event that carried it; that a call without a known answer carried it does not count. The one that a submit would
 * begin may change while the job is absent, because removals of other jobs raise it.
 *
 * The search is that of Wing and Gong with Lowe's cache of configurations, breadth first; docs/history.md describes it.
 */
#ifndef TJOB_HISTORY_CHECKER_H
#define TJOB_HISTORY_CHECKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/job.h"
#include "tjob/operation.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Calls ----------------------------------------------------------------------------------------------------- */

/* Which fields of an outcome are known: the checker uses these fields and ignores the others. */
enum {
    TJOB_KNOWN_CHANGED = 1, /* outcome.changed */
    TJOB_KNOWN_BEFORE = 2,  /* outcome.before */
    TJOB_KNOWN_AFTER = 4,   /* outcome.after */
    TJOB_KNOWN_JOB = 8,     /* outcome.job; all zero: there is no job */
    TJOB_KNOWN_ALL = 15     /* as tjob_operation_outcome returns it */
};

/* The value of tjob_call.answered for a call without an answer: every time is below it. */
#define TJOB_PENDING UINT64_MAX

/*
 * One call. `invoked` and `answered` may use any unit that orders the events of one job. A call precedes another one if
 * it was answered before (not at the same time as) the other one was invoked.
 */
typedef struct tjob_call {
    tjob_event event;
    uint64_t invoked;
    uint64_t answered;    /* TJOB_PENDING: not yet, or never; otherwise below that */
    tjob_outcome outcome; /* if answered; for a failure, or an answer that says nothing of the job, only status and
                             changed are used */
    uint32_t known;       /* TJOB_KNOWN_... bits; if changed is not known, only TJOB_UNRESOLVED leaves it open */
} tjob_call;

/* ---- Verdicts -------------------------------------------------------------------------------------------------- */

/* The verdict on a history. */
typedef enum tjob_history_verdict {
    TJOB_LINEARIZABLE = 0,
    TJOB_NOT_LINEARIZABLE,
    TJOB_INCONCLUSIVE, /* a bound was reached: the history is neither accepted nor rejected */
    TJOB_MALFORMED     /* the call at tjob_history_result.at is invalid, or the calls are not in order of invocation, or
                          there are more than UINT32_MAX */
} tjob_history_verdict;

/* Returns the name of a verdict, such as "not linearizable"; "?" outside the enum. Static; thread-safe. */
const char *tjob_history_verdict_name(tjob_history_verdict verdict);

/* The bounds of the search. */
typedef enum tjob_bound {
    TJOB_BOUND_NONE = 0,
    TJOB_BOUND_OPEN,           /* more than TJOB_HISTORY_OPEN_MAX calls open at once */
    TJOB_BOUND_CONFIGURATIONS, /* more configurations that explain the answers so far than the memory holds */
    TJOB_BOUND_INCARNATIONS,   /* more incarnations than the memory holds */
    TJOB_BOUND_EXCLUDED /* an incarnation that no answer reported must differ from two that stale calls carried */
} tjob_bound;

/* Returns the name of a bound, such as "calls open at once"; "?" outside the enum. Static; thread-safe. */
const char *tjob_bound_name(tjob_bound bound);

/* How many calls may be open at once. A call is open once it is invoked, until it is answered or, after a failure, is
 * known to have no effect. */
#define TJOB_HISTORY_OPEN_MAX 64

/* The result of a check. */
typedef struct tjob_history_result {
    tjob_history_verdict verdict;
    tjob_bound bound; /* inconclusive: the bound that was reached */
    size_t at;        /* not linearizable: after tjob_history_explain, the index of the call whose answer completes the
                         shortest prefix, by answers, that is not linearizable; after the other functions, that of a
                         call close to it. Malformed: the index of the call */
    bool minimal;     /* after tjob_history_explain: no call of the sub-history can be left out. False: a limit was
                         reached before that was known, and the sub-history may contain calls that do not matter */
} tjob_history_result;

/* ---- The checker ----------------------------------------------------------------------------------------------- */

/* The memory of a checker, in bytes: the minimum; ample for 16 calls at once with whole outcomes; the maximum. */
#define TJOB_HISTORY_BYTES_MIN 4096
#define TJOB_HISTORY_BYTES_DEFAULT 262144
#define TJOB_HISTORY_BYTES_MAX 1073741824

/* A checker: working memory, no history. Opaque. It may check any number of jobs one after the other. */
typedef struct tjob_history_checker {
    struct tjob_history_search *search;
} tjob_history_checker;

/*
 * Sets up a checker in `bytes` bytes of the caller's memory, aligned to 8, which the checker uses until it is no longer
 * needed; nothing needs to be released. The policy is copied and must be the one that the operations ran under. Returns
 * TJOB_OK, or TJOB_INVALID_ARGUMENT if `bytes` is not from TJOB_HISTORY_BYTES_MIN to TJOB_HISTORY_BYTES_MAX or the
 * policy is invalid. A checker belongs to one thread at a time.
 */
tjob_status tjob_history_checker_init(tjob_history_checker *history, void *memory, size_t bytes,
                                      const tjob_policy *policy);

/*
 * Checks the whole history of one job that was absent at first: `count` calls in order of invocation. A call without an
 * answer will never have one. The calls are only read. Takes time linear in their number where few of them overlap.
 */
tjob_history_result tjob_history_check(tjob_history_checker *history, const tjob_call *calls, size_t count);

/* How many of the last incarnations a checkpoint keeps: tjob_history_compact does not detect an older one that comes
 * back. */
#define TJOB_HISTORY_INCARNATIONS_MAX 4

/* The compacted prefix of a history: 128 bytes. All zero: there were no calls yet, and the job is absent. */
typedef struct tjob_history_checkpoint {
    tjob_job job;      /* the record; fields that no answer reported are lower bounds */
    uint64_t excluded; /* an incarnation that the job's is known to differ from; 0: none, or the job is absent */
    uint32_t unknown;  /* which fields no answer reported */
    uint32_t open;     /* how many calls at the front of the caller's array have been read already */
    uint64_t done;     /* which of these are linearized already */
    uint64_t clock;    /* the time of the last answer that was compacted */
    uint64_t incarnations[TJOB_HISTORY_INCARNATIONS_MAX];
} tjob_history_checkpoint;

/*
 * Checks the calls of one job since its checkpoint, in order of invocation, and compacts the calls that are decided
 * into *checkpoint: it removes them from the array, moves the others to the front and lowers *count. A call without an
 * answer is in flight; the caller may fill in its answer, in the array, before the next compaction. An answer that was
 * passed is final: a call that is left may stand for others with the same event. There may be as many compactions as
 * there are answers. When all calls are answered and explained in one way, no call is left.
 *
 * TJOB_LINEARIZABLE refers to the calls before the first one in flight. With every other verdict, checkpoint and calls
 * are unchanged and can be passed to tjob_history_explain. At the end of a run, tjob_history_finish checks the rest.
 */
tjob_history_result tjob_history_compact(tjob_history_checker *history, tjob_history_checkpoint *checkpoint,
                                         tjob_call *calls, size_t *count);

/* Checks all calls that are left; those without an answer will never have one. Changes neither calls nor checkpoint. */
tjob_history_result tjob_history_finish(tjob_history_checker *history, const tjob_history_checkpoint *checkpoint,
                                        const tjob_call *calls, size_t count);

/*
 * Finds a minimal sub-history that is not linearizable. It lies in the shortest prefix, by answers, that is not
 * linearizable, and no call of it can be left out; another sub-history may have fewer calls. Leaving a call out means
 * ignoring its answer: the call may have had any effect, once, between its invocation and its answer, or none. So the
 * calls of the sub-history contradict each other whatever the answers of the others were. Calls whose answers say that
 * they changed nothing (a failure, throttled, access denied and the like) are left out first; they are in the
 * sub-history only if one of them must have changed something for the others to be right.
 *
 * checkpoint   where the calls begin; NULL: with the absent job.
 * sub_history  room for `count` indexes into `calls`; receives the sub-history, in order of invocation.
 * result       receives the verdict, the call and whether the sub-history is minimal.
 *
 * Returns the number of calls of the sub-history; 0 unless result->verdict is TJOB_NOT_LINEARIZABLE. It checks the
 * history once, and then takes at most TJOB_HISTORY_EXPLAIN_STEPS steps of the search, plus
 * TJOB_HISTORY_EXPLAIN_STEPS_PER_CALL for each of `count` calls; a step is a call that is read in one configuration. If
 * that does not suffice, or the search reaches a bound when a call is left out, calls that do not matter stay in the
 * sub-history and result->minimal is false. The method is the delta debugging of Zeller and Hildebrandt (2002).
 */
size_t tjob_history_explain(tjob_history_checker *history, const tjob_history_checkpoint *checkpoint,
                            const tjob_call *calls, size_t count, uint32_t *sub_history, tjob_history_result *result);

#define TJOB_HISTORY_EXPLAIN_STEPS 4194304
#define TJOB_HISTORY_EXPLAIN_STEPS_PER_CALL 256

#ifdef __cplusplus
}
#endif

#endif
