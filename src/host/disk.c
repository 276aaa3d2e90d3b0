#include "host/disk.h"

#include <errno.h>

/* How long the first pause is, and the longest, in microseconds. */
enum { PAUSE_MIN_US = 50, PAUSE_MAX_US = 2000 };

static const struct {
    int error;
    tjob_file_problem problem;
} problems[] = {
    {ENOENT, TJOB_FILE_MISSING},  {ENOTDIR, TJOB_FILE_MISSING},      {EEXIST, TJOB_FILE_EXISTS},
    {EACCES, TJOB_FILE_NO_PERMISSION}, {EPERM, TJOB_FILE_NO_PERMISSION}, {EROFS, TJOB_FILE_NO_PERMISSION},
    {ENOSPC, TJOB_FILE_NO_SPACE}, {EDQUOT, TJOB_FILE_NO_SPACE},      {EFBIG, TJOB_FILE_NO_SPACE},
    {EAGAIN, TJOB_FILE_BUSY},     {ENAMETOOLONG, TJOB_FILE_INVALID_ARGUMENT}, {EISDIR, TJOB_FILE_NOT_A_STORE},
    {ESPIPE, TJOB_FILE_NOT_A_STORE},
};

tjob_file_problem disk_problem(int64_t result)
{
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++) {
        if (result == -problems[i].error) {
            return problems[i].problem;
        }
    }
    return result < 0 ? TJOB_FILE_IO : TJOB_FILE_OK;
}

tjob_file_problem disk_read(const struct tjob_disk *disk, int file, uint64_t offset, void *bytes, size_t count)
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
        } else if (done != -EINTR || ++interruptions > DISK_INTERRUPTIONS_MAX) {
            return disk_problem(done);
        }
    }
    return TJOB_FILE_OK;
}

tjob_file_problem disk_write(const struct tjob_disk *disk, int file, uint64_t offset, const void *bytes, size_t count,
                             bool *begun)
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
        } else if (done != -EINTR || ++interruptions > DISK_INTERRUPTIONS_MAX) {
            /* Of an error of the device, nobody knows what it has spared. */
            *begun = *begun || done == -EIO;
            return done == 0 ? TJOB_FILE_IO : disk_problem(done);
        }
    }
    return TJOB_FILE_OK;
}

tjob_file_problem disk_sync(const struct tjob_disk *disk, int file)
{
    int result = -EINTR;
    for (int tries = 0; result == -EINTR && tries <= DISK_INTERRUPTIONS_MAX; tries++) {
        result = disk->sync(disk->context, file);
    }
    return disk_problem(result);
}

tjob_file_problem disk_lock(const struct tjob_disk *disk, int file, uint64_t offset, uint64_t bytes, uint32_t wait_ms)
{
    uint64_t left_us = (uint64_t)wait_ms * 1000;
    uint32_t pause_us = PAUSE_MIN_US;
    for (;;) {
        const int result = disk->lock(disk->context, file, DISK_LOCK, offset, bytes);
        if ((result != -EAGAIN && result != -EINTR) || left_us == 0) {
            return result == -EINTR ? TJOB_FILE_BUSY : disk_problem(result);
        }
        pause_us = pause_us < left_us ? pause_us : (uint32_t)left_us;
        disk->pause(disk->context, pause_us);
        left_us -= pause_us;
        pause_us = pause_us < PAUSE_MAX_US ? pause_us * 2 : pause_us;
    }
}

void disk_unlock(const struct tjob_disk *disk, int file, uint64_t offset, uint64_t bytes)
{
    (void)disk->lock(disk->context, file, DISK_UNLOCK, offset, bytes);
}
