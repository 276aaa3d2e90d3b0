#include "verify/lifecycle/describe.h"

#include <string.h>

#include "verify/text/text.h"
#include "verify/lifecycle/label.h"
#include "verify/lifecycle/state.h"
#include "verify/spec/seeded_bugs.h"

/* ---- Actors and actions ---------------------------------------------------------------------------------------- */

/* Returns the kind of the actor with this number. The store comes after the others. */
static tjob_actor actor_of(const tjob_lifecycle_model *model, uint32_t number)
{
    const uint32_t clients = model->config.clients;
    const uint32_t trainers = model->config.trainers;
    return number < clients               ? TJOB_ACTOR_CLIENT
           : number < clients + trainers  ? TJOB_ACTOR_TRAINER
           : number == clients + trainers ? TJOB_ACTOR_SUPERVISOR
           : number < model->actor_count  ? TJOB_ACTOR_HOST
                                          : TJOB_ACTOR_STORE;
}

static void describe_put_actor(struct line *line, const tjob_lifecycle_model *model, uint32_t number)
{
    const tjob_actor actor = actor_of(model, number);
    const uint32_t first = actor == TJOB_ACTOR_TRAINER ? model->config.clients : 0;
    tjob__text_put(line, tjob_actor_name(actor));
    tjob__text_put_named(line, " ", actor <= TJOB_ACTOR_TRAINER ? number - first + 1 : 0);
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
    tjob__text_put_event(line, (tjob_event_kind)label->event, label->trainer_token, 0);
}

static void describe_put_end(struct line *line, const struct label *label)
{
    if (label->ends) {
        tjob__text_put_end(line, (tjob_status)label->status, (tjob_changed)label->changed);
    }
}

/* A step to describe. */
struct described {
    const tjob_lifecycle_model *model;
    struct label label;
    const tjob_operation *operation; /* of its actor, before the step; NULL if the store acts by itself */
    tjob_step_description *description;
};

static void describe_ask(const struct described *described)
{
    static const char *const answers[] = {
        [ASK_DENIED] = "denied", [ASK_CANNOT_AUTHORIZE] = "authorizer unavailable", [ASK_THROTTLED] = "throttled"};
    struct line partner = LINE(described->description->partner);
    struct line action = LINE(described->description->action);
    struct line answer = LINE(described->description->answer);
    tjob__text_put(&partner, "gate");
    describe_put_event(&action, &described->label);
    tjob__text_put(&action, ": authorize and admit");
    tjob__text_put(&answer, answers[described->label.answer]);
    describe_put_end(&answer, &described->label);
}

static void describe_load(const struct described *described)
{
    const struct label *label = &described->label;
    struct line partner = LINE(described->description->partner);
    struct line action = LINE(described->description->action);
    struct line answer = LINE(described->description->answer);
    const bool conflict =
        label->action == ACTION_LOAD_AGAIN || (described->operation->attempts != 0 && !described->operation->lost);
    tjob__text_put(&partner, tjob_actor_name(TJOB_ACTOR_STORE));
    describe_put_event(&action, label);
    tjob__text_put_load(&action, described->operation, conflict, label->now_ms);
    tjob__text_put_loaded(&answer, (tjob_load_status)label->answer, described->description->before);
    describe_put_end(&answer, label);
}

static void describe_swap(const struct described *described)
{
    static const char *const lost[] = {
        [LOST_NOT_APPLIED] = ", not applied", [LOST_APPLIED] = ", applied", [LOST_UNDER_WAY] = ", still in flight"};
    const struct label *label = &described->label;
    struct line partner = LINE(described->description->partner);
    struct line action = LINE(described->description->action);
    struct line answer = LINE(described->description->answer);
    tjob__text_put(&partner, tjob_actor_name(TJOB_ACTOR_STORE));
    describe_put_event(&action, label);
    tjob__text_put_swap(&action, described->operation);
    tjob__text_put_swapped(&answer, (tjob_swap_status)label->answer);
    tjob__text_put(&answer, label->answer == TJOB_SWAP_UNKNOWN ? lost[label->lost] : "");
    describe_put_end(&answer, label);
}

static void describe_late_write(const struct described *described)
{
    struct line action = LINE(described->description->action);
    tjob__text_put(&action, TEXT_LATE_WRITE);
    tjob__text_put(&action, tjob_event_kind_name((tjob_event_kind)described->label.event));
}

static void describe_crash(const struct described *described)
{
    struct line action = LINE(described->description->action);
    describe_put_event(&action, &described->label);
    tjob__text_put(&action, TEXT_CRASH);
}

static void describe_store_crash(const struct described *described)
{
    struct line action = LINE(described->description->action);
    tjob__text_put(&action, TEXT_STORE_CRASH);
}

void tjob__lifecycle_describe(void *context, const unsigned char *before, uint64_t word, const unsigned char *after,
                              tjob_step_description *description)
{
    static void (*const by_action[])(const struct described *) = {
        [ACTION_ASK] = describe_ask,
        [ACTION_LOAD] = describe_load,
        [ACTION_LOAD_AGAIN] = describe_load,
        [ACTION_SWAP] = describe_swap,
        [ACTION_APPLY] = describe_late_write,
        [ACTION_CRASH] = describe_crash,
        [ACTION_STORE_CRASH] = describe_store_crash,
    };
    const tjob_lifecycle_model *model = context;
    struct described described = {.model = model, .label = tjob__label_decode(word), .description = description};
    memset(description, 0, sizeof *description);
    struct line actor = LINE(description->actor);
    struct line lines[2] = {LINE(description->before), LINE(description->after)};
    put_job(&lines[0], model, before);
    put_job(&lines[1], model, after);
    if (described.label.action == ACTION_STORE_CRASH || described.label.action == ACTION_APPLY) {
        tjob__text_put(&actor, tjob_actor_name(TJOB_ACTOR_STORE));
    } else {
        describe_put_actor(&actor, model, described.label.actor);
        described.operation = operation_of(model, before, described.label.actor);
    }
    by_action[described.label.action](&described);
}

tjob_lifecycle_step tjob_lifecycle_model_step(const tjob_lifecycle_model *model, uint64_t word)
{
    const struct label label = tjob__label_decode(word);
    return (tjob_lifecycle_step){actor_of(model, label.actor), (tjob_event_kind)label.event};
}
