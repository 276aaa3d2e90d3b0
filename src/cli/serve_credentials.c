#include "cli/serve_credentials.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/exit_codes.h"
#include "cli/output.h"
#include "host/hash.h"
#include "tjob/system_clock.h"
#include "tjob/system_random.h"

/*
 * The key that signed the request of this thread: by its id, because the file may be read again before the request
 * ends.
 */
struct serve_caller {
    uint32_t bytes;
    char id[TJOB_KEY_ID_BYTES_MAX];
};

static _Thread_local struct serve_caller caller;

/* ---- The file ---------------------------------------------------------------------------------------------------- */

struct key_memory {
    tjob_access_key keys[SERVE_KEYS_MAX];
    tjob_grant grants[SERVE_GRANTS_MAX];
};

static void print_problem(const char *path, tjob_credentials_problem problem, uint32_t line)
{
    const char *text =
        problem == TJOB_CREDENTIALS_UNREADABLE ? strerror(errno) : tjob_credentials_problem_text(problem);
    fprintf(stderr, "tjob serve: ");
    output_plain_string(stderr, path);
    if (line != 0) {
        fprintf(stderr, ", line %u", line);
    }
    fprintf(stderr, ": %s\n", text);
}

static bool load_keys(struct serve_credentials *credentials)
{
    uint32_t line;
    const tjob_credentials_problem problem = tjob_keyring_load(&credentials->keyring, credentials->path, &line);
    if (problem != TJOB_CREDENTIALS_OK) {
        print_problem(credentials->path, problem, line);
    }
    return problem == TJOB_CREDENTIALS_OK;
}

static bool make_keyring(struct serve_credentials *credentials, const char *region)
{
    tjob_credentials sets[2];
    for (int i = 0; i < 2; i++) {
        struct key_memory *memory = calloc(1, sizeof *memory);
        credentials->memory[i] = memory;
        if (memory == NULL) {
            return false;
        }
        sets[i] = (tjob_credentials){
            .keys = memory->keys,
            .grants = memory->grants,
            .key_capacity = SERVE_KEYS_MAX,
            .grant_capacity = SERVE_GRANTS_MAX,
            .region = region,
        };
    }
    credentials->buckets = calloc(SERVE_BUCKETS, sizeof *credentials->buckets);
    return credentials->buckets != NULL && tjob_system_random(credentials->hash_key, sizeof credentials->hash_key) &&
           tjob_keyring_init(&credentials->keyring, &sets[0], &sets[1]);
}

static void free_memory(struct serve_credentials *credentials)
{
    free(credentials->memory[0]);
    free(credentials->memory[1]);
    free(credentials->buckets);
}

/* The same that a signature may name: no other one could ever match. */
static bool is_region(const char *text)
{
    enum { REGION_BYTES_MAX = 64 };
    const size_t bytes = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return bytes != 0 && bytes <= REGION_BYTES_MAX && text[bytes] == '\0';
}

int serve_credentials_open(struct serve_credentials *credentials, const struct arguments *arguments)
{
    const char *path = arguments->texts[OPTION_CREDENTIALS];
    if (path == NULL) {
        return arguments->texts[OPTION_REGION] == NULL
                   ? EXIT_DONE
                   : arguments_complain(arguments, "--credentials is missing beside", "--region");
    }
    if (arguments->texts[OPTION_REGION] != NULL && !is_region(arguments->texts[OPTION_REGION])) {
        return arguments_complain(arguments, "--region must be lower-case letters, digits and \"-\", at most 64, not",
                                  arguments->texts[OPTION_REGION]);
    }
    if (!make_keyring(credentials, arguments->texts[OPTION_REGION])) {
        free_memory(credentials);
        fprintf(stderr, "tjob serve: out of memory\n");
        return EXIT_STORAGE;
    }
    credentials->path = path;
    if (!load_keys(credentials)) {
        serve_credentials_close(credentials);
        return EXIT_STORAGE;
    }
    return EXIT_DONE;
}

void serve_credentials_reopen(struct serve_credentials *credentials)
{
    if (credentials->path != NULL && !load_keys(credentials)) {
        fprintf(stderr, "tjob serve: the keys stay as they were\n");
    }
}

void serve_credentials_close(struct serve_credentials *credentials)
{
    if (credentials->path != NULL) {
        tjob_keyring_close(&credentials->keyring);
        free_memory(credentials);
        credentials->path = NULL;
    }
}

/* ---- Who calls --------------------------------------------------------------------------------------------------- */

static bool verify_request(void *context, tjob_server_request *request, tjob_http_response *response, char *body,
                           size_t capacity)
{
    struct serve_credentials *credentials = context;
    tjob_signed_header headers[TJOB_SERVER_HEADERS_MAX];
    tjob_signed_request signed_request = {
        .method = request->method,
        .path = request->path,
        .query = request->query,
        .headers = headers,
        .body = request->body,
    };
    tjob_signature_result result;
    for (size_t i = 0; i < request->header_count; i++) {
        const tjob_server_header *header = &request->headers[i];
        headers[signed_request.header_count++] =
            (tjob_signed_header){header->name.data, header->name.bytes, header->value.data, header->value.bytes};
    }
    const uint64_t now_ms = tjob_system_clock().now_ms(NULL, NULL);
    const tjob_credentials *keys = tjob_keyring_acquire(&credentials->keyring);
    const tjob_signature_status status = tjob_signature_verify(&signed_request, keys, (int64_t)now_ms, &result);
    if (status == TJOB_SIGNATURE_OK) {
        caller.bytes = keys->keys[result.key].id_bytes;
        memcpy(caller.id, keys->keys[result.key].id, caller.bytes);
        request->caller = &caller;
    }
    tjob_keyring_release(&credentials->keyring, keys);
    if (status != TJOB_SIGNATURE_OK) {
        (void)tjob_signature_respond(&result, response, body, capacity);
        response->id = request->id;
    }
    return status != TJOB_SIGNATURE_OK;
}

tjob_server_gate serve_credentials_gate(struct serve_credentials *credentials)
{
    return credentials->path != NULL ? (tjob_server_gate){credentials, verify_request} : (tjob_server_gate){NULL, NULL};
}

/* A key that is no longer in the file may touch nothing. */
static tjob_authorization authorize_caller(void *context, void *user, tjob_text arn, const tjob_event *event)
{
    struct serve_credentials *credentials = context;
    const struct serve_caller *who = ((const tjob_server_request *)user)->caller;
    bool is_allowed = false;
    (void)event;
    const tjob_credentials *keys = tjob_keyring_acquire(&credentials->keyring);
    for (uint32_t i = 0; i < keys->key_count; i++) {
        if (keys->keys[i].id_bytes == who->bytes && memcmp(keys->keys[i].id, who->id, who->bytes) == 0) {
            is_allowed = tjob_credentials_allow(keys, i, arn);
        }
    }
    tjob_keyring_release(&credentials->keyring, keys);
    return is_allowed ? TJOB_AUTHORIZATION_ALLOWED : TJOB_AUTHORIZATION_DENIED;
}

tjob_authorizer serve_credentials_authorizer(struct serve_credentials *credentials)
{
    return credentials->path != NULL ? (tjob_authorizer){credentials, authorize_caller} : (tjob_authorizer){NULL, NULL};
}

/* ---- How often --------------------------------------------------------------------------------------------------- */

void serve_credentials_limit(struct serve_credentials *credentials, tjob_limiter limiter)
{
    credentials->limiter = limiter;
    credentials->others.limiter = limiter;
    for (int i = 0; credentials->path != NULL && i < SERVE_BUCKETS; i++) {
        credentials->buckets[i].bucket.limiter = limiter;
    }
}

/* The bucket of an owner: its own, one that it takes now, or the one of all others. */
static tjob_bucket *bucket_of(struct serve_credentials *credentials, uint64_t owner)
{
    for (uint64_t i = 0; i < SERVE_BUCKETS; i++) {
        struct serve_bucket *bucket = &credentials->buckets[(owner + i) % SERVE_BUCKETS];
        uint64_t found = 0; /* a free one becomes this owner's, unless another thread was faster */
        if (__atomic_compare_exchange_n(&bucket->owner, &found, owner, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE) ||
            found == owner) {
            return &bucket->bucket;
        }
    }
    return &credentials->others;
}

static tjob_admission admit_caller(void *context, void *user, tjob_text arn, const tjob_event *event, uint64_t now_ms)
{
    struct serve_credentials *credentials = context;
    const struct serve_caller *who = ((const tjob_server_request *)user)->caller;
    const uint64_t hash = tjob__hash_name(credentials->hash_key, (tjob_text){who->id, who->bytes});
    (void)arn;
    (void)event;
    return tjob_bucket_admit(bucket_of(credentials, hash != 0 ? hash : 1), now_ms);
}

tjob_admitter serve_credentials_admitter(struct serve_credentials *credentials)
{
    return (tjob_admitter){credentials, admit_caller};
}
