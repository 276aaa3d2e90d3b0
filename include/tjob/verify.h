/* All of tjob_verify: what explores models of a job, of its actors and of anything else, and judges histories. */
#ifndef TJOB_VERIFY_H
#define TJOB_VERIFY_H

#include "tjob/explorer.h"
#include "tjob/history.h"
#include "tjob/lifecycle_model.h"
#include "tjob/log.h"
#include "tjob/plant.h"
#include "tjob/simulator.h"
#include "tjob/story.h"

#endif
