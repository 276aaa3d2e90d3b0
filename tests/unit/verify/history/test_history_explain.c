/* Why a history is not linearizable: parts that are minimal, and what it takes to find them, counted in steps. */
#include <stdlib.h>
#include <string.h>

#include "support/history_calls.h"
#include "support/random.h"
#include "support/suite.h"
#include "verify/history/linearize.h"

enum { CALLS_MAX = 6100 };

static const tjob_policy policy = {.stop_timeout_ms = 100};
static uint64_t memory[(16 << 20) / sizeof(uint64_t)];
static tjob_history_checker history;
static tjob_call calls[CALLS_MAX];
static uint32_t part[CALLS_MAX];
static size_t count;

static void begin(void)
{
    count = 0;
    ck_assert_int_eq(tjob_history_checker_init(&history, memory, sizeof memory, &policy), TJOB_OK);
}

/* A call behind all others, of whose answer no record is reported. */
static tjob_call *answered(tjob_event event, tjob_status status)
{
    ck_assert_uint_lt(count, CALLS_MAX);
    calls[count] = call_with_status(event, 2 * count, 2 * count + 1, status);
    return &calls[count++];
}

static void changed(tjob_event event)
{
    tjob_call *call = answered(event, TJOB_OK);
    call->known = TJOB_KNOWN_CHANGED;
    call->outcome.changed = TJOB_CHANGED_YES;
}

static void failed(tjob_event event)
{
    tjob_call *call = answered(event, TJOB_UNAVAILABLE);
    call->known = TJOB_KNOWN_CHANGED;
    call->outcome.changed = TJOB_CHANGED_NO;
}

static void describes(tjob_state state)
{
    tjob_call *call = answered((tjob_event){.kind = TJOB_DESCRIBE}, TJOB_OK);
    call->known = TJOB_KNOWN_AFTER;
    call->outcome.after = state;
}

/* Six calls of an incarnation one after the other, the record's tokens being others each time. */
static void live(uint64_t token, bool tells_changed)
{
    const tjob_event events[] = {{.kind = TJOB_SUBMIT, .token = token},
                                 {.kind = TJOB_START, .trainer_token = token},
                                 {.kind = TJOB_STOP},
                                 {.kind = TJOB_HALTED, .trainer_token = token},
                                 {.kind = TJOB_DELETE},
                                 {.kind = TJOB_REMOVED}};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        changed(events[i]);
        calls[count - 1].known = tells_changed ? TJOB_KNOWN_CHANGED : 0;
    }
}

static const tjob_event stop = {.kind = TJOB_STOP};
static const tjob_event describe = {.kind = TJOB_DESCRIBE};
static const tjob_event removed_9 = {.kind = TJOB_REMOVED, .incarnation = 9};

static tjob_event submit_of(uint64_t token)
{
    return (tjob_event){.kind = TJOB_SUBMIT, .token = token};
}

static tjob_event start_of(uint64_t trainer_token)
{
    return (tjob_event){.kind = TJOB_START, .trainer_token = trainer_token};
}

/* The size of the part, which must be not linearizable and keep within the bound of its effort. */
static size_t explain(tjob_history_result *result)
{
    const size_t size = tjob_history_explain(&history, NULL, calls, count, part, result);
    ck_assert_int_eq(result->verdict, TJOB_NOT_LINEARIZABLE);
    const uint64_t most = TJOB_HISTORY_EXPLAIN_STEPS + (uint64_t)count * TJOB_HISTORY_EXPLAIN_STEPS_PER_CALL;
    ck_assert_uint_le(tjob__search_steps(history.search), most + most / 4); /* the last run ends at an answer */
    ck_assert_uint_ge(size, 1);
    return size;
}

/* ---- What it takes --------------------------------------------------------------------------------------------- */

/* Makes a history of a kind, of a length that `n` counts, with its contradiction in the last calls. */
static void make(int kind, unsigned n)
{
    begin();
    for (unsigned i = 0; i < n && kind < 3; i++) {
        live(i + 1, kind != 1);
    }
    switch (kind) {
    case 0: /* after the last incarnation; every incarnation with what was changed */
    case 1: /* and with nothing but statuses */
        answered(stop, TJOB_OK);
        break;
    case 2: /* within an incarnation */
        changed(submit_of(n + 1));
        changed(start_of(n + 1));
        changed(stop);
        describes(TJOB_TRAINING);
        break;
    case 3: /* an outage, in which nothing that failed can matter */
        answered(describe, TJOB_NOT_FOUND);
        for (unsigned i = 0; i < n; i++) {
            failed(i % 2 == 0 ? stop : start_of(i));
        }
        answered(removed_9, TJOB_STALE);
        break;
    default: /* one long incarnation */
        changed(submit_of(1));
        changed(start_of(1));
        for (unsigned i = 0; i < n; i++) {
            describes(TJOB_TRAINING);
        }
        changed(stop);
        describes(TJOB_TRAINING);
        break;
    }
}

/* Where nothing overlaps, twice the calls take twice the steps, and a part is small and minimal however many there are.
 */
START_TEST(twice_the_calls_take_twice_the_steps)
{
    static const size_t sizes[] = {2, 2, 2, 1, 2};
    static const unsigned longest[] = {800, 800, 800, 4800, 4800};
    uint64_t half = 0;
    for (unsigned n = longest[_i] / 16; n <= longest[_i]; n *= 2) {
        tjob_history_result result;
        make(_i, n);
        ck_assert_int_eq(tjob_history_check(&history, calls, count).verdict, TJOB_NOT_LINEARIZABLE);
        ck_assert_uint_le(tjob__search_effort(history.search), 3 * count);
        ck_assert_uint_eq(explain(&result), sizes[_i]);
        ck_assert(result.minimal);
        ck_assert_uint_eq(result.at, count - 1);
        ck_assert_uint_eq(part[sizes[_i] - 1], count - 1);
        const uint64_t steps = tjob__search_steps(history.search);
        ck_assert_msg(half == 0 || steps <= 2 * half + half / 5 + 1000, "%u: %llu steps, %llu for half", n,
                      (unsigned long long)steps, (unsigned long long)half);
        ck_assert_uint_le(steps, 100 * count + 1000);
        half = steps;
    }
}
END_TEST

/* Failures that changed nothing are in the part if any one of them may be the reason, all of them. */
START_TEST(an_outage_in_which_any_failure_may_have_had_an_effect_is_explained)
{
    static const unsigned failures[] = {60, 100, 140, 300};
    tjob_history_result result;
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        begin();
        answered(describe, TJOB_NOT_FOUND);
        for (unsigned k = 0; k < failures[i]; k++) {
            failed(k % 2 == 0 ? submit_of(k + 1) : stop);
        }
        answered(removed_9, TJOB_STALE);
        ck_assert_uint_eq(explain(&result), failures[i] / 2 + 1);
        ck_assert(result.minimal);
    }
}
END_TEST

/* What cannot be minimised within the bound is said not to be, and what cannot be left out is there all the same. */
START_TEST(what_is_not_minimised_within_the_bound_is_reported)
{
    enum { FAILURES = 3000 };
    tjob_history_result result;
    begin();
    answered(describe, TJOB_NOT_FOUND);
    for (unsigned i = 0; i < FAILURES; i++) {
        failed(submit_of(i + 1));
    }
    describes(TJOB_SUBMITTED);
    const size_t size = explain(&result);
    ck_assert(!result.minimal);
    ck_assert_uint_eq(size, FAILURES + 1);
    ck_assert_uint_eq(part[size - 1], FAILURES + 1);
    /* And the next one is not bounded by what this one took. */
    ck_assert_int_eq(tjob_history_check(&history, calls, count).verdict, TJOB_NOT_LINEARIZABLE);
    make(0, 1);
    ck_assert_uint_eq(explain(&result), 2);
    ck_assert(result.minimal);
}
END_TEST

/*
 * So many lost answers that a verdict alone takes more than an explanation may: no prefix is found, and all is
 * reported.
 */
START_TEST(what_is_hard_to_checker_is_not_minimised)
{
    enum { SUBMITS = 12, ROUNDS = 5 };
    const tjob_event others[] = {stop, {.kind = TJOB_DELETE}, {.kind = TJOB_REMOVED}};
    tjob_history_result result;
    begin();
    for (uint64_t i = 1; i <= SUBMITS; i++) {
        answered(submit_of(i), TJOB_OK)->answered = TJOB_PENDING;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0] * ROUNDS; i++) {
        answered(others[i % 3], TJOB_OK)->answered = TJOB_PENDING;
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        describes(TJOB_SUBMITTED);
        describes(TJOB_STOPPED);
        answered(describe, TJOB_NOT_FOUND);
    }
    describes(TJOB_TRAINING);
    (void)explain(&result);
    ck_assert(!result.minimal);
}
END_TEST

/* ---- What is found --------------------------------------------------------------------------------------------- */

/* The two submits of one incarnation, with many incarnations between them, and no other call. */
START_TEST(an_incarnation_that_comes_back_long_after_is_reported_by_two_calls)
{
    enum { INCARNATIONS = 60 };
    tjob_history_result result;
    begin();
    for (unsigned i = 0; i < INCARNATIONS; i++) {
        const size_t first = count;
        live(i + 1, true);
        calls[first].known = TJOB_KNOWN_CHANGED | TJOB_KNOWN_JOB;
        calls[first].outcome.job = (tjob_job){.submit_token = i + 1,
                                              .incarnation = i < INCARNATIONS - 1 ? i + 1 : 1,
                                              .submitted_ms = 5,
                                              .state = TJOB_SUBMITTED};
    }
    ck_assert_uint_eq(explain(&result), 2);
    ck_assert(result.minimal);
    ck_assert_uint_eq(part[0], 0);
    ck_assert_uint_eq(part[1], (size_t)6 * (INCARNATIONS - 1));
}
END_TEST

/* One throttled stop after which the job is seen to stop is reported, for it must have had an effect. */
START_TEST(a_refusal_that_took_effect_is_reported)
{
    tjob_history_result result;
    begin();
    changed(submit_of(1));
    changed(start_of(1));
    answered(submit_of(1), TJOB_THROTTLED);
    answered(stop, TJOB_THROTTLED);
    answered(describe, TJOB_THROTTLED);
    describes(TJOB_STOP_REQUESTED);
    ck_assert_uint_eq(explain(&result), 2);
    ck_assert(result.minimal);
    ck_assert_uint_eq(part[0], 3);
    ck_assert_uint_eq(part[1], 5);
}
END_TEST

/* A stop whose answer was lost long ago may still take effect: what it explains is no contradiction. */
START_TEST(a_lost_answer_far_away_is_not_forgotten)
{
    tjob_history_result result;
    begin();
    changed(submit_of(1));
    changed(start_of(1));
    answered(stop, TJOB_UNRESOLVED);
    for (unsigned i = 0; i < 200; i++) {
        describes(TJOB_TRAINING);
    }
    describes(TJOB_STOP_REQUESTED);
    const size_t wrong = count;
    describes(TJOB_SUBMITTED);
    ck_assert_uint_eq(explain(&result), 2);
    ck_assert(result.minimal);
    ck_assert_uint_eq(part[1], wrong);
}
END_TEST

/* However many answers of one kind were lost, they are open as one. */
START_TEST(lost_answers_of_the_same_event_are_open_as_one)
{
    begin();
    changed(submit_of(1));
    changed(start_of(1));
    for (unsigned i = 0; i < 3 * TJOB_HISTORY_OPEN_MAX; i++) {
        answered(stop, TJOB_UNRESOLVED);
        describes(TJOB_TRAINING);
    }
    ck_assert_int_eq(tjob_history_check(&history, calls, count).verdict, TJOB_LINEARIZABLE);
    describes(TJOB_STOP_REQUESTED);
    ck_assert_int_eq(tjob_history_check(&history, calls, count).verdict, TJOB_LINEARIZABLE);
    describes(TJOB_TRAINING);
    ck_assert_int_eq(tjob_history_check(&history, calls, count).verdict, TJOB_NOT_LINEARIZABLE);
    /* One of them may be over with its incarnation, and another one not. */
    begin();
    tjob_call *first = answered(stop, TJOB_UNRESOLVED);
    first->known = 0;
    changed(submit_of(1));
    changed(start_of(1));
    answered(stop, TJOB_UNRESOLVED);
    describes(TJOB_TRAINING);
    describes(TJOB_STOP_REQUESTED);
    ck_assert_int_eq(tjob_history_check(&history, calls, count).verdict, TJOB_LINEARIZABLE);
}
END_TEST

/* ---- Against the search without any short cut ------------------------------------------------------------------ */

/* A run of calls that overlap, as they may be answered, of which some report much, and some little. */
static void run(uint64_t seed, unsigned overlap)
{
    static const unsigned char kinds[] = {TJOB_SUBMIT, TJOB_START,  TJOB_STOP,    TJOB_HALTED,  TJOB_COMPLETED,
                                          TJOB_DELETE, TJOB_DELETE, TJOB_REMOVED, TJOB_REMOVED, TJOB_DESCRIBE};
    enum { COUNT = 24 };
    tjob_job job = {.incarnation = 1};
    uint64_t incarnation = 1;
    begin();
    for (count = 0; count < COUNT; count++) {
        tjob_event event = {.kind = kinds[next_random(&seed) % sizeof kinds]};
        event.token = event.kind == TJOB_SUBMIT ? 1 + next_random(&seed) % 2 : 0;
        const bool reports = event.kind == TJOB_HALTED || event.kind == TJOB_COMPLETED;
        event.trainer_token = event.kind == TJOB_START || reports ? 7 : 0;
        const tjob_outcome outcome = outcome_of(&job, &event, 10 * count + 10, &policy);
        if (outcome.before != TJOB_ABSENT && job.state == TJOB_ABSENT) {
            job.incarnation = ++incarnation;
        }
        const uint64_t instant = 1000 + 100 * count;
        calls[count] = call_reported(event, instant - next_random(&seed) % (50 * overlap),
                                     instant + next_random(&seed) % (50 * overlap), outcome);
        calls[count].known =
            (uint32_t[]){TJOB_KNOWN_ALL, TJOB_KNOWN_AFTER, TJOB_KNOWN_CHANGED, 0}[next_random(&seed) % 4];
        const uint64_t fate = next_random(&seed) % 12;
        if (fate < 2) {
            calls[count].outcome = (tjob_outcome){.status = fate == 0 ? TJOB_UNRESOLVED : TJOB_UNAVAILABLE};
            calls[count].known = 0;
        }
    }
}

static int by_invocation(const void *a, const void *b)
{
    const tjob_call *left = a;
    const tjob_call *right = b;
    return left->invoked < right->invoked ? -1 : left->invoked > right->invoked;
}

/* A part that was found with what came before cut off, and with configurations taken together, is not linearizable
 * where nothing is cut off or taken together, and is minimal there. */
START_TEST(a_part_is_what_the_whole_search_says_it_is)
{
    unsigned explained = 0;
    for (uint64_t seed = 1; seed <= 600; seed++) {
        tjob_history_result result;
        run(seed * 3 + (uint64_t)_i, 1 + (unsigned)_i);
        qsort(calls, count, sizeof *calls, by_invocation);
        if (tjob_history_check(&history, calls, count).verdict != TJOB_NOT_LINEARIZABLE) {
            continue;
        }
        const size_t size = explain(&result);
        ck_assert(result.minimal);
        explained++;
        struct view view = {.calls = calls,
                            .count = count,
                            .sub_history = part,
                            .sub_history_count = size,
                            .horizon = calls[result.at].answered,
                            .doubts = true};
        ck_assert_int_eq(tjob__search_run(history.search, &view).verdict, TJOB_NOT_LINEARIZABLE);
        for (size_t i = 0; i < size; i++) {
            uint32_t less[CALLS_MAX];
            memcpy(less, part, i * sizeof *part);
            memcpy(less + i, part + i + 1, (size - i - 1) * sizeof *part);
            view.sub_history = less;
            view.sub_history_count = size - 1;
            ck_assert_int_eq(tjob__search_run(history.search, &view).verdict, TJOB_LINEARIZABLE);
        }
    }
    ck_assert_uint_ge(explained, 50);
}
END_TEST

RUN_TESTS("history_explain", {twice_the_calls_take_twice_the_steps, 5},
          {an_outage_in_which_any_failure_may_have_had_an_effect_is_explained, 0},
          {what_is_not_minimised_within_the_bound_is_reported, 0}, {what_is_hard_to_checker_is_not_minimised, 0},
          {an_incarnation_that_comes_back_long_after_is_reported_by_two_calls, 0},
          {a_refusal_that_took_effect_is_reported, 0}, {a_lost_answer_far_away_is_not_forgotten, 0},
          {lost_answers_of_the_same_event_are_open_as_one, 0}, {a_part_is_what_the_whole_search_says_it_is, 4})
