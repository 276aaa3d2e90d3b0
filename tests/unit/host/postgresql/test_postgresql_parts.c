/* Parameters, messages and deadlines, without a server. */
#define _GNU_SOURCE /* NOLINT: for sigaction and setitimer */

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "host/postgresql/connect.h"
#include "host/postgresql/deadline.h"
#include "host/postgresql/statement.h"
#include "support/suite.h"

/* A number is big-endian on its way; NULL is a NULL. */
START_TEST(parameters_are_binary)
{
    struct tjob__postgresql_parameters parameters = {.count = 0};
    static const unsigned char bytes[] = {1, 2};
    tjob__postgresql_add_text(&parameters, "ab", 2);
    tjob__postgresql_add_number(&parameters, TJOB__POSTGRESQL_NUMBER_MAX - 1);
    tjob__postgresql_add_bytes(&parameters, bytes, 2);
    tjob__postgresql_add_bytes(&parameters, NULL, 64);
    tjob__postgresql_add_text(&parameters, NULL, 0);
    ck_assert_int_eq(parameters.count, TJOB__POSTGRESQL_PARAMETERS_MAX);
    ck_assert_int_eq(memcmp(parameters.values[0], "ab", 2), 0);
    ck_assert_int_eq(parameters.lengths[0], 2);
    ck_assert_int_eq(memcmp(parameters.values[1], "\x7f\xff\xff\xff\xff\xff\xff\xfe", 8), 0);
    ck_assert_int_eq(parameters.lengths[1], 8);
    ck_assert_ptr_eq(parameters.values[2], bytes);
    ck_assert_ptr_null(parameters.values[3]);
    ck_assert_ptr_nonnull(parameters.values[4]); /* an empty text is not NULL */
}
END_TEST

START_TEST(a_message_is_one_line)
{
    char line[TJOB_POSTGRESQL_MESSAGE_BYTES];
    char longest[2 * TJOB_POSTGRESQL_MESSAGE_BYTES];
    tjob__postgresql_line(line, NULL);
    ck_assert_str_eq(line, "");
    tjob__postgresql_line(line, "ERROR:  no\n\tDETAIL: none\n\n");
    ck_assert_str_eq(line, "ERROR:  no  DETAIL: none");
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    tjob__postgresql_line(line, longest);
    ck_assert_uint_eq(strlen(line), sizeof line - 1);
    tjob__postgresql_line(line, "\n\n");
    ck_assert_str_eq(line, "");
}
END_TEST

START_TEST(a_wait_ends_at_its_deadline)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    const uint64_t begin = tjob__postgresql_now();
    ck_assert(!tjob__postgresql_wait(ends[0], 1, tjob__postgresql_deadline(50)));
    ck_assert_uint_ge(tjob__postgresql_now() - begin, 50000000);
    ck_assert(!tjob__postgresql_wait(ends[0], 1, 0)); /* long past */
    ck_assert_int_eq(write(ends[1], "", 1), 1);
    ck_assert(tjob__postgresql_wait(ends[0], 1, 0));
    ck_assert(tjob__postgresql_wait(ends[0], 1, tjob__postgresql_deadline(UINT64_MAX)));
    ck_assert(tjob__postgresql_deadline(UINT64_MAX) > tjob__postgresql_now());
    ck_assert_int_eq(tjob__postgresql_timespec(UINT64_C(2000000003)).tv_sec, 2);
    ck_assert_int_eq(tjob__postgresql_timespec(UINT64_C(2000000003)).tv_nsec, 3);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

static void note_signal(int signal)
{
    (void)signal;
}

START_TEST(the_clock_is_the_monotonic_one_in_nanoseconds)
{
    struct timespec before;
    struct timespec after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    const uint64_t now = tjob__postgresql_now();
    clock_gettime(CLOCK_MONOTONIC, &after);
    ck_assert_uint_ge(now, (uint64_t)before.tv_sec * 1000000000 + (uint64_t)before.tv_nsec);
    ck_assert_uint_le(now, (uint64_t)after.tv_sec * 1000000000 + (uint64_t)after.tv_nsec);
}
END_TEST

START_TEST(a_wait_goes_on_after_a_signal)
{
    int ends[2];
    const struct sigaction action = {.sa_handler = note_signal};
    const struct itimerval timer = {.it_value = {.tv_usec = 20000}};
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &timer, NULL) == 0);
    const uint64_t begin = tjob__postgresql_now();
    ck_assert(!tjob__postgresql_wait(ends[0], 1, tjob__postgresql_deadline(60)));
    ck_assert_uint_ge(tjob__postgresql_now() - begin, 60000000);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(connection_strings)
{
    ck_assert(tjob__postgresql_conninfo_is_valid(""));
    ck_assert(tjob__postgresql_conninfo_is_valid("host=a,b port=1,2"));
    ck_assert(tjob__postgresql_conninfo_is_valid("postgresql://user@host:5432/name"));
    ck_assert(!tjob__postgresql_conninfo_is_valid("etcd"));
    ck_assert(!tjob__postgresql_conninfo_is_valid("port"));
}
END_TEST

/* A host name that is too long is no crash; nor are a hundred hosts. */
START_TEST(lists_of_hosts)
{
    static char text[8192] = "hostaddr=";
    char message[TJOB_POSTGRESQL_MESSAGE_BYTES];
    uint32_t first = 7;
    memset(text + 9, '1', 2000);
    ck_assert_ptr_null(tjob__postgresql_connect(text, tjob__postgresql_deadline(100), &first, message));
    ck_assert_uint_eq(first, 0);
    strcpy(text, "host=/nowhere"); /* NOLINT: it fits */
    for (int i = 1; i < 100; i++) {
        strcat(text, ",/nowhere"); /* NOLINT: it fits */
    }
    first = 250;
    ck_assert_ptr_null(tjob__postgresql_connect(text, tjob__postgresql_deadline(1000), &first, message));
    ck_assert_uint_eq(first, 49); /* it went round, and ended before where it began */
    ck_assert_ptr_nonnull(strstr(message, "/nowhere"));
    ck_assert_ptr_null(tjob__postgresql_connect("host=/nowhere,/nowhere port=1", 0, &first, message));
    ck_assert_ptr_null(tjob__postgresql_connect("port", tjob__postgresql_deadline(100), &first, message));
    ck_assert_str_eq(message, "invalid connection string, or out of memory");
}
END_TEST

RUN_TESTS("postgresql_parts", {parameters_are_binary, 0}, {a_message_is_one_line, 0}, {a_wait_ends_at_its_deadline, 0},
          {the_clock_is_the_monotonic_one_in_nanoseconds, 0}, {a_wait_goes_on_after_a_signal, 0},
          {connection_strings, 0}, {lists_of_hosts, 0})
