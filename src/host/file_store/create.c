#include "host/file_store/create.h"

#include <string.h>

#include "host/file_store/lock.h"
#include "host/file_store/posix_disk.h"
#include "host/file_store/state.h"

/* ---- The path -------------------------------------------------------------------------------------------------- */

/* The longest name in a folder, in bytes (Linux: NAME_MAX). */
enum { NAME_BYTES_MAX = 255 };

bool tjob__file_store_path_fits(const char *path, size_t suffix_bytes)
{
    if (path == NULL || path[0] == '\0') {
        return false;
    }
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    return strlen(path) + suffix_bytes < TJOB_FILE_STORE_PATH_BYTES_MAX &&
           strlen(name) + suffix_bytes <= NAME_BYTES_MAX;
}

tjob_file_problem tjob__file_store_keep_path(const struct tjob_disk *disk, const char *path, size_t suffix_bytes,
                                             char absolute[TJOB_FILE_STORE_PATH_BYTES_MAX])
{
    if (!tjob__file_store_path_fits(path, suffix_bytes)) {
        return TJOB_FILE_INVALID_PATH;
    }
    const tjob_file_problem problem = tjob__disk_problem(disk->absolute(disk->context, path, absolute));
    return problem == TJOB_FILE_OK && !tjob__file_store_path_fits(absolute, suffix_bytes) ? TJOB_FILE_INVALID_PATH
                                                                                          : problem;
}

/* ---- A file ---------------------------------------------------------------------------------------------------- */

tjob_file_problem tjob__file_store_write_header(const struct tjob_disk *disk, int file,
                                                const struct file_header *header)
{
    tjob_file_problem problem = tjob__file_state_write(disk, file, header, FILE_NEW);
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_header_write(disk, file, FILE_HEADER_COPY_OFFSET, header);
    }
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_header_write(disk, file, 0, header);
    }
    return problem != TJOB_FILE_OK ? problem : tjob__disk_sync(disk, file);
}

tjob_file_problem tjob__file_creation_plan(const struct tjob_disk *disk, uint64_t capacity, struct file_header *header)
{
    *header = (struct file_header){.buckets = tjob__file_header_buckets(capacity),
                                   .capacity = capacity,
                                   .identity = {.count = FILE_IDENTITY_BYTES}};
    return tjob__disk_problem(disk->random(disk->context, header->identity.bytes, sizeof header->identity.bytes));
}

tjob_file_problem tjob__file_creation_begin(struct file_creation *creation, enum disk_opening opening)
{
    const struct tjob_disk *disk = creation->disk;
    creation->file = disk->open(disk->context, creation->path, opening);
    if (creation->file < 0) {
        return tjob__disk_problem(creation->file);
    }
    tjob_file_problem problem = tjob__file_lock_header(disk, creation->file, NULL, 0);
    if (problem == TJOB_FILE_OK) {
        const uint64_t bytes = tjob__file_header_end(&creation->header);
        problem = tjob__disk_resize(disk, creation->file, bytes);
    }
    if (problem != TJOB_FILE_OK) {
        tjob__file_creation_abandon(creation);
    }
    return problem;
}

tjob_file_problem tjob__file_creation_inherit(const struct file_creation *creation, int from)
{
    const tjob_file_problem problem = tjob__disk_inherit(creation->disk, creation->file, from);
    return problem == TJOB_FILE_NO_PERMISSION ? TJOB_FILE_OK : problem;
}

tjob_file_problem tjob__file_creation_sync(const struct file_creation *creation)
{
    return tjob__disk_sync(creation->disk, creation->file);
}

void tjob__file_creation_close(struct file_creation *creation)
{
    tjob__file_lock_drop_header(creation->disk, creation->file, NULL);
    creation->disk->close(creation->disk->context, creation->file);
}

/* The header comes last: without it, the file is not a store. */
tjob_file_problem tjob__file_creation_end(struct file_creation *creation)
{
    const struct tjob_disk *disk = creation->disk;
    tjob_file_problem problem = tjob__file_store_write_header(disk, creation->file, &creation->header);
    if (problem == TJOB_FILE_OK) {
        problem = tjob__disk_sync_name(disk, creation->path, creation->file);
    }
    if (problem != TJOB_FILE_OK) {
        tjob__file_creation_abandon(creation);
        return problem;
    }
    tjob__file_state_confirm(disk, creation->file, &creation->header);
    tjob__file_creation_close(creation);
    return TJOB_FILE_OK;
}

/* A process that opens the new file waits for the header. So nobody can have used the file when it is removed. */
void tjob__file_creation_abandon(struct file_creation *creation)
{
    const struct tjob_disk *disk = creation->disk;
    if (disk->names(disk->context, creation->path, creation->file) > DISK_NAMES_ANOTHER) {
        (void)disk->remove(disk->context, creation->path);
    }
    tjob__file_creation_close(creation);
}

/* ---- An empty store -------------------------------------------------------------------------------------------- */

tjob_file_problem tjob__file_store_create(const struct tjob_disk *disk, const char *path, uint64_t capacity)
{
    struct file_creation creation = {.disk = disk};
    capacity = capacity != 0 ? capacity : TJOB_FILE_STORE_JOBS_DEFAULT;
    if (capacity > TJOB_FILE_STORE_JOBS_MAX) {
        return TJOB_FILE_INVALID_ARGUMENT;
    }
    tjob_file_problem problem = tjob__file_store_keep_path(disk, path, sizeof FILE_GROWING_SUFFIX - 1, creation.path);
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_creation_plan(disk, capacity, &creation.header);
    }
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_creation_begin(&creation, DISK_CREATE);
    }
    return problem == TJOB_FILE_OK ? tjob__file_creation_end(&creation) : problem;
}

tjob_file_problem tjob_file_store_create(const char *path, uint64_t capacity)
{
    return tjob__file_store_create(&tjob__posix_disk, path, capacity);
}
