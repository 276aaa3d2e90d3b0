/* Credentials files: what is read from them, and what is said of those that are not as they should be. */
#include <stdlib.h>
#include <string.h>

#include "support/suite.h"
#include "tjob/credentials.h"
#include "unit/exact.h"

#define ID "aws_access_key_id = AKIDEXAMPLE\n"
#define SECRET "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n"
#define ALL "tjob_accounts = *\n"
#define ARN(name) "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/" name

enum { KEYS = 3, GRANTS = 6 };

static tjob_access_key keys[KEYS];
static tjob_grant grants[GRANTS];
static tjob_credentials credentials = {.keys = keys, .grants = grants, .key_capacity = KEYS, .grant_capacity = GRANTS};

static tjob_credentials_problem read_text(const char *text, uint32_t *line)
{
    const tjob_text copy = exact_copy(text, strlen(text));
    const tjob_credentials_problem problem = tjob_credentials_read(&credentials, copy, line);
    exact_free(copy);
    return problem;
}

static bool allows(uint32_t key, const char *arn)
{
    return tjob_credentials_allow(&credentials, key, (tjob_text){arn, strlen(arn)});
}

START_TEST(it_reads_a_file)
{
    uint32_t line = 99;
    const tjob_credentials_problem problem =
        read_text("# keys of the nightly jobs \xc3\xbc\n"
                  "; and of the operators\r\n"
                  "\n"
                  " \t \n"
                  "[ nightly.1 ]\r\n"
                  "aws_access_key_id=AKID_nightly-1\r\n"
                  "aws_secret_access_key\t=\t0123456789abcde=\n"
                  "tjob_accounts = 111122223333, 444455556666\n"
                  "[ops@example]\n" ALL ID "aws_secret_access_key = "
                  "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n"
                  "[team]\n"
                  "aws_access_key_id = team\n"
                  "aws_secret_access_key = #;[]!\"$%&'()*+,-./\n"
                  "tjob_arns = " ARN("team-*") "," ARN("x") "\n"
                                                            "tjob_arns=" ARN("y/version/*"),
                  &line);
    ck_assert_msg(problem == TJOB_CREDENTIALS_OK, "%u: %s", line, tjob_credentials_problem_text(problem));
    ck_assert_uint_eq(line, 0);
    ck_assert_uint_eq(credentials.key_count, 3);
    ck_assert_str_eq(keys[0].name, "nightly.1");
    ck_assert_mem_eq(keys[0].id, "AKID_nightly-1", 15);
    ck_assert_uint_eq(keys[0].secret_bytes, 16);
    ck_assert_mem_eq(keys[0].secret, "0123456789abcde=", 17);
    ck_assert_str_eq(keys[1].name, "ops@example");
    ck_assert_mem_eq(keys[2].secret, "#;[]!\"$%&'()*+,-./", 19);

    ck_assert(allows(0, ARN("x")));
    ck_assert(allows(0, "arn:aws-cn:comprehend:r:444455556666:entity-recognizer/a/version/b"));
    ck_assert(!allows(0, "arn:aws:comprehend:us-west-2:111122223334:entity-recognizer/x"));
    ck_assert(!allows(0, "arn:aws:comprehend::222222222222:entity-recognizer/111122223333"));
    ck_assert(allows(1, ARN("x")) && allows(1, "arn:aws:comprehend::000000000000:entity-recognizer/x"));
    ck_assert(allows(2, ARN("team-1")) && allows(2, ARN("team-1/version/2")) && allows(2, ARN("x")));
    ck_assert(allows(2, ARN("y/version/1")));
    ck_assert(!allows(2, ARN("team1")) && !allows(2, ARN("xx")) && !allows(2, ARN("x/version/1")) &&
              !allows(2, ARN("y")));
    ck_assert(!allows(3, ARN("x")) && !allows(UINT32_MAX, ARN("x")));
}
END_TEST

#define SECTION(name) "[" name "]\n"
#define WHOLE SECTION("a") ID SECRET ALL
#define TEN(x) x x x x x x x x x x

static const struct {
    const char *text;
    tjob_credentials_problem problem;
    uint32_t line;
} problems[] = {
    {"", TJOB_CREDENTIALS_EMPTY, 0},
    {"# nothing\n\n", TJOB_CREDENTIALS_EMPTY, 0},
    {WHOLE "tjob\x01", TJOB_CREDENTIALS_BAD_CHARACTER, 5},
    {WHOLE "tjob\x7f\n", TJOB_CREDENTIALS_BAD_CHARACTER, 5},
    {WHOLE "tj\xc3\xb6"
           "b = 1\n",
     TJOB_CREDENTIALS_BAD_CHARACTER, 5},
    {WHOLE "# \x1b[2J\n", TJOB_CREDENTIALS_BAD_CHARACTER, 5},
    {"\xef\xbb\xbf" WHOLE, TJOB_CREDENTIALS_BAD_CHARACTER, 1},
    {WHOLE "#" TEN(TEN("0123456789")) TEN("01") "abc\n", TJOB_CREDENTIALS_OK, 0},
    {WHOLE "#" TEN(TEN("0123456789")) TEN("01") "abcd\n", TJOB_CREDENTIALS_LINE_TOO_LONG, 5},
    {WHOLE "#" TEN(TEN("0123456789")) TEN("01") "abcd", TJOB_CREDENTIALS_LINE_TOO_LONG, 5},
    {"a\n", TJOB_CREDENTIALS_BAD_LINE, 1},
    {"[a\n", TJOB_CREDENTIALS_BAD_LINE, 1},
    {"[\n", TJOB_CREDENTIALS_BAD_LINE, 1},
    {"[a] # one\n", TJOB_CREDENTIALS_BAD_LINE, 1},
    {SECTION("a") " " ID, TJOB_CREDENTIALS_BAD_LINE, 2},
    {SECTION("a") "\t# a comment\n", TJOB_CREDENTIALS_BAD_LINE, 2},
    {"\n[]\n", TJOB_CREDENTIALS_BAD_NAME, 2},
    {"[a b]\n", TJOB_CREDENTIALS_BAD_NAME, 1},
    {"[a]]\n", TJOB_CREDENTIALS_BAD_NAME, 1},
    {SECTION("012345678901234567890123456789012345678901234567890123456789012") ID SECRET ALL, TJOB_CREDENTIALS_OK, 0},
    {SECTION("0123456789012345678901234567890123456789012345678901234567890123"), TJOB_CREDENTIALS_BAD_NAME, 1},
    {WHOLE SECTION("a"), TJOB_CREDENTIALS_NAME_TWICE, 5},
    {ID, TJOB_CREDENTIALS_NO_SECTION, 1},
    {SECTION("a") "region = us-west-2\n", TJOB_CREDENTIALS_UNKNOWN_SETTING, 2},
    {SECTION("a") "AWS_ACCESS_KEY_ID = x\n", TJOB_CREDENTIALS_UNKNOWN_SETTING, 2},
    {SECTION("a") "aws_session_token = x\n", TJOB_CREDENTIALS_UNKNOWN_SETTING, 2},
    {SECTION("a") "= x\n", TJOB_CREDENTIALS_UNKNOWN_SETTING, 2},
    {SECTION("a") ID ID, TJOB_CREDENTIALS_SETTING_TWICE, 3},
    {SECTION("a") SECRET SECRET, TJOB_CREDENTIALS_SETTING_TWICE, 3},
    {SECTION("a") "aws_access_key_id =\n", TJOB_CREDENTIALS_BAD_ID, 2},
    {SECTION("a") "aws_access_key_id = a/b\n", TJOB_CREDENTIALS_BAD_ID, 2},
    {SECTION("a") "aws_access_key_id = " TEN("0123456789") "0123456789012345678901234567\n" SECRET ALL,
     TJOB_CREDENTIALS_OK, 0},
    {SECTION("a") "aws_access_key_id = " TEN("0123456789") "01234567890123456789012345678\n", TJOB_CREDENTIALS_BAD_ID,
     2},
    {WHOLE SECTION("b") ID, TJOB_CREDENTIALS_ID_TWICE, 6},
    {SECTION("a") "aws_secret_access_key = 0123456789abcde\n", TJOB_CREDENTIALS_BAD_SECRET, 2},
    {SECTION("a") "aws_secret_access_key = 0123456789abcdef # mine\n", TJOB_CREDENTIALS_BAD_SECRET, 2},
    {SECTION("a") "aws_secret_access_key = 0123456789abcdef\tx\n", TJOB_CREDENTIALS_BAD_SECRET, 2},
    {SECTION("a") ID ALL "aws_secret_access_key = " TEN("0123456789") "0123456789012345678901234567\n",
     TJOB_CREDENTIALS_OK, 0},
    {SECTION("a") "aws_secret_access_key = " TEN("0123456789") "01234567890123456789012345678\n",
     TJOB_CREDENTIALS_BAD_SECRET, 2},
    {SECTION("a") "tjob_accounts = 11112222333\n", TJOB_CREDENTIALS_BAD_ACCOUNT, 2},
    {SECTION("a") "tjob_accounts = 1111222233334\n", TJOB_CREDENTIALS_BAD_ACCOUNT, 2},
    {SECTION("a") "tjob_accounts = 111122223333,11112222333x\n", TJOB_CREDENTIALS_BAD_ACCOUNT, 2},
    {SECTION("a") "tjob_accounts = 1, 111122223333\n", TJOB_CREDENTIALS_BAD_ACCOUNT, 2},
    {SECTION("a") "tjob_accounts = 1111*\n", TJOB_CREDENTIALS_BAD_ACCOUNT, 2},
    {SECTION("a") "tjob_arns = *\n", TJOB_CREDENTIALS_BAD_ARN, 2},
    {SECTION("a") "tjob_arns = arn:aws:comprehend:us-west-2:1111*\n", TJOB_CREDENTIALS_BAD_ARN, 2},
    {SECTION("a") "tjob_arns = arn:aws:comprehend:*:111122223333:entity-recognizer/x\n", TJOB_CREDENTIALS_BAD_ARN, 2},
    {SECTION("a") "tjob_arns = arn:aws:comprehend:us-west-2:111122223333:entity-recognizer*\n",
     TJOB_CREDENTIALS_BAD_ARN, 2},
    {SECTION("a") "tjob_arns = " ARN("") "\n", TJOB_CREDENTIALS_BAD_ARN, 2},
    {SECTION("a") ID SECRET "tjob_arns = " ARN("*") "\n", TJOB_CREDENTIALS_OK, 0},
    {SECTION("a") "tjob_arns = " ARN("a*b") "\n", TJOB_CREDENTIALS_BAD_ARN, 2},
    {SECTION("a") "tjob_arns = " ARN(TEN("0123456789") TEN("0123456789")) "\n", TJOB_CREDENTIALS_BAD_ARN, 2},
    {"\n" SECTION("a") ID SECRET, TJOB_CREDENTIALS_INCOMPLETE, 2},
    {SECTION("a") ID SECRET "tjob_accounts =\n", TJOB_CREDENTIALS_INCOMPLETE, 1},
    {SECTION("a") ID SECRET "tjob_accounts = , ,\n", TJOB_CREDENTIALS_INCOMPLETE, 1},
    {SECTION("a") ID ALL "\n" SECTION("b"), TJOB_CREDENTIALS_INCOMPLETE, 1},
    {SECTION("a") SECRET ALL, TJOB_CREDENTIALS_INCOMPLETE, 1},
    {WHOLE SECTION("b"), TJOB_CREDENTIALS_INCOMPLETE, 5},
    {WHOLE "tjob_accounts = * * * * * *\n", TJOB_CREDENTIALS_FULL, 5},
    {WHOLE SECTION("b") "aws_access_key_id = b\n" SECRET ALL SECTION("c") "aws_access_key_id = c\n" SECRET ALL SECTION(
         "d"),
     TJOB_CREDENTIALS_FULL, 13},
};

START_TEST(it_names_the_line_of_each_problem)
{
    uint32_t line = 99;
    const tjob_credentials_problem problem = read_text(problems[_i].text, &line);
    ck_assert_msg(problem == problems[_i].problem && line == problems[_i].line, "%s: %d in line %u", problems[_i].text,
                  problem, line);
    ck_assert_int_eq(read_text(problems[_i].text, NULL), problem);
    ck_assert_int_eq(credentials.key_count != 0, problem == TJOB_CREDENTIALS_OK);
}
END_TEST

START_TEST(it_reads_each_beginning_of_a_file)
{
    static const char text[] =
        "# a\n" WHOLE SECTION("b") "aws_access_key_id = b\n" SECRET "tjob_arns = " ARN("x*") "\n";
    unsigned good = 0;
    for (size_t bytes = 0; bytes <= sizeof text - 1; bytes++) {
        const tjob_text copy = exact_copy(text, bytes);
        good += tjob_credentials_read(&credentials, copy, NULL) == TJOB_CREDENTIALS_OK;
        exact_free(copy);
    }
    ck_assert_uint_gt(good, 1);
    ck_assert_uint_eq(credentials.key_count, 2);
}
END_TEST

static bool is_wiped(void)
{
    static const unsigned char zeros[sizeof keys + sizeof grants];
    return memcmp(keys, zeros, sizeof keys) == 0 && memcmp(grants, zeros, sizeof grants) == 0;
}

START_TEST(it_wipes_what_it_drops)
{
    memset(keys, 0, sizeof keys);
    memset(grants, 0, sizeof grants);
    ck_assert_int_eq(read_text(WHOLE, NULL), TJOB_CREDENTIALS_OK);
    ck_assert(!is_wiped());
    tjob_credentials_clear(&credentials);
    ck_assert(is_wiped());
    ck_assert_int_eq(read_text(WHOLE "x", NULL), TJOB_CREDENTIALS_BAD_LINE);
    ck_assert(is_wiped());
}
END_TEST

START_TEST(a_text_may_be_too_large)
{
    static char text[TJOB_CREDENTIALS_BYTES_MAX + 1];
    uint32_t line = 99;
    memset(text, '\n', sizeof text);
    memcpy(text, WHOLE, sizeof WHOLE - 1);
    ck_assert_int_eq(tjob_credentials_read(&credentials, (tjob_text){text, sizeof text - 1}, &line), 0);
    ck_assert_int_eq(tjob_credentials_read(&credentials, (tjob_text){text, sizeof text}, &line),
                     TJOB_CREDENTIALS_TOO_LARGE);
    ck_assert_uint_eq(line, 0);
}
END_TEST

START_TEST(every_problem_has_a_text)
{
    for (int i = 0; i < TJOB_CREDENTIALS_PROBLEM_COUNT; i++) {
        ck_assert_uint_gt(strlen(tjob_credentials_problem_text((tjob_credentials_problem)i)), 5);
    }
    ck_assert_str_eq(tjob_credentials_problem_text((tjob_credentials_problem)TJOB_CREDENTIALS_PROBLEM_COUNT), "?");
}
END_TEST

RUN_TESTS("credentials", {it_reads_a_file, 0},
          {it_names_the_line_of_each_problem, sizeof problems / sizeof problems[0]},
          {it_reads_each_beginning_of_a_file, 0}, {it_wipes_what_it_drops, 0}, {a_text_may_be_too_large, 0},
          {every_problem_has_a_text, 0})
