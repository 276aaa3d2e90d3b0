#include "verify/spec/seeded_bugs.h"

static const struct {
    const char *name;
    const char *sentence;
} seeded_bugs[TJOB_SEEDED_BUG_COUNT] = {
    [TJOB_BUG_NONE] = {"none", "no seeded bug"},
    [TJOB_BUG_LOST_UPDATE] = {"lost-update", "the store swaps without comparing the version"},
    [TJOB_BUG_VERSION_REUSED] = {"version-reused", "the store counts versions from 1 again after each removal"},
    [TJOB_BUG_ABSENCE_WITHOUT_VERSION] = {"absence-without-version",
                                          "an absent record has version 0, whatever was removed before"},
    [TJOB_BUG_DIRTY_READ] = {"dirty-read", "a load returns data that a crash of the store loses"},
    [TJOB_BUG_CONFLICT_FORGETS_LOST_ANSWER] = {"conflict-forgets-lost-answer",
                                               "after a conflict an operation forgets that an answer was lost"},
    [TJOB_BUG_STOP_ANSWERED_EARLY] = {"stop-answered-early", "a stop is answered 200 before its swap"},
    [TJOB_BUG_UNKNOWN_TAKEN_FOR_FAILURE] = {"unknown-taken-for-failure",
                                            "a swap whose answer was lost is treated as failed and retried"},
    [TJOB_BUG_UNKNOWN_TAKEN_FOR_SUCCESS] = {"unknown-taken-for-success",
                                            "a swap whose answer was lost is treated as successful"},
    [TJOB_BUG_STALE_TRAINER_ACCEPTED] = {"stale-trainer-accepted", "a report is accepted from any trainer"},
    [TJOB_BUG_LATE_COMPLETION] = {"late-completion", "a completion overwrites STOPPED"},
    [TJOB_BUG_RETRY_WITHOUT_RELOAD] = {"retry-without-reload",
                                       "after a conflict an operation swaps its old record without a reload"},
    [TJOB_BUG_CLOCK_RUNS_BACKWARDS] = {"clock-runs-backwards",
                                       "times are taken from the clock even if it runs backwards"},
};

const char *tjob_seeded_bug_name(tjob_seeded_bug bug)
{
    return (unsigned)bug < TJOB_SEEDED_BUG_COUNT ? seeded_bugs[bug].name : "?";
}

const char *tjob_seeded_bug_sentence(tjob_seeded_bug bug)
{
    return (unsigned)bug < TJOB_SEEDED_BUG_COUNT ? seeded_bugs[bug].sentence : "?";
}

/* ---- The operation --------------------------------------------------------------------------------------------- */

static bool seeded_is_report(uint32_t kind)
{
    return kind >= TJOB_HALTED && kind <= TJOB_TRAINER_LOST;
}

static void answer_ok(tjob_operation *operation)
{
    operation->ask = TJOB_ASK_NOTHING;
    operation->status = TJOB_OK;
    operation->changed = TJOB_CHANGED_YES;
}

/* Lets a job that was stopped complete: its record then says both, and its end time is a new one. */
static void complete_late(tjob_operation *operation, const tjob_job *job, uint64_t version, uint64_t now_ms)
{
    *operation = (tjob_operation){.event = operation->event,
                                  .job = *job,
                                  .version = version,
                                  .incarnation = job->incarnation,
                                  .before = TJOB_STOPPED};
    operation->job.state = TJOB_TRAINED;
    operation->job.ended_ms = now_ms > job->ended_ms ? now_ms : job->ended_ms;
    operation->attempts = 1;
    operation->ask = TJOB_ASK_SWAP;
}

/* Overwrites the time that the event has set with the clock's time, unclamped. */
static void set_back(tjob_operation *operation, const tjob_job *job, uint64_t now_ms)
{
    const uint64_t before[] = {job->training_started_ms, job->stop_requested_ms, job->ended_ms};
    uint64_t *const after[] = {&operation->job.training_started_ms, &operation->job.stop_requested_ms,
                               &operation->job.ended_ms};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        *after[i] = *after[i] != before[i] ? now_ms : *after[i];
    }
}

void tjob__seeded_bug_loaded(tjob_seeded_bug bug, tjob_operation *operation, const tjob_policy *policy,
                             tjob_load_status answer, const tjob_job *job, uint64_t version, uint64_t now_ms)
{
    const uint32_t kind = operation->event.kind;
    const bool there = answer == TJOB_LOAD_OK;
    if (bug == TJOB_BUG_STALE_TRAINER_ACCEPTED && there && seeded_is_report(kind)) {
        operation->event.trainer_token = job->trainer_token;
    }
    if (bug == TJOB_BUG_LATE_COMPLETION && there && kind == TJOB_COMPLETED && job->state == TJOB_STOPPED &&
        job->trainer_token == operation->event.trainer_token) {
        complete_late(operation, job, version, now_ms);
        return;
    }
    tjob_operation_loaded(operation, policy, answer, job, version, now_ms);
    if (operation->ask != TJOB_ASK_SWAP) {
        return;
    }
    if (bug == TJOB_BUG_STOP_ANSWERED_EARLY && kind == TJOB_STOP) {
        answer_ok(operation);
    }
    if (bug == TJOB_BUG_CLOCK_RUNS_BACKWARDS && there) {
        set_back(operation, job, now_ms);
    }
}

void tjob__seeded_bug_swapped(tjob_seeded_bug bug, tjob_operation *operation, tjob_swap_status answer, uint64_t present)
{
    const tjob_operation before = *operation;
    if (bug == TJOB_BUG_UNKNOWN_TAKEN_FOR_SUCCESS && answer == TJOB_SWAP_UNKNOWN) {
        answer = TJOB_SWAP_OK;
    }
    if (bug == TJOB_BUG_UNKNOWN_TAKEN_FOR_FAILURE && answer == TJOB_SWAP_UNKNOWN) {
        answer = TJOB_SWAP_CONFLICT;
    }
    tjob_operation_swapped(operation, answer);
    if (answer != TJOB_SWAP_CONFLICT) {
        return;
    }
    if (bug == TJOB_BUG_CONFLICT_FORGETS_LOST_ANSWER && operation->lost) {
        operation->lost = 0;
        operation->event.incarnation = 0;
    }
    if (bug == TJOB_BUG_RETRY_WITHOUT_RELOAD) {
        *operation = before;
        operation->version = present;
    }
}
