#include "verify/simulator/in_flight.h"

#include "core/assert.h"
#include "verify/simulator/monitor.h"
#include "verify/simulator/simulation.h"
#include "verify/simulator/swap_fate.h"
#include "verify/spec/seeded_bugs.h"

/* ---- Delays ---------------------------------------------------------------------------------------------------- */

/* Each direction between an actor and the store takes 1 to 16 ms; one message in 16 takes eight times as long. Uses the
 * lowest 8 bits of a draw. */
static uint32_t latency_ms(uint32_t draw)
{
    const uint32_t usual_ms = 1 + (draw & 15);
    return (draw >> 4 & 15) == 0 ? usual_ms * 8 : usual_ms;
}

/* Returns a log-uniform delay: one between 1 and 2 ms is as likely as one between one and two hours. If it exceeds the
 * bound, returns a uniform delay up to the bound instead. Uses the lowest 5 and the upper 32 bits of a draw. */
static uint32_t long_ms(uint64_t draw, uint32_t most_ms)
{
    const uint32_t exponent = (uint32_t)(draw & 31);
    const uint64_t least_ms = UINT64_C(1) << exponent;
    const uint64_t delay_ms = least_ms + (least_ms * (draw >> 32) >> 32);
    return delay_ms < most_ms ? (uint32_t)delay_ms : random_below(draw, most_ms) + 1;
}

/* ---- Sending --------------------------------------------------------------------------------------------------- */

static void schedule(struct tjob_simulator *simulator, uint32_t item, uint32_t delay_ms)
{
    if (!tjob__wheel_add(&simulator->wheel, wheel_in(&simulator->wheel, delay_ms), item)) {
        tjob__monitor_bound(simulator, TJOB_SIMULATOR_BOUND_TIMERS);
    }
}

static void send(struct tjob_simulator *simulator, struct in_flight *in_flight, enum in_flight_stage stage,
                 uint32_t delay_ms)
{
    in_flight->stage = (uint8_t)stage;
    schedule(simulator, ITEM_IN_FLIGHT | in_flight->number, delay_ms);
}

static struct call *call_of(const struct tjob_simulator *simulator, uint32_t number)
{
    return pool_item(&simulator->calls, number);
}

/* Sends the next request of an operation, or its final answer. */
static void in_flight_go_on(struct tjob_simulator *simulator, struct in_flight *in_flight, uint32_t answer_ms,
                            uint32_t draw)
{
    const uint8_t asked = in_flight->operation.ask;
    if (asked == TJOB_ASK_NOTHING) {
        send(simulator, in_flight, STAGE_ANSWER, answer_ms);
    } else {
        send(simulator, in_flight, asked == TJOB_ASK_LOAD ? STAGE_LOAD : STAGE_SWAP, answer_ms + latency_ms(draw));
    }
}

static void count_fault(struct tjob_simulator *simulator, tjob_fault fault)
{
    if (fault != NO_FAULT) {
        simulator->report.faults[fault]++;
    }
}

/* Records an access of a call in the replay. `of` is the access that it repeats; ACCESS_APPLY only. */
static void in_flight_record(struct tjob_simulator *simulator, uint32_t call, enum access_kind kind, tjob_fault fault,
                             uint64_t now_ms, uint32_t of)
{
    if (simulator->replay != NULL) {
        const struct access access = {.now_ms = now_ms,
                                      .operation = call_of(simulator, call)->operation,
                                      .of = of,
                                      .kind = (uint8_t)kind,
                                      .fault = (uint8_t)fault};
        (void)tjob__replay_access(simulator->replay, &access);
        if (simulator->replay->full) {
            tjob__monitor_bound(simulator, TJOB_SIMULATOR_BOUND_STEPS);
        }
    }
}

/* ---- Beginning ------------------------------------------------------------------------------------------------- */

/* Requests authorization and admission for a client. */
static void ask(struct tjob_simulator *simulator, struct in_flight *in_flight, tjob_actor actor, uint32_t draw)
{
    tjob_operation *operation = &in_flight->operation;
    const tjob_fault fault = tjob__faults_of(&simulator->faults, REQUEST_ASK, actor, draw);
    count_fault(simulator, fault);
    tjob_operation_authorized(operation, fault == TJOB_FAULT_DENIED             ? TJOB_AUTHORIZATION_DENIED
                                         : fault == TJOB_FAULT_CANNOT_AUTHORIZE ? TJOB_AUTHORIZATION_UNAVAILABLE
                                                                                : TJOB_AUTHORIZATION_ALLOWED);
    tjob_operation_admitted(operation,
                            fault == TJOB_FAULT_THROTTLED ? TJOB_ADMISSION_THROTTLED : TJOB_ADMISSION_ADMITTED);
}

enum { CACHE_LINE = 64 };

bool tjob_simulator_call(tjob_simulator *simulator, uint32_t job, tjob_actor actor, const tjob_event *event)
{
    const uint32_t index = job - simulator->config.first_job;
    struct call *call = tjob__monitor_invoked(simulator, index, event);
    if (call == NULL) {
        return false;
    }
    /* The head of the cell is in the cache, and the rest will be needed in 2 ms or more. In a function of its own gcc
     * leaves prefetches out. */
    const char *cell = (const char *)cell_at(simulator, index);
    for (size_t at = CACHE_LINE; at < simulator->cell_bytes; at += CACHE_LINE) {
        __builtin_prefetch(cell + at, 1);
    }
    __builtin_prefetch(cell + simulator->cell_bytes - 1, 1);
    const uint32_t number = pool_take(&simulator->in_flight); /* there are as many as calls */
    struct in_flight *in_flight = pool_item(&simulator->in_flight, number);
    in_flight->stream = random_next(&cell_at(simulator, index)->stream);
    in_flight->number = number;
    in_flight->job = index;
    in_flight->call = call->number;
    in_flight->actor = (uint8_t)actor;
    if (simulator->replay != NULL) {
        call->operation = tjob__replay_operation(simulator->replay, actor, event);
    }
    tjob_operation_begin(&in_flight->operation, event);
    const uint64_t draw = random_next(&in_flight->stream);
    if (in_flight->operation.ask == TJOB_ASK_AUTHORIZE) {
        ask(simulator, in_flight, actor, (uint32_t)(draw >> 32));
    }
    in_flight_go_on(simulator, in_flight, 1, (uint32_t)draw);
    return true;
}

/* ---- Loads ----------------------------------------------------------------------------------------------------- */

/* The actor loses its operation. After its restart, it does not know the outcome. */
static void crash_actor(struct tjob_simulator *simulator, struct in_flight *in_flight, uint64_t draw)
{
    in_flight_record(simulator, in_flight->call, ACCESS_ACTOR_CRASH, NO_FAULT, 0, 0);
    in_flight->operation.ask = TJOB_ASK_NOTHING;
    in_flight->operation.status = TJOB_UNRESOLVED;
    in_flight->operation.changed = TJOB_CHANGED_UNKNOWN;
    send(simulator, in_flight, STAGE_ANSWER, 1 + random_below(draw, 30000));
}

/* Returns how long an answer takes. An actor waits for an answer that never comes as long as for a slow one. */
static uint32_t answer_ms(const struct tjob_simulator *simulator, tjob_fault fault, uint64_t draw)
{
    const bool waits = fault == TJOB_FAULT_SLOW || fault == TJOB_FAULT_PARTITION;
    const uint32_t slow_ms = simulator->faults.profile.slow_ms;
    return waits && slow_ms != 0 ? long_ms(draw << 32 | draw >> 8, slow_ms) : latency_ms((uint32_t)draw);
}

static uint64_t clock_of(struct tjob_simulator *simulator, const struct in_flight *in_flight, uint32_t delay_ms)
{
    const uint32_t job = simulator->config.first_job + in_flight->job;
    const int64_t off_ms =
        tjob__faults_clock(&simulator->faults, job, (tjob_actor)in_flight->actor, simulator->wheel.now);
    simulator->report.faults[TJOB_FAULT_CLOCK] += off_ms != 0 ? 1 : 0;
    return TJOB_SIMULATOR_EPOCH_MS + simulator->wheel.now + delay_ms + (uint64_t)off_ms;
}

static bool is_promised(const struct cell *cell, uint64_t incarnation)
{
    return cell->promised != 0 && cell->promised == incarnation_digest(incarnation);
}

static void in_flight_load(struct tjob_simulator *simulator, struct in_flight *in_flight)
{
    const uint64_t draw = random_next(&in_flight->stream);
    const tjob_fault fault =
        tjob__faults_of(&simulator->faults, REQUEST_LOAD, (tjob_actor)in_flight->actor, (uint32_t)(draw >> 32));
    const tjob_policy *policy = &simulator->config.policy;
    const struct cell *cell = cell_at(simulator, in_flight->job);
    tjob_load_status status = TJOB_LOAD_UNAVAILABLE;
    tjob_job job;
    uint64_t version = 0;
    count_fault(simulator, fault);
    call_of(simulator, in_flight->call)->effects.accessed = true;
    simulator->report.loads++;
    if (fault == TJOB_FAULT_ACTOR_CRASH) {
        crash_actor(simulator, in_flight, draw << 32);
        return;
    }
    const uint32_t delay_ms = answer_ms(simulator, fault, draw);
    const uint64_t now_ms = clock_of(simulator, in_flight, delay_ms);
    const bool fails = fault != NO_FAULT && fault != TJOB_FAULT_SLOW;
    in_flight_record(simulator, in_flight->call, ACCESS_LOAD, fails ? fault : NO_FAULT, now_ms, 0);
    if (!fails) {
        status = tjob__simulated_load(&simulator->store, cell_slot(simulator, in_flight->job), &job, &version);
    }
    if (status == TJOB_LOAD_OK) {
        const tjob_invariant check =
            tjob__invariants_of_record(&simulator->invariants, &job, is_promised(cell, job.incarnation));
        tjob__monitor_note(simulator, check, in_flight->job, in_flight->operation.event.kind);
    }
    tjob__seeded_bug_loaded(simulator->config.bug, &in_flight->operation, policy, status, &job, version, now_ms);
    in_flight_go_on(simulator, in_flight, delay_ms, (uint32_t)draw >> 16);
}

/* ---- Swaps ----------------------------------------------------------------------------------------------------- */

/* Applies a swap of a call to the store, if the store accepts it. */
static tjob_swap_status in_flight_apply(struct tjob_simulator *simulator, struct call *call, uint64_t version,
                                        const tjob_job *next, bool durable)
{
    const tjob_event *event = &call->call.event;
    const struct swapped swapped =
        tjob__simulated_swap(&simulator->store, cell_slot(simulator, call->job), version, next, durable);
    if (swapped.status != TJOB_SWAP_OK) {
        return swapped.status;
    }
    /* A store that loses data may have to apply a swap again. */
    call->effects.applied = (uint8_t)(tjob__simulated_loses(&simulator->store) ? 1 : call->effects.applied + 1);
    if (simulator->replay != NULL && event->kind == TJOB_SUBMIT) {
        TJOB_ASSERT(next != NULL); /* a submit removes nothing */
        tjob__replay_begins_incarnation(simulator->replay, call->operation, next->incarnation);
    }
    if (swapped.known) {
        const tjob_invariant check =
            tjob__invariants_of_change(&simulator->invariants, &swapped.before, event, &swapped.after);
        tjob__monitor_note(simulator, check, call->job, event->kind);
    }
    tjob__monitor_note(simulator, tjob__invariants_of_effects(&call->effects), call->job, event->kind);
    return TJOB_SWAP_OK;
}

/* Sends a write. It arrives whatever happens to the operation. */
static void send_write(struct tjob_simulator *simulator, const struct in_flight *in_flight, struct late_write content,
                       uint64_t draw, uint32_t most_ms)
{
    const uint32_t number = pool_take(&simulator->writes);
    if (number == POOL_EMPTY) {
        tjob__monitor_bound(simulator, TJOB_SIMULATOR_BOUND_CALLS);
        return;
    }
    struct late_write *write = pool_item(&simulator->writes, number);
    *write = content;
    write->number = number;
    write->job = in_flight->job;
    write->call = in_flight->call;
    write->access = simulator->replay != NULL ? simulator->replay->access_count - 1 : 0;
    call_of(simulator, in_flight->call)->writes++;
    schedule(simulator, ITEM_WRITE | number, long_ms(draw, most_ms));
}

/* Returns the swap that an operation asks for, as a write. */
static struct late_write write_of(const tjob_operation *operation)
{
    const tjob_job *next = tjob_operation_next(operation);
    struct late_write write = {.version = operation->version, .removes = next == NULL};
    if (next != NULL) {
        write.next = *next;
    }
    return write;
}

/* Returns the version that the store holds now, which one of the seeded bugs uses. */
static uint64_t present_version(const struct tjob_simulator *simulator, const struct in_flight *in_flight)
{
    tjob_load_status status;
    uint64_t version = 0;
    if (simulator->config.bug == TJOB_BUG_RETRY_WITHOUT_RELOAD) {
        (void)tjob__simulated_present(&simulator->store, cell_slot(simulator, in_flight->job), &status, &version);
    }
    return version;
}

/* Returns the fault that affects a swap. FULL affects creations only. */
static tjob_fault fault_of_swap(const struct tjob_simulator *simulator, const struct in_flight *in_flight,
                                uint32_t draw)
{
    const tjob_fault fault = tjob__faults_of(&simulator->faults, REQUEST_SWAP, (tjob_actor)in_flight->actor, draw);
    return fault == TJOB_FAULT_FULL && in_flight->operation.event.kind != TJOB_SUBMIT ? NO_FAULT : fault;
}

static void in_flight_swap(struct tjob_simulator *simulator, struct in_flight *in_flight)
{
    const uint64_t draw = random_next(&in_flight->stream);
    const tjob_fault fault = fault_of_swap(simulator, in_flight, (uint32_t)(draw >> 32));
    const tjob_fault_profile *profile = &simulator->faults.profile;
    count_fault(simulator, fault);
    call_of(simulator, in_flight->call)->effects.accessed = true;
    simulator->report.swaps++;
    if (fault == TJOB_FAULT_ACTOR_CRASH) {
        crash_actor(simulator, in_flight, draw << 32);
        return;
    }
    in_flight_record(simulator, in_flight->call, ACCESS_SWAP, fault == TJOB_FAULT_SLOW ? NO_FAULT : fault, 0, 0);
    const struct swap_fate fate = tjob__swap_fate_of(fault);
    tjob_swap_status answered = fate.answer;
    if (fate.applied) {
        const tjob_operation *operation = &in_flight->operation;
        const tjob_swap_status status =
            in_flight_apply(simulator, call_of(simulator, in_flight->call), operation->version,
                            tjob_operation_next(operation), fate.durable);
        answered = fate.answered ? answered : status;
    }
    if (fate.applied_later) {
        send_write(simulator, in_flight, write_of(&in_flight->operation), random_next(&in_flight->stream),
                   profile->late_ms);
    }
    if (fault == TJOB_FAULT_STORE_CRASH && tjob__simulated_loses(&simulator->store)) {
        send_write(simulator, in_flight, (struct late_write){.crashes = true}, random_next(&in_flight->stream),
                   profile->slow_ms);
    }
    tjob__seeded_bug_swapped(simulator->config.bug, &in_flight->operation, answered,
                             present_version(simulator, in_flight));
    in_flight_go_on(simulator, in_flight, answer_ms(simulator, fault, draw), (uint32_t)draw >> 16);
}

/* ---- Arrivals -------------------------------------------------------------------------------------------------- */

static void in_flight_answer(struct tjob_simulator *simulator, struct in_flight *in_flight)
{
    const tjob_workload *workload = simulator->config.workload;
    const tjob_outcome outcome = tjob_operation_outcome(&in_flight->operation);
    const tjob_event event = in_flight->operation.event;
    const uint32_t job = simulator->config.first_job + in_flight->job;
    const tjob_actor actor = (tjob_actor)in_flight->actor;
    tjob__monitor_answered(simulator, call_of(simulator, in_flight->call), &outcome);
    pool_give_back(&simulator->in_flight, in_flight->number);
    workload->ended(workload->context, simulator, job, actor, &event, &outcome);
}

void tjob__in_flight_arrives(struct tjob_simulator *simulator, struct in_flight *in_flight)
{
    switch ((enum in_flight_stage)in_flight->stage) { /* LCOV_EXCL_BR_LINE: there is no other stage */
    case STAGE_LOAD:
        in_flight_load(simulator, in_flight);
        break;
    case STAGE_SWAP:
        in_flight_swap(simulator, in_flight);
        break;
    case STAGE_ANSWER:
        in_flight_answer(simulator, in_flight);
        break;
    }
}

void tjob__write_arrives(struct tjob_simulator *simulator, struct late_write *write)
{
    struct call *call = call_of(simulator, write->call);
    if (write->crashes) {
        in_flight_record(simulator, write->call, ACCESS_STORE_CRASH, NO_FAULT, 0, 0);
        call->effects.applied =
            tjob__simulated_crash(&simulator->store, cell_slot(simulator, write->job)) ? 0 : call->effects.applied;
    } else {
        in_flight_record(simulator, write->call, ACCESS_APPLY, NO_FAULT, 0, write->access);
        (void)in_flight_apply(simulator, call, write->version, write->removes ? NULL : &write->next, true);
    }
    pool_give_back(&simulator->writes, write->number);
    tjob__monitor_arrived(simulator, call);
}
