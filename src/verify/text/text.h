/* A line of text that is built piece by piece and truncated if it does not fit. */
#ifndef TJOB_VERIFY_TEXT_TEXT_H
#define TJOB_VERIFY_TEXT_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "tjob/job.h"
#include "tjob/text.h"

struct line {
    char *at;
    size_t left; /* includes the terminating 0 */
};

/* An empty line in an array of char. */
#define LINE(array) ((struct line){(array), sizeof(array)})

void tjob__text_put(struct line *line, const char *text);

/* Appends a run of bytes without a NUL. */
void tjob__text_put_bytes(struct line *line, tjob_text text);

void tjob__text_put_number(struct line *line, uint64_t number);

/* Appends a name and a number; appends nothing if the number is 0. */
void tjob__text_put_named(struct line *line, const char *name, uint64_t number);

/* Appends a record and its version. A `job` of NULL means that there is no record. */
void tjob__text_put_record(struct line *line, const tjob_job *job, uint64_t version);

#endif
