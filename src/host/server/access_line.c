#include "host/server/access_line.h"

#include <string.h>
#include <time.h>

#include "tjob/history_log_writer.h"
#include "wire/json_writer.h"

/* Writes bytes that may be no UTF-8 as a string of JSON: each one that is not visible ASCII as an escape. */
static void access_write_quoted(json_writer *writer, tjob_text text, size_t most)
{
    static const char hex[] = "0123456789abcdef";
    tjob__json_write_byte(writer, '"');
    for (size_t i = 0; i < text.bytes && i < most; i++) {
        const unsigned char byte = (unsigned char)text.data[i];
        if (byte < ' ' || byte >= 0x7f || byte == '"' || byte == '\\') {
            tjob__json_write_string(writer, "\\u00");
            tjob__json_write_byte(writer, hex[byte >> 4]);
            tjob__json_write_byte(writer, hex[byte & 15]);
        } else {
            tjob__json_write_byte(writer, (char)byte);
        }
    }
    tjob__json_write_byte(writer, '"');
}

static void access_write_text(json_writer *writer, const char *name, tjob_text text, size_t most)
{
    tjob__json_write_string(writer, name);
    access_write_quoted(writer, text, most);
}

static void access_write_number(json_writer *writer, const char *name, uint64_t number)
{
    tjob__json_write_string(writer, name);
    tjob__json_write_number(writer, number, 1);
}

/* Writes a 64-bit number as a string, because most JSON readers keep only 53 bits of a number. */
static void access_write_u64(json_writer *writer, const char *name, uint64_t number)
{
    access_write_number(writer, name, number);
    tjob__json_write_byte(writer, '"');
}

/* Writes the time in ISO 8601, UTC. */
static void access_write_time(json_writer *writer, uint64_t unix_ms)
{
    struct tm parts = {.tm_mday = 1};
    char text[32] = "";
    const time_t seconds = (time_t)(unix_ms / 1000);
    (void)gmtime_r(&seconds, &parts); /* milliseconds of 64 bits end in a year of 32 bits */
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    tjob__json_write_string(writer, "{\"time\":\"");
    tjob__json_write_string(writer, text);
    tjob__json_write_byte(writer, '.');
    tjob__json_write_number(writer, unix_ms % 1000, 3);
    tjob__json_write_string(writer, "Z\"");
}

size_t tjob__access_line_write(const access_record *record, char *line, size_t capacity)
{
    json_writer writer = {line, 0, capacity};
    access_write_time(&writer, record->unix_ms);
    access_write_text(&writer, ",\"request_id\":", record->request_id, ACCESS_CLIENT_BYTES);
    access_write_text(&writer, ",\"client\":", record->client, ACCESS_CLIENT_BYTES);
    access_write_text(&writer, ",\"method\":", record->method, ACCESS_METHOD_BYTES);
    access_write_text(&writer, ",\"path\":", record->path, ACCESS_PATH_BYTES);
    access_write_number(&writer, ",\"http_status\":", (uint64_t)record->status);
    if (record->error.bytes != 0) {
        access_write_text(&writer, ",\"error\":", record->error, ACCESS_CLIENT_BYTES);
    }
    access_write_number(&writer, ",\"bytes_in\":", record->bytes_in);
    access_write_number(&writer, ",\"bytes_out\":", record->bytes_out);
    access_write_number(&writer, ",\"took_us\":", (record->answered_ns - record->began_ns) / 1000);

    /* The rest is a line of a history, from its first member on. */
    char call[TJOB_HISTORY_LOG_CALL_BYTES_MAX];
    size_t bytes = 0;
    if (record->event != NULL) {
        bytes = tjob_history_log_write_call(record->id, record->call_began_ns, record->call_ended_ns, record->arn,
                                            record->event, record->outcome, call, sizeof call);
    }
    if (bytes != 0) {
        tjob__json_write_byte(&writer, ',');
        tjob__json_write_text(&writer, (tjob_text){call + 1, bytes - 1});
    } else {
        access_write_u64(&writer, ",\"id\":\"", record->id);
        access_write_u64(&writer, ",\"at\":\"", record->began_ns);
        access_write_u64(&writer, ",\"answered_at\":\"", record->answered_ns);
        tjob__json_write_string(&writer, "}\n");
    }
    return writer.bytes <= capacity ? writer.bytes : 0;
}
