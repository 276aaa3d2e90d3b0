/*
 * The mistakes that stores on PostgreSQL are written with, each beside a course of events in which it matters:
 *
 *   postgresql_server.sh postgresql_mistakes NAME right|wrong LOG
 *
 * Runs the course on the store as it is, or with the mistake, and logs the calls for `tjob history check`, which must
 * find nothing wrong, or something. Nothing is left to luck: one call follows another, and the faults have their place.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/postgresql_attempt.h"
#include "engines/postgresql_history.h"
#include "engines/postgresql_sql.h"
#include "host/postgresql/pool.h"

static tjob_service service;
static struct subject subject;
static struct subject standby;
static int standby_port;
static const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers");
enum { TRAINER = 7 };

static void expect(bool works, const char *what)
{
    if (!works) {
        fprintf(stderr, "%s\n", what);
        exit(EXIT_FAILURE);
    }
}

/* ---- The courses ------------------------------------------------------------------------------------------------ */

/* Waits until the standby, if there is one, shows this state: the mistake is made later, not here. */
static void await_standby(tjob_state state)
{
    char text[256];
    if (standby_port == 0) {
        return;
    }
    snprintf(text, sizeof text, "port=%d", standby_port);
    PGconn *handle = sql_connect(text);
    snprintf(text, sizeof text, "SELECT count(*) FROM tjob_jobs WHERE state = %d", (int)state);
    while (strcmp(sql_get(handle, text), "1") != 0) {
    }
    PQfinish(handle);
}

static void train(void)
{
    tjob_outcome outcome;
    expect(tjob_submit(&service, NULL, arn, 0, 1, 0, &outcome) == TJOB_OK, "submit");
    await_standby(TJOB_SUBMITTED);
    expect(tjob_start(&service, NULL, arn, 0, TRAINER, &outcome) == TJOB_OK, "start");
    await_standby(TJOB_TRAINING);
}

static void describe(void)
{
    tjob_outcome outcome;
    tjob_describe(&service, NULL, arn, &outcome);
}

static void *stop_in_thread(void *argument)
{
    tjob_outcome outcome;
    (void)argument;
    tjob_stop(&service, NULL, arn, &outcome);
    return NULL;
}

/* The commit of a stop waits for the standby, and its backend is terminated: the primary has it. */
static void course_terminated(void)
{
    pthread_t thread;
    char text[64];
    train();
    sql_control("pause standby");
    expect(pthread_create(&thread, NULL, stop_in_thread, NULL) == 0, "thread");
    snprintf(text, sizeof text, "SELECT pg_terminate_backend(%d)", attempt_wait_event("IPC"));
    sql_run(text);
    pthread_join(thread, NULL);
    sql_control("continue standby");
    describe();
}

/* The standby is behind when a job is read. */
static void course_stale(void)
{
    char conninfo[256];
    train();
    snprintf(conninfo, sizeof conninfo, "port=%d", standby_port);
    PGconn *handle = sql_connect(conninfo);
    sql_get(handle, "SELECT pg_wal_replay_pause()");
    tjob_outcome outcome;
    expect(tjob_stop(&service, NULL, arn, &outcome) == TJOB_OK, "stop");
    describe();
    sql_get(handle, "SELECT pg_wal_replay_resume()");
    PQfinish(handle);
}

/* The server crashes right after a stop was acknowledged. */
static void course_crash(void)
{
    tjob_outcome outcome;
    train();
    sql_run("SELECT pg_switch_wal()"); /* what came before is durable, however it was committed */
    expect(tjob_stop(&service, NULL, arn, &outcome) == TJOB_OK, "stop");
    sql_control("kill primary");
    sql_control("start primary");
    tjob_status status = TJOB_UNAVAILABLE;
    for (int i = 0; i < 50 && status != TJOB_OK && status != TJOB_NOT_FOUND; i++) {
        status = tjob_describe(&service, NULL, arn, &outcome);
    }
}

static bool between_is_due;

/* The trainer reports completion between the load and the swap of a stop. */
static void course_between(void)
{
    tjob_outcome outcome;
    train();
    between_is_due = true;
    tjob_stop(&service, NULL, arn, &outcome);
    describe();
}

/* ---- The stores ------------------------------------------------------------------------------------------------- */

static tjob_load_status right_load(void *context, void *user, tjob_text name, tjob_job *job, uint64_t *version)
{
    const tjob_load_status status = subject.callbacks.load(context, user, name, job, version);
    if (between_is_due) {
        tjob_outcome outcome;
        between_is_due = false;
        expect(tjob_report(&service, NULL, arn, TJOB_COMPLETED, 0, TRAINER, 0, &outcome) == TJOB_OK, "completed");
    }
    return status;
}

static tjob_swap_status right_swap(void *context, void *user, tjob_text name, uint64_t expected, const tjob_job *next)
{
    return subject.callbacks.swap(context, user, name, expected, next);
}

/* An error of the commit is taken for a failure. */
static tjob_swap_status failing_swap(void *context, void *user, tjob_text name, uint64_t expected, const tjob_job *next)
{
    const tjob_swap_status status = right_swap(context, user, name, expected, next);
    return status == TJOB_SWAP_UNKNOWN ? TJOB_SWAP_UNAVAILABLE : status;
}

/* After a lost answer the statement is sent again, and the answer to that is returned. */
static tjob_swap_status repeating_swap(void *context, void *user, tjob_text name, uint64_t expected,
                                       const tjob_job *next)
{
    const tjob_swap_status status = right_swap(context, user, name, expected, next);
    return status == TJOB_SWAP_UNKNOWN ? right_swap(context, user, name, expected, next) : status;
}

static tjob_load_status replica_load(void *context, void *user, tjob_text name, tjob_job *job, uint64_t *version)
{
    struct tjob__postgresql_parameters parameters = {.count = 0};
    struct tjob__postgresql_answer answer;
    tjob_load_status status = TJOB_LOAD_UNAVAILABLE;
    (void)context;
    tjob__postgresql_add_text(&parameters, name.data, name.bytes);
    const struct tjob__postgresql_sql sql = {.text = "SELECT version, record FROM tjob_jobs WHERE arn = $1"};
    tjob__postgresql_call(&standby.store, user, false, &sql, &parameters, &answer);
    if (answer.ending == TJOB__POSTGRESQL_DONE && tjob__postgresql_get_number(answer.rows, 0, 0, version) &&
        PQgetisnull(answer.rows, 0, 1) == 0) {
        tjob_job_decode((const unsigned char *)PQgetvalue(answer.rows, 0, 1), job);
        status = TJOB_LOAD_OK;
    } else if (answer.ending == TJOB__POSTGRESQL_NO_ROW) {
        *version = 0;
        status = TJOB_LOAD_NOT_FOUND;
    }
    PQclear(answer.rows);
    return status;
}

/* A swap by another statement. */
static tjob_swap_status careless_swap(const char *update, tjob_text name, uint64_t expected, const tjob_job *next)
{
    struct tjob__postgresql_parameters parameters = {.count = 0};
    struct tjob__postgresql_answer answer;
    unsigned char record[TJOB_JOB_ENCODED_BYTES];
    const struct tjob__postgresql_sql sql = {.text = update};
    tjob_job_encode(next, record);
    tjob__postgresql_add_text(&parameters, name.data, name.bytes);
    tjob__postgresql_add_number(&parameters, expected);
    tjob__postgresql_add_bytes(&parameters, record, TJOB_JOB_ENCODED_BYTES);
    const struct tjob__postgresql_outcome *outcome =
        tjob__postgresql_call(&subject.store, NULL, true, &sql, &parameters, &answer);
    PQclear(answer.rows);
    return outcome->change;
}

static tjob_swap_status asynchronous_swap(void *context, void *user, tjob_text name, uint64_t expected,
                                          const tjob_job *next)
{
    return expected % 2 == 0
               ? right_swap(context, user, name, expected, next)
               : careless_swap("UPDATE tjob_jobs SET version = version + 2, record = $3 WHERE arn = $1 AND"
                               " version = $2",
                               name, expected, next);
}

static tjob_swap_status blind_swap(void *context, void *user, tjob_text name, uint64_t expected, const tjob_job *next)
{
    return expected % 2 == 0
               ? right_swap(context, user, name, expected, next)
               : careless_swap("UPDATE tjob_jobs SET version = version + 2, record = $3 WHERE arn = $1 AND"
                               " $2::bigint IS NOT NULL",
                               name, expected, next);
}

static const struct {
    const char *name;
    void (*course)(void);
    tjob_load_status (*load)(void *context, void *user, tjob_text name, tjob_job *job, uint64_t *version);
    tjob_swap_status (*swap)(void *context, void *user, tjob_text name, uint64_t expected, const tjob_job *next);
    bool has_standby;
    const char *options;
} mistakes[] = {
    {"commit_error_is_failure", course_terminated, right_load, failing_swap, true, ""},
    {"retry_after_a_lost_answer", course_terminated, right_load, repeating_swap, true, ""},
    {"read_from_a_standby", course_stale, replica_load, right_swap, true, ""},
    {"asynchronous_commit", course_crash, right_load, asynchronous_swap, false, "options='-c synchronous_commit=off'"},
    {"no_version_check", course_between, right_load, blind_swap, false, ""},
};

enum { MISTAKES = sizeof mistakes / sizeof mistakes[0] };

int main(int argc, char **argv)
{
    char text[256];
    size_t i = 0;
    while (argc == 4 && i < MISTAKES && strcmp(mistakes[i].name, argv[1]) != 0) {
        i++;
    }
    if (argc != 4 || i == MISTAKES) {
        return 2;
    }
    const bool is_wrong = strcmp(argv[2], "wrong") == 0;
    subject_open(&subject, mistakes[i].options, 5000);
    subject_recreate(&subject);
    if (mistakes[i].has_standby) {
        standby_port = sql_free_port();
        snprintf(text, sizeof text, "standby %d", standby_port);
        sql_control(text);
        snprintf(text, sizeof text, "host=%s port=%d user=tjob dbname=postgres", getenv("TJOB_PG_DIR"), standby_port);
        subject_open_at(&standby, text, 1, 5000, false);
    }
    expect(history_begin(argv[3], &service), "log");
    service.store = (tjob_store){.context = &subject.store,
                                 .load = is_wrong ? mistakes[i].load : right_load,
                                 .swap = is_wrong ? mistakes[i].swap : right_swap};
    mistakes[i].course();
    if (mistakes[i].has_standby) {
        subject_close(&standby);
    }
    subject_close(&subject);
    return history_end() > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
