/* The table of outcomes, row by row. */
#include "host/etcd/outcome.h"

#include <string.h>

#include "support/suite.h"

#define HEADER "{\"header\":{\"cluster_id\":\"1\",\"revision\":\"1\"}}"
#define ERROR(code, message) "{\"error\":\"" message "\",\"message\":\"" message "\",\"code\":" code "}"

START_TEST(each_answer_has_its_certainty)
{
    static const struct {
        unsigned http_status;
        const char *answer;
        etcd_outcome outcome;
    } rows[] = {
        {200, HEADER, {TJOB_ETCD_OK, ETCD_DONE}},
        {200, "", {TJOB_ETCD_NOT_ETCD, ETCD_UNDECIDED}},
        {200, "{}", {TJOB_ETCD_NOT_ETCD, ETCD_UNDECIDED}},
        {200, ERROR("3", "x"), {TJOB_ETCD_NOT_ETCD, ETCD_UNDECIDED}},
        {201, HEADER, {TJOB_ETCD_NOT_ETCD, ETCD_UNDECIDED}},
        {302, "", {TJOB_ETCD_NOT_ETCD, ETCD_UNDECIDED}},
        {400, "", {TJOB_ETCD_NOT_ETCD, ETCD_UNDECIDED}},
        {400, ERROR("3", "etcdserver: key is not provided"), {TJOB_ETCD_REFUSED, ETCD_NEVER}},
        {400, ERROR("9", "x"), {TJOB_ETCD_REFUSED, ETCD_NEVER}},
        {400, ERROR("11", "etcdserver: mvcc: required revision has been compacted"), {TJOB_ETCD_REFUSED, ETCD_NEVER}},
        {400, ERROR("2", "x"), {TJOB_ETCD_FAILED, ETCD_UNDECIDED}},
        {401, ERROR("16", "etcdserver: invalid auth token"), {TJOB_ETCD_REFUSED, ETCD_NEVER}},
        {403, ERROR("7", "etcdserver: permission denied"), {TJOB_ETCD_REFUSED, ETCD_NEVER}},
        {404, "Not Found", {TJOB_ETCD_NOT_ETCD, ETCD_UNDECIDED}},
        {408, ERROR("1", "context canceled"), {TJOB_ETCD_FAILED, ETCD_UNDECIDED}},
        {429, ERROR("8", "etcdserver: mvcc: database space exceeded"), {TJOB_ETCD_NO_SPACE, ETCD_FINAL}},
        {429, ERROR("8", "etcdserver: too many requests"), {TJOB_ETCD_REFUSED, ETCD_NEVER}},
        {429, ERROR("8", "grpc: another"), {TJOB_ETCD_FAILED, ETCD_UNDECIDED}},
        {429, "{\"code\":8}", {TJOB_ETCD_FAILED, ETCD_UNDECIDED}},
        {429, ERROR("8", "etcdserver: something new that is not that yet"), {TJOB_ETCD_FAILED, ETCD_UNDECIDED}},
        {500, ERROR("2", "context deadline exceeded"), {TJOB_ETCD_FAILED, ETCD_UNDECIDED}},
        {500, "", {TJOB_ETCD_FAILED, ETCD_UNDECIDED}},
        {502, "<html>", {TJOB_ETCD_FAILED, ETCD_UNDECIDED}},
        {503, ERROR("14", "etcdserver: request timed out"), {TJOB_ETCD_FAILED, ETCD_UNDECIDED}},
        {504, ERROR("4", "x"), {TJOB_ETCD_FAILED, ETCD_UNDECIDED}},
    };
    ck_assert_uint_eq(sizeof rows / sizeof rows[0], 25);
    const etcd_answer answer = tjob__etcd_answer_read((tjob_text){rows[_i].answer, strlen(rows[_i].answer)});
    const etcd_outcome outcome = tjob__etcd_outcome_of(ETCD_ANSWERED, rows[_i].http_status, &answer);
    ck_assert_int_eq(outcome.problem, rows[_i].outcome.problem);
    ck_assert_int_eq(outcome.certainty, rows[_i].outcome.certainty);
}
END_TEST

START_TEST(without_an_answer_it_depends_on_what_was_sent)
{
    const etcd_answer answer = {.is_json = false};
    ck_assert_int_eq(tjob__etcd_outcome_of(ETCD_NOT_SENT, 0, &answer).certainty, ETCD_NEVER);
    ck_assert_int_eq(tjob__etcd_outcome_of(ETCD_NOT_SENT, 0, &answer).problem, TJOB_ETCD_UNREACHABLE);
    ck_assert_int_eq(tjob__etcd_outcome_of(ETCD_LOST, 200, &answer).certainty, ETCD_UNDECIDED);
    ck_assert_int_eq(tjob__etcd_outcome_of(ETCD_LOST, 400, &answer).problem, TJOB_ETCD_LOST);
}
END_TEST

START_TEST(each_problem_has_a_text_and_a_name_of_its_own)
{
    for (int i = 0; i < TJOB_ETCD_PROBLEM_COUNT; i++) {
        const char *text = tjob_etcd_problem_text((tjob_etcd_problem)i);
        const char *name = tjob_etcd_problem_name((tjob_etcd_problem)i);
        ck_assert_uint_eq(strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"), strlen(name));
        for (int j = 0; j < i; j++) {
            ck_assert_str_ne(text, tjob_etcd_problem_text((tjob_etcd_problem)j));
            ck_assert_str_ne(name, tjob_etcd_problem_name((tjob_etcd_problem)j));
        }
    }
    ck_assert_str_eq(tjob_etcd_problem_name(TJOB_ETCD_NO_SPACE), "NO_SPACE");
    ck_assert_str_eq(tjob_etcd_problem_text(TJOB_ETCD_OK), "no problem");
    for (int i = -1; i <= TJOB_ETCD_PROBLEM_COUNT; i += TJOB_ETCD_PROBLEM_COUNT + 1) {
        ck_assert_str_eq(tjob_etcd_problem_text((tjob_etcd_problem)i), "?");
        ck_assert_str_eq(tjob_etcd_problem_name((tjob_etcd_problem)i), "?");
    }
}
END_TEST

RUN_TESTS("etcd_outcome", {each_answer_has_its_certainty, 25}, {without_an_answer_it_depends_on_what_was_sent, 0},
          {each_problem_has_a_text_and_a_name_of_its_own, 0})
