#include "verify/simulator/replay.h"

#include <string.h>

#include "verify/simulator/faults.h"
#include "verify/spec/seeded_bugs.h"
#include "verify/simulator/swap_fate.h"

/* ---- Recording ------------------------------------------------------------------------------------------------- */

/* Returns the submit that began an incarnation, as its number plus 1; 0 if there is none. */
static uint32_t beginner_of(const struct replay *replay, uint64_t incarnation)
{
    uint32_t number = incarnation != 0 ? replay->operation_count : 0;
    while (number != 0 && replay->operations[number - 1].incarnation != incarnation) {
        number--;
    }
    return number;
}

uint32_t tjob__replay_operation(struct replay *replay, tjob_actor actor, const tjob_event *event)
{
    replay->full = replay->full || replay->operation_count == REPLAY_OPERATIONS_MAX;
    if (replay->full) {
        return 0;
    }
    replay->operations[replay->operation_count] = (struct replayed_operation){
        .event = *event, .incarnation_of = beginner_of(replay, event->incarnation), .actor = (uint32_t)actor};
    return replay->operation_count++;
}

uint32_t tjob__replay_access(struct replay *replay, const struct access *access)
{
    replay->full = replay->full || replay->access_count == REPLAY_ACCESSES_MAX;
    if (replay->full) {
        return 0;
    }
    replay->accesses[replay->access_count] = *access;
    replay->accesses[replay->access_count].number = replay->access_count;
    return replay->access_count++;
}

void tjob__replay_begins_incarnation(struct replay *replay, uint32_t operation, uint64_t incarnation)
{
    replay->operations[operation].incarnation = incarnation;
}

/* ---- The store ------------------------------------------------------------------------------------------------- */

static struct slot replay_slot(struct replay_run *run)
{
    return (struct slot){&run->state, run->job};
}

/* Applies a swap of an operation, if the store accepts it. */
static tjob_swap_status replay_apply(struct replay_run *run, struct running *running, const tjob_event *event,
                                     const tjob_operation *write, bool durable, tjob_invariant *check)
{
    const tjob_job *next = tjob_operation_next(write);
    const struct swapped swapped = tjob__simulated_swap(&run->store, replay_slot(run), write->version, next, durable);
    if (swapped.status != TJOB_SWAP_OK) {
        return swapped.status;
    }
    if (event->kind == TJOB_SUBMIT) {
        running->incarnation = next->incarnation;
    }
    running->effects.applied = (uint8_t)(tjob__simulated_loses(&run->store) ? 1 : running->effects.applied + 1);
    *check = swapped.known ? tjob__invariants_of_change(&run->invariants, &swapped.before, event, &swapped.after)
                           : TJOB_INVARIANT_NONE;
    *check = *check != TJOB_INVARIANT_NONE ? *check : tjob__invariants_of_effects(&running->effects);
    return TJOB_SWAP_OK;
}

/* ---- Operations ------------------------------------------------------------------------------------------------ */

static void begin_operation(struct replay_run *run, const struct replay *replay, uint32_t number)
{
    const struct replayed_operation *replayed = &replay->operations[number];
    struct running *running = &run->running[number];
    tjob_event event = replayed->event;
    if (replayed->incarnation_of != 0) {
        const uint64_t incarnation = run->running[replayed->incarnation_of - 1].incarnation;
        event.incarnation = incarnation != 0 ? incarnation : event.incarnation;
    }
    run->calls[run->call_count] =
        (tjob_call){.event = event, .invoked = ++run->sequence, .answered = TJOB_PENDING, .known = TJOB_KNOWN_ALL};
    running->call = ++run->call_count;
    tjob_operation_begin(&running->operation, &event);
    tjob_operation_authorized(&running->operation, TJOB_AUTHORIZATION_ALLOWED);
    tjob_operation_admitted(&running->operation, TJOB_ADMISSION_ADMITTED);
}

static tjob_invariant replay_end_operation(struct replay_run *run, struct running *running)
{
    tjob_call *call = &run->calls[running->call - 1];
    const tjob_outcome outcome = tjob_operation_outcome(&running->operation);
    call->outcome = outcome;
    call->answered = ++run->sequence;
    running->effects.ended = true;
    running->effects.status = (uint8_t)outcome.status;
    running->effects.changed = (uint8_t)outcome.changed;
    if (call->event.kind == TJOB_STOP && outcome.status == TJOB_OK) {
        run->promised = outcome.job.incarnation;
    }
    return tjob__invariants_of_effects(&running->effects);
}

static void replay_load(struct replay_run *run, struct running *running, const struct access *access,
                        struct accessed *accessed)
{
    tjob_job job;
    uint64_t version = 0;
    accessed->loaded = access->fault == NO_FAULT ? tjob__simulated_load(&run->store, replay_slot(run), &job, &version)
                                                 : TJOB_LOAD_UNAVAILABLE;
    if (accessed->loaded == TJOB_LOAD_OK) {
        accessed->invariant =
            tjob__invariants_of_record(&run->invariants, &job, run->promised != 0 && run->promised == job.incarnation);
    }
    tjob__seeded_bug_loaded(run->bug, &running->operation, run->policy, accessed->loaded, &job, version,
                            access->now_ms);
}

static void replay_swap(struct replay_run *run, struct running *running, const struct access *access,
                        struct accessed *accessed)
{
    const struct swap_fate fate = tjob__swap_fate_of((tjob_fault)access->fault);
    const tjob_event event = run->calls[running->call - 1].event;
    if (fate.applied_later && run->write_count == REPLAY_WRITES_MAX) {
        run->exceeded = true;
    } else if (fate.applied_later) {
        run->writes[run->write_count].of = access->number;
        run->writes[run->write_count++].operation = running->operation;
    }
    accessed->swapped = fate.answer;
    if (fate.applied) {
        const tjob_swap_status status =
            replay_apply(run, running, &event, &running->operation, fate.durable, &accessed->invariant);
        accessed->swapped = fate.answered ? fate.answer : status;
    }
    tjob_load_status status;
    uint64_t version;
    (void)tjob__simulated_present(&run->store, replay_slot(run), &status, &version);
    tjob__seeded_bug_swapped(run->bug, &running->operation, accessed->swapped, version);
}

/* Applies a write that is in flight, if it is in flight in this run. */
static void apply_late(struct replay_run *run, const struct replay *replay, const struct access *access,
                       struct accessed *accessed)
{
    struct running *running = &run->running[access->operation];
    uint32_t at = 0;
    while (at < run->write_count && run->writes[at].of != access->of) {
        at++;
    }
    accessed->skipped = at == run->write_count;
    if (!accessed->skipped) {
        accessed->swapped = replay_apply(run, running, &replay->operations[access->operation].event,
                                         &run->writes[at].operation, true, &accessed->invariant);
        run->writes[at] = run->writes[--run->write_count];
    }
}

static void resume(struct replay_run *run, const struct replay *replay, const struct access *access,
                   struct accessed *accessed)
{
    struct running *running = &run->running[access->operation];
    if (running->call == 0) {
        begin_operation(run, replay, access->operation);
    }
    const uint8_t ask = running->operation.ask;
    accessed->operation = running->operation;
    accessed->skipped = access->kind == ACCESS_LOAD   ? ask != TJOB_ASK_LOAD
                        : access->kind == ACCESS_SWAP ? ask != TJOB_ASK_SWAP
                                                      : ask == TJOB_ASK_NOTHING;
    if (accessed->skipped) {
        return;
    }
    if (access->kind == ACCESS_ACTOR_CRASH) {
        running->operation.ask = TJOB_ASK_NOTHING;
        running->operation.status = TJOB_UNRESOLVED;
        running->operation.changed = TJOB_CHANGED_UNKNOWN;
    } else if (access->kind == ACCESS_LOAD) {
        replay_load(run, running, access, accessed);
    } else {
        replay_swap(run, running, access, accessed);
    }
    if (running->operation.ask == TJOB_ASK_NOTHING) {
        const tjob_invariant check = replay_end_operation(run, running);
        accessed->invariant = accessed->invariant != TJOB_INVARIANT_NONE ? accessed->invariant : check;
    }
}

/* ---- The run --------------------------------------------------------------------------------------------------- */

void tjob__replay_begin(struct replay_run *run, const struct replay *replay)
{
    run->invariants = tjob__invariants_of(run->policy);
    run->promised = 0;
    run->sequence = 0;
    run->write_count = 0;
    run->exceeded = false;
    run->call_count = 0;
    memset(&run->state, 0, sizeof run->state);
    memset(run->running, 0, replay->operation_count * sizeof run->running[0]);
    if (run->store.own == NULL) {
        run->store.model->begin(&run->state);
    }
}

struct accessed tjob__replay_step(struct replay_run *run, const struct replay *replay, const struct access *access)
{
    struct accessed accessed = {.skipped = access->left_out};
    tjob_load_status status;
    accessed.before = tjob__simulated_present(&run->store, replay_slot(run), &status, &accessed.version_before);
    if (!access->left_out) {
        switch ((enum access_kind)access->kind) { /* LCOV_EXCL_BR_LINE: there is no other kind */
        case ACCESS_APPLY:
            apply_late(run, replay, access, &accessed);
            break;
        case ACCESS_STORE_CRASH:
            (void)tjob__simulated_crash(&run->store, replay_slot(run));
            break;
        case ACCESS_LOAD:
        case ACCESS_SWAP:
        case ACCESS_ACTOR_CRASH:
            resume(run, replay, access, &accessed);
            break;
        }
    }
    accessed.after = tjob__simulated_present(&run->store, replay_slot(run), &status, &accessed.version_after);
    return accessed;
}

tjob_invariant tjob__replay_check(struct replay_run *run)
{
    if (!run->invariants.table) {
        return TJOB_INVARIANT_NONE;
    }
    if (tjob_history_check(&run->history, run->calls, run->call_count).verdict == TJOB_NOT_LINEARIZABLE) {
        return TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE;
    }
    tjob_load_status status;
    run->calls[run->call_count] = tjob__simulated_read(&run->store, replay_slot(run), run->sequence + 1, &status);
    if (status == TJOB_LOAD_UNAVAILABLE) {
        return TJOB_INVARIANT_NONE;
    }
    const tjob_history_result result = tjob_history_check(&run->history, run->calls, run->call_count + 1);
    return result.verdict == TJOB_NOT_LINEARIZABLE ? TJOB_INVARIANT_STORE_MATCHES_HISTORY : TJOB_INVARIANT_NONE;
}

tjob_invariant tjob__replay_run(struct replay_run *run, const struct replay *replay, uint32_t *accesses)
{
    tjob__replay_begin(run, replay);
    for (*accesses = 0; *accesses < replay->access_count;) {
        const struct accessed accessed = tjob__replay_step(run, replay, &replay->accesses[(*accesses)++]);
        if (run->exceeded || accessed.invariant != TJOB_INVARIANT_NONE) {
            return run->exceeded ? TJOB_INVARIANT_NONE : accessed.invariant;
        }
    }
    return tjob__replay_check(run);
}
