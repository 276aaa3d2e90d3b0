/*
 * Small systems, looked at step by step: how often each property is put to the test, and every word that is reported of
 * it.
 */
#include <stdlib.h>
#include <string.h>

#include "support/lifecycle_run.h"
#include "support/suite.h"
#include "verify/lifecycle/label.h"
#include "verify/lifecycle/state.h"
#include "verify/spec/seeded_bugs.h"

/* What all steps show and report, in one number. */
struct digest {
    const tjob_model *model;
    uint64_t value;
};

static void mix(struct digest *digest, uint64_t word)
{
    digest->value = (digest->value ^ word) * UINT64_C(0x100000001b3);
}

static void mix_text(struct digest *digest, const char *text)
{
    for (; *text != '\0'; text++) {
        mix(digest, (unsigned char)*text);
    }
    mix(digest, 0x100);
}

static void mix_step(void *context, const unsigned char *before, const tjob_step *step, const unsigned char *after)
{
    struct digest *digest = context;
    tjob_step_description description;
    memset(&description, 0, sizeof description);
    digest->model->describe(digest->model->context, before, step->label, after, &description);
    mix(digest, (uint64_t)step->observation.exercised << 32 | step->observation.violated);
    mix(digest, step->progress);
    mix_text(digest, description.actor);
    mix_text(digest, description.partner);
    mix_text(digest, description.action);
    mix_text(digest, description.answer);
    mix_text(digest, description.before);
    mix_text(digest, description.after);
}

enum { STATES = 1 << 16 };

/* The same on every machine; only where the model or its words change is it another. */
/* clang-format off */
static const struct {
    tjob_lifecycle_config config;
    tjob_exploration end;
    uint64_t states, transitions, depth;
    uint64_t exercised[PROPERTY_OWN];
    uint64_t digest; /* 0: there are too many of them */
} systems[] = {
    {{.clients = 1, .trainers = 1}, TJOB_EXPLORATION_COMPLETE, 2002, 6774, 11,
     {1874, 877, 132, 32, 4900, 1874, 4707, 864, 1987, 193, 590, 0, 150, 68, 114, 0, 0, 0, 0},
     UINT64_C(0x0d426d1d329c5c46)},
    {{.clients = 2, .trainers = 1}, TJOB_EXPLORATION_COMPLETE, 7935, 36106, 14,
     {8731, 4092, 642, 424, 27375, 8731, 25180, 3661, 7872, 2195, 4046, 0, 1822, 340, 570, 0, 0, 0, 0},
     UINT64_C(0xa366cbf5799bb2e4)},
    {{.clients = 1, .trainers = 2, .incarnations = 2}, TJOB_EXPLORATION_COMPLETE, 15372, 63180, 19,
     {13547, 5181, 738, 192, 49633, 13547, 48560, 6666, 15234, 1073, 3540, 0, 900, 408, 684, 0, 0, 0, 6178},
     UINT64_C(0x82074bbcdab8f972)},
    {{.clients = 1, .trainers = 1, .faults = 1, .retries = 1}, TJOB_EXPLORATION_COMPLETE, 26402, 116757, 14,
     {30216, 9071, 1870, 448, 70897, 24594, 70424, 10541, 26257, 2941, 19667, 0, 11767, 974, 1735, 8678, 3748, 3815, 0},
     0},
    {{.clients = 1, .trainers = 1, .faults = 2, .instants = 1}, TJOB_EXPLORATION_COMPLETE, 33196, 171475, 17,
     {36870, 9059, 2484, 746, 90936, 24238, 93481, 14544, 32564, 2705, 36650, 0, 27938, 1176, 2290, 18706, 8721,
      12269, 15}, 0},
    {{.clients = 1, .trainers = 1, .incarnations = 2, .faults = 1, .instants = 1, .no_reduction = true},
     TJOB_EXPLORATION_COMPLETE, 16383, 68130, 21,
     {9611, 4343, 1310, 258, 35340, 7808, 34731, 9698, 15913, 953, 7691, 0, 5296, 594, 1203, 4296, 1202, 2388, 203},
     UINT64_C(0x9ddeb6216340f012)},
    {{.clients = 1, .trainers = 1, .faults = 1, .bug = TJOB_BUG_DIRTY_READ}, TJOB_EXPLORATION_VIOLATED, 173, 473, 4,
     {46, 6, 9, 0, 258, 82, 162, 56, 132, 43, 4, 0, 0, 0, 0, 12, 6, 13, 0}, UINT64_C(0x7e2d2a66897ffafd)},
    {{.clients = 2, .trainers = 1, .instants = 1, .policy = {.stop_submitted = 1, .stop_finished = 1}},
     TJOB_EXPLORATION_COMPLETE, 1152, 4630, 14,
     {861, 662, 88, 82, 3769, 861, 3343, 664, 1102, 426, 216, 0, 72, 48, 88, 0, 0, 0, 0}, UINT64_C(0x8ce52ac8220b9f59)},
    {{.clients = 2, .trainers = 1, .no_symmetry = true, .instants = 1},
     TJOB_EXPLORATION_COMPLETE, 2723, 11643, 14,
     {2202, 1341, 240, 176, 9441, 2202, 8589, 1515, 2629, 852, 1238, 0, 702, 108, 198, 0, 0, 0, 0},
     UINT64_C(0xe323d097bfc5fcde)},
    {{.clients = 1, .trainers = 1, .instants = 3, .policy.stop_timeout_ms = 2},
     TJOB_EXPLORATION_COMPLETE, 5803, 20966, 11,
     {6434, 2606, 372, 80, 14532, 6434, 14037, 2183, 5786, 495, 1976, 0, 410, 192, 336, 0, 0, 0, 0},
     UINT64_C(0x4b961a305ad13281)},
    {{.clients = 1, .trainers = 1, .retries = 1, .faults = 2, .instants = 1},
     TJOB_EXPLORATION_COMPLETE, 37268, 192397, 17,
     {40730, 9059, 2640, 874, 105620, 27350, 105061, 16452, 36502, 5398, 39171, 0, 29573, 1248, 2422, 20132, 9251,
      12752, 15}, 0},
    {{.clients = 1, .trainers = 1, .retries = 2, .faults = 2, .instants = 1},
     TJOB_EXPLORATION_COMPLETE, 37554, 193509, 17,
     {40948, 9059, 2640, 882, 106514, 27568, 105799, 16602, 36773, 5554, 39211, 0, 29593, 1248, 2422, 20132, 9251,
      12752, 15}, 0},
    {{.clients = 1, .trainers = 1, .faults = 1, .bug = TJOB_BUG_LOST_UPDATE},
     TJOB_EXPLORATION_VIOLATED, 449, 1123, 5,
     {165, 30, 37, 0, 634, 97, 409, 113, 423, 90, 10, 0, 0, 0, 0, 33, 19, 49, 0}, UINT64_C(0xe945b67cfc641efb)},
    {{.clients = 2, .trainers = 1, .incarnations = 2, .faults = 1, .instants = 1, .bug = TJOB_BUG_VERSION_REUSED},
     TJOB_EXPLORATION_VIOLATED, 55159, 218587, 12,
     {25359, 22125, 4141, 1991, 118666, 20907, 100407, 32433, 54314, 13091, 6226, 0, 2704, 1730, 3265, 8924, 2352,
      8035, 0}, 0},
    {{.clients = 2, .trainers = 1, .incarnations = 2, .faults = 1, .instants = 1, .bug = TJOB_BUG_ABSENCE_WITHOUT_VERSION},
     TJOB_EXPLORATION_VIOLATED, 55175, 218625, 12,
     {25354, 22122, 4137, 1991, 118676, 20897, 100415, 32446, 54313, 13096, 6226, 0, 2704, 1730, 3265, 8924, 2360,
      8035, 0}, 0},
    {{.clients = 1, .trainers = 1, .faults = 1, .bug = TJOB_BUG_CONFLICT_FORGETS_LOST_ANSWER},
     TJOB_EXPLORATION_VIOLATED, 406, 1106, 5,
     {161, 24, 27, 0, 628, 95, 403, 95, 380, 88, 10, 0, 2, 0, 0, 33, 17, 49, 0}, UINT64_C(0x1be6fc044f5a237e)},
    {{.clients = 1, .trainers = 1, .faults = 1, .bug = TJOB_BUG_STOP_ANSWERED_EARLY},
     TJOB_EXPLORATION_VIOLATED, 47, 126, 3,
     {14, 4, 0, 0, 87, 12, 48, 22, 25, 18, 0, 0, 0, 0, 0, 2, 2, 4, 0}, UINT64_C(0x40f972842bc6f711)},
    {{.clients = 1, .trainers = 1, .faults = 1, .bug = TJOB_BUG_UNKNOWN_TAKEN_FOR_FAILURE},
     TJOB_EXPLORATION_VIOLATED, 51, 130, 3,
     {14, 0, 0, 0, 89, 8, 48, 24, 27, 18, 0, 0, 0, 0, 0, 0, 2, 4, 0}, UINT64_C(0x867829721f66fa62)},
    {{.clients = 1, .trainers = 1, .faults = 1, .bug = TJOB_BUG_UNKNOWN_TAKEN_FOR_SUCCESS},
     TJOB_EXPLORATION_VIOLATED, 19, 46, 2,
     {4, 0, 0, 0, 32, 6, 14, 15, 4, 7, 0, 0, 0, 0, 0, 0, 0, 2, 0}, UINT64_C(0x4783d8fa2824cbcb)},
    {{.clients = 1, .trainers = 1, .faults = 1, .bug = TJOB_BUG_STALE_TRAINER_ACCEPTED},
     TJOB_EXPLORATION_VIOLATED, 49, 128, 3,
     {14, 0, 0, 0, 87, 8, 48, 22, 27, 18, 0, 0, 0, 0, 0, 2, 2, 4, 0}, UINT64_C(0x1924dd67193423a9)},
    {{.clients = 1, .trainers = 1, .faults = 1, .bug = TJOB_BUG_LATE_COMPLETION},
     TJOB_EXPLORATION_VIOLATED, 17586, 63873, 10,
     {14427, 4884, 819, 247, 34391, 10911, 31161, 6373, 17535, 1843, 4562, 0, 2130, 390, 684, 3642, 1881, 3110, 0},
     UINT64_C(0x83934a4d09f45d4d)},
    {{.clients = 1, .trainers = 1, .faults = 1, .bug = TJOB_BUG_RETRY_WITHOUT_RELOAD},
     TJOB_EXPLORATION_VIOLATED, 1237, 3084, 6,
     {440, 98, 102, 0, 1618, 269, 1073, 334, 1217, 216, 15, 0, 0, 0, 0, 119, 62, 139, 0}, UINT64_C(0xcda200bea23a0034)},
    {{.clients = 1, .trainers = 1, .faults = 1, .bug = TJOB_BUG_CLOCK_RUNS_BACKWARDS},
     TJOB_EXPLORATION_VIOLATED, 174, 452, 4,
     {54, 8, 12, 0, 260, 32, 151, 46, 148, 44, 4, 0, 0, 0, 0, 12, 6, 16, 0}, UINT64_C(0x3c389e914f917bb2)},
};
/* clang-format on */

START_TEST(a_system_is_the_same_to_the_last_word)
{
    struct lifecycle_run run = lifecycle_explore(&systems[_i].config, 1, STATES);
    const struct explored *explored = &run.explored;
    struct digest digest = {.model = run.system, .value = 1};
    ck_assert_int_eq(explored->end, systems[_i].end);
    ck_assert_uint_eq(explored->counts.states, systems[_i].states);
    ck_assert_uint_eq(explored->counts.transitions, systems[_i].transitions);
    ck_assert_uint_eq(explored->counts.depth, systems[_i].depth);
    for (uint32_t property = 0; property < PROPERTY_OWN; property++) {
        ck_assert_msg(tjob_explorer_exercised(explored->explorer, property) == systems[_i].exercised[property], "%s",
                      run.system->properties[property].name);
    }
    if (systems[_i].digest != 0) {
        tjob_explorer_steps(explored->explorer, mix_step, &digest);
        ck_assert_uint_eq(digest.value, systems[_i].digest);
    }
    lifecycle_end(&run);
}
END_TEST

/* Memory need not be clear. */
START_TEST(memory_may_hold_anything)
{
    const size_t bytes = (size_t)tjob_lifecycle_model_bytes(&systems[0].config);
    struct lifecycle_run run = {.memory = aligned_alloc(64, bytes)};
    ck_assert_ptr_nonnull(run.memory);
    memset(run.memory, 0xff, bytes);
    run.model = tjob_lifecycle_model_init(&systems[0].config, run.memory, bytes);
    run.explored = explore(tjob_lifecycle_model_of(run.model), 1, STATES);
    ck_assert_int_eq(run.explored.end, TJOB_EXPLORATION_COMPLETE);
    ck_assert_uint_eq(run.explored.counts.states, systems[0].states);
    lifecycle_end(&run);
}
END_TEST

/* A store of the caller's that has a bug is what the same bug is that was seeded. */
START_TEST(a_store_of_the_callers_is_explored)
{
    tjob_lifecycle_config config = {.clients = 1, .trainers = 1, .faults = 1, .bug = TJOB_BUG_LOST_UPDATE};
    uint64_t states[2];
    for (int own = 0; own < 2; own++) {
        config.bug = own ? TJOB_BUG_NONE : TJOB_BUG_LOST_UPDATE;
        config.store = own ? tjob__seeded_bug_store(TJOB_BUG_LOST_UPDATE) : NULL;
        struct lifecycle_run run = lifecycle_explore(&config, 1, STATES);
        ck_assert_int_eq(run.explored.end, TJOB_EXPLORATION_VIOLATED);
        states[own] = run.explored.counts.states;
        lifecycle_end(&run);
    }
    ck_assert_uint_eq(states[0], states[1]);
}
END_TEST

/* ---- Sizes ----------------------------------------------------------------------------------------------------- */

static uint64_t bytes_of(const tjob_lifecycle_config *config)
{
    return tjob_lifecycle_model_bytes(config);
}

START_TEST(each_limit_can_be_reached)
{
    static const tjob_store_model largest = {.state_bytes = TJOB_STORE_MODEL_BYTES_MAX};
    static const tjob_lifecycle_config configs[] = {
        {.clients = TJOB_MODEL_CLIENTS_MAX},
        {.trainers = TJOB_MODEL_TRAINERS_MAX},
        {.retries = TJOB_MODEL_RETRIES_MAX},
        {.faults = TJOB_MODEL_FAULTS_MAX},
        {.incarnations = TJOB_MODEL_INCARNATIONS_MAX},
        {.instants = TJOB_MODEL_INSTANTS_MAX},
        {.store = &largest},
        {.bug = (tjob_seeded_bug)(TJOB_SEEDED_BUG_COUNT - 1)},
        {.invariant_count = TJOB_MODEL_INVARIANTS_MAX},
    };
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        ck_assert_msg(bytes_of(&configs[i]) != 0, "limit %zu", i);
    }
}
END_TEST

/* The memory of a model grows with the states of its store, whichever it is. */
START_TEST(a_larger_store_takes_more_memory)
{
    static const tjob_store_model small = {.state_bytes = 8};
    static const tjob_store_model large = {.state_bytes = 16};
    const uint64_t a_byte =
        (bytes_of(&(tjob_lifecycle_config){.store = &large}) - bytes_of(&(tjob_lifecycle_config){.store = &small})) / 8;
    const uint64_t without = bytes_of(&(tjob_lifecycle_config){.store = &small}) - 8 * a_byte;
    static const tjob_seeded_bug seeded_bugs[] = {TJOB_BUG_NONE, TJOB_BUG_DIRTY_READ};
    ck_assert_uint_ge(a_byte, 1024);
    for (size_t i = 0; i < sizeof seeded_bugs / sizeof seeded_bugs[0]; i++) {
        const tjob_store_model *seeded = tjob__seeded_bug_store(seeded_bugs[i]);
        const uint32_t state_bytes = (seeded != NULL ? seeded : &tjob_store_model_sound)->state_bytes;
        ck_assert_uint_eq(bytes_of(&(tjob_lifecycle_config){.bug = seeded_bugs[i]}), without + state_bytes * a_byte);
    }
    ck_assert_uint_eq(bytes_of(&(tjob_lifecycle_config){.bug = TJOB_BUG_DIRTY_READ, .store = &small}),
                      bytes_of(&(tjob_lifecycle_config){.bug = TJOB_BUG_DIRTY_READ}));
}
END_TEST

/* A state is as small as the numbers in it: each takes just the bits that it needs, and none is divided between words.
 */
START_TEST(states_are_small)
{
    static const struct {
        tjob_lifecycle_config config;
        uint32_t bytes;
    } cases[] = {
        {{.clients = 1, .trainers = 1}, 10},
        {{.clients = 1, .trainers = 2}, 12},
        {{.clients = 1, .trainers = 3}, 13},
        {{.clients = 2, .trainers = 3}, 15},
        {{.clients = 4, .trainers = 1}, 15},
        {{.clients = 4, .trainers = 3}, 20},
        {{.faults = 1}, 15},
        {{.faults = 1, .bug = TJOB_BUG_DIRTY_READ}, 16},
        {{.clients = 4, .trainers = 3, .faults = 1}, 21},
        {{.faults = 2, .bug = TJOB_BUG_DIRTY_READ}, 21},
        {{.faults = 3}, 24},
        {{.faults = 3, .bug = TJOB_BUG_DIRTY_READ}, 25},
        {{.clients = 1, .trainers = 1, .faults = 3}, 20},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_uint_eq(bytes_of(&cases[i].config) % 64, 0);
        struct lifecycle_run run = lifecycle_start(&cases[i].config);
        ck_assert_msg(run.system->state_bytes == cases[i].bytes, "case %zu: %u", i, (unsigned)run.system->state_bytes);
        lifecycle_end(&run);
    }
}
END_TEST

/* A state is the low bytes of its words, and no byte more is read or written. */
START_TEST(a_state_is_the_bytes_of_its_words)
{
    const uint32_t bytes = (uint32_t)_i + 1;
    const tjob_lifecycle_model model = {.model = {.state_bytes = bytes}};
    unsigned char *state = malloc(bytes);
    uint64_t words[STATE_WORDS] = {0};
    uint64_t loaded[STATE_WORDS];
    ck_assert_ptr_nonnull(state);
    for (uint32_t i = 0; i < bytes; i++) {
        words[i / 8] |= (uint64_t)(i + 0x81) << 8 * (i % 8);
    }
    memset(state, 0, bytes);
    memset(loaded, 0xa5, sizeof loaded);
    tjob__state_store(&model, words, state);
    for (uint32_t i = 0; i < bytes; i++) {
        ck_assert_uint_eq(state[i], i + 0x81);
    }
    tjob__state_load(&model, state, loaded);
    ck_assert_mem_eq(loaded, words, sizeof words);
    free(state);
}
END_TEST

/* The largest system of all begins like any other. */
START_TEST(the_largest_system_begins)
{
    const tjob_lifecycle_config config = {.clients = TJOB_MODEL_CLIENTS_MAX,
                                          .trainers = TJOB_MODEL_TRAINERS_MAX,
                                          .retries = TJOB_MODEL_RETRIES_MAX,
                                          .faults = TJOB_MODEL_FAULTS_MAX,
                                          .incarnations = TJOB_MODEL_INCARNATIONS_MAX,
                                          .instants = TJOB_MODEL_INSTANTS_MAX};
    struct lifecycle_run run = lifecycle_explore(&config, 1, 2000);
    ck_assert_int_eq(run.explored.end, TJOB_EXPLORATION_OUT_OF_MEMORY);
    ck_assert_uint_ge(run.explored.counts.states, 2000);
    ck_assert_uint_eq(run.explored.counts.transitions, 2322);
    lifecycle_end(&run);
}
END_TEST

RUN_TESTS("lifecycle_counts", {a_system_is_the_same_to_the_last_word, sizeof systems / sizeof systems[0]},
          {memory_may_hold_anything, 0}, {a_store_of_the_callers_is_explored, 0}, {each_limit_can_be_reached, 0},
          {a_larger_store_takes_more_memory, 0}, {states_are_small, 0},
          {a_state_is_the_bytes_of_its_words, 8 * STATE_WORDS}, {the_largest_system_begins, 0})
