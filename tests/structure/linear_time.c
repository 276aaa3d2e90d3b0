/*
 * Time is counted, not measured: the sources under test are compiled so that each basic block that runs calls the
 * function below. Twice the text may cost twice the blocks and no more, and no byte more than a fixed number of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "structure/quadratic.h"
#include "support/suite.h"
#include "tjob/history_log.h"
#include "tjob/request.h"
#include "wire/json.h"

static unsigned long long blocks;

void __sanitizer_cov_trace_pc(void);

void __sanitizer_cov_trace_pc(void)
{
    blocks++;
}

/* ---- What is run ----------------------------------------------------------------------------------------------- */

static void run_arn_reference(tjob_text text)
{
    (void)tjob_arn_validate(text, TJOB_ARN_REFERENCE);
}

static void run_arn_current(tjob_text text)
{
    (void)tjob_arn_validate(text, TJOB_ARN_CURRENT);
}

static void run_request(tjob_text text)
{
    const tjob_http_request http = {.method = TJOB_TEXT("POST"),
                                    .target = TJOB_TEXT("Comprehend_20171127.StopTrainingEntityRecognizer"),
                                    .content_type = TJOB_TEXT("application/x-amz-json-1.1"),
                                    .body = text};
    char arn[TJOB_ARN_BYTES_MAX];
    tjob_request request;
    (void)tjob_request_decode(&request, &http, TJOB_ARN_CURRENT, arn);
}

static void run_content_type(tjob_text text)
{
    const tjob_http_request http = {.method = TJOB_TEXT("POST"),
                                    .target = TJOB_TEXT("Comprehend_20171127.StopTrainingEntityRecognizer"),
                                    .content_type = text};
    char arn[TJOB_ARN_BYTES_MAX];
    tjob_request request;
    (void)tjob_request_decode(&request, &http, TJOB_ARN_CURRENT, arn);
}

static void run_json(tjob_text text)
{
    static char out[64];
    json_reader reader;
    json_value name;
    json_value value;
    json_status status = tjob__json_open(&reader, text);
    while (status == JSON_OK && (status = tjob__json_next_member(&reader, &name, &value)) == JSON_OK) {
        (void)tjob__json_decode(&name, out, sizeof out);
        (void)(value.kind == JSON_STRING ? tjob__json_decode(&value, out, sizeof out) : 0);
    }
}

static void run_log(tjob_text text)
{
    static tjob_history_log_line line;
    (void)tjob_history_log_read(&line, text);
}

static void run_quadratic(tjob_text text)
{
    (void)quadratic_check(text);
}

/* ---- What it is run on ----------------------------------------------------------------------------------------- */

/*
 * A family of texts of any length: what stands before, a unit again and again, what stands behind. Where `nested`, each
 * unit opens a bracket, and `levels` of them are closed before the next are opened.
 */
typedef struct family {
    void (*run)(tjob_text text);
    const char *before;
    const char *unit;
    const char *behind;
    size_t longest;         /* in bytes */
    double blocks_per_byte; /* an upper bound for the sum, beyond BLOCKS_AT_ONCE */
} family;

#define BEFORE_NAME "arn:aws:comprehend::111122223333:entity-recognizer/a"
#define DEEP_20 "[[[[[[[[[[[[[[[[[[[["
#define FLAT_20 "]]]]]]]]]]]]]]]]]]]]"

enum { ARN_LONGEST = TJOB_ARN_BYTES_MAX, BODY_LONGEST = TJOB_REQUEST_BODY_BYTES_MAX, BLOCKS_AT_ONCE = 3000 };

static const family families[] = {
    /* names of recognizers */
    {run_arn_reference, BEFORE_NAME, "-", "", ARN_LONGEST, 20},
    {run_arn_reference, BEFORE_NAME, "-", "a", ARN_LONGEST, 20},
    {run_arn_reference, BEFORE_NAME, "-a", "", ARN_LONGEST, 20},
    {run_arn_reference, BEFORE_NAME, "a", "_", ARN_LONGEST, 20},
    {run_arn_reference, "arn:aws:comprehend:", "-", "", ARN_LONGEST, 20},
    {run_arn_reference, "arn:aws:comprehend::", "1", "", ARN_LONGEST, 20},
    {run_arn_current, BEFORE_NAME "/version/a", "-", "", ARN_LONGEST, 20},
    {run_arn_current, "arn:aws-", "-", "", ARN_LONGEST, 40},
    {run_arn_current, "arn:aws-", "\xf4\x8f\xbf\xbf", "", ARN_LONGEST, 40},
    {run_arn_current, BEFORE_NAME, "/version/a", "", 4096, 20},
    /* bodies */
    {run_request, "{\"EntityRecognizerArn\":\"" BEFORE_NAME, "-", "\"}", BODY_LONGEST, 40},
    {run_request, "{\"EntityRecognizerArn\":\"", "\\u002d", "\"}", BODY_LONGEST, 40},
    {run_request, "{\"EntityRecognizerArn\":\"", "\\ud83d\\ude00", "\"}", BODY_LONGEST, 40},
    {run_request, "{\"EntityRecognizerArn\":\"", "\\ud83d", "\"}", BODY_LONGEST, 40},
    {run_request, "{\"EntityRecognizerArn\":1", ",\"EntityRecognizerArn\":1", "}", BODY_LONGEST, 40},
    {run_request, "{\"a\":1", ",\"EntityRecognizer\\u0041rn\":1", "}", BODY_LONGEST, 40},
    {run_request, "{\"a\":1", ",\"a\":1", "}", BODY_LONGEST, 40},
    {run_request, "{\"", "\\u0045", "\":1}", BODY_LONGEST, 40},
    {run_request, "{\"", "E", "", BODY_LONGEST, 40},
    {run_content_type, "", " ", "application/x-amz-json-1.1", BODY_LONGEST, 20},
    {run_content_type, "application/x-amz-json-1.1", " ", "x", BODY_LONGEST, 20},
    /* JSON of any length */
    {run_json, "{\"a\":\"", "a", "\"}", 1000000, 40},
    {run_json, "{\"a\":\"aaaaaaa", "a", "", 1000000, 40},
    {run_json, "{\"a\":\"", "\\\\", "\"}", 1000000, 40},
    {run_json, "{\"a\":\"", "\\t", "\"}", 1000000, 60},
    {run_json, "{\"a\":\"", "\\u00e9", "\"}", 1000000, 40},
    {run_json, "{\"a\":\"", "aaaaaaa\\n", "\"}", 1000000, 40},
    {run_json, "{\"a\":\"", "\xc3\xa9", "\"}", 1000000, 40},
    {run_json, "{\"a\":\"", "\xf0\x9f\x98\x80", "\"}", 1000000, 40},
    {run_json, "{\"a\":\"", "aaaaaaa\xe2\x82\xac", "\"}", 1000000, 40},
    {run_json, "{\"a\":", " ", "1}", 1000000, 20},
    {run_json, "", "\n", "{}", 1000000, 20},
    {run_json, "{}", "\t", "", 1000000, 20},
    {run_json, "{\"a\":-", "9", "}", 1000000, 20},
    {run_json, "{\"a\":0.", "0", "e", 1000000, 20},
    {run_json, "{\"a\":1e", "9", "}", 1000000, 20},
    {run_json, "{\"a\":[0", ",0", "]}", 1000000, 80},
    {run_json, "{\"a\":[0", ",{}", "]}", 1000000, 60},
    {run_json, "{\"a\":[0", ",{\"\":0}", "]}", 1000000, 60},
    {run_json, "{\"a\":[0", ",null", "]}", 1000000, 60},
    {run_json, "{\"a\":0", ",\"\":[]", "}", 1000000, 60},
    {run_json, "{\"a\":[0", "," DEEP_20 DEEP_20 DEEP_20 FLAT_20 FLAT_20 FLAT_20, "]}", 1000000, 60},
    {run_json, "", "[", "", 1000000, 20},
    {run_json, "", "{\"a\":", "", 1000000, 20},
    /* lines of logs */
    {run_log, "{\"id\":1", ",\"a\":1", "}", 1000000, 120},
    {run_log, "{\"id\":1", ",\"i\\u0065\":[]", "}", 1000000, 120},
    {run_log, "{\"id\":\"", "x", "\",\"status\":\"ok\"}", 1000000, 40},
    {run_log, "{\"id\":1,\"arn\":\"" BEFORE_NAME, "-", "\"}", 1000000, 40},
    {run_log, "{\"at\":", "0", "}", 1000000, 40},
    {run_log, "{\"status\":\"", "o", "\"}", 1000000, 100}, /* against each word */
    {run_log, "{\"job\":{\"incarnation\":1", ",\"other\":{}", "}}", 1000000, 120},
    {run_log, "{\"job\":", "[", "", 1000000, 20},
};

enum { FAMILIES = sizeof families / sizeof families[0] };

/* ---- The check ------------------------------------------------------------------------------------------------- */

/* The blocks for a text of the family of about `bytes` bytes, and in *exact how many bytes it is. */
static double count_blocks(const family *f, size_t bytes, size_t *exact)
{
    const size_t before = strlen(f->before);
    const size_t unit = strlen(f->unit);
    const size_t behind = strlen(f->behind);
    const size_t units = (bytes - before - behind) / unit;
    char *text = malloc(bytes + 1);
    memcpy(text, f->before, before);
    for (size_t i = 0; i < units; i++) {
        memcpy(text + before + i * unit, f->unit, unit);
    }
    memcpy(text + before + units * unit, f->behind, behind);
    *exact = before + units * unit + behind;
    blocks = 0;
    f->run((tjob_text){text, *exact});
    free(text);
    return (double)blocks;
}

/* Whether the blocks grow with the text and not faster; reports on standard output where they do. */
static bool is_linear(const family *f)
{
    bool linear = true;
    double half = 0;
    for (size_t bytes = f->longest / 64 > 128 ? f->longest / 64 : 128; bytes <= f->longest; bytes *= 2) {
        size_t exact = 0;
        const double whole = count_blocks(f, bytes, &exact);
        const bool doubles = half == 0 || whole <= 2 * half * 1.1 + BLOCKS_AT_ONCE;
        const bool bounded = whole <= f->blocks_per_byte * (double)exact + BLOCKS_AT_ONCE;
        if (!doubles || !bounded) {
            printf("%s%s...%s: %.0f blocks for %zu bytes, %.0f for half\n", f->before, f->unit, f->behind, whole, exact,
                   half);
            linear = false;
        }
        half = whole;
    }
    return linear;
}

START_TEST(twice_the_text_costs_twice_the_blocks)
{
    ck_assert(is_linear(&families[_i]));
}
END_TEST

START_TEST(blocks_are_counted)
{
    size_t exact;
    for (unsigned i = 0; i < FAMILIES; i++) {
        ck_assert(count_blocks(&families[i], 256, &exact) > 0);
    }
    const family brackets = {run_json, "{\"a\":[0", ",0", "]}", 1000000, 0};
    ck_assert(count_blocks(&brackets, 1000, &exact) > 1000);
}
END_TEST

START_TEST(what_is_quadratic_is_found_out)
{
    const family doubling = {run_quadratic, "", "ab", "", 4096, 1e9};
    const family bounded = {run_quadratic, "", "ab", "", 4096, 60};
    ck_assert(!is_linear(&doubling));
    ck_assert(!is_linear(&bounded));
}
END_TEST

RUN_TESTS("linear_time", {blocks_are_counted, 0}, {what_is_quadratic_is_found_out, 0},
          {twice_the_text_costs_twice_the_blocks, FAMILIES})
