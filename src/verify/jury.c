/* What is judged of a simulation: each history by tjob/history.h, and what can be seen at once by the promises. */
#include <string.h>

#include "verify/simulation.h"

/* So many calls of a job may wait for one that is under way before they are judged as far as possible. */
enum { CALLS_IN_PATIENCE = 6 };

void tjob__jury_note(struct tjob_simulator *simulator, tjob_simulator_check check, uint32_t index, uint32_t event)
{
    tjob_simulator_report *report = &simulator->report;
    if (check == TJOB_CHECK_NONE || report->simulation != TJOB_SIMULATION_UNDER_WAY) {
        return;
    }
    report->simulation = TJOB_SIMULATION_VIOLATED;
    report->violation.check = check;
    report->violation.job = simulator->config.first_job + index;
    report->violation.time_ms = simulator->wheel.now;
    report->violation.event = (tjob_event_kind)event;
}

void tjob__jury_bound(struct tjob_simulator *simulator, tjob_simulator_bound bound)
{
    tjob_simulator_report *report = &simulator->report;
    if (report->bound == TJOB_SIMULATOR_BOUND_NONE || bound != TJOB_SIMULATOR_BOUND_HISTORY) {
        report->bound = bound;
    }
    if (bound != TJOB_SIMULATOR_BOUND_HISTORY && report->simulation == TJOB_SIMULATION_UNDER_WAY) {
        report->simulation = TJOB_SIMULATION_INCONCLUSIVE;
    }
}

/* ---- Digest and counts ----------------------------------------------------------------------------------------- */

static void digest(struct tjob_simulator *simulator, uint64_t word)
{
    const uint64_t mixed = (simulator->report.digest ^ word) * RANDOM_GOLDEN;
    simulator->report.digest = mixed ^ mixed >> 32;
}

static void digest_outcome(struct tjob_simulator *simulator, const struct flight *flight)
{
    const tjob_outcome *outcome = &flight->call.outcome;
    const tjob_job *job = &outcome->job;
    digest(simulator, (uint64_t)simulator->wheel.now << 32 | flight->job);
    digest(simulator, (uint64_t)outcome->status << 24 | (uint64_t)outcome->changed << 16 |
                          (uint64_t)outcome->before << 8 | (uint64_t)outcome->after);
    digest(simulator,
           job->incarnation ^ job->trainer_token << 16 ^ job->submit_token << 32 ^ (uint64_t)job->host_code << 48);
    digest(simulator,
           job->submitted_ms ^ job->training_started_ms << 8 ^ job->stop_requested_ms << 16 ^ job->ended_ms << 24);
}

static void count(struct tjob_simulator *simulator, const struct flight *flight)
{
    tjob_simulator_report *report = &simulator->report;
    const tjob_outcome *outcome = &flight->call.outcome;
    report->operations[flight->call.event.kind][outcome->status]++;
    report->operation_count++;
    if (outcome->changed == TJOB_CHANGED_YES && outcome->job.stop_requested_ms != 0 && outcome->job.ended_ms != 0 &&
        tjob_state_is_terminal(outcome->after)) {
        const uint64_t took_ms = outcome->job.ended_ms - outcome->job.stop_requested_ms;
        const uint32_t duration_ms = took_ms < UINT32_MAX ? (uint32_t)took_ms : UINT32_MAX;
        report->stops.counts[tjob_duration_class(duration_ms)]++;
        report->stops.count++;
        report->stops.most_ms = duration_ms > report->stops.most_ms ? duration_ms : report->stops.most_ms;
    }
}

/* ---- The calls of a job ---------------------------------------------------------------------------------------- */

static struct flight *flight_of(const struct tjob_simulator *simulator, uint32_t number)
{
    return number != 0 ? &simulator->flights[number - 1] : NULL;
}

static struct flight *first_call(const struct tjob_simulator *simulator, const struct cell *cell)
{
    return flight_of(simulator, cell->calls & ~CELL_UNJUDGED);
}

void tjob__jury_invoked(struct tjob_simulator *simulator, struct flight *flight)
{
    struct cell *cell = cell_at(simulator, flight->job);
    const tjob_event *event = &flight->operation.event;
    flight->next = 0;
    flight->call.event = *event;
    flight->call.invoked = ++simulator->sequence;
    flight->call.answered = TJOB_NEVER;
    flight->call.told = TJOB_TOLD_ALL;
    digest(simulator, (uint64_t)simulator->wheel.now << 32 | flight->job);
    digest(simulator,
           event->incarnation ^ event->trainer_token << 16 ^ event->token << 32 ^ (uint64_t)event->kind << 48);
    if ((cell->calls & CELL_UNJUDGED) != 0) {
        flight->explained = 1;
        return;
    }
    uint32_t *link = &cell->calls;
    while (*link != 0) {
        link = &simulator->flights[*link - 1].next;
    }
    *link = (uint32_t)(flight - simulator->flights) + 1;
}

/* Takes a call out of those that are to be explained. One that is under way goes on. */
static void release(struct tjob_simulator *simulator, struct flight *flight)
{
    flight->explained = 1;
    if (flight->stage == STAGE_ENDED) {
        tjob__flight_drop(simulator, flight);
    }
}

/* The judge has met a bound: of this job nothing more is said. */
static void give_up(struct tjob_simulator *simulator, struct cell *cell)
{
    struct flight *next;
    for (struct flight *flight = first_call(simulator, cell); flight != NULL; flight = next) {
        next = flight_of(simulator, flight->next);
        release(simulator, flight);
    }
    cell->calls = CELL_UNJUDGED;
    simulator->report.inconclusive_jobs++;
    tjob__jury_bound(simulator, TJOB_SIMULATOR_BOUND_HISTORY);
}

/* Keeps of the calls of a job those that are still to be explained: the first `count` of simulator->calls. */
static void keep(struct tjob_simulator *simulator, struct cell *cell, size_t left)
{
    uint32_t *link = &cell->calls;
    size_t at = 0;
    while (*link != 0) {
        struct flight *flight = &simulator->flights[*link - 1];
        if (at < left && simulator->calls[at].invoked == flight->call.invoked) {
            at++;
            link = &flight->next;
        } else {
            *link = flight->next;
            release(simulator, flight);
        }
    }
}

/* Gathers the calls of a job. False if there are too many. */
static bool gather(struct tjob_simulator *simulator, const struct cell *cell, size_t *gathered)
{
    *gathered = 0;
    for (const struct flight *flight = first_call(simulator, cell); flight != NULL;
         flight = flight_of(simulator, flight->next)) {
        if (*gathered == CALLS_TOGETHER) {
            return false;
        }
        simulator->calls[(*gathered)++] = flight->call;
    }
    return true;
}

static void fold(struct tjob_simulator *simulator, uint32_t index)
{
    struct cell *cell = cell_at(simulator, index);
    size_t left;
    if (!gather(simulator, cell, &left)) {
        give_up(simulator, cell);
        return;
    }
    const tjob_finding finding = tjob_history_fold(&simulator->history, &cell->past, simulator->calls, &left);
    if (finding.verdict == TJOB_INCONCLUSIVE) {
        give_up(simulator, cell);
    } else if (finding.verdict != TJOB_LINEARIZABLE) {
        tjob__jury_note(simulator, TJOB_CHECK_I7, index, simulator->calls[finding.at].event.kind);
    } else {
        keep(simulator, cell, left);
    }
}

/* ---- Answers --------------------------------------------------------------------------------------------------- */

static void remember_promise(struct cell *cell, const struct flight *flight)
{
    const tjob_outcome *outcome = &flight->call.outcome;
    if (flight->call.event.kind == TJOB_STOP && outcome->status == TJOB_OK) {
        cell->promised = incarnation_fold(outcome->job.incarnation);
    }
}

/* Whether it is time to judge: nothing is under way, or enough waits for what is. */
static bool is_time(const struct tjob_simulator *simulator, const struct cell *cell)
{
    uint32_t answered = 0;
    bool under_way = false;
    for (const struct flight *flight = first_call(simulator, cell); flight != NULL;
         flight = flight_of(simulator, flight->next)) {
        under_way = under_way || flight->stage != STAGE_ENDED;
        answered++;
    }
    return !under_way || answered % CALLS_IN_PATIENCE == 0;
}

void tjob__jury_resolves(const struct tjob_simulator *simulator, struct flight *flight)
{
    const bool known = simulator->store.own == NULL && !tjob__simulated_forgets(&simulator->store);
    if (known && flight->deeds.ended && flight->writes == 0 && flight->deeds.landed == 0 &&
        flight->call.outcome.status == TJOB_UNRESOLVED) {
        flight->call.outcome.status = TJOB_UNAVAILABLE;
        flight->call.outcome.changed = TJOB_CHANGED_NO;
    }
}

void tjob__jury_answered(struct tjob_simulator *simulator, struct flight *flight)
{
    const uint32_t index = flight->job;
    struct cell *cell = cell_at(simulator, index);
    const tjob_outcome *outcome = &flight->call.outcome;
    const bool alone = cell->calls == (uint32_t)(flight - simulator->flights) + 1 && flight->next == 0;
    flight->call.answered = ++simulator->sequence;
    flight->deeds.ended = true;
    flight->deeds.status = (uint8_t)outcome->status;
    flight->deeds.changed = (uint8_t)outcome->changed;
    count(simulator, flight);
    digest_outcome(simulator, flight);
    tjob__jury_note(simulator, tjob__promises_of_deeds(&flight->deeds), index, flight->call.event.kind);
    remember_promise(cell, flight);
    tjob__jury_resolves(simulator, flight);
    if (flight->explained) {
        tjob__flight_drop(simulator, flight);
    } else if (alone) {
        size_t left = 1;
        const tjob_finding finding = tjob_history_fold(&simulator->history, &cell->past, &flight->call, &left);
        if (finding.verdict == TJOB_LINEARIZABLE && left == 0) {
            cell->calls = 0;
            release(simulator, flight);
        } else if (finding.verdict != TJOB_LINEARIZABLE) {
            fold(simulator, index);
        }
    } else if (is_time(simulator, cell)) {
        fold(simulator, index);
    }
}

/* A call of a job that is still under way; NULL if there is none. */
static const struct flight *left_over(const struct tjob_simulator *simulator, const struct cell *cell)
{
    const struct flight *flight = first_call(simulator, cell);
    while (flight != NULL && flight->stage == STAGE_ENDED) {
        flight = flight_of(simulator, flight->next);
    }
    return flight;
}

/* ---- The end --------------------------------------------------------------------------------------------------- */

static tjob_simulator_check check_of(tjob_finding finding, tjob_simulator_check otherwise)
{
    return finding.verdict == TJOB_LINEARIZABLE || finding.verdict == TJOB_INCONCLUSIVE ? TJOB_CHECK_NONE : otherwise;
}

void tjob__jury_closes(struct tjob_simulator *simulator, uint32_t index)
{
    struct cell *cell = cell_at(simulator, index);
    tjob_load_status status;
    size_t left;
    const tjob_call look =
        tjob__simulated_look(&simulator->store, place_of(simulator, index), ++simulator->sequence, &status);
    if (status == TJOB_LOAD_OK && simulator->promises.table && look.outcome.job.state == TJOB_STOP_REQUESTED) {
        tjob__jury_note(simulator, TJOB_CHECK_SETTLES, index, TJOB_STOP);
    }
    const struct flight *under_way = left_over(simulator, cell);
    if (under_way != NULL) {
        tjob__jury_note(simulator, TJOB_CHECK_DRAINS, index, under_way->call.event.kind);
    }
    if ((cell->calls & CELL_UNJUDGED) != 0) {
        return;
    }
    if (!gather(simulator, cell, &left)) {
        give_up(simulator, cell);
        return;
    }
    tjob_finding finding = tjob_history_finish(&simulator->history, &cell->past, simulator->calls, left);
    tjob__jury_note(simulator, check_of(finding, TJOB_CHECK_I7), index, simulator->calls[finding.at].event.kind);
    if (status != TJOB_LOAD_UNAVAILABLE) {
        simulator->calls[left] = look;
        finding = tjob_history_finish(&simulator->history, &cell->past, simulator->calls, left + 1);
        tjob__jury_note(simulator, check_of(finding, TJOB_CHECK_HOLDS), index, TJOB_DESCRIBE);
    }
    if (finding.verdict == TJOB_INCONCLUSIVE) {
        give_up(simulator, cell);
    }
}
