/*
 * One call of a file store. It holds its buckets against all other threads and processes, reads them, and changes one.
 */
#ifndef TJOB_HOST_FILE_STORE_CALL_H
#define TJOB_HOST_FILE_STORE_CALL_H

#include "host/file_store/disk.h"
#include "host/file_store/bucket.h"
#include "tjob/file_store.h"

/* A call in progress. */
struct file_call {
    tjob_file_store *store;
    uint64_t waited_us;           /* for other threads and processes, until the call began */
    uint32_t taken[2];            /* buckets, the lower one first; the second may be none */
    uint32_t descriptor;          /* through which the call syncs; none until it writes */
    struct file_bucket bucket[2]; /* in the order of the name's buckets; the second is unused if they are the same */
};

/* The result of a change. */
struct file_change {
    tjob_file_problem problem;
    bool maybe; /* there is a problem, but the change may have been made */
};

/*
 * Checks that this process opened the store, and that the file is still the store. Returns TJOB_FILE_OK, or
 * TJOB_FILE_FORKED, TJOB_FILE_SUPERSEDED, or the problem of the disk.
 */
tjob_file_problem tjob__file_call_check_store(const tjob_file_store *store);

/*
 * Checks that the file still has its name: a change of a file without a name, or under another name, would be lost.
 * Returns TJOB_FILE_OK, TJOB_FILE_SUPERSEDED, or the problem of the disk.
 */
tjob_file_problem tjob__file_call_check_name(const tjob_file_store *store);

/* Returns how long a call that begins now waits, in microseconds. */
uint64_t tjob__file_call_wait_us(const tjob_file_store *store);

/*
 * Begins a call on two buckets, or on one bucket given twice. Waits for both, and until a growth is over. Returns
 * TJOB_FILE_OK, and then the caller must end the call; or TJOB_FILE_BUSY, TJOB_FILE_SUPERSEDED, TJOB_FILE_FORKED, or
 * the problem of the disk.
 */
tjob_file_problem tjob__file_call_begin(struct file_call *call, tjob_file_store *store, const uint32_t buckets[2]);

/*
 * The same on one bucket, but waits for at most *wait_us microseconds and subtracts how long it has waited: for a
 * caller that makes several calls.
 */
tjob_file_problem tjob__file_call_begin_within(struct file_call *call, tjob_file_store *store, uint32_t bucket,
                                               uint64_t *wait_us);

/* The same as tjob__file_call_begin, but waits until a deadline by the disk's clock. */
tjob_file_problem tjob__file_call_begin_until(struct file_call *call, tjob_file_store *store, const uint32_t buckets[2],
                                              uint64_t deadline_us);

void tjob__file_call_end(struct file_call *call);

/*
 * Checks a bucket against its progress in the file. Returns TJOB_FILE_DAMAGED if the bucket was put back to an earlier
 * content, or why it is not possible to read the progress.
 */
tjob_file_problem tjob__file_call_check_progress(const struct file_call *call, const struct file_bucket *bucket);

/*
 * Optimistic reads, of buckets that the call does not hold: they wait for nobody. `init` names the buckets, in place of
 * `begin`; there is nothing to end.
 *
 * try_read returns true if the bucket had this content, durably, at some instant between its beginning and its end.
 * Otherwise somebody may be changing the bucket, or it is damaged, or was never used: then begin the call, and read
 * again. After the last try_read, is_current must return true: this process opened the handle, and the file is still
 * the store. docs/storage.md has the proof.
 */
void tjob__file_call_init(struct file_call *call, tjob_file_store *store, const uint32_t buckets[2]);
bool tjob__file_call_try_read(const struct file_call *call, struct file_bucket *bucket);
bool tjob__file_call_is_current(const struct file_call *call);

/*
 * Returns whether a problem that a call on a bucket has met is of that bucket alone. It is not if the file is no longer
 * the store, or nobody can read whether it is. A bucket is not busy alone while a growth keeps all calls out.
 */
bool tjob__file_call_is_of_bucket(const tjob_file_store *store, tjob_file_problem problem);

/*
 * Holds one bucket, reads it as tjob__file_call_read_durable does, and checks it against its progress. Waits as
 * tjob__file_call_begin_within does. The call has ended on return.
 */
tjob_file_problem tjob__file_call_hold_and_read(struct file_call *call, tjob_file_store *store, uint32_t bucket,
                                                uint64_t *wait_us);

/* The same, but reads the bucket optimistically if possible. */
tjob_file_problem tjob__file_call_read_bucket(struct file_call *call, tjob_file_store *store, uint32_t bucket,
                                              uint64_t *wait_us);

/*
 * Reads a bucket as it is, and whether the file records that it has held a job. Returns TJOB_FILE_DAMAGED if what it
 * has held is lost: no page is valid, and bucket->sequence is 0; or if the progress in the file is above
 * bucket->sequence.
 */
tjob_file_problem tjob__file_call_read(struct file_call *call, struct file_bucket *bucket, bool *registered);

/* The same, but a bucket of which a page is not readable is lost, as if it was damaged: TJOB_FILE_DAMAGED. */
tjob_file_problem tjob__file_call_examine(struct file_call *call, struct file_bucket *bucket, bool *registered);

/*
 * Reads a bucket, and makes it durable if it is not known to be. Only then may its content be returned to anybody. If
 * the store is only read, such a bucket is TJOB_FILE_READ_ONLY.
 */
tjob_file_problem tjob__file_call_read_durable(struct file_call *call, struct file_bucket *bucket);

/*
 * Gives every page of a durable bucket room on the disk before its first job, so that no later change can run out of
 * room. Like every change, it writes one page at a time, with an empty table: if a crash interrupts it, the other pages
 * are whole. Then it registers the bucket. The entry becomes durable together with the job.
 */
tjob_file_problem tjob__file_call_allocate(struct file_call *call, struct file_bucket *bucket);

/*
 * Makes bucket->page, which the caller has changed, the durable content of a durable bucket, with a sequence above its
 * present one. If the file records a higher sequence than the bucket has, it changes nothing, and the problem is
 * TJOB_FILE_DAMAGED.
 */
struct file_change tjob__file_call_commit(struct file_call *call, struct file_bucket *bucket, uint64_t sequence);

/*
 * Reads the highest sequence that a bucket shows: of its valid pages, its marks and its progress. The bucket may be
 * damaged, and pages that are not readable show nothing.
 */
tjob_file_problem tjob__file_call_read_highest(const struct file_call *call, const struct file_bucket *bucket,
                                               uint64_t *highest);

/* Makes a damaged bucket an empty one, as if all its jobs had been removed, with a sequence above all that it shows. */
tjob_file_problem tjob__file_call_clear(struct file_call *call, struct file_bucket *bucket, uint64_t sequence);

/* Records a problem for tjob_file_store_problem, and returns it. */
tjob_file_problem tjob__file_call_note(tjob_file_store *store, tjob_file_problem problem);

#endif
