/* A run of bytes that the text does not own. */
#ifndef TJOB_TEXT_H
#define TJOB_TEXT_H

#include <stddef.h>

/*
 * `bytes` bytes at `data`, without a terminator. They may have any content unless the place of use says otherwise. The
 * creator of the bytes owns them, and keeps them unchanged while the text is in use. `data` may be NULL only if `bytes`
 * is 0.
 */
typedef struct tjob_text {
    const char *data;
    size_t bytes;
} tjob_text;

/* An initializer for the text of a string literal or a char array: `tjob_text arn = TJOB_TEXT("arn:aws:...");`. */
#define TJOB_TEXT(literal)                                                                                             \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

#endif
