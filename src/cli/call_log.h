/*
 * The lines of a log as calls, sorted by job: see docs/history.md. It reads no file and prints nothing; the memory is
 * the caller's, who gives more of it when asked.
 */
#ifndef TJOB_CLI_CALL_LOG_H
#define TJOB_CLI_CALL_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "tjob/history_log.h"

/* A call, and the lines of its invocation and its answer. */
struct logged_call {
    tjob_call call;
    size_t job; /* an index into call_log.arns */
    size_t invoked_line;
    size_t answered_line; /* 0: none */
    size_t id;            /* offset of its id in call_log.texts, preceded by its length */
};

/* The maximum length of a line, in bytes, without its end. */
enum { CALL_LOG_LINE_BYTES_MAX = 1 << 20 };

/* Resizes memory, whose first `old_bytes` bytes keep their content; `old` is NULL for new memory. `bytes` of 0 frees
 * it. Returns NULL if there is not enough. */
typedef void *call_log_resize(void *context, void *old, size_t old_bytes, size_t bytes);

/* What is wrong with a log. */
struct call_log_error {
    size_t line;
    bool of_member;     /* `offset` and `member` say where in the line */
    size_t offset;      /* the byte, from 0 */
    const char *member; /* the member that is wrong; "" for none */
    const char *what;
};

struct call_log {
    struct logged_call *calls; /* sorted by job, then by invocation */
    size_t count;
    size_t *arns; /* offsets into texts, one for each job */
    size_t jobs;
    size_t cut_line; /* the number of the last line if it is incomplete and ignored; else 0 */
    char *texts;     /* ids and ARNs, each preceded by its length as a size_t */
    size_t texts_bytes;

    /* capacities, and the hash tables of ids and ARNs */
    size_t calls_room, arns_room, texts_room;
    size_t *ids, *names; /* an index plus one; 0 = empty */
    size_t ids_room, names_room;
    bool has_lines; /* one at least was read */
    bool has_at;
    size_t line; /* the number of the line that was added last */
    call_log_resize *resize;
    void *context;
};

void call_log_begin(struct call_log *log, call_log_resize *resize, void *context);

/* Adds the next line, without its newline. `is_last`: the file ends with it, not with a newline. Returns false and sets
 * *error if it is wrong, or if there is not enough memory. */
bool call_log_add(struct call_log *log, tjob_text line, bool is_last, struct call_log_error *error);

/* Ends the log: every answer must have an invocation. The caller then sorts the calls. */
bool call_log_end(const struct call_log *log, struct call_log_error *error);

/* Compares two struct logged_call: by job, then by invocation, then by line. */
int call_log_compare(const void *a, const void *b);

void call_log_free(struct call_log *log);

/* Returns the text at an offset. */
tjob_text call_log_text(const struct call_log *log, size_t offset);

#endif
