/*
 * Answers that no store gives: of tables that were changed by hand, of functions that hide the server's own, of servers
 * that stop in the middle of a statement. postgresql_server.sh postgresql_answers
 */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for nanosleep */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engines/postgresql_attempt.h"
#include "engines/postgresql_sql.h"
#include "host/postgresql/deadline.h"
#include "host/postgresql/pool.h"
#include "host/postgresql/schema.h"
#include "support/jobs.h"
#include "support/suite.h"

enum { PAGE = 12 };

static struct subject subject;

static void begin(void)
{
    subject_open(&subject, "", 10000);
    subject_recreate(&subject);
}

static void pause_ms(unsigned ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000}, NULL);
}

/* ---- Tables and functions that were changed ---------------------------------------------------------------------- */

static tjob_postgresql_problem check(struct subject *of)
{
    return tjob_postgresql_store_check(&of->store);
}

static tjob_postgresql_problem load(struct subject *of)
{
    tjob_job job;
    uint64_t version;
    const tjob_load_status status = of->callbacks.load(&of->store, NULL, sample_arn, &job, &version);
    return status == TJOB_LOAD_UNAVAILABLE ? subject_problem(of) : TJOB_POSTGRESQL_OK;
}

static tjob_postgresql_problem list(struct subject *of)
{
    static tjob_listed_job jobs[PAGE];
    static const tjob_list_query all = {.states = 0};
    tjob_list_cursor cursor = {{0}};
    uint32_t count;
    const tjob_list_status status = of->list.list(of->list.context, NULL, &all, &cursor, jobs, PAGE, &count);
    return status == TJOB_LIST_UNAVAILABLE ? subject_problem(of) : TJOB_POSTGRESQL_OK;
}

static tjob_postgresql_problem purge(struct subject *of)
{
    uint64_t purged;
    return tjob_postgresql_store_purge(&of->store, 10, &purged);
}

/* A view in place of the table, whose columns can be anything. */
#define INSTEAD(columns)                                                                                               \
    "DROP VIEW tjob_jobs_readable; ALTER TABLE tjob_jobs RENAME TO hidden; CREATE VIEW tjob_jobs AS SELECT " columns   \
    " FROM hidden"

#define SETTING(name, value)                                                                                           \
    "CREATE FUNCTION odd.current_setting(name text) RETURNS text LANGUAGE sql AS $$ SELECT CASE name WHEN '" name      \
    "' THEN " value " ELSE pg_catalog.current_setting(name) END $$"

static const struct {
    const char *change;
    tjob_postgresql_problem (*call)(struct subject *of);
    tjob_postgresql_problem problem;
} changes[] = {
    {"SELECT 1", check, TJOB_POSTGRESQL_OK},
    {"SELECT 1", load, TJOB_POSTGRESQL_OK},
    {"SELECT 1", list, TJOB_POSTGRESQL_OK},
    {"SELECT 1", purge, TJOB_POSTGRESQL_OK},
    {"DELETE FROM tjob_store", check, TJOB_POSTGRESQL_DAMAGED},
    {"DELETE FROM tjob_store", list, TJOB_POSTGRESQL_DAMAGED},
    {"DROP VIEW tjob_jobs_readable; DROP TABLE tjob_jobs", purge, TJOB_POSTGRESQL_MISSING},
    {"DELETE FROM tjob_store", purge, TJOB_POSTGRESQL_DAMAGED},
    {"UPDATE tjob_store SET schema_version = -1", check, TJOB_POSTGRESQL_DAMAGED},
    {"UPDATE tjob_store SET schema_version = -1", load, TJOB_POSTGRESQL_DAMAGED},
    {"UPDATE tjob_store SET schema_version = -1", list, TJOB_POSTGRESQL_DAMAGED},
    {"UPDATE tjob_store SET schema_version = 2", list, TJOB_POSTGRESQL_OTHER_SCHEMA},
    {"CREATE FUNCTION odd.pg_is_in_recovery() RETURNS text LANGUAGE sql AS $$ SELECT 'no' $$", check,
     TJOB_POSTGRESQL_DAMAGED},
    {"CREATE FUNCTION odd.pg_is_in_recovery() RETURNS text LANGUAGE sql AS $$ SELECT 'no' $$", load,
     TJOB_POSTGRESQL_DAMAGED},
    {"CREATE FUNCTION odd.pg_is_in_recovery() RETURNS text LANGUAGE sql AS $$ SELECT 'no' $$", list,
     TJOB_POSTGRESQL_DAMAGED},
    {SETTING("fsync", "NULL"), check, TJOB_POSTGRESQL_DAMAGED},
    {SETTING("full_page_writes", "'off'"), check, TJOB_POSTGRESQL_NOT_DURABLE},
    {SETTING("server_version_num", "'-1'"), check, TJOB_POSTGRESQL_DAMAGED},
    {SETTING("server_version_num", "'149999'"), check, TJOB_POSTGRESQL_OLD_SERVER},
    {INSTEAD("arn, -1::bigint AS version, record, latest_ms"), load, TJOB_POSTGRESQL_DAMAGED},
    {INSTEAD("arn, -1::bigint AS version, record, latest_ms"), list, TJOB_POSTGRESQL_DAMAGED},
    {INSTEAD("arn, version::numeric AS version, record, latest_ms"), load, TJOB_POSTGRESQL_DAMAGED},
    {INSTEAD("arn, version, substr(record, 1, 10) AS record, latest_ms"), load, TJOB_POSTGRESQL_DAMAGED},
    {INSTEAD("arn, version, substr(record, 1, 10) AS record, latest_ms"), list, TJOB_POSTGRESQL_DAMAGED},
    {INSTEAD("arn, version, set_byte(record, 1, 99) AS record, latest_ms"), list, TJOB_POSTGRESQL_DAMAGED},
    {INSTEAD("arn, version, record, -1::bigint AS latest_ms"), list, TJOB_POSTGRESQL_DAMAGED},
    {INSTEAD("repeat(arn, 9) AS arn, version, record, latest_ms"), list, TJOB_POSTGRESQL_DAMAGED},
    {INSTEAD("arn, version, record, latest_ms"), load, TJOB_POSTGRESQL_OK},
    {INSTEAD("hidden.* FROM hidden UNION ALL SELECT hidden.*"), load, TJOB_POSTGRESQL_DAMAGED},
};

enum { CHANGES = sizeof changes / sizeof changes[0] };

START_TEST(what_was_changed_by_hand)
{
    struct subject of;
    begin();
    subject_put(&subject, sample_arn);
    sql_run("DROP SCHEMA IF EXISTS odd CASCADE; CREATE SCHEMA odd");
    sql_run(changes[_i].change);
    subject_open(&of, "options='-c search_path=odd,public,pg_catalog'", 5000);
    ck_assert_int_eq(changes[_i].call(&of), changes[_i].problem);
    subject_close(&of);
    sql_run("DROP SCHEMA odd CASCADE; DO $$ BEGIN DROP VIEW tjob_jobs; EXCEPTION WHEN"
            " OTHERS THEN NULL; END $$; DROP TABLE IF EXISTS hidden CASCADE");
    subject_close(&subject);
}
END_TEST

/* ---- Statements by themselves ------------------------------------------------------------------------------------ */

static enum tjob__postgresql_ending run(PGconn *handle, const char *text, uint64_t wait_ms)
{
    const struct tjob__postgresql_sql sql = {.text = text};
    struct tjob__postgresql_answer answer = {.rows = NULL};
    tjob__postgresql_run(handle, tjob__postgresql_deadline(wait_ms), &sql, false, NULL, NULL, &answer);
    PQclear(answer.rows);
    return answer.ending;
}

/* The server says COMMAND_OK of such a COMMIT. */
START_TEST(a_commit_of_a_failed_transaction)
{
    PGconn *handle = sql_connect("");
    ck_assert_int_eq(run(handle, "BEGIN; COMMIT", 5000), TJOB__POSTGRESQL_DONE);
    ck_assert_int_eq(run(handle, "BEGIN; SELECT 1/0", 5000), TJOB__POSTGRESQL_ERROR);
    ck_assert_int_eq(run(handle, "COMMIT", 5000), TJOB__POSTGRESQL_LOST);
    ck_assert_int_eq(run(handle, "COMMIT", 5000), TJOB__POSTGRESQL_DONE);
    PQfinish(handle);
}
END_TEST

START_TEST(a_statement_on_a_connection_that_is_none)
{
    PGconn *handle = PQconnectdb("host=/nowhere");
    ck_assert_int_eq(run(handle, "COMMIT", 5000), TJOB__POSTGRESQL_LOST);
    PQfinish(handle);
}
END_TEST

/* More than sockets hold: to a server that reads it, that is stopped, and that is killed meanwhile. */
enum { READS, STOPPED, KILLED, LONG_CASES };

static void *kill_primary(void *argument)
{
    pause_ms(2000); /* by then what sockets hold is sent */
    sql_control("kill primary");
    return argument;
}

START_TEST(a_statement_that_is_long)
{
    enum { BYTES = 24 << 20 };
    static const enum tjob__postgresql_ending endings[LONG_CASES] = {TJOB__POSTGRESQL_DONE, TJOB__POSTGRESQL_TIMED_OUT,
                                                                     TJOB__POSTGRESQL_LOST};
    char *text = malloc(BYTES);
    pthread_t thread;
    ck_assert_ptr_nonnull(text);
    memset(text, ' ', BYTES);
    memcpy(text + BYTES - 7, "COMMIT", 7);
    PGconn *handle = sql_connect("options='-c client_min_messages=error'");
    PQsetnonblocking(handle, 1);
    if (_i != READS) {
        sql_control("pause primary");
    }
    if (_i == KILLED) {
        ck_assert_int_eq(pthread_create(&thread, NULL, kill_primary, NULL), 0);
    }
    ck_assert_int_eq(run(handle, text, _i == STOPPED ? 500 : 20000), endings[_i]);
    if (_i == STOPPED) {
        sql_control("continue primary");
    }
    if (_i == KILLED) {
        pthread_join(thread, NULL);
        sql_control("start primary");
    }
    PQfinish(handle);
    free(text);
}
END_TEST

/* ---- Connections ------------------------------------------------------------------------------------------------- */

/* A statement that could not be prepared was not sent. */
START_TEST(a_server_that_stops_before_a_statement_is_prepared)
{
    const tjob_job job = sample_job(TJOB_TRAINING);
    begin();
    const uint64_t version = subject_put(&subject, sample_arn);
    subject_close(&subject);
    subject_open(&subject, "", 500);
    ck_assert_int_eq(check(&subject), TJOB_POSTGRESQL_OK); /* connected, and nothing is prepared */
    sql_control("pause primary");
    ck_assert_int_eq(subject.callbacks.swap(&subject.store, NULL, sample_arn, version, &job), TJOB_SWAP_UNAVAILABLE);
    sql_control("continue primary");
    subject.store.config.wait_ms = 10000;
    ck_assert_uint_eq(subject_version(&subject, sample_arn), version);
    subject_close(&subject);
}
END_TEST

/* What the server notes of a session is nothing to print, and no warning. */
START_TEST(a_session_with_many_notices)
{
    struct subject noisy;
    const tjob_job job = sample_job(TJOB_TRAINING);
    begin();
    const uint64_t version = subject_put(&subject, sample_arn);
    subject_open(&noisy, "options='-c client_min_messages=debug5'", 5000);
    ck_assert_int_eq(noisy.callbacks.swap(&noisy.store, NULL, sample_arn, version, &job), TJOB_SWAP_OK);
    subject_close(&noisy);
    subject_close(&subject);
}
END_TEST

/* The caller's connection stays as it was. */
START_TEST(a_connection_of_the_caller_that_does_not_block)
{
    const tjob_job job = sample_job(TJOB_TRAINING);
    begin();
    const uint64_t version = subject_put(&subject, sample_arn);
    PGconn *mine = sql_connect("");
    tjob_postgresql_call call = {.connection = mine};
    sql_get(mine, "BEGIN");
    PQsetnonblocking(mine, 1);
    ck_assert_int_eq(subject.callbacks.swap(&subject.store, &call, sample_arn, version, &job), TJOB_SWAP_OK);
    ck_assert_int_eq(PQisnonblocking(mine), 1);
    PQsetnonblocking(mine, 0);
    sql_get(mine, "COMMIT");
    ck_assert_uint_eq(subject_version(&subject, sample_arn), version + 2);
    PQfinish(mine);
    subject_close(&subject);
}
END_TEST

/* A server that is still in recovery takes no connections: nothing was sent. */
START_TEST(a_server_in_recovery)
{
    char text[512];
    const tjob_job job = sample_job(TJOB_TRAINING);
    begin();
    const int port = sql_free_port();
    snprintf(text, sizeof text, "async %d", port);
    sql_control(text);
    sql_control("stop standby");
    ck_assert_int_eq(system("echo hot_standby=off >>$TJOB_PG_DIR/standby/postgresql.conf"), 0); /* NOLINT: the test's */
    sql_control("start standby");
    snprintf(text, sizeof text, "host=%s port=%d user=tjob dbname=postgres", getenv("TJOB_PG_DIR"), port);
    struct subject standby;
    subject_open_at(&standby, text, 1, 3000, false);
    ck_assert_int_eq(load(&standby), TJOB_POSTGRESQL_NO_CONNECTION);
    ck_assert_int_eq(standby.callbacks.swap(&standby.store, NULL, sample_arn, 0, &job), TJOB_SWAP_UNAVAILABLE);
    char message[TJOB_POSTGRESQL_MESSAGE_BYTES];
    tjob_postgresql_store_message(&standby.store, message);
    ck_assert_ptr_nonnull(strstr(message, "not accepting connections"));
    subject_close(&standby);
    sql_control("immediate standby");
    subject_close(&subject);
}
END_TEST

RUN_TESTS("postgresql_answers", {what_was_changed_by_hand, CHANGES}, {a_commit_of_a_failed_transaction, 0},
          {a_statement_on_a_connection_that_is_none, 0}, {a_statement_that_is_long, LONG_CASES},
          {a_server_that_stops_before_a_statement_is_prepared, 0}, {a_session_with_many_notices, 0},
          {a_connection_of_the_caller_that_does_not_block, 0}, {a_server_in_recovery, 0})
