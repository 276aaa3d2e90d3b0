/* The reader of JSON: strings byte by byte, how they are decoded, and how deep values nest. */
#include "wire/json.h"

#include <stdio.h>

#include "support/suite.h"
#include "unit/exact.h"
#include "unit/utf8_oracle.h"

/* ---- Strings --------------------------------------------------------------------------------------------------- */

/* What becomes of a string in which one byte stands among plain ones. */
static json_status status_of_byte(unsigned char byte)
{
    if (byte == '\\') {
        return JSON_BAD_ESCAPE; /* what follows it is no escape */
    }
    return byte < ' ' ? JSON_BAD_CHARACTER : byte >= 0x80 ? JSON_BAD_UTF8 : JSON_OK;
}

/* Reads {"":"...", with `byte` at `at` of `length` bytes that stand for themselves, `shift` bytes from an aligned
 * place. */
static void check_byte_in_string(size_t shift, size_t length, size_t at, unsigned char byte, char plain)
{
    enum { BEFORE = 5 };
    const size_t bytes = shift + BEFORE + length + 1;
    char text[64];
    memset(text, ' ', shift);
    memcpy(text + shift, "{\"\":\"", BEFORE);
    memset(text + shift + BEFORE, plain, length);
    text[shift + BEFORE + at] = (char)byte;
    text[bytes - 1] = '"';
    const tjob_text copy = exact_copy(text, bytes);
    json_reader reader;
    json_value name;
    json_value value;
    (void)tjob__json_open(&reader, copy);
    const json_status status = tjob__json_next_member(&reader, &name, &value);
    const size_t offset = tjob__json_offset(&reader);
    const size_t end = status == JSON_OK ? (size_t)(value.end - reader.begin) : offset;
    exact_free(copy);

    const bool escapes_the_quote = byte == '\\' && at == length - 1;
    const json_status expected = byte == '"' ? JSON_OK : escapes_the_quote ? JSON_TRUNCATED : status_of_byte(byte);
    const size_t stopped = escapes_the_quote ? bytes : shift + BEFORE + at + (expected == JSON_BAD_ESCAPE);
    ck_assert_msg(status == expected, "0x%02x at %zu of %zu: %d", byte, at, length, (int)status);
    ck_assert_uint_eq(end, expected == JSON_OK && byte != '"' ? bytes - 1 : stopped);
}

START_TEST(a_byte_means_the_same_wherever_it_stands_in_a_string)
{
    static const unsigned char special[] = {0x00, 0x01, 0x1f, ' ',  '!',  '"',  '#', '[',
                                            '\\', ']',  0x7e, 0x7f, 0x80, 0xbf, 0xff};
    for (size_t length = 1; length <= 26; length++) {
        for (size_t at = 0; at < length; at++) {
            for (unsigned i = 0; i < sizeof special; i++) {
                check_byte_in_string(length % 8, length, at, special[i], '-');
            }
        }
    }
}
END_TEST

START_TEST(every_byte_is_seen_among_eight_of_any_neighbour)
{
    static const char neighbours[] = {' ', '!', '#', 'a', '[', ']', 0x7f};
    for (unsigned byte = 0; byte < 256; byte++) {
        for (unsigned neighbour = 0; neighbour < sizeof neighbours; neighbour++) {
            for (size_t at = 0; at < 9; at++) {
                check_byte_in_string(3, 9, at, (unsigned char)byte, neighbours[neighbour]);
            }
        }
    }
}
END_TEST

/* Reads the one string of a text, which stays in use. */
static json_status read_string(tjob_text text, json_value *value)
{
    json_reader reader;
    json_value name;
    tjob__json_open_members(&reader, text);
    return tjob__json_next_member(&reader, &name, value);
}

START_TEST(a_string_takes_every_character_of_utf_8_and_nothing_else)
{
    for (uint32_t number = 0x80; number < 0x200000; number += number < 0x900 ? 1 : 37) {
        char text[16] = "\"\":\"";
        const size_t length = oracle_encode(number, text + 4);
        text[4 + length] = '"';
        uint32_t character;
        const bool valid = oracle_character(text + 4, length, &character) == length;
        const tjob_text copy = exact_copy(text, 5 + length);
        json_value value;
        const json_status status = read_string(copy, &value);
        exact_free(copy);
        ck_assert_msg(status == (valid ? JSON_OK : JSON_BAD_UTF8), "U+%04X: %d", (unsigned)number, (int)status);
    }
}
END_TEST

/* ---- Decoding -------------------------------------------------------------------------------------------------- */

/* Decodes into every capacity from none to more than enough, and checks what is written and that nothing else is. */
static void check_decoded(const char *string, size_t string_bytes, tjob_text expected)
{
    char text[600] = "\"\":\"";
    memcpy(text + 4, string, string_bytes);
    text[4 + string_bytes] = '"';
    const tjob_text copy = exact_copy(text, string_bytes + 5);
    json_value value;
    ck_assert_msg(read_string(copy, &value) == JSON_OK, "%s", text);
    ck_assert_uint_eq((size_t)(value.end - value.begin), string_bytes);
    for (size_t capacity = 0; capacity <= expected.bytes + 9; capacity++) {
        const size_t written = capacity < expected.bytes ? capacity : expected.bytes;
        char *out = malloc(capacity + 1);
        memset(out, '~', capacity + 1);
        ck_assert_msg(tjob__json_decode(&value, out, capacity) == expected.bytes, "%s", text);
        ck_assert_msg(memcmp(out, expected.data, written) == 0, "%s by %zu", text, capacity);
        for (size_t i = written; i <= capacity; i++) {
            ck_assert_int_eq(out[i], '~');
        }
        free(out);
    }
    exact_free(copy);
}

static const struct {
    const char *string;
    tjob_text decoded;
} decodings[] = {
    {"", TJOB_TEXT("")},
    {"a", TJOB_TEXT("a")},
    {"arn:aws:comprehend", TJOB_TEXT("arn:aws:comprehend")},
    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", TJOB_TEXT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")},
    {"\\\"", TJOB_TEXT("\"")},
    {"\\\\", TJOB_TEXT("\\")},
    {"\\/", TJOB_TEXT("/")},
    {"\\b\\f\\n\\r\\t", TJOB_TEXT("\b\f\n\r\t")},
    {"x\\ny", TJOB_TEXT("x\ny")},
    {"\\\\n\\\\u0041", TJOB_TEXT("\\n\\u0041")},
    {"\\u0061rn:", TJOB_TEXT("arn:")},
    {"\\u0000", TJOB_TEXT("\0")},
    {"a\\u0000b", TJOB_TEXT("a\0b")},
    {"\\u007f\\u0080", TJOB_TEXT("\x7f\xc2\x80")},
    {"\\u07ff\\u0800", TJOB_TEXT("\xdf\xbf\xe0\xa0\x80")},
    {"\\u00e9\\u00E9", TJOB_TEXT("\xc3\xa9\xc3\xa9")},
    {"\\u20aC", TJOB_TEXT("\xe2\x82\xac")},
    {"\\u0fAF\\u9ABC\\uDEF0", TJOB_TEXT("\xe0\xbe\xaf\xe9\xaa\xbc\xed\xbb\xb0")},
    {"\\uffff", TJOB_TEXT("\xef\xbf\xbf")},
    {"\\ud83d\\ude00", TJOB_TEXT("\xf0\x9f\x98\x80")},
    {"\\uD83D\\uDE00!", TJOB_TEXT("\xf0\x9f\x98\x80!")},
    {"\\ud800\\udc00", TJOB_TEXT("\xf0\x90\x80\x80")},
    {"\\udbff\\udfff", TJOB_TEXT("\xf4\x8f\xbf\xbf")},
    {"\\ud7ff\\ue000", TJOB_TEXT("\xed\x9f\xbf\xee\x80\x80")},
    /* halves of pairs alone: three bytes that are no character */
    {"\\ud800", TJOB_TEXT("\xed\xa0\x80")},
    {"\\udbff", TJOB_TEXT("\xed\xaf\xbf")},
    {"\\udc00", TJOB_TEXT("\xed\xb0\x80")},
    {"\\udfff", TJOB_TEXT("\xed\xbf\xbf")},
    {"\\ud800x", TJOB_TEXT("\xed\xa0\x80x")},
    {"\\ud800udc00", TJOB_TEXT("\xed\xa0\x80udc00")},
    {"\\ud800\\n", TJOB_TEXT("\xed\xa0\x80\n")},
    {"\\ud800\\nabcd", TJOB_TEXT("\xed\xa0\x80\nabcd")},
    {"\\ud800\\u0041", TJOB_TEXT("\xed\xa0\x80"
                                 "A")},
    {"\\ud800\\ud800", TJOB_TEXT("\xed\xa0\x80\xed\xa0\x80")},
    {"\\ud800\\ud800\\udc00", TJOB_TEXT("\xed\xa0\x80\xf0\x90\x80\x80")},
    {"\\udc00\\ud800", TJOB_TEXT("\xed\xb0\x80\xed\xa0\x80")},
    {"\\udc00\\udc00", TJOB_TEXT("\xed\xb0\x80\xed\xb0\x80")},
    {"\\ud800\\ue000", TJOB_TEXT("\xed\xa0\x80\xee\x80\x80")},
    {"\\ud800\\udbff", TJOB_TEXT("\xed\xa0\x80\xed\xaf\xbf")},
    {"\\udbff\\\\udc00", TJOB_TEXT("\xed\xaf\xbf\\udc00")},
};

START_TEST(strings_are_decoded_into_any_capacity)
{
    for (unsigned i = 0; i < sizeof decodings / sizeof decodings[0]; i++) {
        check_decoded(decodings[i].string, strlen(decodings[i].string), decodings[i].decoded);
    }
}
END_TEST

START_TEST(every_escape_of_four_digits_is_decoded)
{
    for (uint32_t number = 0; number < 0x10000; number++) {
        char text[16];
        char expected[4];
        char decoded[4];
        const size_t length = oracle_encode(number, expected);
        const int bytes =
            snprintf(text, sizeof text, number % 2 == 0 ? "\"\":\"\\u%04x\"" : "\"\":\"\\u%04X\"", (unsigned)number);
        json_value value;
        ck_assert_int_eq(read_string((tjob_text){text, (size_t)bytes}, &value), JSON_OK);
        ck_assert(value.escaped);
        ck_assert_uint_eq(tjob__json_decode(&value, decoded, sizeof decoded), length);
        ck_assert_msg(memcmp(decoded, expected, length) == 0, "%s", text);
    }
}
END_TEST

START_TEST(every_pair_of_surrogates_is_one_character)
{
    for (uint32_t number = 0x10000; number < 0x110000; number += number % 0x400 == 0x3fe ? 1 : 93) {
        char string[16];
        char expected[4];
        char decoded[8];
        const unsigned offset = number - 0x10000;
        const int bytes =
            snprintf(string, sizeof string, "\\u%04x\\u%04x", 0xd800 + offset / 0x400, 0xdc00 + offset % 0x400);
        const unsigned char *begin = (const unsigned char *)string;
        const json_value value = {.begin = begin, .end = begin + bytes, .kind = JSON_STRING, .escaped = true};
        const size_t length = oracle_encode(number, expected);
        ck_assert_uint_eq(tjob__json_decode(&value, decoded, sizeof decoded), length);
        ck_assert_msg(memcmp(decoded, expected, length) == 0, "%s", string);
    }
}
END_TEST

START_TEST(a_long_string_is_decoded_whole_or_counted)
{
    char string[500];
    char expected[500];
    memset(string, 'x', sizeof string);
    memset(expected, 'x', sizeof expected);
    check_decoded(string, 300, (tjob_text){expected, 300});
    memcpy(string + 300, "\\u00e9", 6);
    memcpy(expected + 300, "\xc3\xa9", 2);
    check_decoded(string, 406, (tjob_text){expected, 402});
}
END_TEST

/* ---- Nesting --------------------------------------------------------------------------------------------------- */

/*
 * Builds `depth` values one in the other, the outermost an object; `kinds` reports in turn which are objects. Returns
 * the length, and in *innermost the offset of the bracket `mark` levels deep.
 */
static size_t nest(char *text, unsigned depth, const char *kinds, unsigned mark, size_t *offset)
{
    size_t at = 0;
    const size_t period = strlen(kinds);
    for (unsigned i = 0; i < depth; i++) {
        const bool object = i == 0 || kinds[i % period] == '{';
        if (i + 1 == mark) {
            *offset = at;
        }
        text[at++] = object ? '{' : '[';
        if (object && i + 1 < depth) {
            memcpy(text + at, "\"a\":", 4);
            at += 4;
        }
    }
    for (unsigned i = depth; i-- != 0;) {
        text[at++] = i == 0 || kinds[i % period] == '{' ? '}' : ']';
    }
    return at;
}

static json_status read_all(tjob_text text, size_t *offset)
{
    json_reader reader;
    json_value name;
    json_value value;
    json_status status = tjob__json_open(&reader, text);
    while (status == JSON_OK) {
        status = tjob__json_next_member(&reader, &name, &value);
    }
    *offset = tjob__json_offset(&reader);
    return status;
}

START_TEST(a_text_that_ends_inside_an_escape_is_truncated)
{
    static const char whole[] = "{\"a\":\"\\u12ab";
    for (size_t bytes = 6; bytes < sizeof whole; bytes++) {
        const tjob_text cut = exact_copy(whole, bytes);
        size_t offset = 0;
        ck_assert_int_eq(read_all(cut, &offset), JSON_TRUNCATED);
        ck_assert_uint_eq(offset, bytes);
        exact_free(cut);
    }
}
END_TEST

/* Only an escape can be the second half of a pair. */
START_TEST(a_surrogate_before_anything_else_stands_alone)
{
    static const struct {
        const char *text; /* behind \ud83d */
        const char *decoded;
    } cases[] = {{"", ""},           {"xudc00", "xudc00"}, {"\\ndc00", "\ndc00"},
                 {"udc00", "udc00"}, {"\\u0041", "A"},     {"\\\\", "\\"}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[64];
        char decoded[16];
        json_reader reader;
        json_value name;
        json_value value;
        const int bytes = snprintf(text, sizeof text, "{\"a\":\"\\ud83d%s\"}", cases[i].text);
        ck_assert_int_eq(tjob__json_open(&reader, (tjob_text){text, (size_t)bytes}), JSON_OK);
        ck_assert_int_eq(tjob__json_next_member(&reader, &name, &value), JSON_OK);
        ck_assert_uint_eq(tjob__json_decode(&value, decoded, sizeof decoded), 3 + strlen(cases[i].decoded));
        ck_assert_mem_eq(decoded, "\xed\xa0\xbd", 3);
        ck_assert_mem_eq(decoded + 3, cases[i].decoded, strlen(cases[i].decoded));
    }
}
END_TEST

static const char *const kind_orders[] = {"{", "[", "{[", "[{", "[[{", "{{[", "[{{[["};

enum { KIND_ORDERS = sizeof kind_orders / sizeof kind_orders[0] };

START_TEST(values_nest_64_levels_and_not_one_more)
{
    for (unsigned depth = 1; depth <= 70; depth++) {
        char text[70 * 6];
        size_t too_deep = 0;
        size_t offset = 0;
        const size_t bytes = nest(text, depth, kind_orders[_i], 65, &too_deep);
        const tjob_text copy = exact_copy(text, bytes);
        const json_status status = read_all(copy, &offset);
        exact_free(copy);
        ck_assert_int_eq(status, depth <= JSON_DEPTH_MAX ? JSON_END : JSON_TOO_DEEP);
        ck_assert_uint_eq(offset, depth <= JSON_DEPTH_MAX ? bytes : too_deep);
    }
}
END_TEST

START_TEST(an_array_as_the_whole_text_nests_64_levels_too)
{
    for (unsigned depth = 63; depth <= 66; depth++) {
        char text[2 * 66];
        size_t offset = 0;
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        ck_assert_int_eq(read_all((tjob_text){text, 2 * depth}, &offset),
                         depth <= 64 ? JSON_NOT_OBJECT : JSON_TOO_DEEP);
        ck_assert_uint_eq(offset, depth <= 64 ? 0 : 64);
    }
}
END_TEST

START_TEST(each_bracket_closes_the_one_that_is_open)
{
    for (unsigned depth = 2; depth <= 64; depth++) {
        char text[64 * 6];
        size_t open;
        size_t offset = 0;
        const size_t bytes = nest(text, depth, kind_orders[_i], 1, &open);
        for (size_t at = bytes - depth; at < bytes - 1; at++) {
            text[at] ^= ']' ^ '}';
            ck_assert_int_eq(read_all((tjob_text){text, bytes}, &offset), JSON_UNEXPECTED);
            ck_assert_uint_eq(offset, at);
            text[at] ^= ']' ^ '}';
        }
    }
}
END_TEST

START_TEST(values_side_by_side_do_not_count_as_nested)
{
    char text[4096] = "{\"a\":[";
    size_t at = strlen(text);
    for (unsigned i = 0; i < 300; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%s{\"b\":[]}", i == 0 ? "" : ",");
    }
    at += (size_t)snprintf(text + at, sizeof text - at, "]}");
    size_t offset;
    ck_assert_int_eq(read_all((tjob_text){text, at}, &offset), JSON_END);
}
END_TEST

START_TEST(a_hundred_thousand_levels_are_refused_at_the_sixty_fifth)
{
    enum { DEPTH = 100000 };
    static char text[DEPTH * 6];
    size_t too_deep = 0;
    size_t offset = 0;
    const size_t bytes = nest(text, DEPTH, kind_orders[_i], 65, &too_deep);
    ck_assert_int_eq(read_all((tjob_text){text, bytes}, &offset), JSON_TOO_DEEP);
    ck_assert_uint_eq(offset, too_deep);
    ck_assert_int_eq(read_all((tjob_text){text, bytes / 2}, &offset), JSON_TOO_DEEP);
}
END_TEST

RUN_TESTS("json_strings", {a_byte_means_the_same_wherever_it_stands_in_a_string, 0},
          {every_byte_is_seen_among_eight_of_any_neighbour, 0},
          {a_string_takes_every_character_of_utf_8_and_nothing_else, 0}, {strings_are_decoded_into_any_capacity, 0},
          {a_text_that_ends_inside_an_escape_is_truncated, 0}, {a_surrogate_before_anything_else_stands_alone, 0},
          {every_escape_of_four_digits_is_decoded, 0}, {every_pair_of_surrogates_is_one_character, 0},
          {a_long_string_is_decoded_whole_or_counted, 0}, {values_nest_64_levels_and_not_one_more, KIND_ORDERS},
          {an_array_as_the_whole_text_nests_64_levels_too, 0}, {each_bracket_closes_the_one_that_is_open, KIND_ORDERS},
          {values_side_by_side_do_not_count_as_nested, 0},
          {a_hundred_thousand_levels_are_refused_at_the_sixty_fifth, KIND_ORDERS})
