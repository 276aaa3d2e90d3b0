/* The pool of connections, and the lock of a store. */
#ifndef TJOB_HOST_ETCD_POOL_H
#define TJOB_HOST_ETCD_POOL_H

#include <stdbool.h>

#include "tjob/etcd_store.h"

/* Makes the lock, and all connections free. False: the system has no resources. */
bool tjob__etcd_pool_init(tjob_etcd_store *store);

/* Closes all connections. */
void tjob__etcd_pool_destroy(tjob_etcd_store *store);

void tjob__etcd_lock(tjob_etcd_store *store);
void tjob__etcd_unlock(tjob_etcd_store *store);

/* Takes a free connection, and waits for one until the deadline (tjob__etcd_now_ms). NULL: there was none. */
tjob_etcd_connection *tjob__etcd_pool_take(tjob_etcd_store *store, uint64_t deadline_ms);

void tjob__etcd_pool_give(tjob_etcd_store *store, tjob_etcd_connection *connection);

#endif
