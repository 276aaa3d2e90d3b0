#include "support/history_calls.h"

#include "verify/spec/reference.h"

const tjob_policy history_policies[HISTORY_POLICIES] = {
    {.stop_timeout_ms = HISTORY_TIMEOUT_MS},
    {.stop_timeout_ms = HISTORY_TIMEOUT_MS, .stop_submitted = TJOB_STOP_SUBMITTED_IGNORED},
    {.stop_timeout_ms = HISTORY_TIMEOUT_MS,
     .stop_submitted = TJOB_STOP_SUBMITTED_REFUSED,
     .stop_finished = TJOB_STOP_FINISHED_REFUSED},
};

tjob_call call_reported(tjob_event event, uint64_t invoked, uint64_t answered, tjob_outcome outcome)
{
    return (tjob_call){event, invoked, answered, outcome, TJOB_KNOWN_ALL};
}

tjob_call call_with_status(tjob_event event, uint64_t invoked, uint64_t answered, tjob_status status)
{
    return (tjob_call){event, invoked, answered, {.status = status}, 0};
}

tjob_outcome outcome_of(tjob_job *job, const tjob_event *event, uint64_t now_ms, const tjob_policy *policy)
{
    const tjob_state before = (tjob_state)job->state;
    const tjob_transition_result result = tjob__reference_apply(job, event, now_ms, policy, job);
    tjob_outcome outcome = {.status = result.status,
                            .changed = result.changed ? TJOB_CHANGED_YES : TJOB_CHANGED_NO,
                            .before = before,
                            .after = (tjob_state)job->state};
    if (job->state != TJOB_ABSENT) {
        outcome.job = *job;
    }
    return outcome;
}
