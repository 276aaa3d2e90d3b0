/* Who may call the server: keys of a file, which is read again on a signal, and a rate for each key. */
#ifndef TJOB_CLI_SERVE_CREDENTIALS_H
#define TJOB_CLI_SERVE_CREDENTIALS_H

#include "cli/arguments.h"
#include "tjob/bucket.h"
#include "tjob/server.h"
#include "tjob/signature.h"

enum { SERVE_KEYS_MAX = 1024, SERVE_GRANTS_MAX = 8192, SERVE_BUCKETS = 2048 };

/* The bucket of a key: the key takes it with its first request, and keeps it. */
struct serve_bucket {
    uint64_t owner; /* a hash of the id of the key; 0: nobody. Accessed atomically */
    tjob_bucket bucket;
};

struct serve_credentials {
    const char *path; /* NULL: everybody may call */
    tjob_keyring keyring;
    void *memory[2];
    tjob_limiter limiter;
    struct serve_bucket *buckets;
    tjob_bucket others; /* shared by the keys that find none */
    unsigned char hash_key[16];
};

/* Reads the file of --credentials, if that is given. Returns EXIT_DONE, or the exit code after printing the error. */
int serve_credentials_open(struct serve_credentials *credentials, const struct arguments *arguments);

/* Reads it again. If there is a problem, it is printed, and the old keys stay. Waits for requests with old ones. */
void serve_credentials_reopen(struct serve_credentials *credentials);

/* Wipes the keys. No request may be under way. */
void serve_credentials_close(struct serve_credentials *credentials);

/* Sets the limiter of each key. All zero admits everything. */
void serve_credentials_limit(struct serve_credentials *credentials, tjob_limiter limiter);

/* The gate that verifies, and the hooks that ask the verified key. Without a file: the empty ones. */
tjob_server_gate serve_credentials_gate(struct serve_credentials *credentials);
tjob_authorizer serve_credentials_authorizer(struct serve_credentials *credentials);
tjob_admitter serve_credentials_admitter(struct serve_credentials *credentials);

#endif
