/*
 * Verifies who signed a request: AWS Signature Version 4, which every client of the service sends. It is a part of the
 * optional library tjob::server, which needs libcrypto (OpenSSL 3.0 and later). docs/signing.md and
 * tjob_signature(3) describe what is verified, and what is not.
 */
#ifndef TJOB_SIGNATURE_H
#define TJOB_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

#include "tjob/credentials.h"
#include "tjob/hooks.h"
#include "tjob/response.h"
#include "tjob/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Limits ------------------------------------------------------------------------------------------------------ */

/* How far the time of a signature may lie from that of the host, in milliseconds: 5 minutes, as in the service. */
#define TJOB_SIGNATURE_SKEW_MS 300000

/* The largest number of headers and of parameters of the query, and the longest path, in bytes. */
#define TJOB_SIGNATURE_HEADERS_MAX 128
#define TJOB_SIGNATURE_PARAMETERS_MAX 64
#define TJOB_SIGNATURE_PATH_BYTES_MAX 1024

/* The longest time for which a presigned request may ask, in seconds: 7 days. */
#define TJOB_SIGNATURE_EXPIRES_S_MAX 604800

/* The size of a message with its terminating NUL, in bytes. */
#define TJOB_SIGNATURE_MESSAGE_BYTES 384

/* ---- The request ------------------------------------------------------------------------------------------------- */

/* A header as it was received: its name in any case, its value without the end of the line. */
typedef struct tjob_signed_header {
    const char *name;
    size_t name_bytes;
    const char *value;
    size_t value_bytes;
} tjob_signed_header;

/* An HTTP request as it was received, before anything of it is decoded. Any bytes are safe. */
typedef struct tjob_signed_request {
    tjob_text method;
    tjob_text path;                    /* up to the "?", percent-encoded as it was received: "/" */
    tjob_text query;                   /* after the "?"; empty if there is none */
    const tjob_signed_header *headers; /* all of them, in the order in which they were received */
    size_t header_count;
    tjob_text body; /* the whole body, without its transfer coding */
} tjob_signed_request;

/* ---- The result -------------------------------------------------------------------------------------------------- */

/* What a verification found. The order of the values is about that of the checks. */
typedef enum tjob_signature_status {
    TJOB_SIGNATURE_OK = 0,
    TJOB_SIGNATURE_MISSING,         /* neither an Authorization header of Signature Version 4 nor a presigned query */
    TJOB_SIGNATURE_TOO_MANY,        /* more headers or parameters, or a longer path, than the limits above */
    TJOB_SIGNATURE_MALFORMED,       /* the Authorization header, the query or another part is not well-formed */
    TJOB_SIGNATURE_BOTH_FORMS,      /* an Authorization header and a presigned query */
    TJOB_SIGNATURE_INCOMPLETE,      /* a part of the signature, or the date, is missing */
    TJOB_SIGNATURE_REPEATED,        /* a header of which there may be one is there twice */
    TJOB_SIGNATURE_BAD_DATE,        /* the date is malformed */
    TJOB_SIGNATURE_EXPIRED,         /* the date lies too far back, or the presigned request has expired */
    TJOB_SIGNATURE_NOT_YET_CURRENT, /* the date lies too far ahead */
    TJOB_SIGNATURE_UNSIGNED,        /* Host, or an X-Amz header that is there, is not signed */
    TJOB_SIGNATURE_ABSENT,          /* a header is named as signed, but is not there */
    TJOB_SIGNATURE_BAD_ALGORITHM,   /* not AWS4-HMAC-SHA256 */
    TJOB_SIGNATURE_BAD_CREDENTIAL,  /* the credential does not have five elements */
    TJOB_SIGNATURE_BAD_SCOPE,       /* signed for another region, service, terminator or day */
    TJOB_SIGNATURE_UNKNOWN_KEY,     /* there is no such access key */
    TJOB_SIGNATURE_BAD_TOKEN,       /* there is a security token: these keys have none */
    TJOB_SIGNATURE_BAD_PAYLOAD,     /* X-Amz-Content-Sha256 is not the hash of the body */
    TJOB_SIGNATURE_MISMATCH,        /* the signature is not that of this request with this key */
    TJOB_SIGNATURE_UNAVAILABLE      /* libcrypto failed, such as for want of memory */
} tjob_signature_status;

#define TJOB_SIGNATURE_STATUS_COUNT 20

/* How a status is answered. */
typedef struct tjob_signature_answer {
    const char *error; /* the name of the error, such as "InvalidSignatureException"; "" for TJOB_SIGNATURE_OK */
    const char *text;  /* its message where no part of it depends on the request */
    int http_status;   /* 200, 400 or 500 */
} tjob_signature_answer;

/* The result of a verification: who calls, or why the request is refused. */
typedef struct tjob_signature_result {
    tjob_signature_status status;
    uint32_t key; /* the index of the key in credentials->keys; 0 unless the status is TJOB_SIGNATURE_OK */
    const tjob_credentials *credentials;
    /* The message of the error, as the service words it; "" for TJOB_SIGNATURE_OK. It is visible ASCII without
     * quotation marks and backslashes, and shows at most the date, the region and the name of a header of a request. */
    char message[TJOB_SIGNATURE_MESSAGE_BYTES];
} tjob_signature_result;

/*
 * Verifies a request: that one of the keys signed all of it that a signature covers, that the body is the one that was
 * signed, and that the time is near. It does no I/O. The comparison takes the same time wherever the signatures differ,
 * and an unknown key takes the same steps as a known one.
 *
 * now_ms  the present time, in Unix milliseconds.
 * result  the caller's; filled in every case.
 *
 * Returns TJOB_SIGNATURE_OK or why the request is refused, which is also in result->status. The time is linear in the
 * size of the body, and at most the product of the sizes of the signature and of the headers. A request that is refused
 * must not be acted upon. Thread-safe.
 *
 * Source: the page "Create a signed AWS API request" of the IAM User Guide; the names and the messages of the errors
 * are those of services with the protocol AWS JSON.
 */
tjob_signature_status tjob_signature_verify(const tjob_signed_request *request, const tjob_credentials *credentials,
                                            int64_t now_ms, tjob_signature_result *result);

/* Returns how a status is answered; the answer to TJOB_SIGNATURE_UNAVAILABLE outside the enum. Static; thread-safe. */
tjob_signature_answer tjob_signature_error(tjob_signature_status status);

/*
 * Encodes the answer to a request that was refused, as tjob_response_encode does for the other errors.
 *
 * result  of the verification; its status is not TJOB_SIGNATURE_OK.
 * body    the caller's buffer of `capacity` bytes for response->body. TJOB_RESPONSE_ERROR_BYTES_MAX are enough.
 *
 * Returns TJOB_OK; TJOB_MISCONFIGURED if the buffer is too small, and then the body is empty. Fills *response in every
 * case; its id is empty: set it. Send a Date header with it, because clients correct their clock by it. Pure;
 * thread-safe.
 */
tjob_status tjob_signature_respond(const tjob_signature_result *result, tjob_http_response *response, char *body,
                                   size_t capacity);

/*
 * Returns a hook for tjob_service.authorizer: the key of a request may touch the recognizers that its grants cover.
 * The `user` of each call that the service gets is a tjob_signature_result, or a struct that begins with one;
 * everybody whose `user` is NULL, or was refused, is denied. Pure; thread-safe.
 */
tjob_authorizer tjob_signature_authorizer(void);

#ifdef __cplusplus
}
#endif

#endif
