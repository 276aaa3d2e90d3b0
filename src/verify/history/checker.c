#include "verify/history/checker.h"

#include <string.h>

_Static_assert(sizeof(tjob_history_checkpoint) == 128, "a checkpoint is as small as its header says");

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

tjob_status tjob_history_checker_init(tjob_history_checker *history, void *memory, size_t bytes,
                                      const tjob_policy *policy)
{
    if (bytes < TJOB_HISTORY_BYTES_MIN || bytes > TJOB_HISTORY_BYTES_MAX || tjob_policy_validate(policy) != TJOB_OK) {
        return TJOB_INVALID_ARGUMENT;
    }
    history->search = tjob__search_init(memory, bytes, policy);
    return TJOB_OK;
}

/* ---- Validation ------------------------------------------------------------------------------------------------ */

/* Returns whether the record that the call reports is all zero if it is absent. True if the call reports none. */
static bool absence_is_valid(const tjob_call *call)
{
    static const tjob_job none = {.state = TJOB_ABSENT};
    const tjob_job *job = &call->outcome.job;
    if (job->state != TJOB_ABSENT || (call->known & TJOB_KNOWN_JOB) == 0) {
        return true;
    }
    const enum call_role role = tjob__role_of(call);
    return role == ROLE_SILENT || role == ROLE_OPEN || memcmp(job, &none, sizeof none) == 0;
}

static bool history_is_valid(const tjob_call *call)
{
    if (call->answered == TJOB_PENDING) {
        return tjob_event_validate(&call->event) == TJOB_OK;
    }
    const tjob_outcome *outcome = &call->outcome;
    const bool failed_and_changed = (call->known & TJOB_KNOWN_CHANGED) != 0 && outcome->changed == TJOB_CHANGED_YES &&
                                    tjob_status_is_failure(outcome->status);
    return call->answered >= call->invoked && (unsigned)outcome->status < TJOB_STATUS_COUNT && !failed_and_changed &&
           (tjob_event_validate(&call->event) == TJOB_OK || tjob__role_of(call) == ROLE_SILENT) &&
           absence_is_valid(call);
}

/* Returns the index of the first call that is invalid or out of order, or `count` if there is none. */
static size_t malformed(const tjob_call *calls, size_t count)
{
    size_t i = 0;
    while (i < count && history_is_valid(&calls[i]) && (i == 0 || calls[i - 1].invoked <= calls[i].invoked)) {
        i++;
    }
    return i;
}

tjob_history_result tjob__history_linearize(tjob_history_checker *history, const struct view *view)
{
    const size_t wrong = view->count > UINT32_MAX ? UINT32_MAX : malformed(view->calls, view->count);
    if (wrong != view->count) {
        return (tjob_history_result){TJOB_MALFORMED, TJOB_BOUND_NONE, wrong, false};
    }
    return tjob__search_run(history->search, view);
}

tjob_history_result tjob_history_check(tjob_history_checker *history, const tjob_call *calls, size_t count)
{
    return tjob_history_finish(history, NULL, calls, count);
}

tjob_history_result tjob_history_finish(tjob_history_checker *history, const tjob_history_checkpoint *checkpoint,
                                        const tjob_call *calls, size_t count)
{
    const struct view view = {.calls = calls, .count = count, .checkpoint = checkpoint, .horizon = TJOB_PENDING};
    return tjob__history_linearize(history, &view);
}

/* ---- Compaction ------------------------------------------------------------------------------------------------ */

static void keep_state(tjob_history_checkpoint *checkpoint, const struct abstract_state *state, const tjob_job *job)
{
    checkpoint->job = *job;
    checkpoint->excluded = state->excluded;
    checkpoint->unknown = state->unknown;
}

static void keep_incarnation(tjob_history_checkpoint *checkpoint, uint64_t incarnation)
{
    if (incarnation != 0 && incarnation != checkpoint->incarnations[0]) {
        memmove(checkpoint->incarnations + 1, checkpoint->incarnations,
                sizeof checkpoint->incarnations - sizeof checkpoint->incarnations[0]);
        checkpoint->incarnations[0] = incarnation;
    }
}

static bool history_is_old_incarnation(const tjob_history_checkpoint *checkpoint, uint64_t incarnation)
{
    for (unsigned i = 0; i < TJOB_HISTORY_INCARNATIONS_MAX; i++) {
        if (checkpoint->incarnations[i] == incarnation) {
            return true;
        }
    }
    return false;
}

/* Handles the common case, a call that is answered before the next is invoked and whose outcome is fully known: one
 * application of the transition table. Returns false in all other cases. */
static bool compact_alone(const tjob_history_checker *history, tjob_history_checkpoint *checkpoint,
                          const tjob_call *call)
{
    struct abstract_step step;
    if (checkpoint->open != 0 || call->answered == TJOB_PENDING || !history_is_valid(call)) {
        return false;
    }
    const enum call_role role = tjob__role_of(call);
    if (role != ROLE_ANSWERED) {
        return role == ROLE_SILENT;
    }
    tjob__abstract_state_resume(&step.next, checkpoint);
    if (tjob__abstract_state_choices(&step.next, call, READ_ANSWER) != 1 ||
        !tjob__abstract_state_step(&step.next, call, READ_ANSWER, 0, tjob__search_policy(history->search), &step) ||
        (step.learnt != 0 && history_is_old_incarnation(checkpoint, step.learnt))) {
        return false;
    }
    /* A record that the call reports is that of the state, and its copy does not wait for what was just written. */
    const tjob_job *reported = record_known_from(call);
    keep_state(checkpoint, &step.next, reported != NULL ? reported : &step.next.job);
    keep_incarnation(checkpoint, tjob__incarnation_known_from(call));
    checkpoint->clock = call->answered;
    return true;
}

/* Removes the calls that are decided at the point of compaction from the array. */
static void history_compact(const struct compaction *compaction, tjob_history_checkpoint *checkpoint, tjob_call *calls,
                            size_t *count)
{
    const struct configuration *configuration = &compaction->configuration;
    keep_state(checkpoint, &configuration->state, &configuration->state.job);
    checkpoint->open = compaction->open;
    checkpoint->clock = compaction->clock;
    checkpoint->done = 0;
    memcpy(checkpoint->incarnations, compaction->incarnations, sizeof checkpoint->incarnations);
    for (uint32_t i = 0; i < checkpoint->open; i++) {
        checkpoint->done |= (configuration->done >> compaction->slots[i] & 1) << i;
        calls[i] = calls[compaction->calls[i]];
    }
    const size_t rest = *count - compaction->next;
    memmove(calls + checkpoint->open, calls + compaction->next, rest * sizeof *calls);
    *count = checkpoint->open + rest;
}

tjob_history_result tjob_history_compact(tjob_history_checker *history, tjob_history_checkpoint *checkpoint,
                                         tjob_call *calls, size_t *count)
{
    if (*count == 1 && compact_alone(history, checkpoint, &calls[0])) {
        *count = 0;
        return (tjob_history_result){TJOB_LINEARIZABLE, TJOB_BOUND_NONE, 0, false};
    }
    const struct view view = {
        .calls = calls, .count = *count, .checkpoint = checkpoint, .horizon = TJOB_PENDING, .compacts = true};
    const tjob_history_result result = tjob__history_linearize(history, &view);
    const struct compaction *compaction = tjob__search_compaction(history->search);
    if (result.verdict == TJOB_LINEARIZABLE) {
        history_compact(compaction, checkpoint, calls, count);
    }
    return result;
}
