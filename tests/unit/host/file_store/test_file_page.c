/* A page of a file store: what it holds, and what is not taken for one. */
#include <string.h>

#include "core/bytes.h"
#include "host/file_store/crc32c.h"
#include "host/file_store/page.h"
#include "support/jobs.h"
#include "support/suite.h"
#include "tjob/arn.h"

/* Where the format puts things: see file_page.h. */
enum { AT_COUNT = 4, AT_SEQUENCE = 8, AT_ABSENCE = 16, AT_SLOTS = 32, SLOT_BYTES = 336, AT_ARN_BYTES = 72 };

static const struct file_place place = {
    .file = {{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0},
             FILE_IDENTITY_BYTES},
    .bucket = 5,
    .page = 2};

static tjob_text name_of(char buffer[TJOB_ARN_BYTES_MAX], unsigned number, size_t bytes)
{
    memset(buffer, 'a', TJOB_ARN_BYTES_MAX);
    buffer[0] = (char)('a' + number);
    return (tjob_text){buffer, bytes};
}

/* A page with so many jobs, versions 1 and on. */
static void fill(unsigned char page[FILE_PAGE_BYTES], uint32_t count)
{
    memset(page, 0, FILE_PAGE_BYTES);
    for (uint32_t i = 0; i < count; i++) {
        char name[TJOB_ARN_BYTES_MAX];
        tjob_job job = sample_job(TJOB_TRAINING);
        job.host_code = i;
        tjob__file_page_put(page, i, name_of(name, i, i == 0 ? 1 : TJOB_ARN_BYTES_MAX - i + 1), i + 1, &job);
    }
    tjob__file_page_seal(page, &place, 100);
}

START_TEST(a_page_gives_back_what_was_put_into_it)
{
    unsigned char page[FILE_PAGE_BYTES];
    fill(page, (uint32_t)_i);
    ck_assert(tjob__file_page_is_valid(page, &place));
    ck_assert(!tjob__file_page_is_blank(page));
    ck_assert_uint_eq(tjob__file_page_count(page), (uint32_t)_i);
    ck_assert_uint_eq(tjob__file_page_sequence(page), 100);
    ck_assert_uint_eq(tjob__file_page_absence(page), 0);
    for (uint32_t i = 0; i < FILE_PAGE_SLOTS; i++) {
        char name[TJOB_ARN_BYTES_MAX];
        const tjob_text arn = name_of(name, i, i == 0 ? 1 : TJOB_ARN_BYTES_MAX - i + 1);
        ck_assert_uint_eq(tjob__file_page_find(page, arn), i < (uint32_t)_i ? i : FILE_PAGE_SLOTS);
        if (i < (uint32_t)_i) {
            struct file_record record;
            ck_assert(tjob__file_page_read(page, i, &record));
            ck_assert_uint_eq(record.version, i + 1);
            ck_assert_uint_eq(record.job.host_code, i);
            ck_assert_mem_eq(record.arn.data, arn.data, arn.bytes);
            ck_assert_uint_eq(record.arn.bytes, arn.bytes);
        }
    }
}
END_TEST

/* The same on every machine; the checks are those of another implementation of CRC-32C. A job's bytes: test_job.c. */
START_TEST(a_page_is_written_as_the_format_says)
{
    static const unsigned char golden_head[AT_SLOTS] = {
        0x03, 0xd8, 0x3a, 0xce,                         /* check */
        1,    0,    0,    0,                            /* slots in use */
        0x28, 0x27, 0x26, 0x25, 0x24, 0x23, 0x22, 0x21, /* sequence */
        0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11, /* version of the latest removal */
    };
    static const unsigned char golden_version[8] = {8, 7, 6, 5, 4, 3, 2, 1};
    static const unsigned char golden_name[7] = {3, 0, 0, 0, 'b', 'a', 'a'};
    static const unsigned char golden_mark[12] = {0xf0, 0xde, 0xbc, 0x9a, 0x78, 0x56,
                                                  0x34, 0x12, 0x35, 0x42, 0x5e, 0x71};
    const tjob_job job = sample_job(TJOB_TRAINING);
    unsigned char golden[FILE_PAGE_BYTES] = {0};
    memcpy(golden, golden_head, sizeof golden_head);
    memcpy(golden + AT_SLOTS, golden_version, sizeof golden_version);
    tjob_job_encode(&job, golden + AT_SLOTS + sizeof golden_version);
    memcpy(golden + AT_SLOTS + AT_ARN_BYTES, golden_name, sizeof golden_name);
    memcpy(golden + FILE_MARK_OFFSET, golden_mark, sizeof golden_mark);

    unsigned char page[FILE_PAGE_BYTES] = {0};
    char name[TJOB_ARN_BYTES_MAX];
    tjob__file_page_put(page, 0, name_of(name, 1, 3), UINT64_C(0x0102030405060708), &job);
    tjob__file_page_put(page, 1, name_of(name, 2, 3), 1, &job);
    tjob__file_page_remove(page, 1, UINT64_C(0x1112131415161718));
    tjob__file_page_seal(page, &place, UINT64_C(0x2122232425262728));
    tjob__file_mark_write(page + FILE_MARK_OFFSET, &place, UINT64_C(0x123456789abcdef0));
    ck_assert_mem_eq(page, golden, sizeof page);
}
END_TEST

START_TEST(a_job_is_put_in_the_place_of_what_was_there)
{
    unsigned char page[FILE_PAGE_BYTES];
    char name[TJOB_ARN_BYTES_MAX];
    struct file_record record;
    fill(page, 3);
    const tjob_job job = sample_job(TJOB_TRAINED);
    tjob__file_page_put(page, 1, name_of(name, 1, TJOB_ARN_BYTES_MAX), 50, &job);
    ck_assert_uint_eq(tjob__file_page_count(page), 3);
    ck_assert(tjob__file_page_read(page, 1, &record));
    ck_assert_mem_eq(&record.job, &job, sizeof job);
    ck_assert_uint_eq(record.version, 50);
}
END_TEST

START_TEST(a_removal_leaves_the_others_and_its_version)
{
    unsigned char page[FILE_PAGE_BYTES];
    char name[TJOB_ARN_BYTES_MAX];
    fill(page, FILE_PAGE_SLOTS);
    tjob__file_page_remove(page, (uint32_t)_i, 77);
    ck_assert_uint_eq(tjob__file_page_count(page), FILE_PAGE_SLOTS - 1);
    ck_assert_uint_eq(tjob__file_page_absence(page), 77);
    for (size_t at = AT_SLOTS + (FILE_PAGE_SLOTS - 1) * SLOT_BYTES; at < FILE_MARK_OFFSET; at++) {
        EXPECT(page[at] == 0);
    }
    for (uint32_t i = 0; i < FILE_PAGE_SLOTS; i++) {
        const uint32_t slot = tjob__file_page_find(page, name_of(name, i, i == 0 ? 1 : TJOB_ARN_BYTES_MAX - i + 1));
        struct file_record record;
        ck_assert_int_eq(slot == FILE_PAGE_SLOTS, i == (uint32_t)_i);
        ck_assert(slot == FILE_PAGE_SLOTS || (tjob__file_page_read(page, slot, &record) && record.job.host_code == i));
    }
}
END_TEST

START_TEST(a_page_that_is_cleared_has_its_version_alone)
{
    unsigned char page[FILE_PAGE_BYTES];
    unsigned char expected[FILE_PAGE_BYTES] = {0};
    fill(page, FILE_PAGE_SLOTS);
    tjob__file_page_clear(page, 200);
    bytes_store64(expected + AT_ABSENCE, 200);
    ck_assert_mem_eq(page, expected, sizeof page);
}
END_TEST

START_TEST(a_name_is_found_by_all_of_it_and_among_the_slots_in_use)
{
    static const char *const names[] = {"name-a", "name-b", "name"};
    unsigned char page[FILE_PAGE_BYTES] = {0};
    const tjob_job job = sample_job(TJOB_TRAINING);
    for (uint32_t i = 0; i < 3; i++) {
        tjob__file_page_put(page, i, (tjob_text){names[i], strlen(names[i])}, i + 1, &job);
    }
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(tjob__file_page_find(page, (tjob_text){names[i], strlen(names[i])}), i);
    }
    ck_assert_uint_eq(tjob__file_page_find(page, (tjob_text)TJOB_TEXT("name-c")), FILE_PAGE_SLOTS);
    ck_assert_uint_eq(tjob__file_page_find(page, (tjob_text)TJOB_TEXT("name-")), FILE_PAGE_SLOTS);
    bytes_store32(page + AT_COUNT, 2);
    ck_assert_uint_eq(tjob__file_page_find(page, (tjob_text)TJOB_TEXT("name")), FILE_PAGE_SLOTS);
}
END_TEST

START_TEST(every_bit_of_a_page_counts_and_so_does_its_place)
{
    unsigned char page[FILE_PAGE_BYTES];
    fill(page, 2);
    for (size_t at = 0; at < AT_SLOTS + 2 * SLOT_BYTES; at++) {
        for (int bit = 0; bit < 8; bit++) {
            page[at] ^= (unsigned char)(1 << bit);
            EXPECT(!tjob__file_page_is_valid(page, &place));
            page[at] ^= (unsigned char)(1 << bit);
        }
    }
    for (int bit = 0; bit < 32; bit++) {
        struct file_place other = place;
        other.file.bytes[bit / 2] ^= (unsigned char)(bit % 2 == 0 ? 1 : 0x80);
        ck_assert(!tjob__file_page_is_valid(page, &other));
        other = place;
        other.bucket ^= UINT32_C(1) << bit;
        ck_assert(!tjob__file_page_is_valid(page, &other));
        other = place;
        other.page ^= UINT32_C(1) << bit;
        ck_assert(!tjob__file_page_is_valid(page, &other));
    }
}
END_TEST

START_TEST(a_blank_page_is_an_empty_table)
{
    unsigned char page[FILE_PAGE_BYTES] = {0};
    unsigned char mark[FILE_MARK_BYTES];
    ck_assert(tjob__file_page_is_blank(page));
    ck_assert(tjob__file_page_is_valid(page, &place));
    ck_assert_uint_eq(tjob__file_page_count(page), 0);
    tjob__file_mark_write(mark, &place, 9);
    memcpy(page + FILE_MARK_OFFSET, mark, sizeof mark);
    ck_assert(tjob__file_page_is_blank(page));
    for (size_t at = 0; at < FILE_MARK_OFFSET; at++) {
        page[at] = 1;
        EXPECT(!tjob__file_page_is_blank(page) && !tjob__file_page_is_valid(page, &place));
        page[at] = 0;
    }
}
END_TEST

/* Writes a check that fits, as somebody would who makes a file by hand. */
static bool is_accepted(unsigned char page[FILE_PAGE_BYTES], uint32_t checked_slots)
{
    unsigned char prefix[24];
    memcpy(prefix, place.file.bytes, 16);
    bytes_store32(prefix + 16, place.bucket);
    bytes_store32(prefix + 20, place.page);
    const uint32_t before = tjob__crc32c(0, prefix, sizeof prefix);
    bytes_store32(page,
                  tjob__crc32c(before, page + AT_COUNT, AT_SLOTS - AT_COUNT + (size_t)checked_slots * SLOT_BYTES));
    return tjob__file_page_is_valid(page, &place);
}

START_TEST(a_check_that_fits_does_not_make_the_impossible_valid)
{
    unsigned char page[FILE_PAGE_BYTES];
    fill(page, FILE_PAGE_SLOTS);
    ck_assert(is_accepted(page, FILE_PAGE_SLOTS));
    bytes_store64(page + AT_SEQUENCE, FILE_SEQUENCE_MAX);
    bytes_store64(page + AT_ABSENCE, FILE_SEQUENCE_MAX);
    ck_assert(is_accepted(page, FILE_PAGE_SLOTS));
    bytes_store64(page + AT_SEQUENCE, UINT64_MAX);
    ck_assert(!is_accepted(page, FILE_PAGE_SLOTS));
    bytes_store64(page + AT_SEQUENCE, 100);
    bytes_store64(page + AT_ABSENCE, 101);
    ck_assert(!is_accepted(page, FILE_PAGE_SLOTS));
    bytes_store64(page + AT_ABSENCE, 100);
    ck_assert(is_accepted(page, FILE_PAGE_SLOTS));
    bytes_store32(page + AT_COUNT, FILE_PAGE_SLOTS + 1);
    ck_assert(!is_accepted(page, FILE_PAGE_SLOTS));
    bytes_store32(page + AT_COUNT, UINT32_MAX);
    ck_assert(!is_accepted(page, FILE_PAGE_SLOTS));
}
END_TEST

START_TEST(a_slot_that_holds_what_cannot_be_is_not_read)
{
    static const struct {
        size_t at;
        unsigned bytes;
        uint64_t value;
        bool can_be;
    } cases[] = {
        {0, 8, 0, false},
        {0, 8, 1, true},
        {0, 8, 100, true},
        {0, 8, 101, false},
        {AT_ARN_BYTES, 4, 0, false},
        {AT_ARN_BYTES, 4, 1, true},
        {AT_ARN_BYTES, 4, TJOB_ARN_BYTES_MAX, true},
        {AT_ARN_BYTES, 4, TJOB_ARN_BYTES_MAX + 1, false},
        {AT_ARN_BYTES, 4, UINT32_MAX, false},
        {8, 1, TJOB_ABSENT, false},
        {8, 1, TJOB_STATE_COUNT, false},
        {9, 1, TJOB_JOB_FORMAT + 1, false},
    };
    unsigned char page[FILE_PAGE_BYTES];
    struct file_record record;
    fill(page, 2);
    for (unsigned i = 0; i < cases[_i].bytes; i++) {
        page[AT_SLOTS + SLOT_BYTES + cases[_i].at + i] = (unsigned char)(cases[_i].value >> (8 * i));
    }
    ck_assert(tjob__file_page_read(page, 0, &record));
    ck_assert_int_eq(tjob__file_page_read(page, 1, &record), cases[_i].can_be);
}
END_TEST

START_TEST(pages_are_the_same_if_they_say_the_same)
{
    unsigned char page[FILE_PAGE_BYTES];
    unsigned char other[FILE_PAGE_BYTES];
    char name[TJOB_ARN_BYTES_MAX];
    const tjob_job job = sample_job(TJOB_TRAINED);
    fill(page, 3);
    fill(other, 3);
    tjob__file_page_seal(other, &place, 200);
    ck_assert(tjob__file_page_same(page, other));
    fill(other, 4);
    ck_assert(!tjob__file_page_same(page, other));
    ck_assert(!tjob__file_page_same(other, page));
    fill(other, 3);
    tjob__file_page_put(other, 2, name_of(name, 2, TJOB_ARN_BYTES_MAX - 1), 3, &job);
    ck_assert(!tjob__file_page_same(page, other));
    fill(other, 4);
    tjob__file_page_remove(other, 3, 1);
    ck_assert(!tjob__file_page_same(page, other));
}
END_TEST

START_TEST(a_mark_is_read_where_it_belongs_and_as_a_whole)
{
    unsigned char page[FILE_PAGE_BYTES];
    unsigned char mark[FILE_MARK_BYTES];
    struct file_place other = place;
    fill(page, 2);
    ck_assert_uint_eq(tjob__file_mark_read(page, &place), 0);
    memset(mark, 0xff, sizeof mark);
    tjob__file_mark_write(mark, &place, UINT64_C(0x123456789abcdef0));
    for (size_t at = 12; at < FILE_MARK_BYTES; at++) {
        EXPECT(mark[at] == 0);
    }
    memcpy(page + FILE_MARK_OFFSET, mark, sizeof mark);
    ck_assert_uint_eq(tjob__file_mark_read(page, &place), UINT64_C(0x123456789abcdef0));
    ck_assert(tjob__file_page_is_valid(page, &place));
    other.page = 1;
    ck_assert_uint_eq(tjob__file_mark_read(page, &other), 0);
    for (size_t bit = 0; bit < 96; bit++) {
        page[FILE_MARK_OFFSET + bit / 8] ^= (unsigned char)(1 << bit % 8);
        EXPECT(tjob__file_mark_read(page, &place) == 0);
        page[FILE_MARK_OFFSET + bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    tjob__file_page_seal(page, &place, 101);
    ck_assert_uint_eq(tjob__file_mark_read(page, &place), 0);
    for (size_t at = FILE_MARK_OFFSET; at < FILE_PAGE_BYTES; at++) {
        EXPECT(page[at] == 0);
    }
}
END_TEST

RUN_TESTS("file_page", {a_page_gives_back_what_was_put_into_it, FILE_PAGE_SLOTS + 1},
          {a_page_is_written_as_the_format_says, 0}, {a_job_is_put_in_the_place_of_what_was_there, 0},
          {a_removal_leaves_the_others_and_its_version, FILE_PAGE_SLOTS},
          {a_page_that_is_cleared_has_its_version_alone, 0},
          {a_name_is_found_by_all_of_it_and_among_the_slots_in_use, 0},
          {every_bit_of_a_page_counts_and_so_does_its_place, 0}, {a_blank_page_is_an_empty_table, 0},
          {a_check_that_fits_does_not_make_the_impossible_valid, 0}, {a_slot_that_holds_what_cannot_be_is_not_read, 12},
          {pages_are_the_same_if_they_say_the_same, 0}, {a_mark_is_read_where_it_belongs_and_as_a_whole, 0})
