/* How a call ended. */
#ifndef TJOB_STATUS_H
#define TJOB_STATUS_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * How an operation on a job ended. The order is the promise:
 *
 *  - TJOB_OK: done; what it promises survives any crash.
 *  - the refusals, up to TJOB_UNKNOWN_OPERATION: this request changed nothing and never will. On the wire: a 400.
 *  - the failures, from TJOB_MISCONFIGURED on: on the wire a 500. Whether the request changed something is told by
 *    tjob_outcome.changed; only TJOB_UNRESOLVED leaves it open.
 */
typedef enum tjob_status {
    TJOB_OK = 0,

    TJOB_INVALID_ARGUMENT,  /* an argument, an event or a request is malformed */
    TJOB_NOT_FOUND,         /* there is no job of this name */
    TJOB_IN_USE,            /* submit: the name is taken; delete: the job is active */
    TJOB_STALE,             /* the event carries an incarnation or a trainer that is not the job's */
    TJOB_WRONG_STATE,       /* the job is in no state in which this event can happen */
    TJOB_REFUSED_BY_POLICY, /* the host's policy refuses a stop in this state */
    TJOB_ACCESS_DENIED,     /* the host's authorization refused */
    TJOB_THROTTLED,         /* the host's admission refused; try again later */
    TJOB_UNKNOWN_OPERATION, /* a request that is not one of this library's operations */

    TJOB_MISCONFIGURED, /* the host left out a callback or gave a policy that cannot be */
    TJOB_UNAVAILABLE,   /* storage or authorization failed, or storage gave a record that cannot be; nothing changed */
    TJOB_FULL,          /* storage has no room for a new job; nothing changed */
    TJOB_CONTENDED,     /* every attempt met a conflict; nothing changed */
    TJOB_UNRESOLVED     /* an answer of the storage was lost: the change may have happened, or may yet, at most once */
} tjob_status;

#define TJOB_STATUS_COUNT 15

/* Whether a status is a refusal: the request changed nothing and never will. False for a value outside the enum. */
bool tjob_status_is_refusal(tjob_status status);

/* Whether a status is a failure: the service's fault, not the caller's. True for a value outside the enum. */
bool tjob_status_is_failure(tjob_status status);

/* The name of a status in lower case with spaces, such as "not found"; "?" for a value outside the enum. Static. */
const char *tjob_status_name(tjob_status status);

#ifdef __cplusplus
}
#endif

#endif
