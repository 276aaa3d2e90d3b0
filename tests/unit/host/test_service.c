/* The blocking driver: which callback is asked when, with what, and what comes of each answer. */
#include "tjob/service.h"

#include <string.h>
#include <time.h>

#include "support/jobs.h"
#include "support/suite.h"
#include "tjob/system_clock.h"

/* ---- A host that writes down what it is asked ------------------------------------------------------------------ */

enum { CALLS_MAX = 60 };

struct host {
    tjob_job job;
    uint64_t version;
    bool fails;       /* each load */
    const void *user; /* what each callback must be handed */
    tjob_text arn;
    char calls[CALLS_MAX + 1];
    unsigned call_count;
    tjob_event event; /* the last that a hook was reported */
    tjob_outcome outcome;
    tjob_span span;
    const char *swaps; /* what each swap answers, a letter each; NULL: OK */
    tjob_authorization authorization;
    tjob_admission admission;
    const char *members;
    size_t members_bytes;
    size_t room; /* what the describer must be given */
    tjob_service service;
};

static char caller; /* whose address is the caller's own pointer */

static void note(struct host *host, char what, void *user, const tjob_text *arn)
{
    ck_assert_ptr_eq(user, host->user);
    ck_assert(arn == NULL || (arn->bytes == host->arn.bytes && memcmp(arn->data, host->arn.data, arn->bytes) == 0));
    ck_assert_uint_lt(host->call_count, CALLS_MAX);
    host->calls[host->call_count++] = what;
}

static tjob_load_status load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    struct host *host = context;
    note(host, 'l', user, &arn);
    *job = host->job;
    *version = host->version;
    if (host->fails) {
        return TJOB_LOAD_UNAVAILABLE;
    }
    return host->job.state == TJOB_ABSENT ? TJOB_LOAD_NOT_FOUND : TJOB_LOAD_OK;
}

static tjob_swap_status swap(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    struct host *host = context;
    note(host, 's', user, &arn);
    if (host->swaps != NULL) {
        switch (*host->swaps++) {
        case 'c':
            return TJOB_SWAP_CONFLICT;
        case 'f':
            return TJOB_SWAP_FULL;
        case 'x':
            return TJOB_SWAP_UNAVAILABLE;
        case 'u':
            return TJOB_SWAP_UNKNOWN;
        case '?':
            return (tjob_swap_status)(TJOB_SWAP_UNKNOWN + 1);
        default:
            break;
        }
    }
    ck_assert_uint_eq(expected, host->version++);
    host->job = next != NULL ? *next : (tjob_job){.state = TJOB_ABSENT};
    return TJOB_SWAP_OK;
}

static uint64_t now_ms(void *context, void *user)
{
    note(context, 't', user, NULL);
    return SAMPLE_NOW_MS;
}

static tjob_authorization authorize(void *context, void *user, tjob_text arn, const tjob_event *event)
{
    struct host *host = context;
    note(host, 'a', user, &arn);
    host->event = *event;
    return host->authorization;
}

static tjob_admission admit(void *context, void *user, tjob_text arn, const tjob_event *event, uint64_t at_ms)
{
    struct host *host = context;
    note(host, 'd', user, &arn);
    ck_assert_uint_eq(at_ms, SAMPLE_NOW_MS);
    host->event = *event;
    return host->admission;
}

enum { TAG = 77 };

static void observe_begin(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    struct host *host = context;
    note(host, 'b', user, &span->arn);
    ck_assert(span->event != NULL && span->outcome == NULL);
    ck_assert_uint_eq(span->loads + span->swaps + span->conflicts + span->lost_answers, 0);
    ck_assert_uint_eq(*tag, 0);
    *tag = TAG;
}

static void observe_end(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    struct host *host = context;
    const bool is_operation = span->event != NULL;
    note(host, 'o', user, is_operation ? &span->arn : NULL);
    ck_assert(is_operation || span->arn.bytes == 0);
    ck_assert_uint_eq(*tag, is_operation && host->service.observer.began != NULL ? TAG : 0);
    host->event = is_operation ? *span->event : (tjob_event){.kind = TJOB_EVENT_KIND_COUNT};
    host->outcome = *span->outcome;
    host->span = *span;
}

static size_t describe(void *context, void *user, tjob_text arn, const tjob_job *job, char *members, size_t capacity)
{
    struct host *host = context;
    note(host, 'm', user, &arn);
    ck_assert_mem_eq(job, &host->job, sizeof *job);
    ck_assert_uint_eq(capacity, host->room);
    if (host->members_bytes <= capacity) {
        memcpy(members, host->members, host->members_bytes);
    }
    return host->members_bytes;
}

static void begin(struct host *host, tjob_state state)
{
    memset(host, 0, sizeof *host);
    host->job = sample_job(state);
    host->version = state == TJOB_ABSENT ? SAMPLE_INCARNATION - 1 : 5;
    host->user = &caller;
    host->arn = sample_arn;
    host->members = "\"LanguageCode\":\"en\"";
    host->members_bytes = strlen(host->members);
    host->service = (tjob_service){
        .store = {host, load, swap},
        .clock = {host, now_ms},
        .authorizer = {host, authorize},
        .admitter = {host, admit},
        .observer = {host, observe_begin, observe_end},
        .describer = {host, describe},
    };
}

/* ---- The operations -------------------------------------------------------------------------------------------- */

enum operation { SUBMIT, START, STOP, REPORT, EXPIRE, DESCRIBE, DELETE, REMOVE, PERFORM };

static tjob_status perform(struct host *host, enum operation operation, tjob_event_kind kind, tjob_text arn,
                           tjob_outcome *outcome)
{
    const tjob_service *service = &host->service;
    const tjob_event event = {.kind = (uint32_t)kind, .trainer_token = SAMPLE_TRAINER, .token = SAMPLE_TOKEN};
    switch (operation) {
    case SUBMIT:
        return tjob_submit(service, &caller, arn, SAMPLE_INCARNATION, SAMPLE_TOKEN, SAMPLE_HOST_CODE, outcome);
    case START:
        return tjob_start(service, &caller, arn, SAMPLE_INCARNATION, SAMPLE_TRAINER, outcome);
    case STOP:
        return tjob_stop(service, &caller, arn, outcome);
    case REPORT:
        return tjob_report(service, &caller, arn, kind, SAMPLE_INCARNATION, SAMPLE_TRAINER, SAMPLE_HOST_CODE, outcome);
    case EXPIRE:
        return tjob_expire(service, &caller, arn, SAMPLE_INCARNATION, outcome);
    case DESCRIBE:
        return tjob_describe(service, &caller, arn, outcome);
    case DELETE:
        return tjob_delete(service, &caller, arn, outcome);
    case REMOVE:
        return tjob_remove(service, &caller, arn, SAMPLE_INCARNATION, outcome);
    case PERFORM:
        break;
    }
    return tjob_perform(service, &caller, arn, &event, outcome);
}

/* Each on a job that it changes, or finds: t clock, a authorizer, d admitter, l load, s swap, b and o the observer. */
static const struct {
    enum operation operation;
    tjob_state before;
    tjob_event event;
    const char *calls;
    tjob_state after;
} operations[] = {
    {SUBMIT,
     TJOB_ABSENT,
     {SAMPLE_INCARNATION, 0, SAMPLE_TOKEN, TJOB_SUBMIT, SAMPLE_HOST_CODE},
     "bltso",
     TJOB_SUBMITTED},
    {START, TJOB_SUBMITTED, {SAMPLE_INCARNATION, SAMPLE_TRAINER, 0, TJOB_START, 0}, "bltso", TJOB_TRAINING},
    {STOP, TJOB_TRAINING, {0, 0, 0, TJOB_STOP, 0}, "batdltso", TJOB_STOP_REQUESTED},
    {STOP, TJOB_STOPPED, {0, 0, 0, TJOB_STOP, 0}, "batdlto", TJOB_STOPPED},
    {REPORT,
     TJOB_STOP_REQUESTED,
     {SAMPLE_INCARNATION, SAMPLE_TRAINER, 0, TJOB_HALTED, SAMPLE_HOST_CODE},
     "bltso",
     TJOB_STOPPED},
    {REPORT,
     TJOB_TRAINING,
     {SAMPLE_INCARNATION, SAMPLE_TRAINER, 0, TJOB_COMPLETED, SAMPLE_HOST_CODE},
     "bltso",
     TJOB_TRAINED},
    {REPORT,
     TJOB_TRAINING,
     {SAMPLE_INCARNATION, SAMPLE_TRAINER, 0, TJOB_COMPLETED_WITH_WARNING, SAMPLE_HOST_CODE},
     "bltso",
     TJOB_TRAINED_WITH_WARNING},
    {REPORT,
     TJOB_TRAINING,
     {SAMPLE_INCARNATION, SAMPLE_TRAINER, 0, TJOB_FAILED, SAMPLE_HOST_CODE},
     "bltso",
     TJOB_IN_ERROR},
    {REPORT,
     TJOB_TRAINING,
     {SAMPLE_INCARNATION, SAMPLE_TRAINER, 0, TJOB_TRAINER_LOST, SAMPLE_HOST_CODE},
     "bltso",
     TJOB_IN_ERROR},
    {EXPIRE, TJOB_STOP_REQUESTED, {SAMPLE_INCARNATION, 0, 0, TJOB_STOP_EXPIRED, 0}, "blto", TJOB_STOP_REQUESTED},
    {DESCRIBE, TJOB_TRAINED, {0, 0, 0, TJOB_DESCRIBE, 0}, "batdlto", TJOB_TRAINED},
    {DELETE, TJOB_TRAINED, {0, 0, 0, TJOB_DELETE, 0}, "batdltso", TJOB_DELETING},
    {REMOVE, TJOB_DELETING, {SAMPLE_INCARNATION, 0, 0, TJOB_REMOVED, 0}, "bltso", TJOB_ABSENT},
    {PERFORM, TJOB_TRAINING, {0, SAMPLE_TRAINER, SAMPLE_TOKEN, TJOB_COMPLETED, 0}, "bltso", TJOB_TRAINED},
};

enum { OPERATIONS = sizeof operations / sizeof operations[0] };

START_TEST(each_operation_is_its_event_and_asks_in_order)
{
    struct host host;
    tjob_outcome outcome;
    begin(&host, operations[_i].before);
    const tjob_event_kind kind = (tjob_event_kind)operations[_i].event.kind;
    ck_assert_int_eq(perform(&host, operations[_i].operation, kind, sample_arn, &outcome), TJOB_OK);
    ck_assert_str_eq(host.calls, operations[_i].calls);
    ck_assert_mem_eq(&host.event, &operations[_i].event, sizeof host.event);
    ck_assert_int_eq(outcome.before, operations[_i].before);
    ck_assert_int_eq(outcome.after, operations[_i].after);
    ck_assert_int_eq(host.job.state, operations[_i].after);
    ck_assert_mem_eq(&outcome.job, &host.job, sizeof outcome.job);
    ck_assert_int_eq(host.outcome.status, TJOB_OK);
    ck_assert_int_eq(host.outcome.after, operations[_i].after);
}
END_TEST

START_TEST(an_outcome_that_nobody_wants_is_not_written)
{
    struct host host;
    begin(&host, operations[_i].before);
    const tjob_event_kind kind = (tjob_event_kind)operations[_i].event.kind;
    ck_assert_int_eq(perform(&host, operations[_i].operation, kind, sample_arn, NULL), TJOB_OK);
    ck_assert_int_eq(host.job.state, operations[_i].after);
}
END_TEST

START_TEST(hooks_are_optional)
{
    struct host host;
    begin(&host, operations[_i].before);
    host.service = (tjob_service){.store = host.service.store, .clock = host.service.clock};
    const tjob_event_kind kind = (tjob_event_kind)operations[_i].event.kind;
    ck_assert_int_eq(perform(&host, operations[_i].operation, kind, sample_arn, NULL), TJOB_OK);
    ck_assert_int_eq(host.job.state, operations[_i].after);
}
END_TEST

/* ---- Arguments ------------------------------------------------------------------------------------------------- */

START_TEST(a_name_that_is_none_is_refused_before_any_callback)
{
    const tjob_text names[] = {{NULL, 0},
                               {NULL, 5},
                               {"", 0},
                               TJOB_TEXT("x"),
                               {sample_arn.data, 50},
                               TJOB_TEXT("arn:aws-cn:comprehend:r:111122223333:entity-recognizer/x")};
    const tjob_event_kind kind = (tjob_event_kind)operations[_i].event.kind;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct host host;
        tjob_outcome outcome;
        memset(&outcome, 0xa5, sizeof outcome);
        begin(&host, operations[_i].before);
        ck_assert_int_eq(perform(&host, operations[_i].operation, kind, names[i], &outcome), TJOB_INVALID_ARGUMENT);
        ck_assert_int_eq(outcome.status, TJOB_INVALID_ARGUMENT);
        ck_assert_int_eq(outcome.changed, TJOB_CHANGED_NO);
        ck_assert_str_eq(host.calls, "");
    }
}
END_TEST

START_TEST(the_grammar_of_the_service_decides)
{
    struct host host;
    begin(&host, TJOB_TRAINING);
    host.arn = (tjob_text)TJOB_TEXT("arn:aws-cn:comprehend:r:111122223333:entity-recognizer/x/version/1");
    ck_assert_int_eq(tjob_stop(&host.service, &caller, host.arn, NULL), TJOB_INVALID_ARGUMENT);
    host.service.grammar = TJOB_ARN_CURRENT;
    ck_assert_int_eq(tjob_stop(&host.service, &caller, host.arn, NULL), TJOB_OK);
}
END_TEST

/*
 * ---- The incarnation that a submit begins
 * -------------------------------------------------------------------------------
 */

START_TEST(a_delayed_retry_of_a_creation_does_not_create_the_job_again)
{
    struct host host;
    uint64_t incarnation = 0;
    tjob_outcome outcome;
    begin(&host, TJOB_ABSENT);
    ck_assert_int_eq(tjob_next_incarnation(&host.service, &caller, sample_arn, &incarnation), TJOB_OK);
    ck_assert_str_eq(host.calls, "l");
    ck_assert_uint_eq(incarnation, SAMPLE_INCARNATION);
    for (int i = 0; i < 2; i++) { /* a retry that comes in time is no error */
        ck_assert_int_eq(tjob_submit(&host.service, &caller, sample_arn, incarnation, SAMPLE_TOKEN, 0, &outcome),
                         TJOB_OK);
        ck_assert_uint_eq(outcome.job.incarnation, incarnation);
    }
    ck_assert_int_eq(tjob_stop(&host.service, &caller, sample_arn, NULL), TJOB_OK);
    ck_assert_int_eq(tjob_delete(&host.service, &caller, sample_arn, NULL), TJOB_OK);
    ck_assert_int_eq(tjob_remove(&host.service, &caller, sample_arn, incarnation, NULL), TJOB_OK);
    ck_assert_int_eq(tjob_submit(&host.service, &caller, sample_arn, incarnation, SAMPLE_TOKEN, 0, NULL), TJOB_STALE);
    ck_assert_int_eq(host.job.state, TJOB_ABSENT);
    ck_assert_int_eq(tjob_submit(&host.service, &caller, sample_arn, 0, SAMPLE_TOKEN, 0, NULL), TJOB_OK);
}
END_TEST

START_TEST(the_next_incarnation_is_reported_of_an_absence_alone)
{
    static const char short_name[] = "arn:aws:comprehend";
    struct host host;
    uint64_t incarnation = 1;
    begin(&host, TJOB_TRAINING);
    ck_assert_int_eq(tjob_next_incarnation(&host.service, &caller, sample_arn, &incarnation), TJOB_IN_USE);
    ck_assert_uint_eq(incarnation, 0);
    host.job.submit_token = 0; /* a record that cannot be is no job, and no absence */
    ck_assert_int_eq(tjob_next_incarnation(&host.service, &caller, sample_arn, &incarnation), TJOB_UNAVAILABLE);
    begin(&host, TJOB_ABSENT);
    host.version = UINT64_MAX;
    ck_assert_int_eq(tjob_next_incarnation(&host.service, &caller, sample_arn, &incarnation), TJOB_UNAVAILABLE);
    host.version = 5;
    host.fails = true;
    ck_assert_int_eq(tjob_next_incarnation(&host.service, &caller, sample_arn, &incarnation), TJOB_UNAVAILABLE);
    begin(&host, TJOB_ABSENT);
    ck_assert_int_eq(tjob_next_incarnation(&host.service, &caller, sample_arn, NULL), TJOB_INVALID_ARGUMENT);
    incarnation = 1;
    ck_assert_int_eq(
        tjob_next_incarnation(&host.service, &caller, (tjob_text){short_name, sizeof short_name - 1}, &incarnation),
        TJOB_INVALID_ARGUMENT);
    ck_assert_uint_eq(incarnation, 0);
    host.service.clock.now_ms = NULL;
    ck_assert_int_eq(tjob_next_incarnation(&host.service, &caller, sample_arn, &incarnation), TJOB_MISCONFIGURED);
    ck_assert_str_eq(host.calls, "");
}
END_TEST

START_TEST(an_event_that_cannot_be_is_refused_before_any_callback)
{
    struct host host;
    begin(&host, TJOB_TRAINING);
    ck_assert_int_eq(tjob_perform(&host.service, &caller, sample_arn, NULL, NULL), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_submit(&host.service, &caller, sample_arn, 1, 0, 1, NULL), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_start(&host.service, &caller, sample_arn, 0, 0, NULL), TJOB_INVALID_ARGUMENT);
    for (int kind = -1; kind <= TJOB_EVENT_KIND_COUNT; kind++) {
        const bool report = kind == TJOB_HALTED || kind == TJOB_COMPLETED || kind == TJOB_COMPLETED_WITH_WARNING ||
                            kind == TJOB_FAILED || kind == TJOB_TRAINER_LOST;
        if (!report) {
            ck_assert_int_eq(tjob_report(&host.service, &caller, sample_arn, (tjob_event_kind)kind, 0, 1, 0, NULL),
                             TJOB_INVALID_ARGUMENT);
        }
    }
    ck_assert_str_eq(host.calls, "");
}
END_TEST

START_TEST(a_service_that_cannot_work_is_misconfigured_before_any_callback)
{
    struct host host;
    tjob_service broken[7];
    begin(&host, TJOB_TRAINING);
    for (unsigned i = 0; i < 7; i++) {
        broken[i] = host.service;
    }
    broken[0].store.load = NULL;
    broken[1].store.swap = NULL;
    broken[2].clock.now_ms = NULL;
    broken[3].policy.stop_submitted = TJOB_STOP_SUBMITTED_REFUSED + 1;
    broken[4].policy.stop_finished = TJOB_STOP_FINISHED_REFUSED + 1;
    broken[5].grammar = (tjob_arn_grammar)(TJOB_ARN_CURRENT + 1);
    broken[6].success_body = (tjob_success_body)(TJOB_SUCCESS_BODY_OBJECT + 1);
    ck_assert_int_eq(tjob_service_validate(&host.service), TJOB_OK);
    ck_assert_int_eq(tjob_service_validate(NULL), TJOB_MISCONFIGURED);
    ck_assert_int_eq(tjob_stop(NULL, &caller, sample_arn, NULL), TJOB_MISCONFIGURED);
    for (unsigned i = 0; i < 7; i++) {
        tjob_outcome outcome;
        ck_assert_int_eq(tjob_service_validate(&broken[i]), TJOB_MISCONFIGURED);
        ck_assert_int_eq(tjob_stop(&broken[i], &caller, sample_arn, &outcome), TJOB_MISCONFIGURED);
        ck_assert_int_eq(outcome.status, TJOB_MISCONFIGURED);
    }
    ck_assert_str_eq(host.calls, "");
}
END_TEST

START_TEST(who_is_not_authorized_or_not_admitted_touches_no_storage)
{
    static const struct {
        tjob_authorization authorization;
        tjob_admission admission;
        tjob_status status;
        const char *calls;
    } cases[] = {
        {TJOB_AUTHORIZATION_DENIED, TJOB_ADMISSION_ADMITTED, TJOB_ACCESS_DENIED, "bao"},
        {TJOB_AUTHORIZATION_UNAVAILABLE, TJOB_ADMISSION_ADMITTED, TJOB_UNAVAILABLE, "bao"},
        {TJOB_AUTHORIZATION_ALLOWED, TJOB_ADMISSION_THROTTLED, TJOB_THROTTLED, "batdo"},
    };
    static const enum operation clients[] = {STOP, DESCRIBE, DELETE};
    for (unsigned i = 0; i < 9; i++) {
        struct host host;
        begin(&host, TJOB_TRAINED);
        host.authorization = cases[i / 3].authorization;
        host.admission = cases[i / 3].admission;
        ck_assert_int_eq(perform(&host, clients[i % 3], TJOB_STOP, sample_arn, NULL), cases[i / 3].status);
        ck_assert_str_eq(host.calls, cases[i / 3].calls);
        ck_assert_int_eq(host.outcome.status, cases[i / 3].status);
    }
}
END_TEST

/* ---- Whole requests -------------------------------------------------------------------------------------------- */

#define BODY                                                                                                           \
    "{\"EntityRecognizerArn\":\"arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/examplerecognizer1\"}"

static tjob_http_request request_of(const char *target)
{
    return (tjob_http_request){.method = TJOB_TEXT("POST"),
                               .target = {target, strlen(target)},
                               .content_type = TJOB_TEXT("application/x-amz-json-1.1"),
                               .body = TJOB_TEXT(BODY)};
}

static const struct {
    const char *target;
    tjob_state state;
    const char *calls;
    int status;
} requests[] = {
    {"Comprehend_20171127.StopTrainingEntityRecognizer", TJOB_TRAINING, "batdltso", 200},
    {"Comprehend_20171127.DescribeEntityRecognizer", TJOB_TRAINING, "batdltom", 200},
    {"Comprehend_20171127.DescribeEntityRecognizer", TJOB_ABSENT, "batdlto", 400},
    {"Comprehend_20171127.DeleteEntityRecognizer", TJOB_TRAINED, "batdltso", 200},
    {"Comprehend_20171127.DeleteEntityRecognizer", TJOB_TRAINING, "batdlto", 400},
    {"Comprehend_20171127.CreateEntityRecognizer", TJOB_TRAINING, "o", 400},
};

START_TEST(a_request_is_its_operation)
{
    struct host host;
    char body[TJOB_RESPONSE_BYTES_MAX + 100];
    tjob_http_response response;
    begin(&host, requests[_i].state);
    host.room = 100;
    const tjob_http_request request = request_of(requests[_i].target);
    const tjob_status status = tjob_handle(&host.service, &caller, &request, &response, body, sizeof body);
    ck_assert_int_eq(response.status, requests[_i].status);
    ck_assert((status == TJOB_OK) == (response.status == 200));
    ck_assert_str_eq(host.calls, requests[_i].calls);
}
END_TEST

/* The body of each answer, with either switch. */
START_TEST(only_an_empty_success_becomes_an_object)
{
    for (unsigned i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        char bodies[2][TJOB_RESPONSE_BYTES_MAX + 100];
        tjob_http_response responses[2];
        for (int object = 0; object < 2; object++) {
            struct host host;
            begin(&host, requests[i].state);
            host.room = 100;
            host.service.success_body = object ? TJOB_SUCCESS_BODY_OBJECT : TJOB_SUCCESS_BODY_EMPTY;
            const tjob_http_request request = request_of(requests[i].target);
            (void)tjob_handle(&host.service, &caller, &request, &responses[object], bodies[object],
                              sizeof bodies[object]);
        }
        ck_assert_int_eq(responses[0].status, responses[1].status);
        if (responses[0].body.bytes == 0) {
            ck_assert_uint_eq(responses[1].body.bytes, 2);
            ck_assert_int_eq(memcmp(responses[1].body.data, "{}", 2), 0);
        } else {
            ck_assert_uint_eq(responses[1].body.bytes, responses[0].body.bytes);
            ck_assert_int_eq(memcmp(responses[1].body.data, responses[0].body.data, responses[0].body.bytes), 0);
        }
        ck_assert((responses[0].body.bytes == 0) == (responses[0].status == 200 && i != 1));
    }
}
END_TEST

/* An error without a body, because there is no room for it, stays without one. */
START_TEST(an_error_without_room_stays_empty)
{
    struct host host;
    tjob_http_response response;
    char body[1];
    begin(&host, TJOB_ABSENT);
    host.service.success_body = TJOB_SUCCESS_BODY_OBJECT;
    const tjob_http_request request = request_of("Comprehend_20171127.StopTrainingEntityRecognizer");
    ck_assert_int_eq(tjob_handle(&host.service, &caller, &request, &response, body, 0), TJOB_MISCONFIGURED);
    ck_assert_uint_eq(response.body.bytes, 0);
}
END_TEST

START_TEST(members_that_cannot_be_are_a_500)
{
    static const struct {
        const char *members;
        size_t bytes;
        size_t room;
        int status;
    } cases[] = {
        {"\"a\":1", 5, 5, 200}, {"\"a\":1", 5, 4, 500}, {"\"a\":", 4, 5, 500}, {"", 0, 0, 200}, {"", SIZE_MAX, 5, 500},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct host host;
        char body[TJOB_RESPONSE_BYTES_MAX + 5];
        tjob_http_response response;
        begin(&host, TJOB_TRAINING);
        host.members = cases[i].members;
        host.members_bytes = cases[i].bytes;
        host.room = cases[i].room;
        const tjob_http_request request = request_of("Comprehend_20171127.DescribeEntityRecognizer");
        const tjob_status status =
            tjob_handle(&host.service, &caller, &request, &response, body, TJOB_RESPONSE_BYTES_MAX + cases[i].room);
        ck_assert_int_eq(response.status, cases[i].status);
        ck_assert_int_eq(status, cases[i].status == 200 ? TJOB_OK : TJOB_MISCONFIGURED);
    }
}
END_TEST

static const char others_members[] = "\"LanguageCode\":\"somebody else's\"";

/* Writes nothing, but returns as much as stood there before. */
static size_t describe_nothing(void *context, void *user, tjob_text arn, const tjob_job *job, char *members,
                               size_t capacity)
{
    (void)context, (void)user, (void)arn, (void)job, (void)members, (void)capacity;
    return sizeof others_members - 1;
}

START_TEST(a_describer_that_writes_less_than_it_returns_shows_nothing_else)
{
    enum { ROOM = 100 };
    struct host host;
    char body[TJOB_RESPONSE_BYTES_MAX + ROOM] = {0};
    tjob_http_response response;
    begin(&host, TJOB_TRAINING);
    host.service.describer.describe = describe_nothing;
    memcpy(body + TJOB_RESPONSE_BYTES_MAX, others_members, sizeof others_members - 1);
    const tjob_http_request request = request_of("Comprehend_20171127.DescribeEntityRecognizer");
    ck_assert_int_eq(tjob_handle(&host.service, &caller, &request, &response, body, sizeof body), TJOB_MISCONFIGURED);
    ck_assert_int_eq(response.status, 500);
}
END_TEST

START_TEST(a_describer_without_its_room_is_a_500)
{
    struct host host;
    char body[TJOB_RESPONSE_BYTES_MAX];
    tjob_http_response response;
    begin(&host, TJOB_TRAINING);
    const tjob_http_request request = request_of("Comprehend_20171127.DescribeEntityRecognizer");
    ck_assert_int_eq(tjob_handle(&host.service, &caller, &request, &response, body, sizeof body - 1),
                     TJOB_MISCONFIGURED);
    ck_assert_int_eq(response.status, 500);
    host.service.describer.describe = NULL;
    ck_assert_int_eq(tjob_handle(&host.service, &caller, &request, &response, body, sizeof body - 1), TJOB_OK);
    ck_assert_int_eq(tjob_handle(&host.service, &caller, &request, &response, body, sizeof body), TJOB_OK);
}
END_TEST

START_TEST(a_service_that_cannot_work_answers_a_500)
{
    struct host host;
    char body[TJOB_RESPONSE_BYTES_MAX];
    tjob_http_response response;
    begin(&host, TJOB_TRAINING);
    host.service.store.load = NULL;
    const tjob_http_request request = request_of("Comprehend_20171127.StopTrainingEntityRecognizer");
    ck_assert_int_eq(tjob_handle(&host.service, &caller, &request, &response, body, sizeof body), TJOB_MISCONFIGURED);
    ck_assert_int_eq(response.status, 500);
    ck_assert_str_eq(host.calls, "");
}
END_TEST

/* ---- The observer ---------------------------------------------------------------------------------------------- */

static const struct {
    const char *swaps; /* c conflict, f full, x unavailable, u unknown, ? outside the enum, k ok */
    tjob_status status;
    tjob_changed changed;
    uint32_t loads, attempts, conflicts, lost_answers;
} efforts[] = {
    {"k", TJOB_OK, TJOB_CHANGED_YES, 1, 1, 0, 0},
    {"ck", TJOB_OK, TJOB_CHANGED_YES, 2, 2, 1, 0},
    {"cck", TJOB_OK, TJOB_CHANGED_YES, 3, 3, 2, 0},
    {"uk", TJOB_OK, TJOB_CHANGED_YES, 2, 2, 0, 1},
    {"?k", TJOB_OK, TJOB_CHANGED_YES, 2, 2, 0, 1},
    {"cucuk", TJOB_OK, TJOB_CHANGED_YES, 5, 5, 2, 2},
    {"f", TJOB_FULL, TJOB_CHANGED_NO, 1, 1, 0, 0},
    {"cx", TJOB_UNAVAILABLE, TJOB_CHANGED_NO, 2, 2, 1, 0},
    {"ux", TJOB_UNRESOLVED, TJOB_CHANGED_UNKNOWN, 2, 2, 0, 1},
    {"cccccccccccccccc", TJOB_CONTENDED, TJOB_CHANGED_NO, 17, 16, 16, 0},
    {"uuuuuuuuuuuuuuuu", TJOB_UNRESOLVED, TJOB_CHANGED_UNKNOWN, 17, 16, 0, 16},
};

START_TEST(the_observer_is_told_what_an_operation_took)
{
    struct host host;
    tjob_outcome outcome;
    begin(&host, TJOB_TRAINING);
    host.swaps = efforts[_i].swaps;
    ck_assert_int_eq(tjob_start(&host.service, &caller, sample_arn, 0, SAMPLE_TRAINER, NULL), TJOB_OK);
    ck_assert(host.span.loads == 1 && host.span.swaps == 0);
    ck_assert_int_eq(tjob_report(&host.service, &caller, sample_arn, TJOB_COMPLETED, 0, SAMPLE_TRAINER, 0, &outcome),
                     efforts[_i].status);
    ck_assert_int_eq(outcome.changed, efforts[_i].changed);
    ck_assert_mem_eq(&host.outcome, &outcome, sizeof outcome);
    ck_assert_uint_eq(host.span.loads, efforts[_i].loads);
    ck_assert_uint_eq(host.span.swaps, efforts[_i].attempts);
    ck_assert_uint_eq(host.span.conflicts, efforts[_i].conflicts);
    ck_assert_uint_eq(host.span.lost_answers, efforts[_i].lost_answers);
}
END_TEST

START_TEST(a_load_that_fails_is_counted_and_nothing_else)
{
    struct host host;
    begin(&host, TJOB_TRAINING);
    host.fails = true;
    ck_assert_int_eq(tjob_stop(&host.service, &caller, sample_arn, NULL), TJOB_UNAVAILABLE);
    ck_assert(host.span.loads == 1 && host.span.swaps == 0);
    ck_assert_str_eq(host.calls, "batdlto");
}
END_TEST

START_TEST(each_callback_of_an_observer_is_optional)
{
    static const char *const calls[] = {"atdlts", "batdlts", "atdltso", "batdltso"};
    for (unsigned i = 0; i < 4; i++) {
        struct host host;
        begin(&host, TJOB_TRAINING);
        host.service.observer.began = (i & 1) != 0 ? observe_begin : NULL;
        host.service.observer.ended = (i & 2) != 0 ? observe_end : NULL;
        ck_assert_int_eq(tjob_stop(&host.service, &caller, sample_arn, NULL), TJOB_OK);
        ck_assert_str_eq(host.calls, calls[i]);
    }
}
END_TEST

START_TEST(a_rejected_request_is_observed_with_its_status_and_no_event)
{
    static const struct {
        const char *target;
        const char *body;
        tjob_status status;
    } cases[] = {
        {"Comprehend_20171127.CreateEntityRecognizer", BODY, TJOB_UNKNOWN_OPERATION},
        {"Comprehend_20171127.StopTrainingEntityRecognizer", "{\"EntityRecognizerArn\":\"x\"}", TJOB_INVALID_ARGUMENT},
        {"Comprehend_20171127.StopTrainingEntityRecognizer", "[", TJOB_INVALID_ARGUMENT},
    };
    for (unsigned i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        struct host host;
        char body[TJOB_RESPONSE_BYTES_MAX];
        tjob_http_response response;
        begin(&host, TJOB_TRAINING);
        host.service.observer.ended = i % 2 == 0 ? observe_end : NULL;
        tjob_http_request request = request_of(cases[i / 2].target);
        request.body = (tjob_text){cases[i / 2].body, strlen(cases[i / 2].body)};
        ck_assert_int_eq(tjob_handle(&host.service, &caller, &request, &response, body, sizeof body),
                         cases[i / 2].status);
        ck_assert_str_eq(host.calls, i % 2 == 0 ? "o" : "");
        ck_assert_int_eq(host.outcome.status, i % 2 == 0 ? cases[i / 2].status : TJOB_OK);
        ck_assert_uint_eq(host.event.kind, i % 2 == 0 ? TJOB_EVENT_KIND_COUNT : 0);
        ck_assert_uint_eq(host.span.loads + host.span.swaps, 0);
    }
}
END_TEST

/* ---- The clock ------------------------------------------------------------------------------------------------- */

/* By the same clock as here: time() may report the second before for a while. */
static uint64_t time_ms(void)
{
    struct timespec time;
    ck_assert_int_eq(timespec_get(&time, TIME_UTC), TIME_UTC);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

START_TEST(the_system_clock_reports_the_time)
{
    const tjob_clock clock_hook = tjob_system_clock();
    const uint64_t before = time_ms();
    const uint64_t now = clock_hook.now_ms(clock_hook.context, NULL);
    ck_assert_uint_ge(now, before);
    ck_assert_uint_le(now, time_ms());
}
END_TEST

RUN_TESTS("service", {each_operation_is_its_event_and_asks_in_order, OPERATIONS},
          {an_outcome_that_nobody_wants_is_not_written, OPERATIONS}, {hooks_are_optional, OPERATIONS},
          {a_name_that_is_none_is_refused_before_any_callback, OPERATIONS}, {the_grammar_of_the_service_decides, 0},
          {a_delayed_retry_of_a_creation_does_not_create_the_job_again, 0},
          {the_next_incarnation_is_reported_of_an_absence_alone, 0},
          {an_event_that_cannot_be_is_refused_before_any_callback, 0},
          {a_service_that_cannot_work_is_misconfigured_before_any_callback, 0},
          {who_is_not_authorized_or_not_admitted_touches_no_storage, 0},
          {a_request_is_its_operation, sizeof requests / sizeof requests[0]},
          {only_an_empty_success_becomes_an_object, 0}, {an_error_without_room_stays_empty, 0},
          {members_that_cannot_be_are_a_500, 0}, {a_describer_without_its_room_is_a_500, 0},
          {a_describer_that_writes_less_than_it_returns_shows_nothing_else, 0},
          {a_service_that_cannot_work_answers_a_500, 0},
          {the_observer_is_told_what_an_operation_took, sizeof efforts / sizeof efforts[0]},
          {a_load_that_fails_is_counted_and_nothing_else, 0}, {each_callback_of_an_observer_is_optional, 0},
          {a_rejected_request_is_observed_with_its_status_and_no_event, 0}, {the_system_clock_reports_the_time, 0})
