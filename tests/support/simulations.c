#include "support/simulations.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

void *simulation_memory(const tjob_simulator_config *config)
{
    const size_t bytes = (size_t)tjob_simulator_bytes(config);
    ck_assert_uint_ne(bytes, 0);
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    ck_assert_ptr_nonnull(memory);
    memset(memory, 0xa5, bytes); /* it held something else before */
    return memory;
}

tjob_simulator_report simulation_run(const tjob_simulator_config *config)
{
    void *memory = simulation_memory(config);
    tjob_simulator *simulator = tjob_simulator_init(config, memory, (size_t)tjob_simulator_bytes(config));
    ck_assert_ptr_nonnull(simulator);
    const tjob_simulation end = tjob_simulator_run(simulator, UINT32_MAX);
    const tjob_simulator_report report = *tjob_simulator_report_of(simulator);
    ck_assert_int_eq(end, report.simulation);
    free(memory);
    return report;
}

void no_timer(void *context, tjob_simulator *simulator, uint32_t job, uint32_t tag)
{
    (void)context, (void)simulator, (void)job, (void)tag;
}

void nothing_ends(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor, const tjob_event *event,
                  const tjob_outcome *outcome)
{
    (void)context, (void)simulator, (void)job, (void)actor, (void)event, (void)outcome;
}

void submit_at_once(void *context, tjob_simulator *simulator, uint32_t job)
{
    (void)context;
    ck_assert_uint_eq(tjob_simulator_now_ms(simulator), 0);
    tjob_simulator_call(simulator, job, TJOB_ACTOR_HOST, &(tjob_event){.kind = TJOB_SUBMIT, .token = 1});
}

void start_and_stop(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor, const tjob_event *event,
                    const tjob_outcome *outcome)
{
    (void)context, (void)actor;
    if (event->kind == TJOB_SUBMIT) {
        const tjob_event start = {.kind = TJOB_START, .incarnation = outcome->job.incarnation, .trainer_token = 1};
        tjob_simulator_call(simulator, job, TJOB_ACTOR_TRAINER, &start);
    } else if (event->kind == TJOB_START) {
        tjob_simulator_call(simulator, job, TJOB_ACTOR_CLIENT, &(tjob_event){.kind = TJOB_STOP});
    }
}
