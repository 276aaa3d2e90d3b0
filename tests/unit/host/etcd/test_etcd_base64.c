/* Base64: the test vectors of RFC 4648, all bytes, pieces, and what is not base64. */
#include <string.h>

#include "host/etcd/base64.h"
#include "support/suite.h"

static json_value string_of(const char *text, size_t bytes)
{
    const unsigned char *begin = (const unsigned char *)text;
    return (json_value){.begin = begin, .end = begin + bytes, .kind = JSON_STRING};
}

START_TEST(it_gives_the_vectors_of_the_rfc)
{
    static const char *const plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
    static const char *const coded[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    char out[16];
    size_t count;
    json_writer writer = {out, 0, sizeof out};
    base64_encoder encoder = {0};
    tjob__base64_write(&encoder, &writer, (tjob_text){plain[_i], strlen(plain[_i])});
    tjob__base64_end(&encoder, &writer);
    tjob__base64_end(&encoder, &writer); /* there is nothing left */
    ck_assert_uint_eq(writer.bytes, strlen(coded[_i]));
    ck_assert_int_eq(memcmp(out, coded[_i], writer.bytes), 0);
    const json_value string = string_of(coded[_i], strlen(coded[_i]));
    ck_assert(tjob__base64_decode(&string, out, sizeof out, &count));
    ck_assert_uint_eq(count, strlen(plain[_i]));
    ck_assert_int_eq(memcmp(out, plain[_i], count), 0);
}
END_TEST

START_TEST(all_bytes_in_pieces_come_back)
{
    enum { BYTES = 256 };
    char bytes[BYTES];
    char out[2 * BYTES];
    char back[BYTES];
    size_t count;
    json_writer writer = {out, 0, sizeof out};
    base64_encoder encoder = {0};
    for (unsigned i = 0; i < BYTES; i++) {
        bytes[i] = (char)(unsigned char)i;
    }
    for (size_t at = 0; at < BYTES; at += 1 + (size_t)_i) {
        const size_t piece = BYTES - at < 1 + (size_t)_i ? BYTES - at : 1 + (size_t)_i;
        tjob__base64_write(&encoder, &writer, (tjob_text){bytes + at, piece});
    }
    tjob__base64_end(&encoder, &writer);
    const json_value string = string_of(out, writer.bytes);
    ck_assert(tjob__base64_decode(&string, back, sizeof back, &count));
    ck_assert_uint_eq(count, BYTES);
    ck_assert_int_eq(memcmp(bytes, back, BYTES), 0);
    ck_assert(!tjob__base64_decode(&string, back, BYTES - 1, &count));
}
END_TEST

START_TEST(it_refuses_what_is_not_base64)
{
    static const char *const wrong[] = {
        "A", "AA", "AAA", "AAAAA", "====", "A===", "AA=A", "AB==", "AAB=", "AA A", "A-A="};
    unsigned char out[8];
    size_t count;
    json_value string = string_of(wrong[_i], strlen(wrong[_i]));
    ck_assert(!tjob__base64_decode(&string, out, sizeof out, &count));
    string = string_of("AAAA", 4);
    string.kind = JSON_NULL;
    ck_assert(!tjob__base64_decode(&string, out, sizeof out, &count));
}
END_TEST

RUN_TESTS("etcd_base64", {it_gives_the_vectors_of_the_rfc, 7}, {all_bytes_in_pieces_come_back, 7},
          {it_refuses_what_is_not_base64, 11})
