/* The states of the lifecycle model as tuples of numbers: their layout, their successors, and their symmetry. */
#include <string.h>

#include "core/assert.h"
#include "verify/lifecycle/properties.h"
#include "verify/lifecycle/actors.h"
#include "verify/lifecycle/describe.h"
#include "verify/lifecycle/label.h"
#include "verify/lifecycle/reduction.h"
#include "verify/lifecycle/state.h"
#include "verify/spec/seeded_bugs.h"

enum { SUCCESSOR_SLOTS = 1 << 20, STORE_BITS = 11, RESTS_BITS = 8, ALIGNMENT = 64 };

/* The number of distinct local states and writes that the model can intern, in bits, for each number of faults. */
static const struct {
    uint32_t local;
    uint32_t write; /* the write plus 1 */
} bits_for_faults[TJOB_MODEL_FAULTS_MAX + 1] = {{14, 1}, {14, 12}, {17, 14}, {20, 16}};

_Static_assert(sizeof(struct local) % 8 == 0 && sizeof(struct write) % 8 == 0, "interned strings are of whole words");

/* ---- Setup ----------------------------------------------------------------------------------------------------- */

static uint32_t or_else(uint32_t number, uint32_t otherwise)
{
    return number != 0 ? number : otherwise;
}

static tjob_lifecycle_config model_complete(const tjob_lifecycle_config *config)
{
    tjob_lifecycle_config whole = *config;
    whole.clients = or_else(whole.clients, 2);
    whole.trainers = or_else(whole.trainers, 2);
    whole.incarnations = or_else(whole.incarnations, 1);
    whole.instants = or_else(whole.instants, 2);
    whole.policy.stop_timeout_ms = whole.policy.stop_timeout_ms != 0 ? whole.policy.stop_timeout_ms : 1;
    return whole;
}

static bool model_is_valid(const tjob_lifecycle_config *config)
{
    const bool store_is_valid =
        config->store == NULL || (config->store->state_bytes != 0 && config->store->state_bytes % 8 == 0 &&
                                  config->store->state_bytes <= TJOB_STORE_MODEL_BYTES_MAX);
    return config->clients <= TJOB_MODEL_CLIENTS_MAX && config->trainers <= TJOB_MODEL_TRAINERS_MAX &&
           config->retries <= TJOB_MODEL_RETRIES_MAX && config->faults <= TJOB_MODEL_FAULTS_MAX &&
           config->incarnations <= TJOB_MODEL_INCARNATIONS_MAX && config->instants <= TJOB_MODEL_INSTANTS_MAX &&
           tjob_policy_validate(&config->policy) == TJOB_OK && (unsigned)config->bug < TJOB_SEEDED_BUG_COUNT &&
           config->invariant_count <= TJOB_MODEL_INVARIANTS_MAX && store_is_valid;
}

static uint32_t bits_of(uint32_t number)
{
    uint32_t bits = 0;
    for (; number != 0; number >>= 1) {
        bits++;
    }
    return bits;
}

/* Allocates a field for a number up to `most`. No field crosses a word boundary. */
static struct field place(uint32_t used[STATE_WORDS], uint64_t most)
{
    const uint32_t bits = bits_of((uint32_t)most);
    uint32_t word = 0;
    TJOB_ASSERT(bits <= 32);
    while (used[word] + bits > 64) {
        word++;
        TJOB_ASSERT(word < STATE_WORDS);
    }
    const struct field field = {word, used[word], (UINT64_C(1) << bits) - 1};
    used[word] += bits;
    return field;
}

static void model_lay_out(tjob_lifecycle_model *model)
{
    uint32_t used[STATE_WORDS] = {0};
    const uint32_t faults = model->config.faults;
    for (uint32_t i = 0; i < model->actor_count; i++) {
        model->actor_fields[i] = place(used, model->locals.capacity - 1);
    }
    for (uint32_t i = 0; i < faults; i++) {
        model->write_fields[i] = place(used, model->writes.capacity);
        model->owner_fields[i] = place(used, model->actor_count);
    }
    model->store_field = place(used, model->stores.capacity - 1);
    model->promise_field = place(used, 1);
    model->faults_field = place(used, faults);
    if (model->store->crash != NULL) {
        model->rests_field = place(used, (1 << RESTS_BITS) - 1);
    }
    uint32_t last = STATE_WORDS - 1;
    while (used[last] == 0) {
        last--;
    }
    model->model.state_bytes = last * 8 + (used[last] + 7) / 8;
}

static uint64_t aligned(uint64_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static uint32_t store_bytes(const tjob_lifecycle_config *config)
{
    const tjob_store_model *seeded = tjob__seeded_bug_store(config->bug);
    const tjob_store_model *given = config->store != NULL ? config->store : &tjob_store_model_sound;
    return (seeded != NULL ? seeded : given)->state_bytes;
}

/* The number of distinct values of each kind that a model can intern. */
struct capacities {
    uint32_t locals;
    uint32_t writes;
    uint32_t stores;
};

static struct capacities capacities_of(const tjob_lifecycle_config *config)
{
    return (struct capacities){.locals = UINT32_C(1) << bits_for_faults[config->faults].local,
                               .writes = (UINT32_C(1) << bits_for_faults[config->faults].write) - 1,
                               .stores = UINT32_C(1) << STORE_BITS};
}

/* The offset in memory at which each table begins, and the total number of bytes. */
struct model_layout {
    uint64_t locals;
    uint64_t pending;
    uint64_t stores;
    uint64_t writes;
    uint64_t successors;
    uint64_t bytes;
};

/* Reserves the next piece of the memory. */
static uint64_t take_bytes(struct model_layout *layout, uint64_t bytes)
{
    const uint64_t begin = layout->bytes;
    layout->bytes += aligned(bytes);
    return begin;
}

static struct model_layout layout_of(const tjob_lifecycle_config *config)
{
    const struct capacities capacities = capacities_of(config);
    struct model_layout layout = {.bytes = aligned(sizeof(tjob_lifecycle_model))};
    layout.locals = take_bytes(&layout, tjob__intern_bytes(sizeof(struct local), capacities.locals));
    layout.pending = take_bytes(&layout, capacities.locals * sizeof(struct pending));
    layout.stores = take_bytes(&layout, tjob__intern_bytes(store_bytes(config), capacities.stores));
    layout.writes = take_bytes(&layout, tjob__intern_bytes(sizeof(struct write), capacities.writes));
    layout.successors = take_bytes(&layout, tjob__successor_cache_bytes(SUCCESSOR_SLOTS));
    return layout;
}

uint64_t tjob_lifecycle_model_bytes(const tjob_lifecycle_config *config)
{
    return model_is_valid(config) ? layout_of(config).bytes : 0;
}

static void set_up_tables(tjob_lifecycle_model *model)
{
    const struct capacities capacities = capacities_of(&model->config);
    const struct model_layout layout = layout_of(&model->config);
    unsigned char *memory = (unsigned char *)model;
    tjob__intern_init(&model->locals, memory + layout.locals, sizeof(struct local), capacities.locals);
    model->pending = (struct pending *)(void *)(memory + layout.pending);
    memset(model->pending, 0, capacities.locals * sizeof(struct pending));
    tjob__intern_init(&model->stores, memory + layout.stores, store_bytes(&model->config), capacities.stores);
    tjob__intern_init(&model->writes, memory + layout.writes, sizeof(struct write), capacities.writes);
    tjob__successor_cache_init(&model->successors, memory + layout.successors, SUCCESSOR_SLOTS);
}

const tjob_model *tjob_lifecycle_model_of(const tjob_lifecycle_model *model)
{
    return &model->model;
}

/* ---- States ---------------------------------------------------------------------------------------------------- */

static struct local actor_at_first(const tjob_lifecycle_model *model, uint32_t actor)
{
    const uint32_t clients = model->config.clients;
    const uint32_t trainers = model->config.trainers;
    if (actor < clients) {
        return (struct local){.role = TJOB_ACTOR_CLIENT, .retries = (uint8_t)model->config.retries};
    }
    if (actor < clients + trainers) {
        return (struct local){.role = TJOB_ACTOR_TRAINER, .trainer_token = (uint8_t)(actor - clients + 1)};
    }
    /* cppcheck-suppress internalAstError ; it cannot read compound literals here */
    return actor == clients + trainers ? (struct local){.role = TJOB_ACTOR_SUPERVISOR}
                                       : (struct local){.role = TJOB_ACTOR_HOST, .token = 1};
}

static void model_begin(void *context, tjob_successors *initial)
{
    tjob_lifecycle_model *model = context;
    uint64_t words[STATE_WORDS] = {0};
    uint64_t state[TJOB_STORE_MODEL_BYTES_MAX / 8] = {0};
    model->store->begin(state);
    field_set(words, model->store_field, tjob__intern_number(&model->stores, state));
    field_set(words, model->faults_field, model->config.faults);
    for (uint32_t i = 0; i < model->actor_count; i++) {
        const struct local local = actor_at_first(model, i);
        field_set(words, model->actor_fields[i], tjob__intern_number(&model->locals, &local));
    }
    tjob__state_store(model, words, tjob_successors_add(initial, &(tjob_step){.label = 0}));
}

static tjob_observation model_observe(void *context, const unsigned char *state)
{
    const tjob_lifecycle_model *model = context;
    uint64_t words[STATE_WORDS];
    tjob__state_load(model, state, words);
    const tjob_job job =
        tjob__store_job(model, tjob__intern_item(&model->stores, field_get(words, model->store_field)));
    return tjob__properties_record(&job, field_get(words, model->promise_field) != 0);
}

tjob_job tjob_lifecycle_model_job(const tjob_lifecycle_model *model, const unsigned char *state)
{
    uint64_t words[STATE_WORDS];
    tjob__state_load(model, state, words);
    return tjob__store_job(model, tjob__intern_item(&model->stores, field_get(words, model->store_field)));
}

/* ---- Writes in flight ------------------------------------------------------------------------------------------ */

struct under_way {
    uint32_t write; /* plus 1; 0 = none */
    uint32_t owner;
};

static void get_writes(const tjob_lifecycle_model *model, const uint64_t *words, struct under_way *writes)
{
    for (uint32_t i = 0; i < model->config.faults; i++) {
        writes[i] =
            (struct under_way){field_get(words, model->write_fields[i]), field_get(words, model->owner_fields[i])};
    }
}

/* Returns whether `a` comes before `b`. Used entries come first. */
static bool comes_before(struct under_way a, struct under_way b)
{
    if (a.write == 0 || b.write == 0) {
        return a.write != 0;
    }
    return a.write != b.write ? a.write < b.write : a.owner < b.owner;
}

static void set_writes(const tjob_lifecycle_model *model, uint64_t *words, struct under_way *writes)
{
    for (uint32_t i = 1; i < model->config.faults; i++) {
        for (uint32_t j = i; j > 0 && comes_before(writes[j], writes[j - 1]); j--) {
            const struct under_way kept = writes[j];
            writes[j] = writes[j - 1];
            writes[j - 1] = kept;
        }
    }
    for (uint32_t i = 0; i < model->config.faults; i++) {
        field_set(words, model->write_fields[i], writes[i].write);
        field_set(words, model->owner_fields[i], writes[i].write != 0 ? writes[i].owner : 0);
    }
}

static bool write_can_apply(const tjob_lifecycle_model *model, uint32_t store, uint32_t write)
{
    const struct write *waiting = tjob__intern_item(&model->writes, write - 1);
    return store_can_apply(model, tjob__intern_item(&model->stores, store), waiting->expected);
}

/* Removes the writes that can never be applied, clears the owner of the writes whose operation ended, and adds the new
 * write. */
static void renew_writes(const tjob_lifecycle_model *model, uint64_t *words, uint32_t actor,
                         const struct successor *successor)
{
    struct under_way writes[TJOB_MODEL_FAULTS_MAX];
    get_writes(model, words, writes);
    uint32_t written = successor->write;
    for (uint32_t i = 0; i < model->config.faults; i++) {
        if (writes[i].write != 0 && !write_can_apply(model, successor->store, writes[i].write)) {
            writes[i].write = 0;
        }
        if (writes[i].owner == actor && (successor->flags & SUCCESSOR_ENDS) != 0) {
            writes[i].owner = model->actor_count;
        }
        if (writes[i].write == 0 && written != 0) {
            writes[i] =
                (struct under_way){written, (successor->flags & SUCCESSOR_ENDS) != 0 ? model->actor_count : actor};
            written = 0;
        }
    }
    TJOB_ASSERT(written == 0); /* each write has cost a fault */
    set_writes(model, words, writes);
}

/* Returns whether an actor has a write in flight. */
static bool has_under_way(const tjob_lifecycle_model *model, const uint64_t *words, uint32_t actor)
{
    struct under_way writes[TJOB_MODEL_FAULTS_MAX];
    get_writes(model, words, writes);
    for (uint32_t i = 0; i < model->config.faults; i++) {
        if (writes[i].write != 0 && writes[i].owner == actor) {
            return true;
        }
    }
    return false;
}

/* ---- Steps ----------------------------------------------------------------------------------------------------- */

/* Applies the part that all steps have in common: the store, the faults and the promises. */
static void model_follow(const tjob_lifecycle_model *model, const struct successor *successor, uint64_t *words)
{
    const bool promised =
        (successor->flags & SUCCESSOR_NEW_INCARNATION) == 0 && field_get(words, model->promise_field) != 0;
    field_set(words, model->store_field, successor->store);
    field_set(words, model->faults_field, field_get(words, model->faults_field) - successor->cost);
    field_set(words, model->promise_field, promised || (successor->flags & SUCCESSOR_PROMISE) != 0);
    if (model->store->crash != NULL && successor->rests > field_get(words, model->rests_field)) {
        field_set(words, model->rests_field, successor->rests);
    }
}

/* Applies state reduction to an actor. Returns false if a limit of the model is reached. */
static bool model_reduce(tjob_lifecycle_model *model, uint64_t *words, uint32_t actor)
{
    const struct field field = model->actor_fields[actor];
    const bool faults_left = field_get(words, model->faults_field) != 0;
    const uint32_t store = field_get(words, model->store_field);
    const uint32_t local = tjob__local_reduce(model, field_get(words, field), store, faults_left);
    if (local == INTERN_FULL) {
        return false;
    }
    field_set(words, field, local);
    return true;
}

/* Applies state reduction to the actors that the step concerns: to all of them if the store has changed or the last
 * fault is spent. */
static bool forget_after(tjob_lifecycle_model *model, uint64_t *words, const struct successor *successor,
                         uint32_t actor, uint32_t store_before)
{
    if (model->config.no_reduction) {
        return true;
    }
    if (successor->store == store_before && successor->cost == 0 && actor < model->actor_count) {
        return model_reduce(model, words, actor);
    }
    for (uint32_t i = 0; i < model->actor_count; i++) {
        if (!model_reduce(model, words, i)) {
            return false;
        }
    }
    return true; /* there was room for every reduced local state */
}

static void add_step(tjob_lifecycle_model *model, const uint64_t *before, uint64_t *words,
                     const struct successor *successor, uint32_t actor, tjob_observation observation,
                     tjob_successors *successors)
{
    if (!forget_after(model, words, successor, actor, field_get(before, model->store_field))) {
        tjob_successors_fail(successors);
        return;
    }
    const tjob_step step = {.label = successor->label | actor,
                            .observation = observation,
                            .progress = (successor->flags & SUCCESSOR_PROGRESS) != 0};
    tjob__state_store(model, words, tjob_successors_add(successors, &step));
}

static void model_take(tjob_lifecycle_model *model, const uint64_t *before, uint32_t actor,
                       const struct successor *successor, tjob_successors *successors)
{
    uint64_t words[STATE_WORDS];
    memcpy(words, before, sizeof words);
    tjob_observation observation = successor->observation;
    model_follow(model, successor, words);
    field_set(words, model->actor_fields[actor], successor->local);
    if (model->config.faults != 0) {
        if ((successor->flags & SUCCESSOR_NOTHING) != 0 && has_under_way(model, before, actor)) {
            tjob__observation_add(&observation, VIOLATED(PROPERTY_NO_HIDDEN_EFFECT));
        }
        renew_writes(model, words, actor, successor);
    }
    add_step(model, before, words, successor, actor, observation, successors);
}

/* Returns the successors of an actor for a state of the store, computed once and then cached. */
static struct successor_list successors_of(tjob_lifecycle_model *model, uint32_t local, uint32_t store,
                                           struct successor *room)
{
    const uint64_t key = (uint64_t)(local + 1) << 32 | store;
    struct successor_list list = tjob__successor_cache_find(&model->successors, key);
    if (list.found) {
        return list;
    }
    list.successors = room;
    list.found = tjob__actor_successors(model, local, store, room, &list.count) &&
                 tjob__successor_cache_keep(&model->successors, key, room, list.count);
    return list;
}

/* Adds the successor in which a write that is in flight is applied. */
static void apply_write(tjob_lifecycle_model *model, const uint64_t *before, uint32_t which,
                        tjob_successors *successors)
{
    struct under_way writes[TJOB_MODEL_FAULTS_MAX];
    struct successor successor;
    uint64_t words[STATE_WORDS];
    memcpy(words, before, sizeof words);
    get_writes(model, words, writes);
    const struct under_way application = writes[which];
    const uint32_t store = field_get(words, model->store_field);
    if (!tjob__write_applied(model, application.write - 1, store, &successor)) {
        tjob_successors_fail(successors);
        return;
    }
    if (successor.store == store) {
        return;
    }
    writes[which].write = 0;
    set_writes(model, words, writes);
    if (application.owner < model->actor_count) {
        const struct field field = model->actor_fields[application.owner];
        const uint32_t local = tjob__local_applied(model, field_get(words, field), &successor.observation);
        if (local == INTERN_FULL) {
            tjob_successors_fail(successors);
            return;
        }
        field_set(words, field, local);
    }
    model_follow(model, &successor, words);
    renew_writes(model, words, model->actor_count, &successor);
    add_step(model, before, words, &successor, application.owner, successor.observation, successors);
}

/* The store crashes and loses everything that was not durable. This costs no fault: to crash twice has the same effect
 * as to crash once. */
static void store_crashes(tjob_lifecycle_model *model, const uint64_t *before, tjob_successors *successors)
{
    uint64_t state[TJOB_STORE_MODEL_BYTES_MAX / 8] = {0};
    uint64_t words[STATE_WORDS];
    memcpy(words, before, sizeof words);
    const void *held = tjob__intern_item(&model->stores, field_get(words, model->store_field));
    memcpy(state, held, model->store->state_bytes);
    model->store->crash(state);
    const tjob_job job = tjob__store_job(model, held);
    const tjob_job after = tjob__store_job(model, state);
    const uint32_t rests = field_get(words, model->rests_field);
    const struct successor successor = {
        .store = tjob__intern_number(&model->stores, state),
        .flags = SUCCESSOR_PROGRESS | (job.incarnation != after.incarnation ? SUCCESSOR_NEW_INCARNATION : 0),
        .observation =
            tjob__observation_of(PROPERTY_SUCCESS_IS_APPLIED, tjob_store_model_version(model->store, state) >= rests),
        .label = tjob__label_encode(&(struct label){.action = ACTION_STORE_CRASH}),
    };
    if (successor.store == INTERN_FULL) {
        tjob_successors_fail(successors);
        return;
    }
    model_follow(model, &successor, words);
    add_step(model, before, words, &successor, model->actor_count, successor.observation, successors);
}

static void next(void *context, const unsigned char *state, tjob_successors *successors)
{
    tjob_lifecycle_model *model = context;
    struct successor room[ACTOR_SUCCESSORS_MAX];
    uint64_t words[STATE_WORDS];
    tjob__state_load(model, state, words);
    const uint32_t store = field_get(words, model->store_field);
    const uint32_t faults = field_get(words, model->faults_field);
    for (uint32_t actor = 0; actor < model->actor_count; actor++) {
        const struct successor_list list =
            successors_of(model, field_get(words, model->actor_fields[actor]), store, room);
        if (!list.found) {
            tjob_successors_fail(successors);
            return;
        }
        for (uint32_t i = 0; i < list.count; i++) {
            if (list.successors[i].cost <= faults) {
                model_take(model, words, actor, &list.successors[i], successors);
            }
        }
    }
    for (uint32_t i = 0; i < model->config.faults && field_get(words, model->write_fields[i]) != 0; i++) {
        apply_write(model, words, i, successors);
    }
    if (model->store->crash != NULL) {
        store_crashes(model, words, successors);
    }
}

/* ---- Symmetry -------------------------------------------------------------------------------------------------- */

/* Sorts the clients by their numbers, and returns the new position of each client. */
static void sort_clients(const tjob_lifecycle_model *model, uint64_t *words, uint32_t places[TJOB_MODEL_CLIENTS_MAX])
{
    uint32_t order[TJOB_MODEL_CLIENTS_MAX];
    uint32_t locals[TJOB_MODEL_CLIENTS_MAX];
    for (uint32_t i = 0; i < model->config.clients; i++) {
        const uint32_t local = field_get(words, model->actor_fields[i]);
        uint32_t at = i;
        for (; at > 0 && locals[at - 1] > local; at--) {
            locals[at] = locals[at - 1];
            order[at] = order[at - 1];
        }
        locals[at] = local;
        order[at] = i;
    }
    for (uint32_t i = 0; i < model->config.clients; i++) {
        field_set(words, model->actor_fields[i], locals[i]);
        places[order[i]] = i;
    }
}

static bool are_sorted(const tjob_lifecycle_model *model, const uint64_t *words)
{
    for (uint32_t i = 1; i < model->config.clients; i++) {
        if (field_get(words, model->actor_fields[i - 1]) > field_get(words, model->actor_fields[i])) {
            return false;
        }
    }
    return true;
}

static void model_canonicalize(void *context, unsigned char *state)
{
    const tjob_lifecycle_model *model = context;
    uint64_t words[STATE_WORDS];
    uint32_t places[TJOB_MODEL_CLIENTS_MAX];
    tjob__state_load(model, state, words);
    if (are_sorted(model, words)) {
        return; /* the common case: no client changes its position, and no write changes its owner */
    }
    sort_clients(model, words, places);
    if (model->config.faults != 0) {
        struct under_way writes[TJOB_MODEL_FAULTS_MAX];
        get_writes(model, words, writes);
        for (uint32_t i = 0; i < model->config.faults; i++) {
            writes[i].owner = writes[i].owner < model->config.clients ? places[writes[i].owner] : writes[i].owner;
        }
        set_writes(model, words, writes);
    }
    tjob__state_store(model, words, state);
}

/* ---- Initialization -------------------------------------------------------------------------------------------- */

tjob_lifecycle_model *tjob_lifecycle_model_init(const tjob_lifecycle_config *config, void *memory, size_t bytes)
{
    const tjob_lifecycle_config whole = model_complete(config);
    if (!model_is_valid(&whole) || bytes < tjob_lifecycle_model_bytes(&whole)) {
        return NULL;
    }
    tjob_lifecycle_model *model = memory;
    *model = (tjob_lifecycle_model){.config = whole, .actor_count = whole.clients + whole.trainers + 2};
    const tjob_store_model *seeded = tjob__seeded_bug_store(whole.bug);
    const tjob_store_model *given = whole.store != NULL ? whole.store : &tjob_store_model_sound;
    model->store = seeded != NULL ? seeded : given;
    set_up_tables(model);
    tjob__properties_init(model);
    model->model = (tjob_model){
        .context = model,
        .property_count = PROPERTY_OWN + whole.invariant_count,
        .properties = model->properties,
        .begin = model_begin,
        .next = next,
        .observe = model_observe,
        .canonicalize = whole.no_symmetry ? NULL : model_canonicalize,
        .describe = tjob__lifecycle_describe,
    };
    model_lay_out(model);
    return model;
}
