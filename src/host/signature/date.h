/* The times of requests: ISO 8601 in its basic format, and the format of the Date header. */
#ifndef TJOB_HOST_SIGNATURE_DATE_H
#define TJOB_HOST_SIGNATURE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "tjob/text.h"

/* The length of "20150830T123600Z", and of the day at its beginning. */
enum { SIGNATURE_DATE_BYTES = 16, SIGNATURE_DAY_BYTES = 8 };

/* The first second of the year 0 and the last one of the year 9999, in Unix seconds: what the format can express. */
#define SIGNATURE_DATE_MIN INT64_C(-62167219200)
#define SIGNATURE_DATE_MAX INT64_C(253402300799)

/*
 * Reads "20150830T123600Z", or "Sun, 30 Aug 2015 12:36:00 GMT" (RFC 9110 section 5.6.7, its first format; also with an
 * offset of zero), into Unix seconds. Returns whether it is one of them, and the day is in the calendar.
 */
bool tjob__signature_date_read(tjob_text text, int64_t *unix_s);

/* Writes a time as "20150830T123600Z"; one out of the range above as the nearest one in it. */
void tjob__signature_date_write(int64_t unix_s, char out[SIGNATURE_DATE_BYTES]);

#endif
