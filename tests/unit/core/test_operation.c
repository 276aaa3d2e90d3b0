/* The operation step by step: what it asks, what each answer makes of it, and that it is a plain value. */
#include <string.h>

#include "support/suite.h"
#include "tjob/operation.h"
#include "unit/core/records.h"

static const tjob_policy default_policy;

static tjob_event valid_event(tjob_event_kind kind)
{
    return (tjob_event){.kind = (uint32_t)kind,
                        .trainer_token = kind == TJOB_START ? SAMPLE_TRAINER : 0,
                        .token = kind == TJOB_SUBMIT ? SAMPLE_TOKEN : 0,
                        .host_code = 5};
}

/* An operation that asks for something, and the record it is about. */
static tjob_operation begun(tjob_event_kind kind)
{
    tjob_operation operation;
    memset(&operation, 0xa5, sizeof operation);
    const tjob_event event = valid_event(kind);
    tjob_operation_begin(&operation, &event);
    return operation;
}

static void answer_load(tjob_operation *operation, const tjob_policy *policy, const tjob_job *job, uint64_t version)
{
    const tjob_load_status found = job->state == TJOB_ABSENT ? TJOB_LOAD_NOT_FOUND : TJOB_LOAD_OK;
    tjob_operation_loaded(operation, policy, found, job, version, SAMPLE_NOW_MS);
}

static tjob_operation asking_to_swap(tjob_event_kind kind, tjob_state state, const tjob_policy *policy,
                                     uint64_t version)
{
    const tjob_job job = sample_job(state);
    tjob_operation operation = begun(kind);
    tjob_operation_authorized(&operation, TJOB_AUTHORIZATION_ALLOWED);
    tjob_operation_admitted(&operation, TJOB_ADMISSION_ADMITTED);
    answer_load(&operation, policy, &job, version);
    ck_assert_int_eq(operation.ask, TJOB_ASK_SWAP);
    return operation;
}

static void check_end(const tjob_operation *operation, tjob_status status, tjob_changed changed)
{
    ck_assert_int_eq(operation->ask, TJOB_ASK_NOTHING);
    ck_assert_ptr_null(tjob_operation_next(operation));
    const tjob_outcome outcome = tjob_operation_outcome(operation);
    ck_assert_int_eq(outcome.status, status);
    ck_assert_int_eq(outcome.changed, changed);
}

/* ---- The beginning --------------------------------------------------------------------------------------------- */

START_TEST(a_clients_operation_asks_to_be_authorized_and_admitted_before_it_loads)
{
    const tjob_event_kind kind = (tjob_event_kind)_i;
    const bool of_client = kind == TJOB_STOP || kind == TJOB_DESCRIBE || kind == TJOB_DELETE;
    tjob_operation operation = begun(kind);
    ck_assert(tjob_operation_is_of_client(kind) == of_client);
    if (of_client) {
        ck_assert_int_eq(operation.ask, TJOB_ASK_AUTHORIZE);
        tjob_operation_authorized(&operation, TJOB_AUTHORIZATION_ALLOWED);
        ck_assert_int_eq(operation.ask, TJOB_ASK_ADMIT);
        tjob_operation_admitted(&operation, TJOB_ADMISSION_ADMITTED);
    }
    ck_assert_int_eq(operation.ask, TJOB_ASK_LOAD);
    ck_assert_ptr_null(tjob_operation_next(&operation));
}
END_TEST

START_TEST(an_event_that_cannot_be_ends_at_once)
{
    const tjob_event impossible[] = {
        {.kind = TJOB_SUBMIT}, {.kind = TJOB_START}, {.kind = TJOB_EVENT_KIND_COUNT}, {.kind = UINT32_MAX}};
    for (unsigned i = 0; i < sizeof impossible / sizeof impossible[0]; i++) {
        tjob_operation operation;
        tjob_operation_begin(&operation, &impossible[i]);
        check_end(&operation, TJOB_INVALID_ARGUMENT, TJOB_CHANGED_NO);
    }
}
END_TEST

START_TEST(it_ends_when_it_is_not_authorized_or_not_admitted)
{
    static const struct {
        tjob_authorization authorization;
        tjob_admission admission;
        tjob_status status;
    } cases[] = {
        {TJOB_AUTHORIZATION_DENIED, TJOB_ADMISSION_ADMITTED, TJOB_ACCESS_DENIED},
        {TJOB_AUTHORIZATION_UNAVAILABLE, TJOB_ADMISSION_ADMITTED, TJOB_UNAVAILABLE},
        {(tjob_authorization)77, TJOB_ADMISSION_ADMITTED, TJOB_ACCESS_DENIED},
        {TJOB_AUTHORIZATION_ALLOWED, TJOB_ADMISSION_THROTTLED, TJOB_THROTTLED},
        {TJOB_AUTHORIZATION_ALLOWED, (tjob_admission)77, TJOB_THROTTLED},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tjob_operation operation = begun(TJOB_STOP);
        tjob_operation_authorized(&operation, cases[i].authorization);
        tjob_operation_admitted(&operation, cases[i].admission);
        check_end(&operation, cases[i].status, TJOB_CHANGED_NO);
        const tjob_outcome outcome = tjob_operation_outcome(&operation);
        ck_assert(outcome.before == TJOB_ABSENT && outcome.after == TJOB_ABSENT && outcome.job.incarnation == 0);
    }
}
END_TEST

/* ---- Answers that were not asked for --------------------------------------------------------------------------- */

static tjob_operation asking(tjob_ask ask)
{
    tjob_operation operation = begun(TJOB_STOP);
    const tjob_job job = sample_job(TJOB_TRAINING);
    if (ask > TJOB_ASK_AUTHORIZE) {
        tjob_operation_authorized(&operation, TJOB_AUTHORIZATION_ALLOWED);
    }
    if (ask > TJOB_ASK_ADMIT) {
        tjob_operation_admitted(&operation, TJOB_ADMISSION_ADMITTED);
    }
    if (ask > TJOB_ASK_LOAD) {
        answer_load(&operation, &default_policy, &job, 9);
    }
    if (ask > TJOB_ASK_SWAP) {
        tjob_operation_swapped(&operation, TJOB_SWAP_OK);
    }
    return operation;
}

START_TEST(an_answer_that_was_not_asked_for_changes_nothing)
{
    const tjob_operation before = asking((tjob_ask)_i);
    ck_assert_int_eq(before.ask, _i);
    for (int answer = 0; answer < 6; answer++) {
        tjob_operation operation = before;
        if (_i != TJOB_ASK_AUTHORIZE) {
            tjob_operation_authorized(&operation, (tjob_authorization)answer);
        }
        if (_i != TJOB_ASK_ADMIT) {
            tjob_operation_admitted(&operation, (tjob_admission)answer);
        }
        if (_i != TJOB_ASK_LOAD) {
            const tjob_job job = sample_job(TJOB_SUBMITTED);
            tjob_operation_loaded(&operation, &default_policy, (tjob_load_status)answer, &job, 10, 1);
        }
        if (_i != TJOB_ASK_SWAP) {
            tjob_operation_swapped(&operation, (tjob_swap_status)answer);
        }
        ck_assert_mem_eq(&operation, &before, sizeof before);
    }
}
END_TEST

START_TEST(until_it_is_done_its_outcome_is_open)
{
    const tjob_operation operation = asking((tjob_ask)_i);
    const tjob_outcome outcome = tjob_operation_outcome(&operation);
    const bool done = _i == TJOB_ASK_NOTHING;
    ck_assert_int_eq(outcome.status, done ? TJOB_OK : TJOB_UNRESOLVED);
    ck_assert_int_eq(outcome.changed, done ? TJOB_CHANGED_YES : TJOB_CHANGED_UNKNOWN);
    ck_assert_int_eq(outcome.after, done ? TJOB_STOP_REQUESTED : TJOB_ABSENT);
    ck_assert((tjob_operation_next(&operation) != NULL) == (_i == TJOB_ASK_SWAP));
}
END_TEST

/* ---- Without faults -------------------------------------------------------------------------------------------- */

/* One load, at most one swap, and the answer that the rule gives. */
START_TEST(it_does_what_the_rule_says)
{
    enum { JOBS = POSSIBLE_RECORDS + 1 };
    const uint64_t version = SAMPLE_INCARNATION - 1; /* an absence of this version begins the sample incarnation */
    const tjob_job job = possible_job((unsigned)_i % JOBS);
    tjob_event event = valid_event((tjob_event_kind)(_i / JOBS));
    event.trainer_token = event.kind == TJOB_SUBMIT ? 0 : event.kind == TJOB_START ? SAMPLE_TRAINER : job.trainer_token;
    tjob_job next;
    const tjob_transition_result result = tjob_job_apply(&job, &event, SAMPLE_NOW_MS, &default_policy, &next);

    tjob_operation operation;
    tjob_operation_begin(&operation, &event);
    tjob_operation_authorized(&operation, TJOB_AUTHORIZATION_ALLOWED);
    tjob_operation_admitted(&operation, TJOB_ADMISSION_ADMITTED);
    answer_load(&operation, &default_policy, &job, version);
    if (result.changed) {
        ck_assert_int_eq(operation.ask, TJOB_ASK_SWAP);
        ck_assert_uint_eq(operation.version, version);
        const tjob_job *put = tjob_operation_next(&operation);
        ck_assert(next.state == TJOB_ABSENT ? put == NULL : memcmp(put, &next, sizeof next) == 0);
        tjob_operation_swapped(&operation, TJOB_SWAP_OK);
    }
    check_end(&operation, result.status, result.changed ? TJOB_CHANGED_YES : TJOB_CHANGED_NO);
    const tjob_outcome outcome = tjob_operation_outcome(&operation);
    const tjob_job left = next.state == TJOB_ABSENT ? (tjob_job){.state = TJOB_ABSENT} : next;
    ck_assert_int_eq(outcome.before, job.state);
    ck_assert_int_eq(outcome.after, next.state);
    ck_assert_mem_eq(&outcome.job, &left, sizeof left);
}
END_TEST

/* What was found before the failure may be another by now: the outcome reports nothing of it. */
START_TEST(a_failure_reports_no_record)
{
    tjob_operation operation = asking_to_swap(TJOB_STOP, TJOB_TRAINING, &default_policy, 7);
    tjob_operation_swapped(&operation, TJOB_SWAP_UNAVAILABLE);
    const tjob_outcome outcome = tjob_operation_outcome(&operation);
    const tjob_job none = {.state = TJOB_ABSENT};
    ck_assert_int_eq(outcome.status, TJOB_UNAVAILABLE);
    ck_assert(outcome.before == TJOB_ABSENT && outcome.after == TJOB_ABSENT);
    ck_assert_mem_eq(&outcome.job, &none, sizeof none);
}
END_TEST

/* ---- Attempts -------------------------------------------------------------------------------------------------- */

static const struct {
    uint32_t max_attempts;
    uint32_t swaps;
} limits[] = {{0, 16}, {1, 1}, {2, 2}, {16, 16}, {100, 100}};

enum { LIMITS = sizeof limits / sizeof limits[0] };

START_TEST(conflicts_without_end_are_contended_after_the_last_attempt)
{
    const tjob_policy policy = {.max_attempts = limits[_i].max_attempts};
    const tjob_job job = sample_job(TJOB_TRAINING);
    tjob_operation operation = asking_to_swap(TJOB_STOP, TJOB_TRAINING, &policy, 1);
    uint64_t version = 1;
    while (operation.ask == TJOB_ASK_SWAP) {
        ck_assert_uint_eq(operation.attempts, version);
        tjob_operation_swapped(&operation, TJOB_SWAP_CONFLICT);
        answer_load(&operation, &policy, &job, ++version);
    }
    check_end(&operation, TJOB_CONTENDED, TJOB_CHANGED_NO);
    ck_assert_uint_eq(version - 1, limits[_i].swaps);
}
END_TEST

START_TEST(answers_lost_without_end_are_unresolved_after_the_last_attempt)
{
    const tjob_policy policy = {.max_attempts = limits[_i].max_attempts};
    const tjob_job job = sample_job(TJOB_TRAINING);
    tjob_operation operation = asking_to_swap(TJOB_STOP, TJOB_TRAINING, &policy, 7);
    const tjob_job first = *tjob_operation_next(&operation);
    unsigned swaps = 0;
    while (operation.ask == TJOB_ASK_SWAP) {
        ck_assert_uint_eq(operation.version, 7);
        ck_assert_mem_eq(tjob_operation_next(&operation), &first, sizeof first);
        swaps++;
        tjob_operation_swapped(&operation, TJOB_SWAP_UNKNOWN);
        tjob_operation_loaded(&operation, &policy, TJOB_LOAD_OK, &job, 7, SAMPLE_NOW_MS + swaps);
    }
    check_end(&operation, TJOB_UNRESOLVED, TJOB_CHANGED_UNKNOWN);
    ck_assert_uint_eq(swaps, limits[_i].swaps);
}
END_TEST

/*
 * A conflict leaves nothing behind but its count: the operation is as it was when it asked to load for the first time.
 */
START_TEST(after_a_conflict_it_begins_anew)
{
    tjob_operation operation = asking_to_swap(TJOB_STOP, TJOB_TRAINING, &default_policy, 7);
    tjob_operation anew = begun(TJOB_STOP);
    tjob_operation_authorized(&anew, TJOB_AUTHORIZATION_ALLOWED);
    tjob_operation_admitted(&anew, TJOB_ADMISSION_ADMITTED);
    tjob_operation_swapped(&operation, TJOB_SWAP_CONFLICT);
    anew.attempts = 1;
    ck_assert_mem_eq(&operation, &anew, sizeof anew);
}
END_TEST

/* ---- A rule of the host's ---------------------------------------------------------------------------------------- */

/* A stop of a job in training ends it at once; a delete is refused, but leaves a mess; a describe moves the job to what
 * cannot be. */
static tjob_transition_result own_rule(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                       const tjob_policy *policy, tjob_job *next)
{
    const tjob_transition_result result = tjob_job_apply(job, event, now_ms, policy, next);
    switch (event->kind) {
    case TJOB_STOP:
        next->state = TJOB_STOPPED;
        next->ended_ms = now_ms;
        return result;
    case TJOB_DELETE:
        memset(next, 0xa5, sizeof *next);
        return (tjob_transition_result){TJOB_REFUSED_BY_POLICY, false};
    case TJOB_DESCRIBE:
        next->incarnation = 0;
        return (tjob_transition_result){TJOB_OK, true};
    default:
        return result;
    }
}

static const tjob_policy own_policy = {.transition = own_rule};

START_TEST(it_goes_by_the_hosts_own_rule)
{
    tjob_operation stop = asking_to_swap(TJOB_STOP, TJOB_TRAINING, &own_policy, 7);
    ck_assert_uint_eq(tjob_operation_next(&stop)->state, TJOB_STOPPED);
    ck_assert_uint_eq(tjob_operation_next(&stop)->ended_ms, SAMPLE_NOW_MS);
    tjob_operation removed = asking_to_swap(TJOB_REMOVED, TJOB_DELETING, &own_policy, 7);
    ck_assert_ptr_null(tjob_operation_next(&removed));

    const struct {
        tjob_event_kind kind;
        tjob_status status;
    } ends[] = {{TJOB_DELETE, TJOB_REFUSED_BY_POLICY}, {TJOB_DESCRIBE, TJOB_MISCONFIGURED}};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        const tjob_job job = sample_job(TJOB_TRAINED);
        tjob_operation operation = begun(ends[i].kind);
        tjob_operation_authorized(&operation, TJOB_AUTHORIZATION_ALLOWED);
        tjob_operation_admitted(&operation, TJOB_ADMISSION_ADMITTED);
        answer_load(&operation, &own_policy, &job, 7);
        check_end(&operation, ends[i].status, TJOB_CHANGED_NO);
        const tjob_outcome outcome = tjob_operation_outcome(&operation);
        ck_assert(ends[i].kind != TJOB_DELETE || memcmp(&outcome.job, &job, sizeof job) == 0);
    }
}
END_TEST

/* ---- Answers lost ------------------------------------------------------------------------------------------------ */

/* A removal, and a creation, whose answers were lost while their versions stand: the very same again. */
START_TEST(a_lost_removal_and_a_lost_creation_are_sent_again)
{
    tjob_operation operation = asking_to_swap(TJOB_REMOVED, TJOB_DELETING, &default_policy, 3);
    const tjob_job deleting = sample_job(TJOB_DELETING);
    tjob_operation_swapped(&operation, TJOB_SWAP_UNKNOWN);
    answer_load(&operation, &default_policy, &deleting, 3);
    ck_assert_int_eq(operation.ask, TJOB_ASK_SWAP);
    ck_assert_ptr_null(tjob_operation_next(&operation));
    tjob_operation_swapped(&operation, TJOB_SWAP_OK);
    check_end(&operation, TJOB_OK, TJOB_CHANGED_YES);

    operation = asking_to_swap(TJOB_SUBMIT, TJOB_ABSENT, &default_policy, 3);
    const tjob_job absent = sample_job(TJOB_ABSENT);
    const tjob_job created = *tjob_operation_next(&operation);
    ck_assert_uint_eq(created.incarnation, 4);
    tjob_operation_swapped(&operation, TJOB_SWAP_UNKNOWN);
    answer_load(&operation, &default_policy, &absent, 3);
    ck_assert_mem_eq(tjob_operation_next(&operation), &created, sizeof created);
    tjob_operation_swapped(&operation, TJOB_SWAP_CONFLICT);
    answer_load(&operation, &default_policy, &created, 4);
    check_end(&operation, TJOB_OK, TJOB_CHANGED_UNKNOWN);
}
END_TEST

/* While the store cannot report, a lost answer stays lost, whatever stands in the arguments of that load. */
START_TEST(a_load_that_fails_after_a_lost_answer_is_unresolved)
{
    static const tjob_load_status failing[] = {TJOB_LOAD_UNAVAILABLE, (tjob_load_status)77};
    const tjob_job job = sample_job(TJOB_TRAINING);
    for (unsigned i = 0; i < 2; i++) {
        tjob_operation operation = asking_to_swap(TJOB_STOP, TJOB_TRAINING, &default_policy, 7);
        tjob_operation_swapped(&operation, TJOB_SWAP_UNKNOWN);
        tjob_operation_loaded(&operation, &default_policy, failing[i], &job, 7, SAMPLE_NOW_MS);
        check_end(&operation, TJOB_UNRESOLVED, TJOB_CHANGED_UNKNOWN);
    }
}
END_TEST

/* ---- The value ------------------------------------------------------------------------------------------------- */

/* Begun over any bytes, it is the same to the last byte: it can be compared and stored. */
START_TEST(it_is_a_plain_value)
{
    tjob_operation zeroed;
    tjob_operation filled = begun((tjob_event_kind)_i);
    memset(&zeroed, 0, sizeof zeroed);
    const tjob_event event = valid_event((tjob_event_kind)_i);
    tjob_operation_begin(&zeroed, &event);
    ck_assert_mem_eq(&zeroed, &filled, sizeof zeroed);
    ck_assert_uint_le(sizeof(tjob_operation), TJOB_OPERATION_BYTES_MAX);
}
END_TEST

/* What was copied and dropped at any step goes on as if nothing had happened. */
START_TEST(a_copy_goes_on_where_the_original_was)
{
    tjob_operation original = asking((tjob_ask)_i);
    tjob_operation copy = original;
    memset(&original, 0xa5, sizeof original);
    const tjob_job job = sample_job(TJOB_TRAINING);
    tjob_operation_authorized(&copy, TJOB_AUTHORIZATION_ALLOWED);
    tjob_operation_admitted(&copy, TJOB_ADMISSION_ADMITTED);
    answer_load(&copy, &default_policy, &job, 9);
    tjob_operation_swapped(&copy, TJOB_SWAP_OK);
    const tjob_operation done = asking(TJOB_ASK_NOTHING);
    ck_assert_mem_eq(&copy, &done, sizeof done);
}
END_TEST

START_TEST(changes_have_names)
{
    ck_assert_str_eq(tjob_changed_name(TJOB_CHANGED_NO), "no");
    ck_assert_str_eq(tjob_changed_name(TJOB_CHANGED_YES), "yes");
    ck_assert_str_eq(tjob_changed_name(TJOB_CHANGED_UNKNOWN), "unknown");
    ck_assert_str_eq(tjob_changed_name((tjob_changed)(TJOB_CHANGED_UNKNOWN + 1)), "?");
    ck_assert_str_eq(tjob_changed_name((tjob_changed)-1), "?");
}
END_TEST

RUN_TESTS("operation", {a_clients_operation_asks_to_be_authorized_and_admitted_before_it_loads, TJOB_EVENT_KIND_COUNT},
          {an_event_that_cannot_be_ends_at_once, 0}, {it_ends_when_it_is_not_authorized_or_not_admitted, 0},
          {an_answer_that_was_not_asked_for_changes_nothing, TJOB_ASK_NOTHING + 1},
          {until_it_is_done_its_outcome_is_open, TJOB_ASK_NOTHING + 1},
          {it_does_what_the_rule_says, (POSSIBLE_RECORDS + 1) * TJOB_EVENT_KIND_COUNT},
          {a_failure_reports_no_record, 0}, {conflicts_without_end_are_contended_after_the_last_attempt, LIMITS},
          {answers_lost_without_end_are_unresolved_after_the_last_attempt, LIMITS},
          {after_a_conflict_it_begins_anew, 0}, {it_goes_by_the_hosts_own_rule, 0},
          {a_lost_removal_and_a_lost_creation_are_sent_again, 0},
          {a_load_that_fails_after_a_lost_answer_is_unresolved, 0}, {it_is_a_plain_value, TJOB_EVENT_KIND_COUNT},
          {a_copy_goes_on_where_the_original_was, TJOB_ASK_NOTHING + 1}, {changes_have_names, 0})
