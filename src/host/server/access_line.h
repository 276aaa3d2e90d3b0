/* A line of the access log. */
#ifndef TJOB_HOST_SERVER_ACCESS_LINE_H
#define TJOB_HOST_SERVER_ACCESS_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "tjob/hooks.h"
#include "tjob/operation.h"
#include "tjob/text.h"

/* The longest method, path and client that a line has, in bytes; what is longer is cut. */
enum { ACCESS_METHOD_BYTES = 32, ACCESS_PATH_BYTES = 256, ACCESS_CLIENT_BYTES = 64 };

typedef struct access_record {
    uint64_t unix_ms; /* when it was answered */
    uint64_t id;
    tjob_text request_id;
    tjob_text client;
    tjob_text method;
    tjob_text path;
    int status; /* of HTTP; 0: there was no answer */
    tjob_text error;
    uint64_t bytes_in;  /* of the body */
    uint64_t bytes_out; /* the same */
    uint64_t began_ns;  /* the request line had arrived; of a monotonic clock */
    uint64_t answered_ns;
    /* The call, if it came to one. */
    tjob_text arn;
    const tjob_event *event; /* NULL: none */
    const tjob_outcome *outcome;
    uint64_t call_began_ns;
    uint64_t call_ended_ns;
} access_record;

/*
 * Writes the line, with its line end: one object of JSON, which `tjob history check` reads. Returns its length in
 * bytes, at most TJOB_SERVER_LOG_LINE_BYTES_MAX; 0 if it is longer than `capacity`.
 */
size_t tjob__access_line_write(const access_record *record, char *line, size_t capacity);

#endif
