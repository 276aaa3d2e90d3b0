#include "page/play.h"

#include <string.h>

#include "tjob/invariant.h"
#include "verify/lifecycle/properties.h"
#include "verify/simulator/store.h"
#include "verify/spec/invariants.h"
#include "verify/spec/seeded_bugs.h"
#include "verify/text/text.h"

/* A step that is being taken. */
struct play_taken {
    struct play *play;
    const struct situation_step *step;
    struct play_operation *operation; /* of its actor */
    tjob_operation before;            /* the operation before the step */
    struct play_result *result;
    struct line action;
    struct line answer;
};

/* ---- The beginning --------------------------------------------------------------------------------------------- */

bool tjob__play_begin(struct play *play, tjob_text *rest, struct page_error *error)
{
    const tjob_text parameters = tjob__situation_next(rest);
    memset(play, 0, sizeof *play);
    if (!tjob__page_parameters_read(parameters, 0, tjob__situation_parameters, SITUATION_PARAMETER_COUNT, play->values,
                                    error)) {
        return false;
    }
    tjob_lifecycle_model *model = &play->model;
    model->config = (tjob_lifecycle_config){.trainers = 2,
                                            .incarnations = 2,
                                            .faults = 1,
                                            .policy = tjob__situation_policy(play->values),
                                            .bug = (tjob_seeded_bug)play->values[SITUATION_BUG]};
    const tjob_store_model *seeded = tjob__seeded_bug_store(model->config.bug);
    model->store = seeded != NULL ? seeded : &tjob_store_model_sound;
    tjob__properties_init(model); /* all of them may occur: there are faults, trainers and incarnations enough */
    model->config.faults = 0;
    model->config.incarnations = 0;
    model->store->begin(&play->state);
    play->clock_ms = play->values[SITUATION_CLOCK];
    return true;
}

/* ---- What is there, and what is possible ----------------------------------------------------------------------- */

tjob_job tjob__play_record(const struct play *play, uint64_t *version)
{
    tjob_job job;
    (void)tjob__store_model_load(play->model.store, &play->state, &job, version);
    return job;
}

const struct play_operation *tjob__play_operation_of(const struct play *play, tjob_actor actor, uint32_t number)
{
    const uint32_t current = play->current[actor][number - 1];
    return current != 0 ? &play->operations[current - 1] : NULL;
}

bool tjob__play_applies(const struct play *play, uint64_t expected, const tjob_job *next)
{
    uint64_t state[TJOB_STORE_MODEL_BYTES_MAX / 8];
    memcpy(state, &play->state, sizeof state);
    return play->model.store->swap(state, expected, next->state != TJOB_ABSENT ? next : NULL) == TJOB_SWAP_OK;
}

static bool play_applies_now(const struct play *play, const tjob_operation *operation)
{
    return tjob__play_applies(play, operation->version, &operation->job);
}

bool tjob__play_can_answer(const struct play *play, const struct play_operation *operation,
                           enum situation_answer answer)
{
    const tjob_operation *asks = &operation->local.operation;
    const tjob_ask ask = tjob__situation_answers[answer].ask;
    if (ask != TJOB_ASK_NOTHING && ask != (tjob_ask)asks->ask) {
        return false;
    }
    switch (answer) {
    case ANSWER_FULL:
        return asks->event.kind == TJOB_SUBMIT;
    case ANSWER_CONFLICT: /* with a reason it is what the store decides */
    case ANSWER_LOST_APPLIED:
        return play_applies_now(play, asks);
    case ANSWER_LOST_LATE:
    case ANSWER_TWICE:
        return store_can_apply(&play->model, &play->state, asks->version);
    default:
        return true;
    }
}

tjob_event tjob__play_event(const struct play *play, const struct situation_step *step)
{
    uint64_t version;
    const tjob_job job = tjob__play_record(play, &version);
    const tjob_event_kind kind = (tjob_event_kind)step->event.kind;
    const bool of_record = kind == TJOB_START || kind == TJOB_STOP_EXPIRED || kind == TJOB_REMOVED ||
                           (kind == TJOB_FAILED && step->actor == TJOB_ACTOR_HOST);
    tjob_event event = step->event;
    if ((step->given & GIVEN_INCARNATION) == 0 && of_record) {
        event.incarnation = job.incarnation;
    }
    if ((step->given & GIVEN_TRAINER_TOKEN) == 0) {
        event.trainer_token = step->actor == TJOB_ACTOR_TRAINER && kind != TJOB_DESCRIBE ? step->number
                              : kind == TJOB_TRAINER_LOST                                ? job.trainer_token
                                                                                         : 0;
    }
    if ((step->given & GIVEN_TOKEN) == 0 && kind == TJOB_SUBMIT) {
        event.token = play->submits + 1;
    }
    if ((step->given & GIVEN_HOST_CODE) == 0 && kind == TJOB_FAILED && step->actor == TJOB_ACTOR_HOST) {
        event.host_code = 1;
    }
    return event;
}

/* ---- Observations ---------------------------------------------------------------------------------------------- */

static void play_observe(struct play_taken *taken, tjob_observation observation)
{
    tjob__observation_add(&taken->result->observation, observation);
}

/* Keeps which properties a step exercised and violated. */
static void play_keep_observation(struct play *play, tjob_observation observation)
{
    for (uint32_t i = 0; i < PROPERTY_OWN; i++) {
        if ((observation.exercised >> i & 1) != 0) {
            play->exercised[i] = play->step_count;
        }
        if ((observation.violated >> i & 1) != 0 && play->violated[i] == 0) {
            play->violated[i] = play->step_count;
        }
    }
}

/* Returns whether a write of an operation may still be applied. */
static bool play_has_under_way(const struct play *play, const struct play_operation *operation)
{
    for (uint32_t i = 0; i < play->write_count; i++) {
        const struct play_write *write = &play->writes[i];
        if (!write->arrived && &play->operations[write->operation] == operation &&
            store_can_apply(&play->model, &play->state, write->expected)) {
            return true;
        }
    }
    return false;
}

/* ---- The end of an operation ----------------------------------------------------------------------------------- */

static void play_end_call(struct play_taken *taken, const tjob_outcome *outcome)
{
    struct play *play = taken->play;
    struct play_operation *operation = taken->operation;
    const uint32_t index = (uint32_t)(operation - play->operations);
    tjob_call *call = &play->calls[index];
    call->outcome = *outcome;
    call->answered = play->step_count;
    operation->ended = play->step_count;
    play->ended_at[play->step_count - 1] = index + 1;
    play->current[operation->actor][operation->number - 1] = 0;
    play->last[operation->actor][operation->number - 1] = index + 1;
    taken->result->ended = true;
}

static void play_end(struct play_taken *taken)
{
    struct play *play = taken->play;
    const struct local *local = &taken->operation->local;
    const tjob_outcome outcome = tjob_operation_outcome(&local->operation);
    uint64_t version;
    const tjob_job job = tjob__play_record(play, &version);
    play_observe(taken, tjob__properties_end(&play->model, local, &outcome));
    if (tjob__invariant_is_rejection(outcome.status)) {
        play_observe(taken, tjob__observation_of(PROPERTY_REJECTED_TOUCHES_NO_STORE, !taken->operation->accessed));
    }
    if (outcome.changed == TJOB_CHANGED_NO && play_has_under_way(play, taken->operation)) {
        play_observe(taken, VIOLATED(PROPERTY_NO_HIDDEN_EFFECT));
    }
    if (outcome.status == TJOB_OK) {
        const uint64_t rests = outcome.changed == TJOB_CHANGED_YES ? version : local->operation.version;
        play->rests = rests > play->rests ? rests : play->rests;
        play->promised = local->operation.event.kind == TJOB_STOP ? job.incarnation : play->promised;
    }
    tjob__text_put_end(&taken->answer, outcome.status, outcome.changed);
    play_end_call(taken, &outcome);
}

/* ---- Changes of the record ------------------------------------------------------------------------------------- */

/* Returns the write that an operation asks for. */
static struct play_write play_write_of(const struct play *play, const struct play_operation *operation,
                                       const tjob_operation *asks)
{
    return (struct play_write){.operation = (uint32_t)(operation - play->operations),
                               .expected = asks->version,
                               .next = asks->job,
                               .event = asks->event,
                               .loaded_ms = operation->loaded_ms};
}

/* Lets a write arrive at the store, and observes what it changes. Returns false if the store refuses it. */
static bool play_apply(struct play_taken *taken, const struct play_write *write)
{
    struct play *play = taken->play;
    struct play_operation *operation = &play->operations[write->operation];
    const struct instants loaded = {&write->loaded_ms, 1};
    const tjob_job before = tjob__store_job(&play->model, &play->state);
    const tjob_job *next = write->next.state != TJOB_ABSENT ? &write->next : NULL;
    if (play->model.store->swap(&play->state, write->expected, next) != TJOB_SWAP_OK) {
        return false;
    }
    uint64_t version;
    const tjob_job after = tjob__play_record(play, &version);
    const bool hides = operation->ended != 0 && play->calls[write->operation].outcome.changed == TJOB_CHANGED_NO;
    operation->local.applied = (uint8_t)(operation->local.applied < 2 ? operation->local.applied + 1 : 2);
    play_observe(taken, tjob__properties_change(&play->model, loaded, &before, &write->event, &after));
    play_observe(taken, tjob__observation_of(PROPERTY_NO_HIDDEN_EFFECT, operation->local.applied == 1 && !hides));
    return true;
}

/* ---- Answers --------------------------------------------------------------------------------------------------- */

static void play_answer_load(struct play_taken *taken, bool available)
{
    struct play *play = taken->play;
    struct play_operation *operation = taken->operation;
    tjob_operation *asks = &operation->local.operation;
    tjob_job job = {.state = TJOB_ABSENT};
    uint64_t version = 0;
    const tjob_load_status status =
        available ? tjob__store_model_load(play->model.store, &play->state, &job, &version) : TJOB_LOAD_UNAVAILABLE;
    tjob__text_put_load(&taken->action, asks, asks->attempts != 0 && !asks->lost, play->clock_ms);
    tjob__text_put_loaded(&taken->answer, status, taken->result->description.before);
    tjob__seeded_bug_loaded(play->model.config.bug, asks, &play->model.config.policy, status, &job, version,
                            play->clock_ms);
    if (!asks->lost || version != taken->before.version) { /* otherwise it repeats what it asked for before */
        operation->loaded_ms = play->clock_ms;
    }
    if (asks->ask == TJOB_ASK_NOTHING && available) {
        const tjob_outcome outcome = tjob_operation_outcome(asks);
        const tjob_job found = job.state != TJOB_ABSENT ? job : (tjob_job){.incarnation = version + 1};
        play_observe(taken, tjob__properties_answer(&play->model, &found, &taken->before, &outcome, play->clock_ms));
    }
}

static void play_answer_swap(struct play_taken *taken, enum situation_answer answer)
{
    static const tjob_swap_status statuses[ANSWER_COUNT] = {
        [ANSWER_CONFLICT] = TJOB_SWAP_CONFLICT,       [ANSWER_FULL] = TJOB_SWAP_FULL,
        [ANSWER_UNAVAILABLE] = TJOB_SWAP_UNAVAILABLE, [ANSWER_LOST] = TJOB_SWAP_UNKNOWN,
        [ANSWER_LOST_APPLIED] = TJOB_SWAP_UNKNOWN,    [ANSWER_LOST_LATE] = TJOB_SWAP_UNKNOWN};
    static const char *const fates[ANSWER_COUNT] = {[ANSWER_LOST] = ", not applied",
                                                    [ANSWER_LOST_APPLIED] = ", applied",
                                                    [ANSWER_LOST_LATE] = ", still in flight",
                                                    [ANSWER_TWICE] = ", in flight once more"};
    struct play *play = taken->play;
    const struct play_write write = play_write_of(play, taken->operation, &taken->before);
    const bool decides = answer == ANSWER_SWAPPED || answer == ANSWER_TWICE;
    tjob_swap_status status = statuses[answer];
    tjob__text_put_swap(&taken->action, &taken->before);
    if (answer == ANSWER_LOST_LATE || answer == ANSWER_TWICE) {
        play->writes[play->write_count++] = write;
    }
    if (decides || answer == ANSWER_LOST_APPLIED) {
        const bool applied = play_apply(taken, &write);
        status = !decides ? status : applied ? TJOB_SWAP_OK : TJOB_SWAP_CONFLICT;
    }
    if (status == TJOB_SWAP_OK && play->model.store->make_durable != NULL) {
        play->model.store->make_durable(&play->state);
    }
    tjob__text_put_swapped(&taken->answer, status);
    tjob__text_put(&taken->answer, fates[answer] != NULL ? fates[answer] : "");
    tjob__seeded_bug_swapped(play->model.config.bug, &taken->operation->local.operation, status,
                             tjob_store_model_version(play->model.store, &play->state));
}

static void play_answer_gate(struct play_taken *taken, enum situation_answer answer)
{
    tjob_operation *operation = &taken->operation->local.operation;
    const bool authorizes = operation->ask == TJOB_ASK_AUTHORIZE;
    tjob__text_put(&taken->action, authorizes ? ": authorize" : ": admit");
    tjob__text_put(&taken->answer, tjob__situation_answers[answer].text);
    if (authorizes) {
        tjob_operation_authorized(operation, answer == ANSWER_ALLOWED  ? TJOB_AUTHORIZATION_ALLOWED
                                             : answer == ANSWER_DENIED ? TJOB_AUTHORIZATION_DENIED
                                                                       : TJOB_AUTHORIZATION_UNAVAILABLE);
    } else {
        tjob_operation_admitted(operation,
                                answer == ANSWER_ADMITTED ? TJOB_ADMISSION_ADMITTED : TJOB_ADMISSION_THROTTLED);
    }
}

/* The operation is lost with its actor: whether it had an effect is not known to anybody. */
static void play_crash(struct play_taken *taken)
{
    const tjob_outcome nobody_knows = {.status = TJOB_UNRESOLVED, .changed = TJOB_CHANGED_UNKNOWN};
    tjob__text_put(&taken->action, TEXT_CRASH);
    taken->operation->crashed = true;
    taken->operation->local.operation = (tjob_operation){.event = taken->before.event, .ask = TJOB_ASK_NOTHING};
    play_observe(taken, EXERCISED(PROPERTY_CRASH));
    play_end_call(taken, &nobody_knows);
}

/* ---- Steps ----------------------------------------------------------------------------------------------------- */

static void play_put_record(struct line *line, const struct play *play)
{
    uint64_t version;
    const tjob_job job = tjob__play_record(play, &version);
    tjob__text_put_record(line, job.state != TJOB_ABSENT ? &job : NULL, version);
}

static void play_step_begin(struct play_taken *taken)
{
    struct play *play = taken->play;
    const struct situation_step *step = taken->step;
    const tjob_event event = tjob__play_event(play, step);
    const uint32_t index = play->operation_count++;
    struct play_operation *operation = &play->operations[index];
    *operation = (struct play_operation){
        .local = {.role = (uint8_t)step->actor, .stage = STAGE_BUSY}, .actor = step->actor, .number = step->number};
    play->calls[index] =
        (tjob_call){.event = event, .invoked = play->step_count, .answered = TJOB_PENDING, .known = TJOB_KNOWN_ALL};
    play->current[step->actor][step->number - 1] = index + 1;
    play->submits += event.kind == TJOB_SUBMIT ? 1 : 0;
    play->model.config.incarnations = play->submits;
    taken->operation = operation;
    tjob_operation_begin(&operation->local.operation, &event);
    tjob__text_put_event(&taken->action, (tjob_event_kind)event.kind, event.trainer_token, event.incarnation);
    tjob__text_put(&taken->action, ": begins");
    if (operation->local.operation.ask == TJOB_ASK_NOTHING) {
        tjob__text_put(&taken->answer, "invalid");
        play_end(taken);
    }
}

static void play_step_answer(struct play_taken *taken)
{
    struct play *play = taken->play;
    struct play_operation *operation = taken->operation;
    const enum situation_answer answer = taken->step->answer;
    const tjob_event *event = &play->calls[operation - play->operations].event;
    struct line partner = LINE(taken->result->description.partner);
    taken->before = operation->local.operation;
    play->faults += tjob__situation_answers[answer].is_fault ? 1 : 0;
    play->model.config.faults = play->faults;
    tjob__text_put_event(&taken->action, (tjob_event_kind)event->kind, event->trainer_token, event->incarnation);
    if (answer == ANSWER_CRASH) {
        play_crash(taken);
        return;
    }
    const bool gate = taken->before.ask == TJOB_ASK_AUTHORIZE || taken->before.ask == TJOB_ASK_ADMIT;
    tjob__text_put(&partner, gate ? "gate" : tjob_actor_name(TJOB_ACTOR_STORE));
    operation->accessed = operation->accessed || !gate;
    if (gate) {
        play_answer_gate(taken, answer);
    } else if (taken->before.ask == TJOB_ASK_LOAD) {
        play_answer_load(taken, answer == ANSWER_LOADED);
    } else {
        play_answer_swap(taken, answer);
    }
    if (operation->local.operation.ask == TJOB_ASK_NOTHING) {
        play_end(taken);
    }
}

static void play_step_apply(struct play_taken *taken)
{
    struct play *play = taken->play;
    struct play_write *write = &play->writes[taken->step->value - 1];
    tjob__text_put(&taken->action, TEXT_LATE_WRITE);
    tjob__text_put(&taken->action, tjob_event_kind_name((tjob_event_kind)play->calls[write->operation].event.kind));
    write->arrived = true;
    if (play_apply(taken, write)) {
        play_observe(taken, EXERCISED(PROPERTY_WRITE_APPLIED_LATE));
    } else {
        tjob__text_put(&taken->answer, "not applied");
    }
}

static void play_step_store_crash(struct play_taken *taken)
{
    struct play *play = taken->play;
    tjob__text_put(&taken->action, TEXT_STORE_CRASH);
    play->model.store->crash(&play->state);
    play_observe(taken, tjob__observation_of(PROPERTY_SUCCESS_IS_APPLIED,
                                             tjob_store_model_version(play->model.store, &play->state) >= play->rests));
}

static void play_step_clock(struct play_taken *taken)
{
    taken->play->clock_ms = taken->step->value;
    tjob__text_put(&taken->action, "shows ");
    tjob__text_put_number(&taken->action, taken->step->value);
    tjob__text_put(&taken->action, " ms");
}

_Static_assert(SITUATION_STEPS_MAX == 2000, "a hindrance names this number");

/* Returns why a step is not possible now; NULL if it is. */
static const char *play_hindrance(const struct play *play, const struct situation_step *step)
{
    const bool acts = step->kind == STEP_BEGIN || step->kind == STEP_ANSWER;
    if (play->step_count == SITUATION_STEPS_MAX) {
        return "a situation has at most 2000 steps";
    }
    if (acts && step->number > play->values[SITUATION_CLIENTS + step->actor]) {
        return "there is no such actor";
    }
    const struct play_operation *operation = acts ? tjob__play_operation_of(play, step->actor, step->number) : NULL;
    switch (step->kind) { /* LCOV_EXCL_BR_LINE: there is no other kind */
    case STEP_BEGIN:
        return operation != NULL ? "the actor has an operation in progress" : NULL;
    case STEP_ANSWER:
        return operation == NULL ? "the actor is idle"
               : !tjob__play_can_answer(play, operation, step->answer)
                   ? "the operation cannot be answered like this now"
                   : NULL;
    case STEP_APPLY:
        return step->value == 0 || step->value > play->write_count || play->writes[step->value - 1].arrived
                   ? "no such write is in flight"
                   : NULL;
    case STEP_STORE_CRASH:
        return play->model.store->crash == NULL ? "this store loses nothing in a crash" : NULL;
    case STEP_CLOCK:
        break;
    }
    return NULL;
}

bool tjob__play_step(struct play *play, const struct situation_step *step, size_t at, struct play_result *result,
                     struct page_error *error)
{
    static void (*const takes[])(struct play_taken *) = {
        [STEP_BEGIN] = play_step_begin, [STEP_ANSWER] = play_step_answer,
        [STEP_APPLY] = play_step_apply, [STEP_STORE_CRASH] = play_step_store_crash,
        [STEP_CLOCK] = play_step_clock,
    };
    const char *hindrance = play_hindrance(play, step);
    if (hindrance != NULL) {
        tjob__page_error_set(error, at, hindrance, (tjob_text){NULL, 0});
        return false;
    }
    memset(result, 0, sizeof *result);
    tjob_step_description *description = &result->description;
    struct play_taken taken = {.play = play,
                               .step = step,
                               .result = result,
                               .action = LINE(description->action),
                               .answer = LINE(description->answer)};
    struct line actor = LINE(description->actor);
    struct line before = LINE(description->before);
    struct line after = LINE(description->after);
    play->step_count++;
    if (step->kind == STEP_BEGIN || step->kind == STEP_ANSWER) {
        tjob__text_put(&actor, tjob_actor_name(step->actor));
        tjob__text_put_named(&actor, " ", step->number);
    } else {
        tjob__text_put(&actor, step->kind == STEP_CLOCK ? "clock" : tjob_actor_name(TJOB_ACTOR_STORE));
    }
    if (step->kind == STEP_ANSWER) {
        taken.operation = &play->operations[play->current[step->actor][step->number - 1] - 1];
    }
    play_put_record(&before, play);
    takes[step->kind](&taken);
    play_put_record(&after, play);
    uint64_t version;
    const tjob_job job = tjob__play_record(play, &version);
    play_observe(&taken, tjob__properties_record(&job, play->promised != 0 && play->promised == job.incarnation));
    play_keep_observation(play, result->observation);
    return true;
}

/* ---- The history ----------------------------------------------------------------------------------------------- */

/* Copies the calls that were begun up to a step. An answer that came later does not count. Returns their number. */
static uint32_t play_copy_calls(struct play *play, uint32_t step)
{
    uint32_t count = 0;
    for (; count < play->operation_count && play->calls[count].invoked <= step; count++) {
        play->prefix[count] = play->calls[count];
        if (play->calls[count].answered > step) {
            play->prefix[count].answered = TJOB_PENDING;
        }
    }
    return count;
}

/* Returns whether the first `count` calls of the prefix contradict each other. */
static bool play_contradicts(struct play *play, tjob_history_checker *checker, uint32_t count)
{
    const tjob_history_verdict verdict = tjob_history_check(checker, play->prefix, count).verdict;
    play->undecided = play->undecided || verdict == TJOB_INCONCLUSIVE;
    return verdict == TJOB_NOT_LINEARIZABLE;
}

/* Returns the first step up to which the calls contradict each other; they do so up to the last one. */
static uint32_t play_first_contradiction(struct play *play, tjob_history_checker *checker)
{
    uint32_t least = 1;
    uint32_t most = play->step_count;
    while (least < most) {
        const uint32_t middle = least + (most - least) / 2;
        if (play_contradicts(play, checker, play_copy_calls(play, middle))) {
            most = middle;
        } else {
            least = middle + 1;
        }
    }
    return least;
}

void tjob__play_check_history(struct play *play)
{
    const struct simulated_store store = {.model = play->model.store};
    const struct slot slot = {&play->state, 0};
    tjob_history_checker checker;
    tjob_load_status status;
    (void)tjob_history_checker_init(&checker, play->history, sizeof play->history, &play->model.config.policy);
    const uint32_t count = play_copy_calls(play, play->step_count);
    if (count == 0) {
        return;
    }
    play->exercised[PLAY_HISTORY_IS_LINEARIZABLE] = play->step_count;
    play->exercised[PLAY_STORE_MATCHES_HISTORY] = play->step_count;
    if (play_contradicts(play, &checker, count)) {
        play->violated[PLAY_HISTORY_IS_LINEARIZABLE] = play_first_contradiction(play, &checker);
        return;
    }
    play->prefix[count] = tjob__simulated_read(&store, slot, (uint64_t)play->step_count + 1, &status);
    if (play_contradicts(play, &checker, count + 1)) {
        play->violated[PLAY_STORE_MATCHES_HISTORY] = play->step_count;
    }
}

tjob_property tjob__play_property(const struct play *play, uint32_t property)
{
    if (property < PROPERTY_OWN) {
        return play->model.properties[property];
    }
    const tjob_invariant invariant = property == PLAY_HISTORY_IS_LINEARIZABLE ? TJOB_INVARIANT_HISTORY_IS_LINEARIZABLE
                                                                              : TJOB_INVARIANT_STORE_MATCHES_HISTORY;
    return (tjob_property){TJOB_PROPERTY_ALWAYS, true, tjob_invariant_name(invariant),
                           tjob_invariant_sentence(invariant)};
}
