#include "host/file_store/grow.h"

#include <string.h>

#include "host/file_store/fill.h"
#include "host/file_store/lock.h"
#include "host/file_store/posix_disk.h"
#include "host/file_store/state.h"
#include "host/file_store/store.h"

/* A growth in progress. */
struct growth {
    const struct tjob_disk *disk;
    const char *path; /* absolute, of the old file */
    tjob_file_store old;
    struct file_creation new;
    bool replaced; /* the name now belongs to the new file */
};

/* ---- The old file ---------------------------------------------------------------------------------------------- */

/* Checks that the old file is the store, and that the path, which will name another file, is its only name. */
static tjob_file_problem grow_check_name(const struct growth *growth)
{
    const int named = growth->disk->names(growth->disk->context, growth->path, growth->old.file);
    if (named == DISK_NAMES_ANOTHER) {
        return TJOB_FILE_SUPERSEDED;
    }
    return named == DISK_NAMES_SHARED ? TJOB_FILE_LINKED : tjob__disk_problem(named);
}

static tjob_file_problem write_old_state(const struct growth *growth, enum file_state state)
{
    const struct file_header header = tjob__file_store_header(&growth->old);
    return tjob__file_state_change(growth->disk, growth->old.file, &header, state);
}

static tjob_file_problem sync_old_folder(const struct growth *growth)
{
    return tjob__disk_sync_name(growth->disk, growth->path, growth->old.file);
}

/*
 * Checks that another file may replace the old file, whose header is held: the old file is still the store, and its
 * folder can be synced.
 */
static tjob_file_problem check_old(const struct growth *growth)
{
    const struct file_header header = tjob__file_store_header(&growth->old);
    enum file_state state;
    tjob_file_problem problem = tjob__file_state_read(growth->disk, growth->old.file, &header, &state);
    if (problem == TJOB_FILE_OK && state == FILE_SUPERSEDED) {
        problem = TJOB_FILE_SUPERSEDED;
    }
    if (problem == TJOB_FILE_OK) {
        problem = grow_check_name(growth);
    }
    return problem != TJOB_FILE_OK ? problem : sync_old_folder(growth);
}

/* ---- The new file ---------------------------------------------------------------------------------------------- */

/*
 * Checks that both files still have their names. The copying took a while, in which somebody may have put another store
 * there.
 */
static tjob_file_problem check_names(const struct growth *growth)
{
    const struct tjob_disk *disk = growth->disk;
    const tjob_file_problem problem = grow_check_name(growth);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    const int named = disk->names(disk->context, growth->new.path, growth->new.file);
    return named == DISK_NAMES_ANOTHER ? TJOB_FILE_SUPERSEDED : tjob__disk_problem(named);
}

/*
 * Replaces the old file by the new one, which is durable. Handles of the old file see its new state before the name
 * belongs to the new file, and nobody treats the new file as current before its name is durable. This checks once more
 * that the folder can be synced, now with both files open, which leaves fewer descriptors. A renaming that fails may
 * still have been made: then the old file has lost its name.
 */
static tjob_file_problem replace(struct growth *growth)
{
    const struct tjob_disk *disk = growth->disk;
    tjob_file_problem problem = sync_old_folder(growth);
    if (problem == TJOB_FILE_OK) {
        problem = write_old_state(growth, FILE_SUPERSEDED);
    }
    if (problem == TJOB_FILE_OK) {
        problem = check_names(growth);
    }
    if (problem == TJOB_FILE_OK) {
        problem = tjob__disk_problem(disk->rename(disk->context, growth->new.path, growth->path));
    }
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    growth->replaced = true;
    problem = tjob__disk_sync_name(disk, growth->path, growth->new.file);
    if (problem == TJOB_FILE_OK) {
        tjob__file_state_confirm(disk, growth->new.file, &growth->new.header);
    }
    return problem;
}

static tjob_file_problem make_new(struct growth *growth)
{
    const struct tjob_disk *disk = growth->disk;
    const struct file_creation *new = &growth->new;
    tjob_file_problem problem = tjob__disk_inherit(disk, new->file, growth->old.file);
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_fill_from(&growth->new, &growth->old);
    }
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_store_write_header(disk, new->file, &new->header);
    }
    return problem != TJOB_FILE_OK ? problem : replace(growth);
}

/* The caller has locked all of the old file. */
static tjob_file_problem grow_locked(struct growth *growth)
{
    const struct tjob_disk *disk = growth->disk;
    (void)disk->remove(disk->context, growth->new.path); /* the file of a growth that died */
    tjob_file_problem problem = tjob__file_creation_begin(&growth->new, DISK_CREATE_PRIVATE);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = make_new(growth);
    if (problem == TJOB_FILE_OK || growth->replaced) {
        tjob__file_creation_close(&growth->new);
    } else {
        tjob__file_creation_abandon(&growth->new);
    }
    return problem;
}

/*
 * With the header held: keeps new calls out, and waits for the calls in progress. If the growth fails, lets calls in
 * again.
 */
static tjob_file_problem grow_alone(struct growth *growth, uint64_t deadline_us)
{
    tjob_file_problem problem = check_old(growth);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = write_old_state(growth, FILE_GROWING);
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_lock_all(&growth->old, deadline_us);
    }
    if (problem == TJOB_FILE_OK) {
        problem = grow_locked(growth);
    }
    const tjob_file_problem named = grow_check_name(growth);
    if (!growth->replaced && (named == TJOB_FILE_OK || named == TJOB_FILE_LINKED)) {
        (void)write_old_state(growth, FILE_CURRENT);
    }
    return problem;
}

/*
 * Prepares the header of the new file. The new file has its own identity, so that no page of the old file is valid in
 * it.
 */
static tjob_file_problem plan(struct growth *growth, uint64_t capacity)
{
    const struct file_header old = tjob__file_store_header(&growth->old);
    const bool is_older = tjob__file_identity_format(&old.identity) != FILE_FORMAT;
    if (capacity < old.capacity || (capacity == old.capacity && !is_older)) {
        return TJOB_FILE_NOT_LARGER;
    }
    const tjob_file_problem problem = tjob__file_creation_plan(growth->disk, capacity, &growth->new.header);
    growth->new.header.base = old.base;
    return problem;
}

static tjob_file_problem grow_open(struct growth *growth, uint64_t capacity, uint64_t deadline_us)
{
    tjob_file_problem problem = plan(growth, capacity);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    problem = tjob__file_lock_header(growth->disk, growth->old.file, growth->old.mapped, deadline_us);
    if (problem == TJOB_FILE_OK) {
        problem = grow_alone(growth, deadline_us);
        tjob__file_lock_drop_all(&growth->old);
    }
    return problem;
}

/* Gives the new file the name of the old one, with a suffix. */
static tjob_file_problem name_new(struct growth *growth, const char *path)
{
    const tjob_file_problem problem =
        tjob__file_store_keep_path(growth->disk, path, sizeof FILE_GROWING_SUFFIX - 1, growth->new.path);
    if (problem == TJOB_FILE_OK) {
        memcpy(growth->new.path + strlen(growth->new.path), FILE_GROWING_SUFFIX, sizeof FILE_GROWING_SUFFIX);
    }
    return problem;
}

tjob_file_problem tjob__file_store_grow(const struct tjob_disk *disk, const char *path, uint64_t capacity,
                                        uint32_t wait_ms)
{
    struct growth growth = {.disk = disk, .path = growth.old.path, .new = {.disk = disk}};
    if (capacity > TJOB_FILE_STORE_JOBS_MAX) {
        return TJOB_FILE_INVALID_ARGUMENT;
    }
    tjob_file_problem problem = name_new(&growth, path);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    wait_ms = wait_ms != 0 ? wait_ms : TJOB_FILE_STORE_WAIT_MS_DEFAULT;
    const uint64_t deadline_us = tjob__file_lock_deadline(disk, wait_ms); /* for the whole growth */
    problem = tjob__file_store_open_for(disk, &growth.old, path, wait_ms, FILE_ACCESS_GROW);
    if (problem == TJOB_FILE_OK) {
        problem = grow_open(&growth, capacity, deadline_us);
        tjob_file_store_close(&growth.old);
    }
    return problem;
}

tjob_file_problem tjob_file_store_grow(const char *path, uint64_t capacity, uint32_t wait_ms)
{
    return tjob__file_store_grow(&tjob__posix_disk, path, capacity, wait_ms);
}
