/* Random bytes, for systems without getentropy. */
#define _CRT_RAND_S /* NOLINT: a name that is reserved for this use */

#include <stdlib.h>
#include <string.h>

#include "tjob/system_random.h"

bool tjob_system_random(void *bytes, size_t count)
{
    unsigned char *at = bytes;
    while (count != 0) {
        unsigned word;
        const size_t part = count < sizeof word ? count : sizeof word;
        if (rand_s(&word) != 0) {
            return false;
        }
        memcpy(at, &word, part);
        at += part;
        count -= part;
    }
    return true;
}
