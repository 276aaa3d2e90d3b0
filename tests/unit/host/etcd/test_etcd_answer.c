/* Answers as etcd's gateway gives them, and those that no etcd gives. */
#include "host/etcd/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/suite.h"

#define HEADER                                                                                                         \
    "\"header\":{\"cluster_id\":\"324952591200643719\",\"member_id\":\"33\",\"revision\":\"12\",\"raft_term\":\"2\"}"

/* Of a copy, behind which nothing may be read. */
static etcd_answer read_text(const char *text)
{
    static char *copies[256];
    static unsigned count;
    const size_t bytes = strlen(text);
    ck_assert_uint_lt(count, 256);
    copies[count] = malloc(bytes + (bytes == 0));
    ck_assert_ptr_nonnull(copies[count]);
    memcpy(copies[count], text, bytes);
    return tjob__etcd_answer_read((tjob_text){copies[count++], bytes});
}

START_TEST(it_reads_an_answer_of_a_transaction)
{
    const etcd_answer won = read_text("{" HEADER ",\"succeeded\":true,\"responses\":[{\"response_put\":{}}]}");
    ck_assert(won.is_json && won.has_header && won.succeeded && !won.has_code);
    ck_assert_uint_eq(won.cluster_id, UINT64_C(324952591200643719));
    ck_assert_uint_eq(won.revision, 12);
    ck_assert(!tjob__etcd_answer_range(&won, 0).is_valid);
    const etcd_answer lost = read_text("{" HEADER "}");
    ck_assert(lost.is_json && lost.has_header && !lost.succeeded);
    ck_assert(!tjob__etcd_answer_range(&lost, 0).is_valid);
}
END_TEST

START_TEST(it_reads_an_error)
{
    const etcd_answer error = read_text("{\"error\":\"a\",\"message\":\"b\\\"\",\"code\":14}");
    ck_assert(error.is_json && !error.has_header && error.has_code);
    ck_assert_uint_eq(error.code, 14);
    ck_assert_int_eq(memcmp(error.message.begin, "b\\\"", 3), 0);
}
END_TEST

/* What looks like a member, and is not one of that kind. */
START_TEST(it_ignores_members_of_another_kind)
{
    const etcd_answer escaped = read_text("{\"h\\u0065ader\":{\"cluster_id\":\"1\",\"revision\":\"1\"}}");
    ck_assert(escaped.is_json && !escaped.has_header);
    ck_assert(!read_text("{" HEADER ",\"succeeded\":false}").succeeded);
    ck_assert(!read_text("{" HEADER ",\"succeeded\":\"true\"}").succeeded);
    ck_assert_ptr_null(read_text("{\"message\":7,\"code\":2}").message.begin);
    ck_assert(!read_text("{\"code\":\"two\"}").has_code);
    ck_assert(!read_text("{\"code\":4294967296}").has_code);
    ck_assert_uint_eq(read_text("{\"code\":4294967295}").code, UINT32_MAX);
    static const char *const more[] = {"false", "\"true\"", "true"};
    for (int i = 0; i < 3; i++) {
        char text[256];
        snprintf(text, sizeof text, "{" HEADER ",\"responses\":[{\"response_range\":{\"more\":%s}}]}", more[i]);
        const etcd_answer answer = read_text(text);
        ck_assert_int_eq(tjob__etcd_answer_range(&answer, 0).more, i == 2);
    }
}
END_TEST

START_TEST(it_reads_the_greatest_number)
{
    const etcd_answer answer =
        read_text("{\"header\":{\"cluster_id\":\"18446744073709551615\",\"revision\":18446744073709551615}}");
    ck_assert(answer.has_header);
    ck_assert_uint_eq(answer.cluster_id, UINT64_MAX);
    ck_assert_uint_eq(answer.revision, UINT64_MAX);
}
END_TEST

START_TEST(it_reads_ranges)
{
    etcd_kv kv;
    const etcd_answer answer = read_text(
        "{" HEADER ",\"succeeded\":true,\"responses\":["
        "{\"response_range\":{\"header\":{\"revision\":\"12\"},\"kvs\":[{\"key\":\"YQ==\",\"create_revision\":\"2\","
        "\"mod_revision\":\"7\",\"version\":\"3\",\"value\":\"aGVsbG8=\"} , {\"key\":\"Yg==\",\"mod_revision\":\"8\","
        "\"version\":\"1\"}],\"more\":true,\"count\":\"9\"}},{\"response_range\":{\"header\":{}}}]}");
    etcd_range range = tjob__etcd_answer_range(&answer, 0);
    ck_assert(range.is_valid && range.more);
    ck_assert(tjob__etcd_range_next(&range, &kv));
    ck_assert_uint_eq(kv.mod_revision, 7);
    ck_assert_uint_eq(kv.changes, 3);
    ck_assert_int_eq(memcmp(kv.value.begin, "aGVsbG8=", 8), 0);
    ck_assert(tjob__etcd_range_next(&range, &kv));
    ck_assert_uint_eq(kv.mod_revision, 8);
    ck_assert_ptr_null(kv.value.begin);
    ck_assert(!tjob__etcd_range_next(&range, &kv));
    ck_assert(range.is_valid);
    range = tjob__etcd_answer_range(&answer, 1);
    ck_assert(range.is_valid && !range.more);
    ck_assert(!tjob__etcd_range_next(&range, &kv));
    ck_assert(range.is_valid);
    ck_assert(!tjob__etcd_answer_range(&answer, 2).is_valid);
}
END_TEST

START_TEST(it_reads_a_range_of_its_own)
{
    etcd_kv kv;
    const etcd_answer answer =
        read_text("{" HEADER ",\"kvs\":[{\"key\":\"YQ==\",\"mod_revision\":\"7\",\"version\":\"3\"}],\"count\":\"1\"}");
    etcd_range keys = tjob__etcd_answer_keys(&answer);
    ck_assert(tjob__etcd_range_next(&keys, &kv));
    ck_assert_uint_eq(kv.mod_revision, 7);
    ck_assert(!tjob__etcd_range_next(&keys, &kv) && keys.is_valid);
    const etcd_answer none = read_text("{" HEADER "}");
    keys = tjob__etcd_answer_keys(&none);
    ck_assert(!tjob__etcd_range_next(&keys, &kv) && keys.is_valid);
    const etcd_answer empty = read_text("{" HEADER ",\"kvs\":[]}");
    keys = tjob__etcd_answer_keys(&empty);
    ck_assert(!tjob__etcd_range_next(&keys, &kv) && keys.is_valid);
    const etcd_answer wrong = read_text("{" HEADER ",\"kvs\":7}");
    keys = tjob__etcd_answer_keys(&wrong);
    ck_assert(!tjob__etcd_range_next(&keys, &kv) && !keys.is_valid);
}
END_TEST

START_TEST(it_refuses_what_is_not_an_answer)
{
    static const char *const wrong[] = {
        "", "x", "[]", "{", "{}x", ("{" HEADER), "{\"a\":1,}", "HTTP/1.1 200 OK", "null", "\"header\""};
    ck_assert(!read_text(wrong[_i]).is_json);
}
END_TEST

START_TEST(it_refuses_a_header_without_its_numbers)
{
    static const char *const wrong[] = {
        "{}",
        "{\"header\":{}}",
        "{\"header\":7}",
        "{\"header\":{\"cluster_id\":\"1\"}}",
        "{\"header\":{\"cluster_id\":\"\",\"revision\":\"1\"}}",
        "{\"header\":{\"cluster_id\":\"1\",\"revision\":\"-1\"}}",
        "{\"header\":{\"cluster_id\":\"1\",\"revision\":\"1.5\"}}",
        "{\"header\":{\"cluster_id\":\"18446744073709551616\",\"revision\":\"1\"}}",
        "{\"header\":{\"cluster_id\":null,\"revision\":\"1\"}}",
    };
    const etcd_answer answer = read_text(wrong[_i]);
    ck_assert(answer.is_json && !answer.has_header && !answer.has_code);
}
END_TEST

/* A range in which something is missing ends, and is not valid. */
START_TEST(it_refuses_keys_that_are_not_as_etcd_writes_them)
{
    static const char *const wrong[] = {
        "[{\"response_range\":{\"kvs\":[{}]}}]",
        "[{\"response_range\":{\"kvs\":[7]}}]",
        "[{\"response_range\":{\"kvs\":7}}]",
        "[{\"response_range\":{\"kvs\":null}}]",
        "[{\"response_range\":{\"kvs\":[{\"key\":\"YQ==\",\"mod_revision\":\"7\"}]}}]",
        "[{\"response_range\":{\"kvs\":[{\"key\":\"YQ==\",\"version\":\"7\"}]}}]",
        "[{\"response_range\":{\"kvs\":[{\"mod_revision\":\"7\",\"version\":\"7\"}]}}]",
        "[{\"response_range\":{\"kvs\":[{\"key\":\"YQ==\",\"mod_revision\":\"7\",\"version\":\"7\",\"value\":1}]}}]",
        "[{\"response_range\":7}]",
        "[7]",
        "[]",
        "{}",
    };
    char text[512];
    etcd_kv kv;
    strcpy(text, "{" HEADER ",\"responses\":");
    strcat(text, wrong[_i]);
    strcat(text, "}");
    const etcd_answer answer = read_text(text);
    ck_assert(answer.has_header);
    etcd_range range = tjob__etcd_answer_range(&answer, 0);
    ck_assert(!tjob__etcd_range_next(&range, &kv));
    ck_assert(!range.is_valid);
}
END_TEST

RUN_TESTS("etcd_answer", {it_reads_an_answer_of_a_transaction, 0}, {it_reads_an_error, 0},
          {it_ignores_members_of_another_kind, 0}, {it_reads_the_greatest_number, 0}, {it_reads_ranges, 0},
          {it_reads_a_range_of_its_own, 0}, {it_refuses_what_is_not_an_answer, 10},
          {it_refuses_a_header_without_its_numbers, 9}, {it_refuses_keys_that_are_not_as_etcd_writes_them, 12})
