/*
 * The head of a request: which ones the server takes. libmicrohttpd takes more than a service must: two lengths, none
 * of the names of a host, a length beside chunks, codings that it does not know. A proxy may read these in another way.
 *
 * It also reads some bytes as if others were there: it ends a line at a bare line feed and a text at a NUL, ends the
 * head at a line that begins with one, and adds a folded line to the name before. What it has parsed is no proof then.
 * But it parses in place (0.9.75): a request lies at the begin of the memory of its connection, which begins a page,
 * and a NUL stands for each separator that was read. So the parts must lie one behind the other, with nothing between
 * them but their separators. Where another version stores otherwise, all requests are refused.
 */
#ifndef TJOB_HOST_SERVER_HEAD_H
#define TJOB_HOST_SERVER_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "tjob/server.h"

typedef enum head_problem {
    HEAD_VALID = 0,
    HEAD_TOO_LARGE,
    HEAD_TOO_MANY_HEADERS,
    HEAD_BAD_FORM,    /* there are bytes between its parts */
    HEAD_BAD_TARGET,  /* neither a path nor an absolute URL, too long, or with bytes that are not visible ASCII */
    HEAD_BAD_VERSION, /* neither HTTP/1.1 nor HTTP/1.0 */
    HEAD_BAD_NAME,    /* the name of a header is no token */
    HEAD_BAD_VALUE,   /* a value has a control character */
    HEAD_TWICE,       /* a header that may stand once stands twice */
    HEAD_NO_HOST,     /* none, or an empty one, with HTTP/1.1 */
    HEAD_OTHER_HOST,  /* the target is an absolute URL of another host than the header's */
    HEAD_BAD_LENGTH,  /* Content-Length is not a number */
    HEAD_BAD_CODING,  /* Transfer-Encoding is not chunked, or the version is HTTP/1.0 */
    HEAD_LENGTH_AND_CODING,
    HEAD_PROBLEMS
} head_problem;

/* What libmicrohttpd has parsed, where it lies. Blanks behind `headers` are trimmed by the validation. */
typedef struct request_head {
    tjob_text method; /* the first byte of the head */
    tjob_text version;
    tjob_text target;      /* the raw one; no data: it was too long */
    const char *target_at; /* where it was */
    tjob_server_header *headers;
    size_t header_count; /* how many there were, perhaps more than TJOB_SERVER_HEADERS_MAX */
    size_t bytes;        /* of the whole head, with the empty line at its end; 0 if it is unknown */
    /* results */
    tjob_text authority; /* of an absolute URL; no data: it is a path */
    tjob_text path;
    tjob_text query;
    uint64_t length; /* of the body; UINT64_MAX if it is chunked */
} request_head;

/* Validates a head, trims its values, and fills in the results. Returns HEAD_VALID, or the first problem. Pure. */
head_problem tjob__head_validate(request_head *head);

/* Returns what the client is answered about a problem. */
const char *tjob__head_problem_text(head_problem problem);

/* Returns the first value of a header; empty if it is not there. The comparison ignores case. */
tjob_text tjob__head_value(const tjob_server_header *headers, size_t count, const char *name);

#endif
