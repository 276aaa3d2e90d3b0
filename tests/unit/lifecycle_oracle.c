#include "unit/lifecycle_oracle.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */

/* A: the same token: unchanged; another: in use. B: the same worker: unchanged; another: refused.
 * P1, P2: by the policy. late: only once the stop has timed out. */
static const struct {
    tjob_event_kind event;
    const char *cells[TJOB_STATE_COUNT];
} rows[] = {
    /*                              SUBMITTED       TRAINING                  STOP_REQUESTED             STOPPED        TRAINED        WITH_WARNING   IN_ERROR       DELETING     absent */
    {TJOB_SUBMIT,                 {"A",            "A",                      "A",                       "A",           "A",           "A",           "A",           "A",         "-> SUBMITTED"}},
    {TJOB_START,                  {"-> TRAINING",  "B",                      "B",                       "B",           "B",           "B",           "B",           "B",         "not found"}},
    {TJOB_STOP,                   {"P1",           "-> STOP_REQUESTED",      "unchanged",               "P2",          "P2",          "P2",          "P2",          "P2",        "not found"}},
    {TJOB_HALTED,                 {"refused",      "refused",                "-> STOPPED",              "unchanged",   "refused",     "refused",     "refused",     "refused",   "not found"}},
    {TJOB_COMPLETED,              {"refused",      "-> TRAINED",             "-> TRAINED",              "refused",     "unchanged",   "refused",     "refused",     "refused",   "not found"}},
    {TJOB_COMPLETED_WITH_WARNING, {"refused",      "-> TRAINED_WITH_WARNING","-> TRAINED_WITH_WARNING", "refused",     "refused",     "unchanged",   "refused",     "refused",   "not found"}},
    {TJOB_FAILED,                 {"-> IN_ERROR",  "-> IN_ERROR",            "-> IN_ERROR",             "refused",     "refused",     "refused",     "unchanged",   "refused",   "not found"}},
    {TJOB_WORKER_LOST,            {"refused",      "-> IN_ERROR",            "-> STOPPED",              "unchanged",   "unchanged",   "unchanged",   "unchanged",   "unchanged", "not found"}},
    {TJOB_STOP_EXPIRED,           {"unchanged",    "unchanged",              "late -> STOPPED",         "unchanged",   "unchanged",   "unchanged",   "unchanged",   "unchanged", "not found"}},
    {TJOB_DELETE,                 {"in use",       "in use",                 "in use",                  "-> DELETING", "-> DELETING", "-> DELETING", "-> DELETING", "unchanged", "not found"}},
    {TJOB_REMOVED,                {"refused",      "refused",                "refused",                 "refused",     "refused",     "refused",     "refused",     "-> absent", "unchanged"}},
    {TJOB_DESCRIBE,               {"unchanged",    "unchanged",              "unchanged",               "unchanged",   "unchanged",   "unchanged",   "unchanged",   "unchanged", "not found"}},
};

static const struct {
    const char *name;
    tjob_state state;
} columns[TJOB_STATE_COUNT] = {
    {"SUBMITTED", TJOB_SUBMITTED}, {"TRAINING", TJOB_TRAINING}, {"STOP_REQUESTED", TJOB_STOP_REQUESTED},
    {"STOPPED", TJOB_STOPPED},     {"TRAINED", TJOB_TRAINED},   {"TRAINED_WITH_WARNING", TJOB_TRAINED_WITH_WARNING},
    {"IN_ERROR", TJOB_IN_ERROR},   {"DELETING", TJOB_DELETING}, {"absent", TJOB_ABSENT},
};

/* clang-format on */

const char *oracle_cell(tjob_event_kind event, tjob_state state)
{
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        for (size_t column = 0; column < TJOB_STATE_COUNT; column++) {
            if (rows[row].event == event && columns[column].state == state) {
                return rows[row].cells[column];
            }
        }
    }
    abort();
}

static bool is(const char *word, const char *wanted)
{
    return strcmp(word, wanted) == 0;
}

/* A life or a worker that the event carries must be the record's; an absent job has neither. */
static bool is_stale(const tjob_job *job, const tjob_event *event)
{
    const bool absent = job->state == TJOB_ABSENT;
    const bool report = event->kind == TJOB_HALTED || event->kind == TJOB_COMPLETED ||
                        event->kind == TJOB_COMPLETED_WITH_WARNING || event->kind == TJOB_FAILED ||
                        event->kind == TJOB_WORKER_LOST;
    if (absent && event->kind != TJOB_SUBMIT) {
        return false;
    }
    if (event->life != 0 && event->life != job->life) {
        return true;
    }
    if (job->worker != 0 && event->worker == 0) {
        return report; /* a report on a job that has a worker must carry one */
    }
    if (job->worker == 0 && event->worker != 0) {
        return event->kind != TJOB_START; /* start brings the worker */
    }
    return event->worker != job->worker;
}

static uint64_t clamped(const tjob_job *job, uint64_t now_ms)
{
    uint64_t latest = 1;
    latest = job->submitted_ms > latest ? job->submitted_ms : latest;
    latest = job->training_started_ms > latest ? job->training_started_ms : latest;
    latest = job->stop_requested_ms > latest ? job->stop_requested_ms : latest;
    latest = job->ended_ms > latest ? job->ended_ms : latest;
    return now_ms > latest ? now_ms : latest;
}

/* The job once it has moved to the state of this name. */
static tjob_job moved(tjob_job job, const tjob_event *event, const char *name, uint64_t at)
{
    if (is(name, "absent")) {
        memset(&job, 0, sizeof job);
        return job;
    }
    if (is(name, "SUBMITTED")) {
        job.submit_token = event->token;
        job.submitted_ms = at;
    }
    if (is(name, "SUBMITTED") || event->kind == TJOB_FAILED) {
        job.host_code = event->host_code;
    }
    if (is(name, "TRAINING")) {
        job.worker = event->worker;
        job.training_started_ms = at;
    }
    if (event->kind == TJOB_STOP) {
        job.stop_requested_ms = at;
    }
    if (is(name, "STOPPED") || is(name, "TRAINED") || is(name, "TRAINED_WITH_WARNING") || is(name, "IN_ERROR")) {
        job.ended_ms = at;
    }
    for (size_t column = 0; column < TJOB_STATE_COUNT; column++) {
        if (is(name, columns[column].name)) {
            job.state = (uint32_t)columns[column].state;
        }
    }
    return job;
}

static const char *word_by_policy(const tjob_job *job, const tjob_event *event, uint64_t at, const tjob_policy *policy)
{
    static const char *const before_training[] = {"-> STOPPED", "unchanged", "by policy"};
    const uint64_t timeout_ms = policy->stop_timeout_ms == 0 ? 900000 : policy->stop_timeout_ms;
    const char *word = oracle_cell((tjob_event_kind)event->kind, (tjob_state)job->state);
    if (is(word, "P1")) {
        return before_training[policy->stop_submitted];
    }
    if (is(word, "P2")) {
        return job->stop_requested_ms != 0 || policy->stop_finished == TJOB_STOP_FINISHED_ACCEPTED ? "unchanged"
                                                                                                   : "by policy";
    }
    if (is(word, "A")) {
        return event->token == job->submit_token ? "unchanged" : "in use";
    }
    if (is(word, "B")) {
        return event->worker == job->worker ? "unchanged" : "refused";
    }
    if (is(word, "late -> STOPPED")) {
        return at - job->stop_requested_ms < timeout_ms ? "unchanged" : "-> STOPPED";
    }
    return word;
}

oracle_ruling oracle_apply(const tjob_job *job, const tjob_event *event, uint64_t now_ms, const tjob_policy *policy)
{
    static const struct {
        const char *word;
        tjob_status status;
    } answers[] = {
        {"unchanged", TJOB_OK},        {"refused", TJOB_WRONG_STATE},         {"in use", TJOB_IN_USE},
        {"not found", TJOB_NOT_FOUND}, {"by policy", TJOB_REFUSED_BY_POLICY},
    };
    if (is_stale(job, event)) {
        return (oracle_ruling){TJOB_STALE, false, *job};
    }
    const uint64_t at = clamped(job, now_ms);
    const char *word = word_by_policy(job, event, at, policy);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        if (is(word, answers[i].word)) {
            return (oracle_ruling){answers[i].status, false, *job};
        }
    }
    return (oracle_ruling){TJOB_OK, true, moved(*job, event, word + strlen("-> "), at)};
}
