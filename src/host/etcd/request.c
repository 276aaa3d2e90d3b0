#include "host/etcd/request.h"

#include <string.h>

#include "host/etcd/base64.h"

enum { TIME_DIGITS = 20 };

/* ---- Keys and values ------------------------------------------------------------------------------------------- */

static tjob_text etcd_literal(const char *string)
{
    return (tjob_text){string, strlen(string)};
}

static void request_put_bytes(json_writer *writer, tjob_text bytes)
{
    base64_encoder encoder = {0};
    tjob__json_write_byte(writer, '"');
    tjob__base64_write(&encoder, writer, bytes);
    tjob__base64_end(&encoder, writer);
    tjob__json_write_byte(writer, '"');
}

/* Writes the key that consists of the prefix and two parts. */
static void request_put_key(json_writer *writer, tjob_text prefix, tjob_text a, tjob_text b)
{
    base64_encoder encoder = {0};
    tjob__json_write_byte(writer, '"');
    tjob__base64_write(&encoder, writer, prefix);
    tjob__base64_write(&encoder, writer, a);
    tjob__base64_write(&encoder, writer, b);
    tjob__base64_end(&encoder, writer);
    tjob__json_write_byte(writer, '"');
}

static void request_put_marker_key(json_writer *writer, tjob_text prefix)
{
    request_put_key(writer, prefix, etcd_literal("store"), (tjob_text){0});
}

static void request_put_record_key(json_writer *writer, tjob_text prefix, tjob_text arn)
{
    request_put_key(writer, prefix, etcd_literal("job/"), arn);
}

/* Writes the key of an entry; without an ARN: what is before all entries of that state and time. `after`: what directly
 * follows the key. */
static void request_put_entry_key(json_writer *writer, tjob_text prefix, etcd_entry entry, tjob_text arn, bool after)
{
    char bytes[sizeof "state/0/" + TIME_DIGITS];
    char end[TJOB_ARN_BYTES_MAX + 1] = {0};
    json_writer middle = {bytes, 0, sizeof bytes};
    tjob__json_write_string(&middle, "state/");
    tjob__json_write_number(&middle, entry.state, 1);
    tjob__json_write_byte(&middle, '/');
    tjob__json_write_number(&middle, entry.latest_ms, TIME_DIGITS);
    if (arn.bytes != 0) {
        tjob__json_write_byte(&middle, '/');
        memcpy(end, arn.data, arn.bytes);
    }
    request_put_key(writer, prefix, (tjob_text){bytes, middle.bytes}, (tjob_text){end, arn.bytes + after});
}

/* Writes the key behind all entries of a state. */
static void request_put_state_end(json_writer *writer, tjob_text prefix, uint32_t state)
{
    const char digit[] = {(char)('0' + state), '/' + 1};
    request_put_key(writer, prefix, etcd_literal("state/"), (tjob_text){digit, sizeof digit});
}

/* ---- Parts of a transaction ------------------------------------------------------------------------------------ */

/* The default result is EQUAL. A member that is misspelt is ignored, and compares with 0. */
#define RESULT_EQUAL ""
#define RESULT_GREATER ",\"result\":\"GREATER\""

static void request_compare_revision(json_writer *writer, const char *result, uint64_t revision)
{
    tjob__json_write_string(writer, ",\"target\":\"MOD\"");
    tjob__json_write_string(writer, result);
    tjob__json_write_string(writer, ",\"mod_revision\":\"");
    tjob__json_write_number(writer, revision, 1);
    tjob__json_write_string(writer, "\"}");
}

static void request_compare_marker_text(json_writer *writer, tjob_text prefix, const tjob_etcd_marker *marker)
{
    tjob__json_write_string(writer, "{\"key\":");
    request_put_marker_key(writer, prefix);
    tjob__json_write_string(writer, ",\"target\":\"VALUE\",\"value\":");
    request_put_bytes(writer, (tjob_text){marker->text, marker->text_bytes});
    tjob__json_write_byte(writer, '}');
}

static void request_compare_marker_revision(json_writer *writer, tjob_text prefix, const char *result,
                                            uint64_t revision)
{
    tjob__json_write_string(writer, "{\"key\":");
    request_put_marker_key(writer, prefix);
    request_compare_revision(writer, result, revision);
}

static void request_compare_record(json_writer *writer, tjob_text prefix, tjob_text arn, uint64_t revision)
{
    tjob__json_write_string(writer, "{\"key\":");
    request_put_record_key(writer, prefix, arn);
    request_compare_revision(writer, RESULT_EQUAL, revision);
}

static void request_put_value(json_writer *writer, tjob_text value)
{
    tjob__json_write_string(writer, ",\"value\":");
    request_put_bytes(writer, value);
    tjob__json_write_string(writer, "}}");
}

static void request_delete_entry(json_writer *writer, tjob_text prefix, etcd_entry entry, tjob_text arn)
{
    tjob__json_write_string(writer, ",{\"request_delete_range\":{\"key\":");
    request_put_entry_key(writer, prefix, entry, arn, false);
    tjob__json_write_string(writer, "}}");
}

static void request_range_marker(json_writer *writer, tjob_text prefix)
{
    tjob__json_write_string(writer, "{\"request_range\":{\"key\":");
    request_put_marker_key(writer, prefix);
    tjob__json_write_string(writer, "}}]}");
}

/* ---- The requests ---------------------------------------------------------------------------------------------- */

void tjob__etcd_request_load(json_writer *writer, tjob_text prefix, tjob_text arn)
{
    tjob__json_write_string(writer, "{\"success\":[{\"request_range\":{\"key\":");
    request_put_record_key(writer, prefix, arn);
    tjob__json_write_string(writer, "}},");
    request_range_marker(writer, prefix);
}

void tjob__etcd_request_record(json_writer *writer, tjob_text prefix, tjob_text arn)
{
    tjob__json_write_string(writer, "{\"key\":");
    request_put_record_key(writer, prefix, arn);
    tjob__json_write_byte(writer, '}');
}

void tjob__etcd_request_swap(json_writer *writer, tjob_text prefix, const tjob_etcd_marker *marker,
                             const etcd_change *change)
{
    const bool same_entry = change->old.state == change->next.state && change->old.latest_ms == change->next.latest_ms;
    tjob__json_write_string(writer, "{\"compare\":[");
    request_compare_record(writer, prefix, change->arn, change->mod_revision);
    tjob__json_write_byte(writer, ',');
    request_compare_marker_revision(writer, prefix, RESULT_EQUAL, marker->mod_revision);
    if (change->mod_revision == 0) { /* only the marker fences it, so all of it */
        tjob__json_write_byte(writer, ',');
        request_compare_marker_text(writer, prefix, marker);
    }
    tjob__json_write_string(writer, "],\"success\":[{\"request_put\":{\"key\":");
    request_put_record_key(writer, prefix, change->arn);
    request_put_value(writer, change->value);
    tjob__json_write_string(writer, ",{\"request_put\":{\"key\":");
    request_put_entry_key(writer, prefix, change->next, change->arn, false);
    request_put_value(writer, change->value);
    if (change->mod_revision != 0 && !same_entry) { /* etcd refuses two changes of one key */
        request_delete_entry(writer, prefix, change->old, change->arn);
    }
    tjob__json_write_string(writer, "]}");
}

void tjob__etcd_request_page(json_writer *writer, tjob_text prefix, const etcd_place *place, uint64_t until_ms,
                             uint32_t limit)
{
    const etcd_entry begin = {place->latest_ms, place->state};
    tjob__json_write_string(writer, "{\"success\":[{\"request_range\":{\"key\":");
    request_put_entry_key(writer, prefix, begin, (tjob_text){place->arn, place->arn_bytes}, place->arn_bytes != 0);
    tjob__json_write_string(writer, ",\"range_end\":");
    if (until_ms == 0 || until_ms == UINT64_MAX) {
        request_put_state_end(writer, prefix, place->state);
    } else {
        request_put_entry_key(writer, prefix, (etcd_entry){until_ms + 1, place->state}, (tjob_text){0}, false);
    }
    tjob__json_write_string(writer, ",\"limit\":\"");
    tjob__json_write_number(writer, limit, 1);
    tjob__json_write_string(writer, "\",\"revision\":\"");
    tjob__json_write_number(writer, place->revision, 1);
    tjob__json_write_string(writer, "\"}},");
    request_range_marker(writer, prefix);
}

void tjob__etcd_request_marker(json_writer *writer, tjob_text prefix)
{
    tjob__json_write_string(writer, "{\"success\":[");
    request_range_marker(writer, prefix);
}

void tjob__etcd_request_put_marker(json_writer *writer, tjob_text prefix, const tjob_etcd_marker *old, tjob_text text)
{
    tjob__json_write_string(writer, "{\"compare\":[");
    if (old->text_bytes != 0) {
        request_compare_marker_text(writer, prefix, old);
        tjob__json_write_byte(writer, ',');
    }
    request_compare_marker_revision(writer, prefix, RESULT_EQUAL, old->mod_revision);
    tjob__json_write_string(writer, "],\"success\":[{\"request_put\":{\"key\":");
    request_put_marker_key(writer, prefix);
    request_put_value(writer, text);
    tjob__json_write_string(writer, "]}");
}

void tjob__etcd_request_purge(json_writer *writer, tjob_text prefix, const tjob_etcd_marker *marker, tjob_text arn,
                              uint64_t mod_revision)
{
    tjob__json_write_string(writer, "{\"compare\":[");
    request_compare_record(writer, prefix, arn, mod_revision);
    tjob__json_write_byte(writer, ',');
    request_compare_marker_text(writer, prefix, marker);
    tjob__json_write_byte(writer, ',');
    request_compare_marker_revision(writer, prefix, RESULT_GREATER, mod_revision);
    tjob__json_write_string(writer, "],\"success\":[{\"request_delete_range\":{\"key\":");
    request_put_record_key(writer, prefix, arn);
    tjob__json_write_string(writer, "}}");
    request_delete_entry(writer, prefix, (etcd_entry){0, TJOB_ABSENT}, arn);
    tjob__json_write_string(writer, "]}");
}
