/* Descriptions of the steps of the lifecycle model. */
#include <string.h>

#include "verify/lifecycle/model.h"
#include "verify/text/text.h"
#include "verify/spec/seeded_bugs.h"

/* ---- Labels ---------------------------------------------------------------------------------------------------- */

/* The bit position of each field of a label. The actor is in the lowest bits, so that it can be added later. */
enum {
    AT_ACTOR = 0,
    AT_ACTION = 4,
    AT_EVENT = 8,
    AT_NOW = 12,
    AT_ANSWER = 16,
    AT_LOST = 20,
    AT_TRAINER = 24,
    AT_ENDS = 28,
    AT_STATUS = 32,
    AT_CHANGED = 40
};

uint64_t tjob__label_encode(const struct label *label)
{
    return (uint64_t)label->actor << AT_ACTOR | (uint64_t)label->action << AT_ACTION |
           (uint64_t)label->event << AT_EVENT | (uint64_t)label->now_ms << AT_NOW |
           (uint64_t)label->answer << AT_ANSWER | (uint64_t)label->lost << AT_LOST |
           (uint64_t)label->trainer_token << AT_TRAINER | (uint64_t)label->ends << AT_ENDS |
           (uint64_t)label->status << AT_STATUS | (uint64_t)label->changed << AT_CHANGED;
}

struct label tjob__label_decode(uint64_t word)
{
    return (struct label){
        .actor = (uint32_t)(word >> AT_ACTOR & 15),
        .action = (enum action)(word >> AT_ACTION & 15),
        .event = (uint32_t)(word >> AT_EVENT & 15),
        .now_ms = (uint32_t)(word >> AT_NOW & 15),
        .answer = (uint32_t)(word >> AT_ANSWER & 15),
        .lost = (uint32_t)(word >> AT_LOST & 15),
        .trainer_token = (uint32_t)(word >> AT_TRAINER & 15),
        .ends = (word >> AT_ENDS & 1) != 0,
        .status = (uint32_t)(word >> AT_STATUS & 255),
        .changed = (uint32_t)(word >> AT_CHANGED & 3),
    };
}

/* ---- Actors and actions ---------------------------------------------------------------------------------------- */

static void describe_put_actor(struct line *line, const tjob_lifecycle_model *model, uint32_t actor)
{
    const uint32_t clients = model->config.clients;
    const uint32_t trainers = model->config.trainers;
    if (actor < clients) {
        tjob__text_put_named(line, "client ", actor + 1);
    } else if (actor < clients + trainers) {
        tjob__text_put_named(line, "trainer ", actor - clients + 1);
    } else {
        tjob__text_put(line, actor == clients + trainers ? "supervisor" : "host");
    }
}

static void put_job(struct line *line, const tjob_lifecycle_model *model, const unsigned char *state)
{
    uint64_t words[STATE_WORDS];
    tjob_job job;
    uint64_t version;
    tjob__state_load(model, state, words);
    const void *store = tjob__intern_item(&model->stores, field_get(words, model->store_field));
    const bool there = tjob__store_model_load(model->store, store, &job, &version) == TJOB_LOAD_OK;
    tjob__text_put_record(line, there ? &job : NULL, version);
}

/* Returns the operation of an actor in a state. If an operation begins and ends in one step, only the label describes
 * it. */
static const tjob_operation *operation_of(const tjob_lifecycle_model *model, const unsigned char *state, uint32_t actor)
{
    uint64_t words[STATE_WORDS];
    tjob__state_load(model, state, words);
    const struct local *local = tjob__intern_item(&model->locals, field_get(words, model->actor_fields[actor]));
    return &local->operation;
}

static void describe_put_event(struct line *line, const struct label *label)
{
    tjob__text_put(line, tjob_event_kind_name((tjob_event_kind)label->event));
    tjob__text_put_named(line, " by trainer ", label->trainer_token);
}

static void describe_put_end(struct line *line, const struct label *label)
{
    static const char *const changes[] = {"", ", changed", ", possibly changed"};
    if (label->ends) {
        tjob__text_put(line, "; answer: ");
        tjob__text_put(line, tjob_status_name((tjob_status)label->status));
        tjob__text_put(line, label->status == TJOB_OK && label->changed == TJOB_CHANGED_NO ? ", unchanged"
                                                                                           : changes[label->changed]);
    }
}

/* A step to describe. */
struct known {
    const tjob_lifecycle_model *model;
    struct label label;
    const tjob_operation *operation; /* of its actor, before the step; NULL if the store acts by itself */
    tjob_step_description *description;
};

static void describe_ask(const struct known *known)
{
    static const char *const answers[] = {
        [ASK_DENIED] = "denied", [ASK_CANNOT_AUTHORIZE] = "authorizer unavailable", [ASK_THROTTLED] = "throttled"};
    struct line partner = LINE(known->description->partner);
    struct line action = LINE(known->description->action);
    struct line answer = LINE(known->description->answer);
    tjob__text_put(&partner, "gate");
    describe_put_event(&action, &known->label);
    tjob__text_put(&action, ": authorize and admit");
    tjob__text_put(&answer, answers[known->label.answer]);
    describe_put_end(&answer, &known->label);
}

static void describe_load(const struct known *known)
{
    struct line partner = LINE(known->description->partner);
    struct line action = LINE(known->description->action);
    struct line answer = LINE(known->description->answer);
    const bool conflict =
        known->label.action == ACTION_LOAD_AGAIN || (known->operation->attempts != 0 && !known->operation->lost);
    tjob__text_put(&partner, "store");
    describe_put_event(&action, &known->label);
    tjob__text_put(&action, conflict ? ": reload after a conflict" : known->operation->lost ? ": reload" : ": load");
    tjob__text_put_named(&action, ", at ", known->label.now_ms);
    tjob__text_put(&answer, known->label.answer == TJOB_LOAD_UNAVAILABLE ? "unavailable" : known->description->before);
    describe_put_end(&answer, &known->label);
}

static void describe_swap(const struct known *known)
{
    static const char *const answers[] = {[TJOB_SWAP_OK] = "ok",
                                          [TJOB_SWAP_CONFLICT] = "conflict",
                                          [TJOB_SWAP_FULL] = "full",
                                          [TJOB_SWAP_UNAVAILABLE] = "unavailable",
                                          [TJOB_SWAP_UNKNOWN] = "answer lost, "};
    static const char *const lost[] = {
        [LOST_NOT_APPLIED] = "not applied", [LOST_APPLIED] = "applied", [LOST_UNDER_WAY] = "still in flight"};
    struct line partner = LINE(known->description->partner);
    struct line action = LINE(known->description->action);
    struct line answer = LINE(known->description->answer);
    const tjob_job *next = tjob_operation_next(known->operation);
    tjob__text_put(&partner, "store");
    describe_put_event(&action, &known->label);
    tjob__text_put(&action, ": swap version ");
    tjob__text_put_number(&action, known->operation->version);
    tjob__text_put(&action, " for ");
    tjob__text_put(&action, next != NULL ? tjob_state_name((tjob_state)next->state) : "absence");
    tjob__text_put(&answer, answers[known->label.answer]);
    tjob__text_put(&answer, known->label.answer == TJOB_SWAP_UNKNOWN ? lost[known->label.lost] : "");
    describe_put_end(&answer, &known->label);
}

static void describe_application(const struct known *known)
{
    struct line action = LINE(known->description->action);
    tjob__text_put(&action, "applies a late write: ");
    tjob__text_put(&action, tjob_event_kind_name((tjob_event_kind)known->label.event));
}

static void describe_crash(const struct known *known)
{
    struct line action = LINE(known->description->action);
    describe_put_event(&action, &known->label);
    tjob__text_put(&action, ": crashes");
}

static void describe_store_crash(const struct known *known)
{
    struct line action = LINE(known->description->action);
    tjob__text_put(&action, "crashes and loses what was not durable");
}

void tjob__lifecycle_describe(void *context, const unsigned char *before, uint64_t word, const unsigned char *after,
                              tjob_step_description *description)
{
    static void (*const tells[])(const struct known *) = {
        [ACTION_ASK] = describe_ask,
        [ACTION_LOAD] = describe_load,
        [ACTION_LOAD_AGAIN] = describe_load,
        [ACTION_SWAP] = describe_swap,
        [ACTION_APPLY] = describe_application,
        [ACTION_CRASH] = describe_crash,
        [ACTION_STORE_CRASH] = describe_store_crash,
    };
    const tjob_lifecycle_model *model = context;
    struct known known = {.model = model, .label = tjob__label_decode(word), .description = description};
    memset(description, 0, sizeof *description);
    struct line actor = LINE(description->actor);
    struct line lines[2] = {LINE(description->before), LINE(description->after)};
    put_job(&lines[0], model, before);
    put_job(&lines[1], model, after);
    if (known.label.action == ACTION_STORE_CRASH || known.label.action == ACTION_APPLY) {
        tjob__text_put(&actor, "store");
    } else {
        describe_put_actor(&actor, model, known.label.actor);
        known.operation = operation_of(model, before, known.label.actor);
    }
    tells[known.label.action](&known);
}

tjob_lifecycle_step tjob_lifecycle_model_step(const tjob_lifecycle_model *model, uint64_t word)
{
    const struct label label = tjob__label_decode(word);
    const uint32_t clients = model->config.clients;
    const uint32_t trainers = model->config.trainers;
    const char *actor = label.actor < clients               ? "client"
                        : label.actor < clients + trainers  ? "trainer"
                        : label.actor == clients + trainers ? "supervisor"
                        : label.actor < model->actor_count  ? "host"
                                                            : "store";
    return (tjob_lifecycle_step){actor, (tjob_event_kind)label.event};
}
