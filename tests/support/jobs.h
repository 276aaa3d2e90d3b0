/* Records to try things on. */
#ifndef TJOB_TESTS_JOBS_H
#define TJOB_TESTS_JOBS_H

#include "tjob/job.h"
#include "tjob/text.h"

/* What the sample jobs bear. */
enum {
    SAMPLE_TOKEN = 11,
    SAMPLE_INCARNATION = 22,
    SAMPLE_TRAINER = 33,
    SAMPLE_HOST_CODE = 44,
    SAMPLE_SUBMITTED_MS = 1000,
    SAMPLE_STARTED_MS = 2000,
    SAMPLE_STOP_MS = 3000,
    SAMPLE_ENDED_MS = 4000,
    SAMPLE_NOW_MS = 5000
};

/*
 * A job in a state, with a trainer where the state allows one, and the times of its course: started at
 * SAMPLE_STARTED_MS and so on. A stop time only where the state demands one. Absent: all zero but the next incarnation.
 */
tjob_job sample_job(tjob_state state);

/* The captured clients' recognizer: 78 bytes. */
extern const tjob_text sample_arn;

#endif
