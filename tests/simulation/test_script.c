/* Scripts of one job: how much they hold, how they are run again, and how they are told. */
#include "verify/script_tell.h"

#include <stdlib.h>
#include <string.h>

#include "support/suite.h"
#include "verify/faults.h"

static struct script script;
static struct script_run run;
static const tjob_policy library;

/* An empty script, to be run over the sound store without a judge's bounds in its way. */
static void set_up(const tjob_policy *policy)
{
    static uint64_t history[TJOB_HISTORY_BYTES_DEFAULT / sizeof(uint64_t)];
    memset(&script, 0, sizeof script);
    run.store = (struct simulated_store){.model = &tjob_store_model_sound};
    run.policy = policy;
    run.plant = TJOB_PLANT_NONE;
    ck_assert_int_eq(tjob_history_init(&run.history, history, sizeof history, policy), TJOB_OK);
}

static uint32_t operation(tjob_actor actor, uint32_t kind)
{
    return script_operation(&script, actor, &(tjob_event){.kind = kind, .token = kind == TJOB_SUBMIT ? 1 : 0});
}

static uint32_t access_of(uint32_t number, enum access_kind kind, tjob_fault fault)
{
    const struct access access = {.now_ms = 5000, .operation = number, .kind = (uint8_t)kind, .fault = (uint8_t)fault};
    return script_access(&script, &access);
}

static void lands(uint32_t number, uint32_t of)
{
    script_access(&script, &(struct access){.operation = number, .of = of, .kind = ACCESS_LAND, .fault = NO_FAULT});
}

START_TEST(a_script_that_is_full_says_so_and_stays_so)
{
    set_up(&library);
    for (uint32_t i = 0; i < SCRIPT_OPERATIONS_MAX; i++) {
        EXPECT(operation(TJOB_ACTOR_CLIENT, TJOB_DESCRIBE) == i);
    }
    ck_assert(!script.full);
    ck_assert_uint_eq(operation(TJOB_ACTOR_CLIENT, TJOB_DESCRIBE), 0);
    ck_assert(script.full);
    ck_assert_uint_eq(operation(TJOB_ACTOR_CLIENT, TJOB_DESCRIBE), 0);
    ck_assert_uint_eq(access_of(0, ACCESS_LOAD, NO_FAULT), 0);
    ck_assert_uint_eq(script.access_count, 0);
    script.full = false;
    for (uint32_t i = 0; i < SCRIPT_ACCESSES_MAX; i++) {
        EXPECT(access_of(0, ACCESS_LOAD, NO_FAULT) == i);
    }
    ck_assert(!script.full);
    ck_assert_uint_eq(access_of(0, ACCESS_LOAD, NO_FAULT), 0);
    ck_assert(script.full);
}
END_TEST

/* As many swaps may be under way as there is room for, and arrive in any order; one more never does. */
START_TEST(so_many_swaps_may_be_under_way)
{
    set_up(&library);
    for (uint32_t i = 0; i <= SCRIPT_WRITES_MAX; i++) {
        operation(TJOB_ACTOR_HOST, TJOB_SUBMIT);
        access_of(i, ACCESS_LOAD, NO_FAULT);
        access_of(i, ACCESS_SWAP, TJOB_FAULT_LATE);
    }
    const uint32_t last = SCRIPT_WRITES_MAX;
    lands(last, 2 * last + 1);
    lands(last - 1, 2 * last - 1);
    lands(0, 1);
    script_begin(&run, &script);
    struct accessed accessed[3];
    for (uint32_t i = 0; i < script.access_count; i++) {
        const struct accessed now = script_step(&run, &script, &script.accesses[i]);
        if (script.accesses[i].kind == ACCESS_LAND) {
            accessed[i - (script.access_count - 3)] = now;
        }
    }
    ck_assert(accessed[0].skipped);
    ck_assert(!accessed[1].skipped && accessed[1].swapped == TJOB_SWAP_OK);
    ck_assert(!accessed[2].skipped && accessed[2].swapped == TJOB_SWAP_CONFLICT);
}
END_TEST

static void write_text(void *context, const char *text, size_t bytes)
{
    strncat(context, text, bytes);
}

static void tell(char *text)
{
    tjob_story story = {.format = TJOB_STORY_TEXT, .write = write_text, .context = text};
    ck_assert_uint_eq(script_tell(&run, &script, TJOB_CHECK_NONE, &story), story.steps);
}

/* Every kind of access, and each of its answers, has its words. */
START_TEST(everything_that_happens_is_told)
{
    char *text = calloc(1, 1 << 16);
    ck_assert_ptr_nonnull(text);
    set_up(&library);
    operation(TJOB_ACTOR_HOST, TJOB_SUBMIT);
    operation(TJOB_ACTOR_HOST, TJOB_SUBMIT);
    operation(TJOB_ACTOR_TRAINER, TJOB_DESCRIBE);
    operation(TJOB_ACTOR_CLIENT, TJOB_DESCRIBE);
    access_of(0, ACCESS_LOAD, NO_FAULT);
    const uint32_t late = access_of(0, ACCESS_SWAP, TJOB_FAULT_LATE);
    access_of(1, ACCESS_LOAD, NO_FAULT);
    access_of(1, ACCESS_SWAP, NO_FAULT);
    lands(0, late);
    lands(0, late); /* it has arrived: this is nothing */
    access_of(2, ACCESS_LOAD, TJOB_FAULT_LOAD_UNAVAILABLE);
    access_of(3, ACCESS_ACTOR_CRASH, NO_FAULT);
    script.accesses[access_of(3, ACCESS_LOAD, NO_FAULT)].left_out = true;
    script.accesses[access_of(3, ACCESS_LOAD, NO_FAULT)].now_ms = 0; /* it has crashed: this is nothing */
    tell(text);
    static const char *const words[] = {"host 1 -> store: submit, loads, swaps\n     not found, no answer (late)\n",
                                        "host 2 -> store",
                                        "its swap arrives late\n     not done\n",
                                        "trainer 1 -> store: describe, loads\n     unavailable (load-unavailable)",
                                        "client 1 -> store: describe, crashes\n",
                                        "submitted at 1\n"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        ck_assert_msg(strstr(text, words[i]) != NULL, "not told: %s\nbut: %s", words[i], text);
    }
    free(text);
}
END_TEST

static void crashes(void *state)
{
    tjob_store_model_sound.begin(state);
}

START_TEST(a_crash_of_the_store_is_told_even_if_nothing_else_happens)
{
    char text[1024] = "";
    set_up(&library);
    tjob_store_model forgetful = tjob_store_model_sound;
    forgetful.crash = crashes;
    run.store.model = &forgetful;
    operation(TJOB_ACTOR_HOST, TJOB_SUBMIT);
    access_of(0, ACCESS_STORE_CRASH, NO_FAULT);
    tell(text);
    ck_assert_ptr_nonnull(strstr(text, "crashes, and loses what is not durable"));
}
END_TEST

static tjob_swap_status swaps_nothing(void *state, uint64_t expected, const tjob_job *next)
{
    (void)state, (void)expected, (void)next;
    return TJOB_SWAP_OK;
}

/* What the store holds is judged by the table; under a rule of the host's own it is not. */
START_TEST(a_rule_of_the_hosts_own_is_not_judged)
{
    tjob_policy policy = {.rule = NULL};
    tjob_store_model forgetful = tjob_store_model_sound;
    forgetful.swap = swaps_nothing;
    uint32_t accesses;
    for (int own = 0; own < 2; own++) {
        policy.rule = own ? tjob_job_apply : NULL;
        set_up(&policy);
        run.store.model = &forgetful;
        operation(TJOB_ACTOR_HOST, TJOB_SUBMIT);
        access_of(0, ACCESS_LOAD, NO_FAULT);
        access_of(0, ACCESS_SWAP, NO_FAULT);
        ck_assert_int_eq(script_run(&run, &script, &accesses), own ? TJOB_CHECK_NONE : TJOB_CHECK_HOLDS);
        ck_assert_uint_eq(accesses, 2);
    }
}
END_TEST

/* A store of the caller's, which answers no load any more once something was swapped. */
static tjob_load_status load_once(void *context, void *call, tjob_text arn, tjob_job *job, uint64_t *version)
{
    (void)call, (void)arn;
    *job = (tjob_job){.state = TJOB_ABSENT};
    *version = 0;
    return *(const bool *)context ? TJOB_LOAD_UNAVAILABLE : TJOB_LOAD_NOT_FOUND;
}

static tjob_swap_status swap_once(void *context, void *call, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    (void)call, (void)arn, (void)expected, (void)next;
    *(bool *)context = true;
    return TJOB_SWAP_OK;
}

/* A store that does not tell in the end what it holds may hold anything. */
START_TEST(a_store_that_is_down_in_the_end_is_not_accused)
{
    bool down = false;
    const tjob_store store = {&down, load_once, swap_once};
    uint32_t accesses;
    set_up(&library);
    run.store.own = &store;
    operation(TJOB_ACTOR_HOST, TJOB_SUBMIT);
    access_of(0, ACCESS_LOAD, NO_FAULT);
    access_of(0, ACCESS_SWAP, NO_FAULT);
    ck_assert_int_eq(script_run(&run, &script, &accesses), TJOB_CHECK_NONE);
    ck_assert(down);
    ck_assert_uint_eq(accesses, 2);
}
END_TEST

RUN_TESTS("script", {a_script_that_is_full_says_so_and_stays_so, 0}, {so_many_swaps_may_be_under_way, 0},
          {everything_that_happens_is_told, 0}, {a_crash_of_the_store_is_told_even_if_nothing_else_happens, 0},
          {a_rule_of_the_hosts_own_is_not_judged, 0}, {a_store_that_is_down_in_the_end_is_not_accused, 0})
