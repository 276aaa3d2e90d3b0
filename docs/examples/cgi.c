/*
 * A complete service as a CGI/1.1 program (RFC 3875). Behind any web server, it answers StopTrainingEntityRecognizer,
 * Describe and Delete to today's clients. The server sets these environment variables:
 *
 *   TJOB_STORE     the file of the store, created by `tjob store create`
 *   TJOB_THROTTLE  optional: a file of 8 bytes, which keeps the rate limit that all processes share
 *
 * tests/conformance/servers has the few lines of configuration that lighttpd, Apache and nginx need.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tjob/tjob.h"

/*
 * Replaces each standard stream that the server has closed with one that can be neither read nor written. Otherwise the
 * next file that is opened gets its descriptor, and the output is written to that file.
 */
static void keep_standard_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) != stream) {
            exit(EXIT_FAILURE);
        }
    }
}

/* A variable that the server sets for the request; empty if it is not set. */
static tjob_text variable(const char *name)
{
    const char *value = getenv(name);
    return value != NULL ? (tjob_text){value, strlen(value)} : (tjob_text){"", 0};
}

/*
 * Reads the body to its end: as much as the server says, or, where it does not say, as for a chunked request, all there
 * is. What is too much is read, too, and dropped: a client that cannot send the rest does not read the answer.
 */
static tjob_text read_body(void)
{
    static char body[TJOB_REQUEST_BODY_BYTES_MAX + 1];
    static char dropped[TJOB_REQUEST_BODY_BYTES_MAX + 1];
    const char *text = getenv("CONTENT_LENGTH");
    const bool has_length = text != NULL && text[0] != '\0';
    const unsigned long long length = has_length ? strtoull(text, NULL, 10) : ULLONG_MAX;
    const size_t bytes = fread(body, 1, length < sizeof body ? (size_t)length : sizeof body, stdin);
    unsigned long long left = length - bytes;
    for (size_t more = bytes; more != 0 && left != 0; left -= more) {
        more = fread(dropped, 1, left < sizeof dropped ? (size_t)left : sizeof dropped, stdin);
    }
    return (tjob_text){body, has_length && length >= sizeof body ? sizeof body : bytes};
}

/*
 * ---- The rate limit: one word in a file, changed under the file's lock -------------------------------------------
 *
 * The time is read under the lock, too, so that it is not older than the time of the previous process: a process that
 * waits long for the lock is not throttled for that.
 *
 * An admitter has no answer for a file that fails, but an authorizer, which is asked before it, has one: unavailable,
 * which the client reads as an internal error. So this authorizer takes the decision, and the admitter returns it.
 */

typedef struct {
    const char *path;
    bool admitted;
} rate_limit;

static bool decide(rate_limit *limit, int file)
{
    const tjob_clock clock = tjob_system_clock();
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    tjob_limiter limiter;
    uint64_t word = 0;
    tjob_limiter_set(&limiter, 1, 1000, 2);
    if (file < 0 || fcntl(file, F_SETLKW, &whole) != 0 || pread(file, &word, sizeof word, 0) < 0) {
        return false;
    }
    const tjob_limiter_decision decision = tjob_limiter_decide(&limiter, word, clock.now_ms(clock.context, NULL));
    limit->admitted = decision.admitted;
    return pwrite(file, &decision.word, sizeof decision.word, 0) == (ssize_t)sizeof decision.word;
}

static tjob_authorization authorize(void *context, void *user, tjob_text arn, const tjob_event *event)
{
    rate_limit *limit = context;
    (void)user, (void)arn, (void)event;
    const int file = open(limit->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    const bool is_kept = decide(limit, file);
    if (!is_kept) {
        fprintf(stderr, "TJOB_THROTTLE: %s\n", strerror(errno));
    }
    if (file >= 0) {
        close(file);
    }
    return is_kept ? TJOB_AUTHORIZATION_ALLOWED : TJOB_AUTHORIZATION_UNAVAILABLE;
}

static tjob_admission admit(void *context, void *user, tjob_text arn, const tjob_event *event, uint64_t now_ms)
{
    const rate_limit *limit = context;
    (void)user, (void)arn, (void)event, (void)now_ms;
    return limit->admitted ? TJOB_ADMISSION_ADMITTED : TJOB_ADMISSION_THROTTLED;
}

/* ---- The response ------------------------------------------------------------------------------------------------ */

static void print_header(const char *name, tjob_text value)
{
    if (value.bytes != 0) {
        printf("%s: %.*s\r\n", name, (int)value.bytes, value.data);
    }
}

static void print_response(const tjob_http_response *response)
{
    const char *reason = response->status == 200   ? "OK"
                         : response->status == 400 ? "Bad Request"
                                                   : "Internal Server Error";
    printf("Status: %d %s\r\n", response->status, reason);
    print_header("Content-Type", response->content_type);
    print_header("x-amzn-ErrorType", response->error_type);
    print_header("x-amzn-RequestId", response->id);
    printf("Content-Length: %zu\r\n\r\n", response->body.bytes);
    fwrite(response->body.data, 1, response->body.bytes, stdout);
}

int main(void)
{
    keep_standard_streams();
    tjob_file_store store;
    tjob_service service = {.clock = tjob_system_clock(), .grammar = TJOB_ARN_CURRENT};
    const tjob_file_problem problem = tjob_file_store_open(&store, getenv("TJOB_STORE"), 0);
    if (problem == TJOB_FILE_OK) {
        service.store = tjob_file_store_callbacks(&store);
    } else {
        /* The service then has no store, and answers its client with an internal error. */
        fprintf(stderr, "TJOB_STORE: %s\n", tjob_file_problem_text(problem));
    }
    rate_limit limit = {.path = getenv("TJOB_THROTTLE")};
    if (limit.path != NULL) {
        service.authorizer = (tjob_authorizer){.context = &limit, .authorize = authorize};
        service.admitter = (tjob_admitter){.context = &limit, .admit = admit};
    }

    char id[64];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(id, sizeof id, "%llx-%lx-%lx", (unsigned long long)now.tv_sec, (unsigned long)now.tv_nsec, (long)getpid());
    const tjob_http_request request = {
        .method = variable("REQUEST_METHOD"),
        .target = variable("HTTP_X_AMZ_TARGET"),
        .content_type = variable("CONTENT_TYPE"),
        .body = read_body(),
        .id = {id, strlen(id)},
    };
    if (ferror(stdin) != 0) {
        service.store = (tjob_store){.context = NULL}; /* the client is not to blame for a failed read: a 500, too */
    }
    char body[TJOB_RESPONSE_BYTES_MAX];
    tjob_http_response response;
    tjob_handle(&service, NULL, &request, &response, body, sizeof body);
    print_response(&response);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
