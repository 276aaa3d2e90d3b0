/* Parameters: each at most once, in any order, in their bounds; and what is wrong, with its place. */
#include <string.h>

#include "page/parameters.h"
#include "support/suite.h"

static const char *colour(unsigned number)
{
    static const char *const words[] = {"red", "dark blue", NULL};
    return words[number];
}

enum { NUMBER, COLOUR, WIDE, COUNT };

static const struct page_parameter table[COUNT] = {[NUMBER] = {"number", 2, 5, 3, NULL},
                                                   [COLOUR] = {"colour", 0, 0, 1, colour},
                                                   [WIDE] = {"wide", 0, UINT64_MAX, 0, NULL}};

static uint64_t values[COUNT];
static struct page_error error;

static bool reads(const char *text)
{
    return tjob__page_parameters_read((tjob_text){text, strlen(text)}, 100, table, COUNT, values, &error);
}

static void check_values(uint64_t number, uint64_t hue, uint64_t wide)
{
    ck_assert_uint_eq(values[NUMBER], number);
    ck_assert_uint_eq(values[COLOUR], hue);
    ck_assert_uint_eq(values[WIDE], wide);
}

START_TEST(what_is_left_out_has_its_default)
{
    ck_assert(reads(""));
    check_values(3, 1, 0);
    ck_assert(reads("wide=18446744073709551615&number=2"));
    check_values(2, 1, UINT64_MAX);
    ck_assert(reads("colour=red&number=5"));
    check_values(5, 0, 0);
    ck_assert(reads("colour=dark-blue"));
    check_values(3, 1, 0);
}
END_TEST

START_TEST(what_is_wrong_is_named_with_its_place)
{
    static const struct {
        const char *text;
        size_t at;
        const char *message;
    } cases[] = {
        {"nomber=2", 100, "unknown parameter: 'nomber'"},
        {"wide=1&nomber=2", 107, "unknown parameter: 'nomber'"},
        {"numbe=2", 100, "unknown parameter: 'numbe'"},
        {"=2", 100, "unknown parameter"},
        {"&number=2", 100, "unknown parameter"},
        {"\x01\x7f\xff=2", 100, "unknown parameter: '\?\?\?'"},
        {"number=2&wide=1&number=2", 116, "parameter is given twice: 'number'"},
        {"number=1", 107, "invalid value of a parameter: 'number=1'"},
        {"number=6", 107, "invalid value of a parameter: 'number=6'"},
        {"number=", 107, "invalid value of a parameter: 'number='"},
        {"number", 106, "invalid value of a parameter: 'number'"},
        {"number=2x", 107, "invalid value of a parameter: 'number=2x'"},
        {"number=-2", 107, "invalid value of a parameter: 'number=-2'"},
        {"number=4=4", 107, "invalid value of a parameter: 'number=4=4'"},
        {"colour=green", 107, "invalid value of a parameter: 'colour=green'"},
        {"colour=re", 107, "invalid value of a parameter: 'colour=re'"},
        {"colour=redd", 107, "invalid value of a parameter: 'colour=redd'"},
        {"colour=dark blue", 107, "invalid value of a parameter: 'colour=dark blue'"},
        {"wide=18446744073709551616", 105, "invalid value of a parameter: 'wide=18446744073709551616'"},
        {"wide=99999999999999999999999", 105, "invalid value of a parameter: 'wide=99999999999999999999999'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_msg(!reads(cases[i].text), "%s", cases[i].text);
        ck_assert_str_eq(error.message, cases[i].message);
        ck_assert_uint_eq(error.at, cases[i].at);
    }
}
END_TEST

START_TEST(a_long_text_is_cut_in_the_message)
{
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ck_assert(!reads(text));
    ck_assert_uint_eq(strlen(error.message), sizeof error.message - 1);
}
END_TEST

START_TEST(only_what_is_not_the_default_is_written)
{
    static const struct {
        uint64_t values[COUNT];
        const char *text;
    } cases[] = {
        {{3, 1, 0}, ""}, {{2, 0, 0}, "number=2&colour=red"}, {{3, 1, UINT64_MAX}, "wide=18446744073709551615"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char room[100];
        json_writer writer = {.out = room, .capacity = sizeof room};
        tjob__page_parameters_write(&writer, table, COUNT, cases[i].values);
        ck_assert_uint_eq(writer.bytes, strlen(cases[i].text));
        ck_assert_mem_eq(room, cases[i].text, writer.bytes);
    }
}
END_TEST

START_TEST(all_are_a_member)
{
    char room[200];
    struct page_json json = {.writer = {.out = room, .capacity = sizeof room}};
    static const char text[] = "\"parameters\":{\"number\":\"4\",\"colour\":\"dark blue\",\"wide\":\"7\"}";
    tjob__page_member_parameters(&json, table, COUNT, (uint64_t[]){4, 1, 7});
    ck_assert_uint_eq(json.writer.bytes, sizeof text - 1);
    ck_assert_mem_eq(room, text, sizeof text - 1);
}
END_TEST

START_TEST(an_error_replaces_what_was_written)
{
    char room[200];
    struct page_json json = {.writer = {.out = room, .capacity = sizeof room}};
    static const char text[] = "{\"error\":{\"at\":9,\"message\":\"it is wrong\"}}";
    tjob__page_open(&json, '{');
    tjob__page_member_string(&json, "a", "b");
    tjob__page_error_set(&error, 9, "it is wrong", (tjob_text){NULL, 0});
    tjob__page_error_write(&json, &error);
    ck_assert_uint_eq(json.writer.bytes, sizeof text - 1);
    ck_assert_mem_eq(room, text, sizeof text - 1);
}
END_TEST

START_TEST(the_words_of_the_policies_and_the_bugs_end)
{
    ck_assert_str_eq(tjob__page_stop_submitted_word(TJOB_STOP_SUBMITTED_REFUSED), "refuse");
    ck_assert_ptr_null(tjob__page_stop_submitted_word(TJOB_STOP_SUBMITTED_REFUSED + 1));
    ck_assert_str_eq(tjob__page_stop_finished_word(TJOB_STOP_FINISHED_REFUSED), "refuse");
    ck_assert_ptr_null(tjob__page_stop_finished_word(TJOB_STOP_FINISHED_REFUSED + 1));
    ck_assert_str_eq(tjob__page_bug_word(0), "none");
    ck_assert_str_eq(tjob__page_bug_word(12), "clock-runs-backwards");
    ck_assert_ptr_null(tjob__page_bug_word(13));
}
END_TEST

RUN_TESTS("parameters", {what_is_left_out_has_its_default, 0}, {what_is_wrong_is_named_with_its_place, 0},
          {a_long_text_is_cut_in_the_message, 0}, {only_what_is_not_the_default_is_written, 0}, {all_are_a_member, 0},
          {an_error_replaces_what_was_written, 0}, {the_words_of_the_policies_and_the_bugs_end, 0})
