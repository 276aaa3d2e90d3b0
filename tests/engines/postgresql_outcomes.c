/* Each row of the table of outcomes, against a real server: postgresql_server.sh postgresql_outcomes */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for kill and nanosleep */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engines/postgresql_attempt.h"
#include "engines/postgresql_sql.h"
#include "support/jobs.h"
#include "support/suite.h"

static struct subject subject;

static void begin(void)
{
    subject_open(&subject, "", 10000);
    subject_recreate(&subject);
}

static void expect_record(const char *wanted, tjob_text arn)
{
    PGconn *handle = sql_connect("");
    char text[512];
    snprintf(text, sizeof text, "SELECT state FROM tjob_jobs_readable WHERE arn = '%.*s'", (int)arn.bytes, arn.data);
    ck_assert_str_eq(sql_get(handle, text), wanted);
    PQfinish(handle);
}

/* A swap on a store of its own, whose session has these options; the row is locked by another transaction. */
struct locked {
    struct subject of;
    struct attempt attempt;
    PGconn *holder;
    int process;
};

static void locked_begin(struct locked *locked, const char *options, uint32_t wait_ms, bool waits)
{
    begin();
    const uint64_t version = subject_put(&subject, sample_arn);
    locked->holder = sql_connect("");
    sql_get(locked->holder, "BEGIN");
    sql_get(locked->holder, "SELECT 1 FROM tjob_jobs FOR UPDATE");
    subject_open(&locked->of, options, wait_ms);
    locked->attempt = (struct attempt){.subject = &locked->of, .arn = sample_arn, .expected = version};
    attempt_begin(&locked->attempt);
    locked->process = waits ? attempt_wait_event("Lock") : 0;
}

static void locked_expect(struct locked *locked, tjob_swap_status status, tjob_postgresql_problem problem)
{
    ck_assert_int_eq(attempt_end(&locked->attempt), status);
    ck_assert_int_eq(subject_problem(&locked->of), problem);
    PQfinish(locked->holder);
    subject_close(&locked->of);
    subject_close(&subject);
}

static void sql_do(const char *format, int process)
{
    char text[256];
    snprintf(text, sizeof text, format, process);
    sql_run(text);
}

/* ---- Nothing was sent ------------------------------------------------------------------------------------------ */

START_TEST(no_server)
{
    tjob_job job = sample_job(TJOB_SUBMITTED);
    uint64_t version;
    char conninfo[128];
    snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%d", sql_free_port());
    subject_open_at(&subject, conninfo, 1, 1000, false);
    ck_assert_int_eq(subject.callbacks.load(&subject.store, NULL, sample_arn, &job, &version), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(subject.callbacks.swap(&subject.store, NULL, sample_arn, 1, &job), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(subject.callbacks.swap(&subject.store, NULL, sample_arn, 0, &job), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(subject_problem(&subject), TJOB_POSTGRESQL_NO_CONNECTION);
    /* versions that were never issued are no question for the server */
    ck_assert_int_eq(subject.callbacks.swap(&subject.store, NULL, sample_arn, UINT64_C(1) << 63, &job),
                     TJOB_SWAP_CONFLICT);
    ck_assert_int_eq(subject.callbacks.swap(&subject.store, NULL, sample_arn, UINT64_MAX, NULL), TJOB_SWAP_CONFLICT);
    ck_assert_int_eq(tjob_postgresql_store_check(&subject.store), TJOB_POSTGRESQL_NO_CONNECTION);
    subject_close(&subject);
}
END_TEST

/* The server refuses the connection itself: no such role, no such database. */
START_TEST(connection_refused_by_the_server)
{
    begin();
    subject_close(&subject);
    subject_open(&subject, "dbname=nothing", 2000);
    ck_assert_int_eq(tjob_postgresql_store_check(&subject.store), TJOB_POSTGRESQL_NO_CONNECTION);
    char message[TJOB_POSTGRESQL_MESSAGE_BYTES];
    tjob_postgresql_store_message(&subject.store, message);
    ck_assert_ptr_nonnull(strstr(message, "does not exist"));
    subject_close(&subject);
}
END_TEST

START_TEST(all_connections_are_busy)
{
    struct locked locked;
    locked_begin(&locked, "", 10000, true);
    char conninfo[512];
    snprintf(conninfo, sizeof conninfo, "%s", subject.conninfo);
    struct subject single;
    subject_open_at(&single, conninfo, 1, 400, false);
    struct attempt first = {.subject = &single, .arn = sample_arn, .expected = locked.attempt.expected};
    struct attempt second = first;
    attempt_begin(&first);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    single.store.config.wait_ms = 200;
    attempt_begin(&second);
    ck_assert_int_eq(attempt_end(&second), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(subject_problem(&single), TJOB_POSTGRESQL_BUSY);
    ck_assert_uint_ge(second.took_ms, 190);
    ck_assert_int_eq(attempt_end(&first), TJOB_SWAP_UNKNOWN);
    ck_assert_int_eq(subject_problem(&single), TJOB_POSTGRESQL_TIMED_OUT);
    subject_close(&single);
    sql_get(locked.holder, "ROLLBACK");
    locked_expect(&locked, TJOB_SWAP_OK, TJOB_POSTGRESQL_OK);
}
END_TEST

/* ---- Success ---------------------------------------------------------------------------------------------------- */

START_TEST(a_row_or_none)
{
    const tjob_job job = sample_job(TJOB_TRAINING);
    begin();
    const uint64_t version = subject_put(&subject, sample_arn);
    ck_assert_int_eq(subject.callbacks.swap(&subject.store, NULL, sample_arn, version + 2, &job), TJOB_SWAP_CONFLICT);
    ck_assert_int_eq(subject.callbacks.swap(&subject.store, NULL, sample_arn, 0, &job), TJOB_SWAP_CONFLICT);
    ck_assert_int_eq(subject.callbacks.swap(&subject.store, NULL, sample_arn, version, &job), TJOB_SWAP_OK);
    expect_record("TRAINING", sample_arn);
    subject_close(&subject);
}
END_TEST

/* A success is durable whatever the session says: what is inserted is flushed. */
START_TEST(a_success_is_durable_without_synchronous_commit)
{
    begin();
    subject_close(&subject);
    subject_open(&subject, "options='-c synchronous_commit=off'", 5000);
    PGconn *handle = sql_connect("");
    for (int i = 0; i < 20; i++) {
        char name[128];
        const int bytes = snprintf(name, sizeof name, "%.*s%d", (int)sample_arn.bytes, sample_arn.data, i);
        const tjob_job job = sample_job(TJOB_SUBMITTED);
        const tjob_text arn = {name, (size_t)bytes};
        ck_assert_int_eq(subject.callbacks.swap(&subject.store, NULL, arn, 0, &job), TJOB_SWAP_OK);
        ck_assert_str_eq(sql_get(handle, "SELECT pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn()"), "t");
        ck_assert_int_eq(subject.callbacks.swap(&subject.store, NULL, arn, 1, &job), TJOB_SWAP_OK);
        ck_assert_str_eq(sql_get(handle, "SELECT pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn()"), "t");
    }
    PQfinish(handle);
    subject_close(&subject);
}
END_TEST

/* ---- The wait for a standby ------------------------------------------------------------------------------------ */

static void wait_for_standby(bool waits)
{
    sql_run(waits ? "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"
                  : "ALTER SYSTEM RESET synchronous_standby_names");
    sql_run("SELECT pg_reload_conf()");
    PGconn *handle = sql_connect("");
    for (int i = 0; i < 300 && (sql_get(handle, "SHOW synchronous_standby_names")[0] != '\0') != waits; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    PQfinish(handle);
}

static const struct {
    const char *options;
    const char *ended_by;
    tjob_postgresql_problem problem;
} standby_cases[] = {
    {"", "SELECT pg_cancel_backend(%d)", TJOB_POSTGRESQL_WARNED},
    {"options='-c client_min_messages=error'", "SELECT pg_cancel_backend(%d)", TJOB_POSTGRESQL_WARNED},
    {"options='-c synchronous_commit=off'", "SELECT pg_cancel_backend(%d)", TJOB_POSTGRESQL_WARNED},
    {"", "SELECT pg_terminate_backend(%d)", TJOB_POSTGRESQL_LOST},
    {"options='-c statement_timeout=200'", NULL, TJOB_POSTGRESQL_TIMED_OUT}, /* the server's does not fire */
};

enum { STANDBY_CASES = sizeof standby_cases / sizeof standby_cases[0] };

/* The primary has it, and no standby: nothing was promised. */
START_TEST(a_wait_for_a_standby_that_ends)
{
    struct subject waiting;
    begin();
    const uint64_t version = subject_put(&subject, sample_arn);
    wait_for_standby(true);
    subject_open(&waiting, standby_cases[_i].options, standby_cases[_i].ended_by != NULL ? 10000 : 1000);
    struct attempt attempt = {.subject = &waiting, .arn = sample_arn, .expected = version};
    attempt_begin(&attempt);
    const int process = attempt_wait_event("IPC");
    if (standby_cases[_i].ended_by != NULL) {
        sql_do(standby_cases[_i].ended_by, process);
    }
    ck_assert_int_eq(attempt_end(&attempt), TJOB_SWAP_UNKNOWN);
    ck_assert_int_eq(subject_problem(&waiting), standby_cases[_i].problem);
    wait_for_standby(false);
    expect_record("TRAINING", sample_arn);
    subject_close(&waiting);
    subject_close(&subject);
}
END_TEST

/* A creation waits and is cancelled in the same way. */
START_TEST(a_creation_that_waits_for_a_standby)
{
    struct subject waiting;
    begin();
    wait_for_standby(true);
    subject_open(&waiting, "", 10000);
    struct attempt attempt = {.subject = &waiting, .arn = sample_arn, .expected = 0};
    attempt_begin(&attempt);
    sql_do("SELECT pg_cancel_backend(%d)", attempt_wait_event("IPC"));
    ck_assert_int_eq(attempt_end(&attempt), TJOB_SWAP_UNKNOWN);
    ck_assert_int_eq(subject_problem(&waiting), TJOB_POSTGRESQL_WARNED);
    wait_for_standby(false);
    subject_close(&waiting);
    subject_close(&subject);
}
END_TEST

/* ---- Silence, and connections that end -------------------------------------------------------------------------- */

START_TEST(a_stopped_server_is_left_at_the_deadline)
{
    tjob_job job;
    uint64_t version;
    begin();
    version = subject_put(&subject, sample_arn);
    subject_close(&subject);
    char conninfo[512];
    snprintf(conninfo, sizeof conninfo, "host=%s port=%s user=tjob dbname=postgres",
             _i == 0 ? getenv("TJOB_PG_DIR") : "127.0.0.1", getenv("TJOB_PG_PORT"));
    subject_open_at(&subject, conninfo, SUBJECT_CONNECTIONS, 500, false);
    ck_assert_uint_eq(subject_version(&subject, sample_arn), version);
    job = sample_job(TJOB_TRAINING);
    ck_assert_int_eq(subject.callbacks.swap(&subject.store, NULL, sample_arn, version + 2, &job), TJOB_SWAP_CONFLICT);
    sql_control("pause primary");
    struct attempt attempt = {.subject = &subject, .arn = sample_arn, .expected = version};
    attempt_begin(&attempt); /* on the connection that is there, where the statement is prepared */
    ck_assert_int_eq(attempt_end(&attempt), TJOB_SWAP_UNKNOWN);
    ck_assert_int_eq(subject_problem(&subject), TJOB_POSTGRESQL_TIMED_OUT);
    ck_assert_uint_ge(attempt.took_ms, 490);
    ck_assert_uint_le(attempt.took_ms, 1500);
    attempt_begin(&attempt); /* on a new connection */
    ck_assert_int_eq(attempt_end(&attempt), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(subject_problem(&subject), TJOB_POSTGRESQL_NO_CONNECTION);
    ck_assert_uint_ge(attempt.took_ms, 490);
    ck_assert_uint_le(attempt.took_ms, 1500);
    ck_assert_int_eq(subject.callbacks.load(&subject.store, NULL, sample_arn, &job, &version), TJOB_LOAD_UNAVAILABLE);
    sql_control("continue primary");
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    expect_record("TRAINING", sample_arn); /* it was applied late */
    subject_close(&subject);
}
END_TEST

START_TEST(a_swap_that_waits_for_a_lock_and_is_terminated)
{
    struct locked locked;
    locked_begin(&locked, "", 10000, true);
    sql_do("SELECT pg_terminate_backend(%d)", locked.process);
    locked_expect(&locked, TJOB_SWAP_UNKNOWN, TJOB_POSTGRESQL_LOST);
}
END_TEST

START_TEST(a_swap_whose_backend_is_killed)
{
    struct locked locked;
    locked_begin(&locked, "", 10000, true);
    kill(locked.process, SIGKILL);
    locked_expect(&locked, TJOB_SWAP_UNKNOWN, TJOB_POSTGRESQL_LOST);
    sql_run("SELECT 1"); /* the server recovers */
}
END_TEST

/* The server says so before anything is sent, so the next call connects again, and nothing is unknown. */
START_TEST(an_idle_connection_that_was_ended)
{
    begin();
    const uint64_t version = subject_put(&subject, sample_arn);
    sql_run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tjob'");
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    struct attempt attempt = {.subject = &subject, .arn = sample_arn, .expected = version};
    attempt_begin(&attempt);
    ck_assert_int_eq(attempt_end(&attempt), TJOB_SWAP_OK);
    ck_assert_int_eq(subject_problem(&subject), TJOB_POSTGRESQL_MISSING); /* that of subject_recreate */
    subject_close(&subject);
}
END_TEST

/* ---- Errors of the server --------------------------------------------------------------------------------------- */

START_TEST(a_swap_that_waits_for_a_lock_and_is_cancelled)
{
    struct locked locked;
    locked_begin(&locked, "", 10000, true);
    sql_do("SELECT pg_cancel_backend(%d)", locked.process);
    locked_expect(&locked, TJOB_SWAP_UNAVAILABLE, TJOB_POSTGRESQL_CANCELLED);
}
END_TEST

static const char *const timeouts[] = {"options='-c statement_timeout=200'", "options='-c lock_timeout=200'"};

START_TEST(a_timeout_of_the_server)
{
    struct locked locked;
    locked_begin(&locked, timeouts[_i], 10000, false);
    locked_expect(&locked, TJOB_SWAP_UNAVAILABLE, TJOB_POSTGRESQL_CANCELLED);
}
END_TEST

START_TEST(a_serialization_failure)
{
    struct locked locked;
    locked_begin(&locked, "options='-c default_transaction_isolation=serializable'", 10000, true);
    sql_get(locked.holder, "UPDATE tjob_jobs SET version = version + 2");
    sql_get(locked.holder, "COMMIT");
    locked_expect(&locked, TJOB_SWAP_CONFLICT, TJOB_POSTGRESQL_CONTENDED);
}
END_TEST

/* The swap waits for the holder, and then the holder for the swap: the server ends the swap, or the holder. */
START_TEST(a_deadlock)
{
    static const tjob_text other = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/other");
    begin();
    const uint64_t version = subject_put(&subject, sample_arn);
    const uint64_t other_version = subject_put(&subject, other);
    PGconn *mine = sql_connect("fallback_application_name=tjob options='-c deadlock_timeout=100'");
    PGconn *holder = sql_connect("options='-c deadlock_timeout=30s'");
    sql_get(mine, "BEGIN");
    tjob_postgresql_call call = {.connection = mine};
    struct attempt attempt = {.subject = &subject, .user = &call, .arn = other, .expected = other_version};
    attempt_begin(&attempt);
    ck_assert_int_eq(attempt_end(&attempt), TJOB_SWAP_OK);
    sql_get(holder, "BEGIN");
    sql_get(holder, "SELECT 1 FROM tjob_jobs WHERE arn LIKE '%/dev' OR arn NOT LIKE '%/other' FOR UPDATE");
    ck_assert_int_eq(PQsendQuery(holder, "SELECT 1 FROM tjob_jobs FOR UPDATE"), 1);
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    attempt = (struct attempt){.subject = &subject, .user = &call, .arn = sample_arn, .expected = version};
    attempt_begin(&attempt);
    ck_assert_int_eq(attempt_end(&attempt), TJOB_SWAP_CONFLICT);
    ck_assert_int_eq(subject_problem(&subject), TJOB_POSTGRESQL_CONTENDED);
    PQfinish(mine);
    PQfinish(holder);
    subject_close(&subject);
}
END_TEST

static const struct {
    const char *sqlstate;
    tjob_postgresql_problem problem;
    tjob_swap_status creation;
    tjob_swap_status change;
} raised[] = {
    {"08006", TJOB_POSTGRESQL_LOST, TJOB_SWAP_UNKNOWN, TJOB_SWAP_UNKNOWN},
    {"40003", TJOB_POSTGRESQL_LOST, TJOB_SWAP_UNKNOWN, TJOB_SWAP_UNKNOWN},
    {"40001", TJOB_POSTGRESQL_CONTENDED, TJOB_SWAP_CONFLICT, TJOB_SWAP_CONFLICT},
    {"40P01", TJOB_POSTGRESQL_CONTENDED, TJOB_SWAP_CONFLICT, TJOB_SWAP_CONFLICT},
    {"53100", TJOB_POSTGRESQL_NO_SPACE, TJOB_SWAP_FULL, TJOB_SWAP_UNAVAILABLE},
    {"53200", TJOB_POSTGRESQL_NO_RESOURCES, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {"XX001", TJOB_POSTGRESQL_DAMAGED, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {"22012", TJOB_POSTGRESQL_REFUSED, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
};

enum { RAISED = sizeof raised / sizeof raised[0] };

/* By the statement itself, or by its commit, after the server has reported a row. */
START_TEST(an_error_that_a_trigger_raises)
{
    const int row = _i / 2;
    const bool at_commit = _i % 2 == 1;
    char text[512];
    static const tjob_text other = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/other");
    begin();
    const uint64_t version = subject_put(&subject, sample_arn);
    snprintf(text, sizeof text,
             "CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
             " RAISE EXCEPTION 'planned' USING ERRCODE = '%s'; END $$;"
             "CREATE CONSTRAINT TRIGGER fail AFTER INSERT OR UPDATE ON tjob_jobs DEFERRABLE INITIALLY %s"
             " FOR EACH ROW EXECUTE FUNCTION fail()",
             raised[row].sqlstate, at_commit ? "DEFERRED" : "IMMEDIATE");
    sql_run(text);
    const tjob_job job = sample_job(TJOB_TRAINING);
    ck_assert_int_eq(subject.callbacks.swap(&subject.store, NULL, sample_arn, version, &job), raised[row].change);
    ck_assert_int_eq(subject_problem(&subject), raised[row].problem);
    ck_assert_int_eq(subject.callbacks.swap(&subject.store, NULL, other, 0, &job), raised[row].creation);
    ck_assert_int_eq(subject_problem(&subject), raised[row].problem);
    expect_record("SUBMITTED", sample_arn);
    expect_record("", other);
    subject_close(&subject);
}
END_TEST

/* A warning of anything else makes an answer unknown, too, but not one that changed nothing. */
START_TEST(a_warning_that_a_trigger_raises)
{
    begin();
    const tjob_job job = sample_job(TJOB_TRAINING);
    const uint64_t version = subject_put(&subject, sample_arn);
    sql_run("CREATE OR REPLACE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'planned';"
            " RETURN NULL; END $$;"
            "CREATE TRIGGER warn AFTER UPDATE ON tjob_jobs EXECUTE FUNCTION warn()");
    ck_assert_int_eq(subject.callbacks.swap(&subject.store, NULL, sample_arn, version + 2, &job), TJOB_SWAP_CONFLICT);
    ck_assert_int_eq(subject.callbacks.swap(&subject.store, NULL, sample_arn, version, &job), TJOB_SWAP_UNKNOWN);
    ck_assert_int_eq(subject_problem(&subject), TJOB_POSTGRESQL_WARNED);
    subject_close(&subject);
}
END_TEST

START_TEST(a_full_disk)
{
    begin();
    if (system("\"$TJOB_PG_CTL\" small_disk 2>/dev/null") != 0) { /* NOLINT: the test's own script */
        printf("a_full_disk: left out: no small disk can be mounted here\n");
        subject_close(&subject);
        return;
    }
    char text[512];
    PGconn *handle = sql_connect("");
    snprintf(text, sizeof text, "CREATE TABLESPACE small LOCATION '%s/small/t'", getenv("TJOB_PG_DIR"));
    sql_get(handle, text);
    sql_get(handle, "ALTER TABLE tjob_jobs SET TABLESPACE small");
    tjob_swap_status status = TJOB_SWAP_OK;
    for (int i = 0; status == TJOB_SWAP_OK && i < 100000; i++) {
        char name[128];
        const int bytes = snprintf(name, sizeof name, "%.*s%d", (int)sample_arn.bytes, sample_arn.data, i);
        const tjob_job job = sample_job(TJOB_SUBMITTED);
        status = subject.callbacks.swap(&subject.store, NULL, (tjob_text){name, (size_t)bytes}, 0, &job);
    }
    ck_assert_int_eq(status, TJOB_SWAP_FULL);
    ck_assert_int_eq(subject_problem(&subject), TJOB_POSTGRESQL_NO_SPACE);
    /* a change needs room for the new row, which nothing frees before the next vacuum */
    char first[128];
    const int bytes = snprintf(first, sizeof first, "%.*s0", (int)sample_arn.bytes, sample_arn.data);
    uint64_t version = 1;
    for (int i = 0; i < 50 && status != TJOB_SWAP_UNAVAILABLE; i++, version += 2) {
        const tjob_job job = sample_job(TJOB_TRAINING);
        status = subject.callbacks.swap(&subject.store, NULL, (tjob_text){first, (size_t)bytes}, version, &job);
    }
    ck_assert_int_eq(status, TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(subject_problem(&subject), TJOB_POSTGRESQL_NO_SPACE);
    sql_get(handle, "DROP VIEW tjob_jobs_readable; DROP TABLE tjob_jobs, tjob_store");
    sql_get(handle, "DROP TABLESPACE small");
    PQfinish(handle);
    subject_close(&subject);
}
END_TEST

static const struct {
    const char *options;
    const char *change;
    tjob_postgresql_problem problem;
    bool is_loadable;
} refusals[] = {
    {"options='-c default_transaction_read_only=on'", "SELECT 1", TJOB_POSTGRESQL_READ_ONLY, true},
    {"", "DROP VIEW tjob_jobs_readable; DROP TABLE tjob_jobs", TJOB_POSTGRESQL_MISSING, false},
    {"", "ALTER TABLE tjob_jobs RENAME COLUMN version TO number", TJOB_POSTGRESQL_OTHER_SCHEMA, false},
    {"user=nobody_special", "GRANT SELECT ON tjob_jobs, tjob_store TO nobody_special", TJOB_POSTGRESQL_NO_PERMISSION,
     true},
    {"user=nobody_special", "SELECT 1", TJOB_POSTGRESQL_NO_PERMISSION, false},
};

enum { REFUSALS = sizeof refusals / sizeof refusals[0] };

START_TEST(a_refusal)
{
    const tjob_job job = sample_job(TJOB_TRAINING);
    tjob_job there;
    uint64_t version;
    struct subject refused;
    begin();
    version = subject_put(&subject, sample_arn);
    sql_run("DO $$ BEGIN CREATE ROLE nobody_special LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    sql_run(refusals[_i].change);
    subject_open(&refused, refusals[_i].options, 5000);
    ck_assert_int_eq(refused.callbacks.swap(&refused.store, NULL, sample_arn, version, &job), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(subject_problem(&refused), refusals[_i].problem);
    ck_assert_int_eq(refused.callbacks.load(&refused.store, NULL, sample_arn, &there, &version),
                     refusals[_i].is_loadable ? TJOB_LOAD_OK : TJOB_LOAD_UNAVAILABLE);
    subject_close(&refused);
    subject_close(&subject);
}
END_TEST

/* A role that may do what a host needs, and nothing else. */
START_TEST(a_role_with_the_rights_of_a_host)
{
    struct subject host;
    begin();
    sql_run("DO $$ BEGIN CREATE ROLE nobody_special LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    sql_run("GRANT SELECT, INSERT, UPDATE ON tjob_jobs TO nobody_special;"
            "GRANT SELECT, UPDATE (absent_version) ON tjob_store TO nobody_special");
    subject_open(&host, "user=nobody_special", 5000);
    const uint64_t version = subject_put(&host, sample_arn);
    ck_assert_int_eq(host.callbacks.swap(&host.store, NULL, sample_arn, version, NULL), TJOB_SWAP_OK);
    ck_assert_int_eq(tjob_postgresql_store_check(&host.store), TJOB_POSTGRESQL_OK);
    subject_close(&host);
    subject_close(&subject);
}
END_TEST

/* A record that was changed by hand is not taken for an absence. */
START_TEST(a_row_that_is_no_job)
{
    tjob_job job;
    uint64_t version;
    begin();
    subject_put(&subject, sample_arn);
    sql_run("UPDATE tjob_jobs SET record = set_byte(record, 1, 99)");
    ck_assert_int_eq(subject.callbacks.load(&subject.store, NULL, sample_arn, &job, &version), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(subject_problem(&subject), TJOB_POSTGRESQL_DAMAGED);
    sql_run("DELETE FROM tjob_store");
    ck_assert_int_eq(subject.callbacks.load(&subject.store, NULL, sample_arn, &job, &version), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(subject_problem(&subject), TJOB_POSTGRESQL_DAMAGED);
    subject_close(&subject);
}
END_TEST

RUN_TESTS("postgresql_outcomes", {no_server, 0}, {connection_refused_by_the_server, 0}, {all_connections_are_busy, 0},
          {a_row_or_none, 0}, {a_success_is_durable_without_synchronous_commit, 0},
          {a_wait_for_a_standby_that_ends, STANDBY_CASES}, {a_creation_that_waits_for_a_standby, 0},
          {a_stopped_server_is_left_at_the_deadline, 2}, {a_swap_that_waits_for_a_lock_and_is_terminated, 0},
          {a_swap_whose_backend_is_killed, 0}, {an_idle_connection_that_was_ended, 0},
          {a_swap_that_waits_for_a_lock_and_is_cancelled, 0}, {a_timeout_of_the_server, 2},
          {a_serialization_failure, 0}, {a_deadlock, 0}, {an_error_that_a_trigger_raises, 2 * RAISED},
          {a_warning_that_a_trigger_raises, 0}, {a_full_disk, 0}, {a_refusal, REFUSALS},
          {a_role_with_the_rights_of_a_host, 0}, {a_row_that_is_no_job, 0})
