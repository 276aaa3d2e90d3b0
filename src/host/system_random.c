/* getentropy is newer than the POSIX version that compilers support by that name. */
#define _GNU_SOURCE /* NOLINT: a name that is reserved for this use */

#include "tjob/system_random.h"

#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h>
#endif

/* The most bytes that one call of getentropy returns. */
enum { ENTROPY_BYTES_MAX = 256 };

bool tjob_system_random(void *bytes, size_t count)
{
    unsigned char *at = bytes;
    while (count != 0) {
        const size_t part = count < ENTROPY_BYTES_MAX ? count : ENTROPY_BYTES_MAX;
        if (getentropy(at, part) != 0) { /* LCOV_EXCL_BR_LINE: a machine that runs tests has a source */
            return false;                /* LCOV_EXCL_LINE: as above */
        }
        at += part;
        count -= part;
    }
    return true;
}
