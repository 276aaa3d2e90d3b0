#include "conformance/http_split.h"

#include <ctype.h>
#include <string.h>

/* Cuts what stands before the first `mark` off the front of *rest; false if there is none. */
static bool cut(tjob_text *rest, const char *mark, tjob_text *before)
{
    const size_t length = strlen(mark);
    for (size_t at = 0; at + length <= rest->bytes; at++) {
        if (memcmp(rest->data + at, mark, length) == 0) {
            *before = (tjob_text){rest->data, at};
            *rest = (tjob_text){rest->data + at + length, rest->bytes - at - length};
            return true;
        }
    }
    return false;
}

static tjob_text trim(tjob_text text)
{
    while (text.bytes != 0 && strchr(" \t", text.data[0]) != NULL) {
        text = (tjob_text){text.data + 1, text.bytes - 1};
    }
    while (text.bytes != 0 && strchr(" \t", text.data[text.bytes - 1]) != NULL) {
        text.bytes--;
    }
    return text;
}

static bool is_named(tjob_text name, const char *wanted)
{
    bool same = name.bytes == strlen(wanted);
    for (size_t i = 0; same && i < name.bytes; i++) {
        same = tolower((unsigned char)name.data[i]) == wanted[i];
    }
    return same;
}

static bool read_length(tjob_text text, size_t *length)
{
    *length = 0;
    for (size_t i = 0; i < text.bytes; i++) {
        if (!isdigit((unsigned char)text.data[i]) || *length > 100000000) {
            return false;
        }
        *length = *length * 10 + (size_t)(text.data[i] - '0');
    }
    return text.bytes != 0;
}

bool http_split(tjob_text raw, tjob_http_request *http)
{
    tjob_text line;
    tjob_text path;
    size_t length = 0;
    *http = (tjob_http_request){.id = {"", 0}};
    if (!cut(&raw, "\r\n", &line) || !cut(&line, " ", &http->method) || !cut(&line, " ", &path) || path.bytes != 1 ||
        line.bytes != 8 || memcmp(line.data, "HTTP/1.1", 8) != 0) {
        return false;
    }
    while (cut(&raw, "\r\n", &line) && line.bytes != 0) {
        tjob_text name;
        if (!cut(&line, ":", &name)) {
            return false;
        }
        const tjob_text value = trim(line);
        if (is_named(name, "x-amz-target")) {
            http->target = value;
        } else if (is_named(name, "content-type")) {
            http->content_type = value;
        } else if (is_named(name, "amz-sdk-invocation-id")) {
            http->id = value;
        } else if (is_named(name, "content-length") && !read_length(value, &length)) {
            return false;
        }
    }
    http->body = raw;
    return raw.bytes == length;
}
