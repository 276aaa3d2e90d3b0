#include "host/postgresql/schema.h"

#include <stddef.h>

/*
 * A row of tjob_jobs is a job, or with a NULL record the absence of a removed one (a tombstone). Rows have odd
 * versions. All names without a row have one version, tjob_store.absent_version, which is even, so an expected
 * version says by itself whether a swap is an INSERT or an UPDATE. A purge deletes tombstones and raises
 * absent_version above theirs.
 *
 * tjob_uint64 is not an SQL function, although that would do: the server reads and plans the expression of a
 * generated column again for each statement, and an SQL function would be inlined there each time. A value that
 * bigint does not have is its greatest one.
 */
const struct tjob__postgresql_sql tjob__postgresql_create = {
    .name = NULL,
    .bit = 0,
    .text =
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n"
        "SELECT pg_advisory_xact_lock(8386103206311059);\n"
        "CREATE TABLE IF NOT EXISTS tjob_store (\n"
        "    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),\n"
        "    schema_version integer NOT NULL,\n"
        "    absent_version bigint NOT NULL CHECK (absent_version >= 0 AND absent_version % 2 = 0)\n"
        ");\n"
        "CREATE OR REPLACE FUNCTION tjob_uint64(record bytea, at integer) RETURNS bigint\n"
        "LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$\n"
        "BEGIN\n"
        "    RETURN CASE WHEN get_byte(record, at + 7) > 127 THEN 9223372036854775807 ELSE\n"
        "        get_byte(record, at) + (get_byte(record, at + 1)::bigint << 8) +\n"
        "        (get_byte(record, at + 2)::bigint << 16) + (get_byte(record, at + 3)::bigint << 24) +\n"
        "        (get_byte(record, at + 4)::bigint << 32) + (get_byte(record, at + 5)::bigint << 40) +\n"
        "        (get_byte(record, at + 6)::bigint << 48) + (get_byte(record, at + 7)::bigint << 56) END;\n"
        "END $$;\n"
        "CREATE TABLE IF NOT EXISTS tjob_jobs (\n"
        "    arn text COLLATE \"C\" PRIMARY KEY,\n"
        "    version bigint NOT NULL CHECK (version > 0 AND version % 2 = 1),\n"
        "    record bytea CHECK (octet_length(record) = 64),\n"
        "    state smallint GENERATED ALWAYS AS (get_byte(record, 0)) STORED,\n"
        "    incarnation bigint GENERATED ALWAYS AS (tjob_uint64(record, 16)) STORED,\n"
        "    submitted_ms bigint GENERATED ALWAYS AS (tjob_uint64(record, 32)) STORED,\n"
        "    training_started_ms bigint GENERATED ALWAYS AS (tjob_uint64(record, 40)) STORED,\n"
        "    stop_requested_ms bigint GENERATED ALWAYS AS (tjob_uint64(record, 48)) STORED,\n"
        "    ended_ms bigint GENERATED ALWAYS AS (tjob_uint64(record, 56)) STORED,\n"
        "    latest_ms bigint GENERATED ALWAYS AS (greatest(tjob_uint64(record, 32), tjob_uint64(record, 40),\n"
        "        tjob_uint64(record, 48), tjob_uint64(record, 56))) STORED\n"
        ");\n"
        "CREATE INDEX IF NOT EXISTS tjob_jobs_by_state ON tjob_jobs (state, latest_ms, arn) WHERE record IS NOT NULL;\n"
        "CREATE INDEX IF NOT EXISTS tjob_jobs_removed ON tjob_jobs (arn) WHERE record IS NULL;\n"
        "CREATE OR REPLACE FUNCTION tjob_time(ms bigint) RETURNS timestamptz\n"
        "LANGUAGE sql STABLE STRICT PARALLEL SAFE\n"
        "RETURN CASE WHEN ms = 0 THEN NULL WHEN ms >= 253402300800000 THEN 'infinity'::timestamptz\n"
        "    ELSE timestamptz '1970-01-01 00:00:00+00' + ms * interval '1 millisecond' END;\n"
        "CREATE OR REPLACE VIEW tjob_jobs_readable AS SELECT arn,\n"
        "    (ARRAY['SUBMITTED', 'TRAINING', 'STOP_REQUESTED', 'STOPPED', 'TRAINED', 'TRAINED_WITH_WARNING', "
        "'IN_ERROR',\n"
        "        'DELETING'])[state] AS state,\n"
        "    tjob_time(submitted_ms) AS submitted, tjob_time(training_started_ms) AS training_started,\n"
        "    tjob_time(stop_requested_ms) AS stop_requested, tjob_time(ended_ms) AS ended,\n"
        "    get_byte(record, 4) + (get_byte(record, 5)::bigint << 8) + (get_byte(record, 6)::bigint << 16)\n"
        "        + (get_byte(record, 7)::bigint << 24) AS host_code,\n"
        "    incarnation, version FROM tjob_jobs WHERE record IS NOT NULL;\n"
        "INSERT INTO tjob_store (schema_version, absent_version) VALUES (1, 0) ON CONFLICT DO NOTHING;\n"
        "COMMIT"};

const struct tjob__postgresql_sql tjob__postgresql_check = {
    .name = NULL,
    .bit = 0,
    .text = "SELECT schema_version::bigint, pg_is_in_recovery(),"
            " current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on',"
            " current_setting('server_version_num')::bigint FROM tjob_store"};

const struct tjob__postgresql_sql tjob__postgresql_load = {
    .name = "tjob_load_1",
    .bit = 1,
    .text = "SELECT coalesce(j.version, s.absent_version), j.record, pg_is_in_recovery(), s.schema_version::bigint"
            " FROM tjob_store s LEFT JOIN tjob_jobs j ON j.arn = $1"};

/*
 * A condition that is always true. The commit of this statement is durable, and its warnings are sent, whatever the
 * session has set: with client_min_messages = error, the server would not say that the wait for a standby was given
 * up.
 */
#define SCHEMA_HONESTLY                                                                                                \
    " AND (current_setting('synchronous_commit') <> 'off' OR"                                                          \
    " set_config('synchronous_commit', 'on', true) IS NOT NULL)"                                                       \
    " AND (current_setting('client_min_messages') <> 'error' OR"                                                       \
    " set_config('client_min_messages', 'warning', true) IS NOT NULL)"

/* The lock keeps a purge away until this creation is committed, and makes this wait for a purge in progress. */
const struct tjob__postgresql_sql tjob__postgresql_insert = {
    .name = "tjob_insert_1",
    .bit = 2,
    .text = "INSERT INTO tjob_jobs (arn, version, record) SELECT $1, $2 + 1, $3 FROM tjob_store WHERE absent_version = "
            "$2" SCHEMA_HONESTLY " FOR SHARE ON CONFLICT (arn) DO NOTHING"};

const struct tjob__postgresql_sql tjob__postgresql_update = {
    .name = "tjob_update_1",
    .bit = 4,
    .text = "UPDATE tjob_jobs SET version = version + 2, record = $3 WHERE arn = $1 AND version = $2" SCHEMA_HONESTLY};

/* There is one row at least, which says what the server is. The one row of tjob_store is the outer side of the join. */
#define SCHEMA_LIST                                                                                                    \
    "SELECT l.arn, l.version, l.record, l.latest_ms, pg_is_in_recovery(), s.schema_version::bigint"                    \
    " FROM tjob_store s LEFT JOIN (SELECT arn, version, record, latest_ms FROM tjob_jobs"                              \
    " WHERE record IS NOT NULL AND latest_ms <= $2"

const struct tjob__postgresql_sql tjob__postgresql_list_all = {
    .name = NULL, .bit = 0, .text = SCHEMA_LIST " AND arn > $3 ORDER BY arn LIMIT $1) l ON true"};

const struct tjob__postgresql_sql tjob__postgresql_list_state = {
    .name = NULL,
    .bit = 0,
    .text = SCHEMA_LIST " AND state = $4 AND (latest_ms, arn) > ($5, $3) ORDER BY latest_ms, arn LIMIT $1) l ON true"};
