/* The exit codes of the program: one table, from which help is printed too. */
#ifndef TJOB_CLI_EXIT_CODES_H
#define TJOB_CLI_EXIT_CODES_H

#include <stdio.h>

#include "tjob/file_store.h"
#include "tjob/status.h"

enum {
    EXIT_DONE = 0,
    EXIT_SERVICE = 1, /* the service refused the request; the name of the error is printed */
    EXIT_USAGE = 2,
    EXIT_STORAGE = 3, /* the store or a file cannot be used */
    EXIT_DAMAGED = 4,
    EXIT_BUSY = 5,
    EXIT_NO_SPACE = 6,
    EXIT_OUTPUT = 7 /* the work is done, but standard output could not be written */
};

/* Return the exit code of a file problem; and of a failure (see tjob_status_is_failure) whose cause has the code
 * `cause`. */
int exit_code_of_problem(tjob_file_problem problem);
int exit_code_of_failure(tjob_status status, int cause);

/* Prints each code and its meaning on a line of its own. */
void exit_codes_print(FILE *out);

#endif
