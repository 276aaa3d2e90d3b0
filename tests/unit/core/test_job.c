/* The record of a job: which can be, and the bytes in which they are stored; events and policies that can be. */
#include "tjob/job.h"

#include <limits.h>
#include <string.h>

#include "support/suite.h"
#include "unit/core/records.h"

/* ---- Names ----------------------------------------------------------------------------------------------------- */

static const struct {
    int state;
    const char *name;
    bool terminal;
    bool final;
} states[] = {
    {TJOB_ABSENT, "ABSENT", false, true},
    {TJOB_SUBMITTED, "SUBMITTED", false, false},
    {TJOB_TRAINING, "TRAINING", false, false},
    {TJOB_STOP_REQUESTED, "STOP_REQUESTED", false, false},
    {TJOB_STOPPED, "STOPPED", true, true},
    {TJOB_TRAINED, "TRAINED", true, true},
    {TJOB_TRAINED_WITH_WARNING, "TRAINED_WITH_WARNING", true, true},
    {TJOB_IN_ERROR, "IN_ERROR", true, true},
    {TJOB_DELETING, "DELETING", false, true},
    {TJOB_STATE_COUNT, "?", false, false},
    {INT_MAX, "?", false, false},
    {-1, "?", false, false},
};

enum { STATES = sizeof states / sizeof states[0] };

START_TEST(every_state_has_the_services_name_and_its_class)
{
    const tjob_state state = (tjob_state)states[_i].state;
    ck_assert_str_eq(tjob_state_name(state), states[_i].name);
    ck_assert_int_eq(tjob_state_is_terminal(state), states[_i].terminal);
    ck_assert_int_eq(tjob_state_is_final(state), states[_i].final);
}
END_TEST

static const struct {
    int kind;
    const char *name;
} kinds[] = {
    {TJOB_SUBMIT, "submit"},
    {TJOB_START, "start"},
    {TJOB_STOP, "stop"},
    {TJOB_HALTED, "halted"},
    {TJOB_COMPLETED, "completed"},
    {TJOB_COMPLETED_WITH_WARNING, "completed with warning"},
    {TJOB_FAILED, "failed"},
    {TJOB_TRAINER_LOST, "trainer lost"},
    {TJOB_STOP_EXPIRED, "stop expired"},
    {TJOB_DELETE, "delete"},
    {TJOB_REMOVED, "removed"},
    {TJOB_DESCRIBE, "describe"},
    {TJOB_EVENT_KIND_COUNT, "?"},
    {INT_MAX, "?"},
    {-1, "?"},
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

START_TEST(every_event_has_a_name)
{
    ck_assert_str_eq(tjob_event_kind_name((tjob_event_kind)kinds[_i].kind), kinds[_i].name);
}
END_TEST

START_TEST(the_lists_here_have_every_state_and_event)
{
    ck_assert_int_eq(STATES, TJOB_STATE_COUNT + 3);
    ck_assert_int_eq(KINDS, TJOB_EVENT_KIND_COUNT + 3);
    for (int i = 0; i < TJOB_STATE_COUNT; i++) {
        ck_assert_int_eq(states[i].state, i);
    }
    for (int i = 0; i < TJOB_EVENT_KIND_COUNT; i++) {
        ck_assert_int_eq(kinds[i].kind, i);
    }
}
END_TEST

/* ---- Which records can be -------------------------------------------------------------------------------------- */

static bool some_course_leads_to(uint32_t state, bool started, bool stop, bool ended)
{
    for (unsigned i = 0; i < POSSIBLE_RECORDS; i++) {
        const possible_record *record = &possible_records[i];
        if (record->state == state && record->started == started && record->stop == stop && record->ended == ended) {
            return true;
        }
    }
    return false;
}

static tjob_job_problem expected_problem(const tjob_job *job)
{
    const uint64_t times[] = {job->submitted_ms, job->training_started_ms, job->stop_requested_ms, job->ended_ms};
    if (job->state < TJOB_SUBMITTED || job->state > TJOB_DELETING) {
        return TJOB_JOB_BAD_STATE;
    }
    /* A trainer is what starts the training: one without the other is one too many or one too few. */
    if (job->submit_token == 0 || job->incarnation == 0 || (job->trainer_token == 0) != (times[1] == 0)) {
        return TJOB_JOB_BAD_TOKENS;
    }
    if (times[0] == 0 || !some_course_leads_to(job->state, times[1] != 0, times[2] != 0, times[3] != 0)) {
        return TJOB_JOB_BAD_TIMES;
    }
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned j = i + 1; j < 4; j++) {
            if (times[i] != 0 && times[j] != 0 && times[i] > times[j]) {
                return TJOB_JOB_BAD_ORDER;
            }
        }
    }
    return TJOB_JOB_VALID;
}

/* A stop before training ends the job: two times that cannot differ; that they do not is a test of its own. */
static bool stopped_before_training(const tjob_job *job)
{
    return job->training_started_ms == 0 && job->stop_requested_ms != 0 && job->ended_ms != 0;
}

/* Tries each time unset and at four instants, so in every order, equal ones too. */
static unsigned check_all_times(tjob_job job)
{
    enum { INSTANTS = 5, COMBINATIONS = INSTANTS * INSTANTS * INSTANTS * INSTANTS };
    unsigned valid = 0;
    for (unsigned i = 0; i < COMBINATIONS; i++) {
        job.submitted_ms = i % INSTANTS;
        job.training_started_ms = i / INSTANTS % INSTANTS;
        job.stop_requested_ms = i / (INSTANTS * INSTANTS) % INSTANTS;
        job.ended_ms = i / (INSTANTS * INSTANTS * INSTANTS);
        const tjob_job_problem expected = expected_problem(&job);
        if (expected == TJOB_JOB_VALID && stopped_before_training(&job) && job.stop_requested_ms != job.ended_ms) {
            continue;
        }
        ck_assert_msg(tjob_job_validate(&job) == expected,
                      "state %u, token %u, incarnation %u, trainer %u, times %u %u %u %u: problem %d, not %d",
                      (unsigned)job.state, (unsigned)job.submit_token, (unsigned)job.incarnation,
                      (unsigned)job.trainer_token, (unsigned)job.submitted_ms, (unsigned)job.training_started_ms,
                      (unsigned)job.stop_requested_ms, (unsigned)job.ended_ms, (int)tjob_job_validate(&job),
                      (int)expected);
        valid += expected == TJOB_JOB_VALID;
    }
    return valid;
}

START_TEST(a_record_can_be_if_some_course_of_a_job_leads_to_it)
{
    unsigned valid = 0;
    for (unsigned tokens = 0; tokens < 8; tokens++) {
        const tjob_job job = {
            .submit_token = tokens & 1 ? SAMPLE_TOKEN : 0,
            .incarnation = tokens & 2 ? SAMPLE_INCARNATION : 0,
            .trainer_token = tokens & 4 ? SAMPLE_TRAINER : 0,
            .state = (uint32_t)states[_i].state,
        };
        valid += check_all_times(job);
    }
    /* In how many orders of four instants the times of each state's kinds of record can stand. */
    static const unsigned orders[STATES] = {0, 4, 10, 20, 45, 55, 55, 65, 75, 0, 0, 0};
    ck_assert_uint_eq(valid, orders[_i]);
}
END_TEST

START_TEST(every_kind_of_record_is_valid_at_any_time)
{
    tjob_job job = possible_job((unsigned)_i);
    ck_assert_int_eq(tjob_job_validate(&job), TJOB_JOB_VALID);
    uint64_t *const times[] = {&job.submitted_ms, &job.training_started_ms, &job.stop_requested_ms, &job.ended_ms};
    for (unsigned i = 0; i < 4; i++) {
        *times[i] = *times[i] != 0 ? UINT64_MAX : 0;
    }
    ck_assert_int_eq(tjob_job_validate(&job), TJOB_JOB_VALID);
}
END_TEST

START_TEST(a_job_stopped_before_training_ended_at_its_stop)
{
    for (unsigned i = 0; i < POSSIBLE_RECORDS; i++) {
        tjob_job job = possible_job(i);
        if (stopped_before_training(&job)) {
            job.ended_ms = job.stop_requested_ms + 1;
            ck_assert_int_eq(tjob_job_validate(&job), TJOB_JOB_BAD_ORDER);
        }
    }
}
END_TEST

/* ---- The bytes ------------------------------------------------------------------------------------------------- */

static const tjob_job golden_job = {
    .submit_token = UINT64_C(0x0807060504030201),
    .incarnation = UINT64_C(0x1817161514131211),
    .trainer_token = UINT64_C(0x2827262524232221),
    .submitted_ms = UINT64_C(0x3837363534333231),
    .training_started_ms = UINT64_C(0x4847464544434241),
    .stop_requested_ms = UINT64_C(0x5857565554535251),
    .ended_ms = UINT64_C(0x6867666564636261),
    .state = TJOB_STOPPED,
    .host_code = UINT32_C(0xf4f3f2f1),
};

static const unsigned char golden_bytes[TJOB_JOB_ENCODED_BYTES] = {
    4,    1,    0,    0,                                                    /* state, format, reserved */
    0xf1, 0xf2, 0xf3, 0xf4, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, /* submit token */
    0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,                         /* incarnation */
    0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28,                         /* trainer */
    0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38,                         /* submitted */
    0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,                         /* training started */
    0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58,                         /* stop requested */
    0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,                         /* ended */
};

START_TEST(a_job_is_encoded_as_the_header_says)
{
    unsigned char bytes[TJOB_JOB_ENCODED_BYTES];
    memset(bytes, 0xa5, sizeof bytes);
    tjob_job_encode(&golden_job, bytes);
    ck_assert_mem_eq(bytes, golden_bytes, sizeof bytes);
    tjob_job decoded;
    memset(&decoded, 0xa5, sizeof decoded);
    ck_assert_int_eq(tjob_job_decode(golden_bytes, &decoded), TJOB_JOB_VALID);
    ck_assert_mem_eq(&decoded, &golden_job, sizeof decoded);
}
END_TEST

START_TEST(every_kind_of_record_survives_the_round_trip)
{
    const tjob_job job = possible_job((unsigned)_i);
    unsigned char bytes[TJOB_JOB_ENCODED_BYTES];
    tjob_job decoded;
    memset(&decoded, 0xa5, sizeof decoded);
    tjob_job_encode(&job, bytes);
    ck_assert_int_eq(tjob_job_decode(bytes, &decoded), TJOB_JOB_VALID);
    ck_assert_mem_eq(&decoded, &job, sizeof decoded);
}
END_TEST

/* Decodes bytes that may be anything: a valid record whose bytes they are, or a problem and nothing written. */
static tjob_job_problem decode_any(const unsigned char bytes[TJOB_JOB_ENCODED_BYTES], tjob_job *job)
{
    tjob_job untouched;
    memset(&untouched, 0xa5, sizeof untouched);
    *job = untouched;
    const tjob_job_problem problem = tjob_job_decode(bytes, job);
    if (problem != TJOB_JOB_VALID) {
        ck_assert_mem_eq(job, &untouched, sizeof untouched);
        return problem;
    }
    unsigned char again[TJOB_JOB_ENCODED_BYTES];
    ck_assert_int_eq(tjob_job_validate(job), TJOB_JOB_VALID);
    tjob_job_encode(job, again);
    ck_assert_mem_eq(again, bytes, sizeof again);
    return problem;
}

START_TEST(no_flipped_bit_goes_unnoticed)
{
    const tjob_job job = possible_job((unsigned)_i);
    unsigned char bytes[TJOB_JOB_ENCODED_BYTES];
    tjob_job_encode(&job, bytes);
    unsigned decoded = 0;
    for (unsigned bit = 0; bit < 8 * TJOB_JOB_ENCODED_BYTES; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        tjob_job flipped;
        if (decode_any(bytes, &flipped) == TJOB_JOB_VALID) {
            ck_assert_mem_ne(&flipped, &job, sizeof job);
            decoded++;
        }
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    ck_assert_uint_ge(decoded, 32 + 64 + 64); /* at least any host code, and any token and incarnation but 0, can be */
}
END_TEST

START_TEST(another_format_or_a_set_reserved_byte_is_a_bad_format)
{
    for (unsigned value = 0; value < 256; value++) {
        for (unsigned at = 1; at <= 3; at++) {
            unsigned char bytes[TJOB_JOB_ENCODED_BYTES];
            memcpy(bytes, golden_bytes, sizeof bytes);
            bytes[at] = (unsigned char)value;
            tjob_job job;
            const bool right = value == golden_bytes[at];
            ck_assert_int_eq(decode_any(bytes, &job), right ? TJOB_JOB_VALID : TJOB_JOB_BAD_FORMAT);
        }
    }
}
END_TEST

START_TEST(a_record_that_cannot_be_is_not_decoded)
{
    for (unsigned state = 0; state < 256; state++) {
        unsigned char bytes[TJOB_JOB_ENCODED_BYTES];
        memcpy(bytes, golden_bytes, sizeof bytes);
        bytes[0] = (unsigned char)state;
        tjob_job expected = golden_job;
        expected.state = state;
        tjob_job job;
        ck_assert_int_eq(decode_any(bytes, &job), expected_problem(&expected));
    }
    /* A format comes before a state, for the state of another format means nothing. */
    const unsigned char none[TJOB_JOB_ENCODED_BYTES] = {0};
    tjob_job job;
    ck_assert_int_eq(decode_any(none, &job), TJOB_JOB_BAD_FORMAT);
}
END_TEST

START_TEST(each_field_that_decides_is_checked_on_decode)
{
    static const tjob_job_problem without[7] = {
        TJOB_JOB_BAD_TOKENS, TJOB_JOB_BAD_TOKENS, TJOB_JOB_BAD_TOKENS, TJOB_JOB_BAD_TIMES,
        TJOB_JOB_BAD_TOKENS, TJOB_JOB_BAD_TIMES,  TJOB_JOB_BAD_TIMES,
    };
    for (unsigned field = 0; field < 7; field++) {
        unsigned char bytes[TJOB_JOB_ENCODED_BYTES];
        memcpy(bytes, golden_bytes, sizeof bytes);
        memset(bytes + 8 + 8 * field, 0, 8);
        tjob_job job;
        ck_assert_int_eq(decode_any(bytes, &job), without[field]);
    }
    unsigned char bytes[TJOB_JOB_ENCODED_BYTES];
    memcpy(bytes, golden_bytes, sizeof bytes);
    bytes[63] = 0x57; /* now it ended before it was stopped */
    tjob_job job;
    ck_assert_int_eq(decode_any(bytes, &job), TJOB_JOB_BAD_ORDER);
}
END_TEST

/* ---- Events and policies --------------------------------------------------------------------------------------- */

START_TEST(an_event_can_be_if_its_kind_is_known_and_it_bears_what_the_kind_needs)
{
    for (unsigned tokens = 0; tokens < 8; tokens++) {
        const tjob_event event = {
            .incarnation = tokens & 1 ? SAMPLE_INCARNATION : 0,
            .trainer_token = tokens & 2 ? SAMPLE_TRAINER : 0,
            .token = tokens & 4 ? SAMPLE_TOKEN : 0,
            .kind = (uint32_t)kinds[_i].kind,
        };
        const bool known = kinds[_i].name[0] != '?';
        const bool lacks_token = kinds[_i].kind == TJOB_SUBMIT && event.token == 0;
        const bool lacks_trainer = kinds[_i].kind == TJOB_START && event.trainer_token == 0;
        ck_assert_int_eq(tjob_event_validate(&event) == TJOB_OK, known && !lacks_token && !lacks_trainer);
    }
}
END_TEST

START_TEST(a_policy_can_be_if_each_choice_is_of_its_enum)
{
    static const uint32_t choices[] = {0, 1, 2, 3, 256, UINT32_MAX};
    enum { CHOICES = sizeof choices / sizeof choices[0] };
    for (unsigned i = 0; i < CHOICES * CHOICES; i++) {
        const uint32_t submitted = choices[i % CHOICES];
        const uint32_t finished = choices[i / CHOICES];
        const tjob_policy least = {.stop_submitted = submitted, .stop_finished = finished};
        tjob_policy most = least;
        most.stop_timeout_ms = UINT64_MAX;
        most.max_attempts = UINT32_MAX;
        ck_assert_int_eq(tjob_policy_validate(&least) == TJOB_OK, submitted <= 2 && finished <= 1);
        ck_assert_int_eq(tjob_policy_validate(&most) == TJOB_OK, submitted <= 2 && finished <= 1);
    }
}
END_TEST

RUN_TESTS("job", {every_state_has_the_services_name_and_its_class, STATES}, {every_event_has_a_name, KINDS},
          {the_lists_here_have_every_state_and_event, 0}, {a_record_can_be_if_some_course_of_a_job_leads_to_it, STATES},
          {every_kind_of_record_is_valid_at_any_time, POSSIBLE_RECORDS},
          {a_job_stopped_before_training_ended_at_its_stop, 0}, {a_job_is_encoded_as_the_header_says, 0},
          {every_kind_of_record_survives_the_round_trip, POSSIBLE_RECORDS},
          {no_flipped_bit_goes_unnoticed, POSSIBLE_RECORDS}, {another_format_or_a_set_reserved_byte_is_a_bad_format, 0},
          {a_record_that_cannot_be_is_not_decoded, 0}, {each_field_that_decides_is_checked_on_decode, 0},
          {an_event_can_be_if_its_kind_is_known_and_it_bears_what_the_kind_needs, KINDS},
          {a_policy_can_be_if_each_choice_is_of_its_enum, 0})
