/* UTF-8 by arithmetic: a character is decoded, encoded again, and must come out the same. */
#ifndef TJOB_TESTS_UTF8_ORACLE_H
#define TJOB_TESTS_UTF8_ORACLE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Encodes any number below 2^21 by the scheme of UTF-8, whether or not it is a character; returns the length. */
static inline size_t oracle_encode(uint32_t number, char out[4])
{
    const size_t length = number < 0x80 ? 1 : number < 0x800 ? 2 : number < 0x10000 ? 3 : 4;
    if (length == 1) {
        out[0] = (char)number;
        return 1;
    }
    for (size_t i = length; i-- != 1;) {
        out[i] = (char)(unsigned char)(0x80 | number % 64);
        number /= 64;
    }
    out[0] = (char)(unsigned char)((0xf00 >> length & 0xff) | number);
    return length;
}

/* The length of the character at the beginning of `bytes` bytes, or 0 if there is none; its number in *character. */
static inline size_t oracle_character(const char *at, size_t bytes, uint32_t *character)
{
    const unsigned char *byte = (const unsigned char *)at;
    const size_t length = bytes == 0 || byte[0] >= 0xf8 ? 0
                          : byte[0] < 0x80              ? 1
                          : byte[0] < 0xc0              ? 0
                          : byte[0] < 0xe0              ? 2
                          : byte[0] < 0xf0              ? 3
                                                        : 4;
    if (length == 0 || length > bytes) {
        return 0;
    }
    uint32_t number = length == 1 ? byte[0] : byte[0] % (1u << (7 - length));
    for (size_t i = 1; i < length; i++) {
        number = number * 64 + byte[i] % 64;
    }
    char again[4];
    if (oracle_encode(number, again) != length || memcmp(at, again, length) != 0 || number > 0x10ffff ||
        (number >= 0xd800 && number <= 0xdfff)) {
        return 0;
    }
    *character = number;
    return length;
}

#endif
