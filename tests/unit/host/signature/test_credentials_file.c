/* Credentials files on a disk: who may own them, who may read them, and what is no file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/suite.h"
#include "tjob/credentials.h"

/* The next calls of these fail with this error; 0: none do. */
static int failing_fstat;
static int failing_read;

/* Who seems to own files. */
enum { OWNER_AS_IT_IS = 65534 };
static uid_t owner = OWNER_AS_IT_IS;

int __real_fstat(int file, struct stat *status);
int __wrap_fstat(int file, struct stat *status);
ssize_t __real_read(int file, void *bytes, size_t count);
ssize_t __wrap_read(int file, void *bytes, size_t count);

int __wrap_fstat(int file, struct stat *status)
{
    errno = failing_fstat;
    failing_fstat = 0;
    if (errno != 0 || __real_fstat(file, status) != 0) {
        return -1;
    }
    status->st_uid = owner != OWNER_AS_IT_IS ? owner : status->st_uid;
    return 0;
}

ssize_t __wrap_read(int file, void *bytes, size_t count)
{
    errno = failing_read;
    failing_read = 0;
    return errno != 0 ? -1 : __real_read(file, bytes, count);
}

/* Who this process seems to be. */
static uid_t user;
uid_t __wrap_geteuid(void);

uid_t __wrap_geteuid(void)
{
    return user;
}

static struct folder folder;
static tjob_access_key keys[40];
static tjob_grant grants[40];
static tjob_credentials credentials = {.keys = keys, .grants = grants, .key_capacity = 40, .grant_capacity = 40};

static const char *write_file(const char *text, mode_t mode)
{
    user = getuid();
    const char *path = folder_file(&folder, "credentials");
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, mode), 0);
    return path;
}

#define GOOD                                                                                                           \
    "[a]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n"         \
    "tjob_accounts = *\n"

START_TEST(it_reads_a_private_file)
{
    static const mode_t modes[] = {0600, 0400};
    folder_make(&folder);
    for (unsigned i = 0; i < 2; i++) {
        uint32_t line = 99;
        ck_assert_int_eq(tjob_credentials_load(&credentials, write_file(GOOD, modes[i]), &line), TJOB_CREDENTIALS_OK);
        ck_assert_uint_eq(line, 0);
        ck_assert_uint_eq(credentials.key_count, 1);
        ck_assert_int_eq(chmod(folder_file(&folder, "credentials"), 0600), 0);
    }
    folder_remove(&folder);
}
END_TEST

START_TEST(it_reads_a_file_of_many_pieces)
{
    static char text[40 * 200];
    folder_make(&folder);
    for (int i = 0; i < 40; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "[a%d]\naws_access_key_id = a%d\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n"
                 "tjob_accounts = *\n",
                 i, i);
    }
    ck_assert_int_eq(tjob_credentials_load(&credentials, write_file(text, 0600), NULL), TJOB_CREDENTIALS_OK);
    ck_assert_uint_eq(credentials.key_count, 40);
    ck_assert_str_eq(keys[39].name, "a39");
    folder_remove(&folder);
}
END_TEST

START_TEST(it_refuses_a_file_that_others_can_read_or_write)
{
    static const mode_t bits[] = {0040, 0020, 0010, 0004, 0002, 0001};
    folder_make(&folder);
    for (unsigned i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        uint32_t line = 99;
        ck_assert_int_eq(tjob_credentials_load(&credentials, write_file(GOOD, 0600 | bits[i]), &line),
                         TJOB_CREDENTIALS_NOT_PRIVATE);
        ck_assert_uint_eq(line, 0);
        ck_assert_uint_eq(credentials.key_count, 0);
    }
    static const struct {
        uid_t owner;
        uid_t user;
        tjob_credentials_problem problem;
    } users[] = {{1, 1, TJOB_CREDENTIALS_OK},
                 {0, 1, TJOB_CREDENTIALS_OK},
                 {2, 1, TJOB_CREDENTIALS_NOT_PRIVATE},
                 {1, 0, TJOB_CREDENTIALS_NOT_PRIVATE}};
    const char *path = write_file(GOOD, 0600);
    for (unsigned i = 0; i < 4; i++) {
        owner = users[i].owner;
        user = users[i].user;
        ck_assert_int_eq(tjob_credentials_load(&credentials, path, NULL), users[i].problem);
    }
    owner = OWNER_AS_IT_IS;
    folder_remove(&folder);
}
END_TEST

START_TEST(it_names_the_line_of_a_file)
{
    uint32_t line = 99;
    folder_make(&folder);
    ck_assert_int_eq(tjob_credentials_load(&credentials, write_file(GOOD "[b\n", 0600), &line),
                     TJOB_CREDENTIALS_BAD_LINE);
    ck_assert_uint_eq(line, 5);
    folder_remove(&folder);
}
END_TEST

START_TEST(it_refuses_what_is_no_file)
{
    uint32_t line = 99;
    folder_make(&folder);
    ck_assert_int_eq(tjob_credentials_load(&credentials, folder_file(&folder, "none"), &line),
                     TJOB_CREDENTIALS_UNREADABLE);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_uint_eq(line, 0);
    ck_assert_int_eq(tjob_credentials_load(&credentials, folder_file(&folder, "none"), NULL),
                     TJOB_CREDENTIALS_UNREADABLE);
    ck_assert_int_eq(tjob_credentials_load(&credentials, folder.path, NULL), TJOB_CREDENTIALS_NOT_A_FILE);
    ck_assert_int_eq(mkfifo(folder_file(&folder, "pipe"), 0600), 0);
    ck_assert_int_eq(tjob_credentials_load(&credentials, folder_file(&folder, "pipe"), NULL),
                     TJOB_CREDENTIALS_NOT_A_FILE);
    ck_assert_int_eq(tjob_credentials_load(&credentials, "/dev/zero", NULL), TJOB_CREDENTIALS_NOT_A_FILE);
    /* A file of the system that is regular, but cannot be read from its beginning. */
    ck_assert_int_eq(tjob_credentials_load(&credentials, "/proc/self/mem", NULL), TJOB_CREDENTIALS_UNREADABLE);
    ck_assert_int_eq(tjob_credentials_load(&credentials, write_file("", 0600), NULL), TJOB_CREDENTIALS_EMPTY);
    folder_remove(&folder);
}
END_TEST

START_TEST(it_reads_on_after_a_signal_and_says_when_it_cannot)
{
    folder_make(&folder);
    const char *path = write_file(GOOD, 0600);
    failing_read = EINTR;
    ck_assert_int_eq(tjob_credentials_load(&credentials, path, NULL), TJOB_CREDENTIALS_OK);
    failing_read = EIO;
    ck_assert_int_eq(tjob_credentials_load(&credentials, path, NULL), TJOB_CREDENTIALS_UNREADABLE);
    ck_assert_int_eq(errno, EIO);
    failing_fstat = EOVERFLOW;
    ck_assert_int_eq(tjob_credentials_load(&credentials, path, NULL), TJOB_CREDENTIALS_UNREADABLE);
    ck_assert_int_eq(errno, EOVERFLOW);
    folder_remove(&folder);
}
END_TEST

RUN_TESTS("credentials_file", {it_reads_on_after_a_signal_and_says_when_it_cannot, 0}, {it_reads_a_private_file, 0},
          {it_reads_a_file_of_many_pieces, 0}, {it_refuses_a_file_that_others_can_read_or_write, 0},
          {it_names_the_line_of_a_file, 0}, {it_refuses_what_is_no_file, 0})
