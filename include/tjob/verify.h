/* All headers of tjob_verify: the model checker, the lifecycle model, the linearizability checker, the simulator, and
 * the contract suite of stores. */
#ifndef TJOB_VERIFY_H
#define TJOB_VERIFY_H

#include "tjob/actor.h"
#include "tjob/explorer.h"
#include "tjob/history_checker.h"
#include "tjob/history_log.h"
#include "tjob/invariant.h"
#include "tjob/lifecycle_model.h"
#include "tjob/seeded_bug.h"
#include "tjob/simulator.h"
#include "tjob/store_contract.h"
#include "tjob/store_model.h"
#include "tjob/trace_printer.h"

#endif
