/* A shrunk failure of a simulation becomes a situation that shows it: for each seeded bug, under every fault. */
#include <stdlib.h>
#include <string.h>

#include "page/convert_replay.h"
#include "support/page_call.h"
#include "support/suite.h"
#include "verify/simulator/faults.h"
#include "verify/simulator/shrink.h"

enum { JOBS = 40, SEEDS = 60, SITUATION_BYTES = 1 << 16 };

static struct page_call call;

/* Simulates seeds until the bug is found, and shrinks the failure. */
static bool found(tjob_simulator_config *config, void *shrink_memory, tjob_shrunk *shrunk)
{
    const size_t bytes = ((size_t)tjob_simulator_bytes(config) + 63) / 64 * 64;
    void *memory = aligned_alloc(64, bytes);
    bool reproduced = false;
    for (config->seed = 1; config->seed <= SEEDS && !reproduced; config->seed++) {
        tjob_simulator *simulator = tjob_simulator_init(config, memory, bytes);
        if (tjob_simulator_run(simulator, UINT32_MAX) == TJOB_SIMULATION_VIOLATED) {
            *shrunk = tjob_simulator_shrink(config, tjob_simulator_report_of(simulator), shrink_memory, NULL);
            reproduced = shrunk->reproduced;
        }
    }
    free(memory);
    return reproduced;
}

START_TEST(a_shrunk_failure_opens)
{
    const tjob_seeded_bug bug = (tjob_seeded_bug)(_i % (TJOB_SEEDED_BUG_COUNT - 1) + 1);
    const bool storm = _i >= TJOB_SEEDED_BUG_COUNT - 1;
    tjob_simulator_config config = {.jobs = JOBS,
                                    .minutes = 600,
                                    .bug = bug,
                                    .faults = storm ? tjob_fault_profile_storm : tjob_fault_profile_default};
    void *memory = aligned_alloc(64, TJOB_SHRINK_BYTES);
    struct play *play = malloc(sizeof *play);
    char *situation = malloc(SITUATION_BYTES);
    tjob_shrunk shrunk;
    if (found(&config, memory, &shrunk)) {
        json_writer writer = {.out = situation, .capacity = SITUATION_BYTES - 1};
        ck_assert_msg(
            tjob__convert_replay(tjob__shrunk_replay(memory), tjob__shrunk_run(memory, &config), play, &writer),
            "%s: %.*s", tjob_seeded_bug_name(bug), (int)writer.bytes, situation);
        situation[writer.bytes] = '\0';
        ck_assert_ptr_nonnull(strstr(situation, tjob_seeded_bug_name(bug)));
        (void)page_call(&call, tjob__page_play, situation);
        ck_assert_msg(page_call_has(&call, "\"state\":\"violated\""), "%s", situation);
    } else {
        ck_assert_msg(!storm, "%s is not found", tjob_seeded_bug_name(bug));
    }
    free(situation);
    free(play);
    free(memory);
}
END_TEST

/* What violates nothing is not shown, and neither are more actors than there is room for. */
START_TEST(what_cannot_be_shown_is_refused)
{
    static struct replay replay;
    static const tjob_policy policy;
    struct replay_run *run = calloc(1, sizeof *run);
    struct play *play = malloc(sizeof *play);
    char text[1 << 12];
    json_writer writer = {.out = text, .capacity = sizeof text};
    run->store = (struct simulated_store){.model = &tjob_store_model_sound};
    run->policy = &policy;
    for (uint32_t i = 0; i <= SITUATION_ACTORS_MAX; i++) {
        const tjob_event submit = {.kind = TJOB_SUBMIT, .token = i + 1};
        const struct access load = {.now_ms = 5,
                                    .kind = ACCESS_LOAD,
                                    .fault = NO_FAULT,
                                    .operation = tjob__replay_operation(&replay, TJOB_ACTOR_HOST, &submit)};
        (void)tjob__replay_access(&replay, &load);
        if (i == 0) {
            ck_assert(!tjob__convert_replay(&replay, run, play, &writer));
        }
    }
    ck_assert(!tjob__convert_replay(&replay, run, play, &writer));
    free(run);
    free(play);
}
END_TEST

RUN_TESTS("convert_replay", {a_shrunk_failure_opens, 2 * (TJOB_SEEDED_BUG_COUNT - 1)},
          {what_cannot_be_shown_is_refused, 0})
