/* The store commands where a store is reached by a URL. Each returns an exit code. */
#ifndef TJOB_CLI_ENGINE_COMMANDS_H
#define TJOB_CLI_ENGINE_COMMANDS_H

#include "cli/arguments.h"

int engine_create(const struct arguments *arguments);
int engine_check(const struct arguments *arguments);
int engine_stat(const struct arguments *arguments);

/* Copies all jobs from one store to another, of which at least one is not a file. */
int engine_copy(const struct arguments *arguments);

#endif
