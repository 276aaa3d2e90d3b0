/* Lines: what fits is put, what does not is cut off, and nothing is written beyond. */
#include "verify/text/text.h"

#include <string.h>

#include "support/suite.h"

START_TEST(what_does_not_fit_is_cut_off)
{
    static const char text[] = "abcdef";
    for (size_t room = 1; room <= sizeof text + 1; room++) {
        char bytes[sizeof text + 2];
        memset(bytes, '#', sizeof bytes);
        struct line line = {bytes, room};
        const size_t fits = room - 1 < sizeof text - 1 ? room - 1 : sizeof text - 1;
        tjob__text_put(&line, text);
        ck_assert_uint_eq(strlen(bytes), fits);
        ck_assert_mem_eq(bytes, text, fits);
        for (size_t i = fits + 1; i < sizeof bytes; i++) {
            ck_assert_int_eq(bytes[i], '#');
        }
        tjob__text_put(&line, ""); /* nothing more changes nothing */
        ck_assert_uint_eq(strlen(bytes), fits);
    }
}
END_TEST

START_TEST(bytes_are_put_without_a_terminator)
{
    static const char name[] = {'n', 'a', 'm', 'e'};
    char bytes[4];
    struct line line = LINE(bytes);
    tjob__text_put_bytes(&line, (tjob_text){name, 2});
    ck_assert_str_eq(bytes, "na");
    tjob__text_put_bytes(&line, (tjob_text){name, 4}); /* what does not fit is cut off */
    ck_assert_str_eq(bytes, "nan");
}
END_TEST

START_TEST(numbers_are_put_whole)
{
    char bytes[64];
    struct line line = LINE(bytes);
    tjob__text_put_number(&line, 0);
    tjob__text_put_named(&line, " none ", 0);
    tjob__text_put_named(&line, " most ", UINT64_MAX);
    ck_assert_str_eq(bytes, "0 most 18446744073709551615");
}
END_TEST

START_TEST(records_are_put_with_what_is_set)
{
    const tjob_job job = {1, 2, 3, 4, 5, 6, 7, TJOB_STOPPED, 8};
    char bytes[256];
    struct line line = LINE(bytes);
    tjob__text_put_record(&line, &job, 9);
    ck_assert_str_eq(bytes,
                     "STOPPED, version 9, incarnation 2, trainer 3, submitted at 4, started at 5, stop requested at 6, "
                     "ended at 7");
    line = LINE(bytes);
    tjob__text_put_record(&line, NULL, 9);
    ck_assert_str_eq(bytes, "absent, version 9");
}
END_TEST

RUN_TESTS("line", {what_does_not_fit_is_cut_off, 0}, {bytes_are_put_without_a_terminator, 0},
          {numbers_are_put_whole, 0}, {records_are_put_with_what_is_set, 0})
