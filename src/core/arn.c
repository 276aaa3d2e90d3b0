#include "core/arn.h"

#include <stdbool.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/utf8.h"

#define ACCOUNT_DIGITS 12

/* A fixed part of an ARN, padded with zeros so that it can be read eight bytes at a time. */
struct literal {
    char text[24];
    unsigned char length;
};

#define LITERAL(string)                                                                                                \
    {                                                                                                                  \
        string, sizeof(string) - 1                                                                                     \
    }

static const struct literal scheme = LITERAL("arn:aws");
static const struct literal service_literal = LITERAL(":comprehend:");
static const struct literal resource = LITERAL("entity-recognizer/");
static const struct literal version_literal = LITERAL("/version/");

/* The input that is left: `at` only moves forward, and points to the first invalid byte after a part has failed. */
struct cursor {
    const unsigned char *at;
    const unsigned char *end;
};

ALWAYS_INLINE bool arn_next_is(const struct cursor *cursor, char wanted)
{
    return cursor->at != cursor->end && *cursor->at == (unsigned char)wanted;
}

/* Returns the next eight bytes; bytes beyond the end are 0, which no part of an ARN accepts. The whole text has at
 * least eight bytes, so the last ones can be read together with the bytes before them. */
ALWAYS_INLINE uint64_t next_word(const struct cursor *cursor)
{
    const size_t left = (size_t)(cursor->end - cursor->at);
    if (left >= 8) {
        return bytes_load64(cursor->at);
    }
    return left == 0 ? 0 : bytes_load64(cursor->end - 8) >> (64 - 8 * left);
}

/* Consumes the matching prefix of a literal, byte by byte. Returns whether all of it matches. */
static bool take_part_of_literal(struct cursor *cursor, const struct literal *literal)
{
    const unsigned char *wanted = (const unsigned char *)literal->text;
    const unsigned char *end = wanted + literal->length;
    while (wanted != end && arn_next_is(cursor, (char)*wanted)) {
        wanted++;
        cursor->at++;
    }
    return wanted == end;
}

/* Returns the mask of those of the eight bytes from `first` on that belong to the literal. */
ALWAYS_INLINE uint64_t literal_mask(const struct literal *literal, size_t first)
{
    if (literal->length <= first) {
        return 0;
    }
    return literal->length >= first + 8 ? UINT64_MAX : (UINT64_C(1) << 8 * (literal->length - first)) - 1;
}

ALWAYS_INLINE uint64_t literal_difference(const struct cursor *cursor, const struct literal *literal, size_t first)
{
    const uint64_t wanted = bytes_load64((const unsigned char *)literal->text + first);
    return (bytes_load64(cursor->at + first) ^ wanted) & literal_mask(literal, first);
}

ALWAYS_INLINE bool take_literal(struct cursor *cursor, const struct literal *literal)
{
    if (cursor->end - cursor->at < (ptrdiff_t)sizeof literal->text ||
        (literal_difference(cursor, literal, 0) | literal_difference(cursor, literal, 8) |
         literal_difference(cursor, literal, 16)) != 0) {
        return take_part_of_literal(cursor, literal);
    }
    cursor->at += literal->length;
    return true;
}

/* ---- Classes of bytes ---------------------------------------------------------------------------------------- */

/* The characters of accounts; and those of regions and names. */
enum class { DIGITS, LETTERS_DIGITS_AND_DASHES };

/* Returns a word with the high bit set in every byte that is outside the class. */
ALWAYS_INLINE uint64_t outside(uint64_t word, enum class class)
{
    const uint64_t ascii = word & ~bytes_all(0x80);
    uint64_t others = bytes_not_in(ascii, '0', '9');
    if (class == LETTERS_DIGITS_AND_DASHES) {
        others &= bytes_not_in(ascii | bytes_all(0x20), 'a', 'z') & bytes_not(ascii, '-');
    }
    return (others | word) & bytes_all(0x80);
}

ALWAYS_INLINE void skip(struct cursor *cursor, enum class class)
{
    uint64_t stop = 0;
    while (stop == 0) {
        stop = outside(next_word(cursor), class);
        cursor->at += stop == 0 ? 8 : bytes_below(stop);
    }
}

/* ---- The parts ----------------------------------------------------------------------------------------------- */

/* The "(-[^:]+)?" of the current pattern: a dash and at least one UTF-8 character, none of them NUL. */
static bool take_partition(struct cursor *cursor)
{
    if (!arn_next_is(cursor, '-')) {
        return true;
    }
    const unsigned char *first = ++cursor->at;
    while (cursor->at != cursor->end && *cursor->at != ':') {
        const size_t length = tjob__utf8_character(cursor->at, cursor->end);
        if (length == 0 || *cursor->at == '\0') {
            return false;
        }
        cursor->at += length;
    }
    return cursor->at != first;
}

/* Twelve digits and a colon. The digits are counted only on failure, so that the next part need not wait. */
ALWAYS_INLINE bool take_account(struct cursor *cursor)
{
    if (cursor->end - cursor->at > ACCOUNT_DIGITS) {
        const uint64_t first = outside(bytes_load64(cursor->at), DIGITS);
        const uint64_t last = outside(bytes_load64(cursor->at + ACCOUNT_DIGITS - 8), DIGITS);
        if ((first | last) == 0 && cursor->at[ACCOUNT_DIGITS] == ':') {
            cursor->at += ACCOUNT_DIGITS + 1;
            return true;
        }
    }
    const unsigned char *begin = cursor->at;
    skip(cursor, DIGITS);
    if (cursor->at - begin > ACCOUNT_DIGITS) {
        cursor->at = begin + ACCOUNT_DIGITS;
    }
    return false;
}

ALWAYS_INLINE bool take_region(struct cursor *cursor)
{
    skip(cursor, LETTERS_DIGITS_AND_DASHES);
    if (!arn_next_is(cursor, ':')) {
        return false;
    }
    cursor->at++;
    return true;
}

/* [a-zA-Z0-9](-*[a-zA-Z0-9])*: letters, digits and dashes, with no dash at either end. */
ALWAYS_INLINE bool take_name(struct cursor *cursor)
{
    if (arn_next_is(cursor, '-')) {
        return false;
    }
    const unsigned char *first = cursor->at;
    skip(cursor, LETTERS_DIGITS_AND_DASHES);
    return cursor->at != first && cursor->at[-1] != '-';
}

/* The parts up to the name, which a version may follow in the current grammar. */
ALWAYS_INLINE tjob_arn_problem take_parts(struct cursor *cursor, bool current)
{
    if (!take_literal(cursor, &scheme)) {
        return TJOB_ARN_BAD_PREFIX;
    }
    if (current && !take_partition(cursor)) {
        return TJOB_ARN_BAD_PARTITION;
    }
    if (!arn_next_is(cursor, ':')) {
        return TJOB_ARN_BAD_PREFIX;
    }
    if (!take_literal(cursor, &service_literal)) {
        return TJOB_ARN_BAD_SERVICE;
    }
    if (!take_region(cursor)) {
        return TJOB_ARN_BAD_REGION;
    }
    if (!take_account(cursor)) {
        return TJOB_ARN_BAD_ACCOUNT;
    }
    if (!take_literal(cursor, &resource)) {
        return TJOB_ARN_BAD_RESOURCE;
    }
    return take_name(cursor) ? TJOB_ARN_VALID : TJOB_ARN_BAD_NAME;
}

ALWAYS_INLINE tjob_arn_problem arn_take_arn(struct cursor *cursor, bool current)
{
    const tjob_arn_problem problem = take_parts(cursor, current);
    if (problem != TJOB_ARN_VALID || cursor->at == cursor->end) {
        return problem;
    }
    if (!current || *cursor->at != '/') {
        return TJOB_ARN_BAD_NAME;
    }
    const bool versioned = take_literal(cursor, &version_literal) && take_name(cursor) && cursor->at == cursor->end;
    return versioned ? TJOB_ARN_VALID : TJOB_ARN_BAD_VERSION;
}

size_t tjob__arn_prefix(tjob_text text)
{
    const unsigned char *begin = (const unsigned char *)text.data;
    struct cursor cursor = {begin, begin + text.bytes};
    const bool found = text.bytes >= 8 && take_parts(&cursor, false) == TJOB_ARN_VALID;
    const size_t bytes = (size_t)(cursor.at - begin);
    return found && bytes <= TJOB_ARN_BYTES_MAX ? bytes : 0;
}

/* Returns the length of the common prefix of an ARN and a text that is shorter than any ARN. */
static size_t common_prefix(tjob_text text)
{
    size_t bytes = 0;
    while (bytes < text.bytes && text.data[bytes] == scheme.text[bytes]) {
        bytes++;
    }
    return bytes;
}

tjob_arn_verdict tjob_arn_validate(tjob_text arn, tjob_arn_grammar grammar)
{
    if (arn.data == NULL || arn.bytes < 8) {
        const size_t offset = arn.data == NULL ? 0 : common_prefix(arn);
        return (tjob_arn_verdict){TJOB_ARN_BAD_PREFIX, offset};
    }
    if (arn.bytes > TJOB_ARN_BYTES_MAX) {
        return (tjob_arn_verdict){TJOB_ARN_TOO_LONG, TJOB_ARN_BYTES_MAX};
    }
    const unsigned char *begin = (const unsigned char *)arn.data;
    struct cursor cursor = {begin, begin + arn.bytes};
    const tjob_arn_problem problem = arn_take_arn(&cursor, grammar == TJOB_ARN_CURRENT);
    return (tjob_arn_verdict){problem, (size_t)(cursor.at - begin)};
}
