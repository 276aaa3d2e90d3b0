/* Which heads of requests the server takes. */
#include "host/server/head.h"

#include <stdlib.h>
#include <string.h>

#include "support/suite.h"

enum { GIVEN_MAX = 6 };

static tjob_text text_of(const char *string)
{
    return (tjob_text){string, strlen(string)};
}

/* A head as libmicrohttpd leaves it: from the begin of a page on, with NULs for the separators. */
static _Alignas(4096) char memory[4096 + 2 * TJOB_SERVER_HEAD_BYTES_MAX];

static tjob_text lay(request_head *head, const char *text, size_t bytes, size_t separator_bytes)
{
    char *at = memory + head->bytes;
    memcpy(at, text, bytes);
    memset(at + bytes, 0, separator_bytes);
    head->bytes += bytes + separator_bytes;
    return (tjob_text){at, bytes};
}

static void lay_first_line(request_head *head, const char *target, const char *version)
{
    memset(memory, '?', sizeof memory);
    head->bytes = 0;
    head->method = lay(head, "POST", 4, 1);
    head->target = lay(head, target, strlen(target), 1);
    head->target_at = head->target.data;
    head->version = lay(head, version, strlen(version), 2);
    head->header_count = 0;
}

/* "NAME:VALUE", with blanks before the value, which are no part of it. */
static void lay_header(request_head *head, const char *given)
{
    const char *colon = strchr(given, ':');
    const size_t blanks = strspn(colon + 1, " \t");
    tjob_server_header *header = &head->headers[head->header_count++];
    header->name = lay(head, given, (size_t)(colon - given), 1);
    (void)lay(head, colon + 1, blanks, 0);
    header->value = lay(head, colon + 1 + blanks, strlen(colon + 1 + blanks), 2);
}

static head_problem validate(request_head *head, tjob_server_header *headers, const char *version, const char *target,
                             const char *const given[GIVEN_MAX])
{
    static const tjob_text before = {"before", 6}; /* no result of it stays */
    *head = (request_head){.headers = headers, .authority = before, .path = before, .query = before, .length = 99};
    lay_first_line(head, target, version);
    for (unsigned i = 0; i < GIVEN_MAX && given[i] != NULL; i++) {
        lay_header(head, given[i]);
    }
    (void)lay(head, "", 0, 2);
    return tjob__head_validate(head);
}

static const struct {
    head_problem problem;
    const char *version;
    const char *headers[GIVEN_MAX];
    uint64_t length;
} heads[] = {
    {HEAD_VALID, "HTTP/1.1", {"Host:a"}, 0},
    {HEAD_VALID, "HTTP/1.1", {"host: a", "X:", "X:\xff\t~"}, 0},
    {HEAD_VALID, "HTTP/1.0", {NULL}, 0},
    {HEAD_VALID, "HTTP/1.1", {"Host:a", "Content-Length: 17 \t"}, 17},
    {HEAD_VALID, "HTTP/1.1", {"Host:a", "content-length:000000000000000000"}, 0},
    {HEAD_VALID, "HTTP/1.1", {"Host:a", "Content-Length:999999999999999999"}, UINT64_C(999999999999999999)},
    {HEAD_VALID, "HTTP/1.1", {"Host:a", "Transfer-Encoding: Chunked"}, UINT64_MAX},
    {HEAD_VALID, "HTTP/1.1", {"Host:a", "X:1", "X:1", "Accept:a", "Accept:a"}, 0},
    {HEAD_VALID, "HTTP/1.1", {"Host:a", "!#$%&'*+-.^_`|~09azAZ:1"}, 0},
    {HEAD_BAD_VERSION, "HTTP/1.2", {"Host:a"}, 0},
    {HEAD_BAD_VERSION, "HTTP/1", {"Host:a"}, 0},
    {HEAD_BAD_VERSION, "HTTP/1.10", {"Host:a"}, 0},
    {HEAD_BAD_VERSION, "", {"Host:a"}, 0},
    {HEAD_BAD_NAME, "HTTP/1.1", {"Host:a", "X :1"}, 0},
    {HEAD_BAD_NAME, "HTTP/1.1", {"Host:a", ":1"}, 0},
    {HEAD_BAD_NAME, "HTTP/1.1", {"Host:a", "X(:1"}, 0},
    {HEAD_BAD_NAME, "HTTP/1.1", {"Host:a", "\xe4:1"}, 0},
    {HEAD_BAD_VALUE, "HTTP/1.1", {"Host:a", "X:\x1f"}, 0},
    {HEAD_BAD_VALUE, "HTTP/1.1", {"Host:a", "X:a\r"}, 0},
    {HEAD_BAD_VALUE, "HTTP/1.1", {"Host:a", "X:\x7f"}, 0},
    {HEAD_TWICE, "HTTP/1.1", {"Host:a", "host:a"}, 0},
    {HEAD_TWICE, "HTTP/1.1", {"Content-Length:0", "Host:a", "Content-Length:0"}, 0},
    {HEAD_TWICE, "HTTP/1.1", {"Host:a", "Transfer-Encoding:chunked", "Transfer-Encoding:chunked"}, 0},
    {HEAD_TWICE, "HTTP/1.1", {"Host:a", "X-Amz-Target:b", "x-amz-target:b"}, 0},
    {HEAD_TWICE, "HTTP/1.1", {"Host:a", "Content-Type:b", "Content-Type:b"}, 0},
    {HEAD_TWICE, "HTTP/1.1", {"Host:a", "Authorization:b", "Authorization:c"}, 0},
    {HEAD_TWICE, "HTTP/1.1", {"Host:a", "X-Amz-Date:b", "X-Amz-Date:c"}, 0},
    {HEAD_TWICE, "HTTP/1.1", {"Host:a", "Expect:b", "Expect:c"}, 0},
    {HEAD_TWICE, "HTTP/1.1", {"Host:a", "X-Amz-Content-Sha256:b", "X-Amz-Content-Sha256:c"}, 0},
    {HEAD_NO_HOST, "HTTP/1.1", {NULL}, 0},
    {HEAD_NO_HOST, "HTTP/1.1", {"Host:"}, 0},
    {HEAD_NO_HOST, "HTTP/1.1", {"Host: \t"}, 0},
    {HEAD_BAD_LENGTH, "HTTP/1.1", {"Host:a", "Content-Length:"}, 0},
    {HEAD_BAD_LENGTH, "HTTP/1.1", {"Host:a", "Content-Length:-1"}, 0},
    {HEAD_BAD_LENGTH, "HTTP/1.1", {"Host:a", "Content-Length:1 1"}, 0},
    {HEAD_BAD_LENGTH, "HTTP/1.1", {"Host:a", "Content-Length:1:"}, 0},
    {HEAD_BAD_LENGTH, "HTTP/1.1", {"Host:a", "Content-Length:0000000000000000000"}, 0},
    {HEAD_BAD_CODING, "HTTP/1.1", {"Host:a", "Transfer-Encoding:gzip"}, 0},
    {HEAD_BAD_CODING, "HTTP/1.1", {"Host:a", "Transfer-Encoding:"}, 0},
    {HEAD_BAD_CODING, "HTTP/1.1", {"Host:a", "Transfer-Encoding:chunkee"}, 0},
    {HEAD_BAD_CODING, "HTTP/1.0", {"Host:a", "Transfer-Encoding:chunked"}, 0},
    {HEAD_LENGTH_AND_CODING, "HTTP/1.1", {"Host:a", "Transfer-Encoding:chunked", "Content-Length:0"}, 0},
};

START_TEST(each_head_is_taken_or_has_its_problem)
{
    tjob_server_header headers[GIVEN_MAX];
    request_head head;
    ck_assert_int_eq(validate(&head, headers, heads[_i].version, "/", heads[_i].headers), heads[_i].problem);
    ck_assert_uint_eq(head.length, heads[_i].length);
    ck_assert_uint_eq(head.path.bytes, heads[_i].problem != HEAD_BAD_VERSION);
    ck_assert_uint_eq(head.query.bytes, 0);
}
END_TEST

static const struct {
    const char *target;
    const char *path; /* NULL: it is malformed */
    const char *query;
    head_problem problem;
} targets[] = {
    {"/", "/", "", HEAD_VALID},
    {"/?", "/", "", HEAD_VALID},
    {"/?a=b?c", "/", "a=b?c", HEAD_VALID},
    {"//", "//", "", HEAD_VALID},
    {"/%2f?%3f", "/%2f", "%3f", HEAD_VALID},
    {"*", "*", "", HEAD_VALID},
    {"http://a/", "/", "", HEAD_VALID},
    {"HTTP://a/x?y", "/x", "y", HEAD_VALID},
    {"http://a", "/", "", HEAD_VALID},
    {"http://a?y", "/", "y", HEAD_VALID},
    {"http://b/", NULL, "", HEAD_OTHER_HOST},
    {"http://A/", NULL, "", HEAD_OTHER_HOST},
    {"http://a:80/", NULL, "", HEAD_OTHER_HOST},
    {"http://u@a/", NULL, "", HEAD_OTHER_HOST},
    {"http:///", NULL, "", HEAD_OTHER_HOST},
    {"http://", NULL, "", HEAD_BAD_TARGET},
    {"https://a/", NULL, "", HEAD_BAD_TARGET},
    {"", NULL, "", HEAD_BAD_TARGET},
    {"a", NULL, "", HEAD_BAD_TARGET},
    {"a:1", NULL, "", HEAD_BAD_TARGET},
    {"**", NULL, "", HEAD_BAD_TARGET},
    {"/ ", NULL, "", HEAD_BAD_TARGET},
    {"/\x7f", NULL, "", HEAD_BAD_TARGET},
    {"/\xe9", NULL, "", HEAD_BAD_TARGET},
    {"/#a", NULL, "", HEAD_BAD_TARGET},
    {"/\x01", NULL, "", HEAD_BAD_TARGET},
};

START_TEST(each_target_has_its_path_and_query)
{
    static const char *const headers[GIVEN_MAX] = {"Host:a"};
    tjob_server_header room[GIVEN_MAX];
    request_head head;
    const head_problem problem = validate(&head, room, "HTTP/1.1", targets[_i].target, headers);
    ck_assert_int_eq(problem, targets[_i].problem);
    if (targets[_i].path != NULL) {
        ck_assert_uint_eq(head.path.bytes, strlen(targets[_i].path));
        ck_assert_int_eq(memcmp(head.path.data, targets[_i].path, head.path.bytes), 0);
        ck_assert_uint_eq(head.query.bytes, strlen(targets[_i].query));
        ck_assert_int_eq(memcmp(head.query.data, targets[_i].query, head.query.bytes), 0);
    }
}
END_TEST

START_TEST(an_absolute_target_needs_a_host)
{
    static const char *const none[GIVEN_MAX] = {NULL};
    static const char *const same[GIVEN_MAX] = {"Host:a:80"};
    tjob_server_header headers[GIVEN_MAX];
    request_head head;
    ck_assert_int_eq(validate(&head, headers, "HTTP/1.0", "http://a:80/", none), HEAD_OTHER_HOST);
    ck_assert_int_eq(validate(&head, headers, "HTTP/1.0", "http://a:80/", same), HEAD_VALID);
}
END_TEST

START_TEST(each_limit_is_kept)
{
    static char target[TJOB_SERVER_TARGET_BYTES_MAX + 2];
    static tjob_server_header headers[TJOB_SERVER_HEADERS_MAX];
    request_head largest = {.headers = headers};
    memset(target, '/', TJOB_SERVER_TARGET_BYTES_MAX);
    lay_first_line(&largest, target, "HTTP/1.1");
    for (unsigned i = 0; i < TJOB_SERVER_HEADERS_MAX - 1; i++) {
        lay_header(&largest, i == 0 ? "Host:a" : "X:a");
    }
    static char last[TJOB_SERVER_HEAD_BYTES_MAX] = "Y:";
    memset(last + 2, 'a', TJOB_SERVER_HEAD_BYTES_MAX - largest.bytes - 6);
    lay_header(&largest, last);
    (void)lay(&largest, "", 0, 2);
    ck_assert_uint_eq(largest.bytes, TJOB_SERVER_HEAD_BYTES_MAX);
    request_head head = largest;
    ck_assert_int_eq(tjob__head_validate(&head), HEAD_VALID);
    head = largest;
    head.bytes++;
    ck_assert_int_eq(tjob__head_validate(&head), HEAD_TOO_LARGE);
    head = largest;
    head.header_count++;
    ck_assert_int_eq(tjob__head_validate(&head), HEAD_TOO_MANY_HEADERS);
    head = largest;
    head.target.data = NULL;
    ck_assert_int_eq(tjob__head_validate(&head), HEAD_BAD_TARGET);
    memset(target, '/', TJOB_SERVER_TARGET_BYTES_MAX + 1);
    lay_first_line(&head, target, "HTTP/1.1");
    (void)lay(&head, "", 0, 2);
    ck_assert_int_eq(tjob__head_validate(&head), HEAD_BAD_TARGET);
}
END_TEST

/* Changes one thing of a head of two headers: where a part lies, how long the head is, or one byte of it. */
static const struct {
    size_t method, target, version, name, value, last; /* by how much it lies further on */
    size_t bytes;                                      /* more of the head */
    size_t at;                                         /* of a byte that is 'x', counted from 1 */
} forms[] = {
    {0, 0, 0, 0, 0, 0, 0, 0}, /* none: it is valid */
    {.method = 1},
    {.target = 1},
    {.version = 1},
    {.name = 1},
    {.value = 1},
    {.last = 1},
    {.bytes = 1},
    {.bytes = 2},
    {.at = 5},
    {.at = 7},
    {.at = 16},
    {.at = 17},
    {.at = 22},
    {.at = 23},
    {.at = 25},
    {.at = 26},
    {.at = 28},
    {.at = 30},
    {.at = 31},
    {.at = 32},
    {.at = 33},
    {.bytes = (size_t)-1},
    {.bytes = (size_t)-2},
    {.bytes = (size_t)-11},
    {.bytes = (size_t)-3},
    {.bytes = (size_t)-4},
    {.bytes = (size_t)-5},
    {.bytes = (size_t)-8},
    {.bytes = (size_t)-10},
    {.bytes = (size_t)-12},
    {.bytes = (size_t)-16},
    {.bytes = (size_t)-18},
    {.bytes = (size_t)-20},
    {.bytes = (size_t)-28},
    {.bytes = (size_t)-32},
};

/* Moves a head to memory without a byte behind it, so that AddressSanitizer sees each one that is read beyond. */
static char *move_to_exact_memory(request_head *head)
{
    void *exact = NULL;
    ck_assert_int_eq(posix_memalign(&exact, 4096, head->bytes), 0);
    memcpy(exact, memory, head->bytes);
    head->method.data = (char *)exact + (head->method.data - memory);
    head->target_at = (char *)exact + (head->target_at - memory);
    head->version.data = (char *)exact + (head->version.data - memory);
    for (size_t i = 0; i < head->header_count; i++) {
        tjob_server_header *header = &head->headers[i];
        header->name.data = (char *)exact + (header->name.data - memory);
        header->value.data = (char *)exact + (header->value.data - memory);
    }
    return exact;
}

START_TEST(each_byte_between_the_parts_is_refused)
{
    static const char *const given[GIVEN_MAX] = {"Host: a", "X:y"};
    tjob_server_header headers[GIVEN_MAX];
    request_head head;
    ck_assert_int_eq(validate(&head, headers, "HTTP/1.1", "/", given), HEAD_VALID);
    ck_assert_uint_eq(head.bytes, 33);
    head.method.data += forms[_i].method;
    head.target_at += forms[_i].target;
    head.version.data += forms[_i].version;
    headers[0].name.data += forms[_i].name;
    headers[0].value.data += forms[_i].value;
    headers[1].name.data += forms[_i].last;
    head.bytes += forms[_i].bytes;
    if (forms[_i].at != 0) {
        memory[forms[_i].at - 1] = 'x';
    }
    char *exact = move_to_exact_memory(&head);
    ck_assert_int_eq(tjob__head_validate(&head), _i == 0 ? HEAD_VALID : HEAD_BAD_FORM);
    free(exact);
}
END_TEST

START_TEST(a_nul_is_no_character_of_a_name)
{
    tjob_server_header headers[GIVEN_MAX];
    request_head head = {.headers = headers};
    lay_first_line(&head, "/", "HTTP/1.0");
    lay_header(&head, "a?b:1");
    (void)lay(&head, "", 0, 2);
    memory[headers[0].name.data + 1 - memory] = '\0';
    ck_assert_int_eq(tjob__head_validate(&head), HEAD_BAD_NAME);
}
END_TEST

START_TEST(a_value_is_found_by_its_name_in_any_case)
{
    const tjob_server_header headers[] = {{text_of("Host"), text_of("a")}, {text_of("X-Amz-Target"), text_of("b")}};
    ck_assert_int_eq(tjob__head_value(headers, 2, "x-AMZ-TARGET").data[0], 'b');
    ck_assert_uint_eq(tjob__head_value(headers, 2, "X-Amz-Targe").bytes, 0);
    ck_assert_uint_eq(tjob__head_value(headers, 1, "X-Amz-Target").bytes, 0);
    ck_assert_uint_eq(tjob__head_value(headers, 2, "Most").bytes, 0);
}
END_TEST

START_TEST(each_problem_has_a_text_of_its_own)
{
    for (int i = 0; i < HEAD_PROBLEMS; i++) {
        for (int k = 0; k < i; k++) {
            ck_assert_str_ne(tjob__head_problem_text((head_problem)i), tjob__head_problem_text((head_problem)k));
        }
    }
}
END_TEST

RUN_TESTS("server_head", {each_head_is_taken_or_has_its_problem, sizeof heads / sizeof heads[0]},
          {each_target_has_its_path_and_query, sizeof targets / sizeof targets[0]},
          {an_absolute_target_needs_a_host, 0}, {each_limit_is_kept, 0},
          {each_byte_between_the_parts_is_refused, sizeof forms / sizeof forms[0]},
          {a_nul_is_no_character_of_a_name, 0}, {a_value_is_found_by_its_name_in_any_case, 0},
          {each_problem_has_a_text_of_its_own, 0})
