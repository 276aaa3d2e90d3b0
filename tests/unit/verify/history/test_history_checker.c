/* The checker of histories: famous histories by hand, bounds, parts, and long histories of runs that were right. */
#include <stdlib.h>
#include <string.h>

#include "support/history_calls.h"
#include "support/random.h"
#include "support/suite.h"
#include "verify/history/abstract_state.h"
#include "verify/history/linearize.h"
#include "verify/spec/reference.h"

static const tjob_policy policy = {.stop_timeout_ms = 100};
static uint64_t memory[TJOB_HISTORY_BYTES_DEFAULT / sizeof(uint64_t)];
static tjob_history_checker history;

static void set_up(size_t bytes)
{
    ck_assert_int_eq(tjob_history_checker_init(&history, memory, bytes, &policy), TJOB_OK);
}

/* ---- Histories by hand ------------------------------------------------------------------------------------------ */

enum { CALLS_MAX = 80 };

/* The course of the job that a history is about: what is reported in full is what the rule makes of it. */
struct tale {
    tjob_call calls[CALLS_MAX];
    size_t count;
    tjob_job job;
    uint64_t now;
};

static const tjob_event submit = {.kind = TJOB_SUBMIT, .token = 5};
static const tjob_event start = {.kind = TJOB_START, .trainer_token = 7};
static const tjob_event stop = {.kind = TJOB_STOP};
static const tjob_event halted = {.kind = TJOB_HALTED, .trainer_token = 7};
static const tjob_event completed = {.kind = TJOB_COMPLETED, .trainer_token = 7};
static const tjob_event deletion = {.kind = TJOB_DELETE};
static const tjob_event removed = {.kind = TJOB_REMOVED};
static const tjob_event describe = {.kind = TJOB_DESCRIBE};

/* A call that comes after all others and is answered by the rule. */
static void happens(struct tale *tale, tjob_event event)
{
    tale->now += 10;
    const tjob_outcome outcome = outcome_of(&tale->job, &event, tale->now, &policy);
    tale->calls[tale->count++] = call_reported(event, tale->now, tale->now + 1, outcome);
}

/* A call that comes after all others, with an answer of which only the status is reported. */
static void is_answered(struct tale *tale, tjob_event event, tjob_status status)
{
    tale->now += 10;
    tale->calls[tale->count++] = call_with_status(event, tale->now, tale->now + 1, status);
}

/* A describe that comes after all others and shows a record. */
static void shows(struct tale *tale, tjob_job job)
{
    const tjob_state state = (tjob_state)job.state;
    tale->now += 10;
    tale->calls[tale->count++] =
        call_reported(describe, tale->now, tale->now + 1, (tjob_outcome){TJOB_OK, TJOB_CHANGED_NO, state, state, job});
}

static void begin_training(struct tale *tale)
{
    set_up(sizeof memory);
    *tale = (struct tale){.job = {.incarnation = 1}};
    happens(tale, submit);
    happens(tale, start);
}

static void goes_to_the_next_incarnation(struct tale *tale)
{
    happens(tale, deletion);
    happens(tale, removed);
    tale->job.incarnation = 2;
    happens(tale, submit);
}

/* What is not reported is not looked at, whatever stands there. */
static void spoil_untold(struct tale *tale)
{
    for (size_t i = 0; i < tale->count; i++) {
        tjob_outcome *outcome = &tale->calls[i].outcome;
        const uint32_t known = tale->calls[i].known;
        outcome->changed = (known & TJOB_KNOWN_CHANGED) != 0 ? outcome->changed : TJOB_CHANGED_YES;
        outcome->before = (known & TJOB_KNOWN_BEFORE) != 0 ? outcome->before : TJOB_DELETING;
        outcome->after = (known & TJOB_KNOWN_AFTER) != 0 ? outcome->after : TJOB_DELETING;
        if ((known & TJOB_KNOWN_JOB) == 0) {
            outcome->job = (tjob_job){.state = TJOB_STOPPED, .incarnation = 77};
        }
    }
}

static tjob_history_verdict verdict_of(const struct tale *tale)
{
    struct tale spoilt = *tale;
    const tjob_history_verdict verdict = tjob_history_check(&history, tale->calls, tale->count).verdict;
    spoil_untold(&spoilt);
    ck_assert_int_eq(tjob_history_check(&history, spoilt.calls, spoilt.count).verdict, verdict);
    return verdict;
}

/* Expects that the history cannot be, because of two calls alone. */
static void expect_pair(const struct tale *tale, uint32_t first, uint32_t second)
{
    uint32_t part[CALLS_MAX];
    tjob_history_result result;
    ck_assert_int_eq(verdict_of(tale), TJOB_NOT_LINEARIZABLE);
    ck_assert_uint_eq(tjob_history_explain(&history, NULL, tale->calls, tale->count, part, &result), 2);
    ck_assert_int_eq(result.verdict, TJOB_NOT_LINEARIZABLE);
    ck_assert_uint_eq(part[0], first);
    ck_assert_uint_eq(part[1], second);
    ck_assert_uint_eq(result.at, second);
}

START_TEST(a_stale_read_is_seen)
{
    struct tale tale;
    begin_training(&tale);
    const tjob_job training = tale.job;
    happens(&tale, stop);
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    shows(&tale, training);
    expect_pair(&tale, 2, 3);
}
END_TEST

START_TEST(a_stop_that_was_promised_and_lost_is_seen)
{
    struct tale tale;
    begin_training(&tale);
    const tjob_job training = tale.job;
    is_answered(&tale, stop, TJOB_OK);
    shows(&tale, training);
    expect_pair(&tale, 2, 3);
}
END_TEST

START_TEST(a_lost_update_is_seen)
{
    struct tale tale;
    begin_training(&tale);
    happens(&tale, stop);
    happens(&tale, halted);
    /* At the same time another call, which wrote over it. */
    tjob_job overwritten = tale.calls[1].outcome.job;
    const tjob_outcome outcome = outcome_of(&overwritten, &completed, 100, &policy);
    tale.calls[tale.count++] = call_reported(completed, tale.now, tale.now + 10, outcome);
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
}
END_TEST

START_TEST(a_400_that_took_effect_is_seen)
{
    static const tjob_status statuses[] = {TJOB_THROTTLED,         TJOB_ACCESS_DENIED, TJOB_INVALID_ARGUMENT,
                                           TJOB_UNKNOWN_OPERATION, TJOB_UNAVAILABLE,   TJOB_FULL,
                                           TJOB_CONTENDED,         TJOB_MISCONFIGURED};
    struct tale tale;
    begin_training(&tale);
    happens(&tale, describe);
    is_answered(&tale, stop, statuses[_i]);
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    tjob_job stopping = tale.job;
    (void)outcome_of(&stopping, &stop, tale.now, &policy);
    shows(&tale, stopping);
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
    tale.calls[3].outcome.status = TJOB_UNRESOLVED;
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
}
END_TEST

START_TEST(a_failure_reports_by_changed_whether_it_may_take_effect)
{
    struct tale tale;
    begin_training(&tale);
    is_answered(&tale, stop, TJOB_UNAVAILABLE);
    tale.calls[2].known = TJOB_KNOWN_CHANGED;
    happens(&tale, stop);
    tale.calls[3].event = describe;
    tale.calls[3].outcome.changed = TJOB_CHANGED_NO;
    tale.calls[3].outcome.before = TJOB_STOP_REQUESTED;
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
    tale.calls[2].outcome.changed = TJOB_CHANGED_UNKNOWN;
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    tale.calls[2].outcome.changed = TJOB_CHANGED_YES;
    ck_assert_int_eq(verdict_of(&tale), TJOB_MALFORMED);
}
END_TEST

START_TEST(a_500_may_take_effect_late_but_once)
{
    struct tale tale;
    begin_training(&tale);
    const tjob_job training = tale.job;
    is_answered(&tale, stop, TJOB_UNRESOLVED);
    shows(&tale, training);
    tjob_job stopping = training;
    (void)outcome_of(&stopping, &stop, 25, &policy);
    shows(&tale, stopping);
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    stopping.stop_requested_ms++; /* a second time */
    shows(&tale, stopping);
    expect_pair(&tale, 4, 5);
}
END_TEST

START_TEST(a_500_takes_no_effect_in_the_next_incarnation)
{
    struct tale tale;
    begin_training(&tale);
    happens(&tale, completed);
    is_answered(&tale, stop, TJOB_UNRESOLVED);
    goes_to_the_next_incarnation(&tale);
    tjob_job stopped = tale.job;
    (void)outcome_of(&stopped, &stop, 1000, &policy);
    shows(&tale, stopped);
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
    tale.calls[3].answered = TJOB_PENDING; /* who was never answered may have come to look only now */
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    tale.calls[3].answered = tale.calls[6].answered; /* and so may who was answered only now */
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    tale.calls[3].outcome = (tjob_outcome){.status = TJOB_OK, .changed = TJOB_CHANGED_UNKNOWN};
    tale.calls[3].known = TJOB_KNOWN_CHANGED; /* with any answer that leaves it open */
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    tale.calls[3].event.incarnation = 1;
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
}
END_TEST

START_TEST(a_zombie_in_the_next_incarnation_is_seen)
{
    struct tale tale;
    begin_training(&tale);
    happens(&tale, completed);
    goes_to_the_next_incarnation(&tale);
    happens(&tale, (tjob_event){.kind = TJOB_START, .trainer_token = 8});
    is_answered(&tale, completed, TJOB_STALE);
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    tale.calls[7].outcome.status = TJOB_OK;
    expect_pair(&tale, 6, 7);
}
END_TEST

START_TEST(an_incarnation_that_comes_back_is_seen)
{
    struct tale tale;
    begin_training(&tale);
    happens(&tale, completed);
    goes_to_the_next_incarnation(&tale);
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    tale.calls[5].outcome.job.incarnation = 1;
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
    tjob_history_checkpoint checkpoint = {.open = 0};
    size_t one = 1;
    for (size_t i = 0; i < 5; i++, one = 1) {
        ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, &tale.calls[i], &one).verdict, TJOB_LINEARIZABLE);
        ck_assert_uint_eq(one, 0);
    }
    ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, &tale.calls[5], &one).verdict, TJOB_NOT_LINEARIZABLE);
    ck_assert_uint_eq(one, 1);
    tale.calls[5].outcome.job.incarnation = 2;
    ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, &tale.calls[5], &one).verdict, TJOB_LINEARIZABLE);
}
END_TEST

/* Success of an event that carried an incarnation reports it; of a removal, if the removal has changed something. */
START_TEST(an_incarnation_whose_removal_was_reported_is_seen_when_it_comes_back)
{
    tjob_event of_the_fifth = removed;
    of_the_fifth.incarnation = 5;
    for (int alone = 0; alone < 2; alone++) {
        for (int reported = 0; reported < 2; reported++) {
            struct tale tale = {.count = 0};
            tjob_history_checkpoint checkpoint = {.open = 0};
            set_up(sizeof memory);
            is_answered(&tale, submit, TJOB_OK);
            is_answered(&tale, stop, TJOB_OK);
            is_answered(&tale, deletion, TJOB_OK);
            is_answered(&tale, reported ? of_the_fifth : removed, TJOB_OK);
            tale.calls[3].known |= TJOB_KNOWN_CHANGED;
            tale.calls[3].outcome.changed = TJOB_CHANGED_YES;
            tale.job.incarnation = 5;
            happens(&tale, submit);
            const tjob_history_verdict wanted = reported ? TJOB_NOT_LINEARIZABLE : TJOB_LINEARIZABLE;
            tjob_history_verdict verdict = verdict_of(&tale);
            for (size_t i = 0, one = 1; alone && i < tale.count; i++, one = 1) {
                verdict = tjob_history_compact(&history, &checkpoint, &tale.calls[i], &one).verdict;
            }
            ck_assert_int_eq(verdict, wanted);
        }
    }
}
END_TEST

/* What only a lost answer would have reported is none of the incarnations that a new one must differ from, even if the
 * call must have found it. */
START_TEST(an_incarnation_that_only_a_lost_answer_would_have_reported_may_come_again)
{
    for (int lost = 0; lost < 2; lost++) {
        struct tale tale = {.count = 0};
        tjob_event of_the_second = deletion;
        set_up(sizeof memory);
        of_the_second.incarnation = 2;
        is_answered(&tale, submit, TJOB_OK);
        is_answered(&tale, stop, TJOB_OK);
        is_answered(&tale, of_the_second, lost ? TJOB_UNRESOLVED : TJOB_OK);
        is_answered(&tale, removed, TJOB_OK);
        tale.job.incarnation = 3;
        happens(&tale, submit);
        ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
        tale.calls[4].outcome.job.incarnation = 2;
        ck_assert_int_eq(verdict_of(&tale), lost ? TJOB_LINEARIZABLE : TJOB_NOT_LINEARIZABLE);
    }
}
END_TEST

/*
 * The last incarnations are remembered, however many calls there are in one of them, and none other is taken for one of
 * them: calls are compacted one by one, or those of an incarnation at once, which takes another path.
 */
START_TEST(incarnations_are_remembered_for_long)
{
    struct tale tale;
    tjob_history_checkpoint checkpoint = {.open = 0};
    size_t one = 1;
    set_up(sizeof memory);
    tale = (struct tale){.job = {.incarnation = 0}};
    for (uint64_t incarnation = 1; incarnation <= TJOB_HISTORY_INCARNATIONS_MAX; incarnation++) {
        tale.count = 0;
        tale.job.incarnation = incarnation;
        happens(&tale, submit);
        happens(&tale, stop);
        happens(&tale, describe);
        happens(&tale, describe);
        happens(&tale, describe);
        happens(&tale, deletion);
        happens(&tale, removed);
        size_t count = tale.count;
        for (size_t i = 0; _i == 0 && i < tale.count; i++, one = 1) {
            ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, &tale.calls[i], &one).verdict,
                             TJOB_LINEARIZABLE);
            ck_assert_uint_eq(one, 0);
        }
        if (_i == 1) {
            ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, tale.calls, &count).verdict,
                             TJOB_LINEARIZABLE);
            ck_assert_uint_eq(count, 0);
        }
        ck_assert_uint_eq(checkpoint.incarnations[0], incarnation);
    }
    tale.count = 0;
    is_answered(&tale, describe, TJOB_NOT_FOUND); /* which reports of no incarnation */
    is_answered(&tale, describe, TJOB_NOT_FOUND);
    ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, tale.calls, &tale.count).verdict, TJOB_LINEARIZABLE);
    ck_assert_uint_eq(tale.count, 0);
    tale.job.incarnation = TJOB_HISTORY_INCARNATIONS_MAX + 1;
    happens(&tale, submit);
    for (uint64_t incarnation = 1; incarnation <= TJOB_HISTORY_INCARNATIONS_MAX; incarnation++) {
        tale.calls[0].outcome.job.incarnation = incarnation;
        ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, tale.calls, &one).verdict, TJOB_NOT_LINEARIZABLE);
    }
    tale.calls[0].outcome.job.incarnation = TJOB_HISTORY_INCARNATIONS_MAX + 1;
    ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, tale.calls, &one).verdict, TJOB_LINEARIZABLE);
}
END_TEST

/* Calls that take no effect are compacted wherever they stand, and nothing of the job is forgotten by that. */
START_TEST(calls_without_effect_are_compacted)
{
    enum { SILENT = 70 };
    for (int place = 0; place < 3; place++) {
        struct tale tale;
        tjob_history_checkpoint checkpoint = {.open = 0};
        begin_training(&tale);
        size_t one = 1;
        ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, &tale.calls[0], &one).verdict, TJOB_LINEARIZABLE);
        tale.calls[0] = tale.calls[1];
        tale.count = place == 0 ? 0 : 1;
        for (int i = 0; i < SILENT; i++) {
            is_answered(&tale, stop, TJOB_THROTTLED);
        }
        if (place == 1) { /* the start is answered behind all of them */
            tale.calls[0].answered = tale.now + 2;
        }
        ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, tale.calls, &tale.count).verdict,
                         TJOB_LINEARIZABLE);
        ck_assert_uint_eq(tale.count, 0);
        ck_assert_uint_eq(checkpoint.job.state, place == 0 ? TJOB_SUBMITTED : TJOB_TRAINING);
        is_answered(&tale, describe, TJOB_NOT_FOUND);
        is_answered(&tale, stop, TJOB_THROTTLED);
        ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, tale.calls, &tale.count).verdict,
                         TJOB_NOT_LINEARIZABLE);
        ck_assert_uint_eq(tale.count, 2);
    }
}
END_TEST

/* What is in flight, and what was invoked behind it, stays. */
START_TEST(calls_without_effect_stay_behind_one_in_flight)
{
    struct tale tale;
    tjob_history_checkpoint checkpoint = {.open = 0};
    begin_training(&tale);
    tale.count = 1;
    is_answered(&tale, stop, TJOB_THROTTLED);
    happens(&tale, stop);
    tale.calls[2].answered = TJOB_PENDING;
    is_answered(&tale, stop, TJOB_THROTTLED);
    ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, tale.calls, &tale.count).verdict, TJOB_LINEARIZABLE);
    ck_assert_uint_eq(tale.count, 2);
    ck_assert_uint_eq(tale.calls[0].answered, TJOB_PENDING);
}
END_TEST

/* ---- Parts of outcomes ------------------------------------------------------------------------------------------- */

START_TEST(each_part_that_is_reported_counts_alone)
{
    struct tale tale;
    begin_training(&tale);
    const tjob_outcome wrong = {.changed = TJOB_CHANGED_YES, .before = TJOB_STOPPED, .after = TJOB_STOPPED};
    const tjob_outcome right = {
        .changed = TJOB_CHANGED_NO, .before = TJOB_TRAINING, .after = TJOB_TRAINING, .job = tale.job};
    for (uint32_t part = TJOB_KNOWN_CHANGED; part <= TJOB_KNOWN_JOB; part *= 2) {
        tale.count = 2;
        is_answered(&tale, describe, TJOB_OK);
        tale.calls[2].outcome = wrong; /* and its job: none */
        ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
        tale.calls[2].known = part;
        ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
        tale.calls[2].outcome = right;
        ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    }
}
END_TEST

START_TEST(an_effect_that_is_found_needs_no_record)
{
    struct tale tale;
    begin_training(&tale);
    is_answered(&tale, stop, TJOB_OK);
    tale.calls[2].outcome.changed = TJOB_CHANGED_UNKNOWN;
    tale.calls[2].known = TJOB_KNOWN_CHANGED;
    is_answered(&tale, describe, TJOB_OK);
    tale.calls[3].outcome = (tjob_outcome){.changed = TJOB_CHANGED_UNKNOWN, .after = TJOB_STOP_REQUESTED};
    tale.calls[3].known = TJOB_KNOWN_AFTER;
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    tale.calls[3].known = TJOB_KNOWN_AFTER | TJOB_KNOWN_CHANGED; /* a describe cannot have changed anything */
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    tale.calls[3].outcome.after = TJOB_TRAINING;
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
}
END_TEST

/* A stop that expires, whose answers report no record; the record is shown after it, and is returned. */
static tjob_job expire_unseen(struct tale *tale)
{
    begin_training(tale);
    is_answered(tale, stop, TJOB_OK);
    is_answered(tale, (tjob_event){.kind = TJOB_STOP_EXPIRED}, TJOB_OK);
    tjob_job stopped = tale->job;
    stopped.state = TJOB_STOPPED;
    stopped.stop_requested_ms = 500;
    stopped.ended_ms = 600;
    shows(tale, stopped);
    return stopped;
}

START_TEST(an_unseen_expiry_was_late_enough)
{
    struct tale tale;
    (void)expire_unseen(&tale);
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    tale.calls[4].outcome.job.ended_ms = 599;
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
}
END_TEST

START_TEST(a_job_ends_at_one_time)
{
    struct tale tale;
    tjob_job stopped = expire_unseen(&tale);
    shows(&tale, stopped);
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    stopped.ended_ms++;
    shows(&tale, stopped);
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
}
END_TEST

START_TEST(the_default_timeout_holds)
{
    const tjob_policy all_default = {.stop_timeout_ms = 0};
    const tjob_event expired = {.kind = TJOB_STOP_EXPIRED};
    struct tale tale;
    begin_training(&tale);
    ck_assert_int_eq(tjob_history_checker_init(&history, memory, sizeof memory, &all_default), TJOB_OK);
    is_answered(&tale, stop, TJOB_OK);
    is_answered(&tale, expired, TJOB_OK);
    tjob_job stopped = tale.job;
    stopped.state = TJOB_STOPPED;
    stopped.stop_requested_ms = 500;
    stopped.ended_ms = 500 + TJOB_STOP_TIMEOUT_MS_DEFAULT;
    shows(&tale, stopped);
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    tale.calls[4].outcome.job.ended_ms--;
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
}
END_TEST

START_TEST(a_record_that_cannot_be_is_seen)
{
    struct tale tale = {.now = 0};
    set_up(sizeof memory);
    is_answered(&tale, submit, TJOB_OK);
    shows(&tale, (tjob_job){.submit_token = 5, .incarnation = 1, .submitted_ms = 3, .state = TJOB_SUBMITTED});
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    tale.calls[1].outcome.job.incarnation = 0;
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
}
END_TEST

/* ---- Prefixes and pasts ------------------------------------------------------------------------------------------ */

START_TEST(the_answer_that_completes_the_contradiction_is_named)
{
    struct tale tale;
    begin_training(&tale);
    tjob_job stopping = tale.job;
    (void)outcome_of(&stopping, &stop, 70, &policy);
    happens(&tale, stop);
    tale.calls[2].answered = 60; /* what it says is not known when the next call is answered */
    shows(&tale, stopping);
    tale.now = 60;
    happens(&tale, describe);
    happens(&tale, describe);
    uint32_t part[CALLS_MAX];
    tjob_history_result result;
    ck_assert_uint_eq(tjob_history_explain(&history, NULL, tale.calls, tale.count, part, &result), 2);
    ck_assert(part[0] == 2 && part[1] == 3);
    ck_assert_uint_eq(result.at, 2);
}
END_TEST

/* It may be the answer of the first call; and the calls end where their memory does. */
START_TEST(the_first_call_may_be_answered_last)
{
    struct tale tale;
    tjob_history_checkpoint checkpoint = {.open = 0};
    begin_training(&tale);
    ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, tale.calls, &tale.count).verdict, TJOB_LINEARIZABLE);
    ck_assert_uint_eq(tale.count, 0);
    tjob_job stopping = tale.job;
    (void)outcome_of(&stopping, &stop, 70, &policy);
    happens(&tale, stop);
    tale.calls[0].answered = 60; /* what it says is not known when the next call is answered */
    shows(&tale, stopping);
    tjob_call *calls = malloc(tale.count * sizeof *calls);
    uint32_t *part = malloc(tale.count * sizeof *part);
    ck_assert(calls != NULL && part != NULL);
    memcpy(calls, tale.calls, tale.count * sizeof *calls);
    tjob_history_result result;
    ck_assert_uint_eq(tjob_history_explain(&history, &checkpoint, calls, tale.count, part, &result), 2);
    ck_assert_int_eq(result.verdict, TJOB_NOT_LINEARIZABLE);
    ck_assert_uint_eq(result.at, 0);
    free(part);
    free(calls);
}
END_TEST

START_TEST(answers_at_one_place_are_compacted_together)
{
    struct tale tale;
    begin_training(&tale);
    is_answered(&tale, stop, TJOB_UNRESOLVED);
    is_answered(&tale, stop, TJOB_OK);
    tale.calls[3].invoked = tale.calls[2].invoked;
    tale.calls[2].answered = tale.calls[3].answered;
    tjob_history_checkpoint checkpoint = {.open = 0};
    size_t count = tale.count;
    ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, tale.calls, &count).verdict, TJOB_LINEARIZABLE);
    ck_assert_int_eq(tjob_history_finish(&history, &checkpoint, tale.calls, count).verdict, TJOB_LINEARIZABLE);
}
END_TEST

START_TEST(a_part_is_reported_of_what_a_checkpoint_has_left)
{
    struct tale tale;
    begin_training(&tale);
    const tjob_job submitted = tale.calls[0].outcome.job;
    shows(&tale, tale.job); /* under way while the next calls are answered */
    tale.calls[2].answered = 100;
    happens(&tale, describe);
    tale.calls[tale.count++] = call_with_status(stop, 42, TJOB_PENDING, TJOB_OK);
    tjob_history_checkpoint checkpoint = {.open = 0};
    ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, tale.calls, &tale.count).verdict, TJOB_LINEARIZABLE);
    ck_assert_uint_eq(tale.count, 2);
    ck_assert_uint_eq(checkpoint.open, 1);
    tale.calls[1].answered = 43;
    tale.now = 200;
    shows(&tale, submitted);
    uint32_t part[CALLS_MAX];
    tjob_history_result result;
    ck_assert_uint_eq(tjob_history_explain(&history, &checkpoint, tale.calls, tale.count, part, &result), 1);
    ck_assert_uint_eq(part[0], 2);
}
END_TEST

/* ---- Bounds ----------------------------------------------------------------------------------------------------- */

START_TEST(more_open_calls_than_the_bound_are_inconclusive)
{
    tjob_call calls[TJOB_HISTORY_OPEN_MAX + 1];
    set_up(sizeof memory);
    for (unsigned i = 0; i <= TJOB_HISTORY_OPEN_MAX; i++) {
        calls[i] = call_with_status(stop, i, TJOB_PENDING, TJOB_OK);
    }
    tjob_history_result result = tjob_history_check(&history, calls, TJOB_HISTORY_OPEN_MAX);
    ck_assert_int_eq(result.verdict, TJOB_LINEARIZABLE);
    result = tjob_history_check(&history, calls, TJOB_HISTORY_OPEN_MAX + 1);
    ck_assert_int_eq(result.verdict, TJOB_INCONCLUSIVE);
    ck_assert_int_eq(result.bound, TJOB_BOUND_OPEN);
}
END_TEST

START_TEST(more_configurations_than_the_memory_holds_are_inconclusive)
{
    tjob_call calls[41];
    for (unsigned i = 0; i < 40; i++) { /* each of them may have created it, or may not */
        const tjob_event event = {.kind = TJOB_SUBMIT, .token = i + 1};
        calls[i] = call_with_status(event, i, TJOB_PENDING, TJOB_OK);
    }
    calls[40] = call_with_status(describe, 100, 101, TJOB_OK);
    set_up(sizeof memory);
    ck_assert_int_eq(tjob_history_check(&history, calls, 41).verdict, TJOB_LINEARIZABLE);
    set_up(TJOB_HISTORY_BYTES_MIN);
    const tjob_history_result result = tjob_history_check(&history, calls, 41);
    ck_assert_int_eq(result.verdict, TJOB_INCONCLUSIVE);
    ck_assert_int_eq(result.bound, TJOB_BOUND_CONFIGURATIONS);
}
END_TEST

/* The calls of one incarnation after another, one at a time. */
static size_t live(tjob_call *calls, uint64_t incarnation)
{
    const tjob_event events[] = {submit, stop, deletion, removed};
    tjob_job job = {.incarnation = incarnation};
    for (size_t i = 0; i < 4; i++) {
        const uint64_t now = 10 * (4 * incarnation + i);
        calls[i] = call_reported(events[i], now, now + 1, outcome_of(&job, &events[i], now, &policy));
    }
    return 4;
}

START_TEST(more_incarnations_than_the_memory_holds_are_inconclusive)
{
    static tjob_call calls[4000];
    size_t count = 0;
    for (uint64_t incarnation = 1; incarnation <= 1000; incarnation++) {
        count += live(calls + count, incarnation);
    }
    set_up(sizeof memory);
    ck_assert_int_eq(tjob_history_check(&history, calls, count).verdict, TJOB_LINEARIZABLE);
    set_up(TJOB_HISTORY_BYTES_MIN);
    const tjob_history_result result = tjob_history_check(&history, calls, count);
    ck_assert_int_eq(result.verdict, TJOB_INCONCLUSIVE);
    ck_assert_int_eq(result.bound, TJOB_BOUND_INCARNATIONS);
}
END_TEST

START_TEST(an_unseen_incarnation_that_differs_from_two_is_inconclusive)
{
    const tjob_event first = {.kind = TJOB_STOP, .incarnation = 1};
    const tjob_event second = {.kind = TJOB_STOP, .incarnation = 2};
    tjob_call calls[] = {call_with_status(submit, 1, 2, TJOB_OK), call_with_status(first, 3, 4, TJOB_STALE),
                         call_with_status(first, 5, 6, TJOB_STALE), call_with_status(second, 7, 8, TJOB_STALE)};
    set_up(sizeof memory);
    ck_assert_int_eq(tjob_history_check(&history, calls, 3).verdict, TJOB_LINEARIZABLE);
    const tjob_history_result result = tjob_history_check(&history, calls, 4);
    ck_assert_int_eq(result.verdict, TJOB_INCONCLUSIVE);
    ck_assert_int_eq(result.bound, TJOB_BOUND_EXCLUDED);
}
END_TEST

/* A removal of another name raises the incarnation that the submit of an absent one begins, so that what a stale submit
 * carried can be it later. Once the job exists, its incarnation stays. */
START_TEST(the_next_incarnation_of_an_absent_job_may_rise_by_itself)
{
    tjob_event fifth = submit;
    tjob_event sixth = submit;
    tjob_event stop_fifth = stop;
    fifth.incarnation = 5;
    sixth.incarnation = 6;
    stop_fifth.incarnation = 5;
    const struct {
        tjob_event event;
        tjob_status status;
        tjob_history_verdict verdict;
    } cases[][3] = {
        {{fifth, TJOB_STALE, TJOB_LINEARIZABLE},
         {fifth, TJOB_OK, TJOB_LINEARIZABLE},
         {stop_fifth, TJOB_STALE, TJOB_NOT_LINEARIZABLE}},
        {{fifth, TJOB_STALE, TJOB_LINEARIZABLE},
         {sixth, TJOB_STALE, TJOB_LINEARIZABLE},
         {fifth, TJOB_OK, TJOB_LINEARIZABLE}},
        {{fifth, TJOB_STALE, TJOB_LINEARIZABLE},
         {submit, TJOB_OK, TJOB_LINEARIZABLE},
         {stop_fifth, TJOB_OK, TJOB_LINEARIZABLE}},
        {{submit, TJOB_OK, TJOB_LINEARIZABLE},
         {stop_fifth, TJOB_STALE, TJOB_LINEARIZABLE},
         {stop_fifth, TJOB_OK, TJOB_NOT_LINEARIZABLE}},
    };
    set_up(sizeof memory);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tjob_history_checkpoint checkpoint = {.open = 0};
        tjob_call calls[3];
        for (size_t k = 0; k < 3; k++) {
            size_t one = 1;
            calls[k] = call_with_status(cases[i][k].event, 10 * k, 10 * k + 1, cases[i][k].status);
            tjob_call left = calls[k];
            ck_assert_int_eq(tjob_history_check(&history, calls, k + 1).verdict, cases[i][k].verdict);
            ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, &left, &one).verdict, cases[i][k].verdict);
        }
    }
}
END_TEST

/* ---- What cannot be --------------------------------------------------------------------------------------------- */

START_TEST(a_checker_needs_memory_and_a_policy)
{
    const tjob_policy wrong = {.stop_finished = 2};
    ck_assert_int_eq(tjob_history_checker_init(&history, memory, TJOB_HISTORY_BYTES_MIN - 1, &policy),
                     TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_history_checker_init(&history, memory, (size_t)TJOB_HISTORY_BYTES_MAX + 1, &policy),
                     TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_history_checker_init(&history, memory, sizeof memory, &wrong), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_history_checker_init(&history, memory, TJOB_HISTORY_BYTES_MIN, &policy), TJOB_OK);
    if (SIZE_MAX > UINT32_MAX) {
        const tjob_history_result result = tjob_history_check(&history, NULL, (size_t)UINT32_MAX + 1);
        ck_assert_int_eq(result.verdict, TJOB_MALFORMED);
    }
}
END_TEST

START_TEST(calls_that_cannot_be_are_malformed)
{
    const tjob_event nothing = {.kind = TJOB_SUBMIT};
    const tjob_event strange = {.kind = TJOB_EVENT_KIND_COUNT};
    const struct {
        tjob_call call;
        tjob_history_verdict verdict;
    } cases[] = {
        {call_with_status(stop, 10, 11, TJOB_NOT_FOUND), TJOB_LINEARIZABLE},
        {call_with_status(stop, 10, 10, TJOB_NOT_FOUND), TJOB_LINEARIZABLE},
        {call_with_status(stop, 10, 9, TJOB_NOT_FOUND), TJOB_MALFORMED},
        {call_with_status(stop, 4, 9, TJOB_NOT_FOUND), TJOB_MALFORMED}, /* invoked before the one before it */
        {call_with_status(stop, 10, 11, TJOB_STATUS_COUNT), TJOB_MALFORMED},
        {call_with_status(nothing, 10, 11, TJOB_OK), TJOB_MALFORMED},
        {call_with_status(nothing, 10, 11, TJOB_INVALID_ARGUMENT), TJOB_LINEARIZABLE},
        {call_with_status(strange, 10, 11, TJOB_INVALID_ARGUMENT), TJOB_LINEARIZABLE},
        {call_with_status(strange, 10, 11, TJOB_UNRESOLVED), TJOB_MALFORMED},
        {call_with_status(strange, 10, TJOB_PENDING, TJOB_OK), TJOB_MALFORMED},
        {call_with_status(stop, 10, TJOB_PENDING, (tjob_status)TJOB_STATUS_COUNT),
         TJOB_LINEARIZABLE}, /* not answered */
        {call_reported(stop, 10, 11, (tjob_outcome){.status = TJOB_UNAVAILABLE, .changed = TJOB_CHANGED_YES}),
         TJOB_MALFORMED},
        {call_reported(stop, 10, 11, (tjob_outcome){.status = TJOB_NOT_FOUND}), TJOB_LINEARIZABLE},
        /* there is no job, but it has an incarnation */
        {call_reported(stop, 10, 11, (tjob_outcome){.status = TJOB_NOT_FOUND, .job.incarnation = 1}), TJOB_MALFORMED},
        {call_reported(stop, 10, 11, (tjob_outcome){.status = TJOB_THROTTLED, .job.incarnation = 1}),
         TJOB_LINEARIZABLE},
        {call_reported(stop, 10, 11, (tjob_outcome){.status = TJOB_UNRESOLVED, .job.incarnation = 1}),
         TJOB_LINEARIZABLE},
    };
    set_up(sizeof memory);
    tjob_call untold = call_with_status(stop, 10, 11, TJOB_UNAVAILABLE); /* what is not reported may be anything */
    untold.outcome.changed = TJOB_CHANGED_YES;
    ck_assert_int_eq(tjob_history_check(&history, &untold, 1).verdict, TJOB_LINEARIZABLE);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tjob_call calls[] = {call_with_status(describe, 5, 6, TJOB_NOT_FOUND), cases[i].call};
        uint32_t part[2];
        const tjob_history_result result = tjob_history_check(&history, calls, 2);
        ck_assert_int_eq(result.verdict, cases[i].verdict);
        ck_assert_uint_eq(result.at, cases[i].verdict == TJOB_MALFORMED ? 1 : 0);
        tjob_history_result explained;
        ck_assert_uint_eq(tjob_history_explain(&history, NULL, calls, 2, part, &explained), 0);
        ck_assert_int_eq(explained.verdict, cases[i].verdict);
        tjob_history_checkpoint checkpoint = {.open = 0};
        size_t one = 1;
        if (calls[1].invoked >= calls[0].invoked) {
            ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, calls + 1, &one).verdict, cases[i].verdict);
        }
    }
}
END_TEST

START_TEST(verdicts_and_bounds_have_names)
{
    ck_assert_str_eq(tjob_history_verdict_name(TJOB_LINEARIZABLE), "linearizable");
    ck_assert_str_eq(tjob_history_verdict_name(TJOB_NOT_LINEARIZABLE), "not linearizable");
    ck_assert_str_eq(tjob_history_verdict_name(TJOB_INCONCLUSIVE), "inconclusive");
    ck_assert_str_eq(tjob_history_verdict_name(TJOB_MALFORMED), "malformed");
    ck_assert_str_eq(tjob_history_verdict_name((tjob_history_verdict)4), "?");
    ck_assert_str_eq(tjob_bound_name(TJOB_BOUND_NONE), "none");
    ck_assert_str_eq(tjob_bound_name(TJOB_BOUND_OPEN), "calls open at once");
    ck_assert_str_eq(tjob_bound_name(TJOB_BOUND_CONFIGURATIONS), "configurations");
    ck_assert_str_eq(tjob_bound_name(TJOB_BOUND_INCARNATIONS), "incarnations");
    ck_assert_str_eq(tjob_bound_name(TJOB_BOUND_EXCLUDED), "excluded incarnations");
    ck_assert_str_eq(tjob_bound_name((tjob_bound)5), "?");
}
END_TEST

/* ---- What an event can still do --------------------------------------------------------------------------------- */

/* Whether a job in this state, or in one that it can come to in the same incarnation, is changed by an event. */
static bool changes_from(tjob_event_kind kind, tjob_state state)
{
    for (int later = (int)state; later < TJOB_STATE_COUNT; later++) {
        const char cell = tjob__reference_cell(kind, (tjob_state)later);
        if (cell == REFERENCE_P1 || cell == REFERENCE_LATE || tjob__reference_target(cell) != TJOB_STATE_COUNT) {
            return true;
        }
    }
    return false;
}

START_TEST(what_an_event_can_still_do_is_what_the_table_says)
{
    for (unsigned state = 0; state < TJOB_STATE_COUNT; state++) {
        const struct abstract_state abstract = {.job = {.state = state, .incarnation = 3}};
        const struct abstract_state unseen = {.job = {.state = state}, .excluded = 5, .unknown = ABSTRACT_INCARNATION};
        const struct abstract_state state_alone = tjob__abstract_state_of_states(1u << state);
        for (unsigned kind = 0; kind < TJOB_EVENT_KIND_COUNT; kind++) {
            const tjob_event any = {.kind = kind};
            const tjob_event same = {.kind = kind, .incarnation = 3};
            const tjob_event other = {.kind = kind, .incarnation = 4};
            const tjob_event excluded = {.kind = kind, .incarnation = 5};
            const bool expected = changes_from((tjob_event_kind)kind, (tjob_state)state);
            ck_assert_int_eq(tjob__abstract_state_may_change(&abstract, &any), expected);
            ck_assert_int_eq(tjob__abstract_state_may_change(&abstract, &same), expected);
            ck_assert_int_eq(tjob__abstract_state_may_change(&unseen, &other), expected);
            ck_assert_int_eq(tjob__abstract_state_may_change(&state_alone, &other), expected);
            ck_assert(!tjob__abstract_state_may_change(&abstract, &other));
            ck_assert(!tjob__abstract_state_may_change(&unseen, &excluded));
        }
    }
}
END_TEST

/* A trainer that is not the job's will not be it in this incarnation; before the training begins any may be. */
START_TEST(what_another_trainer_can_still_do_is_nothing_once_there_is_one)
{
    for (unsigned kind = TJOB_START; kind <= TJOB_REMOVED; kind++) {
        const bool fenced = kind != TJOB_STOP && kind < TJOB_STOP_EXPIRED;
        for (unsigned state = TJOB_SUBMITTED; state <= TJOB_DELETING; state++) {
            const bool begun = state != TJOB_SUBMITTED;
            const struct abstract_state abstract = {
                .job = {.state = state, .incarnation = 3, .trainer_token = begun ? 7 : 0}};
            const tjob_event same = {.kind = kind, .trainer_token = 7};
            const tjob_event other = {.kind = kind, .trainer_token = 8};
            const tjob_event none = {.kind = kind};
            const bool expected = changes_from((tjob_event_kind)kind, (tjob_state)state);
            ck_assert_int_eq(tjob__abstract_state_may_change(&abstract, &same), expected);
            ck_assert_int_eq(tjob__abstract_state_may_change(&abstract, &other), expected && !begun);
            ck_assert_int_eq(tjob__abstract_state_may_change(&abstract, &none), expected && (!begun || !fenced));
        }
    }
}
END_TEST

/* ---- Long histories ---------------------------------------------------------------------------------------------- */

/* No two calls are invoked at the same place: each unit of time has one for every call. */
enum { LONG = 5000, UNIT = 16384 };

static int by_invocation(const void *a, const void *b)
{
    const tjob_call *left = a;
    const tjob_call *right = b;
    return left->invoked < right->invoked ? -1 : left->invoked > right->invoked;
}

/*
 * A run of `count` calls, one after the other, whose intervals reach so far to both sides that about `overlap` are open
 * at once. One in eight fails without an answer that reports: it takes effect, or it never does.
 */
static void run_calls(tjob_call *calls, size_t count, unsigned overlap, uint64_t seed)
{
    static const unsigned char kinds[] = {TJOB_SUBMIT,  TJOB_SUBMIT,    TJOB_START,    TJOB_STOP,         TJOB_STOP,
                                          TJOB_HALTED,  TJOB_COMPLETED, TJOB_DELETE,   TJOB_DELETE,       TJOB_REMOVED,
                                          TJOB_REMOVED, TJOB_DESCRIBE,  TJOB_DESCRIBE, TJOB_STOP_EXPIRED, TJOB_FAILED};
    tjob_job job = {.incarnation = 1};
    uint64_t incarnation = 1;
    for (size_t i = 0; i < count; i++) {
        const uint64_t instant = 1000 + 100 * i;
        tjob_event event = {.kind = kinds[next_random(&seed) % sizeof kinds]};
        event.token = event.kind == TJOB_SUBMIT ? 1 + next_random(&seed) % 3 : 0;
        const bool reports = event.kind == TJOB_HALTED || event.kind == TJOB_COMPLETED || event.kind == TJOB_FAILED;
        event.trainer_token = event.kind == TJOB_START || (reports && job.trainer_token != 0) ? 7 : 0;
        const uint64_t before = next_random(&seed) % (50 * overlap);
        const uint64_t after = next_random(&seed) % (50 * overlap);
        const bool lost = next_random(&seed) % 8 == 0;
        const bool applied = !lost || next_random(&seed) % 2 == 0;
        tjob_job next = job;
        calls[i] = call_reported(event, (instant - before) * UNIT + i, (instant + after) * UNIT + UNIT / 2 + i,
                                 outcome_of(&next, &event, instant, &policy));
        if (lost) {
            calls[i].outcome = (tjob_outcome){.status = TJOB_UNRESOLVED, .changed = TJOB_CHANGED_UNKNOWN};
        }
        if (applied) {
            const bool is_over = job.state != TJOB_ABSENT && next.state == TJOB_ABSENT;
            job = next;
            job.incarnation = is_over ? ++incarnation : job.incarnation;
        }
    }
    qsort(calls, count, sizeof *calls, by_invocation);
}

/* Makes one describe show what never was: the job submitted one millisecond later. */
static bool falsify(tjob_call *calls, size_t count, size_t from)
{
    for (size_t i = from; i < count; i++) {
        const bool described = calls[i].event.kind == TJOB_DESCRIBE && calls[i].outcome.status == TJOB_OK;
        for (size_t k = 0; described && k < count; k++) {
            if (k != i && calls[k].outcome.status == TJOB_OK && calls[k].outcome.after != TJOB_ABSENT &&
                calls[k].outcome.job.incarnation == calls[i].outcome.job.incarnation) {
                calls[i].outcome.job.submitted_ms++;
                return true;
            }
        }
    }
    return false;
}

START_TEST(long_histories_of_right_runs_are_accepted_and_falsified_ones_are_not)
{
    static tjob_call calls[LONG];
    static uint32_t part[LONG];
    static const unsigned overlaps[] = {1, 2, 4, 8, 16};
    const unsigned overlap = overlaps[_i % 5];
    tjob_history_result result;
    set_up(sizeof memory);
    run_calls(calls, LONG, overlap, (uint64_t)_i);
    result = tjob_history_check(&history, calls, LONG);
    ck_assert_msg(result.verdict == TJOB_LINEARIZABLE, "overlap %u: %s, %s, call %zu", overlap,
                  tjob_history_verdict_name(result.verdict), tjob_bound_name(result.bound), result.at);
    ck_assert(falsify(calls, LONG, LONG / 2));
    const size_t size = tjob_history_explain(&history, NULL, calls, LONG, part, &result);
    ck_assert_int_eq(result.verdict, TJOB_NOT_LINEARIZABLE);
    ck_assert_msg(size >= 2 && size <= 4, "overlap %u: %zu calls", overlap, size);
}
END_TEST

/* A contradiction far from the beginning is reported without what came before, whatever the earlier calls. */
START_TEST(what_is_far_is_left_out)
{
    static tjob_call calls[LONG];
    static uint32_t part[LONG];
    const tjob_history_checkpoint checkpoint = {
        .job = {.submit_token = 9, .incarnation = 99, .submitted_ms = 1, .state = TJOB_SUBMITTED}};
    tjob_history_result result;
    set_up(sizeof memory);
    run_calls(calls, LONG, 2, 3);
    size_t wrong = LONG - 1;
    while (calls[wrong].event.kind != TJOB_DESCRIBE || calls[wrong].outcome.status != TJOB_OK ||
           calls[wrong].outcome.after != TJOB_SUBMITTED) {
        wrong--;
    }
    const tjob_call right = calls[wrong];
    for (unsigned i = 0; i < 3; i++) {
        calls[wrong] = right;
        calls[wrong].event.kind = i == 0 ? TJOB_STOP : TJOB_DESCRIBE; /* a stop would have changed what it shows */
        calls[wrong].outcome.status = i == 1 ? TJOB_WRONG_STATE : TJOB_OK;
        calls[wrong].outcome.job.submit_token = i == 2 ? 0 : right.outcome.job.submit_token;
        ck_assert_uint_eq(tjob_history_explain(&history, NULL, calls, LONG, part, &result), 1);
        ck_assert_uint_eq(part[0], wrong);
        ck_assert_uint_eq(result.at, wrong);
    }
    calls[wrong] = right;
    ck_assert_uint_ge(tjob_history_explain(&history, &checkpoint, calls, LONG, part, &result), 1);
    ck_assert_int_eq(result.verdict, TJOB_NOT_LINEARIZABLE);
}
END_TEST

START_TEST(a_call_that_may_still_take_effect_is_kept)
{
    struct tale tale;
    begin_training(&tale);
    is_answered(&tale, stop, TJOB_UNRESOLVED);
    tjob_history_checkpoint checkpoint = {.open = 0};
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, tale.calls, &tale.count).verdict,
                         TJOB_LINEARIZABLE);
        ck_assert_uint_eq(tale.count, 1);
        ck_assert_uint_eq(checkpoint.open, 1);
    }
}
END_TEST

/* Feeds the calls as they are answered, with room for few of them. */
START_TEST(long_histories_are_compacted_into_little)
{
    static tjob_call calls[LONG];
    static const unsigned overlaps[] = {1, 2, 4, 8};
    tjob_call window[256];
    size_t kept = 0;
    size_t next = 0;
    tjob_history_checkpoint checkpoint = {.open = 0};
    set_up(sizeof memory);
    run_calls(calls, LONG, overlaps[_i], 77);
    const uint64_t end = calls[LONG - 1].invoked / UNIT + 10000;
    for (uint64_t place = 0; place < end; place++) {
        for (; next < LONG && calls[next].invoked / UNIT == place; next++) {
            ck_assert(kept < 256);
            window[kept] = calls[next];
            window[kept++].answered = TJOB_PENDING;
        }
        if (place % 100 != 0) {
            continue;
        }
        for (size_t k = 0; k < kept; k++) {
            for (size_t i = next > 300 ? next - 300 : 0; i < next; i++) {
                if (calls[i].invoked == window[k].invoked && calls[i].answered / UNIT < place) {
                    window[k] = calls[i];
                }
            }
        }
        ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, window, &kept).verdict, TJOB_LINEARIZABLE);
    }
    ck_assert_int_eq(tjob_history_finish(&history, &checkpoint, window, kept).verdict, TJOB_LINEARIZABLE);
    ck_assert(kept <= 8);
}
END_TEST

/* ---- Effort ----------------------------------------------------------------------------------------------------- */

/*
 * How many configurations it takes, counted: the same on every machine. A checker that keeps what it need not keep
 * comes to the same verdicts, but not as soon.
 */
START_TEST(a_checker_keeps_no_more_than_it_needs)
{
    enum { COUNT = 400 };
    static tjob_call calls[COUNT];
    static uint32_t part[COUNT];
    static const struct {
        unsigned overlap;
        bool found; /* stops that changed nothing have found that they may have changed it before */
        uint64_t right, wrong;
        uint64_t explained; /* steps */
        size_t part_count;
    } cases[] = {
        {1, false, 474, 237, 5107, 2},  {2, false, 481, 240, 6126, 2}, {4, false, 553, 257, 9267, 2},
        {8, false, 761, 273, 43953, 2}, {2, true, 486, 240, 6132, 2},  {8, true, 777, 274, 44183, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tjob_history_result result;
        set_up(sizeof memory);
        run_calls(calls, COUNT, cases[i].overlap, 5);
        for (size_t k = 0; cases[i].found && k < COUNT; k++) {
            const bool found = calls[k].event.kind == TJOB_STOP && calls[k].outcome.status == TJOB_OK;
            if (found && calls[k].outcome.changed == TJOB_CHANGED_NO) {
                calls[k].outcome.changed = TJOB_CHANGED_UNKNOWN;
            }
        }
        ck_assert_int_eq(tjob_history_check(&history, calls, COUNT).verdict, TJOB_LINEARIZABLE);
        ck_assert_uint_eq(tjob__search_effort(history.search), cases[i].right);
        ck_assert(falsify(calls, COUNT, COUNT / 2));
        ck_assert_int_eq(tjob_history_check(&history, calls, COUNT).verdict, TJOB_NOT_LINEARIZABLE);
        ck_assert_uint_eq(tjob__search_effort(history.search), cases[i].wrong);
        ck_assert_uint_eq(tjob_history_explain(&history, NULL, calls, COUNT, part, &result), cases[i].part_count);
        ck_assert_uint_eq(tjob__search_steps(history.search), cases[i].explained);
    }
}
END_TEST

/* ---- Memory ----------------------------------------------------------------------------------------------------- */

/* So many submits, each of which may have created the job, and one that sees that one has. */
static tjob_bound bound_met_by(unsigned submits)
{
    static tjob_call calls[TJOB_HISTORY_OPEN_MAX];
    for (unsigned i = 0; i < submits; i++) {
        calls[i] = call_with_status((tjob_event){.kind = TJOB_SUBMIT, .token = i + 1}, i, TJOB_PENDING, TJOB_OK);
    }
    calls[submits] = call_with_status(describe, 100, 101, TJOB_OK);
    return tjob_history_check(&history, calls, submits + 1).bound;
}

/* Whatever size it is, nothing behind it is touched, and as much of it is used as can be. */
START_TEST(a_checker_uses_the_memory_that_it_is_given)
{
    enum { INCARNATIONS = 256 };
    static const unsigned submits[] = {15, 15, 31, 31, 31, 31, 31};
    static tjob_call calls[4 * INCARNATIONS];
    for (size_t i = 0; i < sizeof submits / sizeof submits[0]; i++) {
        const size_t bytes = TJOB_HISTORY_BYTES_MIN + i * 1016;
        void *exact = malloc(bytes);
        ck_assert_ptr_nonnull(exact);
        ck_assert_int_eq(tjob_history_checker_init(&history, exact, bytes, &policy), TJOB_OK);
        unsigned most = 1;
        while (bound_met_by(most + 1) == TJOB_BOUND_NONE) {
            most++;
        }
        ck_assert_int_eq(bound_met_by(most + 1), TJOB_BOUND_CONFIGURATIONS);
        ck_assert_uint_ge(most, submits[i]);
        size_t count = 0;
        uint64_t incarnations = 0;
        while (incarnations < INCARNATIONS && tjob_history_check(&history, calls, count).verdict == TJOB_LINEARIZABLE) {
            count += live(calls + count, ++incarnations);
        }
        ck_assert_int_eq(tjob_history_check(&history, calls, count).bound, TJOB_BOUND_INCARNATIONS);
        ck_assert_uint_eq((incarnations - 1) & (incarnations - 2), 0); /* a power of two fits, and not one more */
        free(exact);
    }
}
END_TEST

/*
 * ---- Incarnations, reported by calls that overlap
 * ---------------------------------------------------------------------------
 */

/*
 * Five calls at once: a job is submitted, fails, is deleted and removed, and submitted again; the second incarnation is
 * a new one.
 */
START_TEST(an_incarnation_that_comes_back_is_seen_among_calls_at_once)
{
    const tjob_event failed = {.kind = TJOB_FAILED};
    struct tale tale = {.job = {.incarnation = 1}};
    set_up(sizeof memory);
    happens(&tale, submit);
    happens(&tale, failed);
    goes_to_the_next_incarnation(&tale);
    for (size_t i = 0; i < tale.count; i++) {
        tale.calls[i].invoked = 10 + i;
        tale.calls[i].answered = 100 + (tale.count - i);
    }
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    tale.calls[4].outcome.job.incarnation = 1;
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
}
END_TEST

/*
 * An incarnation is known by the event that was accepted for it, too; what was not accepted or not reported reports of
 * none.
 */
START_TEST(an_incarnation_is_reported_by_an_event)
{
    struct tale tale = {.job = {.incarnation = 1}};
    set_up(sizeof memory);
    is_answered(&tale, submit, TJOB_OK);
    is_answered(&tale, (tjob_event){.kind = TJOB_STOP, .incarnation = 1}, TJOB_OK);
    is_answered(&tale, deletion, TJOB_OK);
    is_answered(&tale, removed, TJOB_OK);
    happens(&tale, submit);
    tale.calls[4].outcome.job.incarnation = 2;
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    tale.calls[4].outcome.job.incarnation = 1;
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
    tale.calls[1].outcome.status = TJOB_STALE; /* the stop was of another incarnation: of that which comes next */
    is_answered(&tale, deletion, TJOB_OK);
    tale.calls[2].event.kind = TJOB_FAILED;
    tale.calls[2].event.trainer_token = 0;
    tale.calls[3].event = deletion;
    tale.calls[5] = tale.calls[4];
    tale.calls[4] = call_with_status(removed, tale.calls[3].answered + 1, tale.calls[3].answered + 2, TJOB_OK);
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
}
END_TEST

/* A record that is not reported is none, whatever stands there. */
START_TEST(what_is_not_reported_reports_of_no_incarnation)
{
    struct tale tale = {.job = {.incarnation = 1}};
    set_up(sizeof memory);
    happens(&tale, submit);
    is_answered(&tale, describe, TJOB_OK);
    tale.calls[1].outcome.job = (tjob_job){.state = TJOB_TRAINING, .incarnation = 2};
    happens(&tale, stop);
    goes_to_the_next_incarnation(&tale);
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    tale.calls[1].known = TJOB_KNOWN_JOB;
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
    tale.calls[1].outcome.job.state = TJOB_ABSENT; /* and yet with an incarnation, which cannot be reported */
    ck_assert_int_eq(verdict_of(&tale), TJOB_MALFORMED);
    tale.calls[1].known = 0;
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
}
END_TEST

/* One history is nothing to the next: what a large one has left does not make a wrong one right, whatever is open in
 * it. */
START_TEST(a_checker_begins_anew)
{
    enum { STOPS = 4 };
    tjob_call wrong[STOPS + 1];
    set_up(sizeof memory);
    for (unsigned submits = 1; submits < 20; submits++) {
        for (unsigned stops = 0; stops <= STOPS; stops++) {
            for (unsigned i = 0; i < stops; i++) {
                wrong[i] =
                    call_with_status((tjob_event){.kind = TJOB_STOP, .incarnation = i}, i, TJOB_PENDING, TJOB_OK);
            }
            wrong[stops] = call_with_status(describe, 100, 101, TJOB_OK);
            ck_assert_int_eq(bound_met_by(submits), TJOB_BOUND_NONE);
            ck_assert_int_eq(tjob_history_check(&history, wrong, stops + 1).verdict, TJOB_NOT_LINEARIZABLE);
        }
    }
}
END_TEST

/* The incarnations of the earlier calls are remembered over calls that overlap and report of none. */
START_TEST(incarnations_are_remembered_over_calls_at_once)
{
    struct tale tale = {.job = {.incarnation = 1}};
    tjob_history_checkpoint checkpoint = {.open = 0};
    set_up(sizeof memory);
    happens(&tale, submit);
    happens(&tale, stop);
    happens(&tale, deletion);
    happens(&tale, removed);
    ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, tale.calls, &tale.count).verdict, TJOB_LINEARIZABLE);
    ck_assert_uint_eq(tale.count, 0);
    for (int i = 0; i < 2 * TJOB_HISTORY_INCARNATIONS_MAX; i++) {
        tale.count = 0;
        is_answered(&tale, describe, TJOB_NOT_FOUND);
        is_answered(&tale, describe, TJOB_NOT_FOUND);
        tale.calls[1].invoked = tale.calls[0].invoked;
        tale.calls[0].answered = tale.calls[1].answered;
        ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, tale.calls, &tale.count).verdict,
                         TJOB_LINEARIZABLE);
        ck_assert_uint_eq(tale.count, 0);
        ck_assert_uint_eq(checkpoint.incarnations[0], 1);
    }
    tale.job = (tjob_job){.incarnation = 1};
    happens(&tale, submit);
    is_answered(&tale, describe, TJOB_OK);
    tale.calls[1].invoked = tale.calls[0].invoked;
    ck_assert_int_eq(tjob_history_compact(&history, &checkpoint, tale.calls, &tale.count).verdict,
                     TJOB_NOT_LINEARIZABLE);
}
END_TEST

/*
 * A stop takes effect in one incarnation, its answer is lost, and it finds the effect of another stop in the next one.
 */
START_TEST(an_effect_is_found_in_its_own_incarnation)
{
    struct tale tale = {.job = {.incarnation = 1}};
    set_up(sizeof memory);
    happens(&tale, submit);
    tale.calls[tale.count++] = call_reported(stop, 15, 500, (tjob_outcome){.status = TJOB_OK});
    tjob_job stopped = tale.job;
    (void)outcome_of(&stopped, &stop, 16, &policy);
    tale.now = 20;
    shows(&tale, stopped); /* which nobody else can have done */
    tale.job = stopped;
    goes_to_the_next_incarnation(&tale);
    tjob_call *const found = &tale.calls[1];
    found->outcome = (tjob_outcome){TJOB_OK, TJOB_CHANGED_UNKNOWN, TJOB_STOPPED, TJOB_STOPPED, stopped};
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    happens(&tale, stop);
    found->outcome.job = tale.job; /* of the next incarnation */
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
}
END_TEST

/* A call that is invoked at the instant at which another is answered may come before it. */
START_TEST(an_instant_is_shared)
{
    struct tale tale;
    begin_training(&tale);
    const tjob_job training = tale.job;
    happens(&tale, stop);
    shows(&tale, training);
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
    tale.calls[3].invoked = tale.calls[2].answered;
    ck_assert_int_eq(verdict_of(&tale), TJOB_LINEARIZABLE);
    tale.calls[3].invoked = tale.calls[2].answered + 1;
    ck_assert_int_eq(verdict_of(&tale), TJOB_NOT_LINEARIZABLE);
}
END_TEST

RUN_TESTS("history", {a_stale_read_is_seen, 0}, {a_stop_that_was_promised_and_lost_is_seen, 0},
          {a_lost_update_is_seen, 0}, {a_400_that_took_effect_is_seen, 8},
          {a_failure_reports_by_changed_whether_it_may_take_effect, 0}, {a_500_may_take_effect_late_but_once, 0},
          {a_500_takes_no_effect_in_the_next_incarnation, 0}, {a_zombie_in_the_next_incarnation_is_seen, 0},
          {an_incarnation_that_comes_back_is_seen, 0},
          {an_incarnation_whose_removal_was_reported_is_seen_when_it_comes_back, 0},
          {calls_without_effect_are_compacted, 0}, {calls_without_effect_stay_behind_one_in_flight, 0},
          {an_incarnation_that_only_a_lost_answer_would_have_reported_may_come_again, 0},
          {incarnations_are_remembered_for_long, 2}, {the_first_call_may_be_answered_last, 0},
          {each_part_that_is_reported_counts_alone, 0}, {an_effect_that_is_found_needs_no_record, 0},
          {an_unseen_expiry_was_late_enough, 0}, {a_job_ends_at_one_time, 0}, {the_default_timeout_holds, 0},
          {a_record_that_cannot_be_is_seen, 0}, {the_answer_that_completes_the_contradiction_is_named, 0},
          {answers_at_one_place_are_compacted_together, 0}, {a_part_is_reported_of_what_a_checkpoint_has_left, 0},
          {what_is_far_is_left_out, 0}, {a_call_that_may_still_take_effect_is_kept, 0},
          {more_open_calls_than_the_bound_are_inconclusive, 0},
          {more_configurations_than_the_memory_holds_are_inconclusive, 0},
          {more_incarnations_than_the_memory_holds_are_inconclusive, 0},
          {an_unseen_incarnation_that_differs_from_two_is_inconclusive, 0},
          {the_next_incarnation_of_an_absent_job_may_rise_by_itself, 0}, {a_checker_needs_memory_and_a_policy, 0},
          {calls_that_cannot_be_are_malformed, 0}, {verdicts_and_bounds_have_names, 0},
          {what_an_event_can_still_do_is_what_the_table_says, 0},
          {what_another_trainer_can_still_do_is_nothing_once_there_is_one, 0},
          {long_histories_of_right_runs_are_accepted_and_falsified_ones_are_not, 10},
          {long_histories_are_compacted_into_little, 4}, {a_checker_keeps_no_more_than_it_needs, 0},
          {a_checker_uses_the_memory_that_it_is_given, 0},
          {an_incarnation_that_comes_back_is_seen_among_calls_at_once, 0}, {an_incarnation_is_reported_by_an_event, 0},
          {incarnations_are_remembered_over_calls_at_once, 0}, {an_effect_is_found_in_its_own_incarnation, 0},
          {an_instant_is_shared, 0}, {what_is_not_reported_reports_of_no_incarnation, 0}, {a_checker_begins_anew, 0})
