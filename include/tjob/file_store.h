/*
 * A durable store in one file, for a host that has no database. The store needs POSIX with open-file-description locks
 * (Linux).
 */
#ifndef TJOB_FILE_STORE_H
#define TJOB_FILE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/arn.h"
#include "tjob/store.h"
#include "tjob/store_list.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Limits ---------------------------------------------------------------------------------------------------- */

/* The default capacity of a store (for 0), and the largest, in jobs. */
#define TJOB_FILE_STORE_JOBS_DEFAULT UINT64_C(1000000)
#define TJOB_FILE_STORE_JOBS_MAX UINT64_C(1000000000)

/* The slots for each job of the capacity. A slot takes 1 KiB of the file once its bucket is in use. */
#define TJOB_FILE_STORE_SLOTS_PER_JOB 2

/* How long a call waits for others by default (for 0), in milliseconds. */
#define TJOB_FILE_STORE_WAIT_MS_DEFAULT 5000

/*
 * The maximum number of calls of one handle that hold buckets at a time. Further ones wait, and are served in the order
 * in which they arrived. At most half of these calls wait for another process. Most loads hold nothing.
 */
#define TJOB_FILE_STORE_CALLS_MAX 64

/*
 * The maximum number of syncs in progress in one handle. Each needs a descriptor of its own: a handle opens up to 31
 * more when calls of several threads first write at the same time, with the path that it was opened with. Where that is
 * not possible, it makes do with those that it has.
 */
#define TJOB_FILE_STORE_SYNCS_MAX 32

/* The longest path, in bytes, including the terminating NUL. */
#define TJOB_FILE_STORE_PATH_BYTES_MAX 4096

/* The number of random bytes that are the identity of a file and the key of its hash. */
#define TJOB_FILE_STORE_KEY_BYTES 16

/*
 * The size of the mutex in a tjob_file_store, in bytes. It is a number of this header's own, so that the header needs
 * no <pthread.h>, and the layout does not depend on the C library. The mutexes of glibc and musl take 24 to 48 bytes;
 * where one does not fit, the library does not compile.
 */
#define TJOB_FILE_STORE_MUTEX_BYTES 64

/*
 * The stack that a call needs, in bytes, with some to spare. This includes a growth. A thread must not be cancelled
 * while it is in a call.
 */
#define TJOB_FILE_STORE_STACK_BYTES 65536

/* ---- Problems -------------------------------------------------------------------------------------------------- */

/* What is wrong with a file, or why a call failed. */
typedef enum tjob_file_problem {
    TJOB_FILE_OK = 0,
    TJOB_FILE_INVALID_ARGUMENT, /* an argument is NULL or out of its bounds */
    TJOB_FILE_NOT_LARGER,       /* grow: the store already has that capacity or a larger one */
    TJOB_FILE_LINKED,           /* the path is a symbolic link or a mount of the file, or the file has another name */
    TJOB_FILE_MISSING,          /* the file or its folder does not exist */
    TJOB_FILE_EXISTS,           /* create: the file exists */
    TJOB_FILE_NO_PERMISSION,    /* the system refuses access */
    TJOB_FILE_NO_SPACE,         /* the disk, or a quota, is full */
    TJOB_FILE_IO,               /* the system reports an I/O error, or an error that no other value describes */
    TJOB_FILE_NOT_A_STORE,      /* the file is something else, or its creation did not finish */
    TJOB_FILE_OTHER_FORMAT,     /* another version of the library wrote it: a growth converts an older format */
    TJOB_FILE_TRUNCATED,        /* the file is shorter than its header says */
    TJOB_FILE_DAMAGED,          /* the file has invalid content, or has lost content: see tjob_file_store_inspect */
    TJOB_FILE_BUSY,             /* others had a lock, or waited for it before, for longer than the call may wait */
    TJOB_FILE_SUPERSEDED,   /* the store has grown into another file, or the file has lost its name: open it again */
    TJOB_FILE_FORKED,       /* another process opened the handle, before a fork: open a new one */
    TJOB_FILE_FULL,         /* both buckets of a new job are full, or the new file of a growth has no room for a job */
    TJOB_FILE_NO_RESOURCES, /* no file descriptor or no memory is left, in the process or the system */
    TJOB_FILE_NO_LOCKS,     /* the file system has no locks, or none left */
    TJOB_FILE_IN_USE,       /* the system itself uses the file, as a mount point or a running program */
    TJOB_FILE_UNSUPPORTED,  /* the file system lacks something that a store needs */
    TJOB_FILE_READ_ONLY,    /* a change of a store that was opened read-only; or a bucket whose latest write is not
                               known to be durable, which only an opening that may write makes durable */
    TJOB_FILE_SAME_FILE,    /* copy: the target is the store itself */
    TJOB_FILE_BACKUP,       /* the file is a backup, which is only read: restore it */
    TJOB_FILE_NOT_A_BACKUP, /* restore: the file is a store, not a backup */
    TJOB_FILE_NOT_DAMAGED,  /* give up: the bucket is sound */
    TJOB_FILE_EXHAUSTED,    /* no version is left for a change: the file can only be read */
    TJOB_FILE_INVALID_PATH  /* the path is NULL, empty or too long, names a folder, or is a loop of symbolic links */
} tjob_file_problem;

#define TJOB_FILE_PROBLEM_COUNT 28

/*
 * Below, "the problem of the disk" is one that the system reports: TJOB_FILE_MISSING, NO_PERMISSION, NO_SPACE, IO,
 * NO_RESOURCES, NO_LOCKS, IN_USE or UNSUPPORTED; or TJOB_FILE_TRUNCATED if somebody has cut the file off.
 *
 * "The problem of a new file" is that of the disk; TJOB_FILE_INVALID_PATH; TJOB_FILE_EXISTS; or TJOB_FILE_SUPERSEDED,
 * LINKED or BUSY if somebody has moved, mounted or locked the file before it was whole.
 */

/*
 * Returns a problem as a sentence without its full stop, such as "the disk is full"; "?" for a value outside the enum.
 * The string is static. Thread-safe.
 */
const char *tjob_file_problem_text(tjob_file_problem problem);

/*
 * Returns the name of a problem, for programs: its enumerator without the prefix, such as "NO_SPACE"; "?" for a value
 * outside the enum. The string is static. Thread-safe.
 */
const char *tjob_file_problem_name(tjob_file_problem problem);

/* ---- The store ------------------------------------------------------------------------------------------------- */

/*
 * Creates an empty, durable file for at least `capacity` jobs. The file is sparse: it takes room as jobs are created.
 * Each bucket of 12 slots takes 12 KiB when its first job is created, and 24 bytes before the buckets. The identity of
 * the file consists of random bytes from the system, and is also the key of the hash of names: nobody can choose ARNs
 * that collide in one bucket.
 *
 * path      the path of the new file, which must not exist yet. The file's name must have at most 247 bytes, and its
 *           absolute path at most 4087, so that the store can grow.
 * capacity  in jobs; 0 = TJOB_FILE_STORE_JOBS_DEFAULT, at most TJOB_FILE_STORE_JOBS_MAX. tjob_file_store_grow changes
 *           it.
 *
 * Returns TJOB_FILE_OK; or why there is no new file: TJOB_FILE_INVALID_ARGUMENT, or the problem of a new file.
 * TJOB_FILE_IO also means that the system has no random bytes. Thread-safe.
 */
tjob_file_problem tjob_file_store_create(const char *path, uint64_t capacity);

/*
 * An open store. Its fields are private. It must not be moved or copied while it is open, and it must outlive every
 * service that uses it.
 */
typedef struct tjob_file_store {
    const struct tjob_disk *disk;
    unsigned char key[TJOB_FILE_STORE_KEY_BYTES]; /* the file's identity, and the key of its hash */
    uint32_t key_bytes;
    uint64_t base;
    uint64_t capacity;
    uint64_t begin; /* the offset of the first bucket */
    uint32_t buckets;
    uint32_t wait_ms;      /* accessed atomically */
    int64_t total_wait_us; /* of all calls; -1 if each of them waits up to wait_ms; accessed atomically */
    uint64_t waited_us;    /* by all calls since total_wait_us was set; accessed atomically */
    int64_t process;       /* the process that opened it */
    unsigned char *mark;   /* 0 in a child of it; NULL: only its number is compared */
    void *mapped;          /* the words on which processes wait for each other; NULL if they only poll */
    int file;
    int problem;     /* the latest one; accessed atomically */
    uint32_t wanted; /* a bucket that another process waits for; accessed atomically */
    bool crowded;    /* processes recently had to wait for each other; accessed atomically */
    bool read_only;
    bool is_backup;
    char path[TJOB_FILE_STORE_PATH_BYTES_MAX]; /* absolute */

    uint64_t mutex[TJOB_FILE_STORE_MUTEX_BYTES / 8]; /* guards the fields that follow */
    uint32_t calls; /* the calls in progress, and the two buckets that each of them holds */
    uint32_t held[TJOB_FILE_STORE_CALLS_MAX][2];
    unsigned char waits[TJOB_FILE_STORE_CALLS_MAX]; /* whether each of them waits for another process, and for long */
    struct tjob_file_waiter *first_waiter;          /* the calls that wait for a bucket, in order of arrival */
    struct tjob_file_waiter *last_waiter;
    int descriptors[TJOB_FILE_STORE_SYNCS_MAX]; /* of the file, for syncs at the same time; -1 = not open */
    uint32_t descriptors_in_use;                /* one bit each */
    struct tjob_file_syncer *first_syncer;      /* the calls that wait for a descriptor, in order of arrival */
    struct tjob_file_syncer *last_syncer;
    bool opening; /* a thread opens descriptors */
} tjob_file_store;

/*
 * Opens a store. Reads its header and nothing else, whatever its size. Threads may share the handle, and several
 * processes may open the same file. The descriptor is closed on exec, and is never one of the standard streams. After a
 * fork, the child must not use the handle: its calls return TJOB_LOAD_UNAVAILABLE and TJOB_SWAP_UNAVAILABLE.
 *
 * path     must name this file, for this process, as long as the store is open. Once it does not, a change returns
 *          TJOB_SWAP_UNAVAILABLE, with the problem TJOB_FILE_SUPERSEDED. A relative path is resolved now, against the
 *          current working folder.
 * wait_ms  how long this call, and each later call, waits for other threads and processes in total, in milliseconds;
 *          0 = TJOB_FILE_STORE_WAIT_MS_DEFAULT.
 *
 * Returns TJOB_FILE_OK; otherwise there is nothing to close, and the result is TJOB_FILE_INVALID_ARGUMENT,
 * TJOB_FILE_INVALID_PATH, TJOB_FILE_NOT_A_STORE, TJOB_FILE_OTHER_FORMAT, TJOB_FILE_BACKUP, TJOB_FILE_TRUNCATED,
 * TJOB_FILE_DAMAGED, TJOB_FILE_BUSY, TJOB_FILE_LINKED if a creation or a growth that did not finish left a file that is
 * mounted alone, TJOB_FILE_SUPERSEDED if the file grew again and again meanwhile, or the problem of the disk.
 * Thread-safe for different stores.
 */
tjob_file_problem tjob_file_store_open(tjob_file_store *store, const char *path, uint32_t wait_ms);

/*
 * The same for a store that is only read: on a read-only file system, say, or without permission to write. The file
 * must be readable, and may be a backup. Where the handle takes locks, it shares them with other handles that only
 * read. Nothing is written. A swap returns TJOB_SWAP_UNAVAILABLE, with the problem TJOB_FILE_READ_ONLY. So does a load,
 * with TJOB_LOAD_UNAVAILABLE, if a crash or a failure has left a write of its buckets that is not known to be durable;
 * tjob_file_store_inspect reports such a write.
 */
tjob_file_problem tjob_file_store_open_read_only(tjob_file_store *store, const char *path, uint32_t wait_ms);

/* Closes the store. No call may be in progress. */
void tjob_file_store_close(tjob_file_store *store);

/*
 * Sets how long calls that begin from now on wait for other threads and processes, in milliseconds. 0 means that they
 * do not wait, unlike in tjob_file_store_open. Thread-safe, but it applies to the calls of all threads.
 */
void tjob_file_store_set_wait_ms(tjob_file_store *store, uint32_t wait_ms);

/*
 * Sets how long all calls that begin from now on wait for other threads and processes in total, in milliseconds. After
 * that time, calls do not wait. Only waiting counts, and each call adds its own when it ends, also one that had begun
 * before: calls of several threads at the same time each have what was left when they began. Use it to bound a task of
 * many calls by one thread, such as a sweep over all buckets. It holds until the next call of
 * tjob_file_store_set_wait_ms. Thread-safe, but it applies to the calls of all threads.
 */
void tjob_file_store_set_total_wait_ms(tjob_file_store *store, uint32_t total_wait_ms);

/*
 * Returns the store as callbacks for tjob_service.store. The callbacks are thread-safe. A swap is durable when it
 * returns TJOB_SWAP_OK, a load returns only what is durable, and any number of threads and processes see one and the
 * same store.
 *
 * A swap returns TJOB_SWAP_FULL if both buckets of a new job are full, which practically never happens below the
 * capacity (docs/storage.md has the figures), or if the disk has no room for the job. tjob_file_store_problem returns
 * which of the two. A change or a removal of an existing job needs no further room. Every record is checked: for a job
 * that tjob_job_validate refuses, a swap returns TJOB_SWAP_UNAVAILABLE.
 */
tjob_store tjob_file_store_callbacks(tjob_file_store *store);

/*
 * Returns the latest reason why a call of any thread did not return OK, NOT_FOUND or CONFLICT; TJOB_FILE_OK if every
 * call did. tjob_file_store_inspect_header, which leaves the handle as it is, does not count. For logs. Thread-safe.
 */
tjob_file_problem tjob_file_store_problem(const tjob_file_store *store);

/* Return the capacity of an open store, in jobs, and the number of its buckets. Thread-safe. */
uint64_t tjob_file_store_capacity(const tjob_file_store *store);
uint32_t tjob_file_store_buckets(const tjob_file_store *store);

/*
 * Makes a store larger, or converts an older format to the current one. Writes a new file beside the old one, with the
 * same name and the suffix ".growing", and then renames it over the old one. Meanwhile the changes of others wait, and
 * so do the loads that take locks, each for at most the wait_ms of its handle. Afterwards the handles of the old file
 * return UNAVAILABLE until they are opened again. At every moment, and after a crash, the path names one whole store
 * that has everything that was acknowledged.
 *
 * capacity  in jobs. It must be larger than the present one, or at least equal to it if the file has an older format.
 * wait_ms   as for tjob_file_store_open. While the growth waits for a process that was halted in the middle of a call,
 *           others wait for the growth.
 *
 * The new file has the owner, the group, the permissions and the access list of the old one. Returns
 * TJOB_FILE_NO_PERMISSION if the caller may not set these, and TJOB_FILE_LINKED if the path is a symbolic link or the
 * file has another name.
 *
 * Returns TJOB_FILE_OK; or why the store was not changed: the problems above and those of tjob_file_store_open,
 * TJOB_FILE_NOT_LARGER, TJOB_FILE_EXISTS if the file with the suffix cannot be removed, TJOB_FILE_FULL, or
 * TJOB_FILE_EXHAUSTED. If only the very last step failed, which makes the new name durable, the store may have the new
 * size. A growth may take a while: about 10 seconds for a million jobs. Thread-safe.
 */
tjob_file_problem tjob_file_store_grow(const char *path, uint64_t capacity, uint32_t wait_ms);

/* ---- Backup ---------------------------------------------------------------------------------------------------- */

/* A good size of the memory of tjob_file_store_copy, in bytes: for stores of up to some million jobs. */
#define TJOB_FILE_STORE_COPY_BYTES (UINT32_C(1) << 20)

/*
 * Writes a backup of a store, which stays in use: a new file that has the store's jobs. A backup is only read: with
 * tjob_file_store_open_read_only and all functions that read a store, or with tjob_file_store_restore. Opening it for
 * changes returns TJOB_FILE_BACKUP.
 *
 * The backup has each job as it was at one instant between the beginning and the end of this call; the instant may
 * differ from job to job. So it has everything that was acknowledged before the call began and not changed since.
 * The call holds at most one bucket at a time, while it reads the bucket. It waits for others at most for the store's
 * wait_ms in all.
 *
 * store   an open store, perhaps read-only; or an open backup, of which this makes another.
 * to      the path of the new file, which must not exist yet. The new file is sparse: it takes 4 KiB for each bucket
 *         in use. It has the owner, the group, the permissions and the access list of the store if the caller may set
 *         these; otherwise only its owner may open it.
 * memory  the caller's, with any content, for this call: a filter of the names that the call has met. It makes the call
 *         faster and changes nothing else: without a filter, the call reads a page for every second job, to check that
 *         the job is in one bucket only. NULL: no filter.
 * bytes   the size of `memory`, such as TJOB_FILE_STORE_COPY_BYTES.
 *
 * Returns TJOB_FILE_OK: the backup is durable. Or returns why there is no backup, and no new file, unless the system
 * did not let the call remove it: TJOB_FILE_SAME_FILE if `to` is the store itself, TJOB_FILE_BUSY,
 * TJOB_FILE_SUPERSEDED if the store has grown meanwhile, TJOB_FILE_FORKED, TJOB_FILE_DAMAGED, TJOB_FILE_READ_ONLY,
 * TJOB_FILE_EXHAUSTED if a bucket is to be made durable and has no sequence left for that, or the problem of the disk
 * or of the new file. Afterwards tjob_file_store_problem returns the problem if it is that of the store; a problem of
 * the new file does not change what it returns. Thread-safe.
 */
tjob_file_problem tjob_file_store_copy(tjob_file_store *store, const char *to, void *memory, size_t bytes);

/* The versions of a restored store begin this far above 2^10 for each millisecond since 1970. */
#define TJOB_FILE_STORE_RESTORE_RAISE (UINT64_C(1) << 40)

/* A later time, after the year 10889, is no time of a clock that works: it would use up the versions of a store. */
#define TJOB_FILE_STORE_NOW_MS_MAX ((UINT64_C(1) << 48) - 1)

/*
 * Makes a store from a backup. Each job has the version, the incarnation and the tokens that it has in the backup. All
 * versions and incarnations that the new store gives to jobs are above B = now_ms * 2^10 + 2^40, or above B = H + 2^40
 * if H, the highest version in the backup, is not below that; those of absences are at least B. So none of them is one
 * that was given before now_ms by the old store, by another store that was restored from one of its backups, or by a
 * bucket that was given up, unless a store made more than 2^20 changes a second, or the clock was set back
 * (docs/storage.md). What others give from then on is not told apart: stop all hosts of the others first. A changed
 * job that the backup does not have as it was is lost, with its changes.
 *
 * backup    an open backup.
 * path      the path of the new store, as for tjob_file_store_create. It must not exist yet. It has the owner, the
 *           group, the permissions and the access list of the backup, as for tjob_file_store_copy.
 * capacity  in jobs, at most TJOB_FILE_STORE_JOBS_MAX; 0 = that of the old store. Jobs fall into other buckets than in
 *           the old store: if that was filled beyond its capacity, it may need a larger one.
 * now_ms    Unix milliseconds, at most TJOB_FILE_STORE_NOW_MS_MAX.
 *
 * Returns TJOB_FILE_OK: the store is durable. Or returns why there is no store, and no new file:
 * TJOB_FILE_INVALID_ARGUMENT, TJOB_FILE_NOT_A_BACKUP, TJOB_FILE_DAMAGED, TJOB_FILE_FORKED, TJOB_FILE_EXHAUSTED if no
 * version is left above B for a change, TJOB_FILE_FULL if the jobs do not fit, or the problem of the disk or of the new
 * file. As for tjob_file_store_copy, tjob_file_store_problem returns only a problem of the backup. Thread-safe.
 */
tjob_file_problem tjob_file_store_restore(tjob_file_store *backup, const char *path, uint64_t capacity,
                                          uint64_t now_ms);

/* ---- Inspection ------------------------------------------------------------------------------------------------ */

#define TJOB_FILE_BUCKET_JOBS_MAX 12

/*
 * Returns the jobs of one bucket, from 0 to tjob_file_store_buckets - 1, as loads would return them. There are at most
 * TJOB_FILE_BUCKET_JOBS_MAX. Each job is in one bucket only, unless the file is damaged so that both buckets of a name
 * hold it: most loads then return the record in its first bucket, the others and all changes refuse the name, a sweep
 * sees it twice, and tjob_file_store_inspect reports it. A sweep over all buckets sees every job that exists during the
 * whole sweep.
 *
 * Returns TJOB_FILE_OK and sets *count; or returns why the jobs are not available, and sets *count to 0:
 * TJOB_FILE_INVALID_ARGUMENT if there is no such bucket, TJOB_FILE_DAMAGED, TJOB_FILE_READ_ONLY, TJOB_FILE_BUSY,
 * TJOB_FILE_SUPERSEDED, TJOB_FILE_FORKED, TJOB_FILE_EXHAUSTED, or the problem of the disk. One invalid record makes the
 * whole bucket TJOB_FILE_DAMAGED, whereas loads fail for that record alone. A sweep can go on with the next bucket
 * after TJOB_FILE_DAMAGED, TJOB_FILE_READ_ONLY, TJOB_FILE_IO and TJOB_FILE_EXHAUSTED; and after TJOB_FILE_BUSY, unless
 * the file is growing. Thread-safe.
 */
tjob_file_problem tjob_file_store_jobs(tjob_file_store *store, uint32_t bucket,
                                       tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX], uint32_t *count);

/*
 * Sets *bucket to the first bucket, from `from` on, that may hold something; to tjob_file_store_buckets if there is
 * none. It skips the buckets of which nothing was ever written, and so makes a sweep over a store that is nearly empty
 * short: a bucket is skipped only if it is a hole in the file, and is not recorded as used. A sweep that calls this for
 * each next bucket sees every job that exists during the whole sweep. Reads 24 bytes for each bucket that it skips, and
 * takes no lock.
 *
 * Returns TJOB_FILE_OK; or TJOB_FILE_SUPERSEDED, TJOB_FILE_FORKED or the problem of the disk, and sets *bucket to
 * tjob_file_store_buckets. Thread-safe.
 */
tjob_file_problem tjob_file_store_next_bucket(tjob_file_store *store, uint32_t from, uint32_t *bucket);

/*
 * Returns the list of the store, for supervisors: a sweep over its buckets, at most TJOB_FILE_LIST_BUCKETS of them in a
 * page. A bucket that cannot be read, or is busy for longer than the handle's wait_ms, is TJOB_LIST_SKIPPED, and a
 * problem of the whole file, such as a growth, is TJOB_LIST_UNAVAILABLE: tjob_file_store_problem returns which. A
 * bucket is locked only if it cannot be read without a lock, mostly because somebody is changing it. A page waits for
 * its first bucket only, and ends before another one that it would have to wait for. A cursor is valid for every handle
 * of the same file until the file grows. The callback is thread-safe, and the store must outlive it.
 */
tjob_store_list tjob_file_store_list(tjob_file_store *store);

/* The maximum number of buckets that one page of a list covers. */
#define TJOB_FILE_LIST_BUCKETS 256

/*
 * Returns the number of the bucket where the next page of a list begins, which is how far the list has come. After a
 * page that was TJOB_LIST_SKIPPED, it is one more than the number of the bucket that was left out. Pure; thread-safe.
 */
uint32_t tjob_file_store_list_bucket(const tjob_list_cursor *cursor);

/* The result of an inspection of one bucket. */
typedef struct tjob_file_bucket {
    uint32_t index; /* the number of the bucket, from 0 */
    uint32_t jobs;
    uint32_t torn_pages; /* pages from a write that a crash interrupted; nothing is lost */
    uint32_t bad_jobs;   /* invalid records: an invalid job or name, a name of another bucket, or a repeated name */
    uint32_t twice;      /* names that are also in their other bucket, so that nobody knows which record counts */
    bool lost;           /* what was durable is gone, or is not readable */
    bool rolled_back;    /* the bucket has an earlier content: a later change was durable and is gone */
    bool unregistered;   /* the bucket has held a job, and both its entry and its progress are missing. Nothing is lost,
                            and its next change writes its progress; until then, zeroing or rolling back the bucket is
                            not detected */
    bool not_durable;    /* the latest write is not known to be durable; the next call makes it durable */
    uint64_t offset;     /* of the bucket's 12 KiB in the file; of its 4 KiB in a backup */
} tjob_file_bucket;

/*
 * Inspects every slot of one bucket, and changes nothing. For each job in the bucket, it reads the other bucket of the
 * job's name; if that bucket seems to hold the name, too, it waits until it holds both buckets at once. Fills *report.
 *
 * Returns TJOB_FILE_OK if the bucket is sound; TJOB_FILE_DAMAGED if it has bad jobs or names that are in both of their
 * buckets, or is lost, rolled back or unregistered; or the problem that prevented the inspection of the bucket or of a
 * part of it. Thread-safe.
 */
tjob_file_problem tjob_file_store_inspect(tjob_file_store *store, uint32_t bucket, tjob_file_bucket *report);

/*
 * Inspects the header of the file. A store whose header is damaged or not readable is opened by a copy of it, which
 * every file has that this version of the library made. The copy is in the block of the state: a store is not opened if
 * that block is not readable. Returns TJOB_FILE_OK; TJOB_FILE_DAMAGED if the header or its copy is damaged or not
 * readable; or the problem of the disk. Thread-safe.
 */
tjob_file_problem tjob_file_store_inspect_header(const tjob_file_store *store);

/* ---- Repair ---------------------------------------------------------------------------------------------------- */

/*
 * Writes the header by which this store was opened, and its copy, again, durably; also if they look right, for after a
 * sync that failed they may be so in memory alone. No other call of the handle may be in progress. Returns
 * TJOB_FILE_OK; or the problem, and then the header may still be damaged: repeat the call. TJOB_FILE_READ_ONLY,
 * TJOB_FILE_SUPERSEDED, TJOB_FILE_FORKED, TJOB_FILE_BUSY, or the problem of the disk.
 */
tjob_file_problem tjob_file_store_repair_header(tjob_file_store *store);

/*
 * Gives up the jobs of a damaged bucket, so that others can be created there, as long as a version is left for a
 * change: the bucket is then empty, durably, as if its jobs had been removed. Its versions, and the incarnations that
 * begin in it, go on above all that it may have given, unless the store made more than 2^20 changes a second since it
 * was made, or the clock was set back. They are above S, the highest version that the bucket still shows, and above
 * now_ms * 2^10 + 2^40; the version of an absence may be the greater of the two. A bucket counts as sound here if
 * tjob_file_store_inspect reports nothing but names that are in both of their buckets, or that it is unregistered.
 *
 * bucket  its number, as tjob_file_store_inspect reports it.
 * now_ms  Unix milliseconds, at most TJOB_FILE_STORE_NOW_MS_MAX.
 *
 * Returns TJOB_FILE_OK; TJOB_FILE_NOT_DAMAGED if the bucket is sound, durably; TJOB_FILE_INVALID_ARGUMENT if there is
 * no such bucket, or now_ms is too large; TJOB_FILE_EXHAUSTED; TJOB_FILE_READ_ONLY; or the problem, and then it is not
 * known whether the bucket is given up: repeat the call, which returns TJOB_FILE_NOT_DAMAGED if it was. Thread-safe.
 */
tjob_file_problem tjob_file_store_give_up(tjob_file_store *store, uint32_t bucket, uint64_t now_ms);

#ifdef __cplusplus
}
#endif

#endif
