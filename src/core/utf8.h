/* UTF-8 (RFC 3629), one character at a time. */
#ifndef TJOB_CORE_UTF8_H
#define TJOB_CORE_UTF8_H

#include <stddef.h>

/*
 * The length in bytes, 1 to 4, of the UTF-8 character at `at`, or 0 if what stands there before `end` is none: a stray or
 * missing continuation, an overlong form, a surrogate, or beyond U+10FFFF. `at` must be below `end`.
 */
size_t tjob__utf8_character(const unsigned char *at, const unsigned char *end);

#endif
