#include "cli/arguments.h"

#include <inttypes.h>
#include <string.h>

#include "cli/output.h"
#include "tjob/explorer.h"
#include "tjob/file_store.h"
#include "tjob/lifecycle_model.h"
#include "tjob/simulator.h"

/* An option's value: a word of a list, a text, a number up to some bound, a size, or none. */
static const struct {
    const char *name;
    const char *value; /* in capitals: a text or a number; with "|": one of these words; "": none */
    uint64_t most;     /* of a number; 0: it is none */
    const char *summary;
} options[OPTION_COUNT] = {
    [OPTION_STORE] = {"--store", "FILE", 0, "the file of the store"},
    [OPTION_TRAINER_TOKEN] = {"--trainer-token", "N", UINT64_MAX, "the fencing token of the trainer"},
    [OPTION_INCARNATION] = {"--incarnation", "N", UINT64_MAX,
                            "the incarnation of the job that is meant, or that a submit begins; else whichever"},
    [OPTION_TOKEN] = {"--token", "N", UINT64_MAX, "makes a repeated submit idempotent; else a random one"},
    [OPTION_CODE] = {"--code", "N", UINT32_MAX, "the host's own reason or tag"},
    [OPTION_STOP_TIMEOUT] = {"--stop-timeout-ms", "N", UINT64_MAX,
                             "how old a request to stop must be, in milliseconds"},
    [OPTION_STOP_SUBMITTED] = {"--stop-submitted", "stop|ignore|refuse", 0,
                               "what a stop does before training; stop if not given"},
    [OPTION_STOP_FINISHED] = {"--stop-finished", "accept|refuse", 0,
                              "what a stop does after the end; accept if not given"},
    [OPTION_STATE] = {"--state",
                      "SUBMITTED|TRAINING|STOP_REQUESTED|STOPPED|TRAINED|TRAINED_WITH_WARNING|IN_ERROR|DELETING", 0,
                      "only jobs in this state, by the service's name of it"},
    [OPTION_CAPACITY] = {"--capacity", "JOBS", TJOB_FILE_STORE_JOBS_MAX,
                         "how many jobs it is made for; 1000000 if not given"},
    [OPTION_TARGET] = {"--target", "TEXT", 0,
                       "header X-Amz-Target; Comprehend_20171127.StopTrainingEntityRecognizer if not given"},
    [OPTION_CONTENT_TYPE] = {"--content-type", "TEXT", 0,
                             "header Content-Type; application/x-amz-json-1.1 if not given"},
    [OPTION_REQUEST_ID] = {"--request-id", "TEXT", 0, "what the answer bears as x-amzn-RequestId; random if not given"},
    [OPTION_GRAMMAR] = {"--arn-grammar", "current|reference", 0, "which ARNs are valid; today's if not given"},
    [OPTION_FORMAT] = {"--format", "table|dot|mermaid", 0, "as what it is printed; a table if not given"},
    [OPTION_REACHABLE] = {"--reachable", "", 0, "what a model of the whole system reaches, each edge with who took it"},
    [OPTION_CLIENTS] = {"--clients", "N", TJOB_MODEL_CLIENTS_MAX, "clients, each with one request; 2 if not given"},
    [OPTION_TRAINERS] = {"--trainers", "N", TJOB_MODEL_TRAINERS_MAX, "trainers; 2 if not given"},
    [OPTION_RETRIES] = {"--retries", "N", TJOB_MODEL_RETRIES_MAX,
                        "how often a client tries again after a 500; 1 if not given"},
    [OPTION_FAULTS] = {"--faults", "N", TJOB_MODEL_FAULTS_MAX, "how much may go wrong in all; 1 if not given"},
    [OPTION_INCARNATIONS] = {"--incarnations", "N", TJOB_MODEL_INCARNATIONS_MAX,
                             "how often the job is submitted under its name; 2 if not given"},
    [OPTION_BUG] = {"--bug", "NAME", 0, "a bug to plant, which must be seen; 'list' names them"},
    [OPTION_NO_REDUCTION] = {"--no-reduction", "", 0,
                             "keeps apart what differs in names only, or in what was forgotten"},
    [OPTION_THREADS] = {"--threads", "N", TJOB_EXPLORER_THREADS_MAX,
                        "threads; as many as there are processors if not given"},
    [OPTION_MEMORY] = {"--memory", "SIZE", 0, "for the search, such as 512M or 4G; 256M if not given"},
    [OPTION_REPORT_FORMAT] = {"--format", "text|json", 0, "as what it is printed; text if not given"},
    [OPTION_TRACE_FORMAT] = {"--trace-format", "text|mermaid", 0,
                             "as what the way to a violation is printed; text if not given"},
    [OPTION_WAIT] = {"--wait-ms", "N", UINT32_MAX, "how long to wait for others, in all; 5000 if not given"},
    [OPTION_JSON] = {"--json", "", 0, "prints JSON, for scripts"},
    [OPTION_SEED] = {"--seed", "N", UINT64_MAX, "the first seed; 1 if not given"},
    [OPTION_SEEDS] = {"--seeds", "N", UINT32_MAX, "how many seeds, one after the other; 1 if not given"},
    [OPTION_JOBS] = {"--jobs", "N", TJOB_SIMULATOR_JOBS_MAX, "jobs, all at once; 1000 if not given"},
    [OPTION_MINUTES] = {"--minutes", "N", TJOB_SIMULATOR_MINUTES_MAX, "virtual minutes; 1440 if not given"},
    [OPTION_FAULT_PROFILE] = {"--faults", "none|default|storm", 0, "how much goes wrong; default if not given"},
    [OPTION_STORE_KIND] = {"--store", "simulated|memory|file", 0, "the store behind it; simulated if not given"},
    [OPTION_JOB] = {"--job", "N", TJOB_SIMULATOR_JOBS_MAX - 1, "this job alone, as it is among the others"},
    [OPTION_SHRINK] = {"--shrink", "", 0, "tells a short run that fails, too, if one is found"},
    [OPTION_NO_EXPLAIN] = {"--no-explain", "", 0, "prints verdicts alone, not why a history is not linearizable"},
};

/* Numbers that may be 0. */
static const uint64_t from_zero = OPTION(RETRIES) | OPTION(FAULTS) | OPTION(JOB);

static bool complain(const struct verb *verb, const char *what, const char *which)
{
    fprintf(stderr, "tjob %s: %s%s", verb->name, what, which[0] != '\0' ? " " : "");
    output_plain_string(stderr, which);
    fprintf(stderr, "\n");
    return false;
}

int arguments_complain(const struct arguments *arguments, const char *what, const char *which)
{
    complain(arguments->verb, what, which);
    return EXIT_USAGE;
}

uint64_t arguments_number(const struct arguments *arguments, enum option option, uint64_t otherwise)
{
    return arguments->texts[option] != NULL ? arguments->numbers[option] : otherwise;
}

/* ---- Values ---------------------------------------------------------------------------------------------------- */

/* Which word of a list it is; -1 if none. */
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

/* Reads a decimal number up to `most`. False if it is none. */
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

static void end_complaint(const char *text)
{
    fprintf(stderr, ", not ");
    output_plain_string(stderr, text);
    fprintf(stderr, "\n");
}

static bool read_value(struct arguments *arguments, enum option option, const char *text)
{
    arguments->texts[option] = text;
    if (options[option].most != 0) {
        uint64_t *number = &arguments->numbers[option];
        const bool may_be_zero = (from_zero >> option & 1) != 0;
        const bool can_be = read_number(text, options[option].most, number) && (*number != 0 || may_be_zero);
        if (!can_be) {
            fprintf(stderr, "tjob %s: %s takes a number from %d to %" PRIu64, arguments->verb->name,
                    options[option].name, may_be_zero ? 0 : 1, options[option].most);
            end_complaint(text);
        }
        return can_be;
    }
    if (strchr(options[option].value, '|') != NULL) {
        const int choice = choice_of(options[option].value, text);
        arguments->choices[option] = choice > 0 ? (unsigned)choice : 0;
        if (choice < 0) {
            fprintf(stderr, "tjob %s: %s takes one of %s", arguments->verb->name, options[option].name,
                    options[option].value);
            end_complaint(text);
        }
        return choice >= 0;
    }
    return true;
}

/* ---- The command line ------------------------------------------------------------------------------------------ */

static bool takes(const struct verb *verb, int option)
{
    return ((verb->required | verb->optional) >> option & 1) != 0;
}

/* The option of this name that a verb takes. */
static enum option option_of(const struct verb *verb, const char *name)
{
    int option = 0;
    while (option < OPTION_COUNT && !(takes(verb, option) && strcmp(options[option].name, name) == 0)) {
        option++;
    }
    return (enum option)option;
}

/* Reads an option and its value; tells how many words it took, 0 after a complaint. */
static int read_option(struct arguments *arguments, int argc, char **argv)
{
    const struct verb *verb = arguments->verb;
    const enum option option = option_of(verb, argv[0]);
    if (option == OPTION_COUNT) {
        return complain(verb, "takes no", argv[0]);
    }
    if (arguments->texts[option] != NULL) {
        return complain(verb, "given twice:", argv[0]);
    }
    if (options[option].value[0] == '\0') {
        arguments->texts[option] = argv[0];
        return 1;
    }
    if (argc < 2) {
        return complain(verb, "nothing follows", argv[0]);
    }
    return read_value(arguments, option, argv[1]) ? 2 : 0;
}

static bool read_operand(struct arguments *arguments, const char *word)
{
    const struct verb *verb = arguments->verb;
    for (int i = 0; i < OPERANDS_MAX && verb->operands[i] != NULL; i++) {
        if (arguments->operands[i] != NULL) {
            continue;
        }
        arguments->operands[i] = word;
        if (strchr(verb->operands[i], '|') == NULL) {
            return true;
        }
        const int choice = choice_of(verb->operands[i], word);
        arguments->operand_choice = choice > 0 ? (unsigned)choice : 0;
        return choice >= 0 || complain(verb, "takes one of", verb->operands[i]);
    }
    return complain(verb, "too much:", word);
}

static bool is_complete(const struct arguments *arguments)
{
    const struct verb *verb = arguments->verb;
    for (int i = 0; i < OPERANDS_MAX && verb->operands[i] != NULL; i++) {
        if (arguments->operands[i] == NULL && verb->operands[i][0] != '[') {
            return complain(verb, "missing:", verb->operands[i]);
        }
    }
    for (int option = 0; option < OPTION_COUNT; option++) {
        if ((verb->required >> option & 1) != 0 && arguments->texts[option] == NULL) {
            return complain(verb, "missing:", options[option].name);
        }
    }
    return true;
}

bool arguments_read(struct arguments *arguments, const struct verb *verb, int argc, char **argv)
{
    *arguments = (struct arguments){.verb = verb};
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

/* What stands for the value of an option: a list that is long has a name. */
static const char *value_name(int option)
{
    return option == OPTION_STATE ? "STATE" : options[option].value;
}

void arguments_print_usage(FILE *out, const struct verb *verb)
{
    fprintf(out, "  tjob %s", verb->name);
    for (int i = 0; i < OPERANDS_MAX && verb->operands[i] != NULL; i++) {
        fprintf(out, " %s", verb->operands[i]);
    }
    for (int option = 0; option < OPTION_COUNT; option++) {
        const bool required = (verb->required >> option & 1) != 0;
        const char *value = value_name(option);
        if (takes(verb, option)) {
            fprintf(out, " %s%s%s%s%s", required ? "" : "[", options[option].name, value[0] != '\0' ? " " : "", value,
                    required ? "" : "]");
        }
    }
    fprintf(out, "\n      %s\n", verb->summary);
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
