/* What the fuzz targets share. */
#ifndef TJOB_FUZZ_TARGET_H
#define TJOB_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The target: tries one input; aborts if something is wrong. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts, with what was expected, if it is not so: in every build. */
#define FUZZ_EXPECT(condition)                                                                                         \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: expected %s\n", __FILE__, __LINE__, #condition);                                   \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* Bytes of the input, taken one by one; 0 where there are no more. */
struct fuzz_bytes {
    const uint8_t *at;
    const uint8_t *end;
};

static inline unsigned fuzz_byte(struct fuzz_bytes *bytes)
{
    return bytes->at != bytes->end ? *bytes->at++ : 0;
}

#endif
