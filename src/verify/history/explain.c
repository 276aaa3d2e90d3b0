/*
 * The explanation why a history is not linearizable: a minimal sub-history that is not linearizable.
 *
 * Answers are left out in groups, as in the delta debugging of Zeller and Hildebrandt ("Simplifying and Isolating
 * Failure-Inducing Input", 2002), of which only the complements are tried. A history with fewer answers has more
 * linearizations. A call that cannot be left out of a sub-history can therefore not be left out of a smaller one
 * either, and one pass over the single calls is enough. Everything before the contradiction is cut off first, at a cost
 * that does not depend on its length.
 */
#include <string.h>

#include "verify/history/checker.h"

struct explanation {
    struct tjob_history_search *search;
    struct view view;
    uint32_t *sub_history; /* view.sub_history, writable */
    uint64_t most_steps;
    uint64_t allowed; /* the current step limit, a share of most_steps */
    bool is_shortest; /* of the prefix */
    bool minimal;
};

static tjob_history_verdict verdict_of(struct explanation *explanation, const struct view *view)
{
    return tjob__search_run(explanation->search, view).verdict;
}

/* Lets the trials take `eighths` eighths of all steps, in total. */
static void allow(struct explanation *explanation, uint64_t eighths)
{
    explanation->allowed = explanation->most_steps / 8 * eighths;
    tjob__search_limit(explanation->search, explanation->allowed);
}

static bool is_spent(const struct explanation *explanation)
{
    return tjob__search_steps(explanation->search) > explanation->allowed;
}

/* ---- The prefix ------------------------------------------------------------------------------------------------ */

/* Returns the time of the next answer after a time, or TJOB_PENDING if there is none. Sets *at to the index of the
 * call. */
static uint64_t next_answer(const struct view *view, uint64_t time, size_t *at)
{
    uint64_t next = TJOB_PENDING;
    for (size_t i = 0; i < view->count; i++) {
        if (view->calls[i].answered > time && view->calls[i].answered < next) {
            next = view->calls[i].answered;
            *at = i;
        }
    }
    return next;
}

/* Returns the view of the calls up to an answer. */
static struct view prefix_of(const struct view *view, uint64_t horizon)
{
    struct view prefix = *view;
    prefix.horizon = horizon;
    while (prefix.calls[prefix.count - 1].invoked > horizon) {
        prefix.count--;
    }
    return prefix;
}

/* Ends the view at the first answer that makes it contradictory. Returns the index of the call with that answer. */
static size_t shorten(struct explanation *explanation, size_t at)
{
    const struct view whole = explanation->view;
    uint64_t horizon = whole.calls[at].answered;
    for (;;) {
        explanation->view = prefix_of(&whole, horizon);
        const tjob_history_verdict verdict = verdict_of(explanation, &explanation->view);
        if (verdict == TJOB_NOT_LINEARIZABLE || horizon == TJOB_PENDING) {
            return at;
        }
        if (verdict != TJOB_LINEARIZABLE) {
            explanation->is_shortest = false;
        }
        horizon = is_spent(explanation) ? TJOB_PENDING : next_answer(&whole, horizon, &at);
    }
}

/* ---- The beginning --------------------------------------------------------------------------------------------- */

/*
 * Cuts off all calls before the last call from which on the view is still contradictory, whatever came before. Returns
 * false if the view is not contradictory even from its beginning on.
 */
static bool cut_off(struct explanation *explanation)
{
    struct view view = explanation->view;
    size_t near = 0;
    size_t beyond = view.count;
    for (size_t width = 1; width < view.count && near == 0; width *= 2) {
        view.first = view.count - width;
        const bool contradictory = verdict_of(explanation, &view) == TJOB_NOT_LINEARIZABLE;
        near = contradictory ? view.first : 0;
        beyond = contradictory ? beyond : view.first;
    }
    view.first = 0;
    if (near == 0 && verdict_of(explanation, &view) != TJOB_NOT_LINEARIZABLE) {
        return false;
    }
    while (near != 0 && beyond - near > 1) {
        view.first = near + (beyond - near) / 2;
        const bool contradictory = verdict_of(explanation, &view) == TJOB_NOT_LINEARIZABLE;
        near = contradictory ? view.first : near;
        beyond = contradictory ? beyond : view.first;
    }
    explanation->view.first = near;
    return true;
}

/* ---- Groups ---------------------------------------------------------------------------------------------------- */

static void reverse(uint32_t *sub_history, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        const uint32_t first = sub_history[i];
        sub_history[i] = sub_history[count - 1 - i];
        sub_history[count - 1 - i] = first;
    }
}

/* Moves the first `count` of `all` entries behind the others; both groups keep their order. */
static void explain_rotate(uint32_t *sub_history, size_t count, size_t all)
{
    reverse(sub_history, count);
    reverse(sub_history + count, all - count);
    reverse(sub_history, all);
}

/* take_out moves `length` calls from `at` on behind the sub-history; put_back moves them back. */
static void take_out(struct explanation *explanation, size_t at, size_t length)
{
    explain_rotate(explanation->sub_history + at, length, explanation->view.sub_history_count - at);
    explanation->view.sub_history_count -= length;
}

static void put_back(struct explanation *explanation, size_t at, size_t length)
{
    explanation->view.sub_history_count += length;
    const size_t rest = explanation->view.sub_history_count - at;
    explain_rotate(explanation->sub_history + at, rest - length, rest);
}

/* Returns how many calls of the sub-history, from `at` on and at most `length`, are of one kind: those that report that
 * they changed nothing, or those that say something about the job. */
static size_t alike(const struct explanation *explanation, size_t at, size_t length, bool silent)
{
    const struct view *view = &explanation->view;
    size_t same = 0;
    while (same < length &&
           (tjob__role_of(&view->calls[explanation->sub_history[at + same]]) == ROLE_SILENT) == silent) {
        same++;
    }
    return same;
}

/* Leaves out runs of `length` calls of one kind if the other calls are still contradictory. */
static void leave_out(struct explanation *explanation, size_t length, bool silent)
{
    for (size_t i = 0; i + length <= explanation->view.sub_history_count && !is_spent(explanation);) {
        const size_t same = alike(explanation, i, length, silent);
        if (same < length) {
            i += same + 1;
            continue;
        }
        take_out(explanation, i, length);
        const tjob_history_verdict verdict = verdict_of(explanation, &explanation->view);
        if (verdict == TJOB_NOT_LINEARIZABLE) {
            continue;
        }
        put_back(explanation, i, length);
        if (length == 1 && verdict != TJOB_LINEARIZABLE) {
            explanation->minimal = false;
        }
        i += length;
    }
}

static void leave_out_groups(struct explanation *explanation, bool silent)
{
    for (size_t length = (explanation->view.sub_history_count + 1) / 2; length > 0; length /= 2) {
        leave_out(explanation, length, silent);
    }
    if (is_spent(explanation)) {
        explanation->minimal = false;
    }
}

/* ---- The sub-history ------------------------------------------------------------------------------------------- */

/* Adds the answers that say something about the job to the sub-history or, if `silent`, also those that report that
 * nothing was changed. */
static void explain_gather(struct explanation *explanation, bool silent)
{
    struct view *view = &explanation->view;
    const uint64_t begin = view->first != 0 ? view->calls[view->first].invoked : 0;
    size_t kept = view->sub_history_count;
    /* The new sub-history grows towards the end of the array: the old one moves to the end first. */
    memmove(explanation->sub_history + view->count - kept, explanation->sub_history,
            kept * sizeof *explanation->sub_history);
    const uint32_t *next = explanation->sub_history + view->count - kept;
    size_t size = 0;
    for (size_t i = 0; i < view->count; i++) {
        const tjob_call *call = &view->calls[i];
        const bool answered = call->answered != TJOB_PENDING && call->answered <= view->horizon;
        const enum call_role role = answered ? tjob__role_of(call) : ROLE_OPEN;
        const bool was_in = kept != 0 && *next == i;
        const bool is_new =
            silent ? role == ROLE_SILENT && call->answered >= begin : tjob__role_knows(role) && i >= view->first;
        next += was_in ? 1 : 0;
        kept -= was_in ? 1 : 0;
        if (was_in || is_new) {
            explanation->sub_history[size++] = (uint32_t)i;
        }
    }
    view->sub_history = explanation->sub_history;
    view->sub_history_count = size;
}

/*
 * Checks whether the sub-history has a linearization without a call that was just taken out, with all calls read from
 * the beginning on. The search keeps as many of the other answers as possible, because kept answers need no search:
 * first all others, then fewer and fewer of those before the first call of the view.
 */
static tjob_history_verdict verdict_without(struct explanation *explanation, uint32_t call)
{
    struct view view = explanation->view;
    view.widens = false;
    view.first = 0;
    view.trusted = view.count;
    view.except = call;
    tjob_history_verdict verdict = verdict_of(explanation, &view);
    for (size_t ignored = 0; verdict != TJOB_LINEARIZABLE && view.trusted != 0;) {
        view.trusted = explanation->view.first - ignored;
        verdict = verdict_of(explanation, &view);
        ignored = ignored == 0 ? 1 : 2 * ignored;
        ignored = ignored < explanation->view.first ? ignored : explanation->view.first;
    }
    return verdict;
}

/* Leaves out the calls that are superfluous only because of what came before the first call of the view. */
static void explain_confirm(struct explanation *explanation)
{
    for (size_t i = 0; i < explanation->view.sub_history_count && !is_spent(explanation);) {
        const uint32_t call = explanation->sub_history[i];
        take_out(explanation, i, 1);
        const tjob_history_verdict verdict = verdict_without(explanation, call);
        if (verdict == TJOB_NOT_LINEARIZABLE) {
            continue;
        }
        put_back(explanation, i, 1);
        if (verdict != TJOB_LINEARIZABLE) {
            explanation->minimal = false;
        }
        i++;
    }
    if (is_spent(explanation)) {
        explanation->minimal = false;
    }
}

static void find_sub_history(struct explanation *explanation)
{
    struct view *view = &explanation->view;
    view->widens = true;
    allow(explanation, 2);
    view->doubts = true;
    const bool silent_matter = !cut_off(explanation);
    if (silent_matter) {
        allow(explanation, 3);
        view->doubts = false;
        (void)cut_off(explanation);
    }
    explain_gather(explanation, false);
    explanation->minimal = true;
    allow(explanation, 5);
    leave_out_groups(explanation, false);
    if (silent_matter) {
        explain_gather(explanation, true);
        view->doubts = true;
        allow(explanation, 6);
        leave_out_groups(explanation, true);
    }
    allow(explanation, 8);
    if (view->first != 0 || !explanation->minimal) {
        explanation->minimal = true;
        explain_confirm(explanation);
    }
}

size_t tjob_history_explain(tjob_history_checker *history, const tjob_history_checkpoint *checkpoint,
                            const tjob_call *calls, size_t count, uint32_t *sub_history, tjob_history_result *result)
{
    struct explanation explanation = {
        .search = history->search,
        .view = {.calls = calls, .count = count, .checkpoint = checkpoint, .horizon = TJOB_PENDING},
        .sub_history = sub_history,
        .is_shortest = true,
        .most_steps = TJOB_HISTORY_EXPLAIN_STEPS + (uint64_t)count * TJOB_HISTORY_EXPLAIN_STEPS_PER_CALL,
    };
    *result = tjob__history_linearize(history, &explanation.view);
    if (result->verdict != TJOB_NOT_LINEARIZABLE) {
        return 0;
    }
    tjob__search_restart(history->search);
    allow(&explanation, 1);
    result->at = shorten(&explanation, result->at);
    find_sub_history(&explanation);
    if (!explanation.is_shortest) {
        explanation.minimal = false;
    }
    result->minimal = explanation.minimal;
    tjob__search_limit(history->search, UINT64_MAX);
    return explanation.view.sub_history_count;
}
