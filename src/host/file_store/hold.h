/* Which buckets of a file store the threads of one handle work on: a list, and a queue of those who wait. */
#ifndef TJOB_HOST_FILE_STORE_HOLD_H
#define TJOB_HOST_FILE_STORE_HOLD_H

#include "tjob/file_store.h"

/* No bucket. */
#define FILE_HOLD_NONE UINT32_MAX

/* Prepares what the threads share, and gives it up. */
void tjob__file_holds_init(tjob_file_store *store);
void tjob__file_holds_destroy(tjob_file_store *store);

/*
 * Holds two buckets, or one and FILE_HOLD_NONE. Waits, until a moment of CLOCK_MONOTONIC in microseconds, behind those
 * who wait for one of them already. TJOB_FILE_OK, or TJOB_FILE_BUSY, and then nothing is held. Thread-safe.
 */
tjob_file_problem tjob__file_hold_take(tjob_file_store *store, const uint32_t buckets[2], uint64_t deadline_us);

/*
 * Holds a second bucket beside one that is held alone, without waiting. False if another thread holds it. Thread-safe.
 */
bool tjob__file_hold_add(tjob_file_store *store, uint32_t held, uint32_t added);

/*
 * Of the calls that can be under way, how many may wait for another process. It may be halted with as many buckets as
 * it has threads: the other half is for those who want what it does not have.
 */
enum { FILE_HOLD_WAITING_MAX = TJOB_FILE_STORE_CALLS_MAX / 2 };

/* What a call that holds a bucket waits for. */
enum file_hold_wait {
    FILE_HOLD_WORKS = 0, /* for no other process */
    FILE_HOLD_WAITS,     /* for one that has the bucket */
    FILE_HOLD_STUCK      /* for so long that nobody knows how long: nobody waits for those who wait for that bucket */
};

/*
 * Says what whoever holds a bucket waits for now. False if as many wait for another process already as may: then it
 * must let the bucket go. Thread-safe.
 */
bool tjob__file_hold_wait(tjob_file_store *store, uint32_t held, enum file_hold_wait wait);

/* Lets go of a held bucket, and of the one that is held with it. Thread-safe. */
void tjob__file_hold_drop(tjob_file_store *store, uint32_t held);

#endif
