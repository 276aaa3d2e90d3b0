/* The schema, and the statements that use it. docs/postgresql.md explains it. */
#ifndef TJOB_HOST_POSTGRESQL_SCHEMA_H
#define TJOB_HOST_POSTGRESQL_SCHEMA_H

#include <stdint.h>

/* A statement. Those with a name are prepared on the connections of the pool; another text needs another name. */
struct tjob__postgresql_sql {
    const char *name;
    const char *text;
    uint32_t bit; /* in tjob_postgresql_connection.prepared */
};

/* Makes the schema in one transaction, unless it is there. No parameters; several statements. */
extern const struct tjob__postgresql_sql tjob__postgresql_create;

/* Reads the version of the schema, and what the server is. No parameters. */
extern const struct tjob__postgresql_sql tjob__postgresql_check;

/* $1 arn. Returns the version, the record or NULL, whether the server is a standby, and the version of the schema. */
extern const struct tjob__postgresql_sql tjob__postgresql_load;

/* $1 arn, $2 expected version, $3 record. Inserts one row or none. */
extern const struct tjob__postgresql_sql tjob__postgresql_insert;

/* $1 arn, $2 expected version, $3 record or NULL. Updates one row or none. */
extern const struct tjob__postgresql_sql tjob__postgresql_update;

/* $1 limit, $2 until_ms, $3 arn to begin behind, or "" */
extern const struct tjob__postgresql_sql tjob__postgresql_list_all;

/* $1 limit, $2 until_ms, $3 arn, $4 state, $5 latest_ms to begin behind */
extern const struct tjob__postgresql_sql tjob__postgresql_list_state;

/* A format with the limit of deleted rows and the version to raise absences to; several statements. */
#define TJOB__POSTGRESQL_PURGE                                                                                         \
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"                                                                 \
    " SELECT absent_version FROM tjob_store FOR UPDATE;"                                                               \
    " WITH gone AS (DELETE FROM tjob_jobs WHERE record IS NULL AND arn = ANY (ARRAY("                                  \
    "SELECT arn FROM tjob_jobs WHERE record IS NULL LIMIT %u)) RETURNING version)"                                     \
    " UPDATE tjob_store SET absent_version = greatest(absent_version, %llu, (SELECT max(version) + 1 FROM gone))"      \
    " RETURNING (SELECT count(*) FROM gone);"                                                                          \
    " COMMIT"

#endif
