#include "history_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "support/random.h"
#include "tjob/history_checker.h"

enum { CALLS = 4096, SPACE = 100 };

static uint64_t memory[TJOB_HISTORY_BYTES_DEFAULT / sizeof(uint64_t)];
static const tjob_policy policy = {0};
static volatile uint64_t sum;

static double seconds(void)
{
    struct timespec now;
    if (timespec_get(&now, TIME_UTC) == 0) {
        abort();
    }
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int by_invocation(const void *a, const void *b)
{
    const tjob_call *left = a;
    const tjob_call *right = b;
    return left->invoked < right->invoked ? -1 : left->invoked > right->invoked;
}

/* Calls as a service answers them: about `open` of them at once, one in 64 a failure that leaves it open. */
static void make_calls(tjob_call calls[CALLS], unsigned open)
{
    static const unsigned char kinds[] = {TJOB_SUBMIT,    TJOB_START,  TJOB_STOP,    TJOB_STOP,     TJOB_HALTED,
                                          TJOB_COMPLETED, TJOB_DELETE, TJOB_REMOVED, TJOB_DESCRIBE, TJOB_DESCRIBE};
    const uint64_t reach = open == 1 ? SPACE / 2 : (uint64_t)SPACE * open; /* to each side, at most */
    uint64_t seed = 1;
    uint64_t incarnation = 1;
    tjob_job job = {.incarnation = 1};
    for (uint64_t i = 0; i < CALLS; i++) {
        const uint64_t instant = 10000 + SPACE * i;
        const uint64_t before = next_random(&seed) % reach;
        const uint64_t after = next_random(&seed) % reach;
        tjob_event event = {.kind = kinds[next_random(&seed) % sizeof kinds], .token = 1};
        event.trainer_token =
            event.kind == TJOB_START || event.kind == TJOB_HALTED || event.kind == TJOB_COMPLETED ? 7 : 0;
        tjob_outcome outcome = {.before = (tjob_state)job.state};
        const tjob_transition_result result = tjob_job_apply(&job, &event, instant, &policy, &job);
        outcome.status = result.status;
        outcome.changed = result.changed ? TJOB_CHANGED_YES : TJOB_CHANGED_NO;
        outcome.after = (tjob_state)job.state;
        if (job.state != TJOB_ABSENT) {
            outcome.job = job;
        } else if (result.changed) {
            job.incarnation = ++incarnation;
        }
        if (next_random(&seed) % 64 == 0) {
            outcome = (tjob_outcome){.status = TJOB_UNRESOLVED, .changed = TJOB_CHANGED_UNKNOWN};
        }
        calls[i] = (tjob_call){event, instant - before, instant + after, outcome, TJOB_KNOWN_ALL};
    }
    qsort(calls, CALLS, sizeof *calls, by_invocation);
}

static void expect(bool ok)
{
    if (!ok) {
        fprintf(stderr, "bench: a history has another verdict than it should\n");
        abort();
    }
}

static double bench_open(unsigned open)
{
    static tjob_call calls[CALLS];
    tjob_history_checker history;
    make_calls(calls, open);
    expect(tjob_history_checker_init(&history, memory, sizeof memory, &policy) == TJOB_OK);
    const double start = seconds();
    const tjob_history_result result = tjob_history_check(&history, calls, CALLS);
    const double end = seconds();
    expect(result.verdict == TJOB_LINEARIZABLE);
    return (end - start) * 1e9 / CALLS;
}

double bench_history_4(void)
{
    return bench_open(4);
}

double bench_history_16(void)
{
    return bench_open(16);
}

/* Each call is answered before the next is invoked, and compacted at once. */
double bench_history_alone(void)
{
    static tjob_call calls[CALLS];
    tjob_call window[8];
    size_t count = 0;
    tjob_history_checkpoint checkpoint = {.open = 0};
    tjob_history_checker history;
    bool ok = true;
    make_calls(calls, 1);
    expect(tjob_history_checker_init(&history, memory, sizeof memory, &policy) == TJOB_OK);
    const double start = seconds();
    for (size_t i = 0; i < CALLS; i++) {
        window[count++] = calls[i];
        ok =
            ok && tjob_history_compact(&history, &checkpoint, window, &count).verdict == TJOB_LINEARIZABLE && count < 8;
    }
    const double end = seconds();
    expect(ok);
    return (end - start) * 1e9 / CALLS;
}

/* Nanoseconds a call to find a part of `expected` calls. */
static double bench_explanation(const tjob_call *calls, size_t count, size_t expected)
{
    static uint32_t part[CALLS];
    tjob_history_checker history;
    tjob_history_result result;
    expect(tjob_history_checker_init(&history, memory, sizeof memory, &policy) == TJOB_OK);
    const double start = seconds();
    const size_t size = tjob_history_explain(&history, NULL, calls, count, part, &result);
    const double end = seconds();
    expect(result.verdict == TJOB_NOT_LINEARIZABLE && result.minimal && size == expected);
    return (end - start) * 1e9 / (double)count;
}

static tjob_call one_call(size_t i, tjob_event event, tjob_status status)
{
    return (tjob_call){event, 2 * i, 2 * i + 1, {.status = status}, 0};
}

double bench_explanation_of_incarnations(void)
{
    enum { INCARNATIONS = 100 };
    static tjob_call calls[6 * INCARNATIONS + 1];
    size_t count = 0;
    for (uint64_t incarnation = 1; incarnation <= INCARNATIONS; incarnation++) {
        const tjob_event events[] = {{.kind = TJOB_SUBMIT, .token = incarnation},
                                     {.kind = TJOB_START, .trainer_token = incarnation},
                                     {.kind = TJOB_STOP},
                                     {.kind = TJOB_HALTED, .trainer_token = incarnation},
                                     {.kind = TJOB_DELETE},
                                     {.kind = TJOB_REMOVED}};
        for (size_t i = 0; i < sizeof events / sizeof events[0]; i++, count++) {
            calls[count] = one_call(count, events[i], TJOB_OK);
        }
    }
    calls[count] = one_call(count, (tjob_event){.kind = TJOB_STOP}, TJOB_OK);
    return bench_explanation(calls, count + 1, 2);
}

double bench_explanation_of_an_outage(void)
{
    enum { FAILURES = 300 };
    static tjob_call calls[FAILURES + 2];
    calls[0] = one_call(0, (tjob_event){.kind = TJOB_DESCRIBE}, TJOB_NOT_FOUND);
    for (size_t i = 1; i <= FAILURES; i++) {
        const tjob_event start = {.kind = TJOB_START, .trainer_token = i};
        calls[i] = one_call(i, i % 2 == 0 ? (tjob_event){.kind = TJOB_STOP} : start, TJOB_UNAVAILABLE);
    }
    calls[FAILURES + 1] = one_call(FAILURES + 1, (tjob_event){.kind = TJOB_REMOVED, .incarnation = 9}, TJOB_STALE);
    return bench_explanation(calls, FAILURES + 2, 1);
}

double bench_history_rule(void)
{
    static tjob_call calls[CALLS];
    tjob_job job = {.incarnation = 1};
    uint64_t total = 0;
    make_calls(calls, 1);
    const double start = seconds();
    for (size_t i = 0; i < CALLS; i++) {
        total += tjob_job_apply(&job, &calls[i].event, calls[i].invoked, &policy, &job).status;
        job.incarnation += job.state == TJOB_ABSENT;
    }
    const double end = seconds();
    sum += total;
    return (end - start) * 1e9 / CALLS;
}
