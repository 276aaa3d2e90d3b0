/* All of tjob_verify: what explores models of a job, of its actors and of anything else, and judges histories. */
#ifndef TJOB_VERIFY_H
#define TJOB_VERIFY_H

#include "tjob/explorer.h"
#include "tjob/history_checker.h"
#include "tjob/history_log.h"
#include "tjob/invariant.h"
#include "tjob/lifecycle_model.h"
#include "tjob/seeded_bug.h"
#include "tjob/simulator.h"
#include "tjob/store_model.h"
#include "tjob/trace_printer.h"

#endif
