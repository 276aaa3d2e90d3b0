#include "host/server/head.h"

#include <string.h>

/* ---- Characters ------------------------------------------------------------------------------------------------ */

static bool head_is_letter_or_digit(unsigned char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

/* RFC 9110, section 5.6.2. */
static bool head_is_token(tjob_text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        const unsigned char byte = (unsigned char)text.data[i];
        if (!head_is_letter_or_digit(byte) && (byte == 0 || strchr("!#$%&'*+-.^_`|~", byte) == NULL)) {
            return false;
        }
    }
    return text.bytes != 0;
}

static bool head_is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* RFC 9110, section 5.5: visible characters, blanks, and bytes above ASCII. */
static bool head_is_value(tjob_text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        const unsigned char byte = (unsigned char)text.data[i];
        if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
            return false;
        }
    }
    return true;
}

static tjob_text head_trimmed(tjob_text text)
{
    while (text.bytes != 0 && head_is_blank(text.data[text.bytes - 1])) {
        text.bytes--;
    }
    return text;
}

static char head_lower(char byte)
{
    if (byte >= 'A' && byte <= 'Z') {
        return (char)(byte + ('a' - 'A'));
    }
    return byte;
}

static bool head_is(tjob_text text, const char *word)
{
    if (text.bytes != strlen(word)) {
        return false;
    }
    for (size_t i = 0; i < text.bytes; i++) {
        if (head_lower(text.data[i]) != head_lower(word[i])) {
            return false;
        }
    }
    return true;
}

/* ---- Headers --------------------------------------------------------------------------------------------------- */

static const tjob_server_header *head_find(const tjob_server_header *headers, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (head_is(headers[i].name, name)) {
            return &headers[i];
        }
    }
    return NULL;
}

tjob_text tjob__head_value(const tjob_server_header *headers, size_t count, const char *name)
{
    const tjob_server_header *header = head_find(headers, count, name);
    return header != NULL ? header->value : (tjob_text){"", 0};
}

static head_problem head_check_headers(request_head *head)
{
    for (size_t i = 0; i < head->header_count; i++) {
        if (!head_is_token(head->headers[i].name)) {
            return HEAD_BAD_NAME;
        }
        if (!head_is_value(head->headers[i].value)) {
            return HEAD_BAD_VALUE;
        }
        head->headers[i].value = head_trimmed(head->headers[i].value);
    }
    return HEAD_VALID;
}

/* The headers that decide where a request ends, for whom it is, what it asks and who asks. */
static bool head_has_twice(const request_head *head)
{
    static const char *const single[] = {"Host",         "Content-Length", "Transfer-Encoding",
                                         "Content-Type", "X-Amz-Target",   "Authorization",
                                         "X-Amz-Date",   "Expect",         "X-Amz-Content-Sha256"};
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++) {
        const tjob_server_header *first = head_find(head->headers, head->header_count, single[i]);
        if (first != NULL) {
            const size_t after = (size_t)(first - head->headers) + 1;
            if (head_find(first + 1, head->header_count - after, single[i]) != NULL) {
                return true;
            }
        }
    }
    return false;
}

static bool head_read_length(tjob_text digits, uint64_t *length)
{
    enum { DIGITS_MAX = 18 };
    uint64_t number = 0;
    for (size_t i = 0; i < digits.bytes; i++) {
        if (i == DIGITS_MAX || digits.data[i] < '0' || digits.data[i] > '9') {
            return false;
        }
        number = number * 10 + (uint64_t)(digits.data[i] - '0');
    }
    *length = number;
    return digits.bytes != 0;
}

static head_problem head_check_framing(request_head *head, bool is_1_1)
{
    const tjob_server_header *length = head_find(head->headers, head->header_count, "Content-Length");
    const tjob_server_header *coding = head_find(head->headers, head->header_count, "Transfer-Encoding");
    if (coding != NULL && (!is_1_1 || !head_is(coding->value, "chunked"))) {
        return HEAD_BAD_CODING;
    }
    if (coding != NULL && length != NULL) {
        return HEAD_LENGTH_AND_CODING;
    }
    if (coding != NULL) {
        head->length = UINT64_MAX;
        return HEAD_VALID;
    }
    return length == NULL || head_read_length(length->value, &head->length) ? HEAD_VALID : HEAD_BAD_LENGTH;
}

/* ---- The target ------------------------------------------------------------------------------------------------ */

/* RFC 9112, section 3.2: a path, an absolute URL, which has an authority before its path, or "*". */
static bool head_read_target(request_head *head)
{
    tjob_text target = head->target;
    if (target.data == NULL || target.bytes == 0 || target.bytes > TJOB_SERVER_TARGET_BYTES_MAX) {
        return false;
    }
    for (size_t i = 0; i < target.bytes; i++) {
        const unsigned char byte = (unsigned char)target.data[i];
        if (byte <= ' ' || byte >= 0x7f || byte == '#') {
            return false;
        }
    }
    enum { SCHEME_BYTES = sizeof "http://" - 1 };
    if (target.bytes > SCHEME_BYTES && head_is((tjob_text){target.data, SCHEME_BYTES}, "http://")) {
        target.data += SCHEME_BYTES;
        target.bytes -= SCHEME_BYTES;
        head->authority.data = target.data;
        while (target.bytes != 0 && target.data[0] != '/' && target.data[0] != '?') {
            head->authority.bytes++;
            target.data++;
            target.bytes--;
        }
    } else if (target.data[0] != '/' && !head_is(target, "*")) {
        return false;
    }
    const char *mark = memchr(target.data, '?', target.bytes);
    const size_t path_bytes = mark != NULL ? (size_t)(mark - target.data) : target.bytes;
    head->path = path_bytes != 0 ? (tjob_text){target.data, path_bytes} : (tjob_text){"/", 1};
    head->query = mark != NULL ? (tjob_text){mark + 1, target.bytes - path_bytes - 1} : (tjob_text){"", 0};
    return true;
}

/* ---- The form -------------------------------------------------------------------------------------------------- */

/* Goes on behind a part that lies at `at`, and behind the NULs for what separates it from the next one. */
static bool head_lies_at(const request_head *head, size_t *at, tjob_text part, size_t separator_bytes)
{
    const char *begin = head->method.data;
    const size_t left = head->bytes - *at;
    if (part.data != begin + *at || part.bytes > left || separator_bytes > left - part.bytes) {
        return false;
    }
    *at += part.bytes;
    for (size_t i = 0; i < separator_bytes; i++) {
        if (begin[(*at)++] != '\0') {
            return false;
        }
    }
    return true;
}

/* RFC 9112, sections 2.1 and 5: one blank between the parts of the first line, one line for each header, CR and LF. */
static bool head_has_form(const request_head *head)
{
    enum { PAGE_BYTES = 4096, BLANK = 1, COLON = 1, LINE_END = 2 };
    const tjob_text target = {head->target_at, head->target.bytes};
    const char *begin = head->method.data;
    size_t at = 0;
    bool has_form = (uintptr_t)begin % PAGE_BYTES == 0 && head_lies_at(head, &at, head->method, BLANK) &&
                    head_lies_at(head, &at, target, BLANK) && head_lies_at(head, &at, head->version, LINE_END);
    for (size_t i = 0; has_form && i < head->header_count; i++) {
        has_form = head_lies_at(head, &at, head->headers[i].name, COLON);
        while (at < head->bytes && head_is_blank(begin[at])) {
            at++;
        }
        has_form = has_form && head_lies_at(head, &at, head->headers[i].value, LINE_END);
    }
    return has_form && head_lies_at(head, &at, (tjob_text){begin + at, 0}, LINE_END) && at == head->bytes;
}

/* ---- The head -------------------------------------------------------------------------------------------------- */

head_problem tjob__head_validate(request_head *head)
{
    head->path = head->query = (tjob_text){"", 0};
    head->authority = (tjob_text){NULL, 0};
    head->length = 0;
    if (head->bytes > TJOB_SERVER_HEAD_BYTES_MAX) {
        return HEAD_TOO_LARGE;
    }
    if (head->header_count > TJOB_SERVER_HEADERS_MAX) {
        return HEAD_TOO_MANY_HEADERS;
    }
    if (!head_has_form(head)) {
        return HEAD_BAD_FORM;
    }
    const bool is_1_1 = head_is(head->version, "HTTP/1.1");
    if (!is_1_1 && !head_is(head->version, "HTTP/1.0")) {
        return HEAD_BAD_VERSION;
    }
    if (!head_read_target(head)) {
        return HEAD_BAD_TARGET;
    }
    const head_problem problem = head_check_headers(head);
    if (problem != HEAD_VALID) {
        return problem;
    }
    if (head_has_twice(head)) {
        return HEAD_TWICE;
    }
    const tjob_text host = tjob__head_value(head->headers, head->header_count, "Host");
    if (is_1_1 && host.bytes == 0) {
        return HEAD_NO_HOST;
    }
    if (head->authority.data != NULL &&
        (head->authority.bytes != host.bytes || memcmp(head->authority.data, host.data, host.bytes) != 0)) {
        return HEAD_OTHER_HOST;
    }
    return head_check_framing(head, is_1_1);
}

const char *tjob__head_problem_text(head_problem problem)
{
    static const char *const texts[HEAD_PROBLEMS] = {
        [HEAD_VALID] = "The head is valid.",
        [HEAD_TOO_LARGE] = "The head of the request is too large.",
        [HEAD_TOO_MANY_HEADERS] = "The request has too many headers.",
        [HEAD_BAD_FORM] = "The head is not in the form of HTTP/1.1.",
        [HEAD_BAD_TARGET] = "The target of the request is malformed or too long.",
        [HEAD_BAD_VERSION] = "The version must be HTTP/1.1 or HTTP/1.0.",
        [HEAD_BAD_NAME] = "The name of a header is malformed.",
        [HEAD_BAD_VALUE] = "The value of a header has a control character.",
        [HEAD_TWICE] = "A header that must be given once is given twice.",
        [HEAD_NO_HOST] = "The header Host is missing.",
        [HEAD_OTHER_HOST] = "The target and the header Host must name the same host.",
        [HEAD_BAD_LENGTH] = "Content-Length must be a number.",
        [HEAD_BAD_CODING] = "Transfer-Encoding must be chunked, with HTTP/1.1.",
        [HEAD_LENGTH_AND_CODING] = "Content-Length and Transfer-Encoding exclude each other.",
    };
    return texts[problem];
}
