/* Standard streams, and printing of untrusted text. */
#ifndef TJOB_CLI_OUTPUT_H
#define TJOB_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "tjob/text.h"

/*
 * Must be called first. Replaces closed standard streams by ones that can be neither read nor written, so that no file
 * opened later gets their number. From then on a broken pipe, and a file that has reached the limit of file size, are
 * write errors and do not end the program. Returns false on failure.
 */
bool output_begin(void);

/*
 * Must be called last. Flushes standard output and returns `code`. If standard output cannot be written, prints an
 * error on standard error and returns EXIT_OUTPUT in place of EXIT_DONE. Does not return if standard output is a broken
 * pipe: the program then ends by SIGPIPE, unless that signal was ignored from the start.
 */
int output_end(int code);

/* Whether standard output has failed so far: a long-running command then stops. */
bool output_has_failed(void);

/*
 * Prints untrusted text. Control characters (C0, DEL, C1), characters that set the direction of writing, and invalid
 * UTF-8 are escaped, each byte as \xNN.
 */
void output_plain(FILE *out, tjob_text text);

/* The same for a string. */
void output_plain_string(FILE *out, const char *string);

/* Prints untrusted text as a quoted JSON string: the same characters as \uNNNN, and U+FFFD for each invalid byte. */
void output_quoted(FILE *out, tjob_text text);

#endif
