/* A whole request from standard input, a whole HTTP response on standard output. */
#include <inttypes.h>

#include "cli/session.h"
#include "cli/verbs.h"

static tjob_text text_or(const char *given, const char *otherwise)
{
    return session_text(given != NULL ? given : otherwise);
}

static const char *reason_of(int status)
{
    return status == 200 ? "OK" : status == 400 ? "Bad Request" : "Internal Server Error";
}

static void print_header(const char *name, tjob_text value)
{
    if (value.bytes != 0) {
        printf("%s: %.*s\r\n", name, (int)value.bytes, value.data);
    }
}

static void print_response(const tjob_http_response *response)
{
    printf("HTTP/1.1 %d %s\r\n", response->status, reason_of(response->status));
    print_header("Content-Type", response->content_type);
    print_header("x-amzn-ErrorType", response->error_type);
    print_header("x-amzn-RequestId", response->id);
    printf("Content-Length: %zu\r\n\r\n", response->body.bytes);
    fwrite(response->body.data, 1, response->body.bytes, stdout);
}

int verb_handle(const struct arguments *arguments)
{
    /* One byte more than the largest body, so that the library sees one that is larger. */
    static char input[TJOB_REQUEST_BODY_BYTES_MAX + 1];
    char body[TJOB_RESPONSE_BYTES_MAX];
    char id[17];
    struct session session;
    tjob_http_response response;
    const int code = session_open(&session, arguments);
    if (code != EXIT_DONE) {
        return code;
    }
    snprintf(id, sizeof id, "%016" PRIx64, session_random());
    const tjob_http_request request = {
        .method = session_text("POST"),
        .target = text_or(arguments->texts[OPTION_TARGET], "Comprehend_20171127.StopTrainingEntityRecognizer"),
        .content_type = text_or(arguments->texts[OPTION_CONTENT_TYPE], "application/x-amz-json-1.1"),
        .body = {input, fread(input, 1, sizeof input, stdin)},
        .id = text_or(arguments->texts[OPTION_REQUEST_ID], id),
    };
    const tjob_status status = tjob_handle(&session.service, NULL, &request, &response, body, sizeof body);
    print_response(&response);
    session_close(&session);
    return status == TJOB_OK ? EXIT_DONE : tjob_status_is_failure(status) ? EXIT_STORAGE : EXIT_SERVICE;
}
