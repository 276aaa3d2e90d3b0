/* The simulator: the same everywhere, sound on what is sound, never silent at its limits. */
#include "tjob/simulator.h"

#include <stdlib.h>
#include <string.h>

#include "support/simulations.h"
#include "support/suite.h"
#include "tjob/memory_store.h"

enum { SAMPLE = 20, HOUR = 60 };

static tjob_simulator_config config_of(uint64_t seed, uint32_t jobs, uint32_t minutes, const tjob_fault_profile *faults)
{
    return (tjob_simulator_config){.seed = seed, .jobs = jobs, .minutes = minutes, .faults = *faults};
}

/* ---- One seed, one run ----------------------------------------------------------------------------------------- */

START_TEST(a_seed_means_the_same_everywhere)
{
    static const struct {
        const tjob_fault_profile *faults;
        uint64_t digests[5]; /* of the seeds from 1 */
    } cases[] = {
        {&tjob_fault_profile_default,
         {UINT64_C(0x380ff9ceecce3b97), UINT64_C(0x7431a68a3c4b5c94), UINT64_C(0xcf9a925cb75f9d54),
          UINT64_C(0x6e7d3f30fa052e3d), UINT64_C(0x0d2172759b57ee9b)}},
        {&tjob_fault_profile_storm,
         {UINT64_C(0x3f52c0d04726e9b1), UINT64_C(0xc208ebf674ed2751), UINT64_C(0x9ba6688561d4ba45),
          UINT64_C(0xfc1aa0bec5847d81), UINT64_C(0x9f0fa632366f74fa)}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (uint64_t seed = 1; seed <= 5; seed++) {
            const tjob_simulator_config config = config_of(seed, 100, 24 * HOUR, cases[i].faults);
            ck_assert_uint_eq(simulation_run(&config).digest, cases[i].digests[seed - 1]);
        }
    }
}
END_TEST

/* In slices or at once, it is the same run. */
START_TEST(where_it_is_halted_makes_no_difference)
{
    const tjob_simulator_config config = config_of(9, 50, 5 * HOUR, &tjob_fault_profile_default);
    const tjob_simulator_report whole = simulation_run(&config);
    void *memory = simulation_memory(&config);
    tjob_simulator *simulator = tjob_simulator_init(&config, memory, (size_t)tjob_simulator_bytes(&config));
    uint32_t until_ms = 0;
    while (tjob_simulator_run(simulator, until_ms) == TJOB_SIMULATION_RUNNING) {
        ck_assert_uint_eq(tjob_simulator_report_of(simulator)->now_ms, until_ms);
        until_ms += 1234567;
    }
    ck_assert_uint_eq(tjob_simulator_report_of(simulator)->digest, whole.digest);
    ck_assert_int_eq(memcmp(tjob_simulator_report_of(simulator)->operations, whole.operations, sizeof whole.operations),
                     0);
    ck_assert_int_eq(tjob_simulator_run(simulator, 0), TJOB_SIMULATION_PASSED);
    free(memory);
}
END_TEST

/* Each job alone does what it does among the others: their counts add up. */
START_TEST(a_job_alone_does_what_it_does_among_others)
{
    enum { JOBS = 30 };
    tjob_simulator_config config = config_of(5, JOBS, 12 * HOUR, &tjob_fault_profile_storm);
    config.first_job = 1000;
    const tjob_simulator_report together = simulation_run(&config);
    uint64_t sums[TJOB_EVENT_KIND_COUNT][TJOB_STATUS_COUNT] = {{0}};
    uint64_t faults[TJOB_FAULT_COUNT] = {0};
    config.jobs = 1;
    for (uint32_t job = 0; job < JOBS; job++, config.first_job++) {
        const tjob_simulator_report alone = simulation_run(&config);
        for (int i = 0; i < TJOB_EVENT_KIND_COUNT * TJOB_STATUS_COUNT; i++) {
            sums[i / TJOB_STATUS_COUNT][i % TJOB_STATUS_COUNT] +=
                alone.operations[i / TJOB_STATUS_COUNT][i % TJOB_STATUS_COUNT];
        }
        for (int fault = 0; fault < TJOB_FAULT_COUNT; fault++) {
            faults[fault] += alone.faults[fault];
        }
    }
    ck_assert_int_eq(memcmp(sums, together.operations, sizeof sums), 0);
    ck_assert_int_eq(memcmp(faults, together.faults, sizeof faults), 0);
}
END_TEST

/* ---- What is sound --------------------------------------------------------------------------------------------- */

START_TEST(the_library_holds_what_it_promises)
{
    static const tjob_fault_profile *const profiles[] = {&tjob_fault_profile_none, &tjob_fault_profile_default,
                                                         &tjob_fault_profile_storm};
    const tjob_simulator_config config = config_of((uint64_t)_i + 1, 200, 24 * HOUR, profiles[_i % 3]);
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_PASSED);
    ck_assert_int_eq(report.bound, TJOB_SIMULATOR_BOUND_NONE);
}
END_TEST

/* Two stops of this job lose their answers, and the history checker lets the first stand for both. That the first one's
 * write is then dropped decides nothing about the second, which takes effect. */
START_TEST(a_lost_answer_may_stand_for_another)
{
    const tjob_simulator_config config = {
        .seed = 1, .first_job = 5881, .jobs = 1, .minutes = 24 * 60, .faults = tjob_fault_profile_storm};
    ck_assert_int_eq(simulation_run(&config).simulation, TJOB_SIMULATION_PASSED);
}
END_TEST

/* Every kind of operation is answered in every way that the table and the faults can give, and every fault is injected.
 */
START_TEST(much_happens)
{
    const tjob_simulator_config config = config_of(1, 2000, 24 * HOUR, &tjob_fault_profile_storm);
    const tjob_simulator_report report = simulation_run(&config);
    uint64_t by_status[TJOB_STATUS_COUNT] = {0};
    for (int kind = 0; kind < TJOB_EVENT_KIND_COUNT; kind++) {
        ck_assert_uint_gt(report.operations[kind][TJOB_OK], 100);
        ck_assert_uint_gt(report.operations[kind][TJOB_UNAVAILABLE], 10);
        ck_assert_uint_gt(report.operations[kind][TJOB_UNRESOLVED], 10);
        for (int status = 0; status < TJOB_STATUS_COUNT; status++) {
            by_status[status] += report.operations[kind][status];
        }
    }
    static const tjob_status seen[] = {TJOB_OK,          TJOB_NOT_FOUND,     TJOB_IN_USE,    TJOB_STALE,
                                       TJOB_WRONG_STATE, TJOB_ACCESS_DENIED, TJOB_THROTTLED, TJOB_UNAVAILABLE,
                                       TJOB_FULL,        TJOB_UNRESOLVED};
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) {
        ck_assert_uint_gt(by_status[seen[i]], 10);
    }
    for (int fault = 0; fault < TJOB_FAULT_COUNT; fault++) {
        ck_assert_uint_gt(report.faults[fault], 10);
    }
    ck_assert_uint_gt(report.stops.count, 1000);
}
END_TEST

/* Under each policy: what is promised depends on it. */
START_TEST(every_policy_is_simulated)
{
    tjob_simulator_config config = config_of(3, 200, 12 * HOUR, &tjob_fault_profile_default);
    config.policy.stop_submitted = (uint32_t)_i % 3;
    config.policy.stop_finished = (uint32_t)_i / 3;
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_PASSED);
    ck_assert_int_eq(report.operations[TJOB_STOP][TJOB_REFUSED_BY_POLICY] != 0,
                     config.policy.stop_submitted == TJOB_STOP_SUBMITTED_REFUSED ||
                         config.policy.stop_finished == TJOB_STOP_FINISHED_REFUSED);
}
END_TEST

/* A rule of the host's own that takes a stop of a job in training for its end. */
static tjob_transition_result stops_at_once(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                            const tjob_policy *policy, tjob_job *next)
{
    const tjob_transition_result result = tjob_job_apply(job, event, now_ms, policy, next);
    if (result.changed && next->state == TJOB_STOP_REQUESTED) {
        next->state = TJOB_STOPPED;
        next->ended_ms = next->stop_requested_ms;
    }
    return result;
}

START_TEST(a_rule_of_the_hosts_own_is_not_checked_by_the_table)
{
    tjob_simulator_config config = config_of(1, 100, 12 * HOUR, &tjob_fault_profile_default);
    config.policy.transition = stops_at_once;
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_PASSED);
    ck_assert_uint_eq(report.inconclusive_jobs, 0);
    ck_assert_uint_gt(report.operation_count, 5000);
}
END_TEST

/* ---- A store of the caller's ----------------------------------------------------------------------------------- */

static tjob_simulator_report run_over(const tjob_store *store, uint64_t seed)
{
    tjob_simulator_config config = config_of(seed, 50, 12 * HOUR, &tjob_fault_profile_storm);
    config.store = store;
    return simulation_run(&config);
}

START_TEST(the_memory_store_passes)
{
    enum { JOBS = 50 };
    static uint64_t memory[TJOB_MEMORY_STORE_BYTES(JOBS) / sizeof(uint64_t)];
    tjob_memory_store store;
    ck_assert_int_eq(tjob_memory_store_init(&store, memory, sizeof memory, JOBS, NULL, NULL), TJOB_OK);
    const tjob_store callbacks = tjob_memory_store_callbacks(&store);
    const tjob_simulator_report report = run_over(&callbacks, (uint64_t)_i);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_PASSED);
    ck_assert_uint_gt(report.operation_count, 3000);
}
END_TEST

/* A memory store that goes wrong after a while. */
struct rotten {
    tjob_store below;
    int how; /* 0: forgets a swap that it has acknowledged; 1: swaps whatever the version; 2: cannot be read any more */
    unsigned calls;
};

static tjob_load_status rotten_load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    struct rotten *rotten = context;
    const bool fails = rotten->how == 2 && rotten->calls++ > 500;
    return fails ? TJOB_LOAD_UNAVAILABLE : rotten->below.load(rotten->below.context, user, arn, job, version);
}

static tjob_swap_status rotten_swap(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    struct rotten *rotten = context;
    tjob_job job;
    uint64_t version;
    if (rotten->how == 0 && rotten->calls++ % 500 == 499) {
        return TJOB_SWAP_OK;
    }
    if (rotten->how == 1 &&
        rotten->below.load(rotten->below.context, user, arn, &job, &version) != TJOB_LOAD_UNAVAILABLE) {
        expected = version;
    }
    return rotten->below.swap(rotten->below.context, user, arn, expected, next);
}

START_TEST(a_store_that_goes_wrong_is_seen)
{
    enum { JOBS = 50 };
    static uint64_t memory[TJOB_MEMORY_STORE_BYTES(JOBS) / sizeof(uint64_t)];
    tjob_memory_store store;
    ck_assert_int_eq(tjob_memory_store_init(&store, memory, sizeof memory, JOBS, NULL, NULL), TJOB_OK);
    struct rotten rotten = {.below = tjob_memory_store_callbacks(&store), .how = _i};
    const tjob_store callbacks = {&rotten, rotten_load, rotten_swap};
    const tjob_simulator_report report = run_over(&callbacks, 1);
    if (_i == 2) { /* it says so: that is not wrong, but of what nobody can look at little can be said */
        ck_assert_int_ne(report.simulation, TJOB_SIMULATION_VIOLATED);
    } else {
        ck_assert_int_eq(report.simulation, TJOB_SIMULATION_VIOLATED);
        ck_assert(report.violation.invariant == TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE ||
                  report.violation.invariant == TJOB_INVARIANT_NO_HIDDEN_EFFECT);
    }
}
END_TEST

START_TEST(an_arn_is_valid_and_the_jobs_own)
{
    char arn[TJOB_SIMULATOR_ARN_BYTES];
    const size_t bytes = tjob_simulator_arn(268435455, arn);
    static const char expected[] = "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/job-0268435455";
    ck_assert_uint_eq(bytes, sizeof expected - 1);
    ck_assert_mem_eq(arn, expected, bytes);
}
END_TEST

/* ---- Workloads of the caller's --------------------------------------------------------------------------------- */

START_TEST(a_stop_that_nobody_completes_is_seen)
{
    const tjob_workload workload = {.begin = submit_at_once, .timer = no_timer, .ended = start_and_stop};
    tjob_simulator_config config = config_of(1, 2, 1, &tjob_fault_profile_none);
    config.workload = &workload;
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_VIOLATED);
    ck_assert_int_eq(report.violation.invariant, TJOB_INVARIANT_STOPS_COMPLETE);
    ck_assert_uint_eq(report.violation.job, 0); /* the first of them */
    ck_assert_uint_eq(report.operation_count, 6);
}
END_TEST

static void for_ever(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor, const tjob_event *event,
                     const tjob_outcome *outcome)
{
    (void)context, (void)actor, (void)event, (void)outcome;
    tjob_simulator_call(simulator, job, TJOB_ACTOR_CLIENT, &(tjob_event){.kind = TJOB_DESCRIBE});
}

START_TEST(operations_that_never_cease_are_seen)
{
    const tjob_workload workload = {.begin = submit_at_once, .timer = no_timer, .ended = for_ever};
    tjob_simulator_config config = config_of(1, 1, 1, &tjob_fault_profile_none);
    config.workload = &workload;
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_VIOLATED);
    ck_assert_int_eq(report.violation.invariant, TJOB_INVARIANT_OPERATIONS_END);
    ck_assert_int_eq(report.violation.event, TJOB_DESCRIBE);
}
END_TEST

/* How many requests there are at once, and timers, and requests after these. */
struct crowd {
    int calls;
    int timers;
    int late_calls;
};

static void submit_often(tjob_simulator *simulator, uint32_t job, int calls)
{
    for (int i = 0; i < calls; i++) {
        tjob_simulator_call(simulator, job, TJOB_ACTOR_HOST,
                            &(tjob_event){.kind = TJOB_SUBMIT, .token = 1 + (uint64_t)i});
    }
}

static void crowd_begins(void *context, tjob_simulator *simulator, uint32_t job)
{
    const struct crowd *crowd = context;
    submit_often(simulator, job, crowd->calls);
    for (int i = 0; i < crowd->timers; i++) {
        tjob_simulator_timer(simulator, job, 7, (uint32_t)i);
    }
    submit_often(simulator, job, crowd->late_calls);
}

/* At each limit exactly, all is well; one more, and that is said. */
START_TEST(limits_are_met_and_reported)
{
    static const struct {
        struct crowd crowd;
        uint32_t calls, timers;
        tjob_simulator_bound bound;
    } cases[] = {
        {{10, 0, 0}, 10, 1, TJOB_SIMULATOR_BOUND_NONE},
        {{11, 0, 0}, 10, 1, TJOB_SIMULATOR_BOUND_CALLS},
        {{20, 0, 0}, 10, 1, TJOB_SIMULATOR_BOUND_CALLS},
        {{0, 12, 0}, 1, 10, TJOB_SIMULATOR_BOUND_NONE}, /* a call and its late write have room for a timer, too */
        {{0, 13, 0}, 1, 10, TJOB_SIMULATOR_BOUND_TIMERS},
        {{0, 11, 1}, 1, 10, TJOB_SIMULATOR_BOUND_NONE},
        {{0, 12, 1}, 1, 10, TJOB_SIMULATOR_BOUND_TIMERS},
        {{5, 13, 0}, 5, 7, TJOB_SIMULATOR_BOUND_TIMERS},
        {{8, 4, 0}, 9, 3, TJOB_SIMULATOR_BOUND_NONE},
        {{300, 0, 0}, 1000, 1000, TJOB_SIMULATOR_BOUND_HISTORY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct crowd crowd = cases[i].crowd;
        const tjob_workload workload = {&crowd, crowd_begins, no_timer, nothing_ends};
        tjob_simulator_config config = config_of(1, 1, 1, &tjob_fault_profile_none);
        config.workload = &workload;
        config.calls = cases[i].calls;
        config.timers = cases[i].timers;
        const tjob_simulator_report report = simulation_run(&config);
        const bool bounded = cases[i].bound != TJOB_SIMULATOR_BOUND_NONE;
        ck_assert_int_eq(report.bound, cases[i].bound);
        ck_assert_int_eq(report.simulation, bounded ? TJOB_SIMULATION_INCONCLUSIVE : TJOB_SIMULATION_PASSED);
        ck_assert_uint_eq(report.inconclusive_jobs, cases[i].bound == TJOB_SIMULATOR_BOUND_HISTORY ? 1 : 0);
    }
}
END_TEST

/* Every answer is lost, and every swap may yet arrive: more calls are open than the checker of histories can hold. */
START_TEST(a_job_that_cannot_be_checked_is_reported)
{
    struct crowd crowd = {100, 0, 0};
    const tjob_workload workload = {&crowd, crowd_begins, no_timer, nothing_ends};
    tjob_simulator_config config = config_of(1, 2, 1, &tjob_fault_profile_none);
    config.workload = &workload;
    config.faults.rates_ppm[TJOB_FAULT_LATE] = 1000000;
    config.faults.window_ms = 1000;
    config.faults.late_ms = 60 * 60 * 1000;
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_INCONCLUSIVE);
    ck_assert_int_eq(report.bound, TJOB_SIMULATOR_BOUND_HISTORY);
    ck_assert_uint_eq(report.inconclusive_jobs, 2);
    ck_assert_uint_eq(report.operation_count, 200);
}
END_TEST

/* A swap that is late flies on its own, and there is no room for it. */
START_TEST(what_is_late_takes_the_room_of_a_call)
{
    struct crowd crowd = {1, 0, 0};
    const tjob_workload workload = {&crowd, crowd_begins, no_timer, nothing_ends};
    tjob_simulator_config config = config_of(1, 1, 1, &tjob_fault_profile_none);
    config.workload = &workload;
    config.faults.rates_ppm[TJOB_FAULT_LATE] = 1000000;
    config.faults.window_ms = config.faults.late_ms = 1000;
    config.calls = 1;
    ck_assert_int_eq(simulation_run(&config).bound, TJOB_SIMULATOR_BOUND_CALLS);
    config.calls = 100;
    ck_assert_int_eq(simulation_run(&config).bound, TJOB_SIMULATOR_BOUND_NONE);
}
END_TEST

static void two_at_once(void *context, tjob_simulator *simulator, uint32_t job)
{
    (void)context;
    ck_assert(tjob_simulator_timer(simulator, job, 0, 5));
    ck_assert(tjob_simulator_timer(simulator, job, 1, 5));
}

static void sets_too_many(void *context, tjob_simulator *simulator, uint32_t job, uint32_t tag)
{
    uint32_t *known = context;
    ++*known;
    while (tjob_simulator_timer(simulator, job, tag, 1)) {
    }
}

/* What is due at the same instant as the end is not reported any more. */
START_TEST(after_the_end_nothing_is_reported)
{
    uint32_t known = 0;
    const tjob_workload workload = {&known, two_at_once, sets_too_many, nothing_ends};
    tjob_simulator_config config = config_of(1, 1, 1, &tjob_fault_profile_none);
    config.workload = &workload;
    config.calls = 1;
    config.timers = 10;
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.bound, TJOB_SIMULATOR_BOUND_TIMERS);
    ck_assert_uint_eq(report.now_ms, 5);
    ck_assert_uint_eq(known, 1);
}
END_TEST

/* ---- The last moment ------------------------------------------------------------------------------------------- */

enum { LAST_MS = 60 * 1000 + TJOB_SIMULATOR_QUIESCE_MS, SOON_MS = 40 };

static void waits_for_the_last_minutes(void *context, tjob_simulator *simulator, uint32_t job)
{
    (void)context;
    ck_assert(tjob_simulator_timer(simulator, job, 0, LAST_MS - TJOB_SIMULATOR_DRAIN_MS - 1));
}

static void looks(void *context, tjob_simulator *simulator, uint32_t job, uint32_t tag)
{
    (void)context, (void)tag;
    tjob_simulator_call(simulator, job, TJOB_ACTOR_CLIENT, &(tjob_event){.kind = TJOB_DESCRIBE});
}

/* Looks again and again; in the last moment, submits so often that most have no answer in the end. */
static void looks_until_the_last_moment(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor,
                                        const tjob_event *event, const tjob_outcome *outcome)
{
    const int *calls = context;
    (void)actor, (void)outcome;
    if (event->kind == TJOB_DESCRIBE && tjob_simulator_now_ms(simulator) < LAST_MS - SOON_MS) {
        looks(NULL, simulator, job, 0);
    } else if (event->kind == TJOB_DESCRIBE) {
        submit_often(simulator, job, *calls);
    }
}

/*
 * More at the end than the checker is given together, or than it can hold open: both are reported beside what is seen.
 */
START_TEST(a_job_that_cannot_be_checked_in_the_end_is_reported)
{
    static const struct {
        int calls;
        uint64_t inconclusive;
    } cases[] = {{7, 0}, {190, 1}, {194, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int calls = cases[i].calls;
        const tjob_workload workload = {&calls, waits_for_the_last_minutes, looks, looks_until_the_last_moment};
        tjob_simulator_config config = config_of(1, 1, 1, &tjob_fault_profile_none);
        config.workload = &workload;
        const tjob_simulator_report report = simulation_run(&config);
        ck_assert_int_eq(report.simulation, TJOB_SIMULATION_VIOLATED);
        ck_assert_int_eq(report.violation.invariant, TJOB_INVARIANT_OPERATIONS_END);
        ck_assert_uint_eq(report.inconclusive_jobs, cases[i].inconclusive);
    }
}
END_TEST

/* ---- What a store holds in the end ----------------------------------------------------------------------------- */

/* A store of a job that acknowledges what it does not do: it is absent for ever, or becomes what cannot be. */
static void nothing_begins(void *state)
{
    *(uint64_t *)state = 0;
}

static tjob_load_status finds_nothing(const void *state, tjob_job *job, uint64_t *version)
{
    (void)state;
    *job = (tjob_job){.state = TJOB_ABSENT};
    *version = 0;
    return TJOB_LOAD_NOT_FOUND;
}

static tjob_load_status finds_nonsense(const void *state, tjob_job *job, uint64_t *version)
{
    const uint64_t swapped = *(const uint64_t *)state;
    *job = (tjob_job){.state = swapped != 0 ? TJOB_STATE_COUNT : TJOB_ABSENT};
    *version = 0;
    return swapped != 0 ? TJOB_LOAD_OK : TJOB_LOAD_NOT_FOUND;
}

static tjob_swap_status swaps_nothing(void *state, uint64_t expected, const tjob_job *next)
{
    (void)expected, (void)next;
    *(uint64_t *)state = 1;
    return TJOB_SWAP_OK;
}

START_TEST(a_store_that_holds_something_else_in_the_end_is_seen)
{
    static const tjob_store_model models[] = {
        {.state_bytes = 8, .begin = nothing_begins, .load = finds_nothing, .swap = swaps_nothing},
        {.state_bytes = 8, .begin = nothing_begins, .load = finds_nonsense, .swap = swaps_nothing}};
    const tjob_workload workload = {.begin = submit_at_once, .timer = no_timer, .ended = nothing_ends};
    tjob_simulator_config config = config_of(1, 1, 1, &tjob_fault_profile_none);
    config.workload = &workload;
    config.store_model = &models[_i];
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_VIOLATED);
    ck_assert_int_eq(report.violation.invariant, TJOB_INVARIANT_STORE_MATCHES_HISTORY);
    ck_assert_int_eq(report.violation.event, TJOB_DESCRIBE);
}
END_TEST

/* ---- The ends of what can be asked for ------------------------------------------------------------------------- */

/* One window as long as time itself, in which the store answers nobody. */
START_TEST(a_window_may_be_as_long_as_time)
{
    tjob_simulator_config config = config_of(1, 10, 1 * HOUR, &tjob_fault_profile_none);
    config.faults.rates_ppm[TJOB_FAULT_OUTAGE] = 1000000;
    config.faults.window_ms = UINT32_MAX;
    void *memory = simulation_memory(&config);
    tjob_simulator *simulator = tjob_simulator_init(&config, memory, (size_t)tjob_simulator_bytes(&config));
    const tjob_simulator_report *report = tjob_simulator_report_of(simulator);
    ck_assert_int_eq(tjob_simulator_run(simulator, 60 * 60 * 1000 - 1), TJOB_SIMULATION_RUNNING);
    ck_assert_uint_gt(report->loads, 10);
    ck_assert_uint_eq(report->faults[TJOB_FAULT_OUTAGE], report->loads);
    ck_assert_uint_eq(report->operations[TJOB_SUBMIT][TJOB_OK], 0);
    ck_assert_int_eq(tjob_simulator_run(simulator, UINT32_MAX), TJOB_SIMULATION_PASSED);
    free(memory);
}
END_TEST

/* What would come after the last millisecond that can be told comes in that millisecond. */
START_TEST(a_delay_may_be_longer_than_time)
{
    tjob_simulator_config config = config_of(1, 2, TJOB_SIMULATOR_MINUTES_MAX, &tjob_fault_profile_default);
    config.faults.late_ms = UINT32_MAX;
    config.faults.rates_ppm[TJOB_FAULT_LATE] = 100000;
    void *memory = simulation_memory(&config);
    tjob_simulator *simulator = tjob_simulator_init(&config, memory, (size_t)tjob_simulator_bytes(&config));
    ck_assert_int_eq(tjob_simulator_run(simulator, UINT32_MAX), TJOB_SIMULATION_PASSED);
    ck_assert_uint_gt(tjob_simulator_report_of(simulator)->faults[TJOB_FAULT_LATE], 100);
    free(memory);
}
END_TEST

/* Slow by no time at all is as fast as any: the answer is there within the 128 ms of each way. */
START_TEST(a_slow_answer_may_take_no_longer)
{
    const tjob_workload workload = {.begin = submit_at_once, .timer = no_timer, .ended = nothing_ends};
    tjob_simulator_config config = config_of(1, 10, 1, &tjob_fault_profile_none);
    config.workload = &workload;
    config.faults.rates_ppm[TJOB_FAULT_SLOW] = 1000000;
    config.faults.window_ms = 1000;
    void *memory = simulation_memory(&config);
    tjob_simulator *simulator = tjob_simulator_init(&config, memory, (size_t)tjob_simulator_bytes(&config));
    (void)tjob_simulator_run(simulator, 1 + 4 * 128);
    ck_assert_uint_eq(tjob_simulator_report_of(simulator)->operation_count, 10);
    ck_assert_uint_eq(tjob_simulator_report_of(simulator)->faults[TJOB_FAULT_SLOW], 20);
    free(memory);
}
END_TEST

/* An operation may have more accesses than are counted of it. */
START_TEST(an_operation_may_try_hundreds_of_times)
{
    const tjob_workload workload = {.begin = submit_at_once, .timer = no_timer, .ended = nothing_ends};
    tjob_simulator_config config = config_of(1, 1, 1 * HOUR, &tjob_fault_profile_none);
    config.workload = &workload;
    config.policy.max_attempts = 200;
    config.faults.rates_ppm[TJOB_FAULT_CONFLICT] = 1000000;
    config.faults.window_ms = 1000;
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_PASSED);
    ck_assert_uint_eq(report.swaps, 200);
    ck_assert_uint_eq(report.operations[TJOB_SUBMIT][TJOB_CONTENDED], 1);
}
END_TEST

/* A rule under which a stop ends so late that its duration cannot be counted. */
static tjob_transition_result stops_very_late(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                              const tjob_policy *policy, tjob_job *next)
{
    const tjob_transition_result result = stops_at_once(job, event, now_ms, policy, next);
    if (result.changed && next->state == TJOB_STOPPED) {
        next->ended_ms += UINT64_C(1) << 33;
    }
    return result;
}

START_TEST(a_stop_that_takes_too_long_to_count_takes_the_longest_that_can_be_counted)
{
    const tjob_workload workload = {.begin = submit_at_once, .timer = no_timer, .ended = start_and_stop};
    tjob_simulator_config config = config_of(1, 1, 1, &tjob_fault_profile_none);
    config.workload = &workload;
    config.policy.transition = stops_very_late;
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_PASSED);
    ck_assert_uint_eq(report.stops.count, 1);
    ck_assert_uint_eq(report.stops.most_ms, UINT32_MAX);
    ck_assert_uint_eq(tjob_histogram_quantile(&report.stops, 1000), UINT32_MAX);
}
END_TEST

/* A store that forgets by a crash what it had not made durable, and never shows it before: sound. */
struct careful {
    tjob_job job, exercised;
    uint64_t version, exercised_version;
};

static void careful_begin(void *state)
{
    *(struct careful *)state = (struct careful){.version = 0};
}

static tjob_load_status careful_load(const void *state, tjob_job *job, uint64_t *version)
{
    const struct careful *careful = state;
    *job = careful->exercised;
    *version = careful->exercised_version;
    return job->state == TJOB_ABSENT ? TJOB_LOAD_NOT_FOUND : TJOB_LOAD_OK;
}

static void make_durable_carefully(void *state)
{
    struct careful *careful = state;
    careful->exercised = careful->job;
    careful->exercised_version = careful->version;
}

static void careful_crash(void *state)
{
    struct careful *careful = state;
    careful->job = careful->exercised;
    careful->version = careful->exercised_version;
}

/* What is not yet durable is made so before anything else is swapped. */
static tjob_swap_status careful_swap(void *state, uint64_t expected, const tjob_job *next)
{
    struct careful *careful = state;
    make_durable_carefully(state);
    if (careful->version != expected) {
        return TJOB_SWAP_CONFLICT;
    }
    careful->job = next != NULL ? *next : (tjob_job){.state = TJOB_ABSENT};
    careful->version++;
    return TJOB_SWAP_OK;
}

START_TEST(a_store_that_shows_only_what_is_durable_passes)
{
    static const tjob_store_model careful = {.state_bytes = sizeof(struct careful),
                                             .begin = careful_begin,
                                             .load = careful_load,
                                             .swap = careful_swap,
                                             .make_durable = make_durable_carefully,
                                             .crash = careful_crash};
    tjob_simulator_config config = config_of((uint64_t)_i + 1, 100, 24 * HOUR, &tjob_fault_profile_default);
    config.store_model = &careful;
    config.faults.rates_ppm[TJOB_FAULT_STORE_CRASH] = 20000;
    tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_PASSED);
    ck_assert_uint_gt(report.faults[TJOB_FAULT_STORE_CRASH], 50);
    config.faults.rates_ppm[TJOB_FAULT_STORE_CRASH] =
        500000; /* often, and so soon that crashes meet answers on their way */
    config.faults.slow_ms = 32;
    report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_PASSED);
    ck_assert_uint_gt(report.faults[TJOB_FAULT_STORE_CRASH], 3000);
}
END_TEST

/* What workloads are reported: their words, their random numbers, the time. */
static void looks_around(void *context, tjob_simulator *simulator, uint32_t job)
{
    uint64_t *traits = context;
    uint64_t *words = tjob_simulator_state(simulator, job);
    ck_assert_uint_eq(words[0] | words[TJOB_SIMULATOR_STATE_WORDS - 1], 0);
    words[0] = job;
    traits[job] = tjob_simulator_trait(simulator, job);
    ck_assert_uint_ne(tjob_simulator_random(simulator, job), tjob_simulator_random(simulator, job));
    ck_assert_uint_eq(traits[job], tjob_simulator_trait(simulator, job));
    ck_assert(!tjob_simulator_is_quiescing(simulator));
    ck_assert(tjob_simulator_timer(simulator, job, job, UINT32_MAX)); /* it never comes */
    ck_assert(tjob_simulator_timer(simulator, job, job, 60 * 1000 + job));
}

static void finds_its_words(void *context, tjob_simulator *simulator, uint32_t job, uint32_t tag)
{
    (void)context;
    ck_assert_uint_eq(tag, job);
    ck_assert_uint_eq(tjob_simulator_state(simulator, job)[0], job);
    ck_assert_uint_eq(tjob_simulator_now_ms(simulator), 60 * 1000 + job);
    ck_assert_int_eq(tjob_simulator_is_quiescing(simulator), job > 0);
}

START_TEST(a_workload_is_reported_of_its_own_job)
{
    enum { JOBS = TJOB_SIMULATOR_TAGS_MAX };
    uint64_t traits[JOBS] = {0};
    const tjob_workload workload = {traits, looks_around, finds_its_words, nothing_ends};
    tjob_simulator_config config = config_of(1, JOBS, 1, &tjob_fault_profile_none);
    config.workload = &workload;
    ck_assert_int_eq(simulation_run(&config).simulation, TJOB_SIMULATION_PASSED);
    ck_assert_uint_ne(traits[0], traits[1]);
}
END_TEST

/* ---- Arguments ------------------------------------------------------------------------------------------------- */

START_TEST(what_cannot_be_is_refused)
{
    const tjob_simulator_config good = config_of(1, 10, 10, &tjob_fault_profile_default);
    static const tjob_store_model odd = {.state_bytes = 7};
    static const tjob_store_model large = {.state_bytes = TJOB_STORE_MODEL_BYTES_MAX + 8};
    static const tjob_store any = {.context = NULL};
    static const tjob_store_model empty = {.state_bytes = 0};
    tjob_simulator_config bad[17];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        bad[i] = good;
    }
    bad[0].jobs = 0;
    bad[1].jobs = TJOB_SIMULATOR_JOBS_MAX + 1;
    bad[2].first_job = TJOB_SIMULATOR_JOBS_MAX - 9;
    bad[3].minutes = 0;
    bad[4].minutes = TJOB_SIMULATOR_MINUTES_MAX + 1;
    bad[5].policy.stop_submitted = 3;
    bad[6].faults.rates_ppm[TJOB_FAULT_LATE] = 1000001;
    bad[7].faults.burst_ppm = 1000001;
    bad[8].faults.window_ms = 0;
    bad[9].bug = (tjob_seeded_bug)TJOB_SEEDED_BUG_COUNT;
    bad[10].store_model = &odd;
    bad[11].store_model = &large;
    bad[12].store = &any;
    bad[12].bug = TJOB_BUG_DIRTY_READ;
    bad[13].calls = TJOB_SIMULATOR_CALLS_MAX + 1;
    bad[14].timers = TJOB_SIMULATOR_TIMERS_MAX + 1;
    bad[15].store_model = &empty;
    bad[16].faults.clock_ms = (uint32_t)TJOB_SIMULATOR_CLOCK_MS_MAX + 1;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_uint_eq(tjob_simulator_bytes(&bad[i]), 0);
        ck_assert_ptr_null(tjob_simulator_init(&bad[i], &bad[i], SIZE_MAX));
    }
    ck_assert_ptr_null(tjob_simulator_init(&good, bad, (size_t)tjob_simulator_bytes(&good) - 1));
}
END_TEST

/* More timers, or more calls, never take less memory. */
START_TEST(memory_grows_with_what_it_has_room_for)
{
    tjob_simulator_config config = config_of(1, TJOB_SIMULATOR_JOBS_MAX, 10, &tjob_fault_profile_storm);
    uint64_t least = 0;
    for (uint32_t i = 1; i <= 8; i++) {
        config.timers = TJOB_SIMULATOR_TIMERS_MAX / 8 * i;
        ck_assert_uint_gt(tjob_simulator_bytes(&config), least);
        least = tjob_simulator_bytes(&config);
    }
    config.calls = TJOB_SIMULATOR_CALLS_MAX;
    ck_assert_uint_gt(tjob_simulator_bytes(&config), least / 2);
}
END_TEST

START_TEST(a_job_takes_as_little_as_promised)
{
    const tjob_simulator_config small = config_of(1, 1000000, 10, &tjob_fault_profile_default);
    const tjob_simulator_config large = config_of(1, 2000000, 10, &tjob_fault_profile_default);
    const uint64_t bytes = tjob_simulator_bytes(&large) - tjob_simulator_bytes(&small);
    const uint64_t calls = UINT64_C(1000000) / 16;
    /* A call and its late write have an entry each in the queue of events. */
    ck_assert_uint_le(bytes,
                      UINT64_C(1000000) * TJOB_SIMULATOR_BYTES_PER_JOB + calls * (TJOB_SIMULATOR_BYTES_PER_CALL + 18));
}
END_TEST

/* ---- Words and durations --------------------------------------------------------------------------------------- */

START_TEST(everything_has_a_name)
{
    for (int i = 0; i < TJOB_FAULT_COUNT; i++) {
        ck_assert_str_ne(tjob_fault_name((tjob_fault)i), "?");
    }
    for (int i = 0; i < TJOB_ACTOR_COUNT; i++) {
        ck_assert_str_ne(tjob_actor_name((tjob_actor)i), "?");
    }
    for (int i = 0; i < TJOB_INVARIANT_COUNT; i++) {
        ck_assert_str_ne(tjob_invariant_name((tjob_invariant)i), "?");
        ck_assert_str_ne(tjob_invariant_sentence((tjob_invariant)i), "?");
    }
    for (int i = 0; i <= TJOB_SIMULATOR_BOUND_STEPS; i++) {
        ck_assert_str_ne(tjob_simulator_bound_name((tjob_simulator_bound)i), "?");
    }
    for (int i = 0; i <= TJOB_SIMULATION_INCONCLUSIVE; i++) {
        ck_assert_str_ne(tjob_simulation_name((tjob_simulation)i), "?");
    }
    ck_assert_str_eq(tjob_fault_name((tjob_fault)TJOB_FAULT_COUNT), "?");
    ck_assert_str_eq(tjob_actor_name((tjob_actor)TJOB_ACTOR_COUNT), "?");
    ck_assert_str_eq(tjob_invariant_name((tjob_invariant)TJOB_INVARIANT_COUNT), "?");
    ck_assert_str_eq(tjob_invariant_sentence((tjob_invariant)TJOB_INVARIANT_COUNT), "?");
    ck_assert_str_eq(tjob_simulator_bound_name((tjob_simulator_bound)(TJOB_SIMULATOR_BOUND_STEPS + 1)), "?");
    ck_assert_str_eq(tjob_simulation_name((tjob_simulation)(TJOB_SIMULATION_INCONCLUSIVE + 1)), "?");
}
END_TEST

/* The classes of durations follow each other without a gap, and none is wider than a quarter of where it begins. */
START_TEST(durations_fall_into_classes)
{
    uint32_t begin = 0;
    for (uint32_t in = 0; in <= tjob_histogram_bin(UINT32_MAX); in++) {
        const uint32_t end = tjob_histogram_bin_end(in);
        ck_assert_uint_eq(tjob_histogram_bin(begin), in);
        ck_assert_uint_eq(tjob_histogram_bin(end), in);
        ck_assert_uint_le(end - begin, begin / 4);
        begin = end + 1;
    }
    ck_assert_uint_eq(begin, 0);
    ck_assert_uint_lt(tjob_histogram_bin(UINT32_MAX), TJOB_HISTOGRAM_BINS);
}
END_TEST

START_TEST(quantiles_are_the_ends_of_classes)
{
    tjob_histogram histogram = {.count = 0};
    ck_assert_uint_eq(tjob_histogram_quantile(&histogram, 500), 0);
    for (uint32_t duration_ms = 1; duration_ms <= 1000; duration_ms++) {
        histogram.counts[tjob_histogram_bin(duration_ms)]++;
        histogram.count++;
        histogram.most_ms = duration_ms;
    }
    ck_assert_uint_eq(tjob_histogram_quantile(&histogram, 1), 1);
    ck_assert_uint_eq(tjob_histogram_quantile(&histogram, 500), 511);
    ck_assert_uint_eq(tjob_histogram_quantile(&histogram, 1000), 1000);
    histogram.count++; /* more than the classes hold: the last one */
    ck_assert_uint_eq(tjob_histogram_quantile(&histogram, 1000), 1000);
}
END_TEST

RUN_TESTS("simulator", {a_seed_means_the_same_everywhere, 0}, {where_it_is_halted_makes_no_difference, 0},
          {a_job_alone_does_what_it_does_among_others, 0}, {the_library_holds_what_it_promises, SAMPLE},
          {a_lost_answer_may_stand_for_another, 0}, {much_happens, 0}, {every_policy_is_simulated, 6},
          {a_rule_of_the_hosts_own_is_not_checked_by_the_table, 0}, {the_memory_store_passes, 3},
          {a_store_that_goes_wrong_is_seen, 3}, {an_arn_is_valid_and_the_jobs_own, 0},
          {a_stop_that_nobody_completes_is_seen, 0}, {operations_that_never_cease_are_seen, 0},
          {limits_are_met_and_reported, 0}, {a_job_that_cannot_be_checked_is_reported, 0},
          {what_is_late_takes_the_room_of_a_call, 0}, {after_the_end_nothing_is_reported, 0},
          {a_job_that_cannot_be_checked_in_the_end_is_reported, 0},
          {a_store_that_holds_something_else_in_the_end_is_seen, 2}, {a_window_may_be_as_long_as_time, 0},
          {a_delay_may_be_longer_than_time, 0}, {a_slow_answer_may_take_no_longer, 0},
          {an_operation_may_try_hundreds_of_times, 0},
          {a_stop_that_takes_too_long_to_count_takes_the_longest_that_can_be_counted, 0},
          {a_store_that_shows_only_what_is_durable_passes, 3}, {a_workload_is_reported_of_its_own_job, 0},
          {what_cannot_be_is_refused, 0}, {memory_grows_with_what_it_has_room_for, 0},
          {a_job_takes_as_little_as_promised, 0}, {everything_has_a_name, 0}, {durations_fall_into_classes, 0},
          {quantiles_are_the_ends_of_classes, 0})
