/* Scripts of one job: how much they hold, how they are run again, and how they are reported. */
#include "verify/simulator/replay_describe.h"

#include <stdlib.h>
#include <string.h>

#include "support/jobs.h"
#include "support/suite.h"
#include "verify/simulator/faults.h"
#include "verify/spec/seeded_bugs.h"

static struct replay replay;
static struct replay_run run;
static const tjob_policy library;

/* An empty script, to be run over the sound store without a checker's bounds in its way. */
static void set_up(const tjob_policy *policy)
{
    static uint64_t history[TJOB_HISTORY_BYTES_DEFAULT / sizeof(uint64_t)];
    memset(&replay, 0, sizeof replay);
    run.store = (struct simulated_store){.model = &tjob_store_model_sound};
    run.policy = policy;
    run.bug = TJOB_BUG_NONE;
    ck_assert_int_eq(tjob_history_checker_init(&run.history, history, sizeof history, policy), TJOB_OK);
}

static uint32_t operation(tjob_actor actor, uint32_t kind)
{
    return tjob__replay_operation(&replay, actor, &(tjob_event){.kind = kind, .token = kind == TJOB_SUBMIT ? 1 : 0});
}

static uint32_t access_of(uint32_t number, enum access_kind kind, tjob_fault fault)
{
    const struct access access = {.now_ms = 5000, .operation = number, .kind = (uint8_t)kind, .fault = (uint8_t)fault};
    return tjob__replay_access(&replay, &access);
}

static void applies_late(uint32_t number, uint32_t of)
{
    tjob__replay_access(&replay,
                        &(struct access){.operation = number, .of = of, .kind = ACCESS_APPLY, .fault = NO_FAULT});
}

START_TEST(a_script_that_is_full_says_so_and_stays_so)
{
    set_up(&library);
    for (uint32_t i = 0; i < REPLAY_OPERATIONS_MAX; i++) {
        EXPECT(operation(TJOB_ACTOR_CLIENT, TJOB_DESCRIBE) == i);
    }
    ck_assert(!replay.full);
    ck_assert_uint_eq(operation(TJOB_ACTOR_CLIENT, TJOB_DESCRIBE), 0);
    ck_assert(replay.full);
    ck_assert_uint_eq(operation(TJOB_ACTOR_CLIENT, TJOB_DESCRIBE), 0);
    ck_assert_uint_eq(access_of(0, ACCESS_LOAD, NO_FAULT), 0);
    ck_assert_uint_eq(replay.access_count, 0);
    replay.full = false;
    for (uint32_t i = 0; i < REPLAY_ACCESSES_MAX; i++) {
        EXPECT(access_of(0, ACCESS_LOAD, NO_FAULT) == i);
    }
    ck_assert(!replay.full);
    ck_assert_uint_eq(access_of(0, ACCESS_LOAD, NO_FAULT), 0);
    ck_assert(replay.full);
}
END_TEST

/* As many swaps may be under way as there is room for, and arrive in any order; a run of one more shows nothing. */
START_TEST(so_many_swaps_may_be_under_way)
{
    set_up(&library);
    for (uint32_t i = 0; i <= REPLAY_WRITES_MAX; i++) {
        operation(TJOB_ACTOR_HOST, TJOB_SUBMIT);
        access_of(i, ACCESS_LOAD, NO_FAULT);
        access_of(i, ACCESS_SWAP, TJOB_FAULT_LATE);
    }
    const uint32_t last = REPLAY_WRITES_MAX;
    applies_late(last, 2 * last + 1);
    applies_late(last - 1, 2 * last - 1);
    applies_late(0, 1);
    tjob__replay_begin(&run, &replay);
    struct accessed accessed[3];
    for (uint32_t i = 0; i < replay.access_count; i++) {
        const struct accessed now = tjob__replay_step(&run, &replay, &replay.accesses[i]);
        if (replay.accesses[i].kind == ACCESS_APPLY) {
            accessed[i - (replay.access_count - 3)] = now;
        }
    }
    ck_assert(accessed[0].skipped);
    ck_assert(!accessed[1].skipped && accessed[1].swapped == TJOB_SWAP_OK);
    ck_assert(!accessed[2].skipped && accessed[2].swapped == TJOB_SWAP_CONFLICT);
    ck_assert(run.exceeded);
    uint32_t accesses;
    ck_assert_int_eq(tjob__replay_run(&run, &replay, &accesses), TJOB_INVARIANT_NONE);
    ck_assert_uint_eq(accesses, 2 * (last + 1));
    tjob__replay_begin(&run, &replay);
    ck_assert(!run.exceeded);
}
END_TEST

static void write_text(void *context, const char *text, size_t bytes)
{
    strncat(context, text, bytes);
}

static void describe_violation(char *text, tjob_invariant check)
{
    tjob_trace_printer printer = {.format = TJOB_TRACE_TEXT, .write = write_text, .context = text};
    tjob__replay_describe(&run, &replay, check, &printer);
}

static void describe(char *text)
{
    describe_violation(text, TJOB_INVARIANT_NONE);
}

/* Every kind of access, and each of its answers, has its words. */
START_TEST(everything_that_happens_is_reported)
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
    applies_late(0, late);
    applies_late(0, late); /* it has arrived: this is nothing */
    access_of(2, ACCESS_LOAD, TJOB_FAULT_LOAD_UNAVAILABLE);
    access_of(3, ACCESS_ACTOR_CRASH, NO_FAULT);
    replay.accesses[access_of(3, ACCESS_LOAD, NO_FAULT)].left_out = true;
    replay.accesses[access_of(3, ACCESS_LOAD, NO_FAULT)].now_ms = 0; /* it has crashed: this is nothing */
    tjob__replay_operation(&replay, TJOB_ACTOR_TRAINER, &(tjob_event){.kind = TJOB_START, .trainer_token = 9});
    tjob__replay_operation(&replay, TJOB_ACTOR_HOST, &(tjob_event){.kind = TJOB_STOP});
    replay.accesses[access_of(4, ACCESS_LOAD, NO_FAULT)].now_ms = 5007;
    access_of(4, ACCESS_SWAP, NO_FAULT);
    replay.accesses[access_of(5, ACCESS_LOAD, NO_FAULT)].now_ms = 5008;
    const uint32_t twice = access_of(5, ACCESS_SWAP, TJOB_FAULT_DUPLICATED);
    applies_late(5, twice);
    operation(TJOB_ACTOR_CLIENT, TJOB_SUBMIT);
    access_of(6, ACCESS_LOAD, NO_FAULT);
    replay.accesses[access_of(6, ACCESS_LOAD, NO_FAULT)].now_ms = 1; /* behind the end: of no account */
    replay.access_count--;
    describe(text);
    static const char *const words[] = {
        "host 1 -> store: submit: load, at 1\n     absent, version 0\n",
        "host 1 -> store: submit: swap version 0 for SUBMITTED\n     answer lost (late)\n",
        "host 2 -> store",
        "store: applies a late write: submit\n     not applied\n",
        "trainer 1 -> store: describe: load, at 1\n     unavailable (load-unavailable); answer: unavailable\n",
        "client 1: describe: crashes\n8.",
        "trainer 9 -> store: start by trainer 9: swap version 1 for TRAINING\n     ok; answer: ok, changed\n",
        "host 3 -> store: stop: load, at 9\n",
        "     ok (duplicated); answer: ok, changed\n",
        "store: applies a late write: stop\n     not applied\n",
        "submitted at 1, started at 8, stop requested at 9",
        "client 2 -> store: submit: load, at 1\n     STOP_REQUESTED, version 3, ",
        "submitted at 1\n"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        ck_assert_msg(strstr(text, words[i]) != NULL, "missing: %s\nbut: %s", words[i], text);
    }
    free(text);
}
END_TEST

static void crashes(void *state)
{
    tjob_store_model_sound.begin(state);
}

/* Times are reported from the first one on, whichever access has it; a swap that arrives late may be done. */
START_TEST(a_late_swap_may_be_done)
{
    char text[2048] = "";
    set_up(&library);
    operation(TJOB_ACTOR_HOST, TJOB_SUBMIT);
    operation(TJOB_ACTOR_CLIENT, TJOB_STOP);
    replay.accesses[access_of(0, ACCESS_LOAD, NO_FAULT)].now_ms = 5009;
    applies_late(0, access_of(0, ACCESS_SWAP, TJOB_FAULT_LATE));
    replay.accesses[access_of(1, ACCESS_LOAD, NO_FAULT)].now_ms = 5000;
    access_of(1, ACCESS_SWAP, NO_FAULT);
    describe(text);
    ck_assert_ptr_nonnull(strstr(text, "store: applies a late write: submit\n     before: absent"));
    ck_assert_ptr_nonnull(strstr(text, "submitted at 10,"));
}
END_TEST

/* What is violated stands behind the answer of the last access, or alone where that has none. */
START_TEST(a_violation_is_reported_where_it_is_found)
{
    char text[4096] = "";
    set_up(&library);
    operation(TJOB_ACTOR_HOST, TJOB_SUBMIT);
    access_of(0, ACCESS_LOAD, NO_FAULT);
    applies_late(0, access_of(0, ACCESS_SWAP, TJOB_FAULT_LATE));
    describe_violation(text, TJOB_INVARIANT_STATES_FOLLOW_TABLE);
    ck_assert_msg(strstr(text, "\n     violates states-follow-table") != NULL, "%s", text);
    text[0] = '\0';
    access_of(0, ACCESS_LOAD, NO_FAULT);
    describe_violation(text, TJOB_INVARIANT_STATES_FOLLOW_TABLE);
    ck_assert_msg(strstr(text, "submit: reload, at ") != NULL, "%s", text);
    ck_assert_msg(strstr(text, "; violates states-follow-table") != NULL, "%s", text);
}
END_TEST

/* A trace has its first and its last line, were there nothing between. */
START_TEST(a_trace_begins_and_ends)
{
    char text[64] = "";
    tjob_trace_printer printer = {.format = TJOB_TRACE_JSON, .write = write_text, .context = text};
    set_up(&library);
    tjob__replay_describe(&run, &replay, TJOB_INVARIANT_NONE, &printer);
    ck_assert_str_eq(text, "[]");
}
END_TEST

START_TEST(a_crash_of_the_store_is_reported_even_if_nothing_else_happens)
{
    char text[1024] = "";
    set_up(&library);
    tjob_store_model forgetful = tjob_store_model_sound;
    forgetful.crash = crashes;
    run.store.model = &forgetful;
    operation(TJOB_ACTOR_HOST, TJOB_SUBMIT);
    access_of(0, ACCESS_STORE_CRASH, NO_FAULT);
    describe(text);
    ck_assert_ptr_nonnull(strstr(text, "crashes and loses what was not durable"));
}
END_TEST

static tjob_swap_status swaps_nothing(void *state, uint64_t expected, const tjob_job *next)
{
    (void)state, (void)expected, (void)next;
    return TJOB_SWAP_OK;
}

/* What the store holds is checked by the table; under a rule of the host's own it is not. */
START_TEST(a_rule_of_the_hosts_own_is_not_checked)
{
    tjob_policy policy = {.transition = NULL};
    tjob_store_model forgetful = tjob_store_model_sound;
    forgetful.swap = swaps_nothing;
    uint32_t accesses;
    for (int own = 0; own < 2; own++) {
        policy.transition = own ? tjob_job_apply : NULL;
        set_up(&policy);
        run.store.model = &forgetful;
        operation(TJOB_ACTOR_HOST, TJOB_SUBMIT);
        access_of(0, ACCESS_LOAD, NO_FAULT);
        access_of(0, ACCESS_SWAP, NO_FAULT);
        ck_assert_int_eq(tjob__replay_run(&run, &replay, &accesses),
                         own ? TJOB_INVARIANT_NONE : TJOB_INVARIANT_STORE_MATCHES_HISTORY);
        ck_assert_uint_eq(accesses, 2);
    }
}
END_TEST

/* ---- What is checked, access by access -------------------------------------------------------------------------- */

/* What the last access of a script is found to violate. */
static tjob_invariant check_of_the_last(void)
{
    struct accessed accessed = {.invariant = TJOB_INVARIANT_NONE};
    tjob__replay_begin(&run, &replay);
    for (uint32_t i = 0; i < replay.access_count; i++) {
        ck_assert_int_eq(accessed.invariant, TJOB_INVARIANT_NONE);
        accessed = tjob__replay_step(&run, &replay, &replay.accesses[i]);
    }
    return accessed.invariant;
}

/* Over a store that takes every swap, the later one of two sets the first one back. */
START_TEST(a_change_is_checked_where_it_is_made)
{
    set_up(&library);
    run.store.model = tjob__seeded_bug_store(TJOB_BUG_LOST_UPDATE);
    tjob__replay_operation(&replay, TJOB_ACTOR_HOST, &(tjob_event){.kind = TJOB_SUBMIT, .token = 1});
    tjob__replay_operation(&replay, TJOB_ACTOR_HOST, &(tjob_event){.kind = TJOB_SUBMIT, .token = 2});
    access_of(0, ACCESS_LOAD, NO_FAULT);
    access_of(1, ACCESS_LOAD, NO_FAULT);
    access_of(0, ACCESS_SWAP, NO_FAULT);
    access_of(1, ACCESS_SWAP, NO_FAULT);
    ck_assert_int_eq(check_of_the_last(), TJOB_INVARIANT_STATES_FOLLOW_TABLE);
}
END_TEST

/*
 * A submit that is applied once more, when its job was removed, is one too many; unless a crash of the store may have
 * taken back the first one.
 */
START_TEST(what_takes_effect_twice_is_seen)
{
    tjob_store_model careless = *tjob__seeded_bug_store(TJOB_BUG_LOST_UPDATE);
    for (int forgets = 0; forgets < 2; forgets++) {
        set_up(&library);
        careless.crash = forgets ? crashes : NULL;
        run.store.model = &careless;
        static const uint32_t kinds[] = {TJOB_SUBMIT, TJOB_FAILED, TJOB_DELETE, TJOB_REMOVED};
        for (uint32_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
            operation(TJOB_ACTOR_HOST, kinds[i]);
            access_of(i, ACCESS_LOAD, NO_FAULT);
            access_of(i, ACCESS_SWAP, i == 0 ? TJOB_FAULT_DUPLICATED : NO_FAULT);
        }
        applies_late(0, 1);
        ck_assert_int_eq(check_of_the_last(), forgets ? TJOB_INVARIANT_NONE : TJOB_INVARIANT_NO_HIDDEN_EFFECT);
    }
}
END_TEST

/* A store of the caller's that holds whatever it is made to hold. */
static tjob_load_status load_held(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    (void)user, (void)arn;
    *job = *(const tjob_job *)context;
    *version = 1;
    return TJOB_LOAD_OK;
}

static tjob_swap_status swap_nothing(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    (void)context, (void)user, (void)arn, (void)expected, (void)next;
    return TJOB_SWAP_OK;
}

/*
 * A stop is answered 200 in an incarnation, and then the job is found TRAINING: in that incarnation, or in another one.
 * What was answered at the same time, and was not done either, is the lesser of it.
 */
START_TEST(a_stop_that_was_promised_is_looked_for)
{
    static const struct {
        tjob_event stop;      /* the first one */
        uint64_t incarnation; /* found afterwards */
        tjob_seeded_bug bug;
        tjob_invariant check;
    } cases[] = {
        {{.kind = TJOB_STOP}, 1, TJOB_BUG_NONE, TJOB_INVARIANT_STOP_IS_KEPT},
        {{.kind = TJOB_STOP}, 2, TJOB_BUG_NONE, TJOB_INVARIANT_NONE},
        {{.kind = TJOB_DESCRIBE}, 1, TJOB_BUG_NONE, TJOB_INVARIANT_NONE},
        {{.kind = TJOB_STOP, .incarnation = 9},
         1,
         TJOB_BUG_NONE,
         TJOB_INVARIANT_NONE}, /* refused: nothing is promised */
        {{.kind = TJOB_STOP}, 1, TJOB_BUG_STOP_ANSWERED_EARLY, TJOB_INVARIANT_STOP_IS_KEPT},
        {{.kind = TJOB_STOP}, 2, TJOB_BUG_STOP_ANSWERED_EARLY, TJOB_INVARIANT_SUCCESS_IS_APPLIED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tjob_job held = sample_job(TJOB_STOP_REQUESTED);
        const tjob_store store = {&held, load_held, swap_nothing};
        held.incarnation = 1;
        set_up(&library);
        run.store.own = &store;
        run.bug = cases[i].bug;
        tjob__replay_operation(&replay, TJOB_ACTOR_CLIENT, &cases[i].stop);
        operation(TJOB_ACTOR_CLIENT, TJOB_STOP);
        access_of(0, ACCESS_LOAD, NO_FAULT);
        access_of(1, ACCESS_LOAD, NO_FAULT);
        tjob__replay_begin(&run, &replay);
        ck_assert_int_eq(tjob__replay_step(&run, &replay, &replay.accesses[0]).invariant, TJOB_INVARIANT_NONE);
        held = sample_job(TJOB_TRAINING);
        held.incarnation = cases[i].incarnation;
        ck_assert_int_eq(tjob__replay_step(&run, &replay, &replay.accesses[1]).invariant, cases[i].check);
    }
}
END_TEST

/* ---- In another run -------------------------------------------------------------------------------------------- */

/*
 * A submit began no incarnation in the run that was recorded; that it begins one in this run is nothing to a stop of
 * any incarnation.
 */
START_TEST(an_incarnation_that_nobody_named_is_not_put_in)
{
    set_up(&library);
    operation(TJOB_ACTOR_HOST, TJOB_SUBMIT);
    operation(TJOB_ACTOR_CLIENT, TJOB_STOP);
    access_of(0, ACCESS_LOAD, NO_FAULT);
    access_of(0, ACCESS_SWAP, NO_FAULT);
    access_of(1, ACCESS_LOAD, NO_FAULT);
    ck_assert_int_eq(check_of_the_last(), TJOB_INVARIANT_NONE);
    ck_assert_uint_eq(run.call_count, 2);
    ck_assert_uint_eq(run.calls[1].event.incarnation, 0);
}
END_TEST

/* One that was named is the incarnation that the same submit begins in this run. */
START_TEST(an_incarnation_is_that_of_this_run)
{
    set_up(&library);
    operation(TJOB_ACTOR_HOST, TJOB_SUBMIT);
    tjob__replay_begins_incarnation(&replay, 0, 77);
    tjob__replay_operation(&replay, TJOB_ACTOR_CLIENT, &(tjob_event){.kind = TJOB_STOP, .incarnation = 77});
    access_of(0, ACCESS_LOAD, NO_FAULT);
    access_of(0, ACCESS_SWAP, NO_FAULT);
    access_of(1, ACCESS_LOAD, NO_FAULT);
    ck_assert_int_eq(check_of_the_last(), TJOB_INVARIANT_NONE);
    ck_assert_uint_eq(run.calls[1].event.incarnation, 1);
}
END_TEST

/* An operation asks for what it asks for: another access than that does not happen. */
START_TEST(what_an_operation_does_not_ask_for_is_skipped)
{
    set_up(&library);
    operation(TJOB_ACTOR_HOST, TJOB_SUBMIT);
    ck_assert_uint_eq(access_of(0, ACCESS_SWAP, NO_FAULT), 0);
    access_of(0, ACCESS_LOAD, NO_FAULT);
    access_of(0, ACCESS_LOAD, NO_FAULT);
    access_of(0, ACCESS_SWAP, NO_FAULT);
    access_of(0, ACCESS_SWAP, NO_FAULT);
    access_of(0, ACCESS_ACTOR_CRASH, NO_FAULT);
    static const bool skipped[] = {true, false, true, false, true, true};
    tjob__replay_begin(&run, &replay);
    for (uint32_t i = 0; i < replay.access_count; i++) {
        ck_assert_int_eq(tjob__replay_step(&run, &replay, &replay.accesses[i]).skipped, skipped[i]);
    }
}
END_TEST

/* A model begins anew with each run; in place of a store of the caller's it does not begin at all. */
static uint32_t begins;

static void begins_counted(void *state)
{
    begins++;
    tjob_store_model_sound.begin(state);
}

START_TEST(a_model_begins_with_the_run)
{
    tjob_store_model counted = tjob_store_model_sound;
    tjob_job held = sample_job(TJOB_TRAINING);
    const tjob_store store = {&held, load_held, swap_nothing};
    counted.begin = begins_counted;
    set_up(&library);
    run.store.model = &counted;
    begins = 0;
    tjob__replay_begin(&run, &replay);
    ck_assert_uint_eq(begins, 1);
    run.store.own = &store;
    tjob__replay_begin(&run, &replay);
    ck_assert_uint_eq(begins, 1);
}
END_TEST

/* A store of the caller's, which answers no load any more once something was swapped. */
static tjob_load_status load_once(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    (void)user, (void)arn;
    *job = (tjob_job){.state = TJOB_ABSENT};
    *version = 0;
    return *(const bool *)context ? TJOB_LOAD_UNAVAILABLE : TJOB_LOAD_NOT_FOUND;
}

static tjob_swap_status swap_once(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    (void)user, (void)arn, (void)expected, (void)next;
    *(bool *)context = true;
    return TJOB_SWAP_OK;
}

/* A store that does not report in the end what it holds may hold anything. */
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
    ck_assert_int_eq(tjob__replay_run(&run, &replay, &accesses), TJOB_INVARIANT_NONE);
    ck_assert(down);
    ck_assert_uint_eq(accesses, 2);
}
END_TEST

RUN_TESTS("script", {a_script_that_is_full_says_so_and_stays_so, 0}, {so_many_swaps_may_be_under_way, 0},
          {everything_that_happens_is_reported, 0}, {a_crash_of_the_store_is_reported_even_if_nothing_else_happens, 0},
          {a_rule_of_the_hosts_own_is_not_checked, 0}, {a_store_that_is_down_in_the_end_is_not_accused, 0},
          {a_change_is_checked_where_it_is_made, 0}, {what_takes_effect_twice_is_seen, 0},
          {a_stop_that_was_promised_is_looked_for, 0}, {an_incarnation_that_nobody_named_is_not_put_in, 0},
          {an_incarnation_is_that_of_this_run, 0}, {what_an_operation_does_not_ask_for_is_skipped, 0},
          {a_model_begins_with_the_run, 0}, {a_late_swap_may_be_done, 0},
          {a_violation_is_reported_where_it_is_found, 0}, {a_trace_begins_and_ends, 0})
