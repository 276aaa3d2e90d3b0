/*
 * The store in PostgreSQL against hand-written statements on the same server, in one run:
 *
 *   tests/engines/postgresql_server.sh bench_postgresql [JOBS]
 *
 * Set TJOB_PG_PARENT to a folder on a disk: the server is in memory otherwise, where a sync costs nothing.
 */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for clock_gettime */

#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engines/postgresql_sql.h"
#include "tjob/postgresql_store.h"
#include "tjob/tjob.h"

enum { THREADS = 8, STOPS = 500, ROUNDS = 5, LOADS = 5000, DUE = 100 };

static tjob_postgresql_connection connections[THREADS];
static tjob_postgresql_store store;
static tjob_service service;
static PGconn *hand[THREADS];
static const char *hand_table;
static bool hand_prepares;
static int next_job;

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void expect(bool works, const char *what)
{
    if (!works) {
        fprintf(stderr, "%s\n", what);
        exit(EXIT_FAILURE);
    }
}

static tjob_text name_job(char name[TJOB_ARN_BYTES_MAX], int i)
{
    const int bytes =
        snprintf(name, TJOB_ARN_BYTES_MAX, "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/job-%d", i);
    return (tjob_text){name, (size_t)bytes};
}

/* ---- A stop by the store, and by hand ---------------------------------------------------------------------------- */

static void *stop_by_store(void *argument)
{
    const int thread = (int)(uintptr_t)argument;
    char name[TJOB_ARN_BYTES_MAX];
    tjob_outcome outcome;
    for (int i = 0; i < STOPS; i++) {
        expect(tjob_stop(&service, NULL, name_job(name, next_job + thread * STOPS + i), &outcome) == TJOB_OK, "stop");
    }
    return NULL;
}

static PGresult *by_hand(PGconn *handle, const char *name, const char *text, int count, const char *const *values,
                         const int *lengths)
{
    static const int formats[3] = {1, 1, 1};
    static const Oid types[3] = {25, 20, 17};
    return hand_prepares ? PQexecPrepared(handle, name, count, values, lengths, formats, 1)
                         : PQexecParams(handle, text, count, types, values, lengths, formats, 1);
}

/* What a host writes that knows nothing of lost answers: a SELECT, and an UPDATE against its version. */
static void *stop_by_hand(void *argument)
{
    static const Oid types[3] = {25, 20, 17};
    const int thread = (int)(uintptr_t)argument;
    char select[128];
    char update[128];
    snprintf(select, sizeof select, "SELECT version, record FROM %s WHERE arn = $1", hand_table);
    snprintf(update, sizeof update, "UPDATE %s SET version = version + 2, record = $3 WHERE arn = $1 AND version = $2",
             hand_table);
    if (hand_prepares) {
        PQclear(PQexec(hand[thread], "DEALLOCATE ALL"));
        PQclear(PQprepare(hand[thread], "select", select, 1, types));
        PQclear(PQprepare(hand[thread], "update", update, 3, types));
    }
    for (int i = 0; i < STOPS; i++) {
        char name[TJOB_ARN_BYTES_MAX];
        unsigned char record[TJOB_JOB_ENCODED_BYTES];
        tjob_job job;
        name_job(name, next_job + thread * STOPS + i);
        const char *values[3] = {name, NULL, (const char *)record};
        const int lengths[3] = {(int)strlen(name), 8, TJOB_JOB_ENCODED_BYTES};
        PGresult *row = by_hand(hand[thread], "select", select, 1, values, lengths);
        expect(PQntuples(row) == 1, "select");
        values[1] = PQgetvalue(row, 0, 0);
        tjob_job_decode((const unsigned char *)PQgetvalue(row, 0, 1), &job);
        job.state = TJOB_STOP_REQUESTED;
        job.stop_requested_ms = 5000;
        tjob_job_encode(&job, record);
        PGresult *done = by_hand(hand[thread], "update", update, 3, values, lengths);
        expect(strcmp(PQcmdTuples(done), "1") == 0, "update");
        PQclear(row);
        PQclear(done);
    }
    return NULL;
}

static double in_threads(void *(*body)(void *))
{
    pthread_t threads[THREADS];
    const double begin = now_s();
    for (int i = 0; i < THREADS; i++) {
        expect(pthread_create(&threads[i], NULL, body, (void *)(uintptr_t)i) == 0, "thread");
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    return THREADS * STOPS / (now_s() - begin);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof values[0], compare);
    return values[ROUNDS / 2];
}

static void fill(int jobs)
{
    char text[2048];
    char hex[2 * TJOB_JOB_ENCODED_BYTES + 1];
    unsigned char record[TJOB_JOB_ENCODED_BYTES];
    const tjob_job job = {.submit_token = 1,
                          .incarnation = 1,
                          .trainer_token = 7,
                          .submitted_ms = 1000,
                          .training_started_ms = 2000,
                          .state = TJOB_TRAINING};
    tjob_job_encode(&job, record);
    for (int i = 0; i < TJOB_JOB_ENCODED_BYTES; i++) {
        snprintf(hex + (size_t)2 * (size_t)i, 3, "%02x", record[i]);
    }
    snprintf(text, sizeof text,
             "CREATE TABLE plain (arn text COLLATE \"C\" PRIMARY KEY, version bigint NOT NULL, record bytea);"
             "CREATE TABLE same (LIKE tjob_jobs INCLUDING ALL);"
             "CREATE TABLE plain_prepared (LIKE plain INCLUDING ALL);"
             "CREATE TABLE same_prepared (LIKE tjob_jobs INCLUDING ALL);"
             "INSERT INTO tjob_jobs (arn, version, record) SELECT"
             " 'arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/job-' || i, 1, decode('%s', 'hex')"
             " FROM generate_series(0, %d) i;"
             "INSERT INTO plain SELECT 'arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/job-' || i, 1,"
             " decode('%s', 'hex') FROM generate_series(0, %d) i;"
             "INSERT INTO plain_prepared SELECT * FROM plain;"
             "INSERT INTO same (arn, version, record) SELECT * FROM plain;"
             "INSERT INTO same_prepared (arn, version, record) SELECT * FROM plain",
             hex, jobs - 1, hex, THREADS * STOPS * ROUNDS - 1);
    sql_run(text);
    sql_run("VACUUM ANALYZE");
    sql_run("CHECKPOINT");
}

/* What the store is compared with: each on jobs of its own, in turn with the store. */
static const struct {
    const char *table;
    bool prepares;
    const char *name;
} hands[] = {
    {"plain", false, "by hand, PQexecParams, plain table"},
    {"plain_prepared", true, "by hand, prepared, plain table"},
    {"same", false, "by hand, PQexecParams, same columns and indexes"},
    {"same_prepared", true, "by hand, prepared, same columns and indexes"},
};

enum { HANDS = sizeof hands / sizeof hands[0] };

static void measure_stops(void)
{
    double by_store[ROUNDS];
    double by_hands[HANDS][ROUNDS];
    double ratios[HANDS][ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        by_store[i] = in_threads(stop_by_store);
        for (int hand_index = 0; hand_index < HANDS; hand_index++) {
            hand_table = hands[hand_index].table;
            hand_prepares = hands[hand_index].prepares;
            by_hands[hand_index][i] = in_threads(stop_by_hand);
            ratios[hand_index][i] = by_store[i] / by_hands[hand_index][i];
        }
        next_job += THREADS * STOPS;
    }
    printf("%d connections, stops a second, medians of %d: the store %.0f\n", THREADS, ROUNDS, median(by_store));
    for (int i = 0; i < HANDS; i++) {
        printf("  %s: %.0f; the store reaches %.2f of it\n", hands[i].name, median(by_hands[i]), median(ratios[i]));
    }
}

static void measure_loads(void)
{
    const tjob_store callbacks = tjob_postgresql_store_callbacks(&store);
    char name[TJOB_ARN_BYTES_MAX];
    const tjob_text arn = name_job(name, 1);
    tjob_job job;
    uint64_t version;
    double begin = now_s();
    for (int i = 0; i < LOADS; i++) {
        expect(callbacks.load(callbacks.context, NULL, arn, &job, &version) == TJOB_LOAD_OK, "load");
    }
    const double by_store = (now_s() - begin) / LOADS;
    begin = now_s();
    for (int i = 0; i < LOADS; i++) {
        const char *values[1] = {name};
        const int lengths[1] = {(int)arn.bytes};
        const int formats[1] = {1};
        const Oid types[1] = {25};
        PQclear(PQexecParams(hand[0], "SELECT version, record FROM plain WHERE arn = $1", 1, types, values, lengths,
                             formats, 1));
    }
    printf("one connection: a load %.0f us, a SELECT by hand %.0f us\n", by_store * 1e6,
           (now_s() - begin) / LOADS * 1e6);
}

/* The jobs whose stop is due are those that an expiry reads. */
static void measure_expiry(int jobs)
{
    static tjob_listed_job listed[DUE];
    const tjob_store_list list = tjob_postgresql_store_list(&store);
    const tjob_list_query query = {.states = TJOB_LIST_STATE(TJOB_STOP_REQUESTED), .until_ms = 3000};
    tjob_list_cursor cursor = {{0}};
    tjob_list_status status = TJOB_LIST_MORE;
    unsigned found = 0;
    char text[512];
    snprintf(
        text, sizeof text,
        "UPDATE tjob_jobs SET version = version + 2, record = set_byte(set_byte(set_byte(record, 0, 3), 48, 184), 49,"
        " 11) WHERE arn IN (SELECT arn FROM tjob_jobs WHERE state = 2 LIMIT %d)",
        DUE);
    sql_run(text);
    sql_run("ANALYZE tjob_jobs");
    sql_run("CHECKPOINT");
    const double begin = now_s();
    while (status == TJOB_LIST_MORE) {
        uint32_t count;
        status = list.list(list.context, NULL, &query, &cursor, listed, DUE, &count);
        found += count;
    }
    expect(status == TJOB_LIST_END && found == DUE, "list");
    printf("list of %d jobs that are due, among %d: %.1f ms\n", DUE, jobs, (now_s() - begin) * 1e3);
}

int main(int argc, char **argv)
{
    char conninfo[512];
    const int least = THREADS * STOPS * ROUNDS + DUE; /* all but these are stopped before */
    const int wanted = argc == 2 ? atoi(argv[1]) : 0;
    const int jobs = wanted > least ? wanted : least;
    snprintf(conninfo, sizeof conninfo, "host=%s port=%s user=tjob dbname=postgres", getenv("TJOB_PG_DIR"),
             getenv("TJOB_PG_PORT"));
    const tjob_postgresql_config config = {
        .conninfo = conninfo, .connections = connections, .connection_count = THREADS, .wait_ms = 60000};
    expect(tjob_postgresql_store_init(&store, &config) == TJOB_POSTGRESQL_OK &&
               tjob_postgresql_store_create(&store) == TJOB_POSTGRESQL_OK,
           "create");
    service = (tjob_service){.store = tjob_postgresql_store_callbacks(&store), .clock = tjob_system_clock()};
    for (int i = 0; i < THREADS; i++) {
        hand[i] = sql_connect("");
    }
    fill(jobs);
    measure_stops();
    measure_loads();
    measure_expiry(jobs);
    for (int i = 0; i < THREADS; i++) {
        PQfinish(hand[i]);
    }
    tjob_postgresql_store_close(&store);
    return EXIT_SUCCESS;
}
