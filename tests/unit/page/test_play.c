/* Play: what each step does, what is offered next, and that a sound system keeps every invariant whatever is played. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "page/play.h"
#include "support/page_call.h"
#include "support/random.h"
#include "support/suite.h"

#define SUBMITTED "host1.submit/host1.loaded/host1.swapped"
#define TRAINING SUBMITTED "/trainer1.start/trainer1.loaded/trainer1.swapped"
#define ASKS_TO_STOP TRAINING "/client1.stop/client1.allowed/client1.admitted/client1.loaded"

static struct page_call call;
static struct play play;

static void played(const char *situation)
{
    (void)page_call(&call, tjob__page_play, situation);
    ck_assert_msg(!page_call_has(&call, "\"error\""), "%s: %s", situation, call.output);
}

static void expect(const char *part)
{
    ck_assert_msg(page_call_has(&call, part), "%s is not in %.2000s", part, call.output);
}

static void expect_state(const char *invariant, const char *state)
{
    const char *at = strstr(call.output, "\"invariants\":");
    char name[100];
    (void)snprintf(name, sizeof name, "\"name\":\"%s\"", invariant);
    at = strstr(at, name);
    ck_assert_ptr_nonnull(at);
    at = strstr(at, "\"state\":\"") + strlen("\"state\":\"");
    ck_assert_msg(strncmp(at, state, strlen(state)) == 0 && at[strlen(state)] == '"', "%s: %.20s", invariant, at);
}

/* ---- A whole situation ----------------------------------------------------------------------------------------- */

START_TEST(a_new_situation_offers_what_each_actor_may_begin)
{
    played("");
    expect("{\"situation\":\"\",\"steps\":[],\"step_count\":0,\"parameters\":{\"clients\":\"2\",\"trainers\":\"2\","
           "\"supervisors\":\"1\",\"hosts\":\"1\",\"stop-submitted\":\"stop\",\"stop-finished\":\"accept\","
           "\"stop-timeout-ms\":\"900000\",\"max-attempts\":\"16\",\"bug\":\"none\",\"clock\":\"1000\"},"
           "\"clock\":{\"now_ms\":\"1000\",\"choices\":["
           "{\"step\":\"clock.set(1001)\",\"text\":\"1 ms on\",\"fault\":false},"
           "{\"step\":\"clock.set(2000)\",\"text\":\"1 s on\",\"fault\":false}]},"
           "\"store\":{\"record\":null,\"version\":\"0\",\"text\":\"absent, version 0\",\"choices\":[]},"
           "\"late_writes\":[],\"actors\":[{\"id\":\"client1\",\"kind\":\"client\",\"name\":\"client 1\",\"operation\":"
           "null,\"last\":null,\"choices\":[{\"step\":\"client1.stop\",\"text\":\"stop\",\"fault\":false},"
           "{\"step\":\"client1.describe\",\"text\":\"describe\",\"fault\":false},"
           "{\"step\":\"client1.delete\",\"text\":\"delete\",\"fault\":false}]},{\"id\":\"client2\"");
    expect("\"step\":\"trainer2.completed-with-warning\",\"text\":\"completed with warning\"");
    expect("\"step\":\"supervisor1.trainer-lost\"");
    expect("\"step\":\"host1.removed\"");
    expect("\"responses\":[]}");
    expect_state("stop-is-kept", "not exercised");
    expect_state("history-is-linearizable", "not exercised");
    ck_assert(!page_call_has(&call, "no livelock"));
}
END_TEST

START_TEST(the_race_of_a_stop_with_a_completion_is_played)
{
    played("clients=1&trainers=1&supervisors=0/" ASKS_TO_STOP
           "/trainer1.completed/trainer1.loaded/trainer1.swapped/client1.swapped/client1.loaded");
    expect("\"action\":\"stop: swap version 2 for STOP_REQUESTED\",\"answer\":\"conflict\"");
    expect("\"action\":\"stop: reload after a conflict, at 1000\"");
    expect(
        "\"record\":{\"state\":\"TRAINED\",\"submit_token\":\"1\",\"incarnation\":\"1\",\"trainer_token\":\"1\","
        "\"submitted_ms\":\"1000\",\"training_started_ms\":\"1000\",\"stop_requested_ms\":\"0\",\"ended_ms\":\"1000\","
        "\"host_code\":\"0\"},\"version\":\"3\"");
    expect("\"last\":{\"event\":\"stop\",\"step\":15,\"status\":\"ok\",\"changed\":\"no\",\"before\":\"TRAINED\","
           "\"after\":\"TRAINED\"}");
    expect("\"responses\":[{\"step\":15,\"id\":\"client1\",\"actor\":\"client 1\",\"request\":{\"target\":"
           "\"Comprehend_20171127.StopTrainingEntityRecognizer\",\"body\":\"{\\\"EntityRecognizerArn\\\":\\\"arn:aws:"
           "comprehend:us-west-2:111122223333:entity-recognizer/flowers\\\"}\"},\"status\":200,\"headers\":[["
           "\"Content-Type\",\"application/x-amz-json-1.1\"],[\"x-amzn-RequestId\",\"15\"]],\"body\":\"\"}]}");
    expect_state("stop-is-kept", "holds");
    expect_state("stopped-has-stop-time", "not exercised");
    expect_state("history-is-linearizable", "holds");
    expect_state("store-matches-history", "holds");
    ck_assert(!page_call_has(&call, "supervisor1"));
}
END_TEST

START_TEST(each_prefix_is_a_situation)
{
    char text[] = "clients=1&trainers=1/" ASKS_TO_STOP "/client1.lost-late/store.apply(1)/client1.loaded"
                  "/trainer1.halted/trainer1.loaded/trainer1.swapped/clock.set(5)/client1.delete/client1.allowed"
                  "/client1.admitted/client1.loaded/client1.swapped/host1.removed/host1.loaded/host1.swapped";
    unsigned steps = 0;
    for (char *at = text;; at++) {
        if (*at == '/' || *at == '\0') {
            const char kept = *at;
            char count[40];
            *at = '\0';
            played(text);
            (void)snprintf(count, sizeof count, "\"step_count\":%u,", steps++);
            expect(count);
            ck_assert(!page_call_has(&call, "\"state\":\"violated\""));
            *at = kept;
            if (kept == '\0') {
                break;
            }
        }
    }
    expect("\"record\":null,\"version\":\"6\"");
}
END_TEST

/* ---- Answers --------------------------------------------------------------------------------------------------- */

START_TEST(each_answer_does_what_it_says)
{
    static const struct {
        const char *situation;
        const char *parts[4];
    } cases[] = {
        {"/client1.stop",
         {"\"asks\":\"authorize\",\"text\":\"authorize\"", "\"step\":\"client1.denied\"", "client1.crash"}},
        {"/client1.stop/client1.denied",
         {"\"partner\":\"gate\",\"action\":\"stop: authorize\",\"answer\":\"denied; answer: access denied\"",
          "\"status\":400", "AccessDeniedException"}},
        {"/client1.stop/client1.authorizer-unavailable", {"\"status\":500", "InternalServerException"}},
        {"/client1.stop/client1.allowed", {"\"asks\":\"admit\",\"text\":\"admit\"", "\"step\":\"client1.throttled\""}},
        {"/client1.stop/client1.allowed/client1.throttled", {"\"status\":400", "TooManyRequestsException"}},
        {"/client1.stop/client1.allowed/client1.admitted",
         {"\"asks\":\"load\",\"text\":\"load\"", "\"expects\":null,\"next\":null",
          "\"step\":\"client1.load-unavailable\""}},
        {"/client1.stop/client1.allowed/client1.admitted/client1.load-unavailable",
         {"\"answer\":\"unavailable; answer: unavailable\"", "\"status\":500"}},
        {"/client1.stop/client1.allowed/client1.admitted/client1.loaded",
         {"\"answer\":\"absent, version 0; answer: not found\"", "\"status\":400", "ResourceNotFoundException"}},
        {"/" ASKS_TO_STOP,
         {"\"asks\":\"swap\",\"text\":\"swap version 2 for STOP_REQUESTED\",\"attempts\":\"1\",\"lost\":false,"
          "\"expects\":\"2\",\"next\":\"STOP_REQUESTED\"",
          "{\"step\":\"client1.swapped\",\"text\":\"ok\",\"fault\":false},{\"step\":\"client1.conflict\",\"text\":"
          "\"conflict without a reason\",\"fault\":true},{\"step\":\"client1.unavailable\"",
          "\"step\":\"client1.lost-applied\"", "\"step\":\"client1.twice\""}},
        {"/" ASKS_TO_STOP "/client1.swapped",
         {"\"answer\":\"ok; answer: ok, changed\"", "\"state\":\"STOP_REQUESTED\"", "\"status\":200",
          "{\"step\":\"clock.set(901000)\",\"text\":\"to the time-out of the stop\",\"fault\":false}"}},
        {"/" ASKS_TO_STOP "/client1.conflict",
         {"\"asks\":\"load\",\"text\":\"reload after a conflict\"", "\"attempts\":\"1\"", "\"version\":\"2\""}},
        {"/" ASKS_TO_STOP "/client1.unavailable", {"\"status\":500", "\"version\":\"2\""}},
        {"/" ASKS_TO_STOP "/client1.lost",
         {"\"answer\":\"answer lost, not applied\"", "\"text\":\"reload\"", "\"lost\":true", "\"version\":\"2\""}},
        {"/" ASKS_TO_STOP "/client1.lost-applied",
         {"\"answer\":\"answer lost, applied\"", "\"lost\":true", "\"state\":\"STOP_REQUESTED\"", "\"version\":\"3\""}},
        {"/" ASKS_TO_STOP "/client1.lost-late",
         {"\"answer\":\"answer lost, still in flight\"", "\"version\":\"2\"",
          "\"late_writes\":[{\"number\":1,\"actor\":\"client1\",\"event\":\"stop\",\"expects\":\"2\",\"next\":"
          "\"STOP_REQUESTED\",\"can_apply\":true}]",
          "{\"step\":\"store.apply(1)\",\"text\":\"apply the late write of client 1: stop\",\"fault\":false}"}},
        {"/" ASKS_TO_STOP "/client1.lost-late/store.apply(1)",
         {"\"actor\":\"store\",\"partner\":\"\",\"action\":\"applies a late write: stop\",\"answer\":\"\"",
          "\"late_writes\":[]", "\"version\":\"3\""}},
        {"/" ASKS_TO_STOP "/client1.lost-late/client1.loaded/client1.swapped/store.apply(1)",
         {"\"action\":\"applies a late write: stop\",\"answer\":\"not applied\"", "\"version\":\"3\""}},
        {"/" ASKS_TO_STOP "/client1.twice",
         {"\"answer\":\"ok, in flight once more; answer: ok, changed\"", "\"can_apply\":false"}},
        {"/" ASKS_TO_STOP "/client1.crash",
         {"\"action\":\"stop: crashes\"", "\"status\":\"crashed\",\"changed\":\"unknown\"", "\"operation\":null",
          "\"responses\":[]"}},
        {"/host1.submit/host1.loaded", {"\"step\":\"host1.full\"", "\"token\":\"1\""}},
        {"/host1.submit/host1.loaded/host1.full", {"\"answer\":\"full; answer: full\"", "\"status\":\"full\""}},
        {"/host1.submit(token=0)", {"\"answer\":\"invalid; answer: invalid argument\"", "\"ended\":true"}},
        {"/clock.set(7)", {"\"actor\":\"clock\"", "\"action\":\"shows 7 ms\"", "\"now_ms\":\"7\""}},
        {"stop-timeout-ms=18446744073709551615/" ASKS_TO_STOP "/client1.swapped",
         {"\"text\":\"1 s on\",\"fault\":false}]}", "\"state\":\"STOP_REQUESTED\""}},
        {"clock=18446744073709551615/client1.describe",
         {"\"step\":\"clock.set(18446744073709550615)\",\"text\":\"1 s back\""}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        played(cases[i].situation);
        for (size_t k = 0; k < 4 && cases[i].parts[k] != NULL; k++) {
            expect(cases[i].parts[k]);
        }
        ck_assert(!page_call_has(&call, "\"state\":\"violated\""));
    }
}
END_TEST

START_TEST(a_conflict_is_said_beforehand)
{
    played("/" ASKS_TO_STOP "/trainer1.completed/trainer1.loaded/trainer1.swapped");
    expect("{\"step\":\"client1.swapped\",\"text\":\"conflict\",\"fault\":false},{\"step\":\"client1.unavailable\"");
    ck_assert(!page_call_has(&call, "\"step\":\"client1.conflict\""));
    ck_assert(!page_call_has(&call, "\"step\":\"client1.lost-applied\""));
    ck_assert(!page_call_has(&call, "\"step\":\"client1.lost-late\""));
    ck_assert(page_call_has(&call, "\"step\":\"client1.lost\""));
}
END_TEST

START_TEST(a_step_that_is_not_possible_is_an_error_at_its_place)
{
    static const struct {
        const char *situation;
        const char *error;
    } cases[] = {
        {"clients=17", "{\"error\":{\"at\":8,\"message\":\"invalid value of a parameter: 'clients=17'\"}}"},
        {"/", "{\"error\":{\"at\":1,\"message\":\"a step is empty\"}}"},
        {"/client1.stop/", "{\"error\":{\"at\":14,\"message\":\"a step is empty\"}}"},
        {"/client1.stop//", "{\"error\":{\"at\":14,\"message\":\"a step is empty\"}}"},
        {"/client3.stop", "{\"error\":{\"at\":1,\"message\":\"there is no such actor\"}}"},
        {"supervisors=0/supervisor1.stop-expired", "{\"error\":{\"at\":14,\"message\":\"there is no such actor\"}}"},
        {"/client1.stop/client1.stop",
         "{\"error\":{\"at\":14,\"message\":\"the actor has an operation in progress\"}}"},
        {"/client1.allowed", "{\"error\":{\"at\":1,\"message\":\"the actor is idle\"}}"},
        {"/client1.stop/client1.loaded",
         "{\"error\":{\"at\":14,\"message\":\"the operation cannot be answered like this now\"}}"},
        {"/" ASKS_TO_STOP "/client1.full", "\"message\":\"the operation cannot be answered like this now\"}}"},
        {"/store.apply(1)", "{\"error\":{\"at\":1,\"message\":\"no such write is in flight\"}}"},
        {"/store.apply(0)", "{\"error\":{\"at\":1,\"message\":\"no such write is in flight\"}}"},
        {"/" ASKS_TO_STOP "/client1.lost-late/store.apply(1)/store.apply(1)", "no such write is in flight"},
        {"/store.crash", "{\"error\":{\"at\":1,\"message\":\"this store loses nothing in a crash\"}}"},
        {"/client1.st\xc3\xb6p", "{\"error\":{\"at\":9,\"message\":\"no event or answer of this actor: 'st??p'\"}}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)page_call(&call, tjob__page_play, cases[i].situation);
        ck_assert_msg(page_call_has(&call, cases[i].error), "%s: %s", cases[i].situation, call.output);
    }
}
END_TEST

START_TEST(a_situation_has_a_limit_of_steps)
{
    enum { BYTES = SITUATION_STEPS_MAX * 13 + 40 };
    char *text = malloc(BYTES);
    size_t bytes = 0;
    for (int i = 0; i < SITUATION_STEPS_MAX; i++) {
        bytes += (size_t)snprintf(text + bytes, BYTES - bytes, "/clock.set(1)");
    }
    played(text);
    expect("\"step_count\":2000,");
    (void)snprintf(text + bytes, BYTES - bytes, "/clock.set(1)");
    (void)page_call(&call, tjob__page_play, text);
    expect("{\"error\":{\"at\":26001,\"message\":\"a situation has at most 2000 steps\"}}");
    free(text);
}
END_TEST

START_TEST(too_little_memory_is_an_error)
{
    struct page_call poor = {.limit = 1000};
    ck_assert_str_eq(page_call(&poor, tjob__page_play, ""), "{\"error\":{\"message\":\"out of memory\"}}");
    page_call_end(&poor);
}
END_TEST

/* ---- Events ---------------------------------------------------------------------------------------------------- */

START_TEST(what_is_not_given_is_chosen)
{
    played("/" TRAINING "/supervisor1.trainer-lost/supervisor1.loaded/supervisor1.swapped");
    expect("\"action\":\"trainer lost by trainer 1: begins\"");
    expect("\"state\":\"IN_ERROR\"");
    played("/" SUBMITTED "/host1.failed/host1.loaded/host1.swapped");
    expect("\"action\":\"failed of incarnation 1: begins\"");
    expect("\"host_code\":\"1\"}");
    played("/" TRAINING "/client1.stop/client1.allowed/client1.admitted/client1.loaded/client1.swapped"
           "/clock.set(901000)/supervisor1.stop-expired/supervisor1.loaded/supervisor1.swapped");
    expect("\"action\":\"stop expired of incarnation 1: begins\"");
    expect("\"state\":\"STOPPED\"");
    played("/" TRAINING "/trainer2.describe/trainer2.allowed/trainer2.admitted/trainer2.loaded");
    expect("\"action\":\"describe: begins\"");
    expect("answer: ok, unchanged");
    expect("\"responses\":[]");
    played("/host1.submit/host1.crash/host1.submit");
    expect("\"token\":\"2\"");
}
END_TEST

START_TEST(what_is_given_counts_and_keeps_all_its_bits)
{
    played("/host1.submit(token=18446744073709551615,host-code=4294967295)/host1.loaded/host1.swapped"
           "/trainer1.start(trainer-token=9007199254740993)/trainer1.loaded/trainer1.swapped");
    expect("\"submit_token\":\"18446744073709551615\"");
    expect("\"trainer_token\":\"9007199254740993\"");
    expect("\"host_code\":\"4294967295\"");
    played("/" TRAINING "/trainer2.completed(incarnation=0,trainer-token=1)/trainer2.loaded/trainer2.swapped");
    expect("\"state\":\"TRAINED\"");
    played("/" TRAINING "/client1.stop(incarnation=2)/client1.allowed/client1.admitted/client1.loaded");
    expect("answer: stale");
    played("/" TRAINING "/supervisor1.trainer-lost(trainer-token=2)/supervisor1.loaded");
    expect("answer: stale");
    expect_state("answer-follows-table", "holds");
}
END_TEST

START_TEST(a_zombie_is_fenced)
{
    played("/" TRAINING "/trainer1.completed/trainer1.loaded/client1.stop/client1.allowed/client1.admitted"
           "/client1.loaded/client1.swapped/clock.set(901000)/supervisor1.stop-expired/supervisor1.loaded"
           "/supervisor1.swapped/client1.delete/client1.allowed/client1.admitted/client1.loaded/client1.swapped"
           "/host1.removed/host1.loaded/host1.swapped/" SUBMITTED
           "/trainer2.start/trainer2.loaded/trainer2.swapped/trainer1.swapped/trainer1.loaded");
    expect("answer: stale");
    expect_state("zombie", "holds");
    expect_state("stop-is-kept", "holds");
    ck_assert(!page_call_has(&call, "\"state\":\"violated\""));
}
END_TEST

/* ---- Policies and bugs ----------------------------------------------------------------------------------------- */

START_TEST(a_policy_decides_what_applies)
{
    played("stop-submitted=ignore/" SUBMITTED "/client1.stop/client1.allowed/client1.admitted/client1.loaded");
    expect("\"state\":\"SUBMITTED\"");
    expect_state("stop-is-kept", "not applicable");
    played("stop-submitted=refuse/" SUBMITTED "/client1.stop/client1.allowed/client1.admitted/client1.loaded");
    expect("\"status\":400");
    expect_state("stop-is-kept", "not exercised");
}
END_TEST

START_TEST(a_bug_violates_an_invariant_at_its_step)
{
    played("bug=stop-answered-early/" ASKS_TO_STOP);
    expect_state("success-is-applied", "violated");
    expect_state("stop-is-kept", "violated");
    expect("\"violates\":[\"stop-is-kept\",\"success-is-applied\",\"answer-follows-table\"],\"ended\":true");
    expect("\"state\":\"violated\",\"step\":10}");
    expect_state("store-matches-history", "violated");
    played("bug=dirty-read/host1.submit/host1.loaded/host1.lost-applied/host1.loaded/store.crash");
    expect("\"actor\":\"store\",\"partner\":\"\",\"action\":\"crashes and loses what was not durable\"");
    expect("\"step\":\"store.crash\",\"text\":\"crash, and lose what is not durable\",\"fault\":true");
    expect_state("success-is-applied", "violated");
    expect("\"record\":null");
}
END_TEST

/* A late write that is applied after its operation said that nothing changed, and one that is applied a second time. */
START_TEST(a_late_write_can_violate_what_was_answered)
{
    played("bug=unknown-taken-for-failure&trainers=1/" ASKS_TO_STOP "/client1.lost-late/trainer1.completed"
           "/trainer1.loaded/client1.loaded/client1.unavailable");
    expect_state("no-hidden-effect", "violated");
    expect("\"violates\":[\"no-hidden-effect\"]");
    played("bug=lost-update/" ASKS_TO_STOP "/client1.twice/store.apply(1)");
    expect_state("no-hidden-effect", "violated");
    played("bug=lost-update/" SUBMITTED
           "/client1.stop/client1.allowed/client1.admitted/client1.loaded/client1.lost-late"
           "/client1.loaded/client1.unavailable/store.apply(1)");
    expect_state("no-hidden-effect", "holds"); /* it was answered that this is unknown */
}
END_TEST

START_TEST(a_contradiction_is_found_at_the_answer_that_makes_it)
{
    played("bug=unknown-taken-for-failure/host1.submit/host1.loaded/host1.lost-applied");
    expect_state("history-is-linearizable", "holds");
    played("bug=late-completion/" TRAINING
           "/client1.stop/client1.allowed/client1.admitted/client1.loaded/client1.swapped"
           "/trainer1.halted/trainer1.loaded/trainer1.swapped/trainer1.completed/trainer1.loaded/trainer1.swapped"
           "/clock.set(5)");
    expect("\"name\":\"history-is-linearizable\",\"sentence\":\"every history of one job is linearizable against the "
           "table\",\"kind\":\"always\",\"state\":\"violated\",\"step\":17}");
}
END_TEST

START_TEST(a_write_that_is_applied_after_a_failure_is_a_hidden_effect)
{
    played("bug=unknown-taken-for-failure/host1.submit/host1.loaded/host1.lost-late/host1.load-unavailable");
    expect("\"status\":\"unavailable\",\"changed\":\"no\"");
    expect("\"violates\":[\"no-hidden-effect\"],\"ended\":true}]");
    expect_state("store-matches-history", "holds");
    played("bug=unknown-taken-for-failure/host1.submit/host1.loaded/host1.lost-late/host1.load-unavailable"
           "/store.apply(1)");
    expect("\"violates\":[\"no-hidden-effect\"],\"ended\":false}]");
    expect_state("store-matches-history", "violated");
}
END_TEST

/* More submits than the history checker takes at once are lost: each may have been applied. */
START_TEST(what_the_history_checker_cannot_decide_is_undecided)
{
    enum { SUBMITS = TJOB_HISTORY_OPEN_MAX + 1, BYTES = SUBMITS * 60 };
    char text[BYTES] = "";
    size_t bytes = 0;
    for (int i = 0; i < SUBMITS; i++) {
        bytes +=
            (size_t)snprintf(text + bytes, BYTES - bytes, "/host1.submit/host1.loaded/host1.lost-late/host1.crash");
    }
    played(text);
    expect_state("history-is-linearizable", "undecided");
    expect_state("store-matches-history", "undecided");
    expect_state("no-hidden-effect", "not exercised");
}
END_TEST

/* ---- Whatever is played ---------------------------------------------------------------------------------------- */

static uint64_t random_below(uint64_t *random, uint64_t bound)
{
    return next_random(random) % bound;
}

/* Chooses a step among all that are possible now. */
static struct situation_step any_step(uint64_t *random)
{
    for (;;) {
        struct situation_step step = {.kind = STEP_CLOCK, .value = random_below(random, 3000)};
        const uint64_t what = random_below(random, 20);
        if (what == 0) {
            return step;
        }
        if (what == 1 && play.write_count != 0) {
            step.kind = STEP_APPLY;
            step.value = 1 + random_below(random, play.write_count);
            if (!play.writes[step.value - 1].arrived) {
                return step;
            }
        }
        step.actor = (tjob_actor)random_below(random, TJOB_ACTOR_STORE);
        step.number = 1 + (uint32_t)random_below(random, play.values[SITUATION_CLIENTS + step.actor]);
        const struct play_operation *operation = tjob__play_operation_of(&play, step.actor, step.number);
        if (operation != NULL) {
            step.kind = STEP_ANSWER;
            step.answer = (enum situation_answer)random_below(random, ANSWER_COUNT);
            const bool rare = tjob__situation_answers[step.answer].is_fault && random_below(random, 4) != 0;
            if (!rare && tjob__play_can_answer(&play, operation, step.answer)) {
                return step;
            }
        } else {
            const struct situation_event *event = &tjob__situation_events[random_below(random, SITUATION_EVENT_COUNT)];
            step.kind = STEP_BEGIN;
            step.event.kind = (uint32_t)event->kind;
            if (event->actor == step.actor) {
                return step;
            }
        }
    }
}

static unsigned violated_in_a_walk(const char *parameters, uint64_t seed, unsigned steps)
{
    struct page_error error;
    uint64_t random = seed;
    tjob_text rest = {parameters, strlen(parameters)};
    unsigned violated = 0;
    ck_assert(tjob__play_begin(&play, &rest, &error));
    for (unsigned i = 0; i < steps; i++) {
        struct play_result result;
        struct situation_step read;
        char text[200];
        json_writer writer = {.out = text, .capacity = sizeof text};
        const struct situation_step step = any_step(&random);
        tjob__situation_step_write(&writer, &step);
        ck_assert(tjob__situation_step_read((tjob_text){text, writer.bytes}, 0, &read, &error));
        ck_assert(tjob__play_step(&play, &read, 0, &result, &error));
    }
    tjob__play_check_history(&play);
    for (uint32_t i = 0; i < PLAY_PROPERTY_COUNT; i++) {
        violated += play.violated[i] != 0 && tjob__play_property(&play, i).applies ? 1 : 0;
    }
    return violated;
}

START_TEST(a_sound_system_keeps_every_invariant)
{
    static const char *const parameters[] = {"", "clients=3&trainers=3&hosts=2&supervisors=2&stop-timeout-ms=500",
                                             "stop-submitted=refuse&stop-finished=refuse", "stop-submitted=ignore"};
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
        for (uint64_t seed = 1; seed <= 20; seed++) {
            ck_assert_msg(violated_in_a_walk(parameters[i], seed, 300) == 0, "%s, seed %u", parameters[i],
                          (unsigned)seed);
        }
    }
}
END_TEST

START_TEST(each_bug_is_seen_in_some_walk)
{
    for (unsigned bug = 1; tjob__page_bug_word(bug) != NULL; bug++) {
        char parameters[100];
        unsigned violated = 0;
        (void)snprintf(parameters, sizeof parameters, "stop-timeout-ms=500&bug=%s", tjob__page_bug_word(bug));
        for (uint64_t seed = 1; seed <= 1000 && violated == 0; seed++) {
            violated = violated_in_a_walk(parameters, seed, 300);
        }
        ck_assert_msg(violated != 0, "%s", parameters);
    }
}
END_TEST

RUN_TESTS("play", {a_new_situation_offers_what_each_actor_may_begin, 0},
          {the_race_of_a_stop_with_a_completion_is_played, 0}, {each_prefix_is_a_situation, 0},
          {each_answer_does_what_it_says, 0}, {a_conflict_is_said_beforehand, 0},
          {a_step_that_is_not_possible_is_an_error_at_its_place, 0}, {a_situation_has_a_limit_of_steps, 0},
          {too_little_memory_is_an_error, 0}, {what_is_not_given_is_chosen, 0},
          {what_is_given_counts_and_keeps_all_its_bits, 0}, {a_zombie_is_fenced, 0}, {a_policy_decides_what_applies, 0},
          {a_bug_violates_an_invariant_at_its_step, 0}, {a_late_write_can_violate_what_was_answered, 0},
          {a_contradiction_is_found_at_the_answer_that_makes_it, 0},
          {a_write_that_is_applied_after_a_failure_is_a_hidden_effect, 0},
          {what_the_history_checker_cannot_decide_is_undecided, 0}, {a_sound_system_keeps_every_invariant, 0},
          {each_bug_is_seen_in_some_walk, 0})
