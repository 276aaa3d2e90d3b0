/* The restoration of a store from a backup. */
#include "host/file_store/call.h"
#include "host/file_store/fill.h"

static tjob_file_problem restore_fill(struct file_creation *creation, tjob_file_store *backup, uint64_t now_ms)
{
    tjob_file_problem problem = tjob__file_creation_inherit(creation, backup->file);
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_fill_from(creation, backup);
    }
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_creation_sync(creation);
    }
    creation->header.base = tjob__file_header_raise(creation->header.base, now_ms);
    return problem == TJOB_FILE_OK && creation->header.base >= FILE_SEQUENCE_CHANGE_MAX
               ? tjob__file_call_note(backup, TJOB_FILE_EXHAUSTED)
               : problem;
}

static tjob_file_problem restore_begin(struct file_creation *creation, tjob_file_store *backup, const char *path,
                                       uint64_t capacity, uint64_t now_ms)
{
    const struct tjob_disk *disk = creation->disk;
    if (!backup->is_backup) {
        return tjob__file_call_note(backup, TJOB_FILE_NOT_A_BACKUP);
    }
    if (capacity > TJOB_FILE_STORE_JOBS_MAX || now_ms > TJOB_FILE_STORE_NOW_MS_MAX) {
        return TJOB_FILE_INVALID_ARGUMENT;
    }
    tjob_file_problem problem = tjob__file_store_keep_path(disk, path, sizeof FILE_GROWING_SUFFIX - 1, creation->path);
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_creation_plan(disk, capacity != 0 ? capacity : backup->capacity, &creation->header);
    }
    creation->header.base = backup->base;
    return problem == TJOB_FILE_OK ? tjob__file_creation_begin(creation, DISK_CREATE_PRIVATE) : problem;
}

tjob_file_problem tjob_file_store_restore(tjob_file_store *backup, const char *path, uint64_t capacity, uint64_t now_ms)
{
    struct file_creation creation = {.disk = backup->disk};
    tjob_file_problem problem = restore_begin(&creation, backup, path, capacity, now_ms);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = restore_fill(&creation, backup, now_ms);
    if (problem != TJOB_FILE_OK) {
        tjob__file_creation_abandon(&creation);
        return problem;
    }
    return tjob__file_creation_end(&creation);
}
