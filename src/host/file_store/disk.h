/* What a file store needs of the system, as a table of functions, so that a test can be the disk. */
#ifndef TJOB_HOST_FILE_STORE_DISK_H
#define TJOB_HOST_FILE_STORE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/file_store.h"

enum disk_opening {
    DISK_EXISTING,      /* there must be a file */
    DISK_CREATE,        /* there must be none */
    DISK_CREATE_PRIVATE /* the same; until `inherit` nobody but its owner may open the new one */
};

/* Whether a path names a file. */
enum disk_naming {
    DISK_NAMES_ANOTHER = 0, /* or none; or the file has no name any more, but stands there as a mount */
    DISK_NAMES_SHARED,      /* it does, but it is a symbolic link or a mount, or the file has another name */
    DISK_NAMES_ALONE
};

enum disk_lock {
    DISK_UNLOCK,
    DISK_LOCK /* nobody else may hold any byte of it */
};

/*
 * Files are numbers that `open` gives. What a function returns is 0 or a count, or below 0 if it failed: the error as
 * one of <errno.h>, negative. None is tried again here, and `read` and `write` may do less than they are asked for.
 */
struct tjob_disk {
    void *context;
    int (*open)(void *context, const char *path, enum disk_opening opening);
    void (*close)(void *context, int file);
    int64_t (*read)(void *context, int file, uint64_t offset, void *bytes, size_t count);
    int64_t (*write)(void *context, int file, uint64_t offset, const void *bytes, size_t count);
    int (*sync)(void *context, int file);
    int64_t (*size)(void *context, int file);
    int (*resize)(void *context, int file, uint64_t bytes);
    int (*lock)(void *context, int file, enum disk_lock lock, uint64_t offset, uint64_t bytes);
    int (*names)(void *context, const char *path, int file); /* one of enum disk_naming */
    int (*inherit)(void *context, int file, int from);       /* its owner, group and permissions, durable */
    int (*rename)(void *context, const char *from, const char *to);
    int (*remove)(void *context, const char *path);

    /* The folder that holds a file, which a path names: where a symbolic link leads. -ENOENT if the path names another
     * file, or none; -ESTALE if the file stands there as a mount of its own. */
    int (*sync_folder)(void *context, const char *path, int file);

    /* A path that names the same whatever becomes of the working folder, in TJOB_FILE_STORE_PATH_BYTES_MAX. */
    int (*absolute)(void *context, const char *path, char *absolute);

    /*
     * The number of this process; and a byte that is 1 in this process and 0 in a child that a fork makes, NULL if
     * there is none.
     */
    int64_t (*process)(void *context);
    unsigned char *(*mark_process)(void *context);

    int (*random)(void *context, void *bytes, size_t count); /* fills all of them, with what nobody can guess */

    /*
     * The first bytes of a file as memory, to sleep on and not to be read, NULL if there is none; and what gives it up,
     * or the byte above.
     */
    void *(*map)(void *context, int file, size_t bytes);
    void (*unmap)(void *context, void *mapped, size_t bytes);

    /*
     * CLOCK_MONOTONIC. Sleeping ends when somebody wakes those whose mask has a bit in common, when the time is over,
     * or sooner; `wake` wakes one, and returns how many.
     */
    uint64_t (*clock_us)(void *context);
    void (*sleep)(void *context, const uint32_t *word, uint32_t mask, uint32_t microseconds);
    int (*wake)(void *context, const uint32_t *word, uint32_t mask);
};

/* How often a function that a signal interrupts is tried again. */
enum { DISK_INTERRUPTIONS_MAX = 1000 };

/* Reads or writes all of it. TJOB_FILE_TRUNCATED if the file ends before. */
tjob_file_problem tjob__disk_read(const struct tjob_disk *disk, int file, uint64_t offset, void *bytes, size_t count);

/* *begun tells, if it fails, whether some of it may have been written. */
tjob_file_problem tjob__disk_write(const struct tjob_disk *disk, int file, uint64_t offset, const void *bytes,
                                   size_t count, bool *begun);
tjob_file_problem tjob__disk_sync(const struct tjob_disk *disk, int file);

/* Makes the name of a file durable. TJOB_FILE_SUPERSEDED if the path names it no more. */
tjob_file_problem tjob__disk_sync_name(const struct tjob_disk *disk, const char *path, int file);

/*
 * Where, and how long, one who waits for a lock sleeps before he looks again unless he is waked: twice as long each
 * time.
 */
struct disk_sleep {
    const uint32_t *word; /* NULL: nobody wakes him */
    uint32_t mask;
    uint32_t first_us;
    uint32_t longest_us;
};

/* How long where nobody wakes. */
enum { DISK_PAUSE_FIRST_US = 50, DISK_PAUSE_LONGEST_US = 2000 };

/*
 * Takes a lock, or waits for it until the deadline, by the disk's clock: TJOB_FILE_BUSY. A deadline of 0: without
 * waiting.
 */
tjob_file_problem tjob__disk_lock(const struct tjob_disk *disk, int file, uint64_t offset, uint64_t bytes,
                                  const struct disk_sleep *sleep, uint64_t deadline_us);
void tjob__disk_unlock(const struct tjob_disk *disk, int file, uint64_t offset, uint64_t bytes);

/* The problem that a function of the table returned, TJOB_FILE_OK if it is not below 0. */
tjob_file_problem tjob__disk_problem(int64_t result);

/* The same of what `lock` returned: a file system that does not know the call has no locks. */
tjob_file_problem tjob__disk_lock_problem(int64_t result);

#endif
