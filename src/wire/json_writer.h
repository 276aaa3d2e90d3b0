/* Writes JSON text into a buffer of fixed size. */
#ifndef TJOB_WIRE_JSON_WRITER_H
#define TJOB_WIRE_JSON_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "tjob/text.h"

/* The output, and its full length even if it exceeds the capacity: bytes beyond the capacity are only counted. */
typedef struct json_writer {
    char *out;
    size_t bytes;
    size_t capacity;
} json_writer;

/* Write bytes as they are. */
void tjob__json_write_byte(json_writer *writer, char byte);
void tjob__json_write_text(json_writer *writer, tjob_text text);
void tjob__json_write_string(json_writer *writer, const char *string);

/* Writes a number in decimal, with leading zeros up to `least_digits`, at most 20. */
void tjob__json_write_number(json_writer *writer, uint64_t number, unsigned least_digits);

/* Writes a JSON string; `text` must be UTF-8. */
void tjob__json_write_quoted(json_writer *writer, tjob_text text);

#endif
