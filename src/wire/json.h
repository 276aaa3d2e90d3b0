/* A JSON (RFC 8259) reader for one object: returns its members one by one; validates nested values and skips them. */
#ifndef TJOB_WIRE_JSON_H
#define TJOB_WIRE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "tjob/text.h"

/* The maximum nesting depth of arrays and objects, including the outermost: one bit each in one word. */
#define JSON_DEPTH_MAX 64

typedef enum json_status {
    JSON_OK = 0,
    JSON_END,         /* no more members, and no data after the object */
    JSON_NOT_OBJECT,  /* the text is JSON, but not an object */
    JSON_TRUNCATED,   /* the text ends inside the value */
    JSON_UNEXPECTED,  /* unexpected character */
    JSON_TRAILING,    /* data after the value */
    JSON_BAD_LITERAL, /* not true, false or null */
    JSON_BAD_NUMBER,
    JSON_BAD_ESCAPE,
    JSON_BAD_CHARACTER, /* unescaped control character in a string */
    JSON_BAD_UTF8,
    JSON_TOO_DEEP
} json_status;

typedef enum json_kind { JSON_NULL, JSON_BOOLEAN, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_kind;

/* A value, by its place in the text. */
typedef struct json_value {
    const unsigned char *begin; /* its first byte; of a string, the one after the opening quote */
    const unsigned char *end;   /* one past its last byte; of a string, the closing quote */
    json_kind kind;
    bool escaped; /* a string with an escape sequence */
} json_value;

typedef struct json_reader {
    const unsigned char *begin;
    const unsigned char *at; /* after an error: the invalid byte */
    const unsigned char *end;
    bool braced;  /* the members are enclosed in braces */
    bool started; /* a member has been read */
} json_reader;

/* Begins to read an object. Returns JSON_OK or the problem. The text's data must not be NULL. */
json_status tjob__json_open(json_reader *reader, tjob_text text);

/* Begins to read members without enclosing braces, up to the end of the text. */
void tjob__json_open_members(json_reader *reader, tjob_text text);

/* Reads the next member. Returns JSON_OK with its name and value, JSON_END, or the problem. */
json_status tjob__json_next_member(json_reader *reader, json_value *name, json_value *value);

/* Reads the name of the next member, whose value must be read next. Returns JSON_OK, JSON_END, or the problem. */
json_status tjob__json_next_name(json_reader *reader, json_value *name);

/* Reads the value of a member whose name was read. Returns JSON_OK or the problem. */
json_status tjob__json_value(json_reader *reader, json_value *value);

/* Returns what follows the opening quote of a value that was not read yet; nothing if it is no string. */
tjob_text tjob__json_inside(const json_reader *reader);

/*
 * Reads the value of a member whose name was read, if it is a string of `bytes` characters, of which the caller knows
 * that they are ASCII and none is a quote, a backslash or a control character. Returns whether it was read.
 */
bool tjob__json_take_plain(json_reader *reader, size_t bytes, json_value *value);

/* Returns the position of the reader in bytes: after an error, the offset of the invalid byte. */
size_t tjob__json_offset(const json_reader *reader);

/*
 * Decodes the escapes of a string into `out` and returns the decoded length in bytes. At most `capacity` bytes are
 * written; the rest is only counted. A lone surrogate becomes three bytes of invalid UTF-8.
 */
size_t tjob__json_decode(const json_value *string, char *out, size_t capacity);

#endif
