/* Decodes the bytes of a request into an operation: AWS JSON 1.1, inbound. */
#ifndef TJOB_REQUEST_H
#define TJOB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "tjob/arn.h"
#include "tjob/job.h"
#include "tjob/status.h"
#include "tjob/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The maximum size of the body of a request, in bytes. A well-formed one needs less than 2 KiB. */
#define TJOB_REQUEST_BODY_BYTES_MAX 65536

/* The maximum nesting of arrays and objects in a body, including its outermost object. */
#define TJOB_REQUEST_DEPTH_MAX 64

/* An HTTP request, as the host's web server parsed it. An absent header is an empty text. Any bytes are safe. */
typedef struct tjob_http_request {
    tjob_text method;       /* "POST" */
    tjob_text target;       /* header X-Amz-Target: "Comprehend_20171127.<Operation>" */
    tjob_text content_type; /* header Content-Type: "application/x-amz-json-1.1", parameters allowed */
    tjob_text body;
    tjob_text id; /* the host's own id of this request, returned in x-amzn-RequestId; may be empty */
} tjob_http_request;

/* The first problem of an invalid request. The order of the values is the order of the checks. */
typedef enum tjob_request_problem {
    TJOB_REQUEST_VALID = 0,
    TJOB_REQUEST_BAD_METHOD,       /* not POST */
    TJOB_REQUEST_BAD_TARGET,       /* not one of the three operations */
    TJOB_REQUEST_BAD_CONTENT_TYPE, /* not application/x-amz-json-1.1 */
    TJOB_REQUEST_BODY_TOO_LARGE,   /* over TJOB_REQUEST_BODY_BYTES_MAX; no byte of it is read */
    /* The body is not JSON (RFC 8259). */
    TJOB_REQUEST_JSON_TRUNCATED,     /* the body ends inside a value, or is blank */
    TJOB_REQUEST_JSON_UNEXPECTED,    /* a byte that is invalid here */
    TJOB_REQUEST_JSON_TRAILING,      /* something follows the value */
    TJOB_REQUEST_JSON_BAD_LITERAL,   /* neither true nor false nor null */
    TJOB_REQUEST_JSON_BAD_NUMBER,    /* a number violates the grammar */
    TJOB_REQUEST_JSON_BAD_ESCAPE,    /* an escape violates the grammar */
    TJOB_REQUEST_JSON_BAD_CHARACTER, /* a control character inside a string */
    TJOB_REQUEST_JSON_BAD_UTF8,      /* bytes inside a string that are not UTF-8 */
    TJOB_REQUEST_JSON_TOO_DEEP,      /* deeper than TJOB_REQUEST_DEPTH_MAX */
    TJOB_REQUEST_NOT_OBJECT,         /* the body is JSON, but not an object */
    /* The member EntityRecognizerArn. */
    TJOB_REQUEST_ARN_TWICE,
    TJOB_REQUEST_ARN_MISSING, /* absent, or null */
    TJOB_REQUEST_ARN_NOT_STRING,
    TJOB_REQUEST_ARN_MALFORMED /* it violates the ARN grammar, or is too long: see tjob_request.arn_problem */
} tjob_request_problem;

#define TJOB_REQUEST_PROBLEM_COUNT 19

/* A decoded request. */
typedef struct tjob_request {
    tjob_request_problem problem;
    tjob_arn_problem arn_problem; /* for TJOB_REQUEST_ARN_MALFORMED: the problem of the ARN */
    size_t offset;                /* the byte of the body where the problem is; for TJOB_REQUEST_ARN_MALFORMED, the byte
                                     of the ARN after its escapes are decoded; 0 where no byte applies */
    tjob_event_kind operation;    /* TJOB_STOP, TJOB_DESCRIBE or TJOB_DELETE; meaningful once the target is valid */
    tjob_text arn;                /* the ARN in the caller's buffer; empty unless valid */
} tjob_request;

/*
 * Returns whether `method` and `target` name an operation that this library answers, so that a host can route its own
 * operations elsewhere. The comparison is exact. Pure; thread-safe.
 */
bool tjob_request_is_known(tjob_text method, tjob_text target);

/*
 * Decodes a request. The ARN is copied into `arn`, the caller's buffer, with its escapes decoded; the content of `arn`
 * is undefined unless the request is valid. Returns TJOB_REQUEST_VALID or the first problem, which is also in
 * request->problem. Fills *request in every case.
 *
 * The body must be one object; an empty body is an empty object. Members other than EntityRecognizerArn are ignored
 * whatever their value, but must be JSON. The time is linear in the length of the body; there is no recursion. Pure;
 * thread-safe.
 *
 * Source: the reference page of StopTrainingEntityRecognizer (member, length, pattern); RFC 8259 (JSON); RFC 9110
 * section 8.3 (content type; the comparison of the media type ignores case).
 */
tjob_request_problem tjob_request_decode(tjob_request *request, const tjob_http_request *http, tjob_arn_grammar grammar,
                                         char arn[TJOB_ARN_BYTES_MAX]);

/* Returns the status for a problem: TJOB_OK, TJOB_INVALID_ARGUMENT or TJOB_UNKNOWN_OPERATION. Pure; thread-safe. */
tjob_status tjob_request_problem_status(tjob_request_problem problem);

#ifdef __cplusplus
}
#endif

#endif
