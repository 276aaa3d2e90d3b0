#include "tjob/postgresql_store.h"

#include <string.h>

#include "host/postgresql/connect.h"
#include "host/postgresql/pool.h"
#include "host/postgresql/schema.h"

tjob_postgresql_problem tjob_postgresql_store_init(tjob_postgresql_store *store, const tjob_postgresql_config *config)
{
    if (store == NULL || config == NULL || config->conninfo == NULL || config->connections == NULL ||
        config->connection_count == 0 || config->connection_count > TJOB_POSTGRESQL_CONNECTIONS_MAX ||
        !tjob__postgresql_conninfo_is_valid(config->conninfo)) {
        return TJOB_POSTGRESQL_INVALID_ARGUMENT;
    }
    *store = (tjob_postgresql_store){.config = *config};
    memset(config->connections, 0, config->connection_count * sizeof config->connections[0]);
    if (config->wait_ms == 0) {
        store->config.wait_ms = TJOB_POSTGRESQL_WAIT_MS_DEFAULT;
    }
    if (!tjob__postgresql_pool_init(store)) { /* LCOV_EXCL_BR_LINE: no memory */
        return TJOB_POSTGRESQL_NO_RESOURCES;  /* LCOV_EXCL_LINE */
    }
    return TJOB_POSTGRESQL_OK;
}

void tjob_postgresql_store_close(tjob_postgresql_store *store)
{
    tjob__postgresql_pool_close(store);
}

/* ---- Load ------------------------------------------------------------------------------------------------------ */

/* Reads the row of a load: version, record or NULL, standby, version of the schema. */
static tjob_postgresql_problem postgresql_read(const PGresult *rows, tjob_job *job, uint64_t *version, bool *is_there)
{
    bool is_standby;
    uint64_t schema;
    if (PQntuples(rows) != 1 || !tjob__postgresql_get_number(rows, 0, 0, version) ||
        !tjob__postgresql_get_bool(rows, 0, 2, &is_standby) || !tjob__postgresql_get_number(rows, 0, 3, &schema)) {
        return TJOB_POSTGRESQL_DAMAGED;
    }
    if (is_standby) {
        return TJOB_POSTGRESQL_READ_ONLY;
    }
    if (schema != TJOB_POSTGRESQL_SCHEMA_VERSION) {
        return TJOB_POSTGRESQL_OTHER_SCHEMA;
    }
    *is_there = PQgetisnull(rows, 0, 1) == 0;
    const bool is_sound =
        !*is_there || (PQgetlength(rows, 0, 1) == TJOB_JOB_ENCODED_BYTES &&
                       tjob_job_decode((const unsigned char *)PQgetvalue(rows, 0, 1), job) == TJOB_JOB_VALID);
    return is_sound ? TJOB_POSTGRESQL_OK : TJOB_POSTGRESQL_DAMAGED;
}

static tjob_load_status postgresql_load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    tjob_postgresql_store *store = context;
    struct tjob__postgresql_parameters parameters = {.count = 0};
    struct tjob__postgresql_answer answer;
    bool is_there = false;
    tjob__postgresql_add_text(&parameters, arn.data, arn.bytes);
    tjob_postgresql_problem problem =
        tjob__postgresql_call(store, user, false, &tjob__postgresql_load, &parameters, &answer)->problem;
    if (problem == TJOB_POSTGRESQL_OK) {
        problem = tjob__postgresql_record(store, postgresql_read(answer.rows, job, version, &is_there), "");
    }
    PQclear(answer.rows);
    if (problem != TJOB_POSTGRESQL_OK) {
        return TJOB_LOAD_UNAVAILABLE;
    }
    return is_there ? TJOB_LOAD_OK : TJOB_LOAD_NOT_FOUND;
}

/* ---- Swap ------------------------------------------------------------------------------------------------------ */

/*
 * An even version is that of the names without a row: the swap inserts one. There is nothing to remove then, and the
 * conflict makes the caller load again.
 */
static tjob_swap_status postgresql_swap(void *context, void *user, tjob_text arn, uint64_t expected,
                                        const tjob_job *next)
{
    struct tjob__postgresql_parameters parameters = {.count = 0};
    struct tjob__postgresql_answer answer;
    unsigned char record[TJOB_JOB_ENCODED_BYTES];
    const bool creates = expected % 2 == 0;
    if (expected > TJOB__POSTGRESQL_NUMBER_MAX || (creates && next == NULL)) {
        return TJOB_SWAP_CONFLICT; /* the first is a version that was never issued */
    }
    if (next != NULL) {
        tjob_job_encode(next, record);
    }
    tjob__postgresql_add_text(&parameters, arn.data, arn.bytes);
    tjob__postgresql_add_number(&parameters, expected);
    tjob__postgresql_add_bytes(&parameters, next != NULL ? record : NULL, TJOB_JOB_ENCODED_BYTES);
    const struct tjob__postgresql_outcome *outcome = tjob__postgresql_call(
        context, user, true, creates ? &tjob__postgresql_insert : &tjob__postgresql_update, &parameters, &answer);
    PQclear(answer.rows);
    return creates ? outcome->creation : outcome->change;
}

tjob_store tjob_postgresql_store_callbacks(tjob_postgresql_store *store)
{
    return (tjob_store){.context = store, .load = postgresql_load, .swap = postgresql_swap};
}
