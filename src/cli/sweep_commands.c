/* The commands that sweep a whole store, bucket by bucket, in constant memory: list and expire. */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for isatty and fileno */

#include <inttypes.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/session.h"
#include "cli/commands.h"

/* Called for each job of a sweep; any result other than EXIT_DONE ends the sweep. */
typedef int visit_job(struct session *session, const tjob_file_job *found, void *context);

static tjob_text arn_of(const tjob_file_job *found)
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

static bool is_worth_showing(uint32_t done, uint32_t all)
{
    return done == all || done % (all / 100 + 1) == 0;
}

static void end_progress(void)
{
    fprintf(stderr, "\r%*s\r", SWEEP_BAR_WIDTH + 8, "");
}

/* ---- The sweep ------------------------------------------------------------------------------------------------- */

static int visit_bucket(struct session *session, uint32_t bucket, visit_job *visit, void *context, bool *goes_on)
{
    tjob_file_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
    uint32_t count = 0;
    session_limit_wait(&session->store, session->wait_end_ms);
    const tjob_file_problem problem = tjob_file_store_jobs(&session->store, bucket, jobs, &count);
    if (problem == TJOB_FILE_DAMAGED) {
        return session_bucket_failed(session->arguments, bucket, problem);
    }
    int code = problem == TJOB_FILE_OK ? EXIT_DONE : session_file_failed(session->arguments, problem);
    for (uint32_t i = 0; i < count && code == EXIT_DONE; i++) {
        code = visit(session, &jobs[i], context);
    }
    *goes_on = code == EXIT_DONE;
    return code;
}

/* A damaged bucket is reported and the sweep continues; any other problem affects the whole file and ends the sweep. */
static int sweep(struct session *session, bool progress, visit_job *visit, void *context)
{
    const uint32_t buckets = tjob_file_store_buckets(&session->store);
    const bool shown = progress && isatty(fileno(stderr)) != 0;
    int code = EXIT_DONE;
    bool goes_on = true;
    for (uint32_t bucket = 0; bucket < buckets && goes_on; bucket++) {
        const int visited = visit_bucket(session, bucket, visit, context, &goes_on);
        code = visited != EXIT_DONE ? visited : code;
        if (shown && is_worth_showing(bucket + 1, buckets)) {
            show_progress(bucket + 1, buckets);
        }
    }
    if (shown) {
        end_progress();
    }
    return code;
}

/* ---- list ------------------------------------------------------------------------------------------------------ */

static int print_found(struct session *session, const tjob_file_job *found, void *context)
{
    const uint32_t *wanted = context;
    if (*wanted != TJOB_ABSENT && found->job.state != *wanted) {
        return EXIT_DONE;
    }
    if (session->json) {
        printf("{\"arn\":");
        session_print_quoted(arn_of(found));
        printf(",\"version\":\"%" PRIu64 "\",\"job\":", found->version);
        session_print_job_json(&found->job);
        printf("}\n");
    } else {
        session_print_plain(arn_of(found));
        printf("\t%s\n", tjob_state_name((tjob_state)found->job.state));
    }
    return output_has_failed() ? EXIT_OUTPUT : EXIT_DONE;
}

int command_list(const struct arguments *arguments)
{
    struct session session;
    /* The words of --state are the states in order. */
    uint32_t wanted =
        arguments->texts[OPTION_STATE] != NULL ? TJOB_SUBMITTED + arguments->choices[OPTION_STATE] : TJOB_ABSENT;
    int code = session_open(&session, arguments);
    if (code == EXIT_DONE) {
        code = sweep(&session, false, print_found, &wanted);
        session_close(&session);
    }
    return code;
}

/* ---- expire ---------------------------------------------------------------------------------------------------- */

struct expiry {
    uint64_t waiting; /* jobs in STOP_REQUESTED */
    uint64_t expired;
    uint64_t failed;
    int code; /* exit code of the latest failure */
};

/* Expires one stop. A failure of this job alone is counted; any other failure affects the whole file and ends the
 * sweep. */
static int expire(struct session *session, const tjob_file_job *found, void *context)
{
    struct expiry *expiry = context;
    if (found->job.state != TJOB_STOP_REQUESTED) {
        return EXIT_DONE;
    }
    tjob_outcome outcome;
    expiry->waiting++;
    const tjob_status status = tjob_expire(&session->service, NULL, arn_of(found), found->job.incarnation, &outcome);
    expiry->expired += status == TJOB_OK && outcome.changed != TJOB_CHANGED_NO ? 1 : 0;
    if (!tjob_status_is_failure(status)) {
        return EXIT_DONE;
    }
    const tjob_file_problem problem = tjob_file_store_problem(&session->store);
    expiry->failed++;
    expiry->code = exit_code_of_failure(status, problem);
    if (status == TJOB_CONTENDED || problem == TJOB_FILE_DAMAGED) {
        return EXIT_DONE;
    }
    (void)session_file_failed(session->arguments, problem);
    return expiry->code;
}

int command_expire(const struct arguments *arguments)
{
    struct session session;
    struct expiry expiry = {.code = EXIT_DONE};
    int code = session_open(&session, arguments);
    if (code != EXIT_DONE) {
        return code;
    }
    code = sweep(&session, true, expire, &expiry);
    if (session.json) {
        printf("{\"waiting\":\"%" PRIu64 "\",\"expired\":\"%" PRIu64 "\",\"failed\":\"%" PRIu64 "\"}\n", expiry.waiting,
               expiry.expired, expiry.failed);
    } else {
        printf("%" PRIu64 " of %" PRIu64 " requests to stop have expired", expiry.expired, expiry.waiting);
        printf(expiry.failed != 0 ? ", %" PRIu64 " failed\n" : "\n", expiry.failed);
    }
    session_close(&session);
    return code != EXIT_DONE ? code : expiry.code;
}
