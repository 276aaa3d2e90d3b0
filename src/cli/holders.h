/* The processes that have a store open, and the locks that they hold, as far as /proc shows them (Linux). */
#ifndef TJOB_CLI_HOLDERS_H
#define TJOB_CLI_HOLDERS_H

#include "tjob/file_store.h"

/*
 * Prints each other process that has the file of a store open, with its locks: a line each on standard error, or on
 * standard output as the elements of a JSON array. Prints nothing of a process that the caller may not inspect. `store`
 * is NULL if the file could not be opened as a store: the numbers of buckets are then not known.
 */
void holders_print(const char *path, const tjob_file_store *store, bool json);

#endif
