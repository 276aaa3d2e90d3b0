/* A run of bytes that somebody else owns. */
#ifndef TJOB_TEXT_H
#define TJOB_TEXT_H

#include <stddef.h>

/*
 * `bytes` bytes at `data`, not terminated, of any content unless the place of use says more. Whoever made the bytes
 * owns them and keeps them unchanged for as long as the text is in use. `data` may be NULL only if `bytes` is 0.
 */
typedef struct tjob_text {
    const char *data;
    size_t bytes;
} tjob_text;

/* The text of a string literal or a char array, as an initializer: `tjob_text arn = TJOB_TEXT("arn:aws:...");`. */
#define TJOB_TEXT(literal)                                                                                             \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

#endif
