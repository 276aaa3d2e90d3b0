/* A file of JSON lines as calls, sorted by job: see docs/history.md. */
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
    bool has_at;
};

/* Reads a file. Returns false after printing the error and its line on standard error. */
bool call_log_read(struct call_log *log, const char *path, const char *command);
void call_log_free(struct call_log *log);

/* Returns the text at an offset. */
tjob_text call_log_text(const struct call_log *log, size_t offset);

#endif
