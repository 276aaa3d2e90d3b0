#include "tjob/service.h"

#include <string.h>

tjob_status tjob_service_validate(const tjob_service *service)
{
    const bool works = service != NULL && service->store.load != NULL && service->store.swap != NULL &&
                       service->clock.now_ms != NULL && tjob_policy_validate(&service->policy) == TJOB_OK &&
                       (unsigned)service->grammar <= TJOB_ARN_CURRENT &&
                       (unsigned)service->success_body <= TJOB_SUCCESS_BODY_OBJECT;
    return works ? TJOB_OK : TJOB_MISCONFIGURED;
}

/* ---- The driver ---------------------------------------------------------------------------------------------- */

static uint64_t now_ms(const tjob_service *service, void *user)
{
    return service->clock.now_ms(service->clock.context, user);
}

static tjob_authorization authorize(const tjob_service *service, void *user, tjob_text arn, const tjob_event *event)
{
    const tjob_authorizer *hook = &service->authorizer;
    return hook->authorize == NULL ? TJOB_AUTHORIZATION_ALLOWED : hook->authorize(hook->context, user, arn, event);
}

static tjob_admission admit(const tjob_service *service, void *user, tjob_text arn, const tjob_event *event)
{
    const tjob_admitter *hook = &service->admitter;
    return hook->admit == NULL ? TJOB_ADMISSION_ADMITTED
                               : hook->admit(hook->context, user, arn, event, now_ms(service, user));
}

/* Runs an operation to its end: each of its asks is one callback. Counts them for the observer. */
static void run(const tjob_service *service, void *user, tjob_text arn, tjob_operation *operation, tjob_span *span)
{
    const tjob_store *store = &service->store;
    for (;;) {
        switch ((tjob_ask)operation->ask) { /* LCOV_EXCL_BR_LINE: an operation asks for nothing else */
        case TJOB_ASK_AUTHORIZE:
            tjob_operation_authorized(operation, authorize(service, user, arn, &operation->event));
            break;
        case TJOB_ASK_ADMIT:
            tjob_operation_admitted(operation, admit(service, user, arn, &operation->event));
            break;
        case TJOB_ASK_LOAD: {
            tjob_job job = {.state = TJOB_ABSENT};
            uint64_t version = 0;
            const tjob_load_status loaded = store->load(store->context, user, arn, &job, &version);
            span->loads++;
            tjob_operation_loaded(operation, &service->policy, loaded, &job, version, now_ms(service, user));
            break;
        }
        case TJOB_ASK_SWAP: {
            const tjob_job *next = tjob_operation_next(operation);
            const tjob_swap_status swapped = store->swap(store->context, user, arn, operation->version, next);
            span->swaps++;
            span->conflicts += swapped == TJOB_SWAP_CONFLICT;
            span->lost_answers += (unsigned)swapped >= TJOB_SWAP_UNKNOWN; /* as any value outside the enum */
            tjob_operation_swapped(operation, swapped);
            break;
        }
        case TJOB_ASK_NOTHING:
            return;
        }
    }
}

static void report_begin(const tjob_observer *hook, void *user, const tjob_span *span, uint64_t *tag)
{
    if (hook->began != NULL) {
        hook->began(hook->context, user, span, tag);
    }
}

static void report_end(const tjob_observer *hook, void *user, const tjob_span *span, uint64_t *tag)
{
    if (hook->ended != NULL) {
        hook->ended(hook->context, user, span, tag);
    }
}

static tjob_outcome perform(const tjob_service *service, void *user, tjob_text arn, const tjob_event *event)
{
    tjob_span span = {.arn = arn, .event = event};
    uint64_t tag = 0;
    tjob_operation operation;
    tjob_operation_begin(&operation, event);
    if (operation.ask == TJOB_ASK_NOTHING) { /* the event is invalid: no callback */
        return tjob_operation_outcome(&operation);
    }
    report_begin(&service->observer, user, &span, &tag);
    run(service, user, arn, &operation, &span);
    const tjob_outcome outcome = tjob_operation_outcome(&operation);
    span.outcome = &outcome;
    report_end(&service->observer, user, &span, &tag);
    return outcome;
}

static tjob_status check_arguments(const tjob_service *service, tjob_text arn, const tjob_event *event)
{
    if (tjob_service_validate(service) != TJOB_OK) {
        return TJOB_MISCONFIGURED;
    }
    const bool valid = event != NULL && tjob_arn_validate(arn, service->grammar).problem == TJOB_ARN_VALID;
    return valid ? TJOB_OK : TJOB_INVALID_ARGUMENT;
}

tjob_status tjob_perform(const tjob_service *service, void *user, tjob_text arn, const tjob_event *event,
                         tjob_outcome *outcome)
{
    tjob_outcome result = {.status = check_arguments(service, arn, event)};
    if (result.status == TJOB_OK) {
        result = perform(service, user, arn, event);
    }
    if (outcome != NULL) {
        *outcome = result;
    }
    return result.status;
}

/* ---- The operations ------------------------------------------------------------------------------------------ */

tjob_status tjob_submit(const tjob_service *service, void *user, tjob_text arn, uint64_t incarnation, uint64_t token,
                        uint32_t host_code, tjob_outcome *outcome)
{
    const tjob_event event = {.kind = TJOB_SUBMIT, .incarnation = incarnation, .token = token, .host_code = host_code};
    return tjob_perform(service, user, arn, &event, outcome);
}

/* Computes the next incarnation as the operation does from an absence: one more than its version. */
static tjob_status load_next_incarnation(const tjob_service *service, void *user, tjob_text arn, uint64_t *incarnation)
{
    tjob_job job = {.state = TJOB_ABSENT};
    uint64_t version = UINT64_MAX;
    const tjob_load_status loaded = service->store.load(service->store.context, user, arn, &job, &version);
    if (loaded == TJOB_LOAD_OK && tjob_job_validate(&job) == TJOB_JOB_VALID) {
        return TJOB_IN_USE;
    }
    if (loaded != TJOB_LOAD_NOT_FOUND || version == UINT64_MAX) {
        return TJOB_UNAVAILABLE;
    }
    *incarnation = version + 1;
    return TJOB_OK;
}

tjob_status tjob_next_incarnation(const tjob_service *service, void *user, tjob_text arn, uint64_t *incarnation)
{
    static const tjob_event any = {.kind = TJOB_DESCRIBE};
    if (incarnation == NULL) {
        return TJOB_INVALID_ARGUMENT;
    }
    *incarnation = 0;
    const tjob_status status = check_arguments(service, arn, &any);
    return status == TJOB_OK ? load_next_incarnation(service, user, arn, incarnation) : status;
}

tjob_status tjob_start(const tjob_service *service, void *user, tjob_text arn, uint64_t incarnation,
                       uint64_t trainer_token, tjob_outcome *outcome)
{
    const tjob_event event = {.kind = TJOB_START, .incarnation = incarnation, .trainer_token = trainer_token};
    return tjob_perform(service, user, arn, &event, outcome);
}

tjob_status tjob_stop(const tjob_service *service, void *user, tjob_text arn, tjob_outcome *outcome)
{
    const tjob_event event = {.kind = TJOB_STOP};
    return tjob_perform(service, user, arn, &event, outcome);
}

tjob_status tjob_report(const tjob_service *service, void *user, tjob_text arn, tjob_event_kind kind,
                        uint64_t incarnation, uint64_t trainer_token, uint32_t host_code, tjob_outcome *outcome)
{
    const bool is_report = kind >= TJOB_HALTED && kind <= TJOB_TRAINER_LOST;
    const tjob_event event = {
        .kind = (uint32_t)kind, .incarnation = incarnation, .trainer_token = trainer_token, .host_code = host_code};
    return tjob_perform(service, user, arn, is_report ? &event : NULL, outcome);
}

tjob_status tjob_expire(const tjob_service *service, void *user, tjob_text arn, uint64_t incarnation,
                        tjob_outcome *outcome)
{
    const tjob_event event = {.kind = TJOB_STOP_EXPIRED, .incarnation = incarnation};
    return tjob_perform(service, user, arn, &event, outcome);
}

tjob_status tjob_describe(const tjob_service *service, void *user, tjob_text arn, tjob_outcome *outcome)
{
    const tjob_event event = {.kind = TJOB_DESCRIBE};
    return tjob_perform(service, user, arn, &event, outcome);
}

tjob_status tjob_delete(const tjob_service *service, void *user, tjob_text arn, tjob_outcome *outcome)
{
    const tjob_event event = {.kind = TJOB_DELETE};
    return tjob_perform(service, user, arn, &event, outcome);
}

tjob_status tjob_remove(const tjob_service *service, void *user, tjob_text arn, uint64_t incarnation,
                        tjob_outcome *outcome)
{
    const tjob_event event = {.kind = TJOB_REMOVED, .incarnation = incarnation};
    return tjob_perform(service, user, arn, &event, outcome);
}

/* ---- The whole request --------------------------------------------------------------------------------------- */

/*
 * Lets the host add its members to a successful description. They are written to the part of the caller's buffer that
 * the rest of the answer never needs. Returns false if they do not fit.
 */
static bool describe_members(const tjob_service *service, void *user, tjob_text arn, const tjob_job *job, char *body,
                             size_t capacity, tjob_text *members)
{
    const tjob_describer *hook = &service->describer;
    if (hook->describe == NULL || capacity < TJOB_RESPONSE_BYTES_MAX) {
        return hook->describe == NULL;
    }
    char *room = body + TJOB_RESPONSE_BYTES_MAX;
    capacity -= TJOB_RESPONSE_BYTES_MAX;
    memset(room, 0, capacity); /* if a hook returns more than it wrote, earlier content of the buffer does not leak */
    *members = (tjob_text){room, hook->describe(hook->context, user, arn, job, room, capacity)};
    return members->bytes <= capacity;
}

/* Decodes a request. Reports a request that is rejected to the observer. */
static tjob_status service_decode(const tjob_service *service, void *user, tjob_request *decoded,
                                  const tjob_http_request *request, char arn[TJOB_ARN_BYTES_MAX])
{
    const tjob_outcome outcome = {
        .status = tjob_request_problem_status(tjob_request_decode(decoded, request, service->grammar, arn))};
    if (outcome.status != TJOB_OK) {
        const tjob_span span = {.arn = {"", 0}, .outcome = &outcome};
        uint64_t tag = 0;
        report_end(&service->observer, user, &span, &tag);
    }
    return outcome.status;
}

tjob_status tjob_handle(const tjob_service *service, void *user, const tjob_http_request *request,
                        tjob_http_response *response, char *body, size_t capacity)
{
    char arn[TJOB_ARN_BYTES_MAX]; /* cppcheck-suppress variableScope ; decoded.arn points into it */
    tjob_request decoded = {.problem = TJOB_REQUEST_VALID};
    tjob_outcome outcome = {.status = tjob_service_validate(service)};
    tjob_text members = {"", 0};
    if (outcome.status == TJOB_OK) {
        outcome.status = service_decode(service, user, &decoded, request, arn);
    }
    if (outcome.status == TJOB_OK) {
        const tjob_event event = {.kind = (uint32_t)decoded.operation};
        outcome = perform(service, user, decoded.arn, &event);
        if (outcome.status == TJOB_OK && decoded.operation == TJOB_DESCRIBE &&
            !describe_members(service, user, decoded.arn, &outcome.job, body, capacity, &members)) {
            outcome.status = TJOB_MISCONFIGURED;
        }
    }
    const tjob_status encoded =
        tjob_response_encode(response, &decoded, request->id, &outcome, members, body, capacity);
    if (response->status == 200 && response->body.bytes == 0 && service->success_body == TJOB_SUCCESS_BODY_OBJECT) {
        response->body = (tjob_text)TJOB_TEXT("{}");
    }
    return encoded == TJOB_OK ? outcome.status : encoded;
}
