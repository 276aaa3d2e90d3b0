/* The checker against a brute force that tries every order: all small histories over a few calls, and random ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/history_calls.h"
#include "support/history_oracle.h"
#include "support/random.h"
#include "support/suite.h"

static uint64_t memory[TJOB_HISTORY_BYTES_DEFAULT / sizeof(uint64_t)];
static tjob_history_checker history;

enum { ORDER_CODES = 600, EXPLAINED_STRIDE = 11 };

/* Of the histories of three calls each is checked, or one of so many. */
#ifndef ORACLE_STRIDE
#define ORACLE_STRIDE 29
#endif

/* ---- The calls ------------------------------------------------------------------------------------------------- */

/* The events, and the records that answers show. Tokens, times and host codes are such that each record can be. */
enum {
    SUBMIT,
    SUBMIT_1,
    SUBMIT_2,
    START_7,
    START_8,
    STOP,
    STOP_1,
    STOP_2,
    HALTED_7,
    HALTED_8,
    EXPIRED,
    COMPLETED_7,
    DELETE,
    REMOVED,
    REMOVED_1,
    DESCRIBE
};

static const tjob_event events[] = {
    [SUBMIT] = {.kind = TJOB_SUBMIT, .token = 5, .host_code = 6},
    [SUBMIT_1] = {.kind = TJOB_SUBMIT, .token = 5, .host_code = 6, .incarnation = 1},
    [SUBMIT_2] = {.kind = TJOB_SUBMIT, .token = 5, .host_code = 6, .incarnation = 2},
    [START_7] = {.kind = TJOB_START, .trainer_token = 7},
    [START_8] = {.kind = TJOB_START, .trainer_token = 8},
    [STOP] = {.kind = TJOB_STOP},
    [STOP_1] = {.kind = TJOB_STOP, .incarnation = 1},
    [STOP_2] = {.kind = TJOB_STOP, .incarnation = 2},
    [HALTED_7] = {.kind = TJOB_HALTED, .trainer_token = 7},
    [HALTED_8] = {.kind = TJOB_HALTED, .trainer_token = 8},
    [EXPIRED] = {.kind = TJOB_STOP_EXPIRED},
    [COMPLETED_7] = {.kind = TJOB_COMPLETED, .trainer_token = 7},
    [DELETE] = {.kind = TJOB_DELETE},
    [REMOVED] = {.kind = TJOB_REMOVED},
    [REMOVED_1] = {.kind = TJOB_REMOVED, .incarnation = 1},
    [DESCRIBE] = {.kind = TJOB_DESCRIBE},
};

enum {
    NONE,
    SUBMITTED_L1,
    SUBMITTED_L2,
    TRAINING,
    STOPPING,
    STOPPING_LATER,
    STOPPED,
    STOPPED_LATE,
    UNSTARTED,
    DELETING,
    TRAINED
};

/*  submit token, incarnation, trainer, submitted, started, stop requested, ended, state, host code */
static const tjob_job jobs[] = {
    [NONE] = {0, 0, 0, 0, 0, 0, 0, TJOB_ABSENT, 0},
    [SUBMITTED_L1] = {5, 1, 0, 10, 0, 0, 0, TJOB_SUBMITTED, 6},
    [SUBMITTED_L2] = {5, 2, 0, 10, 0, 0, 0, TJOB_SUBMITTED, 6},
    [TRAINING] = {5, 1, 7, 10, 20, 0, 0, TJOB_TRAINING, 6},
    [STOPPING] = {5, 1, 7, 10, 20, 30, 0, TJOB_STOP_REQUESTED, 6},
    [STOPPING_LATER] = {5, 1, 7, 10, 20, 31, 0, TJOB_STOP_REQUESTED, 6},
    [STOPPED] = {5, 1, 7, 10, 20, 30, 40, TJOB_STOPPED, 6},
    [STOPPED_LATE] = {5, 1, 7, 10, 20, 30, 130, TJOB_STOPPED, 6},
    [UNSTARTED] = {5, 1, 0, 10, 0, 30, 30, TJOB_STOPPED, 6},
    [DELETING] = {5, 1, 7, 10, 20, 30, 40, TJOB_DELETING, 6},
    [TRAINED] = {5, 1, 7, 10, 20, 0, 40, TJOB_TRAINED, 6},
};

/* A call without its place: what is answered, and how much is reported. */
struct sketch {
    int event;
    tjob_status status;
    tjob_changed changed;
    int before; /* records */
    int after;
    uint32_t known;
};

#define CHANGED(e, b, a)                                                                                               \
    {                                                                                                                  \
        e, TJOB_OK, TJOB_CHANGED_YES, b, a, TJOB_KNOWN_ALL                                                             \
    }
#define SAME(e, a)                                                                                                     \
    {                                                                                                                  \
        e, TJOB_OK, TJOB_CHANGED_NO, a, a, TJOB_KNOWN_ALL                                                              \
    }
#define FOUND(e, a)                                                                                                    \
    {                                                                                                                  \
        e, TJOB_OK, TJOB_CHANGED_UNKNOWN, a, a, TJOB_KNOWN_ALL                                                         \
    }
#define REFUSED(e, s, a)                                                                                               \
    {                                                                                                                  \
        e, s, TJOB_CHANGED_NO, a, a, TJOB_KNOWN_ALL                                                                    \
    }
#define STATUS(e, s)                                                                                                   \
    {                                                                                                                  \
        e, s, TJOB_CHANGED_NO, NONE, NONE, 0                                                                           \
    }

/* clang-format off */
static const struct sketch of_an_incarnation[] = {
    CHANGED(SUBMIT, NONE, SUBMITTED_L1),
    SAME(SUBMIT, SUBMITTED_L1),
    FOUND(SUBMIT, SUBMITTED_L1),
    STATUS(SUBMIT, TJOB_UNRESOLVED),
    STATUS(SUBMIT_1, TJOB_STALE),
    STATUS(SUBMIT_1, TJOB_OK),
    CHANGED(START_7, SUBMITTED_L1, TRAINING),
    STATUS(START_7, TJOB_OK),
    STATUS(START_8, TJOB_UNRESOLVED),
    CHANGED(STOP, SUBMITTED_L1, UNSTARTED),
    STATUS(STOP, TJOB_NOT_FOUND),
    STATUS(STOP_1, TJOB_STALE),
    STATUS(STOP, TJOB_OK),
    STATUS(STOP, TJOB_UNRESOLVED),
    STATUS(STOP, TJOB_THROTTLED),
    SAME(DESCRIBE, SUBMITTED_L1),
    SAME(DESCRIBE, SUBMITTED_L2),
    SAME(DESCRIBE, TRAINING),
    SAME(DESCRIBE, STOPPING),
    REFUSED(STOP_2, TJOB_STALE, SUBMITTED_L1),
    REFUSED(STOP_2, TJOB_STALE, TRAINING),
    REFUSED(DESCRIBE, TJOB_NOT_FOUND, NONE),
};

static const struct sketch of_a_stop[] = {
    CHANGED(STOP, TRAINING, STOPPING),
    CHANGED(STOP, TRAINING, STOPPING_LATER),
    SAME(STOP, STOPPING),
    FOUND(STOP, STOPPING),
    FOUND(STOP, STOPPED),
    STATUS(STOP, TJOB_OK),
    STATUS(STOP, TJOB_UNRESOLVED),
    STATUS(STOP, TJOB_UNAVAILABLE),
    CHANGED(HALTED_7, STOPPING, STOPPED),
    STATUS(HALTED_7, TJOB_WRONG_STATE),
    STATUS(HALTED_7, TJOB_UNRESOLVED),
    STATUS(HALTED_8, TJOB_STALE),
    CHANGED(EXPIRED, STOPPING, STOPPED_LATE),
    STATUS(EXPIRED, TJOB_OK),
    STATUS(EXPIRED, TJOB_UNRESOLVED),
    CHANGED(COMPLETED_7, TRAINING, TRAINED),
    STATUS(COMPLETED_7, TJOB_UNRESOLVED),
    SAME(DESCRIBE, TRAINING),
    SAME(DESCRIBE, STOPPING),
    SAME(DESCRIBE, STOPPED),
    SAME(DESCRIBE, STOPPED_LATE),
    SAME(DESCRIBE, TRAINED),
};

static const struct sketch of_incarnations[] = {
    CHANGED(DELETE, STOPPED, DELETING),
    STATUS(DELETE, TJOB_UNRESOLVED),
    STATUS(DELETE, TJOB_OK),
    STATUS(DELETE, TJOB_IN_USE),
    CHANGED(REMOVED, DELETING, NONE),
    FOUND(REMOVED, NONE),
    STATUS(REMOVED, TJOB_UNRESOLVED),
    STATUS(REMOVED_1, TJOB_UNRESOLVED),
    CHANGED(SUBMIT, NONE, SUBMITTED_L2),
    CHANGED(SUBMIT, NONE, SUBMITTED_L1),
    FOUND(SUBMIT, SUBMITTED_L2),
    STATUS(SUBMIT, TJOB_UNRESOLVED),
    STATUS(SUBMIT_2, TJOB_STALE),
    STATUS(STOP_2, TJOB_STALE),
    STATUS(STOP_2, TJOB_UNRESOLVED),
    STATUS(STOP, TJOB_UNRESOLVED),
    STATUS(STOP, TJOB_OK),
    SAME(DESCRIBE, DELETING),
    SAME(DESCRIBE, SUBMITTED_L2),
    STATUS(DESCRIBE, TJOB_NOT_FOUND),
};

/* The calls that lead to where a family begins, one after the other. */
static const struct sketch to_training[] = {
    CHANGED(SUBMIT, NONE, SUBMITTED_L1),
    CHANGED(START_7, SUBMITTED_L1, TRAINING),
};

static const struct sketch to_stopped[] = {
    CHANGED(SUBMIT, NONE, SUBMITTED_L1),
    CHANGED(START_7, SUBMITTED_L1, TRAINING),
    CHANGED(STOP, TRAINING, STOPPING),
    CHANGED(HALTED_7, STOPPING, STOPPED),
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct family {
    const struct sketch *before;
    size_t before_count;
    const struct sketch *calls;
    size_t count;
} families[] = {
    {NULL, 0, of_an_incarnation, COUNT(of_an_incarnation)},
    {to_training, COUNT(to_training), of_a_stop, COUNT(of_a_stop)},
    {to_stopped, COUNT(to_stopped), of_incarnations, COUNT(of_incarnations)},
};

enum { FAMILIES = COUNT(families) };

static tjob_call filled(const struct sketch *sketch, uint64_t invoked, uint64_t answered)
{
    const tjob_outcome outcome = {sketch->status, sketch->changed, (tjob_state)jobs[sketch->before].state,
                                  (tjob_state)jobs[sketch->after].state, jobs[sketch->after]};
    return (tjob_call){events[sketch->event], invoked, answered, outcome, sketch->known};
}

/* ---- All histories ---------------------------------------------------------------------------------------------- */

static void explain_difference(const tjob_call *calls, size_t count, bool expected)
{
    fprintf(stderr, "the oracle says %s of:\n", expected ? "linearizable" : "not linearizable");
    for (size_t i = 0; i < count; i++) {
        fprintf(stderr,
                "  [%llu, %llu] %s incarnation %llu trainer %llu: %s changed %d %s -> %s incarnation %llu, known %u\n",
                (unsigned long long)calls[i].invoked, (unsigned long long)calls[i].answered,
                tjob_event_kind_name((tjob_event_kind)calls[i].event.kind),
                (unsigned long long)calls[i].event.incarnation, (unsigned long long)calls[i].event.trainer_token,
                tjob_status_name(calls[i].outcome.status), (int)calls[i].outcome.changed,
                tjob_state_name(calls[i].outcome.before), tjob_state_name(calls[i].outcome.after),
                (unsigned long long)calls[i].outcome.job.incarnation, calls[i].known);
    }
}

static bool agree(const tjob_call *calls, size_t count, const tjob_policy *policy)
{
    const bool expected = oracle_is_linearizable(calls, count, policy);
    const tjob_history_result result = tjob_history_check(&history, calls, count);
    const bool same = result.verdict == (expected ? TJOB_LINEARIZABLE : TJOB_NOT_LINEARIZABLE);
    if (!same) {
        explain_difference(calls, count, expected);
    }
    EXPECT(same);
    return expected;
}

/* Whether the calls, compacted after each answer as they come, end in the verdict that is expected. */
static bool compacts_to(const tjob_call *calls, size_t count, bool linearizable)
{
    tjob_history_checkpoint checkpoint = {.open = 0};
    tjob_call window[ORACLE_CALLS_MAX];
    size_t kept = 0;
    size_t next = 0;
    for (uint64_t place = 0; place <= calls[count - 1].invoked + 2 * count; place++) {
        if (next < count && calls[next].invoked == place) {
            window[kept] = calls[next++];
            window[kept++].answered = TJOB_PENDING;
        }
        for (size_t i = 0; i < next; i++) {
            for (size_t k = 0; k < kept && calls[i].answered == place; k++) {
                if (window[k].invoked == calls[i].invoked) {
                    window[k] = calls[i];
                    const tjob_history_result result = tjob_history_compact(&history, &checkpoint, window, &kept);
                    if (result.verdict != TJOB_LINEARIZABLE) {
                        return result.verdict == TJOB_NOT_LINEARIZABLE && !linearizable;
                    }
                    break;
                }
            }
        }
    }
    const tjob_history_result result = tjob_history_finish(&history, &checkpoint, window, kept);
    return result.verdict == (linearizable ? TJOB_LINEARIZABLE : TJOB_NOT_LINEARIZABLE);
}

/* The part of a history is not linearizable, whatever the other calls were answered, and no call of it can be left out.
 */
static void expect_minimal_part(const tjob_call *calls, size_t count, const tjob_policy *policy)
{
    uint32_t part[ORACLE_CALLS_MAX];
    bool forgotten[ORACLE_CALLS_MAX];
    tjob_history_result result;
    const size_t size = tjob_history_explain(&history, NULL, calls, count, part, &result);
    EXPECT(size > 0 && size <= count && result.verdict == TJOB_NOT_LINEARIZABLE && result.minimal);
    for (size_t i = 0; i < count; i++) {
        forgotten[i] = true;
    }
    for (size_t i = 0; i < size; i++) {
        EXPECT(calls[part[i]].answered <= calls[result.at].answered);
        EXPECT(i == 0 || part[i - 1] < part[i]);
        forgotten[part[i]] = false;
    }
    EXPECT(!oracle_is_linearizable_without(calls, forgotten, count, policy));
    for (size_t i = 0; i < size; i++) {
        forgotten[part[i]] = true;
        EXPECT(oracle_is_linearizable_without(calls, forgotten, count, policy));
        forgotten[part[i]] = false;
    }
}

/*
 * Gives `count` calls behind `before` others every order of invocations and answers, the invocations being in the order
 * of the calls: `code` is one of them. False if there is no such order.
 */
static bool lay_out(tjob_call *calls, size_t count, unsigned code, uint64_t begin)
{
    uint64_t place = begin;
    size_t invoked = 0;
    bool answered[8] = {false};
    for (size_t step = 0; step < 2 * count; step++) {
        /* Which comes next: the next invocation (0), or the answer of one of the calls that are open. */
        size_t open = 0;
        for (size_t i = 0; i < invoked; i++) {
            open += !answered[i];
        }
        const unsigned ways = (unsigned)open + (invoked < count ? 1 : 0);
        unsigned trace = code % ways;
        code /= ways;
        place++;
        if (invoked < count && trace == 0) {
            calls[invoked++].invoked = place;
            continue;
        }
        trace -= invoked < count ? 1 : 0;
        for (size_t i = 0; i < invoked; i++) {
            if (!answered[i] && trace-- == 0) {
                answered[i] = true;
                calls[i].answered = place;
            }
        }
    }
    return code == 0;
}

static size_t lay_out_before(const struct family *family, tjob_call *calls)
{
    for (size_t i = 0; i < family->before_count; i++) {
        calls[i] = filled(&family->before[i], 2 * i, 2 * i + 1);
    }
    return family->before_count;
}

/* All histories of `length` calls out of a family, every order of their invocations and answers. */
static void check_all(const struct family *family, size_t length, const tjob_policy *policy, unsigned stride)
{
    size_t combinations = 1;
    unsigned accepted = 0;
    unsigned live = 0;
    for (size_t i = 0; i < length; i++) {
        combinations *= family->count;
    }
    for (size_t combination = 0; combination < combinations; combination += stride) {
        tjob_call calls[ORACLE_CALLS_MAX];
        const size_t before = lay_out_before(family, calls);
        size_t rest = combination;
        for (size_t i = 0; i < length; i++) {
            calls[before + i] = filled(&family->calls[rest % family->count], 0, 0);
            rest /= family->count;
        }
        /* The orders are among these codes; those that are none leave a remainder. */
        for (unsigned code = 0; code < ORDER_CODES; code++) {
            if (lay_out(calls + before, length, code, 100)) {
                const bool linearizable = agree(calls, before + length, policy);
                const bool compacts = compacts_to(calls, before + length, linearizable);
                if (!compacts) {
                    explain_difference(calls, before + length, linearizable);
                }
                EXPECT(compacts);
                if (!linearizable && live % EXPLAINED_STRIDE == 0) {
                    expect_minimal_part(calls, before + length, policy);
                }
                accepted += linearizable;
                live++;
            }
        }
    }
    EXPECT(accepted > 0 && accepted < live);
    printf("%zu calls: %u histories, %u of them linearizable\n", length, live, accepted);
}

START_TEST(agrees_with_the_oracle_on_all_small_histories)
{
    const struct family *family = &families[_i % FAMILIES];
    const tjob_policy *policy = &history_policies[_i / FAMILIES];
    ck_assert_int_eq(tjob_history_checker_init(&history, memory, sizeof memory, policy), TJOB_OK);
    check_all(family, 1, policy, 1);
    check_all(family, 2, policy, 1);
    check_all(family, 3, policy, ORACLE_STRIDE * (_i / FAMILIES == 0 ? 1 : 7));
}
END_TEST

START_TEST(agrees_with_the_oracle_on_some_longer_histories)
{
    const struct family *family = &families[_i % FAMILIES];
    ck_assert_int_eq(tjob_history_checker_init(&history, memory, sizeof memory, &history_policies[0]), TJOB_OK);
    check_all(family, 4, &history_policies[0], 997 * ORACLE_STRIDE);
}
END_TEST

RUN_TESTS("history_oracle", {agrees_with_the_oracle_on_all_small_histories, FAMILIES *HISTORY_POLICIES},
          {agrees_with_the_oracle_on_some_longer_histories, FAMILIES})
