#include "tjob/history_log_writer.h"

#include <stdbool.h>

#include "core/utf8.h"
#include "tjob/arn.h"
#include "wire/json_writer.h"

/* ---- Members --------------------------------------------------------------------------------------------------- */

/* Writes a 64-bit number as a string, because most JSON readers keep only 53 bits of a number. */
static void log_write_u64(json_writer *writer, const char *name, uint64_t number)
{
    tjob__json_write_string(writer, name);
    tjob__json_write_string(writer, ":\"");
    tjob__json_write_number(writer, number, 1);
    tjob__json_write_byte(writer, '"');
}

/* Leaves out a member that is 0, which means the same. */
static void log_write_u64_if_set(json_writer *writer, const char *name, uint64_t number)
{
    if (number != 0) {
        log_write_u64(writer, name, number);
    }
}

static void log_write_host_code(json_writer *writer, uint32_t host_code)
{
    if (host_code != 0) {
        tjob__json_write_string(writer, ",\"host_code\":");
        tjob__json_write_number(writer, host_code, 1);
    }
}

/* Writes a word of an enum; no such word needs an escape. */
static void log_write_word(json_writer *writer, const char *name, const char *word)
{
    tjob__json_write_string(writer, name);
    tjob__json_write_string(writer, ":\"");
    tjob__json_write_string(writer, word);
    tjob__json_write_byte(writer, '"');
}

static void log_write_job(json_writer *writer, const tjob_job *job)
{
    if (job->state == TJOB_ABSENT) {
        tjob__json_write_string(writer, ",\"job\":null");
        return;
    }
    log_write_word(writer, ",\"job\":{\"state\"", tjob_state_name((tjob_state)job->state));
    log_write_u64_if_set(writer, ",\"incarnation\"", job->incarnation);
    log_write_u64_if_set(writer, ",\"submit_token\"", job->submit_token);
    log_write_u64_if_set(writer, ",\"trainer_token\"", job->trainer_token);
    log_write_host_code(writer, job->host_code);
    log_write_u64_if_set(writer, ",\"submitted_ms\"", job->submitted_ms);
    log_write_u64_if_set(writer, ",\"training_started_ms\"", job->training_started_ms);
    log_write_u64_if_set(writer, ",\"stop_requested_ms\"", job->stop_requested_ms);
    log_write_u64_if_set(writer, ",\"ended_ms\"", job->ended_ms);
    tjob__json_write_byte(writer, '}');
}

/* ---- Lines ----------------------------------------------------------------------------------------------------- */

static void begin_line(json_writer *writer, uint64_t id, uint64_t at)
{
    log_write_u64(writer, "{\"id\"", id);
    if (at != UINT64_MAX) {
        log_write_u64(writer, ",\"at\"", at);
    }
}

static size_t end_line(json_writer *writer)
{
    tjob__json_write_string(writer, "}\n");
    return writer->bytes <= writer->capacity ? writer->bytes : 0;
}

static bool is_writable(tjob_text arn)
{
    if (arn.bytes == 0 || arn.bytes > TJOB_ARN_BYTES_MAX) {
        return false;
    }
    const unsigned char *at = (const unsigned char *)arn.data;
    const unsigned char *end = at + arn.bytes;
    while (at != end) {
        const size_t bytes = tjob__utf8_character(at, end);
        if (bytes == 0) {
            return false;
        }
        at += bytes;
    }
    return true;
}

static bool is_call(tjob_text arn, const tjob_event *event)
{
    return is_writable(arn) && event->kind < TJOB_EVENT_KIND_COUNT;
}

static void write_call_members(json_writer *writer, tjob_text arn, const tjob_event *event)
{
    tjob__json_write_string(writer, ",\"arn\":");
    tjob__json_write_quoted(writer, arn);
    log_write_word(writer, ",\"event\"", tjob_event_kind_name((tjob_event_kind)event->kind));
    log_write_u64_if_set(writer, ",\"incarnation\"", event->incarnation);
    log_write_u64_if_set(writer, ",\"trainer_token\"", event->trainer_token);
    log_write_u64_if_set(writer, ",\"token\"", event->token);
    log_write_host_code(writer, event->host_code);
}

size_t tjob_history_log_write_invocation(uint64_t id, uint64_t at, tjob_text arn, const tjob_event *event, char *line,
                                         size_t capacity)
{
    json_writer writer = {line, 0, capacity};
    if (!is_call(arn, event)) {
        return 0;
    }
    begin_line(&writer, id, at);
    write_call_members(&writer, arn, event);
    return end_line(&writer);
}

static bool are_in_range(const tjob_outcome *outcome)
{
    return (unsigned)outcome->status < TJOB_STATUS_COUNT && (unsigned)outcome->changed <= TJOB_CHANGED_UNKNOWN &&
           (unsigned)outcome->before < TJOB_STATE_COUNT && (unsigned)outcome->after < TJOB_STATE_COUNT &&
           outcome->job.state < TJOB_STATE_COUNT;
}

/* Whether a status depends on the job, so that the outcome says in which state the operation found it. */
static bool depends_on_job(tjob_status status)
{
    return status == TJOB_OK || (status >= TJOB_NOT_FOUND && status <= TJOB_REFUSED_BY_POLICY);
}

static void write_answer_members(json_writer *writer, const tjob_outcome *outcome)
{
    log_write_word(writer, ",\"status\"", tjob_status_name(outcome->status));
    log_write_word(writer, ",\"changed\"", tjob_changed_name(outcome->changed));
    if (depends_on_job(outcome->status)) {
        log_write_word(writer, ",\"before\"", tjob_state_name(outcome->before));
        log_write_word(writer, ",\"after\"", tjob_state_name(outcome->after));
        log_write_job(writer, &outcome->job);
    }
}

size_t tjob_history_log_write_answer(uint64_t id, uint64_t at, const tjob_outcome *outcome, char *line, size_t capacity)
{
    json_writer writer = {line, 0, capacity};
    if (!are_in_range(outcome)) {
        return 0;
    }
    begin_line(&writer, id, at);
    write_answer_members(&writer, outcome);
    return end_line(&writer);
}

size_t tjob_history_log_write_call(uint64_t id, uint64_t at, uint64_t answered_at, tjob_text arn,
                                   const tjob_event *event, const tjob_outcome *outcome, char *line, size_t capacity)
{
    json_writer writer = {line, 0, capacity};
    if (at == UINT64_MAX || answered_at == UINT64_MAX || !is_call(arn, event) || !are_in_range(outcome)) {
        return 0;
    }
    begin_line(&writer, id, at);
    log_write_u64(&writer, ",\"answered_at\"", answered_at);
    write_call_members(&writer, arn, event);
    write_answer_members(&writer, outcome);
    return end_line(&writer);
}
