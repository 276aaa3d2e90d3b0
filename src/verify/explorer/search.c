#include "verify/explorer/search.h"

#include <string.h>

#include "verify/explorer/edges.h"
#include "verify/explorer/liveness.h"

/* ---- Observations ---------------------------------------------------------------------------------------------- */

static void note(const struct tjob_explorer *explorer, struct thread *thread, tjob_observation observation)
{
    thread->violated |= observation.violated & explorer->always;
    for (uint32_t left = observation.exercised; left != 0; left &= left - 1) {
        thread->tally.exercised[__builtin_ctz(left)]++;
    }
}

/* Notes the steps to the successors of the last state. */
static void note_steps(const struct tjob_explorer *explorer, struct thread *thread)
{
    const tjob_successors *successors = &thread->batch.successors;
    for (uint32_t i = thread->batch.first; i < successors->count; i++) {
        note(explorer, thread, successors->steps[i].observation);
    }
    exploration_count(&thread->tally.transitions, successors->count - thread->batch.first);
}

/* ---- Storing --------------------------------------------------------------------------------------------------- */

/* Appends the new states to the order. The first `count` entries of the batch's slots are theirs. */
static void search_append(struct tjob_explorer *explorer, const uint32_t *slots, uint32_t count)
{
    const uint64_t position = __atomic_fetch_add(&explorer->stored, count, __ATOMIC_RELAXED);
    const uint64_t room = position < explorer->capacity ? explorer->capacity - position : 0;
    memcpy(explorer->order + (explorer->capacity - room), slots, (count < room ? count : (size_t)room) * sizeof *slots);
    if (count > room) {
        __atomic_store_n(&explorer->full, true, __ATOMIC_RELAXED);
    }
}

/* Used once the table is full: observes the states that cannot be stored, so that their violations are still seen, and
 * observes again those that were stored. */
static void explore_rest(struct tjob_explorer *explorer, struct thread *thread)
{
    const struct batch *batch = &thread->batch;
    for (uint32_t i = 0; i < batch->successors.count; i++) {
        note(explorer, thread, tjob__exploration_observe_key(explorer, batch, i));
    }
}

/* What the successors of one state tell of its liveness as they are stored. */
struct prospect {
    unsigned gathered;              /* see exploration_gather */
    uint32_t count;                 /* of edges */
    uint32_t edges[BATCH_ROOM_MAX]; /* to successors that are not lively, by steps without progress */
};

static void prospect_add(const struct tjob_explorer *explorer, struct prospect *prospect, const tjob_step *step,
                         uint32_t slot)
{
    const unsigned gathered = exploration_gather(explorer, step, state_table_flags(&explorer->table, slot));
    prospect->gathered |= gathered;
    prospect->edges[prospect->count] = slot;
    prospect->count += (gathered & STATE_LIVELY) != 0 ? 1 : 0;
}

/* Sets the flags that a state has gained, keeps the edges that may give it the rest, and begins anew. */
static void prospect_end(struct thread *thread, struct prospect *prospect, uint32_t slot)
{
    const struct tjob_explorer *explorer = thread->explorer;
    if (slot != STATE_NO_SLOT) {
        const unsigned gained = exploration_gained(explorer, prospect->gathered);
        state_table_set(&explorer->table, slot, gained);
        if ((explorer->flags_to_check & ~gained & STATE_LIVELY) != 0) {
            tjob__edges_keep(thread, slot, prospect->edges, prospect->count);
        }
    }
    prospect->gathered = 0;
    prospect->count = 0;
}

/* Inserts the successors in the batch into the table, observes those that are new, and concludes from all of them what
 * is certain of the states that they follow. */
static void search_put(struct tjob_explorer *explorer, struct thread *thread)
{
    struct batch *batch = &thread->batch;
    struct prospect prospect = {.count = 0};
    uint32_t fresh = 0;
    uint32_t source = 0;
    for (uint32_t i = 0; i < batch->successors.count; i++) {
        uint32_t slot = batch->slots[i];
        for (; source < thread->source_count && thread->sources[source].end == i; source++) {
            prospect_end(thread, &prospect, thread->sources[source].slot);
        }
        if (tjob__state_table_put(&explorer->table, batch_key(batch, i), true, &slot) == STATE_IS_NEW) {
            const tjob_observation observation = tjob__exploration_observe_key(explorer, batch, i);
            note(explorer, thread, observation);
            state_table_set(&explorer->table, slot, tjob__exploration_goals(explorer, observation.exercised));
            batch->slots[fresh++] = slot;
        }
        if (explorer->flags_to_check != 0) {
            prospect_add(explorer, &prospect, &batch->successors.steps[i], slot);
        }
    }
    for (; source < thread->source_count; source++) {
        prospect_end(thread, &prospect, thread->sources[source].slot);
    }
    search_append(explorer, batch->slots, fresh);
}

static void store(struct tjob_explorer *explorer, struct thread *thread)
{
    if (__atomic_load_n(&explorer->full, __ATOMIC_RELAXED)) {
        explore_rest(explorer, thread);
    } else {
        search_put(explorer, thread);
    }
    batch_clear(&thread->batch);
    thread->source_count = 0;
}

/* ---- Expanding ------------------------------------------------------------------------------------------------- */

/* Makes room in the batch in the midst of the initial states, or of the successors of a state. */
static void flush_initial(void *context)
{
    struct thread *thread = context;
    tjob__batch_locate(&thread->batch, thread->explorer->model, &thread->explorer->table);
    store(thread->explorer, thread);
}

static void flush_successors(void *context)
{
    struct thread *thread = context;
    note_steps(thread->explorer, thread);
    flush_initial(thread);
    thread->split = true;
}

static void search_expand(struct tjob_explorer *explorer, struct thread *thread, const unsigned char *state,
                          void (*flush)(void *context))
{
    if (!tjob__batch_expand(&thread->batch, explorer->model, state, flush, thread)) {
        __atomic_store_n(&explorer->failed, true, __ATOMIC_RELAXED);
    }
}

void tjob__search_begin(struct tjob_explorer *explorer, struct thread *thread)
{
    tjob__exploration_offer(explorer, (struct range){0, 0});
    search_expand(explorer, thread, NULL, flush_initial);
    flush_initial(thread);
    tjob__search_end_depth(explorer);
}

/* Notes for which state the last successors in the batch are, if its liveness is to be checked. */
static void note_source(const struct tjob_explorer *explorer, struct thread *thread, uint32_t slot)
{
    if (explorer->flags_to_check != 0) {
        thread->sources[thread->source_count++] =
            (struct expanded){thread->split ? STATE_NO_SLOT : slot, thread->batch.successors.count};
    }
    thread->split = false;
}

void tjob__search_depth(struct tjob_explorer *explorer, struct thread *thread)
{
    const uint64_t end = explorer->offered.end;
    struct batch *batch = &thread->batch;
    struct range chunk;
    while (tjob__exploration_take(explorer, &chunk)) {
        for (uint64_t i = chunk.begin; i < chunk.end; i++) {
            if (i + ORDER_AHEAD < end) {
                state_table_prefetch(&explorer->table, explorer->order[i + ORDER_AHEAD]);
            }
            search_expand(explorer, thread, exploration_source(explorer, batch, explorer->order[i]), flush_successors);
            tjob__batch_locate(batch, explorer->model, &explorer->table);
            note_steps(explorer, thread);
            note_source(explorer, thread, explorer->order[i]);
            exploration_count(&thread->tally.expanded, 1);
            if (batch_is_full(batch) || thread->source_count == SEARCH_SOURCES) {
                store(explorer, thread);
            }
        }
    }
    store(explorer, thread);
}

/* ---- End of a depth -------------------------------------------------------------------------------------------- */

static void add_up(struct tjob_explorer *explorer)
{
    explorer->total = (struct tally){0};
    for (uint32_t i = 0; i < explorer->thread_count; i++) {
        const struct tally *tally = &exploration_thread(explorer, i)->tally;
        explorer->total.expanded += tally->expanded;
        explorer->total.transitions += tally->transitions;
        for (uint32_t property = 0; property < explorer->model->property_count; property++) {
            explorer->total.exercised[property] += tally->exercised[property];
        }
    }
}

/* Records where properties were first seen: violated or exercised. */
static void keep_occurrences(struct tjob_explorer *explorer)
{
    for (uint32_t property = 0; property < explorer->model->property_count; property++) {
        const uint32_t bit = UINT32_C(1) << property;
        struct occurrence *occurrence = &explorer->occurrences[property];
        const bool exercised = (explorer->sometimes & bit) != 0 && explorer->total.exercised[property] != 0;
        if (!occurrence->seen && (exercised || (explorer->violated & bit) != 0)) {
            *occurrence = (struct occurrence){.seen = true, .sources = explorer->offered};
        }
    }
}

static void go_deeper(struct tjob_explorer *explorer, struct range next)
{
    state_table_set(&explorer->table, explorer->order[next.begin], STATE_FIRST_OF_DEPTH);
    tjob__exploration_offer(explorer, next);
}

/* Returns the properties of kind SOMETIMES that have never been exercised. */
static uint32_t never_exercised(const struct tjob_explorer *explorer)
{
    uint32_t never = 0;
    for (uint32_t property = 0; property < explorer->model->property_count; property++) {
        never |= explorer->total.exercised[property] == 0 ? UINT32_C(1) << property : 0;
    }
    return never & explorer->sometimes;
}

void tjob__search_end_depth(struct tjob_explorer *explorer)
{
    const struct range next = {explorer->offered.end, exploration_stored(explorer)};
    const tjob_exploration stop = tjob__exploration_stop(explorer);
    for (uint32_t i = 0; i < explorer->thread_count; i++) {
        explorer->violated |= exploration_thread(explorer, i)->violated;
    }
    if (stop == TJOB_EXPLORATION_RUNNING) {
        add_up(explorer);
        explorer->covered = next.begin == next.end;
    }
    keep_occurrences(explorer);
    exploration_count(&explorer->depths, next.begin < next.end ? 1 : 0);
    const bool broken = explorer->violated != 0;
    explorer->violated |= explorer->covered ? never_exercised(explorer) : 0;
    if (broken || stop != TJOB_EXPLORATION_RUNNING) {
        tjob__exploration_finish(explorer, stop);
    } else if (explorer->covered) {
        tjob__liveness_begin(explorer);
    } else {
        go_deeper(explorer, next);
    }
}
