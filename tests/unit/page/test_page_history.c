/* The history checker of the page: verdicts and sub-histories as of tjob history check, and errors in a log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/page_call.h"
#include "support/suite.h"
#include "tjob/history_checker.h"

#define SUBMIT                                                                                                         \
    "{\"id\":1,\"arn\":\"r/a\",\"event\":\"submit\",\"token\":1}\n{\"id\":1,\"status\":\"ok\",\"changed\":\"yes\"}\n"
#define STOP                                                                                                           \
    "{\"id\":2,\"arn\":\"r/"                                                                                           \
    "a\",\"event\":\"stop\"}\n{\"id\":2,\"status\":\"ok\",\"changed\":\"yes\",\"after\":\"STOPPED\"}\n"
#define STALE_READ                                                                                                     \
    "{\"id\":3,\"arn\":\"r/a\",\"event\":\"describe\"}\n"                                                              \
    "{\"id\":3,\"status\":\"ok\",\"before\":\"SUBMITTED\",\"job\":{\"state\":\"SUBMITTED\",\"incarnation\":1,"         \
    "\"submit_token\":1,\"submitted_ms\":1}}\n"

static struct page_call call;

static void checked(const char *input)
{
    (void)page_call(&call, tjob__page_history, input);
}

static void expect(const char *part)
{
    ck_assert_msg(page_call_has(&call, part), "%s is not in %.2000s", part, call.output);
}

START_TEST(a_log_that_is_linearizable_has_no_results)
{
    checked("\n" SUBMIT STOP);
    expect("{\"results\":[],\"calls\":2,\"jobs\":1,\"linearizable\":1,\"not_linearizable\":0,\"inconclusive\":0,"
           "\"malformed\":0,\"cut_line\":null,\"memory_bytes\":\"");
    checked("");
    expect("{\"results\":[],\"calls\":0,\"jobs\":0,");
    checked("\n\n\r\n");
    expect("{\"results\":[],\"calls\":0,\"jobs\":0,");
}
END_TEST

START_TEST(a_contradiction_is_explained)
{
    checked("\n" SUBMIT STOP STALE_READ);
    expect(
        "{\"results\":[{\"arn\":\"r/a\",\"verdict\":\"not linearizable\",\"bound\":null,\"line\":null,\"minimal\":true,"
        "\"sub_history\":[{\"invoked_line\":3,\"answered_line\":4,\"invoked\":\"3\",\"answered\":\"4\",\"event\":"
        "\"stop\","
        "\"incarnation\":\"0\",\"trainer_token\":\"0\",\"token\":\"0\",\"status\":\"ok\",\"changed\":\"yes\","
        "\"before\":null,"
        "\"after\":\"STOPPED\",\"job\":null},");
    expect("\"event\":\"describe\",\"incarnation\":\"0\",\"trainer_token\":\"0\",\"token\":\"0\",\"status\":\"ok\","
           "\"changed\":"
           "null,\"before\":\"SUBMITTED\",\"after\":null,\"job\":{\"state\":\"SUBMITTED\",\"submit_token\":\"1\"");
    expect("\"linearizable\":0,\"not_linearizable\":1,");
    checked("explain=no\n" SUBMIT STOP STALE_READ);
    expect("\"verdict\":\"not linearizable\",\"bound\":null,\"line\":null,\"minimal\":null,\"sub_history\":null}]");
}
END_TEST

START_TEST(the_policy_counts)
{
    static const char log[] = SUBMIT "{\"id\":2,\"arn\":\"r/a\",\"event\":\"stop\"}\n"
                                     "{\"id\":2,\"status\":\"ok\",\"changed\":\"no\",\"after\":\"SUBMITTED\"}\n";
    char input[sizeof log + 40];
    (void)snprintf(input, sizeof input, "\n%s", log);
    checked(input);
    expect("\"not_linearizable\":1,");
    (void)snprintf(input, sizeof input, "stop-submitted=ignore\n%s", log);
    checked(input);
    expect("\"not_linearizable\":0,");
}
END_TEST

/* Calls of several jobs, whose lines carry times, in no order. */
START_TEST(calls_are_sorted_by_job_and_time)
{
    enum { CALLS = 300, BYTES = CALLS * 160 };
    char *input = malloc(BYTES);
    size_t bytes = 0;
    bytes += (size_t)snprintf(input, BYTES, "\n");
    for (unsigned i = 0; i < CALLS; i++) {
        const unsigned number = (i * 127 + 5) % CALLS; /* each number once */
        const unsigned job = number % 7;
        const bool first = number < 7;
        bytes += (size_t)snprintf(
            input + bytes, BYTES - bytes,
            "{\"id\":%u,\"arn\":\"r/%u\",\"event\":\"%s\",\"token\":1,\"at\":%u,\"answered_at\":%u,"
            "\"status\":\"ok\",\"changed\":\"%s\"}\n",
            number, job, first ? "submit" : "describe", 10 * number, 10 * number + 1, first ? "yes" : "no");
    }
    checked(input);
    expect("{\"results\":[],\"calls\":300,\"jobs\":7,\"linearizable\":7,");
    free(input);
}
END_TEST

START_TEST(a_call_without_an_answer_and_a_malformed_one_are_told)
{
    checked("\n" SUBMIT STOP STALE_READ "{\"id\":4,\"arn\":\"r/a\",\"event\":\"delete\"}\n");
    expect("\"calls\":4,");
    checked("\n{\"id\":1,\"arn\":\"r/a\",\"event\":\"submit\"}\n{\"id\":1,\"status\":\"ok\"}");
    expect("{\"results\":[{\"arn\":\"r/a\",\"verdict\":\"malformed\",\"bound\":null,\"line\":1,\"minimal\":null,"
           "\"sub_history\":null}]");
    expect("\"malformed\":1,");
    checked("\n" SUBMIT "{\"id\":2,\"arn\":\"r/a\",\"ev");
    expect("\"calls\":1,\"jobs\":1,\"linearizable\":1,");
    expect("\"cut_line\":3,");
}
END_TEST

START_TEST(a_bound_is_told)
{
    enum { CALLS = 65, BYTES = CALLS * 80 + 200 };
    char *input = malloc(BYTES);
    size_t bytes = (size_t)snprintf(input, BYTES, "\n");
    for (unsigned i = 0; i < CALLS; i++) {
        bytes += (size_t)snprintf(input + bytes, BYTES - bytes,
                                  "{\"id\":%u,\"arn\":\"r/a\",\"event\":\"submit\",\"token\":%u}\n", i, i + 1);
    }
    (void)snprintf(input + bytes, BYTES - bytes, "{\"id\":1,\"status\":\"ok\",\"changed\":\"yes\"}\n");
    checked(input);
    expect("\"verdict\":\"inconclusive\",\"bound\":\"calls open at once\"");
    expect("\"inconclusive\":1,");
    free(input);
}
END_TEST

START_TEST(what_is_wrong_is_told_with_its_line)
{
    static const struct {
        const char *input;
        const char *output;
    } cases[] = {
        {"explain=maybe\n", "{\"error\":{\"at\":8,\"message\":\"invalid value of a parameter: 'explain=maybe'\"}}"},
        {"\n{\"id\":1,\"arn\":\"r/a\",\"event\":\"stop\"}\n{\"id\":1,\"status\":\"gone\"}",
         "{\"error\":{\"line\":2,\"at\":18,\"message\":\"status is not one of the allowed words\"}}"},
        {"\n[]\n", "{\"error\":{\"line\":1,\"at\":0,\"message\":\"the line is not a JSON object\"}}"},
        {"\n\xff\xfe{", "{\"error\":{\"line\":1,\"message\":\"the file is UTF-16; a log must be UTF-8\"}}"},
        {"\n{\"id\":1,\"status\":\"ok\"}\n",
         "{\"error\":{\"line\":1,\"message\":\"no earlier invocation of this id\"}}"},
        {"\n" SUBMIT SUBMIT, "{\"error\":{\"line\":3,\"message\":\"duplicate invocation of this id\"}}"},
        {"\n{\"id\":1,\"at\":1,\"status\":\"ok\"}\n",
         "{\"error\":{\"line\":1,\"message\":\"no invocation of this id\"}}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        checked(cases[i].input);
        ck_assert_str_eq(call.output, cases[i].output);
    }
}
END_TEST

START_TEST(too_little_memory_is_an_error_wherever_it_ends)
{
    struct page_call poor = {.limit = 1};
    uint64_t needed;
    checked("\n" SUBMIT);
    for (needed = call.taken; poor.limit < needed; poor.limit += 1 + poor.limit / 3) {
        (void)page_call(&poor, tjob__page_history, "\n" SUBMIT);
        ck_assert_msg(page_call_has(&poor, "\"message\":\"out of memory\"}}"), "%s", poor.output);
    }
    for (poor.limit = needed - 2 * sizeof(tjob_call); poor.limit < needed; poor.limit += sizeof(uint32_t)) {
        (void)page_call(&poor, tjob__page_history, "\n" SUBMIT); /* the last arrays */
        ck_assert_msg(page_call_has(&poor, "\"message\":\"out of memory\"}}"), "%s", poor.output);
    }
    poor.limit = needed;
    (void)page_call(&poor, tjob__page_history, "\n" SUBMIT);
    ck_assert(page_call_has(&poor, "\"linearizable\":1"));
    page_call_end(&poor);
}
END_TEST

RUN_TESTS("page_history", {a_log_that_is_linearizable_has_no_results, 0}, {a_contradiction_is_explained, 0},
          {the_policy_counts, 0}, {calls_are_sorted_by_job_and_time, 0},
          {a_call_without_an_answer_and_a_malformed_one_are_told, 0}, {a_bound_is_told, 0},
          {what_is_wrong_is_told_with_its_line, 0}, {too_little_memory_is_an_error_wherever_it_ends, 0})
