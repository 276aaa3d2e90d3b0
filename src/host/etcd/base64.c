#include "host/etcd/base64.h"

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void base64_put(json_writer *writer, uint32_t bits, unsigned digits)
{
    for (unsigned i = 0; i < 4; i++) {
        tjob__json_write_byte(writer, (char)(i < digits ? base64_digits[bits >> (18 - 6 * i) & 63] : '='));
    }
}

void tjob__base64_write(base64_encoder *encoder, json_writer *writer, tjob_text bytes)
{
    for (size_t i = 0; i < bytes.bytes; i++) {
        encoder->bits |= (uint32_t)(unsigned char)bytes.data[i] << (16 - 8 * encoder->count);
        if (++encoder->count == 3) {
            base64_put(writer, encoder->bits, 4);
            *encoder = (base64_encoder){0};
        }
    }
}

void tjob__base64_end(base64_encoder *encoder, json_writer *writer)
{
    if (encoder->count != 0) {
        base64_put(writer, encoder->bits, encoder->count + 1);
    }
    *encoder = (base64_encoder){0};
}

/* Returns the value of a digit, or 64. */
static uint32_t base64_value(unsigned char digit)
{
    static const struct {
        unsigned char first, last;
        uint32_t value;
    } ranges[] = {{'A', 'Z', 0}, {'a', 'z', 26}, {'0', '9', 52}, {'+', '+', 62}, {'/', '/', 63}};
    for (unsigned i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (digit >= ranges[i].first && digit <= ranges[i].last) {
            return ranges[i].value + (uint32_t)(digit - ranges[i].first);
        }
    }
    return 64;
}

bool tjob__base64_decode(const json_value *string, void *out, size_t capacity, size_t *count)
{
    unsigned char *bytes = out;
    const unsigned char *end = string->end;
    *count = 0;
    if (string->kind != JSON_STRING || (end - string->begin) % 4 != 0) {
        return false;
    }
    for (int padding = 0; padding < 2 && end != string->begin && end[-1] == '='; padding++) {
        end--;
    }
    uint32_t bits = 0;
    unsigned held = 0;
    for (const unsigned char *at = string->begin; at != end; at++) {
        const uint32_t value = base64_value(*at);
        if (value == 64) {
            return false;
        }
        bits = (bits << 6 | value) & 0xffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            if (*count == capacity) {
                return false;
            }
            bytes[(*count)++] = (unsigned char)(bits >> held);
        }
    }
    return (bits & ((1u << held) - 1)) == 0;
}
