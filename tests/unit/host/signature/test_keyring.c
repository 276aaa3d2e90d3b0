/* Keys that are read anew while threads verify with them. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "support/folder.h"
#include "support/suite.h"
#include "tjob/credentials.h"

static struct folder folder;
static tjob_access_key keys[2][2];
static tjob_grant grants[2][2];
static tjob_keyring keyring;

/* The next call of these fails. */
static bool failing_mutex;
static bool failing_cond;

int __real_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes);
int __wrap_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes);
int __real_pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attributes);
int __wrap_pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attributes);

int __wrap_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
    return failing_mutex ? EAGAIN : __real_pthread_mutex_init(mutex, attributes);
}

int __wrap_pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attributes)
{
    return failing_cond ? EAGAIN : __real_pthread_cond_init(cond, attributes);
}

static void make_keyring(void)
{
    tjob_credentials sets[2];
    for (int i = 0; i < 2; i++) {
        sets[i] = (tjob_credentials){.keys = keys[i], .grants = grants[i], .key_capacity = 2, .grant_capacity = 2};
    }
    ck_assert(tjob_keyring_init(&keyring, &sets[0], &sets[1]));
}

static const char *write_file(const char *name, const char *tail)
{
    const char *path = folder_file(&folder, "credentials");
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "[%s]\naws_access_key_id = %s\naws_secret_access_key = 0123456789abcdef%s\ntjob_accounts = *\n%s",
            name, name, name, tail);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, 0600), 0);
    return path;
}

static void expect_key(const char *name)
{
    const tjob_credentials *credentials = tjob_keyring_acquire(&keyring);
    ck_assert_uint_eq(credentials->key_count, 1);
    ck_assert_str_eq(credentials->keys[0].name, name);
    tjob_keyring_release(&keyring, credentials);
}

START_TEST(it_replaces_the_keys_only_as_a_whole)
{
    uint32_t line;
    folder_make(&folder);
    make_keyring();
    const tjob_credentials *none = tjob_keyring_acquire(&keyring);
    ck_assert_uint_eq(none->key_count, 0);
    tjob_keyring_release(&keyring, none);
    ck_assert_int_eq(tjob_keyring_load(&keyring, write_file("one", ""), &line), TJOB_CREDENTIALS_OK);
    expect_key("one");
    ck_assert_int_eq(tjob_keyring_load(&keyring, write_file("two", "x\n"), &line), TJOB_CREDENTIALS_BAD_LINE);
    ck_assert_uint_eq(line, 5);
    expect_key("one");
    ck_assert_int_eq(tjob_keyring_load(&keyring, folder_file(&folder, "none"), &line), TJOB_CREDENTIALS_UNREADABLE);
    expect_key("one");
    ck_assert_int_eq(tjob_keyring_load(&keyring, write_file("two", ""), &line), TJOB_CREDENTIALS_OK);
    expect_key("two");
    tjob_keyring_close(&keyring);
    static const unsigned char zeros[sizeof keys];
    ck_assert_mem_eq(keys, zeros, sizeof keys);
    folder_remove(&folder);
}
END_TEST

static unsigned stop; /* accessed atomically */
static unsigned wrong;

static void *use(void *path)
{
    (void)path;
    while (__atomic_load_n(&stop, __ATOMIC_ACQUIRE) == 0) {
        const tjob_credentials *credentials = tjob_keyring_acquire(&keyring);
        const tjob_access_key *key = &credentials->keys[0];
        if (credentials->key_count != 1 || strcmp(key->id, key->name) != 0 ||
            strcmp(key->secret + 16, key->name) != 0) {
            __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
        }
        tjob_keyring_release(&keyring, credentials);
    }
    return NULL;
}

static void *load(void *path)
{
    for (int i = 0; i < 200; i++) {
        if (tjob_keyring_load(&keyring, path, NULL) != TJOB_CREDENTIALS_OK) {
            __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
        }
    }
    return NULL;
}

START_TEST(threads_use_whole_sets_while_others_load)
{
    pthread_t threads[4];
    folder_make(&folder);
    make_keyring();
    char path[FOLDER_PATH_BYTES_MAX + 16]; /* the threads share it, and nobody writes it any more */
    snprintf(path, sizeof path, "%s", write_file("one", ""));
    ck_assert_int_eq(tjob_keyring_load(&keyring, path, NULL), TJOB_CREDENTIALS_OK);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, i < 2 ? use : load, path), 0);
    }
    for (int i = 3; i >= 0; i--) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        if (i == 2) {
            __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
        }
    }
    ck_assert_uint_eq(wrong, 0);
    tjob_keyring_close(&keyring);
    folder_remove(&folder);
}
END_TEST

START_TEST(it_says_when_the_system_has_no_resources)
{
    const tjob_credentials none = {0};
    failing_mutex = true;
    ck_assert(!tjob_keyring_init(&keyring, &none, &none));
    failing_mutex = false;
    failing_cond = true;
    ck_assert(!tjob_keyring_init(&keyring, &none, &none));
    failing_cond = false;
    ck_assert(tjob_keyring_init(&keyring, &none, &none));
    tjob_keyring_close(&keyring);
}
END_TEST

RUN_TESTS("keyring", {it_says_when_the_system_has_no_resources, 0}, {it_replaces_the_keys_only_as_a_whole, 0},
          {threads_use_whole_sets_while_others_load, 0})
