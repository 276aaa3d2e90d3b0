/* The buckets of a file store that the threads of one handle work on: a list, and a queue of the waiting calls. */
#ifndef TJOB_HOST_FILE_STORE_HOLD_H
#define TJOB_HOST_FILE_STORE_HOLD_H

#include <pthread.h>

#include "tjob/file_store.h"

/* No bucket. */
#define FILE_HOLD_NONE UINT32_MAX

/* Initialize and destroy what the threads share. */
void tjob__file_holds_init(tjob_file_store *store);
void tjob__file_holds_destroy(tjob_file_store *store);

/* Returns the mutex of a store, which its header shows as bytes only. */
pthread_mutex_t *tjob__file_holds_mutex(tjob_file_store *store);

/*
 * Holds two buckets, or one and FILE_HOLD_NONE. Waits behind the calls that already wait for one of them, until a time
 * of CLOCK_MONOTONIC in microseconds. Returns TJOB_FILE_OK; or TJOB_FILE_BUSY, and then nothing is held. Sets *waits if
 * the call waited, and leaves it alone otherwise. Thread-safe.
 */
tjob_file_problem tjob__file_hold_take(tjob_file_store *store, const uint32_t buckets[2], uint64_t deadline_us,
                                       bool *waits);

/*
 * Holds a second bucket beside one that is held alone, without waiting. Returns false if another thread holds it.
 * Thread-safe.
 */
bool tjob__file_hold_add(tjob_file_store *store, uint32_t held, uint32_t added);

/*
 * How many of the calls in progress may wait for another process. That process may be halted with as many buckets as it
 * has threads. The other half is for calls that do not need those buckets.
 */
enum { FILE_HOLD_WAITING_MAX = TJOB_FILE_STORE_CALLS_MAX / 2 };

/* What the call that holds a bucket waits for. */
enum file_hold_wait {
    FILE_HOLD_WORKS = 0, /* not for another process */
    FILE_HOLD_WAITS,     /* for a process that has the bucket */
    FILE_HOLD_STUCK      /* for so long that no end is known: no call waits behind those that wait for that bucket */
};

/*
 * Sets what the call that holds a bucket waits for now. Returns false if the maximum number of calls already waits for
 * another process: then the caller must release the bucket. Thread-safe.
 */
bool tjob__file_hold_wait(tjob_file_store *store, uint32_t held, enum file_hold_wait wait);

/* Releases a held bucket, and the one that is held with it. Thread-safe. */
void tjob__file_hold_drop(tjob_file_store *store, uint32_t held);

#endif
