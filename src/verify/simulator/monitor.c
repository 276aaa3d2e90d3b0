/*
 * The runtime monitor of a simulation. It checks each history with tjob/history_checker.h, and everything that can be
 * observed at once with the invariants.
 */
#include <string.h>

#include "verify/simulator/simulator.h"

/* If calls are in flight, the history of a job is checked as far as possible each time this many of its calls are
 * waiting. */
enum { CALLS_IN_PATIENCE = 6 };

void tjob__monitor_note(struct tjob_simulator *simulator, tjob_invariant check, uint32_t index, uint32_t event)
{
    tjob_simulator_report *report = &simulator->report;
    if (check == TJOB_INVARIANT_NONE || report->simulation != TJOB_SIMULATION_RUNNING) {
        return;
    }
    report->simulation = TJOB_SIMULATION_VIOLATED;
    report->violation.invariant = check;
    report->violation.job = simulator->config.first_job + index;
    report->violation.time_ms = simulator->wheel.now;
    report->violation.event = (tjob_event_kind)event;
}

void tjob__monitor_bound(struct tjob_simulator *simulator, tjob_simulator_bound bound)
{
    tjob_simulator_report *report = &simulator->report;
    if (report->bound == TJOB_SIMULATOR_BOUND_NONE || bound != TJOB_SIMULATOR_BOUND_HISTORY) {
        report->bound = bound;
    }
    if (bound != TJOB_SIMULATOR_BOUND_HISTORY && report->simulation == TJOB_SIMULATION_RUNNING) {
        report->simulation = TJOB_SIMULATION_INCONCLUSIVE;
    }
}

/* ---- Digest and counts ----------------------------------------------------------------------------------------- */

static void digest(struct tjob_simulator *simulator, uint64_t word)
{
    const uint64_t mixed = (simulator->report.digest ^ word) * RANDOM_GOLDEN;
    simulator->report.digest = mixed ^ mixed >> 32;
}

static void digest_outcome(struct tjob_simulator *simulator, const struct in_flight *in_flight)
{
    const tjob_outcome *outcome = &in_flight->call.outcome;
    const tjob_job *job = &outcome->job;
    digest(simulator, (uint64_t)simulator->wheel.now << 32 | in_flight->job);
    digest(simulator, (uint64_t)outcome->status << 24 | (uint64_t)outcome->changed << 16 |
                          (uint64_t)outcome->before << 8 | (uint64_t)outcome->after);
    digest(simulator,
           job->incarnation ^ job->trainer_token << 16 ^ job->submit_token << 32 ^ (uint64_t)job->host_code << 48);
    digest(simulator,
           job->submitted_ms ^ job->training_started_ms << 8 ^ job->stop_requested_ms << 16 ^ job->ended_ms << 24);
}

static void count(struct tjob_simulator *simulator, const struct in_flight *in_flight)
{
    tjob_simulator_report *report = &simulator->report;
    const tjob_outcome *outcome = &in_flight->call.outcome;
    report->operations[in_flight->call.event.kind][outcome->status]++;
    report->operation_count++;
    if (outcome->changed == TJOB_CHANGED_YES && outcome->job.stop_requested_ms != 0 && outcome->job.ended_ms != 0 &&
        tjob_state_is_terminal(outcome->after)) {
        const uint64_t took_ms = outcome->job.ended_ms - outcome->job.stop_requested_ms;
        const uint32_t duration_ms = took_ms < UINT32_MAX ? (uint32_t)took_ms : UINT32_MAX;
        report->stops.counts[tjob_histogram_bin(duration_ms)]++;
        report->stops.count++;
        report->stops.most_ms = duration_ms > report->stops.most_ms ? duration_ms : report->stops.most_ms;
    }
}

/* ---- The calls of a job ---------------------------------------------------------------------------------------- */

static struct in_flight *in_flight_of(const struct tjob_simulator *simulator, uint32_t number)
{
    return number != 0 ? &simulator->in_flight[number - 1] : NULL;
}

static struct in_flight *first_call(const struct tjob_simulator *simulator, const struct cell *cell)
{
    return in_flight_of(simulator, cell->calls & ~CELL_UNJUDGED);
}

void tjob__monitor_invoked(struct tjob_simulator *simulator, struct in_flight *in_flight)
{
    struct cell *cell = cell_at(simulator, in_flight->job);
    const tjob_event *event = &in_flight->operation.event;
    in_flight->next = 0;
    in_flight->call.event = *event;
    in_flight->call.invoked = ++simulator->sequence;
    in_flight->call.answered = TJOB_PENDING;
    in_flight->call.known = TJOB_KNOWN_ALL;
    digest(simulator, (uint64_t)simulator->wheel.now << 32 | in_flight->job);
    digest(simulator,
           event->incarnation ^ event->trainer_token << 16 ^ event->token << 32 ^ (uint64_t)event->kind << 48);
    if ((cell->calls & CELL_UNJUDGED) != 0) {
        in_flight->explained = 1;
        return;
    }
    uint32_t *link = &cell->calls;
    while (*link != 0) {
        link = &simulator->in_flight[*link - 1].next;
    }
    *link = (uint32_t)(in_flight - simulator->in_flight) + 1;
}

/* Removes a call from the calls to explain. An operation that is in flight continues. */
static void release(struct tjob_simulator *simulator, struct in_flight *in_flight)
{
    in_flight->explained = 1;
    if (in_flight->stage == STAGE_ENDED) {
        tjob__in_flight_drop(simulator, in_flight);
    }
}

/* The history checker has reached a bound: this job is not checked any further. */
static void monitor_give_up(struct tjob_simulator *simulator, struct cell *cell)
{
    struct in_flight *next;
    for (struct in_flight *in_flight = first_call(simulator, cell); in_flight != NULL; in_flight = next) {
        next = in_flight_of(simulator, in_flight->next);
        release(simulator, in_flight);
    }
    cell->calls = CELL_UNJUDGED;
    simulator->report.inconclusive_jobs++;
    tjob__monitor_bound(simulator, TJOB_SIMULATOR_BOUND_HISTORY);
}

/* Keeps the calls of a job that are still to be explained: the first `left` of simulator->calls. */
static void monitor_keep(struct tjob_simulator *simulator, struct cell *cell, size_t left)
{
    uint32_t *link = &cell->calls;
    size_t at = 0;
    while (*link != 0) {
        struct in_flight *in_flight = &simulator->in_flight[*link - 1];
        if (at < left && simulator->calls[at].invoked == in_flight->call.invoked) {
            at++;
            link = &in_flight->next;
        } else {
            *link = in_flight->next;
            release(simulator, in_flight);
        }
    }
}

/* Gathers the calls of a job. Returns false if there are too many. */
static bool monitor_gather(struct tjob_simulator *simulator, const struct cell *cell, size_t *gathered)
{
    *gathered = 0;
    for (const struct in_flight *in_flight = first_call(simulator, cell); in_flight != NULL;
         in_flight = in_flight_of(simulator, in_flight->next)) {
        if (*gathered == CALLS_TOGETHER) {
            return false;
        }
        simulator->calls[(*gathered)++] = in_flight->call;
    }
    return true;
}

static void fold(struct tjob_simulator *simulator, uint32_t index)
{
    struct cell *cell = cell_at(simulator, index);
    size_t left;
    if (!monitor_gather(simulator, cell, &left)) {
        monitor_give_up(simulator, cell);
        return;
    }
    const tjob_history_result result =
        tjob_history_compact(&simulator->history, &cell->checkpoint, simulator->calls, &left);
    if (result.verdict == TJOB_INCONCLUSIVE) {
        monitor_give_up(simulator, cell);
    } else if (result.verdict != TJOB_LINEARIZABLE) {
        tjob__monitor_note(simulator, TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE, index,
                           simulator->calls[result.at].event.kind);
    } else {
        monitor_keep(simulator, cell, left);
    }
}

/* ---- Answers --------------------------------------------------------------------------------------------------- */

static void remember_promise(struct cell *cell, const struct in_flight *in_flight)
{
    const tjob_outcome *outcome = &in_flight->call.outcome;
    if (in_flight->call.event.kind == TJOB_STOP && outcome->status == TJOB_OK) {
        cell->promised = incarnation_digest(outcome->job.incarnation);
    }
}

/* Returns whether the history is to be checked now: no call is in flight, or enough calls are waiting. */
static bool is_time(const struct tjob_simulator *simulator, const struct cell *cell)
{
    uint32_t answered = 0;
    bool under_way = false;
    for (const struct in_flight *in_flight = first_call(simulator, cell); in_flight != NULL;
         in_flight = in_flight_of(simulator, in_flight->next)) {
        under_way = under_way || in_flight->stage != STAGE_ENDED;
        answered++;
    }
    return !under_way || answered % CALLS_IN_PATIENCE == 0;
}

/* Returns whether a call is part of its job's checkpoint. Its answer is then final: the history checker may have merged
 * another call with the same event into it. */
static bool is_compacted(const struct tjob_simulator *simulator, const struct in_flight *in_flight)
{
    const struct cell *cell = cell_at(simulator, in_flight->job);
    const struct in_flight *call = first_call(simulator, cell);
    uint32_t left = cell->checkpoint.open;
    while (left > 0 && call != NULL && call != in_flight) {
        call = in_flight_of(simulator, call->next);
        left--;
    }
    return left > 0 && call == in_flight;
}

void tjob__monitor_resolves(const struct tjob_simulator *simulator, struct in_flight *in_flight)
{
    const bool known = simulator->store.own == NULL && !tjob__simulated_loses(&simulator->store);
    if (known && in_flight->effects.ended && in_flight->writes == 0 && in_flight->effects.applied == 0 &&
        in_flight->call.outcome.status == TJOB_UNRESOLVED && !is_compacted(simulator, in_flight)) {
        in_flight->call.outcome.status = TJOB_UNAVAILABLE;
        in_flight->call.outcome.changed = TJOB_CHANGED_NO;
    }
}

void tjob__monitor_answered(struct tjob_simulator *simulator, struct in_flight *in_flight)
{
    const uint32_t index = in_flight->job;
    struct cell *cell = cell_at(simulator, index);
    const tjob_outcome *outcome = &in_flight->call.outcome;
    const bool alone = cell->calls == (uint32_t)(in_flight - simulator->in_flight) + 1 && in_flight->next == 0;
    in_flight->call.answered = ++simulator->sequence;
    in_flight->effects.ended = true;
    in_flight->effects.status = (uint8_t)outcome->status;
    in_flight->effects.changed = (uint8_t)outcome->changed;
    count(simulator, in_flight);
    digest_outcome(simulator, in_flight);
    tjob__monitor_note(simulator, tjob__invariants_of_effects(&in_flight->effects), index, in_flight->call.event.kind);
    remember_promise(cell, in_flight);
    tjob__monitor_resolves(simulator, in_flight);
    if (in_flight->explained) {
        tjob__in_flight_drop(simulator, in_flight);
    } else if (alone) {
        size_t left = 1;
        const tjob_history_result result =
            tjob_history_compact(&simulator->history, &cell->checkpoint, &in_flight->call, &left);
        if (result.verdict == TJOB_LINEARIZABLE && left == 0) {
            cell->calls = 0;
            release(simulator, in_flight);
        } else if (result.verdict != TJOB_LINEARIZABLE) {
            fold(simulator, index);
        }
    } else if (is_time(simulator, cell)) {
        fold(simulator, index);
    }
}

/* Returns a call of a job that is still in flight; NULL if there is none. */
static const struct in_flight *left_over(const struct tjob_simulator *simulator, const struct cell *cell)
{
    const struct in_flight *in_flight = first_call(simulator, cell);
    while (in_flight != NULL && in_flight->stage == STAGE_ENDED) {
        in_flight = in_flight_of(simulator, in_flight->next);
    }
    return in_flight;
}

/* ---- The end --------------------------------------------------------------------------------------------------- */

static tjob_invariant monitor_invariant_of(tjob_history_result result, tjob_invariant otherwise)
{
    return result.verdict == TJOB_LINEARIZABLE || result.verdict == TJOB_INCONCLUSIVE ? TJOB_INVARIANT_NONE : otherwise;
}

void tjob__monitor_closes(struct tjob_simulator *simulator, uint32_t index)
{
    struct cell *cell = cell_at(simulator, index);
    tjob_load_status status;
    size_t left;
    const tjob_call look =
        tjob__simulated_read(&simulator->store, place_of(simulator, index), ++simulator->sequence, &status);
    if (status == TJOB_LOAD_OK && simulator->invariants.table && look.outcome.job.state == TJOB_STOP_REQUESTED) {
        tjob__monitor_note(simulator, TJOB_INVARIANT_STOPS_COMPLETE, index, TJOB_STOP);
    }
    const struct in_flight *under_way = left_over(simulator, cell);
    if (under_way != NULL) {
        tjob__monitor_note(simulator, TJOB_INVARIANT_OPERATIONS_END, index, under_way->call.event.kind);
    }
    if ((cell->calls & CELL_UNJUDGED) != 0) {
        return;
    }
    if (!monitor_gather(simulator, cell, &left)) {
        monitor_give_up(simulator, cell);
        return;
    }
    tjob_history_result result = tjob_history_finish(&simulator->history, &cell->checkpoint, simulator->calls, left);
    tjob__monitor_note(simulator, monitor_invariant_of(result, TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE), index,
                       simulator->calls[result.at].event.kind);
    if (status != TJOB_LOAD_UNAVAILABLE) {
        simulator->calls[left] = look;
        result = tjob_history_finish(&simulator->history, &cell->checkpoint, simulator->calls, left + 1);
        tjob__monitor_note(simulator, monitor_invariant_of(result, TJOB_INVARIANT_STORE_MATCHES_HISTORY), index,
                           TJOB_DESCRIBE);
    }
    if (result.verdict == TJOB_INCONCLUSIVE) {
        monitor_give_up(simulator, cell);
    }
}
