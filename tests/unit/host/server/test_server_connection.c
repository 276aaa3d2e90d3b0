/* The places of connections, and what the system is asked of their sockets. */
#include "host/server/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "support/suite.h"

enum { PLACES = 20 };

static tjob_server server;
static void open_server(uint32_t count)
{
    server = (tjob_server){.count = count, .idle_ms = 60000, .request_ms = 60000};
    server.connections = calloc(count, sizeof *server.connections);
    ck_assert_ptr_nonnull(server.connections);
    ck_assert(tjob__connections_init(&server));
}

static void close_server(void)
{
    tjob__connections_destroy(&server);
    free(server.connections);
}

static void pause_ms(long ms)
{
    const struct timespec time = {.tv_nsec = ms * 1000000};
    nanosleep(&time, NULL);
}

START_TEST(each_place_is_taken_once_and_freed)
{
    tjob_server_connection *taken[PLACES];
    open_server(PLACES);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < PLACES; i++) {
            taken[i] = tjob__connection_open(&server, i);
            ck_assert_ptr_nonnull(taken[i]);
            ck_assert_int_eq(taken[i]->fd, i);
            for (int other = 0; other < i; other++) {
                ck_assert_ptr_ne(taken[i], taken[other]);
            }
        }
        ck_assert_uint_eq(server.open, PLACES);
        ck_assert_ptr_null(tjob__connection_open(&server, PLACES));
        for (int i = 0; i < PLACES; i++) {
            tjob__connection_close(taken[(i * 7) % PLACES]);
        }
        ck_assert_uint_eq(tjob__connections_tend(&server), 0);
    }
    close_server();
}
END_TEST

/* A pair of sockets that are no TCP: the system does not say when their last byte came. */
START_TEST(a_limit_ends_what_may_be_read)
{
    int fds[2];
    char byte;
    open_server(PLACES);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    tjob_server_connection *connection = tjob__connection_open(&server, fds[0]);
    server.idle_ms = server.request_ms = 1;
    static const struct {
        connection_stage stage;
        bool reads;
        bool writes;
    } stages[] = {{STAGE_HANDLING, true, true},
                  {STAGE_IDLE, false, true},
                  {STAGE_ARRIVING, false, true},
                  {STAGE_ANSWERING, false, false}};
    uint64_t expired = 0;
    for (unsigned i = 0; i < sizeof stages / sizeof stages[0]; i++) {
        tjob__connection_set_stage(connection, stages[i].stage);
        pause_ms(30);
        ck_assert_uint_eq(tjob__connections_tend(&server), 1);
        expired += !stages[i].reads;
        ck_assert_uint_eq(server.expired, expired);
        ck_assert_int_eq(recv(fds[0], &byte, 1, MSG_DONTWAIT), stages[i].reads ? -1 : 0);
        ck_assert_int_eq(send(fds[0], "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL), stages[i].writes ? 1 : -1);
    }
    /* The other side has gone, and the socket is no socket: nothing is counted. */
    (void)close(fds[0]);
    (void)close(fds[1]);
    ck_assert_uint_eq(tjob__connections_tend(&server), 1);
    ck_assert_uint_eq(server.expired, expired);
    tjob__connection_close(connection);
    close_server();
}
END_TEST

/* A connection of TCP on loopback: [0] is the server's end. */
static void connect_pair(int fds[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof address;
    struct sockaddr *any = (struct sockaddr *)(void *)&address;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    fds[1] = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert(bind(listener, any, bytes) == 0 && listen(listener, 1) == 0 && getsockname(listener, any, &bytes) == 0);
    ck_assert_int_eq(connect(fds[1], any, bytes), 0);
    fds[0] = accept(listener, NULL, NULL);
    ck_assert_int_ge(fds[0], 0);
    (void)close(listener);
}

START_TEST(an_idle_connection_begins_with_a_byte_that_comes_later)
{
    int fds[2];
    open_server(1);
    connect_pair(fds);
    tjob_server_connection *connection = tjob__connection_open(&server, fds[0]);
    tjob__connection_set_stage(connection, STAGE_IDLE);
    pause_ms(60);
    (void)tjob__connections_tend(&server);
    ck_assert_uint_eq(connection->stage, STAGE_IDLE); /* nothing has come */
    const uint64_t before_ms = connection->since_ms;
    ck_assert_int_eq(send(fds[1], "P", 1, 0), 1);
    pause_ms(10);
    (void)tjob__connections_tend(&server);
    ck_assert_uint_eq(connection->stage, STAGE_NEW);
    ck_assert_uint_ge(connection->since_ms, before_ms + 70);
    ck_assert_int_eq(send(fds[1], "O", 1, 0), 1); /* it came before the answer was sent */
    tjob__connection_set_stage(connection, STAGE_IDLE);
    pause_ms(60);
    (void)tjob__connections_tend(&server);
    ck_assert_uint_eq(connection->stage, STAGE_IDLE);
    ck_assert_uint_eq(server.expired, 0);
    tjob__connection_close(connection);
    (void)close(fds[0]);
    (void)close(fds[1]);
    close_server();
}
END_TEST

/* Two free places of 20 are a crowd, three are none. */
START_TEST(a_tenth_of_the_places_is_kept_free)
{
    int fds[2];
    open_server(PLACES);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    for (int i = 1; i < PLACES - 3; i++) {
        tjob__connection_set_stage(tjob__connection_open(&server, fds[0]), STAGE_HANDLING);
    }
    tjob_server_connection *connection = tjob__connection_open(&server, fds[0]);
    __atomic_sub_fetch(&connection->since_ms, TJOB_SERVER_CROWDED_MS + 1, __ATOMIC_RELAXED);
    ck_assert_uint_eq(tjob__connections_tend(&server), PLACES - 3);
    ck_assert_uint_eq(server.expired, 0);
    tjob__connection_set_stage(tjob__connection_open(&server, fds[0]), STAGE_HANDLING);
    ck_assert_uint_eq(tjob__connections_tend(&server), PLACES - 2);
    ck_assert_uint_eq(server.expired, 1);
    tjob__connection_close(connection); /* and then its socket is somebody else's */
    server.request_ms = 1;
    ck_assert_uint_eq(tjob__connections_tend(&server), PLACES - 3);
    ck_assert_uint_eq(server.expired, 1);
    (void)close(fds[0]);
    (void)close(fds[1]);
    close_server();
}
END_TEST

START_TEST(a_request_begins_anew)
{
    static char target[TJOB_SERVER_TARGET_BYTES_MAX + 2];
    static char body[TJOB_SERVER_BODY_BYTES_READ];
    open_server(1);
    tjob_server_connection *connection = tjob__connection_open(&server, 0);
    server.last_request = 0x123456789abcdee;
    tjob__connection_begin_request(connection, "/a?b");
    ck_assert_uint_eq(connection->target_bytes, 4);
    ck_assert_mem_eq(connection->target, "/a?b", 4);
    ck_assert_mem_eq(connection->id_text, "0123456789abcdef", REQUEST_ID_BYTES);
    ck_assert_uint_eq(connection->stage, STAGE_ARRIVING);
    for (int i = 0; i < TJOB_SERVER_HEADERS_MAX + 1; i++) {
        tjob__connection_add_header(connection, (tjob_text)TJOB_TEXT("a"), (tjob_text)TJOB_TEXT("b"));
    }
    ck_assert_uint_eq(connection->header_count, TJOB_SERVER_HEADERS_MAX + 1);
    ck_assert_uint_eq(connection->client_bytes, 0); /* which is behind the headers */
    /* What is above the largest valid body is counted; what is above what is read ends it. */
    memset(body, 'x', sizeof body);
    ck_assert(tjob__connection_add_body(connection, body, TJOB_REQUEST_BODY_BYTES_MAX));
    ck_assert(tjob__connection_add_body(connection, "yz", 2));
    ck_assert_int_eq(connection->body[TJOB_REQUEST_BODY_BYTES_MAX], 'y');
    ck_assert_int_eq(connection->answer[0], '\0'); /* which is behind the body */
    ck_assert(tjob__connection_add_body(connection, body, sizeof body - TJOB_REQUEST_BODY_BYTES_MAX - 2));
    ck_assert(!tjob__connection_add_body(connection, body, 1));
    memset(target, 'x', sizeof target - 1);
    tjob__connection_begin_request(connection, target);
    ck_assert_uint_eq(connection->target_bytes, sizeof target - 1);
    ck_assert_mem_eq(connection->target, "/a?b", 4); /* it is too long, and is not kept */
    tjob__connection_begin_request(connection, target + 1);
    ck_assert_mem_eq(connection->target, target, TJOB_SERVER_TARGET_BYTES_MAX);
    ck_assert_uint_eq(connection->header_count + connection->body_bytes, 0);
    tjob__connection_close(connection);
    close_server();
}
END_TEST

RUN_TESTS("server_connection", {each_place_is_taken_once_and_freed, 0}, {a_limit_ends_what_may_be_read, 0},
          {an_idle_connection_begins_with_a_byte_that_comes_later, 0}, {a_tenth_of_the_places_is_kept_free, 0},
          {a_request_begins_anew, 0})
