/*
 * The flat API, for bindings to other languages: integers, pointers and ranges of bytes. No struct, union or enum
 * crosses it, so a binding needs no layout of a struct. It needs the system clock, and is left out on machines without
 * an operating system.
 */
#ifndef TJOB_FLAT_H
#define TJOB_FLAT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A service over a store of its own. Its fields are private. It is in the caller's memory, and its address is the
 * address of that memory. It must not be moved or copied while it is open: allocate it outside of a heap that moves
 * objects. An open function initializes it, and tjob_flat_close ends it.
 *
 * In all functions below:
 *
 *  - `flat` is an open service. For NULL and for a closed one, an operation is TJOB_MISCONFIGURED.
 *  - A status is the value of a tjob_status, and a problem is the value of a tjob_file_problem. Both are 0 for success.
 *  - A range is a pointer and a number of bytes, without a terminator. NULL counts as an empty range, whatever the
 *    number. Ranges stay the caller's, and are not kept after the return.
 *  - `user` is the caller's own pointer, passed through to every callback. It may be NULL.
 *
 * Opening, closing and every tjob_flat_set function need exclusive use of the service. Other calls are thread-safe over
 * a file store, and over callbacks that are thread-safe. Over a memory store, only one thread at a time may call: a
 * runtime that releases its own lock during calls needs a lock around them.
 */
typedef struct tjob_flat tjob_flat;

/* ---- Callbacks ------------------------------------------------------------------------------------------------- */

/*
 * The callbacks of a store of the caller's own: those of tjob_store, with the contract there, and with the record as
 * its TJOB_JOB_ENCODED_BYTES (64) encoded bytes. `context` is the pointer given to tjob_flat_open_callbacks.
 *
 * load  Reads the record of `arn` into `record`, and its version, or the version of its absence, into *version. Returns
 *       the value of a tjob_load_status.
 * swap  Replaces the record, or the absence, that has version `expected` by `record`; a NULL `record` removes the
 *       record. Returns the value of a tjob_swap_status.
 *
 * A value outside the enums counts as TJOB_LOAD_UNAVAILABLE or TJOB_SWAP_UNKNOWN, and a record that does not decode
 * counts as TJOB_LOAD_UNAVAILABLE. No exception may leave a callback: catch it, and return one of these two.
 */
typedef int32_t (*tjob_flat_load)(void *context, void *user, const char *arn, size_t arn_bytes, unsigned char *record,
                                  uint64_t *version);
typedef int32_t (*tjob_flat_swap)(void *context, void *user, const char *arn, size_t arn_bytes, uint64_t expected,
                                  const unsigned char *record);

/* Returns Unix milliseconds, as tjob_clock. */
typedef uint64_t (*tjob_flat_clock)(void *context, void *user);

/*
 * Decides whether the caller may do this to that job, as tjob_authorizer. `event` is the value of TJOB_STOP,
 * TJOB_DESCRIBE or TJOB_DELETE. Returns the value of a tjob_authorization; a value outside the enum counts as denied.
 */
typedef int32_t (*tjob_flat_authorize)(void *context, void *user, const char *arn, size_t arn_bytes, int32_t event);

/* ---- Opening and closing --------------------------------------------------------------------------------------- */

/*
 * Returns the size of a service, in bytes: over a memory store for `jobs` jobs, or with 0 over any other store. Returns
 * 0 if `jobs` is over the limit, TJOB_MEMORY_STORE_JOBS_MAX or what memory can hold. Pure; thread-safe.
 */
size_t tjob_flat_bytes(uint32_t jobs);

/*
 * The open functions initialize a service in `memory`, which has `bytes` bytes, at least tjob_flat_bytes, and is
 * aligned for uint64_t, as memory of every allocator is. It belongs to the caller, and may be released after
 * tjob_flat_close. The service begins with the default policy, the reference grammar, no rate limit, no authorizer, and
 * the system clock.
 */

/*
 * Opens a service over an empty memory store for `jobs` jobs. `key` has TJOB_HASH_KEY_BYTES (16) secret random bytes;
 * NULL means zeros, for tests and for hosts that choose all names themselves. Returns TJOB_OK, or TJOB_INVALID_ARGUMENT
 * if `memory` is NULL, misaligned or too small, or if `jobs` is 0 or over the limit.
 */
int32_t tjob_flat_open_memory(void *memory, size_t bytes, uint32_t jobs, const unsigned char *key);

/*
 * Opens a service over a store of the caller's own. `context` and the callbacks must stay valid until tjob_flat_close.
 * Returns TJOB_OK, or TJOB_INVALID_ARGUMENT if `memory` is NULL, misaligned or too small, or if a callback is NULL.
 */
int32_t tjob_flat_open_callbacks(void *memory, size_t bytes, void *context, tjob_flat_load load, tjob_flat_swap swap);

/*
 * The functions for files exist on POSIX systems only. `path` is a string that ends with NUL.
 *
 * tjob_flat_create_file  Creates an empty file store, as tjob_file_store_create. `capacity` is in jobs; 0 = the
 *                        default.
 * tjob_flat_open_file    Opens a service over a file store, as tjob_file_store_open; 0 for `wait_ms` = the default.
 *
 * Both return TJOB_FILE_OK or the problem: TJOB_FILE_INVALID_ARGUMENT also if `memory` is NULL, misaligned or too
 * small. If tjob_flat_open_file fails, there is nothing to close.
 */
int32_t tjob_flat_create_file(const char *path, uint64_t capacity);
int32_t tjob_flat_open_file(void *memory, size_t bytes, const char *path, uint32_t wait_ms);

/* Closes a service, and its file if it has one. No call may be in progress. NULL and a closed service are ignored. */
void tjob_flat_close(tjob_flat *flat);

/* ---- Settings -------------------------------------------------------------------------------------------------- */

/*
 * Sets the policy: the values of a tjob_stop_submitted and a tjob_stop_finished, the time after which a requested stop
 * expires, and the maximum number of compare-and-swaps in one operation. 0 is the default of each. Returns TJOB_OK; or
 * TJOB_MISCONFIGURED if a choice is not a value of its enum, and then changes nothing.
 */
int32_t tjob_flat_set_policy(tjob_flat *flat, uint32_t stop_submitted, uint32_t stop_finished, uint64_t stop_timeout_ms,
                             uint32_t max_attempts);

/*
 * Sets the grammar of ARNs: the value of a tjob_arn_grammar. Returns TJOB_OK; or TJOB_MISCONFIGURED if it is not one,
 * and then changes nothing.
 */
int32_t tjob_flat_set_grammar(tjob_flat *flat, int32_t grammar);

/*
 * Sets a rate limit for the operations of clients on this service, with a full bucket: `requests` every `per_ms`
 * milliseconds, and at most `burst` at once. All 0 removes the limit. Returns TJOB_OK; or TJOB_INVALID_ARGUMENT if only
 * some of them are 0, and then changes nothing.
 */
int32_t tjob_flat_set_limit(tjob_flat *flat, uint32_t requests, uint32_t per_ms, uint32_t burst);

/* Sets the clock. A NULL `callback` means the system clock. It must stay valid until the service is closed. */
void tjob_flat_set_clock(tjob_flat *flat, void *context, tjob_flat_clock callback);

/*
 * Sets the authorizer. A NULL `callback` means that everything is allowed. It must stay valid until the
 * service is closed.
 */
void tjob_flat_set_authorizer(tjob_flat *flat, void *context, tjob_flat_authorize callback);

/* ---- Requests -------------------------------------------------------------------------------------------------- */

/* Returns the size that both buffers of tjob_flat_handle need, in bytes. Pure; thread-safe. */
size_t tjob_flat_answer_bytes(void);

/*
 * Answers a request, as tjob_handle.
 *
 * target, content_type  ranges: the headers X-Amz-Target and Content-Type of the request; empty if it has none.
 * body                  a range: its body. The caller has checked that its method is POST; for another method, pass an
 *                       empty target, and the answer is that of an unknown operation.
 * http_status           receives 200, 400 or 500.
 * headers               receives the headers of the response as a string: lines of "Name: value", each with CR and LF
 *                       at its end. x-amzn-RequestId is not among them: the caller adds it.
 * answer                receives the body of the response, and *answer_bytes its size in bytes.
 * capacity              the size of each of the two buffers, at least tjob_flat_answer_bytes.
 *
 * Returns the status that the response reports: TJOB_OK for a 200, a refusal for a 400, a failure for a 500. Returns
 * TJOB_MISCONFIGURED, does nothing and fills nothing if an output is NULL or `capacity` is too small. It blocks as long
 * as the store does.
 */
int32_t tjob_flat_handle(const tjob_flat *flat, void *user, const char *target, size_t target_bytes,
                         const char *content_type, size_t content_type_bytes, const char *body, size_t body_bytes,
                         int32_t *http_status, char *headers, char *answer, size_t capacity, size_t *answer_bytes);

/* ---- Operations of the host ------------------------------------------------------------------------------------ */

/* The fields of an outcome: indexes of the array that tjob_flat_perform fills. Later versions only add to the end. */
enum {
    TJOB_FLAT_CHANGED = 0, /* the value of a tjob_changed */
    TJOB_FLAT_BEFORE,      /* the value of a tjob_state: the state that the operation found */
    TJOB_FLAT_AFTER,       /* the state that it left */
    /* The record that it left or found, as in tjob_job; 0 if there is none. */
    TJOB_FLAT_HOST_CODE,
    TJOB_FLAT_SUBMIT_TOKEN,
    TJOB_FLAT_INCARNATION,
    TJOB_FLAT_TRAINER_TOKEN,
    TJOB_FLAT_SUBMITTED_MS,
    TJOB_FLAT_TRAINING_STARTED_MS,
    TJOB_FLAT_STOP_REQUESTED_MS,
    TJOB_FLAT_ENDED_MS
};

#define TJOB_FLAT_FIELD_COUNT 11

/*
 * Carries an event to the job that the range `arn` names, as tjob_perform. `event` is the value of a tjob_event_kind,
 * which also decides which of the other arguments matter; 0 for those that do not:
 *
 *   TJOB_SUBMIT                   token (not 0), host_code; incarnation, from tjob_flat_next_incarnation, or 0
 *   TJOB_START                    trainer_token (not 0); incarnation, or 0
 *   TJOB_HALTED, TJOB_COMPLETED, TJOB_COMPLETED_WITH_WARNING, TJOB_FAILED, TJOB_TRAINER_LOST
 *                                 trainer_token, or 0 if no trainer has started; incarnation; failed: host_code
 *   TJOB_STOP_EXPIRED, TJOB_REMOVED
 *                                 incarnation
 *   TJOB_STOP, TJOB_DESCRIBE, TJOB_DELETE
 *                                 incarnation, or 0; these are authorized and admitted first
 *
 * fields  receives the first `count` fields of the outcome, by their index; those that this version does not know
 *         are 0. NULL if no field is wanted.
 *
 * Returns the status of the outcome, with the errors of tjob_perform. `fields` is filled in every case. It blocks as
 * long as the store does.
 */
int32_t tjob_flat_perform(const tjob_flat *flat, void *user, const char *arn, size_t arn_bytes, int32_t event,
                          uint64_t incarnation, uint64_t trainer_token, uint64_t token, uint32_t host_code,
                          uint64_t *fields, size_t count);

/*
 * Reads the incarnation that a submit of this name would begin now, as tjob_next_incarnation, with the same errors.
 * *incarnation is 0 unless TJOB_OK is returned.
 */
int32_t tjob_flat_next_incarnation(const tjob_flat *flat, void *user, const char *arn, size_t arn_bytes,
                                   uint64_t *incarnation);

/* ---- Names and reasons ----------------------------------------------------------------------------------------- */

/*
 * Return the name of a status, such as "not found"; the name of a state, such as "STOP_REQUESTED"; and a problem as a
 * sentence without its full stop. "?" for a value outside the enum. The strings are static and end with NUL. Pure;
 * thread-safe.
 * tjob_flat_problem_text exists on POSIX systems only.
 */
const char *tjob_flat_status_name(int32_t status);
const char *tjob_flat_state_name(int32_t state);
const char *tjob_flat_problem_text(int32_t problem);

/*
 * Returns the latest problem of the file store, as tjob_file_store_problem: why an operation was TJOB_UNAVAILABLE or
 * TJOB_FULL. Returns TJOB_FILE_OK for a service without a file. Exists on POSIX systems only.
 */
int32_t tjob_flat_file_problem(const tjob_flat *flat);

#ifdef __cplusplus
}
#endif

#endif
