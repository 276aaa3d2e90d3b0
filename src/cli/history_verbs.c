/* The verbs about histories. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/call_log.h"
#include "cli/session.h"
#include "cli/verbs.h"

enum { JUDGE_BYTES = 16 << 20 };

struct judgement {
    const struct arguments *arguments;
    const struct call_log *log;
    tjob_history judge;
    void *memory;
    tjob_call *calls; /* of one job */
    uint32_t *part;
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
    print_token("life", call->event.life);
    print_token("worker", call->event.worker);
    print_token("token", call->event.token);
    printf(": %s%s", tjob_status_name(call->outcome.status), changed_text(call));
    print_told((call->told & TJOB_TOLD_BEFORE) != 0, ", found ", tjob_state_name(call->outcome.before));
    print_told((call->told & TJOB_TOLD_AFTER) != 0, ", left ", tjob_state_name(call->outcome.after));
    printf("\n");
    if ((call->told & TJOB_TOLD_JOB) != 0 && call->outcome.job.state != TJOB_ABSENT) {
        print_record(&call->outcome.job);
    }
}

static void print_call_json(const struct logged_call *logged)
{
    printf("{\"invoked_line\":%zu,\"answered_line\":%zu,\"event\":\"%s\",\"status\":\"%s\"}", logged->invoked_line,
           logged->answered_line, tjob_event_kind_name((tjob_event_kind)logged->call.event.kind),
           tjob_status_name(logged->call.outcome.status));
}

/* Tells what is the matter with one job. */
static void print_finding(const struct judgement *judgement, const struct logged_call *calls,
                          const tjob_finding *finding, size_t part_count)
{
    const tjob_text arn = call_log_text(judgement->log, judgement->log->arns[calls->job]);
    const bool malformed = finding->verdict == TJOB_MALFORMED;
    const bool bounded = finding->bound != TJOB_BOUND_NONE;
    if (judgement->json) {
        printf("{\"arn\":");
        session_print_quoted(arn);
        printf(",\"verdict\":\"%s\"", tjob_history_verdict_name(finding->verdict));
        if (bounded) {
            printf(",\"bound\":\"%s\"", tjob_bound_name(finding->bound));
        }
        if (malformed) {
            printf(",\"line\":%zu", calls[finding->at].invoked_line);
        }
        printf(",\"part\":[");
        for (size_t i = 0; i < part_count; i++) {
            printf("%s", i != 0 ? "," : "");
            print_call_json(&calls[judgement->part[i]]);
        }
        printf("]}\n");
        return;
    }
    session_print_plain(arn);
    printf(": %s", tjob_history_verdict_name(finding->verdict));
    print_told(bounded, ": too many ", tjob_bound_name(finding->bound));
    if (malformed) {
        printf(": the call invoked in line %zu cannot be", calls[finding->at].invoked_line);
    }
    printf(part_count != 0 ? "; these cannot all be, whatever else happened:\n" : "\n");
    for (size_t i = 0; i < part_count; i++) {
        print_call(&calls[judgement->part[i]]);
    }
}

static void print_summary(const struct judgement *judgement)
{
    const size_t *counts = judgement->counts;
    if (judgement->json) {
        printf("{\"calls\":%zu,\"jobs\":%zu,\"linearizable\":%zu,\"not_linearizable\":%zu,\"inconclusive\":%zu,"
               "\"malformed\":%zu}\n",
               judgement->log->count, judgement->log->jobs, counts[TJOB_LINEARIZABLE], counts[TJOB_NOT_LINEARIZABLE],
               counts[TJOB_INCONCLUSIVE], counts[TJOB_MALFORMED]);
        return;
    }
    printf("%zu calls of %zu jobs: %zu linearizable, %zu not linearizable, %zu inconclusive, %zu malformed\n",
           judgement->log->count, judgement->log->jobs, counts[TJOB_LINEARIZABLE], counts[TJOB_NOT_LINEARIZABLE],
           counts[TJOB_INCONCLUSIVE], counts[TJOB_MALFORMED]);
}

/* ---- The judgement --------------------------------------------------------------------------------------------- */

static void judge_job(struct judgement *judgement, const struct logged_call *calls, size_t count)
{
    tjob_finding finding;
    for (size_t i = 0; i < count; i++) {
        judgement->calls[i] = calls[i].call;
    }
    const size_t part_count =
        tjob_history_explain(&judgement->judge, NULL, judgement->calls, count, judgement->part, &finding);
    judgement->counts[finding.verdict]++;
    if (finding.verdict != TJOB_LINEARIZABLE) {
        print_finding(judgement, calls, &finding, part_count);
    }
}

static void judge_all(struct judgement *judgement)
{
    const struct logged_call *calls = judgement->log->calls;
    for (size_t begin = 0, end; begin < judgement->log->count; begin = end) {
        for (end = begin; end < judgement->log->count && calls[end].job == calls[begin].job;) {
            end++;
        }
        judge_job(judgement, calls + begin, end - begin);
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
    return judgement->memory != NULL && judgement->calls != NULL && judgement->part != NULL &&
           tjob_history_init(&judgement->judge, judgement->memory, JUDGE_BYTES, &policy) == TJOB_OK;
}

int verb_history_check(const struct arguments *arguments)
{
    struct call_log log;
    struct judgement judgement = {.arguments = arguments, .log = &log};
    int code = EXIT_STORAGE;
    if (call_log_read(&log, arguments->operands[0], arguments->verb->name) && set_up(&judgement)) {
        judge_all(&judgement);
        print_summary(&judgement);
        const bool unsaid = judgement.counts[TJOB_INCONCLUSIVE] + judgement.counts[TJOB_MALFORMED] != 0;
        code = judgement.counts[TJOB_NOT_LINEARIZABLE] != 0 ? EXIT_SERVICE : unsaid ? EXIT_STORAGE : EXIT_DONE;
    }
    free(judgement.memory);
    free(judgement.calls);
    free(judgement.part);
    call_log_free(&log);
    return code;
}
