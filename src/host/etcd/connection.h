/* One connection of the pool: an easy handle of libcurl, and its buffers. */
#ifndef TJOB_HOST_ETCD_CONNECTION_H
#define TJOB_HOST_ETCD_CONNECTION_H

#include "host/etcd/outcome.h"
#include "tjob/etcd_store.h"
#include "tjob/text.h"

/* Milliseconds of a clock that does not jump. */
uint64_t tjob__etcd_now_ms(void);

/* The services of the gateway. */
#define ETCD_TXN "/v3/kv/txn"
#define ETCD_RANGE "/v3/kv/range"

/* How an exchange went. */
typedef struct etcd_exchange {
    etcd_transport transport;
    unsigned http_status;
    tjob_text answer;  /* in the connection */
    uint32_t endpoint; /* the last one that was tried */
} etcd_exchange;

/*
 * Sends the first `bytes` bytes of connection->request to a service, and receives the answer, until the deadline. Tries
 * the endpoints from `first` on until one of them takes the request. `once`: it is sent at most one time, whatever
 * happens; else libcurl may send it again when a kept connection turns out to be dead.
 */
etcd_exchange tjob__etcd_connection_exchange(const tjob_etcd_store *store, tjob_etcd_connection *connection,
                                             const char *service, size_t bytes, uint32_t first, bool once,
                                             uint64_t deadline_ms);

/* Closes what is open. */
void tjob__etcd_connection_close(tjob_etcd_connection *connection);

#endif
