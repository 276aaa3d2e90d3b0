/* The messages of errors, as the service words them. */
#ifndef TJOB_HOST_SIGNATURE_MESSAGE_H
#define TJOB_HOST_SIGNATURE_MESSAGE_H

#include "tjob/signature.h"

/* Text on its way into a buffer, of which the last byte is for the terminating NUL. What does not fit is counted. */
typedef struct signature_writer {
    char *out;
    size_t bytes;
    size_t capacity;
} signature_writer;

void tjob__signature_write(signature_writer *writer, const char *string);

/* Writes at most 48 bytes of a request, with "?" for each that is not a letter, a digit or one of "-._:/". */
void tjob__signature_write_foreign(signature_writer *writer, tjob_text text);

/* Writes a time as "20150830T123600Z". */
void tjob__signature_write_date(signature_writer *writer, int64_t unix_s);

/* Writes a number that is not negative. */
void tjob__signature_write_number(signature_writer *writer, int64_t number);

#endif
