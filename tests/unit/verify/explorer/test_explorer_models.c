/* Models that everybody knows, with known answers: puzzles, mutual exclusion, philosophers, two-phase commit. */
#include <stdlib.h>
#include <string.h>

#include "support/explored.h"
#include "support/suite.h"

enum { THREADS = 4, STATES = 20000 };

static unsigned char *add(tjob_successors *successors, const unsigned char *state, uint64_t label, bool progress)
{
    const tjob_step step = {.label = label, .progress = progress};
    unsigned char *after = tjob_successors_add(successors, &step);
    memcpy(after, state, successors->state_bytes);
    return after;
}

static void begin_with_zeros(void *context, tjob_successors *initial)
{
    static const unsigned char zeros[TJOB_EXPLORER_STATE_BYTES_MAX];
    (void)context;
    add(initial, zeros, 0, false);
}

/* ---- A farmer, a wolf, a goat and a cabbage cross a river: seven crossings, by ten safe arrangements ----------- */

enum { FARMER, WOLF, GOAT, CABBAGE };

static bool is_eaten(const unsigned char *sides)
{
    return sides[GOAT] != sides[FARMER] && (sides[GOAT] == sides[WOLF] || sides[GOAT] == sides[CABBAGE]);
}

static void cross(void *context, const unsigned char *sides, tjob_successors *successors)
{
    (void)context;
    for (unsigned passenger = FARMER; passenger <= CABBAGE; passenger++) {
        unsigned char after[4];
        memcpy(after, sides, 4);
        after[FARMER] ^= 1;
        after[passenger] = after[FARMER];
        if (sides[passenger] == sides[FARMER] && !is_eaten(after)) {
            add(successors, after, passenger, true);
        }
    }
}

static tjob_observation look_across(void *context, const unsigned char *sides)
{
    (void)context;
    return (tjob_observation){.exercised = sides[0] + sides[1] + sides[2] + sides[3] == 4 ? 1 : 0};
}

static const tjob_property sometimes = {TJOB_PROPERTY_SOMETIMES, true, "goal", "it can be done"};
static const tjob_model river = {.state_bytes = 4,
                                 .property_count = 1,
                                 .properties = &sometimes,
                                 .begin = begin_with_zeros,
                                 .next = cross,
                                 .observe = look_across};

/* ---- A model that leaves alone what is 0 in its states ---------------------------------------------------------- */

enum { LAZY_STATES = 40, LAZY_BYTES = 20 };

/* The states are in a row; of every second one all bytes are set, of the others none but the first. */
static void go_lazily(void *context, const unsigned char *state, tjob_successors *successors)
{
    static const tjob_step step = {.label = 0};
    (void)context;
    for (unsigned i = 0; i < LAZY_STATES; i++) {
        if (i == state[0] + 1U || i == state[0] + 2U) {
            unsigned char *after = tjob_successors_add(successors, &step);
            after[0] = (unsigned char)i;
            if (i % 2 == 1) {
                memset(after + 1, (int)i, LAZY_BYTES - 1);
            }
        }
    }
}

static void begin_lazily(void *context, tjob_successors *initial)
{
    (void)context;
    (void)tjob_successors_add(initial, &(tjob_step){.label = 0});
}

static const tjob_model lazy = {
    .state_bytes = LAZY_BYTES, .property_count = 1, .properties = &sometimes, .begin = begin_lazily, .next = go_lazily};

START_TEST(what_a_model_does_not_write_of_a_state_is_0)
{
    struct explored explored = explore(&lazy, (uint32_t)_i + 1, STATES);
    ck_assert_uint_eq(explored.counts.states, LAZY_STATES);
    explored_free(&explored);
}
END_TEST

/* ---- Jugs of three and of five litres: four litres in six steps ------------------------------------------------ */

static const unsigned char jug_litres[2] = {3, 5};

static void pour(void *context, const unsigned char *litres, tjob_successors *successors)
{
    (void)context;
    for (unsigned jug = 0; jug < 2; jug++) {
        const unsigned other = 1 - jug;
        const unsigned room = (unsigned)jug_litres[other] - litres[other];
        const unsigned poured = litres[jug] < room ? litres[jug] : room;
        add(successors, litres, jug, true)[jug] = jug_litres[jug];
        add(successors, litres, 2 + jug, true)[jug] = 0;
        unsigned char *after = add(successors, litres, 4 + jug, true);
        after[jug] = (unsigned char)(litres[jug] - poured);
        after[other] = (unsigned char)(litres[other] + poured);
    }
}

static tjob_observation measure(void *context, const unsigned char *litres)
{
    (void)context;
    return (tjob_observation){.exercised = litres[1] == 4 ? 1 : 0};
}

static const tjob_model jugs = {.state_bytes = 2,
                                .property_count = 1,
                                .properties = &sometimes,
                                .begin = begin_with_zeros,
                                .next = pour,
                                .observe = measure};

/* ---- Mutual exclusion by Peterson, and without the turn -------------------------------------------------------- */

enum { IDLE, FLAGGED, WAITING, CRITICAL };

struct mutex {
    bool broken; /* looks at the other's flag before it sets its own */
};

/* Bytes 0 and 1 are where each process is, byte 2 is the turn; a flag is set from FLAGGED on. */
static void contend(void *context, const unsigned char *state, tjob_successors *successors)
{
    const struct mutex *mutex = context;
    for (unsigned me = 0; me < 2; me++) {
        const unsigned char other = state[1 - me];
        const unsigned char here = state[me];
        const bool free = other == IDLE || (!mutex->broken && other != FLAGGED && state[2] == me);
        const bool may_go = mutex->broken ? here != IDLE || other != CRITICAL : here != WAITING || free;
        if (may_go) {
            unsigned char *after = add(successors, state, me, here == CRITICAL);
            after[me] = (unsigned char)((here + 1) % 4);
            after[2] = here == FLAGGED ? (unsigned char)(1 - me) : state[2];
        } else {
            add(successors, state, 2 + me, false);
        }
    }
}

static tjob_observation look_inside(void *context, const unsigned char *state)
{
    (void)context;
    const bool inside = state[0] == CRITICAL || state[1] == CRITICAL;
    const bool both = state[0] == CRITICAL && state[1] == CRITICAL;
    return (tjob_observation){.exercised = inside ? 3 : 0, .violated = both ? 1 : 0};
}

static const tjob_property mutex_properties[] = {
    {TJOB_PROPERTY_ALWAYS, true, "exclusion", "at most one is in the critical section"},
    {TJOB_PROPERTY_ALWAYS_REACHABLE, true, "entry", "the critical section stays within reach"},
};

static tjob_model mutex_model(struct mutex *mutex)
{
    return (tjob_model){.context = mutex,
                        .state_bytes = 3,
                        .property_count = 2,
                        .properties = mutex_properties,
                        .begin = begin_with_zeros,
                        .next = contend,
                        .observe = look_inside};
}

/* ---- Two philosophers; the goal is a meal ---------------------------------------------------------------------- */

struct table {
    bool polite; /* the second takes the forks in the order of the first */
};

/* Bytes 0 and 1: who has each fork, from 1. A philosopher with both puts them down again. */
static void dine(void *context, const unsigned char *forks, tjob_successors *successors)
{
    const struct table *table = context;
    for (unsigned me = 0; me < 2; me++) {
        const unsigned first = table->polite ? 0 : me;
        const unsigned wanted = forks[first] == me + 1 ? 1 - first : first;
        if (forks[0] == me + 1 && forks[1] == me + 1) {
            memset(add(successors, forks, me, true), 0, 2);
        } else if (forks[wanted] == 0) {
            add(successors, forks, 2 + me, false)[wanted] = (unsigned char)(me + 1);
        }
    }
}

static tjob_observation look_at_table(void *context, const unsigned char *forks)
{
    (void)context;
    return (tjob_observation){.exercised = forks[0] != 0 && forks[0] == forks[1] ? 1 : 0};
}

static const tjob_property meal[] = {{TJOB_PROPERTY_ALWAYS_REACHABLE, true, "meal", "somebody can still eat"},
                                     {TJOB_PROPERTY_NO_LIVELOCK, true, "progress", "every cycle passes a meal"}};

static tjob_model table_model(struct table *table)
{
    return (tjob_model){.context = table,
                        .state_bytes = 2,
                        .property_count = 2,
                        .properties = meal,
                        .begin = begin_with_zeros,
                        .next = dine,
                        .observe = look_at_table};
}

/* ---- Two who meet in a corridor, and step aside for each other ------------------------------------------------- */

/* Byte 0: how far they are; bytes 1 and 2: on which side each walks. At distance 2 they must not be on the same side.
 */
static void walk(void *context, const unsigned char *state, tjob_successors *successors)
{
    (void)context;
    if (state[0] < 2 || (state[0] == 2 && state[1] != state[2])) {
        add(successors, state, 0, true)[0]++;
    } else if (state[0] == 2) {
        unsigned char *after = add(successors, state, 1, false);
        after[1] ^= 1;
        after[2] ^= 1;
        add(successors, state, 2, true)[1] ^= 1;
    }
}

static const tjob_property no_livelock = {TJOB_PROPERTY_NO_LIVELOCK, true, "progress", "they pass each other"};
static const tjob_model corridor = {
    .state_bytes = 3, .property_count = 1, .properties = &no_livelock, .begin = begin_with_zeros, .next = walk};

/* ---- A token that goes around ---------------------------------------------------------------------------------- */

static void begin_ring(void *context, tjob_successors *initial)
{
    (void)context;
    add(initial, (const unsigned char[5]){1, 0, 0, 0, 0}, 0, false);
}

static void pass_on(void *context, const unsigned char *ring, tjob_successors *successors)
{
    (void)context;
    for (unsigned i = 0; i < 5; i++) {
        if (ring[i] == 1) {
            unsigned char *after = add(successors, ring, i, i == 0);
            after[i] = 0;
            after[(i + 1) % 5] = 1;
        }
    }
}

static tjob_observation count_tokens(void *context, const unsigned char *ring)
{
    (void)context;
    return (tjob_observation){.exercised = 1, .violated = ring[0] + ring[1] + ring[2] + ring[3] + ring[4] != 1 ? 1 : 0};
}

static const tjob_property ring_properties[] = {{TJOB_PROPERTY_ALWAYS, true, "token", "there is one token"},
                                                {TJOB_PROPERTY_NO_LIVELOCK, true, "progress", "it comes around"}};
static const tjob_model ring = {.state_bytes = 5,
                                .property_count = 2,
                                .properties = ring_properties,
                                .begin = begin_ring,
                                .next = pass_on,
                                .observe = count_tokens};

/* ---- Two-phase commit: as SPIN and Stateright count it --------------------------------------------------------- */

struct commit {
    uint32_t resources;
};

/* Byte 0: the transaction manager waits (0), has committed (1) or aborted (2). Then three bytes for each resource
 * manager: it works (0), has prepared (1), committed (2) or aborted (3); whether it has said that it has prepared; and
 * whether that was heard. */
static void commit_or_abort(void *context, const unsigned char *state, tjob_successors *successors)
{
    const struct commit *commit = context;
    uint32_t heard = 0;
    for (uint32_t at = 1; at < 1 + 3 * commit->resources; at += 3) {
        heard += state[at + 2];
        if (state[at] == 0) {
            unsigned char *after = add(successors, state, at, true);
            after[at] = after[at + 1] = 1;
            add(successors, state, at, true)[at] = 3;
        }
        if (state[0] == 0 && state[at + 1] != state[at + 2]) {
            add(successors, state, at, true)[at + 2] = 1;
        }
        if (state[0] != 0 && state[at] != state[0] + 1) {
            add(successors, state, at, true)[at] = (unsigned char)(state[0] + 1);
        }
    }
    if (state[0] == 0 && heard == commit->resources) {
        add(successors, state, 0, true)[0] = 1;
    }
    if (state[0] == 0) {
        add(successors, state, 0, true)[0] = 2;
    }
}

/* Sorts the resource managers by their first bytes; those that are equal stay in order. */
static void sort_resources(const struct commit *commit, unsigned char *state, size_t bytes)
{
    for (uint32_t i = 1; i < commit->resources; i++) {
        for (uint32_t at = 1 + 3 * i; at > 1 && memcmp(state + at - 3, state + at, bytes) > 0; at -= 3) {
            unsigned char kept[3];
            memcpy(kept, state + at, 3);
            memcpy(state + at, state + at - 3, 3);
            memcpy(state + at - 3, kept, 3);
        }
    }
}

static void sort_by_all_bytes(void *context, unsigned char *state)
{
    sort_resources(context, state, 3);
}

static void sort_by_state(void *context, unsigned char *state)
{
    sort_resources(context, state, 1);
}

START_TEST(two_phase_commit_has_as_many_states_as_others_count)
{
    static const struct {
        uint32_t resources;
        void (*canonicalize)(void *context, unsigned char *state);
        uint64_t states;
    } cases[] = {{3, NULL, 288}, {5, NULL, 8832}, {5, sort_by_all_bytes, 314}, {5, sort_by_state, 1092}};
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct commit commit = {.resources = cases[i].resources};
        const tjob_model model = {.context = &commit,
                                  .state_bytes = 1 + 3 * commit.resources,
                                  .begin = begin_with_zeros,
                                  .next = commit_or_abort,
                                  .canonicalize = cases[i].canonicalize};
        struct explored explored = explore(&model, (uint32_t)_i + 1, STATES);
        ck_assert_int_eq(explored.end, TJOB_EXPLORATION_COMPLETE);
        ck_assert_uint_eq(explored.counts.states, cases[i].states);
        explored_free(&explored);
    }
}
END_TEST

/* ---- What is known of them ------------------------------------------------------------------------------------- */

struct known {
    tjob_model model;
    tjob_exploration end;
    uint64_t states; /* 0: who counts them */
    tjob_verdict verdicts[2];
    uint32_t lengths[2];
};

static void expect(const struct known *known)
{
    for (uint32_t threads = 1; threads <= THREADS; threads++) {
        struct explored explored = explore(&known->model, threads, STATES);
        ck_assert_int_eq(explored.end, known->end);
        ck_assert(known->states == 0 || known->states == explored.counts.states);
        for (uint32_t property = 0; property < known->model.property_count; property++) {
            struct taken_trace *trace = take_trace(&explored, &known->model, property);
            ck_assert_int_eq(tjob_explorer_verdict(explored.explorer, property), known->verdicts[property]);
            ck_assert_uint_eq(trace != NULL ? trace->count : 0, known->lengths[property]);
            ck_assert(trace == NULL || trace_is_real(&known->model, trace));
            free(trace);
        }
        explored_free(&explored);
    }
}

START_TEST(everybody_crosses_the_river_in_seven_steps)
{
    expect(&(struct known){river, TJOB_EXPLORATION_COMPLETE, 10, {TJOB_VERDICT_HOLDS}, {7}});
}
END_TEST

START_TEST(four_litres_take_six_steps)
{
    expect(&(struct known){jugs, TJOB_EXPLORATION_COMPLETE, 16, {TJOB_VERDICT_HOLDS}, {6}});
}
END_TEST

START_TEST(what_nobody_ever_sees_does_not_happen)
{
    tjob_model blind = jugs;
    blind.observe = NULL;
    expect(&(struct known){blind, TJOB_EXPLORATION_VIOLATED, 16, {TJOB_VERDICT_VIOLATED}, {0}});
}
END_TEST

START_TEST(peterson_keeps_them_apart)
{
    struct mutex mutex = {.broken = false};
    expect(&(struct known){
        mutex_model(&mutex), TJOB_EXPLORATION_COMPLETE, 0, {TJOB_VERDICT_HOLDS, TJOB_VERDICT_HOLDS}, {0}});
}
END_TEST

/* Three steps of each: to look, to set a flag that nobody looks at any more, to enter. */
START_TEST(without_the_turn_both_get_in_by_six_steps)
{
    struct mutex mutex = {.broken = true};
    expect(&(struct known){
        mutex_model(&mutex), TJOB_EXPLORATION_VIOLATED, 0, {TJOB_VERDICT_VIOLATED, TJOB_VERDICT_UNDECIDED}, {6}});
}
END_TEST

START_TEST(philosophers_with_a_fork_each_starve)
{
    struct table table = {.polite = false};
    expect(&(struct known){
        table_model(&table), TJOB_EXPLORATION_VIOLATED, 6, {TJOB_VERDICT_VIOLATED, TJOB_VERDICT_HOLDS}, {2}});
    table.polite = true;
    expect(&(struct known){
        table_model(&table), TJOB_EXPLORATION_COMPLETE, 5, {TJOB_VERDICT_HOLDS, TJOB_VERDICT_HOLDS}, {0}});
}
END_TEST

/* Two steps towards each other, and two aside, which repeat. */
START_TEST(who_always_steps_aside_never_passes)
{
    expect(&(struct known){corridor, TJOB_EXPLORATION_VIOLATED, 0, {TJOB_VERDICT_VIOLATED}, {4}});
    struct explored explored = explore(&corridor, 1, STATES);
    struct taken_trace *trace = take_trace(&explored, &corridor, 0);
    ck_assert_uint_eq(trace->count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        ck_assert(trace->steps[i].repeats == (i >= 2));
        ck_assert_uint_eq(trace->steps[i].label, i >= 2 ? 1 : 0);
    }
    free(trace);
    explored_free(&explored);
}
END_TEST

START_TEST(a_token_stays_one)
{
    expect(&(struct known){ring, TJOB_EXPLORATION_COMPLETE, 5, {TJOB_VERDICT_HOLDS, TJOB_VERDICT_HOLDS}, {0}});
}
END_TEST

RUN_TESTS("explorer_models", {everybody_crosses_the_river_in_seven_steps, 0}, {four_litres_take_six_steps, 0},
          {what_a_model_does_not_write_of_a_state_is_0, THREADS}, {what_nobody_ever_sees_does_not_happen, 0},
          {peterson_keeps_them_apart, 0}, {without_the_turn_both_get_in_by_six_steps, 0},
          {philosophers_with_a_fork_each_starve, 0}, {who_always_steps_aside_never_passes, 0}, {a_token_stays_one, 0},
          {two_phase_commit_has_as_many_states_as_others_count, THREADS})
