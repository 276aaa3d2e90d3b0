#include "scenarios/post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_BYTES_MAX = 2 * TJOB_REQUEST_BODY_BYTES_MAX };

/* ---- What has been met ----------------------------------------------------------------------------------------- */

static bool met_problem[TJOB_REQUEST_PROBLEM_COUNT];
static bool met_arn_problem[TJOB_ARN_PROBLEM_COUNT];

static const char *const problem_names[TJOB_REQUEST_PROBLEM_COUNT] = {
#define NAME(name) [name] = #name
    NAME(TJOB_REQUEST_VALID),
    NAME(TJOB_REQUEST_BAD_METHOD),
    NAME(TJOB_REQUEST_BAD_TARGET),
    NAME(TJOB_REQUEST_BAD_CONTENT_TYPE),
    NAME(TJOB_REQUEST_BODY_TOO_LARGE),
    NAME(TJOB_REQUEST_JSON_TRUNCATED),
    NAME(TJOB_REQUEST_JSON_UNEXPECTED),
    NAME(TJOB_REQUEST_JSON_TRAILING),
    NAME(TJOB_REQUEST_JSON_BAD_LITERAL),
    NAME(TJOB_REQUEST_JSON_BAD_NUMBER),
    NAME(TJOB_REQUEST_JSON_BAD_ESCAPE),
    NAME(TJOB_REQUEST_JSON_BAD_CHARACTER),
    NAME(TJOB_REQUEST_JSON_BAD_UTF8),
    NAME(TJOB_REQUEST_JSON_TOO_DEEP),
    NAME(TJOB_REQUEST_NOT_OBJECT),
    NAME(TJOB_REQUEST_ARN_TWICE),
    NAME(TJOB_REQUEST_ARN_MISSING),
    NAME(TJOB_REQUEST_ARN_NOT_STRING),
    NAME(TJOB_REQUEST_ARN_MALFORMED),
};

static const char *const arn_problem_names[TJOB_ARN_PROBLEM_COUNT] = {
    NAME(TJOB_ARN_VALID),       NAME(TJOB_ARN_BAD_PREFIX),  NAME(TJOB_ARN_BAD_PARTITION), NAME(TJOB_ARN_BAD_SERVICE),
    NAME(TJOB_ARN_BAD_REGION),  NAME(TJOB_ARN_BAD_ACCOUNT), NAME(TJOB_ARN_BAD_RESOURCE),  NAME(TJOB_ARN_BAD_NAME),
    NAME(TJOB_ARN_BAD_VERSION), NAME(TJOB_ARN_TOO_LONG),
#undef NAME
};

static struct {
    const char *type;
    bool met;
} errors[] = {
    {"InvalidRequestException", false}, {"ResourceNotFoundException", false}, {"TooManyRequestsException", false},
    {"AccessDeniedException", false},   {"ResourceInUseException", false},    {"UnknownOperationException", false},
    {"InternalServerException", false},
};

static unsigned append_unmet(char *out, size_t *bytes, size_t capacity, const char *name, bool met)
{
    if (!met) {
        *bytes += (size_t)snprintf(out + *bytes, capacity - *bytes, "%s\n", name);
    }
    return !met;
}

unsigned list_unmet(char *out, size_t *bytes, size_t capacity)
{
    unsigned unmet = 0;
    for (unsigned i = 0; i < TJOB_REQUEST_PROBLEM_COUNT; i++) {
        unmet += append_unmet(out, bytes, capacity, problem_names[i], met_problem[i]);
    }
    for (unsigned i = 0; i < TJOB_ARN_PROBLEM_COUNT; i++) {
        unmet += append_unmet(out, bytes, capacity, arn_problem_names[i], met_arn_problem[i]);
    }
    for (unsigned i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        unmet += append_unmet(out, bytes, capacity, errors[i].type, errors[i].met);
    }
    return unmet;
}

/* Asks the decoder once more, for its verdict does not show in the response. */
static void take_in(const struct world *world, const tjob_http_request *http, const tjob_http_response *response)
{
    char arn[TJOB_ARN_BYTES_MAX];
    tjob_request request;
    met_problem[tjob_request_decode(&request, http, world->service.grammar, arn)] = true;
    met_arn_problem[request.arn_problem] = true;
    for (unsigned i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        const tjob_text type = response->error_type;
        errors[i].met = errors[i].met ||
                        (type.bytes == strlen(errors[i].type) && memcmp(type.data, errors[i].type, type.bytes) == 0);
    }
}

/* ---- Bodies ---------------------------------------------------------------------------------------------------- */

void expand_name(const char *name, char arn[TJOB_ARN_BYTES_MAX + 1])
{
    const char *prefix =
        strchr(name, ':') != NULL ? "" : "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/";
    snprintf(arn, TJOB_ARN_BYTES_MAX + 1, "%s%.150s", prefix, name);
}

struct body {
    char text[BODY_BYTES_MAX];
    size_t bytes;
};

static bool append(struct body *body, const char *text, size_t bytes, unsigned long times)
{
    for (; times != 0; times--) {
        if (body->bytes + bytes > BODY_BYTES_MAX) {
            return false;
        }
        memcpy(body->text + body->bytes, text, bytes);
        body->bytes += bytes;
    }
    return true;
}

/* What stands between $( and ), from behind the opening: N*TEXT or 0xHH. */
static bool append_made(struct body *body, const char *at, const char *end)
{
    char *behind;
    const unsigned long number = strtoul(at, &behind, 0);
    if (*behind == '*') {
        return append(body, behind + 1, (size_t)(end - behind - 1), number);
    }
    const char byte = (char)(unsigned char)number;
    return behind == end && append(body, &byte, 1, 1);
}

static bool append_expanded(struct body *body, const char *text)
{
    while (*text != '\0') {
        const char *close = *text == '$' ? strchr(text + 1, text[1] == '(' ? ')' : '$') : NULL;
        if (close == NULL) {
            if (!append(body, text++, 1, 1)) {
                return false;
            }
            continue;
        }
        if (text[1] == '(') {
            if (!append_made(body, text + 2, close)) {
                return false;
            }
        } else {
            char name[160];
            char arn[TJOB_ARN_BYTES_MAX + 1];
            snprintf(name, sizeof name, "%.*s", (int)(close - text - 1), text + 1);
            expand_name(name, arn);
            if (!append(body, arn, strlen(arn), 1)) {
                return false;
            }
        }
        text = close + 1;
    }
    return true;
}

/* ---- The request ----------------------------------------------------------------------------------------------- */

static tjob_text text_of(const char *string)
{
    return (tjob_text){string, strlen(string)};
}

static void post(struct world *world, const char *target, const struct body *body, char *out, size_t *bytes,
                 size_t capacity)
{
    char answer[TJOB_RESPONSE_BYTES_MAX];
    tjob_http_response response;
    const tjob_http_request http = {
        .method = text_of(world->method[0] != '\0' ? world->method : "POST"),
        .target = text_of(target),
        .content_type = text_of(world->content_type[0] != '\0' ? world->content_type : "application/x-amz-json-1.1"),
        .body = {body->text, body->bytes},
    };
    (void)tjob_handle(&world->service, NULL, &http, &response, answer, sizeof answer);
    take_in(world, &http, &response);
    *bytes += (size_t)snprintf(out + *bytes, capacity - *bytes, "%d%s%.*s\n", response.status,
                               response.error_type.bytes != 0 ? " " : "", (int)response.error_type.bytes,
                               response.error_type.data);
    if (response.body.bytes != 0) {
        *bytes +=
            (size_t)snprintf(out + *bytes, capacity - *bytes, "%.*s\n", (int)response.body.bytes, response.body.data);
    }
    world->method[0] = '\0';
    world->content_type[0] = '\0';
}

bool is_post_command(const char *word)
{
    return strcmp(word, "post") == 0 || strcmp(word, "method") == 0 || strcmp(word, "content-type") == 0;
}

bool carry_out_post(struct world *world, const char *line, char *out, size_t *bytes, size_t capacity)
{
    static struct body body;
    const char *rest = strchr(line, ' ');
    if (rest == NULL) {
        return false;
    }
    rest++;
    if (line[0] == 'm') {
        snprintf(world->method, sizeof world->method, "%s", rest);
        return true;
    }
    if (line[0] == 'c') {
        snprintf(world->content_type, sizeof world->content_type, "%s", rest);
        return true;
    }
    char target[128];
    const size_t operation = strcspn(rest, " ");
    snprintf(target, sizeof target, "Comprehend_20171127.%.*s", (int)operation, rest);
    body.bytes = 0;
    if (rest[operation] == ' ' && !append_expanded(&body, rest + operation + 1)) {
        return false;
    }
    post(world, target, &body, out, bytes, capacity);
    return true;
}
