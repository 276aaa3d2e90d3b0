/* The steps of a situation: each is read as it is written, and what is wrong has its place. */
#include <string.h>

#include "page/situation.h"
#include "support/suite.h"

static struct situation_step step;
static struct page_error error;

static bool reads(const char *text)
{
    return tjob__situation_step_read((tjob_text){text, strlen(text)}, 10, &step, &error);
}

static void check_written(const char *text)
{
    char room[200];
    json_writer writer = {.out = room, .capacity = sizeof room};
    tjob__situation_step_write(&writer, &step);
    ck_assert_uint_eq(writer.bytes, strlen(text));
    ck_assert_mem_eq(room, text, writer.bytes);
}

START_TEST(each_event_and_each_answer_is_read_as_it_is_written)
{
    char text[200];
    for (unsigned i = 0; i < SITUATION_EVENT_COUNT; i++) {
        const struct situation_step begin = {.kind = STEP_BEGIN,
                                             .actor = tjob__situation_events[i].actor,
                                             .number = 12,
                                             .event = {.kind = (uint32_t)tjob__situation_events[i].kind}};
        json_writer writer = {.out = text, .capacity = sizeof text};
        tjob__situation_step_write(&writer, &begin);
        text[writer.bytes] = '\0';
        ck_assert_msg(reads(text), "%s: %s", text, error.message);
        ck_assert_int_eq(step.kind, STEP_BEGIN);
        ck_assert_int_eq(step.actor, begin.actor);
        ck_assert_uint_eq(step.number, 12);
        ck_assert_uint_eq(step.event.kind, begin.event.kind);
        ck_assert_uint_eq(step.given, 0);
    }
    for (unsigned i = 0; i < ANSWER_COUNT; i++) {
        const struct situation_step answer = {
            .kind = STEP_ANSWER, .actor = TJOB_ACTOR_TRAINER, .number = 1, .answer = (enum situation_answer)i};
        json_writer writer = {.out = text, .capacity = sizeof text};
        tjob__situation_step_write(&writer, &answer);
        text[writer.bytes] = '\0';
        ck_assert(reads(text));
        ck_assert_int_eq(step.kind, STEP_ANSWER);
        ck_assert_int_eq(step.answer, answer.answer);
    }
}
END_TEST

START_TEST(steps_are_written_as_they_are_read)
{
    static const char *const texts[] = {
        "client1.stop",
        "client16.describe",
        "trainer2.completed-with-warning",
        "trainer3.start(incarnation=18446744073709551615,trainer-token=18446744073709551614)",
        "host1.submit(incarnation=1,token=9007199254740993,host-code=4294967295)",
        "host1.failed",
        "supervisor1.stop-expired(incarnation=0)",
        "client1.lost-late",
        "store.apply(3)",
        "store.apply(18446744073709551615)",
        "store.crash",
        "clock.set(0)",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ck_assert_msg(reads(texts[i]), "%s: %s", texts[i], error.message);
        check_written(texts[i]);
    }
}
END_TEST

START_TEST(arguments_are_those_of_the_event)
{
    ck_assert(reads("host2.failed(host-code=7,incarnation=5,trainer-token=3,token=4)"));
    ck_assert_uint_eq(step.given, GIVEN_INCARNATION | GIVEN_TRAINER_TOKEN | GIVEN_TOKEN | GIVEN_HOST_CODE);
    ck_assert_uint_eq(step.event.kind, TJOB_FAILED);
    ck_assert_uint_eq(step.event.incarnation, 5);
    ck_assert_uint_eq(step.event.trainer_token, 3);
    ck_assert_uint_eq(step.event.token, 4);
    ck_assert_uint_eq(step.event.host_code, 7);
    ck_assert_int_eq(step.actor, TJOB_ACTOR_HOST);
    ck_assert_uint_eq(step.number, 2);
}
END_TEST

START_TEST(what_is_wrong_is_named_with_its_place)
{
    static const struct {
        const char *text;
        size_t at;
        const char *message;
    } cases[] = {
        {"", 10, "a step is empty"},
        {"client1", 10, "no step: 'client1'"},
        {"client1,stop", 10, "no step: 'client1,stop'"},
        {"client.stop", 10, "no step: 'client.stop'"},
        {"client0.stop", 10, "no step: 'client0.stop'"},
        {"client17.stop", 10, "no step: 'client17.stop'"},
        {"client{1.stop", 10, "no step: 'client{1.stop'"},
        {"client1x.stop", 10, "no step: 'client1x.stop'"},
        {"store1.stop", 10, "no step: 'store1.stop'"},
        {"clients1.stop", 10, "no step: 'clients1.stop'"},
        {".stop", 10, "no step: '.stop'"},
        {"client1.", 18, "no event or answer of this actor"},
        {"client1.start", 18, "no event or answer of this actor: 'start'"},
        {"trainer1.stop", 19, "no event or answer of this actor: 'stop'"},
        {"client1.allowed(incarnation=1)", 18, "no event or answer of this actor: 'allowed'"},
        {"client1.stop()", 23, "unknown or repeated argument"},
        {"client1.stop(token=1,token=2)", 31, "unknown or repeated argument: 'token=2'"},
        {"client1.stop(tokens=1)", 23, "unknown or repeated argument: 'tokens=1'"},
        {"client1.stop(token=)", 23, "invalid number in an argument: 'token='"},
        {"client1.stop(token)", 23, "invalid number in an argument: 'token'"},
        {"client1.stop(token=18446744073709551616)", 23, "invalid number in an argument: 'token=18446744073709551616'"},
        {"client1.stop(host-code=4294967296)", 23, "invalid number in an argument: 'host-code=4294967296'"},
        {"client1.stop(token=1", 30, "a step ends with ')'"},
        {"client1.stop(token=1)x", 31, "a step ends with ')': 'x'"},
        {"client1.stop(token=1,", 31, "unknown or repeated argument"},
        {"store.apply", 10, "no step: 'store.apply'"},
        {"store.apply()", 10, "no step: 'store.apply()'"},
        {"store.apply(1", 10, "no step: 'store.apply(1'"},
        {"store.apply(x)", 10, "no step: 'store.apply(x)'"},
        {"store.crash()", 10, "no step: 'store.crash()'"},
        {"clock.set(-1)", 10, "no step: 'clock.set(-1)'"},
        {"clock.get(1)", 10, "no step: 'clock.get(1)'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_msg(!reads(cases[i].text), "%s", cases[i].text);
        ck_assert_msg(strcmp(error.message, cases[i].message) == 0, "%s: %s", cases[i].text, error.message);
        ck_assert_msg(error.at == cases[i].at, "%s: %zu", cases[i].text, error.at);
    }
}
END_TEST

START_TEST(a_slash_ends_a_text)
{
    tjob_text rest = TJOB_TEXT("a=1/b//c");
    static const char *const parts[] = {"a=1", "b", "", "c", ""};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const tjob_text part = tjob__situation_next(&rest);
        ck_assert_uint_eq(part.bytes, strlen(parts[i]));
        ck_assert_mem_eq(part.data, parts[i], part.bytes);
    }
    ck_assert_uint_eq(rest.bytes, 0);
}
END_TEST

START_TEST(the_policy_is_that_of_the_parameters)
{
    uint64_t values[SITUATION_PARAMETER_COUNT] = {0};
    static const char text[] = "stop-submitted=refuse&stop-finished=refuse&stop-timeout-ms=5&max-attempts=3";
    ck_assert(tjob__page_parameters_read((tjob_text){text, sizeof text - 1}, 0, tjob__situation_parameters,
                                         SITUATION_PARAMETER_COUNT, values, &error));
    const tjob_policy policy = tjob__situation_policy(values);
    ck_assert_uint_eq(policy.stop_submitted, TJOB_STOP_SUBMITTED_REFUSED);
    ck_assert_uint_eq(policy.stop_finished, TJOB_STOP_FINISHED_REFUSED);
    ck_assert_uint_eq(policy.stop_timeout_ms, 5);
    ck_assert_uint_eq(policy.max_attempts, 3);
    ck_assert(policy.transition == NULL);
}
END_TEST

START_TEST(the_longest_step_and_the_longest_parameters_have_room)
{
    char text[SITUATION_PARAMETERS_BYTES_MAX];
    for (unsigned i = 0; i < SITUATION_EVENT_COUNT; i++) {
        const struct situation_step longest = {.kind = STEP_BEGIN,
                                               .actor = TJOB_ACTOR_SUPERVISOR,
                                               .number = SITUATION_ACTORS_MAX,
                                               .event = {.kind = (uint32_t)tjob__situation_events[i].kind,
                                                         .incarnation = UINT64_MAX,
                                                         .trainer_token = UINT64_MAX,
                                                         .token = UINT64_MAX,
                                                         .host_code = UINT32_MAX},
                                               .given = GIVEN_INCARNATION | GIVEN_TRAINER_TOKEN | GIVEN_TOKEN |
                                                        GIVEN_HOST_CODE};
        json_writer writer = {.out = text, .capacity = sizeof text};
        tjob__situation_step_write(&writer, &longest);
        ck_assert_uint_lt(writer.bytes, SITUATION_STEP_BYTES_MAX);
    }
    for (unsigned bug = 0; tjob__page_bug_word(bug) != NULL; bug++) {
        uint64_t values[SITUATION_PARAMETER_COUNT] = {[SITUATION_BUG] = bug};
        for (unsigned i = 0; i < SITUATION_PARAMETER_COUNT; i++) {
            const struct page_parameter *parameter = &tjob__situation_parameters[i];
            values[i] = parameter->word == NULL ? parameter->most : i == SITUATION_BUG ? bug : 1;
        }
        json_writer writer = {.out = text, .capacity = sizeof text};
        tjob__page_parameters_write(&writer, tjob__situation_parameters, SITUATION_PARAMETER_COUNT, values);
        ck_assert_uint_le(writer.bytes, sizeof text);
    }
}
END_TEST

RUN_TESTS("situation", {each_event_and_each_answer_is_read_as_it_is_written, 0},
          {steps_are_written_as_they_are_read, 0}, {arguments_are_those_of_the_event, 0},
          {what_is_wrong_is_named_with_its_place, 0}, {a_slash_ends_a_text, 0},
          {the_policy_is_that_of_the_parameters, 0}, {the_longest_step_and_the_longest_parameters_have_room, 0})
