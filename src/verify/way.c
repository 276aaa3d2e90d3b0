/*
 * Ways. First all states that lie on a shortest way are marked, from the end backwards, depth by depth; then the way
 * goes from mark to mark, each time by the first step that leads to one.
 *
 * A step may lead back to an earlier depth or stay in its own, and a mark there does not count. So marks of even and
 * odd depths differ, and the way takes away those behind it: a step never leads more than one depth on.
 */
#include <string.h>

#include "core/assert.h"
#include "verify/exploration.h"
#include "verify/review.h"

typedef unsigned char state_room[TJOB_EXPLORER_STATE_BYTES_MAX + 1];

struct way {
    tjob_explorer *explorer;
    struct batch *batch;
    uint32_t property;
    unsigned lacking;     /* the flag that states at the way's end lack; 0: they or the last step are seen there */
    struct range sources; /* the states out of which the last step leads; none: the way has no steps */
    uint64_t length;
    uint64_t cleared; /* positions below have no marks any more */
    void (*visit)(void *context, const tjob_way_step *step);
    void *context;
    _Alignas(8) state_room state;     /* where the way has come to: as it is */
    _Alignas(8) state_room canonical; /* the one that stands for it, or for what was looked at last */
};

/* ---- Where it ends --------------------------------------------------------------------------------------------- */

/* Finds the states before the first that lacks the way's flag: those of the depth above its own. False if none lacks
 * it. */
static bool find_lacking(struct way *way)
{
    const tjob_explorer *explorer = way->explorer;
    const uint64_t stored = exploration_stored(explorer);
    uint64_t depth = 0;
    for (uint64_t i = 0; i < stored; i++) {
        const unsigned flags = state_table_flags(&explorer->table, explorer->order[i]);
        if ((flags & STATE_FIRST_OF_DEPTH) != 0) {
            way->sources = (struct range){depth, i};
            depth = i;
        }
        if ((flags & way->lacking) == 0) {
            return true;
        }
    }
    return false; /* none does */
}

/* Sets where the way ends. False if there is no such way. */
static bool find_sources(struct way *way)
{
    const tjob_explorer *explorer = way->explorer;
    const struct sighting *sighting = &explorer->sightings[way->property];
    way->lacking = tjob__exploration_flag(explorer, way->property);
    if (way->lacking != 0) {
        return explorer->judged && find_lacking(way);
    }
    way->sources = sighting->sources;
    return sighting->seen;
}

/* Whether the way may end with this step, or with this state: the canonical one, and its flags. */
static bool ends(const struct way *way, const tjob_step *step, const unsigned char *state, unsigned flags)
{
    if (way->lacking != 0) {
        return (flags & way->lacking) == 0;
    }
    const uint32_t bit = UINT32_C(1) << way->property;
    const bool violated = (way->explorer->always & bit) != 0;
    const tjob_sight sight = tjob__exploration_look(way->explorer, state);
    return (((violated ? sight.violated : sight.shown) | (violated ? step->sight.violated : step->sight.shown)) &
            bit) != 0;
}

/* ---- Marks ----------------------------------------------------------------------------------------------------- */

static unsigned mark_of(uint64_t depth)
{
    return depth % 2 == 0 ? STATE_MARK_EVEN : STATE_MARK_ODD;
}

/* Marks a state if it is a way's last but one, or leads to a marked one of the next depth. Its note is its own mark. */
static void mark(void *context, const struct review *review, const struct source *source)
{
    const struct way *way = context;
    const bool last = (source->note & STATE_USED) != 0;
    const unsigned own = source->note & STATE_MARKS;
    for (uint32_t i = source->first; i < source->end; i++) {
        const unsigned flags = review_flags(review, i);
        if (last ? ends(way, &review->batch->successors.steps[i], batch_state(review->batch, i), flags)
                 : (flags & STATE_MARKS & ~own) != 0) {
            state_table_set(&way->explorer->table, source->slot, own);
            return;
        }
    }
}

static bool mark_all(struct way *way)
{
    const tjob_explorer *explorer = way->explorer;
    struct review review = {.explorer = way->explorer, .batch = way->batch, .judge = mark, .context = way};
    way->length = way->sources.end != 0 ? 1 : 0;
    for (uint64_t i = way->sources.end; i-- > 0;) {
        const uint32_t slot = explorer->order[i];
        if (i >= ORDER_AHEAD) {
            state_table_prefetch(&explorer->table, explorer->order[i - ORDER_AHEAD]);
        }
        const bool first = i != 0 && (state_table_flags(&explorer->table, slot) & STATE_FIRST_OF_DEPTH) != 0;
        tjob__review_add(&review, slot, mark_of(way->length) | (i >= way->sources.begin ? (unsigned)STATE_USED : 0));
        way->length += first ? 1 : 0;
    }
    tjob__review_flush(&review);
    return !review.failed;
}

/* Takes away the marks of one depth. */
static void clear_depth(struct way *way)
{
    const tjob_explorer *explorer = way->explorer;
    bool same = way->cleared < way->sources.end;
    while (same) {
        state_table_unset(&explorer->table, explorer->order[way->cleared++], STATE_MARKS);
        same = way->cleared < way->sources.end &&
               (state_table_flags(&explorer->table, explorer->order[way->cleared]) & STATE_FIRST_OF_DEPTH) == 0;
    }
}

/* ---- Going it -------------------------------------------------------------------------------------------------- */

/* Looks for what comes after a state, or, if that is NULL, for the initial states, as the model gives them. */
static bool expand(struct way *way, const unsigned char *state)
{
    batch_clear(way->batch);
    return tjob__batch_expand(way->batch, way->explorer->model, state);
}

/* Sets `canonical` to the state that stands for a successor, and returns the flags that are kept of it. */
static unsigned canonicalize(struct way *way, uint32_t successor)
{
    const tjob_model *model = way->explorer->model;
    memcpy(way->canonical, batch_state(way->batch, successor), state_slot_bytes(model->state_bytes));
    if (model->canonicalize != NULL) {
        model->canonicalize(model->context, way->canonical);
    }
    const uint32_t slot = tjob__state_table_find(&way->explorer->table, way->canonical);
    return slot != STATE_NO_SLOT ? state_table_flags(&way->explorer->table, slot) : 0;
}

/* The first in the batch by which a way leads on when `left` steps follow it; the batch's count if there is none. */
static uint32_t choose(struct way *way, uint64_t left, bool initial)
{
    static const tjob_step nothing = {.label = 0};
    const tjob_successors *successors = &way->batch->successors;
    for (uint32_t i = 0; i < successors->count; i++) {
        const unsigned flags = canonicalize(way, i);
        if (left == 0 ? ends(way, initial ? &nothing : &successors->steps[i], way->canonical, flags)
                      : (flags & mark_of(left)) != 0) {
            return i;
        }
    }
    return successors->count;
}

static void arrive(struct way *way, uint32_t successor)
{
    memcpy(way->state, batch_state(way->batch, successor), state_slot_bytes(way->explorer->model->state_bytes));
}

static void tell(struct way *way, uint32_t successor, bool repeats)
{
    const tjob_way_step step = {
        .before = way->state,
        .after = batch_state(way->batch, successor),
        .label = way->batch->successors.steps[successor].label,
        .repeats = repeats,
    };
    way->visit(way->context, &step);
}

/* Goes from an initial state to the end. False if the model does not tell again what it told before. */
static bool go(struct way *way)
{
    if (!expand(way, NULL)) {
        return false;
    }
    for (uint64_t left = way->length;; left--) {
        const bool initial = left == way->length;
        const uint32_t chosen = choose(way, left, initial);
        if (chosen == way->batch->successors.count) {
            return false;
        }
        if (!initial) {
            tell(way, chosen, false);
            clear_depth(way);
        }
        arrive(way, chosen);
        if (left == 0) {
            return true;
        }
        if (!expand(way, way->state)) {
            return false;
        }
    }
}

/* ---- Around a cycle -------------------------------------------------------------------------------------------- */

static bool is_same(const struct way *way, const unsigned char *a, const unsigned char *b)
{
    return memcmp(a, b, way->explorer->model->state_bytes) == 0;
}

/*
 * Goes on from a state that stands for others, and lacks the flag, to the next such state: by the first step without
 * progress that leads to one. There is one, or the state would have the flag. False if the model does not tell it
 * again.
 */
static bool drift(struct way *way, unsigned char *state)
{
    bool found = false;
    if (expand(way, state)) {
        for (uint32_t i = 0; i < way->batch->successors.count && !found; i++) {
            found = !way->batch->successors.steps[i].progress && (canonicalize(way, i) & way->lacking) == 0;
        }
    }
    if (found) {
        memcpy(state, way->canonical, sizeof way->canonical);
    }
    return found;
}

/* Where drifting from a state leads: so many steps to a cycle, and so many around it. */
struct lasso {
    uint64_t tail;
    uint64_t cycle;
};

/* Brent's way to find a cycle: a state waits, for twice as long each time, until another comes around to it. */
static bool find_cycle(struct way *way, const unsigned char *start, struct lasso *lasso)
{
    _Alignas(8) state_room waits;
    _Alignas(8) state_room goes;
    memcpy(waits, start, sizeof waits);
    memcpy(goes, start, sizeof goes);
    const uint64_t enough = 4 * exploration_stored(way->explorer);
    for (uint64_t patience = 1; patience <= enough; patience *= 2) {
        for (lasso->cycle = 1; lasso->cycle <= patience; lasso->cycle++) {
            if (!drift(way, goes)) {
                return false;
            }
            if (is_same(way, waits, goes)) {
                return true;
            }
        }
        memcpy(waits, goes, sizeof waits);
    }
    return false; /* the model is not the same twice */
}

/* Two states, as far apart as the cycle is long, go on until they meet: there it begins. */
static bool find_tail(struct way *way, const unsigned char *start, struct lasso *lasso)
{
    _Alignas(8) state_room behind;
    _Alignas(8) state_room ahead;
    memcpy(behind, start, sizeof behind);
    memcpy(ahead, start, sizeof ahead);
    bool ok = true;
    for (uint64_t i = 0; i < lasso->cycle && ok; i++) {
        ok = drift(way, ahead);
    }
    while (ok && !is_same(way, behind, ahead)) {
        ok = drift(way, behind) && drift(way, ahead) && lasso->tail++ < exploration_stored(way->explorer);
    }
    return ok;
}

/* Tells the step without progress from the state as it is that leads to `next` but for names. False if there is none.
 */
static bool follow(struct way *way, const unsigned char *next, bool repeats)
{
    const tjob_successors *successors = &way->batch->successors;
    if (!expand(way, way->state)) {
        return false;
    }
    for (uint32_t i = 0; i < successors->count; i++) {
        canonicalize(way, i);
        if (!successors->steps[i].progress && is_same(way, way->canonical, next)) {
            tell(way, i, repeats);
            arrive(way, i);
            return true;
        }
    }
    return false;
}

/* Goes from where the way has come to into a cycle and once around it; adds the steps to its length. */
static bool go_around(struct way *way)
{
    _Alignas(8) state_room state;
    struct lasso lasso = {.tail = 0};
    memcpy(state, way->canonical, sizeof state);
    bool ok = find_cycle(way, state, &lasso) && find_tail(way, state, &lasso);
    for (uint64_t i = 0; i < lasso.tail + lasso.cycle && ok; i++) {
        ok = drift(way, state) && follow(way, state, i >= lasso.tail);
    }
    way->length += lasso.tail + lasso.cycle;
    return ok;
}

uint64_t tjob_explorer_way(tjob_explorer *explorer, uint32_t property,
                           void (*visit)(void *context, const tjob_way_step *step), void *context)
{
    TJOB_ASSERT(property < explorer->model->property_count);
    struct way way = {
        .explorer = explorer,
        .batch = &exploration_thread(explorer, 0)->batch,
        .property = property,
        .visit = visit,
        .context = context,
    };
    if (!find_sources(&way)) {
        return 0;
    }
    batch_clear(way.batch);
    bool ok = mark_all(&way) && go(&way);
    while (way.cleared < way.sources.end) {
        clear_depth(&way);
    }
    if ((explorer->livelock & UINT32_C(1) << property) != 0) {
        ok = ok && go_around(&way);
    }
    return ok ? way.length : 0;
}
