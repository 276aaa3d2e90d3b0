/* What one call reports of a job: where nothing is known of it, where some of it is, and where all is. */
#include "support/jobs.h"
#include "support/suite.h"
#include "support/history_calls.h"
#include "verify/history/abstract_state.h"
#include "verify/spec/reference.h"

static const tjob_policy policy;

static bool believe(const tjob_call *call, struct abstract_step *step)
{
    const struct abstract_state anything = tjob__abstract_state_of_anything();
    return tjob__abstract_state_step(&anything, call, READ_ANSWER, 0, &policy, step);
}

START_TEST(where_nothing_is_known_a_call_reports_what_it_reports)
{
    struct abstract_step step;
    const struct abstract_state anything = tjob__abstract_state_of_anything();
    const struct abstract_state absent = tjob__abstract_state_absent();
    tjob_call call = {.event = {.kind = TJOB_STOP}, .outcome = {.status = TJOB_OK}, .known = 0};
    ck_assert(believe(&call, &step)); /* a stop that succeeded: there is a job, and it does not train */
    ck_assert_uint_eq(tjob__abstract_state_states(&step.next),
                      tjob__abstract_state_states(&anything) &
                          ~(1u << TJOB_ABSENT | 1u << TJOB_SUBMITTED | 1u << TJOB_TRAINING));
    call.outcome.status = TJOB_NOT_FOUND;
    ck_assert(believe(&call, &step));
    ck_assert_mem_eq(&step.next, &absent, sizeof absent);
    call = (tjob_call){.event = {.kind = TJOB_REMOVED}, .outcome = {.status = TJOB_OK}, .known = TJOB_KNOWN_JOB};
    ck_assert(believe(&call, &step)); /* that there is no record is reported */
    ck_assert_mem_eq(&step.next, &absent, sizeof absent);
    call = (tjob_call){.event = {.kind = TJOB_DESCRIBE}, .outcome = {.status = TJOB_OK}, .known = TJOB_KNOWN_JOB};
    call.outcome.job = sample_job(TJOB_TRAINING);
    ck_assert(believe(&call, &step));
    ck_assert_mem_eq(&step.next.job, &call.outcome.job, sizeof call.outcome.job);
}
END_TEST

/* ---- What is known in part ------------------------------------------------------------------------------------- */

enum { OTHER_INCARNATION = 5 };

/* A job in a state, of which some is not known: what is not known stands as 0, or as the least that it can be. */
static struct abstract_state abstract_in(tjob_state state, uint32_t unknown)
{
    struct abstract_state abstract = {.job = sample_job(state), .unknown = unknown};
    abstract.job.incarnation = (unknown & ABSTRACT_INCARNATION) != 0 ? 0 : abstract.job.incarnation;
    abstract.job.training_started_ms = (unknown & ABSTRACT_STARTED) != 0 ? 1 : abstract.job.training_started_ms;
    abstract.job.stop_requested_ms = (unknown & ABSTRACT_STOP_REQUESTED) != 0 ? 1 : abstract.job.stop_requested_ms;
    return abstract;
}

/* A call that was answered 200, and reports no record unless it is given one. */
static tjob_call call_of(uint32_t kind, const tjob_job *exercised)
{
    tjob_call call = {.event = {.kind = kind}, .outcome = {.status = TJOB_OK}};
    if (exercised != NULL) {
        call.known = TJOB_KNOWN_JOB;
        call.outcome.job = *exercised;
    }
    return call;
}

static bool reads(const struct abstract_state *abstract, const tjob_call *call, unsigned choice,
                  struct abstract_step *step)
{
    return tjob__abstract_state_step(abstract, call, READ_ANSWER, choice, &policy, step);
}

/*
 * An incarnation that is not known is that of the event, or of the record that is shown, unless it is known not to be
 * that.
 */
START_TEST(an_incarnation_that_is_excluded_is_not_learnt)
{
    struct abstract_step step;
    struct abstract_state abstract = abstract_in(TJOB_TRAINING, ABSTRACT_INCARNATION);
    const tjob_job found = sample_job(TJOB_TRAINING);
    tjob_call stop = call_of(TJOB_STOP, NULL);
    stop.event.incarnation = SAMPLE_INCARNATION;
    abstract.excluded = OTHER_INCARNATION;
    ck_assert(reads(&abstract, &stop, 0, &step));
    ck_assert_uint_eq(step.next.job.incarnation, SAMPLE_INCARNATION);
    ck_assert_uint_eq(step.learnt, SAMPLE_INCARNATION);
    ck_assert_uint_eq(step.next.excluded, 0);
    ck_assert_uint_eq(step.next.unknown & ABSTRACT_INCARNATION, 0);
    const tjob_call describe = call_of(TJOB_DESCRIBE, &found);
    ck_assert(reads(&abstract, &describe, 0, &step));
    ck_assert_uint_eq(step.learnt, SAMPLE_INCARNATION);
    ck_assert_uint_eq(step.next.unknown, 0);
    abstract.excluded = SAMPLE_INCARNATION;
    ck_assert(!reads(&abstract, &stop, 0, &step));
    ck_assert(!reads(&abstract, &describe, 0, &step));
}
END_TEST

/* The event may be of another incarnation: then it is refused, and that incarnation is excluded. */
START_TEST(an_event_of_another_incarnation_excludes_it)
{
    struct abstract_step step;
    const struct abstract_state abstract = abstract_in(TJOB_TRAINING, ABSTRACT_INCARNATION);
    tjob_call stop = call_of(TJOB_STOP, NULL);
    stop.event.incarnation = OTHER_INCARNATION;
    stop.outcome.status = TJOB_STALE;
    ck_assert_uint_eq(tjob__abstract_state_choices(&abstract, &stop, READ_ANSWER), 2);
    ck_assert(!reads(&abstract, &stop, 0, &step));
    ck_assert(reads(&abstract, &stop, 1, &step));
    ck_assert(!step.changed);
    ck_assert_uint_eq(step.next.excluded, OTHER_INCARNATION);
    ck_assert_uint_ne(step.next.unknown & ABSTRACT_INCARNATION, 0);
}
END_TEST

/* A record that is shown must be one that can be, and one that is as late as what is believed of it. */
START_TEST(what_cannot_be_is_not_revealed)
{
    struct abstract_step step;
    const struct abstract_state abstract = abstract_in(TJOB_STOP_REQUESTED, ABSTRACT_STARTED | ABSTRACT_STOP_REQUESTED);
    tjob_job found = sample_job(TJOB_STOP_REQUESTED);
    tjob_call describe = call_of(TJOB_DESCRIBE, &found);
    ck_assert(reads(&abstract, &describe, 0, &step));
    ck_assert_mem_eq(&step.next.job, &found, sizeof found);
    describe.outcome.job.training_started_ms = SAMPLE_ENDED_MS; /* after the stop */
    ck_assert(!reads(&abstract, &describe, 0, &step));

    /* A stop was requested, when is not known: a record without a stop time is another one's. */
    const struct abstract_state stopping = abstract_in(TJOB_STOP_REQUESTED, ABSTRACT_STOP_REQUESTED);
    found = sample_job(TJOB_TRAINED);
    for (int bears = 0; bears < 2; bears++) {
        found.stop_requested_ms = bears ? SAMPLE_STOP_MS : 0;
        tjob_call completed = call_of(TJOB_COMPLETED, &found);
        completed.event.trainer_token = SAMPLE_TRAINER;
        ck_assert_int_eq(tjob_job_validate(&found), TJOB_JOB_VALID);
        ck_assert_int_eq(reads(&stopping, &completed, 0, &step), bears);
    }

    /* A stop that expired ended late enough after it was requested. */
    for (uint64_t early = 0; early < 2; early++) {
        struct abstract_state expired = abstract_in(TJOB_STOPPED, ABSTRACT_ENDED | ABSTRACT_EXPIRED);
        found = sample_job(TJOB_STOPPED);
        found.ended_ms = found.stop_requested_ms + TJOB_STOP_TIMEOUT_MS_DEFAULT - early;
        expired.job.ended_ms = 1;
        describe = call_of(TJOB_DESCRIBE, &found);
        ck_assert_int_eq(reads(&expired, &describe, 0, &step), early == 0);
    }
}
END_TEST

/* Of the times, those are not known that a change has set without telling them, and no others. */
START_TEST(a_change_that_is_not_reported_sets_a_time_that_is_not_known)
{
    static const struct {
        tjob_state state;
        tjob_event event;
        uint32_t unknown;
        tjob_state after;
    } cases[] = {
        {TJOB_ABSENT, {.kind = TJOB_SUBMIT, .token = 1}, ABSTRACT_INCARNATION | ABSTRACT_SUBMITTED, TJOB_SUBMITTED},
        {TJOB_SUBMITTED, {.kind = TJOB_START, .trainer_token = 1}, ABSTRACT_STARTED, TJOB_TRAINING},
        {TJOB_TRAINING, {.kind = TJOB_STOP}, ABSTRACT_STOP_REQUESTED, TJOB_STOP_REQUESTED},
        {TJOB_SUBMITTED, {.kind = TJOB_STOP}, ABSTRACT_STOP_REQUESTED | ABSTRACT_ENDED, TJOB_STOPPED},
        {TJOB_TRAINING, {.kind = TJOB_COMPLETED, .trainer_token = SAMPLE_TRAINER}, ABSTRACT_ENDED, TJOB_TRAINED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const bool absent = cases[i].state == TJOB_ABSENT;
        const struct abstract_state abstract = absent ? tjob__abstract_state_absent() : abstract_in(cases[i].state, 0);
        const tjob_call call = {.event = cases[i].event, .outcome = {.status = TJOB_OK}};
        struct abstract_step step;
        ck_assert(reads(&abstract, &call, 0, &step));
        ck_assert(step.changed);
        ck_assert_uint_eq(step.next.job.state, cases[i].after);
        ck_assert_uint_eq(step.next.unknown, cases[i].unknown);
        ck_assert(!absent || step.next.job.submitted_ms == 1); /* as little as it can be */
    }
}
END_TEST

/* A stop that expired changes the job only if it came late, and may have come then as far as anybody can report. */
START_TEST(a_stop_expires_early_or_late)
{
    static const uint64_t requests[] = {SAMPLE_STOP_MS, UINT64_MAX - TJOB_STOP_TIMEOUT_MS_DEFAULT,
                                        UINT64_MAX - TJOB_STOP_TIMEOUT_MS_DEFAULT + 1};
    const tjob_call call = call_of(TJOB_STOP_EXPIRED, NULL);
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        const bool expires = requests[i] <= UINT64_MAX - TJOB_STOP_TIMEOUT_MS_DEFAULT;
        struct abstract_state abstract = abstract_in(TJOB_STOP_REQUESTED, 0);
        struct abstract_step step;
        abstract.job.stop_requested_ms = requests[i];
        ck_assert_uint_eq(tjob__abstract_state_choices(&abstract, &call, READ_ANSWER), 3);
        ck_assert(reads(&abstract, &call, 0, &step));
        ck_assert(!step.changed);
        ck_assert(reads(&abstract, &call, 2, &step));
        ck_assert_int_eq(step.changed, expires);
        ck_assert(!expires || step.next.unknown == (ABSTRACT_ENDED | ABSTRACT_EXPIRED));
        ck_assert(!expires || step.next.job.ended_ms == requests[i] + TJOB_STOP_TIMEOUT_MS_DEFAULT);
    }
}
END_TEST

/* There is a choice only where something is open that the call does not report. */
START_TEST(there_are_as_many_choices_as_are_open)
{
    const tjob_job found = sample_job(TJOB_STOP_REQUESTED);
    static const struct {
        tjob_state state;
        uint32_t unknown;
        tjob_event event;
        bool exercised;
        unsigned choices;
    } cases[] = {
        {TJOB_STOP_REQUESTED, 0, {.kind = TJOB_STOP_EXPIRED}, false, 3},
        {TJOB_STOP_REQUESTED, 0, {.kind = TJOB_STOP_EXPIRED}, true, 1},
        {TJOB_TRAINING, 0, {.kind = TJOB_STOP_EXPIRED}, false, 1},
        {TJOB_STOP_REQUESTED, 0, {.kind = TJOB_STOP}, false, 1},
        {TJOB_STOP_REQUESTED, ABSTRACT_INCARNATION, {.kind = TJOB_STOP_EXPIRED, .incarnation = 1}, false, 4},
        {TJOB_STOP_REQUESTED, ABSTRACT_INCARNATION, {.kind = TJOB_STOP, .incarnation = 1}, false, 2},
        {TJOB_STOP_REQUESTED, ABSTRACT_INCARNATION, {.kind = TJOB_STOP, .incarnation = 1}, true, 1},
        {TJOB_STOP_REQUESTED, ABSTRACT_INCARNATION, {.kind = TJOB_STOP}, false, 1},
        {TJOB_STOP_REQUESTED, 0, {.kind = TJOB_STOP, .incarnation = 1}, false, 1},
        {TJOB_ABSENT, ABSTRACT_INCARNATION, {.kind = TJOB_STOP, .incarnation = 1}, false, 1},
        {TJOB_ABSENT, ABSTRACT_INCARNATION, {.kind = TJOB_SUBMIT, .incarnation = 1}, false, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct abstract_state abstract = abstract_in(cases[i].state, cases[i].unknown);
        tjob_call call = call_of(cases[i].event.kind, cases[i].exercised ? &found : NULL);
        call.event = cases[i].event;
        ck_assert_msg(tjob__abstract_state_choices(&abstract, &call, READ_ANSWER) == cases[i].choices, "case %zu", i);
    }
}
END_TEST

/* What an incarnation was not is of no account to the next one. */
START_TEST(a_removal_forgets_what_was_excluded)
{
    struct abstract_state abstract = abstract_in(TJOB_DELETING, ABSTRACT_INCARNATION);
    const struct abstract_state absent = tjob__abstract_state_absent();
    const tjob_call removed = call_of(TJOB_REMOVED, NULL);
    struct abstract_step step;
    abstract.excluded = OTHER_INCARNATION;
    ck_assert(reads(&abstract, &removed, 0, &step));
    ck_assert(step.changed);
    ck_assert_uint_eq(step.next.job.state, TJOB_ABSENT);
    ck_assert_mem_eq(&step.next, &absent, sizeof absent);
}
END_TEST

/* The next incarnation of an absent job may rise at any time: what a stale submit carried is of no account either. */
START_TEST(a_stale_submit_leaves_an_absent_job_as_it_was)
{
    const struct abstract_state absent = tjob__abstract_state_absent();
    tjob_call submit = call_of(TJOB_SUBMIT, NULL);
    struct abstract_step step;
    submit.event.token = SAMPLE_TOKEN;
    submit.event.incarnation = OTHER_INCARNATION;
    submit.outcome.status = TJOB_STALE;
    ck_assert(!reads(&absent, &submit, 0, &step));
    ck_assert(reads(&absent, &submit, 1, &step));
    ck_assert(!step.changed && !step.overflow);
    ck_assert_mem_eq(&step.next, &absent, sizeof absent);
}
END_TEST

/* ---- A state and nothing else ----------------------------------------------------------------------------------- */

/* Jobs in a state: as they usually are, without a trainer, with a stop time. */
static unsigned jobs_in(tjob_state state, tjob_job jobs[3])
{
    unsigned count = 0;
    tjob_job job = sample_job(state);
    jobs[count++] = job;
    job.stop_requested_ms = job.stop_requested_ms == 0 && job.ended_ms != 0 ? SAMPLE_STOP_MS : job.stop_requested_ms;
    jobs[count++] = job;
    if (state != TJOB_TRAINING && state != TJOB_STOP_REQUESTED) {
        job.trainer_token = 0;
        job.training_started_ms = 0;
        jobs[count++] = job;
    }
    return count;
}

/* The states that all such jobs come to by all events of a kind, where they agree with what a call reports. */
static uint32_t left_by_all(tjob_state state, const tjob_call *call, const tjob_policy *own, bool *always_changes)
{
    static const uint64_t tokens[] = {0, SAMPLE_TOKEN, OTHER_INCARNATION};
    static const uint64_t incarnations[] = {0, SAMPLE_INCARNATION, OTHER_INCARNATION};
    static const uint64_t trainer_tokens[] = {0, SAMPLE_TRAINER, OTHER_INCARNATION};
    static const uint64_t instants[] = {SAMPLE_STOP_MS + 1, UINT64_MAX};
    tjob_job jobs[3];
    uint32_t states = 0;
    *always_changes = true;
    const unsigned count = jobs_in(state, jobs);
    for (unsigned i = 0; i < count * 54; i++) {
        const tjob_event event = {.kind = call->event.kind,
                                  .token = tokens[i % 3],
                                  .incarnation = incarnations[i / 3 % 3],
                                  .trainer_token = trainer_tokens[i / 9 % 3]};
        tjob_job next;
        const tjob_transition_result result =
            tjob__reference_apply(&jobs[i / 54], &event, instants[i / 27 % 2], own, &next);
        const bool known = (call->known & TJOB_KNOWN_CHANGED) != 0;
        if (tjob_event_validate(&event) != TJOB_OK || result.status != call->outcome.status ||
            (known && result.changed != (call->outcome.changed == TJOB_CHANGED_YES)) ||
            ((call->known & TJOB_KNOWN_BEFORE) != 0 && state != call->outcome.before) ||
            ((call->known & TJOB_KNOWN_AFTER) != 0 && next.state != (uint32_t)call->outcome.after)) {
            continue;
        }
        states |= 1u << next.state;
        *always_changes = *always_changes && result.changed;
    }
    return states;
}

static void expect_as_all(tjob_state state, const tjob_call *call, const tjob_policy *own)
{
    bool always_changes;
    const struct abstract_state abstract =
        state == TJOB_ABSENT ? tjob__abstract_state_of_states(3) : tjob__abstract_state_of_states(1u << state);
    const bool ok = call->outcome.status == TJOB_OK;
    uint32_t states = left_by_all(state, call, own, &always_changes);
    struct abstract_step step;
    bool other_changes = true;
    if (state == TJOB_ABSENT) { /* to be absent alone is to be known whole */
        ck_assert_uint_eq(tjob__abstract_state_states(&abstract), 3);
        states |= left_by_all((tjob_state)1, call, own, &other_changes);
    }
    const bool can_be = tjob__abstract_state_step(&abstract, call, READ_ANSWER, 0, own, &step);
    ck_assert_msg(can_be || states == 0, "%s of %s", tjob_event_kind_name((tjob_event_kind)call->event.kind),
                  tjob_state_name(state));
    ck_assert(!ok || can_be == (states != 0));
    if (can_be) {
        ck_assert_uint_eq(tjob__abstract_state_states(&step.next) & states, states);
        ck_assert(!ok || tjob__abstract_state_states(&step.next) == states);
        ck_assert(!ok || step.changed == (always_changes && other_changes));
    }
}

/* Where only the state is known, a call can be if it can be for one job in that state, and leaves what that leaves: not
 * less, and after a success not more. */
START_TEST(what_a_state_alone_allows_is_what_some_job_in_it_allows)
{
    static const tjob_status statuses[] = {TJOB_OK,    TJOB_NOT_FOUND,   TJOB_IN_USE,
                                           TJOB_STALE, TJOB_WRONG_STATE, TJOB_REFUSED_BY_POLICY};
    enum { STATUSES = sizeof statuses / sizeof statuses[0], KNOWN_COUNT = 4 };
    const tjob_policy *own = &history_policies[_i];
    for (unsigned i = 0; i < TJOB_STATE_COUNT * TJOB_EVENT_KIND_COUNT * STATUSES * KNOWN_COUNT; i++) {
        const tjob_state state = (tjob_state)(i % TJOB_STATE_COUNT);
        const unsigned rest = i / TJOB_STATE_COUNT;
        tjob_call call = {.event = {.kind = rest % TJOB_EVENT_KIND_COUNT, .token = OTHER_INCARNATION}};
        call.outcome.status = statuses[rest / TJOB_EVENT_KIND_COUNT % STATUSES];
        call.known =
            (uint32_t[KNOWN_COUNT]){0, TJOB_KNOWN_CHANGED | TJOB_KNOWN_BEFORE, TJOB_KNOWN_AFTER,
                                    TJOB_KNOWN_AFTER | TJOB_KNOWN_CHANGED}[rest / TJOB_EVENT_KIND_COUNT / STATUSES];
        for (int known = 0; known < 2 * TJOB_STATE_COUNT; known++) {
            call.outcome.changed = known % 2 == 0 ? TJOB_CHANGED_NO : TJOB_CHANGED_YES;
            call.outcome.before = state;
            call.outcome.after = (tjob_state)(known / 2);
            expect_as_all(state, &call, own);
        }
    }
}
END_TEST

/* An effect leaves a state in which the event changes the job, and there is none if there is no such state. */
START_TEST(an_effect_leaves_what_a_change_leaves)
{
    const tjob_call halted = {.event = {.kind = TJOB_HALTED, .trainer_token = 7}, .outcome = {.status = TJOB_STALE}};
    const tjob_call describe = {.event = {.kind = TJOB_DESCRIBE}};
    struct abstract_step step;
    struct abstract_state abstract = tjob__abstract_state_of_anything();
    ck_assert(tjob__abstract_state_step(&abstract, &halted, READ_EFFECT, 0, &policy, &step));
    ck_assert(step.changed);
    ck_assert_uint_eq(tjob__abstract_state_states(&step.next), 1u << TJOB_STOPPED);
    ck_assert(!tjob__abstract_state_step(&abstract, &describe, READ_EFFECT, 0, &policy, &step));
    abstract = tjob__abstract_state_of_states(1u << TJOB_TRAINED);
    ck_assert(!tjob__abstract_state_step(&abstract, &halted, READ_EFFECT, 0, &policy, &step));
}
END_TEST

/*
 * With a submit that changed something all is known of the job but its incarnation, if that was not given, and its
 * time.
 */
START_TEST(a_submit_reports_what_it_submits)
{
    const struct abstract_state anything = tjob__abstract_state_of_anything();
    struct abstract_step step;
    tjob_call submit = {.event = {.kind = TJOB_SUBMIT, .token = 5, .host_code = 6},
                        .outcome = {.status = TJOB_OK, .changed = TJOB_CHANGED_YES},
                        .known = TJOB_KNOWN_CHANGED};
    const tjob_job expected = {.state = TJOB_SUBMITTED, .submit_token = 5, .submitted_ms = 1, .host_code = 6};
    ck_assert(believe(&submit, &step));
    ck_assert_mem_eq(&step.next.job, &expected, sizeof expected);
    ck_assert_uint_eq(step.next.unknown, ABSTRACT_INCARNATION | ABSTRACT_SUBMITTED);
    ck_assert_uint_eq(step.learnt, 0);
    submit.event.incarnation = OTHER_INCARNATION;
    ck_assert(believe(&submit, &step));
    ck_assert_uint_eq(step.next.job.incarnation, OTHER_INCARNATION);
    ck_assert_uint_eq(step.next.unknown, ABSTRACT_SUBMITTED);
    ck_assert_uint_eq(step.learnt, OTHER_INCARNATION);
    submit.known = 0; /* it may have been submitted before */
    ck_assert(believe(&submit, &step));
    ck_assert_uint_eq(step.next.unknown & ABSTRACT_ANYTHING, ABSTRACT_ANYTHING);
    ck_assert_uint_eq(tjob__abstract_state_states(&step.next),
                      tjob__abstract_state_states(&anything) & ~(1u << TJOB_ABSENT));
    submit.known = TJOB_KNOWN_CHANGED | TJOB_KNOWN_JOB;
    submit.event.incarnation = 0;
    submit.outcome.job = sample_job(TJOB_SUBMITTED);
    submit.event.token = SAMPLE_TOKEN;
    ck_assert(believe(&submit, &step));
    ck_assert_uint_eq(step.learnt, SAMPLE_INCARNATION);
    submit.outcome.changed = TJOB_CHANGED_NO;
    ck_assert(believe(&submit, &step));
    ck_assert_uint_eq(step.learnt, 0);
    submit.outcome.job.submit_token++; /* of another submit: this one would have been refused */
    ck_assert(!believe(&submit, &step));
    submit.outcome.job.submit_token = 0; /* no record has none */
    ck_assert(!believe(&submit, &step));
}
END_TEST

RUN_TESTS("abstract_state", {where_nothing_is_known_a_call_reports_what_it_reports, 0},
          {an_incarnation_that_is_excluded_is_not_learnt, 0}, {an_event_of_another_incarnation_excludes_it, 0},
          {what_cannot_be_is_not_revealed, 0}, {a_change_that_is_not_reported_sets_a_time_that_is_not_known, 0},
          {a_stop_expires_early_or_late, 0}, {there_are_as_many_choices_as_are_open, 0},
          {a_removal_forgets_what_was_excluded, 0}, {a_stale_submit_leaves_an_absent_job_as_it_was, 0},
          {what_a_state_alone_allows_is_what_some_job_in_it_allows, HISTORY_POLICIES},
          {an_effect_leaves_what_a_change_leaves, 0}, {a_submit_reports_what_it_submits, 0})
