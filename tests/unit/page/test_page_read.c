/* The table behind the page is the core's, and a stop answers what the operation answers. */
#include <stdio.h>
#include <string.h>

#include "support/page_call.h"
#include "support/suite.h"
#include "tjob/seeded_bug.h"

static struct page_call call;

static void expect(const char *part)
{
    ck_assert_msg(page_call_has(&call, part), "%s is not in %.2000s", part, call.output);
}

static unsigned occurrences(const char *part)
{
    unsigned count = 0;
    for (const char *at = call.output; (at = strstr(at, part)) != NULL; at++) {
        count++;
    }
    return count;
}

START_TEST(each_cell_is_the_cores)
{
    static const char *const kinds[] = {"not found",     "refused",      "in use",       "unchanged",
                                        "change",        "same token",   "same trainer", "stop submitted",
                                        "stop finished", "after timeout"};
    (void)page_call(&call, tjob__page_read, "");
    unsigned moves = 0;
    for (unsigned event = 0; event < TJOB_EVENT_KIND_COUNT; event++) {
        for (unsigned state = 0; state < TJOB_STATE_COUNT; state++) {
            char cell[300];
            const tjob_transition transition = tjob_transition_of((tjob_event_kind)event, (tjob_state)state);
            (void)snprintf(cell, sizeof cell,
                           "{\"event\":\"%s\",\"state\":\"%s\",\"kind\":\"%s\",\"next\":\"%s\",\"short\":",
                           tjob_event_kind_name((tjob_event_kind)event), tjob_state_name((tjob_state)state),
                           kinds[transition.kind], tjob_state_name(transition.next));
            expect(cell);
            if (transition.next != (tjob_state)state) {
                (void)snprintf(cell, sizeof cell, "{\"from\":\"%s\",\"to\":\"%s\",\"event\":\"%s\"}",
                               tjob_state_name((tjob_state)state), tjob_state_name(transition.next),
                               tjob_event_kind_name((tjob_event_kind)event));
                expect(cell);
                moves++;
            }
        }
    }
    ck_assert_uint_eq(occurrences("\"description\":\""), TJOB_EVENT_KIND_COUNT * TJOB_STATE_COUNT);
    ck_assert_uint_eq(occurrences("{\"from\":"), moves);
    expect(
        "{\"states\":[\"SUBMITTED\",\"TRAINING\",\"STOP_REQUESTED\",\"STOPPED\",\"TRAINED\",\"TRAINED_WITH_WARNING\","
        "\"IN_ERROR\",\"DELETING\",\"ABSENT\"],\"terminal\":[\"STOPPED\",\"TRAINED\",\"TRAINED_WITH_WARNING\",\"IN_"
        "ERROR\"],\"events\":[\"submit\",");
}
END_TEST

START_TEST(a_stop_answers_by_policy)
{
    static const char *const stops[] = {
        "\"state\":\"SUBMITTED\",\"stop_requested\":false,\"stop-submitted\":\"stop\",\"stop-finished\":\"accept\","
        "\"status\":"
        "200,\"error\":\"\",\"answer\":\"ok\",\"after\":\"STOPPED\"",
        "\"state\":\"SUBMITTED\",\"stop_requested\":false,\"stop-submitted\":\"ignore\",\"stop-finished\":\"accept\","
        "\"status\":"
        "200,\"error\":\"\",\"answer\":\"ok\",\"after\":\"SUBMITTED\"",
        "\"state\":\"SUBMITTED\",\"stop_requested\":false,\"stop-submitted\":\"refuse\",\"stop-finished\":\"accept\","
        "\"status\":"
        "400,\"error\":\"InvalidRequestException\",\"answer\":\"refused by policy\",\"after\":\"SUBMITTED\"",
        "\"state\":\"TRAINING\",\"stop_requested\":false,\"stop-submitted\":\"refuse\",\"stop-finished\":\"refuse\","
        "\"status\":"
        "200,\"error\":\"\",\"answer\":\"ok\",\"after\":\"STOP_REQUESTED\"",
        "\"state\":\"TRAINED\",\"stop_requested\":false,\"stop-submitted\":\"stop\",\"stop-finished\":\"refuse\","
        "\"status\":400",
        "\"state\":\"TRAINED\",\"stop_requested\":true,\"stop-submitted\":\"stop\",\"stop-finished\":\"refuse\","
        "\"status\":200",
        "\"state\":\"DELETING\",\"stop_requested\":false,\"stop-submitted\":\"stop\",\"stop-finished\":\"refuse\","
        "\"status\":400",
        "\"state\":\"DELETING\",\"stop_requested\":true,\"stop-submitted\":\"stop\",\"stop-finished\":\"refuse\","
        "\"status\":200",
        "\"state\":\"ABSENT\",\"stop_requested\":false,\"stop-submitted\":\"stop\",\"stop-finished\":\"accept\","
        "\"status\":400,"
        "\"error\":\"ResourceNotFoundException\",\"answer\":\"not found\",\"after\":\"ABSENT\"",
    };
    (void)page_call(&call, tjob__page_read, "");
    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
        expect(stops[i]);
    }
    ck_assert_uint_eq(occurrences("\"stop_requested\":"), 13 * 6);
    for (unsigned state = 1; state < TJOB_STATE_COUNT; state++) { /* each state has a valid record */
        char record[100];
        (void)snprintf(record, sizeof record,
                       "{\"state\":\"%s\",\"stop_requested\":", tjob_state_name((tjob_state)state));
        ck_assert_uint_ne(occurrences(record), 0);
    }
    ck_assert_uint_eq(occurrences("\"status\":500"), 0);
}
END_TEST

START_TEST(the_parameters_of_each_function_are_listed)
{
    (void)page_call(&call, tjob__page_read, "");
    expect("\"parameters\":{\"play\":[{\"name\":\"clients\",\"kind\":\"number\",\"otherwise\":\"2\",\"least\":\"0\","
           "\"most\":"
           "\"16\"}");
    expect("\"check\":[{\"name\":\"clients\",\"kind\":\"number\",\"otherwise\":\"2\",\"least\":\"1\",\"most\":\"4\"}");
    expect("\"history\":[{\"name\":\"stop-submitted\",\"kind\":\"word\",\"otherwise\":\"stop\",\"words\":[\"stop\","
           "\"ignore\","
           "\"refuse\"]}");
    expect("\"bugs\":{\"none\":\"no seeded bug\",\"lost-update\":\"");
    for (unsigned bug = 0; bug < TJOB_SEEDED_BUG_COUNT; bug++) {
        expect(tjob_seeded_bug_sentence((tjob_seeded_bug)bug));
    }
}
END_TEST

RUN_TESTS("page_read", {each_cell_is_the_cores, 0}, {a_stop_answers_by_policy, 0},
          {the_parameters_of_each_function_are_listed, 0})
