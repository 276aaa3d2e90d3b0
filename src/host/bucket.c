#include "tjob/bucket.h"

tjob_admission tjob_bucket_admit(tjob_bucket *bucket, uint64_t now_ms)
{
    uint64_t word = __atomic_load_n(&bucket->word, __ATOMIC_RELAXED);
    /* LCOV_EXCL_BR_START: no test can make threads lose this race just so often */
    for (int attempt = 0; attempt < TJOB_BUCKET_ATTEMPTS_MAX; attempt++) {
        const tjob_limiter_decision decision = tjob_limiter_decide(&bucket->limiter, word, now_ms);
        /*
         * On failure, `word` is the value that another thread has stored. The exchange publishes no other memory:
         * relaxed is enough.
         */
        if (__atomic_compare_exchange_n(&bucket->word, &word, decision.word, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            return decision.admitted ? TJOB_ADMISSION_ADMITTED : TJOB_ADMISSION_THROTTLED;
        }
    }
    /* LCOV_EXCL_BR_STOP */
    return TJOB_ADMISSION_THROTTLED; /* LCOV_EXCL_LINE: as above */
}

static tjob_admission bucket_admit(void *context, void *user, tjob_text arn, const tjob_event *event, uint64_t now_ms)
{
    (void)user;
    (void)arn;
    (void)event;
    return tjob_bucket_admit(context, now_ms);
}

tjob_admitter tjob_bucket_admitter(tjob_bucket *bucket)
{
    return (tjob_admitter){.context = bucket, .admit = bucket_admit};
}
