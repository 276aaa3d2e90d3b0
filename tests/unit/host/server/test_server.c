/* The server of a host, with a socket on loopback, where calls of the system and of libmicrohttpd fail. */
#include "tjob/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "support/suite.h"
#include "tjob/memory_store.h"
#include "tjob/system_clock.h"
#include "tjob/system_random.h"

enum { JOBS = 16, CONNECTIONS = 4, ANSWER_BYTES = 4096 };

/* ---- Calls that fail ------------------------------------------------------------------------------------------- */

/* Each fails the next `fails` times; errno is then `failing_errno`. */
static int failing_random, failing_mutex, failing_socket, failing_listen, failing_getsockname, failing_daemon,
    failing_response;
static int failing_errno;
/* Which information about a connection libmicrohttpd does not have: the next `failing_infos` times. */
static enum MHD_ConnectionInfoType failing_info;
static int failing_infos;
static int keeping_listener;

static bool fails(int *times)
{
    const bool does = __atomic_fetch_sub(times, 1, __ATOMIC_SEQ_CST) > 0;
    if (does) {
        errno = failing_errno;
    } else {
        (void)__atomic_fetch_add(times, 1, __ATOMIC_SEQ_CST);
    }
    return does;
}

#define WRAPPED(type, name, ...)                                                                                       \
    type __real_##name(__VA_ARGS__);                                                                                   \
    type __wrap_##name(__VA_ARGS__);                                                                                   \
    type __wrap_##name(__VA_ARGS__)

WRAPPED(bool, tjob_system_random, void *out, size_t bytes)
{
    return !fails(&failing_random) && __real_tjob_system_random(out, bytes);
}

WRAPPED(int, pthread_mutex_init, pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
    return fails(&failing_mutex) ? EAGAIN : __real_pthread_mutex_init(mutex, attributes);
}

WRAPPED(int, socket, int domain, int type, int protocol)
{
    return fails(&failing_socket) ? -1 : __real_socket(domain, type, protocol);
}

WRAPPED(int, listen, int fd, int most)
{
    return fails(&failing_listen) ? -1 : __real_listen(fd, most);
}

WRAPPED(int, getsockname, int fd, struct sockaddr *address, socklen_t *bytes)
{
    return fails(&failing_getsockname) ? -1 : __real_getsockname(fd, address, bytes);
}

WRAPPED(struct MHD_Response *, MHD_create_response_from_buffer, size_t bytes, void *data,
        enum MHD_ResponseMemoryMode mode)
{
    return fails(&failing_response) ? NULL : __real_MHD_create_response_from_buffer(bytes, data, mode);
}

WRAPPED(MHD_socket, MHD_quiesce_daemon, struct MHD_Daemon *daemon)
{
    const MHD_socket listener = __real_MHD_quiesce_daemon(daemon);
    if (fails(&keeping_listener)) {
        (void)close(listener);
        return MHD_INVALID_SOCKET;
    }
    return listener;
}

/* With options of its own, so that a whole list of arguments needs not be handed on. */
struct MHD_Daemon *__real_MHD_start_daemon(unsigned flags, uint16_t port, MHD_AcceptPolicyCallback policy,
                                           void *policy_context, MHD_AccessHandlerCallback handler, void *context, ...);
struct MHD_Daemon *__wrap_MHD_start_daemon(unsigned flags, uint16_t port, MHD_AcceptPolicyCallback policy,
                                           void *policy_context, MHD_AccessHandlerCallback handler, void *context, ...);
struct MHD_Daemon *__wrap_MHD_start_daemon(unsigned flags, uint16_t port, MHD_AcceptPolicyCallback policy,
                                           void *policy_context, MHD_AccessHandlerCallback handler, void *context, ...)
{
    struct MHD_Daemon *daemon = NULL;
    if (!fails(&failing_daemon)) {
        va_list options;
        va_start(options, context);
        daemon = MHD_start_daemon_va(flags, port, policy, policy_context, handler, context, options);
        va_end(options);
    }
    return daemon;
}

const union MHD_ConnectionInfo *__real_MHD_get_connection_info(struct MHD_Connection *mhd,
                                                               enum MHD_ConnectionInfoType type, ...);
const union MHD_ConnectionInfo *__wrap_MHD_get_connection_info(struct MHD_Connection *mhd,
                                                               enum MHD_ConnectionInfoType type, ...);
const union MHD_ConnectionInfo *__wrap_MHD_get_connection_info(struct MHD_Connection *mhd,
                                                               enum MHD_ConnectionInfoType type, ...)
{
    return type == failing_info && fails(&failing_infos) ? NULL : __real_MHD_get_connection_info(mhd, type);
}

/* ---- A host ---------------------------------------------------------------------------------------------------- */

static pthread_mutex_t store_mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t store_memory[TJOB_MEMORY_STORE_BYTES(JOBS) / sizeof(uint64_t)];
static tjob_memory_store store;
static tjob_service service;
static tjob_server server;
static void *places;
static char last_line[TJOB_SERVER_LOG_LINE_BYTES_MAX + 1];
static tjob_http_response gate_response; /* its status: 0: it lets the service answer */

static void lock_store(void *context)
{
    pthread_mutex_lock(context);
}

static void unlock_store(void *context)
{
    pthread_mutex_unlock(context);
}

static bool answer_at_gate(void *context, tjob_server_request *request, tjob_http_response *response, char *body,
                           size_t capacity)
{
    (void)context, (void)request, (void)body, (void)capacity;
    *response = gate_response;
    return gate_response.status != 0;
}

static void keep_line(void *context, const char *line, size_t bytes)
{
    (void)context;
    memcpy(last_line, line, bytes);
    last_line[bytes] = '\0';
}

static tjob_server_config config_of(const char *address)
{
    const tjob_lock lock = {&store_mutex, lock_store, unlock_store};
    tjob_memory_store_init(&store, store_memory, sizeof store_memory, JOBS, NULL, &lock);
    service = (tjob_service){.store = tjob_memory_store_callbacks(&store), .clock = tjob_system_clock()};
    return (tjob_server_config){.service = &service,
                                .address = address,
                                .connections = CONNECTIONS,
                                .gate = {NULL, answer_at_gate},
                                .log = {NULL, keep_line}};
}

static tjob_server_problem start_with(const tjob_server_config *config)
{
    gate_response = (tjob_http_response){.status = 0};
    last_line[0] = '\0';
    places = calloc(1, tjob_server_bytes(config->connections));
    const tjob_server_problem problem = tjob_server_start(&server, config, places, tjob_server_bytes(CONNECTIONS));
    if (problem != TJOB_SERVER_OK) {
        free(places);
    }
    return problem;
}

static void start(void)
{
    const tjob_server_config config = config_of(NULL);
    ck_assert_int_eq(start_with(&config), TJOB_SERVER_OK);
}

static void stop(void)
{
    ck_assert(tjob_server_stop(&server, 10000));
    free(places);
}

/* Sends a request, and reads until the server closes the connection. Returns the answer, or an empty string. */
static const char *ask(const struct sockaddr *address, socklen_t address_bytes, const char *request)
{
    static char answer[ANSWER_BYTES];
    size_t bytes = 0;
    const int fd = socket(address->sa_family, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(fd, address, address_bytes), 0);
    (void)send(fd, request, strlen(request), MSG_NOSIGNAL);
    ssize_t got;
    while ((got = recv(fd, answer + bytes, sizeof answer - 1 - bytes, 0)) > 0) {
        bytes += (size_t)got;
    }
    answer[bytes] = '\0';
    (void)close(fd);
    return answer;
}

static const char *ask_for(const char *request)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(tjob_server_port(&server)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return ask((const struct sockaddr *)(const void *)&address, sizeof address, request);
}

#define DESCRIBE                                                                                                       \
    "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: "    \
    "Comprehend_20171127.DescribeEntityRecognizer\r\nContent-Length: 87\r\n\r\n{\"EntityRecognizerArn\":\"arn:aws:"    \
    "comprehend:us-west-2:111122223333:entity-recognizer/a\"}"

static bool has(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

/* ---- The start ------------------------------------------------------------------------------------------------- */

START_TEST(an_invalid_argument_is_refused)
{
    const tjob_server_config good = config_of(NULL);
    const tjob_service no_service = {.grammar = TJOB_ARN_CURRENT};
    tjob_server_config bad[5];
    for (int i = 0; i < 5; i++) {
        bad[i] = good;
    }
    bad[0].connections = TJOB_SERVER_CONNECTIONS_MAX + 1;
    bad[1].idle_ms = TJOB_SERVER_TIME_MS_MAX + 1;
    bad[2].request_ms = TJOB_SERVER_TIME_MS_MAX + 1;
    bad[3].service = NULL;
    bad[4].service = &no_service;
    const size_t bytes = tjob_server_bytes(CONNECTIONS);
    char *memory = calloc(1, bytes);
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(tjob_server_start(&server, &bad[i], memory, bytes), TJOB_SERVER_INVALID_ARGUMENT);
    }
    ck_assert_int_eq(tjob_server_start(NULL, &good, memory, bytes), TJOB_SERVER_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_server_start(&server, NULL, memory, bytes), TJOB_SERVER_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_server_start(&server, &good, NULL, bytes), TJOB_SERVER_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_server_start(&server, &good, memory + 1, bytes), TJOB_SERVER_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_server_start(&server, &good, memory, bytes - 1), TJOB_SERVER_INVALID_ARGUMENT);
    free(memory);
    ck_assert_uint_eq(tjob_server_bytes(0), tjob_server_bytes(TJOB_SERVER_CONNECTIONS_DEFAULT));
}
END_TEST

static const struct {
    int *failing;
    int error;
    const char *address;
    tjob_server_problem problem;
} failed_starts[] = {
    {&failing_random, 0, NULL, TJOB_SERVER_NO_RESOURCES},
    {&failing_mutex, 0, NULL, TJOB_SERVER_NO_RESOURCES},
    {&failing_socket, EMFILE, NULL, TJOB_SERVER_NO_RESOURCES},
    {&failing_socket, EAFNOSUPPORT, "::1", TJOB_SERVER_BAD_ADDRESS},
    {&failing_socket, EACCES, NULL, TJOB_SERVER_NO_PERMISSION},
    {&failing_listen, EADDRINUSE, NULL, TJOB_SERVER_ADDRESS_IN_USE},
    {&failing_getsockname, ENOBUFS, NULL, TJOB_SERVER_NO_RESOURCES},
    {&failing_daemon, ENOMEM, NULL, TJOB_SERVER_NO_RESOURCES},
    {NULL, 0, "192.0.2.1", TJOB_SERVER_BAD_ADDRESS},
    {NULL, 0, "localhost", TJOB_SERVER_BAD_ADDRESS},
    {NULL, 0, "", TJOB_SERVER_BAD_ADDRESS},
};

START_TEST(a_start_that_fails_says_why_and_leaves_nothing)
{
    const tjob_server_config config = config_of(failed_starts[_i].address);
    const int before = dup(0);
    (void)close(before);
    if (failed_starts[_i].failing != NULL) {
        *failed_starts[_i].failing = 1;
        failing_errno = failed_starts[_i].error;
    }
    ck_assert_int_eq(start_with(&config), failed_starts[_i].problem);
    const int after = dup(0);
    (void)close(after);
    ck_assert_int_eq(before, after);
}
END_TEST

START_TEST(a_port_that_is_in_use_is_not_taken)
{
    start();
    tjob_server_config config = config_of("127.0.0.1");
    config.port = tjob_server_port(&server);
    static tjob_server other;
    void *memory = calloc(1, tjob_server_bytes(CONNECTIONS));
    ck_assert_int_eq(tjob_server_start(&other, &config, memory, tjob_server_bytes(CONNECTIONS)),
                     TJOB_SERVER_ADDRESS_IN_USE);
    free(memory);
    stop();
}
END_TEST

START_TEST(the_log_has_the_address_of_ipv6_in_brackets)
{
    const tjob_server_config config = config_of("::1");
    ck_assert_int_eq(start_with(&config), TJOB_SERVER_OK);
    const struct sockaddr_in6 address = {
        .sin6_family = AF_INET6, .sin6_port = htons(tjob_server_port(&server)), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    const char *answer = ask((const struct sockaddr *)(const void *)&address, sizeof address, DESCRIBE);
    ck_assert(has(answer, "HTTP/1.1 400 ") && has(answer, "ResourceNotFoundException"));
    stop();
    ck_assert_msg(has(last_line, "\"client\":\"[::1]:"), "%s", last_line);
}
END_TEST

/* ---- Hooks ----------------------------------------------------------------------------------------------------- */

static int observed_began, observed_ended;
static bool observed_tag;

static void observe_begin(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    (void)user, (void)span;
    (*(int *)context)++;
    *tag = 0x1234;
}

static void observe_end(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    (void)context, (void)user, (void)span;
    observed_ended++;
    observed_tag = *tag == 0x1234;
}

START_TEST(the_observer_of_the_host_is_called_too)
{
    const tjob_server_config config = config_of(NULL);
    service.observer = (tjob_observer){&observed_began, observe_begin, observe_end};
    ck_assert_int_eq(start_with(&config), TJOB_SERVER_OK);
    ck_assert(has(ask_for(DESCRIBE), "ResourceNotFoundException"));
    stop();
    ck_assert_int_eq(observed_began, 1);
    ck_assert_int_eq(observed_ended, 1);
    ck_assert(observed_tag);
}
END_TEST

START_TEST(the_gate_may_answer_with_anything)
{
    static char long_type[] =
        "a/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
        "89012345678901234567890123456789012345678901234567890123456789012345678901234567890123456";
    start();
    gate_response = (tjob_http_response){
        .status = 799, .content_type = {long_type, TJOB_REQUEST_ID_BYTES_MAX}, .body = TJOB_TEXT("no")};
    const char *answer = ask_for(DESCRIBE);
    ck_assert_msg(has(answer, "HTTP/1.1 799 ") && has(answer, "\r\nContent-Type: a/0123") && has(answer, "\r\n\r\nno"),
                  "%s", answer);
    gate_response.content_type.bytes++;
    answer = ask_for(DESCRIBE);
    ck_assert_msg(has(answer, "HTTP/1.1 799 ") && !has(answer, "Content-Type"), "%s", answer);
    ck_assert_uint_eq(server.responses[0], 2);
    stop();
}
END_TEST

/* ---- libmicrohttpd fails --------------------------------------------------------------------------------------- */

START_TEST(without_memory_for_an_answer_the_connection_is_closed)
{
    start();
    failing_response = 1;
    ck_assert_str_eq(ask_for(DESCRIBE), "");
    ck_assert(has(ask_for(DESCRIBE), "ResourceNotFoundException"));
    stop();
    ck_assert_uint_eq(server.open, 0);
}
END_TEST

/* What is answered where libmicrohttpd does not have what it is asked. A request that belongs to no place has no
 * answer. */
static const struct {
    enum MHD_ConnectionInfoType info;
    int times;
    const char *answer;
} lacks[] = {
    {MHD_CONNECTION_INFO_CONNECTION_FD, 1, ""},
    {MHD_CONNECTION_INFO_CLIENT_ADDRESS, 1, "ResourceNotFoundException"},
    {MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE, 1, "The head is not in the form of HTTP/1.1."},
    {MHD_CONNECTION_INFO_SOCKET_CONTEXT, 1, ""},   /* when the request begins */
    {MHD_CONNECTION_INFO_SOCKET_CONTEXT, 100, ""}, /* ever */
};

START_TEST(what_libmicrohttpd_does_not_say_is_no_request)
{
    start();
    failing_info = lacks[_i].info;
    failing_infos = lacks[_i].times;
    const char *answer = ask_for(DESCRIBE);
    ck_assert_msg(lacks[_i].answer[0] != '\0' ? has(answer, lacks[_i].answer) : answer[0] == '\0', "%s", answer);
    failing_infos = 0;
    ck_assert(has(ask_for(DESCRIBE), "ResourceNotFoundException"));
    stop();
    ck_assert_uint_eq(server.open, 0);
    if (lacks[_i].info == MHD_CONNECTION_INFO_CLIENT_ADDRESS) {
        ck_assert(has(last_line, "\"client\":\"127.0.0.1:"));
    }
}
END_TEST

START_TEST(it_stops_where_libmicrohttpd_has_no_listener)
{
    start();
    ck_assert(has(ask_for(DESCRIBE), "ResourceNotFoundException"));
    keeping_listener = 1;
    stop();
}
END_TEST

/* Connects, sends a part of a request or all of it, and leaves the connection open. */
static int begin_to_ask(const char *request)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(tjob_server_port(&server)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)(const void *)&address, sizeof address), 0);
    ck_assert_int_eq(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
    return fd;
}

/* Waits until the server has begun so many requests. */
static void wait_for_requests(uint64_t first_id, uint64_t count)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    while (__atomic_load_n(&server.last_request, __ATOMIC_RELAXED) < first_id + count) {
        (void)nanosleep(&pause, NULL);
    }
}

#define KEPT_OPEN "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
#define CUT_SHORT                                                                                                      \
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: 87\r\n\r\n{"

/* What counts is whether requests were answered, not whether connections are open. */
static const struct {
    const char *request;
    uint32_t request_ms;
    uint32_t drain_ms;
    bool is_answered;
} stops[] = {
    {KEPT_OPEN, 0, 0, true},
    {KEPT_OPEN, 0, 10000, true},
    {CUT_SHORT, 0, 0, false},
    {CUT_SHORT, 100, 10000, false}, /* its own time is over first */
};

START_TEST(a_stop_reports_whether_every_request_was_answered)
{
    char answer[ANSWER_BYTES];
    tjob_server_config config = config_of(NULL);
    config.request_ms = stops[_i].request_ms;
    ck_assert_int_eq(start_with(&config), TJOB_SERVER_OK);
    const uint64_t first_id = server.last_request;
    const int fd = begin_to_ask(stops[_i].request);
    wait_for_requests(first_id, 1);
    if (stops[_i].is_answered) {
        ck_assert_int_gt(recv(fd, answer, sizeof answer, 0), 0);
    }
    ck_assert_int_eq(tjob_server_stop(&server, stops[_i].drain_ms), stops[_i].is_answered);
    (void)close(fd);
    free(places);
}
END_TEST

START_TEST(every_problem_has_a_text)
{
    for (int i = 0; i < TJOB_SERVER_PROBLEM_COUNT; i++) {
        ck_assert_str_ne(tjob_server_problem_text((tjob_server_problem)i), "?");
    }
    ck_assert_str_eq(tjob_server_problem_text((tjob_server_problem)TJOB_SERVER_PROBLEM_COUNT), "?");
    ck_assert_str_eq(tjob_server_problem_text((tjob_server_problem)-1), "?");
}
END_TEST

RUN_TESTS("server", {an_invalid_argument_is_refused, 0},
          {a_start_that_fails_says_why_and_leaves_nothing, sizeof failed_starts / sizeof failed_starts[0]},
          {a_port_that_is_in_use_is_not_taken, 0}, {the_log_has_the_address_of_ipv6_in_brackets, 0},
          {the_observer_of_the_host_is_called_too, 0}, {the_gate_may_answer_with_anything, 0},
          {without_memory_for_an_answer_the_connection_is_closed, 0},
          {what_libmicrohttpd_does_not_say_is_no_request, sizeof lacks / sizeof lacks[0]},
          {it_stops_where_libmicrohttpd_has_no_listener, 0},
          {a_stop_reports_whether_every_request_was_answered, sizeof stops / sizeof stops[0]},
          {every_problem_has_a_text, 0})
