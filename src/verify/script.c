#include "verify/script.h"

#include <string.h>

#include "verify/faults.h"
#include "verify/plants.h"
#include "verify/swap_fate.h"

/* ---- Recording ------------------------------------------------------------------------------------------------- */

/* The submit that began an incarnation, by its number and 1; 0 if none did. */
static uint32_t beginner_of(const struct script *script, uint64_t incarnation)
{
    uint32_t number = incarnation != 0 ? script->operation_count : 0;
    while (number != 0 && script->operations[number - 1].incarnation != incarnation) {
        number--;
    }
    return number;
}

uint32_t tjob__script_operation(struct script *script, tjob_actor actor, const tjob_event *event)
{
    script->full = script->full || script->operation_count == SCRIPT_OPERATIONS_MAX;
    if (script->full) {
        return 0;
    }
    script->operations[script->operation_count] = (struct scripted_operation){
        .event = *event, .incarnation_of = beginner_of(script, event->incarnation), .actor = (uint32_t)actor};
    return script->operation_count++;
}

uint32_t tjob__script_access(struct script *script, const struct access *access)
{
    script->full = script->full || script->access_count == SCRIPT_ACCESSES_MAX;
    if (script->full) {
        return 0;
    }
    script->accesses[script->access_count] = *access;
    script->accesses[script->access_count].number = script->access_count;
    return script->access_count++;
}

void tjob__script_begins_incarnation(struct script *script, uint32_t operation, uint64_t incarnation)
{
    script->operations[operation].incarnation = incarnation;
}

/* ---- The store ------------------------------------------------------------------------------------------------- */

static struct place place_of(struct script_run *run)
{
    return (struct place){&run->state, run->job};
}

/* Applies a swap of an operation, as far as the store does. */
static tjob_swap_status apply(struct script_run *run, struct running *running, const tjob_event *event,
                              const tjob_operation *write, bool durable, tjob_simulator_check *check)
{
    const tjob_job *next = tjob_operation_next(write);
    const struct swapped swapped = tjob__simulated_swap(&run->store, place_of(run), write->version, next, durable);
    if (swapped.status != TJOB_SWAP_OK) {
        return swapped.status;
    }
    if (event->kind == TJOB_SUBMIT) {
        running->incarnation = next->incarnation;
    }
    running->deeds.landed = (uint8_t)(tjob__simulated_forgets(&run->store) ? 1 : running->deeds.landed + 1);
    *check = swapped.told ? tjob__promises_of_change(&run->promises, &swapped.before, event, &swapped.after)
                          : TJOB_CHECK_NONE;
    *check = *check != TJOB_CHECK_NONE ? *check : tjob__promises_of_deeds(&running->deeds);
    return TJOB_SWAP_OK;
}

/* ---- Operations ------------------------------------------------------------------------------------------------ */

static void begin_operation(struct script_run *run, const struct script *script, uint32_t number)
{
    const struct scripted_operation *scripted = &script->operations[number];
    struct running *running = &run->running[number];
    tjob_event event = scripted->event;
    if (scripted->incarnation_of != 0) {
        const uint64_t incarnation = run->running[scripted->incarnation_of - 1].incarnation;
        event.incarnation = incarnation != 0 ? incarnation : event.incarnation;
    }
    run->calls[run->call_count] =
        (tjob_call){.event = event, .invoked = ++run->sequence, .answered = TJOB_NEVER, .told = TJOB_TOLD_ALL};
    running->call = ++run->call_count;
    tjob_operation_begin(&running->operation, &event);
    tjob_operation_authorized(&running->operation, TJOB_AUTHORIZATION_ALLOWED);
    tjob_operation_admitted(&running->operation, TJOB_ADMISSION_ADMITTED);
}

static tjob_simulator_check end_operation(struct script_run *run, struct running *running)
{
    tjob_call *call = &run->calls[running->call - 1];
    const tjob_outcome outcome = tjob_operation_outcome(&running->operation);
    call->outcome = outcome;
    call->answered = ++run->sequence;
    running->deeds.ended = true;
    running->deeds.status = (uint8_t)outcome.status;
    running->deeds.changed = (uint8_t)outcome.changed;
    if (call->event.kind == TJOB_STOP && outcome.status == TJOB_OK) {
        run->promised = outcome.job.incarnation;
    }
    return tjob__promises_of_deeds(&running->deeds);
}

static void load(struct script_run *run, struct running *running, const struct access *access,
                 struct accessed *accessed)
{
    tjob_job job;
    uint64_t version = 0;
    accessed->loaded = access->fault == NO_FAULT ? tjob__simulated_load(&run->store, place_of(run), &job, &version)
                                                 : TJOB_LOAD_UNAVAILABLE;
    if (accessed->loaded == TJOB_LOAD_OK) {
        accessed->check =
            tjob__promises_of_record(&run->promises, &job, run->promised != 0 && run->promised == job.incarnation);
    }
    tjob__plant_loaded(run->plant, &running->operation, run->policy, accessed->loaded, &job, version, access->now_ms);
}

static void swap(struct script_run *run, struct running *running, const struct access *access,
                 struct accessed *accessed)
{
    const struct swap_fate fate = tjob__swap_fate_of((tjob_fault)access->fault);
    const tjob_event event = run->calls[running->call - 1].event;
    if (fate.lands_later && run->write_count < SCRIPT_WRITES_MAX) {
        run->writes[run->write_count].of = access->number;
        run->writes[run->write_count++].operation = running->operation;
    }
    accessed->swapped = fate.answer;
    if (fate.applied) {
        const tjob_swap_status status =
            apply(run, running, &event, &running->operation, fate.durable, &accessed->check);
        accessed->swapped = fate.answered ? fate.answer : status;
    }
    tjob_load_status status;
    uint64_t version;
    (void)tjob__simulated_present(&run->store, place_of(run), &status, &version);
    tjob__plant_swapped(run->plant, &running->operation, accessed->swapped, version);
}

/* A write that is under way arrives, if it is under way in this run. */
static void land(struct script_run *run, const struct script *script, const struct access *access,
                 struct accessed *accessed)
{
    struct running *running = &run->running[access->operation];
    uint32_t at = 0;
    while (at < run->write_count && run->writes[at].of != access->of) {
        at++;
    }
    accessed->skipped = at == run->write_count;
    if (!accessed->skipped) {
        accessed->swapped = apply(run, running, &script->operations[access->operation].event,
                                  &run->writes[at].operation, true, &accessed->check);
        run->writes[at] = run->writes[--run->write_count];
    }
}

static void resume(struct script_run *run, const struct script *script, const struct access *access,
                   struct accessed *accessed)
{
    struct running *running = &run->running[access->operation];
    if (running->call == 0) {
        begin_operation(run, script, access->operation);
    }
    const uint8_t ask = running->operation.ask;
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
        load(run, running, access, accessed);
    } else {
        swap(run, running, access, accessed);
    }
    if (running->operation.ask == TJOB_ASK_NOTHING) {
        const tjob_simulator_check check = end_operation(run, running);
        accessed->check = accessed->check != TJOB_CHECK_NONE ? accessed->check : check;
    }
}

/* ---- The run --------------------------------------------------------------------------------------------------- */

void tjob__script_begin(struct script_run *run, const struct script *script)
{
    run->promises = tjob__promises_of(run->policy);
    run->promised = 0;
    run->sequence = 0;
    run->write_count = 0;
    run->call_count = 0;
    memset(&run->state, 0, sizeof run->state);
    memset(run->running, 0, script->operation_count * sizeof run->running[0]);
    if (run->store.own == NULL) {
        run->store.model->begin(&run->state);
    }
}

struct accessed tjob__script_step(struct script_run *run, const struct script *script, const struct access *access)
{
    struct accessed accessed = {.skipped = access->left_out};
    tjob_load_status status;
    accessed.before = tjob__simulated_present(&run->store, place_of(run), &status, &accessed.version_before);
    if (!access->left_out) {
        switch ((enum access_kind)access->kind) { /* LCOV_EXCL_BR_LINE: there is no other kind */
        case ACCESS_LAND:
            land(run, script, access, &accessed);
            break;
        case ACCESS_STORE_CRASH:
            (void)tjob__simulated_crash(&run->store, place_of(run));
            break;
        case ACCESS_LOAD:
        case ACCESS_SWAP:
        case ACCESS_ACTOR_CRASH:
            resume(run, script, access, &accessed);
            break;
        }
    }
    accessed.after = tjob__simulated_present(&run->store, place_of(run), &status, &accessed.version_after);
    return accessed;
}

tjob_simulator_check tjob__script_judge(struct script_run *run)
{
    if (!run->promises.table) {
        return TJOB_CHECK_NONE;
    }
    if (tjob_history_check(&run->history, run->calls, run->call_count).verdict == TJOB_NOT_LINEARIZABLE) {
        return TJOB_CHECK_I7;
    }
    tjob_load_status status;
    run->calls[run->call_count] = tjob__simulated_look(&run->store, place_of(run), run->sequence + 1, &status);
    if (status == TJOB_LOAD_UNAVAILABLE) {
        return TJOB_CHECK_NONE;
    }
    const tjob_finding finding = tjob_history_check(&run->history, run->calls, run->call_count + 1);
    return finding.verdict == TJOB_NOT_LINEARIZABLE ? TJOB_CHECK_HOLDS : TJOB_CHECK_NONE;
}

tjob_simulator_check tjob__script_run(struct script_run *run, const struct script *script, uint32_t *accesses)
{
    tjob__script_begin(run, script);
    for (*accesses = 0; *accesses < script->access_count;) {
        const struct accessed accessed = tjob__script_step(run, script, &script->accesses[(*accesses)++]);
        if (accessed.check != TJOB_CHECK_NONE) {
            return accessed.check;
        }
    }
    return tjob__script_judge(run);
}
