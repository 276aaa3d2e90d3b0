#include "page/convert.h"

#include <string.h>

#include "core/assert.h"
#include "verify/lifecycle/label.h"

void tjob__convert_begin(struct convert *convert, const uint64_t values[SITUATION_PARAMETER_COUNT])
{
    char text[SITUATION_PARAMETERS_BYTES_MAX];
    json_writer writer = {.out = text, .capacity = sizeof text};
    struct page_error error;
    tjob__page_parameters_write(&writer, tjob__situation_parameters, SITUATION_PARAMETER_COUNT, values);
    TJOB_ASSERT(writer.bytes <= sizeof text);
    tjob_text rest = {text, writer.bytes};
    tjob__json_write_text(convert->writer, rest);
    convert->failed = !tjob__play_begin(convert->play, &rest, &error);
}

void tjob__convert_take(struct convert *convert, const struct situation_step *step)
{
    struct page_error error;
    struct play_result result;
    tjob__json_write_byte(convert->writer, '/');
    tjob__situation_step_write(convert->writer, step);
    convert->failed = convert->failed || !tjob__play_step(convert->play, step, 0, &result, &error);
}

void tjob__convert_clock(struct convert *convert, uint64_t now_ms)
{
    if (convert->play->clock_ms != now_ms) {
        tjob__convert_take(convert, &(struct situation_step){.kind = STEP_CLOCK, .value = now_ms});
    }
}

/* ---- The steps of the lifecycle model -------------------------------------------------------------------------- */

/* An actor of the model, which has the same name in Play. */
struct converted_actor {
    tjob_actor kind;
    uint32_t number;
};

static struct converted_actor convert_actor(const tjob_lifecycle_model *model, uint64_t word)
{
    const uint32_t index = tjob__label_decode(word).actor;
    const tjob_actor kind = tjob_lifecycle_model_step(model, word).actor;
    const uint32_t first = kind == TJOB_ACTOR_TRAINER ? model->config.clients : 0;
    return (struct converted_actor){kind, kind <= TJOB_ACTOR_TRAINER ? index - first + 1 : 1};
}

static void convert_answer(struct convert *convert, struct converted_actor actor, enum situation_answer answer)
{
    tjob__convert_take(
        convert,
        &(struct situation_step){.kind = STEP_ANSWER, .actor = actor.kind, .number = actor.number, .answer = answer});
}

/* Begins an operation, and lets a client's through to its first load, unless it ends before. */
static void convert_begin_operation(struct convert *convert, struct converted_actor actor, const struct label *label)
{
    struct situation_step step = {
        .kind = STEP_BEGIN, .actor = actor.kind, .number = actor.number, .event = {.kind = label->event}};
    const tjob_event by_itself = tjob__play_event(convert->play, &step);
    if (label->event == TJOB_SUBMIT && by_itself.token != convert->token) {
        step.event.token = convert->token;
        step.given = GIVEN_TOKEN;
    }
    if (label->event == TJOB_TRAINER_LOST && by_itself.trainer_token != label->trainer_token) {
        step.event.trainer_token = label->trainer_token;
        step.given = GIVEN_TRAINER_TOKEN;
    }
    tjob__convert_take(convert, &step);
    if (!tjob_operation_is_of_client((tjob_event_kind)label->event)) {
        return;
    }
    const bool ends = label->action == ACTION_ASK;
    if (ends && label->answer != ASK_THROTTLED) {
        convert_answer(convert, actor, label->answer == ASK_DENIED ? ANSWER_DENIED : ANSWER_AUTHORIZER_UNAVAILABLE);
        return;
    }
    convert_answer(convert, actor, ANSWER_ALLOWED);
    convert_answer(convert, actor, ends ? ANSWER_THROTTLED : ANSWER_ADMITTED);
}

/* In the model a conflict may be part of the load that follows it. */
static void convert_load(struct convert *convert, struct converted_actor actor, const struct label *label)
{
    const struct play_operation *operation = tjob__play_operation_of(convert->play, actor.kind, actor.number);
    if (operation->local.operation.ask == TJOB_ASK_SWAP) {
        convert_answer(convert, actor, ANSWER_SWAPPED);
    }
    if (label->answer == TJOB_LOAD_UNAVAILABLE) {
        convert_answer(convert, actor, ANSWER_LOAD_UNAVAILABLE);
        return;
    }
    tjob__convert_clock(convert, label->now_ms);
    convert_answer(convert, actor, ANSWER_LOADED);
}

static void convert_swap(struct convert *convert, struct converted_actor actor, const struct label *label)
{
    static const enum situation_answer answers[] = {[TJOB_SWAP_OK] = ANSWER_SWAPPED,
                                                    [TJOB_SWAP_CONFLICT] = ANSWER_CONFLICT,
                                                    [TJOB_SWAP_FULL] = ANSWER_FULL,
                                                    [TJOB_SWAP_UNAVAILABLE] = ANSWER_UNAVAILABLE};
    static const enum situation_answer lost[] = {
        [LOST_NOT_APPLIED] = ANSWER_LOST, [LOST_APPLIED] = ANSWER_LOST_APPLIED, [LOST_UNDER_WAY] = ANSWER_LOST_LATE};
    const struct play_operation *operation = tjob__play_operation_of(convert->play, actor.kind, actor.number);
    enum situation_answer answer = label->answer == TJOB_SWAP_UNKNOWN ? lost[label->lost] : answers[label->answer];
    if (answer == ANSWER_CONFLICT && !tjob__play_can_answer(convert->play, operation, ANSWER_CONFLICT)) {
        answer = ANSWER_SWAPPED; /* the store has a reason */
    }
    convert_answer(convert, actor, answer);
}

/* Applies the write in flight that leads to the record after the step. */
static void convert_apply(struct convert *convert, const struct label *label, const tjob_job *after)
{
    const struct play *play = convert->play;
    uint32_t i = 0;
    while (i < play->write_count &&
           (play->writes[i].arrived || play->writes[i].event.kind != label->event ||
            play->writes[i].next.state != after->state ||
            (after->state != TJOB_ABSENT && memcmp(&play->writes[i].next, after, sizeof *after) != 0) ||
            !tjob__play_applies(play, play->writes[i].expected, &play->writes[i].next))) {
        i++;
    }
    tjob__convert_take(convert, &(struct situation_step){.kind = STEP_APPLY, .value = (uint64_t)i + 1});
}

static void convert_visit(void *context, const tjob_trace_step *step)
{
    struct convert *convert = context;
    const struct label label = tjob__label_decode(step->label);
    if (label.action == ACTION_STORE_CRASH) {
        tjob__convert_take(convert, &(struct situation_step){.kind = STEP_STORE_CRASH});
        return;
    }
    if (label.action == ACTION_APPLY) {
        const tjob_job after = tjob_lifecycle_model_job(convert->model, step->after);
        convert_apply(convert, &label, &after);
        return;
    }
    const struct converted_actor actor = convert_actor(convert->model, step->label);
    if (tjob__play_operation_of(convert->play, actor.kind, actor.number) == NULL) {
        convert_begin_operation(convert, actor, &label);
    }
    if (convert->failed) {
        return; /* it may have no operation */
    }
    switch (label.action) {
    case ACTION_LOAD:
    case ACTION_LOAD_AGAIN:
        convert_load(convert, actor, &label);
        break;
    case ACTION_SWAP:
        convert_swap(convert, actor, &label);
        break;
    case ACTION_CRASH:
        convert_answer(convert, actor, ANSWER_CRASH);
        break;
    default:
        break; /* it has ended before it accessed the store */
    }
    if (label.event == TJOB_SUBMIT && label.ends && label.status == TJOB_OK) {
        convert->token++;
    }
}

bool tjob__convert_trace(const tjob_lifecycle_model *model, tjob_explorer *explorer, uint32_t property,
                         struct play *play, json_writer *writer)
{
    struct convert convert = {.model = model, .writer = writer, .play = play, .token = 1};
    const tjob_lifecycle_config *config = &model->config;
    uint64_t values[SITUATION_PARAMETER_COUNT];
    for (int i = 0; i < SITUATION_PARAMETER_COUNT; i++) {
        values[i] = tjob__situation_parameters[i].otherwise;
    }
    values[SITUATION_CLIENTS] = config->clients;
    values[SITUATION_TRAINERS] = config->trainers;
    values[SITUATION_STOP_SUBMITTED] = config->policy.stop_submitted;
    values[SITUATION_STOP_FINISHED] = config->policy.stop_finished;
    values[SITUATION_STOP_TIMEOUT] = config->policy.stop_timeout_ms;
    values[SITUATION_BUG] = (uint64_t)config->bug;
    values[SITUATION_CLOCK] = 1;
    tjob__convert_begin(&convert, values);
    return tjob_explorer_trace(explorer, property, convert_visit, &convert) != 0 && !convert.failed;
}
