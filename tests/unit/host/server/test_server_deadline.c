/* How long a connection may live. */
#include "host/server/deadline.h"

#include "support/suite.h"
#include "tjob/server.h"

static const connection_limits limits = {.idle_ms = 1000, .request_ms = 200};

static const struct {
    connection_stage stage;
    uint64_t most_ms; /* it lives so long, and no longer; 0: for ever */
    connection_verdict then;
    connection_verdict draining; /* at once */
} stages[] = {
    {STAGE_NEW, 200, CONNECTION_READS_NO_MORE, CONNECTION_READS_NO_MORE},
    {STAGE_IDLE, 1000, CONNECTION_READS_NO_MORE, CONNECTION_READS_NO_MORE},
    {STAGE_ARRIVING, 200, CONNECTION_READS_NO_MORE, CONNECTION_STAYS},
    {STAGE_HANDLING, 0, CONNECTION_STAYS, CONNECTION_STAYS},
    {STAGE_ANSWERING, 200, CONNECTION_IS_CUT, CONNECTION_STAYS},
};

START_TEST(a_connection_lives_as_long_as_its_stage_allows)
{
    static const uint64_t begins[] = {0, 1, UINT64_C(1) << 40, UINT64_MAX - 10000};
    for (unsigned i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        const uint64_t since = begins[i];
        const uint64_t most = stages[_i].most_ms != 0 ? stages[_i].most_ms : 9999;
        ck_assert_int_eq(tjob__connection_decide(stages[_i].stage, since, since, &limits), CONNECTION_STAYS);
        ck_assert_int_eq(tjob__connection_decide(stages[_i].stage, since, since + most, &limits), CONNECTION_STAYS);
        ck_assert_int_eq(tjob__connection_decide(stages[_i].stage, since, since + most + 1, &limits), stages[_i].then);
    }
}
END_TEST

START_TEST(an_earlier_time_is_no_age)
{
    const connection_limits none = {.idle_ms = 0, .request_ms = 0};
    ck_assert_int_eq(tjob__connection_decide(stages[_i].stage, 5000, 0, &limits), CONNECTION_STAYS);
    ck_assert_int_eq(tjob__connection_decide(stages[_i].stage, 5000, 0, &none), CONNECTION_STAYS);
}
END_TEST

START_TEST(a_drain_ends_what_has_no_request)
{
    const connection_limits draining = {1000, 200, .draining = true};
    ck_assert_int_eq(tjob__connection_decide(stages[_i].stage, 5000, 5000, &draining), stages[_i].draining);
}
END_TEST

/* Without a request, a second is the most; less stays less. */
START_TEST(a_crowd_leaves_a_second_to_who_asks_nothing)
{
    const connection_limits crowded = {60000, 10000, .crowded = true};
    const bool waits = stages[_i].stage == STAGE_NEW || stages[_i].stage == STAGE_IDLE;
    const uint64_t most = TJOB_SERVER_CROWDED_MS;
    ck_assert_int_eq(tjob__connection_decide(stages[_i].stage, 0, most, &crowded), CONNECTION_STAYS);
    ck_assert_int_eq(tjob__connection_decide(stages[_i].stage, 0, most + 1, &crowded),
                     waits ? CONNECTION_READS_NO_MORE : CONNECTION_STAYS);
    const connection_limits shorter = {.idle_ms = 200, .request_ms = 200, .crowded = true};
    const uint64_t least = 200;
    ck_assert_int_eq(tjob__connection_decide(stages[_i].stage, 0, least, &shorter), CONNECTION_STAYS);
    ck_assert_int_eq(tjob__connection_decide(stages[_i].stage, 0, least + 1, &shorter), stages[_i].then);
}
END_TEST

START_TEST(the_largest_limits_are_kept)
{
    const connection_limits largest = {UINT32_MAX, UINT32_MAX, false, false};
    const uint64_t most = UINT32_MAX;
    ck_assert_int_eq(tjob__connection_decide(STAGE_IDLE, 0, most, &largest), CONNECTION_STAYS);
    ck_assert_int_eq(tjob__connection_decide(STAGE_IDLE, 0, most + 1, &largest), CONNECTION_READS_NO_MORE);
}
END_TEST

enum { STAGES = sizeof stages / sizeof stages[0] };

RUN_TESTS("server_deadline", {a_connection_lives_as_long_as_its_stage_allows, STAGES},
          {an_earlier_time_is_no_age, STAGES}, {a_drain_ends_what_has_no_request, STAGES},
          {a_crowd_leaves_a_second_to_who_asks_nothing, STAGES}, {the_largest_limits_are_kept, 0})
