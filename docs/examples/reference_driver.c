/* Operations and hooks: a short driver, and a service that authorizes its callers and writes a log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tjob/tjob.h"

enum { JOBS = 10 };

static const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers");

/* ---- A driver: it answers whatever an operation asks ------------------------------------------------------------- */

static tjob_outcome drive(const tjob_store *store, const tjob_policy *policy, const tjob_event *event, uint64_t now_ms)
{
    tjob_operation operation;
    tjob_operation_begin(&operation, event);
    for (;;) {
        switch ((tjob_ask)operation.ask) {
        case TJOB_ASK_AUTHORIZE:
            tjob_operation_authorized(&operation, TJOB_AUTHORIZATION_ALLOWED);
            break;
        case TJOB_ASK_ADMIT:
            tjob_operation_admitted(&operation, TJOB_ADMISSION_ADMITTED);
            break;
        case TJOB_ASK_LOAD: {
            tjob_job job;
            uint64_t version = 0;
            const tjob_load_status status = store->load(store->context, NULL, arn, &job, &version);
            tjob_operation_loaded(&operation, policy, status, &job, version, now_ms);
            break;
        }
        case TJOB_ASK_SWAP: {
            const tjob_job *next = tjob_operation_next(&operation);
            tjob_operation_swapped(&operation, store->swap(store->context, NULL, arn, operation.version, next));
            break;
        }
        case TJOB_ASK_NOTHING:
            return tjob_operation_outcome(&operation);
        }
    }
}

/* ---- Hooks: `user` is what the host passed to the operation, here the name of the caller ------------------------- */

static tjob_authorization authorize(void *context, void *user, tjob_text name, const tjob_event *event)
{
    (void)name, (void)event;
    return user != NULL && strcmp(user, context) == 0 ? TJOB_AUTHORIZATION_ALLOWED : TJOB_AUTHORIZATION_DENIED;
}

static void log_end(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    (void)tag;
    fprintf(context, "%s by %s: %s\n",
            span->event != NULL ? tjob_event_kind_name((tjob_event_kind)span->event->kind) : "a request",
            user != NULL ? (const char *)user : "the host", tjob_status_name(span->outcome->status));
}

int main(void)
{
    static uint64_t memory[TJOB_MEMORY_STORE_BYTES(JOBS) / sizeof(uint64_t)];
    static char owner[] = "alice";
    static char stranger[] = "mallory";
    tjob_memory_store jobs;
    if (tjob_memory_store_init(&jobs, memory, sizeof memory, JOBS, NULL, NULL) != TJOB_OK) {
        return EXIT_FAILURE;
    }
    tjob_service service = {
        .store = tjob_memory_store_callbacks(&jobs),
        .clock = tjob_system_clock(),
        .authorizer = {.context = owner, .authorize = authorize},
        .observer = {.context = stdout, .ended = log_end},
    };
    if (tjob_service_validate(&service) != TJOB_OK) {
        return EXIT_FAILURE;
    }

    tjob_outcome outcome;
    tjob_submit(&service, NULL, arn, 0, 1, 0, NULL);
    tjob_stop(&service, stranger, arn, NULL);
    tjob_stop(&service, owner, arn, NULL);
    tjob_describe(&service, owner, arn, &outcome);
    printf("%s, %u job\n", tjob_state_name(outcome.after), (unsigned)tjob_memory_store_count(&jobs));

    outcome = drive(&service.store, &service.policy, &(tjob_event){.kind = TJOB_DELETE}, 1600000000000);
    printf("%s -> %s\n", tjob_state_name(outcome.before), tjob_state_name(outcome.after));
    return EXIT_SUCCESS;
}
