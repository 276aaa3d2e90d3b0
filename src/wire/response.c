#include "tjob/response.h"

#include <stdint.h>
#include <string.h>

#include "core/assert.h"
#include "wire/json.h"
#include "wire/json_writer.h"

/* ---- Messages ------------------------------------------------------------------------------------------------ */

typedef enum error_kind {
    ERROR_INVALID_REQUEST,
    ERROR_NOT_FOUND,
    ERROR_THROTTLED,
    ERROR_ACCESS_DENIED,
    ERROR_IN_USE,
    ERROR_UNKNOWN_OPERATION,
    ERROR_INTERNAL,
    ERROR_COUNT
} error_kind;

/* The name of each error and the sentence that begins its message: the reference page's own where it gives one. */
static const struct {
    const char *type;
    const char *sentence;
} errors[] = {
    [ERROR_INVALID_REQUEST] = {"InvalidRequestException", "The request is invalid."},
    [ERROR_NOT_FOUND] = {"ResourceNotFoundException",
                         "The specified resource ARN was not found. Check the ARN and try your request again."},
    [ERROR_THROTTLED] = {"TooManyRequestsException",
                         "The number of requests exceeds the limit. Resubmit your request later."},
    [ERROR_ACCESS_DENIED] = {"AccessDeniedException", "You do not have sufficient access to perform this action."},
    [ERROR_IN_USE] = {"ResourceInUseException", "The recognizer is in use."},
    [ERROR_UNKNOWN_OPERATION] = {"UnknownOperationException", "The operation is not supported."},
    [ERROR_INTERNAL] = {"InternalServerException", "An internal server error occurred. Retry your request."},
};

/* The error that each status becomes, and the detail that follows the sentence; "%" stands for the job's state. */
static const struct {
    const char *detail; /* NULL = none */
    unsigned char error;
} answers[] = {
    [TJOB_INVALID_ARGUMENT] = {NULL, ERROR_INVALID_REQUEST},
    [TJOB_NOT_FOUND] = {NULL, ERROR_NOT_FOUND},
    [TJOB_IN_USE] = {" It is %; it can be deleted only after it has ended.", ERROR_IN_USE},
    [TJOB_STALE] = {" The incarnation or the trainer token is stale.", ERROR_INVALID_REQUEST},
    [TJOB_WRONG_STATE] = {" This is not allowed in state %.", ERROR_INVALID_REQUEST},
    [TJOB_REFUSED_BY_POLICY] = {" A recognizer in state % cannot be stopped.", ERROR_INVALID_REQUEST},
    [TJOB_ACCESS_DENIED] = {NULL, ERROR_ACCESS_DENIED},
    [TJOB_THROTTLED] = {NULL, ERROR_THROTTLED},
    [TJOB_UNKNOWN_OPERATION] = {NULL, ERROR_UNKNOWN_OPERATION},
    [TJOB_MISCONFIGURED] = {NULL, ERROR_INTERNAL},
    [TJOB_UNAVAILABLE] = {NULL, ERROR_INTERNAL},
    [TJOB_FULL] = {NULL, ERROR_INTERNAL},
    [TJOB_CONTENDED] = {NULL, ERROR_INTERNAL},
    [TJOB_UNRESOLVED] = {NULL, ERROR_INTERNAL},
};

/* What is wrong with a request, and whether the message ends with the byte at which it is wrong. */
enum where { NOWHERE, IN_BODY, IN_JSON, IN_ARN };

static const struct {
    const char *text;
    unsigned char where;
} request_problems[] = {
    [TJOB_REQUEST_BAD_METHOD] = {"The method must be POST", NOWHERE},
    [TJOB_REQUEST_BAD_TARGET] = {"Unknown X-Amz-Target", NOWHERE},
    [TJOB_REQUEST_BAD_CONTENT_TYPE] = {"Content-Type must be application/x-amz-json-1.1", NOWHERE},
    [TJOB_REQUEST_BODY_TOO_LARGE] = {"The body is larger than 65536 bytes", NOWHERE},
    [TJOB_REQUEST_JSON_TRUNCATED] = {"unexpected end of input", IN_JSON},
    [TJOB_REQUEST_JSON_UNEXPECTED] = {"unexpected character", IN_JSON},
    [TJOB_REQUEST_JSON_TRAILING] = {"unexpected data after the value", IN_JSON},
    [TJOB_REQUEST_JSON_BAD_LITERAL] = {"invalid literal", IN_JSON},
    [TJOB_REQUEST_JSON_BAD_NUMBER] = {"invalid number", IN_JSON},
    [TJOB_REQUEST_JSON_BAD_ESCAPE] = {"invalid escape sequence", IN_JSON},
    [TJOB_REQUEST_JSON_BAD_CHARACTER] = {"unescaped control character", IN_JSON},
    [TJOB_REQUEST_JSON_BAD_UTF8] = {"invalid UTF-8", IN_JSON},
    [TJOB_REQUEST_JSON_TOO_DEEP] = {"The body is nested deeper than 64 levels", IN_BODY},
    [TJOB_REQUEST_NOT_OBJECT] = {"The body must be a JSON object", NOWHERE},
    [TJOB_REQUEST_ARN_TWICE] = {"EntityRecognizerArn is given twice", IN_BODY},
    [TJOB_REQUEST_ARN_MISSING] = {"EntityRecognizerArn is required", NOWHERE},
    [TJOB_REQUEST_ARN_NOT_STRING] = {"EntityRecognizerArn must be a string", IN_BODY},
    [TJOB_REQUEST_ARN_MALFORMED] = {"EntityRecognizerArn is malformed: ", IN_ARN},
};

static const char *const arn_problems[] = {
    [TJOB_ARN_VALID] = "",
    [TJOB_ARN_BAD_PREFIX] = "must begin with arn:aws:",
    [TJOB_ARN_BAD_PARTITION] = "invalid partition",
    [TJOB_ARN_BAD_SERVICE] = "the service must be comprehend",
    [TJOB_ARN_BAD_REGION] = "the region must consist of letters, digits and '-'",
    [TJOB_ARN_BAD_ACCOUNT] = "the account must be 12 digits",
    [TJOB_ARN_BAD_RESOURCE] = "the resource must be entity-recognizer/NAME",
    [TJOB_ARN_BAD_NAME] = "the name must consist of letters and digits, with '-' only between them",
    [TJOB_ARN_BAD_VERSION] = "only /version/NAME may follow the name",
    [TJOB_ARN_TOO_LONG] = "longer than 256 bytes",
};

_Static_assert(sizeof errors / sizeof errors[0] == ERROR_COUNT, "an entry for each error");
_Static_assert(sizeof answers / sizeof answers[0] == TJOB_STATUS_COUNT, "an entry for each status");
_Static_assert(sizeof request_problems / sizeof request_problems[0] == TJOB_REQUEST_PROBLEM_COUNT,
               "an entry for each problem of a request");
_Static_assert(sizeof arn_problems / sizeof arn_problems[0] == TJOB_ARN_PROBLEM_COUNT,
               "an entry for each problem of an ARN");
_Static_assert(TJOB_REQUEST_BODY_BYTES_MAX == 65536 && TJOB_REQUEST_DEPTH_MAX == 64 && TJOB_ARN_BYTES_MAX == 256,
               "the messages state these limits");

/* ---- Errors -------------------------------------------------------------------------------------------------- */

static void write_request_detail(json_writer *writer, const tjob_request *request)
{
    TJOB_ASSERT((unsigned)request->problem < TJOB_REQUEST_PROBLEM_COUNT);
    const unsigned where = request_problems[request->problem].where;
    tjob__json_write_string(writer, where == IN_JSON ? " The body is not valid JSON: " : " ");
    tjob__json_write_string(writer, request_problems[request->problem].text);
    if (where == IN_ARN) {
        TJOB_ASSERT((unsigned)request->arn_problem < TJOB_ARN_PROBLEM_COUNT);
        tjob__json_write_string(writer, arn_problems[request->arn_problem]);
    }
    if (where != NOWHERE) {
        tjob__json_write_string(writer, ", at byte ");
        tjob__json_write_number(writer, request->offset, 1);
        tjob__json_write_string(writer, where == IN_ARN ? " of the ARN" : " of the body");
    }
    tjob__json_write_byte(writer, '.');
}

static void write_status_detail(json_writer *writer, tjob_status status, tjob_state state)
{
    if (answers[status].detail == NULL) {
        return;
    }
    for (const char *at = answers[status].detail; *at != '\0'; at++) {
        if (*at == '%') {
            tjob__json_write_string(writer, tjob_state_name(state));
        } else {
            tjob__json_write_byte(writer, *at);
        }
    }
}

static tjob_text text_of(const char *string)
{
    size_t bytes = 0;
    while (string[bytes] != '\0') {
        bytes++;
    }
    return (tjob_text){string, bytes};
}

/* Makes the response an error. Returns false, with an empty body, if the body does not fit. */
static bool encode_error(tjob_http_response *response, const tjob_request *request, tjob_status status,
                         const tjob_outcome *outcome, json_writer *writer)
{
    TJOB_ASSERT(status != TJOB_OK && (unsigned)status < TJOB_STATUS_COUNT);
    const error_kind error = (error_kind)answers[status].error;
    writer->bytes = 0;
    tjob__json_write_string(writer, "{\"__type\":\"");
    tjob__json_write_string(writer, errors[error].type);
    tjob__json_write_string(writer, "\",\"Message\":\"");
    tjob__json_write_string(writer, errors[error].sentence);
    if (request->problem != TJOB_REQUEST_VALID) {
        write_request_detail(writer, request);
    } else {
        write_status_detail(writer, status, outcome->before);
    }
    tjob__json_write_string(writer, "\"}");

    response->status = error == ERROR_INTERNAL ? 500 : 400;
    response->error_type = text_of(errors[error].type);
    const bool fits = writer->bytes <= writer->capacity;
    response->body = (tjob_text){writer->out, fits ? writer->bytes : 0};
    return fits;
}

/* ---- Describe ------------------------------------------------------------------------------------------------ */

/* Writes a time as the service does: a JSON number, Unix seconds with a fraction. An unset time is omitted. */
static void write_time(json_writer *writer, const char *member, uint64_t time_ms)
{
    if (time_ms == 0) {
        return;
    }
    tjob__json_write_string(writer, ",\"");
    tjob__json_write_string(writer, member);
    tjob__json_write_string(writer, "\":");
    tjob__json_write_number(writer, time_ms / 1000, 1);
    tjob__json_write_byte(writer, '.');
    tjob__json_write_number(writer, time_ms % 1000, 3);
}

static void write_description(json_writer *writer, tjob_text arn, const tjob_job *job, tjob_text members)
{
    tjob__json_write_string(writer, "{\"EntityRecognizerProperties\":{\"EntityRecognizerArn\":");
    tjob__json_write_quoted(writer, arn);
    tjob__json_write_string(writer, ",\"Status\":\"");
    tjob__json_write_string(writer, tjob_state_name((tjob_state)job->state));
    tjob__json_write_byte(writer, '"');
    write_time(writer, "SubmitTime", job->submitted_ms);
    write_time(writer, "EndTime", job->ended_ms);
    write_time(writer, "TrainingStartTime", job->training_started_ms);
    write_time(writer, "TrainingEndTime", job->training_started_ms != 0 ? job->ended_ms : 0);
    if (members.bytes != 0) {
        tjob__json_write_byte(writer, ',');
        tjob__json_write_text(writer, members);
    }
    tjob__json_write_string(writer, "}}");
}

static bool are_members(tjob_text text)
{
    if (text.bytes == 0) {
        return true;
    }
    json_reader reader;
    json_value name;
    json_value value;
    json_status status;
    tjob__json_open_members(&reader, text);
    do {
        status = tjob__json_next_member(&reader, &name, &value);
    } while (status == JSON_OK);
    return status == JSON_END && reader.started;
}

/* ---- The response -------------------------------------------------------------------------------------------- */

/* Returns the id, or an empty text if it is invalid in a header: only visible ASCII is safe from header injection. */
static tjob_text checked_id(tjob_text id)
{
    const tjob_text none = {"", 0};
    if (id.bytes > TJOB_REQUEST_ID_BYTES_MAX) {
        return none;
    }
    for (size_t i = 0; i < id.bytes; i++) {
        if (id.data[i] <= ' ' || id.data[i] > '~') {
            return none;
        }
    }
    return id;
}

tjob_status tjob_response_encode(tjob_http_response *response, const tjob_request *request, tjob_text id,
                                 const tjob_outcome *outcome, tjob_text members, char *body, size_t capacity)
{
    *response = (tjob_http_response){
        .status = 200,
        .content_type = TJOB_TEXT("application/x-amz-json-1.1"),
        .error_type = {"", 0},
        .id = checked_id(id),
        .body = {body, 0},
    };
    json_writer writer = {body, 0, capacity};
    tjob_status status = tjob_request_problem_status(request->problem);
    if (status == TJOB_OK) {
        status = outcome->status;
    }
    if (status != TJOB_OK) {
        return encode_error(response, request, status, outcome, &writer) ? TJOB_OK : TJOB_MISCONFIGURED;
    }
    if (request->operation != TJOB_DESCRIBE) {
        return TJOB_OK;
    }
    /* Validated first, because they may overlap the buffer of the description. */
    const bool valid = are_members(members);
    write_description(&writer, request->arn, &outcome->job, members);
    if (writer.bytes > capacity || !valid) {
        (void)encode_error(response, request, TJOB_MISCONFIGURED, outcome, &writer);
        return TJOB_MISCONFIGURED;
    }
    response->body.bytes = writer.bytes;
    return TJOB_OK;
}
