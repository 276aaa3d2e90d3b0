/* The seeded bugs one by one, each where it is. */
#include "verify/spec/seeded_bugs.h"

#include <string.h>

#include "support/jobs.h"
#include "support/suite.h"
#include "verify/simulator/store.h"

static const tjob_policy policy;

/* An operation that has been let in, and asks for the record. */
static tjob_operation begin(tjob_event event)
{
    tjob_operation operation;
    tjob_operation_begin(&operation, &event);
    tjob_operation_authorized(&operation, TJOB_AUTHORIZATION_ALLOWED);
    tjob_operation_admitted(&operation, TJOB_ADMISSION_ADMITTED);
    ck_assert_int_eq(operation.ask, TJOB_ASK_LOAD);
    return operation;
}

/* One that has found a job. */
static tjob_operation found(tjob_seeded_bug bug, tjob_event event, tjob_job job, uint64_t now_ms)
{
    tjob_operation operation = begin(event);
    tjob__seeded_bug_loaded(bug, &operation, &policy, TJOB_LOAD_OK, &job, 7, now_ms);
    return operation;
}

START_TEST(seeded_bugs_have_names_of_their_own)
{
    for (int bug = 0; bug < TJOB_SEEDED_BUG_COUNT; bug++) {
        ck_assert_str_ne(tjob_seeded_bug_name((tjob_seeded_bug)bug), "?");
        ck_assert_str_ne(tjob_seeded_bug_sentence((tjob_seeded_bug)bug), "?");
    }
    ck_assert_str_eq(tjob_seeded_bug_name((tjob_seeded_bug)TJOB_SEEDED_BUG_COUNT), "?");
    ck_assert_str_eq(tjob_seeded_bug_sentence((tjob_seeded_bug)TJOB_SEEDED_BUG_COUNT), "?");
}
END_TEST

/* Whatever it reports, a trainer that is not the job's is believed; whoever else is not the job's is not. */
START_TEST(a_stale_trainer_is_accepted)
{
    static const uint32_t reports[] = {TJOB_HALTED, TJOB_COMPLETED, TJOB_COMPLETED_WITH_WARNING, TJOB_FAILED,
                                       TJOB_TRAINER_LOST};
    const tjob_job job = sample_job(TJOB_STOP_REQUESTED);
    for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
        const tjob_event stale = {.kind = reports[i], .trainer_token = SAMPLE_TRAINER + 1};
        ck_assert_int_eq(found(TJOB_BUG_STALE_TRAINER_ACCEPTED, stale, job, SAMPLE_NOW_MS).ask, TJOB_ASK_SWAP);
        ck_assert_int_eq(found(TJOB_BUG_NONE, stale, job, SAMPLE_NOW_MS).ask, TJOB_ASK_NOTHING);
    }
    const tjob_event start = {.kind = TJOB_START, .trainer_token = SAMPLE_TRAINER + 1};
    const tjob_operation operation = found(TJOB_BUG_STALE_TRAINER_ACCEPTED, start, job, SAMPLE_NOW_MS);
    ck_assert_int_eq(tjob_operation_outcome(&operation).status, TJOB_STALE);
}
END_TEST

/* A completion of the job's own trainer overwrites STOPPED, in one attempt, at a time that is not before the other end.
 */
START_TEST(a_late_completion_overwrites)
{
    static const uint64_t times[][2] = {{SAMPLE_ENDED_MS + 1, SAMPLE_ENDED_MS + 1},
                                        {SAMPLE_ENDED_MS, SAMPLE_ENDED_MS},
                                        {SAMPLE_ENDED_MS - 1, SAMPLE_ENDED_MS}};
    const tjob_event completed = {.kind = TJOB_COMPLETED, .trainer_token = SAMPLE_TRAINER};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        const tjob_operation operation =
            found(TJOB_BUG_LATE_COMPLETION, completed, sample_job(TJOB_STOPPED), times[i][0]);
        ck_assert_int_eq(operation.ask, TJOB_ASK_SWAP);
        ck_assert_int_eq(operation.job.state, TJOB_TRAINED);
        ck_assert_uint_eq(operation.job.ended_ms, times[i][1]);
        ck_assert_uint_eq(operation.attempts, 1);
    }
}
END_TEST

/* Each time that an event sets is what the clock shows, were it before all others; what was set before stays. */
START_TEST(a_clock_runs_backwards)
{
    enum { EARLY_MS = 5 };
    const tjob_event events[] = {{.kind = TJOB_START, .trainer_token = 1},
                                 {.kind = TJOB_STOP},
                                 {.kind = TJOB_COMPLETED, .trainer_token = SAMPLE_TRAINER}};
    const tjob_job started = found(TJOB_BUG_CLOCK_RUNS_BACKWARDS, events[0], sample_job(TJOB_SUBMITTED), EARLY_MS).job;
    const tjob_job stopped = found(TJOB_BUG_CLOCK_RUNS_BACKWARDS, events[1], sample_job(TJOB_TRAINING), EARLY_MS).job;
    const tjob_job ended = found(TJOB_BUG_CLOCK_RUNS_BACKWARDS, events[2], sample_job(TJOB_TRAINING), EARLY_MS).job;
    ck_assert_uint_eq(started.training_started_ms, EARLY_MS);
    ck_assert_uint_eq(started.submitted_ms, SAMPLE_SUBMITTED_MS);
    ck_assert_uint_eq(stopped.stop_requested_ms, EARLY_MS);
    ck_assert_uint_eq(stopped.training_started_ms, SAMPLE_STARTED_MS);
    ck_assert_uint_eq(ended.ended_ms, EARLY_MS);
    ck_assert_uint_eq(ended.stop_requested_ms, 0);
}
END_TEST

/* ---- Stores ---------------------------------------------------------------------------------------------------- */

static uint64_t state[TJOB_STORE_MODEL_BYTES_MAX / sizeof(uint64_t)];

/* Versions begin again after each removal, but those of absences are far from them and from each other. */
START_TEST(versions_are_used_again)
{
    const tjob_store_model *store = tjob__seeded_bug_store(TJOB_BUG_VERSION_REUSED);
    const tjob_job job = sample_job(TJOB_SUBMITTED);
    uint64_t absent = 0;
    store->begin(state);
    for (int incarnation = 0; incarnation < 3; incarnation++) {
        ck_assert_int_eq(store->swap(state, absent, &job), TJOB_SWAP_OK);
        ck_assert_uint_eq(tjob_store_model_version(store, state), 1);
        ck_assert_int_eq(store->swap(state, absent, &job), TJOB_SWAP_CONFLICT);
        ck_assert_int_eq(store->swap(state, 1, &job), TJOB_SWAP_OK);
        ck_assert_uint_eq(tjob_store_model_version(store, state), 2);
        ck_assert_int_eq(store->swap(state, 2, NULL), TJOB_SWAP_OK);
        ck_assert_uint_ge(tjob_store_model_version(store, state), absent + 100);
        ck_assert_int_eq(store->swap(state, 1, &job), TJOB_SWAP_CONFLICT);
        absent = tjob_store_model_version(store, state);
    }
}
END_TEST

/* A crash takes back what was not made durable, and it is reported whether that was anything. */
START_TEST(a_crash_reports_whether_anything_was_lost)
{
    const struct simulated_store store = {.model = tjob__seeded_bug_store(TJOB_BUG_DIRTY_READ)};
    const struct slot place = {.state = state};
    const tjob_job job = sample_job(TJOB_SUBMITTED);
    ck_assert(tjob__simulated_loses(&store));
    store.model->begin(state);
    ck_assert_int_eq(tjob__simulated_swap(&store, place, 0, &job, true).status, TJOB_SWAP_OK);
    ck_assert(!tjob__simulated_crash(&store, place));
    ck_assert_int_eq(tjob__simulated_swap(&store, place, 1, NULL, false).status, TJOB_SWAP_OK);
    ck_assert(tjob__simulated_crash(&store, place));
    ck_assert_uint_eq(tjob_store_model_version(store.model, state), 1);
    ck_assert(!tjob__simulated_crash(&store, place));
}
END_TEST

static tjob_load_status tells_nothing(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    (void)context, (void)user, (void)arn, (void)job, (void)version;
    return TJOB_LOAD_UNAVAILABLE;
}

/* Of a store that does not answer, no record is reported, and version 0. */
START_TEST(what_a_store_does_not_report_is_nothing)
{
    static const tjob_job none = {.state = TJOB_ABSENT};
    const tjob_store own = {.load = tells_nothing};
    const struct simulated_store store = {.own = &own};
    tjob_load_status status = TJOB_LOAD_OK;
    uint64_t version = 99;
    const tjob_job job = tjob__simulated_present(&store, (struct slot){.job = 1}, &status, &version);
    ck_assert_int_eq(status, TJOB_LOAD_UNAVAILABLE);
    ck_assert_uint_eq(version, 0);
    ck_assert_mem_eq(&job, &none, sizeof none);
    ck_assert(!tjob__simulated_loses(&store));
}
END_TEST

/* Fills what it is given at the first call, and nothing at the second. */
static tjob_load_status fill_once(void *context, tjob_job *job, uint64_t *version)
{
    bool *filled = context;
    if (!*filled) {
        *job = sample_job(TJOB_TRAINING);
        *version = 7;
    }
    *filled = true;
    return TJOB_LOAD_OK;
}

static tjob_load_status load_once(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    (void)user, (void)arn;
    return fill_once(context, job, version);
}

static tjob_load_status load_state_once(const void *place, tjob_job *job, uint64_t *version)
{
    bool *const *filled = place;
    return fill_once(*filled, job, version);
}

/* A store of the caller's, and a model of one. */
START_TEST(what_a_store_does_not_fill_is_absent)
{
    static const tjob_job none = {.state = TJOB_ABSENT};
    bool filled = false;
    bool *cell = &filled;
    const tjob_store own = {.context = &filled, .load = load_once};
    const tjob_store_model model = {.state_bytes = sizeof cell, .load = load_state_once};
    const struct simulated_store store = {.own = _i == 0 ? &own : NULL, .model = &model};
    const struct slot place = {.state = &cell, .job = 1};
    tjob_load_status status;
    uint64_t version;
    tjob_job job = tjob__simulated_present(&store, place, &status, &version);
    ck_assert_uint_eq(version, 7);
    job = tjob__simulated_present(&store, place, &status, &version);
    ck_assert_uint_eq(version, 0);
    ck_assert_mem_eq(&job, &none, sizeof none);
    job = sample_job(TJOB_TRAINING);
    version = 7;
    (void)tjob__simulated_load(&store, place, &job, &version);
    ck_assert_uint_eq(version, 0);
    ck_assert_mem_eq(&job, &none, sizeof none);
    filled = false;
    ck_assert_uint_eq(tjob_store_model_version(&model, &cell), 7);
    ck_assert_uint_eq(tjob_store_model_version(&model, &cell), 0);
}
END_TEST

RUN_TESTS("seeded_bugs", {seeded_bugs_have_names_of_their_own, 0}, {a_stale_trainer_is_accepted, 0},
          {a_late_completion_overwrites, 0}, {a_clock_runs_backwards, 0}, {versions_are_used_again, 0},
          {a_crash_reports_whether_anything_was_lost, 0}, {what_a_store_does_not_report_is_nothing, 0},
          {what_a_store_does_not_fill_is_absent, 2})
