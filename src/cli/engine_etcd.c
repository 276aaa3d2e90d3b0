/* Stores in etcd, for the commands: one connection each. */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for strncasecmp */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/engine.h"
#include "cli/exit_codes.h"
#include "tjob/etcd_store.h"

/* The longest URL, in bytes: that of the longest list of endpoints and the longest prefix. */
enum { ETCD_URL_BYTES = TJOB_ETCD_ENDPOINTS_BYTES_MAX + TJOB_ETCD_PREFIX_BYTES_MAX };

struct etcd_instance {
    tjob_etcd_store store;
    tjob_etcd_connection connection;
    bool is_open;
};

static int etcd_exit_code(tjob_etcd_problem problem)
{
    switch (problem) {
    case TJOB_ETCD_OK:
        return EXIT_DONE;
    case TJOB_ETCD_DAMAGED:
        return EXIT_DAMAGED;
    case TJOB_ETCD_BUSY:
        return EXIT_BUSY;
    case TJOB_ETCD_NO_SPACE:
        return EXIT_NO_SPACE;
    default:
        return EXIT_STORAGE;
    }
}

static void etcd_fill(tjob_etcd_problem problem, const char *message, struct engine_problem *filled)
{
    *filled = (struct engine_problem){.name = tjob_etcd_problem_name(problem), .code = etcd_exit_code(problem)};
    engine_set_text(filled, message[0] != '\0' ? message : tjob_etcd_problem_text(problem));
}

/*
 * Splits etcd://HOST:PORT,HOST:PORT/PREFIX into the endpoints, each with its scheme, and the prefix, which ends in "/".
 * Returns false if they are too long.
 */
static bool etcd_split(const char *url, char endpoints[ETCD_URL_BYTES], char prefix[TJOB_ETCD_PREFIX_BYTES_MAX + 2])
{
    const bool is_secure = strncasecmp(url, "etcds://", strlen("etcds://")) == 0;
    const char *host = strstr(url, "://") + strlen("://");
    size_t used = 0;
    for (size_t bytes = strcspn(host, ",/");; host += bytes + 1, bytes = strcspn(host, ",/")) {
        const int printed = snprintf(endpoints + used, ETCD_URL_BYTES - used, "%s%s://%.*s", used != 0 ? "," : "",
                                     is_secure ? "https" : "http", (int)bytes, host);
        if (printed < 0 || (size_t)printed >= ETCD_URL_BYTES - used) {
            return false;
        }
        used += (size_t)printed;
        if (host[bytes] != ',') {
            host += bytes;
            break;
        }
    }
    const char *path = host[0] == '/' ? host + 1 : "";
    const size_t bytes = strlen(path);
    const char *slash = bytes == 0 || path[bytes - 1] == '/' ? "" : "/";
    const int printed = snprintf(prefix, TJOB_ETCD_PREFIX_BYTES_MAX + 2, "%s%s", path, slash);
    return printed >= 0 && printed < TJOB_ETCD_PREFIX_BYTES_MAX + 2;
}

static void *etcd_open(const char *url, uint32_t wait_ms, struct engine_problem *problem)
{
    static struct etcd_instance instances[ENGINE_STORES_MAX];
    struct etcd_instance *instance = instances;
    char endpoints[ETCD_URL_BYTES];
    char prefix[TJOB_ETCD_PREFIX_BYTES_MAX + 2];
    while (instance->is_open) {
        instance++;
    }
    if (!etcd_split(url, endpoints, prefix)) {
        etcd_fill(TJOB_ETCD_INVALID_ARGUMENT, "the URL is too long", problem);
        return NULL;
    }
    const tjob_etcd_config config = {
        .endpoints = endpoints,
        .prefix = prefix[0] != '\0' ? prefix : NULL,
        .ca_path = getenv("ETCDCTL_CACERT"),
        .certificate_path = getenv("ETCDCTL_CERT"),
        .key_path = getenv("ETCDCTL_KEY"),
        .wait_ms = wait_ms,
    };
    const tjob_etcd_problem opened = tjob_etcd_store_init(&instance->store, &instance->connection, 1, &config);
    instance->is_open = opened == TJOB_ETCD_OK;
    etcd_fill(opened, opened == TJOB_ETCD_INVALID_ARGUMENT ? "the URL is invalid" : "", problem);
    return instance->is_open ? instance : NULL;
}

static void etcd_close(void *store)
{
    struct etcd_instance *instance = store;
    tjob_etcd_store_close(&instance->store);
    instance->is_open = false;
}

static tjob_store etcd_callbacks(void *store)
{
    return tjob_etcd_store_callbacks(&((struct etcd_instance *)store)->store);
}

static tjob_store_list etcd_list(void *store)
{
    return tjob_etcd_store_list(&((struct etcd_instance *)store)->store);
}

static void etcd_problem_of(void *store, struct engine_problem *problem)
{
    struct etcd_instance *instance = store;
    char message[TJOB_ETCD_MESSAGE_BYTES];
    const tjob_etcd_problem latest = tjob_etcd_store_problem(&instance->store);
    tjob_etcd_store_message(&instance->store, message);
    etcd_fill(latest, message, problem);
}

static bool etcd_create(void *store)
{
    return tjob_etcd_store_create(&((struct etcd_instance *)store)->store) == TJOB_ETCD_OK;
}

static bool etcd_check(void *store)
{
    return tjob_etcd_store_check(&((struct etcd_instance *)store)->store) == TJOB_ETCD_OK;
}

static bool etcd_purge(void *store, uint64_t *purged)
{
    return tjob_etcd_store_purge(&((struct etcd_instance *)store)->store, purged) == TJOB_ETCD_OK;
}

static bool etcd_renew(void *store)
{
    return tjob_etcd_store_renew(&((struct etcd_instance *)store)->store) == TJOB_ETCD_OK;
}

static bool etcd_raise(void *store, uint64_t version)
{
    return tjob_etcd_store_raise(&((struct etcd_instance *)store)->store, version) == TJOB_ETCD_OK;
}

const struct engine_calls tjob__engine_etcd = {
    .open = etcd_open,
    .close = etcd_close,
    .callbacks = etcd_callbacks,
    .list = etcd_list,
    .problem = etcd_problem_of,
    .create = etcd_create,
    .check = etcd_check,
    .purge = etcd_purge,
    .renew = etcd_renew,
    .raise = etcd_raise,
};
