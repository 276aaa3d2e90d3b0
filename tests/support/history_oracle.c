#include "support/history_oracle.h"

#include <stdlib.h>
#include <string.h>

#include "verify/spec/reference.h"

/* What has to happen, or may: points on a line, each within its interval. */
enum point_kind {
    POINT_ANSWER, /* the one instant of a call that was answered */
    POINT_EFFECT, /* the effect of a call whose answer does not report whether it took effect; may be missing */
    POINT_FIND,   /* the later instant of a success that may have found its effect */
    POINT_LOST    /* the answer of a call that failed: from here on it is bound to the incarnation that it found */
};

struct point {
    enum point_kind kind;
    const tjob_call *call;
    uint64_t from;
    uint64_t to;
    int partner; /* of a find and a lost answer: the effect; else -1 */
};

enum { POINTS_MAX = 2 * ORACLE_CALLS_MAX, CANDIDATES_MAX = 4 * ORACLE_CALLS_MAX + 4 };

struct oracle {
    const tjob_policy *policy;
    struct point points[POINTS_MAX];
    int count;
    uint64_t times[CANDIDATES_MAX];
    int time_count;
    uint64_t incarnations[CANDIDATES_MAX];
    int incarnation_count;
};

/* A run so far. */
struct run {
    tjob_job job;
    bool placed[POINTS_MAX];
    bool dead[POINTS_MAX];  /* an effect that is bound to an incarnation that is over */
    bool bound[POINTS_MAX]; /* an effect whose call has failed: it dies with the incarnation */
    int submits;
    int submits_at[POINTS_MAX]; /* of an effect */
    uint64_t known[ORACLE_CALLS_MAX];
    int told_count;
};

static bool extend(const struct oracle *oracle, const struct run *run);

/* ---- What calls report ------------------------------------------------------------------------------------------- */

static bool tells_job(const tjob_call *call)
{
    return (call->known & TJOB_KNOWN_JOB) != 0 && call->outcome.job.state != TJOB_ABSENT;
}

static uint64_t incarnation_of_answer(const tjob_call *call)
{
    if (tells_job(call)) {
        return call->outcome.job.incarnation;
    }
    const bool reports = call->event.kind != TJOB_REMOVED ||
                         ((call->known & TJOB_KNOWN_CHANGED) != 0 && call->outcome.changed == TJOB_CHANGED_YES);
    return call->outcome.status == TJOB_OK && reports ? call->event.incarnation : 0;
}

static bool fits(const tjob_call *call, const tjob_job *before, tjob_transition_result result, const tjob_job *after,
                 bool find)
{
    const tjob_outcome *outcome = &call->outcome;
    static const tjob_job none;
    bool ok = result.status == outcome->status;
    if (find) {
        ok = ok && !result.changed;
    } else if ((call->known & TJOB_KNOWN_CHANGED) != 0) {
        ok = ok && result.changed == (outcome->changed == TJOB_CHANGED_YES);
    }
    if ((call->known & TJOB_KNOWN_BEFORE) != 0) {
        ok = ok && before->state == (uint32_t)outcome->before;
    }
    if ((call->known & TJOB_KNOWN_AFTER) != 0) {
        ok = ok && after->state == (uint32_t)outcome->after;
    }
    if ((call->known & TJOB_KNOWN_JOB) != 0) {
        const tjob_job *seen = after->state == TJOB_ABSENT ? &none : after;
        ok = ok && memcmp(seen, &outcome->job, sizeof *seen) == 0;
    }
    return ok;
}

/* ---- The search ------------------------------------------------------------------------------------------------ */

static bool may_be_next(const struct oracle *oracle, const struct run *run, int i)
{
    for (int k = 0; k < oracle->count; k++) {
        const bool optional = oracle->points[k].kind == POINT_EFFECT;
        if (!run->placed[k] && !optional && oracle->points[k].to < oracle->points[i].from) {
            return false;
        }
    }
    /* An optional point that should have been before one that is placed comes too late. */
    for (int k = 0; k < oracle->count; k++) {
        if (run->placed[k] && oracle->points[i].to < oracle->points[k].from) {
            return false;
        }
    }
    return true;
}

static bool was_reported(const struct run *run, uint64_t incarnation)
{
    for (int i = 0; i < run->told_count; i++) {
        if (run->known[i] == incarnation) {
            return true;
        }
    }
    return false;
}

/* Places one point at one time. If the job is absent, its incarnation is the one that a submit would begin now. */
static bool place_at(const struct oracle *oracle, const struct run *before, int i, uint64_t now_ms)
{
    const struct point *point = &oracle->points[i];
    const tjob_event *event = &point->call->event;
    struct run run = *before;
    const tjob_transition_result result = tjob__reference_apply(&before->job, event, now_ms, oracle->policy, &run.job);
    run.placed[i] = true;
    if (point->kind == POINT_EFFECT && (!result.changed || before->dead[i])) {
        return false;
    }
    if (point->kind != POINT_EFFECT && !fits(point->call, &before->job, result, &run.job, point->kind == POINT_FIND)) {
        return false;
    }
    if (result.changed && event->kind == TJOB_SUBMIT) {
        if (was_reported(before, run.job.incarnation)) {
            return false;
        }
        run.submits++;
    }
    if (point->kind == POINT_FIND && before->placed[point->partner] &&
        before->submits_at[point->partner] != before->submits) {
        return false;
    }
    run.submits_at[i] = run.submits;
    if (point->kind != POINT_EFFECT && incarnation_of_answer(point->call) != 0) {
        run.known[run.told_count++] = incarnation_of_answer(point->call);
    }
    if (result.changed && event->kind == TJOB_REMOVED) {
        for (int k = 0; k < oracle->count; k++) {
            run.dead[k] = run.dead[k] || run.bound[k];
        }
    }
    return extend(oracle, &run);
}

static bool place_at_any_time(const struct oracle *oracle, const struct run *run, int i)
{
    for (int t = 0; t < oracle->time_count; t++) {
        if (place_at(oracle, run, i, oracle->times[t])) {
            return true;
        }
    }
    return false;
}

/* Returns an incarnation that no call carries or reports. */
static uint64_t another_incarnation(const struct run *run)
{
    return UINT64_C(900000000000) + (uint64_t)run->submits;
}

/* Places one point on an absent job. Its next incarnation may change at any time, for removals of other names raise it:
 * so it may be any at each point. */
static bool place_on_absence(const struct oracle *oracle, const struct run *before, int i)
{
    struct run run = *before;
    for (int k = 0; k < oracle->incarnation_count; k++) {
        run.job.incarnation = oracle->incarnations[k];
        if (place_at_any_time(oracle, &run, i)) {
            return true;
        }
    }
    run.job.incarnation = another_incarnation(before);
    return place_at_any_time(oracle, &run, i);
}

static bool place(const struct oracle *oracle, const struct run *run, int i)
{
    if (oracle->points[i].kind == POINT_LOST) {
        struct run next = *run;
        next.placed[i] = true;
        next.bound[oracle->points[i].partner] = true;
        return extend(oracle, &next);
    }
    const bool begins = run->job.state == TJOB_ABSENT && oracle->points[i].call->event.kind == TJOB_SUBMIT;
    return begins ? place_on_absence(oracle, run, i) : place_at_any_time(oracle, run, i);
}

static bool extend(const struct oracle *oracle, const struct run *run)
{
    bool complete = true;
    for (int i = 0; i < oracle->count; i++) {
        complete = complete && (run->placed[i] || oracle->points[i].kind == POINT_EFFECT);
    }
    if (complete) {
        return true;
    }
    for (int i = 0; i < oracle->count; i++) {
        if (!run->placed[i] && may_be_next(oracle, run, i) && place(oracle, run, i)) {
            return true;
        }
    }
    return false;
}

/* ---- From calls to points -------------------------------------------------------------------------------------- */

static int add_point(struct oracle *oracle, enum point_kind kind, const tjob_call *call, uint64_t from, uint64_t to,
                     int partner)
{
    oracle->points[oracle->count] = (struct point){kind, call, from, to, partner};
    return oracle->count++;
}

static void add_points(struct oracle *oracle, const tjob_call *call, bool forgotten)
{
    const tjob_status status = call->outcome.status;
    const bool known = (call->known & TJOB_KNOWN_CHANGED) != 0;
    const bool unknown = known ? call->outcome.changed == TJOB_CHANGED_UNKNOWN : status == TJOB_UNRESOLVED;
    if (call->answered == TJOB_PENDING) {
        add_point(oracle, POINT_EFFECT, call, call->invoked, TJOB_PENDING, -1);
    } else if (forgotten && !(tjob_status_is_failure(status) && unknown)) {
        add_point(oracle, POINT_EFFECT, call, call->invoked, call->answered, -1);
    } else if (tjob_status_is_failure(status)) {
        if (unknown) {
            const int effect = add_point(oracle, POINT_EFFECT, call, call->invoked, TJOB_PENDING, -1);
            add_point(oracle, POINT_LOST, call, call->answered, call->answered, effect);
        }
    } else if (status == TJOB_OK && unknown) {
        const int effect = add_point(oracle, POINT_EFFECT, call, call->invoked, call->answered, -1);
        add_point(oracle, POINT_FIND, call, call->invoked, call->answered, effect);
    } else if (status == TJOB_OK || status == TJOB_NOT_FOUND || status == TJOB_IN_USE || status == TJOB_STALE ||
               status == TJOB_WRONG_STATE || status == TJOB_REFUSED_BY_POLICY) {
        add_point(oracle, POINT_ANSWER, call, call->invoked, call->answered, -1);
    }
}

static void add_candidate(uint64_t *list, int *count, uint64_t value)
{
    for (int i = 0; i < *count; i++) {
        if (list[i] == value) {
            return;
        }
    }
    if (value != 0) {
        list[(*count)++] = value;
    }
}

bool oracle_is_linearizable(const tjob_call *calls, size_t count, const tjob_policy *policy)
{
    const bool forgotten[ORACLE_CALLS_MAX] = {false};
    return oracle_is_linearizable_without(calls, forgotten, count, policy);
}

bool oracle_is_linearizable_without(const tjob_call *calls, const bool *forgotten, size_t count,
                                    const tjob_policy *policy)
{
    struct oracle oracle = {.policy = policy};
    struct run run = {.submits = 0};
    add_candidate(oracle.times, &oracle.time_count, 1);
    for (size_t i = 0; i < count; i++) {
        const tjob_job *job = &calls[i].outcome.job;
        add_points(&oracle, &calls[i], forgotten[i]);
        add_candidate(oracle.incarnations, &oracle.incarnation_count, calls[i].event.incarnation);
        if (calls[i].answered != TJOB_PENDING && tells_job(&calls[i])) {
            add_candidate(oracle.incarnations, &oracle.incarnation_count, job->incarnation);
            add_candidate(oracle.times, &oracle.time_count, job->submitted_ms);
            add_candidate(oracle.times, &oracle.time_count, job->training_started_ms);
            add_candidate(oracle.times, &oracle.time_count, job->stop_requested_ms);
            add_candidate(oracle.times, &oracle.time_count, job->ended_ms);
        }
    }
    add_candidate(oracle.times, &oracle.time_count, UINT64_C(1) << 60); /* later than any timeout */
    return extend(&oracle, &run);
}
