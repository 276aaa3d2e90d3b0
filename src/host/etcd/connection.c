#include "host/etcd/connection.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

_Static_assert(TJOB_ETCD_ERROR_BYTES >= CURL_ERROR_SIZE, "a connection has room for the words of libcurl");

uint64_t tjob__etcd_now_ms(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- What libcurl calls ---------------------------------------------------------------------------------------- */

/*
 * libcurl calls this each time when it has a connection and is about to send. So it also calls it before it sends a
 * request again by itself, which it does when a kept connection ends without an answer.
 */
static int connection_before_send(void *context, char *peer, char *own, int peer_port, int own_port)
{
    tjob_etcd_connection *connection = context;
    (void)peer;
    (void)own;
    (void)peer_port;
    (void)own_port;
    if (connection->sends == connection->sends_max) {
        return CURL_PREREQFUNC_ABORT;
    }
    connection->sends++;
    return CURL_PREREQFUNC_OK;
}

/* More than fits ends the transfer. */
static size_t connection_receive(char *data, size_t size, size_t count, void *context)
{
    tjob_etcd_connection *connection = context;
    const size_t bytes = size * count;
    if (bytes > sizeof connection->answer - connection->answer_bytes) {
        return 0;
    }
    memcpy(connection->answer + connection->answer_bytes, data, bytes);
    connection->answer_bytes += (uint32_t)bytes;
    return bytes;
}

/* ---- The handle ------------------------------------------------------------------------------------------------ */

static void connection_set_file(CURL *easy, CURLoption option, const char *path)
{
    if (path[0] != '\0') {
        curl_easy_setopt(easy, option, path);
    }
}

static bool connection_open(const tjob_etcd_store *store, tjob_etcd_connection *connection)
{
    CURL *easy = curl_easy_init();
    if (easy == NULL) { /* LCOV_EXCL_BR_LINE: no memory */
        return false;   /* LCOV_EXCL_LINE */
    }
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* else a deadline waits for a name that is being resolved */
#endif
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, store->proxy); /* "": none, not that of the environment either */
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, store->headers);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, connection_before_send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, connection);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, connection_receive);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, connection);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, connection->error);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, connection->request);
    connection_set_file(easy, CURLOPT_CAINFO, store->ca_path);
    connection_set_file(easy, CURLOPT_SSLCERT, store->certificate_path);
    connection_set_file(easy, CURLOPT_SSLKEY, store->key_path);
    connection->easy = easy;
    return true;
}

void tjob__etcd_connection_close(tjob_etcd_connection *connection)
{
    if (connection->easy != NULL) {
        curl_easy_cleanup(connection->easy);
        connection->easy = NULL;
    }
}

/* ---- The exchange ---------------------------------------------------------------------------------------------- */

static const char *connection_endpoint(const tjob_etcd_store *store, uint32_t index)
{
    const char *endpoint = store->endpoints;
    while (index-- > 0) {
        endpoint += strlen(endpoint) + 1;
    }
    return endpoint;
}

/* One endpoint. Sets the transport and the status. */
static void connection_try(const tjob_etcd_store *store, tjob_etcd_connection *connection, const char *service,
                           size_t bytes, uint64_t left_ms, etcd_exchange *exchange)
{
    char url[TJOB_ETCD_ENDPOINTS_BYTES_MAX + 32];
    long http_status = 0;
    CURL *easy = connection->easy;
    snprintf(url, sizeof url, "%s%s", connection_endpoint(store, exchange->endpoint), service);
    connection->sends = 0;
    connection->answer_bytes = 0;
    connection->error[0] = '\0';
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)bytes);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(left_ms < store->connect_ms ? left_ms : store->connect_ms));
    const CURLcode code = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &http_status);
    exchange->transport = connection->sends == 0 ? ETCD_NOT_SENT : code == CURLE_OK ? ETCD_ANSWERED : ETCD_LOST;
    exchange->http_status = (unsigned)http_status;
    exchange->answer = (tjob_text){connection->answer, connection->answer_bytes};
}

etcd_exchange tjob__etcd_connection_exchange(const tjob_etcd_store *store, tjob_etcd_connection *connection,
                                             const char *service, size_t bytes, uint32_t first, bool once,
                                             uint64_t deadline_ms)
{
    etcd_exchange exchange = {.transport = ETCD_NOT_SENT, .endpoint = first};
    connection->sends_max = once ? 1 : UINT32_MAX;
    strcpy(connection->error, "the time is up");
    for (uint32_t i = 0; i < store->endpoint_count && exchange.transport == ETCD_NOT_SENT; i++) {
        const uint64_t now_ms = tjob__etcd_now_ms();
        if (now_ms >= deadline_ms) {
            break;
        }
        exchange.endpoint = (first + i) % store->endpoint_count;
        if (connection->easy == NULL && !connection_open(store, connection)) { /* LCOV_EXCL_BR_LINE */
            strcpy(connection->error, "libcurl has no memory");                /* LCOV_EXCL_LINE */
            break;                                                             /* LCOV_EXCL_LINE */
        }
        connection_try(store, connection, service, bytes, deadline_ms - now_ms, &exchange);
        if (exchange.transport == ETCD_LOST) {
            tjob__etcd_connection_close(connection); /* what may still arrive belongs to nobody */
        }
    }
    return exchange;
}
