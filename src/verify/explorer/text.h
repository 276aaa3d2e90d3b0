/* A line of text that is put together piece by piece, and cut off where it does not fit. */
#ifndef TJOB_VERIFY_EXPLORER_TEXT_H
#define TJOB_VERIFY_EXPLORER_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "tjob/job.h"

struct line {
    char *at;
    size_t left; /* with the final 0 */
};

/* A line in an array of char, empty at first. */
#define LINE(array) ((struct line){(array), sizeof(array)})

void tjob__text_put(struct line *line, const char *text);
void tjob__text_put_number(struct line *line, uint64_t number);

/* A number behind its name; nothing if it is 0. */
void tjob__text_put_named(struct line *line, const char *name, uint64_t number);

/* A record and its version; NULL: there is none. */
void tjob__text_put_record(struct line *line, const tjob_job *job, uint64_t version);

#endif
