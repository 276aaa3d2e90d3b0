/* The verbs about histories. */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/call_log.h"
#include "cli/session.h"
#include "cli/verbs.h"

enum { JUDGE_BYTES = 16 << 20 };

/* So many calls of a part that say that they changed nothing are printed one by one. */
enum { SILENT_PRINTED_MAX = 3 };

struct liveness {
    const struct arguments *arguments;
    const struct call_log *log;
    tjob_history_checker judge;
    void *memory;
    tjob_call *calls; /* of one job */
    uint32_t *sub_history;
    tjob_history_verdict *verdicts; /* of each job */
    bool json;
    size_t counts[TJOB_MALFORMED + 1]; /* of jobs, by verdict */
};

/* ---- What is printed ------------------------------------------------------------------------------------------- */

static const char *changed_text(const tjob_call *call)
{
    static const char *const texts[] = {", changed nothing", ", changed it", ", perhaps changed it"};
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

/* A name behind a word, if it is told. */
static void print_told(bool known, const char *word, const char *name)
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
    print_told((call->known & TJOB_KNOWN_BEFORE) != 0, ", found ", tjob_state_name(call->outcome.before));
    print_told((call->known & TJOB_KNOWN_AFTER) != 0, ", left ", tjob_state_name(call->outcome.after));
    printf("\n");
    if ((call->known & TJOB_KNOWN_JOB) != 0 && call->outcome.job.state != TJOB_ABSENT) {
        print_record(&call->outcome.job);
    }
}

/* A call that says that it changed nothing, and nothing of the job. */
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
        return true; /* one that may have changed something is in no part */
    }
}

/* Prints the calls of a part; of those that say that they changed nothing, where they are many, how many there are. */
static void print_sub_history(const struct liveness *liveness, const struct logged_call *calls,
                              size_t sub_history_count, bool minimal)
{
    size_t silent = 0;
    size_t first_line = SIZE_MAX;
    size_t last_line = 0;
    for (size_t i = 0; i < sub_history_count; i++) {
        const struct logged_call *logged = &calls[liveness->sub_history[i]];
        if (is_silent(&logged->call)) {
            silent++;
            first_line = logged->invoked_line < first_line ? logged->invoked_line : first_line;
            last_line = logged->answered_line > last_line ? logged->answered_line : last_line;
        }
    }
    for (size_t i = 0; i < sub_history_count; i++) {
        const struct logged_call *logged = &calls[liveness->sub_history[i]];
        if (silent <= SILENT_PRINTED_MAX || !is_silent(&logged->call)) {
            print_call(logged);
        }
    }
    if (silent > SILENT_PRINTED_MAX) {
        printf("  lines %zu to %zu: %zu calls that say that they changed nothing%s\n", first_line, last_line, silent,
               minimal ? "; if any one of them did, the rest is linearizable" : "");
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
    static const char *const changed[] = {"no", "yes", "unknown"};
    const tjob_call *call = &logged->call;
    printf("{\"invoked_line\":%zu,\"answered_line\":%zu,\"event\":\"%s\"", logged->invoked_line, logged->answered_line,
           tjob_event_kind_name((tjob_event_kind)call->event.kind));
    print_number_json("incarnation", call->event.incarnation);
    print_number_json("trainer_token", call->event.trainer_token);
    print_number_json("token", call->event.token);
    printf(",\"status\":\"%s\"", tjob_status_name(call->outcome.status));
    if ((call->known & TJOB_KNOWN_CHANGED) != 0) {
        printf(",\"changed\":\"%s\"", changed[call->outcome.changed]);
    }
    printf("}");
}

static void print_arn(const struct liveness *liveness, const struct logged_call *calls)
{
    const tjob_text arn = call_log_text(liveness->log, liveness->log->arns[calls->job]);
    if (liveness->json) {
        printf("{\"arn\":");
        session_print_quoted(arn);
        return;
    }
    session_print_plain(arn);
}

/* The verdict of one job. */
static void print_verdict(const struct liveness *liveness, const struct logged_call *calls,
                          const tjob_history_result *result)
{
    const bool malformed = result->verdict == TJOB_MALFORMED;
    const bool bounded = result->bound != TJOB_BOUND_NONE;
    print_arn(liveness, calls);
    if (liveness->json) {
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
    print_told(bounded, ": too many ", tjob_bound_name(result->bound));
    if (malformed) {
        const struct logged_call *wrong = &calls[result->at];
        printf(": the call invoked in line %zu %s", wrong->invoked_line,
               wrong->call.answered < wrong->call.invoked ? "was answered before it was invoked"
                                                          : "has an event or an answer that is invalid");
    }
    printf("\n");
}

/* Why the calls of one job are not linearizable. */
static void print_explanation(const struct liveness *liveness, const struct logged_call *calls, bool minimal,
                              size_t sub_history_count)
{
    print_arn(liveness, calls);
    if (liveness->json) {
        printf(",\"minimal\":%s,\"part\":[", minimal ? "true" : "false");
        for (size_t i = 0; i < sub_history_count; i++) {
            printf("%s", i != 0 ? "," : "");
            print_call_json(&calls[liveness->sub_history[i]]);
        }
        printf("]}\n");
        return;
    }
    printf(minimal ? ": these contradict each other, whatever the others were answered:\n"
                   : ": these contradict each other; not minimised, some of them may not matter:\n");
    print_sub_history(liveness, calls, sub_history_count, minimal);
}

static void print_summary(const struct liveness *liveness)
{
    const size_t *counts = liveness->counts;
    const size_t cut_line = liveness->log->cut_line;
    if (liveness->json) {
        printf("{\"calls\":%zu,\"jobs\":%zu,\"linearizable\":%zu,\"not_linearizable\":%zu,\"inconclusive\":%zu,"
               "\"malformed\":%zu",
               liveness->log->count, liveness->log->jobs, counts[TJOB_LINEARIZABLE], counts[TJOB_NOT_LINEARIZABLE],
               counts[TJOB_INCONCLUSIVE], counts[TJOB_MALFORMED]);
        if (cut_line != 0) {
            printf(",\"cut_line\":%zu", cut_line);
        }
        printf("}\n");
        return;
    }
    if (cut_line != 0) {
        printf("line %zu, the last one, is cut off and was left out\n", cut_line);
    }
    printf("%zu calls of %zu jobs: %zu linearizable, %zu not linearizable, %zu inconclusive, %zu malformed\n",
           liveness->log->count, liveness->log->jobs, counts[TJOB_LINEARIZABLE], counts[TJOB_NOT_LINEARIZABLE],
           counts[TJOB_INCONCLUSIVE], counts[TJOB_MALFORMED]);
}

/* ---- The judgement --------------------------------------------------------------------------------------------- */

/* Copies the calls of the job whose first one is `begin`; returns how many there are. */
static size_t take_job(struct liveness *liveness, size_t begin)
{
    const struct logged_call *calls = liveness->log->calls + begin;
    const size_t left = liveness->log->count - begin;
    size_t count = 0;
    for (; count < left && calls[count].job == calls[0].job; count++) {
        liveness->calls[count] = calls[count].call;
    }
    return count;
}

static void judge_all(struct liveness *liveness)
{
    for (size_t begin = 0, count; begin < liveness->log->count; begin += count) {
        const struct logged_call *calls = liveness->log->calls + begin;
        count = take_job(liveness, begin);
        const tjob_history_result result = tjob_history_check(&liveness->judge, liveness->calls, count);
        liveness->verdicts[calls->job] = result.verdict;
        liveness->counts[result.verdict]++;
        if (result.verdict != TJOB_LINEARIZABLE) {
            print_verdict(liveness, calls, &result);
        }
    }
    print_summary(liveness);
}

/* Verdicts take no time beside their explanations, so they are there first. */
static void explain_all(struct liveness *liveness)
{
    fflush(stdout);
    for (size_t begin = 0, count; begin < liveness->log->count; begin += count) {
        const struct logged_call *calls = liveness->log->calls + begin;
        count = take_job(liveness, begin);
        if (liveness->verdicts[calls->job] == TJOB_NOT_LINEARIZABLE) {
            tjob_history_result result;
            const size_t sub_history_count =
                tjob_history_explain(&liveness->judge, NULL, liveness->calls, count, liveness->sub_history, &result);
            print_explanation(liveness, calls, result.minimal, sub_history_count);
        }
    }
}

static bool set_up(struct liveness *liveness)
{
    const struct arguments *arguments = liveness->arguments;
    const size_t count = liveness->log->count + 1;
    const tjob_policy policy = {
        .stop_timeout_ms = arguments->numbers[OPTION_STOP_TIMEOUT],
        .stop_submitted = arguments->choices[OPTION_STOP_SUBMITTED],
        .stop_finished = arguments->choices[OPTION_STOP_FINISHED],
    };
    liveness->json = arguments->texts[OPTION_JSON] != NULL;
    liveness->memory = malloc(JUDGE_BYTES);
    liveness->calls = malloc(count * sizeof *liveness->calls);
    liveness->sub_history = malloc(count * sizeof *liveness->sub_history);
    liveness->verdicts = malloc(count * sizeof *liveness->verdicts);
    if (liveness->memory == NULL || liveness->calls == NULL || liveness->sub_history == NULL ||
        liveness->verdicts == NULL) {
        fprintf(stderr, "tjob %s: out of memory\n", arguments->verb->name);
        return false;
    }
    return tjob_history_checker_init(&liveness->judge, liveness->memory, JUDGE_BYTES, &policy) == TJOB_OK;
}

int verb_history_check(const struct arguments *arguments)
{
    struct call_log log;
    struct liveness liveness = {.arguments = arguments, .log = &log};
    int code = EXIT_STORAGE;
    if (call_log_read(&log, arguments->operands[0], arguments->verb->name) && set_up(&liveness)) {
        judge_all(&liveness);
        if (arguments->texts[OPTION_NO_EXPLAIN] == NULL) {
            explain_all(&liveness);
        }
        const bool unsaid = liveness.counts[TJOB_INCONCLUSIVE] + liveness.counts[TJOB_MALFORMED] != 0;
        code = liveness.counts[TJOB_NOT_LINEARIZABLE] != 0 ? EXIT_SERVICE : unsaid ? EXIT_STORAGE : EXIT_DONE;
    }
    free(liveness.memory);
    free(liveness.calls);
    free(liveness.sub_history);
    free(liveness.verdicts);
    call_log_free(&log);
    return code;
}
