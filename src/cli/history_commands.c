/* tjob history check: checks a log of calls with the history checker. */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/call_log_file.h"
#include "cli/session.h"
#include "cli/commands.h"

enum { CHECKER_BYTES = 16 << 20 };

/* Up to this many calls of a sub-history that report no change are printed one by one. */
enum { SILENT_PRINTED_MAX = 3 };

struct history_check {
    const struct arguments *arguments;
    const struct call_log *log;
    tjob_history_checker checker;
    void *memory;
    tjob_call *calls; /* of one job */
    uint32_t *sub_history;
    tjob_history_verdict *verdicts; /* of each job */
    bool json;
    size_t counts[TJOB_MALFORMED + 1]; /* of jobs, by verdict */
};

/* ---- Output ---------------------------------------------------------------------------------------------------- */

static const char *changed_text(const tjob_call *call)
{
    static const char *const texts[] = {", unchanged", ", changed", ", possibly changed"};
    return (call->known & TJOB_KNOWN_CHANGED) != 0 ? texts[call->outcome.changed] : "";
}

static void print_record(const tjob_job *job)
{
    printf("        ");
    session_print_job_json(job);
    printf("\n");
}

static void print_token(const char *name, uint64_t token)
{
    if (token != 0) {
        printf(", %s %" PRIu64, name, token);
    }
}

/* Prints a word and a name, if it is known. */
static void print_known(bool known, const char *word, const char *name)
{
    if (known) {
        printf("%s%s", word, name);
    }
}

static void print_call(const struct logged_call *logged)
{
    const tjob_call *call = &logged->call;
    printf("  lines %zu to %zu: %s", logged->invoked_line, logged->answered_line,
           tjob_event_kind_name((tjob_event_kind)call->event.kind));
    print_token("incarnation", call->event.incarnation);
    print_token("trainer_token", call->event.trainer_token);
    print_token("token", call->event.token);
    printf(": %s%s", tjob_status_name(call->outcome.status), changed_text(call));
    print_known((call->known & TJOB_KNOWN_BEFORE) != 0, ", before ", tjob_state_name(call->outcome.before));
    print_known((call->known & TJOB_KNOWN_AFTER) != 0, ", after ", tjob_state_name(call->outcome.after));
    printf("\n");
    if ((call->known & TJOB_KNOWN_JOB) != 0 && call->outcome.job.state != TJOB_ABSENT) {
        print_record(&call->outcome.job);
    }
}

/* Whether a call reports only that it changed nothing. */
static bool is_silent(const tjob_call *call)
{
    switch (call->outcome.status) {
    case TJOB_OK:
    case TJOB_NOT_FOUND:
    case TJOB_IN_USE:
    case TJOB_STALE:
    case TJOB_WRONG_STATE:
    case TJOB_REFUSED_BY_POLICY:
        return false;
    default:
        return true; /* a call that may have changed something is never in a sub-history */
    }
}

/* Prints the calls of a sub-history; if many of them report no change, prints only their number. */
static void print_sub_history(const struct history_check *check, const struct logged_call *calls,
                              size_t sub_history_count, bool minimal)
{
    size_t silent = 0;
    size_t first_line = SIZE_MAX;
    size_t last_line = 0;
    for (size_t i = 0; i < sub_history_count; i++) {
        const struct logged_call *logged = &calls[check->sub_history[i]];
        if (is_silent(&logged->call)) {
            silent++;
            first_line = logged->invoked_line < first_line ? logged->invoked_line : first_line;
            last_line = logged->answered_line > last_line ? logged->answered_line : last_line;
        }
    }
    for (size_t i = 0; i < sub_history_count; i++) {
        const struct logged_call *logged = &calls[check->sub_history[i]];
        if (silent <= SILENT_PRINTED_MAX || !is_silent(&logged->call)) {
            print_call(logged);
        }
    }
    if (silent > SILENT_PRINTED_MAX) {
        printf("  lines %zu to %zu: %zu calls that report no change%s\n", first_line, last_line, silent,
               minimal ? "; if any one of them made a change, the rest is linearizable" : "");
    }
}

static void print_number_json(const char *name, uint64_t number)
{
    if (number != 0) {
        printf(",\"%s\":\"%" PRIu64 "\"", name, number);
    }
}

static void print_call_json(const struct logged_call *logged)
{
    const tjob_call *call = &logged->call;
    printf("{\"invoked_line\":%zu,\"answered_line\":%zu,\"event\":\"%s\"", logged->invoked_line, logged->answered_line,
           tjob_event_kind_name((tjob_event_kind)call->event.kind));
    print_number_json("incarnation", call->event.incarnation);
    print_number_json("trainer_token", call->event.trainer_token);
    print_number_json("token", call->event.token);
    printf(",\"status\":\"%s\"", tjob_status_name(call->outcome.status));
    if ((call->known & TJOB_KNOWN_CHANGED) != 0) {
        printf(",\"changed\":\"%s\"", tjob_changed_name(call->outcome.changed));
    }
    printf("}");
}

static void print_arn(const struct history_check *check, const struct logged_call *calls)
{
    const tjob_text arn = call_log_text(check->log, check->log->arns[calls->job]);
    if (check->json) {
        printf("{\"arn\":");
        session_print_quoted(arn);
        return;
    }
    session_print_plain(arn);
}

/* Prints the verdict of one job. */
static void print_verdict(const struct history_check *check, const struct logged_call *calls,
                          const tjob_history_result *result)
{
    const bool malformed = result->verdict == TJOB_MALFORMED;
    const bool bounded = result->bound != TJOB_BOUND_NONE;
    print_arn(check, calls);
    if (check->json) {
        printf(",\"verdict\":\"%s\"", tjob_history_verdict_name(result->verdict));
        if (bounded) {
            printf(",\"bound\":\"%s\"", tjob_bound_name(result->bound));
        }
        if (malformed) {
            printf(",\"line\":%zu", calls[result->at].invoked_line);
        }
        printf("}\n");
        return;
    }
    printf(": %s", tjob_history_verdict_name(result->verdict));
    print_known(bounded, ": too many ", tjob_bound_name(result->bound));
    if (malformed) {
        const struct logged_call *wrong = &calls[result->at];
        printf(": the call invoked in line %zu %s", wrong->invoked_line,
               wrong->call.answered < wrong->call.invoked ? "was answered before it was invoked"
                                                          : "has an invalid event or answer");
    }
    printf("\n");
}

/* Prints a sub-history of one job that is not linearizable. */
static void print_explanation(const struct history_check *check, const struct logged_call *calls, bool minimal,
                              size_t sub_history_count)
{
    print_arn(check, calls);
    if (check->json) {
        printf(",\"minimal\":%s,\"sub_history\":[", minimal ? "true" : "false");
        for (size_t i = 0; i < sub_history_count; i++) {
            printf("%s", i != 0 ? "," : "");
            print_call_json(&calls[check->sub_history[i]]);
        }
        printf("]}\n");
        return;
    }
    printf(minimal ? ": not linearizable: minimal sub-history of %zu call%s:\n"
                   : ": not linearizable: sub-history of %zu call%s, not minimized:\n",
           sub_history_count, sub_history_count == 1 ? "" : "s");
    print_sub_history(check, calls, sub_history_count, minimal);
}

static void print_summary(const struct history_check *check)
{
    const size_t *counts = check->counts;
    const size_t cut_line = check->log->cut_line;
    if (check->json) {
        printf("{\"calls\":%zu,\"jobs\":%zu,\"linearizable\":%zu,\"not_linearizable\":%zu,\"inconclusive\":%zu,"
               "\"malformed\":%zu",
               check->log->count, check->log->jobs, counts[TJOB_LINEARIZABLE], counts[TJOB_NOT_LINEARIZABLE],
               counts[TJOB_INCONCLUSIVE], counts[TJOB_MALFORMED]);
        if (cut_line != 0) {
            printf(",\"cut_line\":%zu", cut_line);
        }
        printf("}\n");
        return;
    }
    if (cut_line != 0) {
        printf("line %zu, the last one, is incomplete and was ignored\n", cut_line);
    }
    printf("%zu calls of %zu jobs: %zu linearizable, %zu not linearizable, %zu inconclusive, %zu malformed\n",
           check->log->count, check->log->jobs, counts[TJOB_LINEARIZABLE], counts[TJOB_NOT_LINEARIZABLE],
           counts[TJOB_INCONCLUSIVE], counts[TJOB_MALFORMED]);
}

/* ---- The check ------------------------------------------------------------------------------------------------- */

/* Copies the calls of the job whose first call is `begin`; returns their number. */
static size_t take_job(struct history_check *check, size_t begin)
{
    const struct logged_call *calls = check->log->calls + begin;
    const size_t left = check->log->count - begin;
    size_t count = 0;
    for (; count < left && calls[count].job == calls[0].job; count++) {
        check->calls[count] = calls[count].call;
    }
    return count;
}

static void check_jobs(struct history_check *check)
{
    for (size_t begin = 0, count; begin < check->log->count; begin += count) {
        const struct logged_call *calls = check->log->calls + begin;
        count = take_job(check, begin);
        const tjob_history_result result = tjob_history_check(&check->checker, check->calls, count);
        check->verdicts[calls->job] = result.verdict;
        check->counts[result.verdict]++;
        if (result.verdict != TJOB_LINEARIZABLE) {
            print_verdict(check, calls, &result);
        }
    }
    print_summary(check);
}

/* Verdicts are fast and explanations are slow, so all verdicts are printed first. */
static void explain_jobs(struct history_check *check)
{
    fflush(stdout);
    for (size_t begin = 0, count; begin < check->log->count; begin += count) {
        const struct logged_call *calls = check->log->calls + begin;
        count = take_job(check, begin);
        if (check->verdicts[calls->job] == TJOB_NOT_LINEARIZABLE) {
            tjob_history_result result;
            const size_t sub_history_count =
                tjob_history_explain(&check->checker, NULL, check->calls, count, check->sub_history, &result);
            print_explanation(check, calls, result.minimal, sub_history_count);
        }
    }
}

static bool history_check_set_up(struct history_check *check)
{
    const struct arguments *arguments = check->arguments;
    const size_t count = check->log->count + 1;
    const tjob_policy policy = {
        .stop_timeout_ms = arguments->numbers[OPTION_STOP_TIMEOUT],
        .stop_submitted = arguments->choices[OPTION_STOP_SUBMITTED],
        .stop_finished = arguments->choices[OPTION_STOP_FINISHED],
    };
    check->json = arguments->texts[OPTION_JSON] != NULL;
    check->memory = malloc(CHECKER_BYTES);
    check->calls = malloc(count * sizeof *check->calls);
    check->sub_history = malloc(count * sizeof *check->sub_history);
    check->verdicts = malloc(count * sizeof *check->verdicts);
    if (check->memory == NULL || check->calls == NULL || check->sub_history == NULL || check->verdicts == NULL) {
        fprintf(stderr, "tjob %s: out of memory\n", arguments->command->name);
        return false;
    }
    return tjob_history_checker_init(&check->checker, check->memory, CHECKER_BYTES, &policy) == TJOB_OK;
}

int command_history_check(const struct arguments *arguments)
{
    struct call_log log;
    struct history_check check = {.arguments = arguments, .log = &log};
    int code = EXIT_STORAGE;
    if (call_log_read(&log, arguments->operands[0], arguments->command->name) && history_check_set_up(&check)) {
        check_jobs(&check);
        if (arguments->texts[OPTION_NO_EXPLAIN] == NULL) {
            explain_jobs(&check);
        }
        const bool undecided = check.counts[TJOB_INCONCLUSIVE] + check.counts[TJOB_MALFORMED] != 0;
        code = check.counts[TJOB_NOT_LINEARIZABLE] != 0 ? EXIT_SERVICE : undecided ? EXIT_STORAGE : EXIT_DONE;
    }
    free(check.memory);
    free(check.calls);
    free(check.sub_history);
    free(check.verdicts);
    call_log_free(&log);
    return code;
}
