/* A situation as JSON. */
#include "page/play.h"

#include <string.h>

#include "tjob/response.h"
#include "verify/text/text.h"

/* The name of the job: that of the examples in the manual. */
#define PLAY_ARN "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers"

/* ---- Texts ----------------------------------------------------------------------------------------------------- */

enum { PLAY_TEXT_BYTES = 200 };

/* Writes a member whose value is the text of a step. */
static void play_member_step(struct page_json *json, const char *name, const struct situation_step *step)
{
    char text[PLAY_TEXT_BYTES];
    json_writer writer = {.out = text, .capacity = sizeof text};
    tjob__situation_step_write(&writer, step);
    tjob__page_name(json, name);
    tjob__page_text(json, (tjob_text){text, writer.bytes});
}

/* Writes a member that is the name of an actor in steps. */
static void play_member_id(struct page_json *json, const char *name, tjob_actor actor, uint32_t number)
{
    char text[PLAY_TEXT_BYTES];
    json_writer writer = {.out = text, .capacity = sizeof text};
    tjob__situation_actor_write(&writer, actor, number);
    tjob__page_name(json, name);
    tjob__page_text(json, (tjob_text){text, writer.bytes});
}

static void play_member_actor(struct page_json *json, const char *name, tjob_actor actor, uint32_t number)
{
    char text[PLAY_TEXT_BYTES];
    struct line line = LINE(text);
    tjob__text_put(&line, tjob_actor_name(actor));
    tjob__text_put_named(&line, " ", number);
    tjob__page_member_string(json, name, text);
}

static void play_choice(struct page_json *json, const struct situation_step *step, const char *text, bool is_fault)
{
    tjob__page_open(json, '{');
    play_member_step(json, "step", step);
    tjob__page_member_string(json, "text", text);
    tjob__page_member_bool(json, "fault", is_fault);
    tjob__page_close(json, '}');
}

/* ---- Actors ---------------------------------------------------------------------------------------------------- */

static const char *play_ask_name(tjob_ask ask)
{
    static const char *const names[] = {[TJOB_ASK_AUTHORIZE] = "authorize",
                                        [TJOB_ASK_ADMIT] = "admit",
                                        [TJOB_ASK_LOAD] = "load",
                                        [TJOB_ASK_SWAP] = "swap",
                                        [TJOB_ASK_NOTHING] = "nothing"};
    return names[ask];
}

static void play_operation_json(struct page_json *json, const struct play *play, const struct play_operation *operation)
{
    const tjob_operation *asks = &operation->local.operation;
    const tjob_event *event = &play->calls[operation - play->operations].event;
    char text[PLAY_TEXT_BYTES];
    struct line line = LINE(text);
    tjob__page_open(json, '{');
    tjob__page_member_string(json, "event", tjob_event_kind_name((tjob_event_kind)event->kind));
    tjob__page_member_decimal(json, "incarnation", event->incarnation);
    tjob__page_member_decimal(json, "trainer_token", event->trainer_token);
    tjob__page_member_decimal(json, "token", event->token);
    tjob__page_member_decimal(json, "host_code", event->host_code);
    tjob__page_member_string(json, "asks", play_ask_name((tjob_ask)asks->ask));
    tjob__text_put(&line, "");
    if (asks->ask == TJOB_ASK_SWAP) {
        tjob__text_put_swap(&line, asks);
    } else if (asks->ask == TJOB_ASK_LOAD) {
        tjob__text_put_load(&line, asks, asks->attempts != 0 && !asks->lost, 0);
    } else {
        tjob__text_put(&line, ": ");
        tjob__text_put(&line, play_ask_name((tjob_ask)asks->ask));
    }
    tjob__page_member_string(json, "text", text + 2); /* without the colon of the describer */
    tjob__page_member_decimal(json, "attempts", asks->attempts);
    tjob__page_member_bool(json, "lost", asks->lost != 0);
    if (asks->ask == TJOB_ASK_SWAP) {
        tjob__page_member_decimal(json, "expects", asks->version);
        tjob__page_member_string(json, "next", tjob_state_name((tjob_state)asks->job.state));
    } else {
        tjob__page_member_null(json, "expects");
        tjob__page_member_null(json, "next");
    }
    tjob__page_close(json, '}');
}

/* Writes how an operation ended. */
static void play_end_json(struct page_json *json, const struct play *play, const struct play_operation *operation)
{
    const tjob_call *call = &play->calls[operation - play->operations];
    tjob__page_open(json, '{');
    tjob__page_member_string(json, "event", tjob_event_kind_name((tjob_event_kind)call->event.kind));
    tjob__page_member_count(json, "step", operation->ended);
    tjob__page_member_string(json, "status", operation->crashed ? "crashed" : tjob_status_name(call->outcome.status));
    tjob__page_member_string(json, "changed", tjob_changed_name(call->outcome.changed));
    tjob__page_member_string(json, "before", tjob_state_name(call->outcome.before));
    tjob__page_member_string(json, "after", tjob_state_name(call->outcome.after));
    tjob__page_close(json, '}');
}

static void play_answers_json(struct page_json *json, const struct play *play, const struct play_operation *operation)
{
    const tjob_operation *asks = &operation->local.operation;
    const bool conflicts = asks->ask == TJOB_ASK_SWAP && !tjob__play_applies(play, asks->version, &asks->job);
    for (unsigned i = 0; i < ANSWER_COUNT; i++) {
        const struct situation_answer_kind *kind = &tjob__situation_answers[i];
        const struct situation_step step = {.kind = STEP_ANSWER,
                                            .actor = operation->actor,
                                            .number = operation->number,
                                            .answer = (enum situation_answer)i};
        if (tjob__play_can_answer(play, operation, step.answer)) {
            play_choice(json, &step, i == ANSWER_SWAPPED && conflicts ? "conflict" : kind->text, kind->is_fault);
        }
    }
}

static void play_events_json(struct page_json *json, tjob_actor actor, uint32_t number)
{
    for (unsigned i = 0; i < SITUATION_EVENT_COUNT; i++) {
        const struct situation_event *event = &tjob__situation_events[i];
        if (event->actor == actor) {
            const struct situation_step step = {
                .kind = STEP_BEGIN, .actor = actor, .number = number, .event = {.kind = (uint32_t)event->kind}};
            play_choice(json, &step, tjob_event_kind_name(event->kind), false);
        }
    }
}

static void play_actor_json(struct page_json *json, const struct play *play, tjob_actor actor, uint32_t number)
{
    const struct play_operation *operation = tjob__play_operation_of(play, actor, number);
    const uint32_t last = play->last[actor][number - 1];
    tjob__page_open(json, '{');
    play_member_id(json, "id", actor, number);
    tjob__page_member_string(json, "kind", tjob_actor_name(actor));
    play_member_actor(json, "name", actor, number);
    tjob__page_name(json, "operation");
    if (operation != NULL) {
        play_operation_json(json, play, operation);
    } else {
        tjob__page_null(json);
    }
    tjob__page_name(json, "last");
    if (last != 0) {
        play_end_json(json, play, &play->operations[last - 1]);
    } else {
        tjob__page_null(json);
    }
    tjob__page_name(json, "choices");
    tjob__page_open(json, '[');
    if (operation != NULL) {
        play_answers_json(json, play, operation);
    } else {
        play_events_json(json, actor, number);
    }
    tjob__page_close(json, ']');
    tjob__page_close(json, '}');
}

static void play_actors_json(struct page_json *json, const struct play *play)
{
    tjob__page_name(json, "actors");
    tjob__page_open(json, '[');
    for (unsigned actor = 0; actor < TJOB_ACTOR_STORE; actor++) {
        for (uint32_t number = 1; number <= play->values[SITUATION_CLIENTS + actor]; number++) {
            play_actor_json(json, play, (tjob_actor)actor, number);
        }
    }
    tjob__page_close(json, ']');
}

/* ---- Clock and store ------------------------------------------------------------------------------------------- */

static void play_clock_choice(struct page_json *json, uint64_t time_ms, const char *text)
{
    play_choice(json, &(struct situation_step){.kind = STEP_CLOCK, .value = time_ms}, text, false);
}

static void play_clock_json(struct page_json *json, const struct play *play)
{
    const uint64_t now_ms = play->clock_ms;
    const uint64_t timeout_ms = play->values[SITUATION_STOP_TIMEOUT];
    uint64_t version;
    const tjob_job job = tjob__play_record(play, &version);
    tjob__page_name(json, "clock");
    tjob__page_open(json, '{');
    tjob__page_member_decimal(json, "now_ms", now_ms);
    tjob__page_name(json, "choices");
    tjob__page_open(json, '[');
    if (now_ms <= UINT64_MAX - 1000) {
        play_clock_choice(json, now_ms + 1, "1 ms on");
        play_clock_choice(json, now_ms + 1000, "1 s on");
    }
    if (now_ms > 1000) {
        play_clock_choice(json, now_ms - 1000, "1 s back");
    }
    if (job.state == TJOB_STOP_REQUESTED && job.stop_requested_ms <= UINT64_MAX - timeout_ms) {
        play_clock_choice(json, job.stop_requested_ms + timeout_ms, "to the time-out of the stop");
    }
    tjob__page_close(json, ']');
    tjob__page_close(json, '}');
}

static void play_store_json(struct page_json *json, const struct play *play)
{
    char text[PLAY_TEXT_BYTES];
    struct line line = LINE(text);
    uint64_t version;
    const tjob_job job = tjob__play_record(play, &version);
    tjob__text_put_record(&line, job.state != TJOB_ABSENT ? &job : NULL, version);
    tjob__page_name(json, "store");
    tjob__page_open(json, '{');
    tjob__page_member_record(json, "record", &job);
    tjob__page_member_decimal(json, "version", version);
    tjob__page_member_string(json, "text", text);
    tjob__page_name(json, "choices");
    tjob__page_open(json, '[');
    for (uint32_t i = 0; i < play->write_count; i++) {
        const struct play_operation *operation = &play->operations[play->writes[i].operation];
        struct line choice = LINE(text);
        tjob__text_put(&choice, "apply the late write of ");
        tjob__text_put(&choice, tjob_actor_name(operation->actor));
        tjob__text_put_named(&choice, " ", operation->number);
        tjob__text_put(&choice, ": ");
        tjob__text_put(&choice, tjob_event_kind_name((tjob_event_kind)play->writes[i].event.kind));
        if (!play->writes[i].arrived) {
            play_choice(json, &(struct situation_step){.kind = STEP_APPLY, .value = i + 1}, text, false);
        }
    }
    if (play->model.store->crash != NULL) {
        play_choice(json, &(struct situation_step){.kind = STEP_STORE_CRASH}, "crash, and lose what is not durable",
                    true);
    }
    tjob__page_close(json, ']');
    tjob__page_close(json, '}');
}

static void play_writes_json(struct page_json *json, const struct play *play)
{
    tjob__page_name(json, "late_writes");
    tjob__page_open(json, '[');
    for (uint32_t i = 0; i < play->write_count; i++) {
        const struct play_write *write = &play->writes[i];
        const struct play_operation *operation = &play->operations[write->operation];
        if (!write->arrived) {
            tjob__page_open(json, '{');
            tjob__page_member_count(json, "number", i + 1);
            play_member_id(json, "actor", operation->actor, operation->number);
            tjob__page_member_string(json, "event", tjob_event_kind_name((tjob_event_kind)write->event.kind));
            tjob__page_member_decimal(json, "expects", write->expected);
            tjob__page_member_string(json, "next", tjob_state_name((tjob_state)write->next.state));
            tjob__page_member_bool(json, "can_apply", tjob__play_applies(play, write->expected, &write->next));
            tjob__page_close(json, '}');
        }
    }
    tjob__page_close(json, ']');
}

/* ---- Invariants ------------------------------------------------------------------------------------------------ */

static void play_invariant_json(struct page_json *json, const struct play *play, uint32_t index)
{
    static const char *const kinds[] = {[TJOB_PROPERTY_ALWAYS] = "always",
                                        [TJOB_PROPERTY_ALWAYS_REACHABLE] = "reachable",
                                        [TJOB_PROPERTY_SOMETIMES] = "sometimes"};
    const tjob_property property = tjob__play_property(play, index);
    const bool of_history = index >= PROPERTY_OWN;
    const uint32_t step = play->violated[index] != 0 ? play->violated[index] : play->exercised[index];
    tjob__page_open(json, '{');
    tjob__page_member_string(json, "name", property.name);
    tjob__page_member_string(json, "sentence", property.sentence);
    tjob__page_member_string(json, "kind", kinds[property.kind]);
    tjob__page_member_string(json, "state",
                             !property.applies               ? "not applicable"
                             : play->violated[index] != 0    ? "violated"
                             : of_history && play->undecided ? "undecided"
                             : play->exercised[index] != 0   ? "holds"
                                                             : "not exercised");
    if (property.applies && step != 0) {
        tjob__page_member_count(json, "step", step);
    } else {
        tjob__page_member_null(json, "step");
    }
    tjob__page_close(json, '}');
}

static void play_invariants_json(struct page_json *json, const struct play *play)
{
    tjob__page_name(json, "invariants");
    tjob__page_open(json, '[');
    for (uint32_t i = 0; i < PROPERTY_OWN; i++) {
        if (play->model.properties[i].kind != TJOB_PROPERTY_NO_LIVELOCK) { /* no situation shows that */
            play_invariant_json(json, play, i);
        }
    }
    play_invariant_json(json, play, PLAY_HISTORY_IS_LINEARIZABLE);
    play_invariant_json(json, play, PLAY_STORE_MATCHES_HISTORY);
    tjob__page_close(json, ']');
}

/* ---- Responses ------------------------------------------------------------------------------------------------- */

static void play_header(struct page_json *json, const char *name, tjob_text value)
{
    if (value.bytes != 0) {
        tjob__page_open(json, '[');
        tjob__page_string(json, name);
        tjob__page_text(json, value);
        tjob__page_close(json, ']');
    }
}

/* Writes the request of a client and the answer to it, as wire decodes the one and encodes the other. */
static void play_response_json(struct page_json *json, const struct play *play, const struct play_operation *operation)
{
    static const tjob_text request_body = TJOB_TEXT("{\"EntityRecognizerArn\":\"" PLAY_ARN "\"}");
    static const struct {
        tjob_event_kind kind;
        tjob_text target;
    } targets[] = {{TJOB_STOP, TJOB_TEXT("Comprehend_20171127.StopTrainingEntityRecognizer")},
                   {TJOB_DESCRIBE, TJOB_TEXT("Comprehend_20171127.DescribeEntityRecognizer")},
                   {TJOB_DELETE, TJOB_TEXT("Comprehend_20171127.DeleteEntityRecognizer")}};
    const tjob_call *call = &play->calls[operation - play->operations];
    size_t i = 0;
    while (targets[i].kind != (tjob_event_kind)call->event.kind) {
        i++;
    }
    char arn[TJOB_ARN_BYTES_MAX];
    char body[TJOB_RESPONSE_BYTES_MAX];
    char id[PLAY_TEXT_BYTES];
    json_writer writer = {.out = id, .capacity = sizeof id};
    tjob__json_write_number(&writer, operation->ended, 1);
    const tjob_http_request http = {.method = TJOB_TEXT("POST"),
                                    .target = targets[i].target,
                                    .content_type = TJOB_TEXT("application/x-amz-json-1.1"),
                                    .body = request_body,
                                    .id = {id, writer.bytes}};
    tjob_request request;
    tjob_http_response response;
    (void)tjob_request_decode(&request, &http, TJOB_ARN_REFERENCE, arn);
    (void)tjob_response_encode(&response, &request, http.id, &call->outcome, (tjob_text){"", 0}, body, sizeof body);
    tjob__page_open(json, '{');
    tjob__page_member_count(json, "step", operation->ended);
    play_member_id(json, "id", operation->actor, operation->number);
    play_member_actor(json, "actor", operation->actor, operation->number);
    tjob__page_name(json, "request");
    tjob__page_open(json, '{');
    tjob__page_name(json, "target");
    tjob__page_text(json, http.target);
    tjob__page_name(json, "body");
    tjob__page_text(json, http.body);
    tjob__page_close(json, '}');
    tjob__page_member_count(json, "status", (uint32_t)response.status);
    tjob__page_name(json, "headers");
    tjob__page_open(json, '[');
    play_header(json, "Content-Type", response.content_type);
    play_header(json, "x-amzn-ErrorType", response.error_type);
    play_header(json, "x-amzn-RequestId", response.id);
    tjob__page_close(json, ']');
    tjob__page_name(json, "body");
    tjob__page_text(json, response.body);
    tjob__page_close(json, '}');
}

static void play_responses_json(struct page_json *json, const struct play *play)
{
    tjob__page_name(json, "responses");
    tjob__page_open(json, '[');
    for (uint32_t step = 1; step <= play->step_count; step++) {
        const uint32_t ended = play->ended_at[step - 1];
        const struct play_operation *operation = ended != 0 ? &play->operations[ended - 1] : NULL;
        if (operation != NULL && operation->actor == TJOB_ACTOR_CLIENT && !operation->crashed) {
            play_response_json(json, play, operation);
        }
    }
    tjob__page_close(json, ']');
}

/* ---- The situation --------------------------------------------------------------------------------------------- */

static void play_step_json(struct page_json *json, const struct play *play, const struct situation_step *step,
                           tjob_text text, const struct play_result *result)
{
    const tjob_step_description *description = &result->description;
    const bool acts = step->kind == STEP_BEGIN || step->kind == STEP_ANSWER;
    tjob__page_open(json, '{');
    tjob__page_name(json, "step");
    tjob__page_text(json, text);
    if (acts) {
        play_member_id(json, "id", step->actor, step->number);
    } else {
        tjob__page_member_string(json, "id", description->actor);
    }
    tjob__page_member_string(json, "actor", description->actor);
    tjob__page_member_string(json, "partner", description->partner);
    tjob__page_member_string(json, "action", description->action);
    tjob__page_member_string(json, "answer", description->answer);
    tjob__page_member_string(json, "before", description->before);
    tjob__page_member_string(json, "after", description->after);
    tjob__page_name(json, "violates");
    tjob__page_open(json, '[');
    for (uint32_t i = 0; i < PROPERTY_OWN; i++) {
        if ((result->observation.violated >> i & 1) != 0 && play->model.properties[i].applies) {
            tjob__page_string(json, play->model.properties[i].name);
        }
    }
    tjob__page_close(json, ']');
    tjob__page_member_bool(json, "ended", result->ended);
    tjob__page_close(json, '}');
}

/* Takes all steps and writes them. */
static bool play_steps_json(struct page_json *json, struct play *play, tjob_text situation, tjob_text rest,
                            struct page_error *error)
{
    bool more = rest.data != situation.data + situation.bytes ||
                (situation.bytes != 0 && situation.data[situation.bytes - 1] == '/');
    tjob__page_name(json, "steps");
    tjob__page_open(json, '[');
    while (more) {
        const size_t at = (size_t)(rest.data - situation.data);
        const tjob_text text = tjob__situation_next(&rest);
        struct situation_step step;
        struct play_result result;
        if (!tjob__situation_step_read(text, at, &step, error) || !tjob__play_step(play, &step, at, &result, error)) {
            return false;
        }
        play_step_json(json, play, &step, text, &result);
        more = rest.data != text.data + text.bytes;
    }
    tjob__page_close(json, ']');
    return true;
}

void tjob__play(struct play *play, tjob_text situation, struct page_json *json)
{
    struct page_error error;
    tjob_text rest = situation;
    tjob__page_open(json, '{');
    tjob__page_name(json, "situation");
    tjob__page_text(json, situation);
    if (!tjob__play_begin(play, &rest, &error) || !play_steps_json(json, play, situation, rest, &error)) {
        tjob__page_error_write(json, &error);
        return;
    }
    tjob__play_check_history(play);
    tjob__page_member_count(json, "step_count", play->step_count);
    tjob__page_member_parameters(json, tjob__situation_parameters, SITUATION_PARAMETER_COUNT, play->values);
    play_clock_json(json, play);
    play_store_json(json, play);
    play_writes_json(json, play);
    play_actors_json(json, play);
    play_invariants_json(json, play);
    play_responses_json(json, play);
    tjob__page_close(json, '}');
}
