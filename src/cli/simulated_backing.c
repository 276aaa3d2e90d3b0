#define _DEFAULT_SOURCE /* NOLINT: for mkdtemp */

#include "cli/simulated_backing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/session.h"
#include "cli/signals.h"
#include "host/file_store/create.h"
#include "host/file_store/posix_disk.h"

/* ---- In memory ------------------------------------------------------------------------------------------------- */

static bool empty_memory(void *context)
{
    struct simulated_backing *backing = context;
    return tjob_memory_store_init(&backing->memory_store, backing->memory, TJOB_MEMORY_STORE_BYTES(backing->jobs),
                                  backing->jobs, NULL, NULL) == TJOB_OK;
}

/* Both functions that open a store return an error message, or NULL. */
static const char *open_memory(struct simulated_backing *backing)
{
    backing->memory = malloc(TJOB_MEMORY_STORE_BYTES(backing->jobs));
    backing->store = tjob_memory_store_callbacks(&backing->memory_store);
    return backing->memory != NULL && empty_memory(backing) ? NULL : "out of memory";
}

/* ---- In a file ------------------------------------------------------------------------------------------------- */

static void remove_file(struct simulated_backing *backing)
{
    if (backing->is_open) {
        tjob_file_store_close(&backing->file_store);
        backing->is_open = false;
    }
    (void)unlink(backing->path);
}

/* The identity of the file is always the same, so that names fall into the same buckets in each run. */
static int no_randomness(void *context, void *bytes, size_t count)
{
    (void)context;
    memset(bytes, 0, count);
    return 0;
}

static bool empty_file(void *context)
{
    struct simulated_backing *backing = context;
    struct tjob_disk disk = tjob__posix_disk;
    disk.random = no_randomness;
    remove_file(backing);
    if (signals_caught()) {
        return false;
    }
    backing->problem = tjob__file_store_create(&disk, backing->path, backing->jobs);
    if (backing->problem == TJOB_FILE_OK) {
        backing->problem = tjob_file_store_open(&backing->file_store, backing->path, 0);
    }
    backing->is_open = backing->problem == TJOB_FILE_OK;
    return backing->is_open;
}

static const char *open_file(struct simulated_backing *backing)
{
    char folder[BACKING_FOLDER_BYTES];
    const int bytes = snprintf(folder, sizeof folder, "%s/tjob-simulate-XXXXXX", session_temporary_folder());
    errno = ENAMETOOLONG;
    if (bytes < 0 || bytes >= BACKING_FOLDER_BYTES || mkdtemp(folder) == NULL) {
        backing->problem = errno == ENOSPC || errno == EDQUOT ? TJOB_FILE_NO_SPACE : TJOB_FILE_IO;
        return "cannot create a temporary directory";
    }
    memcpy(backing->folder, folder, sizeof folder);
    (void)snprintf(backing->path, sizeof backing->path, "%s/store", folder);
    backing->store = tjob_file_store_callbacks(&backing->file_store);
    return empty_file(backing)                ? NULL
           : backing->problem == TJOB_FILE_OK ? "cannot create a store in the temporary directory" /* a signal came */
                                              : tjob_file_problem_text(backing->problem);
}

/* ---- Either ---------------------------------------------------------------------------------------------------- */

const char *simulated_backing_open(struct simulated_backing *backing, enum store_kind kind,
                                   tjob_simulator_config *config)
{
    static const char *(*const opens[])(struct simulated_backing *) = {
        [STORE_MEMORY] = open_memory, [STORE_FILE] = open_file};
    static bool (*const empties[])(void *) = {[STORE_MEMORY] = empty_memory, [STORE_FILE] = empty_file};
    *backing = (struct simulated_backing){.jobs = config->jobs};
    if (kind == STORE_SIMULATED) {
        return NULL;
    }
    config->store = &backing->store;
    config->empty = empties[kind];
    config->empty_context = backing;
    const char *failure = opens[kind](backing);
    if (failure != NULL) {
        simulated_backing_close(backing);
    }
    return failure;
}

void simulated_backing_close(struct simulated_backing *backing)
{
    free(backing->memory);
    if (backing->folder[0] != '\0') {
        remove_file(backing);
        (void)rmdir(backing->folder);
    }
}
