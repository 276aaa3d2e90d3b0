#include "host/etcd/store.h"

#include <curl/curl.h>
#include <string.h>

#include "host/etcd/base64.h"
#include "host/etcd/pool.h"

/* ---- What loads have seen -------------------------------------------------------------------------------------- */

static tjob_etcd_seen *store_seen_slot(tjob_etcd_store *store, uint64_t version)
{
    return &store->seen[version % TJOB_ETCD_SEEN_MAX];
}

/* A version belongs to one record of the whole store, so it needs no name. */
static void store_see(tjob_etcd_store *store, uint64_t version, etcd_entry entry)
{
    tjob__etcd_lock(store);
    *store_seen_slot(store, version) =
        (tjob_etcd_seen){.version = version, .latest_ms = entry.latest_ms, .state = entry.state};
    tjob__etcd_unlock(store);
}

static bool store_has_seen(tjob_etcd_store *store, uint64_t version, etcd_entry *entry)
{
    tjob__etcd_lock(store);
    const tjob_etcd_seen seen = *store_seen_slot(store, version);
    tjob__etcd_unlock(store);
    *entry = (etcd_entry){seen.latest_ms, (uint32_t)seen.state};
    return seen.version == version;
}

static etcd_entry store_entry_of(const tjob_job *job)
{
    return (etcd_entry){tjob_job_latest_ms(job), job->state};
}

/* ---- Load ------------------------------------------------------------------------------------------------------ */

tjob_load_status tjob__etcd_record_read(etcd_call *call, const etcd_kv *kv, tjob_job *job)
{
    unsigned char bytes[TJOB_JOB_ENCODED_BYTES];
    size_t count;
    const bool is_short = tjob__base64_decode(&kv->value, bytes, sizeof bytes, &count);
    if (is_short && count == sizeof bytes && tjob_job_decode(bytes, job) == TJOB_JOB_VALID) {
        return TJOB_LOAD_OK;
    }
    if (is_short && count == sizeof ETCD_TOMBSTONE - 1 && memcmp(bytes, ETCD_TOMBSTONE, count) == 0) {
        return TJOB_LOAD_NOT_FOUND;
    }
    (void)tjob__etcd_call_note(call, TJOB_ETCD_DAMAGED, "a record is neither a job nor a tombstone");
    return TJOB_LOAD_UNAVAILABLE;
}

static tjob_load_status store_take(etcd_call *call, const etcd_kv *kv, tjob_job *job, uint64_t *version)
{
    const tjob_load_status status = tjob__etcd_record_read(call, kv, job);
    *version = call->marker.base + kv->mod_revision;
    if (status != TJOB_LOAD_UNAVAILABLE) {
        store_see(call->store, *version, status == TJOB_LOAD_OK ? store_entry_of(job) : (etcd_entry){0, TJOB_ABSENT});
    }
    return status;
}

/* Reads the record and the marker in one transaction. */
static tjob_load_status store_load_both(etcd_call *call, tjob_text arn, tjob_job *job, uint64_t *version)
{
    etcd_kv kv;
    tjob__etcd_request_load(tjob__etcd_call_writer(call), call->prefix, arn);
    if (tjob__etcd_call_send(call, false).certainty != ETCD_DONE || tjob__etcd_call_marker(call, 1) != TJOB_ETCD_OK) {
        return TJOB_LOAD_UNAVAILABLE;
    }
    etcd_range keys = tjob__etcd_answer_range(&call->answer, 0);
    if (tjob__etcd_range_next(&keys, &kv)) {
        return store_take(call, &kv, job, version);
    }
    if (!keys.is_valid) {
        (void)tjob__etcd_call_note_range(call);
        return TJOB_LOAD_UNAVAILABLE;
    }
    *version = call->marker.absence;
    return TJOB_LOAD_NOT_FOUND;
}

/*
 * A range of one key costs etcd two thirds of a transaction. It suffices where there is a key: its version needs the
 * base, which changes only when the store is renewed. The version of an absence without a key changes with each purge.
 */
static tjob_load_status store_load_in(etcd_call *call, tjob_text arn, tjob_job *job, uint64_t *version)
{
    etcd_kv kv;
    if (!call->marker_is_stale) {
        tjob__etcd_request_record(tjob__etcd_call_writer(call), call->prefix, arn);
        if (tjob__etcd_call_send_range(call).certainty != ETCD_DONE) {
            return TJOB_LOAD_UNAVAILABLE;
        }
        etcd_range keys = tjob__etcd_answer_keys(&call->answer);
        if (tjob__etcd_range_next(&keys, &kv) && tjob__etcd_call_is_forward(call)) {
            return store_take(call, &kv, job, version);
        }
    }
    return store_load_both(call, arn, job, version);
}

static tjob_load_status etcd_store_load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    (void)user;
    etcd_call call;
    if (!tjob__etcd_call_begin(&call, context)) {
        return TJOB_LOAD_UNAVAILABLE;
    }
    const tjob_load_status status = store_load_in(&call, arn, job, version);
    tjob__etcd_call_end(&call, status == TJOB_LOAD_UNAVAILABLE);
    return status;
}

/* ---- Swap ------------------------------------------------------------------------------------------------------ */

/* Fills what the change replaces. Returns TJOB_SWAP_OK if the change can be sent; else the answer, and nothing was. */
static tjob_swap_status store_prepare(etcd_call *call, uint64_t expected, etcd_change *change)
{
    const bool is_known = call->marker.text_bytes != 0 &&
                          (expected == call->marker.absence || store_has_seen(call->store, expected, &change->old));
    if (!is_known) {
        tjob_job job;
        uint64_t version;
        const tjob_load_status status = store_load_in(call, change->arn, &job, &version);
        if (status == TJOB_LOAD_UNAVAILABLE) {
            return TJOB_SWAP_UNAVAILABLE;
        }
        if (version != expected) {
            return TJOB_SWAP_CONFLICT;
        }
        change->old = status == TJOB_LOAD_OK ? store_entry_of(&job) : (etcd_entry){0, TJOB_ABSENT};
    }
    if (expected == call->marker.absence) {
        return TJOB_SWAP_OK; /* there is no key: its revision is 0 */
    }
    change->mod_revision = expected - call->marker.base;
    return expected > call->marker.base ? TJOB_SWAP_OK : TJOB_SWAP_CONFLICT; /* else the versions were raised since */
}

/* There is no space. The transaction took place, or not, and that will not change: if the version still stands, it did
 * not. */
static tjob_swap_status store_read_outcome(etcd_call *call, uint64_t expected, const etcd_change *change)
{
    tjob_job job;
    uint64_t version;
    const tjob_load_status status = store_load_in(call, change->arn, &job, &version);
    if (status == TJOB_LOAD_UNAVAILABLE || version != expected) {
        return TJOB_SWAP_UNKNOWN;
    }
    const bool is_creation = status == TJOB_LOAD_NOT_FOUND && change->next.state != TJOB_ABSENT;
    return is_creation ? TJOB_SWAP_FULL : TJOB_SWAP_UNAVAILABLE;
}

static tjob_swap_status store_swap_in(etcd_call *call, uint64_t expected, etcd_change *change)
{
    const tjob_swap_status prepared = store_prepare(call, expected, change);
    if (prepared != TJOB_SWAP_OK) {
        return prepared;
    }
    tjob__etcd_request_swap(tjob__etcd_call_writer(call), call->prefix, &call->marker, change);
    const etcd_outcome outcome = tjob__etcd_call_send(call, true);
    switch (outcome.certainty) {
    case ETCD_DONE:
        if (!call->answer.succeeded) {
            return TJOB_SWAP_CONFLICT;
        }
        if (!tjob__etcd_call_is_forward(call)) {
            (void)tjob__etcd_call_note(call, TJOB_ETCD_RESTORED, "the change was made in another cluster");
            return TJOB_SWAP_UNKNOWN;
        }
        return TJOB_SWAP_OK;
    case ETCD_NEVER:
        return TJOB_SWAP_UNAVAILABLE;
    case ETCD_FINAL:
        return store_read_outcome(call, expected, change);
    case ETCD_UNDECIDED:
    default:
        return TJOB_SWAP_UNKNOWN;
    }
}

/* A conflict may come from a marker that was written since: by a purge, or because the store was renewed. */
static void store_doubt_marker(tjob_etcd_store *store)
{
    tjob__etcd_lock(store);
    store->marker_is_stale = 1;
    tjob__etcd_unlock(store);
}

static tjob_swap_status etcd_store_swap(void *context, void *user, tjob_text arn, uint64_t expected,
                                        const tjob_job *next)
{
    (void)user;
    etcd_call call;
    unsigned char bytes[TJOB_JOB_ENCODED_BYTES]; /* cppcheck-suppress variableScope ; change.value points to it */
    etcd_change change = {.arn = arn, .value = TJOB_TEXT(ETCD_TOMBSTONE)};
    if (!tjob__etcd_call_begin(&call, context)) {
        return TJOB_SWAP_UNAVAILABLE;
    }
    tjob_swap_status status = TJOB_SWAP_UNAVAILABLE;
    if (next != NULL && tjob_job_validate(next) != TJOB_JOB_VALID) {
        (void)tjob__etcd_call_note(&call, TJOB_ETCD_INVALID_ARGUMENT, "the job is not valid");
    } else {
        if (next != NULL) {
            tjob_job_encode(next, bytes);
            change.value = (tjob_text){(const char *)bytes, sizeof bytes};
            change.next = store_entry_of(next);
        }
        status = store_swap_in(&call, expected, &change);
    }
    tjob__etcd_call_end(&call, status != TJOB_SWAP_OK && status != TJOB_SWAP_CONFLICT);
    if (status == TJOB_SWAP_CONFLICT) {
        store_doubt_marker(context);
    }
    return status;
}

/* ---- The store ------------------------------------------------------------------------------------------------- */

/* Copies a string with its terminating NUL. False: it is too long. */
static bool store_copy(char *to, size_t capacity, const char *from)
{
    const size_t bytes = from != NULL ? strlen(from) : 0;
    if (bytes >= capacity) {
        return false;
    }
    memcpy(to, from != NULL ? from : "", bytes + 1);
    return true;
}

/* Splits the list of endpoints at its commas. A slash at the end of one is left out. */
static bool store_take_endpoints(tjob_etcd_store *store, const char *list)
{
    char *out = store->endpoints;
    const char *end = store->endpoints + sizeof store->endpoints;
    while (*list != '\0') {
        const size_t bytes = strcspn(list, ",");
        const size_t kept = bytes > 0 && list[bytes - 1] == '/' ? bytes - 1 : bytes;
        if (kept == 0 || (size_t)(end - out) <= kept || store->endpoint_count == TJOB_ETCD_ENDPOINTS_MAX) {
            return false;
        }
        memcpy(out, list, kept);
        out[kept] = '\0';
        out += kept + 1;
        store->endpoint_count++;
        list += list[bytes] == ',' ? bytes + 1 : bytes;
    }
    return store->endpoint_count != 0;
}

static bool store_configure(tjob_etcd_store *store, const tjob_etcd_config *config)
{
    const char *prefix = config->prefix != NULL ? config->prefix : TJOB_ETCD_PREFIX_DEFAULT;
    store->wait_ms = config->wait_ms != 0 ? config->wait_ms : TJOB_ETCD_WAIT_MS_DEFAULT;
    store->connect_ms = config->connect_ms != 0 ? config->connect_ms : TJOB_ETCD_CONNECT_MS_DEFAULT;
    store->prefix_bytes = (uint32_t)strlen(prefix);
    return config->endpoints != NULL && store_take_endpoints(store, config->endpoints) && store->prefix_bytes != 0 &&
           store_copy(store->prefix, TJOB_ETCD_PREFIX_BYTES_MAX + 1, prefix) &&
           store_copy(store->proxy, sizeof store->proxy, config->proxy) &&
           store_copy(store->ca_path, sizeof store->ca_path, config->ca_path) &&
           store_copy(store->certificate_path, sizeof store->certificate_path, config->certificate_path) &&
           store_copy(store->key_path, sizeof store->key_path, config->key_path);
}

/* "Expect:" leaves that header out, for which a client waits before it sends a longer body. */
static bool store_make_headers(tjob_etcd_store *store)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    struct curl_slist *all =
        headers != NULL ? curl_slist_append(headers, "Expect:") : NULL; /* LCOV_EXCL_BR_LINE: no memory */
    if (all == NULL) {                                                  /* LCOV_EXCL_BR_LINE */
        curl_slist_free_all(headers);                                   /* LCOV_EXCL_LINE */
    }
    store->headers = all;
    return all != NULL;
}

tjob_etcd_problem tjob_etcd_store_init(tjob_etcd_store *store, tjob_etcd_connection *connections,
                                       uint32_t connection_count, const tjob_etcd_config *config)
{
    if (store == NULL || connections == NULL || connection_count == 0 || config == NULL) {
        return TJOB_ETCD_INVALID_ARGUMENT;
    }
    *store = (tjob_etcd_store){.connections = connections, .connection_count = connection_count};
    if (!store_configure(store, config)) {
        return TJOB_ETCD_INVALID_ARGUMENT;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) { /* LCOV_EXCL_BR_LINE: no memory */
        return TJOB_ETCD_NO_RESOURCES;                       /* LCOV_EXCL_LINE */
    }
    if (!store_make_headers(store) || !tjob__etcd_pool_init(store)) { /* LCOV_EXCL_START: no memory */
        curl_slist_free_all(store->headers);
        curl_global_cleanup();
        return TJOB_ETCD_NO_RESOURCES;
    } /* LCOV_EXCL_STOP */
    return TJOB_ETCD_OK;
}

void tjob_etcd_store_close(tjob_etcd_store *store)
{
    tjob__etcd_pool_destroy(store);
    curl_slist_free_all(store->headers);
    curl_global_cleanup();
}

tjob_store tjob_etcd_store_callbacks(tjob_etcd_store *store)
{
    return (tjob_store){.context = store, .load = etcd_store_load, .swap = etcd_store_swap};
}

tjob_etcd_problem tjob_etcd_store_problem(tjob_etcd_store *store)
{
    tjob__etcd_lock(store);
    const tjob_etcd_problem problem = (tjob_etcd_problem)store->problem;
    tjob__etcd_unlock(store);
    return problem;
}

void tjob_etcd_store_message(tjob_etcd_store *store, char message[TJOB_ETCD_MESSAGE_BYTES])
{
    tjob__etcd_lock(store);
    memcpy(message, store->message, TJOB_ETCD_MESSAGE_BYTES);
    tjob__etcd_unlock(store);
}
