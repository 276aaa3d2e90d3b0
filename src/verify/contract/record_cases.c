#include "verify/contract/record_cases.h"

#include <string.h>

bool tjob__contract_a_new_store_holds_nothing(struct trial *trial)
{
    return tjob__trial_expect_at(trial, tjob__trial_a, NULL, 0) &&
           tjob__trial_expect_at(trial, tjob__trial_b, NULL, 0) && tjob__trial_expect_at(trial, tjob__trial_a, NULL, 0);
}

bool tjob__contract_what_was_created_is_found(struct trial *trial)
{
    const tjob_job job = tjob__trial_record(1);
    uint64_t version;
    return tjob__trial_put(trial, tjob__trial_a, &job, &version) &&
           tjob__trial_expect_at(trial, tjob__trial_a, &job, version) &&
           tjob__trial_expect_at(trial, tjob__trial_a, &job, version);
}

/* Every bit of every field, each in a valid record; and every state. */
bool tjob__contract_every_bit_of_a_record_comes_back(struct trial *trial)
{
    enum { FIELDS = 7, BITS = 64, STATES = TJOB_DELETING };
    uint64_t version;
    for (unsigned i = 0; i < FIELDS * BITS; i++) {
        const uint64_t bit = UINT64_C(1) << i % BITS;
        tjob_job job = tjob__trial_record(i);
        uint64_t *const fields[FIELDS] = {&job.submit_token, &job.incarnation,         &job.trainer_token,
                                          &job.submitted_ms, &job.training_started_ms, &job.stop_requested_ms,
                                          &job.ended_ms};
        for (unsigned field = 0; field < FIELDS; field++) {
            *fields[field] = field < i / BITS && field >= 3 ? 1 : field > i / BITS ? UINT64_MAX : bit;
        }
        job.host_code = UINT32_C(1) << i % 32;
        if (!tjob__trial_put(trial, tjob__trial_a, &job, &version)) {
            return false;
        }
    }
    for (unsigned state = TJOB_SUBMITTED; state <= STATES; state++) {
        tjob_job job = tjob__trial_record(state);
        const bool trained = state != TJOB_SUBMITTED;
        job.state = state;
        job.trainer_token = trained ? job.trainer_token : 0;
        job.training_started_ms = trained ? job.training_started_ms : 0;
        job.stop_requested_ms = state == TJOB_STOP_REQUESTED || state == TJOB_STOPPED ? job.stop_requested_ms : 0;
        job.ended_ms = state > TJOB_STOP_REQUESTED ? job.ended_ms : 0;
        if (!tjob__trial_put(trial, tjob__trial_a, &job, &version)) {
            return false;
        }
    }
    return true;
}

bool tjob__contract_the_store_copies(struct trial *trial)
{
    char name[] = TRIAL_PREFIX "copied";
    tjob_job job = tjob__trial_record(1);
    const tjob_job there = job;
    uint64_t version;
    if (!tjob__trial_put(trial, (tjob_text){name, sizeof name - 1}, &job, &version)) {
        return false;
    }
    memset(&job, 0xff, sizeof job);
    memset(name, 'x', sizeof name - 1);
    return tjob__trial_expect_at(trial, (tjob_text)TJOB_TEXT(TRIAL_PREFIX "copied"), &there, version);
}

/* Names that differ in one byte, in case, in length: each is a job of its own. */
bool tjob__contract_names_are_distinguished(struct trial *trial)
{
    char longest[2][TJOB_ARN_BYTES_MAX];
    for (unsigned i = 0; i < 2; i++) {
        memset(longest[i], 'a', sizeof longest[i]);
        memcpy(longest[i], TRIAL_PREFIX, sizeof TRIAL_PREFIX - 1);
    }
    longest[1][TJOB_ARN_BYTES_MAX - 1] = 'b';
    const tjob_text names[] = {
        TJOB_TEXT(TRIAL_PREFIX "a"),
        TJOB_TEXT(TRIAL_PREFIX "A"),
        TJOB_TEXT(TRIAL_PREFIX "aa"),
        TJOB_TEXT(TRIAL_PREFIX "ab"),
        TJOB_TEXT(TRIAL_PREFIX "a/version/1"),
        TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223334:entity-recognizer/a"),
        TJOB_TEXT("arn:aws-cn:comprehend:us-west-2:111122223333:entity-recognizer/a"),
        TJOB_TEXT("arn:aws:comprehend::000000000000:entity-recognizer/0"),
        {longest[0], TJOB_ARN_BYTES_MAX},
        {longest[1], TJOB_ARN_BYTES_MAX},
        {longest[0], TJOB_ARN_BYTES_MAX - 1},
    };
    enum { COUNT = sizeof names / sizeof names[0] };
    uint64_t versions[COUNT];
    for (unsigned i = 0; i < COUNT; i++) {
        const tjob_job job = tjob__trial_record(i);
        if (!tjob__trial_expect(trial, names[i], NULL, &versions[i]) ||
            !tjob__trial_put(trial, names[i], &job, &versions[i])) {
            return false;
        }
    }
    for (unsigned i = 0; i < COUNT; i++) {
        const tjob_job job = tjob__trial_record(i);
        if (!tjob__trial_expect_at(trial, names[i], &job, versions[i])) {
            return false;
        }
    }
    return true;
}

bool tjob__contract_a_swap_leaves_other_jobs_alone(struct trial *trial)
{
    const tjob_text a = tjob__trial_a;
    const tjob_text b = tjob__trial_b;
    const tjob_job first = tjob__trial_record(1);
    const tjob_job second = tjob__trial_record(2);
    uint64_t version;
    uint64_t other;
    return tjob__trial_put(trial, a, &first, &version) && tjob__trial_put(trial, b, &second, &other) &&
           tjob__trial_expect_at(trial, a, &first, version) && tjob__trial_put(trial, b, &first, &other) &&
           tjob__trial_expect_at(trial, a, &first, version) && tjob__trial_change(trial, b, NULL) &&
           tjob__trial_expect_at(trial, a, &first, version) && tjob__trial_put(trial, b, &second, &other) &&
           tjob__trial_change(trial, a, NULL) && tjob__trial_expect_at(trial, b, &second, other);
}
