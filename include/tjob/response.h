/* Encodes an outcome into the bytes of a response: AWS JSON 1.1, outbound. */
#ifndef TJOB_RESPONSE_H
#define TJOB_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "tjob/operation.h"
#include "tjob/request.h"
#include "tjob/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A buffer of this many bytes holds the body of every error, and of a 200 to a stop or a delete, which is empty. */
#define TJOB_RESPONSE_ERROR_BYTES_MAX 512

/* A buffer of this many bytes holds every body, except for the members that the host adds to describe. */
#define TJOB_RESPONSE_BYTES_MAX 2048

/* The maximum length of a request id that is returned, in bytes; see tjob_http_response.id. */
#define TJOB_REQUEST_ID_BYTES_MAX 128

/*
 * An HTTP response for the host's web server to send. Its texts are static, the caller's own, or in the caller's
 * buffer.
 */
typedef struct tjob_http_response {
    int status;             /* 200, 400 or 500 */
    tjob_text content_type; /* header Content-Type: "application/x-amz-json-1.1" */
    tjob_text error_type;   /* header x-amzn-ErrorType, such as "InvalidRequestException"; none (empty) for a 200 */
    tjob_text id;           /* header x-amzn-RequestId: the request's id; empty (no header) if that is empty, longer
                               than TJOB_REQUEST_ID_BYTES_MAX, or not all visible ASCII, which no header can carry */
    tjob_text body;
} tjob_http_response;

/*
 * Encodes the answer to a request.
 *
 * request  the decoded request. If it is invalid, the answer is its error, and `outcome` is not read (it may be NULL).
 * id       tjob_http_request.id.
 * outcome  the outcome of the operation.
 * members  for describe: further members of EntityRecognizerProperties, as JSON text without the braces, such as
 *          "\"LanguageCode\":\"en\""; may be empty. They must not repeat a member that the library writes. They may be
 *          in the caller's buffer itself, from byte TJOB_RESPONSE_BYTES_MAX on.
 * body     the caller's buffer of `capacity` bytes for response->body. TJOB_RESPONSE_BYTES_MAX plus members.bytes are
 *          enough for every body.
 *
 * Returns TJOB_OK. If the body of a describe does not fit, or `members` is not JSON, returns TJOB_MISCONFIGURED, and
 * *response is the 500 for that. If the buffer is too small for an error, returns TJOB_MISCONFIGURED, and the body is
 * empty. Fills *response in every case. Pure; thread-safe.
 *
 * Source: the reference page of StopTrainingEntityRecognizer, for the statuses, the names of the errors, and the
 * sentences at the beginning of their messages.
 */
tjob_status tjob_response_encode(tjob_http_response *response, const tjob_request *request, tjob_text id,
                                 const tjob_outcome *outcome, tjob_text members, char *body, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
