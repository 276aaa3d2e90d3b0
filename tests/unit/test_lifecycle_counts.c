/* Small systems, looked at step by step: how often each property is put to the test, and every word that is told of it.
 */
#include <stdlib.h>
#include <string.h>

#include "support/explored.h"
#include "support/suite.h"
#include "tjob/lifecycle_model.h"
#include "verify/lifecycle.h"

/* What all steps show and tell, in one number. */
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
    tjob_telling telling;
    memset(&telling, 0, sizeof telling);
    digest->model->tell(digest->model->context, before, step->label, after, &telling);
    mix(digest, (uint64_t)step->sight.shown << 32 | step->sight.violated);
    mix(digest, step->progress);
    mix_text(digest, telling.actor);
    mix_text(digest, telling.partner);
    mix_text(digest, telling.action);
    mix_text(digest, telling.answer);
    mix_text(digest, telling.before);
    mix_text(digest, telling.after);
}

/* The same on every machine; only where the model or its words change is it another. */
static const struct {
    tjob_lifecycle_config config;
    tjob_exploration end;
    uint64_t states, transitions, depth;
    uint64_t shown[PROPERTY_OWN];
    uint64_t digest;
} systems[] = {
    {{.clients = 1, .trainers = 1},
     TJOB_EXPLORATION_COMPLETE,
     2002,
     6774,
     11,
     {
         1874, 877, 132, 32, 4900, 1874, 4707, 864, 1987, 193, 590, 0, 150, 68, 114, 0, 0, 0, 0,
     },
     UINT64_C(0xa70950eedaa6639a)},
    {{.clients = 2, .trainers = 1},
     TJOB_EXPLORATION_COMPLETE,
     7935,
     36106,
     14,
     {
         8731, 4092, 642, 424, 27375, 8731, 25180, 3661, 7872, 2195, 4046, 0, 1822, 340, 570, 0, 0, 0, 0,
     },
     UINT64_C(0xfdd9766213d653dc)},
    {{.clients = 1, .trainers = 2, .lives = 2},
     TJOB_EXPLORATION_COMPLETE,
     15372,
     63180,
     19,
     {
         13547, 5181, 738, 192, 49633, 13547, 48560, 6666, 15234, 1073, 3540, 0, 900, 408, 684, 0, 0, 0, 6178,
     },
     UINT64_C(0x22237c0ae209474b)},
    {{.clients = 1, .trainers = 1, .faults = 1, .retries = 1},
     TJOB_EXPLORATION_COMPLETE,
     26402,
     116757,
     14,
     {
         30216, 9071, 1870,  448, 70897, 24594, 70424, 10541, 26257, 2941,
         19667, 0,    11767, 974, 1735,  8678,  3748,  3815,  0,
     },
     UINT64_C(0x09e871b95844c74b)},
    {{.clients = 1, .trainers = 1, .faults = 2, .instants = 1},
     TJOB_EXPLORATION_COMPLETE,
     33196,
     171475,
     17,
     {
         36870, 9059, 2484,  746,  90936, 24238, 93481, 14544, 32564, 2705,
         36650, 0,    27938, 1176, 2290,  18706, 8721,  12269, 15,
     },
     UINT64_C(0x9748cd9c4838d6d6)},
    {{.clients = 1, .trainers = 1, .lives = 2, .faults = 1, .instants = 1, .no_reduction = true},
     TJOB_EXPLORATION_COMPLETE,
     16383,
     68130,
     21,
     {
         9611, 4343, 1310, 258, 35340, 7808, 34731, 9698, 15913, 953, 7691, 0, 5296, 594, 1203, 4296, 1202, 2388, 203,
     },
     UINT64_C(0x743311faabcf84e2)},
    {{.clients = 1, .trainers = 1, .faults = 1, .plant = TJOB_PLANT_DIRTY_READ},
     TJOB_EXPLORATION_VIOLATED,
     173,
     473,
     4,
     {
         46, 6, 9, 0, 258, 82, 162, 56, 132, 43, 4, 0, 0, 0, 0, 12, 6, 13, 0,
     },
     UINT64_C(0x6a231e84fe1c3470)},
    {{.clients = 2, .trainers = 1, .instants = 1, .policy = {.stop_submitted = 1, .stop_finished = 1}},
     TJOB_EXPLORATION_COMPLETE,
     1152,
     4630,
     14,
     {
         861, 662, 88, 82, 3769, 861, 3343, 664, 1102, 426, 216, 0, 72, 48, 88, 0, 0, 0, 0,
     },
     UINT64_C(0xa3ed80f69d983167)},
    {{.clients = 2, .trainers = 1, .keep_clients_apart = true, .instants = 3},
     TJOB_EXPLORATION_COMPLETE,
     43451,
     217539,
     14,
     {
         60318, 22276, 3384, 2160, 157221, 60318, 145187, 16281, 43348, 12034, 25746, 0, 9978, 1944, 3132, 0, 0, 0, 0,
     },
     UINT64_C(0xb75a01213b5dbf46)},
};

START_TEST(a_system_is_the_same_to_the_last_word)
{
    const tjob_lifecycle_config *config = &systems[_i].config;
    const size_t bytes = (size_t)tjob_lifecycle_model_bytes(config);
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    ck_assert_ptr_nonnull(memory);
    const tjob_model *model = tjob_lifecycle_model_of(tjob_lifecycle_model_init(config, memory, bytes));
    struct explored explored = explore(model, 1, 1 << 16);
    struct digest digest = {.model = model, .value = 1};
    ck_assert_int_eq(explored.end, systems[_i].end);
    ck_assert_uint_eq(explored.counts.states, systems[_i].states);
    ck_assert_uint_eq(explored.counts.transitions, systems[_i].transitions);
    ck_assert_uint_eq(explored.counts.depth, systems[_i].depth);
    for (uint32_t property = 0; property < PROPERTY_OWN; property++) {
        ck_assert_msg(tjob_explorer_shown(explored.explorer, property) == systems[_i].shown[property], "%s",
                      model->properties[property].name);
    }
    tjob_explorer_steps(explored.explorer, mix_step, &digest);
    ck_assert_uint_eq(digest.value, systems[_i].digest);
    explored_free(&explored);
    free(memory);
}
END_TEST

RUN_TESTS("lifecycle_counts", {a_system_is_the_same_to_the_last_word, sizeof systems / sizeof systems[0]})
