/* The shrunk replay, for those who print it in another form. */
#ifndef TJOB_VERIFY_SIMULATOR_SHRINK_H
#define TJOB_VERIFY_SIMULATOR_SHRINK_H

#include "verify/simulator/replay.h"

/* Returns the shrunk replay that tjob_simulator_shrink has left in its memory. */
const struct replay *tjob__shrunk_replay(const void *memory);

/* Returns its run, made ready for another one. It is over a model of a store, even if the configuration has a store of
 * the caller's. `config` must outlive the run. */
struct replay_run *tjob__shrunk_run(void *memory, const tjob_simulator_config *config);

#endif
