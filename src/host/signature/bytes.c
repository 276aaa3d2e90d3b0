#include "host/signature/bytes.h"

#include <string.h>

tjob_text tjob__signature_readable(tjob_text text)
{
    return text.data != NULL ? text : (tjob_text){"", 0};
}

tjob_text tjob__signature_text(const char *string)
{
    return (tjob_text){string, strlen(string)};
}

bool tjob__signature_is(tjob_text text, tjob_text wanted)
{
    return text.bytes == wanted.bytes && memcmp(text.data, wanted.data, wanted.bytes) == 0;
}

bool tjob__signature_begins(tjob_text text, tjob_text wanted)
{
    return text.bytes >= wanted.bytes && memcmp(text.data, wanted.data, wanted.bytes) == 0;
}

char tjob__signature_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool tjob__signature_begins_lower(tjob_text name, tjob_text wanted)
{
    size_t at = 0;
    if (name.bytes < wanted.bytes) {
        return false;
    }
    while (at < wanted.bytes && tjob__signature_lower(name.data[at]) == wanted.data[at]) {
        at++;
    }
    return at == wanted.bytes;
}

bool tjob__signature_is_lower(tjob_text name, tjob_text wanted)
{
    return name.bytes == wanted.bytes && tjob__signature_begins_lower(name, wanted);
}

bool tjob__signature_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool tjob__signature_is_alphanumeric(char c)
{
    return tjob__signature_is_digit(c) || (tjob__signature_lower(c) >= 'a' && tjob__signature_lower(c) <= 'z');
}

bool tjob__signature_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

tjob_text tjob__signature_trim(tjob_text text)
{
    while (text.bytes != 0 && tjob__signature_is_blank(text.data[0])) {
        text.data++;
        text.bytes--;
    }
    while (text.bytes != 0 && tjob__signature_is_blank(text.data[text.bytes - 1])) {
        text.bytes--;
    }
    return text;
}

bool tjob__signature_split(tjob_text *rest, char separator, tjob_text *first)
{
    const char *at = rest->bytes != 0 ? memchr(rest->data, separator, rest->bytes) : NULL;
    *first = *rest;
    if (at == NULL) {
        *rest = (tjob_text){rest->data + rest->bytes, 0};
        return false;
    }
    first->bytes = (size_t)(at - rest->data);
    rest->data += first->bytes + 1;
    rest->bytes -= first->bytes + 1;
    return true;
}
