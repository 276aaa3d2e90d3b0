/* tjob demo: scenarios of a stop, played through the library; every line shows an input or output of the library. */
#define _XOPEN_SOURCE 700 /* NOLINT: for mkdtemp */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/signals.h"

/* ---- Scenarios ----------------------------------------------------------------------------------------------- */

/* The steps of a scenario. */
enum step_kind {
    END,
    EVENT,   /* a trainer or the host reports `event` */
    REQUEST, /* a client sends `body` to the operation `event` */
    LIMIT,   /* from now on the limit is one request per minute with a burst of two */
    FAIL,    /* the next swap fails */
    LOSE,    /* the next swap is applied, but its answer is lost */
    REOPEN   /* the store is closed and opened again from its file */
};

struct demo_step {
    enum step_kind kind;
    tjob_event_kind event;
    const char *body;
};

#define ARN "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/demo"
#define OTHER_ARN "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/nobody"
#define BODY(arn) "{\"EntityRecognizerArn\": \"" arn "\"}"
#define ASK(operation)                                                                                                 \
    {                                                                                                                  \
        REQUEST, operation, BODY(ARN)                                                                                  \
    }
#define DO(event)                                                                                                      \
    {                                                                                                                  \
        EVENT, event, NULL                                                                                             \
    }

static const struct {
    const char *title;
    struct demo_step steps[9];
} scenarios[] = {
    {"A stop that ends in STOPPED",
     {DO(TJOB_SUBMIT), DO(TJOB_START), ASK(TJOB_STOP), DO(TJOB_HALTED), ASK(TJOB_DESCRIBE)}},
    {"A stop that loses the race and ends in TRAINED",
     {DO(TJOB_SUBMIT), DO(TJOB_START), ASK(TJOB_STOP), DO(TJOB_COMPLETED), ASK(TJOB_DESCRIBE)}},
    {"A stop repeated",
     {DO(TJOB_SUBMIT), DO(TJOB_START), ASK(TJOB_STOP), ASK(TJOB_STOP), DO(TJOB_HALTED), ASK(TJOB_STOP)}},
    {"A stop before training", {DO(TJOB_SUBMIT), ASK(TJOB_STOP), DO(TJOB_START)}},
    {"A stop of an unknown recognizer", {{REQUEST, TJOB_STOP, BODY(OTHER_ARN)}}},
    {"A stop with a malformed body",
     {DO(TJOB_SUBMIT),
      {REQUEST, TJOB_STOP, "{\"EntityRecognizerArn\": \"arn:aws:comprehend:us-west-2:1234:x\"}"},
      {REQUEST, TJOB_STOP, "{\"EntityRecognizerArn\": "}}},
    {"A throttled client",
     {DO(TJOB_SUBMIT), {LIMIT, TJOB_STOP, NULL}, ASK(TJOB_DESCRIBE), ASK(TJOB_DESCRIBE), ASK(TJOB_STOP)}},
    {"A store that fails, and the retry that succeeds",
     {DO(TJOB_SUBMIT), DO(TJOB_START), {FAIL, TJOB_STOP, NULL}, ASK(TJOB_STOP), ASK(TJOB_STOP)}},
    {"A write whose answer was lost", {DO(TJOB_SUBMIT), DO(TJOB_START), {LOSE, TJOB_STOP, NULL}, ASK(TJOB_STOP)}},
    {"A store that is opened again",
     {DO(TJOB_SUBMIT), DO(TJOB_START), ASK(TJOB_STOP), {REOPEN, TJOB_STOP, NULL}, ASK(TJOB_DESCRIBE), DO(TJOB_HALTED)}},
};

/* ---- The service --------------------------------------------------------------------------------------------- */

enum { DEMO_JOBS = 4, DEMO_TOKEN = 1, DEMO_TRAINER = 7, DEMO_STEP_MS = 1500 };

/* 2026-01-01T00:00:00Z: a fixed day, so that the transcript is reproducible. */
#define FIRST_MS UINT64_C(1767225600000)

/* One service whose store can be made to fail, and the state of its callbacks. */
struct demo {
    const char *path;
    tjob_file_store file_store;
    bool is_open;
    tjob_store store;
    tjob_bucket bucket;
    tjob_service service;
    uint64_t now_ms;
    enum step_kind fault;      /* FAIL or LOSE for the next swap, else END */
    tjob_file_problem problem; /* of the store, where no fault was injected */
    unsigned requests;
};

static uint64_t demo_now(void *context, void *user)
{
    (void)user;
    return ((struct demo *)context)->now_ms;
}

static tjob_load_status demo_load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    static const char *const names[] = {"ok", "not found", "unavailable"};
    struct demo *demo = context;
    const tjob_load_status status = demo->store.load(demo->store.context, user, arn, job, version);
    if (status == TJOB_LOAD_UNAVAILABLE) {
        demo->problem = tjob_file_store_problem(&demo->file_store);
    }
    printf("  store    load: %s, version %" PRIu64 "\n", names[status], *version);
    return status;
}

static tjob_swap_status demo_swap(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    static const char *const names[] = {"ok", "conflict", "full", "unavailable", "unknown"};
    struct demo *demo = context;
    const enum step_kind fault = demo->fault;
    demo->fault = END;
    tjob_swap_status status = TJOB_SWAP_UNAVAILABLE;
    if (fault != FAIL) {
        status = demo->store.swap(demo->store.context, user, arn, expected, next);
        if (status >= TJOB_SWAP_FULL) {
            demo->problem = tjob_file_store_problem(&demo->file_store);
        }
    }
    if (fault == LOSE) {
        status = TJOB_SWAP_UNKNOWN;
    }
    printf("  store    swap of version %" PRIu64 ": %s\n", expected, names[status]);
    return status;
}

static tjob_file_problem demo_open_store(struct demo *demo)
{
    demo->store = tjob_file_store_callbacks(&demo->file_store);
    demo->problem = tjob_file_store_open(&demo->file_store, demo->path, 0);
    demo->is_open = demo->problem == TJOB_FILE_OK;
    return demo->problem;
}

static void demo_close_store(struct demo *demo)
{
    if (demo->is_open) {
        tjob_file_store_close(&demo->file_store);
        demo->is_open = false;
    }
}

static void demo_set_up(struct demo *demo, const char *path)
{
    memset(demo, 0, sizeof *demo);
    demo->path = path;
    demo->now_ms = FIRST_MS;
    demo->service = (tjob_service){
        .store = {demo, demo_load, demo_swap},
        .clock = {demo, demo_now},
        .admitter = tjob_bucket_admitter(&demo->bucket),
    };
    demo->problem = tjob_file_store_create(path, DEMO_JOBS);
    if (demo->problem == TJOB_FILE_OK) {
        demo_open_store(demo);
    }
}

/* ---- The transcript ------------------------------------------------------------------------------------------ */

static const tjob_text demo_arn = TJOB_TEXT(ARN);

/* Prints the stored state, bypassing injected faults. */
static void print_state(struct demo *demo)
{
    tjob_job job = {.state = TJOB_ABSENT};
    uint64_t version = 0;
    demo->store.load(demo->store.context, NULL, demo_arn, &job, &version);
    printf("  state    %s\n", tjob_state_name((tjob_state)job.state));
}

static void play_event(struct demo *demo, tjob_event_kind kind)
{
    const bool of_host = kind == TJOB_SUBMIT;
    const tjob_event event = {
        .kind = (uint32_t)kind, .token = of_host ? DEMO_TOKEN : 0, .trainer_token = of_host ? 0 : DEMO_TRAINER};
    printf("  %s  %s\n", of_host ? "host   " : "trainer", tjob_event_kind_name(kind));
    tjob_outcome outcome;
    const tjob_status status = tjob_perform(&demo->service, NULL, demo_arn, &event, &outcome);
    printf("  library  %s", tjob_status_name(status));
    if (outcome.changed == TJOB_CHANGED_YES) {
        printf(": %s -> %s", tjob_state_name(outcome.before), tjob_state_name(outcome.after));
    }
    printf("\n");
}

static void demo_print_header(const char *name, tjob_text value)
{
    if (value.bytes != 0) {
        printf("           %s: %.*s\n", name, (int)value.bytes, value.data);
    }
}

static void print_body(tjob_text body)
{
    if (body.bytes != 0) {
        printf("           %.*s\n", (int)body.bytes, body.data);
    }
}

/* Returns the X-Amz-Target of an operation. */
static const char *target_of(tjob_event_kind operation)
{
    return operation == TJOB_STOP ? "Comprehend_20171127.StopTrainingEntityRecognizer"
                                  : "Comprehend_20171127.DescribeEntityRecognizer";
}

static void play_request(struct demo *demo, const struct demo_step *step)
{
    char id[32];
    snprintf(id, sizeof id, "request-%u", ++demo->requests);
    const tjob_http_request request = {
        .method = session_text("POST"),
        .target = session_text(target_of(step->event)),
        .content_type = session_text("application/x-amz-json-1.1"),
        .body = session_text(step->body),
        .id = session_text(id),
    };
    printf("  client   %.*s /\n", (int)request.method.bytes, request.method.data);
    demo_print_header("X-Amz-Target", request.target);
    demo_print_header("Content-Type", request.content_type);
    print_body(request.body);

    char body[TJOB_RESPONSE_BYTES_MAX];
    tjob_http_response response;
    tjob_handle(&demo->service, NULL, &request, &response, body, sizeof body);
    printf("  response %d\n", response.status);
    demo_print_header("Content-Type", response.content_type);
    demo_print_header("x-amzn-ErrorType", response.error_type);
    demo_print_header("x-amzn-RequestId", response.id);
    print_body(response.body);
}

static void play(struct demo *demo, const struct demo_step *step)
{
    demo->now_ms += DEMO_STEP_MS;
    switch (step->kind) {
    case EVENT:
        play_event(demo, step->event);
        print_state(demo);
        break;
    case REQUEST:
        play_request(demo, step);
        print_state(demo);
        break;
    case LIMIT:
        tjob_limiter_set(&demo->bucket.limiter, 1, 60000, 2);
        break;
    case FAIL:
    case LOSE:
        demo->fault = step->kind;
        break;
    case REOPEN:
        demo_close_store(demo);
        printf("  store    closed and opened again: %s\n", tjob_file_problem_text(demo_open_store(demo)));
        if (demo->is_open) {
            print_state(demo);
        }
        break;
    case END:
        break;
    }
}

/* Plays a scenario on a store of its own. Returns the problem of the store that ended it. */
static tjob_file_problem play_scenario(size_t number, const char *path)
{
    struct demo demo;
    demo_set_up(&demo, path);
    if (demo.is_open) {
        printf("%s%zu. %s\n", number != 0 ? "\n" : "", number + 1, scenarios[number].title);
    }
    for (const struct demo_step *step = scenarios[number].steps; step->kind != END && demo.problem == TJOB_FILE_OK;
         step++) {
        play(&demo, step);
    }
    demo_close_store(&demo);
    return demo.problem;
}

static int demo_failed(const char *path, const char *what, int code)
{
    fprintf(stderr, "tjob demo: ");
    output_plain_string(stderr, path);
    fprintf(stderr, ": %s\n", what);
    return code;
}

/* The stores are files in a temporary directory that is removed afterwards. */
int command_demo(const struct arguments *arguments)
{
    (void)arguments;
    char folder[TJOB_FILE_STORE_PATH_BYTES_MAX];
    char path[sizeof folder + 8];
    const char *parent = session_temporary_folder();
    snprintf(folder, sizeof folder, "%s/tjob-demo-XXXXXX", parent);
    signals_catch();
    if (mkdtemp(folder) == NULL) {
        return demo_failed(parent, strerror(errno), EXIT_STORAGE);
    }
    snprintf(path, sizeof path, "%s/store", folder);
    tjob_file_problem problem = TJOB_FILE_OK;
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0] && problem == TJOB_FILE_OK && !signals_caught();
         i++) {
        problem = play_scenario(i, path);
        (void)unlink(path);
    }
    (void)rmdir(folder);
    signals_obey();
    return problem != TJOB_FILE_OK ? demo_failed(folder, tjob_file_problem_text(problem), exit_code_of_problem(problem))
                                   : EXIT_DONE;
}
