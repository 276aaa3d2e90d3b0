/* The store against a server that gives the answers of a script, each to one request: those that no etcd gives, too. */
#define _GNU_SOURCE /* NOLINT: for memmem */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "host/etcd/base64.h"
#include "support/jobs.h"
#include "support/suite.h"
#include "tjob/etcd_store.h"

enum { STEPS_MAX = 8, ANSWER_MAX = 1 << 17, CONNECTIONS = 2 };

/* ---- The server -------------------------------------------------------------------------------------------------- */

struct server {
    int listener;
    uint16_t port;
    pthread_t thread;
    const char *const *steps; /* answers, up to NULL; a leading status in place of 200; "..." answers only at the end */
    atomic_uint served;
};

/* Writes an answer, in which <text> is the base64 of text, and <@3> that of the record of a sample job in state 3. */
static size_t expand(const char *text, char *out)
{
    json_writer writer = {out, 0, ANSWER_MAX};
    while (*text != '\0') {
        const char *end = *text == '<' ? strchr(text, '>') : NULL;
        base64_encoder encoder = {0};
        unsigned char record[TJOB_JOB_ENCODED_BYTES];
        if (end == NULL) {
            tjob__json_write_byte(&writer, *text++);
            continue;
        }
        tjob_text plain = {text + 1, (size_t)(end - text - 1)};
        if (text[1] == '@') {
            const tjob_job job = sample_job((tjob_state)(text[2] - '0'));
            tjob_job_encode(&job, record);
            plain = (tjob_text){(const char *)record, sizeof record};
        }
        tjob__base64_write(&encoder, &writer, plain);
        tjob__base64_end(&encoder, &writer);
        text = end + 1;
    }
    out[writer.bytes] = '\0';
    return writer.bytes;
}

/* Reads one request: headers, and as many bytes as they say. False: the connection ended. */
static bool read_request(int fd)
{
    static char request[1 << 16];
    size_t bytes = 0;
    for (;;) {
        const ssize_t count = recv(fd, request + bytes, sizeof request - 1 - bytes, 0);
        if (count <= 0) {
            return false;
        }
        bytes += (size_t)count;
        request[bytes] = '\0';
        const char *body = strstr(request, "\r\n\r\n");
        const char *length = strcasestr(request, "Content-Length:");
        if (body != NULL && length != NULL && request + bytes >= body + 4 + strtoul(length + 15, NULL, 10)) {
            return true;
        }
    }
}

static void *serve(void *argument)
{
    struct server *server = argument;
    static char body[ANSWER_MAX];
    char head[128];
    for (unsigned step = 0; server->steps[step] != NULL; step++) {
        const int fd = accept(server->listener, NULL, NULL);
        if (fd < 0) {
            break;
        }
        if (read_request(fd)) {
            const char *text = server->steps[step];
            server->served++;
            if (strcmp(text, "...") == 0) {
                while (recv(fd, head, sizeof head, 0) > 0) {
                }
            } else {
                const size_t bytes = expand(*text == '{' ? text : text + 4, body);
                const int length =
                    snprintf(head, sizeof head, "HTTP/1.1 %.3s X\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
                             *text == '{' ? "200" : text, bytes);
                ck_assert_int_eq(send(fd, head, (size_t)length, MSG_NOSIGNAL), length);
                (void)send(fd, body, bytes, MSG_NOSIGNAL);
            }
        }
        close(fd);
    }
    return NULL;
}

static void server_start(struct server *server, const char *const *steps)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *server = (struct server){.listener = socket(AF_INET, SOCK_STREAM, 0), .steps = steps};
    ck_assert(bind(server->listener, (struct sockaddr *)&address, size) == 0 && listen(server->listener, 8) == 0 &&
              getsockname(server->listener, (struct sockaddr *)&address, &size) == 0);
    server->port = ntohs(address.sin_port);
    ck_assert_int_eq(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void server_end(struct server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
}

/* ---- The store --------------------------------------------------------------------------------------------------- */

static tjob_etcd_store store;
static tjob_etcd_connection connections[CONNECTIONS];
static const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:r:111122223333:entity-recognizer/a");

static void open_store(const struct server *server, uint32_t wait_ms)
{
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%u", server->port);
    const tjob_etcd_config config = {.endpoints = endpoint, .prefix = "k/", .wait_ms = wait_ms};
    ck_assert_int_eq(tjob_etcd_store_init(&store, connections, 1, &config), TJOB_ETCD_OK);
}

static int check(void)
{
    return (int)tjob_etcd_store_check(&store);
}

static int create(void)
{
    return (int)tjob_etcd_store_create(&store);
}

static int renew(void)
{
    return (int)tjob_etcd_store_renew(&store);
}

static int raise_versions(void)
{
    return (int)tjob_etcd_store_raise(&store, 5);
}

static int raise_too_far(void)
{
    return (int)tjob_etcd_store_raise(&store, TJOB_ETCD_RAISE_MAX + 1);
}

static int purge(void)
{
    uint64_t purged;
    return (int)tjob_etcd_store_purge(&store, &purged);
}

static uint64_t loaded_version;

static int load(void)
{
    tjob_job job;
    const tjob_store callbacks = tjob_etcd_store_callbacks(&store);
    return (int)callbacks.load(callbacks.context, NULL, arn, &job, &loaded_version);
}

/* The second load needs no marker, unless the answer is not of its cluster. */
static int load_twice(void)
{
    ck_assert_int_eq(load(), TJOB_LOAD_OK);
    return load();
}

/* A change of a job that was not loaded before, at the version of KEY(..., "7", ...). */
static int swap(void)
{
    const tjob_job job = sample_job(TJOB_TRAINING);
    const tjob_store callbacks = tjob_etcd_store_callbacks(&store);
    return (int)callbacks.swap(callbacks.context, NULL, arn, 1007, &job);
}

static tjob_listed_job listed[TJOB_LIST_PAGE_MIN];
static uint32_t listed_count;

/* One page of the jobs in STOP_REQUESTED. */
static int list(void)
{
    static const tjob_list_query query = {.states = TJOB_LIST_STATE(TJOB_STOP_REQUESTED)};
    const tjob_store_list callbacks = tjob_etcd_store_list(&store);
    tjob_list_cursor cursor = {{0}};
    return (int)callbacks.list(callbacks.context, NULL, &query, &cursor, listed, TJOB_LIST_PAGE_MIN, &listed_count);
}

/* ---- The scripts ------------------------------------------------------------------------------------------------- */

#define HEADER_OF(cluster) "\"header\":{\"cluster_id\":\"" cluster "\",\"revision\":\"12\"}"
#define HEADER HEADER_OF("5")
#define KEY(key, revision, value)                                                                                      \
    "{\"key\":\"" key "\",\"mod_revision\":\"" revision "\",\"version\":\"1\",\"value\":\"" value "\"}"
#define RANGE(keys) "{\"response_range\":{\"kvs\":[" keys "]}}"
#define EMPTY "{\"response_range\":{}}"
#define MARKER RANGE(KEY("<k/store>", "3", "<tjob 1 1000 5>"))
#define FULL_MARKER RANGE(KEY("<k/store>", "3", "<tjob 1 4611686018427387904 5>"))
#define ANSWER(responses) "{" HEADER ",\"responses\":[" responses "]}"
#define DONE "{" HEADER ",\"succeeded\":true,\"responses\":[{\"response_put\":{}}]}"
#define ELSEWHERE "{" HEADER_OF("6") ",\"succeeded\":true,\"responses\":[{\"response_put\":{}}]}"
#define FAILED "500 {\"message\":\"context deadline exceeded\",\"code\":2}"
#define REFUSED "400 {\"message\":\"no\",\"code\":3}"
#define COMPACTED "400 {\"message\":\"etcdserver: mvcc: required revision has been compacted\",\"code\":11}"
#define NO_SPACE "429 {\"message\":\"etcdserver: mvcc: database space exceeded\",\"code\":8}"
#define ARN "arn:aws:comprehend:r:111122223333:entity-recognizer/a"
#define DUE "<k/state/3/00000000000000003000/" ARN ">" /* of sample_job(TJOB_STOP_REQUESTED) */
#define RECORD(value) RANGE(KEY("<k/job/" ARN ">", "7", value))
#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A256 A64 A64 A64 A64

static const struct {
    int (*call)(void);
    const char *steps[STEPS_MAX];
    int expected;
} rows[] = {
    /* the marker */
    {check, {ANSWER(MARKER), NULL}, TJOB_ETCD_OK},
    {check, {ANSWER(""), NULL}, TJOB_ETCD_NOT_ETCD},
    {check, {ANSWER(RANGE(KEY("<k/store>", "3", "*"))), NULL}, TJOB_ETCD_DAMAGED},
    {check, {"{" HEADER_OF("6") ",\"responses\":[" MARKER "]}", NULL}, TJOB_ETCD_RESTORED},
    {create, {ANSWER(EMPTY), FAILED, NULL}, TJOB_ETCD_FAILED},
    {create, {ANSWER(EMPTY), DONE, ANSWER(MARKER), NULL}, TJOB_ETCD_OK},
    {renew, {ANSWER(EMPTY), NULL}, TJOB_ETCD_NO_STORE},
    {renew, {ANSWER(MARKER), FAILED, NULL}, TJOB_ETCD_FAILED},
    {raise_versions, {ANSWER(EMPTY), NULL}, TJOB_ETCD_NO_STORE},
    {raise_versions, {ANSWER(FULL_MARKER), NULL}, TJOB_ETCD_DAMAGED},
    {raise_too_far, {NULL}, TJOB_ETCD_INVALID_ARGUMENT},
    {renew,
     {"{" HEADER_OF("6") ",\"responses\":[" MARKER "]}", "{" HEADER_OF("6") ",\"responses\":[" MARKER "]}",
      "{" HEADER_OF("6") ",\"succeeded\":true,\"responses\":[{\"response_put\":{}}]}",
      "{" HEADER_OF("6") ",\"responses\":[" RANGE(KEY("<k/store>", "3", "<tjob 1 2000 6>")) "]}", NULL},
     TJOB_ETCD_OK},
    /* purges */
    {purge, {ANSWER(EMPTY), NULL}, TJOB_ETCD_NO_STORE},
    {purge, {ANSWER(MARKER), FAILED, NULL}, TJOB_ETCD_FAILED},
    {purge, {ANSWER(MARKER), DONE, ANSWER(MARKER), FAILED, NULL}, TJOB_ETCD_FAILED},
    {purge, {ANSWER(MARKER), DONE, ANSWER(MARKER), ANSWER(EMPTY EMPTY), NULL}, TJOB_ETCD_NOT_ETCD},
    {purge, {ANSWER(MARKER), DONE, ANSWER(MARKER), ANSWER(EMPTY "," EMPTY), NULL}, TJOB_ETCD_NO_STORE},
    {purge, {ANSWER(MARKER), DONE, ANSWER(MARKER), ANSWER(EMPTY "," MARKER), NULL}, TJOB_ETCD_OK},
    {purge, {ANSWER(MARKER), DONE, ANSWER(MARKER), ANSWER("{}," MARKER), NULL}, TJOB_ETCD_NOT_ETCD},
    {purge,
     {ANSWER(MARKER), DONE, ANSWER(MARKER), ANSWER(RANGE(KEY("*", "7", "")) "," MARKER), NULL},
     TJOB_ETCD_DAMAGED},
    {purge,
     {ANSWER(MARKER), DONE, ANSWER(MARKER), ANSWER(RANGE(KEY("<k/state/0/>", "7", "")) "," MARKER), NULL},
     TJOB_ETCD_DAMAGED},
    {purge,
     {ANSWER(MARKER), DONE, ANSWER(MARKER),
      ANSWER(RANGE(KEY("<k/state/0/00000000000000000000/" A256 "b>", "7", "")) "," MARKER), NULL},
     TJOB_ETCD_DAMAGED},
    {purge,
     {ANSWER(MARKER), DONE, ANSWER(MARKER),
      ANSWER(RANGE(KEY("<k/state/0/00000000000000000000/" ARN ">", "7",
                       "") "," KEY("<k/state/0/00000000000000000000/" ARN "b>", "8", "")) "," MARKER),
      FAILED, NULL},
     TJOB_ETCD_FAILED},
    {purge,
     {ANSWER(MARKER), DONE, ANSWER(MARKER),
      ANSWER(RANGE(KEY("<k/state/0/00000000000000000000/" ARN ">", "7", "")) "," MARKER), "{" HEADER "}", NULL},
     TJOB_ETCD_OK},
    /* lists */
    {list, {ANSWER(RANGE(KEY(DUE, "7", "<@3>")) "," MARKER), NULL}, TJOB_LIST_END},
    {list, {ANSWER(RANGE(KEY(DUE, "7", "<@2>")) "," MARKER), NULL}, TJOB_LIST_SKIPPED},
    {list,
     {ANSWER(RANGE(KEY("<k/state/3/00000000000000003001/" ARN ">", "7", "<@3>")) "," MARKER), NULL},
     TJOB_LIST_SKIPPED},
    {list, {ANSWER(RANGE(KEY(DUE, "7", "<x>")) "," MARKER), NULL}, TJOB_LIST_SKIPPED},
    {list, {ANSWER(RANGE(KEY("*", "7", "<@3>")) "," MARKER), NULL}, TJOB_LIST_UNAVAILABLE},
    {list, {ANSWER(RANGE(KEY("<k/state/3/>", "7", "<@3>")) "," MARKER), NULL}, TJOB_LIST_UNAVAILABLE},
    {list,
     {ANSWER(RANGE(KEY("<k/state/3/00000000000000003000/" A256 "b>", "7", "<@3>")) "," MARKER), NULL},
     TJOB_LIST_UNAVAILABLE},
    {list,
     {ANSWER(RANGE(KEY("<k/state/3/0000000000000000300x/" ARN ">", "7", "<@3>")) "," MARKER), NULL},
     TJOB_LIST_UNAVAILABLE},
    {list,
     {ANSWER(RANGE(KEY("<k/state/3/18446744073709551616/" ARN ">", "7", "<@3>")) "," MARKER), NULL},
     TJOB_LIST_UNAVAILABLE},
    {list,
     {ANSWER(RANGE(KEY("<k/state/3/00000000000000003000x" ARN ">", "7", "<@3>")) "," MARKER), NULL},
     TJOB_LIST_UNAVAILABLE},
    {list, {ANSWER(RANGE(KEY(DUE, "7", "<@3>") ",7") "," MARKER), NULL}, TJOB_LIST_UNAVAILABLE},
    {list, {ANSWER(RANGE(KEY(DUE, "7", "<@3>")) "," EMPTY), NULL}, TJOB_LIST_UNAVAILABLE},
    {list, {ANSWER(RANGE(KEY(DUE, "7", "<@3>") "," KEY("*", "8", "<@3>")) "," MARKER), NULL}, TJOB_LIST_UNAVAILABLE},
    {list, {FAILED, NULL}, TJOB_LIST_UNAVAILABLE},
    {list, {REFUSED, NULL}, TJOB_LIST_UNAVAILABLE},
    {list, {COMPACTED, NULL}, TJOB_LIST_UNAVAILABLE}, /* at the beginning, nothing can be compacted */
    /* loads */
    {load, {ANSWER(RECORD("<@1>") "," MARKER), NULL}, TJOB_LOAD_OK},
    {load, {ANSWER(RECORD("<" A64 ">") "," MARKER), NULL}, TJOB_LOAD_UNAVAILABLE},
    {load, {ANSWER(RECORD("<removed>") "," MARKER), NULL}, TJOB_LOAD_NOT_FOUND},
    {load, {ANSWER(RECORD("<removes>") "," MARKER), NULL}, TJOB_LOAD_UNAVAILABLE},
    {load, {ANSWER(EMPTY "," MARKER), NULL}, TJOB_LOAD_NOT_FOUND},
    {load_twice,
     {ANSWER(RECORD("<@1>") "," MARKER), "{" HEADER ",\"kvs\":[" KEY("<k>", "7", "<@1>") "]}", NULL},
     TJOB_LOAD_OK},
    {load_twice,
     {ANSWER(RECORD("<@1>") "," MARKER), "{" HEADER_OF("6") ",\"kvs\":[" KEY("<k>", "7", "<@1>") "]}",
      ANSWER(RECORD("<@2>") "," MARKER), NULL},
     TJOB_LOAD_OK},
    {load, {ANSWER("{}," MARKER), NULL}, TJOB_LOAD_UNAVAILABLE},
    /* swaps */
    {swap, {ANSWER(RECORD("<@1>") "," MARKER), DONE, NULL}, TJOB_SWAP_OK},
    {swap, {ANSWER(RECORD("<removed>") "," MARKER), DONE, NULL}, TJOB_SWAP_OK},
    {swap, {ANSWER(RECORD("<@1>") "," MARKER), "{" HEADER "}", NULL}, TJOB_SWAP_CONFLICT},
    {swap, {ANSWER(RECORD("<@1>") "," MARKER), ELSEWHERE, NULL}, TJOB_SWAP_UNKNOWN},
    {swap, {ANSWER(RECORD("<@1>") "," MARKER), FAILED, NULL}, TJOB_SWAP_UNKNOWN},
    {swap, {ANSWER(RECORD("<@1>") "," MARKER), REFUSED, NULL}, TJOB_SWAP_UNAVAILABLE},
    {swap, {ANSWER(RECORD("<@1>") "," MARKER), "...", NULL}, TJOB_SWAP_UNKNOWN},
    {swap,
     {ANSWER(RECORD("<@1>") "," MARKER), NO_SPACE, ANSWER(RECORD("<@1>") "," MARKER), NULL},
     TJOB_SWAP_UNAVAILABLE},
    {swap,
     {ANSWER(RECORD("<removed>") "," MARKER), NO_SPACE, ANSWER(RECORD("<removed>") "," MARKER), NULL},
     TJOB_SWAP_FULL},
    {swap,
     {ANSWER(RECORD("<@1>") "," MARKER), NO_SPACE, ANSWER(RANGE(KEY("<k>", "8", "<@1>")) "," MARKER), NULL},
     TJOB_SWAP_UNKNOWN},
    {swap, {ANSWER(RECORD("<@1>") "," MARKER), NO_SPACE, FAILED, NULL}, TJOB_SWAP_UNKNOWN},
    {swap, {ANSWER(RANGE(KEY("<k>", "8", "<@1>")) "," MARKER), NULL}, TJOB_SWAP_CONFLICT},
    {swap, {FAILED, NULL}, TJOB_SWAP_UNAVAILABLE},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* Whether an answer is one after which no problem is told. */
static bool is_well(int (*call)(void), int answer)
{
    return call == swap ? answer == TJOB_SWAP_OK || answer == TJOB_SWAP_CONFLICT
           : call == list
               ? answer == TJOB_LIST_END || answer == TJOB_LIST_MORE
               : answer == TJOB_ETCD_OK || ((call == load || call == load_twice) && answer == TJOB_LOAD_NOT_FOUND);
}

START_TEST(each_script_ends_as_it_must)
{
    char message[TJOB_ETCD_MESSAGE_BYTES];
    struct server server;
    unsigned steps = 0;
    server_start(&server, rows[_i].steps);
    open_store(&server, 1500);
    ck_assert_int_eq(rows[_i].call(), rows[_i].expected);
    const bool well = is_well(rows[_i].call, rows[_i].expected);
    const tjob_etcd_problem problem = tjob_etcd_store_problem(&store);
    const bool names_problem =
        rows[_i].call != load && rows[_i].call != load_twice && rows[_i].call != swap && rows[_i].call != list && !well;
    tjob_etcd_store_message(&store, message);
    ck_assert_msg((problem == TJOB_ETCD_OK) == well && (message[0] == '\0') == well, "%d: %s", (int)problem, message);
    ck_assert(!names_problem || (int)problem == rows[_i].expected);
    ck_assert(rows[_i].call != list || rows[_i].expected != TJOB_LIST_UNAVAILABLE || listed_count == 0);
    tjob_etcd_store_close(&store);
    server_end(&server);
    while (rows[_i].steps[steps] != NULL) {
        steps++;
    }
    ck_assert_uint_eq(server.served, steps);
}
END_TEST

/* An answer that has no end is left where the memory for it ends. */
START_TEST(an_answer_that_is_too_long)
{
    static char text[TJOB_ETCD_ANSWER_BYTES + 100];
    const char *const steps[] = {text, NULL};
    struct server server;
    memset(text, ' ', sizeof text - 1);
    text[0] = '{';
    text[sizeof text - 2] = '}';
    server_start(&server, steps);
    open_store(&server, 2000);
    ck_assert_int_eq(check(), TJOB_ETCD_LOST);
    tjob_etcd_store_close(&store);
    server_end(&server);
}
END_TEST

static void *check_in_thread(void *problem)
{
    *(int *)problem = check();
    return NULL;
}

/* The one connection is in use until its deadline: the call beside it waits for it no longer than for its own. */
START_TEST(a_busy_connection)
{
    static const char *const steps[] = {"...", NULL};
    struct server server;
    pthread_t thread;
    int problem = TJOB_ETCD_OK;
    server_start(&server, steps);
    open_store(&server, 700);
    ck_assert_int_eq(pthread_create(&thread, NULL, check_in_thread, &problem), 0);
    while (server.served == 0) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    store.wait_ms = 50;
    ck_assert_int_eq(check(), TJOB_ETCD_BUSY);
    ck_assert_int_eq(purge(), TJOB_ETCD_BUSY);
    ck_assert_int_eq(load(), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(swap(), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(list(), TJOB_LIST_UNAVAILABLE);
    ck_assert_int_eq(tjob_etcd_store_problem(&store), TJOB_ETCD_BUSY);
    store.wait_ms = 1200; /* long enough for the other one to give it back */
    ck_assert_int_ne(check(), TJOB_ETCD_BUSY);
    pthread_join(thread, NULL);
    ck_assert_int_eq(problem, TJOB_ETCD_LOST);
    tjob_etcd_store_close(&store);
    server_end(&server);
}
END_TEST

/* Fills the backlog of a listener that nobody accepts from: the next connection gets no answer. */
static int silent_listener(uint16_t *port, int fillers[8])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 0) == 0 &&
              getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    for (int i = 0; i < 8; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fillers[i], (struct sockaddr *)&address, size);
    }
    *port = ntohs(address.sin_port);
    return listener;
}

/*
 * The first endpoint is silent: the second one is tried, if its own bound leaves time for that. Nothing is sent twice.
 */
START_TEST(a_silent_endpoint)
{
    static const char *const steps[] = {ANSWER(MARKER), NULL};
    static const struct {
        uint32_t wait_ms;
        uint32_t connect_ms;
        tjob_etcd_problem problem;
    } cases[] = {{5000, 200, TJOB_ETCD_OK}, {200, 2000, TJOB_ETCD_UNREACHABLE}};
    struct server server;
    uint16_t port;
    int fillers[8];
    char endpoints[128];
    const int silent = silent_listener(&port, fillers);
    server_start(&server, steps);
    snprintf(endpoints, sizeof endpoints, "127.0.0.1:%u,127.0.0.1:%u", port, server.port);
    const tjob_etcd_config config = {
        .endpoints = endpoints, .prefix = "k/", .wait_ms = cases[_i].wait_ms, .connect_ms = cases[_i].connect_ms};
    ck_assert_int_eq(tjob_etcd_store_init(&store, connections, 1, &config), TJOB_ETCD_OK);
    ck_assert_int_eq(check(), cases[_i].problem);
    ck_assert_uint_eq(server.served, cases[_i].problem == TJOB_ETCD_OK);
    tjob_etcd_store_close(&store);
    server_end(&server);
    for (int i = 0; i < 8; i++) {
        close(fillers[i]);
    }
    close(silent);
}
END_TEST

/* Cursors of no list. */
START_TEST(a_cursor_that_is_none)
{
    static const uint64_t words[][5] = {{1, 1, 0, 0, 0},
                                        {0x65746364, 0, 0, 0, 0},
                                        {0x65746364, TJOB_STATE_COUNT, 0, 0, 0},
                                        {0x65746364, 1, UINT64_MAX, 0, 0},
                                        {0x65746364, 1, 0, 0, TJOB_ARN_BYTES_MAX + 1}};
    static const tjob_list_query all = {.states = 0};
    tjob_list_cursor cursor = {{0}};
    const tjob_store_list callbacks = tjob_etcd_store_list(&store);
    memcpy(cursor.words, words[_i], sizeof words[_i]);
    ck_assert_int_eq(callbacks.list(&store, NULL, &all, &cursor, listed, TJOB_LIST_PAGE_MIN, &listed_count),
                     TJOB_LIST_INVALID);
}
END_TEST

RUN_TESTS("etcd_exchanges", {each_script_ends_as_it_must, ROWS}, {an_answer_that_is_too_long, 0},
          {a_busy_connection, 0}, {a_silent_endpoint, 2}, {a_cursor_that_is_none, 5})
