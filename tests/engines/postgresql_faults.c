/*
 * Eight clients on a few jobs, on a primary with a synchronous standby, and meanwhile a course of faults, at last a
 * failover. The calls are logged, for `tjob history check`:
 *
 *   postgresql_server.sh postgresql_faults LOG SECONDS
 *
 * The jobs are others after each fault, so that the histories stay short.
 */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for nanosleep */

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engines/postgresql_attempt.h"
#include "engines/postgresql_history.h"
#include "engines/postgresql_sql.h"

enum { CLIENTS = 8, JOBS = 4, WAIT_MS = 700 };

static tjob_service service;
static atomic_uint phase;
static atomic_bool is_over;
static atomic_uint outcomes[TJOB_STATUS_COUNT];

static void pause_ms(unsigned ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000}, NULL);
}

/* ---- The clients ------------------------------------------------------------------------------------------------ */

/* Any event that the job may be in for: each thread is client, trainer and supervisor. */
static void *run_client(void *random)
{
    static const tjob_event_kind kinds[] = {TJOB_SUBMIT, TJOB_SUBMIT,  TJOB_START,    TJOB_START,
                                            TJOB_STOP,   TJOB_STOP,    TJOB_HALTED,   TJOB_COMPLETED,
                                            TJOB_DELETE, TJOB_REMOVED, TJOB_DESCRIBE, TJOB_DESCRIBE};
    uint64_t *state = random;
    while (!atomic_load(&is_over)) {
        char name[128];
        tjob_outcome outcome;
        *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407); /* Knuth's, of MMIX */
        const tjob_event_kind kind = kinds[(*state >> 50) % (sizeof kinds / sizeof kinds[0])];
        const bool is_of_trainer = kind == TJOB_START || kind == TJOB_HALTED || kind == TJOB_COMPLETED;
        const tjob_event event = {.kind = kind,
                                  .token = kind == TJOB_SUBMIT ? 1 + (*state >> 30) % 3 : 0,
                                  .trainer_token = is_of_trainer ? 7 : 0};
        const int bytes =
            snprintf(name, sizeof name, "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/%u-%u",
                     atomic_load(&phase), (unsigned)((*state >> 40) % JOBS));
        const tjob_status status = tjob_perform(&service, NULL, (tjob_text){name, (size_t)bytes}, &event, &outcome);
        atomic_fetch_add(&outcomes[status], 1);
        if (tjob_status_is_failure(status)) {
            pause_ms(20);
        }
    }
    return NULL;
}

/* ---- The faults ------------------------------------------------------------------------------------------------- */

static void every_backend(const char *what)
{
    char text[256];
    snprintf(text, sizeof text, "SELECT %s(pid) FROM pg_stat_activity WHERE application_name = 'tjob'", what);
    sql_run(text);
}

static void kill_a_backend(void)
{
    PGconn *handle = sql_connect("");
    char command[64];
    snprintf(command, sizeof command, "kill -9 %s",
             sql_get(handle, "SELECT pid FROM pg_stat_activity WHERE application_name = 'tjob' LIMIT 1"));
    PQfinish(handle);
    (void)!system(command); /* NOLINT: it may have ended meanwhile */
}

static void terminate_backends(void)
{
    every_backend("pg_terminate_backend");
}

static void cancel_statements(void)
{
    for (int i = 0; i < 20; i++) {
        every_backend("pg_cancel_backend");
    }
}

static void stop_the_primary(void)
{
    sql_control("pause primary");
    pause_ms(1000);
    sql_control("continue primary");
}

static void kill_the_primary(void)
{
    sql_control("kill primary");
    sql_control("start primary");
}

static void kill_the_postmaster(void)
{
    sql_control("kill_postmaster primary");
    sql_control("start primary");
}

static void restart_the_primary(void)
{
    sql_control("immediate primary");
    sql_control("start primary");
}

/* Writers wait for the standby: some for longer than they may, some until they are cancelled or terminated. */
static void stop_the_standby(void)
{
    sql_control("pause standby");
    pause_ms(300);
    cancel_statements();
    pause_ms(300);
    terminate_backends();
    pause_ms(300);
    sql_control("continue standby");
}

static void kill_the_standby(void)
{
    sql_control("kill standby");
    pause_ms(300);
    cancel_statements();
    sql_control("start standby");
}

static void purge(void)
{
    uint64_t purged;
    for (int i = 0; i < 20; i++) {
        tjob_postgresql_store_purge(service.store.context, 3, &purged);
        pause_ms(10);
    }
}

/* Waits until the standby has everything that loads have seen, however it came to be there. */
static void catch_up(void)
{
    PGconn *handle = sql_connect("");
    int tries = 0;
    while (strcmp(sql_get(handle, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync' AND flush_lsn >="
                                  " pg_current_wal_flush_lsn()"),
                  "1") != 0 &&
           tries++ < 2000) {
        pause_ms(5);
    }
    PQfinish(handle);
    if (tries >= 2000) {
        fprintf(stderr, "the standby does not catch up\n");
        exit(EXIT_FAILURE);
    }
}

static const struct {
    const char *name;
    void (*make)(void);
} faults[] = {
    {"kill -9 of a backend", kill_a_backend},
    {"termination of all backends", terminate_backends},
    {"cancellation of all statements", cancel_statements},
    {"SIGSTOP of the primary", stop_the_primary},
    {"kill -9 of the primary", kill_the_primary},
    {"kill -9 of the postmaster alone", kill_the_postmaster},
    {"SIGSTOP of the standby, cancellations, terminations", stop_the_standby},
    {"kill -9 of the standby, cancellations", kill_the_standby},
    {"purges", purge},
    {"immediate restart of the primary", restart_the_primary},
};

enum { FAULTS = sizeof faults / sizeof faults[0] };

static unsigned run_course(uint64_t until_ms)
{
    unsigned made = 0;
    do {
        for (unsigned i = 0; i < FAULTS; i++) {
            pause_ms(300);
            faults[i].make();
            made++;
            pause_ms(300);
            atomic_fetch_add(&phase, 1);
        }
    } while (attempt_now_ms() < until_ms);
    catch_up();
    sql_control("kill primary");
    sql_control("promote");
    const unsigned before = atomic_load(&outcomes[TJOB_OK]);
    pause_ms(2000);
    if (atomic_load(&outcomes[TJOB_OK]) == before) {
        fprintf(stderr, "nothing works after the failover\n");
        exit(EXIT_FAILURE);
    }
    return made + 1;
}

int main(int argc, char **argv)
{
    static struct subject subject;
    static tjob_postgresql_connection connections[CLIENTS];
    static uint64_t randoms[CLIENTS];
    pthread_t threads[CLIENTS];
    char command[64];
    if (argc != 3) {
        return 2;
    }
    subject_open(&subject, "", 10000);
    subject_recreate(&subject);
    subject_close(&subject);
    const int port = sql_free_port();
    snprintf(command, sizeof command, "standby %d", port);
    sql_control(command);
    snprintf(subject.conninfo, sizeof subject.conninfo, "host=%s,%s port=%s,%d user=tjob dbname=postgres",
             getenv("TJOB_PG_DIR"), getenv("TJOB_PG_DIR"), getenv("TJOB_PG_PORT"), port);
    const tjob_postgresql_config config = {
        .conninfo = subject.conninfo, .connections = connections, .connection_count = CLIENTS, .wait_ms = WAIT_MS};
    if (tjob_postgresql_store_init(&subject.store, &config) != TJOB_POSTGRESQL_OK ||
        !history_begin(argv[1], &service)) {
        return EXIT_FAILURE;
    }
    service.store = tjob_postgresql_store_callbacks(&subject.store);
    const char *repetition = getenv("TJOB_REPETITION");
    const uint64_t seed = repetition != NULL ? strtoull(repetition, NULL, 10) : 0;
    const uint64_t begun = attempt_now_ms();
    for (unsigned i = 0; i < CLIENTS; i++) {
        randoms[i] = seed * CLIENTS + i + 1;
        if (pthread_create(&threads[i], NULL, run_client, &randoms[i]) != 0) {
            return EXIT_FAILURE;
        }
    }
    const unsigned made = run_course(begun + strtoull(argv[2], NULL, 10) * 1000);
    atomic_store(&is_over, true);
    for (unsigned i = 0; i < CLIENTS; i++) {
        pthread_join(threads[i], NULL);
    }
    tjob_postgresql_store_close(&subject.store);
    const unsigned long calls = history_end();
    printf("%lu calls, %u faults, %.1f s:", calls, made, (double)(attempt_now_ms() - begun) / 1000);
    for (unsigned i = 0; i < TJOB_STATUS_COUNT; i++) {
        if (atomic_load(&outcomes[i]) > 0) {
            printf(" %u %s,", atomic_load(&outcomes[i]), tjob_status_name((tjob_status)i));
        }
    }
    printf("\n");
    return calls > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
