#include "baselines.h"

#include <regex.h>
#include <stdlib.h>

uint64_t baseline_fnv1a(tjob_text text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < text.bytes; i++) {
        hash = (hash ^ (unsigned char)text.data[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

bool baseline_regexec(const char *arn)
{
    static regex_t regex;
    static bool compiled;
    if (!compiled) {
        compiled = regcomp(&regex,
                           "^arn:aws:comprehend:[a-zA-Z0-9-]*:[0-9]{12}:entity-recognizer/[a-zA-Z0-9](-*[a-zA-Z0-9])*$",
                           REG_EXTENDED | REG_NOSUB) == 0;
        if (!compiled) {
            abort();
        }
    }
    return regexec(&regex, arn, 0, NULL, 0) == 0;
}

/* ---- The hand-written rule ----------------------------------------------------------------------------------- */

static tjob_transition_result answer(tjob_status status, bool changed)
{
    return (tjob_transition_result){status, changed};
}

static uint64_t latest(const tjob_job *job, uint64_t now_ms)
{
    uint64_t time = now_ms == 0 ? 1 : now_ms;
    if (job->submitted_ms > time) {
        time = job->submitted_ms;
    }
    if (job->training_started_ms > time) {
        time = job->training_started_ms;
    }
    if (job->stop_requested_ms > time) {
        time = job->stop_requested_ms;
    }
    if (job->ended_ms > time) {
        time = job->ended_ms;
    }
    return time;
}

static tjob_transition_result ends(tjob_job *next, tjob_state state, uint64_t now)
{
    next->state = state;
    next->ended_ms = now;
    return answer(TJOB_OK, true);
}

static tjob_transition_result on_stop(const tjob_policy *policy, uint64_t now, tjob_job *next)
{
    switch (next->state) {
    case TJOB_SUBMITTED:
        if (policy->stop_submitted == TJOB_STOP_SUBMITTED_REFUSED) {
            return answer(TJOB_REFUSED_BY_POLICY, false);
        }
        if (policy->stop_submitted == TJOB_STOP_SUBMITTED_IGNORED) {
            return answer(TJOB_OK, false);
        }
        next->stop_requested_ms = now;
        return ends(next, TJOB_STOPPED, now);
    case TJOB_TRAINING:
        next->state = TJOB_STOP_REQUESTED;
        next->stop_requested_ms = now;
        return answer(TJOB_OK, true);
    case TJOB_STOP_REQUESTED:
    case TJOB_STOPPED:
        return answer(TJOB_OK, false);
    default:
        if (policy->stop_finished == TJOB_STOP_FINISHED_REFUSED && next->stop_requested_ms == 0) {
            return answer(TJOB_REFUSED_BY_POLICY, false);
        }
        return answer(TJOB_OK, false);
    }
}

static tjob_transition_result on_report(const tjob_event *event, uint64_t now, tjob_job *next)
{
    const tjob_state state = (tjob_state)next->state;
    switch (event->kind) {
    case TJOB_HALTED:
        if (state == TJOB_STOP_REQUESTED) {
            return ends(next, TJOB_STOPPED, now);
        }
        return answer(state == TJOB_STOPPED ? TJOB_OK : TJOB_WRONG_STATE, false);
    case TJOB_COMPLETED:
        if (state == TJOB_TRAINING || state == TJOB_STOP_REQUESTED) {
            return ends(next, TJOB_TRAINED, now);
        }
        return answer(state == TJOB_TRAINED ? TJOB_OK : TJOB_WRONG_STATE, false);
    case TJOB_COMPLETED_WITH_WARNING:
        if (state == TJOB_TRAINING || state == TJOB_STOP_REQUESTED) {
            return ends(next, TJOB_TRAINED_WITH_WARNING, now);
        }
        return answer(state == TJOB_TRAINED_WITH_WARNING ? TJOB_OK : TJOB_WRONG_STATE, false);
    case TJOB_FAILED:
        if (state <= TJOB_STOP_REQUESTED) {
            next->host_code = event->host_code;
            return ends(next, TJOB_IN_ERROR, now);
        }
        return answer(state == TJOB_IN_ERROR ? TJOB_OK : TJOB_WRONG_STATE, false);
    default:
        if (state == TJOB_SUBMITTED) {
            return answer(TJOB_WRONG_STATE, false);
        }
        if (state == TJOB_TRAINING) {
            return ends(next, TJOB_IN_ERROR, now);
        }
        return state == TJOB_STOP_REQUESTED ? ends(next, TJOB_STOPPED, now) : answer(TJOB_OK, false);
    }
}

static tjob_transition_result on_absent(const tjob_event *event, uint64_t now, tjob_job *next)
{
    if (event->kind == TJOB_REMOVED) {
        return answer(TJOB_OK, false);
    }
    if (event->kind != TJOB_SUBMIT) {
        return answer(TJOB_NOT_FOUND, false);
    }
    if ((event->incarnation != 0 && event->incarnation != next->incarnation) || event->trainer_token != 0) {
        return answer(TJOB_STALE, false);
    }
    next->state = TJOB_SUBMITTED;
    next->submit_token = event->token;
    next->host_code = event->host_code;
    next->submitted_ms = now;
    return answer(TJOB_OK, true);
}

static bool stale(const tjob_job *job, const tjob_event *event)
{
    if (event->incarnation != 0 && event->incarnation != job->incarnation) {
        return true;
    }
    if (event->trainer_token != 0 && event->trainer_token != job->trainer_token) {
        return job->trainer_token != 0 || event->kind != TJOB_START;
    }
    return event->trainer_token == 0 && job->trainer_token != 0 && event->kind >= TJOB_HALTED &&
           event->kind <= TJOB_TRAINER_LOST;
}

static tjob_transition_result on_start(const tjob_event *event, uint64_t now, tjob_job *next)
{
    if (next->state != TJOB_SUBMITTED) {
        return answer(event->trainer_token == next->trainer_token ? TJOB_OK : TJOB_WRONG_STATE, false);
    }
    next->state = TJOB_TRAINING;
    next->trainer_token = event->trainer_token;
    next->training_started_ms = now;
    return answer(TJOB_OK, true);
}

tjob_transition_result baseline_switch(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                       const tjob_policy *policy, tjob_job *next)
{
    *next = *job;
    if (job->state >= TJOB_STATE_COUNT || tjob_event_validate(event) != TJOB_OK) {
        return answer(TJOB_INVALID_ARGUMENT, false);
    }
    const uint64_t now = latest(job, now_ms);
    if (job->state == TJOB_ABSENT) {
        return on_absent(event, now, next);
    }
    if (stale(job, event)) {
        return answer(TJOB_STALE, false);
    }
    switch (event->kind) {
    case TJOB_SUBMIT:
        return answer(event->token == job->submit_token ? TJOB_OK : TJOB_IN_USE, false);
    case TJOB_START:
        return on_start(event, now, next);
    case TJOB_STOP:
        return on_stop(policy, now, next);
    case TJOB_STOP_EXPIRED:
        if (job->state == TJOB_STOP_REQUESTED &&
            now - job->stop_requested_ms >=
                (policy->stop_timeout_ms != 0 ? policy->stop_timeout_ms : TJOB_STOP_TIMEOUT_MS_DEFAULT)) {
            return ends(next, TJOB_STOPPED, now);
        }
        return answer(TJOB_OK, false);
    case TJOB_DELETE:
        if (job->state < TJOB_STOPPED) {
            return answer(TJOB_IN_USE, false);
        }
        next->state = TJOB_DELETING;
        return answer(TJOB_OK, job->state != TJOB_DELETING);
    case TJOB_REMOVED:
        if (job->state != TJOB_DELETING) {
            return answer(TJOB_WRONG_STATE, false);
        }
        *next = (tjob_job){.state = TJOB_ABSENT};
        return answer(TJOB_OK, true);
    case TJOB_DESCRIBE:
        return answer(TJOB_OK, false);
    default:
        return on_report(event, now, next);
    }
}
