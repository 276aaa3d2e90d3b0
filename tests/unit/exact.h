/* Copies without a byte to spare, so that AddressSanitizer sees every read beyond their end. */
#ifndef TJOB_TESTS_EXACT_H
#define TJOB_TESTS_EXACT_H

#include <stdlib.h>
#include <string.h>

#include "tjob/text.h"

/* A copy on the heap of exactly `bytes` bytes; free its data. Never NULL, for an empty text is no NULL text. */
static inline tjob_text exact_copy(const void *data, size_t bytes)
{
    char *copy = malloc(bytes != 0 ? bytes : 1);
    if (copy == NULL) {
        abort();
    }
    if (bytes != 0) {
        memcpy(copy, data, bytes);
    }
    return (tjob_text){copy, bytes};
}

static inline void exact_free(tjob_text copy)
{
    free((void *)(size_t)copy.data);
}

#endif
