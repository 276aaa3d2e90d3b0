#include "verify/script_tell.h"

#include "verify/faults.h"
#include "verify/line.h"

/* A step that is being put together. */
struct step {
    tjob_telling telling;
    struct line action;
    struct line answer;
    uint32_t operation; /* that it is about */
    bool open;
    bool single; /* nothing more of the same operation belongs to it */
};

struct teller {
    struct script_run *run;
    const struct script *script;
    tjob_story *story; /* NULL: only counts */
    struct step step;
    uint32_t steps;
    uint64_t began_ms; /* times are told from here on */
};

/* ---- Who ------------------------------------------------------------------------------------------------------- */

/* How many operations of the same kind of actor there are up to this one that are not left out: its name. */
static uint32_t ordinal_of(const struct teller *teller, uint32_t operation)
{
    const struct scripted_operation *operations = teller->script->operations;
    uint32_t ordinal = 1;
    for (uint32_t i = 0; i < operation; i++) {
        ordinal += operations[i].actor == operations[operation].actor && teller->run->running[i].call != 0 ? 1 : 0;
    }
    return ordinal;
}

static void put_actor(struct line *line, const struct teller *teller, uint32_t operation)
{
    const struct scripted_operation *scripted = &teller->script->operations[operation];
    tjob__line_put(line, tjob_actor_name((tjob_actor)scripted->actor));
    tjob__line_put_named(line, " ",
                         scripted->actor == TJOB_ACTOR_TRAINER && scripted->event.trainer_token != 0
                             ? scripted->event.trainer_token
                             : ordinal_of(teller, operation));
}

/* ---- What ------------------------------------------------------------------------------------------------------ */

/* The times of a record are told as milliseconds since the first one, which is 1. */
static void put_record(struct line *line, const struct teller *teller, const tjob_job *job, uint64_t version)
{
    tjob_job told = *job;
    uint64_t *const times[] = {&told.submitted_ms, &told.training_started_ms, &told.stop_requested_ms, &told.ended_ms};
    for (unsigned i = 0; i < sizeof times / sizeof times[0]; i++) {
        *times[i] = *times[i] != 0 ? *times[i] - teller->began_ms : 0;
    }
    tjob__line_put_record(line, job->state != TJOB_ABSENT ? &told : NULL, version);
}

static const char *answer_of_load(tjob_load_status status)
{
    return status == TJOB_LOAD_OK ? "found" : status == TJOB_LOAD_NOT_FOUND ? "not found" : "unavailable";
}

static const char *answer_of_swap(tjob_swap_status status)
{
    static const char *const names[] = {[TJOB_SWAP_OK] = "done",
                                        [TJOB_SWAP_CONFLICT] = "conflict",
                                        [TJOB_SWAP_FULL] = "full",
                                        [TJOB_SWAP_UNAVAILABLE] = "unavailable",
                                        [TJOB_SWAP_UNKNOWN] = "no answer"};
    return names[status];
}

static void put_event(struct line *line, const tjob_event *event)
{
    tjob__line_put(line, tjob_event_kind_name((tjob_event_kind)event->kind));
    tjob__line_put_named(line, " by trainer ", event->trainer_token);
    tjob__line_put_named(line, " of incarnation ", event->incarnation);
}

/* Goes on in the line of answers, behind what stands there. */
static void put_between(struct step *step, const char *separator)
{
    tjob__line_put(&step->answer, step->answer.at != step->telling.answer ? separator : "");
}

/* What an operation was answered, if it has ended. */
static void put_end(struct step *step, const struct running *running)
{
    static const char *const changes[] = {
        [TJOB_CHANGED_NO] = "", [TJOB_CHANGED_YES] = ", done", [TJOB_CHANGED_UNKNOWN] = ", perhaps done"};
    if (running->deeds.ended) {
        put_between(step, "; ");
        tjob__line_put(&step->answer, "the answer is: ");
        tjob__line_put(&step->answer, tjob_status_name((tjob_status)running->deeds.status));
        tjob__line_put(&step->answer, changes[running->deeds.changed]);
    }
}

static void put_access(struct step *step, const struct access *access, const struct accessed *accessed)
{
    struct line *action = &step->action;
    struct line *answer = &step->answer;
    put_between(step, ", ");
    switch ((enum access_kind)access->kind) { /* LCOV_EXCL_BR_LINE: there is no other kind */
    case ACCESS_LOAD:
        tjob__line_put(action, ", loads");
        tjob__line_put(answer, answer_of_load(accessed->loaded));
        break;
    case ACCESS_SWAP:
        tjob__line_put(action, ", swaps");
        tjob__line_put(answer, answer_of_swap(accessed->swapped));
        break;
    case ACCESS_LAND:
        tjob__line_put(action, ", its swap arrives late");
        tjob__line_put(answer, accessed->swapped == TJOB_SWAP_OK ? "done" : "not done");
        break;
    case ACCESS_STORE_CRASH:
        tjob__line_put(action, "crashes, and loses what is not durable");
        break;
    case ACCESS_ACTOR_CRASH:
        tjob__line_put(action, ", crashes");
        break;
    }
    if (access->kind <= ACCESS_SWAP && access->fault != NO_FAULT) {
        tjob__line_put(answer, " (");
        tjob__line_put(answer, tjob_fault_name((tjob_fault)access->fault));
        tjob__line_put(answer, ")");
    }
}

/* ---- Steps ----------------------------------------------------------------------------------------------------- */

static void end_step(struct teller *teller, tjob_simulator_check check)
{
    struct step *step = &teller->step;
    if (!step->open) {
        return;
    }
    step->open = false;
    teller->steps++;
    if (check != TJOB_CHECK_NONE) {
        put_between(step, "; ");
        tjob__line_put(&step->answer, tjob_simulator_check_name(check));
        tjob__line_put(&step->answer, " is violated");
    }
    if (teller->story != NULL) {
        tjob_story_step(teller->story, &step->telling);
    }
}

static void begin_step(struct teller *teller, const struct access *access, const struct accessed *accessed)
{
    struct step *step = &teller->step;
    const bool single = access->kind == ACCESS_LAND || access->kind == ACCESS_STORE_CRASH;
    *step = (struct step){.open = true, .single = single, .operation = access->operation};
    step->action = LINE(step->telling.action);
    step->answer = LINE(step->telling.answer);
    put_record(&LINE(step->telling.before), teller, &accessed->before, accessed->version_before);
    if (access->kind == ACCESS_STORE_CRASH) {
        tjob__line_put(&LINE(step->telling.actor), "store");
    } else {
        put_actor(&LINE(step->telling.actor), teller, access->operation);
        tjob__line_put(&LINE(step->telling.partner), "store");
        put_event(&step->action, &teller->run->calls[teller->run->running[access->operation].call - 1].event);
    }
}

/* Whether an access goes on with the step that is told: it is the next one of the same operation. */
static bool goes_on(const struct step *step, const struct access *access)
{
    return step->open && !step->single && step->operation == access->operation && access->kind != ACCESS_STORE_CRASH &&
           access->kind != ACCESS_LAND;
}

static void tell(struct teller *teller, const struct access *access, const struct accessed *accessed)
{
    struct step *step = &teller->step;
    if (!goes_on(step, access)) {
        end_step(teller, TJOB_CHECK_NONE);
        begin_step(teller, access, accessed);
    }
    put_access(step, access, accessed);
    if (access->kind != ACCESS_LAND && access->kind != ACCESS_STORE_CRASH) {
        put_end(step, &teller->run->running[access->operation]);
    }
    step->telling.after[0] = '\0';
    put_record(&LINE(step->telling.after), teller, &accessed->after, accessed->version_after);
}

/* The earliest time in a script, less one. */
static uint64_t beginning_of(const struct script *script)
{
    uint64_t earliest = UINT64_MAX;
    for (uint32_t i = 0; i < script->access_count; i++) {
        const struct access *access = &script->accesses[i];
        const bool counts = access->kind == ACCESS_LOAD && !access->left_out && access->now_ms != 0;
        earliest = counts && access->now_ms < earliest ? access->now_ms : earliest;
    }
    return earliest != UINT64_MAX ? earliest - 1 : 0;
}

uint32_t tjob__script_tell(struct script_run *run, const struct script *script, tjob_simulator_check check,
                           tjob_story *story)
{
    struct teller teller = {.run = run, .script = script, .story = story, .began_ms = beginning_of(script)};
    tjob__script_begin(run, script);
    if (story != NULL) {
        tjob_story_begin(story);
    }
    for (uint32_t i = 0; i < script->access_count; i++) {
        const struct accessed accessed = tjob__script_step(run, script, &script->accesses[i]);
        if (!accessed.skipped) {
            tell(&teller, &script->accesses[i], &accessed);
        }
    }
    end_step(&teller, check);
    if (story != NULL) {
        tjob_story_end(story);
    }
    return teller.steps;
}
