#define _POSIX_C_SOURCE 200809L /* NOLINT: for popen and nanosleep */

#include "engines/postgresql_sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void sql_fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

PGconn *sql_connect(const char *options)
{
    char conninfo[512];
    snprintf(conninfo, sizeof conninfo, "host=%s port=%s user=tjob dbname=postgres %s", getenv("TJOB_PG_DIR"),
             getenv("TJOB_PG_PORT"), options);
    for (int tries = 0; tries < 200; tries++) { /* a server that recovers from a crash refuses for a while */
        PGconn *handle = PQconnectdb(conninfo);
        if (PQstatus(handle) == CONNECTION_OK) {
            return handle;
        }
        if (tries == 199) {
            sql_fail(conninfo, PQerrorMessage(handle));
        }
        PQfinish(handle);
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    return NULL;
}

const char *sql_get(PGconn *handle, const char *text)
{
    static char field[4096];
    PGresult *result = PQexec(handle, text);
    if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK) {
        sql_fail(text, PQerrorMessage(handle));
    }
    snprintf(field, sizeof field, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return field;
}

/* A server that recovers from a crash may close the connection once more: the statements of tests can be repeated. */
void sql_run(const char *text)
{
    bool is_done = false;
    for (int tries = 0; !is_done; tries++) {
        PGconn *handle = sql_connect("options='-c client_min_messages=error'");
        PGresult *result = PQexec(handle, text);
        is_done = PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK;
        if (!is_done && (PQstatus(handle) == CONNECTION_OK || tries == 100)) {
            sql_fail(text, PQerrorMessage(handle));
        }
        PQclear(result);
        PQfinish(handle);
    }
}

void sql_control(const char *arguments)
{
    char command[1024];
    snprintf(command, sizeof command, "\"$TJOB_PG_CTL\" %s", arguments);
    const int status = system(command); /* NOLINT: the test's own script */
    if (status == 77 * 256) {
        exit(77);
    }
    if (status != 0) {
        sql_fail(command, "failed");
    }
}

int sql_free_port(void)
{
    int port = 0;
    FILE *pipe = popen("\"$TJOB_PG_CTL\" free_port", "r"); /* NOLINT: the test's own script */
    if (pipe == NULL || fscanf(pipe, "%d", &port) != 1 || pclose(pipe) != 0) {
        sql_fail("free_port", "failed");
    }
    return port;
}
