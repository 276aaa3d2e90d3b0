/* Every kind of record that some course of a job leads to: what it bears besides its state. */
#ifndef TJOB_TESTS_RECORDS_H
#define TJOB_TESTS_RECORDS_H

#include <stdbool.h>

#include "support/jobs.h"
#include "tjob/job.h"

typedef struct possible_record {
    tjob_state state;
    bool started; /* bears a trainer and the start of training */
    bool stop;    /* bears a stop time */
    bool ended;
} possible_record;

static const possible_record possible_records[] = {
    {TJOB_SUBMITTED, false, false, false},
    {TJOB_TRAINING, true, false, false},
    {TJOB_STOP_REQUESTED, true, true, false},
    {TJOB_STOPPED, false, true, true}, /* before training */
    {TJOB_STOPPED, true, true, true},
    {TJOB_TRAINED, true, false, true},
    {TJOB_TRAINED, true, true, true}, /* completed before it could be stopped */
    {TJOB_TRAINED_WITH_WARNING, true, false, true},
    {TJOB_TRAINED_WITH_WARNING, true, true, true},
    {TJOB_IN_ERROR, false, false, true}, /* failed by the host before training */
    {TJOB_IN_ERROR, true, false, true},
    {TJOB_IN_ERROR, true, true, true},
    {TJOB_DELETING, false, false, true},
    {TJOB_DELETING, false, true, true},
    {TJOB_DELETING, true, false, true},
    {TJOB_DELETING, true, true, true},
};

enum { POSSIBLE_RECORDS = sizeof possible_records / sizeof possible_records[0] };

/* One record of each kind, by its place in the list; behind the list, the absent job. */
static inline tjob_job possible_job(unsigned index)
{
    if (index >= POSSIBLE_RECORDS) {
        return (tjob_job){.state = TJOB_ABSENT, .incarnation = SAMPLE_INCARNATION};
    }
    const possible_record *record = &possible_records[index];
    const bool at_once = record->stop && !record->started; /* a stop before training ends the job then and there */
    return (tjob_job){
        .submit_token = SAMPLE_TOKEN,
        .incarnation = SAMPLE_INCARNATION,
        .trainer_token = record->started ? SAMPLE_TRAINER : 0,
        .submitted_ms = SAMPLE_SUBMITTED_MS,
        .training_started_ms = record->started ? SAMPLE_STARTED_MS : 0,
        .stop_requested_ms = record->stop ? SAMPLE_STOP_MS : 0,
        .ended_ms = at_once         ? SAMPLE_STOP_MS
                    : record->ended ? SAMPLE_ENDED_MS
                                    : 0,
        .state = record->state,
        .host_code = SAMPLE_HOST_CODE,
    };
}

#endif
