#include "tjob/explorer.h"

#include "core/assert.h"
#include "verify/explorer/exploration.h"
#include "verify/explorer/liveness.h"
#include "verify/explorer/search.h"
#include "verify/explorer/trace.h"

/* The load factor of the table is at most 4/5. */
enum { LOAD_STATES = 4, LOAD_SLOTS = 5 };

_Static_assert(TJOB_EXPLORER_STATES_MAX / LOAD_STATES * LOAD_SLOTS +
                       TJOB_EXPLORER_THREADS_MAX * (uint64_t)BATCH_ROOM_MAX <
                   STATE_SLOTS_MAX,
               "slots have numbers of 32 bits");

/* ---- Properties ------------------------------------------------------------------------------------------------ */

static uint32_t count_of_kind(const tjob_model *model, tjob_property_kind kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < model->property_count; i++) {
        count += model->properties[i].kind == kind ? 1 : 0;
    }
    return count;
}

/* Returns the properties that apply: one bit each. */
static uint32_t properties_of_kind(const tjob_model *model, tjob_property_kind kind)
{
    uint32_t properties = 0;
    for (uint32_t i = 0; i < model->property_count; i++) {
        const tjob_property *property = &model->properties[i];
        properties |= property->kind == kind && property->applies ? UINT32_C(1) << i : 0;
    }
    return properties;
}

/* ---- Memory ---------------------------------------------------------------------------------------------------- */

static uint64_t explorer_round_up(uint64_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* Includes the slots that threads may still fill after the last of `states` states has been stored. This margin is
 * larger than the rounding. */
static uint64_t explorer_slots_for(uint32_t state_bytes, uint64_t states, uint32_t threads)
{
    return states * LOAD_SLOTS / LOAD_STATES + threads * (uint64_t)batch_room(state_bytes);
}

static uint64_t thread_bytes(uint32_t state_bytes)
{
    return explorer_round_up(sizeof(struct thread)) + tjob__batch_bytes(state_bytes);
}

/* Returns the words of 32 bits that a state takes outside the table: its position in the order and, if the model may
 * have livelocks, its share of the room for edges. */
static uint64_t words_of_state(const tjob_model *model)
{
    return properties_of_kind(model, TJOB_PROPERTY_NO_LIVELOCK) != 0 ? 2 : 1;
}

static uint64_t bytes_for(const tjob_model *model, uint32_t threads, uint64_t states)
{
    const uint32_t state_bytes = model->state_bytes;
    return explorer_round_up(sizeof(tjob_explorer)) + threads * thread_bytes(state_bytes) +
           explorer_round_up(tjob__trace_bytes(state_bytes)) +
           explorer_round_up(explorer_slots_for(state_bytes, states, threads) * state_slot_bytes(state_bytes)) +
           explorer_round_up(states * words_of_state(model) * sizeof(uint32_t));
}

/* Returns the number of states that fit: a binary search. */
static uint64_t states_in(const tjob_model *model, uint32_t threads, uint64_t bytes)
{
    uint64_t least = 0;
    uint64_t beyond = TJOB_EXPLORER_STATES_MAX + 1;
    while (beyond - least > 1) {
        const uint64_t middle = least + (beyond - least) / 2;
        if (bytes_for(model, threads, middle) <= bytes) {
            least = middle;
        } else {
            beyond = middle;
        }
    }
    return least;
}

/* ---- Setup ----------------------------------------------------------------------------------------------------- */

static bool explorer_is_valid(const tjob_model *model, uint32_t threads)
{
    return model != NULL && model->state_bytes >= 1 && model->state_bytes <= TJOB_EXPLORER_STATE_BYTES_MAX &&
           model->property_count <= TJOB_EXPLORER_PROPERTIES_MAX && model->begin != NULL && model->next != NULL &&
           threads >= 1 && threads <= TJOB_EXPLORER_THREADS_MAX &&
           count_of_kind(model, TJOB_PROPERTY_ALWAYS_REACHABLE) <= TJOB_EXPLORER_ALWAYS_REACHABLE_MAX &&
           count_of_kind(model, TJOB_PROPERTY_NO_LIVELOCK) <= 1;
}

uint64_t tjob_explorer_bytes(const tjob_model *model, uint32_t threads, uint64_t states)
{
    const bool valid = explorer_is_valid(model, threads) && states <= TJOB_EXPLORER_STATES_MAX;
    return valid ? bytes_for(model, threads, states) : 0;
}

static void set_up_properties(tjob_explorer *explorer)
{
    const tjob_model *model = explorer->model;
    explorer->always = properties_of_kind(model, TJOB_PROPERTY_ALWAYS);
    explorer->sometimes = properties_of_kind(model, TJOB_PROPERTY_SOMETIMES);
    explorer->always_reachable = properties_of_kind(model, TJOB_PROPERTY_ALWAYS_REACHABLE);
    explorer->livelock = properties_of_kind(model, TJOB_PROPERTY_NO_LIVELOCK);
    explorer->flags_to_check = tjob__exploration_goals(explorer, explorer->always_reachable) |
                               (explorer->livelock != 0 ? (unsigned)STATE_LIVELY : 0);
}

static void set_up_threads(tjob_explorer *explorer, unsigned char *memory)
{
    explorer->threads = memory;
    for (uint32_t i = 0; i < explorer->thread_count; i++) {
        struct thread *thread = exploration_thread(explorer, i);
        *thread = (struct thread){.explorer = explorer};
        tjob__batch_init(&thread->batch, explorer->model->state_bytes,
                         (unsigned char *)thread + explorer_round_up(sizeof(struct thread)));
    }
}

static void wait_for_nothing(void)
{
}

tjob_explorer *tjob_explorer_init(const tjob_model *model, void *memory, size_t bytes, uint32_t threads,
                                  void (*wait)(void))
{
    if (!explorer_is_valid(model, threads) || memory == NULL || (uintptr_t)memory % 64 != 0) {
        return NULL;
    }
    void (*const wait_or_not)(void) = wait != NULL ? wait : wait_for_nothing;
    const uint64_t states = states_in(model, threads, bytes);
    if (states == 0) {
        return NULL;
    }
    tjob_explorer *explorer = memory;
    unsigned char *at = (unsigned char *)memory + explorer_round_up(sizeof *explorer);
    *explorer = (tjob_explorer){
        .model = model,
        .capacity = states,
        .thread_count = threads,
        .thread_bytes = (uint32_t)thread_bytes(model->state_bytes),
        .barrier = {.threads = threads, .wait = wait_or_not},
    };
    set_up_properties(explorer);
    set_up_threads(explorer, at);
    at += threads * (size_t)explorer->thread_bytes;
    explorer->trace = at;
    at += (size_t)explorer_round_up(tjob__trace_bytes(model->state_bytes));
    const uint64_t slots = explorer_slots_for(model->state_bytes, states, threads);
    tjob__state_table_init(&explorer->table, model->state_bytes, (uint64_t *)(void *)at, (uint32_t)slots, wait_or_not);
    at += (size_t)explorer_round_up(slots * state_slot_bytes(model->state_bytes));
    explorer->order = (uint32_t *)(void *)at;
    explorer->edges = explorer->order + states;
    explorer->edge_blocks = states * (words_of_state(model) - 1) / EDGES_BLOCK_WORDS;
    return explorer;
}

/* ---- Run ------------------------------------------------------------------------------------------------------- */

static void explorer_begin(void *context)
{
    tjob_explorer *explorer = context;
    tjob__search_begin(explorer, exploration_thread(explorer, 0));
}

static void end_depth(void *context)
{
    tjob__search_end_depth(context);
}

static void end_sweep(void *context)
{
    tjob__liveness_end_sweep(context);
}

tjob_exploration tjob_explorer_run(tjob_explorer *explorer, uint32_t thread)
{
    TJOB_ASSERT(thread < explorer->thread_count);
    tjob__state_table_clear(&explorer->table, thread, explorer->thread_count);
    tjob__barrier_meet(&explorer->barrier, explorer_begin, explorer);
    while (explorer->phase == PHASE_SEARCH) {
        tjob__search_depth(explorer, exploration_thread(explorer, thread));
        tjob__barrier_meet(&explorer->barrier, end_depth, explorer);
    }
    while (explorer->phase == PHASE_LIVENESS) {
        tjob__liveness_sweep(explorer, exploration_thread(explorer, thread));
        tjob__barrier_meet(&explorer->barrier, end_sweep, explorer);
    }
    return tjob_explorer_end(explorer);
}

void tjob_explorer_cancel(tjob_explorer *explorer)
{
    __atomic_store_n(&explorer->cancelled, true, __ATOMIC_RELAXED);
}

/* ---- Results --------------------------------------------------------------------------------------------------- */

tjob_exploration tjob_explorer_end(const tjob_explorer *explorer)
{
    return (tjob_exploration)__atomic_load_n(&explorer->end, __ATOMIC_ACQUIRE);
}

void tjob_explorer_counts(const tjob_explorer *explorer, tjob_exploration_counts *counts)
{
    const bool ended = tjob_explorer_end(explorer) != TJOB_EXPLORATION_RUNNING;
    struct tally tally = {.expanded = 0};
    for (uint32_t i = 0; i < explorer->thread_count; i++) {
        const struct tally *part = &exploration_thread(explorer, i)->tally;
        tally.expanded += __atomic_load_n(&part->expanded, __ATOMIC_RELAXED);
        tally.transitions += __atomic_load_n(&part->transitions, __ATOMIC_RELAXED);
        tally.live += __atomic_load_n(&part->live, __ATOMIC_RELAXED);
    }
    if (ended) {
        tally.expanded = explorer->total.expanded;
        tally.transitions = explorer->total.transitions;
    }
    const uint64_t states = exploration_stored(explorer);
    const uint64_t depths = __atomic_load_n(&explorer->depths, __ATOMIC_RELAXED);
    const uint64_t slot_bytes = state_slot_bytes(explorer->model->state_bytes);
    *counts = (tjob_exploration_counts){
        .states = states,
        .transitions = tally.transitions,
        .depth = depths != 0 ? depths - 1 : 0,
        .waiting = states > tally.expanded ? states - tally.expanded : 0,
        .live = tally.live,
        .capacity = explorer->capacity,
        .bytes_used = states * slot_bytes * LOAD_SLOTS / LOAD_STATES +
                      states * words_of_state(explorer->model) * sizeof(uint32_t),
    };
}

tjob_verdict tjob_explorer_verdict(const tjob_explorer *explorer, uint32_t property)
{
    TJOB_ASSERT(property < explorer->model->property_count);
    const uint32_t bit = UINT32_C(1) << property;
    const bool exercised = explorer->total.exercised[property] != 0;
    if (!explorer->model->properties[property].applies) {
        return TJOB_VERDICT_NOT_APPLICABLE;
    }
    if ((explorer->violated & bit) != 0) {
        return TJOB_VERDICT_VIOLATED;
    }
    if ((explorer->sometimes & bit) != 0) {
        return exercised ? TJOB_VERDICT_HOLDS : TJOB_VERDICT_UNDECIDED;
    }
    if (!((explorer->always & bit) != 0 ? explorer->covered : explorer->live)) {
        return TJOB_VERDICT_UNDECIDED;
    }
    return exercised || (explorer->livelock & bit) != 0 ? TJOB_VERDICT_HOLDS : TJOB_VERDICT_VACUOUS;
}

uint64_t tjob_explorer_exercised(const tjob_explorer *explorer, uint32_t property)
{
    TJOB_ASSERT(property < explorer->model->property_count);
    return explorer->total.exercised[property];
}

void tjob_explorer_states(const tjob_explorer *explorer, void (*visit)(void *context, const unsigned char *state),
                          void *context)
{
    const struct batch *batch = &exploration_thread(explorer, 0)->batch;
    const uint64_t stored = exploration_stored(explorer);
    for (uint64_t i = 0; i < stored; i++) {
        visit(context, exploration_source(explorer, batch, explorer->order[i]));
    }
}

struct steps_visitor {
    struct batch *batch;
    void (*visit)(void *context, const unsigned char *before, const tjob_step *step, const unsigned char *after);
    void *context;
};

static void flush_visited(void *context)
{
    const struct steps_visitor *visitor = context;
    struct batch *batch = visitor->batch;
    for (uint32_t i = 0; i < batch->successors.count; i++) {
        visitor->visit(visitor->context, batch->source, &batch->successors.steps[i], batch_state(batch, i));
    }
    batch_clear(batch);
}

void tjob_explorer_steps(tjob_explorer *explorer,
                         void (*visit)(void *context, const unsigned char *before, const tjob_step *step,
                                       const unsigned char *after),
                         void *context)
{
    struct batch *batch = &exploration_thread(explorer, 0)->batch;
    struct steps_visitor visitor = {.batch = batch, .visit = visit, .context = context};
    const uint64_t stored = exploration_stored(explorer);
    batch_clear(batch);
    for (uint64_t i = 0; i < stored; i++) {
        const unsigned char *state = exploration_source(explorer, batch, explorer->order[i]);
        (void)tjob__batch_expand(batch, explorer->model, state, flush_visited, &visitor);
        flush_visited(&visitor);
    }
}

/* ---- Names ----------------------------------------------------------------------------------------------------- */

static const char *name_in(const char *const *names, unsigned count, unsigned value)
{
    return value < count ? names[value] : "?";
}

const char *tjob_exploration_name(tjob_exploration exploration)
{
    static const char *const names[] = {
        [TJOB_EXPLORATION_RUNNING] = "under way",         [TJOB_EXPLORATION_COMPLETE] = "complete",
        [TJOB_EXPLORATION_VIOLATED] = "violated",         [TJOB_EXPLORATION_OUT_OF_MEMORY] = "out of memory",
        [TJOB_EXPLORATION_MODEL_FAILED] = "model failed", [TJOB_EXPLORATION_CANCELLED] = "cancelled",
    };
    return name_in(names, sizeof names / sizeof names[0], (unsigned)exploration);
}

const char *tjob_verdict_name(tjob_verdict verdict)
{
    static const char *const names[] = {
        [TJOB_VERDICT_HOLDS] = "holds",         [TJOB_VERDICT_VIOLATED] = "violated",
        [TJOB_VERDICT_VACUOUS] = "vacuous",     [TJOB_VERDICT_NOT_APPLICABLE] = "not applicable",
        [TJOB_VERDICT_UNDECIDED] = "undecided",
    };
    return name_in(names, sizeof names / sizeof names[0], (unsigned)verdict);
}
