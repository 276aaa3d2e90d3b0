/* What no caller should pass: each is an error, and neither storage nor a hook is asked. */
#include <stdlib.h>
#include <string.h>

#include "conformance/host.h"
#include "support/jobs.h"
#include "support/suite.h"

#define STOP "Comprehend_20171127.StopTrainingEntityRecognizer"
#define TYPE "application/x-amz-json-1.1"
#define BODY                                                                                                           \
    "{\"EntityRecognizerArn\":\"arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/examplerecognizer1\"}"

enum { HUGE = 10000000, DEEP = 100000 };

static host h;

/* Ten million bytes of one kind; the largest of all texts. */
static tjob_text huge_text(char byte)
{
    static char huge[HUGE];
    memset(huge, byte, HUGE);
    return (tjob_text){huge, HUGE};
}

/* A job to be spoilt, if anything spoils it. */
static void set_up(void)
{
    host_init(&h);
    host_put(&h, sample_arn, TJOB_TRAINING);
}

static void check_untouched(void)
{
    ck_assert_uint_eq(host_calls(&h), 0);
    ck_assert_int_eq(host_state(&h, sample_arn), TJOB_TRAINING);
}

/* ---- The operations -------------------------------------------------------------------------------------------- */

/* Calls an operation with all else as it should be; the outcome may be NULL. */
static tjob_status operate(int operation, const tjob_service *service, tjob_text arn, tjob_outcome *outcome)
{
    const tjob_event event = {.kind = TJOB_STOP};
    switch (operation) {
    case 0:
        return tjob_submit(service, NULL, arn, 0, 1, 0, outcome);
    case 1:
        return tjob_start(service, NULL, arn, 0, 1, outcome);
    case 2:
        return tjob_stop(service, NULL, arn, outcome);
    case 3:
        return tjob_report(service, NULL, arn, TJOB_COMPLETED, 0, 9, 0, outcome);
    case 4:
        return tjob_expire(service, NULL, arn, 0, outcome);
    case 5:
        return tjob_describe(service, NULL, arn, outcome);
    case 6:
        return tjob_delete(service, NULL, arn, outcome);
    case 7:
        return tjob_remove(service, NULL, arn, 0, outcome);
    default:
        return tjob_perform(service, NULL, arn, &event, outcome);
    }
}

enum { OPERATIONS = 9 };

static void check_refused(int operation, const tjob_service *service, tjob_text arn, tjob_status status)
{
    tjob_outcome outcome;
    memset(&outcome, 0xa5, sizeof outcome);
    ck_assert_int_eq(operate(operation, service, arn, NULL), status);
    ck_assert_int_eq(operate(operation, service, arn, &outcome), status);
    ck_assert_int_eq(outcome.status, status);
    ck_assert_int_eq(outcome.changed, TJOB_CHANGED_NO);
    ck_assert_int_eq(outcome.before, TJOB_ABSENT);
    ck_assert_int_eq(outcome.after, TJOB_ABSENT);
    ck_assert_mem_eq(&outcome.job, &(tjob_job){.state = TJOB_ABSENT}, sizeof outcome.job);
}

START_TEST(an_arn_that_cannot_be_is_an_invalid_argument_of_every_operation)
{
    char too_long[257];
    memset(too_long, 'x', sizeof too_long);
    memcpy(too_long, sample_arn.data, sample_arn.bytes);
    const tjob_text arns[] = {
        {NULL, 0},
        {NULL, 78},
        TJOB_TEXT(""),
        TJOB_TEXT("\0"),
        TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/examplerecognizer1\0"),
        TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/\xff"),
        TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/\xc3"),
        TJOB_TEXT("arn:aws-cn:comprehend:us-west-2:111122223333:entity-recognizer/x"),
        {too_long, sizeof too_long},
        huge_text('x'),
        {too_long, SIZE_MAX},
    };
    set_up();
    for (int operation = 0; operation < OPERATIONS; operation++) {
        for (unsigned i = 0; i < sizeof arns / sizeof arns[0]; i++) {
            check_refused(operation, &h.service, arns[i], TJOB_INVALID_ARGUMENT);
        }
    }
    check_untouched();
}
END_TEST

START_TEST(tokens_and_events_that_cannot_be_are_invalid_arguments)
{
    static const tjob_event events[] = {
        {.kind = TJOB_SUBMIT, .token = 0},
        {.kind = TJOB_START, .trainer_token = 0},
        {.kind = TJOB_EVENT_KIND_COUNT},
        {.kind = UINT32_MAX},
    };
    static const tjob_event_kind no_reports[] = {TJOB_SUBMIT, TJOB_START,   TJOB_STOP,     TJOB_STOP_EXPIRED,
                                                 TJOB_DELETE, TJOB_REMOVED, TJOB_DESCRIBE, (tjob_event_kind)99};
    set_up();
    ck_assert_int_eq(tjob_submit(&h.service, NULL, sample_arn, 0, 0, 0, NULL), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_start(&h.service, NULL, sample_arn, 0, 0, NULL), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_perform(&h.service, NULL, sample_arn, NULL, NULL), TJOB_INVALID_ARGUMENT);
    for (unsigned i = 0; i < sizeof events / sizeof events[0]; i++) {
        ck_assert_int_eq(tjob_perform(&h.service, NULL, sample_arn, &events[i], NULL), TJOB_INVALID_ARGUMENT);
    }
    for (unsigned i = 0; i < sizeof no_reports / sizeof no_reports[0]; i++) {
        const tjob_status status = tjob_report(&h.service, NULL, sample_arn, no_reports[i], 0, 9, 0, NULL);
        ck_assert_int_eq(status, TJOB_INVALID_ARGUMENT);
    }
    check_untouched();
}
END_TEST

/* ---- Whole requests -------------------------------------------------------------------------------------------- */

static char body_buffer[TJOB_RESPONSE_BYTES_MAX];

static void check_answer(const tjob_service *service, const tjob_http_request *http, tjob_status status)
{
    const int expected = tjob_status_is_failure(status) ? 500 : 400;
    tjob_http_response response;
    memset(&response, 0xa5, sizeof response);
    ck_assert_int_eq(tjob_handle(service, NULL, http, &response, body_buffer, sizeof body_buffer), status);
    ck_assert_int_eq(response.status, expected);
    ck_assert_uint_ne(response.body.bytes, 0);
    ck_assert_uint_ne(response.error_type.bytes, 0);
}

static const tjob_http_request well_formed = {
    .method = TJOB_TEXT("POST"), .target = TJOB_TEXT(STOP), .content_type = TJOB_TEXT(TYPE), .body = TJOB_TEXT(BODY)};

START_TEST(a_request_with_any_part_spoilt_is_an_error)
{
    const tjob_text spoilt[] = {
        {NULL, 0},
        {NULL, 105},
        TJOB_TEXT(""),
        TJOB_TEXT("\0"),
        TJOB_TEXT("\xff\xfe"),
        TJOB_TEXT("POST\0"),
        TJOB_TEXT(STOP "\0"),
        TJOB_TEXT(TYPE "\0"),
        TJOB_TEXT(BODY "\0"),
        TJOB_TEXT("{\"EntityRecognizerArn\":null}"),
        TJOB_TEXT("{\"EntityRecognizerArn\":\"\"}"),
        TJOB_TEXT("{\"EntityRecognizerArn\":\"arn:aws:comprehend\0\"}"),
        TJOB_TEXT("{\"EntityRecognizerArn\":\"arn:aws:comprehend\\u0000\"}"),
        TJOB_TEXT("{\"EntityRecognizerArn\":\"\xc3\x28\"}"),
        huge_text('x'),
    };
    set_up();
    for (unsigned i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        tjob_http_request http = well_formed;
        http.body = spoilt[i];
        check_answer(&h.service, &http, TJOB_INVALID_ARGUMENT);
        http = well_formed;
        http.content_type = spoilt[i];
        check_answer(&h.service, &http, TJOB_INVALID_ARGUMENT);
        http = well_formed;
        http.target = spoilt[i];
        check_answer(&h.service, &http, TJOB_UNKNOWN_OPERATION);
        http = well_formed;
        http.method = spoilt[i];
        check_answer(&h.service, &http, TJOB_UNKNOWN_OPERATION);
    }
    check_untouched();
}
END_TEST

START_TEST(bodies_of_ten_million_bytes_are_refused_whatever_they_are)
{
    static const char bytes[] = {' ', '0', '"', '[', '{', '\0', (char)0xff};
    set_up();
    for (unsigned i = 0; i < sizeof bytes; i++) {
        tjob_http_request http = well_formed;
        http.body = huge_text(bytes[i]);
        check_answer(&h.service, &http, TJOB_INVALID_ARGUMENT);
    }
    check_untouched();
}
END_TEST

START_TEST(a_hundred_thousand_levels_are_refused_with_and_without_a_body_too_large)
{
    static const size_t depths[] = {65, 1000, 20000, DEEP};
    static char body[5 * DEEP + sizeof BODY];
    set_up();
    for (unsigned i = 0; i < sizeof depths / sizeof depths[0]; i++) {
        tjob_http_request http = well_formed;
        memset(body, '[', depths[i]);
        memset(body + depths[i], ']', depths[i]);
        http.body = (tjob_text){body, 2 * depths[i]};
        check_answer(&h.service, &http, TJOB_INVALID_ARGUMENT);
        for (size_t k = 0; k < depths[i]; k++) {
            memcpy(body + 5 * k, "{\"a\":", 5);
        }
        http.body = (tjob_text){body, 5 * depths[i]};
        check_answer(&h.service, &http, TJOB_INVALID_ARGUMENT);
    }
    check_untouched();
}
END_TEST

/* ---- Services that cannot work --------------------------------------------------------------------------------- */

enum { BROKEN_SERVICES = 8 };

/* A service with one thing wrong; the last is none at all. */
static const tjob_service *broken_service(int number)
{
    static tjob_service service;
    service = h.service;
    switch (number) {
    case 0:
        service.store.load = NULL;
        break;
    case 1:
        service.store.swap = NULL;
        break;
    case 2:
        service.clock.now_ms = NULL;
        break;
    case 3:
        service.policy.stop_submitted = TJOB_STOP_SUBMITTED_REFUSED + 1;
        break;
    case 4:
        service.policy.stop_finished = TJOB_STOP_FINISHED_REFUSED + 1;
        break;
    case 5:
        service.grammar = (tjob_arn_grammar)(TJOB_ARN_CURRENT + 1);
        break;
    case 6:
        service.policy.stop_submitted = UINT32_MAX;
        break;
    default:
        return NULL;
    }
    return &service;
}

START_TEST(a_misconfigured_service_does_nothing_and_answers_500)
{
    set_up();
    ck_assert_int_eq(tjob_service_validate(&h.service), TJOB_OK);
    for (int number = 0; number < BROKEN_SERVICES; number++) {
        const tjob_service *service = broken_service(number);
        ck_assert_int_eq(tjob_service_validate(service), TJOB_MISCONFIGURED);
        for (int operation = 0; operation < OPERATIONS; operation++) {
            check_refused(operation, service, sample_arn, TJOB_MISCONFIGURED);
        }
        tjob_http_request http = well_formed;
        check_answer(service, &http, TJOB_MISCONFIGURED);
        http.method = (tjob_text)TJOB_TEXT("GET");
        check_answer(service, &http, TJOB_MISCONFIGURED);
    }
    check_untouched();
}
END_TEST

START_TEST(a_service_without_hooks_works)
{
    tjob_http_response response;
    set_up();
    h.service.authorizer.authorize = NULL;
    h.service.admitter.admit = NULL;
    h.service.observer = (tjob_observer){NULL, NULL, NULL};
    ck_assert_int_eq(tjob_handle(&h.service, NULL, &well_formed, &response, NULL, 0), TJOB_OK);
    ck_assert_int_eq(response.status, 200);
    ck_assert_int_eq(host_state(&h, sample_arn), TJOB_STOP_REQUESTED);
}
END_TEST

RUN_TESTS("bad_arguments", {an_arn_that_cannot_be_is_an_invalid_argument_of_every_operation, 0},
          {tokens_and_events_that_cannot_be_are_invalid_arguments, 0}, {a_request_with_any_part_spoilt_is_an_error, 0},
          {bodies_of_ten_million_bytes_are_refused_whatever_they_are, 0},
          {a_hundred_thousand_levels_are_refused_with_and_without_a_body_too_large, 0},
          {a_misconfigured_service_does_nothing_and_answers_500, 0}, {a_service_without_hooks_works, 0})
