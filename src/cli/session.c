#define _POSIX_C_SOURCE 200809L /* NOLINT: for gmtime_r */

#include "cli/session.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

tjob_text session_text(const char *string)
{
    return (tjob_text){string, strlen(string)};
}

uint64_t session_random(void)
{
    uint64_t number = 0;
    FILE *source = fopen("/dev/urandom", "rb");
    const bool read = source != NULL && fread(&number, sizeof number, 1, source) == 1;
    if (source != NULL) {
        fclose(source);
    }
    if (!read) {
        /* A machine without it: the time is not a secret, but seldom the same twice. */
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        number = (uint64_t)now.tv_sec * 1000000007 ^ (uint64_t)now.tv_nsec;
    }
    return number | (number == 0);
}

/* ---- The store ------------------------------------------------------------------------------------------------- */

int session_file_failed(const struct arguments *arguments, tjob_file_problem problem)
{
    const char *file = arguments->texts[OPTION_STORE] != NULL ? arguments->texts[OPTION_STORE] : arguments->operands[0];
    if (arguments->texts[OPTION_JSON] != NULL) {
        printf("{\"problem\":\"%s\"}\n", tjob_file_problem_text(problem));
    } else {
        fprintf(stderr, "tjob %s: %s: %s\n", arguments->verb->name, file, tjob_file_problem_text(problem));
    }
    return EXIT_STORAGE;
}

int session_open(struct session *session, const struct arguments *arguments)
{
    const tjob_file_problem problem = tjob_file_store_open(&session->store, arguments->texts[OPTION_STORE],
                                                           (uint32_t)arguments->numbers[OPTION_WAIT]);
    if (problem != TJOB_FILE_OK) {
        return session_file_failed(arguments, problem);
    }
    session->arguments = arguments;
    session->json = arguments->texts[OPTION_JSON] != NULL;
    session->service = (tjob_service){
        .store = tjob_file_store_callbacks(&session->store),
        .clock = tjob_system_clock(),
        .grammar = arguments->choices[OPTION_GRAMMAR] == 0 ? TJOB_ARN_CURRENT : TJOB_ARN_REFERENCE,
        .policy = {.stop_timeout_ms = arguments->numbers[OPTION_STOP_TIMEOUT]},
    };
    return EXIT_DONE;
}

void session_close(struct session *session)
{
    tjob_file_store_close(&session->store);
}

/* ---- Texts ----------------------------------------------------------------------------------------------------- */

static bool is_control(char byte)
{
    return (unsigned char)byte < ' ' || byte == 0x7f;
}

void session_print_quoted(tjob_text text)
{
    putchar('"');
    for (size_t i = 0; i < text.bytes; i++) {
        if (is_control(text.data[i])) {
            printf("\\u%04x", (unsigned)text.data[i]);
        } else {
            printf(text.data[i] == '"' || text.data[i] == '\\' ? "\\%c" : "%c", text.data[i]);
        }
    }
    putchar('"');
}

void session_print_plain(tjob_text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        printf(is_control(text.data[i]) ? "\\x%02x" : "%c", (unsigned char)text.data[i]);
    }
}

/* ---- Jobs ------------------------------------------------------------------------------------------------------ */

/* The fields of a job, in the order in which they are printed. */
struct field {
    const char *name;
    uint64_t value;
    bool is_time;
};

enum { FIELDS = 8 };

static void fields_of(const tjob_job *job, struct field fields[FIELDS])
{
    const struct field all[FIELDS] = {
        {"life", job->life, false},
        {"submit_token", job->submit_token, false},
        {"worker", job->worker, false},
        {"host_code", job->host_code, false},
        {"submitted_ms", job->submitted_ms, true},
        {"training_started_ms", job->training_started_ms, true},
        {"stop_requested_ms", job->stop_requested_ms, true},
        {"ended_ms", job->ended_ms, true},
    };
    memcpy(fields, all, sizeof all);
}

void session_print_job_json(const tjob_job *job)
{
    struct field fields[FIELDS];
    fields_of(job, fields);
    printf("{\"state\":\"%s\"", tjob_state_name((tjob_state)job->state));
    for (int i = 0; i < FIELDS; i++) {
        if (fields[i].value != 0) {
            printf(",\"%s\":%" PRIu64, fields[i].name, fields[i].value);
        }
    }
    printf("}");
}

/* A time as people write it; one beyond the calendar stays a number. */
static void print_time(uint64_t time_ms)
{
    char text[64];
    struct tm parts;
    const time_t seconds = (time_t)(time_ms / 1000);
    if (time_ms / 1000 > INT32_MAX * UINT64_C(100) || gmtime_r(&seconds, &parts) == NULL ||
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts) == 0) {
        printf("%" PRIu64 " ms", time_ms);
        return;
    }
    printf("%s.%03uZ", text, (unsigned)(time_ms % 1000));
}

void session_print_job(const tjob_job *job)
{
    struct field fields[FIELDS];
    fields_of(job, fields);
    printf("  %-16s  %s\n", "state", tjob_state_name((tjob_state)job->state));
    for (int i = 0; i < FIELDS; i++) {
        if (fields[i].value == 0) {
            continue;
        }
        const size_t shown = strlen(fields[i].name) - (fields[i].is_time ? strlen("_ms") : 0);
        printf("  ");
        for (size_t at = 0; at < 16; at++) {
            putchar(at < shown && fields[i].name[at] != '_' ? fields[i].name[at] : ' ');
        }
        printf("  ");
        if (fields[i].is_time) {
            print_time(fields[i].value);
        } else {
            printf("%" PRIu64, fields[i].value);
        }
        printf("\n");
    }
}

/* ---- Outcomes -------------------------------------------------------------------------------------------------- */

/* The text of the message in an error's body, in which only quotes and backslashes are escaped. */
static void print_message(tjob_text body)
{
    static const char member[] = "\"Message\":\"";
    const char *end = body.data + body.bytes - strlen("\"}");
    const char *at = body.data;
    while (memcmp(at, member, sizeof member - 1) != 0) {
        at++;
    }
    for (at += sizeof member - 1; at < end; at++) {
        at += *at == '\\' ? 1 : 0;
        fputc(*at, stderr);
    }
}

/* Prints the error that the wire has for it. */
static void print_error(const struct session *session, const tjob_request *request, const tjob_outcome *outcome)
{
    char body[TJOB_RESPONSE_BYTES_MAX];
    tjob_http_response response;
    tjob_response_encode(&response, request, session_text(""), outcome, session_text(""), body, sizeof body);
    if (session->json) {
        printf("%.*s\n", (int)response.body.bytes, response.body.data);
        return;
    }
    fprintf(stderr, "tjob %s: %.*s: ", session->arguments->verb->name, (int)response.error_type.bytes,
            response.error_type.data);
    print_message(response.body);
    fprintf(stderr, "\n");
}

int session_failed(struct session *session, tjob_event_kind kind, const tjob_outcome *outcome)
{
    const tjob_request request = {.problem = TJOB_REQUEST_VALID, .operation = kind};
    if (!tjob_status_is_failure(outcome->status)) {
        print_error(session, &request, outcome);
        return EXIT_SERVICE;
    }
    const tjob_file_problem problem = tjob_file_store_problem(&session->store);
    if (session->json) {
        printf("{\"status\":\"%s\",\"problem\":\"%s\"}\n", tjob_status_name(outcome->status),
               tjob_file_problem_text(problem));
    } else {
        fprintf(stderr, "tjob %s: %s: %s\n", session->arguments->verb->name, tjob_status_name(outcome->status),
                tjob_file_problem_text(problem));
    }
    return EXIT_STORAGE;
}

static int malformed(const struct session *session, tjob_arn_verdict verdict)
{
    const tjob_request request = {
        .problem = TJOB_REQUEST_ARN_MALFORMED, .arn_problem = verdict.problem, .offset = verdict.offset};
    print_error(session, &request, NULL);
    return EXIT_SERVICE;
}

static void print_outcome(const struct session *session, tjob_text arn, const tjob_event *event,
                          const tjob_outcome *outcome)
{
    static const char *const changed[] = {"no", "yes", "unknown"};
    if (session->json) {
        printf("{\"arn\":");
        session_print_quoted(arn);
        printf(",\"changed\":\"%s\",\"before\":\"%s\",\"after\":\"%s\"", changed[outcome->changed],
               tjob_state_name(outcome->before), tjob_state_name(outcome->after));
        if (outcome->after != TJOB_ABSENT) {
            printf(",\"job\":");
            session_print_job_json(&outcome->job);
        }
        printf("}\n");
        return;
    }
    session_print_plain(arn);
    if (outcome->changed == TJOB_CHANGED_NO) {
        printf(": %s\n", tjob_state_name(outcome->after));
    } else {
        printf(": %s -> %s\n", tjob_state_name(outcome->before), tjob_state_name(outcome->after));
    }
    if (event->kind == TJOB_DESCRIBE || event->kind == TJOB_SUBMIT) {
        session_print_job(&outcome->job);
    }
}

int session_perform(struct session *session, const tjob_event *event)
{
    const tjob_text arn = session_text(session->arguments->operands[0]);
    const tjob_arn_verdict verdict = tjob_arn_check(arn, session->service.grammar);
    if (verdict.problem != TJOB_ARN_VALID) {
        return malformed(session, verdict);
    }
    tjob_outcome outcome;
    if (tjob_perform(&session->service, NULL, arn, event, &outcome) != TJOB_OK) {
        return session_failed(session, (tjob_event_kind)event->kind, &outcome);
    }
    print_outcome(session, arn, event, &outcome);
    return EXIT_DONE;
}
