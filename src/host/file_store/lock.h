/*
 * The exclusive use of buckets by a call: a list excludes the threads of the same handle, and locks of the file exclude
 * other processes.
 *
 * No process holds one bucket while it waits for another, so a process that was halted withholds only its own buckets.
 * Waiting calls sleep in the kernel, until a deadline by the disk's clock. Threads are served in order of arrival,
 * unless too many of them wait for other processes. Processes are served in order of arrival as long as none of the
 * waiting ones dies.
 */
#ifndef TJOB_HOST_FILE_STORE_LOCK_H
#define TJOB_HOST_FILE_STORE_LOCK_H

#include "host/file_store/disk.h"
#include "host/file_store/hold.h"

/*
 * The process that waits for a bucket has the bucket's turn: one byte that stands for the bucket, far beyond every
 * file. This is the byte of bucket 0.
 */
#define FILE_LOCK_TURNS_OFFSET (UINT64_C(1) << 61)

/* In place of a bucket: the header. The process that changes the state of the file locks it. */
#define FILE_LOCK_HEADER (UINT32_MAX - 1)

/*
 * How many bytes of a file are mapped. The last page of them is never written: processes that wait for a lock of the
 * file sleep on it.
 */
enum { FILE_LOCK_MAPPED_BYTES = 12288 };

/* Returns the offset of a bucket, in a file of any format. */
uint64_t tjob__file_lock_bucket_offset(const tjob_file_store *store, uint32_t bucket);

/* Returns when a wait of `wait_ms` that begins now ends, in microseconds by the disk's clock. */
uint64_t tjob__file_lock_deadline(const struct tjob_disk *disk, uint32_t wait_ms);

/*
 * Takes two buckets, or one and FILE_HOLD_NONE. Returns TJOB_FILE_OK; or TJOB_FILE_BUSY after the deadline, or the
 * problem of the disk, and then nothing is taken. Adds to *waited_us how long others had a bucket, other threads or
 * another process, in microseconds. Thread-safe.
 */
tjob_file_problem tjob__file_lock_take(tjob_file_store *store, const uint32_t buckets[2], uint64_t deadline_us,
                                       uint64_t *waited_us);

/* Releases them, and wakes those that wait for them if the call was long. Thread-safe. */
void tjob__file_lock_drop(tjob_file_store *store, const uint32_t buckets[2], bool was_long);

/*
 * The same for the header, for a caller that has the file for itself: it opens the file, or has just created it. If
 * nothing is mapped, nobody is woken, and waiting callers poll soon.
 */
tjob_file_problem tjob__file_lock_header(const struct tjob_disk *disk, int file, const void *mapped,
                                         uint64_t deadline_us);
void tjob__file_lock_drop_header(const struct tjob_disk *disk, int file, const void *mapped);

/*
 * Waits until nobody works on any bucket, and withholds all buckets from others until the header is released. The
 * caller holds the header.
 */
tjob_file_problem tjob__file_lock_all(tjob_file_store *store, uint64_t deadline_us);
void tjob__file_lock_drop_all(tjob_file_store *store);

#endif
