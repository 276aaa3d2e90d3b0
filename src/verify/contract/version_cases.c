#include "verify/contract/version_cases.h"

#include <string.h>

/* ---- Swaps against another version ------------------------------------------------------------------------------ */

bool tjob__contract_a_swap_replaces_only_what_it_expects(struct trial *trial)
{
    const tjob_text a = tjob__trial_a;
    const tjob_job first = tjob__trial_record(1);
    const tjob_job second = tjob__trial_record(2);
    uint64_t old;
    uint64_t version;
    if (!tjob__trial_put(trial, a, &second, &old) || !tjob__trial_put(trial, a, &first, &version)) {
        return false;
    }
    const uint64_t wrong[] = {old, 0, version + 1, version - 1, version ^ UINT64_C(1) << 63, UINT64_MAX};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (!tjob__trial_refuse(trial, a, wrong[i], &second, &first, version) ||
            !tjob__trial_refuse(trial, a, wrong[i], NULL, &first, version)) {
            return false;
        }
    }
    return true;
}

bool tjob__contract_a_create_expects_the_absence(struct trial *trial)
{
    const tjob_job job = tjob__trial_record(1);
    const uint64_t wrong[] = {1, 2, UINT64_C(1) << 63, UINT64_MAX};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (!tjob__trial_refuse(trial, tjob__trial_a, wrong[i], &job, NULL, 0)) {
            return false;
        }
    }
    return true;
}

bool tjob__contract_a_removal_of_what_is_absent_leaves_it_absent(struct trial *trial)
{
    const tjob_text a = tjob__trial_a;
    const tjob_job job = tjob__trial_record(1);
    uint64_t version;
    const tjob_swap_status status = tjob__trial_swap(trial, a, 0, NULL);
    if (status != TJOB_SWAP_OK && status != TJOB_SWAP_CONFLICT) {
        return tjob__trial_fail_words(trial, "removal of the absence", a, "OK or CONFLICT",
                                      tjob__trial_swap_name(status));
    }
    return tjob__trial_expect(trial, a, NULL, &version) && tjob__trial_put(trial, a, &job, &version);
}

bool tjob__contract_a_delayed_create_conflicts_after_a_removal(struct trial *trial)
{
    const tjob_text a = tjob__trial_a;
    const tjob_job job = tjob__trial_record(1);
    uint64_t created;
    uint64_t removed;
    return tjob__trial_put(trial, a, &job, &created) && tjob__trial_put(trial, a, NULL, &removed) &&
           tjob__trial_refuse(trial, a, 0, &job, NULL, removed) &&
           tjob__trial_refuse(trial, a, created, &job, NULL, removed) && tjob__trial_put(trial, a, &job, &created) &&
           tjob__trial_refuse(trial, a, removed, &job, &job, created);
}

bool tjob__contract_a_delayed_change_conflicts_in_the_next_incarnation(struct trial *trial)
{
    const tjob_text a = tjob__trial_a;
    const tjob_job first = tjob__trial_record(1);
    const tjob_job second = tjob__trial_record(2);
    uint64_t old;
    uint64_t removed;
    uint64_t version;
    return tjob__trial_put(trial, a, &first, &old) && tjob__trial_put(trial, a, NULL, &removed) &&
           tjob__trial_put(trial, a, &second, &version) &&
           tjob__trial_refuse(trial, a, old, &first, &second, version) &&
           tjob__trial_refuse(trial, a, old, NULL, &second, version) &&
           tjob__trial_refuse(trial, a, removed, &first, &second, version);
}

/* ---- All versions of a name ------------------------------------------------------------------------------------ */

/* The versions that one name has had, in memory of the run. */
struct contract_versions {
    uint64_t *seen;
    uint32_t count;
};

/* Adds the version that stands after a change; it must be a new one. */
static bool contract_versions_add(struct trial *trial, tjob_text arn, struct contract_versions *versions,
                                  uint64_t version)
{
    for (uint32_t i = 0; i < versions->count; i++) {
        if (versions->seen[i] == version) {
            return tjob__trial_fail_words(trial, "version", arn, "a new one after a change", "one that stood before");
        }
    }
    versions->seen[versions->count++] = version;
    return true;
}

/* Creation, change, removal, again and again; each version is new, that of each absence too. */
bool tjob__contract_versions_never_repeat(struct trial *trial)
{
    enum { CYCLES = 400 };
    _Static_assert((3 * CYCLES + 1) * sizeof(uint64_t) <= TJOB_STORE_CONTRACT_BYTES, "the versions fit in the memory");
    struct contract_versions versions = {.seen = trial->contract->memory};
    uint64_t version;
    if (!tjob__trial_expect(trial, tjob__trial_a, NULL, &versions.seen[versions.count++])) {
        return false;
    }
    for (uint32_t cycle = 0; cycle < CYCLES; cycle++) {
        const tjob_job created = tjob__trial_record(cycle);
        const tjob_job changed = tjob__trial_record(CYCLES);
        const tjob_job *const changes[] = {&created, &changed, NULL};
        for (unsigned i = 0; i < 3; i++) {
            if (!tjob__trial_put(trial, tjob__trial_a, changes[i], &version) ||
                !contract_versions_add(trial, tjob__trial_a, &versions, version)) {
                return false;
            }
        }
    }
    return true;
}

/* ---- A long run ------------------------------------------------------------------------------------------------ */

enum { CONTRACT_MODELS = 6, CONTRACT_STEPS = 500 }; /* steps with each name */

/* What the store should hold under one name. */
struct contract_model {
    bool present;
    tjob_job job;
    uint64_t version; /* the one that stood at the last load */
    struct contract_versions versions;
};

/* A step adds at most two versions. */
struct contract_models {
    struct contract_model models[CONTRACT_MODELS];
    uint64_t versions[CONTRACT_MODELS][2 * CONTRACT_STEPS];
};
_Static_assert(sizeof(struct contract_models) <= TJOB_STORE_CONTRACT_BYTES, "the models fit in the memory");

/* A linear congruential generator (Knuth's MMIX): the same numbers on every machine, below 2^31. */
static uint64_t contract_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* The version of an absence may become another one without a change of this name, but never one that stood before. */
static bool contract_model_load(struct trial *trial, tjob_text arn, struct contract_model *model, bool is_changed)
{
    uint64_t version;
    if (!tjob__trial_expect(trial, arn, model->present ? &model->job : NULL, &version)) {
        return false;
    }
    if (version == model->version && !is_changed) {
        return true;
    }
    if (model->present && !is_changed) {
        return tjob__trial_fail_numbers(trial, "version without a change", arn, model->version, version);
    }
    model->version = version;
    return contract_versions_add(trial, arn, &model->versions, version);
}

static bool contract_model_step(struct trial *trial, tjob_text arn, struct contract_model *model, uint64_t *random)
{
    const tjob_job job = tjob__trial_record(contract_random(random));
    const bool removes = contract_random(random) % 3 == 0;
    if (contract_random(random) % 4 == 0) {
        const uint64_t expected = model->versions.seen[contract_random(random) % model->versions.count];
        return expected == model->version || tjob__trial_refuse(trial, arn, expected, removes ? NULL : &job,
                                                                model->present ? &model->job : NULL, model->version);
    }
    if (removes && !model->present) {
        return true;
    }
    model->present = !removes;
    model->job = job;
    return tjob__trial_change(trial, arn, removes ? NULL : &job) && contract_model_load(trial, arn, model, true);
}

bool tjob__contract_a_long_run_is_as_in_a_model(struct trial *trial)
{
    struct contract_models *memory = trial->contract->memory;
    memset(memory, 0, sizeof *memory);
    uint64_t random = 1;
    for (uint32_t i = 0; i < CONTRACT_MODELS * CONTRACT_STEPS; i++) {
        char name[TJOB_ARN_BYTES_MAX];
        const uint32_t number = i % CONTRACT_MODELS;
        const tjob_text arn = tjob__trial_name(name, "n", number);
        struct contract_model *model = &memory->models[number];
        model->versions.seen = memory->versions[number];
        if (!contract_model_load(trial, arn, model, model->versions.count == 0) ||
            !contract_model_step(trial, arn, model, &random)) {
            return false;
        }
    }
    return true;
}
