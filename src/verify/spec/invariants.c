#include "verify/spec/invariants.h"

#include "verify/spec/reference.h"

static const struct {
    const char *name;
    const char *sentence;
} invariant_words[TJOB_INVARIANT_COUNT] = {
    [TJOB_INVARIANT_NONE] = {"none", "nothing is violated"},
    [TJOB_INVARIANT_STATES_FOLLOW_TABLE] = {"states-follow-table", "a state changes only along the table"},
    [TJOB_INVARIANT_STOP_IS_KEPT] =
        {"stop-is-kept",
         "after a stop was answered 200 the job is never again SUBMITTED or TRAINING in the same incarnation"},
    [TJOB_INVARIANT_STOPPED_HAS_STOP_TIME] = {"stopped-has-stop-time", "a STOPPED job has a stop time"},
    [TJOB_INVARIANT_STOP_EXCLUDES_COMPLETION] =
        {"stop-excludes-completion", "a job that completed is never STOPPED, and one that was STOPPED never TRAINED"},
    [TJOB_INVARIANT_NO_HIDDEN_EFFECT] =
        {"no-hidden-effect",
         "an operation that reports no change makes none, then or later, and none is applied twice"},
    [TJOB_INVARIANT_SUCCESS_IS_APPLIED] = {"success-is-applied",
                                           "a change that was reported was applied, and survives any crash"},
    [TJOB_INVARIANT_ANSWER_FOLLOWS_TABLE] = {"answer-follows-table",
                                             "each answer is the table's for the record that was loaded or swapped"},
    [TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE] = {"history-is-linearizable",
                                                "every history of one job is linearizable against the table"},
    [TJOB_INVARIANT_FINAL_STATE_IS_REACHABLE] = {"final-state-is-reachable",
                                                 "from every reachable state a final state stays reachable"},
    [TJOB_INVARIANT_TIMES_ARE_ORDERED] = {"times-are-ordered",
                                          "submitted <= training started <= stop requested <= ended, where set"},
    [TJOB_INVARIANT_REJECTED_TOUCHES_NO_STORE] =
        {"rejected-touches-no-store", "a malformed, unauthorized or throttled request never touches storage"},
    [TJOB_INVARIANT_STOPS_COMPLETE] = {"stops-complete", "once faults cease, every requested stop completes"},
    [TJOB_INVARIANT_OPERATIONS_END] = {"operations-end", "once faults cease, every operation ends"},
    [TJOB_INVARIANT_STORE_MATCHES_HISTORY] = {"store-matches-history",
                                              "at the end the store holds what the history says"},
};

const char *tjob_invariant_name(tjob_invariant invariant)
{
    return (unsigned)invariant < TJOB_INVARIANT_COUNT ? invariant_words[invariant].name : "?";
}

const char *tjob_invariant_sentence(tjob_invariant invariant)
{
    return (unsigned)invariant < TJOB_INVARIANT_COUNT ? invariant_words[invariant].sentence : "?";
}

struct invariants tjob__invariants_of(const tjob_policy *policy)
{
    const bool table = policy->transition == NULL;
    return (struct invariants){.table = table, .stop = table && policy->stop_submitted != TJOB_STOP_SUBMITTED_IGNORED};
}

/* ---- Predicates ------------------------------------------------------------------------------------------------ */

bool tjob__invariant_follows_table(const tjob_job *before, const tjob_event *event, const tjob_job *after)
{
    const char cell = tjob__reference_cell((tjob_event_kind)event->kind, (tjob_state)before->state);
    const bool may_stop = cell == REFERENCE_P1 || cell == REFERENCE_LATE;
    return after->state == (uint32_t)(may_stop ? TJOB_STOPPED : tjob__reference_target(cell));
}

bool tjob__invariant_excludes_completion(const tjob_job *before, const tjob_job *after)
{
    return !(tjob__reference_has_completed(before) && after->state == TJOB_STOPPED) &&
           !(before->state == TJOB_STOPPED && tjob__reference_has_completed(after));
}

bool tjob__invariant_keeps_stop(const tjob_job *job)
{
    return job->state != TJOB_SUBMITTED && job->state != TJOB_TRAINING;
}

bool tjob__invariant_has_stop_time(const tjob_job *job)
{
    return job->state != TJOB_STOPPED || job->stop_requested_ms != 0;
}

bool tjob__invariant_hides_nothing(tjob_changed changed, uint32_t applied)
{
    return changed != TJOB_CHANGED_NO || applied == 0;
}

bool tjob__invariant_is_applied(tjob_changed changed, uint32_t applied)
{
    return changed != TJOB_CHANGED_YES || applied != 0;
}

bool tjob__invariant_is_rejection(tjob_status status)
{
    return status == TJOB_THROTTLED || status == TJOB_ACCESS_DENIED || status == TJOB_INVALID_ARGUMENT;
}

/* ---- The first violated invariant ------------------------------------------------------------------------------ */

tjob_invariant tjob__invariants_of_record(const struct invariants *invariants, const tjob_job *job, bool promised)
{
    if (invariants->stop && promised && !tjob__invariant_keeps_stop(job)) {
        return TJOB_INVARIANT_STOP_IS_KEPT;
    }
    if (invariants->table && !tjob__invariant_has_stop_time(job)) {
        return TJOB_INVARIANT_STOPPED_HAS_STOP_TIME;
    }
    return tjob__reference_is_in_order(job) ? TJOB_INVARIANT_NONE : TJOB_INVARIANT_TIMES_ARE_ORDERED;
}

tjob_invariant tjob__invariants_of_change(const struct invariants *invariants, const tjob_job *before,
                                          const tjob_event *event, const tjob_job *after)
{
    if (!invariants->table) {
        return TJOB_INVARIANT_NONE;
    }
    if (!tjob__invariant_excludes_completion(before, after)) {
        return TJOB_INVARIANT_STOP_EXCLUDES_COMPLETION;
    }
    return tjob__invariant_follows_table(before, event, after) ? TJOB_INVARIANT_NONE
                                                               : TJOB_INVARIANT_STATES_FOLLOW_TABLE;
}

tjob_invariant tjob__invariants_of_effects(const struct effects *effects)
{
    if (effects->applied > 1) {
        return TJOB_INVARIANT_NO_HIDDEN_EFFECT;
    }
    if (!effects->ended) {
        return TJOB_INVARIANT_NONE;
    }
    if (effects->accessed && tjob__invariant_is_rejection((tjob_status)effects->status)) {
        return TJOB_INVARIANT_REJECTED_TOUCHES_NO_STORE;
    }
    if (!tjob__invariant_hides_nothing((tjob_changed)effects->changed, effects->applied)) {
        return TJOB_INVARIANT_NO_HIDDEN_EFFECT;
    }
    return tjob__invariant_is_applied((tjob_changed)effects->changed, effects->applied)
               ? TJOB_INVARIANT_NONE
               : TJOB_INVARIANT_SUCCESS_IS_APPLIED;
}
