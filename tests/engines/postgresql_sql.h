/* Statements and controls for the servers of postgresql_server.sh. What fails ends the test. */
#ifndef TJOB_TESTS_POSTGRESQL_SQL_H
#define TJOB_TESTS_POSTGRESQL_SQL_H

#include <libpq-fe.h>
#include <stdbool.h>

/* Returns a connection to the primary, over its socket, as its owner. `options` are further words for libpq, or "". */
PGconn *sql_connect(const char *options);

/* Runs a statement on a new connection to the primary. */
void sql_run(const char *text);

/* Runs a statement and returns the first field of its first row, "" if there is none. The buffer is static. */
const char *sql_get(PGconn *handle, const char *text);

/* Runs $TJOB_PG_CTL with arguments. */
void sql_control(const char *arguments);

/* Returns a port that nobody uses. */
int sql_free_port(void);

#endif
