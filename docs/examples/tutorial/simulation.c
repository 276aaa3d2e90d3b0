/*
 * The trainer of the tutorial under simulation: a hundred jobs, each with a host that submits it, a client that stops
 * it, and a trainer that asks now and then whether to go on. Answers are lost, late or wrong, and every actor crashes.
 * With the argument "deaf" the trainer never asks, and the simulator must detect that.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tjob/simulator.h"

enum { JOBS = 100, MINUTES = 600, MINUTE = 60 * 1000, SEEDS = 20 };

/* The purpose of each timer of a job. */
enum tag { SUBMIT, ASK, STOP };

struct trainer {
    bool is_deaf;
};

/* The token of a job's trainer; each job has one trainer here. */
static uint64_t token_of(uint32_t job)
{
    return job + UINT64_C(1000);
}

static void begin(void *context, tjob_simulator *simulator, uint32_t job)
{
    (void)context;
    tjob_simulator_timer(simulator, job, SUBMIT, tjob_simulator_exponential(simulator, job, 10 * MINUTE));
    tjob_simulator_timer(simulator, job, STOP, tjob_simulator_exponential(simulator, job, 120 * MINUTE));
}

static void timer(void *context, tjob_simulator *simulator, uint32_t job, uint32_t tag)
{
    static const tjob_actor actors[] = {
        [SUBMIT] = TJOB_ACTOR_HOST, [ASK] = TJOB_ACTOR_TRAINER, [STOP] = TJOB_ACTOR_CLIENT};
    const tjob_event events[] = {
        [SUBMIT] = {.kind = TJOB_SUBMIT, .token = job + UINT64_C(1)},
        [ASK] = {.kind = TJOB_START, .trainer_token = token_of(job)},
        [STOP] = {.kind = TJOB_STOP},
    };
    (void)context;
    tjob_simulator_call(simulator, job, actors[tag], &events[tag]);
}

/* The host and the client retry until they succeed; the trainer acts on the answer. */
static void ended(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor, const tjob_event *event,
                  const tjob_outcome *outcome)
{
    const struct trainer *trainer = context;
    if (actor != TJOB_ACTOR_TRAINER && outcome->status != TJOB_OK) {
        tjob_simulator_timer(simulator, job, actor == TJOB_ACTOR_HOST ? SUBMIT : STOP, MINUTE);
    } else if (event->kind == TJOB_SUBMIT) {
        tjob_simulator_timer(simulator, job, ASK, MINUTE);
    } else if (actor == TJOB_ACTOR_TRAINER && outcome->after == TJOB_STOP_REQUESTED) {
        tjob_simulator_call(simulator, job, actor, &(tjob_event){.kind = TJOB_HALTED, .trainer_token = token_of(job)});
    } else if (actor == TJOB_ACTOR_TRAINER && !tjob_state_is_final(outcome->after) && !trainer->is_deaf) {
        tjob_simulator_timer(simulator, job, ASK, MINUTE);
    } else if (actor == TJOB_ACTOR_TRAINER && tjob_status_is_failure(outcome->status)) {
        tjob_simulator_timer(simulator, job, ASK, MINUTE);
    }
}

static tjob_simulation simulate(uint64_t seed, struct trainer *trainer, const tjob_simulator_report **report,
                                void *memory, size_t bytes)
{
    const tjob_workload workload = {.context = trainer, .begin = begin, .timer = timer, .ended = ended};
    const tjob_simulator_config config = {
        .seed = seed, .jobs = JOBS, .minutes = MINUTES, .faults = tjob_fault_profile_storm, .workload = &workload};
    tjob_simulator *simulator = tjob_simulator_init(&config, memory, bytes);
    *report = tjob_simulator_report_of(simulator);
    return tjob_simulator_run(simulator, UINT32_MAX);
}

int main(int argc, char **argv)
{
    struct trainer trainer = {.is_deaf = argc == 2 && strcmp(argv[1], "deaf") == 0};
    const size_t bytes = 1 << 22;
    void *memory = aligned_alloc(64, bytes);
    tjob_simulation end = memory != NULL ? TJOB_SIMULATION_PASSED : TJOB_SIMULATION_INCONCLUSIVE;
    uint64_t seed = 0;
    uint64_t operations = 0;
    while (end == TJOB_SIMULATION_PASSED && seed < SEEDS) {
        const tjob_simulator_report *report;
        end = simulate(++seed, &trainer, &report, memory, bytes);
        operations += report->operation_count;
        if (end == TJOB_SIMULATION_VIOLATED) {
            printf("seed %" PRIu64 ", job %" PRIu32 " violates: %s\n", seed, report->violation.job,
                   tjob_invariant_sentence(report->violation.invariant));
        }
    }
    printf("%" PRIu64 " seeds, %" PRIu64 " operations: %s\n", seed, operations, tjob_simulation_name(end));
    free(memory);
    return end == TJOB_SIMULATION_PASSED ? EXIT_SUCCESS : EXIT_FAILURE;
}
