#include "host/server/deadline.h"

connection_verdict tjob__connection_decide(connection_stage stage, uint64_t since_ms, uint64_t now_ms,
                                           const connection_limits *limits)
{
    const uint64_t age_ms = now_ms > since_ms ? now_ms - since_ms : 0;
    switch (stage) {
    case STAGE_NEW:
        return limits->draining || age_ms > limits->request_ms ? CONNECTION_READS_NO_MORE : CONNECTION_STAYS;
    case STAGE_IDLE:
        /* Nobody says when the first byte of a request line has come: perhaps at the end of the idle time. */
        return limits->draining || age_ms > (uint64_t)limits->idle_ms + limits->request_ms ? CONNECTION_READS_NO_MORE
                                                                                           : CONNECTION_STAYS;
    case STAGE_ARRIVING:
        return age_ms > limits->request_ms ? CONNECTION_READS_NO_MORE : CONNECTION_STAYS;
    case STAGE_ANSWERING:
        return age_ms > limits->request_ms ? CONNECTION_IS_CUT : CONNECTION_STAYS;
    default:
        return CONNECTION_STAYS; /* the store takes its time */
    }
}
