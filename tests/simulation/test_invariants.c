/* What the simulator checks at once: each promise is shown to be broken, and to be kept. */
#include "verify/spec/invariants.h"

#include "support/suite.h"

static const struct invariants all = {.table = true, .stop = true};

START_TEST(promises_depend_on_the_policy)
{
    tjob_policy policy = {.stop_submitted = TJOB_STOP_SUBMITTED_STOPS};
    ck_assert(tjob__invariants_of(&policy).table && tjob__invariants_of(&policy).stop);
    policy.stop_submitted = TJOB_STOP_SUBMITTED_REFUSED;
    ck_assert(tjob__invariants_of(&policy).table && tjob__invariants_of(&policy).stop);
    policy.stop_submitted = TJOB_STOP_SUBMITTED_IGNORED;
    ck_assert(tjob__invariants_of(&policy).table && !tjob__invariants_of(&policy).stop);
    policy.transition = tjob_job_apply;
    ck_assert(!tjob__invariants_of(&policy).table && !tjob__invariants_of(&policy).stop);
}
END_TEST

START_TEST(a_record_is_looked_at)
{
    static const struct {
        tjob_job job;
        bool promised;
        tjob_invariant check;
    } cases[] = {
        {{.state = TJOB_SUBMITTED, .submitted_ms = 1}, false, TJOB_INVARIANT_NONE},
        {{.state = TJOB_SUBMITTED, .submitted_ms = 1}, true, TJOB_INVARIANT_STOP_IS_KEPT},
        {{.state = TJOB_TRAINING, .submitted_ms = 1, .training_started_ms = 1}, true, TJOB_INVARIANT_STOP_IS_KEPT},
        {{.state = TJOB_STOP_REQUESTED, .submitted_ms = 1, .training_started_ms = 2, .stop_requested_ms = 3},
         true,
         TJOB_INVARIANT_NONE},
        {{.state = TJOB_TRAINED, .submitted_ms = 1, .training_started_ms = 2, .ended_ms = 2},
         true,
         TJOB_INVARIANT_NONE},
        {{.state = TJOB_STOPPED, .submitted_ms = 1, .ended_ms = 2}, false, TJOB_INVARIANT_STOPPED_HAS_STOP_TIME},
        {{.state = TJOB_STOPPED, .submitted_ms = 1, .stop_requested_ms = 2, .ended_ms = 2}, true, TJOB_INVARIANT_NONE},
        {{.state = TJOB_TRAINING, .submitted_ms = 2, .training_started_ms = 1},
         false,
         TJOB_INVARIANT_TIMES_ARE_ORDERED},
        {{.state = TJOB_IN_ERROR, .submitted_ms = 2, .ended_ms = 1}, false, TJOB_INVARIANT_TIMES_ARE_ORDERED},
        {{.state = TJOB_STOPPED, .submitted_ms = 2, .stop_requested_ms = 4, .ended_ms = 3},
         false,
         TJOB_INVARIANT_TIMES_ARE_ORDERED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(tjob__invariants_of_record(&all, &cases[i].job, cases[i].promised), cases[i].check);
        const struct invariants none = {.table = false};
        const tjob_invariant order =
            cases[i].check == TJOB_INVARIANT_TIMES_ARE_ORDERED ? TJOB_INVARIANT_TIMES_ARE_ORDERED : TJOB_INVARIANT_NONE;
        ck_assert_int_eq(tjob__invariants_of_record(&none, &cases[i].job, cases[i].promised), order);
    }
}
END_TEST

/* Of all moves of a state by an event, those of the table are right, and no other. */
START_TEST(a_change_is_along_the_table)
{
    for (uint32_t event = 0; event < TJOB_EVENT_KIND_COUNT; event++) {
        for (uint32_t from = 0; from < TJOB_STATE_COUNT; from++) {
            const tjob_transition rule = tjob_transition_of((tjob_event_kind)event, (tjob_state)from);
            const bool changes = rule.kind == TJOB_TRANSITION_CHANGE || rule.kind == TJOB_TRANSITION_STOP_SUBMITTED ||
                                 rule.kind == TJOB_TRANSITION_AFTER_TIMEOUT;
            for (uint32_t to = 0; to < TJOB_STATE_COUNT; to++) {
                const tjob_job before = {.state = from};
                const tjob_job after = {.state = to};
                const tjob_event happened = {.kind = event};
                const tjob_invariant check = tjob__invariants_of_change(&all, &before, &happened, &after);
                const bool completed = from == TJOB_TRAINED || from == TJOB_TRAINED_WITH_WARNING;
                const bool completes = to == TJOB_TRAINED || to == TJOB_TRAINED_WITH_WARNING;
                if ((completed && to == TJOB_STOPPED) || (from == TJOB_STOPPED && completes)) {
                    ck_assert_int_eq(check, TJOB_INVARIANT_STOP_EXCLUDES_COMPLETION);
                } else {
                    ck_assert_int_eq(check, changes && (uint32_t)rule.next == to ? TJOB_INVARIANT_NONE
                                                                                 : TJOB_INVARIANT_STATES_FOLLOW_TABLE);
                }
                const struct invariants none = {.table = false};
                ck_assert_int_eq(tjob__invariants_of_change(&none, &before, &happened, &after), TJOB_INVARIANT_NONE);
            }
        }
    }
}
END_TEST

START_TEST(what_was_reported_is_compared_with_what_was_done)
{
    static const struct {
        struct effects effects;
        tjob_invariant check;
    } cases[] = {
        {{.accessed = true}, TJOB_INVARIANT_NONE},
        {{.accessed = true, .applied = 1}, TJOB_INVARIANT_NONE},
        {{.accessed = true, .applied = 2}, TJOB_INVARIANT_NO_HIDDEN_EFFECT},
        {{.accessed = true, .applied = 1, .ended = true, .status = TJOB_OK, .changed = TJOB_CHANGED_YES},
         TJOB_INVARIANT_NONE},
        {{.accessed = true, .applied = 0, .ended = true, .status = TJOB_OK, .changed = TJOB_CHANGED_YES},
         TJOB_INVARIANT_SUCCESS_IS_APPLIED},
        {{.accessed = true, .applied = 1, .ended = true, .status = TJOB_OK, .changed = TJOB_CHANGED_NO},
         TJOB_INVARIANT_NO_HIDDEN_EFFECT},
        {{.accessed = true, .applied = 1, .ended = true, .status = TJOB_STALE, .changed = TJOB_CHANGED_NO},
         TJOB_INVARIANT_NO_HIDDEN_EFFECT},
        {{.accessed = true, .applied = 1, .ended = true, .status = TJOB_UNRESOLVED, .changed = TJOB_CHANGED_UNKNOWN},
         TJOB_INVARIANT_NONE},
        {{.accessed = true, .applied = 0, .ended = true, .status = TJOB_OK, .changed = TJOB_CHANGED_UNKNOWN},
         TJOB_INVARIANT_NONE},
        {{.ended = true, .status = TJOB_THROTTLED}, TJOB_INVARIANT_NONE},
        {{.accessed = true, .ended = true, .status = TJOB_THROTTLED}, TJOB_INVARIANT_REJECTED_TOUCHES_NO_STORE},
        {{.accessed = true, .ended = true, .status = TJOB_ACCESS_DENIED}, TJOB_INVARIANT_REJECTED_TOUCHES_NO_STORE},
        {{.accessed = true, .ended = true, .status = TJOB_INVALID_ARGUMENT}, TJOB_INVARIANT_REJECTED_TOUCHES_NO_STORE},
        {{.accessed = true, .ended = true, .status = TJOB_NOT_FOUND}, TJOB_INVARIANT_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(tjob__invariants_of_effects(&cases[i].effects), cases[i].check);
    }
}
END_TEST

START_TEST(checks_have_names_and_sentences)
{
    for (int i = 0; i < TJOB_INVARIANT_COUNT; i++) {
        const tjob_invariant check = (tjob_invariant)i;
        ck_assert_str_ne(tjob_invariant_name(check), "?");
        ck_assert_str_ne(tjob_invariant_sentence(check), "?");
        for (int k = 0; k < i; k++) {
            ck_assert_str_ne(tjob_invariant_name(check), tjob_invariant_name((tjob_invariant)k));
        }
    }
    ck_assert_str_eq(tjob_invariant_name(TJOB_INVARIANT_NO_HIDDEN_EFFECT), "no-hidden-effect");
    ck_assert_str_eq(tjob_invariant_name((tjob_invariant)TJOB_INVARIANT_COUNT), "?");
    ck_assert_str_eq(tjob_invariant_sentence((tjob_invariant)TJOB_INVARIANT_COUNT), "?");
}
END_TEST

RUN_TESTS("promises", {checks_have_names_and_sentences, 0}, {promises_depend_on_the_policy, 0},
          {a_record_is_looked_at, 0}, {a_change_is_along_the_table, 0},
          {what_was_reported_is_compared_with_what_was_done, 0})
