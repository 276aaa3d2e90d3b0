/* The names of recognizers, against the two patterns as they are written. */
#include "core/arn.h"

#include <stdio.h>

#include "support/jobs.h"
#include "support/suite.h"
#include "unit/exact.h"
#include "unit/core/pattern.h"
#include "unit/utf8_oracle.h"

#define NAME "[a-zA-Z0-9](-*[a-zA-Z0-9])*"
#define AT_111 "111122223333"

/* ---- The patterns, cut into the parts that a problem can name -------------------------------------------------- */

typedef struct part {
    const char *text;
    tjob_arn_problem problem;
} part;

static const part reference_parts[] = {
    {"arn:aws:", TJOB_ARN_BAD_PREFIX},
    {"comprehend:", TJOB_ARN_BAD_SERVICE},
    {"[a-zA-Z0-9-]*:", TJOB_ARN_BAD_REGION},
    {"[0-9]{12}:", TJOB_ARN_BAD_ACCOUNT},
    {"entity-recognizer/", TJOB_ARN_BAD_RESOURCE},
    {NAME, TJOB_ARN_BAD_NAME},
};

static const part current_parts[] = {
    {"arn:aws", TJOB_ARN_BAD_PREFIX},
    {"(-[^:]+)?", TJOB_ARN_BAD_PARTITION},
    {":", TJOB_ARN_BAD_PREFIX},
    {"comprehend:", TJOB_ARN_BAD_SERVICE},
    {"[a-zA-Z0-9-]*:", TJOB_ARN_BAD_REGION},
    {"[0-9]{12}:", TJOB_ARN_BAD_ACCOUNT},
    {"entity-recognizer/", TJOB_ARN_BAD_RESOURCE},
    {NAME "(/", TJOB_ARN_BAD_NAME},
    {"version/" NAME ")?", TJOB_ARN_BAD_VERSION},
};

static const struct {
    const part *parts;
    size_t count;
} grammars[] = {
    [TJOB_ARN_REFERENCE] = {reference_parts, sizeof reference_parts / sizeof reference_parts[0]},
    [TJOB_ARN_CURRENT] = {current_parts, sizeof current_parts / sizeof current_parts[0]},
};

enum { GRAMMARS = 2 };

static const pattern *pattern_of(unsigned grammar)
{
    static pattern compiled[GRAMMARS];
    static char texts[GRAMMARS][256];
    if (compiled[grammar].count == 0) {
        for (size_t i = 0; i < grammars[grammar].count; i++) {
            strcat(texts[grammar], grammars[grammar].parts[i].text);
        }
        pattern_compile(&compiled[grammar], texts[grammar]);
    }
    return &compiled[grammar];
}

/* The part in which a step of the pattern stands. */
static tjob_arn_problem problem_at(unsigned grammar, int written)
{
    const part *at = grammars[grammar].parts;
    for (; written >= (int)strlen(at->text); at++) {
        written -= (int)strlen(at->text);
    }
    return at->problem;
}

/* ---- The oracle ------------------------------------------------------------------------------------------------ */

/* What is wrong is the furthest part that could go on; but what no character can be ends the partition it stands in. */
static tjob_arn_problem problem_of(unsigned grammar, const pattern_threads *threads, bool no_character)
{
    const pattern *p = pattern_of(grammar);
    tjob_arn_problem furthest = TJOB_ARN_VALID;
    for (int i = 0; i < p->count; i++) {
        if (threads->live[i] && p->steps[i].kind == TAKE) {
            const tjob_arn_problem problem = problem_at(grammar, p->steps[i].written);
            if (no_character && p->steps[i].others) {
                return problem;
            }
            furthest = problem;
        }
    }
    return furthest;
}

/* What was last asked of each grammar, and how the pattern stood behind each character: the next is mostly alike. */
typedef struct trail {
    char text[300];
    size_t bytes;
    bool known[301];
    pattern_threads behind[301];
} trail;

/* How far the pattern is known to go along a text that may be another than the last; makes it the last. */
static size_t resume(trail *last, tjob_text arn)
{
    size_t at = 0;
    while (at != arn.bytes && at != last->bytes && arn.data[at] == last->text[at]) {
        at++;
    }
    while (!last->known[at]) {
        at--;
    }
    memset(last->known + at + 1, false, sizeof last->known - at - 1);
    memcpy(last->text, arn.data, arn.bytes);
    last->bytes = arn.bytes;
    return at;
}

/* The verdict on a text of at most TJOB_ARN_BYTES_MAX bytes. */
static tjob_arn_verdict oracle(tjob_text arn, unsigned grammar)
{
    static trail trails[GRAMMARS];
    trail *last = &trails[grammar];
    const pattern *p = pattern_of(grammar);
    if (!last->known[0]) {
        pattern_begin(p, &last->behind[0]);
        last->known[0] = true;
    }
    size_t at = resume(last, arn);
    pattern_threads threads = last->behind[at];
    bool no_character = false;
    while (at != arn.bytes) {
        uint32_t character = 0;
        const size_t length = oracle_character(arn.data + at, arn.bytes - at, &character);
        no_character = length == 0 || character == 0;
        if (no_character || !pattern_take(p, &threads, character)) {
            break;
        }
        at += length;
        last->known[at] = true;
        last->behind[at] = threads;
    }
    if (at == arn.bytes && pattern_matches(p, &threads)) {
        return (tjob_arn_verdict){TJOB_ARN_VALID, at};
    }
    return (tjob_arn_verdict){problem_of(grammar, &threads, no_character), at};
}

static const char *printable(tjob_text text)
{
    static char out[4 * 300 + 1];
    size_t length = 0;
    for (size_t i = 0; i < text.bytes && i < 300; i++) {
        const unsigned char byte = (unsigned char)text.data[i];
        length += (size_t)sprintf(out + length, byte >= ' ' && byte < 0x7f ? "%c" : "\\x%02x", byte);
    }
    out[length] = '\0';
    return out;
}

/* The verdict on a copy without a byte to spare is the oracle's, and so is the ARN with which it begins. */
static void check_against_oracle(tjob_text arn, unsigned grammar)
{
    const tjob_arn_verdict expected = oracle(arn, grammar);
    const tjob_text exact = exact_copy(arn.data, arn.bytes);
    const tjob_arn_verdict verdict = tjob_arn_validate(exact, (tjob_arn_grammar)grammar);
    const size_t prefix = tjob__arn_prefix(exact);
    exact_free(exact);
    if (grammar == TJOB_ARN_REFERENCE) {
        const tjob_text longest = {arn.data, expected.offset};
        ck_assert_uint_eq(prefix, oracle(longest, grammar).problem == TJOB_ARN_VALID ? longest.bytes : 0);
    }
    if (verdict.problem != expected.problem || verdict.offset != expected.offset) {
        ck_abort_msg("\"%s\" by grammar %u: problem %d at %zu, not %d at %zu", printable(arn), grammar,
                     (int)verdict.problem, verdict.offset, (int)expected.problem, expected.offset);
    }
}

/* ---- Valid ones, and all that is one byte away from them ------------------------------------------------------- */

static const struct {
    tjob_text arn;
    bool reference; /* valid by the reference's pattern too */
} valid[] = {
    {TJOB_TEXT("arn:aws:comprehend:us-west-2:" AT_111 ":entity-recognizer/examplerecognizer1"), true},
    {TJOB_TEXT("arn:aws:comprehend::000000000000:entity-recognizer/a"), true},
    {TJOB_TEXT("arn:aws:comprehend:-:999999999999:entity-recognizer/Z"), true},
    {TJOB_TEXT("arn:aws:comprehend:AZ-az-09:012345678901:entity-recognizer/0--9-a---z-A----Z"), true},
    {TJOB_TEXT("arn:aws-cn:comprehend:cn-north-1:" AT_111 ":entity-recognizer/x"), false},
    {TJOB_TEXT("arn:aws--:comprehend::" AT_111 ":entity-recognizer/x-y/version/1-z"), false},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer/version/version/version"), false},
    {TJOB_TEXT("arn:aws-/ \"\\\x01\x7f:comprehend:r:" AT_111 ":entity-recognizer/x"), false},
    {TJOB_TEXT("arn:aws-\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80:comprehend:r:" AT_111 ":entity-recognizer/x"), false},
};

enum { VALID = sizeof valid / sizeof valid[0] };

START_TEST(valid_names_are_valid_to_their_end)
{
    for (unsigned i = 0; i < VALID; i++) {
        const tjob_arn_verdict current = tjob_arn_validate(valid[i].arn, TJOB_ARN_CURRENT);
        const tjob_arn_verdict reference = tjob_arn_validate(valid[i].arn, TJOB_ARN_REFERENCE);
        ck_assert_int_eq(current.problem, TJOB_ARN_VALID);
        ck_assert_uint_eq(current.offset, valid[i].arn.bytes);
        ck_assert_int_eq(reference.problem == TJOB_ARN_VALID, valid[i].reference);
    }
    ck_assert_int_eq(tjob_arn_validate(sample_arn, TJOB_ARN_REFERENCE).problem, TJOB_ARN_VALID);
}
END_TEST

START_TEST(every_prefix_is_checked_by_the_pattern)
{
    for (unsigned i = 0; i < VALID; i++) {
        for (size_t length = 0; length <= valid[i].arn.bytes; length++) {
            for (unsigned grammar = 0; grammar < GRAMMARS; grammar++) {
                check_against_oracle((tjob_text){valid[i].arn.data, length}, grammar);
            }
        }
    }
}
END_TEST

/* All texts in which `removed` bytes at one place give way to one byte, or with byte_count 0 to none. */
static void check_changed(tjob_text arn, unsigned grammar, size_t removed, unsigned byte_count)
{
    char changed[300];
    for (size_t at = 0; at + removed <= arn.bytes; at++) {
        const size_t inserted = byte_count != 0;
        memcpy(changed, arn.data, at);
        memcpy(changed + at + inserted, arn.data + at + removed, arn.bytes - at - removed);
        const tjob_text text = {changed, arn.bytes + inserted - removed};
        for (unsigned byte = 0; byte < byte_count; byte++) {
            changed[at] = (char)(unsigned char)byte;
            check_against_oracle(text, grammar);
        }
        if (byte_count == 0) {
            check_against_oracle(text, grammar);
        }
    }
}

START_TEST(every_substitution_insertion_and_deletion_of_a_byte_is_checked_by_the_pattern)
{
    const tjob_text arn = valid[_i / GRAMMARS].arn;
    const unsigned grammar = (unsigned)_i % GRAMMARS;
    check_changed(arn, grammar, 1, 256);
    check_changed(arn, grammar, 0, 256);
    check_changed(arn, grammar, 1, 0);
}
END_TEST

/* Nothing is left of what stood there: a comparison that looks at some bits alone would be seen. */
START_TEST(every_run_of_bytes_with_all_bits_inverted_is_checked_by_the_pattern)
{
    const tjob_text arn = valid[_i / GRAMMARS].arn;
    char changed[300];
    for (size_t begin = 0; begin < arn.bytes; begin++) {
        memcpy(changed, arn.data, arn.bytes);
        for (size_t at = begin; at < arn.bytes; at++) {
            changed[at] = (char)~arn.data[at];
            check_against_oracle((tjob_text){changed, arn.bytes}, (unsigned)_i % GRAMMARS);
        }
    }
}
END_TEST

/* ---- What is said of each mistake ------------------------------------------------------------------------------ */

static const struct {
    tjob_text arn;
    struct {
        tjob_arn_problem problem;
        size_t offset;
    } by[GRAMMARS];
} mistakes[] = {
#define SAME(p, at)                                                                                                    \
    {                                                                                                                  \
        {p, at},                                                                                                       \
        {                                                                                                              \
            p, at                                                                                                      \
        }                                                                                                              \
    }
    {TJOB_TEXT(""), SAME(TJOB_ARN_BAD_PREFIX, 0)},
    {TJOB_TEXT("bad arn \"\xc3\xa9\\"), SAME(TJOB_ARN_BAD_PREFIX, 0)},
    {TJOB_TEXT("ARN:aws:"), SAME(TJOB_ARN_BAD_PREFIX, 0)},
    {TJOB_TEXT(" arn:aws:"), SAME(TJOB_ARN_BAD_PREFIX, 0)},
    {TJOB_TEXT("arn:aw"), SAME(TJOB_ARN_BAD_PREFIX, 6)},
    {TJOB_TEXT("arn:aws"), SAME(TJOB_ARN_BAD_PREFIX, 7)},
    {TJOB_TEXT("arn:awsx"), SAME(TJOB_ARN_BAD_PREFIX, 7)},
    {TJOB_TEXT("arn:aws-"), {{TJOB_ARN_BAD_PREFIX, 7}, {TJOB_ARN_BAD_PARTITION, 8}}},
    {TJOB_TEXT("arn:aws-:comprehend"), {{TJOB_ARN_BAD_PREFIX, 7}, {TJOB_ARN_BAD_PARTITION, 8}}},
    {TJOB_TEXT("arn:aws-\0"), {{TJOB_ARN_BAD_PREFIX, 7}, {TJOB_ARN_BAD_PARTITION, 8}}},
    {TJOB_TEXT("arn:aws-cn\0:comprehend"), {{TJOB_ARN_BAD_PREFIX, 7}, {TJOB_ARN_BAD_PARTITION, 10}}},
    {TJOB_TEXT("arn:aws-\xff:comprehend"), {{TJOB_ARN_BAD_PREFIX, 7}, {TJOB_ARN_BAD_PARTITION, 8}}},
    {TJOB_TEXT("arn:aws-cn\xc3:comprehend"), {{TJOB_ARN_BAD_PREFIX, 7}, {TJOB_ARN_BAD_PARTITION, 10}}},
    {TJOB_TEXT("arn:aws-cn"), {{TJOB_ARN_BAD_PREFIX, 7}, {TJOB_ARN_BAD_PREFIX, 10}}},
    {TJOB_TEXT("arn:aws:"), SAME(TJOB_ARN_BAD_SERVICE, 8)},
    {TJOB_TEXT("arn:aws:comprehendx:"), SAME(TJOB_ARN_BAD_SERVICE, 18)},
    {TJOB_TEXT("arn:aws:s3:::bucket"), SAME(TJOB_ARN_BAD_SERVICE, 8)},
    {TJOB_TEXT("arn:aws:comprehend:"), SAME(TJOB_ARN_BAD_REGION, 19)},
    {TJOB_TEXT("arn:aws:comprehend:us_west"), SAME(TJOB_ARN_BAD_REGION, 21)},
    {TJOB_TEXT("arn:aws:comprehend:us-west-\xc3\xa9:"), SAME(TJOB_ARN_BAD_REGION, 27)},
    {TJOB_TEXT("arn:aws:comprehend:r:"), SAME(TJOB_ARN_BAD_ACCOUNT, 21)},
    {TJOB_TEXT("arn:aws:comprehend:r:11112222333:"), SAME(TJOB_ARN_BAD_ACCOUNT, 32)},
    {TJOB_TEXT("arn:aws:comprehend:r:1111222233334:"), SAME(TJOB_ARN_BAD_ACCOUNT, 33)},
    {TJOB_TEXT("arn:aws:comprehend:r:11112222333a:"), SAME(TJOB_ARN_BAD_ACCOUNT, 32)},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":"), SAME(TJOB_ARN_BAD_RESOURCE, 34)},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer:x"), SAME(TJOB_ARN_BAD_RESOURCE, 51)},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":document-classifier/x"), SAME(TJOB_ARN_BAD_RESOURCE, 34)},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer/"), SAME(TJOB_ARN_BAD_NAME, 52)},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer/-x"), SAME(TJOB_ARN_BAD_NAME, 52)},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer/x-"), SAME(TJOB_ARN_BAD_NAME, 54)},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer/xxxxxxx-------"), SAME(TJOB_ARN_BAD_NAME, 66)},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer/x_y"), SAME(TJOB_ARN_BAD_NAME, 53)},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer/x\0"), SAME(TJOB_ARN_BAD_NAME, 53)},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer/x-/version/1"), SAME(TJOB_ARN_BAD_NAME, 54)},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer/x\n"), SAME(TJOB_ARN_BAD_NAME, 53)},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer/x/"),
     {{TJOB_ARN_BAD_NAME, 53}, {TJOB_ARN_BAD_VERSION, 54}}},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer/x/version"),
     {{TJOB_ARN_BAD_NAME, 53}, {TJOB_ARN_BAD_VERSION, 61}}},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer/x/version/"),
     {{TJOB_ARN_BAD_NAME, 53}, {TJOB_ARN_BAD_VERSION, 62}}},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer/x/Version/1"),
     {{TJOB_ARN_BAD_NAME, 53}, {TJOB_ARN_BAD_VERSION, 54}}},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer/x/version/-"),
     {{TJOB_ARN_BAD_NAME, 53}, {TJOB_ARN_BAD_VERSION, 62}}},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer/x/version/1-"),
     {{TJOB_ARN_BAD_NAME, 53}, {TJOB_ARN_BAD_VERSION, 64}}},
    {TJOB_TEXT("arn:aws:comprehend:r:" AT_111 ":entity-recognizer/x/version/1/version/2"),
     {{TJOB_ARN_BAD_NAME, 53}, {TJOB_ARN_BAD_VERSION, 63}}},
#undef SAME
};

START_TEST(each_mistake_is_reported_by_its_part_and_its_place)
{
    for (unsigned i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        for (unsigned grammar = 0; grammar < GRAMMARS; grammar++) {
            const tjob_text arn = exact_copy(mistakes[i].arn.data, mistakes[i].arn.bytes);
            const tjob_arn_verdict verdict = tjob_arn_validate(arn, (tjob_arn_grammar)grammar);
            exact_free(arn);
            ck_assert_msg(verdict.problem == mistakes[i].by[grammar].problem &&
                              verdict.offset == mistakes[i].by[grammar].offset,
                          "\"%s\" by grammar %u: problem %d at %zu", printable(mistakes[i].arn), grammar,
                          (int)verdict.problem, verdict.offset);
        }
    }
}
END_TEST

/* ---- Lengths --------------------------------------------------------------------------------------------------- */

#define BEFORE_NAME "arn:aws:comprehend:us-west-2:" AT_111 ":entity-recognizer/"

START_TEST(a_name_may_have_256_bytes_and_not_one_more)
{
    char text[300] = BEFORE_NAME;
    for (unsigned grammar = 0; grammar < GRAMMARS; grammar++) {
        for (size_t length = sizeof BEFORE_NAME; length < sizeof text; length++) {
            memset(text + sizeof BEFORE_NAME - 1, 'x', sizeof text - sizeof BEFORE_NAME + 1);
            const tjob_text arn = exact_copy(text, length);
            const tjob_arn_verdict verdict = tjob_arn_validate(arn, (tjob_arn_grammar)grammar);
            ck_assert_uint_eq(tjob__arn_prefix(arn), length <= 256 ? length : 0);
            exact_free(arn);
            ck_assert_int_eq(verdict.problem, length <= 256 ? TJOB_ARN_VALID : TJOB_ARN_TOO_LONG);
            ck_assert_uint_eq(verdict.offset, length <= 256 ? length : 256);
        }
    }
}
END_TEST

START_TEST(the_limit_counts_bytes_not_characters)
{
    char text[257];
    static const char end[] = ":comprehend:r:" AT_111 ":entity-recognizer/x";
    for (size_t length = 255; length <= 257; length++) {
        size_t at = (size_t)sprintf(text, "arn:aws-%s", length % 2 == (sizeof end - 1) % 2 ? "" : "y");
        for (; at < length - (sizeof end - 1); at += 2) {
            memcpy(text + at, "\xc3\xa9", 2);
        }
        memcpy(text + at, end, length - at);
        const tjob_arn_problem problem = tjob_arn_validate((tjob_text){text, length}, TJOB_ARN_CURRENT).problem;
        ck_assert_int_eq(problem, length <= 256 ? TJOB_ARN_VALID : TJOB_ARN_TOO_LONG);
    }
}
END_TEST

START_TEST(of_a_text_that_is_too_long_nothing_is_read)
{
    static const size_t lengths[] = {257, 10000000, SIZE_MAX};
    const tjob_text one = exact_copy("x", 1);
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        const tjob_arn_verdict verdict = tjob_arn_validate((tjob_text){one.data, lengths[i]}, TJOB_ARN_CURRENT);
        ck_assert_int_eq(verdict.problem, TJOB_ARN_TOO_LONG);
        ck_assert_uint_eq(verdict.offset, 256);
    }
    exact_free(one);
}
END_TEST

START_TEST(a_text_without_data_is_empty_whatever_its_length_says)
{
    static const size_t lengths[] = {0, 1, 78, 256, 257, SIZE_MAX};
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        for (unsigned grammar = 0; grammar < GRAMMARS; grammar++) {
            const tjob_arn_verdict verdict =
                tjob_arn_validate((tjob_text){NULL, lengths[i]}, (tjob_arn_grammar)grammar);
            ck_assert_int_eq(verdict.problem, TJOB_ARN_BAD_PREFIX);
            ck_assert_uint_eq(verdict.offset, 0);
        }
    }
}
END_TEST

START_TEST(a_grammar_outside_the_enum_counts_as_the_references)
{
    static const unsigned grammar_numbers[] = {2, 3, 255, 65536, 0x7fffffff};
    for (unsigned i = 0; i < VALID; i++) {
        for (unsigned k = 0; k < sizeof grammar_numbers / sizeof grammar_numbers[0]; k++) {
            const tjob_arn_verdict expected = tjob_arn_validate(valid[i].arn, TJOB_ARN_REFERENCE);
            const tjob_arn_verdict verdict = tjob_arn_validate(valid[i].arn, (tjob_arn_grammar)grammar_numbers[k]);
            ck_assert_int_eq(verdict.problem, expected.problem);
            ck_assert_uint_eq(verdict.offset, expected.offset);
        }
    }
}
END_TEST

/* ---- The characters of a partition ----------------------------------------------------------------------------- */

/* Checks an ARN with these bytes as the end of its partition, and as the end of the text. */
static void check_partition(const char *bytes, size_t count)
{
    static const char end[] = ":comprehend:r:" AT_111 ":entity-recognizer/x";
    char text[64] = "arn:aws-y";
    memcpy(text + 9, bytes, count);
    check_against_oracle((tjob_text){text, 9 + count}, TJOB_ARN_CURRENT);
    memcpy(text + 9 + count, end, sizeof end - 1);
    check_against_oracle((tjob_text){text, 9 + count + sizeof end - 1}, TJOB_ARN_CURRENT);
}

START_TEST(a_partition_takes_characters_of_every_length_and_row)
{
    for (uint32_t character = 1; character < 0x110000; character += character < 0x900 ? 1 : 61) {
        char bytes[4];
        check_partition(bytes, oracle_encode(character, bytes));
    }
    static const uint32_t edges[] = {0x7f,     0x80,     0x7ff,    0x800,    0xfff,    0x1000,  0xcfff, 0xd000,
                                     0xd7ff,   0xd800,   0xdbff,   0xdc00,   0xdfff,   0xe000,  0xffff, 0x10000,
                                     0x3ffff,  0x40000,  0xfffff,  0x100000, 0xfeff,   0xfffe,  0xfdd0, 0x2028,
                                     0x10fffe, 0x10ffff, 0x110000, 0x13ffff, 0x140000, 0x1fffff};
    for (unsigned i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        char bytes[4];
        check_partition(bytes, oracle_encode(edges[i], bytes));
    }
}
END_TEST

/* Every first byte, with second, third and fourth bytes from each side of every border in RFC 3629. */
START_TEST(a_partition_takes_no_malformed_sequence)
{
    static const unsigned char others[] = {0x00, 0x3a, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
    enum { OTHERS = sizeof others };
    for (unsigned first = 0x80; first < 0x100; first++) {
        for (unsigned rest = 0; rest < OTHERS * OTHERS * OTHERS; rest++) {
            const unsigned char bytes[] = {(unsigned char)first, others[rest % OTHERS], others[rest / OTHERS % OTHERS],
                                           others[rest / OTHERS / OTHERS]};
            const size_t count = rest >= OTHERS * OTHERS ? 4 : rest >= OTHERS ? 3 : rest >= 1 ? 2 : 1;
            char text[4];
            memcpy(text, bytes, 4);
            check_partition(text, count);
        }
    }
}
END_TEST

START_TEST(malformed_sequences_are_refused_at_their_first_byte)
{
    static const tjob_text sequences[] = {
        TJOB_TEXT("\x80"),                 /* a stray continuation */
        TJOB_TEXT("\xbf"),                 /* the last of them */
        TJOB_TEXT("\xc0\xaf"),             /* overlong, two bytes */
        TJOB_TEXT("\xc1\xbf"),             /* the same, the last of them */
        TJOB_TEXT("\xe0\x80\xaf"),         /* overlong, three bytes */
        TJOB_TEXT("\xe0\x9f\xbf"),         /* the same, the last of them */
        TJOB_TEXT("\xf0\x80\x80\xaf"),     /* overlong, four bytes */
        TJOB_TEXT("\xf0\x8f\xbf\xbf"),     /* the same, the last of them */
        TJOB_TEXT("\xed\xa0\x80"),         /* the first surrogate */
        TJOB_TEXT("\xed\xbf\xbf"),         /* the last surrogate */
        TJOB_TEXT("\xf4\x90\x80\x80"),     /* U+110000 */
        TJOB_TEXT("\xf5\x80\x80\x80"),     /* a first byte beyond */
        TJOB_TEXT("\xf8\x88\x80\x80\x80"), /* five bytes */
        TJOB_TEXT("\xfe"),
        TJOB_TEXT("\xff"),
        TJOB_TEXT("\xc3"),             /* a continuation is missing */
        TJOB_TEXT("\xe2\x82"),         /* the same, of three bytes */
        TJOB_TEXT("\xf0\x9f\x98"),     /* the same, of four bytes */
        TJOB_TEXT("\xe2\x28\xa1"),     /* no continuation, second byte */
        TJOB_TEXT("\xe2\x82\x28"),     /* no continuation, third byte */
        TJOB_TEXT("\xf0\x9f\x98\xc0"), /* no continuation, fourth byte */
    };
    for (unsigned i = 0; i < sizeof sequences / sizeof sequences[0]; i++) {
        char text[128];
        const int bytes = sprintf(text, "arn:aws-zz%s:comprehend:r:" AT_111 ":entity-recognizer/x", sequences[i].data);
        const tjob_arn_verdict verdict = tjob_arn_validate((tjob_text){text, (size_t)bytes}, TJOB_ARN_CURRENT);
        ck_assert_msg(verdict.problem == TJOB_ARN_BAD_PARTITION && verdict.offset == 10, "sequence %u: %d at %zu", i,
                      (int)verdict.problem, verdict.offset);
    }
}
END_TEST

RUN_TESTS("arn", {valid_names_are_valid_to_their_end, 0}, {every_prefix_is_checked_by_the_pattern, 0},
          {every_substitution_insertion_and_deletion_of_a_byte_is_checked_by_the_pattern, VALID *GRAMMARS},
          {every_run_of_bytes_with_all_bits_inverted_is_checked_by_the_pattern, VALID *GRAMMARS},
          {each_mistake_is_reported_by_its_part_and_its_place, 0}, {a_name_may_have_256_bytes_and_not_one_more, 0},
          {the_limit_counts_bytes_not_characters, 0}, {of_a_text_that_is_too_long_nothing_is_read, 0},
          {a_text_without_data_is_empty_whatever_its_length_says, 0},
          {a_grammar_outside_the_enum_counts_as_the_references, 0},
          {a_partition_takes_characters_of_every_length_and_row, 0}, {a_partition_takes_no_malformed_sequence, 0},
          {malformed_sequences_are_refused_at_their_first_byte, 0})
