/* The command line: one table of the options of each command, from which help is printed too. */
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
    OPTION_PREFIX,
    OPTION_OLDER_THAN,
    OPTION_LIMIT,
    OPTION_DRY_RUN,
    OPTION_SALVAGE,
    OPTION_GIVE_UP,
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
    OPTION_HTML,
    OPTION_NO_EXPLAIN,
    OPTION_SUCCESS_BODY,
    OPTION_LISTEN,
    OPTION_CREDENTIALS,
    OPTION_REGION,
    OPTION_LOG,
    OPTION_RATE,
    OPTION_BURST,
    OPTION_CONNECTIONS,
    OPTION_IDLE,
    OPTION_REQUEST_TIME,
    OPTION_DRAIN,
    OPTION_COUNT
};

#define OPTION(name) (UINT64_C(1) << OPTION_##name)

enum { OPERANDS_MAX = 2 };

struct arguments;

/*
 * A command. An operand in lower case is one of the listed words, separated by "|"; one in brackets is optional.
 */
struct command {
    const char *name; /* one word, or two */
    const char *operands[OPERANDS_MAX];
    uint64_t required; /* options */
    uint64_t optional;
    int (*run)(const struct arguments *arguments);
    const char *summary;
};

/* A parsed command line: only options that the command takes, with valid numbers and choices. */
struct arguments {
    const struct command *command;
    const char *operands[OPERANDS_MAX];
    const char *texts[OPTION_COUNT]; /* NULL = not given */
    uint64_t numbers[OPTION_COUNT];  /* 0 = not given; see `texts` for options that may be 0 */
    unsigned choices[OPTION_COUNT];  /* index of the word of the option; 0 if not given */
    unsigned operand_choice;         /* index of the word of the operand that is a choice */
};

/* Returns the number of an option, or `otherwise` if it is not given. */
uint64_t arguments_number(const struct arguments *arguments, enum option option, uint64_t otherwise);

/* Writes the command line as it was given, but for the option --html, into `text`, cut to its size. */
void arguments_write(const struct arguments *arguments, char *text, size_t bytes);

/* Prints "tjob COMMAND: message 'word'" on standard error and returns EXIT_USAGE. */
int arguments_complain(const struct arguments *arguments, const char *message, const char *word);

/* Parses the words after the command. Returns false after printing an error on standard error. */
bool arguments_read(struct arguments *arguments, const struct command *command, int argc, char **argv);

/* Prints the usage of a command: operands and options on one line, and its summary; and the summary of each option. */
void arguments_print_usage(FILE *out, const struct command *command);
void arguments_print_options(FILE *out, uint64_t which);

#endif
