#include "support/explored.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "support/suite.h"

/* ---- Exploring ------------------------------------------------------------------------------------------------- */

struct thread {
    pthread_t handle;
    tjob_explorer *explorer;
    uint32_t number;
    tjob_exploration end;
};

static void give_way(void)
{
    sched_yield();
}

static void *work(void *argument)
{
    struct thread *thread = argument;
    thread->end = tjob_explorer_run(thread->explorer, thread->number);
    return NULL;
}

struct explored explore(const tjob_model *model, uint32_t threads, uint64_t states)
{
    struct explored explored = {.explorer = NULL};
    struct thread team[TJOB_EXPLORER_THREADS_MAX];
    const size_t bytes = (size_t)tjob_explorer_bytes(model, threads, states);
    explored.memory = aligned_alloc(64, bytes);
    EXPECT(explored.memory != NULL);
    explored.explorer = tjob_explorer_init(model, explored.memory, bytes, threads, give_way);
    EXPECT(explored.explorer != NULL);
    for (uint32_t i = 0; i < threads; i++) {
        team[i] = (struct thread){.explorer = explored.explorer, .number = i};
        EXPECT(i == 0 || pthread_create(&team[i].handle, NULL, work, &team[i]) == 0);
    }
    work(&team[0]);
    for (uint32_t i = 1; i < threads; i++) {
        pthread_join(team[i].handle, NULL);
        EXPECT(team[i].end == team[0].end);
    }
    explored.end = tjob_explorer_end(explored.explorer);
    EXPECT(explored.end == team[0].end && explored.end != TJOB_EXPLORATION_RUNNING);
    tjob_explorer_counts(explored.explorer, &explored.counts);
    return explored;
}

void explored_free(struct explored *explored)
{
    free(explored->memory);
    explored->memory = NULL;
}

/* ---- Traces ---------------------------------------------------------------------------------------------------- */

static void take_step(void *context, const tjob_trace_step *step)
{
    struct taken_trace *trace = context;
    EXPECT(trace->count < TRACE_STEPS_MAX);
    struct taken_step *taken = &trace->steps[trace->count++];
    memcpy(taken->before, step->before, trace->state_bytes);
    memcpy(taken->after, step->after, trace->state_bytes);
    taken->label = step->label;
    taken->repeats = step->repeats;
}

struct taken_trace *take_trace(const struct explored *explored, const tjob_model *model, uint32_t property)
{
    struct taken_trace *trace = calloc(1, sizeof *trace);
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

/* Room for what comes after one state. */
struct room {
    _Alignas(8) unsigned char states[(TJOB_EXPLORER_SUCCESSORS_MAX + 1) * (TJOB_EXPLORER_STATE_BYTES_MAX + 1)];
    tjob_step steps[TJOB_EXPLORER_SUCCESSORS_MAX];
    tjob_successors successors;
};

static void make_room(const tjob_model *model, struct room *room)
{
    room->successors = (tjob_successors){.states = room->states,
                                         .steps = room->steps,
                                         .state_bytes = model->state_bytes,
                                         .limit = TJOB_EXPLORER_SUCCESSORS_MAX};
}

static bool has(const struct room *room, const unsigned char *state, const uint64_t *label)
{
    const uint32_t bytes = room->successors.state_bytes;
    bool found = false;
    for (uint32_t i = 0; i < room->successors.count; i++) {
        found = found || (memcmp(room->states + (size_t)i * ((bytes + 8) / 8 * 8), state, bytes) == 0 &&
                          (label == NULL || room->steps[i].label == *label));
    }
    return found;
}

bool trace_is_real(const tjob_model *model, const struct taken_trace *trace)
{
    struct room room;
    make_room(model, &room);
    model->begin(model->context, &room.successors);
    bool real = has(&room, trace->steps[0].before, NULL);
    for (uint32_t i = 0; i < trace->count; i++) {
        _Alignas(8) unsigned char before[TJOB_EXPLORER_STATE_BYTES_MAX + 1];
        memcpy(before, trace->steps[i].before, TJOB_EXPLORER_STATE_BYTES_MAX);
        real = real && (i == 0 || memcmp(before, trace->steps[i - 1].after, trace->state_bytes) == 0);
        make_room(model, &room);
        model->next(model->context, before, &room.successors);
        real = real && has(&room, trace->steps[i].after, &trace->steps[i].label);
    }
    return real;
}
