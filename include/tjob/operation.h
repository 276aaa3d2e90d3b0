/* One operation on one job, as a value that asks and is answered: the machine that every driver runs. */
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

/* What an operation waits for. */
typedef enum tjob_ask {
    TJOB_ASK_AUTHORIZE = 0, /* may this caller do this? Answer with tjob_operation_authorized */
    TJOB_ASK_ADMIT,         /* is there room under the rate limit? Answer with tjob_operation_admitted */
    TJOB_ASK_LOAD,          /* load the record; answer with tjob_operation_loaded */
    TJOB_ASK_SWAP,          /* swap tjob_operation_next against operation.version; answer with tjob_operation_swapped */
    TJOB_ASK_NOTHING        /* done: see tjob_operation_outcome */
} tjob_ask;

typedef enum tjob_authorization {
    TJOB_AUTHORIZATION_ALLOWED = 0,
    TJOB_AUTHORIZATION_DENIED,
    TJOB_AUTHORIZATION_UNAVAILABLE /* it cannot be told now: the operation fails, with nothing changed */
} tjob_authorization;

typedef enum tjob_admission { TJOB_ADMISSION_ADMITTED = 0, TJOB_ADMISSION_THROTTLED } tjob_admission;

/* Whether an operation changed the record. */
typedef enum tjob_changed {
    TJOB_CHANGED_NO = 0,
    TJOB_CHANGED_YES,
    TJOB_CHANGED_UNKNOWN /* an answer was lost: it may have, or (with TJOB_UNRESOLVED) may yet, at most once */
} tjob_changed;

/* How an operation ended. */
typedef struct tjob_outcome {
    tjob_status status;
    tjob_changed changed;
    tjob_state before; /* the state that the operation found; TJOB_ABSENT where it failed or never came to look */
    tjob_state after;  /* the state that it left, or found where it changed nothing */
    tjob_job job;      /* the record that it left or found; all zero where there is none, and after a failure */
} tjob_outcome;

/*
 * An operation under way: a plain value without pointers or padding, which may be copied, compared as bytes, stored, and
 * dropped between any two steps. The ARN is not in it: its driver keeps that. Read `ask` and `version`; leave the other
 * fields to the functions below. The same value may not be resumed by two threads at once.
 */
typedef struct tjob_operation {
    tjob_event event;
    tjob_job job;         /* the record loaded; while it asks to swap, the next one */
    uint64_t version;     /* the version loaded, which the swap expects */
    uint64_t incarnation; /* the incarnation loaded */
    uint32_t attempts;    /* swaps asked for so far */
    uint8_t ask;          /* a tjob_ask */
    uint8_t status;       /* a tjob_status, once done */
    uint8_t changed;      /* a tjob_changed, once done */
    uint8_t before;       /* the tjob_state loaded */
    uint8_t lost;         /* 1 from the first TJOB_SWAP_UNKNOWN on */
    uint8_t unused[7];    /* always 0 */
} tjob_operation;

/* The most that sizeof(tjob_operation) may become in any version of the library. */
#define TJOB_OPERATION_BYTES_MAX 192

/*
 * Begins the operation that carries `event` to a job, and sets every byte of it. The operations of clients (stop,
 * describe, delete) ask to be authorized, then to be admitted, then to load; the host's own ask to load at once. An
 * event that fails tjob_event_validate is done at once, with TJOB_INVALID_ARGUMENT.
 */
void tjob_operation_begin(tjob_operation *operation, const tjob_event *event);

/* Whether an operation of this kind is a client's: stop, describe and delete. */
bool tjob_operation_is_of_client(tjob_event_kind kind);

/*
 * The answers. Each resumes an operation that asks for it, and leaves one that asks for something else as it was. The
 * policy must be the same for all steps of one operation; it is not kept. Pure; never block; constant time.
 *
 * An answer outside its enum counts as the safest one: denied, throttled, TJOB_LOAD_UNAVAILABLE, TJOB_SWAP_UNKNOWN.
 */
void tjob_operation_authorized(tjob_operation *operation, tjob_authorization answer);
void tjob_operation_admitted(tjob_operation *operation, tjob_admission answer);

/*
 * Answers a load. `job` is read only if `answer` is TJOB_LOAD_OK, `version` unless it is TJOB_LOAD_UNAVAILABLE. A record
 * that fails tjob_job_validate, and an absence of version UINT64_MAX, count as TJOB_LOAD_UNAVAILABLE. `now_ms` is when the
 * event happens if it does.
 */
void tjob_operation_loaded(tjob_operation *operation, const tjob_policy *policy, tjob_load_status answer,
                           const tjob_job *job, uint64_t version, uint64_t now_ms);

/*
 * Answers a swap.
 *
 *  - OK: done, TJOB_OK.
 *  - CONFLICT: loads again, up to policy.max_attempts swaps; then TJOB_CONTENDED.
 *  - FULL, UNAVAILABLE: done, TJOB_FULL or TJOB_UNAVAILABLE.
 *  - UNKNOWN: loads again. While the version that it swapped against stands, it swaps the very same record again (at most
 *    one of the two lands); in the same incarnation of another version it goes by the rule again, where the effect of the lost
 *    swap shows as "unchanged"; it never touches another incarnation. From the first UNKNOWN on it ends only in TJOB_OK, with
 *    changed = unknown unless a later swap is acknowledged, or in TJOB_UNRESOLVED.
 */
void tjob_operation_swapped(tjob_operation *operation, tjob_swap_status answer);

/*
 * What to swap in: the next record, or NULL to remove it; valid until the operation is resumed. NULL as well if the
 * operation does not ask to swap.
 */
const tjob_job *tjob_operation_next(const tjob_operation *operation);

/* The outcome of an operation that asks for nothing any more; of any other, TJOB_UNRESOLVED. */
tjob_outcome tjob_operation_outcome(const tjob_operation *operation);

#ifdef __cplusplus
}
#endif

#endif
