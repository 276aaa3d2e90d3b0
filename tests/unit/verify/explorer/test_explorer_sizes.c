/*
 * States of every size, and many successors: a wheel, whose hub leads to every spoke, and whose spokes lead back. What
 * is known of it does not depend on the size of a state, on how often a batch is flushed, or on the number of threads.
 */
#include <stdlib.h>
#include <string.h>

#include "examples/explore.h"
#include "support/explored.h"
#include "support/suite.h"

enum { THREADS = 4 };

/* ---- The wheel ------------------------------------------------------------------------------------------------- */

enum { ALWAYS, SOMETIMES, REACHABLE, LIVELOCK, PROPERTIES };

static const tjob_property properties[PROPERTIES] = {
    [ALWAYS] = {TJOB_PROPERTY_ALWAYS, true, "always", "no spoke is bad"},
    [SOMETIMES] = {TJOB_PROPERTY_SOMETIMES, true, "sometimes", "a spoke is good"},
    [REACHABLE] = {TJOB_PROPERTY_ALWAYS_REACHABLE, true, "reachable", "the good spoke stays within reach"},
    [LIVELOCK] = {TJOB_PROPERTY_NO_LIVELOCK, true, "livelock", "there is progress"},
};

/* The state before the wheel is BEGIN, the hub is 0, and spokes are numbered from 1; a spoke of 0 is none. */
#define BEGIN UINT32_MAX

struct wheel {
    tjob_model model;
    uint32_t spokes;
    uint32_t bad;   /* a spoke that violates ALWAYS */
    uint32_t good;  /* the goal */
    uint32_t dead;  /* a spoke that does not lead back */
    uint32_t quiet; /* a spoke to which and from which steps make no progress */
    uint32_t calls; /* of each function */
    uint32_t fails_at;
    uint32_t cancels_at;
    tjob_explorer *explorer; /* to be cancelled */
};

/* A number stands at the beginning, in the middle and at the end of a state; all other bytes are set, too. */
static void write_state(unsigned char *state, uint32_t bytes, uint32_t number)
{
    memset(state, 0xa5, bytes);
    memcpy(state, &number, sizeof number);
    memcpy(state + bytes / 2, &number, sizeof number);
    memcpy(state + bytes - sizeof number, &number, sizeof number);
}

static uint32_t number_of(const struct wheel *wheel, const unsigned char *state)
{
    uint32_t numbers[3];
    memcpy(&numbers[0], state, sizeof numbers[0]);
    memcpy(&numbers[1], state + wheel->model.state_bytes / 2, sizeof numbers[1]);
    memcpy(&numbers[2], state + wheel->model.state_bytes - sizeof numbers[2], sizeof numbers[2]);
    EXPECT(numbers[0] == numbers[1] && numbers[0] == numbers[2]);
    EXPECT((uintptr_t)state % 8 == 0);
    return numbers[0];
}

static void call(struct wheel *wheel, tjob_successors *successors)
{
    const uint32_t calls = __atomic_add_fetch(&wheel->calls, 1, __ATOMIC_RELAXED);
    if (calls == wheel->fails_at && successors != NULL) {
        tjob_successors_fail(successors);
    }
    if (calls == wheel->cancels_at) {
        tjob_explorer_cancel(wheel->explorer);
    }
}

static void go(tjob_successors *successors, uint32_t to, uint64_t label, bool progress)
{
    const tjob_step step = {.label = label, .progress = progress};
    write_state(tjob_successors_add(successors, &step), successors->state_bytes, to);
}

static void begin(void *context, tjob_successors *initial)
{
    call(context, initial);
    go(initial, BEGIN, 0, true);
}

/* A step's label is the number to which it leads. */
static void next(void *context, const unsigned char *state, tjob_successors *successors)
{
    struct wheel *wheel = context;
    const uint32_t number = number_of(wheel, state);
    call(wheel, successors);
    if (number == BEGIN) {
        go(successors, 0, 0, true);
    } else if (number != 0 && number != wheel->dead) {
        go(successors, 0, 0, number != wheel->quiet);
    }
    for (uint32_t spoke = 1; number == 0 && spoke <= wheel->spokes; spoke++) {
        go(successors, spoke, spoke, spoke != wheel->quiet);
    }
    EXPECT(number_of(wheel, state) == number);
}

static tjob_observation observe(void *context, const unsigned char *state)
{
    struct wheel *wheel = context;
    const uint32_t number = number_of(wheel, state);
    call(wheel, NULL);
    const bool spoke = number != 0 && number != BEGIN;
    return (tjob_observation){
        .exercised = 1u << ALWAYS | (spoke && number == wheel->good ? 1u << SOMETIMES | 1u << REACHABLE : 0),
        .violated = spoke && number == wheel->bad ? 1u << ALWAYS : 0,
    };
}

/* Two spokes that follow upon each other are one. */
static void pair_up(void *context, unsigned char *state)
{
    struct wheel *wheel = context;
    const uint32_t number = number_of(wheel, state);
    call(wheel, NULL);
    write_state(state, wheel->model.state_bytes, number == BEGIN ? number : number + number % 2);
}

static void make_wheel(struct wheel *wheel, uint32_t state_bytes, uint32_t spokes)
{
    *wheel = (struct wheel){.spokes = spokes, .good = spokes};
    wheel->model = (tjob_model){.context = wheel,
                                .state_bytes = state_bytes,
                                .property_count = PROPERTIES,
                                .properties = properties,
                                .begin = begin,
                                .next = next,
                                .observe = observe};
}

/* ---- What is known of it --------------------------------------------------------------------------------------- */

static const struct size {
    uint32_t state_bytes;
    uint32_t spokes;
} sizes[] = {{15, 3000}, {64, 1000}, {1024, 200}, {4095, 60}, {TJOB_EXPLORER_STATE_BYTES_MAX, 60}};

enum { SIZES = sizeof sizes / sizeof sizes[0] };

/* A trace leads from BEGIN over the hub to a spoke or, if it goes on, back to the hub. */
static void expect_trace(const struct explored *explored, const struct wheel *wheel, uint32_t property, uint32_t spoke,
                         uint32_t length)
{
    struct taken_trace *trace = take_trace(explored, &wheel->model, property);
    ck_assert_uint_eq(trace != NULL ? trace->count : 0, length);
    for (uint32_t i = 0; i < length; i++) {
        ck_assert_uint_eq(number_of(wheel, trace->steps[i].after), i == 1 ? spoke : 0);
        ck_assert_uint_eq(trace->steps[i].label, i == 1 ? spoke : 0);
    }
    ck_assert(trace == NULL || trace_is_real(&wheel->model, trace));
    free(trace);
}

static void expect_counts(const struct explored *explored, uint64_t states, uint64_t transitions)
{
    ck_assert_uint_eq(explored->counts.states, states);
    ck_assert_uint_eq(explored->counts.transitions, transitions);
    ck_assert_uint_eq(explored->counts.depth, 2);
    ck_assert_uint_eq(explored->counts.waiting, 0);
}

START_TEST(a_wheel_turns)
{
    const uint32_t threads = (uint32_t)_i % THREADS + 1;
    const struct size size = sizes[_i / THREADS];
    struct wheel wheel;
    make_wheel(&wheel, size.state_bytes, size.spokes);
    struct explored explored = explore(&wheel.model, threads, size.spokes + 2);
    ck_assert_int_eq(explored.end, TJOB_EXPLORATION_COMPLETE);
    expect_counts(&explored, size.spokes + 2, 2 * (uint64_t)size.spokes + 1);
    ck_assert_uint_eq(explored.counts.live, size.spokes + 2);
    for (uint32_t property = 0; property < PROPERTIES; property++) {
        ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, property), TJOB_VERDICT_HOLDS);
    }
    ck_assert_uint_eq(tjob_explorer_exercised(explored.explorer, ALWAYS), size.spokes + 2);
    expect_trace(&explored, &wheel, SOMETIMES, size.spokes, 2);
    explored_free(&explored);
}
END_TEST

/* Whichever spoke it is: the first one, one in the midst, the last one. */
START_TEST(each_spoke_can_be_the_bad_one)
{
    const uint32_t threads = (uint32_t)_i % THREADS + 1;
    const struct size size = sizes[_i / THREADS];
    const uint32_t spokes[] = {1, 2, size.spokes / 2, size.spokes - 1, size.spokes};
    for (uint32_t i = 0; i < sizeof spokes / sizeof spokes[0]; i++) {
        struct wheel wheel;
        make_wheel(&wheel, size.state_bytes, size.spokes);
        wheel.bad = spokes[i];
        struct explored explored = explore(&wheel.model, threads, size.spokes + 2);
        ck_assert_int_eq(explored.end, TJOB_EXPLORATION_VIOLATED);
        ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, ALWAYS), TJOB_VERDICT_VIOLATED);
        expect_trace(&explored, &wheel, ALWAYS, spokes[i], 2);
        explored_free(&explored);

        /* Of the spoke that does not lead back, and of the one to which nothing makes progress. */
        make_wheel(&wheel, size.state_bytes, size.spokes);
        wheel.good = spokes[i] % size.spokes + 1;
        wheel.dead = spokes[i];
        explored = explore(&wheel.model, threads, size.spokes + 2);
        ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, REACHABLE), TJOB_VERDICT_VIOLATED);
        ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, LIVELOCK), TJOB_VERDICT_HOLDS);
        ck_assert_uint_eq(explored.counts.live, size.spokes + 1);
        expect_trace(&explored, &wheel, REACHABLE, spokes[i], 2);
        explored_free(&explored);

        make_wheel(&wheel, size.state_bytes, size.spokes);
        wheel.quiet = spokes[i];
        explored = explore(&wheel.model, threads, size.spokes + 2);
        ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, REACHABLE), TJOB_VERDICT_HOLDS);
        ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, LIVELOCK), TJOB_VERDICT_VIOLATED);
        ck_assert_uint_eq(explored.counts.live, size.spokes);
        expect_trace(&explored, &wheel, LIVELOCK, spokes[i], 3);
        explored_free(&explored);
    }
}
END_TEST

/* The same with one state for each two spokes; a trace consists of the states themselves. */
START_TEST(symmetry_halves_the_spokes)
{
    const uint32_t threads = (uint32_t)_i % THREADS + 1;
    const struct size size = sizes[_i / THREADS];
    struct wheel wheel;
    make_wheel(&wheel, size.state_bytes, size.spokes);
    wheel.model.canonicalize = pair_up;
    struct explored explored = explore(&wheel.model, threads, size.spokes / 2 + 2);
    ck_assert_int_eq(explored.end, TJOB_EXPLORATION_COMPLETE);
    expect_counts(&explored, size.spokes / 2 + 2, size.spokes + size.spokes / 2 + 1);
    expect_trace(&explored, &wheel, SOMETIMES, size.spokes - 1, 2);
    explored_free(&explored);
}
END_TEST

struct visited {
    const struct wheel *wheel;
    uint64_t states;
    uint64_t steps;
};

static void visit_state(void *context, const unsigned char *state)
{
    struct visited *visited = context;
    (void)number_of(visited->wheel, state);
    visited->states++;
}

static void visit_step(void *context, const unsigned char *before, const tjob_step *step, const unsigned char *after)
{
    struct visited *visited = context;
    const uint32_t from = number_of(visited->wheel, before);
    EXPECT(number_of(visited->wheel, after) == (from == 0 ? step->label : 0));
    visited->steps++;
}

START_TEST(every_state_and_every_step_can_be_visited)
{
    struct wheel wheel;
    make_wheel(&wheel, sizes[_i].state_bytes, sizes[_i].spokes);
    struct explored explored = explore(&wheel.model, 2, sizes[_i].spokes + 2);
    struct visited visited = {.wheel = &wheel};
    tjob_explorer_states(explored.explorer, visit_state, &visited);
    tjob_explorer_steps(explored.explorer, visit_step, &visited);
    ck_assert_uint_eq(visited.states, explored.counts.states);
    ck_assert_uint_eq(visited.steps, explored.counts.transitions);
    explored_free(&explored);
}
END_TEST

/* ---- Searches that do not come to their end ---------------------------------------------------------------------- */

START_TEST(too_little_memory_is_reported_and_violations_are_still_seen)
{
    const uint32_t threads = (uint32_t)_i % THREADS + 1;
    const struct size size = sizes[_i / THREADS];
    for (uint64_t states = 1; states < size.spokes / 2; states = 3 * states + 1) {
        struct wheel wheel;
        make_wheel(&wheel, size.state_bytes, size.spokes);
        struct explored explored = explore(&wheel.model, threads, states);
        ck_assert_int_eq(explored.end, TJOB_EXPLORATION_OUT_OF_MEMORY);
        ck_assert_uint_eq(explored.counts.states, explored.counts.capacity);
        ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, ALWAYS), TJOB_VERDICT_UNDECIDED);
        const bool hub_is_explored = explored.counts.capacity > 1;
        explored_free(&explored);
        wheel.bad = size.spokes;
        explored = explore(&wheel.model, threads, states);
        ck_assert_int_eq(explored.end, hub_is_explored ? TJOB_EXPLORATION_VIOLATED : TJOB_EXPLORATION_OUT_OF_MEMORY);
        expect_trace(&explored, &wheel, ALWAYS, size.spokes, hub_is_explored ? 2 : 0);
        explored_free(&explored);
    }
}
END_TEST

enum { FEW = 40 };

/* Of a model whose functions are called a few hundred times, also in the midst of a state: by the search, and by the
 * liveness pass. */
START_TEST(a_search_ends_at_whichever_call_it_is_cancelled)
{
    const uint32_t state_bytes = sizes[_i].state_bytes;
    struct wheel wheel;
    make_wheel(&wheel, state_bytes, FEW);
    wheel.model.canonicalize = pair_up;
    struct explored explored = explore(&wheel.model, 1, FEW);
    const uint32_t calls = wheel.calls;
    ck_assert_int_eq(explored.end, TJOB_EXPLORATION_COMPLETE);
    for (uint32_t n = 1; n <= calls; n++) {
        make_wheel(&wheel, state_bytes, FEW);
        wheel.model.canonicalize = pair_up;
        wheel.cancels_at = n;
        wheel.explorer = tjob_explorer_init(&wheel.model, explored.memory,
                                            (size_t)tjob_explorer_bytes(&wheel.model, 1, FEW), 1, NULL);
        ck_assert_ptr_nonnull(wheel.explorer);
        ck_assert_int_eq(tjob_explorer_run(wheel.explorer, 0), TJOB_EXPLORATION_CANCELLED);
        ck_assert_int_eq(tjob_explorer_verdict(wheel.explorer, REACHABLE), TJOB_VERDICT_UNDECIDED);
    }
    explored_free(&explored);
}
END_TEST

START_TEST(a_search_fails_at_whichever_call_the_model_fails)
{
    uint32_t failures = 0;
    for (uint32_t n = 1, calls = n; n <= calls; n++) {
        struct wheel wheel;
        make_wheel(&wheel, sizes[_i].state_bytes, FEW);
        wheel.fails_at = n;
        struct explored explored = explore(&wheel.model, (uint32_t)_i % 3 + 1, FEW + 2);
        const bool failed = explored.end == TJOB_EXPLORATION_MODEL_FAILED;
        ck_assert(failed || explored.end == TJOB_EXPLORATION_COMPLETE); /* observe cannot fail */
        ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, REACHABLE),
                         failed ? TJOB_VERDICT_UNDECIDED : TJOB_VERDICT_HOLDS);
        failures += failed;
        calls = failed ? n + 1 : wheel.calls;
        explored_free(&explored);
    }
    const uint32_t in_search = 1 + FEW + 2; /* begin, and next once for each state */
    ck_assert_uint_gt(failures, in_search); /* and in the liveness pass */
}
END_TEST

/* What a model has added before or after it fails counts, whoever explores the other states of the depth. */
START_TEST(a_violation_is_found_beside_a_failure)
{
    const uint32_t threads = (uint32_t)_i % THREADS + 1;
    const struct size size = sizes[_i / THREADS];
    struct wheel wheel;
    make_wheel(&wheel, size.state_bytes, size.spokes);
    wheel.bad = size.spokes;
    wheel.fails_at = 5; /* begin and observe, next and observe; then next, of the hub */
    struct explored explored = explore(&wheel.model, threads, size.spokes + 2);
    ck_assert_int_eq(explored.end, TJOB_EXPLORATION_VIOLATED);
    ck_assert_uint_gt(wheel.calls, 5);
    expect_trace(&explored, &wheel, ALWAYS, size.spokes, 2);
    explored_free(&explored);
}
END_TEST

/* ---- The helper for programs that may allocate ------------------------------------------------------------------- */

START_TEST(memory_is_taken_until_it_is_enough)
{
    const uint32_t threads = (uint32_t)_i + 1;
    struct wheel wheel;
    tjob_exploration_counts counts;
    void *memory;
    make_wheel(&wheel, 64, 10000);
    tjob_explorer *explorer = explore_model(&wheel.model, threads, SIZE_MAX, &memory);
    ck_assert_ptr_nonnull(explorer);
    ck_assert_int_eq(tjob_explorer_end(explorer), TJOB_EXPLORATION_COMPLETE);
    tjob_explorer_counts(explorer, &counts);
    ck_assert_uint_eq(counts.states, 10002);
    ck_assert_uint_lt(counts.capacity, EXPLORE_GROWTH * 10002);
    free(memory);
    /* No more than that. */
    const size_t most = (size_t)tjob_explorer_bytes(&wheel.model, threads, 9000);
    explorer = explore_model(&wheel.model, threads, most + 1, &memory);
    ck_assert_ptr_nonnull(explorer);
    ck_assert_int_eq(tjob_explorer_end(explorer), TJOB_EXPLORATION_OUT_OF_MEMORY);
    tjob_explorer_counts(explorer, &counts);
    ck_assert_uint_le(tjob_explorer_bytes(&wheel.model, threads, counts.capacity), most);
    ck_assert_uint_ge(counts.capacity, 9000);
    free(memory);
    /* Too little for a single state; a model that is invalid. */
    ck_assert_ptr_null(explore_model(&wheel.model, threads, 64, &memory));
    ck_assert_ptr_null(memory);
    ck_assert_ptr_null(explore_model(NULL, threads, SIZE_MAX, &memory));
    ck_assert_ptr_null(memory);
}
END_TEST

RUN_TESTS("explorer_sizes", {a_wheel_turns, SIZES *THREADS}, {each_spoke_can_be_the_bad_one, SIZES *THREADS},
          {symmetry_halves_the_spokes, SIZES *THREADS}, {every_state_and_every_step_can_be_visited, SIZES},
          {too_little_memory_is_reported_and_violations_are_still_seen, SIZES *THREADS},
          {a_search_ends_at_whichever_call_it_is_cancelled, SIZES},
          {a_search_fails_at_whichever_call_the_model_fails, SIZES},
          {a_violation_is_found_beside_a_failure, SIZES *THREADS}, {memory_is_taken_until_it_is_enough, THREADS})
