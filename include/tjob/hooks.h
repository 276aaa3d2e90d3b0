/* Authorization, admission and observation, as a host plugs them in; each is optional. */
#ifndef TJOB_HOOKS_H
#define TJOB_HOOKS_H

#include <stdint.h>

#include "tjob/operation.h"
#include "tjob/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * In each hook `context` is the hook's own, `user` the caller's own pointer as in tjob_store, `arn` a valid ARN and
 * `event` what is to happen to it; both are valid during the call only. Hooks must be thread-safe if the host calls
 * from several threads.
 */

/* Decides whether the caller may do this to that job. Asked first, for operations of clients only. */
typedef struct tjob_authorizer {
    void *context;
    tjob_authorization (*authorize)(void *context, void *user, tjob_text arn, const tjob_event *event);
} tjob_authorizer;

/* Decides whether there is room for one more request now. Asked second, for operations of clients only. */
typedef struct tjob_admitter {
    void *context;
    tjob_admission (*admit)(void *context, void *user, tjob_text arn, const tjob_event *event, uint64_t now_ms);
} tjob_admitter;

/* Is told how every operation ended, before its caller is: for logs and metrics. It must not change what it sees. */
typedef struct tjob_observer {
    void *context;
    void (*observe)(void *context, void *user, tjob_text arn, const tjob_event *event, const tjob_outcome *outcome);
} tjob_observer;

#ifdef __cplusplus
}
#endif

#endif
