/* 64 bytes as a record; what decodes can be, is encoded to the same bytes, and stays one that can be whatever happens.
 */
#include <stdbool.h>
#include <string.h>

#include "target.h"
#include "tjob/job.h"

static tjob_event event_of(struct fuzz_bytes *bytes, const tjob_job *job)
{
    const unsigned fences = fuzz_byte(bytes);
    return (tjob_event){
        .kind = fuzz_byte(bytes) % (TJOB_EVENT_KIND_COUNT + 1),
        .incarnation = fences & 1   ? job->incarnation
                       : fences & 2 ? fuzz_byte(bytes)
                                    : 0,
        .trainer_token = fences & 4   ? job->trainer_token
                         : fences & 8 ? fuzz_byte(bytes)
                                      : 0,
        .token = fences & 16 ? job->submit_token : fuzz_byte(bytes),
        .host_code = fuzz_byte(bytes),
    };
}

static bool is_ordered(const tjob_job *job)
{
    const uint64_t times[] = {job->submitted_ms, job->training_started_ms, job->stop_requested_ms, job->ended_ms};
    for (int i = 0; i < 4; i++) {
        for (int k = i + 1; k < 4; k++) {
            if (times[k] != 0 && times[i] > times[k]) {
                return false;
            }
        }
    }
    return true;
}

static void check_record(const tjob_job *job)
{
    FUZZ_EXPECT(is_ordered(job));
    unsigned char encoded[TJOB_JOB_ENCODED_BYTES];
    tjob_job decoded;
    FUZZ_EXPECT(tjob_job_validate(job) == TJOB_JOB_VALID);
    tjob_job_encode(job, encoded);
    FUZZ_EXPECT(tjob_job_decode(encoded, &decoded) == TJOB_JOB_VALID);
    FUZZ_EXPECT(memcmp(&decoded, job, sizeof decoded) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char encoded[TJOB_JOB_ENCODED_BYTES] = {0};
    const size_t taken = size < sizeof encoded ? size : sizeof encoded;
    struct fuzz_bytes bytes = {data + taken, data + size};
    tjob_job job;
    tjob_job untouched;
    memcpy(encoded, data, taken);
    memset(&job, 0x5a, sizeof job);
    untouched = job;
    if (tjob_job_decode(encoded, &job) != TJOB_JOB_VALID) {
        FUZZ_EXPECT(memcmp(&job, &untouched, sizeof job) == 0);
        return 0;
    }
    unsigned char again[TJOB_JOB_ENCODED_BYTES];
    tjob_job_encode(&job, again);
    FUZZ_EXPECT(memcmp(again, encoded, sizeof again) == 0);
    check_record(&job);
    while (bytes.at != bytes.end && job.state != TJOB_ABSENT) {
        const tjob_event event = event_of(&bytes, &job);
        const tjob_policy policy = {.stop_submitted = fuzz_byte(&bytes) % 3, .stop_finished = fuzz_byte(&bytes) % 2};
        const uint64_t now_ms = (uint64_t)fuzz_byte(&bytes) << fuzz_byte(&bytes) % 57;
        const tjob_job before = job;
        const tjob_transition_result result = tjob_job_apply(&job, &event, now_ms, &policy, &job);
        FUZZ_EXPECT(result.changed == (memcmp(&job, &before, sizeof job) != 0));
        FUZZ_EXPECT(!result.changed || result.status == TJOB_OK);
        if (job.state != TJOB_ABSENT) {
            check_record(&job);
            FUZZ_EXPECT(job.submitted_ms == before.submitted_ms && job.ended_ms >= before.ended_ms);
        }
    }
    return 0;
}
