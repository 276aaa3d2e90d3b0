/* A store of fixed capacity in the caller's memory: for tests, for simulations, for hosts that need no durability. */
#ifndef TJOB_MEMORY_STORE_H
#define TJOB_MEMORY_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "tjob/arn.h"
#include "tjob/status.h"
#include "tjob/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a store that threads share excludes them: both callbacks, or neither. lock may block and must succeed. */
typedef struct tjob_lock {
    void *context;
    void (*lock)(void *context);
    void (*unlock)(void *context);
} tjob_lock;

/* The room for one job. */
typedef struct tjob_memory_slot {
    tjob_job job;
    uint64_t version;
    uint32_t arn_bytes;
    uint32_t next_free;
    char arn[TJOB_ARN_BYTES_MAX];
} tjob_memory_slot;

/* One entry of the hash index: the hash of an ARN and one more than the slot that holds it; slot 0 marks it empty. */
typedef struct tjob_memory_entry {
    uint32_t hash;
    uint32_t slot;
} tjob_memory_entry;

#define TJOB_MEMORY_ENTRIES_PER_JOB 2

/* The memory that a store for `jobs` jobs needs, in bytes: 352 each. */
#define TJOB_MEMORY_STORE_BYTES(jobs)                                                                                  \
    ((size_t)(jobs) * (sizeof(tjob_memory_slot) + TJOB_MEMORY_ENTRIES_PER_JOB * sizeof(tjob_memory_entry)))

/* The most jobs that a store can hold. */
#define TJOB_MEMORY_STORE_JOBS_MAX UINT32_C(1000000000)

/* The key of a hash, in bytes. */
#define TJOB_HASH_KEY_BYTES 16

/*
 * A memory store. Its fields are its own. It must outlive every service that uses it, and so must the memory that it
 * was given.
 */
typedef struct tjob_memory_store {
    tjob_memory_slot *slots;
    tjob_memory_entry *entries;
    tjob_lock lock;
    unsigned char key[TJOB_HASH_KEY_BYTES]; /* of the hash */
    uint64_t last_version;                  /* given to the latest swap */
    uint64_t absence;                       /* the version of every absence: that of the latest removal of any job */
    uint32_t capacity;
    uint32_t used; /* slots ever taken */
    uint32_t free; /* one more than the first of the freed slots, 0 = none */
    uint32_t jobs; /* records present */
} tjob_memory_store;

/*
 * Makes an empty store for `jobs` jobs in `memory`, which must be aligned for uint64_t and TJOB_MEMORY_STORE_BYTES(jobs)
 * bytes large, and belongs to the caller.
 *
 * key   of the hash of ARNs (SipHash-1-3), copied: TJOB_HASH_KEY_BYTES random bytes that nobody else knows, such as
 *       tjob_system_random gives. NULL for a key of zeros, in tests and where the host alone makes the names: with a key that
 *       outsiders know, they can choose ARNs that collide, and a call takes as many steps as there are of these.
 * lock  NULL if one thread at a time uses the store; else copied.
 *
 * TJOB_OK, or TJOB_INVALID_ARGUMENT if the memory is NULL, misaligned or too small, or jobs is 0 or over the maximum, or
 * one of the lock's callbacks is NULL.
 */
tjob_status tjob_memory_store_init(tjob_memory_store *store, void *memory, size_t memory_bytes, uint32_t jobs,
                                   const unsigned char key[TJOB_HASH_KEY_BYTES], const tjob_lock *lock);

/* The store as callbacks for tjob_service.store. TJOB_SWAP_FULL is said when `jobs` records are present. */
tjob_store tjob_memory_store_callbacks(tjob_memory_store *store);

/* How many records are present. */
uint32_t tjob_memory_store_count(const tjob_memory_store *store);

#ifdef __cplusplus
}
#endif

#endif
