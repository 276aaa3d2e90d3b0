#include "verify/contract/trial.h"

#include <string.h>

#include "verify/text/text.h"

const tjob_text tjob__trial_a = TJOB_TEXT(TRIAL_PREFIX "a");
const tjob_text tjob__trial_b = TJOB_TEXT(TRIAL_PREFIX "b");

/* A store may be unable to represent a version from here on, and then cannot have issued it. */
#define TRIAL_LARGE_VERSION (UINT64_C(1) << 63)

tjob_text tjob__trial_name(char name[TJOB_ARN_BYTES_MAX], const char *word, uint32_t number)
{
    struct line line = {name, TJOB_ARN_BYTES_MAX};
    tjob__text_put(&line, TRIAL_PREFIX);
    tjob__text_put(&line, word);
    tjob__text_put_number(&line, number);
    return (tjob_text){name, (size_t)(line.at - name)};
}

tjob_job tjob__trial_record(uint64_t number)
{
    return (tjob_job){
        .submit_token = UINT64_C(0x8f00000000000001) + number,
        .incarnation = UINT64_C(0x8e00000000000002) + number,
        .trainer_token = UINT64_C(0x8d00000000000003) + number,
        .submitted_ms = UINT64_C(0x8000000000000004) + number,
        .training_started_ms = UINT64_C(0x8100000000000005) + number,
        .stop_requested_ms = UINT64_C(0x8200000000000006) + number,
        .ended_ms = UINT64_C(0x8300000000000007) + number,
        .state = TJOB_STOPPED,
        .host_code = 0x89abcdef + (uint32_t)number,
    };
}

/* ---- Messages -------------------------------------------------------------------------------------------------- */

static struct line trial_message(struct trial *trial, const char *call, tjob_text arn)
{
    struct line line = {trial->message, TJOB_STORE_CONTRACT_MESSAGE_BYTES};
    tjob__text_put(&line, call);
    tjob__text_put(&line, " of ");
    tjob__text_put_bytes(&line, arn);
    return line;
}

bool tjob__trial_fail(struct trial *trial, const char *message)
{
    struct line line = {trial->message, TJOB_STORE_CONTRACT_MESSAGE_BYTES};
    tjob__text_put(&line, message);
    return false;
}

bool tjob__trial_fail_words(struct trial *trial, const char *call, tjob_text arn, const char *wanted, const char *seen)
{
    struct line line = trial_message(trial, call, arn);
    tjob__text_put(&line, ": expected ");
    tjob__text_put(&line, wanted);
    tjob__text_put(&line, ", saw ");
    tjob__text_put(&line, seen);
    return false;
}

bool tjob__trial_fail_numbers(struct trial *trial, const char *call, tjob_text arn, uint64_t wanted, uint64_t seen)
{
    struct line line = trial_message(trial, call, arn);
    tjob__text_put(&line, ": expected ");
    tjob__text_put_number(&line, wanted);
    tjob__text_put(&line, ", saw ");
    tjob__text_put_number(&line, seen);
    return false;
}

const char *tjob__trial_load_name(tjob_load_status status)
{
    static const char *const names[] = {"OK", "NOT_FOUND", "UNAVAILABLE"};
    return (unsigned)status < 3 ? names[status] : "a value outside the enum";
}

const char *tjob__trial_swap_name(tjob_swap_status status)
{
    static const char *const names[] = {"OK", "CONFLICT", "FULL", "UNAVAILABLE", "UNKNOWN"};
    return (unsigned)status < 5 ? names[status] : "a value outside the enum";
}

/* ---- Calls ----------------------------------------------------------------------------------------------------- */

bool tjob__trial_open_another(struct trial *trial, struct trial *other)
{
    *other = *trial;
    if (trial->contract->open_another != NULL &&
        !trial->contract->open_another(trial->contract->context, &other->store)) {
        return tjob__trial_fail(trial, "a second handle cannot be opened");
    }
    return true;
}

tjob_load_status tjob__trial_load(const struct trial *trial, tjob_text arn, tjob_job *job, uint64_t *version)
{
    memset(job, 0x5a, sizeof *job);
    *version = UINT64_MAX;
    return trial->store.load(trial->store.context, NULL, arn, job, version);
}

tjob_swap_status tjob__trial_swap(const struct trial *trial, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    return trial->store.swap(trial->store.context, NULL, arn, expected, next);
}

bool tjob__trial_expect(struct trial *trial, tjob_text arn, const tjob_job *wanted, uint64_t *version)
{
    const tjob_load_status status = wanted != NULL ? TJOB_LOAD_OK : TJOB_LOAD_NOT_FOUND;
    tjob_job job;
    const tjob_load_status seen = tjob__trial_load(trial, arn, &job, version);
    if (seen != status) {
        return tjob__trial_fail_words(trial, "load", arn, tjob__trial_load_name(status), tjob__trial_load_name(seen));
    }
    if (*version == UINT64_MAX) {
        return tjob__trial_fail_words(trial, "load", arn, "a version", "none, or UINT64_MAX");
    }
    if (wanted != NULL && memcmp(&job, wanted, sizeof job) != 0) {
        return tjob__trial_fail_words(trial, "load", arn, "the record that was swapped in", "another record");
    }
    return true;
}

bool tjob__trial_expect_at(struct trial *trial, tjob_text arn, const tjob_job *wanted, uint64_t version)
{
    uint64_t seen;
    if (!tjob__trial_expect(trial, arn, wanted, &seen)) {
        return false;
    }
    if (seen != version) {
        return tjob__trial_fail_numbers(trial, "version", arn, version, seen);
    }
    return true;
}

bool tjob__trial_attempt(struct trial *trial, tjob_text arn, const tjob_job *next, tjob_swap_status *status)
{
    for (int i = 0; i < TRIAL_TRIES_MAX; i++) {
        tjob_job job;
        uint64_t version;
        const tjob_load_status loaded = tjob__trial_load(trial, arn, &job, &version);
        if (loaded != TJOB_LOAD_OK && loaded != TJOB_LOAD_NOT_FOUND) {
            return tjob__trial_fail_words(trial, "load", arn, "OK or NOT_FOUND", tjob__trial_load_name(loaded));
        }
        *status = tjob__trial_swap(trial, arn, version, next);
        if (*status != TJOB_SWAP_CONFLICT) {
            return true;
        }
    }
    return tjob__trial_fail_words(trial, "swap against the version that was just loaded", arn, "OK",
                                  "CONFLICT each time");
}

bool tjob__trial_change(struct trial *trial, tjob_text arn, const tjob_job *next)
{
    tjob_swap_status status;
    if (!tjob__trial_attempt(trial, arn, next, &status)) {
        return false;
    }
    if (status != TJOB_SWAP_OK) {
        return tjob__trial_fail_words(trial, "swap against the version that was just loaded", arn, "OK",
                                      tjob__trial_swap_name(status));
    }
    return true;
}

bool tjob__trial_put(struct trial *trial, tjob_text arn, const tjob_job *next, uint64_t *version)
{
    return tjob__trial_change(trial, arn, next) && tjob__trial_expect(trial, arn, next, version);
}

bool tjob__trial_refuse(struct trial *trial, tjob_text arn, uint64_t expected, const tjob_job *next,
                        const tjob_job *there, uint64_t version)
{
    const tjob_swap_status status = tjob__trial_swap(trial, arn, expected, next);
    if (status != TJOB_SWAP_CONFLICT && !(status == TJOB_SWAP_UNAVAILABLE && expected >= TRIAL_LARGE_VERSION)) {
        char call[80];
        struct line line = LINE(call);
        tjob__text_put(&line, "swap against version ");
        tjob__text_put_number(&line, expected);
        tjob__text_put(&line, ", where ");
        tjob__text_put_number(&line, version);
        tjob__text_put(&line, " stands,");
        return tjob__trial_fail_words(trial, call, arn, "CONFLICT", tjob__trial_swap_name(status));
    }
    return tjob__trial_expect_at(trial, arn, there, version);
}
