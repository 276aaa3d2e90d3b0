/* The result of a call. */
#ifndef TJOB_STATUS_H
#define TJOB_STATUS_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The result of an operation on a job. The order of the values is part of the promise; it makes three groups:
 *
 *  - TJOB_OK: the operation is done, and what it promises survives any crash. On the wire: a 200.
 *  - The refusals, up to TJOB_UNKNOWN_OPERATION: this request changed nothing and never will. On the wire: a 400.
 *  - The failures, from TJOB_MISCONFIGURED on. On the wire: a 500. tjob_outcome.changed says whether the request
 *    changed something; only TJOB_UNRESOLVED leaves that open.
 */
typedef enum tjob_status {
    TJOB_OK = 0,

    TJOB_INVALID_ARGUMENT,  /* an argument, an event or a request is malformed */
    TJOB_NOT_FOUND,         /* there is no job of this name */
    TJOB_IN_USE,            /* submit: the name is taken; delete: the job is active */
    TJOB_STALE,             /* the event carries an incarnation or a trainer token that is not the job's */
    TJOB_WRONG_STATE,       /* this event is not possible in the state of the job */
    TJOB_REFUSED_BY_POLICY, /* the host's policy refuses a stop in this state */
    TJOB_ACCESS_DENIED,     /* the host's authorization refused */
    TJOB_THROTTLED,         /* the host's admission refused; try again later */
    TJOB_UNKNOWN_OPERATION, /* the request is for none of this library's operations */

    TJOB_MISCONFIGURED, /* the host left out a callback, or its policy is invalid */
    TJOB_UNAVAILABLE,   /* storage or authorization failed, or storage returned an invalid record; nothing changed */
    TJOB_FULL,          /* storage has no room for a new job; nothing changed */
    TJOB_CONTENDED,     /* every attempt met a conflict; nothing changed */
    TJOB_UNRESOLVED     /* an answer of storage was lost: the change may have happened, or may yet, at most once */
} tjob_status;

#define TJOB_STATUS_COUNT 15

/*
 * Returns whether a status is a refusal: the request changed nothing and never will. False outside the enum. Pure;
 * thread-safe.
 */
bool tjob_status_is_refusal(tjob_status status);

/*
 * Returns whether a status is a failure: the service's fault, not the caller's. True outside the enum. Pure;
 * thread-safe.
 */
bool tjob_status_is_failure(tjob_status status);

/*
 * Returns the name of a status in lower case with spaces, such as "not found"; "?" outside the enum. The string is
 * static. Thread-safe.
 */
const char *tjob_status_name(tjob_status status);

#ifdef __cplusplus
}
#endif

#endif
