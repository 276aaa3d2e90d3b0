#include "support/jobs.h"

const tjob_text sample_arn =
    TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/examplerecognizer1");

tjob_job sample_job(tjob_state state)
{
    tjob_job job = {.state = state, .incarnation = SAMPLE_INCARNATION};
    if (state == TJOB_ABSENT) {
        return job;
    }
    job.submit_token = SAMPLE_TOKEN;
    job.host_code = SAMPLE_HOST_CODE;
    job.submitted_ms = SAMPLE_SUBMITTED_MS;
    if (state == TJOB_SUBMITTED) {
        return job;
    }
    job.trainer_token = SAMPLE_TRAINER;
    job.training_started_ms = SAMPLE_STARTED_MS;
    if (state == TJOB_TRAINING) {
        return job;
    }
    if (state == TJOB_STOP_REQUESTED || state == TJOB_STOPPED) {
        job.stop_requested_ms = SAMPLE_STOP_MS;
    }
    if (state != TJOB_STOP_REQUESTED) {
        job.ended_ms = SAMPLE_ENDED_MS;
    }
    return job;
}
