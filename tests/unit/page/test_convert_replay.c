/* A shrunk failure of a simulation becomes a situation that shows it: for each seeded bug, under every fault. */
#include <stdlib.h>
#include <string.h>

#include "page/convert_replay.h"
#include "support/page_call.h"
#include "support/random.h"
#include "support/suite.h"
#include "verify/simulator/faults.h"
#include "verify/simulator/shrink.h"
#include "verify/spec/seeded_bugs.h"

enum { JOBS = 40, SEEDS = 60, SITUATION_BYTES = 1 << 16 };

static struct page_call call;
static struct play play;
static struct replay replay;
static struct replay_run run;

/* Begins a replay anew, in a store that is sound, under the library's own policy. */
static void forget(void)
{
    static const tjob_policy policy;
    replay.operation_count = 0;
    replay.access_count = 0;
    run.bug = TJOB_BUG_NONE;
    run.policy = &policy;
    run.store = (struct simulated_store){.model = &tjob_store_model_sound};
}

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
    char *situation = malloc(SITUATION_BYTES);
    tjob_shrunk shrunk;
    if (found(&config, memory, &shrunk)) {
        json_writer writer = {.out = situation, .capacity = SITUATION_BYTES - 1};
        ck_assert_msg(
            tjob__convert_replay(tjob__shrunk_replay(memory), tjob__shrunk_run(memory, &config), &play, &writer),
            "%s: %.*s", tjob_seeded_bug_name(bug), (int)writer.bytes, situation);
        situation[writer.bytes] = '\0';
        ck_assert_ptr_nonnull(strstr(situation, tjob_seeded_bug_name(bug)));
        (void)page_call(&call, tjob__page_play, situation);
        ck_assert_msg(page_call_has(&call, "\"state\":\"violated\""), "%s", situation);
    } else {
        ck_assert_msg(!storm, "%s is not found", tjob_seeded_bug_name(bug));
    }
    free(situation);
    free(memory);
}
END_TEST

/* What violates nothing is not shown, and neither are more actors than there is room for. */
START_TEST(what_cannot_be_shown_is_refused)
{
    char text[1 << 12];
    json_writer writer = {.out = text, .capacity = sizeof text};
    forget();
    for (uint32_t i = 0; i <= SITUATION_ACTORS_MAX; i++) {
        const tjob_event submit = {.kind = TJOB_SUBMIT, .token = i + 1};
        const struct access load = {.now_ms = 5,
                                    .kind = ACCESS_LOAD,
                                    .fault = NO_FAULT,
                                    .operation = tjob__replay_operation(&replay, TJOB_ACTOR_HOST, &submit)};
        (void)tjob__replay_access(&replay, &load);
        if (i == 0) {
            ck_assert(!tjob__convert_replay(&replay, &run, &play, &writer));
        }
    }
    ck_assert(!tjob__convert_replay(&replay, &run, &play, &writer));
}
END_TEST

/* Two writes of a submit are in flight, and the second one is applied. */
START_TEST(the_late_write_that_is_applied_is_found)
{
    static const struct access accesses[] = {{.kind = ACCESS_LOAD, .fault = NO_FAULT},
                                             {.kind = ACCESS_SWAP, .fault = TJOB_FAULT_LATE},
                                             {.kind = ACCESS_LOAD, .fault = NO_FAULT},
                                             {.kind = ACCESS_SWAP, .fault = TJOB_FAULT_LATE},
                                             {.kind = ACCESS_APPLY, .of = 3}};
    char text[1 << 10];
    json_writer writer = {.out = text, .capacity = sizeof text - 1};
    forget();
    (void)tjob__replay_operation(&replay, TJOB_ACTOR_HOST, &(tjob_event){.kind = TJOB_SUBMIT, .token = 1});
    for (size_t i = 0; i < sizeof accesses / sizeof accesses[0]; i++) {
        (void)tjob__replay_access(&replay, &accesses[i]);
    }
    ck_assert(!tjob__convert_replay(&replay, &run, &play, &writer)); /* nothing is violated */
    text[writer.bytes] = '\0';
    ck_assert_ptr_nonnull(strstr(text, "/host1.lost-late/host1.loaded/host1.lost-late/store.apply(2)"));
}
END_TEST

/* One trainer begins more operations than a situation has steps for: each is a step, and so is its load. */
START_TEST(a_replay_with_too_many_steps_is_refused)
{
    forget();
    for (uint32_t i = 0; i <= SITUATION_STEPS_MAX / 2; i++) {
        const tjob_event start = {.kind = TJOB_START, .trainer_token = 1};
        const struct access load = {.kind = ACCESS_LOAD,
                                    .fault = TJOB_FAULT_LOAD_UNAVAILABLE,
                                    .operation = tjob__replay_operation(&replay, TJOB_ACTOR_TRAINER, &start)};
        (void)tjob__replay_access(&replay, &load);
    }
    ck_assert(!tjob__convert_replay(&replay, &run, &play, &(json_writer){.out = NULL, .capacity = 0}));
    ck_assert_uint_eq(play.step_count, SITUATION_STEPS_MAX);
}
END_TEST

/* ---- Any replay ------------------------------------------------------------------------------------------------ */

enum { OPERATIONS_MAX = 12, ACCESSES_MAX = 90, TEXT_BYTES = 1 << 15 };

static uint64_t random_below(uint64_t *random, uint64_t bound)
{
    return next_random(random) % bound;
}

/* Adds some event of some actor, with what it carries. */
static void add_operation(uint64_t *random)
{
    const struct situation_event *event = &tjob__situation_events[random_below(random, SITUATION_EVENT_COUNT)];
    const bool of_trainer = event->actor == TJOB_ACTOR_TRAINER && event->kind != TJOB_DESCRIBE;
    const bool of_token = of_trainer || event->kind == TJOB_TRAINER_LOST;
    const tjob_event begun = {.kind = (uint32_t)event->kind,
                              .token = event->kind == TJOB_SUBMIT ? replay.operation_count + 1 : 0,
                              .incarnation = random_below(random, 3),
                              .trainer_token = of_token ? 1 + random_below(random, 2) : 0,
                              .host_code = (uint32_t)random_below(random, 3)};
    (void)tjob__replay_operation(&replay, event->actor, &begun);
}

/* Adds some access; most of them are of the operations that were begun first. */
static void add_access(const tjob_store_model *store, uint64_t *random)
{
    static const uint8_t kinds[] = {ACCESS_LOAD, ACCESS_LOAD,        ACCESS_LOAD,        ACCESS_SWAP, ACCESS_SWAP,
                                    ACCESS_SWAP, ACCESS_STORE_CRASH, ACCESS_ACTOR_CRASH, ACCESS_APPLY};
    const uint32_t among = 1 + (uint32_t)random_below(random, replay.operation_count);
    struct access access = {.now_ms = random_below(random, 20),
                            .operation = (uint32_t)random_below(random, among),
                            .kind = kinds[random_below(random, sizeof kinds)],
                            .fault = NO_FAULT,
                            .left_out = random_below(random, 20) == 0};
    if (access.kind == ACCESS_APPLY) {
        access.of = (uint32_t)random_below(random, replay.access_count + 1);
        access.operation = replay.accesses[access.of].operation; /* of the first, where there is none yet */
    } else if (random_below(random, 3) == 0) {
        static const uint8_t more[] = {TJOB_FAULT_CONFLICT, TJOB_FAULT_LATE, TJOB_FAULT_DUPLICATED};
        const uint64_t fault = random_below(random, 2 * TJOB_FAULT_COUNT);
        access.fault = (uint8_t)(fault < TJOB_FAULT_COUNT ? fault : more[fault % sizeof more]);
    }
    if (access.fault == TJOB_FAULT_FULL && replay.operations[access.operation].event.kind != TJOB_SUBMIT) {
        access.fault = NO_FAULT;
    }
    const bool is_durable = access.kind == ACCESS_APPLY || access.fault == TJOB_FAULT_LOST_AFTER;
    if (store->crash != NULL ? is_durable : access.kind == ACCESS_STORE_CRASH) {
        return; /* in Play only an answer makes a write durable; and no other store loses anything */
    }
    (void)tjob__replay_access(&replay, &access);
}

static void any_replay(const tjob_store_model *store, uint64_t *random)
{
    replay.operation_count = 0;
    replay.access_count = 0;
    (void)tjob__replay_operation(&replay, TJOB_ACTOR_HOST, &(tjob_event){.kind = TJOB_SUBMIT, .token = 1});
    (void)tjob__replay_operation(&replay, TJOB_ACTOR_TRAINER,
                                 &(tjob_event){.kind = TJOB_START, .incarnation = 1, .trainer_token = 1});
    (void)tjob__replay_operation(&replay, TJOB_ACTOR_CLIENT, &(tjob_event){.kind = TJOB_STOP});
    while (replay.operation_count < OPERATIONS_MAX) {
        add_operation(random);
    }
    for (uint32_t i = 0; i < ACCESSES_MAX; i++) {
        add_access(store, random);
    }
}

static uint32_t steps_of(const char *situation)
{
    uint32_t steps = 0;
    for (; *situation != '\0'; situation++) {
        steps += *situation == '/' ? 1 : 0;
    }
    return steps;
}

START_TEST(each_replay_is_played_and_leads_to_the_same_record)
{
    enum { REPLAYS = 100 };
    static char text[TEXT_BYTES];
    uint64_t random = (uint64_t)_i + 1;
    const tjob_policy policy = {.stop_timeout_ms = random_below(&random, 10),
                                .stop_submitted = (uint32_t)random_below(&random, 3),
                                .stop_finished = (uint32_t)random_below(&random, 2),
                                .max_attempts = (uint32_t)random_below(&random, 5)};
    const tjob_seeded_bug bug = (tjob_seeded_bug)(_i % TJOB_SEEDED_BUG_COUNT);
    const tjob_store_model *seeded = tjob__seeded_bug_store(bug);
    run.bug = bug;
    run.policy = &policy;
    run.store = (struct simulated_store){.model = seeded != NULL ? seeded : &tjob_store_model_sound};
    for (int i = 0; i < REPLAYS; i++) {
        json_writer writer = {.out = text, .capacity = sizeof text - 1};
        tjob_load_status status;
        uint64_t version;
        any_replay(run.store.model, &random);
        (void)tjob__convert_replay(&replay, &run, &play, &writer);
        ck_assert_uint_lt(writer.bytes, sizeof text);
        text[writer.bytes] = '\0';
        ck_assert_msg(play.step_count == steps_of(text), "%d, %d: %s", _i, i, text); /* it took each of them */
        const tjob_job played = tjob__play_record(&play, &version);
        const tjob_job job = tjob__simulated_present(&run.store, (struct slot){&run.state, 0}, &status, &version);
        ck_assert_msg(played.state == job.state && (job.state == TJOB_ABSENT || played.incarnation == job.incarnation),
                      "%d, %d: %s", _i, i, text);
    }
}
END_TEST

RUN_TESTS("convert_replay", {a_shrunk_failure_opens, 2 * (TJOB_SEEDED_BUG_COUNT - 1)},
          {what_cannot_be_shown_is_refused, 0}, {the_late_write_that_is_applied_is_found, 0},
          {a_replay_with_too_many_steps_is_refused, 0},
          {each_replay_is_played_and_leads_to_the_same_record, 2 * TJOB_SEEDED_BUG_COUNT})
