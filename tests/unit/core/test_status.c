/* What a status is to a client: success, refusal or failure, and its name. */
#include "tjob/status.h"

#include <limits.h>

#include "support/suite.h"

enum class { SUCCESS, REFUSAL, FAILURE };

static const struct {
    tjob_status status;
    enum class class;
    const char *name;
} statuses[] = {
    {TJOB_OK, SUCCESS, "ok"},
    {TJOB_INVALID_ARGUMENT, REFUSAL, "invalid argument"},
    {TJOB_NOT_FOUND, REFUSAL, "not found"},
    {TJOB_IN_USE, REFUSAL, "in use"},
    {TJOB_STALE, REFUSAL, "stale"},
    {TJOB_WRONG_STATE, REFUSAL, "wrong state"},
    {TJOB_REFUSED_BY_POLICY, REFUSAL, "refused by policy"},
    {TJOB_ACCESS_DENIED, REFUSAL, "access denied"},
    {TJOB_THROTTLED, REFUSAL, "throttled"},
    {TJOB_UNKNOWN_OPERATION, REFUSAL, "unknown operation"},
    {TJOB_MISCONFIGURED, FAILURE, "misconfigured"},
    {TJOB_UNAVAILABLE, FAILURE, "unavailable"},
    {TJOB_FULL, FAILURE, "full"},
    {TJOB_CONTENDED, FAILURE, "contended"},
    {TJOB_UNRESOLVED, FAILURE, "unresolved"},
    /* What is no status is the service's fault, so that nobody takes it for a promise. */
    {(tjob_status)TJOB_STATUS_COUNT, FAILURE, "?"},
    {(tjob_status)INT_MAX, FAILURE, "?"},
    {(tjob_status)-1, FAILURE, "?"},
};

enum { STATUSES = sizeof statuses / sizeof statuses[0] };

START_TEST(every_status_is_of_one_class_and_has_a_name)
{
    ck_assert_int_eq(tjob_status_is_refusal(statuses[_i].status), statuses[_i].class == REFUSAL);
    ck_assert_int_eq(tjob_status_is_failure(statuses[_i].status), statuses[_i].class == FAILURE);
    ck_assert_str_eq(tjob_status_name(statuses[_i].status), statuses[_i].name);
}
END_TEST

START_TEST(the_list_here_has_every_status)
{
    ck_assert_int_eq(STATUSES, TJOB_STATUS_COUNT + 3);
    for (int i = 0; i < TJOB_STATUS_COUNT; i++) {
        ck_assert_int_eq(statuses[i].status, i);
    }
}
END_TEST

RUN_TESTS("status", {every_status_is_of_one_class_and_has_a_name, STATUSES}, {the_list_here_has_every_status, 0})
