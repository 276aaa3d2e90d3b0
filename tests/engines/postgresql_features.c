/*
 * Schema, lists, purges, the caller's transactions, lists of hosts, standbys and poolers of the store in PostgreSQL:
 * postgresql_server.sh postgresql_features
 */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for nanosleep */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "engines/postgresql_attempt.h"
#include "engines/postgresql_sql.h"
#include "support/jobs.h"
#include "support/suite.h"

static struct subject subject;
static const tjob_text other_arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/other");

static void begin(void)
{
    subject_open(&subject, "", 10000);
    subject_recreate(&subject);
}

static tjob_swap_status swap(tjob_text arn, uint64_t expected, const tjob_job *next)
{
    return subject.callbacks.swap(&subject.store, NULL, arn, expected, next);
}

static uint64_t version_of_absence(tjob_text arn)
{
    tjob_job job;
    uint64_t version;
    ck_assert_int_eq(subject.callbacks.load(&subject.store, NULL, arn, &job, &version), TJOB_LOAD_NOT_FOUND);
    return version;
}

/* ---- Arguments and the schema ----------------------------------------------------------------------------------- */

START_TEST(arguments_are_checked)
{
    tjob_postgresql_connection connections[1];
    const tjob_postgresql_config good = {.conninfo = "", .connections = connections, .connection_count = 1};
    tjob_postgresql_config bad[6];
    for (int i = 0; i < 6; i++) {
        bad[i] = good;
    }
    bad[0].conninfo = NULL;
    bad[1].conninfo = "nonsense=1";
    bad[2].connections = NULL;
    bad[3].connection_count = 0;
    bad[4].connection_count = TJOB_POSTGRESQL_CONNECTIONS_MAX + 1;
    bad[5].conninfo = "postgresql://[";
    for (int i = 0; i < 6; i++) {
        ck_assert_int_eq(tjob_postgresql_store_init(&subject.store, &bad[i]), TJOB_POSTGRESQL_INVALID_ARGUMENT);
    }
    ck_assert_int_eq(tjob_postgresql_store_init(NULL, &good), TJOB_POSTGRESQL_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_postgresql_store_init(&subject.store, NULL), TJOB_POSTGRESQL_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_postgresql_store_init(&subject.store, &good), TJOB_POSTGRESQL_OK);
    uint64_t purged = 1;
    ck_assert_int_eq(tjob_postgresql_store_purge(&subject.store, 0, &purged), TJOB_POSTGRESQL_INVALID_ARGUMENT);
    ck_assert_uint_eq(purged, 0);
    ck_assert_int_eq(tjob_postgresql_store_purge(&subject.store, UINT32_MAX, &purged),
                     TJOB_POSTGRESQL_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_postgresql_store_raise(&subject.store, UINT64_MAX), TJOB_POSTGRESQL_INVALID_ARGUMENT);
    subject_close(&subject);
}
END_TEST

START_TEST(the_schema_is_made_once)
{
    begin();
    subject_put(&subject, sample_arn);
    ck_assert_int_eq(tjob_postgresql_store_create(&subject.store), TJOB_POSTGRESQL_OK);
    subject_version(&subject, sample_arn);
    sql_run("UPDATE tjob_store SET schema_version = 2");
    ck_assert_int_eq(tjob_postgresql_store_create(&subject.store), TJOB_POSTGRESQL_OTHER_SCHEMA);
    ck_assert_int_eq(tjob_postgresql_store_check(&subject.store), TJOB_POSTGRESQL_OTHER_SCHEMA);
    tjob_job job;
    uint64_t version;
    ck_assert_int_eq(subject.callbacks.load(&subject.store, NULL, sample_arn, &job, &version), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(subject_problem(&subject), TJOB_POSTGRESQL_OTHER_SCHEMA);
    subject_close(&subject);
}
END_TEST

static void *create(void *argument)
{
    const struct subject *one = argument;
    return (void *)(uintptr_t)tjob_postgresql_store_create((tjob_postgresql_store *)(uintptr_t)&one->store);
}

START_TEST(the_schema_is_made_by_several_at_once)
{
    pthread_t threads[4];
    subject_open(&subject, "", 10000);
    sql_run("DROP VIEW IF EXISTS tjob_jobs_readable; DROP TABLE IF EXISTS tjob_jobs, tjob_store");
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, create, &subject), 0);
    }
    for (int i = 0; i < 4; i++) {
        void *problem;
        pthread_join(threads[i], &problem);
        ck_assert_int_eq((int)(uintptr_t)problem, TJOB_POSTGRESQL_OK);
    }
    ck_assert_int_eq(tjob_postgresql_store_check(&subject.store), TJOB_POSTGRESQL_OK);
    subject_close(&subject);
}
END_TEST

/* What people query is what the record says. */
START_TEST(the_columns_are_those_of_the_record)
{
    char text[512];
    begin();
    PGconn *handle = sql_connect("options='-c timezone=UTC'");
    for (uint32_t state = TJOB_SUBMITTED; state < TJOB_STATE_COUNT; state++) {
        tjob_job job = sample_job((tjob_state)state);
        const uint64_t times[] = {job.submitted_ms, job.training_started_ms, job.stop_requested_ms, job.ended_ms};
        const uint64_t expected = version_of_absence(sample_arn);
        job.incarnation = expected + 1;
        ck_assert_int_eq(swap(sample_arn, expected, &job), TJOB_SWAP_OK);
        snprintf(text, sizeof text,
                 "SELECT count(*) FROM tjob_jobs JOIN tjob_jobs_readable r USING (arn) WHERE r.state = '%s' AND"
                 " tjob_jobs.state = %u AND r.incarnation = %llu AND submitted_ms = %llu AND training_started_ms ="
                 " %llu AND stop_requested_ms = %llu AND ended_ms = %llu AND latest_ms = %llu AND host_code = %u AND"
                 " submitted = '1970-01-01 00:00:01Z' AND (ended IS NULL OR ended = '1970-01-01 00:00:04Z')",
                 tjob_state_name((tjob_state)state), state, (unsigned long long)job.incarnation,
                 (unsigned long long)times[0], (unsigned long long)times[1], (unsigned long long)times[2],
                 (unsigned long long)times[3], (unsigned long long)tjob_job_latest_ms(&job), job.host_code);
        ck_assert_str_eq(sql_get(handle, text), "1");
        ck_assert_int_eq(swap(sample_arn, subject_version(&subject, sample_arn), NULL), TJOB_SWAP_OK);
    }
    tjob_job job = sample_job(TJOB_SUBMITTED);
    job.submitted_ms = UINT64_MAX;
    ck_assert_int_eq(swap(other_arn, 0, &job), TJOB_SWAP_OK);
    ck_assert_str_eq(sql_get(handle, "SELECT submitted = 'infinity' FROM tjob_jobs_readable"), "t");
    PQfinish(handle);
    subject_close(&subject);
}
END_TEST

/* ---- Lists ------------------------------------------------------------------------------------------------------ */

enum { LISTED = 100, PAGE = 12 };

static void fill(void)
{
    for (unsigned i = 0; i < LISTED; i++) {
        char name[128];
        const int bytes = snprintf(name, sizeof name, "%.*s/%u", (int)sample_arn.bytes, sample_arn.data, i);
        tjob_job job = sample_job((tjob_state)(TJOB_SUBMITTED + i % 8));
        job.ended_ms += job.ended_ms != 0 ? i / 8 % 3 : 0;
        ck_assert_int_eq(swap((tjob_text){name, (size_t)bytes}, 0, &job), TJOB_SWAP_OK);
    }
}

/* Lists everything that a query matches, and checks each job of it. */
static unsigned list(const tjob_list_query *query, uint32_t capacity)
{
    static tjob_listed_job jobs[LISTED];
    static char seen[LISTED][TJOB_ARN_BYTES_MAX];
    tjob_list_cursor cursor = {{0}};
    tjob_list_status status = TJOB_LIST_MORE;
    unsigned total = 0;
    while (status == TJOB_LIST_MORE) {
        uint32_t count;
        status = subject.list.list(subject.list.context, NULL, query, &cursor, jobs, capacity, &count);
        for (uint32_t i = 0; i < count; i++) {
            ck_assert(tjob_list_query_matches(query, &jobs[i].job));
            ck_assert_uint_eq(jobs[i].version, 1);
            ck_assert_uint_lt(total, LISTED);
            memset(seen[total], 0, TJOB_ARN_BYTES_MAX);
            memcpy(seen[total], jobs[i].arn, jobs[i].arn_bytes);
            for (unsigned j = 0; j < total; j++) {
                ck_assert_int_ne(memcmp(seen[j], seen[total], TJOB_ARN_BYTES_MAX), 0);
            }
            total++;
        }
    }
    ck_assert_int_eq(status, TJOB_LIST_END);
    uint32_t count = 1;
    ck_assert_int_eq(subject.list.list(subject.list.context, NULL, query, &cursor, jobs, capacity, &count),
                     TJOB_LIST_END);
    ck_assert_uint_eq(count, 0);
    return total;
}

START_TEST(a_list_has_what_the_query_matches)
{
    begin();
    const tjob_list_query all = {.states = 0};
    ck_assert_uint_eq(list(&all, PAGE), 0);
    fill();
    swap(other_arn, 0, NULL);
    for (uint32_t capacity = PAGE; capacity <= LISTED; capacity += 44) {
        ck_assert_uint_eq(list(&all, capacity), LISTED);
        for (uint32_t states = 2; states < 1U << TJOB_STATE_COUNT; states += 2 * 7) {
            for (uint64_t until = 0; until <= SAMPLE_ENDED_MS + 2; until += until < SAMPLE_ENDED_MS - 1 ? 1333 : 1) {
                const tjob_list_query query = {.states = states, .until_ms = until};
                unsigned wanted = 0;
                for (unsigned i = 0; i < LISTED; i++) {
                    tjob_job job = sample_job((tjob_state)(TJOB_SUBMITTED + i % 8));
                    job.ended_ms += job.ended_ms != 0 ? i / 8 % 3 : 0;
                    wanted += tjob_list_query_matches(&query, &job);
                }
                ck_assert_uint_eq(list(&query, capacity), wanted);
            }
        }
    }
    subject_close(&subject);
}
END_TEST

START_TEST(a_list_of_times_beyond_bigint)
{
    begin();
    tjob_job job = sample_job(TJOB_SUBMITTED);
    job.submitted_ms = UINT64_MAX - 1;
    ck_assert_int_eq(swap(other_arn, 0, &job), TJOB_SWAP_OK);
    tjob_list_query query = {.states = TJOB_LIST_STATE(TJOB_SUBMITTED), .until_ms = UINT64_MAX};
    ck_assert_uint_eq(list(&query, PAGE), 1);
    query.until_ms = UINT64_MAX - 2;
    ck_assert_uint_eq(list(&query, PAGE), 0);
    query.until_ms = 1;
    ck_assert_uint_eq(list(&query, PAGE), 0);
    subject_close(&subject);
}
END_TEST

START_TEST(a_list_refuses_what_it_does_not_know)
{
    tjob_listed_job jobs[PAGE];
    uint32_t count = 7;
    tjob_list_cursor cursor = {{0}};
    begin();
    const tjob_list_query bad[] = {{.states = 1}, {.states = 1U << TJOB_STATE_COUNT}, {.zero = 1}};
    const tjob_list_query all = {.states = 0};
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(subject.list.list(subject.list.context, NULL, &bad[i], &cursor, jobs, PAGE, &count),
                         TJOB_LIST_INVALID);
        ck_assert_uint_eq(count, 0);
    }
    ck_assert_int_eq(subject.list.list(subject.list.context, NULL, &all, &cursor, jobs, PAGE - 1, &count),
                     TJOB_LIST_INVALID);
    ck_assert_int_eq(subject.list.list(subject.list.context, NULL, &all, &cursor, jobs, UINT32_MAX, &count),
                     TJOB_LIST_INVALID);
    for (int i = 0; i < 3; i++) {
        memset(&cursor, 0, sizeof cursor);
        cursor.words[i] = UINT64_MAX;
        ck_assert_int_eq(subject.list.list(subject.list.context, NULL, &all, &cursor, jobs, PAGE, &count),
                         TJOB_LIST_INVALID);
    }
    memset(&cursor, 0, sizeof cursor);
    sql_run("DROP VIEW tjob_jobs_readable; DROP TABLE tjob_jobs");
    ck_assert_int_eq(subject.list.list(subject.list.context, NULL, &all, &cursor, jobs, PAGE, &count),
                     TJOB_LIST_UNAVAILABLE);
    ck_assert_uint_eq(count, 0);
    subject_close(&subject);
}
END_TEST

/* The plan goes by the index, also among many jobs of other states and times. */
START_TEST(a_list_goes_by_the_index)
{
    begin();
    fill();
    PGconn *handle = sql_connect("");
    sql_get(handle, "INSERT INTO tjob_jobs (arn, version, record) SELECT j.arn || '/' || i, 1, j.record FROM tjob_jobs"
                    " j, generate_series(1, 200) i");
    sql_get(handle, "ANALYZE tjob_jobs");
    sql_get(handle, "SET plan_cache_mode = force_generic_plan");
    PGresult *plan = PQexec(
        handle, "EXPLAIN SELECT arn FROM tjob_jobs WHERE record IS NOT NULL AND latest_ms <= 3000 AND state = 3 AND"
                " (latest_ms, arn) > (0, '') ORDER BY latest_ms, arn LIMIT 100");
    bool is_indexed = false;
    for (int i = 0; i < PQntuples(plan); i++) {
        is_indexed = is_indexed || strstr(PQgetvalue(plan, i, 0), "tjob_jobs_by_state") != NULL;
    }
    ck_assert(is_indexed);
    PQclear(plan);
    PQfinish(handle);
    subject_close(&subject);
}
END_TEST

/* ---- Purges ----------------------------------------------------------------------------------------------------- */

START_TEST(a_purge_raises_the_version_of_absences)
{
    const tjob_job job = sample_job(TJOB_SUBMITTED);
    uint64_t purged;
    begin();
    uint64_t version = subject_put(&subject, sample_arn);
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(swap(sample_arn, version, &job), TJOB_SWAP_OK);
        version = subject_version(&subject, sample_arn);
    }
    ck_assert_int_eq(swap(sample_arn, version, NULL), TJOB_SWAP_OK);
    const uint64_t removed = version_of_absence(sample_arn);
    const uint64_t other = subject_put(&subject, other_arn);
    ck_assert_int_eq(tjob_postgresql_store_purge(&subject.store, 10, &purged), TJOB_POSTGRESQL_OK);
    ck_assert_uint_eq(purged, 1);
    ck_assert_int_eq(tjob_postgresql_store_purge(&subject.store, 10, &purged), TJOB_POSTGRESQL_OK);
    ck_assert_uint_eq(purged, 0);
    ck_assert_uint_gt(version_of_absence(sample_arn), removed);
    for (uint64_t old = 0; old <= removed; old++) { /* whatever was delayed */
        ck_assert_int_eq(swap(sample_arn, old, &job), TJOB_SWAP_CONFLICT);
    }
    ck_assert_uint_eq(subject_version(&subject, other_arn), other);
    ck_assert_uint_gt(subject_put(&subject, sample_arn), removed + 1);
    subject_close(&subject);
}
END_TEST

START_TEST(a_purge_takes_as_many_as_it_may)
{
    uint64_t purged;
    begin();
    fill();
    sql_run("UPDATE tjob_jobs SET record = NULL, version = version + 2");
    uint64_t total = 0;
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(tjob_postgresql_store_purge(&subject.store, 30, &purged), TJOB_POSTGRESQL_OK);
        ck_assert_uint_eq(purged, i < 3 ? 30 : 10);
        total += purged;
    }
    ck_assert_uint_eq(total, LISTED);
    subject_close(&subject);
}
END_TEST

START_TEST(a_raise_lifts_every_absence)
{
    begin();
    const uint64_t version = subject_put(&subject, sample_arn);
    ck_assert_int_eq(swap(sample_arn, version, NULL), TJOB_SWAP_OK);
    ck_assert_int_eq(tjob_postgresql_store_raise(&subject.store, 1001), TJOB_POSTGRESQL_OK);
    ck_assert_uint_eq(version_of_absence(sample_arn), 1002);
    ck_assert_int_eq(tjob_postgresql_store_raise(&subject.store, 5), TJOB_POSTGRESQL_OK);
    ck_assert_uint_eq(version_of_absence(other_arn), 1002);
    ck_assert_uint_eq(subject_put(&subject, sample_arn), 1003);
    subject_close(&subject);
}
END_TEST

static void *purge(void *argument)
{
    uint64_t purged = 0;
    (void)argument;
    ck_assert_int_eq(tjob_postgresql_store_purge(&subject.store, 100, &purged), TJOB_POSTGRESQL_OK);
    return (void *)(uintptr_t)purged;
}

/* A creation that began before a purge is committed before it; one that began later sees what it raised. */
START_TEST(a_purge_beside_creations)
{
    const tjob_job job = sample_job(TJOB_SUBMITTED);
    pthread_t thread;
    void *purged;
    begin();
    const uint64_t version = subject_put(&subject, sample_arn);
    ck_assert_int_eq(swap(sample_arn, version, NULL), TJOB_SWAP_OK);
    PGconn *mine = sql_connect("");
    sql_get(mine, "BEGIN");
    tjob_postgresql_call call = {.connection = mine};
    ck_assert_int_eq(subject.callbacks.swap(&subject.store, &call, other_arn, 0, &job), TJOB_SWAP_OK);
    ck_assert_int_eq(pthread_create(&thread, NULL, purge, NULL), 0);
    attempt_wait_event("Lock");
    /* this one finds the purge in its way, waits for it, and then its version is gone */
    static const tjob_text late = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/late");
    struct attempt attempt = {.subject = &subject, .arn = late, .expected = 0};
    attempt_begin(&attempt);
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    sql_get(mine, "COMMIT");
    pthread_join(thread, &purged);
    ck_assert_uint_eq((uintptr_t)purged, 1);
    const tjob_swap_status status = attempt_end(&attempt);
    ck_assert(status == TJOB_SWAP_CONFLICT || status == TJOB_SWAP_OK); /* it may have been before the purge's lock */
    ck_assert_uint_eq(subject_version(&subject, other_arn), 1);
    PQfinish(mine);
    subject_close(&subject);
}
END_TEST

/* A transaction that took its snapshot before a purge would create a job by the old version: the server refuses. */
START_TEST(a_creation_in_an_old_snapshot)
{
    const tjob_job job = sample_job(TJOB_SUBMITTED);
    uint64_t purged;
    begin();
    const uint64_t version = subject_put(&subject, sample_arn);
    ck_assert_int_eq(swap(sample_arn, version, NULL), TJOB_SWAP_OK);
    PGconn *mine = sql_connect("");
    sql_get(mine, "BEGIN ISOLATION LEVEL REPEATABLE READ");
    sql_get(mine, "SELECT count(*) FROM tjob_jobs");
    ck_assert_int_eq(tjob_postgresql_store_purge(&subject.store, 10, &purged), TJOB_POSTGRESQL_OK);
    tjob_postgresql_call call = {.connection = mine};
    ck_assert_int_eq(subject.callbacks.swap(&subject.store, &call, other_arn, 0, &job), TJOB_SWAP_CONFLICT);
    ck_assert_int_eq(subject_problem(&subject), TJOB_POSTGRESQL_CONTENDED);
    PQfinish(mine);
    subject_close(&subject);
}
END_TEST

/* ---- The caller's transaction ----------------------------------------------------------------------------------- */

START_TEST(a_swap_in_the_callers_transaction)
{
    tjob_job job;
    uint64_t seen;
    const tjob_job next = sample_job(TJOB_TRAINING);
    begin();
    sql_run("DROP TABLE IF EXISTS reasons; CREATE TABLE reasons (arn text, reason text)");
    const uint64_t version = subject_put(&subject, sample_arn);
    PGconn *mine = sql_connect("");
    tjob_postgresql_call call = {.connection = mine, .wait_ms = 3000};
    for (int commits = 0; commits < 2; commits++) {
        sql_get(mine, "BEGIN");
        sql_get(mine, "INSERT INTO reasons VALUES ('a', 'because')");
        ck_assert_int_eq(subject.callbacks.load(&subject.store, &call, sample_arn, &job, &seen), TJOB_LOAD_OK);
        ck_assert_uint_eq(seen, version);
        ck_assert_int_eq(subject.callbacks.swap(&subject.store, &call, sample_arn, seen, &next), TJOB_SWAP_OK);
        ck_assert_int_eq(PQisnonblocking(mine), 0);
        ck_assert_uint_eq(subject_version(&subject, sample_arn), version); /* others do not see it yet */
        ck_assert_int_eq(subject.callbacks.load(&subject.store, &call, sample_arn, &job, &seen), TJOB_LOAD_OK);
        ck_assert_uint_eq(seen, version + 2);
        sql_get(mine, commits != 0 ? "COMMIT" : "ROLLBACK");
        ck_assert_uint_eq(subject_version(&subject, sample_arn), version + (commits != 0 ? 2 : 0));
    }
    ck_assert_str_eq(sql_get(mine, "SELECT count(*) FROM reasons"), "1");
    PQfinish(mine);
    subject_close(&subject);
}
END_TEST

START_TEST(a_connection_without_a_usable_transaction)
{
    tjob_job job = sample_job(TJOB_TRAINING);
    uint64_t version;
    begin();
    version = subject_put(&subject, sample_arn);
    PGconn *mine = sql_connect("");
    tjob_postgresql_call call = {.connection = mine};
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(subject.callbacks.swap(&subject.store, &call, sample_arn, version, &job),
                         TJOB_SWAP_UNAVAILABLE);
        ck_assert_int_eq(subject.callbacks.load(&subject.store, &call, sample_arn, &job, &version),
                         TJOB_LOAD_UNAVAILABLE);
        ck_assert_int_eq(subject_problem(&subject), TJOB_POSTGRESQL_NO_TRANSACTION);
        if (i == 0) { /* next: one that has failed */
            sql_get(mine, "BEGIN");
            PQclear(PQexec(mine, "SELECT 1/0"));
        } else if (i == 1) { /* and one that was ended by an administrator, before anything was read of that */
            sql_get(mine, "ROLLBACK");
            sql_get(mine, "BEGIN");
            char text[128];
            snprintf(text, sizeof text, "SELECT pg_terminate_backend(%d)", PQbackendPID(mine));
            sql_run(text);
            nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
        }
    }
    PQfinish(mine);
    call.connection = NULL; /* one of the pool */
    ck_assert_int_eq(subject.callbacks.load(&subject.store, &call, sample_arn, &job, &version), TJOB_LOAD_OK);
    subject_close(&subject);
}
END_TEST

/* ---- Several servers -------------------------------------------------------------------------------------------- */

/* A host that accepts and says nothing does not keep the next one from being tried. */
START_TEST(a_silent_host_before_a_good_one)
{
    begin();
    const uint64_t version = subject_put(&subject, sample_arn);
    subject_close(&subject);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int silent = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert(bind(silent, (struct sockaddr *)&address, size) == 0 && listen(silent, 8) == 0);
    ck_assert(getsockname(silent, (struct sockaddr *)&address, &size) == 0);
    char conninfo[512];
    snprintf(conninfo, sizeof conninfo,
             _i == 0 ? "host=127.0.0.1,127.0.0.1,127.0.0.1 port=%d,%d,%s user=tjob dbname=postgres"
                     : "postgresql://tjob@127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%s/postgres",
             ntohs(address.sin_port), sql_free_port(), getenv("TJOB_PG_PORT"));
    subject_open_at(&subject, conninfo, 2, 3000, false);
    const uint64_t begun = attempt_now_ms();
    ck_assert_uint_eq(subject_version(&subject, sample_arn), version);
    ck_assert_uint_le(attempt_now_ms() - begun, 1500);
    subject_close(&subject);
    snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%d user=tjob dbname=postgres", ntohs(address.sin_port));
    subject_open_at(&subject, conninfo, 1, 200, false);
    ck_assert_int_eq(tjob_postgresql_store_check(&subject.store), TJOB_POSTGRESQL_NO_CONNECTION);
    char message[TJOB_POSTGRESQL_MESSAGE_BYTES];
    tjob_postgresql_store_message(&subject.store, message);
    ck_assert_ptr_nonnull(strstr(message, "timed out"));
    subject_close(&subject);
    close(silent);
}
END_TEST

static void expect_no_backend(void)
{
    PGconn *handle = sql_connect("");
    ck_assert_str_eq(sql_get(handle, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tjob'"), "0");
    PQfinish(handle);
}

START_TEST(a_standby_answers_nothing)
{
    tjob_job job;
    uint64_t version;
    uint32_t count;
    tjob_listed_job jobs[PAGE];
    tjob_list_cursor cursor = {{0}};
    const tjob_list_query query = {.states = TJOB_LIST_STATE(TJOB_SUBMITTED)};
    char command[64];
    char conninfo[512];
    begin();
    version = subject_put(&subject, sample_arn);
    const int port = sql_free_port();
    snprintf(command, sizeof command, "async %d", port);
    sql_control(command);
    snprintf(conninfo, sizeof conninfo, "host=%s port=%d user=tjob dbname=postgres", getenv("TJOB_PG_DIR"), port);
    struct subject standby;
    subject_open_at(&standby, conninfo, 1, 3000, false);
    ck_assert_int_eq(standby.callbacks.load(&standby.store, NULL, sample_arn, &job, &version), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(subject_problem(&standby), TJOB_POSTGRESQL_READ_ONLY);
    ck_assert_int_eq(standby.list.list(standby.list.context, NULL, &query, &cursor, jobs, PAGE, &count),
                     TJOB_LIST_UNAVAILABLE);
    job = sample_job(TJOB_TRAINING);
    ck_assert_int_eq(standby.callbacks.swap(&standby.store, NULL, sample_arn, 1, &job), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(standby.callbacks.swap(&standby.store, NULL, other_arn, 0, &job), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(subject_problem(&standby), TJOB_POSTGRESQL_READ_ONLY);
    ck_assert_int_eq(tjob_postgresql_store_check(&standby.store), TJOB_POSTGRESQL_READ_ONLY);
    subject_close(&standby);

    /* of two hosts the primary is taken, and after a promotion the other one */
    snprintf(conninfo, sizeof conninfo, "host=%s,%s port=%d,%s user=tjob dbname=postgres", getenv("TJOB_PG_DIR"),
             getenv("TJOB_PG_DIR"), port, getenv("TJOB_PG_PORT"));
    subject_open_at(&standby, conninfo, 1, 5000, false);
    subject_version(&standby, sample_arn);
    subject_close(&subject);
    sql_control("immediate primary");
    sql_control("promote");
    uint64_t after = 0;
    for (int i = 0; i < 20 && after == 0; i++) {
        if (standby.callbacks.load(&standby.store, NULL, sample_arn, &job, &version) == TJOB_LOAD_OK) {
            after = version;
        }
    }
    ck_assert_uint_eq(after, 1);
    ck_assert_int_eq(standby.callbacks.swap(&standby.store, NULL, sample_arn, 1, &job), TJOB_SWAP_OK);
    subject_close(&standby);
    sql_control("immediate standby");
    sql_control("start primary");
    expect_no_backend();
}
END_TEST

/* What was prepared is forgotten, or does not fit the table any more: the statement is then sent as it is. */
START_TEST(a_prepared_statement_that_is_refused)
{
    tjob_job job;
    uint64_t version;
    begin();
    subject_put(&subject, sample_arn);
    sql_run(
        "DROP VIEW tjob_jobs_readable; ALTER TABLE tjob_jobs ADD copy text; ALTER TABLE tjob_jobs DROP COLUMN record"
        " CASCADE; ALTER TABLE tjob_jobs RENAME COLUMN copy TO record");
    ck_assert_int_eq(subject.callbacks.load(&subject.store, NULL, other_arn, &job, &version), TJOB_LOAD_NOT_FOUND);
    ck_assert_uint_eq(subject.store.is_pooled, 1);
    subject_close(&subject);
}
END_TEST

/* A pooler says ERROR or FATAL without the severity that the server sends: unknown. */
START_TEST(behind_a_pooler)
{
    char command[64];
    char conninfo[512];
    begin();
    const uint64_t version = subject_put(&subject, sample_arn);
    subject_close(&subject);
    const int port = sql_free_port();
    snprintf(command, sizeof command, "pgbouncer %d", port);
    sql_control(command);
    snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%d user=tjob dbname=postgres", port);
    subject_open_at(&subject, conninfo, 2, 10000, false);
    ck_assert_int_eq(tjob_postgresql_store_check(&subject.store), TJOB_POSTGRESQL_OK);
    PGconn *holder = sql_connect("");
    sql_get(holder, "BEGIN");
    sql_get(holder, "SELECT 1 FROM tjob_jobs FOR UPDATE");
    struct attempt attempt = {.subject = &subject, .arn = sample_arn, .expected = version};
    attempt_begin(&attempt);
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    sql_run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    ck_assert_int_eq(attempt_end(&attempt), TJOB_SWAP_UNKNOWN);
    ck_assert_int_eq(subject_problem(&subject), TJOB_POSTGRESQL_LOST);
    attempt_begin(&attempt);
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    sql_run("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    ck_assert_int_eq(attempt_end(&attempt), TJOB_SWAP_UNAVAILABLE); /* the server's own answer passes */
    sql_get(holder, "ROLLBACK");
    attempt_begin(&attempt);
    ck_assert_int_eq(attempt_end(&attempt), TJOB_SWAP_OK);
    PQfinish(holder);
    subject_close(&subject);
}
END_TEST

START_TEST(a_server_that_does_not_sync)
{
    begin();
    sql_run("ALTER SYSTEM SET fsync = off");
    sql_run("SELECT pg_reload_conf(), pg_sleep(0.5)");
    ck_assert_int_eq(tjob_postgresql_store_check(&subject.store), TJOB_POSTGRESQL_NOT_DURABLE);
    ck_assert_int_eq(tjob_postgresql_store_create(&subject.store), TJOB_POSTGRESQL_OK);
    sql_run("ALTER SYSTEM RESET fsync");
    sql_run("SELECT pg_reload_conf(), pg_sleep(0.5)");
    ck_assert_int_eq(tjob_postgresql_store_check(&subject.store), TJOB_POSTGRESQL_OK);
    subject_close(&subject);
}
END_TEST

RUN_TESTS("postgresql_features", {arguments_are_checked, 0}, {the_schema_is_made_once, 0},
          {the_schema_is_made_by_several_at_once, 0}, {the_columns_are_those_of_the_record, 0},
          {a_list_has_what_the_query_matches, 0}, {a_list_of_times_beyond_bigint, 0},
          {a_list_refuses_what_it_does_not_know, 0}, {a_list_goes_by_the_index, 0},
          {a_purge_raises_the_version_of_absences, 0}, {a_purge_takes_as_many_as_it_may, 0},
          {a_raise_lifts_every_absence, 0}, {a_purge_beside_creations, 0}, {a_creation_in_an_old_snapshot, 0},
          {a_swap_in_the_callers_transaction, 0}, {a_connection_without_a_usable_transaction, 0},
          {a_silent_host_before_a_good_one, 2}, {a_standby_answers_nothing, 0},
          {a_prepared_statement_that_is_refused, 0}, {behind_a_pooler, 0}, {a_server_that_does_not_sync, 0})
