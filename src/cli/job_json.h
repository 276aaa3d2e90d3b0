/* A job of a store as a line of JSON, as `tjob store export` writes it and `tjob store import` reads it. */
#ifndef TJOB_CLI_JOB_JSON_H
#define TJOB_CLI_JOB_JSON_H

#include <stdio.h>

#include "tjob/file_store.h"

/* Prints a record. A name that is not valid UTF-8 is printed in hexadecimal digits, so that nothing of it is lost. */
void job_json_print(const tjob_listed_job *record);

/* The longest line, in bytes, with its line feed: twice what a job takes whose name is all escapes. */
#define JOB_JSON_LINE_BYTES_MAX 4096

/* The kinds of lines. */
enum job_json_line {
    JOB_JSON_INVALID,
    JOB_JSON_JOB,
    JOB_JSON_END /* the last line */
};

/* What the last line has. */
struct job_json_end {
    uint64_t jobs; /* how many */
    uint64_t base; /* no version or incarnation that the store may have given is higher; 0 = not known */
};

/* What is wrong with a line, and the member that it is about; NULL if it is about none. */
struct job_json_problem {
    const char *text;
    const char *member;
};

void job_json_print_end(const struct job_json_end *end);

/* Reads a line without its line feed: a job into *record, or the last line into *last. */
enum job_json_line job_json_read(tjob_text line, tjob_listed_job *record, struct job_json_end *last,
                                 struct job_json_problem *problem);

#endif
