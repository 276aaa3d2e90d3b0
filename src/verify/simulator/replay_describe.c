#include "verify/simulator/replay_describe.h"

#include <string.h>

#include "verify/simulator/faults.h"
#include "verify/text/text.h"

struct replay_describer {
    struct replay_run *run;
    const struct replay *replay;
    tjob_trace_printer *printer;
    tjob_step_description step; /* the last step, which is not printed yet; without an actor: there is none */
    uint64_t began_ms;          /* the origin of the printed times */
};

/* ---- Actors ---------------------------------------------------------------------------------------------------- */

/* Returns the number that names an operation: of those by the same kind of actor, it was the first to begin, or the
 * second, and so on. */
static uint32_t ordinal_of(const struct replay_describer *describer, uint32_t operation)
{
    const struct replayed_operation *operations = describer->replay->operations;
    const struct running *running = describer->run->running;
    uint32_t ordinal = 0;
    for (uint32_t i = 0; i < describer->replay->operation_count; i++) {
        const bool before = running[i].call != 0 && running[i].call <= running[operation].call;
        ordinal += before && operations[i].actor == operations[operation].actor ? 1 : 0;
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

/* ---- Steps ----------------------------------------------------------------------------------------------------- */

static uint64_t since(const struct replay_describer *describer, uint64_t time_ms)
{
    return time_ms != 0 ? time_ms - describer->began_ms : 0;
}

/* Prints the times of a record as milliseconds since the first one, which is 1. */
static void put_record(struct line *line, const struct replay_describer *describer, const tjob_job *job,
                       uint64_t version)
{
    tjob_job known = *job;
    known.submitted_ms = since(describer, job->submitted_ms);
    known.training_started_ms = since(describer, job->training_started_ms);
    known.stop_requested_ms = since(describer, job->stop_requested_ms);
    known.ended_ms = since(describer, job->ended_ms);
    tjob__text_put_record(line, job->state != TJOB_ABSENT ? &known : NULL, version);
}

/* The lines of a step that is being described. */
struct lines {
    struct line actor;
    struct line partner;
    struct line action;
    struct line answer;
};

static void describe_request(const struct replay_describer *describer, struct lines *lines, const struct access *access,
                             const struct accessed *accessed)
{
    const struct running *running = &describer->run->running[access->operation];
    const tjob_operation *operation = &accessed->operation;
    const tjob_event *event = &describer->run->calls[running->call - 1].event;
    replay_describe_put_actor(&lines->actor, describer, access->operation);
    tjob__text_put_event(&lines->action, (tjob_event_kind)event->kind, event->trainer_token, event->incarnation);
    if (access->kind == ACCESS_ACTOR_CRASH) {
        tjob__text_put(&lines->action, TEXT_CRASH);
        return;
    }
    tjob__text_put(&lines->partner, tjob_actor_name(TJOB_ACTOR_STORE));
    if (access->kind == ACCESS_LOAD) {
        tjob__text_put_load(&lines->action, operation, operation->attempts != 0 && !operation->lost,
                            since(describer, access->now_ms));
        tjob__text_put_loaded(&lines->answer, accessed->loaded, describer->step.before);
    } else {
        tjob__text_put_swap(&lines->action, operation);
        tjob__text_put_swapped(&lines->answer, accessed->swapped);
    }
    if (access->fault != NO_FAULT) {
        tjob__text_put(&lines->answer, " (");
        tjob__text_put(&lines->answer, tjob_fault_name((tjob_fault)access->fault));
        tjob__text_put(&lines->answer, ")");
    }
    if (running->effects.ended) {
        tjob__text_put_end(&lines->answer, (tjob_status)running->effects.status,
                           (tjob_changed)running->effects.changed);
    }
}

static void describe_late(const struct replay_describer *describer, struct lines *lines, const struct access *access,
                          const struct accessed *accessed)
{
    const tjob_event *event = &describer->replay->operations[access->operation].event;
    tjob__text_put(&lines->actor, tjob_actor_name(TJOB_ACTOR_STORE));
    tjob__text_put(&lines->action, TEXT_LATE_WRITE);
    tjob__text_put(&lines->action, tjob_event_kind_name((tjob_event_kind)event->kind));
    tjob__text_put(&lines->answer, accessed->swapped == TJOB_SWAP_OK ? "" : "not applied");
}

/* Prints the step that is not printed yet. `check` is the invariant that it violates. */
static void end_step(struct replay_describer *describer, tjob_invariant check)
{
    tjob_step_description *step = &describer->step;
    struct line answer = LINE(step->answer);
    if (step->actor[0] == '\0') {
        return;
    }
    if (check != TJOB_INVARIANT_NONE) {
        char given[sizeof step->answer];
        memcpy(given, step->answer, sizeof given);
        tjob__text_put(&answer, given);
        tjob__text_put(&answer, given[0] != '\0' ? "; violates " : "violates ");
        tjob__text_put(&answer, tjob_invariant_name(check));
    }
    tjob_trace_printer_step(describer->printer, step);
}

static void describe_access(struct replay_describer *describer, const struct access *access,
                            const struct accessed *accessed)
{
    tjob_step_description *step = &describer->step;
    struct line before = LINE(step->before);
    struct line after = LINE(step->after);
    end_step(describer, TJOB_INVARIANT_NONE);
    memset(step, 0, sizeof *step);
    struct lines lines = {LINE(step->actor), LINE(step->partner), LINE(step->action), LINE(step->answer)};
    put_record(&before, describer, &accessed->before, accessed->version_before);
    put_record(&after, describer, &accessed->after, accessed->version_after);
    switch ((enum access_kind)access->kind) { /* LCOV_EXCL_BR_LINE: there is no other kind */
    case ACCESS_LOAD:
    case ACCESS_SWAP:
    case ACCESS_ACTOR_CRASH:
        describe_request(describer, &lines, access, accessed);
        break;
    case ACCESS_APPLY:
        describe_late(describer, &lines, access, accessed);
        break;
    case ACCESS_STORE_CRASH:
        tjob__text_put(&lines.actor, tjob_actor_name(TJOB_ACTOR_STORE));
        tjob__text_put(&lines.action, TEXT_STORE_CRASH);
        break;
    }
}

uint64_t tjob__replay_beginning(const struct replay *replay)
{
    uint64_t earliest = UINT64_MAX;
    for (uint32_t i = 0; i < replay->access_count; i++) {
        const struct access *access = &replay->accesses[i];
        const bool counts = access->kind == ACCESS_LOAD && !access->left_out && access->now_ms != 0;
        earliest = counts && access->now_ms < earliest ? access->now_ms : earliest;
    }
    return earliest != UINT64_MAX ? earliest - 1 : 0;
}

void tjob__replay_describe(struct replay_run *run, const struct replay *replay, tjob_invariant check,
                           tjob_trace_printer *printer)
{
    struct replay_describer describer = {
        .run = run, .replay = replay, .printer = printer, .began_ms = tjob__replay_beginning(replay)};
    tjob__replay_begin(run, replay);
    tjob_trace_printer_begin(printer);
    for (uint32_t i = 0; i < replay->access_count; i++) {
        const struct accessed accessed = tjob__replay_step(run, replay, &replay->accesses[i]);
        if (!accessed.skipped) {
            describe_access(&describer, &replay->accesses[i], &accessed);
        }
    }
    end_step(&describer, check);
    tjob_trace_printer_end(printer);
}
