/* The header of a file store, its state, and where a name belongs. */
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "host/crc32c.h"
#include "host/file_header.h"
#include "support/suite.h"

static const struct file_header sample = {
    .buckets = 167, .capacity = 1000, .seed = UINT64_C(0x1122334455667788), .base = 99};

START_TEST(a_header_comes_back)
{
    unsigned char bytes[FILE_HEADER_BYTES];
    struct file_header header;
    file_header_encode(&sample, bytes);
    ck_assert_int_eq(file_header_decode(bytes, &header), TJOB_FILE_OK);
    ck_assert_uint_eq(header.buckets, sample.buckets);
    ck_assert_uint_eq(header.capacity, sample.capacity);
    ck_assert_uint_eq(header.seed, sample.seed);
    ck_assert_uint_eq(header.base, sample.base);
}
END_TEST

/* The same on every machine; the checks are those of another implementation of CRC-32C. */
START_TEST(header_state_and_entry_are_written_as_the_format_says)
{
    static const unsigned char golden_header[FILE_HEADER_BYTES] = {
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
    unsigned char header[FILE_HEADER_BYTES];
    unsigned char state[FILE_STATE_BYTES];
    unsigned char entry[FILE_ENTRY_BYTES];
    file_header_encode(&sample, header);
    ck_assert_mem_eq(header, golden_header, sizeof header);
    file_state_encode(&sample, FILE_SUPERSEDED, state);
    ck_assert_mem_eq(state, golden_state, sizeof state);
    file_entry_encode(sample.seed, 0x01020304, entry);
    ck_assert_mem_eq(entry, golden_entry, sizeof entry);
}
END_TEST

START_TEST(every_bit_of_a_header_counts)
{
    unsigned char bytes[FILE_HEADER_BYTES];
    struct file_header header;
    file_header_encode(&sample, bytes);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        EXPECT(file_header_decode(bytes, &header) == (bit < 64 ? TJOB_FILE_NOT_A_STORE : TJOB_FILE_DAMAGED));
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}
END_TEST

/* What a header with a check that fits is taken for. */
static tjob_file_problem problem_of(const struct file_header *header, uint32_t format)
{
    unsigned char bytes[FILE_HEADER_BYTES];
    struct file_header read;
    file_header_encode(header, bytes);
    bytes_store32(bytes + 12, format);
    bytes_store32(bytes + 8, crc32c(0, bytes + 12, sizeof bytes - 12));
    return file_header_decode(bytes, &read);
}

START_TEST(a_header_that_cannot_be_is_told_as_what_it_is)
{
    struct file_header header = sample;
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT), TJOB_FILE_OK);
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT - 1), TJOB_FILE_OTHER_FORMAT);
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT + 1), TJOB_FILE_OTHER_FORMAT);
    header.buckets--;
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT), TJOB_FILE_DAMAGED);
    header = (struct file_header){.buckets = 2, .capacity = 0};
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT), TJOB_FILE_DAMAGED);
    header.capacity = 1;
    header.base = FILE_SEQUENCE_MAX - 1;
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT), TJOB_FILE_OK);
    header.base = FILE_SEQUENCE_MAX;
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT), TJOB_FILE_DAMAGED);
    header = (struct file_header){.capacity = TJOB_FILE_STORE_JOBS_MAX};
    header.buckets = file_header_buckets(header.capacity);
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT), TJOB_FILE_OK);
    header.capacity = TJOB_FILE_STORE_JOBS_MAX + 1;
    header.buckets = file_header_buckets(header.capacity);
    ck_assert_int_eq(problem_of(&header, FILE_FORMAT), TJOB_FILE_DAMAGED);
}
END_TEST

START_TEST(a_capacity_has_slots_for_twice_as_many_jobs)
{
    static const struct {
        uint64_t capacity;
        uint32_t buckets;
    } cases[] = {{1, 2}, {6, 2}, {12, 2}, {13, 3}, {18, 3}, {19, 4}, {1000000, 166667}, {1000000000, 166666667}};
    ck_assert_uint_eq(file_header_buckets(cases[_i].capacity), cases[_i].buckets);
}
END_TEST

/* The register takes as many rooms of a bucket as it needs for 8 bytes each, behind one for the header. */
START_TEST(the_buckets_stand_behind_the_register)
{
    static const struct {
        uint32_t buckets;
        uint64_t before;
    } cases[] = {{2, 2}, {1535, 2}, {1536, 2}, {1537, 3}, {3072, 3}, {3073, 4}, {166666667, 108508}};
    const uint32_t buckets = cases[_i].buckets;
    ck_assert_uint_eq(file_header_bucket_offset(buckets, 0), cases[_i].before * 12288);
    ck_assert_uint_eq(file_header_bucket_offset(buckets, 1), (cases[_i].before + 1) * 12288);
    ck_assert_uint_eq(file_header_file_bytes(buckets), (cases[_i].before + buckets) * 12288);
    ck_assert_uint_eq(file_entry_offset(0), 12288);
    ck_assert_uint_le(file_entry_offset(buckets - 1) + FILE_ENTRY_BYTES, file_header_bucket_offset(buckets, 0));
}
END_TEST

START_TEST(an_entry_is_that_of_one_bucket_of_one_store)
{
    unsigned char entry[FILE_ENTRY_BYTES];
    unsigned char other[FILE_ENTRY_BYTES];
    file_entry_encode(7, 1, entry);
    ck_assert_mem_eq(entry, "used", 4);
    file_entry_encode(7, 2, other);
    ck_assert_mem_ne(entry, other, sizeof entry);
    file_entry_encode(8, 1, other);
    ck_assert_mem_ne(entry, other, sizeof entry);
    file_entry_encode(7, 1, other);
    ck_assert_mem_eq(entry, other, sizeof entry);
}
END_TEST

START_TEST(a_state_comes_back_and_any_other_bytes_are_new)
{
    const enum file_state state = _i == 0 ? FILE_CURRENT : FILE_SUPERSEDED;
    unsigned char bytes[FILE_STATE_BYTES];
    struct file_header other = sample;
    file_state_encode(&sample, state, bytes);
    ck_assert_int_eq(file_state_decode(&sample, bytes), state);
    other.seed++;
    ck_assert_int_eq(file_state_decode(&other, bytes), FILE_NEW);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        EXPECT(file_state_decode(&sample, bytes) == FILE_NEW);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    memset(bytes, 0, sizeof bytes);
    ck_assert_int_eq(file_state_decode(&sample, bytes), FILE_NEW);
}
END_TEST

/* Two different buckets, each as often as any other, first as often as second. */
START_TEST(a_name_has_two_buckets)
{
    static const uint32_t counts[] = {2, 3, 10};
    const struct file_header header = {.buckets = counts[_i], .seed = 5};
    unsigned hits[2][10] = {{0}, {0}};
    enum { NAMES = 30000 };
    for (unsigned number = 0; number < NAMES; number++) {
        char name[64];
        uint32_t buckets[2];
        const int bytes = snprintf(name, sizeof name, "name-%u", number);
        file_header_buckets_of(&header, (tjob_text){name, (size_t)bytes}, buckets);
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

RUN_TESTS("file_header", {a_header_comes_back, 0}, {header_state_and_entry_are_written_as_the_format_says, 0},
          {every_bit_of_a_header_counts, 0}, {a_header_that_cannot_be_is_told_as_what_it_is, 0},
          {a_capacity_has_slots_for_twice_as_many_jobs, 8}, {the_buckets_stand_behind_the_register, 7},
          {an_entry_is_that_of_one_bucket_of_one_store, 0}, {a_state_comes_back_and_any_other_bytes_are_new, 2},
          {a_name_has_two_buckets, 3})
