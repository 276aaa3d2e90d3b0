#include "host/signature/message.h"

#include <string.h>

#include "host/signature/bytes.h"
#include "host/signature/date.h"

/* How each status is answered. A text that is empty is made for the request. */
static const tjob_signature_answer signature_answers[] = {
    [TJOB_SIGNATURE_OK] = {"", "", 200},
    [TJOB_SIGNATURE_MISSING] = {"MissingAuthenticationTokenException", "Missing Authentication Token", 400},
    [TJOB_SIGNATURE_TOO_MANY] = {"IncompleteSignatureException",
                                 "The request has too many headers or query parameters, or its path is too long.", 400},
    [TJOB_SIGNATURE_MALFORMED] = {"IncompleteSignatureException",
                                  "The Authorization header, the query string or another part of the request is "
                                  "malformed: it has no valid key=value pairs.",
                                  400},
    [TJOB_SIGNATURE_BOTH_FORMS] = {"InvalidSignatureException",
                                   "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP "
                                   "header.",
                                   400},
    [TJOB_SIGNATURE_INCOMPLETE] = {"IncompleteSignatureException", "", 400},
    [TJOB_SIGNATURE_REPEATED] = {"IncompleteSignatureException",
                                 "A header that may be there only once is there more than once.", 400},
    [TJOB_SIGNATURE_BAD_DATE] = {"IncompleteSignatureException", "", 400},
    [TJOB_SIGNATURE_EXPIRED] = {"InvalidSignatureException", "", 400},
    [TJOB_SIGNATURE_NOT_YET_CURRENT] = {"InvalidSignatureException", "", 400},
    [TJOB_SIGNATURE_UNSIGNED] = {"InvalidSignatureException", "", 400},
    [TJOB_SIGNATURE_ABSENT] = {"IncompleteSignatureException", "", 400},
    [TJOB_SIGNATURE_BAD_ALGORITHM] = {"IncompleteSignatureException",
                                      "Unsupported AWS 'algorithm' (only AWS4-HMAC-SHA256 for now).", 400},
    [TJOB_SIGNATURE_BAD_CREDENTIAL] = {"IncompleteSignatureException",
                                       "Credential must have exactly 5 slash-delimited elements, e.g. "
                                       "keyid/date/region/service/term.",
                                       400},
    [TJOB_SIGNATURE_BAD_SCOPE] = {"InvalidSignatureException", "", 400},
    [TJOB_SIGNATURE_UNKNOWN_KEY] = {"UnrecognizedClientException",
                                    "The security token included in the request is invalid.", 400},
    [TJOB_SIGNATURE_BAD_TOKEN] = {"UnrecognizedClientException",
                                  "The security token included in the request is invalid.", 400},
    [TJOB_SIGNATURE_BAD_PAYLOAD] = {"InvalidSignatureException",
                                    "The provided 'x-amz-content-sha256' header does not match what was computed.",
                                    400},
    [TJOB_SIGNATURE_MISMATCH] = {"InvalidSignatureException",
                                 "The request signature we calculated does not match the signature you provided. Check "
                                 "your AWS Secret Access Key and signing method. Consult the service documentation for "
                                 "details.",
                                 400},
    [TJOB_SIGNATURE_UNAVAILABLE] = {"InternalServerException", "An internal server error occurred. Retry your request.",
                                    500},
};

_Static_assert(sizeof signature_answers / sizeof signature_answers[0] == TJOB_SIGNATURE_STATUS_COUNT,
               "an answer to each status");

tjob_signature_answer tjob_signature_error(tjob_signature_status status)
{
    const bool is_known = (unsigned)status < TJOB_SIGNATURE_STATUS_COUNT;
    return signature_answers[is_known ? status : TJOB_SIGNATURE_UNAVAILABLE];
}

static void write_byte(signature_writer *writer, char byte)
{
    if (writer->bytes + 1 < writer->capacity) {
        writer->out[writer->bytes] = byte;
        writer->out[writer->bytes + 1] = '\0';
    }
    writer->bytes++;
}

void tjob__signature_write(signature_writer *writer, const char *string)
{
    while (*string != '\0') {
        write_byte(writer, *string++);
    }
}

void tjob__signature_write_foreign(signature_writer *writer, tjob_text text)
{
    static const char harmless[] = "-._:/";
    for (size_t i = 0; i < text.bytes && i < 48; i++) {
        const char c = text.data[i];
        const bool is_harmless = tjob__signature_is_alphanumeric(c) || memchr(harmless, c, sizeof harmless - 1) != NULL;
        write_byte(writer, is_harmless ? c : '?');
    }
}

void tjob__signature_write_date(signature_writer *writer, int64_t unix_s)
{
    char date[SIGNATURE_DATE_BYTES];
    tjob__signature_date_write(unix_s, date);
    tjob__signature_write_foreign(writer, (tjob_text){date, sizeof date});
}

void tjob__signature_write_number(signature_writer *writer, int64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    tjob__signature_write_foreign(writer, (tjob_text){digits + at, sizeof digits - at});
}

tjob_status tjob_signature_respond(const tjob_signature_result *result, tjob_http_response *response, char *body,
                                   size_t capacity)
{
    const tjob_signature_answer answer = tjob_signature_error(result->status);
    signature_writer writer = {body, 0, capacity};
    tjob__signature_write(&writer, "{\"__type\":\"");
    tjob__signature_write(&writer, answer.error);
    tjob__signature_write(&writer, "\",\"Message\":\"");
    tjob__signature_write(&writer, result->message);
    tjob__signature_write(&writer, "\"}");
    const bool fits = writer.bytes < capacity;
    *response = (tjob_http_response){
        .status = answer.http_status,
        .content_type = TJOB_TEXT("application/x-amz-json-1.1"),
        .error_type = {answer.error, strlen(answer.error)},
        .id = {"", 0},
        .body = {body, fits ? writer.bytes : 0},
    };
    return fits ? TJOB_OK : TJOB_MISCONFIGURED;
}
