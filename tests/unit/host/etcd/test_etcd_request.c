/* The requests, to the byte, and that the longest one fits. */
#include "host/etcd/request.h"

#include <string.h>

#include "support/suite.h"

static char text[TJOB_ETCD_REQUEST_BYTES + 1];

static json_writer new_writer(void)
{
    memset(text, 0, sizeof text);
    return (json_writer){text, 0, sizeof text - 1};
}

static const tjob_text prefix = TJOB_TEXT("p/");
static const tjob_text a = TJOB_TEXT("a");
static const tjob_etcd_marker marker = {.base = 5, .mod_revision = 9, .text = "t", .text_bytes = 1};

/* "p/job/a" is cC9qb2IvYQ==, "p/store" is cC9zdG9yZQ==. */
START_TEST(a_load_reads_the_record_and_the_marker)
{
    json_writer writer = new_writer();
    tjob__etcd_request_load(&writer, prefix, a);
    ck_assert_str_eq(text, "{\"success\":[{\"request_range\":{\"key\":\"cC9qb2IvYQ==\"}},"
                           "{\"request_range\":{\"key\":\"cC9zdG9yZQ==\"}}]}");
    writer = new_writer();
    tjob__etcd_request_record(&writer, prefix, a);
    ck_assert_str_eq(text, "{\"key\":\"cC9qb2IvYQ==\"}");
}
END_TEST

#define COMPARE_RECORD(revision)                                                                                       \
    "{\"compare\":[{\"key\":\"cC9qb2IvYQ==\",\"target\":\"MOD\",\"mod_revision\":\"" revision                          \
    "\"},{\"key\":\"cC9zdG9yZQ==\",\"target\":\"MOD\",\"mod_revision\":\"9\"}"
#define PUT_RECORD "\"success\":[{\"request_put\":{\"key\":\"cC9qb2IvYQ==\",\"value\":\"dg==\"}}"

/* p/state/1/00000000000000000007/a */
#define ENTRY_1_7 "cC9zdGF0ZS8xLzAwMDAwMDAwMDAwMDAwMDAwMDA3L2E="

START_TEST(a_swap_compares_and_keeps_the_index)
{
    json_writer writer = new_writer();
    etcd_change change = {.arn = a, .next = {7, 1}, .value = TJOB_TEXT("v")};
    tjob__etcd_request_swap(&writer, prefix, &marker, &change);
    ck_assert_str_eq(
        text, COMPARE_RECORD("0") ",{\"key\":\"cC9zdG9yZQ==\",\"target\":\"VALUE\",\"value\":\"dA==\"}]," PUT_RECORD
                                  ",{\"request_put\":{\"key\":\"" ENTRY_1_7 "\",\"value\":\"dg==\"}}]}");
    writer = new_writer();
    change.mod_revision = 8;
    change.old = (etcd_entry){7, 1};
    tjob__etcd_request_swap(&writer, prefix, &marker, &change);
    ck_assert_str_eq(text, COMPARE_RECORD("8") "]," PUT_RECORD ",{\"request_put\":{\"key\":\"" ENTRY_1_7
                                               "\",\"value\":\"dg==\"}}]}");
    writer = new_writer();
    change.next.latest_ms = 8;
    tjob__etcd_request_swap(&writer, prefix, &marker, &change);
    ck_assert_ptr_nonnull(strstr(text, ",{\"request_delete_range\":{\"key\":\"" ENTRY_1_7 "\"}}]}"));
    writer = new_writer();
    change.next = (etcd_entry){7, 2};
    tjob__etcd_request_swap(&writer, prefix, &marker, &change);
    ck_assert_ptr_nonnull(strstr(text, ",{\"request_delete_range\":{\"key\":\"" ENTRY_1_7 "\"}}]}"));
}
END_TEST

START_TEST(a_page_begins_behind_a_place)
{
    json_writer writer = new_writer();
    etcd_place place = {.state = 1};
    tjob__etcd_request_page(&writer, prefix, &place, 0, 64);
    /* from p/state/1/00000000000000000000 up to p/state/10 */
    ck_assert_str_eq(text, "{\"success\":[{\"request_range\":{\"key\":\"cC9zdGF0ZS8xLzAwMDAwMDAwMDAwMDAwMDAwMDAw\","
                           "\"range_end\":\"cC9zdGF0ZS8xMA==\",\"limit\":\"64\",\"revision\":\"0\"}},"
                           "{\"request_range\":{\"key\":\"cC9zdG9yZQ==\"}}]}");
    writer = new_writer();
    place = (etcd_place){.state = 1, .revision = 6, .latest_ms = 7, .arn = "a", .arn_bytes = 1};
    tjob__etcd_request_page(&writer, prefix, &place, 8, 64);
    /* from p/state/1/00000000000000000007/a and a NUL, up to p/state/1/00000000000000000009 */
    ck_assert_str_eq(text, "{\"success\":[{\"request_range\":{\"key\":\"cC9zdGF0ZS8xLzAwMDAwMDAwMDAwMDAwMDAwMDA3L2EA\","
                           "\"range_end\":\"cC9zdGF0ZS8xLzAwMDAwMDAwMDAwMDAwMDAwMDA5\",\"limit\":\"64\","
                           "\"revision\":\"6\"}},{\"request_range\":{\"key\":\"cC9zdG9yZQ==\"}}]}");
}
END_TEST

#define MARKER_TEXT "{\"key\":\"cC9zdG9yZQ==\",\"target\":\"VALUE\",\"value\":\"dA==\"}"
#define MARKER_REVISION(result, revision)                                                                              \
    "{\"key\":\"cC9zdG9yZQ==\",\"target\":\"MOD\"" result ",\"mod_revision\":\"" revision "\"}"
#define PUT_MARKER "],\"success\":[{\"request_put\":{\"key\":\"cC9zdG9yZQ==\",\"value\":\"bg==\"}}]}"

START_TEST(a_marker_replaces_what_was_read)
{
    static const tjob_etcd_marker none = {.text_bytes = 0};
    json_writer writer = new_writer();
    tjob__etcd_request_marker(&writer, prefix);
    ck_assert_str_eq(text, "{\"success\":[{\"request_range\":{\"key\":\"cC9zdG9yZQ==\"}}]}");
    writer = new_writer();
    tjob__etcd_request_put_marker(&writer, prefix, &marker, (tjob_text){"n", 1});
    ck_assert_str_eq(text, "{\"compare\":[" MARKER_TEXT "," MARKER_REVISION("", "9") PUT_MARKER);
    writer = new_writer();
    tjob__etcd_request_put_marker(&writer, prefix, &none, (tjob_text){"n", 1});
    ck_assert_str_eq(text, "{\"compare\":[" MARKER_REVISION("", "0") PUT_MARKER);
}
END_TEST

/* The tombstone, and its entry p/state/0/00000000000000000000/a, if the marker was written after it. */
START_TEST(a_purge_removes_what_is_older_than_the_marker)
{
    json_writer writer = new_writer();
    tjob__etcd_request_purge(&writer, prefix, &marker, a, 8);
    ck_assert_str_eq(text,
                     "{\"compare\":[{\"key\":\"cC9qb2IvYQ==\",\"target\":\"MOD\",\"mod_revision\":\"8\"}," MARKER_TEXT
                     "," MARKER_REVISION(",\"result\":\"GREATER\"",
                                         "8") "],\"success\":[{\"request_delete_range\":"
                                              "{\"key\":\"cC9qb2IvYQ==\"}},{\"request_delete_range\":{\"key\":"
                                              "\"cC9zdGF0ZS8wLzAwMDAwMDAwMDAwMDAwMDAwMDAwL2E=\"}}]}");
}
END_TEST

START_TEST(the_longest_requests_fit)
{
    static char long_prefix[TJOB_ETCD_PREFIX_BYTES_MAX];
    static char long_arn[TJOB_ARN_BYTES_MAX];
    static char value[TJOB_JOB_ENCODED_BYTES];
    const tjob_text head = {long_prefix, sizeof long_prefix};
    const tjob_text arn = {long_arn, sizeof long_arn};
    tjob_etcd_marker longest = {.mod_revision = UINT64_MAX, .text_bytes = TJOB_ETCD_MARKER_BYTES_MAX};
    const etcd_change change = {.arn = arn,
                                .mod_revision = INT64_MAX,
                                .old = {UINT64_MAX, 8},
                                .next = {UINT64_MAX, 7},
                                .value = {value, sizeof value}};
    json_writer writer = new_writer();
    tjob__etcd_request_swap(&writer, head, &longest, &change);
    ck_assert_uint_le(writer.bytes, TJOB_ETCD_REQUEST_BYTES);
    ck_assert_uint_ge(writer.bytes, 2048);
    writer = new_writer();
    tjob__etcd_request_purge(&writer, head, &longest, arn, INT64_MAX);
    ck_assert_uint_le(writer.bytes, TJOB_ETCD_REQUEST_BYTES);
    etcd_place place = {.state = 8, .arn_bytes = TJOB_ARN_BYTES_MAX, .revision = INT64_MAX, .latest_ms = UINT64_MAX};
    writer = new_writer();
    tjob__etcd_request_page(&writer, head, &place, UINT64_MAX - 1, UINT32_MAX);
    ck_assert_uint_le(writer.bytes, TJOB_ETCD_REQUEST_BYTES);
}
END_TEST

RUN_TESTS("etcd_request", {a_load_reads_the_record_and_the_marker, 0}, {a_swap_compares_and_keeps_the_index, 0},
          {a_page_begins_behind_a_place, 0}, {a_marker_replaces_what_was_read, 0},
          {a_purge_removes_what_is_older_than_the_marker, 0}, {the_longest_requests_fit, 0})
