#include "verify/simulator/replay_describe.h"

#include "verify/simulator/faults.h"
#include "verify/text/text.h"

/* A step that is being composed. */
struct step {
    tjob_step_description description;
    struct line action;
    struct line answer;
    uint32_t operation; /* the operation that it belongs to */
    bool open;
    bool single; /* no further access of the same operation belongs to it */
};

struct replay_describer {
    struct replay_run *run;
    const struct replay *replay;
    tjob_trace_printer *printer; /* NULL: only counts */
    struct step step;
    uint32_t steps;
    uint64_t began_ms; /* the origin of the printed times */
};

/* ---- Actors ---------------------------------------------------------------------------------------------------- */

/* Returns the number that names an operation: the count of operations by the same kind of actor, up to this one, that
 * are not left out. */
static uint32_t ordinal_of(const struct replay_describer *describer, uint32_t operation)
{
    const struct replayed_operation *operations = describer->replay->operations;
    uint32_t ordinal = 1;
    for (uint32_t i = 0; i < operation; i++) {
        ordinal += operations[i].actor == operations[operation].actor && describer->run->running[i].call != 0 ? 1 : 0;
    }
    return ordinal;
}

static void replay_describe_put_actor(struct line *line, const struct replay_describer *describer, uint32_t operation)
{
    const struct replayed_operation *replayed = &describer->replay->operations[operation];
    tjob__text_put(line, tjob_actor_name((tjob_actor)replayed->actor));
    tjob__text_put_named(line, " ",
                         replayed->actor == TJOB_ACTOR_TRAINER && replayed->event.trainer_token != 0
                             ? replayed->event.trainer_token
                             : ordinal_of(describer, operation));
}

/* ---- Actions and answers --------------------------------------------------------------------------------------- */

/* Prints the times of a record as milliseconds since the first one, which is 1. */
static void put_record(struct line *line, const struct replay_describer *describer, const tjob_job *job,
                       uint64_t version)
{
    tjob_job known = *job;
    uint64_t *const times[] = {&known.submitted_ms, &known.training_started_ms, &known.stop_requested_ms,
                               &known.ended_ms};
    for (unsigned i = 0; i < sizeof times / sizeof times[0]; i++) {
        *times[i] = *times[i] != 0 ? *times[i] - describer->began_ms : 0;
    }
    tjob__text_put_record(line, job->state != TJOB_ABSENT ? &known : NULL, version);
}

static const char *answer_of_load(tjob_load_status status)
{
    return status == TJOB_LOAD_OK ? "found" : status == TJOB_LOAD_NOT_FOUND ? "not found" : "unavailable";
}

static const char *answer_of_swap(tjob_swap_status status)
{
    static const char *const names[] = {[TJOB_SWAP_OK] = "ok",
                                        [TJOB_SWAP_CONFLICT] = "conflict",
                                        [TJOB_SWAP_FULL] = "full",
                                        [TJOB_SWAP_UNAVAILABLE] = "unavailable",
                                        [TJOB_SWAP_UNKNOWN] = "answer lost"};
    return names[status];
}

static void replay_describe_put_event(struct line *line, const tjob_event *event)
{
    tjob__text_put(line, tjob_event_kind_name((tjob_event_kind)event->kind));
    tjob__text_put_named(line, " by trainer ", event->trainer_token);
    tjob__text_put_named(line, " of incarnation ", event->incarnation);
}

/* Appends a separator to the answers, unless they are empty. */
static void put_between(struct step *step, const char *separator)
{
    tjob__text_put(&step->answer, step->answer.at != step->description.answer ? separator : "");
}

/* Appends the answer of an operation that has ended. */
static void replay_describe_put_end(struct step *step, const struct running *running)
{
    static const char *const changes[] = {
        [TJOB_CHANGED_NO] = "", [TJOB_CHANGED_YES] = ", changed", [TJOB_CHANGED_UNKNOWN] = ", possibly changed"};
    if (running->effects.ended) {
        put_between(step, "; ");
        tjob__text_put(&step->answer, "answer: ");
        tjob__text_put(&step->answer, tjob_status_name((tjob_status)running->effects.status));
        tjob__text_put(&step->answer, changes[running->effects.changed]);
    }
}

static void put_access(struct step *step, const struct access *access, const struct accessed *accessed)
{
    struct line *action = &step->action;
    struct line *answer = &step->answer;
    put_between(step, ", ");
    switch ((enum access_kind)access->kind) { /* LCOV_EXCL_BR_LINE: there is no other kind */
    case ACCESS_LOAD:
        tjob__text_put(action, ", loads");
        tjob__text_put(answer, answer_of_load(accessed->loaded));
        break;
    case ACCESS_SWAP:
        tjob__text_put(action, ", swaps");
        tjob__text_put(answer, answer_of_swap(accessed->swapped));
        break;
    case ACCESS_APPLY:
        tjob__text_put(action, ", its late swap arrives");
        tjob__text_put(answer, accessed->swapped == TJOB_SWAP_OK ? "applied" : "not applied");
        break;
    case ACCESS_STORE_CRASH:
        tjob__text_put(action, "crashes and loses what was not durable");
        break;
    case ACCESS_ACTOR_CRASH:
        tjob__text_put(action, ", crashes");
        break;
    }
    if (access->kind <= ACCESS_SWAP && access->fault != NO_FAULT) {
        tjob__text_put(answer, " (");
        tjob__text_put(answer, tjob_fault_name((tjob_fault)access->fault));
        tjob__text_put(answer, ")");
    }
}

/* ---- Steps ----------------------------------------------------------------------------------------------------- */

static void end_step(struct replay_describer *describer, tjob_invariant check)
{
    struct step *step = &describer->step;
    if (!step->open) {
        return;
    }
    step->open = false;
    describer->steps++;
    if (check != TJOB_INVARIANT_NONE) {
        put_between(step, "; ");
        tjob__text_put(&step->answer, "violates ");
        tjob__text_put(&step->answer, tjob_invariant_name(check));
    }
    if (describer->printer != NULL) {
        tjob_trace_printer_step(describer->printer, &step->description);
    }
}

static void begin_step(struct replay_describer *describer, const struct access *access, const struct accessed *accessed)
{
    struct step *step = &describer->step;
    const bool single = access->kind == ACCESS_APPLY || access->kind == ACCESS_STORE_CRASH;
    *step = (struct step){.open = true, .single = single, .operation = access->operation};
    step->action = LINE(step->description.action);
    step->answer = LINE(step->description.answer);
    put_record(&LINE(step->description.before), describer, &accessed->before, accessed->version_before);
    if (access->kind == ACCESS_STORE_CRASH) {
        tjob__text_put(&LINE(step->description.actor), "store");
    } else {
        replay_describe_put_actor(&LINE(step->description.actor), describer, access->operation);
        tjob__text_put(&LINE(step->description.partner), "store");
        replay_describe_put_event(&step->action,
                                  &describer->run->calls[describer->run->running[access->operation].call - 1].event);
    }
}

/* Returns whether an access continues the open step: it is the next one of the same operation. */
static bool goes_on(const struct step *step, const struct access *access)
{
    return step->open && !step->single && step->operation == access->operation && access->kind != ACCESS_STORE_CRASH &&
           access->kind != ACCESS_APPLY;
}

static void replay_describe_access(struct replay_describer *describer, const struct access *access,
                                   const struct accessed *accessed)
{
    struct step *step = &describer->step;
    if (!goes_on(step, access)) {
        end_step(describer, TJOB_INVARIANT_NONE);
        begin_step(describer, access, accessed);
    }
    put_access(step, access, accessed);
    if (access->kind != ACCESS_APPLY && access->kind != ACCESS_STORE_CRASH) {
        replay_describe_put_end(step, &describer->run->running[access->operation]);
    }
    step->description.after[0] = '\0';
    put_record(&LINE(step->description.after), describer, &accessed->after, accessed->version_after);
}

/* Returns the earliest time in a replay, minus 1. */
static uint64_t beginning_of(const struct replay *replay)
{
    uint64_t earliest = UINT64_MAX;
    for (uint32_t i = 0; i < replay->access_count; i++) {
        const struct access *access = &replay->accesses[i];
        const bool counts = access->kind == ACCESS_LOAD && !access->left_out && access->now_ms != 0;
        earliest = counts && access->now_ms < earliest ? access->now_ms : earliest;
    }
    return earliest != UINT64_MAX ? earliest - 1 : 0;
}

uint32_t tjob__replay_describe(struct replay_run *run, const struct replay *replay, tjob_invariant check,
                               tjob_trace_printer *printer)
{
    struct replay_describer describer = {
        .run = run, .replay = replay, .printer = printer, .began_ms = beginning_of(replay)};
    tjob__replay_begin(run, replay);
    if (printer != NULL) {
        tjob_trace_printer_begin(printer);
    }
    for (uint32_t i = 0; i < replay->access_count; i++) {
        const struct accessed accessed = tjob__replay_step(run, replay, &replay->accesses[i]);
        if (!accessed.skipped) {
            replay_describe_access(&describer, &replay->accesses[i], &accessed);
        }
    }
    end_step(&describer, check);
    if (printer != NULL) {
        tjob_trace_printer_end(printer);
    }
    return describer.steps;
}
