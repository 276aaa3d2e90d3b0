/* The race that is drawn, as the model checker tells it. */
#ifndef TJOB_TESTS_PICTURES_RACE_TRACE_H
#define TJOB_TESTS_PICTURES_RACE_TRACE_H

#include <stdbool.h>

#include "tjob/explorer.h"

enum { RACE_STEPS_MAX = 32 };

struct race_step {
    tjob_step_description description;
    bool is_lost; /* the answer never arrives */
};

struct race {
    int count;
    struct race_step steps[RACE_STEPS_MAX];
};

/*
 * A shortest trace to where a stop loses its answer, a completion meets a conflict because of it and wins all the same,
 * and the stop finds out; from where the job is in training. False, and said on standard error, if there is none.
 */
bool race_find(struct race *race);

#endif
