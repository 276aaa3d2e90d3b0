/* The header of a file store, its state, and where a name belongs. */
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "host/file_store/crc32c.h"
#include "host/file_store/header.h"
#include "support/identity.h"
#include "support/suite.h"

#define IDENTITY 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0xf0, 0xe1, 0xd2, 0xc3, 0xb4, 0xa5, 0x96, 0x87

static const struct file_header sample = {
    .buckets = 167, .capacity = 1000, .identity = {{IDENTITY}, FILE_IDENTITY_BYTES}, .base = 99};
static const struct file_header sample_of_1 = {
    .buckets = 167, .capacity = 1000, .identity = {{0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11}, 8}, .base = 99};

static bool is_same(const struct file_header *a, const struct file_header *b)
{
    return a->buckets == b->buckets && a->capacity == b->capacity && a->base == b->base &&
           a->identity.count == b->identity.count &&
           memcmp(a->identity.bytes, b->identity.bytes, a->identity.count) == 0;
}

START_TEST(a_header_comes_back)
{
    const struct file_header *header = _i == 0 ? &sample : &sample_of_1;
    unsigned char bytes[FILE_HEADER_BYTES];
    struct file_header read;
    tjob__file_header_encode(header, bytes);
    ck_assert_int_eq(tjob__file_header_decode(bytes, &read), TJOB_FILE_OK);
    ck_assert(is_same(&read, header));
    ck_assert_uint_eq(tjob__file_identity_format(&read.identity), _i == 0 ? 2 : 1);
}
END_TEST

/* The same on every machine; the checks are those of another implementation of CRC-32C. */
START_TEST(header_state_and_entry_are_written_as_the_format_says)
{
    static const unsigned char golden_header[FILE_HEADER_BYTES] = {
        't',      'j',  'o',  'b',  'f', 'i', 'l', 'e', /* magic */
        0x87,     0x06, 0xd9, 0x34,                     /* check */
        2,        0,    0,    0,                        /* format */
        167,      0,    0,    0,                        /* buckets */
        0xe8,     0x03, 0,    0,    0,   0,   0,   0,   /* capacity */
        IDENTITY,                                       /* identity */
        99,       0,    0,    0,    0,   0,   0,   0,   /* base */
        0x58,     0x51, 0x2b, 0xd2,                     /* check */
    };
    static const unsigned char golden_state[FILE_STATE_BYTES] = {2, 0, 0, 0, 0x28, 0x93, 0x90, 0xb5};
    static const unsigned char golden_entry[FILE_ENTRY_BYTES] = {'u', 's', 'e', 'd', 0x79, 0x6d, 0xf0, 0xb2};
    static const unsigned char golden_progress[FILE_PROGRESS_BYTES] = {0x0e, 0x0d, 0x0c, 0x0b, 0x0a, 9, 8, 7,
                                                                       0xf8, 0xb3, 0x6c, 0xf6, 0,    0, 0, 0};
    unsigned char header[FILE_HEADER_BYTES];
    unsigned char state[FILE_STATE_BYTES];
    unsigned char entry[FILE_ENTRY_BYTES];
    unsigned char progress[FILE_PROGRESS_BYTES];
    memset(progress, 0xff, sizeof progress);
    tjob__file_header_encode(&sample, header);
    ck_assert_mem_eq(header, golden_header, sizeof header);
    tjob__file_state_encode(&sample, FILE_SUPERSEDED, state);
    ck_assert_mem_eq(state, golden_state, sizeof state);
    tjob__file_entry_encode(&sample.identity, 0x01020304, entry);
    ck_assert_mem_eq(entry, golden_entry, sizeof entry);
    tjob__file_progress_encode(&sample.identity, 0x01020304, UINT64_C(0x0708090a0b0c0d0e), progress);
    ck_assert_mem_eq(progress, golden_progress, sizeof progress);
}
END_TEST

/* As the version wrote them that knew format 1 alone. */
START_TEST(header_state_and_entry_of_format_1_are_still_known)
{
    static const unsigned char golden_header[44] = {
        't',  'j',  'o',  'b',  'f',  'i',  'l',  'e',  /* magic */
        0xce, 0x58, 0x06, 0x66,                         /* check */
        1,    0,    0,    0,                            /* format */
        167,  0,    0,    0,                            /* buckets */
        0xe8, 0x03, 0,    0,    0,    0,    0,    0,    /* capacity */
        0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, /* seed */
        99,   0,    0,    0,    0,    0,    0,    0,    /* base */
    };
    static const unsigned char golden_state[FILE_STATE_BYTES] = {2, 0, 0, 0, 0x24, 0x69, 0x39, 0x9d};
    static const unsigned char golden_entry[FILE_ENTRY_BYTES] = {'u', 's', 'e', 'd', 0xa0, 0x28, 0xb1, 0xe2};
    static const unsigned char nothing[FILE_HEADER_BYTES - sizeof golden_header];
    const struct file_header larger = {.buckets = 2000, .identity = sample_of_1.identity};
    unsigned char header[FILE_HEADER_BYTES];
    unsigned char state[FILE_STATE_BYTES];
    unsigned char entry[FILE_ENTRY_BYTES];
    memset(header, 0xff, sizeof header);
    tjob__file_header_encode(&sample_of_1, header);
    ck_assert_mem_eq(header, golden_header, sizeof golden_header);
    ck_assert_mem_eq(header + sizeof golden_header, nothing, sizeof nothing);
    tjob__file_state_encode(&sample_of_1, FILE_SUPERSEDED, state);
    ck_assert_mem_eq(state, golden_state, sizeof state);
    tjob__file_entry_encode(&sample_of_1.identity, 0x01020304, entry);
    ck_assert_mem_eq(entry, golden_entry, sizeof entry);
    ck_assert_uint_eq(tjob__file_header_begin(&sample_of_1), 2 * 12288);
    ck_assert_uint_eq(tjob__file_header_end(&sample_of_1), (2 + 167) * 12288);
    ck_assert_uint_eq(tjob__file_header_begin(&larger), 3 * 12288);
}
END_TEST

START_TEST(every_bit_of_a_header_counts)
{
    const struct file_header *written = _i == 0 ? &sample : &sample_of_1;
    const size_t count = _i == 0 ? FILE_HEADER_BYTES : 44;
    unsigned char bytes[FILE_HEADER_BYTES];
    struct file_header header;
    tjob__file_header_encode(written, bytes);
    for (size_t bit = 0; bit < 8 * count; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        EXPECT(tjob__file_header_decode(bytes, &header) == (bit < 64 ? TJOB_FILE_NOT_A_STORE : TJOB_FILE_DAMAGED));
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}
END_TEST

/* What a header with checks that fit is taken for. */
static tjob_file_problem problem_of(const struct file_header *header, uint32_t format)
{
    unsigned char bytes[FILE_HEADER_BYTES];
    struct file_header read;
    tjob__file_header_encode(header, bytes);
    bytes_store32(bytes + 12, format);
    bytes_store32(bytes + 8, tjob__crc32c(0, bytes + 12, 44 - 12));
    bytes_store32(bytes + 52, tjob__crc32c(0, bytes + 12, 52 - 12));
    return tjob__file_header_decode(bytes, &read);
}

START_TEST(a_header_that_cannot_be_is_reported_as_what_it_is)
{
    struct file_header header = sample;
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT), TJOB_FILE_OK);
    ck_assert_int_eq(problem_of(&header, 0), TJOB_FILE_OTHER_FORMAT);
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT + 1), TJOB_FILE_OTHER_FORMAT);
    ck_assert_int_eq(problem_of(&sample_of_1, FILE_FORMAT_1), TJOB_FILE_OK);
    header.buckets--;
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT), TJOB_FILE_DAMAGED);
    header = sample_of_1;
    header.buckets--;
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT_1), TJOB_FILE_DAMAGED);
    header = sample;
    header.capacity = 0;
    header.buckets = 2;
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT), TJOB_FILE_DAMAGED);
    header.capacity = 1;
    header.base = FILE_SEQUENCE_MAX - 1;
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT), TJOB_FILE_OK);
    header.base = FILE_SEQUENCE_MAX;
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT), TJOB_FILE_DAMAGED);
    header = sample;
    header.capacity = TJOB_FILE_STORE_JOBS_MAX;
    header.buckets = tjob__file_header_buckets(header.capacity);
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT), TJOB_FILE_OK);
    header.capacity = TJOB_FILE_STORE_JOBS_MAX + 1;
    header.buckets = tjob__file_header_buckets(header.capacity);
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT), TJOB_FILE_DAMAGED);
}
END_TEST

/*
 * A version that knows format 1 alone looks at these bytes: it says that the format is another, and not that it is
 * damaged.
 */
START_TEST(what_reports_the_format_stands_where_it_always_stood)
{
    unsigned char bytes[FILE_HEADER_BYTES];
    tjob__file_header_encode(&sample, bytes);
    ck_assert_mem_eq(bytes, "tjobfile", 8);
    ck_assert_uint_eq(bytes_load32(bytes + 8), tjob__crc32c(0, bytes + 12, 32));
    ck_assert_uint_ne(bytes_load32(bytes + 12), 1);
}
END_TEST

START_TEST(a_capacity_has_slots_for_twice_as_many_jobs)
{
    static const struct {
        uint64_t capacity;
        uint32_t buckets;
    } cases[] = {{1, 2}, {6, 2}, {12, 2}, {13, 3}, {18, 3}, {19, 4}, {1000000, 166667}, {1000000000, 166666667}};
    ck_assert_uint_eq(tjob__file_header_buckets(cases[_i].capacity), cases[_i].buckets);
}
END_TEST

/* Eight bytes for each in whole blocks, 16 for each behind them, and both in whole rooms of a bucket. */
START_TEST(the_buckets_stand_behind_the_register)
{
    static const struct {
        uint32_t buckets;
        uint64_t progress;
        uint64_t before;
    } cases[] = {
        {2, 4, 2}, {256, 4, 2}, {512, 4, 2}, {513, 5, 3}, {1024, 5, 3}, {1025, 6, 4}, {166666667, 325524, 325522}};
    const uint32_t buckets = cases[_i].buckets;
    const struct file_header header = {.buckets = buckets, .identity = sample.identity};
    ck_assert_uint_eq(tjob__file_header_bucket_offset(buckets, 0), cases[_i].before * 12288);
    ck_assert_uint_eq(tjob__file_header_bucket_offset(buckets, 1), (cases[_i].before + 1) * 12288);
    ck_assert_uint_eq(tjob__file_header_file_bytes(buckets), (cases[_i].before + buckets) * 12288);
    ck_assert_uint_eq(tjob__file_header_begin(&header), tjob__file_header_bucket_offset(buckets, 0));
    ck_assert_uint_eq(tjob__file_header_bucket_bytes(false), 12288);
    ck_assert_uint_eq(tjob__file_header_bucket_bytes(true), 4096);
    ck_assert_uint_eq(tjob__file_header_end(&header), tjob__file_header_file_bytes(buckets));
    ck_assert_uint_eq(tjob__file_entry_offset(0), 12288);
    ck_assert_uint_eq(tjob__file_progress_offset(buckets, 0), cases[_i].progress * 4096);
    ck_assert_uint_le(tjob__file_entry_offset(buckets - 1) + FILE_ENTRY_BYTES, tjob__file_progress_offset(buckets, 0));
    ck_assert_uint_le(tjob__file_progress_offset(buckets, buckets - 1) + FILE_PROGRESS_BYTES,
                      tjob__file_header_bucket_offset(buckets, 0));
}
END_TEST

START_TEST(an_entry_is_that_of_one_bucket_of_one_store)
{
    unsigned char entry[FILE_ENTRY_BYTES];
    unsigned char other[FILE_ENTRY_BYTES];
    const struct file_identity identity = identity_of(7);
    const struct file_identity another = identity_of(8);
    tjob__file_entry_encode(&identity, 1, entry);
    ck_assert_mem_eq(entry, "used", 4);
    tjob__file_entry_encode(&identity, 2, other);
    ck_assert_mem_ne(entry, other, sizeof entry);
    tjob__file_entry_encode(&another, 1, other);
    ck_assert_mem_ne(entry, other, sizeof entry);
}
END_TEST

START_TEST(progress_is_that_of_one_bucket_of_one_store)
{
    unsigned char bytes[FILE_PROGRESS_BYTES];
    const struct file_identity identity = identity_of(7);
    const struct file_identity another = identity_of(8);
    tjob__file_progress_encode(&identity, 1, 30, bytes);
    ck_assert_uint_eq(tjob__file_progress_decode(&identity, 1, bytes), 30);
    ck_assert_uint_eq(tjob__file_progress_decode(&identity, 2, bytes), 0);
    ck_assert_uint_eq(tjob__file_progress_decode(&another, 1, bytes), 0);
    for (size_t bit = 0; bit < 8 * 12; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        EXPECT(tjob__file_progress_decode(&identity, 1, bytes) == 0);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    memset(bytes, 0, sizeof bytes);
    ck_assert_uint_eq(tjob__file_progress_decode(&identity, 1, bytes), 0);
}
END_TEST

START_TEST(a_state_comes_back_and_any_other_bytes_are_new)
{
    const enum file_state state = _i == 0 ? FILE_CURRENT : FILE_SUPERSEDED;
    unsigned char bytes[FILE_STATE_BYTES];
    struct file_header other = sample;
    tjob__file_state_encode(&sample, state, bytes);
    ck_assert_int_eq(tjob__file_state_decode(&sample, bytes), state);
    other.identity.bytes[15]++;
    ck_assert_int_eq(tjob__file_state_decode(&other, bytes), FILE_NEW);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        EXPECT(tjob__file_state_decode(&sample, bytes) == FILE_NEW);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    memset(bytes, 0, sizeof bytes);
    ck_assert_int_eq(tjob__file_state_decode(&sample, bytes), FILE_NEW);
    tjob__file_state_encode(&sample, FILE_STATE_COUNT, bytes); /* a state that this version does not know */
    ck_assert_int_eq(tjob__file_state_decode(&sample, bytes), FILE_NEW);
}
END_TEST

/* Two different buckets, each as often as any other, first as often as second. */
START_TEST(a_name_has_two_buckets)
{
    static const uint32_t counts[] = {2, 3, 10};
    const struct file_header header = {.buckets = counts[_i], .identity = identity_of(5)};
    unsigned hits[2][10] = {{0}, {0}};
    enum { NAMES = 30000 };
    for (unsigned number = 0; number < NAMES; number++) {
        char name[64];
        uint32_t buckets[2];
        const int bytes = snprintf(name, sizeof name, "name-%u", number);
        tjob__file_header_buckets_of(&header, (tjob_text){name, (size_t)bytes}, buckets);
        EXPECT(buckets[0] != buckets[1] && buckets[0] < header.buckets && buckets[1] < header.buckets);
        hits[0][buckets[0]]++;
        hits[1][buckets[1]]++;
    }
    for (uint32_t bucket = 0; bucket < header.buckets; bucket++) {
        const unsigned even = NAMES / header.buckets;
        EXPECT(hits[0][bucket] > even - even / 10 && hits[0][bucket] < even + even / 10);
        EXPECT(hits[1][bucket] > even - even / 10 && hits[1][bucket] < even + even / 10);
    }
}
END_TEST

/* ---- Versions ------------------------------------------------------------------------------------------------- */

#define AHEAD (UINT64_C(1) << 40)

/* 2^10 in each millisecond, and 2^40. */
START_TEST(versions_are_raised_as_far_as_there_are_any)
{
    static const struct {
        uint64_t highest;
        uint64_t now_ms;
        uint64_t raised;
    } cases[] = {
        {0, 0, AHEAD},
        {0, 1, AHEAD + 1024},
        {AHEAD - 1, 0, AHEAD},
        {AHEAD + 1023, 1, AHEAD + 1024},
        {AHEAD + 1024, 1, 2 * AHEAD + 1024}, /* the clock was set back */
        {AHEAD + 1025, 1, 2 * AHEAD + 1025},
        {FILE_SEQUENCE_MAX - AHEAD - 1, 0, FILE_SEQUENCE_MAX - 1},
        {FILE_SEQUENCE_MAX - AHEAD, 0, FILE_SEQUENCE_MAX},
        {FILE_SEQUENCE_MAX, 0, FILE_SEQUENCE_MAX},
        {0, TJOB_FILE_STORE_NOW_MS_MAX, (UINT64_C(1) << 58) - 1024 + AHEAD},
    };
    ck_assert_uint_eq(AHEAD, TJOB_FILE_STORE_RESTORE_RAISE);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_uint_eq(tjob__file_header_raise(cases[i].highest, cases[i].now_ms), cases[i].raised);
    }
}
END_TEST

/*
 * Stores are restored and buckets given up, one after the other, a millisecond apart, and each gives 1000 versions
 * before the next: it begins above all that were given, whatever it still shows of them.
 */
START_TEST(what_is_restored_or_given_up_is_above_all_before)
{
    enum { STEPS = 1000, CHANGES = 1000 };
    uint64_t given = CHANGES;
    for (unsigned step = 0; step < STEPS; step++) {
        const uint64_t now_ms = UINT64_C(1800000000000) + step;
        const uint64_t shown = step * 7 % 3 == 0 ? given : step; /* of the latest, or of an early backup */
        const uint64_t next = (step ^ (unsigned)_i) % 2 == 0 ? tjob__file_header_raise(shown, now_ms)
                                                             : tjob__file_header_lift(shown, now_ms);
        ck_assert_uint_gt(next, given);
        given = next + CHANGES;
    }
}
END_TEST

START_TEST(a_bucket_that_is_given_up_goes_on_above_what_it_shows)
{
    ck_assert_uint_eq(tjob__file_header_lift(0, 0), AHEAD);
    ck_assert_uint_eq(tjob__file_header_lift(AHEAD - 1, 0), AHEAD);
    ck_assert_uint_eq(tjob__file_header_lift(AHEAD, 0), AHEAD + 1);
    ck_assert_uint_eq(tjob__file_header_lift(AHEAD + 5, 0), AHEAD + 6);
    ck_assert_uint_eq(tjob__file_header_lift(FILE_SEQUENCE_MAX - 2, 0), FILE_SEQUENCE_MAX - 1);
    ck_assert_uint_eq(tjob__file_header_lift(FILE_SEQUENCE_MAX - 1, 0), FILE_SEQUENCE_MAX);
    ck_assert_uint_eq(tjob__file_header_lift(FILE_SEQUENCE_MAX, 0), FILE_SEQUENCE_MAX);
    ck_assert_uint_eq(tjob__file_header_lift(UINT64_MAX, 0), FILE_SEQUENCE_MAX); /* a mark or a progress may be that */
}
END_TEST

RUN_TESTS("file_header", {a_header_comes_back, 2}, {header_state_and_entry_are_written_as_the_format_says, 0},
          {header_state_and_entry_of_format_1_are_still_known, 0}, {every_bit_of_a_header_counts, 2},
          {a_header_that_cannot_be_is_reported_as_what_it_is, 0},
          {what_reports_the_format_stands_where_it_always_stood, 0}, {a_capacity_has_slots_for_twice_as_many_jobs, 8},
          {the_buckets_stand_behind_the_register, 7}, {an_entry_is_that_of_one_bucket_of_one_store, 0},
          {progress_is_that_of_one_bucket_of_one_store, 0}, {a_state_comes_back_and_any_other_bytes_are_new, 2},
          {a_name_has_two_buckets, 3}, {versions_are_raised_as_far_as_there_are_any, 0},
          {what_is_restored_or_given_up_is_above_all_before, 2},
          {a_bucket_that_is_given_up_goes_on_above_what_it_shows, 0})
