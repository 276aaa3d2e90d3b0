#include "core/utf8.h"

#include <stdint.h>

/* The well-formed sequences of RFC 3629 section 4: for each first byte, the length and the range of the second byte. */
static const struct {
    uint8_t first_least, first_most, length, second_least, second_most;
} sequences[] = {
    {0x00, 0x7f, 1, 0, 0},       {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

size_t tjob__utf8_character(const unsigned char *at, const unsigned char *end)
{
    const size_t count = sizeof sequences / sizeof sequences[0];
    size_t i = 0;
    while (i<count && * at> sequences[i].first_most) {
        i++;
    }
    if (i == count || *at < sequences[i].first_least || (size_t)(end - at) < sequences[i].length) {
        return 0;
    }
    const size_t length = sequences[i].length;
    if (length > 1 && (at[1] < sequences[i].second_least || at[1] > sequences[i].second_most)) {
        return 0;
    }
    for (size_t k = 2; k < length; k++) {
        if ((at[k] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}
