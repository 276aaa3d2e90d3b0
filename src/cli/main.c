#include <string.h>

#include "cli/engine.h"
#include "cli/output.h"
#include "cli/commands.h"
#include "tjob/version.h"

static int command_help(const struct arguments *arguments);
static int command_version(const struct arguments *arguments);

#define FOR_ONE_JOB (OPTION(GRAMMAR) | OPTION(WAIT) | OPTION(JSON))

/* clang-format off */
static const struct command commands[] = {
    {"store create", {"STORE"}, 0, OPTION(CAPACITY) | OPTION(WAIT) | OPTION(JSON), command_store_create, "create an empty store"},
    {"store grow", {"FILE"}, OPTION(CAPACITY), OPTION(WAIT) | OPTION(JSON), command_store_grow, "make a store larger"},
    {"store copy", {"STORE", "TO"}, 0, OPTION(CAPACITY) | OPTION(WAIT) | OPTION(JSON), command_store_copy,
     "make a backup of a store in use; or copy its jobs, if either store is in a database"},
    {"store restore", {"BACKUP", "FILE"}, 0, OPTION(CAPACITY) | OPTION(WAIT) | OPTION(JSON), command_store_restore,
     "make a store from a backup"},
    {"store export", {"STORE"}, 0, OPTION(SALVAGE) | OPTION(WAIT), command_store_export,
     "print the jobs of a store as lines of JSON, for store import"},
    {"store import", {"FILE"}, 0, OPTION(CAPACITY) | OPTION(JSON), command_store_import,
     "make a store from the lines of an export, on standard input"},
    {"store repair", {"FILE"}, 0, OPTION(GIVE_UP) | OPTION(WAIT) | OPTION(JSON), command_store_repair,
     "restore a damaged header from its copy, or give up the jobs of a damaged bucket"},
    {"store check", {"STORE"}, 0, OPTION(WAIT) | OPTION(JSON), command_store_check, "check a whole store"},
    {"store stat", {"STORE"}, 0, OPTION(WAIT) | OPTION(JSON), command_store_stat, "count the jobs of a store"},
    {"store purge", {"URL"}, 0, OPTION(WAIT) | OPTION(JSON), command_store_purge,
     "delete the tombstones of removed jobs in a database"},
    {"store renew", {"URL"}, 0, OPTION(WAIT) | OPTION(JSON), command_store_renew,
     "raise all versions, after etcd was restored from a snapshot"},
    {"submit", {"ARN"}, OPTION(STORE), OPTION(TOKEN) | OPTION(INCARNATION) | OPTION(CODE) | FOR_ONE_JOB, command_submit, "create a job"},
    {"start", {"ARN"}, OPTION(STORE) | OPTION(TRAINER_TOKEN), OPTION(INCARNATION) | FOR_ONE_JOB, command_start,
     "let a trainer start a job"},
    {"stop", {"ARN"}, OPTION(STORE), FOR_ONE_JOB, command_stop, "request a job to stop"},
    {"report", {"ARN", "halted|completed|completed-with-warning|failed|trainer-lost"}, OPTION(STORE),
     OPTION(TRAINER_TOKEN) | OPTION(INCARNATION) | OPTION(CODE) | FOR_ONE_JOB, command_report,
     "report how the training ended"},
    {"describe", {"ARN"}, OPTION(STORE), FOR_ONE_JOB, command_describe, "print a job"},
    {"delete", {"ARN"}, OPTION(STORE), FOR_ONE_JOB, command_delete, "delete a job that has ended"},
    {"remove", {"ARN"}, OPTION(STORE), OPTION(INCARNATION) | FOR_ONE_JOB, command_remove,
     "remove the record of a deleted job"},
    {"expire", {NULL}, OPTION(STORE) | OPTION(STOP_TIMEOUT), OPTION(DRY_RUN) | OPTION(WAIT) | OPTION(JSON), command_expire,
     "end the jobs whose trainer did not react to a stop in time, and print each"},
    {"list", {NULL}, OPTION(STORE),
     OPTION(STATE) | OPTION(PREFIX) | OPTION(TRAINER_TOKEN) | OPTION(OLDER_THAN) | OPTION(LIMIT) | OPTION(WAIT) |
         OPTION(JSON), command_list,
     "print the jobs of a store"},
    {"handle", {NULL}, OPTION(STORE),
     OPTION(STOP_SUBMITTED) | OPTION(STOP_FINISHED) | OPTION(TARGET) | OPTION(CONTENT_TYPE) | OPTION(REQUEST_ID) |
         OPTION(SUCCESS_BODY) | OPTION(GRAMMAR) | OPTION(WAIT),
     command_handle, "read the body of a request from standard input and print the whole HTTP response"},
    {"serve", {NULL}, OPTION(STORE),
     OPTION(STOP_SUBMITTED) | OPTION(STOP_FINISHED) | OPTION(LISTEN) | OPTION(CREDENTIALS) | OPTION(REGION) | OPTION(LOG) | OPTION(RATE) | OPTION(BURST) | OPTION(CONNECTIONS) | OPTION(IDLE) |
         OPTION(REQUEST_TIME) | OPTION(DRAIN) | OPTION(SUCCESS_BODY) | OPTION(GRAMMAR) | OPTION(WAIT), command_serve,
     "answer requests over HTTP until SIGTERM or SIGINT; SIGHUP opens the store and the log again"},
    {"history check", {"FILE"}, 0,
     OPTION(STOP_TIMEOUT) | OPTION(STOP_SUBMITTED) | OPTION(STOP_FINISHED) | OPTION(JSON) | OPTION(NO_EXPLAIN),
     command_history_check,
     "check that a log of calls is linearizable, job by job: exit code 1 if one is not, 3 if inconclusive"},
    {"demo", {NULL}, 0, 0, command_demo, "play scenarios of a stop and print each request and response on the wire"},
    {"graph", {NULL}, 0, OPTION(FORMAT) | OPTION(REACHABLE), command_graph,
     "print the lifecycle from the library's own table"},
    {"check", {NULL}, 0,
     OPTION(CLIENTS) | OPTION(TRAINERS) | OPTION(RETRIES) | OPTION(FAULTS) | OPTION(INCARNATIONS) |
         OPTION(STOP_SUBMITTED) | OPTION(STOP_FINISHED) | OPTION(BUG) | OPTION(NO_REDUCTION) | OPTION(THREADS) |
         OPTION(MEMORY) | OPTION(REPORT_FORMAT) | OPTION(TRACE_FORMAT) | OPTION(HTML),
     command_check, "explore every interleaving of a system with one job and check its properties"},
    {"simulate", {NULL}, 0,
     OPTION(SEED) | OPTION(SEEDS) | OPTION(JOBS) | OPTION(MINUTES) | OPTION(FAULT_PROFILE) | OPTION(STORE_KIND) |
         OPTION(BUG) | OPTION(JOB) | OPTION(SHRINK) | OPTION(THREADS) | OPTION(REPORT_FORMAT) | OPTION(TRACE_FORMAT) |
         OPTION(HTML),
     command_simulate, "simulate many jobs in virtual time under faults and check every answer"},
    {"help", {"[WORD]", "[WORD]"}, 0, 0, command_help,
     "print help on all commands, or on those that begin with these words; so does --help after a command"},
    {"--version", {NULL}, 0, 0, command_version, "print the version"},
};
/* clang-format on */

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

/* Whether the name of a command begins with these words. */
static bool begins_with(const struct command *command, size_t count, const char *const words[OPERANDS_MAX])
{
    const char *at = command->name;
    for (size_t i = 0; i < count; i++) {
        const size_t length = strcspn(at, " ");
        if (strlen(words[i]) != length || strncmp(words[i], at, length) != 0) {
            return false;
        }
        at += length + (at[length] == ' ' ? 1 : 0);
    }
    return true;
}

static void print_end_of_help(FILE *out, uint64_t options)
{
    if (options != 0) {
        fprintf(out, "\nOptions:\n");
        arguments_print_options(out, options);
    }
    fprintf(out, "\nExit codes:\n");
    exit_codes_print(out);
}

static void print_help(FILE *out)
{
    fprintf(out, "tjob: the lifecycle of a training job, and the rules of a request to stop it\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        arguments_print_usage(out, &commands[i]);
    }
    print_end_of_help(out, OPTION(COUNT) - 1);
}

/* Prints help on the commands that begin with these words. Returns false if there are none. */
static bool print_help_on(size_t count, const char *const words[OPERANDS_MAX])
{
    uint64_t options = 0;
    bool found = false;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (begins_with(&commands[i], count, words)) {
            arguments_print_usage(stdout, &commands[i]);
            options |= commands[i].required | commands[i].optional;
            found = true;
        }
    }
    if (found) {
        print_end_of_help(stdout, options);
    }
    return found;
}

static int command_help(const struct arguments *arguments)
{
    const char *const *words = arguments->operands;
    const size_t count = words[0] == NULL ? 0 : words[1] == NULL ? 1 : 2;
    if (count == 0) {
        print_help(stdout);
        return EXIT_DONE;
    }
    return print_help_on(count, words) ? EXIT_DONE : arguments_complain(arguments, "unknown command", words[count - 1]);
}

static int command_version(const struct arguments *arguments)
{
    (void)arguments;
    printf("tjob %s\n", TJOB_VERSION);
    return EXIT_DONE;
}

/* Returns the number of words of the command's name if the command line begins with it; else 0. */
static int count_words(const struct command *command, int argc, char **argv)
{
    const size_t first = strcspn(command->name, " ");
    if (argc < 1 || strlen(argv[0]) != first || strncmp(argv[0], command->name, first) != 0) {
        return 0;
    }
    if (command->name[first] == '\0') {
        return 1;
    }
    return argc > 1 && strcmp(argv[1], command->name + first + 1) == 0 ? 2 : 0;
}

/* --help counts anywhere on the command line, -h only in place of a command. */
static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || (i == 1 && strcmp(argv[i], "-h") == 0)) {
            return true;
        }
    }
    return false;
}

/* Prints help on the command that was given, if there is one; else on all. */
static int help(int argc, char **argv)
{
    const char *const words[OPERANDS_MAX] = {argv[1], argc > 2 ? argv[2] : ""};
    const bool found = print_help_on(2, words) || print_help_on(1, words);
    if (!found) {
        print_help(stdout);
    }
    return EXIT_DONE;
}

static int complain_of_command(const char *word, const char *subcommand)
{
    const char *const words[OPERANDS_MAX] = {word, NULL};
    size_t at = 0;
    while (at < COMMAND_COUNT && !begins_with(&commands[at], 1, words)) {
        at++;
    }
    if (at < COMMAND_COUNT && subcommand == NULL) {
        fprintf(stderr, "tjob %s: missing subcommand; see `tjob help %s`\n", word, word);
    } else if (at < COMMAND_COUNT) {
        fprintf(stderr, "tjob %s: unknown subcommand '", word);
        engine_print_location(stderr, subcommand);
        fprintf(stderr, "'; see `tjob help %s`\n", word);
    } else {
        fprintf(stderr, "tjob: unknown command '");
        engine_print_location(stderr, word);
        fprintf(stderr, "'; see `tjob help`\n");
    }
    return EXIT_USAGE;
}

static int run_program(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (asks_for_help(argc, argv)) {
        return help(argc, argv);
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const int words = count_words(&commands[i], argc - 1, argv + 1);
        struct arguments arguments;
        if (words != 0) {
            const bool read = arguments_read(&arguments, &commands[i], argc - 1 - words, argv + 1 + words);
            return read ? commands[i].run(&arguments) : EXIT_USAGE;
        }
    }
    return complain_of_command(argv[1], argv[2]);
}

int main(int argc, char **argv)
{
    /* First, before anything is opened. If it fails there is no stream to report it on. */
    return output_begin() ? output_end(run_program(argc, argv)) : EXIT_STORAGE;
}
