#include "verify/contract/fault_cases.h"

#include <string.h>

/* ---- A swap that meets a fault --------------------------------------------------------------------------------- */

/* What a name holds before a swap, and what the swap puts in its place. NULL: an absence. */
struct contract_swap {
    const tjob_job *old;
    const tjob_job *next;
    tjob_text arn;
};

enum contract_observation {
    CONTRACT_OBSERVED_NONE,
    CONTRACT_OBSERVED_OLD,
    CONTRACT_OBSERVED_NEXT,
    CONTRACT_OBSERVED_NEITHER
};

enum { CONTRACT_SWAPS = 3 };

static const char *const contract_fault_calls[TJOB_STORE_CONTRACT_FAULT_COUNT] = {
    [TJOB_STORE_CONTRACT_REQUEST_LOST] = "swap whose request was lost,",
    [TJOB_STORE_CONTRACT_ANSWER_LOST] = "swap whose answer was lost,",
    [TJOB_STORE_CONTRACT_WRITE_LATE] = "swap whose write was late,",
    [TJOB_STORE_CONTRACT_STALLED] = "swap that stalled,",
};

static bool contract_is(const tjob_job *wanted, tjob_load_status status, const tjob_job *job)
{
    return wanted == NULL ? status == TJOB_LOAD_NOT_FOUND
                          : status == TJOB_LOAD_OK && memcmp(wanted, job, sizeof *job) == 0;
}

/* Loads once the store is available again. CONTRACT_OBSERVED_NONE: it never is. */
static enum contract_observation contract_observe(const struct trial *trial, const struct contract_swap *swap,
                                                  uint64_t *version)
{
    tjob_job job;
    tjob_load_status status = TJOB_LOAD_UNAVAILABLE;
    for (int i = 0; i < TRIAL_TRIES_MAX && status == TJOB_LOAD_UNAVAILABLE; i++) {
        status = tjob__trial_load(trial, swap->arn, &job, version);
    }
    return status == TJOB_LOAD_UNAVAILABLE         ? CONTRACT_OBSERVED_NONE
           : contract_is(swap->old, status, &job)  ? CONTRACT_OBSERVED_OLD
           : contract_is(swap->next, status, &job) ? CONTRACT_OBSERVED_NEXT
                                                   : CONTRACT_OBSERVED_NEITHER;
}

/* Makes a change although the store may be unavailable, or not know, for a while. */
static bool contract_insist(struct trial *trial, tjob_text arn, const tjob_job *next)
{
    for (int i = 0; i < TRIAL_TRIES_MAX; i++) {
        tjob_job job;
        uint64_t version;
        const tjob_load_status status = tjob__trial_load(trial, arn, &job, &version);
        if (contract_is(next, status, &job) ||
            (status != TJOB_LOAD_UNAVAILABLE && tjob__trial_swap(trial, arn, version, next) == TJOB_SWAP_OK)) {
            return true;
        }
    }
    return tjob__trial_fail_words(trial, "change after a fault", arn, "OK at last", "anything else each time");
}

/* Swaps while the fault is there. Sets *status; *is_made: the bench can make this fault. */
static bool contract_swap_under(struct trial *trial, tjob_store_contract_fault fault, const struct contract_swap *swap,
                                tjob_swap_status *status, bool *is_made)
{
    uint64_t version;
    *is_made = false;
    *status = TJOB_SWAP_UNKNOWN;
    if (!contract_insist(trial, swap->arn, swap->old) || !tjob__trial_expect(trial, swap->arn, swap->old, &version)) {
        return false;
    }
    *is_made = trial->contract->inject(trial->contract->context, fault);
    if (*is_made) {
        trial->is_applicable = true;
        *status = tjob__trial_swap(trial, swap->arn, version, swap->next);
    }
    return true;
}

static bool contract_heal(struct trial *trial)
{
    if (!trial->contract->heal(trial->contract->context)) {
        return tjob__trial_fail(trial, "the fault did not happen");
    }
    return true;
}

/* Both handles see one of the two, and the same; and the next change goes on. */
static bool contract_goes_on(struct trial *trial, struct trial *other, const struct contract_swap *swap)
{
    const tjob_job last = tjob__trial_record(7);
    uint64_t version;
    return contract_insist(trial, swap->arn, &last) && tjob__trial_expect(trial, swap->arn, &last, &version) &&
           tjob__trial_expect_at(other, swap->arn, &last, version);
}

/* ---- What the answer says --------------------------------------------------------------------------------------- */

/* Whether an answer is true of a swap that loads do not show, and of one that they show. */
static const bool contract_is_true[][2] = {
    [TJOB_SWAP_OK] = {false, true},          [TJOB_SWAP_CONFLICT] = {true, false}, [TJOB_SWAP_FULL] = {false, false},
    [TJOB_SWAP_UNAVAILABLE] = {true, false}, [TJOB_SWAP_UNKNOWN] = {true, true},
};

/* `during`: before the fault ended; `after`: by the other handle and by this one. */
static bool contract_agree(struct trial *trial, const char *call, tjob_text arn, tjob_swap_status status,
                           enum contract_observation during, const enum contract_observation after[2])
{
    static const char *const names[] = {
        [CONTRACT_OBSERVED_NONE] = "UNAVAILABLE each time",
        [CONTRACT_OBSERVED_OLD] = "what was there before",
        [CONTRACT_OBSERVED_NEXT] = "what it swapped in",
        [CONTRACT_OBSERVED_NEITHER] = "something else",
    };
    if (after[0] != CONTRACT_OBSERVED_OLD && after[0] != CONTRACT_OBSERVED_NEXT) {
        return tjob__trial_fail_words(trial, "load after a fault", arn, "what was there before or what was swapped in",
                                      names[after[0]]);
    }
    if (after[1] != after[0]) {
        return tjob__trial_fail_words(trial, "load after a fault by the handle that met it", arn, names[after[0]],
                                      names[after[1]]);
    }
    const bool is_applied = after[0] == CONTRACT_OBSERVED_NEXT;
    if ((during == CONTRACT_OBSERVED_NEXT && !is_applied) || during == CONTRACT_OBSERVED_NEITHER ||
        (during == CONTRACT_OBSERVED_OLD && status == TJOB_SWAP_OK)) {
        return tjob__trial_fail_words(trial, "load during a fault", arn,
                                      status == TJOB_SWAP_OK ? names[CONTRACT_OBSERVED_NEXT] : names[after[0]],
                                      names[during]);
    }
    if ((unsigned)status > TJOB_SWAP_UNKNOWN || !contract_is_true[status][is_applied]) {
        return tjob__trial_fail_words(trial, call, arn,
                                      is_applied ? "OK or UNKNOWN" : "CONFLICT, UNAVAILABLE or UNKNOWN",
                                      tjob__trial_swap_name(status));
    }
    return true;
}

static bool contract_try_answer(struct trial *trial, struct trial *other, tjob_store_contract_fault fault,
                                const struct contract_swap *swap)
{
    tjob_swap_status status;
    bool is_made;
    if (!contract_swap_under(trial, fault, swap, &status, &is_made)) {
        return false;
    }
    if (!is_made) {
        return true;
    }
    uint64_t version;
    const enum contract_observation during = contract_observe(other, swap, &version);
    if (!contract_heal(trial)) {
        return false;
    }
    const enum contract_observation after[2] = {contract_observe(other, swap, &version),
                                                contract_observe(trial, swap, &version)};
    return contract_agree(trial, contract_fault_calls[fault], swap->arn, status, during, after) &&
           contract_goes_on(trial, other, swap);
}

bool tjob__contract_a_certain_answer_is_true_when_a_call_is_lost(struct trial *trial)
{
    const tjob_job old = tjob__trial_record(1);
    const tjob_job next = tjob__trial_record(2);
    const tjob_job *const swaps[CONTRACT_SWAPS][2] = {{NULL, &next}, {&old, &next}, {&old, NULL}};
    struct trial other;
    trial->is_applicable = false;
    if (!tjob__trial_open_another(trial, &other)) {
        return false;
    }
    for (uint32_t i = 0; i < TJOB_STORE_CONTRACT_FAULT_COUNT * CONTRACT_SWAPS; i++) {
        char name[TJOB_ARN_BYTES_MAX];
        const tjob_job *const *pair = swaps[i % CONTRACT_SWAPS];
        const struct contract_swap swap = {pair[0], pair[1], tjob__trial_name(name, "lost", i)};
        if (!contract_try_answer(trial, &other, (tjob_store_contract_fault)(i / CONTRACT_SWAPS), &swap)) {
            return false;
        }
    }
    return true;
}

/* ---- What is late ----------------------------------------------------------------------------------------------- */

enum { CONTRACT_RIVALS = 2 };

/*
 * While the write is held back, other changes come first: a record of another content, or, with `is_back`, an absence
 * or a record like the one before, but of another version. The write is late then, and must not be applied.
 */
static bool contract_try_late(struct trial *trial, struct trial *other, tjob_store_contract_fault fault,
                              const struct contract_swap *swap, bool is_back)
{
    const tjob_job rival = tjob__trial_record(3);
    tjob_swap_status status;
    bool is_made;
    if (!contract_swap_under(trial, fault, swap, &status, &is_made)) {
        return false;
    }
    if (!is_made) {
        return true;
    }
    const tjob_job *const changes[] = {&rival, NULL, swap->old};
    const unsigned count = is_back ? 3 : 1;
    for (unsigned i = 0; i < count; i++) {
        if (!contract_insist(other, swap->arn, changes[i])) {
            return false;
        }
    }
    const tjob_job *there = changes[count - 1];
    uint64_t version;
    return tjob__trial_expect(other, swap->arn, there, &version) && contract_heal(trial) &&
           tjob__trial_expect(other, swap->arn, there, &version) && contract_goes_on(trial, other, swap);
}

bool tjob__contract_a_late_write_is_applied_only_while_its_version_stands(struct trial *trial)
{
    static const tjob_store_contract_fault faults[] = {TJOB_STORE_CONTRACT_WRITE_LATE, TJOB_STORE_CONTRACT_STALLED};
    const tjob_job old = tjob__trial_record(1);
    const tjob_job next = tjob__trial_record(2);
    const tjob_job *const swaps[CONTRACT_SWAPS][2] = {{NULL, &next}, {&old, &next}, {&old, NULL}};
    struct trial other;
    trial->is_applicable = false;
    if (!tjob__trial_open_another(trial, &other)) {
        return false;
    }
    for (uint32_t i = 0; i < 2 * CONTRACT_RIVALS * CONTRACT_SWAPS; i++) {
        char name[TJOB_ARN_BYTES_MAX];
        const tjob_job *const *pair = swaps[i % CONTRACT_SWAPS];
        const struct contract_swap swap = {pair[0], pair[1], tjob__trial_name(name, "late", i)};
        if (!contract_try_late(trial, &other, faults[i / CONTRACT_SWAPS % 2], &swap, i >= 2 * CONTRACT_SWAPS)) {
            return false;
        }
    }
    return true;
}
