/* Every seeded bug is caught, and shrunk to a trace of a dozen steps; what cannot be shrunk is said. */
#include <stdlib.h>
#include <string.h>

#include "support/simulations.h"
#include "support/suite.h"
#include "verify/simulator/replay.h"

enum { STEPS_MAX = 15, STORY_BYTES = 1 << 16, JOBS = 100, MINUTES = 24 * 60 };

/*
 * The first seed of the default workload that catches each seeded bug, with so many jobs and minutes. A range around it
 * is tried, so that another order of random numbers need not fail the test; the exhaustive run begins with seed 1.
 */
static const uint64_t first_seeds[TJOB_SEEDED_BUG_COUNT] = {
    [TJOB_BUG_LOST_UPDATE] = 1,
    [TJOB_BUG_VERSION_REUSED] = 1,
    [TJOB_BUG_ABSENCE_WITHOUT_VERSION] = 1,
    [TJOB_BUG_DIRTY_READ] = 1,
    [TJOB_BUG_CONFLICT_FORGETS_LOST_ANSWER] = 3,
    [TJOB_BUG_STOP_ANSWERED_EARLY] = 1,
    [TJOB_BUG_UNKNOWN_TAKEN_FOR_FAILURE] = 1,
    [TJOB_BUG_UNKNOWN_TAKEN_FOR_SUCCESS] = 1,
    [TJOB_BUG_STALE_TRAINER_ACCEPTED] = 2,
    [TJOB_BUG_LATE_COMPLETION] = 1,
    [TJOB_BUG_RETRY_WITHOUT_RELOAD] = 1,
    [TJOB_BUG_CLOCK_RUNS_BACKWARDS] = 1,
};
enum { RANGE = 3 };

struct text {
    char bytes[STORY_BYTES];
    size_t count;
};

static void write_text(void *context, const char *text, size_t bytes)
{
    struct text *known = context;
    EXPECT(known->count + bytes < sizeof known->bytes);
    memcpy(known->bytes + known->count, text, bytes);
    known->count += bytes;
    known->bytes[known->count] = '\0';
}

static tjob_simulator_config config_of(tjob_seeded_bug bug)
{
    return (tjob_simulator_config){.jobs = JOBS, .minutes = MINUTES, .faults = tjob_fault_profile_default, .bug = bug};
}

static tjob_simulator_report catch (tjob_simulator_config *config, uint64_t first, uint64_t last)
{
    tjob_simulator_report report = {.simulation = TJOB_SIMULATION_PASSED};
    for (config->seed = first; config->seed <= last; config->seed++) {
        report = simulation_run(config);
        if (report.simulation == TJOB_SIMULATION_VIOLATED) {
            break;
        }
    }
    return report;
}

static void *shrink_memory(void)
{
    void *memory = aligned_alloc(64, TJOB_SHRINK_BYTES);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

START_TEST(every_seeded_bug_is_caught_and_shrunk)
{
    const tjob_seeded_bug bug = (tjob_seeded_bug)(_i + 1);
    tjob_simulator_config config = config_of(bug);
    const uint64_t first = first_seeds[bug] > RANGE ? first_seeds[bug] - RANGE : 1;
    const tjob_simulator_report report = catch (&config, first, first_seeds[bug] + RANGE);
    struct text *text = calloc(1, sizeof *text);
    void *memory = shrink_memory();
    tjob_trace_printer printer = {.format = TJOB_TRACE_TEXT, .write = write_text, .context = text};
    ck_assert_ptr_nonnull(text);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_VIOLATED);
    ck_assert_int_ne(report.violation.invariant, TJOB_INVARIANT_NONE);
    const tjob_shrunk shrunk = tjob_simulator_shrink(&config, &report, memory, &printer);
    ck_assert(shrunk.reproduced);
    ck_assert_int_ne(shrunk.invariant, TJOB_INVARIANT_NONE);
    ck_assert_uint_le(shrunk.accesses, STEPS_MAX);
    ck_assert_uint_gt(shrunk.accesses, 0);
    ck_assert_uint_eq(shrunk.accesses, printer.steps);
    ck_assert_uint_le(shrunk.operations, shrunk.operations_before);
    ck_assert_uint_le(shrunk.accesses, shrunk.accesses_before);
    ck_assert_ptr_nonnull(strstr(text->bytes, "violates "));
    /* Without a listener it is the same. */
    const tjob_shrunk again = tjob_simulator_shrink(&config, &report, memory, NULL);
    ck_assert_uint_eq(again.accesses, shrunk.accesses);
    ck_assert_uint_eq(again.accesses, shrunk.accesses);
    ck_assert_uint_eq(again.runs, shrunk.runs);
    free(memory);
    free(text);
}
END_TEST

/*
 * What becomes of known failures, counted: so many operations and accesses before and after, in so many runs, reported
 * in so many steps. It is the same on every machine; only where the workload or the shrinking changes is it another.
 */
static const struct {
    tjob_seeded_bug bug;
    const tjob_fault_profile *faults;
    uint64_t seed;
    uint32_t operations_before;
    uint32_t accesses_before;
    uint32_t operations;
    uint32_t accesses;
    uint64_t runs;
    tjob_invariant check;
} known[] = {
    {TJOB_BUG_LOST_UPDATE, &tjob_fault_profile_default, 1, 2, 4, 2, 4, 17, TJOB_INVARIANT_STATES_FOLLOW_TABLE},
    {TJOB_BUG_LOST_UPDATE, &tjob_fault_profile_storm, 1, 3, 6, 3, 6, 23, TJOB_INVARIANT_STATES_FOLLOW_TABLE},
    {TJOB_BUG_VERSION_REUSED, &tjob_fault_profile_default, 1, 273, 396, 6, 13, 99, TJOB_INVARIANT_STATES_FOLLOW_TABLE},
    {TJOB_BUG_VERSION_REUSED, &tjob_fault_profile_storm, 1, 53, 96, 6, 15, 91, TJOB_INVARIANT_NO_HIDDEN_EFFECT},
    {TJOB_BUG_ABSENCE_WITHOUT_VERSION, &tjob_fault_profile_default, 1, 6, 12, 6, 12, 22,
     TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE},
    {TJOB_BUG_ABSENCE_WITHOUT_VERSION, &tjob_fault_profile_storm, 1, 9, 18, 6, 12, 64,
     TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE},
    {TJOB_BUG_DIRTY_READ, &tjob_fault_profile_default, 1, 2, 5, 1, 4, 16, TJOB_INVARIANT_STORE_MATCHES_HISTORY},
    {TJOB_BUG_DIRTY_READ, &tjob_fault_profile_storm, 1, 8, 16, 2, 6, 35, TJOB_INVARIANT_STORE_MATCHES_HISTORY},
    {TJOB_BUG_CONFLICT_FORGETS_LOST_ANSWER, &tjob_fault_profile_default, 3, 17, 30, 6, 15, 110,
     TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE},
    {TJOB_BUG_CONFLICT_FORGETS_LOST_ANSWER, &tjob_fault_profile_storm, 1, 2, 8, 2, 8, 26,
     TJOB_INVARIANT_NO_HIDDEN_EFFECT},
    {TJOB_BUG_STOP_ANSWERED_EARLY, &tjob_fault_profile_default, 1, 3, 4, 2, 3, 14, TJOB_INVARIANT_SUCCESS_IS_APPLIED},
    {TJOB_BUG_STOP_ANSWERED_EARLY, &tjob_fault_profile_storm, 1, 2, 3, 2, 3, 7, TJOB_INVARIANT_SUCCESS_IS_APPLIED},
    {TJOB_BUG_UNKNOWN_TAKEN_FOR_FAILURE, &tjob_fault_profile_default, 1, 1, 3, 1, 3, 6,
     TJOB_INVARIANT_NO_HIDDEN_EFFECT},
    {TJOB_BUG_UNKNOWN_TAKEN_FOR_FAILURE, &tjob_fault_profile_storm, 1, 1, 3, 1, 3, 6, TJOB_INVARIANT_NO_HIDDEN_EFFECT},
    {TJOB_BUG_UNKNOWN_TAKEN_FOR_SUCCESS, &tjob_fault_profile_default, 1, 7, 15, 2, 4, 24,
     TJOB_INVARIANT_SUCCESS_IS_APPLIED},
    {TJOB_BUG_UNKNOWN_TAKEN_FOR_SUCCESS, &tjob_fault_profile_storm, 1, 3, 5, 1, 2, 13,
     TJOB_INVARIANT_SUCCESS_IS_APPLIED},
    {TJOB_BUG_STALE_TRAINER_ACCEPTED, &tjob_fault_profile_default, 2, 3, 8, 3, 6, 23,
     TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE},
    {TJOB_BUG_STALE_TRAINER_ACCEPTED, &tjob_fault_profile_storm, 1, 17, 32, 2, 3, 43,
     TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE},
    {TJOB_BUG_LATE_COMPLETION, &tjob_fault_profile_default, 1, 24, 39, 5, 10, 61,
     TJOB_INVARIANT_STOP_EXCLUDES_COMPLETION},
    {TJOB_BUG_LATE_COMPLETION, &tjob_fault_profile_storm, 1, 49, 89, 5, 10, 62,
     TJOB_INVARIANT_STOP_EXCLUDES_COMPLETION},
    {TJOB_BUG_RETRY_WITHOUT_RELOAD, &tjob_fault_profile_default, 1, 2, 5, 2, 5, 19, TJOB_INVARIANT_STATES_FOLLOW_TABLE},
    {TJOB_BUG_RETRY_WITHOUT_RELOAD, &tjob_fault_profile_storm, 1, 3, 7, 3, 7, 25, TJOB_INVARIANT_STATES_FOLLOW_TABLE},
    {TJOB_BUG_CLOCK_RUNS_BACKWARDS, &tjob_fault_profile_default, 1, 3, 7, 2, 4, 16,
     TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE},
    {TJOB_BUG_CLOCK_RUNS_BACKWARDS, &tjob_fault_profile_storm, 1, 3, 7, 2, 4, 16,
     TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE},
};

START_TEST(known_failures_become_as_short_as_that)
{
    tjob_simulator_config config = config_of(known[_i].bug);
    void *memory = shrink_memory();
    config.faults = *known[_i].faults;
    const tjob_simulator_report report = catch (&config, known[_i].seed, known[_i].seed);
    const tjob_shrunk shrunk = tjob_simulator_shrink(&config, &report, memory, NULL);
    ck_assert(shrunk.reproduced);
    ck_assert_uint_eq(shrunk.operations_before, known[_i].operations_before);
    ck_assert_uint_eq(shrunk.accesses_before, known[_i].accesses_before);
    ck_assert_uint_eq(shrunk.operations, known[_i].operations);
    ck_assert_uint_eq(shrunk.accesses, known[_i].accesses);
    ck_assert_uint_eq(shrunk.runs, known[_i].runs);
    ck_assert_int_eq(shrunk.invariant, known[_i].check);
    free(memory);
}
END_TEST

/* One trace, to the letter: the answer of a stop is sent before its swap. */
START_TEST(a_trace_is_reported)
{
    static const char expected[] = "1. host 1 -> store: submit: load, at 1\n"
                                   "     absent, version 0\n"
                                   "2. host 1 -> store: submit: swap version 0 for SUBMITTED\n"
                                   "     ok; answer: ok, changed\n"
                                   "     before: absent, version 0\n"
                                   "     after:  SUBMITTED, version 1, incarnation 1, submitted at 1\n"
                                   "3. client 1 -> store: stop: load, at 2017\n"
                                   "     SUBMITTED, version 1, incarnation 1, submitted at 1; answer: ok, changed; "
                                   "violates success-is-applied\n";
    tjob_simulator_config config = config_of(TJOB_BUG_STOP_ANSWERED_EARLY);
    const tjob_simulator_report report = catch (&config, 1, 1);
    struct text *text = calloc(1, sizeof *text);
    void *memory = shrink_memory();
    tjob_trace_printer printer = {.format = TJOB_TRACE_TEXT, .write = write_text, .context = text};
    ck_assert_ptr_nonnull(text);
    ck_assert(tjob_simulator_shrink(&config, &report, memory, &printer).reproduced);
    ck_assert_str_eq(text->bytes, expected);
    free(memory);
    free(text);
}
END_TEST

/* ---- What cannot be shrunk ------------------------------------------------------------------------------------- */

static void submits_with_calls_left(void *context, tjob_simulator *simulator, uint32_t job)
{
    const uint32_t *calls = context;
    tjob_simulator_state(simulator, job)[0] = *calls;
    tjob_simulator_call(simulator, job, TJOB_ACTOR_HOST, &(tjob_event){.kind = TJOB_SUBMIT, .token = 1});
}

/* So many looks, and at the end a stop. */
static void looks_and_stops(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor,
                            const tjob_event *event, const tjob_outcome *outcome)
{
    uint64_t *left = tjob_simulator_state(simulator, job);
    (void)context, (void)actor, (void)outcome;
    if (event->kind != TJOB_STOP) {
        const uint32_t kind = *left > 0 ? TJOB_DESCRIBE : TJOB_STOP;
        *left -= *left > 0 ? 1 : 0;
        tjob_simulator_call(simulator, job, TJOB_ACTOR_CLIENT, &(tjob_event){.kind = kind});
    }
}

START_TEST(what_cannot_be_shrunk_is_said)
{
    static uint32_t few = 10;
    static uint32_t many = REPLAY_OPERATIONS_MAX;
    tjob_workload workload = {&few, submits_with_calls_left, no_timer, looks_and_stops};
    tjob_simulator_config config = {
        .seed = 1, .jobs = 1, .minutes = 24 * 60, .bug = TJOB_BUG_STOP_ANSWERED_EARLY, .workload = &workload};
    void *memory = shrink_memory();
    tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_VIOLATED);
    ck_assert(tjob_simulator_shrink(&config, &report, memory, NULL).reproduced);
    tjob_simulator_report passed = report; /* what did not fail */
    passed.simulation = TJOB_SIMULATION_PASSED;
    ck_assert(!tjob_simulator_shrink(&config, &passed, memory, NULL).reproduced);

    tjob_simulator_config other = config; /* of a run that did not fail */
    other.bug = TJOB_BUG_NONE;
    ck_assert(!tjob_simulator_shrink(&other, &report, memory, NULL).reproduced);
    const tjob_store store = {.context = NULL}; /* over a store of the caller's */
    other = config;
    other.store = &store;
    ck_assert(!tjob_simulator_shrink(&other, &report, memory, NULL).reproduced);
    workload.context = &many; /* with more steps than can be recorded */
    report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_VIOLATED);
    ck_assert(!tjob_simulator_shrink(&config, &report, memory, NULL).reproduced);
    free(memory);
}
END_TEST

/* A job that nobody ends: a run alone fails, too, but what was recorded of it violates nothing by itself. */
START_TEST(a_stop_that_never_completes_is_not_shrunk)
{
    const tjob_workload workload = {.begin = submit_at_once, .timer = no_timer, .ended = start_and_stop};
    tjob_simulator_config config = {.seed = 1, .jobs = 1, .minutes = 1, .workload = &workload};
    void *memory = shrink_memory();
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.violation.invariant, TJOB_INVARIANT_STOPS_COMPLETE);
    ck_assert(!tjob_simulator_shrink(&config, &report, memory, NULL).reproduced);
    config.minutes = 0; /* nor is what cannot be */
    ck_assert(!tjob_simulator_shrink(&config, &report, memory, NULL).reproduced);
    free(memory);
}
END_TEST

/* ---- A store of the caller's ----------------------------------------------------------------------------------- */

/* A table that forgets the version with the record, so that a late swap of an earlier incarnation finds it again. */
struct table {
    tjob_job jobs[JOBS];
    uint64_t versions[JOBS];
    uint32_t empties;       /* how often it was to be emptied */
    uint32_t empties_most;  /* and how often that is possible */
    uint32_t empties_fails; /* the one time when it is not, counted from 1; 0 = never */
};

static uint32_t number_in(tjob_text arn)
{
    return (uint32_t)(arn.data[arn.bytes - 2] - '0') * 10 + (uint32_t)(arn.data[arn.bytes - 1] - '0');
}

static tjob_load_status load_row(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    const struct table *table = context;
    const uint32_t number = number_in(arn);
    (void)user;
    *job = table->jobs[number];
    *version = table->versions[number];
    return job->state == TJOB_ABSENT ? TJOB_LOAD_NOT_FOUND : TJOB_LOAD_OK;
}

static tjob_swap_status swap_row(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    struct table *table = context;
    const uint32_t number = number_in(arn);
    (void)user;
    if (table->versions[number] != expected) {
        return TJOB_SWAP_CONFLICT;
    }
    table->jobs[number] = next != NULL ? *next : (tjob_job){.state = TJOB_ABSENT};
    table->versions[number] = next != NULL ? expected + 1 : 0;
    return TJOB_SWAP_OK;
}

static bool empty_table(void *context)
{
    struct table *table = context;
    memset(table->jobs, 0, sizeof table->jobs);
    memset(table->versions, 0, sizeof table->versions);
    return ++table->empties <= table->empties_most && table->empties != table->empties_fails;
}

START_TEST(what_fails_over_a_store_of_the_callers_is_shrunk)
{
    struct table *table = calloc(1, sizeof *table);
    struct text *text = calloc(1, sizeof *text);
    void *memory = shrink_memory();
    const tjob_store store = {table, load_row, swap_row};
    tjob_trace_printer printer = {.format = TJOB_TRACE_TEXT, .write = write_text, .context = text};
    tjob_simulator_config config = config_of(TJOB_BUG_NONE);
    ck_assert(table != NULL && text != NULL);
    config.faults = tjob_fault_profile_storm;
    config.store = &store;
    config.empty = empty_table;
    config.empty_context = table;
    config.seed = 1;
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.simulation, TJOB_SIMULATION_VIOLATED);
    table->empties_most = UINT32_MAX;
    const tjob_shrunk shrunk = tjob_simulator_shrink(&config, &report, memory, &printer);
    const uint32_t runs = table->empties;
    ck_assert(shrunk.reproduced);
    ck_assert_uint_gt(shrunk.accesses, 0);
    ck_assert_uint_le(shrunk.accesses, STEPS_MAX);
    ck_assert_uint_lt(shrunk.accesses, shrunk.accesses_before);
    ck_assert_ptr_nonnull(strstr(text->bytes, "violates "));
    ck_assert_ptr_nonnull(strstr(text->bytes, "before: absent, version 0"));

    /* Wherever it cannot be emptied any more, there is no trace; it is the last that needs to be reported. */
    for (uint32_t most = 0; most < runs; most++) {
        table->empties = 0;
        table->empties_most = most;
        ck_assert(!tjob_simulator_shrink(&config, &report, memory, NULL).reproduced);
    }
    table->empties = 0;
    table->empties_most = runs;
    ck_assert_uint_eq(tjob_simulator_shrink(&config, &report, memory, NULL).accesses, shrunk.accesses);

    /* Where that fails but once, one try is lost: less than the shortest failure is not reported for it. */
    uint32_t reproduced = 0;
    for (uint32_t time = 1; time <= runs; time++) {
        table->empties = 0;
        table->empties_most = UINT32_MAX;
        table->empties_fails = time;
        const tjob_shrunk again = tjob_simulator_shrink(&config, &report, memory, NULL);
        ck_assert(!again.reproduced || again.accesses >= shrunk.accesses);
        reproduced += again.reproduced ? 1 : 0;
    }
    ck_assert_uint_gt(reproduced, 0);
    free(memory);
    free(text);
    free(table);
}
END_TEST

/* ---- Faults that are not needed -------------------------------------------------------------------------------- */

/* A store that acknowledges every swap and keeps none. */
static void forgets(void *state)
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

static tjob_swap_status swaps_nothing(void *state, uint64_t expected, const tjob_job *next)
{
    (void)state, (void)expected, (void)next;
    return TJOB_SWAP_OK;
}

/* A swap takes effect twice; without its duplicate the store still does not hold what it acknowledged. */
START_TEST(a_fault_that_is_not_needed_is_left_out)
{
    static const tjob_store_model forgetful = {
        .state_bytes = 8, .begin = forgets, .load = finds_nothing, .swap = swaps_nothing};
    const tjob_workload workload = {.begin = submit_at_once, .timer = no_timer, .ended = nothing_ends};
    tjob_simulator_config config = {
        .seed = 1, .jobs = 1, .minutes = 1, .workload = &workload, .store_model = &forgetful};
    config.faults.rates_ppm[TJOB_FAULT_DUPLICATED] = 1000000;
    config.faults.window_ms = config.faults.late_ms = 1000;
    void *memory = shrink_memory();
    struct text *text = calloc(1, sizeof *text);
    tjob_trace_printer printer = {.format = TJOB_TRACE_TEXT, .write = write_text, .context = text};
    ck_assert_ptr_nonnull(text);
    const tjob_simulator_report report = simulation_run(&config);
    ck_assert_int_eq(report.violation.invariant, TJOB_INVARIANT_NO_HIDDEN_EFFECT);
    const tjob_shrunk shrunk = tjob_simulator_shrink(&config, &report, memory, &printer);
    ck_assert_int_eq(shrunk.invariant, TJOB_INVARIANT_STORE_MATCHES_HISTORY);
    ck_assert_uint_eq(shrunk.accesses_before, 3);
    ck_assert_uint_eq(shrunk.accesses, 2);
    ck_assert_ptr_null(strstr(text->bytes, "duplicated"));
    free(text);
    free(memory);
}
END_TEST

RUN_TESTS("shrink", {every_seeded_bug_is_caught_and_shrunk, TJOB_SEEDED_BUG_COUNT - 1},
          {known_failures_become_as_short_as_that, sizeof known / sizeof known[0]}, {a_trace_is_reported, 0},
          {what_cannot_be_shrunk_is_said, 0}, {a_stop_that_never_completes_is_not_shrunk, 0},
          {what_fails_over_a_store_of_the_callers_is_shrunk, 0}, {a_fault_that_is_not_needed_is_left_out, 0})
