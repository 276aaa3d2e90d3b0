/* Dates of requests, against the calendar of the C library. */
#include "host/signature/date.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "support/suite.h"
#include "unit/exact.h"

static bool reads(const char *text, int64_t *unix_s)
{
    const tjob_text copy = exact_copy(text, strlen(text));
    const bool is_date = tjob__signature_date_read(copy, unix_s);
    exact_free(copy);
    return is_date;
}

START_TEST(it_reads_and_writes_what_the_c_library_writes)
{
    char iso[80];
    char fixed[40];
    char written[SIGNATURE_DATE_BYTES];
    for (time_t time = -62167219200; time < 253402300800; time += 8640013) {
        struct tm parts;
        int64_t unix_s = 0;
        gmtime_r(&time, &parts);
        snprintf(iso, sizeof iso, "%04d%02d%02dT%02d%02d%02dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                 parts.tm_hour, parts.tm_min, parts.tm_sec);
        ck_assert_msg(reads(iso, &unix_s) && unix_s == time, "%s", iso);
        tjob__signature_date_write(time, written);
        ck_assert_mem_eq(written, iso, sizeof written);
        if (parts.tm_year + 1900 >= 1000) {
            strftime(fixed, sizeof fixed, "%a, %d %b %Y %H:%M:%S GMT", &parts);
            ck_assert_msg(reads(fixed, &unix_s) && unix_s == time, "%s", fixed);
        }
    }
}
END_TEST

START_TEST(it_reads_every_day_of_four_centuries)
{
    for (int64_t day = -25567; day < 120000; day++) {
        char written[SIGNATURE_DATE_BYTES + 1] = {0};
        int64_t unix_s;
        tjob__signature_date_write(day * 86400 + 86399, written);
        EXPECT(reads(written, &unix_s) && unix_s == day * 86400 + 86399);
    }
}
END_TEST

START_TEST(it_reads_an_offset_of_zero)
{
    int64_t unix_s;
    ck_assert(reads("Sat, 28 Nov 2026 13:50:12 -0000", &unix_s) && unix_s == 1795873812);
    ck_assert(reads("Sat, 28 Nov 2026 13:50:12 +0000", &unix_s) && unix_s == 1795873812);
    ck_assert(reads("20240229T000000Z", &unix_s) && unix_s == 1709164800);
    ck_assert(reads("20000229T000000Z", &unix_s));
}
END_TEST

START_TEST(it_refuses_all_else)
{
    static const char *const texts[] = {"",
                                        "20261128",
                                        "20261128T135012",
                                        "20261128T135012z",
                                        "20261128t135012Z",
                                        " 20261128T135012Z",
                                        "20261128T135012Z ",
                                        "2026112xT135012Z",
                                        "20261328T135012Z",
                                        "20260028T135012Z",
                                        "20261100T135012Z",
                                        "20261131T135012Z",
                                        "20260229T135012Z",
                                        "21000229T135012Z",
                                        "20261128T245012Z",
                                        "20261128T136012Z",
                                        "20261128T135060Z",
                                        "Sat, 28 Nov 2026 13:50:12 +0100",
                                        "Sat, 28 Nov 2026 13:50:12 UTC",
                                        "Fri, 28 Nov 2026 13:50:12 GMT",
                                        "Sat, 28 nov 2026 13:50:12 GMT",
                                        "Sat, 31 Nov 2026 13:50:12 GMT",
                                        "Saturday, 28-Nov-26 13:50:12 GMT",
                                        "Sat Nov 28 13:50:12 2026",
                                        "-0261128T135012Z"};
    int64_t unix_s;
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ck_assert_msg(!reads(texts[i], &unix_s), "%s", texts[i]);
    }
}
END_TEST

START_TEST(a_time_that_has_no_date_is_the_nearest_one)
{
    char written[SIGNATURE_DATE_BYTES];
    tjob__signature_date_write(INT64_MIN, written);
    ck_assert_mem_eq(written, "00000101T000000Z", sizeof written);
    tjob__signature_date_write(INT64_MAX, written);
    ck_assert_mem_eq(written, "99991231T235959Z", sizeof written);
}
END_TEST

RUN_TESTS("signature_date", {it_reads_and_writes_what_the_c_library_writes, 0},
          {it_reads_every_day_of_four_centuries, 0}, {it_reads_an_offset_of_zero, 0}, {it_refuses_all_else, 0},
          {a_time_that_has_no_date_is_the_nearest_one, 0})
