#include "crash/truth.h"

#include <stdlib.h>
#include <string.h>

static const tjob_policy policy;

void truth_init(struct truth *truth)
{
    memset(truth, 0, sizeof *truth);
    truth->jobs[0].state = TJOB_ABSENT;
    truth->count = 1;
}

static bool same(const tjob_job *can_be, const tjob_job *is)
{
    tjob_job compared = *is;
    compared.incarnation = can_be->incarnation == 0 ? 0 : is->incarnation;
    return memcmp(can_be, &compared, sizeof compared) == 0;
}

static bool contains(const struct truth *truth, const tjob_job *job)
{
    for (unsigned i = 0; i < truth->count; i++) {
        if (same(&truth->jobs[i], job)) {
            return true;
        }
    }
    return false;
}

static void make_durable(struct truth *truth, const tjob_job *job)
{
    truth->jobs[0] = *job;
    truth->jobs[0].incarnation = job->state == TJOB_ABSENT ? 0 : job->incarnation;
    truth->count = 1;
}

void truth_left_open(struct truth *truth, const tjob_event *event, uint64_t now_ms)
{
    for (unsigned i = 0, before = truth->count; i < before; i++) {
        tjob_job next = truth->jobs[i];
        if (tjob_job_apply(&truth->jobs[i], event, now_ms, &policy, &next).changed && !contains(truth, &next)) {
            if (truth->count == TRUTH_JOBS_MAX) {
                abort();
            }
            truth->jobs[truth->count++] = next;
        }
    }
}

const char *truth_ended(struct truth *truth, const tjob_event *event, uint64_t now_ms, const tjob_outcome *outcome)
{
    if (outcome->status != TJOB_OK && outcome->status != TJOB_UNRESOLVED) {
        return NULL;
    }
    truth_left_open(truth, event, now_ms);
    if (outcome->status == TJOB_UNRESOLVED) {
        return NULL;
    }
    if (!contains(truth, &outcome->job)) {
        return "an operation succeeded on what cannot be";
    }
    make_durable(truth, &outcome->job);
    return NULL;
}

const char *truth_seen(struct truth *truth, const tjob_job *job, uint64_t version)
{
    if (!contains(truth, job)) {
        return "what is there was never there, or is not there any more";
    }
    if (truth->seen && version < truth->version) {
        return "its version went back";
    }
    if (truth->seen && version == truth->version && !same(&truth->at_version, job)) {
        return "its version stands for two things";
    }
    make_durable(truth, job);
    truth->seen = true;
    truth->version = version;
    truth->at_version = truth->jobs[0];
    return NULL;
}
