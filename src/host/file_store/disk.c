#include "host/file_store/disk.h"

#include <errno.h>

static const struct {
    int error;
    tjob_file_problem problem;
} disk_problems[] = {
    {ENOENT, TJOB_FILE_MISSING},       {ENOTDIR, TJOB_FILE_MISSING},
    {EEXIST, TJOB_FILE_EXISTS},        {ENOTEMPTY, TJOB_FILE_EXISTS},
    {EACCES, TJOB_FILE_NO_PERMISSION}, {EPERM, TJOB_FILE_NO_PERMISSION},
    {EROFS, TJOB_FILE_NO_PERMISSION},  {ENOSPC, TJOB_FILE_NO_SPACE},
    {EDQUOT, TJOB_FILE_NO_SPACE},      {EMFILE, TJOB_FILE_NO_RESOURCES},
    {ENFILE, TJOB_FILE_NO_RESOURCES},  {ENOMEM, TJOB_FILE_NO_RESOURCES},
    {ENOLCK, TJOB_FILE_NO_LOCKS},      {EBUSY, TJOB_FILE_IN_USE},
    {ETXTBSY, TJOB_FILE_IN_USE},       {EINVAL, TJOB_FILE_UNSUPPORTED},
    {ENOSYS, TJOB_FILE_UNSUPPORTED},   {EOPNOTSUPP, TJOB_FILE_UNSUPPORTED},
    {EFBIG, TJOB_FILE_UNSUPPORTED},    {EOVERFLOW, TJOB_FILE_UNSUPPORTED},
    {EAGAIN, TJOB_FILE_BUSY},          {ENAMETOOLONG, TJOB_FILE_INVALID_PATH},
    {ELOOP, TJOB_FILE_INVALID_PATH},   {EISDIR, TJOB_FILE_INVALID_PATH},
    {ESPIPE, TJOB_FILE_NOT_A_STORE},   {ENXIO, TJOB_FILE_NOT_A_STORE},
    {ENODEV, TJOB_FILE_NOT_A_STORE},   {ESTALE, TJOB_FILE_LINKED},
    {EXDEV, TJOB_FILE_LINKED},
};

tjob_file_problem tjob__disk_problem(int64_t result)
{
    for (size_t i = 0; i < sizeof disk_problems / sizeof disk_problems[0]; i++) {
        if (result == -disk_problems[i].error) {
            return disk_problems[i].problem;
        }
    }
    return result < 0 ? TJOB_FILE_IO : TJOB_FILE_OK;
}

tjob_file_problem tjob__disk_lock_problem(int64_t result)
{
    const tjob_file_problem problem = tjob__disk_problem(result);
    return problem == TJOB_FILE_UNSUPPORTED ? TJOB_FILE_NO_LOCKS : problem;
}

/* Returns whether an interrupted function is to be called again, and counts that. */
static bool is_interrupted(int64_t result, int *interruptions)
{
    return result == -EINTR && ++*interruptions <= DISK_INTERRUPTIONS_MAX;
}

tjob_file_problem tjob__disk_read(const struct tjob_disk *disk, int file, uint64_t offset, void *bytes, size_t count)
{
    unsigned char *at = bytes;
    for (int interruptions = 0; count != 0;) {
        const int64_t done = disk->read(disk->context, file, offset, at, count);
        if (done == 0) {
            return TJOB_FILE_TRUNCATED;
        }
        if (done > 0) {
            at += done;
            offset += (uint64_t)done;
            count -= (size_t)done;
        } else if (!is_interrupted(done, &interruptions)) {
            return tjob__disk_problem(done);
        }
    }
    return TJOB_FILE_OK;
}

tjob_file_problem tjob__disk_write(const struct tjob_disk *disk, int file, uint64_t offset, const void *bytes,
                                   size_t count, bool *begun)
{
    const unsigned char *at = bytes;
    *begun = false;
    for (int interruptions = 0; count != 0;) {
        const int64_t done = disk->write(disk->context, file, offset, at, count);
        if (done > 0) {
            *begun = true;
            at += done;
            offset += (uint64_t)done;
            count -= (size_t)done;
        } else if (!is_interrupted(done, &interruptions)) {
            /* After an error of the device, nobody knows which bytes were written. */
            *begun = *begun || done == -EIO;
            return done == 0 ? TJOB_FILE_IO : tjob__disk_problem(done);
        }
    }
    return TJOB_FILE_OK;
}

tjob_file_problem tjob__disk_sync(const struct tjob_disk *disk, int file)
{
    int interruptions = 0;
    int result;
    do {
        result = disk->sync(disk->context, file);
    } while (is_interrupted(result, &interruptions));
    return tjob__disk_problem(result);
}

tjob_file_problem tjob__disk_sync_range(const struct tjob_disk *disk, int file, uint64_t offset, const void *bytes,
                                        size_t count)
{
    int interruptions = 0;
    int result;
    do {
        result = disk->sync_range(disk->context, file, offset, bytes, count);
    } while (is_interrupted(result, &interruptions));
    return tjob__disk_problem(result);
}

tjob_file_problem tjob__disk_sync_name(const struct tjob_disk *disk, const char *path, int file)
{
    int interruptions = 0;
    int result;
    do {
        result = disk->sync_folder(disk->context, path, file);
    } while (is_interrupted(result, &interruptions));
    const bool is_lost = result == -ENOENT || result == -ENOTDIR || result == -ELOOP;
    return is_lost ? TJOB_FILE_SUPERSEDED : tjob__disk_problem(result);
}

tjob_file_problem tjob__disk_resize(const struct tjob_disk *disk, int file, uint64_t bytes)
{
    int interruptions = 0;
    int result;
    do {
        result = disk->resize(disk->context, file, bytes);
    } while (is_interrupted(result, &interruptions));
    return tjob__disk_problem(result);
}

tjob_file_problem tjob__disk_inherit(const struct tjob_disk *disk, int file, int from)
{
    int interruptions = 0;
    int result;
    do {
        result = disk->inherit(disk->context, file, from);
    } while (is_interrupted(result, &interruptions));
    return tjob__disk_problem(result);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Sleeps before another try, for twice as long as the last time. Returns false, at once, from the deadline on. */
static bool sleep_until(const struct tjob_disk *disk, const struct disk_sleep *sleep, uint32_t *pause_us,
                        uint64_t deadline_us)
{
    const uint64_t now_us = deadline_us != 0 ? disk->clock_us(disk->context) : 0;
    if (now_us >= deadline_us) {
        return false;
    }
    disk->sleep(disk->context, sleep->word, sleep->mask, (uint32_t)least(*pause_us, deadline_us - now_us));
    *pause_us = (uint32_t)least((uint64_t)*pause_us * 2, sleep->longest_us);
    return true;
}

static const struct disk_sleep unwoken = {NULL, 0, DISK_PAUSE_FIRST_US, DISK_PAUSE_LONGEST_US};

tjob_file_problem tjob__disk_open(const struct tjob_disk *disk, const char *path, enum disk_opening opening,
                                  uint64_t deadline_us, int *file)
{
    uint32_t pause_us = unwoken.first_us;
    do {
        *file = disk->open(disk->context, path, opening);
    } while ((*file == -EAGAIN || *file == -EINTR) && sleep_until(disk, &unwoken, &pause_us, deadline_us));
    return *file == -EINTR ? TJOB_FILE_BUSY : tjob__disk_problem(*file);
}

tjob_file_problem tjob__disk_lock(const struct tjob_disk *disk, int file, enum disk_lock lock, uint64_t offset,
                                  uint64_t bytes, const struct disk_sleep *sleep, uint64_t deadline_us)
{
    sleep = sleep->word != NULL ? sleep : &unwoken;
    uint32_t pause_us = sleep->first_us;
    do {
        const int result = disk->lock(disk->context, file, lock, offset, bytes);
        if (result != -EAGAIN && result != -EINTR) {
            return tjob__disk_lock_problem(result);
        }
    } while (sleep_until(disk, sleep, &pause_us, deadline_us));
    return TJOB_FILE_BUSY;
}

void tjob__disk_unlock(const struct tjob_disk *disk, int file, uint64_t offset, uint64_t bytes)
{
    (void)disk->lock(disk->context, file, DISK_UNLOCK, offset, bytes);
}
