/* The history checker on a log: the verdict of each job, and a minimal sub-history where it is not linearizable. */
#include <string.h>

#include "cli/call_log.h"
#include "page/page.h"
#include "page/parameters.h"

enum judge_parameter { JUDGE_STOP_SUBMITTED, JUDGE_STOP_FINISHED, JUDGE_STOP_TIMEOUT, JUDGE_EXPLAIN };

enum { JUDGE_CHECKER_BYTES = 16 << 20 };

static const char *judge_explain_word(unsigned number)
{
    static const char *const words[] = {"yes", "no", NULL};
    return words[number];
}

const struct page_parameter tjob__judge_parameters[JUDGE_PARAMETER_COUNT] = {
    [JUDGE_STOP_SUBMITTED] = {"stop-submitted", 0, 0, 0, tjob__page_stop_submitted_word},
    [JUDGE_STOP_FINISHED] = {"stop-finished", 0, 0, 0, tjob__page_stop_finished_word},
    [JUDGE_STOP_TIMEOUT] = {"stop-timeout-ms", 1, UINT64_MAX, TJOB_STOP_TIMEOUT_MS_DEFAULT, NULL},
    [JUDGE_EXPLAIN] = {"explain", 0, 0, 0, judge_explain_word},
};

/* A log that is being judged. */
struct judge {
    struct page_space *space;
    struct page_json *json;
    struct call_log log;
    tjob_history_checker checker;
    tjob_call *calls;      /* of one job */
    uint32_t *sub_history; /* of one job */
    bool explains;
    uint64_t taken; /* bytes of memory */
    uint32_t counts[TJOB_MALFORMED + 1];
};

/* ---- The log --------------------------------------------------------------------------------------------------- */

static void *judge_take(struct judge *judge, uint64_t bytes)
{
    judge->taken += bytes;
    return judge->space->take(judge->space, bytes);
}

/* Nothing is given back: the arrays of a log double, so that all of them together are twice the last. */
static void *judge_resize(void *context, void *old, size_t old_bytes, size_t bytes)
{
    void *resized = bytes != 0 ? judge_take(context, bytes) : NULL;
    if (resized != NULL && old != NULL) {
        memcpy(resized, old, old_bytes);
    }
    return resized;
}

/* Returns the text up to the first newline, and removes both from the rest. Sets *is_last if there is no newline. */
static tjob_text judge_line(tjob_text *rest, bool *is_last)
{
    tjob_text line = {rest->data, 0};
    while (line.bytes < rest->bytes && line.data[line.bytes] != '\n') {
        line.bytes++;
    }
    *is_last = line.bytes == rest->bytes;
    const size_t used = line.bytes + (*is_last ? 0 : 1);
    *rest = (tjob_text){rest->data + used, rest->bytes - used};
    return line;
}

static bool judge_read_log(struct judge *judge, tjob_text text, struct call_log_error *error)
{
    call_log_begin(&judge->log, judge_resize, judge);
    while (text.bytes != 0) {
        bool is_last;
        const tjob_text line = judge_line(&text, &is_last);
        if (!call_log_add(&judge->log, line, is_last, error)) {
            return false;
        }
    }
    return call_log_end(&judge->log, error);
}

static void judge_error_json(struct page_json *json, const struct call_log_error *error)
{
    json->writer.bytes = 0;
    json->follows = false;
    tjob__page_open(json, '{');
    tjob__page_name(json, "error");
    tjob__page_open(json, '{');
    tjob__page_member_count(json, "line", (uint32_t)error->line);
    if (error->of_member) {
        tjob__page_member_count(json, "at", (uint32_t)error->offset);
    }
    tjob__page_name(json, "message");
    tjob__page_string(json, "");
    json->writer.bytes--; /* the text goes on before its closing quote */
    if (error->of_member) {
        tjob__json_write_string(&json->writer, error->member[0] != '\0' ? error->member : "the line");
        tjob__json_write_byte(&json->writer, ' ');
    }
    tjob__json_write_string(&json->writer, error->what);
    tjob__json_write_byte(&json->writer, '"');
    tjob__page_close(json, '}');
    tjob__page_close(json, '}');
}

static void judge_swap(struct logged_call *a, struct logged_call *b)
{
    const struct logged_call kept = *a;
    *a = *b;
    *b = kept;
}

/* Lets a call sink to where it belongs in a heap. */
static void judge_sink(struct logged_call *calls, size_t at, size_t count)
{
    for (;;) {
        size_t largest = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++) {
            largest = call_log_compare(&calls[child], &calls[largest]) > 0 ? child : largest;
        }
        if (largest == at) {
            return;
        }
        judge_swap(&calls[at], &calls[largest]);
        at = largest;
    }
}

/* Sorts the calls: the heapsort of Williams and Floyd (1964). */
static void judge_sort(struct logged_call *calls, size_t count)
{
    for (size_t i = count / 2; i-- > 0;) {
        judge_sink(calls, i, count);
    }
    for (size_t end = count; end > 1; end--) {
        judge_swap(&calls[0], &calls[end - 1]);
        judge_sink(calls, 0, end - 1);
    }
}

/* ---- Results --------------------------------------------------------------------------------------------------- */

/* Writes a member that is a string where it is known, else null. */
static void judge_known(struct page_json *json, const char *name, bool known, const char *string)
{
    if (known) {
        tjob__page_member_string(json, name, string);
    } else {
        tjob__page_member_null(json, name);
    }
}

/* Writes a call of a sub-history: it was answered, for a call without an answer contradicts nothing. */
static void judge_call_json(struct page_json *json, const struct logged_call *logged)
{
    const tjob_call *call = &logged->call;
    const uint32_t known = call->known;
    tjob__page_open(json, '{');
    tjob__page_member_count(json, "invoked_line", (uint32_t)logged->invoked_line);
    tjob__page_member_count(json, "answered_line", (uint32_t)logged->answered_line);
    tjob__page_member_decimal(json, "invoked", call->invoked);
    tjob__page_member_decimal(json, "answered", call->answered);
    tjob__page_member_string(json, "event", tjob_event_kind_name((tjob_event_kind)call->event.kind));
    tjob__page_member_decimal(json, "incarnation", call->event.incarnation);
    tjob__page_member_decimal(json, "trainer_token", call->event.trainer_token);
    tjob__page_member_decimal(json, "token", call->event.token);
    tjob__page_member_string(json, "status", tjob_status_name(call->outcome.status));
    judge_known(json, "changed", (known & TJOB_KNOWN_CHANGED) != 0, tjob_changed_name(call->outcome.changed));
    judge_known(json, "before", (known & TJOB_KNOWN_BEFORE) != 0, tjob_state_name(call->outcome.before));
    judge_known(json, "after", (known & TJOB_KNOWN_AFTER) != 0, tjob_state_name(call->outcome.after));
    if ((known & TJOB_KNOWN_JOB) != 0) {
        tjob__page_member_record(json, "job", &call->outcome.job);
    } else {
        tjob__page_member_null(json, "job");
    }
    tjob__page_close(json, '}');
}

/* Writes the minimal sub-history of the calls of one job. */
static void judge_explain(struct judge *judge, const struct logged_call *calls, size_t count)
{
    struct page_json *json = judge->json;
    tjob_history_result result;
    const size_t found = tjob_history_explain(&judge->checker, NULL, judge->calls, count, judge->sub_history, &result);
    tjob__page_member_bool(json, "minimal", result.minimal);
    tjob__page_name(json, "sub_history");
    tjob__page_open(json, '[');
    for (size_t i = 0; i < found; i++) {
        judge_call_json(json, &calls[judge->sub_history[i]]);
    }
    tjob__page_close(json, ']');
}

static void judge_job_json(struct judge *judge, const struct logged_call *calls, size_t count,
                           const tjob_history_result *result)
{
    struct page_json *json = judge->json;
    tjob__page_open(json, '{');
    tjob__page_name(json, "arn");
    tjob__page_text(json, call_log_text(&judge->log, judge->log.arns[calls->job]));
    tjob__page_member_string(json, "verdict", tjob_history_verdict_name(result->verdict));
    judge_known(json, "bound", result->bound != TJOB_BOUND_NONE, tjob_bound_name(result->bound));
    if (result->verdict == TJOB_MALFORMED) {
        tjob__page_member_count(json, "line", (uint32_t)calls[result->at].invoked_line);
    } else {
        tjob__page_member_null(json, "line");
    }
    if (result->verdict == TJOB_NOT_LINEARIZABLE && judge->explains) {
        judge_explain(judge, calls, count);
    } else {
        tjob__page_member_null(json, "minimal");
        tjob__page_member_null(json, "sub_history");
    }
    tjob__page_close(json, '}');
}

/* Copies the calls of the job whose first call is `begin`; returns their number. */
static size_t judge_take_job(struct judge *judge, size_t begin)
{
    const struct logged_call *calls = judge->log.calls + begin;
    const size_t left = judge->log.count - begin;
    size_t count = 0;
    for (; count < left && calls[count].job == calls[0].job; count++) {
        judge->calls[count] = calls[count].call;
    }
    return count;
}

static void judge_result_json(struct judge *judge)
{
    struct page_json *json = judge->json;
    const struct call_log *log = &judge->log;
    tjob__page_open(json, '{');
    tjob__page_name(json, "results");
    tjob__page_open(json, '[');
    for (size_t begin = 0, count; begin < log->count; begin += count) {
        count = judge_take_job(judge, begin);
        const tjob_history_result result = tjob_history_check(&judge->checker, judge->calls, count);
        judge->counts[result.verdict]++;
        if (result.verdict != TJOB_LINEARIZABLE) {
            judge_job_json(judge, log->calls + begin, count, &result);
        }
    }
    tjob__page_close(json, ']');
    tjob__page_member_count(json, "calls", (uint32_t)log->count);
    tjob__page_member_count(json, "jobs", (uint32_t)log->jobs);
    tjob__page_member_count(json, "linearizable", judge->counts[TJOB_LINEARIZABLE]);
    tjob__page_member_count(json, "not_linearizable", judge->counts[TJOB_NOT_LINEARIZABLE]);
    tjob__page_member_count(json, "inconclusive", judge->counts[TJOB_INCONCLUSIVE]);
    tjob__page_member_count(json, "malformed", judge->counts[TJOB_MALFORMED]);
    if (log->cut_line != 0) {
        tjob__page_member_count(json, "cut_line", (uint32_t)log->cut_line);
    } else {
        tjob__page_member_null(json, "cut_line");
    }
    tjob__page_member_decimal(json, "memory_bytes", judge->taken);
    tjob__page_close(json, '}');
}

void tjob__page_judge(struct page_space *space, tjob_text input, struct page_json *json)
{
    uint64_t values[JUDGE_PARAMETER_COUNT];
    struct page_error error;
    struct call_log_error log_error;
    bool is_last;
    tjob_text rest = input;
    const tjob_text parameters = judge_line(&rest, &is_last);
    if (!tjob__page_parameters_read(parameters, 0, tjob__judge_parameters, JUDGE_PARAMETER_COUNT, values, &error)) {
        tjob__page_error_write(json, &error);
        return;
    }
    struct judge judge = {.space = space, .json = json, .explains = values[JUDGE_EXPLAIN] == 0};
    if (!judge_read_log(&judge, rest, &log_error)) {
        judge_error_json(json, &log_error);
        return;
    }
    const size_t count = judge.log.count + 1;
    void *memory = judge_take(&judge, JUDGE_CHECKER_BYTES);
    judge.calls = judge_take(&judge, count * sizeof *judge.calls);
    judge.sub_history = judge_take(&judge, count * sizeof *judge.sub_history);
    if (memory == NULL || judge.calls == NULL || judge.sub_history == NULL) {
        tjob__page_error_memory(json);
        return;
    }
    const tjob_policy policy = {.stop_timeout_ms = values[JUDGE_STOP_TIMEOUT],
                                .stop_submitted = (uint32_t)values[JUDGE_STOP_SUBMITTED],
                                .stop_finished = (uint32_t)values[JUDGE_STOP_FINISHED]};
    (void)tjob_history_checker_init(&judge.checker, memory, JUDGE_CHECKER_BYTES, &policy);
    judge_sort(judge.log.calls, judge.log.count);
    judge_result_json(&judge);
}
