/* The jobs that a list is asked for. */
#include "tjob/store_list.h"

/* Every state of a record; TJOB_ABSENT is none. */
#define LIST_STATES_KNOWN (TJOB_LIST_STATE(TJOB_STATE_COUNT) - 1 - TJOB_LIST_STATE(TJOB_ABSENT))

bool tjob_list_query_is_valid(const tjob_list_query *query, uint32_t capacity)
{
    return (query->states & ~LIST_STATES_KNOWN) == 0 && query->zero == 0 && capacity >= TJOB_LIST_PAGE_MIN;
}

bool tjob_list_query_matches(const tjob_list_query *query, const tjob_job *job)
{
    return (query->states == 0 || (query->states & TJOB_LIST_STATE(job->state)) != 0) &&
           (query->until_ms == 0 || tjob_job_latest_ms(job) <= query->until_ms);
}
