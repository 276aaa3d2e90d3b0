#include "tjob/arn.h"

#include <stdbool.h>

#include "core/bytes.h"
#include "core/utf8.h"

enum { DIGIT = 1, LETTER = 2, DASH = 4, ALPHANUMERIC = DIGIT | LETTER, NAME = ALPHANUMERIC | DASH };

/* clang-format off */
static const uint8_t classes[256] = {
    ['0'] = DIGIT, ['1'] = DIGIT, ['2'] = DIGIT, ['3'] = DIGIT, ['4'] = DIGIT,
    ['5'] = DIGIT, ['6'] = DIGIT, ['7'] = DIGIT, ['8'] = DIGIT, ['9'] = DIGIT,
    ['a'] = LETTER, ['b'] = LETTER, ['c'] = LETTER, ['d'] = LETTER, ['e'] = LETTER, ['f'] = LETTER, ['g'] = LETTER,
    ['h'] = LETTER, ['i'] = LETTER, ['j'] = LETTER, ['k'] = LETTER, ['l'] = LETTER, ['m'] = LETTER, ['n'] = LETTER,
    ['o'] = LETTER, ['p'] = LETTER, ['q'] = LETTER, ['r'] = LETTER, ['s'] = LETTER, ['t'] = LETTER, ['u'] = LETTER,
    ['v'] = LETTER, ['w'] = LETTER, ['x'] = LETTER, ['y'] = LETTER, ['z'] = LETTER,
    ['A'] = LETTER, ['B'] = LETTER, ['C'] = LETTER, ['D'] = LETTER, ['E'] = LETTER, ['F'] = LETTER, ['G'] = LETTER,
    ['H'] = LETTER, ['I'] = LETTER, ['J'] = LETTER, ['K'] = LETTER, ['L'] = LETTER, ['M'] = LETTER, ['N'] = LETTER,
    ['O'] = LETTER, ['P'] = LETTER, ['Q'] = LETTER, ['R'] = LETTER, ['S'] = LETTER, ['T'] = LETTER, ['U'] = LETTER,
    ['V'] = LETTER, ['W'] = LETTER, ['X'] = LETTER, ['Y'] = LETTER, ['Z'] = LETTER,
    ['-'] = DASH,
};
/* clang-format on */

#define ACCOUNT_DIGITS 12

/* What is left to read: `at` moves forward only, and stands on the first violation once a part has failed. */
struct cursor {
    const unsigned char *at;
    const unsigned char *end;
};

static bool take_literal(struct cursor *cursor, const char *literal)
{
    while (*literal != '\0') {
        if (cursor->at == cursor->end || *cursor->at != (unsigned char)*literal) {
            return false;
        }
        cursor->at++;
        literal++;
    }
    return true;
}

static bool next_is(const struct cursor *cursor, char wanted)
{
    return cursor->at != cursor->end && *cursor->at == (unsigned char)wanted;
}

static void skip(struct cursor *cursor, uint8_t class)
{
    while (cursor->at != cursor->end && (classes[*cursor->at] & class) != 0) {
        cursor->at++;
    }
}

/* The "(-[^:]+)?" of the current pattern: at least one character of UTF-8 after the dash, none of them NUL. */
static bool take_partition(struct cursor *cursor)
{
    if (!next_is(cursor, '-')) {
        return true;
    }
    const unsigned char *dash = cursor->at++;
    while (cursor->at != cursor->end && *cursor->at != ':' && *cursor->at != '\0') {
        const size_t length = utf8_character(cursor->at, cursor->end);
        if (length == 0) {
            return false;
        }
        cursor->at += length;
    }
    return cursor->at - dash > 1;
}

static bool take_account(struct cursor *cursor)
{
    for (int i = 0; i < ACCOUNT_DIGITS; i++) {
        if (cursor->at == cursor->end || (classes[*cursor->at] & DIGIT) == 0) {
            return false;
        }
        cursor->at++;
    }
    return take_literal(cursor, ":");
}

/* [a-zA-Z0-9](-*[a-zA-Z0-9])*: letters, digits and dashes that neither begin nor end with a dash. */
static bool take_name(struct cursor *cursor)
{
    if (next_is(cursor, '-')) {
        return false;
    }
    const unsigned char *start = cursor->at;
    skip(cursor, NAME);
    return cursor->at != start && cursor->at[-1] != '-';
}

static tjob_arn_problem take_arn(struct cursor *cursor, bool current)
{
    if (!take_literal(cursor, "arn:aws")) {
        return TJOB_ARN_BAD_PREFIX;
    }
    if (current && !take_partition(cursor)) {
        return TJOB_ARN_BAD_PARTITION;
    }
    if (!take_literal(cursor, ":")) {
        return TJOB_ARN_BAD_PREFIX;
    }
    if (!take_literal(cursor, "comprehend:")) {
        return TJOB_ARN_BAD_SERVICE;
    }
    skip(cursor, NAME);
    if (!take_literal(cursor, ":")) {
        return TJOB_ARN_BAD_REGION;
    }
    if (!take_account(cursor)) {
        return TJOB_ARN_BAD_ACCOUNT;
    }
    if (!take_literal(cursor, "entity-recognizer/")) {
        return TJOB_ARN_BAD_RESOURCE;
    }
    if (!take_name(cursor)) {
        return TJOB_ARN_BAD_NAME;
    }
    if (cursor->at == cursor->end) {
        return TJOB_ARN_VALID;
    }
    if (!current || *cursor->at != '/') {
        return TJOB_ARN_BAD_NAME;
    }
    const bool versioned = take_literal(cursor, "/version/") && take_name(cursor) && cursor->at == cursor->end;
    return versioned ? TJOB_ARN_VALID : TJOB_ARN_BAD_VERSION;
}

tjob_arn_verdict tjob_arn_check(tjob_text arn, tjob_arn_grammar grammar)
{
    if (arn.data == NULL) {
        return (tjob_arn_verdict){TJOB_ARN_BAD_PREFIX, 0};
    }
    if (arn.bytes > TJOB_ARN_BYTES_MAX) {
        return (tjob_arn_verdict){TJOB_ARN_TOO_LONG, TJOB_ARN_BYTES_MAX};
    }
    const unsigned char *begin = (const unsigned char *)arn.data;
    struct cursor cursor = {begin, begin + arn.bytes};
    const tjob_arn_problem problem = take_arn(&cursor, grammar == TJOB_ARN_CURRENT);
    return (tjob_arn_verdict){problem, (size_t)(cursor.at - begin)};
}
