/*
 * Traces, rebuilt without stored predecessors. The first pass goes backwards from the end, depth by depth, and marks
 * all states that lie on a shortest trace. The second pass goes forwards from mark to mark, each time by the first step
 * that leads to a marked state.
 *
 * A step may lead back to an earlier depth or stay in its own depth, and a mark there does not count. Marks of even and
 * odd depths therefore differ, and the forward pass clears the marks behind it. This is enough, because a step never
 * leads more than one depth further.
 */
#include "verify/explorer/trace.h"

#include <string.h>

#include "core/assert.h"
#include "verify/explorer/exploration.h"
#include "verify/explorer/revisit.h"

/* The rooms for states that a trace needs. */
enum room {
    ROOM_STATE,     /* the current state of the trace, not canonical */
    ROOM_AFTER,     /* the successor that was found, not canonical */
    ROOM_CANONICAL, /* the canonical representative of the last successor examined */
    ROOM_KEY,       /* its key */
    ROOM_DRIFT,     /* canonical states that lack the flag: see below */
    ROOM_BEHIND,
    ROOM_AHEAD,
    ROOM_COUNT
};

struct trace {
    tjob_explorer *explorer;
    struct batch *batch;
    unsigned char *rooms[ROOM_COUNT];
    uint32_t property;
    unsigned lacking;     /* the flag that the last state lacks; 0: the last state or step is the one observed */
    struct range sources; /* the states from which the last step starts; empty: the trace has no steps */
    uint64_t length;
    uint64_t cleared; /* states at positions below this one have no marks any more */
    void (*visit)(void *context, const tjob_trace_step *step);
    void *context;

    /* The search for a successor. */
    bool (*is_wanted)(struct trace *trace, uint32_t successor);
    uint64_t left; /* further steps behind it */
    bool found;
    uint64_t label; /* of the step to it */
};

/* ---- The end of the trace -------------------------------------------------------------------------------------- */

/* Finds the sources for the first state that lacks the trace's flag: the states of the depth above its own. Returns
 * false if no state lacks the flag. */
static bool find_lacking(struct trace *trace)
{
    const tjob_explorer *explorer = trace->explorer;
    const uint64_t stored = exploration_stored(explorer);
    uint64_t depth = 0;
    for (uint64_t i = 0; i < stored; i++) {
        const unsigned flags = state_table_flags(&explorer->table, explorer->order[i]);
        if ((flags & STATE_FIRST_OF_DEPTH) != 0) {
            trace->sources = (struct range){depth, i};
            depth = i;
        }
        if ((flags & trace->lacking) == 0) {
            return true;
        }
    }
    return false; /* no state lacks it */
}

/* Sets where the trace ends. Returns false if there is no such trace. */
static bool find_sources(struct trace *trace)
{
    const tjob_explorer *explorer = trace->explorer;
    const struct occurrence *occurrence = &explorer->occurrences[trace->property];
    trace->lacking = tjob__exploration_flag(explorer, trace->property);
    if (trace->lacking != 0) {
        return explorer->live && find_lacking(trace);
    }
    trace->sources = occurrence->sources;
    return occurrence->seen;
}

/* Returns whether a step or the observation of its state shows the property: violated or exercised. */
static bool shows(const struct trace *trace, const tjob_step *step, tjob_observation observation)
{
    const uint32_t bit = UINT32_C(1) << trace->property;
    const bool violated = (trace->explorer->always & bit) != 0;
    return (((violated ? observation.violated : observation.exercised) |
             (violated ? step->observation.violated : step->observation.exercised)) &
            bit) != 0;
}

/* ---- Marks ----------------------------------------------------------------------------------------------------- */

static unsigned mark_of(uint64_t depth)
{
    return depth % 2 == 0 ? STATE_MARK_EVEN : STATE_MARK_ODD;
}

/* Returns whether the trace may end with a successor that was looked up. */
static bool is_last(const struct trace *trace, uint32_t successor, unsigned flags)
{
    return trace->lacking != 0 ? (flags & trace->lacking) == 0
                               : shows(trace, &trace->batch->successors.steps[successor],
                                       tjob__exploration_observe_key(trace->explorer, trace->batch, successor));
}

/* Marks a state if it is the last but one of a trace, or if a step leads from it to a marked state of the next depth.
 * The source's note holds the mark for its own depth. */
static void trace_mark(void *context, const struct revisit *revisit, struct source *source)
{
    const struct trace *trace = context;
    const bool last = (source->note & STATE_USED) != 0;
    const unsigned own = source->note & STATE_MARKS;
    for (uint32_t i = source->first; i < source->end; i++) {
        const unsigned flags = revisit_flags(revisit, i);
        if (last ? is_last(trace, i, flags) : (flags & STATE_MARKS & ~own) != 0) {
            state_table_set(&trace->explorer->table, source->slot, own);
            return;
        }
    }
}

static void mark_all(struct trace *trace)
{
    const tjob_explorer *explorer = trace->explorer;
    struct revisit revisit = {
        .explorer = trace->explorer, .batch = trace->batch, .check = trace_mark, .context = trace};
    trace->length = trace->sources.end != 0 ? 1 : 0;
    for (uint64_t i = trace->sources.end; i-- > 0;) {
        const uint32_t slot = explorer->order[i];
        if (i >= ORDER_AHEAD) {
            state_table_prefetch(&explorer->table, explorer->order[i - ORDER_AHEAD]);
        }
        const bool first = i != 0 && (state_table_flags(&explorer->table, slot) & STATE_FIRST_OF_DEPTH) != 0;
        tjob__revisit_add(&revisit, slot,
                          mark_of(trace->length) | (i >= trace->sources.begin ? (unsigned)STATE_USED : 0));
        trace->length += first ? 1 : 0;
    }
    tjob__revisit_flush(&revisit);
}

/* Clears the marks of one depth. */
static void clear_depth(struct trace *trace)
{
    const tjob_explorer *explorer = trace->explorer;
    bool same = trace->cleared < trace->sources.end;
    while (same) {
        state_table_unset(&explorer->table, explorer->order[trace->cleared++], STATE_MARKS);
        same = trace->cleared < trace->sources.end &&
               (state_table_flags(&explorer->table, explorer->order[trace->cleared]) & STATE_FIRST_OF_DEPTH) == 0;
    }
}

/* ---- The forward pass ------------------------------------------------------------------------------------------ */

static void trace_copy(const struct trace *trace, enum room to, const unsigned char *state)
{
    memcpy(trace->rooms[to], state, state_slot_bytes(trace->explorer->model->state_bytes));
}

/* Searches the successors in the batch, unless the wanted one was found among those before them, and clears it. */
static void flush_examined(void *context)
{
    struct trace *trace = context;
    for (uint32_t i = 0; i < trace->batch->successors.count && !trace->found; i++) {
        if (trace->is_wanted(trace, i)) {
            trace->found = true;
            trace->label = trace->batch->successors.steps[i].label;
            trace_copy(trace, ROOM_AFTER, batch_state(trace->batch, i));
        }
    }
    batch_clear(trace->batch);
}

/* Searches the successors of a state or, if `state` is NULL, the initial states, for the first wanted one. Returns
 * whether there is one. */
static bool trace_find(struct trace *trace, const unsigned char *state,
                       bool (*is_wanted)(struct trace *trace, uint32_t successor))
{
    trace->is_wanted = is_wanted;
    trace->found = false;
    batch_clear(trace->batch);
    (void)tjob__batch_expand(trace->batch, trace->explorer->model, state, flush_examined, trace);
    flush_examined(trace);
    return trace->found;
}

/* Sets ROOM_CANONICAL to the canonical representative of a successor, and returns the flags stored for it. */
static unsigned trace_canonicalize(struct trace *trace, uint32_t successor)
{
    const tjob_model *model = trace->explorer->model;
    struct state_table *table = &trace->explorer->table;
    uint64_t *key = (uint64_t *)(void *)trace->rooms[ROOM_KEY];
    trace_copy(trace, ROOM_CANONICAL, batch_state(trace->batch, successor));
    if (model->canonicalize != NULL) {
        model->canonicalize(model->context, trace->rooms[ROOM_CANONICAL]);
    }
    state_table_pack(table, trace->rooms[ROOM_CANONICAL], key);
    const uint32_t slot = tjob__state_table_find(table, key, state_table_home(table, key));
    return slot != STATE_NO_SLOT ? state_table_flags(table, slot) : 0;
}

/* Returns whether a successor lies on a trace with `left` further steps. */
static bool is_on_trace(struct trace *trace, uint32_t successor)
{
    static const tjob_step nothing = {.label = 0};
    const tjob_step *step = trace->length != 0 ? &trace->batch->successors.steps[successor] : &nothing;
    const unsigned flags = trace_canonicalize(trace, successor);
    if (trace->left != 0) {
        return (flags & mark_of(trace->left)) != 0;
    }
    return trace->lacking != 0
               ? (flags & trace->lacking) == 0
               : shows(trace, step, tjob__exploration_observe(trace->explorer, trace->rooms[ROOM_CANONICAL]));
}

/* Visits the step to the successor that was found. */
static void trace_visit(struct trace *trace, bool repeats)
{
    const tjob_trace_step step = {
        .before = trace->rooms[ROOM_STATE],
        .after = trace->rooms[ROOM_AFTER],
        .label = trace->label,
        .repeats = repeats,
    };
    trace->visit(trace->context, &step);
}

/* Goes from an initial state to the end. Returns false if the model does not generate the same successors as before. */
static bool go(struct trace *trace)
{
    trace->left = trace->length;
    bool found = trace_find(trace, NULL, is_on_trace);
    while (found && trace->left != 0) {
        trace->left--;
        trace_copy(trace, ROOM_STATE, trace->rooms[ROOM_AFTER]);
        found = trace_find(trace, trace->rooms[ROOM_STATE], is_on_trace);
        if (found) {
            trace_visit(trace, false);
            clear_depth(trace);
        }
    }
    trace_copy(trace, ROOM_STATE, trace->rooms[ROOM_AFTER]);
    return found;
}

/* ---- The cycle of a lasso -------------------------------------------------------------------------------------- */

static bool trace_is_same(const struct trace *trace, enum room a, enum room b)
{
    return memcmp(trace->rooms[a], trace->rooms[b], trace->explorer->model->state_bytes) == 0;
}

/* Returns whether a step without progress leads to a state that lacks the flag. */
static bool is_adrift(struct trace *trace, uint32_t successor)
{
    return !trace->batch->successors.steps[successor].progress &&
           (trace_canonicalize(trace, successor) & trace->lacking) == 0;
}

/*
 * Advances from a canonical state that lacks the flag to the next canonical state that lacks it, by the first step
 * without progress that leads to one. Such a step exists, or the state would have the flag. Returns false if the model
 * does not generate it again.
 */
static bool drift(struct trace *trace, enum room state)
{
    if (!trace_find(trace, trace->rooms[state], is_adrift)) {
        return false;
    }
    trace_copy(trace, state, trace->rooms[ROOM_CANONICAL]);
    return true;
}

/* The lasso that drift() follows from the state in ROOM_DRIFT: the number of steps to the cycle, and the number of
 * steps around it. */
struct lasso {
    uint64_t tail;
    uint64_t cycle;
};

/* Brent's cycle detection (1980): a reference state stays fixed until the advancing state returns to it. After 1, 2, 4,
 * ... steps without a match, the advancing state becomes the reference state. */
static bool find_cycle(struct trace *trace, struct lasso *lasso)
{
    const uint64_t enough = 4 * exploration_stored(trace->explorer);
    trace_copy(trace, ROOM_BEHIND, trace->rooms[ROOM_DRIFT]);
    trace_copy(trace, ROOM_AHEAD, trace->rooms[ROOM_DRIFT]);
    for (uint64_t patience = 1; patience <= enough; patience *= 2) {
        for (lasso->cycle = 1; lasso->cycle <= patience; lasso->cycle++) {
            if (!drift(trace, ROOM_AHEAD)) {
                return false;
            }
            if (trace_is_same(trace, ROOM_BEHIND, ROOM_AHEAD)) {
                return true;
            }
        }
        trace_copy(trace, ROOM_BEHIND, trace->rooms[ROOM_AHEAD]);
    }
    return false; /* the model is not deterministic */
}

/* Two states advance together, as far apart as the cycle is long, until they meet at the first state of the cycle. */
static bool find_tail(struct trace *trace, struct lasso *lasso)
{
    bool ok = true;
    trace_copy(trace, ROOM_BEHIND, trace->rooms[ROOM_DRIFT]);
    trace_copy(trace, ROOM_AHEAD, trace->rooms[ROOM_DRIFT]);
    for (uint64_t i = 0; i < lasso->cycle && ok; i++) {
        ok = drift(trace, ROOM_AHEAD);
    }
    while (ok && !trace_is_same(trace, ROOM_BEHIND, ROOM_AHEAD)) {
        ok = drift(trace, ROOM_BEHIND) && drift(trace, ROOM_AHEAD) &&
             lasso->tail++ < exploration_stored(trace->explorer);
    }
    return ok;
}

/* Returns whether a step without progress leads to a state whose canonical representative is in ROOM_DRIFT. */
static bool is_drift(struct trace *trace, uint32_t successor)
{
    (void)trace_canonicalize(trace, successor);
    return !trace->batch->successors.steps[successor].progress && trace_is_same(trace, ROOM_CANONICAL, ROOM_DRIFT);
}

/* Extends the trace from its current state into a cycle and once around it, and adds these steps to its length. */
static bool go_around(struct trace *trace)
{
    struct lasso lasso = {.tail = 0};
    trace_copy(trace, ROOM_DRIFT, trace->rooms[ROOM_CANONICAL]);
    bool ok = find_cycle(trace, &lasso) && find_tail(trace, &lasso);
    for (uint64_t i = 0; i < lasso.tail + lasso.cycle && ok; i++) {
        ok = drift(trace, ROOM_DRIFT) && trace_find(trace, trace->rooms[ROOM_STATE], is_drift);
        if (ok) {
            trace_visit(trace, i >= lasso.tail);
            trace_copy(trace, ROOM_STATE, trace->rooms[ROOM_AFTER]);
        }
    }
    trace->length += lasso.tail + lasso.cycle;
    return ok;
}

uint64_t tjob__trace_bytes(uint32_t state_bytes)
{
    return (uint64_t)ROOM_COUNT * state_slot_bytes(state_bytes);
}

uint64_t tjob_explorer_trace(tjob_explorer *explorer, uint32_t property,
                             void (*visit)(void *context, const tjob_trace_step *step), void *context)
{
    TJOB_ASSERT(property < explorer->model->property_count);
    struct trace trace = {
        .explorer = explorer,
        .batch = &exploration_thread(explorer, 0)->batch,
        .property = property,
        .visit = visit,
        .context = context,
    };
    if (!find_sources(&trace)) {
        return 0;
    }
    for (uint32_t i = 0; i < ROOM_COUNT; i++) {
        trace.rooms[i] = explorer->trace + (size_t)i * state_slot_bytes(explorer->model->state_bytes);
    }
    batch_clear(trace.batch);
    mark_all(&trace);
    bool ok = go(&trace);
    while (trace.cleared < trace.sources.end) {
        clear_depth(&trace);
    }
    if ((explorer->livelock & UINT32_C(1) << property) != 0) {
        ok = ok && go_around(&trace);
    }
    return ok ? trace.length : 0;
}
