/*
 * The judge of a history: whether the table of docs/lifecycle.md explains what was asked of one job and what was
 * answered.
 *
 * A history is the calls of one ARN: each with its event, when it was invoked, when it was answered and with what
 * outcome. It is linearizable if each call can be given one instant between its invocation and its answer so that the
 * table, run through these instants one by one, gives every answer. The judge knows no code of the core's: it has the
 * table from a second writing of it.
 *
 * Two ways to ask, one search behind them:
 *
 *  - tjob_history_check takes all calls of a job at once, for the log of a real system.
 *  - tjob_history_compact takes them as they come, for who watches many jobs: what is settled is folded into a tjob_history_checkpoint
 * of 128 bytes, and only calls that may still matter are kept, in the caller's own array. A batch over an array is both
 *    simpler and faster than an invocation and an answer at a time: the outcome of each call that overlaps another is
 * then known, and where nothing overlaps a call is judged by one run of the rule.
 *
 * What each answer says:
 *
 *  - TJOB_OK and the refusals of the table (not found, stale, wrong state, in use, refused by policy): what the table
 * says at one instant between invocation and answer. Success with changed = unknown: it took effect at one instant or
 * never, and at that instant or a later one in the same incarnation found its effect and whatever else the outcome tells.
 *  - invalid argument, access denied, throttled, unknown operation, and failures that changed nothing: nothing.
 *  - TJOB_UNRESOLVED, or any failure with changed = unknown: it took effect at an instant after its invocation, or
 * will, at most once, or never does; after the answer only in the incarnation that it found, for no operation swaps in another
 * incarnation once an answer was lost.
 *  - no answer: the same, in any later incarnation too. Who knows that the caller is gone records TJOB_UNRESOLVED instead.
 *
 * Times in records are no part of the order: clocks may jump. Any time is accepted that the rule can give, but a time
 * once seen stays; what a lost answer would have told is open until another answer tells it. An incarnation is accepted if it
 * is new.
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

/* What of an outcome is told: the judge believes these parts and asks for no other. */
enum {
    TJOB_KNOWN_CHANGED = 1, /* outcome.changed */
    TJOB_KNOWN_BEFORE = 2,  /* outcome.before */
    TJOB_KNOWN_AFTER = 4,   /* outcome.after */
    TJOB_KNOWN_JOB = 8,     /* outcome.job; all zero: that there is none */
    TJOB_KNOWN_ALL = 15     /* as tjob_operation_outcome gives it */
};

/* tjob_call.answered of a call without an answer: no time is as large. */
#define TJOB_PENDING UINT64_MAX

/*
 * One call. `invoked` and `answered` count in any unit that orders the events of one job; a call precedes another if it
 * was answered before (not when) that was invoked.
 */
typedef struct tjob_call {
    tjob_event event;
    uint64_t invoked;
    uint64_t answered; /* TJOB_PENDING: not yet, or never; else below that */
    tjob_outcome
        outcome;    /* if answered; of a failure and of what says nothing of the state only status and changed count */
    uint32_t known; /* TJOB_KNOWN_...; where changed is not told, TJOB_UNRESOLVED alone leaves it open */
} tjob_call;

/* ---- Verdicts -------------------------------------------------------------------------------------------------- */

typedef enum tjob_history_verdict {
    TJOB_LINEARIZABLE = 0,
    TJOB_NOT_LINEARIZABLE,
    TJOB_INCONCLUSIVE, /* a bound was met: nothing is said */
    TJOB_MALFORMED /* tjob_history_result.at is a call that cannot be, or the calls are not in order of invocation, or there
                      are more than UINT32_MAX */
} tjob_history_verdict;

/* The name of a verdict, such as "not linearizable"; "?" outside the enum. Static. */
const char *tjob_history_verdict_name(tjob_history_verdict verdict);

/* The bounds of the search. */
typedef enum tjob_bound {
    TJOB_BOUND_NONE = 0,
    TJOB_BOUND_OPEN,           /* more than TJOB_HISTORY_OPEN_MAX calls open at once */
    TJOB_BOUND_CONFIGURATIONS, /* more ways to explain what was answered so far than the memory holds */
    TJOB_BOUND_INCARNATIONS,   /* more incarnations than the memory holds */
    TJOB_BOUND_EXCLUDED /* an incarnation that was never seen would have to differ from two that stale calls bore */
} tjob_bound;

/* The name of a bound, such as "calls open at once"; "?" outside the enum. Static. */
const char *tjob_bound_name(tjob_bound bound);

/* How many calls may be open at once: invoked, and neither answered nor, after a failure, known to be without effect.
 */
#define TJOB_HISTORY_OPEN_MAX 64

typedef struct tjob_history_result {
    tjob_history_verdict verdict;
    tjob_bound bound; /* inconclusive: which one was met */
    size_t at;        /* not linearizable: the call whose answer completes the shortest prefix, by answers, that is not
                         linearizable, after tjob_history_explain; a call close to it after the others. Malformed: the call */
    bool minimal; /* after tjob_history_explain: no call of the part can be left out. False: the effort met its bound
                     before that was known, and the part may hold calls that do not matter */
} tjob_history_result;

/* ---- The judge ------------------------------------------------------------------------------------------------- */

/* The memory of a judge: the least, what is ample for 16 calls at once with whole outcomes, and the most. */
#define TJOB_HISTORY_BYTES_MIN 4096
#define TJOB_HISTORY_BYTES_DEFAULT 262144
#define TJOB_HISTORY_BYTES_MAX 1073741824

/* A judge: working memory, no history. Its fields are its own. It may judge any number of jobs one after the other. */
typedef struct tjob_history_checker {
    struct tjob_history_search *search;
} tjob_history_checker;

/*
 * Sets a judge up in the caller's memory of `bytes` bytes, aligned to 8, which it uses until it is no longer needed.
 * The policy is copied: it must be the one that the operations ran under. TJOB_OK, or TJOB_INVALID_ARGUMENT if `bytes`
 * is not from TJOB_HISTORY_BYTES_MIN to TJOB_HISTORY_BYTES_MAX or if the policy cannot be. A judge belongs to one
 * thread at a time.
 */
tjob_status tjob_history_checker_init(tjob_history_checker *history, void *memory, size_t bytes,
                                      const tjob_policy *policy);

/*
 * Judges the whole history of one job that was absent at first: `count` calls in order of invocation. A call without an
 * answer will never have one. Reads the calls alone; time linear in them where few overlap.
 */
tjob_history_result tjob_history_check(tjob_history_checker *history, const tjob_call *calls, size_t count);

/* How many of the last incarnations a past remembers: an older one that comes back is not noticed by tjob_history_compact. */
#define TJOB_HISTORY_INCARNATIONS_MAX 4

/* All that is left of the calls that are settled: 128 bytes. All zero: nothing was asked yet, the job is absent. */
typedef struct tjob_history_checkpoint {
    tjob_job job;      /* what there is; fields that no answer told are lower bounds */
    uint64_t excluded; /* an incarnation that it is not */
    uint32_t unknown;  /* which fields no answer told */
    uint32_t open;     /* how many calls, at the front of the caller's array, have been looked at already */
    uint64_t done;     /* which of these are explained already */
    uint64_t clock;    /* the last answer that is settled */
    uint64_t incarnations[TJOB_HISTORY_INCARNATIONS_MAX];
} tjob_history_checkpoint;

/*
 * Judges the calls of one job that came since its past, in order of invocation, and folds what is settled into the
 * past: such calls are taken out of the array, the others moved to its front and *count lowered. A call without an
 * answer is under way and may be given one, in the array, before the next fold. Folds may be as many as there are
 * answers; when all is answered and explained in one way, no call is left.
 *
 * TJOB_LINEARIZABLE speaks of the calls before the first one that is under way. After every other verdict past and
 * calls are as they were, for tjob_history_explain. At the end of a run, tjob_history_finish judges the rest.
 */
tjob_history_result tjob_history_compact(tjob_history_checker *history, tjob_history_checkpoint *checkpoint,
                                         tjob_call *calls, size_t *count);

/* Judges all calls that are left, those without an answer as never to have one. Changes nothing. */
tjob_history_result tjob_history_finish(tjob_history_checker *history, const tjob_history_checkpoint *checkpoint,
                                        const tjob_call *calls, size_t count);

/*
 * A minimal part of a history that is not linearizable. It lies in the shortest prefix, by answers, that is not
 * linearizable, and no call of it can be left out; there may be another part that has fewer calls. A call is left out
 * by forgetting what it was answered: it may have had any effect, once, between its invocation and its answer, or none.
 * So the calls of the part contradict each other whatever the answers of the others were. Calls that say that they
 * changed nothing (a failure, throttled, access denied and the like) are left out first; they are in the part only if
 * one of them must have changed something if the others are right.
 *
 * past   where the calls begin; NULL: with the absent job.
 * sub_history  room for `count` indexes into `calls`: the part, in order of invocation.
 *
 * Returns how many calls the part has; 0 unless finding->verdict is TJOB_NOT_LINEARIZABLE. Takes a judgement, and then
 * at most TJOB_HISTORY_EXPLAIN_STEPS steps of the search and TJOB_HISTORY_EXPLAIN_STEPS_PER_CALL for each of `count`: a
 * step is a call that is read in one configuration. Where that does not suffice, or leaving a call out meets a bound,
 * calls stay in the part that do not matter, and finding->minimal is false.
 */
size_t tjob_history_explain(tjob_history_checker *history, const tjob_history_checkpoint *checkpoint,
                            const tjob_call *calls, size_t count, uint32_t *sub_history, tjob_history_result *result);

#define TJOB_HISTORY_EXPLAIN_STEPS 4194304
#define TJOB_HISTORY_EXPLAIN_STEPS_PER_CALL 256

#ifdef __cplusplus
}
#endif

#endif
