/* What the simulator checks at once: each promise is shown to be broken, and to be kept. */
#include "verify/promises.h"

#include "support/suite.h"

static const struct promises all = {.table = true, .stop = true};

START_TEST(promises_depend_on_the_policy)
{
    tjob_policy policy = {.stop_submitted = TJOB_STOP_SUBMITTED_STOPS};
    ck_assert(tjob__promises_of(&policy).table && tjob__promises_of(&policy).stop);
    policy.stop_submitted = TJOB_STOP_SUBMITTED_REFUSED;
    ck_assert(tjob__promises_of(&policy).table && tjob__promises_of(&policy).stop);
    policy.stop_submitted = TJOB_STOP_SUBMITTED_IGNORED;
    ck_assert(tjob__promises_of(&policy).table && !tjob__promises_of(&policy).stop);
    policy.transition = tjob_job_apply;
    ck_assert(!tjob__promises_of(&policy).table && !tjob__promises_of(&policy).stop);
}
END_TEST

START_TEST(a_record_is_looked_at)
{
    static const struct {
        tjob_job job;
        bool promised;
        tjob_simulator_check check;
    } cases[] = {
        {{.state = TJOB_SUBMITTED, .submitted_ms = 1}, false, TJOB_CHECK_NONE},
        {{.state = TJOB_SUBMITTED, .submitted_ms = 1}, true, TJOB_CHECK_I2},
        {{.state = TJOB_TRAINING, .submitted_ms = 1, .training_started_ms = 1}, true, TJOB_CHECK_I2},
        {{.state = TJOB_STOP_REQUESTED, .submitted_ms = 1, .training_started_ms = 2, .stop_requested_ms = 3},
         true,
         TJOB_CHECK_NONE},
        {{.state = TJOB_TRAINED, .submitted_ms = 1, .training_started_ms = 2, .ended_ms = 2}, true, TJOB_CHECK_NONE},
        {{.state = TJOB_STOPPED, .submitted_ms = 1, .ended_ms = 2}, false, TJOB_CHECK_I3},
        {{.state = TJOB_STOPPED, .submitted_ms = 1, .stop_requested_ms = 2, .ended_ms = 2}, true, TJOB_CHECK_NONE},
        {{.state = TJOB_TRAINING, .submitted_ms = 2, .training_started_ms = 1}, false, TJOB_CHECK_I9},
        {{.state = TJOB_IN_ERROR, .submitted_ms = 2, .ended_ms = 1}, false, TJOB_CHECK_I9},
        {{.state = TJOB_STOPPED, .submitted_ms = 2, .stop_requested_ms = 4, .ended_ms = 3}, false, TJOB_CHECK_I9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(tjob__promises_of_record(&all, &cases[i].job, cases[i].promised), cases[i].check);
        const struct promises none = {.table = false};
        const tjob_simulator_check order = cases[i].check == TJOB_CHECK_I9 ? TJOB_CHECK_I9 : TJOB_CHECK_NONE;
        ck_assert_int_eq(tjob__promises_of_record(&none, &cases[i].job, cases[i].promised), order);
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
                const tjob_simulator_check check = tjob__promises_of_change(&all, &before, &happened, &after);
                const bool completed = from == TJOB_TRAINED || from == TJOB_TRAINED_WITH_WARNING;
                const bool completes = to == TJOB_TRAINED || to == TJOB_TRAINED_WITH_WARNING;
                if ((completed && to == TJOB_STOPPED) || (from == TJOB_STOPPED && completes)) {
                    ck_assert_int_eq(check, TJOB_CHECK_I4);
                } else {
                    ck_assert_int_eq(check, changes && (uint32_t)rule.next == to ? TJOB_CHECK_NONE : TJOB_CHECK_I1);
                }
                const struct promises none = {.table = false};
                ck_assert_int_eq(tjob__promises_of_change(&none, &before, &happened, &after), TJOB_CHECK_NONE);
            }
        }
    }
}
END_TEST

START_TEST(what_was_told_is_compared_with_what_was_done)
{
    static const struct {
        struct deeds deeds;
        tjob_simulator_check check;
    } cases[] = {
        {{.accessed = true}, TJOB_CHECK_NONE},
        {{.accessed = true, .landed = 1}, TJOB_CHECK_NONE},
        {{.accessed = true, .landed = 2}, TJOB_CHECK_I5},
        {{.accessed = true, .landed = 1, .ended = true, .status = TJOB_OK, .changed = TJOB_CHANGED_YES},
         TJOB_CHECK_NONE},
        {{.accessed = true, .landed = 0, .ended = true, .status = TJOB_OK, .changed = TJOB_CHANGED_YES}, TJOB_CHECK_I6},
        {{.accessed = true, .landed = 1, .ended = true, .status = TJOB_OK, .changed = TJOB_CHANGED_NO}, TJOB_CHECK_I5},
        {{.accessed = true, .landed = 1, .ended = true, .status = TJOB_STALE, .changed = TJOB_CHANGED_NO},
         TJOB_CHECK_I5},
        {{.accessed = true, .landed = 1, .ended = true, .status = TJOB_UNRESOLVED, .changed = TJOB_CHANGED_UNKNOWN},
         TJOB_CHECK_NONE},
        {{.accessed = true, .landed = 0, .ended = true, .status = TJOB_OK, .changed = TJOB_CHANGED_UNKNOWN},
         TJOB_CHECK_NONE},
        {{.ended = true, .status = TJOB_THROTTLED}, TJOB_CHECK_NONE},
        {{.accessed = true, .ended = true, .status = TJOB_THROTTLED}, TJOB_CHECK_I10},
        {{.accessed = true, .ended = true, .status = TJOB_ACCESS_DENIED}, TJOB_CHECK_I10},
        {{.accessed = true, .ended = true, .status = TJOB_INVALID_ARGUMENT}, TJOB_CHECK_I10},
        {{.accessed = true, .ended = true, .status = TJOB_NOT_FOUND}, TJOB_CHECK_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(tjob__promises_of_deeds(&cases[i].deeds), cases[i].check);
    }
}
END_TEST

START_TEST(checks_have_names_and_sentences)
{
    for (int i = 0; i < TJOB_SIMULATOR_CHECK_COUNT; i++) {
        const tjob_simulator_check check = (tjob_simulator_check)i;
        ck_assert_str_ne(tjob_simulator_check_name(check), "?");
        ck_assert_str_ne(tjob_simulator_check_sentence(check), "?");
        for (int k = 0; k < i; k++) {
            ck_assert_str_ne(tjob_simulator_check_name(check), tjob_simulator_check_name((tjob_simulator_check)k));
        }
    }
    ck_assert_str_eq(tjob_simulator_check_name(TJOB_CHECK_I5), "I5");
    ck_assert_str_eq(tjob_simulator_check_name((tjob_simulator_check)TJOB_SIMULATOR_CHECK_COUNT), "?");
    ck_assert_str_eq(tjob_simulator_check_sentence((tjob_simulator_check)TJOB_SIMULATOR_CHECK_COUNT), "?");
}
END_TEST

RUN_TESTS("promises", {checks_have_names_and_sentences, 0}, {promises_depend_on_the_policy, 0},
          {a_record_is_looked_at, 0}, {a_change_is_along_the_table, 0},
          {what_was_told_is_compared_with_what_was_done, 0})
