#include "host/etcd/pool.h"

#include <pthread.h>
#include <time.h>

#include "host/etcd/connection.h"

struct etcd_lock {
    pthread_mutex_t mutex;
    pthread_cond_t freed;
};

_Static_assert(sizeof(struct etcd_lock) <= TJOB_ETCD_LOCK_BYTES, "the store has room for the lock");
_Static_assert(offsetof(tjob_etcd_store, lock) % _Alignof(struct etcd_lock) == 0 &&
                   _Alignof(tjob_etcd_store) % _Alignof(struct etcd_lock) == 0,
               "the lock of a store is aligned");

static struct etcd_lock *pool_lock(tjob_etcd_store *store)
{
    return (struct etcd_lock *)(void *)store->lock;
}

bool tjob__etcd_pool_init(tjob_etcd_store *store)
{
    pthread_condattr_t attributes;
    struct etcd_lock *lock = pool_lock(store);
    if (pthread_condattr_init(&attributes) != 0) { /* LCOV_EXCL_BR_LINE: no memory */
        return false;                              /* LCOV_EXCL_LINE */
    }
    bool done =
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 && /* LCOV_EXCL_BR_LINE: the system has it */
        pthread_cond_init(&lock->freed, &attributes) == 0;              /* LCOV_EXCL_BR_LINE: no memory */
    pthread_condattr_destroy(&attributes);
    if (done && pthread_mutex_init(&lock->mutex, NULL) != 0) { /* LCOV_EXCL_BR_LINE: no memory */
        pthread_cond_destroy(&lock->freed);                    /* LCOV_EXCL_LINE */
        done = false;                                          /* LCOV_EXCL_LINE */
    }
    for (uint32_t i = store->connection_count; i-- > 0;) {
        store->connections[i].easy = NULL;
        store->connections[i].next_free = store->free;
        store->free = &store->connections[i];
    }
    return done;
}

void tjob__etcd_pool_destroy(tjob_etcd_store *store)
{
    for (uint32_t i = 0; i < store->connection_count; i++) {
        tjob__etcd_connection_close(&store->connections[i]);
    }
    pthread_cond_destroy(&pool_lock(store)->freed);
    pthread_mutex_destroy(&pool_lock(store)->mutex);
}

void tjob__etcd_lock(tjob_etcd_store *store)
{
    pthread_mutex_lock(&pool_lock(store)->mutex);
}

void tjob__etcd_unlock(tjob_etcd_store *store)
{
    pthread_mutex_unlock(&pool_lock(store)->mutex);
}

tjob_etcd_connection *tjob__etcd_pool_take(tjob_etcd_store *store, uint64_t deadline_ms)
{
    const struct timespec deadline = {.tv_sec = (time_t)(deadline_ms / 1000),
                                      .tv_nsec = (long)(deadline_ms % 1000 * 1000000)};
    struct etcd_lock *lock = pool_lock(store);
    int waited = 0;
    tjob__etcd_lock(store);
    while (store->free == NULL && waited == 0) {
        waited = pthread_cond_timedwait(&lock->freed, &lock->mutex, &deadline);
    }
    tjob_etcd_connection *connection = store->free;
    if (connection != NULL) {
        store->free = connection->next_free;
    }
    tjob__etcd_unlock(store);
    return connection;
}

void tjob__etcd_pool_give(tjob_etcd_store *store, tjob_etcd_connection *connection)
{
    tjob__etcd_lock(store);
    connection->next_free = store->free;
    store->free = connection;
    pthread_cond_signal(&pool_lock(store)->freed);
    tjob__etcd_unlock(store);
}
