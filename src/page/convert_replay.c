#include "page/convert_replay.h"

#include <string.h>

#include "verify/simulator/faults.h"
#include "verify/simulator/replay_describe.h"
#include "verify/simulator/swap_fate.h"

/* A replay that is being converted. */
struct replayed {
    const struct replay *replay;
    struct replay_run *run;
    struct convert convert;
    uint64_t began_ms;                       /* the origin of the times */
    uint32_t numbers[REPLAY_OPERATIONS_MAX]; /* of each operation: that of its actor in Play; 0: none yet */
    uint32_t actors[PLAY_KIND_COUNT];        /* how many there are of each kind */
    uint32_t trainers[SITUATION_ACTORS_MAX]; /* of each trainer: its last operation */
    uint32_t writes[SITUATION_STEPS_MAX];    /* of each write in Play: the access that made it */
};

/* ---- Actors ---------------------------------------------------------------------------------------------------- */

/* Returns a trainer whose last operation had the same token and has ended; 0 if there is none. */
static uint32_t replayed_trainer(const struct replayed *replayed, uint32_t operation)
{
    const struct replayed_operation *operations = replayed->replay->operations;
    for (uint32_t i = 0; i < replayed->actors[TJOB_ACTOR_TRAINER]; i++) {
        const uint32_t last = replayed->trainers[i];
        if (operations[last].event.trainer_token == operations[operation].event.trainer_token &&
            replayed->run->running[last].operation.ask == TJOB_ASK_NOTHING) {
            return i + 1;
        }
    }
    return 0;
}

/* Runs the replay, and gives each operation an actor: a trainer's the trainer with its token, and every other one an
 * actor of its own. Returns false if there are too many. */
static bool replayed_cast(struct replayed *replayed)
{
    const struct replay *replay = replayed->replay;
    tjob__replay_begin(replayed->run, replay);
    for (uint32_t i = 0; i < replay->access_count; i++) {
        const struct access *access = &replay->accesses[i];
        const bool skipped = tjob__replay_step(replayed->run, replay, access).skipped;
        if (skipped || access->kind == ACCESS_STORE_CRASH || replayed->numbers[access->operation] != 0) {
            continue;
        }
        const uint32_t actor = replay->operations[access->operation].actor;
        uint32_t number = actor == TJOB_ACTOR_TRAINER ? replayed_trainer(replayed, access->operation) : 0;
        if (number == 0) {
            number = ++replayed->actors[actor];
        }
        if (number > SITUATION_ACTORS_MAX) {
            return false;
        }
        replayed->numbers[access->operation] = number;
        if (actor == TJOB_ACTOR_TRAINER) {
            replayed->trainers[number - 1] = access->operation;
        }
    }
    return true;
}

/* ---- Steps ----------------------------------------------------------------------------------------------------- */

static struct situation_step replayed_step(const struct replayed *replayed, const struct access *access)
{
    return (struct situation_step){.actor = (tjob_actor)replayed->replay->operations[access->operation].actor,
                                   .number = replayed->numbers[access->operation]};
}

static void replayed_answer(struct replayed *replayed, const struct access *access, enum situation_answer answer)
{
    struct situation_step step = replayed_step(replayed, access);
    step.kind = STEP_ANSWER;
    step.answer = answer;
    tjob__convert_take(&replayed->convert, &step);
}

/* Begins the operation of an access. What it carries is given where Play would choose something else. */
static void replayed_begin(struct replayed *replayed, const struct access *access)
{
    const struct running *running = &replayed->run->running[access->operation];
    const tjob_event event = replayed->run->calls[running->call - 1].event;
    struct situation_step step = replayed_step(replayed, access);
    step.kind = STEP_BEGIN;
    step.event.kind = event.kind;
    const tjob_event by_itself = tjob__play_event(replayed->convert.play, &step);
    step.given = (event.incarnation != by_itself.incarnation ? GIVEN_INCARNATION : 0u) |
                 (event.trainer_token != by_itself.trainer_token ? GIVEN_TRAINER_TOKEN : 0u) |
                 (event.token != by_itself.token ? GIVEN_TOKEN : 0u) |
                 (event.host_code != by_itself.host_code ? GIVEN_HOST_CODE : 0u);
    step.event = event;
    tjob__convert_take(&replayed->convert, &step);
    if (tjob_operation_is_of_client((tjob_event_kind)event.kind)) {
        replayed_answer(replayed, access, ANSWER_ALLOWED);
        replayed_answer(replayed, access, ANSWER_ADMITTED);
    }
}

static void replayed_load(struct replayed *replayed, const struct access *access)
{
    const uint64_t now_ms = access->now_ms > replayed->began_ms ? access->now_ms - replayed->began_ms : 0;
    tjob__convert_clock(&replayed->convert, now_ms);
    replayed_answer(replayed, access, access->fault == NO_FAULT ? ANSWER_LOADED : ANSWER_LOAD_UNAVAILABLE);
}

/* Returns the answer that a fault makes, or would make if the store took the swap. */
static enum situation_answer replayed_fate(const struct access *access)
{
    static const enum situation_answer answers[] = {[TJOB_SWAP_CONFLICT] = ANSWER_CONFLICT,
                                                    [TJOB_SWAP_FULL] = ANSWER_FULL,
                                                    [TJOB_SWAP_UNAVAILABLE] = ANSWER_UNAVAILABLE};
    const struct swap_fate fate = tjob__swap_fate_of((tjob_fault)access->fault);
    if (!fate.answered) {
        return fate.applied_later ? ANSWER_TWICE : ANSWER_SWAPPED;
    }
    if (fate.answer != TJOB_SWAP_UNKNOWN) {
        return answers[fate.answer];
    }
    return fate.applied ? ANSWER_LOST_APPLIED : fate.applied_later ? ANSWER_LOST_LATE : ANSWER_LOST;
}

static void replayed_swap(struct replayed *replayed, const struct access *access)
{
    const struct play *play = replayed->convert.play;
    const struct situation_step step = replayed_step(replayed, access);
    const struct play_operation *operation = tjob__play_operation_of(play, step.actor, step.number);
    enum situation_answer answer = replayed_fate(access);
    if (!tjob__play_can_answer(play, operation, answer)) { /* the store refuses it anyway */
        answer = answer == ANSWER_CONFLICT || answer == ANSWER_TWICE ? ANSWER_SWAPPED : ANSWER_LOST;
    }
    if (answer == ANSWER_LOST_LATE || answer == ANSWER_TWICE) {
        replayed->writes[play->write_count] = access->number;
    }
    replayed_answer(replayed, access, answer);
}

static void replayed_apply(struct replayed *replayed, const struct access *access)
{
    for (uint32_t i = 0; i < replayed->convert.play->write_count; i++) {
        if (replayed->writes[i] == access->of) {
            tjob__convert_take(&replayed->convert, &(struct situation_step){.kind = STEP_APPLY, .value = i + 1});
        }
    }
}

static void replayed_access(struct replayed *replayed, const struct access *access)
{
    if (access->kind == ACCESS_APPLY) {
        replayed_apply(replayed, access);
        return;
    }
    if (access->kind == ACCESS_STORE_CRASH) {
        tjob__convert_take(&replayed->convert, &(struct situation_step){.kind = STEP_STORE_CRASH});
        return;
    }
    const struct situation_step step = replayed_step(replayed, access);
    if (tjob__play_operation_of(replayed->convert.play, step.actor, step.number) == NULL) {
        replayed_begin(replayed, access);
    }
    if (replayed->convert.failed) {
        return; /* it may have no operation */
    }
    if (access->kind == ACCESS_LOAD) {
        replayed_load(replayed, access);
    } else if (access->kind == ACCESS_SWAP) {
        replayed_swap(replayed, access);
    } else {
        replayed_answer(replayed, access, ANSWER_CRASH);
    }
}

/* ---- The replay ------------------------------------------------------------------------------------------------ */

static bool replayed_shows(struct play *play)
{
    tjob__play_check_history(play);
    for (uint32_t i = 0; i < PLAY_PROPERTY_COUNT; i++) {
        if (play->violated[i] != 0 && tjob__play_property(play, i).applies) {
            return true;
        }
    }
    return false;
}

bool tjob__convert_replay(const struct replay *replay, struct replay_run *run, struct play *play, json_writer *writer)
{
    uint64_t values[SITUATION_PARAMETER_COUNT];
    struct replayed replayed = {.replay = replay,
                                .run = run,
                                .convert = {.writer = writer, .play = play},
                                .began_ms = tjob__replay_beginning(replay)};
    if (!replayed_cast(&replayed)) {
        return false;
    }
    for (int i = 0; i < SITUATION_PARAMETER_COUNT; i++) {
        values[i] = tjob__situation_parameters[i].otherwise;
    }
    for (int i = 0; i < PLAY_KIND_COUNT; i++) {
        values[SITUATION_CLIENTS + i] = replayed.actors[i];
    }
    values[SITUATION_STOP_SUBMITTED] = run->policy->stop_submitted;
    values[SITUATION_STOP_FINISHED] = run->policy->stop_finished;
    values[SITUATION_STOP_TIMEOUT] =
        run->policy->stop_timeout_ms != 0 ? run->policy->stop_timeout_ms : TJOB_STOP_TIMEOUT_MS_DEFAULT;
    values[SITUATION_MAX_ATTEMPTS] =
        run->policy->max_attempts != 0 ? run->policy->max_attempts : TJOB_MAX_ATTEMPTS_DEFAULT;
    values[SITUATION_BUG] = (uint64_t)run->bug;
    values[SITUATION_CLOCK] = 1;
    tjob__convert_begin(&replayed.convert, values);
    tjob__replay_begin(run, replay);
    for (uint32_t i = 0; i < replay->access_count; i++) {
        const struct accessed accessed = tjob__replay_step(run, replay, &replay->accesses[i]);
        if (!accessed.skipped) {
            replayed_access(&replayed, &replay->accesses[i]);
        }
    }
    return !replayed.convert.failed && replayed_shows(play);
}
