#include <stdio.h>
#include <stdlib.h>

#include "host/postgresql/pool.h"
#include "host/postgresql/schema.h"

/* The oldest server that is supported, as its number: 15.0. */
#define ADMIN_SERVER_MIN 150000

/* The greatest version that tjob_postgresql_store_raise takes. */
#define ADMIN_VERSION_MAX (UINT64_C(1) << 62)

static tjob_postgresql_problem admin_read_check(const PGresult *rows)
{
    uint64_t schema;
    uint64_t server;
    bool is_standby;
    bool is_durable;
    if (PQntuples(rows) != 1 || !tjob__postgresql_get_number(rows, 0, 0, &schema) ||
        !tjob__postgresql_get_bool(rows, 0, 1, &is_standby) || !tjob__postgresql_get_bool(rows, 0, 2, &is_durable) ||
        !tjob__postgresql_get_number(rows, 0, 3, &server)) {
        return TJOB_POSTGRESQL_DAMAGED;
    }
    const struct {
        bool is_met;
        tjob_postgresql_problem problem;
    } checks[] = {
        {server >= ADMIN_SERVER_MIN, TJOB_POSTGRESQL_OLD_SERVER},
        {schema == TJOB_POSTGRESQL_SCHEMA_VERSION, TJOB_POSTGRESQL_OTHER_SCHEMA},
        {!is_standby, TJOB_POSTGRESQL_READ_ONLY},
        {is_durable, TJOB_POSTGRESQL_NOT_DURABLE},
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        if (!checks[i].is_met) {
            return checks[i].problem;
        }
    }
    return TJOB_POSTGRESQL_OK;
}

tjob_postgresql_problem tjob_postgresql_store_check(tjob_postgresql_store *store)
{
    const struct tjob__postgresql_parameters none = {.count = 0};
    struct tjob__postgresql_answer answer;
    tjob_postgresql_problem problem =
        tjob__postgresql_call(store, NULL, false, &tjob__postgresql_check, &none, &answer)->problem;
    if (problem == TJOB_POSTGRESQL_OK) {
        problem = tjob__postgresql_record(store, admin_read_check(answer.rows), "");
    }
    PQclear(answer.rows);
    return problem;
}

tjob_postgresql_problem tjob_postgresql_store_create(tjob_postgresql_store *store)
{
    struct tjob__postgresql_answer answer;
    tjob_postgresql_problem problem = tjob_postgresql_store_check(store);
    if (problem != TJOB_POSTGRESQL_MISSING) {
        return problem == TJOB_POSTGRESQL_NOT_DURABLE ? TJOB_POSTGRESQL_OK : problem;
    }
    problem = tjob__postgresql_call(store, NULL, true, &tjob__postgresql_create, NULL, &answer)->problem;
    PQclear(answer.rows);
    return problem;
}

/* ---- Versions of absences -------------------------------------------------------------------------------------- */

static tjob_postgresql_problem admin_purge(tjob_postgresql_store *store, uint32_t limit, uint64_t version,
                                           uint64_t *purged)
{
    char text[sizeof TJOB__POSTGRESQL_PURGE + 64];
    struct tjob__postgresql_answer answer;
    snprintf(text, sizeof text, TJOB__POSTGRESQL_PURGE, (unsigned)limit, (unsigned long long)version);
    const struct tjob__postgresql_sql sql = {.text = text};
    tjob_postgresql_problem problem = tjob__postgresql_call(store, NULL, true, &sql, NULL, &answer)->problem;
    if (problem == TJOB_POSTGRESQL_OK && PQntuples(answer.rows) != 1) {
        problem = tjob__postgresql_record(store, TJOB_POSTGRESQL_DAMAGED, "");
    } else if (problem == TJOB_POSTGRESQL_OK) {
        *purged = strtoull(PQgetvalue(answer.rows, 0, 0), NULL, 10); /* the rows of a batch come as text */
    }
    PQclear(answer.rows);
    return problem;
}

tjob_postgresql_problem tjob_postgresql_store_purge(tjob_postgresql_store *store, uint32_t limit, uint64_t *purged)
{
    *purged = 0;
    return limit == 0 || limit > INT32_MAX ? TJOB_POSTGRESQL_INVALID_ARGUMENT : admin_purge(store, limit, 0, purged);
}

tjob_postgresql_problem tjob_postgresql_store_raise(tjob_postgresql_store *store, uint64_t version)
{
    uint64_t purged;
    return version > ADMIN_VERSION_MAX ? TJOB_POSTGRESQL_INVALID_ARGUMENT
                                       : admin_purge(store, INT32_MAX, version + version % 2, &purged);
}
