/* The history checker on a log: the verdict of each job, and a minimal sub-history where it is not linearizable. */
#include <string.h>

#include "cli/call_log.h"
#include "page/page.h"
#include "page/parameters.h"

enum history_parameter { HISTORY_STOP_SUBMITTED, HISTORY_STOP_FINISHED, HISTORY_STOP_TIMEOUT, HISTORY_EXPLAIN };

enum { HISTORY_CHECKER_BYTES = 16 << 20 };

static const char *history_explain_word(unsigned number)
{
    static const char *const words[] = {"yes", "no", NULL};
    return words[number];
}

const struct page_parameter tjob__history_parameters[HISTORY_PARAMETER_COUNT] = {
    [HISTORY_STOP_SUBMITTED] = {"stop-submitted", 0, 0, 0, tjob__page_stop_submitted_word},
    [HISTORY_STOP_FINISHED] = {"stop-finished", 0, 0, 0, tjob__page_stop_finished_word},
    [HISTORY_STOP_TIMEOUT] = {"stop-timeout-ms", 1, UINT64_MAX, TJOB_STOP_TIMEOUT_MS_DEFAULT, NULL},
    [HISTORY_EXPLAIN] = {"explain", 0, 0, 0, history_explain_word},
};

/* A log that is being checked. */
struct page_history {
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

static void *history_take(struct page_history *history, uint64_t bytes)
{
    history->taken += bytes;
    return history->space->take(history->space, bytes);
}

/* Nothing is given back: the arrays of a log double, so that all of them together are twice the last. */
static void *history_resize(void *context, void *old, size_t old_bytes, size_t bytes)
{
    void *resized = bytes != 0 ? history_take(context, bytes) : NULL;
    if (resized != NULL && old != NULL) {
        memcpy(resized, old, old_bytes);
    }
    return resized;
}

/* Returns the text up to the first newline, and removes both from the rest. Sets *is_last if there is no newline. */
static tjob_text history_line(tjob_text *rest, bool *is_last)
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

static bool history_read_log(struct page_history *history, tjob_text text, struct call_log_error *error)
{
    call_log_begin(&history->log, history_resize, history);
    while (text.bytes != 0) {
        bool is_last;
        const tjob_text line = history_line(&text, &is_last);
        if (!call_log_add(&history->log, line, is_last, error)) {
            return false;
        }
    }
    return call_log_end(&history->log, error);
}

static void history_error_json(struct page_json *json, const struct call_log_error *error)
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

static void history_swap(struct logged_call *a, struct logged_call *b)
{
    const struct logged_call kept = *a;
    *a = *b;
    *b = kept;
}

/* Lets a call sink to where it belongs in a heap. */
static void history_sink(struct logged_call *calls, size_t at, size_t count)
{
    for (;;) {
        size_t largest = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++) {
            largest = call_log_compare(&calls[child], &calls[largest]) > 0 ? child : largest;
        }
        if (largest == at) {
            return;
        }
        history_swap(&calls[at], &calls[largest]);
        at = largest;
    }
}

/* Sorts the calls: the heapsort of Williams and Floyd (1964). */
static void history_sort(struct logged_call *calls, size_t count)
{
    for (size_t i = count / 2; i-- > 0;) {
        history_sink(calls, i, count);
    }
    for (size_t end = count; end > 1; end--) {
        history_swap(&calls[0], &calls[end - 1]);
        history_sink(calls, 0, end - 1);
    }
}

/* ---- Results --------------------------------------------------------------------------------------------------- */

/* Writes a member that is a string where it is known, else null. */
static void history_known(struct page_json *json, const char *name, bool known, const char *string)
{
    if (known) {
        tjob__page_member_string(json, name, string);
    } else {
        tjob__page_member_null(json, name);
    }
}

/* Writes a call of a sub-history: it was answered, for a call without an answer contradicts nothing. */
static void history_call_json(struct page_json *json, const struct logged_call *logged)
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
    history_known(json, "changed", (known & TJOB_KNOWN_CHANGED) != 0, tjob_changed_name(call->outcome.changed));
    history_known(json, "before", (known & TJOB_KNOWN_BEFORE) != 0, tjob_state_name(call->outcome.before));
    history_known(json, "after", (known & TJOB_KNOWN_AFTER) != 0, tjob_state_name(call->outcome.after));
    if ((known & TJOB_KNOWN_JOB) != 0) {
        tjob__page_member_record(json, "job", &call->outcome.job);
    } else {
        tjob__page_member_null(json, "job");
    }
    tjob__page_close(json, '}');
}

/* Writes the minimal sub-history of the calls of one job. */
static void history_explain(struct page_history *history, const struct logged_call *calls, size_t count)
{
    struct page_json *json = history->json;
    tjob_history_result result;
    const size_t found =
        tjob_history_explain(&history->checker, NULL, history->calls, count, history->sub_history, &result);
    tjob__page_member_bool(json, "minimal", result.minimal);
    tjob__page_name(json, "sub_history");
    tjob__page_open(json, '[');
    for (size_t i = 0; i < found; i++) {
        history_call_json(json, &calls[history->sub_history[i]]);
    }
    tjob__page_close(json, ']');
}

static void history_job_json(struct page_history *history, const struct logged_call *calls, size_t count,
                             const tjob_history_result *result)
{
    struct page_json *json = history->json;
    tjob__page_open(json, '{');
    tjob__page_name(json, "arn");
    tjob__page_text(json, call_log_text(&history->log, history->log.arns[calls->job]));
    tjob__page_member_string(json, "verdict", tjob_history_verdict_name(result->verdict));
    history_known(json, "bound", result->bound != TJOB_BOUND_NONE, tjob_bound_name(result->bound));
    if (result->verdict == TJOB_MALFORMED) {
        tjob__page_member_count(json, "line", (uint32_t)calls[result->at].invoked_line);
    } else {
        tjob__page_member_null(json, "line");
    }
    if (result->verdict == TJOB_NOT_LINEARIZABLE && history->explains) {
        history_explain(history, calls, count);
    } else {
        tjob__page_member_null(json, "minimal");
        tjob__page_member_null(json, "sub_history");
    }
    tjob__page_close(json, '}');
}

/* Copies the calls of the job whose first call is `begin`; returns their number. */
static size_t history_take_job(struct page_history *history, size_t begin)
{
    const struct logged_call *calls = history->log.calls + begin;
    const size_t left = history->log.count - begin;
    size_t count = 0;
    for (; count < left && calls[count].job == calls[0].job; count++) {
        history->calls[count] = calls[count].call;
    }
    return count;
}

static void history_result_json(struct page_history *history)
{
    struct page_json *json = history->json;
    const struct call_log *log = &history->log;
    tjob__page_open(json, '{');
    tjob__page_name(json, "results");
    tjob__page_open(json, '[');
    for (size_t begin = 0, count; begin < log->count; begin += count) {
        count = history_take_job(history, begin);
        const tjob_history_result result = tjob_history_check(&history->checker, history->calls, count);
        history->counts[result.verdict]++;
        if (result.verdict != TJOB_LINEARIZABLE) {
            history_job_json(history, log->calls + begin, count, &result);
        }
    }
    tjob__page_close(json, ']');
    tjob__page_member_count(json, "calls", (uint32_t)log->count);
    tjob__page_member_count(json, "jobs", (uint32_t)log->jobs);
    tjob__page_member_count(json, "linearizable", history->counts[TJOB_LINEARIZABLE]);
    tjob__page_member_count(json, "not_linearizable", history->counts[TJOB_NOT_LINEARIZABLE]);
    tjob__page_member_count(json, "inconclusive", history->counts[TJOB_INCONCLUSIVE]);
    tjob__page_member_count(json, "malformed", history->counts[TJOB_MALFORMED]);
    if (log->cut_line != 0) {
        tjob__page_member_count(json, "cut_line", (uint32_t)log->cut_line);
    } else {
        tjob__page_member_null(json, "cut_line");
    }
    tjob__page_member_decimal(json, "memory_bytes", history->taken);
    tjob__page_close(json, '}');
}

void tjob__page_history(struct page_space *space, tjob_text input, struct page_json *json)
{
    uint64_t values[HISTORY_PARAMETER_COUNT];
    struct page_error error;
    struct call_log_error log_error;
    bool is_last;
    tjob_text rest = input;
    const tjob_text parameters = history_line(&rest, &is_last);
    if (!tjob__page_parameters_read(parameters, 0, tjob__history_parameters, HISTORY_PARAMETER_COUNT, values, &error)) {
        tjob__page_error_write(json, &error);
        return;
    }
    struct page_history history = {.space = space, .json = json, .explains = values[HISTORY_EXPLAIN] == 0};
    if (!history_read_log(&history, rest, &log_error)) {
        history_error_json(json, &log_error);
        return;
    }
    const size_t count = history.log.count + 1;
    void *memory = history_take(&history, HISTORY_CHECKER_BYTES);
    history.calls = history_take(&history, count * sizeof *history.calls);
    history.sub_history = history_take(&history, count * sizeof *history.sub_history);
    if (memory == NULL || history.calls == NULL || history.sub_history == NULL) {
        tjob__page_error_memory(json);
        return;
    }
    const tjob_policy policy = {.stop_timeout_ms = values[HISTORY_STOP_TIMEOUT],
                                .stop_submitted = (uint32_t)values[HISTORY_STOP_SUBMITTED],
                                .stop_finished = (uint32_t)values[HISTORY_STOP_FINISHED]};
    (void)tjob_history_checker_init(&history.checker, memory, HISTORY_CHECKER_BYTES, &policy);
    history_sort(history.log.calls, history.log.count);
    history_result_json(&history);
}
