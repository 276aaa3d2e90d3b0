/* Stores as pure functions: the sound store, and the stores with a seeded bug. */
#include <stddef.h>

#include "verify/spec/seeded_bugs.h"

/* A store of one record. */
struct record {
    tjob_job job; /* all zero if absent */
    uint64_t version;
};

/* A store of one record that also keeps the durable record, which a crash restores. The store that reuses versions
 * keeps there the last version that it gave to an absence. */
struct double_record {
    struct record record;
    struct record durable;
};

static void sound_begin(void *state)
{
    *(struct record *)state = (struct record){.version = 0};
}

static void begin_double(void *state)
{
    *(struct double_record *)state = (struct double_record){.record = {.version = 0}};
}

static tjob_load_status sound_load(const void *state, tjob_job *job, uint64_t *version)
{
    const struct record *record = state;
    *job = record->job;
    *version = record->version;
    return record->job.state == TJOB_ABSENT ? TJOB_LOAD_NOT_FOUND : TJOB_LOAD_OK;
}

static void sound_put(struct record *record, const tjob_job *next)
{
    record->job = next != NULL ? *next : (tjob_job){.state = TJOB_ABSENT};
    record->version++;
}

static tjob_swap_status sound_swap(void *state, uint64_t expected, const tjob_job *next)
{
    struct record *record = state;
    if (record->version != expected) {
        return TJOB_SWAP_CONFLICT;
    }
    sound_put(record, next);
    return TJOB_SWAP_OK;
}

static bool can_apply(const void *state, uint64_t expected)
{
    return ((const struct record *)state)->version == expected;
}

tjob_load_status tjob__store_model_load(const tjob_store_model *store, const void *state, tjob_job *job,
                                        uint64_t *version)
{
    *job = (tjob_job){.state = TJOB_ABSENT};
    *version = 0;
    return store->load(state, job, version);
}

uint64_t tjob_store_model_version(const tjob_store_model *store, const void *state)
{
    tjob_job job;
    uint64_t version;
    (void)tjob__store_model_load(store, state, &job, &version);
    return version;
}

const tjob_store_model tjob_store_model_sound = {.state_bytes = sizeof(struct record),
                                                 .begin = sound_begin,
                                                 .load = sound_load,
                                                 .swap = sound_swap,
                                                 .can_apply = can_apply};

/* ---- Stores with a seeded bug ---------------------------------------------------------------------------------- */

static tjob_swap_status swap_any(void *state, uint64_t expected, const tjob_job *next)
{
    (void)expected;
    sound_put(state, next);
    return TJOB_SWAP_OK;
}

/* Absences have versions of their own, which start far away; the record that follows an absence has version 1. */
enum { FAR = 1000 };

static tjob_swap_status swap_reusing_versions(void *state, uint64_t expected, const tjob_job *next)
{
    struct double_record *both = state;
    struct record *record = &both->record;
    const bool was_absent = record->job.state == TJOB_ABSENT;
    if (sound_swap(record, expected, next) == TJOB_SWAP_CONFLICT) {
        return TJOB_SWAP_CONFLICT;
    }
    if (next == NULL) {
        record->version = both->durable.version = both->durable.version + FAR;
    } else if (was_absent) {
        record->version = 1;
    }
    return TJOB_SWAP_OK;
}

static tjob_load_status load_absence_of_0(const void *state, tjob_job *job, uint64_t *version)
{
    const tjob_load_status status = sound_load(state, job, version);
    *version = status == TJOB_LOAD_OK ? *version : 0;
    return status;
}

static tjob_swap_status swap_absence_of_0(void *state, uint64_t expected, const tjob_job *next)
{
    struct record *record = state;
    return sound_swap(state, record->job.state == TJOB_ABSENT && expected == 0 ? record->version : expected, next);
}

static void sound_make_durable(void *state)
{
    struct double_record *both = state;
    both->durable = both->record;
}

static void sound_crash(void *state)
{
    struct double_record *both = state;
    both->record = both->durable;
}

const tjob_store_model *tjob__seeded_bug_store(tjob_seeded_bug bug)
{
    static const tjob_store_model lost_update = {
        .state_bytes = sizeof(struct record), .begin = sound_begin, .load = sound_load, .swap = swap_any};
    static const tjob_store_model version_reused = {
        .state_bytes = sizeof(struct double_record),
        .begin = begin_double,
        .load = sound_load,
        .swap = swap_reusing_versions,
    };
    static const tjob_store_model absence_without_version = {.state_bytes = sizeof(struct record),
                                                             .begin = sound_begin,
                                                             .load = load_absence_of_0,
                                                             .swap = swap_absence_of_0};
    static const tjob_store_model dirty_read = {.state_bytes = sizeof(struct double_record),
                                                .begin = begin_double,
                                                .load = sound_load,
                                                .swap = sound_swap,
                                                .make_durable = sound_make_durable,
                                                .crash = sound_crash};
    switch (bug) {
    case TJOB_BUG_LOST_UPDATE:
        return &lost_update;
    case TJOB_BUG_VERSION_REUSED:
        return &version_reused;
    case TJOB_BUG_ABSENCE_WITHOUT_VERSION:
        return &absence_without_version;
    case TJOB_BUG_DIRTY_READ:
        return &dirty_read;
    default:
        return NULL;
    }
}
