/* A limiter that threads share: one rate for a whole service, ready to plug in. */
#ifndef TJOB_BUCKET_H
#define TJOB_BUCKET_H

#include <stdint.h>

#include "tjob/hooks.h"
#include "tjob/limiter.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A token bucket in the caller's memory. Zero it and set `limiter`; while it is in use, do not copy it, nor change
 * `limiter`. For a rate by account or by caller, keep a bucket for each and choose between them in an admitter of your
 * own.
 */
typedef struct tjob_bucket {
    tjob_limiter limiter;
    uint64_t word; /* the limiter's word, accessed atomically */
} tjob_bucket;

/* How often a decision is tried again when other threads decide at the same time; then it is "throttled". */
#define TJOB_BUCKET_ATTEMPTS_MAX 1000

/*
 * Decides on one request at `now_ms`, atomically. A time older than those of other threads adds no room, as
 * tjob_limiter_decide says. Lock-free; thread-safe.
 */
tjob_admission tjob_bucket_admit(tjob_bucket *bucket, uint64_t now_ms);

/* The bucket as a hook for tjob_service.admitter. The bucket must outlive the service. */
tjob_admitter tjob_bucket_admitter(tjob_bucket *bucket);

#ifdef __cplusplus
}
#endif

#endif
