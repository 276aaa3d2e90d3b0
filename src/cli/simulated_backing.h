/* The store under a simulation, if it is a real store and not the simulated one. */
#ifndef TJOB_CLI_SIMULATED_BACKING_H
#define TJOB_CLI_SIMULATED_BACKING_H

#include "tjob/file_store.h"
#include "tjob/memory_store.h"
#include "tjob/simulator.h"

/* The simulated store, or one of the library's own. */
enum store_kind { STORE_SIMULATED, STORE_MEMORY, STORE_FILE };

enum { BACKING_FOLDER_BYTES = 4096, BACKING_PATH_BYTES = BACKING_FOLDER_BYTES + 8 };

struct simulated_backing {
    uint32_t jobs;
    tjob_store store;
    tjob_memory_store memory_store;
    void *memory;
    tjob_file_store file_store;
    bool is_open;              /* the file store */
    tjob_file_problem problem; /* of the file store, why it is not open */
    char folder[BACKING_FOLDER_BYTES];
    char path[BACKING_PATH_BYTES];
};

/*
 * Opens an empty store for a configuration; does nothing for the simulated store. A file store is in a new directory in
 * TMPDIR, or in /tmp if that is not set, until it is closed. Returns an error message, or NULL.
 */
const char *simulated_backing_open(struct simulated_backing *backing, enum store_kind kind,
                                   tjob_simulator_config *config);
void simulated_backing_close(struct simulated_backing *backing);

#endif
