#define _POSIX_C_SOURCE 200809L /* NOLINT: for pthread_condattr_setclock */

#include "host/postgresql/pool.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "host/postgresql/connect.h"
#include "host/postgresql/deadline.h"

_Static_assert(sizeof(pthread_mutex_t) <= TJOB_POSTGRESQL_MUTEX_BYTES, "a mutex fits");
_Static_assert(sizeof(pthread_cond_t) <= TJOB_POSTGRESQL_CONDITION_BYTES, "a condition fits");

static pthread_mutex_t *pool_mutex(tjob_postgresql_store *store)
{
    return (pthread_mutex_t *)(void *)store->mutex;
}

static pthread_cond_t *pool_released(tjob_postgresql_store *store)
{
    return (pthread_cond_t *)(void *)store->released;
}

bool tjob__postgresql_pool_init(tjob_postgresql_store *store)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0) { /* LCOV_EXCL_BR_LINE: no memory */
        return false;                              /* LCOV_EXCL_LINE */
    }
    bool works =
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 && /* LCOV_EXCL_BR_LINE: the system has it */
        pthread_cond_init(pool_released(store), &attributes) == 0;      /* LCOV_EXCL_BR_LINE: no memory */
    pthread_condattr_destroy(&attributes);
    if (works && pthread_mutex_init(pool_mutex(store), NULL) != 0) { /* LCOV_EXCL_BR_LINE: no memory */
        pthread_cond_destroy(pool_released(store));                  /* LCOV_EXCL_LINE */
        works = false;                                               /* LCOV_EXCL_LINE */
    }
    return works;
}

void tjob__postgresql_pool_close(tjob_postgresql_store *store)
{
    for (uint32_t i = 0; i < store->config.connection_count; i++) {
        PQfinish(store->config.connections[i].handle);
        store->config.connections[i].handle = NULL;
    }
    pthread_cond_destroy(pool_released(store));
    pthread_mutex_destroy(pool_mutex(store));
}

/* ---- Problems -------------------------------------------------------------------------------------------------- */

tjob_postgresql_problem tjob__postgresql_record(tjob_postgresql_store *store, tjob_postgresql_problem problem,
                                                const char *message)
{
    if (problem != TJOB_POSTGRESQL_OK) {
        pthread_mutex_lock(pool_mutex(store));
        store->problem = (int32_t)problem;
        tjob__postgresql_line(store->message, message[0] != '\0' ? message : tjob_postgresql_problem_text(problem));
        pthread_mutex_unlock(pool_mutex(store));
    }
    return problem;
}

tjob_postgresql_problem tjob_postgresql_store_message(tjob_postgresql_store *store,
                                                      char message[TJOB_POSTGRESQL_MESSAGE_BYTES])
{
    pthread_mutex_lock(pool_mutex(store));
    memcpy(message, store->message, TJOB_POSTGRESQL_MESSAGE_BYTES);
    const tjob_postgresql_problem problem = (tjob_postgresql_problem)store->problem;
    pthread_mutex_unlock(pool_mutex(store));
    return problem;
}

/* ---- The pool -------------------------------------------------------------------------------------------------- */

/* A free connection, rather one that is connected; NULL: all are busy. */
static tjob_postgresql_connection *pool_find(const tjob_postgresql_config *config)
{
    tjob_postgresql_connection *found = NULL;
    for (uint32_t i = 0; i < config->connection_count; i++) {
        tjob_postgresql_connection *connection = &config->connections[i];
        if (connection->is_busy == 0 && (found == NULL || (found->handle == NULL && connection->handle != NULL))) {
            found = connection;
        }
    }
    return found;
}

static tjob_postgresql_connection *pool_acquire(tjob_postgresql_store *store, uint64_t deadline)
{
    const struct timespec until = tjob__postgresql_timespec(deadline);
    pthread_mutex_lock(pool_mutex(store));
    tjob_postgresql_connection *connection = pool_find(&store->config);
    for (int error = 0; connection == NULL && error == 0; connection = pool_find(&store->config)) {
        error = pthread_cond_timedwait(pool_released(store), pool_mutex(store), &until);
    }
    if (connection != NULL) {
        connection->is_busy = 1;
    }
    pthread_mutex_unlock(pool_mutex(store));
    return connection;
}

static void pool_release(tjob_postgresql_store *store, tjob_postgresql_connection *connection)
{
    pthread_mutex_lock(pool_mutex(store));
    connection->is_busy = 0;
    pthread_cond_signal(pool_released(store));
    pthread_mutex_unlock(pool_mutex(store));
}

/* ---- A connection for a call ------------------------------------------------------------------------------------- */

/* One call of a store. */
struct pool_session {
    tjob_postgresql_store *store;
    PGconn *handle;
    tjob_postgresql_connection *pooled; /* NULL: the caller's connection */
    uint64_t deadline;
    bool was_blocking; /* the caller's connection */
};

/* Counts what is worse than a notice: a warning, and what ends an idle connection. */
static void pool_count_warning(void *argument, const PGresult *notice)
{
    static const char *const harmless[] = {"NOTICE", "INFO", "LOG", "DEBUG"};
    uint32_t *warnings = argument;
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    for (size_t i = 0; severity != NULL && /* LCOV_EXCL_BR_LINE: libpq's own notices have none, and mean no good */
                       i < sizeof harmless / sizeof harmless[0];
         i++) {
        if (strcmp(severity, harmless[i]) == 0) {
            return;
        }
    }
    ++*warnings;
}

/*
 * Whether a connection can take a statement. All input is consumed first: a server that closed the connection meanwhile
 * has left its reason there, and nothing of the statement has been sent yet.
 */
static bool pool_is_alive(PGconn *handle, PGTransactionStatusType wanted)
{
    while (PQstatus(handle) == CONNECTION_OK && tjob__postgresql_wait(PQsocket(handle), POLLIN, 0)) {
        if (PQconsumeInput(handle) == 0) {
            return false;
        }
    }
    return PQstatus(handle) == CONNECTION_OK && /* LCOV_EXCL_BR_LINE: busy only if half a message has come */
           PQisBusy(handle) == 0 && PQtransactionStatus(handle) == wanted;
}

/* Whether a connection of the pool can take one; and no warning counts that came before. */
static bool pool_is_ready(tjob_postgresql_connection *connection)
{
    connection->warnings = 0;
    return pool_is_alive(connection->handle, PQTRANS_IDLE) &&
           connection->warnings == 0; /* LCOV_EXCL_BR_LINE: else the reason for the end has come, and the end has not */
}

static enum tjob__postgresql_ending pool_begin_pooled(struct pool_session *session,
                                                      char message[TJOB_POSTGRESQL_MESSAGE_BYTES])
{
    tjob_postgresql_store *store = session->store;
    tjob_postgresql_connection *connection = pool_acquire(store, session->deadline);
    if (connection == NULL) {
        return TJOB__POSTGRESQL_BUSY;
    }
    if (connection->handle != NULL && !pool_is_ready(connection)) {
        PQfinish(connection->handle);
        connection->handle = NULL;
    }
    if (connection->handle == NULL) {
        uint32_t first = __atomic_load_n(&store->first_host, __ATOMIC_RELAXED);
        connection->handle = tjob__postgresql_connect(store->config.conninfo, session->deadline, &first, message);
        __atomic_store_n(&store->first_host, first, __ATOMIC_RELAXED);
        connection->prepared = 0;
    }
    if (connection->handle == NULL) {
        pool_release(store, connection);
        return TJOB__POSTGRESQL_NOT_CONNECTED;
    }
    connection->warnings = 0; /* those of the connection before it do not count */
    PQsetNoticeReceiver(connection->handle, pool_count_warning, &connection->warnings);
    session->pooled = connection;
    session->handle = connection->handle;
    return TJOB__POSTGRESQL_DONE;
}

/* Its notices are the caller's; before the COMMIT no warning is about durability. */
static enum tjob__postgresql_ending pool_begin_callers(struct pool_session *session)
{
    session->was_blocking = PQisnonblocking(session->handle) == 0;
    return pool_is_alive(session->handle, PQTRANS_INTRANS) && /* LCOV_EXCL_BR_LINE: the second cannot fail then */
                   PQsetnonblocking(session->handle, 1) == 0
               ? TJOB__POSTGRESQL_DONE
               : TJOB__POSTGRESQL_NO_TRANSACTION;
}

static void pool_end(struct pool_session *session, const struct tjob__postgresql_answer *answer)
{
    if (session->pooled == NULL) {
        if (session->was_blocking) {
            PQsetnonblocking(session->handle, 0);
        }
        return;
    }
    const bool is_idle = answer->ending == TJOB__POSTGRESQL_DONE || answer->ending == TJOB__POSTGRESQL_NO_ROW ||
                         answer->ending == TJOB__POSTGRESQL_ERROR;
    if (!is_idle || PQtransactionStatus(session->handle) != PQTRANS_IDLE) { /* unknown if it is broken */
        PQfinish(session->handle);
        session->pooled->handle = NULL;
    }
    pool_release(session->store, session->pooled);
}

/* ---- Prepared statements --------------------------------------------------------------------------------------- */

/*
 * A pooler in transaction mode may send a statement to another session than the one that prepared it. The server then
 * says that it does not know it, or that it has it already; or that a column has another type since. Nothing was done.
 * From then on nothing is prepared.
 */
static bool pool_is_pooled(tjob_postgresql_store *store, const struct tjob__postgresql_answer *answer)
{
    static const char *const refusals[] = {"26000", "42P05", "0A000"};
    for (size_t i = 0; answer->ending == TJOB__POSTGRESQL_ERROR && i < sizeof refusals / sizeof refusals[0]; i++) {
        if (strcmp(answer->sqlstate, refusals[i]) == 0) {
            __atomic_store_n(&store->is_pooled, 1, __ATOMIC_RELAXED);
            return true;
        }
    }
    return false;
}

/*
 * Returns whether the statement is prepared on this connection, and prepares it if it can be. An error is no failure:
 * the statement is then sent as it is. Otherwise the connection is of no use, and the statement itself was not sent.
 */
static bool pool_prepare(struct pool_session *session, const struct tjob__postgresql_sql *sql,
                         const struct tjob__postgresql_parameters *parameters, struct tjob__postgresql_answer *answer)
{
    if (session->pooled == NULL || sql->name == NULL ||
        __atomic_load_n(&session->store->is_pooled, __ATOMIC_RELAXED) != 0) {
        return false;
    }
    if ((session->pooled->prepared & sql->bit) != 0) {
        return true;
    }
    tjob__postgresql_prepare(session->handle, session->deadline, sql, parameters, answer);
    if (answer->ending == TJOB__POSTGRESQL_DONE) {
        session->pooled->prepared |= sql->bit;
        return true;
    }
    if (answer->ending != TJOB__POSTGRESQL_ERROR) {
        answer->ending = TJOB__POSTGRESQL_NOT_CONNECTED;
    }
    pool_is_pooled(session->store, answer);
    return false;
}

static void pool_run(struct pool_session *session, bool changes, const struct tjob__postgresql_sql *sql,
                     const struct tjob__postgresql_parameters *parameters, struct tjob__postgresql_answer *answer)
{
    const uint32_t *warnings = changes && session->pooled != NULL ? &session->pooled->warnings : NULL;
    const bool is_prepared = pool_prepare(session, sql, parameters, answer);
    if (answer->ending == TJOB__POSTGRESQL_NOT_CONNECTED) {
        return;
    }
    tjob__postgresql_run(session->handle, session->deadline, sql, is_prepared, parameters, warnings, answer);
    if (is_prepared && pool_is_pooled(session->store, answer)) {
        PQclear(answer->rows);
        tjob__postgresql_run(session->handle, session->deadline, sql, false, parameters, warnings, answer);
    }
}

/* ---- One call -------------------------------------------------------------------------------------------------- */

const struct tjob__postgresql_outcome *tjob__postgresql_call(tjob_postgresql_store *store, void *user, bool changes,
                                                             const struct tjob__postgresql_sql *sql,
                                                             const struct tjob__postgresql_parameters *parameters,
                                                             struct tjob__postgresql_answer *answer)
{
    const tjob_postgresql_call *call = store->config.takes_calls ? user : NULL;
    const uint64_t wait_ms = call != NULL && call->wait_ms != 0 ? call->wait_ms : store->config.wait_ms;
    struct pool_session session = {.store = store, .deadline = tjob__postgresql_deadline(wait_ms)};
    *answer = (struct tjob__postgresql_answer){.rows = NULL};
    session.handle = call != NULL ? call->connection : NULL;
    answer->ending =
        session.handle != NULL ? pool_begin_callers(&session) : pool_begin_pooled(&session, answer->message);
    if (answer->ending == TJOB__POSTGRESQL_DONE) {
        pool_run(&session, changes, sql, parameters, answer);
        pool_end(&session, answer);
    }
    const struct tjob__postgresql_outcome *outcome = tjob__postgresql_outcome(answer->ending, answer->sqlstate);
    tjob__postgresql_record(store, outcome->problem, answer->message);
    return outcome;
}
