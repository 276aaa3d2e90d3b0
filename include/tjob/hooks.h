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
 * the call. Hooks must be thread-safe if the host calls from several threads.
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

/*
 * Receives the outcome of every operation, before the caller does: for logs and metrics. It must not change anything
 * that it receives.
 */
typedef struct tjob_observer {
    void *context;
    void (*observe)(void *context, void *user, tjob_text arn, const tjob_event *event, const tjob_outcome *outcome);
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
