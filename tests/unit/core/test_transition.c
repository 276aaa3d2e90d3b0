/* What follows from the table as a whole: the rules one by one, and every job that any course of events leads to. */
#include <string.h>

#include "support/suite.h"
#include "tjob/job.h"
#include "verify/spec/reference.h"

/* ---- The table as the library reports it ------------------------------------------------------------------------- */

static const struct {
    char cell;
    tjob_transition_kind kind;
} kinds[] = {
    {REFERENCE_NOT_FOUND, TJOB_TRANSITION_NOT_FOUND},   {REFERENCE_REFUSED, TJOB_TRANSITION_REFUSED},
    {REFERENCE_IN_USE, TJOB_TRANSITION_IN_USE},         {REFERENCE_UNCHANGED, TJOB_TRANSITION_UNCHANGED},
    {REFERENCE_SAME_TOKEN, TJOB_TRANSITION_SAME_TOKEN}, {REFERENCE_SAME_TRAINER, TJOB_TRANSITION_SAME_TRAINER},
    {REFERENCE_P1, TJOB_TRANSITION_STOP_SUBMITTED},     {REFERENCE_P2, TJOB_TRANSITION_STOP_FINISHED},
    {REFERENCE_LATE, TJOB_TRANSITION_AFTER_TIMEOUT},
};

/* The rule that a cell of the reference stands for. */
static tjob_transition rule_of_cell(char cell, tjob_state state)
{
    const tjob_state target = tjob__reference_target(cell);
    if (target != TJOB_STATE_COUNT) {
        return (tjob_transition){TJOB_TRANSITION_CHANGE, target};
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].cell == cell) {
            const bool stops = cell == REFERENCE_P1 || cell == REFERENCE_LATE;
            return (tjob_transition){kinds[i].kind, stops ? TJOB_STOPPED : state};
        }
    }
    ck_abort_msg("a cell says '%c'", cell);
}

START_TEST(each_cell_is_reported_as_it_is_written)
{
    const tjob_event_kind event = (tjob_event_kind)(_i / TJOB_STATE_COUNT);
    const tjob_state state = (tjob_state)(_i % TJOB_STATE_COUNT);
    /* A STOPPED job bears a stop time, so no policy refuses a stop of it. */
    const bool stopped = event == TJOB_STOP && state == TJOB_STOPPED;
    const tjob_transition expected =
        rule_of_cell(stopped ? REFERENCE_UNCHANGED : tjob__reference_cell(event, state), state);
    const tjob_transition rule = tjob_transition_of(event, state);
    ck_assert_int_eq(rule.kind, expected.kind);
    ck_assert_int_eq(rule.next, expected.next);
}
END_TEST

/* ---- Every job that any course of events leads to -------------------------------------------------------------- */

/* Two trainers, two submits, two incarnations and two instants, of which the later one is past every time-out. */
enum { INCARNATIONS = 2, JOBS_MAX = 4096, EVENTS_MAX = 256 };

static const uint64_t instants[] = {1000, 1000 + TJOB_STOP_TIMEOUT_MS_DEFAULT};

struct edge {
    unsigned event;
    bool accepted;
    unsigned to;
};

static tjob_event events[EVENTS_MAX];
static unsigned event_count;
static tjob_job jobs[JOBS_MAX]; /* the first is the absent job before the first creation */
static unsigned job_count;
static struct edge edges[JOBS_MAX][EVENTS_MAX * 2];
static unsigned edge_counts[JOBS_MAX];

static void make_events(void)
{
    event_count = 0;
    for (uint32_t kind = 0; kind < TJOB_EVENT_KIND_COUNT; kind++) {
        for (uint64_t i = 0; i < (INCARNATIONS + 1) * 3 * 2; i++) {
            const tjob_event event = {.kind = kind,
                                      .incarnation = i % (INCARNATIONS + 1),
                                      .trainer_token = i / (INCARNATIONS + 1) % 3,
                                      .token = 1 + i / (INCARNATIONS + 1) / 3};
            if (tjob_event_validate(&event) == TJOB_OK && (event.token == 1 || kind == TJOB_SUBMIT)) {
                EXPECT(event_count < EVENTS_MAX);
                events[event_count++] = event;
            }
        }
    }
}

static unsigned number_of(const tjob_job *job)
{
    for (unsigned i = 0; i < job_count; i++) {
        if (memcmp(&jobs[i], job, sizeof *job) == 0) {
            return i;
        }
    }
    EXPECT(job_count < JOBS_MAX);
    jobs[job_count] = *job;
    return job_count++;
}

static void explore(const tjob_policy *policy)
{
    make_events();
    memset(edge_counts, 0, sizeof edge_counts);
    jobs[0] = (tjob_job){.state = TJOB_ABSENT, .incarnation = 1};
    job_count = 1;
    for (unsigned from = 0; from < job_count; from++) {
        for (unsigned i = 0; i < event_count * 2; i++) {
            tjob_job next;
            const tjob_transition_result result =
                tjob_job_apply(&jobs[from], &events[i / 2], instants[i % 2], policy, &next);
            if (result.changed && next.state == TJOB_ABSENT) {
                next.incarnation = jobs[from].incarnation + 1;
            }
            if (next.incarnation <= INCARNATIONS) {
                const unsigned to = result.changed ? number_of(&next) : from;
                edges[from][edge_counts[from]++] = (struct edge){i / 2, result.status == TJOB_OK, to};
            }
        }
    }
}

static void check_reachable_records(void)
{
    for (unsigned i = 0; i < job_count; i++) {
        EXPECT(jobs[i].state == TJOB_ABSENT || tjob_job_validate(&jobs[i]) == TJOB_JOB_VALID);
        EXPECT(jobs[i].state != TJOB_STOPPED || jobs[i].stop_requested_ms != 0);
    }
}

/* A final state stays reachable: marks backwards whatever leads to one. */
static void check_a_final_state_is_in_reach(void)
{
    static bool reaches[JOBS_MAX];
    bool more = true;
    for (unsigned i = 0; i < job_count; i++) {
        reaches[i] = tjob_state_is_final((tjob_state)jobs[i].state);
    }
    while (more) {
        more = false;
        for (unsigned i = 0; i < job_count; i++) {
            for (unsigned k = 0; !reaches[i] && k < edge_counts[i]; k++) {
                reaches[i] = reaches[edges[i][k].to];
                more = more || reaches[i];
            }
        }
    }
    for (unsigned i = 0; i < job_count; i++) {
        EXPECT(reaches[i]);
    }
}

/* What a job was and can never be later, in one incarnation. */
static bool is_completed(tjob_state state)
{
    return state == TJOB_TRAINED || state == TJOB_TRAINED_WITH_WARNING;
}

/* All that comes after `from` in the same incarnation, `from` included. */
static void mark_later(unsigned from, bool later[JOBS_MAX])
{
    unsigned open[JOBS_MAX];
    unsigned count = 1;
    memset(later, 0, JOBS_MAX * sizeof later[0]);
    open[0] = from;
    later[from] = true;
    while (count != 0) {
        const unsigned at = open[--count];
        for (unsigned k = 0; k < edge_counts[at]; k++) {
            const unsigned to = edges[at][k].to;
            if (!later[to] && jobs[to].incarnation == jobs[from].incarnation) {
                later[to] = true;
                open[count++] = to;
            }
        }
    }
}

static void check_no_way_back(void)
{
    static bool later[JOBS_MAX];
    for (unsigned from = 0; from < job_count; from++) {
        const tjob_state state = (tjob_state)jobs[from].state;
        mark_later(from, later);
        for (unsigned to = 0; to < job_count; to++) {
            const tjob_state then = (tjob_state)jobs[to].state;
            if (later[to] && jobs[to].incarnation == jobs[from].incarnation) {
                EXPECT(!is_completed(state) || then != TJOB_STOPPED);
                EXPECT(state != TJOB_STOPPED || !is_completed(then));
            }
        }
    }
}

START_TEST(every_course_of_events_keeps_the_invariants)
{
    const tjob_policy policy = {.stop_submitted = (uint32_t)_i % 3, .stop_finished = (uint32_t)_i / 3};
    explore(&policy);
    ck_assert_uint_gt(job_count, 100);
    check_reachable_records();
    check_a_final_state_is_in_reach();
    check_no_way_back();
}
END_TEST

/* After an accepted stop, under the default policy: each stop that is accepted leads to such a job or finds one. */
START_TEST(an_accepted_stop_leaves_a_job_that_never_trains_again)
{
    explore(&(tjob_policy){.stop_submitted = TJOB_STOP_SUBMITTED_STOPS});
    unsigned accepted = 0;
    for (unsigned from = 0; from < job_count; from++) {
        for (unsigned k = 0; k < edge_counts[from]; k++) {
            const struct edge *edge = &edges[from][k];
            if (events[edge->event].kind == TJOB_STOP && edge->accepted) {
                static bool later[JOBS_MAX];
                mark_later(edge->to, later);
                for (unsigned to = 0; to < job_count; to++) {
                    EXPECT(!later[to] || (jobs[to].state != TJOB_SUBMITTED && jobs[to].state != TJOB_TRAINING));
                }
                accepted++;
            }
        }
    }
    ck_assert_uint_gt(accepted, 100);
}
END_TEST

RUN_TESTS("rule", {each_cell_is_reported_as_it_is_written, TJOB_EVENT_KIND_COUNT *TJOB_STATE_COUNT},
          {every_course_of_events_keeps_the_invariants, 6}, {an_accepted_stop_leaves_a_job_that_never_trains_again, 0})
