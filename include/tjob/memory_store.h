/*
 * A store of fixed capacity in the caller's memory: for tests, for simulations, and for hosts that need no durability.
 */
#ifndef TJOB_MEMORY_STORE_H
#define TJOB_MEMORY_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "tjob/arn.h"
#include "tjob/status.h"
#include "tjob/store.h"
#include "tjob/store_list.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Mutual exclusion for a store that threads share. Set both callbacks. `lock` may block, and must succeed. */
typedef struct tjob_lock {
    void *context;
    void (*lock)(void *context);
    void (*unlock)(void *context);
} tjob_lock;

/* The memory for one job. */
typedef struct tjob_memory_slot {
    tjob_job job;
    uint64_t version;
    uint32_t arn_bytes;
    uint32_t next_free;
    char arn[TJOB_ARN_BYTES_MAX];
} tjob_memory_slot;

/* One entry of the hash index: the hash of an ARN, and one more than the slot that holds it; slot 0 means empty. */
typedef struct tjob_memory_entry {
    uint32_t hash;
    uint32_t slot;
} tjob_memory_entry;

#define TJOB_MEMORY_ENTRIES_PER_JOB 2

/* The size of the memory that a store for `jobs` jobs needs, in bytes: 352 for each job. */
#define TJOB_MEMORY_STORE_BYTES(jobs)                                                                                  \
    ((size_t)(jobs) * (sizeof(tjob_memory_slot) + TJOB_MEMORY_ENTRIES_PER_JOB * sizeof(tjob_memory_entry)))

/* The maximum number of jobs in a store. */
#define TJOB_MEMORY_STORE_JOBS_MAX UINT32_C(1000000000)

/* The size of the key of a hash, in bytes. */
#define TJOB_HASH_KEY_BYTES 16

/*
 * A memory store. Its fields are private to the library. The store, and the memory that it was given, must outlive
 * every service that uses it.
 */
typedef struct tjob_memory_store {
    tjob_memory_slot *slots;
    tjob_memory_entry *entries;
    tjob_lock lock;
    unsigned char key[TJOB_HASH_KEY_BYTES]; /* of the hash */
    uint64_t last_version;                  /* the version of the latest swap */
    uint64_t absence;                       /* the version of every absence: that of the latest removal of any job */
    uint32_t capacity;
    uint32_t used; /* the number of slots ever taken */
    uint32_t free; /* one more than the first freed slot; 0 = none */
    uint32_t jobs; /* the number of records present */
} tjob_memory_store;

/*
 * Initializes an empty store for `jobs` jobs in `memory`, which belongs to the caller. The memory must be aligned for
 * uint64_t and have at least TJOB_MEMORY_STORE_BYTES(jobs) bytes.
 *
 * key   the key of the hash of ARNs (SipHash-1-3): TJOB_HASH_KEY_BYTES secret random bytes, for example those of
 *       tjob_system_random. It is copied. NULL means a key of zeros, for tests and for hosts that choose all names
 *       themselves: clients who know the key can choose ARNs that collide, and then a call takes as many steps as there
 *       are such ARNs.
 * lock  NULL if at most one thread at a time uses the store; else it is copied.
 *
 * Returns TJOB_OK, or TJOB_INVALID_ARGUMENT if `memory` is NULL, misaligned or too small, if `jobs` is 0 or over
 * TJOB_MEMORY_STORE_JOBS_MAX, or if one of the lock's callbacks is NULL. Thread-safe for different stores.
 */
tjob_status tjob_memory_store_init(tjob_memory_store *store, void *memory, size_t memory_bytes, uint32_t jobs,
                                   const unsigned char key[TJOB_HASH_KEY_BYTES], const tjob_lock *lock);

/*
 * Returns the store as callbacks for tjob_service.store. A creation returns TJOB_SWAP_FULL while `jobs` records are
 * present. The callbacks are thread-safe if the store has a lock.
 */
tjob_store tjob_memory_store_callbacks(tjob_memory_store *store);

/*
 * Returns the list of the store: a sweep over its slots, at most TJOB_MEMORY_LIST_SLOTS of them in a page, under the
 * lock for as long as a page takes. Thread-safe if the store has a lock. The store must outlive the callback.
 */
tjob_store_list tjob_memory_store_list(tjob_memory_store *store);

/* The maximum number of slots that one page of a list covers. */
#define TJOB_MEMORY_LIST_SLOTS 4096

/* Returns the number of records present. It takes no lock: call it while no other thread uses the store. */
uint32_t tjob_memory_store_count(const tjob_memory_store *store);

#ifdef __cplusplus
}
#endif

#endif
