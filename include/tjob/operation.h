/* One operation on one job, as a value that asks and is answered: the state machine that every driver runs. */
#ifndef TJOB_OPERATION_H
#define TJOB_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "tjob/job.h"
#include "tjob/status.h"
#include "tjob/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The request that an operation is waiting for an answer to. */
typedef enum tjob_ask {
    TJOB_ASK_AUTHORIZE = 0, /* is this caller allowed to do this? Answer with tjob_operation_authorized */
    TJOB_ASK_ADMIT,         /* is there room under the rate limit? Answer with tjob_operation_admitted */
    TJOB_ASK_LOAD,          /* load the record; answer with tjob_operation_loaded */
    TJOB_ASK_SWAP,          /* swap tjob_operation_next against operation.version; answer with tjob_operation_swapped */
    TJOB_ASK_NOTHING        /* done: see tjob_operation_outcome */
} tjob_ask;

/* The answer to TJOB_ASK_AUTHORIZE. */
typedef enum tjob_authorization {
    TJOB_AUTHORIZATION_ALLOWED = 0,
    TJOB_AUTHORIZATION_DENIED,
    TJOB_AUTHORIZATION_UNAVAILABLE /* no decision is possible now: the operation fails, and nothing is changed */
} tjob_authorization;

/* The answer to TJOB_ASK_ADMIT. */
typedef enum tjob_admission { TJOB_ADMISSION_ADMITTED = 0, TJOB_ADMISSION_THROTTLED } tjob_admission;

/* Whether an operation changed the record. */
typedef enum tjob_changed {
    TJOB_CHANGED_NO = 0,
    TJOB_CHANGED_YES,
    TJOB_CHANGED_UNKNOWN /* an answer was lost: it may have, or (with TJOB_UNRESOLVED) may yet, at most once */
} tjob_changed;

/* Returns the name of a value: "no", "yes" or "unknown"; "?" outside the enum. The string is static. Thread-safe. */
const char *tjob_changed_name(tjob_changed changed);

/* The result of an operation. */
typedef struct tjob_outcome {
    tjob_status status;
    tjob_changed changed;
    tjob_state before; /* the state that the operation found; TJOB_ABSENT if it failed, or ended without a load */
    tjob_state after;  /* the state that it left; if it changed nothing, the state that it found */
    tjob_job job;      /* the record that it left or found; all zero if there is none, and after a failure */
} tjob_outcome;

/*
 * An operation in progress: a plain value without pointers or padding. It may be copied, compared as bytes, stored, and
 * dropped between any two steps. It does not contain the ARN; its driver keeps that. Callers may read `ask` and
 * `version`; the other fields are private to the functions below. Two threads must not resume the same value at once.
 */
typedef struct tjob_operation {
    tjob_event event;
    tjob_job job;         /* the loaded record; while it asks to swap, the next record */
    uint64_t version;     /* the loaded version, which the swap expects */
    uint64_t incarnation; /* the loaded incarnation */
    uint32_t attempts;    /* the number of swaps asked for so far */
    uint8_t ask;          /* a tjob_ask */
    uint8_t status;       /* a tjob_status, once done */
    uint8_t changed;      /* a tjob_changed, once done */
    uint8_t before;       /* the loaded tjob_state */
    uint8_t lost;         /* 1 from the first TJOB_SWAP_UNKNOWN on */
    uint8_t unused[7];    /* always 0 */
} tjob_operation;

/* The maximum of sizeof(tjob_operation), in bytes, in every version of the library. */
#define TJOB_OPERATION_BYTES_MAX 192

/*
 * Begins the operation that carries `event` to a job, and sets every byte of *operation. The operations of clients
 * (stop, describe, delete) ask for authorization, then for admission, then for a load; the operations of the host ask
 * for a load at once. If the event fails tjob_event_validate, the operation is done at once, with
 * TJOB_INVALID_ARGUMENT. Pure; thread-safe.
 */
void tjob_operation_begin(tjob_operation *operation, const tjob_event *event);

/* Returns whether an operation of this kind is a client's: stop, describe or delete. Pure; thread-safe. */
bool tjob_operation_is_of_client(tjob_event_kind kind);

/*
 * The answers. Each function resumes an operation that asks for this answer, and does not change one that asks for
 * something else. The policy must be the same in all steps of one operation; the operation does not keep it. Pure;
 * thread-safe for different operations; constant time.
 *
 * An answer outside its enum counts as the safest one: denied, throttled, TJOB_LOAD_UNAVAILABLE, TJOB_SWAP_UNKNOWN.
 */
void tjob_operation_authorized(tjob_operation *operation, tjob_authorization answer);
void tjob_operation_admitted(tjob_operation *operation, tjob_admission answer);

/*
 * Answers a load. `job` is read only if `answer` is TJOB_LOAD_OK; `version` is read unless `answer` is
 * TJOB_LOAD_UNAVAILABLE. A record that fails tjob_job_validate, and an absence with version UINT64_MAX, count as
 * TJOB_LOAD_UNAVAILABLE; but if the version is the one that a lost swap expected, it alone counts. `now_ms` is
 * the time of the event, in Unix milliseconds, if the event happens.
 */
void tjob_operation_loaded(tjob_operation *operation, const tjob_policy *policy, tjob_load_status answer,
                           const tjob_job *job, uint64_t version, uint64_t now_ms);

/*
 * Answers a swap.
 *
 *  - OK: the operation is done, with TJOB_OK.
 *  - CONFLICT: it loads again, up to policy.max_attempts swaps; then it ends with TJOB_CONTENDED.
 *  - FULL, UNAVAILABLE: it is done, with TJOB_FULL or TJOB_UNAVAILABLE.
 *  - UNKNOWN: it loads again. While the version that the swap expected still stands, it asks for the same swap again,
 *    of which at most one is applied. If the version has moved within the same incarnation, it calls the transition
 *    function again, where the effect of the lost swap shows as "unchanged". It never touches another incarnation. From
 *    the first UNKNOWN on, it ends only with TJOB_OK, where changed is TJOB_CHANGED_UNKNOWN unless a later swap is
 *    acknowledged, or with TJOB_UNRESOLVED.
 */
void tjob_operation_swapped(tjob_operation *operation, tjob_swap_status answer);

/*
 * Returns the record to swap in, or NULL to remove the record. It points into *operation, and is valid until the
 * operation is resumed. Returns NULL as well if the operation does not ask to swap. Pure; thread-safe.
 */
const tjob_job *tjob_operation_next(const tjob_operation *operation);

/*
 * Returns the outcome of an operation that is done. For any other operation, returns an outcome with the status
 * TJOB_UNRESOLVED. Pure; thread-safe.
 */
tjob_outcome tjob_operation_outcome(const tjob_operation *operation);

#ifdef __cplusplus
}
#endif

#endif
