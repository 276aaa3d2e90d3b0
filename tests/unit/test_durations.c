/* Durations in classes: each duration is in one, the classes are in order, and quantiles are those of the classes. */
#include "support/suite.h"
#include "tjob/simulator.h"

START_TEST(classes_meet)
{
    uint64_t begin = 0;
    for (uint32_t i = 0; i < TJOB_DURATION_CLASSES && begin <= UINT32_MAX; i++) {
        const uint32_t end = tjob_duration_class_end(i);
        ck_assert_uint_ge(end, begin);
        ck_assert_uint_eq(tjob_duration_class((uint32_t)begin), i);
        ck_assert_uint_eq(tjob_duration_class(end), i);
        ck_assert_uint_le(end - begin, begin / 4); /* four to each doubling */
        begin = (uint64_t)end + 1;
    }
    ck_assert_uint_gt(begin, UINT32_MAX);
    for (uint32_t i = tjob_duration_class(UINT32_MAX); i < TJOB_DURATION_CLASSES; i++) {
        ck_assert_uint_eq(tjob_duration_class_end(i), UINT32_MAX);
    }
}
END_TEST

START_TEST(quantiles_are_those_of_the_classes)
{
    tjob_durations durations = {.count = 0};
    ck_assert_uint_eq(tjob_durations_quantile(&durations, 500), 0);
    durations.most_ms = 5; /* of none at all nothing is told */
    ck_assert_uint_eq(tjob_durations_quantile(&durations, 500), 0);
    durations.counts[tjob_duration_class(3)] = 9;
    durations.counts[tjob_duration_class(1000)] = 1;
    durations.count = 10;
    durations.most_ms = 1000;
    ck_assert_uint_eq(tjob_durations_quantile(&durations, 0), 0);
    ck_assert_uint_eq(tjob_durations_quantile(&durations, 100), 3);
    ck_assert_uint_eq(tjob_durations_quantile(&durations, 900), 3);
    ck_assert_uint_eq(tjob_durations_quantile(&durations, 901), 1000);
    ck_assert_uint_eq(tjob_durations_quantile(&durations, 1000), 1000);
    durations.most_ms = 2000; /* it is the class that tells, where something longer was */
    durations.counts[tjob_duration_class(2000)] = 1;
    durations.count++;
    ck_assert_uint_eq(tjob_durations_quantile(&durations, 900), tjob_duration_class_end(tjob_duration_class(1000)));
}
END_TEST

RUN_TESTS("durations", {classes_meet, 0}, {quantiles_are_those_of_the_classes, 0})
