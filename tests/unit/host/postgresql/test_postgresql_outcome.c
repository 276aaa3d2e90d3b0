/* What each end of a statement says about its effect. */
#include <stdio.h>
#include <string.h>

#include "host/postgresql/outcome.h"
#include "support/suite.h"

/* The table once more, as docs/postgresql.md has it, for codes that the server has and does not have. */
static const struct {
    enum tjob__postgresql_ending ending;
    const char *sqlstate;
    tjob_postgresql_problem problem;
    tjob_swap_status creation;
    tjob_swap_status change;
} wanted[] = {
    {TJOB__POSTGRESQL_NOT_CONNECTED, "", TJOB_POSTGRESQL_NO_CONNECTION, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_BUSY, "", TJOB_POSTGRESQL_BUSY, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_NO_TRANSACTION, "", TJOB_POSTGRESQL_NO_TRANSACTION, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_DONE, "", TJOB_POSTGRESQL_OK, TJOB_SWAP_OK, TJOB_SWAP_OK},
    {TJOB__POSTGRESQL_NO_ROW, "", TJOB_POSTGRESQL_OK, TJOB_SWAP_CONFLICT, TJOB_SWAP_CONFLICT},
    {TJOB__POSTGRESQL_WARNED, "", TJOB_POSTGRESQL_WARNED, TJOB_SWAP_UNKNOWN, TJOB_SWAP_UNKNOWN},
    {TJOB__POSTGRESQL_TIMED_OUT, "", TJOB_POSTGRESQL_TIMED_OUT, TJOB_SWAP_UNKNOWN, TJOB_SWAP_UNKNOWN},
    {TJOB__POSTGRESQL_LOST, "", TJOB_POSTGRESQL_LOST, TJOB_SWAP_UNKNOWN, TJOB_SWAP_UNKNOWN},
    {TJOB__POSTGRESQL_LOST, "57P01", TJOB_POSTGRESQL_LOST, TJOB_SWAP_UNKNOWN, TJOB_SWAP_UNKNOWN},
    {TJOB__POSTGRESQL_ERROR, "08000", TJOB_POSTGRESQL_LOST, TJOB_SWAP_UNKNOWN, TJOB_SWAP_UNKNOWN},
    {TJOB__POSTGRESQL_ERROR, "08P01", TJOB_POSTGRESQL_LOST, TJOB_SWAP_UNKNOWN, TJOB_SWAP_UNKNOWN},
    {TJOB__POSTGRESQL_ERROR, "40003", TJOB_POSTGRESQL_LOST, TJOB_SWAP_UNKNOWN, TJOB_SWAP_UNKNOWN},
    {TJOB__POSTGRESQL_ERROR, "40001", TJOB_POSTGRESQL_CONTENDED, TJOB_SWAP_CONFLICT, TJOB_SWAP_CONFLICT},
    {TJOB__POSTGRESQL_ERROR, "40P01", TJOB_POSTGRESQL_CONTENDED, TJOB_SWAP_CONFLICT, TJOB_SWAP_CONFLICT},
    {TJOB__POSTGRESQL_ERROR, "53100", TJOB_POSTGRESQL_NO_SPACE, TJOB_SWAP_FULL, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_ERROR, "53200", TJOB_POSTGRESQL_NO_RESOURCES, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_ERROR, "53300", TJOB_POSTGRESQL_NO_RESOURCES, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_ERROR, "57014", TJOB_POSTGRESQL_CANCELLED, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_ERROR, "55P03", TJOB_POSTGRESQL_CANCELLED, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_ERROR, "25006", TJOB_POSTGRESQL_READ_ONLY, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_ERROR, "42P01", TJOB_POSTGRESQL_MISSING, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_ERROR, "42703", TJOB_POSTGRESQL_OTHER_SCHEMA, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_ERROR, "42501", TJOB_POSTGRESQL_NO_PERMISSION, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_ERROR, "XX001", TJOB_POSTGRESQL_DAMAGED, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_ERROR, "23514", TJOB_POSTGRESQL_REFUSED, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_ERROR, "", TJOB_POSTGRESQL_REFUSED, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
};

enum { WANTED = sizeof wanted / sizeof wanted[0] };

START_TEST(each_end_has_its_outcome)
{
    const struct tjob__postgresql_outcome *outcome = tjob__postgresql_outcome(wanted[_i].ending, wanted[_i].sqlstate);
    ck_assert_int_eq(outcome->ending, wanted[_i].ending);
    ck_assert_int_eq(outcome->problem, wanted[_i].problem);
    ck_assert_int_eq(outcome->creation, wanted[_i].creation);
    ck_assert_int_eq(outcome->change, wanted[_i].change);
}
END_TEST

/* No row hides a later one, and the cases above reach each of them. */
START_TEST(each_row_is_reached)
{
    ck_assert_ptr_nonnull(tjob__postgresql_outcome_row(0));
    const struct tjob__postgresql_outcome *none =
        tjob__postgresql_outcome((enum tjob__postgresql_ending)(TJOB__POSTGRESQL_ERROR + 1), "");
    ck_assert_int_eq(none->problem, TJOB_POSTGRESQL_REFUSED); /* the last one */
    ck_assert_str_eq(tjob_postgresql_problem_text(TJOB_POSTGRESQL_OK), "no problem");
    ck_assert_str_eq(tjob_postgresql_problem_text(TJOB_POSTGRESQL_PROBLEM_COUNT), "?");
    for (size_t row = 0; tjob__postgresql_outcome_row(row) != NULL; row++) {
        const struct tjob__postgresql_outcome *outcome = tjob__postgresql_outcome_row(row);
        bool reached = false;
        for (int i = 0; i < WANTED; i++) {
            reached = reached || tjob__postgresql_outcome(wanted[i].ending, wanted[i].sqlstate) == outcome;
        }
        ck_assert_msg(reached, "row %zu", row);
        ck_assert_ptr_eq(tjob__postgresql_outcome(outcome->ending, outcome->sqlstate), outcome);
    }
}
END_TEST

/* Only a creation is FULL, and nothing is certain that the server did not say. */
START_TEST(what_is_certain)
{
    for (size_t row = 0; tjob__postgresql_outcome_row(row) != NULL; row++) {
        const struct tjob__postgresql_outcome *outcome = tjob__postgresql_outcome_row(row);
        const bool is_open = outcome->ending == TJOB__POSTGRESQL_WARNED ||
                             outcome->ending == TJOB__POSTGRESQL_TIMED_OUT || outcome->ending == TJOB__POSTGRESQL_LOST;
        ck_assert(!is_open || (outcome->change == TJOB_SWAP_UNKNOWN && outcome->creation == TJOB_SWAP_UNKNOWN));
        ck_assert(outcome->change != TJOB_SWAP_FULL);
        ck_assert((outcome->change == TJOB_SWAP_OK) == (outcome->ending == TJOB__POSTGRESQL_DONE));
        ck_assert((outcome->creation == TJOB_SWAP_OK) == (outcome->ending == TJOB__POSTGRESQL_DONE));
    }
}
END_TEST

/* docs/postgresql.md is the place where people read it. */
START_TEST(the_page_has_the_table)
{
    static char page[65536];
    FILE *file = fopen(TJOB_POSTGRESQL_PAGE, "r");
    ck_assert_ptr_nonnull(file);
    page[fread(page, 1, sizeof page - 1, file)] = '\0';
    fclose(file);
    for (int i = 0; i < TJOB_POSTGRESQL_PROBLEM_COUNT; i++) {
        char name[64];
        snprintf(name, sizeof name, "`%s`", tjob_postgresql_problem_name((tjob_postgresql_problem)i));
        ck_assert_msg(i == TJOB_POSTGRESQL_OK || strstr(page, name) != NULL, "%s", name);
    }
    for (size_t row = 0; tjob__postgresql_outcome_row(row) != NULL; row++) {
        static const char *const words[] = {
            [TJOB_SWAP_OK] = "OK",           [TJOB_SWAP_CONFLICT] = "CONFLICT",
            [TJOB_SWAP_FULL] = "FULL",       [TJOB_SWAP_UNAVAILABLE] = "UNAVAILABLE",
            [TJOB_SWAP_UNKNOWN] = "UNKNOWN",
        };
        const struct tjob__postgresql_outcome *outcome = tjob__postgresql_outcome_row(row);
        char line[128];
        snprintf(line, sizeof line, "| `%s` | %s | %s |", tjob_postgresql_problem_name(outcome->problem),
                 words[outcome->creation], words[outcome->change]);
        ck_assert_msg(strstr(page, line) != NULL, "no row of the page ends with: %s", line);
    }
}
END_TEST

START_TEST(problems_have_names)
{
    for (int i = 0; i < TJOB_POSTGRESQL_PROBLEM_COUNT; i++) {
        const char *name = tjob_postgresql_problem_name((tjob_postgresql_problem)i);
        ck_assert_ptr_nonnull(name);
        ck_assert_ptr_nonnull(tjob_postgresql_problem_text((tjob_postgresql_problem)i));
        for (int j = 0; j < i; j++) {
            ck_assert_str_ne(name, tjob_postgresql_problem_name((tjob_postgresql_problem)j));
        }
    }
    for (int i = -1; i <= TJOB_POSTGRESQL_PROBLEM_COUNT; i += TJOB_POSTGRESQL_PROBLEM_COUNT + 1) {
        ck_assert_str_eq(tjob_postgresql_problem_name((tjob_postgresql_problem)i), "?");
        ck_assert_str_eq(tjob_postgresql_problem_text((tjob_postgresql_problem)i), "?");
    }
}
END_TEST

RUN_TESTS("postgresql_outcome", {each_end_has_its_outcome, WANTED}, {each_row_is_reached, 0}, {what_is_certain, 0},
          {the_page_has_the_table, 0}, {problems_have_names, 0})
