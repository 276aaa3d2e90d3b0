/* A job of a store as a line of JSON, as `tjob store export` writes it and `tjob store import` reads it. */
#ifndef TJOB_CLI_JOB_JSON_H
#define TJOB_CLI_JOB_JSON_H

#include <stdio.h>

#include "tjob/file_store.h"

/* Prints a record. A name that is not valid UTF-8 is printed in hexadecimal digits, so that nothing of it is lost. */
void job_json_print(const tjob_file_job *record);

/* The kinds of lines. */
enum job_json_line {
    JOB_JSON_INVALID,
    JOB_JSON_JOB,
    JOB_JSON_END /* the last line, with the number of jobs */
};

/* What is wrong with a line, and the member that it is about; NULL if it is about none. */
struct job_json_problem {
    const char *text;
    const char *member;
};

/* Reads a line without its line feed: a job into *record, or the number of jobs into *jobs. */
enum job_json_line job_json_read(tjob_text line, tjob_file_job *record, uint64_t *jobs,
                                 struct job_json_problem *problem);

#endif
