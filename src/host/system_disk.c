/* Open-file-description locks are younger than the POSIX that compilers know as such. */
#define _GNU_SOURCE /* NOLINT: a name that is reserved for this use */
#define _FILE_OFFSET_BITS 64 /* NOLINT: on 32-bit machines, too */

#include "host/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    PERMISSIONS = 0666, /* which the umask of the process narrows */
    PRIVATE_PERMISSIONS = 0600,
    PERMISSIONS_MASK = 07777
};

static int result_of(int result)
{
    return result < 0 ? -errno : result;
}

static int system_open(void *context, const char *path, enum disk_opening opening)
{
    (void)context;
    const int flags = O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (opening != DISK_EXISTING ? O_CREAT | O_EXCL : 0);
    return result_of(open(path, flags, opening == DISK_CREATE_PRIVATE ? PRIVATE_PERMISSIONS : PERMISSIONS));
}

static void system_close(void *context, int file)
{
    (void)context;
    (void)close(file);
}

static int64_t system_read(void *context, int file, uint64_t offset, void *bytes, size_t count)
{
    (void)context;
    const ssize_t done = pread(file, bytes, count, (off_t)offset);
    return done < 0 ? -errno : done;
}

static int64_t system_write(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
    (void)context;
    const ssize_t done = pwrite(file, bytes, count, (off_t)offset);
    return done < 0 ? -errno : done;
}

static int system_sync(void *context, int file)
{
    (void)context;
    return result_of(fdatasync(file));
}

static int64_t system_size(void *context, int file)
{
    (void)context;
    struct stat status;
    return fstat(file, &status) < 0 ? -errno : (int64_t)status.st_size;
}

static int system_resize(void *context, int file, uint64_t bytes)
{
    (void)context;
    return result_of(ftruncate(file, (off_t)bytes));
}

static int system_lock(void *context, int file, enum disk_lock lock, uint64_t offset, uint64_t bytes)
{
    (void)context;
    struct flock range = {
        .l_type = lock == DISK_LOCK ? F_WRLCK : F_UNLCK,
        .l_whence = SEEK_SET,
        .l_start = (off_t)offset,
        .l_len = (off_t)bytes,
    };
    const int result = result_of(fcntl(file, F_OFD_SETLK, &range));
    return result == -EACCES ? -EAGAIN : result; /* either says so of another. LCOV_EXCL_BR_LINE: Linux says EAGAIN */
}

static int system_names(void *context, const char *path, int file)
{
    (void)context;
    struct stat named;
    struct stat link;
    struct stat open_one;
    if (lstat(path, &link) < 0 || stat(path, &named) < 0) {
        return errno == ENOENT ? DISK_NAMES_ANOTHER : -errno;
    }
    if (fstat(file, &open_one) < 0) {
        return -errno;
    }
    if (named.st_dev != open_one.st_dev || named.st_ino != open_one.st_ino) {
        return DISK_NAMES_ANOTHER;
    }
    return S_ISLNK(link.st_mode) || open_one.st_nlink > 1 ? DISK_NAMES_SHARED : DISK_NAMES_ALONE;
}

/* The owner first, for a change of it may narrow the permissions. Not by fdatasync, which is for what the file holds. */
static int system_inherit(void *context, int file, int from)
{
    (void)context;
    struct stat status;
    /* LCOV_EXCL_BR_START: who may give a file away may change its permissions, too */
    if (fstat(from, &status) < 0 || fchown(file, status.st_uid, status.st_gid) < 0 ||
        fchmod(file, status.st_mode & PERMISSIONS_MASK) < 0) {
        /* LCOV_EXCL_BR_STOP */
        return -errno;
    }
    return result_of(fsync(file));
}

static int system_rename(void *context, const char *from, const char *to)
{
    (void)context;
    return result_of(rename(from, to));
}

static int system_remove(void *context, const char *path)
{
    (void)context;
    return result_of(unlink(path));
}

static int system_sync_folder(void *context, const char *path)
{
    (void)context;
    char folder[TJOB_FILE_STORE_PATH_BYTES_MAX] = {0};
    const char *slash = strrchr(path, '/');
    const size_t bytes = slash != NULL && slash != path ? (size_t)(slash - path) : 1;
    memcpy(folder, slash != NULL ? path : ".", bytes);
    const int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) {
        return -errno;
    }
    const int result = result_of(fsync(opened));
    (void)close(opened);
    return result;
}

static int64_t system_process(void *context)
{
    (void)context;
    return getpid();
}

static void system_pause(void *context, uint32_t microseconds)
{
    (void)context;
    const struct timespec pause = {.tv_nsec = (long)microseconds * 1000};
    (void)nanosleep(&pause, NULL);
}

const struct tjob_disk disk_of_system = {
    .open = system_open,
    .close = system_close,
    .read = system_read,
    .write = system_write,
    .sync = system_sync,
    .size = system_size,
    .resize = system_resize,
    .lock = system_lock,
    .names = system_names,
    .inherit = system_inherit,
    .rename = system_rename,
    .remove = system_remove,
    .sync_folder = system_sync_folder,
    .process = system_process,
    .pause = system_pause,
};
