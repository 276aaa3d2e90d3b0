/*
 * A host's own policy, and its proof: models are valuable, so a trained model must not be deleted. The transition
 * function replaces the library's table in production. Here the explorer runs the same function through every race,
 * fault and crash around one job. The first version of the function has a bug, and the explorer finds the shortest
 * trace to it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "explore.h"
#include "tjob/verify.h"

enum { THREADS = 2, MEMORY_MAX = 64 << 20 };

/* ---- The transition function, for tjob_policy.transition ------------------------------------------------------- */

static tjob_transition_result keep(bool kept, const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                   const tjob_policy *policy, tjob_job *next)
{
    if (event->kind == TJOB_DELETE && kept) {
        *next = *job;
        return (tjob_transition_result){TJOB_REFUSED_BY_POLICY, false};
    }
    return tjob_job_apply(job, event, now_ms, policy, next);
}

static tjob_transition_result first_rule(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                         const tjob_policy *policy, tjob_job *next)
{
    return keep(job->state == TJOB_TRAINED, job, event, now_ms, policy, next);
}

static tjob_transition_result second_rule(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                          const tjob_policy *policy, tjob_job *next)
{
    const bool trained = job->state == TJOB_TRAINED || job->state == TJOB_TRAINED_WITH_WARNING;
    return keep(trained, job, event, now_ms, policy, next);
}

/* ---- The invariant, checked at every change of the record ------------------------------------------------------ */

static bool no_model_is_deleted(const tjob_job *before, const tjob_event *event, const tjob_job *after)
{
    (void)event;
    const bool completed = before->ended_ms != 0 && before->state != TJOB_STOPPED && before->state != TJOB_IN_ERROR;
    return !(completed && before->state != TJOB_DELETING && after->state == TJOB_DELETING);
}

static const tjob_model_invariant kept = {"kept", "what was trained is never deleted", no_model_is_deleted};

/* ---- The exploration ------------------------------------------------------------------------------------------- */

static void print(void *context, const char *text, size_t bytes)
{
    (void)context;
    fwrite(text, 1, bytes, stdout);
}

static void check(const char *title, const tjob_lifecycle_config *config)
{
    const size_t bytes = (size_t)tjob_lifecycle_model_bytes(config);
    void *room = aligned_alloc(64, bytes);
    void *memory = NULL;
    const tjob_model *model =
        room != NULL ? tjob_lifecycle_model_of(tjob_lifecycle_model_init(config, room, bytes)) : NULL;
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
    tjob_lifecycle_config config = {
        .clients = 1, .trainers = 1, .faults = 1, .invariants = &kept, .invariant_count = 1};
    config.policy.transition = first_rule;
    check("the first rule", &config);
    config.policy.transition = second_rule;
    check("the second rule", &config);
    return EXIT_SUCCESS;
}
