/* The mutants of a source file: where it is changed, and to what. */
#ifndef TJOB_TESTS_MUTANTS_H
#define TJOB_TESTS_MUTANTS_H

#include <stdbool.h>
#include <stddef.h>

/* One change: `bytes` bytes at `at` become `text`. */
struct change {
    size_t at;
    size_t bytes;
    char text[32];
    char name[64]; /* such as "&& to ||" */
};

enum { MUTANT_KEY_BYTES = 256 };

struct mutants {
    char *original;
    struct change *changes;
    unsigned count;
    unsigned capacity;
};

/*
 * A source text with one change, and the line of it before and after, without the space around it. The key is the
 * function, the name of the change, and which of the changes of this name in that function it is, counted from 1:
 * "limiter_admit: > to >=, 2". Whatever is changed elsewhere in the file, it stays the same.
 */
struct mutant {
    char *text;
    unsigned line;
    char key[MUTANT_KEY_BYTES];
    char before[512];
    char after[512];
};

/*
 * Reads a file and finds its mutants; of a header, those of its functions. `kind` is "table": each cell of the
 * lifecycle's table becomes each other word of the table; or "operators": each condition of an "if" or a "?" is made
 * true and made false, each binary operator becomes another, each negation is removed, 0 becomes 1 where it ends a
 * statement, and true becomes false where it is returned, and the other way round; or "code": the same, and each
 * statement of one line is removed. NULL if it cannot be read.
 */
struct mutants *read_mutants(const char *root, const char *file, const char *kind);
void free_mutants(struct mutants *mutants);

void make_mutant(const struct mutants *mutants, unsigned number, struct mutant *mutant);
void free_mutant(struct mutant *mutant);

/*
 * The file of equivalents: a line "file src/core/job.c" and the kind, and below it for each mutant a line "- " with its
 * key, and a line "= " with the reason. Returns how many of a file's mutants of a kind are listed: those with this key,
 * or all if it is NULL.
 */
unsigned count_listed(const char *path, const char *file, const char *kind, const char *key);

#endif
