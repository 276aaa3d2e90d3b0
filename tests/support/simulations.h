/* Simulations for tests, in memory of their own. */
#ifndef TJOB_TESTS_SIMULATIONS_H
#define TJOB_TESTS_SIMULATIONS_H

#include "tjob/simulator.h"

/* Memory of a simulation, aligned to 64; for free. */
void *simulation_memory(const tjob_simulator_config *config);

/* Runs a simulation to its end, and copies its report. */
tjob_simulator_report simulation_run(const tjob_simulator_config *config);

#endif
