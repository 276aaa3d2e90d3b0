#include <string.h>

#include "host/postgresql/pool.h"
#include "host/postgresql/schema.h"

/*
 * Where a list goes on: behind an ARN, in the order of ARNs; or for a query with states behind (latest_ms, arn) within
 * one state, in the order of the index, and then in the next state that the query has. The events of a job lead to
 * greater numbers of states only, so a job that goes from one state of the query to another is met there.
 */
struct list_place {
    uint64_t state; /* the least state that is not done; of no use to a query without states */
    uint64_t latest_ms;
    uint64_t arn_bytes;
    char arn[TJOB_ARN_BYTES_MAX];
};

_Static_assert(sizeof(struct list_place) <= sizeof(tjob_list_cursor), "a place fits in a cursor");

/* Returns the first state of a query from `state` on; TJOB_STATE_COUNT: none is left. */
static uint64_t list_state_from(const tjob_list_query *query, uint64_t state)
{
    while (state < TJOB_STATE_COUNT && (query->states & TJOB_LIST_STATE(state)) == 0) {
        state++;
    }
    return state;
}

static uint64_t list_bounded(uint64_t ms)
{
    return ms < TJOB__POSTGRESQL_NUMBER_MAX ? ms : TJOB__POSTGRESQL_NUMBER_MAX;
}

/* Reads one row, and moves the place behind it. */
static bool list_read_row(const PGresult *rows, int row, tjob_listed_job *listed, struct list_place *place)
{
    const int arn_bytes = PQgetlength(rows, row, 0);
    if (arn_bytes > TJOB_ARN_BYTES_MAX || !tjob__postgresql_get_number(rows, row, 1, &listed->version) ||
        PQgetlength(rows, row, 2) != TJOB_JOB_ENCODED_BYTES ||
        !tjob__postgresql_get_number(rows, row, 3, &place->latest_ms) ||
        tjob_job_decode((const unsigned char *)PQgetvalue(rows, row, 2), &listed->job) != TJOB_JOB_VALID) {
        return false;
    }
    listed->arn_bytes = (uint32_t)arn_bytes;
    memcpy(listed->arn, PQgetvalue(rows, row, 0), listed->arn_bytes);
    place->arn_bytes = listed->arn_bytes;
    memcpy(place->arn, listed->arn, listed->arn_bytes);
    return true;
}

/* Reads a page. The bound of the query is applied again, for times that bigint does not have. */
static tjob_postgresql_problem list_read(const PGresult *rows, const tjob_list_query *query, struct list_place *place,
                                         tjob_listed_job *jobs, uint32_t *count, uint32_t *found)
{
    bool is_standby;
    uint64_t schema;
    if (PQntuples(rows) == 0 || !tjob__postgresql_get_bool(rows, 0, 4, &is_standby) ||
        !tjob__postgresql_get_number(rows, 0, 5, &schema)) {
        return TJOB_POSTGRESQL_DAMAGED;
    }
    if (is_standby || schema != TJOB_POSTGRESQL_SCHEMA_VERSION) {
        return is_standby ? TJOB_POSTGRESQL_READ_ONLY : TJOB_POSTGRESQL_OTHER_SCHEMA;
    }
    for (int row = 0; row < PQntuples(rows) && PQgetisnull(rows, row, 0) == 0; row++) {
        if (!list_read_row(rows, row, &jobs[*count], place)) {
            return TJOB_POSTGRESQL_DAMAGED;
        }
        *count += tjob_list_query_matches(query, &jobs[*count].job);
        ++*found;
    }
    return TJOB_POSTGRESQL_OK;
}

static tjob_list_status list_page(tjob_postgresql_store *store, void *user, const tjob_list_query *query,
                                  struct list_place *place, tjob_listed_job *jobs, uint32_t capacity, uint32_t *count)
{
    struct tjob__postgresql_parameters parameters = {.count = 0};
    struct tjob__postgresql_answer answer;
    uint32_t found = 0;
    tjob__postgresql_add_number(&parameters, capacity);
    tjob__postgresql_add_number(&parameters, list_bounded(query->until_ms != 0 ? query->until_ms : UINT64_MAX));
    tjob__postgresql_add_text(&parameters, place->arn, place->arn_bytes);
    if (query->states != 0) {
        tjob__postgresql_add_number(&parameters, place->state);
        tjob__postgresql_add_number(&parameters, place->latest_ms);
    }
    const struct tjob__postgresql_sql *sql =
        query->states != 0 ? &tjob__postgresql_list_state : &tjob__postgresql_list_all;
    tjob_postgresql_problem problem = tjob__postgresql_call(store, user, false, sql, &parameters, &answer)->problem;
    if (problem == TJOB_POSTGRESQL_OK) {
        problem = tjob__postgresql_record(store, list_read(answer.rows, query, place, jobs, count, &found), "");
    }
    PQclear(answer.rows);
    if (problem != TJOB_POSTGRESQL_OK) {
        *count = 0;
        return TJOB_LIST_UNAVAILABLE;
    }
    if (found < capacity) {
        *place = (struct list_place){.state = query->states != 0 ? list_state_from(query, place->state + 1)
                                                                 : TJOB_STATE_COUNT};
    }
    return place->state < TJOB_STATE_COUNT ? TJOB_LIST_MORE : TJOB_LIST_END;
}

static tjob_list_status postgresql_list(void *context, void *user, const tjob_list_query *query,
                                        tjob_list_cursor *cursor, tjob_listed_job *jobs, uint32_t capacity,
                                        uint32_t *count)
{
    struct list_place place;
    memcpy(&place, cursor, sizeof place);
    *count = 0;
    if (!tjob_list_query_is_valid(query, capacity) || capacity > INT32_MAX || place.state > TJOB_STATE_COUNT ||
        place.arn_bytes > TJOB_ARN_BYTES_MAX || place.latest_ms > TJOB__POSTGRESQL_NUMBER_MAX) {
        return TJOB_LIST_INVALID;
    }
    if (query->states != 0 && place.state < TJOB_STATE_COUNT) {
        const uint64_t state = list_state_from(query, place.state);
        if (state != place.state) {
            place = (struct list_place){.state = state};
        }
    }
    if (place.state == TJOB_STATE_COUNT) {
        return TJOB_LIST_END;
    }
    const tjob_list_status status = list_page(context, user, query, &place, jobs, capacity, count);
    if (status != TJOB_LIST_UNAVAILABLE) {
        memcpy(cursor, &place, sizeof place);
    }
    return status;
}

tjob_store_list tjob_postgresql_store_list(tjob_postgresql_store *store)
{
    return (tjob_store_list){.context = store, .list = postgresql_list};
}
