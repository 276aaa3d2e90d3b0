/* Whole requests in a scenario: post, and what makes the next one unusual. */
#ifndef TJOB_TESTS_POST_H
#define TJOB_TESTS_POST_H

#include <stdbool.h>
#include <stddef.h>

#include "scenarios/world.h"

/* The ARN that a name stands for; what has a colon stands for itself. */
void expand_name(const char *name, char arn[TJOB_ARN_BYTES_MAX + 1]);

/* post OPERATION BODY, method METHOD, content-type TYPE */
bool is_post_command(const char *word);

/*
 * Carries one out and appends what it prints. In a body $NAME$ is an ARN, $(N*TEXT) is TEXT N times, and $(0xHH) is one
 * byte. False if the line cannot be.
 */
bool carry_out_post(struct world *world, const char *line, char *out, size_t *bytes, size_t capacity);

/* Appends the names of the problems and errors that no request has met, and returns how many they are. */
unsigned list_unmet(char *out, size_t *bytes, size_t capacity);

#endif
