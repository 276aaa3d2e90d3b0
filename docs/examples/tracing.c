/*
 * Tracing: the id of a request reaches every callback through the `user` pointer, so that each line of the log says
 * which request it belongs to, and the client receives the same id as x-amzn-RequestId.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tjob/tjob.h"

/* ---- The log --------------------------------------------------------------------------------------------------- */

/* What `user` points to: one for each request, on the stack of the thread that answers it. */
struct trace {
    tjob_text id;
    int lines;
};

/* Begins a line of the log. */
static void begin_line(void *user)
{
    struct trace *trace = user;
    printf("%.*s %d ", (int)trace->id.bytes, trace->id.data, ++trace->lines);
}

static void log_end(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    const tjob_outcome *outcome = span->outcome;
    (void)context, (void)tag;
    begin_line(user);
    if (span->event == NULL) {
        printf("rejected: %s\n", tjob_status_name(outcome->status));
        return;
    }
    printf("%s: %s, %s -> %s\n", tjob_event_kind_name((tjob_event_kind)span->event->kind),
           tjob_status_name(outcome->status), tjob_state_name(outcome->before), tjob_state_name(outcome->after));
}

/* ---- The store: another one, with a line for each call ---------------------------------------------------------- */

struct traced_store {
    tjob_store store;
    bool loses_next; /* the answer to the next swap is lost */
};

static tjob_load_status load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    static const char *const names[] = {"ok", "not found", "unavailable"};
    const struct traced_store *traced = context;
    const tjob_load_status loaded = traced->store.load(traced->store.context, user, arn, job, version);
    begin_line(user);
    printf("load: %s\n", names[loaded]);
    return loaded;
}

static tjob_swap_status swap(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    static const char *const names[] = {"ok", "conflict", "full", "unavailable", "unknown"};
    struct traced_store *traced = context;
    tjob_swap_status swapped = traced->store.swap(traced->store.context, user, arn, expected, next);
    if (traced->loses_next) {
        traced->loses_next = false;
        swapped = TJOB_SWAP_UNKNOWN;
    }
    begin_line(user);
    printf("swap: %s\n", names[swapped]);
    return swapped;
}

/* ---- The host -------------------------------------------------------------------------------------------------- */

static uint64_t memory[TJOB_MEMORY_STORE_BYTES(1) / sizeof(uint64_t)];
static tjob_memory_store memory_store;
static struct traced_store traced;
static tjob_service service;

/* Answers a request under an id that the web server gave it. */
static void answer(tjob_text id, tjob_text target)
{
    struct trace trace = {.id = id};
    const tjob_http_request request = {
        .method = TJOB_TEXT("POST"),
        .target = target,
        .content_type = TJOB_TEXT("application/x-amz-json-1.1"),
        .body = TJOB_TEXT("{\"EntityRecognizerArn\": "
                          "\"arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers\"}"),
        .id = id,
    };
    char body[TJOB_RESPONSE_BYTES_MAX];
    tjob_http_response response;
    tjob_handle(&service, &trace, &request, &response, body, sizeof body);
    printf("    %d, x-amzn-RequestId: %.*s\n", response.status, (int)response.id.bytes, response.id.data);
}

int main(void)
{
    const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers");
    const tjob_text stop = TJOB_TEXT("Comprehend_20171127.StopTrainingEntityRecognizer");
    tjob_memory_store_init(&memory_store, memory, sizeof memory, 1, NULL, NULL);
    traced.store = tjob_memory_store_callbacks(&memory_store);
    service = (tjob_service){
        .store = {&traced, load, swap},
        .clock = tjob_system_clock(),
        .observer = {.ended = log_end},
    };

    answer((tjob_text)TJOB_TEXT("req-1"), stop); /* there is no such job yet */

    struct trace host = {.id = TJOB_TEXT("host-1")}; /* the host's own operations have a trace, too */
    tjob_submit(&service, &host, arn, 0, 1, 0, NULL);
    tjob_start(&service, &host, arn, 0, 7, NULL);

    traced.loses_next = true;
    answer((tjob_text)TJOB_TEXT("req-2"), stop);
    answer((tjob_text)TJOB_TEXT("req-3"), (tjob_text)TJOB_TEXT("Comprehend_20171127.ListEntityRecognizers"));
    return EXIT_SUCCESS;
}
