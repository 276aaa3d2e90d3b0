/* Standard streams, and how what others chose is printed on them. */
#ifndef TJOB_CLI_OUTPUT_H
#define TJOB_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "tjob/text.h"

/*
 * Called first: whichever standard stream is closed is put in the place of one that can be neither read nor written, so that
 * no file that is opened later takes its number. From then on a pipe that nobody reads any more, and a file that may
 * not become larger, are errors of writing and not yet the end. False if that cannot be done.
 */
bool output_begin(void);

/*
 * Called last: writes what is left to standard output. Returns `code`; EXIT_OUTPUT after it has said on standard error that
 * standard output could not be written, if `code` is EXIT_DONE. Does not return where standard output is a pipe that nobody
 * reads any more: the program then ends as others do, by SIGPIPE, unless that was ignored from the start.
 */
int output_end(int code);

/* Whether standard output could not be written so far: a verb that goes on without end then ends. */
bool output_has_failed(void);

/*
 * Prints text that others chose. What a terminal would obey or be misled by, control characters (C0, DEL, C1) and those that
 * set the direction of writing, is made visible, and so is what is not UTF-8: each byte as \xNN.
 */
void output_plain(FILE *out, tjob_text text);

/* The same of a string. */
void output_plain_string(FILE *out, const char *string);

/* As a JSON string with its quotes: the same characters as \uNNNN, and U+FFFD for each byte that is not UTF-8. */
void output_quoted(FILE *out, tjob_text text);

#endif
