#include "tjob/response.h"

#include <stdint.h>
#include <string.h>

#include "core/assert.h"
#include "wire/json.h"

/* ---- What each error says ------------------------------------------------------------------------------------ */

typedef enum error_kind {
    ERROR_INVALID_REQUEST,
    ERROR_NOT_FOUND,
    ERROR_THROTTLED,
    ERROR_ACCESS_DENIED,
    ERROR_IN_USE,
    ERROR_UNKNOWN_OPERATION,
    ERROR_INTERNAL
} error_kind;

/*
 * Texts by number, one behind the other: half the size of rows of one width, and without pointers that a loader would
 * have to relocate. They are looked up on errors only.
 */
static const char *nth(const char *texts, unsigned n)
{
    for (; n != 0; n--) {
        while (*texts++ != '\0') {
        }
    }
    return texts;
}

static const char error_types[] = "InvalidRequestException\0"   /* ERROR_INVALID_REQUEST */
                                  "ResourceNotFoundException\0" /* ERROR_NOT_FOUND */
                                  "TooManyRequestsException\0"  /* ERROR_THROTTLED */
                                  "AccessDeniedException\0"     /* ERROR_ACCESS_DENIED */
                                  "ResourceInUseException\0"    /* ERROR_IN_USE */
                                  "UnknownOperationException\0" /* ERROR_UNKNOWN_OPERATION */
                                  "InternalServerException";    /* ERROR_INTERNAL */

/* The sentences with which the messages begin: the reference's own where it gives one. */
static const char error_sentences[] =
    "The request is invalid.\0"                                                             /* ERROR_INVALID_REQUEST */
    "The specified resource ARN was not found. Check the ARN and try your request again.\0" /* ERROR_NOT_FOUND */
    "The number of requests exceeds the limit. Resubmit your request later.\0"              /* ERROR_THROTTLED */
    "You are not allowed to do this to this recognizer.\0"                                  /* ERROR_ACCESS_DENIED */
    "The recognizer is in use.\0"                                                           /* ERROR_IN_USE */
    "The operation is not known.\0"                           /* ERROR_UNKNOWN_OPERATION */
    "An internal server error occurred. Retry your request."; /* ERROR_INTERNAL */

/* The error that each status is; where the status says more, what follows the sentence, "%" being the job's state. */
static const struct {
    unsigned char error;
    unsigned char detail;
} answers[TJOB_STATUS_COUNT] = {
    [TJOB_INVALID_ARGUMENT] = {ERROR_INVALID_REQUEST, 0},
    [TJOB_NOT_FOUND] = {ERROR_NOT_FOUND, 0},
    [TJOB_IN_USE] = {ERROR_IN_USE, 1},
    [TJOB_STALE] = {ERROR_INVALID_REQUEST, 2},
    [TJOB_WRONG_STATE] = {ERROR_INVALID_REQUEST, 3},
    [TJOB_REFUSED_BY_POLICY] = {ERROR_INVALID_REQUEST, 4},
    [TJOB_ACCESS_DENIED] = {ERROR_ACCESS_DENIED, 0},
    [TJOB_THROTTLED] = {ERROR_THROTTLED, 0},
    [TJOB_UNKNOWN_OPERATION] = {ERROR_UNKNOWN_OPERATION, 0},
    [TJOB_MISCONFIGURED] = {ERROR_INTERNAL, 0},
    [TJOB_UNAVAILABLE] = {ERROR_INTERNAL, 0},
    [TJOB_FULL] = {ERROR_INTERNAL, 0},
    [TJOB_CONTENDED] = {ERROR_INTERNAL, 0},
    [TJOB_UNRESOLVED] = {ERROR_INTERNAL, 0},
};

static const char answer_details[] = "\0"                                                          /* 0 */
                                     " It is %: it must have ended, by itself or by a stop.\0"     /* 1 */
                                     " Its incarnation or its trainer is not this recognizer's.\0" /* 2 */
                                     " The recognizer is %, where this cannot happen.\0"           /* 3 */
                                     " The recognizer is %, where it cannot be stopped.";          /* 4 */

/* What is wrong with a request; and, in request_wheres, what its offset counts from. */
static const char request_details[] =
    "\0"                                                /* TJOB_REQUEST_VALID */
    "The method must be POST\0"                         /* TJOB_REQUEST_BAD_METHOD */
    "X-Amz-Target names none of this service\0"         /* TJOB_REQUEST_BAD_TARGET */
    "Content-Type must be application/x-amz-json-1.1\0" /* TJOB_REQUEST_BAD_CONTENT_TYPE */
    "The body is too large: it must end\0"              /* TJOB_REQUEST_BODY_TOO_LARGE */
    "it ends too early\0"                               /* TJOB_REQUEST_JSON_TRUNCATED */
    "unexpected character\0"                            /* TJOB_REQUEST_JSON_UNEXPECTED */
    "something follows its value\0"                     /* TJOB_REQUEST_JSON_TRAILING */
    "neither true nor false nor null\0"                 /* TJOB_REQUEST_JSON_BAD_LITERAL */
    "malformed number\0"                                /* TJOB_REQUEST_JSON_BAD_NUMBER */
    "malformed escape\0"                                /* TJOB_REQUEST_JSON_BAD_ESCAPE */
    "control character in a string\0"                   /* TJOB_REQUEST_JSON_BAD_CHARACTER */
    "not UTF-8\0"                                       /* TJOB_REQUEST_JSON_BAD_UTF8 */
    "The body nests deeper than 64 levels\0"            /* TJOB_REQUEST_JSON_TOO_DEEP */
    "The body must be a JSON object\0"                  /* TJOB_REQUEST_NOT_OBJECT */
    "EntityRecognizerArn is given twice\0"              /* TJOB_REQUEST_ARN_TWICE */
    "EntityRecognizerArn is required\0"                 /* TJOB_REQUEST_ARN_MISSING */
    "EntityRecognizerArn must be a string";             /* TJOB_REQUEST_ARN_NOT_STRING */

enum { NOWHERE, IN_BODY, IN_JSON, IN_ARN };

static const unsigned char request_wheres[TJOB_REQUEST_PROBLEM_COUNT] = {
    [TJOB_REQUEST_BODY_TOO_LARGE] = IN_BODY,   [TJOB_REQUEST_JSON_TRUNCATED] = IN_JSON,
    [TJOB_REQUEST_JSON_UNEXPECTED] = IN_JSON,  [TJOB_REQUEST_JSON_TRAILING] = IN_JSON,
    [TJOB_REQUEST_JSON_BAD_LITERAL] = IN_JSON, [TJOB_REQUEST_JSON_BAD_NUMBER] = IN_JSON,
    [TJOB_REQUEST_JSON_BAD_ESCAPE] = IN_JSON,  [TJOB_REQUEST_JSON_BAD_CHARACTER] = IN_JSON,
    [TJOB_REQUEST_JSON_BAD_UTF8] = IN_JSON,    [TJOB_REQUEST_JSON_TOO_DEEP] = IN_BODY,
    [TJOB_REQUEST_ARN_TWICE] = IN_BODY,        [TJOB_REQUEST_ARN_NOT_STRING] = IN_BODY,
    [TJOB_REQUEST_ARN_MALFORMED] = IN_ARN,
};

static const char arn_details[] =
    "\0"                                                              /* TJOB_ARN_VALID */
    "it must begin with arn:aws:\0"                                   /* TJOB_ARN_BAD_PREFIX */
    "the partition cannot be this\0"                                  /* TJOB_ARN_BAD_PARTITION */
    "the service must be comprehend\0"                                /* TJOB_ARN_BAD_SERVICE */
    "the region must be letters, digits and -\0"                      /* TJOB_ARN_BAD_REGION */
    "the account must be 12 digits\0"                                 /* TJOB_ARN_BAD_ACCOUNT */
    "the resource must be entity-recognizer/ and a name\0"            /* TJOB_ARN_BAD_RESOURCE */
    "the name must be letters and digits, with - only between them\0" /* TJOB_ARN_BAD_NAME */
    "after the name only /version/ and a name may follow\0"           /* TJOB_ARN_BAD_VERSION */
    "it must have at most 256 characters";                            /* TJOB_ARN_TOO_LONG */

_Static_assert(TJOB_REQUEST_DEPTH_MAX == 64 && TJOB_ARN_BYTES_MAX == 256, "the messages name these limits");

/* ---- Writing ------------------------------------------------------------------------------------------------- */

/* What is written, and how long it is even where there is no room for it. */
struct writer {
    char *out;
    size_t bytes;
    size_t capacity;
};

static void write_byte(struct writer *writer, char byte)
{
    if (writer->bytes < writer->capacity) {
        writer->out[writer->bytes] = byte;
    }
    writer->bytes++;
}

static void write_text(struct writer *writer, tjob_text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        write_byte(writer, text.data[i]);
    }
}

static void write_string(struct writer *writer, const char *string)
{
    while (*string != '\0') {
        write_byte(writer, *string++);
    }
}

static void write_number(struct writer *writer, uint64_t number, unsigned least_digits)
{
    char digits[20];
    unsigned first = sizeof digits;
    while (number != 0 || sizeof digits - first < least_digits) {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    }
    write_text(writer, (tjob_text){digits + first, sizeof digits - first});
}

/* A JSON string; what it holds is UTF-8. */
static void write_quoted(struct writer *writer, tjob_text text)
{
    static const char hex[] = "0123456789abcdef";
    write_byte(writer, '"');
    for (size_t i = 0; i < text.bytes; i++) {
        const unsigned char byte = (unsigned char)text.data[i];
        if (byte < ' ') {
            write_string(writer, "\\u00");
            write_byte(writer, hex[byte >> 4]);
            write_byte(writer, hex[byte & 15]);
            continue;
        }
        if (byte == '"' || byte == '\\') {
            write_byte(writer, '\\');
        }
        write_byte(writer, (char)byte);
    }
    write_byte(writer, '"');
}

/* ---- Errors -------------------------------------------------------------------------------------------------- */

static void write_request_detail(struct writer *writer, const tjob_request *request)
{
    TJOB_ASSERT((unsigned)request->problem < TJOB_REQUEST_PROBLEM_COUNT);
    const unsigned where = request_wheres[request->problem];
    write_byte(writer, ' ');
    if (where == IN_ARN) {
        write_string(writer, "EntityRecognizerArn is malformed: ");
        write_string(writer, nth(arn_details, request->arn_problem));
    } else {
        write_string(writer, where == IN_JSON ? "The body is not JSON: " : "");
        write_string(writer, nth(request_details, request->problem));
    }
    if (where != NOWHERE) {
        write_string(writer, ", at byte ");
        write_number(writer, request->offset, 1);
        write_string(writer, where == IN_ARN ? " of the ARN" : " of the body");
    }
    write_byte(writer, '.');
}

static void write_status_detail(struct writer *writer, tjob_status status, tjob_state state)
{
    for (const char *at = nth(answer_details, answers[status].detail); *at != '\0'; at++) {
        if (*at == '%') {
            write_string(writer, tjob_state_name(state));
        } else {
            write_byte(writer, *at);
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

/* Makes the response an error. Its body is left out, and the result false, if it does not fit. */
static bool encode_error(tjob_http_response *response, const tjob_request *request, tjob_status status,
                         const tjob_outcome *outcome, struct writer *writer)
{
    TJOB_ASSERT(status != TJOB_OK && (unsigned)status < TJOB_STATUS_COUNT);
    const error_kind error = (error_kind)answers[status].error;
    writer->bytes = 0;
    write_string(writer, "{\"__type\":\"");
    write_string(writer, nth(error_types, error));
    write_string(writer, "\",\"Message\":\"");
    write_string(writer, nth(error_sentences, error));
    if (request->problem != TJOB_REQUEST_VALID) {
        write_request_detail(writer, request);
    } else {
        write_status_detail(writer, status, outcome->before);
    }
    write_string(writer, "\"}");

    response->status = error == ERROR_INTERNAL ? 500 : 400;
    response->error_type = text_of(nth(error_types, error));
    const bool fits = writer->bytes <= writer->capacity;
    response->body = (tjob_text){writer->out, fits ? writer->bytes : 0};
    return fits;
}

/* ---- Describe ------------------------------------------------------------------------------------------------ */

/* A time of the service is a JSON number: Unix seconds with a fraction. One that is not set is left out. */
static void write_time(struct writer *writer, const char *member, uint64_t time_ms)
{
    if (time_ms == 0) {
        return;
    }
    write_string(writer, ",\"");
    write_string(writer, member);
    write_string(writer, "\":");
    write_number(writer, time_ms / 1000, 1);
    write_byte(writer, '.');
    write_number(writer, time_ms % 1000, 3);
}

static void write_description(struct writer *writer, tjob_text arn, const tjob_job *job, tjob_text members)
{
    write_string(writer, "{\"EntityRecognizerProperties\":{\"EntityRecognizerArn\":");
    write_quoted(writer, arn);
    write_string(writer, ",\"Status\":\"");
    write_string(writer, tjob_state_name((tjob_state)job->state));
    write_byte(writer, '"');
    write_time(writer, "SubmitTime", job->submitted_ms);
    write_time(writer, "EndTime", job->ended_ms);
    write_time(writer, "TrainingStartTime", job->training_started_ms);
    write_time(writer, "TrainingEndTime", job->training_started_ms != 0 ? job->ended_ms : 0);
    if (members.bytes != 0) {
        write_byte(writer, ',');
        write_text(writer, members);
    }
    write_string(writer, "}}");
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

/* An id that no header could bear is not answered: anything but visible ASCII could end the header or begin another. */
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
    struct writer writer = {body, 0, capacity};
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
    /* Checked first, for they may stand where the description is about to be written. */
    const bool valid = are_members(members);
    write_description(&writer, request->arn, &outcome->job, members);
    if (writer.bytes > capacity || !valid) {
        (void)encode_error(response, request, TJOB_MISCONFIGURED, outcome, &writer);
        return TJOB_MISCONFIGURED;
    }
    response->body.bytes = writer.bytes;
    return TJOB_OK;
}
