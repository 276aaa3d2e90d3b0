/* One statement on one connection: sent once, and all its results read, until a deadline. */
#ifndef TJOB_HOST_POSTGRESQL_STATEMENT_H
#define TJOB_HOST_POSTGRESQL_STATEMENT_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/postgresql/outcome.h"
#include "host/postgresql/schema.h"

enum { TJOB__POSTGRESQL_PARAMETERS_MAX = 5 };

/* The parameters of a statement, in binary. They point to the caller's bytes, except numbers. */
struct tjob__postgresql_parameters {
    int count;
    Oid types[TJOB__POSTGRESQL_PARAMETERS_MAX];
    const char *values[TJOB__POSTGRESQL_PARAMETERS_MAX];
    int lengths[TJOB__POSTGRESQL_PARAMETERS_MAX];
    char numbers[TJOB__POSTGRESQL_PARAMETERS_MAX][8];
};

/* The greatest number that bigint has: a greater one would become negative on its way. */
#define TJOB__POSTGRESQL_NUMBER_MAX ((uint64_t)INT64_MAX)

/* Add a parameter: a text, bytes (NULL: the value NULL), a number of at most TJOB__POSTGRESQL_NUMBER_MAX. */
void tjob__postgresql_add_text(struct tjob__postgresql_parameters *parameters, const char *text, size_t bytes);
void tjob__postgresql_add_bytes(struct tjob__postgresql_parameters *parameters, const unsigned char *bytes, int count);
void tjob__postgresql_add_number(struct tjob__postgresql_parameters *parameters, uint64_t number);

/* How a statement ended. */
struct tjob__postgresql_answer {
    enum tjob__postgresql_ending ending;
    char sqlstate[6]; /* of an error; else "" */
    PGresult *rows;   /* the last result that has rows, to be cleared with PQclear, which takes NULL, too */
    char message[TJOB_POSTGRESQL_MESSAGE_BYTES];
};

/*
 * Sends a statement and reads all results. Without parameters it may be several statements, and rows come as text; with
 * parameters they come in binary. `is_prepared`: it was prepared on this connection. `warnings` counts the warnings
 * that the connection has received; NULL: nobody counts them. The connection must be non-blocking.
 */
void tjob__postgresql_run(PGconn *handle, uint64_t deadline, const struct tjob__postgresql_sql *sql, bool is_prepared,
                          const struct tjob__postgresql_parameters *parameters, const uint32_t *warnings,
                          struct tjob__postgresql_answer *answer);

/* Prepares a statement by its name. The answer is DONE, or as for tjob__postgresql_run. */
void tjob__postgresql_prepare(PGconn *handle, uint64_t deadline, const struct tjob__postgresql_sql *sql,
                              const struct tjob__postgresql_parameters *parameters,
                              struct tjob__postgresql_answer *answer);

/* Copies a text, which may be NULL, as one line. */
void tjob__postgresql_line(char line[TJOB_POSTGRESQL_MESSAGE_BYTES], const char *text);

/* Return a field of a binary result: a bigint that is not negative; a boolean. False: it is NULL or something else. */
bool tjob__postgresql_get_number(const PGresult *rows, int row, int column, uint64_t *number);
bool tjob__postgresql_get_bool(const PGresult *rows, int row, int column, bool *value);

#endif
