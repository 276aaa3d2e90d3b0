/*
 * A service on PostgreSQL, and a stop in the same transaction as a row of the host's own: both are there, or neither.
 * Link it with tjob::postgresql and libpq, or with $(pkg-config --libs tjob_postgresql libpq).
 *
 *   postgresql_transaction CONNINFO
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tjob/postgresql_store.h"
#include "tjob/tjob.h"

enum { CONNECTIONS = 4 };

static tjob_postgresql_connection connections[CONNECTIONS];
static tjob_postgresql_store store;

static bool run(PGconn *connection, const char *text)
{
    PGresult *result = PQexec(connection, text);
    const bool works = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    return works;
}

/* Whether the server has certainly committed: a COMMIT of a transaction that has failed says ROLLBACK, as a success. */
static bool commit(PGconn *connection)
{
    PGresult *result = PQexec(connection, "COMMIT");
    const bool works = PQresultStatus(result) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(result), "COMMIT") == 0;
    PQclear(result);
    return works;
}

/* Answers the client only after the COMMIT. If that is not certain, the client gets a 500 and sends its stop again. */
static bool stop_with_reason(const tjob_service *service, PGconn *connection, tjob_text arn)
{
    tjob_postgresql_call call = {.connection = connection};
    tjob_outcome outcome;
    if (!run(connection, "BEGIN") || tjob_stop(service, &call, arn, &outcome) != TJOB_OK ||
        !run(connection, "INSERT INTO stop_reasons VALUES ('budget')")) {
        run(connection, "ROLLBACK");
        return false;
    }
    return commit(connection);
}

int main(int argc, char **argv)
{
    const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers");
    const tjob_postgresql_config config = {
        .conninfo = argc == 2 ? argv[1] : "",
        .connections = connections,
        .connection_count = CONNECTIONS,
        .takes_calls = true,
    };
    if (tjob_postgresql_store_init(&store, &config) != TJOB_POSTGRESQL_OK ||
        tjob_postgresql_store_create(&store) != TJOB_POSTGRESQL_OK) {
        char message[TJOB_POSTGRESQL_MESSAGE_BYTES];
        tjob_postgresql_store_message(&store, message);
        fprintf(stderr, "%s\n", message);
        return EXIT_FAILURE;
    }
    const tjob_service service = {.store = tjob_postgresql_store_callbacks(&store), .clock = tjob_system_clock()};
    tjob_submit(&service, NULL, arn, 0, 1, 0, NULL);
    tjob_start(&service, NULL, arn, 0, 7, NULL);

    PGconn *connection = PQconnectdb(config.conninfo);
    const bool stopped = run(connection, "CREATE TABLE IF NOT EXISTS stop_reasons (reason text)") &&
                         stop_with_reason(&service, connection, arn);
    PQfinish(connection);

    tjob_outcome outcome;
    tjob_describe(&service, NULL, arn, &outcome);
    printf("%s: %s\n", stopped ? "committed" : "not committed", tjob_state_name((tjob_state)outcome.after));
    tjob_postgresql_store_close(&store);
    return EXIT_SUCCESS;
}
