/* The marker of a store: as it is written, and what is not one. */
#include "host/etcd/marker.h"

#include <stdlib.h>
#include <string.h>

#include "support/suite.h"

START_TEST(it_comes_back)
{
    tjob_etcd_marker written;
    tjob_etcd_marker read;
    tjob__etcd_marker_write(&written, TJOB_ETCD_RAISE_MAX, UINT64_MAX);
    ck_assert_int_eq(tjob__etcd_marker_read(&read, (tjob_text){written.text, written.text_bytes}, 9, 1), TJOB_ETCD_OK);
    ck_assert_uint_eq(read.base, TJOB_ETCD_RAISE_MAX);
    ck_assert_uint_eq(read.cluster_id, UINT64_MAX);
    ck_assert_uint_eq(read.mod_revision, 9);
    ck_assert_uint_eq(read.absence, 0);
    ck_assert_int_eq(memcmp(read.text, written.text, sizeof read.text), 0);
}
END_TEST

/* The version of an absence without a key is 0 until the marker is written again. */
START_TEST(it_gives_absences_a_version)
{
    tjob_etcd_marker marker;
    const tjob_text text = TJOB_TEXT("tjob 1 1000 5");
    ck_assert_int_eq(tjob__etcd_marker_read(&marker, text, 7, 2), TJOB_ETCD_OK);
    ck_assert_uint_eq(marker.absence, 1007);
}
END_TEST

START_TEST(it_refuses_other_texts)
{
    static const struct {
        const char *text;
        tjob_etcd_problem problem;
    } rows[] = {
        {"", TJOB_ETCD_DAMAGED},
        {"tjob", TJOB_ETCD_DAMAGED},
        {"tjob ", TJOB_ETCD_DAMAGED},
        {"tjob x", TJOB_ETCD_DAMAGED},
        {"jobs 1 1 1", TJOB_ETCD_DAMAGED},
        {"tjobs1 1 1", TJOB_ETCD_DAMAGED},
        {"tjob 0 1 1", TJOB_ETCD_OTHER_SCHEMA},
        {"tjob 2", TJOB_ETCD_OTHER_SCHEMA},
        {"tjob 2 anything", TJOB_ETCD_OTHER_SCHEMA},
        {"tjob 18446744073709551616 1 1", TJOB_ETCD_DAMAGED},
        {"tjob 1", TJOB_ETCD_DAMAGED},
        {"tjob 1 1", TJOB_ETCD_DAMAGED},
        {"tjob 1 1 ", TJOB_ETCD_DAMAGED},
        {"tjob 1 1 1 ", TJOB_ETCD_DAMAGED},
        {"tjob 1 01 1", TJOB_ETCD_DAMAGED},
        {"tjob 1 4611686018427387905 1", TJOB_ETCD_DAMAGED},
        {"tjob 1 1 18446744073709551616", TJOB_ETCD_DAMAGED},
    };
    tjob_etcd_marker marker;
    const size_t bytes = strlen(rows[_i].text);
    char *copy = malloc(bytes + (bytes == 0)); /* behind which nothing may be read */
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, rows[_i].text, bytes);
    ck_assert_int_eq(tjob__etcd_marker_read(&marker, (tjob_text){copy, bytes}, 1, 1), rows[_i].problem);
    free(copy);
}
END_TEST

RUN_TESTS("etcd_marker", {it_comes_back, 0}, {it_gives_absences_a_version, 0}, {it_refuses_other_texts, 17})
