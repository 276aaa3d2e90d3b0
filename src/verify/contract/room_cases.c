#include "verify/contract/room_cases.h"

/* A creation is refused, and changes nothing. */
static bool contract_is_full(struct trial *trial, tjob_text arn)
{
    const tjob_job job = tjob__trial_record(9);
    uint64_t version;
    tjob_swap_status status;
    if (!tjob__trial_expect(trial, arn, NULL, &version) || !tjob__trial_attempt(trial, arn, &job, &status)) {
        return false;
    }
    if (status != TJOB_SWAP_FULL) {
        return tjob__trial_fail_words(trial, "creation in a full store", arn, "FULL", tjob__trial_swap_name(status));
    }
    return tjob__trial_expect_at(trial, arn, NULL, version);
}

/* Changes or removes a record of a full store, unless the store needs room for that: then nothing has changed. */
static bool contract_change_when_full(struct trial *trial, tjob_text arn, const tjob_job *next, bool *is_done)
{
    tjob_job job;
    uint64_t version;
    tjob_swap_status status;
    (void)tjob__trial_load(trial, arn, &job, &version);
    if (!tjob__trial_attempt(trial, arn, next, &status)) {
        return false;
    }
    *is_done = status == TJOB_SWAP_OK;
    if (status == TJOB_SWAP_UNAVAILABLE) {
        return tjob__trial_expect_at(trial, arn, &job, version);
    }
    return *is_done ? tjob__trial_expect(trial, arn, next, &version)
                    : tjob__trial_fail_words(trial, "change in a full store", arn, "OK or UNAVAILABLE",
                                             tjob__trial_swap_name(status));
}

/* Makes room by a removal, and fills it: by a job that is removed again, then by the one that was there. */
static bool contract_reuse_room(struct trial *trial, tjob_text arn, tjob_text beyond, const tjob_job *job)
{
    uint64_t version;
    return tjob__trial_put(trial, beyond, job, &version) && contract_is_full(trial, arn) &&
           tjob__trial_change(trial, beyond, NULL) && tjob__trial_put(trial, arn, job, &version);
}

/* Full at its capacity, not before; then changes and removals go on, and a removal makes room. */
bool tjob__contract_only_a_creation_is_answered_full(struct trial *trial)
{
    char names[2][TJOB_ARN_BYTES_MAX];
    uint64_t version;
    const uint32_t capacity = trial->contract->capacity;
    for (uint32_t i = 0; i < capacity; i++) {
        const tjob_job job = tjob__trial_record(i);
        if (!tjob__trial_put(trial, tjob__trial_name(names[0], "n", i), &job, &version)) {
            return false;
        }
    }
    const tjob_text beyond = tjob__trial_name(names[0], "n", capacity);
    for (uint32_t i = 0; i < capacity; i++) {
        const tjob_text arn = tjob__trial_name(names[1], "n", i);
        const tjob_job job = tjob__trial_record(i + 1000);
        const tjob_job old = tjob__trial_record(i);
        bool is_done; /* of the change, then of the removal */
        if (!tjob__trial_expect(trial, arn, &old, &version) || !contract_is_full(trial, beyond) ||
            !contract_change_when_full(trial, arn, &job, &is_done) ||
            !contract_change_when_full(trial, arn, NULL, &is_done) ||
            (is_done && !contract_reuse_room(trial, arn, beyond, &job))) {
            return false;
        }
    }
    for (uint32_t i = 0; i < capacity; i++) {
        const tjob_text arn = tjob__trial_name(names[0], "n", i);
        const tjob_job old = tjob__trial_record(i);
        const tjob_job new = tjob__trial_record(i + 1000);
        tjob_job job;
        (void)tjob__trial_load(trial, arn, &job, &version);
        if (!tjob__trial_expect(trial, arn, job.host_code == new.host_code ? &new : &old, &version)) {
            return false;
        }
    }
    return true;
}
