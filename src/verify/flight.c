/* Operations under way: their requests, what befalls them, and what comes of them in the store. */
#include "verify/plants.h"
#include "verify/simulation.h"
#include "verify/swap_fate.h"

/* ---- Delays ---------------------------------------------------------------------------------------------------- */

/* A way to the store or back takes 1 to 16 ms; one in 16 takes eight times as long. By the lowest 8 bits of a draw. */
static uint32_t way_ms(uint32_t draw)
{
    const uint32_t usual_ms = 1 + (draw & 15);
    return (draw >> 4 & 15) == 0 ? usual_ms * 8 : usual_ms;
}

/* As likely to be between 1 and 2 ms as between one and two hours, up to a bound: by the upper 32 bits of a draw. */
static uint32_t long_ms(uint64_t draw, uint32_t most_ms)
{
    const uint32_t exponent = (uint32_t)(draw & 31);
    const uint64_t least_ms = UINT64_C(1) << exponent;
    const uint64_t delay_ms = least_ms + (least_ms * (draw >> 32) >> 32);
    return delay_ms < most_ms ? (uint32_t)delay_ms : random_below(draw, most_ms) + 1;
}

/* ---- Flights --------------------------------------------------------------------------------------------------- */

static struct flight *flight_new(struct tjob_simulator *simulator)
{
    struct flight *flight;
    if (simulator->flights_spare != 0) {
        flight = &simulator->flights[simulator->flights_spare - 1];
        simulator->flights_spare = flight->next;
    } else if (simulator->flights_used < simulator->config.calls) {
        flight = &simulator->flights[simulator->flights_used++];
    } else {
        tjob__jury_bound(simulator, TJOB_SIMULATOR_BOUND_CALLS);
        return NULL;
    }
    tjob_simulator_report *report = &simulator->report;
    simulator->flights_count++;
    report->calls_most = simulator->flights_count > report->calls_most ? simulator->flights_count : report->calls_most;
    return flight;
}

void tjob__flight_drop(struct tjob_simulator *simulator, struct flight *flight)
{
    if (flight->writes != 0) {
        return;
    }
    flight->next = simulator->flights_spare;
    simulator->flights_spare = (uint32_t)(flight - simulator->flights) + 1;
    simulator->flights_count--;
}

static uint32_t number_of(const struct tjob_simulator *simulator, const struct flight *flight)
{
    return (uint32_t)(flight - simulator->flights);
}

static void send(struct tjob_simulator *simulator, struct flight *flight, enum flight_stage stage, uint32_t delay_ms)
{
    flight->stage = (uint8_t)stage;
    if (!tjob__wheel_add(&simulator->wheel, simulator->wheel.now + delay_ms,
                         ITEM_FLIGHT | number_of(simulator, flight))) {
        tjob__jury_bound(simulator, TJOB_SIMULATOR_BOUND_TIMERS);
    }
}

/* Sends what an operation asks for next, or its answer on its way. */
static void go_on(struct tjob_simulator *simulator, struct flight *flight, uint32_t answer_ms, uint32_t draw)
{
    const uint8_t asked = flight->operation.ask;
    if (asked == TJOB_ASK_NOTHING) {
        send(simulator, flight, STAGE_ANSWER, answer_ms);
    } else {
        send(simulator, flight, asked == TJOB_ASK_LOAD ? STAGE_LOAD : STAGE_SWAP, answer_ms + way_ms(draw));
    }
}

static void count_fault(struct tjob_simulator *simulator, tjob_fault fault)
{
    if (fault != NO_FAULT) {
        simulator->report.faults[fault]++;
    }
}

static void record(struct tjob_simulator *simulator, struct flight *flight, enum access_kind kind, tjob_fault fault,
                   uint64_t now_ms)
{
    if (simulator->script != NULL) {
        const struct access access = {.now_ms = now_ms,
                                      .operation = flight->stage == STAGE_WRITE || flight->stage == STAGE_STORE_CRASH
                                                       ? simulator->flights[flight->owner].number
                                                       : flight->number,
                                      .of = flight->stage == STAGE_WRITE ? flight->number : 0,
                                      .kind = (uint8_t)kind,
                                      .fault = (uint8_t)fault};
        (void)tjob__script_access(simulator->script, &access);
        if (simulator->script->full) {
            tjob__jury_bound(simulator, TJOB_SIMULATOR_BOUND_STEPS);
        }
    }
}

/* ---- The beginning --------------------------------------------------------------------------------------------- */

/* A client's request asks to be let in. */
static void ask(struct tjob_simulator *simulator, struct flight *flight, tjob_actor actor, uint32_t draw)
{
    tjob_operation *operation = &flight->operation;
    const tjob_fault fault = tjob__faults_of(&simulator->faults, REQUEST_ASK, actor, draw);
    count_fault(simulator, fault);
    tjob_operation_authorized(operation, fault == TJOB_FAULT_DENIED             ? TJOB_AUTHORIZATION_DENIED
                                         : fault == TJOB_FAULT_CANNOT_AUTHORIZE ? TJOB_AUTHORIZATION_UNAVAILABLE
                                                                                : TJOB_AUTHORIZATION_ALLOWED);
    tjob_operation_admitted(operation,
                            fault == TJOB_FAULT_THROTTLED ? TJOB_ADMISSION_THROTTLED : TJOB_ADMISSION_ADMITTED);
}

bool tjob_simulator_call(tjob_simulator *simulator, uint32_t job, tjob_actor actor, const tjob_event *event)
{
    const uint32_t index = job - simulator->config.first_job;
    struct flight *flight = flight_new(simulator);
    if (flight == NULL) {
        return false;
    }
    struct cell *cell = cell_at(simulator, index);
    flight->stream = random_next(&cell->stream);
    flight->job = index;
    flight->actor = (uint8_t)actor;
    flight->writes = 0;
    flight->explained = 0;
    flight->deeds = (struct deeds){.landed = 0};
    if (simulator->script != NULL) {
        flight->number = tjob__script_operation(simulator->script, actor, event);
    }
    tjob_operation_begin(&flight->operation, event);
    tjob__jury_invoked(simulator, flight);
    const uint64_t draw = random_next(&flight->stream);
    if (flight->operation.ask == TJOB_ASK_AUTHORIZE) {
        ask(simulator, flight, actor, (uint32_t)(draw >> 32));
    }
    go_on(simulator, flight, 1, (uint32_t)draw);
    return true;
}

/* ---- Loads ----------------------------------------------------------------------------------------------------- */

/* The actor forgets what it was at; when it is back, it does not know what came of it. */
static void crash_actor(struct tjob_simulator *simulator, struct flight *flight, uint64_t draw)
{
    record(simulator, flight, ACCESS_ACTOR_CRASH, NO_FAULT, 0);
    flight->operation.ask = TJOB_ASK_NOTHING;
    flight->operation.status = TJOB_UNRESOLVED;
    flight->operation.changed = TJOB_CHANGED_UNKNOWN;
    send(simulator, flight, STAGE_ANSWER, 1 + random_below(draw, 30000));
}

/* How long an answer takes; one that never comes is waited for as long as a slow one. */
static uint32_t answer_ms(const struct tjob_simulator *simulator, tjob_fault fault, uint64_t draw)
{
    const bool waits = fault == TJOB_FAULT_SLOW || fault == TJOB_FAULT_PARTITION;
    const uint32_t slow_ms = simulator->faults.profile.slow_ms;
    return waits && slow_ms != 0 ? long_ms(draw << 32 | draw >> 8, slow_ms) : way_ms((uint32_t)draw);
}

static uint64_t clock_of(struct tjob_simulator *simulator, const struct flight *flight, uint32_t delay_ms)
{
    const uint32_t job = simulator->config.first_job + flight->job;
    const int64_t off_ms = tjob__faults_clock(&simulator->faults, job, (tjob_actor)flight->actor, simulator->wheel.now);
    simulator->report.faults[TJOB_FAULT_CLOCK] += off_ms != 0 ? 1 : 0;
    return TJOB_SIMULATOR_EPOCH_MS + simulator->wheel.now + delay_ms + (uint64_t)off_ms;
}

static bool is_promised(const struct cell *cell, uint64_t incarnation)
{
    return cell->promised != 0 && cell->promised == incarnation_fold(incarnation);
}

static void load(struct tjob_simulator *simulator, struct flight *flight)
{
    const uint64_t draw = random_next(&flight->stream);
    const tjob_fault fault =
        tjob__faults_of(&simulator->faults, REQUEST_LOAD, (tjob_actor)flight->actor, (uint32_t)(draw >> 32));
    const tjob_policy *policy = &simulator->config.policy;
    const struct cell *cell = cell_at(simulator, flight->job);
    tjob_load_status status = TJOB_LOAD_UNAVAILABLE;
    tjob_job job;
    uint64_t version = 0;
    count_fault(simulator, fault);
    flight->deeds.accessed = true;
    simulator->report.loads++;
    if (fault == TJOB_FAULT_ACTOR_CRASH) {
        crash_actor(simulator, flight, draw << 32);
        return;
    }
    const uint32_t delay_ms = answer_ms(simulator, fault, draw);
    const uint64_t now_ms = clock_of(simulator, flight, delay_ms);
    const bool fails = fault != NO_FAULT && fault != TJOB_FAULT_SLOW;
    record(simulator, flight, ACCESS_LOAD, fails ? fault : NO_FAULT, now_ms);
    if (!fails) {
        status = tjob__simulated_load(&simulator->store, place_of(simulator, flight->job), &job, &version);
    }
    if (status == TJOB_LOAD_OK) {
        const tjob_simulator_check check =
            tjob__promises_of_record(&simulator->promises, &job, is_promised(cell, job.incarnation));
        tjob__jury_note(simulator, check, flight->job, flight->call.event.kind);
    }
    tjob__plant_loaded(simulator->config.plant, &flight->operation, policy, status, &job, version, now_ms);
    go_on(simulator, flight, delay_ms, (uint32_t)draw >> 16);
}

/* ---- Swaps ----------------------------------------------------------------------------------------------------- */

/* Lets an operation's swap take effect in the store, as far as it does. */
static tjob_swap_status apply(struct tjob_simulator *simulator, const struct flight *write, struct flight *owner,
                              bool durable)
{
    const tjob_job *next = tjob_operation_next(&write->operation);
    const struct swapped swapped = tjob__simulated_swap(&simulator->store, place_of(simulator, write->job),
                                                        write->operation.version, next, durable);
    if (swapped.status != TJOB_SWAP_OK) {
        return swapped.status;
    }
    /* A store that forgets may have to apply a swap again. */
    owner->deeds.landed = (uint8_t)(tjob__simulated_forgets(&simulator->store) ? 1 : owner->deeds.landed + 1);
    const uint32_t event = owner->call.event.kind;
    if (simulator->script != NULL && event == TJOB_SUBMIT) {
        tjob__script_begins_incarnation(simulator->script, owner->number, next->incarnation);
    }
    if (swapped.told) {
        const tjob_simulator_check check =
            tjob__promises_of_change(&simulator->promises, &swapped.before, &owner->call.event, &swapped.after);
        tjob__jury_note(simulator, check, write->job, event);
    }
    tjob__jury_note(simulator, tjob__promises_of_deeds(&owner->deeds), write->job, event);
    return TJOB_SWAP_OK;
}

/* Something of an operation's own is under way to the store, and will arrive whatever becomes of the operation. */
static void send_apart(struct tjob_simulator *simulator, struct flight *owner, enum flight_stage stage, uint64_t draw,
                       uint32_t most_ms)
{
    struct flight *flight = flight_new(simulator);
    if (flight == NULL) {
        return;
    }
    owner->writes++;
    flight->operation = owner->operation;
    flight->job = owner->job;
    flight->owner = number_of(simulator, owner);
    flight->writes = 0;
    flight->number = simulator->script != NULL ? simulator->script->access_count - 1 : 0;
    send(simulator, flight, stage, long_ms(draw, most_ms));
}

/* The version that the store has now, which one of the plants asks for. */
static uint64_t present_version(const struct tjob_simulator *simulator, const struct flight *flight)
{
    tjob_load_status status;
    uint64_t version = 0;
    if (simulator->config.plant == TJOB_PLANT_RETRY_WITHOUT_RELOAD) {
        (void)tjob__simulated_present(&simulator->store, place_of(simulator, flight->job), &status, &version);
    }
    return version;
}

/* What befalls a swap: FULL is said of creations only. */
static tjob_fault fault_of_swap(const struct tjob_simulator *simulator, const struct flight *flight, uint32_t draw)
{
    const tjob_fault fault = tjob__faults_of(&simulator->faults, REQUEST_SWAP, (tjob_actor)flight->actor, draw);
    return fault == TJOB_FAULT_FULL && flight->operation.event.kind != TJOB_SUBMIT ? NO_FAULT : fault;
}

static void swap(struct tjob_simulator *simulator, struct flight *flight)
{
    const uint64_t draw = random_next(&flight->stream);
    const tjob_fault fault = fault_of_swap(simulator, flight, (uint32_t)(draw >> 32));
    const tjob_fault_profile *profile = &simulator->faults.profile;
    count_fault(simulator, fault);
    flight->deeds.accessed = true;
    simulator->report.swaps++;
    if (fault == TJOB_FAULT_ACTOR_CRASH) {
        crash_actor(simulator, flight, draw << 32);
        return;
    }
    record(simulator, flight, ACCESS_SWAP, fault == TJOB_FAULT_SLOW ? NO_FAULT : fault, 0);
    const struct swap_fate fate = tjob__swap_fate_of(fault);
    tjob_swap_status answered = fate.answer;
    if (fate.applied) {
        const tjob_swap_status status = apply(simulator, flight, flight, fate.durable);
        answered = fate.answered ? answered : status;
    }
    if (fate.lands_later) {
        send_apart(simulator, flight, STAGE_WRITE, random_next(&flight->stream), profile->late_ms);
    }
    if (fault == TJOB_FAULT_STORE_CRASH && tjob__simulated_forgets(&simulator->store)) {
        send_apart(simulator, flight, STAGE_STORE_CRASH, random_next(&flight->stream), profile->slow_ms);
    }
    tjob__plant_swapped(simulator->config.plant, &flight->operation, answered, present_version(simulator, flight));
    go_on(simulator, flight, answer_ms(simulator, fault, draw), (uint32_t)draw >> 16);
}

/* ---- What arrives on its own ----------------------------------------------------------------------------------- */

static void arrives_apart(struct tjob_simulator *simulator, struct flight *flight)
{
    struct flight *owner = &simulator->flights[flight->owner];
    if (flight->stage == STAGE_WRITE) {
        record(simulator, flight, ACCESS_LAND, NO_FAULT, 0);
        (void)apply(simulator, flight, owner, true);
    } else {
        record(simulator, flight, ACCESS_STORE_CRASH, NO_FAULT, 0);
        owner->deeds.landed =
            tjob__simulated_crash(&simulator->store, place_of(simulator, flight->job)) ? 0 : owner->deeds.landed;
    }
    tjob__flight_drop(simulator, flight);
    owner->writes--;
    tjob__jury_resolves(simulator, owner);
    if (owner->explained && owner->stage == STAGE_ENDED) {
        tjob__flight_drop(simulator, owner);
    }
}

static void answer(struct tjob_simulator *simulator, struct flight *flight)
{
    const tjob_outcome outcome = tjob_operation_outcome(&flight->operation);
    const tjob_event event = flight->call.event;
    const uint32_t job = simulator->config.first_job + flight->job;
    const tjob_actor actor = (tjob_actor)flight->actor;
    flight->call.outcome = outcome;
    flight->stage = STAGE_ENDED;
    tjob__jury_answered(simulator, flight);
    simulator->config.workload->ended(simulator->config.workload->context, simulator, job, actor, &event, &outcome);
}

void tjob__flight_arrives(struct tjob_simulator *simulator, struct flight *flight)
{
    switch ((enum flight_stage)flight->stage) { /* LCOV_EXCL_BR_LINE: what has ended is not under way */
    case STAGE_LOAD:
        load(simulator, flight);
        break;
    case STAGE_SWAP:
        swap(simulator, flight);
        break;
    case STAGE_ANSWER:
        answer(simulator, flight);
        break;
    case STAGE_ENDED:
    case STAGE_WRITE:
    case STAGE_STORE_CRASH:
        arrives_apart(simulator, flight);
        break;
    }
}
