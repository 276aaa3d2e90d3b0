/* The four memory functions. It is compiled without built-ins, or each would call itself. */
#include <string.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    return memmove(to, from, bytes);
}

void *memmove(void *to, const void *from, size_t bytes)
{
    unsigned char *put = to;
    const unsigned char *get = from;
    if (put <= get || put >= get + bytes) {
        for (size_t i = 0; i < bytes; i++) {
            put[i] = get[i];
        }
    } else {
        for (size_t i = bytes; i-- > 0;) {
            put[i] = get[i];
        }
    }
    return to;
}

void *memset(void *to, int byte, size_t bytes)
{
    unsigned char *put = to;
    for (size_t i = 0; i < bytes; i++) {
        put[i] = (unsigned char)byte;
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const unsigned char *left = a;
    const unsigned char *right = b;
    for (size_t i = 0; i < bytes; i++) {
        if (left[i] != right[i]) {
            return left[i] < right[i] ? -1 : 1;
        }
    }
    return 0;
}
