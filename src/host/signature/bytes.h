/* Comparisons of texts, and what may stand where in a request. */
#ifndef TJOB_HOST_SIGNATURE_BYTES_H
#define TJOB_HOST_SIGNATURE_BYTES_H

#include <stdbool.h>

#include "tjob/text.h"

/* Returns a text whose data is not NULL. */
tjob_text tjob__signature_readable(tjob_text text);

tjob_text tjob__signature_text(const char *string);

bool tjob__signature_is(tjob_text text, tjob_text wanted);

bool tjob__signature_begins(tjob_text text, tjob_text wanted);

char tjob__signature_lower(char c);

/* Whether the first bytes of a name are `wanted`, which is in lower case, whatever the case of the name. */
bool tjob__signature_begins_lower(tjob_text name, tjob_text wanted);

bool tjob__signature_is_lower(tjob_text name, tjob_text wanted);

bool tjob__signature_is_digit(char c);

bool tjob__signature_is_alphanumeric(char c);

bool tjob__signature_is_blank(char c);

/* Returns a text without the blanks at both of its ends. */
tjob_text tjob__signature_trim(tjob_text text);

/*
 * Takes what stands before the first `separator`, or all that is left, out of *rest. Returns whether there was a
 * separator.
 */
bool tjob__signature_split(tjob_text *rest, char separator, tjob_text *first);

#endif
