/* The parts of a signature, as they stand in the Authorization header or in a presigned query. */
#ifndef TJOB_HOST_SIGNATURE_PARTS_H
#define TJOB_HOST_SIGNATURE_PARTS_H

#include "tjob/signature.h"

/* Which parts are missing. */
enum {
    SIGNATURE_NO_CREDENTIAL = 1,
    SIGNATURE_NO_SIGNATURE = 2,
    SIGNATURE_NO_SIGNED_HEADERS = 4,
    SIGNATURE_NO_DATE = 8
};

/* The size of the values of a presigned query once they are decoded, in bytes. */
enum { SIGNATURE_DECODED_BYTES_MAX = 2048 };

/* A parameter of the query, percent-encoded as it was received. */
typedef struct signature_parameter {
    tjob_text name;
    tjob_text value;
} signature_parameter;

typedef struct signature_parts {
    tjob_text algorithm;
    tjob_text credential;
    tjob_text signature;
    tjob_text signed_headers;
    tjob_text date;    /* of X-Amz-Date, or of the Date header */
    tjob_text payload; /* X-Amz-Content-Sha256; its data is NULL if there is none */
    tjob_text token;   /* X-Amz-Security-Token, the same */
    tjob_text expires; /* X-Amz-Expires, the same */
    bool is_query;
    unsigned missing; /* SIGNATURE_NO_... */
    uint32_t parameter_count;
    signature_parameter parameters[TJOB_SIGNATURE_PARAMETERS_MAX]; /* all but X-Amz-Signature */
    uint32_t decoded_bytes;
    char decoded[SIGNATURE_DECODED_BYTES_MAX];
} signature_parts;

/*
 * Returns how many headers have a name, which is in lower case, and the value of the first one without the blanks
 * around it; *value stays as it is if there is none.
 */
size_t tjob__signature_header(const tjob_signed_request *request, tjob_text name, tjob_text *value);

/*
 * Reads the parts of a signature. Returns TJOB_SIGNATURE_OK, MISSING, TOO_MANY, MALFORMED, BOTH_FORMS, INCOMPLETE (then
 * parts->missing says what) or REPEATED. The texts are those of the request, or in `parts`.
 */
tjob_signature_status tjob__signature_parts_read(signature_parts *parts, const tjob_signed_request *request);

/* The value of a hexadecimal digit, in either case; 16 if it is none. */
unsigned tjob__signature_hex_value(char digit);

#endif
