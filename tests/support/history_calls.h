/* Calls of histories to try the checker on. */
#ifndef TJOB_TESTS_HISTORY_CALLS_H
#define TJOB_TESTS_HISTORY_CALLS_H

#include "tjob/history_checker.h"

/* A call that begins at `invoked` and is answered at `answered` with an outcome that is reported in full. */
tjob_call call_reported(tjob_event event, uint64_t invoked, uint64_t answered, tjob_outcome outcome);

/* The same, with an outcome of which the status alone is reported. */
tjob_call call_with_status(tjob_event event, uint64_t invoked, uint64_t answered, tjob_status status);

/* What the rule makes of an event: an outcome as an operation gives it, and in *job what is left. */
tjob_outcome outcome_of(tjob_job *job, const tjob_event *event, uint64_t now_ms, const tjob_policy *policy);

/* Policies under which the same calls mean different things; under each a stop expires after so long. */
enum { HISTORY_TIMEOUT_MS = 100, HISTORY_POLICIES = 3 };
extern const tjob_policy history_policies[HISTORY_POLICIES];

#endif
