/* The buckets of a store that were ever used, one after the other. */
#ifndef TJOB_HOST_FILE_STORE_SWEEP_H
#define TJOB_HOST_FILE_STORE_SWEEP_H

#include "tjob/file_store.h"

/* tjob_file_store_next_bucket, but the handle does not report the problem. */
tjob_file_problem tjob__file_sweep_next(const tjob_file_store *store, uint32_t from, uint32_t *bucket);

#endif
