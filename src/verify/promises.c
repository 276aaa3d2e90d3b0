#include "verify/promises.h"

#include "verify/reference.h"

static const struct {
    const char *name;
    const char *sentence;
} checks[TJOB_SIMULATOR_CHECK_COUNT] = {
    [TJOB_CHECK_NONE] = {"none", "nothing is violated"},
    [TJOB_CHECK_I1] = {"I1", "a state moves only along the table"},
    [TJOB_CHECK_I2] =
        {"I2", "after a stop was answered 200 the job is never again SUBMITTED or TRAINING in the same incarnation"},
    [TJOB_CHECK_I3] = {"I3", "a job is STOPPED only if it bears a stop time"},
    [TJOB_CHECK_I4] = {"I4", "a job that completed is never STOPPED, and one that was STOPPED never TRAINED"},
    [TJOB_CHECK_I5] = {"I5", "who was told that nothing changed has changed nothing, and nothing takes effect twice"},
    [TJOB_CHECK_I6] = {"I6", "who was told that it is done has done it"},
    [TJOB_CHECK_I7] = {"I7", "every history is linearizable"},
    [TJOB_CHECK_I9] = {"I9", "submitted <= training started <= stop requested <= ended, where set"},
    [TJOB_CHECK_I10] = {"I10", "a request that is unauthorized or throttled touches no storage"},
    [TJOB_CHECK_SETTLES] = {"settles", "once faults cease, every requested stop settles"},
    [TJOB_CHECK_DRAINS] = {"drains", "once faults cease, every operation ends"},
    [TJOB_CHECK_HOLDS] = {"holds", "in the end the store holds what the history says"},
};

const char *tjob_simulator_check_name(tjob_simulator_check check)
{
    return (unsigned)check < TJOB_SIMULATOR_CHECK_COUNT ? checks[check].name : "?";
}

const char *tjob_simulator_check_sentence(tjob_simulator_check check)
{
    return (unsigned)check < TJOB_SIMULATOR_CHECK_COUNT ? checks[check].sentence : "?";
}

struct promises tjob__promises_of(const tjob_policy *policy)
{
    const bool table = policy->transition == NULL;
    return (struct promises){.table = table, .stop = table && policy->stop_submitted != TJOB_STOP_SUBMITTED_IGNORED};
}

tjob_simulator_check tjob__promises_of_record(const struct promises *promises, const tjob_job *job, bool promised)
{
    if (promises->stop && promised && (job->state == TJOB_SUBMITTED || job->state == TJOB_TRAINING)) {
        return TJOB_CHECK_I2;
    }
    if (promises->table && job->state == TJOB_STOPPED && job->stop_requested_ms == 0) {
        return TJOB_CHECK_I3;
    }
    return tjob__reference_is_in_order(job) ? TJOB_CHECK_NONE : TJOB_CHECK_I9;
}

tjob_simulator_check tjob__promises_of_change(const struct promises *promises, const tjob_job *before,
                                              const tjob_event *event, const tjob_job *after)
{
    if (!promises->table) {
        return TJOB_CHECK_NONE;
    }
    if ((tjob__reference_has_completed(before) && after->state == TJOB_STOPPED) ||
        (before->state == TJOB_STOPPED && tjob__reference_has_completed(after))) {
        return TJOB_CHECK_I4;
    }
    const char cell = tjob__reference_cell((tjob_event_kind)event->kind, (tjob_state)before->state);
    const bool may_stop = cell == REFERENCE_P1 || cell == REFERENCE_LATE;
    const uint32_t target = (uint32_t)(may_stop ? TJOB_STOPPED : tjob__reference_target(cell));
    return after->state == target ? TJOB_CHECK_NONE : TJOB_CHECK_I1;
}

tjob_simulator_check tjob__promises_of_deeds(const struct deeds *deeds)
{
    if (deeds->landed > 1) {
        return TJOB_CHECK_I5;
    }
    if (!deeds->ended) {
        return TJOB_CHECK_NONE;
    }
    const bool not_let_in = deeds->status == TJOB_THROTTLED || deeds->status == TJOB_ACCESS_DENIED ||
                            deeds->status == TJOB_INVALID_ARGUMENT;
    if (not_let_in && deeds->accessed) {
        return TJOB_CHECK_I10;
    }
    if (deeds->changed == TJOB_CHANGED_NO && deeds->landed != 0) {
        return TJOB_CHECK_I5;
    }
    return deeds->changed == TJOB_CHANGED_YES && deeds->landed == 0 ? TJOB_CHECK_I6 : TJOB_CHECK_NONE;
}
