/* The whole table: every kind of record x event x fence x policy x time, against the reference. */
#include <string.h>

#include "support/suite.h"
#include "tjob/job.h"
#include "unit/core/records.h"
#include "verify/spec/reference.h"

enum { JOBS = POSSIBLE_RECORDS + 1, OTHER = 99, POLICIES = 6 };

static const tjob_policy default_policy;

static tjob_policy policy_number(unsigned number)
{
    return (tjob_policy){.stop_submitted = number % 3, .stop_finished = number / 3};
}

static tjob_transition_result apply(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                    const tjob_policy *policy, tjob_job *next)
{
    memset(next, 0xa5, sizeof *next);
    return tjob_job_apply(job, event, now_ms, policy, next);
}

static unsigned long checked;

/* One result against the reference's, and what must hold of every result. */
static void check(const tjob_job *job, const tjob_event *event, uint64_t now_ms, const tjob_policy *policy)
{
    tjob_job expected_next;
    checked++;
    const tjob_transition_result expected = tjob__reference_apply(job, event, now_ms, policy, &expected_next);
    tjob_job next;
    const tjob_transition_result result = apply(job, event, now_ms, policy, &next);
    const bool agrees = result.status == expected.status && result.changed == expected.changed &&
                        memcmp(&next, &expected_next, sizeof next) == 0;
    if (!agrees) {
        ck_abort_msg("%s of %s (incarnation %u, trainer %u, token %u) with incarnation %u, trainer %u, token %u at "
                     "%llu: %s to %s, not %s to %s",
                     tjob_event_kind_name((tjob_event_kind)event->kind), tjob_state_name((tjob_state)job->state),
                     (unsigned)job->incarnation, (unsigned)job->trainer_token, (unsigned)job->submit_token,
                     (unsigned)event->incarnation, (unsigned)event->trainer_token, (unsigned)event->token,
                     (unsigned long long)now_ms, tjob_status_name(result.status),
                     tjob_state_name((tjob_state)next.state), tjob_status_name(expected.status),
                     tjob_state_name((tjob_state)expected_next.state));
    }
    if (!result.changed) {
        EXPECT(memcmp(&next, job, sizeof next) == 0);
    } else if (next.state != TJOB_ABSENT) {
        EXPECT(tjob_job_validate(&next) == TJOB_JOB_VALID);
    }
    tjob_job in_place = *job;
    const tjob_transition_result again = tjob_job_apply(&in_place, event, now_ms, policy, &in_place);
    EXPECT(again.status == result.status && again.changed == result.changed);
    EXPECT(memcmp(&in_place, &next, sizeof next) == 0);
}

static const uint64_t instants[] = {
    0,
    1,
    SAMPLE_SUBMITTED_MS - 1,
    SAMPLE_STARTED_MS + 1,
    SAMPLE_ENDED_MS,
    SAMPLE_NOW_MS,
    SAMPLE_STOP_MS + TJOB_STOP_TIMEOUT_MS_DEFAULT - 1,
    SAMPLE_STOP_MS + TJOB_STOP_TIMEOUT_MS_DEFAULT,
    UINT64_MAX,
};

enum { INSTANTS = sizeof instants / sizeof instants[0] };

static void check_at_all_instants(const tjob_job *job, const tjob_event *event)
{
    for (unsigned policy = 0; policy < POLICIES; policy++) {
        const tjob_policy chosen = policy_number(policy);
        for (unsigned i = 0; i < INSTANTS; i++) {
            check(job, event, instants[i], &chosen);
        }
    }
}

START_TEST(every_event_does_to_every_record_what_the_table_says)
{
    static const uint64_t incarnations[] = {0, SAMPLE_INCARNATION, OTHER};
    static const uint64_t trainer_tokens[] = {0, SAMPLE_TRAINER, OTHER};
    static const uint64_t tokens[] = {SAMPLE_TOKEN, OTHER};
    const tjob_job job = possible_job((unsigned)_i % JOBS);
    tjob_event event = {.kind = (uint32_t)_i / JOBS, .host_code = 0xfedcba98};
    for (unsigned i = 0; i < 3 * 3 * 2; i++) {
        event.incarnation = incarnations[i % 3];
        event.trainer_token = trainer_tokens[i / 3 % 3];
        event.token = tokens[i / 9];
        if (tjob_event_validate(&event) == TJOB_OK) {
            check_at_all_instants(&job, &event);
        }
    }
}
END_TEST

/* docs/testing.md has this figure. */
START_TEST(every_transition_was_compared)
{
    ck_assert_uint_eq(checked, 192780);
}
END_TEST

START_TEST(a_fence_compares_every_bit)
{
    const tjob_job job = possible_job(1);
    const tjob_event fitting = {
        .kind = TJOB_COMPLETED, .incarnation = job.incarnation, .trainer_token = job.trainer_token};
    const tjob_event submit = {.kind = TJOB_SUBMIT, .token = job.submit_token ^ UINT64_C(1) << _i};
    tjob_event event = fitting;
    event.incarnation ^= UINT64_C(1) << _i;
    check(&job, &event, SAMPLE_NOW_MS, &default_policy);
    event = fitting;
    event.trainer_token ^= UINT64_C(1) << _i;
    check(&job, &event, SAMPLE_NOW_MS, &default_policy);
    check(&job, &submit, SAMPLE_NOW_MS, &default_policy);
}
END_TEST

START_TEST(a_stop_expires_when_the_timeout_of_the_policy_has_passed)
{
    static const uint64_t timeouts[] = {1, 2, 1000, TJOB_STOP_TIMEOUT_MS_DEFAULT, UINT64_MAX};
    tjob_job job = possible_job(2);
    const tjob_event event = {.kind = TJOB_STOP_EXPIRED};
    for (unsigned i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++) {
        const tjob_policy policy = {.stop_timeout_ms = timeouts[i]};
        const uint64_t due_ms = job.stop_requested_ms + timeouts[i];
        check(&job, &event, due_ms - 1, &policy);
        check(&job, &event, due_ms, &policy);
        check(&job, &event, UINT64_MAX, &policy);
    }
    job.stop_requested_ms = UINT64_MAX - 5;
    check(&job, &event, UINT64_MAX, &(tjob_policy){.stop_timeout_ms = 5});
    check(&job, &event, UINT64_MAX, &(tjob_policy){.stop_timeout_ms = 6});
}
END_TEST

START_TEST(an_event_happens_no_earlier_than_what_the_job_bears)
{
    tjob_job job = possible_job((unsigned)_i);
    const tjob_event events[] = {{.kind = TJOB_FAILED, .trainer_token = job.trainer_token},
                                 {.kind = TJOB_STOP},
                                 {.kind = TJOB_START, .trainer_token = SAMPLE_TRAINER},
                                 {.kind = TJOB_DELETE}};
    for (unsigned i = 0; i < sizeof events / sizeof events[0]; i++) {
        for (uint64_t now_ms = SAMPLE_SUBMITTED_MS - 1; now_ms <= SAMPLE_NOW_MS; now_ms += 500) {
            check(&job, &events[i], now_ms, &default_policy);
        }
        tjob_job late = job;
        late.submitted_ms = UINT64_MAX;
        late.training_started_ms = job.training_started_ms != 0 ? UINT64_MAX : 0;
        late.stop_requested_ms = job.stop_requested_ms != 0 ? UINT64_MAX : 0;
        late.ended_ms = job.ended_ms != 0 ? UINT64_MAX : 0;
        check(&late, &events[i], 1, &default_policy);
    }
}
END_TEST

/* Refused as malformed, before it is looked at as stale. */
START_TEST(an_event_that_cannot_be_changes_nothing)
{
    const tjob_event impossible[] = {
        {.kind = TJOB_SUBMIT, .incarnation = OTHER},
        {.kind = TJOB_START, .incarnation = OTHER},
        {.kind = TJOB_EVENT_KIND_COUNT, .incarnation = OTHER, .trainer_token = 1, .token = 1},
        {.kind = UINT32_MAX, .trainer_token = OTHER},
    };
    const tjob_job job = possible_job((unsigned)_i);
    for (unsigned i = 0; i < sizeof impossible / sizeof impossible[0]; i++) {
        tjob_job next;
        const tjob_transition_result result = apply(&job, &impossible[i], SAMPLE_NOW_MS, &default_policy, &next);
        ck_assert(tjob_event_validate(&impossible[i]) != TJOB_OK);
        ck_assert_int_eq(result.status, TJOB_INVALID_ARGUMENT);
        ck_assert(!result.changed);
        ck_assert_mem_eq(&next, &job, sizeof job);
    }
}
END_TEST

START_TEST(a_state_that_cannot_be_changes_nothing)
{
    static const uint32_t states[] = {TJOB_STATE_COUNT, TJOB_STATE_COUNT + 1, 256, UINT32_MAX};
    for (unsigned i = 0; i < sizeof states / sizeof states[0]; i++) {
        tjob_job job = possible_job(0);
        tjob_job next;
        job.state = states[i];
        const tjob_event event = {.kind = (uint32_t)_i, .trainer_token = SAMPLE_TRAINER, .token = SAMPLE_TOKEN};
        const tjob_transition_result result = apply(&job, &event, SAMPLE_NOW_MS, &default_policy, &next);
        ck_assert_int_eq(result.status, TJOB_INVALID_ARGUMENT);
        ck_assert(!result.changed);
        ck_assert_mem_eq(&next, &job, sizeof job);
    }
}
END_TEST

START_TEST(only_what_can_be_is_an_event)
{
    for (uint32_t kind = 0; kind < TJOB_EVENT_KIND_COUNT + 3; kind++) {
        const tjob_event bare = {.kind = kind};
        const tjob_event full = {.kind = kind, .trainer_token = 1, .token = 1};
        ck_assert((tjob_event_validate(&bare) == TJOB_OK) ==
                  (kind < TJOB_EVENT_KIND_COUNT && kind != TJOB_SUBMIT && kind != TJOB_START));
        ck_assert((tjob_event_validate(&full) == TJOB_OK) == (kind < TJOB_EVENT_KIND_COUNT));
    }
    ck_assert_int_eq(tjob_event_validate(&(tjob_event){.kind = TJOB_SUBMIT, .trainer_token = 1}),
                     TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_event_validate(&(tjob_event){.kind = TJOB_START, .token = 1}), TJOB_INVALID_ARGUMENT);
}
END_TEST

START_TEST(only_what_can_be_is_a_policy)
{
    for (uint32_t submitted = 0; submitted < 5; submitted++) {
        for (uint32_t finished = 0; finished < 4; finished++) {
            const tjob_policy policy = {.stop_submitted = submitted, .stop_finished = finished};
            ck_assert((tjob_policy_validate(&policy) == TJOB_OK) == (submitted < 3 && finished < 2));
        }
    }
    ck_assert_int_eq(tjob_policy_validate(&(tjob_policy){.stop_submitted = UINT32_MAX}), TJOB_MISCONFIGURED);
    ck_assert_int_eq(tjob_policy_validate(&(tjob_policy){.stop_finished = UINT32_MAX}), TJOB_MISCONFIGURED);
    ck_assert_int_eq(tjob_policy_validate(&(tjob_policy){.stop_timeout_ms = UINT64_MAX, .max_attempts = UINT32_MAX}),
                     TJOB_OK);
}
END_TEST

RUN_TESTS("lifecycle", {every_event_does_to_every_record_what_the_table_says, JOBS *TJOB_EVENT_KIND_COUNT},
          {every_transition_was_compared, 0}, {a_fence_compares_every_bit, 64},
          {a_stop_expires_when_the_timeout_of_the_policy_has_passed, 0},
          {an_event_happens_no_earlier_than_what_the_job_bears, JOBS}, {an_event_that_cannot_be_changes_nothing, JOBS},
          {a_state_that_cannot_be_changes_nothing, TJOB_EVENT_KIND_COUNT}, {only_what_can_be_is_an_event, 0},
          {only_what_can_be_is_a_policy, 0})
