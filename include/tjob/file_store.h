/*
 * A durable store in one file, for a host that has no database. Needs POSIX with open-file-description locks (Linux).
 */
#ifndef TJOB_FILE_STORE_H
#define TJOB_FILE_STORE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "tjob/arn.h"
#include "tjob/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Limits ---------------------------------------------------------------------------------------------------- */

/* The capacity of a store where 0 is given, and the largest. */
#define TJOB_FILE_STORE_JOBS_DEFAULT UINT64_C(1000000)
#define TJOB_FILE_STORE_JOBS_MAX UINT64_C(1000000000)

/* Slots for each job of the capacity. A slot takes 1 KiB of the file, once its bucket is in use. */
#define TJOB_FILE_STORE_SLOTS_PER_JOB 2

/* How long a call waits for others where 0 is given, in milliseconds. */
#define TJOB_FILE_STORE_WAIT_MS_DEFAULT 5000

/*
 * The calls that threads may have under way in one handle; further ones wait, and are served in the order of their
 * coming. At most half of them wait for another process.
 */
#define TJOB_FILE_STORE_CALLS_MAX 64

/* The longest path, in bytes, its final 0 included. */
#define TJOB_FILE_STORE_PATH_BYTES_MAX 4096

/* The random bytes that each file has, as its identity and as the key of its hash. */
#define TJOB_FILE_STORE_KEY_BYTES 16

/*
 * The stack that a call needs, a growth included, in bytes, with some to spare. A thread in a call must not be
 * cancelled.
 */
#define TJOB_FILE_STORE_STACK_BYTES 65536

/* ---- Problems -------------------------------------------------------------------------------------------------- */

/* What is wrong with a file, or was with a call. */
typedef enum tjob_file_problem {
    TJOB_FILE_OK = 0,
    TJOB_FILE_INVALID_ARGUMENT, /* an argument is NULL or out of its bounds */
    TJOB_FILE_NOT_LARGER,       /* grow: it has that capacity already, or a larger one */
    TJOB_FILE_LINKED,           /* the path is a symbolic link or a mount of the file, or the file has another name */
    TJOB_FILE_MISSING,          /* there is no such file, or no such folder */
    TJOB_FILE_EXISTS,           /* create: there is one */
    TJOB_FILE_NO_PERMISSION,    /* the system refuses access */
    TJOB_FILE_NO_SPACE,         /* the disk, or a quota, is full */
    TJOB_FILE_IO,               /* the system reports an error of input or output, or one that is none of the others */
    TJOB_FILE_NOT_A_STORE,      /* it is some other file, or its creation did not come to its end */
    TJOB_FILE_OTHER_FORMAT,     /* a version of the library with another format made it: if it is older, let it grow */
    TJOB_FILE_TRUNCATED,        /* it is shorter than its header says */
    TJOB_FILE_DAMAGED,      /* it holds what no store has written, or lost what one has: see tjob_file_store_inspect */
    TJOB_FILE_BUSY,         /* others held a lock for longer than the call was to wait */
    TJOB_FILE_SUPERSEDED,   /* the store has grown into another file, or this one has lost its name: open it again */
    TJOB_FILE_FORKED,       /* the handle was opened by another process, before a fork: open one of your own */
    TJOB_FILE_FULL,         /* both buckets of a new job are full, or a growth cannot hold what there is */
    TJOB_FILE_NO_RESOURCES, /* the process or the system has no file descriptor or no memory left */
    TJOB_FILE_NO_LOCKS,     /* the file system has no locks, or none left */
    TJOB_FILE_IN_USE,       /* the system itself uses the file, as a mount point or a program, and does not let go */
    TJOB_FILE_UNSUPPORTED   /* the file system cannot do what a store needs */
} tjob_file_problem;

#define TJOB_FILE_PROBLEM_COUNT 21

/*
 * A sentence without its full stop, such as "the disk is full"; "?" for a value outside the enum. Static; thread-safe.
 */
const char *tjob_file_problem_text(tjob_file_problem problem);

/*
 * The name of a problem for programs, its enumerator without the prefix, such as "NO_SPACE"; "?" outside the enum.
 * Static; thread-safe.
 */
const char *tjob_file_problem_name(tjob_file_problem problem);

/* ---- The store ------------------------------------------------------------------------------------------------- */

/*
 * Makes a file for at least `capacity` jobs, empty and durable. It is sparse: it takes room as jobs are created, 12 KiB
 * for each bucket of 12 slots that comes into use, and 24 bytes before the buckets. Its identity, which is the key of
 * the hash of names, too, is of random bytes of the system's: nobody can choose ARNs that meet in one bucket.
 *
 * path      where; there must be no file yet. Its name has at most 247 bytes, and its path, from the root on, at most
 *           4087, so that the store can grow.
 * capacity  in jobs, 0 = TJOB_FILE_STORE_JOBS_DEFAULT, at most TJOB_FILE_STORE_JOBS_MAX. tjob_file_store_grow changes
 *           it.
 *
 * TJOB_FILE_OK, or why there is no new file; TJOB_FILE_IO also where the system has no random bytes.
 */
tjob_file_problem tjob_file_store_create(const char *path, uint64_t capacity);

/*
 * An open store. Its fields are its own. It must not be moved or copied while it is open, and must outlive every
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
    uint32_t wait_ms;    /* accessed atomically */
    int64_t process;     /* the process that opened it */
    unsigned char *mark; /* 0 in a child of it; NULL if its number alone tells */
    void *mapped;        /* where processes sleep that wait for each other; NULL if they only look again and again */
    int file;
    int problem;                               /* the latest, accessed atomically */
    uint32_t wanted;                           /* a bucket for which another process waits, accessed atomically */
    bool crowded;                              /* of late processes had to wait for each other, accessed atomically */
    char path[TJOB_FILE_STORE_PATH_BYTES_MAX]; /* absolute */

    pthread_mutex_t mutex; /* guards what follows */
    uint32_t calls;        /* calls under way, and the two buckets that each of them holds */
    uint32_t held[TJOB_FILE_STORE_CALLS_MAX][2];
    unsigned char waits[TJOB_FILE_STORE_CALLS_MAX]; /* which of them waits for another process, and for long */
    struct tjob_file_waiter *first_waiter;          /* calls that wait for a bucket, in the order in which they came */
    struct tjob_file_waiter *last_waiter;
    struct tjob_file_commit *waiting; /* writes that the next sync makes durable */
    bool syncing;
    uint64_t failures; /* syncs that failed */
} tjob_file_store;

/*
 * Opens a store: reads its header and nothing else, whatever its size. Threads may share the handle, and processes may
 * open the same file. The descriptor is closed on exec, and is none of the standard streams. After a fork the child
 * must not use the handle; its calls are answered TJOB_LOAD_UNAVAILABLE and TJOB_SWAP_UNAVAILABLE.
 *
 * path     must name this file, for this process, as long as the store is open: a change is answered
 *          TJOB_SWAP_UNAVAILABLE, with the problem TJOB_FILE_SUPERSEDED, once it does not. A relative path means what
 *          it means now.
 * wait_ms  how long a call, or this one, waits for other threads and processes, in all; 0 =
 *          TJOB_FILE_STORE_WAIT_MS_DEFAULT.
 *
 * TJOB_FILE_OK; or why it is not open, and then there is nothing to close.
 */
tjob_file_problem tjob_file_store_open(tjob_file_store *store, const char *path, uint32_t wait_ms);

/* Closes it. No call may be under way. */
void tjob_file_store_close(tjob_file_store *store);

/*
 * Says how long calls that begin from now on wait for other threads and processes, in milliseconds; 0 = they do not
 * wait, which is not what it means to tjob_file_store_open. So that one bound can hold for many calls, a sweep over all
 * buckets for example: give each what is left of it. Thread-safe, but it holds for the calls of all threads.
 */
void tjob_file_store_set_wait_ms(tjob_file_store *store, uint32_t wait_ms);

/*
 * The store as callbacks for tjob_service.store, thread-safe. A swap is durable when it returns TJOB_SWAP_OK, a load
 * returns only what is durable, and any number of threads and processes see one and the same store.
 *
 * TJOB_SWAP_FULL is said where both buckets of a new job are full, which is practically never below the capacity
 * (docs/storage.md tells how likely), or where the disk has no room for it: tjob_file_store_problem tells which. A
 * change or a removal of a job that is there needs no further room. Every record is checked: a job that
 * tjob_job_validate refuses is TJOB_SWAP_UNAVAILABLE.
 */
tjob_store tjob_file_store_callbacks(tjob_file_store *store);

/*
 * The latest reason for which a call of any thread was not answered OK, NOT_FOUND or CONFLICT; TJOB_FILE_OK if there
 * was none. For logs. Thread-safe.
 */
tjob_file_problem tjob_file_store_problem(const tjob_file_store *store);

/* How many jobs it was made for, and how many buckets it has. */
uint64_t tjob_file_store_capacity(const tjob_file_store *store);
uint32_t tjob_file_store_buckets(const tjob_file_store *store);

/*
 * Makes a store larger, or brings one of an older format to that of today: writes a new file beside it, named as it is
 * with ".growing" behind, and puts it in its place. Calls of others wait meanwhile, as long as they do; afterwards
 * their handles are answered UNAVAILABLE until they are opened again. Whatever happens, a crash included, the name
 * stands for one whole store, with everything that was acknowledged.
 *
 * capacity  in jobs, more than it has; or as many, if the file has an older format.
 * wait_ms   as for tjob_file_store_open.
 *
 * The new file has the owner, the group and the permissions of the old one: TJOB_FILE_NO_PERMISSION if the caller
 * cannot give it these. TJOB_FILE_LINKED if the path is a symbolic link, or the file has another name.
 *
 * TJOB_FILE_OK; or why the store is as it was, but for its size: that may be the new one if it was the very last step
 * that failed, which makes the new name durable. It may take a while: about 10 seconds for a million jobs.
 */
tjob_file_problem tjob_file_store_grow(const char *path, uint64_t capacity, uint32_t wait_ms);

/* ---- Looking through it ---------------------------------------------------------------------------------------- */

#define TJOB_FILE_BUCKET_JOBS_MAX 12

/* One job of a store. */
typedef struct tjob_file_job {
    char arn[TJOB_ARN_BYTES_MAX];
    uint32_t arn_bytes;
    uint64_t version;
    tjob_job job;
} tjob_file_job;

/*
 * The jobs of one bucket, from 0 to tjob_file_store_buckets - 1, as loads would find them: at most
 * TJOB_FILE_BUCKET_JOBS_MAX, each in one bucket only, unless the file is damaged so that both buckets of a name hold
 * it: loads refuse such a name, a sweep sees it twice, and tjob_file_store_inspect tells. A sweep over all buckets sees
 * every job that is there all the while.
 *
 * TJOB_FILE_OK and *count; or why they cannot be told, and *count is 0: TJOB_FILE_DAMAGED if one of the records cannot
 * be, the others included, for which loads answer one by one. A sweep can go on with the next bucket. Thread-safe.
 */
tjob_file_problem tjob_file_store_jobs(tjob_file_store *store, uint32_t bucket,
                                       tjob_file_job jobs[TJOB_FILE_BUCKET_JOBS_MAX], uint32_t *count);

/* What one bucket looks like. */
typedef struct tjob_file_bucket {
    uint32_t index; /* its number, from 0 */
    uint32_t jobs;
    uint32_t torn_pages; /* left by a write that a crash cut short; nothing is lost */
    uint32_t bad_jobs;   /* records that cannot be: no job, no name, a name of another bucket, or twice the same */
    uint32_t twice;      /* names that stand in their other bucket, too, so that nobody knows which record counts */
    bool lost;           /* what was durable is gone, or cannot be told */
    bool rolled_back;    /* it holds what it held before a later change, which was durable and is gone */
    bool unregistered;   /* it has held a job, and its entry is missing: nothing is lost, and its next change writes it
                            anew; but until then nobody sees if it is made blank or rolled back */
    bool unsettled;      /* the latest write is not known to be durable: whoever comes next makes it so */
    uint64_t offset;     /* where its 12 KiB stand in the file */
} tjob_file_bucket;

/*
 * Looks at one bucket, at every slot of it, and changes nothing. For each job in it, it reads the other bucket of the
 * job's name, and waits for both at once where that seems to hold the name, too. Fills *report and returns TJOB_FILE_OK
 * if the bucket is sound, TJOB_FILE_DAMAGED if it has bad jobs or names that stand twice, is lost, rolled back, or
 * unregistered; or why it cannot be looked at, or not all of it. Thread-safe.
 */
tjob_file_problem tjob_file_store_inspect(tjob_file_store *store, uint32_t bucket, tjob_file_bucket *report);

#ifdef __cplusplus
}
#endif

#endif
