/* Whether a text is JSON, by recursive descent straight along the grammar of RFC 8259; nesting is not limited. */
#ifndef TJOB_TESTS_JSON_ORACLE_H
#define TJOB_TESTS_JSON_ORACLE_H

#include <stdbool.h>
#include <string.h>

#include "unit/utf8_oracle.h"

/* Each function returns where what it reads ends, or NULL if there is none. */
static inline const char *oracle_value(const char *at, const char *end);

static inline const char *oracle_space(const char *at, const char *end)
{
    while (at != end && *at != '\0' && strchr(" \t\n\r", *at) != NULL) {
        at++;
    }
    return at;
}

/* One character of a set, or NULL. */
static inline const char *oracle_one_of(const char *at, const char *end, const char *set)
{
    return at != NULL && at != end && *at != '\0' && strchr(set, *at) != NULL ? at + 1 : NULL;
}

static inline const char *oracle_digits(const char *at, const char *end)
{
    const char *next = oracle_one_of(at, end, "0123456789");
    while (oracle_one_of(next, end, "0123456789") != NULL) {
        next++;
    }
    return next;
}

static inline const char *oracle_number(const char *at, const char *end)
{
    at = *at == '-' ? at + 1 : at;
    at = oracle_one_of(at, end, "0") != NULL ? at + 1 : oracle_digits(at, end);
    if (oracle_one_of(at, end, ".") != NULL) {
        at = oracle_digits(at + 1, end);
    }
    if (oracle_one_of(at, end, "eE") != NULL) {
        at++;
        at = oracle_one_of(at, end, "+-") != NULL ? at + 1 : at;
        at = oracle_digits(at, end);
    }
    return at;
}

static inline const char *oracle_string(const char *at, const char *end)
{
    at = oracle_one_of(at, end, "\"");
    while (at != NULL && at != end && *at != '"') {
        uint32_t character = 0;
        const size_t length = oracle_character(at, (size_t)(end - at), &character);
        if (length == 0 || character < 0x20) {
            return NULL;
        }
        at += length;
        if (character == '\\' && oracle_one_of(at, end, "u") != NULL) {
            at++;
            for (int i = 0; i < 4; i++) {
                at = oracle_one_of(at, end, "0123456789abcdefABCDEF");
            }
        } else if (character == '\\') {
            at = oracle_one_of(at, end, "\"\\/bfnrt");
        }
    }
    return oracle_one_of(at, end, "\"");
}

/* Elements of an array, or members of an object, from behind the opening bracket to behind the closing one. */
static inline const char *oracle_elements(const char *at, const char *end, bool members)
{
    const char *close = members ? "}" : "]";
    at = oracle_space(at, end);
    if (oracle_one_of(at, end, close) != NULL) {
        return at + 1;
    }
    for (;;) {
        if (members) {
            at = oracle_string(oracle_space(at, end), end);
            at = at == NULL ? NULL : oracle_one_of(oracle_space(at, end), end, ":");
        }
        at = at == NULL ? NULL : oracle_value(at, end);
        if (at == NULL || oracle_one_of(at, end, ",") == NULL) {
            return oracle_one_of(at, end, close);
        }
        at++;
    }
}

/* A value with the white space around it. */
static inline const char *oracle_value(const char *at, const char *end)
{
    static const char *const literals[] = {"null", "true", "false"};
    at = oracle_space(at, end);
    const char *after = NULL;
    if (at == end) {
        return NULL;
    }
    if (*at == '"') {
        after = oracle_string(at, end);
    } else if (*at == '[' || *at == '{') {
        after = oracle_elements(at + 1, end, *at == '{');
    } else if (*at == '-' || (*at >= '0' && *at <= '9')) {
        after = oracle_number(at, end);
    }
    for (int i = 0; i < 3; i++) {
        const size_t length = strlen(literals[i]);
        if ((size_t)(end - at) >= length && memcmp(at, literals[i], length) == 0) {
            after = at + length;
        }
    }
    return after == NULL ? NULL : oracle_space(after, end);
}

static inline bool oracle_is_json(const char *text, size_t bytes)
{
    return oracle_value(text, text + bytes) == text + bytes;
}

#endif
