#define _POSIX_C_SOURCE 200809L /* NOLINT: for clock_gettime and nanosleep */

#include "engines/postgresql_attempt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engines/postgresql_sql.h"
#include "support/jobs.h"

/* Ends the program: this is used in tests of Check and in others. */
static void attempt_check(bool works, const char *wanted)
{
    if (!works) {
        fprintf(stderr, "expected: %s\n", wanted);
        abort();
    }
}

void subject_open_at(struct subject *subject, const char *conninfo, uint32_t connections, uint32_t wait_ms,
                     bool takes_calls)
{
    memset(subject, 0, sizeof *subject);
    snprintf(subject->conninfo, sizeof subject->conninfo, "%s", conninfo);
    const tjob_postgresql_config config = {.conninfo = subject->conninfo,
                                           .connections = subject->connections,
                                           .connection_count = connections,
                                           .wait_ms = wait_ms,
                                           .takes_calls = takes_calls};
    attempt_check(tjob_postgresql_store_init(&subject->store, &config) == TJOB_POSTGRESQL_OK, "TJOB_POSTGRESQL_OK");
    subject->callbacks = tjob_postgresql_store_callbacks(&subject->store);
    subject->list = tjob_postgresql_store_list(&subject->store);
}

void subject_open(struct subject *subject, const char *options, uint32_t wait_ms)
{
    char conninfo[512];
    snprintf(conninfo, sizeof conninfo, "host=%s port=%s user=tjob dbname=postgres %s", getenv("TJOB_PG_DIR"),
             getenv("TJOB_PG_PORT"), options);
    subject_open_at(subject, conninfo, SUBJECT_CONNECTIONS, wait_ms, true);
}

void subject_close(struct subject *subject)
{
    tjob_postgresql_store_close(&subject->store);
}

tjob_postgresql_problem subject_problem(struct subject *subject)
{
    char message[TJOB_POSTGRESQL_MESSAGE_BYTES];
    return tjob_postgresql_store_message(&subject->store, message);
}

void subject_recreate(struct subject *subject)
{
    /* whatever a test that failed has left */
    sql_run("ALTER SYSTEM RESET ALL");
    sql_run("SELECT pg_reload_conf()");
    sql_run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid"
            " <> pg_backend_pid()");
    sql_run("DROP VIEW IF EXISTS tjob_jobs_readable; DROP TABLE IF EXISTS tjob_jobs, tjob_store");
    attempt_check(tjob_postgresql_store_create(&subject->store) == TJOB_POSTGRESQL_OK, "TJOB_POSTGRESQL_OK");
}

uint64_t subject_put(struct subject *subject, tjob_text arn)
{
    tjob_job job = sample_job(TJOB_SUBMITTED);
    tjob_job there;
    uint64_t version = 0;
    attempt_check(subject->callbacks.load(&subject->store, NULL, arn, &there, &version) == TJOB_LOAD_NOT_FOUND,
                  "TJOB_LOAD_NOT_FOUND");
    job.incarnation = version + 1;
    attempt_check(subject->callbacks.swap(&subject->store, NULL, arn, version, &job) == TJOB_SWAP_OK, "TJOB_SWAP_OK");
    return subject_version(subject, arn);
}

uint64_t subject_version(struct subject *subject, tjob_text arn)
{
    tjob_job there;
    uint64_t version = 0;
    attempt_check(subject->callbacks.load(&subject->store, NULL, arn, &there, &version) == TJOB_LOAD_OK,
                  "TJOB_LOAD_OK");
    return version;
}

static void *attempt_run(void *argument)
{
    struct attempt *attempt = argument;
    const tjob_job job = sample_job(TJOB_TRAINING);
    const uint64_t begin = attempt_now_ms();
    attempt->status = attempt->subject->callbacks.swap(&attempt->subject->store, attempt->user, attempt->arn,
                                                       attempt->expected, attempt->removes ? NULL : &job);
    attempt->took_ms = attempt_now_ms() - begin;
    return NULL;
}

void attempt_begin(struct attempt *attempt)
{
    attempt_check(pthread_create(&attempt->thread, NULL, attempt_run, attempt) == 0, "0");
}

tjob_swap_status attempt_end(struct attempt *attempt)
{
    pthread_join(attempt->thread, NULL);
    return attempt->status;
}

uint64_t attempt_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int attempt_wait_event(const char *type)
{
    char text[256];
    int process = 0;
    PGconn *handle = sql_connect("");
    snprintf(text, sizeof text,
             "SELECT pid FROM pg_stat_activity WHERE application_name = 'tjob' AND state = 'active' AND"
             " wait_event_type = '%s'",
             type);
    for (int tries = 0; process == 0 && tries < 500; tries++) {
        process = atoi(sql_get(handle, text));
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    PQfinish(handle);
    attempt_check(process != 0, type);
    return process;
}
