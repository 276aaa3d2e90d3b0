/*
 * A reader of JSON (RFC 8259) for one object: its members one by one, their values checked and, if nested, passed over.
 */
#ifndef TJOB_WIRE_JSON_H
#define TJOB_WIRE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "tjob/text.h"

/* How deep arrays and objects may nest, the outermost included: a bit for each in one word. */
#define JSON_DEPTH_MAX 64

typedef enum json_status {
    JSON_OK = 0,
    JSON_END,         /* no more members, and nothing behind the object */
    JSON_NOT_OBJECT,  /* the text is JSON, but no object */
    JSON_TRUNCATED,   /* the text ends inside the value */
    JSON_UNEXPECTED,  /* a byte that cannot stand here */
    JSON_TRAILING,    /* something follows the value */
    JSON_BAD_LITERAL, /* neither true nor false nor null */
    JSON_BAD_NUMBER,
    JSON_BAD_ESCAPE,
    JSON_BAD_CHARACTER, /* a control character inside a string */
    JSON_BAD_UTF8,
    JSON_TOO_DEEP
} json_status;

typedef enum json_kind { JSON_NULL, JSON_BOOLEAN, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_kind;

/* A value where it stands in the text. */
typedef struct json_value {
    const unsigned char *begin; /* its first byte; of a string, the one behind the opening quote */
    const unsigned char *end;   /* behind its last byte; of a string, the closing quote */
    json_kind kind;
    bool escaped; /* a string that bears an escape */
} json_value;

typedef struct json_reader {
    const unsigned char *begin;
    const unsigned char *at; /* after an error: the byte that is wrong */
    const unsigned char *end;
    bool braced;  /* the members stand between braces */
    bool started; /* a member has been read */
} json_reader;

/* Opens the object that the text is: JSON_OK, or what is wrong. The text's data must not be NULL. */
json_status tjob__json_open(json_reader *reader, tjob_text text);

/* Opens members that stand without braces and fill the text. */
void tjob__json_open_members(json_reader *reader, tjob_text text);

/* Reads the next member: JSON_OK with its name and value, JSON_END, or what is wrong. */
json_status tjob__json_next_member(json_reader *reader, json_value *name, json_value *value);

/* How far the reader has come, in bytes: after an error, the offset of the byte that is wrong. */
size_t tjob__json_offset(const json_reader *reader);

/*
 * Writes a string's characters, its escapes decoded, to `out`, and returns how many bytes they are: at most `capacity`
 * are written, what does not fit is only counted. A surrogate without its other half becomes three bytes that no check
 * of UTF-8 accepts.
 */
size_t tjob__json_decode(const json_value *string, char *out, size_t capacity);

#endif
