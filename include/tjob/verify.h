/* All of tjob_verify: what checks models of a job, of its actors and of anything else, state by state. */
#ifndef TJOB_VERIFY_H
#define TJOB_VERIFY_H

#include "tjob/explorer.h"
#include "tjob/lifecycle_model.h"
#include "tjob/plant.h"
#include "tjob/story.h"

#endif
