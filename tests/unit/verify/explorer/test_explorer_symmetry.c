/* Random systems of interchangeable actors: what holds is the same with one state for all that are alike and without.
 */
#include <stdlib.h>
#include <string.h>

#include "support/explored.h"
#include "support/random.h"
#include "support/suite.h"

enum { SEEDS = 300, STATES = 6000, ACTORS_MAX = 5, PLACES_MAX = 5, VALUES_MAX = 4, RULES_MAX = 12 };

enum { ALWAYS, POSSIBLE, SOMETIMES, LIVELOCK, PROPERTIES };

static const tjob_property properties[PROPERTIES] = {
    [ALWAYS] = {TJOB_PROPERTY_ALWAYS, true, "always", "no two are at the last place while the value is 0"},
    [POSSIBLE] = {TJOB_PROPERTY_ALWAYS_REACHABLE, true, "possible", "all can come together again"},
    [SOMETIMES] = {TJOB_PROPERTY_SOMETIMES, true, "sometimes", "each is where it began, but the value is not"},
    [LIVELOCK] = {TJOB_PROPERTY_NO_LIVELOCK, true, "livelock", "there is progress"},
};

/* An actor at `place`, while the shared value is `value`, may go elsewhere and change the value. All have the same
 * rules. */
struct rule {
    unsigned char place;
    unsigned char value;
    unsigned char to_place;
    unsigned char to_value;
    bool progress;
};

struct crowd {
    uint32_t actors;
    uint32_t places;
    uint32_t rule_count;
    struct rule rules[RULES_MAX];
};

static void make_crowd(struct crowd *crowd, uint64_t seed)
{
    const uint32_t values = 1 + (uint32_t)next_random(&seed) % VALUES_MAX;
    crowd->actors = 2 + (uint32_t)next_random(&seed) % (ACTORS_MAX - 1);
    crowd->places = 2 + (uint32_t)next_random(&seed) % (PLACES_MAX - 1);
    crowd->rule_count = 2 + (uint32_t)next_random(&seed) % (RULES_MAX - 1);
    for (uint32_t i = 0; i < crowd->rule_count; i++) {
        crowd->rules[i] = (struct rule){.place = (unsigned char)(next_random(&seed) % crowd->places),
                                        .value = (unsigned char)(next_random(&seed) % values),
                                        .to_place = (unsigned char)(next_random(&seed) % crowd->places),
                                        .to_value = (unsigned char)(next_random(&seed) % values),
                                        .progress = next_random(&seed) % 2 == 0};
    }
}

/* ---- The model: the places of all actors, and the value -------------------------------------------------------- */

static void begin(void *context, tjob_successors *initial)
{
    const struct crowd *crowd = context;
    const tjob_step step = {.label = 0};
    memset(tjob_successors_add(initial, &step), 0, crowd->actors + 1);
}

static void next(void *context, const unsigned char *state, tjob_successors *successors)
{
    const struct crowd *crowd = context;
    for (uint32_t actor = 0; actor < crowd->actors; actor++) {
        for (uint32_t i = 0; i < crowd->rule_count; i++) {
            const struct rule *rule = &crowd->rules[i];
            if (state[actor] == rule->place && state[crowd->actors] == rule->value) {
                const tjob_step step = {.label = actor << 8 | i, .progress = rule->progress};
                unsigned char *after = tjob_successors_add(successors, &step);
                memcpy(after, state, crowd->actors + 1);
                after[actor] = rule->to_place;
                after[crowd->actors] = rule->to_value;
            }
        }
    }
}

static tjob_observation look(void *context, const unsigned char *state)
{
    const struct crowd *crowd = context;
    uint32_t last = 0;
    uint32_t home = 0;
    bool together = true;
    for (uint32_t actor = 0; actor < crowd->actors; actor++) {
        last += state[actor] == crowd->places - 1;
        home += state[actor] == 0;
        together = together && state[actor] == state[0];
    }
    const unsigned char value = state[crowd->actors];
    const uint32_t seen = home == crowd->actors && value != 0 ? 1u << SOMETIMES : 0;
    return (tjob_observation){.exercised = 1u << ALWAYS | seen | (together ? 1u << POSSIBLE : 0),
                              .violated = last >= 2 && value == 0 ? 1u << ALWAYS : 0};
}

static int compare(const void *a, const void *b)
{
    return *(const unsigned char *)a - *(const unsigned char *)b;
}

static void canonicalize(void *context, unsigned char *state)
{
    const struct crowd *crowd = context;
    qsort(state, crowd->actors, 1, compare);
}

/* ---- With and without ------------------------------------------------------------------------------------------ */

static tjob_model model_of(struct crowd *crowd, bool symmetric)
{
    return (tjob_model){.context = crowd,
                        .state_bytes = crowd->actors + 1,
                        .property_count = PROPERTIES,
                        .properties = properties,
                        .begin = begin,
                        .next = next,
                        .observe = look,
                        .canonicalize = symmetric ? canonicalize : NULL};
}

/* The length of a trace up to what repeats; what repeats leads back to where it begins, but for names. */
static uint32_t length_of(const struct crowd *crowd, const struct taken_trace *trace)
{
    unsigned char first[ACTORS_MAX + 1];
    unsigned char last[ACTORS_MAX + 1];
    uint32_t length = 0;
    while (length < trace->count && !trace->steps[length].repeats) {
        length++;
    }
    if (length < trace->count) {
        memcpy(first, trace->steps[length].before, crowd->actors + 1);
        memcpy(last, trace->steps[trace->count - 1].after, crowd->actors + 1);
        qsort(first, crowd->actors, 1, compare);
        qsort(last, crowd->actors, 1, compare);
        EXPECT(memcmp(first, last, crowd->actors + 1) == 0);
    }
    for (uint32_t i = length; i < trace->count; i++) {
        EXPECT(trace->steps[i].repeats && !crowd->rules[trace->steps[i].label & 0xff].progress);
    }
    return length;
}

static void compare_ways(struct crowd *crowd, const struct explored *explored, uint32_t property)
{
    uint32_t lengths[2] = {0, 0};
    for (uint32_t symmetric = 0; symmetric < 2; symmetric++) {
        const tjob_model model = model_of(crowd, symmetric != 0);
        struct taken_trace *trace = take_trace(&explored[symmetric], &model, property);
        lengths[symmetric] = trace != NULL ? length_of(crowd, trace) : 0;
        EXPECT(trace == NULL || trace_is_real(&model, trace));
        free(trace);
    }
    /* Where a cycle begins depends on which of several is taken. */
    EXPECT(property == LIVELOCK || lengths[0] == lengths[1]);
}

/* Every canonical state is a state, and every state has its canonical one: counted by kind. */
static void count_kinds(void *context, const unsigned char *state)
{
    uint64_t *sum = context;
    bool sorted = true;
    for (uint32_t i = 1; i < sum[1]; i++) {
        sorted = sorted && state[i - 1] <= state[i];
    }
    sum[0] += sorted;
}

START_TEST(symmetry_changes_no_verdict_and_no_length)
{
    struct crowd crowd;
    make_crowd(&crowd, (uint64_t)_i);
    const tjob_model plain = model_of(&crowd, false);
    const tjob_model symmetric = model_of(&crowd, true);
    for (uint32_t threads = 1; threads <= 2; threads++) {
        struct explored explored[2] = {explore(&plain, threads, STATES), explore(&symmetric, threads, STATES)};
        uint64_t kinds[2] = {0, crowd.actors};
        tjob_explorer_states(explored[0].explorer, count_kinds, kinds);
        EXPECT(explored[0].end == explored[1].end);
        EXPECT(explored[0].counts.depth == explored[1].counts.depth);
        EXPECT(explored[0].counts.states >= explored[1].counts.states);
        EXPECT(kinds[0] == explored[1].counts.states);
        for (uint32_t property = 0; property < PROPERTIES; property++) {
            EXPECT(tjob_explorer_verdict(explored[0].explorer, property) ==
                   tjob_explorer_verdict(explored[1].explorer, property));
            compare_ways(&crowd, explored, property);
        }
        explored_free(&explored[0]);
        explored_free(&explored[1]);
    }
}
END_TEST

RUN_TESTS("explorer_symmetry", {symmetry_changes_no_verdict_and_no_length, SEEDS})
