#include "wire/json_writer.h"

void tjob__json_write_byte(json_writer *writer, char byte)
{
    if (writer->bytes < writer->capacity) {
        writer->out[writer->bytes] = byte;
    }
    writer->bytes++;
}

void tjob__json_write_text(json_writer *writer, tjob_text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        tjob__json_write_byte(writer, text.data[i]);
    }
}

void tjob__json_write_string(json_writer *writer, const char *string)
{
    while (*string != '\0') {
        tjob__json_write_byte(writer, *string++);
    }
}

void tjob__json_write_number(json_writer *writer, uint64_t number, unsigned least_digits)
{
    char digits[20];
    unsigned first = sizeof digits;
    while (number != 0 || sizeof digits - first < least_digits) {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    }
    tjob__json_write_text(writer, (tjob_text){digits + first, sizeof digits - first});
}

void tjob__json_write_quoted(json_writer *writer, tjob_text text)
{
    static const char hex[] = "0123456789abcdef";
    tjob__json_write_byte(writer, '"');
    for (size_t i = 0; i < text.bytes; i++) {
        const unsigned char byte = (unsigned char)text.data[i];
        if (byte < ' ') {
            tjob__json_write_string(writer, "\\u00");
            tjob__json_write_byte(writer, hex[byte >> 4]);
            tjob__json_write_byte(writer, hex[byte & 15]);
            continue;
        }
        if (byte == '"' || byte == '\\') {
            tjob__json_write_byte(writer, '\\');
        }
        tjob__json_write_byte(writer, (char)byte);
    }
    tjob__json_write_byte(writer, '"');
}
