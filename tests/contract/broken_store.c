#define _POSIX_C_SOURCE 200809L /* for nanosleep */

#include "contract/broken_store.h"

#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "contract/bench_threads.h"
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

/* What a load of one name found. */
struct cache {
    bool is_filled;
    size_t bytes;
    char name[TJOB_ARN_BYTES_MAX];
    tjob_load_status status;
    tjob_job job;
    uint64_t version;
};

struct toy;

struct handle {
    struct toy *toy;
    struct cache cache;
};

/* A swap on its way. */
struct request {
    bool is_there;
    size_t bytes;
    char name[TJOB_ARN_BYTES_MAX];
    uint64_t expected;
    bool removes;
    tjob_job next;
};

struct toy {
    enum defect defect;
    atomic_uint calls;
    unsigned fails_at;
    enum failure failure;
    pthread_mutex_t mutex;
    struct handle handles[2];
    bool is_armed; /* the next swap of the first handle meets `fault` */
    bool was_met;
    tjob_store_contract_fault fault;
    struct request late;
    struct request before; /* what a swap that was reverted had replaced */
    unsigned unavailable;  /* so many loads of the first handle from now on */
    struct cache shared;   /* of all handles, without a lock that covers both reading and filling it */
    bool has_threads;
    unsigned reopened;
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
    for (size_t i = bytes; i-- > 0;) { /* the ends of names differ most often */
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
    if (!creates && has(toy, SOUND_CHANGES_NEED_ROOM)) {
        *status = TJOB_SWAP_UNAVAILABLE;
        return true;
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
    if (tjob_job_validate(next) != TJOB_JOB_VALID) {
        return TJOB_SWAP_UNAVAILABLE; /* a store may refuse what is no job */
    }
    const bool was_full = toy->jobs >= CAPACITY;
    entry = entry != NULL ? entry : make(toy, arn);
    if (entry == NULL) {
        return TJOB_SWAP_FULL;
    }
    toy->jobs += present ? 0 : 1;
    entry->present = true;
    entry->known = true;
    move_version(toy, entry, !present);
    keep(toy, entry, next);
    if (was_full && has(toy, DEFECT_FULL_LOSES_ANOTHER)) {
        keep(toy, &toy->entries[0], next);
    }
    if (was_full && has(toy, DEFECT_FULL_LOSES_THE_LAST)) {
        keep(toy, &toy->entries[CAPACITY - 1], next);
    }
    return (was_full && has(toy, DEFECT_FULL_CHANGES_BUT_UNAVAILABLE)) || has(toy, DEFECT_APPLIED_IS_UNAVAILABLE)
               ? TJOB_SWAP_UNAVAILABLE
               : TJOB_SWAP_OK;
}

/* ---- Calls ----------------------------------------------------------------------------------------------------- */

static tjob_load_status load(struct toy *toy, tjob_text arn, tjob_job *job, uint64_t *version)
{
    struct entry *entry = find(toy, arn);
    const bool present = entry != NULL && entry->present;
    *version = standing(toy, entry);
    if (present) {
        *job = *entry->record;
        entry->version += has(toy, DEFECT_LOAD_MOVES_VERSION) ? 1 : 0;
        *version += has(toy, DEFECT_LOAD_TELLS_NEXT_VERSION) ? 1 : 0;
    }
    return present ? TJOB_LOAD_OK : TJOB_LOAD_NOT_FOUND;
}

/* Lets go of the lock for long enough that other threads come in between. */
static void let_others_in(struct toy *toy)
{
    const struct timespec way = {.tv_nsec = 10000};
    pthread_mutex_unlock(&toy->mutex);
    if (toy->has_threads) {
        nanosleep(&way, NULL);
    }
    pthread_mutex_lock(&toy->mutex);
}

static tjob_swap_status change(struct toy *toy, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    struct entry *entry = find(toy, arn);
    const bool expects = is_expected(toy, entry, expected, next);
    if (has(toy, DEFECT_CHECKS_BEFORE_IT_LOCKS)) {
        let_others_in(toy);
        entry = find(toy, arn);
    }
    tjob_swap_status status = TJOB_SWAP_CONFLICT;
    if (expects && !is_full(toy, entry != NULL && entry->present, next, &status)) {
        status = has(toy, DEFECT_OK_WITHOUT_EFFECT) ? TJOB_SWAP_OK : put(toy, entry, arn, next);
    } else if (!expects && has(toy, DEFECT_APPLIES_ON_CONFLICT)) {
        (void)put(toy, entry, arn, next);
    }
    return status;
}

/* ---- Faults ---------------------------------------------------------------------------------------------------- */

static void hold_back(struct request *request, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    *request = (struct request){.is_there = true, .bytes = arn.bytes, .expected = expected, .removes = next == NULL};
    memcpy(request->name, arn.data, arn.bytes);
    if (next != NULL) {
        request->next = *next;
    }
}

static void deliver(struct toy *toy, struct request *request)
{
    const tjob_text arn = {request->name, request->bytes};
    if (request->is_there) {
        struct entry *entry = find(toy, arn);
        const bool creation_of_absent = request->expected == 0 && (entry == NULL || !entry->present);
        if (has(toy, DEFECT_LATE_IGNORES_VERSION) || (has(toy, DEFECT_LATE_COMPARES_PRESENCE) && creation_of_absent)) {
            request->expected = standing(toy, entry);
        }
        (void)change(toy, arn, request->expected, request->removes ? NULL : &request->next);
    }
    request->is_there = false;
}

/* What a sound store does and answers when a swap meets a fault. */
static tjob_swap_status meet(struct toy *toy, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    tjob_job torn = {0};
    switch (toy->fault) {
    case TJOB_STORE_CONTRACT_ANSWER_LOST:
        if (next != NULL) {
            torn = *next;
            torn.host_code += has(toy, DEFECT_LOST_IS_TORN) ? 1 : 0;
        }
        (void)change(toy, arn, expected, next != NULL ? &torn : NULL);
        return has(toy, DEFECT_LOST_IS_CONFLICT) ? change(toy, arn, expected, next) : TJOB_SWAP_UNKNOWN;
    case TJOB_STORE_CONTRACT_REQUEST_LOST:
        return has(toy, SOUND_SENDS_AGAIN) ? change(toy, arn, expected, next) : TJOB_SWAP_UNKNOWN;
    default:
        if (!has(toy, SOUND_CANCELS)) {
            hold_back(&toy->late, arn, expected, next);
        }
        return has(toy, SOUND_CANCELS)              ? TJOB_SWAP_UNAVAILABLE
               : has(toy, DEFECT_OK_BEFORE_THE_END) ? TJOB_SWAP_OK
                                                    : TJOB_SWAP_UNKNOWN;
    }
}

/* What this store makes of it. */
static tjob_swap_status meet_fault(struct toy *toy, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    static const struct {
        enum defect defect;
        tjob_swap_status status;
    } answers[] = {{DEFECT_LOST_IS_OK, TJOB_SWAP_OK},
                   {DEFECT_LOST_IS_FULL, TJOB_SWAP_FULL},
                   {DEFECT_LOST_IS_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
                   {DEFECT_LOST_IS_OUTSIDE_ENUM, (tjob_swap_status)(TJOB_SWAP_UNKNOWN + 1)}};
    toy->was_met = !has(toy, DEFECT_FAULT_DOES_NOT_HAPPEN);
    toy->unavailable = has(toy, SOUND_RECONNECTS)                                              ? 2
                       : has(toy, DEFECT_LOST_IS_THE_END) || has(toy, DEFECT_LOST_HEALS_NEVER) ? 1000000
                                                                                               : 0;
    if (has(toy, DEFECT_LOST_IS_REVERTED) || has(toy, DEFECT_LOST_IS_TORN_LATER)) {
        tjob_job job;
        uint64_t version;
        const tjob_load_status status = load(toy, arn, &job, &version);
        hold_back(&toy->before, arn, 0, status == TJOB_LOAD_OK ? &job : NULL);
    }
    if (has(toy, DEFECT_LOST_IS_CACHED) && toy->fault == TJOB_STORE_CONTRACT_ANSWER_LOST) {
        struct cache *cache = &toy->handles[0].cache;
        *cache = (struct cache){.is_filled = true, .bytes = arn.bytes};
        memcpy(cache->name, arn.data, arn.bytes);
        cache->status = load(toy, arn, &cache->job, &cache->version);
    }
    const tjob_swap_status status = meet(toy, arn, expected, next);
    for (unsigned i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        if (has(toy, answers[i].defect)) {
            return answers[i].status;
        }
    }
    return status;
}

static bool inject(void *context, tjob_store_contract_fault fault)
{
    struct toy *toy = context;
    toy->is_armed = true;
    toy->was_met = false;
    toy->fault = fault;
    return true;
}

static bool heal(void *context)
{
    struct toy *toy = context;
    pthread_mutex_lock(&toy->mutex);
    toy->is_armed = false;
    deliver(toy, &toy->late);
    if (has(toy, DEFECT_LOST_IS_REVERTED) && toy->before.is_there && toy->fault == TJOB_STORE_CONTRACT_ANSWER_LOST) {
        toy->before.expected = standing(toy, find(toy, (tjob_text){toy->before.name, toy->before.bytes}));
        deliver(toy, &toy->before);
    }
    struct entry *met = find(toy, (tjob_text){toy->before.name, toy->before.bytes});
    if (has(toy, DEFECT_LOST_IS_TORN_LATER) && met != NULL) {
        met->job.host_code += 1;
    }
    toy->before.is_there = false;
    pthread_mutex_unlock(&toy->mutex);
    return toy->was_met;
}

/* ---- What only threads see ------------------------------------------------------------------------------------- */

static bool ends_with(tjob_text arn, const char *word)
{
    const size_t bytes = strlen(word);
    return arn.bytes >= bytes && memcmp(arn.data + arn.bytes - bytes, word, bytes) == 0;
}

static bool is_counter(tjob_text arn)
{
    return ends_with(arn, "counter");
}

static tjob_load_status bend_load(const struct toy *toy, unsigned call, tjob_text arn, tjob_load_status status,
                                  tjob_job *job)
{
    if (has(toy, SOUND_SHAKY_IN_THREADS) && toy->has_threads && call % 3 == 0) {
        return TJOB_LOAD_UNAVAILABLE;
    }
    if (has(toy, DEFECT_THREADS_FIND_NOTHING) && toy->has_threads && is_counter(arn)) {
        return TJOB_LOAD_NOT_FOUND;
    }
    if (has(toy, DEFECT_THREADS_CREATE_TWICE) && toy->has_threads && ends_with(arn, "race3")) {
        return TJOB_LOAD_NOT_FOUND;
    }
    if (has(toy, DEFECT_THREADS_FIND_TOO_MUCH) && toy->has_threads && is_counter(arn)) {
        job->host_code += 1000000;
    }
    const bool had_threads = toy->calls > 3000 && !toy->has_threads;
    if (has(toy, DEFECT_THREADS_LEAVE_NOTHING) && had_threads) {
        return TJOB_LOAD_UNAVAILABLE;
    }
    if (has(toy, DEFECT_THREADS_LEAVE_TOO_LITTLE) && had_threads) {
        job->host_code -= 1;
    }
    if (has(toy, DEFECT_THREADS_LEAVE_TOO_MUCH) && had_threads) {
        job->host_code += 1;
    }
    if (has(toy, DEFECT_THREADS_LEAVE_OTHER_CREATIONS) && ends_with(arn, "race3")) {
        job->host_code = 5;
    }
    return status;
}

/* Whether a swap goes otherwise than it should while there are threads. */
static bool bends_swap(const struct toy *toy, unsigned call, tjob_text arn, tjob_swap_status *status)
{
    static const struct {
        enum defect defect;
        bool of_counter;
        unsigned each; /* so many calls */
        tjob_swap_status status;
    } bends[] = {{DEFECT_THREADS_CHANGE_NOTHING, true, 1, TJOB_SWAP_UNAVAILABLE},
                 {DEFECT_THREADS_CREATE_NOTHING, false, 1, TJOB_SWAP_CONFLICT},
                 {DEFECT_THREADS_LOSE_CHANGES, true, 100, TJOB_SWAP_OK},
                 {SOUND_SHAKY_IN_THREADS, true, 7, TJOB_SWAP_UNKNOWN},
                 {SOUND_SHAKY_IN_THREADS, false, 1, TJOB_SWAP_UNKNOWN},
                 {SOUND_SHAKY_IN_THREADS, true, 11, TJOB_SWAP_UNAVAILABLE}};
    for (unsigned i = 0; toy->has_threads && i < sizeof bends / sizeof bends[0]; i++) {
        if (has(toy, bends[i].defect) && bends[i].of_counter == is_counter(arn) && call % bends[i].each == 0) {
            *status = bends[i].status;
            return true;
        }
    }
    return false;
}

/* ---- The callbacks --------------------------------------------------------------------------------------------- */

static bool is_cached(const struct cache *cache, tjob_text arn)
{
    return cache->is_filled && cache->bytes == arn.bytes && memcmp(cache->name, arn.data, arn.bytes) == 0;
}

/* Answers from the cache, or fills it. That of all handles is read and filled at times at which others change it. */
static tjob_load_status load_cached(struct toy *toy, struct cache *cache, tjob_text arn, tjob_job *job,
                                    uint64_t *version)
{
    struct cache found = *cache;
    if (!is_cached(cache, arn)) {
        found = (struct cache){.is_filled = true, .bytes = arn.bytes};
        memcpy(found.name, arn.data, arn.bytes);
        found.status = load(toy, arn, &found.job, &found.version);
        if (cache == &toy->shared) {
            let_others_in(toy);
        }
        *cache = found;
    }
    *job = found.job;
    *version = found.version;
    return found.status;
}

static tjob_load_status load_toy(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    (void)user;
    struct handle *handle = context;
    struct toy *toy = handle->toy;
    const unsigned call = ++toy->calls;
    pthread_mutex_lock(&toy->mutex);
    tjob_load_status status = TJOB_LOAD_UNAVAILABLE;
    const bool meets = handle == toy->handles || has(toy, DEFECT_LOST_HEALS_NEVER);
    if (meets && toy->unavailable > 0) {
        toy->unavailable--;
    } else if (has(toy, DEFECT_HANDLE_CACHES) || has(toy, DEFECT_HANDLE_MISSES_REMOVALS) ||
               (has(toy, DEFECT_FIRST_HANDLE_CACHES) && handle == toy->handles) ||
               (has(toy, DEFECT_SECOND_HANDLE_CACHES) && handle != toy->handles) ||
               (has(toy, DEFECT_LOST_IS_CACHED) && is_cached(&handle->cache, arn)) ||
               (has(toy, DEFECT_LOST_BLINDS_OTHER) && handle != toy->handles && toy->was_met &&
                toy->fault == TJOB_STORE_CONTRACT_ANSWER_LOST)) {
        status = load_cached(toy, &handle->cache, arn, job, version);
    } else if (has(toy, DEFECT_RACY_READ_CACHE)) {
        status = load_cached(toy, &toy->shared, arn, job, version);
    } else if (!has(toy, DEFECT_LOAD_UNAVAILABLE)) {
        status = bend_load(toy, call, arn, load(toy, arn, job, version), job);
    }
    pthread_mutex_unlock(&toy->mutex);
    *version = has(toy, DEFECT_LOAD_WITHOUT_VERSION) ? UINT64_MAX : *version;
    *version += call == toy->fails_at && toy->failure == FAILS_WITH_VERSION ? 1000 : 0;
    return (call == toy->fails_at && toy->failure == FAILS_WITH_STATUS) || has(toy, DEFECT_LOAD_OUTSIDE_ENUM)
               ? (tjob_load_status)(TJOB_LOAD_UNAVAILABLE + 1)
               : status;
}

/* Some answers that come before anything else. */
static bool is_refused(struct toy *toy, unsigned call, uint64_t expected, tjob_swap_status *status)
{
    if (has(toy, SOUND_UNAVAILABLE_FOR_LARGE_VERSIONS) && expected >> 63 != 0) {
        *status = TJOB_SWAP_UNAVAILABLE;
    } else if (has(toy, SOUND_CONFLICTS_AT_TIMES) && call % 5 == 0) {
        *status = TJOB_SWAP_CONFLICT;
    } else if (has(toy, DEFECT_LATE_FREEZES) && toy->late.is_there) {
        *status = TJOB_SWAP_UNAVAILABLE;
    } else if (has(toy, DEFECT_SWAP_OUTSIDE_ENUM)) {
        *status = (tjob_swap_status)(TJOB_SWAP_UNKNOWN + 1);
    } else {
        return false;
    }
    return true;
}

static tjob_swap_status swap_toy(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    (void)user;
    struct handle *handle = context;
    struct toy *toy = handle->toy;
    const unsigned call = ++toy->calls;
    tjob_swap_status status;
    pthread_mutex_lock(&toy->mutex);
    if (toy->is_armed && handle == toy->handles) {
        toy->is_armed = false;
        status = meet_fault(toy, arn, expected, next);
    } else if (!is_refused(toy, call, expected, &status) && !bends_swap(toy, call, arn, &status)) {
        status = change(toy, arn, expected, next);
        handle->cache.is_filled = handle->cache.is_filled && has(toy, DEFECT_LOST_IS_CACHED);
        toy->shared.is_filled = false;
        struct handle *other = &toy->handles[handle == toy->handles ? 1 : 0];
        if (has(toy, DEFECT_HANDLE_MISSES_REMOVALS) && next != NULL) {
            other->cache.is_filled = false;
        }
        const bool again = has(toy, DEFECT_THREADS_CREATE_TWICE) && toy->has_threads && ends_with(arn, "race3");
        status = again && next != NULL ? TJOB_SWAP_OK : status;
        status =
            status == TJOB_SWAP_CONFLICT && has(toy, DEFECT_CONFLICT_IS_UNAVAILABLE) ? TJOB_SWAP_UNAVAILABLE : status;
    }
    pthread_mutex_unlock(&toy->mutex);
    return call == toy->fails_at && toy->failure == FAILS_WITH_STATUS ? (tjob_swap_status)(TJOB_SWAP_UNKNOWN + 1)
                                                                      : status;
}

/* ---- The list -------------------------------------------------------------------------------------------------- */

static bool toy_lists(const struct toy *toy, const tjob_list_query *query, const struct entry *entry)
{
    const tjob_list_query wanted = {
        .states = has(toy, DEFECT_LIST_IGNORES_STATES)  ? 0
                  : has(toy, DEFECT_LIST_HAS_ONE_STATE) ? query->states & (~query->states + 1)
                                                        : query->states,
        .until_ms = has(toy, DEFECT_LIST_IGNORES_AGE) || query->until_ms == 0 ? 0
                    : has(toy, DEFECT_LIST_AGE_EXCLUDES)                      ? query->until_ms - 1
                                                                              : query->until_ms,
    };
    return !(has(toy, DEFECT_LIST_MISSES_THE_FIRST) && entry == toy->entries) &&
           (entry->present || (has(toy, DEFECT_LIST_HAS_REMOVED) && entry->known)) &&
           tjob_list_query_matches(&wanted, &entry->job);
}

static tjob_listed_job toy_listed(const struct toy *toy, const struct entry *entry)
{
    tjob_listed_job listed = {.arn_bytes = (uint32_t)entry->bytes, .version = entry->version, .job = entry->job};
    memcpy(listed.arn, entry->name, entry->bytes);
    listed.version += has(toy, DEFECT_LIST_TELLS_NEXT_VERSION) ? 1 : 0;
    listed.arn[listed.arn_bytes - 1] = has(toy, DEFECT_LIST_HAS_OTHERS) ? 'x' : listed.arn[listed.arn_bytes - 1];
    return listed;
}

/* Fills a page from the entry of the cursor on; the cursor counts entries, or with a defect those that are present. */
static tjob_list_status list_entries(struct toy *toy, const tjob_list_query *query, uint64_t *next,
                                     tjob_listed_job *jobs, uint32_t capacity, uint32_t *count)
{
    const bool offset = has(toy, DEFECT_LIST_PAGES_BY_OFFSET);
    const unsigned end = toy->count - (has(toy, DEFECT_LIST_MISSES_THE_LAST) && toy->count != 0 ? 1 : 0);
    const unsigned times = has(toy, DEFECT_LIST_HAS_JOBS_TWICE) ? 2 : 1;
    uint64_t passed = 0;
    unsigned i = offset ? 0 : (unsigned)*next;
    for (; i < end && *count + times <= capacity; i++) {
        passed += offset && toy->entries[i].present ? 1 : 0;
        for (unsigned time = 0; time < times && toy_lists(toy, query, &toy->entries[i]) && (!offset || passed > *next);
             time++) {
            jobs[(*count)++] = toy_listed(toy, &toy->entries[i]);
        }
    }
    *next = offset ? passed : i;
    return i < end ? TJOB_LIST_MORE : TJOB_LIST_END;
}

static tjob_list_status list_page(struct toy *toy, const tjob_list_query *query, tjob_list_cursor *cursor,
                                  tjob_listed_job *jobs, uint32_t capacity, uint32_t *count)
{
    const bool small = capacity < TJOB_LIST_PAGE_MIN && !has(toy, DEFECT_LIST_TAKES_ANY_PAGE);
    const bool unknown = !tjob_list_query_is_valid(query, TJOB_LIST_PAGE_MIN) && !has(toy, DEFECT_LIST_TAKES_ANY_QUERY);
    const bool foreign = cursor->words[0] > toy->count && !has(toy, DEFECT_LIST_TAKES_ANY_CURSOR);
    const bool second = cursor->words[0] != 0;
    *count = small || unknown || foreign ? (has(toy, DEFECT_LIST_REFUSES_WITH_JOBS) ? 1 : 0) : 0;
    if (small || unknown || foreign) {
        return TJOB_LIST_INVALID;
    }
    if (has(toy, DEFECT_LIST_IS_UNAVAILABLE) || has(toy, DEFECT_LIST_IS_OUTSIDE_ENUM)) {
        return has(toy, DEFECT_LIST_IS_UNAVAILABLE) ? TJOB_LIST_UNAVAILABLE : (tjob_list_status)(TJOB_LIST_INVALID + 1);
    }
    if (has(toy, DEFECT_LIST_ENDS_AT_ONCE) || (second && has(toy, DEFECT_LIST_ENDS_LATER))) {
        return TJOB_LIST_END;
    }
    if (has(toy, DEFECT_LIST_IS_EMPTY_FOR_EVER)) {
        return TJOB_LIST_MORE;
    }
    const tjob_list_status status = list_entries(toy, query, &cursor->words[0], jobs, capacity, count);
    *count += has(toy, DEFECT_LIST_COUNTS_PAST_THE_PAGE) ? capacity : 0;
    return has(toy, DEFECT_LIST_IS_FOR_EVER)         ? TJOB_LIST_MORE
           : has(toy, DEFECT_LIST_ENDS_AFTER_A_PAGE) ? TJOB_LIST_END
                                                     : status;
}

static tjob_list_status list_toy(void *context, void *user, const tjob_list_query *query, tjob_list_cursor *cursor,
                                 tjob_listed_job *jobs, uint32_t capacity, uint32_t *count)
{
    (void)user;
    struct toy *toy = context;
    pthread_mutex_lock(&toy->mutex);
    const bool fails = ++toy->calls == toy->fails_at && toy->failure == FAILS_WITH_STATUS;
    const tjob_list_status status = list_page(toy, query, cursor, jobs, capacity, count);
    pthread_mutex_unlock(&toy->mutex);
    return fails ? (tjob_list_status)(TJOB_LIST_INVALID + 1) : status;
}

static bool list_of_toy(void *context, tjob_store_list *list)
{
    struct toy *toy = context;
    *list = (tjob_store_list){toy, list_toy};
    return !has(toy, DEFECT_LIST_IS_NONE);
}

/* ---- The bench ------------------------------------------------------------------------------------------------- */

static bool open_toy(void *context, tjob_store *store)
{
    struct toy *toy = context;
    const enum defect defect = toy->defect;
    const unsigned calls = toy->calls;
    const unsigned fails_at = toy->fails_at;
    const enum failure failure = toy->failure;
    memset(toy, 0, sizeof *toy);
    toy->defect = defect;
    toy->calls = calls;
    toy->fails_at = fails_at;
    toy->failure = failure;
    toy->handles[0].toy = toy;
    *store = (tjob_store){&toy->handles[0], load_toy, swap_toy};
    return pthread_mutex_init(&toy->mutex, NULL) == 0;
}

static void close_toy(void *context)
{
    pthread_mutex_destroy(&((struct toy *)context)->mutex);
}

static bool reopen_toy(void *context, tjob_store *store)
{
    struct toy *toy = context;
    static const enum defect ends[] = {DEFECT_REOPENS_NEVER, DEFECT_REOPENS_ONCE, DEFECT_REOPENS_TWICE};
    for (unsigned i = 0; i < 3; i++) {
        if (has(toy, ends[i]) && toy->reopened == i) {
            return false;
        }
    }
    toy->reopened++;
    if (has(toy, DEFECT_REOPENS_EMPTY)) {
        close_toy(toy);
        return open_toy(toy, store);
    }
    for (unsigned i = 0; i < toy->count; i++) {
        toy->entries[i].known = toy->entries[i].known && !has(toy, DEFECT_REOPENS_WITHOUT_ABSENCES);
    }
    return true;
}

static bool open_another_toy(void *context, tjob_store *other)
{
    struct toy *toy = context;
    toy->handles[1].toy = toy;
    *other = (tjob_store){&toy->handles[1], load_toy, swap_toy};
    return !has(toy, DEFECT_OPENS_ONCE);
}

static bool run_threads_of_toy(void *context, void (*body)(void *argument, uint32_t i), void *argument, uint32_t count)
{
    struct toy *toy = context;
    toy->has_threads = true;
    const bool run = !has(toy, DEFECT_THREADS_DO_NOT_START) && bench_run_threads(context, body, argument, count);
    toy->has_threads = false;
    return run;
}

static struct toy toy_of_all;

tjob_store_contract broken_store(enum defect defect)
{
    toy_of_all.defect = defect;
    toy_of_all.calls = 0;
    toy_of_all.fails_at = 0;
    return (tjob_store_contract){.context = &toy_of_all,
                                 .open = open_toy,
                                 .close = close_toy,
                                 .list = list_of_toy,
                                 .reopen = reopen_toy,
                                 .open_another = open_another_toy,
                                 .inject = inject,
                                 .heal = heal,
                                 .run_threads = run_threads_of_toy,
                                 .capacity = CAPACITY};
}

unsigned broken_store_calls(void)
{
    return toy_of_all.calls;
}

void broken_store_fail_at(unsigned call, enum failure failure)
{
    toy_of_all.fails_at = call;
    toy_of_all.failure = failure;
}
