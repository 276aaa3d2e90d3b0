#define _DEFAULT_SOURCE /* NOLINT: for mkdtemp */

#include "cli/simulated_backing.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/session.h"

/* ---- Signals --------------------------------------------------------------------------------------------------- */

static atomic_int signalled;

static void keep_signal(int signal)
{
    signalled = signal;
}

void simulated_backing_catch_signals(enum store_kind kind)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGALRM, SIGXCPU};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0] && kind == STORE_FILE; i++) {
        struct sigaction action;
        if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler == SIG_DFL) {
            action = (struct sigaction){.sa_handler = keep_signal, .sa_flags = SA_RESTART};
            (void)sigaction(signals[i], &action, NULL);
        }
    }
}

bool simulated_backing_signalled(void)
{
    return signalled != 0;
}

void simulated_backing_obey_signal(void)
{
    const int caught = signalled;
    if (caught != 0) {
        (void)signal(caught, SIG_DFL);
        (void)raise(caught);
    }
}

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

static bool empty_file(void *context)
{
    struct simulated_backing *backing = context;
    remove_file(backing);
    backing->is_open = !simulated_backing_signalled() &&
                       tjob_file_store_create(backing->path, backing->jobs) == TJOB_FILE_OK &&
                       tjob_file_store_open(&backing->file_store, backing->path, 0) == TJOB_FILE_OK;
    return backing->is_open;
}

static const char *open_file(struct simulated_backing *backing)
{
    char folder[BACKING_FOLDER_BYTES];
    const int bytes = snprintf(folder, sizeof folder, "%s/tjob-simulate-XXXXXX", session_temporary_folder());
    if (bytes < 0 || bytes >= BACKING_FOLDER_BYTES || mkdtemp(folder) == NULL) {
        return "cannot create a temporary directory";
    }
    memcpy(backing->folder, folder, sizeof folder);
    (void)snprintf(backing->path, sizeof backing->path, "%s/store", folder);
    backing->store = tjob_file_store_callbacks(&backing->file_store);
    return empty_file(backing) ? NULL : "cannot create a store in the temporary directory";
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
