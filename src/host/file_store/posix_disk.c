/* Open-file-description locks are newer than the POSIX version that compilers support by that name. */
#define _GNU_SOURCE          /* NOLINT: a name that is reserved for this use */
#define _FILE_OFFSET_BITS 64 /* NOLINT: for 32-bit machines, too */

#include "host/file_store/posix_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "tjob/system_random.h"

enum {
    PERMISSIONS = 0666, /* narrowed by the umask of the process */
    PRIVATE_PERMISSIONS = 0600,
    PERMISSIONS_MASK = 07777,
    LINKS_MAX = 40, /* the most that Linux follows */

    ACCESS_LIST_BYTES_MAX = 4 + 511 * 8, /* 511 entries */
    OVERFLOW_ID = 65534,                 /* unless the system says otherwise */

    /* Two operations of a futex (futex(2)), which not every libc declares in a header. */
    WAIT_BITSET = 9,
    WAKE_BITSET = 10,

    /* RWF_DSYNC, for which the same is true (pwritev2(2), since Linux 4.7). */
    WRITE_DURABLY = 2
};

static int result_of(int result)
{
    return result < 0 ? -errno : result;
}

/*
 * Opens a file with a number that is not a standard stream. If the host, or the process that started it, has closed a
 * standard stream, what the host prints there would be written to the store. This must not be possible even for a
 * moment, because another thread may print. So the free numbers are first occupied by something that allows neither
 * reading nor writing.
 */
static int open_beyond_streams(int folder, const char *path, int flags, mode_t permissions)
{
    int plugs[STDERR_FILENO + 1];
    int count = 0;
    int plug = open("/", O_PATH | O_CLOEXEC);
    for (; plug >= 0 && plug <= STDERR_FILENO; plug = open("/", O_PATH | O_CLOEXEC)) {
        plugs[count++] = plug;
    }
    int opened = plug;
    if (plug >= 0) {
        (void)close(plug);
        opened = openat(folder, path, flags | O_CLOEXEC, permissions);
    }
    int result = result_of(opened);
    if (opened >= 0 && opened <= STDERR_FILENO) { /* LCOV_EXCL_BR_LINE: another thread has just let that number go */
        /* LCOV_EXCL_START: as above */
        result = result_of(fcntl(opened, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
        (void)close(opened);
        /* LCOV_EXCL_STOP */
    }
    while (count != 0) {
        (void)close(plugs[--count]);
    }
    return result;
}

static int system_open(void *context, const char *path, enum disk_opening opening)
{
    (void)context;
    const bool creates = opening == DISK_CREATE || opening == DISK_CREATE_PRIVATE;
    const int flags =
        (opening == DISK_READ_ONLY ? O_RDONLY : O_RDWR) | O_NOCTTY | O_NONBLOCK | (creates ? O_CREAT | O_EXCL : 0);
    return open_beyond_streams(AT_FDCWD, path, flags,
                               opening == DISK_CREATE_PRIVATE ? PRIVATE_PERMISSIONS : PERMISSIONS);
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

/*
 * Returns whether a file may have so many bytes. The system ends a process that exceeds its limit without having asked.
 */
static bool within_limit(uint64_t bytes)
{
    struct rlimit limit = {.rlim_cur = RLIM_INFINITY};
    (void)getrlimit(RLIMIT_FSIZE, &limit);
    return limit.rlim_cur == RLIM_INFINITY || bytes <= limit.rlim_cur;
}

static int64_t system_write(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
    (void)context;
    if (!within_limit(offset + count)) {
        return -ENOSPC;
    }
    const ssize_t done = pwrite(file, bytes, count, (off_t)offset);
    return done < 0 ? -errno : done;
}

static int system_sync(void *context, int file)
{
    (void)context;
    return result_of(fdatasync(file));
}

/*
 * Returns whether an error means that a system, a sandbox or a file system does not know synchronous writes. Then a
 * sync of the file covers what was written. No other error allows that: the call has consumed the report of a failed
 * write.
 */
static bool lacks_synchronous_writes(int error)
{
    /* Machines that run tests know them. */
    return error == ENOSYS || error == EPERM || error == EOPNOTSUPP || error == EINVAL; /* LCOV_EXCL_BR_LINE */
}

/*
 * Writes the same bytes once more, synchronously. Unlike a synchronous first write, this distinguishes a write
 * that was refused, and changed nothing, from a sync that failed.
 */
static int system_sync_range(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
#if defined SYS_pwritev2 && !(defined __x86_64__ && defined __ILP32__) /* there, the call takes other arguments */
    const struct iovec range = {.iov_base = (void *)bytes, .iov_len = count};
    const long done = syscall(SYS_pwritev2, file, &range, 1L, (unsigned long)offset, (unsigned long)(offset >> 32),
                              (long)WRITE_DURABLY);
    if (done >= 0) {
        return (size_t)done == count ? 0 : -EIO; /* LCOV_EXCL_BR_LINE: a part, of bytes that are there */
    }
    if (!lacks_synchronous_writes(errno)) { /* LCOV_EXCL_BR_LINE: as above */
        return -errno;
    }
#endif
    return system_sync(context, file); /* LCOV_EXCL_LINE: as above */
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
    return within_limit(bytes) ? result_of(ftruncate(file, (off_t)bytes)) : -ENOSPC;
}

static int64_t system_next_data(void *context, int file, uint64_t offset)
{
    (void)context;
    const off_t data = lseek(file, (off_t)offset, SEEK_DATA);
    if (data >= 0) {
        return data;
    }
    return errno == ENXIO ? INT64_MAX : (int64_t)offset;
}

/* Returns -EAGAIN if a lock of another file description conflicts with a range. */
static int system_probe(int file, struct flock range)
{
    const int probed = result_of(fcntl(file, F_OFD_GETLK, &range));
    return probed == 0 && range.l_type != F_UNLCK ? -EAGAIN : probed;
}

/* A lock that excludes everybody takes a file that may be written. */
static int system_lock(void *context, int file, enum disk_lock lock, uint64_t offset, uint64_t bytes)
{
    (void)context;
    static const short types[] = {
        [DISK_UNLOCK] = F_UNLCK, [DISK_LOCK] = F_WRLCK, [DISK_TURN] = F_WRLCK, [DISK_PROBE] = F_WRLCK};
    struct flock range = {
        .l_type = types[lock],
        .l_whence = SEEK_SET,
        .l_start = (off_t)offset,
        .l_len = (off_t)bytes,
    };
    if (lock == DISK_PROBE) {
        return system_probe(file, range);
    }
    int result = result_of(fcntl(file, F_OFD_SETLK, &range));
    if (result == -EBADF && lock != DISK_UNLOCK) {
        /* Of two that probe at the same time, both may get a turn. */
        result = lock == DISK_TURN ? system_probe(file, range) : 0;
        range.l_type = F_RDLCK;
        result = result == 0 ? result_of(fcntl(file, F_OFD_SETLK, &range)) : result;
    }
    return result == -EACCES ? -EAGAIN : result; /* both mean it is locked. LCOV_EXCL_BR_LINE: Linux returns EAGAIN */
}

/* The status of a file, as statx(2) returns it since Linux 5.8. Not every header declares it. */
struct status {
    uint32_t mask;
    uint32_t block_bytes;
    uint64_t attributes;
    uint32_t links;
    uint32_t user;
    uint32_t group;
    uint16_t mode;
    uint16_t unused;
    uint64_t number;
    uint64_t sizes[3];
    uint64_t times[8];
    uint32_t devices[4]; /* the last two: the device of the file system */
    uint64_t mount;
    uint64_t rest[13];
};

enum {
    STATUS_MODE = 0x1, /* the type of the file alone */
    STATUS_LINKS = 0x4,
    STATUS_NUMBER = 0x100,
    STATUS_MOUNT = 0x1000
};

/*
 * Asks for no times. Since Linux 6.13, a write after somebody has read the times of a file must give it new ones, which
 * then go through the journal. A stat(2) before each change took a third of the durable swaps (6.18, ext4).
 */
static int posix_stat(int folder, const char *name, int flags, struct status *status)
{
    *status = (struct status){0};
#ifdef SYS_statx
    const unsigned wanted = STATUS_MODE | STATUS_LINKS | STATUS_NUMBER | STATUS_MOUNT;
    const int result = result_of((int)syscall(SYS_statx, folder, name, flags, wanted, status));
    if (result != -ENOSYS && result != -EPERM) { /* LCOV_EXCL_BR_LINE: a sandbox that is older than the call */
        return result;
    }
#endif
    /* LCOV_EXCL_START: as above */
    struct stat known;
    if (fstatat(folder, name, &known, flags) < 0) {
        return -errno;
    }
    status->links = (uint32_t)known.st_nlink;
    status->mode = (uint16_t)known.st_mode;
    status->number = known.st_ino;
    status->devices[2] = (uint32_t)((uint64_t)known.st_dev >> 32);
    status->devices[3] = (uint32_t)known.st_dev;
    return 0;
    /* LCOV_EXCL_STOP */
}

static bool is_same(const struct status *a, const struct status *b)
{
    return memcmp(a->devices + 2, b->devices + 2, 2 * sizeof a->devices[0]) == 0 && a->number == b->number;
}

/*
 * Opens the folder that contains the file of a path, and returns the name there. If the path ends in symbolic links,
 * they are followed. The file may still be mounted there by itself.
 */
static int open_folder(const char *path, char name[TJOB_FILE_STORE_PATH_BYTES_MAX])
{
    char folder[TJOB_FILE_STORE_PATH_BYTES_MAX];
    int at = AT_FDCWD;
    memcpy(name, path, strlen(path) + 1);
    for (int links = 0; links <= LINKS_MAX; links++) {
        const char *slash = strrchr(name, '/');
        const size_t bytes = slash != NULL && slash != name ? (size_t)(slash - name) : 1;
        memcpy(folder, slash != NULL ? name : ".", bytes);
        folder[bytes] = '\0';
        memmove(name, slash != NULL ? slash + 1 : name, strlen(slash != NULL ? slash + 1 : name) + 1);
        const int opened = open_beyond_streams(at, folder, O_RDONLY | O_DIRECTORY, 0);
        if (at != AT_FDCWD) {
            (void)close(at);
        }
        if (opened < 0) {
            return opened;
        }
        at = opened;
        const ssize_t target = readlinkat(at, name, folder, sizeof folder - 1);
        if (target < 0) {
            return at;
        }
        folder[target] = '\0';
        memcpy(name, folder, (size_t)target + 1);
    }
    (void)close(at);
    return -ELOOP;
}

static int system_reopen(void *context, const char *path, int file)
{
    struct status again;
    struct status open_one;
    const int opened = system_open(context, path, DISK_EXISTING);
    if (opened < 0) {
        return opened;
    }
    int result = posix_stat(file, "", AT_EMPTY_PATH, &open_one);
    if (result == 0) {
        result = posix_stat(opened, "", AT_EMPTY_PATH, &again);
    }
    if (result == 0 && is_same(&again, &open_one)) {
        return opened;
    }
    (void)close(opened);
    return result != 0 ? result : -ENOENT;
}

/* Returns the result if a path cannot be followed: it names nothing, or it is not known what it names. */
static int names_nothing(int error)
{
    return error == -ENOENT || error == -ENOTDIR || error == -ELOOP ? DISK_NAMES_ANOTHER : error;
}

static int system_names(void *context, const char *path, int file)
{
    (void)context;
    struct status named;
    struct status open_one;
    int result = posix_stat(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, &named);
    const bool is_link = S_ISLNK(named.mode);
    if (result == 0 && is_link) {
        result = posix_stat(AT_FDCWD, path, 0, &named);
    }
    if (result != 0) {
        return names_nothing(result);
    }
    result = posix_stat(file, "", AT_EMPTY_PATH, &open_one);
    if (result != 0) {
        return result;
    }
    if (!is_same(&named, &open_one) || open_one.links == 0) {
        return DISK_NAMES_ANOTHER;
    }
    return is_link || open_one.links > 1 ? DISK_NAMES_SHARED : DISK_NAMES_ALONE;
}

/* Reads the last number in the one line of a file of the system, if it is there: otherwise *number stays as it is. */
static int read_last_number(const char *path, uint32_t *number)
{
    char text[64];
    bool is_digit = false;
    const int file = open_beyond_streams(AT_FDCWD, path, O_RDONLY, 0);
    if (file < 0) {
        return file == -ENOENT ? 0 : file; /* LCOV_EXCL_BR_LINE: only where nobody has mounted /proc */
    }
    const ssize_t count = pread(file, text, sizeof text, 0);
    (void)close(file);
    for (ssize_t i = 0; i < count; i++) {
        const bool follows = is_digit;
        const uint32_t digit = (uint32_t)text[i] - '0';
        is_digit = digit <= 9;
        if (is_digit) {
            *number = (follows ? *number * 10 : 0) + digit;
        }
    }
    return 0;
}

/*
 * Returns -EPERM if an id of a file may stand for another one. In a user namespace (user_namespaces(7)), all ids that
 * it does not map look like one, which may be an id of the namespace as well: that of somebody else. Outside, and where
 * it maps every id, the map is one line that ends with their number. Without a map, there may be a namespace.
 */
static int refuse_ambiguous(uint32_t id, const char *overflow, const char *map)
{
    uint32_t unmapped = OVERFLOW_ID;
    uint32_t mapped = 0;
    int result = read_last_number(overflow, &unmapped);
    if (result == 0 && id == unmapped) { /* LCOV_EXCL_BR_LINE: not every test may make a namespace */
        /* LCOV_EXCL_START: as above */
        result = read_last_number(map, &mapped);
        return result == 0 && mapped != UINT32_MAX ? -EPERM : result;
        /* LCOV_EXCL_STOP */
    }
    return result;
}

static bool has_no_access_list(ssize_t result)
{
    return result < 0 && (errno == ENODATA || errno == EOPNOTSUPP); /* LCOV_EXCL_BR_LINE: tests get no other error */
}

/*
 * Returns the result where a list cannot be read or set. It is a refusal if the caller may not do so, or the file
 * system does not keep such a list; then the new file may be for its owner only.
 */
static int list_result(void)
{
    static const int refusals[] = {EPERM, EACCES, EOPNOTSUPP, EINVAL, ERANGE, E2BIG};
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) { /* LCOV_EXCL_BR_LINE: as below */
        if (errno == refusals[i]) {
            return -EPERM;
        }
    }
    return -errno; /* LCOV_EXCL_LINE: tests do not get another error on every file system */
}

/* Gives a file the access list of another (acl(5)), or none if that has none: a folder may give its files one. */
static int inherit_access_list(int file, int from)
{
    static const char name[] = "system.posix_acl_access";
    char list[ACCESS_LIST_BYTES_MAX];
    const ssize_t bytes = fgetxattr(from, name, list, sizeof list);
    if (has_no_access_list(bytes)) {
        const int removed = fremovexattr(file, name);
        return removed == 0 || has_no_access_list(removed) ? 0 : list_result(); /* LCOV_EXCL_BR_LINE: as above */
    }
    /* LCOV_EXCL_BR_START: a longer list, which not every file system keeps */
    return bytes >= 0 && fsetxattr(file, name, list, (size_t)bytes, 0) == 0 ? 0 : list_result();
    /* LCOV_EXCL_BR_STOP */
}

/*
 * Sets the owner first, because a change of the owner may narrow the permissions; and the access list before the
 * permissions, which are its mask where there is one: without the list, the group would get what the mask allows.
 * fdatasync is not enough here: it syncs only the content of the file.
 */
static int system_inherit(void *context, int file, int from)
{
    (void)context;
    struct stat status;
    if (fstat(from, &status) < 0) {
        return -errno;
    }
    int result = refuse_ambiguous(status.st_uid, "/proc/sys/kernel/overflowuid", "/proc/self/uid_map");
    if (result == 0) {
        result = refuse_ambiguous(status.st_gid, "/proc/sys/kernel/overflowgid", "/proc/self/gid_map");
    }
    if (result != 0) {
        return result;
    }
    if (fchown(file, status.st_uid, status.st_gid) < 0) {
        /* an id that the namespace, or the mount of the new file, does not map */
        return errno == EINVAL || errno == EOVERFLOW ? -EPERM : -errno; /* LCOV_EXCL_BR_LINE: as above */
    }
    result = inherit_access_list(file, from);
    if (result == 0) {
        result = result_of(fchmod(file, status.st_mode & PERMISSIONS_MASK));
    }
    return result == 0 ? result_of(fsync(file)) : result;
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

/*
 * Returns 0 if a folder contains a file under some name; -ESTALE if the file is only mounted there by itself, and so is
 * in another folder.
 */
static int is_within(int folder, const char *name, int file)
{
    struct status named;
    struct status open_one;
    struct status folder_itself = {.mount = 0};
    int result = posix_stat(folder, name, AT_SYMLINK_NOFOLLOW, &named);
    if (result == 0) {
        result = posix_stat(file, "", AT_EMPTY_PATH, &open_one);
    }
    if (result == 0 && !is_same(&named, &open_one)) {
        return -ENOENT;
    }
    if (result == 0) {
        result = posix_stat(folder, "", AT_EMPTY_PATH, &folder_itself);
    }
    return result == 0 && named.mount != folder_itself.mount ? -ESTALE : result;
}

static int system_sync_folder(void *context, const char *path, int file)
{
    (void)context;
    char name[TJOB_FILE_STORE_PATH_BYTES_MAX];
    const int folder = open_folder(path, name);
    if (folder < 0) {
        return folder;
    }
    int result = is_within(folder, name, file);
    if (result == 0) {
        result = result_of(fsync(folder));
    }
    (void)close(folder);
    return result;
}

static int system_absolute(void *context, const char *path, char *absolute)
{
    (void)context;
    size_t bytes = 0;
    if (path[0] != '/') {
        if (getcwd(absolute, TJOB_FILE_STORE_PATH_BYTES_MAX - 1) == NULL) {
            return errno == ERANGE ? -ENAMETOOLONG
                                   : -errno; /* LCOV_EXCL_BR_LINE: a working folder that is too deep for a path */
        }
        bytes = strlen(absolute);
        absolute[bytes++] = '/';
    }
    if (bytes + strlen(path) >= TJOB_FILE_STORE_PATH_BYTES_MAX) {
        return -ENAMETOOLONG;
    }
    memcpy(absolute + bytes, path, strlen(path) + 1);
    return 0;
}

/* ---- Processes ------------------------------------------------------------------------------------------------- */

static int64_t system_process(void *context)
{
    (void)context;
    return getpid();
}

/* The number alone is not enough: parent and child may each be the first process of a namespace. */
static unsigned char *system_mark_process(void *context)
{
    (void)context;
#ifdef MADV_WIPEONFORK
    const size_t bytes = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char *page = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    /* LCOV_EXCL_START: a kernel without it, or without memory */
    if (page == MAP_FAILED) {
        return NULL;
    }
    if (madvise(page, bytes, MADV_WIPEONFORK) < 0) {
        (void)munmap(page, bytes);
        return NULL;
    }
    /* LCOV_EXCL_STOP */
    *page = 1;
    return page;
#else
    return NULL;
#endif
}

static int system_random(void *context, void *bytes, size_t count)
{
    (void)context;
    return tjob_system_random(bytes, count) ? 0 : -EIO; /* LCOV_EXCL_BR_LINE: a machine that runs tests has a source */
}

static void *system_map(void *context, int file, size_t bytes)
{
    (void)context;
    void *mapped = mmap(NULL, bytes, PROT_READ, MAP_SHARED, file, 0);
    return mapped != MAP_FAILED ? mapped : NULL;
}

static void system_unmap(void *context, void *mapped, size_t bytes)
{
    (void)context;
    (void)munmap(mapped, bytes);
}

static uint64_t system_clock_us(void *context)
{
    (void)context;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void pause_for(uint32_t microseconds)
{
    const struct timespec pause = {.tv_sec = (time_t)(microseconds / 1000000),
                                   .tv_nsec = (long)(microseconds % 1000000) * 1000};
    (void)nanosleep(&pause, NULL);
}

/*
 * The word is never read here: if the file has been cut off, the kernel reports that, whereas a read would end the
 * process.
 */
static void system_sleep(void *context, const uint32_t *word, uint32_t mask, uint32_t microseconds)
{
    if (word == NULL) {
        pause_for(microseconds);
        return;
    }
    const uint64_t end_us = system_clock_us(context) + microseconds;
    const long end[2] = {(long)(end_us / 1000000), (long)(end_us % 1000000) * 1000}; /* in the kernel's layout */
    const long result = syscall(SYS_futex, word, WAIT_BITSET, 0, end, NULL, mask);
    if (result < 0 && errno != ETIMEDOUT && errno != EINTR) { /* LCOV_EXCL_BR_LINE: a signal arrives by chance */
        pause_for(microseconds < DISK_PAUSE_LONGEST_US ? microseconds : DISK_PAUSE_LONGEST_US);
    }
}

static int system_wake(void *context, const uint32_t *word, uint32_t mask)
{
    (void)context;
    return (int)syscall(SYS_futex, word, WAKE_BITSET, 1, NULL, NULL, mask);
}

const struct tjob_disk tjob__posix_disk = {
    .open = system_open,
    .close = system_close,
    .reopen = system_reopen,
    .read = system_read,
    .write = system_write,
    .sync = system_sync,
    .sync_range = system_sync_range,
    .size = system_size,
    .resize = system_resize,
    .next_data = system_next_data,
    .lock = system_lock,
    .names = system_names,
    .inherit = system_inherit,
    .rename = system_rename,
    .remove = system_remove,
    .sync_folder = system_sync_folder,
    .absolute = system_absolute,
    .process = system_process,
    .mark_process = system_mark_process,
    .random = system_random,
    .map = system_map,
    .unmap = system_unmap,
    .clock_us = system_clock_us,
    .sleep = system_sleep,
    .wake = system_wake,
};
