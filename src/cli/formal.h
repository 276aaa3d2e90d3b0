/* Models of the lifecycle for other model checkers: a text with marks, at which the library's transitions go. */
#ifndef TJOB_CLI_FORMAL_H
#define TJOB_CLI_FORMAL_H

#include "tjob/job.h"

/* A language: its text, and what it prints at a mark. */
struct formal_language {
    const char *const *lines; /* ends with NULL; a mark is a line that begins with '@' */
    void (*print_at)(const char *mark);
    const char *comment_begin;
    const char *comment_end;
};

/* Prints the model. */
void formal_print(const struct formal_language *language);

/* Prints a name, such as "completed with warning", after a prefix, as a constant: COMPLETED_WITH_WARNING. */
void formal_print_constant(const char *prefix, const char *name);

/* Returns the name of a kind of cell in the models, such as "same_token". */
const char *formal_kind_name(tjob_transition_kind kind);

/* Returns whether a cell of this kind names a next state. */
bool formal_kind_moves(tjob_transition_kind kind);

/* Prints the model in Promela, and in TLA+. */
void promela_print(void);
void tla_print(void);

#endif
