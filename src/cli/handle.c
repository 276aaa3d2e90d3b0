/* tjob handle: reads a request body from standard input and prints the HTTP response on standard output. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli/session.h"
#include "cli/commands.h"

static tjob_text handle_text_or(const char *given, const char *otherwise)
{
    return session_text(given != NULL ? given : otherwise);
}

static const char *reason_of(int status)
{
    return status == 200 ? "OK" : status == 400 ? "Bad Request" : "Internal Server Error";
}

static void handle_print_header(const char *name, tjob_text value)
{
    if (value.bytes != 0) {
        printf("%s: %.*s\r\n", name, (int)value.bytes, value.data);
    }
}

static void print_response(const tjob_http_response *response)
{
    printf("HTTP/1.1 %d %s\r\n", response->status, reason_of(response->status));
    handle_print_header("Content-Type", response->content_type);
    handle_print_header("x-amzn-ErrorType", response->error_type);
    handle_print_header("x-amzn-RequestId", response->id);
    printf("Content-Length: %zu\r\n\r\n", response->body.bytes);
    fwrite(response->body.data, 1, response->body.bytes, stdout);
}

/* Reads the body, at most one byte more than the limit, so that the library detects a larger one. False on a read
 * error. */
static bool read_body(tjob_text *body)
{
    static char input[TJOB_REQUEST_BODY_BYTES_MAX + 1];
    errno = 0;
    *body = (tjob_text){input, fread(input, 1, sizeof input, stdin)};
    if (ferror(stdin) != 0) {
        fprintf(stderr, "tjob handle: cannot read standard input: %s\n", strerror(errno));
        return false;
    }
    return true;
}

static int handle_code(struct session *session, tjob_status status)
{
    if (tjob_status_is_failure(status)) {
        return session_job_failed(session, (tjob_text){"", 0}, status);
    }
    return status == TJOB_OK ? EXIT_DONE : EXIT_SERVICE;
}

/* If the request or the store cannot be read, a service without a store answers with an error. */
int command_handle(const struct arguments *arguments)
{
    static const tjob_service without_store = {.grammar = TJOB_ARN_REFERENCE};
    char body[TJOB_RESPONSE_BYTES_MAX];
    char id[17];
    struct session session;
    tjob_http_response response;
    tjob_text input;
    snprintf(id, sizeof id, "%016" PRIx64, session_random());
    int code = read_body(&input) ? session_open(&session, arguments) : EXIT_STORAGE;
    const tjob_http_request request = {
        .method = session_text("POST"),
        .target = handle_text_or(arguments->texts[OPTION_TARGET], "Comprehend_20171127.StopTrainingEntityRecognizer"),
        .content_type = handle_text_or(arguments->texts[OPTION_CONTENT_TYPE], "application/x-amz-json-1.1"),
        .body = input,
        .id = handle_text_or(arguments->texts[OPTION_REQUEST_ID], id),
    };
    session.service.success_body = (tjob_success_body)arguments->choices[OPTION_SUCCESS_BODY];
    const tjob_service *service = code == EXIT_DONE ? &session.service : &without_store;
    const tjob_status status = tjob_handle(service, NULL, &request, &response, body, sizeof body);
    if (code == EXIT_DONE) {
        code = handle_code(&session, status);
        session_close(&session);
    }
    print_response(&response);
    return code;
}
