/* What the program exits with: one table, which help is printed from, too. */
#ifndef TJOB_CLI_EXIT_CODES_H
#define TJOB_CLI_EXIT_CODES_H

#include <stdio.h>

#include "tjob/file_store.h"
#include "tjob/status.h"

enum {
    EXIT_DONE = 0,
    EXIT_SERVICE = 1, /* the service refused: its error is printed with its name */
    EXIT_USAGE = 2,
    EXIT_STORAGE = 3, /* the store, or a file, could not be used */
    EXIT_DAMAGED = 4,
    EXIT_BUSY = 5,
    EXIT_NO_SPACE = 6,
    EXIT_OUTPUT = 7 /* all was done, but standard output could not be written */
};

/* The code for a problem of a store's file, or for a failure, see tjob_status_is_failure, that this problem led to. */
int exit_code_of_problem(tjob_file_problem problem);
int exit_code_of_failure(tjob_status status, tjob_file_problem problem);

/* Prints each code and what it means, on a line of its own. */
void exit_codes_print(FILE *out);

#endif
