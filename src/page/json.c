#include "page/json.h"

/* Writes the comma before a value or a member that follows another one. */
static void page_json_separate(struct page_json *json)
{
    if (json->follows) {
        tjob__json_write_byte(&json->writer, ',');
    }
    json->follows = true;
}

void tjob__page_open(struct page_json *json, char bracket)
{
    page_json_separate(json);
    tjob__json_write_byte(&json->writer, bracket);
    json->follows = false;
}

void tjob__page_close(struct page_json *json, char bracket)
{
    tjob__json_write_byte(&json->writer, bracket);
    json->follows = true;
}

void tjob__page_name(struct page_json *json, const char *name)
{
    tjob__page_string(json, name);
    tjob__json_write_byte(&json->writer, ':');
    json->follows = false;
}

void tjob__page_text(struct page_json *json, tjob_text text)
{
    page_json_separate(json);
    tjob__json_write_quoted(&json->writer, text);
}

void tjob__page_string(struct page_json *json, const char *string)
{
    size_t bytes = 0;
    while (string[bytes] != '\0') {
        bytes++;
    }
    tjob__page_text(json, (tjob_text){string, bytes});
}

void tjob__page_decimal(struct page_json *json, uint64_t number)
{
    page_json_separate(json);
    tjob__json_write_byte(&json->writer, '"');
    tjob__json_write_number(&json->writer, number, 1);
    tjob__json_write_byte(&json->writer, '"');
}

void tjob__page_count(struct page_json *json, uint32_t number)
{
    page_json_separate(json);
    tjob__json_write_number(&json->writer, number, 1);
}

void tjob__page_bool(struct page_json *json, bool value)
{
    page_json_separate(json);
    tjob__json_write_string(&json->writer, value ? "true" : "false");
}

void tjob__page_null(struct page_json *json)
{
    page_json_separate(json);
    tjob__json_write_string(&json->writer, "null");
}

void tjob__page_member_string(struct page_json *json, const char *name, const char *string)
{
    tjob__page_name(json, name);
    tjob__page_string(json, string);
}

void tjob__page_member_decimal(struct page_json *json, const char *name, uint64_t number)
{
    tjob__page_name(json, name);
    tjob__page_decimal(json, number);
}

void tjob__page_member_count(struct page_json *json, const char *name, uint32_t number)
{
    tjob__page_name(json, name);
    tjob__page_count(json, number);
}

void tjob__page_member_bool(struct page_json *json, const char *name, bool value)
{
    tjob__page_name(json, name);
    tjob__page_bool(json, value);
}

void tjob__page_member_null(struct page_json *json, const char *name)
{
    tjob__page_name(json, name);
    tjob__page_null(json);
}

void tjob__page_member_record(struct page_json *json, const char *name, const tjob_job *job)
{
    if (job->state == TJOB_ABSENT) {
        tjob__page_member_null(json, name);
        return;
    }
    tjob__page_name(json, name);
    tjob__page_open(json, '{');
    tjob__page_member_string(json, "state", tjob_state_name((tjob_state)job->state));
    tjob__page_member_decimal(json, "submit_token", job->submit_token);
    tjob__page_member_decimal(json, "incarnation", job->incarnation);
    tjob__page_member_decimal(json, "trainer_token", job->trainer_token);
    tjob__page_member_decimal(json, "submitted_ms", job->submitted_ms);
    tjob__page_member_decimal(json, "training_started_ms", job->training_started_ms);
    tjob__page_member_decimal(json, "stop_requested_ms", job->stop_requested_ms);
    tjob__page_member_decimal(json, "ended_ms", job->ended_ms);
    tjob__page_member_decimal(json, "host_code", job->host_code);
    tjob__page_close(json, '}');
}
