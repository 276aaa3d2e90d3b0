/* What a job can be, after all that was acknowledged, seen, and left open. */
#ifndef TJOB_TESTS_TRUTH_H
#define TJOB_TESTS_TRUTH_H

#include "tjob/operation.h"

enum { TRUTH_JOBS_MAX = 16 };

/* A job is one of these; TJOB_ABSENT stands for none. An incarnation of 0 is one that is not known. */
struct truth {
    tjob_job jobs[TRUTH_JOBS_MAX];
    unsigned count;
    bool seen; /* and this is the version that was last seen, and what had it */
    uint64_t version;
    tjob_job at_version;
};

/* At first there is no job. */
void truth_init(struct truth *truth);

/* An operation ended: or it did not, and may have done what it was to do. Returns what is wrong, NULL if nothing is. */
const char *truth_ended(struct truth *truth, const tjob_event *event, uint64_t now_ms, const tjob_outcome *outcome);
void truth_left_open(struct truth *truth, const tjob_event *event, uint64_t now_ms);

/* A load found it so; `job` is absent where it found none. */
const char *truth_seen(struct truth *truth, const tjob_job *job, uint64_t version);

#endif
