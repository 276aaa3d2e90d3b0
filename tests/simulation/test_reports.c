/* What the simulator reports, counted; what it records; and the ends of what it can be asked for. */
#include <stdlib.h>
#include <string.h>

#include "support/jobs.h"
#include "support/simulations.h"
#include "support/suite.h"
#include "tjob/memory_store.h"
#include "verify/simulator/monitor.h"
#include "verify/simulator/simulation.h"
#include "verify/simulator/simulator.h"

enum { DAY = 24 * 60 };

/* ---- What is counted ------------------------------------------------------------------------------------------- */

START_TEST(a_report_counts_the_same_everywhere)
{
    static const struct {
        const tjob_fault_profile *faults;
        uint64_t operations, loads, swaps;
        uint32_t calls_most, timers_most, now_ms;
        uint64_t stops;
        uint32_t median_ms, most_of_them_ms, most_ms; /* how long stops took; nine of ten */
        uint64_t injected[TJOB_FAULT_COUNT];
    } cases[] = {
        {&tjob_fault_profile_none,
         25578,
         26406,
         14059,
         5,
         468,
         97200000,
         874,
         28671,
         327679,
         1278731,
         {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
        {&tjob_fault_profile_default,
         25624,
         26455,
         13986,
         7,
         464,
         97200000,
         876,
         28671,
         327679,
         1278731,
         {68, 14, 6, 48, 30, 29, 2, 32, 27, 26, 22, 20, 232, 42, 33, 7, 542}},
        {&tjob_fault_profile_storm,
         27272,
         29478,
         14389,
         51,
         495,
         97200000,
         742,
         0,
         2621439,
         85791722,
         {822, 165, 185, 1461, 650, 636, 37, 649, 660, 659, 615, 307, 2305, 919, 506, 373, 8080}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const tjob_simulator_config config = {.seed = 1, .jobs = 200, .minutes = DAY, .faults = *cases[i].faults};
        const tjob_simulator_report report = simulation_run(&config);
        ck_assert_uint_eq(report.operation_count, cases[i].operations);
        ck_assert_uint_eq(report.loads, cases[i].loads);
        ck_assert_uint_eq(report.swaps, cases[i].swaps);
        ck_assert_uint_eq(report.calls_most, cases[i].calls_most);
        ck_assert_uint_eq(report.timers_most, cases[i].timers_most);
        ck_assert_uint_eq(report.now_ms, cases[i].now_ms);
        ck_assert_uint_eq(report.stops.count, cases[i].stops);
        ck_assert_uint_eq(tjob_histogram_quantile(&report.stops, 500), cases[i].median_ms);
        ck_assert_uint_eq(tjob_histogram_quantile(&report.stops, 900), cases[i].most_of_them_ms);
        ck_assert_uint_eq(report.stops.most_ms, cases[i].most_ms);
        ck_assert_mem_eq(report.faults, cases[i].injected, sizeof report.faults);
    }
}
END_TEST

/* Who is refused by policy has seen the job, and goes by that. */
START_TEST(a_refusal_by_policy_reports_of_the_job)
{
    const tjob_simulator_config config = {
        .seed = 1,
        .jobs = 200,
        .minutes = DAY,
        .policy = {.stop_submitted = TJOB_STOP_SUBMITTED_REFUSED, .stop_finished = TJOB_STOP_FINISHED_REFUSED}};
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_PASSED);
    ck_assert_uint_eq(report.operation_count, 25440);
    ck_assert_uint_eq(report.operations[TJOB_STOP][TJOB_REFUSED_BY_POLICY], 899);
}
END_TEST

/* Where a seeded bug is first seen, by what, and when. */
static const struct {
    tjob_seeded_bug bug;
    const tjob_fault_profile *faults;
    uint64_t seed;
    tjob_invariant check;
    uint32_t job;
    uint32_t time_ms;
    tjob_event_kind event;
} seen[] = {
    {TJOB_BUG_LOST_UPDATE, &tjob_fault_profile_default, 1, TJOB_INVARIANT_STATES_FOLLOW_TABLE, 17, 64048, TJOB_SUBMIT},
    {TJOB_BUG_LOST_UPDATE, &tjob_fault_profile_storm, 1, TJOB_INVARIANT_STATES_FOLLOW_TABLE, 31, 66004, TJOB_START},
    {TJOB_BUG_VERSION_REUSED, &tjob_fault_profile_default, 1, TJOB_INVARIANT_STATES_FOLLOW_TABLE, 3, 44769074,
     TJOB_DELETE},
    {TJOB_BUG_VERSION_REUSED, &tjob_fault_profile_storm, 1, TJOB_INVARIANT_NO_HIDDEN_EFFECT, 32, 6694524, TJOB_START},
    {TJOB_BUG_ABSENCE_WITHOUT_VERSION, &tjob_fault_profile_default, 1, TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE, 6,
     579135, TJOB_SUBMIT},
    {TJOB_BUG_ABSENCE_WITHOUT_VERSION, &tjob_fault_profile_storm, 1, TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE, 32,
     1367309, TJOB_SUBMIT},
    {TJOB_BUG_DIRTY_READ, &tjob_fault_profile_default, 1, TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE, 97, 835923,
     TJOB_START},
    {TJOB_BUG_DIRTY_READ, &tjob_fault_profile_storm, 1, TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE, 6, 916126, TJOB_STOP},
    {TJOB_BUG_CONFLICT_FORGETS_LOST_ANSWER, &tjob_fault_profile_default, 3, TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE, 38,
     20777527, TJOB_REMOVED},
    {TJOB_BUG_CONFLICT_FORGETS_LOST_ANSWER, &tjob_fault_profile_storm, 1, TJOB_INVARIANT_NO_HIDDEN_EFFECT, 49, 420632,
     TJOB_START},
    {TJOB_BUG_STOP_ANSWERED_EARLY, &tjob_fault_profile_default, 1, TJOB_INVARIANT_SUCCESS_IS_APPLIED, 25, 62927,
     TJOB_STOP},
    {TJOB_BUG_STOP_ANSWERED_EARLY, &tjob_fault_profile_storm, 1, TJOB_INVARIANT_SUCCESS_IS_APPLIED, 52, 210743,
     TJOB_STOP},
    {TJOB_BUG_UNKNOWN_TAKEN_FOR_FAILURE, &tjob_fault_profile_default, 1, TJOB_INVARIANT_NO_HIDDEN_EFFECT, 97, 85043,
     TJOB_SUBMIT},
    {TJOB_BUG_UNKNOWN_TAKEN_FOR_FAILURE, &tjob_fault_profile_storm, 1, TJOB_INVARIANT_NO_HIDDEN_EFFECT, 88, 67442,
     TJOB_SUBMIT},
    {TJOB_BUG_UNKNOWN_TAKEN_FOR_SUCCESS, &tjob_fault_profile_default, 1, TJOB_INVARIANT_SUCCESS_IS_APPLIED, 90, 782412,
     TJOB_START},
    {TJOB_BUG_UNKNOWN_TAKEN_FOR_SUCCESS, &tjob_fault_profile_storm, 1, TJOB_INVARIANT_SUCCESS_IS_APPLIED, 28, 92270,
     TJOB_SUBMIT},
    {TJOB_BUG_STALE_TRAINER_ACCEPTED, &tjob_fault_profile_default, 2, TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE, 60,
     580928, TJOB_FAILED},
    {TJOB_BUG_STALE_TRAINER_ACCEPTED, &tjob_fault_profile_storm, 1, TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE, 80, 9694577,
     TJOB_COMPLETED},
    {TJOB_BUG_LATE_COMPLETION, &tjob_fault_profile_default, 1, TJOB_INVARIANT_STOP_EXCLUDES_COMPLETION, 95, 3929284,
     TJOB_COMPLETED},
    {TJOB_BUG_LATE_COMPLETION, &tjob_fault_profile_storm, 1, TJOB_INVARIANT_STOP_EXCLUDES_COMPLETION, 32, 6440893,
     TJOB_COMPLETED},
    {TJOB_BUG_RETRY_WITHOUT_RELOAD, &tjob_fault_profile_default, 1, TJOB_INVARIANT_STATES_FOLLOW_TABLE, 17, 64073,
     TJOB_SUBMIT},
    {TJOB_BUG_RETRY_WITHOUT_RELOAD, &tjob_fault_profile_storm, 1, TJOB_INVARIANT_STATES_FOLLOW_TABLE, 31, 66030,
     TJOB_START},
    {TJOB_BUG_CLOCK_RUNS_BACKWARDS, &tjob_fault_profile_default, 1, TJOB_INVARIANT_TIMES_ARE_ORDERED, 31, 66030,
     TJOB_START},
    {TJOB_BUG_CLOCK_RUNS_BACKWARDS, &tjob_fault_profile_storm, 1, TJOB_INVARIANT_TIMES_ARE_ORDERED, 31, 66030,
     TJOB_START},
};

START_TEST(a_violation_is_seen_where_it_happens)
{
    const tjob_simulator_config config = {
        .seed = seen[_i].seed, .jobs = 100, .minutes = DAY, .faults = *seen[_i].faults, .bug = seen[_i].bug};
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_VIOLATED);
    ck_assert_int_eq(report.violation.invariant, seen[_i].check);
    ck_assert_uint_eq(report.violation.job, seen[_i].job);
    ck_assert_uint_eq(report.violation.time_ms, seen[_i].time_ms);
    ck_assert_int_eq(report.violation.event, seen[_i].event);
}
END_TEST

/* ---- Bounds ---------------------------------------------------------------------------------------------------- */

static void nothing_begins(void *context, tjob_simulator *simulator, uint32_t job)
{
    (void)context, (void)simulator, (void)job;
}

static const tjob_workload idle = {.begin = nothing_begins, .timer = no_timer, .ended = nothing_ends};

static tjob_simulator_config minute_of(const tjob_workload *workload)
{
    return (tjob_simulator_config){.seed = 1, .jobs = 1, .minutes = 1, .workload = workload};
}

static tjob_simulator *open_simulator(const tjob_simulator_config *config, struct replay *replay)
{
    const size_t bytes = (size_t)tjob_simulator_bytes(config);
    tjob_simulator *simulator = tjob__simulator_init(config, simulation_memory(config), bytes, replay);
    ck_assert_ptr_nonnull(simulator);
    return simulator;
}

/* A bound that ends the simulation is reported, whatever the checker of histories met before or after. */
START_TEST(the_bound_that_ended_it_is_reported)
{
    static const struct {
        tjob_simulator_bound first, second, known;
        tjob_simulation simulation;
    } cases[] = {
        {TJOB_SIMULATOR_BOUND_HISTORY, TJOB_SIMULATOR_BOUND_HISTORY, TJOB_SIMULATOR_BOUND_HISTORY,
         TJOB_SIMULATION_RUNNING},
        {TJOB_SIMULATOR_BOUND_HISTORY, TJOB_SIMULATOR_BOUND_CALLS, TJOB_SIMULATOR_BOUND_CALLS,
         TJOB_SIMULATION_INCONCLUSIVE},
        {TJOB_SIMULATOR_BOUND_CALLS, TJOB_SIMULATOR_BOUND_HISTORY, TJOB_SIMULATOR_BOUND_CALLS,
         TJOB_SIMULATION_INCONCLUSIVE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const tjob_simulator_config config = minute_of(&idle);
        tjob_simulator *simulator = open_simulator(&config, NULL);
        tjob__monitor_bound(simulator, cases[i].first);
        tjob__monitor_bound(simulator, cases[i].second);
        ck_assert_int_eq(tjob_simulator_report_of(simulator)->bound, cases[i].known);
        ck_assert_int_eq(tjob_simulator_report_of(simulator)->simulation, cases[i].simulation);
        free(simulator);
    }
}
END_TEST

static void calls_twice(void *context, tjob_simulator *simulator, uint32_t job)
{
    const tjob_event submit = {.kind = TJOB_SUBMIT, .token = 1};
    (void)context;
    ck_assert(tjob_simulator_call(simulator, job, TJOB_ACTOR_HOST, &submit));
    ck_assert(!tjob_simulator_call(simulator, job, TJOB_ACTOR_HOST, &submit));
}

START_TEST(a_workload_is_reported_that_there_is_no_room)
{
    const tjob_workload workload = {.begin = calls_twice, .timer = no_timer, .ended = nothing_ends};
    tjob_simulator_config config = minute_of(&workload);
    config.calls = 1;
    ck_assert_int_eq(simulation_run(&config).bound, TJOB_SIMULATOR_BOUND_CALLS);
}
END_TEST

/* ---- What is recorded ------------------------------------------------------------------------------------------ */

/* Looks for ever, or so often. */
static void looks_on(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor, const tjob_event *event,
                     const tjob_outcome *outcome)
{
    uint32_t *left = context;
    (void)actor, (void)event, (void)outcome;
    if (*left > 0) {
        --*left;
        tjob_simulator_call(simulator, job, TJOB_ACTOR_HOST, &(tjob_event){.kind = TJOB_DESCRIBE});
    }
}

START_TEST(more_than_can_be_recorded_is_reported)
{
    static struct replay replay;
    uint32_t left = UINT32_MAX;
    const tjob_workload workload = {.context = &left, .begin = submit_at_once, .timer = no_timer, .ended = looks_on};
    tjob_simulator_config config = minute_of(&workload);
    config.minutes = DAY;
    replay.operation_count = replay.access_count = 0;
    replay.full = false;
    tjob_simulator *simulator = open_simulator(&config, &replay);
    ck_assert_int_eq(tjob_simulator_run(simulator, UINT32_MAX), TJOB_SIMULATION_INCONCLUSIVE);
    ck_assert_int_eq(tjob_simulator_report_of(simulator)->bound, TJOB_SIMULATOR_BOUND_STEPS);
    free(simulator);
}
END_TEST

/* What befell a load is recorded with it; an answer that was only slow is as good as any. */
START_TEST(what_befell_an_access_is_recorded)
{
    static const struct {
        tjob_fault fault;
        uint8_t recorded;
    } cases[] = {{TJOB_FAULT_LOAD_UNAVAILABLE, TJOB_FAULT_LOAD_UNAVAILABLE},
                 {TJOB_FAULT_SLOW, NO_FAULT},
                 {TJOB_FAULT_SWAP_UNAVAILABLE, NO_FAULT}};
    static struct replay replay;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const tjob_workload workload = {.begin = submit_at_once, .timer = no_timer, .ended = nothing_ends};
        tjob_simulator_config config = minute_of(&workload);
        config.faults.rates_ppm[cases[i].fault] = 1000000;
        config.faults.window_ms = 1000;
        replay.operation_count = replay.access_count = 0;
        tjob_simulator *simulator = open_simulator(&config, &replay);
        ck_assert_int_eq(tjob_simulator_run(simulator, UINT32_MAX), TJOB_SIMULATION_PASSED);
        ck_assert_uint_ge(replay.access_count, 1);
        ck_assert_int_eq(replay.accesses[0].kind, ACCESS_LOAD);
        ck_assert_int_eq(replay.accesses[0].fault, cases[i].recorded);
        free(simulator);
    }
}
END_TEST

/* ---- Jobs of which nothing more is said -------------------------------------------------------------------------- */

/* Submits at once in each of so many jobs; every answer is lost, and every swap may yet arrive. */
enum { AT_ONCE = 96 };

static void submits_often(void *context, tjob_simulator *simulator, uint32_t job)
{
    (void)context;
    for (uint64_t token = 1; token <= AT_ONCE; token++) {
        tjob_simulator_call(simulator, job, TJOB_ACTOR_HOST, &(tjob_event){.kind = TJOB_SUBMIT, .token = token});
    }
}

START_TEST(what_is_under_way_goes_on_when_it_is_not_checked)
{
    enum { JOBS = 50 };
    const tjob_workload workload = {.begin = submits_often, .timer = no_timer, .ended = nothing_ends};
    tjob_simulator_config config = minute_of(&workload);
    config.jobs = JOBS;
    config.calls = 400 * JOBS;
    config.faults = (tjob_fault_profile){.window_ms = 1000, .late_ms = 60 * 60 * 1000};
    config.faults.rates_ppm[TJOB_FAULT_LATE] = 1000000;
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_INCONCLUSIVE);
    ck_assert_int_eq(report.bound, TJOB_SIMULATOR_BOUND_HISTORY);
    ck_assert_uint_eq(report.inconclusive_jobs, JOBS);
    ck_assert_uint_eq(report.operation_count, AT_ONCE * JOBS);
}
END_TEST

/* A job is submitted, and looked at three hundred times meanwhile. Where the submit is slow, more calls wait for it
 * than are checked together. */
enum { LOOKS = 300 };

static void submits_and_looks(void *context, tjob_simulator *simulator, uint32_t job)
{
    submit_at_once(context, simulator, job);
    tjob_simulator_call(simulator, job, TJOB_ACTOR_CLIENT, &(tjob_event){.kind = TJOB_DESCRIBE});
}

static void looks_again(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor,
                        const tjob_event *event, const tjob_outcome *outcome)
{
    uint64_t *looks = tjob_simulator_state(simulator, job);
    (void)context, (void)actor, (void)outcome;
    if (event->kind == TJOB_DESCRIBE && ++*looks < LOOKS) {
        tjob_simulator_call(simulator, job, TJOB_ACTOR_CLIENT, event);
    }
}

START_TEST(calls_that_wait_for_one_that_is_slow_are_too_many_at_last)
{
    const tjob_workload workload = {.begin = submits_and_looks, .timer = no_timer, .ended = looks_again};
    tjob_simulator_config config = minute_of(&workload);
    config.jobs = 1000;
    config.calls = 100000;
    config.faults = (tjob_fault_profile){.window_ms = 1000, .slow_ms = 60 * 60 * 1000};
    config.faults.rates_ppm[TJOB_FAULT_SLOW] = 5000;
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_INCONCLUSIVE);
    ck_assert_int_eq(report.bound, TJOB_SIMULATOR_BOUND_HISTORY);
    ck_assert_uint_eq(report.inconclusive_jobs, 3);
}
END_TEST

/* ---- Stores of the caller's ------------------------------------------------------------------------------------ */

/* A store of one job that counts what it is asked for. */
struct counted {
    tjob_job job;
    tjob_job before; /* the last swap */
    uint64_t version;
    uint64_t loads;
};

static tjob_load_status load_counted(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    struct counted *counted = context;
    (void)user, (void)arn;
    counted->loads++;
    *job = counted->job;
    *version = counted->version;
    return job->state == TJOB_ABSENT ? TJOB_LOAD_NOT_FOUND : TJOB_LOAD_OK;
}

static tjob_swap_status swap_counted(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    struct counted *counted = context;
    (void)user, (void)arn, (void)expected;
    counted->before = counted->job;
    counted->job = *next;
    counted->version++;
    return TJOB_SWAP_OK;
}

/* A job is submitted and stopped. Then the store takes that back, and a client looks at the job. */
static void is_taken_back(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor,
                          const tjob_event *event, const tjob_outcome *outcome)
{
    static const tjob_event stop = {.kind = TJOB_STOP};
    static const tjob_event describe = {.kind = TJOB_DESCRIBE};
    struct counted *counted = context;
    (void)actor;
    if (event->kind == TJOB_SUBMIT) {
        tjob_simulator_call(simulator, job, TJOB_ACTOR_CLIENT, &stop);
    } else if (event->kind == TJOB_STOP) {
        ck_assert_int_eq(outcome->status, TJOB_OK);
        counted->job = counted->before;
        tjob_simulator_call(simulator, job, TJOB_ACTOR_CLIENT, &describe);
    }
}

START_TEST(a_stop_that_is_taken_back_is_seen_when_it_is_loaded)
{
    struct counted counted = {.version = 0};
    const tjob_store store = {&counted, load_counted, swap_counted};
    const tjob_workload workload = {
        .context = &counted, .begin = submit_at_once, .timer = no_timer, .ended = is_taken_back};
    tjob_simulator_config config = minute_of(&workload);
    config.store = &store;
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.violation.invariant, TJOB_INVARIANT_STOP_IS_KEPT);
    ck_assert_int_eq(report.violation.event, TJOB_DESCRIBE);
}
END_TEST

/* A store of the caller's is called for loads and swaps, and once for each job in the end. */
START_TEST(a_store_is_asked_for_nothing_else)
{
    struct counted counted = {.version = 0};
    uint32_t left = 10;
    const tjob_store store = {&counted, load_counted, swap_counted};
    const tjob_workload workload = {.context = &left, .begin = submit_at_once, .timer = no_timer, .ended = looks_on};
    tjob_simulator_config config = minute_of(&workload);
    config.store = &store;
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_PASSED);
    ck_assert_uint_eq(report.loads, 11);
    ck_assert_uint_eq(report.swaps, 1);
    ck_assert_uint_eq(counted.loads, report.loads + config.jobs);
    ck_assert_uint_eq(counted.version, report.swaps);
}
END_TEST

/* Each job of the simulation is reported by its own name. */
enum { JOBS_NAMED = 3, FIRST_NAMED = 7 };

static tjob_load_status load_by_name(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    unsigned *loads = context;
    (void)user, (void)job;
    for (uint32_t i = 0; i < JOBS_NAMED; i++) {
        char name[TJOB_SIMULATOR_ARN_BYTES];
        const size_t bytes = tjob_simulator_arn(FIRST_NAMED + i, name);
        loads[i] += arn.bytes == bytes && memcmp(arn.data, name, bytes) == 0;
    }
    *version = 0;
    return TJOB_LOAD_NOT_FOUND;
}

START_TEST(a_store_is_asked_for_the_jobs_of_the_simulation)
{
    unsigned loads[JOBS_NAMED] = {0};
    const tjob_store store = {loads, load_by_name, NULL}; /* nobody writes */
    tjob_simulator_config config = minute_of(&idle);
    config.first_job = FIRST_NAMED;
    config.jobs = JOBS_NAMED;
    config.store = &store;
    ck_assert_int_eq(simulation_run(&config).simulation, TJOB_SIMULATION_PASSED);
    for (int i = 0; i < JOBS_NAMED; i++) {
        ck_assert_uint_eq(loads[i], 1); /* the last look */
    }
}
END_TEST

/* A store whose answers are lost at times, though what was asked for was done. */
struct lossy {
    tjob_store below;
    unsigned swaps;
};

static tjob_load_status load_below(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    const struct lossy *lossy = context;
    return lossy->below.load(lossy->below.context, user, arn, job, version);
}

static tjob_swap_status swap_and_lose(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    struct lossy *lossy = context;
    const tjob_swap_status status = lossy->below.swap(lossy->below.context, user, arn, expected, next);
    return ++lossy->swaps % 4 == 0 ? TJOB_SWAP_UNKNOWN : status;
}

START_TEST(a_store_may_lose_its_own_answers)
{
    enum { JOBS = 50 };
    static uint64_t memory[TJOB_MEMORY_STORE_BYTES(JOBS) / sizeof(uint64_t)];
    tjob_memory_store store;
    ck_assert_int_eq(tjob_memory_store_init(&store, memory, sizeof memory, JOBS, NULL, NULL), TJOB_OK);
    struct lossy lossy = {.below = tjob_memory_store_callbacks(&store)};
    const tjob_store callbacks = {&lossy, load_below, swap_and_lose};
    const tjob_simulator_config config = {
        .seed = (uint64_t)_i, .jobs = JOBS, .minutes = DAY, .faults = tjob_fault_profile_storm, .store = &callbacks};
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_PASSED);
    ck_assert_uint_gt(report.operations[TJOB_START][TJOB_UNRESOLVED], 10);
}
END_TEST

/* ---- Time ------------------------------------------------------------------------------------------------------ */

/* At the last instant of the last minute all begins to quiesce; at the end of that, it is checked. */
START_TEST(time_is_up_at_the_instant)
{
    const tjob_simulator_config config = minute_of(&idle);
    const uint32_t end_ms = 60 * 1000;
    tjob_simulator *simulator = open_simulator(&config, NULL);
    ck_assert_int_eq(tjob_simulator_run(simulator, end_ms - 1), TJOB_SIMULATION_RUNNING);
    ck_assert(!tjob_simulator_is_quiescing(simulator));
    ck_assert_int_eq(tjob_simulator_run(simulator, end_ms), TJOB_SIMULATION_RUNNING);
    ck_assert(tjob_simulator_is_quiescing(simulator));
    ck_assert_int_eq(tjob_simulator_run(simulator, end_ms + TJOB_SIMULATOR_QUIESCE_MS - 1), TJOB_SIMULATION_RUNNING);
    ck_assert_int_eq(tjob_simulator_run(simulator, end_ms + TJOB_SIMULATOR_QUIESCE_MS), TJOB_SIMULATION_PASSED);
    free(simulator);
}
END_TEST

static void sets_timers(void *context, tjob_simulator *simulator, uint32_t job)
{
    (void)context;
    ck_assert(tjob_simulator_timer(simulator, job, 1, 0)); /* which counts as 1 */
}

static void sets_another(void *context, tjob_simulator *simulator, uint32_t job, uint32_t tag)
{
    uint32_t *known = context;
    ck_assert_uint_eq(tag, 1);
    ck_assert_uint_eq(tjob_simulator_now_ms(simulator), 1);
    ck_assert(tjob_simulator_timer(simulator, job, 2, UINT32_MAX)); /* it never comes */
    ++*known;
}

START_TEST(a_timer_is_set_for_1_ms_at_least_and_for_ever_at_most)
{
    uint32_t known = 0;
    const tjob_workload workload = {
        .context = &known, .begin = sets_timers, .timer = sets_another, .ended = nothing_ends};
    const tjob_simulator_config config = minute_of(&workload);
    ck_assert_int_eq(simulation_run(&config).simulation, TJOB_SIMULATION_PASSED);
    ck_assert_uint_eq(known, 1);
}
END_TEST

/* A client asks at the first instant of each window of faults, and one at the next instant: both meet the same. */
enum { WINDOW_MS = 1000, WINDOWS = 60 };

struct windows {
    unsigned asked[WINDOWS + 2];
    unsigned throttled[WINDOWS + 2];
};

static void waits_for_a_window(void *context, tjob_simulator *simulator, uint32_t job)
{
    (void)context;
    ck_assert(tjob_simulator_timer(simulator, job, 0, WINDOW_MS + job));
}

static void asks_in_a_window(void *context, tjob_simulator *simulator, uint32_t job, uint32_t tag)
{
    (void)context, (void)tag;
    ck_assert(tjob_simulator_call(simulator, job, TJOB_ACTOR_CLIENT, &(tjob_event){.kind = TJOB_DESCRIBE}));
    if (!tjob_simulator_is_quiescing(simulator)) {
        ck_assert(tjob_simulator_timer(simulator, job, 0, WINDOW_MS));
    }
}

static void counts_in_a_window(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor,
                               const tjob_event *event, const tjob_outcome *outcome)
{
    struct windows *windows = context;
    const uint32_t window = tjob_simulator_now_ms(simulator) / WINDOW_MS;
    (void)job, (void)actor, (void)event;
    ck_assert_uint_le(window, WINDOWS + 1);
    windows->asked[window]++;
    windows->throttled[window] += outcome->status == TJOB_THROTTLED;
}

START_TEST(a_window_of_faults_begins_at_its_first_instant)
{
    struct windows windows = {.asked = {0}};
    const tjob_workload workload = {
        .context = &windows, .begin = waits_for_a_window, .timer = asks_in_a_window, .ended = counts_in_a_window};
    tjob_simulator_config config = minute_of(&workload);
    unsigned bad = 0; /* windows in which all are throttled: the others are bursts, of nothing */
    config.jobs = 2;
    config.faults = (tjob_fault_profile){.window_ms = WINDOW_MS, .burst_ppm = 500000, .burst_factor = 0};
    config.faults.rates_ppm[TJOB_FAULT_THROTTLED] = 1000000;
    ck_assert_int_eq(simulation_run(&config).simulation, TJOB_SIMULATION_PASSED);
    for (int window = 1; window < WINDOWS; window++) {
        ck_assert_uint_eq(windows.asked[window], 2);
        ck_assert_uint_ne(windows.throttled[window], 1);
        bad += windows.throttled[window] != 0;
    }
    ck_assert_uint_gt(bad, WINDOWS / 3);
    ck_assert_uint_lt(bad, WINDOWS * 2 / 3);
}
END_TEST

/* Of several jobs, each is looked at in the end. */
static void stops_in_the_last_job(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor,
                                  const tjob_event *event, const tjob_outcome *outcome)
{
    (void)context, (void)actor;
    if (event->kind == TJOB_SUBMIT) {
        const tjob_event start = {.kind = TJOB_START, .incarnation = outcome->job.incarnation, .trainer_token = 1};
        tjob_simulator_call(simulator, job, TJOB_ACTOR_TRAINER, &start);
    } else if (event->kind == TJOB_START && job == 2) {
        tjob_simulator_call(simulator, job, TJOB_ACTOR_CLIENT, &(tjob_event){.kind = TJOB_STOP});
    }
}

START_TEST(each_job_is_looked_at_in_the_end)
{
    const tjob_workload workload = {.begin = submit_at_once, .timer = no_timer, .ended = stops_in_the_last_job};
    tjob_simulator_config config = minute_of(&workload);
    config.jobs = 3;
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.violation.invariant, TJOB_INVARIANT_STOPS_COMPLETE);
    ck_assert_uint_eq(report.violation.job, 2);
}
END_TEST

/* ---- Sizes ----------------------------------------------------------------------------------------------------- */

/* Each limit can be reached, and not be passed. */
START_TEST(limits_can_be_reached)
{
    static const tjob_store_model largest = {.state_bytes = TJOB_STORE_MODEL_BYTES_MAX};
    static const tjob_store_model larger = {.state_bytes = TJOB_STORE_MODEL_BYTES_MAX + 8};
    tjob_simulator_config good[8];
    tjob_simulator_config bad[8];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        good[i] = (tjob_simulator_config){.jobs = 10, .minutes = 10};
        bad[i] = good[i];
    }
    good[0].jobs = TJOB_SIMULATOR_JOBS_MAX;
    bad[0].jobs = TJOB_SIMULATOR_JOBS_MAX + 1;
    good[1].first_job = TJOB_SIMULATOR_JOBS_MAX - 10;
    bad[1].first_job = TJOB_SIMULATOR_JOBS_MAX - 9;
    good[2].minutes = TJOB_SIMULATOR_MINUTES_MAX;
    bad[2].minutes = TJOB_SIMULATOR_MINUTES_MAX + 1;
    good[3].store_model = &largest;
    bad[3].store_model = &larger;
    good[4].calls = TJOB_SIMULATOR_CALLS_MAX;
    bad[4].calls = TJOB_SIMULATOR_CALLS_MAX + 1;
    good[5].timers = TJOB_SIMULATOR_TIMERS_MAX;
    bad[5].timers = TJOB_SIMULATOR_TIMERS_MAX + 1;
    good[6].faults.burst_ppm = 1000000;
    bad[6].faults.burst_ppm = 1000001;
    good[7].faults.clock_ms = TJOB_SIMULATOR_CLOCK_MS_MAX;
    bad[7].faults.clock_ms = (uint32_t)TJOB_SIMULATOR_CLOCK_MS_MAX + 1;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        ck_assert_msg(tjob_simulator_bytes(&good[i]) != 0, "limit %zu", i);
        ck_assert_msg(tjob_simulator_bytes(&bad[i]) == 0, "limit %zu", i);
    }
    /* Rates have one limit, whatever the fault. */
    for (int fault = 0; fault < TJOB_FAULT_COUNT; fault++) {
        tjob_simulator_config config = {.jobs = 10, .minutes = 10, .faults = {.window_ms = 1}};
        config.faults.rates_ppm[fault] = 1000000;
        ck_assert_uint_ne(tjob_simulator_bytes(&config), 0);
        config.faults.rates_ppm[fault] = 1000001;
        ck_assert_uint_eq(tjob_simulator_bytes(&config), 0);
    }
}
END_TEST

/* What is not asked for is as much as the header says. */
START_TEST(room_that_is_not_asked_for_is_as_promised)
{
    enum { JOBS = 1000000, LOST_PPM = 10000 };
    static const tjob_fault losing[] = {TJOB_FAULT_LATE, TJOB_FAULT_LOST_AFTER, TJOB_FAULT_LOST_BEFORE,
                                        TJOB_FAULT_ACTOR_CRASH};
    tjob_simulator_config asked = {.jobs = JOBS, .minutes = 10, .timers = JOBS / 5 * 12 + 4096};
    tjob_simulator_config unasked = {.jobs = JOBS, .minutes = 10, .faults = {.window_ms = 1}};
    asked.calls = JOBS / 16 + 4096;
    ck_assert_uint_eq(tjob_simulator_bytes(&unasked), tjob_simulator_bytes(&asked));
    for (size_t i = 0; i < 4; i++) { /* one alone, and all together */
        unasked.faults = (tjob_fault_profile){.window_ms = 1};
        unasked.faults.rates_ppm[losing[i]] = LOST_PPM;
        asked.calls = JOBS / 16 + 4096;
        ck_assert_uint_eq(tjob_simulator_bytes(&unasked), tjob_simulator_bytes(&asked));
        unasked.faults.rates_ppm[losing[(i + 1) % 4]] = 1;
        asked.calls = JOBS + 4096;
        ck_assert_uint_eq(tjob_simulator_bytes(&unasked), tjob_simulator_bytes(&asked));
    }
    asked.timers = 12345;
    unasked.timers = 12345;
    ck_assert_uint_eq(tjob_simulator_bytes(&unasked), tjob_simulator_bytes(&asked));
    unasked.timers = 12345 + 4096;
    ck_assert_uint_gt(tjob_simulator_bytes(&unasked), tjob_simulator_bytes(&asked));
}
END_TEST

/* A store of the caller's takes no memory of the simulation. */
START_TEST(a_store_of_the_callers_takes_no_room)
{
    static const tjob_store store = {.context = NULL};
    tjob_simulator_config config = {.jobs = 1000, .minutes = 10};
    const uint64_t bytes = tjob_simulator_bytes(&config);
    config.store = &store;
    ck_assert_uint_eq(bytes - tjob_simulator_bytes(&config), 1000 * tjob_store_model_sound.state_bytes);
}
END_TEST

RUN_TESTS("reports", {a_report_counts_the_same_everywhere, 0}, {a_refusal_by_policy_reports_of_the_job, 0},
          {a_violation_is_seen_where_it_happens, sizeof seen / sizeof seen[0]},
          {the_bound_that_ended_it_is_reported, 0}, {a_workload_is_reported_that_there_is_no_room, 0},
          {more_than_can_be_recorded_is_reported, 0}, {what_befell_an_access_is_recorded, 0},
          {a_stop_that_is_taken_back_is_seen_when_it_is_loaded, 0}, {a_store_is_asked_for_nothing_else, 0},
          {a_store_is_asked_for_the_jobs_of_the_simulation, 0}, {a_window_of_faults_begins_at_its_first_instant, 0},
          {a_store_may_lose_its_own_answers, 3}, {time_is_up_at_the_instant, 0},
          {a_timer_is_set_for_1_ms_at_least_and_for_ever_at_most, 0}, {each_job_is_looked_at_in_the_end, 0},
          {limits_can_be_reached, 0}, {room_that_is_not_asked_for_is_as_promised, 0},
          {a_store_of_the_callers_takes_no_room, 0}, {what_is_under_way_goes_on_when_it_is_not_checked, 0},
          {calls_that_wait_for_one_that_is_slow_are_too_many_at_last, 0})
