/*
 * What the lifecycle should do, written down a second time: as the words of a table that a person reads, and as the
 * sentences about fences, times and policies around it. Slow, and with no line of the library's own.
 */
#ifndef TJOB_TESTS_LIFECYCLE_ORACLE_H
#define TJOB_TESTS_LIFECYCLE_ORACLE_H

#include <stdbool.h>

#include "tjob/job.h"

typedef struct oracle_ruling {
    tjob_status status;
    bool changed;
    tjob_job next;
} oracle_ruling;

/* What `event` does to `job`, which is possible or absent. */
oracle_ruling oracle_apply(const tjob_job *job, const tjob_event *event, uint64_t now_ms, const tjob_policy *policy);

/* The word of the table for an event in a state, such as "refused" or "-> TRAINING". */
const char *oracle_cell(tjob_event_kind event, tjob_state state);

#endif
