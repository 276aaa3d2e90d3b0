/* What a file store needs of the system, as a table of functions, so that a test can be the disk. */
#ifndef TJOB_HOST_DISK_H
#define TJOB_HOST_DISK_H

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
    DISK_NAMES_ANOTHER = 0, /* or none */
    DISK_NAMES_SHARED,      /* it does, but it is a symbolic link, or the file has another name */
    DISK_NAMES_ALONE
};

enum disk_lock {
    DISK_UNLOCK,
    DISK_LOCK /* nobody else may hold any byte of it */
};

/*
 * Files are numbers that `open` gives. What a function returns is 0 or a count, or below 0 if it failed: the error as one of
 * <errno.h>, negative. None is tried again here, and `read` and `write` may do less than they are asked for.
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
    int (*inherit)(void *context, int file, int from); /* its owner, group and permissions, durable */
    int (*rename)(void *context, const char *from, const char *to);
    int (*remove)(void *context, const char *path);
    int (*sync_folder)(void *context, const char *path); /* the one that the path is in */
    int64_t (*process)(void *context);
    void (*pause)(void *context, uint32_t microseconds);
};

/* The system's own. */
extern const struct tjob_disk disk_of_system;

/* How often a function that a signal interrupts is tried again. */
enum { DISK_INTERRUPTIONS_MAX = 1000 };

/* Reads or writes all of it. TJOB_FILE_TRUNCATED if the file ends before. */
tjob_file_problem disk_read(const struct tjob_disk *disk, int file, uint64_t offset, void *bytes, size_t count);

/* *begun tells, if it fails, whether some of it may have been written. */
tjob_file_problem disk_write(const struct tjob_disk *disk, int file, uint64_t offset, const void *bytes, size_t count,
                             bool *begun);
tjob_file_problem disk_sync(const struct tjob_disk *disk, int file);

/* Takes a lock, trying again for `wait_ms`. TJOB_FILE_BUSY if others hold it for longer. */
tjob_file_problem disk_lock(const struct tjob_disk *disk, int file, uint64_t offset, uint64_t bytes, uint32_t wait_ms);
void disk_unlock(const struct tjob_disk *disk, int file, uint64_t offset, uint64_t bytes);

/* The problem that a function of the table returned, TJOB_FILE_OK if it is not below 0. */
tjob_file_problem disk_problem(int64_t result);

#endif
