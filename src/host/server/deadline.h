/* How long a connection may live: a function of what it does, since when, and the time. */
#ifndef TJOB_HOST_SERVER_DEADLINE_H
#define TJOB_HOST_SERVER_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

/* What a connection does. A request begins when its request line has arrived. */
typedef enum connection_stage {
    STAGE_NEW,       /* it was accepted, or the first byte of the next request has arrived; no request line has */
    STAGE_IDLE,      /* nothing has arrived since the answer before was sent */
    STAGE_ARRIVING,  /* a request is arriving */
    STAGE_HANDLING,  /* the service has the request */
    STAGE_ANSWERING, /* the answer is on its way */
} connection_stage;

typedef struct connection_limits {
    uint32_t idle_ms;
    uint32_t request_ms;
    bool draining;
    bool crowded; /* few places are free: who has no request waits no longer than TJOB_SERVER_CROWDED_MS */
} connection_limits;

typedef enum connection_verdict {
    CONNECTION_STAYS,
    CONNECTION_READS_NO_MORE, /* what has arrived is still answered */
    CONNECTION_IS_CUT,
} connection_verdict;

/* Decides on a connection that is in a stage since `since_ms`. A time before that counts as that. Pure. */
connection_verdict tjob__connection_decide(connection_stage stage, uint64_t since_ms, uint64_t now_ms,
                                           const connection_limits *limits);

#endif
