/* A new store in a file, which is filled with jobs and is a store only when all of them are in it. */
#ifndef TJOB_CLI_IMPORT_H
#define TJOB_CLI_IMPORT_H

#include "cli/job_json.h"
#include "cli/session.h"
#include "host/file_store/fill.h"

struct import {
    const struct arguments *arguments;
    const char *path;
    struct file_creation new;
    uint64_t line; /* the number of the present line, from 1; 0 = the jobs do not come from lines */
    uint64_t jobs;
    bool ended; /* the last line was read */
};

/* Each returns EXIT_DONE, or the exit code after printing what is wrong. If `begin` returns EXIT_DONE, one of `end` and
 * tjob__file_creation_abandon must follow. */
int import_begin(struct import *import, const struct arguments *arguments, const char *path);

/*
 * Puts a job into the new file. Its version is new, and above those that the store may have given this job from which
 * it comes. The base of the new file is not below it.
 */
int import_put(struct import *import, const tjob_listed_job *found);

/*
 * Checks that all jobs are there. The base of the new file is above all versions and incarnations that the other store
 * may have given, also to names that no longer have a job.
 */
int import_last(struct import *import, const struct job_json_end *last);

/* All jobs are in the new file: makes it the store. */
int import_end(struct import *import);

#endif
