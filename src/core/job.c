#include "tjob/job.h"

#include "core/assert.h"
#include "core/bytes.h"

/* Records travel between machines and simulators hold millions of them: their size is part of the interface. */
_Static_assert(sizeof(tjob_job) == TJOB_JOB_ENCODED_BYTES, "a job is 64 bytes without padding");
_Static_assert(sizeof(tjob_event) == 32, "an event is 32 bytes without padding");

static const char state_names[TJOB_STATE_COUNT][24] = {
    [TJOB_ABSENT] = "ABSENT",
    [TJOB_SUBMITTED] = "SUBMITTED",
    [TJOB_TRAINING] = "TRAINING",
    [TJOB_STOP_REQUESTED] = "STOP_REQUESTED",
    [TJOB_STOPPED] = "STOPPED",
    [TJOB_TRAINED] = "TRAINED",
    [TJOB_TRAINED_WITH_WARNING] = "TRAINED_WITH_WARNING",
    [TJOB_IN_ERROR] = "IN_ERROR",
    [TJOB_DELETING] = "DELETING",
};

static const char event_kind_names[TJOB_EVENT_KIND_COUNT][24] = {
    [TJOB_SUBMIT] = "submit",
    [TJOB_START] = "start",
    [TJOB_STOP] = "stop",
    [TJOB_HALTED] = "halted",
    [TJOB_COMPLETED] = "completed",
    [TJOB_COMPLETED_WITH_WARNING] = "completed with warning",
    [TJOB_FAILED] = "failed",
    [TJOB_TRAINER_LOST] = "trainer lost",
    [TJOB_STOP_EXPIRED] = "stop expired",
    [TJOB_DELETE] = "delete",
    [TJOB_REMOVED] = "removed",
    [TJOB_DESCRIBE] = "describe",
};

const char *tjob_state_name(tjob_state state)
{
    return (unsigned)state < TJOB_STATE_COUNT ? state_names[state] : "?";
}

const char *tjob_event_kind_name(tjob_event_kind kind)
{
    return (unsigned)kind < TJOB_EVENT_KIND_COUNT ? event_kind_names[kind] : "?";
}

bool tjob_state_is_terminal(tjob_state state)
{
    return state == TJOB_STOPPED || state == TJOB_TRAINED || state == TJOB_TRAINED_WITH_WARNING ||
           state == TJOB_IN_ERROR;
}

bool tjob_state_is_final(tjob_state state)
{
    return tjob_state_is_terminal(state) || state == TJOB_DELETING || state == TJOB_ABSENT;
}

/* ---- The record ---------------------------------------------------------------------------------------------- */

/* Whether a record in some state has a field set. The submit token, the incarnation and the submission time
 * always are. */
enum { NO, YES, MAYBE };

struct shape {
    uint8_t started; /* the trainer token and the start of training, which are set together */
    uint8_t stop_requested;
    uint8_t ended;
    uint8_t unstarted_stop; /* may have been stopped before training */
};

static const struct shape shapes[TJOB_STATE_COUNT] = {
    /*                              started  stop    ended  stopped unstarted */
    [TJOB_SUBMITTED] = {NO, NO, NO, NO},        [TJOB_TRAINING] = {YES, NO, NO, NO},
    [TJOB_STOP_REQUESTED] = {YES, YES, NO, NO}, [TJOB_STOPPED] = {MAYBE, YES, YES, YES},
    [TJOB_TRAINED] = {YES, MAYBE, YES, NO},     [TJOB_TRAINED_WITH_WARNING] = {YES, MAYBE, YES, NO},
    [TJOB_IN_ERROR] = {MAYBE, MAYBE, YES, NO},  [TJOB_DELETING] = {MAYBE, MAYBE, YES, YES},
};

static bool fits(uint8_t wanted, bool set)
{
    return wanted == MAYBE || set == (wanted == YES);
}

static uint64_t job_later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

tjob_job_problem tjob_job_validate(const tjob_job *job)
{
    if (job->state == TJOB_ABSENT || job->state >= TJOB_STATE_COUNT) {
        return TJOB_JOB_BAD_STATE;
    }
    const struct shape *shape = &shapes[job->state];
    const bool started = job->training_started_ms != 0;
    const bool stop_requested = job->stop_requested_ms != 0;
    if (job->submit_token == 0 || job->incarnation == 0 || (job->trainer_token != 0) != started) {
        return TJOB_JOB_BAD_TOKENS;
    }
    if (job->submitted_ms == 0 || !fits(shape->started, started) || !fits(shape->stop_requested, stop_requested) ||
        !fits(shape->ended, job->ended_ms != 0) || (stop_requested && !started && shape->unstarted_stop == NO)) {
        return TJOB_JOB_BAD_TIMES;
    }
    uint64_t latest = job->submitted_ms;
    const uint64_t times[] = {job->training_started_ms, job->stop_requested_ms, job->ended_ms};
    for (unsigned i = 0; i < sizeof times / sizeof times[0]; i++) {
        if (times[i] != 0 && times[i] < latest) {
            return TJOB_JOB_BAD_ORDER;
        }
        latest = job_later(latest, times[i]);
    }
    /* A stop before training ends the job immediately. */
    const bool at_once = started || !stop_requested || job->stop_requested_ms == job->ended_ms;
    return at_once ? TJOB_JOB_VALID : TJOB_JOB_BAD_ORDER;
}

uint64_t tjob_job_latest_ms(const tjob_job *job)
{
    const uint64_t last_two = job_later(job->stop_requested_ms, job->ended_ms);
    return job_later(job_later(job->submitted_ms, job->training_started_ms), last_two);
}

void tjob_job_encode(const tjob_job *job, unsigned char bytes[TJOB_JOB_ENCODED_BYTES])
{
    TJOB_ASSERT(tjob_job_validate(job) == TJOB_JOB_VALID);
    bytes_store32(bytes, job->state | TJOB_JOB_FORMAT << 8);
    bytes_store32(bytes + 4, job->host_code);
    bytes_store64(bytes + 8, job->submit_token);
    bytes_store64(bytes + 16, job->incarnation);
    bytes_store64(bytes + 24, job->trainer_token);
    bytes_store64(bytes + 32, job->submitted_ms);
    bytes_store64(bytes + 40, job->training_started_ms);
    bytes_store64(bytes + 48, job->stop_requested_ms);
    bytes_store64(bytes + 56, job->ended_ms);
}

tjob_job_problem tjob_job_decode(const unsigned char bytes[TJOB_JOB_ENCODED_BYTES], tjob_job *job)
{
    const uint32_t head = bytes_load32(bytes);
    if (head >> 8 != TJOB_JOB_FORMAT) {
        return TJOB_JOB_BAD_FORMAT;
    }
    const tjob_job decoded = {
        .submit_token = bytes_load64(bytes + 8),
        .incarnation = bytes_load64(bytes + 16),
        .trainer_token = bytes_load64(bytes + 24),
        .submitted_ms = bytes_load64(bytes + 32),
        .training_started_ms = bytes_load64(bytes + 40),
        .stop_requested_ms = bytes_load64(bytes + 48),
        .ended_ms = bytes_load64(bytes + 56),
        .state = head & 0xff,
        .host_code = bytes_load32(bytes + 4),
    };
    const tjob_job_problem problem = tjob_job_validate(&decoded);
    if (problem == TJOB_JOB_VALID) {
        *job = decoded;
    }
    return problem;
}

/* ---- The events and the policy ------------------------------------------------------------------------------- */

tjob_status tjob_event_validate(const tjob_event *event)
{
    const bool valid = event->kind < TJOB_EVENT_KIND_COUNT && (event->kind != TJOB_SUBMIT || event->token != 0) &&
                       (event->kind != TJOB_START || event->trainer_token != 0);
    return valid ? TJOB_OK : TJOB_INVALID_ARGUMENT;
}

tjob_status tjob_policy_validate(const tjob_policy *policy)
{
    const bool valid =
        policy->stop_submitted <= TJOB_STOP_SUBMITTED_REFUSED && policy->stop_finished <= TJOB_STOP_FINISHED_REFUSED;
    return valid ? TJOB_OK : TJOB_MISCONFIGURED;
}
