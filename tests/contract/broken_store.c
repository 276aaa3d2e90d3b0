#include "contract/broken_store.h"

#include <ctype.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "tjob/arn.h"

enum { CAPACITY = 24 };

struct entry {
    bool present;
    bool known; /* has a tombstone at least */
    char name[TJOB_ARN_BYTES_MAX];
    const char *where; /* the name: here, or where the caller had it */
    size_t bytes;
    uint64_t version;
    tjob_job job;
    const tjob_job *record; /* the record: here, or where the caller had it */
};

struct toy {
    enum defect defect;
    pthread_mutex_t mutex;
    struct entry entries[4 * CAPACITY];
    unsigned count;
    unsigned jobs;
    uint64_t last_version;
};

static bool has(const struct toy *toy, enum defect defect)
{
    return toy->defect == defect;
}

/* ---- Names ----------------------------------------------------------------------------------------------------- */

static bool same_bytes(const struct toy *toy, const char *a, const char *b, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        const bool same =
            has(toy, DEFECT_CASE_IGNORED) ? tolower((unsigned char)a[i]) == tolower((unsigned char)b[i]) : a[i] == b[i];
        if (!same) {
            return false;
        }
    }
    return true;
}

static size_t length(const struct toy *toy, size_t bytes)
{
    return has(toy, DEFECT_NAMES_CUT) && bytes > 255 ? 255 : bytes;
}

static bool is_of(const struct toy *toy, const struct entry *entry, tjob_text arn)
{
    size_t bytes = length(toy, arn.bytes);
    if (has(toy, DEFECT_PREFIX_IS_ENOUGH)) {
        bytes = bytes < entry->bytes ? bytes : entry->bytes;
    } else if (bytes != entry->bytes) {
        return false;
    }
    return same_bytes(toy, entry->where, arn.data, bytes);
}

static struct entry *find(struct toy *toy, tjob_text arn)
{
    for (unsigned i = 0; i < toy->count; i++) {
        if (is_of(toy, &toy->entries[i], arn)) {
            return &toy->entries[i];
        }
    }
    return NULL;
}

static struct entry *make(struct toy *toy, tjob_text arn)
{
    if (toy->count == sizeof toy->entries / sizeof toy->entries[0]) {
        return NULL;
    }
    struct entry *entry = &toy->entries[toy->count++];
    *entry = (struct entry){.bytes = length(toy, arn.bytes), .where = entry->name};
    memcpy(entry->name, arn.data, entry->bytes);
    if (has(toy, DEFECT_NAME_NOT_COPIED)) {
        entry->where = arn.data;
    }
    return entry;
}

/* ---- Versions -------------------------------------------------------------------------------------------------- */

static uint64_t standing(const struct toy *toy, const struct entry *entry)
{
    const uint64_t first = has(toy, DEFECT_NEW_STORE_HAS_A_VERSION) ? 1000000 : 0;
    if (entry == NULL || (!entry->present && has(toy, DEFECT_ABSENCE_IS_ALWAYS_0))) {
        return first;
    }
    return entry->known || entry->present ? entry->version : first;
}

static void move_version(struct toy *toy, struct entry *entry, bool created)
{
    if (has(toy, DEFECT_VERSIONS_BEGIN_AGAIN)) {
        entry->version = created ? 1 : entry->version + 1;
    } else if (created || !entry->present || !has(toy, DEFECT_VERSION_STAYS)) {
        entry->version = ++toy->last_version;
    }
}

static bool is_expected(const struct toy *toy, const struct entry *entry, uint64_t expected, const tjob_job *next)
{
    const uint64_t version = standing(toy, entry);
    const bool present = entry != NULL && entry->present;
    if (has(toy, DEFECT_EXPECTED_IGNORED) || (has(toy, DEFECT_EXPECTED_IGNORED_BY_REMOVALS) && next == NULL) ||
        (has(toy, DEFECT_EXPECTED_IGNORED_BY_CREATIONS) && !present)) {
        return true;
    }
    if (has(toy, DEFECT_OLDER_IS_ENOUGH)) {
        return expected <= version;
    }
    return has(toy, DEFECT_EXPECTED_COMPARED_IN_32_BITS) ? (uint32_t)expected == (uint32_t)version
                                                         : expected == version;
}

/* ---- Records --------------------------------------------------------------------------------------------------- */

static void keep(struct toy *toy, struct entry *entry, const tjob_job *next)
{
    entry->job = *next;
    entry->record = has(toy, DEFECT_RECORD_NOT_COPIED) ? next : &entry->job;
    if (has(toy, DEFECT_HOST_CODE_LOST)) {
        entry->job.host_code = 0;
    }
    if (has(toy, DEFECT_LAST_TIME_LOST)) {
        entry->job.ended_ms = entry->job.stop_requested_ms;
    }
    if (has(toy, DEFECT_STATE_IN_FOUR_BITS_AND_CODE_IN_16)) {
        entry->job.state &= 0xf;
        entry->job.host_code &= 0xffff;
    }
}

static void erase(struct toy *toy, struct entry *entry)
{
    if (has(toy, DEFECT_REMOVAL_WITHOUT_EFFECT)) {
        move_version(toy, entry, false);
        return;
    }
    if (has(toy, DEFECT_REMOVES_THE_FIRST)) {
        entry = &toy->entries[0];
    }
    entry->present = false;
    entry->known = true;
    move_version(toy, entry, false);
    toy->jobs -= has(toy, DEFECT_REMOVED_ROOM_IS_LOST) ? 0 : 1;
}

/* Whether there is no room for this, and what is said then. */
static bool is_full(struct toy *toy, bool present, const tjob_job *next, tjob_swap_status *status)
{
    const unsigned capacity = has(toy, DEFECT_FULL_TOO_EARLY) ? CAPACITY - 1 : CAPACITY;
    const bool creates = !present && next != NULL;
    *status = has(toy, DEFECT_FULL_IS_UNAVAILABLE) ? TJOB_SWAP_UNAVAILABLE : TJOB_SWAP_FULL;
    if (toy->jobs < capacity) {
        return false;
    }
    if (creates && has(toy, DEFECT_FULL_EVICTS)) {
        for (unsigned i = 0; toy->jobs == capacity; i++) {
            if (toy->entries[i].present) {
                erase(toy, &toy->entries[i]);
            }
        }
        return false;
    }
    return creates || (has(toy, DEFECT_FULL_OF_CHANGES) && next != NULL) ||
           (has(toy, DEFECT_FULL_OF_REMOVALS) && next == NULL);
}

static tjob_swap_status put(struct toy *toy, struct entry *entry, tjob_text arn, const tjob_job *next)
{
    static const tjob_job made = {.submit_token = 1, .incarnation = 1, .submitted_ms = 1, .state = TJOB_SUBMITTED};
    const bool present = entry != NULL && entry->present;
    if (next == NULL && !present) {
        if (!has(toy, DEFECT_REMOVAL_OF_NOTHING_CREATES)) {
            return TJOB_SWAP_OK;
        }
        next = &made;
    }
    if (next == NULL) {
        erase(toy, entry);
        return TJOB_SWAP_OK;
    }
    entry = entry != NULL ? entry : make(toy, arn);
    if (entry == NULL) {
        return TJOB_SWAP_FULL;
    }
    toy->jobs += present ? 0 : 1;
    entry->present = true;
    entry->known = true;
    move_version(toy, entry, !present);
    keep(toy, entry, next);
    return TJOB_SWAP_OK;
}

/* ---- The callbacks --------------------------------------------------------------------------------------------- */

static tjob_load_status load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    (void)user;
    struct toy *toy = context;
    pthread_mutex_lock(&toy->mutex);
    struct entry *entry = find(toy, arn);
    const bool present = entry != NULL && entry->present;
    *version = standing(toy, entry);
    if (present) {
        *job = *entry->record;
        entry->version += has(toy, DEFECT_LOAD_MOVES_VERSION) ? 1 : 0;
    }
    pthread_mutex_unlock(&toy->mutex);
    return present ? TJOB_LOAD_OK : TJOB_LOAD_NOT_FOUND;
}

static tjob_swap_status swap(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    (void)user;
    struct toy *toy = context;
    pthread_mutex_lock(&toy->mutex);
    struct entry *entry = find(toy, arn);
    const bool expects = is_expected(toy, entry, expected, next);
    if (has(toy, DEFECT_CHECKS_BEFORE_IT_LOCKS)) {
        pthread_mutex_unlock(&toy->mutex);
        sched_yield();
        pthread_mutex_lock(&toy->mutex);
        entry = find(toy, arn);
    }
    tjob_swap_status status = TJOB_SWAP_CONFLICT;
    if (expects && !is_full(toy, entry != NULL && entry->present, next, &status)) {
        status = has(toy, DEFECT_OK_WITHOUT_EFFECT) ? TJOB_SWAP_OK : put(toy, entry, arn, next);
    } else if (!expects && has(toy, DEFECT_APPLIES_ON_CONFLICT)) {
        (void)put(toy, entry, arn, next);
    }
    pthread_mutex_unlock(&toy->mutex);
    return status;
}

/* ---- The subject ----------------------------------------------------------------------------------------------- */

static bool open_toy(void *context, tjob_store *store)
{
    struct toy *toy = context;
    const enum defect defect = toy->defect;
    memset(toy, 0, sizeof *toy);
    toy->defect = defect;
    *store = (tjob_store){toy, load, swap};
    return pthread_mutex_init(&toy->mutex, NULL) == 0;
}

static void close_toy(void *context)
{
    pthread_mutex_destroy(&((struct toy *)context)->mutex);
}

static bool reopen_toy(void *context, tjob_store *store)
{
    struct toy *toy = context;
    if (has(toy, DEFECT_REOPENS_EMPTY)) {
        close_toy(toy);
        return open_toy(toy, store);
    }
    for (unsigned i = 0; i < toy->count; i++) {
        toy->entries[i].known = toy->entries[i].known && !has(toy, DEFECT_REOPENS_WITHOUT_ABSENCES);
    }
    return true;
}

struct store_contract broken_store(enum defect defect)
{
    static struct toy toy;
    toy.defect = defect;
    return (struct store_contract){&toy, open_toy, close_toy, reopen_toy, CAPACITY};
}
