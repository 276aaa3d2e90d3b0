/* Which queries are valid, and which jobs match them. */
#include "support/jobs.h"
#include "support/suite.h"
#include "tjob/store_list.h"

START_TEST(a_query_has_only_states_of_records)
{
    for (unsigned bit = 0; bit < 32; bit++) {
        const tjob_list_query query = {.states = UINT32_C(1) << bit};
        ck_assert_int_eq(tjob_list_query_is_valid(&query, TJOB_LIST_PAGE_MIN),
                         bit != TJOB_ABSENT && bit < TJOB_STATE_COUNT);
    }
}
END_TEST

START_TEST(a_query_has_no_field_of_later_versions)
{
    const tjob_list_query query = {.zero = 1};
    ck_assert(!tjob_list_query_is_valid(&query, TJOB_LIST_PAGE_MIN));
}
END_TEST

START_TEST(a_page_has_a_smallest_size)
{
    const tjob_list_query query = {.until_ms = 1};
    ck_assert(!tjob_list_query_is_valid(&query, TJOB_LIST_PAGE_MIN - 1));
    ck_assert(tjob_list_query_is_valid(&query, TJOB_LIST_PAGE_MIN));
    ck_assert(tjob_list_query_is_valid(&query, UINT32_MAX));
}
END_TEST

START_TEST(a_job_matches_its_own_state_and_every_later_time)
{
    for (unsigned state = TJOB_SUBMITTED; state < TJOB_STATE_COUNT; state++) {
        const tjob_job job = sample_job((tjob_state)state);
        const uint64_t latest = tjob_job_latest_ms(&job);
        for (unsigned states = 0; states < UINT32_C(1) << TJOB_STATE_COUNT; states += 2) {
            const bool fits = states == 0 || (states >> state & 1) != 0;
            const tjob_list_query queries[] = {{.states = states},
                                               {.states = states, .until_ms = latest},
                                               {.states = states, .until_ms = UINT64_MAX},
                                               {.states = states, .until_ms = latest - 1}};
            EXPECT(tjob_list_query_matches(&queries[0], &job) == fits);
            EXPECT(tjob_list_query_matches(&queries[1], &job) == fits);
            EXPECT(tjob_list_query_matches(&queries[2], &job) == fits);
            EXPECT(!tjob_list_query_matches(&queries[3], &job));
        }
    }
}
END_TEST

/* Each time in turn is the last one that is set. */
START_TEST(the_latest_change_is_the_latest_time)
{
    tjob_job job = {.submitted_ms = 5};
    ck_assert_uint_eq(tjob_job_latest_ms(&job), 5);
    job.training_started_ms = 6;
    ck_assert_uint_eq(tjob_job_latest_ms(&job), 6);
    job.stop_requested_ms = 7;
    ck_assert_uint_eq(tjob_job_latest_ms(&job), 7);
    job.ended_ms = 8;
    ck_assert_uint_eq(tjob_job_latest_ms(&job), 8);
    job.stop_requested_ms = 0;
    ck_assert_uint_eq(tjob_job_latest_ms(&job), 8);
}
END_TEST

RUN_TESTS("store_list", {a_query_has_only_states_of_records, 0}, {a_query_has_no_field_of_later_versions, 0},
          {a_page_has_a_smallest_size, 0}, {a_job_matches_its_own_state_and_every_later_time, 0},
          {the_latest_change_is_the_latest_time, 0})
