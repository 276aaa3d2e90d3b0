/* The description of a replay as a trace. */
#ifndef TJOB_VERIFY_SIMULATOR_REPLAY_DESCRIBE_H
#define TJOB_VERIFY_SIMULATOR_REPLAY_DESCRIBE_H

#include "tjob/trace_printer.h"
#include "verify/simulator/replay.h"

/* Returns the earliest time in a replay, minus 1: the origin of the times that are printed. */
uint64_t tjob__replay_beginning(const struct replay *replay);

/* Runs a replay and describes it: each access is a step, in the words of the lifecycle model. `check` is the invariant
 * that the run violates. */
void tjob__replay_describe(struct replay_run *run, const struct replay *replay, tjob_invariant check,
                           tjob_trace_printer *printer);

#endif
