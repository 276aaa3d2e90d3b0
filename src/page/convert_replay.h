/* A shrunk failure of a simulation as a situation: each access of its replay becomes the steps of Play for it. */
#ifndef TJOB_PAGE_CONVERT_REPLAY_H
#define TJOB_PAGE_CONVERT_REPLAY_H

#include "page/convert.h"
#include "verify/simulator/replay.h"

/*
 * Writes a replay as a situation. `run` is memory for a run of it over a model of a store, of which the caller has set
 * store, policy, bug and history. `play` is memory as well. Returns false if Play cannot show it: there are too many
 * actors, or nothing is violated; what was written is then meaningless.
 */
bool tjob__convert_replay(const struct replay *replay, struct replay_run *run, struct play *play, json_writer *writer);

#endif
