#include "verify/history.h"

#include <string.h>

_Static_assert(sizeof(tjob_past) == 128, "a past is as small as its header says");

const char *tjob_history_verdict_name(tjob_history_verdict verdict)
{
    static const char names[][20] = {
        [TJOB_LINEARIZABLE] = "linearizable",
        [TJOB_NOT_LINEARIZABLE] = "not linearizable",
        [TJOB_INCONCLUSIVE] = "inconclusive",
        [TJOB_MALFORMED] = "malformed",
    };
    return (unsigned)verdict < sizeof names / sizeof names[0] ? names[verdict] : "?";
}

const char *tjob_bound_name(tjob_bound bound)
{
    static const char names[][24] = {
        [TJOB_BOUND_NONE] = "none",
        [TJOB_BOUND_OPEN] = "calls open at once",
        [TJOB_BOUND_CONFIGURATIONS] = "configurations",
        [TJOB_BOUND_INCARNATIONS] = "incarnations",
        [TJOB_BOUND_EXCLUDED] = "excluded incarnations",
    };
    return (unsigned)bound < sizeof names / sizeof names[0] ? names[bound] : "?";
}

tjob_status tjob_history_init(tjob_history *history, void *memory, size_t bytes, const tjob_policy *policy)
{
    if (bytes < TJOB_HISTORY_BYTES_MIN || bytes > TJOB_HISTORY_BYTES_MAX || tjob_policy_validate(policy) != TJOB_OK) {
        return TJOB_INVALID_ARGUMENT;
    }
    history->search = tjob__search_init(memory, bytes, policy);
    return TJOB_OK;
}

/* ---- What can be ----------------------------------------------------------------------------------------------- */

/* Whether the record that is told, if one is, is none at all where it is absent. */
static bool absence_can_be(const tjob_call *call)
{
    static const tjob_job none = {.state = TJOB_ABSENT};
    const tjob_job *job = &call->outcome.job;
    const enum call_role role = tjob__role_of(call);
    return job->state != TJOB_ABSENT || (call->told & TJOB_TOLD_JOB) == 0 || role == ROLE_SILENT || role == ROLE_OPEN ||
           memcmp(job, &none, sizeof none) == 0;
}

static bool can_be(const tjob_call *call)
{
    if (call->answered == TJOB_NEVER) {
        return tjob_event_validate(&call->event) == TJOB_OK;
    }
    const tjob_outcome *outcome = &call->outcome;
    const bool failed_and_changed = (call->told & TJOB_TOLD_CHANGED) != 0 && outcome->changed == TJOB_CHANGED_YES &&
                                    tjob_status_is_failure(outcome->status);
    return call->answered >= call->invoked && (unsigned)outcome->status < TJOB_STATUS_COUNT && !failed_and_changed &&
           (tjob_event_validate(&call->event) == TJOB_OK || tjob__role_of(call) == ROLE_SILENT) && absence_can_be(call);
}

/* The first call that cannot be, or comes before its time; `count` if there is none. */
static size_t malformed(const tjob_call *calls, size_t count)
{
    size_t i = 0;
    while (i < count && can_be(&calls[i]) && (i == 0 || calls[i - 1].invoked <= calls[i].invoked)) {
        i++;
    }
    return i;
}

tjob_finding tjob__history_judge(tjob_history *history, const struct view *view)
{
    const size_t wrong = view->count > UINT32_MAX ? UINT32_MAX : malformed(view->calls, view->count);
    if (wrong != view->count) {
        return (tjob_finding){TJOB_MALFORMED, TJOB_BOUND_NONE, wrong, false};
    }
    return tjob__search_run(history->search, view);
}

tjob_finding tjob_history_check(tjob_history *history, const tjob_call *calls, size_t count)
{
    return tjob_history_finish(history, NULL, calls, count);
}

tjob_finding tjob_history_finish(tjob_history *history, const tjob_past *past, const tjob_call *calls, size_t count)
{
    const struct view view = {.calls = calls, .count = count, .past = past, .horizon = TJOB_NEVER};
    return tjob__history_judge(history, &view);
}

/* ---- Folding --------------------------------------------------------------------------------------------------- */

static void keep_belief(tjob_past *past, const struct belief *belief)
{
    past->job = belief->job;
    past->excluded = belief->excluded;
    past->unknown = belief->unknown;
}

static void keep_incarnation(tjob_past *past, uint64_t incarnation)
{
    if (incarnation != 0 && incarnation != past->incarnations[0]) {
        memmove(past->incarnations + 1, past->incarnations, sizeof past->incarnations - sizeof past->incarnations[0]);
        past->incarnations[0] = incarnation;
    }
}

static bool is_old_incarnation(const tjob_past *past, uint64_t incarnation)
{
    for (unsigned i = 0; i < TJOB_HISTORY_INCARNATIONS_MAX; i++) {
        if (past->incarnations[i] == incarnation) {
            return true;
        }
    }
    return false;
}

/* Most calls are answered before the next is invoked, and are known in full: one run of the rule. False if it is not
 * so. */
static bool fold_alone(const tjob_history *history, tjob_past *past, const tjob_call *call)
{
    struct belief_step step;
    const struct belief belief = tjob__belief_of_past(past);
    if (past->open != 0 || call->answered == TJOB_NEVER || !can_be(call)) {
        return false;
    }
    const enum call_role role = tjob__role_of(call);
    if (role == ROLE_ANSWERED && tjob__belief_choices(&belief, call, READ_ANSWER) == 1 &&
        tjob__belief_step(&belief, call, READ_ANSWER, 0, tjob__search_policy(history->search), &step) &&
        (step.learnt == 0 || !is_old_incarnation(past, step.learnt))) {
        keep_belief(past, &step.next);
        keep_incarnation(past, tjob__incarnation_told_by(call));
        past->clock = call->answered;
        return true;
    }
    return role == ROLE_SILENT;
}

/* Takes out of the array what is settled at the checkpoint. */
static void cut(const struct checkpoint *checkpoint, tjob_past *past, tjob_call *calls, size_t *count)
{
    const struct configuration *configuration = &checkpoint->configuration;
    keep_belief(past, &configuration->belief);
    past->open = checkpoint->open;
    past->clock = checkpoint->clock;
    past->done = 0;
    memcpy(past->incarnations, checkpoint->incarnations, sizeof past->incarnations);
    for (uint32_t i = 0; i < checkpoint->open; i++) {
        past->done |= (configuration->done >> checkpoint->slots[i] & 1) << i;
        calls[i] = calls[checkpoint->calls[i]];
    }
    const size_t rest = *count - checkpoint->next;
    memmove(calls + checkpoint->open, calls + checkpoint->next, rest * sizeof *calls);
    *count = checkpoint->open + rest;
}

tjob_finding tjob_history_fold(tjob_history *history, tjob_past *past, tjob_call *calls, size_t *count)
{
    if (*count == 1 && fold_alone(history, past, &calls[0])) {
        *count = 0;
        return (tjob_finding){TJOB_LINEARIZABLE, TJOB_BOUND_NONE, 0, false};
    }
    const struct view view = {.calls = calls, .count = *count, .past = past, .horizon = TJOB_NEVER, .folds = true};
    const tjob_finding finding = tjob__history_judge(history, &view);
    const struct checkpoint *checkpoint = tjob__search_checkpoint(history->search);
    if (finding.verdict == TJOB_LINEARIZABLE && checkpoint->reached) {
        cut(checkpoint, past, calls, count);
    }
    return finding;
}
