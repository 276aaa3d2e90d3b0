/*
 * One call of a file store: it holds its buckets against all other threads and processes, reads them, and changes one.
 */
#ifndef TJOB_HOST_FILE_STORE_CALL_H
#define TJOB_HOST_FILE_STORE_CALL_H

#include "host/file_store/disk.h"
#include "host/file_store/bucket.h"
#include "tjob/file_store.h"

/* A call under way. */
struct file_call {
    tjob_file_store *store;
    uint64_t failures;            /* of the store, when it began */
    uint32_t taken[2];            /* buckets, the lower one first; the second may be none */
    bool changes;                 /* it has written something, and waited for the disk */
    struct file_bucket bucket[2]; /* in the order of the name's buckets; the second is not used if they are the same */
};

/* What became of a change. */
struct file_change {
    tjob_file_problem problem;
    bool maybe; /* there is a problem, and yet it may have been made */
};

/*
 * Begins a call on two buckets, or on one given twice: waits for both, and until a growth is over. TJOB_FILE_OK, and
 * then it must be ended; or TJOB_FILE_BUSY, TJOB_FILE_SUPERSEDED, TJOB_FILE_FORKED, or what the disk says.
 */
tjob_file_problem tjob__file_call_begin(struct file_call *call, tjob_file_store *store, const uint32_t buckets[2]);

/* The same, and waits until a deadline by the disk's clock, for a caller that makes several calls within one. */
tjob_file_problem tjob__file_call_begin_until(struct file_call *call, tjob_file_store *store, const uint32_t buckets[2],
                                              uint64_t deadline_us);

void tjob__file_call_end(struct file_call *call);

/*
 * Whether a bucket is what the file tells that it has come to: TJOB_FILE_DAMAGED if it was put back to something older;
 * or why that cannot be read.
 */
tjob_file_problem tjob__file_call_check_progress(const struct file_call *call, const struct file_bucket *bucket);

/*
 * Reads a bucket as it is, and whether the file tells that it has held a job. TJOB_FILE_DAMAGED if what it has held is
 * lost: nothing there is valid, and bucket->sequence is 0; or the file tells that it has come further than to
 * bucket->sequence.
 */
tjob_file_problem tjob__file_call_read(struct file_call *call, struct file_bucket *bucket, bool *registered);

/* Reads a bucket and makes it durable, if it is not known to be: only then may its content be told to anybody. */
tjob_file_problem tjob__file_call_read_durable(struct file_call *call, struct file_bucket *bucket);

/*
 * Gives every page of a settled bucket room on the disk, before its first job is there, so that no later change can run
 * out of it. Like every change it writes one page at a time, with an empty table: if a crash interrupts it, the others
 * are whole. Then it registers the bucket, which becomes durable with the job.
 */
tjob_file_problem tjob__file_call_allocate(struct file_call *call, struct file_bucket *bucket);

/*
 * Makes bucket->page, which was changed, the durable content of a settled bucket, with a sequence above the one it has.
 * TJOB_FILE_DAMAGED, and nothing is changed, if the file tells that the bucket was further already.
 */
struct file_change tjob__file_call_commit(struct file_call *call, struct file_bucket *bucket, uint64_t sequence);

/* Takes note of a problem, for tjob_file_store_problem. */
void tjob__file_call_note(tjob_file_store *store, tjob_file_problem problem);

#endif
