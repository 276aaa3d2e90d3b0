/* A script, told as a story. */
#ifndef TJOB_VERIFY_SIMULATOR_REPLAY_DESCRIBE_H
#define TJOB_VERIFY_SIMULATOR_REPLAY_DESCRIBE_H

#include "tjob/trace_printer.h"
#include "verify/simulator/replay.h"

/*
 * Runs a script and tells it: what one operation does without another in between is one step. `check` is what the run
 * violates. Returns how many steps there are; `story` may be NULL.
 */
uint32_t tjob__replay_describe(struct replay_run *run, const struct replay *replay, tjob_invariant check,
                               tjob_trace_printer *printer);

#endif
