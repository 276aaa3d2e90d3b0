/* A request as it stands on the wire, in pieces of memory without a byte to spare. */
#ifndef TJOB_TESTS_WIRE_REQUEST_H
#define TJOB_TESTS_WIRE_REQUEST_H

#include "tjob/signature.h"

enum { WIRE_HEADERS_MAX = 200 };

typedef struct wire_request {
    tjob_signed_request request;
    tjob_signed_header headers[WIRE_HEADERS_MAX];
} wire_request;

/*
 * Splits "METHOD TARGET HTTP/1.1\n", lines of headers, "\n" and a body; the target may have spaces in it. Values are
 * kept with the blanks around them. Free it.
 */
void wire_request_read(wire_request *wire, const char *text);
void wire_request_free(wire_request *wire);

/* Verifies a text, at a time in Unix seconds. */
tjob_signature_result wire_request_verify(const char *text, const tjob_credentials *credentials, int64_t now_s);

/* The example key of the published suite, for one service and region or NULL, with access to everything. */
tjob_credentials *example_credentials(const char *service, const char *region);

/* Replaces the first `from` in a text, which must be there. Free the result. */
char *replaced(const char *text, const char *from, const char *to);

#endif
