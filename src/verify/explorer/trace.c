/*
 * Traces, rebuilt without stored predecessors. The first pass goes backwards from the end, depth by depth, and marks
 * all states that lie on a shortest trace. The second pass goes forwards from mark to mark, each time by the first step
 * that leads to a marked state.
 *
 * A step may lead back to an earlier depth or stay in its own depth, and a mark there does not count. Marks of even and
 * odd depths therefore differ, and the forward pass clears the marks behind it. This is enough, because a step never
 * leads more than one depth further.
 */
#include <string.h>

#include "core/assert.h"
#include "verify/explorer/exploration.h"
#include "verify/explorer/revisit.h"

typedef unsigned char state_room[TJOB_EXPLORER_STATE_BYTES_MAX + 1];

struct trace {
    tjob_explorer *explorer;
    struct batch *batch;
    uint32_t property;
    unsigned lacking;     /* the flag that the last state lacks; 0: the last state or step is the one observed */
    struct range sources; /* the states from which the last step starts; empty: the trace has no steps */
    uint64_t length;
    uint64_t cleared; /* states at positions below this one have no marks any more */
    void (*visit)(void *context, const tjob_trace_step *step);
    void *context;
    _Alignas(8) state_room state;     /* the current state of the trace, not canonical */
    _Alignas(8) state_room canonical; /* its canonical representative, or that of the last state examined */
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

/* Returns whether the trace may end with this step or this state. `state` is canonical, and `flags` are its flags. */
static bool ends(const struct trace *trace, const tjob_step *step, const unsigned char *state, unsigned flags)
{
    if (trace->lacking != 0) {
        return (flags & trace->lacking) == 0;
    }
    const uint32_t bit = UINT32_C(1) << trace->property;
    const bool violated = (trace->explorer->always & bit) != 0;
    const tjob_observation observation = tjob__exploration_observe(trace->explorer, state);
    return (((violated ? observation.violated : observation.exercised) |
             (violated ? step->observation.violated : step->observation.exercised)) &
            bit) != 0;
}

/* ---- Marks ----------------------------------------------------------------------------------------------------- */

static unsigned mark_of(uint64_t depth)
{
    return depth % 2 == 0 ? STATE_MARK_EVEN : STATE_MARK_ODD;
}

/* Marks a state if it is the last but one of a trace, or if a step leads from it to a marked state of the next depth.
 * The source's note holds the mark for its own depth. */
static void trace_mark(void *context, const struct revisit *revisit, const struct source *source)
{
    const struct trace *trace = context;
    const bool last = (source->note & STATE_USED) != 0;
    const unsigned own = source->note & STATE_MARKS;
    for (uint32_t i = source->first; i < source->end; i++) {
        const unsigned flags = revisit_flags(revisit, i);
        if (last ? ends(trace, &revisit->batch->successors.steps[i], batch_state(revisit->batch, i), flags)
                 : (flags & STATE_MARKS & ~own) != 0) {
            state_table_set(&trace->explorer->table, source->slot, own);
            return;
        }
    }
}

static bool mark_all(struct trace *trace)
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
    return !revisit.failed;
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

/* Generates the successors of a state or, if `state` is NULL, the initial states, as the model gives them. */
static bool trace_expand(struct trace *trace, const unsigned char *state)
{
    batch_clear(trace->batch);
    return tjob__batch_expand(trace->batch, trace->explorer->model, state);
}

/* Sets `canonical` to the canonical representative of a successor, and returns the flags stored for it. */
static unsigned trace_canonicalize(struct trace *trace, uint32_t successor)
{
    const tjob_model *model = trace->explorer->model;
    memcpy(trace->canonical, batch_state(trace->batch, successor), state_slot_bytes(model->state_bytes));
    if (model->canonicalize != NULL) {
        model->canonicalize(model->context, trace->canonical);
    }
    const uint32_t slot = tjob__state_table_find(&trace->explorer->table, trace->canonical);
    return slot != STATE_NO_SLOT ? state_table_flags(&trace->explorer->table, slot) : 0;
}

/* Returns the first successor in the batch that lies on a trace with `left` further steps, or the batch's count if
 * there is none. */
static uint32_t trace_choose(struct trace *trace, uint64_t left, bool initial)
{
    static const tjob_step nothing = {.label = 0};
    const tjob_successors *successors = &trace->batch->successors;
    for (uint32_t i = 0; i < successors->count; i++) {
        const unsigned flags = trace_canonicalize(trace, i);
        if (left == 0 ? ends(trace, initial ? &nothing : &successors->steps[i], trace->canonical, flags)
                      : (flags & mark_of(left)) != 0) {
            return i;
        }
    }
    return successors->count;
}

static void arrive(struct trace *trace, uint32_t successor)
{
    memcpy(trace->state, batch_state(trace->batch, successor), state_slot_bytes(trace->explorer->model->state_bytes));
}

static void trace_visit(struct trace *trace, uint32_t successor, bool repeats)
{
    const tjob_trace_step step = {
        .before = trace->state,
        .after = batch_state(trace->batch, successor),
        .label = trace->batch->successors.steps[successor].label,
        .repeats = repeats,
    };
    trace->visit(trace->context, &step);
}

/* Goes from an initial state to the end. Returns false if the model does not generate the same successors as before. */
static bool go(struct trace *trace)
{
    if (!trace_expand(trace, NULL)) {
        return false;
    }
    for (uint64_t left = trace->length;; left--) {
        const bool initial = left == trace->length;
        const uint32_t chosen = trace_choose(trace, left, initial);
        if (chosen == trace->batch->successors.count) {
            return false;
        }
        if (!initial) {
            trace_visit(trace, chosen, false);
            clear_depth(trace);
        }
        arrive(trace, chosen);
        if (left == 0) {
            return true;
        }
        if (!trace_expand(trace, trace->state)) {
            return false;
        }
    }
}

/* ---- The cycle of a lasso -------------------------------------------------------------------------------------- */

static bool trace_is_same(const struct trace *trace, const unsigned char *a, const unsigned char *b)
{
    return memcmp(a, b, trace->explorer->model->state_bytes) == 0;
}

/*
 * Advances from a canonical state that lacks the flag to the next canonical state that lacks it, by the first step
 * without progress that leads to one. Such a step exists, or the state would have the flag. Returns false if the model
 * does not generate it again.
 */
static bool drift(struct trace *trace, unsigned char *state)
{
    bool found = false;
    if (trace_expand(trace, state)) {
        for (uint32_t i = 0; i < trace->batch->successors.count && !found; i++) {
            found = !trace->batch->successors.steps[i].progress && (trace_canonicalize(trace, i) & trace->lacking) == 0;
        }
    }
    if (found) {
        memcpy(state, trace->canonical, sizeof trace->canonical);
    }
    return found;
}

/* The lasso that drift() follows from a state: the number of steps to the cycle, and the number of steps around it. */
struct lasso {
    uint64_t tail;
    uint64_t cycle;
};

/* Brent's cycle detection (1980): a reference state stays fixed until the advancing state returns to it. After 1, 2, 4,
 * ... steps without a match, the advancing state becomes the reference state. */
static bool find_cycle(struct trace *trace, const unsigned char *start, struct lasso *lasso)
{
    _Alignas(8) state_room waits;
    _Alignas(8) state_room goes;
    memcpy(waits, start, sizeof waits);
    memcpy(goes, start, sizeof goes);
    const uint64_t enough = 4 * exploration_stored(trace->explorer);
    for (uint64_t patience = 1; patience <= enough; patience *= 2) {
        for (lasso->cycle = 1; lasso->cycle <= patience; lasso->cycle++) {
            if (!drift(trace, goes)) {
                return false;
            }
            if (trace_is_same(trace, waits, goes)) {
                return true;
            }
        }
        memcpy(waits, goes, sizeof waits);
    }
    return false; /* the model is not deterministic */
}

/* Two states advance together, as far apart as the cycle is long, until they meet at the first state of the cycle. */
static bool find_tail(struct trace *trace, const unsigned char *start, struct lasso *lasso)
{
    _Alignas(8) state_room behind;
    _Alignas(8) state_room ahead;
    memcpy(behind, start, sizeof behind);
    memcpy(ahead, start, sizeof ahead);
    bool ok = true;
    for (uint64_t i = 0; i < lasso->cycle && ok; i++) {
        ok = drift(trace, ahead);
    }
    while (ok && !trace_is_same(trace, behind, ahead)) {
        ok = drift(trace, behind) && drift(trace, ahead) && lasso->tail++ < exploration_stored(trace->explorer);
    }
    return ok;
}

/* Visits the step without progress from the current state whose canonical successor is `next`. Returns false if there
 * is none. */
static bool trace_follow(struct trace *trace, const unsigned char *next, bool repeats)
{
    const tjob_successors *successors = &trace->batch->successors;
    if (!trace_expand(trace, trace->state)) {
        return false;
    }
    for (uint32_t i = 0; i < successors->count; i++) {
        trace_canonicalize(trace, i);
        if (!successors->steps[i].progress && trace_is_same(trace, trace->canonical, next)) {
            trace_visit(trace, i, repeats);
            arrive(trace, i);
            return true;
        }
    }
    return false;
}

/* Extends the trace from its current state into a cycle and once around it, and adds these steps to its length. */
static bool go_around(struct trace *trace)
{
    _Alignas(8) state_room state;
    struct lasso lasso = {.tail = 0};
    memcpy(state, trace->canonical, sizeof state);
    bool ok = find_cycle(trace, state, &lasso) && find_tail(trace, state, &lasso);
    for (uint64_t i = 0; i < lasso.tail + lasso.cycle && ok; i++) {
        ok = drift(trace, state) && trace_follow(trace, state, i >= lasso.tail);
    }
    trace->length += lasso.tail + lasso.cycle;
    return ok;
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
    batch_clear(trace.batch);
    bool ok = mark_all(&trace) && go(&trace);
    while (trace.cleared < trace.sources.end) {
        clear_depth(&trace);
    }
    if ((explorer->livelock & UINT32_C(1) << property) != 0) {
        ok = ok && go_around(&trace);
    }
    return ok ? trace.length : 0;
}
