/*
 * A host's own store as pure functions, explored before any of it is written for a real disk. It has two copies: loads
 * read the first, and the second is what a crash leaves. Is it enough to copy before a swap is acknowledged? It is not:
 * the explorer prints the shortest trace to the violation.
 */
#include <stdio.h>
#include <stdlib.h>

#include "explore.h"
#include "tjob/verify.h"

enum { THREADS = 2, MEMORY_MAX = 64 << 20 };

/* ---- The store: a state of fixed size, and its operations ------------------------------------------------------ */

struct copy {
    tjob_job job; /* TJOB_ABSENT: no job */
    uint64_t version;
};

struct copies {
    struct copy first;
    struct copy second;
};

static void begin(void *state)
{
    *(struct copies *)state = (struct copies){.first = {.version = 0}};
}

static tjob_load_status load(const void *state, tjob_job *job, uint64_t *version)
{
    const struct copies *copies = state;
    *job = copies->first.job;
    *version = copies->first.version;
    return job->state == TJOB_ABSENT ? TJOB_LOAD_NOT_FOUND : TJOB_LOAD_OK;
}

static tjob_swap_status swap(void *state, uint64_t expected, const tjob_job *next)
{
    struct copies *copies = state;
    if (copies->first.version != expected) {
        return TJOB_SWAP_CONFLICT;
    }
    copies->first.job = next != NULL ? *next : (tjob_job){.state = TJOB_ABSENT};
    copies->first.version++;
    return TJOB_SWAP_OK;
}

static void make_durable(void *state)
{
    struct copies *copies = state;
    copies->second = copies->first;
}

static void crash(void *state)
{
    struct copies *copies = state;
    copies->first = copies->second;
}

/* The correct swap: both copies change before anybody can load either. */
static tjob_swap_status swap_both(void *state, uint64_t expected, const tjob_job *next)
{
    const tjob_swap_status status = swap(state, expected, next);
    make_durable(state);
    return status;
}

static const tjob_store_model copied_later = {.state_bytes = sizeof(struct copies),
                                              .begin = begin,
                                              .load = load,
                                              .swap = swap,
                                              .make_durable = make_durable,
                                              .crash = crash};
static const tjob_store_model copied_at_once = {
    .state_bytes = sizeof(struct copies), .begin = begin, .load = load, .swap = swap_both, .crash = crash};

/* ---- The exploration ------------------------------------------------------------------------------------------- */

static void print(void *context, const char *text, size_t bytes)
{
    (void)context;
    fwrite(text, 1, bytes, stdout);
}

static void check(const char *title, const tjob_store_model *store)
{
    const tjob_lifecycle_config config = {.clients = 1, .trainers = 1, .faults = 1, .store = store};
    const size_t bytes = (size_t)tjob_lifecycle_model_bytes(&config);
    void *room = aligned_alloc(64, bytes);
    void *memory = NULL;
    const tjob_model *model =
        room != NULL ? tjob_lifecycle_model_of(tjob_lifecycle_model_init(&config, room, bytes)) : NULL;
    tjob_explorer *explorer = explore_model(model, THREADS, MEMORY_MAX, &memory);
    if (explorer == NULL) {
        exit(EXIT_FAILURE);
    }
    printf("%s: %s\n", title, tjob_exploration_name(tjob_explorer_end(explorer)));
    for (uint32_t i = 0; i < model->property_count; i++) {
        if (tjob_explorer_verdict(explorer, i) == TJOB_VERDICT_VIOLATED) {
            tjob_trace_printer printer = {.format = TJOB_TRACE_TEXT, .write = print};
            printf("%s is violated: %s\n", model->properties[i].name, model->properties[i].sentence);
            tjob_trace_print(&printer, explorer, model, i);
        }
    }
    free(memory);
    free(room);
}

int main(void)
{
    check("copied before it is acknowledged", &copied_later);
    check("copied before it can be loaded", &copied_at_once);
    return EXIT_SUCCESS;
}
