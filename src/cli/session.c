#define _POSIX_C_SOURCE 200809L /* NOLINT: for gmtime_r and clock_gettime */

#include "cli/session.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/output.h"
#include "tjob/system_clock.h"

tjob_text session_text(const char *string)
{
    return (tjob_text){string, strlen(string)};
}

uint64_t session_random(void)
{
    uint64_t number = 0;
    if (!tjob_system_random(&number, sizeof number)) {
        /* Without system random numbers: the time is not secret, but it rarely repeats. */
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        number = (uint64_t)now.tv_sec * 1000000007 ^ (uint64_t)now.tv_nsec;
    }
    return number | (number == 0);
}

/* ---- The store ------------------------------------------------------------------------------------------------- */

static int say_failed(const struct arguments *arguments, const char *location, const struct engine_problem *problem,
                      const uint32_t *bucket)
{
    if (arguments->texts[OPTION_JSON] != NULL) {
        printf("{\"problem\":\"%s\",\"text\":", problem->name);
        output_quoted(stdout, session_text(problem->text));
        if (bucket != NULL) {
            printf(",\"bucket\":%" PRIu32, *bucket);
        }
        printf("}\n");
    } else {
        fprintf(stderr, "tjob %s: ", arguments->command->name);
        engine_print_location(stderr, location);
        if (bucket != NULL) {
            fprintf(stderr, ": bucket %" PRIu32, *bucket);
        }
        fprintf(stderr, ": ");
        output_plain_string(stderr, problem->text);
        fprintf(stderr, "\n");
    }
    return problem->code;
}

static struct engine_problem problem_of_file(tjob_file_problem problem)
{
    struct engine_problem of_file = {.name = tjob_file_problem_name(problem), .code = exit_code_of_problem(problem)};
    engine_set_text(&of_file, tjob_file_problem_text(problem));
    return of_file;
}

static int say_file_failed(const struct arguments *arguments, const char *file, tjob_file_problem problem,
                           const uint32_t *bucket)
{
    const struct engine_problem of_file = problem_of_file(problem);
    return say_failed(arguments, file, &of_file, bucket);
}

/* Returns the store that a command works on. */
static const char *location_of(const struct arguments *arguments)
{
    return arguments->texts[OPTION_STORE] != NULL ? arguments->texts[OPTION_STORE] : arguments->operands[0];
}

int session_path_failed(const struct arguments *arguments, const char *path, tjob_file_problem problem)
{
    return say_file_failed(arguments, path, problem, NULL);
}

int session_file_failed(const struct arguments *arguments, tjob_file_problem problem)
{
    return say_file_failed(arguments, location_of(arguments), problem, NULL);
}

int session_growth_failed(const struct arguments *arguments, tjob_file_problem problem)
{
    char growing[TJOB_FILE_STORE_PATH_BYTES_MAX];
    const int bytes = snprintf(growing, sizeof growing, "%s.growing", arguments->operands[0]);
    const bool stands = problem == TJOB_FILE_EXISTS && bytes > 0 && (size_t)bytes < sizeof growing;
    return say_file_failed(arguments, stands ? growing : arguments->operands[0], problem, NULL);
}

int session_bucket_failed(const struct arguments *arguments, uint32_t bucket, tjob_file_problem problem)
{
    return say_file_failed(arguments, location_of(arguments), problem, &bucket);
}

struct engine_problem session_problem(struct session *session)
{
    struct engine_problem problem;
    if (session->engine == NULL) {
        return problem_of_file(tjob_file_store_problem(&session->store));
    }
    session->engine->problem(session->engine_store, &problem);
    return problem;
}

int session_store_failed(struct session *session)
{
    const struct engine_problem problem = session_problem(session);
    return say_failed(session->arguments, session->location, &problem, NULL);
}

int session_part_failed(struct session *session, const tjob_list_cursor *cursor)
{
    const struct engine_problem problem = session_problem(session);
    const uint32_t bucket = tjob_file_store_list_bucket(cursor) - 1;
    return say_failed(session->arguments, session->location, &problem, session->engine == NULL ? &bucket : NULL);
}

int session_needs_a_file(const struct arguments *arguments)
{
    fprintf(stderr, "tjob %s: ", arguments->command->name);
    engine_print_location(stderr, location_of(arguments));
    fprintf(stderr, ": this command works on a store in a file only\n");
    return EXIT_USAGE;
}

int session_check_clock(const struct arguments *arguments)
{
    static const char wrong[] = "the system's clock is wrong: it is after the year 10889";
    const tjob_clock clock = tjob_system_clock();
    if (clock.now_ms(clock.context, NULL) <= TJOB_FILE_STORE_NOW_MS_MAX) {
        return EXIT_DONE;
    }
    if (arguments->texts[OPTION_JSON] != NULL) {
        printf("{\"problem\":\"%s\",\"text\":\"%s\"}\n", tjob_file_problem_name(TJOB_FILE_INVALID_ARGUMENT), wrong);
    } else {
        fprintf(stderr, "tjob %s: %s\n", arguments->command->name, wrong);
    }
    return EXIT_STORAGE;
}

uint64_t session_monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Returns how long a command that began then may still wait. */
static uint32_t wait_left_ms(const struct arguments *arguments, uint64_t began_ms)
{
    const uint64_t wait_ms = arguments_number(arguments, OPTION_WAIT, TJOB_FILE_STORE_WAIT_MS_DEFAULT);
    const uint64_t took_ms = session_monotonic_ms() - began_ms;
    return took_ms < wait_ms ? (uint32_t)(wait_ms - took_ms) : 0;
}

void session_limit_waiting(tjob_file_store *store, const struct arguments *arguments, uint64_t began_ms)
{
    tjob_file_store_set_total_wait_ms(store, wait_left_ms(arguments, began_ms));
}

static tjob_file_problem session_open_file(tjob_file_store *store, const char *path, const struct arguments *arguments)
{
    const uint64_t began_ms = session_monotonic_ms();
    const tjob_file_problem problem = tjob_file_store_open(store, path, (uint32_t)arguments->numbers[OPTION_WAIT]);
    if (problem == TJOB_FILE_OK) {
        session_limit_waiting(store, arguments, began_ms);
    }
    return problem;
}

tjob_file_problem session_open_file_to_read(tjob_file_store *store, const char *path, const struct arguments *arguments)
{
    const uint64_t began_ms = session_monotonic_ms();
    tjob_file_problem problem = session_open_file(store, path, arguments);
    if (problem == TJOB_FILE_NO_PERMISSION || problem == TJOB_FILE_BACKUP) {
        const uint32_t left_ms = wait_left_ms(arguments, began_ms);
        problem = tjob_file_store_open_read_only(store, path, left_ms != 0 ? left_ms : 1); /* 0 is the default */
    }
    if (problem == TJOB_FILE_OK) {
        session_limit_waiting(store, arguments, began_ms);
    }
    return problem;
}

static void session_begin(struct session *session, const struct arguments *arguments, const char *location,
                          tjob_store store)
{
    session->arguments = arguments;
    session->location = location;
    session->json = arguments->texts[OPTION_JSON] != NULL;
    session->service = (tjob_service){
        .store = store,
        .clock = tjob_system_clock(),
        .grammar = arguments->choices[OPTION_GRAMMAR] == 0 ? TJOB_ARN_CURRENT : TJOB_ARN_REFERENCE,
        .policy = {.stop_submitted = arguments->choices[OPTION_STOP_SUBMITTED],
                   .stop_finished = arguments->choices[OPTION_STOP_FINISHED],
                   .stop_timeout_ms = arguments->numbers[OPTION_STOP_TIMEOUT]},
    };
}

static int session_open_engine(struct session *session, const struct engine *engine, const char *url,
                               const struct arguments *arguments)
{
    struct engine_problem problem;
    if (engine->calls == NULL) {
        fprintf(stderr, "tjob %s: this program is built without %s: build it with -D %s=ON\n", arguments->command->name,
                engine->name, engine->option);
        return EXIT_USAGE;
    }
    session->engine = engine->calls;
    session->engine_store = engine->calls->open(url, (uint32_t)arguments->numbers[OPTION_WAIT], &problem);
    if (session->engine_store == NULL) {
        return say_failed(arguments, url, &problem, NULL);
    }
    session->list = engine->calls->list(session->engine_store);
    session_begin(session, arguments, url, engine->calls->callbacks(session->engine_store));
    return EXIT_DONE;
}

int session_open_location(struct session *session, const char *location, const struct arguments *arguments,
                          session_open_file_as *open)
{
    const struct engine *engine = engine_of(location);
    if (engine != NULL) {
        return session_open_engine(session, engine, location, arguments);
    }
    const tjob_file_problem problem = open(&session->store, location, arguments);
    if (problem != TJOB_FILE_OK) {
        return say_file_failed(arguments, location, problem, NULL);
    }
    session->engine = NULL;
    session->list = tjob_file_store_list(&session->store);
    session_begin(session, arguments, location, tjob_file_store_callbacks(&session->store));
    return EXIT_DONE;
}

int session_open(struct session *session, const struct arguments *arguments)
{
    return session_open_location(session, location_of(arguments), arguments, session_open_file);
}

int session_open_to_read(struct session *session, const struct arguments *arguments)
{
    return session_open_location(session, location_of(arguments), arguments, session_open_file_to_read);
}

void session_close(struct session *session)
{
    if (session->engine != NULL) {
        session->engine->close(session->engine_store);
    } else {
        tjob_file_store_close(&session->store);
    }
}

/* ---- Texts ----------------------------------------------------------------------------------------------------- */

void session_print_quoted(tjob_text text)
{
    output_quoted(stdout, text);
}

void session_print_plain(tjob_text text)
{
    output_plain(stdout, text);
}

/* ---- Jobs ------------------------------------------------------------------------------------------------------ */

/* The fields of a job, in output order. */
struct job_field {
    const char *name;
    uint64_t value;
    enum { FIELD_TOKEN, FIELD_CODE, FIELD_TIME } kind;
};

enum { FIELDS = 8 };

static void fields_of(const tjob_job *job, struct job_field fields[FIELDS])
{
    const struct job_field all[FIELDS] = {
        {"incarnation", job->incarnation, FIELD_TOKEN},
        {"submit_token", job->submit_token, FIELD_TOKEN},
        {"trainer_token", job->trainer_token, FIELD_TOKEN},
        {"host_code", job->host_code, FIELD_CODE},
        {"submitted_ms", job->submitted_ms, FIELD_TIME},
        {"training_started_ms", job->training_started_ms, FIELD_TIME},
        {"stop_requested_ms", job->stop_requested_ms, FIELD_TIME},
        {"ended_ms", job->ended_ms, FIELD_TIME},
    };
    memcpy(fields, all, sizeof all);
}

/* 64-bit numbers are printed as strings, because most JSON parsers keep only 53 bits of a number. */
void session_print_job_json(const tjob_job *job)
{
    struct job_field fields[FIELDS];
    fields_of(job, fields);
    printf("{\"state\":\"%s\"", tjob_state_name((tjob_state)job->state));
    for (int i = 0; i < FIELDS; i++) {
        const char *quote = fields[i].kind != FIELD_CODE ? "\"" : "";
        if (fields[i].value != 0) {
            printf(",\"%s\":%s%" PRIu64 "%s", fields[i].name, quote, fields[i].value, quote);
        }
    }
    printf("}");
}

void session_print_record(const tjob_listed_job *record)
{
    printf("{\"arn\":");
    session_print_quoted((tjob_text){record->arn, record->arn_bytes});
    printf(",\"version\":\"%" PRIu64 "\",\"job\":", record->version);
    session_print_job_json(&record->job);
    printf("}\n");
}

/* Prints a time in ISO 8601; as a number of milliseconds if it is out of range. */
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
    struct job_field fields[FIELDS];
    fields_of(job, fields);
    printf("  %-16s  %s\n", "state", tjob_state_name((tjob_state)job->state));
    for (int i = 0; i < FIELDS; i++) {
        if (fields[i].value == 0) {
            continue;
        }
        const size_t shown = strlen(fields[i].name) - (fields[i].kind == FIELD_TIME ? strlen("_ms") : 0);
        printf("  ");
        for (size_t at = 0; at < 16; at++) {
            putchar(at < shown && fields[i].name[at] != '_' ? fields[i].name[at] : ' ');
        }
        printf("  ");
        if (fields[i].kind == FIELD_TIME) {
            print_time(fields[i].value);
        } else {
            printf("%" PRIu64, fields[i].value);
        }
        printf("\n");
    }
}

/* ---- Outcomes -------------------------------------------------------------------------------------------------- */

/* Prints the message of an error body, in which only quotes and backslashes are escaped. */
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

/* No request on the wire creates a job, so the program has its own message for a name that is in use. */
static tjob_text name_is_taken(const tjob_outcome *outcome, char *body, size_t capacity)
{
    (void)snprintf(body, capacity,
                   "{\"__type\":\"ResourceInUseException\",\"Message\":\"The recognizer is in use. It is %s; its name "
                   "is free again only after it has been deleted and removed.\"}",
                   tjob_state_name(outcome->before));
    return session_text(body);
}

/* Prints the error as on the wire, and the next incarnation of an absent job, if not 0. */
static void print_error(const struct session *session, const tjob_request *request, const tjob_outcome *outcome,
                        uint64_t next_incarnation)
{
    char body[TJOB_RESPONSE_BYTES_MAX];
    tjob_http_response response;
    tjob_response_encode(&response, request, session_text(""), outcome, session_text(""), body, sizeof body);
    if (outcome != NULL && outcome->status == TJOB_IN_USE && request->operation == TJOB_SUBMIT) {
        response.body = name_is_taken(outcome, body, sizeof body);
    }
    if (session->json) {
        printf("%.*s", (int)response.body.bytes - 1, response.body.data);
        if (next_incarnation != 0) {
            printf(",\"next_incarnation\":\"%" PRIu64 "\"", next_incarnation);
        }
        printf("}\n");
        return;
    }
    fprintf(stderr, "tjob %s: %.*s: ", session->arguments->command->name, (int)response.error_type.bytes,
            response.error_type.data);
    print_message(response.body);
    if (next_incarnation != 0) {
        fprintf(stderr, " The next incarnation is %" PRIu64 ".", next_incarnation);
    }
    fprintf(stderr, "\n");
}

/* Prints that the service failed, for a job unless `arn` is empty, and the problem of the store if it is the cause. */
int session_job_failed(struct session *session, tjob_text arn, tjob_status status)
{
    const struct engine_problem problem = session_problem(session);
    const bool is_of_store = problem.code != EXIT_DONE && status != TJOB_CONTENDED && status != TJOB_MISCONFIGURED &&
                             status != TJOB_INVALID_ARGUMENT;
    if (session->json) {
        printf("{");
        if (arn.bytes != 0) {
            printf("\"arn\":");
            session_print_quoted(arn);
            printf(",");
        }
        printf("\"status\":\"%s\"", tjob_status_name(status));
        if (is_of_store) {
            printf(",\"problem\":\"%s\",\"text\":", problem.name);
            session_print_quoted(session_text(problem.text));
        }
        printf("}\n");
    } else {
        fprintf(stderr, "tjob %s: ", session->arguments->command->name);
        output_plain(stderr, arn);
        fprintf(stderr, "%s%s", arn.bytes != 0 ? ": " : "", tjob_status_name(status));
        if (is_of_store) {
            fprintf(stderr, ": ");
            engine_print_location(stderr, session->location);
            fprintf(stderr, ": ");
            output_plain_string(stderr, problem.text);
        }
        fprintf(stderr, "\n");
    }
    return exit_code_of_failure(status, problem.code);
}

static int session_refused(struct session *session, tjob_text arn, const tjob_event *event, const tjob_outcome *outcome)
{
    const tjob_request request = {.problem = TJOB_REQUEST_VALID, .operation = (tjob_event_kind)event->kind};
    uint64_t next_incarnation = 0;
    if (event->kind == TJOB_DESCRIBE && outcome->status == TJOB_NOT_FOUND) {
        (void)tjob_next_incarnation(&session->service, NULL, arn, &next_incarnation);
    }
    print_error(session, &request, outcome, next_incarnation);
    return EXIT_SERVICE;
}

static int session_malformed(const struct session *session, tjob_arn_verdict verdict)
{
    const tjob_request request = {
        .problem = TJOB_REQUEST_ARN_MALFORMED, .arn_problem = verdict.problem, .offset = verdict.offset};
    print_error(session, &request, NULL, 0);
    return EXIT_SERVICE;
}

/* After a lost answer the loaded state may already be the effect of this request, so `before` is omitted. */
static void print_outcome_json(tjob_text arn, const tjob_outcome *outcome)
{
    printf("{\"arn\":");
    session_print_quoted(arn);
    printf(",\"changed\":\"%s\"", tjob_changed_name(outcome->changed));
    if (outcome->changed != TJOB_CHANGED_UNKNOWN) {
        printf(",\"before\":\"%s\"", tjob_state_name(outcome->before));
    }
    printf(",\"after\":\"%s\"", tjob_state_name(outcome->after));
    if (outcome->after != TJOB_ABSENT) {
        printf(",\"job\":");
        session_print_job_json(&outcome->job);
    }
    printf("}\n");
}

void session_print_outcome(const struct session *session, tjob_text arn, const tjob_event *event,
                           const tjob_outcome *outcome)
{
    if (session->json) {
        print_outcome_json(arn, outcome);
        return;
    }
    session_print_plain(arn);
    if (outcome->changed == TJOB_CHANGED_YES) {
        printf(": %s -> %s\n", tjob_state_name(outcome->before), tjob_state_name(outcome->after));
    } else {
        printf(": %s%s\n", tjob_state_name(outcome->after),
               outcome->changed == TJOB_CHANGED_UNKNOWN
                   ? ", by this request or an earlier one: an answer of the store was lost"
                   : "");
    }
    if (event->kind == TJOB_DESCRIBE || event->kind == TJOB_SUBMIT) {
        session_print_job(&outcome->job);
    }
}

int session_perform(struct session *session, const tjob_event *event)
{
    const tjob_text arn = session_text(session->arguments->operands[0]);
    const tjob_arn_verdict verdict = tjob_arn_validate(arn, session->service.grammar);
    if (verdict.problem != TJOB_ARN_VALID) {
        return session_malformed(session, verdict);
    }
    tjob_outcome outcome;
    const tjob_status status = tjob_perform(&session->service, NULL, arn, event, &outcome);
    if (status == TJOB_OK) {
        session_print_outcome(session, arn, event, &outcome);
        return EXIT_DONE;
    }
    return tjob_status_is_failure(status) ? session_job_failed(session, (tjob_text){"", 0}, status)
                                          : session_refused(session, arn, event, &outcome);
}

const char *session_temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder != NULL && folder[0] != '\0' ? folder : "/tmp";
}
