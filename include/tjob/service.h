/* The blocking driver: operations on jobs as plain calls, and one call for a whole request. */
#ifndef TJOB_SERVICE_H
#define TJOB_SERVICE_H

#include <stddef.h>
#include <stdint.h>

#include "tjob/arn.h"
#include "tjob/clock.h"
#include "tjob/hooks.h"
#include "tjob/job.h"
#include "tjob/operation.h"
#include "tjob/request.h"
#include "tjob/response.h"
#include "tjob/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Further members of EntityRecognizerProperties that only the host knows, for the answer to describe. Writes JSON text
 * without braces, such as "\"LanguageCode\":\"en\"", to `members`, at most `capacity` bytes, and returns how many they
 * are: 0 for none; more than `capacity` if they do not fit, and then the answer is a 500. The room is all zero before.
 * They must not repeat a member of the library's own. `job` is what was found; context, user and arn are as in hooks.h.
 */
typedef struct tjob_describer {
    void *context;
    size_t (*describe)(void *context, void *user, tjob_text arn, const tjob_job *job, char *members, size_t capacity);
} tjob_describer;

/*
 * What a host plugs in. `store` and `clock` are required, all else is optional: zero it, or initialize with designators.
 * The library only reads it, so one service may be shared by any number of threads if its callbacks may.
 */
typedef struct tjob_service {
    tjob_store store;
    tjob_clock clock;
    tjob_policy policy;
    tjob_arn_grammar grammar;
    tjob_authorizer authorizer;
    tjob_admitter admitter;
    tjob_observer observer;
    tjob_describer describer;
} tjob_service;

/* Whether a service can work: TJOB_OK, or TJOB_MISCONFIGURED if a required callback is NULL or a choice is none. */
tjob_status tjob_service_validate(const tjob_service *service);

/*
 * The operations. Of each:
 *
 * user     the caller's own pointer, handed through to every callback; may be NULL.
 * arn      the job's name. It must satisfy the service's grammar.
 * outcome  may be NULL; else filled in every case.
 *
 * Each returns the status of the outcome: TJOB_OK; TJOB_INVALID_ARGUMENT for an ARN or a token that cannot be, before any
 * callback; TJOB_MISCONFIGURED as tjob_service_validate; TJOB_UNAVAILABLE, TJOB_FULL (submit), TJOB_CONTENDED or
 * TJOB_UNRESOLVED where storage did not do its part; and the refusals named at each. They block as long as the
 * callbacks do. What the table does with each event in each state is tjob_job_apply.
 */

/*
 * Creates the job. `token`, not 0, makes a repeat idempotent as long as the job is there: a repeat of another host_code is
 * unchanged, too, for `failed` may have set the record's. Refusals: TJOB_IN_USE, TJOB_STALE.
 *
 * incarnation  the one that it is to begin, as tjob_next_incarnation told beforehand; 0 = whichever. With an incarnation of 0 a repeat that comes
 *       after the job was deleted and removed creates it again; with one, it is TJOB_STALE. So give one wherever requests
 *       may be sent again late: ask once, keep the incarnation with the request, and send it with each try.
 */
tjob_status tjob_submit(const tjob_service *service, void *user, tjob_text arn, uint64_t incarnation, uint64_t token,
                        uint32_t host_code, tjob_outcome *outcome);

/*
 * The incarnation that a submit of this name would begin now: one load, without hooks. It stands until a job of this name is
 * created; a store may let removals of other names move it, too, and then the submit is TJOB_STALE though nobody used the
 * name: ask again.
 *
 * incarnation  filled with it; with 0 unless TJOB_OK is returned.
 *
 * TJOB_OK; TJOB_IN_USE where there is a job; TJOB_UNAVAILABLE where the store cannot tell; TJOB_INVALID_ARGUMENT for an ARN
 * that cannot be or a NULL `incarnation`; TJOB_MISCONFIGURED as tjob_service_validate.
 */
tjob_status tjob_next_incarnation(const tjob_service *service, void *user, tjob_text arn, uint64_t *incarnation);

/*
 * A trainer takes the job up under its fencing token `trainer_token`, unique and not 0. Train only if outcome->after is
 * TJOB_TRAINING; report halted if it is TJOB_STOP_REQUESTED. Refusals: TJOB_NOT_FOUND, TJOB_STALE, TJOB_WRONG_STATE.
 */
tjob_status tjob_start(const tjob_service *service, void *user, tjob_text arn, uint64_t incarnation,
                       uint64_t trainer_token, tjob_outcome *outcome);

/*
 * StopTrainingEntityRecognizer: asks the job to stop, whichever incarnation it is in, for a client's request names none; tjob_perform
 * takes a stop that names one. A client's operation: authorized and admitted first. Safe to repeat. Refusals:
 * TJOB_ACCESS_DENIED, TJOB_THROTTLED, TJOB_NOT_FOUND, TJOB_REFUSED_BY_POLICY.
 */
tjob_status tjob_stop(const tjob_service *service, void *user, tjob_text arn, tjob_outcome *outcome);

/*
 * A report on the job: `kind` is TJOB_HALTED, TJOB_COMPLETED, TJOB_COMPLETED_WITH_WARNING, TJOB_FAILED (which sets
 * host_code) or TJOB_TRAINER_LOST; any other is TJOB_INVALID_ARGUMENT. `trainer_token` is the trainer's token, 0 where none
 * started. Refusals: TJOB_NOT_FOUND, TJOB_STALE, TJOB_WRONG_STATE.
 */
tjob_status tjob_report(const tjob_service *service, void *user, tjob_text arn, tjob_event_kind kind,
                        uint64_t incarnation, uint64_t trainer_token, uint32_t host_code, tjob_outcome *outcome);

/*
 * A supervisor lets a requested stop expire: STOPPED once policy.stop_timeout_ms has passed since the request, by the
 * service's clock, else unchanged. Refusals: TJOB_NOT_FOUND, TJOB_STALE.
 */
tjob_status tjob_expire(const tjob_service *service, void *user, tjob_text arn, uint64_t incarnation,
                        tjob_outcome *outcome);

/*
 * DescribeEntityRecognizer: the record in outcome->job. A client's operation: authorized and admitted first. Refusals:
 * TJOB_ACCESS_DENIED, TJOB_THROTTLED, TJOB_NOT_FOUND.
 */
tjob_status tjob_describe(const tjob_service *service, void *user, tjob_text arn, tjob_outcome *outcome);

/*
 * DeleteEntityRecognizer: marks a job that has ended for removal, whichever incarnation it is, as tjob_stop does. A client's
 * operation: authorized and admitted first.
 * Refusals: TJOB_ACCESS_DENIED, TJOB_THROTTLED, TJOB_NOT_FOUND, TJOB_IN_USE.
 */
tjob_status tjob_delete(const tjob_service *service, void *user, tjob_text arn, tjob_outcome *outcome);

/*
 * The host has removed what belonged to a DELETING job: its record goes, and the ARN is free. Refusals: TJOB_STALE,
 * TJOB_WRONG_STATE.
 */
tjob_status tjob_remove(const tjob_service *service, void *user, tjob_text arn, uint64_t incarnation,
                        tjob_outcome *outcome);

/* Carries any event to a job: what all of the above do. A NULL event is TJOB_INVALID_ARGUMENT. */
tjob_status tjob_perform(const tjob_service *service, void *user, tjob_text arn, const tjob_event *event,
                         tjob_outcome *outcome);

/*
 * Answers a whole request: decodes it, performs it, encodes the answer. A request that is malformed touches neither
 * hooks nor storage.
 *
 * body  the caller's buffer of `capacity` bytes for response->body. TJOB_RESPONSE_BYTES_MAX hold every one but for what
 *       the host's describer adds: what is above them is the describer's room.
 *
 * Returns the status that the response tells: TJOB_OK for a 200, a refusal for a 400, a failure for a 500. If the buffer
 * is too small for an error: TJOB_MISCONFIGURED, and the response has no body. *response is filled in every case; its
 * texts are static, the request's own, or in `body`.
 */
tjob_status tjob_handle(const tjob_service *service, void *user, const tjob_http_request *request,
                        tjob_http_response *response, char *body, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
