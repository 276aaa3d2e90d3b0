/* CRC-32C against published values, and bit by bit. */
#include <string.h>

#include "host/file_store/crc32c.h"
#include "support/random.h"
#include "support/suite.h"

/* The examples of RFC 3720, appendix B.4, and the value that catalogues of checks give for the digits. */
START_TEST(published_values_come_out)
{
    unsigned char bytes[32] = {0};
    ck_assert_uint_eq(tjob__crc32c(0, bytes, sizeof bytes), 0x8a9136aa);
    memset(bytes, 0xff, sizeof bytes);
    ck_assert_uint_eq(tjob__crc32c(0, bytes, sizeof bytes), 0x62a8ab43);
    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)i;
    }
    ck_assert_uint_eq(tjob__crc32c(0, bytes, sizeof bytes), 0x46dd794e);
    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(31 - i);
    }
    ck_assert_uint_eq(tjob__crc32c(0, bytes, sizeof bytes), 0x113fdb5c);
    ck_assert_uint_eq(tjob__crc32c(0, "123456789", 9), 0xe3069283);
    ck_assert_uint_eq(tjob__crc32c(0, "", 0), 0);
}
END_TEST

/* The polynomial, one bit after the other. */
static uint32_t bitwise(const unsigned char *bytes, size_t count)
{
    uint32_t check = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        check ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            check = (check & 1) != 0 ? check >> 1 ^ 0x82f63b78 : check >> 1;
        }
    }
    return ~check;
}

START_TEST(every_length_at_every_alignment_is_as_bit_by_bit)
{
    unsigned char bytes[320];
    uint64_t random = 1;
    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)next_random(&random);
    }
    for (size_t begin = 0; begin < 8; begin++) {
        for (size_t count = 0; count <= 300; count++) {
            EXPECT(tjob__crc32c(0, bytes + begin, count) == bitwise(bytes + begin, count));
            EXPECT(tjob__crc32c_by_table(0, bytes + begin, count) == bitwise(bytes + begin, count));
        }
    }
    for (size_t cut = 0; cut <= sizeof bytes; cut++) {
        EXPECT(tjob__crc32c(tjob__crc32c(0, bytes, cut), bytes + cut, sizeof bytes - cut) ==
               tjob__crc32c(0, bytes, sizeof bytes));
        EXPECT(tjob__crc32c_by_table(tjob__crc32c_by_table(0, bytes, cut), bytes + cut, sizeof bytes - cut) ==
               tjob__crc32c(0, bytes, sizeof bytes));
    }
}
END_TEST

RUN_TESTS("tjob__crc32c", {published_values_come_out, 0}, {every_length_at_every_alignment_is_as_bit_by_bit, 0})
