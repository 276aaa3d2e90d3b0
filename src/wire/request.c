#include "tjob/request.h"

#include "core/arn.h"
#include "core/bytes.h"
#include "wire/json.h"

_Static_assert(TJOB_REQUEST_DEPTH_MAX == JSON_DEPTH_MAX, "the reader has the limit that the header promises");

static const char post[] = "POST";
static const char target_prefix[] = "Comprehend_20171127.";
static const char media_type[] = "application/x-amz-json-1.1";
static const char arn_member[] = "EntityRecognizerArn";

/* The operations of the wire, each an event without fencing tokens. */
static const struct {
    char name[32];
    unsigned char length;
    unsigned char event;
} operations[] = {
    {"StopTrainingEntityRecognizer", 28, TJOB_STOP},
    {"DescribeEntityRecognizer", 24, TJOB_DESCRIBE},
    {"DeleteEntityRecognizer", 22, TJOB_DELETE},
};

/* Returns the text, or an empty one if its data is NULL, whatever its length. */
static tjob_text readable(tjob_text text)
{
    return text.data != NULL ? text : (tjob_text){"", 0};
}

static bool text_is(tjob_text text, const char *wanted, size_t length)
{
    return text.bytes == length && bytes_equal(text.data, wanted, length);
}

static bool is_post(tjob_text method)
{
    return text_is(method, post, sizeof post - 1);
}

static bool find_operation(tjob_text target, tjob_event_kind *operation)
{
    const size_t prefix = sizeof target_prefix - 1;
    if (target.bytes < prefix || !bytes_equal(target.data, target_prefix, prefix)) {
        return false;
    }
    const tjob_text name = {target.data + prefix, target.bytes - prefix};
    for (unsigned i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (text_is(name, operations[i].name, operations[i].length)) {
            *operation = (tjob_event_kind)operations[i].event;
            return true;
        }
    }
    return false;
}

bool tjob_request_is_known(tjob_text method, tjob_text target)
{
    tjob_event_kind operation;
    return is_post(readable(method)) && find_operation(readable(target), &operation);
}

static bool request_is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* Whether the media type is JSON 1.1: case-insensitive, with optional white space and parameters. */
static bool is_json(tjob_text type)
{
    if (text_is(type, media_type, sizeof media_type - 1)) {
        return true;
    }
    size_t at = 0;
    while (at < type.bytes && request_is_space(type.data[at])) {
        at++;
    }
    for (const char *wanted = media_type; *wanted != '\0'; wanted++, at++) {
        const char lower = *wanted >= 'a' ? 0x20 : 0;
        if (at == type.bytes || (type.data[at] | lower) != *wanted) {
            return false;
        }
    }
    while (at < type.bytes && request_is_space(type.data[at])) {
        at++;
    }
    return at == type.bytes || type.data[at] == ';';
}

static tjob_request_problem problem_of(json_status status)
{
    static const unsigned char problems[] = {
        [JSON_NOT_OBJECT] = TJOB_REQUEST_NOT_OBJECT,        [JSON_TRUNCATED] = TJOB_REQUEST_JSON_TRUNCATED,
        [JSON_UNEXPECTED] = TJOB_REQUEST_JSON_UNEXPECTED,   [JSON_TRAILING] = TJOB_REQUEST_JSON_TRAILING,
        [JSON_BAD_LITERAL] = TJOB_REQUEST_JSON_BAD_LITERAL, [JSON_BAD_NUMBER] = TJOB_REQUEST_JSON_BAD_NUMBER,
        [JSON_BAD_ESCAPE] = TJOB_REQUEST_JSON_BAD_ESCAPE,   [JSON_BAD_CHARACTER] = TJOB_REQUEST_JSON_BAD_CHARACTER,
        [JSON_BAD_UTF8] = TJOB_REQUEST_JSON_BAD_UTF8,       [JSON_TOO_DEEP] = TJOB_REQUEST_JSON_TOO_DEEP,
    };
    return (tjob_request_problem)problems[status];
}

static bool is_arn_member(const json_value *name)
{
    enum { LENGTH = sizeof arn_member - 1 };
    if (!name->escaped) {
        const tjob_text text = {(const char *)name->begin, (size_t)(name->end - name->begin)};
        return text_is(text, arn_member, LENGTH);
    }
    char decoded[LENGTH];
    return tjob__json_decode(name, decoded, LENGTH) == LENGTH && bytes_equal(decoded, arn_member, LENGTH);
}

/* The value of EntityRecognizerArn. */
struct arn_value {
    json_value json; /* JSON's null if the member is missing */
    bool is_valid;   /* an ARN in either grammar; else it was not looked at */
};

/*
 * Reads the value of EntityRecognizerArn. One that is an ARN of the reference grammar is read once: as an ARN, of which
 * every character is a plain one of JSON, up to its closing quote.
 */
static json_status read_arn(json_reader *reader, struct arn_value *arn)
{
    const size_t bytes = tjob__arn_prefix(tjob__json_inside(reader));
    arn->is_valid = bytes != 0 && tjob__json_take_plain(reader, bytes, &arn->json);
    return arn->is_valid ? JSON_OK : tjob__json_value(reader, &arn->json);
}

/* Reads the whole body and finds the value of EntityRecognizerArn. */
static tjob_request_problem find_arn(tjob_request *request, tjob_text body, struct arn_value *arn)
{
    json_reader reader;
    json_value name;
    json_value other;
    bool found = false;
    *arn = (struct arn_value){.json = {.kind = JSON_NULL}};
    tjob_request_problem problem = TJOB_REQUEST_VALID;
    json_status status = tjob__json_open(&reader, body);
    while (status == JSON_OK && (status = tjob__json_next_name(&reader, &name)) == JSON_OK) {
        const bool is_arn = is_arn_member(&name);
        status = is_arn && !found ? read_arn(&reader, arn) : tjob__json_value(&reader, &other);
        if (is_arn && found && problem == TJOB_REQUEST_VALID) {
            /* Recorded, not returned: a later JSON error takes precedence. */
            problem = TJOB_REQUEST_ARN_TWICE;
            request->offset = (size_t)(name.begin - 1 - reader.begin);
        }
        found |= is_arn;
    }
    if (status != JSON_END) {
        request->offset = tjob__json_offset(&reader);
        return problem_of(status);
    }
    return problem;
}

static tjob_request_problem request_take_arn(tjob_request *request, const struct arn_value *value, const char *body,
                                             tjob_arn_grammar grammar, char arn[TJOB_ARN_BYTES_MAX])
{
    const json_value *json = &value->json;
    if (json->kind == JSON_NULL) {
        return TJOB_REQUEST_ARN_MISSING;
    }
    if (json->kind != JSON_STRING) {
        request->offset = (size_t)(json->begin - (const unsigned char *)body);
        return TJOB_REQUEST_ARN_NOT_STRING;
    }
    request->arn = (tjob_text){arn, tjob__json_decode(json, arn, TJOB_ARN_BYTES_MAX)};
    if (value->is_valid) {
        return TJOB_REQUEST_VALID;
    }
    const tjob_arn_verdict verdict = tjob_arn_validate(request->arn, grammar);
    if (verdict.problem != TJOB_ARN_VALID) {
        request->arn = (tjob_text){NULL, 0};
        request->arn_problem = verdict.problem;
        request->offset = verdict.offset;
        return TJOB_REQUEST_ARN_MALFORMED;
    }
    return TJOB_REQUEST_VALID;
}

static tjob_request_problem decode(tjob_request *request, const tjob_http_request *http, tjob_arn_grammar grammar,
                                   char arn[TJOB_ARN_BYTES_MAX])
{
    const tjob_text body = readable(http->body);
    if (!is_post(readable(http->method))) {
        return TJOB_REQUEST_BAD_METHOD;
    }
    if (!find_operation(readable(http->target), &request->operation)) {
        return TJOB_REQUEST_BAD_TARGET;
    }
    if (!is_json(readable(http->content_type))) {
        return TJOB_REQUEST_BAD_CONTENT_TYPE;
    }
    if (body.bytes > TJOB_REQUEST_BODY_BYTES_MAX) {
        request->offset = TJOB_REQUEST_BODY_BYTES_MAX;
        return TJOB_REQUEST_BODY_TOO_LARGE;
    }
    if (body.bytes == 0) {
        return TJOB_REQUEST_ARN_MISSING; /* the protocol: an empty body is an empty object */
    }
    struct arn_value value;
    const tjob_request_problem problem = find_arn(request, body, &value);
    return problem != TJOB_REQUEST_VALID ? problem : request_take_arn(request, &value, body.data, grammar, arn);
}

tjob_request_problem tjob_request_decode(tjob_request *request, const tjob_http_request *http, tjob_arn_grammar grammar,
                                         char arn[TJOB_ARN_BYTES_MAX])
{
    *request = (tjob_request){.problem = TJOB_REQUEST_VALID};
    request->problem = decode(request, http, grammar, arn);
    return request->problem;
}

tjob_status tjob_request_problem_status(tjob_request_problem problem)
{
    switch (problem) {
    case TJOB_REQUEST_VALID:
        return TJOB_OK;
    case TJOB_REQUEST_BAD_METHOD:
    case TJOB_REQUEST_BAD_TARGET:
        return TJOB_UNKNOWN_OPERATION;
    default:
        return TJOB_INVALID_ARGUMENT;
    }
}
