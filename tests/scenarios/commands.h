/* The commands of a scenario. */
#ifndef TJOB_TESTS_COMMANDS_H
#define TJOB_TESTS_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "scenarios/world.h"

enum { OUTPUT_BYTES_MAX = 4096, WORDS_MAX = 12 };

/* What a command prints, or why it cannot be carried out. */
struct output {
    char text[OUTPUT_BYTES_MAX];
    size_t bytes;
};

/* Carries out one command line; false if it is no command, and then the output reports why. */
bool carry_out(struct world *world, const char *line, struct output *output);

/*
 * Of all problems of requests and of ARNs and all types of errors: writes the names of those that no command has met
 * yet, and returns how many they are.
 */
unsigned unmet_errors(struct output *output);

#endif
