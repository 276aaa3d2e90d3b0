/* What a file store needs from the system, as a table of functions, so that a test can replace the disk. */
#ifndef TJOB_HOST_FILE_STORE_DISK_H
#define TJOB_HOST_FILE_STORE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/file_store.h"

enum disk_opening {
    DISK_EXISTING,      /* the file must exist */
    DISK_READ_ONLY,     /* the same; it is only read, and its locks are shared */
    DISK_CREATE,        /* the file must not exist */
    DISK_CREATE_PRIVATE /* the same; until `inherit`, only its owner may open the new file */
};

/* Whether a path names a file. */
enum disk_naming {
    DISK_NAMES_ANOTHER = 0, /* or names no file; or the file has no name any more, but is mounted there */
    DISK_NAMES_SHARED,      /* it does, but the path is a symbolic link or a mount, or the file has another name */
    DISK_NAMES_ALONE
};

enum disk_lock {
    DISK_UNLOCK,
    DISK_LOCK, /* nobody else may hold any byte of the range; if the file is only read, others who only read it may */
    DISK_TURN, /* the same, but if the file is only read, nobody else may hold any byte of the range at all */
    DISK_PROBE /* takes nothing, and fails if anybody else holds any byte of the range */
};

/*
 * A file is a number that `open` returns. Each function returns 0 or a count; or, if it failed, a negative error of
 * <errno.h>. No function repeats a failed call, and `read` and `write` may transfer fewer bytes than requested.
 */
struct tjob_disk {
    void *context;
    int (*open)(void *context, const char *path, enum disk_opening opening);
    void (*close)(void *context, int file);

    /* Opens an open file once more, as DISK_EXISTING does; `path` should name it. Returns -ENOENT if it does not. */
    int (*reopen)(void *context, const char *path, int file);
    int64_t (*read)(void *context, int file, uint64_t offset, void *bytes, size_t count);
    int64_t (*write)(void *context, int file, uint64_t offset, const void *bytes, size_t count);
    int (*sync)(void *context, int file);

    /* Makes durable a range of the file that was written, and holds `bytes` in the view of all processes. */
    int (*sync_range)(void *context, int file, uint64_t offset, const void *bytes, size_t count);
    int64_t (*size)(void *context, int file);
    int (*resize)(void *context, int file, uint64_t bytes);

    /*
     * Returns the offset of the first byte, from `offset` on, that is not in a hole; INT64_MAX if only a hole follows.
     * Everything that was written is outside of holes; holes read as zeros. Returns `offset` if holes are not known.
     */
    int64_t (*next_data)(void *context, int file, uint64_t offset);
    int (*lock)(void *context, int file, enum disk_lock lock, uint64_t offset, uint64_t bytes);
    int (*names)(void *context, const char *path, int file); /* one of enum disk_naming */
    int (*inherit)(void *context, int file, int from);       /* copies owner, group and access, durably */
    int (*rename)(void *context, const char *from, const char *to);
    int (*remove)(void *context, const char *path);

    /*
     * Syncs the folder that contains the file; `path` names the file, and symbolic links are followed. Returns -ENOENT
     * if the path names another file or none, and -ESTALE if the file is mounted there by itself.
     */
    int (*sync_folder)(void *context, const char *path, int file);

    /*
     * Writes an absolute path, at most TJOB_FILE_STORE_PATH_BYTES_MAX bytes, that stays valid when the working folder
     * changes.
     */
    int (*absolute)(void *context, const char *path, char *absolute);

    /*
     * `process` returns the number of this process. `mark_process` returns a byte that is 1 in this process and 0 in a
     * child after a fork, or NULL if there is none.
     */
    int64_t (*process)(void *context);
    unsigned char *(*mark_process)(void *context);

    int (*random)(void *context, void *bytes, size_t count); /* fills all bytes, unpredictably */

    /*
     * `map` maps the first bytes of a file, to sleep on and not to be read; it returns NULL if this is not possible.
     * `unmap` releases that memory, or the byte above.
     */
    void *(*map)(void *context, int file, size_t bytes);
    void (*unmap)(void *context, void *mapped, size_t bytes);

    /*
     * `clock_us` returns CLOCK_MONOTONIC. `sleep` ends when somebody wakes a sleeper whose mask has a bit in common,
     * when the time is over, or sooner. `wake` wakes one sleeper, and returns how many it woke.
     */
    uint64_t (*clock_us)(void *context);
    void (*sleep)(void *context, const uint32_t *word, uint32_t mask, uint32_t microseconds);
    int (*wake)(void *context, const uint32_t *word, uint32_t mask);
};

/* How often an interrupted function is called again. */
enum { DISK_INTERRUPTIONS_MAX = 1000 };

/* Read or write all bytes. The read returns TJOB_FILE_TRUNCATED if the file ends before. */
tjob_file_problem tjob__disk_read(const struct tjob_disk *disk, int file, uint64_t offset, void *bytes, size_t count);

/* If the write fails, *begun is whether some of the bytes may have been written. */
tjob_file_problem tjob__disk_write(const struct tjob_disk *disk, int file, uint64_t offset, const void *bytes,
                                   size_t count, bool *begun);
tjob_file_problem tjob__disk_sync(const struct tjob_disk *disk, int file);
tjob_file_problem tjob__disk_sync_range(const struct tjob_disk *disk, int file, uint64_t offset, const void *bytes,
                                        size_t count);

/* Makes the name of a file durable. Returns TJOB_FILE_SUPERSEDED if the path no longer names the file. */
tjob_file_problem tjob__disk_sync_name(const struct tjob_disk *disk, const char *path, int file);

tjob_file_problem tjob__disk_resize(const struct tjob_disk *disk, int file, uint64_t bytes);
tjob_file_problem tjob__disk_inherit(const struct tjob_disk *disk, int file, int from);

/*
 * Where and how long a thread sleeps while it waits for a lock, before it polls again unless it is woken: twice as long
 * each time.
 */
struct disk_sleep {
    const uint32_t *word; /* NULL: nobody wakes the thread */
    uint32_t mask;
    uint32_t first_us;
    uint32_t longest_us;
};

/* How long a thread sleeps if nobody wakes it. */
enum { DISK_PAUSE_FIRST_US = 50, DISK_PAUSE_LONGEST_US = 2000 };

/*
 * Opens an existing file. If another process has a lease on it, waits until the deadline for its end, and then returns
 * TJOB_FILE_BUSY. A deadline of 0 means no waiting.
 */
tjob_file_problem tjob__disk_open(const struct tjob_disk *disk, const char *path, enum disk_opening opening,
                                  uint64_t deadline_us, int *file);

/*
 * Takes a lock. Waits for it until the deadline by the disk's clock, and then returns TJOB_FILE_BUSY. A deadline of 0
 * means no waiting.
 */
tjob_file_problem tjob__disk_lock(const struct tjob_disk *disk, int file, enum disk_lock lock, uint64_t offset,
                                  uint64_t bytes, const struct disk_sleep *sleep, uint64_t deadline_us);
void tjob__disk_unlock(const struct tjob_disk *disk, int file, uint64_t offset, uint64_t bytes);

/* Returns the problem for a result of a function of the table; TJOB_FILE_OK if the result is not negative. */
tjob_file_problem tjob__disk_problem(int64_t result);

/* The same for a result of `lock`: a file system that does not support the call has no locks. */
tjob_file_problem tjob__disk_lock_problem(int64_t result);

#endif
