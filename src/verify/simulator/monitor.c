/* The monitor checks each history with tjob/history_checker.h, and everything that can be observed at once with the
 * invariants. */
#include "verify/simulator/monitor.h"

#include "verify/simulator/simulation.h"

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

static void digest_outcome(struct tjob_simulator *simulator, const struct call *call)
{
    const tjob_outcome *outcome = &call->call.outcome;
    const tjob_job *job = &outcome->job;
    digest(simulator, (uint64_t)simulator->wheel.now << 32 | call->job);
    digest(simulator, (uint64_t)outcome->status << 24 | (uint64_t)outcome->changed << 16 |
                          (uint64_t)outcome->before << 8 | (uint64_t)outcome->after);
    digest(simulator,
           job->incarnation ^ job->trainer_token << 16 ^ job->submit_token << 32 ^ (uint64_t)job->host_code << 48);
    digest(simulator,
           job->submitted_ms ^ job->training_started_ms << 8 ^ job->stop_requested_ms << 16 ^ job->ended_ms << 24);
}

static void count(struct tjob_simulator *simulator, const struct call *call)
{
    tjob_simulator_report *report = &simulator->report;
    const tjob_outcome *outcome = &call->call.outcome;
    report->operations[call->call.event.kind][outcome->status]++;
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

/* Return the call with a number plus 1; the second returns NULL for 0. */
static struct call *call_at(const struct tjob_simulator *simulator, uint32_t link)
{
    return pool_item(&simulator->calls, link - 1);
}

static struct call *call_or_null(const struct tjob_simulator *simulator, uint32_t link)
{
    return link != 0 ? call_at(simulator, link) : NULL;
}

static struct call *first_call(const struct tjob_simulator *simulator, const struct cell *cell)
{
    return call_or_null(simulator, cell->calls & ~CELL_UNCHECKED);
}

static struct call *next_call(const struct tjob_simulator *simulator, const struct call *call)
{
    return call_or_null(simulator, call->next);
}

struct call *tjob__monitor_invoked(struct tjob_simulator *simulator, uint32_t index, const tjob_event *event)
{
    struct cell *cell = cell_at(simulator, index);
    const uint32_t number = pool_take(&simulator->calls);
    if (number == POOL_EMPTY) {
        tjob__monitor_bound(simulator, TJOB_SIMULATOR_BOUND_CALLS);
        return NULL;
    }
    struct call *call = pool_item(&simulator->calls, number);
    /* An outcome is set when there is one: clearing it here costs a tenth of a simulation's time. */
    call->call.event = *event;
    call->call.invoked = ++simulator->sequence;
    call->call.answered = TJOB_PENDING;
    call->call.known = TJOB_KNOWN_ALL;
    call->next = 0;
    call->number = number;
    call->job = index;
    call->effects = (struct effects){.applied = 0};
    call->writes = 0;
    call->explained = (cell->calls & CELL_UNCHECKED) != 0;
    digest(simulator, (uint64_t)simulator->wheel.now << 32 | index);
    digest(simulator,
           event->incarnation ^ event->trainer_token << 16 ^ event->token << 32 ^ (uint64_t)event->kind << 48);
    if (!call->explained) {
        uint32_t *link = &cell->calls;
        while (*link != 0) {
            link = &call_at(simulator, *link)->next;
        }
        *link = number + 1;
    }
    return call;
}

/* Gives a call back, if nothing needs it any more. */
static void release(struct tjob_simulator *simulator, struct call *call)
{
    if (call->explained && call->effects.ended && call->writes == 0) {
        pool_give_back(&simulator->calls, call->number);
    }
}

/* Removes a call from the calls to explain. */
static void explain(struct tjob_simulator *simulator, struct call *call)
{
    call->explained = true;
    release(simulator, call);
}

/* The history checker has reached a bound: this job is not checked any further. */
static void monitor_give_up(struct tjob_simulator *simulator, struct cell *cell)
{
    struct call *next;
    for (struct call *call = first_call(simulator, cell); call != NULL; call = next) {
        next = next_call(simulator, call);
        explain(simulator, call);
    }
    cell->calls = CELL_UNCHECKED;
    simulator->report.inconclusive_jobs++;
    tjob__monitor_bound(simulator, TJOB_SIMULATOR_BOUND_HISTORY);
}

/* Keeps the calls of a job that are still to be explained: the first `left` of the history. */
static void monitor_keep(struct tjob_simulator *simulator, struct cell *cell, size_t left)
{
    uint32_t *link = &cell->calls;
    size_t at = 0;
    while (*link != 0) {
        struct call *call = call_at(simulator, *link);
        if (at < left && simulator->history_of_job[at].invoked == call->call.invoked) {
            at++;
            link = &call->next;
        } else {
            *link = call->next;
            explain(simulator, call);
        }
    }
}

/* Gathers the calls of a job. Returns false if there are too many. */
static bool monitor_gather(struct tjob_simulator *simulator, const struct cell *cell, size_t *gathered)
{
    *gathered = 0;
    for (const struct call *call = first_call(simulator, cell); call != NULL; call = next_call(simulator, call)) {
        if (*gathered == TJOB_SIMULATOR_CALLS_OF_JOB_MAX) {
            return false;
        }
        simulator->history_of_job[(*gathered)++] = call->call;
    }
    return true;
}

static void monitor_compact(struct tjob_simulator *simulator, uint32_t index)
{
    struct cell *cell = cell_at(simulator, index);
    size_t left;
    if (!monitor_gather(simulator, cell, &left)) {
        monitor_give_up(simulator, cell);
        return;
    }
    const tjob_history_result result =
        tjob_history_compact(&simulator->history, &cell->checkpoint, simulator->history_of_job, &left);
    if (result.verdict == TJOB_INCONCLUSIVE) {
        monitor_give_up(simulator, cell);
    } else if (result.verdict != TJOB_LINEARIZABLE) {
        tjob__monitor_note(simulator, TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE, index,
                           simulator->history_of_job[result.at].event.kind);
    } else {
        monitor_keep(simulator, cell, left);
    }
}

/* ---- Answers --------------------------------------------------------------------------------------------------- */

static void remember_promise(struct cell *cell, const tjob_event *event, const tjob_outcome *outcome)
{
    if (event->kind == TJOB_STOP && outcome->status == TJOB_OK) {
        cell->promised = incarnation_digest(outcome->job.incarnation);
    }
}

/* Returns whether the history is to be checked now: no call is in flight, or enough calls are waiting. */
static bool is_observation_due(const struct tjob_simulator *simulator, const struct cell *cell)
{
    uint32_t answered = 0;
    bool under_way = false;
    for (const struct call *call = first_call(simulator, cell); call != NULL; call = next_call(simulator, call)) {
        under_way = under_way || !call->effects.ended;
        answered++;
    }
    return !under_way || answered % CALLS_IN_PATIENCE == 0;
}

/* Returns whether a call that is not explained yet is part of its job's checkpoint. Its answer is then final: the
 * history checker may have merged another call with the same event into it. */
static bool is_compacted(const struct tjob_simulator *simulator, const struct call *call)
{
    const struct cell *cell = cell_at(simulator, call->job);
    uint32_t link = cell->calls;
    uint32_t left = cell->checkpoint.open;
    while (left > 0 && link != call->number + 1) {
        link = call_at(simulator, link)->next;
        left--;
    }
    return left > 0;
}

/* If a call has ended, nothing of it is in flight, and none of its swaps was applied, none ever will be. The history
 * checker is then given that fact instead of an answer that leaves it open. */
static void resolve(const struct tjob_simulator *simulator, struct call *call)
{
    const bool known = simulator->store.own == NULL && !tjob__simulated_loses(&simulator->store);
    if (known && !call->explained && call->effects.ended && call->writes == 0 && call->effects.applied == 0 &&
        call->call.outcome.status == TJOB_UNRESOLVED && !is_compacted(simulator, call)) {
        call->call.outcome.status = TJOB_UNAVAILABLE;
        call->call.outcome.changed = TJOB_CHANGED_NO;
    }
}

void tjob__monitor_arrived(struct tjob_simulator *simulator, struct call *call)
{
    call->writes--;
    resolve(simulator, call);
    release(simulator, call);
}

void tjob__monitor_answered(struct tjob_simulator *simulator, struct call *call, const tjob_outcome *outcome)
{
    const uint32_t index = call->job;
    struct cell *cell = cell_at(simulator, index);
    const bool alone = first_call(simulator, cell) == call && call->next == 0;
    call->call.outcome = *outcome;
    call->call.answered = ++simulator->sequence;
    call->effects.ended = true;
    call->effects.status = (uint8_t)outcome->status;
    call->effects.changed = (uint8_t)outcome->changed;
    count(simulator, call);
    digest_outcome(simulator, call);
    tjob__monitor_note(simulator, tjob__invariants_of_effects(&call->effects), index, call->call.event.kind);
    remember_promise(cell, &call->call.event, outcome);
    resolve(simulator, call);
    if (call->explained) {
        release(simulator, call);
    } else if (alone) {
        size_t left = 1;
        const tjob_history_result result =
            tjob_history_compact(&simulator->history, &cell->checkpoint, &call->call, &left);
        if (result.verdict == TJOB_LINEARIZABLE && left == 0) {
            cell->calls = 0;
            explain(simulator, call);
        } else if (result.verdict != TJOB_LINEARIZABLE) {
            monitor_compact(simulator, index);
        }
    } else if (is_observation_due(simulator, cell)) {
        monitor_compact(simulator, index);
    }
}

/* Returns a call of a job that is still in flight; NULL if there is none. */
static const struct call *left_over(const struct tjob_simulator *simulator, const struct cell *cell)
{
    const struct call *call = first_call(simulator, cell);
    while (call != NULL && call->effects.ended) {
        call = next_call(simulator, call);
    }
    return call;
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
    const tjob_call present =
        tjob__simulated_read(&simulator->store, cell_slot(simulator, index), ++simulator->sequence, &status);
    if (status == TJOB_LOAD_OK && simulator->invariants.table && present.outcome.job.state == TJOB_STOP_REQUESTED) {
        tjob__monitor_note(simulator, TJOB_INVARIANT_STOPS_COMPLETE, index, TJOB_STOP);
    }
    const struct call *under_way = left_over(simulator, cell);
    if (under_way != NULL) {
        tjob__monitor_note(simulator, TJOB_INVARIANT_OPERATIONS_END, index, under_way->call.event.kind);
    }
    if ((cell->calls & CELL_UNCHECKED) != 0) {
        return;
    }
    if (!monitor_gather(simulator, cell, &left)) {
        monitor_give_up(simulator, cell);
        return;
    }
    tjob_history_result result =
        tjob_history_finish(&simulator->history, &cell->checkpoint, simulator->history_of_job, left);
    tjob__monitor_note(simulator, monitor_invariant_of(result, TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE), index,
                       simulator->history_of_job[result.at].event.kind);
    if (status != TJOB_LOAD_UNAVAILABLE) {
        simulator->history_of_job[left] = present;
        result = tjob_history_finish(&simulator->history, &cell->checkpoint, simulator->history_of_job, left + 1);
        tjob__monitor_note(simulator, monitor_invariant_of(result, TJOB_INVARIANT_STORE_MATCHES_HISTORY), index,
                           TJOB_DESCRIBE);
    }
    if (result.verdict == TJOB_INCONCLUSIVE) {
        monitor_give_up(simulator, cell);
    }
}
