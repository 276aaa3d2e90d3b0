#define _POSIX_C_SOURCE 200809L /* NOLINT: for sigtimedwait */

#include "cli/serve.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/serve_credentials.h"
#include "cli/serve_log.h"
#include "cli/serve_store.h"
#include "tjob/server.h"

enum { PORT_DEFAULT = 8080, DRAIN_MS_DEFAULT = 30000, HOST_BYTES = 64 };

/* ---- The address ----------------------------------------------------------------------------------------------- */

struct serve_address {
    char host[HOST_BYTES]; /* numeric */
    uint16_t port;
};

/* Reads "HOST:PORT", or "[HOST]:PORT" for an address with colons of its own. */
static bool read_address(struct serve_address *address, const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t bytes = colon != NULL ? (size_t)(colon - text) : 0;
    char *end;
    if (colon == NULL || colon[1] < '0' || colon[1] > '9') {
        return false;
    }
    const unsigned long port = strtoul(colon + 1, &end, 10);
    if (bytes >= 2 && text[0] == '[' && text[bytes - 1] == ']') {
        text++;
        bytes -= 2;
    }
    if (*end != '\0' || end - colon > 6 || port > UINT16_MAX || bytes == 0 || bytes >= sizeof address->host) {
        return false;
    }
    memcpy(address->host, text, bytes);
    address->host[bytes] = '\0';
    if (strcmp(address->host, "localhost") == 0) {
        (void)snprintf(address->host, sizeof address->host, "127.0.0.1");
    }
    address->port = (uint16_t)port;
    unsigned char bits[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, address->host, bits) == 1 || inet_pton(AF_INET6, address->host, bits) == 1;
}

/* Without credentials anybody who can connect may stop a job: only programs on this machine can. */
static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

static int read_listen(struct serve_address *address, const struct arguments *arguments)
{
    const char *text = arguments->texts[OPTION_LISTEN];
    *address = (struct serve_address){"127.0.0.1", PORT_DEFAULT};
    if (text != NULL && !read_address(address, text)) {
        return arguments_complain(arguments, "--listen must be HOST:PORT, not", text);
    }
    if (arguments->texts[OPTION_CREDENTIALS] == NULL && !is_loopback(address->host)) {
        return arguments_complain(
            arguments, "without --credentials it listens on loopback only (127.0.0.1 or [::1]), not on", text);
    }
    return EXIT_DONE;
}

/* ---- Descriptors ------------------------------------------------------------------------------------------------- */

/* For the connections and what else is open. Where the system allows fewer, it would be silent about the rest. */
static int reserve_descriptors(const struct arguments *arguments)
{
    enum { OTHERS = 128 }; /* two stores, which may be databases, the log, the keys, the listener */
    const rlim_t wanted =
        (rlim_t)arguments_number(arguments, OPTION_CONNECTIONS, TJOB_SERVER_CONNECTIONS_DEFAULT) + OTHERS;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) {
        return EXIT_DONE;
    }
    if (limit.rlim_max >= wanted) {
        limit.rlim_cur = wanted;
        if (setrlimit(RLIMIT_NOFILE, &limit) == 0) {
            return EXIT_DONE;
        }
    }
    fprintf(stderr,
            "tjob serve: so many connections need %" PRIu64 " descriptors, and the limit is %" PRIu64 " (ulimit -Hn)\n",
            (uint64_t)wanted, (uint64_t)limit.rlim_max);
    return EXIT_STORAGE;
}

/* ---- The server ------------------------------------------------------------------------------------------------ */

struct serve {
    const struct arguments *arguments;
    struct serve_address address;
    struct serve_store store;
    struct serve_log log;
    struct serve_credentials credentials;
    tjob_bucket bucket;
    tjob_service service;
    tjob_server server;
    void *memory;
    sigset_t signals;
};

static void make_service(struct serve *it)
{
    const struct arguments *arguments = it->arguments;
    const uint32_t rate = (uint32_t)arguments->numbers[OPTION_RATE];
    it->service = it->store.sessions[0].service;
    it->service.store = serve_store_callbacks(&it->store);
    it->service.authorizer = serve_credentials_authorizer(&it->credentials);
    it->service.success_body = arguments->texts[OPTION_SUCCESS_BODY] != NULL
                                   ? (tjob_success_body)arguments->choices[OPTION_SUCCESS_BODY]
                                   : TJOB_SUCCESS_BODY_OBJECT;
    if (rate != 0) {
        (void)tjob_limiter_set(&it->bucket.limiter, rate, 1000,
                               (uint32_t)arguments_number(arguments, OPTION_BURST, rate));
        serve_credentials_limit(&it->credentials, it->bucket.limiter);
        it->service.admitter = it->credentials.path != NULL ? serve_credentials_admitter(&it->credentials)
                                                            : tjob_bucket_admitter(&it->bucket);
    }
}

static int start_server(struct serve *it)
{
    const uint64_t *numbers = it->arguments->numbers;
    const tjob_server_config config = {
        .service = &it->service,
        .address = it->address.host,
        .port = it->address.port,
        .connections = (uint32_t)numbers[OPTION_CONNECTIONS],
        .idle_ms = (uint32_t)numbers[OPTION_IDLE],
        .request_ms = (uint32_t)numbers[OPTION_REQUEST_TIME],
        .gate = serve_credentials_gate(&it->credentials),
        .log = serve_log_hook(&it->log),
    };
    const size_t bytes = tjob_server_bytes(config.connections);
    it->memory = calloc(1, bytes);
    const tjob_server_problem problem =
        it->memory == NULL ? TJOB_SERVER_NO_RESOURCES : tjob_server_start(&it->server, &config, it->memory, bytes);
    if (problem != TJOB_SERVER_OK) {
        free(it->memory);
        fprintf(stderr, "tjob serve: cannot listen on %s, port %u: %s\n", it->address.host, it->address.port,
                tjob_server_problem_text(problem));
        return EXIT_STORAGE;
    }
    const bool has_colon = strchr(it->address.host, ':') != NULL;
    printf("listening on http://%s%s%s:%u/\n", has_colon ? "[" : "", it->address.host, has_colon ? "]" : "",
           tjob_server_port(&it->server));
    (void)fflush(stdout);
    return EXIT_DONE;
}

static void reopen_files(struct serve *it)
{
    if (!serve_log_reopen(&it->log)) {
        fprintf(stderr, "tjob serve: the log stays open as it was\n");
    }
    serve_credentials_reopen(&it->credentials);
}

/* Runs until SIGTERM or SIGINT. */
static int run_server(struct serve *it)
{
    static const struct timespec tend = {.tv_nsec = TJOB_SERVER_TEND_MS * 1000000L};
    bool reopens = false;
    for (;;) {
        const int caught = sigtimedwait(&it->signals, NULL, &tend);
        if (caught == SIGHUP) {
            reopen_files(it);
            reopens = true;
        } else if (caught > 0) {
            break;
        }
        if (serve_store_tend(&it->store) && reopens) { /* else when the calls on the one before have ended */
            serve_store_reopen(&it->store);
            reopens = false;
        }
        tjob_server_tend(&it->server);
    }
    const uint32_t drain_ms = (uint32_t)arguments_number(it->arguments, OPTION_DRAIN, DRAIN_MS_DEFAULT);
    const bool drained = tjob_server_stop(&it->server, drain_ms);
    free(it->memory);
    if (!drained) {
        fprintf(stderr, "tjob serve: requests that were under way have no answer\n");
    }
    return drained ? EXIT_DONE : EXIT_BUSY;
}

static int serve_over_store(struct serve *it)
{
    if (!serve_log_open(&it->log, it->arguments)) {
        return EXIT_STORAGE;
    }
    make_service(it);
    int code = start_server(it);
    if (code == EXIT_DONE) {
        code = run_server(it);
    }
    serve_log_close(&it->log);
    return code;
}

int serve(const struct arguments *arguments)
{
    static struct serve it;
    bool is_closed = true;
    it.arguments = arguments;
    int code = read_listen(&it.address, arguments);
    if (code != EXIT_DONE) {
        return code;
    }
    if (arguments->texts[OPTION_BURST] != NULL && arguments->texts[OPTION_RATE] == NULL) {
        return arguments_complain(arguments, "--rate is missing beside", "--burst");
    }
    code = reserve_descriptors(arguments);
    if (code != EXIT_DONE) {
        return code;
    }
    /* Before any thread: they inherit it, so that the signals wait for this one. */
    (void)sigemptyset(&it.signals);
    (void)sigaddset(&it.signals, SIGTERM);
    (void)sigaddset(&it.signals, SIGINT);
    (void)sigaddset(&it.signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &it.signals, NULL);
    code = serve_credentials_open(&it.credentials, arguments);
    if (code == EXIT_DONE) {
        code = serve_store_open(&it.store, arguments);
    }
    if (code == EXIT_DONE) {
        code = serve_over_store(&it);
        is_closed = serve_store_close(&it.store);
    }
    serve_credentials_close(&it.credentials);
    if (!is_closed) { /* nobody waits for the thread that opens a store, and nothing that it uses may end before it */
        (void)fflush(stdout);
        _exit(code);
    }
    return code;
}
