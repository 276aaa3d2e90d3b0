/* A rate limiter that threads can share: one rate for a whole service, ready to plug in. */
#ifndef TJOB_BUCKET_H
#define TJOB_BUCKET_H

#include <stdint.h>

#include "tjob/hooks.h"
#include "tjob/limiter.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A token bucket in the caller's memory. Zero it, then set `limiter`. While it is in use, do not copy it and do not
 * change `limiter`. For a rate per account or per caller, keep one bucket for each, and choose between them in an
 * admitter of your own.
 */
typedef struct tjob_bucket {
    tjob_limiter limiter;
    uint64_t word; /* the limiter's word, accessed atomically */
} tjob_bucket;

/*
 * The maximum number of attempts at one decision while other threads decide at the same time. After the last one the
 * request is throttled.
 */
#define TJOB_BUCKET_ATTEMPTS_MAX 1000

/*
 * Decides atomically on one request at `now_ms`, in Unix milliseconds. Returns TJOB_ADMISSION_ADMITTED or
 * TJOB_ADMISSION_THROTTLED. A time that is older than those of other threads adds no room, as tjob_limiter_decide
 * explains. Lock-free; thread-safe.
 */
tjob_admission tjob_bucket_admit(tjob_bucket *bucket, uint64_t now_ms);

/* Returns the bucket as a hook for tjob_service.admitter. The bucket must outlive the service. Pure; thread-safe. */
tjob_admitter tjob_bucket_admitter(tjob_bucket *bucket);

#ifdef __cplusplus
}
#endif

#endif
