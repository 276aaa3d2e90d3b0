/*
 * The store on etcd keeps the contract of every store, on a real server: its second handle has a connection of its own,
 * its lost calls are lost by a proxy, and it is reopened after a kill -9 of the server. Each swap is sent once.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "contract/bench_threads.h"
#include "etcd_proxy.h"
#include "etcd_servers.h"
#include "tjob/etcd_store.h"
#include "tjob/store_contract.h"

enum { CONNECTIONS = 8, THREADS = 8, ROUNDS = 30, WAIT_MS = 1500 };

struct bench {
    struct etcd_cluster cluster;
    struct etcd_proxy proxy;
    unsigned stores;
    char prefix[32];
    tjob_etcd_store store;
    tjob_etcd_store other;
    bool has_other;
    tjob_etcd_connection connections[2][CONNECTIONS];
};

static bool connect_store(struct bench *bench, tjob_etcd_store *store, unsigned which, uint16_t port)
{
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%u", port);
    const tjob_etcd_config config = {.endpoints = endpoint, .prefix = bench->prefix, .wait_ms = WAIT_MS};
    return tjob_etcd_store_init(store, bench->connections[which], CONNECTIONS, &config) == TJOB_ETCD_OK;
}

static bool open_store(void *context, tjob_store *store)
{
    struct bench *bench = context;
    snprintf(bench->prefix, sizeof bench->prefix, "bench/%u/", ++bench->stores);
    *store = tjob_etcd_store_callbacks(&bench->store);
    return connect_store(bench, &bench->store, 0, bench->proxy.port) &&
           tjob_etcd_store_create(&bench->store) == TJOB_ETCD_OK;
}

static bool open_another(void *context, tjob_store *store)
{
    struct bench *bench = context;
    *store = tjob_etcd_store_callbacks(&bench->other);
    bench->has_other = connect_store(bench, &bench->other, 1, bench->cluster.client_ports[0]);
    return bench->has_other;
}

static bool list_store(void *context, tjob_store_list *list)
{
    *list = tjob_etcd_store_list(&((struct bench *)context)->store);
    return true;
}

static void close_store(void *context)
{
    struct bench *bench = context;
    if (bench->has_other) {
        tjob_etcd_store_close(&bench->other);
        bench->has_other = false;
    }
    tjob_etcd_store_close(&bench->store);
}

static bool reopen(void *context, tjob_store *store)
{
    struct bench *bench = context;
    tjob_etcd_store_close(&bench->store);
    etcd_member_signal(&bench->cluster, 0, SIGKILL);
    etcd_member_start(&bench->cluster, 0);
    *store = tjob_etcd_store_callbacks(&bench->store);
    return etcd_member_wait(&bench->cluster, 0) && connect_store(bench, &bench->store, 0, bench->proxy.port);
}

static bool inject(void *context, tjob_store_contract_fault fault)
{
    struct bench *bench = context;
    etcd_proxy_inject(&bench->proxy, (enum etcd_fault)fault, "request_put", false);
    return true;
}

static bool heal(void *context)
{
    struct bench *bench = context;
    return etcd_proxy_heal(&bench->proxy);
}

static void print(void *context, const tjob_store_contract_result *result)
{
    (void)context;
    printf("%s: %s%s%s\n", result->name, tjob_store_contract_verdict_name(result->verdict),
           result->message[0] != '\0' ? ": " : "", result->message);
    fflush(stdout);
}

int main(void)
{
    static struct bench bench;
    static uint64_t memory[TJOB_STORE_CONTRACT_BYTES / sizeof(uint64_t)];
    const tjob_store_contract contract = {.context = &bench,
                                          .memory = memory,
                                          .open = open_store,
                                          .close = close_store,
                                          .list = list_store,
                                          .reopen = reopen,
                                          .open_another = open_another,
                                          .inject = inject,
                                          .heal = heal,
                                          .run_threads = bench_run_threads,
                                          .threads = THREADS,
                                          .rounds = ROUNDS};
    if (!etcd_is_installed()) {
        return 77;
    }
    etcd_cluster_start(&bench.cluster, 1, false, 0);
    etcd_proxy_start(&bench.proxy, bench.cluster.hosts[0], bench.cluster.client_ports[0]);
    const size_t broken = tjob_store_contract_run(&contract, print, NULL);
    etcd_cluster_end(&bench.cluster);
    return broken == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
