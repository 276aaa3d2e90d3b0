#include "host/file_store/descriptor.h"

#include "host/file_store/disk.h"
#include "host/file_store/hold.h"

/* A call that waits for a descriptor. It is on the stack of its thread. */
struct tjob_file_syncer {
    struct tjob_file_syncer *next;
    pthread_cond_t turn;
    uint32_t number;
};

void tjob__file_descriptors_init(tjob_file_store *store)
{
    store->descriptors[0] = store->file;
    for (uint32_t i = 1; i < TJOB_FILE_STORE_SYNCS_MAX; i++) {
        store->descriptors[i] = -1;
    }
}

void tjob__file_descriptors_close(tjob_file_store *store)
{
    for (uint32_t i = 1; i < TJOB_FILE_STORE_SYNCS_MAX; i++) {
        if (store->descriptors[i] >= 0) {
            store->disk->close(store->disk->context, store->descriptors[i]);
        }
    }
}

/* Takes a descriptor that is not in use, and is open or not open yet. */
static uint32_t descriptor_claim(tjob_file_store *store, bool is_open)
{
    for (uint32_t i = 0; i < TJOB_FILE_STORE_SYNCS_MAX; i++) {
        if ((store->descriptors_in_use >> i & 1) == 0 && (store->descriptors[i] >= 0) == is_open) {
            store->descriptors_in_use |= UINT32_C(1) << i;
            return i;
        }
    }
    return FILE_DESCRIPTOR_NONE;
}

static void descriptor_release(tjob_file_store *store, uint32_t number)
{
    store->descriptors_in_use &= ~(UINT32_C(1) << number);
}

/* Gives a descriptor to the call that waits longest, if any does. */
static void descriptor_pass_on(tjob_file_store *store, uint32_t number)
{
    struct tjob_file_syncer *first = store->first_syncer;
    if (first == NULL) {
        descriptor_release(store, number);
        return;
    }
    store->first_syncer = first->next;
    first->number = number;
    pthread_cond_signal(&first->turn);
}

/* Opens the file once more. The caller holds the mutex, which is released meanwhile. */
static uint32_t descriptor_open(tjob_file_store *store)
{
    const uint32_t number = descriptor_claim(store, false);
    if (number == FILE_DESCRIPTOR_NONE) {
        return FILE_DESCRIPTOR_NONE;
    }
    pthread_mutex_unlock(tjob__file_holds_mutex(store));
    const int opened = store->disk->reopen(store->disk->context, store->path, store->file);
    pthread_mutex_lock(tjob__file_holds_mutex(store));
    if (opened < 0) {
        descriptor_release(store, number);
        return FILE_DESCRIPTOR_NONE;
    }
    store->descriptors[number] = opened;
    return number;
}

/*
 * Opens a descriptor for the call, and one for each call that waits meanwhile: one after the other, because openings at
 * the same time may get the number of a standard stream. If that is not possible, takes one that was dropped meanwhile.
 */
static uint32_t descriptor_open_for_all(tjob_file_store *store)
{
    store->opening = true;
    const uint32_t own = descriptor_open(store);
    uint32_t next = own;
    while (next != FILE_DESCRIPTOR_NONE && store->first_syncer != NULL) {
        next = descriptor_open(store);
        if (next != FILE_DESCRIPTOR_NONE) {
            descriptor_pass_on(store, next);
        }
    }
    store->opening = false;
    return own != FILE_DESCRIPTOR_NONE ? own : descriptor_claim(store, true);
}

static void descriptor_append(tjob_file_store *store, struct tjob_file_syncer *syncer)
{
    if (store->first_syncer == NULL) {
        store->first_syncer = syncer;
    } else {
        store->last_syncer->next = syncer;
    }
    store->last_syncer = syncer;
}

/* The caller holds the mutex, which is released while the call waits. */
static uint32_t descriptor_wait(tjob_file_store *store)
{
    struct tjob_file_syncer syncer = {.number = FILE_DESCRIPTOR_NONE};
    pthread_cond_init(&syncer.turn, NULL);
    descriptor_append(store, &syncer);
    while (syncer.number == FILE_DESCRIPTOR_NONE) {
        pthread_cond_wait(&syncer.turn, tjob__file_holds_mutex(store));
    }
    pthread_cond_destroy(&syncer.turn);
    return syncer.number;
}

uint32_t tjob__file_descriptor_take(tjob_file_store *store)
{
    pthread_mutex_lock(tjob__file_holds_mutex(store));
    uint32_t number = descriptor_claim(store, true);
    if (number == FILE_DESCRIPTOR_NONE && !store->opening) {
        number = descriptor_open_for_all(store);
    }
    if (number == FILE_DESCRIPTOR_NONE) {
        number = descriptor_wait(store);
    }
    pthread_mutex_unlock(tjob__file_holds_mutex(store));
    return number;
}

void tjob__file_descriptor_drop(tjob_file_store *store, uint32_t number)
{
    pthread_mutex_lock(tjob__file_holds_mutex(store));
    descriptor_pass_on(store, number);
    pthread_mutex_unlock(tjob__file_holds_mutex(store));
}
