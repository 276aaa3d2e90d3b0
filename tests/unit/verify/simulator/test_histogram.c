/* Durations in classes: each duration is in one, the classes are in order, and quantiles are those of the classes. */
#include "support/suite.h"
#include "tjob/simulator.h"

START_TEST(classes_meet)
{
    uint64_t begin = 0;
    for (uint32_t i = 0; i < TJOB_HISTOGRAM_BINS && begin <= UINT32_MAX; i++) {
        const uint32_t end = tjob_histogram_bin_end(i);
        ck_assert_uint_ge(end, begin);
        ck_assert_uint_eq(tjob_histogram_bin((uint32_t)begin), i);
        ck_assert_uint_eq(tjob_histogram_bin(end), i);
        ck_assert_uint_le(end - begin, begin / 4); /* four to each doubling */
        begin = (uint64_t)end + 1;
    }
    ck_assert_uint_gt(begin, UINT32_MAX);
    for (uint32_t i = tjob_histogram_bin(UINT32_MAX); i < TJOB_HISTOGRAM_BINS; i++) {
        ck_assert_uint_eq(tjob_histogram_bin_end(i), UINT32_MAX);
    }
}
END_TEST

START_TEST(quantiles_are_those_of_the_classes)
{
    tjob_histogram histogram = {.count = 0};
    ck_assert_uint_eq(tjob_histogram_quantile(&histogram, 500), 0);
    histogram.most_ms = 5; /* of none at all nothing is reported */
    ck_assert_uint_eq(tjob_histogram_quantile(&histogram, 500), 0);
    histogram.counts[tjob_histogram_bin(3)] = 9;
    histogram.counts[tjob_histogram_bin(1000)] = 1;
    histogram.count = 10;
    histogram.most_ms = 1000;
    ck_assert_uint_eq(tjob_histogram_quantile(&histogram, 0), 0);
    ck_assert_uint_eq(tjob_histogram_quantile(&histogram, 100), 3);
    ck_assert_uint_eq(tjob_histogram_quantile(&histogram, 900), 3);
    ck_assert_uint_eq(tjob_histogram_quantile(&histogram, 901), 1000);
    ck_assert_uint_eq(tjob_histogram_quantile(&histogram, 1000), 1000);
    histogram.most_ms = 2000; /* it is the class that reports, where something longer was */
    histogram.counts[tjob_histogram_bin(2000)] = 1;
    histogram.count++;
    ck_assert_uint_eq(tjob_histogram_quantile(&histogram, 900), tjob_histogram_bin_end(tjob_histogram_bin(1000)));
}
END_TEST

RUN_TESTS("durations", {classes_meet, 0}, {quantiles_are_those_of_the_classes, 0})
