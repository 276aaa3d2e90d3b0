/* What lists and exports need of a file store beyond its public functions. */
#ifndef TJOB_HOST_FILE_STORE_INSPECT_H
#define TJOB_HOST_FILE_STORE_INSPECT_H

#include <stdbool.h>
#include <stdint.h>

#include "tjob/file_store.h"

/* tjob_file_store_jobs, but waits for at most wait_us microseconds, and the handle does not report the problem. */
tjob_file_problem tjob__file_inspect_jobs_within(tjob_file_store *store, uint32_t bucket, uint64_t wait_us,
                                                 tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX], uint32_t *count);

/*
 * Reads the highest sequence of a bucket, and so the highest version that a change of it may have had. The bucket may
 * be damaged. Returns TJOB_FILE_INVALID_ARGUMENT if there is no such bucket, or the problem of the call.
 */
tjob_file_problem tjob__file_inspect_highest(tjob_file_store *store, uint32_t bucket, uint64_t *highest);

/*
 * Sets *twice to whether lists of both buckets of a name have it, which is damage; and if so, *highest to the higher of
 * the two versions, or to 0 if they are equal. Returns the problem of the call.
 */
tjob_file_problem tjob__file_inspect_twice(tjob_file_store *store, tjob_text arn, bool *twice, uint64_t *highest);

#endif
