#include "host/server/deadline.h"

#include "tjob/server.h"

/* How long a connection without a request may live. */
static uint64_t deadline_without_request(connection_stage stage, const connection_limits *limits)
{
    const uint32_t most_ms = stage == STAGE_IDLE ? limits->idle_ms : limits->request_ms;
    return limits->crowded && most_ms > TJOB_SERVER_CROWDED_MS ? TJOB_SERVER_CROWDED_MS : most_ms;
}

connection_verdict tjob__connection_decide(connection_stage stage, uint64_t since_ms, uint64_t now_ms,
                                           const connection_limits *limits)
{
    const uint64_t age_ms = now_ms > since_ms ? now_ms - since_ms : 0;
    switch (stage) {
    case STAGE_NEW:
    case STAGE_IDLE:
        return limits->draining || age_ms > deadline_without_request(stage, limits) ? CONNECTION_READS_NO_MORE
                                                                                    : CONNECTION_STAYS;
    case STAGE_ARRIVING:
        return age_ms > limits->request_ms ? CONNECTION_READS_NO_MORE : CONNECTION_STAYS;
    case STAGE_ANSWERING:
        return age_ms > limits->request_ms ? CONNECTION_IS_CUT : CONNECTION_STAYS;
    default:
        return CONNECTION_STAYS; /* the store takes its time */
    }
}
