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

struct judgement {
    const struct arguments *arguments;
    const struct call_log *log;
    tjob_history judge;
    void *memory;
    tjob_call *calls; /* of one job */
    uint32_t *part;
    tjob_history_verdict *verdicts; /* of each job */
    bool json;
    size_t counts[TJOB_MALFORMED + 1]; /* of jobs, by verdict */
};

/* ---- What is printed ------------------------------------------------------------------------------------------- */

static const char *changed_text(const tjob_call *call)
{
    static const char *const texts[] = {", changed nothing", ", changed it", ", perhaps changed it"};
    return (call->told & TJOB_TOLD_CHANGED) != 0 ? texts[call->outcome.changed] : "";
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
static void print_told(bool told, const char *word, const char *name)
{
    if (told) {
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
    print_told((call->told & TJOB_TOLD_BEFORE) != 0, ", found ", tjob_state_name(call->outcome.before));
    print_told((call->told & TJOB_TOLD_AFTER) != 0, ", left ", tjob_state_name(call->outcome.after));
    printf("\n");
    if ((call->told & TJOB_TOLD_JOB) != 0 && call->outcome.job.state != TJOB_ABSENT) {
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
static void print_part(const struct judgement *judgement, const struct logged_call *calls, size_t part_count,
                       bool minimal)
{
    size_t silent = 0;
    size_t first_line = SIZE_MAX;
    size_t last_line = 0;
    for (size_t i = 0; i < part_count; i++) {
        const struct logged_call *logged = &calls[judgement->part[i]];
        if (is_silent(&logged->call)) {
            silent++;
            first_line = logged->invoked_line < first_line ? logged->invoked_line : first_line;
            last_line = logged->answered_line > last_line ? logged->answered_line : last_line;
        }
    }
    for (size_t i = 0; i < part_count; i++) {
        const struct logged_call *logged = &calls[judgement->part[i]];
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
    if ((call->told & TJOB_TOLD_CHANGED) != 0) {
        printf(",\"changed\":\"%s\"", changed[call->outcome.changed]);
    }
    printf("}");
}

static void print_arn(const struct judgement *judgement, const struct logged_call *calls)
{
    const tjob_text arn = call_log_text(judgement->log, judgement->log->arns[calls->job]);
    if (judgement->json) {
        printf("{\"arn\":");
        session_print_quoted(arn);
        return;
    }
    session_print_plain(arn);
}

/* The verdict of one job. */
static void print_verdict(const struct judgement *judgement, const struct logged_call *calls,
                          const tjob_finding *finding)
{
    const bool malformed = finding->verdict == TJOB_MALFORMED;
    const bool bounded = finding->bound != TJOB_BOUND_NONE;
    print_arn(judgement, calls);
    if (judgement->json) {
        printf(",\"verdict\":\"%s\"", tjob_history_verdict_name(finding->verdict));
        if (bounded) {
            printf(",\"bound\":\"%s\"", tjob_bound_name(finding->bound));
        }
        if (malformed) {
            printf(",\"line\":%zu", calls[finding->at].invoked_line);
        }
        printf("}\n");
        return;
    }
    printf(": %s", tjob_history_verdict_name(finding->verdict));
    print_told(bounded, ": too many ", tjob_bound_name(finding->bound));
    if (malformed) {
        const struct logged_call *wrong = &calls[finding->at];
        printf(": the call invoked in line %zu %s", wrong->invoked_line,
               wrong->call.answered < wrong->call.invoked ? "was answered before it was invoked"
                                                          : "has an event or an answer that is invalid");
    }
    printf("\n");
}

/* Why the calls of one job are not linearizable. */
static void print_explanation(const struct judgement *judgement, const struct logged_call *calls, bool minimal,
                              size_t part_count)
{
    print_arn(judgement, calls);
    if (judgement->json) {
        printf(",\"minimal\":%s,\"part\":[", minimal ? "true" : "false");
        for (size_t i = 0; i < part_count; i++) {
            printf("%s", i != 0 ? "," : "");
            print_call_json(&calls[judgement->part[i]]);
        }
        printf("]}\n");
        return;
    }
    printf(minimal ? ": these contradict each other, whatever the others were answered:\n"
                   : ": these contradict each other; not minimised, some of them may not matter:\n");
    print_part(judgement, calls, part_count, minimal);
}

static void print_summary(const struct judgement *judgement)
{
    const size_t *counts = judgement->counts;
    const size_t cut_line = judgement->log->cut_line;
    if (judgement->json) {
        printf("{\"calls\":%zu,\"jobs\":%zu,\"linearizable\":%zu,\"not_linearizable\":%zu,\"inconclusive\":%zu,"
               "\"malformed\":%zu",
               judgement->log->count, judgement->log->jobs, counts[TJOB_LINEARIZABLE], counts[TJOB_NOT_LINEARIZABLE],
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
           judgement->log->count, judgement->log->jobs, counts[TJOB_LINEARIZABLE], counts[TJOB_NOT_LINEARIZABLE],
           counts[TJOB_INCONCLUSIVE], counts[TJOB_MALFORMED]);
}

/* ---- The judgement --------------------------------------------------------------------------------------------- */

/* Copies the calls of the job whose first one is `begin`; returns how many there are. */
static size_t take_job(struct judgement *judgement, size_t begin)
{
    const struct logged_call *calls = judgement->log->calls + begin;
    const size_t left = judgement->log->count - begin;
    size_t count = 0;
    for (; count < left && calls[count].job == calls[0].job; count++) {
        judgement->calls[count] = calls[count].call;
    }
    return count;
}

static void judge_all(struct judgement *judgement)
{
    for (size_t begin = 0, count; begin < judgement->log->count; begin += count) {
        const struct logged_call *calls = judgement->log->calls + begin;
        count = take_job(judgement, begin);
        const tjob_finding finding = tjob_history_check(&judgement->judge, judgement->calls, count);
        judgement->verdicts[calls->job] = finding.verdict;
        judgement->counts[finding.verdict]++;
        if (finding.verdict != TJOB_LINEARIZABLE) {
            print_verdict(judgement, calls, &finding);
        }
    }
    print_summary(judgement);
}

/* Verdicts take no time beside their explanations, so they are there first. */
static void explain_all(struct judgement *judgement)
{
    fflush(stdout);
    for (size_t begin = 0, count; begin < judgement->log->count; begin += count) {
        const struct logged_call *calls = judgement->log->calls + begin;
        count = take_job(judgement, begin);
        if (judgement->verdicts[calls->job] == TJOB_NOT_LINEARIZABLE) {
            tjob_finding finding;
            const size_t part_count =
                tjob_history_explain(&judgement->judge, NULL, judgement->calls, count, judgement->part, &finding);
            print_explanation(judgement, calls, finding.minimal, part_count);
        }
    }
}

static bool set_up(struct judgement *judgement)
{
    const struct arguments *arguments = judgement->arguments;
    const size_t count = judgement->log->count + 1;
    const tjob_policy policy = {
        .stop_timeout_ms = arguments->numbers[OPTION_STOP_TIMEOUT],
        .stop_submitted = arguments->choices[OPTION_STOP_SUBMITTED],
        .stop_finished = arguments->choices[OPTION_STOP_FINISHED],
    };
    judgement->json = arguments->texts[OPTION_JSON] != NULL;
    judgement->memory = malloc(JUDGE_BYTES);
    judgement->calls = malloc(count * sizeof *judgement->calls);
    judgement->part = malloc(count * sizeof *judgement->part);
    judgement->verdicts = malloc(count * sizeof *judgement->verdicts);
    if (judgement->memory == NULL || judgement->calls == NULL || judgement->part == NULL ||
        judgement->verdicts == NULL) {
        fprintf(stderr, "tjob %s: out of memory\n", arguments->verb->name);
        return false;
    }
    return tjob_history_init(&judgement->judge, judgement->memory, JUDGE_BYTES, &policy) == TJOB_OK;
}

int verb_history_check(const struct arguments *arguments)
{
    struct call_log log;
    struct judgement judgement = {.arguments = arguments, .log = &log};
    int code = EXIT_STORAGE;
    if (call_log_read(&log, arguments->operands[0], arguments->verb->name) && set_up(&judgement)) {
        judge_all(&judgement);
        if (arguments->texts[OPTION_NO_EXPLAIN] == NULL) {
            explain_all(&judgement);
        }
        const bool unsaid = judgement.counts[TJOB_INCONCLUSIVE] + judgement.counts[TJOB_MALFORMED] != 0;
        code = judgement.counts[TJOB_NOT_LINEARIZABLE] != 0 ? EXIT_SERVICE : unsaid ? EXIT_STORAGE : EXIT_DONE;
    }
    free(judgement.memory);
    free(judgement.calls);
    free(judgement.part);
    free(judgement.verdicts);
    call_log_free(&log);
    return code;
}
