/* The transition function for those who have validated its arguments. */
#ifndef TJOB_CORE_LIFECYCLE_H
#define TJOB_CORE_LIFECYCLE_H

#include "tjob/job.h"

/* As tjob_job_apply, for a record and an event that are valid. */
tjob_transition_result tjob__lifecycle_apply(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                             const tjob_policy *policy, tjob_job *next);

#endif
