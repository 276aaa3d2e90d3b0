#include "host/flat.h"

#include <string.h>

#include "tjob/system_clock.h"

/* ---- Opening and closing --------------------------------------------------------------------------------------- */

enum { FLAT_JOB_BYTES = TJOB_MEMORY_STORE_BYTES(1) };

/* The number of jobs whose memory has a size. */
#define FLAT_JOBS_OF_MEMORY ((SIZE_MAX - sizeof(tjob_flat)) / FLAT_JOB_BYTES)
#define FLAT_JOBS_MAX                                                                                                  \
    (FLAT_JOBS_OF_MEMORY < TJOB_MEMORY_STORE_JOBS_MAX ? FLAT_JOBS_OF_MEMORY : TJOB_MEMORY_STORE_JOBS_MAX)

_Static_assert(sizeof(tjob_flat) % sizeof(uint64_t) == 0, "the memory store that follows it is aligned");

size_t tjob_flat_bytes(uint32_t jobs)
{
    return jobs > FLAT_JOBS_MAX ? 0 : sizeof(tjob_flat) + (size_t)jobs * FLAT_JOB_BYTES;
}

tjob_flat *tjob__flat_begin(void *memory, size_t bytes)
{
    if (memory == NULL || (uintptr_t)memory % sizeof(uint64_t) != 0 || bytes < sizeof(tjob_flat)) {
        return NULL;
    }
    tjob_flat *flat = memory;
    memset(flat, 0, sizeof *flat);
    flat->service.clock = tjob_system_clock();
    return flat;
}

int32_t tjob_flat_open_memory(void *memory, size_t bytes, uint32_t jobs, const unsigned char *key)
{
    tjob_flat *flat = tjob__flat_begin(memory, bytes);
    if (flat == NULL) {
        return TJOB_INVALID_ARGUMENT;
    }
    const tjob_status status = tjob_memory_store_init(&flat->memory, flat + 1, bytes - sizeof *flat, jobs, key, NULL);
    if (status == TJOB_OK) {
        flat->service.store = tjob_memory_store_callbacks(&flat->memory);
    }
    return (int32_t)status;
}

static tjob_load_status flat_load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    const tjob_flat *flat = context;
    unsigned char record[TJOB_JOB_ENCODED_BYTES] = {0};
    const int32_t loaded = flat->load(flat->store_context, user, arn.data, arn.bytes, record, version);
    if (loaded == TJOB_LOAD_OK && tjob_job_decode(record, job) != TJOB_JOB_VALID) {
        return TJOB_LOAD_UNAVAILABLE;
    }
    return (tjob_load_status)loaded;
}

static tjob_swap_status flat_swap(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    const tjob_flat *flat = context;
    unsigned char record[TJOB_JOB_ENCODED_BYTES];
    if (next != NULL) {
        tjob_job_encode(next, record);
    }
    return (tjob_swap_status)flat->swap(flat->store_context, user, arn.data, arn.bytes, expected,
                                        next != NULL ? record : NULL);
}

int32_t tjob_flat_open_callbacks(void *memory, size_t bytes, void *context, tjob_flat_load load, tjob_flat_swap swap)
{
    tjob_flat *flat = tjob__flat_begin(memory, bytes);
    if (flat == NULL || load == NULL || swap == NULL) {
        return TJOB_INVALID_ARGUMENT;
    }
    flat->store_context = context;
    flat->load = load;
    flat->swap = swap;
    flat->service.store = (tjob_store){.context = flat, .load = flat_load, .swap = flat_swap};
    return TJOB_OK;
}

void tjob_flat_close(tjob_flat *flat)
{
    if (flat != NULL && flat->close != NULL) {
        flat->close(flat);
    }
    if (flat != NULL) {
        memset(flat, 0, sizeof *flat);
    }
}

/* ---- Settings -------------------------------------------------------------------------------------------------- */

int32_t tjob_flat_set_policy(tjob_flat *flat, uint32_t stop_submitted, uint32_t stop_finished, uint64_t stop_timeout_ms,
                             uint32_t max_attempts)
{
    const tjob_policy policy = {
        .stop_timeout_ms = stop_timeout_ms,
        .stop_submitted = stop_submitted,
        .stop_finished = stop_finished,
        .max_attempts = max_attempts,
    };
    const tjob_status status = tjob_policy_validate(&policy);
    if (status == TJOB_OK) {
        flat->service.policy = policy;
    }
    return (int32_t)status;
}

int32_t tjob_flat_set_grammar(tjob_flat *flat, int32_t grammar)
{
    if ((uint32_t)grammar > TJOB_ARN_CURRENT) {
        return TJOB_MISCONFIGURED;
    }
    flat->service.grammar = (tjob_arn_grammar)grammar;
    return TJOB_OK;
}

int32_t tjob_flat_set_limit(tjob_flat *flat, uint32_t requests, uint32_t per_ms, uint32_t burst)
{
    tjob_limiter limiter = {0, 0}; /* admits everything */
    if ((requests | per_ms | burst) != 0 && !tjob_limiter_set(&limiter, requests, per_ms, burst)) {
        return TJOB_INVALID_ARGUMENT;
    }
    flat->bucket = (tjob_bucket){.limiter = limiter};
    flat->service.admitter = tjob_bucket_admitter(&flat->bucket);
    return TJOB_OK;
}

void tjob_flat_set_clock(tjob_flat *flat, void *context, tjob_flat_clock callback)
{
    flat->service.clock = callback != NULL ? (tjob_clock){.context = context, .now_ms = callback} : tjob_system_clock();
}

static tjob_authorization flat_authorize(void *context, void *user, tjob_text arn, const tjob_event *event)
{
    const tjob_flat *flat = context;
    return (tjob_authorization)flat->authorize(flat->authorizer_context, user, arn.data, arn.bytes,
                                               (int32_t)event->kind);
}

void tjob_flat_set_authorizer(tjob_flat *flat, void *context, tjob_flat_authorize callback)
{
    flat->authorizer_context = context;
    flat->authorize = callback;
    flat->service.authorizer =
        (tjob_authorizer){.context = flat, .authorize = callback != NULL ? flat_authorize : NULL};
}

/* ---- Requests -------------------------------------------------------------------------------------------------- */

static const tjob_service *flat_service(const tjob_flat *flat)
{
    return flat != NULL ? &flat->service : NULL; /* which every operation takes for a misconfigured one */
}

size_t tjob_flat_answer_bytes(void)
{
    return TJOB_RESPONSE_BYTES_MAX;
}

/* Appends a text. Returns the new end. */
static char *flat_put(char *end, tjob_text text)
{
    memcpy(end, text.data, text.bytes);
    return end + text.bytes;
}

/* Appends a header as a line; nothing if the value is empty. Returns the new end. */
static char *flat_put_header(char *end, tjob_text name, tjob_text value)
{
    if (value.bytes == 0) {
        return end;
    }
    end = flat_put(end, name);
    end = flat_put(end, value);
    return flat_put(end, (tjob_text)TJOB_TEXT("\r\n"));
}

int32_t tjob_flat_handle(const tjob_flat *flat, void *user, const char *target, size_t target_bytes,
                         const char *content_type, size_t content_type_bytes, const char *body, size_t body_bytes,
                         int32_t *http_status, char *headers, char *answer, size_t capacity, size_t *answer_bytes)
{
    if (http_status == NULL || headers == NULL || answer == NULL || answer_bytes == NULL ||
        capacity < TJOB_RESPONSE_BYTES_MAX) {
        return TJOB_MISCONFIGURED;
    }
    const tjob_http_request request = {
        .method = TJOB_TEXT("POST"),
        .target = {target, target_bytes},
        .content_type = {content_type, content_type_bytes},
        .body = {body, body_bytes},
    };
    tjob_http_response response;
    const tjob_status status = tjob_handle(flat_service(flat), user, &request, &response, answer, capacity);
    char *end = headers;
    end = flat_put_header(end, (tjob_text)TJOB_TEXT("Content-Type: "), response.content_type);
    end = flat_put_header(end, (tjob_text)TJOB_TEXT("x-amzn-ErrorType: "), response.error_type);
    *end = '\0';
    *http_status = response.status;
    *answer_bytes = response.body.bytes;
    return (int32_t)status;
}

/* ---- Operations of the host ------------------------------------------------------------------------------------ */

static void flat_fill(const tjob_outcome *outcome, uint64_t *fields, size_t count)
{
    const uint64_t known[TJOB_FLAT_FIELD_COUNT] = {
        [TJOB_FLAT_CHANGED] = outcome->changed,
        [TJOB_FLAT_BEFORE] = outcome->before,
        [TJOB_FLAT_AFTER] = outcome->after,
        [TJOB_FLAT_HOST_CODE] = outcome->job.host_code,
        [TJOB_FLAT_SUBMIT_TOKEN] = outcome->job.submit_token,
        [TJOB_FLAT_INCARNATION] = outcome->job.incarnation,
        [TJOB_FLAT_TRAINER_TOKEN] = outcome->job.trainer_token,
        [TJOB_FLAT_SUBMITTED_MS] = outcome->job.submitted_ms,
        [TJOB_FLAT_TRAINING_STARTED_MS] = outcome->job.training_started_ms,
        [TJOB_FLAT_STOP_REQUESTED_MS] = outcome->job.stop_requested_ms,
        [TJOB_FLAT_ENDED_MS] = outcome->job.ended_ms,
    };
    for (size_t i = 0; i < count; i++) {
        fields[i] = i < TJOB_FLAT_FIELD_COUNT ? known[i] : 0;
    }
}

int32_t tjob_flat_perform(const tjob_flat *flat, void *user, const char *arn, size_t arn_bytes, int32_t event,
                          uint64_t incarnation, uint64_t trainer_token, uint64_t token, uint32_t host_code,
                          uint64_t *fields, size_t count)
{
    const tjob_event carried = {
        .incarnation = incarnation,
        .trainer_token = trainer_token,
        .token = token,
        .kind = (uint32_t)event,
        .host_code = host_code,
    };
    tjob_outcome outcome;
    tjob_perform(flat_service(flat), user, (tjob_text){arn, arn_bytes}, &carried, &outcome);
    flat_fill(&outcome, fields, fields != NULL ? count : 0);
    return (int32_t)outcome.status;
}

int32_t tjob_flat_next_incarnation(const tjob_flat *flat, void *user, const char *arn, size_t arn_bytes,
                                   uint64_t *incarnation)
{
    return (int32_t)tjob_next_incarnation(flat_service(flat), user, (tjob_text){arn, arn_bytes}, incarnation);
}

/* ---- Names ----------------------------------------------------------------------------------------------------- */

const char *tjob_flat_status_name(int32_t status)
{
    return tjob_status_name((tjob_status)status);
}

const char *tjob_flat_state_name(int32_t state)
{
    return tjob_state_name((tjob_state)state);
}
