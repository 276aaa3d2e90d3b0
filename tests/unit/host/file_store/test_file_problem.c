/* What problems of a store's file are called, and how long a call waits before it reports one. */
#define _GNU_SOURCE /* NOLINT: for locks of open files */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/suite.h"
#include "tjob/file_store.h"

START_TEST(every_problem_has_a_text_and_a_name_of_its_own)
{
    for (int i = 0; i < TJOB_FILE_PROBLEM_COUNT; i++) {
        const char *text = tjob_file_problem_text((tjob_file_problem)i);
        const char *name = tjob_file_problem_name((tjob_file_problem)i);
        ck_assert_str_ne(text, "?");
        ck_assert_uint_eq(strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"), strlen(name));
        for (int j = 0; j < i; j++) {
            ck_assert_str_ne(text, tjob_file_problem_text((tjob_file_problem)j));
            ck_assert_str_ne(name, tjob_file_problem_name((tjob_file_problem)j));
        }
    }
    ck_assert_str_eq(tjob_file_problem_name(TJOB_FILE_NO_SPACE), "NO_SPACE");
    ck_assert_str_eq(tjob_file_problem_text((tjob_file_problem)TJOB_FILE_PROBLEM_COUNT), "?");
    ck_assert_str_eq(tjob_file_problem_text((tjob_file_problem)-1), "?");
    ck_assert_str_eq(tjob_file_problem_name((tjob_file_problem)TJOB_FILE_PROBLEM_COUNT), "?");
    ck_assert_str_eq(tjob_file_problem_name((tjob_file_problem)-1), "?");
}
END_TEST

static const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/a");

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Takes or gives back every byte of a file, as another process would. */
static void lock_whole(int file, short type)
{
    struct flock whole = {.l_type = type, .l_whence = SEEK_SET};
    ck_assert_int_eq(fcntl(file, F_OFD_SETLK, &whole), 0);
}

static tjob_load_status look(tjob_file_store *store)
{
    const tjob_store callbacks = tjob_file_store_callbacks(store);
    tjob_job job;
    uint64_t version;
    return callbacks.load(callbacks.context, NULL, arn, &job, &version);
}

/* A call waits as long as was said last, not as long as when the store was opened; and not at all where that is 0. */
START_TEST(how_long_a_call_waits_can_be_said_anew)
{
    static const uint32_t waits[] = {0, 60, 0};
    struct folder folder;
    tjob_file_store store;
    folder_make(&folder);
    const char *path = folder_file(&folder, "store");
    ck_assert_int_eq(tjob_file_store_create(path, 1), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_open(&store, path, 0), TJOB_FILE_OK);
    const int other = open(path, O_RDWR);
    ck_assert_int_ge(other, 0);
    lock_whole(other, F_WRLCK);
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        tjob_file_store_set_wait_ms(&store, waits[i]);
        const int64_t begin = now_ms();
        ck_assert_int_eq(look(&store), TJOB_LOAD_UNAVAILABLE);
        ck_assert_int_ge(now_ms() - begin, (int64_t)waits[i] - 1);
        ck_assert(now_ms() - begin < TJOB_FILE_STORE_WAIT_MS_DEFAULT / 2);
        ck_assert_int_eq(tjob_file_store_problem(&store), TJOB_FILE_BUSY);
    }
    lock_whole(other, F_UNLCK);
    ck_assert_int_eq(look(&store), TJOB_LOAD_NOT_FOUND);
    close(other);
    tjob_file_store_close(&store);
    folder_remove(&folder);
}
END_TEST

/* What one call has waited, the next does not wait again; the first that is set anew does. */
START_TEST(how_long_all_calls_wait_can_be_said)
{
    enum { TOTAL_MS = 60 };
    struct folder folder;
    tjob_file_store store;
    folder_make(&folder);
    const char *path = folder_file(&folder, "store");
    ck_assert_int_eq(tjob_file_store_create(path, 1), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_open(&store, path, 0), TJOB_FILE_OK);
    tjob_file_store_set_total_wait_ms(&store, TOTAL_MS);
    ck_assert_int_eq(look(&store), TJOB_LOAD_NOT_FOUND);
    usleep(2 * TOTAL_MS * 1000); /* work is no waiting */
    const int other = open(path, O_RDWR);
    ck_assert_int_ge(other, 0);
    lock_whole(other, F_WRLCK);
    int64_t begin = now_ms();
    ck_assert_int_eq(look(&store), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_ge(now_ms() - begin, TOTAL_MS - 2);
    for (unsigned i = 0; i < 100; i++) {
        ck_assert_int_eq(look(&store), TJOB_LOAD_UNAVAILABLE);
    }
    ck_assert(now_ms() - begin < 50 * TOTAL_MS);
    tjob_file_store_set_total_wait_ms(&store, 0);
    ck_assert_int_eq(look(&store), TJOB_LOAD_UNAVAILABLE);
    ck_assert(now_ms() - begin < 50 * TOTAL_MS);
    tjob_file_store_set_wait_ms(&store, TOTAL_MS);
    begin = now_ms();
    ck_assert_int_eq(look(&store), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_ge(now_ms() - begin, TOTAL_MS - 2);
    lock_whole(other, F_UNLCK);
    close(other);
    tjob_file_store_close(&store);
    folder_remove(&folder);
}
END_TEST

RUN_TESTS("file_problem", {every_problem_has_a_text_and_a_name_of_its_own, 0},
          {how_long_a_call_waits_can_be_said_anew, 0}, {how_long_all_calls_wait_can_be_said, 0})
