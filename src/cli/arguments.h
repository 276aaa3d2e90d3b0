/* The command line: what each verb takes, from one table, which help is printed from, too. */
#ifndef TJOB_CLI_ARGUMENTS_H
#define TJOB_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/exit_codes.h"

enum option {
    OPTION_STORE,
    OPTION_TRAINER_TOKEN,
    OPTION_INCARNATION,
    OPTION_TOKEN,
    OPTION_CODE,
    OPTION_STOP_TIMEOUT,
    OPTION_STOP_SUBMITTED,
    OPTION_STOP_FINISHED,
    OPTION_STATE,
    OPTION_CAPACITY,
    OPTION_TARGET,
    OPTION_CONTENT_TYPE,
    OPTION_REQUEST_ID,
    OPTION_GRAMMAR,
    OPTION_FORMAT,
    OPTION_REACHABLE,
    OPTION_CLIENTS,
    OPTION_TRAINERS,
    OPTION_RETRIES,
    OPTION_FAULTS,
    OPTION_INCARNATIONS,
    OPTION_BUG,
    OPTION_NO_REDUCTION,
    OPTION_THREADS,
    OPTION_MEMORY,
    OPTION_REPORT_FORMAT,
    OPTION_TRACE_FORMAT,
    OPTION_WAIT,
    OPTION_JSON,
    OPTION_SEED,
    OPTION_SEEDS,
    OPTION_JOBS,
    OPTION_MINUTES,
    OPTION_FAULT_PROFILE,
    OPTION_STORE_KIND,
    OPTION_JOB,
    OPTION_SHRINK,
    OPTION_NO_EXPLAIN,
    OPTION_COUNT
};

#define OPTION(name) (UINT64_C(1) << OPTION_##name)

enum { OPERANDS_MAX = 2 };

struct arguments;

/*
 * One verb. An operand whose name is in lower case is one of the words that it lists, separated by "|"; one in brackets may be
 * missing.
 */
struct verb {
    const char *name; /* one word, or two */
    const char *operands[OPERANDS_MAX];
    uint64_t required; /* options */
    uint64_t optional;
    int (*run)(const struct arguments *arguments);
    const char *summary;
};

/* What a command line says: only what its verb takes, each number and each choice one that can be. */
struct arguments {
    const struct verb *verb;
    const char *operands[OPERANDS_MAX];
    const char *texts[OPTION_COUNT]; /* NULL = not given */
    uint64_t numbers[OPTION_COUNT];  /* 0 = not given; see `texts` where 0 can be given */
    unsigned choices[OPTION_COUNT];  /* which of the words of the option, from 0; 0 = not given, too */
    unsigned operand_choice;         /* the same of the operand that is a choice */
};

/* The number that an option gives, or another where it is not given. */
uint64_t arguments_number(const struct arguments *arguments, enum option option, uint64_t otherwise);

/* Says on standard error what is wrong with a command line, and returns EXIT_USAGE. */
int arguments_complain(const struct arguments *arguments, const char *what, const char *which);

/* Reads the words behind the verb's name. False after it has said on standard error what is wrong. */
bool arguments_read(struct arguments *arguments, const struct verb *verb, int argc, char **argv);

/* Prints how a verb is used: its operands and options on one line, and its summary; and what each of these options is. */
void arguments_print_usage(FILE *out, const struct verb *verb);
void arguments_print_options(FILE *out, uint64_t which);

#endif
