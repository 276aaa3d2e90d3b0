/* What a call tells where nothing is known of the job. */
#include "support/jobs.h"
#include "support/suite.h"
#include "verify/belief.h"

static const tjob_policy policy;

static bool believe(const tjob_call *call, struct belief_step *step)
{
    const struct belief anything = belief_of_anything();
    return belief_step(&anything, call, READ_ANSWER, 0, &policy, step);
}

START_TEST(where_nothing_is_known_a_call_tells_what_it_tells)
{
    struct belief_step step;
    const struct belief anything = belief_of_anything();
    const struct belief absent = belief_absent();
    tjob_call call = {.event = {.kind = TJOB_STOP}, .outcome = {.status = TJOB_OK}, .told = 0};
    ck_assert(believe(&call, &step)); /* a stop that succeeded: nothing of the record is told */
    ck_assert_mem_eq(&step.next, &anything, sizeof anything);
    call.outcome.status = TJOB_NOT_FOUND;
    ck_assert(believe(&call, &step));
    ck_assert_mem_eq(&step.next, &absent, sizeof absent);
    call = (tjob_call){.event = {.kind = TJOB_REMOVED}, .outcome = {.status = TJOB_OK}, .told = TJOB_TOLD_JOB};
    ck_assert(believe(&call, &step)); /* that there is no record is told */
    ck_assert_mem_eq(&step.next, &absent, sizeof absent);
    call = (tjob_call){.event = {.kind = TJOB_DESCRIBE}, .outcome = {.status = TJOB_OK}, .told = TJOB_TOLD_JOB};
    call.outcome.job = sample_job(TJOB_TRAINING);
    ck_assert(believe(&call, &step));
    ck_assert_mem_eq(&step.next.job, &call.outcome.job, sizeof call.outcome.job);
}
END_TEST

RUN_TESTS("belief", {where_nothing_is_known_a_call_tells_what_it_tells, 0})
