/* UTF-8 (RFC 3629), one character at a time. */
#ifndef TJOB_CORE_UTF8_H
#define TJOB_CORE_UTF8_H

#include <stddef.h>

/*
 * Returns the length in bytes, 1 to 4, of the UTF-8 character at `at`; 0 if the bytes before `end` are invalid: a stray
 * or missing continuation, an overlong form, a surrogate, or a code point beyond U+10FFFF. `at` must be below `end`.
 */
size_t tjob__utf8_character(const unsigned char *at, const unsigned char *end);

#endif
