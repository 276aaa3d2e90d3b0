/*
 * A line of a log. Whether it is a JSON object is what an independent reader says; what is read from it is read again
 * from the line that says the same in the plainest way; every refusal names a problem and a byte of the line.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "target.h"
#include "tjob/history_log.h"
#include "tjob/history_log_writer.h"
#include "unit/exact.h"
#include "unit/wire/json_oracle.h"

enum { LINE_BYTES_MAX = 8 * (TJOB_ARN_BYTES_MAX + TJOB_HISTORY_LOG_ID_BYTES_MAX), DEPTH_LEAST = 64 };

struct text {
    char bytes[LINE_BYTES_MAX];
    size_t count;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int count = vsnprintf(text->bytes + text->count, sizeof text->bytes - text->count, format, arguments);
    va_end(arguments);
    FUZZ_EXPECT(count >= 0 && (size_t)count < sizeof text->bytes - text->count);
    text->count += (size_t)count;
}

/* A string of JSON: of each byte that could need an escape, the escape. */
static void put_string(struct text *text, const char *name, const char *value, size_t bytes)
{
    put(text, "\"%s\":\"", name);
    for (size_t i = 0; i < bytes; i++) {
        const unsigned char byte = (unsigned char)value[i];
        if (byte < 0x20 || byte == '"' || byte == '\\') {
            put(text, "\\u%04x", byte);
        } else {
            put(text, "%c", byte);
        }
    }
    put(text, "\",");
}

static const char *name_of_change(tjob_changed changed)
{
    static const char *const names[] = {"no", "yes", "unknown"};
    return names[changed];
}

static void put_answer(struct text *text, const tjob_history_log_line *line)
{
    const tjob_outcome *outcome = &line->outcome;
    if (line->known & TJOB_KNOWN_CHANGED) {
        put(text, "\"changed\":\"%s\",", name_of_change(outcome->changed));
    }
    if (line->known & TJOB_KNOWN_BEFORE) {
        put(text, "\"before\":\"%s\",", tjob_state_name(outcome->before));
    }
    if (line->known & TJOB_KNOWN_AFTER) {
        put(text, "\"after\":\"%s\",", tjob_state_name(outcome->after));
    }
    if (line->known & TJOB_KNOWN_JOB) {
        const tjob_job *job = &outcome->job;
        put(text,
            "\"job\":{\"state\":\"%s\",\"incarnation\":%" PRIu64 ",\"submit_token\":%" PRIu64
            ",\"trainer_token\":%" PRIu64 ",\"host_code\":%" PRIu32 ",\"submitted_ms\":%" PRIu64
            ",\"training_started_ms\":%" PRIu64 ",\"stop_requested_ms\":%" PRIu64 ",\"ended_ms\":%" PRIu64 "},",
            tjob_state_name((tjob_state)job->state), job->incarnation, job->submit_token, job->trainer_token,
            job->host_code, job->submitted_ms, job->training_started_ms, job->stop_requested_ms, job->ended_ms);
    }
    put(text, "\"status\":\"%s\"}", tjob_status_name(outcome->status));
}

/* The line that says the same in the plainest way. */
static void put_line(struct text *text, const tjob_history_log_line *line)
{
    put(text, "{");
    put_string(text, "id", line->id, line->id_bytes);
    if (line->has_at) {
        put(text, "\"at\":%" PRIu64 ",", line->at);
    }
    if (line->kind >= TJOB_HISTORY_LOG_CALL) {
        put(text, "\"answered_at\":%" PRIu64 ",", line->answered_at);
    }
    if (line->arn_bytes != 0) {
        put_string(text, "arn", line->arn, line->arn_bytes);
    }
    if (line->kind == TJOB_HISTORY_LOG_ANSWER || line->kind == TJOB_HISTORY_LOG_REJECTED) {
        put_answer(text, line);
        return;
    }
    put(text,
        "\"incarnation\":%" PRIu64 ",\"trainer_token\":%" PRIu64 ",\"token\":%" PRIu64 ",\"host_code\":%" PRIu32
        ",\"event\":\"%s\"%s",
        line->event.incarnation, line->event.trainer_token, line->event.token, line->event.host_code,
        tjob_event_kind_name((tjob_event_kind)line->event.kind), line->kind == TJOB_HISTORY_LOG_CALL ? "," : "}");
    if (line->kind == TJOB_HISTORY_LOG_CALL) {
        put_answer(text, line);
    }
}

static bool same_outcome(const tjob_outcome *a, const tjob_outcome *b, uint32_t known)
{
    return a->status == b->status && (!(known & TJOB_KNOWN_CHANGED) || a->changed == b->changed) &&
           (!(known & TJOB_KNOWN_BEFORE) || a->before == b->before) &&
           (!(known & TJOB_KNOWN_AFTER) || a->after == b->after) &&
           (!(known & TJOB_KNOWN_JOB) || memcmp(&a->job, &b->job, sizeof a->job) == 0);
}

static void check_round_trip(const tjob_history_log_line *line)
{
    static struct text text;
    static tjob_history_log_line again;
    text.count = 0;
    put_line(&text, line);
    FUZZ_EXPECT(tjob_history_log_read(&again, (tjob_text){text.bytes, text.count}).problem == TJOB_HISTORY_LOG_VALID);
    FUZZ_EXPECT(again.kind == line->kind && again.has_at == line->has_at && again.at == line->at);
    FUZZ_EXPECT(again.answered_at == line->answered_at);
    FUZZ_EXPECT(again.id_bytes == line->id_bytes && memcmp(again.id, line->id, line->id_bytes) == 0);
    FUZZ_EXPECT(again.arn_bytes == line->arn_bytes && memcmp(again.arn, line->arn, line->arn_bytes) == 0);
    if (line->kind == TJOB_HISTORY_LOG_INVOCATION || line->kind == TJOB_HISTORY_LOG_CALL) {
        FUZZ_EXPECT(memcmp(&again.event, &line->event, sizeof again.event) == 0);
    }
    if (line->kind != TJOB_HISTORY_LOG_INVOCATION) {
        FUZZ_EXPECT(again.known == line->known && same_outcome(&again.outcome, &line->outcome, line->known));
    }
}

/* Whether brackets may stand deeper than is read. */
static bool may_be_deep(tjob_text text)
{
    size_t opening = 0;
    for (size_t i = 0; i < text.bytes; i++) {
        opening += text.data[i] == '[' || text.data[i] == '{' ? 1 : 0;
    }
    return opening > DEPTH_LEAST;
}

static bool is_object(tjob_text text)
{
    const char *first = oracle_space(text.data, text.data + text.bytes);
    return first != text.data + text.bytes && *first == '{' && oracle_is_json(text.data, text.bytes);
}

/* What the library writes of a line is read as the same, but for what it leaves out of an answer. */
static void check_writer(const tjob_history_log_line *line)
{
    static char text[TJOB_HISTORY_LOG_CALL_BYTES_MAX];
    static tjob_history_log_line again;
    const uint64_t at = line->has_at ? line->at : UINT64_MAX;
    const tjob_text arn = {line->arn, line->arn_bytes};
    const bool is_call = line->kind == TJOB_HISTORY_LOG_CALL;
    const bool invokes = line->kind == TJOB_HISTORY_LOG_INVOCATION || is_call;
    const bool answers = line->kind == TJOB_HISTORY_LOG_ANSWER || is_call;
    const size_t bytes = is_call   ? tjob_history_log_write_call(1, at, line->answered_at, arn, &line->event,
                                                                 &line->outcome, text, sizeof text)
                         : invokes ? tjob_history_log_write_invocation(1, at, arn, &line->event, text, sizeof text)
                                   : tjob_history_log_write_answer(1, at, &line->outcome, text, sizeof text);
    FUZZ_EXPECT(bytes != 0 && text[bytes - 1] == '\n');
    FUZZ_EXPECT(is_object((tjob_text){text, bytes}));
    FUZZ_EXPECT(tjob_history_log_read(&again, (tjob_text){text, bytes - 1}).problem == TJOB_HISTORY_LOG_VALID);
    FUZZ_EXPECT(again.kind == line->kind && again.has_at == line->has_at && again.at == line->at);
    FUZZ_EXPECT(again.answered_at == line->answered_at);
    if (invokes) {
        FUZZ_EXPECT(again.arn_bytes == line->arn_bytes && memcmp(again.arn, line->arn, line->arn_bytes) == 0);
        FUZZ_EXPECT(memcmp(&again.event, &line->event, sizeof again.event) == 0);
    }
    if (answers) {
        const bool is_absent = line->outcome.job.state == TJOB_ABSENT; /* the other fields then mean nothing */
        FUZZ_EXPECT(same_outcome(&again.outcome, &line->outcome,
                                 again.known & (is_absent ? ~(uint32_t)TJOB_KNOWN_JOB : TJOB_KNOWN_ALL)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static tjob_history_log_line line;
    const tjob_text text = exact_copy(data, size);
    const tjob_history_log_error error = tjob_history_log_read(&line, text);
    FUZZ_EXPECT((unsigned)error.problem < TJOB_HISTORY_LOG_PROBLEM_COUNT && error.member != NULL);
    if (error.problem == TJOB_HISTORY_LOG_VALID) {
        FUZZ_EXPECT(is_object(text));
        check_round_trip(&line);
        if (line.kind != TJOB_HISTORY_LOG_REJECTED) { /* of which the library writes none */
            check_writer(&line);
        }
    } else {
        FUZZ_EXPECT(error.offset <= size && tjob_history_log_problem_text(error.problem)[0] != '?');
        FUZZ_EXPECT(error.problem != TJOB_HISTORY_LOG_BAD_JSON || may_be_deep(text) || !is_object(text));
    }
    exact_free(text);
    return 0;
}
