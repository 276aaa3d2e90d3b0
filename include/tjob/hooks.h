/* The hooks for authorization, admission, observation and description that a host supplies; each is optional. */
#ifndef TJOB_HOOKS_H
#define TJOB_HOOKS_H

#include <stddef.h>
#include <stdint.h>

#include "tjob/operation.h"
#include "tjob/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * In each hook, `context` is the hook's own pointer, `user` is the caller's pointer as in tjob_store, `arn` is a valid
 * ARN, and `event` is the event that the operation carries to that job. What the pointers lead to is valid only during
 * the call. Hooks run on the thread of the caller, and must be thread-safe if the host calls from several threads.
 */

/* Decides whether the caller may do this to that job. It is called first, and only for operations of clients. */
typedef struct tjob_authorizer {
    void *context;
    tjob_authorization (*authorize)(void *context, void *user, tjob_text arn, const tjob_event *event);
} tjob_authorizer;

/*
 * Decides whether the rate limit has room for one more request at `now_ms`, in Unix milliseconds. It is called second,
 * and only for operations of clients.
 */
typedef struct tjob_admitter {
    void *context;
    tjob_admission (*admit)(void *context, void *user, tjob_text arn, const tjob_event *event, uint64_t now_ms);
} tjob_admitter;

/* What an observer receives when an operation begins and when it ends, and for a request that tjob_handle rejected. */
typedef struct tjob_span {
    tjob_text arn;               /* the job; empty for a rejected request */
    const tjob_event *event;     /* the event, as the caller gave it; NULL for a rejected request */
    const tjob_outcome *outcome; /* how it ended; NULL when it begins */
    uint32_t loads;              /* the number of loads so far; the conflicts and lost answers repeat them */
    uint32_t swaps;              /* the number of swaps so far: attempts to change the record */
    uint32_t conflicts;          /* swaps answered with TJOB_SWAP_CONFLICT */
    uint32_t lost_answers;       /* swaps answered with TJOB_SWAP_UNKNOWN */
} tjob_span;

/*
 * Observes every operation of a service: for logs, metrics and traces. Each callback is optional.
 *
 * began  is called before everything else, authorization included.
 * ended  is called last, before the caller gets the outcome. It is also called, without `began`, for a request that
 *        tjob_handle rejected as malformed or unknown; the outcome then has its status, and there is no event.
 *
 * `tag` points to a word of the observer's own: 0 at the beginning of an operation, and at its end what `began` left
 * there, such as the time, or the number of a line in a log. The callbacks must not change anything else that they
 * receive. They may block, and the caller waits for them. They must not call the service for the same job: an operation
 * is in progress when `began` is called, and a call inside `ended` would end before the operation that it follows.
 *
 * Not observed: calls that are refused before any callback (an invalid service, ARN or event), and
 * tjob_next_incarnation. If the answer to a describe does not fit, tjob_handle returns TJOB_MISCONFIGURED although the
 * observer received TJOB_OK, because the operation itself succeeded.
 */
typedef struct tjob_observer {
    void *context;
    void (*began)(void *context, void *user, const tjob_span *span, uint64_t *tag);
    void (*ended)(void *context, void *user, const tjob_span *span, uint64_t *tag);
} tjob_observer;

/*
 * Adds further members of EntityRecognizerProperties, which only the host knows, to the answer to describe. It is
 * called by tjob_handle alone, after the operation. It writes JSON text without braces, such as
 * "\"LanguageCode\":\"en\"", to `members`, at most `capacity` bytes, and returns the number of bytes: 0 for none; more
 * than `capacity` if they do not fit, and then the answer is a 500. `members` is all zero before the call. The text
 * must not repeat a member that the library writes. `job` is the record that was found.
 */
typedef struct tjob_describer {
    void *context;
    size_t (*describe)(void *context, void *user, tjob_text arn, const tjob_job *job, char *members, size_t capacity);
} tjob_describer;

#ifdef __cplusplus
}
#endif

#endif
