/*
 * The store in PostgreSQL keeps the contract, on a real server behind a proxy that loses calls. A crash of the whole
 * server comes before each reopening.
 *
 *   postgresql_server.sh postgresql_contract [--pgbouncer]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract/bench_threads.h"
#include "engines/postgresql_proxy.h"
#include "engines/postgresql_sql.h"
#include "tjob/postgresql_store.h"
#include "tjob/store_contract.h"

enum { CONNECTIONS = 8, THREADS = 8, ROUNDS = 60, WAIT_MS = 1500, EXPECTED_CASES = 20 };

struct bench {
    struct proxy proxy;
    char conninfo[256];
    char other_conninfo[256];
    tjob_postgresql_store store;
    tjob_postgresql_store other;
    tjob_postgresql_connection connections[CONNECTIONS];
    tjob_postgresql_connection other_connections[CONNECTIONS];
    bool has_other;
    bool is_pooled;
    unsigned kept;
};

static bool open_again(void *context, tjob_store *store)
{
    struct bench *bench = context;
    const tjob_postgresql_config config = {.conninfo = bench->conninfo,
                                           .connections = bench->connections,
                                           .connection_count = CONNECTIONS,
                                           .wait_ms = WAIT_MS};
    *store = tjob_postgresql_store_callbacks(&bench->store);
    return tjob_postgresql_store_init(&bench->store, &config) == TJOB_POSTGRESQL_OK;
}

static bool open_fresh(void *context, tjob_store *store)
{
    struct bench *bench = context;
    sql_run("DROP VIEW IF EXISTS tjob_jobs_readable; DROP TABLE IF EXISTS tjob_jobs, tjob_store");
    return open_again(context, store) && tjob_postgresql_store_create(&bench->store) == TJOB_POSTGRESQL_OK &&
           tjob_postgresql_store_check(&bench->store) == TJOB_POSTGRESQL_OK;
}

static bool list_store(void *context, tjob_store_list *list)
{
    *list = tjob_postgresql_store_list(&((struct bench *)context)->store);
    return true;
}

static bool open_another(void *context, tjob_store *other)
{
    struct bench *bench = context;
    const tjob_postgresql_config config = {.conninfo = bench->other_conninfo,
                                           .connections = bench->other_connections,
                                           .connection_count = CONNECTIONS,
                                           .wait_ms = WAIT_MS};
    *other = tjob_postgresql_store_callbacks(&bench->other);
    bench->has_other = tjob_postgresql_store_init(&bench->other, &config) == TJOB_POSTGRESQL_OK;
    return bench->has_other;
}

static bool reopen(void *context, tjob_store *store)
{
    struct bench *bench = context;
    tjob_postgresql_store_close(&bench->store);
    sql_control("kill primary");
    sql_control("start primary");
    return open_again(context, store);
}

static void close_all(void *context)
{
    struct bench *bench = context;
    if (bench->has_other) {
        tjob_postgresql_store_close(&bench->other);
        bench->has_other = false;
    }
    tjob_postgresql_store_close(&bench->store);
}

static bool inject(void *context, tjob_store_contract_fault fault)
{
    proxy_inject(&((struct bench *)context)->proxy, fault);
    return true;
}

static bool heal(void *context)
{
    return proxy_heal(&((struct bench *)context)->proxy);
}

static void report(void *context, const tjob_store_contract_result *result)
{
    struct bench *bench = context;
    bench->kept += result->verdict == TJOB_STORE_CONTRACT_KEPT;
    printf("%s: %s%s%s\n", result->name, tjob_store_contract_verdict_name(result->verdict),
           result->message[0] != '\0' ? ": " : "", result->message);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    static uint64_t memory[TJOB_STORE_CONTRACT_BYTES / sizeof(uint64_t)];
    char command[64];
    const char *port = getenv("TJOB_PG_PORT");
    const tjob_store_contract contract = {
        .context = &bench,
        .memory = memory,
        .open = open_fresh,
        .close = close_all,
        .list = list_store,
        .reopen = reopen,
        .open_another = open_another,
        .inject = inject,
        .heal = heal,
        .run_threads = bench_run_threads,
        .threads = THREADS,
        .rounds = ROUNDS,
    };
    if (port == NULL) {
        return 2;
    }
    int target = atoi(port);
    bench.is_pooled = argc == 2 && strcmp(argv[1], "--pgbouncer") == 0;
    if (bench.is_pooled) {
        target = sql_free_port();
        snprintf(command, sizeof command, "pgbouncer %d", target);
        sql_control(command);
    }
    proxy_start(&bench.proxy, target);
    snprintf(bench.conninfo, sizeof bench.conninfo, "host=127.0.0.1 port=%d user=tjob dbname=postgres",
             bench.proxy.port);
    snprintf(bench.other_conninfo, sizeof bench.other_conninfo, "host=127.0.0.1 port=%d user=tjob dbname=postgres",
             target);
    const size_t broken = tjob_store_contract_run(&contract, report, &bench);
    proxy_stop(&bench.proxy);
    printf("%u kept, %zu broken\n", bench.kept, broken);
    return broken == 0 && bench.kept == EXPECTED_CASES ? EXIT_SUCCESS : EXIT_FAILURE;
}
