#include "verify/lifecycle/reduction.h"

#include <string.h>

#include "verify/spec/seeded_bugs.h"

/* A version that no store assigns. */
#define VERSION_GONE UINT64_MAX

/* Returns the operation without the data of the record that it loaded. */
static tjob_operation without_record(const tjob_operation *operation)
{
    tjob_operation without = *operation;
    without.job = (tjob_job){.state = TJOB_ABSENT};
    without.version = VERSION_GONE;
    without.before = 0;
    without.incarnation =
        operation->ask == TJOB_ASK_SWAP ? operation->incarnation : 0; /* a lost answer still pins it */
    return without;
}

static bool same_operation(const tjob_operation *a, const tjob_operation *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Returns the relevant part of an operation whose swap was answered: its outcome, or the data that the next reduction
 * will not remove. */
static tjob_operation what_counts(const tjob_operation *operation)
{
    if (operation->ask == TJOB_ASK_NOTHING) {
        return (tjob_operation){.ask = operation->ask, .status = operation->status, .changed = operation->changed};
    }
    return operation->ask == TJOB_ASK_LOAD && operation->lost ? without_record(operation) : *operation;
}

/* Returns whether both operations behave the same for every answer to their swap. */
static bool swap_alike(const tjob_lifecycle_model *model, const tjob_operation *with, const tjob_operation *without,
                       const void *state)
{
    static const tjob_swap_status answers[] = {TJOB_SWAP_CONFLICT, TJOB_SWAP_FULL, TJOB_SWAP_UNAVAILABLE,
                                               TJOB_SWAP_UNKNOWN};
    const uint64_t present = tjob_store_model_version(model->store, state);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        tjob_operation a = *with;
        tjob_operation b = *without;
        tjob__seeded_bug_swapped(model->config.bug, &a, answers[i], present);
        tjob__seeded_bug_swapped(model->config.bug, &b, answers[i], present);
        a = what_counts(&a);
        b = what_counts(&b);
        if (!same_operation(&a, &b)) {
            return false;
        }
    }
    return true;
}

/* Returns whether both operations behave the same when they load the record in the store. */
static bool load_alike(const tjob_lifecycle_model *model, const tjob_operation *with, const tjob_operation *without,
                       const void *state)
{
    tjob_job job;
    uint64_t version;
    const tjob_load_status status = tjob__store_model_load(model->store, state, &job, &version);
    bool alike = true;
    for (uint32_t now_ms = 1; alike && now_ms <= model->config.instants; now_ms++) {
        tjob_operation a = *with;
        tjob_operation b = *without;
        tjob__seeded_bug_loaded(model->config.bug, &a, &model->config.policy, status, &job, version, now_ms);
        tjob__seeded_bug_loaded(model->config.bug, &b, &model->config.policy, status, &job, version, now_ms);
        alike = same_operation(&a, &b);
    }
    return alike;
}

/* Returns the reduced operation, or the operation itself if it does not behave the same without the record. */
static tjob_operation forgetful(const tjob_lifecycle_model *model, const tjob_operation *operation, const void *state,
                                bool faults_left)
{
    tjob_operation met = *operation;
    if (operation->ask == TJOB_ASK_SWAP && !faults_left) {
        tjob__seeded_bug_swapped(model->config.bug, &met, TJOB_SWAP_CONFLICT,
                                 tjob_store_model_version(model->store, state));
        if (met.ask == TJOB_ASK_LOAD && !met.lost) {
            return met;
        }
    }
    const tjob_operation without = without_record(operation);
    const bool alike = operation->ask == TJOB_ASK_SWAP ? swap_alike(model, operation, &without, state)
                                                       : load_alike(model, operation, &without, state);
    return alike ? without : *operation;
}

static uint32_t reduction_apply(tjob_lifecycle_model *model, uint32_t number, const void *state, bool faults_left)
{
    struct local local = *(const struct local *)tjob__intern_item(&model->locals, number);
    local.operation = forgetful(model, &local.operation, state, faults_left);
    return tjob__intern_number(&model->locals, &local);
}

/* Returns the cached entry of a local state. Any number of threads may compute it at the same time, with the same
 * result. */
static struct pending *pending_of(tjob_lifecycle_model *model, uint32_t number)
{
    struct pending *pending = &model->pending[number];
    if (__atomic_load_n(&pending->known, __ATOMIC_ACQUIRE) == 0) {
        const struct local *local = tjob__intern_item(&model->locals, number);
        const tjob_operation *operation = &local->operation;
        const bool holds = local->stage == STAGE_BUSY && (operation->ask == TJOB_ASK_SWAP || operation->lost);
        __atomic_store_n(&pending->version, operation->version, __ATOMIC_RELAXED);
        __atomic_store_n(&pending->holds, holds ? 1 : 0, __ATOMIC_RELAXED);
        __atomic_store_n(&pending->known, 1, __ATOMIC_RELEASE);
    }
    return pending;
}

uint32_t tjob__local_reduce(tjob_lifecycle_model *model, uint32_t local, uint32_t store, bool faults_left)
{
    struct pending *pending = pending_of(model, local);
    const void *state = tjob__intern_item(&model->stores, store);
    const uint64_t version = __atomic_load_n(&pending->version, __ATOMIC_RELAXED);
    if (__atomic_load_n(&pending->holds, __ATOMIC_RELAXED) == 0 || store_can_apply(model, state, version)) {
        return local;
    }
    uint32_t *kept = &pending->reduced[faults_left ? 0 : 1];
    uint32_t reduced = __atomic_load_n(kept, __ATOMIC_RELAXED);
    if (reduced == 0) {
        reduced = reduction_apply(model, local, state, faults_left) + 1; /* INTERN_FULL: 0 again */
        __atomic_store_n(kept, reduced, __ATOMIC_RELAXED);
    }
    return reduced - 1;
}
