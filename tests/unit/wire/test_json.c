/* The reader of JSON, against tables and against a second reader that follows the grammar to the letter. */
#include "wire/json.h"

#include <stdio.h>

#include "support/suite.h"
#include "unit/exact.h"
#include "unit/wire/json_oracle.h"

/* ---- Reading a whole text -------------------------------------------------------------------------------------- */

typedef struct reading {
    json_status status; /* JSON_END if all is well */
    size_t offset;
    unsigned members;
} reading;

static reading read_members(json_reader *reader, json_status status)
{
    reading result = {.status = status};
    while (result.status == JSON_OK) {
        json_value name;
        json_value value;
        result.status = tjob__json_next_member(reader, &name, &value);
        result.members += result.status == JSON_OK;
    }
    result.offset = tjob__json_offset(reader);
    return result;
}

/* Reads a copy without a byte to spare. */
static reading read_text(const char *text, size_t bytes)
{
    const tjob_text copy = exact_copy(text, bytes);
    json_reader reader;
    const json_status status = tjob__json_open(&reader, copy);
    const reading result = read_members(&reader, status);
    exact_free(copy);
    return result;
}

static reading read_bare_members(const char *text, size_t bytes)
{
    const tjob_text copy = exact_copy(text, bytes);
    json_reader reader;
    tjob__json_open_members(&reader, copy);
    const reading result = read_members(&reader, JSON_OK);
    exact_free(copy);
    return result;
}

/* ---- Values, in every place where a value can stand ------------------------------------------------------------ */

/* What stands before and behind a value, and what a text with a valid one there is. */
static const struct {
    const char *before;
    const char *behind;
    json_status valid;
    bool bare; /* members without braces */
} places[] = {
    {"{\"a\":", "}", JSON_END, false},
    {"\r\n\t { \"a\" \n:\t", "\r} ", JSON_END, false},
    {"{\"a\":1,\"b\":", ",\"c\":2}", JSON_END, false},
    {"{\"a\":[", "]}", JSON_END, false},
    {"{\"a\":[0, ", " ,{}]}", JSON_END, false},
    {"{\"a\":{\"\":", "}}", JSON_END, false},
    {"{\"a\":[{\"b\":[{\"c\":", "}]}]}", JSON_END, false},
    {"[", "]", JSON_NOT_OBJECT, false},
    {"[[],", "\n]", JSON_NOT_OBJECT, false},
    {"\"a\":", ",\"b\":null", JSON_END, true},
};

enum { PLACES = sizeof places / sizeof places[0] };

static reading read_at_place(unsigned place, tjob_text value)
{
    char text[256];
    const size_t before = strlen(places[place].before);
    const size_t behind = strlen(places[place].behind);
    memcpy(text, places[place].before, before);
    memcpy(text + before, value.data, value.bytes);
    memcpy(text + before + value.bytes, places[place].behind, behind);
    const size_t bytes = before + value.bytes + behind;
    return places[place].bare ? read_bare_members(text, bytes) : read_text(text, bytes);
}

static const tjob_text valid_values[] = {
    /* literals */
    TJOB_TEXT("null"),
    TJOB_TEXT("true"),
    TJOB_TEXT("false"),
    /* numbers */
    TJOB_TEXT("0"),
    TJOB_TEXT("-0"),
    TJOB_TEXT("7"),
    TJOB_TEXT("1234567890"),
    TJOB_TEXT("-98"),
    TJOB_TEXT("0.0"),
    TJOB_TEXT("-0.01"),
    TJOB_TEXT("1.50"),
    TJOB_TEXT("0e0"),
    TJOB_TEXT("0E+00"),
    TJOB_TEXT("1e1"),
    TJOB_TEXT("1E-2"),
    TJOB_TEXT("12.34e+56"),
    TJOB_TEXT("-1.0E-09"),
    TJOB_TEXT("1e99999"),
    TJOB_TEXT("123456789012345678901234567890"),
    TJOB_TEXT("0.000000000000000000000000000000000001"),
    TJOB_TEXT("9.9e0000000000000001"),
    /* strings */
    TJOB_TEXT("\"\""),
    TJOB_TEXT("\" \""),
    TJOB_TEXT("\"a\""),
    TJOB_TEXT("\"/\""),
    TJOB_TEXT("\"\x7f\""),
    TJOB_TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
    TJOB_TEXT("\"\\u0000\""),
    TJOB_TEXT("\"\\u12aB\\uCdEf\""),
    TJOB_TEXT("\"\\uD83D\\uDE00\""),
    TJOB_TEXT("\"\\ud800\""),
    TJOB_TEXT("\"\\udc00\\ud800\""),
    TJOB_TEXT("\"\\\\u12\""),
    TJOB_TEXT("\"'`[]{}:,//**/#\""),
    TJOB_TEXT("\"\xc2\x80\xdf\xbf\""),
    TJOB_TEXT("\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\""),
    TJOB_TEXT("\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""),
    TJOB_TEXT("\"\xef\xbb\xbf\""),
    TJOB_TEXT("\"\xe2\x80\xa8\xe2\x80\xa9\""),
    TJOB_TEXT("\"0123456789abcdef0123456789\""),
    /* arrays */
    TJOB_TEXT("[]"),
    TJOB_TEXT("[ ]"),
    TJOB_TEXT("[\t\r\n]"),
    TJOB_TEXT("[0]"),
    TJOB_TEXT("[ 0 ]"),
    TJOB_TEXT("[1,2]"),
    TJOB_TEXT("[1 , 2\n,\r3]"),
    TJOB_TEXT("[[],[[]],{}]"),
    TJOB_TEXT("[null,true,false,\"]\",-1.5e2,[[[]]]]"),
    /* objects */
    TJOB_TEXT("{}"),
    TJOB_TEXT("{ }"),
    TJOB_TEXT("{\"\":0}"),
    TJOB_TEXT("{\"a\":1,\"a\":2}"),
    TJOB_TEXT("{ \"a\"\t:\r1\n, \"b\" : [ { } ] }"),
    TJOB_TEXT("{\"\\u0000\":\"}\"}"),
    TJOB_TEXT("{\"a\":{\"a\":{\"a\":[]}}}"),
};

START_TEST(every_kind_of_value_is_read_in_every_place)
{
    for (unsigned i = 0; i < sizeof valid_values / sizeof valid_values[0]; i++) {
        for (unsigned place = 0; place < PLACES; place++) {
            const reading result = read_at_place(place, valid_values[i]);
            ck_assert_msg(result.status == places[place].valid, "%s%s%s: %d at %zu", places[place].before,
                          valid_values[i].data, places[place].behind, (int)result.status, result.offset);
        }
    }
}
END_TEST

/* What is no value, and the byte of it that is wrong. What follows it in each place is never a part of it. */
static const struct {
    tjob_text text;
    json_status status;
    size_t offset;
} wrong_values[] = {
    /* literals */
    {TJOB_TEXT("nul "), JSON_BAD_LITERAL, 3},
    {TJOB_TEXT("nan"), JSON_BAD_LITERAL, 1},
    {TJOB_TEXT("nulL"), JSON_BAD_LITERAL, 3},
    {TJOB_TEXT("tru\0"), JSON_BAD_LITERAL, 3},
    {TJOB_TEXT("tRue"), JSON_BAD_LITERAL, 1},
    {TJOB_TEXT("falze"), JSON_BAD_LITERAL, 3},
    {TJOB_TEXT("fals\"e\""), JSON_BAD_LITERAL, 4},
    {TJOB_TEXT("nulll"), JSON_UNEXPECTED, 4},
    {TJOB_TEXT("truefalse"), JSON_UNEXPECTED, 4},
    {TJOB_TEXT("false0"), JSON_UNEXPECTED, 5},
    {TJOB_TEXT("True"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("NULL"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("NaN"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("Infinity"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("undefined"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("\xef\xbd\x81"), JSON_UNEXPECTED, 0},
    /* numbers */
    {TJOB_TEXT("-"), JSON_BAD_NUMBER, 1},
    {TJOB_TEXT("- 1"), JSON_BAD_NUMBER, 1},
    {TJOB_TEXT("--1"), JSON_BAD_NUMBER, 1},
    {TJOB_TEXT("-+1"), JSON_BAD_NUMBER, 1},
    {TJOB_TEXT("-.5"), JSON_BAD_NUMBER, 1},
    {TJOB_TEXT("-Infinity"), JSON_BAD_NUMBER, 1},
    {TJOB_TEXT("-x"), JSON_BAD_NUMBER, 1},
    {TJOB_TEXT("+1"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT(".5"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("00"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("01"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("-01"), JSON_UNEXPECTED, 2},
    {TJOB_TEXT("-00.1"), JSON_UNEXPECTED, 2},
    {TJOB_TEXT("1."), JSON_BAD_NUMBER, 2},
    {TJOB_TEXT("1.e1"), JSON_BAD_NUMBER, 2},
    {TJOB_TEXT("1.-1"), JSON_BAD_NUMBER, 2},
    {TJOB_TEXT("0.1.2"), JSON_UNEXPECTED, 3},
    {TJOB_TEXT("1e"), JSON_BAD_NUMBER, 2},
    {TJOB_TEXT("1E+"), JSON_BAD_NUMBER, 3},
    {TJOB_TEXT("1e-"), JSON_BAD_NUMBER, 3},
    {TJOB_TEXT("1e+-1"), JSON_BAD_NUMBER, 3},
    {TJOB_TEXT("1e-+1"), JSON_BAD_NUMBER, 3},
    {TJOB_TEXT("1ee1"), JSON_BAD_NUMBER, 2},
    {TJOB_TEXT("1eE1"), JSON_BAD_NUMBER, 2},
    {TJOB_TEXT("1e.1"), JSON_BAD_NUMBER, 2},
    {TJOB_TEXT("1e1.5"), JSON_UNEXPECTED, 3},
    {TJOB_TEXT("1e1e1"), JSON_UNEXPECTED, 3},
    {TJOB_TEXT("0x10"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("1_000"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("1 000"), JSON_UNEXPECTED, 2},
    {TJOB_TEXT("1a"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("1-"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("1\0"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("0."), JSON_BAD_NUMBER, 2},
    {TJOB_TEXT("-1.e"), JSON_BAD_NUMBER, 3},
    {TJOB_TEXT("\xd9\xa1"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("\xef\xbc\x91"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("/"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("1:"), JSON_UNEXPECTED, 1},
    /* strings */
    {TJOB_TEXT("'a'"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("a"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("\"a\"b"), JSON_UNEXPECTED, 3},
    {TJOB_TEXT("\"a\"\"b\""), JSON_UNEXPECTED, 3},
    {TJOB_TEXT("\"\\x41\""), JSON_BAD_ESCAPE, 2},
    {TJOB_TEXT("\"\\'\""), JSON_BAD_ESCAPE, 2},
    {TJOB_TEXT("\"\\0\""), JSON_BAD_ESCAPE, 2},
    {TJOB_TEXT("\"\\\0\""), JSON_BAD_ESCAPE, 2},
    {TJOB_TEXT("\"\\a\""), JSON_BAD_ESCAPE, 2},
    {TJOB_TEXT("\"\\v\""), JSON_BAD_ESCAPE, 2},
    {TJOB_TEXT("\"\\N\""), JSON_BAD_ESCAPE, 2},
    {TJOB_TEXT("\"\\U0041\""), JSON_BAD_ESCAPE, 2},
    {TJOB_TEXT("\"\\\n\""), JSON_BAD_ESCAPE, 2},
    {TJOB_TEXT("\"\\\xc3\xa9\""), JSON_BAD_ESCAPE, 2},
    {TJOB_TEXT("\"\\u\""), JSON_BAD_ESCAPE, 3},
    {TJOB_TEXT("\"\\u1\""), JSON_BAD_ESCAPE, 4},
    {TJOB_TEXT("\"\\u12\""), JSON_BAD_ESCAPE, 5},
    {TJOB_TEXT("\"\\u123\""), JSON_BAD_ESCAPE, 6},
    {TJOB_TEXT("\"\\u123g\""), JSON_BAD_ESCAPE, 6},
    {TJOB_TEXT("\"\\uG000\""), JSON_BAD_ESCAPE, 3},
    {TJOB_TEXT("\"\\u00/0\""), JSON_BAD_ESCAPE, 5},
    {TJOB_TEXT("\"\\u00:0\""), JSON_BAD_ESCAPE, 5},
    {TJOB_TEXT("\"\\u00@0\""), JSON_BAD_ESCAPE, 5},
    {TJOB_TEXT("\"\\u00`0\""), JSON_BAD_ESCAPE, 5},
    {TJOB_TEXT("\"\\u+123\""), JSON_BAD_ESCAPE, 3},
    {TJOB_TEXT("\"\\u{41}\""), JSON_BAD_ESCAPE, 3},
    {TJOB_TEXT("\"\\ud83d\\u\""), JSON_BAD_ESCAPE, 9},
    {TJOB_TEXT("\"a\tb\""), JSON_BAD_CHARACTER, 2},
    {TJOB_TEXT("\"\n\""), JSON_BAD_CHARACTER, 1},
    {TJOB_TEXT("\"\0\""), JSON_BAD_CHARACTER, 1},
    {TJOB_TEXT("\"\x1f\""), JSON_BAD_CHARACTER, 1},
    {TJOB_TEXT("\"\x80\""), JSON_BAD_UTF8, 1},
    {TJOB_TEXT("\"\xc0\xaf\""), JSON_BAD_UTF8, 1},
    {TJOB_TEXT("\"\xe0\x80\x80\""), JSON_BAD_UTF8, 1},
    {TJOB_TEXT("\"\xf0\x8f\xbf\xbf\""), JSON_BAD_UTF8, 1},
    {TJOB_TEXT("\"\xed\xa0\x80\""), JSON_BAD_UTF8, 1},
    {TJOB_TEXT("\"\xf4\x90\x80\x80\""), JSON_BAD_UTF8, 1},
    {TJOB_TEXT("\"\xff\""), JSON_BAD_UTF8, 1},
    {TJOB_TEXT("\"ab\xc3\""), JSON_BAD_UTF8, 3},
    {TJOB_TEXT("\"ab\xe2\x82\""), JSON_BAD_UTF8, 3},
    {TJOB_TEXT("\"\xc3\xa9\xa9\""), JSON_BAD_UTF8, 3},
    /* arrays */
    {TJOB_TEXT("[;]"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("[,]"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("[,1]"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("[1,]"), JSON_UNEXPECTED, 3},
    {TJOB_TEXT("[1,,2]"), JSON_UNEXPECTED, 3},
    {TJOB_TEXT("[1 2]"), JSON_UNEXPECTED, 3},
    {TJOB_TEXT("[1;2]"), JSON_UNEXPECTED, 2},
    {TJOB_TEXT("[\"a\":1]"), JSON_UNEXPECTED, 4},
    {TJOB_TEXT("[1}"), JSON_UNEXPECTED, 2},
    {TJOB_TEXT("[}"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("[[]}"), JSON_UNEXPECTED, 3},
    {TJOB_TEXT("[1:2]"), JSON_UNEXPECTED, 2},
    {TJOB_TEXT("[][]"), JSON_UNEXPECTED, 2},
    {TJOB_TEXT("[x]"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("[\x0b]"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("[\x0c]"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("[\xc2\xa0]"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("[\xe2\x80\xa8]"), JSON_UNEXPECTED, 1},
    /* objects */
    {TJOB_TEXT("{]"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("{,}"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("{a:1}"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("{'a':1}"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("{1:1}"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("{null:1}"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("{[]:1}"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("{\"a\"}"), JSON_UNEXPECTED, 4},
    {TJOB_TEXT("{\"a\",1}"), JSON_UNEXPECTED, 4},
    {TJOB_TEXT("{\"a\" 1}"), JSON_UNEXPECTED, 5},
    {TJOB_TEXT("{\"a\"=1}"), JSON_UNEXPECTED, 4},
    {TJOB_TEXT("{\"a\":}"), JSON_UNEXPECTED, 5},
    {TJOB_TEXT("{\"a\"::1}"), JSON_UNEXPECTED, 5},
    {TJOB_TEXT("{:1}"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("{\"a\":1,}"), JSON_UNEXPECTED, 7},
    {TJOB_TEXT("{\"a\":1,,\"b\":2}"), JSON_UNEXPECTED, 7},
    {TJOB_TEXT("{,\"a\":1}"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("{\"a\":1 \"b\":2}"), JSON_UNEXPECTED, 7},
    {TJOB_TEXT("{\"a\":1]"), JSON_UNEXPECTED, 6},
    {TJOB_TEXT("{\"a\":1,2}"), JSON_UNEXPECTED, 7},
    {TJOB_TEXT("{\"a\":1:2}"), JSON_UNEXPECTED, 6},
    {TJOB_TEXT("{\"a\\q\":1}"), JSON_BAD_ESCAPE, 4},
    {TJOB_TEXT("{\"a\n\":1}"), JSON_BAD_CHARACTER, 3},
    {TJOB_TEXT("{\"\xff\":1}"), JSON_BAD_UTF8, 2},
    /* what other dialects allow */
    {TJOB_TEXT("/**/1"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("1/**/"), JSON_UNEXPECTED, 1},
    {TJOB_TEXT("//\n1"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("#\n1"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("\xef\xbb\xbf"
               "1"),
     JSON_UNEXPECTED, 0},
    {TJOB_TEXT("\x0b"
               "1"),
     JSON_UNEXPECTED, 0},
    {TJOB_TEXT("\0"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("(1)"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("<1>"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT("\\u0031"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT(":"), JSON_UNEXPECTED, 0},
    {TJOB_TEXT(",1"), JSON_UNEXPECTED, 0},
};

START_TEST(what_is_no_value_is_reported_with_the_byte_that_is_wrong)
{
    for (unsigned i = 0; i < sizeof wrong_values / sizeof wrong_values[0]; i++) {
        for (unsigned place = 0; place < PLACES; place++) {
            const reading result = read_at_place(place, wrong_values[i].text);
            const size_t offset = strlen(places[place].before) + wrong_values[i].offset;
            ck_assert_msg(result.status == wrong_values[i].status && result.offset == offset,
                          "%s%s%s: %d at %zu, not %d at %zu", places[place].before, wrong_values[i].text.data,
                          places[place].behind, (int)result.status, result.offset, (int)wrong_values[i].status, offset);
        }
    }
}
END_TEST

/* ---- Whole texts ----------------------------------------------------------------------------------------------- */

static const struct {
    tjob_text text;
    json_status status;
    size_t offset;
    unsigned members;
} texts[] = {
    {TJOB_TEXT("{}"), JSON_END, 2, 0},
    {TJOB_TEXT(" \t\r\n{ \t\r\n} \t\r\n"), JSON_END, 14, 0},
    {TJOB_TEXT("{\"a\":1,\"a\":2}"), JSON_END, 13, 2},
    {TJOB_TEXT("{\"a\":[1,{\"b\":2}],\"c\":3}"), JSON_END, 23, 2},
    {TJOB_TEXT(""), JSON_TRUNCATED, 0, 0},
    {TJOB_TEXT("  \n"), JSON_TRUNCATED, 3, 0},
    {TJOB_TEXT("{"), JSON_TRUNCATED, 1, 0},
    {TJOB_TEXT("{ "), JSON_TRUNCATED, 2, 0},
    {TJOB_TEXT("{\"a\":1"), JSON_TRUNCATED, 6, 1},
    {TJOB_TEXT("{\"a\":1,"), JSON_TRUNCATED, 7, 1},
    {TJOB_TEXT("{\"a\\"), JSON_TRUNCATED, 4, 0},
    {TJOB_TEXT("{\"a\\u00"), JSON_TRUNCATED, 7, 0},
    {TJOB_TEXT("["), JSON_TRUNCATED, 1, 0},
    {TJOB_TEXT("\""), JSON_TRUNCATED, 1, 0},
    {TJOB_TEXT("-"), JSON_TRUNCATED, 1, 0},
    {TJOB_TEXT("1."), JSON_TRUNCATED, 2, 0},
    {TJOB_TEXT("1e"), JSON_TRUNCATED, 2, 0},
    {TJOB_TEXT("1e+"), JSON_TRUNCATED, 3, 0},
    {TJOB_TEXT("tru"), JSON_TRUNCATED, 3, 0},
    {TJOB_TEXT("null"), JSON_NOT_OBJECT, 0, 0},
    {TJOB_TEXT(" 1 "), JSON_NOT_OBJECT, 0, 0},
    {TJOB_TEXT("\"{}\""), JSON_NOT_OBJECT, 0, 0},
    {TJOB_TEXT("[{}]"), JSON_NOT_OBJECT, 0, 0},
    {TJOB_TEXT("{}x"), JSON_TRAILING, 2, 0},
    {TJOB_TEXT("{} {}"), JSON_TRAILING, 3, 0},
    {TJOB_TEXT("{},"), JSON_TRAILING, 2, 0},
    {TJOB_TEXT("{}}"), JSON_TRAILING, 2, 0},
    {TJOB_TEXT("{\"a\":1}\n]"), JSON_TRAILING, 8, 1},
    {TJOB_TEXT("{}\0"), JSON_TRAILING, 2, 0},
    {TJOB_TEXT("{}\xef\xbb\xbf"), JSON_TRAILING, 2, 0},
    {TJOB_TEXT("{}//"), JSON_TRAILING, 2, 0},
    {TJOB_TEXT("[]]"), JSON_TRAILING, 2, 0},
    {TJOB_TEXT("1 2"), JSON_TRAILING, 2, 0},
    {TJOB_TEXT("01"), JSON_TRAILING, 1, 0},
    {TJOB_TEXT("}"), JSON_UNEXPECTED, 0, 0},
    {TJOB_TEXT(" ]"), JSON_UNEXPECTED, 1, 0},
    {TJOB_TEXT("\xef\xbb\xbf{}"), JSON_UNEXPECTED, 0, 0}, /* a byte order mark */
    {TJOB_TEXT("\xff\xfe{\0}\0"), JSON_UNEXPECTED, 0, 0}, /* UTF-16 */
    {TJOB_TEXT("{\0}\0"), JSON_UNEXPECTED, 1, 0},
    {TJOB_TEXT("\0{\0}"), JSON_UNEXPECTED, 0, 0},
    {TJOB_TEXT("\f{}"), JSON_UNEXPECTED, 0, 0},
    {TJOB_TEXT("\x1e{}"), JSON_UNEXPECTED, 0, 0}, /* a record separator */
    {TJOB_TEXT("\"a\":1"), JSON_TRAILING, 3, 0},
    {TJOB_TEXT("{\"a\":1,\"b\""), JSON_TRUNCATED, 10, 1},
    {TJOB_TEXT("{\"a\":1,\"b\"}"), JSON_UNEXPECTED, 10, 1},
};

static const struct {
    tjob_text text;
    json_status status;
    size_t offset;
    unsigned members;
} bare_texts[] = {
    {TJOB_TEXT(""), JSON_END, 0, 0},
    {TJOB_TEXT(" \n"), JSON_END, 2, 0},
    {TJOB_TEXT("\"a\":1"), JSON_END, 5, 1},
    {TJOB_TEXT(" \"a\" : {} , \"b\" : [ ] "), JSON_END, 22, 2},
    {TJOB_TEXT("\"a\":1,"), JSON_TRUNCATED, 6, 1},
    {TJOB_TEXT("\"a\":1, "), JSON_TRUNCATED, 7, 1},
    {TJOB_TEXT(",\"a\":1"), JSON_UNEXPECTED, 0, 0},
    {TJOB_TEXT("\"a\":1}"), JSON_UNEXPECTED, 5, 1},
    {TJOB_TEXT("\"a\":1},\"b\":{\"c\":2"), JSON_UNEXPECTED, 5, 1},
    {TJOB_TEXT("}"), JSON_UNEXPECTED, 0, 0},
    {TJOB_TEXT("{}"), JSON_UNEXPECTED, 0, 0},
    {TJOB_TEXT("\"a\""), JSON_TRUNCATED, 3, 0},
    {TJOB_TEXT("\"a\":"), JSON_TRUNCATED, 4, 0},
    {TJOB_TEXT("\"a\":[}"), JSON_UNEXPECTED, 5, 0},
    {TJOB_TEXT("\"a\":1 \"b\":2"), JSON_UNEXPECTED, 6, 1},
    {TJOB_TEXT("1"), JSON_UNEXPECTED, 0, 0},
    {TJOB_TEXT("\"a\":1\0"), JSON_UNEXPECTED, 5, 1},
};

static void check_reading(reading result, tjob_text text, json_status status, size_t offset, unsigned members)
{
    ck_assert_msg(result.status == status && result.offset == offset && result.members == members,
                  "\"%s\": %d at %zu after %u members, not %d at %zu after %u", text.data, (int)result.status,
                  result.offset, result.members, (int)status, offset, members);
}

START_TEST(a_text_is_one_object_and_nothing_else)
{
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        check_reading(read_text(texts[i].text.data, texts[i].text.bytes), texts[i].text, texts[i].status,
                      texts[i].offset, texts[i].members);
    }
}
END_TEST

START_TEST(members_without_braces_are_read_to_the_end_of_the_text)
{
    for (unsigned i = 0; i < sizeof bare_texts / sizeof bare_texts[0]; i++) {
        check_reading(read_bare_members(bare_texts[i].text.data, bare_texts[i].text.bytes), bare_texts[i].text,
                      bare_texts[i].status, bare_texts[i].offset, bare_texts[i].members);
    }
}
END_TEST

/* ---- A rich text, cut and changed ------------------------------------------------------------------------------ */

static const char rich[] =
    " {\"\": [ ], \"n\":-10.50E+2 ,\"\\u0041\\\\\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\\ud83d\\uDe00\","
    "\"o\" : {\"x\":[{},[[null,false ],true]],\"y\\n\":\"0123456789\"},\"z\":0.5e-1}\r\n";

enum { RICH = sizeof rich - 1 };

START_TEST(each_member_of_a_text_is_given_where_it_stands)
{
    static const struct {
        const char *name;
        const char *value;
        json_kind kind;
        bool escaped;
    } members[] = {
        {"", "[ ]", JSON_ARRAY, false},
        {"n", "-10.50E+2", JSON_NUMBER, false},
        {"\\u0041\\\\", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\\ud83d\\uDe00", JSON_STRING, true},
        {"o", "{\"x\":[{},[[null,false ],true]],\"y\\n\":\"0123456789\"}", JSON_OBJECT, false},
        {"z", "0.5e-1", JSON_NUMBER, false},
    };
    json_reader reader;
    json_value name;
    json_value value;
    ck_assert_int_eq(tjob__json_open(&reader, (tjob_text){rich, RICH}), JSON_OK);
    for (unsigned i = 0; i < sizeof members / sizeof members[0]; i++) {
        ck_assert_int_eq(tjob__json_next_member(&reader, &name, &value), JSON_OK);
        ck_assert_mem_eq(name.begin, members[i].name, strlen(members[i].name));
        ck_assert_int_eq(name.end - name.begin, (long)strlen(members[i].name));
        ck_assert_int_eq(name.escaped, strchr(members[i].name, '\\') != NULL);
        ck_assert_mem_eq(value.begin, members[i].value, strlen(members[i].value));
        ck_assert_int_eq(value.end - value.begin, (long)strlen(members[i].value));
        ck_assert_int_eq(value.kind, members[i].kind);
        ck_assert_int_eq(value.escaped, members[i].escaped);
    }
    ck_assert_int_eq(tjob__json_next_member(&reader, &name, &value), JSON_END);
    ck_assert_uint_eq(tjob__json_offset(&reader), RICH);
}
END_TEST

START_TEST(literals_and_empty_strings_are_given_with_their_kinds)
{
    static const json_kind kinds[] = {JSON_NULL, JSON_BOOLEAN, JSON_BOOLEAN, JSON_STRING, JSON_STRING};
    static const unsigned lengths[] = {4, 4, 5, 0, 1};
    static const char text[] = "{\"a\":null,\"b\":true,\"c\":false,\"d\":\"\",\"e\":\"x\"}";
    json_reader reader;
    json_value name;
    json_value value;
    ck_assert_int_eq(tjob__json_open(&reader, (tjob_text){text, sizeof text - 1}), JSON_OK);
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        ck_assert_int_eq(tjob__json_next_member(&reader, &name, &value), JSON_OK);
        ck_assert_int_eq(value.kind, kinds[i]);
        ck_assert_uint_eq((size_t)(value.end - value.begin), lengths[i]);
        ck_assert(!value.escaped && !name.escaped);
    }
}
END_TEST

/* The offset of the character in which a text is cut, or the cut itself if it is between two. */
static size_t begin_of_character(const char *text, size_t cut)
{
    size_t at = cut;
    while (at != 0 && ((unsigned char)text[at] & 0xc0) == 0x80) {
        at--;
    }
    return at;
}

START_TEST(a_text_cut_anywhere_is_truncated)
{
    for (size_t cut = 0; cut < RICH - 2; cut++) {
        const reading result = read_text(rich, cut);
        const size_t at = begin_of_character(rich, cut);
        ck_assert_int_eq(result.status, at == cut ? JSON_TRUNCATED : JSON_BAD_UTF8);
        ck_assert_uint_eq(result.offset, at);
    }
    for (size_t cut = RICH - 2; cut <= RICH; cut++) {
        ck_assert_int_eq(read_text(rich, cut).status, JSON_END);
    }
}
END_TEST

START_TEST(strings_arrays_and_objects_of_a_cut_text_are_whole_or_not_given)
{
    for (size_t cut = 0; cut < RICH - 2; cut++) {
        const tjob_text copy = exact_copy(rich, cut);
        json_reader cut_reader;
        json_reader whole_reader;
        json_value name[2];
        json_value value[2];
        (void)tjob__json_open(&whole_reader, (tjob_text){rich, RICH});
        json_status status = tjob__json_open(&cut_reader, copy);
        while (status == JSON_OK && (status = tjob__json_next_member(&cut_reader, &name[0], &value[0])) == JSON_OK) {
            ck_assert_int_eq(tjob__json_next_member(&whole_reader, &name[1], &value[1]), JSON_OK);
            ck_assert_int_eq(name[0].begin - cut_reader.begin, name[1].begin - whole_reader.begin);
            ck_assert_int_eq(name[0].end - cut_reader.begin, name[1].end - whole_reader.begin);
            ck_assert_int_eq(value[0].begin - cut_reader.begin, value[1].begin - whole_reader.begin);
            ck_assert_int_eq(value[0].kind, value[1].kind);
            if (value[0].kind != JSON_NUMBER) {
                ck_assert_int_eq(value[0].end - cut_reader.begin, value[1].end - whole_reader.begin);
            }
        }
        exact_free(copy);
        ck_assert(status != JSON_END);
    }
}
END_TEST

/* The reader takes a text for JSON if the oracle does, and a valid text for an object if it begins like one. */
static void check_against_oracle(const char *text, size_t bytes)
{
    const reading result = read_text(text, bytes);
    const bool valid = oracle_is_json(text, bytes);
    const bool braced = valid && *oracle_space(text, text + bytes) == '{';
    const bool agrees = valid ? result.status == (braced ? JSON_END : JSON_NOT_OBJECT)
                              : result.status != JSON_END && result.status != JSON_NOT_OBJECT && result.offset <= bytes;
    ck_assert_msg(agrees, "%.*s: %d at %zu", (int)bytes, text, (int)result.status, result.offset);
}

START_TEST(a_text_with_any_byte_changed_added_or_removed_is_checked_by_the_grammar)
{
    for (size_t at = 0; at <= RICH; at++) {
        for (unsigned inserted = 0; inserted <= 1; inserted++) {
            if (at == RICH && inserted == 0) {
                continue;
            }
            char changed[RICH + 1];
            memcpy(changed, rich, at);
            memcpy(changed + at + 1, rich + at + !inserted, RICH - at - !inserted);
            for (unsigned byte = 0; byte < 256; byte++) {
                changed[at] = (char)(unsigned char)byte;
                check_against_oracle(changed, RICH + inserted);
            }
        }
        char shorter[RICH];
        memcpy(shorter, rich, at);
        memcpy(shorter + at, rich + at + 1, at < RICH ? RICH - at - 1 : 0);
        check_against_oracle(shorter, at < RICH ? RICH - 1 : RICH);
    }
}
END_TEST

/* All short texts of the characters that have a meaning. */
START_TEST(every_short_text_is_checked_by_the_grammar)
{
    static const char alphabet[] = "{}[],:\"\\u0-1.eE+ nt";
    enum { LETTERS = sizeof alphabet - 1, LENGTH = 4 };
    unsigned count = 1;
    for (unsigned length = 0; length <= LENGTH; length++, count *= LETTERS) {
        for (unsigned number = 0; number < count; number++) {
            char text[LENGTH + 1];
            unsigned rest = number;
            for (unsigned i = 0; i < length; i++, rest /= LETTERS) {
                text[i] = alphabet[rest % LETTERS];
            }
            check_against_oracle(text, length);
        }
    }
}
END_TEST

RUN_TESTS("json", {every_kind_of_value_is_read_in_every_place, 0},
          {what_is_no_value_is_reported_with_the_byte_that_is_wrong, 0}, {a_text_is_one_object_and_nothing_else, 0},
          {members_without_braces_are_read_to_the_end_of_the_text, 0},
          {each_member_of_a_text_is_given_where_it_stands, 0},
          {literals_and_empty_strings_are_given_with_their_kinds, 0}, {a_text_cut_anywhere_is_truncated, 0},
          {strings_arrays_and_objects_of_a_cut_text_are_whole_or_not_given, 0},
          {a_text_with_any_byte_changed_added_or_removed_is_checked_by_the_grammar, 0},
          {every_short_text_is_checked_by_the_grammar, 0})
