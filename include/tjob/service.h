/* The blocking driver: operations on jobs as plain calls, and one call that handles a whole request. */
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
 * The body of the 200 that answers a stop or a delete. The reference page says that it is empty. Some clients parse the
 * body of every answer, and fail on an empty one although the request was carried out; every client accepts `{}`.
 */
typedef enum tjob_success_body { TJOB_SUCCESS_BODY_EMPTY = 0, TJOB_SUCCESS_BODY_OBJECT } tjob_success_body;

/*
 * Everything that a host supplies. `store` and `clock` are required; all else is optional: zero it, or use designated
 * initializers. The library only reads a service, so any number of threads may share one if its callbacks are
 * thread-safe.
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
    tjob_success_body success_body; /* of tjob_handle; empty by default */
} tjob_service;

/*
 * Validates a service: returns TJOB_OK, or TJOB_MISCONFIGURED if `service` or a required callback is NULL or if the
 * policy, the grammar or the body of a success is invalid. Pure; thread-safe.
 */
tjob_status tjob_service_validate(const tjob_service *service);

/*
 * The operations. In each of them:
 *
 * user         the caller's own pointer, passed through to every callback; may be NULL.
 * arn          the job's name. It must satisfy the service's grammar. It stays the caller's.
 * incarnation  the incarnation of the job that the call is for; 0 = any. tjob_event explains it.
 * outcome      the caller's; may be NULL, else it is filled in every case.
 *
 * Each returns the status of the outcome: TJOB_OK; TJOB_INVALID_ARGUMENT for an invalid ARN or token, before any
 * callback; TJOB_MISCONFIGURED as tjob_service_validate; TJOB_UNAVAILABLE, TJOB_FULL (submit), TJOB_CONTENDED or
 * TJOB_UNRESOLVED if storage does not complete the operation; and the refusals listed at each operation. They block as
 * long as the callbacks do, and are thread-safe if the callbacks are. tjob_job_apply is the effect of each event in
 * each state.
 */

/*
 * Creates the job. `token`, not 0, makes a repeat idempotent while the job exists. A repeat with another host_code is
 * unchanged as well, because `failed` may have set the record's code. Refusals: TJOB_IN_USE, TJOB_STALE.
 *
 * incarnation  the incarnation to begin, from tjob_next_incarnation; 0 = any. With 0, a repeat that arrives after the
 *              job was deleted and removed creates the job again; with an incarnation, that repeat is TJOB_STALE. So
 *              pass one wherever requests may be sent again late: ask for it once, keep it with the request, and send
 *              it with each try.
 */
tjob_status tjob_submit(const tjob_service *service, void *user, tjob_text arn, uint64_t incarnation, uint64_t token,
                        uint32_t host_code, tjob_outcome *outcome);

/*
 * Reads the incarnation that a submit of this name would begin now, with one load and without hooks. It is valid until
 * a job of this name is created. Removals of other names may change it too, depending on the store; then the submit is
 * TJOB_STALE although nobody used the name: ask again.
 *
 * incarnation  receives the incarnation; 0 unless TJOB_OK is returned.
 *
 * Returns TJOB_OK; TJOB_IN_USE if the job exists; TJOB_UNAVAILABLE if the store cannot answer; TJOB_INVALID_ARGUMENT
 * for an invalid ARN or a NULL `incarnation`; TJOB_MISCONFIGURED as tjob_service_validate.
 */
tjob_status tjob_next_incarnation(const tjob_service *service, void *user, tjob_text arn, uint64_t *incarnation);

/*
 * A trainer takes up the job under its fencing token `trainer_token`, which must be unique and not 0. Train only if
 * outcome->after is TJOB_TRAINING; report halted if it is TJOB_STOP_REQUESTED. Refusals: TJOB_NOT_FOUND, TJOB_STALE,
 * TJOB_WRONG_STATE.
 */
tjob_status tjob_start(const tjob_service *service, void *user, tjob_text arn, uint64_t incarnation,
                       uint64_t trainer_token, tjob_outcome *outcome);

/*
 * StopTrainingEntityRecognizer: asks the job to stop, in whichever incarnation it is, because a client's request names
 * none; for a stop that names one, call tjob_perform. A client's operation: it is authorized and admitted first. It is
 * safe to repeat. Refusals: TJOB_ACCESS_DENIED, TJOB_THROTTLED, TJOB_NOT_FOUND, TJOB_REFUSED_BY_POLICY.
 */
tjob_status tjob_stop(const tjob_service *service, void *user, tjob_text arn, tjob_outcome *outcome);

/*
 * Reports on the job: `kind` is TJOB_HALTED, TJOB_COMPLETED, TJOB_COMPLETED_WITH_WARNING, TJOB_FAILED (which sets
 * host_code) or TJOB_TRAINER_LOST; any other kind is TJOB_INVALID_ARGUMENT. `trainer_token` is the trainer's token, or
 * 0 if no trainer has started. Refusals: TJOB_NOT_FOUND, TJOB_STALE, TJOB_WRONG_STATE.
 */
tjob_status tjob_report(const tjob_service *service, void *user, tjob_text arn, tjob_event_kind kind,
                        uint64_t incarnation, uint64_t trainer_token, uint32_t host_code, tjob_outcome *outcome);

/*
 * A supervisor lets a requested stop expire: the job is STOPPED if policy.stop_timeout_ms has passed since the request,
 * by the service's clock; else it is unchanged. Refusals: TJOB_NOT_FOUND, TJOB_STALE.
 */
tjob_status tjob_expire(const tjob_service *service, void *user, tjob_text arn, uint64_t incarnation,
                        tjob_outcome *outcome);

/*
 * DescribeEntityRecognizer: returns the record in outcome->job. A client's operation: it is authorized and admitted
 * first. Refusals: TJOB_ACCESS_DENIED, TJOB_THROTTLED, TJOB_NOT_FOUND.
 */
tjob_status tjob_describe(const tjob_service *service, void *user, tjob_text arn, tjob_outcome *outcome);

/*
 * DeleteEntityRecognizer: marks a job that has ended for removal, in whichever incarnation it is, as with tjob_stop. A
 * client's operation: it is authorized and admitted first. Refusals: TJOB_ACCESS_DENIED, TJOB_THROTTLED,
 * TJOB_NOT_FOUND, TJOB_IN_USE.
 */
tjob_status tjob_delete(const tjob_service *service, void *user, tjob_text arn, tjob_outcome *outcome);

/*
 * The host has removed what belonged to a DELETING job: removes its record, and the ARN is free again. Refusals:
 * TJOB_STALE, TJOB_WRONG_STATE.
 */
tjob_status tjob_remove(const tjob_service *service, void *user, tjob_text arn, uint64_t incarnation,
                        tjob_outcome *outcome);

/*
 * Carries any event to a job, as all of the above do, with the same refusals. `event` is only read, and stays the
 * caller's. A NULL event is TJOB_INVALID_ARGUMENT.
 */
tjob_status tjob_perform(const tjob_service *service, void *user, tjob_text arn, const tjob_event *event,
                         tjob_outcome *outcome);

/*
 * Answers a whole request: decodes it, performs it, and encodes the answer. A malformed request touches neither
 * storage nor hooks, except that it is reported to the observer.
 *
 * user  the caller's own pointer, passed through to every callback; may be NULL.
 * body  the caller's buffer of `capacity` bytes for response->body. TJOB_RESPONSE_BYTES_MAX bytes are enough for every
 *       body without the members that the host's describer adds; the describer gets the bytes beyond them. If there is
 *       a describer, a describe that finds a job is answered 500 if `capacity` is below TJOB_RESPONSE_BYTES_MAX.
 *
 * Returns the status that the response reports: TJOB_OK for a 200, a refusal for a 400, a failure for a 500. If the
 * buffer is too small for an error, returns TJOB_MISCONFIGURED, and the response has no body. *response is filled in
 * every case; its texts are static, the request's own, or in `body`. It blocks as long as the callbacks do, and is
 * thread-safe if the callbacks are.
 */
tjob_status tjob_handle(const tjob_service *service, void *user, const tjob_http_request *request,
                        tjob_http_response *response, char *body, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
