/*
 * A head of a request, as lines: the version, the target, then "NAME:VALUE" for each header. Whatever is taken has one
 * host, one end and a path; whatever the bytes are, the line of the access log is one line of JSON, which the reader of
 * histories takes for no call.
 */
#include <string.h>

#include "host/server/access_line.h"
#include "host/server/head.h"
#include "target.h"
#include "tjob/history_log.h"
#include "unit/exact.h"
#include "unit/wire/json_oracle.h"

enum { HEADERS_MOST = TJOB_SERVER_HEADERS_MAX + 2 };

/* Returns the text up to the next line end, and moves on behind it. */
static tjob_text next_line(tjob_text *rest)
{
    const char *end = rest->bytes != 0 ? memchr(rest->data, '\n', rest->bytes) : NULL;
    const tjob_text line = {rest->data, end != NULL ? (size_t)(end - rest->data) : rest->bytes};
    const size_t taken = line.bytes + (end != NULL ? 1 : 0);
    *rest = (tjob_text){rest->data + taken, rest->bytes - taken};
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static tjob_server_header headers[HEADERS_MOST];
    const tjob_text input = exact_copy(data, size);
    tjob_text rest = input;
    request_head head = {.version = next_line(&rest), .target = next_line(&rest), .headers = headers, .bytes = size};
    const tjob_text target = head.target;
    while (rest.bytes != 0) {
        const tjob_text line = next_line(&rest);
        const char *colon = line.bytes != 0 ? memchr(line.data, ':', line.bytes) : NULL;
        const size_t name_bytes = colon != NULL ? (size_t)(colon - line.data) : line.bytes;
        if (head.header_count < TJOB_SERVER_HEADERS_MAX) {
            headers[head.header_count] = (tjob_server_header){
                {line.data, name_bytes},
                {line.data + name_bytes + (colon != NULL ? 1 : 0), line.bytes - name_bytes - (colon != NULL ? 1 : 0)}};
        }
        head.header_count++;
    }
    const head_problem problem = tjob__head_validate(&head);
    FUZZ_EXPECT((unsigned)problem < HEAD_PROBLEMS && tjob__head_problem_text(problem)[0] != '\0');
    if (problem == HEAD_VALID) {
        check_taken(&head);
    }
    check_line(target, (tjob_text){input.data, input.bytes});
    exact_free(input);
    return 0;
}
