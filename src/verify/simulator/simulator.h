/* What the simulator offers its own modules, beyond tjob/simulator.h. */
#ifndef TJOB_VERIFY_SIMULATOR_SIMULATOR_H
#define TJOB_VERIFY_SIMULATOR_SIMULATOR_H

#include "tjob/simulator.h"
#include "verify/simulator/replay.h"

/* Like tjob_simulator_init, but records what happens in a replay, unless `replay` is NULL. */
tjob_simulator *tjob__simulator_init(const tjob_simulator_config *config, void *memory, size_t bytes,
                                     struct replay *replay);

/* Returns the store model of a configuration, with its seeded bug. */
const tjob_store_model *tjob__simulator_model(const tjob_simulator_config *config);

#endif
