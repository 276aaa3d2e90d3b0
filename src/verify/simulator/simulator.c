#include "tjob/simulator.h"

#include <string.h>

#include "verify/spec/seeded_bugs.h"
#include "verify/simulator/in_flight.h"
#include "verify/simulator/monitor.h"
#include "verify/simulator/simulation.h"
#include "verify/simulator/simulator.h"

_Static_assert(TJOB_SIMULATOR_TAGS_MAX == 1 << ITEM_TAG_BITS, "a tag fits into an item");
_Static_assert(TJOB_SIMULATOR_JOBS_MAX == ITEM_IN_FLIGHT >> ITEM_TAG_BITS, "and a job into the rest");

/* Every simulation has at least this much room. */
enum { CALLS_LEAST = 4096, TIMERS_LEAST = 4096, JOBS_PER_CALL = 16, TIMERS_PER_5_JOBS = 12 };

/* If more answers than this are lost per million, each job may have a call that stays unexplained for a long time. */
enum { LOSSY_PPM = 10000 };

/* The memory for five jobs: their cells, with their records in the library's store model, and their timers. */
_Static_assert(5 * (sizeof(struct cell) + sizeof(tjob_job) + sizeof(uint64_t)) +
                       TIMERS_PER_5_JOBS * sizeof(struct wheel_chunk) / WHEEL_CHUNK_ENTRIES <=
                   (size_t)5 * TJOB_SIMULATOR_BYTES_PER_JOB,
               "what a job takes is as small as promised");
_Static_assert(sizeof(struct call) + sizeof(struct in_flight) + sizeof(struct late_write) <=
                   TJOB_SIMULATOR_BYTES_PER_CALL,
               "and a call");

const char *tjob_simulator_bound_name(tjob_simulator_bound bound)
{
    static const char names[][24] = {
        [TJOB_SIMULATOR_BOUND_NONE] = "none",
        [TJOB_SIMULATOR_BOUND_CALLS] = "calls at once",
        [TJOB_SIMULATOR_BOUND_TIMERS] = "timers at once",
        [TJOB_SIMULATOR_BOUND_HISTORY] = "the history checker",
        [TJOB_SIMULATOR_BOUND_STEPS] = "recorded steps",
    };
    return (unsigned)bound < sizeof names / sizeof names[0] ? names[bound] : "?";
}

const char *tjob_simulation_name(tjob_simulation simulation)
{
    static const char names[][16] = {
        [TJOB_SIMULATION_RUNNING] = "under way",
        [TJOB_SIMULATION_PASSED] = "passed",
        [TJOB_SIMULATION_VIOLATED] = "violated",
        [TJOB_SIMULATION_INCONCLUSIVE] = "inconclusive",
    };
    return (unsigned)simulation < sizeof names / sizeof names[0] ? names[simulation] : "?";
}

/* ---- Configuration --------------------------------------------------------------------------------------------- */

const tjob_store_model *tjob__simulator_model(const tjob_simulator_config *config)
{
    const tjob_store_model *seeded = tjob__seeded_bug_store(config->bug);
    const tjob_store_model *given = config->store_model != NULL ? config->store_model : &tjob_store_model_sound;
    return seeded != NULL ? seeded : given;
}

static uint32_t state_bytes(const tjob_simulator_config *config)
{
    return config->store != NULL ? 0 : tjob__simulator_model(config)->state_bytes;
}

static bool state_bytes_are_valid(const tjob_simulator_config *config)
{
    const uint32_t bytes = state_bytes(config);
    return config->store != NULL || (bytes != 0 && bytes % 8 == 0 && bytes <= TJOB_STORE_MODEL_BYTES_MAX);
}

static bool simulator_is_valid(const tjob_simulator_config *config)
{
    return config->jobs != 0 && config->jobs <= TJOB_SIMULATOR_JOBS_MAX &&
           config->first_job <= TJOB_SIMULATOR_JOBS_MAX - config->jobs && config->minutes != 0 &&
           config->minutes <= TJOB_SIMULATOR_MINUTES_MAX && tjob_policy_validate(&config->policy) == TJOB_OK &&
           tjob__faults_are_valid(&config->faults) && (unsigned)config->bug < TJOB_SEEDED_BUG_COUNT &&
           state_bytes_are_valid(config) && (config->store == NULL || tjob__seeded_bug_store(config->bug) == NULL) &&
           config->calls <= TJOB_SIMULATOR_CALLS_MAX && config->timers <= TJOB_SIMULATOR_TIMERS_MAX;
}

/* Returns the configuration with defaults for the fields that are not set. */
static tjob_simulator_config simulator_complete(const tjob_simulator_config *config)
{
    tjob_simulator_config whole = *config;
    const uint32_t *rates_ppm = config->faults.rates_ppm;
    const bool lossy = rates_ppm[TJOB_FAULT_LATE] + rates_ppm[TJOB_FAULT_LOST_AFTER] +
                           rates_ppm[TJOB_FAULT_LOST_BEFORE] + rates_ppm[TJOB_FAULT_ACTOR_CRASH] >
                       LOSSY_PPM;
    const uint32_t calls = config->jobs / (lossy ? 1 : JOBS_PER_CALL) + CALLS_LEAST;
    const uint32_t timers = config->jobs / 5 * TIMERS_PER_5_JOBS + TIMERS_LEAST;
    whole.calls = config->calls != 0 ? config->calls : calls;
    whole.timers = config->timers != 0 ? config->timers : timers;
    whole.workload = config->workload != NULL ? config->workload : &tjob_workload_default;
    return whole;
}

/* ---- Memory ---------------------------------------------------------------------------------------------------- */

/* The offset of each table in memory, and the total size. */
struct simulator_layout {
    size_t history;
    size_t calls;
    size_t in_flight;
    size_t writes;
    size_t chunks;
    size_t cells;
    size_t cell_bytes;
    uint64_t end;
};

static uint64_t simulator_round_up(uint64_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* An operation and a write in flight need an entry each, in addition to the timers. */
static uint32_t wheel_entries(const tjob_simulator_config *whole)
{
    return whole->timers + 2 * whole->calls;
}

static struct simulator_layout simulator_lay_out(const tjob_simulator_config *whole)
{
    struct simulator_layout layout;
    const uint64_t history = simulator_round_up(sizeof(struct tjob_simulator));
    const uint64_t calls = history + TJOB_HISTORY_BYTES_DEFAULT;
    const uint64_t in_flight = calls + simulator_round_up((uint64_t)whole->calls * sizeof(struct call));
    const uint64_t writes = in_flight + simulator_round_up((uint64_t)whole->calls * sizeof(struct in_flight));
    const uint64_t chunks = writes + simulator_round_up((uint64_t)whole->calls * sizeof(struct late_write));
    const uint64_t cells =
        chunks + simulator_round_up((uint64_t)tjob__wheel_chunks(wheel_entries(whole)) * sizeof(struct wheel_chunk));
    layout.cell_bytes = sizeof(struct cell) + state_bytes(whole);
    layout.history = (size_t)history;
    layout.calls = (size_t)calls;
    layout.in_flight = (size_t)in_flight;
    layout.writes = (size_t)writes;
    layout.chunks = (size_t)chunks;
    layout.cells = (size_t)cells;
    layout.end = cells + (uint64_t)whole->jobs * layout.cell_bytes;
    return layout;
}

uint64_t tjob_simulator_bytes(const tjob_simulator_config *config)
{
    if (!simulator_is_valid(config)) {
        return 0;
    }
    const tjob_simulator_config whole = simulator_complete(config);
    return simulator_lay_out(&whole).end;
}

static void init_cells(struct tjob_simulator *simulator)
{
    for (uint32_t i = 0; i < simulator->config.jobs; i++) {
        struct cell *cell = cell_at(simulator, i);
        memset(cell, 0, sizeof *cell);
        cell->calls = simulator->invariants.table ? 0 : CELL_UNCHECKED;
        cell->stream = random_of(simulator->config.seed, simulator->config.first_job + i, 0);
        if (simulator->store.own == NULL) {
            memset(cell + 1, 0, simulator->store.model->state_bytes);
            simulator->store.model->begin(cell + 1);
        }
    }
}

/* Returns the index of the cell of an item. */
static uint32_t item_job(const struct tjob_simulator *simulator, uint32_t item)
{
    if ((item & ITEM_IN_FLIGHT) == 0) {
        return item >> ITEM_TAG_BITS;
    }
    return (item & ITEM_WRITE) == ITEM_WRITE
               ? ((const struct late_write *)pool_item(&simulator->writes, ITEM_NUMBER(item)))->job
               : ((const struct in_flight *)pool_item(&simulator->in_flight, ITEM_NUMBER(item)))->job;
}

/*
 * Loads the heads of the cells of items that are due soon into the cache. These are loads, one after the other: the
 * processor waits for several of them at once, but drops a prefetch of a page whose address it does not know yet. With
 * a million jobs a simulation takes a quarter less time than with prefetches.
 */
static void fetch(const void *context, const struct wheel_chunk *chunk)
{
    const struct tjob_simulator *simulator = context;
    for (uint32_t i = 0; i < chunk->count; i++) {
        const struct cell *cell = cell_at(simulator, item_job(simulator, chunk->entries[i].item));
        (void)*(const volatile uint64_t *)&cell->stream; /* its first and its last word, which may lie in two lines */
        (void)*(const volatile uint32_t *)&cell->calls;
    }
}

tjob_simulator *tjob__simulator_init(const tjob_simulator_config *config, void *memory, size_t bytes,
                                     struct replay *replay)
{
    if (!simulator_is_valid(config) || tjob_simulator_bytes(config) > bytes) {
        return NULL;
    }
    const tjob_simulator_config whole = simulator_complete(config);
    const struct simulator_layout layout = simulator_lay_out(&whole);
    unsigned char *base = memory;
    struct tjob_simulator *simulator = memory;
    memset(simulator, 0, sizeof *simulator);
    simulator->config = whole;
    simulator->store = (struct simulated_store){.model = tjob__simulator_model(&whole), .own = whole.store};
    simulator->invariants = tjob__invariants_of(&whole.policy);
    simulator->replay = replay;
    simulator->cells = base + layout.cells;
    simulator->cell_bytes = layout.cell_bytes;
    simulator->calls =
        (struct pool){.items = base + layout.calls, .item_bytes = sizeof(struct call), .max = whole.calls};
    simulator->in_flight =
        (struct pool){.items = base + layout.in_flight, .item_bytes = sizeof(struct in_flight), .max = whole.calls};
    simulator->writes =
        (struct pool){.items = base + layout.writes, .item_bytes = sizeof(struct late_write), .max = whole.calls};
    simulator->end_ms = whole.minutes * 60 * 1000;
    tjob__faults_init(&simulator->faults, &whole.faults, random_mix(whole.seed));
    tjob__wheel_init(&simulator->wheel, (struct wheel_chunk *)(void *)(base + layout.chunks), wheel_entries(&whole));
    simulator->wheel.soon = fetch;
    simulator->wheel.context = simulator;
    (void)tjob_history_checker_init(&simulator->history, base + layout.history, TJOB_HISTORY_BYTES_DEFAULT,
                                    &whole.policy);
    init_cells(simulator);
    for (uint32_t i = 0; i < whole.jobs; i++) {
        whole.workload->begin(whole.workload->context, simulator, whole.first_job + i);
    }
    return simulator;
}

tjob_simulator *tjob_simulator_init(const tjob_simulator_config *config, void *memory, size_t bytes)
{
    return tjob__simulator_init(config, memory, bytes, NULL);
}

/* ---- Functions for workloads ----------------------------------------------------------------------------------- */

bool tjob_simulator_timer(tjob_simulator *simulator, uint32_t job, uint32_t tag, uint32_t delay_ms)
{
    const uint32_t due_ms = wheel_in(&simulator->wheel, delay_ms == 0 ? 1 : delay_ms);
    const uint32_t item = (job - simulator->config.first_job) << ITEM_TAG_BITS | tag;
    if (!tjob__wheel_add(&simulator->wheel, due_ms, item)) {
        tjob__monitor_bound(simulator, TJOB_SIMULATOR_BOUND_TIMERS);
        return false;
    }
    return true;
}

uint64_t *tjob_simulator_state(tjob_simulator *simulator, uint32_t job)
{
    return cell_at(simulator, job - simulator->config.first_job)->words;
}

uint64_t tjob_simulator_random(tjob_simulator *simulator, uint32_t job)
{
    return random_next(&cell_at(simulator, job - simulator->config.first_job)->stream);
}

uint32_t tjob_simulator_exponential(tjob_simulator *simulator, uint32_t job, uint32_t mean_ms)
{
    return tjob__random_exponential(tjob_simulator_random(simulator, job), mean_ms);
}

uint64_t tjob_simulator_trait(const tjob_simulator *simulator, uint32_t job)
{
    return random_of(simulator->config.seed, job, 1);
}

uint32_t tjob_simulator_now_ms(const tjob_simulator *simulator)
{
    return simulator->wheel.now;
}

bool tjob_simulator_is_quiescing(const tjob_simulator *simulator)
{
    return simulator->quiescing;
}

/* ---- The run --------------------------------------------------------------------------------------------------- */

static void take_in(struct tjob_simulator *simulator, const struct wheel_chunk *chunk)
{
    const tjob_workload *workload = simulator->config.workload;
    for (uint32_t i = 0; i < chunk->count; i++) {
        const uint32_t item = chunk->entries[i].item;
        if (simulator->report.simulation != TJOB_SIMULATION_RUNNING) {
            return;
        }
        if ((item & ITEM_WRITE) == ITEM_WRITE) {
            tjob__write_arrives(simulator, pool_item(&simulator->writes, ITEM_NUMBER(item)));
        } else if ((item & ITEM_IN_FLIGHT) != 0) {
            tjob__in_flight_arrives(simulator, pool_item(&simulator->in_flight, ITEM_NUMBER(item)));
        } else if (!simulator->draining) {
            const uint32_t job = simulator->config.first_job + (item >> ITEM_TAG_BITS);
            workload->timer(workload->context, simulator, job, item & (TJOB_SIMULATOR_TAGS_MAX - 1));
        }
    }
}

/* Processes all events up to a time, unless the simulation ends before. */
static void simulator_pass(struct tjob_simulator *simulator, uint32_t until_ms)
{
    while (simulator->report.simulation == TJOB_SIMULATION_RUNNING &&
           tjob__wheel_advance(&simulator->wheel, until_ms)) {
        faults_advance(&simulator->faults, simulator->wheel.now);
        const struct wheel_chunk *chunk;
        while ((chunk = tjob__wheel_take(&simulator->wheel)) != NULL) {
            take_in(simulator, chunk);
            tjob__wheel_give_back(&simulator->wheel, chunk);
        }
    }
}

/* Checks all jobs for the last time, once everything has had time to quiesce. */
static void simulator_close(struct tjob_simulator *simulator)
{
    tjob_simulator_report *report = &simulator->report;
    for (uint32_t i = 0; i < simulator->config.jobs && report->simulation == TJOB_SIMULATION_RUNNING; i++) {
        tjob__monitor_closes(simulator, i);
    }
    if (report->simulation == TJOB_SIMULATION_RUNNING) {
        report->simulation = report->inconclusive_jobs != 0 ? TJOB_SIMULATION_INCONCLUSIVE : TJOB_SIMULATION_PASSED;
    }
}

static uint32_t earlier(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

tjob_simulation tjob_simulator_run(tjob_simulator *simulator, uint32_t until_ms)
{
    tjob_simulator_report *report = &simulator->report;
    const uint32_t last_ms = simulator->end_ms + TJOB_SIMULATOR_QUIESCE_MS;
    const uint32_t drain_ms = last_ms - TJOB_SIMULATOR_DRAIN_MS;
    simulator_pass(simulator, earlier(until_ms, simulator->end_ms));
    if (until_ms >= simulator->end_ms && !simulator->quiescing) {
        simulator->quiescing = true;
        tjob__faults_cease(&simulator->faults);
    }
    simulator_pass(simulator, earlier(until_ms, drain_ms));
    simulator->draining = until_ms >= drain_ms;
    simulator_pass(simulator, earlier(until_ms, last_ms));
    report->now_ms = simulator->wheel.now;
    report->calls_most = simulator->calls.most;
    report->timers_most = simulator->wheel.most;
    if (until_ms >= last_ms && report->simulation == TJOB_SIMULATION_RUNNING) {
        simulator_close(simulator);
    }
    return report->simulation;
}

const tjob_simulator_report *tjob_simulator_report_of(const tjob_simulator *simulator)
{
    return &simulator->report;
}
