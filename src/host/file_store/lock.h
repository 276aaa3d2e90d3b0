/*
 * Which buckets of a file store a call works on alone: against the threads of its handle by a list, against processes
 * by locks of the file.
 *
 * Nobody has one bucket while it waits for another, so a process that was halted keeps from others no bucket but its
 * own. What waits, waits in the kernel, until a moment that the disk's clock tells. Threads are served in the order in
 * which they came, unless too many of them wait for other processes; and so are processes, as long as none of those who
 * wait dies.
 */
#ifndef TJOB_HOST_FILE_STORE_LOCK_H
#define TJOB_HOST_FILE_STORE_LOCK_H

#include "host/file_store/disk.h"
#include "host/file_store/hold.h"

/* In place of a bucket: the header, which is locked by whoever changes the state of the file. */
#define FILE_LOCK_HEADER (UINT32_MAX - 1)

/*
 * How much of a file is mapped. In the last page of it, which is never written, those sleep who wait for one of its
 * locks.
 */
enum { FILE_LOCK_MAPPED_BYTES = 12288 };

/* Where a bucket begins, in a file of any format. */
uint64_t tjob__file_lock_bucket_offset(const tjob_file_store *store, uint32_t bucket);

/* When a wait of `wait_ms` that begins now is over, in microseconds by the disk's clock. */
uint64_t tjob__file_lock_deadline(const struct tjob_disk *disk, uint32_t wait_ms);

/*
 * Takes two buckets, or one and FILE_HOLD_NONE. TJOB_FILE_OK; or TJOB_FILE_BUSY when the deadline has passed, or what
 * the disk says, and then nothing is taken. Thread-safe.
 */
tjob_file_problem tjob__file_lock_take(tjob_file_store *store, const uint32_t buckets[2], uint64_t deadline_us);

/* Lets them go, and wakes who waits for them if it was long. Thread-safe. */
void tjob__file_lock_drop(tjob_file_store *store, const uint32_t buckets[2], bool was_long);

/*
 * The same of the header, for one who has the file for himself: whoever opens it, or has just made it. Where nothing is
 * mapped, nobody is waked, and who waits looks again soon.
 */
tjob_file_problem tjob__file_lock_header(const struct tjob_disk *disk, int file, const void *mapped,
                                         uint64_t deadline_us);
void tjob__file_lock_drop_header(const struct tjob_disk *disk, int file, const void *mapped);

/* Waits until nobody works on any bucket, and keeps all from others until the header is dropped, which is held. */
tjob_file_problem tjob__file_lock_all(tjob_file_store *store, uint64_t deadline_us);
void tjob__file_lock_drop_all(tjob_file_store *store);

#endif
