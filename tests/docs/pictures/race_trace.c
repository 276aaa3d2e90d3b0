#include "docs/pictures/race_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tjob/lifecycle_model.h"
#include "verify/explorer/batch.h"
#include "verify/lifecycle/label.h"
#include "verify/lifecycle/state.h"

/* ---- The lifecycle model, and who looks at it ------------------------------------------------------------------ */

/* What is to happen, one after the other. */
static const struct {
    tjob_event_kind event;
    enum action action;
    uint32_t answer;
    bool ends;
} happenings[] = {
    {TJOB_STOP, ACTION_SWAP, TJOB_SWAP_UNKNOWN, false},
    {TJOB_COMPLETED, ACTION_SWAP, TJOB_SWAP_CONFLICT, false},
    {TJOB_COMPLETED, ACTION_SWAP, TJOB_SWAP_OK, true},
    {TJOB_STOP, ACTION_LOAD, TJOB_LOAD_OK, true},
};

enum { HAPPENINGS = sizeof happenings / sizeof happenings[0] };

/* A state is one of the lifecycle model, and behind it how much has happened so far. */
struct onlooker {
    const tjob_model *model;
    struct batch batch;
    tjob_successors *successors; /* where the steps go */
    const unsigned char *state;  /* that they lead out of; NULL: they are initial states */
};

static unsigned char happened(unsigned char so_far, uint64_t word)
{
    const struct label label = tjob__label_decode(word);
    const bool goes_on = so_far < HAPPENINGS && label.event == happenings[so_far].event &&
                         label.action == happenings[so_far].action && label.answer == happenings[so_far].answer &&
                         label.ends == happenings[so_far].ends;
    return (unsigned char)(so_far + (goes_on ? 1 : 0));
}

/* Passes on the steps in the batch, with what has happened by each. */
static void flush(void *context)
{
    struct onlooker *onlooker = context;
    const uint32_t bytes = onlooker->model->state_bytes;
    for (uint32_t i = 0; i < onlooker->batch.successors.count; i++) {
        tjob_step step = onlooker->batch.successors.steps[i];
        const unsigned char by_now = onlooker->state != NULL ? happened(onlooker->state[bytes], step.label) : 0;
        step.observation = (tjob_observation){.exercised = by_now == HAPPENINGS ? 1 : 0};
        unsigned char *after = tjob_successors_add(onlooker->successors, &step);
        memcpy(after, batch_state(&onlooker->batch, i), bytes);
        after[bytes] = by_now;
    }
    batch_clear(&onlooker->batch);
}

static void look_on(struct onlooker *onlooker, const unsigned char *state, tjob_successors *successors)
{
    onlooker->successors = successors;
    onlooker->state = state;
    if (!tjob__batch_expand(&onlooker->batch, onlooker->model, state, flush, onlooker)) {
        tjob_successors_fail(successors);
    }
    flush(onlooker);
}

static void begin(void *context, tjob_successors *initial)
{
    look_on(context, NULL, initial);
}

static void next(void *context, const unsigned char *state, tjob_successors *successors)
{
    look_on(context, state, successors);
}

/* ---- The trace ------------------------------------------------------------------------------------------------- */

struct race_view {
    const tjob_lifecycle_model *model;
    struct race *race;
};

/* The last of the steps that are drawn stands for those for which there is no room. */
static void take_step(void *context, const tjob_trace_step *step)
{
    const struct race_view *view = context;
    struct race *race = view->race;
    if (race->count == 0 && tjob_lifecycle_model_job(view->model, step->before).state != TJOB_TRAINING) {
        return;
    }
    const tjob_model *model = tjob_lifecycle_model_of(view->model);
    const struct label label = tjob__label_decode(step->label);
    race->count += race->count < RACE_STEPS_MAX ? 1 : 0;
    struct race_step *taken = &race->steps[race->count - 1];
    model->describe(model->context, step->before, step->label, step->after, &taken->description);
    taken->is_lost = label.action == ACTION_SWAP && label.answer == TJOB_SWAP_UNKNOWN;
}

/* A small system: nothing else happens on the shortest trace. Each conflict is a step of its own. */
static const tjob_lifecycle_config config = {
    .clients = 1, .trainers = 1, .faults = 1, .instants = 1, .no_reduction = true};

static const tjob_property properties[] = {
    {TJOB_PROPERTY_SOMETIMES, true, "race", "a stop whose answer was lost finds that a completion has won"}};

enum { SEARCH_BYTES = 1 << 26 };

static bool search(struct race *race, void *model_memory, void *batch_memory, void *search_memory)
{
    const tjob_lifecycle_model *lifecycle =
        tjob_lifecycle_model_init(&config, model_memory, (size_t)tjob_lifecycle_model_bytes(&config));
    struct onlooker onlooker = {.model = tjob_lifecycle_model_of(lifecycle)};
    const uint32_t state_bytes = onlooker.model->state_bytes;
    tjob__batch_init(&onlooker.batch, state_bytes, batch_memory);
    const tjob_model model = {.context = &onlooker,
                              .state_bytes = state_bytes + 1,
                              .property_count = 1,
                              .properties = properties,
                              .begin = begin,
                              .next = next};
    tjob_explorer *explorer = tjob_explorer_init(&model, search_memory, SEARCH_BYTES, 1, NULL);
    struct race_view view = {lifecycle, race};
    return tjob_explorer_run(explorer, 0) == TJOB_EXPLORATION_COMPLETE &&
           tjob_explorer_trace(explorer, 0, take_step, &view) != 0 && race->count != 0;
}

bool race_find(struct race *race)
{
    void *model_memory = aligned_alloc(64, (size_t)tjob_lifecycle_model_bytes(&config));
    void *batch_memory = aligned_alloc(64, tjob__batch_bytes(TJOB_EXPLORER_STATE_BYTES_MAX));
    void *search_memory = aligned_alloc(64, SEARCH_BYTES);
    race->count = 0;
    const bool found = model_memory != NULL && batch_memory != NULL && search_memory != NULL &&
                       search(race, model_memory, batch_memory, search_memory);
    free(model_memory);
    free(batch_memory);
    free(search_memory);
    if (!found) {
        fprintf(stderr, "the model checker finds no such race\n");
    }
    return found;
}
