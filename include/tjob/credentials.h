/*
 * Access keys, and which key may touch which recognizers: the credentials file of a host that verifies signatures. It
 * is a part of the optional library tjob::server, which needs libcrypto (OpenSSL 3.0 and later) and POSIX.
 * docs/signing.md describes the file: its settings are aws_access_key_id, aws_secret_access_key, tjob_accounts and
 * tjob_arns.
 */
#ifndef TJOB_CREDENTIALS_H
#define TJOB_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/arn.h"
#include "tjob/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Limits ------------------------------------------------------------------------------------------------------ */

/* The longest name of a key, without its terminating NUL, and the longest access key id, in bytes. */
#define TJOB_KEY_NAME_BYTES_MAX 63
#define TJOB_KEY_ID_BYTES_MAX 128

/*
 * The shortest and the longest secret, in bytes. A shorter secret could be found by trying all of them against one
 * recorded request.
 */
#define TJOB_SECRET_BYTES_MIN 16
#define TJOB_SECRET_BYTES_MAX 128

/* The longest line of a credentials file without its line feed, and the largest file, in bytes. */
#define TJOB_CREDENTIALS_LINE_BYTES_MAX 1024
#define TJOB_CREDENTIALS_BYTES_MAX 4194304

/* ---- Keys -------------------------------------------------------------------------------------------------------- */

/* Which recognizers a grant covers. */
typedef enum tjob_grant_kind {
    TJOB_GRANT_ALL = 1,   /* all */
    TJOB_GRANT_ACCOUNT,   /* those of one account: `text` is its 12 digits */
    TJOB_GRANT_ARN,       /* one: `text` is its ARN */
    TJOB_GRANT_ARN_PREFIX /* those whose ARN begins with `text` */
} tjob_grant_kind;

/* One grant of a key. */
typedef struct tjob_grant {
    uint32_t kind; /* a tjob_grant_kind */
    uint32_t bytes;
    char text[TJOB_ARN_BYTES_MAX];
} tjob_grant;

/* One access key: a section of the file. `id` and `secret` are filled up with zeros. */
typedef struct tjob_access_key {
    char name[TJOB_KEY_NAME_BYTES_MAX + 1]; /* of the section: for logs, because it is no secret */
    char id[TJOB_KEY_ID_BYTES_MAX];
    char secret[TJOB_SECRET_BYTES_MAX];
    uint32_t id_bytes;
    uint32_t secret_bytes;
    uint32_t first_grant; /* the index of the first one of its grants, which stand side by side */
    uint32_t grant_count;
} tjob_access_key;

/*
 * A set of keys in the caller's memory. Set the arrays and their capacities, zero all else; `service` and `region` are
 * optional. Reading and verifying do not change it, so threads may share it until it is read anew.
 */
typedef struct tjob_credentials {
    tjob_access_key *keys;
    tjob_grant *grants;
    uint32_t key_capacity;
    uint32_t grant_capacity;
    uint32_t key_count;
    uint32_t grant_count;
    const char *service; /* to which a signature must be scoped; NULL = "comprehend" */
    const char *region;  /* to which a signature must be scoped; NULL = any */
} tjob_credentials;

/* ---- The file ---------------------------------------------------------------------------------------------------- */

/* Why credentials were not read. */
typedef enum tjob_credentials_problem {
    TJOB_CREDENTIALS_OK = 0,
    TJOB_CREDENTIALS_UNREADABLE,      /* the file cannot be opened or read: see errno */
    TJOB_CREDENTIALS_NOT_A_FILE,      /* it is not a regular file */
    TJOB_CREDENTIALS_NOT_PRIVATE,     /* group or others have access to it, or another user than root owns it */
    TJOB_CREDENTIALS_TOO_LARGE,       /* it is larger than TJOB_CREDENTIALS_BYTES_MAX */
    TJOB_CREDENTIALS_BAD_CHARACTER,   /* a control character, or outside a comment a byte that is not ASCII */
    TJOB_CREDENTIALS_LINE_TOO_LONG,   /* a line is longer than TJOB_CREDENTIALS_LINE_BYTES_MAX */
    TJOB_CREDENTIALS_BAD_LINE,        /* neither a section nor a setting nor a comment */
    TJOB_CREDENTIALS_BAD_NAME,        /* the name of a section is empty, too long, or not of letters, digits and ._@- */
    TJOB_CREDENTIALS_NAME_TWICE,      /* two sections have the same name */
    TJOB_CREDENTIALS_NO_SECTION,      /* a setting before the first section */
    TJOB_CREDENTIALS_UNKNOWN_SETTING, /* a setting that is not one of the four */
    TJOB_CREDENTIALS_SETTING_TWICE,   /* a section has two ids or two secrets */
    TJOB_CREDENTIALS_BAD_ID,          /* the id is empty, too long, or not of letters, digits, _ and - */
    TJOB_CREDENTIALS_ID_TWICE,        /* two sections have the same id */
    TJOB_CREDENTIALS_BAD_SECRET,      /* the secret is too short or too long, or has a blank in it */
    TJOB_CREDENTIALS_BAD_ACCOUNT,     /* an account is neither 12 digits nor "*" */
    TJOB_CREDENTIALS_BAD_ARN,         /* an ARN is malformed, or its "*" stands before the name, or is not at its end */
    TJOB_CREDENTIALS_INCOMPLETE,      /* the section that begins in this line lacks its id, its secret or any grant */
    TJOB_CREDENTIALS_EMPTY,           /* there is no key */
    TJOB_CREDENTIALS_FULL             /* more keys or grants than the caller's memory holds */
} tjob_credentials_problem;

#define TJOB_CREDENTIALS_PROBLEM_COUNT 21

/*
 * Returns a sentence about a problem, without a full stop, such as "the account is neither 12 digits nor *"; "?"
 * outside the enum. It shows nothing of the file. Static; thread-safe.
 */
const char *tjob_credentials_problem_text(tjob_credentials_problem problem);

/*
 * Reads credentials from a text, in place of those that `credentials` held, which are wiped first. If there is a
 * problem, `credentials` holds no key afterwards.
 *
 * line  receives the number of the line of the problem, from 1 on; 0 if there is none. May be NULL.
 *
 * Returns TJOB_CREDENTIALS_OK or the first problem. Takes time quadratic in the number of keys. Not thread-safe: nobody
 * else may use `credentials` meanwhile; a tjob_keyring takes care of that.
 */
tjob_credentials_problem tjob_credentials_read(tjob_credentials *credentials, tjob_text text, uint32_t *line);

/*
 * Reads credentials from a file, as tjob_credentials_read does from a text. The file must be a regular one that belongs
 * to the user of the process or to root, and to which neither group nor others have any access; it is checked after it
 * was opened. A symbolic link is followed. Replace a file by renaming another one onto it, so that nobody reads half of
 * a file.
 *
 * Returns as tjob_credentials_read; or TJOB_CREDENTIALS_UNREADABLE, with the reason in errno,
 * TJOB_CREDENTIALS_NOT_A_FILE, TJOB_CREDENTIALS_NOT_PRIVATE or TJOB_CREDENTIALS_TOO_LARGE. Not thread-safe, as
 * tjob_credentials_read.
 */
tjob_credentials_problem tjob_credentials_load(tjob_credentials *credentials, const char *path, uint32_t *line);

/* Wipes all keys and grants. Not thread-safe: nobody else may use `credentials` meanwhile. */
void tjob_credentials_clear(tjob_credentials *credentials);

/*
 * Returns whether a key may touch a recognizer: whether one of its grants covers the ARN, which must be valid in one of
 * the grammars. Returns false for a `key` that is not below credentials->key_count. Pure; thread-safe.
 */
bool tjob_credentials_allow(const tjob_credentials *credentials, uint32_t key, tjob_text arn);

/* ---- Reading anew while threads verify --------------------------------------------------------------------------- */

/* The size of the private part, in bytes. */
#define TJOB_KEYRING_LOCK_BYTES 192

/*
 * Two sets of credentials, of which one is in use while the file is read into the other. Its fields are private. It
 * must not be moved or copied while it is in use.
 */
typedef struct tjob_keyring {
    uint64_t lock[TJOB_KEYRING_LOCK_BYTES / 8];
    tjob_credentials sets[2];
    uint32_t users[2];
    uint32_t current;
    uint32_t loading;
} tjob_keyring;

/*
 * Initializes a keyring without keys. `one` and `other` are copied: two sets as the caller set them up, each with
 * memory of its own, which must outlive the keyring. Returns false if the system has no resources left, and then there
 * is nothing to close. Thread-safe for different keyrings.
 */
bool tjob_keyring_init(tjob_keyring *keyring, const tjob_credentials *one, const tjob_credentials *other);

/*
 * Reads a whole file, and replaces the keys in use by those of the file; if there is a problem, the keys in use stay.
 * Requests that begin from then on get the new keys. The call then waits until nobody uses the old keys any more, and
 * wipes them. Thread-safe. Do not call it from a signal handler, nor in a thread that has acquired credentials.
 *
 * Returns as tjob_credentials_load.
 */
tjob_credentials_problem tjob_keyring_load(tjob_keyring *keyring, const char *path, uint32_t *line);

/*
 * Returns the present credentials, which stay unchanged until tjob_keyring_release is called with them. Keep them for
 * one request, from its verification to the end of the operation. Thread-safe; never waits for a file.
 */
const tjob_credentials *tjob_keyring_acquire(tjob_keyring *keyring);
void tjob_keyring_release(tjob_keyring *keyring, const tjob_credentials *credentials);

/* Wipes all keys. No call may be in progress, and nothing may be acquired. */
void tjob_keyring_close(tjob_keyring *keyring);

#ifdef __cplusplus
}
#endif

#endif
