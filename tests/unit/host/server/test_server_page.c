/* The pages besides the service. */
#include "host/server/page.h"

#include <stdlib.h>
#include <string.h>

#include "support/jobs.h"
#include "support/suite.h"

static tjob_text text_of(const char *string)
{
    return (tjob_text){string, strlen(string)};
}

static bool body_is(const tjob_http_response *response, const char *body)
{
    return response->body.bytes == strlen(body) && memcmp(response->body.data, body, response->body.bytes) == 0;
}

static const struct {
    const char *method;
    const char *path;
    page_kind kind;
} pages[] = {
    {"POST", "/", PAGE_SERVICE},        {"GET", "/", PAGE_SERVICE},         {"DANCE", "/", PAGE_SERVICE},
    {"GET", "/healthz", PAGE_HEALTH},   {"HEAD", "/healthz", PAGE_HEALTH},  {"POST", "/healthz", PAGE_UNKNOWN},
    {"GET", "/metrics", PAGE_METRICS},  {"HEAD", "/metrics", PAGE_METRICS}, {"get", "/metrics", PAGE_UNKNOWN},
    {"GET", "/healthz/", PAGE_UNKNOWN}, {"POST", "//", PAGE_UNKNOWN},       {"POST", "", PAGE_UNKNOWN},
    {"POST", "*", PAGE_UNKNOWN},        {"POST", "/%2f", PAGE_UNKNOWN},
};

START_TEST(each_request_has_its_page)
{
    ck_assert_int_eq(tjob__page_of(text_of(pages[_i].method), text_of(pages[_i].path)), pages[_i].kind);
}
END_TEST

START_TEST(errors_look_like_those_of_the_service)
{
    char body[TJOB_RESPONSE_ERROR_BYTES_MAX];
    tjob_http_response response;
    tjob__page_unknown(&response);
    ck_assert_int_eq(response.status, 404);
    ck_assert(body_is(&response, "{\"__type\":\"UnknownOperationException\",\"Message\":\"The operation is not "
                                 "supported. The path must be /.\"}"));
    tjob__page_too_large(&response);
    ck_assert_int_eq(response.status, 400);
    ck_assert(body_is(&response, "{\"__type\":\"InvalidRequestException\",\"Message\":\"The request is invalid. The "
                                 "body is larger than 65536 bytes.\"}"));
    tjob__page_bad_head(&response, HEAD_NO_HOST, body, sizeof body);
    ck_assert_int_eq(response.status, 400);
    ck_assert(body_is(&response, "{\"__type\":\"InvalidRequestException\",\"Message\":\"The request is invalid. The "
                                 "header Host is missing.\"}"));
    ck_assert_uint_eq(response.error_type.bytes, strlen("InvalidRequestException"));
    for (int i = 0; i < HEAD_PROBLEMS; i++) {
        tjob__page_bad_head(&response, (head_problem)i, body, sizeof body);
        ck_assert_uint_le(response.body.bytes, sizeof body);
    }
}
END_TEST

/* ---- The state of the store ------------------------------------------------------------------------------------ */

static tjob_load_status load_as(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    (void)user, (void)job, (void)version;
    ck_assert_int_eq(tjob_arn_validate(arn, TJOB_ARN_REFERENCE).problem, TJOB_ARN_VALID);
    return *(const tjob_load_status *)context;
}

START_TEST(the_state_of_the_store_is_what_a_load_says)
{
    static const struct {
        tjob_load_status loaded;
        int status;
        const char *body;
    } cases[] = {
        {TJOB_LOAD_OK, 200, "{\"store\":\"ok\"}\n"},
        {TJOB_LOAD_NOT_FOUND, 200, "{\"store\":\"ok\"}\n"},
        {TJOB_LOAD_UNAVAILABLE, 503, "{\"store\":\"unavailable\"}\n"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tjob_load_status loaded = cases[i].loaded;
        const tjob_service service = {.store = {&loaded, load_as, NULL}};
        tjob_http_response response;
        tjob__page_health(&response, &service, NULL);
        ck_assert_int_eq(response.status, cases[i].status);
        ck_assert(body_is(&response, cases[i].body));
    }
}
END_TEST

/* ---- Metrics --------------------------------------------------------------------------------------------------- */

START_TEST(the_metrics_of_the_server_follow_those_of_the_service)
{
    static char body[PAGE_BYTES_MAX + 1];
    static const tjob_metrics metrics;
    const page_counts counts = {{0, 1, 2, 3, 4, 5}, 6, 7, 8, 9, 10};
    tjob_http_response response;
    tjob__page_metrics(&response, &metrics, &counts, body);
    ck_assert_ptr_eq(response.body.data, body);
    body[response.body.bytes] = '\0';
    static const char *const lines[] = {
        "# HELP tjob_requests_total Requests that ended, by operation and status.\n",
        "\ntjob_operation_seconds_count 0\n# HELP tjob_http_responses_total ",
        "\ntjob_http_responses_total{status=\"1xx\"} 1\n",
        "\ntjob_http_responses_total{status=\"5xx\"} 5\n# HELP tjob_http_connections ",
        "\n# TYPE tjob_http_connections gauge\ntjob_http_connections 6\n",
        "\ntjob_http_connections_max 7\n",
        "\n# TYPE tjob_http_refused_total counter\ntjob_http_refused_total 8\n",
        "\ntjob_http_expired_total 9\n",
        "\ntjob_http_unanswered_total 10\n",
    };
    for (unsigned i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        ck_assert_msg(strstr(body, lines[i]) != NULL, "no '%s' in:\n%s", lines[i], body);
    }
    ck_assert(strstr(body, "0xx") == NULL); /* which counts answers whose status is none */
}
END_TEST

START_TEST(the_largest_page_fits)
{
    static char body[PAGE_BYTES_MAX];
    static tjob_metrics metrics;
    page_counts counts;
    tjob_http_response response;
    memset(&metrics, 0xff, sizeof metrics);
    memset(&counts, 0xff, sizeof counts);
    tjob__page_metrics(&response, &metrics, &counts, body);
    ck_assert_uint_le(response.body.bytes, sizeof body);
}
END_TEST

START_TEST(problems_have_texts)
{
    for (int i = 0; i < TJOB_SERVER_PROBLEM_COUNT; i++) {
        ck_assert_str_ne(tjob_server_problem_text((tjob_server_problem)i), "?");
    }
    ck_assert_str_eq(tjob_server_problem_text((tjob_server_problem)TJOB_SERVER_PROBLEM_COUNT), "?");
}
END_TEST

RUN_TESTS("server_page", {each_request_has_its_page, sizeof pages / sizeof pages[0]},
          {errors_look_like_those_of_the_service, 0}, {the_state_of_the_store_is_what_a_load_says, 0},
          {the_metrics_of_the_server_follow_those_of_the_service, 0}, {the_largest_page_fits, 0},
          {problems_have_texts, 0})
