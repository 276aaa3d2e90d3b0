#include "support/sim_disk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/random.h"

/* ---- The machine ----------------------------------------------------------------------------------------------- */

static uint64_t pick(struct sim_disk *disk, uint64_t below)
{
    return next_random(&disk->random) % below;
}

static size_t block_count(const struct sim_disk *disk)
{
    return (size_t)(disk->file_bytes_max / SIM_BLOCK_BYTES);
}

static void *need(void *memory)
{
    if (memory == NULL) {
        abort();
    }
    return memory;
}

void sim_init(struct sim_disk *disk, uint64_t file_bytes_max, uint64_t seed)
{
    memset(disk, 0, sizeof *disk);
    disk->file_bytes_max = (file_bytes_max + SIM_BLOCK_BYTES - 1) / SIM_BLOCK_BYTES * SIM_BLOCK_BYTES;
    disk->random = seed;
    disk->free_blocks = UINT64_MAX;
    for (unsigned i = 0; i < SIM_FILES_MAX; i++) {
        disk->files[i].bytes = need(calloc(1, (size_t)disk->file_bytes_max));
        disk->files[i].durable = need(calloc(1, (size_t)disk->file_bytes_max));
        disk->files[i].allocated = need(calloc(1, block_count(disk)));
    }
}

static void forget_writes(struct sim_disk *disk)
{
    for (unsigned i = 0; i < disk->write_count; i++) {
        free(disk->writes[i].bytes);
    }
    disk->write_count = 0;
}

void sim_destroy(struct sim_disk *disk)
{
    forget_writes(disk);
    for (unsigned i = 0; i < SIM_FILES_MAX; i++) {
        free(disk->files[i].bytes);
        free(disk->files[i].durable);
        free(disk->files[i].allocated);
    }
}

static bool in_use(const struct sim_file *file)
{
    return file->path[0] != '\0' || file->durable_path[0] != '\0' || file->renamed;
}

void sim_copy(struct sim_disk *to, const struct sim_disk *from)
{
    forget_writes(to);
    for (unsigned i = 0; i < SIM_FILES_MAX; i++) {
        struct sim_file *file = &to->files[i];
        struct sim_file kept = from->files[i];
        kept.bytes = file->bytes;
        kept.durable = file->durable;
        kept.allocated = file->allocated;
        *file = kept;
        if (in_use(file)) {
            memcpy(file->bytes, from->files[i].bytes, (size_t)file->size);
            memcpy(file->durable, from->files[i].durable, (size_t)file->size);
            memcpy(file->allocated, from->files[i].allocated, block_count(to));
        }
    }
    for (unsigned i = 0; i < from->write_count; i++) {
        to->writes[i] = from->writes[i];
        to->writes[i].bytes = need(malloc(from->writes[i].count));
        memcpy(to->writes[i].bytes, from->writes[i].bytes, from->writes[i].count);
    }
    to->write_count = from->write_count;
    to->lock_count = 0;
    memset(to->handles, 0, sizeof to->handles);
    to->free_blocks = from->free_blocks;
    to->shift = from->shift;
    to->drawn = from->drawn;
}

unsigned char *sim_bytes(struct sim_disk *disk, const char *path, uint64_t *size)
{
    for (unsigned i = 0; i < SIM_FILES_MAX; i++) {
        if (strcmp(disk->files[i].path, path) == 0) {
            *size = disk->files[i].size;
            return disk->files[i].bytes;
        }
    }
    return NULL;
}

/* ---- What survives --------------------------------------------------------------------------------------------- */

static void persist_part(struct sim_disk *disk, const struct sim_write *write, size_t begin, size_t end)
{
    memcpy(disk->files[write->file].durable + write->offset + begin, write->bytes + begin, end - begin);
}

static void damage_blocks(struct sim_disk *disk, const struct sim_write *write)
{
    unsigned char *durable = disk->files[write->file].durable;
    const uint64_t size = disk->files[write->file].size;
    const uint64_t first = (write->offset + disk->shift) / SIM_BLOCK_BYTES;
    const uint64_t last = (write->offset + disk->shift + write->count - 1) / SIM_BLOCK_BYTES;
    for (uint64_t at = first * SIM_BLOCK_BYTES; at < (last + 1) * SIM_BLOCK_BYTES; at++) {
        if (at >= disk->shift && at - disk->shift < size) {
            durable[at - disk->shift] = (unsigned char)pick(disk, 256);
        }
    }
}

/* Any of its sectors, each whole or not at all. */
static void persist_sectors(struct sim_disk *disk, const struct sim_write *write)
{
    for (size_t begin = 0; begin < write->count;) {
        size_t end = begin + SIM_SECTOR_BYTES - (write->offset + begin) % SIM_SECTOR_BYTES;
        end = end < write->count ? end : write->count;
        if (pick(disk, 2) == 0) {
            persist_part(disk, write, begin, end);
        }
        begin = end;
    }
}

static void tear(struct sim_disk *disk, const struct sim_write *write, enum sim_tearing tearing)
{
    if (tearing == SIM_TEARS_BLOCKS) {
        damage_blocks(disk, write);
        return;
    }
    switch (pick(disk, 3)) {
    case 0:
        persist_part(disk, write, 0, (size_t)pick(disk, write->count + 1));
        break;
    case 1: /* it began with the end */
        persist_part(disk, write, (size_t)pick(disk, write->count), write->count);
        break;
    default:
        persist_sectors(disk, write);
        break;
    }
}

/* A write that is not synced is lost, is whole, or is torn. */
static void survive(struct sim_disk *disk, enum sim_tearing tearing)
{
    for (unsigned i = 0; i < disk->write_count; i++) {
        const struct sim_write *write = &disk->writes[i];
        switch (pick(disk, 3)) {
        case 0:
            break;
        case 1:
            persist_part(disk, write, 0, write->count);
            break;
        default:
            tear(disk, write, tearing);
            break;
        }
    }
    forget_writes(disk);
}

void sim_power_cut(struct sim_disk *disk, enum sim_tearing tearing)
{
    survive(disk, tearing);
    /* Either all renamings reached the disk or none did: they are in one journal. */
    const bool names_survive = pick(disk, 2) == 0;
    for (unsigned i = 0; i < SIM_FILES_MAX; i++) {
        struct sim_file *file = &disk->files[i];
        if (names_survive) {
            memcpy(file->durable_path, file->path, sizeof file->path);
        }
        memcpy(file->path, file->durable_path, sizeof file->path);
        file->renamed = false;
        if (in_use(file)) {
            memcpy(file->bytes, file->durable, (size_t)file->size);
        }
    }
}

/* ---- Processes ------------------------------------------------------------------------------------------------- */

static void unlock_handle(struct sim_disk *disk, int handle, uint64_t begin, uint64_t end)
{
    for (unsigned i = 0; i < disk->lock_count;) {
        struct sim_range *lock = &disk->locks[i];
        if (lock->handle == handle && lock->begin >= begin && lock->end <= end) {
            *lock = disk->locks[--disk->lock_count];
        } else {
            i++;
        }
    }
}

static void close_handle(struct sim_disk *disk, int handle)
{
    unlock_handle(disk, handle, 0, UINT64_MAX);
    disk->handles[handle].process = NULL;
}

unsigned sim_files_open(const struct sim_process *process)
{
    unsigned count = 0;
    for (int i = 0; i < SIM_HANDLES_MAX; i++) {
        count += process->disk->handles[i].process == process;
    }
    return count;
}

void sim_kill(struct sim_process *process)
{
    for (int i = 0; i < SIM_HANDLES_MAX; i++) {
        if (process->disk->handles[i].process == process) {
            close_handle(process->disk, i);
        }
    }
    process->dead = true;
}

static bool changes_something(enum sim_function function)
{
    return function != SIM_READ && function != SIM_SIZE && function != SIM_LOCK && function != SIM_NAMES &&
           function != SIM_RANDOM;
}

/* Whether the call fails, with what. A process that is dead does nothing any more. */
static bool fails(struct sim_process *process, enum sim_function function, int64_t *result)
{
    process->calls[function]++;
    process->calls[SIM_ANY_FUNCTION]++;
    process->changes += changes_something(function) ? 1 : 0;
    if (changes_something(function) && process->changes == process->dies_at) {
        process->dead = true;
    }
    if (process->dead) {
        *result = -EIO;
        return true;
    }
    const unsigned call = process->calls[process->fault_function];
    const bool concerned = process->fault_function == function || process->fault_function == SIM_ANY_FUNCTION;
    if (!concerned || process->fault_from == 0 || call < process->fault_from ||
        call >= process->fault_from + process->fault_count || process->fault >= 0) {
        return false;
    }
    *result = process->fault;
    return true;
}

/* How much a read or a write does at most. */
static size_t limit(const struct sim_process *process, enum sim_function function, size_t count)
{
    const bool concerned = process->fault_function == function && process->fault > 0 && process->fault_from != 0;
    return concerned && count > (size_t)process->fault ? (size_t)process->fault : count;
}

static struct sim_file *file_of(struct sim_process *process, int handle)
{
    if (process->disk->handles[handle].process != process) {
        abort(); /* it is closed, or another's */
    }
    return &process->disk->files[process->disk->handles[handle].file];
}

/* ---- The functions: names -------------------------------------------------------------------------------------- */

static int find(const struct sim_disk *disk, const char *path)
{
    for (int i = 0; i < SIM_FILES_MAX; i++) {
        if (path[0] != '\0' && strcmp(disk->files[i].path, path) == 0) {
            return i;
        }
    }
    return -ENOENT;
}

static void give_name(struct sim_file *file, const char *path)
{
    snprintf(file->path, sizeof file->path, "%s", path);
    file->renamed = true;
}

static bool is_open(const struct sim_disk *disk, unsigned file)
{
    for (int i = 0; i < SIM_HANDLES_MAX; i++) {
        if (disk->handles[i].process != NULL && disk->handles[i].file == file) {
            return true;
        }
    }
    return false;
}

static int create(struct sim_disk *disk, const char *path)
{
    for (int i = 0; i < SIM_FILES_MAX; i++) {
        struct sim_file *file = &disk->files[i];
        if (!in_use(file) && !is_open(disk, (unsigned)i)) {
            memset(file->bytes, 0, (size_t)disk->file_bytes_max);
            memset(file->durable, 0, (size_t)disk->file_bytes_max);
            memset(file->allocated, 0, block_count(disk));
            file->size = 0;
            file->linked = false;
            file->owner = 0;
            give_name(file, path);
            return i;
        }
    }
    return -ENOSPC;
}

static int sim_open(void *context, const char *path, enum disk_opening opening)
{
    struct sim_process *process = context;
    struct sim_disk *disk = process->disk;
    int64_t result;
    if (fails(process, SIM_OPEN, &result)) {
        return (int)result;
    }
    int file = find(disk, path);
    if (opening == DISK_CREATE || opening == DISK_CREATE_PRIVATE) {
        file = file >= 0 ? -EEXIST : create(disk, path);
    }
    for (int i = 0; i < SIM_HANDLES_MAX && file >= 0; i++) {
        if (disk->handles[i].process == NULL) {
            disk->handles[i].process = process;
            disk->handles[i].file = (unsigned)file;
            disk->handles[i].read_only = opening == DISK_READ_ONLY;
            return i;
        }
    }
    return file >= 0 ? -EMFILE : file;
}

static void sim_close(void *context, int handle)
{
    struct sim_process *process = context;
    if (!process->dead) {
        close_handle(process->disk, handle);
    }
}

static int sim_names(void *context, const char *path, int handle)
{
    struct sim_process *process = context;
    int64_t result;
    if (fails(process, SIM_NAMES, &result)) {
        return (int)result;
    }
    const struct sim_file *file = file_of(process, handle);
    if (strcmp(file->path, path) != 0) {
        return DISK_NAMES_ANOTHER;
    }
    return file->linked ? DISK_NAMES_SHARED : DISK_NAMES_ALONE;
}

static int sim_inherit(void *context, int handle, int from)
{
    struct sim_process *process = context;
    int64_t result;
    if (fails(process, SIM_INHERIT, &result)) {
        return (int)result;
    }
    file_of(process, handle)->owner = file_of(process, from)->owner;
    return 0;
}

static int sim_rename(void *context, const char *from, const char *to)
{
    struct sim_process *process = context;
    struct sim_disk *disk = process->disk;
    int64_t result;
    if (fails(process, SIM_RENAME, &result)) {
        return (int)result;
    }
    const int renamed = find(disk, from);
    const int replaced = find(disk, to);
    if (renamed < 0) {
        return renamed;
    }
    if (replaced >= 0) {
        give_name(&disk->files[replaced], "");
    }
    give_name(&disk->files[renamed], to);
    return 0;
}

static int sim_remove(void *context, const char *path)
{
    struct sim_process *process = context;
    int64_t result;
    if (fails(process, SIM_REMOVE, &result)) {
        return (int)result;
    }
    const int file = find(process->disk, path);
    if (file >= 0) {
        give_name(&process->disk->files[file], "");
    }
    return file < 0 ? file : 0;
}

/* There is one folder. */
static int sim_sync_folder(void *context, const char *path, int handle)
{
    struct sim_process *process = context;
    int64_t result;
    if (fails(process, SIM_SYNC_FOLDER, &result)) {
        return (int)result;
    }
    if (strcmp(file_of(process, handle)->path, path) != 0) {
        return -ENOENT;
    }
    for (unsigned i = 0; i < SIM_FILES_MAX; i++) {
        struct sim_file *file = &process->disk->files[i];
        memcpy(file->durable_path, file->path, sizeof file->path);
        file->renamed = false;
    }
    return 0;
}

/* ---- The functions: bytes -------------------------------------------------------------------------------------- */

static int64_t sim_read(void *context, int handle, uint64_t offset, void *bytes, size_t count)
{
    struct sim_process *process = context;
    int64_t result;
    if (fails(process, SIM_READ, &result)) {
        return result;
    }
    const struct sim_file *file = file_of(process, handle);
    if (offset >= file->size) {
        return 0;
    }
    const uint64_t left = file->size - offset;
    count = limit(process, SIM_READ, count < left ? count : (size_t)left);
    memcpy(bytes, file->bytes + offset, count);
    return (int64_t)count;
}

/* Takes room for holes; how many bytes can be written before it runs out. */
static size_t allocate(struct sim_disk *disk, struct sim_file *file, uint64_t offset, size_t count)
{
    for (uint64_t block = offset / SIM_BLOCK_BYTES; block <= (offset + count - 1) / SIM_BLOCK_BYTES; block++) {
        if (file->allocated[block] == 0 && disk->free_blocks == 0) {
            const uint64_t end = block * SIM_BLOCK_BYTES;
            return end > offset ? (size_t)(end - offset) : 0;
        }
        disk->free_blocks -= file->allocated[block] == 0 ? 1 : 0;
        file->allocated[block] = 1;
    }
    return count;
}

/* As the system does by itself after a while. */
static void write_back_oldest(struct sim_disk *disk)
{
    persist_part(disk, &disk->writes[0], 0, disk->writes[0].count);
    free(disk->writes[0].bytes);
    memmove(disk->writes, disk->writes + 1, --disk->write_count * sizeof disk->writes[0]);
}

static void log_write(struct sim_disk *disk, unsigned file, uint64_t offset, const void *bytes, size_t count)
{
    if (disk->write_count == SIM_WRITES_MAX) {
        write_back_oldest(disk);
    }
    struct sim_write *write = &disk->writes[disk->write_count++];
    *write = (struct sim_write){file, offset, count, need(malloc(count))};
    memcpy(write->bytes, bytes, count);
}

static int64_t sim_write(void *context, int handle, uint64_t offset, const void *bytes, size_t count)
{
    struct sim_process *process = context;
    struct sim_disk *disk = process->disk;
    int64_t result;
    const bool failed = fails(process, SIM_WRITE, &result);
    if (failed && (process->dead || !process->fault_lies)) {
        return result;
    }
    struct sim_file *file = file_of(process, handle);
    if (disk->handles[handle].read_only) {
        return -EBADF;
    }
    if (count == 0) {
        return 0;
    }
    if (offset + count > disk->file_bytes_max) {
        return -ENOSPC;
    }
    count = allocate(disk, file, offset, limit(process, SIM_WRITE, count));
    if (count == 0) {
        return -ENOSPC;
    }
    count = failed ? (size_t)pick(disk, count) + 1 : count;
    memcpy(file->bytes + offset, bytes, count);
    file->size = file->size > offset + count ? file->size : offset + count;
    log_write(disk, disk->handles[handle].file, offset, bytes, count);
    return failed ? result : (int64_t)count;
}

/* Makes the writes of a file durable that lie within a range. */
static void persist_file(struct sim_disk *disk, unsigned file, uint64_t begin, uint64_t end)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < disk->write_count; i++) {
        const struct sim_write write = disk->writes[i];
        if (write.file == file && write.offset >= begin && write.offset + write.count <= end) {
            persist_part(disk, &write, 0, write.count);
            free(write.bytes);
        } else {
            disk->writes[kept++] = write;
        }
    }
    disk->write_count = kept;
}

static int sync_between(struct sim_process *process, int handle, uint64_t begin, uint64_t end)
{
    struct sim_disk *disk = process->disk;
    int64_t result;
    if (fails(process, SIM_SYNC, &result)) {
        if (!process->dead && process->fault_lies) {
            survive(disk, SIM_TEARS_BYTES); /* some of it is on the disk, and nothing will be written once more */
        }
        return (int)result;
    }
    (void)file_of(process, handle);
    persist_file(disk, disk->handles[handle].file, begin, end);
    return 0;
}

static int sim_sync(void *context, int handle)
{
    return sync_between(context, handle, 0, UINT64_MAX);
}

static int sim_sync_range(void *context, int handle, uint64_t offset, const void *bytes, size_t count)
{
    struct sim_process *process = context;
    if (memcmp(file_of(process, handle)->bytes + offset, bytes, count) != 0) {
        abort(); /* not what the file holds */
    }
    return sync_between(process, handle, offset, offset + count);
}

static int64_t sim_size(void *context, int handle)
{
    struct sim_process *process = context;
    int64_t result;
    return fails(process, SIM_SIZE, &result) ? result : (int64_t)file_of(process, handle)->size;
}

static int sim_resize(void *context, int handle, uint64_t bytes)
{
    struct sim_process *process = context;
    int64_t result;
    if (fails(process, SIM_RESIZE, &result)) {
        return (int)result;
    }
    if (bytes > process->disk->file_bytes_max) {
        return -ENOSPC;
    }
    file_of(process, handle)->size = bytes;
    return 0;
}

/* Whether a block of a file is a hole: no write took room for it, and no test has put anything there. */
static bool is_hole(const struct sim_file *file, uint64_t block)
{
    static const unsigned char zeros[SIM_BLOCK_BYTES];
    return file->allocated[block] == 0 && memcmp(file->bytes + block * SIM_BLOCK_BYTES, zeros, sizeof zeros) == 0;
}

static int64_t sim_next_data(void *context, int handle, uint64_t offset)
{
    struct sim_process *process = context;
    const struct sim_file *file = file_of(process, handle);
    uint64_t at = offset;
    while (at < file->size && is_hole(file, at / SIM_BLOCK_BYTES)) {
        at = (at / SIM_BLOCK_BYTES + 1) * SIM_BLOCK_BYTES;
    }
    return at < file->size ? (int64_t)at : INT64_MAX;
}

static int sim_lock(void *context, int handle, enum disk_lock lock, uint64_t offset, uint64_t bytes)
{
    struct sim_process *process = context;
    struct sim_disk *disk = process->disk;
    int64_t result;
    if (fails(process, SIM_LOCK, &result)) {
        return (int)result;
    }
    (void)file_of(process, handle);
    if (lock == DISK_UNLOCK) {
        unlock_handle(disk, handle, offset, offset + bytes);
        return 0;
    }
    for (unsigned i = 0; i < disk->lock_count; i++) {
        const struct sim_range *other = &disk->locks[i];
        if (other->handle != handle && disk->handles[other->handle].file == disk->handles[handle].file &&
            other->begin < offset + bytes && offset < other->end &&
            !(lock == DISK_LOCK && disk->handles[other->handle].read_only && disk->handles[handle].read_only)) {
            return -EAGAIN;
        }
    }
    if (lock == DISK_PROBE) {
        return 0;
    }
    if (disk->lock_count == SIM_LOCKS_MAX) {
        return -ENOLCK;
    }
    disk->locks[disk->lock_count++] = (struct sim_range){handle, offset, offset + bytes};
    return 0;
}

static int sim_random(void *context, void *bytes, size_t count)
{
    struct sim_process *process = context;
    int64_t result;
    if (fails(process, SIM_RANDOM, &result)) {
        return (int)result;
    }
    memset(bytes, (int)(++process->disk->drawn & 0xff), count);
    return 0;
}

static int64_t sim_process_number(void *context)
{
    return ((struct sim_process *)context)->number;
}

static int sim_absolute(void *context, const char *path, char *absolute)
{
    (void)context;
    memcpy(absolute, path, strlen(path) + 1);
    return 0;
}

static unsigned char *sim_mark_process(void *context)
{
    (void)context;
    return NULL;
}

static void *sim_map(void *context, int handle, size_t bytes)
{
    (void)handle;
    (void)bytes;
    return sim_mark_process(context);
}

static uint64_t sim_clock_us(void *context)
{
    return 1 + ((struct sim_process *)context)->paused_us;
}

static void sim_sleep(void *context, const uint32_t *word, uint32_t mask, uint32_t microseconds)
{
    (void)word;
    (void)mask;
    ((struct sim_process *)context)->paused_us += microseconds;
}

void sim_start(struct sim_process *process, struct sim_disk *disk)
{
    *process = (struct sim_process){
        .table = {.context = process,
                  .open = sim_open,
                  .close = sim_close,
                  .read = sim_read,
                  .write = sim_write,
                  .sync = sim_sync,
                  .sync_range = sim_sync_range,
                  .size = sim_size,
                  .resize = sim_resize,
                  .next_data = sim_next_data,
                  .lock = sim_lock,
                  .names = sim_names,
                  .inherit = sim_inherit,
                  .rename = sim_rename,
                  .remove = sim_remove,
                  .sync_folder = sim_sync_folder,
                  .absolute = sim_absolute,
                  .process = sim_process_number,
                  .mark_process = sim_mark_process,
                  .random = sim_random,
                  .map = sim_map,
                  .clock_us = sim_clock_us,
                  .sleep = sim_sleep},
        .disk = disk,
        .number = 1,
        .fault_function = SIM_ANY_FUNCTION,
        .fault_count = 1,
    };
}
