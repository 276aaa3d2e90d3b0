/* The JSON of the page: commas, quotes, and numbers that keep all their bits. */
#include <string.h>

#include "page/json.h"
#include "support/suite.h"

static struct page_json json;
static char room[1024];

static void begin(void)
{
    json = (struct page_json){.writer = {.out = room, .capacity = sizeof room}};
}

static void check_text(const char *text)
{
    ck_assert_uint_eq(json.writer.bytes, strlen(text));
    ck_assert_mem_eq(room, text, strlen(text));
}

START_TEST(commas_stand_between_members_and_between_values)
{
    begin();
    tjob__page_open(&json, '{');
    tjob__page_member_string(&json, "a", "b\"\\\n");
    tjob__page_member_count(&json, "n", 7);
    tjob__page_member_bool(&json, "yes", true);
    tjob__page_member_bool(&json, "no", false);
    tjob__page_member_null(&json, "none");
    tjob__page_name(&json, "list");
    tjob__page_open(&json, '[');
    tjob__page_count(&json, 0);
    tjob__page_open(&json, '[');
    tjob__page_close(&json, ']');
    tjob__page_string(&json, "");
    tjob__page_close(&json, ']');
    tjob__page_close(&json, '}');
    check_text("{\"a\":\"b\\\"\\\\\\u000a\",\"n\":7,\"yes\":true,\"no\":false,\"none\":null,\"list\":[0,[],\"\"]}");
}
END_TEST

START_TEST(numbers_of_64_bits_are_strings)
{
    begin();
    tjob__page_open(&json, '{');
    tjob__page_member_decimal(&json, "a", UINT64_MAX);
    tjob__page_member_decimal(&json, "b", 0);
    tjob__page_member_decimal(&json, "c", (UINT64_C(1) << 53) + 1);
    tjob__page_close(&json, '}');
    check_text("{\"a\":\"18446744073709551615\",\"b\":\"0\",\"c\":\"9007199254740993\"}");
}
END_TEST

START_TEST(a_record_has_all_fields_and_an_absent_one_is_null)
{
    const tjob_job job = {.submit_token = UINT64_MAX,
                          .incarnation = 2,
                          .trainer_token = 3,
                          .submitted_ms = 4,
                          .training_started_ms = 5,
                          .stop_requested_ms = 6,
                          .ended_ms = 7,
                          .state = TJOB_STOPPED,
                          .host_code = UINT32_MAX};
    begin();
    tjob__page_open(&json, '{');
    tjob__page_member_record(&json, "record", &job);
    tjob__page_member_record(&json, "none", &(tjob_job){.state = TJOB_ABSENT});
    tjob__page_close(&json, '}');
    check_text(
        "{\"record\":{\"state\":\"STOPPED\",\"submit_token\":\"18446744073709551615\",\"incarnation\":\"2\","
        "\"trainer_token\":\"3\",\"submitted_ms\":\"4\",\"training_started_ms\":\"5\",\"stop_requested_ms\":\"6\","
        "\"ended_ms\":\"7\",\"host_code\":\"4294967295\"},\"none\":null}");
}
END_TEST

RUN_TESTS("page_json", {commas_stand_between_members_and_between_values, 0}, {numbers_of_64_bits_are_strings, 0},
          {a_record_has_all_fields_and_an_absent_one_is_null, 0})
