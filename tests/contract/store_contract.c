#include "contract/store_contract.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "support/random.h"
#include "tjob/arn.h"

/* ---- A trial: one case on one store ---------------------------------------------------------------------------- */

enum { SPURIOUS_CONFLICTS_MAX = 100 };

struct trial {
    tjob_store store;
    const struct store_contract *subject;
    char *message;
};

static bool fail(struct trial *trial, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(trial->message, STORE_CONTRACT_MESSAGE_BYTES, format, arguments);
    va_end(arguments);
    return false;
}

#define NAME_PREFIX "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/"

static const tjob_text arn_a = TJOB_TEXT(NAME_PREFIX "a");
static const tjob_text arn_b = TJOB_TEXT(NAME_PREFIX "b");

/* A record that can be, whose fields are all different; `number` reports it from others. */
static tjob_job record(uint64_t number)
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

static const char *load_name(tjob_load_status status)
{
    static const char *const names[] = {"OK", "NOT_FOUND", "UNAVAILABLE"};
    return (unsigned)status < 3 ? names[status] : "a value outside the enum";
}

static const char *swap_name(tjob_swap_status status)
{
    static const char *const names[] = {"OK", "CONFLICT", "FULL", "UNAVAILABLE", "UNKNOWN"};
    return (unsigned)status < 5 ? names[status] : "a value outside the enum";
}

static tjob_load_status load(struct trial *trial, tjob_text arn, tjob_job *job, uint64_t *version)
{
    memset(job, 0x5a, sizeof *job);
    *version = UINT64_MAX;
    return trial->store.load(trial->store.context, NULL, arn, job, version);
}

static tjob_swap_status swap(struct trial *trial, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    return trial->store.swap(trial->store.context, NULL, arn, expected, next);
}

/* Expects a record, or absence if `wanted` is NULL, and reports the version. */
static bool expect(struct trial *trial, tjob_text arn, const tjob_job *wanted, uint64_t *version)
{
    const tjob_load_status status = wanted != NULL ? TJOB_LOAD_OK : TJOB_LOAD_NOT_FOUND;
    tjob_job job;
    const tjob_load_status seen = load(trial, arn, &job, version);
    if (seen != status) {
        return fail(trial, "load of %.*s: expected %s, saw %s", (int)arn.bytes, arn.data, load_name(status),
                    load_name(seen));
    }
    if (*version == UINT64_MAX) {
        return fail(trial, "load of %.*s: the version is missing, or the one that none may be", (int)arn.bytes,
                    arn.data);
    }
    if (wanted != NULL && memcmp(&job, wanted, sizeof job) != 0) {
        return fail(trial, "load of %.*s: not the record that was swapped in", (int)arn.bytes, arn.data);
    }
    return true;
}

/* The same, and that the version is `wanted_version`. */
static bool expect_at(struct trial *trial, tjob_text arn, const tjob_job *wanted, uint64_t wanted_version)
{
    uint64_t version;
    if (!expect(trial, arn, wanted, &version)) {
        return false;
    }
    return version == wanted_version || fail(trial, "load of %.*s: expected version %" PRIu64 ", saw %" PRIu64,
                                             (int)arn.bytes, arn.data, wanted_version, version);
}

/* Swaps against the version that stands; a spurious conflict, which is allowed, is tried again. */
static bool change(struct trial *trial, tjob_text arn, const tjob_job *next)
{
    tjob_swap_status status = TJOB_SWAP_CONFLICT;
    for (int i = 0; i < SPURIOUS_CONFLICTS_MAX && status == TJOB_SWAP_CONFLICT; i++) {
        tjob_job job;
        uint64_t version;
        const tjob_load_status loaded = load(trial, arn, &job, &version);
        if (loaded != TJOB_LOAD_OK && loaded != TJOB_LOAD_NOT_FOUND) {
            return fail(trial, "load of %.*s: saw %s", (int)arn.bytes, arn.data, load_name(loaded));
        }
        status = swap(trial, arn, version, next);
    }
    return status == TJOB_SWAP_OK || fail(trial, "swap of %.*s against the version that stands: expected OK, saw %s",
                                          (int)arn.bytes, arn.data, swap_name(status));
}

/* Changes it and expects what was swapped in; reports the version. */
static bool put(struct trial *trial, tjob_text arn, const tjob_job *next, uint64_t *version)
{
    return change(trial, arn, next) && expect(trial, arn, next, version);
}

/* Expects a swap to be refused, and nothing changed. */
static bool refuse(struct trial *trial, tjob_text arn, uint64_t expected, const tjob_job *next, const tjob_job *there,
                   uint64_t version)
{
    const tjob_swap_status status = swap(trial, arn, expected, next);
    if (status != TJOB_SWAP_CONFLICT) {
        return fail(trial,
                    "swap of %.*s against version %" PRIu64 ", where %" PRIu64 " stands: expected CONFLICT, saw %s",
                    (int)arn.bytes, arn.data, expected, version, swap_name(status));
    }
    return expect_at(trial, arn, there, version);
}

/* ---- Records and names ----------------------------------------------------------------------------------------- */

static bool a_new_store_holds_nothing(struct trial *trial)
{
    return expect_at(trial, arn_a, NULL, 0) && expect_at(trial, arn_b, NULL, 0) && expect_at(trial, arn_a, NULL, 0);
}

static bool what_was_created_is_found(struct trial *trial)
{
    const tjob_job job = record(1);
    uint64_t version;
    return put(trial, arn_a, &job, &version) && expect_at(trial, arn_a, &job, version) &&
           expect_at(trial, arn_a, &job, version);
}

/* Every bit of every field, each in a record that can be; and every state. */
static bool every_bit_of_a_record_comes_back(struct trial *trial)
{
    enum { FIELDS = 7, BITS = 64, STATES = TJOB_DELETING };
    uint64_t version;
    for (unsigned i = 0; i < FIELDS * BITS; i++) {
        const uint64_t bit = UINT64_C(1) << i % BITS;
        tjob_job job = record(i);
        uint64_t *const fields[FIELDS] = {&job.submit_token, &job.incarnation,         &job.trainer_token,
                                          &job.submitted_ms, &job.training_started_ms, &job.stop_requested_ms,
                                          &job.ended_ms};
        for (unsigned field = 0; field < FIELDS; field++) {
            *fields[field] = field < i / BITS && field >= 3 ? 1 : field > i / BITS ? UINT64_MAX : bit;
        }
        job.host_code = UINT32_C(1) << i % 32;
        if (!put(trial, arn_a, &job, &version)) {
            return false;
        }
    }
    for (unsigned state = TJOB_SUBMITTED; state <= STATES; state++) {
        tjob_job job = record(state);
        const bool trained = state != TJOB_SUBMITTED;
        job.state = state;
        job.trainer_token = trained ? job.trainer_token : 0;
        job.training_started_ms = trained ? job.training_started_ms : 0;
        job.stop_requested_ms = state == TJOB_STOP_REQUESTED || state == TJOB_STOPPED ? job.stop_requested_ms : 0;
        job.ended_ms = state > TJOB_STOP_REQUESTED ? job.ended_ms : 0;
        if (!put(trial, arn_a, &job, &version)) {
            return false;
        }
    }
    return true;
}

static bool the_store_copies(struct trial *trial)
{
    char name[] = NAME_PREFIX "copied";
    tjob_job job = record(1);
    const tjob_job there = job;
    uint64_t version;
    const tjob_text arn = {name, sizeof name - 1};
    if (!put(trial, arn, &job, &version)) {
        return false;
    }
    memset(&job, 0xff, sizeof job);
    memset(name, 'x', sizeof name - 1);
    return expect_at(trial, (tjob_text)TJOB_TEXT(NAME_PREFIX "copied"), &there, version);
}

/* Names that differ in one byte, in case, in length: each is a job of its own. */
static bool names_are_distinguished(struct trial *trial)
{
    static char longest[2][TJOB_ARN_BYTES_MAX];
    for (unsigned i = 0; i < 2; i++) {
        memset(longest[i], 'a', sizeof longest[i]);
        memcpy(longest[i], NAME_PREFIX, sizeof NAME_PREFIX - 1);
    }
    longest[1][TJOB_ARN_BYTES_MAX - 1] = 'b';
    const tjob_text names[] = {
        TJOB_TEXT(NAME_PREFIX "a"),
        TJOB_TEXT(NAME_PREFIX "A"),
        TJOB_TEXT(NAME_PREFIX "aa"),
        TJOB_TEXT(NAME_PREFIX "ab"),
        TJOB_TEXT(NAME_PREFIX "a/version/1"),
        TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223334:entity-recognizer/a"),
        TJOB_TEXT("arn:aws-cn:comprehend:us-west-2:111122223333:entity-recognizer/a"),
        TJOB_TEXT("arn:aws:comprehend::000000000000:entity-recognizer/0"),
        {longest[0], TJOB_ARN_BYTES_MAX},
        {longest[1], TJOB_ARN_BYTES_MAX},
        {longest[0], TJOB_ARN_BYTES_MAX - 1},
    };
    enum { NAMES = sizeof names / sizeof names[0] };
    uint64_t versions[NAMES];
    for (unsigned i = 0; i < NAMES; i++) {
        const tjob_job job = record(i);
        if (!expect(trial, names[i], NULL, &versions[i]) || !put(trial, names[i], &job, &versions[i])) {
            return false;
        }
    }
    for (unsigned i = 0; i < NAMES; i++) {
        const tjob_job job = record(i);
        if (!expect_at(trial, names[i], &job, versions[i])) {
            return false;
        }
    }
    return true;
}

static bool a_swap_leaves_other_jobs_alone(struct trial *trial)
{
    const tjob_job first = record(1);
    const tjob_job second = record(2);
    uint64_t version;
    uint64_t other;
    return put(trial, arn_a, &first, &version) && put(trial, arn_b, &second, &other) &&
           expect_at(trial, arn_a, &first, version) && put(trial, arn_b, &first, &other) &&
           expect_at(trial, arn_a, &first, version) && change(trial, arn_b, NULL) &&
           expect_at(trial, arn_a, &first, version) && put(trial, arn_b, &second, &other) &&
           change(trial, arn_a, NULL) && expect_at(trial, arn_b, &second, other);
}

/* ---- Versions -------------------------------------------------------------------------------------------------- */

static bool a_swap_replaces_only_what_it_expects(struct trial *trial)
{
    const tjob_job first = record(1);
    const tjob_job second = record(2);
    uint64_t old;
    uint64_t version;
    if (!put(trial, arn_a, &second, &old) || !put(trial, arn_a, &first, &version)) {
        return false;
    }
    const uint64_t wrong[] = {old, 0, version + 1, version - 1, version ^ UINT64_C(1) << 63, UINT64_MAX};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (!refuse(trial, arn_a, wrong[i], &second, &first, version) ||
            !refuse(trial, arn_a, wrong[i], NULL, &first, version)) {
            return false;
        }
    }
    return true;
}

static bool a_create_expects_the_absence(struct trial *trial)
{
    const tjob_job job = record(1);
    const uint64_t wrong[] = {1, 2, UINT64_C(1) << 63, UINT64_MAX};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (!refuse(trial, arn_a, wrong[i], &job, NULL, 0)) {
            return false;
        }
    }
    return true;
}

static bool a_removal_of_what_is_absent_leaves_it_absent(struct trial *trial)
{
    const tjob_job job = record(1);
    uint64_t version;
    const tjob_swap_status status = swap(trial, arn_a, 0, NULL);
    if (status != TJOB_SWAP_OK && status != TJOB_SWAP_CONFLICT) {
        return fail(trial, "removal of what is absent: expected OK or CONFLICT, saw %s", swap_name(status));
    }
    return expect(trial, arn_a, NULL, &version) && put(trial, arn_a, &job, &version);
}

/* All versions that one name has had. */
enum { VERSIONS_MAX = 4096 };

struct versions {
    uint64_t seen[VERSIONS_MAX];
    unsigned count;
};

/* Takes in the version that stands after a change; it must be a new one. */
static bool take_version(struct trial *trial, struct versions *versions, uint64_t version)
{
    for (unsigned i = 0; i < versions->count; i++) {
        if (versions->seen[i] == version) {
            return fail(trial, "version %" PRIu64 " stands a second time, %u changes later", version,
                        versions->count - i);
        }
    }
    versions->seen[versions->count++] = version;
    return true;
}

/* Creation, change, removal, again and again; each version is new, that of each absence too. */
static bool versions_never_repeat(struct trial *trial)
{
    static struct versions versions;
    versions.count = 0;
    uint64_t version;
    if (!expect(trial, arn_a, NULL, &version) || !take_version(trial, &versions, version)) {
        return false;
    }
    while (versions.count + 3 <= 3000) {
        const tjob_job jobs[] = {record(versions.count), record(1)};
        for (unsigned i = 0; i < 3; i++) {
            const tjob_job *next = i < 2 ? &jobs[i] : NULL;
            if (!put(trial, arn_a, next, &version) || !take_version(trial, &versions, version)) {
                return false;
            }
        }
    }
    return true;
}

static bool a_delayed_create_conflicts_after_a_removal(struct trial *trial)
{
    const tjob_job job = record(1);
    uint64_t created;
    uint64_t removed;
    return put(trial, arn_a, &job, &created) && put(trial, arn_a, NULL, &removed) &&
           refuse(trial, arn_a, 0, &job, NULL, removed) && refuse(trial, arn_a, created, &job, NULL, removed) &&
           put(trial, arn_a, &job, &created) && refuse(trial, arn_a, removed, &job, &job, created);
}

static bool a_delayed_change_conflicts_in_the_next_incarnation(struct trial *trial)
{
    const tjob_job first = record(1);
    const tjob_job second = record(2);
    uint64_t old;
    uint64_t removed;
    uint64_t version;
    return put(trial, arn_a, &first, &old) && put(trial, arn_a, NULL, &removed) &&
           put(trial, arn_a, &second, &version) && refuse(trial, arn_a, old, &first, &second, version) &&
           refuse(trial, arn_a, old, NULL, &second, version) && refuse(trial, arn_a, removed, &first, &second, version);
}

/* ---- Room ------------------------------------------------------------------------------------------------------ */

static tjob_text numbered(char name[TJOB_ARN_BYTES_MAX], uint32_t number)
{
    const int bytes = snprintf(name, TJOB_ARN_BYTES_MAX, NAME_PREFIX "n%" PRIu32, number);
    return (tjob_text){name, (size_t)bytes};
}

static bool is_full(struct trial *trial, tjob_text arn)
{
    const tjob_job job = record(9);
    uint64_t version;
    if (!expect(trial, arn, NULL, &version)) {
        return false;
    }
    const tjob_swap_status status = swap(trial, arn, version, &job);
    if (status != TJOB_SWAP_FULL) {
        return fail(trial, "creation in a full store: expected FULL, saw %s", swap_name(status));
    }
    return expect_at(trial, arn, NULL, version);
}

/* Full at its capacity, not before; then changes and removals go on, and what was removed makes room. */
static bool full_is_said_of_creations_only(struct trial *trial)
{
    char names[2][TJOB_ARN_BYTES_MAX];
    uint64_t version;
    const uint32_t capacity = trial->subject->capacity;
    for (uint32_t i = 0; i < capacity; i++) {
        const tjob_job job = record(i);
        if (!put(trial, numbered(names[0], i), &job, &version)) {
            return false;
        }
    }
    const tjob_text beyond = numbered(names[0], capacity);
    for (uint32_t i = 0; i < capacity; i++) {
        const tjob_text arn = numbered(names[1], i);
        const tjob_job job = record(i + 1000);
        const bool changed = is_full(trial, beyond) && put(trial, arn, &job, &version) && change(trial, arn, NULL) &&
                             put(trial, beyond, &job, &version) && is_full(trial, arn) && change(trial, beyond, NULL) &&
                             put(trial, arn, &job, &version);
        if (!changed) {
            return false;
        }
    }
    for (uint32_t i = 0; i < capacity; i++) {
        const tjob_job job = record(i + 1000);
        if (!expect(trial, numbered(names[0], i), &job, &version)) {
            return false;
        }
    }
    return true;
}

/* ---- A long run ------------------------------------------------------------------------------------------------ */

enum { MODEL_NAMES = 6, MODEL_STEPS = 3000 };

/* What the store should hold under one name. */
struct model {
    bool present;
    tjob_job job;
    uint64_t version; /* the one that stood when it was last looked at */
    struct versions versions;
};

/* The version of an absence may become another without a change, but never one that stood before it. */
static bool look(struct trial *trial, tjob_text arn, struct model *model, bool changed)
{
    uint64_t version;
    if (!expect(trial, arn, model->present ? &model->job : NULL, &version)) {
        return false;
    }
    if (version == model->version && !changed) {
        return true;
    }
    if (model->present && !changed) {
        return fail(trial, "the version of %.*s is another without a change", (int)arn.bytes, arn.data);
    }
    model->version = version;
    return take_version(trial, &model->versions, version);
}

static bool step(struct trial *trial, tjob_text arn, struct model *model, uint64_t *random)
{
    const tjob_job job = record(next_random(random));
    const bool removes = next_random(random) % 3 == 0;
    if (next_random(random) % 4 == 0) {
        const unsigned old = (unsigned)(next_random(random) % model->versions.count);
        const uint64_t expected = model->versions.seen[old];
        return expected == model->version || (refuse(trial, arn, expected, removes ? NULL : &job,
                                                     model->present ? &model->job : NULL, model->version));
    }
    if (removes && !model->present) {
        return true;
    }
    model->present = !removes;
    model->job = job;
    return change(trial, arn, removes ? NULL : &job) && look(trial, arn, model, true);
}

static bool a_long_run_is_as_in_a_model(struct trial *trial)
{
    static struct model models[MODEL_NAMES];
    memset(models, 0, sizeof models);
    uint64_t random = 1;
    for (unsigned i = 0; i < MODEL_STEPS; i++) {
        char name[TJOB_ARN_BYTES_MAX];
        const unsigned number = (unsigned)(next_random(&random) % MODEL_NAMES);
        const tjob_text arn = numbered(name, number);
        if (!look(trial, arn, &models[number], models[number].versions.count == 0) ||
            !step(trial, arn, &models[number], &random)) {
            return false;
        }
    }
    return true;
}

/* ---- Durability ------------------------------------------------------------------------------------------------ */

static bool reopen(struct trial *trial)
{
    return trial->subject->reopen(trial->subject->context, &trial->store) || fail(trial, "it cannot be opened again");
}

static bool what_was_acknowledged_is_there_after_reopening(struct trial *trial)
{
    const tjob_job first = record(1);
    const tjob_job second = record(2);
    uint64_t a;
    uint64_t b;
    if (!put(trial, arn_a, &first, &a) || !put(trial, arn_b, &first, &b) || !put(trial, arn_b, &second, &b) ||
        !reopen(trial) || !expect_at(trial, arn_a, &first, a) || !expect_at(trial, arn_b, &second, b)) {
        return false;
    }
    uint64_t removed;
    uint64_t again;
    return put(trial, arn_a, NULL, &removed) && reopen(trial) && expect_at(trial, arn_a, NULL, removed) &&
           refuse(trial, arn_a, a, &first, NULL, removed) && put(trial, arn_a, &second, &again) && reopen(trial) &&
           refuse(trial, arn_a, a, &first, &second, again) && refuse(trial, arn_a, removed, &first, &second, again);
}

/* ---- The cases ------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    bool (*run)(struct trial *trial);
} cases[] = {
#define CASE(function)                                                                                                 \
    {                                                                                                                  \
#function, function                                                                                            \
    }
    CASE(a_new_store_holds_nothing),
    CASE(what_was_created_is_found),
    CASE(every_bit_of_a_record_comes_back),
    CASE(the_store_copies),
    CASE(names_are_distinguished),
    CASE(a_swap_leaves_other_jobs_alone),
    CASE(a_swap_replaces_only_what_it_expects),
    CASE(a_create_expects_the_absence),
    CASE(a_removal_of_what_is_absent_leaves_it_absent),
    CASE(versions_never_repeat),
    CASE(a_delayed_create_conflicts_after_a_removal),
    CASE(a_delayed_change_conflicts_in_the_next_incarnation),
    CASE(full_is_said_of_creations_only),
    CASE(a_long_run_is_as_in_a_model),
    CASE(what_was_acknowledged_is_there_after_reopening),
#undef CASE
};

size_t store_contract_case_count(void)
{
    return sizeof cases / sizeof cases[0];
}

const char *store_contract_case_name(size_t index)
{
    return cases[index].name;
}

enum store_contract_verdict store_contract_run(const struct store_contract *subject, size_t index,
                                               char message[STORE_CONTRACT_MESSAGE_BYTES])
{
    struct trial trial = {.subject = subject, .message = message};
    message[0] = '\0';
    if ((cases[index].run == full_is_said_of_creations_only && subject->capacity == 0) ||
        (cases[index].run == what_was_acknowledged_is_there_after_reopening && subject->reopen == NULL)) {
        return STORE_CONTRACT_NOT_APPLICABLE;
    }
    if (!subject->open(subject->context, &trial.store)) {
        fail(&trial, "it cannot be opened");
        return STORE_CONTRACT_BROKEN;
    }
    const bool kept = cases[index].run(&trial);
    subject->close(subject->context);
    return kept ? STORE_CONTRACT_KEPT : STORE_CONTRACT_BROKEN;
}
