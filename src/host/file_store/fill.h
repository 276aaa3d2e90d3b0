/* Fills a new file of a store, job by job, before anybody can open it. */
#ifndef TJOB_HOST_FILE_STORE_FILL_H
#define TJOB_HOST_FILE_STORE_FILL_H

#include "host/file_store/create.h"

/*
 * Puts a job into the new file, with its version. Returns TJOB_FILE_OK; TJOB_FILE_EXISTS if the new file has a job of
 * that name; TJOB_FILE_FULL if both buckets of the name are full; or the problem of the disk.
 */
tjob_file_problem tjob__file_fill_insert(const struct file_creation *creation, const struct file_record *record);

/*
 * Records in the new file which buckets have jobs, and that these are durable, as they are when the creation ends. This
 * comes after all jobs.
 */
tjob_file_problem tjob__file_fill_end(const struct file_creation *creation);

/*
 * Puts all jobs of another file into the new file, which has its own identity, and so other buckets for the names.
 * Raises the base of the new file to the highest sequence of the other. The caller has the other file for itself.
 * Returns TJOB_FILE_DAMAGED if the other file is damaged; TJOB_FILE_EXHAUSTED if no version is left for a change above
 * its highest sequence. This includes tjob__file_fill_end. A problem of the other file is noted for
 * tjob_file_store_problem.
 */
tjob_file_problem tjob__file_fill_from(struct file_creation *creation, tjob_file_store *from);

#endif
