/* What an export needs of a file store beyond its jobs. */
#ifndef TJOB_HOST_FILE_STORE_INSPECT_H
#define TJOB_HOST_FILE_STORE_INSPECT_H

#include "tjob/file_store.h"

/*
 * Reads the highest sequence of a bucket, and so the highest version that a change of it may have had. The bucket may
 * be damaged. Returns TJOB_FILE_INVALID_ARGUMENT if there is no such bucket, or the problem of the call.
 */
tjob_file_problem tjob__file_inspect_highest(tjob_file_store *store, uint32_t bucket, uint64_t *highest);

#endif
