#include "cli/arguments.h"

#include <inttypes.h>
#include <string.h>

#include "cli/engine.h"
#include "cli/output.h"
#include "tjob/explorer.h"
#include "tjob/file_store.h"
#include "tjob/lifecycle_model.h"
#include "tjob/server.h"
#include "tjob/simulator.h"

/* The options. The value of an option is one word of a list, a text, a number up to a bound, a size, or nothing. */
static const struct {
    const char *name;
    const char *value; /* in capitals: a text or a number; with "|": one of these words; "": no value */
    uint64_t most;     /* the largest number; 0: not a number */
    const char *summary;
} options[OPTION_COUNT] = {
    [OPTION_STORE] = {"--store", "STORE", 0, "store: a file, or a URL postgresql://... or etcd://..."},
    [OPTION_TRAINER_TOKEN] = {"--trainer-token", "N", UINT64_MAX, "fencing token of the trainer"},
    [OPTION_INCARNATION] = {"--incarnation", "N", UINT64_MAX,
                            "incarnation of the job, or the one that a submit begins (default: any)"},
    [OPTION_TOKEN] = {"--token", "N", UINT64_MAX, "token that makes a repeated submit idempotent (default: random)"},
    [OPTION_CODE] = {"--code", "N", UINT32_MAX, "host's own code, kept in the record"},
    [OPTION_STOP_TIMEOUT] = {"--stop-timeout-ms", "N", UINT64_MAX,
                             "age at which a request to stop expires, in milliseconds"},
    [OPTION_STOP_SUBMITTED] = {"--stop-submitted", "stop|ignore|refuse", 0,
                               "effect of a stop before training (default: stop)"},
    [OPTION_STOP_FINISHED] = {"--stop-finished", "accept|refuse", 0,
                              "effect of a stop after the job has ended (default: accept)"},
    [OPTION_STATE] = {"--state",
                      "SUBMITTED|TRAINING|STOP_REQUESTED|STOPPED|TRAINED|TRAINED_WITH_WARNING|IN_ERROR|DELETING", 0,
                      "only jobs in this state"},
    [OPTION_PREFIX] = {"--prefix", "TEXT", 0, "only jobs whose ARN begins with this"},
    [OPTION_OLDER_THAN] = {"--older-than-ms", "N", UINT64_MAX,
                           "only jobs whose latest recorded change is at least this old, in milliseconds; a "
                           "deletion is not recorded"},
    [OPTION_LIMIT] = {"--limit", "N", UINT64_MAX, "maximum number of jobs (default: all)"},
    [OPTION_DRY_RUN] = {"--dry-run", "", 0, "print what would be done, and change nothing"},
    [OPTION_SALVAGE] = {"--salvage", "", 0,
                        "skip damaged buckets and report them, instead of stopping at the first one"},
    [OPTION_GIVE_UP] = {"--give-up", "BUCKET", UINT32_MAX, "give up the jobs of this damaged bucket"},
    [OPTION_CAPACITY] = {"--capacity", "JOBS", TJOB_FILE_STORE_JOBS_MAX,
                         "number of jobs that the store can hold (default: 1000000; of a restored store, that of the "
                         "backup)"},
    [OPTION_TARGET] = {"--target", "TEXT", 0,
                       "header X-Amz-Target (default: Comprehend_20171127.StopTrainingEntityRecognizer)"},
    [OPTION_CONTENT_TYPE] = {"--content-type", "TEXT", 0, "header Content-Type (default: application/x-amz-json-1.1)"},
    [OPTION_REQUEST_ID] = {"--request-id", "TEXT", 0, "x-amzn-RequestId of the response (default: random)"},
    [OPTION_GRAMMAR] = {"--arn-grammar", "current|reference", 0, "grammar of valid ARNs (default: current)"},
    [OPTION_FORMAT] = {"--format", "table|dot|mermaid|promela|tla", 0, "output format (default: table)"},
    [OPTION_REACHABLE] = {"--reachable", "", 0,
                          "only the transitions that a model of the whole system reaches, with their actors"},
    [OPTION_CLIENTS] = {"--clients", "N", TJOB_MODEL_CLIENTS_MAX, "clients, each with one request (default: 2)"},
    [OPTION_TRAINERS] = {"--trainers", "N", TJOB_MODEL_TRAINERS_MAX, "trainers (default: 2)"},
    [OPTION_RETRIES] = {"--retries", "N", TJOB_MODEL_RETRIES_MAX, "retries of a client after a 500 (default: 1)"},
    [OPTION_FAULTS] = {"--faults", "N", TJOB_MODEL_FAULTS_MAX, "faults in total (default: 1)"},
    [OPTION_INCARNATIONS] = {"--incarnations", "N", TJOB_MODEL_INCARNATIONS_MAX,
                             "incarnations of the job (default: 2)"},
    [OPTION_BUG] = {"--bug", "NAME", 0, "run with this seeded bug, which must be found; 'list' prints all"},
    [OPTION_NO_REDUCTION] = {"--no-reduction", "", 0, "explore without symmetry and state reduction"},
    [OPTION_THREADS] = {"--threads", "N", TJOB_EXPLORER_THREADS_MAX, "threads (default: one per processor)"},
    [OPTION_MEMORY] = {"--memory", "SIZE", 0, "memory for the search, such as 512M or 4G (default: 256M)"},
    [OPTION_REPORT_FORMAT] = {"--format", "text|json", 0, "output format (default: text)"},
    [OPTION_TRACE_FORMAT] = {"--trace-format", "text|mermaid", 0, "format of a trace (default: text)"},
    [OPTION_WAIT] = {"--wait-ms", "N", UINT32_MAX,
                     "how long to wait for locks, in milliseconds: a command in total, a server in each call (default: "
                     "5000)"},
    [OPTION_JSON] = {"--json", "", 0, "print JSON"},
    [OPTION_SEED] = {"--seed", "N", UINT64_MAX, "first seed (default: 1)"},
    [OPTION_SEEDS] = {"--seeds", "N", UINT32_MAX, "number of consecutive seeds (default: 1)"},
    [OPTION_JOBS] = {"--jobs", "N", TJOB_SIMULATOR_JOBS_MAX, "concurrent jobs (default: 1000)"},
    [OPTION_MINUTES] = {"--minutes", "N", TJOB_SIMULATOR_MINUTES_MAX, "virtual minutes (default: 1440)"},
    [OPTION_FAULT_PROFILE] = {"--faults", "none|default|storm", 0, "fault profile (default: default)"},
    [OPTION_STORE_KIND] = {"--store", "simulated|memory|file", 0, "store under the simulation (default: simulated)"},
    [OPTION_JOB] = {"--job", "N", TJOB_SIMULATOR_JOBS_MAX - 1, "only this job, as it runs among the others"},
    [OPTION_SHRINK] = {"--shrink", "", 0, "print a shrunk trace of the violation"},
    [OPTION_HTML] = {"--html", "FILE", 0, "write a page for a browser, in which the trace of the violation is opened"},
    [OPTION_NO_EXPLAIN] = {"--no-explain", "", 0, "print verdicts only, without minimal sub-histories"},
    [OPTION_SUCCESS_BODY] = {"--success-body", "empty|object", 0,
                             "body of a 200 to a stop or a delete: empty, or {} (default: empty; of serve: object)"},
    [OPTION_LISTEN] = {"--listen", "HOST:PORT", 0,
                       "address to listen on, a numeric one or localhost; port 0: any (default: 127.0.0.1:8080)"},
    [OPTION_CREDENTIALS] = {"--credentials", "FILE", 0,
                            "verify who signed each request, by the keys of this file; SIGHUP reads it again"},
    [OPTION_REGION] = {"--region", "REGION", 0, "region for which requests must be signed (default: any)"},
    [OPTION_LOG] = {"--log", "FILE", 0,
                    "append one line of JSON for each request to a file or a pipe; SIGHUP opens it again"},
    [OPTION_RATE] = {"--rate", "N", UINT32_MAX, "requests per second that are admitted (default: all)"},
    [OPTION_BURST] = {"--burst", "N", UINT32_MAX, "requests that are admitted at once (default: as --rate)"},
    [OPTION_CONNECTIONS] = {"--connections", "N", TJOB_SERVER_CONNECTIONS_MAX, "connections at a time (default: 256)"},
    [OPTION_IDLE] = {"--idle-ms", "N", TJOB_SERVER_TIME_MS_MAX,
                     "how long a connection may be silent between requests, in milliseconds (default: 60000)"},
    [OPTION_REQUEST_TIME] = {"--request-ms", "N", TJOB_SERVER_TIME_MS_MAX,
                             "how long a request may take to arrive, in milliseconds (default: 10000)"},
    [OPTION_DRAIN] = {"--drain-ms", "N", TJOB_SERVER_TIME_MS_MAX,
                      "how long requests under way may take at the end, in milliseconds (default: 30000)"},
};

/* Options whose number may be 0. */
static const uint64_t from_zero = OPTION(RETRIES) | OPTION(FAULTS) | OPTION(JOB) | OPTION(GIVE_UP);

/* Ends a message with a word of the command line, in quotes. */
static void print_word(const char *word)
{
    fprintf(stderr, " '");
    engine_print_location(stderr, word); /* it may be the URL of a store, with a password */
    fprintf(stderr, "'\n");
}

static bool print_usage_error(const struct command *command, const char *message, const char *word)
{
    fprintf(stderr, "tjob %s: %s", command->name, message);
    print_word(word);
    return false;
}

int arguments_complain(const struct arguments *arguments, const char *message, const char *word)
{
    print_usage_error(arguments->command, message, word);
    return EXIT_USAGE;
}

void arguments_write(const struct arguments *arguments, char *text, size_t bytes)
{
    size_t used = (size_t)snprintf(text, bytes, "tjob %s", arguments->command->name);
    for (int i = 0; i < OPTION_COUNT && used < bytes; i++) {
        const char *value = arguments->texts[i];
        if (value != NULL && i != OPTION_HTML) {
            const bool has_value = options[i].value[0] != '\0';
            used += (size_t)snprintf(text + used, bytes - used, " %s%s%s", options[i].name, has_value ? " " : "",
                                     has_value ? value : "");
        }
    }
}

uint64_t arguments_number(const struct arguments *arguments, enum option option, uint64_t otherwise)
{
    return arguments->texts[option] != NULL ? arguments->numbers[option] : otherwise;
}

/* ---- Values ---------------------------------------------------------------------------------------------------- */

/* Returns the index of a word in a list; -1 if it is not in it. */
static int choice_of(const char *list, const char *word)
{
    const size_t bytes = strlen(word);
    for (int choice = 0;; choice++) {
        const size_t length = strcspn(list, "|");
        if (length == bytes && memcmp(list, word, bytes) == 0) {
            return choice;
        }
        if (list[length] == '\0') {
            return -1;
        }
        list += length + 1;
    }
}

/* Parses a decimal integer up to `most`. Returns false if it is invalid. */
static bool read_number(const char *text, uint64_t most, uint64_t *number)
{
    *number = 0;
    if (*text == '\0') {
        return false;
    }
    for (; *text >= '0' && *text <= '9'; text++) {
        const uint64_t digit = (uint64_t)(*text - '0');
        if (digit > most || *number > (most - digit) / 10) {
            return false;
        }
        *number = *number * 10 + digit;
    }
    return *text == '\0';
}

static bool read_value(struct arguments *arguments, enum option option, const char *text)
{
    arguments->texts[option] = text;
    if (options[option].most != 0) {
        uint64_t *number = &arguments->numbers[option];
        const bool may_be_zero = (from_zero >> option & 1) != 0;
        const bool valid = read_number(text, options[option].most, number) && (*number != 0 || may_be_zero);
        if (!valid) {
            fprintf(stderr, "tjob %s: %s must be an integer from %d to %" PRIu64 ", not", arguments->command->name,
                    options[option].name, may_be_zero ? 0 : 1, options[option].most);
            print_word(text);
        }
        return valid;
    }
    if (strchr(options[option].value, '|') != NULL) {
        const int choice = choice_of(options[option].value, text);
        arguments->choices[option] = choice > 0 ? (unsigned)choice : 0;
        if (choice < 0) {
            fprintf(stderr, "tjob %s: %s must be one of %s, not", arguments->command->name, options[option].name,
                    options[option].value);
            print_word(text);
        }
        return choice >= 0;
    }
    return true;
}

/* ---- The command line ------------------------------------------------------------------------------------------ */

static bool takes(const struct command *command, int option)
{
    return ((command->required | command->optional) >> option & 1) != 0;
}

/* Returns the option of a command by its name; OPTION_COUNT if the command has no such option. */
static enum option option_of(const struct command *command, const char *name)
{
    int option = 0;
    while (option < OPTION_COUNT && !(takes(command, option) && strcmp(options[option].name, name) == 0)) {
        option++;
    }
    return (enum option)option;
}

/* Reads an option and its value. Returns the number of words read; 0 after printing an error. */
static int read_option(struct arguments *arguments, int argc, char **argv)
{
    const struct command *command = arguments->command;
    const enum option option = option_of(command, argv[0]);
    if (option == OPTION_COUNT) {
        return print_usage_error(command, "unknown option", argv[0]);
    }
    if (arguments->texts[option] != NULL) {
        return print_usage_error(command, "duplicate option", argv[0]);
    }
    if (options[option].value[0] == '\0') {
        arguments->texts[option] = argv[0];
        return 1;
    }
    if (argc < 2) {
        return print_usage_error(command, "missing value of option", argv[0]);
    }
    return read_value(arguments, option, argv[1]) ? 2 : 0;
}

static bool read_operand(struct arguments *arguments, const char *word)
{
    const struct command *command = arguments->command;
    for (int i = 0; i < OPERANDS_MAX && command->operands[i] != NULL; i++) {
        if (arguments->operands[i] != NULL) {
            continue;
        }
        arguments->operands[i] = word;
        if (strchr(command->operands[i], '|') == NULL) {
            return true;
        }
        const int choice = choice_of(command->operands[i], word);
        arguments->operand_choice = choice > 0 ? (unsigned)choice : 0;
        if (choice < 0) {
            fprintf(stderr, "tjob %s: expected one of %s, not", command->name, command->operands[i]);
            print_word(word);
        }
        return choice >= 0;
    }
    return print_usage_error(command, "unexpected argument", word);
}

static bool is_complete(const struct arguments *arguments)
{
    const struct command *command = arguments->command;
    for (int i = 0; i < OPERANDS_MAX && command->operands[i] != NULL; i++) {
        if (arguments->operands[i] == NULL && command->operands[i][0] != '[') {
            return print_usage_error(command, "missing argument", command->operands[i]);
        }
    }
    for (int option = 0; option < OPTION_COUNT; option++) {
        if ((command->required >> option & 1) != 0 && arguments->texts[option] == NULL) {
            return print_usage_error(command, "missing option", options[option].name);
        }
    }
    return true;
}

bool arguments_read(struct arguments *arguments, const struct command *command, int argc, char **argv)
{
    *arguments = (struct arguments){.command = command};
    for (int at = 0; at < argc;) {
        const bool is_option = argv[at][0] == '-' && argv[at][1] == '-';
        const int taken =
            is_option ? read_option(arguments, argc - at, argv + at) : (read_operand(arguments, argv[at]) ? 1 : 0);
        if (taken == 0) {
            return false;
        }
        at += taken;
    }
    return is_complete(arguments);
}

/* ---- Help ------------------------------------------------------------------------------------------------------ */

enum { OPTION_WIDTH = 42 };

/* Returns the name of an option's value in help: a long list has a short name. */
static const char *value_name(int option)
{
    return option == OPTION_STATE ? "STATE" : options[option].value;
}

void arguments_print_usage(FILE *out, const struct command *command)
{
    fprintf(out, "  tjob %s", command->name);
    for (int i = 0; i < OPERANDS_MAX && command->operands[i] != NULL; i++) {
        fprintf(out, " %s", command->operands[i]);
    }
    for (int option = 0; option < OPTION_COUNT; option++) {
        const bool required = (command->required >> option & 1) != 0;
        const char *value = value_name(option);
        if (takes(command, option)) {
            fprintf(out, " %s%s%s%s%s", required ? "" : "[", options[option].name, value[0] != '\0' ? " " : "", value,
                    required ? "" : "]");
        }
    }
    fprintf(out, "\n      %s\n", command->summary);
}

void arguments_print_options(FILE *out, uint64_t which)
{
    for (int option = 0; option < OPTION_COUNT; option++) {
        if ((which >> option & 1) == 0) {
            continue;
        }
        const int printed = fprintf(out, "  %s %s", options[option].name, value_name(option));
        fprintf(out, "%*s%s\n", printed < OPTION_WIDTH ? OPTION_WIDTH - printed : 1, "", options[option].summary);
    }
}
