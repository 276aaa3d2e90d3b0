/* Configurations that a store takes, and that it does not; nothing is sent. */
#include <string.h>

#include "support/suite.h"
#include "tjob/etcd_store.h"

static tjob_etcd_store store;
static tjob_etcd_connection connections[1];

static tjob_etcd_problem init(const tjob_etcd_config *config)
{
    const tjob_etcd_problem problem = tjob_etcd_store_init(&store, connections, 1, config);
    if (problem == TJOB_ETCD_OK) {
        tjob_etcd_store_close(&store);
    }
    return problem;
}

START_TEST(it_takes_sensible_configurations)
{
    static const char *const endpoints[] = {"http://127.0.0.1:2379", "127.0.0.1:2379,127.0.0.2:2379/",
                                            "https://a,https://b,https://c", "1,2,3,4,5,6,7,8"};
    ck_assert_int_eq(init(&(tjob_etcd_config){.endpoints = endpoints[_i]}), TJOB_ETCD_OK);
}
END_TEST

START_TEST(it_refuses_others)
{
    static const char *const endpoints[] = {NULL, "", ",", "a,,b", "/", "1,2,3,4,5,6,7,8,9"};
    ck_assert_int_eq(init(&(tjob_etcd_config){.endpoints = endpoints[_i]}), TJOB_ETCD_INVALID_ARGUMENT);
}
END_TEST

START_TEST(it_refuses_what_is_too_long)
{
    static char text[2000];
    memset(text, 'a', sizeof text - 1);
    ck_assert_int_eq(init(&(tjob_etcd_config){.endpoints = text}), TJOB_ETCD_INVALID_ARGUMENT);
    ck_assert_int_eq(init(&(tjob_etcd_config){.endpoints = "a", .prefix = ""}), TJOB_ETCD_INVALID_ARGUMENT);
    ck_assert_int_eq(init(&(tjob_etcd_config){.endpoints = "a", .prefix = text}), TJOB_ETCD_INVALID_ARGUMENT);
    ck_assert_int_eq(init(&(tjob_etcd_config){.endpoints = "a", .prefix = text + sizeof text - 1 - 64}), TJOB_ETCD_OK);
    ck_assert_int_eq(init(&(tjob_etcd_config){.endpoints = "a", .prefix = text + sizeof text - 1 - 65}),
                     TJOB_ETCD_INVALID_ARGUMENT);
    ck_assert_int_eq(init(&(tjob_etcd_config){.endpoints = "a", .proxy = text}), TJOB_ETCD_INVALID_ARGUMENT);
    ck_assert_int_eq(init(&(tjob_etcd_config){.endpoints = "a", .ca_path = text}), TJOB_ETCD_INVALID_ARGUMENT);
    ck_assert_int_eq(init(&(tjob_etcd_config){.endpoints = "a", .certificate_path = text}), TJOB_ETCD_INVALID_ARGUMENT);
    ck_assert_int_eq(init(&(tjob_etcd_config){.endpoints = "a", .key_path = text}), TJOB_ETCD_INVALID_ARGUMENT);
}
END_TEST

START_TEST(it_refuses_missing_arguments)
{
    const tjob_etcd_config config = {.endpoints = "a"};
    ck_assert_int_eq(tjob_etcd_store_init(NULL, connections, 1, &config), TJOB_ETCD_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_etcd_store_init(&store, NULL, 1, &config), TJOB_ETCD_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_etcd_store_init(&store, connections, 0, &config), TJOB_ETCD_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_etcd_store_init(&store, connections, 1, NULL), TJOB_ETCD_INVALID_ARGUMENT);
}
END_TEST

/* A job that is not valid is never sent; where nobody listens, nothing is, either. */
START_TEST(it_says_what_was_not_sent)
{
    const tjob_etcd_config config = {.endpoints = "http://127.0.0.1:1"};
    const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:r:111122223333:entity-recognizer/a");
    const tjob_job invalid = {.state = TJOB_TRAINING};
    const tjob_job valid = {.submit_token = 1, .incarnation = 1, .submitted_ms = 1, .state = TJOB_SUBMITTED};
    char message[TJOB_ETCD_MESSAGE_BYTES];
    tjob_job job;
    uint64_t version;
    uint64_t purged;
    ck_assert_int_eq(tjob_etcd_store_init(&store, connections, 1, &config), TJOB_ETCD_OK);
    ck_assert_int_eq(tjob_etcd_store_problem(&store), TJOB_ETCD_OK);
    const tjob_store callbacks = tjob_etcd_store_callbacks(&store);
    ck_assert_int_eq(callbacks.swap(callbacks.context, NULL, arn, 0, &invalid), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(tjob_etcd_store_problem(&store), TJOB_ETCD_INVALID_ARGUMENT);
    ck_assert_int_eq(callbacks.swap(callbacks.context, NULL, arn, 0, &valid), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(callbacks.load(callbacks.context, NULL, arn, &job, &version), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(tjob_etcd_store_create(&store), TJOB_ETCD_UNREACHABLE);
    ck_assert_int_eq(tjob_etcd_store_renew(&store), TJOB_ETCD_UNREACHABLE);
    ck_assert_int_eq(tjob_etcd_store_purge(&store, &purged), TJOB_ETCD_UNREACHABLE);
    tjob_etcd_store_message(&store, message);
    ck_assert_ptr_eq(strstr(message, "no endpoint accepts a connection: "), message);
    tjob_etcd_store_close(&store);
}
END_TEST

RUN_TESTS("etcd_init", {it_takes_sensible_configurations, 4}, {it_refuses_others, 6}, {it_refuses_what_is_too_long, 0},
          {it_refuses_missing_arguments, 0}, {it_says_what_was_not_sent, 0})
