#include "tjob/operation.h"

#include <stddef.h>

#include "core/lifecycle.h"

_Static_assert(sizeof(tjob_operation) <= TJOB_OPERATION_BYTES_MAX, "an operation fits where hosts keep it");
_Static_assert(offsetof(tjob_operation, unused) + 7 == sizeof(tjob_operation), "an operation has no padding");

static void operation_finish(tjob_operation *operation, tjob_status status, tjob_changed changed)
{
    operation->ask = TJOB_ASK_NOTHING;
    operation->status = (uint8_t)status;
    operation->changed = (uint8_t)changed;
}

/* Ends without success. After a lost answer the result is always "unresolved": the lost swap may have been applied. */
static void operation_give_up(tjob_operation *operation, tjob_status status)
{
    if (operation->lost) {
        operation_finish(operation, TJOB_UNRESOLVED, TJOB_CHANGED_UNKNOWN);
    } else {
        operation_finish(operation, status, TJOB_CHANGED_NO);
    }
}

static void swap_or_give_up(tjob_operation *operation, const tjob_policy *policy)
{
    const uint32_t most = policy->max_attempts != 0 ? policy->max_attempts : TJOB_MAX_ATTEMPTS_DEFAULT;
    if (operation->attempts == most) {
        operation_give_up(operation, TJOB_CONTENDED);
        return;
    }
    operation->attempts++;
    operation->ask = TJOB_ASK_SWAP;
}

/* Discards the loaded record; but after a lost answer keeps it, as the same swap may have to be repeated. */
static void load_again(tjob_operation *operation)
{
    if (!operation->lost) {
        *operation = (tjob_operation){.event = operation->event, .attempts = operation->attempts};
    }
    operation->ask = TJOB_ASK_LOAD;
}

const char *tjob_changed_name(tjob_changed changed)
{
    static const char names[][8] = {
        [TJOB_CHANGED_NO] = "no", [TJOB_CHANGED_YES] = "yes", [TJOB_CHANGED_UNKNOWN] = "unknown"};
    return (unsigned)changed <= TJOB_CHANGED_UNKNOWN ? names[changed] : "?";
}

bool tjob_operation_is_of_client(tjob_event_kind kind)
{
    return kind == TJOB_STOP || kind == TJOB_DESCRIBE || kind == TJOB_DELETE;
}

void tjob_operation_begin(tjob_operation *operation, const tjob_event *event)
{
    *operation = (tjob_operation){.event = *event};
    if (tjob_event_validate(event) != TJOB_OK) {
        operation_finish(operation, TJOB_INVALID_ARGUMENT, TJOB_CHANGED_NO);
    } else {
        const bool of_client = tjob_operation_is_of_client((tjob_event_kind)event->kind);
        operation->ask = of_client ? TJOB_ASK_AUTHORIZE : TJOB_ASK_LOAD;
    }
}

void tjob_operation_authorized(tjob_operation *operation, tjob_authorization answer)
{
    if (operation->ask != TJOB_ASK_AUTHORIZE) {
        return;
    }
    switch (answer) {
    case TJOB_AUTHORIZATION_ALLOWED:
        operation->ask = TJOB_ASK_ADMIT;
        return;
    case TJOB_AUTHORIZATION_UNAVAILABLE:
        operation_finish(operation, TJOB_UNAVAILABLE, TJOB_CHANGED_NO);
        return;
    case TJOB_AUTHORIZATION_DENIED:
    default:
        operation_finish(operation, TJOB_ACCESS_DENIED, TJOB_CHANGED_NO);
        return;
    }
}

void tjob_operation_admitted(tjob_operation *operation, tjob_admission answer)
{
    if (operation->ask != TJOB_ASK_ADMIT) {
        return;
    }
    if (answer == TJOB_ADMISSION_ADMITTED) {
        operation->ask = TJOB_ASK_LOAD;
    } else {
        operation_finish(operation, TJOB_THROTTLED, TJOB_CHANGED_NO);
    }
}

/* Stores the result of a load: a record, or an absence with its next incarnation. Returns false if it is invalid. */
static bool take_loaded(tjob_operation *operation, tjob_load_status answer, const tjob_job *job, uint64_t version)
{
    if (answer == TJOB_LOAD_OK && tjob_job_validate(job) == TJOB_JOB_VALID) {
        operation->job = *job;
    } else if (answer == TJOB_LOAD_NOT_FOUND && version != UINT64_MAX) {
        operation->job = (tjob_job){.state = TJOB_ABSENT, .incarnation = version + 1};
    } else {
        return false;
    }
    operation->version = version;
    operation->incarnation = operation->job.incarnation;
    operation->before = (uint8_t)operation->job.state;
    return true;
}

/* Applies the transition: the library's own, or the host's, whose result is validated. */
static tjob_transition_result operation_apply(tjob_operation *operation, const tjob_policy *policy, uint64_t now_ms)
{
    tjob_job *job = &operation->job;
    if (policy->transition == NULL) {
        return tjob__lifecycle_apply(job, &operation->event, now_ms, policy, job);
    }
    const tjob_job before = *job;
    const tjob_transition_result result = policy->transition(&before, &operation->event, now_ms, policy, job);
    if (!result.changed) {
        *job = before;
    } else if (job->state != TJOB_ABSENT && tjob_job_validate(job) != TJOB_JOB_VALID) {
        return (tjob_transition_result){TJOB_MISCONFIGURED, false};
    }
    /* cppcheck-suppress returnDanglingLifetime ; a result holds no pointer */
    return result;
}

void tjob_operation_loaded(tjob_operation *operation, const tjob_policy *policy, tjob_load_status answer,
                           const tjob_job *job, uint64_t version, uint64_t now_ms)
{
    if (operation->ask != TJOB_ASK_LOAD) {
        return;
    }
    /* The record still has the version that the lost swap expected: that swap may still be applied, so the record
     * proves nothing. Repeating the swap resolves it, because at most one of the two can be applied. */
    const bool answered = answer == TJOB_LOAD_OK || answer == TJOB_LOAD_NOT_FOUND;
    if (operation->lost && answered && version == operation->version) {
        swap_or_give_up(operation, policy);
        return;
    }
    if (!take_loaded(operation, answer, job, version)) {
        operation_give_up(operation, TJOB_UNAVAILABLE);
        return;
    }
    const tjob_transition_result result = operation_apply(operation, policy, now_ms);
    if (result.changed) {
        swap_or_give_up(operation, policy);
    } else if (result.status == TJOB_OK) {
        operation_finish(operation, TJOB_OK, operation->lost ? TJOB_CHANGED_UNKNOWN : TJOB_CHANGED_NO);
    } else {
        operation_give_up(operation, result.status);
    }
}

void tjob_operation_swapped(tjob_operation *operation, tjob_swap_status answer)
{
    if (operation->ask != TJOB_ASK_SWAP) {
        return;
    }
    switch (answer) {
    case TJOB_SWAP_OK:
        operation_finish(operation, TJOB_OK, TJOB_CHANGED_YES);
        return;
    case TJOB_SWAP_FULL:
        operation_give_up(operation, TJOB_FULL);
        return;
    case TJOB_SWAP_UNAVAILABLE:
        operation_give_up(operation, TJOB_UNAVAILABLE);
        return;
    case TJOB_SWAP_CONFLICT:
        load_again(operation);
        return;
    case TJOB_SWAP_UNKNOWN:
    default:
        operation->lost = 1;
        operation->event.incarnation = operation->incarnation; /* from now on any other incarnation is stale */
        load_again(operation);
        return;
    }
}

const tjob_job *tjob_operation_next(const tjob_operation *operation)
{
    const bool puts = operation->ask == TJOB_ASK_SWAP && operation->job.state != TJOB_ABSENT;
    return puts ? &operation->job : NULL;
}

tjob_outcome tjob_operation_outcome(const tjob_operation *operation)
{
    tjob_outcome outcome = {.status = TJOB_UNRESOLVED, .changed = TJOB_CHANGED_UNKNOWN};
    if (operation->ask != TJOB_ASK_NOTHING) {
        return outcome;
    }
    outcome.status = (tjob_status)operation->status;
    outcome.changed = (tjob_changed)operation->changed;
    if (!tjob_status_is_failure(outcome.status)) {
        outcome.before = (tjob_state)operation->before;
        outcome.after = (tjob_state)operation->job.state;
        if (outcome.after != TJOB_ABSENT) {
            outcome.job = operation->job;
        }
    }
    return outcome;
}
