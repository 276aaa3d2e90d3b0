#include "host/postgresql/statement.h"

#include <poll.h>
#include <string.h>

#include "host/postgresql/deadline.h"

/* Types of the server's catalogue, which never change. */
enum { STATEMENT_BYTEA = 17, STATEMENT_INT8 = 20, STATEMENT_TEXT = 25 };

/* ---- Parameters and fields ------------------------------------------------------------------------------------- */

static void statement_add(struct tjob__postgresql_parameters *parameters, Oid type, const char *value, int bytes)
{
    parameters->types[parameters->count] = type;
    parameters->values[parameters->count] = value;
    parameters->lengths[parameters->count] = bytes;
    parameters->count++;
}

void tjob__postgresql_add_text(struct tjob__postgresql_parameters *parameters, const char *text, size_t bytes)
{
    statement_add(parameters, STATEMENT_TEXT, text != NULL ? text : "", (int)bytes);
}

void tjob__postgresql_add_bytes(struct tjob__postgresql_parameters *parameters, const unsigned char *bytes, int count)
{
    statement_add(parameters, STATEMENT_BYTEA, (const char *)bytes, count);
}

void tjob__postgresql_add_number(struct tjob__postgresql_parameters *parameters, uint64_t number)
{
    char *bytes = parameters->numbers[parameters->count];
    for (unsigned i = 0; i < 8; i++) {
        bytes[i] = (char)(unsigned char)(number >> (56 - 8 * i));
    }
    statement_add(parameters, STATEMENT_INT8, bytes, 8);
}

bool tjob__postgresql_get_number(const PGresult *rows, int row, int column, uint64_t *number)
{
    if (PQgetlength(rows, row, column) != 8) {
        return false;
    }
    const char *bytes = PQgetvalue(rows, row, column);
    *number = 0;
    for (int i = 0; i < 8; i++) {
        *number = *number << 8 | (unsigned char)bytes[i];
    }
    return *number <= TJOB__POSTGRESQL_NUMBER_MAX;
}

bool tjob__postgresql_get_bool(const PGresult *rows, int row, int column, bool *value)
{
    if (PQgetlength(rows, row, column) != 1) {
        return false;
    }
    *value = PQgetvalue(rows, row, column)[0] != 0;
    return true;
}

void tjob__postgresql_line(char line[TJOB_POSTGRESQL_MESSAGE_BYTES], const char *text)
{
    size_t length = 0;
    for (; text != NULL && text[length] != '\0' && length < TJOB_POSTGRESQL_MESSAGE_BYTES - 1; length++) {
        line[length] = text[length];
        if ((unsigned char)text[length] < ' ') {
            line[length] = ' ';
        }
    }
    while (length > 0 && line[length - 1] == ' ') {
        length--;
    }
    line[length] = '\0';
}

/* ---- Results --------------------------------------------------------------------------------------------------- */

/* What the results say so far. */
struct statement_progress {
    struct tjob__postgresql_answer *answer;
    bool is_batch;   /* several statements, of which the last one is COMMIT */
    bool succeeded;  /* the latest result is a success */
    bool failed;     /* one was an ERROR */
    bool lost;       /* one was something else */
    bool has_effect; /* the latest success found or changed a row, or committed */
};

/* The severity that is not translated: an ERROR aborts its transaction. A pooler's own errors do not have it. */
static bool statement_is_certain(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return severity != NULL && strcmp(severity, "ERROR") == 0 && /* LCOV_EXCL_BR_LINE: the server sends both */
           sqlstate != NULL && strlen(sqlstate) == 5;
}

static void statement_note_error(struct statement_progress *progress, const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    struct tjob__postgresql_answer *answer = progress->answer;
    const bool is_certain = statement_is_certain(result);
    progress->failed |= is_certain;
    progress->lost |= !is_certain;
    for (unsigned i = 0; sqlstate != NULL && sqlstate[i] != '\0' && /* LCOV_EXCL_BR_LINE: none is longer */
                         i < sizeof answer->sqlstate - 1;
         i++) {
        answer->sqlstate[i] = sqlstate[i];
    }
    tjob__postgresql_line(answer->message, PQresultErrorMessage(result));
}

/* Takes a result over: a success may be followed by an error, as when the wait for a standby is ended. */
static void statement_note(struct statement_progress *progress, PGresult *result)
{
    const ExecStatusType status = PQresultStatus(result);
    progress->succeeded = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    if (!progress->succeeded) {
        statement_note_error(progress, result);
    } else if (progress->is_batch) {
        progress->has_effect = strcmp(PQcmdStatus(result), "COMMIT") == 0; /* that of a failed one says ROLLBACK */
    } else {
        progress->has_effect = strcmp(PQcmdTuples(result), "0") != 0;
    }
    if (status == PGRES_TUPLES_OK) {
        PQclear(progress->answer->rows);
        progress->answer->rows = result;
    } else {
        PQclear(result);
    }
}

static enum tjob__postgresql_ending statement_ending(const struct statement_progress *progress, bool is_warned)
{
    if (progress->lost || (!progress->failed && !progress->succeeded)) { /* LCOV_EXCL_BR_LINE: there is a result */
        return TJOB__POSTGRESQL_LOST;
    }
    if (progress->failed) {
        return TJOB__POSTGRESQL_ERROR;
    }
    if (!progress->has_effect) {
        return progress->is_batch ? TJOB__POSTGRESQL_LOST : TJOB__POSTGRESQL_NO_ROW;
    }
    return is_warned ? TJOB__POSTGRESQL_WARNED : TJOB__POSTGRESQL_DONE;
}

/* ---- The exchange ---------------------------------------------------------------------------------------------- */

static bool statement_send(PGconn *handle, const struct tjob__postgresql_sql *sql, bool is_prepared,
                           const struct tjob__postgresql_parameters *parameters)
{
    const int binary[TJOB__POSTGRESQL_PARAMETERS_MAX] = {1, 1, 1, 1, 1};
    if (parameters == NULL) {
        return PQsendQuery(handle, sql->text) == 1;
    }
    return is_prepared ? PQsendQueryPrepared(handle, sql->name, parameters->count, parameters->values,
                                             parameters->lengths, binary, 1) == 1
                       : PQsendQueryParams(handle, sql->text, parameters->count, parameters->types, parameters->values,
                                           parameters->lengths, binary, 1) == 1;
}

/* False: the deadline passed. A failure to write shows as a result that is read later. */
static bool statement_flush(PGconn *handle, uint64_t deadline)
{
    while (PQflush(handle) == 1) {
        if (!tjob__postgresql_wait(PQsocket(handle), POLLIN | POLLOUT, deadline)) {
            return false;
        }
        if (PQconsumeInput(handle) == 0) {
            return true;
        }
    }
    return true;
}

/* Waits until the next result can be taken without waiting. False: the deadline passed. */
static bool statement_await(PGconn *handle, uint64_t deadline)
{
    while (PQisBusy(handle) == 1) {
        if (!tjob__postgresql_wait(PQsocket(handle), POLLIN, deadline)) {
            return false;
        }
        if (PQconsumeInput(handle) == 0) {
            return true; /* the next result says what is wrong */
        }
    }
    return true;
}

/* Reads all results of what was sent, or was not. */
static void statement_finish(PGconn *handle, uint64_t deadline, bool is_sent, struct statement_progress *progress,
                             const uint32_t *warnings)
{
    struct tjob__postgresql_answer *answer = progress->answer;
    *answer = (struct tjob__postgresql_answer){.ending = TJOB__POSTGRESQL_TIMED_OUT};
    if (!is_sent) {
        answer->ending = TJOB__POSTGRESQL_LOST; /* some of it may have gone out */
        tjob__postgresql_line(answer->message, PQerrorMessage(handle));
        return;
    }
    if (!statement_flush(handle, deadline)) {
        return;
    }
    while (statement_await(handle, deadline)) {
        PGresult *result = PQgetResult(handle);
        if (result == NULL) {
            answer->ending = statement_ending(progress, warnings != NULL && *warnings > 0);
            return;
        }
        statement_note(progress, result);
    }
}

void tjob__postgresql_run(PGconn *handle, uint64_t deadline, const struct tjob__postgresql_sql *sql, bool is_prepared,
                          const struct tjob__postgresql_parameters *parameters, const uint32_t *warnings,
                          struct tjob__postgresql_answer *answer)
{
    struct statement_progress progress = {.answer = answer, .is_batch = parameters == NULL};
    statement_finish(handle, deadline, statement_send(handle, sql, is_prepared, parameters), &progress, warnings);
}

void tjob__postgresql_prepare(PGconn *handle, uint64_t deadline, const struct tjob__postgresql_sql *sql,
                              const struct tjob__postgresql_parameters *parameters,
                              struct tjob__postgresql_answer *answer)
{
    struct statement_progress progress = {.answer = answer};
    const bool is_sent = PQsendPrepare(handle, sql->name, sql->text, parameters->count, parameters->types) == 1;
    statement_finish(handle, deadline, is_sent, &progress, NULL);
}
