#include <pthread.h>
#include <string.h>

#include "tjob/credentials.h"

/* What guards a keyring; it stands in its private part. */
typedef struct keyring_lock {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
} keyring_lock;

_Static_assert(sizeof(keyring_lock) <= TJOB_KEYRING_LOCK_BYTES, "a keyring has room for its lock");

static keyring_lock *lock_of(tjob_keyring *keyring)
{
    return (keyring_lock *)(void *)keyring->lock;
}

bool tjob_keyring_init(tjob_keyring *keyring, const tjob_credentials *one, const tjob_credentials *other)
{
    *keyring = (tjob_keyring){.sets = {*one, *other}};
    if (pthread_mutex_init(&lock_of(keyring)->mutex, NULL) != 0) {
        return false;
    }
    if (pthread_cond_init(&lock_of(keyring)->changed, NULL) != 0) {
        (void)pthread_mutex_destroy(&lock_of(keyring)->mutex);
        return false;
    }
    return true;
}

tjob_credentials_problem tjob_keyring_load(tjob_keyring *keyring, const char *path, uint32_t *line)
{
    keyring_lock *lock = lock_of(keyring);
    (void)pthread_mutex_lock(&lock->mutex);
    while (keyring->loading != 0) {
        (void)pthread_cond_wait(&lock->changed, &lock->mutex);
    }
    keyring->loading = 1;
    const uint32_t spare = 1 - keyring->current;
    (void)pthread_mutex_unlock(&lock->mutex);
    /* Nobody but this thread uses the spare set, or makes it the present one. */
    const tjob_credentials_problem problem = tjob_credentials_load(&keyring->sets[spare], path, line);
    (void)pthread_mutex_lock(&lock->mutex);
    if (problem == TJOB_CREDENTIALS_OK) {
        keyring->current = spare;
        while (keyring->users[1 - spare] != 0) {
            (void)pthread_cond_wait(&lock->changed, &lock->mutex);
        }
        tjob_credentials_clear(&keyring->sets[1 - spare]);
    }
    keyring->loading = 0;
    (void)pthread_cond_broadcast(&lock->changed);
    (void)pthread_mutex_unlock(&lock->mutex);
    return problem;
}

const tjob_credentials *tjob_keyring_acquire(tjob_keyring *keyring)
{
    keyring_lock *lock = lock_of(keyring);
    (void)pthread_mutex_lock(&lock->mutex);
    const tjob_credentials *credentials = &keyring->sets[keyring->current];
    keyring->users[keyring->current]++;
    (void)pthread_mutex_unlock(&lock->mutex);
    return credentials;
}

void tjob_keyring_release(tjob_keyring *keyring, const tjob_credentials *credentials)
{
    keyring_lock *lock = lock_of(keyring);
    (void)pthread_mutex_lock(&lock->mutex);
    keyring->users[credentials - keyring->sets]--;
    (void)pthread_cond_broadcast(&lock->changed);
    (void)pthread_mutex_unlock(&lock->mutex);
}

void tjob_keyring_close(tjob_keyring *keyring)
{
    (void)pthread_cond_destroy(&lock_of(keyring)->changed);
    (void)pthread_mutex_destroy(&lock_of(keyring)->mutex);
    tjob_credentials_clear(&keyring->sets[0]);
    tjob_credentials_clear(&keyring->sets[1]);
}
