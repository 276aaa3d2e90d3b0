/* The commands that sweep a whole store, page by page, in constant memory: list, export and expire. */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for isatty and fileno */

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "cli/job_json.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/commands.h"
#include "host/file_store/call.h"
#include "host/file_store/header.h"
#include "host/file_store/inspect.h"

/* Called for each job of a sweep; any result other than EXIT_DONE ends the sweep. */
typedef int visit_job(struct session *session, const tjob_listed_job *found, void *context);

static tjob_text arn_of(const tjob_listed_job *found)
{
    return (tjob_text){found->arn, found->arn_bytes};
}

/* ---- Progress, on a terminal ------------------------------------------------------------------------------------ */

enum { SWEEP_BAR_WIDTH = 40 };

static void show_progress(uint32_t done, uint32_t all)
{
    static const char full[] = "########################################";
    const int filled = (int)((uint64_t)done * SWEEP_BAR_WIDTH / all);
    fprintf(stderr, "\r[%.*s%*s] %3u%%", filled, full, SWEEP_BAR_WIDTH - filled, "",
            (unsigned)((uint64_t)done * 100 / all));
}

static void end_progress(void)
{
    fprintf(stderr, "\r%*s\r", SWEEP_BAR_WIDTH + 8, "");
}

/* ---- The sweep ------------------------------------------------------------------------------------------------- */

/* In place of an exit code: a visitor has seen enough, and the sweep is done. */
enum { SWEEP_IS_ENOUGH = -1 };

enum { SWEEP_PAGE = 64 };

/* Returns the exit code of a sweep after one more failure, or none: that of the first failure. */
static int first_failure(int code, int next)
{
    return code != EXIT_DONE ? code : next;
}

/* Returns that of a sweep that a failure has ended: its output is cut off, which is worse than what came before. */
static int last_failure(int code, int last)
{
    return last != EXIT_OUTPUT ? last : first_failure(code, last);
}

/* Visits the jobs of one page. Sets *status to that of the page. Returns its exit code. */
static int visit_page(struct session *session, const tjob_list_query *query, tjob_list_cursor *cursor, visit_job *visit,
                      void *context, tjob_list_status *status)
{
    tjob_listed_job jobs[SWEEP_PAGE];
    uint32_t count;
    *status = session->list.list(session->list.context, NULL, query, cursor, jobs, SWEEP_PAGE, &count);
    int code = *status == TJOB_LIST_SKIPPED                            ? session_part_failed(session, cursor)
               : *status == TJOB_LIST_MORE || *status == TJOB_LIST_END ? EXIT_DONE
                                                                       : session_store_failed(session);
    for (uint32_t i = 0; i < count && code == EXIT_DONE; i++) {
        code = visit(session, &jobs[i], context);
    }
    return code;
}

/* Returns whether a sweep goes on after a page. */
static bool goes_on_after(struct session *session, tjob_list_status status, int code)
{
    const struct arguments *arguments = session->arguments;
    const tjob_file_problem problem = session->engine == NULL ? tjob_file_store_problem(&session->store) : TJOB_FILE_OK;
    /* A salvage ends at a bucket that could be read later, or by another user. */
    const bool salvages =
        arguments->texts[OPTION_SALVAGE] != NULL && problem != TJOB_FILE_READ_ONLY && problem != TJOB_FILE_BUSY;
    return (status == TJOB_LIST_MORE && code == EXIT_DONE) ||
           (status == TJOB_LIST_SKIPPED && (arguments->command->run != command_store_export || salvages));
}

/*
 * A part of the store that is not readable is reported and the sweep continues; any other problem affects the whole
 * store and ends the sweep. *code is that of the first failure: EXIT_DONE at first; the visitor may set it, too. Sets
 * *complete if it reached the end.
 */
static void sweep(struct session *session, const tjob_list_query *query, bool progress, visit_job *visit, void *context,
                  int *code, bool *complete)
{
    const bool shown =
        progress && session->engine == NULL && isatty(fileno(stderr)) != 0 && isatty(fileno(stdout)) == 0;
    tjob_list_cursor cursor = {{0}};
    tjob_list_status status;
    bool goes_on;
    do {
        const int visited = visit_page(session, query, &cursor, visit, context, &status);
        goes_on = goes_on_after(session, status, visited);
        if (visited != SWEEP_IS_ENOUGH) {
            *code = goes_on || visited == EXIT_DONE ? first_failure(*code, visited) : last_failure(*code, visited);
        }
        if (shown) {
            show_progress(tjob_file_store_list_bucket(&cursor), tjob_file_store_buckets(&session->store));
        }
        *complete = status == TJOB_LIST_END && visited == EXIT_DONE;
    } while (goes_on);
    if (shown) {
        end_progress();
    }
}

/* ---- list ------------------------------------------------------------------------------------------------------ */

/* The jobs to print, beyond the query, and how many more of them. */
struct listing {
    tjob_text prefix;
    uint64_t trainer_token; /* 0 = any */
    uint64_t left;
};

static bool is_wanted(const struct listing *listing, const tjob_listed_job *found)
{
    return (listing->trainer_token == 0 || found->job.trainer_token == listing->trainer_token) &&
           found->arn_bytes >= listing->prefix.bytes &&
           memcmp(found->arn, listing->prefix.data, listing->prefix.bytes) == 0;
}

static int print_found(struct session *session, const tjob_listed_job *found, void *context)
{
    struct listing *listing = context;
    if (!is_wanted(listing, found)) {
        return EXIT_DONE;
    }
    if (session->json) {
        session_print_record(found);
    } else {
        session_print_plain(arn_of(found));
        printf("\t%s\n", tjob_state_name((tjob_state)found->job.state));
    }
    if (output_has_failed()) {
        return EXIT_OUTPUT;
    }
    return --listing->left == 0 ? SWEEP_IS_ENOUGH : EXIT_DONE;
}

static uint64_t current_ms(void)
{
    const tjob_clock clock = tjob_system_clock();
    return clock.now_ms(clock.context, NULL);
}

int command_list(const struct arguments *arguments)
{
    struct session session;
    const char *prefix = arguments->texts[OPTION_PREFIX];
    const uint64_t age_ms = arguments->numbers[OPTION_OLDER_THAN];
    const uint64_t now_ms = current_ms();
    const tjob_list_query query = {
        /* The words of --state are the states in order. */
        .states = arguments->texts[OPTION_STATE] != NULL
                      ? TJOB_LIST_STATE(TJOB_SUBMITTED + arguments->choices[OPTION_STATE])
                      : 0,
        .until_ms = age_ms != 0 ? now_ms - age_ms : 0,
    };
    struct listing listing = {
        .prefix = session_text(prefix != NULL ? prefix : ""),
        .trainer_token = arguments->numbers[OPTION_TRAINER_TOKEN],
        .left = arguments_number(arguments, OPTION_LIMIT, UINT64_MAX),
    };
    int code = session_open_to_read(&session, arguments);
    if (code == EXIT_DONE) {
        bool complete;
        if (age_ms == 0 || age_ms < now_ms) { /* nothing is as old as the clock, which began with 1970 */
            sweep(&session, &query, false, print_found, &listing, &code, &complete);
        }
        session_close(&session);
    }
    return code;
}

/* ---- export ---------------------------------------------------------------------------------------------------- */

/* An export in progress. */
struct exporting {
    struct job_json_end end;
    bool salvages;
    bool left_out; /* a record whose name is in both of its buckets */
};

/* Reports a record that is not printed, because its name is in both of its buckets. */
static void export_report_twice(const struct session *session, const tjob_listed_job *found)
{
    fprintf(stderr, "tjob %s: ", session->arguments->command->name);
    output_plain(stderr, arn_of(found));
    fprintf(stderr, ": the name is in both of its buckets%s\n",
            session->arguments->texts[OPTION_SALVAGE] != NULL ? ": the record that is not newer is left out" : "");
}

/* A name that is in both of its buckets ends an export. A salvage prints the record with the higher version. */
static int export_found(struct session *session, const tjob_listed_job *found, void *context)
{
    struct exporting *exporting = context;
    const uint64_t of_job = found->version > found->job.incarnation ? found->version : found->job.incarnation;
    bool twice = false;
    uint64_t highest;
    const tjob_file_problem problem = session->engine == NULL
                                          ? tjob__file_inspect_twice(&session->store, arn_of(found), &twice, &highest)
                                          : TJOB_FILE_OK;
    if (problem != TJOB_FILE_OK) {
        return session_file_failed(session->arguments, problem);
    }
    if (twice && !(exporting->salvages && found->version == highest)) {
        exporting->left_out = true;
        export_report_twice(session, found);
        return exporting->salvages ? EXIT_DONE : EXIT_DAMAGED;
    }
    exporting->end.jobs++;
    exporting->end.base = of_job > exporting->end.base ? of_job : exporting->end.base;
    job_json_print(found);
    return output_has_failed() ? EXIT_OUTPUT : EXIT_DONE;
}

/*
 * Reads the highest version or incarnation that the store may have given. Jobs that are no longer there had some, too.
 * This comes after the jobs are read, so that it is not below what others have given before.
 */
static int export_base(struct session *session, uint64_t *base)
{
    if (session->engine != NULL) {
        *base = tjob__file_header_raise(*base, current_ms()); /* above what it can have given to others until now */
        return EXIT_DONE;
    }
    const uint32_t buckets = tjob_file_store_buckets(&session->store);
    tjob_file_problem problem = TJOB_FILE_OK;
    const uint64_t raised = tjob__file_store_header(&session->store).base;
    *base = raised > *base ? raised : *base;
    for (uint32_t bucket = 0; problem == TJOB_FILE_OK; bucket++) {
        uint64_t highest = 0;
        problem = tjob_file_store_next_bucket(&session->store, bucket, &bucket);
        if (bucket == buckets) {
            break;
        }
        problem = problem == TJOB_FILE_OK ? tjob__file_inspect_highest(&session->store, bucket, &highest) : problem;
        *base = highest > *base ? highest : *base;
    }
    return problem == TJOB_FILE_OK ? EXIT_DONE : session_file_failed(session->arguments, problem);
}

/* The last line has the number of jobs, so that an import detects that lines are missing. */
int command_store_export(const struct arguments *arguments)
{
    struct session session;
    struct exporting exporting = {.salvages = arguments->texts[OPTION_SALVAGE] != NULL};
    int code = session_check_clock(arguments);
    code = code == EXIT_DONE ? session_open_to_read(&session, arguments) : code;
    if (code != EXIT_DONE) {
        return code;
    }
    const tjob_list_query all = {0};
    bool complete;
    sweep(&session, &all, false, export_found, &exporting, &code, &complete);
    if (complete && (exporting.left_out || code != EXIT_DONE)) {
        code = EXIT_DAMAGED; /* a salvage has left something out, whatever its problem was */
    }
    if (complete && (code == EXIT_DONE || exporting.salvages)) {
        const int failure = export_base(&session, &exporting.end.base);
        code = failure != EXIT_DONE ? failure : code;
        if (failure == EXIT_DONE) {
            job_json_print_end(&exporting.end);
        }
    }
    session_close(&session);
    return code;
}

/* ---- expire ---------------------------------------------------------------------------------------------------- */

struct expiry {
    bool dry_run;
    uint64_t waiting; /* jobs in STOP_REQUESTED */
    uint64_t expired;
    uint64_t failed;
    int *code; /* that of the sweep */
};

static tjob_event expiry_of(const tjob_listed_job *found)
{
    return (tjob_event){.kind = TJOB_STOP_EXPIRED, .incarnation = found->job.incarnation};
}

/* Returns whether the stop of a job has expired, and sets *next to the job after that. */
static bool has_expired(const struct session *session, const tjob_listed_job *found, tjob_job *next)
{
    const tjob_event event = expiry_of(found);
    return tjob_job_apply(&found->job, &event, current_ms(), &session->service.policy, next).changed;
}

/* Prints a job whose stop has expired, as it is, if so. */
static void foresee(const struct session *session, const tjob_listed_job *found, struct expiry *expiry)
{
    tjob_job next;
    if (!has_expired(session, found, &next)) {
        return;
    }
    expiry->expired++;
    if (session->json) {
        session_print_record(found);
    } else {
        session_print_plain(arn_of(found));
        printf(": %s, would be %s\n", tjob_state_name((tjob_state)found->job.state),
               tjob_state_name((tjob_state)next.state));
    }
}

/* Returns whether a failure is that of one job alone, or of its buckets. Any other one affects the whole store. */
static bool is_of_one_job(const struct session *session, tjob_status status, int code)
{
    return status == TJOB_CONTENDED || code == EXIT_DAMAGED ||
           (session->engine == NULL &&
            tjob__file_call_is_of_bucket(&session->store, tjob_file_store_problem(&session->store)));
}

/* Expires one stop, and prints the job if it has ended. A failure of this job alone is counted; any other failure is
 * the exit code. */
static int expire(struct session *session, const tjob_listed_job *found, struct expiry *expiry)
{
    const tjob_event event = expiry_of(found);
    tjob_outcome outcome;
    const tjob_status status = tjob_perform(&session->service, NULL, arn_of(found), &event, &outcome);
    if (status == TJOB_OK && outcome.changed != TJOB_CHANGED_NO) {
        expiry->expired++;
        session_print_outcome(session, arn_of(found), &event, &outcome);
    }
    if (!tjob_status_is_failure(status)) {
        return EXIT_DONE;
    }
    expiry->failed++;
    const int code = session_job_failed(session, arn_of(found), status);
    *expiry->code = first_failure(*expiry->code, code);
    return is_of_one_job(session, status, code) ? EXIT_DONE : code;
}

/* Where nothing can be printed any more, there is nothing to foresee; but stops are to be expired all the same. */
static int visit_to_expire(struct session *session, const tjob_listed_job *found, void *context)
{
    struct expiry *expiry = context;
    tjob_job next;
    expiry->waiting++;
    if (tjob_arn_validate(arn_of(found), session->service.grammar).problem != TJOB_ARN_VALID) {
        if (has_expired(session, found, &next)) { /* no operation takes a name that is no ARN */
            expiry->failed++;
            (void)session_job_failed(session, arn_of(found), TJOB_INVALID_ARGUMENT);
            *expiry->code = first_failure(*expiry->code, EXIT_SERVICE);
        }
        return EXIT_DONE;
    }
    if (!expiry->dry_run) {
        return expire(session, found, expiry);
    }
    foresee(session, found, expiry);
    return output_has_failed() ? EXIT_OUTPUT : EXIT_DONE;
}

static void print_expiry(const struct session *session, const struct expiry *expiry)
{
    if (session->json) {
        printf("{\"waiting\":\"%" PRIu64 "\",\"%s\":\"%" PRIu64 "\",\"failed\":\"%" PRIu64 "\"}\n", expiry->waiting,
               expiry->dry_run ? "would_expire" : "expired", expiry->expired, expiry->failed);
    } else {
        printf("%" PRIu64 " of %" PRIu64 " requests to stop %s", expiry->expired, expiry->waiting,
               expiry->dry_run ? "would expire" : "have expired");
        printf(expiry->failed != 0 ? ", %" PRIu64 " failed\n" : "\n", expiry->failed);
    }
}

int command_expire(const struct arguments *arguments)
{
    struct session session;
    const tjob_list_query query = {.states = TJOB_LIST_STATE(TJOB_STOP_REQUESTED)};
    int code = EXIT_DONE;
    struct expiry expiry = {.dry_run = arguments->texts[OPTION_DRY_RUN] != NULL, .code = &code};
    code = expiry.dry_run ? session_open_to_read(&session, arguments) : session_open(&session, arguments);
    if (code != EXIT_DONE) {
        return code;
    }
    bool complete;
    sweep(&session, &query, true, visit_to_expire, &expiry, &code, &complete);
    print_expiry(&session, &expiry);
    session_close(&session);
    return code;
}
