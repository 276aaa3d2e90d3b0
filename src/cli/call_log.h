/* A file of JSON lines as calls, sorted by job: see docs/history.md. */
#ifndef TJOB_CLI_CALL_LOG_H
#define TJOB_CLI_CALL_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "tjob/history_log.h"

/* A call, and the lines that tell of it. */
struct logged_call {
    tjob_call call;
    size_t job; /* an index into call_log.arns */
    size_t invoked_line;
    size_t answered_line; /* 0: none */
    size_t id;            /* offset of its id in call_log.texts, where the length stands before it */
};

/* The longest line of a file, in bytes, with its end. */
enum { CALL_LOG_LINE_BYTES_MAX = 1 << 20 };

struct call_log {
    struct logged_call *calls; /* by job, within a job by invocation */
    size_t count;
    size_t *arns; /* offsets into texts; a job each */
    size_t jobs;
    size_t cut_line; /* the last line, where it was cut off and is left out; 0: it is whole */
    char *texts;     /* ids and ARNs, each behind its length as a size_t */
    size_t texts_bytes;

    /* room, and what finds ids and ARNs */
    size_t calls_room, arns_room, texts_room;
    size_t *ids, *names; /* hash tables: an index plus one, 0 = none */
    size_t ids_room, names_room;
    bool has_at;
};

/* Reads a file. False after it has said on standard error what is wrong, and in which line. */
bool call_log_read(struct call_log *log, const char *path, const char *verb);
void call_log_free(struct call_log *log);

/* The text at an offset. */
tjob_text call_log_text(const struct call_log *log, size_t offset);

#endif
