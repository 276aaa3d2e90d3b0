/*
 * A head of a request as it is sent, read as libmicrohttpd reads it: in place, a line up to its line feed, with NULs
 * for what separates the parts. Whatever is taken has one host, one end and a path, and had the exact form of HTTP/1.1;
 * whatever the bytes are, the line of the access log is one line of JSON, which the reader of histories takes for no
 * call.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>
#include <string.h>

#include "host/server/access_line.h"
#include "host/server/head.h"
#include "target.h"
#include "tjob/history_log.h"
#include "unit/wire/json_oracle.h"

enum { HEADERS_MOST = TJOB_SERVER_HEADERS_MAX + 2, PAGE_BYTES = 4096 };

/* Returns the text up to the next separator, or all that is left, and moves on behind it: it becomes a NUL. */
static tjob_text next_part(char **at, const char *end, char separator)
{
    char *found = *at != end ? memchr(*at, separator, (size_t)(end - *at)) : NULL;
    const tjob_text part = {*at, (size_t)((found != NULL ? found : end) - *at)};
    if (found != NULL) {
        *found = '\0';
    }
    *at += part.bytes + (found != NULL);
    return part;
}

/* The same for a line, without the carriage return at its end. */
static tjob_text next_line(char **at, const char *end)
{
    char *begin = *at;
    tjob_text line = next_part(at, end, '\n');
    if (line.bytes != 0 && begin[line.bytes - 1] == '\r') {
        begin[--line.bytes] = '\0';
    }
    return line;
}

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte + 32) : byte;
}

static bool is_named(tjob_text name, const char *wanted)
{
    size_t at = 0;
    while (at < name.bytes && wanted[at] != '\0' && lower(name.data[at]) == wanted[at]) {
        at++;
    }
    return at == name.bytes && wanted[at] == '\0';
}

static size_t count_of(const request_head *head, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < head->header_count; i++) {
        count += is_named(head->headers[i].name, name);
    }
    return count;
}

static void check_taken(const request_head *head)
{
    const bool is_1_1 = head->version.data[head->version.bytes - 1] == '1';
    FUZZ_EXPECT(count_of(head, "host") <= 1 && (!is_1_1 || count_of(head, "host") == 1));
    FUZZ_EXPECT(count_of(head, "content-length") + count_of(head, "transfer-encoding") <= 1);
    FUZZ_EXPECT((head->length == UINT64_MAX) == (count_of(head, "transfer-encoding") == 1));
    FUZZ_EXPECT(count_of(head, "x-amz-target") <= 1 && count_of(head, "authorization") <= 1);
    FUZZ_EXPECT(head->header_count <= TJOB_SERVER_HEADERS_MAX && head->path.bytes != 0);
    FUZZ_EXPECT(head->path.data[0] == '/' || is_named(head->path, "*"));
    FUZZ_EXPECT(memchr(head->path.data, '?', head->path.bytes) == NULL);
    for (size_t i = 0; i < head->header_count; i++) {
        const tjob_server_header *header = &head->headers[i];
        FUZZ_EXPECT(header->name.bytes != 0 && memchr(header->name.data, ' ', header->name.bytes) == NULL);
        FUZZ_EXPECT(memchr(header->value.data, '\r', header->value.bytes) == NULL);
        FUZZ_EXPECT(memchr(header->value.data, '\0', header->value.bytes) == NULL);
        FUZZ_EXPECT(header->value.bytes == 0 || header->value.data[header->value.bytes - 1] != ' ');
    }
}

static void check_line(tjob_text path, tjob_text method)
{
    static char line[TJOB_SERVER_LOG_LINE_BYTES_MAX];
    static tjob_history_log_line found;
    const access_record record = {
        .unix_ms = 5, .client = path, .method = method, .path = path, .error = method, .began_ns = 1, .answered_ns = 2};
    const size_t bytes = tjob__access_line_write(&record, line, sizeof line);
    FUZZ_EXPECT(bytes != 0 && memchr(line, '\n', bytes) == line + bytes - 1);
    FUZZ_EXPECT(oracle_is_json(line, bytes - 1));
    FUZZ_EXPECT(tjob_history_log_read(&found, (tjob_text){line, bytes - 1}).problem == TJOB_HISTORY_LOG_VALID);
    FUZZ_EXPECT(found.kind == TJOB_HISTORY_LOG_REJECTED);
}

/* What was read is what was sent: nothing else lay between the parts. */
static void check_form(const request_head *head, const char *sent)
{
    static char again[2 * TJOB_SERVER_HEAD_BYTES_MAX];
    size_t bytes = 0;
    const tjob_text first[] = {head->method, {" ", 1}, head->target, {" ", 1}, head->version, {"\r\n", 2}};
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        memcpy(again + bytes, first[i].data, first[i].bytes);
        bytes += first[i].bytes;
    }
    for (size_t i = 0; i < head->header_count; i++) {
        const tjob_server_header *header = &head->headers[i];
        memcpy(again + bytes, header->name.data, header->name.bytes);
        bytes += header->name.bytes;
        FUZZ_EXPECT(sent[bytes] == ':');
        again[bytes++] = ':';
        while (sent[bytes] == ' ' || sent[bytes] == '\t') {
            again[bytes] = sent[bytes];
            bytes++;
        }
        memcpy(again + bytes, header->value.data, header->value.bytes);
        bytes += header->value.bytes;
        while (sent[bytes] == ' ' || sent[bytes] == '\t') { /* trimmed */
            again[bytes] = sent[bytes];
            bytes++;
        }
        memcpy(again + bytes, "\r\n", 2);
        bytes += 2;
    }
    memcpy(again + bytes, "\r\n", 2);
    FUZZ_EXPECT(bytes + 2 == head->bytes && memcmp(again, sent, head->bytes) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static tjob_server_header headers[HEADERS_MOST];
    void *memory = NULL;
    if (posix_memalign(&memory, PAGE_BYTES, size != 0 ? size : 1) != 0) {
        abort();
    }
    char *at = memory;
    const char *end = at + size;
    memcpy(at, size != 0 ? (const char *)data : "", size);
    request_head head = {.headers = headers};
    tjob_text line = next_line(&at, end);
    char *in_line = (char *)memory;
    head.method = next_part(&in_line, line.data + line.bytes, ' ');
    head.target = next_part(&in_line, line.data + line.bytes, ' ');
    head.target_at = head.target.data;
    head.version = (tjob_text){in_line, (size_t)(line.data + line.bytes - in_line)};
    for (line = next_line(&at, end); line.bytes != 0; line = next_line(&at, end)) {
        char *in_header = (char *)(uintptr_t)line.data;
        const tjob_text name = next_part(&in_header, line.data + line.bytes, ':');
        while (in_header != line.data + line.bytes && (*in_header == ' ' || *in_header == '\t')) {
            in_header++;
        }
        if (head.header_count < TJOB_SERVER_HEADERS_MAX) {
            headers[head.header_count] =
                (tjob_server_header){name, {in_header, (size_t)(line.data + line.bytes - in_header)}};
        }
        head.header_count++;
    }
    head.bytes = (size_t)(at - (char *)memory);
    const tjob_text target = head.target;
    const head_problem problem = tjob__head_validate(&head);
    FUZZ_EXPECT((unsigned)problem < HEAD_PROBLEMS && tjob__head_problem_text(problem)[0] != '\0');
    if (problem == HEAD_VALID) {
        check_taken(&head);
        if (memchr(data, '\0', size) == NULL) { /* which could be sent for a separator */
            check_form(&head, (const char *)data);
        }
    }
    check_line(target, (tjob_text){memory, size});
    free(memory);
    return 0;
}
