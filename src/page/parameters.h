/* The parameters of a text: name=value, joined by "&", each at most once. */
#ifndef TJOB_PAGE_PARAMETERS_H
#define TJOB_PAGE_PARAMETERS_H

#include <stdbool.h>

#include "page/json.h"

/* What is wrong with a text, and where: the offset of a byte. */
struct page_error {
    size_t at; /* SIZE_MAX: nowhere in the text */
    char message[160];
};

/* A parameter: a number, or one of some words, whose value is the word's position. */
struct page_parameter {
    const char *name;
    uint64_t least; /* of a number */
    uint64_t most;
    uint64_t otherwise;                   /* the value if it is left out */
    const char *(*word)(unsigned number); /* the words, from 0 up to NULL; NULL: a number */
};

/* The words of parameters that more than one text has. */
const char *tjob__page_stop_submitted_word(unsigned number);
const char *tjob__page_stop_finished_word(unsigned number);
const char *tjob__page_bug_word(unsigned number);

/* Reads parameters into `values`, one for each of the `count` in the table. `at` is the offset of the text. Returns
 * false and sets *error if the text is wrong. */
bool tjob__page_parameters_read(tjob_text text, size_t at, const struct page_parameter *table, size_t count,
                                uint64_t *values, struct page_error *error);

/* Writes the parameters whose values are not those of the table, as a text. */
void tjob__page_parameters_write(json_writer *writer, const struct page_parameter *table, size_t count,
                                 const uint64_t *values);

/* Writes all of them as a member that is an object of strings. */
void tjob__page_member_parameters(struct page_json *json, const struct page_parameter *table, size_t count,
                                  const uint64_t *values);

/* The parameters of a check and of a log to check; those of a situation are in page/situation.h. */
enum { CHECK_PARAMETER_COUNT = 10, HISTORY_PARAMETER_COUNT = 4 };

extern const struct page_parameter tjob__check_parameters[CHECK_PARAMETER_COUNT];
extern const struct page_parameter tjob__history_parameters[HISTORY_PARAMETER_COUNT];

/* Reads a decimal number of 64 bits. Returns false if it is not one. */
bool tjob__page_number_read(tjob_text text, uint64_t *number);

/* Returns whether a text is this word, where a blank in the word is a "-" in the text. */
bool tjob__page_is_word(tjob_text text, const char *word);

/* Sets an error: a message, followed by the text in quotes unless it is empty. */
void tjob__page_error_set(struct page_error *error, size_t at, const char *message, tjob_text text);

/* Writes an error as the whole answer of a call, in place of whatever was written. */
void tjob__page_error_write(struct page_json *json, const struct page_error *error);

#endif
