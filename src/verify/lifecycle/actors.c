#include "verify/lifecycle/actors.h"

#include <string.h>

#include "core/assert.h"
#include "verify/lifecycle/label.h"
#include "verify/lifecycle/properties.h"
#include "verify/spec/seeded_bugs.h"

/* An actor, a state of the store, and the successors of the actor in that state. */
struct situation {
    tjob_lifecycle_model *model;
    const void *state;            /* of the store */
    uint32_t store;               /* its number */
    tjob_job job;                 /* the record in it */
    struct successor *successors; /* found so far */
    uint32_t count;
    bool failed;
};

/* The effect of a step, before it becomes a successor. */
struct effect {
    struct local local; /* the actor's local state after the step */
    uint32_t store;     /* the store after the step */
    uint32_t write;
    uint32_t cost;
    tjob_observation observation;
    struct label label;
};

/* A mutable state of a store. */
union store_state {
    uint64_t words[TJOB_STORE_MODEL_BYTES_MAX / 8]; /* cppcheck-suppress unusedStructMember ; for its alignment */
    unsigned char bytes[TJOB_STORE_MODEL_BYTES_MAX];
};

/* ---- Successors ------------------------------------------------------------------------------------------------ */

static bool same_successor(const struct successor *a, const struct successor *b)
{
    return a->local == b->local && a->store == b->store && a->write == b->write && a->cost == b->cost &&
           a->flags == b->flags && a->rests == b->rests && a->observation.exercised == b->observation.exercised &&
           a->observation.violated == b->observation.violated;
}

/* Adds a successor, unless the list already has one with the same effect. */
static void add_successor(struct situation *situation, const struct successor *successor)
{
    for (uint32_t i = 0; i < situation->count; i++) {
        if (same_successor(&situation->successors[i], successor)) {
            return;
        }
    }
    TJOB_ASSERT(situation->count < ACTOR_SUCCESSORS_MAX); /* at most three events, with about ten successors each */
    situation->successors[situation->count++] = *successor;
}

static void add_effect(struct situation *situation, const struct effect *effect, uint32_t flags, uint32_t rests)
{
    tjob_lifecycle_model *model = situation->model;
    struct successor successor = {
        .local = tjob__intern_number(&model->locals, &effect->local),
        .store = effect->store,
        .write = effect->write,
        .cost = (uint8_t)effect->cost,
        .flags = (uint8_t)(flags | (effect->cost != 0 ? SUCCESSOR_PROGRESS : 0)),
        .rests = (uint8_t)rests,
        .observation = effect->observation,
        .label = tjob__label_encode(&effect->label),
    };
    situation->failed = situation->failed || successor.local == INTERN_FULL;
    const tjob_job after = tjob__store_job(model, tjob__intern_item(&model->stores, successor.store));
    if ((after.state == TJOB_ABSENT) != (situation->job.state == TJOB_ABSENT)) {
        successor.flags |= SUCCESSOR_NEW_INCARNATION;
    }
    add_successor(situation, &successor);
}

/* ---- The end of an operation ----------------------------------------------------------------------------------- */

/* Sets the local state after an operation was answered. An actor retries after a failure; a client does so while it has
 * retries left. */
static void actor_go_on(struct local *local, const tjob_outcome *outcome)
{
    const uint32_t kind = local->operation.event.kind;
    const bool failed = tjob_status_is_failure(outcome->status);
    local->operation = (tjob_operation){.ask = 0};
    local->applied = 0;
    local->stage = STAGE_READY;
    switch ((tjob_actor)local->role) { /* LCOV_EXCL_BR_LINE: an actor is one of these */
    case TJOB_ACTOR_CLIENT:
        local->stage = failed && local->retries != 0 ? STAGE_READY : STAGE_DONE;
        local->repeats = (uint8_t)(local->stage == STAGE_READY ? kind + 1 : 0);
        local->retries = (uint8_t)(local->stage == STAGE_READY ? local->retries - 1 : 0);
        break;
    case TJOB_ACTOR_TRAINER:
        if (kind == TJOB_START) {
            local->stage = outcome->status == TJOB_OK ? STAGE_RUNNING : failed ? STAGE_READY : STAGE_DONE;
        } else {
            local->stage = failed ? STAGE_RUNNING : STAGE_DONE;
            local->repeats = (uint8_t)(failed ? kind + 1 : 0);
        }
        break;
    case TJOB_ACTOR_HOST:
        local->token = (uint8_t)(local->token + (kind == TJOB_SUBMIT && outcome->status == TJOB_OK ? 1 : 0));
        break;
    case TJOB_ACTOR_SUPERVISOR:
    case TJOB_ACTOR_STORE:
        break;
    }
}

/* Returns the version on which an answer of 200 depends; 0 for any other answer. */
static uint32_t version_of_promise(const struct situation *situation, const struct effect *effect)
{
    const tjob_store_model *store = situation->model->store;
    if (effect->label.status != TJOB_OK) {
        return 0;
    }
    return (uint32_t)(effect->label.changed == TJOB_CHANGED_YES
                          ? tjob_store_model_version(store, tjob__intern_item(&situation->model->stores, effect->store))
                          : effect->local.operation.version);
}

/* Returns whether the step promises a stop: a client's stop is answered 200, for the record that the store holds after
 * the same step. */
static bool actor_invariants(const struct effect *effect, const tjob_outcome *outcome)
{
    return effect->local.role == TJOB_ACTOR_CLIENT && effect->local.operation.event.kind == TJOB_STOP &&
           outcome->status == TJOB_OK;
}

static void actor_end_operation(struct situation *situation, struct effect *effect)
{
    const tjob_outcome outcome = tjob_operation_outcome(&effect->local.operation);
    effect->label.ends = true;
    effect->label.status = outcome.status;
    effect->label.changed = outcome.changed;
    tjob__observation_add(&effect->observation, tjob__properties_end(situation->model, &effect->local, &outcome));
    const uint32_t rests = situation->model->store->crash != NULL ? version_of_promise(situation, effect) : 0;
    const uint32_t flags = SUCCESSOR_PROGRESS | SUCCESSOR_ENDS |
                           (outcome.changed == TJOB_CHANGED_NO ? SUCCESSOR_NOTHING : 0u) |
                           (actor_invariants(effect, &outcome) ? SUCCESSOR_PROMISE : 0u);
    actor_go_on(&effect->local, &outcome);
    add_effect(situation, effect, flags, rests);
}

/* Completes the step once the operation has received its answer: the operation has ended, or it asks for more. */
static void conclude(struct situation *situation, struct effect *effect)
{
    if (effect->cost > situation->model->config.faults) {
        return; /* the model has fewer faults, so this step never happens */
    }
    if (effect->store == INTERN_FULL) {
        situation->failed = true;
    } else if (effect->local.operation.ask == TJOB_ASK_NOTHING) {
        actor_end_operation(situation, effect);
    } else {
        add_effect(situation, effect, 0, 0);
    }
}

/* ---- Loads ----------------------------------------------------------------------------------------------------- */

static struct effect effect_of(const struct situation *situation, const struct local *local, enum action action)
{
    return (struct effect){
        .local = *local,
        .store = situation->store,
        .label = {.action = action,
                  .event = local->operation.event.kind,
                  .trainer_token = (uint32_t)local->operation.event.trainer_token},
    };
}

static void load_fails(struct situation *situation, const struct local *local, enum action action)
{
    struct effect effect = effect_of(situation, local, action);
    tjob__seeded_bug_loaded(situation->model->config.bug, &effect.local.operation, &situation->model->config.policy,
                            TJOB_LOAD_UNAVAILABLE, NULL, 0, 1);
    effect.cost = 1;
    effect.label.answer = TJOB_LOAD_UNAVAILABLE;
    conclude(situation, &effect);
}

static void load_at(struct situation *situation, const struct local *local, enum action action, uint32_t now_ms)
{
    const tjob_lifecycle_model *model = situation->model;
    struct effect effect = effect_of(situation, local, action);
    tjob_job job;
    uint64_t version;
    const tjob_load_status status = tjob__store_model_load(model->store, situation->state, &job, &version);
    tjob__seeded_bug_loaded(model->config.bug, &effect.local.operation, &model->config.policy, status, &job, version,
                            now_ms);
    effect.label.answer = status;
    effect.label.now_ms = now_ms;
    if (effect.local.operation.ask == TJOB_ASK_NOTHING) {
        const tjob_outcome outcome = tjob_operation_outcome(&effect.local.operation);
        if (outcome.changed != TJOB_CHANGED_YES) {
            tjob__observation_add(&effect.observation,
                                  tjob__properties_answer(model, &situation->job, &local->operation, &outcome, now_ms));
        }
    }
    conclude(situation, &effect);
}

static void actor_load(struct situation *situation, const struct local *local, enum action action)
{
    for (uint32_t now_ms = 1; now_ms <= situation->model->config.instants; now_ms++) {
        load_at(situation, local, action, now_ms);
    }
    load_fails(situation, local, action);
}

/* ---- Swaps ----------------------------------------------------------------------------------------------------- */

static void answer_swap(struct situation *situation, struct effect *effect, tjob_swap_status answer)
{
    const uint64_t present = tjob_store_model_version(situation->model->store, situation->state);
    effect->label.answer = answer;
    tjob__seeded_bug_swapped(situation->model->config.bug, &effect->local.operation, answer, present);
    conclude(situation, effect);
}

/* A swap that is not applied, and its answer. */
static void swap_in_vain(struct situation *situation, const struct local *local, tjob_swap_status answer, uint32_t cost)
{
    struct effect effect = effect_of(situation, local, ACTION_SWAP);
    effect.cost = cost;
    answer_swap(situation, &effect, answer);
}

/* Counts that a swap was applied; it must be the first time. */
static void count_applied(struct local *local, tjob_observation *observation)
{
    local->applied = (uint8_t)(local->applied < 2 ? local->applied + 1 : 2);
    tjob__observation_add(observation, tjob__observation_of(PROPERTY_NO_HIDDEN_EFFECT, local->applied == 1));
}

static void swap_applied(struct situation *situation, const struct local *local, bool answered)
{
    tjob_lifecycle_model *model = situation->model;
    struct effect effect = effect_of(situation, local, ACTION_SWAP);
    union store_state state = {.words = {0}};
    memcpy(state.bytes, situation->state, model->store->state_bytes);
    model->store->swap(&state, local->operation.version, tjob_operation_next(&local->operation));
    if (answered && model->store->make_durable != NULL) {
        model->store->make_durable(&state);
    }
    const tjob_job after = tjob__store_job(model, &state);
    effect.observation =
        tjob__properties_change(model, tjob__properties_instants(model), &situation->job, &local->operation.event,
                                after.state != TJOB_ABSENT ? &after : &(tjob_job){.state = TJOB_ABSENT});
    count_applied(&effect.local, &effect.observation);
    effect.store = tjob__intern_number(&model->stores, &state);
    effect.cost = answered ? 0 : 1;
    effect.label.lost = LOST_APPLIED;
    answer_swap(situation, &effect, answered ? TJOB_SWAP_OK : TJOB_SWAP_UNKNOWN);
}

/* The answer of the swap is lost, and the swap may be applied at any later time. */
static void swap_under_way(struct situation *situation, const struct local *local)
{
    tjob_lifecycle_model *model = situation->model;
    if (model->config.faults == 0) {
        return;
    }
    struct effect effect = effect_of(situation, local, ACTION_SWAP);
    const tjob_job *next = tjob_operation_next(&local->operation);
    const struct write write = {.expected = local->operation.version,
                                .next = next != NULL ? *next : (tjob_job){.state = TJOB_ABSENT},
                                .event = local->operation.event};
    const uint32_t number = tjob__intern_number(&model->writes, &write);
    if (number == INTERN_FULL) {
        situation->failed = true;
        return;
    }
    effect.write = number + 1;
    effect.cost = 1;
    effect.label.lost = LOST_UNDER_WAY;
    answer_swap(situation, &effect, TJOB_SWAP_UNKNOWN);
}

/*
 * The store does not hold the expected version. If that version is gone for good, the answer has long been certain and
 * independent of all other actors. The conflict and the load that follows are then merged into one step.
 */
static void conflict(struct situation *situation, const struct local *local)
{
    const tjob_lifecycle_model *model = situation->model;
    struct local met = *local;
    tjob__seeded_bug_swapped(model->config.bug, &met.operation, TJOB_SWAP_CONFLICT,
                             tjob_store_model_version(model->store, situation->state));
    if (met.operation.ask == TJOB_ASK_LOAD && !model->config.no_reduction &&
        !store_can_apply(model, situation->state, local->operation.version)) {
        actor_load(situation, &met, ACTION_LOAD_AGAIN);
    } else {
        swap_in_vain(situation, local, TJOB_SWAP_CONFLICT, 0);
    }
}

static void actor_swap(struct situation *situation, const struct local *local)
{
    const tjob_store_model *store = situation->model->store;
    const tjob_operation *operation = &local->operation;
    union store_state state;
    memcpy(state.bytes, situation->state, store->state_bytes);
    const bool applies = store->swap(&state, operation->version, tjob_operation_next(operation)) == TJOB_SWAP_OK;
    if (applies) {
        swap_applied(situation, local, true);
        swap_applied(situation, local, false);
        swap_in_vain(situation, local, TJOB_SWAP_CONFLICT, 1);
    } else {
        conflict(situation, local);
        swap_in_vain(situation, local, TJOB_SWAP_UNKNOWN, 1);
    }
    if (store_can_apply(situation->model, situation->state, operation->version)) {
        swap_under_way(situation, local);
    }
    swap_in_vain(situation, local, TJOB_SWAP_UNAVAILABLE, 1);
    if (operation->event.kind == TJOB_SUBMIT) {
        swap_in_vain(situation, local, TJOB_SWAP_FULL, 1);
    }
}

/* ---- The choices of the actors --------------------------------------------------------------------------------- */

/* The operation ends before it accesses the store. */
static void end_before_storage(struct situation *situation, struct local local, uint32_t how)
{
    if (how == ASK_THROTTLED) {
        tjob_operation_authorized(&local.operation, TJOB_AUTHORIZATION_ALLOWED);
        tjob_operation_admitted(&local.operation, TJOB_ADMISSION_THROTTLED);
    } else {
        tjob_operation_authorized(&local.operation,
                                  how == ASK_DENIED ? TJOB_AUTHORIZATION_DENIED : TJOB_AUTHORIZATION_UNAVAILABLE);
    }
    struct effect effect = effect_of(situation, &local, ACTION_ASK);
    effect.observation =
        tjob__observation_of(PROPERTY_REJECTED_TOUCHES_NO_STORE, local.operation.ask == TJOB_ASK_NOTHING);
    effect.cost = how == ASK_CANNOT_AUTHORIZE ? 1 : 0;
    effect.label.answer = how;
    conclude(situation, &effect);
}

/* Begins an operation and runs it through its first load: the steps before the load have no effect that others can
 * observe. */
static void actor_begin(struct situation *situation, const struct local *local, const tjob_event *event)
{
    struct local busy = *local;
    busy.stage = STAGE_BUSY;
    busy.repeats = 0;
    tjob_operation_begin(&busy.operation, event);
    if (busy.operation.ask == TJOB_ASK_AUTHORIZE) {
        end_before_storage(situation, busy, ASK_DENIED);
        end_before_storage(situation, busy, ASK_CANNOT_AUTHORIZE);
        end_before_storage(situation, busy, ASK_THROTTLED);
        tjob_operation_authorized(&busy.operation, TJOB_AUTHORIZATION_ALLOWED);
        tjob_operation_admitted(&busy.operation, TJOB_ADMISSION_ADMITTED);
    }
    actor_load(situation, &busy, ACTION_LOAD);
}

static void begin_kinds(struct situation *situation, const struct local *local, const tjob_event_kind *kinds,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (local->repeats == 0 || local->repeats == kinds[i] + 1) {
            actor_begin(situation, local,
                        &(tjob_event){.kind = (uint32_t)kinds[i], .trainer_token = local->trainer_token});
        }
    }
}

static void client_acts(struct situation *situation, const struct local *local)
{
    static const tjob_event_kind kinds[] = {TJOB_STOP, TJOB_DESCRIBE, TJOB_DELETE};
    begin_kinds(situation, local, kinds, sizeof kinds / sizeof kinds[0]);
}

/* A trainer starts a submitted job, in the incarnation that it observes. Once it trains, it may send any report. */
static void trainer_acts(struct situation *situation, const struct local *local)
{
    static const tjob_event_kind reports[] = {TJOB_HALTED, TJOB_COMPLETED, TJOB_COMPLETED_WITH_WARNING, TJOB_FAILED};
    if (local->stage == STAGE_RUNNING) {
        begin_kinds(situation, local, reports, sizeof reports / sizeof reports[0]);
    } else if (situation->job.state == TJOB_SUBMITTED) {
        actor_begin(situation, local,
                    &(tjob_event){.kind = TJOB_START,
                                  .incarnation = situation->job.incarnation,
                                  .trainer_token = local->trainer_token});
    }
}

/* A supervisor may declare any trainer lost, and may expire a stop in the incarnation that it observes. */
static void supervisor_acts(struct situation *situation, const struct local *local)
{
    for (uint64_t trainer_token = 1; trainer_token <= situation->model->config.trainers; trainer_token++) {
        actor_begin(situation, local, &(tjob_event){.kind = TJOB_TRAINER_LOST, .trainer_token = trainer_token});
    }
    if (situation->job.state == TJOB_STOP_REQUESTED) {
        actor_begin(situation, local,
                    &(tjob_event){.kind = TJOB_STOP_EXPIRED, .incarnation = situation->job.incarnation});
    }
}

/* A host submits the job under its name once for each incarnation, may let it fail before training, and removes it. */
static void host_acts(struct situation *situation, const struct local *local)
{
    const tjob_job *job = &situation->job;
    if (local->token <= situation->model->config.incarnations) {
        actor_begin(situation, local, &(tjob_event){.kind = TJOB_SUBMIT, .token = local->token});
    }
    if (job->state == TJOB_SUBMITTED) {
        actor_begin(situation, local,
                    &(tjob_event){.kind = TJOB_FAILED, .incarnation = job->incarnation, .host_code = 1});
    }
    if (job->state == TJOB_DELETING) {
        actor_begin(situation, local, &(tjob_event){.kind = TJOB_REMOVED, .incarnation = job->incarnation});
    }
}

/* The actor crashes and its operation is lost. Actors other than clients come back, a trainer as a zombie. */
static void actor_crash(struct situation *situation, const struct local *local)
{
    if (situation->model->config.faults == 0) {
        return;
    }
    struct effect effect = effect_of(situation, local, ACTION_CRASH);
    const bool reported = local->role == TJOB_ACTOR_TRAINER && local->operation.event.kind != TJOB_START;
    effect.local.operation = (tjob_operation){.ask = 0};
    effect.local.applied = 0;
    effect.local.stage = local->role == TJOB_ACTOR_CLIENT ? STAGE_DONE : reported ? STAGE_RUNNING : STAGE_READY;
    effect.local.retries = 0;
    effect.cost = 1;
    effect.observation = EXERCISED(PROPERTY_CRASH);
    add_effect(situation, &effect, SUCCESSOR_ENDS, 0);
}

bool tjob__actor_successors(tjob_lifecycle_model *model, uint32_t local, uint32_t store, struct successor *successors,
                            uint32_t *count)
{
    static void (*const acts[TJOB_ACTOR_STORE])(struct situation *, const struct local *) = {
        [TJOB_ACTOR_CLIENT] = client_acts,
        [TJOB_ACTOR_TRAINER] = trainer_acts,
        [TJOB_ACTOR_SUPERVISOR] = supervisor_acts,
        [TJOB_ACTOR_HOST] = host_acts,
    };
    struct situation situation = {
        .model = model, .state = tjob__intern_item(&model->stores, store), .store = store, .successors = successors};
    const struct local *actor = tjob__intern_item(&model->locals, local);
    situation.job = tjob__store_job(model, situation.state);
    if (actor->stage == STAGE_BUSY) {
        if (actor->operation.ask == TJOB_ASK_LOAD) {
            actor_load(&situation, actor, ACTION_LOAD);
        } else {
            actor_swap(&situation, actor);
        }
        actor_crash(&situation, actor);
    } else if (actor->stage != STAGE_DONE) {
        acts[actor->role](&situation, actor);
    }
    *count = situation.count;
    return !situation.failed;
}

/* ---- Writes that are applied late ------------------------------------------------------------------------------ */

bool tjob__write_applied(tjob_lifecycle_model *model, uint32_t write, uint32_t store, struct successor *successor)
{
    const struct write *application = tjob__intern_item(&model->writes, write);
    const tjob_job *next = application->next.state != TJOB_ABSENT ? &application->next : NULL;
    const void *before = tjob__intern_item(&model->stores, store);
    const tjob_job job = tjob__store_job(model, before);
    union store_state state = {.words = {0}};
    memcpy(state.bytes, before, model->store->state_bytes);
    *successor = (struct successor){.store = store, .flags = SUCCESSOR_PROGRESS};
    if (model->store->swap(&state, application->expected, next) != TJOB_SWAP_OK) {
        return true;
    }
    const tjob_job after = tjob__store_job(model, &state);
    successor->store = tjob__intern_number(&model->stores, &state);
    successor->flags |= (after.state == TJOB_ABSENT) != (job.state == TJOB_ABSENT) ? SUCCESSOR_NEW_INCARNATION : 0;
    successor->observation =
        tjob__properties_change(model, tjob__properties_instants(model), &job, &application->event, &application->next);
    tjob__observation_add(&successor->observation, EXERCISED(PROPERTY_WRITE_APPLIED_LATE));
    successor->label = tjob__label_encode(&(struct label){.action = ACTION_APPLY, .event = application->event.kind});
    return successor->store != INTERN_FULL;
}

uint32_t tjob__local_applied(tjob_lifecycle_model *model, uint32_t local, tjob_observation *observation)
{
    struct local applied = *(const struct local *)tjob__intern_item(&model->locals, local);
    count_applied(&applied, observation);
    return tjob__intern_number(&model->locals, &applied);
}
