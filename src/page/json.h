/* JSON for the page: the commas and quotes around wire's writer. Numbers of 64 bits are strings. */
#ifndef TJOB_PAGE_JSON_H
#define TJOB_PAGE_JSON_H

#include <stdbool.h>

#include "tjob/job.h"
#include "wire/json_writer.h"

/* The output; all zero but for the buffer at first. */
struct page_json {
    json_writer writer;
    bool follows; /* the next value follows another one */
};

/* Open and close an object or an array: a bracket of either kind. */
void tjob__page_open(struct page_json *json, char bracket);
void tjob__page_close(struct page_json *json, char bracket);

/* Writes the name of the member whose value comes next. */
void tjob__page_name(struct page_json *json, const char *name);

/* Write a value. A `text` must be UTF-8. */
void tjob__page_text(struct page_json *json, tjob_text text);
void tjob__page_string(struct page_json *json, const char *string);
void tjob__page_decimal(struct page_json *json, uint64_t number); /* a string of digits */
void tjob__page_count(struct page_json *json, uint32_t number);   /* a number */
void tjob__page_bool(struct page_json *json, bool value);
void tjob__page_null(struct page_json *json);

/* Write a member: its name and its value. */
void tjob__page_member_string(struct page_json *json, const char *name, const char *string);
void tjob__page_member_decimal(struct page_json *json, const char *name, uint64_t number);
void tjob__page_member_count(struct page_json *json, const char *name, uint32_t number);
void tjob__page_member_bool(struct page_json *json, const char *name, bool value);
void tjob__page_member_null(struct page_json *json, const char *name);

/* Writes a member that is a record, or null if the record is absent. */
void tjob__page_member_record(struct page_json *json, const char *name, const tjob_job *job);

#endif
