#include "support/explored.h"

#include <stdlib.h>
#include <string.h>

#include "examples/explore.h"
#include "support/suite.h"

/* ---- Exploring ------------------------------------------------------------------------------------------------- */

struct explored explore(const tjob_model *model, uint32_t threads, uint64_t states)
{
    struct explored explored = {.explorer = NULL};
    const size_t bytes = (size_t)tjob_explorer_bytes(model, threads, states);
    explored.memory = aligned_alloc(64, bytes);
    EXPECT(explored.memory != NULL);
    explored.explorer = tjob_explorer_init(model, explored.memory, bytes, threads, explore_yield);
    EXPECT(explored.explorer != NULL);
    explored.end = explore_run(explored.explorer, threads);
    EXPECT(explored.end != TJOB_EXPLORATION_RUNNING);
    tjob_explorer_counts(explored.explorer, &explored.counts);
    return explored;
}

void explored_free(struct explored *explored)
{
    free(explored->memory);
    explored->memory = NULL;
}

/* ---- Traces ---------------------------------------------------------------------------------------------------- */

/* States are aligned to 8, as the functions of a model expect them. */
static size_t room_of(uint32_t state_bytes)
{
    return ((size_t)state_bytes + 7) / 8 * 8;
}

static void take_step(void *context, const tjob_trace_step *step)
{
    struct taken_trace *trace = context;
    EXPECT(trace->count < TRACE_STEPS_MAX);
    unsigned char *states = (unsigned char *)(trace + 1) + trace->count * 2 * room_of(trace->state_bytes);
    struct taken_step *taken = &trace->steps[trace->count++];
    taken->before = states;
    taken->after = states + room_of(trace->state_bytes);
    memcpy(taken->before, step->before, trace->state_bytes);
    memcpy(taken->after, step->after, trace->state_bytes);
    taken->label = step->label;
    taken->repeats = step->repeats;
}

struct taken_trace *take_trace(const struct explored *explored, const tjob_model *model, uint32_t property)
{
    struct taken_trace *trace = calloc(1, sizeof *trace + TRACE_STEPS_MAX * 2 * room_of(model->state_bytes));
    EXPECT(trace != NULL);
    trace->state_bytes = model->state_bytes;
    const uint64_t count = tjob_explorer_trace(explored->explorer, property, take_step, trace);
    if (count == 0) {
        free(trace);
        return NULL;
    }
    EXPECT(count == trace->count);
    return trace;
}

/* What comes after one state, one at a time, and whether that which is looked for was among it. */
struct search {
    tjob_successors successors;
    _Alignas(8) unsigned char state[TJOB_EXPLORER_STATE_BYTES_MAX + 8];
    tjob_step step;
    const unsigned char *wanted;
    const uint64_t *label; /* NULL: any */
    bool found;
};

static void compare_one(void *context)
{
    struct search *search = context;
    if (search->successors.count != 0) {
        search->found = search->found || (memcmp(search->state, search->wanted, search->successors.state_bytes) == 0 &&
                                          (search->label == NULL || search->step.label == *search->label));
        search->successors.count = 0;
    }
}

/* Whether a step of the model leads from `before` to `wanted`; NULL: whether that is an initial state. */
static bool leads_to(const tjob_model *model, const unsigned char *before, const unsigned char *wanted,
                     const uint64_t *label)
{
    _Alignas(8) unsigned char state[TJOB_EXPLORER_STATE_BYTES_MAX];
    struct search search = {.wanted = wanted, .label = label};
    search.successors = (tjob_successors){.states = search.state,
                                          .steps = &search.step,
                                          .state_bytes = model->state_bytes,
                                          .limit = 1,
                                          .flush = compare_one,
                                          .context = &search};
    if (before == NULL) {
        model->begin(model->context, &search.successors);
    } else {
        memcpy(state, before, model->state_bytes);
        model->next(model->context, state, &search.successors);
    }
    compare_one(&search);
    return search.found;
}

bool trace_is_real(const tjob_model *model, const struct taken_trace *trace)
{
    bool real = leads_to(model, NULL, trace->steps[0].before, NULL);
    for (uint32_t i = 0; i < trace->count; i++) {
        const struct taken_step *step = &trace->steps[i];
        real = real && (i == 0 || memcmp(step->before, trace->steps[i - 1].after, trace->state_bytes) == 0);
        real = real && leads_to(model, step->before, step->after, &step->label);
    }
    return real;
}
