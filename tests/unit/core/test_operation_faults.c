/*
 * Every operation on every kind of record, against a store that fails at its n-th call in each way: for every n, and
 * for every pair of n and m. Whatever the operation says at its end must be the truth about the record.
 */
#include <stdio.h>
#include <string.h>

#include "support/cell.h"
#include "support/suite.h"
#include "unit/core/records.h"

enum { JOBS = POSSIBLE_RECORDS + 1, CALLS_MAX = 10 };

static const tjob_policy default_policy;

/* The event that fits a record: with the trainer that it bears, or the one that starts it. */
static tjob_event fitting(tjob_event_kind kind, const tjob_job *job)
{
    tjob_event event = {.kind = (uint32_t)kind, .token = SAMPLE_TOKEN, .host_code = 5};
    event.trainer_token = kind == TJOB_START ? SAMPLE_TRAINER : kind == TJOB_SUBMIT ? 0 : job->trainer_token;
    return event;
}

static void run(struct cell *store, tjob_operation *operation, const tjob_policy *policy)
{
    while (operation->ask != TJOB_ASK_NOTHING) {
        if (operation->ask == TJOB_ASK_LOAD) {
            tjob_job job;
            uint64_t version;
            const tjob_load_status loaded = cell_load(store, &job, &version);
            tjob_operation_loaded(operation, policy, loaded, &job, version, SAMPLE_NOW_MS);
        } else if (operation->ask == TJOB_ASK_SWAP) {
            tjob_operation_swapped(operation, cell_swap(store, operation->version, tjob_operation_next(operation)));
        } else {
            tjob_operation_authorized(operation, TJOB_AUTHORIZATION_ALLOWED);
            tjob_operation_admitted(operation, TJOB_ADMISSION_ADMITTED);
        }
    }
}

/* ---- The truth ------------------------------------------------------------------------------------------------- */

static const char *untruth_of_success(const struct cell *store, const tjob_event *event, const tjob_outcome *outcome)
{
    tjob_job next;
    tjob_job job = outcome->job;
    if (outcome->changed == TJOB_CHANGED_YES) {
        return store->applied == 1 ? NULL : "says that it changed the record, and did not just once";
    }
    if ((outcome->changed == TJOB_CHANGED_UNKNOWN) != (store->lost != 0)) {
        return "does not report whether it knows";
    }
    if (store->lost == 0 && store->applied != 0) {
        return "says that it changed nothing, and did";
    }
    if (event->kind == TJOB_STOP && (outcome->after == TJOB_SUBMITTED || outcome->after == TJOB_TRAINING)) {
        return "says that the stop was accepted, and the job goes on";
    }
    if (job.state == TJOB_ABSENT) {
        return event->kind == TJOB_REMOVED ? NULL : "succeeds without a record";
    }
    if (store->lost != 0 && job.incarnation != store->first_lost_incarnation) {
        return "takes another incarnation for its own";
    }
    const tjob_transition_result result = tjob_job_apply(&job, event, SAMPLE_NOW_MS, &default_policy, &next);
    return result.status == TJOB_OK && !result.changed ? NULL : "succeeds where its effect does not show";
}

/* What is not true of an outcome, or NULL. What is pending has was applied if it could. */
static const char *untruth(const struct cell *store, const tjob_event *event, const tjob_outcome *outcome)
{
    if (store->applied > 1) {
        return "takes effect more than once";
    }
    if (store->strayed != 0) {
        return "swaps in another incarnation after an answer was lost";
    }
    if (store->lost != 0 && outcome->status != TJOB_OK && outcome->status != TJOB_UNRESOLVED) {
        return "claims to know after an answer was lost";
    }
    if (outcome->status == TJOB_OK) {
        return untruth_of_success(store, event, outcome);
    }
    if (outcome->status == TJOB_UNRESOLVED) {
        return store->lost != 0 && outcome->changed == TJOB_CHANGED_UNKNOWN ? NULL : "is unresolved without need";
    }
    return store->applied == 0 && outcome->changed == TJOB_CHANGED_NO ? NULL : "fails after it took effect";
}

/* Runs one operation against the faults that the store has been reported, and checks its outcome; returns its calls. */
static unsigned check_outcome(struct cell *store, const tjob_job *job, const tjob_event *event)
{
    tjob_operation operation;
    tjob_operation_begin(&operation, event);
    run(store, &operation, &default_policy);
    const tjob_outcome outcome = tjob_operation_outcome(&operation);
    cell_apply_lost(store);
    const char *wrong = untruth(store, event, &outcome);
    if (wrong != NULL) {
        char faults[64] = "";
        for (unsigned i = 0; i < store->calls && i < 10; i++) {
            snprintf(faults + strlen(faults), sizeof faults - strlen(faults), " %d", (int)store->faults[i]);
        }
        ck_abort_msg("%s of %s (started %d, stop %d), faults%s: %s, %s",
                     tjob_event_kind_name((tjob_event_kind)event->kind), tjob_state_name((tjob_state)job->state),
                     job->trainer_token != 0, job->stop_requested_ms != 0, faults, tjob_status_name(outcome.status),
                     wrong);
    }
    EXPECT(store->job.state == TJOB_ABSENT || tjob_job_validate(&store->job) == TJOB_JOB_VALID);
    EXPECT(store->swaps <= TJOB_MAX_ATTEMPTS_DEFAULT && store->loads <= store->swaps + 1);
    return store->calls;
}

/* ---- Every n, every pair --------------------------------------------------------------------------------------- */

static unsigned long runs;

static unsigned check_with(const tjob_job *job, const tjob_event *event, unsigned n, cell_fault at_n, unsigned m,
                           cell_fault at_m)
{
    struct cell store;
    cell_init(&store, job);
    store.faults[n] = at_n;
    store.faults[m] = at_m;
    runs++;
    return check_outcome(&store, job, event);
}

START_TEST(whatever_fails_at_the_nth_call_the_outcome_is_true)
{
    const tjob_job job = possible_job((unsigned)_i % JOBS);
    const tjob_event event = fitting((tjob_event_kind)(_i / JOBS), &job);
    for (unsigned first = 1; first < CELL_FAULT_COUNT; first++) {
        for (unsigned n = 0; n < CALLS_MAX; n++) {
            if (check_with(&job, &event, n, (cell_fault)first, n, (cell_fault)first) <= n) {
                break; /* there is no n-th call */
            }
            for (unsigned second = 1; second < CELL_FAULT_COUNT; second++) {
                unsigned m = n + 1;
                while (m < CALLS_MAX && check_with(&job, &event, n, (cell_fault)first, m, (cell_fault)second) > m) {
                    m++;
                }
                EXPECT(m < CALLS_MAX);
            }
        }
    }
}
END_TEST

/* Every run of faults of one kind, however long: attempts end. */
START_TEST(whatever_fails_at_every_call_the_operation_ends_and_reports_the_truth)
{
    const tjob_job job = possible_job((unsigned)_i % JOBS);
    const tjob_event event = fitting((tjob_event_kind)(_i / JOBS), &job);
    for (unsigned fault = 1; fault < CELL_FAULT_COUNT; fault++) {
        for (unsigned first = 0; first < 4; first++) {
            struct cell store;
            cell_init(&store, &job);
            for (unsigned i = first; i < CELL_CALLS_MAX; i++) {
                store.faults[i] = (cell_fault)fault;
            }
            check_outcome(&store, &job, &event);
        }
    }
}
END_TEST

START_TEST(faults_were_tried)
{
    ck_assert_uint_eq(runs, 87159); /* docs/testing.md has this figure */
}
END_TEST

/* ---- Each way alone: what exactly the answer is ---------------------------------------------------------------- */

/* A stop of a job that trains: one load, one swap. */
static const struct {
    cell_fault at_load;
    cell_fault at_swap;
    tjob_status status;
    tjob_changed changed;
    tjob_state left; /* what the store holds once all has was applied */
} stops[] = {
    {CELL_NO_FAULT, CELL_NO_FAULT, TJOB_OK, TJOB_CHANGED_YES, TJOB_STOP_REQUESTED},
    {CELL_LOAD_UNAVAILABLE, CELL_NO_FAULT, TJOB_UNAVAILABLE, TJOB_CHANGED_NO, TJOB_TRAINING},
    {CELL_LOAD_OUTSIDE_ENUM, CELL_NO_FAULT, TJOB_UNAVAILABLE, TJOB_CHANGED_NO, TJOB_TRAINING},
    {CELL_LOAD_IMPOSSIBLE, CELL_NO_FAULT, TJOB_UNAVAILABLE, TJOB_CHANGED_NO, TJOB_TRAINING},
    {CELL_LOAD_LAST_ABSENCE, CELL_NO_FAULT, TJOB_UNAVAILABLE, TJOB_CHANGED_NO, TJOB_TRAINING},
    {CELL_NO_FAULT, CELL_SWAP_CONFLICT, TJOB_OK, TJOB_CHANGED_YES, TJOB_STOP_REQUESTED},
    {CELL_NO_FAULT, CELL_SWAP_FULL, TJOB_FULL, TJOB_CHANGED_NO, TJOB_TRAINING},
    {CELL_NO_FAULT, CELL_SWAP_UNAVAILABLE, TJOB_UNAVAILABLE, TJOB_CHANGED_NO, TJOB_TRAINING},
    {CELL_NO_FAULT, CELL_SWAP_OUTSIDE_ENUM, TJOB_OK, TJOB_CHANGED_UNKNOWN, TJOB_STOP_REQUESTED},
    {CELL_NO_FAULT, CELL_SWAP_LOST_APPLIED, TJOB_OK, TJOB_CHANGED_UNKNOWN, TJOB_STOP_REQUESTED},
    {CELL_NO_FAULT, CELL_SWAP_LOST_DROPPED, TJOB_OK, TJOB_CHANGED_YES, TJOB_STOP_REQUESTED},
    {CELL_NO_FAULT, CELL_SWAP_LOST_LANDS_NEXT, TJOB_OK, TJOB_CHANGED_UNKNOWN, TJOB_STOP_REQUESTED},
    {CELL_NO_FAULT, CELL_SWAP_LOST_LANDS_LATER, TJOB_OK, TJOB_CHANGED_UNKNOWN, TJOB_STOP_REQUESTED},
    {CELL_NO_FAULT, CELL_SWAP_LOST_LANDS_LAST, TJOB_OK, TJOB_CHANGED_YES, TJOB_STOP_REQUESTED},
    {CELL_RIVAL_TOUCHES, CELL_RIVAL_TOUCHES, TJOB_OK, TJOB_CHANGED_YES, TJOB_STOP_REQUESTED},
    {CELL_NO_FAULT, CELL_RIVAL_STOPS, TJOB_OK, TJOB_CHANGED_NO, TJOB_STOP_REQUESTED},
    {CELL_RIVAL_STOPS, CELL_NO_FAULT, TJOB_OK, TJOB_CHANGED_NO, TJOB_STOP_REQUESTED},
    {CELL_NO_FAULT, CELL_RIVAL_COMPLETES, TJOB_OK, TJOB_CHANGED_NO, TJOB_TRAINED},
    {CELL_NO_FAULT, CELL_RIVAL_RECREATES, TJOB_OK, TJOB_CHANGED_YES, TJOB_STOP_REQUESTED},
};

START_TEST(a_stop_reports_what_each_failure_came_to)
{
    const tjob_job job = sample_job(TJOB_TRAINING);
    struct cell store;
    cell_init(&store, &job);
    store.faults[0] = stops[_i].at_load;
    store.faults[1] = stops[_i].at_swap;
    tjob_operation operation;
    tjob_operation_begin(&operation, &(tjob_event){.kind = TJOB_STOP});
    run(&store, &operation, &default_policy);
    cell_apply_lost(&store);
    const tjob_outcome outcome = tjob_operation_outcome(&operation);
    ck_assert_int_eq(outcome.status, stops[_i].status);
    ck_assert_int_eq(outcome.changed, stops[_i].changed);
    ck_assert_int_eq(store.job.state, stops[_i].left);
}
END_TEST

/* A lost swap whose version stands again and again, or never: only another incarnation ends it. */
START_TEST(a_lost_answer_in_another_incarnation_stays_unresolved)
{
    const tjob_job ended = sample_job(TJOB_STOP_REQUESTED);
    const tjob_event halted = {.kind = TJOB_HALTED, .trainer_token = SAMPLE_TRAINER};
    struct cell store;
    cell_init(&store, &ended);
    store.faults[1] = CELL_SWAP_LOST_APPLIED;
    store.faults[2] = CELL_RIVAL_RECREATES;
    tjob_operation operation;
    tjob_operation_begin(&operation, &halted);
    run(&store, &operation, &default_policy);
    const tjob_outcome outcome = tjob_operation_outcome(&operation);
    ck_assert_int_eq(outcome.status, TJOB_UNRESOLVED);
    ck_assert_int_eq(outcome.changed, TJOB_CHANGED_UNKNOWN);
    ck_assert_int_eq(store.job.state, TJOB_SUBMITTED);
    ck_assert_uint_eq(store.swaps, 1);
}
END_TEST

/* ---- The checks can fail --------------------------------------------------------------------------------------- */

START_TEST(an_untrue_outcome_is_found_out)
{
    const tjob_event stop = {.kind = TJOB_STOP};
    const tjob_outcome changed = {.status = TJOB_OK, .changed = TJOB_CHANGED_YES};
    const tjob_outcome unchanged = {.status = TJOB_OK, .job = sample_job(TJOB_TRAINING), .after = TJOB_TRAINING};
    const tjob_outcome refused = {.status = TJOB_WRONG_STATE};
    const tjob_outcome unresolved = {.status = TJOB_UNRESOLVED, .changed = TJOB_CHANGED_UNKNOWN};
    ck_assert_ptr_nonnull(untruth(&(struct cell){.applied = 0}, &stop, &changed));
    ck_assert_ptr_null(untruth(&(struct cell){.applied = 1}, &stop, &changed));
    ck_assert_ptr_nonnull(untruth(&(struct cell){.applied = 2}, &stop, &changed));
    ck_assert_ptr_nonnull(untruth(&(struct cell){.applied = 1, .strayed = 1}, &stop, &changed));
    ck_assert_ptr_nonnull(untruth(&(struct cell){.applied = 0}, &stop, &unchanged));
    ck_assert_ptr_nonnull(untruth(&(struct cell){.applied = 1}, &stop, &refused));
    ck_assert_ptr_nonnull(untruth(&(struct cell){.lost = 1}, &stop, &refused));
    ck_assert_ptr_null(untruth(&(struct cell){.applied = 0}, &stop, &refused));
    ck_assert_ptr_nonnull(untruth(&(struct cell){.lost = 0}, &stop, &unresolved));
    ck_assert_ptr_null(untruth(&(struct cell){.lost = 1, .applied = 1}, &stop, &unresolved));
}
END_TEST

RUN_TESTS("operation_faults", {whatever_fails_at_the_nth_call_the_outcome_is_true, JOBS *TJOB_EVENT_KIND_COUNT},
          {faults_were_tried, 0},
          {whatever_fails_at_every_call_the_operation_ends_and_reports_the_truth, JOBS *TJOB_EVENT_KIND_COUNT},
          {a_stop_reports_what_each_failure_came_to, sizeof stops / sizeof stops[0]},
          {a_lost_answer_in_another_incarnation_stays_unresolved, 0}, {an_untrue_outcome_is_found_out, 0})
