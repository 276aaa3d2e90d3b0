/* Simulations for tests, in memory of their own. */
#ifndef TJOB_TESTS_SIMULATIONS_H
#define TJOB_TESTS_SIMULATIONS_H

#include "tjob/simulator.h"

/* Memory of a simulation, aligned to 64; for free. */
void *simulation_memory(const tjob_simulator_config *config);

/* Runs a simulation to its end, and copies its report. */
tjob_simulator_report simulation_run(const tjob_simulator_config *config);

/* Callbacks for a workload: one that ignores timers, one that ignores answers, and one that submits a job at time 0. */
void no_timer(void *context, tjob_simulator *simulator, uint32_t job, uint32_t tag);
void nothing_ends(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor, const tjob_event *event,
                  const tjob_outcome *outcome);
void submit_at_once(void *context, tjob_simulator *simulator, uint32_t job);

/* Starts a job that was submitted, and stops it when it has started: nobody ends it. */
void start_and_stop(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor, const tjob_event *event,
                    const tjob_outcome *outcome);

#endif
