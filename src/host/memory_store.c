#include "tjob/memory_store.h"

#include <string.h>

#include "core/assert.h"
#include "core/bytes.h"
#include "host/hash.h"

_Static_assert(sizeof(tjob_memory_slot) % sizeof(uint64_t) == 0, "the index behind the slots is aligned");
_Static_assert(TJOB_MEMORY_STORE_BYTES(1) == 352, "the size that the header states");
_Static_assert(TJOB_HASH_KEY_BYTES == HASH_KEY_BYTES, "the key of the hash");

/* ---- The index: open addressing with linear probing over at most half-full entries ----------------------------- */

static uint32_t entry_count(const tjob_memory_store *store)
{
    return store->capacity * TJOB_MEMORY_ENTRIES_PER_JOB;
}

/* Returns where the search for a hash begins: the hash scaled to the number of entries. */
static uint32_t home_of(const tjob_memory_store *store, uint32_t hash)
{
    return (uint32_t)((uint64_t)hash * entry_count(store) >> 32);
}

static uint32_t entry_after(const tjob_memory_store *store, uint32_t entry)
{
    return entry + 1 == entry_count(store) ? 0 : entry + 1;
}

static tjob_memory_slot *slot_of(const tjob_memory_store *store, const tjob_memory_entry *entry)
{
    return &store->slots[entry->slot - 1];
}

static bool slot_is(const tjob_memory_slot *slot, tjob_text arn)
{
    return slot->arn_bytes == arn.bytes && bytes_equal(slot->arn, arn.data, arn.bytes);
}

/* Returns the entry of an ARN, or the empty entry where it belongs. */
static uint32_t memory_store_find(const tjob_memory_store *store, tjob_text arn, uint32_t hash)
{
    uint32_t entry = home_of(store, hash);
    while (store->entries[entry].slot != 0 &&
           (store->entries[entry].hash != hash || !slot_is(slot_of(store, &store->entries[entry]), arn))) {
        entry = entry_after(store, entry);
    }
    return entry;
}

/*
 * Empties an entry, and moves up the entries behind it that a search would not find across the gap, so that no
 * tombstone stays: those whose home is no nearer than the gap. If the way crosses the end of the index, the difference
 * wraps to a value larger than any that does not cross it.
 */
static void erase_entry(tjob_memory_store *store, uint32_t gap)
{
    uint32_t entry = entry_after(store, gap);
    while (store->entries[entry].slot != 0) {
        const uint32_t home = home_of(store, store->entries[entry].hash);
        if (entry - home >= entry - gap) {
            store->entries[gap] = store->entries[entry];
            gap = entry;
        }
        entry = entry_after(store, entry);
    }
    store->entries[gap] = (tjob_memory_entry){.slot = 0};
}

/* ---- The slots ----------------------------------------------------------------------------------------------- */

/* Takes a slot, counted from 1. A slot must be free. */
static uint32_t take_slot(tjob_memory_store *store)
{
    TJOB_ASSERT(store->jobs < store->capacity);
    const uint32_t slot = store->free;
    if (slot == 0) {
        return ++store->used;
    }
    store->free = store->slots[slot - 1].next_free;
    return slot;
}

static void free_slot(tjob_memory_store *store, uint32_t slot)
{
    store->slots[slot - 1].next_free = store->free;
    store->slots[slot - 1].arn_bytes = 0;
    store->free = slot;
}

static void create(tjob_memory_store *store, tjob_memory_entry *entry, uint32_t hash, tjob_text arn)
{
    *entry = (tjob_memory_entry){.hash = hash, .slot = take_slot(store)};
    tjob_memory_slot *slot = slot_of(store, entry);
    slot->arn_bytes = (uint32_t)arn.bytes;
    memcpy(slot->arn, arn.data, arn.bytes);
    store->jobs++;
}

static void erase(tjob_memory_store *store, uint32_t entry)
{
    free_slot(store, store->entries[entry].slot);
    erase_entry(store, entry);
    store->absence = store->last_version;
    store->jobs--;
}

/* ---- The callbacks ------------------------------------------------------------------------------------------- */

static void lock(tjob_memory_store *store)
{
    if (store->lock.lock != NULL) {
        store->lock.lock(store->lock.context);
    }
}

static void memory_store_unlock(tjob_memory_store *store)
{
    if (store->lock.unlock != NULL) {
        store->lock.unlock(store->lock.context);
    }
}

static tjob_load_status memory_store_load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    (void)user;
    tjob_memory_store *store = context;
    const uint32_t hash = (uint32_t)tjob__hash_name(store->key, arn);
    lock(store);
    const tjob_memory_entry *entry = &store->entries[memory_store_find(store, arn, hash)];
    const bool found = entry->slot != 0;
    if (found) {
        const tjob_memory_slot *slot = slot_of(store, entry);
        *job = slot->job;
        *version = slot->version;
    } else {
        *version = store->absence;
    }
    memory_store_unlock(store);
    return found ? TJOB_LOAD_OK : TJOB_LOAD_NOT_FOUND;
}

static tjob_swap_status memory_store_swap_locked(tjob_memory_store *store, tjob_text arn, uint32_t hash,
                                                 uint64_t expected, const tjob_job *next)
{
    const uint32_t index = memory_store_find(store, arn, hash);
    tjob_memory_entry *entry = &store->entries[index];
    const bool found = entry->slot != 0;
    if (expected != (found ? slot_of(store, entry)->version : store->absence)) {
        return TJOB_SWAP_CONFLICT;
    }
    if (!found && next != NULL) {
        if (store->jobs == store->capacity) {
            return TJOB_SWAP_FULL;
        }
        create(store, entry, hash, arn);
    }
    store->last_version++;
    if (next != NULL) {
        tjob_memory_slot *slot = slot_of(store, entry);
        slot->job = *next;
        slot->version = store->last_version;
    } else if (found) {
        erase(store, index);
    }
    return TJOB_SWAP_OK;
}

static tjob_swap_status memory_store_swap(void *context, void *user, tjob_text arn, uint64_t expected,
                                          const tjob_job *next)
{
    (void)user;
    tjob_memory_store *store = context;
    const uint32_t hash = (uint32_t)tjob__hash_name(store->key, arn);
    lock(store);
    const tjob_swap_status status = memory_store_swap_locked(store, arn, hash, expected, next);
    memory_store_unlock(store);
    return status;
}

/* ---- The list ------------------------------------------------------------------------------------------------ */

/* The words of a cursor: the store, which no cursor but the first is without, and the next slot, counted from 0. */
enum { MEMORY_CURSOR_STORE, MEMORY_CURSOR_SLOT };

static tjob_list_status memory_store_list_locked(const tjob_memory_store *store, const tjob_list_query *query,
                                                 uint64_t *next, tjob_listed_job *jobs, uint32_t capacity,
                                                 uint32_t *count)
{
    const uint64_t left = store->used - *next;
    const uint64_t end = *next + (left < TJOB_MEMORY_LIST_SLOTS ? left : TJOB_MEMORY_LIST_SLOTS);
    for (; *next < end && *count < capacity; ++*next) {
        const tjob_memory_slot *slot = &store->slots[*next];
        if (slot->arn_bytes != 0 && tjob_list_query_matches(query, &slot->job)) {
            tjob_listed_job *listed = &jobs[(*count)++];
            *listed = (tjob_listed_job){.arn_bytes = slot->arn_bytes, .version = slot->version, .job = slot->job};
            memcpy(listed->arn, slot->arn, slot->arn_bytes);
        }
    }
    return *next < store->used ? TJOB_LIST_MORE : TJOB_LIST_END;
}

static tjob_list_status memory_store_list(void *context, void *user, const tjob_list_query *query,
                                          tjob_list_cursor *cursor, tjob_listed_job *jobs, uint32_t capacity,
                                          uint32_t *count)
{
    (void)user;
    tjob_memory_store *store = context;
    uint64_t *words = cursor->words;
    const uint64_t identity = (uint64_t)(uintptr_t)context + 1; /* never 0, as the first cursor is */
    *count = 0;
    const bool begins = words[MEMORY_CURSOR_STORE] == 0 && words[MEMORY_CURSOR_SLOT] == 0;
    if (!tjob_list_query_is_valid(query, capacity) || !(begins || words[MEMORY_CURSOR_STORE] == identity)) {
        return TJOB_LIST_INVALID;
    }
    words[MEMORY_CURSOR_STORE] = identity;
    lock(store);
    const tjob_list_status status =
        words[MEMORY_CURSOR_SLOT] > store->used
            ? TJOB_LIST_INVALID
            : memory_store_list_locked(store, query, &words[MEMORY_CURSOR_SLOT], jobs, capacity, count);
    memory_store_unlock(store);
    return status;
}

/* ---- The store ----------------------------------------------------------------------------------------------- */

tjob_status tjob_memory_store_init(tjob_memory_store *store, void *memory, size_t memory_bytes, uint32_t jobs,
                                   const unsigned char key[TJOB_HASH_KEY_BYTES], const tjob_lock *lock)
{
    const bool lockable = lock == NULL || (lock->lock != NULL && lock->unlock != NULL);
    if (memory == NULL || (uintptr_t)memory % sizeof(uint64_t) != 0 || jobs == 0 || jobs > TJOB_MEMORY_STORE_JOBS_MAX ||
        memory_bytes / TJOB_MEMORY_STORE_BYTES(1) < jobs || !lockable) {
        return TJOB_INVALID_ARGUMENT;
    }
    tjob_memory_slot *slots = memory;
    *store = (tjob_memory_store){
        .slots = slots,
        .entries = (tjob_memory_entry *)(void *)(slots + jobs),
        .lock = lock != NULL ? *lock : (tjob_lock){NULL, NULL, NULL},
        .capacity = jobs,
    };
    if (key != NULL) {
        memcpy(store->key, key, sizeof store->key);
    }
    memset(store->entries, 0, (size_t)jobs * TJOB_MEMORY_ENTRIES_PER_JOB * sizeof *store->entries);
    return TJOB_OK;
}

tjob_store tjob_memory_store_callbacks(tjob_memory_store *store)
{
    return (tjob_store){.context = store, .load = memory_store_load, .swap = memory_store_swap};
}

tjob_store_list tjob_memory_store_list(tjob_memory_store *store)
{
    return (tjob_store_list){.context = store, .list = memory_store_list};
}

uint32_t tjob_memory_store_count(const tjob_memory_store *store)
{
    return store->jobs;
}
