/*
 * A backend under simulation: its own store and its own workload, 1,000 seeds. The store is a table in memory, as in a
 * first attempt. One additional line gives it a bug; the simulator finds the bug and prints the trace step by step.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tjob/simulator.h"

enum { JOBS = 4, MINUTES = 120, SEEDS = 1000, SECOND = 1000 };

/* ---- The store: rows are found by the last digits of the ARN --------------------------------------------------- */

struct table {
    struct row {
        tjob_job job;
        uint64_t version;
    } rows[JOBS];
    bool forgets; /* the bug: a removal resets the version, too */
};

static struct row *row_of(void *context, tjob_text arn)
{
    return &((struct table *)context)->rows[arn.data[arn.bytes - 1] - '0'];
}

static tjob_load_status load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    const struct row *row = row_of(context, arn);
    (void)user;
    *job = row->job;
    *version = row->version;
    return row->job.state == TJOB_ABSENT ? TJOB_LOAD_NOT_FOUND : TJOB_LOAD_OK;
}

static tjob_swap_status swap(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    struct row *row = row_of(context, arn);
    (void)user;
    if (row->version != expected) {
        return TJOB_SWAP_CONFLICT;
    }
    row->job = next != NULL ? *next : (tjob_job){.state = TJOB_ABSENT};
    row->version++;
    if (next == NULL && ((struct table *)context)->forgets) {
        row->version = 0;
    }
    return TJOB_SWAP_OK;
}

static bool empty(void *context)
{
    memset(((struct table *)context)->rows, 0, sizeof((struct table *)context)->rows);
    return true;
}

/* ---- The workload: each job is submitted, trained, stopped, deleted, and submitted again ----------------------- */

static void begin(void *context, tjob_simulator *simulator, uint32_t job)
{
    (void)context;
    tjob_simulator_timer(simulator, job, 0, tjob_simulator_exponential(simulator, job, 10 * SECOND));
}

/* A random actor makes a call that may be valid or not; the simulator knows the correct answers. */
static void timer(void *context, tjob_simulator *simulator, uint32_t job, uint32_t tag)
{
    static const struct {
        tjob_actor actor;
        tjob_event_kind kind;
    } effects[] = {{TJOB_ACTOR_HOST, TJOB_SUBMIT},    {TJOB_ACTOR_TRAINER, TJOB_START},
                   {TJOB_ACTOR_CLIENT, TJOB_STOP},    {TJOB_ACTOR_TRAINER, TJOB_COMPLETED},
                   {TJOB_ACTOR_TRAINER, TJOB_HALTED}, {TJOB_ACTOR_CLIENT, TJOB_DELETE},
                   {TJOB_ACTOR_HOST, TJOB_REMOVED},   {TJOB_ACTOR_CLIENT, TJOB_DESCRIBE}};
    const uint64_t choice = tjob_simulator_random(simulator, job);
    const bool quiesces = tjob_simulator_is_quiescing(simulator);
    const unsigned effect = quiesces ? 4 : (unsigned)(choice % (sizeof effects / sizeof effects[0]));
    uint64_t *state = tjob_simulator_state(simulator, job); /* [0]: tokens used so far; [1]: the job's trainer token */
    const bool begins = effects[effect].kind == TJOB_SUBMIT || effects[effect].kind == TJOB_START;
    const uint64_t token = begins ? ++state[0] : 0;
    const uint64_t trainer_token = effects[effect].kind == TJOB_START            ? token
                                   : effects[effect].actor == TJOB_ACTOR_TRAINER ? state[1]
                                                                                 : 0;
    (void)context;
    tjob_simulator_call(simulator, job, effects[effect].actor,
                        &(tjob_event){.kind = effects[effect].kind, .token = token, .trainer_token = trainer_token});
    tjob_simulator_timer(simulator, job, tag,
                         tjob_simulator_exponential(simulator, job, quiesces ? 600 * SECOND : 10 * SECOND));
}

/* Each answer with a record has the token of the job's trainer. */
static void ended(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor, const tjob_event *event,
                  const tjob_outcome *outcome)
{
    (void)context, (void)actor, (void)event;
    if (outcome->after != TJOB_ABSENT) {
        tjob_simulator_state(simulator, job)[1] = outcome->job.trainer_token;
    }
}

/* ---- The test -------------------------------------------------------------------------------------------------- */

static void print(void *context, const char *text, size_t bytes)
{
    fwrite(text, 1, bytes, context);
}

/* Prints a short run that also fails. */
static void explain(const tjob_simulator_config *config, const tjob_simulator_report *report)
{
    tjob_trace_printer printer = {.format = TJOB_TRACE_TEXT, .write = print, .context = stdout};
    void *memory = aligned_alloc(64, TJOB_SHRINK_BYTES);
    printf("seed %" PRIu64 ", job %" PRIu32 ": %s\n", config->seed, report->violation.job,
           tjob_invariant_sentence(report->violation.invariant));
    if (memory != NULL) {
        tjob_simulator_shrink(config, report, memory, &printer);
    }
    free(memory);
}

/* Runs the seeds one by one until one fails. */
static void run(bool forgets)
{
    struct table table = {.forgets = forgets};
    const tjob_store store = {&table, load, swap};
    const tjob_workload workload = {.begin = begin, .timer = timer, .ended = ended};
    tjob_simulator_config config = {.jobs = JOBS,
                                    .minutes = MINUTES,
                                    .faults = tjob_fault_profile_storm,
                                    .workload = &workload,
                                    .store = &store,
                                    .empty = empty,
                                    .empty_context = &table};
    const size_t bytes = (size_t)tjob_simulator_bytes(&config);
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    uint64_t operations = 0;
    tjob_simulation end = TJOB_SIMULATION_PASSED;
    for (config.seed = 1; memory != NULL && config.seed <= SEEDS && end == TJOB_SIMULATION_PASSED; config.seed++) {
        empty(&table);
        tjob_simulator *simulator = tjob_simulator_init(&config, memory, bytes);
        end = tjob_simulator_run(simulator, UINT32_MAX);
        const tjob_simulator_report *report = tjob_simulator_report_of(simulator);
        operations += report->operation_count;
        if (end != TJOB_SIMULATION_PASSED) {
            explain(&config, report);
        }
    }
    printf("%" PRIu64 " seeds, %" PRIu64 " operations: %s\n", config.seed - 1, operations, tjob_simulation_name(end));
    free(memory);
}

int main(void)
{
    run(false);
    run(true);
    return EXIT_SUCCESS;
}
