#include "wire/json.h"

#include <stdint.h>
#include <string.h>

#include "core/bytes.h"
#include "core/utf8.h"

ALWAYS_INLINE bool json_next_is(const json_reader *reader, char wanted)
{
    return reader->at != reader->end && *reader->at == (unsigned char)wanted;
}

static bool next_is_digit(const json_reader *reader)
{
    return reader->at != reader->end && *reader->at >= '0' && *reader->at <= '9';
}

ALWAYS_INLINE bool json_take(json_reader *reader, char wanted)
{
    const bool found = json_next_is(reader, wanted);
    reader->at += found;
    return found;
}

static json_status wrong(const json_reader *reader, json_status status)
{
    return reader->at == reader->end ? JSON_TRUNCATED : status;
}

ALWAYS_INLINE bool json_is_space(unsigned char byte)
{
    return byte <= ' ' && (byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t');
}

ALWAYS_INLINE void skip_space(json_reader *reader)
{
    while (reader->at != reader->end && json_is_space(*reader->at)) {
        reader->at++;
    }
}

/* ---- Strings ------------------------------------------------------------------------------------------------- */

/* Skips plain characters, up to the first quote, backslash, control or non-ASCII byte. In `stop` the high bit of the
 * lowest such byte is set, and none below it. */
ALWAYS_INLINE void skip_plain(json_reader *reader)
{
    while (reader->end - reader->at >= 8) {
        const uint64_t word = bytes_load64(reader->at);
        const uint64_t quote = (word ^ bytes_all('"')) - bytes_all(1);
        const uint64_t backslash = (word ^ bytes_all('\\')) - bytes_all(1);
        const uint64_t control = word - bytes_all(' ');
        const uint64_t stop = (quote | backslash | control | word) & bytes_all(0x80);
        if (stop != 0) {
            reader->at += bytes_below(stop);
            return;
        }
        reader->at += 8;
    }
    while (reader->at != reader->end && *reader->at >= ' ' && *reader->at < 0x80 && *reader->at != '"' &&
           *reader->at != '\\') {
        reader->at++;
    }
}

/* Returns the value of a hexadecimal digit, or 16 if it is not one. */
static unsigned hex_value(unsigned char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    const unsigned char lower = digit | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10u : 16u;
}

/* Returns the character of a one-letter escape, or 0 if it is invalid. */
static char escape_value(unsigned char letter)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    for (unsigned i = 0; i < sizeof letters - 1; i++) {
        if ((unsigned char)letters[i] == letter) {
            return values[i];
        }
    }
    return 0;
}

/* Reads an escape sequence after its backslash. */
static json_status read_escape(json_reader *reader)
{
    if (!json_take(reader, 'u')) {
        if (reader->at == reader->end || escape_value(*reader->at) == 0) {
            return wrong(reader, JSON_BAD_ESCAPE);
        }
        reader->at++;
        return JSON_OK;
    }
    for (int i = 0; i < 4; i++) {
        if (reader->at == reader->end || hex_value(*reader->at) > 15) {
            return wrong(reader, JSON_BAD_ESCAPE);
        }
        reader->at++;
    }
    return JSON_OK;
}

/* Reads a string after its opening quote. */
ALWAYS_INLINE json_status read_string(json_reader *reader, json_value *value)
{
    *value = (json_value){.begin = reader->at, .kind = JSON_STRING};
    for (;;) {
        skip_plain(reader);
        value->end = reader->at;
        if (json_take(reader, '"')) {
            return JSON_OK;
        }
        if (json_take(reader, '\\')) {
            value->escaped = true;
            const json_status status = read_escape(reader);
            if (status != JSON_OK) {
                return status;
            }
            continue;
        }
        if (reader->at == reader->end) {
            return JSON_TRUNCATED;
        }
        if (*reader->at < ' ') {
            return JSON_BAD_CHARACTER;
        }
        const size_t length = tjob__utf8_character(reader->at, reader->end);
        if (length == 0) {
            return JSON_BAD_UTF8;
        }
        reader->at += length;
    }
}

/* ---- Other values -------------------------------------------------------------------------------------------- */

static json_status read_literal(json_reader *reader, const char *literal)
{
    for (; *literal != '\0'; literal++) {
        if (!json_take(reader, *literal)) {
            return wrong(reader, JSON_BAD_LITERAL);
        }
    }
    return JSON_OK;
}

static bool take_digits(json_reader *reader)
{
    const unsigned char *first = reader->at;
    while (next_is_digit(reader)) {
        reader->at++;
    }
    return reader->at != first;
}

static json_status json_read_number(json_reader *reader)
{
    (void)json_take(reader, '-');
    if (!json_take(reader, '0') && !take_digits(reader)) {
        return wrong(reader, JSON_BAD_NUMBER);
    }
    if (json_take(reader, '.') && !take_digits(reader)) {
        return wrong(reader, JSON_BAD_NUMBER);
    }
    if (json_take(reader, 'e') || json_take(reader, 'E')) {
        if (!json_take(reader, '+')) {
            (void)json_take(reader, '-');
        }
        if (!take_digits(reader)) {
            return wrong(reader, JSON_BAD_NUMBER);
        }
    }
    return JSON_OK;
}

/* Reads a value; of an array or an object only the opening bracket. */
static json_status read_opening(json_reader *reader, json_value *value)
{
    if (json_take(reader, '"')) {
        return read_string(reader, value);
    }
    *value = (json_value){.begin = reader->at};
    json_status status = JSON_OK;
    if (json_take(reader, '{')) {
        value->kind = JSON_OBJECT;
    } else if (json_take(reader, '[')) {
        value->kind = JSON_ARRAY;
    } else if (json_next_is(reader, '-') || next_is_digit(reader)) {
        value->kind = JSON_NUMBER;
        status = json_read_number(reader);
    } else if (json_next_is(reader, 'n')) {
        value->kind = JSON_NULL;
        status = read_literal(reader, "null");
    } else if (json_next_is(reader, 't') || json_next_is(reader, 'f')) {
        value->kind = JSON_BOOLEAN;
        status = read_literal(reader, json_next_is(reader, 't') ? "true" : "false");
    } else {
        status = wrong(reader, JSON_UNEXPECTED);
    }
    value->end = reader->at;
    return status;
}

/* Reads the name of a member and the colon after it. */
ALWAYS_INLINE json_status read_name(json_reader *reader, json_value *name)
{
    if (!json_take(reader, '"')) {
        return wrong(reader, JSON_UNEXPECTED);
    }
    const json_status status = read_string(reader, name);
    if (status != JSON_OK) {
        return status;
    }
    skip_space(reader);
    if (!json_take(reader, ':')) {
        return wrong(reader, JSON_UNEXPECTED);
    }
    skip_space(reader);
    return JSON_OK;
}

/* Reads the comma before every element except the first. */
ALWAYS_INLINE json_status read_separator(json_reader *reader, bool first)
{
    if (first) {
        return JSON_OK;
    }
    if (!json_take(reader, ',')) {
        return wrong(reader, JSON_UNEXPECTED);
    }
    skip_space(reader);
    return JSON_OK;
}

/* Reads one element of an array or one member of an object; its value as read_opening does. */
static json_status read_element(json_reader *reader, bool in_object, bool first, json_value *value)
{
    json_value name;
    json_status status = read_separator(reader, first);
    if (status == JSON_OK && in_object) {
        status = read_name(reader, &name);
    }
    return status == JSON_OK ? read_opening(reader, value) : status;
}

/* Skips the rest of an array or object whose opening bracket was read at depth `outer`. */
static json_status skip_nested(json_reader *reader, unsigned outer, bool is_object)
{
    uint64_t objects = is_object; /* bit 0: the innermost open bracket is a brace; bit 1: the one around it; ... */
    unsigned depth = outer + 1;
    bool first = true;
    for (;;) {
        if (depth > JSON_DEPTH_MAX) {
            reader->at--;
            return JSON_TOO_DEEP;
        }
        skip_space(reader);
        const bool in_object = (objects & 1) != 0;
        if (json_take(reader, in_object ? '}' : ']')) {
            objects >>= 1;
            first = false;
            if (--depth == outer) {
                return JSON_OK;
            }
            continue;
        }
        json_value value;
        const json_status status = read_element(reader, in_object, first, &value);
        if (status != JSON_OK) {
            return status;
        }
        first = value.kind == JSON_ARRAY || value.kind == JSON_OBJECT;
        if (first) {
            objects = objects << 1 | (value.kind == JSON_OBJECT);
            depth++;
        }
    }
}

/* Reads a whole value at depth `outer`. */
static json_status json_read_value(json_reader *reader, unsigned outer, json_value *value)
{
    json_status status = read_opening(reader, value);
    if (status == JSON_OK && (value->kind == JSON_ARRAY || value->kind == JSON_OBJECT)) {
        status = skip_nested(reader, outer, value->kind == JSON_OBJECT);
        value->end = reader->at;
    }
    return status;
}

ALWAYS_INLINE json_status read_end(json_reader *reader)
{
    skip_space(reader);
    return reader->at == reader->end ? JSON_END : JSON_TRAILING;
}

/* ---- The object ---------------------------------------------------------------------------------------------- */

void tjob__json_open_members(json_reader *reader, tjob_text text)
{
    reader->begin = (const unsigned char *)text.data;
    reader->at = reader->begin;
    reader->end = reader->begin + text.bytes;
    reader->braced = false;
    reader->started = false;
}

json_status tjob__json_open(json_reader *reader, tjob_text text)
{
    tjob__json_open_members(reader, text);
    reader->braced = true;
    skip_space(reader);
    if (json_take(reader, '{')) {
        return JSON_OK;
    }
    json_value value;
    json_status status = json_read_value(reader, 0, &value);
    if (status == JSON_OK) {
        status = read_end(reader);
    }
    if (status != JSON_END) {
        return status;
    }
    reader->at = reader->begin; /* the whole value is wrong, not one byte */
    return JSON_NOT_OBJECT;
}

json_status tjob__json_next_name(json_reader *reader, json_value *name)
{
    skip_space(reader);
    if (reader->braced ? json_take(reader, '}') : reader->at == reader->end) {
        return read_end(reader);
    }
    json_status status = read_separator(reader, !reader->started);
    if (status == JSON_OK) {
        status = read_name(reader, name);
    }
    reader->started = true;
    return status;
}

json_status tjob__json_value(json_reader *reader, json_value *value)
{
    return json_read_value(reader, 1, value);
}

json_status tjob__json_next_member(json_reader *reader, json_value *name, json_value *value)
{
    const json_status status = tjob__json_next_name(reader, name);
    return status == JSON_OK ? tjob__json_value(reader, value) : status;
}

tjob_text tjob__json_inside(const json_reader *reader)
{
    const size_t left = (size_t)(reader->end - reader->at);
    return json_next_is(reader, '"') ? (tjob_text){(const char *)reader->at + 1, left - 1} : (tjob_text){"", 0};
}

bool tjob__json_take_plain(json_reader *reader, size_t bytes, json_value *value)
{
    if (reader->end - reader->at < (ptrdiff_t)bytes + 2 || reader->at[bytes + 1] != '"') {
        return false;
    }
    *value = (json_value){.begin = reader->at + 1, .end = reader->at + 1 + bytes, .kind = JSON_STRING};
    reader->at += bytes + 2;
    return true;
}

size_t tjob__json_offset(const json_reader *reader)
{
    return (size_t)(reader->at - reader->begin);
}

/* ---- Decoding ------------------------------------------------------------------------------------------------ */

struct sink {
    char *out;
    size_t bytes;
    size_t capacity;
};

static void json_put(struct sink *sink, uint32_t byte)
{
    if (sink->bytes < sink->capacity) {
        sink->out[sink->bytes] = (char)(unsigned char)byte;
    }
    sink->bytes++;
}

static void put_character(struct sink *sink, uint32_t character)
{
    if (character < 0x80) {
        json_put(sink, character);
        return;
    }
    if (character < 0x800) {
        json_put(sink, 0xc0 | character >> 6);
    } else {
        if (character < 0x10000) {
            json_put(sink, 0xe0 | character >> 12);
        } else {
            json_put(sink, 0xf0 | character >> 18);
            json_put(sink, 0x80 | (character >> 12 & 0x3f));
        }
        json_put(sink, 0x80 | (character >> 6 & 0x3f));
    }
    json_put(sink, 0x80 | (character & 0x3f));
}

static uint32_t hex4(const unsigned char *digits)
{
    return hex_value(digits[0]) << 12 | hex_value(digits[1]) << 8 | hex_value(digits[2]) << 4 | hex_value(digits[3]);
}

/* Decodes a Unicode escape, or both halves of a surrogate pair, and moves `*at` from its 'u' to its end. Reading past
 * the escape is safe, because the closing quote follows the string. */
static uint32_t take_unicode(const unsigned char **at)
{
    const uint32_t first = hex4(*at + 1);
    *at += 5;
    if ((first & 0xfc00) != 0xd800 || (*at)[0] != '\\' || (*at)[1] != 'u') {
        return first;
    }
    const uint32_t second = hex4(*at + 2);
    if ((second & 0xfc00) != 0xdc00) {
        return first;
    }
    *at += 6;
    return 0x10000 + ((first & 0x3ff) << 10 | (second & 0x3ff));
}

size_t tjob__json_decode(const json_value *string, char *out, size_t capacity)
{
    const size_t raw = (size_t)(string->end - string->begin);
    if (!string->escaped && raw <= capacity) {
        memcpy(out, string->begin, raw);
        return raw;
    }
    struct sink sink = {out, 0, capacity};
    const unsigned char *at = string->begin;
    while (at != string->end) {
        if (*at != '\\') {
            json_put(&sink, *at++);
        } else if (at[1] == 'u') {
            at++;
            put_character(&sink, take_unicode(&at));
        } else {
            put_character(&sink, (unsigned char)escape_value(at[1]));
            at += 2;
        }
    }
    return sink.bytes;
}
