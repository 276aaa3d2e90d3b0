#include "host/postgresql/connect.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "host/postgresql/deadline.h"
#include "host/postgresql/statement.h"

enum { CONNECT_OPTIONS_MAX = 96, CONNECT_HOST_BYTES_MAX = 1024 };

bool tjob__postgresql_conninfo_is_valid(const char *conninfo)
{
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    const bool is_valid = options != NULL;
    PQconninfoFree(options);
    return is_valid;
}

/* ---- Lists of hosts -------------------------------------------------------------------------------------------- */

static uint32_t connect_count(const char *list)
{
    uint32_t count = 1;
    for (; *list != '\0'; list++) {
        count += *list == ',';
    }
    return count;
}

/* Copies one item of a list, or the only one. False: it is too long. */
static bool connect_item(const char *list, uint32_t index, char item[CONNECT_HOST_BYTES_MAX])
{
    for (uint32_t i = 0; i < index && strchr(list, ',') != NULL; i++) {
        list = strchr(list, ',') + 1;
    }
    const size_t bytes = strcspn(list, ",");
    if (bytes >= CONNECT_HOST_BYTES_MAX) {
        return false;
    }
    memcpy(item, list, bytes);
    item[bytes] = '\0';
    return true;
}

/* The options that may be lists, one item for each host. */
static const char *const connect_lists[] = {"host", "hostaddr", "port"};

enum { CONNECT_LISTS = sizeof connect_lists / sizeof connect_lists[0] };

static int connect_list_of(const char *keyword)
{
    for (int i = 0; i < CONNECT_LISTS; i++) {
        if (strcmp(keyword, connect_lists[i]) == 0) {
            return i;
        }
    }
    return -1;
}

static uint32_t connect_hosts(const PQconninfoOption *options)
{
    uint32_t hosts = 1;
    for (; options->keyword != NULL; options++) {
        if (options->val != NULL && connect_list_of(options->keyword) >= 0 && connect_count(options->val) > hosts) {
            hosts = connect_count(options->val);
        }
    }
    return hosts;
}

/* Begins to connect to one host. NULL: out of memory, or an item that is too long. */
static PGconn *connect_start(const PQconninfoOption *options, uint32_t hosts, uint32_t host)
{
    char items[CONNECT_LISTS][CONNECT_HOST_BYTES_MAX];
    const char *keywords[CONNECT_OPTIONS_MAX] = {"fallback_application_name", "target_session_attrs"};
    const char *values[CONNECT_OPTIONS_MAX] = {"tjob", hosts > 1 ? "primary" : "any"};
    int count = 2;
    for (; options->keyword != NULL && count < CONNECT_OPTIONS_MAX - 1; /* LCOV_EXCL_BR_LINE: libpq has half as many */
         options++) {
        const int list = connect_list_of(options->keyword);
        if (options->val == NULL) {
            continue;
        }
        if (list >= 0 && !connect_item(options->val, host, items[list])) {
            return NULL;
        }
        keywords[count] = options->keyword; /* of a keyword that is given twice, the last one counts */
        values[count] = list >= 0 ? items[list] : options->val;
        count++;
    }
    return PQconnectStartParams(keywords, values, 0);
}

/* ---- Connecting ------------------------------------------------------------------------------------------------ */

/* Connects until it is done, failed or late. Returns whether it is done. */
static bool connect_poll(PGconn *handle, uint64_t deadline)
{
    PostgresPollingStatusType status =
        PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING) {
        if (!tjob__postgresql_wait(PQsocket(handle), status == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline)) {
            return false;
        }
        status = PQconnectPoll(handle);
    }
    return status == PGRES_POLLING_OK && /* LCOV_EXCL_BR_LINE: the second cannot fail then */
           PQsetnonblocking(handle, 1) == 0;
}

static void connect_ignore(void *argument, const PGresult *notice)
{
    (void)argument;
    (void)notice;
}

/* Connects to one host, until its own deadline. */
static PGconn *connect_host(const PQconninfoOption *options, uint32_t hosts, uint32_t host, uint64_t deadline,
                            char message[TJOB_POSTGRESQL_MESSAGE_BYTES])
{
    PGconn *handle = connect_start(options, hosts, host);
    if (handle == NULL) {
        tjob__postgresql_line(message, "out of memory, or a host name is too long");
        return NULL;
    }
    PQsetNoticeReceiver(handle, connect_ignore, NULL); /* libpq would print what the server notes */
    if (connect_poll(handle, deadline)) {
        return handle;
    }
    char text[TJOB_POSTGRESQL_MESSAGE_BYTES]; /* libpq names the host, and the reason if it has one */
    snprintf(text, sizeof text, "%s%s", PQerrorMessage(handle), PQstatus(handle) == CONNECTION_BAD ? "" : "timed out");
    tjob__postgresql_line(message, text);
    PQfinish(handle);
    return NULL;
}

PGconn *tjob__postgresql_connect(const char *conninfo, uint64_t deadline, uint32_t *first,
                                 char message[TJOB_POSTGRESQL_MESSAGE_BYTES])
{
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    PGconn *handle = NULL;
    tjob__postgresql_line(message, "invalid connection string, or out of memory");
    const uint32_t hosts = options != NULL ? connect_hosts(options) : 0;
    const uint32_t begin = hosts > 0 ? *first % hosts : 0;
    for (uint32_t i = 0; i < hosts && handle == NULL; i++) {
        const uint64_t now = tjob__postgresql_now();
        const uint64_t share = now < deadline ? (deadline - now) / (hosts - i) : 0;
        handle = connect_host(options, hosts, (begin + i) % hosts, now + share, message);
        *first = (begin + i) % hosts;
    }
    PQconninfoFree(options);
    return handle;
}
