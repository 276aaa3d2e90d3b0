#include "tjob/version.h"

#include <stdio.h>

#include "support/suite.h"

START_TEST(the_version_is_reported_in_three_ways)
{
    char numbers[32];
    snprintf(numbers, sizeof numbers, "%d.%d.%d", TJOB_VERSION_MAJOR, TJOB_VERSION_MINOR, TJOB_VERSION_PATCH);
    ck_assert_str_eq(numbers, TJOB_VERSION);
    ck_assert_str_eq(tjob_version(), TJOB_VERSION);
}
END_TEST

RUN_TESTS("version", {the_version_is_reported_in_three_ways, 0})
