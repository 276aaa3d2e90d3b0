/* A condition variable that waits by a clock which nobody sets is newer than the library's C standard. */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for pthread_condattr_setclock */

#include "host/file_store/hold.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

_Static_assert(sizeof(pthread_mutex_t) <= TJOB_FILE_STORE_MUTEX_BYTES, "the store has room for the mutex");
_Static_assert(offsetof(tjob_file_store, mutex) % _Alignof(pthread_mutex_t) == 0 &&
                   _Alignof(tjob_file_store) % _Alignof(pthread_mutex_t) == 0,
               "the mutex of a store is aligned");

/* A waiting call. It is on the stack of its thread. */
struct tjob_file_waiter {
    struct tjob_file_waiter *before; /* the previous and the next call in the queue */
    struct tjob_file_waiter *next;
    uint32_t buckets[2];
    pthread_cond_t turn;
    bool served;
};

pthread_mutex_t *tjob__file_holds_mutex(tjob_file_store *store)
{
    return (pthread_mutex_t *)store->mutex;
}

void tjob__file_holds_init(tjob_file_store *store)
{
    pthread_mutex_init(tjob__file_holds_mutex(store), NULL);
}

void tjob__file_holds_destroy(tjob_file_store *store)
{
    pthread_mutex_destroy(tjob__file_holds_mutex(store));
}

static bool shares(const uint32_t a[2], const uint32_t b[2])
{
    return a[0] == b[0] || a[0] == b[1] || (a[1] != FILE_HOLD_NONE && (a[1] == b[0] || a[1] == b[1]));
}

/* Returns whether one of two buckets is held, or there is no room to hold them. */
static bool is_held(const tjob_file_store *store, const uint32_t buckets[2])
{
    for (uint32_t i = 0; i < store->calls; i++) {
        if (shares(buckets, store->held[i])) {
            return true;
        }
    }
    return store->calls == TJOB_FILE_STORE_CALLS_MAX;
}

/* Returns whether a call that has one of two buckets has waited long for another process, with no known end. */
static bool is_stuck(const tjob_file_store *store, const uint32_t buckets[2])
{
    for (uint32_t i = 0; i < store->calls; i++) {
        if (store->waits[i] == FILE_HOLD_STUCK && shares(buckets, store->held[i])) {
            return true;
        }
    }
    return false;
}

static void hold(tjob_file_store *store, const uint32_t buckets[2])
{
    store->waits[store->calls] = FILE_HOLD_WORKS;
    uint32_t *place = store->held[store->calls++];
    place[0] = buckets[0];
    place[1] = buckets[1];
}

/* Returns the entry of a bucket that is held. */
static uint32_t entry_of(const tjob_file_store *store, uint32_t bucket)
{
    uint32_t entry = 0;
    while (store->held[entry][0] != bucket && store->held[entry][1] != bucket) {
        entry++;
    }
    return entry;
}

/* ---- The queue ------------------------------------------------------------------------------------------------- */

/*
 * The buckets that calls earlier in the queue wait for, folded into a few bits. If two buckets share a bit, a call may
 * wait unnecessarily, but at most until the next call ends, because the first in the queue waits only for calls in
 * progress. A call that waits for another process reserves no bucket. Otherwise the calls that share a bucket with it,
 * and the calls that share one with those, would wait for that process, too.
 */
struct passed {
    uint64_t bits[16];
};

static bool is_passed(const struct passed *passed, uint32_t bucket)
{
    return bucket != FILE_HOLD_NONE && (passed->bits[bucket / 64 % 16] >> bucket % 64 & 1) != 0;
}

static void pass(struct passed *passed, uint32_t bucket)
{
    if (bucket != FILE_HOLD_NONE) {
        passed->bits[bucket / 64 % 16] |= UINT64_C(1) << bucket % 64;
    }
}

/* Removes a call from the queue. */
static void leave(tjob_file_store *store, const struct tjob_file_waiter *waiter)
{
    if (waiter->before != NULL) {
        waiter->before->next = waiter->next;
    } else {
        store->first_waiter = waiter->next;
    }
    if (waiter->next != NULL) {
        waiter->next->before = waiter->before;
    } else {
        store->last_waiter = waiter->before;
    }
}

/* Serves all calls that can go on, in order of arrival. */
static void serve(tjob_file_store *store)
{
    struct passed passed = {{0}};
    struct tjob_file_waiter *next;
    for (struct tjob_file_waiter *waiter = store->first_waiter;
         waiter != NULL && store->calls < TJOB_FILE_STORE_CALLS_MAX; waiter = next) {
        const uint32_t *wanted = waiter->buckets;
        next = waiter->next;
        if (!is_passed(&passed, wanted[0]) && !is_passed(&passed, wanted[1]) && !is_held(store, wanted)) {
            hold(store, wanted);
            leave(store, waiter);
            waiter->served = true;
            pthread_cond_signal(&waiter->turn);
        } else if (!is_stuck(store, wanted)) {
            pass(&passed, wanted[0]);
            pass(&passed, wanted[1]);
        }
    }
}

static void append(tjob_file_store *store, struct tjob_file_waiter *waiter)
{
    waiter->before = store->last_waiter;
    if (waiter->before != NULL) {
        waiter->before->next = waiter;
    } else {
        store->first_waiter = waiter;
    }
    store->last_waiter = waiter;
}

static struct timespec time_of(uint64_t us)
{
    return (struct timespec){.tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000};
}

/* The caller holds the mutex, which is released while the call waits. */
static bool wait_in_queue(tjob_file_store *store, const uint32_t buckets[2], uint64_t deadline_us)
{
    const struct timespec deadline = time_of(deadline_us);
    struct tjob_file_waiter waiter = {.buckets = {buckets[0], buckets[1]}};
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&waiter.turn, &monotonic);
    pthread_condattr_destroy(&monotonic);
    append(store, &waiter);
    int waited = 0;
    while (!waiter.served && waited != ETIMEDOUT) {
        waited = pthread_cond_timedwait(&waiter.turn, tjob__file_holds_mutex(store), &deadline);
    }
    if (!waiter.served) {
        leave(store, &waiter);
        serve(store); /* some calls may have waited behind this one only */
    }
    pthread_cond_destroy(&waiter.turn);
    return waiter.served;
}

/* ---- Taking and dropping --------------------------------------------------------------------------------------- */

/* Returns whether a call can begin at once: its buckets are free, and no other call waits for them. */
static bool is_free(const tjob_file_store *store, const uint32_t buckets[2])
{
    if (is_held(store, buckets)) {
        return false;
    }
    for (const struct tjob_file_waiter *waiter = store->first_waiter; waiter != NULL; waiter = waiter->next) {
        if (shares(buckets, waiter->buckets) && !is_stuck(store, waiter->buckets)) {
            return false;
        }
    }
    return true;
}

tjob_file_problem tjob__file_hold_take(tjob_file_store *store, const uint32_t buckets[2], uint64_t deadline_us,
                                       bool *waits)
{
    pthread_mutex_lock(tjob__file_holds_mutex(store));
    bool held = is_free(store, buckets);
    if (held) {
        hold(store, buckets);
    } else {
        held = wait_in_queue(store, buckets, deadline_us);
        *waits = true;
    }
    pthread_mutex_unlock(tjob__file_holds_mutex(store));
    return held ? TJOB_FILE_OK : TJOB_FILE_BUSY;
}

bool tjob__file_hold_add(tjob_file_store *store, uint32_t held, uint32_t added)
{
    const uint32_t alone[2] = {added, FILE_HOLD_NONE};
    bool free = true;
    pthread_mutex_lock(tjob__file_holds_mutex(store));
    for (uint32_t i = 0; i < store->calls && free; i++) {
        free = !shares(alone, store->held[i]);
    }
    if (free) {
        store->held[entry_of(store, held)][1] = added;
    }
    pthread_mutex_unlock(tjob__file_holds_mutex(store));
    return free;
}

void tjob__file_hold_drop(tjob_file_store *store, uint32_t held)
{
    pthread_mutex_lock(tjob__file_holds_mutex(store));
    const uint32_t entry = entry_of(store, held);
    const uint32_t last = --store->calls;
    store->held[entry][0] = store->held[last][0];
    store->held[entry][1] = store->held[last][1];
    store->waits[entry] = store->waits[last];
    serve(store);
    pthread_mutex_unlock(tjob__file_holds_mutex(store));
}

/* Returns whether one more call may wait for another process. */
static bool may_wait(const tjob_file_store *store)
{
    uint32_t waiting = 0;
    for (uint32_t i = 0; i < store->calls; i++) {
        waiting += store->waits[i] != FILE_HOLD_WORKS ? 1 : 0;
    }
    return waiting < FILE_HOLD_WAITING_MAX;
}

bool tjob__file_hold_wait(tjob_file_store *store, uint32_t held, enum file_hold_wait wait)
{
    pthread_mutex_lock(tjob__file_holds_mutex(store));
    const bool may = wait != FILE_HOLD_WAITS || may_wait(store);
    if (may) {
        store->waits[entry_of(store, held)] = (unsigned char)wait;
    }
    if (wait == FILE_HOLD_STUCK) {
        serve(store);
    }
    pthread_mutex_unlock(tjob__file_holds_mutex(store));
    return may;
}
